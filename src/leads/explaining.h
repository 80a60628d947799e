/* SPDX-License-Identifier: Apache-2.0 */
/* explaining.h: one lead of a file: its score, the reasons that add up to it, what would make it
 * hot, and why the score moved since an earlier file. */
#ifndef LEADS_EXPLAINING_H
#define LEADS_EXPLAINING_H

#include <stddef.h>
#include <stdint.h>

#include "leads/hooks.h"
#include "util/str.h"

struct buf;
struct err;
struct model;

struct explaining_opts {
	const char *path;
	uint64_t row;  /* counted from 1; 0: by ${id} */
	struct str id; /* a cell of an id or e-mail column */
	/* Loaded with MODEL_WITH_FOREST and MODEL_WITH_DONORS; NULL: the rule score and its parts,
	 * and nothing on what would make it hot or why it moved. */
	const struct model *model;
	double as_of, today; /* as in struct scoring_opts */
	/* Why it moved: the earlier scoring of the same lead. All NULL and NaN: not asked. What is
	 * not given was as it is now. */
	const char *before_path;
	const struct model *before_model;
	double before_as_of;
	struct leads_notes notes;
};

/* explaining_run(o, json, e): appends one JSON object. ERR_NOT_FOUND without such a lead; ERR_INPUT
 * when its row cannot be read. */
int explaining_run(const struct explaining_opts *o, struct buf *json, struct err *e);

#endif
