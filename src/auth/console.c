/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/console.h"

#include <string.h>

#include "auth/anchor.h"
#include "auth/audit_csv.h"
#include "auth/auth.h"
#include "auth/keys.h"
#include "auth/people.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/crypto.h"
#include "util/err.h"
#include "util/json.h"
#include "util/radix.h"
#include "util/when.h"

struct call {
	struct auth *a;
	struct store *s;
	const struct json *in;
	struct arena mem;
	struct actor by;
	struct jw w; /* an open object */
};

static struct str text(const struct call *c, const char *key)
{
	return json_str(json_get(c->in, key), S(""));
}

static void put_time(struct jw *w, const char *key, int64_t ms)
{
	char when[WHEN_TEXT];

	if (ms == MS_NONE)
		return;
	when_write(ms / 1000 * 1000, when);
	jw_kz(w, key, when);
}

static int role_of_call(const struct call *c, enum user_role *out, struct err *e)
{
	int role = user_role_parse(text(c, "role"));

	if (role < 0)
		return err_set(e, ERR_USAGE, "--role is admin, manager, rep or viewer");
	*out = (enum user_role)role;
	return 0;
}

static int person(struct call *c, struct user *u, struct err *e)
{
	struct str email = text(c, "email");

	if (people_by_email(c->a, email, &c->mem, u, e) == 0)
		return 0;
	if (e->code == ERR_NOT_FOUND)
		err_set(e, ERR_NOT_FOUND, "there is no account with the address " STR_FMT,
			STR_ARG(str_sub(email, 0, 200)));
	return -1;
}

static void put_user(struct jw *w, const struct user *u)
{
	char ulid[ID_ULID];

	id_ulid(u->id, ulid);
	jw_kz(w, "id", ulid);
	jw_kstr(w, "email", u->email);
	jw_kstr(w, "name", u->name);
	jw_kz(w, "role", user_role_name(u->role));
	jw_kbool(w, "disabled", u->disabled);
	jw_kbool(w, "totp", u->totp.n > 0);
	put_time(w, "created_at", u->created_ms);
	put_time(w, "last_login_at", u->last_login_ms);
}

static int user_add(struct call *c, struct err *e)
{
	struct person_new p = { .email = text(c, "email"),
		.name = text(c, "name"),
		.password = text(c, "password"),
		.owner = text(c, "owner") };
	struct user u;

	if (role_of_call(c, &p.role, e) == -1)
		return -1;
	if (p.password.n == 0)
		return err_set(e, ERR_USAGE, "the password comes on standard input");
	if (people_add(c->a, &c->by, &p, &c->mem, &u, e) == -1)
		return -1;
	put_user(&c->w, &u);
	return 0;
}

static int user_list(struct call *c, struct err *e)
{
	struct user *list;
	size_t n;

	if (c->s->users->list(c->s, &c->mem, &list, &n, e) == -1)
		return -1;
	jw_key(&c->w, "items");
	jw_arr(&c->w);
	for (size_t i = 0; i < n; i++) {
		jw_obj(&c->w);
		put_user(&c->w, &list[i]);
		jw_end_obj(&c->w);
	}
	jw_end_arr(&c->w);
	return 0;
}

static int user_set(struct call *c, const struct person_change *change, struct err *e)
{
	struct user u;

	if (person(c, &u, e) == -1 ||
		people_change(c->a, &c->by, u.id, change, &c->mem, &u, e) == -1)
		return -1;
	put_user(&c->w, &u);
	return 0;
}

static int user_disable(struct call *c, struct err *e)
{
	return user_set(c, &(struct person_change){ .set_disabled = true, .disabled = true }, e);
}

static int user_enable(struct call *c, struct err *e)
{
	return user_set(c, &(struct person_change){ .set_disabled = true }, e);
}

static int user_role(struct call *c, struct err *e)
{
	struct person_change change = { .set_role = true };

	return role_of_call(c, &change.role, e) == -1 ? -1 : user_set(c, &change, e);
}

static int user_reset_password(struct call *c, struct err *e)
{
	struct user u;

	if (text(c, "password").n == 0)
		return err_set(e, ERR_USAGE, "the new password comes on standard input");
	if (person(c, &u, e) == -1 ||
		people_set_password(c->a, &c->by, u.id, text(c, "password"), false, NULL, e) == -1)
		return -1;
	put_user(&c->w, &u);
	return 0;
}

static int user_remove_totp(struct call *c, struct err *e)
{
	struct user u;

	if (person(c, &u, e) == -1 || people_totp_remove(c->a, &c->by, u.id, e) == -1)
		return -1;
	put_user(&c->w, &u);
	return 0;
}

static int user_end_sessions(struct call *c, struct err *e)
{
	struct user u;
	uint64_t n;

	if (person(c, &u, e) == -1 || people_end_sessions(c->a, &c->by, u.id, &n, e) == -1)
		return -1;
	put_user(&c->w, &u);
	return 0;
}

static int user_remove(struct call *c, struct err *e)
{
	struct user u;

	if (person(c, &u, e) == -1 || people_remove(c->a, &c->by, u.id, e) == -1)
		return -1;
	put_user(&c->w, &u);
	return 0;
}

