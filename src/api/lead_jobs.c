/* SPDX-License-Identifier: Apache-2.0 */
/* Work on many leads, and persons given out and erased: checked here, done by jobs. */
#include <stdio.h>
#include <string.h>

#include "api/api.h"
#include "api/lead_call.h"
#include "api/lead_schemas.h"
#include "api/routes.h"
#include "http/respond.h"
#include "leads/bulk.h"
#include "leads/lead_json.h"
#include "leads/live.h"
#include "leads/persons.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"
#include "util/utf8.h"

/* 202 with the job, or with the one that does the same already. */
static int accept_job(struct req *r, struct job *ask, struct err *e)
{
	struct store *s = api_of(r)->store;
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	char where[64] = "/api/v1/jobs/";
	struct job made;
	bool existed;

	ask->id = req_new_id(r);
	ask->created_ms = clock_ms();
	ask->created_by = lead_call_by(req_caller(r));
	if (s->jobs->enqueue(s, ask, req_arena(r), &made, &existed, e) == -1)
		return -1;
	jw_obj(&w);
	jw_key(&w, "job");
	jw_obj(&w);
	lead_json_id(&w, "id", made.id);
	jw_kstr(&w, "kind", made.kind);
	jw_kz(&w, "state", job_state_name(made.state));
	jw_knum(&w, "progress", made.progress);
	jw_kint(&w, "attempts", made.tries);
	lead_json_time(&w, "created_at", made.created_ms);
	jw_end_obj(&w);
	jw_end_obj(&w);
	id_ulid(made.id, where + strlen(where));
	if (buf_done(&b, e) == -1) {
		buf_clear(&b);
		return -1;
	}
	return respond_accepted(r, where, &b, e);
}

static void tell(void *ctx, const char *pointer, const char *detail)
{
	respond_fault(ctx, pointer, "%s", detail);
}

static int bulk(struct req *r, struct err *e)
{
	const struct caller *who = req_caller(r);
	struct bulk_ask ask = { .body = req_json(r),
		.by = lead_call_by(who),
		.own_only = who->own_only,
		.owner = str_of(who->owner),
		.fault = tell,
		.ctx = r };
	struct job job = { .kind = S("bulk"), .max_tries = 5 };
	struct buf args = { 0 };
	int rc = -1;

	if (bulk_deletes(ask.body) && who->role < ROLE_MANAGER)
		return err_set(e, ERR_PERM, "leads are deleted by managers");
	if (bulk_args(&ask, req_arena(r), &args, e) == 0 &&
		lead_call_audit(r, bulk_deletes(ask.body) ? "leads.bulk_delete" : "leads.bulk",
			S("leads"), S(""), e) == 0) {
		job.args = buf_view(&args);
		rc = accept_job(r, &job, e);
	}
	buf_clear(&args);
	return rc;
}

static int undo_bulk(struct req *r, struct err *e)
{
	const struct caller *who = req_caller(r);
	struct store *s = api_of(r)->store;
	struct bulk b = { .store = s, .data = api_of(r)->data };
	struct job job = { .kind = S(BULK_UNDO_JOB), .max_tries = 5 }, of;
	struct buf args = { 0 };
	char dedupe[ID_ULID + 8] = "undo ";
	struct id id;
	int rc = -1;

	if (id_parse_ulid(req_path(r, "id"), &id) == -1)
		return err_set(e, ERR_NOT_FOUND, "there is no such job");
	if (s->jobs->get(s, id, req_arena(r), &of, e) == -1)
		return -1;
	if (who->role < ROLE_MANAGER && !id_eq(of.created_by, lead_call_by(who)))
		return err_set(e, ERR_PERM, "others' changes are taken back by managers");
	id_ulid(id, dedupe + strlen(dedupe));
	job.dedupe = str_of(dedupe);
	if (bulk_undo_args(&b, &of, &args, e) == 0 &&
		lead_call_audit(r, "leads.bulk_undo", S("leads"), S(""), e) == 0) {
		job.args = buf_view(&args);
		rc = accept_job(r, &job, e);
	}
	buf_clear(&args);
	return rc;
}

