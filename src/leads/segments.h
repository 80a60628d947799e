/* SPDX-License-Identifier: Apache-2.0 */
/* segments.h: several versions at work at once, each for the leads that its segment names (a query
 * string, as of a list of leads). A lead is scored by the first live version whose segment it is
 * in, by priority (the smaller number first), then by version; a lead in none by the version of all
 * leads. Segments may overlap: that is allowed, and told. */
#ifndef LEADS_SEGMENTS_H
#define LEADS_SEGMENTS_H

#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

struct err;
struct json;
struct jw;
struct lead_match;
struct model_store;
struct store;

/* segments_set(st, version, v, e): ${v} is {"query", "priority"}; an empty query: all leads. */
int segments_set(struct model_store *st, uint32_t version, const struct json *v, struct err *e);

/* A live version of a segment, in the order in which they are asked. */
struct segment {
	char *query; /* owned; "" of the last: all leads */
	uint32_t version;
	int64_t priority;
};
/* segments_live(st, out, n, e): *out from malloc, freed by segments_free. */
int segments_live(struct model_store *st, struct segment **out, size_t *n, struct err *e);
void segments_free(struct segment *s, size_t n);

/* segments_match(query, now, e): whether a lead is in the segment, as of ${now}. Freed by
 * lead_match_free. */
struct lead_match *segments_match(struct str query, int64_t now_ms, struct err *e);

/* segments_report(s, st, now, w, e): one object: items (version, query, priority, leads), overlaps
 * (a, b, leads, scored_by). */
int segments_report(
	struct store *s, struct model_store *st, int64_t now_ms, struct jw *w, struct err *e);

#endif
