/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "features/derive.h"
#include "features/profile.h"
#include "leads/training_internal.h"
#include "model/breakdown.h"
#include "model/forest.h"
#include "model/outcome.h"
#include "model/train.h"
#include "util/err.h"
#include "util/json.h"
#include "util/table.h"

/* A day as text, null when it is not known. */
static void put_day(struct jw *w, const char *key, double day)
{
	char text[32];

	jw_key(w, key);
	if (isnan(day))
		jw_null(w);
	else
		jw_str(w, (struct str){ text, cell_date_format(day, text) });
}

static void put_file(const struct trainer *t, struct jw *w)
{
	const char *slash = strrchr(t->o->path, '/');

	jw_key(w, "file");
	jw_obj(w);
	jw_kz(w, "name", slash != NULL ? slash + 1 : t->o->path);
	jw_kz(w, "sha256", t->sha256[0] != '\0' ? t->sha256 : NULL);
	jw_kint(w, "columns", (int64_t)t->n_names);
	jw_end_obj(w);
}

static void put_counts(const struct trainer *t, struct jw *w)
{
	struct buf b = { 0 };

	jw_kint(w, "rows", (int64_t)t->rows);
	jw_kint(w, "bad_rows", (int64_t)t->aside.rows);
	jw_kint(w, "won", (int64_t)t->won);
	jw_kint(w, "lost", (int64_t)t->lost);
	jw_kint(w, "open", (int64_t)(t->rows - t->aside.rows - t->won - t->lost));
	jw_knum(w, "base_rate", (double)t->won / (double)(t->won + t->lost));
	jw_kstr(w, "target", t->names[t->target]);
	outcome_describe(t->rule, &b);
	jw_kstr(w, "outcome", buf_view(&b));
	buf_clear(&b);
	put_day(w, "as_of", t->frame.as_of);
	jw_kint(w, "seed", (int64_t)t->o->seed);
}

static void put_created(const struct trainer *t, struct jw *w)
{
	double lo = INFINITY, hi = -INFINITY;

	for (size_t i = 0; t->frame.created != NULL && i < t->frame.rows; i++) {
		if (isnan(t->frame.created[i]))
			continue;
		lo = fmin(lo, t->frame.created[i]);
		hi = fmax(hi, t->frame.created[i]);
	}
	jw_key(w, "created");
	if (lo > hi) {
		jw_null(w);
		return;
	}
	jw_obj(w);
	put_day(w, "from", lo);
	put_day(w, "to", hi);
	jw_end_obj(w);
}

static void put_left_out(const struct trainer *t, struct jw *w)
{
	jw_key(w, "left_out");
	jw_arr(w);
	for (size_t i = 0; i < t->n_left; i++) {
		const struct left_out *l = &t->left[i];

		jw_obj(w);
		jw_kstr(w, "column", t->profile->cols[l->column].name);
		jw_kz(w, "reason", left_reason_name(l->reason));
		jw_kz(w, "evidence", l->evidence);
		if (l->column < t->leaks.n && t->leaks.cols[l->column].kind != LEAK_NONE)
			jw_kz(w, "kind", leak_kind_name(t->leaks.cols[l->column].kind));
		jw_end_obj(w);
	}
	jw_end_arr(w);
	jw_key(w, "flagged");
	jw_arr(w);
	for (size_t c = 0; c < t->leaks.n; c++) {
		const struct leak_column *l = &t->leaks.cols[c];

		if (l->verdict == LEAK_KEEP || !t->keep[c])
			continue;
		jw_obj(w);
		jw_kstr(w, "column", t->profile->cols[c].name);
		jw_kz(w, "kind", leak_kind_name(l->kind));
		jw_kz(w, "evidence", l->evidence);
		jw_kbool(w, "insisted", l->verdict == LEAK_OUT);
		jw_end_obj(w);
	}
	jw_end_arr(w);
}

/* Whether the forest reads values of column ${c}, by way of any base column. */
static bool is_used(const struct trainer *t, size_t c)
{
	for (size_t i = 0; i < t->frame.n_cols; i++)
		for (uint32_t k = 0; k < t->frame.cols[i].n_sources && t->fit.base_used[i]; k++)
			if (t->frame.cols[i].sources[k] == c)
				return true;
	return false;
}

