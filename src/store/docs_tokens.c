/* SPDX-License-Identifier: Apache-2.0 */
/* One-time tokens, counts of tries. Keys: "to" hash; "tr" key. */
#include "store/docs_internal.h"
#include "util/err.h"

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
	struct doc_key key = doc_hash_key("to", t->hash);

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
	struct doc_key key = doc_hash_key("to", g->hash);
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
	struct doc_key key = doc_hash_key("to", ((const struct token *)record)->hash);

	return k->del(k, doc_key_str(&key), e);
}

static int tokens_purge(struct store *s, int64_t now_ms, struct err *e)
{
	struct doc_purge p = { "to", &token_form, token_old, now_ms, 0, token_drop };

	return store_write(s, doc_purge_some, &p, e);
}

const struct store_tokens docs_tokens = { tokens_put, tokens_peek, tokens_take, tokens_purge };

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
	struct doc_key key = doc_text_key("tr", t->key);
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
	struct doc_key key = doc_text_key("tr", *(struct str *)arg);

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
	struct doc_purge p = { "tr", &tries_form, tries_old, before_ms, 0, tries_drop };

	return store_write(s, doc_purge_some, &p, e);
}

const struct store_tries docs_tries = { tries_add, tries_get, tries_clear, tries_purge };
