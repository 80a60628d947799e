/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "jobs/runner.h"
#include "obs/log.h"
#include "obs/metrics.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/cpus.h"
#include "util/crypto.h"
#include "util/err.h"

enum {
	KINDS_MAX = 32,
	THREADS_MAX = 16,
	NICE = 10,
	LOOK_MS = 1000,
	WAIT_MS = 200,
	TRIES = 8,
	TELLS = 5,
	TELL_AGAIN_MS = 100,
	TELL_MAX_MS = 1000,
	FULL_WAITS = 10
};
#define RETRY_MAX_MS INT64_C(600000)

enum why { RUN_ON, WHY_CANCELLED, WHY_STOPPING, WHY_LOST };

struct job_run {
	struct runner *runner;
	struct job job;
	struct arena mem;
	struct buf result;
	atomic_int stop; /* enum why */
	struct job_run *next;
	pthread_mutex_t lock; /* what follows */
	double done;
	bool stepped; /* ${done} is of this try */
	char step[64], message[256];
	bool changed;
	int64_t told_ms; /* clock_mono_ms of the last heartbeat */
};

struct kind {
	const char *name;
	job_fn *fn;
	void *ctx;
};

struct runner {
	struct runner_opts o;
	char worker[64];
	struct kind kinds[KINDS_MAX];
	struct str names[KINDS_MAX];
	size_t n_kinds;
	pthread_t threads[THREADS_MAX], beater;
	unsigned n_threads, started;
	bool beating;
	atomic_bool stopping;
	pthread_mutex_t lock; /* running; before the lock of a run */
	pthread_cond_t over;
	struct job_run *running;
};

int64_t runner_retry_ms(int64_t first, uint32_t tries, double random)
{
	double ms = (double)first * exp2(tries > 1 ? fmin(tries - 1, 30) : 0);

	ms = fmin(ms, (double)RETRY_MAX_MS);
	return (int64_t)(ms * (.8 + .4 * random));
}

/* ---- what a function sees ---- */

const struct job *job_of(const struct job_run *r)
{
	return &r->job;
}

struct arena *job_arena(struct job_run *r)
{
	return &r->mem;
}

struct buf *job_result(struct job_run *r)
{
	return &r->result;
}

bool job_stopping(struct job_run *r)
{
	return atomic_load(&r->stop) != RUN_ON;
}

bool job_cancelled(struct job_run *r)
{
	return atomic_load(&r->stop) == WHY_CANCELLED;
}

bool job_step(struct job_run *r, const char *step, double done, const char *message)
{
	pthread_mutex_lock(&r->lock);
	if (step != NULL)
		snprintf(r->step, sizeof(r->step), "%s", step);
	if (message != NULL)
		snprintf(r->message, sizeof(r->message), "%s", message);
	/* A try may begin where the one before did; from then on it only goes forward. */
	if (!isnan(done) && (!r->stepped || done > r->done))
		r->done = done;
	r->stepped |= !isnan(done);
	r->changed = true;
	pthread_mutex_unlock(&r->lock);
	return job_stopping(r);
}

int job_stopped(struct job_run *r, struct err *e)
{
	static const char *const words[] = { "stopped", "cancelled", "the server is stopping",
		"another worker has taken the job over" };

	return err_set(e, ERR_CANCELLED, "%s", words[atomic_load(&r->stop)]);
}

static bool is_final(enum err_code c)
{
	return c == ERR_INPUT || c == ERR_NOT_FOUND || c == ERR_LIMIT || c == ERR_USAGE ||
	       c == ERR_PERM || c == ERR_CONFLICT;
}

bool job_is_last(const struct job_run *r, const struct err *e)
{
	return e->code != ERR_CANCELLED && e->code != ERR_FULL &&
	       (is_final(e->code) ||
		       r->job.tries >= (r->job.max_tries != 0 ? r->job.max_tries : TRIES));
}

/* Only the first reason counts, except that a lost job is lost whatever else. */
static void ask_to_stop(struct job_run *r, enum why why)
{
	int on = RUN_ON;

	if (why == WHY_LOST)
		atomic_store(&r->stop, WHY_LOST);
	else
		atomic_compare_exchange_strong(&r->stop, &on, why);
}

/* ---- heartbeats ---- */

