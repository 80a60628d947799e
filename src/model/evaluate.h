/* SPDX-License-Identifier: Apache-2.0 */
/* evaluate.h: how good probabilities are, each figure with its doubt.
 *
 * Every figure is scikit-learn's of the same name (tests/golden compares them):
 *  roc_auc   roc_auc_score: the chance that a won lead is above a lost one, ties count half
 *  pr_auc    average_precision_score: the steps of the precision-recall curve, not trapezoids
 *  log_loss  log_loss: natural logarithm, probabilities kept within [2^-52, 1 - 2^-52]
 *  brier     brier_score_loss: mean (p - y)^2
 *  ece       expected calibration error: sum over bins of share * |mean p - rate|, ten bins of
 * equal width, edges as in calibration_curve(strategy="uniform") (Naeini et al. 2015) ece_mass  the
 * same over ten bins of equal count, calibration_curve(strategy="quantile"); this one sees errors
 * where most leads are, and its bins are the reliability table
 *
 * Intervals are 95 % from a seeded bootstrap over rows (Efron 1979): percentiles of 1,000 resamples
 * up to 100,000 rows; above that fewer (100 million / rows, never below 50) to bound the time, and
 * below 400 of them value -+ 1.96 of their standard deviation, which is as good at that size.
 * Resampling adds noise to every bin, so the resamples of ece are first moved by their bias. Same
 * rows and seed, same bytes, whatever the number of processors.
 *
 * Rows with outcome OPEN are counted and otherwise ignored. A figure that does not exist (ROC AUC
 * with one class only, anything of no rows) is NaN, null in JSON.
 * Threads: no state; any number at once. */
#ifndef MODEL_EVALUATE_H
#define MODEL_EVALUATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bands;
struct err;
struct json;
struct jw;

enum { EVAL_BINS = 10, EVAL_TOPS = 4, EVAL_CLASSES = 3, EVAL_POINTS = 101, EVAL_HIST = 20 };

struct eval_rows {
	const double *p; /* [n] probability of won, 0 to 1 */
	const int8_t *y; /* [n] enum outcome of features/frame.h */
	size_t n;
};

struct eval_opts {
	uint64_t seed;
	uint32_t resamples; /* 0: as above */
	size_t top_k;       /* precision and lift of the first so many rows too; 0: not */
	bool no_intervals;  /* values only: low and high are NaN */
	uint32_t threads;   /* 0: 1; the figures do not depend on it */
};

struct eval_value {
	double value, low, high;
};

/* A bin of the reliability table, or a band: what was promised and what came. */
struct eval_bin {
	size_t n, won;
	double from, to; /* edges; a probability on an edge belongs to the bin below */
	double mean_p;   /* NaN when empty, as rate */
	double rate, rate_low, rate_high; /* won / n with its Wilson 95 % interval */
};

/* The best rows by probability. Rows tied at the cut count by their average. */
struct eval_top {
	double share;                              /* .05, .10, .20; NaN for the one by count */
	size_t k;                                  /* rows: share * n rounded half up, at least 1 */
	struct eval_value precision, lift, recall; /* lift: precision over base rate */
};

struct eval {
	size_t rows, won, lost, open; /* rows = won + lost + open */
	double base_rate, mean_p;     /* over won and lost */
	uint32_t resamples;
	struct eval_value roc_auc, pr_auc, log_loss, brier, ece, ece_mass;
	struct eval_bin width[EVAL_BINS]; /* equal width, in order; some may be empty */
	struct eval_bin mass[EVAL_BINS]; /* equal count; ties stay together, so some may be empty */
	struct eval_top top[EVAL_TOPS];  /* 5, 10, 20 %, and top_k (k 0 when not asked for) */
};

/* evaluate(rows, o, out, e): all figures. ERR_NOMEM; ERR_INPUT when a probability is not within 0
 * to 1 (the row number is named). ${o} may be NULL. */
int evaluate(
	const struct eval_rows *rows, const struct eval_opts *o, struct eval *out, struct err *e);
