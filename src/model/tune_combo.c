/* SPDX-License-Identifier: Apache-2.0 */
/* tune_combo.c: which columns taken together say something that the trees have not found.
 *
 * Given out-of-fold margins f, a candidate key is worth what one Newton step per cell takes away
 * from the log loss of rows the step was not computed from: with p = sigmoid(f), G = sum(y - p) and
 * H = sum(p (1 - p)) over a cell's rows in the other folds, the step is G / (H + lambda). Greedy:
 * the best candidate's steps are added to f, and what is left is looked at again. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/tune_internal.h"
#include "util/err.h"
#include "util/rng.h"

#define FOLDS         5
#define MOST_STEP     3.0
#define KEPT          60
#define DENSE         (1u << 18)
#define TRIPLES_UP_TO 4
#define FEW           20 /* a number with no more values is a code in pairs */
#define ROWS_PER_CODE 4
#define SURE_GAIN     1e-4
#define SURE_SE       2.5

static const double lambdas[] = { 2, 10, 50 };
#define N_LAMBDAS (sizeof(lambdas) / sizeof(lambdas[0]))

struct candidate {
	uint32_t axis[ENC_PARTS]; /* into the search's axes */
	uint32_t n_axes;
	double worth; /* by the second-order estimate, summed over rows */
	double lambda;
	bool taken;
};

struct search {
	struct work *w;
	struct plan *p;
	const struct combo_opts *o;
	struct enc_axis *axes;
	uint32_t **codes; /* [n_axes] of [n] */
	size_t n_axes;
	size_t n_pairable; /* the first axes go into pairs; the others are only tried alone */
	struct candidate *c;
	size_t n, cap;
	double *g, *h; /* [rows] y - p and p (1 - p) */
	double *f;     /* [rows] margins so far */
	uint8_t *fold;
};

struct cells {
	uint32_t *of; /* [rows] */
	uint32_t n;
	double *gh; /* [n][FOLDS][2] */
};

static void cells_clear(struct cells *c)
{
	free(c->of);
	free(c->gh);
}

struct slot {
	uint64_t id; /* + 1, 0 free */
	uint32_t at;
};

/* Many possible cells: number those that occur, in order of first row. */
static int compress(const uint64_t *ids, size_t n, struct cells *c, struct err *e)
{
	size_t size = 1024;
	struct slot *t;

	while (size < 2 * n)
		size *= 2;
	t = calloc(size, sizeof(*t));
	if (t == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < n; i++) {
		uint64_t x = ids[i] * UINT64_C(0x9e3779b97f4a7c15);
		size_t at = (size_t)(x ^ (x >> 31)) & (size - 1);

		while (t[at].id != 0 && t[at].id != ids[i] + 1)
			at = (at + 1) & (size - 1);
		if (t[at].id == 0)
			t[at] = (struct slot){ ids[i] + 1, c->n++ };
		c->of[i] = t[at].at;
	}
	free(t);
	return 0;
}

static int cells_of(
	const struct search *s, const struct candidate *k, struct cells *c, struct err *e)
{
	size_t rows = s->p->n;
	uint64_t product = 1;
	int rc = 0;

	memset(c, 0, sizeof(*c));
	for (uint32_t a = 0; a < k->n_axes; a++)
		product *= s->axes[k->axis[a]].n;
	c->of = malloc((rows + 1) * sizeof(*c->of));
	if (c->of == NULL)
		return err_nomem(e);
	if (product <= DENSE && product <= 4 * (uint64_t)rows + 4096) {
		memcpy(c->of, s->codes[k->axis[0]], rows * sizeof(*c->of));
		for (uint32_t a = 1; a < k->n_axes; a++)
			for (size_t i = 0; i < rows; i++)
				c->of[i] =
					c->of[i] * s->axes[k->axis[a]].n + s->codes[k->axis[a]][i];
		c->n = (uint32_t)product;
	} else {
		uint64_t *ids = calloc(rows + 1, sizeof(*ids));

		if (ids == NULL)
			return err_nomem(e);
		for (uint32_t a = 0; a < k->n_axes; a++)
			for (size_t i = 0; i < rows; i++)
				ids[i] = ids[i] * s->axes[k->axis[a]].n + s->codes[k->axis[a]][i];
		rc = compress(ids, rows, c, e);
		free(ids);
		if (rc != 0)
			return rc;
	}
	c->gh = calloc((size_t)c->n * FOLDS * 2 + 2, sizeof(*c->gh));
	if (c->gh == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < rows; i++) {
		double *cell = c->gh + ((size_t)c->of[i] * FOLDS + s->fold[i]) * 2;

		cell[0] += s->g[i];
		cell[1] += s->h[i];
	}
	return 0;
}

