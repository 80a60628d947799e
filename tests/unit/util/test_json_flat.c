/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>

#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"
#include "util/json_flat.h"
#include "util/rng.h"

static struct json_flat flat;
static char room[1 << 16];

/* Members of ${text}, or -1. */
static int walk(struct str text, struct json_flat_member *m, size_t max, struct err *e)
{
	size_t n = 0;
	int rc;

	if (json_flat_open(&flat, text, room, NULL, e) == -1)
		return -1;
	while ((rc = json_flat_next(&flat, &m[n < max ? n : max - 1], e)) == 1)
		n++;
	return rc == -1 ? -1 : (int)n;
}

static void test_every_kind_of_value_comes_out_as_it_is(void **state)
{
	struct json_flat_member m[16];
	struct err e;
	const char *text =
		" { \"a\":1.50 ,\"b\\u00e9\\n\": \"x\\\"y\\ud83d\\ude00\", \"c\":true,"
		"\"d\":false,\"e\":null,\"f\":[1,{\"g\":[]}],\"h\":{}, \"i\":-0,\"\":\"\"}\n";

	assert_int_equal(walk(str_of(text), m, 16, &e), 9);
	assert_int_equal(m[0].type, FLAT_NUM);
	assert_true(str_eq(m[0].value, S("1.50")));
	assert_true(str_eq(m[1].key, S("b\xC3\xA9\n")));
	assert_true(str_eq(m[1].value, S("x\"y\xF0\x9F\x98\x80")));
	assert_int_equal(m[2].type, FLAT_TRUE);
	assert_int_equal(m[3].type, FLAT_FALSE);
	assert_int_equal(m[4].type, FLAT_NULL);
	assert_int_equal(m[5].type, FLAT_ARR);
	assert_true(str_eq(m[5].value, S("[1,{\"g\":[]}]")));
	assert_int_equal(m[6].type, FLAT_OBJ);
	assert_true(str_eq(m[7].value, S("-0")));
	assert_int_equal(m[8].key.n, 0);
	assert_true(m[8].hash == str_hash(S(""), 0));
}

static void test_broken_texts_are_refused_with_their_place(void **state)
{
	static const char *const broken[] = { "", "  ", "[]", "1", "{", "{\"a\"",
		"{\"a\":", "{\"a\":1", "{\"a\":1,}", "{,}", "{\"a\":1}x", "{\"a\":1}{", "{'a':1}",
		"{\"a\":01}", "{\"a\":1.}", "{\"a\":.5}", "{\"a\":+1}", "{\"a\":1e}",
		"{\"a\":1e999}", "{\"a\":NaN}", "{\"a\":tru}", "{\"a\":nullx}", "{\"a\":\"\x01\"}",
		"{\"a\":\"\xff\"}", "{\"a\":\"\\x\"}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\\udc00\"}",
		"{\"a\":\"\\u0000\"}", "{\"a\":\"\\u12\"}", "{\"a\":\"}", "{\"a\":\"\\",
		"{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "{\"a\":[1,]}", "{\"a\":[1}",
		"{\"a\":{\"b\"}}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{\"a\":-}",
		"{\"\xc3\x28\":1}" };
	struct json_flat_member m[4];
	struct err e;

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		e = (struct err){ 0 };
		if (walk(str_of(broken[i]), m, 4, &e) != -1)
			fail_msg("taken: %s", broken[i]);
		assert_int_equal(e.code, ERR_INPUT);
	}
	assert_int_equal(walk(S("{\"a\":1,\n \"b\":?}"), m, 4, &e), -1);
	assert_non_null(strstr(e.msg, "line 2, column 6"));
}

