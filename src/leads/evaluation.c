/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "features/profile.h"
#include "leads/aside.h"
#include "leads/columns.h"
#include "leads/evaluation.h"
#include "model/breakdown.h"
#include "model/evaluate.h"
#include "model/model.h"
#include "model/outcome.h"
#include "model/rule.h"
#include "model/scorer.h"
#include "model/verdict.h"
#include "util/err.h"
#include "util/json.h"
#include "util/map.h"
#include "util/table.h"

enum { GROUPS_MAX = 50 };

struct evaluator {
	const struct evaluation_opts *o;
	struct table *table, *again;
	struct str *names;
	size_t n_names, target;
	ptrdiff_t by, created;
	struct cell_format created_format;
	bool created_unix;
	struct profile *profile;
	struct outcome_rule *rule;
	struct rule *stand_in; /* the rule score, without a model */
	struct scorer *scorer;
	struct scorer_work *work;
	struct bands bands;
	uint32_t classes; /* probabilities per row: 3 when model and file have three labels, else 1
			   */

	/* Per row that could be read. */
	size_t n, cap;
	double *p, *created_day, *logit;
	int8_t *label, *y;
	uint32_t *group;
	struct aside aside;
	struct map groups; /* value of the column of --by to its number */
};

static int open_file(struct evaluator *v, struct err *e)
{
	const struct evaluation_opts *o = v->o;
	struct str want = o->target;
	struct table_opts to = { .known = &want, .known_count = 1 };

	if (want.n == 0 && o->model != NULL)
		want = outcome_column(o->model->outcome);
	if (want.n == 0)
		return err_set(e, ERR_USAGE,
			"there is no model whose outcome column could be taken; say which column "
			"holds the outcome with --target COLUMN");
	v->table =
		o->model != NULL ? columns_open(o->path, o->model, e) : table_open(o->path, &to, e);
	if (v->table == NULL || (v->again = table_again(v->table, e)) == NULL ||
		(v->names = columns_names(v->table, o->model, &o->notes, e)) == NULL)
		return -1;
	v->n_names = table_columns(v->table);
	return outcome_find_column(v->names, v->n_names, want, &v->target, e);
}

/* First pass: which values the target has, what the columns are. */
static int read_profile(struct evaluator *v, struct err *e)
{
	const struct evaluation_opts *o = v->o;
	struct profile_opts po = { .target = v->names[v->target], .now = o->today };
	struct outcome_opts oo = { v->names[v->target], o->won, o->n_won, o->lost, o->n_lost,
		o->model != NULL ? o->model->outcome : NULL };
	struct profiler *p = profiler_new(v->names, v->n_names, &po, e);
	struct outcome_counter *c = p == NULL ? NULL : outcome_counter_new(&oo, e);
	struct row r;
	int rc = -1;

	if (c == NULL ||
		aside_init(&v->aside, v->table, v->names, o->path, o->rejects, &o->notes, e) == -1)
		goto done;
	while ((rc = table_next(v->table, &r, e)) == 1) {
		if (r.bad ? aside_row(&v->aside, &r, e) == -1
			  : profiler_row(p, r.cells, e) == -1 ||
					outcome_counter_cell(c, r.cells[v->target], e) == -1) {
			rc = -1;
			goto done;
		}
	}
	if (rc == -1 || (rc = aside_end(&v->aside, e)) == -1)
		goto done;
	v->profile = profiler_end(p, e);
	p = NULL;
	rc = v->profile == NULL || (v->rule = outcome_resolve(c, &oo, e)) == NULL ? -1 : 0;
done:
	profiler_free(p);
	outcome_counter_free(c);
	return rc;
}

static int find_columns(struct evaluator *v, struct err *e)
{
	v->by = -1;
	v->created = profile_with_role(v->profile, ROLE_CREATED_AT);
	if (v->created >= 0 && v->profile->cols[v->created].kind != KIND_DATE)
		v->created = -1;
	if (v->created >= 0) {
		v->created_format = v->profile->cols[v->created].format;
		v->created_unix = v->profile->cols[v->created].unix_time;
	}
	if (v->o->by.n == 0)
		return 0;
	if ((v->by = profile_find(v->profile, v->o->by)) < 0)
		return err_set(e, ERR_INPUT, "%s has no column \"" STR_FMT "\" to group by",
			v->o->path, STR_ARG(str_sub(v->o->by, 0, 100)));
	return 0;
}

