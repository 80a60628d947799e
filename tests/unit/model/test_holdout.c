/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "features/frame.h"
#include "model/holdout.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"
#include "util/rng.h"

enum { N = 400 };

/* Won with the chance p, seen through noise of the given size. */
static void fill(struct holdout *h, double noise, uint64_t first_key)
{
	struct rng r, r2;

	h->n = N;
	h->k = 1;
	h->key = calloc(N, sizeof(*h->key));
	h->line = calloc(N, sizeof(*h->line));
	h->y = calloc(N, sizeof(*h->y));
	h->p = calloc(N, sizeof(*h->p));
	rng_seed(&r, 3);
	rng_seed(&r2, 4);
	for (size_t i = 0; i < N; i++) {
		double p = rng_double(&r);

		h->key[i] = first_key + i / 2; /* every key twice, as equal rows have */
		h->line[i] = i + 2;
		h->y[i] = rng_double(&r) < p;
		h->p[i] = (1 - noise) * p + noise * rng_double(&r2);
	}
}

static void test_written_reads_back_and_cut_is_refused(void **state)
{
	struct holdout a = { 0 }, b;
	struct buf bytes = { 0 };
	struct err e = { 0 };

	fill(&a, 0, 0);
	holdout_put(&a, &bytes);
	assert_int_equal(holdout_read(buf_view(&bytes), &b, &e), 0);
	assert_int_equal(b.n, N);
	assert_memory_equal(a.p, b.p, N * sizeof(double));
	assert_memory_equal(a.y, b.y, N);
	holdout_clear(&b);
	for (size_t cut = 0; cut < bytes.n; cut += 97)
		assert_int_equal(holdout_read(str_sub(buf_view(&bytes), 0, cut), &b, &e), -1);
	bytes.p[8] = 7; /* another count of rows */
	assert_int_equal(holdout_read(buf_view(&bytes), &b, &e), -1);
	bytes.p[8] = (char)(N & 255);
	bytes.p[16] = 3; /* another number of probabilities */
	assert_int_equal(holdout_read(buf_view(&bytes), &b, &e), -1);
	buf_clear(&bytes);
	holdout_clear(&a);
}

static void test_worse_version_is_told_from_an_equal_one(void **state)
{
	struct bands bands = { .hot = .7, .warm = .4 };
	struct holdout good = { 0 }, bad = { 0 }, other = { 0 };
	struct holdout_side g = { &good, &bands, "v1" }, b = { &bad, &bands, "v2" },
			    o = { &other, &bands, "v3" };
	struct holdout_compare c;
	struct buf text = { 0 };
	struct jw w = { .b = &text };
	struct err e = { 0 };
	struct json *list;

	fill(&good, 0, 0);
	fill(&bad, .9, 0);
	fill(&other, 0, 100000);
	jw_arr(&w);
	assert_int_equal(holdout_compare(&b, &g, 1, &c, &w, &e), 0);
	jw_end_arr(&w);
	assert_int_equal(c.shared, N);
	assert_true(c.comparable && c.worse && !c.better);
	list = json_parse(buf_view(&text), &e);
	assert_non_null(list);
	assert_int_equal(json_len(list), N - c.moved[HEAT_HOT][HEAT_HOT] -
						 c.moved[HEAT_WARM][HEAT_WARM] -
						 c.moved[HEAT_COLD][HEAT_COLD]);
	json_free(list);
	assert_int_equal(holdout_compare(&g, &b, 1, &c, NULL, &e), 0);
	assert_true(c.comparable && c.better && !c.worse);
	assert_int_equal(holdout_compare(&g, &g, 1, &c, NULL, &e), 0);
	assert_false(c.worse || c.better);
	assert_int_equal(holdout_compare(&g, &o, 1, &c, NULL, &e), 0);
	assert_int_equal(c.shared, 0);
	assert_false(c.comparable);
	buf_clear(&text);
	holdout_clear(&good);
	holdout_clear(&bad);
	holdout_clear(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_written_reads_back_and_cut_is_refused),
		cmocka_unit_test(test_worse_version_is_told_from_an_equal_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
