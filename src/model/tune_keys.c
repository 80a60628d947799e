/* SPDX-License-Identifier: Apache-2.0 */
/* tune_keys.c: keys on trial. The search of tune_combo.c is quick and generous: what it proposes is
 * given to trees, one key at a time and then together, and stays only if they do better on rows
 * they have not seen. What the trees then still miss is searched again. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/tune_internal.h"
#include "util/err.h"
#include "util/rng.h"

#define FOLDS      5
#define PASSES     3
#define MOST_KEYS  8
#define PAIRS      3000
#define LOOSE_GAIN 1e-5
#define LOOSE_SE   1.0
#define KEEP_SE    1.5
#define MAX_ROUNDS 800u

static const struct setting probe = { 5, .1, .8, .3, 1, 1 };

/* One try: the plan with some keys off, a few divisions of the rows averaged. */
struct attempt {
	struct plan plan; /* borrows all but the list of keys */
	float *margin;    /* [n] mean over divisions */
	double loss;
};

struct trial {
	struct work *w;
	struct plan *p;
	uint64_t seed;
	uint32_t divisions;
	struct attempt *a; /* a[0] without any new key, a[1 + i] with new key i */
	size_t n, first;   /* the new keys */
};

static int attempt_init(struct attempt *a, const struct plan *p, struct err *e)
{
	memset(a, 0, sizeof(*a));
	a->plan = *p;
	a->plan.keys = malloc((p->n_keys + 1) * sizeof(*a->plan.keys));
	a->margin = calloc(p->n + 1, sizeof(*a->margin));
	if (a->plan.keys == NULL || a->margin == NULL)
		return err_nomem(e);
	if (p->n_keys > 0)
		memcpy(a->plan.keys, p->keys, p->n_keys * sizeof(*p->keys));
	return 0;
}

static void attempt_clear(struct attempt *a)
{
	free(a->plan.keys);
	free(a->margin);
	memset(a, 0, sizeof(*a));
}

static int attempt_run(const struct trial *t, struct attempt *a, struct err *e)
{
	size_t n = a->plan.n;

	plan_count_features(&a->plan);
	for (uint32_t d = 0; d < t->divisions; d++) {
		struct run r = { .p = &a->plan,
			.n_folds = FOLDS,
			.seed = rng_fork(t->seed, d),
			.settings = &probe,
			.n_settings = 1,
			.max_rounds = MAX_ROUNDS };

		if (run_cv(t->w, &r, e) != 0)
			return -1;
		for (size_t i = 0; i < n; i++)
			a->margin[i] += r.margin[i] / (float)t->divisions;
		run_clear(&r);
	}
	a->loss = log_loss(a->margin, a->plan.y, n);
	return 0;
}

static int job(void *arg, size_t i, struct err *e)
{
	struct trial *t = arg;

	return attempt_run(t, &t->a[i + 1], e);
}

/* How much better b is than a, in standard errors over rows. */
static double better_by(const struct attempt *a, const struct attempt *b)
{
	double s = 0, s2 = 0, n = (double)a->plan.n, se;

	for (size_t i = 0; i < a->plan.n; i++) {
		double y = (double)a->plan.y[i];
		double d = log1p(exp(-fabs((double)a->margin[i]))) + fmax(0, a->margin[i]) -
			   y * (double)a->margin[i] -
			   (log1p(exp(-fabs((double)b->margin[i]))) + fmax(0, b->margin[i]) -
				   y * (double)b->margin[i]);

		s += d;
		s2 += d * d;
	}
	s /= n;
	se = sqrt(fmax(0, s2 / n - s * s) / n);
	return se > 0 ? s / se : 0;
}

/* The keys that pass are on in the plan, the others off; *now becomes the trees that have them. */
static int judge(struct trial *t, struct attempt *now, struct err *e)
{
	size_t passed = 0, best = 0;
	struct attempt *all;

	for (size_t i = 0; i < t->n; i++) {
		struct tkey *k = &t->p->keys[t->first + i];

		k->off = better_by(now, &t->a[i + 1]) < (k->sure ? 0 : KEEP_SE);
		passed += !k->off;
		if (!k->off && (best == 0 || t->a[i + 1].loss < t->a[best].loss))
			best = i + 1;
	}
	if (passed == 0)
		return 0;
	all = &t->a[0];
	if (passed > 1) {
		if (attempt_init(all, t->p, e) != 0 || attempt_run(t, all, e) != 0)
			return -1;
		if (all->loss < t->a[best].loss)
			best = 0;
		else
			for (size_t i = 0; i < t->n; i++)
				t->p->keys[t->first + i].off = i + 1 != best;
	}
	attempt_clear(now);
	*now = t->a[best];
	memset(&t->a[best], 0, sizeof(t->a[best]));
	return 0;
}

/* One pass: 1 when a key was kept, 0 when none, -1. */
static int pass(struct trial *t, struct attempt *now, uint32_t left, struct err *e)
{
	struct combo_opts o = { rng_fork(t->seed, 50 + left), PAIRS, left, LOOSE_GAIN, LOOSE_SE };
	size_t before = t->p->n_keys;
	int rc;

	if (combos_find(t->w, t->p, now->margin, &o, e) != 0)
		return -1;
	t->first = before;
	t->n = t->p->n_keys - before;
	if (t->n == 0)
		return 0;
	t->a = calloc(t->n + 1, sizeof(*t->a));
	if (t->a == NULL)
		return err_nomem(e);
	rc = 0;
	for (size_t i = 0; rc == 0 && i < t->n; i++) {
		rc = attempt_init(&t->a[i + 1], t->p, e);
		for (size_t j = 0; rc == 0 && j < t->n; j++)
			t->a[i + 1].plan.keys[before + j].off = j != i;
	}
	if (rc == 0)
		rc = work_run(t->w, t->n, job, t, e);
	if (rc == 0)
		rc = judge(t, now, e);
	for (size_t i = 0; i <= t->n; i++)
		attempt_clear(&t->a[i]);
	free(t->a);
	t->a = NULL;
	if (rc != 0)
		return -1;
	plan_drop_off(t->p);
	return t->p->n_keys > before;
}

int combos_search(struct work *w, struct plan *p, uint64_t seed, double budget_s, struct err *e)
{
	struct trial t = { .w = w, .p = p, .seed = seed };
	struct attempt now;
	double tries = .35 * 2 * budget_s / plan_cost(p);
	uint32_t most = tries >= 2 * MOST_KEYS ? MOST_KEYS : tries < 4 ? 2 : (uint32_t)(tries / 2);
	int passes = tries >= 2 * MOST_KEYS ? PASSES : 1;
	size_t start = p->n_keys;
	int rc = attempt_init(&now, p, e);

	t.divisions = tries < 2 * MOST_KEYS ? 1 : p->n < 5000 ? 4 : p->n < 15000 ? 2 : 1;
	if (rc == 0)
		rc = attempt_run(&t, &now, e);
	for (int i = 0; rc == 0 && i < passes && p->n_keys - start < most; i++) {
		int more = pass(&t, &now, most - (uint32_t)(p->n_keys - start), e);

		if (more < 0)
			rc = -1;
		if (more <= 0)
			break;
	}
	attempt_clear(&now);
	return rc;
}
