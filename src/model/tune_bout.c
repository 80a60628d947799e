/* SPDX-License-Identifier: Apache-2.0 */
/* tune_bout.c: settings are tried on a few divisions of the rows; the best few that cannot be told
 * apart are published together, each on its share of the folds. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/tune_internal.h"
#include "util/err.h"
#include "util/rng.h"

#define SEARCH_FOLDS  5
#define PUBLISH_FOLDS 10
#define MOST_CHOSEN   3
#define MAX_ROUNDS    2000u
#define PER_JOB       2   /* settings that share one encoding of the folds */
#define SMALL_CLASS   300 /* rows of the rarer outcome, below which small trees are tried too */

/* From most to least often good on data of many kinds, so that a small budget tries the first.
 * Where columns simply add up, nothing beats the stumps at the end. */
static const struct setting usual[] = {
	{ 6, .1, .8, .3, 3, 3 },
	{ 5, .1, 1, .1, 1, 3 },
	{ 4, .1, .8, .3, 1, 1 },
	{ 5, .1, .8, .2, 1, 1 },
	{ 3, .1, .7, .3, 3, 3 },
	{ 6, .1, 1, .5, 3, 3 },
	{ 6, .1, 1, .1, 1, 3 },
	{ 4, .1, 1, .1, 1, 30 },
	{ 2, .15, .8, .4, 5, 3 },
	{ 8, .08, .8, .1, 1, 3 },
	{ 6, .1, .6, .15, 1, 10 },
	{ 8, .08, .8, .3, 10, 10 },
	{ 5, .1, .7, .1, 1, .3 },
	{ 6, .1, .8, .8, 10, 5 },
	{ 1, .2, .8, .4, 3, 3 },
};
static const struct setting small[] = {
	{ 1, .1, .8, .4, 1, 3 },
	{ 2, .08, .7, .3, 2, 10 },
	{ 3, .06, .7, .15, 2, 30 },
	{ 2, .1, .8, .15, 1, 3 },
};
#define HALF_TRUST  1.5
#define FULL_TRUST  .995
#define LEAST_TRUST .02
#define COUNT(a)    (sizeof(a) / sizeof((a)[0]))

struct search {
	struct work *w;
	struct bout *b;
	struct run *runs; /* [divisions][parts] */
	uint32_t parts, divisions;
};

static int one(void *arg, size_t i, struct err *e)
{
	struct search *s = arg;

	return run_cv(s->w, &s->runs[i], e);
}

double plan_cost(const struct plan *p)
{
	double features = (double)p->n_features;

	return 1e-6 * (double)p->n * (10 + .6 * features) + 1.2e-5 * features * plan_bins(p) + .05;
}

/* How many settings and divisions of the rows the budget pays for. */
static void spend(struct bout *b, double budget_s, struct search *s)
{
	double tries = .6 * 2 * budget_s / plan_cost(&b->plan);
	size_t rarer =
		b->plan.pos < b->plan.n - b->plan.pos ? b->plan.pos : b->plan.n - b->plan.pos;
	uint32_t most = b->plan.n < 2000 ? 4 : b->plan.n < 10000 ? 2 : 1;

	for (size_t i = 0; i < COUNT(small) && rarer < SMALL_CLASS; i++)
		b->settings[b->n_settings++] = small[i];
	for (size_t i = 0; i < COUNT(usual); i++)
		if (b->n_settings < 3 || b->n_settings + 1 <= tries)
			b->settings[b->n_settings++] = usual[i];
	s->divisions = (uint32_t)(tries / b->n_settings);
	if (s->divisions < 1)
		s->divisions = 1;
	if (s->divisions > most)
		s->divisions = most;
	s->parts = (b->n_settings + PER_JOB - 1) / PER_JOB;
}

