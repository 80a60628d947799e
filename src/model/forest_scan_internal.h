/* SPDX-License-Identifier: Apache-2.0 */
/* forest_scan_internal.h: a small JSON scanner for forest_parse.c, fast where model files are big:
 * long arrays of numbers. Every function returns 0, or -1 with the error set (or as it says). */
#ifndef MODEL_FOREST_SCAN_INTERNAL_H
#define MODEL_FOREST_SCAN_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

struct buf;
struct err;

struct scan {
	const char *start, *at, *end;
	unsigned depth; /* open objects and arrays */
	struct err *e;
};

struct ivec {
	int32_t *p;
	size_t n, cap;
};
struct fvec {
	float *p;
	size_t n, cap;
};
void ivec_clear(struct ivec *v);
void fvec_clear(struct fvec *v);

/* scan_fail(s, what): ERR_INPUT with ${what} and the byte where it is. Always -1. */
int scan_fail(const struct scan *s, const char *what);
char scan_peek(struct scan *s); /* the next byte that is no blank; '\0' at the end */

/* An object: scan_open(s, '{'), then scan_key until it returns 0; after 1 the value follows.
 * ${key} is raw: a key with escapes matches none of ours. An array: scan_open(s, '[') and
 * scan_item, the same way. ${first} starts true. */
int scan_open(struct scan *s, char bracket);
int scan_key(struct scan *s, bool *first, struct str *key);
int scan_item(struct scan *s, bool *first);

/* scan_string(s, raw): a string's inside, escapes not undone. scan_text(s, out): undone, appended
 * to a buf; refuses control characters, a NUL and invalid escapes. */
int scan_string(struct scan *s, struct str *raw);
int scan_text(struct scan *s, struct buf *out);
int scan_skip(struct scan *s);                   /* any value */
int scan_float(struct scan *s, float *out);      /* rounded once; refuses what overflows */
int scan_int(struct scan *s, int32_t *out);      /* a whole number, or true and false as 1 and 0 */
int scan_floats(struct scan *s, struct fvec *v); /* replaces what is in v */
int scan_ints(struct scan *s, struct ivec *v);
/* scan_count(s, n): a flat list of numbers of which only the count matters. */
int scan_count(struct scan *s, size_t *n);

#endif
