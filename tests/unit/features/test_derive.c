/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>

#include "features/bind.h"
#include "features/derive.h"
#include "features/dict.h"
#include "features/frame.h"
#include "rows.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"
#include "util/rng.h"
#include "util/table.h"

/* A file profiled, and its rows in a frame. */
struct learned {
	struct profile *p;
	struct bases *b;
	struct frame f;
	size_t target;
};

static int8_t label_of(void *ctx, const struct row *r)
{
	const struct learned *l = ctx;
	struct str s = r->cells[l->target];

	return s.n == 0 ? OUTCOME_OPEN : cell_yesno(s) == 1 ? OUTCOME_WON : OUTCOME_LOST;
}

static void learn(const struct rows *r, const char *target, struct learned *l)
{
	struct profile_opts po = { .target = str_of(target) };
	struct frame_opts fo = { .label = label_of, .ctx = l, .as_of = NAN, .keep_open = true };
	struct err e = { 0 };
	struct profiler *pr = profiler_new(r->cells, r->cols, &po, &e);
	struct framer *fr;

	assert_non_null(pr);
	for (size_t i = 0; i < r->n; i++)
		assert_int_equal(profiler_row(pr, rows_at(r, i), &e), 0);
	l->p = profiler_end(pr, &e);
	assert_non_null(l->p);
	l->target = (size_t)profile_find(l->p, po.target);
	l->b = bases_new(l->p, &e);
	assert_non_null(l->b);
	fr = frame_begin(l->p, l->b, r->cells, r->cols, &fo, &e);
	assert_non_null(fr);
	for (size_t i = 0; i < r->n; i++) {
		struct row row = { .cells = (struct str *)rows_at(r, i), .line = i + 2 };

		assert_int_equal(frame_row(fr, &row, &e), 0);
	}
	assert_int_equal(frame_end(fr, &l->f, &e), 0);
}

static void forget(struct learned *l)
{
	frame_clear(&l->f);
	bases_free(l->b);
	profile_free(l->p);
}

static size_t base(const struct bases *b, const char *name)
{
	for (size_t i = 0; i < bases_count(b); i++) {
		if (str_eq(bases_info(b, i)->name, str_of(name)))
			return i;
	}
	for (size_t i = 0; i < bases_count(b); i++)
		fprintf(stderr, "  %s\n", bases_info(b, i)->name.p);
	fail_msg("no base column %s", name);
	return 0;
}

static float num_at(const struct learned *l, const char *name, size_t row)
{
	const struct base_col *c = &l->f.cols[base(l->b, name)];

	assert_int_equal(c->kind, BASE_NUM);
	return c->num[row];
}

static const char *level_at(const struct learned *l, const char *name, size_t row)
{
	size_t i = base(l->b, name);

	assert_int_equal(l->f.cols[i].kind, BASE_CAT);
	return bases_level(l->b, i, l->f.cols[i].code[row]).p;
}

/* Same bits for NaN too. */
static void same_number(float a, float b, const char *what, size_t row)
{
	if (a != b && !(isnan(a) && isnan(b)))
		fail_msg("%s in row %zu: %g and %g", what, row, a, b);
}

/* Rows of another file give what the frame has. */
static void scores_like(const struct learned *l, const struct bases *b, const struct rows *r)
{
	size_t n = bases_count(b);
	float *num = calloc(n, sizeof(*num));
	uint32_t *code = calloc(n, sizeof(*code));
	struct err e = { 0 };
	struct bind *bind = bind_new(b, r->cells, r->cols, NULL, &e);

	assert_non_null(bind);
	assert_int_equal(bind_absent(bind, 0).n, 0);
	for (size_t i = 0; i < r->n; i++)
		bind_vote(bind, rows_at(r, i), 0);
	bind_decide(bind);
	for (size_t i = 0; i < r->n; i++) {
		assert_int_equal(
			bases_row(b, bind, rows_at(r, i), l->f.as_of, num, code), BASES_OK);
		for (size_t k = 0; k < n; k++) {
			if (l->f.cols[k].kind == BASE_NUM)
				same_number(num[k], l->f.cols[k].num[i], l->f.cols[k].name, i);
			else if (code[k] != l->f.cols[k].code[i])
				fail_msg("%s in row %zu: %u and %u", l->f.cols[k].name, i, code[k],
					l->f.cols[k].code[i]);
		}
	}
	bind_free(bind);
	free(num);
	free(code);
}

