/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "features/cell.h"
#include "util/when.h"

/* Howard Hinnant's civil calendar arithmetic: eras of 400 years from 1 March. */
int64_t cell_days(int64_t year, unsigned month, unsigned day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	unsigned yoe = (unsigned)(y - era * 400);
	unsigned doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + (int64_t)doe - 719468;
}

void cell_civil(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	unsigned doe = (unsigned)(z - era * 146097);
	unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	unsigned mp = (5 * doy + 2) / 153;

	*day = doy - (153 * mp + 2) / 5 + 1;
	*month = mp < 10 ? mp + 3 : mp - 9;
	*year = (int64_t)yoe + era * 400 + (*month <= 2);
}

/* Days since 1970. */
#define YEAR_0     (-719528)
#define YEAR_10000 2932897

size_t cell_date_format(double days, char out[32])
{
	int64_t day, year, left;
	unsigned m, d;
	size_t n;

	if (!(days > -800000 && days < 3000000)) {
		out[0] = '\0';
		return 0;
	}
	day = (int64_t)days - (days < (double)(int64_t)days);
	left = (int64_t)((days - (double)day) * 86400 + .5);
	if (left >= 86400) {
		left = 0;
		day++;
	}
	if (day >= YEAR_0 && day < YEAR_10000) {
		n = when_write_day(day, out);
		if (left == 0)
			return n;
		out[n++] = 'T';
		n += when_write_time((unsigned)left, out + n);
		out[n++] = 'Z';
		out[n] = '\0';
		return n;
	}
	cell_civil(day, &year, &m, &d);
	if (left == 0)
		return (size_t)snprintf(out, 32, "%04d-%02u-%02u", (int)year, m % 13, d % 32);
	return (size_t)snprintf(out, 32, "%04d-%02u-%02uT%02u:%02u:%02uZ", (int)year, m % 13,
		d % 32, (unsigned)(left / 3600) % 24, (unsigned)(left / 60 % 60),
		(unsigned)(left % 60));
}

