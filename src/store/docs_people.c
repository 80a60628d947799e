/* SPDX-License-Identifier: Apache-2.0 */
/* Users, sessions, API keys, one-time tokens, counts of tries.
 * Keys: "us" id; "ue" folded email -> id; "ui" subject -> id; "Sh" hash; "Su" user, hash;
 * "ki" id; "kh" hash -> id; "to" hash; "tr" key. */
#include <stdlib.h>
#include <string.h>

#include "record/fold.h"
#include "store/kv_internal.h"
#include "util/err.h"

/* --- users ---------------------------------------------------------------------------------- */

static const struct doc_field user_fields[] = {
	DOC(ID, user, id),
	DOC(U64, user, version),
	DOC(STR, user, email),
	DOC(STR, user, name),
	DOC(ENUM, user, role),
	DOC(BOOL, user, disabled),
	DOC(STR, user, password),
	DOC(STR, user, totp),
	DOC(U64, user, totp_step),
	DOC(STR, user, recovery),
	DOC(STR, user, preferences),
	DOC(STR, user, subject),
	DOC(BOOL, user, must_change_password),
	DOC(I64, user, created_ms),
	DOC(I64, user, updated_ms),
	DOC(I64, user, password_ms),
	DOC(I64, user, last_login_ms),
};
static const struct doc_form user_form = DOC_FORM(user_fields, user);

static struct doc_key id_key(const char tag[2], struct id id)
{
	struct doc_key k = doc_key(tag);

	doc_key_id(&k, id);
	return k;
}

static struct doc_key hash_key(const char tag[2], const uint8_t hash[32])
{
	struct doc_key k = doc_key(tag);

	doc_key_bytes(&k, hash, 32);
	return k;
}

static struct doc_key text_key(const char tag[2], struct str s)
{
	struct doc_key k = doc_key(tag);

	doc_key_text(&k, s);
	return k;
}

static struct doc_key email_key(struct str email)
{
	struct buf b = { 0 };
	struct doc_key k;

	fold_text(email, &b);
	k = text_key("ue", b.failed ? email : buf_view(&b));
	buf_clear(&b);
	return k;
}

/* The id that a key points to: 1, 0, -1. */
static int pointed(
	struct kv *k, const struct doc_key *key, struct arena *a, struct id *out, struct err *e)
{
	struct str body;
	int rc = k->get(k, doc_key_str(key), a, &body, e);

	if (rc == 1) {
		if (body.n != sizeof(out->b))
			return err_set(e, ERR_IO, "a stored record is damaged");
		memcpy(out->b, body.p, sizeof(out->b));
	}
	return rc;
}

/* claim_name(..): ${key} points to ${id}; ERR_CONFLICT when it points to another. */
static int claim_name(struct kv *k, const struct doc_key *key, struct id id, const char *what,
	struct arena *a, struct err *e)
{
	struct id other;
	int rc = pointed(k, key, a, &other, e);

	if (rc < 0)
		return -1;
	if (rc == 1 && !id_eq(other, id))
		return err_set(e, ERR_CONFLICT, "another user has this %s", what);
	return k->put(k, doc_key_str(key), (struct str){ (const char *)id.b, 16 }, e);
}

struct user_put {
	struct user *u;
	uint64_t version;
};

static int user_put(struct kv *k, void *arg, struct err *e)
{
	struct user_put *p = arg;
	struct arena a = { .cap = 0 };
	struct doc_key key = id_key("us", p->u->id), email = email_key(p->u->email);
	struct doc_key subject = text_key("ui", p->u->subject);
	struct user old, new = *p->u;
	int rc = -1, was = doc_get(k, &key, &user_form, &a, &old, e);

	if (was < 0)
		goto done;
	if (was == 0 ? p->version != 0 : old.version != p->version) {
		err_set(e, was == 0 ? ERR_NOT_FOUND : ERR_CONFLICT,
			was == 0 ? "there is no such user" : "the user was changed meanwhile");
		goto done;
	}
	new.version = p->version + 1;
	if (claim_name(k, &email, new.id, "email", &a, e) != 0)
		goto done;
	if (new.subject.n > 0 && claim_name(k, &subject, new.id, "login", &a, e) != 0)
		goto done;
	if (was == 1) {
		struct doc_key old_email = email_key(old.email);
		struct doc_key old_subject = text_key("ui", old.subject);

		if (!str_eq(doc_key_str(&old_email), doc_key_str(&email)) &&
			k->del(k, doc_key_str(&old_email), e) != 0)
			goto done;
		if (old.subject.n > 0 && !str_eq(old.subject, new.subject) &&
			k->del(k, doc_key_str(&old_subject), e) != 0)
			goto done;
	}
	rc = doc_put(k, &key, &user_form, &new, e);
done:
	arena_clear(&a);
	return rc;
}

