/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "auth/csrf.h"

static void test_what_changes_something_comes_from_our_pages(void **state)
{
	static const struct {
		bool safe, cookie;
		const char *site, *origin, *host, *url;
		bool ok;
	} cases[] = {
		{ true, true, "cross-site", "https://evil.example", "us.example", "", true },
		{ false, true, "same-origin", "", "us.example", "", true },
		{ false, true, "none", "", "us.example", "", true },
		{ false, true, "cross-site", "https://us.example", "us.example", "", false },
		{ false, true, "same-site", "https://x.us.example", "us.example", "", false },
		{ false, true, "Same-Origin", "", "us.example", "", false },
		{ false, true, "", "https://us.example", "us.example", "", true },
		{ false, true, "", "https://US.example:443", "us.example", "", true },
		{ false, true, "", "http://127.0.0.1:8000", "127.0.0.1:8000", "", true },
		{ false, true, "", "http://127.0.0.1:8001", "127.0.0.1:8000", "", false },
		{ false, true, "", "https://us.example.evil.example", "us.example", "", false },
		{ false, true, "", "https://us.example@evil.example", "us.example", "", false },
		{ false, true, "", "null", "us.example", "", false },
		{ false, true, "", "", "us.example", "", false },
		{ false, false, "", "", "us.example", "", true }, /* curl signs in */
		{ false, false, "cross-site", "", "us.example", "", false },
		{ false, false, "", "https://evil.example", "us.example", "", false },
		{ false, true, "", "https://crm.example", "10.0.0.5:80", "https://crm.example/",
			true },
		{ false, true, "", "https://crm.example", "10.0.0.5:8000", "", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct csrf c = { cases[i].safe, cases[i].cookie, str_of(cases[i].site),
			str_of(cases[i].origin), str_of(cases[i].host), str_of(cases[i].url) };

		if (csrf_ok(&c) != cases[i].ok)
			fail_msg("case %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_changes_something_comes_from_our_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
