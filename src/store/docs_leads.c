/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept beside a lead: events, notes, earlier versions and scores; and uploads.
 * Keys: "ev" lead, id; "et" id -> lead (all events by time); "no" lead, id; "ve" lead, version;
 * "vu" upload, lead: touched by that upload; "ps" lead, time, model; "up" id. */
#include <string.h>

#include "store/docs_internal.h"
#include "util/err.h"

static struct doc_key two_ids(const char tag[2], struct id a, struct id b)
{
	struct doc_key k = doc_id_key(tag, a);

	doc_key_id(&k, b);
	return k;
}

/* A page of what lies under a prefix, newest first. */
struct page {
	struct doc_key prefix;
	struct str cursor;
	struct doc_list l;
};

static int page(struct kv *k, void *arg, struct err *e)
{
	struct page *p = arg;

	return k->scan(k, doc_key_str(&p->prefix), p->cursor, true, doc_list_visit, &p->l, e);
}

static int check_cursor(const struct page *p, size_t n, struct err *e)
{
	if (p->cursor.n != 0 &&
		(p->cursor.n != n || !str_starts(p->cursor, doc_key_str(&p->prefix))))
		return err_set(e, ERR_INPUT, "the cursor is none of this list");
	return 0;
}

/* --- events --------------------------------------------------------------------------------- */

static const struct doc_field event_fields[] = {
	DOC(ID, event, id),
	DOC(ID, event, lead),
	DOC(I64, event, at_ms),
	DOC(ID, event, by),
	DOC(STR, event, kind),
	DOC(STR, event, text),
	DOC(STR, event, data),
};
static const struct doc_form event_form = DOC_FORM(event_fields, event);

int docs_event_add(struct kv *k, const struct event *ev, struct err *e)
{
	struct doc_key key = two_ids("ev", ev->lead, ev->id), by_time = doc_id_key("et", ev->id);

	if (k->put(k, doc_key_str(&by_time), (struct str){ (const char *)ev->lead.b, 16 }, e) != 0)
		return -1;
	return doc_put(k, &key, &event_form, ev, e);
}

struct events_add {
	const struct event *events;
	size_t n;
};

static int event_add(struct kv *k, void *arg, struct err *e)
{
	struct events_add *x = arg;
	size_t i;

	for (i = 0; i < x->n; i++)
		if (docs_event_add(k, &x->events[i], e) != 0)
			return -1;
	return 0;
}

static int events_add(struct store *s, const struct event *events, size_t n, struct err *e)
{
	struct events_add x = { events, n };

	return store_write(s, event_add, &x, e);
}

static int events_list(struct store *s, struct id lead, size_t limit, struct str cursor,
	struct arena *a, struct event **out, size_t *n, struct str *next, struct err *e)
{
	struct page p = { doc_id_key("ev", lead), cursor,
		{ .form = &event_form, .a = a, .most = limit } };

	if (check_cursor(&p, 34, e) != 0 || store_read(s, page, &p, e) != 0)
		return -1;
	*out = (struct event *)(void *)p.l.items;
	*n = p.l.n;
	*next = p.l.more ? p.l.last : S("");
	return 0;
}

struct since {
	struct str kind;
	int64_t since_ms;
	size_t limit;
	struct arena *a;
	struct event *out;
	size_t n;
	struct kv *k;
};

static int since_visit(void *arg, struct str key, struct str body, struct err *e)
{
	struct since *x = arg;
	struct id id, lead;
	struct doc_key at;
	int rc;

	memcpy(id.b, key.p + 2, 16);
	memcpy(lead.b, body.p, 16);
	if (x->n == x->limit)
		return KV_STOP;
	at = two_ids("ev", lead, id);
	rc = doc_get(x->k, &at, &event_form, x->a, &x->out[x->n], e);
	if (rc < 0)
		return -1;
	if (rc == 1 && x->out[x->n].at_ms < x->since_ms)
		return KV_STOP;
	if (rc == 1 && (x->kind.n == 0 || str_eq(x->kind, x->out[x->n].kind)))
		x->n++;
	return KV_MORE;
}

