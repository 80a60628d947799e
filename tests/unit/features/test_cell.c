/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>

#include "features/cell.h"
#include "util/rng.h"

struct number_case {
	const char *cell;
	enum cell_mark mark;
	enum cell_result result;
	double value;
};

static const struct number_case numbers[] = {
	{ "", MARK_UNKNOWN, CELL_NO, 0 },
	{ "   ", MARK_UNKNOWN, CELL_NO, 0 },
	{ "-", MARK_UNKNOWN, CELL_NO, 0 },
	{ ".", MARK_UNKNOWN, CELL_NO, 0 },
	{ ",", MARK_UNKNOWN, CELL_NO, 0 },
	{ "()", MARK_UNKNOWN, CELL_NO, 0 },
	{ "%", MARK_UNKNOWN, CELL_NO, 0 },
	{ "$", MARK_UNKNOWN, CELL_NO, 0 },
	{ "nan", MARK_UNKNOWN, CELL_NO, 0 },
	{ "NaN", MARK_UNKNOWN, CELL_NO, 0 },
	{ "inf", MARK_UNKNOWN, CELL_NO, 0 },
	{ "-Infinity", MARK_UNKNOWN, CELL_NO, 0 },
	{ "0x1F", MARK_UNKNOWN, CELL_NO, 0 },
	{ "1e999", MARK_UNKNOWN, CELL_NO, 0 },
	{ "1e", MARK_UNKNOWN, CELL_NO, 0 },
	{ "1e5x", MARK_UNKNOWN, CELL_NO, 0 },
	{ "1.2.3", MARK_UNKNOWN, CELL_NO, 0 },
	{ "192.168.1.1", MARK_UNKNOWN, CELL_NO, 0 },
	{ "1,,234", MARK_UNKNOWN, CELL_NO, 0 },
	{ "1,234,56", MARK_UNKNOWN, CELL_NO, 0 },
	{ "12 34", MARK_UNKNOWN, CELL_NO, 0 },
	{ "+49 170 1234567", MARK_UNKNOWN, CELL_NO, 0 },
	{ "+1-555-1913", MARK_UNKNOWN, CELL_NO, 0 },
	{ "2024-03-15", MARK_UNKNOWN, CELL_NO, 0 },
	{ "04/09/2026", MARK_UNKNOWN, CELL_NO, 0 },
	{ "\xFF\xFE", MARK_UNKNOWN, CELL_NO, 0 },
	{ "X1", MARK_UNKNOWN, CELL_NO, 0 },
	{ "5 apples", MARK_UNKNOWN, CELL_NO, 0 },
	{ "0", MARK_UNKNOWN, CELL_YES, 0 },
	{ "-0", MARK_UNKNOWN, CELL_YES, 0 },
	{ "007", MARK_UNKNOWN, CELL_YES, 7 },
	{ "3.0", MARK_UNKNOWN, CELL_YES, 3 },
	{ "3", MARK_COMMA, CELL_YES, 3 },
	{ "5.", MARK_UNKNOWN, CELL_YES, 5 },
	{ ".5", MARK_UNKNOWN, CELL_YES, .5 },
	{ ",5", MARK_UNKNOWN, CELL_YES, .5 },
	{ "-36.4", MARK_COMMA, CELL_YES, -36.4 },
	{ "0.123", MARK_COMMA, CELL_YES, .123 },
	{ "0,123", MARK_DOT, CELL_YES, .123 },
	{ "1234.567", MARK_COMMA, CELL_YES, 1234.567 },
	{ "2,500.50", MARK_UNKNOWN, CELL_YES, 2500.5 },
	{ "2.500,50", MARK_UNKNOWN, CELL_YES, 2500.5 },
	{ "2 500,50", MARK_UNKNOWN, CELL_YES, 2500.5 },
	{ "2\xC2\xA0"
	  "500,50",
		MARK_DOT, CELL_YES, 2500.5 },
	{ "2\xE2\x80\xAF"
	  "500",
		MARK_UNKNOWN, CELL_YES, 2500 },
	{ "2'500.50", MARK_UNKNOWN, CELL_YES, 2500.5 },
	{ "2\xE2\x80\x99"
	  "500",
		MARK_UNKNOWN, CELL_YES, 2500 },
	{ "1,234,567", MARK_UNKNOWN, CELL_YES, 1234567 },
	{ "1.234.567", MARK_UNKNOWN, CELL_YES, 1234567 },
	{ "12,34,567.80", MARK_UNKNOWN, CELL_YES, 1234567.8 },
	{ "1,234", MARK_UNKNOWN, CELL_AMBIGUOUS, 1234 },
	{ "1,234", MARK_DOT, CELL_AMBIGUOUS, 1234 },
	{ "1,234", MARK_COMMA, CELL_AMBIGUOUS, 1.234 },
	{ "1.234", MARK_UNKNOWN, CELL_AMBIGUOUS, 1.234 },
	{ "1.234", MARK_COMMA, CELL_AMBIGUOUS, 1234 },
	{ "93.994", MARK_DOT, CELL_AMBIGUOUS, 93.994 },
	{ "$2,500.50", MARK_UNKNOWN, CELL_YES, 2500.5 },
	{ "2.500,50 \xE2\x82\xAC", MARK_UNKNOWN, CELL_YES, 2500.5 },
	{ "EUR 12,5", MARK_UNKNOWN, CELL_YES, 12.5 },
	{ "12 USD", MARK_UNKNOWN, CELL_YES, 12 },
	{ "R$ 1.500,00", MARK_UNKNOWN, CELL_YES, 1500 },
	{ "-$5", MARK_UNKNOWN, CELL_YES, -5 },
	{ "$ -5", MARK_UNKNOWN, CELL_YES, -5 },
	{ "(100)", MARK_UNKNOWN, CELL_YES, -100 },
	{ "($1,500.00)", MARK_UNKNOWN, CELL_YES, -1500 },
	{ "100-", MARK_UNKNOWN, CELL_YES, -100 },
	{ "50%", MARK_UNKNOWN, CELL_YES, 50 },
	{ "12,5 %", MARK_UNKNOWN, CELL_YES, 12.5 },
	{ "4 / 5", MARK_UNKNOWN, CELL_YES, 4 },
	{ "4/5", MARK_UNKNOWN, CELL_YES, 4 },
	{ "9 / 5", MARK_UNKNOWN, CELL_NO, 0 },
	{ "14+", MARK_UNKNOWN, CELL_YES, 14 },
	{ "1e5", MARK_UNKNOWN, CELL_YES, 1e5 },
	{ "1.5E-3", MARK_UNKNOWN, CELL_YES, 1.5e-3 },
	{ "'12", MARK_UNKNOWN, CELL_YES, 12 },
	{ "00:03:25", MARK_UNKNOWN, CELL_YES, 205 },
	{ "14:30", MARK_UNKNOWN, CELL_YES, 870 },
	{ "100:00:00.5", MARK_UNKNOWN, CELL_YES, 360000.5 },
	{ "16:9", MARK_UNKNOWN, CELL_NO, 0 },
	{ "10:75", MARK_UNKNOWN, CELL_NO, 0 },
	{ "1:02:03:04", MARK_UNKNOWN, CELL_NO, 0 },
	{ ":30", MARK_UNKNOWN, CELL_NO, 0 },
	{ "10:", MARK_UNKNOWN, CELL_NO, 0 },
	{ " 12\xC2\xA0", MARK_UNKNOWN, CELL_YES, 12 },
	{ "1234567890123456789012", MARK_UNKNOWN, CELL_YES, 1234567890123456789012.0 },
	{ "0.30000000000000004", MARK_UNKNOWN, CELL_YES, .30000000000000004 },
};

