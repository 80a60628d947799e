/* SPDX-License-Identifier: Apache-2.0 */
/* A profile whose columns several threads counted is the one that a single thread makes; one that
 * looked at fewer cells says the same of the columns. */
#include "unit.h"

#include <math.h>

#include "features/profile.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"
#include "util/rng.h"
#include "util/table.h"

enum { ROWS = 9000, COLS = 9, BLOCK = 700, CELL = 48 };

static char text[ROWS][COLS][CELL];
static struct str cells[ROWS][COLS];
static struct row rows[ROWS];

static void fill(void)
{
	static const char *const plans[] = { "free", "team", "business", "", "unknown" };
	static const char *const topics[] = { "sport", "music", "travel", "food", "books" };
	struct rng r;

	rng_seed(&r, 7);
	for (size_t i = 0; i < ROWS; i++) {
		unsigned n = (unsigned)rng_below(&r, 1000);
		const char *a = topics[rng_below(&r, 5)], *b = topics[rng_below(&r, 5)];

		snprintf(text[i][0], CELL, "A-%zu", i);
		snprintf(text[i][1], CELL, "p%u.%zu@mail.example", n, i % 5000);
		snprintf(text[i][2], CELL, "%s", plans[n % 5]);
		snprintf(text[i][3], CELL, "%u", n % 40);
		snprintf(text[i][4], CELL, "%02u/%02u/2025", 1 + n % 12, 1 + n % 28);
		snprintf(text[i][5], CELL, "%s;%s", a, b);
		snprintf(text[i][6], CELL, "%s", n % 2 != 0 ? "yes" : "no");
		snprintf(text[i][7], CELL, "%u,%02u", n * 7, n % 100);
		snprintf(text[i][8], CELL, "asked %u times about %s and %s", n % 9, a, b);
		for (size_t c = 0; c < COLS; c++)
			cells[i][c] = str_of(text[i][c]);
		rows[i] = (struct row){ .cells = cells[i], .bad = n % 97 == 0 };
	}
}

/* ${threads} 0: row by row. */
static struct profile *made(unsigned threads, const struct profile_opts *o)
{
	const struct str names[COLS] = { S("id"), S("email"), S("plan"), S("visits"), S("created"),
		S("interests"), S("newsletter"), S("revenue"), S("note") };
	struct err e = { 0 };
	struct profiler *pr = profiler_new(names, COLS, o, &e);
	struct profile *p;

	assert_non_null(pr);
	for (size_t i = 0; threads == 0 && i < ROWS; i++)
		if (!rows[i].bad)
			assert_int_equal(profiler_row(pr, rows[i].cells, &e), 0);
	for (size_t i = 0; threads != 0 && i < ROWS; i += BLOCK) {
		size_t n = ROWS - i < BLOCK ? ROWS - i : BLOCK;

		assert_int_equal(profiler_rows(pr, rows + i, n, threads, &e), 0);
	}
	p = profiler_end(pr, &e);
	assert_non_null(p);
	return p;
}

static void profiled(unsigned threads, struct buf *out)
{
	struct profile *p = made(threads, NULL);
	struct jw w = { .b = out };

	profile_write(p, &w);
	assert_false(out->failed);
	profile_free(p);
}

static void test_threads_change_nothing(void **state)
{
	struct buf want = { 0 }, got = { 0 };

	fill();
	profiled(0, &want);
	assert_true(str_find(buf_view(&want), S("\"list\"")) >= 0);
	for (unsigned threads = 1; threads <= 4; threads++) {
		buf_reset(&got);
		profiled(threads, &got);
		assert_true(str_eq(buf_view(&want), buf_view(&got)));
	}
	buf_clear(&want);
	buf_clear(&got);
}

/* Values that few rows share are not counted any more, but all of a column that has few are. */
static void test_fewer_looks(void **state)
{
	const struct profile_opts few = { .looks = 200, .values = 64 };
	struct profile *all, *p;

	fill();
	all = made(1, NULL);
	p = made(2, &few);
	assert_int_equal(p->rows, all->rows);
	for (size_t i = 0; i < COLS; i++) {
		const struct column *a = &all->cols[i], *b = &p->cols[i];

		assert_int_equal(b->role, a->role);
		assert_int_equal(b->kind, a->kind);
		assert_int_equal(b->format.order, a->format.order);
		assert_int_equal(b->format.mark, a->format.mark);
		assert_int_equal(b->filled, a->filled);
		assert_true(fabs(b->distinct - a->distinct) <= .01 * a->distinct);
		for (size_t k = 0; k < a->n_top && a->distinct <= 60; k++) {
			assert_true(str_eq(b->top[k].text, a->top[k].text));
			assert_int_equal(b->top[k].count, a->top[k].count);
		}
	}
	assert_int_equal(p->cols[2].n_top, 4);
	profile_free(all);
	profile_free(p);
}

/* Words first and numbers from there on: who looks no further than these sees no numbers. */
static void test_looks_end_where_they_are_told_to(void **state)
{
	const struct profile_opts few = { .looks = 200 };
	struct profile *all, *p;

	fill();
	for (size_t i = 0; i < 250; i++) {
		snprintf(text[i][3], CELL, "word %zu", i);
		cells[i][3] = str_of(text[i][3]);
	}
	all = made(1, NULL);
	p = made(1, &few);
	assert_int_equal(all->cols[3].kind, KIND_NUMBER);
	assert_int_not_equal(p->cols[3].kind, KIND_NUMBER);
	profile_free(all);
	profile_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fewer_looks),
		cmocka_unit_test(test_looks_end_where_they_are_told_to),
		cmocka_unit_test(test_threads_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
