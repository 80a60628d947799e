/* SPDX-License-Identifier: Apache-2.0 */
/* Leads: the list, and one of them made, read, changed and deleted. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "api/api.h"
#include "api/lead_call.h"
#include "api/lead_list.h"
#include "api/lead_schemas.h"
#include "api/routes.h"
#include "http/respond.h"
#include "leads/explanation.h"
#include "leads/lead_body.h"
#include "leads/lead_json.h"
#include "leads/lead_seat.h"
#include "leads/live.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/crypto.h"
#include "util/err.h"
#include "util/json.h"

/* --- the list --- */

static int list(struct req *r, struct err *e)
{
	static const char *const others[] = { "limit", "cursor", "at", "fields", "reason", "total",
		NULL };
	struct lead_list_shown shown;
	bool reasons = req_bool(r, "reason", false);
	struct lead_query to = { .limit = (size_t)req_int(r, "limit", 50),
		.at = req_num(r, "at", NAN),
		.total = req_bool(r, "total", true) };
	struct query q;

	if (lead_list_fields(r, &shown, e) == -1 || lead_call_query(r, others, &q, e) == -1 ||
		lead_call_cursor(r, &to.cursor, e) == -1)
		return -1;
	if (to.cursor.n > 0 && isfinite(to.at)) {
		respond_fault(r, "?at", "a page starts at a cursor or at a fraction, not both");
		return err_set(e, ERR_INPUT, "at: not together with cursor");
	}
	query_to(&q, &to);
	to.cells = reasons || shown.n > 0;
	return lead_list_send(r, &to, &shown, reasons, e);
}

static int attributes(struct req *r, struct err *e)
{
	struct store *s = api_of(r)->store;
	struct attribute_count *c;
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	size_t n;

	if (s->leads->attributes(s, req_arena(r), &c, &n, e) == -1)
		return -1;
	jw_obj(&w);
	jw_key(&w, "items");
	jw_arr(&w);
	for (size_t i = 0; i < n; i++) {
		jw_obj(&w);
		jw_kstr(&w, "name", c[i].header);
		jw_kint(&w, "filled", (int64_t)c[i].filled);
		jw_kbool(&w, "indexed", c[i].indexed);
		jw_end_obj(&w);
	}
	jw_end_arr(&w);
	jw_end_obj(&w);
	return lead_call_respond(r, 200, &b, e);
}

/* --- one lead --- */

static int get(struct req *r, struct err *e)
{
	struct lead l;

	return lead_call_find(r, &l, e) == -1 ? -1 : lead_call_send(r, 200, &l, e);
}

static int read_body(struct req *r, struct lead_body *b, struct err *e)
{
	const struct caller *who = req_caller(r);
	size_t n;

	if (lead_body_read(req_body(r), req_arena(r), b, e) == -1) {
		n = b->n_faults < LEAD_BODY_FAULTS ? b->n_faults : LEAD_BODY_FAULTS;
		for (size_t i = 0; i < n; i++)
			respond_fault(r, b->faults[i].pointer, "%s", b->faults[i].detail);
		return -1;
	}
	if ((b->fields & FIELD_BIT(LF_OWNER)) != 0 &&
		!lead_call_owner(who, b->values.text[LF_OWNER]))
		return err_set(e, ERR_PERM, "you can only give leads to yourself");
	return 0;
}

/* What nobody sent and follows from what was: whose it is, and when it was decided. */
static void complete(struct req *r, const struct lead_values *before, struct lead_body *b)
{
	const struct caller *who = req_caller(r);
	bool decided = b->values.outcome != LEAD_OPEN;

	if (before == NULL && who->own_only && (b->fields & FIELD_BIT(LF_OWNER)) == 0) {
		b->fields |= FIELD_BIT(LF_OWNER);
		b->values.text[LF_OWNER] = str_of(who->owner);
	}
	if ((b->fields & FIELD_BIT(LF_OUTCOME)) == 0 ||
		(b->fields & FIELD_BIT(LF_OUTCOME_AT)) != 0 ||
		(before != NULL && before->outcome == b->values.outcome))
		return;
	b->fields |= FIELD_BIT(LF_OUTCOME_AT);
	b->values.outcome_ms = decided ? clock_ms() : MS_NONE;
}