static int beat(struct job_run *r, const struct str *checkpoint, struct err *e)
{
	struct store *s = r->runner->o.store;
	struct job_beat b = {
		.id = r->job.id, .epoch = r->job.epoch, .lease_ms = r->runner->o.lease_ms
	};
	char step[sizeof(r->step)], message[sizeof(r->message)];
	bool cancel = false;
	struct err why = { 0 };

	pthread_mutex_lock(&r->lock);
	b.progress = r->done;
	memcpy(step, r->step, sizeof(step));
	memcpy(message, r->message, sizeof(message));
	r->changed = false;
	r->told_ms = clock_mono_ms();
	pthread_mutex_unlock(&r->lock);
	b.step = str_of(step);
	b.message = str_of(message);
	if (checkpoint != NULL)
		b.checkpoint = *checkpoint;
	if (s->jobs->heartbeat(s, &b, &cancel, &why) == -1) {
		if (why.code == ERR_CONFLICT || why.code == ERR_NOT_FOUND)
			ask_to_stop(r, WHY_LOST);
		if (e != NULL)
			*e = why;
		return -1;
	}
	if (cancel)
		ask_to_stop(r, WHY_CANCELLED);
	return 0;
}

int job_checkpoint(struct job_run *r, struct str json, struct err *e)
{
	return beat(r, &json, e);
}

static bool due(struct job_run *r, int64_t now)
{
	int64_t since;
	bool is;

	pthread_mutex_lock(&r->lock);
	since = now - r->told_ms;
	is = since >= r->runner->o.beat_ms || (r->changed && since >= r->runner->o.tell_ms);
	pthread_mutex_unlock(&r->lock);
	return is;
}

