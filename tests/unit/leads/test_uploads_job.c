/* SPDX-License-Identifier: Apache-2.0 */
/* The job of an upload that commits itself: read once from end to end, and told to the queue how
 * far it is where that counts. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "jobs/runner.h"
#include "leads/live.h"
#include "leads/uploads.h"
#include "model/model_store.h"
#include "store/memory.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"

enum { ROWS = 5000, PATIENCE_MS = 120000 };

struct world {
	char dir[64], models[96];
	struct model_store ms;
	struct store *s;
	struct live *live;
	struct runner *runner;
	struct uploads u;
	struct upload up;
	struct arena mem;
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct err e = { 0 };

	assert_non_null(w);
	strcpy(w->dir, "/tmp/heatscore-test-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	snprintf(w->models, sizeof(w->models), "%s/models", w->dir);
	assert_int_equal(model_store_folder(w->models, &w->ms, &e), 0);
	assert_non_null(w->s = store_memory_open(&e));
	assert_non_null(w->live = live_new(&w->ms, &e));
	assert_non_null(w->runner = runner_new(&(struct runner_opts){ .store = w->s }, &e));
	w->u = (struct uploads){
		.store = w->s, .live = w->live, .runner = w->runner, .data = w->dir
	};
	uploads_add_jobs(w->runner, &w->u);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	char command[160];

	clock_set_ms(-1);
	runner_free(w->runner);
	live_free(w->live);
	model_store_close(&w->ms);
	w->s->close(w->s);
	arena_clear(&w->mem);
	snprintf(command, sizeof(command), "rm -rf %s", w->dir);
	free(w);
	return system(command) == 0 ? 0 : -1;
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
	assert_int_equal(uploads_receive(&w->u, &w->up, true, &w->mem, &e), 0);
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
		arena_reset(&w->mem);
		assert_int_equal(w->s->jobs->get(w->s, w->up.job, &w->mem, &j, &e), 0);
		if (job_state_over(j.state))
			break;
		if (clock_mono_ms() - from > PATIENCE_MS)
			fail_msg("the job is %s: " STR_FMT, job_state_name(j.state),
				STR_ARG(j.error));
		nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
	}
	if (j.state != JOB_DONE)
		fail_msg("%s: " STR_FMT, job_state_name(j.state), STR_ARG(j.error));
	assert_int_equal(w->s->uploads->get(w->s, w->up.id, &w->mem, &up, &e), 0);
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
	assert_int_equal(w->s->jobs->claim(w->s, S("gone"), &kind, 1, 10, &w->mem, &j, &e), 1);
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