static void put_used(const struct trainer *t, struct jw *w, const char *key, bool used)
{
	jw_key(w, key);
	jw_arr(w);
	for (size_t c = 0; c < t->profile->n; c++)
		if (is_used(t, c) == used && (used || t->keep[c]))
			jw_str(w, t->profile->cols[c].name);
	jw_end_arr(w);
}

/* An identifier, by its role or because nearly every row has its own value. */
static bool names_a_lead(const struct column *c)
{
	if (c->role == ROLE_ID || c->role == ROLE_NAME || c->role == ROLE_FIRST_NAME ||
		c->role == ROLE_LAST_NAME || c->role == ROLE_STREET)
		return true;
	return c->kind == KIND_CATEGORY && c->filled >= 20 && c->distinct > .95 * (double)c->filled;
}

static void put_warnings(const struct trainer *t, struct jw *w)
{
	char text[256];
	const char *note;

	jw_key(w, "warnings");
	jw_arr(w);
	for (size_t i = 0; (note = outcome_note(t->rule, i)) != NULL; i++)
		jw_z(w, note);
	if (t->aside.rows != 0) {
		snprintf(text, sizeof(text),
			"%llu of %llu rows could not be read and were left out",
			(unsigned long long)t->aside.rows, (unsigned long long)t->rows);
		jw_z(w, text);
	}
	if (t->eval.won + t->eval.lost < t->won + t->lost) {
		snprintf(text, sizeof(text),
			"the budget pays for %zu of the %llu leads with an outcome; a larger "
			"--budget "
			"learns from more of them",
			t->eval.won + t->eval.lost, (unsigned long long)(t->won + t->lost));
		jw_z(w, text);
	}
	for (size_t c = 0; c < t->leaks.n; c++) {
		if (t->leaks.cols[c].verdict != LEAK_OUT || !t->keep[c])
			continue;
		snprintf(text, sizeof(text),
			"\"%.100s\" looks known only after the outcome and is used because you "
			"insist: figures will look better than they are",
			t->profile->cols[c].name.p);
		jw_z(w, text);
	}
	for (size_t c = 0; c < t->profile->n; c++) {
		const struct column *col = &t->profile->cols[c];

		if (!col->kept_by_user || !names_a_lead(col))
			continue;
		snprintf(text, sizeof(text),
			"\"%.100s\" tells one lead from another and is used because you insist: "
			"what "
			"it says about past leads does not carry over to new ones",
			col->name.p);
		jw_z(w, text);
	}
	jw_end_arr(w);
}

static void put_not_enough(const struct trainer *t, struct jw *w)
{
	char text[512];
	size_t won = (size_t)t->won, lost = (size_t)t->lost;

	jw_kbool(w, "not_enough", t->fit.not_enough);
	if (!t->fit.not_enough)
		return;
	if (won < 40 || lost < 40)
		snprintf(text, sizeof(text),
			"not enough yet: %zu won and %zu lost leads; from 40 of each on figures "
			"settle. "
			"The scores lean towards the base rate of %.1f %%; ROC AUC is %.2f, and "
			"between "
			"%.2f and %.2f with 95 %% confidence",
			won, lost, 100 * t->eval.base_rate, t->eval.roc_auc.value,
			t->eval.roc_auc.low, t->eval.roc_auc.high);
	else
		snprintf(text, sizeof(text),
			"not enough yet: what was found in these rows may still be chance (log "
			"loss %.4f "
			"against %.4f for the base rate: better by between %.4f and %.4f with 95 "
			"%% "
			"confidence; ROC AUC %.2f); the scores lean towards the base rate of %.1f "
			"%%",
			t->fit.log_loss, t->fit.base_log_loss, t->fit.gain_low, t->fit.gain_high,
			t->eval.roc_auc.value, 100 * t->eval.base_rate);
	jw_kz(w, "not_enough_why", text);
}

