/* SPDX-License-Identifier: Apache-2.0 */
/* derive_internal.h: what bases, bind and frame share. */
#ifndef FEATURES_DERIVE_INTERNAL_H
#define FEATURES_DERIVE_INTERNAL_H

#include "features/derive.h"
#include "features/dict.h"
#include "util/arena.h"

enum base_op {
#define BASE_OP(id, name, kind, sources, date) OP_##id,
#include "features/bases.def"
#undef BASE_OP
	OP_COUNT_OF
};

/* How the cells of a column are parsed, once per row for all its bases. */
enum parse { PARSE_TEXT, PARSE_NUMBER, PARSE_YESNO, PARSE_DATE };

struct base {
	struct base_info info;
	enum base_op op;
	struct dict *dict; /* of categories */
	struct str token;  /* OP_HAS, OP_MENTIONS: the folded item or word */
	uint32_t *counted; /* OP_COUNT: columns */
	size_t n_counted;
};

/* What a base needs to know of its column. */
struct base_column {
	struct str name;
	enum parse parse;
	struct cell_format format;
	bool unix_time;
	char list_sep;
	double sentinels[PROFILE_SENTINELS];
	size_t n_sentinels;
	bool in;      /* COL_IN: part of row keys and counts */
	bool created; /* the creation date */
};

/* What reading a cell of a column takes, without the column around it. */
struct cell_reading {
	const double *sentinels; /* of the column */
	uint8_t n_sentinels;
	uint8_t parse; /* enum parse */
	char list_sep;
	bool unix_time;
};
struct cell_reading cell_reading_of(const struct base_column *c);

struct bases {
	struct base *b;
	size_t n, cap;
	struct base_column *cols;
	size_t n_cols;
	bool sealed;
	struct arena mem;
};

/* bases_add(b, op, sources, name, e): the new base, its name made unique; NULL when out of memory.
 */
struct base *bases_add(struct bases *b, enum base_op op, const uint32_t sources[2], struct str name,
	struct err *e);
/* bases_alloc(n_cols, e): empty, with columns to fill in. */
struct bases *bases_alloc(size_t n_cols, struct err *e);
const char *bases_op_name(enum base_op op);
enum base_kind bases_op_kind(enum base_op op);
unsigned bases_op_sources(enum base_op op);

/* One cell, parsed. */
struct value {
	struct str cell;
	double x;    /* number, yes/no, date; NaN: missing */
	bool filled; /* neither empty nor a placeholder, a code for missing, or unreadable */
	bool ambiguous;
};
void bind_value(
	const struct cell_reading *r, struct cell_format f, struct str cell, struct value *v);

#endif
