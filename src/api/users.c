/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts of all people, for admins. */
#include <stdio.h>
#include <string.h>

#include "api/api.h"
#include "api/identity_json.h"
#include "api/routes.h"
#include "api/trail.h"
#include "auth/people.h"
#include "http/respond.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"

static int list(struct req *r, struct err *e)
{
	struct store *s = api_of(r)->store;
	struct user *list;
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	size_t n;

	if (s->users->list(s, req_arena(r), &list, &n, e) == -1)
		return -1;
	jw_obj(&w);
	jw_key(&w, "items");
	jw_arr(&w);
	for (size_t i = 0; i < n; i++)
		put_user(&w, &list[i]);
	jw_end_arr(&w);
	jw_key(&w, "next_cursor");
	jw_null(&w);
	jw_kint(&w, "total", (int64_t)n);
	jw_end_obj(&w);
	return send_json(r, 200, &b, e);
}

/* The account, and beside it the link when there is one. */
static int send_user(struct req *r, int status, const struct user *u, const char *link,
	const char *token, struct err *e)
{
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	char base[300], url[420], ulid[ID_ULID], where[64];

	put_user(&w, u);
	if (token != NULL && b.n > 0) {
		base_url(r, base, sizeof(base));
		snprintf(url, sizeof(url), "%s/invite#token=%s", base, token);
		b.n--; /* the object goes on */
		buf_fmt(&b, ",\"%s\":", link);
		jw_z(&(struct jw){ .b = &b }, url);
		buf_c(&b, '}');
	}
	if (status != 201)
		return send_json(r, status, &b, e);
	if (buf_done(&b, e) == -1) {
		buf_clear(&b);
		return -1;
	}
	id_ulid(u->id, ulid);
	snprintf(where, sizeof(where), "/api/v1/users/%s", ulid);
	return respond_created(r, where, &b, e);
}

static int add(struct req *r, struct err *e)
{
	const struct json *body = req_json(r);
	struct auth *a = api_of(r)->auth;
	struct person_new p = { .name = json_str(json_get(body, "name"), S("")),
		.password = json_str(json_get(body, "password"), S("")),
		.must_change = true,
		.owner = json_str(json_get(body, "owner"), S("")) };
	char token[TOKEN_SIZE];
	struct actor by;
	struct user u;

	api_actor(r, &by);
	if (need_text(r, "email", &p.email, e) == -1 || need_role(r, "role", &p.role, e) == -1)
		return -1;
	p.must_change = p.password.n > 0;
	if (people_add(a, &by, &p, req_arena(r), &u, e) == -1)
		return -1;
	if (p.password.n > 0)
		return send_user(r, 201, &u, NULL, NULL, e);
	if (people_invite(a, &by, u.id, token, e) == -1)
		return -1;
	return send_user(r, 201, &u, "invite_url", token, e);
}

static int change(struct req *r, struct err *e)
{
	const struct json *body = req_json(r), *disabled = json_get(body, "disabled");
	struct person_change c = { .set_name = json_get(body, "name") != NULL,
		.set_role = json_get(body, "role") != NULL,
		.set_disabled = disabled != NULL,
		.set_owner = json_get(body, "owner") != NULL };
	struct actor by;
	struct user u;
	struct id id;

	api_actor(r, &by);
	if (path_id(r, &id, e) == -1 || (c.set_name && need_text(r, "name", &c.name, e) == -1) ||
		(c.set_owner && need_text(r, "owner", &c.owner, e) == -1) ||
		(c.set_role && need_role(r, "role", &c.role, e) == -1))
		return -1;
	if (c.set_disabled && json_type(disabled) != J_BOOL) {
		respond_fault(r, "/disabled", "is true or false");
		return err_set(e, ERR_INPUT, "disabled is true or false");
	}
	c.disabled = json_bool(disabled, false);
	if (people_change(api_of(r)->auth, &by, id, &c, req_arena(r), &u, e) == -1)
		return -1;
	return send_user(r, 200, &u, NULL, NULL, e);
}

static int reset(struct req *r, struct err *e)
{
	struct store *s = api_of(r)->store;
	char token[TOKEN_SIZE];
	struct actor by;
	struct user u;
	struct id id;

	api_actor(r, &by);
	if (path_id(r, &id, e) == -1 || s->users->get(s, id, req_arena(r), &u, e) == -1 ||
		people_invite(api_of(r)->auth, &by, id, token, e) == -1)
		return -1;
	return send_user(r, 200, &u, "reset_url", token, e);
}

static int remove_one(struct req *r, struct err *e)
{
	struct actor by;
	struct id id;

	api_actor(r, &by);
	if (path_id(r, &id, e) == -1)
		return -1;
	if (id_eq(id, by.user))
		return err_set(e, ERR_CONFLICT, "nobody removes their own account");
	if (people_remove(api_of(r)->auth, &by, id, e) == -1)
		return -1;
	return respond_empty(r, 204, e);
}

static int end_sessions(struct req *r, struct err *e)
{
	struct store *s = api_of(r)->store;
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	struct actor by;
	struct user u;
	struct id id;
	uint64_t n;

	api_actor(r, &by);
	if (path_id(r, &id, e) == -1 || s->users->get(s, id, req_arena(r), &u, e) == -1 ||
		people_end_sessions(api_of(r)->auth, &by, id, &n, e) == -1)
		return -1;
	jw_obj(&w);
	jw_kint(&w, "ended", (int64_t)n);
	jw_end_obj(&w);
	return send_json(r, 200, &b, e);
}

