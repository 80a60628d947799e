/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/model_json.h"
#include "features/frame.h"
#include "leads/bands_by.h"
#include "model/heat.h"
#include "model/holdout.h"
#include "model/model.h"
#include "model/model_store.h"
#include "model/notes.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"
#include "util/when.h"

static const char *const figures[] = { "roc_auc", "pr_auc", "log_loss", "brier", "ece" };
enum { N_FIGURES = sizeof(figures) / sizeof(*figures) };

void model_json_time(struct jw *w, const char *key, int64_t ms)
{
	char text[WHEN_TEXT];

	when_write(ms, text);
	jw_kz(w, key, text);
}

static void copy(struct jw *w, const char *key, const struct json *v)
{
	if (json_type(v) == J_NULL)
		return;
	jw_key(w, key);
	jw_put(w, v);
}

struct json *model_json_report(struct model_store *st, uint32_t number, struct err *e)
{
	struct model_file f = { 0 };
	struct json *v;

	if (st->get(st->self, number, "report.json", &f, e) == -1) {
		err_prefix(e, "model v%u: ", number);
		return NULL;
	}
	v = json_parse(f.bytes, e);
	free((void *)(uintptr_t)f.bytes.p);
	if (v == NULL)
		err_prefix(e, "model v%u: report.json: ", number);
	return v;
}

/* --- one of a list --- */

static void put_figures(struct jw *w, const struct json *report)
{
	const struct json *oof = json_get(json_get(report, "figures"), "out_of_fold");

	for (size_t i = 0; i < N_FIGURES; i++) {
		const struct json *v = json_get(json_get(oof, figures[i]), "value");

		if (json_type(v) == J_NUM)
			copy(w, figures[i], v);
	}
}

static void put_report(struct jw *w, const struct json *report)
{
	static const char *const copied[] = { "target", "outcome", "rows", "won", "lost", "open",
		"base_rate", "trees", "not_enough" };

	for (size_t i = 0; i < sizeof(copied) / sizeof(*copied); i++)
		copy(w, copied[i], json_get(report, copied[i]));
	put_figures(w, report);
}

static void put_notes(struct jw *w, const struct json *notes)
{
	const struct json *publish = json_get(notes, "publish");

	copy(w, "name", json_get(notes, "name"));
	copy(w, "segment", json_get(json_get(notes, "segment"), "query"));
	copy(w, "priority", json_get(json_get(notes, "segment"), "priority"));
	copy(w, "source", json_get(notes, "source"));
	if (publish == NULL || json_bool(json_get(publish, "done"), false))
		return;
	jw_key(w, "approval");
	jw_obj(w);
	jw_kbool(w, "waits", true);
	copy(w, "asked_by", json_get(publish, "asked_by"));
	model_json_time(w, "asked_at", json_int(json_get(publish, "asked_at"), 0));
	copy(w, "note", json_get(publish, "note"));
	jw_end_obj(w);
}

void model_json_item(struct jw *w, struct model_store *st, const struct version_info *v)
{
	struct err problem = { 0 };
	struct json *notes = NULL, *report = NULL;
	char name[16];

	snprintf(name, sizeof(name), "v%u", v->number);
	jw_kz(w, "version", name);
	jw_kz(w, "state", version_state_name(v->state));
	model_json_time(w, "created_at", v->created * 1000);
	if (v->published != 0)
		model_json_time(w, "published_at", v->published * 1000);
	if (v->problem[0] != '\0' || notes_read(st, v->number, &notes, &problem) == -1 ||
		(report = model_json_report(st, v->number, &problem)) == NULL) {
		jw_kz(w, "problem", v->problem[0] != '\0' ? v->problem : problem.msg);
	} else {
		put_report(w, report);
		put_notes(w, notes);
	}
	json_free(report);
	json_free(notes);
}

/* --- figures --- */

static void put_intervals(struct jw *w, const struct json *oof)
{
	for (size_t i = 0; i < N_FIGURES; i++)
		copy(w, figures[i], json_get(oof, figures[i]));
}