static void test_numbers_are_read_as_people_write_them(void **state)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		const struct number_case *c = &numbers[i];
		double x = 0;
		enum cell_result r = cell_number(str_of(c->cell), c->mark, &x);

		if (r != c->result || (r != CELL_NO && fabs(x - c->value) > 1e-12 * fabs(c->value)))
			fail_msg("\"%s\" gave %d, %.17g", c->cell, r, x);
	}
}

static double at(int64_t y, unsigned m, unsigned d, double h, double min, double s)
{
	return (double)cell_days(y, m, d) + (h * 3600 + min * 60 + s) / 86400;
}

struct date_case {
	const char *cell;
	enum cell_order order;
	enum cell_result result;
	int y, m, d;
	double h, min, s;
};

static const struct date_case dates[] = {
	{ "", ORDER_UNKNOWN, CELL_NO, 0, 0, 0, 0, 0, 0 },
	{ "2024", ORDER_UNKNOWN, CELL_NO, 0, 0, 0, 0, 0, 0 },
	{ "2024-02-30", ORDER_UNKNOWN, CELL_NO, 0, 0, 0, 0, 0, 0 },
	{ "2023-02-29", ORDER_UNKNOWN, CELL_NO, 0, 0, 0, 0, 0, 0 },
	{ "1900-02-29", ORDER_UNKNOWN, CELL_NO, 0, 0, 0, 0, 0, 0 },
	{ "2024-13-01", ORDER_UNKNOWN, CELL_NO, 0, 0, 0, 0, 0, 0 },
	{ "2024-00-10", ORDER_UNKNOWN, CELL_NO, 0, 0, 0, 0, 0, 0 },
	{ "31/31/2024", ORDER_UNKNOWN, CELL_NO, 0, 0, 0, 0, 0, 0 },
	{ "1.2.3", ORDER_UNKNOWN, CELL_NO, 0, 0, 0, 0, 0, 0 },
	{ "192.168.10.1", ORDER_UNKNOWN, CELL_NO, 0, 0, 0, 0, 0, 0 },
	{ "2024-03-15T25:00:00", ORDER_UNKNOWN, CELL_NO, 0, 0, 0, 0, 0, 0 },
	{ "2024-03-15 10:61", ORDER_UNKNOWN, CELL_NO, 0, 0, 0, 0, 0, 0 },
	{ "2024-03-15 or so", ORDER_UNKNOWN, CELL_NO, 0, 0, 0, 0, 0, 0 },
	{ "7 Jui 2024", ORDER_UNKNOWN, CELL_NO, 0, 0, 0, 0, 0, 0 },
	{ "+1-555-1913", ORDER_UNKNOWN, CELL_NO, 0, 0, 0, 0, 0, 0 },
	{ "0000-00-00", ORDER_UNKNOWN, CELL_NO, 0, 0, 0, 0, 0, 0 },
	{ "0001-01-01", ORDER_UNKNOWN, CELL_NO, 0, 0, 0, 0, 0, 0 },
	{ "2024-02-29", ORDER_UNKNOWN, CELL_YES, 2024, 2, 29, 0, 0, 0 },
	{ "2000-02-29", ORDER_UNKNOWN, CELL_YES, 2000, 2, 29, 0, 0, 0 },
	{ "2024-03-15T14:30:00.000Z", ORDER_UNKNOWN, CELL_YES, 2024, 3, 15, 14, 30, 0 },
	{ "2026-09-04T11:17:13-05:00", ORDER_UNKNOWN, CELL_YES, 2026, 9, 4, 16, 17, 13 },
	{ "2026-09-04T01:00:00+0530", ORDER_UNKNOWN, CELL_YES, 2026, 9, 3, 19, 30, 0 },
	{ "2024-03-12 09:14", ORDER_UNKNOWN, CELL_YES, 2024, 3, 12, 9, 14, 0 },
	{ "2013-06-25 17:38:27", ORDER_UNKNOWN, CELL_YES, 2013, 6, 25, 17, 38, 27 },
	{ "2024-01-15 10:30:00.12345+00:00", ORDER_UNKNOWN, CELL_YES, 2024, 1, 15, 10, 30, .12345 },
	{ "2024-01-15 10:30:00 UTC", ORDER_UNKNOWN, CELL_YES, 2024, 1, 15, 10, 30, 0 },
	{ "3/15/2024 2:30 PM", ORDER_DMY, CELL_YES, 2024, 3, 15, 14, 30, 0 },
	{ "3/15/2024 12:05 AM", ORDER_UNKNOWN, CELL_YES, 2024, 3, 15, 0, 5, 0 },
	{ "3/15/2024 12:05 p.m.", ORDER_UNKNOWN, CELL_YES, 2024, 3, 15, 12, 5, 0 },
	{ "04/09/2026", ORDER_UNKNOWN, CELL_AMBIGUOUS, 2026, 9, 4, 0, 0, 0 },
	{ "04/09/2026", ORDER_DMY, CELL_AMBIGUOUS, 2026, 9, 4, 0, 0, 0 },
	{ "04/09/2026", ORDER_MDY, CELL_AMBIGUOUS, 2026, 4, 9, 0, 0, 0 },
	{ "04/04/2026", ORDER_MDY, CELL_YES, 2026, 4, 4, 0, 0, 0 },
	{ "04.09.2026", ORDER_MDY, CELL_YES, 2026, 9, 4, 0, 0, 0 },
	{ "31/01/2026", ORDER_MDY, CELL_YES, 2026, 1, 31, 0, 0, 0 },
	{ "01-02-2018", ORDER_DMY, CELL_AMBIGUOUS, 2018, 2, 1, 0, 0, 0 },
	{ "9/18/25", ORDER_UNKNOWN, CELL_YES, 2025, 9, 18, 0, 0, 0 },
	{ "9/18/70", ORDER_UNKNOWN, CELL_YES, 1970, 9, 18, 0, 0, 0 },
	{ "07 Dec 2025", ORDER_UNKNOWN, CELL_YES, 2025, 12, 7, 0, 0, 0 },
	{ "7-Dec-25", ORDER_UNKNOWN, CELL_YES, 2025, 12, 7, 0, 0, 0 },
	{ "Dec 7, 2025 3:04 PM", ORDER_UNKNOWN, CELL_YES, 2025, 12, 7, 15, 4, 0 },
	{ "December 7th, 2025 at 15:04", ORDER_UNKNOWN, CELL_YES, 2025, 12, 7, 15, 4, 0 },
	{ "Sun, 07 Dec 2025 10:00:00 GMT", ORDER_UNKNOWN, CELL_YES, 2025, 12, 7, 10, 0, 0 },
	{ "Mar 7, 2025", ORDER_UNKNOWN, CELL_YES, 2025, 3, 7, 0, 0, 0 },
	{ "mar. 12 mars 2024", ORDER_UNKNOWN, CELL_YES, 2024, 3, 12, 0, 0, 0 },
	{ "1. M\xC3\xA4rz 2024", ORDER_UNKNOWN, CELL_YES, 2024, 3, 1, 0, 0, 0 },
	{ "1er f\xC3\xA9vrier 2024", ORDER_UNKNOWN, CELL_YES, 2024, 2, 1, 0, 0, 0 },
	{ "7 de diciembre de 2024", ORDER_UNKNOWN, CELL_YES, 2024, 12, 7, 0, 0, 0 },
	{ "7 ao\xC3\xBBt 2024", ORDER_UNKNOWN, CELL_YES, 2024, 8, 7, 0, 0, 0 },
	{ "2026/09/27 3:00:00 PM GMT+3", ORDER_UNKNOWN, CELL_YES, 2026, 9, 27, 12, 0, 0 },
	{ "2024-03", ORDER_UNKNOWN, CELL_YES, 2024, 3, 1, 0, 0, 0 },
	{ "2024-13", ORDER_UNKNOWN, CELL_NO, 0, 0, 0, 0, 0, 0 },
	{ "2024-3", ORDER_UNKNOWN, CELL_NO, 0, 0, 0, 0, 0, 0 },
	{ "20240315", ORDER_UNKNOWN, CELL_YES, 2024, 3, 15, 0, 0, 0 },
	{ "'2024-03-15", ORDER_UNKNOWN, CELL_YES, 2024, 3, 15, 0, 0, 0 },
	{ "Fri Mar 15 2024 14:30:00 GMT+0100 (Central European Standard Time)", ORDER_UNKNOWN,
		CELL_YES, 2024, 3, 15, 13, 30, 0 },
	{ "Fri Mar 15 2024 14:30:00 GMT+0100 (CET)", ORDER_UNKNOWN, CELL_YES, 2024, 3, 15, 13, 30,
		0 },
};

