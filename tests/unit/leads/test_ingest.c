/* SPDX-License-Identifier: Apache-2.0 */
/* Files into a store without SQL, scored by the rule; and what is scored anew when. */
#include "empty.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "features/profile.h"
#include "leads/ingest.h"
#include "leads/ingest_internal.h"
#include "leads/mapping.h"
#include "leads/rescoring.h"
#include "record/query.h"
#include "store/store.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"
#include "util/table.h"

#define NOW (INT64_C(1795766400000)) /* 2026-11-27T08:00:00Z */
#define DAY (INT64_C(86400000))

struct world {
	struct empty in;
	char path[96], rejects[96];
	struct mapping map;
	struct upload up;
	_Atomic int stops; /* asked so often before it says stop; -1: never */
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	empty_open(&w->in);
	snprintf(w->path, sizeof(w->path), "%s/leads.csv", w->in.dir);
	snprintf(w->rejects, sizeof(w->rejects), "%s/rejects.csv", w->in.dir);
	w->stops = -1;
	clock_set_ms(NOW);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	int rc;

	mapping_clear(&w->map);
	rc = empty_close(&w->in);
	free(w);
	return rc;
}

/* The file, as it would be profiled, with every column of a field mapped to it. */
static void write_file(struct world *w, const char *text)
{
	static const char fields[] = "{\"Key\":\"external_id\",\"Mail\":\"email\","
				     "\"Active\":\"last_activity_at\"}";
	char pointer[MAPPING_POINTER];
	struct profile_opts po = { .now = 20784 };
	struct err e = { 0 };
	struct table_opts to = { 0 };
	struct json *v = json_parse(S(fields), &e);
	FILE *f = fopen(w->path, "w");
	struct profiler *pr;
	struct profile *p;
	struct table *t;
	struct row r;
	struct str names[8];

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_non_null(t = table_open(w->path, &to, &e));
	for (size_t i = 0; i < table_columns(t); i++)
		names[i] = table_column(t, i);
	assert_non_null(pr = profiler_new(names, table_columns(t), &po, &e));
	while (table_next(t, &r, &e) == 1)
		if (!r.bad)
			assert_int_equal(profiler_row(pr, r.cells, &e), 0);
	assert_non_null(p = profiler_end(pr, &e));
	mapping_clear(&w->map);
	assert_int_equal(mapping_guess(&w->map, p, NULL, &e), 0);
	if (mapping_edit(&w->map, v, NULL, pointer, &e) == -1)
		fail_msg("%s: %s", pointer, e.msg);
	json_free(v);
	profile_free(p);
	table_free(t);
	w->up = (struct upload){ .id = id_new(),
		.filename = S("leads.csv"),
		.state = UPLOAD_IMPORTING,
		.detail = S("{}"),
		.created_ms = NOW,
		.updated_ms = NOW,
		.finished_ms = MS_NONE };
	assert_int_equal(w->in.s->uploads->put(w->in.s, &w->up, 0, &e), 0);
}

static bool stop(void *arg)
{
	struct world *w = arg;

	return w->stops >= 0 && w->stops-- <= 0;
}

static int ingest(struct world *w, struct upload_progress *p, struct err *e)
{
	struct ingest_opts o = { .store = w->in.s,
		.live = w->in.live,
		.path = w->path,
		.map = &w->map,
		.upload = w->up.id,
		.threads = 1,
		.stop = stop,
		.arg = w };

	return ingest_run(&o, p, e);
}

static void assert_rows(const struct upload_progress *p, uint64_t created, uint64_t updated,
	uint64_t unchanged, uint64_t rejected)
{
	const struct upload_rows *r = &p->rows;

	if (r->created != created || r->updated != updated || r->unchanged != unchanged ||
		r->rejected != rejected || r->read != created + updated + unchanged + rejected)
		fail_msg("%llu read: %llu created, %llu updated, %llu unchanged, %llu rejected",
			(unsigned long long)r->read, (unsigned long long)r->created,
			(unsigned long long)r->updated, (unsigned long long)r->unchanged,
			(unsigned long long)r->rejected);
}

static struct lead_page all(struct world *w)
{
	const struct lead_query q = {
		.sort = { .field = LF_EXTERNAL_ID }, .limit = 100, .at = NAN, .total = true
	};
	struct lead_page page;
	struct err e = { 0 };

	arena_reset(&w->in.mem);
	assert_int_equal(w->in.s->leads->list(w->in.s, &q, &w->in.mem, &page, &e), 0);
	return page;
}

static const char three[] = "Key,Mail,Active,Stage\n"
			    "K1,a@acme.example,2026-11-20,Won\n"
			    "K2,b@beta.example,2026-08-01,New\n"
			    "K3,c@gamma.example,,Lost\n";

