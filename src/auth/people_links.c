/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords, and the links they are chosen by. */
#include <stdio.h>

#include "auth/auth_internal.h"
#include "auth/password.h"
#include "auth/people.h"
#include "auth/throttle.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"

static int end_sessions(struct auth *a, struct id id, const uint8_t *keep, struct err *e)
{
	uint64_t n;

	if (a->o.store->sessions->end(a->o.store, id, keep, &n, e) == -1)
		return -1;
	auth_changed(a);
	return 0;
}

int people_set_password(struct auth *a, const struct actor *by, struct id id, struct str pw,
	bool must_change, const uint8_t *keep, struct err *e)
{
	struct arena mem = { .cap = 1 << 20 };
	struct store *s = a->o.store;
	char hash[SECRET_PASSWORD];
	struct user u;
	int rc = -1;

	if (s->users->get(s, id, &mem, &u, e) == -1 ||
		password_check(pw, u.totp.n > 0, u.email, u.name, e) == -1 ||
		hasher_make(a->hasher, pw, hash, e) == -1)
		goto done;
	u.password = str_of(hash);
	u.must_change_password = must_change;
	u.password_ms = u.updated_ms = clock_ms();
	if (s->users->put(s, &u, u.version, e) == -1 || end_sessions(a, id, keep, e) == -1)
		goto done;
	rc = trail_id(s, by, "user.password", "user", id, S(""), e);
done:
	arena_clear(&mem);
	return rc;
}

int people_confirm(struct auth *a, const struct user *u, struct str pw, struct str address,
	bool *ok, struct err *e)
{
	struct store *s = a->o.store;
	struct throttle t;
	int64_t wait;

	if (throttle_check(&t, s, "login", u->email, address, clock_ms(), &wait, e) == -1)
		return -1;
	if (wait > 0)
		return err_set(e, ERR_RATE, "too many wrong passwords; try again in %lld s",
			(long long)(wait + 999) / 1000);
	if (hasher_is(a->hasher, u->password, pw, ok, e) == -1)
		return -1;
	return *ok ? 0 : throttle_failed(&t, s, clock_ms(), e);
}

/* --- links to choose a password with --- */

int people_invite(
	struct auth *a, const struct actor *by, struct id id, char token[TOKEN_SIZE], struct err *e)
{
	static const int64_t new_ms = (int64_t)3 * 24 * 3600 * 1000, reset_ms = 10 * 60 * 1000;
	struct arena mem = { .cap = 1 << 20 };
	struct store *s = a->o.store;
	struct token t = { .kind = S("password"), .created_ms = clock_ms() };
	char ulid[ID_ULID], data[64];
	struct user u;
	bool fresh;
	int rc;

	if ((rc = s->users->get(s, id, &mem, &u, e)) == 0) {
		fresh = u.password.n == 0;
		id_ulid(id, ulid);
		snprintf(data, sizeof(data), "{\"user\":\"%s\"}", ulid);
		token_make(token, t.hash);
		t.data = str_of(data);
		t.expires_ms = t.created_ms + (fresh ? new_ms : reset_ms);
		rc = s->tokens->put(s, &t, e);
		if (rc == 0)
			rc = trail_id(
				s, by, fresh ? "user.invited" : "user.reset", "user", id, S(""), e);
	}
	arena_clear(&mem);
	return rc;
}

/* Whose link ${t} is. One that was made before the password was last set is void: of several, only
 * the first to be used counts. */
static int user_of(
	struct auth *a, const struct token *t, struct arena *mem, struct user *u, struct err *e)
{
	struct store *s = a->o.store;
	struct json *doc = json_parse(t->data, e);
	struct id id;
	int rc = -1;

	if (doc != NULL && id_parse_ulid(json_str(json_get(doc, "user"), S("")), &id) == 0 &&
		(rc = s->users->get(s, id, mem, u, e)) == 0 &&
		(u->disabled || (u->password_ms != MS_NONE && u->password_ms >= t->created_ms)))
		rc = err_set(e, ERR_NOT_FOUND, "this link is not valid any more");
	json_free(doc);
	return rc;
}

int people_redeem(struct auth *a, struct str token, struct str pw, struct str address,
	struct str request, struct arena *mem, struct user *out, struct err *e)
{
	struct actor by = { .address = address, .request = request };
	struct store *s = a->o.store;
	char ulid[ID_ULID];
	uint8_t hash[32];
	struct token t;

	if (token_read(token, hash) == -1 ||
		s->tokens->peek(s, hash, S("password"), clock_ms(), mem, &t, e) == -1 ||
		user_of(a, &t, mem, out, e) == -1)
		return e->code == ERR_OK || e->code == ERR_NOT_FOUND
			       ? err_set(e, ERR_NOT_FOUND,
					 "this link is not valid any more; ask for a "
					 "new one")
			       : -1;
	if (password_check(pw, out->totp.n > 0, out->email, out->name, e) == -1 ||
		s->tokens->take(s, hash, S("password"), clock_ms(), mem, &t, e) == -1)
		return -1;
	id_ulid(out->id, ulid);
	snprintf(by.name, sizeof(by.name), "user %s", ulid);
	if (people_set_password(a, &by, out->id, pw, false, NULL, e) == -1)
		return -1;
	return s->users->get(s, out->id, mem, out, e);
}