static void test_dates_are_read_as_exports_write_them(void **state)
{
	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		const struct date_case *c = &dates[i];
		struct cell_date d = { 0 };
		enum cell_result r = cell_date(str_of(c->cell), c->order, &d);
		double want = at(c->y, (unsigned)c->m, (unsigned)c->d, c->h, c->min, c->s);

		if (r != c->result || (r != CELL_NO && fabs(d.days - want) > 1e-9))
			fail_msg("\"%s\" gave %d, %.9f, not %.9f", c->cell, r, d.days, want);
	}
}

/* The same moment as most files write it, which is read at once, and in a way that is not. */
static void two_ways(const unsigned v[6], size_t way, char iso[40], char other[40])
{
#define DAY  v[0], v[1], v[2]
#define TIME v[3], v[4], v[5]
	switch (way) {
	case 0:
		snprintf(iso, 40, "%04u-%02u-%02u", DAY);
		snprintf(other, 40, "%04u/%02u/%02u", DAY);
		break;
	case 1:
		snprintf(iso, 40, "%04u-%02u-%02uT%02u:%02u:%02uZ", DAY, TIME);
		snprintf(other, 40, "%04u/%02u/%02u %02u:%02u:%02u UTC", DAY, TIME);
		break;
	case 2:
		snprintf(iso, 40, "%04u-%02u-%02uT%02u:%02u:%02u", DAY, TIME);
		snprintf(other, 40, "%04u.%02u.%02u %02u:%02u:%02u", DAY, TIME);
		break;
	default:
		snprintf(iso, 40, "%04u-%02u-%02u %02u:%02u:%02u", DAY, TIME);
		snprintf(other, 40, "%04u/%02u/%02ut%02u:%02u:%02u", DAY, TIME);
	}
#undef DAY
#undef TIME
}

