/* SPDX-License-Identifier: Apache-2.0 */
/* What the server keeps for itself: audit, settings, views, replies to repeated requests.
 * Keys: "au" sequence; "ah": newest sequence and hash; "ab": the last that was purged; "se" key;
 * "vi" id; "re" key hash; "rl" lead, key hash: replies about a lead. */
#include <stdlib.h>
#include <string.h>

#include "store/docs_internal.h"
#include "util/buf.h"
#include "util/err.h"

/* --- audit ---------------------------------------------------------------------------------- */

static const struct doc_field audit_fields[] = {
	DOC(U64, audit, sequence),
	DOC(I64, audit, at_ms),
	DOC(STR, audit, actor),
	DOC(STR, audit, action),
	DOC(STR, audit, object),
	DOC(STR, audit, address),
	DOC(STR, audit, request),
	DOC(STR, audit, detail),
	DOC(HASH, audit, before),
	DOC(HASH, audit, hash),
};
static const struct doc_form audit_form = DOC_FORM(audit_fields, audit);

struct link {
	uint64_t sequence;
	uint8_t hash[32];
};
static const struct doc_field link_fields[] = { DOC(U64, link, sequence), DOC(HASH, link, hash) };
static const struct doc_form link_form = DOC_FORM(link_fields, link);

static struct doc_key audit_key(uint64_t sequence)
{
	struct doc_key k = doc_key("au");

	doc_key_u64(&k, sequence);
	return k;
}

/* The link at "ah" or "ab"; zero when there is none yet. */
static int get_link(struct kv *k, const char tag[2], struct link *out, struct err *e)
{
	struct arena a = { .cap = 0 };
	struct doc_key key = doc_key(tag);
	int rc = doc_get(k, &key, &link_form, &a, out, e);

	if (rc == 0)
		memset(out, 0, sizeof(*out));
	arena_clear(&a);
	return rc < 0 ? -1 : 0;
}

static int audit_add(struct kv *k, void *arg, struct err *e)
{
	struct audit *a = *(struct audit **)arg;
	struct doc_key key, head = doc_key("ah");
	struct link last;

	if (get_link(k, "ah", &last, e) != 0)
		return -1;
	a->sequence = last.sequence + 1;
	memcpy(a->before, last.hash, sizeof(a->before));
	audit_hash(a, a->hash);
	last.sequence = a->sequence;
	memcpy(last.hash, a->hash, sizeof(last.hash));
	key = audit_key(a->sequence);
	if (doc_put(k, &key, &audit_form, a, e) != 0)
		return -1;
	return doc_put(k, &head, &link_form, &last, e);
}

static int docs_audit_add(struct store *s, struct audit *a, struct err *e)
{
	return store_write(s, audit_add, &a, e);
}

static bool matches(struct str pattern, struct str s)
{
	if (pattern.n == 0)
		return true;
	if (pattern.p[pattern.n - 1] == '*')
		return str_starts(s, str_sub(pattern, 0, pattern.n - 1));
	return str_eq(pattern, s);
}

static bool audit_want(void *arg, const void *record)
{
	const struct audit_filter *f = arg;
	const struct audit *a = record;

	return matches(f->actor, a->actor) && matches(f->action, a->action) &&
	       matches(f->object, a->object) &&
	       (f->since_ms == MS_NONE || a->at_ms >= f->since_ms) &&
	       (f->until_ms == MS_NONE || a->at_ms < f->until_ms);
}

struct audit_list {
	struct str cursor;
	struct doc_list l;
};

static int audit_list(struct kv *k, void *arg, struct err *e)
{
	struct audit_list *l = arg;

	return k->scan(k, S("au"), l->cursor, true, doc_list_visit, &l->l, e);
}

static int docs_audit_list(struct store *s, const struct audit_filter *f, size_t limit,
	struct str cursor, struct arena *a, struct audit **out, size_t *n, struct str *next,
	struct err *e)
{
	struct audit_list l = { cursor, { .form = &audit_form, .a = a, .most = limit } };

	if (f != NULL) {
		l.l.want = audit_want;
		l.l.arg = (void *)(uintptr_t)f;
	}
	if (cursor.n != 0 && (cursor.n != 10 || !str_starts(cursor, S("au"))))
		return err_set(e, ERR_INPUT, "the cursor is none of this list");
	if (store_read(s, audit_list, &l, e) != 0)
		return -1;
	*out = (struct audit *)(void *)l.l.items;
	*n = l.l.n;
	*next = l.l.more ? l.l.last : S("");
	return 0;
}

