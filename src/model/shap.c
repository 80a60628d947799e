/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "model/forest.h"
#include "model/shap.h"
#include "model/shap_internal.h"
#include "util/err.h"

#define TARGET
#define SHAP_TREE shap_tree_portable
#include "model/shap_tree.inc"

/* ---- quadrature ---- */

/* P_n(x) and its derivative. */
static long double legendre(unsigned n, long double x, long double *slope)
{
	long double p0 = 1, p1 = x;

	for (unsigned k = 2; k <= n; k++) {
		long double p = ((2 * k - 1) * x * p1 - (k - 1) * p0) / k;

		p0 = p1;
		p1 = p;
	}
	*slope = n * (x * p1 - p0) / (x * x - 1);
	return p1;
}

/* Gauss-Legendre with n points on [0, 1]: exact for polynomials of degree 2n - 1. */
static void fill_rule(struct shap_rule *r, unsigned n)
{
	const long double pi = 3.14159265358979323846264338327950288L;

	for (unsigned i = 0; i < shap_padded(n); i++) {
		long double x = cosl(pi * (i + 0.75L) / (n + 0.5L)), slope = 1, step = 1;

		r->t[i] = r->u[i] = 0.5;
		r->w[i] = 0;
		for (int k = 0; i < n && k < 100 && fabsl(step) > 1e-18L; k++) {
			step = legendre(n, x, &slope) / slope;
			x -= step;
		}
		if (i < n) {
			r->t[i] = (double)((1 + x) / 2);
			r->u[i] = (double)((1 - x) / 2);
			r->w[i] = (double)(1 / ((1 - x * x) * slope * slope));
		}
		r->off[i] = -1 / r->u[i];
	}
}

/* ---- preparing ---- */

struct prepare {
	const struct forest *f;
	struct shap *s;
	const struct tree *t;
	uint32_t *slot; /* [n_features] of its left slot; 0: not used */
	size_t n_invs, inv_cap;
	unsigned points; /* of the tree at hand */
	/* the path from the root to where we are */
	uint32_t feature[SHAP_DEPTH];
	double z[SHAP_DEPTH];
};

/* Most different features on a path below node ${i}; UINT32_MAX when deeper than allowed. */
static uint32_t widest(struct prepare *p, uint32_t i, unsigned level, unsigned different)
{
	uint32_t l, r;
	bool seen = false;

	if (p->t->left[i] < 0)
		return different;
	if (level == SHAP_DEPTH)
		return UINT32_MAX;
	for (unsigned k = 0; k < level; k++)
		seen |= p->feature[k] == p->t->feature[i];
	p->feature[level] = p->t->feature[i];
	l = widest(p, (uint32_t)p->t->left[i], level + 1, different + !seen);
	r = widest(p, (uint32_t)p->t->right[i], level + 1, different + !seen);
	return l > r ? l : r;
}

/* Share of a node's rows that go to its child. Without any rows, half. */
static double share(const struct tree *t, uint32_t i, int32_t child)
{
	return t->cover[i] > 0 ? (double)t->cover[child] / (double)t->cover[i] : 0.5;
}

/* Room for one more tree is made before it is prepared, so the recursion cannot fail. */
static uint32_t put_split(struct prepare *p, uint32_t i, unsigned level)
{
	struct shap *s = p->s;
	const struct tree *t = p->t;
	uint32_t at = s->n_splits++ - s->trees[s->n_trees].first;
	const struct shap_rule *rule = &s->rules[p->points];

	for (int side = 0; side < 2; side++) {
		struct shap_split *split = &s->splits[s->trees[s->n_trees].first + at];
		struct shap_edge *e = &split->edge[side];
		int32_t child = side ? t->right[i] : t->left[i];
		uint32_t next = UINT32_MAX;

		split->at = t->value[i];
		split->slot = p->slot[t->feature[i]] + !t->default_left[i];
		e->step = share(t, i, child);
		e->z = e->step;
		e->up = -1;
		for (unsigned k = 0; k < level; k++)
			e->up = p->feature[k] == t->feature[i] ? (int32_t)k : e->up;
		if (e->up >= 0)
			e->z *= p->z[e->up];
		p->feature[level] = t->feature[i];
		p->z[level] = e->z;
		e->inv = (uint32_t)p->n_invs;
		for (unsigned k = 0; k < shap_padded(p->points); k++)
			s->invs[p->n_invs++] = 1 / (rule->t[k] + e->z * rule->u[k]);
		if (t->left[child] < 0)
			e->value = (double)t->value[child];
		else
			next = put_split(p, (uint32_t)child, level + 1);
		e->next = next;
	}
	return at;
}