static void put_key(struct jw *w, const struct api_key *k)
{
	char ulid[ID_ULID];

	id_ulid(k->id, ulid);
	jw_kz(w, "id", ulid);
	jw_kstr(w, "name", k->name);
	jw_kz(w, "role", user_role_name(k->role));
	jw_kstr(w, "scopes", k->scopes);
	jw_kz(w, "state",
		k->revoked_ms != MS_NONE                                  ? "revoked"
		: k->expires_ms != MS_NONE && k->expires_ms <= clock_ms() ? "expired"
		: !id_is_none(k->rotated_to)                              ? "replaced"
									  : "works");
	put_time(w, "created_at", k->created_ms);
	put_time(w, "expires_at", k->expires_ms);
	put_time(w, "last_used_at", k->last_used_ms);
}

static int send_key(struct call *c, const struct api_key *k, char made[KEY_SIZE])
{
	put_key(&c->w, k);
	jw_kz(&c->w, "key", made);
	crypto_wipe(made, KEY_SIZE);
	return 0;
}

static int key_create(struct call *c, struct err *e)
{
	const struct json *scopes = json_get(c->in, "scopes");
	struct key_new n = { .name = text(c, "name"), .expires_ms = MS_NONE };
	char made[KEY_SIZE];
	struct api_key k;

	if (n.name.n == 0)
		return err_set(e, ERR_USAGE, "a key needs a name: --name NAME");
	if (role_of_call(c, &n.role, e) == -1)
		return -1;
	for (size_t i = 0; i < json_len(scopes); i++) {
		unsigned one;

		if (keys_scopes(json_str(json_at(scopes, i), S("")), &one, e) == -1)
			return -1;
		n.scopes |= one;
	}
	if (keys_add(c->a, &c->by, &n, made, &c->mem, &k, e) == -1)
		return -1;
	return send_key(c, &k, made);
}

static int key_id(const struct call *c, struct id *id, struct err *e)
{
	struct str given = text(c, "id");
	uint8_t hash[32];

	/* The whole key will do as well: who has found one may revoke it without looking it up. */
	if (id_parse_ulid(given, id) == -1 && key_read(given, id, hash) == -1)
		return err_set(
			e, ERR_USAGE, "this is no id of a key; heatscore key list shows them");
	return 0;
}

static int missing_key(struct err *e)
{
	if (e->code == ERR_NOT_FOUND)
		err_set(e, ERR_NOT_FOUND,
			"there is no key with this id; heatscore key list shows all");
	return -1;
}

static int key_rotate(struct call *c, struct err *e)
{
	char made[KEY_SIZE];
	struct api_key k;
	struct id id;

	if (key_id(c, &id, e) == -1)
		return -1;
	if (keys_rotate(c->a, &c->by, id, made, &c->mem, &k, e) == -1)
		return missing_key(e);
	return send_key(c, &k, made);
}

static int key_revoke(struct call *c, struct err *e)
{
	struct api_key k;
	struct id id;

	if (key_id(c, &id, e) == -1)
		return -1;
	if (keys_revoke(c->a, &c->by, id, e) == -1 ||
		c->s->keys->get(c->s, id, &c->mem, &k, e) == -1)
		return missing_key(e);
	put_key(&c->w, &k);
	return 0;
}

static int key_list(struct call *c, struct err *e)
{
	struct api_key *list;
	size_t n;

	if (c->s->keys->list(c->s, &c->mem, &list, &n, e) == -1)
		return -1;
	jw_key(&c->w, "items");
	jw_arr(&c->w);
	for (size_t i = 0; i < n; i++) {
		jw_obj(&c->w);
		put_key(&c->w, &list[i]);
		jw_end_obj(&c->w);
	}
	jw_end_arr(&c->w);
	return 0;
}

static struct audit_filter audit_filter_of(const struct call *c)
{
	struct audit_filter f = { .action = text(c, "action"),
		.actor = text(c, "actor"),
		.since_ms = MS_NONE,
		.until_ms = MS_NONE };
	const struct json *since = json_get(c->in, "since"), *until = json_get(c->in, "until");

	if (since != NULL)
		f.since_ms = json_int(since, MS_NONE);
	if (until != NULL)
		f.until_ms = json_int(until, MS_NONE);
	return f;
}

static int audit_list(struct call *c, struct err *e)
{
	struct audit_filter f = audit_filter_of(c);
	int64_t limit = json_int(json_get(c->in, "limit"), 50);
	struct audit *list;
	struct str next;
	char hex[65];
	size_t n;

	if (limit < 1 || limit > 500)
		return err_set(e, ERR_USAGE, "--limit is 1 to 500; audit export writes all of it");
	if (c->s->audit->list(c->s, &f, (size_t)limit, S(""), &c->mem, &list, &n, &next, e) == -1)
		return -1;
	jw_key(&c->w, "items");
	jw_arr(&c->w);
	for (size_t i = 0; i < n; i++) {
		radix16_write(list[i].hash, 32, hex);
		jw_obj(&c->w);
		jw_kint(&c->w, "seq", (int64_t)list[i].sequence);
		put_time(&c->w, "at", list[i].at_ms);
		jw_kstr(&c->w, "actor", list[i].actor);
		jw_kstr(&c->w, "action", list[i].action);
		jw_kstr(&c->w, "object", list[i].object);
		jw_kstr(&c->w, "address", list[i].address);
		jw_key(&c->w, "detail");
		jw_raw(&c->w, list[i].detail.n > 0 ? list[i].detail : S("{}"));
		jw_kz(&c->w, "hash", hex);
		jw_end_obj(&c->w);
	}
	jw_end_arr(&c->w);
	return 0;
}

