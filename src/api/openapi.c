/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/openapi.h"
#include "http/params.h"
#include "util/buf.h"
#include "util/json.h"

/* What any route may answer besides what its entry names. */
static const struct {
	int status;
	const char *about;
} common[] = {
	{ 400, "The request cannot be read" },
	{ 401, "Not signed in" },
	{ 403, "Not permitted" },
	{ 404, "Not there" },
	{ 409, "In conflict with what is there" },
	{ 413, "Over a limit" },
	{ 414, "The address is too long" },
	{ 415, "This kind of content is not taken" },
	{ 422, "A value does not fit; errors names each" },
	{ 429, "Too many requests; Retry-After says when to come back" },
	{ 503, "Busy, stopping, over the deadline, or the disk failed; Retry-After says when to "
	       "come back" },
	{ 507, "The disk of the server is full" },
};

static const char *status_text(int status)
{
	static const struct {
		int status;
		const char *text;
	} texts[] = { { 200, "Done" }, { 201, "Created; Location names it" },
		{ 202, "Accepted; Location names what to watch" }, { 204, "Done; no body" },
		{ 302, "Elsewhere" }, { 303, "Elsewhere" },
		{ 304, "Not changed since the ETag that was sent" }, { 404, "Not there" },
		{ 409, "In conflict with what is there" }, { 412, "Changed meanwhile" },
		{ 413, "Over a limit" }, { 415, "This kind of content is not taken" },
		{ 422, "A value does not fit; errors names each" } };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].status == status)
			return texts[i].text;
	return "See the problem";
}

static void raw(struct jw *w, const char *json)
{
	jw_null(w); /* for the comma; the value goes in its place */
	if (!w->b->failed)
		w->b->n -= 4;
	buf_z(w->b, json);
}

static void ref(struct jw *w, const char *kind, const char *name)
{
	char path[160];

	snprintf(path, sizeof(path), "#/components/%s/%s", kind, name);
	jw_obj(w);
	jw_kz(w, "$ref", path);
	jw_end_obj(w);
}

/* --- parameters --- */

static void words_schema(struct jw *w, const struct param *p)
{
	struct str word;

	jw_kz(w, "type", "string");
	jw_key(w, "enum");
	jw_arr(w);
	for (size_t i = 0; (word = params_nth_word(p->type, i)).n != 0; i++)
		jw_str(w, word);
	jw_end_arr(w);
}

static void range(struct jw *w, const struct param *p)
{
	if (p->lo >= p->hi)
		return;
	jw_knum(w, "minimum", p->lo);
	jw_knum(w, "maximum", p->hi);
}

static void default_value(struct jw *w, const struct param *p)
{
	enum param_kind kind = params_kind(p);

	if (p->otherwise == NULL)
		return;
	jw_key(w, "default");
	if (kind == P_INT || kind == P_NUM)
		raw(w, p->otherwise);
	else if (kind == P_BOOL)
		jw_bool(w, strcmp(p->otherwise, "true") == 0 || strcmp(p->otherwise, "1") == 0);
	else
		jw_z(w, p->otherwise);
}

static void param_schema(struct jw *w, const struct param *p)
{
	jw_key(w, "schema");
	jw_obj(w);
	switch (params_kind(p)) {
	case P_INT:
		jw_kz(w, "type", "integer");
		range(w, p);
		break;
	case P_NUM:
		jw_kz(w, "type", "number");
		range(w, p);
		break;
	case P_BOOL:
		jw_kz(w, "type", "boolean");
		break;
	case P_STR:
		jw_kz(w, "type", "string");
		jw_kint(w, "maxLength", p->hi > 0 ? (int64_t)p->hi : 1000);
		break;
	case P_DATE:
		jw_kz(w, "type", "string");
		jw_kz(w, "format", "date-time");
		break;
	case P_WORD:
		words_schema(w, p);
		break;
	case P_WORDS:
		jw_kz(w, "type", "array");
		jw_key(w, "items");
		jw_obj(w);
		words_schema(w, p);
		jw_end_obj(w);
		break;
	case P_FILTER:
		jw_kz(w, "type", "object");
		jw_key(w, "additionalProperties");
		jw_obj(w);
		jw_kz(w, "type", "string");
		jw_end_obj(w);
		break;
	case P_UNKNOWN:
		break;
	}
	if (params_kind(p) != P_WORDS)
		default_value(w, p);
	jw_end_obj(w);
}

