/* SPDX-License-Identifier: Apache-2.0 */
/* The morning page: what there is, what is new since yesterday, whom to work now. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "api/lead_call.h"
#include "api/lead_list.h"
#include "api/lead_schemas.h"
#include "api/model_json.h"
#include "api/routes.h"
#include "http/respond.h"
#include "leads/analytics.h"
#include "leads/lead_json.h"
#include "leads/live.h"
#include "leads/queue.h"
#include "leads/watch.h"
#include "obs/health.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"
#include "util/when.h"

enum { QUEUE_SHOWN = 20, MOVED_LOOKED_AT = 5000 };

struct overview {
	struct req *r;
	struct store *store;
	struct live_model *model;
	struct query q; /* what the caller sees */
	struct analytics analytics;
	struct analytics_count all;
	int64_t now_ms, yesterday_ms;
	struct jw w;
};

/* --- counts --- */

static void put_totals(struct overview *o)
{
	struct jw *w = &o->w;

	jw_key(w, "totals");
	jw_obj(w);
	jw_kint(w, "leads", (int64_t)o->all.leads);
	jw_kint(w, "won", (int64_t)o->all.outcome[LEAD_WON]);
	jw_kint(w, "lost", (int64_t)o->all.outcome[LEAD_LOST]);
	jw_kint(w, "open", (int64_t)o->all.outcome[LEAD_OPEN]);
	analytics_rate(w, &o->all);
	jw_end_obj(w);
	jw_key(w, "heat");
	jw_obj(w);
	for (unsigned h = 0; h < LEAD_NO_HEAT; h++)
		jw_kint(w, field_choice(LF_HEAT, h), (int64_t)o->all.heat[h]);
	jw_end_obj(w);
}

/* How many pass ${q} and one more filter. */
static int count_with(struct overview *o, const struct query_filter *more, size_t n,
	struct analytics_count *out, struct err *e)
{
	struct query q = o->q;
	struct analytics a = o->analytics;

	for (size_t i = 0; i < n; i++) {
		ASSERT(q.n_filters < QUERY_FILTERS_MAX);
		q.filters[q.n_filters++] = more[i];
	}
	a.q = &q;
	return analytics_all(&a, out, e);
}

/* Leads whose score was made since yesterday, and was in another band before: at most the newest so
 * many are looked at, as publishing a model scores all of them. */
static int count_moved(struct overview *o, uint64_t *hotter, uint64_t *cooler, struct err *e)
{
	struct query_value at = { .text = S(""), .number = (double)o->yesterday_ms };
	struct lead_query to = { .limit = MOVED_LOOKED_AT, .at = NAN };
	struct query q = o->q;
	struct arena mem = { .cap = (size_t)64 << 20 };
	struct lead_page page;
	int rc;

	q.filters[q.n_filters++] = (struct query_filter){
		.column = { .field = LF_SCORED_AT }, .op = QUERY_GTE, .values = &at, .n = 1
	};
	query_to(&q, &to);
	to.sort = QUERY_NO_COLUMN;
	*hotter = *cooler = 0;
	if ((rc = o->store->leads->list(o->store, &to, &mem, &page, e)) == 0)
		for (size_t i = 0; i < page.n; i++) {
			const struct lead *l = &page.leads[i];
			bool before = l->score.previous_ms != MS_NONE &&
				      l->score.previous_ms < l->score.scored_ms;

			if (l->score.heat == LEAD_HOT &&
				(l->inserted_ms >= o->yesterday_ms ||
					(before && l->score.previous_heat != LEAD_HOT)))
				++*hotter;
			else if (before && l->score.heat > l->score.previous_heat)
				++*cooler;
		}
	arena_clear(&mem);
	return rc;
}

static int count_imports(struct overview *o, uint64_t *n, struct err *e)
{
	struct upload *u;
	struct str next;
	size_t found;

	*n = 0;
	if (o->store->uploads->list(o->store, 200, S(""), req_arena(o->r), &u, &found, &next, e) ==
		-1)
		return -1;
	for (size_t i = 0; i < found; i++)
		*n += u[i].created_ms >= o->yesterday_ms && u[i].state == UPLOAD_DONE;
	return 0;
}

static int put_model_changes(struct overview *o, struct err *e)
{
	struct version_info *v = NULL;
	size_t n = 0;
	char version[16];

	if (registry_list(api_of(o->r)->models, &v, &n, e) == -1)
		return -1;
	jw_key(&o->w, "model_changes");
	jw_arr(&o->w);
	for (size_t i = 0; i < n; i++) {
		if (v[i].published * 1000 < o->yesterday_ms)
			continue;
		snprintf(version, sizeof(version), "v%u", v[i].number);
		jw_obj(&o->w);
		jw_kz(&o->w, "version", version);
		lead_json_time(&o->w, "published_at", v[i].published * 1000);
		jw_end_obj(&o->w);
	}
	jw_end_arr(&o->w);
	free(v);
	return 0;
}

