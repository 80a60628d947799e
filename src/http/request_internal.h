/* SPDX-License-Identifier: Apache-2.0 */
/* request_internal.h: a request from its first line to its last byte, as the files behind
 * request.h, respond.h and server.h share it.
 *
 * Two parties hold a request: the socket side (refs 1) and, while a handler runs in a worker, that
 * worker (refs 2). The last one frees it. state says whose turn it is; whoever wins the exchange
 * from REQ_RUNNING wakes the connection: REQ_READING  the socket thread collects headers and body
 *   REQ_HELD     a worker writes a piece of the body to disk
 *   REQ_RUNNING  in the queue or in the handler
 *   REQ_ANSWERED the answer is complete and belongs to the socket thread
 *   REQ_GIVEN_UP the deadline came first: the socket thread says so, the handler's answer is
 * dropped */
#ifndef HTTP_REQUEST_INTERNAL_H
#define HTTP_REQUEST_INTERNAL_H

#include <stdatomic.h>

#include "http/idempotency.h"
#include "http/params.h"
#include "http/request.h"
#include "http/router.h"
#include "http/strict.h"
#include "http/workers.h"
#include "obs/trace.h"
#include "util/arena.h"
#include "util/buf.h"

struct conn;
struct events;
struct server;
struct stream;
struct upload;

enum req_state { REQ_READING, REQ_HELD, REQ_RUNNING, REQ_ANSWERED, REQ_GIVEN_UP };

enum answer_kind {
	ANSWER_NONE,
	ANSWER_BYTES,
	ANSWER_STATIC,
	ANSWER_FILE,
	ANSWER_STREAM,
	ANSWER_EVENTS
};

#define ANSWER_HEADERS 24

struct answer {
	enum answer_kind kind;
	int status;
	const char *type;      /* NULL: no body */
	struct buf bytes;      /* owned */
	struct str text;       /* of ANSWER_STATIC */
	int fd;                /* of ANSWER_FILE, owned; -1: none */
	uint64_t size;         /* of ANSWER_FILE */
	struct stream *stream; /* owned until the socket side has taken it */
	struct events *events;
	const char *location; /* also among the headers; kept for idempotency */
	struct {
		const char *name, *value;
	} headers[ANSWER_HEADERS];
	size_t n_headers;
	bool nomem, close;
	const char *csp; /* NULL: the usual one */
};

struct req_part {
	struct str name, value;
};

struct req {
	struct work work; /* first: what a worker is given is the request */
	struct server *server;
	struct conn *conn;
	struct req *next_free;
	atomic_int refs, state;
	struct trace trace;
	struct arena mem;
	int64_t began_ns, headers_ms, deadline_ms, queued_ms; /* headers_ms: they are all here */
	bool http10, is_head, is_trace, begun;

	struct str target, path, query;
	enum http_method method;
	struct header headers[HEADERS_MAX + 1];
	size_t n_headers;
	struct framing framing;
	struct routed *routed; /* NULL: none; then static files or a problem */
	struct str path_values[ROUTE_PARAMS_MAX];
	const struct param_value *values; /* one per query parameter of the route */
	struct req_filter *filters;
	size_t n_filters;
	struct caller who;
	char address[46];

	struct buf body;
	uint64_t body_seen, body_max;
	struct json *json;
	struct upload *upload;
	struct req_file file;
	bool has_file;
	struct req_part *parts; /* 32 at most */
	size_t n_parts;

	struct answer answer;
	struct kept *kept; /* the library's answer, to be used again once it is out; NULL */
	struct buf faults; /* members of "errors", commas between */
	size_t n_faults;
	struct buf extra; /* more members of the problem, each with a comma in front */
	int status;       /* of the problem; 0: of the code */

	bool idem_claimed;
	char idem_print[65];
	int64_t idem_since_ms;
	unsigned idem_ids;             /* given out */
	bool upload_slot, export_slot; /* given back at the end */
	bool discarding;               /* what still comes of the body is dropped */
};

static inline const struct route *routed_route(const struct req *r)
{
	return r->routed != NULL ? r->routed->route : NULL;
}

/* request.c */
struct req *req_new(struct server *s);
void req_reset(struct req *r); /* everything but the memory that can be used again */
void req_destroy(struct req *r);

/* respond.c */
extern const char answer_json_type[]; /* what respond_json says it is */
void answer_clear(struct answer *a);
/* answer_problem(r, status, e): the problem becomes the answer; also when memory is short. */
void answer_problem(struct req *r, int status, const struct err *e);

/* upload.c: bodies that go to disk. */
int upload_begin(struct req *r, struct err *e);
/* upload_take(r, p, n): how many of ${n} bytes were taken into the buffer; 0: it is full. */
size_t upload_take(struct req *r, const char *p, size_t n);
bool upload_full(const struct req *r);
int upload_flush(struct req *r, struct err *e);      /* in a worker: writes the buffer */
int upload_finish(struct req *r, struct err *e);     /* the last piece; fills r->file */
void upload_free(struct req *r);                     /* removes the file unless it was taken */
const struct err *upload_error(const struct req *r); /* NULL: none so far */

/* form.c: parts of a form */
int form_read(struct req *r, struct err *e);

/* run.c: the handler around, in whichever thread. */
void run_handler(struct req *r);

#endif
