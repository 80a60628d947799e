/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "model/outcome.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"
#include "util/str.h"

/* One call: "1*300,0*700, *5" counted, resolved with flags separated by |. */
static struct outcome_rule *resolve(const char *cells, const char *won, const char *lost,
	const struct outcome_rule *like, struct err *e)
{
	struct str w[8], l[8], rest, item, head;
	struct outcome_opts o = { .column = S("Status"), .won = w, .lost = l, .like = like };
	struct outcome_counter *c;
	struct outcome_rule *r;

	for (rest = str_of(won); rest.n > 0;) {
		str_split(rest, '|', &w[o.n_won++], &head);
		rest = head;
	}
	for (rest = str_of(lost); rest.n > 0;) {
		str_split(rest, '|', &l[o.n_lost++], &head);
		rest = head;
	}
	c = outcome_counter_new(&o, e);
	assert_non_null(c);
	for (rest = str_of(cells); rest.n > 0;) {
		struct str value, times;
		int n = 1;

		str_split(rest, ',', &item, &head);
		rest = head;
		if (str_split(item, '*', &value, &times))
			n = atoi(times.p);
		for (int i = 0; i < n; i++)
			assert_int_equal(outcome_counter_cell(c, value, e), 0);
	}
	r = outcome_resolve(c, &o, e);
	outcome_counter_free(c);
	return r;
}

static void expect(const char *cells, const char *won, const char *lost, const char *described,
	uint64_t n_won, uint64_t n_lost)
{
	struct err e = { 0 };
	struct buf b = { 0 };
	struct outcome_rule *r = resolve(cells, won, lost, NULL, &e);

	if (r == NULL)
		fail_msg("%s: %s", cells, e.msg);
	outcome_describe(r, &b);
	buf_c(&b, '\0');
	assert_string_equal(b.p, described);
	assert_int_equal(outcome_total(r, OUTCOME_WON), n_won);
	assert_int_equal(outcome_total(r, OUTCOME_LOST), n_lost);
	buf_clear(&b);
	outcome_rule_free(r);
}

static void refuse(const char *cells, const char *won, const char *lost, const char *says)
{
	struct err e = { 0 };
	struct outcome_rule *r = resolve(cells, won, lost, NULL, &e);

	if (r != NULL)
		fail_msg("%s was taken", cells);
	if (strstr(e.msg, says) == NULL)
		fail_msg("'%s' does not say '%s'", e.msg, says);
	assert_int_equal(e.code, ERR_INPUT);
}

static void test_two_values_know_their_side(void **state)
{
	expect("1*3,0*5", "", "", "won = Status is 1; lost = 0; 0 open", 3, 5);
	expect("1.0*3,0.0*5,1*2, *4", "", "", "won = Status is 1.0; lost = 0.0; 4 open", 5, 5);
	expect("no*5,yes*3", "", "", "won = Status is yes; lost = no; 0 open", 3, 5);
	expect("TRUE*3,False*5,true*1", "", "", "won = Status is TRUE; lost = False; 0 open", 4, 5);
	expect("Nao*5,Sim*3,N/A*2", "", "", "won = Status is Sim; lost = Nao; 2 open", 3, 5);
	expect("N\xC3\xA3o*5,Sim*3", "", "", "won = Status is Sim; lost = N\xC3\xA3o; 0 open", 3,
		5);
	expect("nein*5,ja*3", "", "", "won = Status is ja; lost = nein; 0 open", 3, 5);
	expect("non*5,oui*3", "", "", "won = Status is oui; lost = non; 0 open", 3, 5);
	expect("Lost*5,Won*3", "", "", "won = Status is Won; lost = Lost; 0 open", 3, 5);
	expect("Closed Lost*5,Closed Won*3", "", "",
		"won = Status is Closed Won; lost = Closed Lost; 0 open", 3, 5);
	expect("Not converted*5,Converted*3", "", "",
		"won = Status is Converted; lost = Not converted; 0 open", 3, 5);
	expect("Disqualified*5,Qualified*3", "", "",
		"won = Status is Qualified; lost = Disqualified; 0 open", 3, 5);
	expect("no deposit*5,deposit*3", "", "",
		"won = Status is deposit; lost = no deposit; 0 open", 3, 5);
	expect("-1*5,1*3", "", "", "won = Status is 1; lost = -1; 0 open", 3, 5);
	expect("Verloren*5,Gewonnen*3", "", "", "won = Status is Gewonnen; lost = Verloren; 0 open",
		3, 5);
	expect("1*2,yes*3,true*4,0*5,no*6", "", "",
		"won = Status is 1 or yes or true; lost = 0 or no; 0 open", 9, 11);
}

