/* SPDX-License-Identifier: Apache-2.0 */
/* csv.h: records and cells of delimited text in memory, read as spreadsheets read it.
 *
 * A cell that begins with '"' runs to the next single '"'; '""' inside it is one quote; text behind
 * the closing quote belongs to the cell. A quote anywhere else is an ordinary character, so
 * abc"def,ghi"jkl is two cells. CRLF, LF and CR each end a record. Cells are pointers into the text
 * and cost nothing to make; only those with doubled quotes are put together elsewhere. */
#ifndef UTIL_CSV_H
#define UTIL_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

struct csv {
	/* Set by the caller: */
	const char *p; /* text; 63 bytes behind its end can be read */
	size_t n;      /* bytes of text */
	size_t at;     /* where the next record begins */
	bool last;     /* no text follows behind ${n} */
	bool spaced;   /* blanks between a delimiter and a quote are no part of the cell */
	char delim;    /* not '"', CR or LF */
	/* Most bytes of a record: of one line, and of several (a quote left open would otherwise
	 * run through the file). > 0 */
	size_t max_row, max_span;
	uint64_t *mask; /* bytes_mask of p, n, delim */
	char *spare;    /* room for cells put together; NULL: they keep their doubled quotes */
	size_t spare_n, spare_cap;
};

struct csv_record {
	size_t start, end; /* the record without line end, offsets into p */
	size_t next;       /* where the next one begins */
	uint32_t lines;    /* physical lines it takes */
	uint32_t cells;    /* cells in it, also those there was no room for */
	bool over;         /* one of the cells there was no room for is not empty */
	bool quoted;       /* the first cell is quoted */
	bool trailing;     /* text stands behind a closing quote */
	bool stray;        /* a quote stands inside a cell that does not begin with one */
	bool open;         /* a quote is not closed: the record is its first line only */
	bool large;        /* its first line alone is longer than max_row */
};

enum csv_result {
	CSV_MORE,   /* the record is not whole: give more text, or set ${last} */
	CSV_RECORD, /* ${at} is now behind it */
	CSV_END,    /* no record is left */
};

/* csv_next(c, r, cells, max): the next record. Its first ${max} cells go to ${cells}. A blank line
 * is a record of one empty cell with start == end. When ${large}, next may be == n without the line
 * end having been seen: the rest of the line is for the caller to skip (r->end == r->next). */
enum csv_result csv_next(struct csv *c, struct csv_record *r, struct str *cells, size_t max);

/* csv_unwrap(c, text, cells, max): split the text of one cell as a record of its own (line ends are
 * no line ends here). Returns how many cells there are; 0 if the text is no well-formed record.
 * Needs ${spare}. */
size_t csv_unwrap(struct csv *c, struct str text, struct str *cells, size_t max);

#endif
