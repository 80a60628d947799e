/* SPDX-License-Identifier: Apache-2.0 */
/* table_internal.h: what the files behind table.h share, and knobs for tests. */
#ifndef UTIL_TABLE_INTERNAL_H
#define UTIL_TABLE_INTERNAL_H

#include "util/arena.h"
#include "util/charset.h"
#include "util/csv.h"
#include "util/dialect.h"
#include "util/rejects.h"
#include "util/table.h"

struct xlsx;

enum {
	TABLE_COLUMNS = 2000,
	TABLE_ROW = 256 * 1024,
	TABLE_CELL = 32 * 1024,
	TABLE_BLOCK = 256 * 1024, /* text per block */
	TABLE_CELLS = 64 * 1024,  /* most cells per block, or one row */
	TABLE_ROWS = 8192,        /* most rows per block */
	/* Footers are looked for in the last bytes, so rows this near to the end of what has been
	 * read are not handed out before more is read. */
	TABLE_HOLD = 8 * 1024,
	TABLE_SPAN = 4 * 1024, /* max_span does not fall below this */
	TABLE_BAD_CELL = 200,  /* most bytes of row.bad_cell */
};

struct table {
	struct table_info info;
	struct table_limits limits;
	struct dialect dialect;
	struct charset charset;
	struct source *source;
	struct charset_in *in; /* NULL for .xlsx */
	struct xlsx *xlsx;
	struct arena arena; /* names, headers, notes */
	struct str *names, *headers, header_raw;
	size_t columns;
	const char **notes;
	size_t n_notes;
	struct str *scratch;                   /* columns + 1 cells */
	uint32_t diagnostics[REJECTS_COLUMNS]; /* where they stand, when info.set_aside */
	/* Where reading stands: */
	char *carry; /* text read and not yet handed out */
	size_t carry_n, carry_cap;
	uint64_t line, rows, blocks;
	uint64_t text_used; /* bytes that the rows so far came from */
	size_t max_span;
	bool ended;    /* no more text behind carry */
	bool skipping; /* inside a line that was too long */
	bool looked;   /* footers have been looked for, and cut off */
	bool whole;    /* there are none to be looked for */
	size_t block_bytes;
	struct table_block *own; /* for table_next */
	size_t own_at;
};

/* table_text(t, to, n, e): more decoded text; ${n} >= CHARSET_ROOM. */
ptrdiff_t table_text(struct table *t, char *to, size_t n, struct err *e);
int table_add_note(struct table *t, struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* table_quote(s, to): a short piece of the file for a message: one line, no control characters. */
struct str table_quote(struct str s, char to[64]);

/* table_left_open(t, c, r): does the record of several lines ${r}, just read from ${c}, owe them to
 * a quote that was left open by mistake? Then table_first_line makes it its first line only. */
bool table_left_open(const struct table *t, const struct csv *c, const struct csv_record *r);
void table_first_line(struct csv *c, struct csv_record *r);

/* table_footer(t, c): offset in the last text ${c} where footers begin; c->n without any. ${what}:
 * the first of them; ${count}: how many. */
size_t table_footer(struct table *t, const struct csv *c, struct str *what, size_t *count);

/* table_own_column(t, i), table_own_columns(t): columns of the leads themselves, as against the
 * four that say why a row was set aside. */
bool table_own_column(const struct table *t, size_t column);
size_t table_own_columns(const struct table *t);
/* table_still_bad(t, r): does the row of a table of rejects still have the fault that it names? */
bool table_still_bad(const struct table *t, const struct row *r);

/* table_tune(t, block_bytes, chunk): sizes of the buffer and of single reads. For tests. Rewinds.
 */
int table_tune(struct table *t, size_t block_bytes, size_t chunk, struct err *e);

#endif
