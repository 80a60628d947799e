/* SPDX-License-Identifier: Apache-2.0 */
/* forest_fast: equal to forest.h to the last bit, for every set of instructions this machine has.
 * HEATSCORE_TEST_MODELS=1000 tries that many random models instead of 200. */
#include "unit.h"

#include <pthread.h>

#include "model/forest_fast.h"
#include "model/forest_internal.h"
#include "model/xgb_models.h"

static const enum forest_isa isas[] = { FOREST_PORTABLE, FOREST_AVX2, FOREST_AVX512 };
enum { N_ISAS = 3 };

static unsigned model_count(void)
{
	const char *n = getenv("HEATSCORE_TEST_MODELS");

	return n != NULL && atoi(n) > 0 ? (unsigned)atoi(n) : 200;
}

/* NULL when the machine lacks the instructions. */
static struct forest_fast *fast(const struct forest *f, enum forest_isa isa)
{
	struct err e = { 0 };
	struct forest_fast *ff = forest_fast_new_isa(f, isa, &e);

	if (ff == NULL && e.code != ERR_UNAVAILABLE)
		fail_msg("%s", e.msg);
	return ff;
}

/* Margins bit by bit; segments add up to them. */
static void check(const struct forest *f, const float *x, size_t rows, size_t stride)
{
	size_t g = f->n_groups, per = f->n_segments * g;
	float *want = malloc(rows * g * 4), *got = malloc(rows * g * 4), *one = malloc(g * 4);
	float *seg = malloc(rows * per * 4), *seg1 = malloc(per * 4);

	forest_margins(f, x, rows, stride, want);
	for (int k = 0; k < N_ISAS; k++) {
		struct forest_fast *ff = fast(f, isas[k]);

		if (ff == NULL)
			continue;
		forest_fast_rows(ff, x, rows, stride, (struct forest_out){ got, NULL });
		assert_memory_equal(got, want, rows * g * 4);
		memset(got, 0xff, rows * g * 4);
		forest_fast_rows(ff, x, rows, stride, (struct forest_out){ got, seg });
		assert_memory_equal(got, want, rows * g * 4);
		for (size_t r = 0; r < rows; r++) {
			forest_fast_row(ff, x + r * stride, (struct forest_out){ one, seg1 });
			assert_memory_equal(one, want + r * g, g * 4);
			assert_memory_equal(seg1, seg + r * per, per * 4);
			for (size_t i = 0; i < g; i++) {
				double sum = f->base[i];

				for (uint32_t s = 0; s < f->n_segments; s++)
					sum += (double)seg1[s * g + i];
				assert_true(fabs(sum - (double)one[i]) <=
					    1e-5 * fmax(1, fabs((double)one[i])));
			}
		}
		forest_fast_free(ff);
	}
	free(want);
	free(got);
	free(one);
	free(seg);
	free(seg1);
}

static void test_random_models_give_the_same_bits(void **state)
{
	static const size_t counts[] = { 1, 2, 15, 16, 17, 127, 128, 129, 300 };
	unsigned models = model_count();
	struct rng r;

	rng_seed(&r, 31);
	for (unsigned m = 0; m < models; m++) {
		struct xgb_spec s = xgb_spec_random(&r);
		BoosterHandle b = xgb_train(&s, &r);
		struct forest *f = xgb_forest(b);
		size_t rows = counts[m % (sizeof(counts) / sizeof(counts[0]))];
		size_t stride = s.features + m % 3;
		float *x = calloc(rows * stride, 4), *packed = malloc(rows * s.features * 4);

		xgb_fill_odd(&r, packed, rows, &s);
		for (size_t i = 0; i < rows; i++)
			memcpy(x + i * stride, packed + i * s.features, s.features * 4);
		check(f, x, rows, stride);
		free(x);
		free(packed);
		forest_free(f);
		XGB(XGBoosterFree(b));
	}
}

/* A random tree made by hand: shapes and thresholds no booster gives. */
static void grow(
	struct rng *r, struct tree *t, uint32_t i, unsigned depth, double stop, uint32_t features)
{
	static const float odd[] = { 0.0f, -0.0f, FLT_MIN, 1e-45f, -1e-45f, FLT_MAX, -FLT_MAX, 1,
		-1 };

