/* SPDX-License-Identifier: Apache-2.0 */
/* Saved views of the list of leads: a person's own, and those shared with all. */
#include <stdio.h>
#include <string.h>

#include "api/api.h"
#include "api/lead_call.h"
#include "api/lead_schemas.h"
#include "api/routes.h"
#include "http/respond.h"
#include "leads/lead_json.h"
#include "leads/query.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"
#include "util/utf8.h"

enum { NAME_MAX_BYTES = 200, QUERY_MAX_BYTES = 8000, COLUMNS_MOST = 200 };

static void put_view(struct jw *w, const struct view *v, struct id me)
{
	struct json *columns = v->columns.n > 0 ? json_parse(v->columns, NULL) : NULL;

	jw_obj(w);
	lead_json_id(w, "id", v->id);
	jw_kint(w, "version", (int64_t)v->version);
	jw_kstr(w, "name", v->name);
	jw_kstr(w, "query", v->query);
	jw_key(w, "columns");
	jw_arr(w);
	for (size_t i = 0; i < json_len(columns); i++)
		jw_str(w, json_str(json_at(columns, i), S("")));
	jw_end_arr(w);
	jw_kbool(w, "shared", v->shared);
	jw_kbool(w, "mine", id_eq(v->owner, me));
	lead_json_id(w, "owner", v->owner);
	lead_json_time(w, "created_at", v->created_ms);
	lead_json_time(w, "updated_at", v->updated_ms);
	jw_end_obj(w);
	json_free(columns);
}

static int send(struct req *r, int status, const struct view *v, struct err *e)
{
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	char where[64] = "/api/v1/views/", tag[32];

	put_view(&w, v, lead_call_by(req_caller(r)));
	snprintf(tag, sizeof(tag), "%llu", (unsigned long long)v->version);
	respond_etag(r, tag);
	if (status != 201)
		return lead_call_respond(r, status, &b, e);
	id_ulid(v->id, where + strlen(where));
	if (buf_done(&b, e) == -1) {
		buf_clear(&b);
		return -1;
	}
	return respond_created(r, where, &b, e);
}

/* --- the body --- */

static int fault(struct req *r, const char *pointer, const char *why, struct err *e)
{
	respond_fault(r, pointer, "%s", why);
	return err_set(e, ERR_INPUT, "%s: %s", pointer, why);
}

static int set_name(struct req *r, const struct json *v, struct view *to, struct err *e)
{
	to->name = str_trim(json_str(v, S("")));
	if (json_type(v) != J_STR || to->name.n == 0 || to->name.n > NAME_MAX_BYTES)
		return fault(r, "/name", "expected a name of at most 200 bytes", e);
	return 0;
}

static int set_query(struct req *r, const struct json *v, struct view *to, struct err *e)
{
	struct query q;

	to->query = json_str(v, S(""));
	if (json_type(v) != J_STR || to->query.n > QUERY_MAX_BYTES)
		return fault(r, "/query", "expected a query string of at most 8000 bytes", e);
	return lead_call_filter(r, to->query, "/query", &q, e);
}

static int set_columns(struct req *r, const struct json *v, struct view *to, struct err *e)
{
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	struct query_column c;
	int rc = 0;

	if (json_type(v) != J_ARR || json_len(v) > COLUMNS_MOST)
		return fault(r, "/columns", "expected a list of at most 200 columns", e);
	jw_arr(&w);
	for (size_t i = 0; i < json_len(v) && rc == 0; i++) {
		const struct json *name = json_at(v, i);

		/* The main reason is a column to look at, not one to ask by. */
		if (json_type(name) != J_STR || (!str_eq(json_str(name, S("")), S("reason")) &&
							!query_column(json_str(name, S("")), &c)))
			rc = fault(r, "/columns", "there is no such column", e);
		jw_str(&w, json_str(name, S("")));
	}
	jw_end_arr(&w);
	if (rc == 0 && (rc = buf_done(&b, e)) == 0) {
		to->columns = (struct str){ arena_dup(req_arena(r), buf_view(&b)), b.n };
		rc = to->columns.p == NULL ? err_nomem(e) : 0;
	}
	buf_clear(&b);
	return rc;
}

