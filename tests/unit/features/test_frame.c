/* SPDX-License-Identifier: Apache-2.0 */
/* Profile, frame and scan over real files. */
#include "unit.h"

#include <math.h>
#include <unistd.h>

#include "features/bind.h"
#include "features/derive.h"
#include "features/frame.h"
#include "features/profile.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/file.h"
#include "util/table.h"

struct case_ {
	char path[64];
	struct table *t;
	struct profile *p;
	struct bases *b;
	struct frame f;
};

static struct table *table_of(char path[64], const char *text)
{
	struct err e = { 0 };
	struct table *t;
	int fd;

	strcpy(path, "/tmp/heatscore-frame-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	t = table_open(path, NULL, &e);
	if (t == NULL)
		fail_msg("%s", e.msg);
	return t;
}

/* The last column is the outcome: 1, 0, or open. */
static int8_t last_cell(void *ctx, const struct row *r)
{
	const struct case_ *c = ctx;
	struct str s = r->cells[table_columns(c->t) - 1];

	return s.n == 0 ? OUTCOME_OPEN : s.p[0] == '1' ? OUTCOME_WON : OUTCOME_LOST;
}

static int load(struct case_ *c, const char *text, struct frame_opts o, struct err *e)
{
	struct profile_opts po = { .target = S("y") };

	c->t = table_of(c->path, text);
	c->p = profile_table(c->t, &po, e);
	assert_non_null(c->p);
	c->b = bases_new(c->p, e);
	assert_non_null(c->b);
	o.label = last_cell;
	o.ctx = c;
	o.as_of = NAN;
	return frame_load(c->t, c->p, c->b, &o, &c->f, e);
}

static void done(struct case_ *c)
{
	frame_clear(&c->f);
	bases_free(c->b);
	profile_free(c->p);
	table_free(c->t);
	unlink(c->path);
}

static const char day_first[] = "when;amount;y\n01/02/2024;1.234,5;1\n25/02/2024;7;0\n"
				"03/02/2024;1.500;\n02/03/2024;\"2\n";

static void test_open_and_bad_rows_are_left_out(void **state)
{
	struct case_ c = { 0 };
	struct err e = { 0 };

	assert_int_equal(load(&c, "a;y\n1;1\n2\n3;\n4;0\n", (struct frame_opts){ 0 }, &e), 0);
	assert_int_equal(c.f.rows, 2);
	assert_int_equal(c.f.line[1], 5);
	done(&c);
	c = (struct case_){ 0 };
	assert_int_equal(
		load(&c, "a;y\n1;1\n3;\n4;0\n", (struct frame_opts){ .keep_open = true }, &e), 0);
	assert_int_equal(c.f.rows, 3);
	assert_int_equal(c.f.outcome[1], OUTCOME_OPEN);
	done(&c);
}

static void test_a_limit_and_a_stop_leave_an_empty_frame(void **state)
{
	struct case_ c = { 0 };
	struct err e = { 0 };

	assert_int_equal(
		load(&c, "a;y\n1;1\n2;0\n4;0\n", (struct frame_opts){ .rows = 2 }, &e), -1);
	assert_int_equal(e.code, ERR_LIMIT);
	assert_int_equal(c.f.rows, 0);
	done(&c);
}

static void test_a_header_alone_gives_no_rows(void **state)
{
	struct case_ c = { 0 };
	struct err e = { 0 };

	assert_int_equal(load(&c, "name,mail,y\n", (struct frame_opts){ 0 }, &e), 0);
	assert_int_equal(c.f.rows, 0);
	done(&c);
}

static void test_a_scan_decides_formats_and_the_newest_date(void **state)
{
	static const char us[] = "amount,extra,when\n\"1,234.5\",x,02/01/2024\n7,x,02/25/2024\n"
				 "\"1,500\",x,02/03/2024\n3,x,02/03/2031\n";
	struct case_ c = { 0 };
	struct err e = { 0 };
	struct table *t;
	struct bind *bind;
	struct str names[3];
	struct row r;
	char path[64];
	float num[16];
	uint32_t code[16];

	assert_int_equal(load(&c, day_first, (struct frame_opts){ .keep_open = true }, &e), 0);
	t = table_of(path, us);
	for (size_t i = 0; i < 3; i++)
		names[i] = table_column(t, i);
	bind = bind_new(c.b, names, 3, NULL, &e);
	assert_true(bind_needs_scan(bind));
	assert_int_equal(bind_scan(bind, t, (double)cell_days(2024, 6, 1), &e), 0);
	assert_float_equal(bind_newest(bind), (double)cell_days(2024, 2, 25), 0);
	assert_int_equal(table_rewind(t, &e), 0);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(table_next(t, &r, &e), 1);
		assert_int_equal(bases_row(c.b, bind, r.cells, c.f.as_of, num, code), BASES_OK);
		for (size_t k = 0; k < c.f.n_cols; k++) {
			float want = c.f.cols[k].num[i];

			/* The third date is of another day: 3 February there, 2 March here. */
			if (num[k] != want && !(isnan(num[k]) && isnan(want)) && i != 2)
				fail_msg("%s: %g, %g", c.f.cols[k].name, num[k], want);
		}
	}
	assert_null(bind_note(bind, 0));
	bind_free(bind);
	table_free(t);
	unlink(path);
	done(&c);
}

static int stop(void *ctx, double fraction)
{
	return fraction >= 0;
}

static void test_reading_can_be_stopped(void **state)
{
	struct buf b = { 0 };
	struct err e = { 0 };
	struct profile_opts po = { .progress = stop };
	char path[64], *text;
	struct table *t;

	buf_z(&b, "a,y\n");
	for (int i = 0; i < 3000; i++)
		buf_fmt(&b, "%d,%d\n", i % 7, i % 2);
	text = buf_take(&b, &e);
	t = table_of(path, text);
	assert_null(profile_table(t, &po, &e));
	assert_int_equal(e.code, ERR_CANCELLED);
	table_free(t);
	unlink(path);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open_and_bad_rows_are_left_out),
		cmocka_unit_test(test_a_limit_and_a_stop_leave_an_empty_frame),
		cmocka_unit_test(test_a_header_alone_gives_no_rows),
		cmocka_unit_test(test_a_scan_decides_formats_and_the_newest_date),
		cmocka_unit_test(test_reading_can_be_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
