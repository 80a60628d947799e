/* SPDX-License-Identifier: Apache-2.0 */
/* Files of leads: sent, looked at, imported, taken back. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/api.h"
#include "api/lead_call.h"
#include "features/headers.h"
#include "http/respond.h"
#include "leads/fields.h"
#include "leads/uploads.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/file.h"
#include "util/json.h"

enum { EVENTS_MS = 500 };

static int upload_id(const struct req *r, struct id *id, struct err *e)
{
	if (id_parse_ulid(req_path(r, "id"), id) == -1)
		return err_set(e, ERR_NOT_FOUND, "there is no such upload");
	return 0;
}

static int send(struct req *r, int status, const struct upload *up, struct err *e)
{
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	char id[ID_ULID], where[64], tag[48];

	id_ulid(up->id, id);
	snprintf(where, sizeof(where), "/api/v1/uploads/%s", id);
	uploads_json(up, false, &w);
	if (status == 202)
		return respond_accepted(r, where, &b, e);
	snprintf(tag, sizeof(tag), "%llu-%llu", (unsigned long long)up->version,
		(unsigned long long)up->progress.position);
	if (respond_etag(r, tag)) {
		buf_clear(&b);
		return respond_empty(r, 304, e);
	}
	return respond_json(r, status, &b, e);
}

/* ---- sending ---- */

static int receive(struct req *r, const struct req_file *f, struct upload *up, struct err *e)
{
	struct uploads *u = api_of(r)->uploads;
	struct buf path = { 0 };
	char *name = arena_alloc(req_arena(r), ID_ULID);
	int rc = -1;

	if (name == NULL)
		return err_nomem(e);
	up->id = req_new_id(r);
	id_ulid(up->id, name);
	up->file = str_of(name);
	up->filename = f->name.n != 0 ? f->name : S("upload.csv");
	up->sha256 = str_of(f->sha256);
	up->bytes = f->bytes;
	up->created_by = lead_call_by(req_caller(r));
	if (uploads_path(u, up->file, &path, e) == 0 && req_file_take(r, path.p, e) == 0) {
		rc = uploads_receive(
			u, up, str_eq(req_str(r, "commit"), S("auto")), req_arena(r), e);
		/* Also one that was received before, and whose file is gone again. */
		if (rc == -1 || up->file.n == 0)
			unlink(path.p);
	}
	buf_clear(&path);
	return rc;
}

static int post_upload(struct req *r, struct err *e)
{
	const struct req_file *f = req_file(r);
	struct upload up = { 0 };

	if (f == NULL || f->bytes == 0) {
		respond_fault(r, "/file", "expected a file of leads");
		return err_set(e, ERR_INPUT, f == NULL ? "no file was sent" : "the file is empty");
	}
	if (receive(r, f, &up, e) == -1)
		return -1;
	return send(r, 202, &up, e);
}

/* ---- looking ---- */

static int get_upload(struct req *r, struct err *e)
{
	struct upload up;
	struct id id;

	if (upload_id(r, &id, e) == -1 ||
		uploads_get(api_of(r)->uploads, id, req_arena(r), &up, e) == -1)
		return -1;
	return send(r, 200, &up, e);
}

static int list_uploads(struct req *r, struct err *e)
{
	struct store *s = api_of(r)->store;
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	struct upload *list;
	struct str cursor, next;
	size_t n;

	if (lead_call_cursor(r, &cursor, e) == -1 ||
		s->uploads->list(s, (size_t)req_int(r, "limit", 50), cursor, req_arena(r), &list,
			&n, &next, e) == -1)
		return -1;
	jw_obj(&w);
	jw_key(&w, "items");
	jw_arr(&w);
	for (size_t i = 0; i < n; i++)
		uploads_json(&list[i], true, &w);
	jw_end_arr(&w);
	lead_call_next(&w, "next_cursor", next);
	jw_end_obj(&w);
	return respond_json(r, 200, &b, e);
}

struct watch {
	struct uploads *u;
	struct id id;
	struct arena mem;
	uint64_t version, position;
	bool told;
};

static void watch_free(void *ctx)
{
	struct watch *w = ctx;

	arena_clear(&w->mem);
	free(w);
}

static bool ended(enum upload_state s)
{
	return s == UPLOAD_DONE || s == UPLOAD_FAILED || s == UPLOAD_CANCELLED ||
	       s == UPLOAD_UNDONE || s == UPLOAD_REVIEW;
}

