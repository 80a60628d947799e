/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "features/cell.h"

#define MAX_RUNS 16

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static const double pow10_exact[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };

/* Correctly rounded up to 15 digits and 22 powers; beyond, off by a unit in the last place at
 * most, and the same on every run. */
static double scaled(uint64_t mantissa, int exponent)
{
	double x = (double)mantissa;

	while (exponent > 22) {
		x *= 1e22;
		exponent -= 22;
	}
	while (exponent < -22) {
		x /= 1e22;
		exponent += 22;
	}
	return exponent >= 0 ? x * pow10_exact[exponent] : x / pow10_exact[-exponent];
}

/* [-]digits[.digits], the shape of nearly every number; false where the long way must decide. */
static bool plain_number(struct str s, double *out)
{
	const char *p = s.p, *end = s.p + s.n;
	uint64_t m = 0;
	bool minus = false;
	const char *from, *dot = NULL;

	if (s.n == 0 || s.n > 16)
		return false;
	if (*p == '-') {
		minus = true;
		p++;
	}
	for (from = p; p < end && digit(*p); p++)
		m = m * 10 + (uint64_t)(*p - '0');
	if (p == from || p - from > 15)
		return false;
	if (p < end) {
		if (*p != '.')
			return false;
		for (dot = p++; p < end && digit(*p); p++)
			m = m * 10 + (uint64_t)(*p - '0');
		/* 1.234 may be one thousand: not plain. */
		if (p != end || end - dot == 4 || end - dot == 1)
			return false;
	}
	*out = dot != NULL ? (double)m / pow10_exact[end - dot - 1] : (double)m;
	if (minus)
		*out = -*out;
	return true;
}

static const char *const currency_words[] = { "R$", "US$", "A$", "C$", "NZ$", "HK$", "S$", "MX$",
	"$", "\xE2\x82\xAC" /* euro */, "\xC2\xA3" /* pound */, "\xC2\xA5" /* yen */,
	"\xE2\x82\xB9" /* rupee */, "\xE2\x82\xBD" /* ruble */, "\xE2\x82\xBA" /* lira */,
	"\xE2\x82\xA9" /* won */, "\xE2\x82\xAA" /* shekel */, "\xE2\x82\xB4" /* hryvnia */,
	"\xE2\x82\xAB" /* dong */, "\xE0\xB8\xBF" /* baht */, "z\xC5\x82", "K\xC4\x8D", "kr.", "kr",
	"Ft", "Rs.", "Rs", "lei", "USD", "EUR", "GBP", "JPY", "CHF", "AUD", "CAD", "NZD", "INR",
	"BRL", "MXN", "CNY", "RUB", "TRY", "KRW", "ZAR", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF",
	"RON", "SGD", "HKD", "AED", "SAR", "ILS", "THB", "IDR", "MYR", "PHP", "VND", "CLP", "COP",
	"ARS", "PEN", "UAH", "NGN", "KES", "EGP", "PKR", "BDT" };

static struct str without_currency(struct str s)
{
	/* Most cells end in a digit and begin with one. */
	if (s.n == 0 || (digit(s.p[0]) && digit(s.p[s.n - 1])))
		return s;
	for (size_t i = 0; i < sizeof(currency_words) / sizeof(currency_words[0]); i++) {
		struct str w = str_of(currency_words[i]);

		if (s.n > w.n && str_startsi(s, w))
			return str_trim(str_sub(s, w.n, s.n));
		if (s.n > w.n && str_eqi(str_sub(s, s.n - w.n, s.n), w))
			return str_trim(str_sub(s, 0, s.n - w.n));
	}
	return s;
}

/* The length of a blank or apostrophe between groups of digits at ${p}, or 0. */
static size_t group_gap(struct str s, size_t i)
{
	static const char *const gaps[] = { " ", "'", "\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x89",
		"\xE2\x80\x99" };

	for (size_t k = 0; k < sizeof(gaps) / sizeof(gaps[0]); k++) {
		struct str g = str_of(gaps[k]);

		if (str_starts(str_sub(s, i, s.n), g))
			return g.n;
	}
	return 0;
}

/* Digits in runs, with what stands before each run: '.', ',' or ' ' for any blank or apostrophe. */
struct runs {
	struct {
		char before;
		size_t at, n;
	} run[MAX_RUNS];
	size_t n;
	size_t dots, commas, gaps;
	int exponent;
	bool has_exponent;
};

static bool read_exponent(struct str s, size_t i, struct runs *r)
{
	int sign = 1, e = 0;
	size_t from;

	if (i + 1 < s.n && (s.p[i + 1] == '+' || s.p[i + 1] == '-'))
		sign = s.p[++i] == '-' ? -1 : 1;
	for (from = ++i; i < s.n && digit(s.p[i]) && i - from < 4; i++)
		e = e * 10 + (s.p[i] - '0');
	if (i != s.n || i == from || i - from > 3)
		return false;
	r->exponent = sign * e;
	r->has_exponent = true;
	return true;
}

