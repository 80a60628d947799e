/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/people.h"

#include <stdio.h>
#include <string.h>

#include "auth/auth_internal.h"
#include "auth/keys.h"
#include "auth/password.h"
#include "auth/throttle.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"
#include "util/utf8.h"

static bool is_printable(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7F)
			return false;
	return utf8_valid(s);
}

static int check_email(struct str s, struct err *e)
{
	ptrdiff_t at = str_chr(s, '@');
	struct str domain = at < 0 ? S("") : str_sub(s, (size_t)at + 1, s.n);

	if (s.n > 254 || at < 1 || domain.n == 0 || str_chr(domain, '@') >= 0 || !is_printable(s) ||
		str_chr(s, ' ') >= 0)
		return err_set(e, ERR_INPUT, "'%.*s' is not an email address",
			(int)(s.n < 80 ? s.n : 80), s.p != NULL ? s.p : "");
	return 0;
}

static int check_name(struct str s, struct err *e)
{
	if (s.n > 120 || !is_printable(s))
		return err_set(
			e, ERR_INPUT, "a name has at most 120 bytes and no control characters");
	return 0;
}

int people_check(struct str email, struct str name, struct err *e)
{
	return check_email(email, e) == -1 ? -1 : check_name(name, e);
}

/* The person's own settings and, beside them, the name under which leads are theirs, which only an
 * admin sets: who could rename themselves could see what others own. */
static int owner_set(struct str preferences, struct str owner, struct buf *out, struct err *e)
{
	struct json *doc = preferences.n > 0 ? json_parse(preferences, NULL) : NULL;
	struct jw w = { .b = out };
	struct str key;

	jw_obj(&w);
	for (size_t i = 0; i < json_len(doc); i++) {
		const struct json *v = json_member(doc, i, &key);

		if (str_eq(key, S("owner")))
			continue;
		jw_key_str(&w, key);
		jw_put(&w, v);
	}
	jw_kstr(&w, "owner", owner);
	jw_end_obj(&w);
	json_free(doc);
	return buf_done(out, e);
}

int people_none(struct auth *a, bool *none, struct err *e)
{
	struct arena mem = { .cap = 64 << 20 };
	struct user *list;
	size_t n;
	int rc = a->o.store->users->list(a->o.store, &mem, &list, &n, e);

	*none = rc == 0 && n == 0;
	arena_clear(&mem);
	return rc;
}

int people_by_email(
	struct auth *a, struct str email, struct arena *mem, struct user *out, struct err *e)
{
	struct store *s = a->o.store;
	struct id id;

	if (id_parse_ulid(email, &id) == 0)
		return s->users->get(s, id, mem, out, e);
	return s->users->by_email(s, email, mem, out, e);
}

/* Nobody gives more than they have. */
static int may_give(const struct actor *by, enum user_role role, struct err *e)
{
	if ((int)auth_role(role) > by->role)
		return err_set(e, ERR_PERM, "nobody can give a role above their own");
	return 0;
}

int people_add(struct auth *a, const struct actor *by, const struct person_new *p,
	struct arena *mem, struct user *out, struct err *e)
{
	struct store *s = a->o.store;
	int64_t now = clock_ms();
	struct user u = { .id = id_new(),
		.email = p->email,
		.name = p->name,
		.role = p->role,
		.subject = p->subject,
		.must_change_password = p->must_change,
		.created_ms = now,
		.updated_ms = now,
		.password_ms = MS_NONE,
		.last_login_ms = MS_NONE };
	char hash[SECRET_PASSWORD], detail[64];
	struct buf prefs = { 0 };
	int rc = -1;

	if (check_email(p->email, e) == -1 || check_name(p->name, e) == -1 ||
		check_name(p->owner, e) == -1 || may_give(by, p->role, e) == -1)
		return -1;
	if (p->password.n > 0) {
		if (password_check(p->password, false, p->email, p->name, e) == -1 ||
			hasher_make(a->hasher, p->password, hash, e) == -1)
			return -1;
		u.password = str_of(hash);
		u.password_ms = now;
	}
	if (owner_set(S(""),
		    p->owner.n > 0  ? p->owner
		    : p->name.n > 0 ? p->name
				    : p->email,
		    &prefs, e) == -1)
		goto done;
	u.preferences = buf_view(&prefs);
	if (s->users->put(s, &u, 0, e) == -1) {
		if (e->code == ERR_CONFLICT)
			err_set(e, ERR_CONFLICT, "there is an account with this address already");
		goto done;
	}
	snprintf(detail, sizeof(detail), "{\"role\":\"%s\"}", user_role_name(p->role));
	if (trail_id(s, by, "user.added", "user", u.id, str_of(detail), e) == -1)
		goto done;
	rc = s->users->get(s, u.id, mem, out, e);
done:
	buf_clear(&prefs);
	return rc;
}