struct verify {
	struct link last; /* that fitted */
	uint64_t checked, bad;
	struct arena a;
	struct buf again;
};

/* Bytes that reading skips hide nothing either: the entry written anew is what is stored. */
static bool is_whole(struct verify *v, const struct audit *a, struct str body)
{
	buf_reset(&v->again);
	doc_write(&audit_form, a, &v->again);
	return !v->again.failed && str_eq(buf_view(&v->again), body);
}

static int verify_visit(void *arg, struct str key, struct str body, struct err *e)
{
	struct verify *v = arg;
	struct audit a;
	struct doc_key at;
	uint8_t hash[32];
	struct err damaged = { .code = ERR_OK };

	arena_reset(&v->a);
	at = audit_key(v->last.sequence + 1);
	if (doc_read(&audit_form, body, &v->a, &a, &damaged) != 0 ||
		!str_eq(key, doc_key_str(&at)) || a.sequence != v->last.sequence + 1 ||
		memcmp(a.before, v->last.hash, 32) != 0) {
		v->bad = v->last.sequence + 1;
		return KV_STOP;
	}
	audit_hash(&a, hash);
	if (memcmp(hash, a.hash, 32) != 0 || !is_whole(v, &a, body)) {
		v->bad = a.sequence;
		return KV_STOP;
	}
	v->last.sequence = a.sequence;
	memcpy(v->last.hash, a.hash, 32);
	v->checked++;
	return KV_MORE;
}

static int verify(struct kv *k, void *arg, struct err *e)
{
	struct verify *v = arg;
	struct link head;
	int rc;

	if (get_link(k, "ab", &v->last, e) != 0 || get_link(k, "ah", &head, e) != 0)
		return -1;
	rc = k->scan(k, S("au"), S(""), false, verify_visit, v, e);
	if (rc == 0 && v->bad == 0 &&
		(head.sequence != v->last.sequence || memcmp(head.hash, v->last.hash, 32) != 0))
		v->bad = v->last.sequence + 1; /* the newest were cut off */
	return rc;
}

static int docs_audit_verify(struct store *s, uint64_t *checked, uint64_t *bad, struct err *e)
{
	struct verify v = { .bad = 0 };
	int rc = store_read(s, verify, &v, e);

	arena_clear(&v.a);
	buf_clear(&v.again);
	*checked = v.checked;
	*bad = v.bad;
	return rc;
}

struct audit_purge {
	int64_t before_ms;
	uint64_t n;
};

static int audit_purge(struct kv *k, void *arg, struct err *e)
{
	enum { AT_ONCE = 1000 };
	struct audit_purge *p = arg;
	struct arena a = { .cap = 0 };
	struct doc_list l = { .form = &audit_form, .a = &a, .most = AT_ONCE };
	struct doc_key base = doc_key("ab");
	struct link last;
	size_t i;
	int rc = k->scan(k, S("au"), S(""), false, doc_list_visit, &l, e);

	p->n = 0;
	for (i = 0; i < l.n && rc == 0; i++) {
		const struct audit *x = &((struct audit *)(void *)l.items)[i];
		struct doc_key key = audit_key(x->sequence);

		if (x->at_ms >= p->before_ms)
			break;
		last.sequence = x->sequence;
		memcpy(last.hash, x->hash, 32);
		rc = k->del(k, doc_key_str(&key), e);
		p->n++;
	}
	if (rc == 0 && p->n > 0)
		rc = doc_put(k, &base, &link_form, &last, e);
	arena_clear(&a);
	return rc;
}

static int docs_audit_purge(struct store *s, int64_t before_ms, uint64_t *n, struct err *e)
{
	struct audit_purge p = { before_ms, 0 };

	*n = 0;
	do {
		if (store_write(s, audit_purge, &p, e) != 0)
			return -1;
		*n += p.n;
	} while (p.n != 0);
	return 0;
}

const struct store_audit docs_audit = { docs_audit_add, docs_audit_list, docs_audit_verify,
	docs_audit_purge };

/* --- settings ------------------------------------------------------------------------------- */

static const struct doc_field setting_fields[] = {
	DOC(STR, setting, key),
	DOC(STR, setting, value),
	DOC(U64, setting, version),
	DOC(ID, setting, by),
	DOC(I64, setting, updated_ms),
};
static const struct doc_form setting_form = DOC_FORM(setting_fields, setting);

static struct doc_key setting_key(struct str name)
{
	struct doc_key k = doc_key("se");

