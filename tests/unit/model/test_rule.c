/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>

#include "features/profile.h"
#include "model/heat.h"
#include "model/rule.h"
#include "util/err.h"

static const struct str names[] = { { "Email", 5 }, { "Job Title", 9 }, { "Lead Source", 11 },
	{ "Last Activity Date", 18 }, { "Page Views", 10 } };
enum { COLS = 5 };

static const char *const rows[][COLS] = {
	{ "ann@acme.example", "CEO", "Referral", "2026-03-30", "40" },
	{ "bob@gmail.com", "Student", "Purchased List", "2024-01-02", "0" },
	{ "eve@corp.example", "Sales Manager", "Google", "2026-02-01", "12" },
	{ "", "", "", "", "" },
};

static struct profile *profile(void)
{
	struct profile_opts o = { .now = 20600 };
	struct err e = { 0 };
	struct profiler *p = profiler_new(names, COLS, &o, &e);

	assert_non_null(p);
	for (int k = 0; k < 30; k++) {
		struct str cells[COLS];

		for (int c = 0; c < COLS; c++)
			cells[c] = str_of(rows[k % 3][c]);
		assert_int_equal(profiler_row(p, cells, &e), 0);
	}
	return profiler_end(p, &e);
}

static double score(const struct rule *r, int row)
{
	struct str cells[COLS];

	for (int c = 0; c < COLS; c++)
		cells[c] = str_of(rows[row][c]);
	return rule_score(r, cells, 20543);
}

static void test_recent_senior_referred_leads_come_first(void **state)
{
	struct profile *p = profile();
	struct err e = { 0 };
	struct rule *r = rule_new(p, &e);
	double s[4];

	assert_non_null(r);
	for (int i = 0; i < 4; i++) {
		s[i] = score(r, i);
		assert_true(s[i] > 0 && s[i] < 1);
	}
	assert_true(s[0] > s[2] && s[2] > s[1]);
	assert_int_equal(heat_of(rule_bands(r), s[0]), HEAT_HOT);
	assert_int_equal(heat_of(rule_bands(r), s[1]), HEAT_COLD);
	assert_non_null(rule_part(r, 0));
	assert_non_null(strstr(rule_part(r, 0), "recency: Last Activity Date"));
	rule_free(r);
	profile_free(p);
}

static void test_the_parts_add_up_to_the_score(void **state)
{
	struct profile *p = profile();
	struct err e = { 0 };
	struct rule *r = rule_new(p, &e);
	struct rule_explain x;

	assert_non_null(r);
	for (int i = 0; i < 4; i++)
		for (size_t k = 0; k <= RULE_PARTS; k++) {
			struct str cells[COLS];
			double sum;
			int points;

			for (int c = 0; c < COLS; c++)
				cells[c] = str_of(rows[i][c]);
			rule_explain(r, cells, 20543, k, &x);
			assert_true(x.n <= k);
			sum = x.base + x.rest;
			points = x.base_points + x.rest_points;
			for (size_t j = 0; j < x.n; j++) {
				sum += x.reasons[j].value;
				points += x.reasons[j].points;
				if (j > 0)
					assert_true(fabs(x.reasons[j].value) <=
						    fabs(x.reasons[j - 1].value));
			}
			assert_float_equal(sum, score(r, i), 1e-12);
			assert_int_equal(points, heat_score(score(r, i)));
		}
	rule_free(r);
	profile_free(p);
}

static void test_a_yes_to_do_not_email_refuses_and_so_does_a_no_to_the_newsletter(void **state)
{
	static const struct {
		const char *header, *yes, *no;
		bool yes_refuses;
	} cases[] = { { "Do Not Email", "Yes", "No", true },
		{ "Email Opt Out", "true", "false", true },
		{ "Unsubscribed from all email", "1", "0", true },
		{ "Newsletter opt in", "ja", "nein", false } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct profile_opts o = { .now = 20600 };
		struct str name = str_of(cases[i].header),
			   cell[2] = { str_of(cases[i].no), str_of(cases[i].yes) };
		struct err e = { 0 };
		struct profiler *pr = profiler_new(&name, 1, &o, &e);
		struct profile *p;
		struct rule *r;

		for (int k = 0; k < 40; k++)
			assert_int_equal(profiler_row(pr, &cell[k % 2], &e), 0);
		p = profiler_end(pr, &e);
		p->cols[0].role = ROLE_CONSENT;
		r = rule_new(p, &e);
		assert_non_null(r);
		assert_true((rule_score(r, &cell[1], 20543) < rule_score(r, &cell[0], 20543)) ==
			    cases[i].yes_refuses);
		rule_free(r);
		profile_free(p);
	}
}

static void test_nothing_to_go_by_is_a_half(void **state)
{
	struct profile_opts o = { .now = 20600 };
	struct str name = S("Colour"), cell = S("red");
	struct err e = { 0 };
	struct profiler *pr = profiler_new(&name, 1, &o, &e);
	struct profile *p;
	struct rule *r;

	profiler_row(pr, &cell, &e);
	p = profiler_end(pr, &e);
	r = rule_new(p, &e);
	assert_null(rule_part(r, 0));
	assert_true(rule_score(r, &cell, NAN) == .5);
	rule_free(r);
	profile_free(p);
}

static void test_two_columns_make_nobody_hot(void **state)
{
	struct profile_opts o = { .now = 20600 };
	struct str one[] = { S("Company"), S("Email") },
		   cells[] = { S("Acme"), S("ann@acme.example") };
	struct err e = { 0 };
	struct profiler *pr = profiler_new(one, 2, &o, &e);
	struct profile *p;
	struct rule *r;
	struct rule_explain x;
	double s;

	profiler_row(pr, cells, &e);
	p = profiler_end(pr, &e);
	r = rule_new(p, &e);
	assert_non_null(rule_part(r, 0));
	s = rule_score(r, cells, NAN);
	assert_true(s > .2 && s < .6);
	assert_int_not_equal(heat_of(rule_bands(r), s), HEAT_HOT);
	rule_explain(r, cells, NAN, RULE_PARTS, &x);
	assert_true(fabs(x.rest) < 1e-9);
	rule_free(r);
	profile_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recent_senior_referred_leads_come_first),
		cmocka_unit_test(test_the_parts_add_up_to_the_score),
		cmocka_unit_test(
			test_a_yes_to_do_not_email_refuses_and_so_does_a_no_to_the_newsletter),
		cmocka_unit_test(test_nothing_to_go_by_is_a_half),
		cmocka_unit_test(test_two_columns_make_nobody_hot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
