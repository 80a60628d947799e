/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "features/cell.h"
#include "features/profile.h"
#include "leads/lead_input.h"
#include "util/err.h"
#include "util/json.h"
#include "util/rng.h"

static struct profile *profile;
static struct lead_shape *shape;
static struct lead_input *in;

static int open(void **state)
{
	static const char text[] =
		"{\"rows\":10,\"columns\":["
		"{\"name\":\"Lead Source\",\"role\":\"source\",\"kind\":\"category\"},"
		"{\"name\":\"Page "
		"Views\",\"role\":\"engagement\",\"kind\":\"number\",\"decimal_mark\":\",\"},"
		"{\"name\":\"Last Activity\",\"role\":\"last_activity_at\",\"kind\":\"date\"},"
		"{\"name\":\"Newsletter\",\"role\":\"attribute\",\"kind\":\"yes/no\"},"
		"{\"name\":\"E-Mail\",\"role\":\"email\",\"kind\":\"category\"},"
		"{\"name\":\"a/b~c\",\"role\":\"attribute\",\"kind\":\"number\"}]}";
	struct err e = { 0 };
	struct json *doc = json_parse(S(text), &e);

	if (doc == NULL || (profile = profile_read(doc, &e)) == NULL)
		fail_msg("%s", e.msg);
	json_free(doc);
	shape = lead_shape_new(profile, &e);
	in = lead_input_new(shape, &e);
	assert_non_null(in);
	return 0;
}

static int close_all(void **state)
{
	lead_input_free(in);
	lead_shape_free(shape);
	profile_free(profile);
	return 0;
}

/* One lead; ${want} are its six cells, split by "|". */
static void reads(const char *text, const char *want)
{
	struct str rest = str_of(want), cell;
	struct err e = { 0 };

	if (lead_input_read(in, str_of(text), 20000, &e) == -1)
		fail_msg("%s: %s", text, e.msg);
	for (size_t i = 0; i < 6; i++) {
		str_split(rest, '|', &cell, &rest);
		if (!str_eq(in->cells[i], cell))
			fail_msg("%s: column %zu is \"%.*s\", not \"%.*s\"", text, i,
				STR_ARG(in->cells[i]), STR_ARG(cell));
	}
}

static void test_columns_fields_and_the_prototypes_names_are_taken(void **state)
{
	reads("{}", "|||||");
	reads("{\"Lead Source\":\"Google\",\"Page Views\":3}", "Google|3||||");
	reads("{\"lead_source\":\"Google\",\"PAGE-VIEWS\":3}", "Google|3||||");
	reads("{\"source\":\"Google\",\"page_views\":3,\"email\":\"a@b.c\"}", "Google|3|||a@b.c|");
	reads("{\"source\":null,\"page_views\":null,\"unknown\":\"x\",\"x\":1}", "|||||");
	reads("{\"last_activity_at\":\"2024-03-01\"}", "||2024-03-01|||");
	reads("{\"recency_days\":2}", "||2024-10-02|||");
	reads("{\"recency_days\":\"2\"}", "||2024-10-02|||");
	reads("{\"recency_days\":0.5}", "||2024-10-03T12:00:00Z|||");
	reads("{\"Last Activity\":1709294400}", "||2024-03-01T12:00:00Z|||");
	reads("{\"Newsletter\":true}", "|||true||");
	/* The column's own name counts more than what stands for it, in any order. */
	reads("{\"recency_days\":2,\"last_touch\":\"email\",\"last_activity_at\":\"2024-03-01\"}",
		"||2024-03-01|||");
	reads("{\"Last Activity\":\"2024-03-01\",\"recency_days\":2}", "||2024-03-01|||");
	reads("{\"recency_days\":2,\"last_touch\":\"email\"}", "||2024-10-02|||");
	reads("{\"Newsletter\":\"maybe\"}", "|||maybe||");
}

static void test_numbers_keep_their_value_whatever_training_wrote(void **state)
{
	static const char *const as_is[] = { "0", "-1", "12.5", "1e5", "123456789012", "0.25",
		"20240315", "4915112345678", "1.5E+2" };
	char text[64], want[64];

	for (size_t i = 0; i < sizeof(as_is) / sizeof(as_is[0]); i++) {
		snprintf(text, sizeof(text), "{\"Page Views\":%s}", as_is[i]);
		snprintf(want, sizeof(want), "|%s||||", as_is[i]);
		reads(text, want);
	}
	/* With decimal commas "1.234" is over a thousand; 1.234 in JSON is not. */
	reads("{\"Page Views\":1.234}", "|1.2340||||");
	reads("{\"Page Views\":1.234e2}", "|1.2340e2||||");
	reads("{\"Page Views\":\"1.234\"}", "|1.234||||");
}

static void test_any_number_is_read_as_the_number_it_is(void **state)
{
	struct rng r;
	struct err e;

	rng_seed(&r, 3);
	for (int i = 0; i < 100000; i++) {
		char text[128], number[64];
		double x = (rng_double(&r) - .3) * (double)rng_below(&r, 3000000), got = -1e99;

		if (i % 3 == 0)
			snprintf(number, sizeof(number), "%.*e", (int)rng_below(&r, 5), x);
		else
			snprintf(number, sizeof(number), "%.*f", (int)rng_below(&r, 6), x);
		snprintf(text, sizeof(text), "{\"Page Views\":%s}", number);
		if (lead_input_read(in, str_of(text), 20000, &e) == -1)
			fail_msg("%s: %s", text, e.msg);
		if (cell_number(in->cells[1], MARK_COMMA, &got) == CELL_NO ||
			got - strtod(number, NULL) > 1e-9 * (1 + got * got) ||
			strtod(number, NULL) - got > 1e-9 * (1 + got * got))
			fail_msg("%s was read as %.17g", number, got);
	}
}