static bool read_runs(struct str s, struct runs *r)
{
	size_t i = 0;
	char before = 0;

	*r = (struct runs){ .n = 0 };
	while (i < s.n) {
		size_t from = i, gap;

		while (i < s.n && digit(s.p[i]))
			i++;
		if ((i == from && before != 0) || r->n == MAX_RUNS)
			return false; /* two separators in a row */
		r->run[r->n].before = before;
		r->run[r->n].at = from;
		r->run[r->n++].n = i - from;
		if (i == s.n)
			break;
		if ((s.p[i] == 'e' || s.p[i] == 'E') && i != from)
			return read_exponent(s, i, r);
		if (s.p[i] == '.' || s.p[i] == ',') {
			before = s.p[i++];
			*(before == '.' ? &r->dots : &r->commas) += 1;
			if (i == s.n) { /* "5." */
				if (r->n == MAX_RUNS)
					return false;
				r->run[r->n].before = before;
				r->run[r->n].at = i;
				r->run[r->n++].n = 0;
			}
		} else if ((gap = group_gap(s, i)) != 0) {
			before = ' ';
			r->gaps++;
			i += gap;
			if (i == s.n)
				return false;
		} else {
			return false;
		}
	}
	return true;
}

/* Whether runs [0, n) are groups of thousands with ${sep} between: 1-3 digits, then threes; with
 * commas also the Indian way, 12,34,567. */
static bool groups(const struct runs *r, size_t n, char sep)
{
	if (n == 0 || r->run[0].n == 0 || r->run[0].n > 3)
		return n == 1 && r->run[0].n != 0;
	for (size_t i = 1; i < n; i++) {
		size_t len = r->run[i].n;

		if (r->run[i].before != sep)
			return false;
		if (len != 3 && !(sep == ',' && len == 2 && i + 1 < n && r->run[n - 1].n == 3))
			return false;
	}
	return true;
}

/* Decide which mark is decimal: '.', ',' or 0 for none; -1 when it is no number. */
static int decimal_of(const struct runs *r, enum cell_mark mark, bool *ambiguous, char *votes)
{
	size_t kinds = (r->dots != 0) + (r->commas != 0), k;
	char last = r->run[r->n - 1].before, sep;

	*ambiguous = false;
	*votes = 0;
	if (kinds == 0)
		return groups(r, r->n, ' ') ? 0 : -1;
	if (kinds == 2 || r->gaps != 0) {
		if (last == ' ' || *(last == '.' ? &r->dots : &r->commas) != 1)
			return -1;
		sep = r->gaps != 0 ? ' ' : last == '.' ? ',' : '.';
		if ((kinds == 2 && r->gaps != 0) || !groups(r, r->n - 1, sep))
			return -1;
		*votes = last;
		return last;
	}
	if (r->n > 2) { /* 1.234.567 */
		if (r->has_exponent || !groups(r, r->n, last))
			return -1;
		*votes = last == '.' ? ',' : '.';
		return 0;
	}
	k = r->run[0].n;
	if (k == 0 && r->run[1].n == 0)
		return -1;
	*ambiguous = r->run[1].n == 3 && k >= 1 && k <= 3 && !r->has_exponent;
	if (!*ambiguous) {
		*votes = last;
		return last;
	}
	return last == (mark == MARK_COMMA ? ',' : '.') ? last : 0;
}

static double runs_value(struct str s, const struct runs *r, int decimal)
{
	uint64_t m = 0;
	int digits = 0, exponent = r->exponent;

	for (size_t i = 0; i < r->n; i++) {
		bool fraction =
			i != 0 && decimal != 0 && r->run[i].before == decimal && i + 1 == r->n;

		for (size_t j = 0; j < r->run[i].n; j++) {
			unsigned d = (unsigned)(s.p[r->run[i].at + j] - '0');

			if (digits < 18) {
				m = m * 10 + d;
				digits += m != 0;
				exponent -= fraction;
			} else {
				exponent += !fraction;
			}
		}
	}
	return m == 0 ? 0 : scaled(m, exponent);
}

/* The number without sign, currency and the like. */
static enum cell_result body_number(struct str s, enum cell_mark mark, double *out, char *votes)
{
	struct runs r;
	bool ambiguous;
	int decimal;

	*votes = 0;
	if (s.n == 0 || s.n > 64 || !read_runs(s, &r))
		return CELL_NO;
	if ((decimal = decimal_of(&r, mark, &ambiguous, votes)) < 0)
		return CELL_NO;
	/* A zero in front makes no thousands: 0.123, 01.234. */
	if (ambiguous && s.p[0] == '0') {
		decimal = *votes = r.run[1].before;
		ambiguous = false;
	}
	*out = runs_value(s, &r, decimal);
	if (!isfinite(*out))
		return CELL_NO;
	return ambiguous ? CELL_AMBIGUOUS : CELL_YES;
}

