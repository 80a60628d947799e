/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>

#include "features/frame.h"
#include "model/verdict.h"
#include "util/rng.h"

enum { N = 3000 };
static double p[N], truth[N];
static int8_t y[N];

/* Outcomes follow ${truth}; the model says 1 / (1 + exp(-(shift + slope * logit(truth)))). A shift
 * of NaN: the one that gets the number of wins right. */
static struct verdict verdict(size_t n, double shift, double slope, uint64_t seed)
{
	double low = -5, high = 5;
	struct verdict v;
	struct rng r;

	while (isnan(shift) && high - low > 1e-6) {
		double mid = (low + high) / 2, more = 0;

		rng_seed(&r, 1);
		for (int i = 0; i < 100000; i++) {
			double z = -1 + 1.2 * rng_normal(&r);

			more += 1 / (1 + exp(-(mid + slope * z))) - 1 / (1 + exp(-z));
		}
		*(more > 0 ? &high : &low) = mid;
	}
	shift = isnan(shift) ? low : shift;
	rng_seed(&r, seed);
	for (size_t i = 0; i < n; i++) {
		double z = -1 + 1.2 * rng_normal(&r);

		truth[i] = 1 / (1 + exp(-z));
		p[i] = 1 / (1 + exp(-(shift + slope * z)));
		y[i] = rng_double(&r) < truth[i] ? OUTCOME_WON : OUTCOME_LOST;
	}
	verdict_of(&(struct eval_rows){ p, y, n }, &v);
	return v;
}

static void test_right_probabilities_are_called_so(void **state)
{
	int right = 0;

	for (uint64_t i = 0; i < 200; i++)
		right += verdict(800, 0, 1, i).kind == VERDICT_CALIBRATED;
	assert_in_range(right, 190, 200); /* 1 % of false alarms for each of two tests */
}

static void test_wrong_probabilities_are_called_by_their_fault(void **state)
{
	struct verdict v = verdict(N, .5, 1, 1);

	assert_int_equal(v.kind, VERDICT_TOO_HIGH);
	assert_non_null(strstr(v.text, "too high: expected"));
	assert_int_equal(verdict(N, -.5, 1, 2).kind, VERDICT_TOO_LOW);
	v = verdict(N, NAN, 2, 3);
	assert_true(v.slope < .7);
	assert_int_equal(v.kind, VERDICT_TOO_SURE);
	v = verdict(N, NAN, .5, 4);
	assert_int_equal(v.kind, VERDICT_TOO_TIMID);
	assert_true(v.slope_low > 1);
}

static void test_a_few_outcomes_decide_nothing(void **state)
{
	struct verdict v;

	assert_int_equal(verdict(19, 0, 1, 1).kind, VERDICT_TOO_FEW);
	assert_int_equal(verdict(0, 0, 1, 1).kind, VERDICT_TOO_FEW);
	/* Two wins expected among forty, and two seen. */
	for (size_t i = 0; i < 40; i++) {
		p[i] = .05;
		y[i] = i < 2;
	}
	verdict_of(&(struct eval_rows){ p, y, 40 }, &v);
	assert_int_equal(v.kind, VERDICT_TOO_FEW);
}

static void test_certainty_and_constants_do_not_break_it(void **state)
{
	struct verdict v;

	for (size_t i = 0; i < 100; i++) {
		p[i] = i % 2;
		y[i] = (int8_t)(i % 2);
	}
	verdict_of(&(struct eval_rows){ p, y, 100 }, &v);
	assert_int_equal(v.kind, VERDICT_CALIBRATED);
	for (size_t i = 0; i < 100; i++)
		p[i] = .5;
	verdict_of(&(struct eval_rows){ p, y, 100 }, &v);
	assert_int_equal(v.kind, VERDICT_CALIBRATED);
	assert_true(isnan(v.slope));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_right_probabilities_are_called_so),
		cmocka_unit_test(test_wrong_probabilities_are_called_by_their_fault),
		cmocka_unit_test(test_a_few_outcomes_decide_nothing),
		cmocka_unit_test(test_certainty_and_constants_do_not_break_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
