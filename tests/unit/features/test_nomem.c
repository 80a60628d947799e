/* SPDX-License-Identifier: Apache-2.0 */
/* A table is profiled, framed, written, read and scored while memory runs out at every place. */
#include "unit.h"

#include <math.h>

#include "features/bind.h"
#include "features/derive.h"
#include "features/frame.h"
#include "features/profile.h"
#include "nomem.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"
#include "util/table.h"

#define COLS 9
#define ROWS 24

static const struct str names[COLS] = { { "id", 2 }, { "email", 5 }, { "role", 4 },
	{ "created", 7 }, { "seen", 4 }, { "visits", 6 }, { "topics", 6 }, { "plan", 4 },
	{ "y", 1 } };

static char text[ROWS][COLS][32];
static struct str cells[ROWS][COLS];

static void fill(void)
{
	static const char *const topics[] = { "a;b", "b;c", "c;a", "a;b;c", "d;a", "b;d" };

	for (int i = 0; i < ROWS; i++) {
		snprintf(text[i][0], 32, "L-%d", i * 7);
		snprintf(text[i][1], 32, "u%d@x%d.com", i, i % 3);
		snprintf(text[i][2], 32, i % 2 ? "Sales Manager" : "CEO");
		snprintf(text[i][3], 32, "%02d/02/2024", i % 28 + 1);
		snprintf(text[i][4], 32, "2024-03-%02d", i % 28 + 1);
		snprintf(text[i][5], 32, "%d", i % 5 ? i : 999);
		snprintf(text[i][6], 32, "%s", topics[i % 6]);
		snprintf(text[i][7], 32, "%s", i % 3 ? "gold" : "unknown");
		snprintf(text[i][8], 32, "%d", i % 2);
		for (int c = 0; c < COLS; c++)
			cells[i][c] = str_of(text[i][c]);
	}
}

static int8_t label(void *ctx, const struct row *r)
{
	return r->cells[COLS - 1].p[0] == '1';
}

static int make_frame(const struct profile *p, struct bases *b, struct frame *f, struct err *e)
{
	struct frame_opts o = { .label = label, .as_of = NAN };
	struct framer *fr = frame_begin(p, b, names, COLS, &o, e);

	if (fr == NULL)
		return -1;
	for (int i = 0; i < ROWS; i++) {
		struct row r = { .cells = cells[i], .line = (uint64_t)i + 2 };

		if (frame_row(fr, &r, e) == -1) {
			frame_abort(fr);
			return -1;
		}
	}
	return frame_end(fr, f, e);
}

static int score(const struct bases *b, struct err *e)
{
	struct bind *bind = bind_new(b, names, COLS, NULL, e);
	float num[64];
	uint32_t code[64];

	if (bind == NULL)
		return -1;
	assert_true(bases_count(b) <= 64);
	for (int i = 0; i < ROWS; i++)
		bind_vote(bind, cells[i], 0);
	bind_decide(bind);
	bases_row(b, bind, cells[0], 20000, num, code);
	bind_free(bind);
	return 0;
}

static int keep_and_read(const struct profile *p, const struct bases *b, struct err *e)
{
	struct buf x = { 0 };
	struct jw w = { .b = &x };
	struct json *doc;
	struct bases *again = NULL;
	struct profile *q = NULL;
	int rc = -1;

	jw_obj(&w);
	jw_key(&w, "p");
	profile_write(p, &w);
	jw_key(&w, "b");
	bases_write(b, &w);
	jw_end_obj(&w);
	if (buf_done(&x, e) == -1)
		goto done;
	if ((doc = json_parse(buf_view(&x), e)) == NULL)
		goto done;
	q = profile_read(json_get(doc, "p"), e);
	if (q != NULL && (again = bases_read(json_get(doc, "b"), e)) != NULL)
		rc = score(again, e);
	json_free(doc);
done:
	buf_clear(&x);
	bases_free(again);
	profile_free(q);
	return rc;
}

static int work(void)
{
	struct profile_opts o = { .target = names[COLS - 1] };
	struct err e = { 0 };
	struct profiler *pr = profiler_new(names, COLS, &o, &e);
	struct profile *p = NULL;
	struct bases *b = NULL;
	struct frame f = { 0 };
	bool keep[COLS];
	int rc = pr != NULL ? 0 : -1;

	memset(keep, 1, sizeof(keep));
	for (int i = 0; i < ROWS && rc == 0; i++)
		rc = profiler_row(pr, cells[i], &e);
	if (rc == 0)
		p = profiler_end(pr, &e);
	else
		profiler_free(pr);
	rc = -1;
	if (p != NULL && (b = bases_new(p, &e)) != NULL && make_frame(p, b, &f, &e) == 0 &&
		bases_add_counts(b, &f, keep, &e) == 0)
		rc = keep_and_read(p, b, &e);
	if (rc == -1)
		assert_int_equal(e.code, ERR_NOMEM);
	frame_clear(&f);
	bases_free(b);
	profile_free(p);
	return rc;
}

static void test_memory_may_run_out_anywhere(void **state)
{
	fill();
	assert_true(nomem_until_passes(work) > 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory_may_run_out_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
