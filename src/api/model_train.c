/* SPDX-License-Identifier: Apache-2.0 */
/* Trainings, and the thresholds of versions. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/api.h"
#include "api/model_audit.h"
#include "api/model_json.h"
#include "api/routes.h"
#include "http/respond.h"
#include "leads/bands_by.h"
#include "leads/publishing.h"
#include "leads/retrain.h"
#include "leads/segments.h"
#include "model/heat.h"
#include "model/model.h"
#include "model/model_store.h"
#include "model/registry.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"
#include "util/when.h"

/* --- train --- */

static void fault(void *ctx, const char *pointer, const char *detail)
{
	respond_fault(ctx, pointer, "%s", detail);
}

static void put_job(struct jw *w, const struct job *j)
{
	char id[ID_ULID];

	id_ulid(j->id, id);
	jw_key(w, "job");
	jw_obj(w);
	jw_kz(w, "id", id);
	jw_kstr(w, "kind", j->kind);
	jw_kz(w, "state", job_state_name(j->state));
	jw_knum(w, "progress", j->progress);
	jw_kint(w, "attempts", j->tries);
	model_json_time(w, "created_at", j->created_ms);
	jw_end_obj(w);
}

/* 202 with the job, or with the one that does the same already. */
static int accept_job(struct req *r, struct job *ask, struct err *e)
{
	struct store *s = api_of(r)->store;
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	char where[64], id[ID_ULID];
	struct job made;
	bool existed;

	ask->id = req_new_id(r);
	ask->created_ms = clock_ms();
	(void)id_parse_ulid(str_of(req_caller(r)->user_id), &ask->created_by);
	if (s->jobs->enqueue(s, ask, req_arena(r), &made, &existed, e) == -1)
		return -1;
	jw_obj(&w);
	put_job(&w, &made);
	jw_end_obj(&w);
	id_ulid(made.id, id);
	snprintf(where, sizeof(where), "/api/v1/jobs/%s", id);
	if (buf_done(&b, e) == -1) {
		buf_clear(&b);
		return -1;
	}
	return respond_accepted(r, where, &b, e);
}

static int train(struct req *r, struct err *e)
{
	struct job ask = {
		/* Its mistakes show at once; trying again would not mend them. */
		.kind = S("train"),
		.args = req_body(r),
		.max_tries = 2,
	};

	if (retrain_check(req_json(r), fault, r, e) == -1 ||
		retrain_check_upload(api_of(r)->store, req_json(r), fault, r, e) == -1 ||
		model_audit(r, "model.training_started", 0, S(""), e) == -1)
		return -1;
	return accept_job(r, &ask, e);
}

static int look_at_drift(struct req *r, struct err *e)
{
	struct job ask = {
		.kind = S("drift"), .dedupe = S("now"), .args = S("{}"), .max_tries = 2
	};

	return accept_job(r, &ask, e);
}

/* --- bands --- */

static int version_of(const struct req *r, uint32_t *number, struct err *e)
{
	bool draft;

	if (registry_parse(req_path(r, "version"), number, e) == -1) {
		e->code = ERR_NOT_FOUND;
		return -1;
	}
	return registry_pick(api_of(r)->models, req_path(r, "version"), number, &draft, e) == 1
		       ? 0
		       : -1;
}

/* More hot leads a day than can be worked? Asked of the leads of the last thirty days. */
static int outgrown(
	const struct api *a, const struct bands *b, char *out, size_t n, bool *yes, struct err *e)
{
	const double days = 30;
	const struct query_value since = { S(""), (double)(clock_ms() - 30 * WHEN_DAY_MS) };
	const struct query_value at = { S(""), b->hot };
	const struct query_filter f[] = { { { .field = LF_INSERTED_AT }, QUERY_GTE, &since, 1 },
		{ { .field = LF_PROBABILITY }, QUERY_GTE, &at, 1 } };
	const struct lead_query q = { .filters = f,
		.n_filters = 2,
		.sort = QUERY_NO_COLUMN,
		.limit = 1,
		.at = NAN,
		.total = true };
	struct arena mem = { .cap = 1 << 20 };
	struct lead_page page;
	int rc = a->store->leads->list(a->store, &q, &mem, &page, e);

	*yes = rc == 0 && bands_outgrown(b, (size_t)page.total, days, out, n);
	arena_clear(&mem);
	return rc;
}

