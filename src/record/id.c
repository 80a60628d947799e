/* SPDX-License-Identifier: Apache-2.0 */
#include "record/id.h"

#include <pthread.h>
#include <string.h>

#include "util/clock.h"
#include "util/crypto.h"

/* Crockford's base 32: no I, L, O, U. */
static const char base32[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

bool id_is_none(struct id id)
{
	static const struct id none;

	return memcmp(&id, &none, sizeof(id)) == 0;
}

bool id_eq(struct id a, struct id b)
{
	return memcmp(a.b, b.b, sizeof(a.b)) == 0;
}

int id_cmp(struct id a, struct id b)
{
	return memcmp(a.b, b.b, sizeof(a.b));
}

void id_hex(struct id id, char out[ID_HEX])
{
	static const char hex[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < sizeof(id.b); i++) {
		out[2 * i] = hex[id.b[i] >> 4];
		out[2 * i + 1] = hex[id.b[i] & 15];
	}
	out[2 * i] = '\0';
}

int id_parse_hex(struct str s, struct id *out)
{
	size_t i;

	if (s.n != 32)
		return -1;
	for (i = 0; i < 32; i++) {
		char c = s.p[i];
		int v;

		if (c >= '0' && c <= '9')
			v = c - '0';
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			v = (c | 32) - 'a' + 10;
		else
			return -1;
		out->b[i / 2] = (uint8_t)(i % 2 == 0 ? v << 4 : out->b[i / 2] | v);
	}
	return 0;
}

/* 26 digits of 5 bits are 130: the first digit has two bits too many, always 0. */
void id_ulid(struct id id, char out[ID_ULID])
{
	int d;

	for (d = 0; d < 26; d++) {
		int k, v = 0;

		for (k = 0; k < 5; k++) {
			int bit = d * 5 + k - 2;

			v = v << 1 | (bit < 0 ? 0 : id.b[bit / 8] >> (7 - bit % 8) & 1);
		}
		out[d] = base32[v];
	}
	out[26] = '\0';
}

int id_parse_ulid(struct str s, struct id *out)
{
	int d;

	if (s.n != 26)
		return -1;
	memset(out, 0, sizeof(*out));
	for (d = 0; d < 26; d++) {
		char c = s.p[d];
		const char *at;
		int k, v;

		if (c >= 'a' && c <= 'z')
			c = (char)(c - 32);
		at = c != '\0' ? strchr(base32, c) : NULL;
		if (at == NULL)
			return -1;
		v = (int)(at - base32);
		if (d == 0 && v > 7)
			return -1;
		for (k = 0; k < 5; k++) {
			int bit = d * 5 + k - 2;

			if (bit >= 0 && (v >> (4 - k) & 1) != 0)
				out->b[bit / 8] |= (uint8_t)(1 << (7 - bit % 8));
		}
	}
	return 0;
}

struct id id_at(int64_t ms, const uint8_t *random)
{
	struct id id;

	for (int i = 0; i < 6; i++)
		id.b[i] = (uint8_t)(ms >> (8 * (5 - i)));
	memcpy(id.b + 6, random, 10);
	return id;
}

struct id id_new(void)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static struct id last;
	int64_t ms = clock_ms();
	uint8_t random[10];
	struct id id;
	int i;

	crypto_random(random, sizeof(random));
	id = id_at(ms, random);
	pthread_mutex_lock(&lock);
	/* Within a millisecond, and when the clock went back, count on from the last one. */
	if (memcmp(id.b, last.b, 6) <= 0) {
		id = last;
		for (i = 15; i >= 0 && ++id.b[i] == 0; i--)
			;
	}
	last = id;
	pthread_mutex_unlock(&lock);
	return id;
}

int64_t id_time(struct id ulid)
{
	int64_t ms = 0;
	int i;

	for (i = 0; i < 6; i++)
		ms = ms << 8 | ulid.b[i];
	return ms;
}
