/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

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
	progress_pause(c->progress);
	fflush(stdout); /* in the order it happened, where both end up on one terminal */
	print_fmt(&c->say, s, "%s", label);
	print_text(&c->say, STYLE_PLAIN, str_of(text));
	print_fmt(&c->say, STYLE_PLAIN, "\n");
	print_flush(&c->say, stderr, NULL);
	progress_resume(c->progress);
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
	static const char warning[] = "warning: ";

	if (str_starts(str_of(sentence), str_of(warning))) {
		cli_warn(c, "%s", sentence + sizeof(warning) - 1);
		return;
	}
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
	int rc;

	progress_pause(c->progress);
	rc = print_flush(&c->out, stdout, e);
	progress_resume(c->progress);
	return rc;
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

int cli_data_check(struct cli *c, struct err *e)
{
	char path[PATH_MAX];
	struct stat st;
	size_t n = (size_t)snprintf(path, sizeof(path), "%s", c->o->data);

	if (n >= sizeof(path))
		return err_set(e, ERR_USAGE, "the data folder has too long a name");
	/* The nearest folder above that is there decides. */
	while (stat(path, &st) == -1) {
		if (errno == ENOTDIR)
			return err_set(e, ERR_CREATE,
				"the data folder %s cannot be made: there is a file in the way",
				c->o->data);
		while (n > 0 && path[n - 1] == '/')
			n--;
		while (n > 0 && path[n - 1] != '/')
			n--;
		snprintf(path + n, sizeof(path) - n, "%s", n == 0 ? "." : "");
		if (n == 0)
			break;
	}
	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
		return err_set(e, ERR_CREATE, "the data folder %s cannot be made: %s is a file",
			c->o->data, path);
	if (access(path, W_OK | X_OK) == -1)
		return err_set(e, errno == ENOENT ? ERR_CREATE : ERR_PERM,
			"the data folder %s cannot be written: %s", c->o->data, strerror(errno));
	return 0;
}

double cli_today(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (double)t.tv_sec / 86400.0;
}
