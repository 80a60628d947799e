/* SPDX-License-Identifier: Apache-2.0 */
/* frame.h: the rows of a file as base columns in memory, ready to be judged and trained on.
 *
 * A base column is one number or one category made from one or more columns of the file: "Lead
 * Source" as a category, "days since Created", "title seniority". Trees see features made from
 * base columns by features/encode. */
#ifndef FEATURES_FRAME_H
#define FEATURES_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bases;
struct err;
struct profile;
struct row;
struct str;
struct table;

enum base_kind {
	BASE_NUM, /* float, NaN where missing */
	BASE_CAT  /* code: 0 where missing, 1 to n_levels-1 for levels */
};

/* A category at scoring time that training did not have, in a base without a level for rare values.
 * Never in a frame. */
#define BASE_UNSEEN UINT32_MAX

struct base_col {
	const char *name; /* borrowed from the bases; unique; the column's own name when it is the
			     column itself */
	enum base_kind kind;
	uint32_t n_levels;   /* categories: codes are below this; numbers: 0 */
	uint32_t sources[2]; /* columns of the file it is made from (index into the profile) */
	uint32_t n_sources;  /* 1 or 2; 0 for counts over many columns */
	bool ordered;        /* a number that also may be a code (few distinct whole values) */
	bool is_column;      /* the column of the file itself, not an engineered part of it */
	bool optional;       /* a ratio or a part that pays only sometimes: cross-validate it */
	float *num;          /* [rows] for BASE_NUM, else NULL */
	uint32_t *code;      /* [rows] for BASE_CAT, else NULL */
};

enum outcome { OUTCOME_OPEN = -1, OUTCOME_LOST = 0, OUTCOME_WON = 1 };

struct frame {
	size_t rows;
	size_t n_cols;
	struct base_col *cols;
	int8_t *outcome; /* [rows] enum outcome; with three labels the class 0 hot, 1 warm, 2 cold
			  */
	uint32_t n_classes; /* 2 or 3 */
	double *created;    /* [rows] days since 1970 of the creation date, NaN; NULL without one */
	uint64_t *row_key;  /* [rows] hash of the row's cells: the same row has the same key */
	uint64_t *line;     /* [rows] its line in the file */
	/* Which columns of the file are filled: bit col % 64 of filled[row * filled_words + col /
	 * 64]. */
	uint64_t *filled;
	size_t filled_words;
	size_t n_columns; /* columns of the profile */
	double as_of;     /* the moment ages were counted from */
};

struct frame_opts {
	/* The label of a row: enum outcome, or with three labels 0, 1, 2; OUTCOME_OPEN rows are
	 * left out unless keep_open. */
	int8_t (*label)(void *ctx, const struct row *r);
	void *ctx;
	uint32_t n_classes; /* 0: 2 */
	bool keep_open;
	double as_of; /* days since 1970; NaN: the profile's */
	size_t rows;  /* most rows; 0: no limit below memory. Over it ERR_LIMIT */
	/* progress(ctx, fraction) from time to time; nonzero stops with ERR_CANCELLED. NULL: none.
	 */
	int (*progress)(void *ctx, double fraction);
	void *progress_ctx;
};

/* frame_load(t, p, b, o, f, e): read the rows of ${t} (rewound first) into ${f}, growing the
 * dictionaries of ${b}, and seal ${b}. Bad rows are left out. ${f} borrows names from ${b}. On
 * failure ${f} is empty. */
int frame_load(struct table *t, const struct profile *p, struct bases *b,
	const struct frame_opts *o, struct frame *f, struct err *e);
void frame_clear(struct frame *f);

/* The same from rows fed one by one. frame_end seals; after a failed frame_row only frame_abort. */
struct framer;
struct framer *frame_begin(const struct profile *p, struct bases *b, const struct str *names,
	size_t n_names, const struct frame_opts *o, struct err *e);
int frame_row(struct framer *fr, const struct row *r, struct err *e);
int frame_end(struct framer *fr, struct frame *f, struct err *e); /* frees ${fr} in every case */
void frame_abort(struct framer *fr);

#endif
