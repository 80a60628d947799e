/* SPDX-License-Identifier: Apache-2.0 */
/* scorer.h: rows of cells in, scores out, with a model or with the rule that stands in for one.
 *
 * A scorer is bound to the columns of one input by their names; order and further columns do not
 * matter, and a column the model does not use is never looked at. Any number of threads may call
 * scorer_rows at once, each with its own scorer_work. */
#ifndef MODEL_SCORER_H
#define MODEL_SCORER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/heat.h"
#include "util/str.h"

struct cell_format;
struct err;
struct model;
struct rule;
struct scorer;
struct scorer_work;
struct table;

struct score {
	double probability;       /* of being won; with three labels of being hot */
	double margin;            /* log odds of the trees before calibration (two classes) */
	double confidence;        /* bands[heat] */
	double bands[HEAT_COUNT]; /* mass in hot, warm, cold; sums to 1 */
	enum heat heat;
	int points; /* heat_score(probability): 0 to 100 */
};

struct scorer_input {
	const struct str *columns; /* names in the input; borrowed for the scorer's life */
	size_t n_columns;
	double as_of; /* days since 1970; NaN: the later of the model's and the newest in ${table}
		       */
	double today; /* a later date is no as-of */
	/* A reader of the same rows that the scorer may rewind and read to learn how ambiguous
	 * dates and numbers are written; borrowed. NULL: as in training. */
	struct table *table;
	/* [n_columns] how ambiguous dates and numbers of each column are written, instead of what
	 * ${table} shows; unknown ones as in training. Read by scorer_new only. NULL: not known. */
	const struct cell_format *formats;
	const struct bands *bands; /* NULL: the model's; borrowed */
	bool all_columns;          /* compute every base column, not only those the trees read */
};

/* scorer_new(m, in, e): ERR_INPUT when none of the model's columns is in the input (a different
 * file). Borrows ${m}. */
struct scorer *scorer_new(const struct model *m, const struct scorer_input *in, struct err *e);
/* scorer_new_rule(r, in, e): the same over the rule score; the columns are those of the profile the
 * rule was made from. Borrows ${r}. */
struct scorer *scorer_new_rule(const struct rule *r, const struct scorer_input *in, struct err *e);
void scorer_free(struct scorer *s);

/* scorer_missing(s, i): name of column ${i} that the model uses and the input does not have (it is
 * scored as missing); empty after the last. */
struct str scorer_missing(const struct scorer *s, size_t i);
const char *scorer_version(const struct scorer *s); /* "v3" or "rule" */
double scorer_as_of(const struct scorer *s);
/* scorer_note(s, i): what stayed ambiguous and how it was read; NULL after the last. Ask when all
 * rows are done. */
const char *scorer_note(const struct scorer *s, size_t i);

enum { SCORER_BLOCK = 256 }; /* most rows per call */
struct scorer_work *scorer_work_new(const struct scorer *s, struct err *e);
void scorer_work_free(struct scorer_work *w);
/* scorer_work_at(w, as_of): from now on rows given with ${w} are looked at from ${as_of}, whatever
 * the scorer's own moment is; NaN: from that. */
void scorer_work_at(struct scorer_work *w, double as_of);
/* scorer_rows(s, w, rows, n, out, e): rows[i] are n_columns cells. -1 only when the input had to
 * be looked at again and could not be read. */
int scorer_rows(struct scorer *s, struct scorer_work *w, const struct str *const *rows, size_t n,
	struct score *out, struct err *e);

size_t scorer_n_bases(const struct scorer_work *w); /* base columns per row */
/* Base values of row ${i} of the last call, for baselines and reasons. */
const float *scorer_num(const struct scorer_work *w, size_t i);
const uint32_t *scorer_code(const struct scorer_work *w, size_t i);

#endif
