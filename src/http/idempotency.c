/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "http/idempotency.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/map.h"

struct entry {
	char print[65];
	bool done;
	int status;
	char *type, *location, *body;
	size_t body_n;
};

struct idem_memory {
	pthread_mutex_t mu;
	struct map by_key; /* "caller\0key" to struct entry *; NULL: forgotten */
};

struct idem_memory *idem_memory_new(struct err *e)
{
	struct idem_memory *m = calloc(1, sizeof(*m));

	if (m == NULL)
		err_nomem(e);
	else
		pthread_mutex_init(&m->mu, NULL);
	return m;
}

static void entry_free(struct entry *x)
{
	if (x == NULL)
		return;
	free(x->type);
	free(x->location);
	free(x->body);
	free(x);
}

static struct entry *entry_of(const struct map_entry *x)
{
	return x != NULL ? (struct entry *)(uintptr_t)x->value : NULL;
}

void idem_memory_free(struct idem_memory *m)
{
	if (m == NULL)
		return;
	for (size_t i = 0; i < m->by_key.n; i++)
		entry_free(entry_of(&m->by_key.entries[i]));
	map_clear(&m->by_key);
	pthread_mutex_destroy(&m->mu);
	free(m);
}

static struct map_entry *find_locked(struct idem_memory *m, struct str caller, struct str key)
{
	struct buf full = { 0 };
	struct map_entry *x = NULL;

	buf_str(&full, caller);
	buf_c(&full, '\0');
	buf_str(&full, key);
	if (!full.failed)
		x = map_put(&m->by_key, buf_view(&full), NULL);
	buf_clear(&full);
	return x;
}

static int copy_out(
	const struct entry *x, struct arena *mem, struct idem_answer *out, struct err *e)
{
	out->status = x->status;
	out->type = str_of(x->type);
	out->location = str_of(x->location);
	out->body = (struct str){ x->body, x->body_n };
	out->type.p = arena_dup(mem, out->type);
	out->location.p = arena_dup(mem, out->location);
	out->body.p = arena_dup(mem, out->body);
	if (out->type.p == NULL || out->location.p == NULL || out->body.p == NULL)
		return err_nomem(e);
	return 0;
}

static int get_locked(struct map_entry *slot, const char *print, struct arena *mem,
	struct idem_answer *out, enum idem_found *found, struct err *e)
{
	struct entry *x = entry_of(slot);

	if (x == NULL) {
		if ((x = calloc(1, sizeof(*x))) == NULL)
			return err_nomem(e);
		memcpy(x->print, print, sizeof(x->print));
		out->since_ms = clock_ms();
		slot->value = (uintptr_t)x;
		*found = IDEM_NEW;
		return 0;
	}
	if (memcmp(x->print, print, sizeof(x->print)) != 0)
		*found = IDEM_OTHER;
	else
		*found = x->done ? IDEM_REPLAY : IDEM_BUSY;
	return *found == IDEM_REPLAY ? copy_out(x, mem, out, e) : 0;
}

static int memory_get(void *ctx, struct str caller, struct str key, const char *print,
	struct arena *mem, struct idem_answer *out, enum idem_found *found, struct err *e)
{
	struct idem_memory *m = ctx;
	struct map_entry *slot;
	int rc;

	pthread_mutex_lock(&m->mu);
	slot = find_locked(m, caller, key);
	rc = slot != NULL ? get_locked(slot, print, mem, out, found, e) : err_nomem(e);
	pthread_mutex_unlock(&m->mu);
	return rc;
}

static int put_locked(struct map_entry *slot, const struct idem_answer *a, struct err *e)
{
	struct entry *x = entry_of(slot);

	if (a == NULL) {
		entry_free(x);
		slot->value = 0;
		return 0;
	}
	x->status = a->status;
	x->type = str_dup(a->type);
	x->location = str_dup(a->location);
	x->body = str_dup(a->body);
	x->body_n = a->body.n;
	x->done = true;
	return x->type == NULL || x->location == NULL || x->body == NULL ? err_nomem(e) : 0;
}

static int memory_put(
	void *ctx, struct str caller, struct str key, const struct idem_answer *a, struct err *e)
{
	struct idem_memory *m = ctx;
	struct map_entry *slot;
	int rc;

	pthread_mutex_lock(&m->mu);
	slot = find_locked(m, caller, key);
	rc = slot != NULL ? put_locked(slot, a, e) : err_nomem(e);
	pthread_mutex_unlock(&m->mu);
	return rc;
}

struct idempotency idem_memory_hooks(struct idem_memory *m)
{
	return (struct idempotency){ m, memory_get, memory_put };
}