static int users_put(struct store *s, struct user *u, uint64_t version, struct err *e)
{
	struct user_put p = { u, version };

	if (store_write(s, user_put, &p, e) != 0)
		return -1;
	u->version = version + 1;
	return 0;
}

/* Reading one record by one of its keys. */
struct get {
	struct doc_key key;
	bool pointer;    /* the key points to the id of the record */
	const char *tag; /* of the record then */
	const struct doc_form *form;
	const char *what;
	struct arena *a;
	void *out;
};

static int get_one(struct kv *k, void *arg, struct err *e)
{
	struct get *g = arg;
	struct id id;
	int rc = 1;

	if (g->pointer) {
		rc = pointed(k, &g->key, g->a, &id, e);
		if (rc == 1)
			g->key = id_key(g->tag, id);
	}
	if (rc == 1)
		rc = doc_get(k, &g->key, g->form, g->a, g->out, e);
	if (rc == 0)
		err_set(e, ERR_NOT_FOUND, "there is no such %s", g->what);
	return rc == 1 ? 0 : -1;
}

static int users_get(
	struct store *s, struct id id, struct arena *a, struct user *out, struct err *e)
{
	struct get g = { id_key("us", id), false, NULL, &user_form, "user", a, out };

	return store_read(s, get_one, &g, e);
}

static int users_by_email(
	struct store *s, struct str email, struct arena *a, struct user *out, struct err *e)
{
	struct get g = { email_key(email), true, "us", &user_form, "user", a, out };

	return store_read(s, get_one, &g, e);
}

static int users_by_subject(
	struct store *s, struct str subject, struct arena *a, struct user *out, struct err *e)
{
	struct get g = { text_key("ui", subject), true, "us", &user_form, "user", a, out };

	return store_read(s, get_one, &g, e);
}

struct list_all {
	struct doc_key prefix;
	struct doc_list list;
	bool backwards;
};

static int list_all(struct kv *k, void *arg, struct err *e)
{
	struct list_all *l = arg;

	return k->scan(
		k, doc_key_str(&l->prefix), S(""), l->backwards, doc_list_visit, &l->list, e);
}

static int users_list(struct store *s, struct arena *a, struct user **out, size_t *n, struct err *e)
{
	struct list_all l = { doc_key("us"), { .form = &user_form, .a = a, .most = SIZE_MAX },
		true };

	if (store_read(s, list_all, &l, e) != 0)
		return -1;
	*out = (struct user *)(void *)l.list.items;
	*n = l.list.n;
	return 0;
}

struct keys_of {
	struct arena *a;
	struct str *keys;
	size_t n, cap;
};

static int collect_key(void *arg, struct str key, struct str body, struct err *e)
{
	struct keys_of *l = arg;

	if (l->n == l->cap) {
		size_t cap = l->cap == 0 ? 16 : 2 * l->cap;
		struct str *more = arena_array(l->a, cap, sizeof(*more));

		if (more == NULL)
			return err_nomem(e);
		if (l->n > 0)
			memcpy(more, l->keys, l->n * sizeof(*more));
		l->keys = more;
		l->cap = cap;
	}
	l->keys[l->n] = (struct str){ arena_dup(l->a, key), key.n };
	return l->keys[l->n++].p != NULL ? KV_MORE : err_nomem(e);
}

