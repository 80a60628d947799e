/* SPDX-License-Identifier: Apache-2.0 */
/* lead_body.h: a lead as somebody sends it, one flat JSON object, to be kept or to change one.
 *
 * Canonical fields by name; what is under "attributes", and every other member, is a column of its
 * own. Numbers and truth values become text as they are written. What the server itself sets (id,
 * score, heat, ...) is refused. Wrong members are named by JSON pointer, all of them.
 * Threads: no state; memory is the arena's and the text's. */
#ifndef LEADS_LEAD_BODY_H
#define LEADS_LEAD_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/lead.h"
#include "store/store.h"
#include "util/str.h"

struct arena;
struct err;

enum { LEAD_BODY_FAULTS = 20, LEAD_BODY_ATTRIBUTES = 500, LEAD_BODY_CELL = 32768 };

struct lead_body {
	struct lead_values values;
	uint64_t fields; /* FIELD_BITs of values that were sent */
	struct attribute_change *attributes;
	size_t n_attributes;
	size_t n_faults; /* those beyond LEAD_BODY_FAULTS are only counted */
	struct lead_body_fault {
		char pointer[160], detail[120];
	} faults[LEAD_BODY_FAULTS];
};

/* lead_body_read(text, a, out, e): null empties what it names. ERR_INPUT when it is not a JSON
 * object (n_faults is 0) or members are wrong (n_faults says how many). */
int lead_body_read(struct str text, struct arena *a, struct lead_body *out, struct err *e);

/* lead_body_put(b, s, a, put, e): what makes or updates a lead of it: the layout is stored, cells
 * and digest are set; id, score and row are the caller's. */
int lead_body_put(const struct lead_body *b, struct store *s, struct arena *a, struct lead_put *put,
	struct err *e);

/* lead_body_change(b, c): fields, values and attributes of ${c}. Borrows ${b}. */
void lead_body_change(const struct lead_body *b, struct lead_change *c);

#endif
