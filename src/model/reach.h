/* SPDX-License-Identifier: Apache-2.0 */
/* reach.h: what would make this lead hot: the smallest change that the model itself confirms.
 *
 * Only columns that can change are touched (what a lead does, never who someone is), at most three,
 * to values that a training lead had together, taken from leads that are otherwise alike (nearest
 * by Gower's distance; the idea of nearest instance counterfactuals, Brughmans et al. 2023). Each
 * candidate is scored by the real model; fewer columns first, then the smaller step. "Nothing
 * reachable" is an answer. Threads: no state. */
#ifndef MODEL_REACH_H
#define MODEL_REACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "features/cell.h"

struct bases;
struct column;
struct donors;
struct err;
struct profile;

enum { REACH_MAX = 3 };

struct reach_change {
	uint32_t column;           /* of the profile */
	char value[CELL_TEXT_MAX]; /* the new cell, ends in NUL */
};

/* Probability of the lead with ${n} cells replaced. -1 when it cannot be scored. */
typedef int (*reach_score)(
	void *ctx, const struct reach_change *change, size_t n, double *p, struct err *e);

struct reach_opts {
	const struct profile *profile;
	const struct bases *bases;
	const struct donors *donors;
	const float *num; /* the lead's base values */
	const uint32_t *code;
	double as_of; /* days since 1970: dates of donors become dates as long before it */
	double hot;   /* the threshold to reach */
	reach_score score;
	void *ctx;
};

struct reach {
	bool already;   /* the lead is hot as it is */
	bool reachable; /* ${change} makes it hot */
	size_t n;
	struct reach_change change[REACH_MAX]; /* when not reachable: the best that was found */
	double before, probability;
	size_t tried;      /* candidates scored */
	size_t can_change; /* columns that may change */
};

int reach_find(const struct reach_opts *o, struct reach *out, struct err *e);

/* reach_can_change(c): the column says what a lead did or what was done with it (visits, opens,
 * last activity, a demo asked for), not who someone is. Told by role and by words of its name; what
 * cannot be told does not change. */
bool reach_can_change(const struct column *c);

#endif
