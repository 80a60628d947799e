/* SPDX-License-Identifier: Apache-2.0 */
/* moved.h: why a score moved, split exactly into data, time and model.
 *
 * Two scorings of one lead differ in what was known of it, in the moment it was looked at from, and
 * in the model. The stored inputs are scored again for all eight mixtures of old and new; each
 * cause gets its Shapley value (Shapley 1953), the mean of what switching it changes over all six
 * orders of switching. The three parts sum to the difference. */
#ifndef MODEL_MOVED_H
#define MODEL_MOVED_H

struct err;

enum moved_cause { MOVED_DATA, MOVED_TIME, MOVED_MODEL, MOVED_CAUSES };

struct moved {
	double before, after;      /* probabilities */
	double part[MOVED_CAUSES]; /* sum to after - before */
	int score_before, score_after;
	int points[MOVED_CAUSES]; /* whole points, sum to score_after - score_before */
};

/* Probability with the causes of ${mask} (bit 1 << cause) at their new state, the others old. */
typedef int (*moved_score)(void *ctx, unsigned mask, double *p, struct err *e);

/* moved_split(score, ctx, out, e): asks for all eight. -1 when one of them fails. */
int moved_split(moved_score score, void *ctx, struct moved *out, struct err *e);
const char *moved_name(enum moved_cause c); /* "data", "time", "model" */

#endif
