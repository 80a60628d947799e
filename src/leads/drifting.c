/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "features/cell.h"
#include "leads/aside.h"
#include "leads/columns.h"
#include "leads/drifting.h"
#include "model/drift.h"
#include "model/model.h"
#include "model/scorer.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"
#include "util/table.h"

struct drifter {
	const struct drifting_opts *o;
	struct table *table, *again;
	struct str *columns;
	struct scorer *scorer;
	struct scorer_work *work;
	struct summary_counter count;
	struct aside aside;
};

static int open_file(struct drifter *d, struct err *e)
{
	struct scorer_input in = {
		.as_of = d->o->as_of, .today = d->o->today, .all_columns = true
	};

	if ((d->table = columns_open(d->o->path, d->o->model, e)) == NULL ||
		(d->again = table_again(d->table, e)) == NULL ||
		(d->columns = columns_names(d->table, d->o->model, &d->o->notes, e)) == NULL)
		return -1;
	in.n_columns = table_columns(d->table);
	in.columns = d->columns;
	in.table = d->again;
	if (aside_init(&d->aside, d->table, d->columns, d->o->path, d->o->rejects, &d->o->notes,
		    e) == -1 ||
		(d->scorer = scorer_new(d->o->model, &in, e)) == NULL ||
		(d->work = scorer_work_new(d->scorer, e)) == NULL)
		return -1;
	return summary_counter_init(&d->count, &d->o->model->summary, e);
}

static int count_rows(struct drifter *d, const struct str *const *cells, size_t n, struct err *e)
{
	struct score s[SCORER_BLOCK];

	if (scorer_rows(d->scorer, d->work, cells, n, s, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		summary_count(&d->count, &d->o->model->summary, scorer_num(d->work, i),
			scorer_code(d->work, i), s[i].probability, (int)s[i].heat);
	return 0;
}

static int read_rows(struct drifter *d, struct err *e)
{
	struct table_block *b = table_block_new(e);
	const struct str *cells[SCORER_BLOCK];
	int rc = -1;

	if (b == NULL)
		return -1;
	while ((rc = table_read_block(d->table, b, SCORER_BLOCK, e)) == 1) {
		size_t n = 0;

		for (size_t i = 0; i < b->n; i++) {
			if (!b->rows[i].bad)
				cells[n++] = b->rows[i].cells;
			else if (aside_row(&d->aside, &b->rows[i], e) == -1)
				rc = -1;
		}
		if (leads_progress_step(&d->o->progress, "scoring", table_progress(d->table)))
			rc = err_set(e, ERR_CANCELLED, "stopped");
		if (rc == -1 || (rc = count_rows(d, cells, n, e)) == -1)
			break;
	}
	table_block_free(b);
	return rc;
}

static void tell_notes(const struct drifter *d)
{
	struct str missing;
	const char *note;
	char text[256];

	for (size_t i = 0; (missing = scorer_missing(d->scorer, i)).n != 0; i++) {
		snprintf(text, sizeof(text), "the file has no column \"" STR_FMT "\"",
			STR_ARG(str_sub(missing, 0, 120)));
		leads_note(&d->o->notes, text);
	}
	for (size_t i = 0; (note = table_note(d->table, i)) != NULL; i++)
		leads_note(&d->o->notes, note);
}

static int put_result(struct drifter *d, struct buf *json, struct err *e)
{
	struct jw w = { .b = json, .indent = 1 };
	struct drift v = { 0 };
	char day[32];
	double as_of = scorer_as_of(d->scorer);

	if (drift_judge(&d->o->model->summary, &d->count, d->o->seed, &v, e) == -1)
		return -1;
	jw_obj(&w);
	jw_kz(&w, "model", scorer_version(d->scorer));
	jw_key(&w, "as_of");
	if (isnan(as_of))
		jw_null(&w);
	else
		jw_str(&w, (struct str){ day, cell_date_format(as_of, day) });
	jw_kint(&w, "bad_rows", (int64_t)d->aside.rows);
	jw_kz(&w, "rejected", aside_path(&d->aside));
	drift_write(&w, &d->o->model->summary, &v);
	jw_end_obj(&w);
	buf_c(json, '\n');
	drift_clear(&v);
	return buf_done(json, e);
}

int drifting_run(const struct drifting_opts *o, struct buf *json, struct err *e)
{
	struct drifter d = { .o = o };
	int rc = -1;

	if (open_file(&d, e) == 0 && read_rows(&d, e) == 0 && aside_end(&d.aside, e) == 0) {
		tell_notes(&d);
		rc = put_result(&d, json, e);
	}
	summary_counter_clear(&d.count);
	scorer_work_free(d.work);
	scorer_free(d.scorer);
	aside_clear(&d.aside);
	table_free(d.again);
	table_free(d.table);
	free(d.columns);
	return rc;
}
