/* SPDX-License-Identifier: Apache-2.0 */
/* lead_input.h: a lead as one flat JSON object, as the cells of a row that a model can score.
 *
 * Keys are the model's columns (exact, else without case, accents and punctuation), the canonical
 * fields (leads/fields, by the role of a column) and the names of lead_keys.def; other keys are
 * ignored. null and what is not there are missing. Numbers keep their digits, however the model's
 * training file wrote its own; true and false are words. Wrong types are named by JSON pointer,
 * all of them, nested values among them.
 *
 * Threads: a shape never changes after lead_shape_new; each thread has its own lead_input. */
#ifndef LEADS_LEAD_INPUT_H
#define LEADS_LEAD_INPUT_H

#include <stddef.h>
#include <stdint.h>

#include "util/json_flat.h"
#include "util/str.h"

struct err;
struct lead_shape;
struct profile;

/* lead_shape_new(p, e): which key is which column of ${p}; copies what it needs, except the names
 * of the columns, which are borrowed. */
struct lead_shape *lead_shape_new(const struct profile *p, struct err *e);
void lead_shape_free(struct lead_shape *s);
size_t lead_shape_columns(const struct lead_shape *s);
const struct str *lead_shape_names(const struct lead_shape *s); /* those of the profile */
/* lead_shape_find(s, key): the column that ${key} means, or -1. */
ptrdiff_t lead_shape_find(const struct lead_shape *s, struct str key);

enum { LEAD_FAULTS = 20 };
struct lead_fault {
	char pointer[160]; /* JSON pointer: "/page_views" */
	char detail[120];  /* "expected a number, found text" */
};

struct lead_input {
	struct str
		*cells;  /* [lead_shape_columns] of the last lead read; point into text and room */
	size_t n_faults; /* those beyond LEAD_FAULTS are only counted */
	struct lead_fault faults[LEAD_FAULTS];
	size_t known; /* keys of the last lead that mean a column */
	/* --- its own --- */
	const struct lead_shape *shape;
	char *room, *extra;
	size_t room_bytes, used;
	uint64_t *set; /* one bit per column: has a value; then one: by a weaker name */
	struct json_flat flat;
	struct json_flat_keys last; /* of the lead before */
};

struct lead_input *lead_input_new(const struct lead_shape *s, struct err *e);
void lead_input_free(struct lead_input *in);

/* lead_input_read(in, text, as_of, e): ${text} lives as long as the cells are used. ${as_of}: days
 * since 1970 that "days ago" is counted from. -1 with ERR_INPUT when it is not a JSON object
 * (n_faults is 0) or when members are wrong (n_faults says how many). No allocation, except where
 * ${text} is longer than any before. */
int lead_input_read(struct lead_input *in, struct str text, double as_of, struct err *e);

#endif
