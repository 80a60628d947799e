/* SPDX-License-Identifier: Apache-2.0 */
/* scoring.h: a file in, the same file with five more columns out.
 *
 * Rows, order, columns, delimiter, encoding and every cell stay as they are; heatscore_probability,
 * heatscore_score, heatscore_heat, heatscore_confidence and heatscore_model are added, on request
 * heatscore_reasons too (columns of these names that are there already are replaced). A row that
 * cannot be read keeps its place, with empty heatscore cells, and is written to the rejects file
 * (util/rejects.h), so that it can be mended and fed again. Nothing is left behind when the call
 * fails. */
#ifndef LEADS_SCORING_H
#define LEADS_SCORING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "leads/hooks.h"
#include "model/heat.h"
#include "util/str.h"

struct err;
struct model;

struct scoring_opts {
	const char *path;
	const char *out;           /* NULL: standard output */
	const char *rejects;       /* where bad rows go; NULL: beside the output */
	const struct model *model; /* NULL: the rule score */
	double as_of; /* days since 1970; NaN: the later of the model's and the newest date
			 in the file that is not after ${today} */
	double today;
	double hot, warm; /* thresholds instead of the model's; NaN: the model's */
	uint32_t threads; /* 0: 2 */
	uint32_t reasons; /* how many reasons heatscore_reasons has; 0: no such column. The model
			   * is then loaded with MODEL_WITH_FOREST */
	struct leads_progress progress;
	struct leads_notes notes;
};

struct scoring_result {
	uint64_t rows, bad;        /* rows in all; of these set aside */
	uint64_t heat[HEAT_COUNT]; /* hot, warm, cold */
	double sum_probability;    /* over scored rows: the wins to expect */
	double as_of;
	char rejects[4096]; /* path of the rejects file; empty when no row was bad */
};

int scoring_run(const struct scoring_opts *o, struct scoring_result *r, struct err *e);

/* scoring_is_ours(name): a column that scoring writes ("heatscore_..."): never an input. */
bool scoring_is_ours(struct str name);

#endif