static int audit_verify(struct call *c, struct err *e)
{
	struct anchor_report report;

	if (auth_verify(c->a, &report, e) == -1)
		return -1;
	jw_kbool(&c->w, "ok", report.why[0] == '\0');
	jw_kint(&c->w, "checked", (int64_t)report.checked);
	if (report.why[0] != '\0') {
		jw_kint(&c->w, "first_bad", (int64_t)report.first_bad);
		jw_kz(&c->w, "why", report.why);
	}
	return 0;
}

static int audit_export(struct call *c, struct err *e)
{
	struct audit_filter f = audit_filter_of(c);
	struct buf b = { 0 };
	int rc = -1;

	if (trail_add(c->s, &c->by, "audit.exported", S(""), S(""), e) == 0 &&
		audit_csv(c->s, &f, &b, e) == 0) {
		jw_kstr(&c->w, "csv", buf_view(&b));
		rc = 0;
	}
	buf_clear(&b);
	return rc;
}

/* What a command did to the data folder by itself. */
static int note(struct call *c, struct err *e)
{
	static const char *const known[] = { "backup.made", "model.published", "model.rolled_back",
		NULL };
	struct str action = text(c, "action");
	struct buf detail = { 0 };
	struct jw w = { .b = &detail };
	int rc = -1;

	for (size_t i = 0; known[i] != NULL; i++) {
		if (!str_eq(action, str_of(known[i])))
			continue;
		jw_put(&w, json_get(c->in, "detail"));
		if (buf_done(&detail, e) == 0)
			rc = trail_add(
				c->s, &c->by, known[i], text(c, "object"), buf_view(&detail), e);
		buf_clear(&detail);
		return rc;
	}
	return err_set(
		e, ERR_USAGE, "the server does not know " STR_FMT, STR_ARG(str_sub(action, 0, 40)));
}

static const struct {
	const char *name;
	int (*fn)(struct call *c, struct err *e);
} calls[] = { { "user.add", user_add }, { "user.list", user_list }, { "user.role", user_role },
	{ "user.disable", user_disable }, { "user.enable", user_enable },
	{ "user.remove", user_remove }, { "user.reset-password", user_reset_password },
	{ "user.remove-totp", user_remove_totp }, { "user.end-sessions", user_end_sessions },
	{ "key.create", key_create }, { "key.list", key_list }, { "key.rotate", key_rotate },
	{ "key.revoke", key_revoke }, { "audit.list", audit_list },
	{ "audit.verify", audit_verify }, { "audit.export", audit_export }, { "note", note } };

static int run(struct call *c, struct err *e)
{
	struct str name = text(c, "do");

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (str_eq(name, str_of(calls[i].name)))
			return calls[i].fn(c, e);
	return err_set(
		e, ERR_USAGE, "the server does not know " STR_FMT, STR_ARG(str_sub(name, 0, 40)));
}

int console_run(struct auth *a, struct str request, struct buf *reply, struct err *e)
{
	struct json *doc = json_parse(request, e);
	struct call c = { .a = a,
		.s = auth_store(a),
		.in = doc,
		.mem = { .cap = 256 << 20 },
		.w = { .b = reply } };
	int rc = -1;

	if (doc != NULL) {
		actor_cli(&c.by);
		jw_obj(&c.w);
		rc = run(&c, e);
		jw_end_obj(&c.w);
		if (rc == 0)
			rc = buf_done(reply, e);
	}
	arena_clear(&c.mem);
	json_free(doc);
	return rc;
}

void console_failure(const struct err *e, struct buf *reply)
{
	struct jw w = { .b = reply };

	buf_reset(reply);
	jw_obj(&w);
	jw_key(&w, "error");
	jw_obj(&w);
	jw_kint(&w, "code", e->code);
	jw_kz(&w, "message", e->msg);
	jw_end_obj(&w);
	jw_end_obj(&w);
}

int console_result(struct str reply, struct err *e)
{
	struct json *doc = json_parse(reply, e);
	const struct json *failure = json_get(doc, "error");
	int64_t code = json_int(json_get(failure, "code"), ERR_INTERNAL);
	int rc = doc == NULL ? -1 : 0;

	if (failure != NULL) {
		struct str m = json_str(json_get(failure, "message"), S("it failed"));

		rc = err_set(e, code > 0 && code < ERR_COUNT ? (enum err_code)code : ERR_INTERNAL,
			STR_FMT, STR_ARG(m));
	}
	json_free(doc);
	return rc;
}
