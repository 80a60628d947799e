/* SPDX-License-Identifier: Apache-2.0 */
/* tune.h: from a frame to a calibrated ensemble, by cross-validated log loss.
 *
 * Finds combinations of columns that matter, encodes them out of fold, boosts over a fixed list of
 * settings, blends, bounds the number of trees and calibrates. docs/adr/0003 has the method and its
 * evidence. The list of trials depends on rows, columns and the budget, never on the clock: same
 * frame, options and libxgboost, same bytes, whatever the number of threads. */
#ifndef MODEL_TUNE_H
#define MODEL_TUNE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/calib.h"

struct encoder;
struct err;
struct forest;
struct frame;
struct jw;

struct tune_opts {
	uint64_t seed;
	uint32_t max_trees; /* of the published forest; 0: 1,000 */
	double budget_s;    /* 0: 60 */
	uint32_t threads;   /* 0: 2 */
	const bool *use;    /* [frame->n_cols] which base columns may be used; NULL: all */
	/* Called from the calling thread now and then; ${done} 0 to 1. May be NULL. */
	void (*progress)(void *arg, const char *what, double done);
	void *arg;
	/* Asked often, from any thread; true: stop with ERR_CANCELLED. May be NULL. */
	bool (*cancelled)(void *arg);
};

struct tune_trial {
	char what[160];  /* "depth 4, eta 0.05, ..., seed 2" */
	double log_loss; /* out of fold, before calibration */
	uint32_t rounds; /* trees per fold where it stopped */
	double weight;   /* in the blend; 0 for those left out */
};

struct tune_point {      /* one point of the cost of the bound */
	uint32_t trees;  /* of the whole forest */
	double log_loss; /* out of fold, calibrated across folds */
};

struct tune_key {         /* a combination that was found to matter */
	char *name;       /* "Region x Policy" */
	double gain;      /* out-of-fold log loss it took away when found */
	double smoothing; /* m of its means */
};

struct tune_fit {
	struct encoder *encoder;
	struct forest *forest; /* one segment per fold; three labels: margins are calibrated logits
				*/
	uint32_t n_classes;
	struct calib calib; /* two classes: margin to probability; three: CALIB_NONE, the
			     * probabilities are the softmax of the margins */
	struct calib_choice calib_choice;

	/* Per row of the frame; NaN where the outcome is open. Margins come from the fold that did
	 * not see the row; probabilities are calibrated on the other folds. Three labels: [rows *
	 * 3]. */
	double *oof_margin, *oof_prob;
	uint8_t *fold; /* [rows] the fold that left the row out */
	uint32_t n_folds;

	size_t rows_used;           /* with an outcome */
	size_t count[3];            /* of each class: lost, won; or hot, warm, cold */
	double base_rate;           /* won */
	double log_loss;            /* of oof_prob */
	double base_log_loss;       /* of the base rate alone */
	double gain_low, gain_high; /* 95 % interval of base_log_loss - log_loss */
	bool not_enough; /* under 40 + 40 outcomes, or no gain that can be told from noise */

	struct tune_trial *trials;
	size_t n_trials;
	struct tune_point *curve;
	size_t n_curve;
	double unbounded_log_loss; /* of the whole ensemble before the bound, out of fold */
	struct tune_key *keys;
	size_t n_keys;
	bool *base_used; /* [frame->n_cols] the forest reads it */
};

/* tune_fit(frame, o, out, e): ERR_INPUT when a class has no rows, no column varies, or there are
 * under 5 rows of a class. ${out} is filled on success, and cleared by tune_fit_clear. */
int tune_fit(const struct frame *f, const struct tune_opts *o, struct tune_fit *out, struct err *e);
void tune_fit_clear(struct tune_fit *t);
/* tune_write(t, w): what the model card tells of the search, as a JSON object. */
void tune_write(const struct tune_fit *t, struct jw *w);

/* tune_holdout(f, o, train, prob, e): fit on the rows with train[r] true, cheaply (a part of the
 * budget), and give prob[r] (three labels: [rows * 3]) for all other rows with an outcome, NaN for
 * the rest. For the figures of a time-ordered split. */
int tune_holdout(const struct frame *f, const struct tune_opts *o, const bool *train, double *prob,
	struct err *e);

#endif
