/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>

#include "features/frame.h"
#include "model/baseline.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"
#include "util/rng.h"

enum { N = 600 };
/* Columns: 0 tells, 1 is empty, 2 is constant, 3 is a category of many levels that tells nothing.
 */
struct data {
	struct frame f;
	struct base_col cols[4];
	float tells[N], empty[N], constant[N];
	uint32_t many[N];
	int8_t y[N];
	double created[N];
	uint64_t key[N];
};
static const uint32_t all[4] = { 0, 1, 2, 3 };

static struct data *data(double strength)
{
	struct data *d = calloc(1, sizeof(*d));
	struct rng r;

	rng_seed(&r, 42);
	d->f = (struct frame){ .rows = N,
		.n_cols = 4,
		.cols = d->cols,
		.outcome = d->y,
		.n_classes = 2,
		.created = d->created,
		.row_key = d->key };
	d->cols[0] = (struct base_col){ .kind = BASE_NUM, .num = d->tells };
	d->cols[1] = (struct base_col){ .kind = BASE_NUM, .num = d->empty };
	d->cols[2] = (struct base_col){ .kind = BASE_NUM, .num = d->constant };
	d->cols[3] = (struct base_col){ .kind = BASE_CAT, .code = d->many, .n_levels = 40 };
	for (size_t i = 0; i < N; i++) {
		double x = rng_normal(&r);

		d->tells[i] = (float)(1000 + 50 * x);
		d->empty[i] = NAN;
		d->constant[i] = 3;
		d->many[i] = (uint32_t)rng_below(&r, 40);
		d->y[i] = rng_double(&r) < 1 / (1 + exp(1 - strength * x));
		d->created[i] = 19000 + (double)i;
		d->key[i] = rng_u64(&r);
	}
	return d;
}

static double auc(const struct data *d, const double *p)
{
	struct eval v;
	struct err e = { 0 };
	struct eval_opts o = { .no_intervals = true };

	assert_int_equal(evaluate(&(struct eval_rows){ p, d->y, N }, &o, &v, &e), 0);
	return v.roc_auc.value;
}

static void test_a_row_alone_and_in_a_frame_score_the_same(void **state)
{
	struct data *d = data(1);
	struct err e = { 0 };
	struct logit *m = logit_fit(&d->f, all, 4, NULL, 0, &e);
	double p[N];

	assert_non_null(m);
	logit_apply(m, &d->f, NULL, N, p);
	assert_true(auc(d, p) > .7);
	for (size_t i = 0; i < N; i++) {
		float num[4] = { d->tells[i], NAN, 3, NAN };
		uint32_t code[4] = { 0, 0, 0, d->many[i] };

		assert_float_equal(logit_row(m, num, code), p[i], 0);
		code[3] = BASE_UNSEEN;
		assert_true(isfinite(logit_row(m, num, code)));
	}
	logit_free(m);
	free(d);
}

static void test_extreme_numbers_do_not_break_it(void **state)
{
	struct data *d = data(1);
	struct err e = { 0 };
	struct logit *m;
	double p[N];

	d->tells[0] = 3e38F;
	d->tells[1] = -INFINITY;
	d->constant[2] = -3e38F;
	m = logit_fit(&d->f, all, 4, NULL, 0, &e);
	assert_non_null(m);
	logit_apply(m, &d->f, NULL, N, p);
	for (size_t i = 0; i < N; i++)
		assert_true(p[i] > 0 && p[i] < 1);
	logit_free(m);
	free(d);
}

static void test_perfect_separation_still_ends(void **state)
{
	struct data *d = data(1);
	struct err e = { 0 };
	struct logit *m;
	double p[N];

	for (size_t i = 0; i < N; i++)
		d->y[i] = d->tells[i] > 1000;
	m = logit_fit(&d->f, all, 4, NULL, 0, &e);
	assert_non_null(m);
	logit_apply(m, &d->f, NULL, N, p);
	assert_true(auc(d, p) > .99);
	logit_free(m);
	free(d);
}

