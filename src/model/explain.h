/* SPDX-License-Identifier: Apache-2.0 */
/* explain.h: why a lead has its score, in lines that add up to it.
 *
 * Exact TreeSHAP of the forest (model/shap) gives every feature its part of the margin. Parts are
 * summed per column of the file: a feature made of several columns shares its part equally among
 * them. Margins are carried to probability along the straight line from the expected margins to the
 * lead's own (Aumann and Shapley 1974); with one margin this is the secant of the calibration from
 * the expected margin. So, exactly:
 *
 *	base rate + model average + sum of the reasons = probability
 *	base points + average points + points of the lines = the shown score, in whole points
 *
 * whole points by largest remainder. An explainer never changes after it is made; each thread has
 * its own work. */
#ifndef MODEL_EXPLAIN_H
#define MODEL_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct model;
struct explainer;
struct explain_work;

#define EXPLAIN_COUNTS UINT32_MAX /* the line of counts over many columns ("filled fields") */

struct explain_reason {
	uint32_t column; /* of the profile the model was trained on, or EXPLAIN_COUNTS */
	uint32_t base;   /* its base column that matters most here; the evidence is about it */
	double logit;    /* its part of the margin; three labels: of P(hot)'s own margin */
	double value;    /* its part of the probability, -1 to 1 */
	int points;      /* its part of the shown score, set by explain_points */
	bool missing;    /* the cell is empty or a placeholder */
};

struct explain {
	double base_rate;               /* of the training outcomes */
	double average;                 /* probability at the expected margin, less the base rate */
	double probability;             /* what scoring says, bit for bit */
	struct explain_reason *reasons; /* owned by the work; largest effect first */
	size_t n;
	/* Whole points: base_points + average_points + those of the first k reasons + rest_points =
	 * score. */
	int score, base_points, average_points, rest_points;
	double rest;   /* value of the reasons after the first k */
	double *exact; /* the work's, for explain_points */
	int *whole;
};

/* explainer_new(m, e): ${m} loaded with MODEL_WITH_FOREST; borrowed. */
struct explainer *explainer_new(const struct model *m, struct err *e);
void explainer_free(struct explainer *x);
struct explain_work *explain_work_new(const struct explainer *x, struct err *e);
void explain_work_free(struct explain_work *w);

/* explain_row(x, w, num, code, probability, out): ${num} and ${code} as bases_row gives them;
 * ${probability} as the scorer gave it. ${out} is valid until the next call with ${w}. No
 * allocation. */
void explain_row(const struct explainer *x, struct explain_work *w, const float *num,
	const uint32_t *code, double probability, struct explain *out);

/* explain_points(v, k): share the whole points among base, average, the first ${k} reasons and the
 * rest. Called by explain_row with all; call again with fewer to show fewer. */
void explain_points(struct explain *v, size_t k);

#endif
