/* SPDX-License-Identifier: Apache-2.0 */
#include "config/settings.h"

#include <math.h>

#include "util/err.h"
#include "util/json.h"
#include "util/utf8.h"

static const struct setting_info table[] = {
#define SETTING(name, kind, words, otherwise, lo, hi, help) \
	{ #name, SETTING_##kind, words, otherwise, (double)(lo), (double)(hi), help },
#include "config/settings.def"
#undef SETTING
};

enum { N = sizeof(table) / sizeof(table[0]) };

const struct setting_info *setting_at(size_t i)
{
	return i < N ? &table[i] : NULL;
}

const struct setting_info *setting_of(struct str name)
{
	for (size_t i = 0; i < N; i++)
		if (str_eq(name, str_of(table[i].name)))
			return &table[i];
	return NULL;
}

const char *setting_kind_name(enum setting_kind k)
{
	static const char *const names[] = { "choice", "bool", "int", "number", "text" };

	return names[k];
}

static bool is_word(struct str s, const char *words)
{
	struct str left = str_of(words), word;

	while (left.n > 0) {
		str_split(left, '|', &word, &left);
		if (str_eq(word, s))
			return true;
	}
	return false;
}

static bool is_line(struct str s, double most)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20)
			return false;
	return (double)s.n <= most && utf8_valid(s);
}

int setting_check(const struct setting_info *s, const struct json *v, struct err *e)
{
	double x = json_type(v) == J_NUM ? json_num(v, NAN) : NAN;

	switch (s->kind) {
	case SETTING_CHOICE:
		if (json_type(v) == J_STR && is_word(json_str(v, S("")), s->words))
			return 0;
		return err_set(e, ERR_INPUT, "%s is one of %s", s->name, s->words);
	case SETTING_BOOL:
		if (json_type(v) == J_BOOL)
			return 0;
		return err_set(e, ERR_INPUT, "%s is true or false", s->name);
	case SETTING_INT:
	case SETTING_NUMBER:
		if (x >= s->lo && x <= s->hi && (s->kind == SETTING_NUMBER || x == floor(x)))
			return 0;
		return err_set(e, ERR_INPUT, "%s is a %s from %.0f to %.0f", s->name,
			s->kind == SETTING_INT ? "whole number" : "number", s->lo, s->hi);
	case SETTING_TEXT:
		if (json_type(v) == J_STR && is_line(json_str(v, S("")), s->hi))
			return 0;
		return err_set(e, ERR_INPUT, "%s is text of at most %.0f bytes", s->name, s->hi);
	}
	return -1;
}
