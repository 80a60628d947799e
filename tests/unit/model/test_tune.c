/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "features/encode.h"
#include "features/frame.h"
#include "model/forest.h"
#include "model/tune.h"
#include "model/tune_internal.h"
#include "unit.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/rng.h"

/* Base columns: 0 number, 1 number with gaps, 2 and 3 codes whose combination decides, 4 many
 * levels, 5 constant, 6 all missing. */
#define COLS 7

static void new_column(struct base_col *c, const char *name, uint32_t levels, size_t rows)
{
	c->name = name;
	c->kind = levels > 0 ? BASE_CAT : BASE_NUM;
	c->n_levels = levels;
	if (levels > 0)
		c->code = calloc(rows, sizeof(uint32_t));
	else
		c->num = calloc(rows, sizeof(float));
}

static struct frame *new_frame(size_t rows, uint32_t classes)
{
	struct frame *f = calloc(1, sizeof(*f));

	f->rows = rows;
	f->n_cols = COLS;
	f->n_classes = classes;
	f->cols = calloc(COLS, sizeof(*f->cols));
	f->outcome = calloc(rows, 1);
	new_column(&f->cols[0], "visits", 0, rows);
	new_column(&f->cols[1], "minutes", 0, rows);
	new_column(&f->cols[2], "source", 9, rows);
	new_column(&f->cols[3], "region", 9, rows);
	new_column(&f->cols[4], "campaign", 201, rows);
	new_column(&f->cols[5], "same", 2, rows);
	new_column(&f->cols[6], "gone", 0, rows);
	return f;
}

/* ${signal} 0: the outcome is drawn without looking. ${open}: share of rows without outcome. */
static struct frame *draw(size_t rows, uint32_t classes, double signal, double open)
{
	struct frame *f = new_frame(rows, classes);
	double cell[9][9], campaign[201];
	struct rng r;

	rng_seed(&r, 17);
	for (int i = 0; i < 81; i++)
		cell[i / 9][i % 9] = 1.2 * rng_normal(&r);
	for (int i = 0; i < 201; i++)
		campaign[i] = .8 * rng_normal(&r);
	for (size_t i = 0; i < rows; i++) {
		uint32_t a = (uint32_t)rng_below(&r, 9), b = (uint32_t)rng_below(&r, 9);
		uint32_t c = (uint32_t)rng_below(&r, 201);
		double z;

		f->cols[0].num[i] = (float)rng_normal(&r);
		f->cols[1].num[i] = rng_below(&r, 4) == 0 ? NAN : (float)rng_below(&r, 60);
		f->cols[2].code[i] = a;
		f->cols[3].code[i] = b;
		f->cols[4].code[i] = c;
		f->cols[5].code[i] = 1;
		f->cols[6].num[i] = NAN;
		z = signal * ((double)f->cols[0].num[i] + cell[a][b] + campaign[c]) - .5;
		f->outcome[i] = rng_double(&r) < 1 / (1 + exp(-z));
		if (classes == 3 && f->outcome[i] == 0)
			f->outcome[i] = rng_double(&r) < .5 + .3 * signal * (a < 4) ? 2 : 1;
		else if (classes == 3)
			f->outcome[i] = 0;
		if (rng_double(&r) < open)
			f->outcome[i] = OUTCOME_OPEN;
	}
	return f;
}

static void frame_done(struct frame *f)
{
	for (size_t c = 0; c < f->n_cols; c++) {
		free(f->cols[c].num);
		free(f->cols[c].code);
	}
	free(f->cols);
	free(f->outcome);
	free(f);
}

static void margin_of(const struct tune_fit *t, const struct frame *f, size_t r, float *margin)
{
	float num[COLS], *x = malloc((encoder_n_features(t->encoder) + 1) * sizeof(*x));
	uint32_t code[COLS];

	for (size_t c = 0; c < COLS; c++) {
		num[c] = f->cols[c].num != NULL ? f->cols[c].num[r] : NAN;
		code[c] = f->cols[c].code != NULL ? f->cols[c].code[r] : 0;
	}
	encoder_row(t->encoder, num, code, x);
	forest_margin(t->forest, x, margin);
	free(x);
}

