/* SPDX-License-Identifier: Apache-2.0 */
/* respond.h: the one answer of a handler. Each respond_* returns 0, or -1 with ${e} when out of
 * memory; the handler returns what it returned. The security headers are added by the server. */
#ifndef HTTP_RESPOND_H
#define HTTP_RESPOND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

struct buf;
struct err;
struct req;
struct stream;

/* The bytes of ${b} are taken; ${b} is empty afterwards, also on failure. */
int respond_json(struct req *r, int status, struct buf *b, struct err *e);
int respond_bytes(struct req *r, int status, const char *type, struct buf *b, struct err *e);
/* respond_static(r, status, type, text, e): ${text} lives as long as the program. */
int respond_static(struct req *r, int status, const char *type, struct str text, struct err *e);
int respond_empty(struct req *r, int status, struct err *e); /* 204, 304, ... */
/* respond_redirect(r, status, to, e): 302, 303, 307 or 308. */
int respond_redirect(struct req *r, int status, const char *to, struct err *e);
/* respond_accepted(r, where, b, e): 202 with Location; ${b} is JSON. */
int respond_accepted(struct req *r, const char *where, struct buf *b, struct err *e);
/* respond_created(r, where, b, e): 201 with Location; ${b} is JSON. */
int respond_created(struct req *r, const char *where, struct buf *b, struct err *e);

/* respond_header(r, name, fmt, ...): one more header of the answer, whichever it will be (a problem
 * too). Line ends in the value are a mistake of ours. Out of memory shows in the respond_* call. */
void respond_header(struct req *r, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* respond_attachment(r, name): Content-Disposition: attachment, ${name} in any script. */
void respond_attachment(struct req *r, struct str name);

/* --- problem details (RFC 9457) --- */

/* respond_fault(r, pointer, fmt, ...): one entry of "errors" in the problem that follows:
 * ${pointer} is a JSON pointer into the body ("/page_views") or the query ("?limit"). After the
 * first hundred they are only counted. */
void respond_fault(struct req *r, const char *pointer, const char *fmt, ...)
	__attribute__((cold, format(printf, 3, 4)));
size_t respond_faults(const struct req *r); /* how many so far */

/* respond_extra(r, key, json): a member of the problem that follows, as {"current":{..}}. ${json}
 * is copied, and must be JSON. */
void respond_extra(struct req *r, const char *key, struct str json);

/* respond_status(r, status): the problem that follows has this status, not that of its code. */
void respond_status(struct req *r, int status);

/* respond_problem(r, e): the problem that returning -1 would send. Seldom needed. */
int respond_problem(struct req *r, const struct err *e) __attribute__((cold));

/* problem_write(b, status, type, title, detail, request_id): a problem object as JSON, for those
 * inside other answers. ${type} NULL: about:blank. */
void problem_write(struct buf *b, int status, const char *type, const char *title,
	const char *detail, const char *request_id);

/* --- conditional requests --- */

/* respond_etag(r, tag): ETag: "${tag}" goes along. True: the client has it (If-None-Match); end
 * with respond_empty(r, 304, e). */
bool respond_etag(struct req *r, const char *tag);
/* req_if_match(r, tag, e): 0 when there is no If-Match or it names ${tag}; else -1 and ERR_STALE.
 */
int req_if_match(struct req *r, const char *tag, struct err *e);

/* --- files and streams --- */

/* respond_file(r, path, type, e): a regular file, opened now. ERR_NOT_FOUND. */
int respond_file(struct req *r, const char *path, const char *type, struct err *e);

/* A producer runs in a thread of its own set (option streams; 503 when all are busy) after the
 * handler has returned, and writes until done. stream_write waits while the client is slower than
 * the producer, and returns -1 (ERR_CANCELLED) once the client has gone or the server stops: return
 * then. The status has been sent by then, so a later failure cuts the connection, which tells the
 * client that the answer is not whole. ${done} is called once at the end in every case, also when
 * respond_stream fails: it frees ${ctx}. */
typedef int stream_fn(struct stream *s, void *ctx, struct err *e);
int respond_stream(struct req *r, const char *type, stream_fn *produce, void (*done)(void *ctx),
	void *ctx, struct err *e);
int stream_write(struct stream *s, struct str bytes, struct err *e);
bool stream_gone(const struct stream *s); /* nobody reads any more */

/* Server-sent events without a thread per client: every ${every_ms} one thread asks all open ones.
 * ${tick} appends what is new to ${out} by sse_event and returns 0 to go on, 1 for the end, -1 with
 * ${e} to log and end. It must not wait. Comments keep the line open meanwhile. The number of
 * clients is bounded (option event-streams, 503 beyond); ${done} as above. */
typedef int sse_fn(void *ctx, struct buf *out, struct err *e);
int respond_events(struct req *r, unsigned every_ms, sse_fn *tick, void (*done)(void *ctx),
	void *ctx, struct err *e);
/* sse_event(b, event, id, data): one event; each may be empty. ${data} may have several lines. */
void sse_event(struct buf *b, const char *event, struct str id, struct str data);

#endif
