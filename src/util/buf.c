/* SPDX-License-Identifier: Apache-2.0 */
#include <endian.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/buf.h"
#include "util/bytes.h"
#include "util/err.h"

char *buf_reserve(struct buf *b, size_t n)
{
	size_t cap = b->cap;
	char *p;

	if (b->failed)
		return NULL;
	if (n <= b->cap - b->n && b->p != NULL)
		return b->p + b->n;
	if (n > SIZE_MAX / 2 - b->n) {
		b->failed = true;
		return NULL;
	}
	if (cap < 64)
		cap = 64;
	while (cap < b->n + n)
		cap *= 2;
	if ((p = realloc(b->p, cap)) == NULL) {
		b->failed = true;
		return NULL;
	}
	b->p = p;
	b->cap = cap;
	return p + b->n;
}

void buf_bytes(struct buf *b, const void *p, size_t n)
{
	char *to;

	if (n == 0 || (to = buf_reserve(b, n)) == NULL)
		return;
	memcpy(to, p, n);
	b->n += n;
}

void buf_str(struct buf *b, struct str s)
{
	buf_bytes(b, s.p, s.n);
}

void buf_z(struct buf *b, const char *z)
{
	buf_str(b, str_of(z));
}

void buf_int(struct buf *b, int64_t x)
{
	char room[20], *p = room + sizeof(room);
	uint64_t left = x < 0 ? -(uint64_t)x : (uint64_t)x;

	do
		*--p = (char)('0' + left % 10);
	while ((left /= 10) != 0);
	if (x < 0)
		*--p = '-';
	buf_bytes(b, p, (size_t)(room + sizeof(room) - p));
}

void buf_fmt(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	char *to;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->failed = true;
		return;
	}
	if ((to = buf_reserve(b, (size_t)n + 1)) == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(to, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
}

__extension__ typedef unsigned __int128 u128;

/* ${v} below 10^8 as eight digits: halves, quarters and single ones side by side in one word. */
static void put_eight(char *to, uint32_t v)
{
	uint64_t x = v / 10000 | (uint64_t)(v % 10000) << 32, high;

	high = x * 5243 >> 19 & UINT64_C(0x0000007f0000007f); /* of hundreds: exact below 10,000 */
	x = high | (x - high * 100) << 16;
	high = x * 103 >> 10 & UINT64_C(0x000f000f000f000f); /* of tens: exact below 100 */
	x = high | (x - high * 10) << 8;
	x = htole64(x + BYTES_EACH('0'));
	memcpy(to, &x, sizeof(x));
}

/* ${v} as ${k} digits, and what comes behind them within eight bytes of ${to} is spoilt. */
static void put_digits(char *to, uint64_t v, size_t k)
{
	char last[16] = { 0 };

	if (k > 8) {
		put_digits(to, v / 100000000, k - 8);
		put_eight(to + k - 8, (uint32_t)(v % 100000000));
	} else {
		put_eight(last, (uint32_t)v);
		memcpy(to, last + 8 - k, 8);
	}
}

/* ${v}, the whole number next to x = mid / 2^(s + 1), rounded to tens, hundreds, .. ${t}; from the
 * middle to where x lies. */
static inline __attribute__((always_inline)) uint64_t rounded(
	uint64_t v, uint64_t t, u128 mid, int s)
{
	uint64_t c = v / t * t;
	u128 back = (u128)v << (s + 1);

	if (v - c > t / 2 || (v - c == t / 2 && (back < mid || (back == mid && c / t % 2))))
		c += t;
	return c;
}

/* The shortest digits of 0.0001 <= x < 1, in exact integer arithmetic: x = m / 2^s, and any decimal
 * strictly between the midpoints to its neighbours reads back as x. Trailing digits are rounded
 * away while one is left in between. About 30 ns where printf and strtod take 600: this writes the
 * probabilities of every scored row. Returns the length; 0: not by this. */
static size_t put_fraction(double x, char *out)
{
	static const double decade[] = { .1, .01, .001 };
	u128 scale = 100000000000000000u, mid;
	uint64_t v, lo, hi, m, c, t = 1000, bits;
	size_t k = 17;
	int s;

	/* Positive and normal: the exponent, then 52 bits behind a 1. */
	memcpy(&bits, &x, sizeof(bits));
	m = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52;
	if (m == UINT64_C(1) << 52)
		return 0; /* a power of two: its neighbours are not equally far */
	s = 1075 - (int)(bits >> 52);
	for (size_t i = 0; i < 3 && x < decade[i]; i++, k++)
		scale *= 10;
	mid = 2 * (u128)m * scale;
	lo = (uint64_t)((mid - scale) >> (s + 1)) + 1;
	hi = (uint64_t)((mid + scale - 1) >> (s + 1));
	v = (uint64_t)((mid + ((u128)1 << s)) >> (s + 1));
	/* Most have 16 or 17 digits: the first divisions are by constants. */
	c = rounded(v, 10, mid, s);
	if (c >= lo && c <= hi) {
		v = c;
		c = rounded(v, 100, mid, s);
	}
	for (int j = 3; j < 18 && c >= lo && c <= hi; j++, t *= 10) {
		v = c;
		c = rounded(v, t, mid, s);
	}
	while (v % 10 == 0) {
		v /= 10;
		k--;
	}
	out[0] = '0';
	out[1] = '.';
	put_digits(out + 2, v, k);
	return k + 2;
}

size_t num_write(double x, char out[NUM_TEXT])
{
	size_t n;

	if (x >= .0001 && x < 1 && (n = put_fraction(x, out)) != 0)
		return n;
	if (!isfinite(x)) {
		memcpy(out, "null", 5);
		return 4;
	}
	for (int digits = 15; digits <= 17; digits++) {
		n = (size_t)snprintf(out, NUM_TEXT, "%.*g", digits, x);
		if (strtod(out, NULL) == x)
			break;
	}
	return n;
}

void buf_num(struct buf *b, double x)
{
	char *to = buf_reserve(b, NUM_TEXT);

	if (to != NULL)
		b->n += num_write(x, to);
}

struct str buf_view(const struct buf *b)
{
	return (struct str){ b->p, b->n };
}

void buf_reset(struct buf *b)
{
	b->n = 0;
	b->failed = false;
}

void buf_clear(struct buf *b)
{
	free(b->p);
	*b = (struct buf){ 0 };
}

int buf_done(struct buf *b, struct err *e)
{
	return b->failed ? err_nomem(e) : 0;
}

char *buf_take(struct buf *b, struct err *e)
{
	char *p;

	buf_c(b, '\0');
	if (b->failed) {
		buf_clear(b);
		err_nomem(e);
		return NULL;
	}
	p = b->p;
	*b = (struct buf){ 0 };
	return p;
}