static void natural_id(struct req *r, const struct lead_body *b, struct id *out)
{
	const struct store *s = api_of(r)->store;

	if (b->values.text[LF_EXTERNAL_ID].n > 0)
		store_lead_id_external(s, b->values.text[LF_EXTERNAL_ID], out);
	else if (b->values.text[LF_EMAIL].n > 0)
		store_lead_id_email(s, b->values.text[LF_EMAIL], out);
	else
		crypto_random(out->b, sizeof(out->b));
}

/* Makes it or updates it, scored in the same write where nothing else is known of it. */
static int put(struct req *r, const struct lead_body *b, struct id id, struct lead *out,
	enum lead_result *result, struct err *e)
{
	struct store *s = api_of(r)->store;
	struct live_model *m = live_hold(api_of(r)->live);
	int64_t now = clock_ms();
	double days = lead_seat_days(now);
	struct lead_put_opts o = { .by = lead_call_by(req_caller(r)), .now_ms = now };
	struct lead_seat seat = { 0 };
	struct lead_score kept;
	struct lead_put row;
	struct score score;
	int rc = -1;

	if (lead_body_put(b, s, req_arena(r), &row, e) == -1 ||
		lead_seat_take(&seat, s, m, row.layout, row.cells, req_arena(r), e) == -1 ||
		lead_seat_score(&seat, days, &score, e) == -1)
		goto done;
	lead_seat_store(&seat, &score, days, now, &kept);
	row.id = id;
	row.score = &kept;
	if (s->leads->put(s, &row, 1, &o, e) == -1 ||
		s->leads->get(s, id, req_arena(r), out, e) == -1)
		goto done;
	*result = row.result;
	rc = 0;
done:
	lead_seat_leave(&seat);
	live_drop(m);
	if (rc == 0 && *result != LEAD_UNCHANGED)
		rc = lead_call_event(r, id, *result == LEAD_CREATED ? "created" : "updated",
			*result == LEAD_CREATED ? S("Sent to the API") : S("Sent to the API again"),
			e);
	return rc == 0 ? lead_call_score(r, out, e) : -1;
}

static int create(struct req *r, struct err *e)
{
	struct store *s = api_of(r)->store;
	enum lead_result result;
	struct lead_body b;
	struct lead there;
	struct err why = { 0 };
	struct id id;

	if (read_body(r, &b, e) == -1)
		return -1;
	complete(r, NULL, &b);
	natural_id(r, &b, &id);
	if (s->leads->get(s, id, req_arena(r), &there, &why) == 0) {
		char quoted[ID_HEX + 2] = "\"";

		id_hex(id, quoted + 1);
		strcat(quoted, "\"");
		if (lead_call_sees(req_caller(r), &there))
			respond_extra(r, "lead", str_of(quoted));
		return err_set(e, ERR_CONFLICT,
			"there is a lead with this %s already; PATCH it, or PUT "
			"/api/v1/leads/by-external-id/{id}",
			b.values.text[LF_EXTERNAL_ID].n > 0 ? "external id" : "email");
	}
	if (why.code != ERR_NOT_FOUND) {
		*e = why;
		return -1;
	}
	if (put(r, &b, id, &there, &result, e) == -1)
		return -1;
	return lead_call_send(r, result == LEAD_CREATED ? 201 : 200, &there, e);
}

