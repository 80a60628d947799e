/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that is decided before the body is read: is it one request, to what, by whom, not too
 * often, and may its body come? */
#include <stdio.h>
#include <string.h>

#include "http/proxies.h"
#include "http/respond.h"
#include "http/server_internal.h"
#include "http/server_mhd.h"
#include "obs/metrics.h"
#include "util/err.h"

/* ${status} as a problem; the connection closes when the request may have had another meaning, or a
 * body that we will not read. */
static bool refuse(struct req *r, int status, const struct err *e, bool close)
{
	r->answer.close = r->answer.close || close;
	answer_problem(r, status, e);
	return false;
}

static bool refuse_by(struct req *r, const struct err *e)
{
	return refuse(r, r->status != 0 ? r->status : err_http(e->code), e, false);
}

static enum MHD_Result collect(void *ctx, enum MHD_ValueKind kind, const char *key, size_t key_n,
	const char *value, size_t value_n)
{
	struct req *r = ctx;

	if (r->n_headers == HEADERS_MAX + 1)
		return MHD_NO;
	r->headers[r->n_headers].name = (struct str){ key, key_n };
	r->headers[r->n_headers++].value = (struct str){ value != NULL ? value : "", value_n };
	return MHD_YES;
}

static bool malformed(struct req *r, int status, const struct err *e)
{
	if (status == 414)
		server_limit("request_line");
	else if (status == 431)
		server_limit("headers");
	else
		metrics_add(METRIC_http_malformed, 1);
	return refuse(r, status, e, true);
}

/* Whom the proxy in front speaks for. */
static void find_client(struct req *r)
{
	bool on = true;

	for (size_t i = r->n_headers; i > 0 && on; i--)
		if (str_eqi(r->headers[i - 1].name, S("X-Forwarded-For")))
			on = proxies_step(
				r->server->o.proxies, r->headers[i - 1].value, r->address);
}

static bool one_request(struct req *r, const char *version, struct err *e)
{
	int status;

	r->http10 = strcmp(version, MHD_HTTP_VERSION_1_1) != 0;
	if (r->http10 && strcmp(version, MHD_HTTP_VERSION_1_0) != 0) {
		err_set(e, ERR_REQUEST, "only HTTP/1.0 and HTTP/1.1 are spoken here");
		return malformed(r, 505, e);
	}
	libmhd.MHD_get_connection_values_n(r->conn->mhd, MHD_HEADER_KIND, collect, r);
	if ((status = strict_target(r->target, e)) != 0 ||
		(status = strict_headers(r->headers, r->n_headers, r->http10, &r->framing, e)) != 0)
		return malformed(r, status, e);
	trace_adopt(&r->trace, r->framing.traceparent);
	if (r->server->o.proxies != NULL)
		find_client(r);
	return true;
}

/* Most words differ in their first letter. */
static bool is_word(const char *z, const char *word)
{
	return z[0] == word[0] && strcmp(z, word) == 0;
}

static bool known_method(struct req *r, const char *method, struct err *e)
{
	r->is_head = is_word(method, "HEAD");
	if (r->is_head)
		method = "GET";
	for (int m = M_GET; m <= M_DELETE && r->method == M_NONE; m++)
		if (is_word(method, http_method_name((enum http_method)m)))
			r->method = (enum http_method)m;
	r->is_trace = false;
	if (r->method != M_NONE)
		return true;
	/* Known to everybody, and done to nothing here: it would show a page its own secrets. */
	r->is_trace = strcmp(method, "TRACE") == 0;
	if (r->is_trace || strcmp(method, "OPTIONS") == 0)
		return true;
	err_set(e, ERR_METHOD, "this method is not known here");
	return malformed(r, 501, e);
}

static void allow_header(struct req *r, unsigned allowed)
{
	char list[64] = "OPTIONS";

	for (int m = M_GET; m <= M_DELETE; m++) {
		if ((allowed & 1u << m) == 0)
			continue;
		strcat(list, ", ");
		strcat(list, http_method_name((enum http_method)m));
		if (m == M_GET)
			strcat(list, ", HEAD");
	}
	respond_header(r, "Allow", "%s", list);
}

