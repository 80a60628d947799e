/* SPDX-License-Identifier: Apache-2.0 */
/* The real data sets, through profile and frame: what their descriptions name as leaking leaves,
 * honest columns stay. */
#include "unit.h"

#include <math.h>
#include <unistd.h>

#include "features/derive.h"
#include "features/frame.h"
#include "features/leak.h"
#include "features/profile.h"
#include "util/err.h"
#include "util/map.h"
#include "util/table.h"

struct target {
	size_t col;
	const char *won;
};

static int8_t label(void *ctx, const struct row *r)
{
	const struct target *t = ctx;

	return str_eqi(str_trim(r->cells[t->col]), str_of(t->won)) ? OUTCOME_WON : OUTCOME_LOST;
}

static struct str level(const void *ctx, size_t base, uint32_t code)
{
	return bases_level(ctx, base, code);
}

struct file {
	struct table *table;
	struct profile *p;
	struct bases *b;
	struct frame f;
};

static void load(struct file *x, const char *path, const char *target, const char *won)
{
	struct err e = { 0 };
	struct profile_opts po = { .target = str_of(target) };
	struct target t = { .won = won };
	struct frame_opts fo = { .label = label, .ctx = &t, .as_of = NAN };

	x->table = table_open(path, &(struct table_opts){ .known = NULL }, &e);
	if (x->table == NULL || (x->p = profile_table(x->table, &po, &e)) == NULL ||
		(x->b = bases_new(x->p, &e)) == NULL)
		fail_msg("%s", e.msg);
	t.col = (size_t)profile_find(x->p, str_of(target));
	assert_int_equal(table_rewind(x->table, &e), 0);
	if (frame_load(x->table, x->p, x->b, &fo, &x->f, &e) != 0)
		fail_msg("%s", e.msg);
}

static void unload(struct file *x)
{
	frame_clear(&x->f);
	bases_free(x->b);
	profile_free(x->p);
	table_free(x->table);
}

/* ${out}: "|a|b|" columns that must be left out as leaks; ${flag}: that must be flagged. */
static void expect(const struct file *x, const char *what, bool ignore_names, const char *out,
	const char *flag)
{
	struct leak_opts o = { .ignore_names = ignore_names, .level = level, .level_ctx = x->b };
	struct leak_report r;
	struct err e = { 0 };
	int wrong = 0;

	if (leak_judge(&x->f, x->p, &o, &r, &e) != 0)
		fail_msg("%s", e.msg);
	for (size_t c = 0; c < x->p->n; c++) {
		const struct leak_column *v = &r.cols[c];
		const struct column *col = &x->p->cols[c];
		char name[200];
		bool must;

		snprintf(name, sizeof(name), "|" STR_FMT "|", STR_ARG(col->name));
		must = strstr(out, name) != NULL;
		if (v->verdict != LEAK_KEEP)
			printf("%s: " STR_FMT " %s (%s): %s\n", what, STR_ARG(col->name),
				v->verdict == LEAK_OUT ? "left out" : "flagged",
				leak_kind_name(v->kind), v->evidence);
		/* What the profile never lets in (ids) needs no verdict. */
		if ((must && leak_keeps(x->p, &r, c)) || (!must && v->verdict == LEAK_OUT) ||
			(strstr(flag, name) != NULL && v->verdict != LEAK_FLAG)) {
			printf("  WRONG: " STR_FMT " is %d, auc %.3f, role %s, kind %s\n",
				STR_ARG(col->name), (int)v->verdict, v->auc,
				profile_role_name(col->role), profile_kind_name(col->kind));
			wrong++;
		}
	}
	leak_report_clear(&r);
	assert_int_equal(wrong, 0);
}

static void check(
	const char *rel, const char *target, const char *won, const char *out, const char *flag)
{
	char path[400];
	struct file x = { 0 };

	if (shared_path(path, sizeof(path), rel) == NULL)
		skip();
	load(&x, path, target, won);
	expect(&x, rel, false, out, flag);
	unload(&x);
}

