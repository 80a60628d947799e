/* SPDX-License-Identifier: Apache-2.0 */
/* baseline.h: what any model has to beat: the base rate, most recent first, and a logistic
 * regression. They are fitted on the training rows and stored with the model, so that eval on a
 * later file can show them beside it. Threads: no state; any number at once. */
#ifndef MODEL_BASELINE_H
#define MODEL_BASELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/evaluate.h"
#include "model/logit.h"

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
 * and logit_p are per row, NULL where there is none. Most recent first only ranks. With three
 * labels rows->y is hot against the rest. */
int baselines_eval(double base_rate, const double *created, const double *logit_p,
	const struct eval_rows *rows, const struct eval_opts *o, struct baseline_figures *out,
	struct err *e);
/* One object: a member per baseline, each with the figures of eval_write. */
void baseline_figures_write(struct jw *w, const struct baseline_figures *b);
int baseline_figures_read(const struct json *obj, struct baseline_figures *out, struct err *e);

#endif
