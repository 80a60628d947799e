/* SPDX-License-Identifier: Apache-2.0 */
/* struct forest to XGBoost JSON, keys in the order libxgboost writes them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/forest.h"
#include "model/forest_internal.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"

/* The decimal digits of x > 0, as few as read back the same: x = w * 10^*exp10. */
static uint64_t digits_of(float x, int *exp10)
{
	static const long double p10[] = { 1e0L, 1e1L, 1e2L, 1e3L, 1e4L, 1e5L, 1e6L, 1e7L, 1e8L,
		1e9L, 1e10L, 1e11L, 1e12L, 1e13L, 1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L, 1e20L,
		1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L };
	int top = (int)floor(log10((double)x));
	char text[32], *exponent;
	float back;

	for (int n = 6; n <= 9; n++) {
		int up = n - 1 - top;
		uint64_t w;

		if (up > 27 || up < -27)
			break;
		w = (uint64_t)((up >= 0 ? (long double)x * p10[up] : (long double)x / p10[-up]) +
			       0.5L);
		if (dec_float(w, -up, &back) && back == x) {
			*exp10 = -up;
			return w;
		}
	}
	for (int n = 5; n <= 8; n++) {
		snprintf(text, sizeof(text), "%.*e", n, (double)x);
		if (strtof(text, NULL) != x && n < 8)
			continue;
		exponent = strchr(text, 'e');
		*exp10 = atoi(exponent + 1) - n;
		*exponent = '\0';
		text[1] = text[0]; /* over the point */
		return strtoull(text + 1, NULL, 10);
	}
	return 0;
}

/* A float as libxgboost writes it: 1.5E-1, 0E0. */
static void put_float(struct buf *b, float x)
{
	char text[40], *p = text, digits[24];
	int exp10 = 0, n;
	uint64_t w;

	if (x == 0) {
		buf_str(b, S("0E0"));
		return;
	}
	if (x < 0)
		*p++ = '-';
	w = digits_of(fabsf(x), &exp10);
	for (; w % 10 == 0 && w != 0; exp10++)
		w /= 10;
	n = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)w);
	*p++ = digits[0];
	if (n > 1) {
		*p++ = '.';
		memcpy(p, digits + 1, (size_t)n - 1);
		p += n - 1;
	}
	p += snprintf(p, 8, "E%d", exp10 + n - 1);
	buf_bytes(b, text, (size_t)(p - text));
}

static void put_int(struct buf *b, int64_t v)
{
	char text[24], *p = text + sizeof(text);
	uint64_t u = v < 0 ? (uint64_t)-v : (uint64_t)v;

	do {
		*--p = (char)('0' + u % 10);
	} while ((u /= 10) != 0);
	if (v < 0)
		*--p = '-';
	buf_bytes(b, p, (size_t)(text + sizeof(text) - p));
}

static void put_list(struct buf *b, const char *key, const struct tree *t,
	int64_t (*of)(const struct tree *, uint32_t))
{
	buf_z(b, key);
	for (uint32_t i = 0; i < t->n; i++) {
		if (i != 0)
			buf_c(b, ',');
		put_int(b, of(t, i));
	}
}

static int64_t left_of(const struct tree *t, uint32_t i)
{
	return t->left[i];
}

static int64_t right_of(const struct tree *t, uint32_t i)
{
	return t->right[i];
}

static int64_t default_of(const struct tree *t, uint32_t i)
{
	return t->left[i] >= 0 && t->default_left[i] != 0;
}

static int64_t feature_of(const struct tree *t, uint32_t i)
{
	return t->left[i] >= 0 ? (int64_t)t->feature[i] : 0;
}

static void put_floats(struct buf *b, const char *key, const float *v, uint32_t n)
{
	buf_z(b, key);
	for (uint32_t i = 0; i < n; i++) {
		if (i != 0)
			buf_c(b, ',');
		put_float(b, v[i]);
	}
}

/* ${n} times the same. */
static void put_same(struct buf *b, const char *key, struct str what, uint32_t n)
{
	buf_z(b, key);
	for (uint32_t i = 0; i < n; i++) {
		if (i != 0)
			buf_c(b, ',');
		buf_str(b, what);
	}
}

static int put_parents(struct buf *b, const struct tree *t)
{
	int32_t *parent = malloc(t->n * sizeof(*parent));

	if (parent == NULL)
		return -1;
	parent[0] = INT32_MAX; /* as libxgboost marks the root */
	for (uint32_t i = 0; i < t->n; i++) {
		if (t->left[i] >= 0)
			parent[t->left[i]] = parent[t->right[i]] = (int32_t)i;
	}
	buf_z(b, "],\"parents\":[");
	for (uint32_t i = 0; i < t->n; i++) {
		if (i != 0)
			buf_c(b, ',');
		put_int(b, parent[i]);
	}
	free(parent);
	return 0;
}

/* base_weights only matter when training goes on by "refresh", so they are not kept. */
static int put_tree(struct buf *b, const struct tree *t, uint32_t id, uint32_t n_features)
{
	put_same(b, "{\"base_weights\":[", S("0E0"), t->n);
	buf_z(b, "],\"categories\":[],\"categories_nodes\":[],\"categories_segments\":[],"
		 "\"categories_sizes\":[");
	put_list(b, "],\"default_left\":[", t, default_of);
	buf_fmt(b, "],\"id\":%u", id);
	put_list(b, ",\"left_children\":[", t, left_of);
	put_floats(b, "],\"loss_changes\":[", t->gain, t->n);
	if (put_parents(b, t) != 0)
		return -1;
	put_list(b, "],\"right_children\":[", t, right_of);
	put_floats(b, "],\"split_conditions\":[", t->value, t->n);
	put_list(b, "],\"split_indices\":[", t, feature_of);
	put_same(b, "],\"split_type\":[", S("0"), t->n);
	put_floats(b, "],\"sum_hessian\":[", t->cover, t->n);
	buf_fmt(b,
		"],\"tree_param\":{\"num_deleted\":\"0\",\"num_feature\":\"%u\",\"num_nodes\":\"%"
		"u\","
		"\"size_leaf_vector\":\"0\"}}",
		n_features, t->n);
	return 0;
}

