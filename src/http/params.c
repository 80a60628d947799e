/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/params.h"
#include "http/uri.h"
#include "util/arena.h"
#include "util/err.h"

#define FILTERS_MAX 64
#define STR_DEFAULT 1000 /* bytes */

static bool some(const char *type)
{
	size_t n = strlen(type);

	return n > 3 && strcmp(type + n - 3, "...") == 0;
}

enum param_kind params_kind(const struct param *p)
{
	static const char *const names[] = { "int", "num", "bool", "str", "date" };

	if (p->type == NULL)
		return P_UNKNOWN;
	for (int i = 0; i < 5; i++)
		if (strcmp(p->type, names[i]) == 0)
			return (enum param_kind)i;
	if (strcmp(p->type, "filter") == 0)
		return P_FILTER;
	if (strchr(p->type, '|') == NULL)
		return P_UNKNOWN;
	return some(p->type) ? P_WORDS : P_WORD;
}

struct str params_nth_word(const char *list, size_t i)
{
	struct str rest = str_of(list), word = { 0 };

	if (some(list))
		rest.n -= 3;
	for (size_t k = 0; k <= i; k++) {
		if (k != 0 && rest.n == 0)
			return (struct str){ NULL, 0 };
		str_split(rest, '|', &word, &rest);
	}
	return word;
}

static int word_index(const char *list, struct str word)
{
	struct str w;

	for (int i = 0; (w = params_nth_word(list, (size_t)i)).n != 0; i++)
		if (str_eq(w, word))
			return i;
	return -1;
}

/* A number in full: strtod alone takes blanks, hexadecimal and "nan". */
static bool number(struct str s, double *out)
{
	char z[64], *end;

	if (s.n == 0 || s.n >= sizeof(z))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (strchr("0123456789+-.eE", s.p[i]) == NULL || s.p[i] == '\0')
			return false;
	memcpy(z, s.p, s.n);
	z[s.n] = '\0';
	*out = strtod(z, &end);
	return *end == '\0' && isfinite(*out);
}

static int digits(struct str s, size_t from, size_t n)
{
	int v = 0;

	for (size_t i = from; i < from + n; i++) {
		if (i >= s.n || s.p[i] < '0' || s.p[i] > '9')
			return -1;
		v = v * 10 + (s.p[i] - '0');
	}
	return v;
}

static int month_days(int y, int m)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	if (m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0))
		return 29;
	return days[m - 1];
}

