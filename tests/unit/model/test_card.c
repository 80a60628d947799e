/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <ctype.h>
#include <math.h>

#include "features/frame.h"
#include "model/baseline.h"
#include "model/breakdown.h"
#include "model/card.h"
#include "model/heat.h"
#include "model/summary.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"
#include "util/rng.h"

enum { N = 6000, NUMBERS = 3, COLS = 7 };
#define HOSTILE "<script>alert('x')</script>\xe2\x80\xae|`*\"&"

/* A made-up data set, and the report that training would write of it. */
struct fixture {
	struct frame f;
	struct base_col cols[COLS];
	float num[NUMBERS][N];
	uint32_t cat[COLS - NUMBERS][N];
	double p[N], logit_p[N], created[N];
	int8_t y[N];
	struct bands bands;
	struct summary summary;
	struct eval eval;
	struct eval_curves curves;
	struct baseline_figures base;
	struct buf text;
	struct json *report;
};

static const char *const names[COLS] = { "Total Time Spent on Website", "Page Views Per Visit",
	"days since Created", "Lead Source", "What is your current occupation", "Country",
	HOSTILE };
static const char *const levels[COLS - NUMBERS][6] = {
	{ "", "Google", "Direct Traffic", "Olark Chat", "Reference", "Organic Search" },
	{ "", "Unemployed", "Working Professional", "Student", "Other", "Housewife" },
	{ "", "India", "United States", "United Arab Emirates", "Singapore", "Saudi Arabia" },
	{ "", "yes", "no", HOSTILE, "\"quoted\"", "a very long value that goes on and on" }
};

static struct str level(const void *ctx, size_t i, uint32_t code)
{
	return str_of(code < 6 ? levels[i - NUMBERS][code] : "");
}

static bool moves(const void *ctx, size_t i)
{
	return i == 2;
}

static void draw(struct fixture *x, size_t i, struct rng *r)
{
	static const double effect[6] = { -.2, 0, .1, -.6, 2.2, -.1 };
	double z = -1.1, u;

	x->num[0][i] = (float)(rng_double(r) < .3 ? 0 : exp(5.5 + rng_normal(r)));
	x->num[1][i] =
		rng_double(r) < .02 ? NAN : (float)floor(1 + 6 * rng_double(r) * rng_double(r));
	x->num[2][i] = (float)(400 * (1 - (double)i / N));
	for (int c = 0; c < COLS - NUMBERS; c++) {
		u = rng_double(r);
		x->cat[c][i] = c > 0 && u < .15 ? 0 : 1 + (uint32_t)(5 * pow(u, c == 2 ? 40 : 3));
	}
	z += .45 * log1p((double)x->num[0][i]) - 1.6 + effect[x->cat[0][i]] +
	     (x->cat[1][i] == 2 ? 2 : 0);
	x->created[i] = 19800 + 400 * (double)i / N;
	x->p[i] = 1 / (1 + exp(-z));
	x->y[i] = rng_double(r) < x->p[i] ? OUTCOME_WON : OUTCOME_LOST;
	x->p[i] = 1 / (1 + exp(-z - .3 * rng_normal(r)));
	x->logit_p[i] = 1 / (1 + exp(-.6 * z - .3 * rng_normal(r)));
}

static void put_left(struct jw *w, const char *column, const char *reason, const char *evidence)
{
	jw_obj(w);
	jw_kz(w, "column", column);
	jw_kz(w, "reason", reason);
	jw_kz(w, "evidence", evidence);
	jw_end_obj(w);
}