static void test_iso_dates_are_read_as_any_other(void **state)
{
	size_t read = 0;
	struct rng r;

	rng_seed(&r, 11);
	for (int i = 0; i < 200000; i++) {
		unsigned v[6] = { 1880 + (unsigned)rng_below(&r, 340), (unsigned)rng_below(&r, 14),
			(unsigned)rng_below(&r, 33), (unsigned)rng_below(&r, 26),
			(unsigned)rng_below(&r, 62), (unsigned)rng_below(&r, 62) };
		struct cell_date a = { 0 }, b = { 0 };
		char iso[40], other[40];
		enum cell_result found;

		two_ways(v, rng_below(&r, 4), iso, other);
		found = cell_date(str_of(iso), ORDER_UNKNOWN, &a);
		if (found != cell_date(str_of(other), ORDER_UNKNOWN, &b) ||
			(found == CELL_YES && (a.days != b.days || a.has_time != b.has_time)))
			fail_msg("%s is %.17g, %s is %.17g", iso, a.days, other, b.days);
		read += found == CELL_YES;
	}
	assert_in_range(read, 100000, 190000);
}

static void test_days_and_civil_dates_agree_over_three_centuries(void **state)
{
	assert_int_equal(cell_days(1970, 1, 1), 0);
	assert_int_equal(cell_days(2000, 3, 1), 11017);
	for (int64_t day = -25567; day < 84006; day++) {
		int64_t y;
		unsigned m, d;

		cell_civil(day, &y, &m, &d);
		assert_int_equal(cell_days(y, m, d), day);
	}
}