static void test_rows_are_created_updated_or_left_alone(void **state)
{
	struct world *w = *state;
	struct upload_progress p = { 0 };
	struct err e = { 0 };
	struct lead_page page;

	write_file(w, three);
	assert_int_equal(ingest(w, &p, &e), 0);
	assert_rows(&p, 3, 0, 0, 0);
	page = all(w);
	assert_int_equal(page.total, 3);
	assert_int_equal(page.leads[0].values.outcome, LEAD_WON);
	assert_int_equal(page.leads[2].values.outcome, LEAD_LOST);
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(page.leads[i].score.model, "rule");
		assert_int_equal(page.leads[i].version, 1);
	}
	/* Busy a week ago scores above busy in summer. */
	assert_true(page.leads[0].score.points > page.leads[1].score.points);

	p = (struct upload_progress){ 0 };
	write_file(w, three);
	assert_int_equal(ingest(w, &p, &e), 0);
	assert_rows(&p, 0, 0, 3, 0);
	assert_int_equal(all(w).leads[0].version, 1);

	p = (struct upload_progress){ 0 };
	write_file(w, "Key,Mail,Active,Stage\nK2,b@beta.example,2026-11-26,Won\n"
		      "K3,c@gamma.example,,Lost\nK4,d@delta.example,2026-11-01,\n");
	assert_int_equal(ingest(w, &p, &e), 0);
	assert_rows(&p, 1, 1, 1, 0);
	page = all(w);
	assert_int_equal(page.total, 4);
	assert_int_equal(page.leads[1].version, 2);
	assert_int_equal(page.leads[1].values.outcome, LEAD_WON);
	assert_true(page.leads[1].score.points > page.leads[1].score.previous_points);
}