	doc_key_text(&k, name);
	return k;
}

struct setting_get {
	struct str key;
	struct arena *a;
	struct setting *out;
};

static int setting_get(struct kv *k, void *arg, struct err *e)
{
	struct setting_get *g = arg;
	struct doc_key key = setting_key(g->key);
	int rc = doc_get(k, &key, &setting_form, g->a, g->out, e);

	if (rc == 0)
		*g->out = (struct setting){ .key = g->key, .updated_ms = MS_NONE };
	return rc < 0 ? -1 : 0;
}

static int settings_get(
	struct store *s, struct str key, struct arena *a, struct setting *out, struct err *e)
{
	struct setting_get g = { key, a, out };

	return store_read(s, setting_get, &g, e);
}

struct setting_put {
	const struct setting *x;
	uint64_t version, now;
};

static int setting_put(struct kv *k, void *arg, struct err *e)
{
	struct setting_put *p = arg;
	struct arena a = { .cap = 0 };
	struct doc_key key = setting_key(p->x->key);
	struct setting old = { .version = 0 }, new = *p->x;
	int rc = doc_get(k, &key, &setting_form, &a, &old, e);

	if (rc == 0)
		old.version = 0;
	if (rc >= 0 && p->version != UINT64_MAX && p->version != old.version)
		rc = err_set(e, ERR_CONFLICT, "the setting was changed meanwhile");
	if (rc >= 0) {
		new.version = p->now = new.value.n == 0 ? 0 : old.version + 1;
		rc = new.value.n == 0 ? k->del(k, doc_key_str(&key), e)
				      : doc_put(k, &key, &setting_form, &new, e);
	}
	arena_clear(&a);
	return rc;
}

static int settings_put(struct store *s, struct setting *x, uint64_t version, struct err *e)
{
	struct setting_put p = { x, version, 0 };

	if (store_write(s, setting_put, &p, e) != 0)
		return -1;
	x->version = p.now;
	return 0;
}

struct list {
	struct doc_key prefix;
	struct doc_list l;
};

static int list(struct kv *k, void *arg, struct err *e)
{
	struct list *l = arg;

	return k->scan(k, doc_key_str(&l->prefix), S(""), false, doc_list_visit, &l->l, e);
}

static int settings_list(struct store *s, struct str prefix, struct arena *a, struct setting **out,
	size_t *n, struct err *e)
{
	struct list l = { doc_key("se"), { .form = &setting_form, .a = a, .most = SIZE_MAX } };

	doc_key_bytes(&l.prefix, prefix.p, prefix.n < 200 ? prefix.n : 200);
	if (store_read(s, list, &l, e) != 0)
		return -1;
	*out = (struct setting *)(void *)l.l.items;
	*n = l.l.n;
	return 0;
}

const struct store_settings docs_settings = { settings_get, settings_put, settings_list };

/* --- views ---------------------------------------------------------------------------------- */

static const struct doc_field view_fields[] = {
	DOC(ID, view, id),
	DOC(U64, view, version),
	DOC(ID, view, owner),
	DOC(STR, view, name),
	DOC(STR, view, query),
	DOC(STR, view, columns),
	DOC(BOOL, view, shared),
	DOC(I64, view, created_ms),
	DOC(I64, view, updated_ms),
};
static const struct doc_form view_form = DOC_FORM(view_fields, view);

struct view_put {
	const struct view *v;
	uint64_t version;
};

static int view_put(struct kv *k, void *arg, struct err *e)
{
	struct view_put *p = arg;
	struct arena a = { .cap = 0 };
	struct doc_key key = doc_id_key("vi", p->v->id);
	struct view old, new = *p->v;
	int rc = doc_get(k, &key, &view_form, &a, &old, e);

	if (rc == 0 && p->version != 0)
		rc = err_set(e, ERR_NOT_FOUND, "there is no such view");
	else if (rc == 1 && old.version != p->version)
		rc = err_set(e, ERR_CONFLICT, "the view was changed meanwhile");
	new.version = p->version + 1;
	if (rc >= 0)
		rc = doc_put(k, &key, &view_form, &new, e);
	arena_clear(&a);
	return rc;
}

static int views_put(struct store *s, struct view *v, uint64_t version, struct err *e)
{
	struct view_put p = { v, version };

	if (store_write(s, view_put, &p, e) != 0)
		return -1;
	v->version = version + 1;
	return 0;
}

