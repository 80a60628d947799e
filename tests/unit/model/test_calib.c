/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "model/calib.h"
#include "unit.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"
#include "util/rng.h"

#define N 6000

struct sample {
	double m[N];
	float y[N];
	uint8_t fold[N];
	struct calib_data d;
};

/* Outcomes drawn with the log odds slope * margin + shift. */
static void draw(struct sample *s, double slope, double shift)
{
	struct rng r;

	rng_seed(&r, 9);
	for (size_t i = 0; i < N; i++) {
		s->m[i] = 1.5 * rng_normal(&r);
		s->y[i] = rng_double(&r) < 1 / (1 + exp(-slope * s->m[i] - shift));
		s->fold[i] = (uint8_t)(i % 5);
	}
	s->d = (struct calib_data){ s->m, s->y, s->fold, N, 5 };
}

static void test_platt_finds_slope_and_shift(void **state)
{
	struct sample *s = calloc(1, sizeof(*s));
	struct calib c;

	draw(s, .5, -.7);
	assert_int_equal(calib_fit(&c, CALIB_PLATT, &s->d, 0, NULL), 0);
	assert_float_equal(c.a, .5, .06);
	assert_float_equal(c.b, -.7, .08);
	assert_float_equal(calib_logit(&c, 2), 2 * c.a + c.b, 1e-12);
	assert_true(calib_se(&c, 0) > .01 && calib_se(&c, 0) < .06);
	calib_clear(&c);
	free(s);
}

static void test_the_pull_keeps_the_slope_near_one(void **state)
{
	struct sample *s = calloc(1, sizeof(*s));
	struct calib weak, strong;

	draw(s, .5, 0);
	assert_int_equal(calib_fit(&weak, CALIB_PLATT, &s->d, 100, NULL), 0);
	assert_int_equal(calib_fit(&strong, CALIB_PLATT, &s->d, 1e7, NULL), 0);
	assert_true(weak.a > .5 && weak.a < .65);
	assert_float_equal(strong.a, 1, .01);
	free(s);
}

static void test_every_kind_rises_and_stays_inside(void **state)
{
	struct sample *s = calloc(1, sizeof(*s));

	draw(s, 3, 1);
	for (int k = 0; k < 4; k++) {
		struct calib c;
		double before = 0;

		assert_int_equal(calib_fit(&c, (enum calib_kind)k, &s->d, 100, NULL), 0);
		for (double m = -60; m < 60; m += .1) {
			double p = calib_apply(&c, m);

			assert_true(p > 0 && p < 1 && p >= before);
			before = p;
		}
		assert_true(isnan(calib_apply(&c, NAN)));
		calib_clear(&c);
	}
	free(s);
}

static void test_isotonic_is_chosen_for_a_staircase(void **state)
{
	struct sample *s = calloc(1, sizeof(*s));
	struct calib_choice choice;
	struct calib c;
	double *prob = malloc(N * sizeof(*prob)), loss = 0;
	struct rng r;

	draw(s, 1, 0);
	rng_seed(&r, 2);
	for (size_t i = 0; i < N; i++)
		s->y[i] = rng_double(&r) < (s->m[i] < -1 ? .45 : s->m[i] < 1 ? .5 : .97);
	assert_int_equal(calib_choose(&c, &s->d, prob, &choice, NULL), 0);
	assert_int_equal(choice.best, CALIB_ISOTONIC);
	for (size_t i = 0; i < N; i++)
		loss -= log(s->y[i] > .5f ? prob[i] : 1 - prob[i]);
	assert_float_equal(loss / N, choice.log_loss[CALIB_ISOTONIC], 1e-9);
	calib_clear(&c);
	free(prob);
	free(s);
}

static void test_a_good_margin_is_left_nearly_alone(void **state)
{
	struct sample *s = calloc(1, sizeof(*s));
	struct calib_choice choice;
	struct calib c;

	draw(s, 1, 0);
	assert_int_equal(calib_choose(&c, &s->d, NULL, &choice, NULL), 0);
	assert_true(choice.best == CALIB_NONE || choice.best == CALIB_PLATT);
	assert_float_equal(calib_logit(&c, 1), 1, .12);
	calib_clear(&c);
	free(s);
}

static void test_json_both_ways(void **state)
{
	struct sample *s = calloc(1, sizeof(*s));

	draw(s, .8, .3);
	for (int k = 0; k < 4; k++) {
		struct calib c, back;
		struct buf b = { 0 };
		struct jw w = { .b = &b };
		struct json *doc;
		struct err e = { 0 };

		assert_int_equal(calib_fit(&c, (enum calib_kind)k, &s->d, 100, NULL), 0);
		calib_write(&c, &w);
		doc = json_parse(buf_view(&b), &e);
		assert_non_null(doc);
		assert_int_equal(calib_read(&back, doc, &e), 0);
		for (double m = -5; m < 5; m += .37)
			assert_true(calib_apply(&c, m) == calib_apply(&back, m));
		assert_true(calib_se(&c, 1) == calib_se(&back, 1));
		json_free(doc);
		buf_clear(&b);
		calib_clear(&c);
		calib_clear(&back);
	}
	free(s);
}

static void refuse(const char *text)
{
	struct err e = { 0 };
	struct calib c;
	struct json *doc = json_parse(str_of(text), &e);

	assert_non_null(doc);
	assert_int_equal(calib_read(&c, doc, &e), -1);
	assert_int_equal(e.code, ERR_INPUT);
	json_free(doc);
}

static void test_json_that_does_not_fit_is_refused(void **state)
{
	refuse("{}");
	refuse("{\"kind\":\"magic\",\"a\":1,\"b\":0,\"c\":0,\"rows\":1,\"positives\":1,\"cov\":[]"
	       "}");
	refuse("{\"kind\":\"platt\",\"a\":-1,\"b\":0,\"c\":0,\"rows\":1,\"positives\":1,\"cov\":[]"
	       "}");
	refuse("{\"kind\":\"isotonic\",\"a\":1,\"b\":0,\"c\":0,\"rows\":1,\"positives\":1,\"cov\":["
	       "],"
	       "\"margin\":[1,0],\"probability\":[0.1,0.2]}");
	refuse("{\"kind\":\"isotonic\",\"a\":1,\"b\":0,\"c\":0,\"rows\":1,\"positives\":1,\"cov\":["
	       "],"
	       "\"margin\":[0,1],\"probability\":[0.1]}");
	refuse("{\"kind\":\"isotonic\",\"a\":1,\"b\":0,\"c\":0,\"rows\":1,\"positives\":1,\"cov\":["
	       "],"
	       "\"margin\":[],\"probability\":[]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_platt_finds_slope_and_shift),
		cmocka_unit_test(test_the_pull_keeps_the_slope_near_one),
		cmocka_unit_test(test_every_kind_rises_and_stays_inside),
		cmocka_unit_test(test_isotonic_is_chosen_for_a_staircase),
		cmocka_unit_test(test_a_good_margin_is_left_nearly_alone),
		cmocka_unit_test(test_json_both_ways),
		cmocka_unit_test(test_json_that_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
