/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/stop.h"
#include "util/err.h"
#include "util/file.h"

bool cli_cancelled(void *c)
{
	return stop_signal() != 0;
}

bool cli_progress(void *c, const char *step, double done)
{
	progress_set(((struct cli *)c)->progress, step, done);
	return cli_cancelled(c);
}

__attribute__((format(printf, 4, 0))) static void say(
	struct cli *c, enum style s, const char *label, const char *fmt, va_list ap)
{
	char text[2048];

	vsnprintf(text, sizeof(text), fmt, ap);
	progress_hide(c->progress);
	fflush(stdout); /* in the order it happened, where both end up on one terminal */
	print_fmt(&c->say, s, "%s", label);
	print_text(&c->say, STYLE_PLAIN, str_of(text));
	print_fmt(&c->say, STYLE_PLAIN, "\n");
	print_flush(&c->say, stderr, NULL);
}

void cli_notef(struct cli *c, const char *fmt, ...)
{
	va_list ap;

	if (c->o->quiet)
		return;
	va_start(ap, fmt);
	say(c, STYLE_DIM, "note: ", fmt, ap);
	va_end(ap);
}

void cli_note(void *c, const char *sentence)
{
	cli_notef(c, "%s", sentence);
}

void cli_warn(struct cli *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(c, STYLE_WARM, "warning: ", fmt, ap);
	va_end(ap);
}

int cli_flush(struct cli *c, struct err *e)
{
	progress_hide(c->progress);
	return print_flush(&c->out, stdout, e);
}

const char *cli_data(struct cli *c, struct err *e)
{
	char full[PATH_MAX];
	bool made = false;

	if (file_mkdir_p(c->o->data, &made, e) == -1) {
		err_prefix(e, "the data folder: ");
		return NULL;
	}
	if (made)
		cli_notef(c, "made the data folder %s",
			realpath(c->o->data, full) != NULL ? full : c->o->data);
	return c->o->data;
}

double cli_today(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (double)t.tv_sec / 86400.0;
}