static double step(const double *cell, uint32_t without, double lambda)
{
	double g = 0, h = 0, s;

	for (uint32_t j = 0; j < FOLDS; j++) {
		if (j == without)
			continue;
		g += cell[2 * j];
		h += cell[2 * j + 1];
	}
	s = g / (h + lambda);
	return s > MOST_STEP ? MOST_STEP : s < -MOST_STEP ? -MOST_STEP : s;
}

static int judge(void *arg, size_t i, struct err *e)
{
	struct search *s = arg;
	struct candidate *k = &s->c[i];
	struct cells c;

	k->worth = -INFINITY;
	if (k->taken)
		return 0;
	if (cells_of(s, k, &c, e) != 0) {
		cells_clear(&c);
		return -1;
	}
	for (size_t l = 0; l < N_LAMBDAS; l++) {
		double worth = 0;

		for (uint32_t n = 0; n < c.n; n++) {
			const double *cell = c.gh + (size_t)n * FOLDS * 2;

			for (uint32_t j = 0; j < FOLDS; j++) {
				double t;

				if (cell[2 * j + 1] == 0)
					continue;
				t = step(cell, j, lambdas[l]);
				worth += cell[2 * j] * t - cell[2 * j + 1] * t * t / 2;
			}
		}
		if (worth > k->worth) {
			k->worth = worth;
			k->lambda = lambdas[l];
		}
	}
	cells_clear(&c);
	return 0;
}

static double loss_at(double f, float y)
{
	return (f > 0 ? f + log1p(exp(-f)) : log1p(exp(f))) - (double)y * f;
}

static void refresh(struct search *s)
{
	for (size_t i = 0; i < s->p->n; i++) {
		double p = 1 / (1 + exp(-s->f[i]));

		s->g[i] = (double)s->p->y[i] - p;
		s->h[i] = p * (1 - p);
	}
}

struct verdict {
	double gain, se;
};

/* The real gain of the candidate's steps over the rows they were not computed from; if ${apply},
 * they are added to f. */
static int try_steps(
	struct search *s, const struct candidate *k, bool apply, struct verdict *v, struct err *e)
{
	struct cells c;
	double sum = 0, sum2 = 0, n = (double)s->p->n;

	if (cells_of(s, k, &c, e) != 0) {
		cells_clear(&c);
		return -1;
	}
	for (size_t i = 0; i < s->p->n; i++) {
		double t = step(c.gh + (size_t)c.of[i] * FOLDS * 2, s->fold[i], k->lambda);
		double d = loss_at(s->f[i], s->p->y[i]) - loss_at(s->f[i] + t, s->p->y[i]);

		sum += d;
		sum2 += d * d;
		if (apply)
			s->f[i] += t;
	}
	v->gain = sum / n;
	v->se = sqrt(fmax(0, sum2 / n - v->gain * v->gain) / n);
	cells_clear(&c);
	return 0;
}

