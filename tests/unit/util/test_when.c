/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <time.h>

#include "util/rng.h"
#include "util/when.h"

static void test_written_forms(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ -1, "1969-12-31T23:59:59.999Z" },
		{ 951782400000, "2000-02-29T00:00:00Z" },
		{ 1795766400250, "2026-11-27T08:00:00.250Z" },
		{ INT64_MIN, "0000-01-01T00:00:00Z" },
		{ INT64_MAX, "9999-12-31T23:59:59.999Z" },
	};
	char out[WHEN_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(when_write(cases[i].ms, out), strlen(cases[i].text));
		assert_string_equal(out, cases[i].text);
	}
}

static void test_what_is_read(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
		bool day;
	} cases[] = {
		{ "1970-01-01", 0, true },
		{ "2000-02-29", 951782400000, true },
		{ "2026-11-27T08:00Z", 1795766400000, false },
		{ "2026-11-27T08:00:00Z", 1795766400000, false },
		{ "2026-11-27 08:00:00.25", 1795766400250, false },
		{ "2026-11-27t09:00:00.250999+01:00", 1795766400250, false },
		{ "2026-11-27T07:30:00-0030", 1795766400000, false },
		{ "2026-06-30T23:59:60Z", 1782863999000, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int64_t ms = 1;
		bool day = !cases[i].day;

		assert_int_equal(when_read(str_of(cases[i].text), &ms, &day), 0);
		assert_int_equal(ms, cases[i].ms);
		assert_int_equal(day, cases[i].day);
	}
}

static void test_what_is_no_moment(void **state)
{
	static const char *const bad[] = { "", "2026", "2026-1-1", "2026-02-29", "2026-13-01",
		"2026-00-10", "2026-01-32", "2026-01-01T", "2026-01-01T24:00", "2026-01-01T10",
		"2026-01-01T10:60", "2026-01-01T10:00:61", "2026-01-01T10:00:00.",
		"2026-01-01T10:00:00.1234567890", "2026-01-01T10:00+1", "2026-01-01T10:00Zx",
		"2026-01-01 ", " 2026-01-01", "26-01-01", "2026/01/01", "today" };
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (when_read(str_of(bad[i]), &ms, NULL) != -1)
			fail_msg("\"%s\" was read as a moment", bad[i]);
}

static void test_what_is_written_is_read_back(void **state)
{
	struct rng r;
	const int64_t span = when_days(10000, 1, 1) - when_days(0, 1, 1);

	(void)state;
	rng_seed(&r, 7);
	for (int i = 0; i < 200000; i++) {
		int64_t ms = when_days(0, 1, 1) * WHEN_DAY_MS +
			     (int64_t)rng_below(&r, (uint64_t)(span * WHEN_DAY_MS)),
			again;
		char out[WHEN_TEXT];
		size_t n = when_write(ms, out);

		assert_int_equal(when_read((struct str){ out, n }, &again, NULL), 0);
		assert_int_equal(again, ms);
		assert_true(when_floor_day(ms) <= ms && ms - when_floor_day(ms) < WHEN_DAY_MS);
	}
}

static void test_the_date_of_an_answer(void **state)
{
	char out[WHEN_HTTP], theirs[40];

	(void)state;
	when_write_http(784111777, out);
	assert_string_equal(out, "Sun, 06 Nov 1994 08:49:37 GMT"); /* RFC 9110's own */
	for (int64_t s = 0; s < 253402300800; s += 86400 * 5 + 3671) {
		time_t at = (time_t)s;
		struct tm tm;

		when_write_http(s, out);
		strftime(theirs, sizeof(theirs), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&at, &tm));
		assert_string_equal(out, theirs);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_written_forms),
		cmocka_unit_test(test_the_date_of_an_answer),
		cmocka_unit_test(test_what_is_read),
		cmocka_unit_test(test_what_is_no_moment),
		cmocka_unit_test(test_what_is_written_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