static int since(struct kv *k, void *arg, struct err *e)
{
	struct since *x = arg;

	x->k = k;
	return k->scan(k, S("et"), S(""), true, since_visit, x, e);
}

static int events_since(struct store *s, struct str kind, int64_t since_ms, size_t limit,
	struct arena *a, struct event **out, size_t *n, struct err *e)
{
	struct since x = { .kind = kind, .since_ms = since_ms, .limit = limit, .a = a };

	x.out = arena_array(a, limit + 1, sizeof(*x.out));
	if (x.out == NULL)
		return err_nomem(e);
	if (store_read(s, since, &x, e) != 0)
		return -1;
	*out = x.out;
	*n = x.n;
	return 0;
}

const struct store_events docs_events = { events_add, events_list, events_since };

/* --- notes ---------------------------------------------------------------------------------- */

static const struct doc_field note_fields[] = {
	DOC(ID, note, id),
	DOC(ID, note, lead),
	DOC(ID, note, by),
	DOC(STR, note, text),
	DOC(I64, note, created_ms),
	DOC(I64, note, updated_ms),
};
static const struct doc_form note_form = DOC_FORM(note_fields, note);

static int note_put(struct kv *k, void *arg, struct err *e)
{
	const struct note *n = *(const struct note **)arg;
	struct doc_key key = two_ids("no", n->lead, n->id);

	return doc_put(k, &key, &note_form, n, e);
}

static int notes_put(struct store *s, const struct note *n, struct err *e)
{
	return store_write(s, note_put, &n, e);
}

static int notes_list(struct store *s, struct id lead, struct arena *a, struct note **out,
	size_t *n, struct err *e)
{
	struct page p = { doc_id_key("no", lead), S(""),
		{ .form = &note_form, .a = a, .most = 1000 } };

	if (store_read(s, page, &p, e) != 0)
		return -1;
	*out = (struct note *)(void *)p.l.items;
	*n = p.l.n;
	return 0;
}

static int note_remove(struct kv *k, void *arg, struct err *e)
{
	struct arena a = { .cap = 0 };
	struct doc_key *key = arg;
	struct str body;
	int rc = k->get(k, doc_key_str(key), &a, &body, e);

	arena_clear(&a);
	if (rc == 0)
		return err_set(e, ERR_NOT_FOUND, "there is no such note");
	return rc < 0 ? -1 : k->del(k, doc_key_str(key), e);
}

static int notes_remove(struct store *s, struct id lead, struct id note, struct err *e)
{
	struct doc_key key = two_ids("no", lead, note);

	return store_write(s, note_remove, &key, e);
}

const struct store_notes docs_notes = { notes_put, notes_list, notes_remove };

/* --- earlier versions and scores ------------------------------------------------------------ */

static const struct doc_field version_fields[] = {
	DOC(U64, docs_version, version),
	DOC(I64, docs_version, until_ms),
	DOC(ID, docs_version, by),
	DOC(ID, docs_version, upload),
	DOC(ID, docs_version, made_by),
	DOC(STR, docs_version, body),
};
static const struct doc_form version_form = DOC_FORM(version_fields, docs_version);

int docs_version_add(struct kv *k, struct id lead, const struct docs_version *v, struct err *e)
{
	struct doc_key key = doc_id_key("ve", lead);
	struct doc_key by = two_ids("vu", v->upload, lead), made = two_ids("vu", v->made_by, lead);

	doc_key_u64(&key, v->version);
	if (!id_is_none(v->upload) && k->put(k, doc_key_str(&by), S(""), e) != 0)
		return -1;
	if (!id_is_none(v->made_by) && k->put(k, doc_key_str(&made), S(""), e) != 0)
		return -1;
	return doc_put(k, &key, &version_form, v, e);
}

int docs_versions(struct kv *k, struct id lead, size_t most, struct arena *a,
	struct docs_version **out, size_t *n, struct err *e)
{
	struct page p = { doc_id_key("ve", lead), S(""),
		{ .form = &version_form, .a = a, .most = most } };

