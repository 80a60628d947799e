/* SPDX-License-Identifier: Apache-2.0 */
/* Versions of the model: what there is, how good each is, which one scores. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "api/model_audit.h"
#include "api/model_json.h"
#include "api/routes.h"
#include "http/respond.h"
#include "leads/comparing.h"
#include "leads/live_results.h"
#include "leads/publishing.h"
#include "model/card.h"
#include "model/model.h"
#include "model/model_store.h"
#include "model/registry.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/file.h"
#include "util/json.h"

enum { BUNDLE_MAX = 1 << 30, COMPARE_ROWS = 5000 };

/* --- helpers --- */

static struct publishing desk(const struct req *r)
{
	const struct api *a = api_of(r);

	return (struct publishing){ a->store, a->models, a->live };
}

static int find(struct model_store *st, uint32_t number, struct version_info *out, struct err *e)
{
	struct version_info *v;
	bool found = false;
	size_t n;

	if (registry_list(st, &v, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (v[i].number == number) {
			*out = v[i];
			found = true;
		}
	free(v);
	return found ? 0 : err_set(e, ERR_NOT_FOUND, "there is no model v%u", number);
}

/* The version that the path or the query names: there, or ERR_NOT_FOUND. */
static int version_named(
	const struct req *r, struct str name, struct version_info *out, struct err *e)
{
	uint32_t number;

	if (registry_parse(name, &number, e) == -1) {
		e->code = ERR_NOT_FOUND;
		return -1;
	}
	return find(api_of(r)->models, number, out, e);
}

static int version_of(const struct req *r, struct version_info *out, struct err *e)
{
	return version_named(r, req_path(r, "version"), out, e);
}

static int send(struct req *r, int status, struct buf *b, struct err *e)
{
	if (buf_done(b, e) == -1) {
		buf_clear(b);
		return -1;
	}
	return respond_json(r, status, b, e);
}

static int send_version(struct req *r, int status, uint32_t number, struct err *e)
{
	struct version_info v;
	struct buf b = { 0 };
	struct jw w = { .b = &b };

	if (find(api_of(r)->models, number, &v, e) == -1)
		return -1;
	jw_obj(&w);
	model_json_item(&w, api_of(r)->models, &v);
	jw_end_obj(&w);
	return send(r, status, &b, e);
}

static struct str flag_text(const struct req *r, const char *key)
{
	return json_str(json_get(req_json(r), key), S(""));
}

/* --- reading --- */

static int list(struct req *r, struct err *e)
{
	struct model_store *st = api_of(r)->models;
	struct version_info *v;
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	uint32_t live = 0;
	bool draft;
	size_t n;
	char name[16];

	if (registry_list(st, &v, &n, e) == -1)
		return -1;
	jw_obj(&w);
	jw_key(&w, "items");
	jw_arr(&w);
	for (size_t i = n; i > 0; i--) {
		jw_obj(&w);
		model_json_item(&w, st, &v[i - 1]);
		jw_end_obj(&w);
	}
	jw_end_arr(&w);
	free(v);
	jw_key(&w, "live");
	if (registry_pick(st, S(""), &live, &draft, NULL) != 1 || draft) {
		jw_null(&w);
	} else {
		snprintf(name, sizeof(name), "v%u", live);
		jw_z(&w, name);
	}
	jw_key(&w, "next_cursor");
	jw_null(&w);
	jw_end_obj(&w);
	return send(r, 200, &b, e);
}

static int get(struct req *r, struct err *e)
{
	struct model_store *st = api_of(r)->models;
	struct version_info v;
	struct err mine = { 0 };
	struct json *report;
	struct buf b = { 0 };
	struct jw w = { .b = &b };

	if (version_of(r, &v, e) == -1)
		return -1;
	jw_obj(&w);
	model_json_item(&w, st, &v);
	if ((report = model_json_report(st, v.number, &mine)) != NULL) {
		jw_key(&w, "report");
		jw_put(&w, report);
	}
	json_free(report);
	jw_end_obj(&w);
	return send(r, 200, &b, e);
}

static int metrics(struct req *r, struct err *e)
{
	struct version_info v;
	struct buf b = { 0 };
	struct jw w = { .b = &b };

	if (version_of(r, &v, e) == -1)
		return -1;
	jw_obj(&w);
	if (model_json_metrics(&w, api_of(r)->models, v.number, e) == -1) {
		buf_clear(&b);
		return -1;
	}
	jw_end_obj(&w);
	return send(r, 200, &b, e);
}

/* What came of the leads it scored; NULL when it was never live, or nothing has ended since. */
static int live_figures(const struct api *a, const struct model *m, const struct version_info *v,
	struct json **out, struct err *e)
{
	struct live_results res;
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	int rc = 0;

	*out = NULL;
	if (v->published == 0)
		return 0;
	if (live_results(a->store, m->version, v->published * 1000, &m->bands, &res, e) == -1)
		return -1;
	live_results_write(&w, &res);
	if (res.eval.rows != 0 && (*out = json_parse(buf_view(&b), e)) == NULL)
		rc = -1;
	buf_clear(&b);
	return rc;
}

static int card(struct req *r, enum card_format format, const char *type, struct err *e)
{
	const struct api *a = api_of(r);
	struct card_about about = { 0 };
	struct json *live = NULL;
	struct version_info v;
	struct buf b = { 0 };
	struct model *m;
	int rc = -1;

	if (version_of(r, &v, e) == -1 ||
		(m = model_load(a->models, v.number, MODEL_WITH_REPORT, e)) == NULL)
		return -1;
	if (live_figures(a, m, &v, &live, e) == 0) {
		about = (struct card_about){ m->version, version_state_name(v.state), m->created,
			&m->summary, live };
		rc = card_write(m->report, &about, format, &b, e);
	}
	if (rc == 0 && (rc = buf_done(&b, e)) == 0)
		rc = respond_bytes(r, 200, type, &b, e);
	buf_clear(&b);
	json_free(live);
	model_free(m);
	return rc;
}

static int card_as_html(struct req *r, struct err *e)
{
	/* It stands alone: its own style, nothing from outside, no script. */
	respond_header(r, "Content-Security-Policy",
		"default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors "
		"'self'");
	return card(r, CARD_HTML, "text/html; charset=utf-8", e);
}

static int card_as_markdown(struct req *r, struct err *e)
{
	return card(r, CARD_MARKDOWN, "text/markdown; charset=utf-8", e);
}

static int card_as_json(struct req *r, struct err *e)
{
	return card(r, CARD_JSON, "application/json", e);
}

/* --- one beside another --- */

static int gate(struct req *r, struct err *e)
{
	struct model_store *st = api_of(r)->models;
	struct registry_gate g;
	struct version_info v;
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	char *segment = NULL;
	int rc = -1;

	if (version_of(r, &v, e) == 0 && publishing_segment(st, v.number, &segment, e) == 0)
		rc = registry_gate(st, v.number, str_of(segment), &g, NULL, e);
	free(segment);
	if (rc == -1)
		return -1;
	jw_obj(&w);
	model_json_gate(&w, v.number, &g);
	jw_end_obj(&w);
	return send(r, 200, &b, e);
}

static void put_training_side(struct jw *w, const struct holdout_compare *c)
{
	jw_key(w, "training_rows");
	jw_obj(w);
	jw_kint(w, "shared", (int64_t)c->shared);
	jw_kbool(w, "comparable", c->comparable);
	if (c->comparable) {
		jw_kz(w, "verdict",
			c->worse    ? "a is worse"
			: c->better ? "a is better"
				    : "no difference beyond chance");
		jw_key(w, "heat_moves");
		model_json_moves(w, c->moved);
	}
	jw_end_obj(w);
	if (!c->comparable)
		return;
	jw_key(w, "difference");
	jw_obj(w);
	eval_compare_write(w, &c->figures);
	jw_end_obj(w);
}

static void put_leads(struct jw *w, const struct comparing *c)
{
	char id[ID_HEX];

	jw_kint(w, "leads_compared", (int64_t)c->rows);
	jw_knum(w, "mean_a", c->rows == 0 ? NAN : c->mean_a);
	jw_knum(w, "mean_b", c->rows == 0 ? NAN : c->mean_b);
	jw_key(w, "heat_moves");
	model_json_moves(w, c->moved);
	jw_key(w, "leads");
	jw_arr(w);
	for (size_t i = 0; i < c->n; i++) {
		const struct comparing_lead *l = &c->leads[i];

		id_hex(l->id, id);
		jw_obj(w);
		jw_kz(w, "id", id);
		jw_knum(w, "a", l->a);
		jw_knum(w, "b", l->b);
		jw_kz(w, "heat_a", heat_name(l->heat_a));
		jw_kz(w, "heat_b", heat_name(l->heat_b));
		jw_end_obj(w);
	}
	jw_end_arr(w);
}

static int compare(struct req *r, struct err *e)
{
	const struct api *a = api_of(r);
	struct version_info va, vb;
	struct holdout_compare c;
	struct comparing leads;
	struct buf b = { 0 };
	struct jw w = { .b = &b };

	if (version_named(r, req_str(r, "a"), &va, e) == -1 ||
		version_named(r, req_str(r, "b"), &vb, e) == -1 ||
		registry_compare(a->models, va.number, vb.number, &c, NULL, e) == -1 ||
		comparing_run(a->store, a->live, va.number, vb.number,
			(size_t)req_int(r, "rows", COMPARE_ROWS), (size_t)req_int(r, "limit", 50),
			clock_ms(), &leads, e) == -1)
		return -1;
	jw_obj(&w);
	jw_kstr(&w, "a", req_str(r, "a"));
	jw_kstr(&w, "b", req_str(r, "b"));
	put_training_side(&w, &c);
	put_leads(&w, &leads);
	jw_end_obj(&w);
	comparing_clear(&leads);
	return send(r, 200, &b, e);
}

/* --- publishing --- */

/* The problem of a shut gate shows the gate. */
static int shut(struct req *r, uint32_t number, const struct registry_gate *g, struct err *e)
{
	struct buf b = { 0 };
	struct jw w = { .b = &b };

	jw_obj(&w);
	model_json_gate(&w, number, g);
	jw_end_obj(&w);
	if (buf_done(&b, e) == 0)
		respond_extra(r, "gate", buf_view(&b));
	buf_clear(&b);
	return err_set(e, ERR_CONFLICT, "%s; force publishes it all the same", g->why);
}

static int waits(struct req *r, uint32_t number, struct err *e)
{
	struct version_info v;
	struct buf b = { 0 };
	struct jw w = { .b = &b };

	if (find(api_of(r)->models, number, &v, e) == -1)
		return -1;
	jw_obj(&w);
	jw_key(&w, "approval");
	jw_obj(&w);
	jw_kbool(&w, "waits", true);
	jw_kz(&w, "text", "another person has to approve this publishing");
	jw_end_obj(&w);
	jw_key(&w, "model");
	jw_obj(&w);
	model_json_item(&w, api_of(r)->models, &v);
	jw_end_obj(&w);
	jw_end_obj(&w);
	return send(r, 202, &b, e);
}

typedef int publish_fn(const struct publishing *p, const struct publishing_ask *ask,
	struct registry_gate *gate, enum publishing_result *result, struct err *e);

static int publish_by(struct req *r, publish_fn *fn, const char *action, struct err *e)
{
	struct publishing p = desk(r);
	const struct caller *who = req_caller(r);
	enum publishing_result result;
	struct registry_gate g;
	struct version_info v;
	struct publishing_ask ask = {
		.force = json_bool(json_get(req_json(r), "force"), false),
		.note = str_sub(flag_text(r, "note"), 0, 1000),
		.by = str_of(who->user_id[0] != '\0' ? who->user_id : who->key_id),
		.now_ms = clock_ms(),
	};

	if (version_of(r, &v, e) == -1)
		return -1;
	ask.version = v.number;
	if (fn(&p, &ask, &g, &result, e) == -1)
		return -1;
	if (result == PUBLISHING_SHUT)
		return shut(r, v.number, &g, e);
	if (model_audit(r, result == PUBLISHING_WAITS ? "model.publish_asked" : action, v.number,
		    ask.note, e) == -1)
		return -1;
	return result == PUBLISHING_WAITS ? waits(r, v.number, e)
					  : send_version(r, 200, v.number, e);
}

static int publish(struct req *r, struct err *e)
{
	return publish_by(r, publishing_publish, "model.published", e);
}

static int approve(struct req *r, struct err *e)
{
	/* The second pair of eyes is a person's: a key can be in anybody's hands. */
	if (req_caller(r)->key_id[0] != '\0')
		return err_set(e, ERR_PERM, "a person approves, signed in, not a key");
	return publish_by(r, publishing_approve, "model.published", e);
}

static int rollback(struct req *r, struct err *e)
{
	struct publishing p = desk(r);
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	uint32_t number;

	if (publishing_rollback(&p, flag_text(r, "segment"), clock_ms(), &number, e) == -1 ||
		model_audit(r, "model.rolled_back", number, S(""), e) == -1)
		return -1;
	if (number != 0)
		return send_version(r, 200, number, e);
	jw_obj(&w);
	jw_key(&w, "version");
	jw_null(&w);
	jw_end_obj(&w);
	return send(r, 200, &b, e);
}

/* --- drafts, files --- */

static int remove_draft(struct req *r, struct err *e)
{
	struct version_info v;

	if (version_of(r, &v, e) == -1 || registry_remove(api_of(r)->models, v.number, e) == -1 ||
		model_audit(r, "model.deleted", v.number, S(""), e) == -1)
		return -1;
	return respond_empty(r, 204, e);
}

static int export_files(struct req *r, struct err *e)
{
	struct version_info v;
	struct buf b = { 0 };
	char name[48];

	if (version_of(r, &v, e) == -1 ||
		registry_export(api_of(r)->models, v.number, &b, e) == -1 ||
		buf_done(&b, e) == -1) {
		buf_clear(&b);
		return -1;
	}
	snprintf(name, sizeof(name), "heatscore-model-v%u.tar", v.number);
	respond_attachment(r, str_of(name));
	return respond_bytes(r, 200, "application/x-tar", &b, e);
}

static int import_files(struct req *r, struct err *e)
{
	const struct req_file *f = req_file(r);
	struct buf b = { 0 };
	uint32_t number;
	int rc = -1;

	if (f == NULL)
		return err_set(e, ERR_INPUT, "send the file that an export gave");
	if (file_read(f->path, BUNDLE_MAX, &b, e) == 0 &&
		registry_import(api_of(r)->models, buf_view(&b), &number, e) == 0)
		rc = 0;
	/* A damaged file is the sender's, not the server's settings. */
	if (rc == -1 && e->code == ERR_CONFIG)
		e->code = ERR_INPUT;
	buf_clear(&b);
	if (rc == -1 || model_audit(r, "model.imported", number, S(""), e) == -1)
		return -1;
	return send_version(r, 201, number, e);
}

/* --- the table --- */

static const struct param compare_query[] = {
	{ "a", "str", 0, 12, NULL, "A version, as v3", true },
	{ "b", "str", 0, 12, NULL, "The version beside it", true },
	{ "limit", "int", 0, 500, "50", "Leads to list of those whose heat differs", false },
	{ "rows", "int", 0, 20000, "5000", "Open leads to score, those changed last first", false },
	{ 0 },
};

static const struct route routes[] = {
	{ .method = M_GET,
		.path = "/api/v1/models",
		.fn = list,
		.role = ROLE_VIEWER,
		.scope = SCOPE_READ,
		.doc = { .id = "listModels",
			.summary = "All versions of the model, newest first",
			.response = "ModelList",
			.statuses = "200" } },
	{ .method = M_GET,
		.path = "/api/v1/models/{version}",
		.fn = get,
		.role = ROLE_VIEWER,
		.scope = SCOPE_READ,
		.doc = { .id = "getModel",
			.summary = "One version, with everything its training reported",
			.response = "Model",
			.statuses = "200 404" } },
	{ .method = M_GET,
		.path = "/api/v1/models/{version}/metrics",
		.fn = metrics,
		.role = ROLE_VIEWER,
		.scope = SCOPE_READ,
		.doc = { .id = "getModelMetrics",
			.summary = "How good its probabilities are, on rows it had not seen",
			.response = "ModelMetrics",
			.statuses = "200 404" } },
	{ .method = M_GET,
		.path = "/api/v1/models/{version}/card.html",
		.fn = card_as_html,
		.role = ROLE_VIEWER,
		.scope = SCOPE_READ,
		.doc = { .id = "getModelCardHtml",
			.summary = "The model card as a page that stands alone",
			.response = "text/html",
			.statuses = "200 404" } },
	{ .method = M_GET,
		.path = "/api/v1/models/{version}/card.md",
		.fn = card_as_markdown,
		.role = ROLE_VIEWER,
		.scope = SCOPE_READ,
		.doc = { .id = "getModelCardMarkdown",
			.summary = "The model card as Markdown",
			.response = "text/markdown",
			.statuses = "200 404" } },
	{ .method = M_GET,
		.path = "/api/v1/models/{version}/card.json",
		.fn = card_as_json,
		.role = ROLE_VIEWER,
		.scope = SCOPE_READ,
		.doc = { .id = "getModelCardJson",
			.summary = "The model card as JSON",
			.response = "ModelCard",
			.statuses = "200 404" } },
	{ .method = M_GET,
		.path = "/api/v1/models/{version}/gate",
		.fn = gate,
		.role = ROLE_VIEWER,
		.scope = SCOPE_READ,
		.doc = { .id = "getModelGate",
			.summary = "Whether it may take the place of the live version, and why",
			.response = "ModelGate",
			.statuses = "200 404" } },
	{ .method = M_GET,
		.path = "/api/v1/models/compare",
		.fn = compare,
		.role = ROLE_VIEWER,
		.scope = SCOPE_READ,
		.flags = ROUTE_SLOW,
		.doc = { .id = "compareModels",
			.summary = "Two versions, lead by lead",
			.text = "On the training rows both have, and on the open leads that "
				"changed "
				"last, scored as of now by both.",
			.query = compare_query,
			.response = "ModelComparison",
			.statuses = "200 404" } },
	{ .method = M_POST,
		.path = "/api/v1/models/{version}/publish",
		.fn = publish,
		.role = ROLE_MANAGER,
		.scope = SCOPE_MODELS,
		.body = BODY_MAYBE_JSON,
		.flags = ROUTE_IDEMPOTENT | ROUTE_SLOW,
		.doc = { .id = "publishModel",
			.summary = "Make it the version that scores",
			.text = "Through the gate; `force` insists. With a second pair of eyes "
				"set, "
				"the answer is 202 and another person approves. All leads are "
				"scored anew by a job; old scores stay until then.",
			.request = "PublishRequest",
			.response = "PublishAnswer",
			.statuses = "200 202 404 409",
			.example = "{\"note\":\"better on last quarter\"}" } },
	{ .method = M_POST,
		.path = "/api/v1/models/{version}/approve",
		.fn = approve,
		.role = ROLE_MANAGER,
		.scope = SCOPE_MODELS,
		.body = BODY_MAYBE_JSON,
		.flags = ROUTE_IDEMPOTENT | ROUTE_SLOW,
		.doc = { .id = "approveModel",
			.summary = "Say yes to a publishing that somebody else asked for",
			.request = "PublishRequest",
			.response = "PublishAnswer",
			.statuses = "200 403 404 409" } },
	{ .method = M_POST,
		.path = "/api/v1/models/rollback",
		.fn = rollback,
		.role = ROLE_MANAGER,
		.scope = SCOPE_MODELS,
		.body = BODY_MAYBE_JSON,
		.flags = ROUTE_IDEMPOTENT | ROUTE_SLOW,
		.doc = { .id = "rollbackModel",
			.summary = "Back to the version that was live before",
			.request = "RollbackRequest",
			.response = "Model",
			.statuses = "200 409" } },
	{ .method = M_DELETE,
		.path = "/api/v1/models/{version}",
		.fn = remove_draft,
		.role = ROLE_MANAGER,
		.scope = SCOPE_MODELS,
		.doc = { .id = "deleteModel",
			.summary = "Remove a draft; its number is not given again",
			.statuses = "204 404 409" } },
	{ .method = M_GET,
		.path = "/api/v1/models/{version}/export",
		.fn = export_files,
		.role = ROLE_MANAGER,
		.scope = SCOPE_MODELS,
		.rate = RATE_EXPORT,
		.flags = ROUTE_SLOW,
		.doc = { .id = "exportModel",
			.summary = "All files of a version as one tar archive",
			.response = "application/x-tar",
			.statuses = "200 404" } },
	{ .method = M_POST,
		.path = "/api/v1/models/import",
		.fn = import_files,
		.role = ROLE_MANAGER,
		.scope = SCOPE_MODELS,
		.rate = RATE_UPLOAD,
		.body = BODY_UPLOAD,
		.body_max = (size_t)1 << 30,
		.flags = ROUTE_SLOW,
		.doc = { .id = "importModel",
			.summary = "A version that another server exported, as a new draft",
			.response = "Model",
			.statuses = "201 413 422" } },
	{ 0 },
};

#define FIGURE \
	"{\"type\":\"object\",\"properties\":{\"value\":{\"type\":[\"number\",\"null\"]}," \
	"\"low\":{\"type\":[\"number\",\"null\"]},\"high\":{\"type\":[\"number\",\"null\"]}}}"
#define VERSION "{\"type\":\"string\",\"pattern\":\"^v[1-9][0-9]*$\"}"
#define MOVES   "{\"type\":\"array\",\"items\":{\"type\":\"array\",\"items\":{\"type\":\"integer\"}}}"

static const struct api_schema schemas[] = {
	{ "Model",
		"{\"type\":\"object\",\"properties\":{\"version\":{\"type\":[\"string\",\"null\"]},"
		"\"state\":{\"enum\":[\"draft\",\"published\",\"archived\"]},"
		"\"created_at\":{\"type\":\"string\",\"format\":\"date-time\"},"
		"\"published_at\":{\"type\":\"string\",\"format\":\"date-time\"},"
		"\"name\":{\"type\":\"string\"},\"target\":{\"type\":\"string\"},"
		"\"outcome\":{\"type\":\"string\"},\"rows\":{\"type\":\"integer\"},"
		"\"won\":{\"type\":\"integer\"},\"lost\":{\"type\":\"integer\"},"
		"\"open\":{\"type\":\"integer\"},\"base_rate\":{\"type\":\"number\"},"
		"\"roc_auc\":{\"type\":\"number\"},\"pr_auc\":{\"type\":\"number\"},"
		"\"log_loss\":{\"type\":\"number\"},\"brier\":{\"type\":\"number\"},"
		"\"ece\":{\"type\":\"number\"},\"trees\":{\"type\":\"integer\"},"
		"\"not_enough\":{\"type\":\"boolean\"},\"problem\":{\"type\":\"string\"},"
		"\"segment\":{\"type\":\"string\"},\"priority\":{\"type\":\"integer\"},"
		"\"source\":{\"type\":\"object\"},\"approval\":{\"type\":\"object\"},"
		"\"report\":{\"type\":\"object\"}},\"required\":[\"version\"]}" },
	{ "ModelList",
		"{\"type\":\"object\",\"properties\":{\"items\":{\"type\":\"array\",\"items\":"
		"{\"$ref\":\"#/components/schemas/Model\"}},\"live\":{\"type\":[\"string\","
		"\"null\"]},\"next_cursor\":{\"type\":[\"string\",\"null\"]}},\"required\":["
		"\"items\",\"live\"]}" },
	{ "ModelMetrics",
		"{\"type\":\"object\",\"properties\":{\"version\":" VERSION ",\"roc_auc\":" FIGURE
		",\"pr_auc\":" FIGURE ",\"log_loss\":" FIGURE ",\"brier\":" FIGURE
		",\"ece\":" FIGURE ",\"reliability\":{\"type\":\"array\",\"items\":{\"type\":"
		"\"object\"}},\"lift\":{\"type\":\"array\",\"items\":{\"type\":\"object\"}},"
		"\"baselines\":{\"type\":\"object\"},\"roc\":{\"type\":\"array\"},\"pr\":"
		"{\"type\":\"array\"},\"histogram\":{\"type\":\"array\"},\"confusion\":{\"type\":"
		"\"array\"},\"by_heat\":{\"type\":\"array\"},\"groups\":{\"type\":\"array\"},"
		"\"bands\":{\"type\":\"object\"},\"time_ordered\":{\"type\":\"object\"}},"
		"\"required\":[\"version\",\"roc_auc\",\"reliability\"]}" },
	{ "ModelCard", "{\"type\":\"object\"}" },
	{ "ModelGate",
		"{\"type\":\"object\",\"properties\":{\"version\":" VERSION
		",\"open\":{\"type\":\"boolean\"},\"why\":{\"type\":\"string\"},\"live\":{\"type\":"
		"[\"string\",\"null\"]},\"shared_rows\":{\"type\":\"integer\"},\"compare\":"
		"{\"type\":\"object\"},\"moves\":" MOVES "},\"required\":[\"open\",\"why\","
		"\"live\"]}" },
	{ "ModelComparison",
		"{\"type\":\"object\",\"properties\":{\"a\":" VERSION ",\"b\":" VERSION
		",\"difference\":{\"type\":\"object\"},\"training_rows\":{\"type\":\"object\"},"
		"\"leads_compared\":{\"type\":\"integer\"},\"heat_moves\":" MOVES
		",\"leads\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{"
		"\"id\":{\"type\":\"string\"},\"a\":{\"type\":\"number\"},\"b\":{\"type\":"
		"\"number\"},\"heat_a\":{\"type\":\"string\"},\"heat_b\":{\"type\":\"string\"}}}}},"
		"\"required\":[\"a\",\"b\",\"leads\"]}" },
	{ "PublishAnswer",
		"{\"anyOf\":[{\"$ref\":\"#/components/schemas/Model\"},{\"type\":\"object\","
		"\"description\":\"It waits for another person.\",\"properties\":{\"approval\":{"
		"\"type\":\"object\"}},\"required\":[\"approval\"]}]}" },
	{ "PublishRequest",
		"{\"type\":\"object\",\"properties\":{\"force\":{\"type\":\"boolean\"},\"note\":"
		"{\"type\":\"string\",\"maxLength\":1000}}}" },
	{ "RollbackRequest",
		"{\"type\":\"object\",\"properties\":{\"segment\":{\"type\":\"string\"}}}" },
	{ 0 },
};

const struct route_set models_set = { "Models",
	"Versions of the model: quality, comparison, publishing, rolling back", routes, schemas };