static int add(struct search *s, const uint32_t *axis, uint32_t n, struct err *e)
{
	struct candidate k = { .n_axes = n };
	uint64_t product = 1;

	for (uint32_t a = 0; a < n; a++) {
		k.axis[a] = axis[a];
		if (__builtin_mul_overflow(product, (uint64_t)s->axes[axis[a]].n, &product) ||
			product >= UINT64_C(1) << 62)
			return 0; /* cannot be numbered: not tried */
	}
	if (s->n == s->cap) {
		size_t cap = s->cap == 0 ? 256 : 2 * s->cap;
		struct candidate *more = realloc(s->c, cap * sizeof(*more));

		if (more == NULL)
			return err_nomem(e);
		s->c = more;
		s->cap = cap;
	}
	s->c[s->n++] = k;
	return 0;
}

static int by_worth(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->worth != y->worth)
		return x->worth > y->worth ? -1 : 1;
	if (x->n_axes != y->n_axes)
		return x->n_axes < y->n_axes ? -1 : 1;
	for (uint32_t i = 0; i < x->n_axes; i++)
		if (x->axis[i] != y->axis[i])
			return x->axis[i] < y->axis[i] ? -1 : 1;
	return 0;
}

static int add_axis(struct search *s, const struct enc_axis *a, struct err *e)
{
	s->axes[s->n_axes] = *a;
	s->codes[s->n_axes] = malloc((s->p->n + 1) * sizeof(uint32_t));
	if (s->codes[s->n_axes] == NULL)
		return err_nomem(e);
	axis_codes(s->p, a, s->codes[s->n_axes]);
	s->n_axes++;
	return 0;
}

static bool whole_numbers(const struct enc_axis *a)
{
	for (uint32_t i = 0; i < a->n_cuts; i++)
		if (floorf(a->cuts[i]) != a->cuts[i])
			return false;
	return true;
}

/* Axes: what pairs are made of first, then the codes that are only tried alone. A number with few
 * values goes into pairs as a code, others in bins; whole numbers with many values that repeat
 * (region codes) as both. */
static int make_axes(struct search *s, struct err *e)
{
	const struct plan *p = s->p;

	s->axes = calloc(3 * p->n_cols + 1, sizeof(*s->axes));
	s->codes = calloc(3 * p->n_cols + 1, sizeof(*s->codes));
	if (s->axes == NULL || s->codes == NULL)
		return err_nomem(e);
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < p->n_cols; i++) {
			const struct column *c = &p->cols[i];
			bool few = !c->number || (c->level.n > 0 && c->distinct <= FEW);
			bool codes = !few && c->level.n > 0 &&
				     c->distinct <= p->n / ROWS_PER_CODE &&
				     whole_numbers(&c->level);

			if (pass == 0 && few && add_axis(s, &c->level, e) != 0)
				return -1;
			if (pass == 0 && !few && c->bins.n > 2 && add_axis(s, &c->bins, e) != 0)
				return -1;
			if (pass == 0 && codes && add_axis(s, &c->level, e) != 0)
				return -1;
			if (pass == 1 && !few && !codes && c->level.n > 0 &&
				add_axis(s, &c->level, e) != 0)
				return -1;
		}
		if (pass == 0)
			s->n_pairable = s->n_axes;
	}
	return 0;
}

/* Numbers as codes, alone; and all pairs. With too many pairs: of the axes worth most alone. */
static int propose(struct search *s, struct err *e)
{
	size_t most = s->n_pairable;
	uint32_t *best = malloc((s->n_pairable + 1) * sizeof(*best));
	int rc = 0;

	if (best == NULL)
		return err_nomem(e);
	for (uint32_t i = 0; rc == 0 && i < s->n_pairable; i++)
		rc = add(s, &i, 1, e);
	if (rc == 0)
		rc = work_run(s->w, s->n, judge, s, e);
	if (rc == 0)
		qsort(s->c, s->n, sizeof(*s->c), by_worth);
	while (most > 2 && most * (most - 1) / 2 > s->o->max_pairs)
		most--;
	for (size_t i = 0; i < s->n; i++)
		best[i] = s->c[i].axis[0];
	s->n = 0;
	for (uint32_t i = 0; rc == 0 && i < s->n_axes; i++)
		if (s->axes[i].kind == ENC_AXIS_VALUE && s->axes[i].n > 3)
			rc = add(s, &i, 1, e);
	for (size_t i = 0; rc == 0 && i < most; i++)
		for (size_t j = i + 1; rc == 0 && j < most; j++) {
			uint32_t a = best[i] < best[j] ? best[i] : best[j];
			uint32_t pair[2] = { a, a == best[i] ? best[j] : best[i] };

			if (s->axes[pair[0]].base != s->axes[pair[1]].base)
				rc = add(s, pair, 2, e);
		}
	free(best);
	return rc;
}