/* end_sessions(..): all of ${user} but ${except}; *n of them. */
static int end_sessions(
	struct kv *k, struct id user, const uint8_t *except, uint64_t *n, struct err *e)
{
	struct arena a = { .cap = 0 };
	struct doc_key prefix = id_key("Su", user);
	struct keys_of l = { .a = &a };
	size_t i;
	int rc = k->scan(k, doc_key_str(&prefix), S(""), false, collect_key, &l, e);

	*n = 0;
	for (i = 0; i < l.n && rc == 0; i++) {
		const uint8_t *hash = (const uint8_t *)l.keys[i].p + 18;
		struct doc_key key = hash_key("Sh", hash);

		if (except != NULL && memcmp(hash, except, 32) == 0)
			continue;
		++*n;
		if (k->del(k, doc_key_str(&key), e) != 0 || k->del(k, l.keys[i], e) != 0)
			rc = -1;
	}
	arena_clear(&a);
	return rc;
}

static int user_remove(struct kv *k, void *arg, struct err *e)
{
	struct arena a = { .cap = 0 };
	struct id id = *(struct id *)arg;
	struct doc_key key = id_key("us", id), email, subject;
	struct user u;
	uint64_t ended;
	int rc = doc_get(k, &key, &user_form, &a, &u, e);

	if (rc == 0)
		err_set(e, ERR_NOT_FOUND, "there is no such user");
	if (rc == 1) {
		email = email_key(u.email);
		subject = text_key("ui", u.subject);
		rc = end_sessions(k, id, NULL, &ended, e) == 0 &&
		     docs_views_of_user(k, id, e) == 0 && k->del(k, doc_key_str(&email), e) == 0 &&
		     (u.subject.n == 0 || k->del(k, doc_key_str(&subject), e) == 0) &&
		     k->del(k, doc_key_str(&key), e) == 0;
	} else {
		rc = 0;
	}
	arena_clear(&a);
	return rc == 1 ? 0 : -1;
}

static int users_remove(struct store *s, struct id id, struct err *e)
{
	return store_write(s, user_remove, &id, e);
}

struct totp {
	struct id id;
	uint64_t step;
};

static int totp_use(struct kv *k, void *arg, struct err *e)
{
	struct totp *t = arg;
	struct arena a = { .cap = 0 };
	struct doc_key key = id_key("us", t->id);
	struct user u;
	int rc = doc_get(k, &key, &user_form, &a, &u, e);

	if (rc == 0)
		err_set(e, ERR_NOT_FOUND, "there is no such user");
	if (rc == 1 && t->step <= u.totp_step)
		rc = err_set(e, ERR_CONFLICT, "this code has been used");
	if (rc == 1) {
		u.totp_step = t->step;
		rc = doc_put(k, &key, &user_form, &u, e) == 0;
	}
	arena_clear(&a);
	return rc == 1 ? 0 : -1;
}

static int users_use_totp(struct store *s, struct id id, uint64_t step, struct err *e)
{
	struct totp t = { id, step };

	return store_write(s, totp_use, &t, e);
}

const struct store_users docs_users = { users_put, users_get, users_by_email, users_by_subject,
	users_list, users_remove, users_use_totp };

/* --- sessions ------------------------------------------------------------------------------- */

static const struct doc_field session_fields[] = {
	DOC(HASH, session, hash),
	DOC(ID, session, id),
	DOC(ID, session, user),
	DOC(I64, session, created_ms),
	DOC(I64, session, seen_ms),
	DOC(I64, session, expires_ms),
	DOC(STR, session, address),
	DOC(STR, session, agent),
	DOC(STR, session, data),
};
static const struct doc_form session_form = DOC_FORM(session_fields, session);

static struct doc_key session_of_user(const struct session *x)
{
	struct doc_key k = id_key("Su", x->user);

	doc_key_bytes(&k, x->hash, 32);
	return k;
}

static int session_put(struct kv *k, void *arg, struct err *e)
{
	const struct session *x = *(const struct session **)arg;
	struct doc_key key = hash_key("Sh", x->hash), by_user = session_of_user(x);

	if (k->put(k, doc_key_str(&by_user), S(""), e) != 0)
		return -1;
	return doc_put(k, &key, &session_form, x, e);
}

static int sessions_put(struct store *s, const struct session *x, struct err *e)
{
	return store_write(s, session_put, &x, e);
}

