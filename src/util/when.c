/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "util/when.h"

/* Both ways by Howard Hinnant's days_from_civil: eras of 400 years, years from March on. */
int64_t when_days(int64_t year, unsigned month, unsigned day)
{
	int64_t y = month <= 2 ? year - 1 : year, era = (y >= 0 ? y : y - 399) / 400;
	unsigned yoe = (unsigned)(y - era * 400);
	unsigned doy = (153 * (month + (month > 2 ? -3U : 9U)) + 2) / 5 + day - 1;
	unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + (int64_t)doe - 719468;
}

void when_civil(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
	int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
	unsigned doe = (unsigned)(z - era * 146097);
	unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;

	*day = doy - (153 * mp + 2) / 5 + 1;
	*month = mp < 10 ? mp + 3 : mp - 9;
	*year = (int64_t)yoe + era * 400 + (*month <= 2 ? 1 : 0);
}

int64_t when_floor_day(int64_t ms)
{
	int64_t rest = ms % WHEN_DAY_MS;

	return ms - (rest < 0 ? rest + WHEN_DAY_MS : rest);
}

/* ${x} below 100 in two digits. */
static char *put2(char *to, unsigned x)
{
	to[0] = (char)('0' + x / 10);
	to[1] = (char)('0' + x % 10);
	return to + 2;
}

size_t when_write_day(int64_t days, char out[11])
{
	unsigned month, day;
	int64_t year;
	char *to;

	when_civil(days, &year, &month, &day);
	to = put2(put2(out, (unsigned)year / 100 % 100), (unsigned)year % 100);
	*to++ = '-';
	to = put2(to, month);
	*to++ = '-';
	to = put2(to, day);
	*to = '\0';
	return (size_t)(to - out);
}

size_t when_write_time(unsigned second, char out[9])
{
	char *to = put2(out, second / 3600);

	*to++ = ':';
	to = put2(to, second / 60 % 60);
	*to++ = ':';
	to = put2(to, second % 60);
	*to = '\0';
	return (size_t)(to - out);
}

size_t when_write(int64_t ms, char out[WHEN_TEXT])
{
	const int64_t lo = when_days(0, 1, 1) * WHEN_DAY_MS;
	const int64_t hi = when_days(10000, 1, 1) * WHEN_DAY_MS - 1;
	int64_t at = ms < lo ? lo : ms > hi ? hi : ms, days = when_floor_day(at) / WHEN_DAY_MS;
	unsigned rest = (unsigned)(at - days * WHEN_DAY_MS);
	char *to = out + when_write_day(days, out);

	*to++ = 'T';
	to += when_write_time(rest / 1000, to);
	if (rest % 1000 != 0) {
		*to++ = '.';
		*to++ = (char)('0' + rest % 1000 / 100);
		to = put2(to, rest % 100);
	}
	*to++ = 'Z';
	*to = '\0';
	return (size_t)(to - out);
}

void when_write_http(int64_t second, char out[WHEN_HTTP])
{
	static const char days[] = "ThuFriSatSunMonTueWed"; /* 1970-01-01 was a Thursday */
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int64_t day = second / 86400, year;
	unsigned month, of_month;
	char *to = out;

	when_civil(day, &year, &month, &of_month);
	memcpy(to, days + 3 * (day % 7), 3);
	memcpy(to + 3, ", ", 2);
	to = put2(to + 5, of_month);
	*to++ = ' ';
	memcpy(to, months + 3 * (month - 1), 3);
	to[3] = ' ';
	to = put2(put2(to + 4, (unsigned)year / 100 % 100), (unsigned)year % 100);
	*to++ = ' ';
	to += when_write_time((unsigned)(second % 86400), to);
	memcpy(to, " GMT", 5);
}

/* --- reading --- */

/* Exactly ${n} digits off the front of ${s}, as a number from ${lo} to ${hi}. */
static bool digits(struct str *s, size_t n, unsigned lo, unsigned hi, unsigned *out)
{
	*out = 0;
	if (s->n < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			return false;
		*out = *out * 10 + (unsigned)(s->p[i] - '0');
	}
	*s = str_sub(*s, n, s->n);
	return *out >= lo && *out <= hi;
}

static bool mark(struct str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = str_sub(*s, 1, s->n);
	return true;
}

static unsigned days_of(unsigned year, unsigned month)
{
	static const unsigned char n[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return month == 2 && leap ? 29 : n[month - 1];
}

/* ".25" behind the seconds: milliseconds, further digits are dropped. */
static bool fraction(struct str *s, unsigned *ms)
{
	unsigned digit, scale = 100;
	size_t n = 0;

	*ms = 0;
	if (!mark(s, '.'))
		return true;
	for (; digits(s, 1, 0, 9, &digit); n++, scale /= 10)
		*ms += digit * scale;
	return n > 0 && n <= 9;
}

/* "Z", "+01:00" or nothing. */
static bool zone(struct str *s, int64_t *minutes)
{
	unsigned h, m;
	bool minus;

	*minutes = 0;
	if (s->n == 0 || mark(s, 'Z') || mark(s, 'z'))
		return true;
	minus = s->p[0] == '-';
	if (!mark(s, '+') && !mark(s, '-'))
		return false;
	if (!digits(s, 2, 0, 23, &h) || (mark(s, ':'), !digits(s, 2, 0, 59, &m)))
		return false;
	*minutes = (int64_t)(h * 60 + m) * (minus ? -1 : 1);
	return true;
}

static bool time_of_day(struct str *s, int64_t *ms)
{
	unsigned h, m, sec = 0, thousandth = 0;
	int64_t minutes;

	if (!digits(s, 2, 0, 23, &h) || !mark(s, ':') || !digits(s, 2, 0, 59, &m))
		return false;
	if (mark(s, ':') && (!digits(s, 2, 0, 60, &sec) || !fraction(s, &thousandth)))
		return false;
	if (!zone(s, &minutes))
		return false;
	sec = sec == 60 ? 59 : sec;
	*ms = ((int64_t)(h * 60 + m) * 60 + sec) * 1000 + thousandth - minutes * 60000;
	return true;
}

int when_read(struct str s, int64_t *ms, bool *day)
{
	unsigned year, month, d;
	int64_t in_day = 0;
	bool only_day;

	if (!digits(&s, 4, 0, 9999, &year) || !mark(&s, '-') || !digits(&s, 2, 1, 12, &month) ||
		!mark(&s, '-') || !digits(&s, 2, 1, 31, &d) || d > days_of(year, month))
		return -1;
	only_day = s.n == 0;
	if (!only_day && ((!mark(&s, 'T') && !mark(&s, 't') && !mark(&s, ' ')) ||
				 !time_of_day(&s, &in_day) || s.n != 0))
		return -1;
	*ms = when_days(year, month, d) * WHEN_DAY_MS + in_day;
	if (day != NULL)
		*day = only_day;
	return 0;
}