/* The columns in another order, with two more between them. */
static struct rows shuffled(const struct rows *r)
{
	struct rows s = { .n = r->n, .cols = r->cols + 2 };
	uint32_t *order = malloc(s.cols * sizeof(*order));
	struct rng rng;

	s.cells = malloc((s.n + 1) * s.cols * sizeof(*s.cells));
	assert_non_null(order);
	assert_non_null(s.cells);
	for (uint32_t i = 0; i < s.cols; i++)
		order[i] = i;
	rng_seed(&rng, 7);
	rng_shuffle(&rng, order, s.cols);
	for (size_t i = 0; i <= s.n; i++) {
		for (size_t c = 0; c < s.cols; c++) {
			struct str *to = &s.cells[i * s.cols + c];

			if (order[c] < r->cols)
				*to = r->cells[i * r->cols + order[c]];
			else
				*to = i == 0 ? order[c] == r->cols ? S("extra") : S("more")
					     : S("1/2,x");
		}
	}
	free(order);
	return s;
}

static struct bases *written_and_read(const struct bases *b)
{
	struct buf x = { 0 }, y = { 0 };
	struct jw wx = { .b = &x }, wy = { .b = &y };
	struct err e = { 0 };
	struct json *doc;
	struct bases *again;

	bases_write(b, &wx);
	doc = json_parse(buf_view(&x), &e);
	assert_non_null(doc);
	again = bases_read(doc, &e);
	if (again == NULL)
		fail_msg("%s", e.msg);
	bases_write(again, &wy);
	assert_true(str_eq(buf_view(&x), buf_view(&y)));
	json_free(doc);
	buf_clear(&x);
	buf_clear(&y);
	return again;
}

static void parity(const char *rel, char sep, const char *target)
{
	struct rows r = { 0 }, s = { 0 };
	struct learned l = { 0 };
	struct bases *again;

	if (!rows_shared(rel, sep, &r))
		skip();
	learn(&r, target, &l);
	assert_int_equal(l.f.rows, r.n);
	again = written_and_read(l.b);
	s = shuffled(&r);
	scores_like(&l, l.b, &r);
	scores_like(&l, again, &s);
	rows_clear(&s);
	bases_free(again);
	forget(&l);
	rows_clear(&r);
}

static void test_scoring_sees_what_training_saw_on_real_files(void **state)
{
	parity("data/leads/x_education/train.csv", ',', "Converted");
	parity("data/leads/bank_marketing/train.csv", ';', "y");
	parity("data/leads/health_insurance_leads/train.csv", ',', "Response");
	parity("data/leads/olist_funnel/train.csv", ',', "converted");
	parity("data/leads/synthetic_goushik/train.csv", ',', "label_conversion");
}

static const char crm[] =
	"Lead ID,Full Name,Email,Phone,Job Title,Company,Source,Created Date,Last Activity,Visits,"
	"Downloads,Topics,Newsletter,Zip,Won\n"
	"L-1,Ann Lee,ann@acme.com,+49 30 123456,CEO,Acme GmbH,Google,01/02/2024,05/02/2024,4,1,SEO;"
	"Ads,yes,01234,1\n"
	"L-2,Bob Ray,bob@gmail.com,030 123456,Intern,Ray Inc,google "
	",03/02/2024,,14+,0,SEO,no,01235,0\n"
	"L-3,Cid Fox,,,,,Select,29/02/2024,04/03/2024,,3,Ads;Blog;SEO,,99999,1\n"
	"L-4,Dan Orr,nobody,12,Sales Manager,N/A,Bing,01/03/2024,01/04/2024,3.0,2,Blog;Ads,no,,0\n"
	"L-5,Eve Ash,eve@acme.com,+49 30 99,Head of IT,Acme "
	"GmbH,Google,05/03/2024,06/03/2024,3,x,Blog,"
	"yes,01234,\n"
	"L-6,Fay Poe,,,,,Other,31/03/2024,,0,0,Mail;SEO,yes,01234,0\n";