static int sessions_get(struct store *s, const uint8_t hash[32], struct arena *a,
	struct session *out, struct err *e)
{
	struct get g = { hash_key("Sh", hash), false, NULL, &session_form, "session", a, out };

	return store_read(s, get_one, &g, e);
}

struct seen {
	const uint8_t *hash;
	int64_t at_ms;
};

static int session_touch(struct kv *k, void *arg, struct err *e)
{
	struct seen *t = arg;
	struct arena a = { .cap = 0 };
	struct doc_key key = hash_key("Sh", t->hash);
	struct session x;
	int rc = doc_get(k, &key, &session_form, &a, &x, e);

	if (rc == 0)
		err_set(e, ERR_NOT_FOUND, "there is no such session");
	if (rc == 1) {
		if (t->at_ms > x.seen_ms)
			x.seen_ms = t->at_ms;
		rc = doc_put(k, &key, &session_form, &x, e) == 0;
	}
	arena_clear(&a);
	return rc == 1 ? 0 : -1;
}

static int sessions_touch(struct store *s, const uint8_t hash[32], int64_t seen_ms, struct err *e)
{
	struct seen t = { hash, seen_ms };

	return store_write(s, session_touch, &t, e);
}

struct sessions_of {
	struct id user;
	struct arena *a;
	struct session *out;
	size_t n;
};

static int sessions_of(struct kv *k, void *arg, struct err *e)
{
	struct sessions_of *l = arg;
	struct doc_key prefix = id_key("Su", l->user);
	struct keys_of keys = { .a = l->a };
	size_t i;

	if (k->scan(k, doc_key_str(&prefix), S(""), false, collect_key, &keys, e) != 0)
		return -1;
	l->out = arena_array(l->a, keys.n + 1, sizeof(*l->out));
	if (l->out == NULL)
		return err_nomem(e);
	for (i = 0; i < keys.n; i++) {
		struct doc_key key = hash_key("Sh", (const uint8_t *)keys.keys[i].p + 18);
		int rc = doc_get(k, &key, &session_form, l->a, &l->out[l->n], e);

		if (rc < 0)
			return -1;
		l->n += (size_t)rc;
	}
	return 0;
}

static int by_created(const void *p, const void *q)
{
	const struct session *a = p, *b = q;

	if (a->created_ms != b->created_ms)
		return a->created_ms > b->created_ms ? -1 : 1;
	return memcmp(a->hash, b->hash, 32);
}

static int sessions_list(struct store *s, struct id user, struct arena *a, struct session **out,
	size_t *n, struct err *e)
{
	struct sessions_of l = { user, a, NULL, 0 };

	if (store_read(s, sessions_of, &l, e) != 0)
		return -1;
	if (l.n > 1)
		qsort(l.out, l.n, sizeof(*l.out), by_created);
	*out = l.out;
	*n = l.n;
	return 0;
}

static int session_drop(struct kv *k, const struct session *x, struct err *e)
{
	struct doc_key key = hash_key("Sh", x->hash), by_user = session_of_user(x);

	if (k->del(k, doc_key_str(&key), e) != 0)
		return -1;
	return k->del(k, doc_key_str(&by_user), e);
}

static int session_remove(struct kv *k, void *arg, struct err *e)
{
	struct arena a = { .cap = 0 };
	struct doc_key key = hash_key("Sh", *(const uint8_t **)arg);
	struct session x;
	int rc = doc_get(k, &key, &session_form, &a, &x, e);

	if (rc == 1)
		rc = session_drop(k, &x, e);
	arena_clear(&a);
	return rc;
}

static int sessions_remove(struct store *s, const uint8_t hash[32], struct err *e)
{
	return store_write(s, session_remove, &hash, e);
}

struct sessions_end {
	struct id user;
	const uint8_t *except;
	uint64_t n;
};

static int sessions_end_some(struct kv *k, void *arg, struct err *e)
{
	struct sessions_end *x = arg;

	return end_sessions(k, x->user, x->except, &x->n, e);
}

static int sessions_end(
	struct store *s, struct id user, const uint8_t *except, uint64_t *n, struct err *e)
{
	struct sessions_end x = { user, except, 0 };

