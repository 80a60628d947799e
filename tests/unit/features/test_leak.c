/* SPDX-License-Identifier: Apache-2.0 */
/* Names, small tables, sentences, and the list of what is left out. */
#include "unit.h"

#include "features/leak_names.h"
#include "features/words.h"
#include "leak_stub.h"
#include "util/rng.h"

static void expect_hint(const char *name, const char *target, enum name_hint hint)
{
	struct name_reading r = leak_name_read(str_of(name), str_of(target));

	if (r.hint != hint)
		fail_msg("%s: hint %d, not %d", name, (int)r.hint, (int)hint);
	assert_true((hint == HINT_NONE) == (r.why == NULL));
}

static void test_names_of_what_is_written_late(void **state)
{
	static const char *const strong[] = { "Lost Reason", "close_date", "ClosedDate", "won_at",
		"Verlustgrund", "Motivo da Perda", "Data de fechamento", "date de cl\xC3\xB4ture",
		"Contract Signed", "invoice_no", "Rechnung", "Fatura", "Deal Value", "callDuration",
		"Dura\xC3\xA7\xC3\xA3o da chamada", "Gesprachsdauer", "Call Outcome",
		"Converted Account ID", "Days to close", "Onboarding date" };
	static const char *const medium[] = { "Tags", "Lead Quality", "Last Activity",
		"Last Notable Activity", "Letzte Aktivit\xC3\xA4t", "\xC3\x9Altima atividade",
		"lead_status", "Next step", "Feedback", "Disposition", "Win likelihood" };

	for (size_t i = 0; i < sizeof(strong) / sizeof(strong[0]); i++)
		expect_hint(strong[i], "y", HINT_STRONG);
	for (size_t i = 0; i < sizeof(medium) / sizeof(medium[0]); i++)
		expect_hint(medium[i], "y", HINT_MEDIUM);
	expect_hint("duration", "y", HINT_WEAK);
	expect_hint("label_class", "label_conversion", HINT_MEDIUM);
	expect_hint("Lead Source", "Lead Status", HINT_NONE);
}

static void test_honest_names_are_left_alone(void **state)
{
	static const char *const honest[] = { "Lead Score Source", "Company Status",
		"Marital status", "Employment status", "Credit score", "Stage of company",
		"Last campaign", "Number of closed accounts", "policy duration",
		"Holding_Policy_Duration", "membership duration", "Total Time Spent on Website",
		"poutcome", "Familienstand", "Estado civil", "Previous outcome",
		"region_engagement_score", "last_touch_days", "cons.price.idx", "euribor3m",
		"Country", "Page Views Per Visit", "First contact date", "Job title",
		"Email status", "Account type", "days_since_last_activity", "Education",
		"Loan status", "Wonderland visits", "Paidal", "Closet size" };

	for (size_t i = 0; i < sizeof(honest) / sizeof(honest[0]); i++)
		expect_hint(honest[i], "y", HINT_NONE);
}

static void test_words_know_their_side(void **state)
{
	assert_int_equal(words_side(S("Closed Won")), SIDE_WON);
	assert_int_equal(words_side(S("closedwon")), SIDE_WON); /* HubSpot's own names */
	assert_int_equal(words_side(S("closedlost")), SIDE_LOST);
	assert_int_equal(words_side(S("closed-lost")), SIDE_LOST);
	assert_int_equal(words_side(S("Not converted")), SIDE_LOST);
	assert_int_equal(words_side(S("lost to competitor")), SIDE_LOST);
	assert_int_equal(words_side(S("Unqualified")), SIDE_LOST);
	assert_int_equal(words_side(S("Google")), SIDE_NONE);
	assert_int_equal(
		words_side(S("Cold Call")), SIDE_NONE); /* how they came, not how they ended */
	assert_int_equal(words_side(S("Customer Referral")), SIDE_NONE);
	assert_int_equal(words_side(S("")), SIDE_NONE);
	assert_true(words_open(S("In Progress")));
	assert_true(words_open(S("Em andamento")));
	assert_true(words_open(S("Not contacted")));
	assert_true(words_open(S("Offen")));
	assert_false(words_open(S("Closed - not interested")));
	assert_false(words_open(S("Not qualified")));
	assert_false(words_open(S("Dead")));
	assert_int_equal(words_yesno(S(" Sim")), 1);
	assert_int_equal(words_yesno(S("N\xC3\xA3o")), 0);
	assert_int_equal(words_yesno(S("1.0")), 1);
	assert_int_equal(words_yesno(S("-1")), -1);
	assert_int_equal(words_yesno(S("2")), -1);
	assert_int_equal(words_label(S("HOT")), 0);
	assert_int_equal(words_label(S("hot dog")), -1);
	assert_true(words_nothing(S(" n/a ")));
	assert_false(words_nothing(S("-1")));
}

