/* SPDX-License-Identifier: Apache-2.0 */
/* query.h: which leads somebody asks for, from the text of a query string:
 *
 *	sort=-score&q=berlin&heat=hot,warm&value[gte]=1000&attr.Page views[gt]=5&source[empty]=true
 *
 * The same text filters a list, an export, a bulk action, the leads a model learns from, and is
 *what a saved view keeps. Columns are the canonical fields and "attr." and a header of the file.
 *Operators:
 *
 *	eq (also without one)  ne  in  nin (several, split by commas; "\," is a comma)
 *	gt gte lt lte  contains  starts  empty (true or false)
 *
 * Texts know all of them; numbers, times and choices all but contains and starts; a choice takes
 * several with eq as well. A time is RFC 3339; a date alone is the whole day in UTC; "today", "now"
 * and "-7d", "+12h" count from the moment of asking. The same column with eq more than once in one
 * text is any of the values; all else must hold together.
 *
 * Nothing of the text reaches the store as anything but a value or a header. What does not fit is
 * named by parameter, all of it. Threads: one query, one thread; memory is the arena's. */
#ifndef LEADS_QUERY_H
#define LEADS_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/query.h"
#include "util/str.h"

struct arena;
struct err;

enum { QUERY_FILTERS_MAX = 50, QUERY_VALUES_MAX = 1000, QUERY_TEXT_MAX = 1000, QUERY_FAULTS = 20 };

struct query_fault {
	struct str param; /* "value[gte]" */
	char detail[192];
};

struct query {
	struct arena *arena;
	int64_t now_ms;
	struct query_filter filters[QUERY_FILTERS_MAX];
	struct query_value *values[QUERY_FILTERS_MAX]; /* of each filter */
	size_t n_filters, first; /* of these the ones of the text at hand begin at ${first} */
	struct str words;
	struct query_column sort;
	bool sorted, descending;
	struct query_fault faults[QUERY_FAULTS];
	size_t n_faults; /* those beyond QUERY_FAULTS are only counted */
};

/* query_init(q, a, now): asks for all leads, in the order of the best score. */
void query_init(struct query *q, struct arena *a, int64_t now_ms);

/* query_text(q, text, others, e): all that ${text} asks, on top of what was asked before; its sort
 * and words replace earlier ones. Parameters named in ${others} (ends in NULL; may be NULL) are
 * somebody else's and passed over. 0, also with faults; -1 with ERR_LIMIT or ERR_NOMEM. */
int query_text(struct query *q, struct str text, const char *const *others, struct err *e);

/* query_is(q, f, text, e): one more that must hold: field ${f} is exactly this text or word. For
 * what the caller is allowed to see; never a fault. ${text} is borrowed. */
int query_is(struct query *q, enum lead_field f, struct str text, struct err *e);

/* query_check(q, e): 0, or -1 with ERR_INPUT that tells the first fault. */
int query_check(const struct query *q, struct err *e);

/* query_to(q, out): filters, words and order; the rest of ${out} is as before. Borrows ${q}. */
void query_to(const struct query *q, struct lead_query *out);

/* query_column(name, out): the column that ${name} ("score", "attr.Page views") means, its header
 * borrowed from ${name}; false when it is none. */
bool query_column(struct str name, struct query_column *out);

/* query_next(rest, to, out): the next of several values or names, up to a comma that has no
 * backslash before it, trimmed. Its text goes to ${to}, which may be where ${rest} itself begins:
 * it is never longer than what was read. True when there is one more behind it. */
bool query_next(struct str *rest, char *to, struct str *out);

#endif