	if (store_write(s, sessions_end_some, &x, e) != 0)
		return -1;
	if (n != NULL)
		*n = x.n;
	return 0;
}

/* Dropping what a test picks out of all records of a type. */
struct purge {
	const char *tag;
	const struct doc_form *form;
	bool (*old)(const void *record, int64_t t, int64_t u);
	int64_t t, u;
	int (*drop)(struct kv *k, const void *record, struct err *e);
};

static bool purge_want(void *arg, const void *record)
{
	struct purge *p = arg;

	return p->old(record, p->t, p->u);
}

static int purge(struct kv *k, void *arg, struct err *e)
{
	enum { AT_ONCE = 1000 };
	struct purge *p = arg;
	struct doc_key prefix = doc_key(p->tag);
	struct arena a = { .cap = 0 };
	struct doc_list l = {
		.form = p->form, .a = &a, .most = AT_ONCE, .want = purge_want, .arg = p
	};
	size_t i;
	int rc;

	/* The rest goes with the next purge: no write is held for long. */
	rc = k->scan(k, doc_key_str(&prefix), S(""), false, doc_list_visit, &l, e);
	for (i = 0; i < l.n && rc == 0; i++)
		rc = p->drop(k, l.items + i * p->form->size, e);
	arena_clear(&a);
	return rc;
}

static bool session_old(const void *record, int64_t now_ms, int64_t idle_before_ms)
{
	const struct session *x = record;

	return x->expires_ms <= now_ms || x->seen_ms < idle_before_ms;
}

static bool any_old(const void *record, int64_t t, int64_t u)
{
	return true;
}

static int session_drop_any(struct kv *k, const void *record, struct err *e)
{
	return session_drop(k, record, e);
}

static int sessions_purge(struct store *s, int64_t now_ms, int64_t idle_before_ms, struct err *e)
{
	struct purge p = { "Sh", &session_form, session_old, now_ms, idle_before_ms,
		session_drop_any };

	return store_write(s, purge, &p, e);
}

static int end_every(struct kv *k, void *arg, struct err *e)
{
	struct purge p = { "Sh", &session_form, any_old, 0, 0, session_drop_any };
	struct doc_key prefix = doc_key("Sh");

	for (;;) {
		struct arena a = { .cap = 0 };
		struct doc_list l = { .form = &session_form, .a = &a, .most = 1 };
		int rc = k->scan(k, doc_key_str(&prefix), S(""), false, doc_list_visit, &l, e);
		size_t n = l.n;

		arena_clear(&a);
		if (rc != 0 || n == 0)
			return rc;
		if (purge(k, &p, e) != 0)
			return -1;
	}
}

static int sessions_end_all(struct store *s, struct err *e)
{
	return store_write(s, end_every, NULL, e);
}

const struct store_sessions docs_sessions = { sessions_put, sessions_get, sessions_touch,
	sessions_list, sessions_remove, sessions_end, sessions_end_all, sessions_purge };

/* --- API keys ------------------------------------------------------------------------------- */

static const struct doc_field key_fields[] = {
	DOC(ID, api_key, id),
	DOC(HASH, api_key, hash),
	DOC(STR, api_key, name),
	DOC(ENUM, api_key, role),
	DOC(STR, api_key, scopes),
	DOC(ID, api_key, created_by),
	DOC(ID, api_key, rotated_to),
	DOC(I64, api_key, created_ms),
	DOC(I64, api_key, expires_ms),
	DOC(I64, api_key, last_used_ms),
	DOC(I64, api_key, revoked_ms),
};
static const struct doc_form key_form = DOC_FORM(key_fields, api_key);

static int key_put(struct kv *k, void *arg, struct err *e)
{
	const struct api_key *x = *(const struct api_key **)arg;
	struct arena a = { .cap = 0 };
	struct doc_key key = id_key("ki", x->id), by_hash = hash_key("kh", x->hash);
	struct api_key old;
	int rc = doc_get(k, &key, &key_form, &a, &old, e);

	if (rc == 1 && memcmp(old.hash, x->hash, 32) != 0) {
		struct doc_key old_hash = hash_key("kh", old.hash);

		rc = k->del(k, doc_key_str(&old_hash), e);
	}
	arena_clear(&a);
	if (rc < 0 ||
		k->put(k, doc_key_str(&by_hash), (struct str){ (const char *)x->id.b, 16 }, e) != 0)
		return -1;
	return doc_put(k, &key, &key_form, x, e);
}