static int put_external(struct req *r, struct err *e)
{
	struct str key = str_trim(req_path(r, "external_id"));
	struct store *s = api_of(r)->store;
	enum lead_result result;
	struct err why = { 0 };
	struct lead_body b;
	struct lead there;
	struct id id;
	bool is_there;

	if (read_body(r, &b, e) == -1)
		return -1;
	if (b.values.text[LF_EXTERNAL_ID].n > 0 && !str_eq(b.values.text[LF_EXTERNAL_ID], key)) {
		respond_fault(r, "/external_id", "another one than in the path");
		return err_set(e, ERR_INPUT, "/external_id: another one than in the path");
	}
	b.fields |= FIELD_BIT(LF_EXTERNAL_ID);
	b.values.text[LF_EXTERNAL_ID] = key;
	store_lead_id_external(s, key, &id);
	is_there = s->leads->get(s, id, req_arena(r), &there, &why) == 0;
	if (!is_there && why.code != ERR_NOT_FOUND) {
		*e = why;
		return -1;
	}
	if (is_there && !lead_call_sees(req_caller(r), &there))
		return err_set(e, ERR_CONFLICT, "this external id is taken");
	if (is_there && lead_call_match(r, &there, NULL, e) == -1)
		return -1;
	complete(r, is_there ? &there.values : NULL, &b);
	if (put(r, &b, id, &there, &result, e) == -1)
		return -1;
	return lead_call_send(r, result == LEAD_CREATED ? 201 : 200, &there, e);
}

/* --- changes --- */

static bool same_value(const struct lead_values *a, const struct lead_values *b, int f)
{
	switch (f) {
	case LF_VALUE:
		return a->value == b->value || (isnan(a->value) && isnan(b->value));
	case LF_CREATED_AT:
		return a->created_ms == b->created_ms;
	case LF_LAST_ACTIVITY_AT:
		return a->last_activity_ms == b->last_activity_ms;
	case LF_OUTCOME:
		return a->outcome == b->outcome;
	case LF_OUTCOME_AT:
		return a->outcome_ms == b->outcome_ms;
	default:
		return str_eq(a->text[f], b->text[f]);
	}
}

/* A column of the file that is a field under another name would be changed behind its back. */
static void check_column(
	struct req *r, const struct layout *layout, const struct attribute_change *c)
{
	ptrdiff_t i = layout == NULL ? -1 : layout_find(layout, c->header);
	char pointer[128];

	if (i < 0 || layout->columns[i].use >= LF_MAPPED)
		return;
	snprintf(pointer, sizeof(pointer), "/attributes/" STR_FMT,
		STR_ARG(str_sub(c->header, 0, 100)));
	respond_fault(
		r, pointer, "this column is the field %s", field_name(layout->columns[i].use));
}

/* Leaves in ${b} only what differs from ${l}. */
static int only_new(struct req *r, const struct lead *l, struct lead_body *b, struct err *e)
{
	struct store *s = api_of(r)->store;
	const struct layout *layout = l->layout == 0 ? NULL : s->layouts->get(s, l->layout, NULL);
	size_t n = 0;

	for (size_t i = 0; i < b->n_attributes; i++)
		check_column(r, layout, &b->attributes[i]);
	if (respond_faults(r) > 0)
		return err_set(
			e, ERR_INPUT, "a column of the file that is a field is changed by it");
	for (int f = 0; f < LF_MAPPED; f++)
		if ((b->fields & FIELD_BIT(f)) != 0 && same_value(&b->values, &l->values, f))
			b->fields &= ~FIELD_BIT(f);
	for (size_t i = 0; i < b->n_attributes; i++)
		if (!str_eq(b->attributes[i].cell,
			    lead_json_attribute(l, layout, b->attributes[i].header)))
			b->attributes[n++] = b->attributes[i];
	b->n_attributes = n;
	return 0;
}

static void words_of_change(const struct lead_body *b, struct buf *out)
{
	const char *sep = "Changed ";

	for (int f = 0; f < LF_MAPPED; f++)
		if ((b->fields & FIELD_BIT(f)) != 0) {
			buf_fmt(out, "%s%s", sep, field_label((enum lead_field)f));
			sep = ", ";
		}
	for (size_t i = 0; i < b->n_attributes; i++) {
		buf_fmt(out, "%s" STR_FMT, sep, STR_ARG(b->attributes[i].header));
		sep = ", ";
	}
}

static int change(
	struct req *r, struct lead *l, const struct lead_body *b, uint64_t version, struct err *e)
{
	static const uint64_t outcome = FIELD_BIT(LF_OUTCOME) | FIELD_BIT(LF_OUTCOME_AT);
	struct store *s = api_of(r)->store;
	struct lead_change c = {
		.by = lead_call_by(req_caller(r)), .now_ms = clock_ms(), .version = version
	};
	struct event event = { .id = req_new_id(r), .lead = l->id, .at_ms = c.now_ms, .by = c.by };
	struct buf text = { 0 };
	int rc = -1;

