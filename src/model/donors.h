/* SPDX-License-Identifier: Apache-2.0 */
/* donors.h: a sample of training leads, kept with the model as base values.
 *
 * They lend their values when asked what would make a lead hot (model/reach): values taken together
 * from one real lead are plausible together. Only base columns are kept, no text, no identity. */
#ifndef MODEL_DONORS_H
#define MODEL_DONORS_H

#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

struct buf;
struct err;
struct frame;

struct donors {
	size_t n, n_bases;
	float *num;     /* [n * n_bases]; NaN where missing or a category */
	uint32_t *code; /* [n * n_bases]; 0 where missing or a number */
};

enum { DONORS_MAX = 1500 };

/* donors_pick(d, f, n_bases, p, seed, e): at most DONORS_MAX rows with an outcome: half of them the
 * likeliest by ${p} [f->rows] (NaN: not taken), half drawn at random from the rest. */
int donors_pick(struct donors *d, const struct frame *f, size_t n_bases, const double *p,
	uint64_t seed, struct err *e);
void donors_clear(struct donors *d);

/* donors_write(d, out, e), donors_read(d, bytes, e): donors.bin with magic, sizes and checksum;
 * from hostile bytes ERR_INPUT says what does not fit. */
int donors_write(const struct donors *d, struct buf *out, struct err *e);
int donors_read(struct donors *d, struct str bytes, struct err *e);

#endif
