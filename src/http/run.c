/* SPDX-License-Identifier: Apache-2.0 */
/* The handler and what is around it: reading the body, idempotency, the problem when it fails. */
#include <string.h>

#include "http/request_internal.h"
#include "http/respond.h"
#include "http/server_internal.h"
#include "http/static.h"
#include "obs/log.h"
#include "util/buf.h"
#include "util/crypto.h"
#include "util/digest.h"
#include "util/err.h"
#include "util/json.h"

#define MEMBERS_MAX ((size_t)1000) /* of one object */

/* No object with more members than anyone needs, told from the text: it has been parsed, so quotes
 * and brackets are right and the depth is at most 32. */
static bool small_enough(struct str text)
{
	size_t members[34] = { 0 }, depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (quoted) {
			i += c == '\\';
			quoted = c != '"';
		} else if (c == '"') {
			quoted = true;
		} else if (c == '{' || c == '[') {
			members[++depth] = 0;
		} else if (c == '}' || c == ']') {
			depth--;
		} else if (c == ':' && ++members[depth] > MEMBERS_MAX) {
			return false;
		}
	}
	return true;
}

static int read_json(struct req *r, struct err *e)
{
	bool may_lack = r->routed->route->body == BODY_MAYBE_JSON;

	if (r->body.n == 0 && may_lack)
		return 0;
	if (r->body.n == 0)
		return err_set(e, ERR_REQUEST, "the body is missing; JSON is wanted");
	if ((r->json = json_parse(buf_view(&r->body), e)) == NULL) {
		e->code = e->code == ERR_INPUT ? ERR_REQUEST : e->code;
		return -1;
	}
	if (!small_enough(buf_view(&r->body)))
		return err_set(e, ERR_REQUEST, "an object in the body has more than 1000 members");
	return 0;
}

static int read_body(struct req *r, struct err *e)
{
	switch (r->routed->route->body) {
	case BODY_JSON:
	case BODY_MAYBE_JSON:
		return read_json(r, e);
	case BODY_RAW_JSON:
		if (r->body.n == 0)
			return err_set(e, ERR_REQUEST, "the body is missing; JSON is wanted");
		return 0;
	case BODY_FORM:
		return form_read(r, e);
	case BODY_UPLOAD:
		return r->upload != NULL ? upload_finish(r, e) : 0;
	case BODY_NONE:
		break;
	}
	return 0;
}

static struct str caller_name(const struct req *r)
{
	return str_of(r->who.key_id[0] != '\0' ? r->who.key_id : r->who.user_id);
}

struct id req_new_id(struct req *r)
{
	struct buf b = { 0 };
	struct id id;
	uint8_t hash[32];

	if (!r->idem_claimed)
		return id_new();
	buf_fmt(&b, "%u\n", r->idem_ids++);
	buf_str(&b, caller_name(r));
	buf_fmt(&b, "\n" STR_FMT "\n%s", STR_ARG(r->framing.idempotency_key), r->idem_print);
	crypto_sha256(buf_view(&b), hash);
	if (b.failed) /* without memory it is a fresh one: the request will hardly succeed */
		id = id_new();
	else
		id = id_at(r->idem_since_ms, hash);
	buf_clear(&b);
	return id;
}

/* Method, target and body; two requests with the same print do the same. */
static int print_request(struct req *r, struct err *e)
{
	struct digest *d = digest_new(e);

	if (d == NULL)
		return -1;
	digest_add(d, str_of(http_method_name(r->method)));
	digest_add(d, S(" "));
	digest_add(d, r->target);
	digest_add(d, S("\n"));
	digest_add(d, buf_view(&r->body));
	digest_add(d, str_of(r->has_file ? r->file.sha256 : ""));
	for (size_t i = 0; i < r->n_parts; i++) {
		digest_add(d, r->parts[i].name);
		digest_add(d, S("="));
		digest_add(d, r->parts[i].value);
		digest_add(d, S("\n"));
	}
	digest_hex(d, r->idem_print);
	digest_free(d);
	return 0;
}

