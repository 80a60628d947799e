/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "api/api.h"
#include "api/lead_call.h"
#include "http/respond.h"
#include "leads/lead_json.h"
#include "leads/lead_seat.h"
#include "leads/live.h"
#include "leads/rescoring.h"
#include "record/fold.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"
#include "util/radix.h"

/* --- who may --- */

bool lead_call_owner(const struct caller *who, struct str owner)
{
	return !who->own_only || (who->owner[0] != '\0' && fold_same(owner, str_of(who->owner)));
}

bool lead_call_sees(const struct caller *who, const struct lead *l)
{
	return lead_call_owner(who, l->values.text[LF_OWNER]);
}

struct id lead_call_by(const struct caller *who)
{
	struct id id = { { 0 } };

	if (id_parse_ulid(str_of(who->key_id), &id) == -1)
		id_parse_ulid(str_of(who->user_id), &id);
	return id;
}

/* --- one lead --- */

int lead_call_id(const struct req *r, struct id *out, struct err *e)
{
	if (id_parse_hex(req_path(r, "id"), out) == -1)
		return err_set(e, ERR_NOT_FOUND, "there is no such lead");
	return 0;
}

int lead_call_get(struct req *r, struct id id, struct lead *out, struct err *e)
{
	struct store *s = api_of(r)->store;

	if (s->leads->get(s, id, req_arena(r), out, e) == -1) {
		if (e->code == ERR_NOT_FOUND)
			err_set(e, ERR_NOT_FOUND, "there is no such lead");
		return -1;
	}
	if (!lead_call_sees(req_caller(r), out))
		return err_set(e, ERR_NOT_FOUND, "there is no such lead");
	return 0;
}

int lead_call_find(struct req *r, struct lead *out, struct err *e)
{
	struct id id;

	return lead_call_id(r, &id, e) == -1 ? -1 : lead_call_get(r, id, out, e);
}

/* --- which leads --- */

static int own_leads(const struct req *r, struct query *q, struct err *e)
{
	const struct caller *who = req_caller(r);
	char *owner;

	if (!who->own_only)
		return 0;
	if ((owner = arena_dup(q->arena, str_of(who->owner))) == NULL)
		return err_nomem(e);
	return query_is(q, LF_OWNER, str_of(owner), e);
}

static int view_text(struct req *r, struct arena *a, struct str *out, struct err *e)
{
	struct store *s = api_of(r)->store;
	struct id id, by = lead_call_by(req_caller(r));
	struct err why = { 0 };
	struct view v;

	if (id_parse_ulid(req_str(r, "view"), &id) == 0 && s->views->get(s, id, a, &v, &why) == 0 &&
		(v.shared || id_eq(v.owner, by))) {
		*out = v.query;
		return 0;
	}
	if (why.code != ERR_OK && why.code != ERR_NOT_FOUND) {
		*e = why;
		return -1;
	}
	respond_fault(r, "?view", "there is no such view");
	return err_set(e, ERR_INPUT, "view: there is no such view");
}

static int tell_faults(struct req *r, const struct query *q, const char *under, struct err *e)
{
	char pointer[160];
	size_t n = q->n_faults < QUERY_FAULTS ? q->n_faults : QUERY_FAULTS;

	for (size_t i = 0; i < n; i++) {
		const struct query_fault *f = &q->faults[i];

		if (under == NULL) {
			snprintf(pointer, sizeof(pointer), "?" STR_FMT,
				STR_ARG(str_sub(f->param, 0, 120)));
			respond_fault(r, pointer, "%s", f->detail);
		} else {
			respond_fault(r, under, STR_FMT ": %s", STR_ARG(str_sub(f->param, 0, 120)),
				f->detail);
		}
	}
	return query_check(q, e);
}

int lead_call_query_in(
	struct req *r, const char *const *others, struct arena *a, struct query *q, struct err *e)
{
	const char *skip[16];
	struct str text;
	size_t n = 0;

