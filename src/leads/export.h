/* SPDX-License-Identifier: Apache-2.0 */
/* export.h: leads as CSV, streamed: exactly those that pass a query, in its order.
 *
 * UTF-8, every cell quoted, and what a spreadsheet would run is marked (util/formula.h), which the
 * import takes off again. Three forms:
 *
 *	full       all fields and attributes, or the columns asked for, then heatscore_* columns,
 *which an import never takes for data heat       who it is, score, heat and the main reason
 *	writeback  for the CRM the leads came from: its own id column under its own name, then
 *HeatScore, HeatBand, HeatReasons, HeatScoredAt; only leads scored or overridden since a moment
 *
 * Memory does not grow with the number of leads. Threads: one export, one thread. */
#ifndef LEADS_EXPORT_H
#define LEADS_EXPORT_H

#include <stddef.h>
#include <stdint.h>

#include "record/query.h"
#include "util/str.h"

struct arena;
struct err;
struct live;
struct store;

enum export_form { EXPORT_FULL, EXPORT_WRITEBACK, EXPORT_HEAT };

struct export_opts {
	struct store *store;
	struct live *live;
	const struct lead_query *query; /* limit, cursor, at and total are not looked at */
	const struct id *except;        /* left out all the same; in the order of id_cmp */
	size_t n_except;
	enum export_form form;
	const struct query_column *columns; /* of the full form; n 0: all there are */
	size_t n_columns;
	int64_t since_ms; /* of the write-back form; MS_NONE: all */
	struct str
		id_column; /* of the write-back form: empty: that of the first lead that has one */
	size_t reasons;    /* how many in a cell */
	/* Takes bytes; -1 ends the export with its ${e}. */
	int (*write)(void *ctx, struct str bytes, struct err *e);
	void *ctx;
};

/* export_leads(o, rows, e): *rows (may be NULL): how many were written. */
int export_leads(const struct export_opts *o, uint64_t *rows, struct err *e);

#endif