struct view_get {
	struct id id;
	struct arena *a;
	struct view *out;
};

static int view_get(struct kv *k, void *arg, struct err *e)
{
	struct view_get *g = arg;
	struct doc_key key = doc_id_key("vi", g->id);
	int rc = doc_get(k, &key, &view_form, g->a, g->out, e);

	if (rc == 0)
		err_set(e, ERR_NOT_FOUND, "there is no such view");
	return rc == 1 ? 0 : -1;
}

static int views_get(
	struct store *s, struct id id, struct arena *a, struct view *out, struct err *e)
{
	struct view_get g = { id, a, out };

	return store_read(s, view_get, &g, e);
}

static bool view_want(void *arg, const void *record)
{
	const struct view *v = record;

	return v->shared || id_eq(v->owner, *(struct id *)arg);
}

static int view_cmp(const void *p, const void *q)
{
	const struct view *a = p, *b = q;
	int c = str_cmp(a->name, b->name);

	return c != 0 ? c : id_cmp(a->id, b->id);
}

static int views_list(struct store *s, struct id owner, struct arena *a, struct view **out,
	size_t *n, struct err *e)
{
	struct list l = {
		doc_key("vi"),
		{ .form = &view_form, .a = a, .most = SIZE_MAX, .want = view_want, .arg = &owner }
	};

	if (store_read(s, list, &l, e) != 0)
		return -1;
	*out = (struct view *)(void *)l.l.items;
	*n = l.l.n;
	if (*n > 1)
		qsort(*out, *n, sizeof(**out), view_cmp);
	return 0;
}

static int view_remove(struct kv *k, void *arg, struct err *e)
{
	struct doc_key key = doc_id_key("vi", *(struct id *)arg);

	return k->del(k, doc_key_str(&key), e);
}

static int views_remove(struct store *s, struct id id, struct err *e)
{
	return store_write(s, view_remove, &id, e);
}

static bool view_private(void *arg, const void *record)
{
	const struct view *v = record;

	return !v->shared && id_eq(v->owner, *(struct id *)arg);
}

int docs_views_of_user(struct kv *k, struct id user, struct err *e)
{
	struct arena a = { .cap = 0 };
	struct doc_list l = {
		.form = &view_form, .a = &a, .most = SIZE_MAX, .want = view_private, .arg = &user
	};
	size_t i;
	int rc = k->scan(k, S("vi"), S(""), false, doc_list_visit, &l, e);

	for (i = 0; i < l.n && rc == 0; i++)
		rc = view_remove(k, &((struct view *)(void *)l.items)[i].id, e);
	arena_clear(&a);
	return rc;
}

const struct store_views docs_views = { views_put, views_get, views_list, views_remove };

/* --- replies -------------------------------------------------------------------------------- */

static const struct doc_field reply_fields[] = {
	DOC(HASH, reply, key),
	DOC(HASH, reply, request),
	DOC(BOOL, reply, done),
	DOC(U32, reply, status),
	DOC(STR, reply, headers),
	DOC(STR, reply, body),
	DOC(ID, reply, lead),
	DOC(I64, reply, created_ms),
	DOC(I64, reply, expires_ms),
};
static const struct doc_form reply_form = DOC_FORM(reply_fields, reply);

static struct doc_key reply_key(const uint8_t hash[32])
{
	struct doc_key k = doc_key("re");

	doc_key_bytes(&k, hash, 32);
	return k;
}

static struct doc_key reply_of_lead(struct id lead, const uint8_t hash[32])
{
	struct doc_key k = doc_id_key("rl", lead);

	doc_key_bytes(&k, hash, 32);
	return k;
}

struct reply_begin {
	const struct reply *r;
	int64_t stuck_ms;
	struct arena *a;
	struct reply *old;
	bool there;
};

static int reply_begin(struct kv *k, void *arg, struct err *e)
{
	struct reply_begin *b = arg;
	struct doc_key key = reply_key(b->r->key);
	struct reply new = *b->r;
	int rc = doc_get(k, &key, &reply_form, b->a, b->old, e);

	if (rc < 0)
		return -1;
	b->there = rc == 1 && b->old->expires_ms > b->r->created_ms &&
		   (b->old->done || b->old->created_ms + b->stuck_ms > b->r->created_ms);
	if (b->there)
		return 0;
	new.done = false;
	/* What a dead process may have begun is told by when it began. */
	if (rc == 1 && !b->old->done && b->old->expires_ms > b->r->created_ms)
		new.expires_ms = b->old->expires_ms;
	*b->old = new;
	return doc_put(k, &key, &reply_form, &new, e);
}

