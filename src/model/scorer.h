/* SPDX-License-Identifier: Apache-2.0 */
/* scorer.h: rows of cells in, scores out, with a model or with the rule that stands in for one.
 *
 * A scorer is bound to the columns of one input by their names; order and further columns do not
 * matter, and a column the model does not use is never looked at. It does not change after
 * scorer_new; each thread has its own scorer_work. */
#ifndef MODEL_SCORER_H
#define MODEL_SCORER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

struct err;
struct model;
struct rule;
struct scorer;
struct scorer_work;

enum score_heat { SCORE_HOT, SCORE_WARM, SCORE_COLD };

struct score {
	double probability; /* of being won; with three labels of being hot */
	double confidence;  /* bands[heat] */
	double bands[3];    /* mass in hot, warm, cold; sums to 1 */
	uint8_t heat;       /* enum score_heat */
	uint8_t points;     /* 100 x probability, half up */
};

struct scorer_input {
	const struct str *columns; /* names in the input; borrowed for the scorer's life */
	size_t n_columns;
	double as_of;     /* days since 1970 */
	double hot, warm; /* thresholds instead of the model's; NaN: the model's */
	/* What decides the order of day and month, decimal marks: the path of the file itself, read
	 * again only if a cell leaves it open; NULL: from each value alone. */
	const char *path;
};

/* scorer_new(m, in, e): ERR_INPUT when none of the model's columns is in the input (a different
 * file). Borrows ${m}. */
struct scorer *scorer_new(const struct model *m, const struct scorer_input *in, struct err *e);
/* scorer_new_rule(r, in, e): the same over the rule score. Borrows ${r}. */
struct scorer *scorer_new_rule(const struct rule *r, const struct scorer_input *in, struct err *e);
void scorer_free(struct scorer *s);

/* scorer_missing(s, i): name of column ${i} that the model uses and the input does not have (it is
 * scored as missing); NULL after the last. */
const char *scorer_missing(const struct scorer *s, size_t i);
const char *scorer_version(const struct scorer *s); /* "v3" or "rule" */

enum { SCORER_BLOCK = 512 }; /* most rows per call */
struct scorer_work *scorer_work_new(const struct scorer *s, struct err *e);
void scorer_work_free(struct scorer_work *w);
/* scorer_rows(s, w, rows, n, out, e): rows[i] has n_columns cells. -1 only when the input file had
 * to be looked at again and could not be read. */
int scorer_rows(const struct scorer *s, struct scorer_work *w, const struct str *const *rows,
	size_t n, struct score *out, struct err *e);

#endif
