/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "features/parts.h"

static void test_mail_addresses_are_told_apart(void **state)
{
	static const struct {
		const char *cell, *kind, *domain;
	} cases[] = {
		{ "", NULL, "" },
		{ "unknown", NULL, "" },
		{ "nobody", "invalid", "" },
		{ "a@b", "invalid", "" },
		{ "@x.com", "invalid", "" },
		{ "a b@x.com", "invalid", "" },
		{ "Ann@Gmail.com", "free mail", "gmail.com" },
		{ "ann@yahoo.co.uk", "free mail", "yahoo.co.uk" },
		{ "ann@mailinator.com", "disposable", "mailinator.com" },
		{ "ann@cs.stanford.edu", "education", "cs.stanford.edu" },
		{ "ann@ox.ac.uk", "education", "ox.ac.uk" },
		{ "ann@hud.gov", "government", "hud.gov" },
		{ "info@acme.com", "role account", "acme.com" },
		{ "ann@acme.com; bob@gmail.com", "business", "acme.com" },
		{ "Ann Lee <ann@acme.com>", "business", "acme.com" },
		{ "mailto:ann@acme.com", "business", "acme.com" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char room[PART_ROOM];
		struct str domain;
		const char *kind = part_email(str_of(cases[i].cell), room, &domain);

		if ((kind == NULL) != (cases[i].kind == NULL) ||
			(kind != NULL && strcmp(kind, cases[i].kind) != 0) ||
			!str_eq(domain, str_of(cases[i].domain)))
			fail_msg("%s: %s, " STR_FMT, cases[i].cell, kind != NULL ? kind : "none",
				STR_ARG(domain));
	}
}

static void test_phone_countries(void **state)
{
	static const struct {
		const char *cell, *code;
		unsigned digits;
	} cases[] = {
		{ "", "", 0 },
		{ "n/a", "", 0 },
		{ "12", "invalid", 2 },
		{ "call me", "invalid", 0 },
		{ "+12345678901234567890123", "invalid", 20 },
		{ "+1-555-1913", "+1", 8 },
		{ "+49 170 1234567", "+49", 12 },
		{ "0049 170 1234567", "+49", 12 },
		{ "+353 1 234 5678", "+353", 11 },
		{ "(030) 123456", "national", 9 },
		{ "p:+4930123456", "+49", 10 },
		{ "+49 30 123456, +1 555 1234567", "+49", 10 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char room[8];
		unsigned digits;
		struct str code = part_phone(str_of(cases[i].cell), room, &digits);

		if (!str_eq(code, str_of(cases[i].code)) || digits != cases[i].digits)
			fail_msg("%s: " STR_FMT ", %u", cases[i].cell, STR_ARG(code), digits);
	}
}

static void test_titles_have_rank_and_department(void **state)
{
	static const struct {
		const char *cell;
		double rank;
		const char *dept;
	} cases[] = {
		{ "Intern", 0, "other" },
		{ "Student", 0, "education" },
		{ "Executive Assistant to the CEO", 1, "management" },
		{ "Junior Developer", 1.5, "engineering" },
		{ "Software Engineer", 2, "engineering" },
		{ "Senior Software Engineer", 3, "engineering" },
		{ "Account Executive", 2, "sales" },
		{ "Assistant Manager", 3.5, "other" },
		{ "Marketing Manager", 4, "marketing" },
		{ "Senior Marketing Manager", 4.5, "marketing" },
		{ "Head of Sales", 5, "sales" },
		{ "Sales Director", 6, "sales" },
		{ "Associate Director, Finance", 5.5, "finance" },
		{ "Vice-President Operations", 7, "operations" },
		{ "VP of HR", 7, "hr" },
		{ "CTO", 8, "engineering" },
		{ "Chief Marketing Officer", 8, "marketing" },
		{ "Managing Director", 8, "management" },
		{ "Gesch\xC3\xA4"
		  "ftsf\xC3\xBChrer",
			8, "management" },
		{ "Leiter Vertrieb", 4.5, "sales" },
		{ "Directeur des ventes", 6, "sales" },
		{ "Gerente de Marketing", 4, "marketing" },
		{ "Titolare", 8, "management" },
		{ "Working Professional", 2, "other" },
	};
	double rank;

	assert_null(part_title(S(""), &rank));
	assert_null(part_title(S("N/A"), &rank));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *dept = part_title(str_of(cases[i].cell), &rank);

		if (rank != cases[i].rank || strcmp(dept, cases[i].dept) != 0)
			fail_msg("%s: %.2f, %s", cases[i].cell, rank, dept);
	}
}

static void test_company_forms_and_postal_areas(void **state)
{
	char room[3];

	assert_null(part_company(S("-")));
	assert_string_equal(part_company(S("M\xC3\xBCller Bau GmbH & Co. KG")), "KG");
	assert_string_equal(part_company(S("Acme, Inc.")), "Inc");
	assert_string_equal(part_company(S("Pasta S.p.A.")), "SpA");
	assert_string_equal(part_company(S("AG Weser")), "no form");
	assert_true(str_eq(part_area(S("SW1A 1AA"), room), S("sw")));
	assert_true(str_eq(part_area(S("01234"), room), S("01")));
	assert_int_equal(part_area(S(""), room).n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mail_addresses_are_told_apart),
		cmocka_unit_test(test_phone_countries),
		cmocka_unit_test(test_titles_have_rank_and_department),
		cmocka_unit_test(test_company_forms_and_postal_areas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