static void plan_runs(struct search *s, uint64_t seed)
{
	struct bout *b = s->b;

	for (uint32_t d = 0; d < s->divisions; d++)
		for (uint32_t k = 0; k < s->parts; k++) {
			uint32_t first = k * PER_JOB, n = b->n_settings - first;

			s->runs[d * s->parts + k] = (struct run){ .p = &b->plan,
				.n_folds = SEARCH_FOLDS,
				.seed = rng_fork(seed, 10 + d),
				.settings = b->settings + first,
				.n_settings = n < PER_JOB ? n : PER_JOB,
				.first_setting = first,
				.max_rounds = MAX_ROUNDS };
		}
}

/* Margins of each setting, mean over divisions. */
static void average(const struct search *s, float *mean)
{
	struct bout *b = s->b;
	size_t n = b->plan.n;

	for (uint32_t i = 0; i < b->n_settings; i++) {
		float *to = mean + (size_t)i * n;
		double rounds = 0;

		for (uint32_t d = 0; d < s->divisions; d++) {
			const struct run *r = &s->runs[d * s->parts + i / PER_JOB];
			const float *from = r->margin + (size_t)(i % PER_JOB) * n;

			for (size_t j = 0; j < n; j++)
				to[j] += from[j] / (float)s->divisions;
			rounds += r->rounds[i % PER_JOB];
			b->loss[i] += r->loss[i % PER_JOB] / s->divisions;
		}
		b->rounds[i] = (uint32_t)(rounds / s->divisions + .5);
		if (b->rounds[i] < 1)
			b->rounds[i] = 1;
	}
}

static double row_loss(float m, float y)
{
	double x = (double)m;

	return (x > 0 ? x + log1p(exp(-x)) : log1p(exp(x))) - (double)y * x;
}

/* Standard error over rows of the difference of two settings' losses. */
static double se_between(const float *a, const float *b, const float *y, size_t n)
{
	double s = 0, s2 = 0;

	for (size_t i = 0; i < n; i++) {
		double d = row_loss(a[i], y[i]) - row_loss(b[i], y[i]);

		s += d;
		s2 += d * d;
	}
	s /= (double)n;
	return sqrt(fmax(0, s2 / (double)n - s * s) / (double)n);
}

/* The best, and up to two more that are within one standard error of it. */
static void choose(struct bout *b, const float *mean)
{
	size_t n = b->plan.n;
	bool taken[MAX_SETTINGS] = { false };

	while (b->n_chosen < MOST_CHOSEN && b->n_chosen < b->n_settings) {
		uint32_t best = UINT32_MAX;

		for (uint32_t i = 0; i < b->n_settings; i++)
			if (!taken[i] && (best == UINT32_MAX || b->loss[i] < b->loss[best]))
				best = i;
		if (b->n_chosen > 0) {
			uint32_t top = b->chosen[0];
			double se = se_between(mean + top * n, mean + best * n, b->plan.y, n);

			if (b->loss[best] - b->loss[top] > se)
				return;
		}
		taken[best] = true;
		b->chosen[b->n_chosen++] = best;
	}
}

static int settle(struct search *s, struct err *e)
{
	struct bout *b = s->b;
	size_t n = b->plan.n;
	float *mean = calloc(b->n_settings * n + 1, sizeof(*mean)),
	      *whole = calloc(n + 1, sizeof(*whole));
	const float *m[MAX_SETTINGS];
	double weight[MAX_SETTINGS];

	if (mean == NULL || whole == NULL) {
		free(mean);
		free(whole);
		return err_nomem(e);
	}
	average(s, mean);
	choose(b, mean);
	for (uint32_t i = 0; i < b->n_settings; i++)
		m[i] = mean + (size_t)i * n;
	blend_weights(m, b->n_settings, b->plan.y, n, weight);
	for (uint32_t i = 0; i < b->n_settings; i++)
		for (size_t j = 0; j < n; j++)
			whole[j] += (float)weight[i] * m[i][j];
	b->whole_loss = log_loss(whole, b->plan.y, n);
	free(mean);
	free(whole);
	return 0;
}