static int watch_tick(void *ctx, struct buf *out, struct err *e)
{
	struct watch *x = ctx;
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	struct upload up;
	char mark[48];

	arena_reset(&x->mem);
	if (uploads_get(x->u, x->id, &x->mem, &up, e) == -1)
		return -1;
	if (x->told && up.version == x->version && up.progress.position == x->position)
		return 0;
	x->told = true;
	x->version = up.version;
	x->position = up.progress.position;
	snprintf(mark, sizeof(mark), "%llu-%llu", (unsigned long long)up.version,
		(unsigned long long)up.progress.position);
	uploads_json(&up, !ended(up.state), &w);
	sse_event(out, "upload", str_of(mark), buf_view(&b));
	buf_clear(&b);
	return ended(up.state) && up.state != UPLOAD_REVIEW ? 1 : 0;
}

static int upload_events(struct req *r, struct err *e)
{
	struct watch *x = calloc(1, sizeof(*x));
	struct upload up;

	if (x == NULL)
		return err_nomem(e);
	x->u = api_of(r)->uploads;
	if (upload_id(r, &x->id, e) == -1 || uploads_get(x->u, x->id, req_arena(r), &up, e) == -1) {
		watch_free(x);
		return -1;
	}
	return respond_events(r, EVENTS_MS, watch_tick, watch_free, x, e);
}

/* ---- going on ---- */

static int ask(struct req *r,
	int (*fn)(struct uploads *, struct uploads_ask *, struct arena *, struct upload *,
		struct err *),
	struct err *e)
{
	struct uploads_ask a = { .body = req_json(r) };
	struct upload up;

	if (upload_id(r, &a.id, e) == -1)
		return -1;
	if (fn(api_of(r)->uploads, &a, req_arena(r), &up, e) == -1) {
		if (e->code == ERR_INPUT && a.pointer[0] != '\0')
			respond_fault(r, a.pointer, "%s", e->msg);
		return -1;
	}
	return send(r, 202, &up, e);
}

static int post_commit(struct req *r, struct err *e)
{
	return ask(r, uploads_commit, e);
}

static int post_check(struct req *r, struct err *e)
{
	return ask(r, uploads_check, e);
}

static int post_profile(struct req *r, struct err *e)
{
	return ask(r, uploads_profile, e);
}

static int end(struct req *r,
	int (*fn)(struct uploads *, struct id, struct arena *, struct upload *, struct err *),
	struct err *e)
{
	struct upload up;
	struct id id;

	if (upload_id(r, &id, e) == -1 || fn(api_of(r)->uploads, id, req_arena(r), &up, e) == -1)
		return -1;
	return send(r, 202, &up, e);
}

static int post_cancel(struct req *r, struct err *e)
{
	return end(r, uploads_cancel, e);
}

static int post_undo(struct req *r, struct err *e)
{
	return end(r, uploads_undo, e);
}

static int delete_upload(struct req *r, struct err *e)
{
	struct id id;

	if (upload_id(r, &id, e) == -1 || uploads_discard(api_of(r)->uploads, id, e) == -1)
		return -1;
	return respond_empty(r, 204, e);
}

/* ---- files ---- */

static int file_of(
	struct req *r, const char *suffix, const struct upload *up, struct buf *path, struct err *e)
{
	if (up->file.n == 0)
		return err_set(e, ERR_NOT_FOUND, "its file has been discarded");
	if (uploads_path(api_of(r)->uploads, up->file, path, e) == -1)
		return -1;
	path->n--;
	buf_fmt(path, "%s", suffix);
	buf_c(path, '\0');
	return buf_done(path, e);
}

static int get_errors(struct req *r, struct err *e)
{
	struct buf path = { 0 };
	struct upload up;
	struct id id;
	int rc = -1;

	if (upload_id(r, &id, e) == -1 ||
		uploads_get(api_of(r)->uploads, id, req_arena(r), &up, e) == -1)
		return -1;
	if (up.state != UPLOAD_DONE && up.state != UPLOAD_UNDONE)
		return err_set(e, ERR_CONFLICT, "it has not been imported to its end");
	if (up.progress.rows.rejected == 0)
		return err_set(e, ERR_NOT_FOUND, "no row was rejected");
	if (file_of(r, ".rejects.csv", &up, &path, e) == 0) {
		respond_attachment(r, S("errors.csv"));
		rc = respond_file(r, path.p, "text/csv; charset=utf-8", e);
	}
	buf_clear(&path);
	return rc;
}