static void test_folding_takes_any_bytes(void **state)
{
	char out[WORDS_MAX], long_text[2000];
	struct rng r;

	assert_true(str_eq(
		words_fold(S("  lastActivity_Date\xC2\xA0(2) "), out), S("last activity date 2")));
	assert_true(str_eq(words_fold(S("\xC3\x89tat \xEF\xAC\x81n"), out), S("etat fin")));
	memset(long_text, 'a', sizeof(long_text));
	assert_true(words_fold((struct str){ long_text, sizeof(long_text) }, out).n < WORDS_MAX);
	rng_seed(&r, 3);
	for (int i = 0; i < 20000; i++) {
		struct str s = { long_text, rng_below(&r, 400) };

		for (size_t k = 0; k < s.n; k++)
			long_text[k] = (char)rng_u64(&r);
		assert_true(words_fold(s, out).n < WORDS_MAX);
		words_side(s);
		words_open(s);
		leak_name_read(s, s);
	}
}

/* ${rows} leads, the first ${wins} won. */
static void make(struct stub *s, size_t rows, size_t wins)
{
	stub_init(s, rows);
	for (size_t i = 0; i < rows; i++)
		s->f.outcome[i] = i < wins;
}

static void test_small_tables_accuse_nobody_honest(void **state)
{
	size_t accused = 0, caught = 0;

	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct stub s;
		struct leak_report r;
		struct rng rng;
		double v[80];
		uint32_t code[80];

		make(&s, 80, 40);
		rng_seed(&rng, seed);
		for (int c = 0; c < 12; c++) {
			for (size_t i = 0; i < 80; i++)
				v[i] = rng_normal(&rng) + (i < 40 ? c * .12 : 0);
			stub_num(&s, "a number", v, KIND_NUMBER);
			for (size_t i = 0; i < 80; i++)
				code[i] = (uint32_t)rng_below(&rng, i < 40 ? 30 : 18 + (uint64_t)c);
			stub_cat(&s, "a code", code, 30, NULL);
		}
		for (size_t i = 0; i < 80; i++)
			code[i] = i < 40;
		stub_cat(&s, "filled when won", code, 2, NULL);
		r = stub_judge(&s, false);
		for (size_t c = 0; c < 24; c++)
			accused += r.cols[c].verdict == LEAK_OUT;
		caught += r.cols[24].verdict == LEAK_OUT;
		leak_report_clear(&r);
		stub_clear(&s);
	}
	printf("40 tables of 40 + 40 leads: %zu of 960 honest columns left out, %zu of 40 leaks "
	       "caught\n",
		accused, caught);
	assert_true(accused <= 10);
	assert_int_equal(caught, 40);
}

