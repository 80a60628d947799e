/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>

#include "features/frame.h"
#include "model/evaluate.h"
#include "model/heat.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"
#include "util/rng.h"

/* ${n} leads whose outcomes follow p; spread 0 gives everyone p = .2. */
struct sample {
	double *p;
	int8_t *y;
	struct eval_rows rows;
};

static struct sample sample(size_t n, double spread, uint64_t seed)
{
	struct sample s = { .p = calloc(n + 1, sizeof(double)), .y = calloc(n + 1, 1) };
	struct rng r;

	rng_seed(&r, seed);
	for (size_t i = 0; i < n; i++) {
		s.p[i] = 1 / (1 + exp(1.386294361 - spread * rng_normal(&r)));
		s.y[i] = rng_double(&r) < s.p[i];
	}
	s.rows = (struct eval_rows){ s.p, s.y, n };
	return s;
}

static void drop(struct sample *s)
{
	free(s->p);
	free(s->y);
}

static struct eval figures(const struct eval_rows *rows, const struct eval_opts *o)
{
	struct err e = { 0 };
	struct eval v;

	assert_int_equal(evaluate(rows, o, &v, &e), 0);
	return v;
}

static void test_nothing_and_one_class_have_no_figures_and_no_crash(void **state)
{
	const double p[2] = { .2, .4 };
	const int8_t lost[2] = { 0, 0 }, won[2] = { 1, 1 }, open[2] = { -1, -1 };
	struct eval v = figures(&(struct eval_rows){ NULL, NULL, 0 }, NULL);

	assert_true(isnan(v.roc_auc.value) && isnan(v.log_loss.value) && isnan(v.base_rate));
	v = figures(&(struct eval_rows){ p, lost, 2 }, NULL);
	assert_true(isnan(v.roc_auc.value) && isnan(v.roc_auc.low) && isnan(v.pr_auc.value));
	assert_true(v.log_loss.value > 0);
	v = figures(&(struct eval_rows){ p, won, 2 }, NULL);
	assert_true(isnan(v.roc_auc.value));
	assert_float_equal(v.pr_auc.value, 1, 0);
	v = figures(&(struct eval_rows){ p, open, 2 }, NULL);
	assert_int_equal(v.rows, 2);
	assert_int_equal(v.open, 2);
	assert_int_equal(v.won + v.lost, 0);
}

static void test_a_probability_out_of_range_is_refused_with_its_row(void **state)
{
	const double bad[3] = { 1.0000001, -.1, NAN };
	const int8_t y[2] = { 1, 0 };

	for (int i = 0; i < 3; i++) {
		double p[2] = { .5, bad[i] };
		struct eval v;
		struct err e = { 0 };

		assert_int_equal(evaluate(&(struct eval_rows){ p, y, 2 }, NULL, &v, &e), -1);
		assert_int_equal(e.code, ERR_INPUT);
		assert_non_null(strstr(e.msg, "row 2"));
	}
}

static void test_open_rows_change_nothing(void **state)
{
	struct sample s = sample(200, 1, 3);
	struct eval a = figures(&s.rows, NULL), b;
	double *p = calloc(260, sizeof(*p));
	int8_t *y = calloc(260, 1);
	size_t k = 0;

	for (size_t i = 0; i < 260; i++) {
		bool open = i % 4 == 1 && i < 240;

		p[i] = open ? .99 : s.p[k];
		y[i] = open ? OUTCOME_OPEN : s.y[k];
		k += !open;
	}
	assert_int_equal(k, 200);
	b = figures(&(struct eval_rows){ p, y, 260 }, NULL);
	assert_int_equal(b.open, 60);
	assert_memory_equal(&a.roc_auc, &b.roc_auc, sizeof(a.roc_auc));
	assert_memory_equal(&a.log_loss, &b.log_loss, sizeof(a.log_loss));
	free(p);
	free(y);
	drop(&s);
}