static int set_shared(struct req *r, const struct json *v, struct view *to, struct err *e)
{
	if (json_type(v) != J_BOOL)
		return fault(r, "/shared", "expected true or false", e);
	to->shared = json_bool(v, false);
	if (to->shared && req_caller(r)->role < ROLE_REP)
		return err_set(e, ERR_PERM, "viewers keep their views to themselves");
	return 0;
}

static int read_body(struct req *r, struct view *to, struct err *e)
{
	static const struct {
		const char *key;
		int (*set)(struct req *r, const struct json *v, struct view *to, struct err *e);
	} members[] = { { "name", set_name }, { "query", set_query }, { "columns", set_columns },
		{ "shared", set_shared } };
	const struct json *body = req_json(r), *v;
	char pointer[128];
	struct str key;

	if (json_type(body) != J_OBJ)
		return fault(r, "", "expected an object", e);
	for (size_t i = 0; i < json_len(body); i++) {
		size_t k = 0;

		v = json_member(body, i, &key);
		while (k < 4 && !str_eq(key, str_of(members[k].key)))
			k++;
		if (k < 4) {
			if (members[k].set(r, v, to, e) == -1)
				return -1;
			continue;
		}
		snprintf(pointer, sizeof(pointer), "/" STR_FMT, STR_ARG(utf8_cut(key, 100)));
		return fault(r, pointer, "there is no such member", e);
	}
	return 0;
}

/* --- handlers --- */

static int find(struct req *r, struct view *v, struct err *e)
{
	struct store *s = api_of(r)->store;
	struct err why = { 0 };
	struct id id;

	if (id_parse_ulid(req_path(r, "id"), &id) == 0 &&
		s->views->get(s, id, req_arena(r), v, &why) == 0 &&
		(v->shared || id_eq(v->owner, lead_call_by(req_caller(r)))))
		return 0;
	if (why.code == ERR_OK || why.code == ERR_NOT_FOUND)
		return err_set(e, ERR_NOT_FOUND, "there is no such view");
	*e = why;
	return -1;
}

/* A shared view of another is changed by managers only. */
static int find_own(struct req *r, struct view *v, struct err *e)
{
	if (find(r, v, e) == -1)
		return -1;
	if (!id_eq(v->owner, lead_call_by(req_caller(r))) && req_caller(r)->role < ROLE_MANAGER)
		return err_set(e, ERR_PERM, "this view is somebody else's");
	return 0;
}

static int list(struct req *r, struct err *e)
{
	struct store *s = api_of(r)->store;
	struct id me = lead_call_by(req_caller(r));
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	struct view *v;
	size_t n;

	if (s->views->list(s, me, req_arena(r), &v, &n, e) == -1)
		return -1;
	jw_obj(&w);
	jw_key(&w, "items");
	jw_arr(&w);
	for (size_t i = 0; i < n; i++)
		put_view(&w, &v[i], me);
	jw_end_arr(&w);
	jw_end_obj(&w);
	return lead_call_respond(r, 200, &b, e);
}

static int get(struct req *r, struct err *e)
{
	struct view v;

	return find(r, &v, e) == -1 ? -1 : send(r, 200, &v, e);
}

static int create(struct req *r, struct err *e)
{
	struct store *s = api_of(r)->store;
	struct view v = { .id = req_new_id(r), .owner = lead_call_by(req_caller(r)) };

	v.created_ms = v.updated_ms = clock_ms();
	if (read_body(r, &v, e) == -1)
		return -1;
	if (v.name.n == 0)
		return fault(r, "/name", "expected a name", e);
	if (s->views->put(s, &v, 0, e) == -1) {
		/* Made by this request already, before the process died at it. */
		if (e->code != ERR_CONFLICT || s->views->get(s, v.id, req_arena(r), &v, NULL) == -1)
			return -1;
	}
	return send(r, 201, &v, e);
}

