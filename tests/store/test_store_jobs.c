/* SPDX-License-Identifier: Apache-2.0 */
/* What every backend must do with jobs. Each test runs against each backend. */
#include <pthread.h>

#include "store_suite.h"

/* --- jobs */

static struct job new_job(struct fixture *f, unsigned n, const char *dedupe, int priority)
{
	struct job j = { .id = number_id(n),
		.kind = S("import"),
		.dedupe = str_of(dedupe),
		.args = S("{}"),
		.priority = priority,
		.max_tries = 3,
		.created_ms = 1 },
		   out;
	bool existed;

	ok(f, f->s->jobs->enqueue(f->s, &j, &f->a, &out, &existed, &f->e));
	return out;
}

static int claim(struct fixture *f, struct job *out)
{
	return f->s->jobs->claim(f->s, S("me"), NULL, 0, 30000, &f->a, out, &f->e);
}

static void test_jobs_are_given_out_by_priority_then_age(void **state)
{
	struct fixture *f = *state;
	struct str other = S("train");
	struct job j;
	bool existed;

	clock_set_ms(1000);
	new_job(f, 1, "", 0);
	new_job(f, 2, "", 5);
	new_job(f, 3, "", 5);
	j = (struct job){
		.id = number_id(4), .kind = S("import"), .run_at_ms = 5000, .priority = 9
	};
	ok(f, f->s->jobs->enqueue(f->s, &j, &f->a, &j, &existed, &f->e));
	assert_int_equal(f->s->jobs->claim(f->s, S("me"), &other, 1, 1000, &f->a, &j, &f->e), 0);
	assert_int_equal(claim(f, &j), 1);
	assert_true(id_eq(j.id, number_id(2)));
	assert_int_equal(j.state, JOB_RUNNING);
	assert_int_equal(claim(f, &j), 1);
	assert_true(id_eq(j.id, number_id(3)));
	assert_int_equal(claim(f, &j), 1);
	assert_true(id_eq(j.id, number_id(1)));
	assert_int_equal(claim(f, &j), 0);
	clock_set_ms(5000);
	assert_int_equal(claim(f, &j), 1);
	assert_true(id_eq(j.id, number_id(4)));
}

static void test_one_job_at_a_time_holds_a_key(void **state)
{
	struct fixture *f = *state;
	struct job a = new_job(f, 1, "k", 0), b = new_job(f, 2, "k", 0), j;

	assert_true(id_eq(a.id, b.id)); /* the one that is there */
	assert_int_equal(claim(f, &j), 1);
	ok(f, f->s->jobs->finish(f->s, j.id, j.epoch, S("{\"n\":1}"), &f->e));
	ok(f, f->s->jobs->finish(f->s, j.id, j.epoch, S("{\"n\":1}"), &f->e)); /* repeated */
	b = new_job(f, 2, "k", 0);
	assert_true(id_eq(b.id, number_id(2)));
	ok(f, f->s->jobs->get(f->s, a.id, &f->a, &j, &f->e));
	assert_int_equal(j.state, JOB_DONE);
	same_text(j.result, "{\"n\":1}");
}

static void test_a_holder_that_went_silent_is_shut_out(void **state)
{
	struct fixture *f = *state;
	struct job_beat beat = { .lease_ms = 30000, .progress = 0.25, .step = S("reading") };
	struct job first, second;
	bool cancel;

	clock_set_ms(1000);
	new_job(f, 1, "", 0);
	assert_int_equal(claim(f, &first), 1);
	beat.id = first.id;
	beat.epoch = first.epoch;
	clock_set_ms(20000);
	ok(f, f->s->jobs->heartbeat(f->s, &beat, &cancel, &f->e));
	assert_false(cancel);
	clock_set_ms(49999);
	assert_int_equal(claim(f, &second), 0);
	clock_set_ms(50000);
	assert_int_equal(claim(f, &second), 1);
	assert_int_equal(second.epoch, first.epoch + 1);
	assert_int_equal(second.crashes, 1);
	assert_true(second.progress == 0.25);
	refused(f, ERR_CONFLICT, f->s->jobs->heartbeat(f->s, &beat, &cancel, &f->e));
	refused(f, ERR_CONFLICT, f->s->jobs->finish(f->s, first.id, first.epoch, S(""), &f->e));
	ok(f, f->s->jobs->finish(f->s, second.id, second.epoch, S(""), &f->e));
}