/* Would anyone be left who can let others in? */
static int other_admin(struct auth *a, struct id but, struct err *e)
{
	struct arena mem = { .cap = 64 << 20 };
	struct user *list;
	bool found = false;
	size_t n;
	int rc = a->o.store->users->list(a->o.store, &mem, &list, &n, e);

	for (size_t i = 0; rc == 0 && i < n; i++)
		found = found || (list[i].role == USER_ADMIN && !list[i].disabled &&
					 !id_eq(list[i].id, but));
	arena_clear(&mem);
	if (rc == 0 && !found)
		return err_set(e, ERR_CONFLICT, "this is the only admin; make another one first");
	return rc;
}

static int end_sessions(struct auth *a, struct id id, const uint8_t *keep, struct err *e)
{
	uint64_t n;

	if (a->o.store->sessions->end(a->o.store, id, keep, &n, e) == -1)
		return -1;
	auth_changed(a);
	return 0;
}

static const char *change_name(bool off, bool on, bool role)
{
	return off ? "user.disabled" : on ? "user.enabled" : role ? "user.role" : "user.changed";
}

int people_change(struct auth *a, const struct actor *by, struct id id,
	const struct person_change *c, struct arena *mem, struct user *out, struct err *e)
{
	struct store *s = a->o.store;
	struct buf prefs = { 0 };
	char detail[64];
	bool role, off;
	int rc = -1;

	if (s->users->get(s, id, mem, out, e) == -1 ||
		(c->set_name && check_name(c->name, e) == -1) ||
		(c->set_owner && check_name(c->owner, e) == -1))
		return -1;
	role = c->set_role && c->role != out->role;
	off = c->set_disabled && c->disabled && !out->disabled;
	if (role && may_give(by, c->role, e) == -1)
		return -1;
	if (out->role == USER_ADMIN && !out->disabled && (role || off) &&
		other_admin(a, id, e) == -1)
		return -1;
	if (c->set_name)
		out->name = c->name;
	if (c->set_role)
		out->role = c->role;
	if (c->set_disabled)
		out->disabled = c->disabled;
	if (c->set_owner) {
		if (owner_set(out->preferences, c->owner, &prefs, e) == -1)
			goto done;
		out->preferences = buf_view(&prefs);
	}
	out->updated_ms = clock_ms();
	if (s->users->put(s, out, out->version, e) == -1)
		goto done;
	if (off && keys_revoke_of(a, by, id, e) == -1)
		goto done;
	if ((role || off) && end_sessions(a, id, NULL, e) == -1)
		goto done;
	auth_changed(a);
	snprintf(detail, sizeof(detail), "{\"role\":\"%s\"}", user_role_name(out->role));
	if (trail_id(s, by, change_name(off, c->set_disabled, role), "user", id, str_of(detail),
		    e) == -1)
		goto done;
	rc = s->users->get(s, id, mem, out, e);
done:
	buf_clear(&prefs);
	return rc;
}

int people_remove(struct auth *a, const struct actor *by, struct id id, struct err *e)
{
	struct arena mem = { .cap = 1 << 20 };
	struct store *s = a->o.store;
	struct user u;
	int rc = s->users->get(s, id, &mem, &u, e);

	if (rc == 0 && u.role == USER_ADMIN && !u.disabled)
		rc = other_admin(a, id, e);
	if (rc == 0)
		rc = keys_revoke_of(a, by, id, e);
	if (rc == 0)
		rc = s->users->remove(s, id, e);
	if (rc == 0)
		rc = trail_id(s, by, "user.removed", "user", id, S(""), e);
	arena_clear(&mem);
	auth_changed(a);
	return rc;
}

int people_end_sessions(
	struct auth *a, const struct actor *by, struct id id, uint64_t *n, struct err *e)
{
	struct store *s = a->o.store;

	if (s->sessions->end(s, id, NULL, n, e) == -1)
		return -1;
	auth_changed(a);
	return trail_id(s, by, "user.sessions-ended", "user", id, S(""), e);
}
