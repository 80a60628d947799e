/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "http/uri.h"
#include "util/arena.h"
#include "util/err.h"
#include "util/utf8.h"

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Whether anything must be undone, so that most text is not copied. */
static bool coded(struct str s, bool form)
{
	return s.n != 0 &&
	       (memchr(s.p, '%', s.n) != NULL || (form && memchr(s.p, '+', s.n) != NULL));
}

static int undo(struct str s, bool form, char *to, size_t *n, struct err *e)
{
	*n = 0;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '%') {
			bool whole = s.n - i > 2;
			int hi = whole ? hex(s.p[i + 1]) : -1;
			int lo = whole ? hex(s.p[i + 2]) : -1;

			if (hi == -1 || lo == -1)
				return err_set(e, ERR_REQUEST,
					"the address has a %% that is not followed by two "
					"hexadecimal digits");
			c = (char)(hi * 16 + lo);
			i += 2;
		} else if (c == '+' && form) {
			c = ' ';
		}
		to[(*n)++] = c;
	}
	return 0;
}

int uri_decode(struct arena *mem, struct str s, bool form, struct str *out, struct err *e)
{
	char *to;

	*out = s;
	if (coded(s, form)) {
		if ((to = arena_alloc(mem, s.n + 1)) == NULL)
			return err_set(e, ERR_LIMIT, "the request takes too much memory");
		if (undo(s, form, to, &out->n, e) == -1)
			return -1;
		out->p = to;
	}
	if (out->n != 0 && memchr(out->p, 0, out->n) != NULL)
		return err_set(e, ERR_REQUEST, "the address has a NUL character");
	if (!utf8_valid(*out))
		return err_set(e, ERR_REQUEST, "the address is not UTF-8");
	return 0;
}

bool uri_pair(struct str *s, struct str *key, struct str *value)
{
	while (s->n != 0) {
		struct str pair, rest;

		str_split(*s, '&', &pair, &rest);
		*s = rest;
		if (pair.n == 0)
			continue;
		str_split(pair, '=', key, value);
		return true;
	}
	return false;
}
