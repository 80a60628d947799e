/* SPDX-License-Identifier: Apache-2.0 */
/* shap_internal.h: what shap.c prepares and the evaluators read. */
#ifndef MODEL_SHAP_INTERNAL_H
#define MODEL_SHAP_INTERNAL_H

#include <stdint.h>

enum {
	SHAP_DEPTH = 64,              /* most levels of a tree */
	SHAP_POINTS = SHAP_DEPTH / 2, /* most points of the quadrature */
	SHAP_LANES = 4                /* points are padded to a multiple, with weight 0 */
};

static inline unsigned shap_padded(unsigned points)
{
	return (points + SHAP_LANES - 1) / SHAP_LANES * SHAP_LANES;
}

/* on[] of a level is always written by the level above before it is read; gcc at -O3 cannot see
 * that through the recursion. */
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

/* The way from a split to one of its children. "Its feature" is the split's. */
struct shap_edge {
	double z;      /* share of rows that follow this feature's splits from the root to here */
	double step;   /* share of this split alone */
	double value;  /* of the leaf it leads to */
	uint32_t next; /* split it leads to, in the tree; UINT32_MAX: a leaf */
	uint32_t inv;  /* in invs[]: per point 1 / (t + z (1 - t)) */
	int32_t up;    /* level of the edge above with the same feature; -1: none */
};

struct shap_split {
	float at; /* a row goes right where its slot is >= this */
	uint32_t slot;
	struct shap_edge edge[2];
};

struct shap_tree {
	uint32_t first; /* split 0 in splits[] */
	uint32_t group;
	uint32_t points;
};

/* Points and weights of the quadrature on [0, 1]. Padding: t = .5, weight 0. */
struct shap_rule {
	double t[SHAP_POINTS], u[SHAP_POINTS]; /* u = 1 - t */
	double w[SHAP_POINTS];
	double off[SHAP_POINTS]; /* -1 / u: a feature's part where the row leaves its path */
};

struct shap {
	uint32_t n_features, n_groups, n_trees, n_used, n_splits;
	double expected[3];
	struct shap_tree *trees; /* those with splits */
	struct shap_split *splits;
	double *invs;
	uint32_t *used;          /* features; slots as in forest_fast_internal.h */
	struct shap_rule *rules; /* [SHAP_POINTS + 1], by number of points */
	/* Add one tree's parts: of one row to phi[used][SHAP_LANES], lane k % 4 holding point k; of
	 * SHAP_BLOCK rows to phi[used][SHAP_LANES][SHAP_BLOCK], from slots[slot][SHAP_BLOCK]. The
	 * lanes are summed in the end. The same bits with any instructions: nothing is fused and
	 * every order is fixed. tree_block may be NULL. */
	void (*tree)(
		const struct shap *s, const struct shap_tree *t, const float *slots, double *phi);
	void (*tree_block)(
		const struct shap *s, const struct shap_tree *t, const float *slots, double *phi);
};

void shap_tree_portable(
	const struct shap *s, const struct shap_tree *t, const float *slots, double *phi);
#if defined(__x86_64__)
void shap_tree_avx2(
	const struct shap *s, const struct shap_tree *t, const float *slots, double *phi);
void shap_tree_avx512(
	const struct shap *s, const struct shap_tree *t, const float *slots, double *phi);
#endif

#endif
