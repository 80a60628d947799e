/* SPDX-License-Identifier: Apache-2.0 */
/* The job of an upload that commits itself: read once from end to end, and told to the queue how
 * far it is where that counts. */
#include "empty.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "jobs/runner.h"
#include "leads/uploads.h"
#include "store/store.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"

enum { ROWS = 5000, PATIENCE_MS = 120000 };

struct world {
	struct empty in;
	struct runner *runner;
	struct uploads u;
	struct upload up;
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct err e = { 0 };

	assert_non_null(w);
	empty_open(&w->in);
	assert_non_null(w->runner = runner_new(&(struct runner_opts){ .store = w->in.s }, &e));
	w->u = (struct uploads){
		.store = w->in.s, .live = w->in.live, .runner = w->runner, .data = w->in.dir
	};
	uploads_add_jobs(w->runner, &w->u);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	int rc;

	runner_free(w->runner);
	rc = empty_close(&w->in);
	free(w);
	return rc;
}

static void receive(struct world *w)
{
	struct buf path = { 0 };
	struct err e = { 0 };
	FILE *f;

	assert_int_equal(uploads_path(&w->u, S("one.csv"), &path, &e), 0);
	assert_non_null(f = fopen(path.p, "w"));
	fputs("Lead ID,Email,Stage\n", f);
	for (int i = 0; i < ROWS; i++)
		fprintf(f, "K%d,p%d@mail.example,New\n", i, i);
	assert_int_equal(fclose(f), 0);
	buf_clear(&path);
	w->up = (struct upload){ .id = id_new(),
		.filename = S("one.csv"),
		.file = S("one.csv"),
		.finished_ms = MS_NONE };
	assert_int_equal(uploads_receive(&w->u, &w->up, true, &w->in.mem, &e), 0);
}

/* The job, once it is over. */
static struct job run(struct world *w)
{
	int64_t from = clock_mono_ms();
	struct upload up;
	struct err e = { 0 };
	struct job j;

	assert_int_equal(runner_start(w->runner, &e), 0);
	for (;;) {
		arena_reset(&w->in.mem);
		assert_int_equal(w->in.s->jobs->get(w->in.s, w->up.job, &w->in.mem, &j, &e), 0);
		if (job_state_over(j.state))
			break;
		if (clock_mono_ms() - from > PATIENCE_MS)
			fail_msg("the job is %s: " STR_FMT, job_state_name(j.state),
				STR_ARG(j.error));
		nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
	}
	if (j.state != JOB_DONE)
		fail_msg("%s: " STR_FMT, job_state_name(j.state), STR_ARG(j.error));
	assert_int_equal(w->in.s->uploads->get(w->in.s, w->up.id, &w->in.mem, &up, &e), 0);
	assert_int_equal(up.state, UPLOAD_DONE);
	assert_int_equal(up.progress.rows.created, ROWS);
	return j;
}

static void test_a_first_run_leaves_no_checkpoint(void **state)
{
	struct world *w = *state;

	receive(w);
	assert_int_equal(run(w).checkpoint.n, 0);
}

/* Whoever had it before was killed: as it comes further, that counts no more. */
static void test_a_run_after_a_kill_tells_how_far_it_is(void **state)
{
	struct world *w = *state;
	const struct str kind = S("import");
	struct err e = { 0 };
	struct job j;

	clock_set_ms(1795766400000);
	receive(w);
	assert_int_equal(
		w->in.s->jobs->claim(w->in.s, S("gone"), &kind, 1, 10, &w->in.mem, &j, &e), 1);
	clock_set_ms(1795766400000 + 1000);
	j = run(w);
	assert_true(j.checkpoint.n != 0);
	assert_int_equal(j.crashes, 0);
	assert_int_equal(j.tries, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_a_first_run_leaves_no_checkpoint, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_run_after_a_kill_tells_how_far_it_is, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