static int get_file(struct req *r, struct err *e)
{
	struct buf path = { 0 };
	struct upload up;
	struct id id;
	int rc = -1;

	if (upload_id(r, &id, e) == -1 ||
		uploads_get(api_of(r)->uploads, id, req_arena(r), &up, e) == -1)
		return -1;
	if (file_of(r, "", &up, &path, e) == 0) {
		respond_attachment(r, up.filename);
		rc = respond_file(r, path.p, "application/octet-stream", e);
	}
	buf_clear(&path);
	return rc;
}

/* ---- fields ---- */

static int get_fields(struct req *r, struct err *e)
{
	static const char *const kinds[] = { "text", "number", "date", "choice" };
	struct buf b = { 0 };
	struct jw w = { .b = &b };

	jw_obj(&w);
	jw_key(&w, "items");
	jw_arr(&w);
	for (int i = 0; i < LF_MAPPED; i++) {
		enum lead_field f = (enum lead_field)i;

		jw_obj(&w);
		jw_kz(&w, "name", field_name(f));
		jw_kz(&w, "label", field_label(f));
		jw_kz(&w, "kind", kinds[field_kind(f)]);
		jw_kz(&w, "description", fields_about(f));
		jw_kbool(&w, "sortable", true);
		jw_kbool(&w, "filterable", true);
		jw_end_obj(&w);
	}
	jw_end_arr(&w);
	jw_key(&w, "products");
	jw_arr(&w);
	for (int i = 0; header_product_name(i) != NULL; i++)
		jw_z(&w, header_product_name(i));
	jw_end_arr(&w);
	jw_end_obj(&w);
	return respond_json(r, 200, &b, e);
}

/* ---- routes ---- */

static const struct param upload_query[] = {
	{ "filename", "str", 0, 255, NULL, "Name of the file, where the body is the file itself",
		false },
	{ "commit", "auto|review", 0, 0, "review",
		"auto: import it with the guessed mapping, without waiting for a person", false },
	{ 0 },
};
static const struct param list_query[] = {
	{ "limit", "int", 1, 500, "50", "Page size", false },
	{ "cursor", "str", 0, 500, NULL, "next_cursor of the page before", false },
	{ 0 },
};

#define REP .role = ROLE_REP, .scope = SCOPE_UPLOAD

