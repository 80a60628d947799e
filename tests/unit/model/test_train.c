/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "model/forest.h"
#include "model/train.h"
#include "unit.h"
#include "util/err.h"
#include "util/rng.h"

#define ROWS 500
#define COLS 4

static const struct train_params params = { .depth = 3,
	.eta = .2,
	.subsample = .8,
	.colsample_bynode = .5,
	.min_child_weight = 1,
	.lambda = 1,
	.base_rate = .4,
	.max_bin = 64,
	.seed = 12345 };

static struct train_data *sample(float *x, float *y)
{
	struct train_rows r = { x, ROWS, COLS, y, NULL };
	struct rng rng;

	rng_seed(&rng, 1);
	for (size_t i = 0; i < ROWS; i++) {
		for (size_t c = 0; c < COLS; c++)
			x[i * COLS + c] = rng_below(&rng, 7) == 0 ? NAN : (float)rng_normal(&rng);
		y[i] = rng_double(&rng) < (x[i * COLS] > 0 ? .7 : .2);
	}
	return train_data_new(&r, NULL);
}

static void test_our_forest_gives_the_library_s_margins(void **state)
{
	float x[ROWS * COLS], y[ROWS], m[ROWS], ours;
	struct train_data *d = sample(x, y);
	struct train_booster *b = train_new(&params, d, NULL);
	struct forest *f;

	assert_int_equal(train_step(b, 30, NULL), 0);
	assert_int_equal(train_margins(b, d, m, NULL), 0);
	f = train_forest(b, 30, NULL);
	assert_non_null(f);
	assert_int_equal(f->n_trees, 30);
	for (size_t i = 0; i < ROWS; i++) {
		forest_margin(f, x + i * COLS, &ours);
		assert_float_equal(ours, m[i], 1e-6 * fmaxf(1, fabsf(m[i])));
	}
	forest_free(f);
	train_free(b);
	train_data_free(d);
}

static void test_a_cut_booster_is_what_it_was_at_that_round(void **state)
{
	float x[ROWS * COLS], y[ROWS], m[ROWS], ours;
	struct train_data *d = sample(x, y);
	struct train_booster *b = train_new(&params, d, NULL);
	struct forest *f;

	train_step(b, 10, NULL);
	train_margins(b, d, m, NULL);
	train_step(b, 15, NULL);
	f = train_forest(b, 10, NULL);
	assert_int_equal(f->n_trees, 10);
	for (size_t i = 0; i < ROWS; i++) {
		forest_margin(f, x + i * COLS, &ours);
		assert_float_equal(ours, m[i], 1e-6 * fmaxf(1, fabsf(m[i])));
	}
	forest_free(f);
	train_free(b);
	train_data_free(d);
}

/* Boosters that take turns on one thread do not disturb each other's draws. */
static void test_turns_do_not_change_the_trees(void **state)
{
	float x[ROWS * COLS], y[ROWS], alone[ROWS], turns[ROWS];
	struct train_data *d = sample(x, y), *d2 = sample(x, y);
	struct train_params other = params;
	struct train_booster *b = train_new(&params, d, NULL), *c, *c2;

	train_step(b, 20, NULL);
	train_margins(b, d, alone, NULL);
	other.seed = 99;
	c = train_new(&other, d2, NULL);
	c2 = train_new(&params, d2, NULL);
	for (int i = 0; i < 20; i++) {
		train_step(c, 1, NULL);
		train_step(c2, 1, NULL);
	}
	train_margins(c2, d2, turns, NULL);
	assert_memory_equal(alone, turns, sizeof(alone));
	train_free(b);
	train_free(c);
	train_free(c2);
	train_data_free(d);
	train_data_free(d2);
}

static void test_soft_labels_are_learnt(void **state)
{
	float x[ROWS * COLS], y[ROWS], m[ROWS];
	struct train_params p = params;
	struct train_booster *b;
	struct train_data *d;
	double mean = 0;

	train_data_free(sample(x, y));
	for (size_t i = 0; i < ROWS; i++)
		y[i] = .25f;
	d = train_data_new(&(struct train_rows){ x, ROWS, COLS, y, NULL }, NULL);
	p.base_rate = .25;
	b = train_new(&p, d, NULL);
	assert_int_equal(train_step(b, 5, NULL), 0);
	train_margins(b, d, m, NULL);
	for (size_t i = 0; i < ROWS; i++)
		mean += (double)m[i] / ROWS;
	assert_float_equal(mean, log(.25 / .75), .01);
	train_free(b);
	train_data_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_our_forest_gives_the_library_s_margins),
		cmocka_unit_test(test_a_cut_booster_is_what_it_was_at_that_round),
		cmocka_unit_test(test_turns_do_not_change_the_trees),
		cmocka_unit_test(test_soft_labels_are_learnt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