/* Days since 1970-01-01 (Hinnant's days_from_civil). */
static double civil(int y, int m, int d)
{
	int era, yoe, doy;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097.0 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

/* "T13:45[:10[.5]][Z]" from ${at}: as part of a day. */
static bool clock_time(struct str s, size_t at, double *day)
{
	int h = digits(s, at + 1, 2), m = digits(s, at + 4, 2), sec = 0;
	size_t i = at + 6;
	double part = 0;

	if ((s.p[at] != 'T' && s.p[at] != ' ') || h < 0 || h > 23 || m < 0 || m > 59 ||
		s.p[at + 3] != ':')
		return false;
	if (i < s.n && s.p[i] == ':') {
		if ((sec = digits(s, i + 1, 2)) < 0 || sec > 59)
			return false;
		i += 3;
		if (i < s.n && s.p[i] == '.') {
			double unit = 0.1;

			if (digits(s, ++i, 1) == -1)
				return false;
			for (; digits(s, i, 1) != -1; i++, unit /= 10)
				part += unit * (s.p[i] - '0');
		}
	}
	if (i < s.n && s.p[i] == 'Z')
		i++;
	*day += (h * 3600 + m * 60 + sec + part) / 86400;
	return i == s.n;
}

static bool date(struct str s, double *out)
{
	int y = digits(s, 0, 4), m = digits(s, 5, 2), d = digits(s, 8, 2);

	if (y < 1 || m < 1 || m > 12 || d < 1 || s.p[4] != '-' || s.p[7] != '-' ||
		d > month_days(y, m))
		return false;
	*out = civil(y, m, d);
	return s.n == 10 || (s.n >= 16 && clock_time(s, 10, out));
}

static bool printable(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return false;
	return true;
}

static bool read_int(
	const struct param *p, struct str s, struct param_value *v, char *why, size_t n)
{
	double x;

	if (!number(s, &x) || x != floor(x) || fabs(x) > 9007199254740991.0 ||
		memchr(s.p, '.', s.n) != NULL || (p->lo < p->hi && (x < p->lo || x > p->hi))) {
		snprintf(why, n, "a whole number from %.0f to %.0f is wanted", p->lo, p->hi);
		return false;
	}
	v->v.i = (int64_t)x;
	return true;
}

static bool read_num(
	const struct param *p, struct str s, struct param_value *v, char *why, size_t n)
{
	if (!number(s, &v->v.d) || (p->lo < p->hi && (v->v.d < p->lo || v->v.d > p->hi))) {
		snprintf(why, n, "a number from %.15g to %.15g is wanted", p->lo, p->hi);
		return false;
	}
	return true;
}

static bool read_words(
	const struct param *p, struct str s, struct param_value *v, char *why, size_t n)
{
	struct str word;
	bool more = true;

	v->v.words = 0;
	while (more) {
		int i;

		more = str_split(s, ',', &word, &s);
		if ((i = word_index(p->type, word)) == -1 || i > 63) {
			snprintf(why, n, "one or several of %.*s are wanted, split by commas",
				(int)strlen(p->type) - 3, p->type);
			return false;
		}
		v->v.words |= (uint64_t)1 << i;
	}
	return true;
}

/* One value; ${why} is filled when it does not fit. */
static bool read_value(
	const struct param *p, struct str s, struct param_value *v, char *why, size_t n)
{
	double max = p->hi > 0 ? p->hi : STR_DEFAULT;

	v->text = s;
	switch (params_kind(p)) {
	case P_INT:
		return read_int(p, s, v, why, n);
	case P_NUM:
		return read_num(p, s, v, why, n);
	case P_BOOL:
		v->v.i = str_eq(s, S("true")) || str_eq(s, S("1"));
		snprintf(why, n, "true or false is wanted");
		return v->v.i || str_eq(s, S("false")) || str_eq(s, S("0"));
	case P_STR:
		snprintf(why, n, "text of at most %.0f bytes without control characters is wanted",
			max);
		return (double)s.n <= max && printable(s);
	case P_DATE:
		snprintf(why, n, "a date as 2026-03-31 or 2026-03-31T13:45:00Z is wanted");
		return date(s, &v->v.d);
	case P_WORD:
		v->v.i = word_index(p->type, s);
		snprintf(why, n, "one of %s is wanted", p->type);
		return v->v.i != -1;
	case P_WORDS:
		return read_words(p, s, v, why, n);
	case P_FILTER:
	case P_UNKNOWN:
		break;
	}
	return false;
}

bool params_type_known(const struct param *p)
{
	struct param_value v = { 0 };
	char why[160];

	if (params_kind(p) == P_UNKNOWN || (params_kind(p) == P_FILTER) != (p->name[0] == '*'))
		return false;
	return p->otherwise == NULL || read_value(p, str_of(p->otherwise), &v, why, sizeof(why));
}

static void fault(struct params_out *out, struct str name, const char *detail)
{
	char pointer[128];

	snprintf(pointer, sizeof(pointer), "?%.*s", name.n < 100 ? (int)name.n : 100, name.p);
	out->faults++;
	out->fault(out->ctx, pointer, detail);
}

/* FIELD=V or FIELD[op]=V. */
static int add_filter(struct params_out *out, struct str key, struct str value, struct err *e)
{
	struct req_filter f = { key, S("eq"), value };
	ptrdiff_t open = str_chr(key, '[');

	if (out->filters == NULL &&
		(out->filters = arena_array(out->mem, FILTERS_MAX, sizeof(f))) == NULL)
		return err_set(e, ERR_LIMIT, "the request takes too much memory");
	if (out->n_filters == FILTERS_MAX)
		return err_set(e, ERR_REQUEST, "there are more than %d filters", FILTERS_MAX);
	if (str_ends(key, S("]")) && open != -1) {
		/* The last pair of brackets, for a field may have some in its own name. */
		for (size_t i = (size_t)open + 1; i < key.n; i++)
			if (key.p[i] == '[')
				open = (ptrdiff_t)i;
		f.field = str_sub(key, 0, (size_t)open);
		f.op = str_sub(key, (size_t)open + 1, key.n - 1);
	}
	if (f.field.n == 0 || f.op.n == 0 || !printable(key) || !printable(value) ||
		value.n > STR_DEFAULT) {
		fault(out, key, "a filter is FIELD=value or FIELD[op]=value");
		return 0;
	}
	out->filters[out->n_filters++] = f;
	return 0;
}

static int add_value(const struct param *p, struct param_value *v, struct str value,
	struct params_out *out, struct err *e)
{
	char why[160];

	if (v->sent)
		return err_set(e, ERR_REQUEST, "the parameter %s is given twice", p->name);
	v->sent = v->present = true;
	if (!read_value(p, value, v, why, sizeof(why)))
		fault(out, str_of(p->name), why);
	return 0;
}

static int read_pair(const struct param *table, struct str key, struct str value,
	struct params_out *out, struct err *e)
{
	const struct param *filter = NULL;

	if (uri_decode(out->mem, key, true, &key, e) == -1 ||
		uri_decode(out->mem, value, true, &value, e) == -1)
		return -1;
	for (size_t i = 0; table != NULL && table[i].name != NULL; i++) {
		if (table[i].name[0] == '*')
			filter = &table[i];
		else if (str_eq(key, str_of(table[i].name)))
			return add_value(&table[i], &out->values[i], value, out, e);
	}
	if (filter != NULL)
		return add_filter(out, key, value, e);
	fault(out, key, "this is not a parameter of the route");
	return err_set(e, ERR_REQUEST, "the address has a parameter that the route does not know");
}

static void fill_defaults(const struct param *table, struct params_out *out)
{
	char why[160];

	for (size_t i = 0; table != NULL && table[i].name != NULL; i++) {
		struct param_value *v = &out->values[i];

		if (!v->sent && table[i].required)
			fault(out, str_of(table[i].name), "it is required");
		if (v->sent || table[i].otherwise == NULL)
			continue;
		v->present = true;
		(void)read_value(&table[i], str_of(table[i].otherwise), v, why, sizeof(why));
	}
}

int params_read(const struct param *table, struct str query, struct params_out *out, struct err *e)
{
	struct str key, value;

	while (uri_pair(&query, &key, &value))
		if (read_pair(table, key, value, out, e) == -1)
			return -1;
	fill_defaults(table, out);
	if (out->faults != 0)
		return err_set(e, ERR_INPUT, "a parameter of the address does not fit");
	return 0;
}

static void no_fault(void *ctx, const char *pointer, const char *detail)
{
}

int params_defaults(const struct param *table, struct arena *mem, const struct param_value **out)
{
	struct params_out x = { .mem = mem, .fault = no_fault };
	size_t n = 0;

	*out = NULL;
	while (table != NULL && table[n].name != NULL)
		n++;
	if (n == 0)
		return 0;
	if ((x.values = arena_array(mem, n, sizeof(*x.values))) == NULL)
		return -1;
	fill_defaults(table, &x);
	*out = x.faults == 0 ? x.values : NULL;
	return 0;
}
