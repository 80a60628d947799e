/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "obs/health.h"
#include "obs/log.h"
#include "util/err.h"
#include "util/json.h"

#define CHECKS_MAX 32
#define HANGS_S    2

struct check {
	const char *name;
	bool needed;
	health_fn *fn;
	void *ctx;
	bool ok;
	char detail[256];
};

struct health {
	pthread_mutex_t mu;
	pthread_cond_t stop;
	pthread_t thread;
	bool running, stopping, draining;
	struct check checks[CHECKS_MAX];
	size_t n;
	size_t looking;        /* index of the check that runs now; n: none */
	struct timespec since; /* when it began */
};

struct health *health_new(struct err *e)
{
	struct health *h = calloc(1, sizeof(*h));
	pthread_condattr_t attr;

	if (h == NULL) {
		err_nomem(e);
		return NULL;
	}
	pthread_mutex_init(&h->mu, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&h->stop, &attr);
	pthread_condattr_destroy(&attr);
	return h;
}

void health_add(struct health *h, const char *name, bool needed, health_fn *fn, void *ctx)
{
	ASSERT(!h->running && h->n < CHECKS_MAX);
	h->checks[h->n++] = (struct check){ .name = name, .needed = needed, .fn = fn, .ctx = ctx };
}

/* One check, without the lock while it looks. */
static void look(struct health *h, size_t i)
{
	struct check *c = &h->checks[i];
	struct err e = { 0 };
	bool ok, was;

	pthread_mutex_lock(&h->mu);
	h->looking = i;
	clock_gettime(CLOCK_MONOTONIC, &h->since);
	pthread_mutex_unlock(&h->mu);
	ok = c->fn(c->ctx, &e) == 0;
	pthread_mutex_lock(&h->mu);
	h->looking = h->n;
	was = c->ok;
	c->ok = ok;
	snprintf(c->detail, sizeof(c->detail), "%.255s", ok ? "" : e.msg);
	pthread_mutex_unlock(&h->mu);
	if (ok != was && h->running)
		LOG_WARN(ok ? "health.recovered" : "health.failed", LOG_Z("check", c->name),
			LOG_Z("why", ok ? "" : e.msg));
}

static void *watch(void *arg)
{
	struct health *h = arg;
	struct timespec until;

	pthread_mutex_lock(&h->mu);
	while (!h->stopping) {
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec++;
		pthread_cond_timedwait(&h->stop, &h->mu, &until);
		for (size_t i = 0; i < h->n && !h->stopping; i++) {
			pthread_mutex_unlock(&h->mu);
			look(h, i);
			pthread_mutex_lock(&h->mu);
		}
	}
	pthread_mutex_unlock(&h->mu);
	return NULL;
}

int health_start(struct health *h, struct err *e)
{
	h->looking = h->n;
	for (size_t i = 0; i < h->n; i++)
		look(h, i);
	h->running = true;
	if (pthread_create(&h->thread, NULL, watch, h) != 0) {
		h->running = false;
		return err_set(e, ERR_UNAVAILABLE, "cannot start the thread that checks health");
	}
	return 0;
}

void health_drain(struct health *h)
{
	pthread_mutex_lock(&h->mu);
	h->draining = true;
	pthread_mutex_unlock(&h->mu);
}

static bool hangs_locked(const struct health *h, size_t i)
{
	struct timespec now;

	if (h->looking != i)
		return false;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - h->since.tv_sec >= HANGS_S;
}

static bool ok_locked(const struct health *h, size_t i)
{
	return h->checks[i].ok && !hangs_locked(h, i);
}

static const char *detail_locked(const struct health *h, size_t i)
{
	return hangs_locked(h, i) ? "it does not answer" : h->checks[i].detail;
}

bool health_ready(struct health *h, char *why, size_t n)
{
	bool ready;

	pthread_mutex_lock(&h->mu);
	ready = h->running && !h->draining;
	snprintf(why, n, "%s", h->draining ? "stopping" : h->running ? "" : "starting");
	for (size_t i = 0; i < h->n && ready; i++) {
		if (!h->checks[i].needed || ok_locked(h, i))
			continue;
		ready = false;
		snprintf(why, n, "%s: %s", h->checks[i].name, detail_locked(h, i));
	}
	pthread_mutex_unlock(&h->mu);
	return ready;
}

void health_print(struct health *h, struct jw *w, bool details)
{
	const char *status = "ok";

	pthread_mutex_lock(&h->mu);
	for (size_t i = 0; i < h->n; i++)
		if (!ok_locked(h, i))
			status = h->checks[i].needed || strcmp(status, "failed") == 0 ? "failed"
										      : "degraded";
	if (h->draining)
		status = "stopping";
	jw_kz(w, "status", status);
	jw_key(w, "checks");
	jw_arr(w);
	for (size_t i = 0; i < h->n; i++) {
		jw_obj(w);
		jw_kz(w, "name", h->checks[i].name);
		jw_kz(w, "status", ok_locked(h, i) ? "ok" : "failed");
		jw_kbool(w, "needed", h->checks[i].needed);
		if (details && !ok_locked(h, i))
			jw_kz(w, "detail", detail_locked(h, i));
		jw_end_obj(w);
	}
	jw_end_arr(w);
	pthread_mutex_unlock(&h->mu);
}

void health_stop(struct health *h)
{
	if (!h->running)
		return;
	pthread_mutex_lock(&h->mu);
	h->stopping = true;
	pthread_cond_signal(&h->stop);
	pthread_mutex_unlock(&h->mu);
	pthread_join(h->thread, NULL);
	h->running = false;
}

void health_free(struct health *h)
{
	if (h == NULL)
		return;
	health_stop(h);
	pthread_cond_destroy(&h->stop);
	pthread_mutex_destroy(&h->mu);
	free(h);
}