/* The expected value of a tree, weighting by shares from the root as TreeSHAP does. */
static double mean_value(const struct tree *t, uint32_t i)
{
	if (t->left[i] < 0)
		return (double)t->value[i];
	return share(t, i, t->left[i]) * mean_value(t, (uint32_t)t->left[i]) +
	       share(t, i, t->right[i]) * mean_value(t, (uint32_t)t->right[i]);
}

static int prepare_tree(struct prepare *p, uint32_t i, struct err *e)
{
	struct shap *s = p->s;
	uint32_t different;

	p->t = &p->f->trees[i];
	different = widest(p, 0, 0, 0);
	if (different == UINT32_MAX)
		return err_set(e, ERR_LIMIT, "tree %u is deeper than %d levels", i, SHAP_DEPTH);
	s->expected[p->f->group[i]] += mean_value(p->t, 0);
	if (p->t->left[0] < 0)
		return 0;
	p->points = (different + 1) / 2;
	if (p->n_invs + (size_t)(p->t->n - 1) * shap_padded(p->points) > p->inv_cap) {
		size_t cap = 2 * p->inv_cap + (size_t)p->t->n * shap_padded(p->points);
		double *invs = cap > UINT32_MAX ? NULL : realloc(s->invs, cap * sizeof(*invs));

		if (invs == NULL)
			return err_nomem(e);
		s->invs = invs;
		p->inv_cap = cap;
	}
	s->trees[s->n_trees] = (struct shap_tree){ s->n_splits, p->f->group[i], p->points };
	put_split(p, 0, 0);
	s->n_trees++;
	return 0;
}

static void find_used(struct prepare *p, size_t *n_splits)
{
	const struct forest *f = p->f;

	for (uint32_t i = 0; i < f->n_trees; i++) {
		const struct tree *t = &f->trees[i];

		for (uint32_t k = 0; k < t->n; k++) {
			if (t->left[k] < 0)
				continue;
			p->slot[t->feature[k]] = 1;
			++*n_splits;
		}
	}
	for (uint32_t i = 0; i < f->n_features; i++) {
		if (p->slot[i] == 0)
			continue;
		p->slot[i] = 1 + 2 * p->s->n_used;
		p->s->used[p->s->n_used++] = i;
	}
}

static int prepare(struct prepare *p, struct err *e)
{
	const struct forest *f = p->f;
	struct shap *s = p->s;
	size_t n_splits = 0;

	s->n_features = f->n_features;
	s->n_groups = f->n_groups;
	for (uint32_t g = 0; g < f->n_groups; g++)
		s->expected[g] = (double)f->base[g];
	s->used = calloc((size_t)f->n_features + 1, sizeof(*s->used));
	s->trees = calloc((size_t)f->n_trees + 1, sizeof(*s->trees));
	s->rules = calloc(SHAP_POINTS + 1, sizeof(*s->rules));
	if (p->slot == NULL || s->used == NULL || s->trees == NULL || s->rules == NULL)
		return err_nomem(e);
	for (unsigned n = 1; n <= SHAP_POINTS; n++)
		fill_rule(&s->rules[n], n);
	find_used(p, &n_splits);
	if (n_splits >= UINT32_MAX ||
		(s->splits = calloc(n_splits + 1, sizeof(*s->splits))) == NULL)
		return err_nomem(e);
	for (uint32_t i = 0; i < f->n_trees; i++) {
		if (prepare_tree(p, i, e) != 0)
			return -1;
	}
	return 0;
}

struct shap *shap_new(const struct forest *f, struct err *e)
{
	struct prepare p = { .f = f };
	int rc;

	if ((p.s = calloc(1, sizeof(*p.s))) == NULL) {
		err_nomem(e);
		return NULL;
	}
	p.slot = calloc((size_t)f->n_features + 1, sizeof(*p.slot));
	rc = prepare(&p, e);
	free(p.slot);
	if (rc != 0) {
		shap_free(p.s);
		return NULL;
	}
	p.s->tree = shap_tree_portable;
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx2"))
		p.s->tree = shap_tree_avx2;
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
		__builtin_cpu_supports("avx512vl"))
		p.s->tree_block = shap_tree_avx512;
#endif
	return p.s;
}

void shap_free(struct shap *s)
{
	if (s == NULL)
		return;
	free(s->trees);
	free(s->splits);
	free(s->invs);
	free(s->used);
	free(s->rules);
	free(s);
}

