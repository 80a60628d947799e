/* SPDX-License-Identifier: Apache-2.0 */
/* A score for leads that are not kept. */
#include <stdio.h>

#include "api/api.h"
#include "http/respond.h"
#include "leads/lead_input.h"
#include "leads/live.h"
#include "leads/score_json.h"
#include "leads/segment_pick.h"
#include "model/scorer.h"
#include "obs/metrics.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"
#include "util/json_flat.h"
#include "util/when.h"

enum { BATCH_MAX = 500 };

static double now_days(void)
{
	return (double)clock_lately_ms() / (double)WHEN_DAY_MS;
}

/* The members of a score, of the lead that has just been read. */
static int put_score(
	struct live_seat *seat, size_t reasons, double as_of, struct jw *w, struct err *e)
{
	const struct str *cells = live_input(seat)->cells;
	struct score s;

	if (live_score(seat, &cells, 1, as_of, &s, e) == -1)
		return -1;
	jw_obj(w);
	score_json(w, &s, live_version(live_seat_model(seat)), as_of);
	if (reasons != 0 && score_json_reasons(w, seat, cells, &s, reasons, e) == -1)
		return -1;
	jw_end_obj(w);
	return 0;
}

static int score_one(struct req *r, struct live_seat *seat, struct buf *b, struct err *e)
{
	struct lead_input *in = live_input(seat);
	struct jw w = { .b = b };
	double as_of = now_days();

	if (lead_input_read(in, req_body(r), as_of, e) == 0)
		return put_score(seat, (size_t)req_int(r, "reasons", 0), as_of, &w, e);
	for (size_t i = 0; i < in->n_faults && i < LEAD_FAULTS; i++)
		respond_fault(r, in->faults[i].pointer, "%s", in->faults[i].detail);
	if (in->n_faults == 0 && e->code == ERR_INPUT)
		e->code = ERR_REQUEST;
	return -1;
}

/* A seat at the version that scores this lead: that of its segment, else that of all leads. */
static struct live_seat *sit_for(
	struct live_model *m, struct segment_pick *p, struct str text, struct err *e)
{
	if (p != NULL && segment_pick(p, text, &m, e) == -1)
		return NULL;
	return live_sit(live_api(m), e);
}

/* Of one lead: what picks is made for it alone. */
static struct live_seat *sit_once(struct live_model *m, struct str text, struct err *e)
{
	struct segment_pick *p = NULL;
	struct live_seat *seat;

	if (live_segments(m) != 0 && (p = segment_pick_new(m, e)) == NULL)
		return NULL;
	seat = sit_for(m, p, text, e);
	segment_pick_free(p);
	return seat;
}

static int post_score(struct req *r, struct err *e)
{
	struct live_model *m = live_hold(api_of(r)->live);
	struct live_seat *seat = sit_once(m, req_body(r), e);
	struct buf b = { 0 };
	int rc = -1;

	buf_reserve(&b, 512); /* an answer without reasons: it need not grow in steps */
	if (seat != NULL && score_one(r, seat, &b, e) == 0) {
		metrics_add(METRIC_scores, 1);
		rc = respond_json(r, 200, &b, e);
	}
	buf_clear(&b);
	live_rise(seat);
	live_drop(m);
	return rc;
}

/* ---- many ---- */

static void put_faults(const struct lead_input *in, size_t i, const struct err *why, struct jw *w)
{
	char pointer[sizeof(in->faults[0].pointer) + 32];

	jw_key(w, "errors");
	jw_arr(w);
	if (in->n_faults == 0) {
		snprintf(pointer, sizeof(pointer), "/leads/%zu", i);
		jw_obj(w);
		jw_kz(w, "pointer", pointer);
		jw_kz(w, "detail", why->msg);
		jw_end_obj(w);
	}
	for (size_t k = 0; k < in->n_faults && k < LEAD_FAULTS; k++) {
		snprintf(pointer, sizeof(pointer), "/leads/%zu%s", i, in->faults[k].pointer);
		jw_obj(w);
		jw_kz(w, "pointer", pointer);
		jw_kz(w, "detail", in->faults[k].detail);
		jw_end_obj(w);
	}
	jw_end_arr(w);
}

static void put_error(const struct lead_input *in, size_t i, const struct err *why, struct jw *w)
{
	jw_obj(w);
	jw_key(w, "error");
	jw_obj(w);
	jw_kz(w, "type", "about:blank");
	jw_kz(w, "title", err_title(why->code));
	jw_kint(w, "status", err_http(why->code));
	jw_kz(w, "detail", why->msg);
	put_faults(in, i, why, w);
	jw_end_obj(w);
	jw_end_obj(w);
}

