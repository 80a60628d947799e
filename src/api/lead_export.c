/* SPDX-License-Identifier: Apache-2.0 */
/* Leads as a file: what the list shows, or what the CRM wants back. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "api/lead_call.h"
#include "api/routes.h"
#include "http/respond.h"
#include "leads/export.h"
#include "leads/query.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"
#include "util/when.h"

/* When the CRM was last given its scores: a time in JSON. */
#define WRITEBACK_KEY "leads.writeback_at"

enum { COLUMNS_MAX = 500, IDS_MAX = 10000 };

/* All that the producer needs after the request has gone. */
struct exporting {
	struct arena mem;
	struct api *api;
	struct query query;
	struct lead_query to;
	struct export_opts o;
	struct query_column columns[COLUMNS_MAX];
	struct stream *stream;
	int64_t started_ms;
	bool remember; /* the time of this one, for the next write-back */
};

static void gone(void *ctx)
{
	struct exporting *x = ctx;

	arena_clear(&x->mem);
	free(x);
}

static int write_out(void *ctx, struct str bytes, struct err *e)
{
	return stream_write(((struct exporting *)ctx)->stream, bytes, e);
}

static int produce(struct stream *s, void *ctx, struct err *e)
{
	struct exporting *x = ctx;
	struct store *st = x->api->store;
	char text[WHEN_TEXT + 2] = "\"";
	struct setting at = { .key = S(WRITEBACK_KEY), .updated_ms = x->started_ms };
	size_t n;

	x->stream = s;
	x->o.write = write_out;
	x->o.ctx = x;
	if (export_leads(&x->o, NULL, e) == -1)
		return -1;
	if (!x->remember)
		return 0;
	n = when_write(x->started_ms, text + 1);
	text[n + 1] = '"';
	at.value = (struct str){ text, n + 2 };
	return st->settings->put(st, &at, UINT64_MAX, e);
}

/* --- what is asked for --- */

static int last_writeback(struct store *s, struct arena *a, int64_t *ms, struct err *e)
{
	struct setting x;
	struct str text;

	*ms = MS_NONE;
	if (s->settings->get(s, S(WRITEBACK_KEY), a, &x, e) == -1)
		return -1;
	text = str_sub(x.value, 1, x.value.n > 0 ? x.value.n - 1 : 0);
	if (text.n > 0 && when_read(text, ms, NULL) == -1)
		*ms = MS_NONE;
	return 0;
}

static int read_since(struct req *r, struct exporting *x, struct err *e)
{
	struct str since = req_str(r, "since");

	x->o.since_ms = MS_NONE;
	if (x->o.form != EXPORT_WRITEBACK || str_eq(since, S("all")))
		return 0;
	/* Who picks leads wants those; the others' turn is not over with them. */
	if (since.n == 0 && req_json(r) != NULL)
		return 0;
	if (since.n == 0 || str_eq(since, S("last"))) {
		x->remember = req_json(r) == NULL;
		return last_writeback(x->api->store, &x->mem, &x->o.since_ms, e);
	}
	if (when_read(since, &x->o.since_ms, NULL) == 0)
		return 0;
	respond_fault(r, "?since", "expected last, all, a date or a time");
	return err_set(e, ERR_INPUT, "since: expected last, all, a date or a time");
}

static int read_columns(struct req *r, struct exporting *x, struct err *e)
{
	char *copy = arena_dup(&x->mem, req_str(r, "columns"));
	struct str rest = { copy, req_str(r, "columns").n }, one;
	bool more = rest.n > 0;

	if (copy == NULL)
		return err_nomem(e);
	while (more) {
		more = query_next(&rest, copy + (rest.p - copy), &one);
		if (x->o.n_columns < COLUMNS_MAX &&
			query_column(one, &x->columns[x->o.n_columns])) {
			x->o.n_columns++;
			continue;
		}
		respond_fault(r, "?columns", "there is no column \"" STR_FMT "\"",
			STR_ARG(str_sub(one, 0, 80)));
		return err_set(e, ERR_INPUT, "columns: there is no such column");
	}
	x->o.columns = x->columns;
	return 0;
}

/* A list of ids out of the body, in order and each once. */
static int read_ids(
	struct req *r, const char *key, struct arena *a, struct id **out, size_t *n, struct err *e)
{
	const struct json *ids = json_get(req_json(r), key);
	struct id *x = arena_array(a, json_len(ids) + 1, sizeof(*x));
	char pointer[48];
	size_t k = 0;

	if (x == NULL)
		return err_nomem(e);
	snprintf(pointer, sizeof(pointer), "/%s", key);
	if (json_type(ids) != J_ARR || json_len(ids) > IDS_MAX) {
		respond_fault(r, pointer, "expected a list of at most %d ids", IDS_MAX);
		return err_set(e, ERR_INPUT, "%s: expected a list of at most %d ids", key, IDS_MAX);
	}
	for (size_t i = 0; i < json_len(ids); i++)
		if (id_parse_hex(json_str(json_at(ids, i), S("")), &x[i]) == -1) {
			snprintf(pointer, sizeof(pointer), "/%s/%zu", key, i);
			respond_fault(r, pointer, "not the id of a lead");
			return err_set(e, ERR_INPUT, "%s: not the id of a lead", key);
		}
	qsort(x, json_len(ids), sizeof(*x), id_order);
	for (size_t i = 0; i < json_len(ids); i++)
		if (k == 0 || !id_eq(x[k - 1], x[i]))
			x[k++] = x[i];
	*out = x;
	*n = k;
	return 0;
}