static int keys_put(struct store *s, const struct api_key *x, struct err *e)
{
	return store_write(s, key_put, &x, e);
}

static int keys_get(
	struct store *s, struct id id, struct arena *a, struct api_key *out, struct err *e)
{
	struct get g = { id_key("ki", id), false, NULL, &key_form, "key", a, out };

	return store_read(s, get_one, &g, e);
}

static int keys_by_hash(struct store *s, const uint8_t hash[32], struct arena *a,
	struct api_key *out, struct err *e)
{
	struct get g = { hash_key("kh", hash), true, "ki", &key_form, "key", a, out };

	return store_read(s, get_one, &g, e);
}

struct used {
	struct id id;
	int64_t at_ms;
};

static int key_used(struct kv *k, void *arg, struct err *e)
{
	struct used *u = arg;
	struct arena a = { .cap = 0 };
	struct doc_key key = id_key("ki", u->id);
	struct api_key x;
	int rc = doc_get(k, &key, &key_form, &a, &x, e);

	if (rc == 0)
		err_set(e, ERR_NOT_FOUND, "there is no such key");
	if (rc == 1) {
		if (u->at_ms > x.last_used_ms)
			x.last_used_ms = u->at_ms;
		rc = doc_put(k, &key, &key_form, &x, e) == 0;
	}
	arena_clear(&a);
	return rc == 1 ? 0 : -1;
}

static int keys_used(struct store *s, struct id id, int64_t at_ms, struct err *e)
{
	struct used u = { id, at_ms };

	return store_write(s, key_used, &u, e);
}

static int keys_list(
	struct store *s, struct arena *a, struct api_key **out, size_t *n, struct err *e)
{
	struct list_all l = { doc_key("ki"), { .form = &key_form, .a = a, .most = SIZE_MAX },
		true };

	if (store_read(s, list_all, &l, e) != 0)
		return -1;
	*out = (struct api_key *)(void *)l.list.items;
	*n = l.list.n;
	return 0;
}

const struct store_keys docs_keys = { keys_put, keys_get, keys_by_hash, keys_used, keys_list };

/* --- tokens --------------------------------------------------------------------------------- */

static const struct doc_field token_fields[] = {
	DOC(HASH, token, hash),
	DOC(STR, token, kind),
	DOC(STR, token, data),
	DOC(I64, token, created_ms),
	DOC(I64, token, expires_ms),
};
static const struct doc_form token_form = DOC_FORM(token_fields, token);

static int token_put(struct kv *k, void *arg, struct err *e)
{
	const struct token *t = *(const struct token **)arg;
	struct doc_key key = hash_key("to", t->hash);

	return doc_put(k, &key, &token_form, t, e);
}

static int tokens_put(struct store *s, const struct token *t, struct err *e)
{
	return store_write(s, token_put, &t, e);
}

struct token_get {
	const uint8_t *hash;
	struct str kind;
	int64_t now_ms;
	struct arena *a;
	struct token *out;
	bool take;
};

static int token_get(struct kv *k, void *arg, struct err *e)
{
	struct token_get *g = arg;
	struct doc_key key = hash_key("to", g->hash);
	int rc = doc_get(k, &key, &token_form, g->a, g->out, e);

	if (rc < 0)
		return -1;
	if (rc == 0 || g->out->expires_ms <= g->now_ms || !str_eq(g->out->kind, g->kind))
		return err_set(e, ERR_NOT_FOUND, "this link or code is not valid, or was used");
	return g->take ? k->del(k, doc_key_str(&key), e) : 0;
}

static int tokens_peek(struct store *s, const uint8_t hash[32], struct str kind, int64_t now_ms,
	struct arena *a, struct token *out, struct err *e)
{
	struct token_get g = { hash, kind, now_ms, a, out, false };

	return store_read(s, token_get, &g, e);
}

