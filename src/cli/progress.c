/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
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

struct progress {
	bool on, shown;
	int64_t start_ms, drawn_ms;
	char step[80];
	struct print print;
	pthread_mutex_t lock;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct progress *progress_new(bool wanted, struct err *e)
{
	struct progress *p = calloc(1, sizeof(*p));
	const char *term = getenv("TERM");

	if (p == NULL) {
		err_nomem(e);
		return NULL;
	}
	p->on = wanted && isatty(STDERR_FILENO) && term != NULL && strcmp(term, "dumb") != 0;
	p->start_ms = now_ms();
	print_init(&p->print, stderr, COLOR_AUTO);
	pthread_mutex_init(&p->lock, NULL);
	return p;
}

static void hide_locked(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}

void progress_hide(struct progress *p)
{
	pthread_mutex_lock(&p->lock);
	hide_locked(p);
	p->drawn_ms = 0;
	pthread_mutex_unlock(&p->lock);
}

void progress_free(struct progress *p)
{
	if (p == NULL)
		return;
	hide_locked(p);
	print_clear(&p->print);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

static void draw_locked(struct progress *p, const char *step, double done, int64_t ms)
{
	struct print *out = &p->print;
	size_t bar = out->columns > 80 ? 24 : 12;

	buf_z(&out->b, "\r\033[K  ");
	if (done >= 0) {
		print_bar(out, STYLE_COLD, done, bar);
		print_fmt(out, STYLE_PLAIN, " %3d %%  ", (int)(done * 100));
	}
	print_fmt(out, STYLE_PLAIN, "%.48s", step);
	print_fmt(out, STYLE_DIM, "  %d s", (int)((ms - p->start_ms) / 1000));
	print_flush(out, stderr, NULL);
	p->shown = true;
	p->drawn_ms = ms;
}

void progress_set(struct progress *p, const char *step, double done)
{
	int64_t ms;

	if (!p->on)
		return;
	ms = now_ms();
	pthread_mutex_lock(&p->lock);
	if (ms - p->start_ms >= FIRST_MS &&
		(ms - p->drawn_ms >= EVERY_MS || strncmp(step, p->step, sizeof(p->step) - 1) != 0))
		draw_locked(p, step, done > 1 ? 1 : done, ms);
	snprintf(p->step, sizeof(p->step), "%s", step);
	pthread_mutex_unlock(&p->lock);
}
