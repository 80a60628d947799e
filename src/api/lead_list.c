/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>

#include "api/api.h"
#include "api/lead_call.h"
#include "api/lead_list.h"
#include "http/request.h"
#include "http/respond.h"
#include "leads/lead_json.h"
#include "leads/lead_seat.h"
#include "leads/live.h"
#include "leads/query.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"

int lead_list_fields(struct req *r, struct lead_list_shown *out, struct err *e)
{
	struct str fields = req_str(r, "fields"), one;
	char *copy = arena_dup(req_arena(r), fields);
	struct str rest = { copy, fields.n };
	struct query_column c;
	bool more = rest.n > 0;

	if (copy == NULL)
		return err_nomem(e);
	out->fields = 0;
	out->n = 0;
	while (more) {
		more = query_next(&rest, copy + (rest.p - copy), &one);
		if (!query_column(one, &c) ||
			(c.field == LF_ATTRIBUTE && out->n == LEAD_LIST_SHOWN)) {
			respond_fault(r, "?fields", "there is no column \"" STR_FMT "\"",
				STR_ARG(str_sub(one, 0, 80)));
			return err_set(e, ERR_INPUT, "fields: no such column");
		}
		if (c.field == LF_ATTRIBUTE)
			out->attributes[out->n++] = c;
		else
			out->fields |= FIELD_BIT(c.field);
	}
	return 0;
}

int lead_list_items(struct req *r, const struct lead_page *page,
	const struct lead_list_shown *shown, bool reasons, struct jw *w, struct err *e)
{
	struct store *s = api_of(r)->store;
	struct live_model *m = live_hold(api_of(r)->live);
	struct lead_json_opts o = { .model = live_versions(m),
		.fields = shown->fields,
		.attributes = shown->n > 0 ? shown->attributes : NULL,
		.n_attributes = shown->n };
	struct lead_seat seat = { 0 };
	struct buf reason = { 0 };
	struct score score;
	int rc = -1;

	for (size_t i = 0; i < page->n; i++) {
		const struct lead *l = &page->leads[i];

		o.layout =
			shown->n > 0 && l->layout != 0 ? s->layouts->get(s, l->layout, NULL) : NULL;
		buf_reset(&reason);
		if (reasons && l->score.model[0] != '\0') {
			struct live_model *own = live_of(m, l->score.model);

			if (seat.model != own)
				lead_seat_leave(&seat);
			seat.model = own;
			if (lead_seat_next(&seat, s, l->layout, l->cells, req_arena(r), e) == -1 ||
				lead_seat_score(&seat, l->score.as_of, &score, e) == -1 ||
				lead_seat_reason(&seat, &score, &reason, e) == -1)
				goto done;
		}
		o.reason = buf_view(&reason);
		lead_json(w, l, &o);
	}
	rc = buf_done(&reason, e);
done:
	lead_seat_leave(&seat);
	buf_clear(&reason);
	live_drop(m);
	return rc;
}

int lead_list_send(struct req *r, const struct lead_query *q, const struct lead_list_shown *shown,
	bool reasons, struct err *e)
{
	struct store *s = api_of(r)->store;
	struct lead_page page = { 0 };
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	char tag[32];

	if (s->leads->list(s, q, req_arena(r), &page, e) == -1)
		return -1;
	jw_obj(&w);
	jw_key(&w, "items");
	jw_arr(&w);
	if (lead_list_items(r, &page, shown, reasons, &w, e) == -1) {
		buf_clear(&b);
		return -1;
	}
	jw_end_arr(&w);
	lead_call_next(&w, "next_cursor", page.next_cursor);
	if (q->total && page.total_exact)
		jw_kint(&w, "total", (int64_t)page.total);
	if (q->total && !page.total_exact) {
		jw_key(&w, "total");
		jw_null(&w);
		jw_kint(&w, "total_at_least", (int64_t)page.total);
	}
	if (isfinite(q->at))
		jw_knum(&w, "at", q->at);
	jw_end_obj(&w);
	snprintf(tag, sizeof(tag), "%016llx",
		(unsigned long long)str_hash(buf_view(&b), (uint64_t)b.n));
	if (!b.failed && respond_etag(r, tag)) {
		buf_clear(&b);
		return respond_empty(r, 304, e);
	}
	return lead_call_respond(r, 200, &b, e);
}
