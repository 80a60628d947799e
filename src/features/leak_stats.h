/* SPDX-License-Identifier: Apache-2.0 */
/* leak_stats.h: how well cells of rows (bins of numbers, levels, pairs of both) tell won from lost,
 * measured on held-out folds, with cautious bounds. Used by the leak guard only.
 * Threads: none of it is shared. Deterministic: fixed order, no clock. */
#ifndef FEATURES_LEAK_STATS_H
#define FEATURES_LEAK_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "features/frame.h"

struct err;

#define LEAK_FOLDS 5
#define LEAK_HUGE  65536 /* levels beyond which a category is pooled and its cells are no codes */

/* The rows that are looked at: those with a known outcome, or a seeded sample of them. */
struct leak_rows {
	size_t n;
	uint32_t *row; /* [n] in the frame, ascending */
	uint8_t *won;  /* [n] */
	uint8_t *fold; /* [n] */
	double n_won, n_lost;
};

/* leak_rows_make(f, most, seed, out, e): at most ${most} rows. Owned (leak_rows_clear). */
int leak_rows_make(
	const struct frame *f, size_t most, uint64_t seed, struct leak_rows *out, struct err *e);
void leak_rows_clear(struct leak_rows *r);

/* One small number per row: 0 missing, 1 to n-1 otherwise. */
struct leak_cells {
	uint32_t *cell; /* [rows->n]; owned */
	uint32_t n;
	double *logit; /* [LEAK_FOLDS * n] by leak_cells_learn, of the other folds; owned */
};
void leak_cells_clear(struct leak_cells *c);
/* leak_cells_values(v, n, bins, out, e): numbers (NaN missing) in at most ${bins} quantile bins;
 * values that make up a bin's share of the rows have a cell of their own. */
int leak_cells_values(
	const double *v, size_t n, uint32_t bins, struct leak_cells *out, struct err *e);
/* leak_cells_base(f, col, rows, bins, out, e): of a base column. Categories keep their levels. */
int leak_cells_base(const struct frame *f, size_t col, const struct leak_rows *rows, uint32_t bins,
	struct leak_cells *out, struct err *e);
/* leak_cells_few(c, most): pool the rarest cells in place so that at most ${most} are left. */
int leak_cells_few(struct leak_cells *c, size_t n, uint32_t most, struct err *e);

/* What cells tell. Areas are out of fold. */
struct leak_power {
	double auc, auc_low;   /* ROC AUC and the low end of its one-sided 95 % interval */
	double pure_won;       /* share of the won in cells that the other folds call pure won */
	double pure_won_right; /* share of won among the leads there, low end */
	double odds_won;       /* and how much likelier won leads are there than lost, low end */
	double one_lost;       /* largest share of the lost in one cell that hardly any won has */
	uint32_t one_lost_cell;
	uint32_t lost_cells; /* cells with a tenth of the lost each that hardly any won has */
	double pure_lost; /* share of the lost in cells that the other folds call pure lost; 0 when
			     the won there are not few beyond doubt */
	uint32_t top_won_cell; /* cell with the most won leads among those counted pure */
};
int leak_power_of(const struct leak_cells *c, const struct leak_rows *rows, struct leak_power *out,
	struct err *e);

/* leak_raw_auc(v, rows, e): area under the curve of the number itself, missing in the middle; never
 * below .5; NaN on failure. */
double leak_raw_auc(const double *v, const struct leak_rows *rows, struct err *e);

/* leak_cells_learn(c, rows, e): what each cell says alone, once, for leak_joint_of. */
int leak_cells_learn(struct leak_cells *c, const struct leak_rows *rows, struct err *e);

/* Two or three sets of learned cells as one, against their sum: what is known together over what
 * each says alone. At most 4,096 cells together. Looks no further (auc_low 0) when not even the
 * rows themselves reach an area of ${least}. */
struct leak_joint {
	double auc, auc_low;
	double sum_auc; /* of the sum of their logits */
};
int leak_joint_of(const struct leak_cells *const *parts, size_t n_parts,
	const struct leak_rows *rows, double least, struct leak_joint *out, struct err *e);

double leak_auc_low(double auc, double n_won, double n_lost); /* one-sided 95 %, Hanley-McNeil */
double leak_share_low(double k, double n);                    /* Wilson, one-sided 95 % */
double leak_share_high(double k, double n);

#endif
