/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/throttle.h"

#include <stdio.h>
#include <string.h>

#include "store/store.h"
#include "util/buf.h"
#include "util/crypto.h"
#include "util/err.h"
#include "util/radix.h"

/* "login.f." and the first 12 bytes of a hash that is keyed by the data folder's own secret. */
static void name_it(struct store *s, char out[48], const char *what, char kind, struct str account,
	struct str address)
{
	struct str parts[] = { str_of(what), account, address };
	char hex[RADIX16_SIZE(16)];
	uint8_t hash[16];

	crypto_hash128_parts(s->lead_key, parts, 3, hash);
	radix16_write(hash, 12, hex);
	snprintf(out, 48, "%.8s.%c.%s", what, kind, hex);
}

static int wait_of(
	struct store *s, const char *key, int64_t now_ms, int64_t *wait_ms, struct err *e)
{
	int64_t last = MS_NONE, delay = 1000, left;
	uint32_t n = 0;

	if (s->tries->get(s, str_of(key), now_ms, THROTTLE_WINDOW_MS, &n, &last, e) == -1)
		return -1;
	if (n < THROTTLE_FREE || last == MS_NONE)
		return 0;
	for (uint32_t i = THROTTLE_FREE; i < n && delay < THROTTLE_MAX_MS; i++)
		delay *= 2;
	if (delay > THROTTLE_MAX_MS)
		delay = THROTTLE_MAX_MS;
	left = last + delay - now_ms;
	/* A clock that was set back must not make it longer. */
	if (left > delay)
		left = delay;
	if (left > *wait_ms)
		*wait_ms = left;
	return 0;
}

int throttle_check(struct throttle *t, struct store *s, const char *what, struct str account,
	struct str address, int64_t now_ms, int64_t *wait_ms, struct err *e)
{
	uint32_t known = 0;
	int64_t last;

	*wait_ms = 0;
	name_it(s, t->account, what, 'a', account, S(""));
	name_it(s, t->pair, what, 'p', account, address);
	name_it(s, t->known, what, 'k', account, address);
	if (s->tries->get(s, str_of(t->known), now_ms, THROTTLE_KNOWN_MS, &known, &last, e) == -1)
		return -1;
	t->is_known = known > 0;
	return wait_of(s, t->is_known ? t->pair : t->account, now_ms, wait_ms, e);
}

int throttle_failed(struct throttle *t, struct store *s, int64_t now_ms, struct err *e)
{
	const char *key = t->is_known ? t->pair : t->account;
	uint32_t n;

	return s->tries->add(s, str_of(key), now_ms, THROTTLE_WINDOW_MS, &n, e);
}

int throttle_passed(struct throttle *t, struct store *s, int64_t now_ms, struct err *e)
{
	const char *key = t->is_known ? t->pair : t->account;
	uint32_t n;

	if (s->tries->clear(s, str_of(key), e) == -1)
		return -1;
	if (t->is_known)
		return 0;
	return s->tries->add(s, str_of(t->known), now_ms, THROTTLE_KNOWN_MS, &n, e);
}
