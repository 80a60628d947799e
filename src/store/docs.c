/* SPDX-License-Identifier: Apache-2.0 */
/* Shared tools of docs_*.c: records as bytes, keys, lists. */
#include <string.h>

#include "store/kv_internal.h"
#include "util/crypto.h"
#include "util/err.h"

int store_read(struct store *s, kv_fn *fn, void *arg, struct err *e)
{
	return ((struct store_base *)s)->read(s, fn, arg, e);
}

int store_write(struct store *s, kv_fn *fn, void *arg, struct err *e)
{
	return ((struct store_base *)s)->write(s, fn, arg, e);
}

int store_base_init(struct store_base *b, struct err *e)
{
	pthread_condattr_t attr;

	if (pthread_mutex_init(&b->lock, NULL) != 0)
		return err_nomem(e);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (pthread_cond_init(&b->changed, &attr) != 0) {
		pthread_condattr_destroy(&attr);
		pthread_mutex_destroy(&b->lock);
		return err_nomem(e);
	}
	pthread_condattr_destroy(&attr);
	b->pub.events = &docs_events;
	b->pub.notes = &docs_notes;
	b->pub.uploads = &docs_uploads;
	b->pub.jobs = &docs_jobs;
	b->pub.users = &docs_users;
	b->pub.sessions = &docs_sessions;
	b->pub.keys = &docs_keys;
	b->pub.tokens = &docs_tokens;
	b->pub.tries = &docs_tries;
	b->pub.audit = &docs_audit;
	b->pub.settings = &docs_settings;
	b->pub.views = &docs_views;
	b->pub.replies = &docs_replies;
	return 0;
}

void store_base_clear(struct store_base *b)
{
	pthread_cond_destroy(&b->changed);
	pthread_mutex_destroy(&b->lock);
}

static size_t width(enum doc_type t)
{
	switch (t) {
	case DOC_BOOL:
	case DOC_U8:
		return 1;
	case DOC_ENUM:
	case DOC_U32:
	case DOC_I32:
		return 4;
	case DOC_ID:
		return 16;
	case DOC_HASH:
		return 32;
	default:
		return 8;
	}
}

/* The machine's byte order is little-endian wherever this program runs (checked at build time), and
 * so is the file's. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "records are stored little-endian");

void doc_write(const struct doc_form *f, const void *record, struct buf *out)
{
	size_t i;

	buf_c(out, (char)f->n);
	for (i = 0; i < f->n; i++) {
		const char *at = (const char *)record + f->fields[i].offset;

		if (f->fields[i].type == DOC_STR) {
			struct str s = *(const struct str *)(const void *)at;
			uint32_t n = (uint32_t)s.n;

			buf_bytes(out, &n, 4);
			buf_str(out, s);
		} else {
			buf_bytes(out, at, width(f->fields[i].type));
		}
	}
}

static int take(struct str *body, void *to, size_t n)
{
	if (body->n < n)
		return -1;
	memcpy(to, body->p, n);
	body->p += n;
	body->n -= n;
	return 0;
}

int doc_read(
	const struct doc_form *f, struct str body, struct arena *a, void *record, struct err *e)
{
	uint8_t n;
	size_t i;

	memset(record, 0, f->size);
	if (take(&body, &n, 1) != 0)
		goto damaged;
	for (i = 0; i < f->n && i < n; i++) {
		char *at = (char *)record + f->fields[i].offset;
		struct str *s = (struct str *)(void *)at;
		uint32_t len;

		if (f->fields[i].type != DOC_STR) {
			if (take(&body, at, width(f->fields[i].type)) != 0)
				goto damaged;
			continue;
		}
		if (take(&body, &len, 4) != 0 || len > body.n)
			goto damaged;
		s->n = len;
		s->p = arena_dup(a, (struct str){ body.p, len });
		if (s->p == NULL)
			return err_set(
				e, ERR_LIMIT, "the answer takes more memory than is allowed");
		body.p += len;
		body.n -= len;
	}
	return 0;
damaged:
	return err_set(e, ERR_IO, "a stored record is damaged");
}

struct doc_key doc_key(const char tag[2])
{
	struct doc_key k;

	memcpy(k.bytes, tag, 2);
	k.n = 2;
	return k;
}

void doc_key_bytes(struct doc_key *k, const void *p, size_t n)
{
	ASSERT(n <= sizeof(k->bytes) - k->n);
	memcpy(k->bytes + k->n, p, n);
	k->n += n;
}

void doc_key_id(struct doc_key *k, struct id id)
{
	doc_key_bytes(k, id.b, sizeof(id.b));
}

void doc_key_u64(struct doc_key *k, uint64_t x)
{
	uint8_t b[8];
	int i;

	for (i = 0; i < 8; i++)
		b[i] = (uint8_t)(x >> (8 * (7 - i)));
	doc_key_bytes(k, b, 8);
}

void doc_key_text(struct doc_key *k, struct str s)
{
	uint8_t hash[CRYPTO_SHA256];

	if (s.n > 200) {
		crypto_sha256(s, hash);
		doc_key_bytes(k, s.p, 160);
		doc_key_bytes(k, hash, sizeof(hash));
	} else if (s.n > 0) {
		doc_key_bytes(k, s.p, s.n);
	}
	doc_key_bytes(k, "", 1);
}

struct str doc_key_str(const struct doc_key *k)
{
	return (struct str){ k->bytes, k->n };
}

int doc_put(struct kv *k, const struct doc_key *key, const struct doc_form *f, const void *record,
	struct err *e)
{
	struct buf b = { 0 };
	int rc;

	doc_write(f, record, &b);
	rc = b.failed ? err_nomem(e) : k->put(k, doc_key_str(key), buf_view(&b), e);
	buf_clear(&b);
	return rc;
}

int doc_get(struct kv *k, const struct doc_key *key, const struct doc_form *f, struct arena *a,
	void *record, struct err *e)
{
	struct str body;
	int rc = k->get(k, doc_key_str(key), a, &body, e);

	if (rc != 1)
		return rc;
	return doc_read(f, body, a, record, e) == 0 ? 1 : -1;
}

int doc_list_visit(void *arg, struct str key, struct str body, struct err *e)
{
	struct doc_list *l = arg;
	char *to;

	if (l->n == l->cap) {
		size_t cap = l->cap == 0 ? 16 : l->cap * 2;
		char *items = arena_array(l->a, cap, l->form->size);

		if (items == NULL)
			return err_set(
				e, ERR_LIMIT, "the answer takes more memory than is allowed");
		if (l->n > 0)
			memcpy(items, l->items, l->n * l->form->size);
		l->items = items;
		l->cap = cap;
	}
	to = l->items + l->n * l->form->size;
	if (doc_read(l->form, body, l->a, to, e) != 0)
		return -1;
	if (l->want != NULL && !l->want(l->arg, to))
		return KV_MORE;
	if (l->n == l->most) {
		l->more = true;
		return KV_STOP;
	}
	l->n++;
	l->last = (struct str){ arena_dup(l->a, key), key.n };
	return l->last.p != NULL ? KV_MORE : err_nomem(e);
}