static void test_a_job_that_kills_its_workers_is_not_given_out_for_ever(void **state)
{
	struct fixture *f = *state;
	struct job j;
	int turn;

	clock_set_ms(1000);
	j = (struct job){ .id = number_id(1), .kind = S("import"), .max_tries = 100 };
	ok(f, f->s->jobs->enqueue(f->s, &j, &f->a, &j, NULL, &f->e));
	for (turn = 0; turn < 3; turn++) {
		assert_int_equal(claim(f, &j), 1);
		clock_step_ms(60000);
	}
	assert_int_equal(claim(f, &j), 0);
	ok(f, f->s->jobs->get(f->s, number_id(1), &f->a, &j, &f->e));
	assert_int_equal(j.state, JOB_DEAD);
	assert_int_equal(j.crashes, 3);
	assert_true(j.error.n > 0);
}

static void test_a_job_that_comes_further_each_time_is_never_given_up(void **state)
{
	struct fixture *f = *state;
	struct job j;
	bool cancel;

	clock_set_ms(1000);
	j = (struct job){ .id = number_id(1), .kind = S("import"), .max_tries = 4 };
	ok(f, f->s->jobs->enqueue(f->s, &j, &f->a, &j, NULL, &f->e));
	for (int turn = 0; turn < 12; turn++) {
		char text[32];
		struct job_beat beat = { .lease_ms = 30000, .progress = NAN };

		assert_int_equal(claim(f, &j), 1);
		assert_true(j.crashes <= 2 && j.tries <= 3);
		beat.id = j.id;
		beat.epoch = j.epoch;
		/* It takes two runs for a step. */
		snprintf(text, sizeof(text), "{\"position\":%d}", turn / 2);
		beat.checkpoint = str_of(text);
		ok(f, f->s->jobs->heartbeat(f->s, &beat, &cancel, &f->e));
		clock_step_ms(60000);
	}
	/* Without one, the third crash is the last. */
	assert_int_equal(claim(f, &j), 1);
	assert_int_equal(j.crashes, 2);
	clock_step_ms(60000);
	assert_int_equal(claim(f, &j), 0);
	ok(f, f->s->jobs->get(f->s, number_id(1), &f->a, &j, &f->e));
	assert_int_equal(j.state, JOB_DEAD);
}

static void test_a_failing_job_is_tried_again_later_and_then_dead(void **state)
{
	struct fixture *f = *state;
	struct job j;
	int turn;

	clock_set_ms(1000);
	new_job(f, 1, "", 0);
	for (turn = 1; turn <= 3; turn++) {
		assert_int_equal(claim(f, &j), 1);
		assert_int_equal(j.tries, turn);
		ok(f, (f->s->jobs->fail)(f->s, j.id, j.epoch, S("no disk"), 5000, &f->e));
		assert_int_equal(claim(f, &j), 0);
		clock_step_ms(5000);
	}
	ok(f, f->s->jobs->get(f->s, number_id(1), &f->a, &j, &f->e));
	assert_int_equal(j.state, JOB_DEAD);
	same_text(j.error, "no disk");
	new_job(f, 2, "", 0);
	assert_int_equal(claim(f, &j), 1);
	ok(f, (f->s->jobs->fail)(f->s, j.id, j.epoch, S("wrong file"), -1, &f->e));
	ok(f, f->s->jobs->get(f->s, number_id(2), &f->a, &j, &f->e));
	assert_int_equal(j.state, JOB_FAILED);
}

