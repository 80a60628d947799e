/* SPDX-License-Identifier: Apache-2.0 */
#include "util/bytes.h"
#include "util/utf8.h"

int utf8_length(const char *p, size_t n)
{
	unsigned char c = (unsigned char)p[0], lo = 0x80, hi = 0xBF;
	int len;

	if (c < 0x80)
		return 1;
	if (c < 0xC2 || c > 0xF4)
		return 0;
	len = c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
	/* The second byte is what rules out overlong forms, surrogates and what is over U+10FFFF.
	 */
	if (c == 0xE0)
		lo = 0xA0;
	else if (c == 0xED)
		hi = 0x9F;
	else if (c == 0xF0)
		lo = 0x90;
	else if (c == 0xF4)
		hi = 0x8F;
	for (int i = 1; i < len; i++, lo = 0x80, hi = 0xBF) {
		if ((size_t)i >= n)
			return -1;
		if ((unsigned char)p[i] < lo || (unsigned char)p[i] > hi)
			return 0;
	}
	return len;
}

bool utf8_valid(struct str s)
{
	for (size_t i = 0; i < s.n;) {
		int len;

		if ((i += bytes_plain_run(s.p + i, s.n - i)) == s.n)
			break;
		/* Text in other scripts has long runs of this kind. */
		for (; i < s.n && ((unsigned char)s.p[i] >= 0x80 || s.p[i] == 0);
			i += (size_t)len) {
			if ((len = utf8_length(s.p + i, s.n - i)) <= 0)
				return false;
		}
	}
	return true;
}

uint32_t utf8_next(struct str *s)
{
	const unsigned char *p = (const unsigned char *)s->p;
	int len = utf8_length(s->p, s->n);
	uint32_t cp = p[0];

	if (len <= 0) {
		*s = str_sub(*s, 1, s->n);
		return UTF8_BAD;
	}
	if (len > 1)
		cp = p[0] & (0xFFU >> (len + 1));
	for (int i = 1; i < len; i++)
		cp = cp << 6 | (p[i] & 0x3FU);
	*s = str_sub(*s, (size_t)len, s->n);
	return cp;
}

size_t utf8_put(char to[4], uint32_t cp)
{
	if (cp < 0x80) {
		to[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		to[0] = (char)(0xC0 | cp >> 6);
		to[1] = (char)(0x80 | (cp & 0x3F));
		return 2;
	}
	if (cp < 0x10000) {
		to[0] = (char)(0xE0 | cp >> 12);
		to[1] = (char)(0x80 | (cp >> 6 & 0x3F));
		to[2] = (char)(0x80 | (cp & 0x3F));
		return 3;
	}
	to[0] = (char)(0xF0 | cp >> 18);
	to[1] = (char)(0x80 | (cp >> 12 & 0x3F));
	to[2] = (char)(0x80 | (cp >> 6 & 0x3F));
	to[3] = (char)(0x80 | (cp & 0x3F));
	return 4;
}

struct str utf8_cut(struct str s, size_t max)
{
	size_t at = max;

	if (s.n <= max)
		return s;
	for (int back = 0; back < 4 && at > 0; back++, at--) {
		if (((unsigned char)s.p[at] & 0xC0) != 0x80)
			return str_sub(s, 0, at);
	}
	return str_sub(s, 0, max);
}