static void pause_ms(int64_t ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

static size_t pick_due(struct runner *w, struct job_run **out, size_t max)
{
	int64_t now = clock_mono_ms();
	size_t n = 0;

	pthread_mutex_lock(&w->lock);
	for (struct job_run *r = w->running; r != NULL && n < max; r = r->next)
		if (due(r, now))
			out[n++] = r;
	pthread_mutex_unlock(&w->lock);
	return n;
}

static bool still_running(struct runner *w, const struct job_run *r)
{
	const struct job_run *x;

	for (x = w->running; x != NULL && x != r; x = x->next)
		;
	return x != NULL;
}

static void *beat_all(void *arg)
{
	struct runner *w = arg;
	struct job_run *runs[THREADS_MAX];
	int64_t nap = w->o.tell_ms / 5 > 0 ? w->o.tell_ms / 5 : 1;

	for (;;) {
		size_t n = pick_due(w, runs, THREADS_MAX);
		bool idle;

		for (size_t i = 0; i < n; i++) {
			struct err e = { 0 };
			bool there;

			/* A run waits for ${beating} to be done with it before it goes. */
			pthread_mutex_lock(&w->lock);
			if ((there = still_running(w, runs[i])))
				w->beating = true;
			pthread_mutex_unlock(&w->lock);
			if (!there)
				continue;
			if (beat(runs[i], NULL, &e) == -1 && e.code != ERR_CONFLICT)
				log_err("job.heartbeat", &e);
			pthread_mutex_lock(&w->lock);
			w->beating = false;
			pthread_cond_broadcast(&w->over);
			pthread_mutex_unlock(&w->lock);
		}
		pthread_mutex_lock(&w->lock);
		idle = w->running == NULL;
		pthread_mutex_unlock(&w->lock);
		if (idle && atomic_load(&w->stopping))
			return NULL;
		pause_ms(nap);
	}
}

/* ---- running one ---- */

static void enlist(struct runner *w, struct job_run *r)
{
	pthread_mutex_lock(&w->lock);
	r->next = w->running;
	w->running = r;
	pthread_mutex_unlock(&w->lock);
	if (atomic_load(&w->stopping))
		ask_to_stop(r, WHY_STOPPING);
}

static void delist(struct runner *w, struct job_run *r)
{
	struct job_run **p = &w->running;

	pthread_mutex_lock(&w->lock);
	while (w->beating)
		pthread_cond_wait(&w->over, &w->lock);
	while (*p != r)
		p = &(*p)->next;
	*p = r->next;
	pthread_cond_broadcast(&w->over);
	pthread_mutex_unlock(&w->lock);
}

static double random_share(void)
{
	uint32_t x;

	crypto_random(&x, sizeof(x));
	return (double)x / 4294967296.0;
}

/* Tells the store how it ended: ${rc} and ${e} of its function. *state: for log and metrics. */
static int tell_end(
	struct job_run *r, int rc, const struct err *e, const char **state, struct err *why_not)
{
	struct store *s = r->runner->o.store;
	const struct store_jobs *j = s->jobs;
	bool final = is_final(e->code);
	int64_t retry =
		final ? -1 : runner_retry_ms(r->runner->o.retry_ms, r->job.tries, random_share());

	if (rc == 0) {
		*state = "done";
		return j->finish(s, r->job.id, r->job.epoch, buf_view(&r->result), why_not);
	}
	if (e->code == ERR_CANCELLED && atomic_load(&r->stop) == WHY_CANCELLED) {
		*state = "cancelled";
		return j->stopped(s, r->job.id, r->job.epoch, why_not);
	}
	if (e->code == ERR_CANCELLED) {
		*state = "released";
		return j->release(s, r->job.id, r->job.epoch, why_not);
	}
	if (e->code == ERR_FULL) {
		*state = "waited";
		return j->release(s, r->job.id, r->job.epoch, why_not);
	}
	*state = final ? "failed" : "retried";
	return j->fail(s, r->job.id, r->job.epoch, str_of(e->msg), retry, why_not);
}

/* A full disk is not the job's fault: it is told why it stands still, and tried again as often as
 * it takes. */
static void wait_for_room(struct job_run *r, const struct err *e)
{
	job_step(r, "waiting for room on the disk", NAN, e->msg);
	beat(r, NULL, NULL);
	for (int i = 0; i < FULL_WAITS && !atomic_load(&r->runner->stopping); i++)
		pause_ms(WAIT_MS);
}

/* A store that cannot write is asked again until it can: a job whose end it was not told runs on in
 * its eyes until the lease is over, and would then count as crashed. */
static const char *settle(struct job_run *r, int rc, struct err *e)
{
	const char *state;
	int64_t wait = TELL_AGAIN_MS;

	if (atomic_load(&r->stop) == WHY_LOST)
		return "lost";
	if (rc == 0 && buf_done(&r->result, e) == -1)
		rc = -1;
	if (rc == -1 && e->code == ERR_FULL)
		wait_for_room(r, e);
	for (int i = 1;; i++) {
		struct err why_not = { 0 };

		if (tell_end(r, rc, e, &state, &why_not) == 0)
			return state;
		if (i <= TELLS)
			log_err("job.settle", &why_not);
		if (is_final(why_not.code) || (i >= TELLS && atomic_load(&r->runner->stopping)))
			return state;
		pause_ms(wait);
		wait = 2 * wait < TELL_MAX_MS ? 2 * wait : TELL_MAX_MS;
	}
}

static const struct kind *kind_of(const struct runner *w, struct str name)
{
	for (size_t i = 0; i < w->n_kinds; i++)
		if (str_eq(w->names[i], name))
			return &w->kinds[i];
	return NULL;
}

static void run(struct runner *w, struct job_run *r)
{
	const struct kind *k = kind_of(w, r->job.kind);
	int64_t from = clock_mono_ms();
	struct err e = { 0 };
	char id[ID_ULID];
	const char *state;
	int rc;

	ASSERT(k != NULL); /* only these were asked for */
	id_ulid(r->job.id, id);
	r->told_ms = from;
	r->done = r->job.progress;
	LOG_INFO("job.start", LOG_Z("job", id), LOG_Z("kind", k->name),
		LOG_U64("try", r->job.tries));
	enlist(w, r);
	rc = k->fn(r, k->ctx, &e);
	if (rc == -1 && e.code == ERR_OK)
		err_set(&e, ERR_INTERNAL, "the job failed without saying why");
	delist(w, r);
	state = settle(r, rc, &e);
	metrics_add_l(METRIC_jobs, state, 1);
	if (rc == -1 && e.code != ERR_CANCELLED)
		LOG_WARN("job.end", LOG_Z("job", id), LOG_Z("kind", k->name), LOG_Z("state", state),
			LOG_I64("ms", clock_mono_ms() - from), LOG_Z("code", err_title(e.code)));
	else
		LOG_INFO("job.end", LOG_Z("job", id), LOG_Z("kind", k->name), LOG_Z("state", state),
			LOG_I64("ms", clock_mono_ms() - from));
}

/* 1: one was run, 0: there is none, -1: the store does not answer. */
static int take_one(struct runner *w)
{
	struct store *s = w->o.store;
	struct job_run *r = calloc(1, sizeof(*r));
	struct err e = { 0 };
	int rc;

	if (r == NULL)
		return -1;
	pthread_mutex_init(&r->lock, NULL);
	r->runner = w;
	rc = s->jobs->claim(
		s, str_of(w->worker), w->names, w->n_kinds, w->o.lease_ms, &r->mem, &r->job, &e);
	if (rc == 1)
		run(w, r);
	else if (rc == -1)
		log_err("job.claim", &e);
	buf_clear(&r->result);
	arena_clear(&r->mem);
	pthread_mutex_destroy(&r->lock);
	free(r);
	return rc;
}

static void *work(void *arg)
{
	struct runner *w = arg;
	struct store *s = w->o.store;
	uint64_t seen = 0;
	int64_t looked = INT64_MIN / 2;

	/* Below those who answer requests, here and in the threads that jobs start. */
	setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NICE);
	while (!atomic_load(&w->stopping)) {
		uint64_t now = s->jobs->wait(s, seen, WAIT_MS);
		int rc = 1;

		if (now == seen && clock_mono_ms() - looked < LOOK_MS)
			continue;
		seen = now;
		while (rc == 1 && !atomic_load(&w->stopping))
			rc = take_one(w);
		looked = clock_mono_ms();
		if (rc == -1)
			pause_ms(WAIT_MS);
	}
	return NULL;
}