static void test_depth_and_members_have_a_limit(void **state)
{
	struct json_flat_member m[1];
	struct json *doc;
	struct buf b = { 0 };
	struct err e;

	for (int n = 31; n <= 32; n++) {
		buf_reset(&b);
		buf_z(&b, "{\"a\":");
		for (int i = 0; i < n; i++)
			buf_c(&b, '[');
		for (int i = 0; i < n; i++)
			buf_c(&b, ']');
		buf_c(&b, '}');
		assert_int_equal(walk(buf_view(&b), m, 1, &e), n == 31 ? 1 : -1);
		doc = json_parse(buf_view(&b), NULL);
		assert_int_equal(doc != NULL, n == 31);
		json_free(doc);
	}
	for (int n = JSON_FLAT_KEYS; n <= JSON_FLAT_KEYS + 1; n++) {
		buf_reset(&b);
		for (int i = 0; i < n; i++)
			buf_fmt(&b, "%s\"k%d\":%d", i == 0 ? "{" : ",", i, i);
		buf_c(&b, '}');
		assert_int_equal(walk(buf_view(&b), m, 1, &e), n == JSON_FLAT_KEYS ? n : -1);
	}
	assert_int_equal(e.code, ERR_LIMIT);
	buf_clear(&b);
}

static void test_items_of_an_array_come_as_their_texts(void **state)
{
	struct str arr = S("[ {\"a\":\"],{\"} , [1,2],\"x\\\"],\" ,3 ]"), item;

	assert_true(json_flat_item(&arr, &item));
	assert_true(str_eq(item, S("{\"a\":\"],{\"}")));
	assert_true(json_flat_item(&arr, &item));
	assert_true(str_eq(item, S("[1,2]")));
	assert_true(json_flat_item(&arr, &item));
	assert_true(str_eq(item, S("\"x\\\"],\"")));
	assert_true(json_flat_item(&arr, &item));
	assert_true(str_eq(item, S("3")));
	assert_false(json_flat_item(&arr, &item));
	arr = S("[ ]");
	assert_false(json_flat_item(&arr, &item));
}

/* Texts made by damaging good ones: both readers accept the same, and read the same. */
/* Members of ${text} with ${last}, or -1. */
static int walk_again(const char *text, struct json_flat_keys *last, struct err *e)
{
	struct json_flat_member m;
	int n = 0, rc;

	if (json_flat_open(&flat, str_of(text), room, last, e) == -1)
		return -1;
	while ((rc = json_flat_next(&flat, &m, e)) == 1)
		n++;
	return rc == -1 ? -1 : n;
}

static void test_keys_of_the_object_before_change_nothing(void **state)
{
	static const struct {
		const char *text;
		int members;
		size_t kept;
	} steps[] = {
		{ "{\"a\":1,\"b\":2,\"c\":3}", 3, 3 },
		{ "{\"a\":1,\"b\":2,\"c\":3}", 3, 3 },
		{ "{\"a\":1,\"b\":2,\"a\":3}", -1, 3 }, /* twice, after two that were known */
		{ "{\"a\":1, \"c\":2,\"b\":3,\"d\":4}", 4, 4 },
		{ "{\"a\":1,\"c\" :2,\"b\":3}", 3, 1 }, /* a blank: not as they stand */
		{ "{}", 0, 1 },
		{ "{\"\\u0061\":1,\"a\":2}", -1, 0 }, /* the same key, written otherwise */
		{ "{\"a\":1,\"ab\":2}", 2, 2 },
		{ "{\"a\":1,\"a\":2}", -1, 2 },
		{ "{\"a\"", -1, 2 },
	};
	struct json_flat_keys last = { 0 };
	struct err e;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		int n = walk_again(steps[i].text, &last, &e);

		if (n != steps[i].members || last.n != steps[i].kept)
			fail_msg("%s: %d members, %u keys kept", steps[i].text, n, last.n);
	}
}

/* Walks ${text} and leaves ${mark} at each of its keys; whether each was there before. */
static void expect_notes(
	struct json_flat_keys *last, const char *text, const char *before, uint64_t mark)
{
	struct json_flat_member m;
	struct err e;

	assert_int_equal(json_flat_open(&flat, str_of(text), room, last, &e), 0);
	for (; json_flat_next(&flat, &m, &e) == 1; before++) {
		char found = m.note == NULL ? '-' : *m.note == 0 ? '0' : '1';

		if (found != *before)
			fail_msg("%s: note of \"%.*s\" is %c, not %c", text, STR_ARG(m.key), found,
				*before);
		if (m.note != NULL)
			*m.note = mark;
	}
	assert_int_equal(*before, '\0');
}