static void test_rows_in_another_order_have_the_same_figures(void **state)
{
	struct sample s = sample(501, 1, 4);
	struct eval a = figures(&s.rows, NULL), b;

	for (size_t i = 0; i < 250; i++) {
		double p = s.p[i];
		int8_t y = s.y[i];

		s.p[i] = s.p[500 - i];
		s.y[i] = s.y[500 - i];
		s.p[500 - i] = p;
		s.y[500 - i] = y;
	}
	b = figures(&s.rows, NULL);
	assert_memory_equal(&a, &b, sizeof(a));
	drop(&s);
}

static void test_intervals_hold_the_value_and_follow_the_seed(void **state)
{
	struct sample s = sample(400, 1, 5);
	struct eval_opts o = { .seed = 1 };
	struct eval a = figures(&s.rows, &o), b = figures(&s.rows, &o), c;
	const struct eval_value *all[] = { &a.roc_auc, &a.pr_auc, &a.log_loss, &a.brier, &a.ece,
		&a.ece_mass, &a.top[1].lift };

	assert_memory_equal(&a, &b, sizeof(a));
	o.seed = 2;
	c = figures(&s.rows, &o);
	assert_true(a.roc_auc.low != c.roc_auc.low);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		assert_true(all[i]->low <= all[i]->value && all[i]->value <= all[i]->high);
	o.no_intervals = true;
	c = figures(&s.rows, &o);
	assert_true(isnan(c.roc_auc.low) && c.roc_auc.value == a.roc_auc.value);
	drop(&s);
}

/* 200 samples of 300 leads: an interval of 95 % misses the truth in about one of twenty. */
static void test_intervals_cover_the_truth_about_as_often_as_they_say(void **state)
{
	struct sample big = sample(400000, 1, 99);
	struct eval truth = figures(&big.rows, &(struct eval_opts){ .no_intervals = true });
	int roc = 0, loss = 0;

	for (uint64_t i = 0; i < 200; i++) {
		struct sample s = sample(300, 1, 1000 + i);
		struct eval v = figures(&s.rows, &(struct eval_opts){ .resamples = 400 });

		roc += v.roc_auc.low <= truth.roc_auc.value &&
		       truth.roc_auc.value <= v.roc_auc.high;
		loss += v.log_loss.low <= truth.log_loss.value &&
			truth.log_loss.value <= v.log_loss.high;
		drop(&s);
	}
	assert_in_range(roc, 180, 199);
	assert_in_range(loss, 180, 199);
	drop(&big);
}

static void test_one_probability_for_all_ranks_nothing(void **state)
{
	struct sample s = sample(1000, 0, 6);
	struct eval v = figures(&s.rows, NULL);

	assert_float_equal(v.roc_auc.value, .5, 0);
	assert_float_equal(v.roc_auc.low, .5, 0);
	assert_float_equal(v.pr_auc.value, v.base_rate, 1e-12);
	/* The best tenth of all alike is any tenth. */
	assert_float_equal(v.top[1].lift.value, 1, 1e-12);
	assert_float_equal(v.top[1].recall.value, .1, 1e-12);
	assert_float_equal(v.ece.value, fabs(v.base_rate - v.mean_p), 1e-12);
	drop(&s);
}

static void test_the_best_rows_are_counted_with_ties_by_their_average(void **state)
{
	/*  ranked:           .9 .8 [.7 .7 .7 .7] .2 .2 .2 .2 */
	const double p[10] = { .7, .2, .9, .2, .7, .8, .2, .7, .2, .7 };
	const int8_t y[10] = { 1, 0, 1, 0, 0, 0, 1, 0, 0, 0 };
	struct eval v = figures(&(struct eval_rows){ p, y, 10 }, &(struct eval_opts){ .top_k = 4 });

	assert_int_equal(v.top[0].k, 1); /* 5 % of ten rows is one, not none */
	assert_float_equal(v.top[0].precision.value, 1, 0);
	assert_int_equal(v.top[2].k, 2);
	assert_float_equal(v.top[2].precision.value, .5, 0);
	assert_int_equal(v.top[3].k, 4);
	assert_float_equal(v.top[3].precision.value, (1 + 2 * .25) / 4, 1e-15);
	assert_float_equal(v.top[3].lift.value, (1 + 2 * .25) / 4 / .3, 1e-15);
	assert_float_equal(v.top[3].recall.value, 1.5 / 3, 1e-15);
}