/* "4 / 5": the first figure, where it is one out of the second. */
static enum cell_result out_of(struct str s, enum cell_mark mark, double *out)
{
	struct str a, b;
	double whole;
	char votes;

	if (!str_split(s, '/', &a, &b))
		return CELL_NO;
	a = str_trim(a);
	b = str_trim(b);
	if (body_number(a, mark, out, &votes) == CELL_NO ||
		body_number(b, mark, &whole, &votes) == CELL_NO)
		return CELL_NO;
	return *out <= whole && whole <= 100 && whole > 0 ? CELL_YES : CELL_NO;
}

/* "1:05", "00:03:25", "00:03:25.5": hours, minutes, seconds in the smallest unit written. */
static enum cell_result duration(struct str s, double *out)
{
	double total = 0, unit = .1;
	size_t i = 0, parts = 0;

	for (;;) {
		size_t from = i;
		double part = 0;

		while (i < s.n && digit(s.p[i]))
			part = part * 10 + (s.p[i++] - '0');
		if (i == from || i - from > 4 || (parts != 0 && (i - from != 2 || part > 59)))
			return CELL_NO;
		total = total * 60 + part;
		parts++;
		if (i == s.n || s.p[i] != ':')
			break;
		i++;
	}
	if (i < s.n && s.p[i] == '.' && parts == 3 && i + 1 < s.n) {
		for (i++; i < s.n && digit(s.p[i]); i++, unit /= 10)
			total += unit * (s.p[i] - '0');
	}
	*out = total;
	return i == s.n && (parts == 2 || parts == 3) ? CELL_YES : CELL_NO;
}

/* Takes a sign or brackets off; true when the number is negative. */
static bool take_sign(struct str *s)
{
	if (s->n > 2 && s->p[0] == '(' && s->p[s->n - 1] == ')') {
		*s = str_trim(str_sub(*s, 1, s->n - 1));
		return true;
	}
	if (s->n > 1 && (s->p[0] == '-' || s->p[0] == '+')) {
		bool minus = s->p[0] == '-';

		*s = str_trim(str_sub(*s, 1, s->n));
		return minus;
	}
	if (str_starts(*s, S("\xE2\x88\x92"))) { /* U+2212 */
		*s = str_trim(str_sub(*s, 3, s->n));
		return true;
	}
	return false;
}

/* Without a digit, or with more letters than a currency and the exponents of two numbers have: most
 * texts, and never a number. */
static bool no_number(struct str s)
{
	size_t digits = 0, letters = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = (char)(s.p[i] | 0x20);

		digits += digit(s.p[i]);
		letters += c >= 'a' && c <= 'z';
	}
	return digits == 0 || letters > 3 + 2;
}

static enum cell_result any_number(struct str s, enum cell_mark mark, double *out, char *votes)
{
	enum cell_result r;
	bool minus;

	*votes = 0;
	s = str_trim(s);
	if (s.n > 1 && s.p[0] == '\'')
		s = str_trim(str_sub(s, 1, s.n));
	if (s.n == 0 || s.n > 64 || no_number(s))
		return CELL_NO;
	minus = take_sign(&s);
	s = without_currency(s);
	if (!minus)
		minus = take_sign(&s); /* $ -5 */
	if (s.n > 1 && (s.p[s.n - 1] == '%' || s.p[s.n - 1] == '+'))
		s = str_trim(str_sub(s, 0, s.n - 1));
	else if (s.n > 1 && s.p[s.n - 1] == '-' && digit(s.p[0])) { /* SAP writes 100- */
		s = str_sub(s, 0, s.n - 1);
		minus = true;
	}
	r = body_number(s, mark, out, votes);
	if (r == CELL_NO && str_chr(s, '/') > 0)
		r = out_of(s, mark, out);
	if (r == CELL_NO && str_chr(s, ':') > 0)
		r = duration(s, out);
	if (r != CELL_NO && minus)
		*out = -*out;
	return r;
}

enum cell_result cell_number(struct str s, enum cell_mark mark, double *out)
{
	char votes;

	if (plain_number(s, out))
		return CELL_YES;
	return any_number(s, mark, out, &votes);
}

void cell_vote_number(struct cell_votes *v, struct str s)
{
	double x;
	char votes;

	switch (any_number(s, MARK_UNKNOWN, &x, &votes)) {
	case CELL_AMBIGUOUS:
		v->number_ambiguous++;
		break;
	case CELL_YES:
		v->dot += votes == '.';
		v->comma += votes == ',';
		break;
	case CELL_NO:
		break;
	}
}

enum cell_mark cell_votes_mark(const struct cell_votes *v)
{
	if (v->dot == v->comma)
		return MARK_UNKNOWN;
	return v->dot > v->comma ? MARK_DOT : MARK_COMMA;
}
