/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "util/str.h"

struct str str_sub(struct str s, size_t from, size_t to)
{
	if (to > s.n)
		to = s.n;
	if (from > to)
		from = to;
	return (struct str){ s.n != 0 ? s.p + from : s.p, to - from };
}

static size_t blank_at(struct str s)
{
	unsigned char c = (unsigned char)s.p[0];

	if (c == ' ' || (c >= '\t' && c <= '\r'))
		return 1;
	if (s.n >= 2 && c == 0xC2 && (unsigned char)s.p[1] == 0xA0)
		return 2;
	if (s.n >= 3 && memcmp(s.p, "\xEF\xBB\xBF", 3) == 0)
		return 3;
	return 0;
}

static size_t blank_before_end(struct str s)
{
	for (size_t k = 1; k <= 3 && k <= s.n; k++) {
		struct str tail = str_sub(s, s.n - k, s.n);

		if (blank_at(tail) == k)
			return k;
	}
	return 0;
}

/* Neither begins a blank nor ends one, of however many bytes. */
static bool inside(unsigned char c)
{
	return c > ' ' && c < 0x7f;
}

struct str str_trim(struct str s)
{
	size_t k;

	if (s.n == 0 || (inside((unsigned char)s.p[0]) && inside((unsigned char)s.p[s.n - 1])))
		return s;
	while (s.n != 0 && (k = blank_at(s)) != 0)
		s = str_sub(s, k, s.n);
	while (s.n != 0 && (k = blank_before_end(s)) != 0)
		s.n -= k;
	return s;
}

/* Most texts that are compared are keys and words: up to 16 bytes are two looks that overlap. */
static bool same_bytes(const char *a, const char *b, size_t n)
{
	uint64_t v[4];
	uint32_t w[4];

	if (n > 16)
		return memcmp(a, b, n) == 0;
	if (n >= 8) {
		memcpy(&v[0], a, 8);
		memcpy(&v[1], b, 8);
		memcpy(&v[2], a + n - 8, 8);
		memcpy(&v[3], b + n - 8, 8);
		return ((v[0] ^ v[1]) | (v[2] ^ v[3])) == 0;
	}
	if (n >= 4) {
		memcpy(&w[0], a, 4);
		memcpy(&w[1], b, 4);
		memcpy(&w[2], a + n - 4, 4);
		memcpy(&w[3], b + n - 4, 4);
		return ((w[0] ^ w[1]) | (w[2] ^ w[3])) == 0;
	}
	return n == 0 || (a[0] == b[0] && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1]);
}

bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && same_bytes(a.p, b.p, a.n);
}

static unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

bool str_eqi(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	if (same_bytes(a.p, b.p, a.n)) /* as most are written */
		return true;
	for (size_t i = 0; i < a.n; i++) {
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	}
	return true;
}

bool str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq(str_sub(s, 0, prefix.n), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n && str_eq(str_sub(s, s.n - suffix.n, s.n), suffix);
}

bool str_startsi(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eqi(str_sub(s, 0, prefix.n), prefix);
}

int str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n != 0 ? memcmp(a.p, b.p, n) : 0;

	if (c != 0)
		return c;
	return a.n < b.n ? -1 : a.n > b.n;
}

/* Sixteen places at a time: those where the first and the last byte are right. From where on this
 * cannot be said, as it would read behind the end, is left to memmem. */
#ifdef __SSE2__
static const char *find_fast(struct str s, struct str what, size_t *rest)
{
	__m128i first = _mm_set1_epi8(what.p[0]), last = _mm_set1_epi8(what.p[what.n - 1]);
	size_t i = 0;

	for (; i + what.n + 15 <= s.n; i += 16) {
		__m128i a = _mm_loadu_si128((const __m128i *)(const void *)(s.p + i));
		__m128i b = _mm_loadu_si128((const __m128i *)(const void *)(s.p + i + what.n - 1));
		unsigned hits = (unsigned)_mm_movemask_epi8(
			_mm_and_si128(_mm_cmpeq_epi8(a, first), _mm_cmpeq_epi8(b, last)));

		for (; hits != 0; hits &= hits - 1) {
			const char *at = s.p + i + __builtin_ctz(hits);

			if (memcmp(at, what.p, what.n) == 0)
				return at;
		}
	}
	*rest = i;
	return NULL;
}
#else
static const char *find_fast(struct str s, struct str what, size_t *rest)
{
	*rest = 0;
	return NULL;
}
#endif

ptrdiff_t str_find(struct str s, struct str what)
{
	const char *hit;
	size_t rest = 0;

	if (what.n == 0)
		return 0;
	if (s.n < what.n)
		return -1;
	hit = find_fast(s, what, &rest);
	if (hit == NULL)
		hit = memmem(s.p + rest, s.n - rest, what.p, what.n);
	return hit != NULL ? hit - s.p : -1;
}

ptrdiff_t str_findi(struct str s, struct str what)
{
	if (what.n == 0)
		return 0;
	for (size_t i = 0; i + what.n <= s.n; i++) {
		if (str_eqi(str_sub(s, i, i + what.n), what))
			return (ptrdiff_t)i;
	}
	return -1;
}

ptrdiff_t str_chr(struct str s, char c)
{
	const char *hit = s.n != 0 ? memchr(s.p, c, s.n) : NULL;

	return hit != NULL ? hit - s.p : -1;
}

char *str_dup(struct str s)
{
	char *z = malloc(s.n + 1);

	if (z == NULL)
		return NULL;
	if (s.n != 0)
		memcpy(z, s.p, s.n);
	z[s.n] = '\0';
	return z;
}

static uint64_t mix(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 r = (unsigned __int128)a * b;

	return (uint64_t)r ^ (uint64_t)(r >> 64);
}

/* ${n} bytes, 1 to 8, the first one lowest: the halves overlap, and agree where they do. */
static uint64_t load(const char *p, size_t n)
{
	const unsigned char *b = (const unsigned char *)p;
	uint32_t lo, hi;
	uint64_t v;

	if (n == 8) {
		memcpy(&v, p, 8);
		return v;
	}
	if (n >= 4) {
		memcpy(&lo, p, 4);
		memcpy(&hi, p + n - 4, 4);
		return lo | (uint64_t)hi << (8 * (n - 4));
	}
	return b[0] | (uint64_t)b[n / 2] << (8 * (n / 2)) | (uint64_t)b[n - 1] << (8 * (n - 1));
}

uint64_t str_hash(struct str s, uint64_t seed)
{
	uint64_t h = seed ^ 0xa0761d6478bd642fULL;
	const char *p = s.p;
	size_t n = s.n;

	for (; n > 16; n -= 16, p += 16)
		h = mix(load(p, 8) ^ 0xe7037ed1a0b428dbULL, load(p + 8, 8) ^ h);
	if (n > 8)
		h = mix(load(p, 8) ^ 0x8ebc6af09c88c6e3ULL, load(p + 8, n - 8) ^ h);
	else if (n != 0)
		h = mix(load(p, n) ^ 0x8ebc6af09c88c6e3ULL, h);
	return mix(h ^ 0x589965cc75374cc3ULL, s.n ^ 0x1d8e4e27c47d124fULL);
}

bool str_split(struct str s, char sep, struct str *head, struct str *tail)
{
	ptrdiff_t at = str_chr(s, sep);

	*head = at < 0 ? s : str_sub(s, 0, (size_t)at);
	*tail = at < 0 ? str_sub(s, s.n, s.n) : str_sub(s, (size_t)at + 1, s.n);
	return at >= 0;
}
