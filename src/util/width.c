/* SPDX-License-Identifier: Apache-2.0 */
#include <utf8proc.h>

#include "util/buf.h"
#include "util/width.h"

struct glyph {
	size_t bytes;
	size_t columns;
	const char *instead; /* what is shown for it; NULL: itself */
};

/* Marks that turn the reading direction could make one text look like another. */
static bool turns(utf8proc_int32_t c)
{
	return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e ||
	       c == 0x200f || c == 0x061c;
}

static struct glyph next(struct str s)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t n = utf8proc_iterate(
		(const utf8proc_uint8_t *)s.p, (utf8proc_ssize_t)(s.n < 8 ? s.n : 8), &c);

	if (n <= 0)
		return (struct glyph){ 1, 1, "\xef\xbf\xbd" };
	if (c == '\t' || c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029)
		return (struct glyph){ (size_t)n, 1, " " };
	if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		return (struct glyph){ (size_t)n, 1, "\xef\xbf\xbd" };
	if (turns(c) || c == 0xfeff)
		return (struct glyph){ (size_t)n, 0, "" };
	return (struct glyph){ (size_t)n, (size_t)utf8proc_charwidth(c), NULL };
}

/* Bytes of ${s} that fit in ${max} columns; *columns is what they take. */
static size_t fit(struct str s, size_t max, size_t *columns)
{
	size_t at = 0;

	*columns = 0;
	while (at < s.n) {
		struct glyph g = next(str_sub(s, at, s.n));

		if (max > 0 && *columns + g.columns > max)
			break;
		*columns += g.columns;
		at += g.bytes;
	}
	return at;
}

size_t width_clean(struct str s, size_t max, const char *ellipsis, struct buf *out)
{
	size_t columns, used = 0, end = fit(s, max, &columns);

	if (end < s.n) {
		fit(str_of(ellipsis), 0, &used);
		if (used < max)
			end = fit(s, max - used, &columns);
		else
			used = 0;
	}
	for (size_t at = 0; at < end;) {
		struct glyph g = next(str_sub(s, at, end));

		if (g.instead != NULL)
			buf_z(out, g.instead);
		else
			buf_bytes(out, s.p + at, g.bytes);
		at += g.bytes;
	}
	if (used > 0)
		buf_z(out, ellipsis);
	return columns + used;
}