static void test_a_crm_row_becomes_what_an_analyst_would_make_of_it(void **state)
{
	struct rows r = rows_of(crm, ',');
	struct learned l = { 0 };

	learn(&r, "Won", &l);
	assert_float_equal(l.f.as_of, (double)cell_days(2024, 4, 1), 0);
	assert_float_equal(num_at(&l, "days since Created Date", 0), 60, 0);
	assert_float_equal(num_at(&l, "weekday of Created Date", 0), 4, 0);
	assert_float_equal(num_at(&l, "month of Created Date", 2), 2, 0);
	assert_float_equal(num_at(&l, "days from Created Date to Last Activity", 0), 4, 0);
	assert_true(isnan(num_at(&l, "days from Created Date to Last Activity", 1)));
	assert_float_equal(num_at(&l, "Visits", 0), 4, 0);
	assert_float_equal(num_at(&l, "Visits", 1), 14.5, 0);
	assert_true(isnan(num_at(&l, "Visits", 2)));
	assert_float_equal(num_at(&l, "Newsletter", 0), 1, 0);
	assert_true(isnan(num_at(&l, "Newsletter", 2)));
	assert_string_equal(level_at(&l, "Source", 0), "Google");
	assert_string_equal(level_at(&l, "Source", 1), "Google");
	assert_string_equal(level_at(&l, "kind of Email", 0), "business");
	assert_string_equal(level_at(&l, "kind of Email", 5), "");
	assert_string_equal(level_at(&l, "domain of Email", 4), "acme.com");
	assert_string_equal(level_at(&l, "country of Phone", 0), "+49");
	assert_float_equal(num_at(&l, "rank of Job Title", 0), 8, 0);
	assert_true(isnan(num_at(&l, "rank of Job Title", 2)));
	assert_float_equal(num_at(&l, "number of items of Topics", 2), 3, 0);
	assert_int_equal(l.f.outcome[4], OUTCOME_OPEN);
	assert_int_equal(l.f.line[4], 6);
	assert_float_equal(l.f.created[2], (double)cell_days(2024, 2, 29), 0);
	scores_like(&l, l.b, &r);
	forget(&l);
	rows_clear(&r);
}

static void test_a_placeholder_is_a_level_of_its_own_but_not_filled(void **state)
{
	struct rows r = rows_of(
		"origin,n,y\nunknown,1,1\nunknown,2,0\n,3,1\n,4,0\nweb,5,1\nweb,6,0\n", ',');
	struct learned l = { 0 };
	const bool keep[] = { true, true, true };
	struct err e = { 0 };

	learn(&r, "y", &l);
	assert_string_equal(level_at(&l, "origin", 0), "unknown");
	assert_string_equal(level_at(&l, "origin", 2), "");
	assert_string_equal(level_at(&l, "origin", 4), "web");
	assert_int_equal(bases_add_counts(l.b, &l.f, keep, &e), 0);
	assert_float_equal(num_at(&l, "number of filled fields", 0), 1, 0);
	assert_float_equal(num_at(&l, "number of filled fields", 2), 1, 0);
	assert_float_equal(num_at(&l, "number of filled fields", 4), 2, 0);
	scores_like(&l, l.b, &r);
	forget(&l);
	rows_clear(&r);
}

static void test_words_of_a_text_are_told_but_no_names(void **state)
{
	struct buf b = { 0 };
	struct err e = { 0 };
	struct learned l = { 0 };
	struct bases *again;
	struct rows r;

	buf_z(&b, "what they wrote,y\n");
	for (int i = 0; i < 200; i++)
		buf_fmt(&b, "Hello from N%dx%d; please send the %s list to us today,%d\n", i, i * 7,
			i % 3 ? "Price" : "course", i % 2);
	r = rows_parse(buf_take(&b, &e), ',');
	learn(&r, "y", &l);
	assert_float_equal(num_at(&l, "what they wrote mentions price", 0), 0, 0);
	assert_float_equal(num_at(&l, "what they wrote mentions price", 1), 1, 0);
	assert_float_equal(num_at(&l, "what they wrote mentions course", 0), 1, 0);
	assert_float_equal(num_at(&l, "words of what they wrote", 0), 11, 0);
	for (size_t i = 0; i < bases_count(l.b); i++) {
		assert_null(strstr(bases_info(l.b, i)->name.p, "mentions the"));
		assert_null(strstr(bases_info(l.b, i)->name.p, "mentions n0x0"));
	}
	again = written_and_read(l.b);
	scores_like(&l, again, &r);
	bases_free(again);
	forget(&l);
	rows_clear(&r);
}

