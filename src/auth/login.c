/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/login.h"

#include <stdio.h>
#include <string.h>

#include "auth/auth_internal.h"
#include "auth/people.h"
#include "auth/throttle.h"
#include "auth/trail.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/utf8.h"

int login_begin(struct auth *a, const struct user *u, struct str address, struct str agent,
	char token[TOKEN_SIZE], struct err *e)
{
	struct session x = { .id = id_new(),
		.user = u->id,
		.created_ms = clock_ms(),
		.address = address,
		.agent = utf8_valid(agent) ? utf8_cut(agent, 200) : S("") };

	x.seen_ms = x.created_ms;
	x.expires_ms = x.created_ms + AUTH_ABSOLUTE_MS;
	token_make(token, x.hash);
	return a->o.store->sessions->put(a->o.store, &x, e);
}

int login_end(struct auth *a, struct str token, struct err *e)
{
	uint8_t hash[32];

	if (token_read(token, hash) == -1)
		return 0;
	if (a->o.store->sessions->remove(a->o.store, hash, e) == -1 && e->code != ERR_NOT_FOUND)
		return -1;
	auth_changed(a);
	return 0;
}

int login_end_one(struct auth *a, struct id user, struct id session, struct err *e)
{
	struct arena mem = { .cap = 8 << 20 };
	struct store *s = a->o.store;
	struct session *list;
	bool found = false;
	size_t n;
	int rc = s->sessions->list(s, user, &mem, &list, &n, e);

	for (size_t i = 0; rc == 0 && i < n; i++)
		if (id_eq(list[i].id, session)) {
			found = true;
			rc = s->sessions->remove(s, list[i].hash, e);
		}
	arena_clear(&mem);
	auth_changed(a);
	if (rc == 0 && !found)
		return err_set(e, ERR_NOT_FOUND, "there is no such session");
	return rc;
}

/* What is logged of a try: whose account, if there is one, and never what was typed. */
static int write_down(struct auth *a, const struct login *l, const struct user *u,
	const char *action, const char *why, struct err *e)
{
	struct actor by = { .address = l->address, .request = l->request };
	char detail[64];

	snprintf(by.name, sizeof(by.name), "nobody");
	if (u != NULL && strcmp(action, "login.ok") == 0) {
		char ulid[ID_ULID];

		id_ulid(u->id, ulid);
		snprintf(by.name, sizeof(by.name), "user %s", ulid);
	}
	snprintf(detail, sizeof(detail), "{\"why\":\"%s\"}", why);
	if (u == NULL)
		return trail_add(a->o.store, &by, action, S(""), str_of(detail), e);
	return trail_id(a->o.store, &by, action, "user", u->id, str_of(detail), e);
}

static int failed(struct auth *a, const struct login *l, const struct user *u, struct throttle *t,
	const char *why, struct err *e)
{
	if (throttle_failed(t, a->o.store, clock_ms(), e) == -1 ||
		write_down(a, l, u, "login.failed", why, e) == -1)
		return -1;
	return LOGIN_WRONG;
}

/* The password was right. It may be time to hash it anew. */
static int succeeded(struct auth *a, const struct login *l, struct user *u, struct throttle *t,
	char token[TOKEN_SIZE], struct err *e)
{
	struct store *s = a->o.store;
	char hash[SECRET_PASSWORD];

	if (throttle_passed(t, s, clock_ms(), e) == -1)
		return -1;
	if (hasher_old(a->hasher, u->password) && hasher_make(a->hasher, l->password, hash, e) == 0)
		u->password = str_of(hash);
	u->last_login_ms = clock_ms();
	/* Someone else may have changed the account at this moment: that change stands. */
	if (s->users->put(s, u, u->version, e) == -1 && e->code != ERR_CONFLICT)
		return -1;
	if (login_begin(a, u, l->address, l->agent, token, e) == -1 ||
		write_down(a, l, u, "login.ok", u->totp.n > 0 ? "password and code" : "password",
			e) == -1)
		return -1;
	return LOGIN_OK;
}

int login_try(struct auth *a, const struct login *l, struct arena *mem, struct user *u,
	char token[TOKEN_SIZE], int64_t *wait_ms, struct err *e)
{
	struct store *s = a->o.store;
	struct throttle t;
	bool there, ok;

	*wait_ms = 0;
	if (throttle_check(&t, s, "login", l->email, l->address, clock_ms(), wait_ms, e) == -1)
		return -1;
	if (*wait_ms > 0)
		return LOGIN_WAIT;
	memset(u, 0, sizeof(*u));
	there = s->users->by_email(s, l->email, mem, u, e) == 0;
	if (!there && e->code != ERR_NOT_FOUND)
		return -1;
	if (hasher_is(a->hasher, there ? u->password : S(""), l->password, &ok, e) == -1)
		return -1;
	if (!there || !ok || u->disabled)
		return failed(a, l, there ? u : NULL, &t, there && ok ? "disabled" : "password", e);
	if (u->totp.n > 0) {
		if (l->code.n == 0)
			return LOGIN_TOTP;
		if (people_totp_check(a, u, l->code, l->address, &ok, e) == -1)
			return -1;
		if (!ok)
			return write_down(a, l, u, "login.failed", "code", e) == -1 ? -1
										    : LOGIN_TOTP;
		/* The check wrote to the account. */
		if (s->users->get(s, u->id, mem, u, e) == -1)
			return -1;
	}
	return succeeded(a, l, u, &t, token, e);
}
