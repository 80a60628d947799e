/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "features/profile.h"
#include "features/words.h"
#include "leads/columns.h"
#include "leads/explaining.h"
#include "leads/reasons.h"
#include "model/model.h"
#include "model/moved.h"
#include "model/reach.h"
#include "model/rule.h"
#include "model/scorer.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"
#include "util/table.h"

/* A lead of a file, its cells copied. */
struct lead {
	struct table *table, *again; /* ${again} is the scorers' */
	struct str *columns, *cells;
	size_t n;
	uint64_t row, line;
	double as_of; /* of the file: what scoring all of it would take */
	struct arena mem;
};

static void lead_clear(struct lead *l)
{
	table_free(l->again);
	table_free(l->table);
	free(l->columns);
	arena_clear(&l->mem);
}

static int lead_open(struct lead *l, const char *path, const struct model *m,
	const struct leads_notes *notes, struct err *e)
{
	if ((l->table = columns_open(path, m, e)) == NULL ||
		(l->again = table_again(l->table, e)) == NULL ||
		(l->columns = columns_names(l->table, m, notes, e)) == NULL)
		return -1;
	l->n = table_columns(l->table);
	l->cells = arena_array(&l->mem, l->n + 1, sizeof(*l->cells));
	return l->cells == NULL ? err_nomem(e) : 0;
}

/* Columns that name a lead: by the profile; all of them when it has none. */
static bool *id_columns(struct lead *l, const struct profile *p)
{
	bool *is = arena_array(&l->mem, l->n + 1, sizeof(*is));
	bool any = false;

	for (size_t c = 0; is != NULL && c < l->n; c++) {
		ptrdiff_t i = profile_find(p, l->columns[c]);

		is[c] = i >= 0 && (p->cols[i].role == ROLE_ID || p->cols[i].role == ROLE_EMAIL);
		any = any || is[c];
	}
	for (size_t c = 0; is != NULL && c < l->n && !any; c++)
		is[c] = true;
	return is;
}

static bool has_id(const struct lead *l, const struct row *r, const bool *is, struct str id)
{
	for (size_t c = 0; c < l->n; c++)
		if (is[c] && str_eqi(str_trim(r->cells[c]), id))
			return true;
	return false;
}

static int unreadable(const struct lead *l, const struct row *r, struct err *e)
{
	struct str cell = words_clip(r->bad_cell, 60);

	err_set(e, ERR_INPUT,
		"row %llu (line %llu) cannot be read: it %.200s (column \"" STR_FMT "\"%s" STR_FMT
		"%s)",
		(unsigned long long)l->row, (unsigned long long)r->line, r->reason,
		STR_ARG(r->bad_column < l->n ? words_clip(l->columns[r->bad_column], 60) : S("")),
		cell.n != 0 ? ", cell '" : "", STR_ARG(cell), cell.n != 0 ? "'" : "");
	return -1;
}

static int lead_copy(struct lead *l, const struct row *r, struct err *e)
{
	l->line = r->line;
	if (r->bad)
		return unreadable(l, r, e);
	for (size_t c = 0; c < l->n; c++) {
		char *copy = arena_dup(&l->mem, r->cells[c]);

		if (copy == NULL)
			return err_nomem(e);
		l->cells[c] = (struct str){ copy, r->cells[c].n };
	}
	return 0;
}

static int lead_find(struct lead *l, const struct profile *p, const char *path, uint64_t row,
	struct str id, struct err *e)
{
	const bool *is = id_columns(l, p);
	struct row r;
	uint64_t bad = 0;
	int rc;

