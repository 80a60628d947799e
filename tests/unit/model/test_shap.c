/* SPDX-License-Identifier: Apache-2.0 */
/* shap: against the definition of the Shapley value on small trees, and against libxgboost.
 * HEATSCORE_TEST_MODELS=1000 tries that many random models instead of 100. */
#include "unit.h"

#include <pthread.h>

#include "model/forest_internal.h"
#include "model/shap.h"
#include "model/shap_internal.h"
#include "model/xgb_models.h"

enum { FEATURES = 7, ROWS = 9 };

static unsigned model_count(void)
{
	const char *n = getenv("HEATSCORE_TEST_MODELS");

	return n != NULL && atoi(n) > 0 ? (unsigned)atoi(n) : 100;
}

static void shap_all(const struct shap *s, const float *x, size_t rows, size_t stride, double *out)
{
	double *scratch = malloc(shap_scratch(s) * sizeof(double));

	shap_rows(s, (struct shap_rows){ x, rows, stride }, scratch, out);
	free(scratch);
}

/* ---- the definition ---- */

/* Expected value of a tree when the features in ${known} are those of ${x}, others by covers. */
static double expected(const struct tree *t, uint32_t i, const float *x, unsigned known)
{
	uint32_t l = (uint32_t)t->left[i], r = (uint32_t)t->right[i];
	float v;

	if (t->left[i] < 0)
		return (double)t->value[i];
	if (known >> t->feature[i] & 1) {
		v = x[t->feature[i]];
		return expected(t, (isnan(v) ? t->default_left[i] != 0 : v < t->value[i]) ? l : r,
			x, known);
	}
	if (!(t->cover[i] > 0))
		return .5 * expected(t, l, x, known) + .5 * expected(t, r, x, known);
	return (double)t->cover[l] / (double)t->cover[i] * expected(t, l, x, known) +
	       (double)t->cover[r] / (double)t->cover[i] * expected(t, r, x, known);
}

static double factorial(unsigned n)
{
	return n < 2 ? 1 : n * factorial(n - 1);
}

static void by_definition(const struct forest *f, const float *x, double *phi)
{
	unsigned n = f->n_features;

	memset(phi, 0, (n + 1) * sizeof(double));
	phi[n] = (double)f->base[0];
	for (uint32_t k = 0; k < f->n_trees; k++) {
		phi[n] += expected(&f->trees[k], 0, x, 0);
		for (unsigned set = 0; set < 1u << n; set++) {
			unsigned size = (unsigned)__builtin_popcount(set);
			double with_none = expected(&f->trees[k], 0, x, set);

			for (unsigned j = 0; j < n; j++) {
				if (set >> j & 1)
					continue;
				phi[j] += factorial(size) * factorial(n - size - 1) / factorial(n) *
					  (expected(&f->trees[k], 0, x, set | 1u << j) - with_none);
			}
		}
	}
}

/* A random tree; features come again on a path when the tree is deeper than there are features. */
static void grow(struct rng *r, struct tree *t, uint32_t i, unsigned depth, float cover, int odd)
{
	float share = (float)rng_double(r);

	t->cover[i] = cover;
	t->left[i] = t->right[i] = -1;
	t->value[i] = (float)rng_normal(r);
	if (depth == 0 || rng_double(r) < .15)
		return;
	if (odd)
		share = rng_below(r, 3) == 0 ? (float)rng_below(r, 2) : share;
	t->feature[i] = (uint32_t)rng_below(r, FEATURES);
	t->value[i] = (float)rng_below(r, 5);
	t->default_left[i] = (uint8_t)rng_below(r, 2);
	t->left[i] = (int32_t)t->n++;
	t->right[i] = (int32_t)t->n++;
	grow(r, t, (uint32_t)t->left[i], depth - 1, cover * share, odd);
	grow(r, t, (uint32_t)t->right[i], depth - 1, cover * (1 - share), odd);
}

static struct forest *made(struct rng *r, uint32_t trees, unsigned depth_max, int odd)
{
	struct forest *f = forest_new(FEATURES, 1);
	struct tree big;

