/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/utf8.h"
#include "util/xlsx_internal.h"

enum xlsx_kind xlsx_format_builtin(long id)
{
	if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id == 36 ||
		(id >= 50 && id <= 54) || id == 57 || id == 58)
		return XLSX_DATE;
	if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || (id >= 45 && id <= 47) ||
		id == 55 || id == 56)
		return XLSX_TIME;
	return id == 22 ? XLSX_DATETIME : XLSX_NUMBER;
}

/* Letters of dates outside quotes, escapes and brackets decide; [h] is a time too. */
enum xlsx_kind xlsx_format_code(struct str f)
{
	bool date = false, time = false, month = false;

	if (str_startsi(f, S("general")))
		return XLSX_NUMBER;
	for (size_t i = 0; i < f.n && f.p[i] != ';'; i++) {
		char c = f.p[i] >= 'A' && f.p[i] <= 'Z' ? (char)(f.p[i] + 32) : f.p[i];
		ptrdiff_t end;

		if (c == '"' || c == '[') {
			struct str rest = str_sub(f, i + 1, f.n);

			if ((end = str_chr(rest, c == '"' ? '"' : ']')) < 0)
				break;
			if (c == '[' && rest.n != 0 && strchr("hHmMsS", rest.p[0]) != NULL &&
				end <= 2)
				time = true;
			i += (size_t)end + 1;
		} else if (c == '\\' || c == '_' || c == '*') {
			i++;
		} else if (c == 'y' || c == 'd') {
			date = true;
		} else if (c == 'h' || c == 's') {
			time = true;
		} else if (c == 'm') {
			month = true;
		} else if (c == 'e' && i + 1 < f.n && (f.p[i + 1] == '+' || f.p[i + 1] == '-')) {
			return XLSX_NUMBER;
		}
	}
	if (month && !time)
		date = true;
	if (date)
		return time ? XLSX_DATETIME : XLSX_DATE;
	return time ? XLSX_TIME : XLSX_NUMBER;
}

/* Civil date of a day number, 0 = 1970-01-01 (Howard Hinnant's days algorithm). */
static void civil(long day, int *y, int *m, int *d)
{
	long era, doe, yoe, doy, mp;

	day += 719468;
	era = (day >= 0 ? day : day - 146096) / 146097;
	doe = day - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	*d = (int)(doy - (153 * mp + 2) / 5 + 1);
	*m = (int)(mp < 10 ? mp + 3 : mp - 9);
	*y = (int)(yoe + era * 400 + (*m <= 2));
}

static void put_time(struct buf *to, long ms)
{
	buf_fmt(to, "%02ld:%02ld:%02ld", ms / 3600000, ms / 60000 % 60, ms / 1000 % 60);
	if (ms % 1000 != 0)
		buf_fmt(to, ".%03ld", ms % 1000);
}

static void put_date(double serial, enum xlsx_kind kind, bool from1904, struct buf *to)
{
	long day = (long)floor(serial), ms = lround((serial - floor(serial)) * 86400000);
	int y, m, d;

	if (ms == 86400000) {
		day++;
		ms = 0;
	}
	if (kind == XLSX_TIME) {
		put_time(to, day * 86400000 + ms);
		return;
	}
	/* Day 60 of the 1900 system is a 29 February that never was; days before it are one off. */
	civil(from1904 ? day - 24107 : day - 25569 + (day < 60), &y, &m, &d);
	buf_fmt(to, "%04d-%02d-%02d", y, m, d);
	if (kind == XLSX_DATETIME || ms != 0) {
		buf_c(to, 'T');
		put_time(to, ms);
	}
}

static bool plain_digits(struct str v)
{
	size_t i = v.n != 0 && v.p[0] == '-';

	if (v.n - i == 0 || v.n - i > 15)
		return false;
	for (; i < v.n; i++) {
		if (v.p[i] < '0' || v.p[i] > '9')
			return false;
	}
	return true;
}

void xlsx_value(struct str v, enum xlsx_kind kind, bool from1904, struct buf *to)
{
	char text[64], *end;
	double x;

	v = str_trim(v);
	if (v.n == 0 || v.n >= sizeof(text) || (kind == XLSX_NUMBER && plain_digits(v))) {
		buf_str(to, v);
		return;
	}
	memcpy(text, v.p, v.n);
	text[v.n] = '\0';
	x = strtod(text, &end);
	if (end != text + v.n || !isfinite(x)) {
		buf_str(to, v);
		return;
	}
	/* Up to 9999-12-31. */
	if (kind != XLSX_NUMBER && x >= 0 && x < 2958466 - (from1904 ? 1462 : 0))
		put_date(x, kind, from1904, to);
	else if (fabs(x) < 1e15 && x == floor(x))
		buf_fmt(to, "%.0f", x == 0 ? 0 : x);
	else
		buf_num(to, x);
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void xlsx_unescape(struct str s, struct buf *to)
{
	ptrdiff_t at;

	while ((at = str_find(s, S("_x"))) >= 0) {
		const char *p = s.p + at;
		uint32_t cp = 0;
		char out[4];
		bool ok = s.n - (size_t)at >= 7 && p[6] == '_';

		for (int i = 2; ok && i < 6; i++) {
			ok = hex(p[i]) >= 0;
			cp = cp << 4 | (uint32_t)(hex(p[i]) & 15);
		}
		/* Halves of pairs and most control characters have no place in text. */
		ok = ok && !(cp >= 0xD800 && cp <= 0xDFFF);
		buf_bytes(to, s.p, (size_t)at + (ok ? 0 : 2));
		if (ok && (cp >= ' ' || cp == '\t' || cp == '\n' || cp == '\r'))
			buf_bytes(to, out, utf8_put(out, cp));
		s = str_sub(s, (size_t)at + (ok ? 7 : 2), s.n);
	}
	buf_str(to, s);
}