static int put_yesterday(struct overview *o, struct err *e)
{
	struct query_value at = { .text = S(""), .number = (double)o->yesterday_ms };
	struct query_filter inserted = { { .field = LF_INSERTED_AT }, QUERY_GTE, &at, 1 };
	struct query_filter decided = { { .field = LF_OUTCOME_AT }, QUERY_GTE, &at, 1 };
	struct analytics_count new, ended;
	uint64_t hotter, cooler, imports;
	struct jw *w = &o->w;

	if (count_with(o, &inserted, 1, &new, e) == -1 ||
		count_with(o, &decided, 1, &ended, e) == -1 ||
		count_moved(o, &hotter, &cooler, e) == -1 || count_imports(o, &imports, e) == -1)
		return -1;
	jw_key(w, "since_yesterday");
	jw_obj(w);
	jw_kint(w, "new_leads", (int64_t) new.leads);
	jw_kint(w, "new_hot", (int64_t)hotter);
	jw_kint(w, "cooled", (int64_t)cooler);
	jw_key(w, "outcomes");
	jw_obj(w);
	jw_kint(w, "won", (int64_t)ended.outcome[LEAD_WON]);
	jw_kint(w, "lost", (int64_t)ended.outcome[LEAD_LOST]);
	jw_end_obj(w);
	jw_kint(w, "imports", (int64_t)imports);
	if (put_model_changes(o, e) == -1)
		return -1;
	jw_end_obj(w);
	return 0;
}

/* Scores of earlier values, and scores by another model than the one that scores now. */
static int put_stale(struct overview *o, struct err *e)
{
	struct query_value yes = { S("yes"), 1 }, no = { S("no"), 0 };
	struct query_value now = { str_of(live_version(o->model)), NAN };
	const struct query_filter old[] = { { { .field = LF_STALE }, QUERY_EQ, &yes, 1 } };
	const struct query_filter other[] = { { { .field = LF_STALE }, QUERY_EQ, &no, 1 },
		{ { .field = LF_MODEL }, QUERY_NE, &now, 1 } };
	struct analytics_count a, b;

	if (count_with(o, old, 1, &a, e) == -1 || count_with(o, other, 2, &b, e) == -1)
		return -1;
	jw_kint(&o->w, "stale_scores", (int64_t)(a.leads + b.leads));
	return 0;
}

/* --- the model --- */

static void copy_member(struct jw *w, const struct json *from, const char *key)
{
	const struct json *v = json_get(from, key);

	if (json_type(v) == J_STR)
		jw_kstr(w, key, json_str(v, S("")));
	else if (json_type(v) == J_NUM)
		jw_knum(w, key, json_num(v, 0));
}

static int put_drift(struct overview *o, struct err *e)
{
	static const char *const live[] = { "rows", "expected", "seen", "verdict", "text" };
	struct jw *w = &o->w;
	struct json *report;
	struct str text;

	if (watch_latest(o->store, req_arena(o->r), &text, e) == -1)
		return -1;
	if (text.n == 0 || (report = json_parse(text, NULL)) == NULL)
		return 0;
	jw_key(w, "drift");
	jw_obj(w);
	copy_member(w, report, "verdict");
	copy_member(w, report, "at");
	copy_member(w, report, "text");
	jw_end_obj(w);
	if (json_type(json_get(report, "live")) == J_OBJ) {
		jw_key(w, "live");
		jw_obj(w);
		for (size_t i = 0; i < sizeof(live) / sizeof(*live); i++)
			copy_member(w, json_get(report, "live"), live[i]);
		jw_end_obj(w);
	}
	json_free(report);
	return 0;
}

static int put_model(struct overview *o, struct err *e)
{
	struct model_store *st = api_of(o->r)->models;
	uint32_t number = live_number(o->model);
	struct version_info *v = NULL;
	struct jw *w = &o->w;
	size_t n = 0;

	if (number != 0 && registry_list(st, &v, &n, e) == -1)
		return -1;
	jw_key(w, "model");
	jw_obj(w);
	if (number == 0)
		jw_kz(w, "version", "rule");
	for (size_t i = 0; i < n; i++)
		if (v[i].number == number)
			model_json_item(w, st, &v[i]);
	free(v);
	if (number != 0 && put_drift(o, e) == -1)
		return -1;
	jw_end_obj(w);
	return 0;
}

