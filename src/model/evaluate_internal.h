/* SPDX-License-Identifier: Apache-2.0 */
/* evaluate_internal.h: rows in order of their probability, and all figures of any weighting of
 * them in one pass, which is what makes a thousand resamples cheap. */
#ifndef MODEL_EVALUATE_INTERNAL_H
#define MODEL_EVALUATE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/evaluate.h"

enum { EVAL_SEGMENTS = 2 * EVAL_BINS };

/* A run of ranked rows within one bin of either kind. */
struct eval_segment {
	size_t from, to;
	uint8_t width, mass;
};

/* Rows with a known outcome, the most probable first. */
struct eval_ranked {
	size_t n, won;
	uint32_t *row;  /* [n] place among the known rows in their first order */
	double *p;      /* [n] */
	double *loss;   /* [n] -log of what was given to what happened */
	double *square; /* [n] (p - y)^2 */
	uint8_t *y;     /* [n] */
	uint8_t *end;   /* [n] last of its ties */
	bool ranking;   /* p only ranks: loss, square and bins mean nothing */
	double edges_width[EVAL_BINS + 1], edges_mass[EVAL_BINS + 1];
	struct eval_segment segment[EVAL_SEGMENTS];
	size_t n_segments;
	size_t top_k[EVAL_TOPS]; /* 0: not asked for */
};

enum eval_stat {
	STAT_ROC,
	STAT_PR,
	STAT_LOSS,
	STAT_BRIER,
	STAT_ECE,
	STAT_ECE_MASS,
	STAT_PRECISION,
	STAT_LIFT = STAT_PRECISION + EVAL_TOPS,
	STAT_RECALL = STAT_LIFT + EVAL_TOPS,
	STAT_COUNT = STAT_RECALL + EVAL_TOPS
};

/* eval_rank(rows, ranking, top_k, out, e): ${out} owns its arrays until eval_ranked_clear; zero it
 * first. ERR_INPUT on a probability outside 0 to 1. */
int eval_rank(const struct eval_rows *rows, bool ranking, size_t top_k, struct eval_ranked *out,
	struct err *e);
void eval_ranked_clear(struct eval_ranked *r);

/* eval_stats(r, count, out): the figures when ranked row i is there count[i] times; NULL: once. */
void eval_stats(const struct eval_ranked *r, const uint16_t *count, double out[STAT_COUNT]);

uint32_t eval_resamples(const struct eval_opts *o, size_t n);
/* eval_draw(seed, i, n, count): resample ${i}: how often each of n rows was drawn in n draws. */
void eval_draw(uint64_t seed, uint32_t i, size_t n, uint16_t *count);
/* eval_interval(value, v, n, shift): 95 % interval from resampled figures, which it sorts; NaNs are
 * left out. ${shift}: moved by their bias and kept at or above zero first. */
struct eval_value eval_interval(double value, double *v, size_t n, bool shift);

#endif