/* A result, or why there is none. */
static int put_result(struct req *r, struct live_seat *seat, struct str item, size_t i,
	double as_of, struct jw *w, struct err *e)
{
	struct err why = { 0 };

	if (lead_input_read(live_input(seat), item, as_of, &why) == -1) {
		put_error(live_input(seat), i, &why, w);
		return 0;
	}
	if (put_score(seat, (size_t)req_int(r, "reasons", 0), as_of, w, e) == -1)
		return -1;
	metrics_add(METRIC_scores, 1);
	return 0;
}

static int score_all(struct req *r, struct live_model *m, struct segment_pick *p, struct str leads,
	struct jw *w, struct err *e)
{
	double as_of = now_days();
	struct live_seat *seat;
	struct str item;
	size_t n = 0;
	int rc;

	jw_obj(w);
	jw_key(w, "results");
	jw_arr(w);
	for (; json_flat_item(&leads, &item); n++) {
		if (n == BATCH_MAX) {
			respond_fault(r, "/leads", "at most %d leads at once", BATCH_MAX);
			return err_set(e, ERR_LIMIT, "more than %d leads at once", BATCH_MAX);
		}
		if (req_cancelled(r))
			return err_set(e, ERR_CANCELLED, "nobody waits any more");
		if ((seat = sit_for(m, p, item, e)) == NULL)
			return -1;
		rc = put_result(r, seat, item, n, as_of, w, e);
		live_rise(seat);
		if (rc == -1)
			return -1;
	}
	jw_end_arr(w);
	jw_end_obj(w);
	return 0;
}

/* The text of "leads". */
static int find_leads(struct req *r, struct str *out, struct err *e)
{
	struct str body = req_body(r);
	struct json_flat *f = arena_alloc(req_arena(r), sizeof(*f));
	char *room = arena_alloc(req_arena(r), body.n + 1);
	struct json_flat_member m;
	bool found = false;
	int rc;

	if (f == NULL || room == NULL)
		return err_nomem(e);
	rc = json_flat_open(f, body, room, NULL, e);
	while (rc == 0 && (rc = json_flat_next(f, &m, e)) == 1) {
		rc = 0;
		if (!str_eq(m.key, S("leads"))) {
			respond_fault(r, "/", "knows \"leads\" only");
			return err_set(e, ERR_INPUT, "a member that is not known");
		}
		if (m.type != FLAT_ARR) {
			respond_fault(r, "/leads", "expected a list");
			return err_set(e, ERR_INPUT, "\"leads\" is no list");
		}
		*out = m.value;
		found = true;
	}
	if (rc == -1) {
		if (e->code == ERR_INPUT)
			e->code = ERR_REQUEST;
		return -1;
	}
	if (found)
		return 0;
	respond_fault(r, "/leads", "is missing");
	return err_set(e, ERR_INPUT, "\"leads\" is missing");
}

static int post_batch(struct req *r, struct err *e)
{
	struct live_model *m = live_hold(api_of(r)->live);
	struct segment_pick *p = NULL;
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	struct str leads;
	int rc = -1;

	if ((live_segments(m) == 0 || (p = segment_pick_new(m, e)) != NULL) &&
		find_leads(r, &leads, e) == 0 && score_all(r, m, p, leads, &w, e) == 0)
		rc = respond_json(r, 200, &b, e);
	buf_clear(&b);
	segment_pick_free(p);
	live_drop(m);
	return rc;
}

static const struct param query[] = {
	{ "reasons", "int", 0, 100, "0", "How many reasons to give; they add up to the score",
		false },
	{ 0 },
};

#define EXAMPLE \
	"{\"email\":\"ann@example.com\",\"source\":\"Referral\",\"country\":\"Germany\"," \
	"\"role\":\"Head of Sales\",\"page_views\":12,\"recency_days\":3}"

static const struct route routes[] = {
	{ .method = M_POST,
		.path = "/api/v1/score",
		.fn = post_score,
		.role = ROLE_VIEWER,
		.scope = SCOPE_SCORE,
		.body = BODY_RAW_JSON,
		.run = RUN_INLINE,
		.doc = { .id = "scoreLead",
			.summary = "Score one lead, without keeping it",
			.text = "Takes the canonical fields, the names of the prototype's "
				"ScoreInput, and "
				"any columns that the published model knows; others are ignored. "
				"Missing "
				"and unknown values are fine, wrong types are named in `errors`. "
				"Without "
				"a published model the rule score answers, with model \"rule\". "
				"Where "
				"versions are live for segments, the one of the lead's segment "
				"answers; `model` says which.",
			.query = query,
			.request = "ScoreInput",
			.response = "Score",
			.statuses = "200 400 413 422",
			.example = EXAMPLE } },
	{ .method = M_POST,
		.path = "/api/v1/batch-score",
		.fn = post_batch,
		.role = ROLE_VIEWER,
		.scope = SCOPE_SCORE,
		.body = BODY_RAW_JSON,
		.doc = { .id = "scoreLeads",
			.summary = "Score up to 500 leads, without keeping them",
			.text = "One result per lead, in their order: a score, or an error.",
			.query = query,
			.request = "ScoreInputs",
			.response = "Scores",
			.statuses = "200 400 413 422",
			.example = "{\"leads\":[" EXAMPLE "]}" } },
	{ 0 },
};

