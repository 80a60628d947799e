/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>

#include "util/err.h"
#include "util/lazy.h"

#define MATH(F) F(cos) F(hypot)
LAZY(math, MATH, "libm.so.6");

static void test_functions_are_there_after_the_first_call(void **state)
{
	struct err e = { 0 };

	for (int i = 0; i < 3; i++) {
		assert_int_equal(lazy_load(&math_library, &math, &e), 0);
		assert_true(math.hypot(3, 4) == 5 && math.cos(0) == 1);
	}
}

static void test_a_library_that_is_not_there_is_named(void **state)
{
	static const char *const names[] = { "cos" };
	struct lazy gone = { "libheatscore-nowhere.so.7", names, 1, false };
	void *to[1];
	struct err e = { 0 };

	for (int i = 0; i < 2; i++) {
		assert_int_equal(lazy_load(&gone, to, &e), -1);
		assert_int_equal(e.code, ERR_INTERNAL);
		assert_non_null(strstr(e.msg, "libheatscore-nowhere.so.7"));
		assert_false(gone.loaded);
	}
}

static void test_a_function_that_is_not_there_is_named(void **state)
{
	static const char *const names[] = { "cos", "cosine_of_tomorrow" };
	struct lazy older = { "libm.so.6", names, 2, false };
	void *to[2];
	struct err e = { 0 };

	assert_int_equal(lazy_load(&older, to, &e), -1);
	assert_non_null(strstr(e.msg, "cosine_of_tomorrow"));
	assert_false(older.loaded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_functions_are_there_after_the_first_call),
		cmocka_unit_test(test_a_library_that_is_not_there_is_named),
		cmocka_unit_test(test_a_function_that_is_not_there_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