int bout_search(struct work *w, struct bout *b, const struct tune_opts *o, struct err *e)
{
	struct search s = { .w = w, .b = b };
	int rc;

	spend(b, o->budget_s, &s);
	s.runs = calloc((size_t)s.divisions * s.parts, sizeof(*s.runs));
	if (s.runs == NULL)
		return err_nomem(e);
	plan_runs(&s, o->seed);
	rc = work_run(w, (size_t)s.divisions * s.parts, one, &s, e);
	if (rc == 0)
		rc = settle(&s, e);
	for (size_t i = 0; i < (size_t)s.divisions * s.parts; i++)
		run_clear(&s.runs[i]);
	free(s.runs);
	return rc;
}

/* --- what is published --- */

struct shape {
	struct setting settings[MOST_CHOSEN];
	uint32_t rounds[MOST_CHOSEN];
	uint32_t folds;
};

/* Folds, and rounds per fold, within ${trees}: as many folds as there is room for at the step the
 * search used; if even few folds do not fit, larger steps. */
static void fit_in(const struct bout *b, uint32_t trees, struct shape *s)
{
	double most = 0;

	for (uint32_t c = 0; c < b->n_chosen; c++)
		most += b->rounds[b->chosen[c]] / (double)b->n_chosen;
	s->folds = (uint32_t)(trees / most);
	s->folds = s->folds > PUBLISH_FOLDS  ? PUBLISH_FOLDS
		   : s->folds < SEARCH_FOLDS ? SEARCH_FOLDS
					     : s->folds;
	if (s->folds > trees)
		s->folds = trees < 2 ? 2 : trees;
	for (uint32_t c = 0; c < b->n_chosen; c++) {
		uint32_t want = b->rounds[b->chosen[c]], room = trees / s->folds;
		double ratio = room * s->folds < most * s->folds ? room / most : 1;

		s->settings[c] = b->settings[b->chosen[c]];
		s->rounds[c] = (uint32_t)(want * ratio);
		if (s->rounds[c] < 1)
			s->rounds[c] = 1;
		s->settings[c].eta = fmin(.5, s->settings[c].eta * want / s->rounds[c]);
	}
}

/* Trees of a shape when setting f % n has fold f. */
static uint32_t trees_of(const struct shape *s, uint32_t n)
{
	uint32_t t = 0;

	for (uint32_t f = 0; f < s->folds; f++)
		t += s->rounds[f % n];
	return t;
}

static void fit_within(const struct bout *b, uint32_t trees, struct shape *s)
{
	uint32_t ask = trees;

	fit_in(b, ask, s);
	while (trees_of(s, b->n_chosen) > trees && ask > 1)
		fit_in(b, --ask, s);
}

struct halving {
	struct run runs[8]; /* the first is published */
	struct shape shapes[8];
	struct {
		uint8_t run, fold;
	} jobs[8 * MAX_FOLDS];
	size_t n_jobs;
};

static int one_fold(void *arg, size_t i, struct err *e)
{
	struct halving *h = arg;

	return run_fold(&h->runs[h->jobs[i].run], h->jobs[i].fold, e);
}

/* The published shape and its halvings, all with the same seed. */
static size_t open_halvings(
	struct halving *h, struct bout *b, const struct tune_opts *o, struct err *e)
{
	size_t n = 0;

	for (uint32_t t = o->max_trees; n < 4 && (n == 0 || t >= 50); t /= 2, n++) {
		struct shape *s = &h->shapes[n];

		fit_within(b, t, s);
		h->runs[n] = (struct run){ .p = &b->plan,
			.n_folds = s->folds,
			.seed = rng_fork(o->seed, 1000),
			.settings = s->settings,
			.n_settings = b->n_chosen,
			.fixed_rounds = s->rounds,
			.keep = n == 0 };
		b->curve[n].trees = t;
		if (run_open(&h->runs[n], e) != 0)
			return 0;
		for (uint32_t f = 0; f < s->folds; f++) {
			h->jobs[h->n_jobs].run = (uint8_t)n;
			h->jobs[h->n_jobs++].fold = (uint8_t)f;
		}
	}
	return n;
}