static void test_what_cannot_be_told_is_asked(void **state)
{
	refuse("A*5,B*3", "", "",
		"has two values, and which one is won cannot be told: 'A' 5, 'B' 3");
	refuse("A*5,B*3", "", "", "--won 'A' or --won 'B'");
	refuse("1*5,2*3", "", "", "--won '1' or --won '2'");
	refuse("Won*5,Open*3", "", "", "cannot be told");
	refuse("Won*5,Lost*3,New*9", "", "",
		"has more than two values: 'New' 9, 'Won' 5, 'Lost' 3");
	refuse("Won*5,Lost*3,New*9", "", "", "--won 'Won' --lost 'Lost'");
	refuse("1*5", "", "", "has only one value: '1' 5");
	refuse(" *5,,", "", "", "is empty in all");
	refuse("n/a*5", "", "", "is empty in all");
	refuse("Won*5,Lost*3", "Wan", "", "did you mean 'Won'?");
	refuse("Won*5,Lost*3", "Won", "Closed Lost", "did you mean 'Lost'?");
	refuse("Won*5,Lost*3", "xyz", "", "never has the value 'xyz' given with --won: 'Won' 5");
	refuse(" *5,,", "Won", "", "given with --won; it is empty in every row");
	refuse("Won*5,Lost*3", "Won", "Won", "given as won and as lost");
	refuse("Won*5, *3", "Won", "", "has no lost lead");
}

static void test_flags_follow_the_written_rule(void **state)
{
	struct err e = { 0 };
	struct outcome_rule *r =
		resolve("Customer*3,New*5,Dead*7, *2,In progress*4", "CUSTOMER", "", NULL, &e);

	assert_non_null(r);
	assert_int_equal(outcome_total(r, OUTCOME_WON), 3);
	assert_int_equal(outcome_total(r, OUTCOME_LOST), 16);
	assert_int_equal(outcome_total(r, OUTCOME_OPEN), 2);
	assert_non_null(strstr(outcome_note(r, 0), "'Dead' 7, 'New' 5, 'In progress' 4"));
	assert_non_null(strstr(outcome_note(r, 1), "'New' 5, 'In progress' 4 sound open"));
	assert_null(outcome_note(r, 2));
	assert_int_equal(outcome_label(r, S("never seen")), OUTCOME_LOST);
	assert_int_equal(outcome_label(r, S("n/a")), OUTCOME_OPEN);
	assert_int_equal(outcome_label(r, S("")), OUTCOME_OPEN);
	outcome_rule_free(r);
	expect("Customer*3,New*5,Dead*7, *2,Junk*4", "Customer", "dead|Junk",
		"won = Status is Customer; lost = Dead or Junk; 7 open", 3, 11);
	expect("1*3,0*5,2*7", "1.00", "0", "won = Status is 1; lost = 0; 7 open", 3, 5);
	expect("true*3,false*5", "1", "",
		"won = Status is true; lost = every other filled value; 0 open", 3, 5);
	expect("Won*3,Lost*5", "", "Lost", "won = Status is Won; lost = Lost; 0 open", 3, 5);
	expect("unknown*3,Won*5,Lost*2", "Won", "unknown|Lost",
		"won = Status is Won; lost = unknown or Lost; 0 open", 5, 5);
	/* "1" and "yes" side by side with other words are two values. */
	expect("1*3,yes*5,maybe*2", "yes", "maybe", "won = Status is yes; lost = maybe; 3 open", 5,
		2);
}

static void test_three_labels_need_no_flags(void **state)
{
	struct err e = { 0 };
	struct outcome_rule *r = resolve("Warm*9,Cold*4,Hot*1,warm*1,*2", "", "", NULL, &e);

	assert_non_null(r);
	assert_int_equal(outcome_classes(r), 3);
	assert_int_equal(outcome_label(r, S("hot ")), 0);
	assert_int_equal(outcome_label(r, S("Warm")), 1);
	assert_int_equal(outcome_label(r, S("COLD")), 2);
	assert_int_equal(outcome_label(r, S("tepid")), OUTCOME_OPEN);
	assert_int_equal(outcome_total(r, 1), 10);
	outcome_rule_free(r);
	expect("Warm*9,Cold*4,Hot*1", "Hot", "",
		"won = Status is Hot; lost = every other filled value; 0 open", 1, 13);
}

