/* SPDX-License-Identifier: Apache-2.0 */
/* training.h: from a file with outcomes to a stored model, in one call.
 *
 * file -> profile -> outcome rule -> base columns in memory -> leak guard -> tuning -> bands ->
 * figures -> model. Prints nothing; what happened is in the report. */
#ifndef LEADS_TRAINING_H
#define LEADS_TRAINING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "leads/hooks.h"
#include "util/buf.h"
#include "util/str.h"

struct err;
struct model;
struct profile;

struct training_opts {
	const char *path;
	struct str target;
	const struct str *won, *lost, *drop, *keep;
	size_t n_won, n_lost, n_drop, n_keep;
	const struct profile *profile; /* edited by hand; NULL: guessed. Borrowed */
	double budget; /* seconds on two cores, a nominal figure: picks the list of trials */
	uint32_t max_trees;
	uint64_t seed;
	double as_of;     /* days since 1970; NaN: the newest date in the file that is not after
			     ${today} */
	double today;     /* days since 1970 */
	double hot, warm; /* thresholds set by hand; NaN: from the data */
	uint32_t threads;
	struct leads_progress progress;
};

struct training {
	struct model *model; /* owned; not stored yet (no version). NULL when there is not enough */
	/* The facts as JSON members without braces around the version: what train --json prints and
	 * report.json holds. Starts with "{". */
	struct buf report;
	struct buf holdout; /* holdout.bin */
};

/* training_run(o, t, e): ERR_INPUT with one sentence when the file cannot be learned from (no such
 * column, no outcomes, one class only). */
int training_run(const struct training_opts *o, struct training *t, struct err *e);
void training_clear(struct training *t);

#endif
