/* SPDX-License-Identifier: Apache-2.0 */
/* What people say of a lead: how it ended, another heat, a verdict, notes; and what happened to it.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "api/lead_call.h"
#include "api/lead_schemas.h"
#include "api/routes.h"
#include "http/respond.h"
#include "leads/lead_json.h"
#include "leads/lead_timeline.h"
#include "store/store.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"
#include "util/utf8.h"
#include "util/when.h"

enum { NOTE_MAX = 10000 };

/* --- the body --- */

/* One fault of the body; always -1. */
static int fault(struct req *r, const char *pointer, const char *why, struct err *e)
{
	respond_fault(r, pointer, "%s", why);
	return err_set(e, ERR_INPUT, "%s: %s", pointer, why);
}

/* Members of the body must be among ${known} (ends in NULL). */
static int only_known(struct req *r, const char *const *known, struct err *e)
{
	const struct json *body = req_json(r);
	char pointer[128];
	struct str key;

	if (json_type(body) != J_OBJ)
		return fault(r, "", "expected an object", e);
	for (size_t i = 0; i < json_len(body); i++) {
		size_t k = 0;

		json_member(body, i, &key);
		while (known[k] != NULL && !str_eq(key, str_of(known[k])))
			k++;
		if (known[k] != NULL)
			continue;
		snprintf(pointer, sizeof(pointer), "/" STR_FMT, STR_ARG(utf8_cut(key, 100)));
		return fault(r, pointer, "there is no such member", e);
	}
	return 0;
}

/* A word of field ${f}, or null for none (code -1). */
static int word_or_null(struct req *r, const char *key, enum lead_field f, bool null_is_none,
	int *code, struct err *e)
{
	const struct json *v = json_get(req_json(r), key);
	char pointer[64], words[96];
	size_t n = 0;

	snprintf(pointer, sizeof(pointer), "/%s", key);
	*code = -1;
	if (null_is_none && v != NULL && json_type(v) == J_NULL)
		return 0;
	if (json_type(v) == J_STR)
		*code = field_choice_parse(f, json_str(v, S("")));
	if (*code >= 0 && strcmp(field_choice(f, (unsigned)*code), "none") != 0)
		return 0;
	words[0] = '\0';
	for (unsigned i = 0; field_choice(f, i) != NULL; i++)
		if (strcmp(field_choice(f, i), "none") != 0)
			n += (size_t)snprintf(words + n, sizeof(words) - n, "%s%s",
				n == 0 ? "expected " : ", ", field_choice(f, i));
	snprintf(words + n, sizeof(words) - n, "%s", null_is_none ? " or null" : "");
	return fault(r, pointer, words, e);
}

static int text_member(struct req *r, const char *key, size_t most, struct str *out, struct err *e)
{
	const struct json *v = json_get(req_json(r), key);
	char pointer[64], why[64];

	snprintf(pointer, sizeof(pointer), "/%s", key);
	*out = S("");
	if (v == NULL)
		return 0;
	if (json_type(v) != J_STR)
		return fault(r, pointer, "expected text", e);
	*out = str_trim(json_str(v, S("")));
	snprintf(why, sizeof(why), "at most %zu bytes", most);
	return out->n > most ? fault(r, pointer, why, e) : 0;
}

/* --- changes --- */

/* Makes ${c}, with an event, and answers with the lead. */
static int change(struct req *r, struct lead *l, struct lead_change *c, const char *kind,
	const char *text, struct err *e)
{
	struct store *s = api_of(r)->store;
	struct event event = { .id = req_new_id(r),
		.lead = l->id,
		.at_ms = clock_ms(),
		.by = lead_call_by(req_caller(r)),
		.kind = str_of(kind),
		.text = str_of(text) };

	c->by = event.by;
	c->now_ms = event.at_ms;
	c->event = &event;
	if (s->leads->change(s, l->id, c, req_arena(r), l, e) == -1)
		return e->code == ERR_CONFLICT ? lead_call_conflict(r, l->id, e) : -1;
	if (lead_call_score(r, l, e) == -1)
		return -1;
	return lead_call_send(r, 200, l, e);
}