static bool valid_day(int64_t y, unsigned m, unsigned d)
{
	static const unsigned char len[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

	return y >= 1900 && y <= 2199 && m >= 1 && m <= 12 && d >= 1 &&
	       d <= len[m - 1] + (m == 2 && leap ? 1u : 0u);
}

struct cursor {
	const char *p, *end;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char peek(const struct cursor *c)
{
	return c->p < c->end ? *c->p : '\0';
}

static bool take(struct cursor *c, char what)
{
	if (peek(c) != what || c->p == c->end)
		return false;
	c->p++;
	return true;
}

static bool skip_blanks(struct cursor *c)
{
	const char *from = c->p;

	for (;;) {
		if (peek(c) == ' ' || peek(c) == '\t')
			c->p++;
		else if (c->end - c->p >= 2 && memcmp(c->p, "\xC2\xA0", 2) == 0)
			c->p += 2;
		else if (c->end - c->p >= 3 && memcmp(c->p, "\xE2\x80\xAF", 3) == 0)
			c->p += 3; /* before AM and PM in some locales */
		else
			return c->p != from;
	}
}

/* Up to ${max} digits; returns how many. */
static unsigned take_digits(struct cursor *c, unsigned max, unsigned *out)
{
	unsigned n = 0;

	for (*out = 0; n < max && is_digit(peek(c)); n++)
		*out = *out * 10 + (unsigned)(*c->p++ - '0');
	return n;
}

/* A word of letters, lower case, accents of Latin-1 dropped. */
static size_t take_word(struct cursor *c, char out[16])
{
	static const char latin1[] = "aaaaaaaceeeeiiiidnooooo ouuuuyts"
				     "aaaaaaaceeeeiiiidnooooo ouuuuyty";
	size_t n = 0;

	while (c->p < c->end && n < 15) {
		unsigned char ch = (unsigned char)*c->p;

		if ((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z')) {
			out[n++] = (char)(ch | 0x20);
			c->p++;
		} else if (ch == 0xC3 && c->end - c->p >= 2) {
			unsigned at = (unsigned)(unsigned char)c->p[1] - 0x80;

			if (at >= sizeof(latin1) - 1 || latin1[at] == ' ')
				break;
			out[n++] = latin1[at];
			c->p += 2;
		} else {
			break;
		}
	}
	out[n] = '\0';
	return n;
}

static const struct {
	const char *name;
	unsigned char month;
} month_names[] = {
	{ "january", 1 },
	{ "januar", 1 },
	{ "janvier", 1 },
	{ "janeiro", 1 },
	{ "januari", 1 },
	{ "enero", 1 },
	{ "gennaio", 1 },
	{ "jaenner", 1 },
	{ "february", 2 },
	{ "februar", 2 },
	{ "fevrier", 2 },
	{ "fevereiro", 2 },
	{ "febrero", 2 },
	{ "febbraio", 2 },
	{ "februari", 2 },
	{ "march", 3 },
	{ "marz", 3 },
	{ "maerz", 3 },
	{ "mrz", 3 },
	{ "mars", 3 },
	{ "marzo", 3 },
	{ "marco", 3 },
	{ "maart", 3 },
	{ "mrt", 3 },
	{ "april", 4 },
	{ "avril", 4 },
	{ "abril", 4 },
	{ "aprile", 4 },
	{ "may", 5 },
	{ "mai", 5 },
	{ "mayo", 5 },
	{ "maio", 5 },
	{ "maggio", 5 },
	{ "mei", 5 },
	{ "june", 6 },
	{ "juni", 6 },
	{ "juin", 6 },
	{ "junio", 6 },
	{ "junho", 6 },
	{ "giugno", 6 },
	{ "july", 7 },
	{ "juli", 7 },
	{ "juillet", 7 },
	{ "julio", 7 },
	{ "julho", 7 },
	{ "luglio", 7 },
	{ "august", 8 },
	{ "aout", 8 },
	{ "agosto", 8 },
	{ "augustus", 8 },
	{ "september", 9 },
	{ "sept", 9 },
	{ "septembre", 9 },
	{ "septiembre", 9 },
	{ "setiembre", 9 },
	{ "setembro", 9 },
	{ "settembre", 9 },
	{ "october", 10 },
	{ "oktober", 10 },
	{ "octobre", 10 },
	{ "octubre", 10 },
	{ "outubro", 10 },
	{ "ottobre", 10 },
	{ "november", 11 },
	{ "novembre", 11 },
	{ "noviembre", 11 },
	{ "novembro", 11 },
	{ "december", 12 },
	{ "dezember", 12 },
	{ "decembre", 12 },
	{ "diciembre", 12 },
	{ "dezembro", 12 },
	{ "dicembre", 12 },
};

/* A month's name or the beginning of one, at least three letters; 0 where two months begin so. */
static unsigned month_of(const char *word, size_t n)
{
	unsigned found = 0;

	if (n < 3)
		return 0;
	for (size_t i = 0; i < sizeof(month_names) / sizeof(month_names[0]); i++) {
		if (strncmp(month_names[i].name, word, n) != 0)
			continue;
		if (found != 0 && found != month_names[i].month)
			return 0;
		found = month_names[i].month;
	}
	return found;
}

static bool take_month(struct cursor *c, unsigned *month)
{
	char word[16];
	size_t n = take_word(c, word);

	if (n == 0 || (*month = month_of(word, n)) == 0)
		return false;
	take(c, '.');
	return true;
}

/* Years of two digits: 00 to 68 are 20xx, as POSIX has it. */
static bool take_year(struct cursor *c, unsigned *year)
{
	unsigned n;

	take(c, '\''); /* Dec '25 */
	n = take_digits(c, 4, year);
	if (n == 2)
		*year += *year <= 68 ? 2000 : 1900;
	return (n == 4 || n == 2) && !is_digit(peek(c));
}

static void skip_filler(struct cursor *c)
{
	char word[16];

	for (;;) {
		struct cursor back;

		while (skip_blanks(c) || take(c, ',') || take(c, '-') || take(c, '/') ||
			take(c, '.'))
			;
		back = *c;
		if (take_word(c, word) == 0 ||
			(strcmp(word, "de") != 0 && strcmp(word, "of") != 0 &&
				strcmp(word, "del") != 0)) {
			*c = back;
			return;
		}
	}
}

/* What the date part said. */
struct parts {
	unsigned y, m, d;
	bool ambiguous; /* m and d may be exchanged */
	char votes;     /* 'd' day first, 'm' month first */
};

/* "7 Dec 2025", "7-Dec-25", "1. März 2024", "1er mars 2024", "7 de diciembre de 2024" */
static bool day_month_name(struct cursor *c, struct parts *out)
{
	char word[16];
	struct cursor back = *c;
	size_t n = take_word(c, word);

	if (!(n == 2 && (strcmp(word, "st") == 0 || strcmp(word, "nd") == 0 ||
				strcmp(word, "rd") == 0 || strcmp(word, "th") == 0 ||
				strcmp(word, "er") == 0)))
		*c = back;
	skip_filler(c);
	if (!take_month(c, &out->m))
		return false;
	skip_filler(c);
	return take_year(c, &out->y);
}

/* "Dec 7, 2025", "December 7th 2025" */
static bool month_name_first(struct cursor *c, struct parts *out)
{
	char word[16];
	unsigned n;

	if (!take_month(c, &out->m))
		return false;
	skip_filler(c);
	n = take_digits(c, 2, &out->d);
	if (n == 0 || is_digit(peek(c)))
		return false;
	take_word(c, word);
	skip_filler(c);
	return take_year(c, &out->y);
}

/* a/b/year: which is the day. */
static bool two_orders(unsigned a, unsigned b, char sep, enum cell_order order, struct parts *out)
{
	bool dmy = valid_day(out->y, b, a), mdy = valid_day(out->y, a, b);

	if (!dmy && !mdy)
		return false;
	/* Dots are written day first everywhere. */
	if (dmy && (!mdy || a == b || sep == '.' || order != ORDER_MDY)) {
		out->d = a;
		out->m = b;
	} else {
		out->m = a;
		out->d = b;
	}
	out->ambiguous = dmy && mdy && a != b && sep != '.';
	if (dmy != mdy)
		out->votes = dmy ? 'd' : 'm';
	return true;
}

static bool date_part(struct cursor *c, enum cell_order order, struct parts *out)
{
	unsigned a, b, n;
	char sep;

	if (!is_digit(peek(c)))
		return month_name_first(c, out);
	n = take_digits(c, 8, &a);
	sep = peek(c);
	if (n == 8 && !is_digit(sep)) { /* 20240315 */
		out->y = a / 10000;
		out->m = a / 100 % 100;
		out->d = a % 100;
		return true;
	}
	if (n == 4) {
		if (sep != '-' && sep != '/' && sep != '.')
			return false;
		c->p++;
		out->y = a;
		out->d = 1;
		if (take_digits(c, 2, &out->m) == 2 && c->p == c->end && sep == '-')
			return true; /* 2024-03 */
		if (out->m == 0 || !take(c, sep) || take_digits(c, 2, &out->d) == 0)
			return false;
		return !is_digit(peek(c));
	}
	if (n == 0 || n > 2)
		return false;
	if (sep == '-' || sep == '/' || sep == '.') {
		struct cursor back = *c;

		c->p++;
		if ((n = take_digits(c, 2, &b)) != 0) {
			return take(c, sep) && take_year(c, &out->y) &&
			       two_orders(a, b, sep, order, out);
		}
		*c = back;
	}
	out->d = a;
	return day_month_name(c, out);
}

/* Offsets in minutes of zone names people write. */
static const struct {
	const char *name;
	int minutes;
} zones[] = { { "z", 0 }, { "utc", 0 }, { "gmt", 0 }, { "est", -300 }, { "edt", -240 },
	{ "cst", -360 }, { "cdt", -300 }, { "mst", -420 }, { "mdt", -360 }, { "pst", -480 },
	{ "pdt", -420 }, { "cet", 60 }, { "cest", 120 }, { "mez", 60 }, { "mesz", 120 },
	{ "wet", 0 }, { "west", 60 }, { "bst", 60 }, { "eet", 120 }, { "eest", 180 },
	{ "msk", 180 }, { "ist", 330 }, { "jst", 540 }, { "aest", 600 }, { "aedt", 660 },
	{ "brt", -180 } };

static bool zone_offset(struct cursor *c, int *minutes)
{
	int sign;
	unsigned h, m = 0, n;

	if (peek(c) != '+' && peek(c) != '-')
		return true;
	sign = *c->p++ == '-' ? -1 : 1;
	n = take_digits(c, 4, &h);
	if (n == 4 || n == 3) {
		m = h % 100;
		h /= 100;
	} else if (n == 0) {
		return false;
	} else if (take(c, ':') && take_digits(c, 2, &m) != 2) {
		return false;
	}
	if (h > 14 || m > 59)
		return false;
	*minutes += sign * (int)(h * 60 + m);
	return true;
}

static bool zone_part(struct cursor *c, int *minutes)
{
	char word[16];

	*minutes = 0;
	skip_blanks(c);
	if (take_word(c, word) != 0) {
		size_t i = 0, n = sizeof(zones) / sizeof(zones[0]);

		while (i < n && strcmp(zones[i].name, word) != 0)
			i++;
		if (i == n)
			return false;
		*minutes = zones[i].minutes;
	}
	if (!zone_offset(c, minutes))
		return false;
	skip_blanks(c);
	if (peek(c) == '(') { /* (Central European Time) */
		while (c->p < c->end && *c->p != ')')
			c->p++;
		take(c, ')');
	}
	return true;
}

/* AM or PM where it stands; false when hour and half of the day do not go together. */
static bool half_day(struct cursor *c, unsigned *h)
{
	struct cursor back = *c;
	bool pm;

	skip_blanks(c);
	if (c->end - c->p < 2 || ((c->p[0] | 0x20) != 'a' && (c->p[0] | 0x20) != 'p')) {
		*c = back;
		return true;
	}
	pm = (c->p[0] | 0x20) == 'p';
	c->p++;
	take(c, '.');
	if ((peek(c) | 0x20) != 'm') {
		*c = back;
		return true; /* a zone such as AEST */
	}
	c->p++;
	take(c, '.');
	if (*h < 1 || *h > 12)
		return *h > 12 && *h < 24 && pm; /* 14:30 PM is written by careless programs */
	*h = *h % 12 + (pm ? 12 : 0);
	return true;
}

/* hh:mm[:ss[.fraction]] [AM] [zone]; fraction of a day into *out. */
static bool time_part(struct cursor *c, double *out)
{
	unsigned h, m = 0, s = 0, n;
	double fraction = 0, unit = .1;
	int zone;

	n = take_digits(c, 2, &h);
	if (n == 0)
		return false;
	if (take(c, ':') || take(c, 'h')) {
		if (take_digits(c, 2, &m) != 2)
			return false;
		if (take(c, ':') && take_digits(c, 2, &s) != 2)
			return false;
		if (take(c, '.') || take(c, ',')) {
			for (; is_digit(peek(c)); unit /= 10)
				fraction += unit * (*c->p++ - '0');
		}
	} else {
		struct cursor back = *c; /* "3 PM" */
		unsigned was = h;

		if (!half_day(c, &h) || c->p == back.p)
			return false;
		h = was;
		*c = back;
	}
	if (!half_day(c, &h) || !zone_part(c, &zone))
		return false;
	if (h > 24 || m > 59 || s > 60 || (h == 24 && (m != 0 || s != 0)))
		return false;
	*out = ((double)h * 3600 + (double)m * 60 + (double)s + fraction - zone * 60.0) / 86400;
	return true;
}

/* "Mon, ", "Friday ", "mar. " in front. */
static bool skip_weekday(struct cursor *c)
{
	static const char days[] =
		" sun mon tue wed thu fri sat son die mit don fre sam lun mar mer jeu "
		"ven dim mie jue vie sab dom seg ter qua qui sex gio zon maa din woe vri zat ";
	char word[16], key[6];

	if (take_word(c, word) < 3)
		return false;
	snprintf(key, sizeof(key), " %.3s ", word);
	if (strstr(days, key) == NULL)
		return false;
	take(c, '.');
	take(c, ',');
	return skip_blanks(c);
}

/* Date and time up to the end. */
static bool read_at(
	struct cursor c, enum cell_order order, struct parts *part, struct cell_date *out)
{
	double day = 0;
	char word[16];

	*part = (struct parts){ 0 };
	out->has_time = false;
	if (!date_part(&c, order, part) || !valid_day(part->y, part->m, part->d))
		return false;
	take(&c, ',');
	if (take(&c, 'T') || take(&c, 't') || (skip_blanks(&c) && c.p < c.end)) {
		if (take(&c, '-'))
			skip_blanks(&c);
		if (!is_digit(peek(&c)) && (take_word(&c, word) == 0 || strcmp(word, "at") != 0))
			return false;
		skip_blanks(&c);
		if (!time_part(&c, &day))
			return false;
		out->has_time = true;
	} else {
		take(&c, 'Z');
	}
	skip_blanks(&c);
	out->days = (double)cell_days(part->y, part->m, part->d) + day;
	return c.p == c.end;
}

static bool two_digits(const char *p, unsigned *out)
{
	unsigned a = (unsigned char)p[0] - '0', b = (unsigned char)p[1] - '0';

	*out = a * 10 + b;
	return a < 10 && b < 10;
}

/* 13:45:10 */
static bool iso_time(const char *p, double *day)
{
	unsigned h, m, s;

	if (!two_digits(p, &h) || p[2] != ':' || !two_digits(p + 3, &m) || p[5] != ':' ||
		!two_digits(p + 6, &s) || h > 23 || m > 59 || s > 59)
		return false;
	*day = (double)(h * 3600 + m * 60 + s) / 86400;
	return true;
}

/* 2026-03-31, 2026-03-31T13:45:10Z, 2026-03-31 13:45:10: as nearly all dates come, read at once.
 * What is another goes the long way, which reads these alike. */
static bool read_iso(struct str s, struct cell_date *out)
{
	unsigned century, y, m, d;
	const char *p = s.p;
	double time = 0;

	if (s.n != 10 && s.n != 19 && (s.n != 20 || p[19] != 'Z'))
		return false;
	if (!two_digits(p, &century) || !two_digits(p + 2, &y) || p[4] != '-' ||
		!two_digits(p + 5, &m) || p[7] != '-' || !two_digits(p + 8, &d))
		return false;
	y += century * 100;
	if (!valid_day(y, m, d))
		return false;
	out->has_time = s.n > 10;
	if (out->has_time && ((p[10] != 'T' && p[10] != ' ') || !iso_time(p + 11, &time)))
		return false;
	out->days = (double)cell_days(y, m, d) + time;
	return true;
}

static enum cell_result read_date(
	struct str s, enum cell_order order, struct cell_date *out, char *votes)
{
	struct cursor c;
	struct parts part;

	*votes = 0;
	s = str_trim(s);
	if (s.n > 1 && s.p[0] == '\'')
		s = str_sub(s, 1, s.n);
	if (s.n < 6 || s.n > 96)
		return CELL_NO;
	if (read_iso(s, out))
		return CELL_YES;
	c = (struct cursor){ s.p, s.p + s.n };
	if (!read_at(c, order, &part, out) &&
		(is_digit(*c.p) || !skip_weekday(&c) || !read_at(c, order, &part, out)))
		return CELL_NO;
	*votes = part.votes;
	return part.ambiguous ? CELL_AMBIGUOUS : CELL_YES;
}

enum cell_result cell_date(struct str s, enum cell_order order, struct cell_date *out)
{
	char votes;

	return read_date(s, order, out, &votes);
}

bool cell_unix(struct str s, struct cell_date *out)
{
	double x;

	s = str_trim(s);
	if (s.n > 2 && str_ends(s, S(".0")))
		s.n -= 2;
	if ((s.n != 9 && s.n != 10 && s.n != 13) || !is_digit(s.p[0]))
		return false;
	x = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (!is_digit(s.p[i]))
			return false;
		x = x * 10 + (s.p[i] - '0');
	}
	if (s.n == 13)
		x /= 1000;
	if (x < 946684800 || x >= 4102444800)
		return false;
	out->days = x / 86400;
	out->has_time = true;
	return true;
}

void cell_vote_date(struct cell_votes *v, struct str s)
{
	struct cell_date d;
	char votes;

	switch (read_date(s, ORDER_UNKNOWN, &d, &votes)) {
	case CELL_AMBIGUOUS:
		v->date_ambiguous++;
		break;
	case CELL_YES:
		v->dmy += votes == 'd';
		v->mdy += votes == 'm';
		break;
	case CELL_NO:
		break;
	}
}

enum cell_order cell_votes_order(const struct cell_votes *v)
{
	if (v->dmy == v->mdy)
		return ORDER_UNKNOWN;
	return v->dmy > v->mdy ? ORDER_DMY : ORDER_MDY;
}

void cell_votes_add(struct cell_votes *to, const struct cell_votes *from)
{
	to->dot += from->dot;
	to->comma += from->comma;
	to->number_ambiguous += from->number_ambiguous;
	to->dmy += from->dmy;
	to->mdy += from->mdy;
	to->date_ambiguous += from->date_ambiguous;
}
