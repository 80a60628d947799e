/* SPDX-License-Identifier: Apache-2.0 */
/* buf.h: growable bytes that remember their first failure, so one check at the end is enough. */
#ifndef UTIL_BUF_H
#define UTIL_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

struct err;

struct buf {
	char *p;    /* owned; NULL while empty */
	size_t n;   /* bytes in use */
	size_t cap; /* bytes allocated */
	bool failed;
};

void buf_bytes(struct buf *b, const void *p, size_t n);
void buf_str(struct buf *b, struct str s);
void buf_z(struct buf *b, const char *z);
void buf_int(struct buf *b, int64_t x); /* in decimal */
void buf_fmt(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* buf_num(b, x): the shortest decimal that reads back as the same double; "null" for NaN or an
 * infinity (JSON has neither). num_write(x, out): the same into ${out}; returns the length. */
enum { NUM_TEXT = 40 };
void buf_num(struct buf *b, double x);
size_t num_write(double x, char out[NUM_TEXT]);

/* buf_reserve(b, n): room for ${n} more bytes, returned for writing; NULL after a failure. The
 * caller adds to b->n what it wrote. */
char *buf_reserve(struct buf *b, size_t n);

static inline void buf_c(struct buf *b, char c)
{
	char *to = b->n < b->cap && !b->failed ? b->p + b->n : buf_reserve(b, 1);

	if (to != NULL) {
		*to = c;
		b->n++;
	}
}

/* buf_view(b): what is in it, borrowed until the next change. */
struct str buf_view(const struct buf *b);
void buf_reset(struct buf *b); /* empty, memory kept, failure forgotten */
void buf_clear(struct buf *b); /* empty, memory freed */

/* buf_done(b, e): 0, or -1 with ERR_NOMEM if anything since buf_reset failed. */
int buf_done(struct buf *b, struct err *e);

/* buf_take(b, e): the bytes as an owned NUL-ended string; ${b} is then empty. NULL on failure. */
char *buf_take(struct buf *b, struct err *e);

#endif
