/* SPDX-License-Identifier: Apache-2.0 */
/* xlsx_internal.h: the parts that xlsx.h is made of. */
#ifndef UTIL_XLSX_INTERNAL_H
#define UTIL_XLSX_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <expat.h>

#include "util/buf.h"
#include "util/str.h"

struct err;
struct source;

enum {
	XLSX_CHUNK = 8 * 1024,           /* XML given to the parser at once */
	XLSX_PART = 64 * 1024 * 1024,    /* most bytes of a small part */
	XLSX_TEXT = 256 * 1024 * 1024,   /* most bytes of shared strings */
	XLSX_STRINGS = 32 * 1024 * 1024, /* most of them */
	XLSX_CELL = 1024 * 1024,         /* most bytes of one cell */
	XLSX_ROWS = 1048576,
	XLSX_COLUMNS = 16384,
	XLSX_STYLES = 65536,
	XLSX_ENTRIES = 20000,         /* most files in the archive */
	XLSX_RATIO = 400,             /* most times its size a part may unpack to, ... */
	XLSX_FREE = 64 * 1024 * 1024, /* ... above this many bytes */
};

/* One file inside the archive, unpacked as it is read. */
struct zip_part;
/* zip_open(s, name, e): NULL with ERR_NOT_FOUND when there is none of this name. */
struct zip_part *zip_open(struct source *s, struct str name, struct err *e);
ptrdiff_t zip_read(struct zip_part *p, char *to, size_t n, struct err *e);
void zip_close(struct zip_part *p);
double zip_progress(const struct zip_part *p);
/* zip_is(s, e): what an archive without a workbook is, as the error to give. Always -1. */
int zip_is(struct source *s, struct err *e);

/* Number formats: what a number stands for. */
enum xlsx_kind { XLSX_NUMBER, XLSX_DATE, XLSX_DATETIME, XLSX_TIME };
enum xlsx_kind xlsx_format_builtin(long id);
enum xlsx_kind xlsx_format_code(struct str code);
/* xlsx_value(v, kind, from1904, to): the text of a number cell. */
void xlsx_value(struct str v, enum xlsx_kind kind, bool from1904, struct buf *to);
/* xlsx_unescape(s, to): "_x000D_" and the like resolved. */
void xlsx_unescape(struct str s, struct buf *to);

struct xlsx_strings {
	struct buf text;
	size_t *ends; /* where string i ends */
	size_t n, cap;
};

/* What the cells of a sheet need to know. */
struct xlsx_book {
	struct xlsx_strings strings;
	uint8_t *styles; /* enum xlsx_kind per cell style */
	size_t n_styles;
	bool from1904;
};

/* A sheet on its way to CSV. */
struct xlsx_sheet {
	const struct xlsx_book *book;
	struct err *e;
	XML_Parser parser;
	struct buf out; /* CSV text not yet given out */
	size_t out_at;
	bool filled; /* a cell with text has been seen */
	bool failed, done;
	/* The row and cell at hand: */
	long row, row_open, column, put; /* put: cells written in this row */
	char type;                       /* of the cell: 'n', 's'hared, 'b'ool, 'e'rror, 't'ext */
	size_t style;
	bool in_data, in_cell, in_text, in_phonetic;
	struct buf value;
};
int xlsx_sheet_begin(struct xlsx_sheet *s, const struct xlsx_book *book, struct err *e);
void xlsx_sheet_end(struct xlsx_sheet *s);
/* xlsx_sheet_feed(s, p, n, e): ${n} == 0: the part is at its end. */
int xlsx_sheet_feed(struct xlsx_sheet *s, const char *p, size_t n, struct err *e);

/* xml_local(name): without namespace prefix. xml_attr: NULL if absent. */
const char *xml_local(const char *name);
const char *xml_attr(const char **attrs, const char *name);
XML_Parser xml_parser(void *user, XML_StartElementHandler start, XML_EndElementHandler end,
	XML_CharacterDataHandler text);
int xml_failed(XML_Parser p, struct err *e);

#endif
