/* SPDX-License-Identifier: Apache-2.0 */
/* train.h: one boosted model through libxgboost; the only module that sees that library.
 *
 * Everything is asked of it with one thread and its own seed per round, so that the same rows and
 * settings give the same trees on any number of processors and in any order of jobs. Threads: a
 * train_data and the boosters on it belong to one thread at a time. */
#ifndef MODEL_TRAIN_H
#define MODEL_TRAIN_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct forest;
struct train_data;
struct train_booster;

struct train_rows {
	const float *x; /* row-major, NaN missing; copied */
	size_t rows, cols;
	const float *label;  /* [rows] 0 to 1: a class, or a probability; NULL: only to predict */
	const float *weight; /* [rows] or NULL */
};
struct train_data *train_data_new(const struct train_rows *r, struct err *e);
void train_data_free(struct train_data *d);

struct train_params {
	uint32_t depth;
	double eta, subsample, colsample_bynode, min_child_weight, lambda;
	double base_rate; /* the margin before any tree is its logit; 0 < base_rate < 1 */
	uint32_t max_bin;
	uint64_t seed;
};

/* train_new(p, data, e): a booster that will be fitted on ${data}, which must outlive it. */
struct train_booster *train_new(
	const struct train_params *p, struct train_data *data, struct err *e);
void train_free(struct train_booster *b);
/* train_step(b, rounds, e): that many more trees. */
int train_step(struct train_booster *b, uint32_t rounds, struct err *e);
/* train_margins(b, d, out, e): log odds for the rows of ${d} by all trees so far. */
int train_margins(struct train_booster *b, struct train_data *d, float *out, struct err *e);
/* train_forest(b, rounds, e): the first ${rounds} trees, as our own forest; freed by the caller. */
struct forest *train_forest(struct train_booster *b, uint32_t rounds, struct err *e);

/* train_version(): libxgboost's version, "1.7.4". */
const char *train_version(void);

#endif
