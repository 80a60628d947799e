/* SPDX-License-Identifier: Apache-2.0 */
/* evaluation.h: how good a model's probabilities are on a file with outcomes. */
#ifndef LEADS_EVALUATION_H
#define LEADS_EVALUATION_H

#include <stddef.h>
#include <stdint.h>

#include "leads/hooks.h"
#include "util/buf.h"
#include "util/str.h"

struct err;
struct model;

struct evaluation_opts {
	const char *path;
	struct str target; /* empty: the model's own */
	const struct str *won, *lost;
	size_t n_won, n_lost;
	struct str by;             /* column to break the figures down by; empty: none */
	const struct model *model; /* NULL: the rule score */
	double as_of, today;       /* as in struct scoring_opts */
	double hot, warm;
	const char *rejects; /* where bad rows go; NULL: beside the file, see leads/aside.h */
	uint64_t seed;       /* of the bootstrap */
	uint32_t threads;
	struct leads_progress progress;
	struct leads_notes notes;
};

/* evaluation_run(o, json, e): appends one JSON object (rows, won, lost, open, model, roc_auc, ...,
 * baselines, reliability, confusion, lift, groups) to ${json}; what is printed is made from it. */
int evaluation_run(const struct evaluation_opts *o, struct buf *json, struct err *e);

#endif
