/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>

#include "cli/print.h"
#include "util/err.h"

static struct print plain(size_t columns)
{
	return (struct print){ .columns = columns, .unicode = true };
}

static void same(struct print *p, const char *want)
{
	buf_c(&p->b, '\0');
	assert_false(p->b.failed);
	assert_string_equal(p->b.p, want);
	print_clear(p);
}

static void test_a_table_is_as_wide_as_what_is_in_it(void **state)
{
	static const struct grid_col cols[] = { { .title = "name" },
		{ .title = "leads", .right = true }, { .title = "note" } };
	struct print p = plain(80);
	struct grid g;

	grid_init(&g, cols, 3);
	grid_text(&g, STYLE_PLAIN, S("J\xc3\xbcrgen"));
	grid_count(&g, STYLE_PLAIN, 1234567);
	grid_text(&g, STYLE_PLAIN, S(""));
	grid_text(&g, STYLE_PLAIN, S("\xe4\xbd\x90\xe8\x97\xa4")); /* two wide characters */
	grid_count(&g, STYLE_PLAIN, 7);
	grid_text(&g, STYLE_PLAIN, S("x"));
	grid_print(&g, &p);
	same(&p, "  name        leads  note\n"
		 "  J\xc3\xbcrgen  1,234,567\n"
		 "  \xe4\xbd\x90\xe8\x97\xa4            7  x\n");
}

static void test_columns_shrink_to_the_terminal(void **state)
{
	static const struct grid_col cols[] = { { .title = "a", .shrink = true },
		{ .title = "b" } };
	struct print p = plain(24);
	struct grid g;

	grid_init(&g, cols, 2);
	grid_text(&g, STYLE_PLAIN, S("a long text that does not fit"));
	grid_text(&g, STYLE_PLAIN, S("keeps"));
	grid_print(&g, &p);
	same(&p, "  a                b\n  a long text th\xe2\x80\xa6  keeps\n");
}

static void test_long_text_of_the_last_column_goes_on_below(void **state)
{
	static const struct grid_col cols[] = { { .title = "a" },
		{ .title = "b", .shrink = true, .wrap = true } };
	struct print p = plain(18);
	struct grid g;

	grid_init(&g, cols, 2);
	grid_text(&g, STYLE_PLAIN, S("one"));
	grid_text(&g, STYLE_PLAIN, S("two three four five"));
	grid_text(&g, STYLE_PLAIN, S("two"));
	grid_text(&g, STYLE_PLAIN, S(""));
	grid_print(&g, &p);
	same(&p, "  a    b\n  one  two three\n       four five\n  two\n");
}

static void test_text_from_files_cannot_steer_the_terminal(void **state)
{
	struct print p = plain(80);

	print_text(&p, STYLE_PLAIN,
		S("a\033[31mb\x07\r\n\tc\xff\xe2\x80\xae"
		  "d\xc2\x9b"
		  "e"));
	same(&p, "a\xef\xbf\xbd[31mb\xef\xbf\xbd   c\xef\xbf\xbd"
		 "d\xef\xbf\xbd"
		 "e");
}

static void test_words_of_commands_are_quoted_where_they_must_be(void **state)
{
	struct print p = plain(80);

	print_shell(&p, S("leads.csv"));
	print_shell(&p, S(" "));
	print_shell(&p, S("it's $HOME"));
	print_shell(&p, S(""));
	print_shell(&p, S("end'"));
	same(&p, "leads.csv' ''it'\\''s $HOME''''end'\\'''");
}

static void test_shares_are_short_and_never_claim_certainty(void **state)
{
	static const struct {
		double x;
		const char *text;
	} cases[] = { { 0, "0 %" }, { 1, "100 %" }, { .0001, "<0.1 %" }, { .034, "3.4 %" },
		{ .0994, "9.9 %" }, { .0996, "10 %" }, { .42, "42 %" }, { .9999, ">99 %" },
		{ NAN, "" } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct print p = plain(80);

		print_percent(&p.b, cases[i].x);
		same(&p, cases[i].text);
	}
}

static void test_bars(void **state)
{
	struct print p = plain(80);

	print_bar(&p, STYLE_PLAIN, .5, 4);
	print_bar(&p, STYLE_PLAIN, 2, 1);
	print_bar(&p, STYLE_PLAIN, NAN, 1);
	print_bar(&p, STYLE_PLAIN, 1.0 / 16, 2);
	same(&p, "\u2588\u2588  \u2588 \u258f ");
	p = plain(80);
	p.unicode = false;
	print_bar(&p, STYLE_PLAIN, .5, 4);
	same(&p, "##  ");
}

static void test_paragraphs_break_at_blanks(void **state)
{
	struct print p = plain(40);

	print_wrapped(&p, 30, 4, "one two three four five six seven eight nine");
	same(&p, "one two\n    three four five six seven eight nine\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_table_is_as_wide_as_what_is_in_it),
		cmocka_unit_test(test_columns_shrink_to_the_terminal),
		cmocka_unit_test(test_long_text_of_the_last_column_goes_on_below),
		cmocka_unit_test(test_text_from_files_cannot_steer_the_terminal),
		cmocka_unit_test(test_words_of_commands_are_quoted_where_they_must_be),
		cmocka_unit_test(test_shares_are_short_and_never_claim_certainty),
		cmocka_unit_test(test_bars),
		cmocka_unit_test(test_paragraphs_break_at_blanks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
