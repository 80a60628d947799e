/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "config/values_internal.h"
#include "util/buf.h"
#include "util/err.h"

static void *field(struct options *o, enum opt_id id)
{
	switch (id) {
#define OPT(id, name, letter, kind, value, on, env, otherwise, lo, hi, help) \
	case OPT_##id: \
		return &o->id;
#include "config/options.def"
#undef OPT
	case OPT_COUNT:
		break;
	}
	ASSERT(id < OPT_COUNT);
	return NULL;
}

/* One value that is too long to be meant is cut in messages. */
#define SHORT(s) (int)((s).n < 80 ? (s).n : 80), (s).p

static int number(struct str text, double *x)
{
	char z[64], *end;

	if (text.n == 0 || text.n >= sizeof(z) || memchr(text.p, '\0', text.n) != NULL)
		return -1;
	memcpy(z, text.p, text.n);
	z[text.n] = '\0';
	if (strspn(z, "+-.0123456789eE") != text.n)
		return -1;
	*x = strtod(z, &end);
	return *end == '\0' && isfinite(*x) ? 0 : -1;
}

static int bounded(struct str text, const struct opt_info *i, bool whole, double *x, struct err *e)
{
	if (number(text, x) == -1 || (whole && *x != floor(*x)))
		return err_set(e, ERR_USAGE, "'%.*s' is not a %s", SHORT(text),
			whole ? "whole number" : "number");
	if (*x < i->lo || *x > i->hi)
		return err_set(
			e, ERR_USAGE, "'%.*s' is outside %.0f to %.0f", SHORT(text), i->lo, i->hi);
	return 0;
}

static int fraction(struct str text, double *x, struct err *e)
{
	struct str digits = text;
	double scale = 1;

	if (str_ends(text, S("%"))) {
		digits.n--;
		scale = 100;
	}
	if (number(digits, x) == -1)
		return err_set(e, ERR_USAGE, "'%.*s' is not a probability such as 0.4 or 40%%",
			SHORT(text));
	*x /= scale;
	if (*x < 0 || *x > 1)
		return err_set(
			e, ERR_USAGE, "'%.*s' is outside 0 to 1 (0%% to 100%%)", SHORT(text));
	return 0;
}

static int rate(struct str text, double *per_day, struct err *e)
{
	static const struct {
		const char *name;
		double days;
	} spans[] = { { "day", 1 }, { "week", 7 }, { "month", 30.4375 } };
	struct str count, span;

	if (str_split(text, '/', &count, &span) && number(str_trim(count), per_day) == 0 &&
		*per_day > 0)
		for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++)
			if (str_eqi(str_trim(span), str_of(spans[i].name))) {
				*per_day /= spans[i].days;
				return 0;
			}
	return err_set(e, ERR_USAGE,
		"'%.*s' is not a capacity such as 30/day, 150/week or 600/month", SHORT(text));
}

static int choice(struct str text, const char *words, int *out, struct err *e)
{
	struct str left = str_of(words), word;

	for (int i = 0; left.n > 0; i++) {
		str_split(left, '|', &word, &left);
		if (str_eqi(word, text)) {
			*out = i;
			return 0;
		}
	}
	return err_set(e, ERR_USAGE, "'%.*s' is none of %s", SHORT(text), words);
}

static int flag(struct str text, bool *out, struct err *e)
{
	static const char *const on[] = { "1", "yes", "true", "on" };
	static const char *const off[] = { "0", "no", "false", "off" };

	for (size_t i = 0; i < 4; i++)
		if (str_eqi(text, str_of(on[i])) || str_eqi(text, str_of(off[i]))) {
			*out = str_eqi(text, str_of(on[i]));
			return 0;
		}
	return err_set(e, ERR_USAGE, "'%.*s' is neither yes nor no", SHORT(text));
}

/* Days since 1970 of a date of the proleptic Gregorian calendar, counted from March so that the
 * leap day comes last. */
static double civil_day(int y, int m, int d)
{
	int from_march = (m + 9) % 12;
	int64_t year = y - (m <= 2);

	return (double)(365 * year + year / 4 - year / 100 + year / 400 +
			(from_march * 306 + 5) / 10 + d - 1 - 719468);
}

static bool digits(struct str *s, size_t n, int *out)
{
	*out = 0;
	if (s->n < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			return false;
		*out = *out * 10 + (s->p[i] - '0');
	}
	*s = str_sub(*s, n, s->n);
	return true;
}

static bool skip(struct str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = str_sub(*s, 1, s->n);
	return true;
}

