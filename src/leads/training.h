/* SPDX-License-Identifier: Apache-2.0 */
/* training.h: from a file with outcomes to a model, in one call.
 *
 * file -> profile and outcome rule -> base columns in memory -> leak guard -> tuning -> bands ->
 * figures -> model and report. Prints nothing. The same file, options and libxgboost give the same
 * bytes, whatever the number of threads. */
#ifndef LEADS_TRAINING_H
#define LEADS_TRAINING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "leads/hooks.h"
#include "util/buf.h"
#include "util/str.h"
#include "util/table.h"

struct err;
struct json;
struct model;
struct model_files;

struct training_opts {
	const char *path;
	struct table_reading as; /* how to read the file, as far as somebody knows */
	struct str target;
	const struct str *won, *lost, *drop, *keep;
	size_t n_won, n_lost, n_drop, n_keep;
	const struct json *edits; /* a profile as JSON, edited by hand; NULL: as guessed */
	double budget;      /* seconds on two cores, a nominal figure: picks the list of trials */
	uint32_t max_trees; /* 0: 1,000 */
	uint64_t seed;
	double as_of; /* days since 1970; NaN: the newest date in the file that is not after
			 ${today} */
	double today; /* days since 1970 */
	/* Bands: by hand, by capacity, by value; NaN: from the data. */
	double hot, warm, per_day, win_value, contact_cost;
	uint32_t threads;    /* 0: 2 */
	const char *rejects; /* where bad rows go; NULL: beside the file, see leads/aside.h */
	struct leads_progress progress;
	struct leads_notes notes;
};

struct training {
	struct model *model; /* owned; not stored yet: no version, nothing to score with */
	/* One JSON object without a version: what train --json prints and report.json holds. */
	struct buf report;
	struct buf holdout; /* holdout.bin, see model/holdout.h */
	char *rejects;      /* path of the bad rows; NULL: there were none */
};

/* training_run(o, t, e): ERR_INPUT with one sentence when the file cannot be learned from (no such
 * column, no outcomes, one class only, nothing left to learn from). ${t} is then empty; bad rows
 * have been written all the same. */
int training_run(const struct training_opts *o, struct training *t, struct err *e);
/* training_files(t, fs, e): all files of a version but the manifest, for registry_add. */
int training_files(struct training *t, struct model_files *fs, struct err *e);
void training_clear(struct training *t);

#endif