	if (is == NULL)
		return err_nomem(e);
	while ((rc = table_next(l->table, &r, e)) == 1) {
		l->row++;
		bad += r.bad;
		if (row != 0 ? l->row == row : !r.bad && has_id(l, &r, is, id))
			return lead_copy(l, &r, e);
	}
	if (rc == -1)
		return -1;
	if (row != 0)
		return err_set(e, ERR_NOT_FOUND, "%s has %llu rows, there is no row %llu", path,
			(unsigned long long)l->row, (unsigned long long)row);
	err_set(e, ERR_NOT_FOUND, "no lead in %s has \"" STR_FMT "\" as its id or e-mail%s", path,
		STR_ARG(str_sub(id, 0, 100)),
		bad == 0 ? "" : "; it may be in a row that cannot be read: profile names those");
	return -1;
}

/* --- one lead, one model, one moment --- */

struct view {
	struct scorer *scorer;
	struct scorer_work *work;
};

static void view_clear(struct view *v)
{
	scorer_work_free(v->work);
	scorer_free(v->scorer);
	*v = (struct view){ 0 };
}

static int view_open(struct view *v, const struct lead *l, const struct model *m, double as_of,
	double today, struct err *e)
{
	struct scorer_input in = { .columns = l->columns,
		.n_columns = l->n,
		.as_of = as_of,
		.today = today,
		.table = l->again,
		.all_columns = true };

	*v = (struct view){ 0 };
	if ((v->scorer = scorer_new(m, &in, e)) != NULL &&
		(v->work = scorer_work_new(v->scorer, e)) != NULL)
		return 0;
	view_clear(v);
	return -1;
}

static int view_score(struct view *v, const struct str *cells, struct score *out, struct err *e)
{
	return scorer_rows(v->scorer, v->work, &cells, 1, out, e);
}

struct explaining {
	const struct explaining_opts *o;
	struct lead now, before;
	struct view view;
	struct score score;
	struct reasons *reasons;
	float *num; /* [base columns] of the lead; the view's own change with every scoring */
	uint32_t *code;
	double as_of;
};

/* --- reasons --- */

static void put_evidence(struct jw *w, const struct enc_evidence *ev, bool has)
{
	jw_key(w, "evidence");
	if (!has) {
		jw_null(w);
		return;
	}
	jw_obj(w);
	jw_kint(w, "leads", ev->n);
	jw_kint(w, "won", ev->won[0]);
	jw_kbool(w, "missing", ev->missing);
	jw_end_obj(w);
}

static int put_reasons(struct explaining *x, struct jw *w, struct err *e)
{
	const struct model *m = x->o->model;
	struct reasons_row row = { x->now.cells, x->num, x->code, x->score.probability };
	struct explain_work *work = explain_work_new(reasons_explainer(x->reasons), e);
	struct buf text = { 0 };
	struct explain ex;

	if (work == NULL)
		return -1;
	explain_row(
		reasons_explainer(x->reasons), work, x->num, x->code, x->score.probability, &ex);
	jw_knum(w, "base_rate", ex.base_rate);
	jw_kint(w, "base_points", ex.base_points);
	jw_knum(w, "model_average", ex.average);
	jw_kint(w, "model_average_points", ex.average_points);
	jw_key(w, "reasons");
	jw_arr(w);
	for (size_t i = 0; i < ex.n; i++) {
		const struct explain_reason *r = &ex.reasons[i];
		struct enc_evidence ev;
		bool has;

		buf_reset(&text);
		has = reasons_sentence(x->reasons, &row, r, &ev, &text);
		jw_obj(w);
		if (r->column < m->profile->n)
			jw_kstr(w, "column", m->profile->cols[r->column].name);
		else
			jw_kz(w, "column", NULL);
		jw_kstr(w, "text", buf_view(&text));
		jw_kint(w, "points", r->points);
		jw_knum(w, "value", r->value);
		jw_knum(w, "logit", r->logit);
		jw_kbool(w, "missing", r->missing);
		put_evidence(w, &ev, has);
		jw_end_obj(w);
	}
	jw_end_arr(w);
	jw_knum(w, "rest", ex.rest);
	jw_kint(w, "rest_points", ex.rest_points);
	buf_clear(&text);
	explain_work_free(work);
	return 0;
}