static void put_figures(const struct trainer *t, struct jw *w)
{
	jw_key(w, "figures");
	jw_obj(w);
	jw_key(w, "out_of_fold");
	jw_obj(w);
	jw_kz(w, "split", "stratified folds; every row is scored by a model that has not seen it");
	eval_write(w, &t->eval);
	jw_key(w, "baselines");
	baseline_figures_write(w, t->baseline_figures);
	jw_end_obj(w);
	jw_key(w, "time_ordered");
	if (t->has_later) {
		jw_obj(w);
		jw_kz(w, "split", "trained on the older rows, measured on the newest fifth");
		put_day(w, "from", t->later_from);
		eval_write(w, &t->later);
		jw_key(w, "baselines");
		baseline_figures_write(w, t->later_baselines);
		jw_end_obj(w);
	} else {
		jw_null(w);
	}
	if (t->classes != NULL) {
		jw_key(w, "classes");
		jw_obj(w);
		eval_classes_write(w, t->classes);
		jw_end_obj(w);
	}
	jw_end_obj(w);
}

/* The base column that is column ${col} itself, if the summary has it; else UINT32_MAX. */
static uint32_t base_of(const struct trainer *t, size_t col)
{
	for (size_t i = 0; i < t->summary.n; i++) {
		const struct base_col *b = &t->frame.cols[t->summary.cols[i].base];

		if (b->is_column && b->n_sources == 1 && b->sources[0] == col)
			return t->summary.cols[i].base;
	}
	return UINT32_MAX;
}

/* By source, region and size: for each, the first kept column of these roles. Without any, by the
 * first two categories, which is better than nothing. */
static int put_groups(const struct trainer *t, struct jw *w, struct err *e)
{
	static const enum col_role by[][4] = { { ROLE_SOURCE, ROLE_SOURCE_DETAIL, ROLE_CAMPAIGN,
						       ROLE_SOURCE },
		{ ROLE_REGION, ROLE_COUNTRY, ROLE_CITY, ROLE_POSTAL_CODE },
		{ ROLE_COMPANY_SIZE, ROLE_REVENUE, ROLE_INDUSTRY, ROLE_VALUE } };
	struct eval_rows rows = { t->p, t->y, t->frame.rows };
	uint32_t base[3], n = 0;

	for (size_t g = 0; g < 3; g++) {
		uint32_t found = UINT32_MAX;

		for (size_t r = 0; r < 4 && found == UINT32_MAX; r++)
			for (size_t c = 0; c < t->profile->n && found == UINT32_MAX; c++)
				if (t->profile->cols[c].role == by[g][r])
					found = base_of(t, c);
		if (found != UINT32_MAX)
			base[n++] = found;
	}
	for (size_t i = 0, none = n; i < t->summary.n && none == 0 && n < 2; i++)
		if (t->summary.cols[i].kind == BASE_CAT && t->summary.cols[i].itself)
			base[n++] = t->summary.cols[i].base;
	jw_key(w, "groups");
	return breakdown_write(&t->frame, &t->summary, &rows, base, n, w, e);
}

int training_report(const struct trainer *t, struct buf *out, struct err *e)
{
	struct jw w = { .b = out, .indent = 1 };

	jw_obj(&w);
	put_file(t, &w);
	put_counts(t, &w);
	put_created(t, &w);
	put_not_enough(t, &w);
	put_figures(t, &w);
	if (put_groups(t, &w, e) == -1)
		return -1;
	put_left_out(t, &w);
	put_used(t, &w, "used", true);
	put_used(t, &w, "unused", false);
	jw_key(&w, "bands");
	bands_write(&w, &t->bands);
	jw_kz(&w, "calibration", calib_name(t->fit.calib.kind));
	jw_kint(&w, "trees", t->fit.forest->n_trees);
	jw_knum(&w, "budget", t->o->budget);
	jw_key(&w, "settings");
	tune_write(&t->fit, &w);
	put_warnings(t, &w);
	jw_key(&w, "curves");
	jw_obj(&w);
	eval_curves_write(&w, t->curves);
	jw_end_obj(&w);
	jw_key(&w, "made_with");
	jw_obj(&w);
	jw_kz(&w, "heatscore", HEATSCORE_VERSION);
	jw_kz(&w, "xgboost", train_version());
	jw_end_obj(&w);
	jw_end_obj(&w);
	buf_c(out, '\n');
	return buf_done(out, e);
}