static void test_sentences_name_the_evidence(void **state)
{
	struct stub s;
	struct leak_report r;
	uint32_t code[1000];
	char **texts = calloc(4, sizeof(*texts));

	make(&s, 1000, 200);
	for (size_t i = 0; i < 1000; i++)
		code[i] = i < 196 ? 1 : i < 224 ? 1 + (i % 2 == 0) : 0;
	for (size_t i = 200; i < 1000; i++)
		code[i] = i < 224 ? 2 : 0;
	stub_cat(&s, "col_1", code, 3, NULL);
	texts[1] = str_dup(S("Closed by Anna"));
	texts[2] = str_dup(S("Phone"));
	texts[3] = str_dup(S("Mail"));
	for (size_t i = 0; i < 1000; i++)
		code[i] = i < 40 || i == 900 ? 1 : 2 + i % 2;
	stub_cat(&s, "col_2", code, 4, texts);
	for (size_t i = 0; i < 1000; i++)
		code[i] = 1 + (uint32_t)((i * 7 + (i < 200)) % 3 == 0);
	stub_cat(&s, "Lead Quality", code, 3, NULL);
	r = stub_judge(&s, false);
	assert_int_equal(r.cols[0].kind, LEAK_FILLED);
	assert_string_equal(
		r.cols[0].evidence, "filled for 100 % of won leads and 3 % of lost ones");
	assert_int_equal(r.cols[1].kind, LEAK_WORDS);
	assert_string_equal(r.cols[1].evidence,
		"its value 'Closed by Anna' is named after the outcome: 40 of 41 won");
	assert_int_equal(r.cols[2].verdict, LEAK_FLAG);
	assert_non_null(strstr(r.cols[2].evidence, "the data show no sign of it"));
	leak_report_clear(&r);
	r = stub_judge(&s, true); /* names unread */
	assert_int_equal(r.cols[1].verdict, LEAK_KEEP);
	assert_int_equal(r.cols[2].verdict, LEAK_KEEP);
	leak_report_clear(&r);
	stub_clear(&s);
}

static void test_what_is_left_out_in_file_order(void **state)
{
	struct stub s;
	struct leak_report r;
	struct left_out *left;
	struct err e = { 0 };
	uint32_t code[200];
	size_t n;

	make(&s, 200, 100);
	s.col[stub_column(&s, "Id", KIND_TEXT)].out = COL_IDENTIFIER;
	for (size_t i = 0; i < 200; i++)
		code[i] = i < 100;
	stub_cat(&s, "deal id", code, 2, NULL);
	s.col[stub_cat(&s, "deal value", code, 2, NULL)].kept_by_user = true;
	s.col[stub_column(&s, "Converted", KIND_YESNO)].out = COL_OUTCOME;
	s.col[stub_column(&s, "Magazine", KIND_YESNO)].out = COL_CONSTANT;
	s.col[4].out_why = S("No in every row");
	s.col[stub_column(&s, "X", KIND_TEXT)].out = COL_EMPTY;
	s.col[stub_column(&s, "Y", KIND_TEXT)].out = COL_DROPPED;
	r = stub_judge(&s, false);
	assert_int_equal(leak_left_out(&s.p, &r, &left, &n, &e), 0);
	assert_int_equal(n, 5);
	assert_int_equal(left[0].column, 0);
	assert_string_equal(left_reason_name(left[0].reason), "identifier");
	assert_int_equal(left[1].column, 1);
	assert_string_equal(left_reason_name(left[1].reason), "leak");
	assert_string_equal(left[2].evidence, "No in every row");
	assert_string_equal(left_reason_name(left[3].reason), "empty");
	assert_string_equal(left_reason_name(left[4].reason), "dropped by you");
	assert_true(leak_keeps(&s.p, &r, 2));
	assert_false(leak_keeps(&s.p, &r, 1));
	free(left);
	leak_report_clear(&r);
	stub_clear(&s);
}

static void test_one_class_and_no_rows_are_no_fault(void **state)
{
	struct stub s;
	struct leak_report r;
	double v[50];

	for (int wins = 0; wins <= 50; wins += 50) {
		make(&s, 50, (size_t)wins);
		for (size_t i = 0; i < 50; i++)
			v[i] = (double)i;
		stub_num(&s, "n", v, KIND_NUMBER);
		r = stub_judge(&s, false);
		assert_int_equal(r.cols[0].verdict, LEAK_KEEP);
		leak_report_clear(&r);
		stub_clear(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_of_what_is_written_late),
		cmocka_unit_test(test_honest_names_are_left_alone),
		cmocka_unit_test(test_words_know_their_side),
		cmocka_unit_test(test_folding_takes_any_bytes),
		cmocka_unit_test(test_small_tables_accuse_nobody_honest),
		cmocka_unit_test(test_sentences_name_the_evidence),
		cmocka_unit_test(test_what_is_left_out_in_file_order),
		cmocka_unit_test(test_one_class_and_no_rows_are_no_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