static const struct route routes[] = {
	{ .method = M_POST,
		.path = "/api/v1/upload",
		.fn = post_upload,
		REP,
		.rate = RATE_UPLOAD,
		.body = BODY_UPLOAD,
		.flags = ROUTE_IDEMPOTENT | ROUTE_SLOW,
		.doc = { .id = "uploadLeads",
			.summary = "Send a file of leads: CSV, gzip or XLSX",
			.text = "Multipart with a part `file`, or the bytes themselves. It is "
				"read, and "
				"waits in state `review` for `/commit`, unless `commit=auto`.",
			.query = upload_query,
			.response = "Upload",
			.statuses = "202 413 415 422 507" } },
	{ .method = M_GET,
		.path = "/api/v1/uploads",
		.fn = list_uploads,
		REP,
		.doc = { .id = "listUploads",
			.summary = "Uploads, newest first",
			.query = list_query,
			.response = "UploadPage",
			.statuses = "200" } },
	{ .method = M_GET,
		.path = "/api/v1/uploads/{id}",
		.fn = get_upload,
		REP,
		.doc = { .id = "getUpload",
			.summary = "One upload, with what was found in it and how far it is",
			.response = "Upload",
			.statuses = "200 304 404" } },
	{ .method = M_DELETE,
		.path = "/api/v1/uploads/{id}",
		.fn = delete_upload,
		REP,
		.doc = { .id = "discardUpload",
			.summary = "Stop it if it runs, and discard its file; leads stay",
			.statuses = "204 404 409" } },
	{ .method = M_POST,
		.path = "/api/v1/uploads/{id}/profile",
		.fn = post_profile,
		REP,
		.body = BODY_MAYBE_JSON,
		.doc = { .id = "profileUpload",
			.summary = "Look at the file anew",
			.text = "The body says how to read it, where what was found out is not "
				"right.",
			.request = "UploadProfile",
			.response = "Upload",
			.statuses = "202 404 409 422" } },
	{ .method = M_POST,
		.path = "/api/v1/uploads/{id}/check",
		.fn = post_check,
		REP,
		.body = BODY_MAYBE_JSON,
		.doc = { .id = "checkUpload",
			.summary = "What an import with this mapping would do, without doing it",
			.request = "UploadCommit",
			.response = "Upload",
			.statuses = "202 404 409 422" } },
	{ .method = M_POST,
		.path = "/api/v1/uploads/{id}/commit",
		.fn = post_commit,
		REP,
		.body = BODY_MAYBE_JSON,
		.flags = ROUTE_IDEMPOTENT,
		.doc = { .id = "commitUpload",
			.summary = "Import it",
			.text = "One that failed or was cancelled goes on where it stopped.",
			.request = "UploadCommit",
			.response = "Upload",
			.statuses = "202 404 409 422" } },
	{ .method = M_POST,
		.path = "/api/v1/uploads/{id}/cancel",
		.fn = post_cancel,
		REP,
		.doc = { .id = "cancelUpload",
			.summary = "Stop it; rows that are imported stay",
			.response = "Upload",
			.statuses = "202 404 409" } },
	{ .method = M_POST,
		.path = "/api/v1/uploads/{id}/undo",
		.fn = post_undo,
		REP,
		.doc = { .id = "undoUpload",
			.summary = "Put everything back as it was before it; what was changed "
				   "since stays",
			.response = "Upload",
			.statuses = "202 404 409" } },
	{ .method = M_GET,
		.path = "/api/v1/uploads/{id}/events",
		.fn = upload_events,
		REP,
		.flags = ROUTE_EVENTS,
		.doc = { .id = "watchUpload",
			.summary = "An event \"upload\" with every change, until it ends",
			.response = "text/event-stream",
			.statuses = "200 404" } },
	{ .method = M_GET,
		.path = "/api/v1/uploads/{id}/errors.csv",
		.fn = get_errors,
		REP,
		.flags = ROUTE_SLOW,
		.doc = { .id = "getUploadErrors",
			.summary = "Rejected rows with their reasons; mended, they can be sent as "
				   "they are",
			.response = "text/csv",
			.statuses = "200 404 409" } },
	{ .method = M_GET,
		.path = "/api/v1/uploads/{id}/file",
		.fn = get_file,
		.role = ROLE_MANAGER,
		.scope = SCOPE_UPLOAD,
		.flags = ROUTE_SLOW,
		.doc = { .id = "getUploadFile",
			.summary = "The file as it was sent, as long as it is kept",
			.response = "application/octet-stream",
			.statuses = "200 404" } },
	{ .method = M_GET,
		.path = "/api/v1/fields",
		.fn = get_fields,
		.role = ROLE_VIEWER,
		.scope = SCOPE_READ,
		.run = RUN_INLINE,
		.doc = { .id = "listFields",
			.summary = "The fields that every lead has, and the products whose exports "
				   "are known",
			.response = "Fields",
			.statuses = "200" } },
	{ 0 },
};

#define TEXTS "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}"
/* What is left out is found out. */
#define READING \
	"\"header\":{\"type\":\"boolean\",\"description\":\"Whether the file has a header " \
	"line\"},\"header_line\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":1000," \
	"\"description\":\"Line of the header, or of the first row where there is none\"}," \
	"\"delimiter\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":1,\"description\":" \
	"\"What parts the cells: , ; | : ^ ~ ! # * & a tab or a blank\"},\"encoding\":{\"type\":" \
	"\"string\",\"description\":\"UTF-8, UTF-16LE, UTF-16BE, CP1252, CP850, ISO-8859-1 and " \
	"others, by iconv's names\"},\"footer\":{\"type\":\"boolean\",\"description\":\"false: " \
	"all lines to the end are rows\"},\"product\":{\"type\":\"string\",\"description\":" \
	"\"Whose export it is: one of the products of /fields, or none\"}"
#define COUNT "{\"type\":\"integer\",\"minimum\":0}"