#define PART \
	"{\"type\":\"object\",\"required\":[\"points\",\"probability\"],\"properties\":{" \
	"\"points\":{\"type\":\"integer\"},\"probability\":{\"type\":\"number\"}}}"

static const struct api_schema schemas[] = {
	{ "ScoreInput",
		"{\"type\":\"object\",\"description\":\"One flat object. null is missing.\","
		"\"properties\":{"
		"\"name\":{\"type\":[\"string\",\"null\"]},\"email\":{\"type\":[\"string\","
		"\"null\"]},"
		"\"phone\":{\"type\":[\"string\",\"number\",\"null\"]},"
		"\"source\":{\"type\":[\"string\",\"null\"]},"
		"\"region\":{\"type\":[\"string\",\"null\"]},\"role\":{\"type\":[\"string\","
		"\"null\"]},"
		"\"campaign\":{\"type\":[\"string\",\"null\"]},"
		"\"recency_days\":{\"type\":[\"number\",\"null\"],\"minimum\":0,\"maximum\":36500},"
		"\"page_views\":{\"type\":[\"number\",\"null\"]},"
		"\"time_spent\":{\"type\":[\"number\",\"null\"]},"
		"\"last_touch\":{\"type\":[\"string\",\"null\"]},"
		"\"prior_course_interest\":{\"type\":[\"string\",\"null\"]},"
		"\"search_keywords\":{\"type\":[\"string\",\"null\"]},"
		"\"course_actions\":{\"type\":[\"string\",\"null\"]}},"
		"\"additionalProperties\":{\"type\":[\"string\",\"number\",\"boolean\",\"null\"]}"
		"}" },
	{ "ScoreInputs",
		"{\"type\":\"object\",\"required\":[\"leads\"],\"additionalProperties\":false,"
		"\"properties\":{\"leads\":{\"type\":\"array\",\"maxItems\":500,\"items\":{\"$"
		"ref\":"
		"\"#/components/schemas/ScoreInput\"}}}}" },
	{ "Reason",
		"{\"type\":\"object\",\"required\":[\"text\",\"points\",\"probability\"],"
		"\"properties\":{\"column\":{\"type\":\"string\"},\"value\":{\"type\":\"string\"},"
		"\"missing\":{\"type\":\"boolean\"},\"text\":{\"type\":\"string\"},"
		"\"points\":{\"type\":\"integer\"},\"probability\":{\"type\":\"number\"},"
		"\"evidence\":{\"type\":\"object\",\"properties\":{\"won\":{\"type\":\"integer\"},"
		"\"count\":{\"type\":\"integer\"}}}}}" },
	{ "Score",
		"{\"type\":\"object\",\"required\":[\"heat\",\"score\",\"probability\",\"bands\","
		"\"confidence\",\"model\",\"as_of\"],\"properties\":{"
		"\"heat\":{\"enum\":[\"hot\",\"warm\",\"cold\"]},"
		"\"score\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":100},"
		"\"probability\":{\"type\":\"number\",\"minimum\":0,\"maximum\":1},"
		"\"bands\":{\"type\":\"object\",\"properties\":{\"hot\":{\"type\":\"number\"},"
		"\"warm\":{\"type\":\"number\"},\"cold\":{\"type\":\"number\"}}},"
		"\"confidence\":{\"type\":\"number\"},\"model\":{\"type\":\"string\"},"
		"\"as_of\":{\"type\":\"string\",\"format\":\"date-time\"},"
		"\"reasons\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/"
		"Reason\"}},"
		"\"base\":" PART ",\"average\":" PART ",\"rest\":" PART "}}" },
	{ "Scores",
		"{\"type\":\"object\",\"required\":[\"results\"],\"properties\":{\"results\":{"
		"\"type\":\"array\",\"items\":{\"anyOf\":[{\"$ref\":\"#/components/schemas/"
		"Score\"},"
		"{\"type\":\"object\",\"required\":[\"error\"],\"properties\":{\"error\":{\"$ref\":"
		"\"#/components/schemas/Problem\"}}}]}}}}" },
	{ 0 },
};

const struct route_set score_set = { "Scoring", "Scores for leads that are not kept.", routes,
	schemas };
