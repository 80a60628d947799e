/* SPDX-License-Identifier: Apache-2.0 */
/* lead_timeline.h: all that happened to a lead, newest first: events, notes, versions that uploads
 * made, and scores that moved, put together from where each is kept. */
#ifndef LEADS_LEAD_TIMELINE_H
#define LEADS_LEAD_TIMELINE_H

#include <stddef.h>
#include <stdint.h>

#include "record/id.h"
#include "record/lead.h"
#include "util/str.h"

struct arena;
struct err;
struct jw;
struct store;

struct lead_moment {
	char id[40];
	int64_t at_ms;
	const char
		*kind; /* "created|updated|scored|band|outcome|override|verdict|note|undo|owner" */
	struct id by, upload;
	struct str text, data; /* data: JSON, may be empty */
};

struct lead_timeline_opts {
	struct store *store;
	size_t limit;
	struct str cursor;
	struct arena *arena;
};

/* lead_timeline(o, l, out, n, next, e): one page; the cursor ${next} is empty after the last. Of
 * each source the newest 1,000 are looked at. ERR_INPUT for a cursor that is none. */
int lead_timeline(const struct lead_timeline_opts *o, const struct lead *l,
	struct lead_moment **out, size_t *n, struct str *next, struct err *e);

void lead_moment_json(struct jw *w, const struct lead_moment *m); /* an object */

#endif
