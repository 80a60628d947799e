/* SPDX-License-Identifier: Apache-2.0 */
/* Every figure against scikit-learn's: tests/golden/make_evaluate.py made the file. */
#include "unit.h"

#include <math.h>

#include "features/frame.h"
#include "model/evaluate.h"
#include "model/logit.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/file.h"
#include "util/json.h"

#define FIGURE 1e-12
#define WEIGHT 1e-6

static struct json *golden;

static int setup(void **state)
{
	struct buf b = { 0 };
	struct err e = { 0 };

	if (file_read("tests/golden/evaluate.json", 1 << 22, &b, &e) == 0)
		golden = json_parse(buf_view(&b), &e);
	buf_clear(&b);
	if (golden == NULL)
		fprintf(stderr, "%s\n", e.msg);
	return golden != NULL ? 0 : -1;
}

static int teardown(void **state)
{
	json_free(golden);
	return 0;
}

static double num(const struct json *o, const char *key)
{
	const struct json *v = json_get(o, key);

	assert_int_equal(json_type(v), J_NUM);
	return json_num(v, NAN);
}

static double *numbers(const struct json *o, const char *key, size_t *n)
{
	const struct json *a = json_get(o, key);
	double *v = calloc(json_len(a) + 1, sizeof(*v));

	*n = json_len(a);
	for (size_t i = 0; i < *n; i++)
		v[i] = json_num(json_at(a, i), NAN);
	return v;
}

static int8_t *outcomes(const struct json *o)
{
	const struct json *a = json_get(o, "y");
	int8_t *v = calloc(json_len(a) + 1, 1);

	for (size_t i = 0; i < json_len(a); i++)
		v[i] = (int8_t)json_int(json_at(a, i), -1);
	return v;
}

/* scikit-learn leaves empty bins out. */
static void check_bins(const struct json *o, const struct eval_bin *b, double ece)
{
	size_t k = 0;

	for (int i = 0; i < EVAL_BINS; i++) {
		if (b[i].n == 0)
			continue;
		assert_int_equal(b[i].n, json_int(json_at(json_get(o, "n"), k), -1));
		assert_float_equal(
			b[i].rate, json_num(json_at(json_get(o, "rate"), k), NAN), FIGURE);
		assert_float_equal(
			b[i].mean_p, json_num(json_at(json_get(o, "mean_p"), k), NAN), FIGURE);
		k++;
	}
	assert_int_equal(k, json_len(json_get(o, "n")));
	assert_float_equal(ece, num(o, "ece"), FIGURE);
}

static void check_case(const struct json *o)
{
	struct eval_rows rows = { .y = outcomes(o) };
	double *p = numbers(o, "p", &rows.n);
	struct eval_confusion c;
	const struct json *t = json_get(o, "confusion_at_30");
	struct err e = { 0 };
	struct eval v;

	rows.p = p;
	assert_int_equal(evaluate(&rows, NULL, &v, &e), 0);
	assert_float_equal(v.roc_auc.value, num(o, "roc_auc"), FIGURE);
	assert_float_equal(v.pr_auc.value, num(o, "pr_auc"), FIGURE);
	assert_float_equal(v.log_loss.value, num(o, "log_loss"), FIGURE);
	assert_float_equal(v.brier.value, num(o, "brier"), FIGURE);
	check_bins(json_get(o, "uniform"), v.width, v.ece.value);
	check_bins(json_get(o, "quantile"), v.mass, v.ece_mass.value);
	c = eval_confusion(&rows, .3);
	assert_int_equal(c.tp, json_int(json_at(t, 0), -1));
	assert_int_equal(c.fp, json_int(json_at(t, 1), -1));
	assert_int_equal(c.fn, json_int(json_at(t, 2), -1));
	assert_int_equal(c.tn, json_int(json_at(t, 3), -1));
	free(p);
	free((void *)rows.y);
}

static void test_figures_are_those_of_scikit_learn(void **state)
{
	const struct json *cases = json_get(golden, "cases");

	assert_int_equal(json_len(cases), 5);
	for (size_t i = 0; i < json_len(cases); i++)
		check_case(json_at(cases, i));
}

/* Is (x, y) on the points or the lines between them? */
static bool on_line(double x, double y, const double *px, const double *py, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fabs(px[i] - x) < FIGURE && fabs(py[i] - y) < FIGURE)
			return true;
	return false;
}

