/* SPDX-License-Identifier: Apache-2.0 */
#include "util/radix.h"

#include <zlib.h>

#include "util/crypto.h"

static const char digits16[] = "0123456789abcdef";
static const char digits32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
static const char digits64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char digits62[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

static void write_bits(const uint8_t *p, size_t n, unsigned bits, const char *digits, char *out)
{
	uint32_t held = 0;
	unsigned have = 0;

	for (size_t i = 0; i < n; i++) {
		held = held << 8 | p[i];
		for (have += 8; have >= bits; have -= bits)
			*out++ = digits[held >> (have - bits) & ((1U << bits) - 1)];
	}
	if (have > 0)
		*out++ = digits[held << (bits - have) & ((1U << bits) - 1)];
	*out = '\0';
}

void radix16_write(const void *p, size_t n, char *out)
{
	write_bits(p, n, 4, digits16, out);
}

void radix32_write(const void *p, size_t n, char *out)
{
	write_bits(p, n, 5, digits32, out);
}

void radix64_write(const void *p, size_t n, char *out)
{
	write_bits(p, n, 6, digits64, out);
}

static int value16(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int value32(char c)
{
	if (c >= '2' && c <= '7')
		return c - '2' + 26;
	c |= 32;
	return c >= 'a' && c <= 'z' ? c - 'a' : -1;
}

static int value64(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

static ptrdiff_t read_bits(
	struct str s, unsigned bits, int (*value)(char c), uint8_t *out, size_t cap)
{
	uint32_t held = 0;
	unsigned have = 0;
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		int v = value(s.p[i]);

		if (v < 0)
			return -1;
		held = held << bits | (uint32_t)v;
		if ((have += bits) >= 8) {
			if (n == cap)
				return -1;
			have -= 8;
			out[n++] = (uint8_t)(held >> have);
		}
	}
	/* A digit too many, or one whose unused bits say something: no writer makes that. */
	if (have >= bits || (held & ((1U << have) - 1)) != 0)
		return -1;
	return (ptrdiff_t)n;
}

ptrdiff_t radix16_read(struct str s, uint8_t *out, size_t cap)
{
	return read_bits(s, 4, value16, out, cap);
}

ptrdiff_t radix32_read(struct str s, uint8_t *out, size_t cap)
{
	return read_bits(s, 5, value32, out, cap);
}

ptrdiff_t radix64_read(struct str s, uint8_t *out, size_t cap)
{
	return read_bits(s, 6, value64, out, cap);
}

void radix62_random(char *out, size_t n)
{
	uint8_t pool[64];
	size_t left = 0;

	for (size_t i = 0; i < n;) {
		if (left == 0) {
			crypto_random(pool, sizeof(pool));
			left = sizeof(pool);
		}
		/* 248 is four times 62: what is above would make the first digits likelier. */
		if (pool[--left] < 248)
			out[i++] = digits62[pool[left] % 62];
	}
	out[n] = '\0';
	crypto_wipe(pool, sizeof(pool));
}

void radix62_check(struct str s, char out[7])
{
	uint32_t crc = (uint32_t)crc32(0, (const Bytef *)s.p, (uInt)s.n);

	for (int i = 5; i >= 0; i--, crc /= 62)
		out[i] = digits62[crc % 62];
	out[6] = '\0';
}
