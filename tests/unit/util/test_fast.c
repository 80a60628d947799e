/* SPDX-License-Identifier: Apache-2.0 */
/* What runs with every request has a fast form; here each is held against a plain one. */
#include "unit.h"

#include <sodium.h>

#include "record/id.h"
#include "util/buf.h"
#include "util/crypto.h"
#include "util/err.h"
#include "util/json.h"
#include "util/json_flat.h"
#include "util/radix.h"
#include "util/rng.h"
#include "util/str.h"
#include "util/when.h"

static void fill(struct rng *r, char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (char)rng_u64(r);
}

/* Two libraries that know nothing of each other. */
static void test_sha256_of_every_length_is_that_of_libsodium(void **state)
{
	uint8_t ours[32], theirs[32];
	char text[600];
	struct rng r;

	rng_seed(&r, 1);
	for (size_t n = 0; n <= sizeof(text); n++) {
		struct str s = { text, n };

		fill(&r, text, n);
		crypto_hash_sha256(theirs, (const unsigned char *)text, n);
		crypto_sha256(s, ours);
		assert_memory_equal(ours, theirs, 32);
	}
}

/* One bit at a time, as the polynomial says. */
static void plain_check(struct str s, char out[7])
{
	static const char digits[] =
		"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < s.n * 8; i++) {
		uint32_t bit = ((uint32_t)(unsigned char)s.p[i / 8] >> (i % 8) ^ crc) & 1;

		crc = crc >> 1 ^ (bit ? 0xEDB88320U : 0);
	}
	crc = ~crc;
	for (int i = 5; i >= 0; i--, crc /= 62)
		out[i] = digits[crc % 62];
	out[6] = '\0';
}

static void test_check_digits_of_every_length(void **state)
{
	char text[100], fast[7], plain[7];
	struct rng r;

	rng_seed(&r, 2);
	for (size_t n = 0; n <= sizeof(text); n++) {
		fill(&r, text, n);
		radix62_check((struct str){ text, n }, fast);
		plain_check((struct str){ text, n }, plain);
		assert_string_equal(fast, plain);
	}
}

/* Bit by bit: the first of 26 digits has two bits too many. */
static void plain_ulid(struct id id, char out[ID_ULID])
{
	for (int d = 0; d < 26; d++) {
		int v = 0;

		for (int k = 0; k < 5; k++) {
			int bit = d * 5 + k - 2;

			v = v << 1 | (bit < 0 ? 0 : id.b[bit / 8] >> (7 - bit % 8) & 1);
		}
		out[d] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[v];
	}
	out[26] = '\0';
}

static void test_ulids_both_ways(void **state)
{
	char fast[ID_ULID], plain[ID_ULID];
	struct id id, back;
	struct rng r;

	rng_seed(&r, 3);
	for (int i = 0; i < 2000; i++) {
		fill(&r, (char *)id.b, sizeof(id.b));
		id_ulid(id, fast);
		plain_ulid(id, plain);
		assert_string_equal(fast, plain);
		assert_int_equal(id_parse_ulid(str_of(fast), &back), 0);
		assert_true(id_eq(id, back));
		for (char *c = fast; *c != '\0'; c++)
			*c = (char)(*c >= 'A' ? *c | 32 : *c);
		assert_int_equal(id_parse_ulid(str_of(fast), &back), 0);
		assert_true(id_eq(id, back));
	}
	for (int c = 0; c < 256; c++) {
		bool digit =
			c != 0 &&
			strchr("0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz", c) != NULL;

		memset(fast, '0', 26);
		fast[13] = (char)c;
		assert_int_equal(id_parse_ulid((struct str){ fast, 26 }, &back), digit ? 0 : -1);
		fast[13] = '0';
		fast[0] = (char)c;
		assert_int_equal(id_parse_ulid((struct str){ fast, 26 }, &back),
			c >= '0' && c <= '7' ? 0 : -1);
	}
}

static uint64_t plain_load(const char *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v |= (uint64_t)(unsigned char)p[i] << (8 * i);
	return v;
}

static uint64_t mix(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 x = (unsigned __int128)a * b;

	return (uint64_t)x ^ (uint64_t)(x >> 64);
}