/* The base_score that gives exactly our bases, or false when there is none: 1.7 knows a single one,
 * and a probability near 1 is too coarse. The bases are then trees of one leaf that come first, so
 * that the order of addition, and with it every margin, stays the same to the last bit. */
static bool base_fits(const struct forest *f, float *score)
{
	float p;

	for (uint32_t g = 1; g < f->n_groups; g++) {
		if (f->base[g] != f->base[0])
			return false;
	}
	*score = f->base[0];
	if (forest_base_kind(f->objective) != BASE_LOGIT)
		return true;
	p = (float)(1.0 / (1.0 + exp(-(double)f->base[0])));
	for (int i = 0; i < 4; i++)
		p = nextafterf(p, 0.0f);
	for (int i = 0; i < 9; i++, p = nextafterf(p, 1.0f)) {
		if (p > 0 && p < 1 && forest_logit(p) == f->base[0]) {
			*score = p;
			return true;
		}
	}
	return false;
}

static void put_attributes(struct buf *b, const struct forest *f, bool base_trees)
{
	uint32_t done = f->n_segments == 0 ? 0 : f->segment_end[f->n_segments - 1];

	buf_z(b, "{\"learner\":{\"attributes\":{");
	if (base_trees)
		buf_z(b, "\"heatscore_base\":\"trees\"");
	if (f->n_segments > 1 || (f->n_segments == 1 && done != f->n_trees)) {
		buf_z(b, base_trees ? ",\"heatscore_segments\":\"" : "\"heatscore_segments\":\"");
		for (uint32_t i = 0; i < f->n_segments; i++)
			buf_fmt(b, i == 0 ? "%u" : ",%u", f->segment_end[i]);
		if (done != f->n_trees)
			buf_fmt(b, ",%u", f->n_trees);
		buf_c(b, '"');
	}
	buf_z(b, "},\"feature_names\":[");
	for (uint32_t i = 0; f->feature_names != NULL && i < f->n_features; i++) {
		struct jw w = { .b = b };

		if (i != 0)
			buf_c(b, ',');
		jw_z(&w, f->feature_names[i]);
	}
	buf_z(b, "],\"feature_types\":[],");
}

static int put_trees(struct buf *b, const struct forest *f, bool base_trees)
{
	uint32_t lead = base_trees ? f->n_groups : 0;

	buf_fmt(b,
		"\"gradient_booster\":{\"model\":{\"gbtree_model_param\":{\"num_parallel_tree\":"
		"\"1\","
		"\"num_trees\":\"%u\",\"size_leaf_vector\":\"0\"},\"tree_info\":[",
		f->n_trees + lead);
	for (uint32_t i = 0; i < f->n_trees + lead; i++)
		buf_fmt(b, i == 0 ? "%u" : ",%u", i < lead ? i : f->group[i - lead]);
	buf_z(b, "],\"trees\":[");
	for (uint32_t i = 0; i < f->n_trees + lead; i++) {
		struct tree leaf, *t = i < lead ? &leaf : &f->trees[i - lead];
		int rc;

		if (i < lead) {
			if (tree_alloc(&leaf, 1) != 0)
				return -1;
			leaf.left[0] = leaf.right[0] = -1;
			leaf.value[0] = f->base[i];
			leaf.cover[0] = 1;
		}
		if (i != 0)
			buf_c(b, ',');
		rc = put_tree(b, t, i, f->n_features);
		if (i < lead)
			tree_clear(&leaf);
		if (rc != 0)
			return -1;
	}
	buf_z(b, "]},\"name\":\"gbtree\"},");
	return 0;
}

int forest_json(const struct forest *f, struct buf *out, struct err *e)
{
	bool multi = forest_objective_multi(f->objective);
	float score = 0;
	bool base_trees = !base_fits(f, &score);

	ASSERT(forest_base_kind(f->objective) != BASE_UNKNOWN);
	if (base_trees)
		score = forest_base_kind(f->objective) == BASE_LOGIT ? 0.5f : 0.0f;
	put_attributes(out, f, base_trees);
	if (put_trees(out, f, base_trees) != 0)
		return err_nomem(e);
	buf_z(out, "\"learner_model_param\":{\"base_score\":\"");
	put_float(out, score);
	buf_fmt(out,
		"\",\"boost_from_average\":\"0\",\"num_class\":\"%u\",\"num_feature\":\"%u\","
		"\"num_target\":\"1\"},\"objective\":{\"name\":\"%s\",",
		multi ? f->n_groups : 0, f->n_features, f->objective);
	if (multi)
		buf_fmt(out, "\"softmax_multiclass_param\":{\"num_class\":\"%u\"}", f->n_groups);
	else
		buf_z(out, "\"reg_loss_param\":{\"scale_pos_weight\":\"1\"}");
	buf_z(out, "}},\"version\":[1,7,4]}");
	return buf_done(out, e);
}
