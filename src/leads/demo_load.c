/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jobs/runner.h"
#include "leads/demo.h"
#include "leads/demo_load.h"
#include "leads/live.h"
#include "leads/training.h"
#include "leads/workroom.h"
#include "model/model_store.h"
#include "model/registry.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/file.h"
#include "util/json.h"

enum { ROWS = 6000, ROWS_MIN = 400, ROWS_MAX = 2000000 };

struct loading {
	struct demo_load *d;
	struct job_run *r;
	struct workroom room;
	char *history, *leads;
	double today;
};

static int demo_step(void *arg, double done)
{
	struct loading *l = arg;

	return job_step(l->r, "making leads", done * .1, NULL);
}

static bool train_step(void *arg, const char *step, double done)
{
	struct loading *l = arg;

	(void)done;
	return job_step(l->r, step, NAN, NULL);
}

static bool train_stop(void *arg)
{
	struct loading *l = arg;

	return job_stopping(l->r);
}

static int write_leads(struct loading *l, struct err *e)
{
	struct json *args = json_parse(job_of(l->r)->args, e);
	int64_t rows = json_int(json_get(args, "rows"), ROWS);
	struct demo_truth truth = { 0 };
	struct demo_opts o = { .seed = 1, .progress = demo_step, .progress_arg = l };
	int rc;

	if (args == NULL)
		return -1;
	json_free(args);
	if (workroom_open(&l->room, l->d->uploads->data, e) == -1)
		return -1;
	if ((l->history = workroom_path(&l->room, S("demo-history.csv"), e)) == NULL ||
		(l->leads = workroom_path(&l->room, S("demo-new-leads.csv"), e)) == NULL)
		return -1;
	o.rows = (size_t)(rows < ROWS_MIN ? ROWS_MIN : rows > ROWS_MAX ? ROWS_MAX : rows);
	/* The newest leads are of the last weeks, as a sales team's would be. */
	o.weeks = (int)floor(((double)clock_ms() / 86400000 - DEMO_AS_OF) / 7);
	o.history = l->history;
	o.leads = l->leads;
	rc = demo_write(&o, &truth, e);
	l->today = truth.as_of;
	demo_truth_clear(&truth);
	return rc;
}

static int train(struct loading *l, uint32_t *number, struct err *e)
{
	const struct str won = S(DEMO_WON), lost = S(DEMO_LOST);
	struct training_opts o = { .path = l->history,
		.target = S(DEMO_TARGET),
		.won = &won,
		.n_won = 1,
		.lost = &lost,
		.n_lost = 1,
		.budget = 2,
		.seed = 1,
		.as_of = NAN,
		.today = l->today,
		.hot = NAN,
		.warm = NAN,
		.per_day = NAN,
		.win_value = NAN,
		.contact_cost = NAN,
		.progress = { train_step, l, train_stop } };
	struct training t = { 0 };
	struct model_files fs = { 0 };
	int rc = -1;

	if (training_run(&o, &t, e) == 0 && training_files(&t, &fs, e) == 0)
		rc = registry_add(l->d->publishing.models, &fs, clock_ms() / 1000, number, e);
	model_files_clear(&fs);
	training_clear(&t);
	return rc;
}

/* What is published already stays. */
static int publish(struct loading *l, struct err *e)
{
	const struct publishing *p = &l->d->publishing;
	struct live_model *m = live_hold(p->live);
	bool has = live_number(m) != 0;
	uint32_t number;

	live_drop(m);
	if (has)
		return 0;
	if (train(l, &number, e) == -1 ||
		registry_publish(p->models, number, clock_ms() / 1000, e) == -1)
		return -1;
	return publishing_changed(p, e);
}

static int send(struct loading *l, const char *path, const char *name, struct err *e)
{
	struct uploads *u = l->d->uploads;
	struct upload up = { .id = id_new(), .created_by = job_of(l->r)->created_by };
	struct buf to = { 0 };
	char file[ID_ULID], sum[65];
	struct stat st;
	int rc = -1;

	id_ulid(up.id, file);
	up.file = str_of(file);
	up.filename = str_of(name);
	if (uploads_path(u, up.file, &to, e) == -1 || file_sha256(path, sum, e) == -1)
		goto done;
	if (stat(path, &st) == -1 || file_move(path, to.p, NULL) == -1) {
		err_set(e, ERR_IO, "the demo leads could not be handed over");
		goto done;
	}
	up.sha256 = str_of(sum);
	up.bytes = (uint64_t)st.st_size;
	if ((rc = uploads_receive(u, &up, true, job_arena(l->r), e)) == -1)
		unlink(to.p);
done:
	buf_clear(&to);
	return rc;
}

static int load(struct job_run *r, void *ctx, struct err *e)
{
	struct loading l = { .d = ctx, .r = r };
	int rc = -1;

	if (write_leads(&l, e) == 0 && publish(&l, e) == 0 &&
		send(&l, l.history, "demo-history.csv", e) == 0 &&
		send(&l, l.leads, "demo-new-leads.csv", e) == 0) {
		buf_z(job_result(r), "{\"uploads\":2}");
		rc = 0;
	}
	free(l.history);
	free(l.leads);
	if (l.room.dir != NULL)
		workroom_close(&l.room);
	return rc;
}

void demo_load_add(struct runner *r, struct demo_load *d)
{
	runner_add(r, DEMO_LOAD_JOB, load, d);
}
