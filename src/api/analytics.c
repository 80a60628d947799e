/* SPDX-License-Identifier: Apache-2.0 */
/* What the leads add up to, and whether the model keeps its promises. */
#include <math.h>
#include <string.h>

#include "api/api.h"
#include "api/lead_call.h"
#include "api/lead_schemas.h"
#include "api/model_json.h"
#include "api/routes.h"
#include "http/respond.h"
#include "leads/analytics.h"
#include "leads/lead_json.h"
#include "leads/live.h"
#include "leads/live_results.h"
#include "leads/watch.h"
#include "model/evaluate.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"

/* Under so many outcomes what came since publishing says less than the rows the model was tested
 * on. */
enum { LIVE_LEAST = 100 };

static int start(struct req *r, const char *const *others, struct query *q, struct analytics *a,
	struct err *e)
{
	*a = (struct analytics){ api_of(r)->store, req_arena(r), q, clock_ms() };
	return lead_call_query(r, others, q, e);
}

static int heat(struct req *r, struct err *e)
{
	static const char *const others[] = { NULL };
	struct analytics a;
	struct query q;
	struct buf b = { 0 };
	struct jw w = { .b = &b };

	if (start(r, others, &q, &a, e) == -1)
		return -1;
	jw_obj(&w);
	jw_key(&w, "items");
	if (analytics_heat(&a, &w, e) == -1) {
		buf_clear(&b);
		return -1;
	}
	jw_end_obj(&w);
	return lead_call_respond(r, 200, &b, e);
}

static const enum lead_field by_fields[] = { LF_SOURCE, LF_REGION, LF_INDUSTRY, LF_OWNER,
	LF_CAMPAIGN, LF_COUNTRY, LF_STAGE, LF_STATUS, LF_COMPANY_SIZE };
#define BY_WORDS "source|region|industry|owner|campaign|country|stage|status|company_size"

static int sources(struct req *r, struct err *e)
{
	static const char *const others[] = { "field", "limit", NULL };
	struct analytics a;
	struct query q;
	struct buf b = { 0 };
	struct jw w = { .b = &b };

	if (start(r, others, &q, &a, e) == -1)
		return -1;
	jw_obj(&w);
	jw_key(&w, "items");
	if (analytics_sources(&a, by_fields[req_word(r, "field")], (size_t)req_int(r, "limit", 50),
		    &w, e) == -1) {
		buf_clear(&b);
		return -1;
	}
	jw_end_obj(&w);
	return lead_call_respond(r, 200, &b, e);
}

static int funnel(struct req *r, struct err *e)
{
	static const char *const others[] = { "by", NULL };
	int by = req_word(r, "by");
	struct analytics a;
	struct query q;
	struct buf b = { 0 };
	struct jw w = { .b = &b };

	if (start(r, others, &q, &a, e) == -1)
		return -1;
	if (analytics_funnel(&a, by < 0 ? LF_IGNORE : by_fields[by], &w, e) == -1) {
		buf_clear(&b);
		return -1;
	}
	return lead_call_respond(r, 200, &b, e);
}

static int trend(struct req *r, struct err *e)
{
	static const char *const others[] = { "days", NULL };
	struct analytics a;
	struct query q;
	struct buf b = { 0 };
	struct jw w = { .b = &b };

	if (start(r, others, &q, &a, e) == -1)
		return -1;
	jw_obj(&w);
	jw_key(&w, "items");
	if (analytics_trend(&a, (unsigned)req_int(r, "days", 90), &w, e) == -1) {
		buf_clear(&b);
		return -1;
	}
	jw_end_obj(&w);
	return lead_call_respond(r, 200, &b, e);
}

/* --- promises --- */