/* eval_ranking(rows, o, out, e): the same for any number that only ranks, in rows->p (NaN is last):
 * roc_auc, pr_auc and top are set, the figures that need a probability are NaN. */
int eval_ranking(
	const struct eval_rows *rows, const struct eval_opts *o, struct eval *out, struct err *e);
void eval_write(struct jw *w, const struct eval *v); /* members of the open object */
int eval_read(const struct json *obj, struct eval *out, struct err *e);

/* eval_wilson(won, n, lo, hi): Wilson's 95 % interval of a rate (Wilson 1927); 0 and 1 for n 0. */
void eval_wilson(double won, double n, double *lo, double *hi);

/* Counts at one threshold: p >= threshold is called won. */
struct eval_confusion {
	double threshold;
	size_t tp, fp, fn, tn;
};
struct eval_confusion eval_confusion(const struct eval_rows *rows, double threshold);
/* eval_bands(rows, b, classes, out, open): the table heat x outcome: out[HEAT_HOT], [HEAT_WARM],
 * [HEAT_COLD]; ${open} gets the open rows per band. ${classes}: with three labels their
 * probabilities, [n][3], and heat is the likeliest; else NULL. */
void eval_bands(const struct eval_rows *rows, const struct bands *b, const double *classes,
	struct eval_bin out[3], size_t open[3]);

/* Quality by group (source, region, size). */
struct eval_group {
	size_t n, won; /* without open rows */
	double rate, rate_low, rate_high, mean_p;
	double roc_auc, log_loss; /* NaN where they do not exist */
	bool small; /* under 50 rows, or under 10 won or 10 lost: figures are mostly noise */
};
/* eval_groups(rows, group, n_groups, out, e): group[n] codes below n_groups; others are left out.
 */
int eval_groups(const struct eval_rows *rows, const uint32_t *group, uint32_t n_groups,
	struct eval_group *out, struct err *e);

/* Two models on the same rows. Differences are a - b: a negative log loss and a positive ROC AUC
 * say that a is better. */
struct eval_compare {
	size_t rows;
	struct eval_value log_loss, roc_auc, brier;
	double worse; /* share of the resamples in which a has the higher log loss */
};
int eval_compare(const struct eval_rows *a, const double *pb, const struct eval_opts *o,
	struct eval_compare *out, struct err *e);
void eval_compare_write(struct jw *w, const struct eval_compare *v);

/* Three labels. p is [n][3] hot, warm, cold; y the class, negative for open. */
struct eval_classes {
	size_t rows, open, count[EVAL_CLASSES];
	struct eval_value log_loss, accuracy;
	size_t confusion[EVAL_CLASSES][EVAL_CLASSES]; /* [true][largest] */
	struct eval rest[EVAL_CLASSES];               /* each class against the others */
};
int eval_classes(const struct eval_rows *rows, const struct eval_opts *o, struct eval_classes *out,
	struct err *e);
void eval_classes_write(struct jw *w, const struct eval_classes *v);
int eval_classes_read(const struct json *obj, struct eval_classes *out, struct err *e);

/* Points to draw, thinned to EVAL_POINTS. */
struct eval_curves {
	size_t n_roc, n_pr;
	double roc_x[EVAL_POINTS], roc_y[EVAL_POINTS]; /* false against true positive rate */
	double pr_x[EVAL_POINTS], pr_y[EVAL_POINTS];   /* recall against precision */
	double gain[EVAL_POINTS]; /* share of the wins among the best i % of the rows */
	/* [lost, won] by probability, in bins of equal width from 0 to hist_to, a round number at
	 * or above the highest. */
	size_t hist[2][EVAL_HIST];
	double hist_to;
};
int eval_curves(const struct eval_rows *rows, struct eval_curves *out, struct err *e);
void eval_curves_write(struct jw *w, const struct eval_curves *v);
int eval_curves_read(const struct json *obj, struct eval_curves *out, struct err *e);

#endif