static void test_date_format_keeps_day_and_time(void **state)
{
	char out[32];

	cell_date_format(at(2024, 3, 15, 14, 30, 0), out);
	assert_string_equal(out, "2024-03-15T14:30:00Z");
	cell_date_format(-1, out);
	assert_string_equal(out, "1969-12-31");
	assert_int_equal(cell_date_format(NAN, out), 0);
}

static void test_unix_times_only_in_their_range(void **state)
{
	struct cell_date d;

	assert_true(cell_unix(S("1710513000"), &d));
	assert_float_equal(d.days, at(2024, 3, 15, 14, 30, 0), 1e-9);
	assert_true(cell_unix(S("1710513000000"), &d));
	assert_float_equal(d.days, at(2024, 3, 15, 14, 30, 0), 1e-9);
	assert_false(cell_unix(S("171051300"), &d));
	assert_false(cell_unix(S("9999999999"), &d));
	assert_false(cell_unix(S("17105130x0"), &d));
}

static void test_one_value_over_twelve_decides_the_order(void **state)
{
	struct cell_votes v = { 0 };

	cell_vote_date(&v, S("04/09/2026"));
	assert_int_equal(cell_votes_order(&v), ORDER_UNKNOWN);
	cell_vote_date(&v, S("25/09/2026"));
	assert_int_equal(cell_votes_order(&v), ORDER_DMY);
	assert_int_equal(v.date_ambiguous, 1);
	cell_vote_date(&v, S("09/25/2026"));
	assert_int_equal(cell_votes_order(&v), ORDER_UNKNOWN);
}

