/* SPDX-License-Identifier: Apache-2.0 */
#include "api/identity_json.h"

#include <stdio.h>
#include <string.h>

#include "api/api.h"
#include "auth/auth.h"
#include "http/respond.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"
#include "util/when.h"

void put_time(struct jw *w, const char *key, int64_t ms)
{
	char text[WHEN_TEXT];

	if (ms == MS_NONE)
		return;
	when_write(ms / 1000 * 1000, text);
	jw_kz(w, key, text);
}

void put_ulid(struct jw *w, const char *key, struct id id)
{
	char text[ID_ULID];

	if (id_is_none(id))
		return;
	id_ulid(id, text);
	jw_kz(w, key, text);
}

static void put_own(struct jw *w, struct str stored, bool owner)
{
	struct json *doc = stored.n > 0 ? json_parse(stored, NULL) : NULL;
	const struct json *preferences = json_get(doc, "preferences");
	struct str zone = json_str(json_get(doc, "time_zone"), S(""));

	if (owner && json_get(doc, "owner") != NULL)
		jw_kstr(w, "owner", json_str(json_get(doc, "owner"), S("")));
	if (zone.n > 0)
		jw_kstr(w, "time_zone", zone);
	if (!owner) {
		jw_key(w, "preferences");
		if (json_type(preferences) == J_OBJ)
			jw_put(w, preferences);
		else
			jw_raw(w, S("{}"));
	}
	json_free(doc);
}

void put_user(struct jw *w, const struct user *u)
{
	jw_obj(w);
	put_ulid(w, "id", u->id);
	jw_kstr(w, "email", u->email);
	jw_kstr(w, "name", u->name);
	jw_kz(w, "role", user_role_name(u->role));
	jw_kbool(w, "disabled", u->disabled);
	jw_kbool(w, "totp", u->totp.n > 0);
	jw_kbool(w, "password", u->password.n > 0);
	jw_kbool(w, "sso", u->subject.n > 0);
	jw_kbool(w, "invited", u->password.n == 0 && u->subject.n == 0);
	put_own(w, u->preferences, true);
	put_time(w, "created_at", u->created_ms);
	put_time(w, "last_login_at", u->last_login_ms);
	jw_end_obj(w);
}

static void put_scopes(struct jw *w, struct str words)
{
	struct str word;

	jw_key(w, "scopes");
	jw_arr(w);
	while (words.n > 0) {
		str_split(words, ' ', &word, &words);
		jw_str(w, word);
	}
	jw_end_arr(w);
}

void put_key(struct jw *w, const struct api_key *k, const char *text)
{
	jw_obj(w);
	put_ulid(w, "id", k->id);
	jw_kstr(w, "name", k->name);
	jw_kz(w, "role", user_role_name(k->role));
	put_scopes(w, k->scopes);
	put_ulid(w, "created_by", k->created_by);
	put_ulid(w, "rotated_to", k->rotated_to);
	put_time(w, "created_at", k->created_ms);
	put_time(w, "expires_at", k->expires_ms);
	put_time(w, "last_used_at", k->last_used_ms);
	put_time(w, "revoked_at", k->revoked_ms);
	if (text != NULL)
		jw_kz(w, "key", text);
	jw_end_obj(w);
}

int send_json(struct req *r, int status, struct buf *b, struct err *e)
{
	if (buf_done(b, e) == -1) {
		buf_clear(b);
		return -1;
	}
	return respond_json(r, status, b, e);
}

/* A key, or the one at this machine, has no account. */
static int send_me_of_none(struct req *r, int status, struct err *e)
{
	const struct caller *who = req_caller(r);
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	bool key = who->key_id[0] != '\0';
	struct api_key k = { .name = S("This machine") };
	struct id id;

	if (key && (id_parse_ulid(str_of(who->key_id), &id) == -1 ||
			   api_of(r)->store->keys->get(api_of(r)->store, id, req_arena(r), &k, e) ==
				   -1))
		return -1;
	jw_obj(&w);
	jw_kz(&w, "id", key ? who->key_id : who->user_id);
	jw_kz(&w, "email", "");
	jw_kstr(&w, "name", k.name);
	jw_kz(&w, "role", role_name(who->role));
	if (key)
		put_scopes(&w, k.scopes);
	jw_kbool(&w, "totp", false);
	jw_kint(&w, "sessions", 0);
	jw_key(&w, "preferences");
	jw_raw(&w, S("{}"));
	jw_end_obj(&w);
	return send_json(r, status, &b, e);
}

int send_me(struct req *r, int status, const struct user *u, struct err *e)
{
	struct store *s = api_of(r)->store;
	struct session *sessions;
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	size_t n;

	if (u == NULL)
		return send_me_of_none(r, status, e);
	if (s->sessions->list(s, u->id, req_arena(r), &sessions, &n, e) == -1)
		return -1;
	jw_obj(&w);
	put_ulid(&w, "id", u->id);
	jw_kstr(&w, "email", u->email);
	jw_kstr(&w, "name", u->name);
	jw_kz(&w, "role", user_role_name(u->role));
	jw_kbool(&w, "totp", u->totp.n > 0);
	if (auth_options(api_of(r)->auth)->exposed && u->role == USER_ADMIN && u->totp.n == 0 &&
		u->subject.n == 0)
		jw_kbool(&w, "must_add_totp", true);
	jw_kint(&w, "sessions", (int64_t)n);
	if (u->must_change_password)
		jw_kbool(&w, "must_change_password", true);
	put_own(&w, u->preferences, false);
	jw_end_obj(&w);
	return send_json(r, status, &b, e);
}

int need_text(struct req *r, const char *key, struct str *out, struct err *e)
{
	const struct json *v = json_get(req_json(r), key);
	char pointer[64];

	if (json_type(v) == J_STR) {
		*out = json_str(v, S(""));
		return 0;
	}
	snprintf(pointer, sizeof(pointer), "/%s", key);
	respond_fault(r, pointer, v == NULL ? "is missing" : "must be text");
	return err_set(e, ERR_INPUT, "%s is missing or not text", key);
}

int need_role(struct req *r, const char *key, enum user_role *out, struct err *e)
{
	struct str text;
	char pointer[64];
	int role;

	if (need_text(r, key, &text, e) == -1)
		return -1;
	if ((role = user_role_parse(text)) < 0) {
		snprintf(pointer, sizeof(pointer), "/%s", key);
		respond_fault(r, pointer, "is admin, manager, rep or viewer");
		return err_set(e, ERR_INPUT, "%s is admin, manager, rep or viewer", key);
	}
	*out = (enum user_role)role;
	return 0;
}

int path_id(const struct req *r, struct id *out, struct err *e)
{
	if (id_parse_ulid(req_path(r, "id"), out) == -1)
		return err_set(e, ERR_NOT_FOUND, "there is nothing with this id");
	return 0;
}

void base_url(const struct req *r, char *out, size_t n)
{
	const struct auth_opts *o = auth_options(api_of(r)->auth);
	struct str host = req_header(r, "Host"), url = str_of(o->public_url);

	if (url.n > 0) {
		while (str_ends(url, S("/")))
			url.n--;
		snprintf(out, n, STR_FMT, STR_ARG(url));
	} else {
		snprintf(out, n, "%s://" STR_FMT, o->secure ? "https" : "http", STR_ARG(host));
	}
}