static void test_one_class_is_refused(void **state)
{
	struct data *d = data(1);
	struct baselines b;
	struct err e = { 0 };

	memset(d->y, 0, sizeof(d->y));
	assert_null(logit_fit(&d->f, all, 4, NULL, 0, &e));
	assert_int_equal(e.code, ERR_INPUT);
	assert_int_equal(baselines_fit(&d->f, all, 4, &b, &e), 0);
	assert_null(b.logit);
	baselines_clear(&b);
	free(d);
}

static void test_cross_fitted_probabilities_do_not_flatter(void **state)
{
	struct data *d = data(0);
	struct err e = { 0 };
	struct logit *m = logit_fit(&d->f, all, 4, NULL, 0, &e);
	double p[N];

	assert_non_null(m);
	logit_apply(m, &d->f, NULL, N, p);
	assert_true(auc(d, p) > .6); /* on the rows it was fitted on */
	d->y[5] = OUTCOME_OPEN;
	assert_int_equal(logit_cross(&d->f, all, 4, 5, 1, p, &e), 0);
	assert_true(p[5] > 0 && p[5] < 1);
	assert_true(auc(d, p) < .56);
	logit_free(m);
	free(d);
}

static void test_three_labels_fit_hot_against_the_rest(void **state)
{
	struct data *d = data(1);
	struct err e = { 0 };
	struct baselines b;

	d->f.n_classes = 3;
	for (size_t i = 0; i < N; i++)
		d->y[i] = d->tells[i] > 1030 ? 0 : i % 2 ? 1 : 2;
	assert_int_equal(baselines_fit(&d->f, all, 4, &b, &e), 0);
	assert_true(logit_row(b.logit, (float[]){ 1100, NAN, 3, NAN }, (uint32_t[]){ 0, 0, 0, 1 }) >
		    .9);
	baselines_clear(&b);
	free(d);
}

static void test_stored_baselines_give_the_same_figures(void **state)
{
	struct data *d = data(1);
	struct err e = { 0 };
	struct baselines b, back;
	struct baseline_figures *f = calloc(1, sizeof(*f));
	struct buf text = { 0 };
	struct jw w = { .b = &text };
	struct json *doc;
	double p[N], q[N];

	assert_int_equal(baselines_fit(&d->f, all, 4, &b, &e), 0);
	baselines_write(&w, &b);
	doc = json_parse(buf_view(&text), &e);
	assert_non_null(doc);
	assert_int_equal(baselines_read(doc, 4, &back, &e), 0);
	assert_true(back.recency);
	logit_apply(b.logit, &d->f, NULL, N, p);
	logit_apply(back.logit, &d->f, NULL, N, q);
	assert_memory_equal(p, q, sizeof(p));
	baselines_clear(&back);
	assert_int_equal(baselines_read(doc, 2, &back, &e), -1); /* column 3 of 2 */
	baselines_clear(&back);
	assert_int_equal(baselines_eval(b.base_rate, d->created, p,
				 &(struct eval_rows){ NULL, d->y, N }, NULL, f, &e),
		0);
	assert_float_equal(f->figures[BASELINE_RATE].roc_auc.value, .5, 0);
	assert_true(isnan(f->figures[BASELINE_RECENT].log_loss.value));
	assert_true(f->figures[BASELINE_LOGIT].log_loss.value <
		    f->figures[BASELINE_RATE].log_loss.value);
	baselines_clear(&b);
	json_free(doc);
	buf_clear(&text);
	free(f);
	free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_row_alone_and_in_a_frame_score_the_same),
		cmocka_unit_test(test_extreme_numbers_do_not_break_it),
		cmocka_unit_test(test_perfect_separation_still_ends),
		cmocka_unit_test(test_one_class_is_refused),
		cmocka_unit_test(test_cross_fitted_probabilities_do_not_flatter),
		cmocka_unit_test(test_three_labels_fit_hot_against_the_rest),
		cmocka_unit_test(test_stored_baselines_give_the_same_figures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
