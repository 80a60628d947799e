/* SPDX-License-Identifier: Apache-2.0 */
/* holdout.h: the training rows of a version, each with the probability of the fold that had not
 * seen it, kept in holdout.bin. Two versions are compared on the rows they share.
 *
 * holdout.bin, little-endian: "HSHOLD1\n", rows (64 bits), probabilities per row (32: 1 or 3),
 * zero (32), then per row: key (64), line (64), outcome (64), probabilities (double each). */
#ifndef MODEL_HOLDOUT_H
#define MODEL_HOLDOUT_H

#include <stddef.h>
#include <stdint.h>

#include "model/evaluate.h"
#include "model/heat.h"
#include "util/str.h"

struct buf;
struct err;
struct jw;

struct holdout {
	size_t n;
	uint32_t k;     /* probabilities per row: 1, or 3 with three labels */
	uint64_t *key;  /* [n] hash of the row's cells */
	uint64_t *line; /* [n] its line in the training file */
	int8_t *y;      /* [n] as in struct frame */
	double *p;      /* [n * k] */
};

/* holdout_put(h, b): the bytes of holdout.bin. */
void holdout_put(const struct holdout *h, struct buf *b);
/* holdout_read(bytes, h, e): from hostile bytes. ${h} is cleared by holdout_clear. */
int holdout_read(struct str bytes, struct holdout *h, struct err *e);
void holdout_clear(struct holdout *h);

/* Two versions on the rows they share. */
struct holdout_side {
	const struct holdout *h;
	const struct bands *bands;
	const char *version;
};
struct holdout_compare {
	size_t shared;
	struct eval_compare figures; /* a - b; nothing in it when too few rows are shared */
	size_t moved[HEAT_COUNT][HEAT_COUNT]; /* leads by heat under b and under a */
	bool comparable;                      /* at least 100 shared rows, 10 of each outcome */
	bool worse;  /* a is worse: the whole interval of the log loss is above zero */
	bool better; /* the whole interval is below zero */
};
/* holdout_compare(a, b, seed, out, list, e): ${list} (NULL: not wanted) gets, as members of an open
 * array, the leads whose heat differs: line, heat and probability under both, the largest
 * difference first, at most 1,000. */
int holdout_compare(const struct holdout_side *a, const struct holdout_side *b, uint64_t seed,
	struct holdout_compare *out, struct jw *list, struct err *e);

#endif
