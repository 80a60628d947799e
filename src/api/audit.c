/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log: read, taken away as CSV, and checked. Nothing here changes it. */
#include <string.h>

#include "api/api.h"
#include "api/identity_json.h"
#include "api/routes.h"
#include "api/trail.h"
#include "auth/anchor.h"
#include "auth/auth.h"
#include "auth/audit_csv.h"
#include "http/respond.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"
#include "util/radix.h"

static int64_t day_ms(const struct req *r, const char *name)
{
	return req_has(r, name) ? (int64_t)(req_date(r, name) * 86400000.0) : MS_NONE;
}

static struct audit_filter filter_of(const struct req *r)
{
	return (struct audit_filter){ .actor = req_str(r, "actor"),
		.action = req_str(r, "action"),
		.object = req_str(r, "object"),
		.since_ms = day_ms(r, "since"),
		.until_ms = day_ms(r, "until") };
}

static void put_entry(struct jw *w, const struct audit *a)
{
	char hex[65];

	radix16_write(a->hash, sizeof(a->hash), hex);
	jw_obj(w);
	jw_kint(w, "seq", (int64_t)a->sequence);
	put_time(w, "at", a->at_ms);
	jw_kstr(w, "actor", a->actor);
	jw_kstr(w, "action", a->action);
	jw_kstr(w, "object", a->object);
	jw_kstr(w, "address", a->address);
	jw_kstr(w, "request", a->request);
	jw_key(w, "detail");
	jw_raw(w, a->detail.n > 0 ? a->detail : S("{}"));
	jw_kz(w, "hash", hex);
	jw_end_obj(w);
}

static int list(struct req *r, struct err *e)
{
	struct store *s = api_of(r)->store;
	struct audit_filter f = filter_of(r);
	char text[RADIX64_SIZE(192)];
	struct str cursor = S(""), sent = req_str(r, "cursor"), next;
	struct audit *list;
	uint8_t raw[192];
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	ptrdiff_t got;
	size_t n;

	if (sent.n > 0) {
		if ((got = radix64_read(sent, raw, sizeof(raw))) < 1)
			return err_set(e, ERR_INPUT, "this cursor is none of this list");
		cursor = (struct str){ (const char *)raw, (size_t)got };
	}
	if (s->audit->list(s, &f, (size_t)req_int(r, "limit", 50), cursor, req_arena(r), &list, &n,
		    &next, e) == -1)
		return -1;
	jw_obj(&w);
	jw_key(&w, "items");
	jw_arr(&w);
	for (size_t i = 0; i < n; i++)
		put_entry(&w, &list[i]);
	jw_end_arr(&w);
	jw_key(&w, "next_cursor");
	if (next.n > 0 && next.n <= sizeof(raw)) {
		radix64_write(next.p, next.n, text);
		jw_z(&w, text);
	} else {
		jw_null(&w);
	}
	jw_end_obj(&w);
	return send_json(r, 200, &b, e);
}

static int export_csv(struct req *r, struct err *e)
{
	struct audit_filter f = filter_of(r);
	struct buf b = { 0 };

	if (api_trail(r, e, "audit.exported", S(""), "%s", "") == -1)
		return -1;
	if (audit_csv(api_of(r)->store, &f, &b, e) == -1) {
		buf_clear(&b);
		return -1;
	}
	respond_attachment(r, S("audit.csv"));
	return respond_bytes(r, 200, "text/csv; charset=utf-8", &b, e);
}

static int verify(struct req *r, struct err *e)
{
	struct anchor_report report;
	struct buf b = { 0 };
	struct jw w = { .b = &b };

	if (auth_verify(api_of(r)->auth, &report, e) == -1)
		return -1;
	jw_obj(&w);
	jw_kbool(&w, "ok", report.why[0] == '\0');
	jw_kint(&w, "checked", (int64_t)report.checked);
	if (report.why[0] != '\0') {
		jw_kint(&w, "first_bad", (int64_t)report.first_bad);
		jw_kz(&w, "why", report.why);
	}
	jw_end_obj(&w);
	return send_json(r, 200, &b, e);
}

#define FILTERS \
	{ "actor", "str", 0, 60, NULL, "As \"user ULID\"; a final * is anything", false }, \
		{ "action", "str", 0, 60, NULL, "As \"login.failed\" or \"key.*\"", false }, \
		{ "object", "str", 0, 200, NULL, "As \"user ULID\" or \"lead *\"", false }, \
		{ "since", "date", 0, 0, NULL, "From this moment on", false }, \
	{ \
		"until", "date", 0, 0, NULL, "Before this moment", false \
	}

static const struct param list_query[] = { FILTERS,
	{ "limit", "int", 1, 500, "50", "Page size", false },
	{ "cursor", "str", 0, 300, NULL, "next_cursor of the page before", false }, { 0 } };
static const struct param export_query[] = { FILTERS, { 0 } };

static const struct api_schema schemas[] = {
	{ "AuditPage",
		"{\"type\":\"object\",\"required\":[\"items\",\"next_cursor\"],\"properties\":{"
		"\"next_cursor\":{\"type\":[\"string\",\"null\"]},\"items\":{\"type\":\"array\","
		"\"items\":{\"type\":\"object\",\"required\":[\"seq\",\"at\",\"actor\","
		"\"action\",\"object\",\"detail\",\"hash\"],\"properties\":{\"seq\":{\"type\":"
		"\"integer\"},\"at\":{\"type\":\"string\"},\"actor\":{\"type\":\"string\"},"
		"\"action\":{\"type\":\"string\"},\"object\":{\"type\":\"string\"},\"address\":{"
		"\"type\":\"string\"},\"request\":{\"type\":\"string\"},\"detail\":{\"type\":"
		"\"object\"},\"hash\":{\"type\":\"string\"}}}}}}" },
	{ "AuditCheck", "{\"type\":\"object\",\"required\":[\"ok\",\"checked\"],\"properties\":{"
			"\"ok\":{\"type\":\"boolean\"},\"checked\":{\"type\":\"integer\"},"
			"\"first_bad\":{\"type\":\"integer\"},\"why\":{\"type\":\"string\"}}}" },
	{ 0 }
};

static const struct route routes[] = { { .method = M_GET,
					       .path = "/api/v1/audit",
					       .fn = list,
					       .role = ROLE_ADMIN,
					       .scope = SCOPE_ADMIN,
					       .doc = { .id = "listAudit",
						       .summary = "Who did what, newest first",
						       .query = list_query,
						       .response = "AuditPage",
						       .statuses = "200 422" } },
	{ .method = M_GET,
		.path = "/api/v1/audit/export.csv",
		.fn = export_csv,
		.role = ROLE_ADMIN,
		.scope = SCOPE_ADMIN,
		.rate = RATE_EXPORT,
		.flags = ROUTE_SLOW,
		.doc = { .id = "exportAudit",
			.summary = "The audit log as CSV, oldest last",
			.query = export_query,
			.response = "text/csv",
			.statuses = "200" } },
	{ .method = M_GET,
		.path = "/api/v1/audit/verify",
		.fn = verify,
		.role = ROLE_ADMIN,
		.scope = SCOPE_ADMIN,
		.flags = ROUTE_SLOW,
		.doc = { .id = "verifyAudit",
			.summary = "Was the past changed?",
			.text = "Walks the chain of hashes and holds its end against the signed "
				"head "
				"outside of the database.",
			.response = "AuditCheck",
			.statuses = "200" } },
	{ 0 } };

const struct route_set audit_set = { "Audit", "What was done, chained so that changes show.",
	routes, schemas };