static void query_param(struct jw *w, const struct param *p)
{
	bool filter = params_kind(p) == P_FILTER;

	jw_obj(w);
	jw_kz(w, "name", filter ? "filters" : p->name);
	jw_kz(w, "in", "query");
	jw_kz(w, "description", p->help != NULL ? p->help : "");
	if (p->required)
		jw_kbool(w, "required", true);
	if (filter || params_kind(p) == P_WORDS) {
		jw_kz(w, "style", "form");
		jw_kbool(w, "explode", filter);
	}
	param_schema(w, p);
	jw_end_obj(w);
}

static void path_params(struct jw *w, const char *path)
{
	const char *open = path, *end;

	while ((open = strchr(open, '{')) != NULL && (end = strchr(open, '}')) != NULL) {
		jw_obj(w);
		jw_kstr(w, "name", (struct str){ open + 1, (size_t)(end - open) - 1 });
		jw_kz(w, "in", "path");
		jw_kbool(w, "required", true);
		raw((jw_key(w, "schema"), w), "{\"type\":\"string\",\"minLength\":1}");
		jw_end_obj(w);
		open = end;
	}
}

static void parameters(struct jw *w, const struct route *r)
{
	jw_key(w, "parameters");
	jw_arr(w);
	path_params(w, r->path);
	for (const struct param *p = r->doc.query; p != NULL && p->name != NULL; p++)
		query_param(w, p);
	if ((r->flags & ROUTE_IDEMPOTENT) != 0)
		ref(w, "parameters", "IdempotencyKey");
	jw_end_arr(w);
}

/* --- bodies --- */

static void media(struct jw *w, const char *type, const char *schema, const char *example)
{
	jw_key(w, type);
	jw_obj(w);
	jw_key(w, "schema");
	if (schema != NULL)
		ref(w, "schemas", schema);
	else
		raw(w, "{\"type\":\"object\"}");
	if (example != NULL) {
		jw_key(w, "example");
		raw(w, example);
	}
	jw_end_obj(w);
}

static void upload_media(struct jw *w)
{
	jw_key(w, "multipart/form-data");
	raw(w, "{\"schema\":{\"type\":\"object\",\"properties\":{\"file\":{\"type\":\"string\","
	       "\"contentMediaType\":\"application/octet-stream\"}},\"required\":[\"file\"]}}");
	jw_key(w, "text/csv");
	raw(w, "{\"schema\":{\"type\":\"string\"}}");
	jw_key(w, "application/octet-stream");
	raw(w, "{}");
}

static void request_body(struct jw *w, const struct route *r)
{
	if (r->body == BODY_NONE)
		return;
	jw_key(w, "requestBody");
	jw_obj(w);
	if (r->body != BODY_MAYBE_JSON)
		jw_kbool(w, "required", true);
	jw_key(w, "content");
	jw_obj(w);
	if (r->body == BODY_UPLOAD)
		upload_media(w);
	else
		media(w,
			r->body == BODY_FORM ? "application/x-www-form-urlencoded"
					     : "application/json",
			r->doc.request, r->doc.example);
	jw_end_obj(w);
	jw_end_obj(w);
}

static void response_content(struct jw *w, const struct route *r)
{
	const char *type = r->doc.response;

	if (type == NULL)
		return;
	jw_key(w, "content");
	jw_obj(w);
	if (strchr(type, '/') != NULL)
		raw((jw_key(w, type), w), "{}");
	else if ((r->flags & ROUTE_EVENTS) != 0)
		media(w, "text/event-stream", type, NULL);
	else
		media(w, "application/json", type, NULL);
	jw_end_obj(w);
}

