/* SPDX-License-Identifier: Apache-2.0 */
/* What the record types have in common: keys, reading one or all, dropping the old. */
#include <string.h>

#include "store/docs_internal.h"
#include "util/err.h"

struct doc_key doc_id_key(const char tag[2], struct id id)
{
	struct doc_key k = doc_key(tag);

	doc_key_id(&k, id);
	return k;
}

struct doc_key doc_hash_key(const char tag[2], const uint8_t hash[32])
{
	struct doc_key k = doc_key(tag);

	doc_key_bytes(&k, hash, 32);
	return k;
}

struct doc_key doc_text_key(const char tag[2], struct str s)
{
	struct doc_key k = doc_key(tag);

	doc_key_text(&k, s);
	return k;
}

int doc_pointed(
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

int doc_one_read(struct kv *k, void *arg, struct err *e)
{
	struct doc_one *g = arg;
	struct id id;
	int rc = 1;

	if (g->pointer) {
		rc = doc_pointed(k, &g->key, g->a, &id, e);
		if (rc == 1)
			g->key = doc_id_key(g->tag, id);
	}
	if (rc == 1)
		rc = doc_get(k, &g->key, g->form, g->a, g->out, e);
	if (rc == 0)
		err_set(e, ERR_NOT_FOUND, "there is no such %s", g->what);
	return rc == 1 ? 0 : -1;
}

int doc_all_read(struct kv *k, void *arg, struct err *e)
{
	struct doc_all *l = arg;

	return k->scan(
		k, doc_key_str(&l->prefix), S(""), l->backwards, doc_list_visit, &l->list, e);
}

int doc_keys_visit(void *arg, struct str key, struct str body, struct err *e)
{
	struct doc_keys *l = arg;

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

static bool purge_want(void *arg, const void *record)
{
	struct doc_purge *p = arg;

	return p->old(record, p->t, p->u);
}

int doc_purge_some(struct kv *k, void *arg, struct err *e)
{
	enum { AT_ONCE = 1000 };
	struct doc_purge *p = arg;
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
