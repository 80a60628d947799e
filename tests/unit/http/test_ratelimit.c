/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "http/ratelimit.h"
#include "util/err.h"

static void test_a_bucket_empties_and_fills_again(void **state)
{
	struct err e = { 0 };
	struct ratelimit *l = ratelimit_new(2, 3, &e);

	for (int i = 0; i < 3; i++)
		assert_int_equal(ratelimit_take(l, S("a"), 1, 1000), 0);
	assert_int_equal(ratelimit_take(l, S("a"), 1, 1000), 1);
	assert_int_equal(ratelimit_take(l, S("a"), 1, 1499), 1);
	assert_int_equal(ratelimit_take(l, S("a"), 1, 1500), 0);
	assert_int_equal(ratelimit_take(l, S("b"), 1, 1500), 0);
	/* A long rest gives no more than the burst. */
	assert_int_equal(ratelimit_take(l, S("a"), 3, 1000000), 0);
	assert_int_equal(ratelimit_take(l, S("a"), 1, 1000000), 1);
	ratelimit_free(l);
}

static void test_the_wait_is_long_enough_and_says_so(void **state)
{
	struct err e = { 0 };
	struct ratelimit *l = ratelimit_new(0.5, 1, &e);
	unsigned wait;

	assert_int_equal(ratelimit_take(l, S("a"), 1, 0), 0);
	wait = ratelimit_take(l, S("a"), 1, 0);
	assert_int_equal(wait, 2);
	assert_int_equal(ratelimit_take(l, S("a"), 1, wait * 1000), 0);
	ratelimit_free(l);
}

static void test_a_hundred_thousand_keys_take_no_more_memory(void **state)
{
	struct err e = { 0 };
	struct ratelimit *l = ratelimit_new(1, 1, &e);
	char key[32];

	for (int i = 0; i < 100000; i++) {
		int n = snprintf(key, sizeof(key), "10.%d.%d.%d", i >> 16, i >> 8 & 255, i & 255);

		assert_int_equal(ratelimit_take(l, (struct str){ key, (size_t)n }, 1, 1 + i), 0);
	}
	/* The newest is still known. */
	assert_int_not_equal(ratelimit_take(l, str_of(key), 1, 100001), 0);
	ratelimit_free(l);
}

static void test_how_many_at_once(void **state)
{
	struct err e = { 0 };
	struct inflight *f = inflight_new(&e);

	assert_int_equal(inflight_enter(f, S("a"), 0), -1);
	assert_int_equal(inflight_enter(f, S("a"), 2), 0);
	assert_int_equal(inflight_enter(f, S("a"), 2), 0);
	assert_int_equal(inflight_enter(f, S("a"), 2), -1);
	assert_int_equal(inflight_enter(f, S("b"), 2), 0);
	inflight_leave(f, S("a"));
	assert_int_equal(inflight_enter(f, S("a"), 2), 0);
	inflight_leave(f, S("a"));
	inflight_leave(f, S("a"));
	inflight_leave(f, S("b"));
	assert_int_equal(inflight_enter(f, S("a"), 1), 0);
	inflight_leave(f, S("a"));
	inflight_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_bucket_empties_and_fills_again),
		cmocka_unit_test(test_the_wait_is_long_enough_and_says_so),
		cmocka_unit_test(test_a_hundred_thousand_keys_take_no_more_memory),
		cmocka_unit_test(test_how_many_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
