/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/forest.h"
#include "model/forest_internal.h"
#include "util/err.h"

/* Bytes of a node over all arrays: six of four bytes and one of one. */
#define NODE_BYTES 25u

int tree_alloc(struct tree *t, uint32_t n)
{
	char *p;

	*t = (struct tree){ 0 };
	if (n == 0 || n > UINT32_MAX / NODE_BYTES || (p = calloc(n, NODE_BYTES)) == NULL)
		return -1;
	t->n = n;
	t->left = (int32_t *)(void *)p;
	t->right = (int32_t *)(void *)(p + 4 * (size_t)n);
	t->feature = (uint32_t *)(void *)(p + 8 * (size_t)n);
	t->value = (float *)(void *)(p + 12 * (size_t)n);
	t->cover = (float *)(void *)(p + 16 * (size_t)n);
	t->gain = (float *)(void *)(p + 20 * (size_t)n);
	t->default_left = (uint8_t *)(p + 24 * (size_t)n);
	return 0;
}

void tree_clear(struct tree *t)
{
	free(t->left);
	*t = (struct tree){ 0 };
}

/* Room is 16 trees, then doubles: full exactly at 0, 16, 32, 64, ... trees. */
int forest_grow(struct forest *f)
{
	uint32_t n = f->n_trees;
	uint32_t *group;
	struct tree *trees;
	size_t cap;

	if (n != 0 && (n < 16 || (n & (n - 1)) != 0))
		return 0;
	if (n > UINT32_MAX / 4)
		return -1;
	cap = n == 0 ? 16 : 2 * (size_t)n;
	if ((trees = realloc(f->trees, cap * sizeof(*trees))) == NULL)
		return -1;
	f->trees = trees;
	if ((group = realloc(f->group, cap * sizeof(*group))) == NULL)
		return -1;
	f->group = group;
	return 0;
}

enum base_kind forest_base_kind(const char *objective)
{
	static const char *const logit[] = { "binary:logistic", "binary:logitraw", "reg:logistic" };
	static const char *const plain[] = { "reg:squarederror", "multi:softprob",
		"multi:softmax" };

	for (size_t i = 0; i < sizeof(logit) / sizeof(logit[0]); i++) {
		if (strcmp(objective, logit[i]) == 0)
			return BASE_LOGIT;
	}
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		if (strcmp(objective, plain[i]) == 0)
			return BASE_PLAIN;
	}
	return BASE_UNKNOWN;
}

bool forest_objective_multi(const char *objective)
{
	return strncmp(objective, "multi:", 6) == 0;
}

float forest_logit(float p)
{
	return -logf(1.0f / p - 1.0f);
}

struct forest *forest_new(uint32_t n_features, uint32_t n_groups)
{
	struct forest *f;

	ASSERT(n_groups >= 1 && n_groups <= 3);
	if ((f = calloc(1, sizeof(*f))) == NULL)
		return NULL;
	f->n_features = n_features;
	f->n_groups = n_groups;
	strcpy(f->objective, n_groups == 1 ? "binary:logistic" : "multi:softprob");
	return f;
}

void forest_free(struct forest *f)
{
	if (f == NULL)
		return;
	for (uint32_t i = 0; i < f->n_trees; i++)
		tree_clear(&f->trees[i]);
	if (f->feature_names != NULL) {
		for (uint32_t i = 0; i < f->n_features; i++)
			free(f->feature_names[i]);
		free(f->feature_names);
	}
	free(f->trees);
	free(f->group);
	free(f->segment_end);
	free(f);
}

static int copy_tree(
	struct tree *to, const struct tree *from, const uint32_t *feature_map, float scale)
{
	if (tree_alloc(to, from->n) != 0)
		return -1;
	memcpy(to->left, from->left, NODE_BYTES * (size_t)from->n);
	for (uint32_t i = 0; i < to->n; i++) {
		if (to->left[i] < 0)
			to->value[i] *= scale;
		else if (feature_map != NULL)
			to->feature[i] = feature_map[to->feature[i]];
	}
	return 0;
}

int forest_append(struct forest *f, const struct forest *from, const uint32_t *feature_map,
	float scale, uint32_t group, struct err *e)
{
	ASSERT(from->n_groups == 1 && group < f->n_groups && isfinite(scale));
	for (uint32_t i = 0; i < from->n_features; i++)
		ASSERT((feature_map != NULL ? feature_map[i] : i) < f->n_features);
	for (uint32_t i = 0; i < from->n_trees; i++) {
		if (forest_grow(f) != 0 ||
			copy_tree(&f->trees[f->n_trees], &from->trees[i], feature_map, scale) != 0)
			return err_nomem(e);
		f->group[f->n_trees++] = group;
	}
	f->base[group] += scale * from->base[0];
	return 0;
}

int forest_end_segment(struct forest *f, struct err *e)
{
	uint32_t *end = realloc(f->segment_end, ((size_t)f->n_segments + 1) * sizeof(*end));

	if (end == NULL)
		return err_nomem(e);
	f->segment_end = end;
	end[f->n_segments++] = f->n_trees;
	return 0;
}

/* tree_leaf(t, x): the leaf that the row ${x} falls in. */
static inline uint32_t tree_leaf(const struct tree *t, const float *x)
{
	uint32_t i = 0;

	while (t->left[i] >= 0) {
		float v = x[t->feature[i]];
		bool left = isnan(v) ? t->default_left[i] != 0 : v < t->value[i];

		i = (uint32_t)(left ? t->left[i] : t->right[i]);
	}
	return i;
}

void forest_margin(const struct forest *f, const float *x, float *out)
{
	for (uint32_t g = 0; g < f->n_groups; g++)
		out[g] = f->base[g];
	for (uint32_t i = 0; i < f->n_trees; i++)
		out[f->group[i]] += f->trees[i].value[tree_leaf(&f->trees[i], x)];
}

void forest_margins(const struct forest *f, const float *x, size_t rows, size_t stride, float *out)
{
	for (size_t r = 0; r < rows; r++)
		forest_margin(f, x + r * stride, out + r * f->n_groups);
}
