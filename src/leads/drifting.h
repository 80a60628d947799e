/* SPDX-License-Identifier: Apache-2.0 */
/* drifting.h: how far the leads of a file are from those a model learned from. */
#ifndef LEADS_DRIFTING_H
#define LEADS_DRIFTING_H

#include <stdint.h>

#include "leads/hooks.h"

struct buf;
struct err;
struct model;

struct drifting_opts {
	const char *path;
	const struct model *model; /* loaded with MODEL_WITH_REPORT */
	double as_of, today;       /* as in struct scoring_opts */
	const char *rejects;       /* where bad rows go; NULL: beside the file */
	uint64_t seed;
	struct leads_progress progress;
	struct leads_notes notes;
};

/* drifting_run(o, json, e): appends one JSON object. ERR_INPUT without a row that can be read. */
int drifting_run(const struct drifting_opts *o, struct buf *json, struct err *e);

#endif
