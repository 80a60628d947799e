/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "util/buf.h"
#include "util/err.h"
#include "util/file.h"
#include "util/formula.h"
#include "util/json.h"
#include "util/rng.h"

static struct str guarded(struct buf *b, struct str cell)
{
	buf_reset(b);
	if (formula_risky(cell))
		buf_c(b, '\'');
	buf_str(b, cell);
	return buf_view(b);
}

static void test_which_cells_want_the_mark(void **state)
{
	static const char *const risky[] = { "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\rx",
		"\nx", "  =1", "\xC2\xA0=1", "\xEF\xBB\xBF=1",
		"\xEF\xBC\x9D"
		"1",
		"\xEF\xBC\x8B"
		"1",
		"\xEF\xBC\x8D"
		"1",
		"\xEF\xBC\xA0x", "-", "+", "=", "'=1", "''=1", "' =1", "+1-800-FLOWERS", "-12%" };
	static const char *const plain[] = { "", " ", "a=b", "1-2 weeks", "-5", "+49 (30) 1234-56",
		"-0.42", " -5", "'-5", "'quoted'", "'", "''", "x@y.example", "\xFF=1", "1=1" };

	(void)state;
	for (size_t i = 0; i < sizeof(risky) / sizeof(*risky); i++)
		if (!formula_risky(str_of(risky[i])))
			fail_msg("\"%s\" would be run", risky[i]);
	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		if (formula_risky(str_of(plain[i])))
			fail_msg("\"%s\" is no formula", plain[i]);
}

/* Any cell at all comes back as it was, and what is written never starts like a formula. */
static void test_the_mark_comes_off_again(void **state)
{
	static const char *const pieces[] = { "'", "=", "+", "-", "@", "\t", "\r", "\n", " ", "1",
		"a", "\xC2\xA0", "\xEF\xBB\xBF", "\xEF\xBC\x9D", "\xEF\xBC\xA0", "(", ".", "\xFF" };
	struct buf cell = { 0 }, out = { 0 };
	struct rng r;

	(void)state;
	rng_seed(&r, 3);
	for (int i = 0; i < 300000; i++) {
		struct str text;

		buf_reset(&cell);
		for (uint64_t n = rng_below(&r, 7); n > 0; n--)
			buf_z(&cell, pieces[rng_below(&r, sizeof(pieces) / sizeof(*pieces))]);
		text = guarded(&out, buf_view(&cell));
		assert_true(str_eq(formula_open(text), buf_view(&cell)));
		assert_false(text.n > 0 && text.p[0] == '=');
	}
	buf_clear(&cell);
	buf_clear(&out);
}

static void test_collected_attacks_and_lookalikes(void **state)
{
	char path[4096];
	struct buf file = { 0 }, out = { 0 };
	struct str rest, line;
	struct err e;
	size_t attacks = 0, lookalikes = 0;

	(void)state;
	if (shared_path(path, sizeof(path), "data/safety/csv_formula.jsonl") == NULL)
		skip();
	assert_int_equal(file_read(path, 1 << 20, &file, &e), 0);
	rest = buf_view(&file);
	while (rest.n > 0) {
		struct json *doc;
		struct str text;

		if (!str_split(rest, '\n', &line, &rest)) {
			line = rest;
			rest = S("");
		}
		if (str_trim(line).n == 0)
			continue;
		assert_non_null(doc = json_parse(line, &e));
		text = json_str(json_get(doc, "text"), S(""));
		if (str_eq(json_str(json_get(doc, "label"), S("")), S("formula"))) {
			static const char starts[] = "=+-@\t\r\n";
			struct str to = guarded(&out, text), first = str_trim(to);

			attacks++;
			assert_true(first.n == 0 || strchr(starts, first.p[0]) == NULL);
		} else {
			lookalikes++;
		}
		assert_true(str_eq(formula_open(guarded(&out, text)), text));
		json_free(doc);
	}
	print_message("%zu attacks disarmed, %zu lookalikes unchanged\n", attacks, lookalikes);
	assert_true(attacks > 0 && lookalikes > 0);
	buf_clear(&file);
	buf_clear(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which_cells_want_the_mark),
		cmocka_unit_test(test_the_mark_comes_off_again),
		cmocka_unit_test(test_collected_attacks_and_lookalikes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