/* --- what would make it hot --- */

static int score_changed(
	void *ctx, const struct reach_change *change, size_t n, double *p, struct err *e)
{
	struct explaining *x = ctx;
	struct str *cells = calloc(x->now.n + 1, sizeof(*cells));
	struct score s;
	int rc;

	if (cells == NULL)
		return err_nomem(e);
	memcpy(cells, x->now.cells, x->now.n * sizeof(*cells));
	for (size_t i = 0; i < n; i++) {
		ptrdiff_t c = reasons_column(x->reasons, change[i].column);

		if (c >= 0)
			cells[c] = str_of(change[i].value);
	}
	if ((rc = view_score(&x->view, cells, &s, e)) == 0)
		*p = s.probability;
	free(cells);
	return rc;
}

static int put_reach(struct explaining *x, struct jw *w, struct err *e)
{
	const struct model *m = x->o->model;
	struct reach_opts ro = { m->profile, m->bases, &m->donors, x->num, x->code, x->as_of,
		m->bands.hot, score_changed, x };
	struct reach *r = calloc(1, sizeof(*r));
	int rc;

	if (r == NULL)
		return err_nomem(e);
	if ((rc = reach_find(&ro, r, e)) == -1)
		goto done;
	jw_key(w, "hot");
	jw_obj(w);
	jw_kbool(w, "already", r->already);
	jw_kbool(w, "reachable", r->reachable);
	jw_knum(w, "threshold", m->bands.hot);
	jw_knum(w, "probability", r->probability);
	jw_kint(w, "score", heat_score(r->probability));
	jw_kint(w, "can_change", (int64_t)r->can_change);
	jw_kint(w, "tried", (int64_t)r->tried);
	jw_key(w, "changes");
	jw_arr(w);
	for (size_t i = 0; i < r->n; i++) {
		ptrdiff_t c = reasons_column(x->reasons, r->change[i].column);

		jw_obj(w);
		jw_kstr(w, "column", m->profile->cols[r->change[i].column].name);
		jw_kstr(w, "from", c >= 0 ? x->now.cells[c] : S(""));
		jw_kz(w, "to", r->change[i].value);
		jw_end_obj(w);
	}
	jw_end_arr(w);
	jw_end_obj(w);
done:
	free(r);
	return rc;
}

/* --- why it moved --- */

struct mover {
	struct explaining *x;
	double as_of[2]; /* before, now */
};

static int score_mixed(void *ctx, unsigned mask, double *p, struct err *e)
{
	struct mover *mv = ctx;
	struct explaining *x = mv->x;
	const struct explaining_opts *o = x->o;
	bool data = (mask >> MOVED_DATA & 1) != 0, model = (mask >> MOVED_MODEL & 1) != 0;
	const struct lead *l = data || o->before_path == NULL ? &x->now : &x->before;
	const struct model *m = model || o->before_model == NULL ? o->model : o->before_model;
	struct score s;
	struct view v;
	int rc;

	if (view_open(&v, l, m, mv->as_of[mask >> MOVED_TIME & 1], o->today, e) == -1)
		return -1;
	if ((rc = view_score(&v, l->cells, &s, e)) == 0)
		*p = s.probability;
	view_clear(&v);
	return rc;
}

static int open_before(struct explaining *x, struct str id, struct err *e)
{
	const struct explaining_opts *o = x->o;

	if (o->before_path == NULL)
		return 0;
	if (lead_open(&x->before, o->before_path, o->model, &o->notes, e) == -1)
		return -1;
	return lead_find(
		&x->before, o->model->profile, o->before_path, id.n != 0 ? 0 : o->row, id, e);
}

/* The moment the earlier scoring looked from: as given, else what scoring the earlier file with the
 * earlier model would take. */