static void test_unambiguous_numbers_decide_the_mark(void **state)
{
	struct cell_votes v = { 0 };

	cell_vote_number(&v, S("1,234"));
	cell_vote_number(&v, S("77"));
	assert_int_equal(cell_votes_mark(&v), MARK_UNKNOWN);
	cell_vote_number(&v, S("1,5"));
	assert_int_equal(cell_votes_mark(&v), MARK_COMMA);
	cell_vote_number(&v, S("1,234,567"));
	cell_vote_number(&v, S("0.5"));
	assert_int_equal(cell_votes_mark(&v), MARK_DOT);
}

static void test_placeholders_are_told_from_answers(void **state)
{
	static const char *const placeholder[] = { "Select", "--Select--", "unknown", "N/A", "#N/A",
		"-", "--", "?", "null", "(null)", "None given", "not specified", "Not Available",
		"[Unknown]", "-None-", "Please select...", "\xE2\x80\x94", "n.a.",
		"Nicht angegeben" };
	static const char *const filled[] = { "None", "Other", "No", "0", "Selected",
		"unknown source", "Nash", "A", "Name", "-5", "Blanket" };

	assert_int_equal(cell_fill(S("")), CELL_EMPTY);
	assert_int_equal(cell_fill(S(" \xC2\xA0\t")), CELL_EMPTY);
	for (size_t i = 0; i < sizeof(placeholder) / sizeof(placeholder[0]); i++) {
		if (cell_fill(str_of(placeholder[i])) != CELL_PLACEHOLDER)
			fail_msg("%s is a placeholder", placeholder[i]);
	}
	for (size_t i = 0; i < sizeof(filled) / sizeof(filled[0]); i++) {
		if (cell_fill(str_of(filled[i])) != CELL_FILLED)
			fail_msg("%s is an answer", filled[i]);
	}
}

/* Most cells are told by their first two letters: no form of a word may slip through. */
static void test_a_placeholder_is_one_in_every_dress(void **state)
{
	static const char *const words[] = { "select one", "please select", "choose one", "unknown",
		"unkown", "n/a", "na", "n.a.", "n / a", "null", "nil", "nan", "nat", "undefined",
		"none given", "not set", "no data", "nothing selected", "blank", "empty", "missing",
		"tbd", "to be determined", "keine angabe", "k.a.", "unbekannt", "nicht angegeben",
		"bitte w\xC3\xA4hlen", "inconnu", "non renseign\xC3\xA9", "desconocido",
		"sin especificar", "seleccionar", "n\xC3\xA3o informado", "selecione",
		"sconosciuto", "non specificato", "onbekend", "niet opgegeven", "leeg",
		"na\xCC\x83o informado", NULL };
	static const char *const dress[][2] = { { "", "" }, { " ", " " }, { "--", "--" },
		{ "<", ">" }, { "'", "" }, { "(", ")" }, { "", ":" }, { "", "..." },
		{ "\"", "\"" } };
	char text[64];

	for (size_t i = 0; words[i] != NULL; i++)
		for (size_t d = 0; d < sizeof(dress) / sizeof(dress[0]); d++)
			for (int upper = 0; upper < 3; upper++) {
				int n = snprintf(text, sizeof(text), "%s%s%s", dress[d][0],
					words[i], dress[d][1]);

				for (int k = 0; k < n; k++)
					if (text[k] >= 'a' && text[k] <= 'z' &&
						(upper == 2 || (upper == 1 && k % 2 == 0)))
						text[k] = (char)(text[k] - 32);
				if (cell_fill(str_of(text)) != CELL_PLACEHOLDER)
					fail_msg("%s is a placeholder", text);
			}
}

static void text_is(const char *cell, const char *want)
{
	char room[CELL_TEXT_MAX], again[CELL_TEXT_MAX];
	struct str s = cell_text(str_of(cell), room);
	struct str t = cell_text(s, again);

	if (!str_eq(s, str_of(want)))
		fail_msg("\"%s\" gave \"" STR_FMT "\"", cell, STR_ARG(s));
	if (!str_eq(s, t))
		fail_msg("\"%s\" is no fixed point", cell);
}