static int outcome(struct req *r, struct err *e)
{
	static const char *const known[] = { "outcome", "at", "lost_reason", NULL };
	struct lead_change c = { .fields = FIELD_BIT(LF_OUTCOME) | FIELD_BIT(LF_OUTCOME_AT) };
	struct str at, why;
	struct lead l;
	char text[64];
	int code;

	if (lead_call_find(r, &l, e) == -1 || lead_call_match(r, &l, &c.version, e) == -1 ||
		only_known(r, known, e) == -1 ||
		word_or_null(r, "outcome", LF_OUTCOME, false, &code, e) == -1 ||
		text_member(r, "at", 40, &at, e) == -1 ||
		text_member(r, "lost_reason", 1000, &why, e) == -1)
		return -1;
	lead_values_none(&c.values);
	c.values.outcome = (enum lead_outcome)code;
	if (code != LEAD_OPEN)
		c.values.outcome_ms = clock_ms();
	if (at.n > 0 && (code == LEAD_OPEN || when_read(at, &c.values.outcome_ms, NULL) == -1))
		return fault(r, "/at",
			code == LEAD_OPEN ? "an open lead has no time of outcome"
					  : "expected a date or a time",
			e);
	if (json_get(req_json(r), "lost_reason") != NULL) {
		c.fields |= FIELD_BIT(LF_LOST_REASON);
		c.values.text[LF_LOST_REASON] = why;
	}
	snprintf(text, sizeof(text), "Outcome: %s", field_choice(LF_OUTCOME, (unsigned)code));
	return change(r, &l, &c, "outcome", text, e);
}

static int override(struct req *r, struct err *e)
{
	static const char *const known[] = { "heat", "note", NULL };
	struct lead_change c = { .set_override = true };
	struct lead l;
	char text[96];
	int code;

	if (lead_call_find(r, &l, e) == -1 || lead_call_match(r, &l, &c.version, e) == -1 ||
		only_known(r, known, e) == -1 ||
		word_or_null(r, "heat", LF_HEAT, true, &code, e) == -1 ||
		text_member(r, "note", 1000, &c.override_note, e) == -1)
		return -1;
	c.override_heat = code < 0 ? LEAD_NO_HEAT : (enum lead_heat)code;
	c.verdict = l.verdict;
	if (code < 0)
		snprintf(text, sizeof(text), "Heat by the model again");
	else
		snprintf(text, sizeof(text), "Set to %s by hand",
			field_choice(LF_HEAT, (unsigned)code));
	return change(r, &l, &c, "override", text, e);
}

static int verdict(struct req *r, struct err *e)
{
	static const char *const known[] = { "verdict", "reason", NULL };
	struct lead_change c = { .set_verdict = true };
	struct lead l;
	char text[64];
	int code;

	if (lead_call_find(r, &l, e) == -1 || lead_call_match(r, &l, &c.version, e) == -1 ||
		only_known(r, known, e) == -1 ||
		word_or_null(r, "verdict", LF_VERDICT, true, &code, e) == -1 ||
		text_member(r, "reason", 1000, &c.verdict_note, e) == -1)
		return -1;
	c.verdict = code < 0 ? LEAD_NO_VERDICT : (enum lead_verdict)code;
	c.override_heat = l.override_heat;
	snprintf(text, sizeof(text), code < 0 ? "Verdict taken back" : "Verdict: %s",
		code < 0 ? "" : field_choice(LF_VERDICT, (unsigned)code));
	return change(r, &l, &c, "verdict", text, e);
}

static int rescore(struct req *r, struct err *e)
{
	struct lead l;

	if (lead_call_find(r, &l, e) == -1 || lead_call_rescore(r, &l, e) == -1)
		return -1;
	return lead_call_send(r, 200, &l, e);
}

/* --- notes --- */

static void put_note(struct jw *w, const struct note *n)
{
	jw_obj(w);
	lead_json_id(w, "id", n->id);
	lead_json_id(w, "by", n->by);
	jw_kstr(w, "text", n->text);
	lead_json_time(w, "created_at", n->created_ms);
	lead_json_time(w, "updated_at", n->updated_ms);
	jw_end_obj(w);
}

