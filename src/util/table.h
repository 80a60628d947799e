/* SPDX-License-Identifier: Apache-2.0 */
/* table.h: the rows of any real export, one at a time, as UTF-8 cells.
 *
 * Takes a path, or "-" for standard input; comma, semicolon, tab or pipe; UTF-8 with or without
 * BOM, UTF-16, UTF-32 with BOM, cp1252, cp850 and what uchardet names; CRLF, LF, CR; gzip; .xlsx
 * (first sheet that has rows). Skips a preamble, a leading "sep=" line and footers, and says so in
 * its notes. Memory does not grow with the number of rows. Threads: one table, one thread.
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

/* What the first line is: found out, or known to the caller. */
enum table_header { TABLE_HEADER_FIND, TABLE_HEADER_YES, TABLE_HEADER_NO };

/* How a file is to be read, as far as somebody said so; what is zero is found out. Delimiter and
 * encoding are passed over in an .xlsx, which has neither. */
struct table_reading {
	enum table_header header;
	uint64_t header_line; /* physical line of the header, or of the first row without one */
	char delimiter;
	char encoding[32]; /* one that charset_known knows */
	bool no_footer;    /* all lines to the end are rows */
};

struct table_opts {
	/* Names that a model or a flag knows: they help to tell a header line from a preamble and
	 * from data. Borrowed during table_open. */
	const struct str *known;
	size_t known_count;
	struct table_reading as;
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
	bool set_aside;       /* rows that an earlier reading set aside, see rejects.h */
	size_t footer_lines;  /* left out at the end, once it has been reached */
};

/* What is wrong with a row: the first fault found. */
enum row_fault {
	ROW_OK,
	ROW_SHORT,     /* fewer cells than the header */
	ROW_LONG,      /* more cells than the header, and not all of them empty */
	ROW_NUL,       /* a zero byte */
	ROW_TEXT,      /* bytes that are not text in the file's encoding */
	ROW_QUOTE,     /* a quote that is opened and not closed; only this line is given up */
	ROW_TOO_LARGE, /* over a limit; raw is only its start */
	ROW_HEADER,    /* repeats the header line */
	ROW_STANDING,  /* was set aside earlier and still has that fault (table_info.set_aside) */
};

struct row {
	/* One per column: unquoted and otherwise as found. Cells, raw, reason and bad_cell stay
	 * valid until the next call (table_next), or as long as the block (table_read_block). */
	struct str *cells;
	struct str raw; /* the record as in the file (as UTF-8), without line end */
	uint64_t line;  /* its first physical line, 1-based (sheet row for .xlsx) */
	uint32_t found; /* cells in the record */
	bool plain;     /* raw has exactly one cell per column, so cells can be appended to it */
	bool bad;   /* then nothing in cells is to be trusted; those beyond what was found are empty
		     */
	bool split; /* cells is all there is in the record: no open quote, none too many */
	enum row_fault fault;
	uint32_t bad_column; /* 0-based, the column the fault is about */
	const char *reason;  /* "has 5 cells, the header has 7"; NULL unless bad */
	struct str bad_cell; /* start of the offending cell, at most 200 bytes */
};

struct table *table_open(const char *path, const struct table_opts *o, struct err *e);
/* table_open_bytes(bytes, o, e): as table_open of a file with these bytes (borrowed until
 * table_free): gzip, .xlsx and all. */
struct table *table_open_bytes(struct str bytes, const struct table_opts *o, struct err *e);
void table_free(struct table *t);
/* table_again(t, e): a second reader of the same bytes, at their start (standard input too).
 * Nothing is detected anew. Independent of ${t}, except that bytes borrowed stay borrowed. */
struct table *table_again(const struct table *t, struct err *e);
/* table_rewind(t, e): the next call gives the first row again. Notes are kept. */
int table_rewind(struct table *t, struct err *e);
const struct table_info *table_info(const struct table *t);
size_t table_columns(const struct table *t);
/* table_column(t, i): its name, trimmed and unique: a repeated header gets " (2)", an empty one its
 * letter as a spreadsheet names columns. */
struct str table_column(const struct table *t, size_t i);
struct str table_header(const struct table *t, size_t i); /* the header cell as found */
/* table_header_raw(t): the header record as in the file, to be written again with its quotes; empty
 * where it has not exactly one cell per column, or there is none. */
struct str table_header_raw(const struct table *t);
/* table_note(t, i): sentence ${i} on what was noticed; NULL after the last. More may come while
 * rows are read (footers). */
const char *table_note(const struct table *t, size_t i);
/* table_next(t, r, e): 1 with a row, 0 at the end, -1 when the file cannot be read on. */
int table_next(struct table *t, struct row *r, struct err *e);
/* table_progress(t): fraction of the file's bytes consumed, 0 to 1. */
double table_progress(const struct table *t);

/* Many rows at once. A block owns the memory its rows point into and does not touch the table, so
 * threads can each hold a block and work on it while one of them (under a lock of the caller's)
 * has the table fill its own: take the lock, table_read_block, note the number, let go, work.
 * Rows and numbers come in file order. Reused blocks are not allocated anew.
 * One table is read by table_next or by blocks; to change over, rewind. */
struct table_block {
	struct row *rows;
	size_t n;        /* rows in it */
	uint64_t first;  /* number of rows before it */
	uint64_t number; /* 0, 1, 2, ... */
};
struct table_block *table_block_new(struct err *e);
void table_block_free(struct table_block *b);
/* table_read_block(t, b, max_rows, e): as many rows as are at hand (some 256 KiB of text), at most
 * ${max_rows} (0: no bound). 1 with at least one row, 0 at the end, -1 as table_next. */
int table_read_block(struct table *t, struct table_block *b, size_t max_rows, struct err *e);

/* Writing a table of the same shape: same delimiter, encoding, BOM, line ends. */

/* Putting text of a row together needs no writer, so threads can do it for theirs: cells in the
 * file's dialect, as UTF-8. Failures stay in ${b}. */
void table_put_cell(struct buf *b, const struct table_info *like, struct str cell);
/* The row as found, without line end: its raw text where plain, else its cells, one per column.
 * A bad row is given back as found and padded to ${columns}, so that cells put behind it line up
 * (a longer one does not); one with an open quote becomes one quoted cell, so that it cannot
 * swallow its neighbours: reading undoes that. */
void table_put_row(
	struct buf *b, const struct table_info *like, const struct row *r, size_t columns);
void table_put_end(struct buf *b, const struct table_info *like); /* the line end */

struct file_out;
struct table_writer;
/* table_writer_open(f, like, e): borrows ${f}; ${like} is copied. */
struct table_writer *table_writer_open(
	struct file_out *f, const struct table_info *like, struct err *e);
/* One cell: quoted when it must be. As "=1+1" is data here, nothing is changed in it. */
void table_writer_cell(struct table_writer *w, struct str cell);
/* Cells already joined and quoted, one or more. */
void table_writer_raw(struct table_writer *w, struct str cells);
/* table_put_row into this row. */
void table_writer_row(struct table_writer *w, const struct row *r, size_t columns);
int table_writer_end_row(struct table_writer *w, struct err *e);
/* Whole lines made with table_put_*, line ends included. Not inside a row. */
int table_writer_lines(struct table_writer *w, struct str lines, struct err *e);
int table_writer_close(struct table_writer *w, struct err *e); /* flushes; frees ${w} in any case */

#endif
