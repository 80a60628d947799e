/* SPDX-License-Identifier: Apache-2.0 */
/* tune_view.c: the plan as one fold sees it.
 *
 * Means of the outcome per cell come from the fold's training rows only. A training row's own
 * outcome must not be in its own mean: for keys with many cells it gets the mean of the other inner
 * folds. Counts need no outcome: they are the other rows of the cell, in all rows of the plan, so a
 * new row (which is not among them) finds the same kind of number. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/tune_internal.h"
#include "util/err.h"
#include "util/rng.h"

void rates_clear(struct rates *r)
{
	for (size_t i = 0; r->value != NULL && i < r->n_keys; i++)
		free(r->value[i]);
	free(r->value);
	memset(r, 0, sizeof(*r));
}

struct sums {
	double *won;
	uint32_t *n;
};

static int sums_new(struct sums *s, size_t cells, struct err *e)
{
	s->won = calloc(cells + 1, sizeof(*s->won));
	s->n = calloc(cells + 1, sizeof(*s->n));
	if (s->won != NULL && s->n != NULL)
		return 0;
	free(s->won);
	free(s->n);
	return err_nomem(e);
}

static void sums_free(struct sums *s)
{
	free(s->won);
	free(s->n);
}

int view_rates(const struct view *v, struct rates *r, struct err *e)
{
	const struct plan *p = v->p;
	double won = 0;

	r->n_keys = p->n_keys;
	r->value = calloc(p->n_keys + 1, sizeof(*r->value));
	if (r->value == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < v->n_train; i++)
		won += (double)p->y[v->train[i]];
	r->prior = (float)(won / (double)v->n_train);
	for (size_t j = 0; j < p->n_keys; j++) {
		const struct tkey *k = &p->keys[j];
		struct sums s;

		if (k->off || k->rate == RATE_NONE)
			continue;
		r->value[j] = malloc(((size_t)k->n_cells + 1) * sizeof(float));
		if (r->value[j] == NULL)
			return err_nomem(e);
		if (sums_new(&s, k->n_cells, e) != 0)
			return -1;
		for (size_t i = 0; i < v->n_train; i++) {
			uint32_t c = k->cell[v->train[i]];

			s.won[c] += (double)p->y[v->train[i]];
			s.n[c]++;
		}
		for (uint32_t c = 0; c < k->n_cells; c++)
			r->value[j][c] =
				(float)((s.won[c] + k->m * (double)r->prior) / (s.n[c] + k->m));
		sums_free(&s);
	}
	return 0;
}

void view_fill(const struct plan *p, const struct rates *r, const uint32_t *pos, size_t n, float *x)
{
	size_t at = 0, width = p->n_features;

	for (size_t j = 0; j < p->n_cols; j++) {
		const float *num = p->f->cols[p->cols[j].base].num;

		if (!p->cols[j].number)
			continue;
		for (size_t i = 0; i < n; i++)
			x[i * width + at] = num[p->row[pos[i]]];
		at++;
	}
	for (size_t j = 0; j < p->n_keys; j++) {
		const struct tkey *k = &p->keys[j];

		if (k->off)
			continue;
		for (uint32_t h = 0; h < k->n_hot; h++, at++)
			for (size_t i = 0; i < n; i++)
				x[i * width + at] = k->cell[pos[i]] == k->hot[h];
		if (k->has_count) {
			for (size_t i = 0; i < n; i++)
				x[i * width + at] = (float)(k->count[k->cell[pos[i]]] - 1);
			at++;
		}
		if (k->rate != RATE_NONE) {
			for (size_t i = 0; i < n; i++)
				x[i * width + at] = r->value[j][k->cell[pos[i]]];
			at++;
		}
	}
}

/* Column ${at} of x for key ${k}: from the other inner folds. */
static int inner_rates(
	const struct view *v, const struct tkey *k, const uint8_t *inner, float *x, struct err *e)
{
	const struct plan *p = v->p;
	size_t width = p->n_features;
	double prior_won[INNER_FOLDS] = { 0 }, all_won = 0;
	size_t prior_n[INNER_FOLDS] = { 0 };
	struct sums s;

	if (sums_new(&s, (size_t)k->n_cells * (INNER_FOLDS + 1), e) != 0)
		return -1;
	for (size_t i = 0; i < v->n_train; i++) {
		size_t c = (size_t)k->cell[v->train[i]] * (INNER_FOLDS + 1);
		double y = (double)p->y[v->train[i]];

		s.won[c] += y;
		s.n[c]++;
		s.won[c + 1 + inner[i]] += y;
		s.n[c + 1 + inner[i]]++;
		prior_won[inner[i]] += y;
		prior_n[inner[i]]++;
		all_won += y;
	}
	for (size_t i = 0; i < v->n_train; i++) {
		size_t c = (size_t)k->cell[v->train[i]] * (INNER_FOLDS + 1), f = inner[i];
		size_t others = v->n_train - prior_n[f];
		double prior = others > 0 ? (all_won - prior_won[f]) / (double)others : .5;

		x[i * width] = (float)((s.won[c] - s.won[c + 1 + f] + k->m * prior) /
				       (s.n[c] - s.n[c + 1 + f] + k->m));
	}
	sums_free(&s);
	return 0;
}

int view_fill_train(const struct view *v, const struct rates *r, float *x, struct err *e)
{
	const struct plan *p = v->p;
	uint8_t *inner = malloc(v->n_train + 1);
	size_t at = 0;
	int rc = -1;

	if (inner == NULL)
		return err_nomem(e);
	view_fill(p, r, v->train, v->n_train, x);
	if (plan_folds(p, v->train, v->n_train, INNER_FOLDS, v->seed, inner, e) != 0)
		goto out;
	for (size_t j = 0; j < p->n_cols; j++)
		at += p->cols[j].number;
	for (size_t j = 0; j < p->n_keys; j++) {
		const struct tkey *k = &p->keys[j];

		at += key_width(k);
		if (!k->off && k->rate == RATE_INNER &&
			inner_rates(v, k, inner, x + at - 1, e) != 0)
			goto out;
	}
	rc = 0;
out:
	free(inner);
	return rc;
}
