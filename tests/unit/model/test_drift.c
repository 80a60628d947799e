/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>

#include "features/frame.h"
#include "model/drift.h"
#include "model/heat.h"
#include "model/summary.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"
#include "util/rng.h"

enum { N = 4000, RARE = 9 };
/* Columns: 0 a number with gaps, 1 a category of ten levels (9 is the rare one), 2 a yes/no. */
struct data {
	struct frame f;
	struct base_col cols[3];
	float num[N];
	uint32_t cat[N], flag[N];
	int8_t y[N];
	double p[N];
	struct summary s;
};

static struct str level(const void *ctx, size_t i, uint32_t code)
{
	static const char *const name[10] = { "", "Web", "Ads", "<b>Fair</b>", "d", "e", "f", "g",
		"h", "(rare values)" };

	return str_of(name[code]);
}

static uint32_t rare(const void *ctx, size_t i)
{
	return i == 1 ? RARE : BASE_UNSEEN;
}

static void draw(struct rng *r, float *num, uint32_t *code, double shift)
{
	num[0] = rng_double(r) < .1 ? NAN : (float)(rng_normal(r) + shift);
	code[1] = rng_double(r) < .001 ? RARE : 1 + (uint32_t)(8 * rng_double(r) * rng_double(r));
	code[2] = 1 + (rng_double(r) < .3);
}

static struct data *data(void)
{
	struct data *d = calloc(1, sizeof(*d));
	struct summary_opts o = { .p = d->p, .y = d->y, .level = level, .rare = rare };
	struct bands b = { .hot = .4, .warm = .2 };
	struct err e = { 0 };
	struct rng r;

	rng_seed(&r, 1);
	d->f = (struct frame){
		.rows = N, .n_cols = 3, .cols = d->cols, .outcome = d->y, .n_classes = 2
	};
	d->cols[0] = (struct base_col){ .name = "Visits", .kind = BASE_NUM, .num = d->num };
	d->cols[1] = (struct base_col){
		.name = "Source", .kind = BASE_CAT, .code = d->cat, .n_levels = 10
	};
	d->cols[2] = (struct base_col){
		.name = "Optin", .kind = BASE_CAT, .code = d->flag, .n_levels = 3
	};
	for (size_t i = 0; i < N; i++) {
		float num[3];
		uint32_t code[3];

		draw(&r, num, code, 0);
		d->num[i] = num[0];
		d->cat[i] = code[1];
		d->flag[i] = code[2];
		d->p[i] = .1 + .5 * rng_double(&r);
		d->y[i] = rng_double(&r) < d->p[i];
	}
	assert_int_equal(summary_make(&d->f, &o, &b, &d->s, &e), 0);
	return d;
}

static void drop(struct data *d)
{
	summary_clear(&d->s);
	free(d);
}

/* ${n} new leads. */
static struct summary_counter fresh(
	const struct data *d, size_t n, uint64_t seed, double shift, double unseen)
{
	struct summary_counter c;
	struct err e = { 0 };
	struct rng r;

	rng_seed(&r, seed);
	assert_int_equal(summary_counter_init(&c, &d->s, &e), 0);
	for (size_t i = 0; i < n; i++) {
		float num[3];
		uint32_t code[3];
		double p = .1 + .5 * rng_double(&r);

		draw(&r, num, code, shift);
		if (rng_double(&r) < unseen)
			code[1] = BASE_UNSEEN;
		summary_count(&c, &d->s, num, code, p, p >= .4 ? 0 : p >= .2 ? 1 : 2);
	}
	return c;
}

static struct drift judge(const struct data *d, struct summary_counter *c)
{
	struct drift out;
	struct err e = { 0 };

	assert_int_equal(drift_judge(&d->s, c, 5, &out, &e), 0);
	summary_counter_clear(c);
	return out;
}

static void test_the_summary_counts_every_lead_once(void **state)
{
	struct data *d = data();
	double won = 0;

	for (size_t i = 0; i < N; i++)
		won += d->y[i];
	for (size_t c = 0; c < d->s.n; c++) {
		uint64_t n = 0, w = 0;

		for (uint32_t b = 0; b < d->s.cols[c].n_bins; b++) {
			n += d->s.cols[c].n[b];
			w += d->s.cols[c].won[b];
		}
		assert_int_equal(n, N);
		assert_int_equal(w, (uint64_t)won);
	}
	assert_int_equal(d->s.cols[0].n_bins, 11); /* missing and ten of equal count */
	assert_in_range(d->s.cols[0].n[3], 340, 380);
	assert_int_equal(d->s.cols[1].n_bins, 8 + 3);
	assert_int_equal(d->s.heat[0] + d->s.heat[1] + d->s.heat[2], N);
	drop(d);
}