static int list_notes(struct req *r, struct err *e)
{
	struct store *s = api_of(r)->store;
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	struct note *notes;
	struct lead l;
	size_t n;

	if (lead_call_find(r, &l, e) == -1 ||
		s->notes->list(s, l.id, req_arena(r), &notes, &n, e) == -1)
		return -1;
	jw_obj(&w);
	jw_key(&w, "items");
	jw_arr(&w);
	for (size_t i = 0; i < n; i++)
		put_note(&w, &notes[i]);
	jw_end_arr(&w);
	jw_end_obj(&w);
	return lead_call_respond(r, 200, &b, e);
}

static int add_note(struct req *r, struct err *e)
{
	static const char *const known[] = { "text", NULL };
	struct store *s = api_of(r)->store;
	struct note n = { .id = req_new_id(r), .by = lead_call_by(req_caller(r)) };
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	char where[128] = "/api/v1/leads/";
	struct lead l;

	n.created_ms = n.updated_ms = clock_ms();
	if (lead_call_find(r, &l, e) == -1 || only_known(r, known, e) == -1 ||
		text_member(r, "text", NOTE_MAX, &n.text, e) == -1)
		return -1;
	if (n.text.n == 0)
		return fault(r, "/text", "expected text", e);
	n.lead = l.id;
	if (s->notes->put(s, &n, e) == -1)
		return -1;
	put_note(&w, &n);
	id_hex(l.id, where + strlen(where));
	strcat(where, "/notes/");
	id_ulid(n.id, where + strlen(where));
	if (buf_done(&b, e) == -1) {
		buf_clear(&b);
		return -1;
	}
	return respond_created(r, where, &b, e);
}

static int remove_note(struct req *r, struct err *e)
{
	struct store *s = api_of(r)->store;
	struct id note;
	struct lead l;

	if (lead_call_find(r, &l, e) == -1)
		return -1;
	if (id_parse_ulid(req_path(r, "note"), &note) == -1)
		return err_set(e, ERR_NOT_FOUND, "there is no such note");
	if (s->notes->remove(s, l.id, note, e) == -1)
		return e->code == ERR_NOT_FOUND ? err_set(e, ERR_NOT_FOUND, "there is no such note")
						: -1;
	return respond_empty(r, 204, e);
}

/* --- what happened --- */

static int timeline(struct req *r, struct err *e)
{
	struct lead_timeline_opts o = { .store = api_of(r)->store,
		.limit = (size_t)req_int(r, "limit", 50),
		.arena = req_arena(r) };
	struct lead_moment *moments;
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	struct str next;
	struct lead l;
	size_t n;

	if (lead_call_find(r, &l, e) == -1 || lead_call_cursor(r, &o.cursor, e) == -1)
		return -1;
	if (lead_timeline(&o, &l, &moments, &n, &next, e) == -1) {
		if (e->code == ERR_INPUT)
			respond_fault(r, "?cursor", "not a cursor of this list");
		return -1;
	}
	jw_obj(&w);
	jw_key(&w, "items");
	jw_arr(&w);
	for (size_t i = 0; i < n; i++)
		lead_moment_json(&w, &moments[i]);
	jw_end_arr(&w);
	lead_call_next(&w, "next_cursor", next);
	jw_end_obj(&w);
	return lead_call_respond(r, 200, &b, e);
}

static void put_point(struct jw *w, const struct lead_score *s, const char *cause)
{
	jw_obj(w);
	lead_json_time(w, "at", s->scored_ms);
	jw_kint(w, "score", s->points);
	if (s->heat < LEAD_NO_HEAT)
		jw_kz(w, "heat", field_choice(LF_HEAT, s->heat));
	jw_knum(w, "probability", s->probability);
	jw_kz(w, "model", s->model);
	if (isfinite(s->as_of))
		lead_json_time(w, "as_of", (int64_t)(s->as_of * WHEN_DAY_MS));
	jw_kz(w, "cause", cause);
	jw_end_obj(w);
}

