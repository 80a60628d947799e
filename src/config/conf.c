/* SPDX-License-Identifier: Apache-2.0 */
#include "config/conf.h"

#include "util/err.h"
#include "util/utf8.h"

static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
			    s.p[i] == '-'))
			return false;
	return s.n > 0 && s.n <= 64;
}

/* The part of a line before its comment. */
static struct str without_comment(struct str s)
{
	bool quoted = false;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			quoted = !quoted;
		if (s.p[i] == '#' && !quoted && (i == 0 || s.p[i - 1] == ' ' || s.p[i - 1] == '\t'))
			return str_sub(s, 0, i);
	}
	return s;
}

static int one_line(struct str s, size_t line, conf_fn *fn, void *ctx, struct err *e)
{
	struct str name, value;

	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 && s.p[i] != '\t')
			return err_set(e, ERR_CONFIG, "line %zu: has a control character", line);
	s = str_trim(without_comment(s));
	if (s.n == 0)
		return 0;
	if (!str_split(s, '=', &name, &value) || !is_name(name = str_trim(name)))
		return err_set(e, ERR_CONFIG, "line %zu: is not \"name = value\"", line);
	value = str_trim(value);
	if (str_starts(value, S("\"")) && (value.n < 2 || !str_ends(value, S("\""))))
		return err_set(e, ERR_CONFIG, "line %zu: a quote is not closed", line);
	if (str_starts(value, S("\"")))
		value = str_sub(value, 1, value.n - 1);
	if (fn(ctx, line, name, value, e) == -1)
		return err_prefix(e, "line %zu: ", line);
	return 0;
}

int conf_parse(struct str text, conf_fn *fn, void *ctx, struct err *e)
{
	struct str rest = text, one;

	if (!utf8_valid(text))
		return err_set(e, ERR_CONFIG, "it is not text in UTF-8");
	if (str_starts(rest, S("\xEF\xBB\xBF")))
		rest = str_sub(rest, 3, rest.n);
	for (size_t line = 1; rest.n > 0; line++) {
		str_split(rest, '\n', &one, &rest);
		if (str_ends(one, S("\r")))
			one.n--;
		if (one_line(one, line, fn, ctx, e) == -1)
			return -1;
	}
	return 0;
}