static int tokens_take(struct store *s, const uint8_t hash[32], struct str kind, int64_t now_ms,
	struct arena *a, struct token *out, struct err *e)
{
	struct token_get g = { hash, kind, now_ms, a, out, true };

	return store_write(s, token_get, &g, e);
}

static bool token_old(const void *record, int64_t now_ms, int64_t unused)
{
	return ((const struct token *)record)->expires_ms <= now_ms;
}

static int token_drop(struct kv *k, const void *record, struct err *e)
{
	struct doc_key key = hash_key("to", ((const struct token *)record)->hash);

	return k->del(k, doc_key_str(&key), e);
}

static int tokens_purge(struct store *s, int64_t now_ms, struct err *e)
{
	struct purge p = { "to", &token_form, token_old, now_ms, 0, token_drop };

	return store_write(s, purge, &p, e);
}

const struct store_tokens docs_tokens = { tokens_put, tokens_peek, tokens_take, tokens_purge };

/* --- tries ---------------------------------------------------------------------------------- */

struct tries {
	struct str key;
	uint32_t count;
	int64_t first_ms, last_ms;
};
static const struct doc_field tries_fields[] = {
	DOC(STR, tries, key),
	DOC(U32, tries, count),
	DOC(I64, tries, first_ms),
	DOC(I64, tries, last_ms),
};
static const struct doc_form tries_form = DOC_FORM(tries_fields, tries);

struct tries_do {
	struct str key;
	int64_t now_ms, window_ms;
	bool add;
	struct tries out;
	struct arena *a;
};

static int tries_do(struct kv *k, void *arg, struct err *e)
{
	struct tries_do *t = arg;
	struct doc_key key = text_key("tr", t->key);
	int rc = doc_get(k, &key, &tries_form, t->a, &t->out, e);

	if (rc < 0)
		return -1;
	/* A window that lies ahead (the clock went back) counts as one that is over. */
	if (rc == 0 || t->now_ms - t->out.first_ms >= t->window_ms || t->out.first_ms > t->now_ms)
		t->out = (struct tries){ .first_ms = t->now_ms, .last_ms = MS_NONE };
	if (!t->add)
		return 0;
	t->out.key = t->key;
	t->out.count++;
	t->out.last_ms = t->now_ms;
	return doc_put(k, &key, &tries_form, &t->out, e);
}

static int tries_add(struct store *s, struct str key, int64_t now_ms, int64_t window_ms,
	uint32_t *count, struct err *e)
{
	struct arena a = { .cap = 0 };
	struct tries_do t = {
		.key = key, .now_ms = now_ms, .window_ms = window_ms, .add = true, .a = &a
	};
	int rc = store_write(s, tries_do, &t, e);

	*count = t.out.count;
	arena_clear(&a);
	return rc;
}

static int tries_get(struct store *s, struct str key, int64_t now_ms, int64_t window_ms,
	uint32_t *count, int64_t *last_ms, struct err *e)
{
	struct arena a = { .cap = 0 };
	struct tries_do t = { .key = key, .now_ms = now_ms, .window_ms = window_ms, .a = &a };
	int rc = store_read(s, tries_do, &t, e);

	*count = t.out.count;
	*last_ms = t.out.last_ms;
	arena_clear(&a);
	return rc;
}

static int tries_forget(struct kv *k, void *arg, struct err *e)
{
	struct doc_key key = text_key("tr", *(struct str *)arg);

	return k->del(k, doc_key_str(&key), e);
}

static int tries_clear(struct store *s, struct str key, struct err *e)
{
	return store_write(s, tries_forget, &key, e);
}

static bool tries_old(const void *record, int64_t before_ms, int64_t unused)
{
	return ((const struct tries *)record)->last_ms < before_ms;
}

static int tries_drop(struct kv *k, const void *record, struct err *e)
{
	struct str key = ((const struct tries *)record)->key;

	return tries_forget(k, &key, e);
}

static int tries_purge(struct store *s, int64_t before_ms, struct err *e)
{
	struct purge p = { "tr", &tries_form, tries_old, before_ms, 0, tries_drop };

	return store_write(s, purge, &p, e);
}

const struct store_tries docs_tries = { tries_add, tries_get, tries_clear, tries_purge };
