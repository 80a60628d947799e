/* SPDX-License-Identifier: Apache-2.0 */
/* layout.h: the header of a file and what each column is taken for; and a lead's original cells,
 * packed in that order. A stored lead is scored on these very cells, as the row of the file was.
 * Pure functions; any thread. */
#ifndef RECORD_LAYOUT_H
#define RECORD_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "record/field.h"
#include "record/id.h"
#include "util/str.h"

struct arena;
struct buf;
struct err;

struct layout_column {
	struct str header; /* its name in the file, unique within the layout */
	/* A field below LF_MAPPED, LF_ATTRIBUTE or LF_IGNORE. Its cell is kept in each case. */
	enum lead_field use;
	/* How its ambiguous cells are read: 'd' or 'm' comes first in a date, '.' or ',' is the
	 * decimal mark; 0: not known. Rows of another file may be read otherwise. */
	char how[2];
};

struct layout {
	/* Small, given by the store, the same as long as the store exists; the same columns with
	 * the same uses, read in the same way, have one. For this process and its records, never
	 * shown. 0: not stored yet.
	 */
	uint32_t number;
	struct id key; /* hash of the content */
	const struct layout_column *columns;
	size_t n;
};

enum { LAYOUT_COLUMNS_MAX = 2000 };

void layout_key(const struct layout *l, struct id *out);              /* of columns and n alone */
ptrdiff_t layout_find(const struct layout *l, struct str header);     /* column, or -1 */
ptrdiff_t layout_of_field(const struct layout *l, enum lead_field f); /* first such, or -1 */
uint64_t layout_mapped(const struct layout *l); /* FIELD_BITs of the fields it sets */

/* layout_write(l, out): its columns as bytes; layout_read takes them apart again, borrowing
 * ${bytes} and allocating the columns in ${a}. ERR_INPUT when they are damaged. */
void layout_write(const struct layout *l, struct buf *out);
int layout_read(struct str bytes, struct arena *a, struct layout *out, struct err *e);

/* layout_merge(a, b, from, arena, out, e): the columns of ${a}, then those of ${b} that ${a} does
 * not have by name; a use in ${b} other than "attribute" wins, and so does a way to read
 * that ${b} knows. from[i] of ${b}'s column i (room for
 * b->n) is its place in ${out}. Borrows the names. */
int layout_merge(const struct layout *a, const struct layout *b, uint32_t *from,
	struct arena *arena, struct layout *out, struct err *e);

/* Packed cells: each its length (7 bits a byte, low ones first, the high bit says that more follow)
 * and its bytes. Cells missing at the end are empty. */
void cells_pack(const struct str *cells, size_t n, struct buf *out);
/* cells_unpack(packed, out, n): the first ${n} cells, borrowed from ${packed}; -1 when damaged. */
int cells_unpack(struct str packed, struct str *out, size_t n);
struct str cells_get(struct str packed, size_t i); /* empty also when damaged or beyond */

#endif