	t->cover[i] = 1;
	t->left[i] = t->right[i] = -1;
	t->value[i] = (float)rng_normal(r);
	if (depth == 0 || rng_double(r) < stop)
		return;
	t->feature[i] = (uint32_t)rng_below(r, features);
	if (features > 40) /* some get most of the thresholds */
		t->feature[i] = (uint32_t)rng_below(r, t->feature[i] + 1);
	t->value[i] = rng_below(r, 10) == 0 ? odd[rng_below(r, 9)] : (float)rng_normal(r);
	t->default_left[i] = (uint8_t)rng_below(r, 2);
	t->left[i] = (int32_t)t->n++;
	t->right[i] = (int32_t)t->n++;
	grow(r, t, (uint32_t)t->left[i], depth - 1, stop, features);
	grow(r, t, (uint32_t)t->right[i], depth - 1, stop, features);
}

/* ${trees} trees, in three segments. */
static struct forest *made_of(
	struct rng *r, uint32_t features, uint32_t groups, uint32_t trees, unsigned depth_max)
{
	struct forest *all = forest_new(features, groups);
	struct err e = { 0 };
	struct tree big;

	assert_int_equal(tree_alloc(&big, 1u << 15), 0);
	for (uint32_t i = 0; i < trees; i++) {
		unsigned depth = (unsigned)rng_below(r, depth_max + 1);
		struct tree *t;

		big.n = 1;
		grow(r, &big, 0, depth, depth > 9 ? .35 : .15 * rng_double(r), features);
		assert_int_equal(forest_grow(all), 0);
		t = &all->trees[all->n_trees];
		assert_int_equal(tree_alloc(t, big.n), 0);
		for (uint32_t k = 0; k < big.n; k++) {
			t->left[k] = big.left[k];
			t->right[k] = big.right[k];
			t->feature[k] = big.feature[k];
			t->value[k] = big.value[k];
			t->default_left[k] = big.default_left[k];
			t->cover[k] = big.cover[k];
		}
		all->group[all->n_trees++] = i % groups;
		if (i == trees / 3 || i == trees / 2)
			assert_int_equal(forest_end_segment(all, &e), 0);
	}
	assert_int_equal(forest_end_segment(all, &e), 0);
	for (uint32_t g = 0; g < groups; g++)
		all->base[g] = (float)rng_normal(r);
	tree_clear(&big);
	return all;
}

static struct forest *made(struct rng *r, uint32_t groups, uint32_t trees, unsigned depth_max)
{
	return made_of(r, 40, groups, trees, depth_max);
}

static void test_every_depth_and_shape_gives_the_same_bits(void **state)
{
	static const unsigned depths[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12 };
	float *x = malloc(200 * 40 * 4);
	struct rng r;

	rng_seed(&r, 77);
	for (size_t i = 0; i < 200 * 40; i++) {
		static const float odd[] = { INFINITY, -INFINITY, 0.0f, -0.0f, 1e-45f, FLT_MAX };

		x[i] = (float)rng_normal(&r);
		if (rng_below(&r, 8) == 0)
			x[i] = NAN;
		else if (rng_below(&r, 8) == 0)
			x[i] = odd[rng_below(&r, 6)];
	}
	for (size_t d = 0; d < sizeof(depths) / sizeof(depths[0]); d++) {
		for (uint32_t groups = 1; groups <= 3; groups += 2) {
			struct forest *f = made(&r, groups, 60, depths[d]);

			/* Values that are thresholds themselves, too. */
			for (uint32_t k = 0; k < f->n_trees; k++) {
				const struct tree *t = &f->trees[k];

				if (t->left[0] >= 0)
					x[rng_below(&r, 200) * 40 + t->feature[0]] = t->value[0];
			}
			check(f, x, 200, 40);
			forest_free(f);
		}
	}
	free(x);
}

static void test_thousands_of_thresholds_take_several_planes(void **state)
{
	struct forest *f;
	float *x = malloc(200 * 40 * 4);
	struct rng r;

	rng_seed(&r, 78);
	f = made(&r, 1, 700, 7); /* about 45,000 splits over 40 features */
	for (size_t i = 0; i < 200 * 40; i++)
		x[i] = rng_below(&r, 8) == 0 ? NAN : (float)rng_normal(&r);
	check(f, x, 200, 40);
	forest_free(f);
	free(x);
}

