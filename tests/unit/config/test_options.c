/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>

#include "config/options.h"
#include "util/err.h"

/* parse(o, "words of a command line"): splits at blanks; nothing is quoted. */
static int parse(struct options *o, const char *line, struct err *e)
{
	char copy[512], *save = NULL;
	const char *argv[64];
	int argc = 0;

	snprintf(copy, sizeof(copy), "heatscore %s", line);
	for (char *w = strtok_r(copy, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	return options_parse(o, argc, argv, e);
}

static void test_every_way_to_give_a_value(void **state)
{
	static const char *const lines[] = { "train f.csv --seed 7 --quiet -t Won",
		"--seed=7 train -q f.csv --target Won", "train -s7 -qtWon -- f.csv",
		"train -s=7 --target=Won -q f.csv" };

	for (size_t i = 0; i < 4; i++) {
		struct options o;
		struct err e = { 0 };

		assert_int_equal(parse(&o, lines[i], &e), 0);
		assert_int_equal(o.cmd, CMD_train);
		assert_int_equal(o.seed, 7);
		assert_true(o.quiet && o.given[OPT_seed]);
		assert_string_equal(o.target, "Won");
		assert_int_equal(o.n_args, 1);
		assert_string_equal(o.args[0], "f.csv");
		options_clear(&o);
	}
}

static void test_defaults_and_what_is_not_given(void **state)
{
	struct options o;
	struct err e = { 0 };

	assert_int_equal(parse(&o, "train f.csv", &e), 0);
	assert_true(isnan(o.hot) && isnan(o.as_of) && isnan(o.capacity) && isnan(o.value));
	assert_float_equal(o.budget, 60, 0);
	assert_int_equal(o.max_trees, 1000);
	assert_string_equal(o.data, "./heatscore-data");
	assert_true(o.target == NULL && o.won.n == 0 && !o.given[OPT_data]);
	options_clear(&o);
}

static void test_lists_keep_their_order_and_blanks_within(void **state)
{
	const char *argv[] = { "heatscore", "train", "f", "--won", "Closed Won", "--won=Signed",
		"--lost", "", NULL };
	struct options o;
	struct err e = { 0 };

	assert_int_equal(options_parse(&o, 8, argv, &e), 0);
	assert_int_equal(o.won.n, 2);
	assert_true(str_eq(o.won.v[0], S("Closed Won")) && str_eq(o.won.v[1], S("Signed")));
	assert_int_equal(o.lost.n, 1);
	assert_int_equal(o.lost.v[0].n, 0);
	options_clear(&o);
}

static void test_dates(void **state)
{
	static const struct {
		const char *text;
		double day;
	} good[] = { { "1970-01-01", 0 }, { "1969-12-31", -1 }, { "2000-02-29", 11016 },
		{ "2026-03-31", 20543 }, { "2026-03-31T12:00", 20543.5 },
		{ "2026-03-31 18:00:00Z", 20543.75 }, { "1900-01-01", -25567 } };
	static const char *const bad[] = { "", "2026", "2026-3-31", "2026-13-01", "2026-04-31",
		"1900-02-29", "31.03.2026", "2026-03-31T25:00", "2026-03-31x", "0000-01-01",
		"2026-03-31T12" };
	struct err e;
	double d;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(options_date(str_of(good[i].text), &d, &e), 0);
		assert_float_equal(d, good[i].day, 1e-9);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(options_date(str_of(bad[i]), &d, &e), -1);
}

static void test_shares_and_rates(void **state)
{
	struct options o;
	struct err e = { 0 };

	assert_int_equal(parse(&o, "train f --hot 40% --warm .125 --capacity 70/week", &e), 0);
	assert_float_equal(o.hot, .4, 1e-15);
	assert_float_equal(o.warm, .125, 0);
	assert_float_equal(o.capacity, 10, 1e-12);
	options_clear(&o);
	assert_int_equal(parse(&o, "train f --hot 40%%", &e), -1);
	options_clear(&o);
	assert_int_equal(parse(&o, "train f --hot nan", &e), -1);
	options_clear(&o);
	assert_int_equal(parse(&o, "train f --hot 0x1p-1", &e), -1);
	options_clear(&o);
	assert_int_equal(parse(&o, "train f --capacity 0/day", &e), -1);
	options_clear(&o);
}

static void test_environment_stands_behind_the_flag(void **state)
{
	struct options o;
	struct err e = { 0 };

	setenv("HEATSCORE_SEED", "5", 1);
	setenv("HEATSCORE_DATA", "", 1);
	assert_int_equal(parse(&o, "train f", &e), 0);
	assert_int_equal(o.seed, 5);
	assert_string_equal(o.data, "./heatscore-data");
	options_clear(&o);
	assert_int_equal(parse(&o, "train f --seed 6", &e), 0);
	assert_int_equal(o.seed, 6);
	options_clear(&o);
	setenv("HEATSCORE_SEED", "-1", 1);
	assert_int_equal(parse(&o, "train f", &e), -1);
	assert_int_equal(e.code, ERR_CONFIG);
	options_clear(&o);
	/* A command that does not take the option does not look. */
	assert_int_equal(parse(&o, "profile f", &e), 0);
	options_clear(&o);
	unsetenv("HEATSCORE_SEED");
	unsetenv("HEATSCORE_DATA");
}

static void test_names_and_letters_are_unique(void **state)
{
	for (size_t i = 0; i < OPT_COUNT; i++)
		for (size_t k = 0; k < i; k++) {
			const struct opt_info *a = opt_info((enum opt_id)i),
					      *b = opt_info((enum opt_id)k);

			assert_string_not_equal(a->name, b->name);
			assert_true(a->letter == 0 || a->letter != b->letter);
		}
	assert_true(CMD_COUNT < 32); /* a bit each */
}

static void test_hostile_words_are_answered_with_a_sentence(void **state)
{
	char huge[5000];
	const char *argv[] = { "heatscore", huge, NULL };
	struct options o;
	struct err e;

	memset(huge, 'x', sizeof(huge) - 1);
	huge[sizeof(huge) - 1] = '\0';
	for (int i = 0; i < 3; i++) {
		memset(huge, '-', (size_t)i);
		assert_int_equal(options_parse(&o, 2, argv, &e), -1);
		assert_int_equal(e.code, ERR_USAGE);
		options_clear(&o);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_way_to_give_a_value),
		cmocka_unit_test(test_defaults_and_what_is_not_given),
		cmocka_unit_test(test_lists_keep_their_order_and_blanks_within),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_shares_and_rates),
		cmocka_unit_test(test_environment_stands_behind_the_flag),
		cmocka_unit_test(test_names_and_letters_are_unique),
		cmocka_unit_test(test_hostile_words_are_answered_with_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