static int before_moment(struct explaining *x, double *as_of, struct err *e)
{
	const struct explaining_opts *o = x->o;
	const struct lead *l = o->before_path != NULL ? &x->before : &x->now;
	const struct model *m = o->before_model != NULL ? o->before_model : o->model;
	struct view v;

	*as_of = o->before_as_of;
	if (!isnan(*as_of))
		return 0;
	if (o->before_path == NULL) {
		*as_of = x->as_of;
		return 0;
	}
	if (view_open(&v, l, m, NAN, o->today, e) == -1)
		return -1;
	*as_of = scorer_as_of(v.scorer);
	view_clear(&v);
	return 0;
}

/* The lead's own id, to find it in the earlier file when it was asked for by row. */
static struct str own_id(struct explaining *x)
{
	const struct model *m = x->o->model;

	if (x->o->id.n != 0)
		return x->o->id;
	for (size_t c = 0; c < x->now.n; c++) {
		ptrdiff_t i = profile_find(m->profile, x->now.columns[c]);

		if (i >= 0 && m->profile->cols[i].role == ROLE_ID)
			return str_trim(x->now.cells[c]);
	}
	return S("");
}

static int put_moved(struct explaining *x, struct jw *w, struct err *e)
{
	const struct explaining_opts *o = x->o;
	struct mover mv = { x, { NAN, x->as_of } };
	struct moved m;

	if (o->before_path == NULL && o->before_model == NULL && isnan(o->before_as_of))
		return 0;
	if (open_before(x, own_id(x), e) == -1 || before_moment(x, &mv.as_of[0], e) == -1 ||
		moved_split(score_mixed, &mv, &m, e) == -1)
		return -1;
	jw_key(w, "moved");
	jw_obj(w);
	jw_knum(w, "before", m.before);
	jw_knum(w, "after", m.after);
	jw_kint(w, "score_before", m.score_before);
	jw_kint(w, "score_after", m.score_after);
	for (int c = 0; c < MOVED_CAUSES; c++) {
		jw_key(w, moved_name((enum moved_cause)c));
		jw_obj(w);
		jw_knum(w, "value", m.part[c]);
		jw_kint(w, "points", m.points[c]);
		jw_end_obj(w);
	}
	jw_end_obj(w);
	return 0;
}

/* --- all of it --- */

static int open_lead(struct explaining *x, struct err *e)
{
	const struct explaining_opts *o = x->o;
	size_t n;

	if (lead_open(&x->now, o->path, o->model, &o->notes, e) == -1 ||
		lead_find(&x->now, o->model->profile, o->path, o->row, o->id, e) == -1 ||
		view_open(&x->view, &x->now, o->model, o->as_of, o->today, e) == -1 ||
		view_score(&x->view, x->now.cells, &x->score, e) == -1)
		return -1;
	x->as_of = scorer_as_of(x->view.scorer);
	n = scorer_n_bases(x->view.work);
	x->num = arena_array(&x->now.mem, n + 1, sizeof(*x->num));
	x->code = arena_array(&x->now.mem, n + 1, sizeof(*x->code));
	if (x->num == NULL || x->code == NULL)
		return err_nomem(e);
	memcpy(x->num, scorer_num(x->view.work, 0), n * sizeof(*x->num));
	memcpy(x->code, scorer_code(x->view.work, 0), n * sizeof(*x->code));
	x->reasons = reasons_new(o->model, x->now.columns, x->now.n, e);
	return x->reasons == NULL ? -1 : 0;
}

static void put_score(const struct lead *l, const struct score *s, const char *version,
	double as_of, struct jw *w)
{
	char day[32];

	jw_kz(w, "model", version);
	jw_kint(w, "row", (int64_t)l->row);
	jw_kint(w, "line", (int64_t)l->line);
	jw_key(w, "as_of");
	if (isnan(as_of))
		jw_null(w);
	else
		jw_str(w, (struct str){ day, cell_date_format(as_of, day) });
	jw_knum(w, "probability", s->probability);
	jw_kint(w, "score", s->points);
	jw_kz(w, "heat", heat_name(s->heat));
	jw_knum(w, "confidence", s->confidence);
	jw_key(w, "bands");
	jw_obj(w);
	for (int h = 0; h < HEAT_COUNT; h++)
		jw_knum(w, heat_name((enum heat)h), s->bands[h]);
	jw_end_obj(w);
}