static int replay(struct req *r, const struct idem_answer *a, struct err *e)
{
	struct buf b = { 0 };
	char *type = arena_dup(&r->mem, a->type);

	if (type == NULL)
		return err_nomem(e);
	buf_str(&b, a->body);
	respond_header(r, "Idempotency-Replayed", "true");
	if (a->location.n != 0)
		respond_header(r, "Location", STR_FMT, STR_ARG(a->location));
	return respond_bytes(r, a->status, a->type.n != 0 ? type : NULL, &b, e);
}

/* 0: go on; 1: answered already; -1. */
static int idem_begin(struct req *r, struct err *e)
{
	const struct idempotency *h = &r->server->o.idem;
	struct str key = r->framing.idempotency_key;
	struct idem_answer a = { 0 };
	enum idem_found found;

	if (key.p == NULL || h->get == NULL || (r->routed->route->flags & ROUTE_IDEMPOTENT) == 0)
		return 0;
	if (key.n == 0 || key.n > 255)
		return err_set(e, ERR_REQUEST, "Idempotency-Key has 1 to 255 characters");
	if (print_request(r, e) == -1 ||
		h->get(h->ctx, caller_name(r), key, r->idem_print, &r->mem, &a, &found, e) == -1)
		return -1;
	switch (found) {
	case IDEM_NEW:
		r->idem_claimed = true;
		r->idem_since_ms = a.since_ms;
		return 0;
	case IDEM_REPLAY:
		return replay(r, &a, e) == -1 ? -1 : 1;
	case IDEM_BUSY:
		return err_set(e, ERR_CONFLICT,
			"the first request with this Idempotency-Key is still running");
	case IDEM_OTHER:
		break;
	}
	return err_set(e, ERR_INPUT, "this Idempotency-Key was used for another request");
}

/* 503 and 507 say "later"; what was refused (4xx) may be asked again in other words. */
static bool answer_is_final(int status)
{
	return status < 400 || (status >= 500 && status != 503 && status != 507);
}

/* Keeps what was answered for good; all else, and a stream, is forgotten, so that a retry runs. */
static void idem_end(struct req *r)
{
	const struct idempotency *h = &r->server->o.idem;
	const struct answer *a = &r->answer;
	bool whole = a->kind == ANSWER_BYTES || a->kind == ANSWER_STATIC;
	struct idem_answer keep = { a->status, str_of(a->type), str_of(a->location),
		a->kind == ANSWER_BYTES ? buf_view(&a->bytes) : a->text, 0 };
	struct err e = { 0 };

	if (!r->idem_claimed)
		return;
	r->idem_claimed = false;
	if (h->put(h->ctx, caller_name(r), r->framing.idempotency_key,
		    whole && answer_is_final(a->status) ? &keep : NULL, &e) == -1)
		log_err("http.idempotency_failed", &e);
}

static int handle(struct req *r, struct err *e)
{
	int rc;

	if (r->routed == NULL)
		return static_answer(r, e);
	if (read_body(r, e) == -1)
		return -1;
	if ((rc = idem_begin(r, e)) != 0)
		return rc == 1 ? 0 : -1;
	if (r->routed->route->fn(r, e) == -1)
		return -1;
	ASSERT(r->answer.kind != ANSWER_NONE); /* a handler that returns 0 has answered */
	return 0;
}

void run_handler(struct req *r)
{
	struct err e;

	err_reset(&e);
	trace_enter(&r->trace);
	if (handle(r, &e) == -1) {
		int status = r->status != 0 ? r->status : err_http(e.code);

		if (e.code == ERR_CANCELLED) /* the stop of the server ended it, not the client */
			status = 503;

		if (status >= 500 && e.code != ERR_UNAVAILABLE)
			log_err("http.handler_failed", &e);
		answer_problem(r, status, &e);
		if (status == 503)
			respond_header(r, "Retry-After", "%d", 2);
	}
	idem_end(r);
	trace_leave();
}