static void test_one_category_has_one_text(void **state)
{
	text_is("", "");
	text_is("Google", "google");
	text_is(" google\xC2\xA0", "google");
	text_is("Organic   Search\n", "organic search");
	text_is("3", "3");
	text_is("3.0", "3");
	text_is("3.00", "3");
	text_is("3,0", "3");
	text_is("3.10", "3.10");
	text_is("1,000", "1,000");
	text_is("1.000", "1");
	text_is("007", "007");
	text_is(".0", ".0");
	text_is("-1.0", "-1");
	text_is("v1.0", "v1.0");
	text_is("'0123", "0123");
	text_is("M\xC3\x9CNCHEN", "m\xC3\xBCnchen");
	text_is("Mu\xCC\x88nchen", "m\xC3\xBCnchen");
	text_is("\xEF\xBC\xA1", "a");
	text_is("A\xFF"
		"B",
		"a\xFF"
		"b");
}

static void test_long_text_is_cut_between_characters(void **state)
{
	char cell[600], room[CELL_TEXT_MAX];
	struct str s;

	cell[0] = 'x';
	for (size_t i = 1; i + 1 < sizeof(cell); i += 2)
		memcpy(cell + i, "\xC3\xA4", 2);
	s = cell_text((struct str){ cell, sizeof(cell) - 1 }, room);
	assert_int_equal(s.n, 255);
	for (size_t i = 0; i + 3 <= sizeof(cell); i += 3)
		memcpy(cell + i, "\xEF\xB7\xBA", 3); /* U+FDFA grows to eighteen characters */
	s = cell_text((struct str){ cell, sizeof(cell) }, room);
	assert_true(s.n <= CELL_TEXT_MAX);
}

static void test_yes_and_no_in_seven_languages(void **state)
{
	assert_int_equal(cell_yesno(S("YES")), 1);
	assert_int_equal(cell_yesno(S("1.0")), 1);
	assert_int_equal(cell_yesno(S("N\xC3\x83O")), 0);
	assert_int_equal(cell_yesno(S("False ")), 0);
	assert_int_equal(cell_yesno(S("nein")), 0);
	assert_int_equal(cell_yesno(S("maybe")), -1);
	assert_int_equal(cell_yesno(S("")), -1);
	assert_int_equal(cell_yesno(S("2")), -1);
}

static void test_lists_are_taken_apart(void **state)
{
	struct str s = S(" Leadership; ;Strategy "), item;

	assert_true(cell_list(&s, ';', &item));
	assert_true(str_eq(item, S("Leadership")));
	assert_true(cell_list(&s, ';', &item));
	assert_true(str_eq(item, S("Strategy")));
	assert_false(cell_list(&s, ';', &item));
	s = S("\"VIP, old\",\"Blog\"");
	assert_true(cell_list(&s, ',', &item));
	assert_true(str_eq(item, S("VIP, old")));
	assert_true(cell_list(&s, ',', &item));
	assert_true(str_eq(item, S("Blog")));
	s = S("\"open, x");
	assert_true(cell_list(&s, ',', &item));
	assert_true(cell_list(&s, ',', &item));
	assert_false(cell_list(&s, ',', &item));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_are_read_as_people_write_them),
		cmocka_unit_test(test_dates_are_read_as_exports_write_them),
		cmocka_unit_test(test_iso_dates_are_read_as_any_other),
		cmocka_unit_test(test_days_and_civil_dates_agree_over_three_centuries),
		cmocka_unit_test(test_date_format_keeps_day_and_time),
		cmocka_unit_test(test_unix_times_only_in_their_range),
		cmocka_unit_test(test_one_value_over_twelve_decides_the_order),
		cmocka_unit_test(test_unambiguous_numbers_decide_the_mark),
		cmocka_unit_test(test_placeholders_are_told_from_answers),
		cmocka_unit_test(test_a_placeholder_is_one_in_every_dress),
		cmocka_unit_test(test_one_category_has_one_text),
		cmocka_unit_test(test_long_text_is_cut_between_characters),
		cmocka_unit_test(test_yes_and_no_in_seven_languages),
		cmocka_unit_test(test_lists_are_taken_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