static void test_a_ranking_needs_no_probabilities(void **state)
{
	const double days[6] = { 20000.5, NAN, 19000, 20001, NAN, -5 };
	const int8_t y[6] = { 1, 0, 0, 1, 1, 0 };
	struct eval v;
	struct err e = { 0 };

	assert_int_equal(eval_ranking(&(struct eval_rows){ days, y, 6 }, NULL, &v, &e), 0);
	/* Won against lost: two wins above all three, one tied with a missing date below two. */
	assert_float_equal(v.roc_auc.value, (3 + 3 + .5) / 9, 1e-15);
	assert_true(isnan(v.log_loss.value) && isnan(v.ece.value));
}

static void test_wilson_is_the_textbook_one(void **state)
{
	double lo, hi;

	eval_wilson(10, 100, &lo, &hi);
	assert_float_equal(lo, .055229, 1e-6);
	assert_float_equal(hi, .174366, 1e-6);
	eval_wilson(0, 10, &lo, &hi);
	assert_float_equal(lo, 0, 0);
	assert_float_equal(hi, .277533, 1e-6);
	eval_wilson(0, 0, &lo, &hi);
	assert_float_equal(hi - lo, 1, 0);
}

static void test_groups_are_figured_apart_and_small_ones_marked(void **state)
{
	struct sample s = sample(1000, 1, 8);
	uint32_t *group = calloc(1000, sizeof(*group));
	struct eval_group g[4];
	struct err e = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < 1000; i++)
		group[i] = i < 600 ? 2 : i < 960 ? 0 : i < 990 ? 1 : 77;
	assert_int_equal(eval_groups(&s.rows, group, 4, g, &e), 0);
	for (int i = 0; i < 4; i++)
		n += g[i].n;
	assert_int_equal(n, 990);
	assert_int_equal(g[2].n, 600);
	assert_false(g[2].small);
	assert_true(g[1].small);
	assert_int_equal(g[3].n, 0);
	assert_true(g[3].small && isnan(g[3].rate));
	s.rows.n = 600;
	assert_float_equal(g[2].roc_auc, figures(&s.rows, NULL).roc_auc.value, 1e-12);
	free(group);
	drop(&s);
}

static void test_comparison_tells_better_from_the_same(void **state)
{
	struct sample s = sample(2000, 1.2, 9);
	double *flat = calloc(2000, sizeof(*flat));
	struct eval_compare c;
	struct err e = { 0 };

	assert_int_equal(eval_compare(&s.rows, s.p, NULL, &c, &e), 0);
	assert_float_equal(c.log_loss.value, 0, 0);
	assert_float_equal(c.log_loss.high - c.log_loss.low, 0, 0);
	assert_float_equal(c.worse, 0, 0);
	for (size_t i = 0; i < 2000; i++)
		flat[i] = .5 * s.p[i] + .1;
	assert_int_equal(eval_compare(&s.rows, flat, NULL, &c, &e), 0);
	assert_true(c.log_loss.high < 0);
	assert_float_equal(c.roc_auc.value, 0, 1e-15); /* the same order */
	s.rows.p = flat;
	assert_int_equal(eval_compare(&s.rows, s.p, NULL, &c, &e), 0);
	assert_true(c.log_loss.low > 0 && c.worse > .99);
	free(flat);
	drop(&s);
}

static void test_bands_table_adds_up(void **state)
{
	struct bands b = { .hot = .4, .warm = .2 };
	const double p[5] = { .4, .39, .2, .1, .9 };
	const int8_t y[5] = { 1, 0, 1, 0, -1 };
	struct eval_bin t[3];
	size_t open[3];

	eval_bands(&(struct eval_rows){ p, y, 5 }, &b, NULL, t, open);
	assert_int_equal(t[HEAT_HOT].n, 1);
	assert_int_equal(open[HEAT_HOT], 1);
	assert_int_equal(t[HEAT_WARM].n, 2);
	assert_int_equal(t[HEAT_WARM].won, 1);
	assert_float_equal(t[HEAT_WARM].mean_p, .295, 1e-12);
	assert_int_equal(t[HEAT_COLD].n, 1);
}