static void test_two_kinds_of_missing_are_kept_apart(void **state)
{
	struct buf b = { 0 };
	struct err e = { 0 };
	struct learned l = { 0 };
	struct rows r = { 0 };

	buf_z(&b, "gap,y\n");
	for (int i = 0; i < 120; i++)
		buf_fmt(&b, "%s,%d\n",
			i % 3 == 0   ? "999"
			: i % 3 == 1 ? ""
			: i % 2      ? "4"
				     : "7",
			i % 2);
	r = rows_parse(buf_take(&b, &e), ',');
	learn(&r, "y", &l);
	assert_true(isnan(num_at(&l, "gap", 0)));
	assert_true(isnan(num_at(&l, "gap", 1)));
	assert_string_equal(level_at(&l, "kind of missing of gap", 0), "coded as missing");
	assert_string_equal(level_at(&l, "kind of missing of gap", 1), "");
	assert_string_equal(level_at(&l, "kind of missing of gap", 2), "filled");
	forget(&l);
	rows_clear(&r);
}

/* The order of day and month belongs to the file, not to the model. */
static void test_day_and_month_are_decided_in_each_file_anew(void **state)
{
	struct rows r = rows_of("created,y\n01/02/2024,1\n25/02/2024,0\n02/03/2024,1\n", ',');
	struct rows us = rows_of("created,y\n02/01/2024,1\n02/25/2024,0\n03/02/2024,1\n", ',');
	struct rows iso = rows_of("created,y\n2024-02-01,1\n2024-02-25,0\n2024-03-02,1\n", ',');
	struct rows open = rows_of("created,y\n02/01/2024,1\n", ',');
	struct learned l = { 0 };
	struct err e = { 0 };
	struct bind *bind;
	float num[8];
	uint32_t code[8];

	learn(&r, "y", &l);
	scores_like(&l, l.b, &r);
	scores_like(&l, l.b, &us);
	scores_like(&l, l.b, &iso);
	bind = bind_new(l.b, open.cells, open.cols, NULL, &e);
	assert_true(bind_needs_scan(bind));
	assert_int_equal(
		bases_row(l.b, bind, rows_at(&open, 0), l.f.as_of, num, code), BASES_UNDECIDED);
	bind_vote(bind, rows_at(&open, 0), 0);
	bind_decide(bind);
	assert_int_equal(bases_row(l.b, bind, rows_at(&open, 0), l.f.as_of, num, code), BASES_OK);
	assert_float_equal(num[0], 60, 0); /* 2 January, day first as in training */
	assert_non_null(strstr(bind_note(bind, 0), "02/01/2024"));
	assert_non_null(strstr(bind_note(bind, 0), "as in training"));
	assert_null(bind_note(bind, 1));
	bind_free(bind);
	forget(&l);
	rows_clear(&r);
	rows_clear(&us);
	rows_clear(&iso);
	rows_clear(&open);
}

static void test_decimal_comma_is_decided_in_each_file_anew(void **state)
{
	struct rows r = rows_of("amount;y\n1.234;1\n2.5;0\n1,000.25;1\n", ';');
	struct rows de = rows_of("amount;y\n1,234;1\n2,5;0\n1.000,25;1\n", ';');
	struct learned l = { 0 };

	learn(&r, "y", &l);
	assert_float_equal(num_at(&l, "amount", 0), 1.234f, 0);
	scores_like(&l, l.b, &de);
	forget(&l);
	rows_clear(&r);
	rows_clear(&de);
}

static void test_a_date_behind_the_moment_of_scoring_is_missing(void **state)
{
	struct rows r = rows_of("created,y\n2024-02-01,1\n2024-02-25,0\n2024-03-02,1\n", ',');
	struct rows late = rows_of("created,y\n2024-03-03,1\n2024-02-25,0\n", ',');
	const bool weekday[] = { false, true, false };
	struct learned l = { 0 };
	struct err e = { 0 };
	struct bind *bind;
	float num[8];
	uint32_t code[8];

	learn(&r, "y", &l);
	bind = bind_new(l.b, late.cells, late.cols, NULL, &e);
	for (size_t i = 0; i < late.n; i++)
		bind_vote(bind, rows_at(&late, i), (double)cell_days(2024, 3, 2));
	bind_decide(bind);
	assert_float_equal(bind_newest(bind), (double)cell_days(2024, 2, 25), 0);
	bases_row(l.b, bind, rows_at(&late, 0), bind_newest(bind), num, code);
	assert_true(isnan(num[0]) && isnan(num[1]) && isnan(num[2]));
	bind_free(bind);
	/* A weekday alone asks for the as-of time too. */
	bind = bind_new(l.b, late.cells, late.cols, weekday, &e);
	assert_true(bind_needs_scan(bind));
	bind_free(bind);
	forget(&l);
	rows_clear(&r);
	rows_clear(&late);
}