static const struct api_schema schemas[] = {
	{ "Upload",
		"{\"type\":\"object\",\"required\":[\"id\",\"filename\",\"bytes\",\"state\","
		"\"rows\","
		"\"progress\"],\"properties\":{\"id\":{\"type\":\"string\"},"
		"\"filename\":{\"type\":\"string\"},\"bytes\":" COUNT ",\"sha256\":{\"type\":"
		"\"string\"},\"state\":{\"enum\":[\"received\",\"profiling\",\"review\","
		"\"importing\",\"done\",\"failed\",\"cancelled\",\"undoing\",\"undone\"]},"
		"\"created_at\":{\"type\":\"string\",\"format\":\"date-time\"},"
		"\"finished_at\":{\"type\":\"string\",\"format\":\"date-time\"},"
		"\"created_by\":{\"type\":\"string\"},\"job\":{\"type\":\"string\"},"
		"\"rows\":{\"type\":\"object\",\"properties\":{\"read\":" COUNT
		",\"created\":" COUNT ",\"updated\":" COUNT ",\"unchanged\":" COUNT
		",\"rejected\":" COUNT "}},\"progress\":{\"type\":\"number\",\"minimum\":0,"
		"\"maximum\":1},\"rate\":{\"type\":\"number\"},\"eta_s\":{\"type\":\"number\"},"
		"\"mode\":{\"enum\":[\"upsert\",\"update_only\"]},"
		"\"has_file\":{\"type\":\"boolean\"},\"remembered_mapping\":{\"type\":\"boolean\"},"
		"\"error\":{\"type\":\"object\"},\"dialect\":{\"type\":\"object\"},"
		"\"asked\":{\"type\":\"object\",\"description\":\"How somebody said it is to be "
		"read\",\"properties\":{" READING "}},"
		"\"columns\":{\"type\":\"array\",\"items\":{\"type\":\"object\"}},"
		"\"outcome\":{\"type\":\"object\"},\"check\":{\"type\":\"object\"},"
		"\"undo\":{\"type\":\"object\"},\"preview\":{\"type\":\"array\",\"items\":" TEXTS
		"}}}" },
	{ "UploadPage",
		"{\"type\":\"object\",\"required\":[\"items\",\"next_cursor\"],\"properties\":{"
		"\"items\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/"
		"Upload\"}},"
		"\"next_cursor\":{\"type\":[\"string\",\"null\"]}}}" },
	{ "UploadProfile", "{\"type\":\"object\",\"properties\":{" READING "}}" },
	{ "UploadCommit",
		"{\"type\":\"object\",\"properties\":{\"mapping\":{\"type\":\"object\","
		"\"description\":\"Header to field, attribute or ignore\","
		"\"additionalProperties\":{\"type\":\"string\"}},"
		"\"outcome\":{\"type\":[\"object\",\"null\"],\"properties\":{\"column\":{\"type\":"
		"\"string\"},\"won\":" TEXTS ",\"lost\":" TEXTS "}},"
		"\"mode\":{\"enum\":[\"upsert\",\"update_only\"]},"
		"\"formats\":{\"type\":\"object\",\"description\":\"How a column's dates and "
		"numbers "
		"are to be read, by its header\",\"additionalProperties\":{\"type\":\"object\","
		"\"properties\":{\"date_order\":{\"enum\":[\"day first\",\"month first\"]},"
		"\"decimal_mark\":{\"enum\":[\".\",\",\"]}}}},"
		"\"fixes\":{\"type\":\"array\",\"maxItems\":500,\"description\":\"Rows with mended "
		"cells; without any, a row is taken as it is. Those given last hold\","
		"\"items\":{\"type\":\"object\",\"required\":[\"line\",\"cells\"],"
		"\"properties\":{\"line\":{\"type\":\"integer\",\"minimum\":1},"
		"\"cells\":{\"type\":\"object\",\"additionalProperties\":{\"type\":"
		"\"string\"}}}}}}}" },
	{ "Fields",
		"{\"type\":\"object\",\"required\":[\"items\"],\"properties\":{\"items\":{\"type\":"
		"\"array\",\"items\":{\"type\":\"object\",\"required\":[\"name\",\"label\","
		"\"kind\"],"
		"\"properties\":{\"name\":{\"type\":\"string\"},\"label\":{\"type\":\"string\"},"
		"\"kind\":{\"enum\":[\"text\",\"number\",\"date\",\"choice\"]},"
		"\"description\":{\"type\":\"string\"},\"sortable\":{\"type\":\"boolean\"},"
		"\"filterable\":{\"type\":\"boolean\"}}}},"
		"\"products\":{\"type\":\"array\",\"description\":\"CRM products whose exports "
		"are known\",\"items\":{\"type\":\"string\"}}}}" },
	{ 0 },
};

const struct route_set uploads_set = { "Uploads",
	"Files of leads, from their arrival to the leads.", routes, schemas };