static int propose_triples(struct search *s, const struct candidate *from, struct err *e)
{
	for (uint32_t a = 0; a < s->n_pairable; a++) {
		uint32_t t[3] = { from->axis[0], from->axis[1], a };
		bool known = false;

		if (s->axes[a].base == s->axes[t[0]].base || s->axes[a].base == s->axes[t[1]].base)
			continue;
		for (int i = 2; i > 0 && t[i] < t[i - 1]; i--) {
			uint32_t swap = t[i];

			t[i] = t[i - 1];
			t[i - 1] = swap;
		}
		for (size_t i = 0; i < s->n && !known; i++)
			known = s->c[i].n_axes == 3 && memcmp(s->c[i].axis, t, sizeof(t)) == 0;
		if (!known && add(s, t, 3, e) != 0)
			return -1;
	}
	return 0;
}

/* Summed log loss of the key's own smoothed means, out of fold; infinite when out of memory. */
static double mean_loss(const struct plan *p, const struct tkey *k, const uint8_t *fold, double m)
{
	double *s = calloc((size_t)k->n_cells * FOLDS * 2 + 2, sizeof(*s)), loss = 0;
	double prior = (double)p->pos / (double)p->n;

	if (s == NULL)
		return INFINITY;
	for (size_t i = 0; i < p->n; i++) {
		double *c = s + ((size_t)k->cell[i] * FOLDS + fold[i]) * 2;

		c[0] += (double)p->y[i];
		c[1]++;
	}
	for (size_t i = 0; i < p->n; i++) {
		const double *c = s + (size_t)k->cell[i] * FOLDS * 2;
		double won = 0, n = 0, q;

		for (uint32_t j = 0; j < FOLDS; j++) {
			won += j == fold[i] ? 0 : c[2 * j];
			n += j == fold[i] ? 0 : c[2 * j + 1];
		}
		q = (won + m * prior) / (n + m);
		loss -= p->y[i] > .5f ? log(q) : log(1 - q);
	}
	free(s);
	return loss;
}

/* Smoothing of every mean that is taken out of fold, by its own out-of-fold log loss. */
static int smooth(void *arg, size_t i, struct err *e)
{
	static const double ms[] = { 1, 3, 10, 30, 100 };
	struct search *s = arg;
	struct tkey *k = &s->p->keys[i];
	double low = INFINITY;

	if (k->rate != RATE_INNER)
		return 0;
	for (size_t j = 0; j < sizeof(ms) / sizeof(ms[0]); j++) {
		double loss = mean_loss(s->p, k, s->fold, ms[j]);

		if (loss < low) {
			low = loss;
			k->m = ms[j];
		}
	}
	return isinf(low) ? err_nomem(e) : 0;
}

/* A key that says nothing new: the plan has one of the same columns, or one of fewer of them that
 * makes the same cells (every city has one region). */
static bool known_before(
	const struct search *s, const struct candidate *k, const struct tkey *added, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		const struct tkey *t = &s->p->keys[i];
		uint32_t shared = 0;

		if (!t->combo)
			continue;
		for (uint32_t a = 0; a < k->n_axes; a++)
			for (uint32_t j = 0; j < t->n_axes; j++)
				shared += t->axes[j].base == s->axes[k->axis[a]].base &&
					  t->axes[j].kind == s->axes[k->axis[a]].kind;
		if (shared == t->n_axes && (shared == k->n_axes || t->n_cells == added->n_cells))
			return true;
	}
	return false;
}

