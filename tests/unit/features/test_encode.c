/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "features/encode.h"
#include "features/frame.h"
#include "unit.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/rng.h"

#define BASES 4 /* 0: number, 1: category of 5, 2: code-like number, 3: category of 1,000 */

static float values_cuts[] = { -3, 1, 2, 40 };
static float bin_cuts[] = { 0, .5f, 2 };
static const struct enc_axis level5 = { 1, ENC_AXIS_LEVEL, 5, 0, NULL };
static const struct enc_axis level1000 = { 3, ENC_AXIS_LEVEL, 1000, 0, NULL };
static const struct enc_axis value = { 2, ENC_AXIS_VALUE, 5, 4, values_cuts };
static const struct enc_axis bin = { 0, ENC_AXIS_BIN, 5, 3, bin_cuts };

/* A key over ${axes} whose cell with number i has the features i, -i and 10 i. */
static void add_key(struct encoder *enc, const struct enc_axis *axes, uint32_t n_axes,
	const uint64_t *id, size_t n)
{
	struct enc_feature features[3] = { { (char *)"a", ENC_LEVEL, 0, { 0 } },
		{ (char *)"b", ENC_COUNT, 0, { 0 } }, { (char *)"c", ENC_RATE, 0, { 0 } } };
	float *values = calloc(n * 3, sizeof(float)), unseen[3] = { -1, -2, -3 };
	uint32_t *count = calloc(n, sizeof(*count)), *won = calloc(n, sizeof(*won));
	struct enc_key k = { axes, n_axes, n, id, count, won, 3, values, unseen, features };

	for (size_t i = 0; i < n; i++) {
		values[3 * i] = (float)i;
		values[3 * i + 1] = -(float)i;
		values[3 * i + 2] = 10 * (float)i;
		count[i] = (uint32_t)(i + 7);
		won[i] = (uint32_t)i;
	}
	assert_true(encoder_add_key(enc, &k, NULL) >= 0);
	free(values);
	free(count);
	free(won);
}

static struct encoder *sample(void)
{
	struct encoder *enc = encoder_new(BASES, 2, NULL);
	uint64_t few[] = { 0, 1, 2, 4 }, many[600], pair[] = { 0, 3, 7, 24 };
	struct enc_axis two[2], three[3] = { level5, level1000, value };
	uint32_t count[5] = { 10, 20, 0, 5, 1 }, won[5] = { 1, 12, 0, 5, 0 };

	two[0] = bin;
	two[1] = value;
	for (size_t i = 0; i < 600; i++)
		many[i] = i * 31;
	assert_int_equal(encoder_add_number(enc, 0, "a number", NULL), 0);
	add_key(enc, &level5, 1, few, 4);
	add_key(enc, three, 3, many, 600); /* sparse: hashed */
	assert_int_equal(encoder_add_number(enc, 2, "a code", NULL), 7);
	add_key(enc, two, 2, pair, 4);
	assert_int_equal(encoder_add_evidence(enc, &level5, count, won, NULL), 0);
	assert_int_equal(encoder_add_evidence(enc, &bin, count, won, NULL), 0);
	return enc;
}

static void random_row(struct rng *r, float *num, uint32_t *code)
{
	static const float codes[] = { -3, 1, 2, 40, 1.5f, 41, 1e30f, -1e30f };

	num[0] = rng_below(r, 5) == 0 ? NAN : (float)rng_normal(r);
	num[2] = rng_below(r, 9) == 0 ? NAN : codes[rng_below(r, 8)];
	code[1] = rng_below(r, 9) == 0 ? BASE_UNSEEN : (uint32_t)rng_below(r, 6);
	code[3] = (uint32_t)rng_below(r, 1100);
	num[1] = num[3] = NAN;
	code[0] = code[2] = 0;
}

static void same(const float *a, const float *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_true(a[i] == b[i] || (isnan(a[i]) && isnan(b[i])));
}

static void test_blocks_equal_the_reference(void **state)
{
	struct encoder *enc = sample();
	size_t n = encoder_n_features(enc);
	float num[50 * BASES], *x = calloc(50 * (n + 3), sizeof(float)), one[32];
	uint32_t code[50 * BASES];
	struct enc_block b = { 50, num, code, BASES, x, n + 3 };
	struct rng r;

	rng_seed(&r, 3);
	for (int round = 0; round < 40; round++) {
		for (size_t i = 0; i < 50; i++)
			random_row(&r, num + i * BASES, code + i * BASES);
		encoder_rows(enc, &b);
		for (size_t i = 0; i < 50; i++) {
			encoder_row(enc, num + i * BASES, code + i * BASES, one);
			same(one, x + i * (n + 3), n);
		}
	}
	free(x);
	encoder_free(enc);
}

