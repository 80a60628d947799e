/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>

#include "features/frame.h"
#include "model/heat.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"
#include "util/rng.h"

enum { N = 2000 };
struct leads {
	double p[N], created[N];
	int8_t y[N];
	struct bands_rows r;
};

/* Base rate about ${base}, ten leads a day over 200 days. */
static struct leads *leads(double base, double spread, uint64_t seed)
{
	struct leads *l = calloc(1, sizeof(*l));
	struct rng r;

	rng_seed(&r, seed);
	for (size_t i = 0; i < N; i++) {
		l->p[i] = 1 / (1 + exp(-log(base / (1 - base)) - spread * rng_normal(&r)));
		l->y[i] = rng_double(&r) < l->p[i] ? OUTCOME_WON : OUTCOME_LOST;
		l->created[i] = 19000.25 + (double)(i / 10);
	}
	l->r = (struct bands_rows){ l->p, l->y, l->created, N, 0 };
	return l;
}

static void test_score_is_rounded_half_up_on_the_exact_value(void **state)
{
	static const struct {
		double p;
		int score;
	} cases[] = { { 0, 0 }, { 1, 100 }, { -0.0, 0 }, { NAN, 0 }, { .005, 1 },
		{ .0049999999999999992, 0 }, { .125, 13 }, { .375, 38 }, { .994999999999999, 99 },
		{ .995, 99 }, { .9950000000000001, 100 }, { .5, 50 }, { .045, 4 }, { .285, 28 },
		{ 1e-300, 0 } };

	/* .005 is a little above itself as a double, .995, .045 and .285 a little below. */
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(heat_score(cases[i].p), cases[i].score);
	for (int s = 0; s <= 100; s++)
		assert_int_equal(heat_score(s / 100.0), s);
}

static void test_hot_is_twice_the_base_rate_or_the_top_tenth(void **state)
{
	struct leads *l = leads(.1, 1.5, 1);
	struct bands b;
	struct err e = { 0 };
	size_t won = 0;

	assert_int_equal(bands_default(&l->r, &b, &e), 0);
	for (size_t i = 0; i < N; i++)
		won += l->y[i] == 1;
	assert_float_equal(b.warm, (double)won / N, 1e-12);
	assert_true(b.hot >= 2 * b.warm);
	/* With this much spread the top tenth is the stricter: exactly a tenth is hot. */
	assert_int_equal(b.count[HEAT_HOT], N / 10);
	assert_true(b.count[HEAT_WARM] > 0 && b.count[HEAT_COLD] > 0);
	assert_int_equal(b.count[0] + b.count[1] + b.count[2], N);
	assert_null(strstr(b.note, "No training lead"));
	free(l);
	l = leads(.1, .4, 2);
	assert_int_equal(bands_default(&l->r, &b, &e), 0);
	assert_float_equal(b.hot, 2 * b.warm, 1e-12);
	free(l);
}

static void test_most_leads_win_and_hot_can_still_be_reached(void **state)
{
	struct leads *l = leads(.7, 1.5, 3);
	struct bands b;
	struct err e = { 0 };

	assert_int_equal(bands_default(&l->r, &b, &e), 0);
	assert_true(b.hot < 1);
	assert_true(b.count[HEAT_HOT] > 0);
	assert_true(b.count[HEAT_WARM] > 0);
	free(l);
}

static void test_an_empty_band_has_its_reason(void **state)
{
	struct leads *l = leads(.2, 0, 4);
	struct bands b;
	struct err e = { 0 };

	assert_int_equal(bands_default(&l->r, &b, &e), 0);
	assert_int_equal(b.count[HEAT_HOT], 0);
	assert_non_null(strstr(b.note, "No training lead is hot"));
	/* A weak but real order: the top tenth is hot although it is not twice the base rate. */
	free(l);
	l = leads(.3, .3, 5);
	assert_int_equal(bands_default(&l->r, &b, &e), 0);
	assert_true(b.count[HEAT_HOT] > 0);
	free(l);
}

static void test_one_outcome_has_no_bands(void **state)
{
	struct leads *l = leads(.2, 1, 6);
	struct bands b;
	struct err e = { 0 };

	memset(l->y, 0, sizeof(l->y));
	assert_int_equal(bands_default(&l->r, &b, &e), -1);
	assert_int_equal(e.code, ERR_INPUT);
	free(l);
}

