/* SPDX-License-Identifier: Apache-2.0 */
/* What the threads of a server have freed goes back to the system. */
#include <pthread.h>

#include "unit.h"
#include "../../resident.h"
#include "util/cpus.h"
#include "util/heap.h"

enum { BLOCK = 8 << 10, BLOCKS = 1024, THREADS = 16, LARGE = 16 << 20, MIB = 1 << 20 };

/* In whole MiB. */
static size_t more_than(size_t before)
{
	size_t now = resident();

	return now > before ? (now - before) / MIB : 0;
}

static void *have(size_t n)
{
	void *p = malloc(n);

	assert_non_null(p);
	memset(p, 1, n);
	return p;
}

/* Each has had a large block, which raises what glibc keeps, and all have 8 MiB at one time. */
static void *take_and_free(void *arg)
{
	pthread_barrier_t *all_have = arg;
	void *block[BLOCKS];

	free(have(LARGE));
	for (unsigned i = 0; i < BLOCKS; i++)
		block[i] = have(BLOCK);
	pthread_barrier_wait(all_have);
	for (unsigned i = 0; i < BLOCKS; i++)
		free(block[i]);
	return NULL;
}

static void test_threads_that_have_ended_leave_little_behind(void **state)
{
	pthread_barrier_t all_have;
	pthread_t t[THREADS];
	size_t before, left, then, most = (cpus_usable() > 2 ? cpus_usable() + 2 : 4) * 2 + 4;

	skip_without_glibc_malloc();
	heap_bound();
	before = resident();
	pthread_barrier_init(&all_have, NULL, THREADS);
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, take_and_free, &all_have), 0);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	pthread_barrier_destroy(&all_have);
	left = more_than(before);
	print_message("%zu MiB of %d left\n", left, THREADS * BLOCK * BLOCKS / MIB);
	assert_in_range(left, 0, most);
	heap_trim();
	then = more_than(before);
	assert_in_range(then, 0, left);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads_that_have_ended_leave_little_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
