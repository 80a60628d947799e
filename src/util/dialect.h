/* SPDX-License-Identifier: Apache-2.0 */
/* dialect.h: how a table is laid out, from its first some hundred KiB of text: delimiter, line
 * ends, what stands above the header, whether there is one, what the writer does with short rows.
 */
#ifndef UTIL_DIALECT_H
#define UTIL_DIALECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"
#include "util/table.h"

struct err;

struct dialect {
	char delimiter;
	enum table_eol eol;
	bool sep_line;          /* a leading "sep=" line was there */
	bool has_header;        /* a header line was found */
	bool spaced;            /* cells are written as: 1, "Ann, the first" */
	bool wrapped;           /* every record is wrapped whole in quotes */
	bool pads_short_rows;   /* see struct table_info */
	size_t first_at;        /* offset of the header record; of the first row without a header */
	uint64_t first_line;    /* its physical line */
	size_t data_at;         /* offset of the first row */
	uint64_t data_line;     /* its physical line */
	size_t columns;         /* cells of the record at first_at */
	size_t preamble;        /* records above it that are not blank */
	struct str preamble_of; /* the first of them; borrowed from the text */
};

struct dialect_opts {
	const struct str *known; /* see struct table_opts */
	size_t known_count;
	enum table_header header;
	size_t max_columns, max_row;
	bool records_are_lines; /* lines count records (sheet rows) */
	char delimiter;         /* known beforehand; 0: find out */
	uint64_t first_line;    /* the line of first_at, known beforehand; 0: find out */
};

/* dialect_find(text, whole, o, d, e): ${text} is valid for 63 bytes behind its end. ${whole}: it is
 * the complete file. ERR_INPUT without any record or where the first line asked for is none of
 * them, ERR_LIMIT with too many columns. */
int dialect_find(struct str text, bool whole, const struct dialect_opts *o, struct dialect *d,
	struct err *e);

/* A parsed sample, shared by the files that decide on it. */
struct peek_record {
	size_t start, end, next;
	uint64_t line;
	uint32_t lines;                  /* physical ones */
	uint32_t cells, filled, trimmed; /* trimmed: cells up to the last one filled */
	bool blank, quoted, trailing, open;
};
struct peek {
	struct str text;
	char delim;
	bool spaced;
	struct peek_record *records;
	size_t n;
};
/* peek_cells(p, i, cells, max): cells of record ${i}; how many (at most ${max}). Those with doubled
 * quotes keep them. */
size_t peek_cells(const struct peek *p, size_t i, struct str *cells, size_t max);

/* header_normal(s, to, n): ${s} as headers are compared: lower case, "_ - . / *" and blanks one
 * blank, trimmed, at most ${n} bytes in ${to}. */
struct str header_normal(struct str s, char *to, size_t n);
/* header_known(p, i, known, n): how many cells of record ${i} are among ${known}. */
size_t header_known(const struct peek *p, size_t i, const struct str *known, size_t n);
/* header_is(p, i, o): is record ${i} a header line, or a row like those behind it? */
bool header_is(const struct peek *p, size_t i, const struct dialect_opts *o);

#endif
