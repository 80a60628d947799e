/* SPDX-License-Identifier: Apache-2.0 */
/* tune_run.c: one division of the rows into folds, boosted for each setting. The boosters of all
 * folds advance together and the pooled log loss of the rows they do not see decides where to stop:
 * a fold alone is too small to tell. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/forest.h"
#include "model/tune_internal.h"
#include "util/err.h"
#include "util/rng.h"

#define LOOK 5 /* rounds between looks at the held-out rows */

struct fold_data {
	struct train_data *train, *held;
	uint32_t *held_at; /* indexes into the run's rows */
	size_t n_held;
	double rate;
};

static uint32_t position(const struct run *r, size_t i)
{
	return r->rows != NULL ? r->rows[i] : (uint32_t)i;
}

static void fold_clear(struct fold_data *d)
{
	train_data_free(d->train);
	train_data_free(d->held);
	free(d->held_at);
}

static double clamp_rate(double rate)
{
	return rate < 1e-6 ? 1e-6 : rate > 1 - 1e-6 ? 1 - 1e-6 : rate;
}

struct parts {
	uint32_t *train, *held; /* positions in the plan */
	float *x, *label;
};

static int load_fold(
	const struct run *r, uint32_t f, struct parts *s, struct fold_data *d, struct err *e)
{
	const struct plan *p = r->p;
	struct view v = { p, s->train, 0, rng_fork(r->seed, 100 + f) };
	struct train_rows rows = { s->x, 0, p->n_features, s->label, NULL };
	double sum = 0;

	for (size_t i = 0; i < r->n; i++) {
		uint32_t at = position(r, i);

		if (r->fold[i] == f) {
			s->held[d->n_held] = at;
			d->held_at[d->n_held++] = (uint32_t)i;
			continue;
		}
		s->train[v.n_train] = at;
		s->label[v.n_train++] = p->y[at];
		sum += (double)p->y[at];
	}
	if (v.n_train == 0 || d->n_held == 0)
		return err_set(e, ERR_INPUT, "too few rows for %u folds", r->n_folds);
	d->rate = clamp_rate(sum / (double)v.n_train);
	if (view_rates(&v, &r->rates[f], e) != 0 || view_fill_train(&v, &r->rates[f], s->x, e) != 0)
		return -1;
	rows.rows = v.n_train;
	d->train = train_data_new(&rows, e);
	if (d->train == NULL)
		return -1;
	view_fill(p, &r->rates[f], s->held, d->n_held, s->x);
	rows.rows = d->n_held;
	rows.label = NULL;
	d->held = train_data_new(&rows, e);
	return d->held == NULL ? -1 : 0;
}

static int make_fold(const struct run *r, uint32_t f, struct fold_data *d, struct err *e)
{
	struct parts s = {
		.train = malloc((r->n + 1) * sizeof(*s.train)),
		.held = malloc((r->n + 1) * sizeof(*s.held)),
		.x = malloc((r->n * r->p->n_features + 1) * sizeof(*s.x)),
		.label = malloc((r->n + 1) * sizeof(*s.label)),
	};
	int rc;

	d->held_at = malloc((r->n + 1) * sizeof(*d->held_at));
	if (s.train == NULL || s.held == NULL || s.x == NULL || s.label == NULL ||
		d->held_at == NULL)
		rc = err_nomem(e);
	else
		rc = load_fold(r, f, &s, d, e);
	free(s.train);
	free(s.held);
	free(s.x);
	free(s.label);
	return rc;
}

double log_loss(const float *margin, const float *y, size_t n)
{
	double s = 0;

	for (size_t i = 0; i < n; i++) {
		double m = (double)margin[i];

		s += (m > 0 ? m + log1p(exp(-m)) : log1p(exp(m))) - (double)y[i] * m;
	}
	return n > 0 ? s / (double)n : 0;
}

/* The boosters of one setting. */
struct lockstep {
	struct run *r;
	uint32_t setting;
	struct fold_data *folds;
	struct train_booster *b[MAX_FOLDS];
	float *now, *held, *y; /* [n] */
	uint32_t rounds;
};

static struct train_booster *booster(
	const struct run *r, uint32_t setting, uint32_t f, struct fold_data *d, struct err *e)
{
	const struct setting *s = &r->settings[setting];
	struct train_params p = { .depth = s->depth,
		.eta = s->eta,
		.subsample = s->subsample,
		.colsample_bynode = s->colsample,
		.min_child_weight = s->min_child,
		.lambda = s->lambda,
		.base_rate = d->rate,
		.max_bin = plan_bins(r->p),
		.seed = rng_fork(r->seed, 1000 + (r->first_setting + setting) * MAX_FOLDS + f) };

	return train_new(&p, d->train, e);
}

static int lockstep_start(struct lockstep *l, struct err *e)
{
	for (uint32_t f = 0; f < l->r->n_folds; f++) {
		l->b[f] = booster(l->r, l->setting, f, &l->folds[f], e);
		if (l->b[f] == NULL)
			return -1;
	}
	return 0;
}

static int lockstep_advance(struct lockstep *l, uint32_t rounds, struct err *e)
{
	for (uint32_t f = 0; f < l->r->n_folds; f++) {
		struct fold_data *d = &l->folds[f];

		if (train_step(l->b[f], rounds, e) != 0 ||
			train_margins(l->b[f], d->held, l->held, e) != 0)
			return -1;
		for (size_t i = 0; i < d->n_held; i++)
			l->now[d->held_at[i]] = l->held[i];
	}
	l->rounds += rounds;
	return 0;
}

static int lockstep_finish(struct lockstep *l, uint32_t best, struct err *e)
{
	struct run *r = l->r;

	for (uint32_t f = 0; r->keep && f < r->n_folds; f++) {
		r->forest[l->setting * r->n_folds + f] = train_forest(l->b[f], best, e);
		if (r->forest[l->setting * r->n_folds + f] == NULL)
			return -1;
	}
	return 0;
}