static void put_reliability(struct jw *w, const struct json *bins)
{
	static const char *const names[][2] = { { "low", "from" }, { "high", "to" }, { "n", "n" },
		{ "won", "won" }, { "mean", "mean_p" }, { "rate", "rate" },
		{ "rate_low", "rate_low" }, { "rate_high", "rate_high" } };

	jw_key(w, "reliability");
	jw_arr(w);
	for (size_t i = 0; i < json_len(bins); i++) {
		const struct json *bin = json_at(bins, i);

		if (json_num(json_get(bin, "n"), 0) == 0)
			continue; /* an empty bin has no rate to draw */
		jw_obj(w);
		for (size_t k = 0; k < sizeof(names) / sizeof(*names); k++)
			copy(w, names[k][0], json_get(bin, names[k][1]));
		jw_end_obj(w);
	}
	jw_end_arr(w);
}

static void put_points(struct jw *w, const char *key, const struct json *x, const struct json *y)
{
	jw_key(w, key);
	jw_arr(w);
	for (size_t i = 0; i < json_len(x) && i < json_len(y); i++) {
		jw_arr(w);
		jw_num(w, json_num(json_at(x, i), NAN));
		jw_num(w, json_num(json_at(y, i), NAN));
		jw_end_arr(w);
	}
	jw_end_arr(w);
}

static void put_histogram(struct jw *w, const struct json *curves)
{
	const struct json *won = json_get(curves, "histogram_won");
	const struct json *lost = json_get(curves, "histogram_lost");
	double to = json_num(json_get(curves, "histogram_to"), 1);
	size_t n = json_len(won);

	jw_key(w, "histogram");
	jw_arr(w);
	for (size_t i = 0; i < n; i++) {
		jw_obj(w);
		jw_knum(w, "low", to * (double)i / (double)n);
		jw_knum(w, "high", to * (double)(i + 1) / (double)n);
		jw_kint(w, "won", json_int(json_at(won, i), 0));
		jw_kint(w, "lost", json_int(json_at(lost, i), 0));
		jw_end_obj(w);
	}
	jw_end_arr(w);
}

static void put_curves(struct jw *w, const struct json *curves)
{
	if (json_type(curves) != J_OBJ)
		return;
	put_points(w, "roc", json_get(curves, "roc_x"), json_get(curves, "roc_y"));
	put_points(w, "pr", json_get(curves, "pr_x"), json_get(curves, "pr_y"));
	copy(w, "gain", json_get(curves, "gain"));
	put_histogram(w, curves);
}

static void put_baselines(struct jw *w, const struct json *baselines)
{
	jw_key(w, "baselines");
	jw_obj(w);
	for (size_t i = 0; i < json_len(baselines); i++) {
		struct str key;
		const struct json *b = json_member(baselines, i, &key);

		jw_key_str(w, key);
		jw_obj(w);
		put_intervals(w, b);
		copy(w, "lift", json_get(b, "top"));
		jw_end_obj(w);
	}
	jw_end_obj(w);
}

static void put_out_of_fold(struct jw *w, const struct json *oof)
{
	static const char *const copied[] = { "split", "from", "rows", "won", "lost", "base_rate",
		"mean_probability", "resamples" };

	for (size_t i = 0; i < sizeof(copied) / sizeof(*copied); i++)
		copy(w, copied[i], json_get(oof, copied[i]));
	put_intervals(w, oof);
	put_reliability(w, json_get(oof, "reliability"));
	copy(w, "lift", json_get(oof, "top"));
	put_baselines(w, json_get(oof, "baselines"));
}

/* --- at the thresholds, which may have been changed since training --- */

static void put_confusion(struct jw *w, const struct eval_rows *rows, const char *band, double at)
{
	struct eval_confusion c = eval_confusion(rows, at);

	jw_obj(w);
	jw_kz(w, "band", band);
	jw_knum(w, "threshold", c.threshold);
	jw_kint(w, "true_won", (int64_t)c.tp);
	jw_kint(w, "false_won", (int64_t)c.fp);
	jw_kint(w, "false_lost", (int64_t)c.fn);
	jw_kint(w, "true_lost", (int64_t)c.tn);
	jw_end_obj(w);
}

