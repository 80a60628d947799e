/* SPDX-License-Identifier: Apache-2.0 */
#include "record/fold.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "util/buf.h"
#include "util/utf8.h"

/* What one character becomes: 0 to 8 code points. Compatibility forms are taken apart, so that
 * accents fall off as marks, and case is folded. */
static utf8proc_ssize_t fold_char(uint32_t c, utf8proc_int32_t out[8])
{
	utf8proc_ssize_t n = utf8proc_decompose_char((utf8proc_int32_t)c, out, 8,
		UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK |
			UTF8PROC_IGNORE,
		NULL);

	if (n >= 0 && n <= 8)
		return n;
	out[0] = (utf8proc_int32_t)c;
	return 1;
}

static bool is_blank(uint32_t c)
{
	return c <= ' ' || c == 0xA0 || c == 0x3000;
}

static void fold_wide(struct str s, struct buf *out)
{
	bool gap = false;
	size_t from = out->n;

	while (s.n > 0) {
		struct str at = s;
		uint32_t c = utf8_next(&s);
		utf8proc_int32_t to[8];
		utf8proc_ssize_t i, n;

		if (is_blank(c)) {
			gap = out->n > from;
			continue;
		}
		if (gap)
			buf_c(out, ' ');
		gap = false;
		if (c == UTF8_BAD) {
			buf_bytes(out, at.p, at.n - s.n);
			continue;
		}
		n = fold_char(c, to);
		for (i = 0; i < n; i++) {
			char bytes[4];

			buf_bytes(out, bytes, utf8_put(bytes, (uint32_t)to[i]));
		}
	}
}

void fold_text(struct str s, struct buf *out)
{
	char *to = buf_reserve(out, s.n);
	size_t i, n = 0;

	if (to == NULL)
		return;
	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= 128) {
			fold_wide(s, out);
			return;
		}
		if (c <= ' ') {
			if (n > 0 && to[n - 1] != ' ')
				to[n++] = ' ';
		} else {
			to[n++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
		}
	}
	if (n > 0 && to[n - 1] == ' ')
		n--;
	out->n += n;
}

static bool is_word(utf8proc_int32_t c)
{
	utf8proc_category_t k;

	if (c < 128)
		return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
	k = utf8proc_category(c);
	return (k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_LO) ||
	       (k >= UTF8PROC_CATEGORY_ND && k <= UTF8PROC_CATEGORY_NO);
}

/* What an ASCII character becomes within a word; 0: it is part of none. */
static char plain_char(unsigned char c)
{
	if ((unsigned)(c - 'a') < 26 || (unsigned)(c - '0') < 10)
		return (char)c;
	return (unsigned)(c - 'A') < 26 ? (char)(c + 32) : 0;
}

/* The ASCII at the start of ${rest} into the word that began at ${from}: true when it ends it. */
static bool plain_run(struct str *rest, struct buf *out, size_t from)
{
	char *to = buf_reserve(out, rest->n);
	bool end = false;
	size_t i = 0, n = 0;

	if (to == NULL) {
		*rest = S("");
		return false;
	}
	for (; i < rest->n && (unsigned char)rest->p[i] < 128; i++) {
		char c = plain_char((unsigned char)rest->p[i]);

		if (c != 0)
			to[n++] = c;
		else if ((end = out->n + n > from))
			break;
	}
	out->n += n;
	*rest = str_sub(*rest, i, rest->n);
	return end;
}

bool fold_word(struct str *rest, struct buf *out)
{
	size_t from = out->n;

	while (rest->n > 0) {
		struct str after;
		utf8proc_int32_t to[8];
		utf8proc_ssize_t i, n = 1;
		uint32_t c;
		bool word = false;

		if (plain_run(rest, out, from))
			return true;
		if (rest->n == 0)
			break;
		after = *rest;
		c = utf8_next(&after);
		to[0] = ' ';
		if (c != UTF8_BAD)
			n = fold_char(c, to);
		for (i = 0; i < n; i++) {
			char bytes[4];

			if (!is_word(to[i]))
				continue;
			word = true;
			buf_bytes(out, bytes, utf8_put(bytes, (uint32_t)to[i]));
		}
		/* A mark alone (an accent behind its letter) folds to nothing and parts no word. */
		if (!word && n > 0 && out->n > from)
			return true;
		*rest = after;
	}
	return out->n > from;
}

bool fold_number(struct str s, double *x)
{
	char text[64];
	size_t i;
	char *end;

	s = str_trim(s);
	if (s.n == 0 || s.n >= sizeof(text))
		return false;
	for (i = 0; i < s.n; i++)
		if (strchr("0123456789+-.eE", s.p[i]) == NULL || s.p[i] == '\0')
			return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	*x = strtod(text, &end);
	return *end == '\0' && isfinite(*x);
}

bool fold_same(struct str a, struct str b)
{
	struct buf x = { 0 }, y = { 0 };
	bool same;

	fold_text(a, &x);
	fold_text(b, &y);
	same = !x.failed && !y.failed && str_eq(buf_view(&x), buf_view(&y));
	buf_clear(&x);
	buf_clear(&y);
	return same;
}