/* --- the rest --- */

static int put_queue(struct overview *o, struct err *e)
{
	static const struct lead_list_shown all;
	struct lead_page page;

	if (queue_page(o->store, &o->q, QUEUE_SHOWN, S(""), req_arena(o->r), &page, e) == -1)
		return -1;
	jw_key(&o->w, "queue");
	jw_arr(&o->w);
	if (lead_list_items(o->r, &page, &all, true, &o->w, e) == -1)
		return -1;
	jw_end_arr(&o->w);
	return 0;
}

static int put_last_import(struct overview *o, struct err *e)
{
	struct jw *w = &o->w;
	struct upload *u;
	struct str next;
	size_t n;

	if (o->store->uploads->list(o->store, 1, S(""), req_arena(o->r), &u, &n, &next, e) == -1)
		return -1;
	if (n == 0)
		return 0;
	jw_key(w, "last_import");
	jw_obj(w);
	lead_json_id(w, "id", u->id);
	jw_kstr(w, "filename", u->filename);
	jw_kz(w, "state", upload_state_name(u->state));
	lead_json_time(w, "created_at", u->created_ms);
	lead_json_time(w, "finished_at", u->finished_ms);
	jw_key(w, "rows");
	jw_obj(w);
	jw_kint(w, "read", (int64_t)u->progress.rows.read);
	jw_kint(w, "created", (int64_t)u->progress.rows.created);
	jw_kint(w, "updated", (int64_t)u->progress.rows.updated);
	jw_kint(w, "unchanged", (int64_t)u->progress.rows.unchanged);
	jw_kint(w, "rejected", (int64_t)u->progress.rows.rejected);
	jw_end_obj(w);
	jw_end_obj(w);
	return 0;
}

static int put_capacity(struct overview *o, struct err *e)
{
	struct query_value open = { S("open"), LEAD_OPEN };
	struct query_filter is_open = { { .field = LF_OUTCOME }, QUERY_EQ, &open, 1 };
	struct analytics_count c;
	struct setting set;
	struct json *v;
	double per_day;

	if (o->store->settings->get(o->store, S("capacity_per_day"), req_arena(o->r), &set, e) ==
		-1)
		return -1;
	v = set.value.n > 0 ? json_parse(set.value, NULL) : NULL;
	per_day = json_num(v, NAN);
	json_free(v);
	if (!(per_day > 0))
		return 0;
	if (count_with(o, &is_open, 1, &c, e) == -1)
		return -1;
	jw_key(&o->w, "capacity");
	jw_obj(&o->w);
	jw_knum(&o->w, "per_day", per_day);
	jw_kint(&o->w, "hot_open", (int64_t)c.heat[LEAD_HOT]);
	jw_end_obj(&o->w);
	return 0;
}

static int put_all(struct overview *o, struct err *e)
{
	struct jw *w = &o->w;

	jw_obj(w);
	lead_json_time(w, "as_of", o->now_ms);
	put_totals(o);
	if (put_yesterday(o, e) == -1 || put_model(o, e) == -1 || put_queue(o, e) == -1)
		return -1;
	jw_key(w, "health");
	jw_obj(w);
	health_print(api_of(o->r)->health, w, true);
	jw_end_obj(w);
	if (put_stale(o, e) == -1 || put_last_import(o, e) == -1 || put_capacity(o, e) == -1)
		return -1;
	jw_end_obj(w);
	return 0;
}

static int overview(struct req *r, struct err *e)
{
	static const char *const others[] = { NULL };
	struct overview *o = arena_alloc(req_arena(r), sizeof(*o));
	struct buf b = { 0 };
	int rc;

	if (o == NULL)
		return err_nomem(e);
	o->r = r;
	o->store = api_of(r)->store;
	o->now_ms = clock_ms();
	o->yesterday_ms = o->now_ms - WHEN_DAY_MS;
	o->w.b = &b;
	if (lead_call_query(r, others, &o->q, e) == -1)
		return -1;
	o->analytics = (struct analytics){ o->store, req_arena(r), &o->q, o->now_ms };
	if (analytics_all(&o->analytics, &o->all, e) == -1)
		return -1;
	o->model = live_hold(api_of(r)->live);
	rc = put_all(o, e);
	live_drop(o->model);
	if (rc == 0)
		return lead_call_respond(r, 200, &b, e);
	buf_clear(&b);
	return -1;
}