static void put_facts(struct jw *w)
{
	jw_key(w, "file");
	jw_obj(w);
	jw_kz(w, "name", "leads_2026_spring.csv");
	jw_kz(w, "sha256", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
	jw_kint(w, "columns", 37);
	jw_end_obj(w);
	jw_kint(w, "rows", N + 812);
	jw_kint(w, "open", 812);
	jw_kz(w, "outcome", "won = Converted is 1; lost = 0; 812 open");
	jw_kz(w, "as_of", "2026-03-31");
	jw_kint(w, "seed", 1);
	jw_key(w, "created");
	jw_obj(w);
	jw_kz(w, "from", "2025-02-24");
	jw_kz(w, "to", "2026-03-31");
	jw_end_obj(w);
	jw_key(w, "left_out");
	jw_arr(w);
	put_left(w, "Tags", "leak",
		"its values name the outcome: \"Closed by Horizzon\" was won 99 %");
	put_left(w, "Prospect ID", "identifier", "every row has another value");
	put_left(w, HOSTILE, "constant", HOSTILE);
	jw_end_arr(w);
	jw_key(w, "used");
	jw_arr(w);
	for (int i = 0; i < COLS; i++)
		jw_z(w, names[i]);
	jw_end_arr(w);
	jw_key(w, "warnings");
	jw_arr(w);
	jw_z(w, "\"New\" sounds open, but counts as lost");
	jw_end_arr(w);
	jw_kz(w, "calibration", "platt");
	jw_kint(w, "trees", 1000);
}

static void put_settings(struct jw *w)
{
	static const int trees[] = { 62, 125, 250, 500, 1000, 2000 };

	jw_key(w, "settings");
	jw_obj(w);
	jw_kint(w, "folds", 5);
	jw_key(w, "bound");
	jw_arr(w);
	for (int i = 0; i < 6; i++) {
		jw_obj(w);
		jw_kint(w, "trees", trees[i]);
		jw_knum(w, "log_loss", .418 + .02 / (i + 1));
		jw_end_obj(w);
	}
	jw_end_arr(w);
	jw_key(w, "trials");
	jw_arr(w);
	jw_obj(w);
	jw_kz(w, "what", "depth 5, eta 0.06, subsample 0.8, colsample 0.3, seed 1");
	jw_knum(w, "log_loss", .4213);
	jw_kint(w, "rounds", 180);
	jw_knum(w, "weight", .34);
	jw_end_obj(w);
	jw_end_arr(w);
	jw_end_obj(w);
	jw_key(w, "made_with");
	jw_obj(w);
	jw_kz(w, "heatscore", "0.1.0");
	jw_kz(w, "xgboost", "1.7.4");
	jw_end_obj(w);
}

static void put_figures(struct fixture *x, struct jw *w)
{
	jw_key(w, "figures");
	jw_obj(w);
	for (int i = 0; i < 2; i++) {
		jw_key(w, i == 0 ? "out_of_fold" : "time_ordered");
		jw_obj(w);
		jw_kz(w, "split",
			"stratified folds; every row is scored by a model that has not seen it");
		jw_kz(w, "from", "2026-01-12");
		eval_write(w, &x->eval);
		jw_key(w, "baselines");
		baseline_figures_write(w, &x->base);
		jw_end_obj(w);
	}
	jw_end_obj(w);
}

static void write_report(struct fixture *x)
{
	struct jw w = { .b = &x->text, .indent = 1 };
	struct eval_rows rows = { x->p, x->y, N };
	const uint32_t by[] = { 3, 5, 1 };
	struct err e = { 0 };

	jw_obj(&w);
	jw_kint(&w, "won", (int64_t)x->eval.won);
	jw_kint(&w, "lost", (int64_t)x->eval.lost);
	put_facts(&w);
	put_figures(x, &w);
	jw_key(&w, "bands");
	bands_write(&w, &x->bands);
	jw_key(&w, "curves");
	jw_obj(&w);
	eval_curves_write(&w, &x->curves);
	jw_end_obj(&w);
	jw_key(&w, "groups");
	assert_int_equal(breakdown_write(&x->f, &x->summary, &rows, by, 3, &w, &e), 0);
	put_settings(&w);
	jw_end_obj(&w);
	x->report = json_parse(buf_view(&x->text), &e);
	assert_non_null(x->report);
}

static struct fixture *fixture(void)
{
	struct fixture *x = calloc(1, sizeof(*x));
	struct eval_rows rows = { x->p, x->y, N };
	struct bands_rows br = { x->p, x->y, x->created, N, 0 };
	struct summary_opts so = { .p = x->p, .y = x->y, .level = level, .moves = moves };
	struct eval_opts o = { .resamples = 400 };
	struct err e = { 0 };
	struct rng r;

	rng_seed(&r, 12);
	x->f = (struct frame){ .rows = N,
		.n_cols = COLS,
		.cols = x->cols,
		.outcome = x->y,
		.n_classes = 2,
		.created = x->created };
	for (int c = 0; c < COLS; c++)
		x->cols[c] = (struct base_col){ .name = names[c],
			.kind = c < NUMBERS ? BASE_NUM : BASE_CAT,
			.num = c < NUMBERS ? x->num[c] : NULL,
			.code = c < NUMBERS ? NULL : x->cat[c - NUMBERS],
			.n_levels = c < NUMBERS ? 0 : 6 };
	for (size_t i = 0; i < N; i++)
		draw(x, i, &r);
	assert_int_equal(bands_default(&br, &x->bands, &e), 0);
	assert_int_equal(summary_make(&x->f, &so, &x->bands, &x->summary, &e), 0);
	assert_int_equal(evaluate(&rows, &o, &x->eval, &e), 0);
	assert_int_equal(eval_curves(&rows, &x->curves, &e), 0);
	assert_int_equal(baselines_eval(.38, x->created, x->logit_p, &rows, &o, &x->base, &e), 0);
	write_report(x);
	return x;
}

static void drop(struct fixture *x)
{
	json_free(x->report);
	buf_clear(&x->text);
	summary_clear(&x->summary);
	free(x);
}

static struct buf card(const struct fixture *x, enum card_format format)
{
	struct card_about about = {
		.version = "v3", .state = "published", .created = 1775000000, .summary = &x->summary
	};
	struct buf out = { 0 };
	struct err e = { 0 };

	assert_int_equal(card_write(x->report, &about, format, &out, &e), 0);
	buf_c(&out, '\0');
	return out;
}

static size_t count(const char *hay, const char *needle)
{
	size_t n = 0;

	for (const char *p = hay; (p = strstr(p, needle)) != NULL; p++)
		n++;
	return n;
}

/* Every tag that opens is closed by the same name, in order. */
static void check_nesting(const char *p)
{
	static const char *const empty[] = { "!DOCTYPE", "meta", "br", "line", "circle", "rect",
		"path", "polyline" };
	char stack[64][16];
	size_t depth = 0;

	while ((p = strchr(p, '<')) != NULL) {
		bool close = p[1] == '/', skip = false;
		char name[16] = "";

		p += close ? 2 : 1;
		for (size_t k = 0; k < 15 && (isalnum((unsigned char)p[k]) || p[k] == '!'); k++)
			name[k] = p[k];
		for (size_t k = 0; k < sizeof(empty) / sizeof(empty[0]); k++)
			skip = skip || strcmp(name, empty[k]) == 0;
		if (skip)
			continue;
		if (close) {
			assert_true(depth > 0);
			assert_string_equal(stack[--depth], name);
		} else {
			assert_true(depth < 64);
			strcpy(stack[depth++], name);
		}
	}
	assert_int_equal(depth, 0);
}

static void test_the_page_stands_alone_and_is_well_formed(void **state)
{
	static const char *const never[] = { "<script",
		"http:", "https:", "src=", "href=", "@import", "url(", "javascript", "onload",
		"nan", "inf\"", "-nan" };
	struct fixture *x = fixture();
	struct buf b = card(x, CARD_HTML);

	check_nesting(b.p);
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (strstr(b.p, never[i]) != NULL)
			fail_msg("the page has %s: %.60s", never[i], strstr(b.p, never[i]));
	assert_true(count(b.p, "<svg viewBox=\"0 0 460") >= 6 + COLS);
	assert_non_null(strstr(b.p, "prefers-color-scheme"));
	assert_non_null(strstr(b.p, "@media print"));
	buf_clear(&b);
	drop(x);
}

static void test_the_points_of_the_card_are_there(void **state)
{
	static const char *const points[] = { "won = Converted is 1", "812 open", "9f86d081",
		"2025-02-24", "newest leads", "ROC AUC", "Brier", "Can the percentages be trusted",
		"95&nbsp;% intervals", "best tenth", "Most recent first", "Logistic regression",
		"By <bdi>Lead Source", "class=\"few\"", "Closed by Horizzon", "Which fields matter",
		"Hot starts at", "Seed", "XGBoost 1.7.4", "Known limits", "sounds open",
		"Results since then", "v3 &middot; published" };
	struct fixture *x = fixture();
	struct buf b = card(x, CARD_HTML);

	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++)
		if (strstr(b.p, points[i]) == NULL)
			fail_msg("the page lacks \"%s\"", points[i]);
	buf_clear(&b);
	drop(x);
}

