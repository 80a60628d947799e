/* SPDX-License-Identifier: Apache-2.0 */
/* The real data sets: what their descriptions name as leaking leaves, honest columns stay. */
#include "unit.h"

#include "leak_csv.h"

static struct stub stub;

/* ${out}: "|a|b|" columns that must be left out; ${flag}: that must be flagged. */
static void expect(const char *what, bool ignore_names, const char *out, const char *flag)
{
	struct leak_report r = stub_judge(&stub, ignore_names);
	int wrong = 0;

	for (size_t c = 0; c < stub.p.n; c++) {
		const struct leak_column *x = &r.cols[c];
		char name[200];
		bool must;

		snprintf(name, sizeof(name), "|%s|", stub.names[c]);
		must = strstr(out, name) != NULL;
		if (x->verdict != LEAK_KEEP)
			printf("%s: %s %s (%s): %s\n", what, stub.names[c],
				x->verdict == LEAK_OUT ? "left out" : "flagged",
				leak_kind_name(x->kind), x->evidence);
		if (must != (x->verdict == LEAK_OUT) ||
			(strstr(flag, name) != NULL && x->verdict != LEAK_FLAG)) {
			printf("  WRONG: %s is %d, auc %.3f\n", stub.names[c], (int)x->verdict,
				x->auc);
			wrong++;
		}
	}
	leak_report_clear(&r);
	assert_int_equal(wrong, 0);
}

static void load(const char *rel, char sep, const char *target, const char *won, const char *skip)
{
	char path[400];
	struct csv t;

	if (shared_path(path, sizeof(path), rel) == NULL)
		skip();
	t = csv_read(path, sep);
	csv_stub(&stub, &t, target, won, skip);
	csv_clear(&t);
}

static void test_x_education(void **state)
{
	load("data/leads/x_education/train.csv", ',', "Converted", "1",
		"|Prospect ID|Lead Number|");
	expect("X Education", false,
		"|Tags|Lead Quality|Lead Profile|Last Activity|Last Notable Activity|"
		"Asymmetrique Activity Index|Asymmetrique Profile Index|Asymmetrique Activity "
		"Score|"
		"Asymmetrique Profile Score|",
		"|What is your current occupation|What matters most to you in choosing a course|");
	stub_clear(&stub);
}

static void test_bank_marketing(void **state)
{
	load("data/leads/bank_marketing/train.csv", ';', "y", "yes", "|");
	expect("bank marketing", false, "|duration|", "");
	stub_clear(&stub);
}

static void test_health_insurance(void **state)
{
	load("data/leads/health_insurance_leads/train.csv", ',', "Response", "1", "|ID|");
	expect("health insurance", false, "", "");
	stub_clear(&stub);
}

static void test_goushik(void **state)
{
	load("data/leads/synthetic_goushik/train.csv", ',', "label_conversion", "1", "|lead_id|");
	expect("goushik", false, "|label_class|", "");
	stub_clear(&stub);
}

static void test_a3(void **state)
{
	load("data/leads/synthetic_a3/train.csv", ',', "heat_label", "Hot", "|lead_id|");
	expect("a3", false, "", "");
	stub_clear(&stub);
}

/* The closed deals joined by mql_id: all their columns exist for won leads only. */
static void test_olist_joined_with_its_deals(void **state)
{
	char path[400], out[2000] = "|";
	struct csv leads, deals;
	struct map m = { 0 };
	static char empty[] = "";

	if (shared_path(path, sizeof(path), "data/leads/olist_funnel/train.csv") == NULL)
		skip();
	leads = csv_read(path, ',');
	assert_non_null(
		shared_path(path, sizeof(path), "data/leads/olist_funnel/closed_deals_train.csv"));
	deals = csv_read(path, ',');
	for (size_t i = 1; i < deals.n; i++)
		map_put(&m, str_of(deals.rows[i][0]), NULL)->value = i;
	for (size_t i = 0; i < leads.n; i++) {
		struct map_entry *en = map_get(&m, str_of(leads.rows[i][0]));

		leads.rows[i] = realloc(leads.rows[i], (leads.cols + deals.cols) * sizeof(char *));
		for (size_t c = 1; c < deals.cols; c++)
			leads.rows[i][leads.cols + c - 1] = i == 0       ? deals.rows[0][c]
							    : en != NULL ? deals.rows[en->value][c]
									 : empty;
	}
	leads.cols += deals.cols - 1;
	for (size_t c = 1; c < deals.cols; c++) {
		strcat(out, deals.rows[0][c]);
		strcat(out, "|");
	}
	csv_stub(&stub, &leads, "converted", "1", "|mql_id|");
	expect("Olist", false, out, "");
	expect("Olist without names", true, out, "");
	stub_clear(&stub);
	map_clear(&m);
	csv_clear(&leads);
	csv_clear(&deals);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_x_education),
		cmocka_unit_test(test_bank_marketing),
		cmocka_unit_test(test_health_insurance),
		cmocka_unit_test(test_goushik),
		cmocka_unit_test(test_a3),
		cmocka_unit_test(test_olist_joined_with_its_deals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
