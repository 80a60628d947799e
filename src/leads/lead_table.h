/* SPDX-License-Identifier: Apache-2.0 */
/* lead_table.h: leads that are kept, as the rows of a table again, so that whatever reads a file
 * (training, drift, evaluation) can read them.
 *
 * Files of several shapes are one table: a column that two of them map to the same field is one
 * column, so are columns with the same header; all others stand side by side. The cells are those
 * the lead came with. Where a model is given, a column takes the model's name for its field, so
 * that the model knows it. */
#ifndef LEADS_LEAD_TABLE_H
#define LEADS_LEAD_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "leads/hooks.h"
#include "util/str.h"

struct err;
struct lead_query;
struct profile;
struct store;

/* The column with how a lead ended, when that is asked for. */
#define LEAD_TABLE_OUTCOME "Lead outcome"
#define LEAD_TABLE_WON     "won"
#define LEAD_TABLE_LOST    "lost"

struct lead_table_opts {
	struct store *store;
	const struct lead_query *query; /* which; order, limit and cursor are not looked at */
	const struct profile *model;    /* NULL: none */
	/* Add LEAD_TABLE_OUTCOME as the lead is known to have ended; what the files said of it
	 * is left out. Open leads have an empty cell. */
	bool outcome;
	bool junk_is_lost; /* an open lead that a rep called junk counts as lost */
	struct leads_progress progress;
};

struct lead_table_result {
	uint64_t rows, won, lost;
	uint64_t junk;    /* rows that count as lost because a rep said so */
	uint64_t was_hot; /* rows of which a rep said that they were hot */
	uint64_t bare;    /* leads without any cells: not in the table */
	uint32_t columns;
};

/* lead_table_write(o, path, r, e): CSV in UTF-8. ERR_INPUT when no lead passes. Leads
 * that come or go meanwhile may be in it or not. Nothing is left behind on failure. */
int lead_table_write(const struct lead_table_opts *o, const char *path, struct lead_table_result *r,
	struct err *e);

#endif
