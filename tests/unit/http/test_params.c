/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "http/params.h"
#include "util/arena.h"
#include "util/err.h"

static const struct param table[] = {
	{ "limit", "int", 1, 500, "50", "how many", false },
	{ "share", "num", 0, 1, "0.25", "of all", false },
	{ "deep", "bool", 0, 0, "true", "all of it", false },
	{ "sort", "str", 0, 40, "-score", "by what", false },
	{ "since", "date", 0, 0, "2026-03-31", "from when", false },
	{ "form", "full|short", 0, 0, "short", "which", false },
	{ "with", "a|b|c...", 0, 0, "a,c", "what else", false },
	{ "q", "str", 0, 40, NULL, "words", false },
	{ "*", "filter", 0, 0, NULL, "any field", false },
	{ 0 },
};
enum { N = 9 };

static const struct param needs[] = {
	{ "limit", "int", 1, 500, "50", "how many", false },
	{ "name", "str", 0, 40, NULL, "whose", true },
	{ 0 },
};

static void count(void *ctx, const char *pointer, const char *detail)
{
	(*(int *)ctx)++;
}

static void test_without_a_query_all_is_as_read(void **state)
{
	struct arena mem = { 0 };
	struct param_value read[N] = { 0 };
	struct params_out out = { .mem = &mem, .values = read, .fault = count };
	const struct param_value *kept;
	struct err e = { 0 };

	assert_int_equal(params_read(table, S(""), &out, &e), 0);
	assert_int_equal(params_defaults(table, &mem, &kept), 0);
	assert_non_null(kept);
	for (int i = 0; i < N; i++) {
		assert_false(kept[i].sent);
		assert_int_equal(kept[i].present, read[i].present);
		assert_true(str_eq(kept[i].text, read[i].text));
		assert_memory_equal(&kept[i].v, &read[i].v, sizeof(read[i].v));
	}
	assert_int_equal(kept[0].v.i, 50);
	assert_true(kept[1].v.d == 0.25);
	assert_int_equal(kept[2].v.i, 1);
	assert_true(str_eq(kept[3].text, S("-score")));
	assert_int_equal(kept[5].v.i, 1);
	assert_int_equal(kept[6].v.words, 5);
	assert_false(kept[7].present);
	arena_clear(&mem);
}

static void test_what_is_required_has_no_default(void **state)
{
	struct arena mem = { 0 };
	struct param_value read[2] = { 0 };
	int faults = 0;
	struct params_out out = { .mem = &mem, .values = read, .fault = count, .ctx = &faults };
	const struct param_value *kept = read;
	struct err e = { 0 };

	assert_int_equal(params_defaults(needs, &mem, &kept), 0);
	assert_null(kept);
	assert_int_equal(params_read(needs, S(""), &out, &e), -1);
	assert_int_equal(faults, 1);
	kept = read;
	assert_int_equal(params_defaults(NULL, &mem, &kept), 0);
	assert_null(kept);
	arena_clear(&mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_a_query_all_is_as_read),
		cmocka_unit_test(test_what_is_required_has_no_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
