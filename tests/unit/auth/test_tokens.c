/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "auth/key.h"
#include "util/buf.h"
#include "util/crypto.h"
#include "util/err.h"
#include "util/radix.h"
#include "util/secret.h"

static void test_a_key_reads_back_and_no_typo_does(void **state)
{
	struct id id = id_new(), back;
	uint8_t hash[32], again[32];
	char text[KEY_SIZE], bad[KEY_SIZE];
	size_t taken = 0;

	key_make(id, text, hash);
	assert_int_equal(strlen(text), KEY_SIZE - 1);
	assert_int_equal(key_read(str_of(text), &back, again), 0);
	assert_true(id_eq(id, back));
	assert_memory_equal(hash, again, 32);
	for (size_t i = 0; i < KEY_SIZE - 1; i++)
		for (const char *c = "0aZ_ "; *c != '\0'; c++) {
			memcpy(bad, text, sizeof(bad));
			if (bad[i] == *c)
				continue;
			bad[i] = *c;
			taken += key_read(str_of(bad), &back, again) == 0;
		}
	assert_int_equal(taken, 0);
	for (size_t n = 0; n < KEY_SIZE - 1; n++)
		assert_int_equal(key_read((struct str){ text, n }, &back, again), -1);
}

/* Whatever came before in the same place, each key has its own hash. */
static void test_the_key_before_changes_no_hash(void **state)
{
	struct key_seen seen = { .text = "" };
	char text[3][KEY_SIZE], bad[KEY_SIZE];
	uint8_t hash[3][32], got[32];

	for (size_t i = 0; i < 3; i++)
		key_make(id_new(), text[i], hash[i]);
	for (size_t i = 0; i < 300; i++) {
		size_t k = i % 7 % 3;

		assert_int_equal(key_hash(&seen, str_of(text[k]), got), 0);
		assert_memory_equal(got, hash[k], 32);
		assert_memory_equal(seen.text, text[k], KEY_SIZE - 1);
	}
	for (size_t i = 0; i < KEY_SIZE - 1; i++) {
		memcpy(bad, seen.text, sizeof(bad));
		bad[i] ^= 1;
		if (i < 4) {
			assert_int_equal(key_hash(&seen, str_of(bad), got), -1);
			continue;
		}
		assert_int_equal(key_hash(&seen, str_of(bad), got), 0);
		crypto_sha256(str_of(bad), hash[0]);
		assert_memory_equal(got, hash[0], 32);
	}
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(key_hash(&seen, (struct str){ seen.text, KEY_SIZE - 1 }, got), -1);
	assert_int_equal(key_hash(&seen, str_sub(str_of(text[1]), 0, KEY_SIZE - 2), got), -1);
}

static void test_secrets_never_repeat(void **state)
{
	char a[TOKEN_SIZE], b[TOKEN_SIZE];
	uint8_t ha[32], hb[32];

	for (int i = 0; i < 1000; i++) {
		token_make(a, ha);
		token_make(b, hb);
		assert_string_not_equal(a, b);
		assert_int_equal(token_read(str_of(a), hb), 0);
		assert_memory_equal(ha, hb, 32);
	}
	assert_int_equal(token_read(S("short"), ha), -1);
}

static void test_every_letter_and_digit_is_as_likely(void **state)
{
	unsigned seen[128] = { 0 };
	char *text = malloc(62001);

	radix62_random(text, 62000);
	for (size_t i = 0; i < 62000; i++)
		seen[(unsigned char)text[i]]++;
	for (int c = 0; c < 128; c++)
		if (seen[c] > 0)
			assert_in_range(seen[c], 800, 1200); /* 1000, sigma 31 */
	free(text);
}

static void test_bytes_written_read_back_in_every_length(void **state)
{
	uint8_t raw[40], back[40];
	char text[RADIX16_SIZE(40)];

	for (size_t n = 0; n <= sizeof(raw); n++) {
		crypto_random(raw, n);
		radix16_write(raw, n, text);
		assert_int_equal(radix16_read(str_of(text), back, 40), n);
		assert_memory_equal(raw, back, n);
		radix32_write(raw, n, text);
		assert_int_equal(strlen(text) + 1, RADIX32_SIZE(n));
		assert_int_equal(radix32_read(str_of(text), back, 40), n);
		assert_memory_equal(raw, back, n);
		radix64_write(raw, n, text);
		assert_int_equal(strlen(text) + 1, RADIX64_SIZE(n));
		assert_int_equal(radix64_read(str_of(text), back, 40), n);
		assert_memory_equal(raw, back, n);
	}
	radix64_write("\xFB\xEF\xFF", 3, text);
	assert_string_equal(text, "--__");
	radix32_write("foobar", 6, text);
	assert_string_equal(text, "MZXW6YTBOI");
	assert_int_equal(radix64_read(S("AB=="), back, 40), -1);
	assert_int_equal(radix64_read(S("AB"), back, 40), -1); /* spare bits */
	assert_int_equal(radix64_read(S("A"), back, 40), -1);
	assert_int_equal(radix16_read(S("abc"), back, 40), -1);
	assert_int_equal(radix16_read(S("aabb"), back, 1), -1);
}

static void test_sealed_text_opens_with_its_key_only(void **state)
{
	uint8_t key[SECRET_KEY], other[SECRET_KEY];
	struct buf sealed = { 0 }, plain = { 0 };
	struct err e = { 0 };

	crypto_random(key, sizeof(key));
	crypto_random(other, sizeof(other));
	assert_int_equal(secret_seal(key, S("under the mat"), &sealed, &e), 0);
	assert_int_equal(secret_open(key, buf_view(&sealed), &plain, &e), 0);
	assert_true(str_eq(buf_view(&plain), S("under the mat")));
	assert_int_equal(secret_open(other, buf_view(&sealed), &plain, &e), -1);
	for (size_t i = 0; i < sealed.n; i++) {
		sealed.p[i] ^= 1;
		assert_int_equal(secret_open(key, buf_view(&sealed), &plain, &e), -1);
		sealed.p[i] ^= 1;
	}
	assert_int_equal(secret_open(key, S(""), &plain, &e), -1);
	assert_int_equal(e.code, ERR_INPUT);
	buf_clear(&sealed);
	buf_clear(&plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_key_reads_back_and_no_typo_does),
		cmocka_unit_test(test_the_key_before_changes_no_hash),
		cmocka_unit_test(test_secrets_never_repeat),
		cmocka_unit_test(test_every_letter_and_digit_is_as_likely),
		cmocka_unit_test(test_bytes_written_read_back_in_every_length),
		cmocka_unit_test(test_sealed_text_opens_with_its_key_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