static void test_jobs_are_cancelled_at_once_or_when_they_look(void **state)
{
	struct fixture *f = *state;
	struct job_beat beat = { .lease_ms = 1000, .progress = NAN };
	struct job j;
	bool cancel = false;

	new_job(f, 1, "", 0);
	ok(f, f->s->jobs->cancel(f->s, number_id(1), &f->e));
	ok(f, f->s->jobs->get(f->s, number_id(1), &f->a, &j, &f->e));
	assert_int_equal(j.state, JOB_CANCELLED);
	new_job(f, 2, "", 0);
	assert_int_equal(claim(f, &j), 1);
	ok(f, f->s->jobs->cancel(f->s, j.id, &f->e));
	beat.id = j.id;
	beat.epoch = j.epoch;
	ok(f, f->s->jobs->heartbeat(f->s, &beat, &cancel, &f->e));
	assert_true(cancel);
	ok(f, f->s->jobs->stopped(f->s, j.id, j.epoch, &f->e));
	ok(f, f->s->jobs->get(f->s, number_id(2), &f->a, &j, &f->e));
	assert_int_equal(j.state, JOB_CANCELLED);
	new_job(f, 3, "", 0);
	assert_int_equal(claim(f, &j), 1);
	ok(f, f->s->jobs->release(f->s, j.id, j.epoch, &f->e)); /* the server stops */
	assert_int_equal(claim(f, &j), 1);
	assert_int_equal(j.tries, 1);
	ok(f, f->s->jobs->finish(f->s, j.id, j.epoch, S(""), &f->e));
	refused(f, ERR_CONFLICT, f->s->jobs->cancel(f->s, j.id, &f->e));
	refused(f, ERR_NOT_FOUND, f->s->jobs->cancel(f->s, number_id(44), &f->e));
}

static void *cancel_later(void *arg)
{
	struct fixture *f = arg;
	struct err e;

	usleep(20000);
	f->s->jobs->cancel(f->s, number_id(1), &e);
	return NULL;
}

static void test_changes_of_jobs_are_seen_in_order_and_wake_who_waits(void **state)
{
	struct fixture *f = *state;
	struct job_filter running = { .state = JOB_CANCELLED };
	struct job *jobs;
	struct str next;
	pthread_t t;
	int64_t seq;
	uint64_t purged;
	size_t n;

	new_job(f, 1, "", 0);
	new_job(f, 2, "", 0);
	seq = f->s->jobs->sequence(f->s, &f->e);
	ok(f, f->s->jobs->changed(f->s, 0, 10, &f->a, &jobs, &n, &f->e));
	assert_int_equal(n, 2);
	assert_int_equal(jobs[1].sequence, seq);
	assert_int_equal(f->s->jobs->wait(f->s, (uint64_t)seq, 10), seq); /* its time is up */
	pthread_create(&t, NULL, cancel_later, f);
	assert_int_equal(f->s->jobs->wait(f->s, (uint64_t)seq, 20000), seq + 1);
	pthread_join(t, NULL);
	ok(f, f->s->jobs->changed(f->s, (uint64_t)seq, 10, &f->a, &jobs, &n, &f->e));
	assert_int_equal(n, 1);
	assert_int_equal(jobs[0].state, JOB_CANCELLED);
	ok(f, f->s->jobs->list(f->s, &running, 10, S(""), &f->a, &jobs, &n, &next, &f->e));
	assert_int_equal(n, 1);
	ok(f, f->s->jobs->purge(f->s, INT64_MAX, &purged, &f->e));
	assert_int_equal(purged, 1);
	ok(f, f->s->jobs->list(f->s, NULL, 10, S(""), &f->a, &jobs, &n, &next, &f->e));
	assert_int_equal(n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_jobs_are_given_out_by_priority_then_age),
		T(test_one_job_at_a_time_holds_a_key),
		T(test_a_holder_that_went_silent_is_shut_out),
		T(test_a_job_that_kills_its_workers_is_not_given_out_for_ever),
		T(test_a_job_that_comes_further_each_time_is_never_given_up),
		T(test_a_failing_job_is_tried_again_later_and_then_dead),
		T(test_jobs_are_cancelled_at_once_or_when_they_look),
		T(test_changes_of_jobs_are_seen_in_order_and_wake_who_waits),
	};

	RETURN_SUITE(tests);
}