/* From one byte a feature, all in one group, to more than can be named. */
static void test_many_features_of_few_thresholds_and_some_of_many(void **state)
{
	static const uint32_t features[] = { 41, 60, 90, 127, 128, 129, 200, 260, 400, 560, 900 };
	struct rng r;

	rng_seed(&r, 80);
	for (size_t k = 0; k < sizeof(features) / sizeof(features[0]); k++) {
		size_t n = features[k];
		float *x = malloc(50 * n * 4);
		struct forest *f = made_of(&r, features[k], 1, 150, 6);

		for (size_t i = 0; i < 50 * n; i++)
			x[i] = rng_below(&r, 6) == 0 ? NAN : (float)rng_normal(&r);
		for (size_t i = 0; i < n; i++)
			x[i] = INFINITY;
		check(f, x, 50, n);
		forest_free(f);
		free(x);
	}
}

static bool has_vbmi(void)
{
#if defined(__x86_64__)
	return __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("bmi2");
#else
	return false;
#endif
}

static float odd_value(struct rng *r)
{
	switch (rng_below(r, 10)) {
	case 0:
		return NAN;
	case 1:
		return rng_below(r, 2) == 0 ? INFINITY : -INFINITY;
	default:
		return (float)rng_normal(r);
	}
}

/* Rows of some runs, a tenth of them missing, some of them thresholds; the rest of ${x} is any. */
static void check_runs(struct rng *r, const struct forest *f, uint32_t first, uint32_t n_runs)
{
	enum { ROWS = 30, EACH = 13 };
	struct forest_run runs[8];
	float values[8][ROWS * EACH], *x = malloc(f->n_features * 4), got[3], want[3];
	float seg[3 * 8], seg1[3 * 8];
	size_t g = f->n_groups;
	struct err e = { 0 };

	for (uint32_t i = 0; i < n_runs; i++) {
		runs[i] = (struct forest_run){ first + i * (EACH + 1), EACH, ROWS, values[i] };
		for (uint32_t k = 0; k < ROWS * EACH; k++) {
			const struct tree *t = &f->trees[rng_below(r, f->n_trees)];

			values[i][k] = odd_value(r);
			if (t->left[0] >= 0 && t->feature[0] == runs[i].first + k % EACH)
				values[i][k] = t->value[0];
		}
	}
	for (int k = 0; k < N_ISAS; k++) {
		struct forest_fast *ff = fast(f, isas[k]);

		if (ff == NULL)
			continue;
		assert_int_equal(forest_fast_runs(ff, runs, n_runs, &e), 0);
		if (f->n_features <= 90 && isas[k] == FOREST_AVX512 && has_vbmi())
			assert_true(forest_fast_has_runs(ff));
		for (int round = 0; round < 60 && forest_fast_has_runs(ff); round++) {
			uint32_t row[8];

			for (uint32_t i = 0; i < f->n_features; i++)
				x[i] = rng_below(r, 6) == 0 ? NAN : (float)rng_normal(r);
			for (uint32_t i = 0; i < n_runs; i++)
				row[i] = (uint32_t)rng_below(r, ROWS);
			forest_fast_row_runs(ff, x, row, (struct forest_out){ got, seg });
			for (uint32_t i = 0; i < n_runs; i++)
				memcpy(x + runs[i].first, values[i] + row[i] * EACH, EACH * 4);
			forest_margins(f, x, 1, f->n_features, want);
			assert_memory_equal(got, want, g * 4);
			forest_fast_row(ff, x, (struct forest_out){ got, seg1 });
			assert_memory_equal(got, want, g * 4);
			assert_memory_equal(seg, seg1, f->n_segments * g * 4);
		}
		forest_fast_free(ff);
	}
	free(x);
}

static void test_rows_of_runs_give_the_same_bits(void **state)
{
	static const uint32_t features[] = { 60, 90, 130, 200, 240, 400 };
	struct rng r;

	rng_seed(&r, 82);
	for (size_t k = 0; k < sizeof(features) / sizeof(features[0]); k++) {
		for (uint32_t n = 0; n <= 8 && 14 * n + 5 <= features[k]; n += n < 2 ? 1 : 3) {
			for (uint32_t groups = 1; groups <= 3; groups += 2) {
				struct forest *f = made_of(&r, features[k], groups, 150, 6);

				check_runs(&r, f, (uint32_t)rng_below(&r, features[k] - 14 * n), n);
				forest_free(f);
			}
		}
	}
}

