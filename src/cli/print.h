/* SPDX-License-Identifier: Apache-2.0 */
/* print.h: text for people: colours where wanted, aligned tables, bars, wrapped paragraphs.
 *
 * Everything is collected in ${b} and written in one go by print_flush, so that an error never
 * leaves half a table. Text from files goes through print_text or a grid, which keep control
 * characters from the terminal. */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "util/arena.h"
#include "util/buf.h"
#include "util/str.h"

struct err;

enum style {
	STYLE_PLAIN,
	STYLE_BOLD,
	STYLE_DIM,
	STYLE_HOT,
	STYLE_WARM,
	STYLE_COLD,
	STYLE_GOOD,
	STYLE_BAD,
	STYLE_COUNT
};

struct print {
	struct buf b;
	bool color;
	bool unicode;   /* bars and dashes beyond ASCII can be shown */
	size_t columns; /* width to lay out for */
};

/* print_init(p, f, color): for output to ${f}; color: enum opt_color. */
void print_init(struct print *p, FILE *f, int color);
/* print_flush(p, f, e): write what was collected; a closed pipe is ERR_IO as any other failure. */
int print_flush(struct print *p, FILE *f, struct err *e);
void print_clear(struct print *p);

void print_style(struct print *p, enum style s); /* until the next; STYLE_PLAIN ends it */
void print_fmt(struct print *p, enum style s, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void print_text(struct print *p, enum style s, struct str text); /* cleaned */
void print_heading(struct print *p, const char *text);           /* blank line, bold, line end */
/* print_wrapped(p, indent, text): a paragraph broken at blanks, cleaned; the first line is already
 * at column ${at}, further ones start at ${indent}. Ends the line. */
void print_wrapped(struct print *p, size_t at, size_t indent, const char *text);
void print_sentence(struct print *p, enum style s, struct str text); /* the same from column 0 */
/* print_shell(p, text): as one word of a shell command, quoted where it must be; cleaned. */
void print_shell(struct print *p, struct str text);
/* print_bar(p, s, share, width): ${share} 0 to 1 of ${width} columns, padded to ${width}. */
void print_bar(struct print *p, enum style s, double share, size_t width);
enum style print_heat_style(const char *heat); /* "hot", "warm", "cold" in any case */
/* print_count(b, n): 12,345 */
void print_count(struct buf *b, uint64_t n);
/* print_percent(b, x): share 0 to 1 as "3.4 %", "42 %", "<0.1 %". */
void print_percent(struct buf *b, double x);
const char *print_ellipsis(const struct print *p);

/* A table: columns are made as wide as what is in them; when a line would be too long, columns
 * that may shrink do so, the widest first, down to 8. */
struct grid_col {
	const char *title; /* all empty: no title line */
	bool right;
	bool shrink;
	size_t max; /* most columns of the terminal; 0: no limit */
	bool wrap;  /* of the last column: long text goes on in the lines below, uncut */
};

struct grid_cell {
	struct str text; /* in the grid's arena */
	enum style style;
	double bar; /* 0 to 1: a bar instead of text; NaN: text */
};

struct grid {
	const struct grid_col *cols; /* borrowed */
	size_t n_cols;
	struct grid_cell *cells;
	size_t n, cap;
	size_t indent;
	bool failed;
	struct arena mem;
};

void grid_init(struct grid *g, const struct grid_col *cols, size_t n_cols);
void grid_text(struct grid *g, enum style s, struct str text);
void grid_fmt(struct grid *g, enum style s, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void grid_count(struct grid *g, enum style s, uint64_t n);
void grid_percent(struct grid *g, enum style s, double x); /* NaN: empty */
void grid_bar(struct grid *g, enum style s, double share); /* needs ${max} of its column */
void grid_print(struct grid *g, struct print *p);          /* rows of n_cols cells; clears ${g} */

#endif