	if (page(k, &p, e) != 0)
		return -1;
	*out = (struct docs_version *)(void *)p.l.items;
	*n = p.l.n;
	return 0;
}

int docs_version_drop(struct kv *k, struct id lead, const struct docs_version *v, struct err *e)
{
	struct doc_key key = doc_id_key("ve", lead), by = two_ids("vu", v->upload, lead);

	doc_key_u64(&key, v->version);
	/* "vu" made_by may speak of other versions as well; it only says where to look. */
	if (!id_is_none(v->upload) && k->del(k, doc_key_str(&by), e) != 0)
		return -1;
	return k->del(k, doc_key_str(&key), e);
}

struct touched {
	struct id *ids;
	size_t n, most;
};

static int touched_visit(void *arg, struct str key, struct str body, struct err *e)
{
	struct touched *t = arg;

	if (t->n == t->most)
		return KV_STOP;
	memcpy(t->ids[t->n++].b, key.p + 18, 16);
	return KV_MORE;
}

int docs_touched(struct kv *k, struct id upload, struct id after, size_t most, struct arena *a,
	struct id **out, size_t *n, struct err *e)
{
	struct doc_key prefix = doc_id_key("vu", upload), from = two_ids("vu", upload, after);
	struct touched t = { arena_array(a, most + 1, sizeof(struct id)), 0, most };

	if (t.ids == NULL)
		return err_nomem(e);
	if (k->scan(k, doc_key_str(&prefix), id_is_none(after) ? S("") : doc_key_str(&from), false,
		    touched_visit, &t, e) != 0)
		return -1;
	*out = t.ids;
	*n = t.n;
	return 0;
}

/* A past score, flat. */
struct past {
	struct str model;
	double probability, margin, confidence, hot, warm, cold, as_of;
	uint8_t points;
	enum lead_heat heat;
	int64_t scored_ms, until_ms;
	uint64_t content;
	enum score_cause cause;
};
static const struct doc_field past_fields[] = {
	DOC(STR, past, model),
	DOC(F64, past, probability),
	DOC(F64, past, margin),
	DOC(F64, past, confidence),
	DOC(F64, past, hot),
	DOC(F64, past, warm),
	DOC(F64, past, cold),
	DOC(F64, past, as_of),
	DOC(U8, past, points),
	DOC(ENUM, past, heat),
	DOC(I64, past, scored_ms),
	DOC(I64, past, until_ms),
	DOC(U64, past, content),
	DOC(ENUM, past, cause),
};
static const struct doc_form past_form = DOC_FORM(past_fields, past);

int docs_past_score_add(struct kv *k, struct id lead, const struct past_score *p, struct err *e)
{
	const struct lead_score *s = &p->score;
	struct past x = { str_of(s->model), s->probability, s->margin, s->confidence, s->bands[0],
		s->bands[1], s->bands[2], s->as_of, s->points, s->heat, s->scored_ms, p->until_ms,
		s->content, p->cause };
	struct doc_key key = doc_id_key("ps", lead);

	doc_key_u64(&key, (uint64_t)p->until_ms);
	doc_key_text(&key, x.model);
	return doc_put(k, &key, &past_form, &x, e);
}

int docs_past_scores(struct kv *k, struct id lead, size_t most, struct arena *a,
	struct past_score **out, size_t *n, struct err *e)
{
	struct page p = { doc_id_key("ps", lead), S(""),
		{ .form = &past_form, .a = a, .most = most } };
	size_t i;

