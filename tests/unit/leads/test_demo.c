/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>
#include <unistd.h>

#include "leads/demo.h"
#include "leads/demo_internal.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/file.h"

struct made {
	char dir[64], history[96], leads[96];
	struct buf h, l;
	struct demo_truth t;
};

static void make_later(struct made *m, size_t rows, uint64_t seed, int weeks)
{
	struct demo_opts o = { .rows = rows, .seed = seed, .weeks = weeks };
	struct err e = { 0 };

	memset(m, 0, sizeof(*m));
	snprintf(m->dir, sizeof(m->dir), "/tmp/test_demo.XXXXXX");
	assert_non_null(mkdtemp(m->dir));
	snprintf(m->history, sizeof(m->history), "%s/h.csv", m->dir);
	snprintf(m->leads, sizeof(m->leads), "%s/l.csv", m->dir);
	o.history = m->history;
	o.leads = m->leads;
	assert_int_equal(demo_write(&o, &m->t, &e), 0);
	assert_int_equal(file_read(m->history, 1 << 28, &m->h, &e), 0);
	assert_int_equal(file_read(m->leads, 1 << 28, &m->l, &e), 0);
}

static void make(struct made *m, size_t rows, uint64_t seed)
{
	make_later(m, rows, seed, 0);
}

static void unmake(struct made *m)
{
	unlink(m->history);
	unlink(m->leads);
	rmdir(m->dir);
	buf_clear(&m->h);
	buf_clear(&m->l);
	demo_truth_clear(&m->t);
}

/* Only the dates move, by whole weeks. */
static void test_later_weeks_are_the_same_leads_later(void **state)
{
	struct made a, b;

	make(&a, 1000, 1);
	make_later(&b, 1000, 1, 100);
	assert_int_equal(a.h.n, b.h.n);
	assert_int_equal(a.l.n, b.l.n);
	assert_memory_equal(a.t.chance, b.t.chance, a.t.n * sizeof(double));
	assert_true(a.t.as_of == DEMO_AS_OF && b.t.as_of == DEMO_AS_OF + 700);
	assert_non_null(memmem(a.h.p, a.h.n, ",2023-07-01 ", 12));
	assert_null(memmem(b.h.p, b.h.n, ",2023-07-01 ", 12));
	assert_non_null(memmem(b.h.p, b.h.n, ",2025-05-31 ", 12));
	unmake(&a);
	unmake(&b);
}

static void test_same_seed_same_bytes_and_another_seed_others(void **state)
{
	struct made a, b, c;

	make(&a, 1000, 1);
	make(&b, 1000, 1);
	make(&c, 1000, 2);
	assert_true(str_eq(buf_view(&a.h), buf_view(&b.h)));
	assert_true(str_eq(buf_view(&a.l), buf_view(&b.l)));
	assert_memory_equal(a.t.chance, b.t.chance, a.t.n * sizeof(double));
	assert_false(str_eq(buf_view(&a.h), buf_view(&c.h)));
	unmake(&a);
	unmake(&b);
	unmake(&c);
}

static void test_the_second_file_does_not_say_how_its_leads_end(void **state)
{
	struct made m;
	struct str first, rest;

	make(&m, 1000, 3);
	assert_int_equal(m.t.n, 250);
	assert_int_equal(m.t.history, 750);
	str_split(buf_view(&m.h), '\n', &first, &rest);
	assert_true(str_ends(first, S(",Closed Reason,Status")));
	str_split(buf_view(&m.l), '\n', &first, &rest);
	assert_true(str_ends(first, S(",Note,Owner")));
	for (size_t i = 0; i < m.t.n; i++)
		assert_true(m.t.chance[i] > 0 && m.t.chance[i] < 1);
	unmake(&m);
}

static void test_outcomes_happen_as_often_as_their_chance_says(void **state)
{
	double won = 0, open = 0, n = 0;
	struct made m;
	struct str left, line;

	make(&m, 40000, 4);
	for (left = buf_view(&m.h); left.n > 0;) {
		str_split(left, '\n', &line, &left);
		won += str_ends(line, S(",Won"));
		open += str_ends(line, S(",Open"));
		n += str_ends(line, S(",Won")) || str_ends(line, S(",Lost"));
	}
	/* Four standard errors of a share of about .27. */
	assert_float_equal(won / n, m.t.base, 4 * sqrt(.27 * .73 / n));
	assert_true(open > 300 && open < 3000);
	unmake(&m);
}

static void test_addresses_are_of_reserved_domains_only(void **state)
{
	struct made m;
	struct str left, line;

	make(&m, 2000, 5);
	for (left = buf_view(&m.l); left.n > 0;) {
		ptrdiff_t at;

		str_split(left, '\n', &line, &left);
		if ((at = str_chr(line, '@')) >= 0) {
			line = str_sub(line, (size_t)at, line.n);
			line = str_sub(line, 0, (size_t)str_chr(line, ','));
			assert_true(str_ends(line, S(".example")));
		}
	}
	unmake(&m);
}

static void test_some_campaigns_are_new_in_the_second_file(void **state)
{
	bool seen = false, fresh = false;

	for (size_t c = 0; c < DEMO_CAMPAIGNS; c++)
		for (int s = 0; s < SOURCE_COUNT; s++) {
			bool before = false;

			for (double t = 0; t < 1; t += .01)
				before = before || demo_campaign_runs(c, (enum demo_source)s, t);
			if (demo_campaign_runs(c, (enum demo_source)s, 1.05)) {
				seen = seen || before;
				fresh = fresh || !before;
			}
		}
	assert_true(seen && fresh);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_seed_same_bytes_and_another_seed_others),
		cmocka_unit_test(test_later_weeks_are_the_same_leads_later),
		cmocka_unit_test(test_the_second_file_does_not_say_how_its_leads_end),
		cmocka_unit_test(test_outcomes_happen_as_often_as_their_chance_says),
		cmocka_unit_test(test_addresses_are_of_reserved_domains_only),
		cmocka_unit_test(test_some_campaigns_are_new_in_the_second_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
