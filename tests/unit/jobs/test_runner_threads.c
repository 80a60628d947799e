/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>
#include <stdatomic.h>

#include "jobs/runner.h"
#include "store/memory.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"

static atomic_int calls;

static int good(struct job_run *r, void *ctx, struct err *e)
{
	atomic_fetch_add(&calls, 1);
	assert_false(job_step(r, "working", .5, "half way"));
	buf_z(job_result(r), "{\"answer\":42}");
	return 0;
}

static int bad(struct job_run *r, void *ctx, struct err *e)
{
	return err_set(e, ERR_INPUT, "this cannot be done");
}

/* Fails once, as a full disk does, then works. */
static int shaky(struct job_run *r, void *ctx, struct err *e)
{
	if (atomic_fetch_add((atomic_int *)ctx, 1) == 0)
		return err_set(e, ERR_IO, "not this time");
	return 0;
}

/* Goes on until it is told to stop. */
static int endless(struct job_run *r, void *ctx, struct err *e)
{
	atomic_store((atomic_int *)ctx, 1);
	while (!job_step(r, "turning", NAN, NULL))
		clock_mono_ms();
	return job_stopped(r, e);
}

static struct id put(struct store *s, const char *kind)
{
	struct arena a = { 0 };
	struct job out, j = { .id = id_new(),
		.kind = str_of(kind),
		.args = S("{}"),
		.created_ms = clock_ms(),
		.run_at_ms = clock_ms() };
	bool existed;
	struct err e;

	assert_int_equal(s->jobs->enqueue(s, &j, &a, &out, &existed, &e), 0);
	arena_clear(&a);
	return j.id;
}

/* Waits until the job is in this state; its text afterwards in ${a}. */
static struct job reaches(struct store *s, struct id id, enum job_state state, struct arena *a)
{
	uint64_t seen = 0;
	struct job j;
	struct err e;

	for (;;) {
		assert_int_equal(s->jobs->get(s, id, a, &j, &e), 0);
		if (j.state == state)
			return j;
		if (job_state_over(j.state))
			fail_msg("it is %s: %.*s", job_state_name(j.state), STR_ARG(j.error));
		seen = s->jobs->wait(s, seen, 50);
	}
}

static void test_jobs_end_as_their_functions_say(void **state)
{
	struct err e = { 0 };
	struct store *s = store_memory_open(&e);
	struct runner_opts o = { .store = s, .threads = 2, .retry_ms = 1, .tell_ms = 5 };
	struct runner *r = runner_new(&o, &e);
	struct arena a = { 0 };
	atomic_int tries = 0, turning = 0;
	struct id done, failed, again, cancelled;
	struct job j;

	runner_add(r, "good", good, NULL);
	runner_add(r, "bad", bad, NULL);
	runner_add(r, "shaky", shaky, &tries);
	runner_add(r, "endless", endless, &turning);
	assert_int_equal(runner_start(r, &e), 0);
	done = put(s, "good");
	failed = put(s, "bad");
	again = put(s, "shaky");
	j = reaches(s, done, JOB_DONE, &a);
	assert_true(str_eq(j.result, S("{\"answer\":42}")));
	j = reaches(s, failed, JOB_FAILED, &a);
	assert_true(str_eq(j.error, S("this cannot be done")));
	j = reaches(s, again, JOB_DONE, &a);
	assert_int_equal(j.tries, 2);
	cancelled = put(s, "endless");
	reaches(s, cancelled, JOB_RUNNING, &a);
	assert_int_equal(runner_cancel(r, cancelled, &e), 0);
	reaches(s, cancelled, JOB_CANCELLED, &a);
	runner_free(r);
	arena_clear(&a);
	s->close(s);
}

static struct store_jobs real;
static atomic_int refusals;

static int refuse(struct err *e)
{
	atomic_fetch_sub(&refusals, 1);
	return err_set(e, ERR_IO, "the disk fails");
}

static int finish_late(
	struct store *s, struct id id, uint64_t epoch, struct str result, struct err *e)
{
	return atomic_load(&refusals) > 0 ? refuse(e) : real.finish(s, id, epoch, result, e);
}

static int fail_late(struct store *s, struct id id, uint64_t epoch, struct str error,
	int64_t retry_ms, struct err *e)
{
	return atomic_load(&refusals) > 0 ? refuse(e)
					  : (real.fail)(s, id, epoch, error, retry_ms, e);
}

/* An end that is not told would be a job that runs until its lease is over. */
static void test_an_end_that_the_store_cannot_write_is_told_again(void **state)
{
	struct err e = { 0 };
	struct store *s = store_memory_open(&e);
	struct store_jobs late;
	struct runner_opts o = { .store = s, .threads = 1, .retry_ms = 1, .lease_ms = 3600000 };
	struct runner *r = runner_new(&o, &e);
	struct arena a = { 0 };
	struct job j;

	real = late = *s->jobs;
	late.finish = finish_late;
	late.fail = fail_late;
	s->jobs = &late;
	runner_add(r, "good", good, NULL);
	runner_add(r, "bad", bad, NULL);
	assert_int_equal(runner_start(r, &e), 0);
	atomic_store(&refusals, 2);
	j = reaches(s, put(s, "good"), JOB_DONE, &a);
	assert_int_equal(j.tries, 1);
	assert_int_equal(atomic_load(&refusals), 0);
	atomic_store(&refusals, 2);
	j = reaches(s, put(s, "bad"), JOB_FAILED, &a);
	assert_int_equal(j.tries, 1);
	runner_free(r);
	arena_clear(&a);
	s->jobs = &real;
	s->close(s);
}

static void test_a_stopping_runner_gives_its_jobs_back(void **state)
{
	struct err e = { 0 };
	struct store *s = store_memory_open(&e);
	struct runner_opts o = { .store = s, .threads = 1 };
	struct arena a = { 0 };
	atomic_int turning = 0;
	struct runner *r = runner_new(&o, &e);
	struct id id = put(s, "endless");
	struct job j;

	runner_add(r, "endless", endless, &turning);
	assert_int_equal(runner_start(r, &e), 0);
	reaches(s, id, JOB_RUNNING, &a);
	runner_stop(r);
	j = reaches(s, id, JOB_QUEUED, &a);
	assert_int_equal(j.tries, 0);
	runner_free(r);
	/* The next one takes it up. */
	atomic_store(&turning, 0);
	r = runner_new(&o, &e);
	runner_add(r, "endless", good, NULL);
	assert_int_equal(runner_start(r, &e), 0);
	reaches(s, id, JOB_DONE, &a);
	runner_free(r);
	arena_clear(&a);
	s->close(s);
}

static void test_waits_double_up_to_ten_minutes(void **state)
{
	assert_int_equal(runner_retry_ms(1000, 1, .5), 1000);
	assert_int_equal(runner_retry_ms(1000, 3, .5), 4000);
	assert_int_equal(runner_retry_ms(1000, 1, 0), 800);
	assert_in_range(runner_retry_ms(1000, 2, .999), 2300, 2400);
	assert_int_equal(runner_retry_ms(1000, 40, .5), 600000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jobs_end_as_their_functions_say),
		cmocka_unit_test(test_an_end_that_the_store_cannot_write_is_told_again),
		cmocka_unit_test(test_a_stopping_runner_gives_its_jobs_back),
		cmocka_unit_test(test_waits_double_up_to_ten_minutes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