#define USER_PROPERTIES \
	"\"id\":{\"type\":\"string\"},\"email\":{\"type\":\"string\"},\"name\":{\"type\":" \
	"\"string\"}," \
	"\"role\":{\"type\":\"string\"},\"disabled\":{\"type\":\"boolean\"},\"totp\":{\"type\":" \
	"\"boolean\"},\"password\":{\"type\":\"boolean\"},\"sso\":{\"type\":\"boolean\"}," \
	"\"invited\":{\"type\":\"boolean\"}," \
	"\"owner\":{" \
	"\"type\":\"string\"},\"time_zone\":{\"type\":\"string\"},\"created_at\":{\"type\":" \
	"\"string\"}," \
	"\"last_login_at\":{\"type\":\"string\"},\"invite_url\":{\"type\":\"string\"},\"reset_" \
	"url\":{" \
	"\"type\":\"string\"}"

static const struct api_schema schemas[] = {
	{ "User", "{\"type\":\"object\",\"required\":[\"id\",\"email\",\"name\",\"role\","
		  "\"disabled\"],\"properties\":{" USER_PROPERTIES "}}" },
	{ "UserPage",
		"{\"type\":\"object\",\"required\":[\"items\",\"next_cursor\"],\"properties\":{"
		"\"items\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/User\"}},"
		"\"next_cursor\":{\"type\":[\"string\",\"null\"]},\"total\":{\"type\":"
		"\"integer\"}}}" },
	{ "NewUser", "{\"type\":\"object\",\"required\":[\"email\",\"role\"],\"properties\":{"
		     "\"email\":{\"type\":\"string\"},\"name\":{\"type\":\"string\"},\"role\":{"
		     "\"type\":\"string\"},\"password\":{\"type\":\"string\"},\"owner\":{\"type\":"
		     "\"string\"}}}" },
	{ "UserChange",
		"{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},"
		"\"role\":{\"type\":\"string\"},\"owner\":{\"type\":\"string\"},\"disabled\":{"
		"\"type\":\"boolean\"}}}" },
	{ "EndedSessions",
		"{\"type\":\"object\",\"required\":[\"ended\"],\"properties\":{\"ended\":{"
		"\"type\":\"integer\"}}}" },
	{ 0 }
};

static const struct route routes[] = { { .method = M_GET,
					       .path = "/api/v1/users",
					       .fn = list,
					       .role = ROLE_ADMIN,
					       .scope = SCOPE_ADMIN,
					       .doc = { .id = "listUsers",
						       .summary = "All accounts",
						       .response = "UserPage",
						       .statuses = "200" } },
	{ .method = M_POST,
		.path = "/api/v1/users",
		.fn = add,
		.role = ROLE_ADMIN,
		.scope = SCOPE_ADMIN,
		.body = BODY_JSON,
		.flags = ROUTE_IDEMPOTENT,
		.doc = { .id = "addUser",
			.summary = "Make an account",
			.text = "Without a password the answer has `invite_url`, good once and for "
				"three "
				"days. With one, it must be changed at the first sign-in. `owner` "
				"is the "
				"name under which leads belong to the person: name, else email, "
				"unless given.",
			.request = "NewUser",
			.response = "User",
			.statuses = "201 409 422",
			.example = "{\"email\":\"ben@acme.example\",\"name\":\"Ben "
				   "Roe\",\"role\":\"rep\"}" } },
	{ .method = M_PATCH,
		.path = "/api/v1/users/{id}",
		.fn = change,
		.role = ROLE_ADMIN,
		.scope = SCOPE_ADMIN,
		.body = BODY_JSON,
		.doc = { .id = "changeUser",
			.summary = "Change name, role or owner, disable or enable",
			.text = "Another role and disabling end all sessions; disabling revokes "
				"the "
				"person's API keys. The last admin stays one.",
			.request = "UserChange",
			.response = "User",
			.statuses = "200 404 409 422" } },
	{ .method = M_DELETE,
		.path = "/api/v1/users/{id}",
		.fn = remove_one,
		.role = ROLE_ADMIN,
		.scope = SCOPE_ADMIN,
		.doc = { .id = "removeUser",
			.summary = "Remove an account, its sessions and keys",
			.statuses = "204 404 409" } },
	{ .method = M_POST,
		.path = "/api/v1/users/{id}/reset",
		.fn = reset,
		.role = ROLE_ADMIN,
		.scope = SCOPE_ADMIN,
		.body = BODY_MAYBE_JSON,
		.doc = { .id = "resetUser",
			.summary = "A one-time link to choose a new password",
			.text = "`reset_url` is good once and for ten minutes (three days for who "
				"has no "
				"password yet).",
			.response = "User",
			.statuses = "200 404" } },
	{ .method = M_POST,
		.path = "/api/v1/users/{id}/end-sessions",
		.fn = end_sessions,
		.role = ROLE_ADMIN,
		.scope = SCOPE_ADMIN,
		.body = BODY_MAYBE_JSON,
		.doc = { .id = "endUserSessions",
			.summary = "Sign a person out everywhere",
			.response = "EndedSessions",
			.statuses = "200 404" } },
	{ 0 } };

const struct route_set users_set = { "Users", "Accounts of people.", routes, schemas };