static void test_rows_of_runs_are_those_of_the_reference(void **state)
{
	struct encoder *enc = sample();
	size_t n = encoder_n_features(enc), n_runs = encoder_runs(enc);
	float num[BASES], x[32], one[32];
	uint32_t code[BASES], row[8];
	struct rng r;

	assert_int_equal(n_runs, 3);
	rng_seed(&r, 5);
	for (int round = 0; round < 2000; round++) {
		random_row(&r, num, code);
		encoder_row(enc, num, code, one);
		encoder_row_runs(enc, num, code, x, row);
		for (size_t i = 0; i < n_runs; i++) {
			struct enc_run run = encoder_run(enc, i);

			assert_true(row[i] < run.rows);
			memcpy(x + run.first, run.values + row[i] * run.n, run.n * sizeof(float));
		}
		same(one, x, n);
	}
	encoder_free(enc);
}

/* More ranges than fit in a small frame. */
static void test_many_axes_equal_the_reference(void **state)
{
	enum { KEYS = 300 };
	struct encoder *enc = encoder_new(BASES, 2, NULL);
	uint64_t ids[] = { 0, 1, 2 };
	float num[BASES], x[3 * KEYS], one[3 * KEYS];
	uint32_t code[BASES];
	struct enc_block b = { 1, num, code, BASES, x, 3 * KEYS };
	struct rng r;

	for (int i = 0; i < KEYS; i++) {
		float cut = (float)(i - KEYS / 2) / 50;
		struct enc_axis axis = { 0, ENC_AXIS_BIN, 3, 1, &cut };

		add_key(enc, &axis, 1, ids, 3);
	}
	rng_seed(&r, 4);
	for (int round = 0; round < 200; round++) {
		random_row(&r, num, code);
		encoder_rows(enc, &b);
		encoder_row(enc, num, code, one);
		same(one, x, 3 * KEYS);
	}
	assert_int_equal(encoder_runs(enc), 0);
	encoder_free(enc);
}

static void test_cells_not_seen_get_the_defaults(void **state)
{
	struct encoder *enc = sample();
	float num[BASES] = { 1, NAN, 1.5f, NAN }, x[16];
	uint32_t code[BASES] = { 0, BASE_UNSEEN, 0, 5 };

	encoder_row(enc, num, code, x);
	assert_true(x[0] == 1 && x[1] == -1 && x[2] == -2 && x[3] == -3 && x[7] == 1.5f);
	code[1] = 4;
	encoder_row(enc, num, code, x);
	assert_true(x[1] == 3 && x[2] == -3 && x[3] == 30);
	encoder_free(enc);
}

static void test_evidence_tells_level_range_and_missing(void **state)
{
	struct encoder *enc = sample();
	struct enc_evidence ev;
	float num[BASES] = { NAN, NAN, 1, NAN };
	uint32_t code[BASES] = { 0, 1, 0, 0 };

	assert_true(encoder_evidence(enc, 1, NAN, 1, &ev));
	assert_true(ev.n == 20 && ev.won[0] == 12 && !ev.missing && !ev.range);
	assert_false(encoder_evidence(enc, 1, NAN, 2, &ev)); /* no rows */
	assert_false(encoder_evidence(enc, 1, NAN, BASE_UNSEEN, &ev));
	assert_false(encoder_evidence(enc, 3, NAN, 1, &ev)); /* nothing kept */
	assert_true(encoder_evidence(enc, 0, NAN, 0, &ev));
	assert_true(ev.missing && ev.n == 10);
	assert_true(encoder_evidence(enc, 0, .7f, 0, &ev));
	assert_true(ev.range && ev.lo == .5f && ev.hi == 2 && ev.n == 5);
	assert_true(encoder_evidence(enc, 0, 9, 0, &ev));
	assert_true(ev.lo == 2 && isinf(ev.hi));
	assert_true(encoder_cell(enc, 1, num, code, &ev));
	assert_true(ev.n == 8 && ev.won[0] == 1);
	assert_false(encoder_cell(enc, 0, num, code, &ev)); /* a plain number */
	encoder_free(enc);
}