	assert_int_equal(tree_alloc(&big, 1u << 13), 0);
	f->base[0] = (float)rng_normal(r);
	for (uint32_t i = 0; i < trees; i++) {
		struct tree *t;

		big.n = 1;
		grow(r, &big, 0, (unsigned)rng_below(r, depth_max + 1), 100, odd);
		assert_int_equal(forest_grow(f), 0);
		t = &f->trees[f->n_trees];
		assert_int_equal(tree_alloc(t, big.n), 0);
		for (uint32_t k = 0; k < big.n; k++) {
			t->left[k] = big.left[k];
			t->right[k] = big.right[k];
			t->feature[k] = big.feature[k];
			t->value[k] = big.value[k];
			t->default_left[k] = big.default_left[k];
			t->cover[k] = big.cover[k];
		}
		f->group[f->n_trees++] = 0;
	}
	tree_clear(&big);
	return f;
}

static void fill_rows(struct rng *r, float *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		x[i] = rng_below(r, 7) == 0 ? NAN : (float)rng_below(r, 5);
}

static void test_small_trees_agree_with_the_definition(void **state)
{
	double want[FEATURES + 1], got[ROWS * (FEATURES + 1)], worst = 0;
	float x[ROWS * FEATURES];
	struct err e = { 0 };
	struct rng r;

	rng_seed(&r, 3);
	for (int m = 0; m < 60; m++) {
		struct forest *f = made(&r, 4, 1 + (unsigned)m % 9, m % 3 == 0);
		struct shap *s = shap_new(f, &e);

		assert_non_null(s);
		fill_rows(&r, x, ROWS * FEATURES);
		shap_all(s, x, ROWS, FEATURES, got);
		for (size_t i = 0; i < ROWS; i++) {
			double sum = 0;
			float margin;

			by_definition(f, x + i * FEATURES, want);
			for (size_t j = 0; j <= FEATURES; j++) {
				double gap = fabs(got[i * (FEATURES + 1) + j] - want[j]);

				worst = fmax(worst, isnan(gap) ? INFINITY : gap);
				sum += got[i * (FEATURES + 1) + j];
			}
			forest_margin(f, x + i * FEATURES, &margin);
			assert_float_equal(sum, margin, 1e-5);
		}
		assert_true(fabs(shap_expected(s, 0) - want[FEATURES]) < 1e-12);
		shap_free(s);
		forest_free(f);
	}
	printf("shap: largest difference from the definition %.3g\n", worst);
	assert_true(worst <= 1e-9);
}

/* ---- libxgboost ---- */

/* Largest |difference| / max(1, sum |contributions|) over rows and groups. */
static double contribs_gap(const double *ours, const float *theirs, size_t n, size_t width)
{
	double worst = 0;

	for (size_t i = 0; i < n; i++, ours += width, theirs += width) {
		double total = 0, gap = 0;

		for (size_t j = 0; j < width; j++) {
			double d = fabs(ours[j] - (double)theirs[j]);

			total += fabs((double)theirs[j]);
			gap = fmax(gap, isnan(d) ? INFINITY : d);
		}
		worst = fmax(worst, gap / fmax(1, total));
	}
	return worst;
}

static void test_random_models_agree_with_libxgboost(void **state)
{
	unsigned models = model_count();
	double worst = 0;
	struct rng r;

	rng_seed(&r, 40);
	for (unsigned m = 0; m < models; m++) {
		struct xgb_spec s = xgb_spec_random(&r);
		BoosterHandle b;
		struct forest *f;
		struct shap *sh;
		struct err e = { 0 };
		size_t rows = 20, width = s.features + 1;
		float *x = malloc(rows * s.features * 4);
		double *ours = malloc(rows * s.classes * width * 8);

		b = xgb_train(&s, &r);
		f = xgb_forest(b);
		xgb_fill(&r, x, rows, &s);
		assert_non_null(sh = shap_new(f, &e));
		shap_all(sh, x, rows, s.features, ours);
		worst = fmax(worst, contribs_gap(ours, xgb_contribs(b, x, rows, s.features),
					    rows * s.classes, width));
		shap_free(sh);
		forest_free(f);
		free(x);
		free(ours);
		XGB(XGBoosterFree(b));
	}
	printf("shap: %u random models, largest contribution difference from libxgboost %.3g (of "
	       "max(1, sum |contributions|))\n",
		models, worst);
	assert_true(worst <= 1e-5);
}