	lead_body_change(b, &c);
	words_of_change(b, &text);
	if (buf_done(&text, e) == -1)
		goto done;
	event.kind = b->n_attributes > 0                ? S("updated")
		     : b->fields == FIELD_BIT(LF_OWNER) ? S("owner")
		     : (b->fields & ~outcome) == 0      ? S("outcome")
							: S("updated");
	event.text = buf_view(&text);
	c.event = &event;
	rc = s->leads->change(s, l->id, &c, req_arena(r), l, e);
	if (rc == -1 && e->code == ERR_CONFLICT)
		rc = lead_call_conflict(r, l->id, e);
done:
	buf_clear(&text);
	return rc == 0 ? lead_call_score(r, l, e) : -1;
}

static int patch(struct req *r, struct err *e)
{
	struct lead_body b;
	struct lead l;
	uint64_t version;

	if (lead_call_find(r, &l, e) == -1 || lead_call_match(r, &l, &version, e) == -1 ||
		read_body(r, &b, e) == -1)
		return -1;
	complete(r, &l.values, &b);
	if (only_new(r, &l, &b, e) == -1)
		return -1;
	if ((b.fields != 0 || b.n_attributes > 0) && change(r, &l, &b, version, e) == -1)
		return -1;
	return lead_call_send(r, 200, &l, e);
}

static int delete (struct req *r, struct err *e)
{
	struct store *s = api_of(r)->store;
	char object[48] = "lead ";
	struct lead l;
	uint64_t version;

	if (lead_call_find(r, &l, e) == -1 || lead_call_match(r, &l, &version, e) == -1)
		return -1;
	id_hex(l.id, object + strlen(object));
	if (s->leads->remove(s, l.id, version, e) == -1)
		return e->code == ERR_CONFLICT ? lead_call_conflict(r, l.id, e) : -1;
	if (lead_call_audit(r, "lead.deleted", str_of(object), S(""), e) == -1)
		return -1;
	return respond_empty(r, 204, e);
}

static int explanation(struct req *r, struct err *e)
{
	struct lead l;
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	struct explanation_opts o = { .store = api_of(r)->store,
		.live = api_of(r)->live,
		.lead = &l,
		.reasons = (size_t)req_int(r, "k", 8),
		.now_ms = clock_ms(),
		.arena = req_arena(r) };

	if (lead_call_find(r, &l, e) == -1)
		return -1;
	if (explanation_write(&o, &w, e) == -1) {
		buf_clear(&b);
		return -1;
	}
	return lead_call_respond(r, 200, &b, e);
}

/* Until passages and leads are embedded nothing can be said of likeness: say so. */
static int similar(struct req *r, struct err *e)
{
	struct buf b = { 0 };
	struct lead l;

	if (lead_call_find(r, &l, e) == -1)
		return -1;
	buf_z(&b, "{\"items\":[],\"available\":false,\"why\":\"leads are not embedded on this "
		  "server, so there is nothing to compare by\"}");
	return lead_call_respond(r, 200, &b, e);
}

/* --- routes --- */

static const struct param list_query[] = {
	{ "limit", "int", 1, 500, "50", "Page size", false },
	{ "cursor", "str", 0, 4000, NULL, "next_cursor of the page before", false },
	{ "at", "num", 0, 1, NULL, "Start at this fraction of the sorted list", false },
	{ "sort", "str", 0, 1000, NULL, "A column, with - in front from high to low; -score",
		false },
	{ "q", "str", 0, 500, NULL, "Words that begin words of a name, company, note, ...", false },
	{ "fields", "str", 0, 4000, NULL,
		"Only these columns; attr.HEADER adds an attribute; \\, is a comma in a name",
		false },
	{ "reason", "bool", 0, 0, "false", "With the main reason of each score", false },
	{ "total", "bool", 0, 0, "true", "Count them", false },
	{ "view", "str", 0, 40, NULL, "Id of a saved view whose filters hold too", false },
	{ "*", "filter", 0, 0, NULL,
		"FIELD=V, FIELD[op]=V or attr.HEADER[op]=V; eq ne in nin gt gte lt lte contains "
		"starts empty",
		false },
	{ 0 },
};

