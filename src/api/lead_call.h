/* SPDX-License-Identifier: Apache-2.0 */
/* lead_call.h: what the handlers of leads share: which leads a caller may see, one lead from the
 * path to the answer, entity tags, scoring after a change. Everything lives as long as the request.
 */
#ifndef API_LEAD_CALL_H
#define API_LEAD_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "leads/query.h"
#include "record/lead.h"
#include "util/str.h"

struct arena;
struct buf;
struct caller;
struct err;
struct jw;
struct req;

/* lead_call_sees(who, l): nobody learns that there are leads it may not see. */
bool lead_call_sees(const struct caller *who, const struct lead *l);
/* lead_call_owner(who, owner): it may give a lead to ${owner}: anyone, or only itself. */
bool lead_call_owner(const struct caller *who, struct str owner);
struct id lead_call_by(const struct caller *who); /* none before anyone has been set up */

/* lead_call_id(r, id, e): of {id} in the path; lead_call_find: the lead itself, with cells.
 * ERR_NOT_FOUND also for one that the caller does not see. */
int lead_call_id(const struct req *r, struct id *out, struct err *e);
int lead_call_find(struct req *r, struct lead *out, struct err *e);
int lead_call_get(struct req *r, struct id id, struct lead *out, struct err *e);

/* lead_call_query(r, others, q, e): the request's query string, on top of the view it names, within
 * what the caller sees. Faults are told. ${others} ends in NULL; "view" need not be in it. */
int lead_call_query(struct req *r, const char *const *others, struct query *q, struct err *e);
/* lead_call_query_in: the same with its memory, and copies of all texts, in ${a}: for work that
 * goes on when the request is over. */
int lead_call_query_in(
	struct req *r, const char *const *others, struct arena *a, struct query *q, struct err *e);
/* lead_call_filter(r, text, pointer, q, e): the same for a query string inside a body, named by
 * ${pointer} ("/filter"). */
int lead_call_filter(
	struct req *r, struct str text, const char *pointer, struct query *q, struct err *e);

/* lead_call_match(r, l, e): If-Match, if sent, names the version of ${l}: 0; else -1 and 412 with
 * "current". *version (may be NULL): the version asked for, 0 when none was. */
int lead_call_match(struct req *r, const struct lead *l, uint64_t *version, struct err *e);
/* lead_call_conflict(r, id, e): the store said that it changed meanwhile: as lead_call_match. */
int lead_call_conflict(struct req *r, struct id id, struct err *e);

/* lead_call_json(r, l, w, e): all of it, with main reason and attributes. */
int lead_call_json(struct req *r, const struct lead *l, struct jw *w, struct err *e);
/* lead_call_send(r, status, l, e): the answer: the lead with its entity tag; 201 with Location; 304
 * when a reader has it. */
int lead_call_send(struct req *r, int status, const struct lead *l, struct err *e);
int lead_call_respond(struct req *r, int status, struct buf *b, struct err *e);

/* lead_call_score(r, l, e): score it anew if its score is not of its present cells, and read it
 * back. */
int lead_call_score(struct req *r, struct lead *l, struct err *e);
int lead_call_rescore(struct req *r, struct lead *l, struct err *e); /* in any case, as of now */

/* lead_call_event(r, lead, kind, text, e): into its timeline. */
int lead_call_event(
	struct req *r, struct id lead, const char *kind, struct str text, struct err *e);
/* lead_call_audit(r, action, object, detail, e): ${detail} is a JSON object or empty. */
int lead_call_audit(
	struct req *r, const char *action, struct str object, struct str detail, struct err *e);

/* Cursors of the store are bytes; those of the API are letters and digits. */
int lead_call_cursor(struct req *r, struct str *out, struct err *e);
void lead_call_next(struct jw *w, const char *key, struct str cursor); /* null at the end */

#endif