static void test_absent_columns_count_as_empty_and_are_named(void **state)
{
	struct rows r = rows_of("Lead Source,visits,y\na,1,1\nb,2,0\na,3,1\n", ',');
	const struct str names[] = { S("lead_source"), S("other") };
	const struct str cells[] = { S("A"), S("9") };
	struct learned l = { 0 };
	struct err e = { 0 };
	struct bind *bind;
	float num[8];
	uint32_t code[8];

	learn(&r, "y", &l);
	bind = bind_new(l.b, names, 2, NULL, &e);
	assert_true(str_eq(bind_absent(bind, 0), S("visits")));
	assert_int_equal(bind_absent(bind, 1).n, 0);
	assert_int_equal(bind_column(bind, 0), 0);
	assert_int_equal(bind_column(bind, 1), -1);
	bases_row(l.b, bind, cells, NAN, num, code);
	assert_int_equal(code[base(l.b, "Lead Source")], 1);
	assert_true(isnan(num[base(l.b, "visits")]));
	bind_free(bind);
	forget(&l);
	rows_clear(&r);
}

static void test_one_column_of_a_file_is_one_column_of_the_model(void **state)
{
	struct rows r = rows_of("A b,A_b,y\n1,7,1\n2,8,0\n3,9,1\n", ',');
	const struct str names[] = { S("A b") };
	struct learned l = { 0 };
	struct err e = { 0 };
	struct bind *bind;

	learn(&r, "y", &l);
	bind = bind_new(l.b, names, 1, NULL, &e);
	assert_int_equal(bind_column(bind, 0), 0);
	assert_int_equal(bind_column(bind, 1), -1);
	assert_true(str_eq(bind_absent(bind, 0), S("A_b")));
	bind_free(bind);
	forget(&l);
	rows_clear(&r);
}

static void test_unwanted_bases_are_not_touched(void **state)
{
	struct rows r = rows_of("a,b,y\nx,1,1\nz,2,0\nx,3,1\n", ',');
	struct learned l = { 0 };
	struct err e = { 0 };
	bool wanted[2] = { false, true };
	const struct str names[] = { S("b") };
	const struct str cells[] = { S("2.50") };
	struct bind *bind;
	float num[2] = { -1, -1 };
	uint32_t code[2] = { 77, 77 };

	learn(&r, "y", &l);
	bind = bind_new(l.b, names, 1, wanted, &e);
	assert_int_equal(bind_absent(bind, 0).n, 0);
	bases_row(l.b, bind, cells, NAN, num, code);
	assert_int_equal(code[0], 77);
	assert_float_equal(num[1], 2.5, 0);
	bind_free(bind);
	forget(&l);
	rows_clear(&r);
}

static void test_rare_values_are_pooled_and_new_ones_with_them(void **state)
{
	struct dict *d = dict_new();
	struct err e = { 0 };
	uint32_t *codes;
	const char *const cells[] = { "b", "A", "a ", "B", "c", "d", "a", "" };

	for (size_t i = 0; i < 8; i++)
		assert_true(dict_add(d, str_of(cells[i]), &e) != UINT32_MAX);
	assert_int_equal(dict_seal(d, &codes, &e), 0);
	free(codes);
	assert_int_equal(dict_levels(d), 4); /* missing, a, b, rare */
	assert_int_equal(dict_find(d, S("a")), 1);
	assert_int_equal(dict_find(d, S(" A")), 1);
	assert_int_equal(dict_find(d, S("b")), 2);
	assert_int_equal(dict_find(d, S("c")), 3);
	assert_int_equal(dict_find(d, S("never seen")), 3);
	assert_int_equal(dict_find(d, S("  ")), 0);
	assert_true(str_eq(dict_text(d, 1), S("A")));
	assert_int_equal(dict_rare(d), 3);
	dict_free(d);
}