/* --- persons --- */

/* One of email, phone, id out of the body. */
static int read_person(struct req *r, struct person *p, struct err *e)
{
	const struct json *body = req_json(r);
	struct str key, text;
	char pointer[128];
	const struct json *v;

	*p = (struct person){ 0 };
	if (json_type(body) != J_OBJ || json_len(body) != 1) {
		respond_fault(r, "", "expected one of email, phone, id");
		return err_set(e, ERR_INPUT, "expected one of email, phone, id");
	}
	v = json_member(body, 0, &key);
	text = str_trim(json_str(v, S("")));
	if (str_eq(key, S("email")) && text.n > 0 && text.n <= 1000)
		p->email = text;
	else if (str_eq(key, S("phone")) && text.n > 3 && text.n <= 200)
		p->phone = text;
	else if (!str_eq(key, S("id")) || id_parse_hex(text, &p->id) == -1) {
		snprintf(pointer, sizeof(pointer), "/" STR_FMT, STR_ARG(utf8_cut(key, 100)));
		respond_fault(r, pointer, "expected an email, a phone number or the id of a lead");
		return err_set(e, ERR_INPUT, "expected one of email, phone, id");
	}
	return 0;
}

static int erase(struct req *r, struct err *e)
{
	struct job job = { .kind = S("erase"), .priority = 10 };
	struct buf args = { 0 };
	struct person p;
	char detail[48];
	struct id *ids;
	size_t n;
	int rc = -1;

	if (read_person(r, &p, e) == -1 ||
		persons_find(api_of(r)->store, &p, req_arena(r), &ids, &n, e) == -1)
		return -1;
	if (n == 0)
		return err_set(e, ERR_NOT_FOUND, "nothing is kept of such a person");
	snprintf(detail, sizeof(detail), "{\"leads\":%zu}", n);
	if (persons_erase_args(ids, n, &args, e) == 0 &&
		lead_call_audit(r, "person.erased", S("person"), str_of(detail), e) == 0) {
		job.args = buf_view(&args);
		rc = accept_job(r, &job, e);
	}
	buf_clear(&args);
	return rc;
}

static int export(struct req *r, struct err *e)
{
	struct store *s = api_of(r)->store;
	struct person p = { .email = str_trim(req_str(r, "email")) };
	struct live_model *m;
	struct buf b = { 0 };
	struct jw w = { .b = &b, .indent = 1 };
	struct id *ids;
	size_t n;
	int rc;

	if (p.email.n == 0) {
		respond_fault(r, "?email", "expected an email");
		return err_set(e, ERR_INPUT, "email: expected an email");
	}
	if (persons_find(s, &p, req_arena(r), &ids, &n, e) == -1)
		return -1;
	if (n == 0)
		return err_set(e, ERR_NOT_FOUND, "nothing is kept of such a person");
	if (lead_call_audit(r, "person.exported", S("person"), S(""), e) == -1)
		return -1;
	m = live_hold(api_of(r)->live);
	rc = persons_export(s, live_versions(m), ids, n, req_arena(r), &w, e);
	live_drop(m);
	if (rc == -1) {
		buf_clear(&b);
		return -1;
	}
	respond_attachment(r, S("person.json"));
	return lead_call_respond(r, 200, &b, e);
}

static const struct param export_query[] = {
	{ "email", "str", 0, 1000, NULL, "Whose", true },
	{ 0 },
};