	query_init(q, a, clock_ms());
	for (; others[n] != NULL; n++) {
		ASSERT(n < 14);
		skip[n] = others[n];
	}
	skip[n++] = "view";
	skip[n] = NULL;
	if (req_has(r, "view") &&
		(view_text(r, a, &text, e) == -1 || query_text(q, text, NULL, e) == -1))
		return -1;
	if (query_text(q, req_query(r), skip, e) == -1 || own_leads(r, q, e) == -1)
		return -1;
	return tell_faults(r, q, NULL, e);
}

int lead_call_query(struct req *r, const char *const *others, struct query *q, struct err *e)
{
	return lead_call_query_in(r, others, req_arena(r), q, e);
}

int lead_call_filter(
	struct req *r, struct str text, const char *pointer, struct query *q, struct err *e)
{
	query_init(q, req_arena(r), clock_ms());
	if (query_text(q, text, NULL, e) == -1 || own_leads(r, q, e) == -1)
		return -1;
	return tell_faults(r, q, pointer, e);
}

/* --- entity tags --- */

/* The version first: what If-Match is about. The rest changes with all else that is shown. */
static void tag_of(struct req *r, const struct lead *l, char out[64])
{
	struct live_model *m = live_hold(api_of(r)->live);
	uint64_t h = str_hash(str_of(live_version(m)), (uint64_t)l->score.scored_ms);

	live_drop(m);
	h = str_hash(str_of(l->score.model), h ^ l->score.content);
	snprintf(out, 64, "%llu.%012llx", (unsigned long long)l->version,
		(unsigned long long)(h & 0xFFFFFFFFFFFF));
}

/* One of the tags of If-Match, without its quotes: has it this version? */
static bool tag_matches(struct str tag, uint64_t version)
{
	char want[32];
	struct str number, rest;

	tag = str_trim(tag);
	if (tag.n >= 2 && tag.p[0] == '"' && tag.p[tag.n - 1] == '"')
		tag = str_sub(tag, 1, tag.n - 1);
	str_split(tag, '.', &number, &rest);
	snprintf(want, sizeof(want), "%llu", (unsigned long long)version);
	return str_eq(tag, S("*")) || str_eq(number, str_of(want));
}

static int stale(struct req *r, const struct lead *l, struct err *e)
{
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	struct err unused = { 0 };

	if (lead_call_json(r, l, &w, &unused) == 0 && !b.failed)
		respond_extra(r, "current", buf_view(&b));
	buf_clear(&b);
	return err_set(e, ERR_STALE, "the lead is at version %llu now: it was changed meanwhile",
		(unsigned long long)l->version);
}

int lead_call_match(struct req *r, const struct lead *l, uint64_t *version, struct err *e)
{
	struct str rest = req_header(r, "If-Match"), tag;
	bool any = rest.n == 0;

	if (version != NULL)
		*version = rest.n == 0 || str_eq(str_trim(rest), S("*")) ? 0 : l->version;
	while (!any && rest.n > 0) {
		str_split(rest, ',', &tag, &rest);
		any = tag_matches(tag, l->version);
	}
	return any ? 0 : stale(r, l, e);
}

int lead_call_conflict(struct req *r, struct id id, struct err *e)
{
	struct lead now;

	return lead_call_get(r, id, &now, e) == -1 ? -1 : stale(r, &now, e);
}

/* --- answers --- */

int lead_call_json(struct req *r, const struct lead *l, struct jw *w, struct err *e)
{
	struct store *s = api_of(r)->store;
	struct live_model *m = live_hold(api_of(r)->live);
	struct lead_json_opts o = { .model = live_versions(m) };
	struct lead_seat seat = { 0 };
	struct score score;
	struct buf reason = { 0 };
	double as_of = l->score.model[0] != '\0' ? l->score.as_of : lead_seat_days(clock_ms());
	int rc = -1;

	if (l->layout != 0 && (o.layout = s->layouts->get(s, l->layout, e)) == NULL)
		goto done;
	if (lead_seat_take(&seat, s, live_of(m, l->score.model), l->layout, l->cells, req_arena(r),
		    e) == -1 ||
		lead_seat_score(&seat, as_of, &score, e) == -1 ||
		lead_seat_reason(&seat, &score, &reason, e) == -1 || buf_done(&reason, e) == -1)
		goto done;
	o.reason = buf_view(&reason);
	lead_json(w, l, &o);
	rc = 0;
done:
	lead_seat_leave(&seat);
	buf_clear(&reason);
	live_drop(m);
	return rc;
}