static void test_codes_do_not_depend_on_the_order_of_rows(void **state)
{
	struct dict *a = dict_new(), *b = dict_new();
	struct err e = { 0 };
	uint32_t *codes;

	for (unsigned i = 0; i < 500; i++) {
		char x[16], y[16];

		snprintf(x, sizeof(x), "v%u", i * 7 % 50);
		snprintf(y, sizeof(y), "v%u", (499 - i) * 7 % 50);
		dict_add(a, str_of(x), &e);
		dict_add(b, str_of(y), &e);
	}
	assert_int_equal(dict_seal(a, &codes, &e), 0);
	free(codes);
	assert_int_equal(dict_seal(b, &codes, &e), 0);
	free(codes);
	for (uint32_t i = 0; i < dict_levels(a); i++)
		assert_true(str_eq(dict_text(a, i), dict_text(b, i)));
	dict_free(a);
	dict_free(b);
}

static void test_a_changed_model_file_is_refused(void **state)
{
	static const char *const bad[] = {
		"{}",
		"{\"columns\":[],\"bases\":5}",
		"{\"columns\":[{\"name\":\"a\",\"read_as\":\"magic\"}],\"bases\":[]}",
		"{\"columns\":[{\"name\":\"a\",\"read_as\":\"number\"}],\"bases\":[{\"name\":\"a\","
		"\"op\":"
		"\"number\",\"columns\":[1]}]}",
		"{\"columns\":[{\"name\":\"a\",\"read_as\":\"number\"}],\"bases\":[{\"name\":\"a\","
		"\"op\":"
		"\"ratio\",\"columns\":[0]}]}",
		"{\"columns\":[{\"name\":\"a\",\"read_as\":\"text\"}],\"bases\":[{\"name\":\"a\","
		"\"op\":"
		"\"category\",\"columns\":[0]}]}",
		"{\"columns\":[],\"bases\":[{\"name\":\"a\",\"op\":\"dance\",\"columns\":[]}]}",
		"{\"columns\":[],\"bases\":[{\"name\":\"a\",\"op\":\"filled "
		"fields\",\"columns\":[]},"
		"{\"name\":\"b\",\"op\":\"filled fields\",\"columns\":[]}]}",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = { 0 };
		struct json *doc = json_parse(str_of(bad[i]), &e);

		assert_non_null(doc);
		if (bases_read(doc, &e) != NULL || e.msg[0] == '\0')
			fail_msg("%s was taken", bad[i]);
		json_free(doc);
	}
}

static void test_the_same_row_has_the_same_key_in_any_order_of_columns(void **state)
{
	struct rows r = rows_of("a,b,y\nx,1,1\nz,2,0\nx,1,0\n", ',');
	struct rows s = rows_of("y,b,a\n1,1,x\n0,2,z\n0,1,x\n", ',');
	struct learned l = { 0 }, m = { 0 };

	learn(&r, "y", &l);
	learn(&s, "y", &m);
	assert_true(l.f.row_key[0] == l.f.row_key[2]);
	assert_true(l.f.row_key[0] != l.f.row_key[1]);
	assert_true(l.f.row_key[1] == m.f.row_key[1]);
	forget(&l);
	forget(&m);
	rows_clear(&r);
	rows_clear(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_crm_row_becomes_what_an_analyst_would_make_of_it),
		cmocka_unit_test(test_a_placeholder_is_a_level_of_its_own_but_not_filled),
		cmocka_unit_test(test_words_of_a_text_are_told_but_no_names),
		cmocka_unit_test(test_two_kinds_of_missing_are_kept_apart),
		cmocka_unit_test(test_day_and_month_are_decided_in_each_file_anew),
		cmocka_unit_test(test_decimal_comma_is_decided_in_each_file_anew),
		cmocka_unit_test(test_a_date_behind_the_moment_of_scoring_is_missing),
		cmocka_unit_test(test_absent_columns_count_as_empty_and_are_named),
		cmocka_unit_test(test_one_column_of_a_file_is_one_column_of_the_model),
		cmocka_unit_test(test_unwanted_bases_are_not_touched),
		cmocka_unit_test(test_rare_values_are_pooled_and_new_ones_with_them),
		cmocka_unit_test(test_codes_do_not_depend_on_the_order_of_rows),
		cmocka_unit_test(test_a_changed_model_file_is_refused),
		cmocka_unit_test(test_the_same_row_has_the_same_key_in_any_order_of_columns),
		cmocka_unit_test(test_scoring_sees_what_training_saw_on_real_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
