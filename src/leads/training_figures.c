/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "features/derive.h"
#include "leads/training_internal.h"
#include "util/err.h"
#include "util/rng.h"

enum { CROSS_FOLDS = 5, LATER_MIN_ROWS = 100, LATER_MIN_CLASS = 10 };
#define LATER_SHARE 0.2 /* the newest rows that are held out */

static struct eval_rows rows_of(const struct trainer *t)
{
	return (struct eval_rows){ t->p, t->y, t->frame.rows };
}

static int out_of_fold(struct trainer *t, struct err *e)
{
	struct eval_rows rows = rows_of(t), classes = { t->fit.oof_prob, t->label, t->frame.rows };
	struct eval_opts o = { .seed = t->o->seed, .threads = t->o->threads };
	double *cross;
	int rc = -1;

	t->curves = calloc(1, sizeof(*t->curves));
	t->baseline_figures = calloc(1, sizeof(*t->baseline_figures));
	cross = calloc(t->frame.rows + 1, sizeof(*cross));
	if (t->curves == NULL || t->baseline_figures == NULL || cross == NULL) {
		err_nomem(e);
		goto done;
	}
	if (evaluate(&rows, &o, &t->eval, e) == -1 || eval_curves(&rows, t->curves, e) == -1)
		goto done;
	if (t->fit.n_classes == 3) {
		if ((t->classes = calloc(1, sizeof(*t->classes))) == NULL) {
			err_nomem(e);
			goto done;
		}
		if (eval_classes(&classes, &o, t->classes, e) == -1)
			goto done;
	}
	if (baselines_fit(&t->frame, t->cols, t->n_cols, &t->baselines, e) == -1 ||
		logit_cross(&t->frame, t->cols, t->n_cols, CROSS_FOLDS, t->o->seed, cross, e) == -1)
		goto done;
	rc = baselines_eval(
		t->eval.base_rate, t->frame.created, cross, &rows, &o, t->baseline_figures, e);
done:
	free(cross);
	return rc;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The day from which on rows are held out: the newest fifth. NaN without creation dates. */
static double cut_day(const struct trainer *t, struct err *e)
{
	double *day, cut = NAN;
	size_t n = 0;

	if (t->frame.created == NULL)
		return NAN;
	if ((day = calloc(t->frame.rows + 1, sizeof(*day))) == NULL) {
		err_nomem(e);
		return NAN;
	}
	for (size_t i = 0; i < t->frame.rows; i++)
		if (t->frame.outcome[i] >= 0 && !isnan(t->frame.created[i]))
			day[n++] = t->frame.created[i];
	if (n >= LATER_MIN_ROWS) {
		qsort(day, n, sizeof(*day), by_value);
		cut = day[(size_t)((double)n * (1 - LATER_SHARE))];
	}
	free(day);
	return cut;
}

/* Whether both sides of the cut have enough of each outcome; ${train} is filled. */
static bool split_at(const struct trainer *t, double cut, bool *train)
{
	size_t count[2][2] = { { 0 } };

	for (size_t i = 0; i < t->frame.rows; i++) {
		bool later = !isnan(t->frame.created[i]) && t->frame.created[i] >= cut;

		train[i] = !later;
		if (t->known[i] >= 0)
			count[later][t->known[i]]++;
	}
	return count[0][0] >= LATER_MIN_CLASS && count[0][1] >= LATER_MIN_CLASS &&
	       count[1][0] >= LATER_MIN_CLASS && count[1][1] >= LATER_MIN_CLASS;
}

static bool later_cancelled(void *arg)
{
	return false;
}

/* Figures of the held-out rows: ${prob} per row and class, ${y} open for all others. */
static int later_figures(
	struct trainer *t, const bool *train, double *prob, int8_t *y, struct err *e)
{
	size_t n = t->frame.rows, n_train = 0, won = 0;
	uint32_t k = t->fit.n_classes == 3 ? 3 : 1, *rows = calloc(n + 1, sizeof(*rows));
	struct eval_rows er = { prob, y, n };
	struct eval_opts o = { .seed = t->o->seed, .threads = t->o->threads };
	double *logit_p = calloc(n + 1, sizeof(*logit_p));
	struct logit *logit = NULL;
	int rc = -1;

	t->later_baselines = calloc(1, sizeof(*t->later_baselines));
	if (rows == NULL || logit_p == NULL || t->later_baselines == NULL) {
		err_nomem(e);
		goto done;
	}
	for (size_t i = 0; i < n; i++) {
		bool out = !train[i] && t->known[i] >= 0 && !isnan(prob[i * k]);

		prob[i] = out ? prob[i * k] : .5;
		y[i] = out ? t->known[i] : OUTCOME_OPEN;
		if (train[i] && t->known[i] >= 0) {
			rows[n_train++] = (uint32_t)i;
			won += t->known[i] == OUTCOME_WON;
		}
	}
	if ((logit = logit_fit(&t->frame, t->cols, t->n_cols, rows, n_train, e)) == NULL)
		goto done;
	logit_apply(logit, &t->frame, NULL, n, logit_p);
	if (evaluate(&er, &o, &t->later, e) == -1)
		goto done;
	rc = baselines_eval((double)won / (double)n_train, t->frame.created, logit_p, &er, &o,
		t->later_baselines, e);
	t->has_later = rc == 0;
done:
	logit_free(logit);
	free(rows);
	free(logit_p);
	return rc;
}

static int time_ordered(struct trainer *t, struct err *e)
{
	struct tune_opts to = { .seed = t->o->seed,
		.max_trees = t->o->max_trees,
		.budget_s = t->o->budget,
		.threads = t->o->threads,
		.use = t->use,
		.cancelled = later_cancelled };
	size_t n = t->frame.rows;
	bool *train = NULL;
	double *prob = NULL;
	int8_t *y = NULL;
	int rc = -1;

	t->later_from = cut_day(t, e);
	if (isnan(t->later_from))
		return 0;
	train = calloc(n + 1, sizeof(*train));
	prob = calloc(n * 3 + 1, sizeof(*prob));
	y = calloc(n + 1, sizeof(*y));
	if (train == NULL || prob == NULL || y == NULL)
		err_nomem(e);
	else if (!split_at(t, t->later_from, train))
		rc = 0;
	else if (tune_holdout(&t->frame, &to, train, prob, e) == 0)
		rc = later_figures(t, train, prob, y, e);
	free(train);
	free(prob);
	free(y);
	return rc;
}

/* --- what is kept of the rows --- */

static struct str column_of(const void *ctx, size_t i)
{
	const struct trainer *t = ctx;
	const struct base_info *b = bases_info(t->bases, i);

	return b->n_sources == 0 ? S("") : bases_column_name(t->bases, b->sources[0]);
}

static struct str level_of(const void *ctx, size_t i, uint32_t code)
{
	return bases_level(((const struct trainer *)ctx)->bases, i, code);
}

static bool moves(const void *ctx, size_t i)
{
	return bases_info(((const struct trainer *)ctx)->bases, i)->is_date;
}

static uint32_t rare(const void *ctx, size_t i)
{
	return bases_rare(((const struct trainer *)ctx)->bases, i);
}

static int keep_rows(struct trainer *t, struct err *e)
{
	struct summary_opts so = { t->use, t->fit.base_used, t->p, t->y, column_of, level_of, moves,
		rare, t };

	if (summary_make(&t->frame, &so, &t->bands, &t->summary, e) == -1)
		return -1;
	return donors_pick(
		&t->donors, &t->frame, t->frame.n_cols, t->p, rng_fork(t->o->seed, 77), e);
}

int training_figures(struct trainer *t, struct err *e)
{
	if (training_progress(t, "checking against time", .85))
		return err_set(e, ERR_CANCELLED, "stopped");
	if (time_ordered(t, e) == -1)
		return -1;
	if (training_progress(t, "measuring", .95))
		return err_set(e, ERR_CANCELLED, "stopped");
	return out_of_fold(t, e) == -1 ? -1 : keep_rows(t, e);
}