double shap_expected(const struct shap *s, uint32_t group)
{
	ASSERT(group < s->n_groups);
	return s->expected[group];
}

/* ---- rows ---- */

/* A row's slots follow its phi. */
static size_t phi_doubles(const struct shap *s)
{
	return (size_t)s->n_groups * s->n_used * SHAP_LANES;
}

static size_t row_doubles(const struct shap *s)
{
	return phi_doubles(s) + s->n_used + 1;
}

size_t shap_scratch(const struct shap *s)
{
	return SHAP_BLOCK * (row_doubles(s) + 1); /* and room to align */
}

static float slot_of(float v, float missing)
{
	return isnan(v) ? missing : v;
}

/* One row: vectors over the points of the quadrature. */
static void one_row(const struct shap *s, const float *x, double *scratch, double *out)
{
	float *slots = (float *)(void *)(scratch + phi_doubles(s));
	size_t width = (size_t)s->n_features + 1;
	const double *phi = scratch;

	memset(scratch, 0, phi_doubles(s) * sizeof(*scratch));
	slots[0] = 0;
	for (uint32_t j = 0; j < s->n_used; j++) {
		slots[1 + 2 * j] = slot_of(x[s->used[j]], -INFINITY);
		slots[2 + 2 * j] = slot_of(x[s->used[j]], INFINITY);
	}
	for (uint32_t i = 0; i < s->n_trees; i++)
		s->tree(s, &s->trees[i], slots,
			scratch + (size_t)s->trees[i].group * s->n_used * SHAP_LANES);
	memset(out, 0, s->n_groups * width * sizeof(*out));
	for (uint32_t g = 0; g < s->n_groups; g++, out += width) {
		for (uint32_t j = 0; j < s->n_used; j++, phi += SHAP_LANES)
			out[s->used[j]] = (phi[0] + phi[1]) + (phi[2] + phi[3]);
		out[s->n_features] = s->expected[g];
	}
}

/* A block of rows: vectors over the rows. phi[group][used][SHAP_LANES][SHAP_BLOCK], then
 * slots[2 used + 1][SHAP_BLOCK]. */
static void block(const struct shap *s, struct shap_rows in, size_t n, double *scratch, double *out)
{
	double *phi = (double *)(void *)(((uintptr_t)scratch + 63) & ~(uintptr_t)63);
	float *slots = (float *)(void *)(phi + SHAP_BLOCK * phi_doubles(s));
	size_t width = (size_t)s->n_features + 1;

	memset(phi, 0, SHAP_BLOCK * phi_doubles(s) * sizeof(*phi));
	memset(slots, 0, SHAP_BLOCK * (2 * (size_t)s->n_used + 1) * sizeof(*slots));
	for (uint32_t j = 0; j < s->n_used; j++) {
		float *at = slots + SHAP_BLOCK * (1 + 2 * (size_t)j);

		for (size_t r = 0; r < n; r++) {
			at[r] = slot_of(in.x[r * in.stride + s->used[j]], -INFINITY);
			at[SHAP_BLOCK + r] = slot_of(in.x[r * in.stride + s->used[j]], INFINITY);
		}
	}
	for (uint32_t i = 0; i < s->n_trees; i++)
		s->tree_block(s, &s->trees[i], slots,
			phi + (size_t)s->trees[i].group * s->n_used * SHAP_LANES * SHAP_BLOCK);
	memset(out, 0, n * s->n_groups * width * sizeof(*out));
	for (size_t k = 0; k < n * s->n_groups; k++, out += width) {
		const double *p = phi + (k % s->n_groups) * s->n_used * SHAP_LANES * SHAP_BLOCK +
				  k / s->n_groups;

		for (uint32_t j = 0; j < s->n_used; j++, p += SHAP_LANES * SHAP_BLOCK)
			out[s->used[j]] =
				(p[0] + p[SHAP_BLOCK]) + (p[2 * SHAP_BLOCK] + p[3 * SHAP_BLOCK]);
		out[s->n_features] = s->expected[k % s->n_groups];
	}
}

void shap_rows(const struct shap *s, struct shap_rows in, double *scratch, double *out)
{
	size_t width = s->n_groups * ((size_t)s->n_features + 1);

	while (in.rows > 0) {
		size_t n = in.rows < SHAP_BLOCK ? in.rows : SHAP_BLOCK;

		if (s->tree_block == NULL || n < SHAP_BLOCK / 4) {
			one_row(s, in.x, scratch, out);
			n = 1;
		} else {
			block(s, in, n, scratch, out);
		}
		in.rows -= n;
		in.x += n * in.stride;
		out += n * width;
	}
}