static void test_finds_the_signal_and_stays_within_the_bound(void **state)
{
	struct frame *f = draw(3000, 2, 1, .1);
	struct tune_opts o = { .seed = 1, .max_trees = 300, .budget_s = .5 };
	struct tune_fit t;
	struct err e = { 0 };
	double seen = 0, unseen = 0, n = 0;

	assert_int_equal(tune_fit(f, &o, &t, &e), 0);
	assert_true(t.forest->n_trees <= 300);
	assert_true(t.forest->n_segments >= 2);
	assert_true(t.log_loss < t.base_log_loss - .05);
	assert_true(t.gain_low > 0 && !t.not_enough);
	assert_true(t.n_trials > 0 && t.n_curve > 0);
	assert_true(t.base_used[0] && t.base_used[4]);
	assert_false(t.base_used[5] || t.base_used[6]);
	for (size_t i = 0; i < f->rows; i++) {
		float m;
		double p;

		if (f->outcome[i] < 0) {
			assert_true(isnan(t.oof_prob[i]) && isnan(t.oof_margin[i]));
			continue;
		}
		margin_of(&t, f, i, &m);
		p = calib_apply(&t.calib, (double)m);
		seen -= log(f->outcome[i] == 1 ? p : 1 - p);
		unseen -= log(f->outcome[i] == 1 ? t.oof_prob[i] : 1 - t.oof_prob[i]);
		n++;
	}
	assert_float_equal(unseen / n, t.log_loss, 1e-9);
	assert_true(seen < unseen); /* the folds have seen these rows */
	tune_fit_clear(&t);
	frame_done(f);
}

static void as_bytes(const struct tune_fit *t, struct buf *b)
{
	struct err e = { 0 };

	assert_int_equal(encoder_write(t->encoder, b, &e), 0);
	assert_int_equal(forest_json(t->forest, b, &e), 0);
}

static void test_same_bytes_with_one_thread_and_with_three(void **state)
{
	struct frame *f = draw(1200, 2, 1, 0);
	struct tune_opts o = { .seed = 7, .max_trees = 200, .budget_s = .8, .threads = 1 };
	struct buf a = { 0 }, b = { 0 };
	struct tune_fit t, u;

	assert_int_equal(tune_fit(f, &o, &t, NULL), 0);
	o.threads = 3;
	assert_int_equal(tune_fit(f, &o, &u, NULL), 0);
	as_bytes(&t, &a);
	as_bytes(&u, &b);
	assert_int_equal(a.n, b.n);
	assert_memory_equal(a.p, b.p, a.n);
	assert_memory_equal(t.oof_prob, u.oof_prob, f->rows * sizeof(double));
	tune_fit_clear(&t);
	tune_fit_clear(&u);
	buf_clear(&a);
	buf_clear(&b);
	frame_done(f);
}

/* A number that no training row lacked is missing in a new lead: it counts as an ordinary one, not
 * as the largest. */
static void test_a_number_never_missing_before_is_ordinary_when_it_is(void **state)
{
	enum { ROWS = 2000 };
	struct frame *f = draw(ROWS, 2, 1, 0);
	struct tune_opts o = { .seed = 2, .max_trees = 300, .budget_s = .5 };
	double mean[3] = { 0 };
	struct tune_fit t;

	assert_int_equal(tune_fit(f, &o, &t, NULL), 0);
	for (size_t r = 0; r < ROWS; r++) {
		const float was = f->cols[0].num[r], as[3] = { was, NAN, 3 };

		for (int i = 0; i < 3; i++) {
			float m = 0;

			f->cols[0].num[r] = as[i];
			margin_of(&t, f, r, &m);
			mean[i] += (double)m / ROWS;
		}
		f->cols[0].num[r] = was;
	}
	printf("mean margin %.3f as they are, %.3f missing, %.3f largest\n", mean[0], mean[1],
		mean[2]);
	assert_true(fabs(mean[1] - mean[0]) < fabs(mean[2] - mean[0]) / 3);
	tune_fit_clear(&t);
	frame_done(f);
}