static int patch(struct req *r, struct err *e)
{
	struct store *s = api_of(r)->store;
	struct view v;
	char tag[32];

	if (find_own(r, &v, e) == -1)
		return -1;
	snprintf(tag, sizeof(tag), "%llu", (unsigned long long)v.version);
	if (req_if_match(r, tag, e) == -1 || read_body(r, &v, e) == -1)
		return -1;
	v.updated_ms = clock_ms();
	if (s->views->put(s, &v, v.version, e) == -1) {
		if (e->code == ERR_CONFLICT)
			err_set(e, ERR_STALE, "the view was changed meanwhile");
		return -1;
	}
	return send(r, 200, &v, e);
}

static int delete (struct req *r, struct err *e)
{
	struct store *s = api_of(r)->store;
	struct view v;

	if (find_own(r, &v, e) == -1 || s->views->remove(s, v.id, e) == -1)
		return -1;
	return respond_empty(r, 204, e);
}

static const struct route routes[] = {
	{ .method = M_GET,
		.path = "/api/v1/views",
		.fn = list,
		.role = ROLE_VIEWER,
		.scope = SCOPE_READ,
		.doc = { .id = "listViews",
			.summary = "Saved views, own and shared, by name",
			.response = "ViewList",
			.statuses = "200" } },
	{ .method = M_POST,
		.path = "/api/v1/views",
		.fn = create,
		.role = ROLE_VIEWER,
		.scope = SCOPE_WRITE,
		.body = BODY_JSON,
		.flags = ROUTE_IDEMPOTENT,
		.doc = { .id = "createView",
			.summary = "Save a view",
			.request = "NewView",
			.response = "View",
			.statuses = "201 422",
			.example = "{\"name\":\"Hot in Berlin\",\"query\":\"heat=hot&city=Berlin\","
				   "\"columns\":[\"name\",\"score\"],\"shared\":false}" } },
	{ .method = M_GET,
		.path = "/api/v1/views/{id}",
		.fn = get,
		.role = ROLE_VIEWER,
		.scope = SCOPE_READ,
		.doc = { .id = "getView",
			.summary = "One view",
			.response = "View",
			.statuses = "200 404" } },
	{ .method = M_PATCH,
		.path = "/api/v1/views/{id}",
		.fn = patch,
		.role = ROLE_VIEWER,
		.scope = SCOPE_WRITE,
		.body = BODY_JSON,
		.doc = { .id = "changeView",
			.summary = "Change what is sent",
			.request = "ViewInput",
			.response = "View",
			.statuses = "200 404 412 422",
			.example = "{\"shared\":true}" } },
	{ .method = M_DELETE,
		.path = "/api/v1/views/{id}",
		.fn = delete,
		.role = ROLE_VIEWER,
		.scope = SCOPE_WRITE,
		.doc = { .id = "deleteView", .summary = "Remove a view", .statuses = "204 404" } },
	{ 0 },
};

#define VIEW_MEMBERS \
	"\"name\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":200,\"pattern\":\"\\\\S\"}," \
	"\"query\":{\"type\":\"string\",\"maxLength\":8000,\"description\":\"A query string of " \
	"the list of leads\"},\"columns\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}," \
	"\"maxItems\":200},\"shared\":{\"type\":\"boolean\"}"

static const struct api_schema schemas[] = {
	{ "NewView", "{\"type\":\"object\",\"properties\":{" VIEW_MEMBERS
		     "},\"required\":[\"name\"],\"additionalProperties\":false}" },
	{ "ViewInput", "{\"type\":\"object\",\"properties\":{" VIEW_MEMBERS
		       "},\"additionalProperties\":false}" },
	{ "View",
		"{\"type\":\"object\",\"properties\":{\"id\":" S_ULID ",\"version\":" S_INT
		"," VIEW_MEMBERS ",\"mine\":" S_BOOL ",\"owner\":" S_ULID ",\"created_at\":" S_TIME
		",\"updated_at\":" S_TIME "},\"required\":[\"id\",\"version\",\"name\",\"query\","
		"\"columns\",\"shared\",\"mine\"]}" },
	{ "ViewList", S_REQ(S_M("items", S_ARR(S_REF("View"))), "\"items\"") },
	{ NULL, NULL },
};

const struct route_set views_set = { "Views", "Saved views of the list of leads", routes, schemas };