static int lockstep_go(struct work *w, struct lockstep *l, struct err *e)
{
	struct run *r = l->r;
	float *best = r->margin + (size_t)l->setting * r->n;
	uint32_t best_at = 0;
	double patience = fmax(20, 2 / r->settings[l->setting].eta), low = INFINITY;

	if (lockstep_start(l, e) != 0)
		return -1;
	while (l->rounds < r->max_rounds) {
		uint32_t left = r->max_rounds - l->rounds;
		double loss;

		if (work_cancelled(w))
			return err_set(e, ERR_CANCELLED, "training was stopped");
		if (lockstep_advance(l, left < LOOK ? left : LOOK, e) != 0)
			return -1;
		loss = log_loss(l->now, l->y, r->n);
		if (loss < low) {
			low = loss;
			best_at = l->rounds;
			memcpy(best, l->now, r->n * sizeof(*best));
		} else if (l->rounds - best_at >= patience) {
			break;
		}
	}
	r->rounds[l->setting] = best_at;
	r->loss[l->setting] = low;
	return lockstep_finish(l, best_at, e);
}

static int one_setting(
	struct work *w, struct run *r, uint32_t s, struct fold_data *folds, struct err *e)
{
	struct lockstep l = { .r = r, .setting = s, .folds = folds };
	int rc;

	l.now = malloc((r->n + 1) * sizeof(float));
	l.held = malloc((r->n + 1) * sizeof(float));
	l.y = malloc((r->n + 1) * sizeof(float));
	if (l.now == NULL || l.held == NULL || l.y == NULL) {
		rc = err_nomem(e);
	} else {
		for (size_t i = 0; i < r->n; i++)
			l.y[i] = r->p->y[position(r, i)];
		rc = lockstep_go(w, &l, e);
	}
	for (uint32_t f = 0; f < r->n_folds; f++)
		train_free(l.b[f]);
	free(l.now);
	free(l.held);
	free(l.y);
	return rc;
}

int run_open(struct run *r, struct err *e)
{
	if (r->rows == NULL)
		r->n = r->p->n;
	r->fold = malloc(r->n + 1);
	r->margin = malloc(((size_t)r->n_settings * r->n + 1) * sizeof(*r->margin));
	r->rounds = calloc(r->n_settings, sizeof(*r->rounds));
	r->loss = calloc(r->n_settings, sizeof(*r->loss));
	r->rates = calloc(r->n_folds, sizeof(*r->rates));
	r->forest = calloc((size_t)r->n_settings * r->n_folds, sizeof(*r->forest));
	if (r->fold == NULL || r->margin == NULL || r->rounds == NULL || r->loss == NULL ||
		r->rates == NULL || r->forest == NULL)
		return err_nomem(e);
	return plan_folds(r->p, r->rows, r->n, r->n_folds, rng_fork(r->seed, 1), r->fold, e);
}

int run_cv(struct work *w, struct run *r, struct err *e)
{
	struct fold_data folds[MAX_FOLDS];
	int rc;

	ASSERT(r->n_folds >= 2 && r->n_folds <= MAX_FOLDS);
	memset(folds, 0, sizeof(folds));
	rc = run_open(r, e);
	for (uint32_t f = 0; rc == 0 && f < r->n_folds; f++)
		rc = work_cancelled(w) ? err_set(e, ERR_CANCELLED, "training was stopped")
				       : make_fold(r, f, &folds[f], e);
	for (uint32_t s = 0; rc == 0 && s < r->n_settings; s++)
		rc = one_setting(w, r, s, folds, e);
	for (uint32_t f = 0; f < r->n_folds; f++)
		fold_clear(&folds[f]);
	if (rc != 0)
		run_clear(r);
	return rc;
}

static int fixed_fold(struct run *r, uint32_t f, struct fold_data *d, float *held, struct err *e)
{
	uint32_t s = f % r->n_settings;
	struct train_booster *b = booster(r, s, f, d, e);
	int rc = b == NULL ? -1 : 0;

	if (rc == 0)
		rc = train_step(b, r->fixed_rounds[s], e);
	if (rc == 0)
		rc = train_margins(b, d->held, held, e);
	for (size_t i = 0; rc == 0 && i < d->n_held; i++)
		r->margin[d->held_at[i]] = held[i];
	if (rc == 0 && r->keep) {
		r->forest[f] = train_forest(b, r->fixed_rounds[s], e);
		rc = r->forest[f] == NULL ? -1 : 0;
	}
	train_free(b);
	return rc;
}

int run_fold(struct run *r, uint32_t f, struct err *e)
{
	struct fold_data d;
	float *held = malloc((r->n + 1) * sizeof(*held));
	int rc;

	memset(&d, 0, sizeof(d));
	rc = held == NULL ? err_nomem(e) : make_fold(r, f, &d, e);
	if (rc == 0)
		rc = fixed_fold(r, f, &d, held, e);
	fold_clear(&d);
	free(held);
	return rc;
}

void run_clear(struct run *r)
{
	for (size_t i = 0; r->forest != NULL && i < (size_t)r->n_settings * r->n_folds; i++)
		forest_free(r->forest[i]);
	for (uint32_t f = 0; r->rates != NULL && f < r->n_folds; f++)
		rates_clear(&r->rates[f]);
	free(r->forest);
	free(r->rates);
	free(r->fold);
	free(r->margin);
	free(r->rounds);
	free(r->loss);
	r->forest = NULL;
	r->rates = NULL;
	r->fold = NULL;
	r->margin = NULL;
	r->rounds = NULL;
	r->loss = NULL;
}
