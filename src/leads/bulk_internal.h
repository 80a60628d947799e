/* SPDX-License-Identifier: Apache-2.0 */
/* bulk_internal.h: what a bulk action does, shared by its checks and its job. */
#ifndef LEADS_BULK_INTERNAL_H
#define LEADS_BULK_INTERNAL_H

#include "record/lead.h"
#include "store/store.h"
#include "util/str.h"

enum bulk_action {
	BULK_OWNER,
	BULK_TAG,
	BULK_UNTAG,
	BULK_OUTCOME,
	BULK_OVERRIDE,
	BULK_VERDICT,
	BULK_RESCORE,
	BULK_DELETE,
	BULK_ACTIONS
};
extern const char *const bulk_action_names[BULK_ACTIONS];

struct bulk_what {
	enum bulk_action action;
	struct str text; /* owner, tag, note */
	int code;        /* outcome, heat, verdict */
	struct id by;
};

/* bulk_change(w, l, now, a, c, event): the change to ${l}; false when it is as asked already. */
bool bulk_change(const struct bulk_what *w, const struct lead *l, int64_t now_ms, struct arena *a,
	struct lead_change *c, struct event *event);

struct buf;
struct err;
struct json;

/* bulk_what_read(args, a, w, e): of the arguments of a job; texts copied to ${a}. */
int bulk_what_read(const struct json *args, struct arena *a, struct bulk_what *w, struct err *e);
/* bulk_remember(w, l, to): what ${l} is now, as a line of the log. */
void bulk_remember(const struct bulk_what *w, const struct lead *l, struct buf *to);

#endif
