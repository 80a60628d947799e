/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the published model still fits, and what the server does by itself. */
#include "api/api.h"
#include "api/model_audit.h"
#include "api/model_json.h"
#include "api/routes.h"
#include "http/respond.h"
#include "leads/schedule.h"
#include "leads/watch.h"
#include "record/id.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"

static int drift(struct req *r, struct err *e)
{
	struct buf b = { 0 };
	struct str latest;

	if (watch_latest(api_of(r)->store, req_arena(r), &latest, e) == -1)
		return -1;
	/* Nobody has looked yet: POST /drift looks now, the schedule looks daily. */
	buf_str(&b, latest.n != 0 ? latest : S("{\"looked\":false}"));
	if (buf_done(&b, e) == -1)
		return -1;
	return respond_json(r, 200, &b, e);
}

static void put_next(struct jw *w, const char *key, int64_t ms)
{
	if (ms == MS_NONE) {
		jw_key(w, key);
		jw_null(w);
	} else {
		model_json_time(w, key, ms);
	}
}

static int send_schedule(struct req *r, const struct schedule *s, struct err *e)
{
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	int64_t now = clock_ms();

	jw_obj(&w);
	schedule_write(&w, s);
	jw_key(&w, "next");
	jw_obj(&w);
	put_next(&w, "retrain", schedule_next_retrain(s, now));
	put_next(&w, "rescore", schedule_next_daily(s->rescore_hour, now));
	put_next(&w, "drift", schedule_next_daily(s->drift_hour, now));
	jw_end_obj(&w);
	jw_end_obj(&w);
	if (buf_done(&b, e) == -1) {
		buf_clear(&b);
		return -1;
	}
	return respond_json(r, 200, &b, e);
}

static int get_schedule(struct req *r, struct err *e)
{
	struct schedule s;

	if (schedule_load(api_of(r)->store, &s, e) == -1)
		return -1;
	return send_schedule(r, &s, e);
}

static void fault(void *ctx, const char *pointer, const char *detail)
{
	respond_fault(ctx, pointer, "%s", detail);
}

static int put_schedule(struct req *r, struct err *e)
{
	struct store *st = api_of(r)->store;
	struct schedule s;

	if (schedule_load(st, &s, e) == -1 || schedule_read(req_json(r), &s, fault, r, e) == -1 ||
		schedule_save(st, &s, clock_ms(), e) == -1 ||
		model_audit(r, "schedule.changed", 0, S(""), e) == -1)
		return -1;
	return send_schedule(r, &s, e);
}

static const struct route routes[] = {
	{ .method = M_GET,
		.path = "/api/v1/drift",
		.fn = drift,
		.role = ROLE_VIEWER,
		.scope = SCOPE_READ,
		.doc = { .id = "getDrift",
			.summary = "The last look at how far leads and outcomes are from training",
			.text = "`{\"looked\":false}` until somebody, or the schedule, has "
				"looked.",
			.response = "Drift",
			.statuses = "200" } },
	{ .method = M_GET,
		.path = "/api/v1/schedule",
		.fn = get_schedule,
		.role = ROLE_VIEWER,
		.scope = SCOPE_READ,
		.doc = { .id = "getSchedule",
			.summary = "What the server does by itself, and when next (UTC)",
			.response = "Schedule",
			.statuses = "200" } },
	{ .method = M_PUT,
		.path = "/api/v1/schedule",
		.fn = put_schedule,
		.role = ROLE_MANAGER,
		.scope = SCOPE_MODELS,
		.body = BODY_JSON,
		.doc = { .id = "setSchedule",
			.summary = "Change it; members left out stay",
			.request = "Schedule",
			.response = "Schedule",
			.statuses = "200",
			.example = "{\"retrain\":{\"every\":\"week\",\"day\":1,\"hour\":3,"
				   "\"publish\":\"gate\"}}" } },
	{ 0 },
};

static const struct api_schema schemas[] = {
	{ "Drift", "{\"type\":\"object\",\"properties\":{\"looked\":{\"type\":\"boolean\"},"
		   "\"model\":{\"type\":\"string\"},\"at\":"
		   "{\"type\":\"string\",\"format\":\"date-time\"},\"since\":{\"type\":\"string\"},"
		   "\"verdict\":{\"enum\":[\"fine\",\"moved\",\"off\"]},\"alert\":{\"type\":"
		   "\"boolean\"},\"text\":{\"type\":\"string\"},\"leads\":{\"type\":\"string\"},"
		   "\"rows\":{\"type\":\"integer\"},\"columns\":{\"type\":\"array\",\"items\":"
		   "{\"type\":\"object\"}},\"heat\":{\"type\":\"object\"},\"live\":{\"type\":"
		   "\"object\"}}}" },
	{ "Schedule",
		"{\"type\":\"object\",\"properties\":{\"retrain\":{\"type\":\"object\","
		"\"properties\":{\"every\":{\"enum\":[\"off\",\"week\",\"month\"]},\"day\":"
		"{\"type\":\"integer\",\"minimum\":1,\"maximum\":31},\"hour\":{\"type\":"
		"\"integer\",\"minimum\":0,\"maximum\":23},\"publish\":{\"enum\":[\"gate\","
		"\"ask\"]}}},\"rescore\":{\"type\":\"object\"},\"drift\":{\"type\":\"object\"},"
		"\"next\":{\"type\":\"object\"}}}" },
	{ 0 },
};

const struct route_set drift_set = { "Drift and schedule",
	"Whether the published model still fits, and what the server does by itself", routes,
	schemas };
