/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>

#include "model/moved.h"
#include "model/points.h"
#include "util/err.h"

static int sum(const int *a, size_t n)
{
	int s = 0;

	for (size_t i = 0; i < n; i++)
		s += a[i];
	return s;
}

static void test_points_sum_to_the_total_and_stay_within_one(void **state)
{
	static const struct {
		double v[5];
		int total;
		int want[5];
	} cases[] = {
		{ { 24.4, 12.3, -3.2, 5.5, 0 }, 39, { 24, 12, -3, 6, 0 } },
		{ { 0.5, 0.5, 0.5, 0.5, 0 }, 2, { 1, 1, 0, 0, 0 } },
		{ { -0.5, -0.5, 1, 0, 0 }, 0, { 0, -1, 1, 0, 0 } },
		{ { 99.6, -0.1, 0, 0, 0 }, 100, { 100, 0, 0, 0, 0 } },
		{ { 0, 0, 0, 0, 0 }, 0, { 0, 0, 0, 0, 0 } },
	};
	int out[5];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		points_share(cases[i].v, 5, cases[i].total, out);
		assert_int_equal(sum(out, 5), cases[i].total);
		assert_memory_equal(out, cases[i].want, sizeof(out));
	}
}

/* p = sigmoid of a sum with an interaction, so that the order of switching matters. */
static int three(void *ctx, unsigned mask, double *p, struct err *e)
{
	const double *d = ctx;
	double m = d[3];

	for (int c = 0; c < MOVED_CAUSES; c++)
		m += (mask >> c & 1) != 0 ? d[c] : 0;
	if ((mask & 3) == 3)
		m += 0.7;
	*p = 1 / (1 + exp(-m));
	return 0;
}

/* The definition itself: the mean over the six orders. */
static double by_orders(void *ctx, int cause)
{
	static const int orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 },
		{ 2, 0, 1 }, { 2, 1, 0 } };
	double total = 0, a, b;

	for (int o = 0; o < 6; o++) {
		unsigned mask = 0;

		for (int k = 0; k < 3; k++) {
			if (orders[o][k] == cause) {
				three(ctx, mask, &a, NULL);
				three(ctx, mask | 1u << cause, &b, NULL);
				total += b - a;
			}
			mask |= 1u << orders[o][k];
		}
	}
	return total / 6;
}

static void test_why_it_moved_is_the_mean_over_all_six_orders(void **state)
{
	double d[4] = { -1.2, 0.4, 0.9, -0.3 };
	struct moved m;
	struct err e;

	assert_int_equal(moved_split(three, d, &m, &e), 0);
	for (int c = 0; c < MOVED_CAUSES; c++)
		assert_true(fabs(m.part[c] - by_orders(d, c)) < 1e-15);
	assert_true(fabs(m.part[0] + m.part[1] + m.part[2] - (m.after - m.before)) < 1e-15);
	assert_int_equal(sum(m.points, 3), m.score_after - m.score_before);
}

static void test_a_cause_that_changes_nothing_gets_nothing(void **state)
{
	double d[4] = { 0.8, 0, 0, 0.1 };
	struct moved m;
	struct err e;

	assert_int_equal(moved_split(three, d, &m, &e), 0);
	assert_true(m.part[MOVED_MODEL] == 0);
	assert_int_equal(m.points[MOVED_MODEL], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_points_sum_to_the_total_and_stay_within_one),
		cmocka_unit_test(test_why_it_moved_is_the_mean_over_all_six_orders),
		cmocka_unit_test(test_a_cause_that_changes_nothing_gets_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