static void wrong(const char *text, const char *pointer, const char *detail)
{
	struct err e = { 0 };

	if (lead_input_read(in, str_of(text), 20000, &e) == 0)
		fail_msg("taken: %s", text);
	assert_int_equal(e.code, ERR_INPUT);
	assert_true(in->n_faults >= 1);
	assert_string_equal(in->faults[0].pointer, pointer);
	assert_string_equal(in->faults[0].detail, detail);
}

static void test_wrong_types_are_named_by_pointer(void **state)
{
	struct err e;

	wrong("{\"page_views\":\"many\"}", "/page_views", "expected a number, found text");
	wrong("{\"page_views\":true}", "/page_views", "expected a number, found true");
	wrong("{\"Page Views\":[1]}", "/Page Views", "expected one value, found a list");
	wrong("{\"nothing\":{\"a\":1}}", "/nothing", "expected one value, found an object");
	wrong("{\"time_spent\":\"long\"}", "/time_spent", "expected a number, found text");
	wrong("{\"email\":false}", "/email", "expected text, found false");
	wrong("{\"a/b~c\":\"x\"}", "/a~1b~0c", "expected a number, found text");
	wrong("{\"recency_days\":\"soon\"}", "/recency_days",
		"expected a number of days, found text");
	wrong("{\"last_activity_at\":\"yesterday\"}", "/last_activity_at",
		"expected a date such as 2026-03-31 or 2026-03-31T13:45:10Z, found text");
	wrong("{\"source\":\"a\",\"Lead Source\":\"b\"}", "/Lead Source",
		"means the same column as another member, with another value");
	assert_int_equal(lead_input_read(in,
				 S("{\"page_views\":\"x\",\"time_spent\":\"y\",\"a\":[]}"), 0, &e),
		-1);
	assert_int_equal(in->n_faults, 3);
	/* No object: nothing is named. */
	assert_int_equal(lead_input_read(in, S("[1]"), 0, &e), -1);
	assert_int_equal(in->n_faults, 0);
	assert_int_equal(lead_input_read(in, S("{\"page_views\":\"x\",}"), 0, &e), -1);
	assert_int_equal(in->n_faults, 0);
}

static void test_placeholders_and_odd_values_are_no_faults(void **state)
{
	reads("{\"page_views\":\"N/A\"}", "|N/A||||");
	reads("{\"page_views\":\"\",\"Last Activity\":\"-\"}", "||-|||");
	reads("{\"source\":\"never seen before \\u2603\"}", "never seen before \xE2\x98\x83|||||");
	reads("{\"source\":\"a\",\"Lead Source\":\"a\"}", "a|||||");
	reads("{\"phone\":4912345,\"company_size\":50}", "|||||");
}

/* Members in another order, some gone, some new: as if no lead had been read before. */
static void test_a_lead_does_not_depend_on_the_one_before(void **state)
{
	static const char *const members[] = { "\"Lead Source\":\"x\"", "\"source\":\"y\"",
		"\"Page Views\":12", "\"page_views\":1.5", "\"Last Activity\":\"2024-03-01\"",
		"\"recency_days\":2", "\"Newsletter\":true", "\"email\":\"a@b.c\"",
		"\"nobody knows\":1", "\"a/b~c\":3", "\"time_spent\":\"long\"" };
	enum { N = sizeof(members) / sizeof(members[0]) };
	size_t taken = 0;
	struct rng r;

	rng_seed(&r, 5);
	for (int i = 0; i < 20000; i++) {
		struct lead_input *fresh;
		struct err e = { 0 };
		unsigned used = 0;
		char text[512];
		size_t n = (size_t)sprintf(text, "{");
		int rc;

		for (size_t k = rng_below(&r, N); k > 0; k--) {
			size_t m = rng_below(&r, 3) == 0 ? rng_below(&r, N) : N - k;

			if ((used >> m & 1) == 0)
				n += (size_t)sprintf(
					text + n, "%s%s", n > 1 ? "," : "", members[m]);
			used |= 1u << m;
		}
		text[n++] = '}';
		fresh = lead_input_new(shape, &e);
		assert_non_null(fresh);
		rc = lead_input_read(fresh, (struct str){ text, n }, 20000, &e);
		assert_int_equal(lead_input_read(in, (struct str){ text, n }, 20000, &e), rc);
		assert_int_equal(in->n_faults, fresh->n_faults);
		assert_int_equal(in->known, fresh->known);
		for (size_t c = 0; c < lead_shape_columns(shape); c++)
			if (!str_eq(in->cells[c], fresh->cells[c]))
				fail_msg("%.*s: column %zu is \"%.*s\", not \"%.*s\"", (int)n, text,
					c, STR_ARG(in->cells[c]), STR_ARG(fresh->cells[c]));
		taken += rc == 0;
		lead_input_free(fresh);
	}
	assert_in_range(taken, 5000, 19000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns_fields_and_the_prototypes_names_are_taken),
		cmocka_unit_test(test_numbers_keep_their_value_whatever_training_wrote),
		cmocka_unit_test(test_any_number_is_read_as_the_number_it_is),
		cmocka_unit_test(test_wrong_types_are_named_by_pointer),
		cmocka_unit_test(test_placeholders_and_odd_values_are_no_faults),
		cmocka_unit_test(test_a_lead_does_not_depend_on_the_one_before),
	};

	return cmocka_run_group_tests(tests, open, close_all);
}