static void test_hostile_names_are_text_everywhere(void **state)
{
	struct fixture *x = fixture();
	struct buf h = card(x, CARD_HTML), m = card(x, CARD_MARKDOWN), j = card(x, CARD_JSON);
	struct err e = { 0 };
	struct json *doc;

	assert_null(strstr(h.p, "<script"));
	assert_true(count(h.p, "&lt;script&gt;") >= 4);
	assert_null(strstr(m.p, "<script"));
	assert_non_null(strstr(m.p, "\\|\\`\\*"));
	j.n--; /* without the NUL of the helper */
	doc = json_parse(buf_view(&j), &e);
	assert_non_null(doc);
	assert_true(json_len(json_get(doc, "limits")) >= 4);
	assert_int_equal(json_int(json_get(json_get(doc, "report"), "seed"), 0), 1);
	json_free(doc);
	buf_clear(&h);
	buf_clear(&m);
	buf_clear(&j);
	drop(x);
}

static void test_the_same_facts_make_the_same_bytes(void **state)
{
	struct fixture *x = fixture();
	struct buf a = card(x, CARD_HTML), b = card(x, CARD_HTML);

	assert_int_equal(a.n, b.n);
	assert_memory_equal(a.p, b.p, a.n);
	buf_clear(&a);
	buf_clear(&b);
	drop(x);
}