/* Counts per band that a lead had when it was decided, of this version since then. */
static int closing_counts(struct req *r, const char *version, int64_t since_ms,
	struct analytics_count c[LEAD_NO_HEAT + 1], struct err *e)
{
	static const char *const others[] = { "since", NULL };
	struct store *s = api_of(r)->store;
	struct lead_tally_by by[] = { { .column = { .field = LF_CLOSING_HEAT } },
		{ .column = { .field = LF_OUTCOME } } };
	struct query_value at = { .text = S(""), .number = (double)since_ms };
	struct lead_query to = { .limit = 1, .at = NAN };
	struct lead_tally *t;
	struct query q;
	size_t n;

	if (lead_call_query(r, others, &q, e) == -1 ||
		query_is(&q, LF_CLOSING_MODEL, str_of(version), e) == -1)
		return -1;
	if (q.n_filters == QUERY_FILTERS_MAX)
		return err_set(e, ERR_INPUT, "too many filters");
	q.filters[q.n_filters++] = (struct query_filter){
		.column = { .field = LF_OUTCOME_AT }, .op = QUERY_GTE, .values = &at, .n = 1
	};
	query_to(&q, &to);
	to.sort = QUERY_NO_COLUMN;
	if (s->leads->tally(s, &to, by, 2, req_arena(r), &t, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		double h = t[i].value[0].number, o = t[i].value[1].number;

		if (h >= 0 && h < LEAD_NO_HEAT && o >= 0 && o <= LEAD_LOST) {
			c[(int)h].leads += t[i].leads;
			c[(int)h].outcome[(int)o] += t[i].leads;
		}
	}
	return 0;
}

static int bands(struct req *r, struct err *e)
{
	struct api *api = api_of(r);
	struct analytics_count c[LEAD_NO_HEAT + 1] = { { 0 } };
	struct live_model *m = live_hold(api->live);
	struct live_results *results = arena_alloc(req_arena(r), sizeof(*results));
	bool all = !req_caller(r)->own_only, publish = req_word(r, "since") == 0;
	int64_t since = 0;
	uint32_t version;
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	int rc = -1;

	if (results == NULL) {
		err_nomem(e);
		goto done;
	}
	if (publish && watch_published(api->models, &version, &since, e) == -1)
		goto done;
	if (closing_counts(r, live_version(m), since, c, e) == -1)
		goto done;
	/* What was promised is a mean over the leads of all; somebody who sees only their own is
	 * not told of others'. */
	if (all &&
		live_results(api->store, live_version(m), since, live_bands(m), results, e) == -1)
		goto done;
	jw_obj(&w);
	jw_kz(&w, "model", live_version(m));
	if (since > 0)
		lead_json_time(&w, "since", since);
	jw_key(&w, "items");
	jw_arr(&w);
	for (unsigned h = 0; h < LEAD_NO_HEAT; h++) {
		jw_obj(&w);
		jw_kz(&w, "heat", field_choice(LF_HEAT, h));
		jw_kint(&w, "leads", (int64_t)c[h].leads);
		jw_kint(&w, "won", (int64_t)c[h].outcome[LEAD_WON]);
		jw_kint(&w, "lost", (int64_t)c[h].outcome[LEAD_LOST]);
		analytics_rate(&w, &c[h]);
		if (all && isfinite(results->promised[h]))
			jw_knum(&w, "promised", results->promised[h]);
		jw_end_obj(&w);
	}
	jw_end_arr(&w);
	jw_end_obj(&w);
	rc = 0;
done:
	live_drop(m);
	if (rc == 0)
		return lead_call_respond(r, 200, &b, e);
	buf_clear(&b);
	return -1;
}

/* --- reliability --- */

static void put_bin(struct jw *w, const struct eval_bin *b)
{
	jw_obj(w);
	jw_knum(w, "low", b->from);
	jw_knum(w, "high", b->to);
	jw_kint(w, "n", (int64_t)b->n);
	if (b->n > 0) {
		jw_knum(w, "mean", b->mean_p);
		jw_knum(w, "rate", b->rate);
		jw_knum(w, "rate_low", b->rate_low);
		jw_knum(w, "rate_high", b->rate_high);
	}
	jw_end_obj(w);
}

static void put_reliability(
	struct jw *w, const char *model, const char *source, const struct eval *v)
{
	jw_obj(w);
	jw_kz(w, "model", model);
	jw_kz(w, "source", source);
	jw_key(w, "bins");
	jw_arr(w);
	for (size_t i = 0; v != NULL && i < EVAL_BINS; i++)
		put_bin(w, &v->width[i]);
	jw_end_arr(w);
	if (v != NULL) {
		jw_kint(w, "rows", (int64_t)(v->won + v->lost));
		if (isfinite(v->ece.value))
			jw_knum(w, "ece", v->ece.value);
	}
	jw_end_obj(w);
}

/* Figures of the training rows, each scored by a model that had not seen it; false where the report
 * has none. */
static bool holdout_figures(struct req *r, uint32_t version, struct eval *out)
{
	struct json *report = model_json_report(api_of(r)->models, version, NULL);
	const struct json *figures = json_get(json_get(report, "figures"), "out_of_fold");
	bool ok = figures != NULL && eval_read(figures, out, NULL) == 0;

	json_free(report);
	return ok;
}

static int reliability(struct req *r, struct err *e)
{
	struct api *api = api_of(r);
	struct live_model *m = live_hold(api->live);
	struct live_results *results = arena_alloc(req_arena(r), sizeof(*results));
	bool live = !req_caller(r)->own_only && req_word(r, "source") != 1;
	int64_t since = 0;
	uint32_t version;
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	int rc = -1;

	if (results == NULL) {
		err_nomem(e);
		goto done;
	}
	if (watch_published(api->models, &version, &since, e) == -1)
		goto done;
	if (live &&
		live_results(api->store, live_version(m), since, live_bands(m), results, e) == -1)
		goto done;
	if (live && (results->eval.won + results->eval.lost >= LIVE_LEAST ||
			    req_word(r, "source") == 0))
		put_reliability(&w, live_version(m), "live", &results->eval);
	else if (live_number(m) != 0 && holdout_figures(r, live_number(m), &results->eval))
		put_reliability(&w, live_version(m), "holdout", &results->eval);
	else
		put_reliability(&w, live_version(m), "holdout", NULL);
	rc = 0;
done:
	live_drop(m);
	if (rc == 0)
		return lead_call_respond(r, 200, &b, e);
	buf_clear(&b);
	return -1;
}

/* --- routes --- */

#define FILTERS \
	{ "q", "str", 0, 500, NULL, "Of these leads only, as in the list", false }, \
		{ "view", "str", 0, 40, NULL, "Of these leads only, as in the list", false }, \
	{ \
		"*", "filter", 0, 0, NULL, "Of these leads only, as in the list", false \
	}

static const struct param heat_query[] = { FILTERS, { 0 } };
static const struct param sources_query[] = {
	{ "field", BY_WORDS, 0, 0, "source", "What to tell apart", false },
	{ "limit", "int", 1, 1000, "50", "At most so many values", false },
	FILTERS,
	{ 0 },
};
static const struct param funnel_query[] = {
	{ "by", BY_WORDS, 0, 0, NULL, "The same for each value of a field too", false },
	FILTERS,
	{ 0 },
};
static const struct param trend_query[] = {
	{ "days", "int", 1, 1100, "90", "How many days, today the last", false },
	FILTERS,
	{ 0 },
};
static const struct param bands_query[] = {
	{ "since", "publish|all", 0, 0, "publish", "Outcomes since the model was published, or all",
		false },
	FILTERS,
	{ 0 },
};
static const struct param reliability_query[] = {
	{ "source", "live|holdout", 0, 0, NULL,
		"What came since publishing, or the training rows; the former from 100 outcomes on",
		false },
	{ 0 },
};

#define READ .role = ROLE_VIEWER, .scope = SCOPE_READ
#define ROUTE(name, handler, params, id_, text_, schema) \
	{ \
		.method = M_GET, .path = "/api/v1/analytics/" name, .fn = handler, READ, \
		.doc = {.id = id_, \
			.summary = text_, \
			.query = params, \
			.response = schema, \
			.statuses = "200 422" } \
	}

static const struct route routes[] = {
	ROUTE("heat", heat, heat_query, "analyseHeat", "Leads and conversion by heat", "HeatTable"),
	ROUTE("sources", sources, sources_query, "analyseSources",
		"Leads, heat and conversion by source or another field", "SourceTable"),
	ROUTE("funnel", funnel, funnel_query, "analyseFunnel", "From leads to won ones", "Funnel"),
	ROUTE("trend", trend, trend_query, "analyseTrend", "New, won and lost leads by day",
		"Trend"),
	ROUTE("bands", bands, bands_query, "analyseBands",
		"How leads ended by the band they were in, and what was promised", "BandTable"),
	ROUTE("reliability", reliability, reliability_query, "analyseReliability",
		"Whether probabilities come true", "Reliability"),
	{ 0 },
};

#define COUNTS \
	S_M("leads", S_INT) \
	"," S_M("open", S_INT) "," S_M("won", S_INT) "," S_M("lost", S_INT) "," RATE
#define RATE       S_M("conversion", S_PROB) "," S_M("low", S_PROB) "," S_M("high", S_PROB)
#define TABLE(row) S_REQ(S_M("items", S_ARR(row)), "\"items\"")
#define STAGES \
	S_ARR(S_REQ(S_M("name", S_STR) "," S_M("count", S_INT) "," S_M("rate", S_PROB), \
		"\"name\",\"count\",\"rate\""))

static const struct api_schema schemas[] = {
	{ "HeatTable", TABLE(S_REQ(S_M("heat", S_HEAT) "," COUNTS "," S_M("expected", S_PROB),
			       "\"heat\",\"leads\",\"open\",\"won\",\"lost\"")) },
	{ "SourceTable",
		TABLE(S_REQ(S_M("value", S_STR) "," COUNTS "," S_M("hot", S_INT) "," S_M(
				    "warm", S_INT) "," S_M("cold", S_INT),
			"\"value\",\"leads\",\"hot\",\"warm\",\"cold\",\"won\",\"lost\"")) },
	{ "Funnel", S_REQ(S_M("stages", STAGES) "," S_M(
				  "by", S_ARR(S_REQ(S_M("value", S_STR) "," S_M("stages", STAGES),
						"\"value\",\"stages\""))),
			    "\"stages\"") },
	{ "Trend", TABLE(S_REQ(S_M("day", "{\"type\":\"string\",\"format\":\"date\"}") "," S_M(
				       "new", S_INT) "," S_M("won", S_INT) "," S_M("lost",
				       S_INT) "," S_M("hot", S_INT),
			   "\"day\",\"new\",\"won\",\"lost\",\"hot\"")) },
	{ "BandTable",
		S_REQ(S_M("model", S_STR) "," S_M("since", S_TIME) "," S_M("items",
			      S_ARR(S_REQ(S_M("heat", S_HEAT) "," S_M("leads", S_INT) "," S_M(
						  "won", S_INT) "," S_M("lost",
						  S_INT) "," RATE "," S_M("promised", S_PROB),
				      "\"heat\",\"leads\",\"won\",\"lost\""))),
			"\"model\",\"items\"") },
	{ "Reliability",
		S_REQ(S_M("model", S_STR) "," S_M(
			      "source", "{\"enum\":[\"live\",\"holdout\"]}") "," S_M("bins",
			      S_ARR(S_REQ(S_M("low", S_PROB) "," S_M("high", S_PROB) "," S_M("n",
						  S_INT) "," S_M("mean", S_PROB) "," S_M("rate",
						  S_PROB) "," S_M("rate_low",
						  S_PROB) "," S_M("rate_high", S_PROB),
				      "\"low\",\"high\",\"n\""))) "," S_M("rows",
			      S_INT) "," S_M("ece", S_NUM),
			"\"model\",\"source\",\"bins\"") },
	{ NULL, NULL },
};

const struct route_set analytics_set = { "Analytics",
	"What the leads add up to, right after every change", routes, schemas };