static int open_scorer(struct evaluator *v, struct err *e)
{
	const struct evaluation_opts *o = v->o;
	struct scorer_input in = { .columns = v->names,
		.n_columns = v->n_names,
		.as_of = o->as_of,
		.today = o->today,
		.table = v->again,
		.bands = &v->bands,
		.all_columns = true };

	if (o->model != NULL) {
		v->bands = o->model->bands;
	} else {
		if ((v->stand_in = rule_new(v->profile, e)) == NULL)
			return -1;
		v->bands = *rule_bands(v->stand_in);
		if (isnan(in.as_of))
			in.as_of = v->profile->as_of;
	}
	if ((!isnan(o->hot) || !isnan(o->warm)) &&
		bands_by_hand(&v->bands, o->hot, o->warm, NULL, e) == -1)
		return -1;
	v->scorer = o->model != NULL ? scorer_new(o->model, &in, e)
				     : scorer_new_rule(v->stand_in, &in, e);
	if (v->scorer == NULL || (v->work = scorer_work_new(v->scorer, e)) == NULL)
		return -1;
	v->classes = 1;
	if (outcome_classes(v->rule) == 3 && o->model != NULL && o->model->n_classes == 3)
		v->classes = 3;
	return table_rewind(v->table, e);
}

static int grow(struct evaluator *v, struct err *e)
{
	size_t cap = v->cap == 0 ? 4096 : v->cap * 2;
	struct {
		void *at;
		size_t size;
	} arrays[] = { { &v->p, sizeof(double) * v->classes }, { &v->created_day, sizeof(double) },
		{ &v->logit, sizeof(double) }, { &v->label, 1 }, { &v->y, 1 },
		{ &v->group, sizeof(uint32_t) } };

	if (cap > SIZE_MAX / 64)
		return err_nomem(e);
	for (size_t i = 0; i < sizeof(arrays) / sizeof(*arrays); i++) {
		void **p = arrays[i].at, *grown = realloc(*p, cap * arrays[i].size);

		if (grown == NULL)
			return err_nomem(e);
		*p = grown;
	}
	v->cap = cap;
	return 0;
}

static uint32_t group_of(struct evaluator *v, struct str cell)
{
	char text[CELL_TEXT_MAX];
	struct map_entry *m;
	bool is_new;

	if (cell_fill(cell) != CELL_FILLED)
		return UINT32_MAX;
	cell = cell_text(cell, text);
	if (v->groups.n >= GROUPS_MAX && map_get(&v->groups, cell) == NULL)
		return UINT32_MAX;
	if ((m = map_put(&v->groups, cell, &is_new)) == NULL)
		return UINT32_MAX;
	if (is_new)
		m->value = v->groups.n - 1;
	return (uint32_t)m->value;
}

static double created_of(const struct evaluator *v, const struct str *cells)
{
	struct cell_date d;

	if (v->created < 0)
		return NAN;
	if (cell_date(cells[v->created], v->created_format.order, &d) == CELL_NO &&
		!(v->created_unix && cell_unix(cells[v->created], &d)))
		return NAN;
	return d.days;
}

static int add_rows(struct evaluator *v, const struct str *const *cells, size_t n, struct err *e)
{
	const struct model *m = v->o->model;
	struct score s[SCORER_BLOCK];

	if (scorer_rows(v->scorer, v->work, cells, n, s, e) == -1)
		return -1;
	while (v->n + n > v->cap)
		if (grow(v, e) == -1)
			return -1;
	for (size_t i = 0; i < n; i++, v->n++) {
		int8_t label = outcome_label(v->rule, cells[i][v->target]);

		v->label[v->n] = v->y[v->n] = label;
		if (outcome_classes(v->rule) == 3 && label >= 0)
			v->y[v->n] = label == 0 ? OUTCOME_WON : OUTCOME_LOST;
		if (v->classes == 3)
			memcpy(v->p + v->n * 3, s[i].bands, 3 * sizeof(double));
		else
			v->p[v->n] = s[i].probability;
		v->created_day[v->n] = created_of(v, cells[i]);
		v->logit[v->n] = m != NULL && m->baselines.logit != NULL
					 ? logit_row(m->baselines.logit, scorer_num(v->work, i),
						   scorer_code(v->work, i))
					 : NAN;
		v->group[v->n] = v->by >= 0 ? group_of(v, cells[i][v->by]) : UINT32_MAX;
	}
	return 0;
}