int options_date(struct str text, double *day, struct err *e)
{
	static const int in_month[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int y = 0, m = 0, d = 0, hour = 0, minute = 0, second = 0;
	struct str s = text;
	bool ok, leap;

	ok = digits(&s, 4, &y) && skip(&s, '-') && digits(&s, 2, &m) && skip(&s, '-') &&
	     digits(&s, 2, &d);
	if (ok && s.n > 0) {
		ok = (skip(&s, 'T') || skip(&s, ' ')) && digits(&s, 2, &hour) && skip(&s, ':') &&
		     digits(&s, 2, &minute);
		if (ok && skip(&s, ':'))
			ok = digits(&s, 2, &second);
		skip(&s, 'Z');
		ok = ok && s.n == 0 && hour < 24 && minute < 60 && second < 60;
	}
	if (!ok)
		return err_set(e, ERR_USAGE,
			"'%.*s' is not a date; write year-month-day, as 2026-03-31", SHORT(text));
	leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
	if (y < 1900 || y > 2200 || m < 1 || m > 12 || d < 1 ||
		d > in_month[m - 1] + (m == 2 && leap))
		return err_set(e, ERR_USAGE, "'%.*s': there is no such day between 1900 and 2200",
			SHORT(text));
	*day = civil_day(y, m, d) + (hour * 3600 + minute * 60 + second) / 86400.0;
	return 0;
}

static int list_add(struct options *o, struct opt_list *l, struct str text, struct err *e)
{
	struct str *v = arena_array(&o->mem, l->n + 1, sizeof(*v));
	char *copy = arena_dup(&o->mem, text);

	if (v == NULL || copy == NULL)
		return err_nomem(e);
	if (l->n > 0)
		memcpy(v, l->v, l->n * sizeof(*v));
	v[l->n] = (struct str){ copy, text.n };
	*l = (struct opt_list){ v, l->n + 1 };
	return 0;
}

int value_set(struct options *o, enum opt_id id, struct str text, struct err *e)
{
	const struct opt_info *i = opt_info(id);
	void *at = field(o, id);
	double x;

	switch (i->kind) {
	case OPT_KIND_FLAG:
		return flag(text, at, e);
	case OPT_KIND_TEXT:
	case OPT_KIND_SECRET:
	case OPT_KIND_PATH:
	case OPT_KIND_DIR:
		if (text.n == 0)
			return err_set(e, ERR_USAGE, "the value is empty");
		if ((*(const char **)at = arena_dup(&o->mem, text)) == NULL)
			return err_nomem(e);
		return 0;
	case OPT_KIND_LIST:
		return list_add(o, at, text, e);
	case OPT_KIND_INT:
		if (bounded(text, i, true, &x, e) == -1)
			return -1;
		*(int64_t *)at = (int64_t)x;
		return 0;
	case OPT_KIND_SECONDS:
	case OPT_KIND_NUMBER:
		return bounded(text, i, false, at, e);
	case OPT_KIND_FRACTION:
		return fraction(text, at, e);
	case OPT_KIND_DATE:
		return options_date(text, at, e);
	case OPT_KIND_RATE:
		return rate(text, at, e);
	case OPT_KIND_CHOICE:
		return choice(text, i->value, at, e);
	}
	ASSERT(false);
	return -1;
}

void value_unset(struct options *o, enum opt_id id)
{
	switch (opt_info(id)->kind) {
	case OPT_KIND_NUMBER:
	case OPT_KIND_FRACTION:
	case OPT_KIND_DATE:
	case OPT_KIND_RATE:
	case OPT_KIND_SECONDS:
		*(double *)field(o, id) = NAN;
		break;
	default:
		break; /* zero already */
	}
}

const char *opt_source_name(const struct options *o, enum opt_id id)
{
	static const char *const names[] = { "flag", "env", "file", "file" };

	return o->given[id] ? names[o->source[id]] : "default";
}

static void show_number(struct buf *b, double x)
{
	if (!isnan(x))
		buf_num(b, x);
}

void opt_show(const struct options *o, enum opt_id id, struct buf *b)
{
	/* The reader casts the constness away; nothing is written through it. */
	const void *at = field((struct options *)(uintptr_t)o, id);
	const struct opt_list *l = at;

	switch (opt_info(id)->kind) {
	case OPT_KIND_FLAG:
		buf_z(b, *(const bool *)at ? "yes" : "no");
		break;
	case OPT_KIND_TEXT:
	case OPT_KIND_PATH:
	case OPT_KIND_DIR:
		if (*(const char *const *)at != NULL)
			buf_z(b, *(const char *const *)at);
		break;
	case OPT_KIND_SECRET:
		if (*(const char *const *)at != NULL)
			buf_z(b, "(set)");
		break;
	case OPT_KIND_LIST:
		for (size_t i = 0; i < l->n; i++) {
			buf_z(b, i > 0 ? ", " : "");
			buf_str(b, l->v[i]);
		}
		break;
	case OPT_KIND_INT:
		buf_fmt(b, "%lld", (long long)*(const int64_t *)at);
		break;
	case OPT_KIND_SECONDS:
	case OPT_KIND_NUMBER:
	case OPT_KIND_FRACTION:
	case OPT_KIND_DATE:
		show_number(b, *(const double *)at);
		break;
	case OPT_KIND_RATE:
		if (!isnan(*(const double *)at))
			buf_fmt(b, "%g/day", *(const double *)at);
		break;
	case OPT_KIND_CHOICE: {
		struct str left = str_of(opt_info(id)->value), word = S("");

		for (int i = 0; i <= *(const int *)at && left.n > 0; i++)
			str_split(left, '|', &word, &left);
		buf_str(b, word);
		break;
	}
	}
}