/* Files of the web app: whatever is not under /api/ and no route. */
static bool may_be_file(const struct req *r)
{
	return r->method == M_GET && !str_starts(r->path, S("/api/"));
}

/* The route of the request before on this connection, where it is the same again. */
static struct routed *same_route(const struct req *r)
{
	struct routed *last = r->conn->last;

	return last != NULL && r->method == last->route->method &&
			       str_eq(r->path, str_of(last->route->path))
		       ? last
		       : NULL;
}

static bool find_route(struct req *r, struct err *e)
{
	unsigned allowed = 0;

	if ((r->routed = same_route(r)) != NULL)
		return true;

	r->routed = router_find(
		r->server->router, r->method, r->path, &r->mem, r->path_values, &allowed);
	if (r->routed != NULL && r->routed->n_names == 0)
		r->conn->last = r->routed;
	if (r->routed != NULL || (allowed == 0 && may_be_file(r)))
		return true;
	if (allowed == 0) {
		err_set(e, ERR_NOT_FOUND, "there is nothing at this address");
		return refuse(r, 404, e, false);
	}
	allow_header(r, allowed);
	if (r->method == M_NONE && !r->is_trace) { /* OPTIONS */
		respond_empty(r, 204, e);
		return false;
	}
	err_set(e, ERR_METHOD, "the address is right, the method is not");
	return refuse(r, 405, e, r->is_trace);
}

/* "127.0.0.1", and not "127.example.com". */
static bool is_loopback_v4(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '.' && (s.p[i] < '0' || s.p[i] > '9'))
			return false;
	return str_starts(s, S("127."));
}

/* While nobody has been set up, the one at this machine may do all. A page of some other site in
 * that person's browser may not: neither under a name of its own that resolves to us, nor by a
 * request across sites. */
static bool from_this_machine(const struct req *r)
{
	struct str host = r->framing.host, name, port, site = req_header(r, "Sec-Fetch-Site");
	struct str origin = req_header(r, "Origin");

	if (host.n != 0 && host.p[0] != '[') {
		str_split(host, ':', &name, &port);
		if (!str_eqi(name, S("localhost")) && !is_loopback_v4(name))
			return false;
	} else if (host.n != 0 && !str_starts(host, S("[::1]"))) {
		return false;
	}
	if (r->method == M_GET)
		return true;
	if (site.n != 0)
		return str_eqi(site, S("same-origin")) || str_eqi(site, S("none"));
	if (str_starts(origin, S("http://")))
		origin = str_sub(origin, 7, origin.n);
	else if (str_starts(origin, S("https://")))
		origin = str_sub(origin, 8, origin.n);
	return origin.n == 0 || str_eqi(origin, host);
}

static bool who(struct req *r, struct err *e)
{
	const struct server *s = r->server;

	if (s->o.authenticate == NULL) {
		if (!from_this_machine(r)) {
			err_set(e, ERR_PERM, "this may only be asked from this machine itself");
			return refuse_by(r, e);
		}
		r->who.role = ROLE_ADMIN;
		r->who.scopes = SCOPE_ALL;
		strcpy(r->who.user_id, "local");
		return true;
	}
	r->who.role = ROLE_PUBLIC;
	if (s->o.authenticate(s->o.app, r, &r->who, e) == 0)
		return true;
	if (r->routed->route->role == ROLE_PUBLIC && e->code == ERR_AUTH) {
		memset(&r->who, 0, sizeof(r->who));
		r->who.role = ROLE_PUBLIC;
		return true; /* a stale cookie does not keep anyone from the login page */
	}
	if (e->code == ERR_AUTH)
		respond_header(r, "WWW-Authenticate", "Bearer realm=\"heatscore\"");
	return refuse_by(r, e);
}

