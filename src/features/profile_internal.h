/* SPDX-License-Identifier: Apache-2.0 */
/* profile_internal.h: what is counted per column while rows stream by (profiler.c), and what is
 * made of it at the end (profile_guess.c). */
#ifndef FEATURES_PROFILE_INTERNAL_H
#define FEATURES_PROFILE_INTERNAL_H

#include "features/profile.h"
#include "util/map.h"

/* Distinct values by adaptive sampling (Gibbons 2001): the set keeps the values whose hash ends in
 * ${level} zero bits, and how many rows had them (scaled when the set is thinned). Memory is fixed.
 */
struct distinct {
	uint64_t *hash;              /* open addressing, 0 free */
	size_t slots, full, n, most; /* ${slots} grows up to ${full} */
	unsigned level;
	uint64_t rows; /* rows whose value is in the set */
};

struct range {
	double min, max; /* NaN while empty */
};

/* Numbers or dates read by one of the two formats. */
struct reading {
	struct range all;
	struct range
		plain; /* numbers that are no usual code for missing; dates not in the future */
	uint64_t fractions; /* numbers with decimals */
	uint64_t negative;
};

/* What may stand between several values of one cell. */
#define PROFILE_SEPS 4
extern const char profile_seps[PROFILE_SEPS + 1];

struct acc {
	uint64_t rows, empty, placeholders, filled;
	uint64_t placeholder_values; /* of the entries of values */
	struct cell_votes votes;
	uint64_t numbers, dates, timed, unix_times;
	uint64_t yesno, yes;      /* a word for either; for yes */
	struct reading number[2]; /* dot, comma */
	struct reading date[2];   /* day first, month first */
	struct range unix_range;
	struct range unix_past;
	/* Looks, over the first cells only. */
	uint64_t looked, email, url, linkedin, phone, hash, person, country, code, digits, zero_led;
	size_t digits_min, digits_max;
	/* Order in the file: steps up and down, and the line through (row, value). */
	uint64_t up, down;
	double last, s_x, s_y, s_xx, s_yy, s_xy, s_n, y0;
	uint64_t bytes, words;
	struct map values;      /* folded text to count, the first values seen only */
	struct map seen;        /* cells as they are, to how often they came again */
	uint32_t missed;        /* since ${seen} is full: cells in a row that are not in it */
	uint32_t values_missed; /* likewise */
	struct str *raw;        /* of each entry, as first seen */
	size_t raw_cap;
	bool values_full;
	/* By separator, at the end: different values with several items, and their rows. */
	uint64_t list_values[PROFILE_SEPS], list_rows[PROFILE_SEPS];
	struct distinct distinct;
	bool no_numbers, no_dates; /* none among the first cells: not looked for any more */
};

struct profiler {
	struct profile *p;
	struct profile_opts o; /* lists borrowed until profiler_end */
	struct acc *acc;
	size_t most_values; /* per column, as is ${looks} */
	uint64_t looks;
	ptrdiff_t target;
	int product;
	uint64_t rows;
	unsigned threads;
};

/* distinct_of(a): how many filled values, and the share of filled rows with a value of their own.
 */
double distinct_of(const struct acc *a);
double distinct_share(const struct acc *a);

/* profile_guess(pr, e): kinds, roles, verdicts, samples, as-of time from what was counted. */
int profile_guess(struct profiler *pr, struct err *e);
/* profile_count_lists(a): list_values and list_rows. */
void profile_count_lists(struct acc *a);
/* profile_find_list: list_sep and parts where cells hold several values. profile_find_words: parts
 * of free text. profile_ranked(m): its entries, most frequent first; for free(). */
int profile_find_list(struct profile *p, const struct acc *a, struct column *c, struct err *e);
int profile_find_words(struct profile *p, const struct acc *a, struct column *c, struct err *e);
const struct map_entry **profile_ranked(const struct map *m);
/* profile_guess_role(pr, i): role, leak hint and product of column ${i}, whose kind is known. */
int profile_guess_role(struct profiler *pr, size_t i, struct err *e);
/* profile_guess_created(pr): the creation date where no header names one. */
void profile_guess_created(struct profiler *pr);
/* profile_sentinels(a, c): numbers that mean "missing", into ${c}. */
void profile_sentinels(const struct acc *a, struct column *c);
/* profile_set_out(p, c, out, fmt, ...): verdict and reason. */
int profile_set_out(struct profile *p, struct column *c, enum col_out out, struct err *e,
	const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* profile_text(p, s, e): a copy in the profile's memory, ending in NUL. */
int profile_text(struct profile *p, struct str s, struct str *out, struct err *e);
enum col_use { USE_FEATURE, USE_PARTS, USE_NEVER };
enum col_use profile_role_use(enum col_role r);

/* look.c: what the text of a cell looks like. */
bool look_email(struct str s);
bool look_url(struct str s);
bool look_phone(struct str s);
bool look_hash(struct str s); /* a UUID or 16 and more hexadecimal digits */
bool look_person(struct str s);
bool look_country(struct str s); /* two letters of ISO 3166 */

#endif
