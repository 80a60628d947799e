/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "http/strict.h"
#include "util/err.h"

/* Every byte in the middle of a name, a value, a host and an address, held against the sets as the
 * standards list them. */
static bool letter_or_digit(int c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool visible_but(int c, const char * not )
{
	return c > ' ' && c < 0x7f && strchr(not, c) == NULL;
}

static int headers_status(struct str name, struct str value)
{
	struct header h[2] = { { S("Host"), S("localhost") }, { name, value } };
	struct framing f;
	struct err e = { 0 };

	return strict_headers(h, 2, false, &f, &e);
}

static int host_status(struct str host)
{
	struct header h = { S("Host"), host };
	struct framing f;
	struct err e = { 0 };

	return strict_headers(&h, 1, false, &f, &e);
}

static void test_every_byte_of_names_values_hosts_and_addresses(void **state)
{
	for (int c = 0; c < 256; c++) {
		char middle[3] = { 'a', (char)c, 'b' }, address[4] = { '/', 'a', (char)c, 'b' };
		struct str s = { middle, 3 };
		struct err e = { 0 };
		bool token = c != 0 && (letter_or_digit(c) || strchr("!#$%&'*+-.^_`|~", c) != NULL);

		assert_int_equal(headers_status(s, S("v")), token ? 0 : 400);
		assert_int_equal(headers_status(S("X-Any"), s),
			(c >= ' ' || c == '\t') && c != 0x7f ? 0 : 400);
		assert_int_equal(host_status(s), visible_but(c, "/?#@\\,\"<>^`{|}") ? 0 : 400);
		assert_int_equal(strict_target((struct str){ address, 4 }, &e),
			visible_but(c, "\"<>\\^`{|}#") ? 0 : 400);
	}
}

/* Eight bytes of a value are looked at together, and of its end those before it again. */
static void test_every_byte_at_every_place_of_values_of_many_lengths(void **state)
{
	char value[40];

	for (size_t n = 1; n <= sizeof(value); n++) {
		for (size_t at = 0; at < n; at++) {
			for (int c = 0; c < 256; c++) {
				memset(value, at % 2 != 0 ? ' ' : 0x80, n);
				value[at] = (char)c;
				assert_int_equal(
					headers_status(S("X-Any"), (struct str){ value, n }),
					(c >= ' ' || c == '\t') && c != 0x7f ? 0 : 400);
			}
		}
	}
}

/* A tab is no visible character and may be there: it does not end the looking. */
static void test_a_fault_behind_a_tab(void **state)
{
	char value[40];

	for (size_t n = 2; n <= sizeof(value); n++) {
		for (size_t at = 1; at < n; at++) {
			memset(value, 'a', n);
			value[at - 1] = '\t';
			value[at] = '\n';
			assert_int_equal(headers_status(S("X-Any"), (struct str){ value, n }), 400);
			value[at] = '\t';
			assert_int_equal(headers_status(S("X-Any"), (struct str){ value, n }), 0);
		}
	}
}

static void test_empty_ones(void **state)
{
	struct err e = { 0 };

	assert_int_equal(headers_status(S(""), S("v")), 400);
	assert_int_equal(headers_status(S("X-Any"), S("")), 0);
	assert_int_equal(host_status(S("")), 400);
	assert_int_equal(strict_target(S(""), &e), 400);
	assert_int_equal(strict_target(S("a"), &e), 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_byte_of_names_values_hosts_and_addresses),
		cmocka_unit_test(test_every_byte_at_every_place_of_values_of_many_lengths),
		cmocka_unit_test(test_a_fault_behind_a_tab),
		cmocka_unit_test(test_empty_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