static int send_bands(struct req *r, const struct bands *b, struct err *e)
{
	struct buf out = { 0 };
	struct jw w = { .b = &out };
	char warning[320];
	bool too_many;

	if (outgrown(api_of(r), b, warning, sizeof(warning), &too_many, e) == -1)
		return -1;
	jw_obj(&w);
	jw_key(&w, "bands");
	bands_write(&w, b);
	jw_knum(&w, "expected_wins_per_day", b->wins_per_day);
	if (too_many)
		jw_kz(&w, "warning", warning);
	jw_end_obj(&w);
	if (buf_done(&out, e) == -1) {
		buf_clear(&out);
		return -1;
	}
	return respond_json(r, 200, &out, e);
}

static int get_bands(struct req *r, struct err *e)
{
	struct model *m;
	struct bands b;
	uint32_t number;

	if (version_of(r, &number, e) == -1 ||
		(m = model_load(api_of(r)->models, number, MODEL_TO_SCORE, e)) == NULL)
		return -1;
	b = m->bands;
	model_free(m);
	return send_bands(r, &b, e);
}

static int put_bands(struct req *r, struct err *e)
{
	const struct api *a = api_of(r);
	struct publishing p = { a->store, a->models, a->live };
	struct registry_slot *slots;
	struct bands b;
	uint32_t number;
	bool live = false;
	size_t n;

	if (version_of(r, &number, e) == -1 ||
		bands_by(a->models, number, req_json(r), &b, e) == -1 ||
		model_audit(r, "model.bands_changed", number, S(""), e) == -1 ||
		registry_live(a->models, &slots, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		live = live || slots[i].live == number;
	registry_live_free(slots, n);
	/* Heat follows the thresholds, so leads are looked at again. */
	if (live && publishing_changed(&p, e) == -1)
		return -1;
	return send_bands(r, &b, e);
}

/* --- segments --- */

static int put_segment(struct req *r, struct err *e)
{
	struct version_info *v;
	uint32_t number;
	bool draft = false;
	size_t n;

	if (version_of(r, &number, e) == -1 || registry_list(api_of(r)->models, &v, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		draft = draft || (v[i].number == number && v[i].state == VERSION_DRAFT);
	free(v);
	if (!draft)
		return err_set(e, ERR_CONFLICT,
			"v%u has been published; the segment of a draft can be changed", number);
	if (segments_set(api_of(r)->models, number, req_json(r), e) == -1 ||
		model_audit(r, "model.segment_changed", number, S(""), e) == -1)
		return -1;
	return respond_empty(r, 204, e);
}

static int get_segments(struct req *r, struct err *e)
{
	const struct api *a = api_of(r);
	struct buf b = { 0 };
	struct jw w = { .b = &b };

	if (segments_report(a->store, a->models, clock_ms(), &w, e) == -1 ||
		buf_done(&b, e) == -1) {
		buf_clear(&b);
		return -1;
	}
	return respond_json(r, 200, &b, e);
}

/* --- the table --- */

static const struct route routes[] = {
	{ .method = M_POST,
		.path = "/api/v1/models/train",
		.fn = train,
		.role = ROLE_MANAGER,
		.scope = SCOPE_MODELS,
		.body = BODY_JSON,
		.flags = ROUTE_IDEMPOTENT,
		.doc = { .id = "trainModel",
			.summary = "Learn a new version, as a job",
			.text = "From leads that are kept (`leads`: a query string as of "
				"`GET /leads`, empty for all) or from the file of an `upload`. The "
				"result is a draft. Columns that the leak guard leaves out are in "
				"the "
				"job's result with the evidence; train again with `keep` to "
				"overrule "
				"it, or with `drop` to leave out more.",
			.request = "TrainRequest",
			.response = "JobAccepted",
			.statuses = "202 404",
			.example = "{\"leads\":\"\",\"budget_s\":30,\"verdicts\":true}" } },
	{ .method = M_POST,
		.path = "/api/v1/drift",
		.fn = look_at_drift,
		.role = ROLE_MANAGER,
		.scope = SCOPE_MODELS,
		.body = BODY_MAYBE_JSON,
		.flags = ROUTE_IDEMPOTENT,
		.doc = { .id = "lookAtDrift",
			.summary = "Compare the leads of now with training, as a job",
			.response = "JobAccepted",
			.statuses = "202" } },
	{ .method = M_GET,
		.path = "/api/v1/models/{version}/bands",
		.fn = get_bands,
		.role = ROLE_VIEWER,
		.scope = SCOPE_READ,
		.doc = { .id = "getModelBands",
			.summary = "From which probability on a lead is hot or warm",
			.response = "ModelBands",
			.statuses = "200 404" } },
	{ .method = M_PUT,
		.path = "/api/v1/models/{version}/bands",
		.fn = put_bands,
		.role = ROLE_MANAGER,
		.scope = SCOPE_MODELS,
		.body = BODY_JSON,
		.doc = { .id = "setModelBands",
			.summary = "Set them by hand, by capacity, or by what a win is worth",
			.request = "BandsRequest",
			.response = "ModelBands",
			.statuses = "200 404",
			.example = "{\"capacity\":\"30/day\"}" } },
	{ .method = M_PUT,
		.path = "/api/v1/models/{version}/segment",
		.fn = put_segment,
		.role = ROLE_MANAGER,
		.scope = SCOPE_MODELS,
		.body = BODY_JSON,
		.doc = { .id = "setModelSegment",
			.summary = "Which leads a draft is for",
			.request = "SegmentRequest",
			.statuses = "204 404 409",
			.example = "{\"query\":\"region=Europe\",\"priority\":10}" } },
	{ .method = M_GET,
		.path = "/api/v1/models/segments",
		.fn = get_segments,
		.role = ROLE_VIEWER,
		.scope = SCOPE_READ,
		.flags = ROUTE_SLOW,
		.doc = { .id = "listSegments",
			.summary = "Which live version scores which leads, and where they overlap",
			.response = "Segments",
			.statuses = "200" } },
	{ 0 },
};

static const struct api_schema schemas[] = {
	{ "TrainRequest",
		"{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\"upload\":"
		"{\"type\":\"string\"},\"leads\":{\"type\":[\"string\",\"object\"]},\"target\":"
		"{\"type\":\"string\"},\"won\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}}"
		","
		"\"lost\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},\"drop\":{\"type\":"
		"\"array\",\"items\":{\"type\":\"string\"}},\"keep\":{\"type\":\"array\",\"items\":"
		"{\"type\":\"string\"}},\"profile\":{\"type\":\"object\"},\"budget_s\":{\"type\":"
		"\"number\",\"minimum\":1,\"maximum\":86400},\"as_of\":{\"type\":\"string\"},"
		"\"seed\":{\"type\":\"integer\"},\"capacity\":{\"type\":[\"string\",\"number\"]},"
		"\"hot\":{\"type\":\"number\"},\"warm\":{\"type\":\"number\"},\"value\":{\"type\":"
		"\"number\"},\"cost\":{\"type\":\"number\"},\"verdicts\":{\"type\":\"boolean\"},"
		"\"name\":{\"type\":\"string\"},\"segment\":{\"type\":[\"string\",\"object\"]}}}" },
	{ "ModelBands",
		"{\"type\":\"object\",\"properties\":{\"bands\":{\"type\":\"object\"},"
		"\"expected_wins_per_day\":{\"type\":[\"number\",\"null\"]},\"warning\":{\"type\":"
		"\"string\"}},\"required\":[\"bands\"]}" },
	{ "BandsRequest",
		"{\"type\":\"object\",\"additionalProperties\":false,\"minProperties\":1,"
		"\"properties\":{\"hot\":{\"type\":\"number\"},\"warm\":{\"type\":\"number\"},"
		"\"capacity\":{\"type\":[\"string\",\"number\"]},\"value\":{\"type\":\"number\"},"
		"\"cost\":{\"type\":\"number\"},\"reset\":{\"type\":\"boolean\"}}}" },
	{ "SegmentRequest",
		"{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\"query\":"
		"{\"type\":\"string\",\"maxLength\":4000},\"priority\":{\"type\":\"integer\"}},"
		"\"required\":[\"query\"]}" },
	{ "Segments",
		"{\"type\":\"object\",\"properties\":{\"items\":{\"type\":\"array\",\"items\":"
		"{\"type\":\"object\"}},\"overlaps\":{\"type\":\"array\",\"items\":{\"type\":"
		"\"object\"}}},\"required\":[\"items\",\"overlaps\"]}" },
	{ 0 },
};

const struct route_set model_train_set = { "Training",
	"New versions from leads or files, thresholds, segments", routes, schemas };
