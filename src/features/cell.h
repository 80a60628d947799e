/* SPDX-License-Identifier: Apache-2.0 */
/* cell.h: what one cell of an export means: a number, a date, yes or no, nothing.
 *
 * Pure functions over borrowed text; no allocation, no locale, no clock; any bytes are safe input;
 * any thread. "1,234" and "04/09/2026" mean two things: such a cell is read by the format of its
 * column, which is decided from all rows of the file (struct cell_votes). A cell that can only be
 * read one way is read that way whatever the format says. */
#ifndef FEATURES_CELL_H
#define FEATURES_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

enum cell_mark { MARK_UNKNOWN, MARK_DOT, MARK_COMMA };   /* the decimal mark */
enum cell_order { ORDER_UNKNOWN, ORDER_DMY, ORDER_MDY }; /* of 04/09/2026; years first are plain */

/* How the ambiguous cells of one column are to be read. */
struct cell_format {
	enum cell_mark mark;
	enum cell_order order;
};

enum cell_result {
	CELL_NO,       /* not one of these */
	CELL_YES,      /* read, and there is one way to read it */
	CELL_AMBIGUOUS /* read by the format (unknown: dot, day first), could mean another value */
};

/* cell_number(s, mark, out): 2,500.50  2.500,50  2 500,50  2'500  $5  EUR 5  5 %  "4 / 5" (4)
 * (100) (-100)  14+  1e5  '12  00:03:25 (205: a duration, in its smallest unit). Percent is the
 * figure before the sign. Never NaN, an infinity, hex, a date or a phone number. */
enum cell_result cell_number(struct str s, enum cell_mark mark, double *out);

struct cell_date {
	double days; /* since 1970-01-01 00:00 UTC; a time without a zone counts as UTC */
	bool has_time;
};

/* cell_date(s, order, out): ISO with or without zone, slashes, dots, dashes, month names in
 * English, German, French, Spanish, Portuguese, Italian and Dutch, AM/PM, GMT+3, two-digit years
 * (up to 68 is 20xx), 2024-03 (its first day). Years 1900 to 2199. 30 February is no date. */
enum cell_result cell_date(struct str s, enum cell_order order, struct cell_date *out);

/* cell_unix(s, out): Unix seconds (10 digits) or milliseconds (13 digits) from 2000 to 2099. Only
 * ask where header or column say that these are times. */
bool cell_unix(struct str s, struct cell_date *out);

/* Evidence on the formats of one column in one file. Zero-initialise. */
struct cell_votes {
	uint64_t dot, comma, number_ambiguous;
	uint64_t dmy, mdy, date_ambiguous;
};
void cell_vote_number(struct cell_votes *v, struct str s);
void cell_vote_date(struct cell_votes *v, struct str s);
void cell_votes_add(struct cell_votes *to, const struct cell_votes *from);
/* The majority, or unknown without evidence or on a draw. */
enum cell_mark cell_votes_mark(const struct cell_votes *v);
enum cell_order cell_votes_order(const struct cell_votes *v);

/* cell_yesno(s): 1 yes, 0 no, -1 neither. yes/no, true/false, y/n, ja/nein, oui/non, si/no,
 * sim/nao, on/off, checked, 1/0. */
int cell_yesno(struct str s);

enum cell_fill {
	CELL_EMPTY,       /* nothing but blanks */
	CELL_PLACEHOLDER, /* "Select", "N/A", "unknown", "-": says that nothing is known */
	CELL_FILLED
};
enum cell_fill cell_fill(struct str s);

#define CELL_TEXT_MAX 256 /* bytes of a category that count; longer ones are cut at a character */

/* cell_text(s, out): the category a cell stands for: trimmed, blanks folded to one, NFKC, case
 * folded, a leading ' dropped; whole numbers lose ".0" ("3.0" is "3"). Zeros in front
 * are kept. The result lives in ${out}; it is a fixed point. */
struct str cell_text(struct str s, char out[CELL_TEXT_MAX]);

/* cell_list(s, sep, item, n): next item of a several-values cell; advances ${s}. Quotes around an
 * item and blanks are dropped. false at the end. */
bool cell_list(struct str *s, char sep, struct str *item);

/* Days since 1970-01-01 of a civil date (proleptic Gregorian), and back. */
int64_t cell_days(int64_t year, unsigned month, unsigned day);
void cell_civil(int64_t days, int64_t *year, unsigned *month, unsigned *day);
/* cell_date_format(days, out): "2024-03-15", or with a time "2024-03-15T14:30:00Z". */
size_t cell_date_format(double days, char out[32]);

#endif
