/* SPDX-License-Identifier: Apache-2.0 */
/* One's own account: name, password, second factor, sessions. */
#include <string.h>

#include "api/api.h"
#include "api/identity_json.h"
#include "api/routes.h"
#include "api/trail.h"
#include "auth/auth.h"
#include "auth/login.h"
#include "auth/people.h"
#include "http/respond.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"

/* The account of the caller; only people in a session have one to change. */
static int mine(struct req *r, struct user *u, struct err *e)
{
	const struct caller *who = req_caller(r);
	struct store *s = api_of(r)->store;
	struct id id;

	if (who->session[0] == '\0' || id_parse_ulid(str_of(who->user_id), &id) == -1)
		return err_set(e, ERR_PERM, "an API key has no account: sign in");
	return s->users->get(s, id, req_arena(r), u, e);
}

static int get_me(struct req *r, struct err *e)
{
	struct user u;

	if (req_caller(r)->session[0] == '\0')
		return send_me(r, 200, NULL, e);
	return mine(r, &u, e) == -1 ? -1 : send_me(r, 200, &u, e);
}

static int patch_me(struct req *r, struct err *e)
{
	const struct json *body = req_json(r), *name = json_get(body, "name");
	const struct json *zone = json_get(body, "time_zone"),
			  *prefs = json_get(body, "preferences");
	struct person_own own = { .set_name = name != NULL,
		.set_time_zone = zone != NULL,
		.set_preferences = prefs != NULL };
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	struct actor by;
	struct user u;
	int rc = -1;

	if (mine(r, &u, e) == -1)
		return -1;
	if ((own.set_name && need_text(r, "name", &own.name, e) == -1) ||
		(own.set_time_zone && need_text(r, "time_zone", &own.time_zone, e) == -1))
		return -1;
	if (own.set_preferences && json_type(prefs) != J_OBJ) {
		respond_fault(r, "/preferences", "must be an object");
		return err_set(e, ERR_INPUT, "preferences must be an object");
	}
	if (own.set_preferences)
		jw_put(&w, prefs);
	own.preferences = buf_view(&b);
	api_actor(r, &by);
	if (buf_done(&b, e) == 0)
		rc = people_set_own(api_of(r)->auth, &by, u.id, &own, e);
	buf_clear(&b);
	if (rc == -1 || mine(r, &u, e) == -1)
		return -1;
	return send_me(r, 200, &u, e);
}

/* The password again, before something that a found-open browser must not do. */
static int confirm(struct req *r, const struct user *u, const char *key, struct err *e)
{
	char pointer[32] = "/";
	struct str pw;
	bool ok;

	if (need_text(r, key, &pw, e) == -1)
		return -1;
	if (people_confirm(api_of(r)->auth, u, pw, str_of(req_address(r)), &ok, e) == -1)
		return -1;
	if (!ok) {
		strcat(pointer, key);
		respond_fault(r, pointer, "is not your password");
		return err_set(e, ERR_INPUT, "the password is wrong");
	}
	return 0;
}