static int read_scores(struct evaluator *v, struct err *e)
{
	struct table_block *b = table_block_new(e);
	const struct str *cells[SCORER_BLOCK];
	int rc = -1;

	if (b == NULL)
		return -1;
	while ((rc = table_read_block(v->table, b, SCORER_BLOCK, e)) == 1) {
		size_t n = 0;

		for (size_t i = 0; i < b->n; i++)
			if (!b->rows[i].bad)
				cells[n++] = b->rows[i].cells;
		if (leads_progress_step(&v->o->progress, "scoring", table_progress(v->table)))
			rc = err_set(e, ERR_CANCELLED, "stopped");
		if (rc == -1 || (rc = add_rows(v, cells, n, e)) == -1)
			break;
	}
	table_block_free(b);
	return rc;
}

/* --- the figures --- */

static int put_groups(
	const struct evaluator *v, const struct eval_rows *rows, struct jw *w, struct err *e)
{
	size_t n = v->groups.n;
	struct eval_group *g = calloc(n + 1, sizeof(*g));
	int rc = -1;

	if (g == NULL)
		return err_nomem(e);
	if (n != 0 && eval_groups(rows, v->group, (uint32_t)n, g, e) == -1)
		goto done;
	jw_key(w, "groups");
	jw_obj(w);
	jw_kstr(w, "column", v->names[v->by]);
	jw_key(w, "values");
	jw_arr(w);
	for (size_t i = 0; i < n; i++)
		breakdown_group_write(w, v->groups.entries[i].key, &g[i]);
	jw_end_arr(w);
	jw_end_obj(w);
	rc = 0;
done:
	free(g);
	return rc;
}

static void put_confusion(const struct eval_rows *rows, double threshold, struct jw *w)
{
	struct eval_confusion c = eval_confusion(rows, threshold);

	jw_obj(w);
	jw_knum(w, "threshold", c.threshold);
	jw_kint(w, "true_won", (int64_t)c.tp);
	jw_kint(w, "false_won", (int64_t)c.fp);
	jw_kint(w, "false_lost", (int64_t)c.fn);
	jw_kint(w, "true_lost", (int64_t)c.tn);
	jw_end_obj(w);
}

static void put_bands(const struct evaluator *v, const struct eval_rows *rows, struct jw *w)
{
	struct eval_bin bin[HEAT_COUNT];
	size_t open[HEAT_COUNT];

	jw_key(w, "confusion");
	jw_arr(w);
	put_confusion(rows, .5, w);
	if (v->classes != 3) {
		put_confusion(rows, v->bands.hot, w);
		put_confusion(rows, v->bands.warm, w);
	}
	jw_end_arr(w);
	eval_bands(rows, &v->bands, v->classes == 3 ? v->p : NULL, bin, open);
	jw_key(w, "by_heat");
	jw_arr(w);
	for (int h = 0; h < HEAT_COUNT; h++) {
		jw_obj(w);
		jw_kz(w, "heat", heat_name((enum heat)h));
		jw_kint(w, "rows", (int64_t)(bin[h].n + open[h]));
		jw_kint(w, "won", (int64_t)bin[h].won);
		jw_kint(w, "lost", (int64_t)(bin[h].n - bin[h].won));
		jw_kint(w, "open", (int64_t)open[h]);
		jw_knum(w, "mean_probability", bin[h].mean_p);
		jw_knum(w, "rate", bin[h].rate);
		jw_knum(w, "rate_low", bin[h].rate_low);
		jw_knum(w, "rate_high", bin[h].rate_high);
		jw_end_obj(w);
	}
	jw_end_arr(w);
}

static int put_figures(
	const struct evaluator *v, struct eval_rows *rows, struct jw *w, struct err *e)
{
	struct eval_opts o = { .seed = v->o->seed, .threads = v->o->threads };
	const struct model *m = v->o->model;
	struct verdict verdict;
	struct eval *figures = calloc(1, sizeof(*figures));
	struct baseline_figures *base = calloc(1, sizeof(*base));
	double rate;
	int rc = -1;

	if (figures == NULL || base == NULL) {
		err_nomem(e);
		goto done;
	}
	if (evaluate(rows, &o, figures, e) == -1)
		goto done;
	rate = m != NULL ? m->baselines.base_rate : figures->base_rate;
	if (baselines_eval(rate, v->created >= 0 ? v->created_day : NULL,
		    m != NULL && m->baselines.logit != NULL ? v->logit : NULL, rows, &o, base,
		    e) == -1)
		goto done;
	eval_write(w, figures);
	jw_kint(w, "bad_rows", (int64_t)v->aside.rows);
	jw_kz(w, "rejected", aside_path(&v->aside));
	verdict_of(rows, &verdict);
	jw_key(w, "verdict");
	verdict_write(w, &verdict);
	jw_key(w, "baselines");
	baseline_figures_write(w, base);
	rc = 0;
done:
	free(figures);
	free(base);
	return rc;
}

