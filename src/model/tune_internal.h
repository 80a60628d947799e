/* SPDX-License-Identifier: Apache-2.0 */
/* tune_internal.h: the parts of the tuner, for tune*.c only.
 *
 * A plan says what the trees may see: numbers, and keys (one to three columns taken together). A
 * view is the plan as one fold sees it: a matrix of floats in which means of the outcome come from
 * that fold's training rows only. A run boosts the folds of one division of the rows. */
#ifndef MODEL_TUNE_INTERNAL_H
#define MODEL_TUNE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "features/encode.h"
#include "features/frame.h"
#include "model/train.h"
#include "model/tune.h"

struct err;
struct forest;

#define MAX_FOLDS    16
#define MAX_SETTINGS 24
#define INNER_FOLDS  5

/* --- work shared by the parts --- */

struct work {
	const struct tune_opts *o;
	uint32_t threads;
	double done, share; /* progress: what is done, and what the current part adds */
	const char *what;
};
bool work_cancelled(const struct work *w);
/* work_run(w, n, job, arg, e): job(arg, i, e) for i below n on the threads, the caller's among
 * them; the first failure by index is the answer. */
int work_run(struct work *w, size_t n, int (*job)(void *arg, size_t i, struct err *e), void *arg,
	struct err *e);
/* work_next(w, what, share): a new part of the progress begins. */
void work_next(struct work *w, const char *what, double share);

/* --- plan --- */

enum rate_kind { RATE_NONE, RATE_WHOLE, RATE_INNER };

struct tkey {
	struct enc_axis axes[ENC_PARTS]; /* cuts owned by the plan's columns */
	uint32_t n_axes;
	uint32_t n_cells;
	uint64_t *id;    /* [n_cells] ascending */
	uint32_t *cell;  /* [plan rows] */
	uint32_t *count; /* [n_cells] over all plan rows */
	uint32_t *hot;   /* [n_hot] cells that get a 0/1 feature of their own */
	uint32_t n_hot;
	enum rate_kind rate;
	double m; /* smoothing */
	bool has_count;
	bool off;    /* on trial: not in views */
	bool combo;  /* found by the search */
	bool sure;   /* its gain is beyond doubt */
	double gain; /* then: what it took away */
};

struct column {
	uint32_t base;
	bool number;       /* copied as it is */
	uint32_t distinct; /* values or levels that occur, missing not counted */
	bool has_missing;
	struct enc_axis level; /* categories; numbers with few values: as codes; n 0: none */
	struct enc_axis bins;  /* numbers: quantile bins; n 0: none */
};

struct plan {
	const struct frame *f;
	size_t n;      /* rows with an outcome that are used */
	uint32_t *row; /* [n] index into the frame */
	float *y;      /* [n] 1 for the class being learnt */
	size_t pos;
	struct column *cols;
	size_t n_cols;
	struct tkey *keys;
	size_t n_keys;
	size_t n_features;
};
struct plan_spec {
	const struct frame *f;
	const bool *use;  /* [frame cols] or NULL */
	const bool *rows; /* [frame rows] or NULL */
	int8_t positive;  /* the outcome being learnt */
	size_t max_rows;  /* more are sampled */
	size_t max_cols;
	uint64_t seed;
};
int plan_init(struct plan *p, const struct plan_spec *s, struct err *e);
void plan_clear(struct plan *p);
/* plan_add_key(p, axes, n, e): index of the key of these axes, its cells counted; -1. */
int64_t plan_add_key(struct plan *p, const struct enc_axis *axes, uint32_t n, struct err *e);
/* plan_bins(p): bins per feature in the boosters. */
uint32_t plan_bins(const struct plan *p);
/* plan_cost(p): seconds of one thread that five folds of one setting take, by a fixed rule. */
double plan_cost(const struct plan *p);
/* plan_drop_off(p): keys that are off are gone. */
void plan_drop_off(struct plan *p);
/* key_width(k): its features in a view; 0 when it is off. */
size_t key_width(const struct tkey *k);
void plan_count_features(struct plan *p);
/* plan_folds(p, rows, n, k, seed, fold): stratified by outcome. rows NULL: all n. */
int plan_folds(const struct plan *p, const uint32_t *rows, size_t n, uint32_t k, uint64_t seed,
	uint8_t *fold, struct err *e);

/* axis_codes(p, axis, out): of every plan row. */
void axis_codes(const struct plan *p, const struct enc_axis *a, uint32_t *out);

/* --- combos --- */

struct combo_opts {
	uint64_t seed;
	size_t max_pairs;
	uint32_t max_chosen;
	double min_gain; /* mean log-loss gain asked of a candidate */
	double min_se;   /* and so many standard errors */
};
/* combos_find(w, p, margin, o, e): adds to the plan the keys that seem to take away log loss beyond
 * the out-of-fold margins. */
int combos_find(struct work *w, struct plan *p, const float *margin, const struct combo_opts *o,
	struct err *e);
/* combos_search(w, p, seed, e): rounds of combos_find, in which a key stays only if trees that
 * may read it do better on rows they have not seen. */