static const struct param explanation_query[] = {
	{ "k", "int", 0, 100, "8", "At most so many reasons by name", false },
	{ 0 },
};

#define READ_LEAD .role = ROLE_VIEWER, .scope = SCOPE_READ
#define EDIT_LEAD .role = ROLE_REP, .scope = SCOPE_WRITE

static const struct route routes[] = {
	{ .method = M_GET,
		.path = "/api/v1/leads",
		.fn = list,
		READ_LEAD,
		.doc = { .id = "listLeads",
			.summary = "Leads that pass the filters, best score first",
			.query = list_query,
			.response = "LeadPage",
			.statuses = "200 304 400 422" } },
	{ .method = M_POST,
		.path = "/api/v1/leads",
		.fn = create,
		EDIT_LEAD,
		.body = BODY_JSON,
		.flags = ROUTE_IDEMPOTENT,
		.doc = { .id = "createLead",
			.summary = "A new lead, scored at once",
			.request = "LeadInput",
			.response = "Lead",
			.statuses = "201 409 422",
			.example = "{\"email\":\"ada@example.com\",\"company\":\"Analytical "
				   "Engines\",\"source\":\"Referral\",\"page_views\":12}" } },
	{ .method = M_GET,
		.path = "/api/v1/leads/attributes",
		.fn = attributes,
		READ_LEAD,
		.doc = { .id = "listLeadAttributes",
			.summary =
				"Columns of files that are no fields, and how many leads have them",
			.response = "LeadAttributes",
			.statuses = "200" } },
	{ .method = M_PUT,
		.path = "/api/v1/leads/by-external-id/{external_id}",
		.fn = put_external,
		EDIT_LEAD,
		.body = BODY_JSON,
		.doc = { .id = "putLead",
			.summary = "Make or update the lead with this id of another system",
			.request = "LeadInput",
			.response = "Lead",
			.statuses = "200 201 409 412 422",
			.example = "{\"name\":\"Ada\",\"stage\":\"Demo\"}" } },
	{ .method = M_GET,
		.path = "/api/v1/leads/{id}",
		.fn = get,
		READ_LEAD,
		.doc = { .id = "getLead",
			.summary = "One lead",
			.response = "Lead",
			.statuses = "200 304 404" } },
	{ .method = M_PATCH,
		.path = "/api/v1/leads/{id}",
		.fn = patch,
		EDIT_LEAD,
		.body = BODY_JSON,
		.doc = { .id = "changeLead",
			.summary = "Change what is sent; null empties it",
			.text = "If-Match with the entity tag of a read makes sure that nobody's "
				"change is lost: 412 has `current`.",
			.request = "LeadInput",
			.response = "Lead",
			.statuses = "200 404 412 422",
			.example = "{\"stage\":\"Demo\",\"value\":1200}" } },
	{ .method = M_DELETE,
		.path = "/api/v1/leads/{id}",
		.fn = delete,
		.role = ROLE_MANAGER,
		.scope = SCOPE_WRITE,
		.doc = { .id = "deleteLead",
			.summary = "Delete a lead with its history and notes",
			.statuses = "204 404 412" } },
	{ .method = M_GET,
		.path = "/api/v1/leads/{id}/explanation",
		.fn = explanation,
		READ_LEAD,
		.doc = { .id = "explainLead",
			.summary = "Why it has its score, what would make it hot, and why it moved",
			.query = explanation_query,
			.response = "Explanation",
			.statuses = "200 404" } },
	{ .method = M_GET,
		.path = "/api/v1/leads/{id}/similar",
		.fn = similar,
		READ_LEAD,
		.doc = { .id = "similarLeads",
			.summary = "Past leads like this one and how they ended",
			.response = "SimilarLeads",
			.statuses = "200 404" } },
	{ 0 },
};

const struct route_set leads_set = { "Leads", "Leads: the list, and one of them", routes,
	lead_schemas };
