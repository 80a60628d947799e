/* SPDX-License-Identifier: Apache-2.0 */
/* derive.h: which base columns are made from a profile, and their level dictionaries.
 *
 * bases_new lists the base columns; frame_load fills the dictionaries from the training rows and
 * seals; after that nothing changes and any thread may read. Values for a row are computed by
 * features/bind, in training and in scoring alike. */
#ifndef FEATURES_DERIVE_H
#define FEATURES_DERIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "features/frame.h"
#include "features/profile.h"
#include "util/str.h"

struct bases;
struct err;
struct json;
struct jw;

struct base_info {
	struct str name; /* unique; the column's own name when it is the column itself */
	enum base_kind kind;
	uint32_t n_levels;   /* categories, after sealing; codes are below it; 0 is missing */
	uint32_t sources[2]; /* columns of the profile */
	uint32_t n_sources;  /* 0 for counts over many columns (bases_count_sources) */
	bool ordered;        /* a number that also may be a code */
	bool is_column;      /* the column itself, not an engineered part of it */
	bool optional;       /* pays only sometimes: let cross-validation decide */
	bool is_date;        /* moves with the as-of time */
};

/* bases_new(p, e): the base columns of every column that is COL_IN. Copies what it needs of ${p}.
 */
struct bases *bases_new(const struct profile *p, struct err *e);
void bases_free(struct bases *b);
size_t bases_count(const struct bases *b);
const struct base_info *bases_info(const struct bases *b, size_t i);
/* bases_level(b, i, code): text of a level, for people: "" for 0 (missing), "(rare values)" for
 * the level in which training pooled values seen once and scoring pools unseen ones. */
struct str bases_level(const struct bases *b, size_t i, uint32_t code);
/* bases_rare(b, i): the code of that level, or BASE_UNSEEN when there is none. */
uint32_t bases_rare(const struct bases *b, size_t i);

/* The columns of the profile the bases were made from (names, kinds, formats). */
size_t bases_columns(const struct bases *b);
struct str bases_column_name(const struct bases *b, size_t col);

/* bases_add_counts(b, f, keep, e): append base columns that count filled fields over the columns
 * with keep[col], after the leak guard, and their values to ${f}. keep[bases_columns]. */
int bases_add_counts(struct bases *b, struct frame *f, const bool *keep, struct err *e);
/* bases_count_sources(b, i, cols): the columns such a count runs over; returns how many. */
size_t bases_count_sources(const struct bases *b, size_t i, const uint32_t **cols);

/* As JSON, with dictionaries. bases_read takes hostile input. */
void bases_write(const struct bases *b, struct jw *w);
struct bases *bases_read(const struct json *v, struct err *e);

#endif