static void put_by_heat(struct jw *w, const struct eval_rows *rows, const struct bands *b)
{
	struct eval_bin bin[HEAT_COUNT];
	size_t open[HEAT_COUNT];

	eval_bands(rows, b, NULL, bin, open);
	jw_key(w, "by_heat");
	jw_arr(w);
	for (int h = 0; h < HEAT_COUNT; h++) {
		jw_obj(w);
		jw_kz(w, "heat", heat_name((enum heat)h));
		jw_kint(w, "leads", (int64_t)bin[h].n);
		jw_kint(w, "won", (int64_t)bin[h].won);
		jw_knum(w, "promised", bin[h].mean_p);
		jw_knum(w, "conversion", bin[h].rate);
		jw_knum(w, "low", bin[h].rate_low);
		jw_knum(w, "high", bin[h].rate_high);
		jw_end_obj(w);
	}
	jw_end_arr(w);
}

static int put_thresholds(struct jw *w, struct model_store *st, uint32_t number,
	const struct json *report, struct err *e)
{
	struct bands b = { 0 };
	struct holdout h = { 0 };
	struct eval_rows rows;
	int set = notes_bands(st, number, &b, e), rc = -1;

	if (set == -1 || (set == 0 && bands_read(json_get(report, "bands"), &b, e) == -1))
		return -1;
	if (bands_holdout(st, number, &h, e) == -1)
		return -1;
	rc = 0;
	/* Rows that the budget did not pay for have no probability. */
	for (size_t i = 0; i < h.n && h.k == 1; i++)
		if (isnan(h.p[i])) {
			h.p[i] = 0;
			h.y[i] = OUTCOME_OPEN;
		}
	rows = (struct eval_rows){ h.p, h.y, h.n };
	jw_key(w, "bands");
	bands_write(w, &b);
	if (h.k == 1) {
		jw_key(w, "confusion");
		jw_arr(w);
		put_confusion(w, &rows, "hot", b.hot);
		put_confusion(w, &rows, "warm", b.warm);
		jw_end_arr(w);
		put_by_heat(w, &rows, &b);
	}
	holdout_clear(&h);
	return rc;
}

int model_json_metrics(struct jw *w, struct model_store *st, uint32_t number, struct err *e)
{
	struct json *report = model_json_report(st, number, e);
	const struct json *all;
	char name[16];
	int rc;

	if (report == NULL)
		return -1;
	all = json_get(report, "figures");
	snprintf(name, sizeof(name), "v%u", number);
	jw_kz(w, "version", name);
	put_out_of_fold(w, json_get(all, "out_of_fold"));
	if (json_type(json_get(all, "time_ordered")) == J_OBJ) {
		jw_key(w, "time_ordered");
		jw_obj(w);
		put_out_of_fold(w, json_get(all, "time_ordered"));
		jw_end_obj(w);
	}
	put_curves(w, json_get(report, "curves"));
	copy(w, "groups", json_get(report, "groups"));
	rc = put_thresholds(w, st, number, report, e);
	json_free(report);
	return rc;
}

/* --- gate, comparison --- */

void model_json_moves(struct jw *w, const size_t moved[3][3])
{
	jw_arr(w);
	for (int i = 0; i < HEAT_COUNT; i++) {
		jw_arr(w);
		for (int k = 0; k < HEAT_COUNT; k++)
			jw_int(w, (int64_t)moved[i][k]);
		jw_end_arr(w);
	}
	jw_end_arr(w);
}

void model_json_gate(struct jw *w, uint32_t number, const struct registry_gate *g)
{
	char name[16];

	snprintf(name, sizeof(name), "v%u", number);
	jw_kz(w, "version", name);
	jw_kbool(w, "open", g->open);
	jw_kz(w, "why", g->has_live ? g->why : "no other version is live where this one would be");
	jw_key(w, "live");
	snprintf(name, sizeof(name), "v%u", g->live);
	if (g->has_live)
		jw_z(w, name);
	else
		jw_null(w);
	jw_kint(w, "shared_rows", (int64_t)g->compare.shared);
	if (!g->has_live || !g->compare.comparable)
		return;
	jw_key(w, "compare");
	jw_obj(w);
	eval_compare_write(w, &g->compare.figures);
	jw_end_obj(w);
	jw_key(w, "moves");
	model_json_moves(w, g->compare.moved);
}
