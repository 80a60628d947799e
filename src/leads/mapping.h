/* SPDX-License-Identifier: Apache-2.0 */
/* mapping.h: what each column of an uploaded file is taken for, and which of its rows are won.
 *
 * Guessed from a profile (headers first, then values), shown as a guess, edited by a person, kept
 * as JSON with the upload and remembered per set of headers. From then on it turns the cells of a
 * row into a lead's values. Threads: a mapping does not change but by mapping_edit; then any
 * thread may use it. */
#ifndef LEADS_MAPPING_H
#define LEADS_MAPPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "features/cell.h"
#include "features/profile.h"
#include "record/field.h"
#include "record/layout.h"
#include "record/lead.h"
#include "util/arena.h"
#include "util/str.h"
#include "util/table.h"

struct buf;
struct err;
struct json;
struct jw;
struct outcome_rule;

enum mapping_sure { MAPPING_SURE, MAPPING_LIKELY, MAPPING_UNSURE };

struct mapping_column {
	struct str name;
	enum lead_field use;   /* in force: below LF_MAPPED, LF_ATTRIBUTE or LF_IGNORE */
	enum lead_field guess; /* what it would be if it were the only one of that field */
	enum mapping_sure sure;
	bool conflict; /* another column is taken for the same field */
	enum col_role role;
	enum col_kind kind;
	struct cell_format format;
	bool unix_time;
};

enum { MAPPING_VALUES = 64, MAPPING_HEADERS = 65 };
enum { MAPPING_FIXES = 500, MAPPING_FIX_BYTES = 10000 };

/* A cell that a person has mended. */
struct mapping_fix {
	uint64_t line; /* of its row */
	size_t column; /* SIZE_MAX: none, the row is taken as it is */
	struct str text;
};

struct mapping {
	struct mapping_column *cols; /* owned, with all texts, by the arena */
	size_t n;
	struct table_reading as; /* how mapping_read found the file to be read */
	ptrdiff_t outcome;       /* column that the outcome is read from; -1: none */
	struct str won[MAPPING_VALUES], lost[MAPPING_VALUES]; /* values as written */
	size_t n_won, n_lost;
	/* The same, as cells are compared: sorted by hash. */
	struct mapping_word {
		uint64_t hash;
		struct str text;
		enum lead_outcome is;
	} words[2 * MAPPING_VALUES];
	size_t n_words;
	struct mapping_fix *fixes; /* by line, then column */
	size_t n_fixes;
	struct arena mem;
};

/* mapping_guess(m, p, like, e): from a profile. ${like}: how the live model tells won from lost;
 * used where its column is there. NULL: none. */
int mapping_guess(
	struct mapping *m, const struct profile *p, const struct outcome_rule *like, struct err *e);
void mapping_clear(struct mapping *m);

/* mapping_edit(m, fields, outcome, pointer, e): what a person says: {"HEADER":"field"} and
 * {"column","won","lost"}; NULL: nothing. ERR_INPUT for headers, fields or values that cannot be,
 * for two columns of one field, with a JSON pointer to the first in ${pointer}; ${m} may then be
 * changed in part. */
enum { MAPPING_POINTER = 200 };
int mapping_edit(struct mapping *m, const struct json *fields, const struct json *outcome,
	char pointer[MAPPING_POINTER], struct err *e);

/* mapping_formats(m, v, pointer, e): how dates and numbers of columns are to be read:
 * {"HEADER":{"date_order":"day first","decimal_mark":","}}. mapping_fixes(m, v, pointer, e): rows
 * with mended cells, in place of those before: [{"line":7,"cells":{"HEADER":"text"}}], at most
 * MAPPING_FIXES. Both as mapping_edit; NULL: nothing. */
int mapping_formats(
	struct mapping *m, const struct json *v, char pointer[MAPPING_POINTER], struct err *e);
int mapping_fixes(
	struct mapping *m, const struct json *v, char pointer[MAPPING_POINTER], struct err *e);
/* mapping_fixable(r): can a person's cells mend it? Not where the row itself is not known for sure,
 * as behind an open quote. */
bool mapping_fixable(const struct row *r);
/* mapping_fix_row(m, r): puts in what was mended of ${r}, which is then no bad row any more. The
 * cells borrow from ${m}. */
void mapping_fix_row(const struct mapping *m, struct row *r);

/* mapping_headers(m, out): by which header set its mapping is remembered: in any order. */
int mapping_headers(const struct mapping *m, char out[MAPPING_HEADERS], struct err *e);

/* As JSON. mapping_write writes the members "columns" and "outcome" of an upload, with samples,
 * fill and counts of ${p} (NULL: without); mapping_read takes them back. mapping_write_lean is what
 * is remembered: two members, "mapping" and "outcome", as mapping_edit takes them. */
void mapping_write(const struct mapping *m, const struct profile *p, struct jw *w);
void mapping_write_lean(const struct mapping *m, struct jw *w);
/* mapping_outcome_json(m, old, out): the member "outcome" alone, nothing without one; the counts
 * of values are taken from ${old}, such a member, where it is about the same column. */
void mapping_outcome_json(const struct mapping *m, const struct json *old, struct buf *out);
int mapping_read(struct mapping *m, const struct json *upload, struct err *e);
/* mapping_format_write(f, w): the members of a column that say it, nothing where it is not known.
 */
void mapping_format_write(const struct cell_format *f, struct jw *w);

/* --- rows ---------------------------------------------------------------------------------- */

/* mapping_layout(m, cols, out): the layout of the file; ${cols} has room for m->n. */
void mapping_layout(const struct mapping *m, struct layout_column *cols, struct layout *out);
uint64_t mapping_sets(const struct mapping *m); /* FIELD_BITs of what rows set */
/* mapping_values(m, cells, v): a row's cells as values; texts borrow from the cells. */
void mapping_values(const struct mapping *m, const struct str *cells, struct lead_values *v);
/* mapping_keys(m, cells, v): only what a lead is known by, its external id and e-mail address; the
 * cells as they stand in the file. */
void mapping_keys(const struct mapping *m, const struct str *cells, struct lead_values *v);
enum lead_outcome mapping_outcome(const struct mapping *m, struct str cell);
/* mapping_cell_ok(m, col, cell): false when the cell is filled and is not what its field needs: a
 * date or a number that cannot be read. */
bool mapping_cell_ok(const struct mapping *m, size_t col, struct str cell);
/* mapping_cell_unsure(m, col, cell): could be another date or number, and neither the file nor a
 * person says which. */
bool mapping_cell_unsure(const struct mapping *m, size_t col, struct str cell);

const char *mapping_sure_name(enum mapping_sure s);

#endif
