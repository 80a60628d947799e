/* SPDX-License-Identifier: Apache-2.0 */
/* tune_work.c: independent jobs on a few threads, with progress and a way to stop. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "model/tune_internal.h"
#include "util/err.h"

bool work_cancelled(const struct work *w)
{
	return w->o->cancelled != NULL && w->o->cancelled(w->o->arg);
}

void work_next(struct work *w, const char *what, double share)
{
	w->done += w->share;
	w->share = share;
	w->what = what;
	if (w->o->progress != NULL)
		w->o->progress(w->o->arg, what, w->done);
}

struct crew {
	struct work *w;
	size_t n;
	int (*job)(void *arg, size_t i, struct err *e);
	void *arg;
	atomic_size_t next, finished;
	atomic_bool stop;
	pthread_mutex_t lock;
	size_t failed_at; /* under lock */
	struct err err;   /* under lock */
};

static void fail(struct crew *c, size_t i, const struct err *e)
{
	pthread_mutex_lock(&c->lock);
	if (i < c->failed_at) {
		c->failed_at = i;
		c->err = *e;
	}
	pthread_mutex_unlock(&c->lock);
	atomic_store(&c->stop, true);
}

static void pull(struct crew *c, bool reports)
{
	while (!atomic_load(&c->stop)) {
		size_t i = atomic_fetch_add(&c->next, 1);
		struct err e = { 0 };

		if (i >= c->n)
			return;
		if (work_cancelled(c->w)) {
			err_set(&e, ERR_CANCELLED, "training was stopped");
			fail(c, i, &e);
		} else if (c->job(c->arg, i, &e) != 0) {
			fail(c, i, &e);
		}
		atomic_fetch_add(&c->finished, 1);
		if (reports && c->w->o->progress != NULL)
			c->w->o->progress(c->w->o->arg, c->w->what,
				c->w->done + c->w->share * (double)atomic_load(&c->finished) /
						     (double)c->n);
	}
}

static void *helper(void *arg)
{
	pull(arg, false);
	return NULL;
}

int work_run(struct work *w, size_t n, int (*job)(void *arg, size_t i, struct err *e), void *arg,
	struct err *e)
{
	struct crew c = { .w = w, .n = n, .job = job, .arg = arg, .failed_at = SIZE_MAX };
	pthread_t helpers[64];
	size_t started = 0, want = w->threads > 64 ? 64 : w->threads;

	pthread_mutex_init(&c.lock, NULL);
	while (started + 1 < want && started + 1 < n) {
		if (pthread_create(&helpers[started], NULL, helper, &c) != 0)
			break; /* fewer threads give the same result */
		started++;
	}
	pull(&c, true);
	for (size_t i = 0; i < started; i++)
		pthread_join(helpers[i], NULL);
	pthread_mutex_destroy(&c.lock);
	if (c.failed_at == SIZE_MAX)
		return 0;
	if (e != NULL)
		*e = c.err;
	return -1;
}