static void test_drawn_points_lie_on_scikit_learns_curves(void **state)
{
	const struct json *o = json_get(golden, "curves");
	struct eval_rows rows = { .y = outcomes(o) };
	double *p = numbers(o, "p", &rows.n), *x, *y;
	struct eval_curves *c = calloc(1, sizeof(*c));
	struct err e = { 0 };
	size_t n, m;

	rows.p = p;
	assert_int_equal(eval_curves(&rows, c, &e), 0);
	x = numbers(o, "fpr", &n);
	y = numbers(o, "tpr", &m);
	for (size_t i = 0; i < c->n_roc; i++)
		assert_true(on_line(c->roc_x[i], c->roc_y[i], x, y, n));
	assert_float_equal(c->roc_x[c->n_roc - 1] + c->roc_y[c->n_roc - 1], 2, FIGURE);
	free(x);
	free(y);
	x = numbers(o, "recall", &n);
	y = numbers(o, "precision", &m);
	for (size_t i = 0; i < c->n_pr; i++)
		assert_true(on_line(c->pr_x[i], c->pr_y[i], x, y, n));
	free(x);
	free(y);
	free(p);
	free((void *)rows.y);
	free(c);
}

static void test_three_labels_are_those_of_scikit_learn(void **state)
{
	const struct json *o = json_get(golden, "classes"), *all = json_get(o, "p");
	struct eval_rows rows = { .y = outcomes(o), .n = json_len(all) };
	struct eval_classes *v = calloc(1, sizeof(*v));
	double *p = calloc(rows.n * 3, sizeof(*p));
	struct err e = { 0 };

	for (size_t i = 0; i < rows.n * 3; i++)
		p[i] = json_num(json_at(json_at(all, i / 3), i % 3), NAN);
	rows.p = p;
	assert_int_equal(eval_classes(&rows, NULL, v, &e), 0);
	assert_float_equal(v->log_loss.value, num(o, "log_loss"), FIGURE);
	assert_float_equal(v->accuracy.value, num(o, "accuracy"), FIGURE);
	assert_true(v->log_loss.low < v->log_loss.value && v->log_loss.value < v->log_loss.high);
	for (size_t c = 0; c < 3; c++) {
		const struct json *row = json_at(json_get(o, "confusion"), c);

		assert_float_equal(v->rest[c].roc_auc.value,
			json_num(json_at(json_get(o, "roc_auc"), c), NAN), FIGURE);
		for (size_t k = 0; k < 3; k++)
			assert_int_equal(v->confusion[c][k], json_int(json_at(row, k), -1));
	}
	free(p);
	free((void *)rows.y);
	free(v);
}

struct golden_frame {
	struct frame f;
	struct base_col cols[3];
	float number[240], wide[240];
	uint32_t level[240];
	int8_t y[240];
};

static void fill(const struct json *o, struct golden_frame *g)
{
	g->f = (struct frame){
		.rows = 240, .n_cols = 3, .cols = g->cols, .outcome = g->y, .n_classes = 2
	};
	g->cols[0] = (struct base_col){ .kind = BASE_NUM, .num = g->number };
	g->cols[1] = (struct base_col){ .kind = BASE_NUM, .num = g->wide };
	g->cols[2] = (struct base_col){ .kind = BASE_CAT, .code = g->level, .n_levels = 5 };
	for (size_t i = 0; i < 240; i++) {
		g->number[i] = (float)json_num(json_at(json_get(o, "number"), i), NAN);
		g->wide[i] = (float)json_num(json_at(json_get(o, "wide"), i), NAN);
		g->level[i] = (uint32_t)json_int(json_at(json_get(o, "level"), i), 0);
		g->y[i] = (int8_t)json_int(json_at(json_get(o, "y"), i), 0);
	}
}

static void test_logistic_regression_is_that_of_scikit_learn(void **state)
{
	const struct json *o = json_get(golden, "logistic"), *want = json_get(o, "weights");
	struct golden_frame *g = calloc(1, sizeof(*g));
	const uint32_t cols[3] = { 0, 1, 2 };
	struct err e = { 0 };
	struct logit *m;
	double p[240];

	fill(o, g);
	m = logit_fit(&g->f, cols, 3, NULL, 0, &e);
	assert_non_null(m);
	assert_int_equal(logit_weights(m), json_len(want));
	for (size_t i = 0; i < logit_weights(m); i++)
		assert_float_equal(logit_weight(m, i), json_num(json_at(want, i), NAN), WEIGHT);
	logit_apply(m, &g->f, NULL, 240, p);
	for (size_t i = 0; i < 240; i++)
		assert_float_equal(p[i], json_num(json_at(json_get(o, "p"), i), NAN), WEIGHT);
	logit_free(m);
	free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_figures_are_those_of_scikit_learn),
		cmocka_unit_test(test_drawn_points_lie_on_scikit_learns_curves),
		cmocka_unit_test(test_three_labels_are_those_of_scikit_learn),
		cmocka_unit_test(test_logistic_regression_is_that_of_scikit_learn),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