static int queue(struct req *r, struct err *e)
{
	static const char *const others[] = { "limit", "cursor", NULL };
	static const struct lead_list_shown all;
	struct lead_page page;
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	struct query q;
	struct str cursor;

	if (lead_call_query(r, others, &q, e) == -1 || lead_call_cursor(r, &cursor, e) == -1)
		return -1;
	if (queue_page(api_of(r)->store, &q, (size_t)req_int(r, "limit", 20), cursor, req_arena(r),
		    &page, e) == -1)
		return -1;
	jw_obj(&w);
	jw_key(&w, "items");
	jw_arr(&w);
	if (lead_list_items(r, &page, &all, true, &w, e) == -1) {
		buf_clear(&b);
		return -1;
	}
	jw_end_arr(&w);
	lead_call_next(&w, "next_cursor", page.next_cursor);
	jw_end_obj(&w);
	return lead_call_respond(r, 200, &b, e);
}

static const struct param overview_query[] = {
	{ "view", "str", 0, 40, NULL, "Of these leads only, as in the list", false },
	{ 0 },
};
static const struct param queue_query[] = {
	{ "limit", "int", 1, 100, "20", "Page size", false },
	{ "cursor", "str", 0, 4000, NULL, "next_cursor of the page before", false },
	{ "q", "str", 0, 500, NULL, "As in the list", false },
	{ "view", "str", 0, 40, NULL, "As in the list", false },
	{ "*", "filter", 0, 0, NULL, "As in the list; owner=NAME for one person's", false },
	{ 0 },
};

static const struct route routes[] = {
	{ .method = M_GET,
		.path = "/api/v1/overview",
		.fn = overview,
		.role = ROLE_VIEWER,
		.scope = SCOPE_READ,
		.doc = { .id = "getOverview",
			.summary = "The morning page in one answer",
			.query = overview_query,
			.response = "Overview",
			.statuses = "200 422" } },
	{ .method = M_GET,
		.path = "/api/v1/queue",
		.fn = queue,
		.role = ROLE_VIEWER,
		.scope = SCOPE_READ,
		.doc = { .id = "getQueue",
			.summary =
				"Whom to work now: open leads that are no junk, ranked, with the "
				"main reason",
			.query = queue_query,
			.response = "LeadPage",
			.statuses = "200 422" } },
	{ 0 },
};

#define HEATS S_OBJ(S_M("hot", S_INT) "," S_M("warm", S_INT) "," S_M("cold", S_INT))

static const struct api_schema schemas[] = {
	{ "Overview",
		"{\"type\":\"object\",\"properties\":{\"as_of\":" S_TIME ",\"totals\":{\"type\":"
		"\"object\",\"properties\":{\"leads\":" S_INT ",\"won\":" S_INT ",\"lost\":" S_INT
		",\"open\":" S_INT ",\"conversion\":" S_PROB ",\"low\":" S_PROB ",\"high\":" S_PROB
		"},\"required\":[\"leads\",\"won\",\"lost\",\"open\"]},\"heat\":" HEATS
		",\"since_yesterday\":{\"type\":\"object\",\"properties\":{\"new_leads\":" S_INT
		",\"new_hot\":" S_INT ",\"cooled\":" S_INT ",\"outcomes\":{\"type\":\"object\","
		"\"properties\":{\"won\":" S_INT ",\"lost\":" S_INT "},\"required\":[\"won\","
		"\"lost\"]},\"imports\":" S_INT ",\"model_changes\":{\"type\":\"array\",\"items\":"
		"{\"type\":\"object\",\"properties\":{\"version\":" S_STR
		",\"published_at\":" S_TIME
		"}}}},\"required\":[\"new_leads\",\"new_hot\",\"cooled\",\"outcomes\",\"imports\","
		"\"model_changes\"]},\"model\":{\"type\":\"object\",\"properties\":{"
		"\"version\":" S_STR
		"},\"required\":[\"version\"]},\"queue\":{\"type\":\"array\",\"items\":" S_REF(
			"Lead") "},\"health\":{\"type\":\"object\"},\"stale_scores\":" S_INT
				",\"last_import\":{\"type\":\"object\",\"properties\":{"
				"\"id\":" S_ULID ",\"filename\":" S_STR ",\"state\":" S_STR
				",\"created_at\":" S_TIME ",\"finished_at\":" S_TIME
				",\"rows\":{\"type\":\"object\"}}},\"capacity\":{"
				"\"type\":\"object\",\"properties\":{\"per_day\":" S_NUM
				",\"hot_open\":" S_INT "}}},\"required\":[\"as_of\",\"totals\","
				"\"heat\",\"since_yesterday\",\"model\","
				"\"queue\",\"health\",\"stale_scores\"]}" },
	{ NULL, NULL },
};

const struct route_set overview_set = { "Overview", "The morning page and the queue of the day",
	routes, schemas };