static void test_runs_of_too_many_rows_are_left_alone(void **state)
{
	float *values = calloc(1 << 20, 4);
	struct forest_run run = { 3, 2, 1 << 19, values };
	struct err e = { 0 };
	struct rng r;
	struct forest *f;
	struct forest_fast *ff;

	rng_seed(&r, 83);
	f = made(&r, 1, 20, 4);
	assert_non_null(ff = forest_fast_new(f, &e));
	assert_int_equal(forest_fast_runs(ff, &run, 1, &e), 0);
	assert_false(forest_fast_has_runs(ff));
	forest_fast_free(ff);
	forest_free(f);
	free(values);
}

static void test_a_segment_without_trees_adds_nothing(void **state)
{
	struct forest *f;
	float *x = malloc(20 * 40 * 4);
	struct err e = { 0 };
	struct rng r;

	rng_seed(&r, 81);
	f = made(&r, 1, 30, 5);
	assert_int_equal(forest_end_segment(f, &e), 0);
	for (size_t i = 0; i < 20 * 40; i++)
		x[i] = (float)rng_normal(&r);
	check(f, x, 20, 40);
	forest_free(f);
	free(x);
}

static void test_no_trees_and_no_rows_are_fine(void **state)
{
	struct forest *f = forest_new(0, 1);
	float x[1] = { 0 }, got[200];
	struct err e = { 0 };
	struct forest_fast *ff = forest_fast_new(f, &e);

	assert_non_null(ff);
	f->base[0] = 3;
	forest_fast_free(ff);
	ff = forest_fast_new(f, &e);
	forest_fast_rows(ff, x, 200, 0, (struct forest_out){ got, NULL });
	assert_true(got[0] == 3 && got[199] == 3);
	forest_fast_rows(ff, x, 0, 0, (struct forest_out){ NULL, NULL });
	forest_fast_free(ff);
	forest_free(f);
}

struct work {
	const struct forest_fast *ff;
	const float *x, *want;
	int differs;
};

static void *evaluate(void *arg)
{
	struct work *w = arg;
	float got[200];

	for (int i = 0; i < 20; i++) {
		forest_fast_rows(w->ff, w->x, 200, 40, (struct forest_out){ got, NULL });
		w->differs |= memcmp(got, w->want, sizeof(got)) != 0;
		for (size_t r = 0; r < 200; r++)
			forest_fast_row(w->ff, w->x + r * 40, (struct forest_out){ got + r, NULL });
		w->differs |= memcmp(got, w->want, sizeof(got)) != 0;
	}
	return NULL;
}

static void test_threads_share_one_forest(void **state)
{
	float x[200 * 40], want[200];
	struct forest_fast *ff;
	struct work w[4];
	pthread_t id[4];
	struct forest *f;
	struct err e = { 0 };
	struct rng r;

	rng_seed(&r, 79);
	f = made(&r, 1, 30, 9);
	for (size_t i = 0; i < 200 * 40; i++)
		x[i] = rng_below(&r, 8) == 0 ? NAN : (float)rng_normal(&r);
	forest_margins(f, x, 200, 40, want);
	assert_non_null(ff = forest_fast_new(f, &e));
	for (int i = 0; i < 4; i++) {
		w[i] = (struct work){ ff, x, want, 0 };
		assert_int_equal(pthread_create(&id[i], NULL, evaluate, &w[i]), 0);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(id[i], NULL);
		assert_int_equal(w[i].differs, 0);
	}
	forest_fast_free(ff);
	forest_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_trees_and_no_rows_are_fine),
		cmocka_unit_test(test_every_depth_and_shape_gives_the_same_bits),
		cmocka_unit_test(test_thousands_of_thresholds_take_several_planes),
		cmocka_unit_test(test_many_features_of_few_thresholds_and_some_of_many),
		cmocka_unit_test(test_rows_of_runs_give_the_same_bits),
		cmocka_unit_test(test_runs_of_too_many_rows_are_left_alone),
		cmocka_unit_test(test_a_segment_without_trees_adds_nothing),
		cmocka_unit_test(test_random_models_give_the_same_bits),
		cmocka_unit_test(test_threads_share_one_forest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
