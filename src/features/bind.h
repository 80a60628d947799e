/* SPDX-License-Identifier: Apache-2.0 */
/* bind.h: base column values of one row, from the cells of any file or API call.
 *
 *	bind = bind_new(bases, names, n, wanted, e);
 *	if (bind_needs_scan(bind))	// ages are wanted: the as-of time comes from the file
 *		bind_scan(bind, second_table_on_the_same_file, now, e);
 *	while (rows)
 *		if (bases_row(bases, bind, cells, as_of, num, code) == BASES_UNDECIDED)
 *			... bind_scan, and this row once more
 *
 * Threads: bind_scan, bind_vote, bind_decide by one; bases_row by any number at once, without
 * locks and without allocation. */
#ifndef FEATURES_BIND_H
#define FEATURES_BIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

struct bases;
struct bind;
struct cell_format;
struct err;
struct table;

/* bind_new(b, names, n, wanted, e): find the columns that the wanted bases (NULL: all) need among
 * ${names}: exact, else after folding case, accents and punctuation. Extra columns are never
 * touched; an absent one counts as empty cells (bind_absent). Borrows ${b}. */
struct bind *bind_new(const struct bases *b, const struct str *names, size_t n, const bool *wanted,
	struct err *e);
void bind_free(struct bind *b);
/* bind_absent(b, i): name of the i-th needed column that the file lacks; empty after the last. */
struct str bind_absent(const struct bind *b, size_t i);
/* bind_column(b, col): which of ${names} column ${col} of the profile is; -1 if absent or unused.
 */
ptrdiff_t bind_column(const struct bind *b, size_t col);

/* bind_needs_scan(b): whether a wanted base depends on the as-of time: every date does, as a later
 * one is missing. */
bool bind_needs_scan(const struct bind *b);
/* Formats and newest date from all rows of a file. bind_scan rewinds ${t}, reads it (to its end
 * where dates are in question) and leaves it there. ${now}: later dates are no as-of; 0: no limit.
 * For rows from elsewhere: bind_vote each, then bind_decide; without votes the formats are those
 * of training. After deciding, bases_row never says BASES_UNDECIDED. */
int bind_scan(struct bind *b, struct table *t, double now, struct err *e);
void bind_vote(struct bind *b, const struct str *cells, double now);
void bind_decide(struct bind *b);
/* bind_set(b, formats): the formats of every column of ${names} are known; unknown ones as in
 * training. Decides. */
void bind_set(struct bind *b, const struct cell_format *formats);
double bind_newest(const struct bind *b); /* newest date, after deciding; NaN without one */
/* bind_note(b, i): sentences on what stayed ambiguous and how it was read; NULL after the last. */
const char *bind_note(const struct bind *b, size_t i);

enum bases_result { BASES_OK, BASES_UNDECIDED };

/* bases_row(b, bind, cells, as_of, num, code): values of one row. ${num} and ${code} have one place
 * per base column; only the place of the base's own kind is written, and only for wanted bases.
 * ${as_of}: days since 1970; a later date is missing. BASES_UNDECIDED: a cell could be read in two
 * ways and the file has not been scanned; values are written by the formats of training. */
enum bases_result bases_row(const struct bases *b, const struct bind *bind, const struct str *cells,
	double as_of, float *num, uint32_t *code);

/* bases_row_filled: the same, and which columns of the profile are filled, one bit per column, in
 * words of 64 (columns that no wanted base needs stay 0; ${bits} is set whole). */
enum bases_result bases_row_filled(const struct bases *b, const struct bind *bind,
	const struct str *cells, double as_of, float *num, uint32_t *code, uint64_t *bits);

#endif