static void test_a_blend_keeps_the_contributions(void **state)
{
	static const uint32_t map[5] = { 6, 5, 2, 1, 0 };
	struct xgb_spec spec = { .objective = "binary:logistic",
		.classes = 1,
		.depth = 5,
		.rounds = 8,
		.rows = 300,
		.features = 5,
		.base_score = .2 };
	struct forest *all = forest_new(FEATURES, 1);
	double ours[ROWS * (FEATURES + 1)];
	float x[ROWS * FEATURES];
	struct buf json = { 0 };
	struct err e = { 0 };
	BoosterHandle b;
	struct shap *s;
	struct rng r;

	rng_seed(&r, 5);
	for (int i = 0; i < ROWS * FEATURES; i++)
		x[i] = (float)rng_normal(&r);
	for (int k = 0; k < 3; k++) {
		struct forest *f;

		b = xgb_train(&spec, &r);
		f = xgb_forest(b);
		assert_int_equal(forest_append(all, f, map, .3f, 0, &e), 0);
		assert_int_equal(forest_end_segment(all, &e), 0);
		forest_free(f);
		XGB(XGBoosterFree(b));
	}
	assert_int_equal(forest_json(all, &json, &e), 0);
	b = xgb_load(buf_view(&json));
	assert_non_null(s = shap_new(all, &e));
	shap_all(s, x, ROWS, FEATURES, ours);
	assert_true(
		contribs_gap(ours, xgb_contribs(b, x, ROWS, FEATURES), ROWS, FEATURES + 1) <= 1e-5);
	XGB(XGBoosterFree(b));
	shap_free(s);
	forest_free(all);
	buf_clear(&json);
}

/* ---- the rest ---- */

static void test_a_row_alone_and_any_instructions_give_the_same_bits(void **state)
{
	double all[ROWS * (FEATURES + 1)], one[FEATURES + 1], plain[ROWS * (FEATURES + 1)];
	float x[ROWS * FEATURES];
	struct err e = { 0 };
	struct shap *s;
	struct forest *f;
	struct rng r;

	rng_seed(&r, 6);
	for (int m = 0; m < 20; m++) {
		f = made(&r, 10, 12, 0);
		assert_non_null(s = shap_new(f, &e));
		fill_rows(&r, x, ROWS * FEATURES);
		shap_all(s, x, ROWS, FEATURES, all);
		for (size_t i = 0; i < ROWS; i++) {
			shap_all(s, x + i * FEATURES, 1, FEATURES, one);
			assert_memory_equal(one, all + i * (FEATURES + 1), sizeof(one));
		}
		s->tree = shap_tree_portable;
		shap_all(s, x, ROWS, FEATURES, plain);
		assert_memory_equal(plain, all, sizeof(all));
		shap_free(s);
		forest_free(f);
	}
}

