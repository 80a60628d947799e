/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/print.h"
#include "cli/progress.h"
#include "config/options.h"
#include "util/err.h"

#define FIRST_MS 1000
#define EVERY_MS 100
#define TICK_MS  250

struct progress {
	bool on, shown, ticking, done;
	int64_t start_ms, drawn_ms;
	char step[80]; /* empty: nothing to show yet */
	double share;
	struct print print;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t ticker; /* keeps the seconds going in long steps */
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void hide_locked(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}

void progress_pause(struct progress *p)
{
	pthread_mutex_lock(&p->lock);
	hide_locked(p);
}

void progress_resume(struct progress *p)
{
	pthread_mutex_unlock(&p->lock);
}

static void draw_locked(struct progress *p, int64_t ms)
{
	struct print *out = &p->print;
	size_t bar = out->columns > 80 ? 24 : 12;

	buf_z(&out->b, "\r\033[K  ");
	if (p->share >= 0) {
		print_bar(out, STYLE_COLD, p->share, bar);
		print_fmt(out, STYLE_PLAIN, " %3d %%  ", (int)(p->share * 100));
	}
	print_fmt(out, STYLE_PLAIN, "%.48s", p->step);
	print_fmt(out, STYLE_DIM, "  %d s", (int)((ms - p->start_ms) / 1000));
	print_flush(out, stderr, NULL);
	p->shown = true;
	p->drawn_ms = ms;
}

/* Wakes four times a second and draws the line anew. */
static void *tick(void *arg)
{
	struct progress *p = arg;
	struct timespec t;

	pthread_mutex_lock(&p->lock);
	while (!p->done) {
		int64_t ms = now_ms();

		if (p->step[0] != '\0' && ms - p->start_ms >= FIRST_MS &&
			ms - p->drawn_ms >= TICK_MS)
			draw_locked(p, ms);
		clock_gettime(CLOCK_MONOTONIC, &t);
		t.tv_nsec += TICK_MS * 1000000L;
		t.tv_sec += t.tv_nsec / 1000000000L;
		t.tv_nsec %= 1000000000L;
		pthread_cond_timedwait(&p->wake, &p->lock, &t);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

struct progress *progress_new(bool wanted, struct err *e)
{
	struct progress *p = calloc(1, sizeof(*p));
	const char *term = getenv("TERM");
	pthread_condattr_t attr;
	sigset_t all, before;

	if (p == NULL) {
		err_nomem(e);
		return NULL;
	}
	p->on = wanted && isatty(STDERR_FILENO) && term != NULL && strcmp(term, "dumb") != 0;
	p->start_ms = now_ms();
	print_init(&p->print, stderr, COLOR_AUTO);
	pthread_mutex_init(&p->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&p->wake, &attr);
	pthread_condattr_destroy(&attr);
	if (p->on) { /* signals are for the main thread */
		sigfillset(&all);
		pthread_sigmask(SIG_BLOCK, &all, &before);
		p->ticking = pthread_create(&p->ticker, NULL, tick, p) == 0;
		pthread_sigmask(SIG_SETMASK, &before, NULL);
	}
	return p;
}

void progress_free(struct progress *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->done = true;
	pthread_cond_signal(&p->wake);
	pthread_mutex_unlock(&p->lock);
	if (p->ticking)
		pthread_join(p->ticker, NULL);
	hide_locked(p);
	print_clear(&p->print);
	pthread_cond_destroy(&p->wake);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

void progress_set(struct progress *p, const char *step, double done)
{
	int64_t ms;
	bool fresh;

	if (!p->on)
		return;
	ms = now_ms();
	pthread_mutex_lock(&p->lock);
	fresh = strncmp(step, p->step, sizeof(p->step) - 1) != 0;
	snprintf(p->step, sizeof(p->step), "%s", step);
	done = done > 1 ? 1 : done;
	/* Some steps count from their start more than once: a bar that goes back only worries. */
	if (done < 0 || done > p->share)
		p->share = done;
	if (ms - p->start_ms >= FIRST_MS && (fresh || ms - p->drawn_ms >= EVERY_MS))
		draw_locked(p, ms);
	pthread_mutex_unlock(&p->lock);
}
