/* SPDX-License-Identifier: Apache-2.0 */
/* training_internal.h: what the steps of a training hand on to each other. */
#ifndef LEADS_TRAINING_INTERNAL_H
#define LEADS_TRAINING_INTERNAL_H

#include "features/frame.h"
#include "features/leak.h"
#include "leads/aside.h"
#include "leads/training.h"
#include "model/baseline.h"
#include "model/evaluate.h"
#include "model/donors.h"
#include "model/heat.h"
#include "model/summary.h"
#include "model/tune.h"

struct trainer {
	const struct training_opts *o;
	struct table *table;
	struct str *names; /* [n_names] columns of the file */
	size_t n_names, target;
	struct str *drop; /* the user's, and columns that scoring wrote */
	size_t n_drop;
	uint64_t rows; /* in all; of these set aside: */
	struct aside aside;

	struct profile *profile;
	struct outcome_rule *rule;
	struct bases *bases;
	struct frame frame; /* rows with an outcome */
	uint64_t *keys;     /* [frame.rows] hash of all cells but the target's: the same row of the
			     * same export has it in every training */
	size_t n_keys, cap_keys;
	bool no_memory;      /* for them */
	uint64_t *key_seeds; /* [n_names] of the columns' names; 0: not in the key */
	struct leak_report leaks;
	struct left_out *left; /* [n_left] columns that are not used, and why */
	size_t n_left;
	bool *keep;     /* [profile->n] columns that may be used */
	bool *use;      /* [frame.n_cols] base columns that may be used */
	uint32_t *cols; /* [n_cols] the same as indices */
	size_t n_cols;

	struct tune_fit fit;
	int8_t *known; /* [frame.rows] won or lost (hot or not) */
	uint64_t won, lost;
	double *p; /* [frame.rows] out-of-fold probability of won (of hot); NaN for rows of a large
		    * file that the budget does not pay for */
	int8_t *label; /* [frame.rows] as frame.outcome, open where p is NaN */
	int8_t *y;     /* [frame.rows] as known, open where p is NaN */
	struct bands bands;

	struct eval eval;
	struct eval_classes *classes; /* three labels; else NULL */
	struct eval_curves *curves;
	struct baselines baselines;
	struct summary summary;
	struct donors donors;
	struct baseline_figures *baseline_figures;
	bool has_later; /* there is a creation date, and enough rows before and after a cut */
	double later_from;
	struct eval later;
	struct baseline_figures *later_baselines;

	char sha256[65]; /* of the file; empty for standard input */
};

/* training_figures(t, e): everything from ${eval} on. */
int training_figures(struct trainer *t, struct err *e);
/* training_report(t, out, e): the report as one JSON object. */
int training_report(const struct trainer *t, struct buf *out, struct err *e);
bool training_progress(const struct trainer *t, const char *step, double done);

#endif