static void test_bands_by_hand_are_checked(void **state)
{
	static const double bad[][2] = { { 0, .1 }, { 1, .1 }, { .1, .2 }, { .5, 0 }, { .5, -1 },
		{ 50, 20 }, { NAN, .9 } };
	struct bands b = { .hot = .4, .warm = .2 };
	struct err e = { 0 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(bands_by_hand(&b, bad[i][0], bad[i][1], NULL, &e), -1);
		assert_int_equal(e.code, ERR_USAGE);
		assert_float_equal(b.hot, .4, 0);
	}
	assert_int_equal(bands_by_hand(&b, .6, NAN, NULL, &e), 0);
	assert_float_equal(b.hot, .6, 0);
	assert_float_equal(b.warm, .2, 0);
	assert_int_equal(b.how_hot, BANDS_HAND);
	assert_int_equal(b.how_warm, BANDS_DEFAULT);
	assert_int_equal(heat_of(&b, .6), HEAT_HOT);
	assert_int_equal(heat_of(&b, nextafter(.6, 0)), HEAT_WARM);
	assert_int_equal(heat_of(&b, .2), HEAT_WARM);
	assert_int_equal(heat_of(&b, .1999), HEAT_COLD);
}

static void test_capacity_fills_the_day_and_not_more(void **state)
{
	struct leads *l = leads(.2, 1, 7);
	struct bands b;
	struct err e = { 0 };
	double wins = 0;

	assert_int_equal(bands_default(&l->r, &b, &e), 0);
	assert_int_equal(bands_by_capacity(&b, 3, &l->r, &e), 0);
	assert_float_equal(b.leads_per_day, 10, 1e-9);
	assert_int_equal(b.count[HEAT_HOT], 600);
	assert_float_equal(b.hot_per_day, 3, 1e-9);
	for (size_t i = 0; i < N; i++)
		wins += l->p[i] >= b.hot ? l->p[i] : 0;
	assert_float_equal(b.wins_per_day, wins / 200, 1e-9);
	assert_true(b.warm <= b.hot);
	/* As many open leads came beside these: the same places a day are half the share. */
	l->r.all = 2 * N;
	assert_int_equal(bands_by_capacity(&b, 3, &l->r, &e), 0);
	assert_float_equal(b.leads_per_day, 20, 1e-9);
	assert_int_equal(b.count[HEAT_HOT], 300);
	/* Everyone can be worked. */
	assert_int_equal(bands_by_capacity(&b, 30, &l->r, &e), 0);
	assert_float_equal(b.hot, b.warm, 0);
	assert_non_null(strstr(b.note, "all of them"));
	assert_non_null(strstr(b.note, "30 a day can be worked"));
	assert_non_null(strstr(b.note, "wins a day"));
	/* 20 a week. */
	assert_int_equal(bands_by_capacity(&b, 20.0 / 7, &l->r, &e), 0);
	assert_non_null(strstr(b.note, "sized to 2.9 leads a day"));
	/* All alike: rather none than more than can be worked. */
	for (size_t i = 0; i < N; i++)
		l->p[i] = .25;
	assert_int_equal(bands_by_capacity(&b, 3, &l->r, &e), 0);
	assert_int_equal(b.count[HEAT_HOT], 0);
	assert_non_null(strstr(b.note, "No training lead is hot"));
	assert_int_equal(bands_by_capacity(&b, 0, &l->r, &e), -1);
	l->r.created = NULL;
	assert_int_equal(bands_by_capacity(&b, 3, &l->r, &e), -1);
	assert_non_null(strstr(e.msg, "creation dates"));
	free(l);
}

static void test_hot_outgrowing_the_capacity_is_said(void **state)
{
	struct bands b = { .hot = .4, .warm = .2, .capacity_per_day = 30 };
	char text[256];

	assert_true(bands_outgrown(&b, 400, 10, text, sizeof(text)));
	assert_non_null(strstr(text, "40.0 leads a day"));
	assert_false(bands_outgrown(&b, 310, 10, text, sizeof(text))); /* chance */
	b.capacity_per_day = 0;
	assert_false(bands_outgrown(&b, 400, 10, text, sizeof(text)));
}

static void test_value_of_a_win_sets_where_a_contact_pays(void **state)
{
	struct leads *l = leads(.2, 1, 8);
	struct bands b;
	struct err e = { 0 };

	assert_int_equal(bands_default(&l->r, &b, &e), 0);
	assert_int_equal(bands_by_value(&b, 1000, 400, &l->r, &e), 0);
	assert_float_equal(b.hot, .4, 1e-12);
	assert_int_equal(bands_by_value(&b, 1000, 50, &l->r, &e), 0);
	assert_float_equal(b.hot, .05, 1e-12);
	assert_float_equal(b.warm, .025, 1e-12);
	assert_int_equal(bands_by_value(&b, 50, 50, &l->r, &e), -1);
	assert_int_equal(bands_by_value(&b, -1, 50, &l->r, &e), -1);
	free(l);
}

