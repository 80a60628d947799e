/* SPDX-License-Identifier: Apache-2.0 */
/* Background work: the queue's runners, and a watch that looks from time to time at what other
 * processes did to the same data folder and at files whose time is over. */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/app.h"
#include "app/app_internal.h"
#include "jobs/runner.h"
#include "leads/bulk_log.h"
#include "leads/demo_load.h"
#include "leads/live.h"
#include "leads/publishing.h"
#include "leads/rescore_job.h"
#include "leads/uploads.h"
#include "obs/log.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/clock.h"
#include "util/err.h"

enum { LOOK_S = 2, SWEEP_LOOKS = 1800 };
#define DAY_MS    INT64_C(86400000)
#define KEEP_FILE (7 * DAY_MS)
#define KEEP_JOB  (30 * DAY_MS)

struct app_jobs {
	struct app *a;
	struct uploads uploads;
	struct rescore_job rescore;
	struct demo_load demo;
	struct publishing publishing;
	struct runner *runner;
	pthread_t watch;
	bool watching, stop;
	bool looked;          /* for scores that are owed; the watch's */
	pthread_mutex_t lock; /* stop */
	pthread_cond_t changed;
};

static void sweep(struct app_jobs *j)
{
	struct store *s = j->a->api.store;
	struct err e = { 0 };
	uint64_t n;

	bulk_log_sweep(j->a->api.data, clock_ms() - KEEP_FILE);
	if (uploads_sweep(&j->uploads, clock_ms() - KEEP_FILE, &e) == -1 ||
		s->jobs->purge(s, clock_ms() - KEEP_JOB, &n, &e) == -1 ||
		s->replies->purge(s, clock_ms(), &e) == -1)
		log_err("jobs.sweep", &e);
}

/* Once, and not before listening: with a million leads it takes a second. */
static void recover_scores(struct app_jobs *j)
{
	struct err e = { 0 };

	j->looked = rescore_job_recover(&j->rescore, &e) == 0;
	if (!j->looked)
		log_err("model.rescore", &e);
}

/* Another process may have published a version, or changed thresholds. */
static void look(struct app_jobs *j)
{
	struct err e = { 0 };
	bool changed = false;

	if (atomic_load(&j->uploads.owed) && uploads_recover(&j->uploads, &e) == -1)
		log_err("jobs.recover", &e);
	if (live_refresh(j->a->api.live, &changed, &e) == -1)
		log_err("model.refresh", &e);
	else if (changed && publishing_changed(&j->publishing, &e) == -1)
		log_err("model.rescore", &e);
}

static bool wait_a_while(struct app_jobs *j)
{
	struct timespec until;
	bool stop;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += LOOK_S;
	pthread_mutex_lock(&j->lock);
	while (!j->stop && pthread_cond_timedwait(&j->changed, &j->lock, &until) == 0)
		;
	stop = j->stop;
	pthread_mutex_unlock(&j->lock);
	return !stop;
}

static void *watch(void *arg)
{
	struct app_jobs *j = arg;

	recover_scores(j);
	for (unsigned n = 0; wait_a_while(j); n++) {
		look(j);
		if (!j->looked)
			recover_scores(j);
		if (n % SWEEP_LOOKS == 0)
			sweep(j);
	}
	return NULL;
}

/* Jobs that the process before us held when it was killed: nobody holds them now, and there is no
 * need to wait until their leases run out. It still counts as a crash. */
static int end_leases(struct store *s, struct err *e)
{
	const struct job_filter f = { JOB_RUNNING, { NULL, 0 } };
	struct arena mem = { 0 };
	struct job *list;
	struct str next;
	size_t n = 0;
	int rc = s->jobs->list(s, &f, 500, S(""), &mem, &list, &n, &next, e);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		const struct job_beat b = {
			.id = list[i].id, .epoch = list[i].epoch, .progress = NAN
		};
		bool cancel;

		rc = s->jobs->heartbeat(s, &b, &cancel, e);
	}
	arena_clear(&mem);
	return rc;
}

/* Before any runner starts: no job is anybody's. */
int part_leases_start(struct app *a, struct err *e)
{
	struct uploads u = { .store = a->api.store, .live = a->api.live, .data = a->api.data };

	if (uploads_tidy(&u, e) == -1 || uploads_recover(&u, e) == -1)
		return -1;
	return end_leases(a->api.store, e);
}

void part_leases_stop(struct app *a)
{
	(void)a;
}

static int start(struct app_jobs *j, struct err *e)
{
	struct api *api = &j->a->api;
	struct runner_opts o = { .store = api->store };

	if ((j->runner = runner_new(&o, e)) == NULL)
		return -1;
	j->publishing = (struct publishing){ api->store, api->models, api->live };
	j->uploads = (struct uploads){
		.store = api->store, .live = api->live, .runner = j->runner, .data = api->data
	};
	j->rescore = (struct rescore_job){ api->store, api->live };
	j->demo = (struct demo_load){ &j->uploads, j->publishing };
	uploads_add_jobs(j->runner, &j->uploads);
	rescore_job_add(j->runner, &j->rescore);
	demo_load_add(j->runner, &j->demo);
	api->uploads = &j->uploads;
	api->jobs = j->runner;
	if (runner_start(j->runner, e) == -1)
		return -1;
	if (pthread_create(&j->watch, NULL, watch, j) != 0)
		return err_set(e, ERR_UNAVAILABLE, "no thread for the watch");
	j->watching = true;
	return 0;
}

int part_jobs_start(struct app *a, struct err *e)
{
	struct app_jobs *j = calloc(1, sizeof(*j));

	if (j == NULL)
		return err_nomem(e);
	a->jobs = j;
	j->a = a;
	pthread_mutex_init(&j->lock, NULL);
	pthread_cond_init(&j->changed, NULL);
	if (start(j, e) == 0)
		return 0;
	part_jobs_stop(a);
	return -1;
}

void part_jobs_stop(struct app *a)
{
	struct app_jobs *j = a->jobs;

	pthread_mutex_lock(&j->lock);
	j->stop = true;
	pthread_cond_broadcast(&j->changed);
	pthread_mutex_unlock(&j->lock);
	if (j->watching)
		pthread_join(j->watch, NULL);
	runner_free(j->runner);
	pthread_mutex_destroy(&j->lock);
	pthread_cond_destroy(&j->changed);
	free(j);
	a->jobs = NULL;
	a->api.jobs = NULL;
	a->api.uploads = NULL;
}

int app_load_demo(struct app *a, struct err *e)
{
	struct store *s = a->api.store;
	struct job out, ask = { .id = id_new(),
		.kind = S(DEMO_LOAD_JOB),
		.dedupe = S("demo"),
		.args = S("{}"),
		.created_ms = clock_ms(),
		.run_at_ms = clock_ms() };
	struct arena mem = { 0 };
	int64_t n = s->leads->count(s, e);
	bool existed;
	int rc = n == -1 ? -1 : 0;

	if (n == 0)
		rc = s->jobs->enqueue(s, &ask, &mem, &out, &existed, e);
	arena_clear(&mem);
	return rc;
}