/* {"ids"}: only these; {"except"}: all but these. */
static int read_picked(struct req *r, struct exporting *x, struct err *e)
{
	const struct json *body = req_json(r);
	struct id *ids;
	struct str key;

	if (body == NULL)
		return 0;
	if (json_type(body) != J_OBJ || json_len(body) != 1) {
		respond_fault(r, "", "expected either ids or except");
		return err_set(e, ERR_INPUT, "expected either ids or except");
	}
	json_member(body, 0, &key);
	if (str_eq(key, S("ids"))) {
		if (read_ids(r, "ids", &x->mem, &ids, &x->to.n_ids, e) == -1)
			return -1;
		x->to.ids = ids;
		return 0;
	}
	if (!str_eq(key, S("except"))) {
		respond_fault(r, "", "expected either ids or except");
		return err_set(e, ERR_INPUT, "expected either ids or except");
	}
	if (read_ids(r, "except", &x->mem, &ids, &x->o.n_except, e) == -1)
		return -1;
	x->o.except = ids;
	return 0;
}

static int read_opts(struct req *r, struct exporting *x, struct err *e)
{
	static const char *const others[] = { "form", "columns", "since", "id_column", "reasons",
		NULL };
	struct str id_column = req_str(r, "id_column");

	x->api = api_of(r);
	x->started_ms = clock_ms();
	x->o.store = x->api->store;
	x->o.live = x->api->live;
	x->o.form = (enum export_form)req_word(r, "form");
	x->o.reasons = (size_t)req_int(r, "reasons", 3);
	x->o.id_column = (struct str){ arena_dup(&x->mem, id_column), id_column.n };
	if (x->o.id_column.p == NULL)
		return err_nomem(e);
	if (lead_call_query_in(r, others, &x->mem, &x->query, e) == -1 ||
		read_since(r, x, e) == -1 || read_columns(r, x, e) == -1 ||
		read_picked(r, x, e) == -1)
		return -1;
	x->to.at = NAN;
	query_to(&x->query, &x->to);
	x->o.query = &x->to;
	return 0;
}

static int export(struct req *r, struct err *e)
{
	static const char *const names[] = { "leads.csv", "heatscore-writeback.csv", "heat.csv" };
	struct exporting *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return err_nomem(e);
	if (read_opts(r, x, e) == -1 ||
		lead_call_audit(r, "leads.exported", S("leads"), S(""), e) == -1) {
		gone(x);
		return -1;
	}
	respond_attachment(r, str_of(names[x->o.form]));
	return respond_stream(r, "text/csv; charset=utf-8", produce, gone, x, e);
}

static const struct param export_query[] = {
	{ "form", "full|writeback|heat", 0, 0, "full",
		"full: all columns and heatscore_*; writeback: for the CRM, under its own id "
		"column; "
		"heat: who, score and why",
		false },
	{ "columns", "str", 0, 20000, NULL,
		"Of the full form: only these, in this order, a comma between; \\, is a comma in a "
		"name",
		false },
	{ "since", "str", 0, 40, NULL,
		"Of the write-back: scored or overridden since then; last (the default): since the "
		"last one; all",
		false },
	{ "id_column", "str", 0, 1000, NULL,
		"Of the write-back: the CRM's name for its id; the first lead's", false },
	{ "reasons", "int", 0, 20, "3", "How many reasons in a cell", false },
	{ "sort", "str", 0, 1000, NULL, "As in the list", false },
	{ "q", "str", 0, 500, NULL, "As in the list", false },
	{ "view", "str", 0, 40, NULL, "As in the list", false },
	{ "*", "filter", 0, 0, NULL, "As in the list", false },
	{ 0 },
};

static const struct route routes[] = {
	{ .method = M_GET,
		.path = "/api/v1/leads/export.csv",
		.fn = export,
		.role = ROLE_VIEWER,
		.scope = SCOPE_READ,
		.rate = RATE_EXPORT,
		.flags = ROUTE_SLOW,
		.doc = { .id = "exportLeads",
			.summary = "The leads that pass the filters as CSV, in their order",
			.text = "Every cell is quoted. A cell that a spreadsheet would run begins "
				"with an apostrophe, which an upload takes off again.",
			.query = export_query,
			.response = "text/csv",
			.statuses = "200 422" } },
	{ .method = M_POST,
		.path = "/api/v1/leads/export.csv",
		.fn = export,
		.role = ROLE_VIEWER,
		.scope = SCOPE_READ,
		.rate = RATE_EXPORT,
		.body = BODY_JSON,
		.flags = ROUTE_SLOW,
		.doc = { .id = "exportPickedLeads",
			.summary = "Picked leads as CSV, or all that pass the filters but some",
			.text = "As the export of a view, in the same order and columns. Leads "
				"that are gone, or that do not pass the filters, are left out. "
				"A write-back has all of them, whatever was written back before, "
				"and is not taken for the last one.",
			.query = export_query,
			.request = "ExportPick",
			.response = "text/csv",
			.statuses = "200 422",
			.example = "{\"ids\":[\"0b6f7c3f4d5e6a7b8c9d0e1f2a3b4c5d\"]}" } },
	{ 0 },
};

static const struct api_schema schemas[] = {
	{ "ExportPick",
		"{\"type\":\"object\",\"minProperties\":1,\"maxProperties\":1,"
		"\"additionalProperties\":false,\"properties\":{"
		"\"ids\":{\"type\":\"array\",\"maxItems\":10000,\"items\":{\"type\":\"string\","
		"\"pattern\":\"^[0-9a-f]{32}$\"},\"description\":\"Only these\"},"
		"\"except\":{\"type\":\"array\",\"maxItems\":10000,\"items\":{\"type\":\"string\","
		"\"pattern\":\"^[0-9a-f]{32}$\"},\"description\":\"All but these\"}}}" },
	{ 0 },
};

const struct route_set lead_export_set = { "Export", "Leads as files", routes, schemas };
