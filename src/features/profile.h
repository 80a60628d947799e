/* SPDX-License-Identifier: Apache-2.0 */
/* profile.h: what every column of a file is: its role, its kind, how it is filled.
 *
 * Guessed from header (the table of CRM headers compiled in, features/headers) and values in one
 * pass whose memory does not grow with the rows; saved as JSON, edited, read back. A profile does
 * not change after it is made, except by the profile_set_* calls; then any thread may read it. */
#ifndef FEATURES_PROFILE_H
#define FEATURES_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "features/cell.h"
#include "util/arena.h"
#include "util/str.h"

struct err;
struct json;
struct jw;
struct row;
struct table;

enum col_role {
#define ROLE(id, name, use) ROLE_##id,
#include "features/roles.def"
#undef ROLE
	ROLE_COUNT
};

enum col_kind {
	KIND_NUMBER,
	KIND_CATEGORY,
	KIND_YESNO,
	KIND_DATE,
	KIND_LIST,
	KIND_TEXT,
	KIND_COUNT
};

/* Why a column is never an input; the leak guard has its own verdicts beside these. */
enum col_out {
	COL_IN,
	COL_IDENTIFIER, /* ids, names, addresses, row counters */
	COL_EMPTY,
	COL_CONSTANT,
	COL_OUTCOME, /* the target itself */
	COL_DROPPED  /* --drop, or role "ignore" by hand */
};

#define PROFILE_SAMPLES   5
#define PROFILE_TOP       12
#define PROFILE_SENTINELS 4

struct col_top {
	struct str text; /* as first seen */
	uint64_t count;
};

struct column {
	struct str name;
	enum col_role role;
	enum col_kind kind;
	enum col_out out;
	struct str out_why; /* a sentence when out is not COL_IN; else empty */
	struct str
		leak_hint;  /* what its name says about being written after the outcome, or empty */
	struct str product; /* whose header this is ("HubSpot"), or empty */
	bool role_by_user, kind_by_user;
	bool kept_by_user; /* --keep: an identifier or constant the user insists on */

	uint64_t filled;       /* neither empty nor a placeholder */
	uint64_t empty;        /* nothing but blanks */
	uint64_t placeholders; /* "Select", "unknown", a 999-like code */
	double distinct;       /* of filled values; an estimate above 4,096 */
	double min, max;       /* numbers, or days since 1970 of dates; NaN otherwise */
	double mean_bytes;     /* of filled cells */
	struct str samples[PROFILE_SAMPLES];
	size_t n_samples;
	struct col_top top[PROFILE_TOP]; /* most frequent values, placeholders among them */
	size_t n_top;
	struct col_top parts[PROFILE_TOP]; /* most frequent items of lists, words of free text */
	size_t n_parts;

	struct cell_format format; /* as decided for this file; unknown when nothing shows it */
	uint64_t ambiguous;        /* cells that the format decided */
	bool unix_time;            /* dates written as Unix seconds or milliseconds */
	bool has_time;             /* dates with a time of day */
	bool whole;                /* numbers: every one whole */
	double sentinels[PROFILE_SENTINELS]; /* numbers that mean "missing": 999, -1 */
	size_t n_sentinels;
	char list_sep; /* several values in a cell: ; , / | or 0 */
	int counter; /* +1, -1: rises or falls with the order of the file (a row counter); else 0 */
};

struct profile {
	struct column *cols; /* owned, with all text, by the arena */
	size_t n;
	uint64_t rows;
	struct str product; /* which system's export it looks like, or empty */
	double as_of; /* newest date not in the future, outside of outcome columns; NaN without one
		       */
	struct str as_of_column;
	struct arena mem;
};

struct profile_opts {
	struct str target;      /* the outcome column, or empty */
	const struct str *drop; /* names that are left out */
	size_t n_drop;
	const struct str *keep; /* names the user insists on */
	size_t n_keep;
	double now;        /* days since 1970; dates behind it are in the future; 0: no limit */
	bool product_said; /* ${product} (of header_product; -1: none) holds, whatever the headers
			      say */
	int product;
	/* How many cells of a column are looked at for what they may be, and how many of its values
	 * are kept and counted; 0: 5,000, and up to 4,096. Fewer are enough to tell what a column
	 * is, and cost half. */
	size_t looks, values;
	/* profile_table tells how far it is; nonzero stops it with ERR_CANCELLED. NULL: none. */
	int (*progress)(void *ctx, double fraction);
	void *progress_ctx;
};

/* A profile from rows fed one by one; profiler_row borrows the cells for the call. */
struct profiler;
struct profiler *profiler_new(
	const struct str *names, size_t n, const struct profile_opts *o, struct err *e);
int profiler_row(struct profiler *p, const struct str *cells, struct err *e);
/* profiler_rows(p, rows, n, threads, e): as profiler_row for each row that is not bad; ${threads}
 * threads share the columns, here and in profiler_end. */
int profiler_rows(
	struct profiler *p, const struct row *rows, size_t n, unsigned threads, struct err *e);
struct profile *profiler_end(struct profiler *p, struct err *e); /* frees ${p} in every case */
void profiler_free(struct profiler *p);

/* profile_table(t, o, e): from the rows of ${t} from where it stands to its end; bad rows are left
 * out. The caller rewinds. ERR_INPUT when target, drop or keep name no column. */
struct profile *profile_table(struct table *t, const struct profile_opts *o, struct err *e);
void profile_free(struct profile *p);

/* profile_find(p, name): index of the column: exact, else the only one equal after folding case,
 * accents and punctuation; -1 without one. */
ptrdiff_t profile_find(const struct profile *p, struct str name);
/* profile_with_role(p, role): the first column of that role, or -1. */
ptrdiff_t profile_with_role(const struct profile *p, enum col_role role);

/* JSON both ways. profile_read makes a whole profile (of a model); profile_edit lays what a user
 * changed (role, kind, order, mark, missing) over a profile just measured, by column name. Unknown
 * members are ignored; ERR_INPUT names column, member and the allowed words. */
void profile_write(const struct profile *p, struct jw *w);
/* profile_write_lean: without samples and frequent values, which hold people's data: for what is
 * kept or passed on, such as a model. */
void profile_write_lean(const struct profile *p, struct jw *w);
struct profile *profile_read(const struct json *v, struct err *e);
int profile_edit(struct profile *p, const struct json *v, struct err *e);

/* profile_note(p, i, room): sentence ${i} on what a user should decide (days and months that can be
 * read in two ways, a decimal mark that nothing shows), in ${room}; NULL after the last. */
#define PROFILE_NOTE 512
const char *profile_note(const struct profile *p, size_t i, char room[PROFILE_NOTE]);

const char *profile_role_name(enum col_role r);
const char *profile_kind_name(enum col_kind k); /* "number", "yes/no", "free text", ... */
const char *profile_out_name(enum col_out o);   /* "identifier", "dropped by you", ... */

#endif