static void test_a_report_with_little_in_it_still_makes_a_page(void **state)
{
	struct fixture *x = calloc(1, sizeof(*x));
	struct jw w = { .b = &x->text };
	struct buf b;
	struct err e = { 0 };
	const double p[2] = { .4, .6 };
	const int8_t y[2] = { 1, 1 };

	assert_int_equal(evaluate(&(struct eval_rows){ p, y, 2 }, NULL, &x->eval, &e), 0);
	jw_obj(&w);
	jw_kbool(&w, "not_enough", true);
	jw_kz(&w, "not_enough_why", "2 won and 0 lost leads");
	jw_key(&w, "figures");
	jw_obj(&w);
	jw_key(&w, "out_of_fold");
	jw_obj(&w);
	eval_write(&w, &x->eval);
	jw_end_obj(&w);
	jw_end_obj(&w);
	jw_end_obj(&w);
	x->report = json_parse(buf_view(&x->text), &e);
	b = card(x, CARD_HTML);
	check_nesting(b.p);
	assert_non_null(strstr(b.p, "not enough to learn from"));
	assert_null(strstr(b.p, "nan"));
	buf_clear(&b);
	b = card(x, CARD_MARKDOWN);
	assert_null(strstr(b.p, "nan"));
	buf_clear(&b);
	drop(x);
}

static void test_what_is_no_report_is_refused(void **state)
{
	struct card_about about = { 0 };
	struct buf out = { 0 };
	struct err e = { 0 };
	struct json *doc = json_parse(S("{\"figures\":{\"out_of_fold\":{\"rows\":3}}}"), &e);

	assert_int_equal(card_write(doc, &about, CARD_HTML, &out, &e), -1);
	assert_int_equal(e.code, ERR_INPUT);
	assert_int_equal(out.n, 0);
	json_free(doc);
	assert_int_equal(card_format_of("a/b.md"), CARD_MARKDOWN);
	assert_int_equal(card_format_of("CARD.JSON"), CARD_JSON);
	assert_int_equal(card_format_of("card.html"), CARD_HTML);
	assert_int_equal(card_format_of("x"), CARD_HTML);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_page_stands_alone_and_is_well_formed),
		cmocka_unit_test(test_the_points_of_the_card_are_there),
		cmocka_unit_test(test_hostile_names_are_text_everywhere),
		cmocka_unit_test(test_the_same_facts_make_the_same_bytes),
		cmocka_unit_test(test_a_report_with_little_in_it_still_makes_a_page),
		cmocka_unit_test(test_what_is_no_report_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
