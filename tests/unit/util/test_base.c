/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>
#include <sys/stat.h>

#include "util/arena.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/file.h"
#include "util/json.h"
#include "util/map.h"
#include "util/rng.h"
#include "util/str.h"
#include "util/word_set.h"

static void test_trim_takes_ascii_and_hard_blanks(void **state)
{
	struct str s = str_trim(S("\xEF\xBB\xBF \xC2\xA0 a b\t\r\n\xC2\xA0"));

	assert_true(str_eq(s, S("a b")));
	assert_int_equal(str_trim(S(" \t ")).n, 0);
}

/* Up to 16 bytes are compared by looks that overlap: each byte must count. */
static void test_texts_are_equal_when_every_byte_is(void **state)
{
	char a[40], b[40];

	for (size_t n = 0; n <= sizeof(a); n++) {
		for (size_t i = 0; i < sizeof(a); i++)
			a[i] = b[i] = (char)(i * 37 + n);
		assert_true(str_eq((struct str){ a, n }, (struct str){ b, n }));
		if (n != 0)
			assert_false(str_eq((struct str){ a, n }, (struct str){ b, n - 1 }));
		for (size_t i = 0; i < n; i++) {
			b[i] ^= 0x40;
			assert_false(str_eq((struct str){ a, n }, (struct str){ b, n }));
			b[i] ^= 0x40;
		}
	}
	assert_true(str_eq((struct str){ NULL, 0 }, S("")));
}

static const struct str few_words[] = { { "a", 1 }, { "ab", 2 }, { "long word of the set", 20 },
	{ "", 0 } };
WORD_SET(few_set, few_words);

static void test_a_word_set_has_its_words_and_no_others(void **state)
{
	for (size_t i = 0; i < sizeof(few_words) / sizeof(few_words[0]); i++)
		assert_true(word_set_has(&few_set, few_words[i]));
	assert_false(word_set_has(&few_set, S("b")));
	assert_false(word_set_has(&few_set, S("long word of the se")));
	assert_false(word_set_has(&few_set, S("A")));
}

static void test_map_keeps_insertion_order_over_growth(void **state)
{
	struct map m = { 0 };
	char key[16];

	for (int i = 0; i < 1000; i++) {
		bool added;

		snprintf(key, sizeof(key), "k%d", i);
		map_put(&m, str_of(key), &added)->value = (uint64_t)i;
		assert_true(added);
	}
	for (int i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		assert_int_equal(map_get(&m, str_of(key))->value, i);
		assert_int_equal(m.entries[i].value, i);
	}
	assert_null(map_get(&m, S("k1000")));
	map_clear(&m);
}

static void test_arena_past_its_cap_answers_null(void **state)
{
	struct arena a = { .cap = 100000 };

	assert_non_null(arena_alloc(&a, 60000));
	assert_null(arena_alloc(&a, 60000));
	assert_null(arena_array(&a, SIZE_MAX / 2, 4));
	arena_clear(&a);
}

static void test_json_written_reads_back(void **state)
{
	struct buf b = { 0 };
	struct jw w = { .b = &b, .indent = 2 };
	struct err e = { 0 };
	struct json *doc;

	jw_obj(&w);
	jw_knum(&w, "third", 1.0 / 3);
	jw_kstr(&w, "text", S("a\"\\\n\x01\xff"));
	jw_key(&w, "list");
	jw_arr(&w);
	jw_int(&w, -7);
	jw_bool(&w, true);
	jw_null(&w);
	jw_end_arr(&w);
	jw_end_obj(&w);
	doc = json_parse(buf_view(&b), &e);
	assert_non_null(doc);
	assert_true(json_num(json_get(doc, "third"), 0) == 1.0 / 3);
	assert_true(str_eq(json_str(json_get(doc, "text"), S("")), S("a\"\\\n\x01\xEF\xBF\xBD")));
	assert_int_equal(json_len(json_get(doc, "list")), 3);
	assert_int_equal(json_int(json_at(json_get(doc, "list"), 0), 0), -7);
	json_free(doc);
	buf_clear(&b);
}

