/* SPDX-License-Identifier: Apache-2.0 */
/* Answers to requests with an Idempotency-Key, kept in the store: a retry after a restart is
 * answered as the first one was. */
#include <pthread.h>
#include <string.h>

#include "app/app_internal.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/clock.h"
#include "util/crypto.h"
#include "util/err.h"

#define KEEP_MS  (INT64_C(24) * 3600000)
#define STUCK_MS (INT64_C(5) * 60000)

/* Requests whose end could not be written, as on a full disk: nobody is at them any more, and their
 * retries need not wait for the claim to grow old. The last few are known. */
static struct {
	pthread_mutex_t lock;
	uint8_t keys[64][32];
	unsigned next;
} owed = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void owe(const uint8_t key[32])
{
	pthread_mutex_lock(&owed.lock);
	memcpy(owed.keys[owed.next++ % 64], key, 32);
	pthread_mutex_unlock(&owed.lock);
}

/* Whether the end of ${key} is owed, and not any more. */
static bool take_owed(const uint8_t key[32])
{
	bool is = false;

	pthread_mutex_lock(&owed.lock);
	for (unsigned i = 0; i < 64; i++)
		if (memcmp(owed.keys[i], key, 32) == 0) {
			memset(owed.keys[i], 0, 32);
			is = true;
		}
	pthread_mutex_unlock(&owed.lock);
	return is;
}

static void key_of(struct str caller, struct str key, uint8_t out[32])
{
	struct buf b = { 0 };

	/* The length first, so that no caller can end in another one's key. */
	buf_fmt(&b, "%zu:", caller.n);
	buf_str(&b, caller);
	buf_str(&b, key);
	crypto_sha256(buf_view(&b), out);
	buf_clear(&b);
}

static int get(void *ctx, struct str caller, struct str key, const char *print, struct arena *mem,
	struct idem_answer *out, enum idem_found *found, struct err *e)
{
	const struct api *api = ctx;
	struct store *s = api->store;
	struct reply old, r = { .created_ms = clock_ms(), .expires_ms = clock_ms() + KEEP_MS };
	/* What a process that died was at will not be finished: its claims are older than we are.
	 */
	int64_t ours = clock_ms() - (int64_t)(api->started * 1000);
	struct str type, where;
	bool free;
	int rc;

	key_of(caller, key, r.key);
	crypto_sha256(str_of(print), r.request);
	if ((free = take_owed(r.key)))
		ours = 0;
	if ((rc = s->replies->begin(s, &r, ours < STUCK_MS ? ours : STUCK_MS, mem, &old, e)) ==
		-1) {
		if (free)
			owe(r.key);
		return -1;
	}
	if (rc == 0) {
		out->since_ms = old.expires_ms - KEEP_MS;
		*found = IDEM_NEW;
		return 0;
	}
	if (memcmp(old.request, r.request, sizeof(r.request)) != 0) {
		*found = IDEM_OTHER;
		return 0;
	}
	*found = old.done ? IDEM_REPLAY : IDEM_BUSY;
	str_split(old.headers, '\n', &type, &where);
	*out = (struct idem_answer){ (int)old.status, type, where, old.body, 0 };
	return 0;
}

static int put(
	void *ctx, struct str caller, struct str key, const struct idem_answer *a, struct err *e)
{
	struct store *s = ((const struct api *)ctx)->store;
	struct reply r = {
		.done = true, .created_ms = clock_ms(), .expires_ms = clock_ms() + KEEP_MS
	};
	struct buf headers = { 0 };
	int rc;

	key_of(caller, key, r.key);
	if (a == NULL) {
		rc = s->replies->drop(s, r.key, e);
	} else {
		buf_str(&headers, a->type);
		buf_c(&headers, '\n');
		buf_str(&headers, a->location);
		r.status = (uint32_t)a->status;
		r.headers = buf_view(&headers);
		r.body = a->body;
		if ((rc = buf_done(&headers, e)) == 0)
			rc = s->replies->finish(s, &r, e);
		buf_clear(&headers);
	}
	if (rc == -1)
		owe(r.key);
	return rc;
}

struct idempotency idem_store_hooks(struct api *api)
{
	return (struct idempotency){ api, get, put };
}
