/* SPDX-License-Identifier: Apache-2.0 */
/* logit.h: a ridge logistic regression over base columns, what a careful analyst would try first.
 *
 * It is scikit-learn's LogisticRegression(C=1): ridge on all weights but the intercept, by Newton's
 * method with step halving. Numbers are standardised and kept within 5 standard deviations, a
 * missing one is the mean plus an indicator; categories are one-hot; indicators and levels need 10
 * training rows, and the 50 most frequent levels of a column and 400 weights in all are the limit,
 * the rest is the zero vector. Fitted on 50,000 rows, evenly taken, where there are more, and on
 * fewer where there are more than a hundred columns.
 * Threads: a fitted one never changes; any number may apply it. */
#ifndef MODEL_LOGIT_H
#define MODEL_LOGIT_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct frame;
struct json;
struct jw;

struct logit;

/* logit_fit(f, cols, n_cols, rows, n_rows, e): on rows (NULL: all) with a known outcome, over the
 * base columns ${cols}. Won counts as 1; with three labels, hot. ERR_INPUT with one class only.
 * NULL on failure. */
struct logit *logit_fit(const struct frame *f, const uint32_t *cols, size_t n_cols,
	const uint32_t *rows, size_t n_rows, struct err *e);
void logit_free(struct logit *m);
/* logit_apply(m, f, rows, n_rows, p): p[i] for row rows[i] (NULL: row i) of ${f}, a frame with the
 * base columns of the one it was fitted on. */
void logit_apply(const struct logit *m, const struct frame *f, const uint32_t *rows, size_t n_rows,
	double *p);
/* logit_row(m, num, code): one row as bases_row gives it, indexed by base column. */
double logit_row(const struct logit *m, const float *num, const uint32_t *code);
size_t logit_weights(const struct logit *m);
double logit_weight(const struct logit *m, size_t i);  /* 0: the intercept */
void logit_write(struct jw *w, const struct logit *m); /* one object */
/* logit_read(obj, n_cols, e): refuses base columns at or above ${n_cols}. NULL on failure. */
struct logit *logit_read(const struct json *obj, size_t n_cols, struct err *e);

/* logit_cross(f, cols, n_cols, folds, seed, p, e): honest probabilities of the training rows: each
 * from a fit without its fold (${folds} seeded folds; rows of one row key stay together). p[rows];
 * open rows get the fit on all. */
int logit_cross(const struct frame *f, const uint32_t *cols, size_t n_cols, uint32_t folds,
	uint64_t seed, double *p, struct err *e);

#endif