static bool may(struct req *r, struct err *e)
{
	const struct route *t = r->routed->route;

	if (t->role == ROLE_PUBLIC)
		return true;
	if (r->who.role <= ROLE_PUBLIC) {
		respond_header(r, "WWW-Authenticate", "Bearer realm=\"heatscore\"");
		err_set(e, ERR_AUTH, "this needs a session or an API key");
		return refuse_by(r, e);
	}
	if (r->who.role < t->role) {
		err_set(e, ERR_PERM, "this needs the role %s", role_name(t->role));
		return refuse_by(r, e);
	}
	if (r->who.key_id[0] != '\0' && (r->who.scopes & (unsigned)t->scope) == 0) {
		err_set(e, ERR_PERM, "the API key lacks the scope %s",
			t->scope != SCOPE_NONE ? scope_name(t->scope) : "for this: people only");
		return refuse_by(r, e);
	}
	return true;
}

static bool too_often(struct req *r, const char *limit, unsigned wait_s)
{
	struct err e = { 0 };

	server_limit(limit);
	respond_header(r, "Retry-After", "%u", wait_s);
	err_set(&e, ERR_RATE, "too many requests; try again in %u s", wait_s);
	return refuse_by(r, &e);
}

static struct str caller_key(const struct req *r)
{
	if (r->who.key_id[0] != '\0')
		return str_of(r->who.key_id);
	return str_of(r->who.user_id[0] != '\0' ? r->who.user_id : r->address);
}

static bool take_slots(struct req *r)
{
	struct server *s = r->server;
	enum rate_class c = r->routed->route->rate;

	if (c == RATE_EXPORT) {
		if (inflight_enter(s->exports, caller_key(r), s->o.limits.exports_per_caller) == -1)
			return too_often(r, "exports_per_caller", 5);
		r->export_slot = true;
	}
	if (c == RATE_UPLOAD) {
		if (inflight_enter(s->uploads, caller_key(r), s->o.limits.uploads_per_caller) == -1)
			return too_often(r, "uploads_per_caller", 5);
		r->upload_slot = true;
		if (atomic_fetch_add(&s->uploads_now, 1) >= s->o.limits.uploads)
			return too_often(r, "uploads", 5);
	}
	return true;
}

void admit_undo(struct req *r)
{
	if (r->export_slot)
		inflight_leave(r->server->exports, caller_key(r));
	if (r->upload_slot) {
		inflight_leave(r->server->uploads, caller_key(r));
		atomic_fetch_sub(&r->server->uploads_now, 1);
	}
	r->export_slot = r->upload_slot = false;
}

static bool not_too_often(struct req *r)
{
	struct server *s = r->server;
	int64_t now = r->headers_ms;
	unsigned wait = 0;

	switch (r->routed->route->rate) {
	case RATE_NONE:
		return true;
	case RATE_LOGIN:
		if ((wait = ratelimit_take(s->login_rate, str_of(r->address), 1, now)) != 0)
			return too_often(r, "login_rate", wait);
		return true;
	case RATE_SETUP:
		if ((wait = ratelimit_take(s->setup_rate, str_of(r->address), 1, now)) != 0)
			return too_often(r, "setup_rate", wait);
		return true;
	default:
		break;
	}
	/* Before anyone has been set up the only caller is the person at this machine. */
	if (r->who.key_id[0] != '\0' || strcmp(r->who.user_id, "local") != 0)
		wait = ratelimit_take(s->api_rate, caller_key(r), 1, now);
	if (wait != 0)
		return too_often(r, "api_rate", wait);
	return take_slots(r);
}

static void query_fault(void *ctx, const char *pointer, const char *detail)
{
	respond_fault(ctx, pointer, "%s", detail);
}

static bool read_query(struct req *r, struct err *e)
{
	struct params_out out = { .mem = &r->mem, .fault = query_fault, .ctx = r };
	const struct param *table = r->routed->route->doc.query;

	if (r->query.n == 0 && (r->routed->n_query == 0 || r->routed->defaults != NULL)) {
		r->values = r->routed->defaults;
		return true;
	}
	out.values = arena_array(&r->mem, r->routed->n_query + 1, sizeof(*out.values));
	if (out.values == NULL) {
		err_set(e, ERR_LIMIT, "the request takes too much memory");
		return refuse_by(r, e);
	}
	if (params_read(table, r->query, &out, e) == -1)
		return refuse_by(r, e);
	r->values = out.values;
	r->filters = out.filters;
	r->n_filters = out.n_filters;
	return true;
}

