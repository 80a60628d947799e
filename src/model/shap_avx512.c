/* SPDX-License-Identifier: Apache-2.0 */
/* AVX-512: eight rows at once through a tree; the same sums in the same order as shap_tree.inc. */
#include "model/shap.h"
#include "model/shap_internal.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512dq,avx512vl")))
#define INLINE TARGET static inline __attribute__((always_inline))

_Static_assert(SHAP_BLOCK == 8, "a vector of doubles has one row of the block in each lane");

struct walk {
	const struct shap_split *splits;
	const double *invs;
	const struct shap_rule *rule;
	const float *slots;
	double *phi;
	unsigned n; /* points */
	/* per level of the way down: rows still on the path of that edge's feature; the edge */
	__mmask8 on[SHAP_DEPTH];
	const struct shap_edge *edge[SHAP_DEPTH];
};

/* What an edge does at point ${k}: multiplies by the result; *r is what its feature gets of the sum
 * below. */
INLINE __m512d edge_factor(const struct walk *w, const struct shap_edge *e, unsigned k, __mmask8 on,
	__mmask8 on_up, __m512d *r)
{
	const __m512d z = _mm512_set1_pd(e->z);
	const __m512d zu = _mm512_mul_pd(z, _mm512_set1_pd(w->rule->u[k]));
	__m512d f = _mm512_mask_add_pd(zu, on, zu, _mm512_set1_pd(w->rule->t[k]));

	*r = _mm512_mask_blend_pd(on, _mm512_set1_pd(w->rule->off[k]),
		_mm512_set1_pd((1 - e->z) * w->invs[e->inv + k]));
	if (e->up >= 0) { /* in place of the factor of the edge above */
		const struct shap_edge *a = w->edge[e->up];
		const double inv = w->invs[a->inv + k];

		f = _mm512_mask_mul_pd(_mm512_set1_pd(e->step), on_up, f, _mm512_set1_pd(inv));
		*r = _mm512_maskz_sub_pd(on_up, *r, _mm512_set1_pd((1 - a->z) * inv));
	}
	return f;
}

INLINE void add_phi(double *phi, unsigned k, __m512d v)
{
	double *at = phi + (k % SHAP_LANES) * SHAP_BLOCK;

	_mm512_store_pd(at, _mm512_add_pd(_mm512_load_pd(at), v));
}

/* The paths below split ${i}: ${g} is the product of the factors above, per point; ${h} gets the
 * sum over leaves of value x weight x product. ${n} is a constant where it can be. */
#define BELOW(name, points) \
	TARGET static void name( \
		struct walk *w, uint32_t i, unsigned level, const __m512d *g, __m512d *h) \
	{ \
		const struct shap_split *s = &w->splits[i]; \
		const unsigned n = points; \
		const __mmask8 right = _mm256_cmp_ps_mask( \
			_mm256_load_ps(w->slots + (size_t)s->slot * SHAP_BLOCK), \
			_mm256_set1_ps(s->at), _CMP_GE_OQ); \
		double *phi = w->phi + (size_t)((s->slot - 1) / 2) * SHAP_LANES * SHAP_BLOCK; \
		__m512d factor[ROOM(points)], below[ROOM(points)], r[ROOM(points)]; \
\
		for (unsigned k = 0; k < n; k++) \
			h[k] = _mm512_setzero_pd(); \
		for (int side = 0; side < 2; side++) { \
			const struct shap_edge *e = &s->edge[side]; \
			const __mmask8 on_up = e->up >= 0 ? w->on[e->up] : 0xff; \
			const __mmask8 on = (__mmask8)((side ? right : ~right) & on_up); \
\
			for (unsigned k = 0; k < n; k++) \
				factor[k] = _mm512_mul_pd( \
					g[k], edge_factor(w, e, k, on, on_up, &r[k])); \
			if (e->next == UINT32_MAX) { \
				for (unsigned k = 0; k < n; k++) \
					below[k] = _mm512_mul_pd(factor[k], \
						_mm512_set1_pd(e->value * w->rule->w[k])); \
			} else { \
				w->on[level] = on; \
				w->edge[level] = e; \
				name(w, e->next, level + 1, factor, below); \
			} \
			for (unsigned k = 0; k < n; k++) { \
				add_phi(phi, k, _mm512_mul_pd(below[k], r[k])); \
				h[k] = _mm512_add_pd(h[k], below[k]); \
			} \
		} \
	}

#define ROOM(points) points
BELOW(below1, 1)
BELOW(below2, 2)
BELOW(below3, 3)
BELOW(below4, 4)
#undef ROOM
#define ROOM(points) SHAP_POINTS
BELOW(below_many, w->n)

TARGET void shap_tree_avx512(
	const struct shap *s, const struct shap_tree *t, const float *slots, double *phi)
{
	__m512d g[SHAP_POINTS], h[SHAP_POINTS];
	struct walk w;

	w.splits = s->splits + t->first;
	w.invs = s->invs;
	w.rule = &s->rules[t->points];
	w.slots = slots;
	w.phi = phi;
	w.n = t->points;
	for (unsigned k = 0; k < w.n; k++)
		g[k] = _mm512_set1_pd(1);
	switch (t->points) {
	case 1:
		below1(&w, 0, 0, g, h);
		break;
	case 2:
		below2(&w, 0, 0, g, h);
		break;
	case 3:
		below3(&w, 0, 0, g, h);
		break;
	case 4:
		below4(&w, 0, 0, g, h);
		break;
	default:
		below_many(&w, 0, 0, g, h);
	}
}

#endif