/* A path of 40 different features, more than 64-bit factorials hold. */
static void test_a_long_path_adds_up(void **state)
{
	enum { DEEP = 40 };
	struct forest *f = forest_new(DEEP, 1);
	double got[DEEP + 1], sum = 0;
	struct err e = { 0 };
	float x[DEEP], margin;
	struct shap *s;
	struct tree *t;

	assert_int_equal(forest_grow(f), 0);
	t = &f->trees[0];
	assert_int_equal(tree_alloc(t, 2 * DEEP + 1), 0);
	for (uint32_t k = 0; k < DEEP; k++) {
		uint32_t i = k == 0 ? 0 : 2 * k; /* the last but one chain node's right child */

		t->feature[i] = k;
		t->value[i] = 0;
		t->left[i] = (int32_t)(2 * k + 1);
		t->right[i] = (int32_t)(2 * k + 2);
		t->left[2 * k + 1] = t->right[2 * k + 1] = -1;
		t->value[2 * k + 1] = (float)k / 10;
		t->cover[i] = ldexpf(1, -(int)k);
		t->cover[2 * k + 1] = t->cover[2 * k + 2] = t->cover[i] / 2;
		x[k] = 1;
	}
	t->left[2 * DEEP] = t->right[2 * DEEP] = -1;
	t->value[2 * DEEP] = 1000;
	f->group[0] = 0;
	f->n_trees = 1;
	assert_non_null(s = shap_new(f, &e));
	shap_all(s, x, 1, DEEP, got);
	for (int k = 0; k <= DEEP; k++)
		sum += got[k];
	forest_margin(f, x, &margin);
	assert_true(margin == 1000);
	assert_float_equal(sum, 1000, 1e-9);
	assert_true(got[0] > 24 && got[0] < 26);
	shap_free(s);
	forest_free(f);
}

static void test_too_deep_a_tree_is_refused(void **state)
{
	enum { DEEP = 70 };
	struct forest *f = forest_new(1, 1);
	struct err e = { 0 };
	struct tree *t;

	assert_int_equal(forest_grow(f), 0);
	t = &f->trees[0];
	assert_int_equal(tree_alloc(t, 2 * DEEP + 1), 0);
	for (int32_t i = 0; i < 2 * DEEP + 1; i++)
		t->left[i] = t->right[i] = -1;
	for (int32_t k = 0; k < DEEP; k++) {
		t->left[2 * k] = 2 * k + 1;
		t->right[2 * k] = 2 * k + 2;
	}
	f->n_trees = 1;
	assert_null(shap_new(f, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	forest_free(f);
}

static void test_a_forest_without_splits_has_only_its_base(void **state)
{
	struct forest *f = forest_new(2, 1);
	float x[2] = { 1, 2 };
	struct err e = { 0 };
	double got[3];
	struct shap *s;

	f->base[0] = .5f;
	assert_non_null(s = shap_new(f, &e));
	shap_all(s, x, 1, 2, got);
	assert_true(got[0] == 0 && got[1] == 0 && got[2] == .5);
	shap_free(s);
	forest_free(f);
}

struct work {
	const struct shap *s;
	const float *x;
	const double *want;
	int differs;
};

static void *explain(void *arg)
{
	double got[ROWS * (FEATURES + 1)];
	struct work *w = arg;

	for (int i = 0; i < 20; i++) {
		shap_all(w->s, w->x, ROWS, FEATURES, got);
		w->differs |= memcmp(got, w->want, sizeof(got)) != 0;
	}
	return NULL;
}

static void test_threads_share_one(void **state)
{
	double want[ROWS * (FEATURES + 1)];
	float x[ROWS * FEATURES];
	struct err e = { 0 };
	struct work w[4];
	pthread_t id[4];
	struct forest *f;
	struct shap *s;
	struct rng r;

	rng_seed(&r, 8);
	f = made(&r, 20, 6, 0);
	assert_non_null(s = shap_new(f, &e));
	fill_rows(&r, x, ROWS * FEATURES);
	shap_all(s, x, ROWS, FEATURES, want);
	for (int i = 0; i < 4; i++) {
		w[i] = (struct work){ s, x, want, 0 };
		assert_int_equal(pthread_create(&id[i], NULL, explain, &w[i]), 0);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(id[i], NULL);
		assert_int_equal(w[i].differs, 0);
	}
	shap_free(s);
	forest_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small_trees_agree_with_the_definition),
		cmocka_unit_test(test_random_models_agree_with_libxgboost),
		cmocka_unit_test(test_a_blend_keeps_the_contributions),
		cmocka_unit_test(test_a_row_alone_and_any_instructions_give_the_same_bits),
		cmocka_unit_test(test_a_long_path_adds_up),
		cmocka_unit_test(test_too_deep_a_tree_is_refused),
		cmocka_unit_test(test_a_forest_without_splits_has_only_its_base),
		cmocka_unit_test(test_threads_share_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