static void test_few_values_are_bins_of_their_own(void **state)
{
	struct data *d = calloc(1, sizeof(*d));
	struct summary_opts o = { .p = d->p, .y = d->y };
	struct bands b = { .hot = .4, .warm = .2 };
	struct err e = { 0 };
	char label[64];

	d->f = (struct frame){ .rows = 100, .n_cols = 1, .cols = d->cols, .outcome = d->y };
	d->cols[0] = (struct base_col){ .name = "x", .kind = BASE_NUM, .num = d->num };
	for (size_t i = 0; i < 100; i++)
		d->num[i] = (float)(i % 3) * 2;
	assert_int_equal(summary_make(&d->f, &o, &b, &d->s, &e), 0);
	assert_int_equal(d->s.cols[0].n_bins, 4);
	assert_int_equal(d->s.cols[0].n[1], 34);
	assert_int_equal(summary_bin(&d->s.cols[0], 1e30F, 0), 3);
	assert_int_equal(summary_bin(&d->s.cols[0], -INFINITY, 0), 1);
	summary_label(&d->s.cols[0], 0, label, sizeof(label));
	assert_string_equal(label, "missing");
	summary_label(&d->s.cols[0], 1, label, sizeof(label));
	assert_string_equal(label, "0");
	summary_clear(&d->s);
	for (size_t i = 0; i < 100; i++)
		d->num[i] = (float)(i % 20);
	assert_int_equal(summary_make(&d->f, &o, &b, &d->s, &e), 0);
	summary_label(&d->s.cols[0], 1, label, sizeof(label));
	assert_string_equal(label, "up to 1");
	summary_label(&d->s.cols[0], 2, label, sizeof(label));
	assert_string_equal(label, "2 to 3");
	summary_label(&d->s.cols[0], 10, label, sizeof(label));
	assert_string_equal(label, "18 or more");
	drop(d);
}

static void test_the_same_kind_of_leads_are_within_chance(void **state)
{
	struct data *d = data();
	int said = 0;

	for (uint64_t i = 0; i < 20; i++) {
		struct summary_counter c = fresh(d, 50 + 200 * i, 100 + i, 0, 0);
		struct drift out = judge(d, &c);

		for (size_t k = 0; k < out.n; k++)
			said += out.cols[k].verdict != DRIFT_CHANCE;
		assert_int_equal(out.moved, 0);
		drift_clear(&out);
	}
	assert_in_range(said, 0, 3); /* 5 % of 20 files, with luck to spare */
	drop(d);
}

static void test_a_shift_is_found_where_it_is(void **state)
{
	struct data *d = data();
	struct summary_counter c = fresh(d, 1000, 3, .8, 0);
	struct drift out = judge(d, &c);

	assert_true(out.cols[0].verdict >= DRIFT_MOVED);
	assert_true(out.cols[0].p < .001);
	assert_int_equal(out.cols[1].verdict, DRIFT_CHANCE);
	assert_int_equal(out.cols[2].verdict, DRIFT_CHANCE);
	assert_non_null(strstr(out.text, "Visits"));
	drift_clear(&out);
	drop(d);
}

static void test_a_handful_of_leads_convicts_nobody(void **state)
{
	struct data *d = data();
	struct summary_counter c = fresh(d, 3, 4, .5, 0);
	struct drift out = judge(d, &c);

	assert_int_equal(out.moved, 0);
	drift_clear(&out);
	drop(d);
}

static void test_new_values_are_told_from_other_ones(void **state)
{
	struct data *d = data();
	struct summary_counter c = fresh(d, 800, 6, 0, .2);
	struct drift out = judge(d, &c);

	assert_true(out.cols[1].fresh.now > .15 && out.cols[1].fresh.then < .01);
	assert_true(out.cols[1].fresh.p < .01);
	assert_true(out.cols[1].missing.p > .05);
	assert_non_null(strstr(out.cols[1].text, "new or rare"));
	drift_clear(&out);
	drop(d);
}

