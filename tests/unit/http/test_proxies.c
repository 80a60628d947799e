/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <string.h>

#include "http/proxies.h"
#include "util/err.h"

static void test_addresses_and_ranges_are_read(void **state)
{
	static const char *const good[] = { "", "127.0.0.1", " 10.0.0.0/8 , ::1,fd00::/8",
		"0.0.0.0/0", "2001:db8::1/128" };
	static const char *const bad[] = { ",", "10.0.0.1,", "10.0.0", "10.0.0.1/33", "10.0.0.1/-1",
		"10.0.0.1/", "::1/129", "proxy.example", "10.0.0.1 10.0.0.2", "10.0.0.1/0x8" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct err e = { 0 };
		struct proxies *p = proxies_new(str_of(good[i]), &e);

		if (p == NULL)
			fail_msg("\"%s\": %s", good[i], e.msg);
		proxies_free(p);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = { 0 };

		if (proxies_new(str_of(bad[i]), &e) != NULL || e.code != ERR_CONFIG)
			fail_msg("\"%s\" was taken", bad[i]);
	}
}

static void test_ranges_end_where_they_say(void **state)
{
	struct proxies *p = proxies_new(S("10.1.0.0/15,192.0.2.7,fd00:1::/33"), NULL);

	(void)state;
	assert_non_null(p);
	assert_true(proxies_has(p, "10.0.0.0") && proxies_has(p, "10.1.255.255"));
	assert_false(proxies_has(p, "10.2.0.0") || proxies_has(p, "9.255.255.255"));
	assert_true(proxies_has(p, "192.0.2.7") && proxies_has(p, "::ffff:192.0.2.7"));
	assert_false(proxies_has(p, "192.0.2.6") || proxies_has(p, "192.0.2.8"));
	assert_true(proxies_has(p, "fd00:1:7fff::1"));
	assert_false(proxies_has(p, "fd00:1:8000::1") || proxies_has(p, "") || proxies_has(p, "x"));
	assert_false(proxies_has(NULL, "10.0.0.1"));
	proxies_free(p);
}

static void test_the_client_is_the_first_from_the_right_that_is_not_listed(void **state)
{
	static const struct {
		const char *peer, *forwarded, *client;
	} t[] = {
		{ "10.0.0.1", "198.51.100.9", "198.51.100.9" },
		/* What is left of it the client may have made up. */
		{ "10.0.0.1", "1.2.3.4, 198.51.100.9", "198.51.100.9" },
		{ "10.0.0.1", "1.2.3.4, 198.51.100.9, 10.0.0.2", "198.51.100.9" },
		{ "10.0.0.1", "10.0.0.3,10.0.0.2", "10.0.0.3" },
		/* Who is not listed speaks for itself. */
		{ "198.51.100.9", "1.2.3.4", "198.51.100.9" },
		{ "198.51.100.9", "10.0.0.1", "198.51.100.9" },
		{ "10.0.0.1", "198.51.100.9:4711", "198.51.100.9" },
		{ "10.0.0.1", "\"[2001:db8::7]:4711\"", "2001:db8::7" },
		{ "10.0.0.1", "2001:DB8::7", "2001:db8::7" },
		{ "10.0.0.1", "::ffff:198.51.100.9", "198.51.100.9" },
		{ "10.0.0.1", "", "10.0.0.1" },
		{ "10.0.0.1", "unknown", "10.0.0.1" },
		{ "10.0.0.1", "1.2.3.4, _hidden", "10.0.0.1" },
		{ "10.0.0.1", "1.2.3.4,, 10.0.0.2", "10.0.0.2" },
		{ "10.0.0.1", "1.2.3.4 5.6.7.8", "10.0.0.1" },
		{ "10.0.0.1", "[", "10.0.0.1" },
		{ "10.0.0.1", "[]:1", "10.0.0.1" },
		{ "10.0.0.1", ":", "10.0.0.1" },
	};
	struct proxies *p = proxies_new(S("10.0.0.0/8"), NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		char address[PROXIES_ADDRESS];

		strcpy(address, t[i].peer);
		proxies_step(p, str_of(t[i].forwarded), address);
		if (strcmp(address, t[i].client) != 0)
			fail_msg("%s, \"%s\": %s", t[i].peer, t[i].forwarded, address);
	}
	proxies_free(p);
}

static void test_of_several_headers_the_last_counts_first(void **state)
{
	struct proxies *p = proxies_new(S("10.0.0.0/8"), NULL);
	char address[PROXIES_ADDRESS] = "10.0.0.1";

	(void)state;
	assert_true(proxies_step(p, S("10.0.0.2"), address)); /* go on with the one before */
	assert_false(proxies_step(p, S("1.2.3.4, 198.51.100.9"), address));
	assert_string_equal(address, "198.51.100.9");
	strcpy(address, "10.0.0.1");
	assert_false(proxies_step(p, S("what?"), address));
	proxies_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses_and_ranges_are_read),
		cmocka_unit_test(test_ranges_end_where_they_say),
		cmocka_unit_test(test_the_client_is_the_first_from_the_right_that_is_not_listed),
		cmocka_unit_test(test_of_several_headers_the_last_counts_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