static void test_masses_sum_to_one_and_confidence_is_half_at_the_edge(void **state)
{
	struct bands b = { .hot = .4, .warm = .2, .sd = .3 };
	double m[3], wide[3], h = .4;

	for (int i = 0; i <= 1000; i++) {
		heat_masses(&b, i / 1000.0, i % 7 * .1, m);
		assert_float_equal(m[0] + m[1] + m[2], 1, 1e-15);
		assert_true(m[0] >= 0 && m[1] >= 0 && m[2] >= 0);
	}
	heat_masses(&b, h, .1, m);
	assert_float_equal(m[HEAT_HOT], .5, 1e-12);
	/* logit(.5) - logit(.4) = .405465; one standard deviation of .5 (.3 and .4 together). */
	heat_masses(&b, .5, .4, m);
	assert_float_equal(m[HEAT_HOT], .7912971, 1e-6);
	heat_masses(&b, .5, 2, wide);
	assert_true(wide[HEAT_HOT] < m[HEAT_HOT]);
	b.sd = 0;
	heat_masses(&b, h, 0, m);
	assert_float_equal(m[HEAT_HOT], 1, 0);
}

static void test_three_labels_take_no_thresholds(void **state)
{
	const double p[6] = { .5, .3, .2, .1, .2, .7 };
	const int8_t y[2] = { 0, 2 };
	struct bands b = { .hot = .4, .warm = .2 };
	struct bands_rows r = { p, y, NULL, 2, 0 };
	struct err e = { 0 };

	bands_by_labels(&b, p, y, 2);
	assert_int_equal(b.count[HEAT_HOT], 1);
	assert_int_equal(b.count[HEAT_COLD], 1);
	assert_int_equal(bands_by_hand(&b, .5, NAN, NULL, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_int_equal(bands_by_capacity(&b, 5, &r, &e), -1);
	assert_int_equal(bands_by_value(&b, 5, 1, &r, &e), -1);
}

static void test_three_labels_take_the_largest(void **state)
{
	assert_int_equal(heat_of_classes((double[]){ .2, .5, .3 }), HEAT_WARM);
	assert_int_equal(heat_of_classes((double[]){ .4, .4, .2 }), HEAT_HOT);
	assert_int_equal(heat_of_classes((double[]){ .2, .2, .6 }), HEAT_COLD);
}

static void test_calibration_error_shrinks_with_data_and_grows_with_error(void **state)
{
	struct leads *l = leads(.2, 1, 9);
	double all = bands_calibration_sd(l->p, l->y, N), few, off;

	few = bands_calibration_sd(l->p, l->y, 60);
	for (size_t i = 0; i < N; i++)
		l->p[i] = l->p[i] * l->p[i];
	off = bands_calibration_sd(l->p, l->y, N);
	assert_true(all < .4);
	assert_true(few > all);
	assert_true(off > 1);
	assert_float_equal(bands_calibration_sd(l->p, l->y, 0), 1, 0);
	free(l);
}

static void test_json_keeps_the_bands(void **state)
{
	struct leads *l = leads(.2, 1, 10);
	struct bands b, back;
	struct buf text = { 0 };
	struct jw w = { .b = &text };
	struct err e = { 0 };
	struct json *doc;

	assert_int_equal(bands_default(&l->r, &b, &e), 0);
	assert_int_equal(bands_by_capacity(&b, 3, &l->r, &e), 0);
	bands_write(&w, &b);
	doc = json_parse(buf_view(&text), &e);
	assert_non_null(doc);
	memset(&back, 1, sizeof(back));
	assert_int_equal(bands_read(doc, &back, &e), 0);
	assert_float_equal(back.hot, b.hot, 0);
	assert_float_equal(back.sd, b.sd, 0);
	assert_float_equal(back.wins_per_day, b.wins_per_day, 0);
	assert_int_equal(back.how_hot, BANDS_CAPACITY);
	assert_memory_equal(back.count, b.count, sizeof(b.count));
	assert_string_equal(back.note, b.note);
	json_free(doc);
	buf_clear(&text);
	free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_score_is_rounded_half_up_on_the_exact_value),
		cmocka_unit_test(test_hot_is_twice_the_base_rate_or_the_top_tenth),
		cmocka_unit_test(test_most_leads_win_and_hot_can_still_be_reached),
		cmocka_unit_test(test_an_empty_band_has_its_reason),
		cmocka_unit_test(test_one_outcome_has_no_bands),
		cmocka_unit_test(test_bands_by_hand_are_checked),
		cmocka_unit_test(test_capacity_fills_the_day_and_not_more),
		cmocka_unit_test(test_hot_outgrowing_the_capacity_is_said),
		cmocka_unit_test(test_value_of_a_win_sets_where_a_contact_pays),
		cmocka_unit_test(test_masses_sum_to_one_and_confidence_is_half_at_the_edge),
		cmocka_unit_test(test_three_labels_take_no_thresholds),
		cmocka_unit_test(test_three_labels_take_the_largest),
		cmocka_unit_test(test_calibration_error_shrinks_with_data_and_grows_with_error),
		cmocka_unit_test(test_json_keeps_the_bands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