/* ---- starting and stopping ---- */

struct runner *runner_new(const struct runner_opts *o, struct err *e)
{
	struct runner *w = calloc(1, sizeof(*w));
	uint64_t mark;

	if (w == NULL) {
		err_nomem(e);
		return NULL;
	}
	w->o = *o;
	w->o.lease_ms = o->lease_ms != 0 ? o->lease_ms : 30000;
	w->o.beat_ms = o->beat_ms != 0 ? o->beat_ms : 10000;
	w->o.tell_ms = o->tell_ms != 0 ? o->tell_ms : 500;
	w->o.retry_ms = o->retry_ms != 0 ? o->retry_ms : 1000;
	w->n_threads = o->threads != 0 ? o->threads : cpus_usable() > 4 ? 4 : 2;
	if (w->n_threads > THREADS_MAX)
		w->n_threads = THREADS_MAX;
	crypto_random(&mark, sizeof(mark));
	snprintf(w->worker, sizeof(w->worker), "%ld-%016llx", (long)getpid(),
		(unsigned long long)mark);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->over, NULL);
	return w;
}

void runner_add(struct runner *w, const char *kind, job_fn *fn, void *ctx)
{
	ASSERT(w->n_kinds < KINDS_MAX && w->started == 0);
	w->names[w->n_kinds] = str_of(kind);
	w->kinds[w->n_kinds++] = (struct kind){ kind, fn, ctx };
}

int runner_start(struct runner *w, struct err *e)
{
	int rc = pthread_create(&w->beater, NULL, beat_all, w);

	if (rc != 0)
		return err_set(e, ERR_UNAVAILABLE, "no thread for jobs: %s", strerror(rc));
	w->started = 1;
	for (unsigned i = 0; i < w->n_threads; i++) {
		rc = pthread_create(&w->threads[i], NULL, work, w);
		if (rc != 0 && i == 0) {
			runner_stop(w);
			return err_set(e, ERR_UNAVAILABLE, "no thread for jobs: %s", strerror(rc));
		}
		if (rc != 0)
			break;
		w->started++;
	}
	return 0;
}

void runner_stop(struct runner *w)
{
	if (w->started == 0)
		return;
	atomic_store(&w->stopping, true);
	pthread_mutex_lock(&w->lock);
	for (struct job_run *r = w->running; r != NULL; r = r->next)
		ask_to_stop(r, WHY_STOPPING);
	pthread_mutex_unlock(&w->lock);
	for (unsigned i = 0; i + 1 < w->started; i++)
		pthread_join(w->threads[i], NULL);
	pthread_join(w->beater, NULL);
	w->started = 0;
}

void runner_free(struct runner *w)
{
	if (w == NULL)
		return;
	runner_stop(w);
	pthread_mutex_destroy(&w->lock);
	pthread_cond_destroy(&w->over);
	free(w);
}

int runner_cancel(struct runner *w, struct id id, struct err *e)
{
	struct store *s = w->o.store;

	if (s->jobs->cancel(s, id, e) == -1)
		return -1;
	pthread_mutex_lock(&w->lock);
	for (struct job_run *r = w->running; r != NULL; r = r->next)
		if (id_eq(r->job.id, id))
			ask_to_stop(r, WHY_CANCELLED);
	pthread_mutex_unlock(&w->lock);
	return 0;
}

unsigned runner_busy(struct runner *w)
{
	unsigned n = 0;

	pthread_mutex_lock(&w->lock);
	for (struct job_run *r = w->running; r != NULL; r = r->next)
		n++;
	pthread_mutex_unlock(&w->lock);
	return n;
}