/* From old to new, for a chart. Each score has the cause that brought it: that of the one it
 * replaced. */
static int history(struct req *r, struct err *e)
{
	static const char *const causes[] = { "import", "edit", "time", "model" };
	struct store *s = api_of(r)->store;
	struct past_score *past;
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	struct lead l;
	size_t n;

	if (lead_call_find(r, &l, e) == -1 ||
		s->leads->scores(s, l.id, req_arena(r), &past, &n, e) == -1)
		return -1;
	jw_obj(&w);
	jw_key(&w, "items");
	jw_arr(&w);
	for (size_t i = n; i-- > 0;)
		put_point(&w, &past[i].score, i + 1 < n ? causes[past[i + 1].cause] : causes[0]);
	if (l.score.model[0] != '\0')
		put_point(&w, &l.score, n > 0 ? causes[past[0].cause] : causes[0]);
	jw_end_arr(&w);
	jw_end_obj(&w);
	return lead_call_respond(r, 200, &b, e);
}

/* --- routes --- */

static const struct param page_query[] = {
	{ "limit", "int", 1, 500, "50", "Page size", false },
	{ "cursor", "str", 0, 4000, NULL, "next_cursor of the page before", false },
	{ 0 },
};

#define READ_LEAD .role = ROLE_VIEWER, .scope = SCOPE_READ
#define EDIT_LEAD .role = ROLE_REP, .scope = SCOPE_WRITE

static const struct route routes[] = {
	{ .method = M_POST,
		.path = "/api/v1/leads/{id}/outcome",
		.fn = outcome,
		EDIT_LEAD,
		.body = BODY_JSON,
		.doc = { .id = "setLeadOutcome",
			.summary = "How it ended",
			.request = "OutcomeInput",
			.response = "Lead",
			.statuses = "200 404 412 422",
			.example = "{\"outcome\":\"won\"}" } },
	{ .method = M_POST,
		.path = "/api/v1/leads/{id}/override",
		.fn = override,
		EDIT_LEAD,
		.body = BODY_JSON,
		.doc = { .id = "overrideLeadHeat",
			.summary = "Another heat than the model's, kept until it is taken back by "
				   "null",
			.request = "OverrideInput",
			.response = "Lead",
			.statuses = "200 404 412 422",
			.example = "{\"heat\":\"hot\",\"note\":\"spoke on the phone\"}" } },
	{ .method = M_POST,
		.path = "/api/v1/leads/{id}/verdict",
		.fn = verdict,
		EDIT_LEAD,
		.body = BODY_JSON,
		.doc = { .id = "judgeLead",
			.summary = "What a rep thinks of the score: junk, was hot, good",
			.request = "VerdictInput",
			.response = "Lead",
			.statuses = "200 404 412 422",
			.example = "{\"verdict\":\"junk\",\"reason\":\"a student\"}" } },
	{ .method = M_POST,
		.path = "/api/v1/leads/{id}/rescore",
		.fn = rescore,
		EDIT_LEAD,
		.doc = { .id = "rescoreLead",
			.summary = "Score it as of now",
			.response = "Lead",
			.statuses = "200 404" } },
	{ .method = M_GET,
		.path = "/api/v1/leads/{id}/notes",
		.fn = list_notes,
		READ_LEAD,
		.doc = { .id = "listLeadNotes",
			.summary = "What people wrote about it, newest first",
			.response = "NoteList",
			.statuses = "200 404" } },
	{ .method = M_POST,
		.path = "/api/v1/leads/{id}/notes",
		.fn = add_note,
		EDIT_LEAD,
		.body = BODY_JSON,
		.flags = ROUTE_IDEMPOTENT,
		.doc = { .id = "addLeadNote",
			.summary = "Write a note about it",
			.request = "NoteInput",
			.response = "Note",
			.statuses = "201 404 422",
			.example = "{\"text\":\"Wants a call on Monday\"}" } },
	{ .method = M_DELETE,
		.path = "/api/v1/leads/{id}/notes/{note}",
		.fn = remove_note,
		EDIT_LEAD,
		.doc = { .id = "deleteLeadNote",
			.summary = "Remove a note",
			.statuses = "204 404" } },
	{ .method = M_GET,
		.path = "/api/v1/leads/{id}/timeline",
		.fn = timeline,
		READ_LEAD,
		.doc = { .id = "getLeadTimeline",
			.summary = "All that happened to it, newest first",
			.query = page_query,
			.response = "Timeline",
			.statuses = "200 404 422" } },
	{ .method = M_GET,
		.path = "/api/v1/leads/{id}/history",
		.fn = history,
		READ_LEAD,
		.doc = { .id = "getLeadScores",
			.summary = "Its scores from old to new, and what changed each",
			.response = "ScoreHistory",
			.statuses = "200 404" } },
	{ 0 },
};

