/* SPDX-License-Identifier: Apache-2.0 */
/* table.h: the rows of any real export, one at a time, as UTF-8 cells.
 *
 * Takes comma, semicolon, tab or pipe; UTF-8 with or without BOM, UTF-16, UTF-32 with BOM, cp1252,
 * cp850 and what uchardet names; CRLF, LF, CR; gzip; .xlsx (first sheet that has rows). Skips a
 * preamble, a leading "sep=" line and footers, and says so in its notes. Memory does not grow with
 * the number of rows. Threads: one table, one thread.
 *
 * What is refused as a whole (ERR_INPUT, one sentence that says what it is): a web page, a
 * picture, a PDF, a cut gzip or zip, an old .xls, an empty file, no header and no rows. A bad row
 * is never an error: it comes as a row with ${bad} set, and the next call goes on behind it. */
#ifndef UTIL_TABLE_H
#define UTIL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

struct buf;
struct err;
struct table;

struct table_limits {
	size_t columns;    /* most columns; over it the file is refused; 0: 2,000 */
	size_t row_bytes;  /* a longer row is bad; 0: 256 KiB */
	size_t cell_bytes; /* a longer cell makes its row bad; 0: 32 KiB */
};

struct table_opts {
	/* Names that a model or a flag knows: they help to tell a header line from a preamble and
	 * from data. Borrowed during table_open. */
	const struct str *known;
	size_t known_count;
	struct table_limits limits;
};

enum table_eol { EOL_LF, EOL_CRLF, EOL_CR };

struct table_info {
	char encoding[32];    /* iconv's name: "UTF-8", "UTF-16LE", "CP1252" */
	bool bom, gzip, xlsx; /* xlsx: the other fields tell how a CSV of it is written */
	char delimiter;
	enum table_eol eol;
	bool has_header;      /* false: columns are named A, B, ... */
	uint64_t header_line; /* 1-based physical line; 0 without a header */
	bool pads_short_rows; /* the writer leaves out empty cells at the end of a row */
};

struct row {
	struct str
		*cells; /* one per column, unquoted and otherwise as found; valid until next call */
	struct str raw; /* the record as in the file (UTF-8), without line end */
	uint64_t line;  /* its first physical line, 1-based (sheet row for .xlsx) */
	bool plain;     /* raw has exactly one cell per column, so cells can be appended to it */
	/* Set when bad: cells beyond what was found are empty, and of these nothing may be used. */
	bool bad;
	size_t bad_column;   /* 0-based */
	char reason[160];    /* "has 5 cells, the header has 7" */
	struct str bad_cell; /* start of the offending cell, at most 200 bytes */
};

struct table *table_open(const char *path, const struct table_opts *o, struct err *e);
void table_free(struct table *t);
/* table_rewind(t, e): the next table_next gives the first row again. */
int table_rewind(struct table *t, struct err *e);
const struct table_info *table_info(const struct table *t);
size_t table_columns(const struct table *t);
/* table_column(t, i): its name, unique: a repeated header gets " (2)", an empty one its letter as
 * a spreadsheet names columns. */
struct str table_column(const struct table *t, size_t i);
struct str table_header(const struct table *t, size_t i); /* the header cell as found */
/* table_note(t, i): sentence ${i} on what was noticed; NULL after the last. More may come while
 * rows are read (footers). */
const char *table_note(const struct table *t, size_t i);
/* table_next(t, r, e): 1 with a row, 0 at the end, -1 when the file cannot be read on. */
int table_next(struct table *t, struct row *r, struct err *e);
/* table_progress(t): fraction of the file's bytes consumed, 0 to 1. */
double table_progress(const struct table *t);

/* Writing a table of the same shape: same delimiter, encoding, BOM, line ends. */
struct file_out;
struct table_writer;
/* table_writer_open(f, like, e): borrows ${f}; ${like} is copied. */
struct table_writer *table_writer_open(
	struct file_out *f, const struct table_info *like, struct err *e);
/* One cell: quoted when it must be. As "=1+1" is data here, nothing is changed in it. */
void table_writer_cell(struct table_writer *w, struct str cell);
void table_writer_raw(
	struct table_writer *w, struct str cells); /* cells already joined and quoted */
int table_writer_end_row(struct table_writer *w, struct err *e);
/* The row as found: its raw text where plain, else its cells, padded to ${columns}. A bad row is
 * given back as found; when the columns added behind it would not line up, so be it. */
void table_writer_row(struct table_writer *w, const struct row *r, size_t columns);
int table_writer_close(struct table_writer *w, struct err *e); /* flushes; frees ${w} in any case */

#endif