/* --- without a model --- */

static void put_rule(const struct rule *r, const struct lead *l, double as_of, struct jw *w)
{
	struct rule_explain x;

	rule_explain(r, l->cells, as_of, RULE_PARTS, &x);
	jw_knum(w, "base_rate", x.base);
	jw_kint(w, "base_points", x.base_points);
	jw_knum(w, "model_average", 0);
	jw_kint(w, "model_average_points", 0);
	jw_key(w, "reasons");
	jw_arr(w);
	for (size_t i = 0; i < x.n; i++) {
		jw_obj(w);
		jw_kz(w, "column", NULL);
		jw_kz(w, "text", x.reasons[i].text);
		jw_kint(w, "points", x.reasons[i].points);
		jw_knum(w, "value", x.reasons[i].value);
		put_evidence(w, NULL, false);
		jw_end_obj(w);
	}
	jw_end_arr(w);
	jw_knum(w, "rest", x.rest);
	jw_kint(w, "rest_points", x.rest_points);
}

/* The rule score of the lead and the parts that make it. What would make a lead hot, and why it
 * moved, are questions to a model. */
static int rule_run(const struct explaining_opts *o, struct jw *w, struct err *e)
{
	struct lead l = { 0 };
	struct profile_opts po = { .now = o->today };
	struct profile *p = NULL;
	struct rule *r = NULL;
	struct view v = { 0 };
	struct score s;
	int rc = -1;

	if (lead_open(&l, o->path, NULL, &o->notes, e) == -1 ||
		(p = profile_table(l.again, &po, e)) == NULL || (r = rule_new(p, e)) == NULL ||
		lead_find(&l, p, o->path, o->row, o->id, e) == -1)
		goto done;
	{
		struct scorer_input in = { .columns = l.columns,
			.n_columns = l.n,
			.as_of = isnan(o->as_of) ? p->as_of : o->as_of,
			.today = o->today };

		if ((v.scorer = scorer_new_rule(r, &in, e)) == NULL ||
			(v.work = scorer_work_new(v.scorer, e)) == NULL ||
			view_score(&v, l.cells, &s, e) == -1)
			goto done;
	}
	put_score(&l, &s, scorer_version(v.scorer), scorer_as_of(v.scorer), w);
	put_rule(r, &l, scorer_as_of(v.scorer), w);
	rc = 0;
done:
	view_clear(&v);
	rule_free(r);
	profile_free(p);
	lead_clear(&l);
	return rc;
}

static int model_run(struct explaining *x, struct jw *w, struct err *e)
{
	if (open_lead(x, e) == -1)
		return -1;
	put_score(&x->now, &x->score, scorer_version(x->view.scorer), x->as_of, w);
	if (put_reasons(x, w, e) == -1 || put_reach(x, w, e) == -1)
		return -1;
	return put_moved(x, w, e);
}

int explaining_run(const struct explaining_opts *o, struct buf *json, struct err *e)
{
	struct explaining x = { .o = o };
	struct jw w = { .b = json, .indent = 1 };
	int rc;

	jw_obj(&w);
	rc = o->model != NULL ? model_run(&x, &w, e) : rule_run(o, &w, e);
	if (rc == 0) {
		jw_end_obj(&w);
		buf_c(json, '\n');
		rc = buf_done(json, e);
	}
	reasons_free(x.reasons);
	view_clear(&x.view);
	lead_clear(&x.before);
	lead_clear(&x.now);
	return rc;
}