static void test_hash_of_short_texts(void **state)
{
	char text[8];
	struct rng r;

	rng_seed(&r, 4);
	for (size_t i = 0; i < 4000; i++) {
		size_t n = 1 + i % 8;
		uint64_t seed = rng_u64(&r), h = seed ^ 0xa0761d6478bd642fULL;

		fill(&r, text, n);
		h = mix(plain_load(text, n) ^ 0x8ebc6af09c88c6e3ULL, h);
		h = mix(h ^ 0x589965cc75374cc3ULL, n ^ 0x1d8e4e27c47d124fULL);
		assert_true(str_hash((struct str){ text, n }, seed) == h);
	}
}

/* A byte that must be escaped, at every place of texts of every length around a word's. */
static void test_strings_are_escaped_wherever_it_is_needed(void **state)
{
	static const char *const bytes[] = { "\"", "\\", "\n", "\x1f", "\x7f", "\x01", " ", "!",
		"#", "[", "]", "~", "\xC3\xA9" };
	char text[32], room[256];

	for (size_t k = 0; k < sizeof(bytes) / sizeof(bytes[0]); k++) {
		for (size_t n = 1; n <= 24; n++) {
			for (size_t at = 0; at < n; at++) {
				struct str s = { text, n - 1 + strlen(bytes[k]) };
				struct json_flat f;
				struct json_flat_member m;
				struct buf b = { 0 };
				struct jw w = { .b = &b };
				struct err e = { 0 };
				struct json *doc;

				memset(text, 'x', sizeof(text));
				memcpy(text + at, bytes[k], strlen(bytes[k]));
				jw_obj(&w);
				jw_kstr(&w, "key", s);
				jw_end_obj(&w);
				for (size_t i = 0; i < b.n; i++) /* nothing bare is left */
					assert_true(
						(unsigned char)b.p[i] >= 0x20 && b.p[i] != 0x7f);
				assert_non_null(doc = json_parse(buf_view(&b), &e));
				assert_true(str_eq(json_str(json_get(doc, "key"), S("")), s));
				json_free(doc);
				assert_int_equal(
					json_flat_open(&f, buf_view(&b), room, NULL, &e), 0);
				assert_int_equal(json_flat_next(&f, &m, &e), 1);
				assert_true(str_eq(m.value, s));
				assert_int_equal(json_flat_next(&f, &m, &e), 0);
				buf_clear(&b);
			}
		}
	}
}

static void test_bare_control_characters_are_refused(void **state)
{
	char text[64], room[64];

	for (size_t n = 1; n <= 20; n++) {
		for (size_t at = 0; at < n; at++) {
			struct json_flat f;
			struct json_flat_member m;
			struct err e = { 0 };

			memset(text, 'x', sizeof(text));
			memcpy(text, "{\"", 2);
			text[2 + at] = '\x1f';
			memcpy(text + 2 + n, "\":1}", 4);
			assert_int_equal(
				json_flat_open(&f, (struct str){ text, n + 6 }, room, NULL, &e), 0);
			assert_int_equal(json_flat_next(&f, &m, &e), -1);
		}
	}
}

static void test_moments_as_printf_has_them(void **state)
{
	char fast[WHEN_TEXT], plain[64];
	struct rng r;

	rng_seed(&r, 5);
	for (int i = 0; i < 20000; i++) {
		int64_t day = (int64_t)(rng_u64(&r) % 3652425) - 719528, year;
		unsigned second = (unsigned)(rng_u64(&r) % 86400), month, d;
		unsigned ms = i % 3 == 0 ? 0 : (unsigned)(rng_u64(&r) % 1000);
		int n;

		day = day >= 2932897 ? 2932896 : day;
		when_civil(day, &year, &month, &d);
		n = snprintf(plain, sizeof(plain), "%04d-%02u-%02uT%02u:%02u:%02u", (int)year,
			month, d, second / 3600, second / 60 % 60, second % 60);
		if (ms != 0)
			n += snprintf(plain + n, sizeof(plain) - (size_t)n, ".%03u", ms);
		snprintf(plain + n, sizeof(plain) - (size_t)n, "Z");
		assert_int_equal(
			when_write(day * WHEN_DAY_MS + second * 1000 + ms, fast), strlen(plain));
		assert_string_equal(fast, plain);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha256_of_every_length_is_that_of_libsodium),
		cmocka_unit_test(test_check_digits_of_every_length),
		cmocka_unit_test(test_ulids_both_ways),
		cmocka_unit_test(test_hash_of_short_texts),
		cmocka_unit_test(test_strings_are_escaped_wherever_it_is_needed),
		cmocka_unit_test(test_bare_control_characters_are_refused),
		cmocka_unit_test(test_moments_as_printf_has_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
