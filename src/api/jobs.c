/* SPDX-License-Identifier: Apache-2.0 */
/* Background work: what there is, how far it is, stopping it. */
#include <stdio.h>
#include <stdlib.h>

#include "api/api.h"
#include "api/lead_call.h"
#include "http/respond.h"
#include "jobs/runner.h"
#include "leads/demo_load.h"
#include "leads/lead_json.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"

enum { EVENTS_MS = 500, EVENTS_PAGE = 200 };

static void put_job(const struct job *j, struct jw *w)
{
	char id[ID_ULID];

	id_ulid(j->id, id);
	jw_obj(w);
	jw_kz(w, "id", id);
	jw_kstr(w, "kind", j->kind);
	jw_kz(w, "state", job_state_name(j->state));
	jw_knum(w, "progress", j->state == JOB_DONE ? 1 : j->progress);
	if (j->step.n != 0)
		jw_kstr(w, "step", j->step);
	if (j->message.n != 0)
		jw_kstr(w, "message", j->message);
	if (j->error.n != 0) {
		jw_key(w, "error");
		jw_obj(w);
		jw_kz(w, "title", "The last try failed");
		jw_kstr(w, "detail", j->error);
		jw_end_obj(w);
	}
	if (j->result.n != 0) {
		jw_key(w, "result");
		jw_raw(w, j->result);
	}
	jw_kint(w, "attempts", j->tries);
	lead_json_time(w, "created_at", j->created_ms);
	if (j->state == JOB_QUEUED && j->run_at_ms > j->created_ms)
		lead_json_time(w, "run_at", j->run_at_ms);
	lead_json_time(w, "started_at", j->started_ms);
	lead_json_time(w, "finished_at", j->finished_ms);
	lead_json_id(w, "created_by", j->created_by);
	lead_json_id(w, "upload_id", j->upload);
	jw_end_obj(w);
}

static int job_id(const struct req *r, struct id *id, struct err *e)
{
	if (id_parse_ulid(req_path(r, "id"), id) == -1)
		return err_set(e, ERR_NOT_FOUND, "there is no such job");
	return 0;
}

static int send(struct req *r, int status, const struct job *j, struct err *e)
{
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	char tag[32];

	put_job(j, &w);
	snprintf(tag, sizeof(tag), "%llu", (unsigned long long)j->sequence);
	if (status == 200 && respond_etag(r, tag)) {
		buf_clear(&b);
		return respond_empty(r, 304, e);
	}
	return respond_json(r, status, &b, e);
}

static int get_job(struct req *r, struct err *e)
{
	struct store *s = api_of(r)->store;
	struct job j;
	struct id id;

	if (job_id(r, &id, e) == -1 || s->jobs->get(s, id, req_arena(r), &j, e) == -1)
		return -1;
	return send(r, 200, &j, e);
}

static int list_jobs(struct req *r, struct err *e)
{
	struct store *s = api_of(r)->store;
	struct job_filter f = { req_word(r, "state"), req_str(r, "kind") };
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	struct job *list;
	struct str cursor, next;
	size_t n;

	if (lead_call_cursor(r, &cursor, e) == -1 ||
		s->jobs->list(s, &f, (size_t)req_int(r, "limit", 50), cursor, req_arena(r), &list,
			&n, &next, e) == -1)
		return -1;
	jw_obj(&w);
	jw_key(&w, "items");
	jw_arr(&w);
	for (size_t i = 0; i < n; i++)
		put_job(&list[i], &w);
	jw_end_arr(&w);
	lead_call_next(&w, "next_cursor", next);
	jw_end_obj(&w);
	return respond_json(r, 200, &b, e);
}

static int cancel_job(struct req *r, struct err *e)
{
	struct store *s = api_of(r)->store;
	struct job j;
	struct id id;

	if (job_id(r, &id, e) == -1 || runner_cancel(api_of(r)->jobs, id, e) == -1 ||
		s->jobs->get(s, id, req_arena(r), &j, e) == -1)
		return -1;
	return send(r, 202, &j, e);
}

/* ---- events ---- */

struct watch {
	struct store *s;
	struct id one; /* none: all of them */
	uint64_t after;
	struct arena mem;
};

static void watch_free(void *ctx)
{
	struct watch *w = ctx;

	arena_clear(&w->mem);
	free(w);
}

