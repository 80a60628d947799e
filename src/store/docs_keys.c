/* SPDX-License-Identifier: Apache-2.0 */
/* API keys. Keys: "ki" id; "kh" hash -> id. */
#include <string.h>

#include "store/docs_internal.h"
#include "util/err.h"

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
	struct doc_key key = doc_id_key("ki", x->id), by_hash = doc_hash_key("kh", x->hash);
	struct api_key old;
	int rc = doc_get(k, &key, &key_form, &a, &old, e);

	if (rc == 1 && memcmp(old.hash, x->hash, 32) != 0) {
		struct doc_key old_hash = doc_hash_key("kh", old.hash);

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
	struct doc_one g = { doc_id_key("ki", id), false, NULL, &key_form, "key", a, out };

	return store_read(s, doc_one_read, &g, e);
}

static int keys_by_hash(struct store *s, const uint8_t hash[32], struct arena *a,
	struct api_key *out, struct err *e)
{
	struct doc_one g = { doc_hash_key("kh", hash), true, "ki", &key_form, "key", a, out };

	return store_read(s, doc_one_read, &g, e);
}

struct used {
	struct id id;
	int64_t at_ms;
};

static int key_used(struct kv *k, void *arg, struct err *e)
{
	struct used *u = arg;
	struct arena a = { .cap = 0 };
	struct doc_key key = doc_id_key("ki", u->id);
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
	struct doc_all l = { doc_key("ki"), { .form = &key_form, .a = a, .most = SIZE_MAX }, true };

	if (store_read(s, doc_all_read, &l, e) != 0)
		return -1;
	*out = (struct api_key *)(void *)l.list.items;
	*n = l.list.n;
	return 0;
}

const struct store_keys docs_keys = { keys_put, keys_get, keys_by_hash, keys_used, keys_list };