/* "application/json" of "application/json; charset=utf-8". */
static struct str media_type(struct str s)
{
	struct str type, rest;

	str_split(s, ';', &type, &rest);
	return str_trim(type);
}

static bool fits_type(const struct req *r, enum body_kind kind)
{
	struct str type = media_type(r->framing.type);

	switch (kind) {
	case BODY_JSON:
	case BODY_MAYBE_JSON:
	case BODY_RAW_JSON:
		return str_eqi(type, S("application/json")) ||
		       (r->method == M_PATCH && str_eqi(type, S("application/merge-patch+json")));
	case BODY_FORM:
		return str_eqi(type, S("application/x-www-form-urlencoded"));
	case BODY_UPLOAD:
	case BODY_NONE:
		break;
	}
	return true;
}

static bool may_come(struct req *r, enum body_kind kind, struct err *e)
{
	if (kind == BODY_NONE) {
		err_set(e, ERR_REQUEST, "this takes no body");
		return refuse(r, 400, e, true);
	}
	if (r->framing.encoding.n != 0 && !str_eqi(r->framing.encoding, S("identity"))) {
		respond_header(r, "Accept-Encoding", "identity");
		err_set(e, ERR_MEDIA, "compressed bodies are not taken");
		return refuse(r, 415, e, true);
	}
	if (!fits_type(r, kind)) {
		err_set(e, ERR_MEDIA,
			kind == BODY_FORM ? "application/x-www-form-urlencoded is wanted"
					  : "application/json is wanted");
		return refuse(r, 415, e, true);
	}
	if (r->framing.has_length && r->framing.length > r->body_max) {
		server_limit(kind == BODY_UPLOAD ? "upload_body" : "json_body");
		err_set(e, ERR_LIMIT, "the body is larger than %llu bytes",
			(unsigned long long)r->body_max);
		return refuse(r, 413, e, true);
	}
	if (kind == BODY_UPLOAD && upload_begin(r, e) == -1)
		return refuse(r, err_http(e->code), e, true);
	return true;
}

static bool body_may_come(struct req *r, struct err *e)
{
	enum body_kind kind = r->routed != NULL ? r->routed->route->body : BODY_NONE;
	const struct server_limits *l = &r->server->o.limits;

	if (!r->framing.chunked && (!r->framing.has_length || r->framing.length == 0))
		return true;
	r->body_max = kind == BODY_UPLOAD ? l->upload_body : l->json_body;
	if (r->routed != NULL && r->routed->route->body_max != 0)
		r->body_max = r->routed->route->body_max;
	return may_come(r, kind, e);
}

/* An early refusal of a request whose body is still to come ends the connection: reading it in
 * order to go on could take for ever, and not reading it would make the next request start in its
 * middle. */
static bool settle(struct req *r, bool ok)
{
	if (!ok && (r->framing.chunked || (r->framing.has_length && r->framing.length != 0)))
		r->answer.close = true;
	return ok;
}

static bool welcome(struct req *r, struct err *e)
{
	if (!r->conn->refused)
		return true;
	respond_header(r, "Retry-After", "%d", 5);
	err_set(e, ERR_UNAVAILABLE, "there are too many connections");
	return refuse(r, 503, e, true);
}

bool admit(struct req *r, const char *method, const char *version)
{
	struct err e; /* of a refusal; a kilobyte that is not zeroed for those that pass */
	bool ok;

	err_reset(&e);
	trace_begin(&r->trace, (struct str){ NULL, 0 });
	ok = one_request(r, version, &e) && welcome(r, &e) && known_method(r, method, &e) &&
	     find_route(r, &e);
	if (ok && r->routed != NULL)
		ok = who(r, &e) && may(r, &e) && not_too_often(r) && read_query(r, &e);
	return settle(r, ok && body_may_come(r, &e));
}
