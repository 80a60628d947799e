/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "auth/hasher.h"
#include "util/err.h"

static const struct secret_cost cheap = { 1, 64 << 10 };

static void test_a_password_makes_its_hash_and_nobody_has_one(void **state)
{
	struct err e = { 0 };
	struct hasher *h = hasher_new(cheap, &e), *dear;
	char hash[SECRET_PASSWORD], again[SECRET_PASSWORD];
	bool ok;

	assert_int_equal(hasher_make(h, S("one two three"), hash, &e), 0);
	assert_int_equal(hasher_make(h, S("one two three"), again, &e), 0);
	assert_string_not_equal(hash, again);
	assert_int_equal(hasher_is(h, str_of(hash), S("one two three"), &ok, &e), 0);
	assert_true(ok);
	assert_int_equal(hasher_is(h, str_of(hash), S("one two three "), &ok, &e), 0);
	assert_false(ok);
	assert_int_equal(hasher_is(h, S(""), S(""), &ok, &e), 0);
	assert_false(ok);
	assert_int_equal(hasher_is(h, S("$argon2id$nonsense"), S("x"), &ok, &e), 0);
	assert_false(ok);
	assert_false(hasher_old(h, str_of(hash)));
	dear = hasher_new((struct secret_cost){ 2, 128 << 10 }, &e);
	assert_true(hasher_old(dear, str_of(hash)));
	hasher_free(dear);
	hasher_free(h);
}

static double cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* What stands in for an unknown account must be a hash that is really computed. */
static void test_nobody_costs_as_much_as_somebody(void **state)
{
	struct err e = { 0 };
	struct hasher *h = hasher_new(secret_cost_default, &e);
	char hash[SECRET_PASSWORD];
	double took[2] = { 0 };
	bool ok;

	assert_int_equal(hasher_make(h, S("somebody's password"), hash, &e), 0);
	for (int i = 0; i < 6; i++) {
		double from = cpu_s();

		hasher_is(h, i % 2 == 0 ? S("") : str_of(hash), S("a guess"), &ok, &e);
		took[i % 2] += cpu_s() - from;
	}
	printf("nobody %.1f ms, somebody %.1f ms of processor time\n", took[0] / 3e-3,
		took[1] / 3e-3);
	assert_true(took[0] > took[1] * 0.6 && took[0] < took[1] * 1.7);
	hasher_free(h);
}

static atomic_int refused, done;

static void *crowd(void *h)
{
	struct err e = { 0 };
	char hash[SECRET_PASSWORD];

	if (hasher_make(h, S("one of many"), hash, &e) == 0) {
		atomic_fetch_add(&done, 1);
	} else {
		if (e.code != ERR_RATE)
			abort();
		atomic_fetch_add(&refused, 1);
	}
	return NULL;
}

static void test_a_crowd_waits_in_a_short_queue(void **state)
{
	struct err e = { 0 };
	struct hasher *h = hasher_new((struct secret_cost){ 2, 8 << 20 }, &e);
	pthread_t t[60];

	for (int i = 0; i < 60; i++)
		pthread_create(&t[i], NULL, crowd, h);
	for (int i = 0; i < 60; i++)
		pthread_join(t[i], NULL);
	printf("of 60 at once %d were hashed, %d told to come again\n", done, refused);
	assert_int_equal(done + refused, 60);
	assert_true(done >= HASHER_AT_ONCE + HASHER_WAITING);
	hasher_free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_password_makes_its_hash_and_nobody_has_one),
		cmocka_unit_test(test_nobody_costs_as_much_as_somebody),
		cmocka_unit_test(test_a_crowd_waits_in_a_short_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
