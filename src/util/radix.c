/* SPDX-License-Identifier: Apache-2.0 */
#include "util/radix.h"

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

/* Four bytes at a time, as every request with a key is checked. part[k]: what four bits do that
 * have k times four others behind them in the word. */
static uint32_t crc32_ieee(struct str s)
{
	static const uint32_t part[8][16] = {
		{ 0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
			0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
			0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C },
		{ 0x00000000, 0x77073096, 0xEE0E612C, 0x990951BA, 0x076DC419, 0x706AF48F,
			0xE963A535, 0x9E6495A3, 0x0EDB8832, 0x79DCB8A4, 0xE0D5E91E, 0x97D2D988,
			0x09B64C2B, 0x7EB17CBD, 0xE7B82D07, 0x90BF1D91 },
		{ 0x00000000, 0x4AC21251, 0x958424A2, 0xDF4636F3, 0xF0794F05, 0xBABB5D54,
			0x65FD6BA7, 0x2F3F79F6, 0x3B83984B, 0x71418A1A, 0xAE07BCE9, 0xE4C5AEB8,
			0xCBFAD74E, 0x8138C51F, 0x5E7EF3EC, 0x14BCE1BD },
		{ 0x00000000, 0x191B3141, 0x32366282, 0x2B2D53C3, 0x646CC504, 0x7D77F445,
			0x565AA786, 0x4F4196C7, 0xC8D98A08, 0xD1C2BB49, 0xFAEFE88A, 0xE3F4D9CB,
			0xACB54F0C, 0xB5AE7E4D, 0x9E832D8E, 0x87981CCF },
		{ 0x00000000, 0x1C26A370, 0x384D46E0, 0x246BE590, 0x709A8DC0, 0x6CBC2EB0,
			0x48D7CB20, 0x54F16850, 0xE1351B80, 0xFD13B8F0, 0xD9785D60, 0xC55EFE10,
			0x91AF9640, 0x8D893530, 0xA9E2D0A0, 0xB5C473D0 },
		{ 0x00000000, 0x01C26A37, 0x0384D46E, 0x0246BE59, 0x0709A8DC, 0x06CBC2EB,
			0x048D7CB2, 0x054F1685, 0x0E1351B8, 0x0FD13B8F, 0x0D9785D6, 0x0C55EFE1,
			0x091AF964, 0x08D89353, 0x0A9E2D0A, 0x0B5C473D },
		{ 0x00000000, 0x5019579F, 0xA032AF3E, 0xF02BF8A1, 0x9B14583D, 0xCB0D0FA2,
			0x3B26F703, 0x6B3FA09C, 0xED59B63B, 0xBD40E1A4, 0x4D6B1905, 0x1D724E9A,
			0x764DEE06, 0x2654B999, 0xD67F4138, 0x866616A7 },
		{ 0x00000000, 0xB8BC6765, 0xAA09C88B, 0x12B5AFEE, 0x8F629757, 0x37DEF032,
			0x256B5FDC, 0x9DD738B9, 0xC5B428EF, 0x7D084F8A, 0x6FBDE064, 0xD7018701,
			0x4AD6BFB8, 0xF26AD8DD, 0xE0DF7733, 0x58631056 }
	};
	const uint8_t *p = (const uint8_t *)s.p;
	uint32_t crc = UINT32_MAX;
	size_t i = 0;

	for (; i + 4 <= s.n; i += 4) {
		crc ^= p[i] | (uint32_t)p[i + 1] << 8 | (uint32_t)p[i + 2] << 16 |
		       (uint32_t)p[i + 3] << 24;
		crc = part[7][crc & 15] ^ part[6][crc >> 4 & 15] ^ part[5][crc >> 8 & 15] ^
		      part[4][crc >> 12 & 15] ^ part[3][crc >> 16 & 15] ^ part[2][crc >> 20 & 15] ^
		      part[1][crc >> 24 & 15] ^ part[0][crc >> 28];
	}
	for (; i < s.n; i++) {
		crc ^= p[i];
		crc = crc >> 4 ^ part[0][crc & 15];
		crc = crc >> 4 ^ part[0][crc & 15];
	}
	return ~crc;
}

void radix62_check(struct str s, char out[7])
{
	uint32_t crc = crc32_ieee(s);

	for (int i = 5; i >= 0; i--, crc /= 62)
		out[i] = digits62[crc % 62];
	out[6] = '\0';
}