static void test_a_model_s_rule_is_taken_over(void **state)
{
	struct err e = { 0 };
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	struct outcome_rule *trained = resolve("1*3,0*5", "", "", NULL, &e), *back, *r;
	struct json *doc;

	outcome_write(trained, &w);
	doc = json_parse(buf_view(&b), &e);
	back = outcome_read(doc, &e);
	assert_non_null(back);
	assert_int_equal(outcome_total(back, OUTCOME_WON), 3);
	assert_true(str_eq(outcome_column(back), S("Status")));
	r = resolve("false*7", "", "", back, &e); /* one class, another spelling */
	assert_non_null(r);
	assert_int_equal(outcome_total(r, OUTCOME_LOST), 7);
	assert_int_equal(outcome_label(r, S("1.0")), OUTCOME_WON);
	outcome_rule_free(r);
	r = resolve("Won*7,Lost*2", "", "", back, &e); /* nothing of the model's: by its words */
	assert_non_null(r);
	assert_int_equal(outcome_total(r, OUTCOME_WON), 7);
	outcome_rule_free(r);
	r = resolve("Won*7", "Won", "Lost", back, &e); /* one side only */
	assert_non_null(r);
	outcome_rule_free(r);
	assert_null(resolve("Won*7", "x", "y", back, &e));
	outcome_rule_free(trained);
	outcome_rule_free(back);
	json_free(doc);
	buf_clear(&b);
}

static void test_hostile_rules_are_refused(void **state)
{
	static const char *const bad[] = { "{}", "[]", "{\"column\":\"a\",\"classes\":9}",
		"{\"column\":\"a\",\"classes\":2,\"other_values\":\"hot\",\"open\":0,\"totals\":[],"
		"\"values\":[]}",
		"{\"column\":\"a\",\"classes\":2,\"other_values\":\"lost\",\"open\":-1,\"totals\":["
		"],"
		"\"values\":[]}",
		"{\"column\":\"a\",\"classes\":2,\"other_values\":\"lost\",\"open\":0,\"totals\":[]"
		","
		"\"values\":[{\"value\":\"x\",\"class\":\"warm\",\"count\":1}]}" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = { 0 };
		struct json *doc = json_parse(str_of(bad[i]), &e);

		assert_null(outcome_read(doc, &e));
		assert_int_equal(e.code, ERR_INPUT);
		json_free(doc);
	}
}

static void test_the_column_is_found_or_the_nearest_named(void **state)
{
	const struct str names[] = { S("Lead Number"), S("Converted"), S("Last Activity") };
	struct err e = { 0 };
	size_t i = 9;

	assert_int_equal(outcome_find_column(names, 3, S("Converted"), &i, &e), 0);
	assert_int_equal(i, 1);
	assert_int_equal(outcome_find_column(names, 3, S("last_activity"), &i, &e), 0);
	assert_int_equal(i, 2);
	assert_int_equal(outcome_find_column(names, 3, S("convreted"), &i, &e), -1);
	assert_non_null(strstr(e.msg, "did you mean 'Converted'?"));
	assert_int_equal(outcome_find_column(names, 3, S("y"), &i, &e), -1);
	assert_non_null(strstr(e.msg, "'Lead Number', 'Converted', 'Last Activity'"));
}

static void test_too_many_values_stay_bounded(void **state)
{
	struct str won = S("w77777");
	struct outcome_opts o = { .column = S("c"), .won = &won, .n_won = 1 };
	struct err e = { 0 };
	struct outcome_counter *c = outcome_counter_new(&o, &e);
	struct outcome_rule *r;
	char cell[32];

	for (int i = 0; i < 80000; i++) {
		snprintf(cell, sizeof(cell), "w%d", i);
		assert_int_equal(outcome_counter_cell(c, str_of(cell), &e), 0);
	}
	r = outcome_resolve(c, &o, &e);
	assert_non_null(r);
	assert_int_equal(outcome_total(r, OUTCOME_WON), 1);
	assert_int_equal(outcome_total(r, OUTCOME_LOST), 79999);
	outcome_rule_free(r);
	o.n_won = 0;
	assert_null(outcome_resolve(c, &o, &e));
	assert_non_null(strstr(e.msg, "more than two values"));
	outcome_counter_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_values_know_their_side),
		cmocka_unit_test(test_what_cannot_be_told_is_asked),
		cmocka_unit_test(test_flags_follow_the_written_rule),
		cmocka_unit_test(test_three_labels_need_no_flags),
		cmocka_unit_test(test_a_model_s_rule_is_taken_over),
		cmocka_unit_test(test_hostile_rules_are_refused),
		cmocka_unit_test(test_the_column_is_found_or_the_nearest_named),
		cmocka_unit_test(test_too_many_values_stay_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