static void response(struct jw *w, const struct route *r, int status, const char *about)
{
	char key[8];

	snprintf(key, sizeof(key), "%d", status);
	jw_key(w, key);
	jw_obj(w);
	jw_kz(w, "description", about);
	if (status >= 400) {
		jw_key(w, "content");
		jw_obj(w);
		media(w, "application/problem+json", "Problem", NULL);
		jw_end_obj(w);
	} else if (status != 204 && status != 304 && status != 302 && status != 303) {
		response_content(w, r);
	}
	jw_end_obj(w);
}

static bool named(const char *statuses, int status)
{
	for (const char *p = statuses; *p != '\0'; p += strspn(p, " ")) {
		if (atoi(p) == status)
			return true;
		p += strcspn(p, " ");
	}
	return false;
}

/* Much of it is decided by the server, before the handler runs. */
static bool may_answer(const struct route *r, int status)
{
	switch (status) {
	case 401:
	case 403:
		return r->role != ROLE_PUBLIC;
	case 404:
		return strchr(r->path, '{') != NULL;
	case 409: /* the first request with the same key is still at it */
		return (r->flags & ROUTE_IDEMPOTENT) != 0;
	case 413:
		return true; /* a body, or an address, that is too long */
	case 415:
		return r->body != BODY_NONE;
	case 422:
		return r->body != BODY_NONE ||
		       (r->doc.query != NULL && r->doc.query->name != NULL) ||
		       (r->flags & ROUTE_IDEMPOTENT) != 0;
	case 429:
		return r->rate != RATE_NONE;
	default:
		return true;
	}
}

static void responses(struct jw *w, const struct route *r)
{
	jw_key(w, "responses");
	jw_obj(w);
	for (const char *p = r->doc.statuses; *p != '\0'; p += strspn(p, " ")) {
		response(w, r, atoi(p), status_text(atoi(p)));
		p += strcspn(p, " ");
	}
	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		if (!named(r->doc.statuses, common[i].status) && may_answer(r, common[i].status))
			response(w, r, common[i].status, common[i].about);
	jw_end_obj(w);
}

/* --- operations --- */

static void description(struct jw *w, const struct route *r)
{
	struct buf text = { 0 };

	if (r->doc.text != NULL)
		buf_fmt(&text, "%s\n\n", r->doc.text);
	if (r->role == ROLE_PUBLIC)
		buf_fmt(&text, "For everyone: %s.", r->public_why);
	else if (r->scope == SCOPE_ALL)
		buf_fmt(&text, "Needs the role %s; any API key.", role_name(r->role));
	else if (r->scope != SCOPE_NONE)
		buf_fmt(&text, "Needs the role %s; API keys the scope `%s`.", role_name(r->role),
			scope_name(r->scope));
	else
		buf_fmt(&text, "Needs the role %s; not for API keys.", role_name(r->role));
	jw_kstr(w, "description", buf_view(&text));
	w->b->failed = w->b->failed || text.failed;
	buf_clear(&text);
}

static void operation(struct jw *w, const struct route_set *set, const struct route *r)
{
	char method[8] = { 0 };

	for (size_t i = 0; http_method_name(r->method)[i] != '\0' && i < sizeof(method) - 1; i++)
		method[i] = (char)(http_method_name(r->method)[i] | 0x20);
	jw_key(w, method);
	jw_obj(w);
	jw_kz(w, "operationId", r->doc.id);
	jw_key(w, "tags");
	jw_arr(w);
	jw_z(w, set->tag);
	jw_end_arr(w);
	jw_kz(w, "summary", r->doc.summary);
	description(w, r);
	parameters(w, r);
	request_body(w, r);
	responses(w, r);
	if (r->role == ROLE_PUBLIC)
		raw((jw_key(w, "security"), w), "[]");
	jw_end_obj(w);
}

static bool hidden(const struct route *r)
{
	return (r->flags & ROUTE_HIDDEN) != 0;
}

/* Is ${r} the first of its path, over all tables? */
static bool first_of_path(const struct route_set *const *sets, const struct route *r)
{
	for (; *sets != NULL; sets++)
		for (const struct route *p = (*sets)->routes; p->method != M_NONE; p++) {
			if (p == r)
				return true;
			if (!hidden(p) && strcmp(p->path, r->path) == 0)
				return false;
		}
	return false;
}