static const struct route routes[] = {
	{ .method = M_POST,
		.path = "/api/v1/leads/bulk",
		.fn = bulk,
		.role = ROLE_REP,
		.scope = SCOPE_WRITE,
		.body = BODY_JSON,
		.flags = ROUTE_IDEMPOTENT,
		.doc = { .id = "changeLeads",
			.summary = "One thing done to many leads, as a job",
			.request = "BulkInput",
			.response = "JobAccepted",
			.statuses = "202 422",
			.example = "{\"action\":\"owner\",\"value\":\"Grace\",\"filter\":"
				   "\"heat=hot&owner[empty]=true\"}" } },
	{ .method = M_POST,
		.path = "/api/v1/jobs/{id}/undo",
		.fn = undo_bulk,
		.role = ROLE_REP,
		.scope = SCOPE_WRITE,
		.doc = { .id = "undoBulk",
			.summary = "Take a change of many leads back, as a job",
			.text = "Leads that were changed since stay as they are. What leads were "
				"is kept for some days; scoring and deleting cannot be taken back.",
			.response = "JobAccepted",
			.statuses = "202 404 409" } },
	{ .method = M_POST,
		.path = "/api/v1/persons/erase",
		.fn = erase,
		.role = ROLE_ADMIN,
		.scope = SCOPE_ADMIN,
		.body = BODY_JSON,
		.doc = { .id = "erasePerson",
			.summary = "Erase a person everywhere, as a job",
			.text = "All leads with this email, phone number or id, their history, "
				"notes "
				"and events, and the raw files of uploads that have them in it. "
				"Backups "
				"made before are not changed; restoring one erases the person "
				"again.",
			.request = "PersonInput",
			.response = "JobAccepted",
			.statuses = "202 404 422",
			.example = "{\"email\":\"ada@example.com\"}" } },
	{ .method = M_GET,
		.path = "/api/v1/persons/export",
		.fn = export,
		.role = ROLE_MANAGER,
		.scope = SCOPE_ADMIN,
		.rate = RATE_EXPORT,
		.doc = { .id = "exportPerson",
			.summary = "All that is kept of one person",
			.query = export_query,
			.response = "PersonExport",
			.statuses = "200 404 422" } },
	{ 0 },
};

static const struct api_schema schemas[] = {
	{ "BulkInput",
		"{\"type\":\"object\",\"properties\":{\"action\":{\"enum\":[\"owner\",\"tag\","
		"\"untag\",\"outcome\",\"override\",\"verdict\",\"rescore\",\"delete\"]},\"value\":"
		"{"
		"\"type\":[\"string\",\"null\"]},\"ids\":{\"type\":\"array\",\"items\":" S_LEAD_ID
		",\"maxItems\":100000},\"filter\":{\"type\":\"string\",\"description\":\"A query "
		"string of the list of leads\"},\"except\":{\"type\":\"array\",\"items\":" S_LEAD_ID
		"}},\"required\":[\"action\"],\"additionalProperties\":false}" },
	{ "JobAccepted", S_REQ(S_M("job", S_REQ(S_M("id", S_ULID) "," S_M("kind", S_STR) "," S_M(
							"state", S_STR) "," S_M("progress",
							S_PROB) "," S_M("attempts",
							S_INT) "," S_M("created_at", S_TIME),
						  "\"id\",\"kind\",\"state\"")),
				 "\"job\"") },
	{ "PersonInput",
		"{\"type\":\"object\",\"properties\":{\"email\":{\"type\":\"string\"},\"phone\":{"
		"\"type\":\"string\"},\"id\":" S_LEAD_ID "},\"minProperties\":1,"
		"\"maxProperties\":1,\"additionalProperties\":false}" },
	{ "PersonExport",
		S_REQ(S_M("leads",
			      S_ARR(S_REQ(
				      S_M("lead", S_REF("Lead")) "," S_M("versions",
					      S_ARR("{\"type\":\"object\"}")) "," S_M("scores",
					      S_ARR("{\"type\":\"object\"}")) "," S_M("timeline",
					      S_ARR(S_REF("LeadMoment"))),
				      "\"lead\",\"versions\",\"scores\",\"timeline\""))),
			"\"leads\"") },
	{ NULL, NULL },
};

const struct route_set lead_jobs_set = { "Many leads, and persons",
	"Bulk changes, scoring all anew, erasing and giving out a person", routes, schemas };
