/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/setup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auth/auth_internal.h"
#include "auth/password.h"
#include "auth/people.h"
#include "auth/trail.h"
#include "store/store.h"
#include "util/clock.h"
#include "util/err.h"

int setup_needed(struct auth *a, bool *needed, struct err *e)
{
	return people_none(a, needed, e);
}

static void link_path(const struct auth *a, char *path, size_t n)
{
	snprintf(path, n, "%s/setup-link", a->o.data);
}

static int write_link(const struct auth *a, const char *link, struct err *e)
{
	char path[4096];
	int fd, rc = 0;

	link_path(a, path, sizeof(path));
	/* Anew, so that neither its mode nor who has it open is somebody else's. */
	unlink(path);
	if ((fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)) == -1)
		return err_set(e, ERR_CREATE, "%s: %s", path, strerror(errno));
	if (dprintf(fd, "%s\n", link) < 0)
		rc = err_set(e, ERR_IO, "%s: %s", path, strerror(errno));
	close(fd);
	return rc;
}

int setup_link(struct auth *a, const char *base, char *link, size_t n, struct err *e)
{
	struct token t = { .kind = S("setup"), .created_ms = clock_ms() };
	char token[TOKEN_SIZE], path[4096];
	bool needed;

	link[0] = '\0';
	if (setup_needed(a, &needed, e) == -1)
		return -1;
	if (!needed) {
		link_path(a, path, sizeof(path));
		unlink(path);
		return 0;
	}
	token_make(token, t.hash);
	t.expires_ms = t.created_ms + SETUP_MS;
	if (a->o.store->tokens->put(a->o.store, &t, e) == -1)
		return -1;
	/* After "#": browsers do not send it, so it is in no log and no Referer. */
	snprintf(link, n, "%s/setup#token=%s", base, token);
	return write_link(a, link, e);
}

int setup_claim(struct auth *a, struct str token, struct str email, struct str name, struct str pw,
	struct str address, struct str request, struct arena *mem, struct user *out, struct err *e)
{
	struct person_new p = { .email = email, .name = name, .role = USER_ADMIN, .password = pw };
	struct store *s = a->o.store;
	struct actor by;
	char path[4096];
	uint8_t hash[32];
	struct token t;
	bool needed;

	actor_server(&by);
	by.address = address;
	by.request = request;
	if (setup_needed(a, &needed, e) == -1)
		return -1;
	if (!needed)
		return err_set(e, ERR_CONFLICT, "this server has been set up");
	if (token_read(token, hash) == -1 ||
		s->tokens->peek(s, hash, S("setup"), clock_ms(), mem, &t, e) == -1)
		return err_set(e, ERR_NOT_FOUND,
			"this link is not valid (any more); heatscore serve prints a new one at "
			"its start");
	/* What can be wrong with the form is found before the link is used up. */
	if (password_check(pw, false, email, name, e) == -1 || people_check(email, name, e) == -1)
		return -1;
	if (s->tokens->take(s, hash, S("setup"), clock_ms(), mem, &t, e) == -1)
		return e->code == ERR_NOT_FOUND
			       ? err_set(e, ERR_CONFLICT, "somebody else was faster with this link")
			       : -1;
	if (people_add(a, &by, &p, mem, out, e) == -1)
		return -1;
	link_path(a, path, sizeof(path));
	unlink(path);
	return trail_id(s, &by, "setup.done", "user", out->id, S(""), e);
}