int combos_search(struct work *w, struct plan *p, uint64_t seed, double budget_s, struct err *e);

/* --- view --- */

/* Means of the outcome per cell, from one fold's training rows: for rows not among them. */
struct rates {
	float **value; /* [n_keys] of [n_cells], NULL for keys without */
	float prior;
	size_t n_keys;
};
void rates_clear(struct rates *r);

struct view {
	const struct plan *p;
	const uint32_t *train; /* positions in the plan */
	size_t n_train;
	uint64_t seed; /* of the inner folds */
};
/* view_rates(v, r, e): the means. view_fill(...): x[n * p->n_features] for ${pos}: training rows
 * get inner out-of-fold means, others those of ${r}. */
int view_rates(const struct view *v, struct rates *r, struct err *e);
int view_fill_train(const struct view *v, const struct rates *r, float *x, struct err *e);
void view_fill(
	const struct plan *p, const struct rates *r, const uint32_t *pos, size_t n, float *x);

/* --- run --- */

struct setting {
	uint32_t depth;
	double eta, subsample, colsample, min_child, lambda;
};

struct run {
	/* set by the caller */
	const struct plan *p;
	const uint32_t *rows; /* [n] positions in the plan; NULL: all */
	size_t n;
	uint32_t n_folds;
	uint64_t seed;
	const struct setting *settings;
	uint32_t n_settings;
	uint32_t first_setting; /* number of the first, so that parts of a list draw alike */
	uint32_t max_rounds;
	const uint32_t *fixed_rounds; /* [n_settings] for run_fold */
	bool keep;                    /* forests wanted */
	/* filled */
	uint8_t *fold;          /* [n] */
	float *margin;          /* [n_settings * n] out of fold, at the best round */
	uint32_t *rounds;       /* [n_settings] where it was */
	double *loss;           /* [n_settings] */
	struct rates *rates;    /* [n_folds] */
	struct forest **forest; /* [n_settings * n_folds] when kept */
};
/* run_cv(w, r, e): all folds of all settings, each setting stopped where it is best. */
int run_cv(struct work *w, struct run *r, struct err *e);
/* run_open(r, e), then run_fold(r, f, e) for every fold, from any thread: setting f % n_settings
 * has fold f, for fixed_rounds; margin is [n] and forest [n_folds] then, of all settings together.
 */
int run_open(struct run *r, struct err *e);
int run_fold(struct run *r, uint32_t f, struct err *e);
void run_clear(struct run *r);

/* --- the ensemble --- */

/* A setting of a run that is in the ensemble, with all its folds. */
struct member {
	const struct run *run;
	uint32_t setting;
	double weight; /* of its margin, the folds' mean; over all members of a head the sum is 1 */
};
struct head { /* one outcome against the rest */
	const struct plan *p;
	const struct member *members;
	size_t n;
	double a, b; /* three labels: the calibration, put into the leaves; else 1 and 0 */
};
/* assemble(heads, n, n_bases, enc, forest, e): one encoder and one forest of all heads (1, or 3).
 * Features that no tree reads are left out. All runs have the same number of folds. */
int assemble(const struct head *heads, uint32_t n, struct encoder **enc, struct forest **forest,
	struct err *e);

/* --- a bout: one outcome against the rest, from the search to its part of the forest --- */

struct bout {
	struct plan plan;
	struct setting settings[MAX_SETTINGS];
	uint32_t n_settings;
	double loss[MAX_SETTINGS];     /* out of fold, mean over divisions of the rows */
	uint32_t rounds[MAX_SETTINGS]; /* where they stopped, the same */
	double whole_loss;             /* of all settings blended, out of fold */
	uint32_t chosen[3], n_chosen;  /* settings in what is published */
	struct run published;
	struct member member;
	struct tune_point curve[8]; /* cost of the bound */
	size_t n_curve;
	struct calib calib;
	struct calib_choice choice;
	double trust; /* 0 to 1: the calibrated odds are drawn to the base rate by 1 - trust */
	double *margin, *prob; /* [plan n] out of fold, of what is published */
};
int bout_search(struct work *w, struct bout *b, const struct tune_opts *o, struct err *e);
int bout_publish(struct work *w, struct bout *b, const struct tune_opts *o, struct err *e);
void bout_clear(struct bout *b);

/* --- small --- */
double log_loss(const float *margin, const float *y, size_t n);
/* blend_weights(m, k, y, n, w): weights >= 0 with sum 1 for ${k} margins m[i]. */
void blend_weights(const float *const *m, uint32_t k, const float *y, size_t n, double *w);

/* --- three labels --- */

struct joint {
	double slope, shift[3]; /* softmax of slope * z + shift */
};
struct joint_data {
	const double *z;      /* [n * 3] logits of the heads */
	const uint8_t *label; /* [n] 0 to 2 */
	const uint8_t *fold;  /* [n] */
	size_t n;
	int without; /* a fold whose rows do not count; -1: all count */
};
/* joint_fit(d, j): what turns the heads' logits into probabilities of the three labels. */
void joint_fit(const struct joint_data *d, struct joint *j);
void joint_apply(const struct joint *j, const double z[3], double q[3]);

#endif