/* Heads that know the truth about their own label: the softmax of their odds is wrong all the same.
 */
static void test_three_heads_become_honest_together(void **state)
{
	enum { N = 20000 };
	static double z[3 * N];
	static uint8_t label[N], fold[N];
	struct joint_data d = { z, label, fold, N, -1 };
	struct joint j, plain = { .slope = 1 };
	double came[3] = { 0 }, promised[3] = { 0 }, odds[3] = { 0 }, loss[2] = { 0 };
	struct rng r;

	rng_seed(&r, 7);
	for (size_t i = 0; i < N; i++) {
		double p[3] = { .02 + .1 * rng_double(&r), .1 + .4 * rng_double(&r), 0 },
		       u = rng_double(&r);

		p[2] = 1 - p[0] - p[1];
		label[i] = u < p[0] ? 0 : u < p[0] + p[1] ? 1 : 2;
		came[label[i]]++;
		for (int c = 0; c < 3; c++)
			z[3 * i + (size_t)c] = log(p[c] / (1 - p[c]));
	}
	joint_fit(&d, &j);
	for (size_t i = 0; i < N; i++) {
		double q[3], o[3];

		joint_apply(&j, z + 3 * i, q);
		joint_apply(&plain, z + 3 * i, o);
		for (int c = 0; c < 3; c++) {
			promised[c] += q[c];
			odds[c] += o[c];
		}
		loss[0] -= log(q[label[i]]) / N;
		loss[1] -= log(o[label[i]]) / N;
	}
	printf("rare label: %.0f came, %.1f promised, %.1f by odds alone; log loss %.4f, %.4f\n",
		came[0], promised[0], odds[0], loss[0], loss[1]);
	for (int c = 0; c < 3; c++)
		assert_float_equal(promised[c], came[c], 1e-3 * came[c]);
	assert_true(odds[0] < .9 * came[0] && loss[0] < loss[1] - .005);
}

static void test_three_labels_sum_to_one_and_beat_the_base_rates(void **state)
{
	struct frame *f = draw(2000, 3, 1, .05);
	struct tune_opts o = { .seed = 2, .max_trees = 300, .budget_s = .5 };
	struct tune_fit t;
	float m[3];
	double sum[3] = { 0 };

	assert_int_equal(tune_fit(f, &o, &t, NULL), 0);
	assert_int_equal(t.forest->n_groups, 3);
	assert_true(t.forest->n_trees <= 300);
	assert_true(t.log_loss < t.base_log_loss);
	for (size_t i = 0; i < f->rows; i++) {
		const double *p = t.oof_prob + 3 * i;

		if (f->outcome[i] >= 0)
			assert_float_equal(p[0] + p[1] + p[2], 1, 1e-9);
		else
			assert_true(isnan(p[0]));
		for (int c = 0; f->outcome[i] >= 0 && c < 3; c++)
			sum[c] += p[c];
	}
	for (int c = 0; c < 3; c++) {
		printf("label %d: %.1f promised, %zu came\n", c, sum[c], t.count[c]);
		assert_true(fabs(sum[c] / (double)t.count[c] - 1) < .03);
	}
	margin_of(&t, f, 0, m);
	assert_true(isfinite(m[0]) && isfinite(m[1]) && isfinite(m[2]));
	tune_fit_clear(&t);
	frame_done(f);
}

static void test_noise_stays_at_the_base_rate(void **state)
{
	struct frame *f = draw(400, 2, 0, 0);
	struct tune_opts o = { .seed = 3, .max_trees = 200, .budget_s = .5 };
	struct tune_fit t;

	assert_int_equal(tune_fit(f, &o, &t, NULL), 0);
	assert_true(t.not_enough);
	assert_true(t.log_loss < t.base_log_loss + .01);
	tune_fit_clear(&t);
	frame_done(f);
}