static const struct api_schema schemas[] = {
	{ "OutcomeInput",
		"{\"type\":\"object\",\"properties\":{\"outcome\":" S_OUTCOME ",\"at\":" S_TIME
		",\"lost_reason\":{\"type\":\"string\",\"maxLength\":1000}},\"required\":["
		"\"outcome\"],\"additionalProperties\":false}" },
	{ "OverrideInput",
		"{\"type\":\"object\",\"properties\":{\"heat\":{\"enum\":[\"hot\",\"warm\","
		"\"cold\","
		"null]},\"note\":{\"type\":\"string\",\"maxLength\":1000}},\"required\":[\"heat\"],"
		"\"additionalProperties\":false}" },
	{ "VerdictInput",
		"{\"type\":\"object\",\"properties\":{\"verdict\":{\"enum\":[\"junk\",\"was_hot\","
		"\"good\",null]},\"reason\":{\"type\":\"string\",\"maxLength\":1000}},\"required\":"
		"["
		"\"verdict\"],\"additionalProperties\":false}" },
	{ "NoteInput", "{\"type\":\"object\",\"properties\":{\"text\":{\"type\":\"string\","
		       "\"minLength\":1,"
		       "\"maxLength\":10000,\"pattern\":\"\\\\S\"}},\"required\":[\"text\"],"
		       "\"additionalProperties\":false}" },
	{ "Note", S_REQ(S_M("id", S_ULID) "," S_M("by", S_ULID) "," S_M("text", S_STR) "," S_M(
				"created_at", S_TIME) "," S_M("updated_at", S_TIME),
			  "\"id\",\"text\",\"created_at\"") },
	{ "NoteList", S_REQ(S_M("items", S_ARR(S_REF("Note"))), "\"items\"") },
	{ "Timeline",
		S_REQ(S_M("items", S_ARR(S_REF("LeadMoment"))) "," S_M("next_cursor", S_CURSOR),
			"\"items\",\"next_cursor\"") },
	{ "LeadMoment",
		"{\"type\":\"object\",\"properties\":{\"id\":" S_STR ",\"at\":" S_TIME
		",\"kind\":{\"enum\":[\"created\",\"updated\",\"scored\",\"band\",\"outcome\","
		"\"override\",\"verdict\",\"note\",\"undo\",\"owner\"]},\"by\":" S_ULID
		",\"upload_id\":" S_ULID ",\"text\":" S_STR
		",\"data\":{\"type\":\"object\"}},\"required\":[\"id\",\"at\",\"kind\",\"text\"]"
		"}" },
	{ "ScoreHistory",
		S_REQ(S_M("items",
			      S_ARR(S_REQ(S_M("at", S_TIME) "," S_M("score", S_POINTS) "," S_M(
						  "heat", S_HEAT) "," S_M("probability",
						  S_PROB) "," S_M("model", S_STR) "," S_M("as_of",
						  S_TIME) "," S_M("cause",
						  "{\"enum\":[\"import\",\"edit\",\"time\","
						  "\"model\"]}"),
				      "\"at\",\"score\",\"probability\",\"model\",\"cause\""))),
			"\"items\"") },
	{ NULL, NULL },
};

const struct route_set lead_actions_set = { "Leads at work",
	"Outcomes, overrides, verdicts, notes and what happened", routes, schemas };
