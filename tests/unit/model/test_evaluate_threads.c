/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "features/frame.h"
#include "model/evaluate.h"
#include "util/err.h"
#include "util/rng.h"

enum { N = 701 };

static void test_figures_do_not_depend_on_the_number_of_threads(void **state)
{
	struct eval_opts o = { .seed = 3, .resamples = 60 };
	struct eval one, many;
	struct err e = { 0 };
	struct rng r;
	double p[N];
	int8_t y[N];

	rng_seed(&r, 1);
	for (size_t i = 0; i < N; i++) {
		p[i] = rng_double(&r);
		y[i] = rng_double(&r) < p[i] ? OUTCOME_WON : OUTCOME_LOST;
	}
	assert_int_equal(evaluate(&(struct eval_rows){ p, y, N }, &o, &one, &e), 0);
	for (o.threads = 2; o.threads < 100; o.threads = o.threads * 2 + 1) {
		assert_int_equal(evaluate(&(struct eval_rows){ p, y, N }, &o, &many, &e), 0);
		assert_memory_equal(&one, &many, sizeof(one));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_figures_do_not_depend_on_the_number_of_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