static void test_gain_curve_rises_to_one(void **state)
{
	struct sample s = sample(777, 1, 10);
	struct eval_curves *c = calloc(1, sizeof(*c));
	struct err e = { 0 };
	size_t n = 0;

	assert_int_equal(eval_curves(&s.rows, c, &e), 0);
	assert_float_equal(c->gain[0], 0, 0);
	assert_float_equal(c->gain[EVAL_POINTS - 1], 1, 1e-12);
	for (int i = 1; i < EVAL_POINTS; i++)
		assert_true(c->gain[i] >= c->gain[i - 1]);
	for (int i = 0; i < EVAL_HIST; i++)
		n += c->hist[0][i] + c->hist[1][i];
	assert_int_equal(n, 777);
	assert_float_equal(c->roc_x[c->n_roc - 1], 1, 0);
	assert_float_equal(c->pr_x[c->n_pr - 1], 1, 0);
	free(c);
	drop(&s);
}

/* Written, read and written again: the same text. */
static void test_json_keeps_everything(void **state)
{
	struct sample s = sample(300, 1, 11);
	struct eval v = figures(&s.rows, &(struct eval_opts){ .top_k = 30 }), back;
	struct eval_curves *c = calloc(1, sizeof(*c));
	struct buf first = { 0 }, second = { 0 };
	struct jw w = { .b = &first }, w2 = { .b = &second };
	struct err e = { 0 };
	struct json *doc;

	assert_int_equal(eval_curves(&s.rows, c, &e), 0);
	jw_obj(&w);
	eval_write(&w, &v);
	eval_curves_write(&w, c);
	jw_end_obj(&w);
	doc = json_parse(buf_view(&first), &e);
	assert_non_null(doc);
	assert_int_equal(eval_read(doc, &back, &e), 0);
	memset(c, 1, sizeof(*c));
	assert_int_equal(eval_curves_read(doc, c, &e), 0);
	jw_obj(&w2);
	eval_write(&w2, &back);
	eval_curves_write(&w2, c);
	jw_end_obj(&w2);
	assert_true(str_eq(buf_view(&first), buf_view(&second)));
	json_free(doc);
	buf_clear(&first);
	buf_clear(&second);
	free(c);
	drop(&s);
}

static void test_hostile_json_is_refused(void **state)
{
	static const char *const bad[] = { "{}", "{\"rows\":-1}", "{\"rows\":1e300}", "[]",
		"{\"rows\":1,\"won\":1,\"lost\":0,\"open\":0,\"resamples\":0,\"roc_auc\":3}" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = { 0 };
		struct json *doc = json_parse(str_of(bad[i]), &e);
		struct eval v;

		assert_non_null(doc);
		assert_int_equal(eval_read(doc, &v, &e), -1);
		assert_int_equal(e.code, ERR_INPUT);
		json_free(doc);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_and_one_class_have_no_figures_and_no_crash),
		cmocka_unit_test(test_a_probability_out_of_range_is_refused_with_its_row),
		cmocka_unit_test(test_open_rows_change_nothing),
		cmocka_unit_test(test_rows_in_another_order_have_the_same_figures),
		cmocka_unit_test(test_intervals_hold_the_value_and_follow_the_seed),
		cmocka_unit_test(test_intervals_cover_the_truth_about_as_often_as_they_say),
		cmocka_unit_test(test_one_probability_for_all_ranks_nothing),
		cmocka_unit_test(test_the_best_rows_are_counted_with_ties_by_their_average),
		cmocka_unit_test(test_a_ranking_needs_no_probabilities),
		cmocka_unit_test(test_wilson_is_the_textbook_one),
		cmocka_unit_test(test_groups_are_figured_apart_and_small_ones_marked),
		cmocka_unit_test(test_comparison_tells_better_from_the_same),
		cmocka_unit_test(test_bands_table_adds_up),
		cmocka_unit_test(test_gain_curve_rises_to_one),
		cmocka_unit_test(test_json_keeps_everything),
		cmocka_unit_test(test_hostile_json_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