	if (page(k, &p, e) != 0)
		return -1;
	*n = p.l.n;
	*out = arena_array(a, p.l.n + 1, sizeof(**out));
	if (*out == NULL)
		return err_nomem(e);
	for (i = 0; i < p.l.n; i++) {
		const struct past *x = &((struct past *)(void *)p.l.items)[i];
		struct past_score *to = &(*out)[i];

		*to = (struct past_score){
			.score = { .probability = x->probability,
				.margin = x->margin,
				.confidence = x->confidence,
				.bands = { x->hot, x->warm, x->cold },
				.points = x->points,
				.heat = x->heat,
				.as_of = x->as_of,
				.scored_ms = x->scored_ms,
				.content = x->content,
				.previous_ms = MS_NONE },
			.until_ms = x->until_ms,
			.cause = x->cause,
		};
		memcpy(to->score.model, x->model.p,
			x->model.n < LEAD_MODEL ? x->model.n : LEAD_MODEL - 1);
	}
	return 0;
}

/* The keys under a prefix, to be dropped. */
struct sweep {
	struct arena *a;
	struct str *keys;
	size_t n, cap;
};

static int sweep_visit(void *arg, struct str key, struct str body, struct err *e)
{
	struct sweep *s = arg;

	if (s->n == s->cap) {
		size_t cap = s->cap == 0 ? 16 : 2 * s->cap;
		struct str *more = arena_array(s->a, cap, sizeof(*more));

		if (more == NULL)
			return err_nomem(e);
		if (s->n > 0)
			memcpy(more, s->keys, s->n * sizeof(*more));
		s->keys = more;
		s->cap = cap;
	}
	s->keys[s->n] = (struct str){ arena_dup(s->a, key), key.n };
	return s->keys[s->n++].p != NULL ? KV_MORE : err_nomem(e);
}

int docs_forget_lead(struct kv *k, struct id id, struct err *e)
{
	static const char *const tags[] = { "ev", "no", "ve", "ps" };
	struct arena a = { .cap = 0 };
	size_t t, i, n = 0;
	struct docs_version *v;
	int rc = docs_versions(k, id, SIZE_MAX, &a, &v, &n, e);

	for (i = 0; i < n && rc == 0; i++) {
		struct doc_key by = two_ids("vu", v[i].upload, id);
		struct doc_key made = two_ids("vu", v[i].made_by, id);

		rc = k->del(k, doc_key_str(&by), e) == 0 ? k->del(k, doc_key_str(&made), e) : -1;
	}
	for (t = 0; t < sizeof(tags) / sizeof(tags[0]) && rc == 0; t++) {
		struct doc_key prefix = doc_id_key(tags[t], id);
		struct sweep s = { .a = &a };

		rc = k->scan(k, doc_key_str(&prefix), S(""), false, sweep_visit, &s, e);
		for (i = 0; i < s.n && rc == 0; i++) {
			if (t == 0) {
				struct doc_key by_time = doc_key("et");

				doc_key_bytes(&by_time, s.keys[i].p + 18, 16);
				rc = k->del(k, doc_key_str(&by_time), e);
			}
			if (rc == 0)
				rc = k->del(k, s.keys[i], e);
		}
	}
	if (rc == 0)
		rc = docs_replies_of_lead(k, id, e);
	arena_clear(&a);
	return rc;
}

/* --- uploads -------------------------------------------------------------------------------- */

static const struct doc_field upload_fields[] = {
	DOC(ID, upload, id),
	DOC(U64, upload, version),
	DOC(STR, upload, filename),
	DOC(STR, upload, file),
	DOC(STR, upload, sha256),
	DOC(U64, upload, bytes),
	DOC(ENUM, upload, state),
	DOC(U64, upload, progress.rows.read),
	DOC(U64, upload, progress.rows.created),
	DOC(U64, upload, progress.rows.updated),
	DOC(U64, upload, progress.rows.unchanged),
	DOC(U64, upload, progress.rows.rejected),
	DOC(U64, upload, progress.position),
	DOC(F64, upload, progress.fraction),
	DOC(U64, upload, progress.seconds_ms),
	DOC(ID, upload, job),
	DOC(ID, upload, created_by),
	DOC(STR, upload, headers),
	DOC(STR, upload, detail),
	DOC(STR, upload, error),
	DOC(I64, upload, created_ms),
	DOC(I64, upload, updated_ms),
	DOC(I64, upload, finished_ms),
};
static const struct doc_form upload_form = DOC_FORM(upload_fields, upload);