/* Few rows give a search many chances to find something; a plain interval lets one in five pass. */
static void test_noise_in_few_rows_is_not_enough(void **state)
{
	enum { TABLES = 24 };
	int said = 0;

	for (uint64_t seed = 1; seed <= TABLES; seed++) {
		struct frame *f = draw(120, 2, 0, 0);
		struct tune_opts o = { .seed = seed, .max_trees = 200, .budget_s = 1 };
		struct tune_fit t;
		struct rng r;

		rng_seed(&r, 100 + seed);
		for (size_t i = 0; i < f->rows; i++)
			f->outcome[i] = (int8_t)rng_below(&r, 2);
		assert_int_equal(tune_fit(f, &o, &t, NULL), 0);
		assert_true(t.count[0] >= 40 && t.count[1] >= 40);
		said += t.not_enough;
		tune_fit_clear(&t);
		frame_done(f);
	}
	printf("noise, 120 rows: \"not enough\" for %d of %d tables\n", said, TABLES);
	assert_true(said >= TABLES - 2);
}

static void test_what_cannot_be_learnt_from_is_said(void **state)
{
	struct frame *f = draw(100, 2, 1, 0);
	struct tune_opts o = { .seed = 3, .budget_s = 1 };
	struct tune_fit t;
	struct err e = { 0 };
	bool use[COLS] = { false, false, false, false, false, true, true };

	o.use = use;
	assert_int_equal(tune_fit(f, &o, &t, &e), -1);
	assert_int_equal(e.code, ERR_INPUT);
	o.use = NULL;
	for (size_t i = 4; i < f->rows; i++)
		f->outcome[i] = 1;
	assert_int_equal(tune_fit(f, &o, &t, &e), -1);
	assert_int_equal(e.code, ERR_INPUT);
	frame_done(f);
}

static bool at_once(void *arg)
{
	return true;
}

static void test_stops_when_asked(void **state)
{
	struct frame *f = draw(1000, 2, 1, 0);
	struct tune_opts o = { .seed = 3, .cancelled = at_once };
	struct tune_fit t;
	struct err e = { 0 };

	assert_int_equal(tune_fit(f, &o, &t, &e), -1);
	assert_int_equal(e.code, ERR_CANCELLED);
	frame_done(f);
}

static void test_holdout_predicts_only_the_other_rows(void **state)
{
	struct frame *f = draw(1500, 2, 1, .1);
	struct tune_opts o = { .seed = 3, .budget_s = 4, .max_trees = 200 };
	bool train[1500];
	double prob[1500], loss = 0, base = 0, n = 0;

	for (size_t i = 0; i < f->rows; i++)
		train[i] = i < 1100;
	assert_int_equal(tune_holdout(f, &o, train, prob, NULL), 0);
	for (size_t i = 0; i < f->rows; i++) {
		assert_true(isnan(prob[i]) == (train[i] || f->outcome[i] < 0));
		if (isnan(prob[i]))
			continue;
		loss -= log(f->outcome[i] == 1 ? prob[i] : 1 - prob[i]);
		base -= log(f->outcome[i] == 1 ? .4 : .6);
		n++;
	}
	assert_true(loss / n < base / n);
	frame_done(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finds_the_signal_and_stays_within_the_bound),
		cmocka_unit_test(test_same_bytes_with_one_thread_and_with_three),
		cmocka_unit_test(test_a_number_never_missing_before_is_ordinary_when_it_is),
		cmocka_unit_test(test_three_heads_become_honest_together),
		cmocka_unit_test(test_three_labels_sum_to_one_and_beat_the_base_rates),
		cmocka_unit_test(test_noise_stays_at_the_base_rate),
		cmocka_unit_test(test_noise_in_few_rows_is_not_enough),
		cmocka_unit_test(test_what_cannot_be_learnt_from_is_said),
		cmocka_unit_test(test_stops_when_asked),
		cmocka_unit_test(test_holdout_predicts_only_the_other_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