/* How far to trust the calibrated odds, 0 to 1: by how many standard errors they beat the base rate
 * out of fold. Choosing combinations and settings by the same rows flatters a little, so under two
 * standard errors most of what was learnt is taken for luck. Never 0, so that leads keep an order.
 */
static double trust(const struct bout *b)
{
	double rate = (double)b->plan.pos / (double)b->plan.n, n = (double)b->plan.n;
	double s = 0, s2 = 0, se, t;

	for (size_t i = 0; i < b->plan.n; i++) {
		bool won = b->plan.y[i] > .5f;
		double d = log(won ? b->prob[i] : 1 - b->prob[i]) - log(won ? rate : 1 - rate);

		s += d;
		s2 += d * d;
	}
	s /= n;
	se = sqrt(fmax(0, s2 / n - s * s) / n);
	t = se > 0 ? fmax(0, s / se) : 0;
	t = pow(t / HALF_TRUST, 4);
	return fmax(t / (1 + t), LEAST_TRUST);
}

/* Towards the base rate: logit = s (a m + b) + (1 - s) logit(rate). */
static int shrink(struct bout *b, const struct calib_data *d, struct err *e)
{
	double rate = (double)b->plan.pos / (double)b->plan.n, base = log(rate / (1 - rate));

	b->trust = trust(b);
	if (b->trust > FULL_TRUST) {
		b->trust = 1;
		return 0;
	}
	if (b->calib.kind == CALIB_NONE) {
		b->calib.a = 1;
		b->calib.b = 0;
		b->calib.kind = CALIB_PLATT;
	} else if (b->calib.kind != CALIB_PLATT) {
		calib_clear(&b->calib);
		if (calib_fit(&b->calib, CALIB_PLATT, d, 100, e) != 0)
			return -1;
	}
	b->choice.best = CALIB_PLATT;
	b->calib.a *= b->trust;
	b->calib.b = b->trust * b->calib.b + (1 - b->trust) * base;
	for (size_t i = 0; i < b->plan.n; i++) {
		double l = log(b->prob[i] / (1 - b->prob[i]));

		l = b->trust * l + (1 - b->trust) * base;
		b->prob[i] = 1 / (1 + exp(-l));
	}
	return 0;
}

static int calibrate(struct bout *b, struct err *e)
{
	size_t n = b->plan.n;
	struct calib_data d = { NULL, b->plan.y, b->published.fold, n, b->published.n_folds };

	b->margin = malloc((n + 1) * sizeof(*b->margin));
	b->prob = malloc((n + 1) * sizeof(*b->prob));
	if (b->margin == NULL || b->prob == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < n; i++)
		b->margin[i] = (double)b->published.margin[i];
	d.margin = b->margin;
	if (calib_choose(&b->calib, &d, b->prob, &b->choice, e) != 0)
		return -1;
	return shrink(b, &d, e);
}

int bout_publish(struct work *w, struct bout *b, const struct tune_opts *o, struct err *e)
{
	struct halving *h = calloc(1, sizeof(*h));
	size_t n;
	int rc = -1;

	if (h == NULL)
		return err_nomem(e);
	n = open_halvings(h, b, o, e);
	if (n > 0)
		rc = work_run(w, h->n_jobs, one_fold, h, e);
	for (size_t i = 0; rc == 0 && i < n; i++)
		b->curve[b->n_curve++].log_loss = log_loss(h->runs[i].margin, b->plan.y, b->plan.n);
	for (size_t i = 1; i < 8; i++)
		run_clear(&h->runs[i]);
	b->published = h->runs[0];
	b->published.n_settings = 1; /* they are one from here on */
	b->published.settings = NULL;
	b->published.fixed_rounds = NULL;
	b->member = (struct member){ &b->published, 0, 1 };
	free(h);
	return rc != 0 ? -1 : calibrate(b, e);
}

void bout_clear(struct bout *b)
{
	run_clear(&b->published);
	plan_clear(&b->plan);
	calib_clear(&b->calib);
	free(b->margin);
	free(b->prob);
	b->margin = NULL;
	b->prob = NULL;
}
