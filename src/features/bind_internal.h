/* SPDX-License-Identifier: Apache-2.0 */
/* bind_internal.h: a bind laid out for one pass over the cells of a row. */
#ifndef FEATURES_BIND_INTERNAL_H
#define FEATURES_BIND_INTERNAL_H

#include "features/bind.h"
#include "features/derive_internal.h"
#include "util/map.h"

#define BIND_SLOTS 16 /* columns whose value pairs need: 4 dates and 4 counts, and room */

/* A column of the file that is parsed once for all its bases: what a row needs of it, no more than
 * a line of the cache. */
struct step {
	struct cell_reading read;
	struct cell_format format; /* in force */
	uint32_t col;              /* of the profile */
	int32_t cell;              /* of the file; -1: absent, counts as empty */
	uint32_t from, n;          /* its bases but those of terms: in bind->order */
	int16_t slot;              /* its value goes to the pairs; -1 */
	bool counted;              /* one of the filled fields that are counted */
	struct step_terms *terms;  /* NULL: none */
};

/* What is looked for in its cells: a folded item of a list, a folded word of a text, to the base
 * column that tells whether it is there. */
struct step_terms {
	struct map items, words;
};

/* What a file has shown of a column, for those cells that can be read in two ways. */
struct step_seen {
	struct cell_votes votes;
	double newest[2]; /* by day first, month first; NaN */
	char example[48]; /* one of them */
};

/* What a row needs of a base column, close together: those are long. */
struct bind_base {
	struct dict *dict; /* of a category */
	uint32_t at;
	uint16_t op; /* enum base_op */
	bool is_category;
};

struct pair {
	uint32_t base;
	uint32_t a, b; /* slots */
};

struct bind {
	const struct bases *b;
	struct step *steps;
	struct step_seen *seen; /* of each step */
	size_t n_steps;
	struct bind_base *order;
	struct pair *pairs;
	size_t n_pairs;
	int64_t count; /* the base that counts filled fields, or -1 */
	int32_t *cell; /* [n_cols] of the profile: column of the file, -1 */
	uint32_t *absent;
	size_t n_absent;
	bool decided;
	bool has_dates, has_numbers;
	double newest;
	char **notes;
	size_t n_notes;
	struct arena mem;
};

#endif
