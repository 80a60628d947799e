/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "http/request_internal.h"
#include "http/server_internal.h"
#include "util/err.h"
#include "util/json.h"

struct req *req_new(struct server *s)
{
	struct req *r = calloc(1, sizeof(*r));

	if (r != NULL) {
		r->server = s;
		r->mem.cap = s->o.limits.request_memory;
		r->answer.fd = -1;
	}
	return r;
}

/* What must be zero for the next request; headers and the like have counts of their own. */
void req_reset(struct req *r)
{
	upload_free(r);
	json_free(r->json);
	answer_clear(&r->answer);
	r->json = NULL;
	arena_reset(&r->mem);
	if (r->body.cap > 65536)
		buf_clear(&r->body);
	else
		buf_reset(&r->body);
	buf_reset(&r->faults);
	buf_reset(&r->extra);
	r->method = M_NONE;
	r->n_headers = 0;
	r->routed = NULL;
	r->values = NULL;
	r->filters = NULL;
	r->n_filters = 0;
	memset(&r->who, 0, sizeof(r->who));
	r->body_seen = r->body_max = 0;
	r->has_file = false;
	r->parts = NULL;
	r->n_parts = 0;
	r->n_faults = 0;
	r->status = 0;
	r->http10 = r->is_head = r->begun = false;
	r->deadline_ms = 0;
	r->idem_claimed = r->upload_slot = r->export_slot = r->discarding = false;
	atomic_store(&r->state, REQ_READING);
	atomic_store(&r->refs, 1);
}

void req_destroy(struct req *r)
{
	upload_free(r);
	json_free(r->json);
	answer_clear(&r->answer);
	arena_clear(&r->mem);
	buf_clear(&r->body);
	buf_clear(&r->faults);
	buf_clear(&r->extra);
	free(r);
}

void *req_app(const struct req *r)
{
	return r->server->o.app;
}

const struct route *req_route(const struct req *r)
{
	return routed_route(r);
}

const struct caller *req_caller(const struct req *r)
{
	return &r->who;
}

const char *req_id(const struct req *r)
{
	return r->trace.request_id;
}

const char *req_address(const struct req *r)
{
	return r->address;
}

void *req_room(struct req *r)
{
	return r->conn->room;
}

bool req_is_head(const struct req *r)
{
	return r->is_head;
}

struct arena *req_arena(struct req *r)
{
	return &r->mem;
}

bool req_cancelled(const struct req *r)
{
	return atomic_load_explicit(&r->state, memory_order_relaxed) == REQ_GIVEN_UP ||
	       server_cutting(r->server);
}

struct str req_path(const struct req *r, const char *name)
{
	for (size_t i = 0; i < r->routed->n_names; i++)
		if (strcmp(r->routed->names[i], name) == 0)
			return r->path_values[i];
	ASSERT(!"a {name} that the route has not");
	return (struct str){ NULL, 0 };
}

struct str req_target(const struct req *r)
{
	return r->target;
}

struct str req_query(const struct req *r)
{
	return r->query;
}

struct str req_header(const struct req *r, const char *name)
{
	struct str want = str_of(name);

	for (size_t i = 0; i < r->n_headers; i++)
		if (str_eqi(r->headers[i].name, want))
			return r->headers[i].value;
	return (struct str){ NULL, 0 };
}

struct str req_cookie(const struct req *r, const char *name)
{
	struct str all = req_header(r, "Cookie"), one, key, value;
	bool more = all.n != 0;

	while (more) {
		more = str_split(all, ';', &one, &all);
		if (str_split(str_trim(one), '=', &key, &value) && str_eq(key, str_of(name)))
			return value;
	}
	return (struct str){ NULL, 0 };
}

/* The value of a declared parameter of one of two kinds. */
static const struct param_value *value(
	const struct req *r, const char *name, enum param_kind a, enum param_kind b)
{
	const struct param *p = r->routed->route->doc.query;

	for (size_t i = 0; i < r->routed->n_query; i++) {
		if (strcmp(p[i].name, name) != 0)
			continue;
		ASSERT(a == P_UNKNOWN || params_kind(&p[i]) == a || params_kind(&p[i]) == b);
		return &r->values[i];
	}
	ASSERT(!"a query parameter that the route does not declare");
	return NULL;
}

bool req_has(const struct req *r, const char *name)
{
	return value(r, name, P_UNKNOWN, P_UNKNOWN)->sent;
}

int64_t req_int(const struct req *r, const char *name, int64_t otherwise)
{
	const struct param_value *v = value(r, name, P_INT, P_INT);

	return v->present ? v->v.i : otherwise;
}

double req_num(const struct req *r, const char *name, double otherwise)
{
	const struct param_value *v = value(r, name, P_NUM, P_NUM);

	return v->present ? v->v.d : otherwise;
}

bool req_bool(const struct req *r, const char *name, bool otherwise)
{
	const struct param_value *v = value(r, name, P_BOOL, P_BOOL);

	return v->present ? v->v.i != 0 : otherwise;
}

double req_date(const struct req *r, const char *name)
{
	const struct param_value *v = value(r, name, P_DATE, P_DATE);

	return v->present ? v->v.d : NAN;
}

struct str req_str(const struct req *r, const char *name)
{
	return value(r, name, P_UNKNOWN, P_UNKNOWN)->text;
}

int req_word(const struct req *r, const char *name)
{
	const struct param_value *v = value(r, name, P_WORD, P_WORD);

	return v->present ? (int)v->v.i : -1;
}

uint64_t req_words(const struct req *r, const char *name)
{
	return value(r, name, P_WORDS, P_WORDS)->v.words;
}

size_t req_filters(const struct req *r, const struct req_filter **out)
{
	*out = r->filters;
	return r->n_filters;
}

const struct json *req_json(const struct req *r)
{
	return r->json;
}

struct str req_body(const struct req *r)
{
	return buf_view(&r->body);
}

const struct req_file *req_file(const struct req *r)
{
	return r->has_file ? &r->file : NULL;
}

struct str req_part(const struct req *r, const char *name)
{
	for (size_t i = 0; i < r->n_parts; i++)
		if (str_eq(r->parts[i].name, str_of(name)))
			return r->parts[i].value;
	return (struct str){ NULL, 0 };
}