static void test_a_note_stays_as_long_as_its_key(void **state)
{
	struct json_flat_keys last = { 0 };

	expect_notes(&last, "{\"a\":1,\"b\":2,\"c\":3}", "000", 7);
	expect_notes(&last, "{\"a\":4,\"b\":5,\"c\":6}", "111", 7);
	expect_notes(&last, "{\"a\":1,\"x\":2,\"c\":3}", "100", 7);
	expect_notes(&last, "{\"a\":1,\"x\":2,\"c\":3,\"d\":4}", "1110", 7);
	expect_notes(&last, "{\"b\":1,\"x\":2}", "00", 7);
	expect_notes(&last, "{\"b\":1, \"x\":2}", "11", 7);
	/* Too long to be kept; what stands behind it has no place either. */
	expect_notes(&last,
		"{\"b\":1,\"0123456789012345678901234567890123456789012345678\":2,\"x\":3}", "1--",
		7);
}

static void test_it_agrees_with_the_reference(void **state)
{
	static const char *const seeds[] = {
		"{\"name\":\"Ann \\u00c9\\t\",\"n\":-12.5e3,\"t\":true,\"u\":null}",
		"{ \"a\" : [ 1 , \"b\\\\\" , { \"c\" : false } ] , \"d\" : \"\xE2\x82\xAC\" }",
		"{\"k\":0.125,\"k2\":{\"x\":1},\"k3\":[],\"k4\":\"\\ud83d\\ude00\"}",
	};
	static const char bytes[] = "{}[]\",:\\u0019eE+-.tfn \n\x01\xC3\xA9\xff";
	struct json_flat_member m;
	struct json_flat_keys last = { 0 };
	char text[200];
	struct rng r;
	size_t accepted = 0;

	rng_seed(&r, 7);
	for (int round = 0; round < 200000; round++) {
		const char *seed = seeds[rng_below(&r, 3)];
		size_t n = strlen(seed), changes = rng_below(&r, 4);
		struct err e = { 0 };
		struct json *doc;
		int rc;

		memcpy(text, seed, n);
		for (size_t i = 0; i < changes; i++) {
			size_t at = rng_below(&r, n);

			if (rng_below(&r, 3) == 0) {
				memmove(text + at, text + at + 1, n - at - 1);
				n--;
			} else {
				text[at] = bytes[rng_below(&r, sizeof(bytes) - 1)];
			}
		}
		doc = json_parse((struct str){ text, n }, NULL);
		/* Each reads with what the ones before have left of their keys, or without. */
		rc = json_flat_open(&flat, (struct str){ text, n }, room,
			rng_below(&r, 4) != 0 ? &last : NULL, &e);
		for (size_t i = 0; rc == 0 && (rc = json_flat_next(&flat, &m, &e)) == 1;
			rc = 0, i++) {
			struct str key;
			const struct json *v = doc != NULL ? json_member(doc, i, &key) : NULL;

			if (v == NULL)
				continue;
			assert_true(str_eq(key, m.key));
			assert_true(m.hash == str_hash(key, 0));
			if (m.type == FLAT_STR)
				assert_true(str_eq(m.value, json_str(v, S("?"))));
			if (m.type == FLAT_NUM)
				assert_true(strtod(m.value.p, NULL) == json_num(v, NAN));
			assert_int_equal(
				json_type(v), ((enum json_type[]){ J_NULL, J_BOOL, J_BOOL, J_NUM,
						      J_STR, J_ARR, J_OBJ })[m.type]);
		}
		if ((rc == -1) != (doc == NULL || json_type(doc) != J_OBJ))
			fail_msg("%.*s: %s", (int)n, text, rc == -1 ? e.msg : "taken");
		accepted += rc == 0;
		json_free(doc);
	}
	assert_in_range(accepted, 20000, 190000);
	printf("json_flat: 200000 texts, %zu of them good, as the reference reads them\n",
		accepted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_of_value_comes_out_as_it_is),
		cmocka_unit_test(test_broken_texts_are_refused_with_their_place),
		cmocka_unit_test(test_depth_and_members_have_a_limit),
		cmocka_unit_test(test_items_of_an_array_come_as_their_texts),
		cmocka_unit_test(test_keys_of_the_object_before_change_nothing),
		cmocka_unit_test(test_a_note_stays_as_long_as_its_key),
		cmocka_unit_test(test_it_agrees_with_the_reference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