/* The hash of the session that this request came with. */
static int own_session(struct req *r, struct id user, uint8_t hash[32], struct err *e)
{
	struct store *s = api_of(r)->store;
	struct session *list;
	struct id id;
	size_t n;

	if (id_parse_ulid(str_of(req_caller(r)->session), &id) == -1 ||
		s->sessions->list(s, user, req_arena(r), &list, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (id_eq(list[i].id, id)) {
			memcpy(hash, list[i].hash, 32);
			return 0;
		}
	return err_set(e, ERR_AUTH, "this session has ended");
}

static int change_password(struct req *r, struct err *e)
{
	uint8_t keep[32];
	struct actor by;
	struct user u;
	struct str fresh;

	api_actor(r, &by);
	if (mine(r, &u, e) == -1 || need_text(r, "new", &fresh, e) == -1 ||
		confirm(r, &u, "current", e) == -1 || own_session(r, u.id, keep, e) == -1 ||
		people_set_password(api_of(r)->auth, &by, u.id, fresh, false, keep, e) == -1)
		return -1;
	return respond_empty(r, 204, e);
}

static int totp_start(struct req *r, struct err *e)
{
	struct buf b = { 0 }, secret = { 0 }, uri = { 0 };
	struct jw w = { .b = &b };
	struct user u;
	int rc = -1;

	if (mine(r, &u, e) == 0 &&
		people_totp_start(api_of(r)->auth, u.id, &secret, &uri, e) == 0) {
		jw_obj(&w);
		jw_kstr(&w, "secret", buf_view(&secret));
		jw_kstr(&w, "uri", buf_view(&uri));
		jw_end_obj(&w);
		rc = send_json(r, 200, &b, e);
	}
	buf_clear(&secret);
	buf_clear(&uri);
	return rc;
}

static int totp_confirm(struct req *r, struct err *e)
{
	struct buf b = { 0 }, codes = { 0 };
	struct jw w = { .b = &b };
	struct actor by;
	struct str code;
	struct user u;
	int rc = -1;

	api_actor(r, &by);
	if (mine(r, &u, e) == 0 && need_text(r, "code", &code, e) == 0 &&
		people_totp_confirm(api_of(r)->auth, &by, u.id, code, &codes, e) == 0) {
		jw_obj(&w);
		jw_key(&w, "recovery_codes");
		jw_raw(&w, buf_view(&codes));
		jw_end_obj(&w);
		rc = send_json(r, 200, &b, e);
	}
	buf_clear(&codes);
	return rc;
}

static int totp_remove(struct req *r, struct err *e)
{
	struct actor by;
	struct user u;

	api_actor(r, &by);
	if (mine(r, &u, e) == -1 || confirm(r, &u, "password", e) == -1 ||
		people_totp_remove(api_of(r)->auth, &by, u.id, e) == -1)
		return -1;
	return respond_empty(r, 204, e);
}

static int sessions(struct req *r, struct err *e)
{
	struct store *s = api_of(r)->store;
	struct session *list;
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	char ulid[ID_ULID];
	struct user u;
	size_t n;

	if (mine(r, &u, e) == -1 || s->sessions->list(s, u.id, req_arena(r), &list, &n, e) == -1)
		return -1;
	jw_obj(&w);
	jw_key(&w, "items");
	jw_arr(&w);
	for (size_t i = 0; i < n; i++) {
		id_ulid(list[i].id, ulid);
		jw_obj(&w);
		jw_kz(&w, "id", ulid);
		jw_kbool(&w, "current", strcmp(ulid, req_caller(r)->session) == 0);
		put_time(&w, "created_at", list[i].created_ms);
		put_time(&w, "seen_at", list[i].seen_ms);
		put_time(&w, "expires_at", list[i].expires_ms);
		jw_kstr(&w, "address", list[i].address);
		jw_kstr(&w, "agent", list[i].agent);
		jw_end_obj(&w);
	}
	jw_end_arr(&w);
	jw_key(&w, "next_cursor");
	jw_null(&w);
	jw_end_obj(&w);
	return send_json(r, 200, &b, e);
}

static int end_others(struct req *r, struct err *e)
{
	struct store *s = api_of(r)->store;
	uint8_t keep[32];
	struct user u;
	uint64_t n;

	if (mine(r, &u, e) == -1 || own_session(r, u.id, keep, e) == -1 ||
		s->sessions->end(s, u.id, keep, &n, e) == -1)
		return -1;
	auth_changed(api_of(r)->auth);
	if (api_trail(r, e, "user.sessions-ended", S(""), "{\"sessions\":%llu}",
		    (unsigned long long)n) == -1)
		return -1;
	return respond_empty(r, 204, e);
}

static int end_one(struct req *r, struct err *e)
{
	struct user u;
	struct id id;

	if (mine(r, &u, e) == -1 || path_id(r, &id, e) == -1 ||
		login_end_one(api_of(r)->auth, u.id, id, e) == -1 ||
		api_trail(r, e, "user.sessions-ended", S(""), "%s", "{\"sessions\":1}") == -1)
		return -1;
	return respond_empty(r, 204, e);
}

static const struct api_schema schemas[] = {
	{ "MyChange",
		"{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},"
		"\"time_zone\":{\"type\":\"string\"},\"preferences\":{\"type\":\"object\"}}}" },
	{ "PasswordChange",
		"{\"type\":\"object\",\"required\":[\"current\",\"new\"],\"properties\":{"
		"\"current\":{\"type\":\"string\"},\"new\":{\"type\":\"string\"}}}" },
	{ "TotpStart", "{\"type\":\"object\",\"required\":[\"secret\",\"uri\"],\"properties\":{"
		       "\"secret\":{\"type\":\"string\"},\"uri\":{\"type\":\"string\"}}}" },
	{ "TotpCode", "{\"type\":\"object\",\"required\":[\"code\"],\"properties\":{\"code\":{"
		      "\"type\":\"string\"}}}" },
	{ "RecoveryCodes",
		"{\"type\":\"object\",\"required\":[\"recovery_codes\"],\"properties\":{"
		"\"recovery_codes\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}}}}" },
	{ "PasswordAgain", "{\"type\":\"object\",\"required\":[\"password\"],\"properties\":{"
			   "\"password\":{\"type\":\"string\"}}}" },
	{ "SessionPage",
		"{\"type\":\"object\",\"required\":[\"items\",\"next_cursor\"],\"properties\":{"
		"\"next_cursor\":{\"type\":[\"string\",\"null\"]},\"items\":{\"type\":\"array\","
		"\"items\":{\"type\":\"object\",\"required\":[\"id\",\"current\",\"created_at\"],"
		"\"properties\":{\"id\":{\"type\":\"string\"},\"current\":{\"type\":\"boolean\"},"
		"\"created_at\":{\"type\":\"string\"},\"seen_at\":{\"type\":\"string\"},"
		"\"expires_at\":{\"type\":\"string\"},\"address\":{\"type\":\"string\"},\"agent\":{"
		"\"type\":\"string\"}}}}}}" },
	{ 0 }
};

static const struct route routes[] = {
	{ .method = M_GET,
		.path = "/api/v1/me",
		.fn = get_me,
		.role = ROLE_VIEWER,
		.scope = SCOPE_ALL,
		.doc = { .id = "getMe",
			.summary = "Who am I? Also tests a credential",
			.response = "Me",
			.statuses = "200" } },
	{ .method = M_PATCH,
		.path = "/api/v1/me",
		.fn = patch_me,
		.role = ROLE_VIEWER,
		.body = BODY_JSON,
		.doc = { .id = "changeMe",
			.summary = "Change my name, time zone or preferences",
			.request = "MyChange",
			.response = "Me",
			.statuses = "200 403 422" } },
	{ .method = M_POST,
		.path = "/api/v1/me/password",
		.fn = change_password,
		.role = ROLE_VIEWER,
		.rate = RATE_LOGIN,
		.body = BODY_JSON,
		.doc = { .id = "changePassword",
			.summary = "Change my password; ends my other sessions",
			.request = "PasswordChange",
			.statuses = "204 403 422 429" } },
	{ .method = M_POST,
		.path = "/api/v1/me/totp/start",
		.fn = totp_start,
		.role = ROLE_VIEWER,
		.body = BODY_MAYBE_JSON,
		.doc = { .id = "startTotp",
			.summary = "A new secret for an authenticator app",
			.response = "TotpStart",
			.statuses = "200 403 409" } },
	{ .method = M_POST,
		.path = "/api/v1/me/totp/confirm",
		.fn = totp_confirm,
		.role = ROLE_VIEWER,
		.rate = RATE_LOGIN,
		.body = BODY_JSON,
		.doc = { .id = "confirmTotp",
			.summary = "Prove the app with a code; recovery codes, once",
			.request = "TotpCode",
			.response = "RecoveryCodes",
			.statuses = "200 403 409 422 429" } },
	{ .method = M_DELETE,
		.path = "/api/v1/me/totp",
		.fn = totp_remove,
		.role = ROLE_VIEWER,
		.rate = RATE_LOGIN,
		.body = BODY_JSON,
		.doc = { .id = "removeTotp",
			.summary = "Remove my second factor",
			.request = "PasswordAgain",
			.statuses = "204 403 422 429" } },
	{ .method = M_GET,
		.path = "/api/v1/me/sessions",
		.fn = sessions,
		.role = ROLE_VIEWER,
		.doc = { .id = "listMySessions",
			.summary = "Where I am signed in",
			.response = "SessionPage",
			.statuses = "200 403" } },
	{ .method = M_DELETE,
		.path = "/api/v1/me/sessions",
		.fn = end_others,
		.role = ROLE_VIEWER,
		.doc = { .id = "endMyOtherSessions",
			.summary = "Sign out everywhere else",
			.statuses = "204 403" } },
	{ .method = M_DELETE,
		.path = "/api/v1/me/sessions/{id}",
		.fn = end_one,
		.role = ROLE_VIEWER,
		.doc = { .id = "endMySession",
			.summary = "Sign out there",
			.statuses = "204 403 404" } },
	{ 0 }
};

const struct route_set me_set = { "Me", "One's own account.", routes, schemas };
