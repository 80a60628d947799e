/* SPDX-License-Identifier: Apache-2.0 */
/* The documents and the whole; the leads are in memory_leads.c. */
#include "store/memory.h"

#include <stdlib.h>
#include <string.h>

#include "store/memory_internal.h"
#include "util/clock.h"
#include "util/crypto.h"
#include "util/err.h"

struct memory *memory_of(struct store *s)
{
	return (struct memory *)s;
}

/* --- documents: an array sorted by key ----------------------------------------------------------
 */

/* The place of the first key not below ${key}. */
static size_t place_of(const struct memory *m, struct str key)
{
	size_t lo = 0, hi = m->n_docs;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (str_cmp(m->docs[mid].key, key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool is_at(const struct memory *m, size_t i, struct str key)
{
	return i < m->n_docs && str_eq(m->docs[i].key, key);
}

static int kv_get(struct kv *k, struct str key, struct arena *a, struct str *body, struct err *e)
{
	struct memory *m = ((struct memory_kv *)k)->m;
	size_t i = place_of(m, key);

	if (!is_at(m, i, key))
		return 0;
	body->n = m->docs[i].body.n;
	body->p = arena_dup(a, m->docs[i].body);
	if (body->p == NULL)
		return err_set(e, ERR_LIMIT, "the answer takes more memory than is allowed");
	return 1;
}

/* What a document was before the write that runs, to put it back when that fails. */
static int remember(struct memory *m, struct str key, const struct str *body, struct err *e)
{
	struct memory_undo *u = realloc(m->undo, (m->n_undo + 1) * sizeof(*u));

	if (u == NULL)
		return err_nomem(e);
	m->undo = u;
	u += m->n_undo;
	u->key = (struct str){ str_dup(key), key.n };
	u->was = body != NULL;
	u->body = (struct str){ NULL, 0 };
	if (body != NULL)
		u->body = (struct str){ str_dup(*body), body->n };
	if (u->key.p == NULL || (body != NULL && u->body.p == NULL)) {
		free((char *)(uintptr_t)u->key.p);
		return err_nomem(e);
	}
	m->n_undo++;
	return 0;
}

static int set(struct memory *m, struct str key, struct str body)
{
	size_t i = place_of(m, key);
	char *copy = str_dup(body), *name;

	if (copy == NULL)
		return -1;
	if (is_at(m, i, key)) {
		free((char *)(uintptr_t)m->docs[i].body.p);
		m->docs[i].body = (struct str){ copy, body.n };
		return 0;
	}
	name = str_dup(key);
	if (name != NULL && m->n_docs == m->cap_docs) {
		size_t cap = m->cap_docs == 0 ? 64 : 2 * m->cap_docs;
		struct memory_doc *more = realloc(m->docs, cap * sizeof(*more));

		if (more == NULL) {
			free(name);
			name = NULL;
		} else {
			m->docs = more;
			m->cap_docs = cap;
		}
	}
	if (name == NULL) {
		free(copy);
		return -1;
	}
	memmove(m->docs + i + 1, m->docs + i, (m->n_docs - i) * sizeof(*m->docs));
	m->docs[i] = (struct memory_doc){ { name, key.n }, { copy, body.n } };
	m->n_docs++;
	return 0;
}

static void unset(struct memory *m, struct str key)
{
	size_t i = place_of(m, key);

	if (!is_at(m, i, key))
		return;
	free((char *)(uintptr_t)m->docs[i].key.p);
	free((char *)(uintptr_t)m->docs[i].body.p);
	memmove(m->docs + i, m->docs + i + 1, (m->n_docs - i - 1) * sizeof(*m->docs));
	m->n_docs--;
}

static int kv_put(struct kv *k, struct str key, struct str body, struct err *e)
{
	struct memory *m = ((struct memory_kv *)k)->m;
	size_t i = place_of(m, key);

	if (remember(m, key, is_at(m, i, key) ? &m->docs[i].body : NULL, e) != 0)
		return -1;
	return set(m, key, body) == 0 ? 0 : err_nomem(e);
}

static int kv_del(struct kv *k, struct str key, struct err *e)
{
	struct memory *m = ((struct memory_kv *)k)->m;
	size_t i = place_of(m, key);

	if (!is_at(m, i, key))
		return 0;
	if (remember(m, key, &m->docs[i].body, e) != 0)
		return -1;
	unset(m, key);
	return 0;
}

static int kv_scan(struct kv *k, struct str prefix, struct str after, bool backwards,
	int (*visit)(void *arg, struct str key, struct str body, struct err *e), void *arg,
	struct err *e)
{
	struct memory *m = ((struct memory_kv *)k)->m;
	size_t i, at;

	for (i = 0; i < m->n_docs; i++) {
		int more;

		at = backwards ? m->n_docs - 1 - i : i;
		if (!str_starts(m->docs[at].key, prefix))
			continue;
		if (after.n > 0) {
			int c = str_cmp(m->docs[at].key, after);

			if (backwards ? c >= 0 : c <= 0)
				continue;
		}
		more = visit(arg, m->docs[at].key, m->docs[at].body, e);
		if (more != KV_MORE)
			return more == KV_STOP ? 0 : -1;
	}
	return 0;
}

void memory_kv_init(struct memory_kv *k, struct memory *m)
{
	*k = (struct memory_kv){ { kv_get, kv_put, kv_del, kv_scan }, m };
}

void memory_begin(struct memory *m)
{
	pthread_mutex_lock(&m->lock);
	m->n_undo = 0;
}

void memory_end(struct memory *m, bool keep)
{
	while (m->n_undo > 0) {
		struct memory_undo *u = &m->undo[--m->n_undo];

		/* Going back allocates; a machine that cannot give these bytes is beyond help. */
		if (!keep && u->was)
			ASSERT(set(m, u->key, u->body) == 0);
		if (!keep && !u->was)
			unset(m, u->key);
		free((char *)(uintptr_t)u->key.p);
		free((char *)(uintptr_t)u->body.p);
	}
	pthread_mutex_unlock(&m->lock);
}

static int kv_call(struct store *s, kv_fn *fn, void *arg, struct err *e)
{
	struct memory *m = memory_of(s);
	struct memory_kv k;
	int rc;

	memory_kv_init(&k, m);
	memory_begin(m);
	rc = fn(&k.kv, arg, e);
	m->writes += rc == 0;
	memory_end(m, rc == 0);
	return rc;
}

/* --- layouts
 * -------------------------------------------------------------------------------------- */

int memory_layout_put(struct memory *m, const struct layout *l, uint32_t *number, struct err *e)
{
	struct buf body = { 0 };
	struct id key;
	struct str copy;
	struct layout *mine;
	size_t i;

	if (l->n > LAYOUT_COLUMNS_MAX)
		return err_set(
			e, ERR_LIMIT, "%zu columns, the limit is %d", l->n, LAYOUT_COLUMNS_MAX);
	layout_key(l, &key);
	for (i = 0; i < m->n_layouts; i++)
		if (id_eq(m->layouts[i]->key, key)) {
			*number = m->layouts[i]->number;
			return 0;
		}
	mine = arena_alloc(&m->arena, sizeof(*mine));
	layout_write(l, &body);
	copy = (struct str){ arena_dup(&m->arena, buf_view(&body)), body.n };
	buf_clear(&body);
	if (mine == NULL || copy.p == NULL)
		return err_nomem(e);
	if (layout_read(copy, &m->arena, mine, e) != 0)
		return -1;
	if (m->n_layouts % 64 == 0) {
		struct layout **more =
			realloc(m->layouts, (m->n_layouts + 64) * sizeof(struct layout *));

		if (more == NULL)
			return err_nomem(e);
		m->layouts = more;
	}
	mine->number = *number = (uint32_t)m->n_layouts + 1;
	m->layouts[m->n_layouts++] = mine;
	return 0;
}

const struct layout *memory_layout_get(struct memory *m, uint32_t number)
{
	return number >= 1 && number <= m->n_layouts ? m->layouts[number - 1] : NULL;
}

static int layouts_put(struct store *s, const struct layout *l, uint32_t *number, struct err *e)
{
	struct memory *m = memory_of(s);
	int rc;

	memory_begin(m);
	rc = memory_layout_put(m, l, number, e);
	memory_end(m, true);
	return rc;
}

static const struct layout *layouts_get(struct store *s, uint32_t number, struct err *e)
{
	struct memory *m = memory_of(s);
	const struct layout *l;

	memory_begin(m);
	l = memory_layout_get(m, number);
	memory_end(m, true);
	if (l == NULL)
		err_set(e, ERR_NOT_FOUND, "there is no layout %u", number);
	return l;
}

struct mapping {
	struct str headers, json;
	struct arena *a;
};

static struct doc_key mapping_key(struct str headers)
{
	struct doc_key k = doc_key("ma");

	doc_key_text(&k, headers);
	return k;
}

static int mapping_put(struct kv *k, void *arg, struct err *e)
{
	struct mapping *x = arg;
	struct doc_key key = mapping_key(x->headers);

	return k->put(k, doc_key_str(&key), x->json, e);
}

static int layouts_remember(struct store *s, struct str headers, struct str json, struct err *e)
{
	struct mapping x = { headers, json, NULL };

	return store_write(s, mapping_put, &x, e);
}

static int mapping_get(struct kv *k, void *arg, struct err *e)
{
	struct mapping *x = arg;
	struct doc_key key = mapping_key(x->headers);
	int rc = k->get(k, doc_key_str(&key), x->a, &x->json, e);

	if (rc == 0)
		err_set(e, ERR_NOT_FOUND, "no mapping is known for this file");
	return rc == 1 ? 0 : -1;
}

static int layouts_recall(
	struct store *s, struct str headers, struct arena *a, struct str *json, struct err *e)
{
	struct mapping x = { headers, { NULL, 0 }, a };

	if (store_read(s, mapping_get, &x, e) != 0)
		return -1;
	*json = x.json;
	return 0;
}

static const struct store_layouts memory_layouts = { layouts_put, layouts_get, layouts_remember,
	layouts_recall };

/* --- the whole
 * ------------------------------------------------------------------------------------ */

static void close_store(struct store *s)
{
	struct memory *m = memory_of(s);
	size_t i;

	for (i = 0; i < m->n_docs; i++) {
		free((char *)(uintptr_t)m->docs[i].key.p);
		free((char *)(uintptr_t)m->docs[i].body.p);
	}
	memory_leads_clear(m);
	free(m->docs);
	free(m->undo);
	free(m->layouts);
	arena_clear(&m->arena);
	pthread_mutex_destroy(&m->lock);
	store_base_clear(&m->base);
	free(m);
}

static int health(struct store *s, bool probe, struct store_health *out, struct err *e)
{
	memset(out, 0, sizeof(*out));
	out->writable = probe;
	out->schema = 1;
	out->writes = out->commits = memory_of(s)->writes;
	return 0;
}

static int backup(struct store *s, const char *path, struct store_backup *out, struct err *e)
{
	return err_set(e, ERR_UNAVAILABLE, "a store in memory has nothing to back up");
}

static int nothing(struct store *s, struct err *e)
{
	return 0;
}

struct store *store_memory_open(struct err *e)
{
	struct memory *m = calloc(1, sizeof(*m));

	if (m == NULL) {
		err_nomem(e);
		return NULL;
	}
	if (store_base_init(&m->base, e) != 0) {
		free(m);
		return NULL;
	}
	pthread_mutex_init(&m->lock, NULL);
	crypto_random(m->base.pub.lead_key, sizeof(m->base.pub.lead_key));
	m->base.read = m->base.write = kv_call;
	m->base.pub.layouts = &memory_layouts;
	m->base.pub.leads = &memory_leads;
	m->base.pub.close = close_store;
	m->base.pub.health = health;
	m->base.pub.backup = backup;
	m->base.pub.check = nothing;
	m->base.pub.settle = nothing;
	return &m->base.pub;
}