static void path_item(struct jw *w, const struct route_set *const *sets, const char *path)
{
	jw_key(w, path);
	jw_obj(w);
	for (; *sets != NULL; sets++)
		for (const struct route *p = (*sets)->routes; p->method != M_NONE; p++)
			if (!hidden(p) && strcmp(p->path, path) == 0)
				operation(w, *sets, p);
	jw_end_obj(w);
}

static void paths(struct jw *w, const struct route_set *const *sets)
{
	jw_key(w, "paths");
	jw_obj(w);
	for (size_t i = 0; sets[i] != NULL; i++)
		for (const struct route *p = sets[i]->routes; p->method != M_NONE; p++)
			if (!hidden(p) && first_of_path(sets, p))
				path_item(w, sets, p->path);
	jw_end_obj(w);
}

static void components(struct jw *w, const struct route_set *const *sets)
{
	static const char problem[] =
		"{\"type\":\"object\",\"description\":\"RFC "
		"9457\",\"required\":[\"type\",\"title\","
		"\"status\"],\"properties\":{\"type\":{\"type\":\"string\"},\"title\":{\"type\":"
		"\"string\"},\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":\"string\"},"
		"\"request_id\":{\"type\":\"string\"},\"errors\":{\"type\":\"array\",\"items\":{"
		"\"type\":\"object\",\"required\":[\"pointer\",\"detail\"],\"properties\":{"
		"\"pointer\":{\"type\":\"string\"},\"detail\":{\"type\":\"string\"}}}}}}";
	static const char keys[] =
		"{\"IdempotencyKey\":{\"name\":\"Idempotency-Key\",\"in\":\"header\","
		"\"description\":"
		"\"Makes a retry safe: the same key and body do it once, and later ones get the "
		"first "
		"answer with Idempotency-Replayed: true\",\"schema\":{\"type\":\"string\","
		"\"minLength\":1,\"maxLength\":255}}}";
	static const char schemes[] =
		"{\"key\":{\"type\":\"http\",\"scheme\":\"bearer\",\"description\":\"An API key\"},"
		"\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"__Host-heatscore\"}"
		"}";

	jw_key(w, "components");
	jw_obj(w);
	jw_key(w, "schemas");
	jw_obj(w);
	for (size_t i = 0; sets[i] != NULL; i++)
		for (const struct api_schema *s = sets[i]->schemas; s != NULL && s->name != NULL;
			s++)
			raw((jw_key(w, s->name), w), s->json);
	raw((jw_key(w, "Problem"), w), problem);
	jw_end_obj(w);
	raw((jw_key(w, "parameters"), w), keys);
	raw((jw_key(w, "securitySchemes"), w), schemes);
	jw_end_obj(w);
}

static void tags(struct jw *w, const struct route_set *const *sets)
{
	jw_key(w, "tags");
	jw_arr(w);
	for (size_t i = 0; sets[i] != NULL; i++) {
		jw_obj(w);
		jw_kz(w, "name", sets[i]->tag);
		jw_kz(w, "description", sets[i]->about);
		jw_end_obj(w);
	}
	jw_end_arr(w);
}

void openapi_print(const struct route_set *const *sets, const char *version, struct buf *b)
{
	struct jw w = { .b = b };

	jw_obj(&w);
	jw_kz(&w, "openapi", "3.1.0");
	jw_key(&w, "info");
	jw_obj(&w);
	jw_kz(&w, "title", "Lead HeatScore");
	jw_kz(&w, "version", version);
	jw_kz(&w, "description",
		"How likely each lead is to buy, why, and what to do next. JSON in and out; errors "
		"are "
		"problem details (RFC 9457) with a request id.");
	raw((jw_key(&w, "license"), &w), "{\"name\":\"Apache-2.0\",\"identifier\":\"Apache-2.0\"}");
	jw_end_obj(&w);
	raw((jw_key(&w, "servers"), &w), "[{\"url\":\"/\"}]");
	raw((jw_key(&w, "security"), &w), "[{\"key\":[]},{\"session\":[]}]");
	tags(&w, sets);
	paths(&w, sets);
	components(&w, sets);
	jw_end_obj(&w);
}