static int adopt(struct search *s, const struct candidate *k, double gain, struct err *e)
{
	struct enc_axis axes[ENC_PARTS];
	struct tkey *key;
	int64_t at;

	for (uint32_t a = 0; a < k->n_axes; a++)
		axes[a] = s->axes[k->axis[a]];
	at = plan_add_key(s->p, axes, k->n_axes, e);
	if (at < 0)
		return -1;
	key = &s->p->keys[at];
	if (key->n_cells < 2 || known_before(s, k, key, (size_t)at)) {
		key->off = true;
		return 0;
	}
	key->rate = RATE_INNER;
	key->has_count = true;
	key->combo = true;
	key->gain = gain;
	return 0;
}

/* One round: the best candidate that stands up. 1 taken, 0 none, -1 failed. A candidate that says
 * nothing new is marked taken and not counted. */
static int take_best(struct search *s, uint32_t *chosen, struct err *e)
{
	if (work_run(s->w, s->n, judge, s, e) != 0)
		return -1;
	qsort(s->c, s->n, sizeof(*s->c), by_worth);
	if (s->n > KEPT)
		s->n = KEPT;
	for (size_t i = 0; i < s->n && i < 8; i++) {
		struct candidate *k = &s->c[i], taken;
		struct verdict v;
		size_t last;

		if (!(k->worth > 0))
			break;
		if (try_steps(s, k, false, &v, e) != 0)
			return -1;
		if (v.gain < s->o->min_gain || v.gain < s->o->min_se * v.se)
			continue;
		if (adopt(s, k, v.gain, e) != 0)
			return -1;
		k->taken = true;
		last = s->p->n_keys - 1;
		if (s->p->keys[last].off)
			continue;
		s->p->keys[last].sure = v.gain >= SURE_GAIN && v.gain >= SURE_SE * v.se;
		if (try_steps(s, k, true, &v, e) != 0)
			return -1;
		taken = *k;
		refresh(s);
		(*chosen)++;
		if (taken.n_axes == 2 && *chosen <= TRIPLES_UP_TO &&
			propose_triples(s, &taken, e) != 0)
			return -1;
		return 1;
	}
	return 0;
}

static int search_init(struct search *s, const float *margin, struct err *e)
{
	size_t n = s->p->n;

	s->g = malloc((n + 1) * sizeof(*s->g));
	s->h = malloc((n + 1) * sizeof(*s->h));
	s->f = malloc((n + 1) * sizeof(*s->f));
	s->fold = malloc(n + 1);
	if (s->g == NULL || s->h == NULL || s->f == NULL || s->fold == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < n; i++)
		s->f[i] = (double)margin[i];
	refresh(s);
	if (plan_folds(s->p, NULL, n, FOLDS, rng_fork(s->o->seed, 7), s->fold, e) != 0)
		return -1;
	return make_axes(s, e);
}

int combos_find(struct work *w, struct plan *p, const float *margin, const struct combo_opts *o,
	struct err *e)
{
	struct search s = { .w = w, .p = p, .o = o };
	uint32_t chosen = 0;
	int rc = search_init(&s, margin, e);

	if (rc == 0)
		rc = propose(&s, e);
	while (rc == 0 && chosen < o->max_chosen) {
		int taken = take_best(&s, &chosen, e);

		if (taken < 0)
			rc = -1;
		if (taken <= 0)
			break;
	}
	if (rc == 0)
		rc = work_run(w, p->n_keys, smooth, &s, e);
	plan_drop_off(p);
	for (size_t i = 0; s.codes != NULL && i < s.n_axes; i++)
		free(s.codes[i]);
	free(s.codes);
	free(s.axes);
	free(s.c);
	free(s.g);
	free(s.h);
	free(s.f);
	free(s.fold);
	return rc;
}