static void test_compacting_keeps_what_is_used(void **state)
{
	struct encoder *enc = sample(), *small;
	size_t n = encoder_n_features(enc);
	bool used[11] = { false, true, false, true, false, false, false, true, false, false, true };
	uint32_t map[11];
	float num[BASES], x[16], y[16];
	uint32_t code[BASES];
	struct rng r;

	assert_int_equal(n, 11);
	small = encoder_compact(enc, used, map, NULL);
	assert_int_equal(encoder_n_features(small), 4);
	assert_true(
		map[0] == UINT32_MAX && map[1] == 0 && map[3] == 1 && map[7] == 2 && map[10] == 3);
	assert_false(encoder_needs(small, 3));
	assert_true(encoder_needs(small, 0) && encoder_needs(enc, 3));
	assert_string_equal(encoder_feature(small, 2)->name, "a code");
	rng_seed(&r, 4);
	for (int i = 0; i < 200; i++) {
		random_row(&r, num, code);
		encoder_row(enc, num, code, x);
		encoder_row(small, num, code, y);
		for (size_t j = 0; j < n; j++)
			if (used[j])
				same(&x[j], &y[map[j]], 1);
	}
	encoder_free(enc);
	encoder_free(small);
}

static void test_written_and_read_is_the_same(void **state)
{
	struct encoder *enc = sample(), *back;
	struct buf a = { 0 }, b = { 0 };
	struct err e = { 0 };
	float num[BASES], x[16], y[16];
	uint32_t code[BASES];
	struct rng r;

	assert_int_equal(encoder_write(enc, &a, &e), 0);
	back = encoder_read(buf_view(&a), &e);
	assert_non_null(back);
	assert_int_equal(encoder_write(back, &b, &e), 0);
	assert_int_equal(a.n, b.n);
	assert_memory_equal(a.p, b.p, a.n);
	rng_seed(&r, 5);
	for (int i = 0; i < 100; i++) {
		random_row(&r, num, code);
		encoder_row(enc, num, code, x);
		encoder_row(back, num, code, y);
		same(x, y, 11);
	}
	encoder_free(enc);
	encoder_free(back);
	buf_clear(&a);
	buf_clear(&b);
}

/* Any byte changed, any length cut; and, with the checksum made to fit, nothing worse than a
 * refusal or another encoder. */
static void test_hostile_bytes_are_refused_or_harmless(void **state)
{
	struct encoder *enc = sample();
	struct buf a = { 0 };
	struct err e = { 0 };
	float num[BASES] = { 1, NAN, 2, NAN }, *x = calloc(200000, sizeof(float));
	uint32_t code[BASES] = { 0, 3, 0, 500 };
	struct rng r;

	assert_int_equal(encoder_write(enc, &a, &e), 0);
	for (size_t n = 0; n < a.n; n += n < 300 ? 1 : 97)
		assert_null(encoder_read((struct str){ a.p, n }, &e));
	rng_seed(&r, 6);
	for (int i = 0; i < 3000; i++) {
		size_t at = i < 1500 ? 20 + rng_below(&r, 700) : rng_below(&r, a.n - 8);
		char *copy = malloc(a.n);
		struct encoder *got;
		uint64_t sum;

		memcpy(copy, a.p, a.n);
		copy[at] = (char)rng_u64(&r);
		if (i % 10 == 0)
			memset(copy + at, 0xff, a.n - 8 - at < 4 ? a.n - 8 - at : 4);
		sum = str_hash((struct str){ copy, a.n - 8 }, UINT64_C(0x68656174));
		for (int k = 0; k < 8; k++)
			copy[a.n - 8 + (size_t)k] = (char)(sum >> (8 * k));
		got = encoder_read((struct str){ copy, a.n }, &e);
		if (got != NULL && encoder_n_bases(got) == BASES)
			encoder_row(got, num, code, x);
		encoder_free(got);
		free(copy);
	}
	free(x);
	buf_clear(&a);
	encoder_free(enc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks_equal_the_reference),
		cmocka_unit_test(test_rows_of_runs_are_those_of_the_reference),
		cmocka_unit_test(test_many_axes_equal_the_reference),
		cmocka_unit_test(test_cells_not_seen_get_the_defaults),
		cmocka_unit_test(test_evidence_tells_level_range_and_missing),
		cmocka_unit_test(test_compacting_keeps_what_is_used),
		cmocka_unit_test(test_written_and_read_is_the_same),
		cmocka_unit_test(test_hostile_bytes_are_refused_or_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
