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

int id_order(const void *a, const void *b)
{
	return id_cmp(*(const struct id *)a, *(const struct id *)b);
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
	uint32_t held = 0;
	unsigned have = 2, at = 0; /* the two bits are there before any byte */

	for (size_t i = 0; i < sizeof(id.b); i++) {
		held = held << 8 | id.b[i];
		for (have += 8; have >= 5; have -= 5)
			out[at++] = base32[held >> (have - 5) & 31];
	}
	out[at] = '\0';
}

/* What a digit stands for; -1: none. */
static int value32(char c)
{
	/* From '0' to 'Z'; 99 is none. */
	static const uint8_t values[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 99, 99, 99, 99, 99, 99, 99,
		10, 11, 12, 13, 14, 15, 16, 17, 99, 18, 19, 99, 20, 21, 99, 22, 23, 24, 25, 26, 99,
		27, 28, 29, 30, 31 };

	if (c >= 'a' && c <= 'z')
		c = (char)(c - 32);
	return c >= '0' && c <= 'Z' && values[c - '0'] != 99 ? values[c - '0'] : -1;
}

int id_parse_ulid(struct str s, struct id *out)
{
	uint32_t held = 0;
	unsigned have = 0;
	size_t n = 0;

	if (s.n != 26 || value32(s.p[0]) > 7)
		return -1;
	for (size_t i = 0; i < 26; i++) {
		int v = value32(s.p[i]);

		if (v < 0)
			return -1;
		held = held << 5 | (uint32_t)v;
		have += i == 0 ? 3 : 5;
		if (have >= 8) {
			have -= 8;
			out->b[n++] = (uint8_t)(held >> have);
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
