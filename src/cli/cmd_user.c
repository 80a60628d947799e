/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/console.h"
#include "util/crypto.h"
#include "util/err.h"

enum { LINE = 1024 };

/* One line without its end. On a terminal it is asked for, and not shown. */
static int read_line(const char *ask, char out[LINE], struct err *e)
{
	struct termios was, quiet;
	bool tty = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &was) == 0;
	bool got;
	size_t n;

	if (tty) {
		quiet = was;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
		fputs(ask, stderr);
		fflush(stderr);
	}
	got = fgets(out, LINE, stdin) != NULL;
	if (tty) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &was);
		fputc('\n', stderr);
	}
	n = got ? strlen(out) : 0;
	if (n > 0 && out[n - 1] == '\n')
		out[--n] = '\0';
	if (n > 0 && out[n - 1] == '\r')
		out[--n] = '\0';
	if (n == 0)
		return err_set(e, ERR_USAGE, "the password comes on standard input, as one line");
	return 0;
}

static int read_password(char out[LINE], struct err *e)
{
	char again[LINE];
	int rc = read_line("Password: ", out, e);

	if (rc == 0 && isatty(STDIN_FILENO)) {
		rc = read_line("The same again: ", again, e);
		if (rc == 0 && strcmp(out, again) != 0)
			rc = err_set(e, ERR_USAGE, "the two differ");
		crypto_wipe(again, sizeof(again));
	}
	return rc;
}

static void list(struct cli *c, const struct json *doc)
{
	static const struct grid_col cols[] = { { .title = "email", .shrink = true },
		{ .title = "name", .shrink = true }, { .title = "role" }, { .title = "state" },
		{ .title = "code" }, { .title = "last login (UTC)" } };
	const struct json *items = json_get(doc, "items");
	struct grid g;
	char when[24];

	if (json_len(items) == 0) {
		print_fmt(&c->out, STYLE_PLAIN,
			"There is no account yet; the set-up link or "
			"heatscore user add makes the first one.\n");
		return;
	}
	grid_init(&g, cols, 6);
	for (size_t i = 0; i < json_len(items); i++) {
		const struct json *u = json_at(items, i);

		grid_text(&g, STYLE_PLAIN, json_str(json_get(u, "email"), S("")));
		grid_text(&g, STYLE_PLAIN, json_str(json_get(u, "name"), S("")));
		grid_text(&g, STYLE_PLAIN, json_str(json_get(u, "role"), S("")));
		grid_text(&g, STYLE_PLAIN,
			json_bool(json_get(u, "disabled"), false) ? S("disabled") : S("works"));
		grid_text(&g, STYLE_PLAIN,
			json_bool(json_get(u, "totp"), false) ? S("yes") : S("no"));
		grid_text(
			&g, STYLE_PLAIN, str_of(console_when(json_get(u, "last_login_at"), when)));
	}
	grid_print(&g, &c->out);
}

static const struct verb {
	const char *name;
	bool password;
	const char *done; /* printed with the email */
} verbs[] = { { "add", true, "added" }, { "list", false, NULL },
	{ "role", false, "has another role" },
	{ "disable", false, "is disabled: sessions and keys ended" },
	{ "enable", false, "may sign in again" },
	{ "reset-password", true, "has a new password; all sessions ended" },
	{ "remove-totp", false, "signs in with the password alone" },
	{ "end-sessions", false, "is signed out everywhere" }, { "remove", false, "is gone" } };

static const struct verb *find(struct cli *c, struct err *e)
{
	const char *names[16];
	size_t n = sizeof(verbs) / sizeof(verbs[0]);
	ptrdiff_t near;

	for (size_t i = 0; i < n; i++) {
		names[i] = verbs[i].name;
		if (strcmp(c->o->args[0], verbs[i].name) == 0)
			return &verbs[i];
	}
	near = options_nearest(str_of(c->o->args[0]), names, n);
	err_set(e, ERR_USAGE, "there is no 'user %.40s'%s%s%s", c->o->args[0],
		near >= 0 ? "; did you mean " : "", near >= 0 ? names[near] : "",
		near >= 0 ? "?" : "");
	return NULL;
}

int cmd_user(struct cli *c, struct err *e)
{
	const struct verb *v = find(c, e);
	char password[LINE] = "", what[32];
	struct console k;
	int rc = -1;

	if (v == NULL)
		return -1;
	if (v->done != NULL && c->o->n_args < 2)
		return err_set(e, ERR_USAGE, "user %s needs an email address", v->name);
	if (v->password && read_password(password, e) == -1)
		return -1;
	snprintf(what, sizeof(what), "user.%s", v->name);
	console_begin(&k, what);
	if (v->done != NULL)
		jw_kz(&k.w, "email", c->o->args[1]);
	if (v->password)
		jw_kz(&k.w, "password", password);
	if (c->o->role != NULL)
		jw_kz(&k.w, "role", c->o->role);
	if (c->o->name != NULL)
		jw_kz(&k.w, "name", c->o->name);
	if (c->o->owner != NULL)
		jw_kz(&k.w, "owner", c->o->owner);
	crypto_wipe(password, sizeof(password));
	if (console_send(c, &k, e) == 0) {
		rc = 0;
		if (!c->o->json && v->done == NULL)
			list(c, k.doc);
		else if (!c->o->json)
			print_fmt(&c->out, STYLE_PLAIN, STR_FMT " %s.\n",
				STR_ARG(json_str(json_get(k.doc, "email"), S(""))), v->done);
	}
	console_end(&k);
	return rc;
}