static void test_a_bad_row_is_set_aside_and_loses_no_other(void **state)
{
	struct world *w = *state;
	struct upload_progress p = { 0 };
	struct ingest_opts o;
	struct err e = { 0 };
	char line[200] = "";
	uint64_t n = 0;
	FILE *f;

	write_file(w, "Key,Mail,Active,Stage\nK1,a@acme.example,2026-11-20,Won\nK2,too,few\n"
		      "K3,c@gamma.example,2026-11-20,Lost\nK1,a@acme.example,2026-11-21,Won\n");
	assert_int_equal(ingest(w, &p, &e), 0);
	assert_int_equal(p.rows.rejected, 1);
	assert_int_equal(p.rows.created, 2);
	assert_int_equal(all(w).total, 2); /* of two rows of one lead the last counts */
	o = (struct ingest_opts){ .store = w->in.s,
		.live = w->in.live,
		.path = w->path,
		.map = &w->map,
		.upload = w->up.id };
	assert_int_equal(ingest_rejects(&o, w->rejects, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_non_null(f = fopen(w->rejects, "r"));
	assert_non_null(fgets(line, sizeof(line), f)); /* the header */
	assert_non_null(fgets(line, sizeof(line), f));
	assert_int_equal(strncmp(line, "3,", 2), 0);
	assert_non_null(strstr(line, "K2,too,few"));
	fclose(f);
}

static void test_a_check_counts_and_changes_nothing(void **state)
{
	struct world *w = *state;
	struct buf out = { 0 };
	struct jw jw = { .b = &out };
	struct ingest_opts o;
	struct err e = { 0 };
	struct json *v;

	write_file(w, three);
	o = (struct ingest_opts){ .store = w->in.s,
		.live = w->in.live,
		.path = w->path,
		.map = &w->map,
		.upload = w->up.id };
	assert_int_equal(ingest_check(&o, &jw, &e), 0);
	assert_non_null(v = json_parse(buf_view(&out), &e));
	assert_int_equal(json_int(json_get(v, "create"), -1), 3);
	assert_int_equal(json_int(json_get(v, "update"), -1), 0);
	assert_int_equal(json_int(json_get(v, "reject"), -1), 0);
	assert_int_equal(all(w).total, 0);
	json_free(v);
	buf_clear(&out);
}

/* Stopped wherever it asks, it goes on from where it was and counts each row once. */
static void test_a_stopped_import_goes_on_and_counts_exactly(void **state)
{
	struct world *w = *state;
	struct upload_progress p = { 0 };
	struct err e = { 0 };
	struct buf text = { 0 };
	unsigned stopped = 0;
	int rc;

	buf_z(&text, "Key,Mail,Active,Stage\n");
	for (int i = 0; i < 12000; i++)
		buf_fmt(&text, "K%05d,p%d@acme.example,2026-10-%02d,%s\n", i, i, 1 + i % 28,
			i % 3 == 0 ? "Won" : "Lost");
	buf_c(&text, '\0');
	assert_false(text.failed);
	write_file(w, text.p);
	buf_clear(&text);
	do {
		uint64_t before = p.position;

		w->stops = 2 + (int)stopped;
		rc = ingest(w, &p, &e);
		assert_true(rc == 0 || e.code == ERR_CANCELLED);
		assert_true(p.position >= before);
		stopped += rc == -1;
		e = (struct err){ 0 };
	} while (rc == -1 && stopped < 1000);
	assert_int_equal(rc, 0);
	assert_true(stopped > 0);
	assert_rows(&p, 12000, 0, 0, 0);
	assert_int_equal(all(w).total, 12000);
	print_message("stopped %u times\n", stopped);
}

static struct rescoring_result rescore(struct world *w, enum rescoring_what what)
{
	struct rescoring_opts o = { .store = w->in.s, .live = w->in.live, .what = what };
	struct rescoring_result r = { 0 };
	struct err e = { 0 };

	if (rescoring_run(&o, &r, &e) == -1)
		fail_msg("%s", e.msg);
	return r;
}

static void test_only_what_changed_or_cools_is_scored_anew(void **state)
{
	struct world *w = *state;
	struct upload_progress p = { 0 };
	struct err e = { 0 };
	struct rescoring_result r;
	struct lead_page page;
	uint8_t hot, won;

	write_file(w, three);
	assert_int_equal(ingest(w, &p, &e), 0);
	assert_int_equal(rescore(w, RESCORE_STALE).scored, 0);
	assert_int_equal(rescore(w, RESCORE_MODEL).scored, 0);
	page = all(w);
	won = page.leads[0].score.points;
	hot = page.leads[1].score.points;
	/* Two months on: what is open cools; what has ended stays as it was. */
	clock_step_ms(60 * DAY);
	r = rescore(w, RESCORE_TIME);
	assert_true(r.scored >= 1 && r.moved >= 1);
	page = all(w);
	assert_int_equal(page.leads[0].score.points, won);
	assert_true(page.leads[1].score.points < hot);
	assert_int_equal(page.leads[1].score.previous_points, hot);
	/* At the same moment nothing moves again. */
	assert_int_equal(rescore(w, RESCORE_TIME).moved, 0);
	assert_int_equal(rescore(w, RESCORE_ALL).scored, 3);
	assert_true(all(w).leads[0].score.points < won);
}

static void test_leads_that_are_gone_are_passed_over(void **state)
{
	struct world *w = *state;
	struct upload_progress p = { 0 };
	struct err e = { 0 };
	struct id ids[3];
	struct lead_page page;

	write_file(w, three);
	assert_int_equal(ingest(w, &p, &e), 0);
	page = all(w);
	ids[0] = page.leads[0].id;
	memset(ids[1].b, 0xEE, sizeof(ids[1].b));
	ids[2] = page.leads[1].id;
	clock_step_ms(90 * DAY);
	assert_int_equal(rescoring_ids(w->in.s, w->in.live, ids, 3, SCORE_TIME, &e), 0);
	page = all(w);
	assert_true(page.leads[0].score.scored_ms == NOW + 90 * DAY);
	assert_true(page.leads[1].score.scored_ms == NOW + 90 * DAY);
	assert_true(page.leads[2].score.scored_ms == NOW); /* nobody asked for it */
}

/* ---- blocks on their way ---- */

struct flowing {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t taker;
	bool helped; /* the one that takes blocks has prepared one */
	bool alone;  /* it was told that none is there before that */
	uint64_t rows;
};

/* Asked once per block that is prepared. Another thread is held up until the taker has come by. */
static bool hold_up(void *arg)
{
	struct flowing *x = arg;

	pthread_mutex_lock(&x->lock);
	if (pthread_equal(pthread_self(), x->taker))
		x->helped = true;
	pthread_cond_broadcast(&x->changed);
	while (!x->helped && !x->alone)
		pthread_cond_wait(&x->changed, &x->lock);
	pthread_mutex_unlock(&x->lock);
	return false;
}

static int count_rows(void *arg, struct flow *f, struct prepared *p, struct err *e)
{
	struct flowing *x = arg;

	pthread_mutex_lock(&x->lock);
	x->alone |= p == NULL && !x->helped;
	pthread_cond_broadcast(&x->changed);
	pthread_mutex_unlock(&x->lock);
	if (p == NULL)
		return 0;
	assert_int_equal(p->block->first, x->rows);
	x->rows += p->block->n;
	flow_give_back(f, p);
	return 0;
}

static void test_who_waits_for_a_block_prepares_one(void **state)
{
	struct world *w = *state;
	struct flowing x = { .lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
		.taker = pthread_self() };
	struct ingest_opts o = { .store = w->in.s,
		.live = w->in.live,
		.path = w->path,
		.map = &w->map,
		.threads = 1,
		.stop = hold_up,
		.arg = &x };
	struct buf file = { 0 };
	struct err e = { 0 };
	struct intake in;

	buf_z(&file, "Key,Mail,Active,Stage\n");
	for (int i = 0; i < 6000; i++)
		buf_fmt(&file, "K%d,,,New\n", i);
	buf_c(&file, '\0');
	write_file(w, file.p);
	assert_int_equal(intake_open(&in, &o, false, &e), 0);
	assert_int_equal(intake_flow(&in, 1, count_rows, &x, &e), 0);
	assert_true(x.helped);
	assert_false(x.alone);
	assert_int_equal(x.rows, 6000);
	intake_close(&in);
	buf_clear(&file);
}

/* ---- a file that is open already ---- */

/* Read to its end, as it is once it has been profiled: all of its rows come in, and it stays the
 * caller's. */
static void test_an_open_file_is_read_from_its_start(void **state)
{
	struct world *w = *state;
	struct upload_progress p = { 0 };
	struct err e = { 0 };
	struct ingest_opts o = {
		.store = w->in.s, .live = w->in.live, .path = "/nowhere/at/all.csv", .map = &w->map
	};
	struct table_block *b = table_block_new(&e);

	assert_non_null(b);
	write_file(w, three);
	assert_non_null(o.table = ingest_open(w->path, &w->map, &e));
	o.upload = w->up.id;
	while (table_read_block(o.table, b, 0, &e) == 1)
		;
	assert_int_equal(ingest_run(&o, &p, &e), 0);
	assert_rows(&p, 3, 0, 0, 0);
	assert_int_equal(all(w).n, 3);
	assert_int_equal(table_rewind(o.table, &e), 0);
	assert_int_equal(table_read_block(o.table, b, 0, &e), 1);
	assert_int_equal(b->n, 3);
	table_block_free(b);
	table_free(o.table);
}

/* ---- ids ---- */

static int add_ids(void *arg, struct flow *f, struct prepared *p, struct err *e)
{
	struct buf *all = arg;

	for (size_t i = 0; p != NULL && i < p->n; i++) {
		buf_bytes(all, p->puts[i].id.b, sizeof(p->puts[i].id.b));
		buf_c(all, (char)('0' + p->key[i]));
	}
	if (p != NULL)
		flow_give_back(f, p);
	return 0;
}

/* All rows that are to be put, ${pass}: with the ids that the pass for the last rows has kept. */
static void ids_of_rows(struct world *w, bool pass, struct buf *all)
{
	struct ingest_opts o = {
		.store = w->in.s, .live = w->in.live, .path = w->path, .map = &w->map, .threads = 2
	};
	struct err e = { 0 };
	struct intake in;

	assert_int_equal(intake_open(&in, &o, false, &e), 0);
	assert_int_equal(intake_last_rows(&in, &e), 0);
	assert_non_null(in.ids);
	if (!pass) {
		free(in.ids);
		in.ids = NULL;
	}
	assert_int_equal(intake_flow(&in, 1, add_ids, all, &e), 0);
	assert_int_equal(buf_done(all, &e), 0);
	intake_close(&in);
}

static void test_ids_of_the_pass_are_those_of_the_rows(void **state)
{
	struct world *w = *state;
	struct buf file = { 0 }, want = { 0 }, got = { 0 };

	buf_z(&file, "Key,Mail,Active,Stage\n");
	for (int i = 0; i < INGEST_IDS + 1500; i++)
		if (i % 7 == 1)
			buf_fmt(&file, ",m%d@acme.example,,New\n", i % 5000);
		else if (i % 7 == 2)
			buf_z(&file, ",,,New\n");
		else if (i % 1000 == 5)
			buf_fmt(&file, "K%d,too,few\n", i);
		else
			buf_fmt(&file, "K%d,m%d@acme.example,,New\n", i, i);
	buf_c(&file, '\0');
	write_file(w, file.p);
	ids_of_rows(w, false, &want);
	ids_of_rows(w, true, &got);
	assert_true(want.n > (size_t)INGEST_IDS / 2 * 17);
	assert_true(str_eq(buf_view(&got), buf_view(&want)));
	buf_clear(&file);
	buf_clear(&want);
	buf_clear(&got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_rows_are_created_updated_or_left_alone),
		T(test_a_bad_row_is_set_aside_and_loses_no_other),
		T(test_a_check_counts_and_changes_nothing),
		T(test_a_stopped_import_goes_on_and_counts_exactly),
		T(test_only_what_changed_or_cools_is_scored_anew),
		T(test_leads_that_are_gone_are_passed_over),
		T(test_who_waits_for_a_block_prepares_one),
		T(test_an_open_file_is_read_from_its_start),
		T(test_ids_of_the_pass_are_those_of_the_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