static void test_json_refuses_what_is_ambiguous_or_deep(void **state)
{
	struct err e = { 0 };

	assert_null(json_parse(S("{\"a\":1,\"a\":2}"), &e));
	assert_null(json_parse(
		S("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"), &e));
	assert_non_null(strstr(e.msg, "32 deep"));
	assert_null(json_parse(S("{} x"), &e));
	assert_null(json_parse(S(""), &e));
}

static void test_output_never_replaces_a_device(void **state)
{
	struct err e = { 0 };
	struct stat st;

	assert_int_equal(file_write("/dev/null", S("x"), &e), 0);
	assert_int_equal(stat("/dev/null", &st), 0);
	assert_true(S_ISCHR(st.st_mode));
	assert_int_equal(file_write("/", S("x"), &e), -1);
}

static void test_numbers_are_short_and_read_back(void **state)
{
	static const double odd[] = { .0001, .1, .2, .3, .5, .25, .0009765625, 1 - 0x1p-53,
		0x1.fffffffffffffp-2, .1 - 0x1p-57, 1e-5, 1, 0, -.3, 1e300, 5e-324, 123456 };
	struct buf b = { 0 };
	struct rng r;
	char want[40];

	rng_seed(&r, 5);
	for (int i = 0; i < 200000; i++) {
		size_t k = (size_t)i;
		double x = k < sizeof(odd) / sizeof(*odd) ? odd[k] : rng_double(&r);

		if (i % 3 == 1 && i > 100)
			x = round(x * 1e4) / 1e4;
		if (i % 7 == 1 && i > 100)
			x *= x * x;
		buf_reset(&b);
		buf_num(&b, x);
		buf_c(&b, '\0');
		assert_true(strtod(b.p, NULL) == x);
		for (int digits = 15; digits <= 17; digits++) {
			snprintf(want, sizeof(want), "%.*g", digits, x);
			if (strtod(want, NULL) == x)
				break;
		}
		if (strlen(b.p) > strlen(want))
			fail_msg("%s, printf says %s", b.p, want);
	}
	buf_clear(&b);
}

static void test_rng_is_the_published_one(void **state)
{
	struct rng a = { { 1, 2, 3, 4 } };

	/* First outputs of xoshiro256** from state {1, 2, 3, 4}, by the definition. */
	assert_true(rng_u64(&a) == 11520);
	assert_true(rng_u64(&a) == 0);
	assert_true(rng_u64(&a) == 1509978240);
}

static void test_a_text_is_found_wherever_it_is(void **state)
{
	char hay[80], what[] = "abcabdabcabcabcabd";
	size_t n, w, at;

	for (n = 0; n <= sizeof(hay); n++)
		for (w = 1; w < sizeof(what) && w <= n; w++)
			for (at = 0; at + w <= n; at++) {
				struct str s = { malloc(n),
					n }; /* of this size: none is read behind it */

				memset((char *)s.p, 'a', n);
				memcpy((char *)s.p + at, what, w);
				assert_int_equal(str_find(s, (struct str){ what, w }),
					(const char *)memmem(s.p, n, what, w) - s.p);
				((char *)s.p)[at + w - 1] = '?';
				assert_true(w == 1 || str_find(s, (struct str){ what, w }) == -1);
				free((char *)s.p);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_text_is_found_wherever_it_is),
		cmocka_unit_test(test_trim_takes_ascii_and_hard_blanks),
		cmocka_unit_test(test_texts_are_equal_when_every_byte_is),
		cmocka_unit_test(test_a_word_set_has_its_words_and_no_others),
		cmocka_unit_test(test_map_keeps_insertion_order_over_growth),
		cmocka_unit_test(test_arena_past_its_cap_answers_null),
		cmocka_unit_test(test_json_written_reads_back),
		cmocka_unit_test(test_json_refuses_what_is_ambiguous_or_deep),
		cmocka_unit_test(test_numbers_are_short_and_read_back),
		cmocka_unit_test(test_output_never_replaces_a_device),
		cmocka_unit_test(test_rng_is_the_published_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