struct upload_put {
	struct upload *u;
	uint64_t version;
};

static int upload_put(struct kv *k, void *arg, struct err *e)
{
	struct upload_put *p = arg;
	struct arena a = { .cap = 0 };
	struct doc_key key = doc_id_key("up", p->u->id);
	struct upload old, new = *p->u;
	int rc = doc_get(k, &key, &upload_form, &a, &old, e);

	if (rc == 0 && p->version != 0)
		rc = err_set(e, ERR_NOT_FOUND, "there is no such upload");
	else if (rc == 1 && old.version != p->version)
		rc = err_set(e, ERR_CONFLICT, "the upload was changed meanwhile");
	if (rc == 1)
		new.progress = old.progress;
	new.version = p->version + 1;
	if (rc >= 0)
		rc = doc_put(k, &key, &upload_form, &new, e);
	p->u->progress = new.progress;
	arena_clear(&a);
	return rc;
}

static int uploads_put(struct store *s, struct upload *u, uint64_t version, struct err *e)
{
	struct upload_put p = { u, version };

	if (store_write(s, upload_put, &p, e) != 0)
		return -1;
	u->version = version + 1;
	return 0;
}

int docs_upload_progress(
	struct kv *k, struct id id, const struct upload_progress *p, int64_t now_ms, struct err *e)
{
	struct arena a = { .cap = 0 };
	struct doc_key key = doc_id_key("up", id);
	struct upload u;
	int rc = doc_get(k, &key, &upload_form, &a, &u, e);

	if (rc == 0)
		rc = err_set(e, ERR_NOT_FOUND, "there is no such upload");
	if (rc == 1) {
		u.progress = *p;
		u.updated_ms = now_ms;
		rc = doc_put(k, &key, &upload_form, &u, e);
	}
	arena_clear(&a);
	return rc;
}

struct progress {
	struct id id;
	const struct upload_progress *p;
	int64_t now_ms;
};

static int progress(struct kv *k, void *arg, struct err *e)
{
	struct progress *x = arg;

	return docs_upload_progress(k, x->id, x->p, x->now_ms, e);
}

static int uploads_progress(struct store *s, struct id id, const struct upload_progress *p,
	int64_t now_ms, struct err *e)
{
	struct progress x = { id, p, now_ms };

	return store_write(s, progress, &x, e);
}

struct upload_get {
	struct id id;
	struct arena *a;
	struct upload *out;
};

static int upload_get(struct kv *k, void *arg, struct err *e)
{
	struct upload_get *g = arg;
	struct doc_key key = doc_id_key("up", g->id);
	int rc = doc_get(k, &key, &upload_form, g->a, g->out, e);

	if (rc == 0)
		err_set(e, ERR_NOT_FOUND, "there is no such upload");
	return rc == 1 ? 0 : -1;
}

static int uploads_get(
	struct store *s, struct id id, struct arena *a, struct upload *out, struct err *e)
{
	struct upload_get g = { id, a, out };

	return store_read(s, upload_get, &g, e);
}

static int uploads_list(struct store *s, size_t limit, struct str cursor, struct arena *a,
	struct upload **out, size_t *n, struct str *next, struct err *e)
{
	struct page p = { doc_key("up"), cursor, { .form = &upload_form, .a = a, .most = limit } };

	if (check_cursor(&p, 18, e) != 0 || store_read(s, page, &p, e) != 0)
		return -1;
	*out = (struct upload *)(void *)p.l.items;
	*n = p.l.n;
	*next = p.l.more ? p.l.last : S("");
	return 0;
}

static int upload_remove(struct kv *k, void *arg, struct err *e)
{
	struct doc_key key = doc_id_key("up", *(struct id *)arg);

	return k->del(k, doc_key_str(&key), e);
}

static int uploads_remove(struct store *s, struct id id, struct err *e)
{
	return store_write(s, upload_remove, &id, e);
}

const struct store_uploads docs_uploads = { uploads_put, uploads_progress, uploads_get,
	uploads_list, uploads_remove };