static void test_x_education(void **state)
{
	check("data/leads/x_education/train.csv", "Converted", "1",
		"|Tags|Lead Quality|Lead Profile|Last Activity|Last Notable Activity|"
		"Asymmetrique Activity Index|Asymmetrique Profile Index|Asymmetrique Activity "
		"Score|"
		"Asymmetrique Profile Score|",
		"|What is your current occupation|What matters most to you in choosing a course|");
}

static void test_bank_marketing(void **state)
{
	check("data/leads/bank_marketing/train.csv", "y", "yes", "|duration|", "");
}

static void test_health_insurance(void **state)
{
	check("data/leads/health_insurance_leads/train.csv", "Response", "1", "", "");
}

static void test_goushik(void **state)
{
	check("data/leads/synthetic_goushik/train.csv", "label_conversion", "1", "|label_class|",
		"");
}

static void test_a3(void **state)
{
	check("data/leads/synthetic_a3/train.csv", "heat_label", "Hot", "", "");
}

static struct str owned(struct arena *a, struct str s)
{
	return str_of(arena_dup(a, s));
}

/* The closed deals joined by their first column, written as one file into ${f}. Returns "|a|b|":
 * the names of the joined columns. */
static void join(const char *leads, const char *deals, FILE *f, char *out, size_t max)
{
	struct err e = { 0 };
	struct table *l = table_open(leads, &(struct table_opts){ .known = NULL }, &e);
	struct table *d = table_open(deals, &(struct table_opts){ .known = NULL }, &e);
	struct map m = { 0 };
	struct arena mem = { 0 };
	struct str *rows = calloc(2000 * 20, sizeof(*rows));
	struct row r;
	size_t n = 0, dn;

	assert_non_null(l);
	assert_non_null(d);
	dn = table_columns(d);
	while (table_next(d, &r, &e) == 1 && n < 2000) {
		map_put(&m, r.cells[0], NULL)->value = n;
		for (size_t c = 1; c < dn; c++)
			rows[n * 20 + c] = owned(&mem, r.cells[c]);
		n++;
	}
	snprintf(out, max, "|");
	for (size_t c = 0; c < table_columns(l); c++)
		fprintf(f, "%s" STR_FMT, c > 0 ? "," : "", STR_ARG(table_column(l, c)));
	for (size_t c = 1; c < dn; c++) {
		fprintf(f, "," STR_FMT, STR_ARG(table_column(d, c)));
		snprintf(out + strlen(out), max - strlen(out), STR_FMT "|",
			STR_ARG(table_column(d, c)));
	}
	while (table_next(l, &r, &e) == 1) {
		struct map_entry *deal = map_get(&m, r.cells[0]);

		for (size_t c = 0; c < table_columns(l); c++)
			fprintf(f, "%s" STR_FMT, c > 0 ? "," : "\n", STR_ARG(r.cells[c]));
		for (size_t c = 1; c < dn; c++)
			fprintf(f, ",\"" STR_FMT "\"",
				STR_ARG(deal != NULL ? rows[deal->value * 20 + c] : S("")));
	}
	fputc('\n', f);
	free(rows);
	arena_clear(&mem);
	map_clear(&m);
	table_free(l);
	table_free(d);
}

static void test_olist_joined_with_its_deals(void **state)
{
	char leads[400], deals[400], out[2000], path[] = "/tmp/heatscore_join_XXXXXX";
	struct file x = { 0 };
	FILE *f;

	if (shared_path(leads, sizeof(leads), "data/leads/olist_funnel/train.csv") == NULL ||
		shared_path(deals, sizeof(deals),
			"data/leads/olist_funnel/closed_deals_train.csv") == NULL)
		skip();
	f = fdopen(mkstemp(path), "w");
	assert_non_null(f);
	join(leads, deals, f, out, sizeof(out));
	fclose(f);
	load(&x, path, "converted", "1");
	unlink(path);
	expect(&x, "Olist", false, out, "");
	expect(&x, "Olist, names unread", true, out, "");
	unload(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_x_education),
		cmocka_unit_test(test_bank_marketing),
		cmocka_unit_test(test_health_insurance),
		cmocka_unit_test(test_goushik),
		cmocka_unit_test(test_a3),
		cmocka_unit_test(test_olist_joined_with_its_deals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
