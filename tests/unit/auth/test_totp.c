/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "auth/totp.h"
#include "util/buf.h"
#include "util/json.h"

static const struct str secret = { "12345678901234567890", 20 };

/* RFC 6238, appendix B, SHA-1. */
static void test_codes_are_those_of_the_standard(void **state)
{
	static const struct {
		uint64_t seconds;
		uint32_t code;
	} cases[] = { { 59, 94287082 }, { 1111111109, 7081804 }, { 1111111111, 14050471 },
		{ 1234567890, 89005924 }, { 2000000000, 69279037 }, { 20000000000, 65353130 } };

	for (size_t i = 0; i < 6; i++)
		assert_int_equal(totp_code(secret, cases[i].seconds / 30, 8), cases[i].code);
}

/* RFC 2202: a key longer than a block. */
static void test_the_keyed_hash_takes_long_keys(void **state)
{
	static const uint8_t want[] = { 0xaa, 0x4a, 0xe5, 0xe1 };
	char key[80];
	uint8_t mac[SECRET_SHA1];

	memset(key, 0xaa, sizeof(key));
	secret_hmac1((struct str){ key, 80 },
		S("Test Using Larger Than Block-Size Key - Hash Key First"), mac);
	assert_memory_equal(mac, want, 4);
}

static void test_a_code_is_good_once_and_within_a_step(void **state)
{
	int64_t now = 1234567890000;
	uint64_t step = 1234567890 / 30;
	char code[16];

	snprintf(code, sizeof(code), "%06u", totp_code(secret, step, 6));
	assert_int_equal(totp_step(secret, str_of(code), now, 0), step);
	assert_int_equal(totp_step(secret, str_of(code), now, step), 0); /* used */
	assert_int_equal(totp_step(secret, str_of(code), now + 30000, 0), step);
	assert_int_equal(totp_step(secret, str_of(code), now - 30000, 0), step);
	assert_int_equal(totp_step(secret, str_of(code), now + 60000, 0), 0);
	assert_int_equal(totp_step(secret, S(""), now, 0), 0);
	assert_int_equal(totp_step(secret, S("12345"), now, 0), 0);
	assert_int_equal(totp_step(secret, S("1234567"), now, 0), 0);
	assert_int_equal(totp_step(secret, S("-12345"), now, 0), 0);
}

static void test_each_recovery_code_is_good_once(void **state)
{
	char codes[RECOVERY_CODES][RECOVERY_SIZE], lower[RECOVERY_SIZE];
	struct buf json = { 0 }, left = { 0 }, again = { 0 };

	recovery_make(codes, &json);
	for (int i = 0; i < RECOVERY_CODES; i++) {
		assert_int_equal(strlen(codes[i]), 27);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(codes[i], codes[k]);
	}
	for (size_t i = 0; i <= 27; i++)
		lower[i] = codes[3][i] >= 'A' ? (char)(codes[3][i] + 32) : codes[3][i];
	assert_true(recovery_use(buf_view(&json), str_of(lower), &left));
	assert_false(recovery_use(buf_view(&left), str_of(codes[3]), &again));
	buf_reset(&again);
	assert_true(recovery_use(buf_view(&left), str_of(codes[9]), &again));
	buf_reset(&left);
	assert_false(recovery_use(buf_view(&again), S("AAAAAA-AAAAAA-AAAAAA-AAAAAA"), &left));
	buf_reset(&left);
	assert_false(recovery_use(S(""), str_of(codes[0]), &left));
	assert_false(recovery_use(S("no json"), str_of(codes[0]), &left));
	buf_clear(&json);
	buf_clear(&left);
	buf_clear(&again);
}

static void test_the_address_for_apps_is_escaped(void **state)
{
	struct buf b = { 0 };

	totp_uri(&b, S("a+b@x.example"), secret);
	assert_true(str_eq(
		buf_view(&b), S("otpauth://totp/Lead%20HeatScore:a%2Bb%40x.example?secret="
				"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Lead%20HeatScore")));
	buf_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes_are_those_of_the_standard),
		cmocka_unit_test(test_the_keyed_hash_takes_long_keys),
		cmocka_unit_test(test_a_code_is_good_once_and_within_a_step),
		cmocka_unit_test(test_each_recovery_code_is_good_once),
		cmocka_unit_test(test_the_address_for_apps_is_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
