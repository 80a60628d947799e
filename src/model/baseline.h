/* SPDX-License-Identifier: Apache-2.0 */
/* baseline.h: what any model has to beat: the base rate, most recent first, and a logistic
 * regression. They are fitted on the training rows and stored with the model, so that eval on a
 * later file can show them beside it.
 *
 * The regression is scikit-learn's LogisticRegression(C=1): ridge on all weights but the intercept,
 * minimised by L-BFGS (Nocedal 1980) to a gradient of 1e-7 per row. Numbers are standardised and
 * kept within 5 standard deviations, a missing one is the mean plus an indicator; categories are
 * one-hot for levels with at least 10 training rows (the 50 most frequent), the rest is the zero
 * vector. Above 100,000 rows it is fitted on an even sample of that many.
 * Threads: a fitted one never changes; any number may apply it. */
#ifndef MODEL_BASELINE_H
#define MODEL_BASELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/evaluate.h"

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
 * row from a fit without its fold (${folds} seeded folds, stratified; the same row key stays in
 * one fold). p[rows]; open rows get the fit on all. */
int logit_cross(const struct frame *f, const uint32_t *cols, size_t n_cols, uint32_t folds,
	uint64_t seed, double *p, struct err *e);

/* All three, as stored with a model. */
struct baselines {
	double base_rate;
	bool recency;        /* the training file had creation dates */
	struct logit *logit; /* owned; NULL where it could not be fitted */
};
int baselines_fit(const struct frame *f, const uint32_t *cols, size_t n_cols, struct baselines *out,
	struct err *e);
void baselines_clear(struct baselines *b);
void baselines_write(struct jw *w, const struct baselines *b);
int baselines_read(const struct json *obj, size_t n_cols, struct baselines *out, struct err *e);

/* Their figures on some rows. */
enum baseline { BASELINE_RATE, BASELINE_RECENT, BASELINE_LOGIT, BASELINE_COUNT };
const char *baseline_name(enum baseline b); /* "base_rate", "most_recent_first",
					     * "logistic_regression" */
struct baseline_figures {
	bool has[BASELINE_COUNT];
	struct eval figures[BASELINE_COUNT]; /* where has */
};
/* baselines_eval(base_rate, created, logit_p, rows, o, out, e): ${rows}->p is not read. created
 * and logit_p are per row, NULL where there is none. Most recent first only ranks. */
int baselines_eval(double base_rate, const double *created, const double *logit_p,
	const struct eval_rows *rows, const struct eval_opts *o, struct baseline_figures *out,
	struct err *e);
/* One object: a member per baseline, each with the figures of eval_write. */
void baseline_figures_write(struct jw *w, const struct baseline_figures *b);
int baseline_figures_read(const struct json *obj, struct baseline_figures *out, struct err *e);

#endif