static void tell(struct watch *x, const struct job *j, struct buf *out)
{
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	char mark[32];

	snprintf(mark, sizeof(mark), "%llu", (unsigned long long)j->sequence);
	put_job(j, &w);
	sse_event(out, "job", str_of(mark), buf_view(&b));
	x->after = j->sequence;
	buf_clear(&b);
}

static int tick_all(void *ctx, struct buf *out, struct err *e)
{
	struct watch *x = ctx;
	struct job *list;
	size_t n;

	arena_reset(&x->mem);
	if (x->s->jobs->changed(x->s, x->after, EVENTS_PAGE, &x->mem, &list, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		tell(x, &list[i], out);
	return 0;
}

static int tick_one(void *ctx, struct buf *out, struct err *e)
{
	struct watch *x = ctx;
	struct job j;

	arena_reset(&x->mem);
	if (x->s->jobs->get(x->s, x->one, &x->mem, &j, e) == -1)
		return -1;
	if (j.sequence > x->after)
		tell(x, &j, out);
	return job_state_over(j.state) ? 1 : 0;
}

/* Last-Event-ID: what a client has seen before its connection broke. */
static uint64_t seen(const struct req *r, uint64_t otherwise)
{
	struct str id = req_header(r, "Last-Event-ID");
	uint64_t n = 0;

	if (id.n == 0 || id.n > 18)
		return otherwise;
	for (size_t i = 0; i < id.n; i++) {
		if (id.p[i] < '0' || id.p[i] > '9')
			return otherwise;
		n = n * 10 + (uint64_t)(id.p[i] - '0');
	}
	return n;
}

static struct watch *watch_new(struct req *r, struct err *e)
{
	struct watch *x = calloc(1, sizeof(*x));

	if (x == NULL)
		err_nomem(e);
	else
		x->s = api_of(r)->store;
	return x;
}

static int all_events(struct req *r, struct err *e)
{
	struct watch *x = watch_new(r, e);
	int64_t now;

	if (x == NULL)
		return -1;
	if ((now = x->s->jobs->sequence(x->s, e)) == -1) {
		watch_free(x);
		return -1;
	}
	x->after = seen(r, (uint64_t)now);
	return respond_events(r, EVENTS_MS, tick_all, watch_free, x, e);
}

static int job_events(struct req *r, struct err *e)
{
	struct watch *x = watch_new(r, e);
	struct job j;

	if (x == NULL)
		return -1;
	if (job_id(r, &x->one, e) == -1 ||
		x->s->jobs->get(x->s, x->one, req_arena(r), &j, e) == -1) {
		watch_free(x);
		return -1;
	}
	x->after = seen(r, 0);
	return respond_events(r, EVENTS_MS, tick_one, watch_free, x, e);
}

/* ---- putting some there ---- */

static int enqueue(
	struct req *r, const char *kind, const char *args, const char *dedupe, struct err *e)
{
	struct store *s = api_of(r)->store;
	struct job out, ask = { .id = req_new_id(r),
		.kind = str_of(kind),
		.args = str_of(args),
		.dedupe = str_of(dedupe),
		.created_by = lead_call_by(req_caller(r)),
		.created_ms = clock_ms(),
		.run_at_ms = clock_ms() };
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	char id[ID_ULID], where[64];
	bool existed;

	if (s->jobs->enqueue(s, &ask, req_arena(r), &out, &existed, e) == -1)
		return -1;
	id_ulid(out.id, id);
	snprintf(where, sizeof(where), "/api/v1/jobs/%s", id);
	jw_obj(&w);
	jw_key(&w, "job");
	put_job(&out, &w);
	jw_end_obj(&w);
	return respond_accepted(r, where, &b, e);
}

static int post_rescore(struct req *r, struct err *e)
{
	return enqueue(r, "rescore", "{\"cause\":\"time\"}", "rescore.asked", e);
}

static int post_demo(struct req *r, struct err *e)
{
	return enqueue(r, DEMO_LOAD_JOB, "{}", "demo", e);
}

static const struct param list_query[] = {
	{ "state", "queued|running|done|failed|cancelled|dead", 0, 0, NULL,
		"Only jobs in this state", false },
	{ "kind", "str", 0, 40, NULL, "Only jobs of this kind", false },
	{ "limit", "int", 1, 500, "50", "Page size", false },
	{ "cursor", "str", 0, 500, NULL, "next_cursor of the page before", false },
	{ 0 },
};

#define READ .role = ROLE_VIEWER, .scope = SCOPE_READ

static const struct route routes[] = {
	{ .method = M_GET,
		.path = "/api/v1/jobs",
		.fn = list_jobs,
		READ,
		.doc = { .id = "listJobs",
			.summary = "Background work, newest first",
			.query = list_query,
			.response = "JobPage",
			.statuses = "200" } },
	{ .method = M_GET,
		.path = "/api/v1/jobs/events",
		.fn = all_events,
		READ,
		.flags = ROUTE_EVENTS,
		.doc = { .id = "watchJobs",
			.summary = "An event \"job\" with every change of any job from now on",
			.response = "text/event-stream",
			.statuses = "200" } },
	{ .method = M_GET,
		.path = "/api/v1/jobs/{id}",
		.fn = get_job,
		READ,
		.doc = { .id = "getJob",
			.summary = "One job",
			.response = "Job",
			.statuses = "200 304 404" } },
	{ .method = M_POST,
		.path = "/api/v1/jobs/{id}/cancel",
		.fn = cancel_job,
		.role = ROLE_REP,
		.scope = SCOPE_WRITE,
		.doc = { .id = "cancelJob",
			.summary = "Ask it to stop",
			.response = "Job",
			.statuses = "202 404 409" } },
	{ .method = M_GET,
		.path = "/api/v1/jobs/{id}/events",
		.fn = job_events,
		READ,
		.flags = ROUTE_EVENTS,
		.doc = { .id = "watchJob",
			.summary = "An event \"job\" with every change, until it is over",
			.response = "text/event-stream",
			.statuses = "200 404" } },
	{ .method = M_POST,
		.path = "/api/v1/leads/rescore",
		.fn = post_rescore,
		.role = ROLE_REP,
		.scope = SCOPE_WRITE,
		.flags = ROUTE_IDEMPOTENT,
		.doc = { .id = "rescoreLeads",
			.summary = "Score anew whatever has changed: values, the model, the time",
			.response = "JobAccepted",
			.statuses = "202" } },
	{ .method = M_POST,
		.path = "/api/v1/demo",
		.fn = post_demo,
		.role = ROLE_MANAGER,
		.scope = SCOPE_UPLOAD,
		.flags = ROUTE_IDEMPOTENT,
		.doc = { .id = "loadDemo",
			.summary = "Invented leads to look around with, and a model of them",
			.response = "JobAccepted",
			.statuses = "202" } },
	{ 0 },
};

static const struct api_schema schemas[] = {
	{ "Job",
		"{\"type\":\"object\",\"required\":[\"id\",\"kind\",\"state\",\"progress\","
		"\"attempts\"],\"properties\":{\"id\":{\"type\":\"string\"},\"kind\":{\"type\":"
		"\"string\"},\"state\":{\"enum\":[\"queued\",\"running\",\"done\",\"failed\","
		"\"cancelled\",\"dead\"]},\"progress\":{\"type\":\"number\",\"minimum\":0,"
		"\"maximum\":1},\"step\":{\"type\":\"string\"},\"message\":{\"type\":\"string\"},"
		"\"error\":{\"type\":\"object\"},\"result\":{},\"attempts\":{\"type\":\"integer\"},"
		"\"created_at\":{\"type\":\"string\",\"format\":\"date-time\"},"
		"\"run_at\":{\"type\":\"string\",\"format\":\"date-time\"},"
		"\"started_at\":{\"type\":\"string\",\"format\":\"date-time\"},"
		"\"finished_at\":{\"type\":\"string\",\"format\":\"date-time\"},"
		"\"created_by\":{\"type\":\"string\"},\"upload_id\":{\"type\":\"string\"}}}" },
	{ "JobPage",
		"{\"type\":\"object\",\"required\":[\"items\",\"next_cursor\"],\"properties\":{"
		"\"items\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/Job\"}},"
		"\"next_cursor\":{\"type\":[\"string\",\"null\"]}}}" },
	{ 0 },
};

const struct route_set jobs_set = { "Jobs", "Work that goes on in the background.", routes,
	schemas };