static void test_the_index_is_the_textbook_one(void **state)
{
	struct data *d = data();
	struct summary_counter c = fresh(d, 500, 7, .3, 0);
	const struct summary_col *s = &d->s.cols[2];
	double want = 0, n[3];
	struct drift out;

	memcpy(n,
		(double[]){
			(double)c.n[2 * SUMMARY_BINS + 1], (double)c.n[2 * SUMMARY_BINS + 2], 0 },
		sizeof(n));
	for (int b = 0; b < 2; b++) {
		double then = ((double)s->n[b + 1] + .5) / (N + 1), now = (n[b] + .5) / 501;

		want += (now - then) * log(now / then);
	}
	out = judge(d, &c);
	assert_float_equal(out.cols[2].psi, want, 1e-12);
	drift_clear(&out);
	drop(d);
}

static void test_nothing_new_is_an_error(void **state)
{
	struct data *d = data();
	struct summary_counter c = fresh(d, 0, 1, 0, 0);
	struct drift out;
	struct err e = { 0 };

	assert_int_equal(drift_judge(&d->s, &c, 1, &out, &e), -1);
	assert_int_equal(e.code, ERR_INPUT);
	summary_counter_clear(&c);
	drop(d);
}

/* Written, read, written: the same text; and the same counts come out of it. */
static void test_json_keeps_the_summary(void **state)
{
	struct data *d = data(), back = { 0 };
	struct buf a = { 0 }, b = { 0 };
	struct jw w = { .b = &a }, w2 = { .b = &b };
	struct summary_counter c, k;
	struct err e = { 0 };
	struct json *doc;

	summary_write(&w, &d->s);
	doc = json_parse(buf_view(&a), &e);
	assert_non_null(doc);
	assert_int_equal(summary_read(doc, 3, &back.s, &e), 0);
	summary_write(&w2, &back.s);
	assert_true(str_eq(buf_view(&a), buf_view(&b)));
	c = fresh(d, 300, 8, .2, .1);
	k = fresh(&back, 300, 8, .2, .1);
	assert_memory_equal(c.n, k.n, 4 * SUMMARY_BINS * sizeof(*c.n));
	summary_counter_add(&c, &k);
	assert_int_equal(c.rows, 600);
	summary_counter_clear(&c);
	summary_counter_clear(&k);
	summary_clear(&back.s);
	assert_int_equal(summary_read(doc, 2, &back.s, &e), -1);
	json_free(doc);
	buf_clear(&a);
	buf_clear(&b);
	drop(d);
}

static void test_a_cut_or_changed_summary_is_refused(void **state)
{
	struct data *d = data();
	struct buf a = { 0 };
	struct jw w = { .b = &a };
	struct rng r;
	size_t whole = 0;

	summary_write(&w, &d->s);
	rng_seed(&r, 3);
	/* Numbers in it changed at random: it reads or is refused, and never crashes. */
	for (int i = 0; i < 3000; i++) {
		size_t at = (size_t)rng_below(&r, a.n);
		struct summary back;
		struct err e = { 0 };
		struct json *doc;
		char was = a.p[at];

		a.p[at] = (was >= '0' && was <= '9') ? (char)('0' + rng_below(&r, 10)) : ',';
		doc = json_parse(buf_view(&a), &e);
		if (doc != NULL && summary_read(doc, 3, &back, &e) == 0) {
			float num[3] = { 1, NAN, 0 };
			uint32_t code[3] = { 0, 5, 77 };
			struct summary_counter c;

			assert_int_equal(summary_counter_init(&c, &back, &e), 0);
			summary_count(&c, &back, num, code, .3, 1);
			summary_counter_clear(&c);
			summary_clear(&back);
			whole++;
		}
		json_free(doc);
		a.p[at] = was;
	}
	assert_true(whole > 0);
	buf_clear(&a);
	drop(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_summary_counts_every_lead_once),
		cmocka_unit_test(test_few_values_are_bins_of_their_own),
		cmocka_unit_test(test_the_same_kind_of_leads_are_within_chance),
		cmocka_unit_test(test_a_shift_is_found_where_it_is),
		cmocka_unit_test(test_a_handful_of_leads_convicts_nobody),
		cmocka_unit_test(test_new_values_are_told_from_other_ones),
		cmocka_unit_test(test_the_index_is_the_textbook_one),
		cmocka_unit_test(test_nothing_new_is_an_error),
		cmocka_unit_test(test_json_keeps_the_summary),
		cmocka_unit_test(test_a_cut_or_changed_summary_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
