/* SPDX-License-Identifier: Apache-2.0 */
/* scoring.h: a file in, the same file with five more columns out.
 *
 * Rows, order, columns, delimiter, encoding and every cell stay as they are; heatscore_probability,
 * heatscore_score, heatscore_heat, heatscore_confidence and heatscore_model are added (columns of
 * these names that are there already are replaced). A row that cannot be read keeps its place, with
 * empty heatscore cells, and is written to the rejects file with the reason. Nothing is left behind
 * when the call fails. */
#ifndef LEADS_SCORING_H
#define LEADS_SCORING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "leads/training.h"
#include "util/str.h"

struct err;
struct model;

struct scoring_opts {
	const char *path;
	const char *out;           /* NULL: standard output */
	const char *rejects;       /* where bad rows go; NULL: <out>.rejected.csv, without out
				      <path>.rejected.csv in the working folder */
	const struct model *model; /* NULL: the rule score */
	double as_of; /* days since 1970; NaN: the later of the model's and the newest date
			 in the file that is not after ${today} */
	double today;
	double hot, warm; /* NaN: the model's */
	uint32_t threads;
	struct leads_progress progress;
	/* Sentences a user should see, as they come: missing columns, what reading noticed. */
	void (*note)(void *arg, const char *sentence);
	void *note_arg;
};

struct scoring_result {
	uint64_t rows, bad;     /* rows in all, rows set aside */
	uint64_t heat[3];       /* hot, warm, cold */
	double sum_probability; /* over scored rows: expected wins */
	double as_of;
	char rejects[1024]; /* path of the rejects file; empty when no row was bad */
};

int scoring_run(const struct scoring_opts *o, struct scoring_result *r, struct err *e);

#endif