static int put_classes(const struct evaluator *v, struct jw *w, struct err *e)
{
	struct eval_rows rows = { v->p, v->label, v->n };
	struct eval_opts o = { .seed = v->o->seed, .threads = v->o->threads };
	struct eval_classes *c = calloc(1, sizeof(*c));
	int rc;

	if (c == NULL)
		return err_nomem(e);
	if ((rc = eval_classes(&rows, &o, c, e)) == 0) {
		jw_key(w, "classes");
		jw_obj(w);
		eval_classes_write(w, c);
		jw_end_obj(w);
	}
	free(c);
	return rc;
}

static int put_all(const struct evaluator *v, struct buf *json, struct err *e)
{
	double *hot = calloc(v->n + 1, sizeof(*hot));
	struct eval_rows rows = { hot, v->y, v->n };
	struct jw w = { .b = json, .indent = 1 };
	struct buf rule = { 0 };
	char day[32];
	int rc = -1;

	if (hot == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < v->n; i++)
		hot[i] = v->p[i * v->classes];
	jw_obj(&w);
	jw_kz(&w, "model", scorer_version(v->scorer));
	jw_kstr(&w, "target", v->names[v->target]);
	outcome_describe(v->rule, &rule);
	jw_kstr(&w, "outcome", buf_view(&rule));
	jw_key(&w, "as_of");
	if (isnan(scorer_as_of(v->scorer)))
		jw_null(&w);
	else
		jw_str(&w, (struct str){ day, cell_date_format(scorer_as_of(v->scorer), day) });
	if (put_figures(v, &rows, &w, e) == -1 || (v->classes == 3 && put_classes(v, &w, e) == -1))
		goto done;
	put_bands(v, &rows, &w);
	if (v->by >= 0 && put_groups(v, &rows, &w, e) == -1)
		goto done;
	jw_end_obj(&w);
	buf_c(json, '\n');
	rc = buf_done(json, e);
done:
	buf_clear(&rule);
	free(hot);
	return rc;
}

static void tell_notes(const struct evaluator *v)
{
	const struct leads_notes *n = &v->o->notes;
	struct str missing;
	const char *note;
	char text[256];

	for (size_t i = 0; (missing = scorer_missing(v->scorer, i)).n != 0; i++) {
		snprintf(text, sizeof(text),
			"the file has no column \"" STR_FMT "\": scored as missing",
			STR_ARG(str_sub(missing, 0, 120)));
		leads_note(n, text);
	}
	for (size_t i = 0; (note = table_note(v->table, i)) != NULL; i++)
		leads_note(n, note);
	for (size_t i = 0; (note = outcome_note(v->rule, i)) != NULL; i++)
		leads_note(n, note);
	for (size_t i = 0; (note = scorer_note(v->scorer, i)) != NULL; i++)
		leads_note(n, note);
}

static void evaluator_clear(struct evaluator *v)
{
	scorer_work_free(v->work);
	scorer_free(v->scorer);
	rule_free(v->stand_in);
	outcome_rule_free(v->rule);
	profile_free(v->profile);
	free(v->p);
	free(v->created_day);
	free(v->logit);
	free(v->label);
	free(v->y);
	free(v->group);
	map_clear(&v->groups);
	aside_clear(&v->aside);
	free(v->names);
	table_free(v->again);
	table_free(v->table);
}

int evaluation_run(const struct evaluation_opts *o, struct buf *json, struct err *e)
{
	struct evaluator v = { .o = o };
	int rc = -1;

	if (open_file(&v, e) == 0 && read_profile(&v, e) == 0 && find_columns(&v, e) == 0 &&
		open_scorer(&v, e) == 0 && read_scores(&v, e) == 0) {
		tell_notes(&v);
		rc = put_all(&v, json, e);
	}
	evaluator_clear(&v);
	return rc;
}