int lead_call_respond(struct req *r, int status, struct buf *b, struct err *e)
{
	if (buf_done(b, e) == -1) {
		buf_clear(b);
		return -1;
	}
	return respond_json(r, status, b, e);
}

int lead_call_send(struct req *r, int status, const struct lead *l, struct err *e)
{
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	char tag[64], where[64] = "/api/v1/leads/";
	bool has;

	tag_of(r, l, tag);
	has = respond_etag(r, tag);
	if (status == 200 && has && req_route(r)->method == M_GET)
		return respond_empty(r, 304, e);
	if (lead_call_json(r, l, &w, e) == -1 || buf_done(&b, e) == -1) {
		buf_clear(&b);
		return -1;
	}
	if (status != 201)
		return respond_json(r, status, &b, e);
	id_hex(l->id, where + strlen(where));
	return respond_created(r, where, &b, e);
}

int lead_call_cursor(struct req *r, struct str *out, struct err *e)
{
	struct str text = req_str(r, "cursor");
	uint8_t *bytes;
	ptrdiff_t n;

	*out = S("");
	if (text.n == 0)
		return 0;
	if ((bytes = arena_alloc(req_arena(r), text.n)) == NULL)
		return err_nomem(e);
	if ((n = radix64_read(text, bytes, text.n)) <= 0) {
		respond_fault(r, "?cursor", "not a cursor that a list has given");
		return err_set(e, ERR_INPUT, "cursor: not a cursor that a list has given");
	}
	*out = (struct str){ (const char *)bytes, (size_t)n };
	return 0;
}

void lead_call_next(struct jw *w, const char *key, struct str cursor)
{
	struct buf text = { 0 };
	char *to;

	jw_key(w, key);
	if (cursor.n == 0) {
		jw_null(w);
		return;
	}
	if ((to = buf_reserve(&text, RADIX64_SIZE(cursor.n))) != NULL) {
		radix64_write(cursor.p, cursor.n, to);
		text.n = strlen(to);
	}
	w->b->failed |= text.failed;
	jw_str(w, buf_view(&text));
	buf_clear(&text);
}

/* --- after a change --- */

int lead_call_event(struct req *r, struct id lead, const char *kind, struct str text, struct err *e)
{
	struct store *s = api_of(r)->store;
	struct event event = { .id = req_new_id(r),
		.lead = lead,
		.at_ms = clock_ms(),
		.by = lead_call_by(req_caller(r)),
		.kind = str_of(kind),
		.text = text };

	return s->events->add(s, &event, 1, e);
}

int lead_call_rescore(struct req *r, struct lead *l, struct err *e)
{
	struct store *s = api_of(r)->store;

	if (rescoring_ids(s, api_of(r)->live, &l->id, 1, SCORE_EDIT, e) == -1)
		return -1;
	return s->leads->get(s, l->id, req_arena(r), l, e);
}

int lead_call_score(struct req *r, struct lead *l, struct err *e)
{
	struct live_model *m = live_hold(api_of(r)->live);
	/* With segments, a changed lead may have come into another one. */
	bool stale = live_segments(m) != 0 || lead_json_stale(l, live_versions(m));

	live_drop(m);
	return stale ? lead_call_rescore(r, l, e) : 0;
}

int lead_call_audit(
	struct req *r, const char *action, struct str object, struct str detail, struct err *e)
{
	struct store *s = api_of(r)->store;
	const struct caller *who = req_caller(r);
	char actor[48];
	struct audit a = { .at_ms = clock_ms(),
		.action = str_of(action),
		.object = object,
		.address = str_of(req_address(r)),
		.request = str_of(req_id(r)),
		.detail = detail.n > 0 ? detail : S("{}") };

	if (who->key_id[0] != '\0')
		snprintf(actor, sizeof(actor), "key %s", who->key_id);
	else
		snprintf(actor, sizeof(actor), "user %s", who->user_id);
	a.actor = str_of(actor);
	return s->audit->add(s, &a, e);
}
