/* SPDX-License-Identifier: Apache-2.0 */
/* Answers to requests with an Idempotency-Key, kept in the store: a retry after a restart is
 * answered as the first one was. */
#include <string.h>

#include "app/app_internal.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/clock.h"
#include "util/crypto.h"
#include "util/err.h"

#define KEEP_MS  (INT64_C(24) * 3600000)
#define STUCK_MS (INT64_C(5) * 60000)

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
	int rc;

	key_of(caller, key, r.key);
	crypto_sha256(str_of(print), r.request);
	if ((rc = s->replies->begin(s, &r, ours < STUCK_MS ? ours : STUCK_MS, mem, &old, e)) == -1)
		return -1;
	if (rc == 0) {
		*found = IDEM_NEW;
		return 0;
	}
	if (memcmp(old.request, r.request, sizeof(r.request)) != 0) {
		*found = IDEM_OTHER;
		return 0;
	}
	*found = old.done ? IDEM_REPLAY : IDEM_BUSY;
	str_split(old.headers, '\n', &type, &where);
	*out = (struct idem_answer){ (int)old.status, type, where, old.body };
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
	if (a == NULL)
		return s->replies->drop(s, r.key, e);
	buf_str(&headers, a->type);
	buf_c(&headers, '\n');
	buf_str(&headers, a->location);
	r.status = (uint32_t)a->status;
	r.headers = buf_view(&headers);
	r.body = a->body;
	rc = buf_done(&headers, e);
	if (rc == 0)
		rc = s->replies->finish(s, &r, e);
	buf_clear(&headers);
	return rc;
}

struct idempotency idem_store_hooks(struct api *api)
{
	return (struct idempotency){ api, get, put };
}
