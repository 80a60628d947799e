/* SPDX-License-Identifier: Apache-2.0 */
/* lead_json.h: a lead as the API writes it, everywhere. What is not known is left out. Pure
 * functions; any thread. */
#ifndef LEADS_LEAD_JSON_H
#define LEADS_LEAD_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/field.h"
#include "record/id.h"
#include "record/lead.h"
#include "util/str.h"

struct jw;
struct layout;
struct query_column;

/* What of a lead is written. Zeroed: all fields, no attributes. */
struct lead_json_opts {
	const char *model; /* the version that scores now: scores of others are out of date */
	uint64_t fields;   /* FIELD_BITs; 0: all. Id, version and how it is marked come always */
	const struct layout *layout;           /* of its cells; NULL: no attributes */
	const struct query_column *attributes; /* only these; NULL: all */
	size_t n_attributes;
	struct str reason; /* the main reason for its score; empty: not asked */
};

void lead_json(struct jw *w, const struct lead *l, const struct lead_json_opts *o); /* an object */

/* lead_json_stale(l, models): the score was not made of its present values, or by none of
 * ${models}, as live_versions gives them (NULL: no matter). */
bool lead_json_stale(const struct lead *l, const char *models);

/* lead_json_attribute(l, layout, header): the cell; empty when there is none. */
struct str lead_json_attribute(
	const struct lead *l, const struct layout *layout, struct str header);

/* Members for other writers: nothing is written where nothing is known. */
void lead_json_time(struct jw *w, const char *key, int64_t ms);
void lead_json_id(struct jw *w, const char *key, struct id ulid);

const char *lead_json_verdict(enum lead_verdict v); /* "was_hot"; NULL for none */

#endif
