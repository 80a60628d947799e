/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "leads/background.h"
#include "leads/drifting.h"
#include "leads/lead_table.h"
#include "leads/live_results.h"
#include "leads/watch.h"
#include "leads/workroom.h"
#include "model/model.h"
#include "model/model_store.h"
#include "model/registry.h"
#include "obs/log.h"
#include "obs/metrics.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"
#include "util/when.h"

#define LATEST S("drift.latest")

enum { FEW = 100, MONTH_DAYS = 30 };

struct watcher {
	const struct watch_opts *o;
	uint32_t version;
	int64_t since_ms;
	struct model *model;
	struct workroom room;
	char *path, *rejects;
	const char *leads; /* which were looked at */
	struct buf drift;  /* the JSON of drifting_run; empty: there were no leads */
	struct json *report;
	struct live_results live;
};

int watch_published(struct model_store *st, uint32_t *version, int64_t *since_ms, struct err *e)
{
	struct version_info *v;
	bool draft = false;
	size_t n;
	int rc;

	*since_ms = MS_NONE;
	if ((rc = registry_pick(st, S(""), version, &draft, e)) == -1)
		return -1;
	if (rc == 0 || draft) {
		*version = 0;
		return 0;
	}
	if (registry_list(st, &v, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (v[i].number == *version)
			*since_ms = v[i].published * 1000;
	free(v);
	return 0;
}

/* --- the leads --- */

static int write_leads(
	struct watcher *w, int64_t since_ms, struct lead_table_result *r, struct err *e)
{
	const struct query_value since = { S(""), (double)since_ms };
	const struct query_filter newer = { { .field = LF_INSERTED_AT }, QUERY_GTE, &since, 1 };
	struct lead_query q = {
		.filters = &newer, .n_filters = since_ms == MS_NONE ? 0 : 1, .at = NAN
	};
	struct lead_table_opts o = { .store = w->o->store,
		.query = &q,
		.model = w->model->profile,
		.progress = w->o->progress };

	return lead_table_write(&o, w->path, r, e);
}

/* Leads that came since the version was published; while those are few, those of the last month,
 * else all. */
static int collect(struct watcher *w, struct err *e)
{
	const int64_t month = w->o->now_ms - MONTH_DAYS * WHEN_DAY_MS;
	const struct {
		int64_t since;
		const char *name;
	} tries[] = { { w->since_ms, "since_published" }, { month, "last_30_days" },
		{ MS_NONE, "all" } };
	struct lead_table_result r = { 0 };
	struct err mine;

	for (size_t i = 0; i < 3; i++) {
		mine = (struct err){ 0 };
		w->leads = tries[i].name;
		if (write_leads(w, tries[i].since, &r, &mine) == -1 && mine.code != ERR_INPUT) {
			if (e != NULL)
				*e = mine;
			return -1;
		}
		if (mine.code == ERR_OK && r.rows >= FEW)
			return 1;
	}
	return mine.code == ERR_OK; /* all of them, few as they are; or none at all */
}

static int measure(void *arg, struct err *e)
{
	struct watcher *w = arg;
	const double now = (double)w->o->now_ms / (double)WHEN_DAY_MS;
	struct drifting_opts o = { .path = w->path,
		.model = w->model,
		.as_of = now,
		.today = now,
		.seed = 1,
		.rejects = w->rejects,
		.progress = w->o->progress };

	return drifting_run(&o, &w->drift, e);
}

/* --- the report --- */

static bool is_off(const struct live_results *l)
{
	return l->eval.rows != 0 && l->verdict.kind != VERDICT_CALIBRATED &&
	       l->verdict.kind != VERDICT_TOO_FEW;
}

/* How many columns that the model reads have moved, or moved strongly. */
static size_t moved(const struct watcher *w)
{
	const struct json *cols = json_get(w->report, "columns");
	size_t n = 0;

	for (size_t i = 0; i < json_len(cols); i++) {
		struct str v = json_str(json_get(json_at(cols, i), "verdict"), S(""));

		n += json_bool(json_get(json_at(cols, i), "used"), false) &&
		     (str_eq(v, S("moved")) || str_eq(v, S("strong")));
	}
	return n;
}

static void put_columns(struct jw *w, const struct json *cols)
{
	static const char *const copied[] = { "psi", "psi_by_chance", "p", "verdict", "used",
		"text", "missing", "unseen", "largest_change" };

	jw_arr(w);
	for (size_t i = 0; i < json_len(cols); i++) {
		const struct json *c = json_at(cols, i);

		jw_obj(w);
		jw_kstr(w, "name", json_str(json_get(c, "column"), S("")));
		for (size_t k = 0; k < sizeof(copied) / sizeof(*copied); k++)
			if (json_get(c, copied[k]) != NULL) {
				jw_key(w, copied[k]);
				jw_put(w, json_get(c, copied[k]));
			}
		jw_end_obj(w);
	}
	jw_end_arr(w);
}

static void put_heat(struct jw *w, const struct json *heat)
{
	static const char *const when[] = { "then", "now" };

	jw_obj(w);
	for (size_t k = 0; k < 2; k++) {
		jw_key(w, when[k]);
		jw_obj(w);
		for (int h = 0; h < HEAT_COUNT; h++) {
			const struct json *v = json_get(heat, heat_name((enum heat)h));

			jw_knum(w, heat_name((enum heat)h), json_num(json_get(v, when[k]), NAN));
		}
		jw_end_obj(w);
	}
	jw_end_obj(w);
}

static void put_live(struct jw *w, const struct live_results *l)
{
	jw_obj(w);
	jw_kint(w, "rows", (int64_t)l->eval.rows);
	if (l->eval.rows != 0) {
		jw_knum(w, "expected", l->verdict.expected);
		jw_knum(w, "seen", l->verdict.seen);
		jw_kz(w, "verdict", verdict_name(l->verdict.kind));
		jw_kz(w, "text", l->verdict.text);
		jw_key(w, "figures");
		live_results_write(w, l);
	}
	jw_end_obj(w);
}

static void put_time(struct jw *w, const char *key, int64_t ms)
{
	char text[WHEN_TEXT];

	when_write(ms, text);
	jw_kz(w, key, text);
}

static void put_text(struct jw *w, const struct watcher *v, size_t n_moved)
{
	struct buf b = { 0 };

	buf_str(&b, json_str(json_get(v->report, "summary"), S("No leads to look at.")));
	if (v->live.eval.rows != 0)
		buf_fmt(&b, " Outcomes since publishing: %s", v->live.verdict.text);
	if (n_moved != 0)
		buf_fmt(&b, " %zu column%s that the model reads moved: a new training may pay.",
			n_moved, n_moved == 1 ? "" : "s");
	jw_kstr(w, "text", buf_view(&b));
	buf_clear(&b);
}

static int put_report(struct watcher *v, struct buf *out, bool *alert, struct err *e)
{
	const struct json *scores = json_get(v->report, "scores");
	struct str mix = json_str(json_get(scores, "verdict"), S(""));
	struct jw w = { .b = out };
	size_t n = moved(v);
	bool off = is_off(&v->live);

	*alert = off || n != 0 || str_eq(mix, S("moved")) || str_eq(mix, S("strong"));
	jw_obj(&w);
	jw_kz(&w, "model", v->model->version);
	put_time(&w, "at", v->o->now_ms);
	put_time(&w, "since", v->since_ms);
	jw_kz(&w, "verdict", off ? "off" : *alert ? "moved" : "fine");
	jw_kbool(&w, "alert", *alert);
	put_text(&w, v, n);
	jw_kz(&w, "leads", v->leads);
	jw_kint(&w, "rows", json_int(json_get(v->report, "rows"), 0));
	jw_knum(&w, "expected_wins", json_num(json_get(v->report, "expected_wins"), 0));
	jw_key(&w, "columns");
	put_columns(&w, json_get(v->report, "columns"));
	jw_key(&w, "scores");
	jw_put(&w, scores);
	jw_key(&w, "heat");
	put_heat(&w, json_get(v->report, "heat"));
	jw_key(&w, "live");
	put_live(&w, &v->live);
	jw_end_obj(&w);
	return buf_done(out, e);
}

static void tell(const struct watcher *w, bool alert)
{
	size_t n = moved(w);

	metrics_set(METRIC_model_drifted_columns, (double)n);
	metrics_set(METRIC_model_live_off, is_off(&w->live));
	metrics_set(METRIC_model_live_rows, (double)w->live.eval.rows);
	if (alert)
		LOG_WARN("model.drift", LOG_Z("model", w->model->version),
			LOG_U64("columns_moved", n), LOG_BOOL("calibration_off", is_off(&w->live)),
			LOG_U64("outcomes", w->live.eval.rows));
	else
		LOG_INFO("model.watched", LOG_Z("model", w->model->version),
			LOG_U64("outcomes", w->live.eval.rows));
}

static int keep(struct watcher *w, struct str json, struct err *e)
{
	struct setting x = { .key = LATEST, .value = json, .updated_ms = w->o->now_ms };

	return w->o->store->settings->put(w->o->store, &x, UINT64_MAX, e);
}

/* --- the whole --- */

static int look(struct watcher *w, struct err *e)
{
	int any;

	if (workroom_open(&w->room, w->o->data, e) == -1 ||
		(w->path = workroom_path(&w->room, S("leads.csv"), e)) == NULL ||
		(w->rejects = workroom_path(&w->room, S("rejects.csv"), e)) == NULL ||
		(any = collect(w, e)) == -1)
		return -1;
	if (any == 1 && (background_run(measure, w, e) == -1 ||
				(w->report = json_parse(buf_view(&w->drift), e)) == NULL))
		return -1;
	return live_results(
		w->o->store, w->model->version, w->since_ms, &w->model->bands, &w->live, e);
}

int watch_run(const struct watch_opts *o, struct buf *json, bool *alert, struct err *e)
{
	struct watcher w = { .o = o };
	int rc = -1;

	*alert = false;
	if (watch_published(o->models, &w.version, &w.since_ms, e) == -1)
		return -1;
	if (w.version == 0)
		return err_set(e, ERR_NOT_FOUND, "no model is published, so nothing can drift yet");
	if ((w.model = model_load(o->models, w.version, MODEL_WITH_REPORT, e)) != NULL &&
		look(&w, e) == 0 && put_report(&w, json, alert, e) == 0 &&
		keep(&w, buf_view(json), e) == 0) {
		tell(&w, *alert);
		rc = 0;
	}
	json_free(w.report);
	buf_clear(&w.drift);
	free(w.path);
	free(w.rejects);
	workroom_close(&w.room);
	model_free(w.model);
	return rc;
}

int watch_latest(struct store *s, struct arena *a, struct str *json, struct err *e)
{
	struct setting x;

	if (s->settings->get(s, LATEST, a, &x, e) == -1)
		return -1;
	*json = x.value;
	return 0;
}