static int replies_begin(struct store *s, const struct reply *r, int64_t stuck_ms, struct arena *a,
	struct reply *old, struct err *e)
{
	struct reply_begin b = { r, stuck_ms, a, old, false };

	return store_write(s, reply_begin, &b, e) != 0 ? -1 : b.there;
}

static int reply_finish(struct kv *k, void *arg, struct err *e)
{
	struct reply new = **(const struct reply **)arg;
	struct doc_key key = reply_key(new.key), of = reply_of_lead(new.lead, new.key);
	struct arena a = { .cap = 0 };
	struct reply old;
	int rc = doc_get(k, &key, &reply_form, &a, &old, e);

	/* What was asked is what begin() was told. */
	if (rc == 1)
		memcpy(new.request, old.request, sizeof(new.request));
	arena_clear(&a);
	new.done = true;
	if (rc == -1 || (!id_is_none(new.lead) && k->put(k, doc_key_str(&of), S(""), e) != 0))
		return -1;
	return doc_put(k, &key, &reply_form, &new, e);
}

static int replies_finish(struct store *s, const struct reply *r, struct err *e)
{
	return store_write(s, reply_finish, &r, e);
}

static int reply_forget(struct kv *k, const struct reply *r, struct err *e)
{
	struct doc_key key = reply_key(r->key), of = reply_of_lead(r->lead, r->key);

	if (!id_is_none(r->lead) && k->del(k, doc_key_str(&of), e) != 0)
		return -1;
	return k->del(k, doc_key_str(&key), e);
}

static int reply_drop(struct kv *k, void *arg, struct err *e)
{
	struct arena a = { .cap = 0 };
	struct doc_key key = reply_key(*(const uint8_t **)arg);
	struct reply r;
	int rc = doc_get(k, &key, &reply_form, &a, &r, e);

	if (rc == 1)
		rc = reply_forget(k, &r, e);
	arena_clear(&a);
	return rc;
}

static int replies_drop(struct store *s, const uint8_t key[32], struct err *e)
{
	return store_write(s, reply_drop, &key, e);
}

static bool reply_old(void *arg, const void *record)
{
	return ((const struct reply *)record)->expires_ms <= *(int64_t *)arg;
}

static int reply_purge(struct kv *k, void *arg, struct err *e)
{
	enum { AT_ONCE = 1000 };
	struct arena a = { .cap = 0 };
	struct doc_list l = {
		.form = &reply_form, .a = &a, .most = AT_ONCE, .want = reply_old, .arg = arg
	};
	size_t i;
	int rc = k->scan(k, S("re"), S(""), false, doc_list_visit, &l, e);

	for (i = 0; i < l.n && rc == 0; i++)
		rc = reply_forget(k, &((struct reply *)(void *)l.items)[i], e);
	arena_clear(&a);
	return rc;
}

static int replies_purge(struct store *s, int64_t now_ms, struct err *e)
{
	return store_write(s, reply_purge, &now_ms, e);
}

struct hashes {
	uint8_t (*h)[32];
	size_t n;
};

static int hashes_visit(void *arg, struct str key, struct str body, struct err *e)
{
	enum { MOST = 1000 };
	struct hashes *l = arg;

	if (l->n == MOST)
		return KV_STOP;
	memcpy(l->h[l->n++], key.p + 18, 32);
	return KV_MORE;
}

int docs_replies_of_lead(struct kv *k, struct id lead, struct err *e)
{
	struct doc_key prefix = doc_id_key("rl", lead);
	struct arena a = { .cap = 0 };
	struct hashes l = { .n = 0 };
	size_t i;
	int rc;

	do {
		l.n = 0;
		l.h = arena_array(&a, 1000, sizeof(*l.h));
		rc = l.h == NULL
			     ? err_nomem(e)
			     : k->scan(k, doc_key_str(&prefix), S(""), false, hashes_visit, &l, e);
		for (i = 0; i < l.n && rc == 0; i++) {
			struct doc_key key = reply_key(l.h[i]), of = reply_of_lead(lead, l.h[i]);

			rc = k->del(k, doc_key_str(&key), e) == 0 ? k->del(k, doc_key_str(&of), e)
								  : -1;
		}
	} while (rc == 0 && l.n > 0);
	arena_clear(&a);
	return rc;
}

const struct store_replies docs_replies = { replies_begin, replies_finish, replies_drop,
	replies_purge };
