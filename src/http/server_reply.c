/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "http/respond.h"
#include "http/server_internal.h"
#include "http/server_kept.h"
#include "http/server_mhd.h"
#include "util/err.h"

/* On every answer; what a handler sets itself is not added a second time. */
static const struct {
	const char *name, *value;
} always[] = {
	{ "X-Content-Type-Options", "nosniff" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
};

static struct MHD_Response *of_bytes(struct answer *a)
{
	struct MHD_Response *m;

	if (a->bytes.n == 0)
		return libmhd.MHD_create_response_from_buffer_static(0, "");
	m = libmhd.MHD_create_response_from_buffer_with_free_callback(a->bytes.n, a->bytes.p, free);
	if (m != NULL)
		memset(&a->bytes, 0, sizeof(a->bytes)); /* the library frees it */
	return m;
}

static struct MHD_Response *of_file(struct answer *a)
{
	struct MHD_Response *m = libmhd.MHD_create_response_from_fd64(a->size, a->fd);

	if (m != NULL)
		a->fd = -1;
	return m;
}

static struct MHD_Response *build(struct req *r)
{
	struct answer *a = &r->answer;
	struct MHD_Response *m;

	switch (a->kind) {
	case ANSWER_BYTES:
		return of_bytes(a);
	case ANSWER_FILE:
		return of_file(a);
	case ANSWER_STREAM:
		if ((m = stream_response(r, a->stream)) != NULL)
			a->stream = NULL;
		return m;
	case ANSWER_EVENTS:
		if ((m = events_response(r, a->events)) != NULL)
			a->events = NULL;
		return m;
	case ANSWER_STATIC:
	case ANSWER_NONE:
		break;
	}
	return libmhd.MHD_create_response_from_buffer_static(
		a->text.n, a->text.n != 0 ? a->text.p : "");
}

static bool add(struct MHD_Response *m, const char *name, const char *value)
{
	return libmhd.MHD_add_response_header(m, name, value) == MHD_YES;
}

/* no-store unless the route says otherwise: what the API tells is nobody else's business. */
static bool needs_no_store(const struct req *r)
{
	for (size_t i = 0; i < r->answer.n_headers; i++)
		if (strcmp(r->answer.headers[i].name, "Cache-Control") == 0)
			return false;
	return r->routed == NULL || (r->routed->route->flags & ROUTE_CACHEABLE) == 0;
}

static bool last_on_this_line(const struct req *r)
{
	return r->answer.close || r->conn->requests >= r->server->o.limits.keep_alive_requests ||
	       server_draining(r->server);
}

/* All but the request's id. */
static bool add_headers(struct req *r, struct MHD_Response *m)
{
	const struct answer *a = &r->answer;
	bool ok = true;

	if (a->type != NULL)
		ok = add(m, "Content-Type", a->type);
	ok = ok && add(m, "Content-Security-Policy", a->csp != NULL ? a->csp : SERVER_CSP);
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		ok = ok && add(m, always[i].name, always[i].value);
	if (r->conn->is_tls)
		ok = ok &&
		     add(m, "Strict-Transport-Security", "max-age=31536000; includeSubDomains");
	if (needs_no_store(r))
		ok = ok && add(m, "Cache-Control", "no-store");
	for (size_t i = 0; i < a->n_headers; i++)
		ok = ok && add(m, a->headers[i].name, a->headers[i].value);
	if (last_on_this_line(r))
		ok = ok && add(m, "Connection", "close");
	return ok;
}

/* The handler still has the request; what is said is made here, from nothing of it. */
static struct MHD_Response *too_late(struct req *r)
{
	const char *why = server_draining(r->server) ? "the server is stopping"
						     : "it took too long and was given up";
	struct MHD_Response *m;
	struct buf b = { 0 };

	problem_write(&b, 503, NULL, err_title(ERR_TIMEOUT), why, r->trace.request_id);
	if (b.failed) {
		buf_clear(&b);
		return NULL;
	}
	m = libmhd.MHD_create_response_from_buffer_with_free_callback(b.n, b.p, free);
	if (m == NULL) {
		buf_clear(&b);
		return NULL;
	}
	add(m, "Content-Type", "application/problem+json");
	add(m, "X-Request-Id", r->trace.request_id);
	add(m, "Retry-After", "2");
	add(m, "Cache-Control", "no-store");
	add(m, "Content-Security-Policy", SERVER_CSP);
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		add(m, always[i].name, always[i].value);
	return m;
}

/* An answer that has nothing of its own but its bytes. */
static bool is_plain(const struct req *r)
{
	const struct answer *a = &r->answer;

	return a->kind == ANSWER_BYTES && a->type == answer_json_type && a->n_headers == 0 &&
	       a->csp == NULL && a->bytes.n != 0 && a->bytes.n <= KEPT_BYTES &&
	       !last_on_this_line(r);
}

/* What add_headers makes of a plain answer. */
static unsigned plain_kind(const struct req *r)
{
	return (r->conn->is_tls ? 1u : 0u) | (needs_no_store(r) ? 2u : 0u);
}

/* The library's answer, its headers in; the caller's reference. */
static struct MHD_Response *whole(struct req *r)
{
	struct MHD_Response *m = build(r);

	if (m != NULL && (!add(m, "X-Request-Id", r->trace.request_id) || !add_headers(r, m))) {
		libmhd.MHD_destroy_response(m);
		return NULL;
	}
	return m;
}

/* One that was used before, or is made to be used again; the reference stays with r->kept. */
static struct MHD_Response *plain(struct req *r)
{
	struct str body = buf_view(&r->answer.bytes);
	unsigned kind = plain_kind(r);

	r->kept = kept_take(r->server->kept, body, kind, r->trace.request_id);
	if (r->kept != NULL)
		return kept_response(r->kept);
	if ((r->kept = kept_make(body, kind, r->trace.request_id)) == NULL)
		return NULL;
	if (add_headers(r, kept_response(r->kept)))
		return kept_response(r->kept);
	kept_drop(r->kept);
	r->kept = NULL;
	return NULL;
}

int reply(struct req *r, bool given_up)
{
	enum answer_kind kind = given_up ? ANSWER_BYTES : r->answer.kind;
	int status = given_up ? 503 : r->answer.status, rc;
	struct MHD_Response *m = given_up ? too_late(r) : is_plain(r) ? plain(r) : whole(r);

	if (m == NULL)
		return -1;
	/* A stream's turn lasts to its end, and that of a handler that was given up to the
	 * request's. */
	if (!given_up && kind != ANSWER_STREAM && kind != ANSWER_EVENTS)
		admit_undo(r);
	conn_phase(r->conn,
		kind == ANSWER_STREAM || kind == ANSWER_EVENTS ? CONN_STREAMING : CONN_ANSWERING);
	rc = libmhd.MHD_queue_response(r->conn->mhd, (unsigned)status, m) == MHD_YES ? 0 : -1;
	if (r->kept == NULL)
		libmhd.MHD_destroy_response(m);
	if (!given_up && r->answer.close)
		conn_linger(r->server, r->conn);
	return rc;
}
