/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions. Keys: "Sh" hash; "Su" user, hash. */
#include <stdlib.h>
#include <string.h>

#include "store/docs_internal.h"
#include "util/err.h"

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
	struct doc_key k = doc_id_key("Su", x->user);

	doc_key_bytes(&k, x->hash, 32);
	return k;
}

static int session_put(struct kv *k, void *arg, struct err *e)
{
	const struct session *x = *(const struct session **)arg;
	struct doc_key key = doc_hash_key("Sh", x->hash), by_user = session_of_user(x);

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
	struct doc_one g = { doc_hash_key("Sh", hash), false, NULL, &session_form, "session", a,
		out };

	return store_read(s, doc_one_read, &g, e);
}

struct seen {
	const uint8_t *hash;
	int64_t at_ms;
};

static int session_touch(struct kv *k, void *arg, struct err *e)
{
	struct seen *t = arg;
	struct arena a = { .cap = 0 };
	struct doc_key key = doc_hash_key("Sh", t->hash);
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
	struct doc_key prefix = doc_id_key("Su", l->user);
	struct doc_keys keys = { .a = l->a };
	size_t i;

	if (k->scan(k, doc_key_str(&prefix), S(""), false, doc_keys_visit, &keys, e) != 0)
		return -1;
	l->out = arena_array(l->a, keys.n + 1, sizeof(*l->out));
	if (l->out == NULL)
		return err_nomem(e);
	for (i = 0; i < keys.n; i++) {
		struct doc_key key = doc_hash_key("Sh", (const uint8_t *)keys.keys[i].p + 18);
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
	struct doc_key key = doc_hash_key("Sh", x->hash), by_user = session_of_user(x);

	if (k->del(k, doc_key_str(&key), e) != 0)
		return -1;
	return k->del(k, doc_key_str(&by_user), e);
}

static int session_remove(struct kv *k, void *arg, struct err *e)
{
	struct arena a = { .cap = 0 };
	struct doc_key key = doc_hash_key("Sh", *(const uint8_t **)arg);
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

int docs_sessions_end(
	struct kv *k, struct id user, const uint8_t *except, uint64_t *n, struct err *e)
{
	struct arena a = { .cap = 0 };
	struct doc_key prefix = doc_id_key("Su", user);
	struct doc_keys l = { .a = &a };
	size_t i;
	int rc = k->scan(k, doc_key_str(&prefix), S(""), false, doc_keys_visit, &l, e);

	*n = 0;
	for (i = 0; i < l.n && rc == 0; i++) {
		const uint8_t *hash = (const uint8_t *)l.keys[i].p + 18;
		struct doc_key key = doc_hash_key("Sh", hash);

		if (except != NULL && memcmp(hash, except, 32) == 0)
			continue;
		++*n;
		if (k->del(k, doc_key_str(&key), e) != 0 || k->del(k, l.keys[i], e) != 0)
			rc = -1;
	}
	arena_clear(&a);
	return rc;
}

struct sessions_end {
	struct id user;
	const uint8_t *except;
	uint64_t n;
};

static int sessions_end_some(struct kv *k, void *arg, struct err *e)
{
	struct sessions_end *x = arg;

	return docs_sessions_end(k, x->user, x->except, &x->n, e);
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
	struct doc_purge p = { "Sh", &session_form, session_old, now_ms, idle_before_ms,
		session_drop_any };

	return store_write(s, doc_purge_some, &p, e);
}

static int end_every(struct kv *k, void *arg, struct err *e)
{
	struct doc_purge p = { "Sh", &session_form, any_old, 0, 0, session_drop_any };
	struct doc_key prefix = doc_key("Sh");

	for (;;) {
		struct arena a = { .cap = 0 };
		struct doc_list l = { .form = &session_form, .a = &a, .most = 1 };
		int rc = k->scan(k, doc_key_str(&prefix), S(""), false, doc_list_visit, &l, e);
		size_t n = l.n;

		arena_clear(&a);
		if (rc != 0 || n == 0)
			return rc;
		if (doc_purge_some(k, &p, e) != 0)
			return -1;
	}
}

static int sessions_end_all(struct store *s, struct err *e)
{
	return store_write(s, end_every, NULL, e);
}

const struct store_sessions docs_sessions = { sessions_put, sessions_get, sessions_touch,
	sessions_list, sessions_remove, sessions_end, sessions_end_all, sessions_purge };
