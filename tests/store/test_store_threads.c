/* SPDX-License-Identifier: Apache-2.0 */
/* Readers beside writers never see a lead half changed: everything that is said of one is of one
 * version, and a score of other content is marked. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "store_test.h"
#include "util/clock.h"

enum { LEADS = 200, READERS = 2, ROUNDS = 60 };

struct play {
	struct fixture *f;
	atomic_bool stop;
	_Atomic uint64_t reads, wrong;
};

static struct id lead_id(unsigned n)
{
	struct id id = { { (uint8_t)n, (uint8_t)(n >> 8) } };

	id.b[9] = 4;
	return id;
}

/* Every field of a lead, its cells and its score say the same number. */
static void put_round(struct fixture *f, uint32_t layout, unsigned round, bool scored)
{
	static struct lead_put rows[LEADS];
	struct lead_put_opts o = { .now_ms = round };
	struct buf cells = { 0 };
	struct lead_score s = { .model = "v1",
		.probability = round % 100 / 100.0,
		.points = (uint8_t)(round % 100),
		.heat = (enum lead_heat)(round % 3) };
	char text[20];
	unsigned i;

	snprintf(text, sizeof(text), "r%u", round);
	cells_pack((struct str[]){ str_of(text) }, 1, &cells);
	for (i = 0; i < LEADS; i++) {
		memset(&rows[i], 0, sizeof(rows[i]));
		lead_values_none(&rows[i].values);
		rows[i].id = lead_id(i);
		rows[i].mapped = ~(uint64_t)0;
		rows[i].values.text[LF_NAME] = str_of(text);
		rows[i].values.value = round;
		rows[i].digest[0] = (uint8_t)(1 + round % 200);
		rows[i].cells = buf_view(&cells);
		rows[i].layout = layout;
		rows[i].score = scored ? &s : NULL;
	}
	ok(f, f->s->leads->put(f->s, rows, LEADS, &o, &f->e));
	buf_clear(&cells);
}

static bool whole(const struct lead *l)
{
	unsigned round = (unsigned)l->values.value;
	char text[20];

	snprintf(text, sizeof(text), "r%u", round);
	if (!str_eq(l->values.text[LF_NAME], str_of(text)) ||
		!str_eq(cells_get(l->cells, 0), str_of(text)) || l->updated_ms != round)
		return false;
	return lead_stale(l) || l->score.points == round % 100;
}

static void *read_on(void *arg)
{
	struct play *p = arg;
	struct store *s = p->f->s;
	struct arena a = { .cap = 0 };
	struct lead_query q = {
		.limit = 50, .at = NAN, .cells = true, .total = true, .sort = { .field = LF_NAME }
	};
	struct lead_tally_by by = { .column = { .field = LF_NAME } };
	unsigned n = 0;

	while (!atomic_load(&p->stop)) {
		struct lead_page page;
		struct lead_tally *t;
		struct lead l;
		struct err e;
		uint64_t sum = 0;
		size_t i, k;

		arena_reset(&a);
		if (s->leads->list(s, &q, &a, &page, &e) != 0 || page.total != LEADS ||
			s->leads->get(s, lead_id(n++ % LEADS), &a, &l, &e) != 0 || !whole(&l) ||
			s->leads->tally(s, &q, &by, 1, &a, &t, &k, &e) != 0) {
			atomic_fetch_add(&p->wrong, 1);
			continue;
		}
		for (i = 0; i < page.n; i++)
			if (!whole(&page.leads[i]))
				atomic_fetch_add(&p->wrong, 1);
		for (i = 0; i < k; i++)
			sum += t[i].leads;
		/* A batch is one commit: all leads are of one round. */
		if (sum != LEADS || k != 1)
			atomic_fetch_add(&p->wrong, 1);
		atomic_fetch_add(&p->reads, page.n + 1);
	}
	arena_clear(&a);
	return NULL;
}

static uint32_t layout_of(struct fixture *f)
{
	static const struct layout_column column = { { "Round", 5 }, LF_ATTRIBUTE, "" };
	const struct layout l = { .columns = &column, .n = 1 };
	uint32_t number;

	ok(f, f->s->layouts->put(f->s, &l, &number, &f->e));
	return number;
}

static void play(const char *backend)
{
	struct fixture f;
	struct play p = { .f = &f };
	pthread_t t[READERS];
	uint32_t layout;
	unsigned i;

	open_backend(&f, backend);
	layout = layout_of(&f);
	put_round(&f, layout, 1, true);
	for (i = 0; i < READERS; i++)
		pthread_create(&t[i], NULL, read_on, &p);
	for (i = 2; i < ROUNDS; i++)
		put_round(&f, layout, i, i % 3 != 0);
	atomic_store(&p.stop, true);
	for (i = 0; i < READERS; i++)
		pthread_join(t[i], NULL);
	print_message("%s: %llu leads read beside %d writes, %llu torn\n", backend,
		(unsigned long long)atomic_load(&p.reads), ROUNDS,
		(unsigned long long)atomic_load(&p.wrong));
	assert_int_equal(atomic_load(&p.wrong), 0);
	assert_true(atomic_load(&p.reads) > 0);
	close_backend(&f);
}

static void test_no_reader_sees_a_torn_lead(void **state)
{
	play("sqlite");
	play("sqlite, short log");
	play("memory");
}

/* The log is written back beside the writer, and begins anew: it does not grow with what is
 * written. */
static void test_the_log_is_written_back_beside_the_writer(void **state)
{
	enum { WRITES = 80 };
	struct fixture f;
	struct store_health h;
	uint64_t most = 0;
	uint32_t layout;
	unsigned i;

	open_backend(&f, "sqlite, short log");
	layout = layout_of(&f);
	for (i = 0; i < WRITES; i++) {
		put_round(&f, layout, i, i % 2 != 0);
		ok(&f, f.s->health(f.s, false, &h, &f.e));
		if (h.log_bytes > most)
			most = h.log_bytes;
	}
	ok(&f, f.s->check(f.s, &f.e));
	assert_int_equal(f.s->leads->count(f.s, &f.e), LEADS);
	print_message("log of at most %llu bytes, file of %llu\n", (unsigned long long)most,
		(unsigned long long)h.bytes);
	assert_true(most < 16 << 20);
	close_backend(&f);
}

/* --- rows that are waited for ------------------------------------------------------------------
 */

enum { LONG_MS = 20000 };

struct waiting {
	struct fixture *f;
	pthread_t other;
	atomic_bool written;
	unsigned asked;
	int64_t since;
};

static void *write_once(void *arg)
{
	struct waiting *w = arg;
	uint32_t n;
	struct err e;

	if (w->f->s->tries->add(w->f->s, S("other"), 1, 100, &n, &e) != 0)
		abort();
	atomic_store(&w->written, true);
	return NULL;
}

/* No row comes before the other has written, who comes when the first is asked for. */
static int none_yet(void *arg, bool wait, struct lead_put **rows, size_t *n, struct err *e)
{
	struct waiting *w = arg;

	if (w->asked++ == 0)
		pthread_create(&w->other, NULL, write_once, w);
	sched_yield();
	if (atomic_load(&w->written))
		return 0;
	return clock_mono_ms() - w->since < LONG_MS ? 2 : err_set(e, ERR_INTERNAL, "held up");
}

static void waited_for(const char *backend)
{
	struct fixture f;
	struct waiting w = { .f = &f, .since = clock_mono_ms() };
	struct lead_put row = { .id = lead_id(1) };
	struct lead_put_opts o = { .now_ms = 1, .more = none_yet, .more_arg = &w };

	open_backend(&f, backend);
	lead_values_none(&row.values);
	ok(&f, f.s->leads->put(f.s, &row, 1, &o, &f.e));
	pthread_join(w.other, NULL);
	assert_int_equal(f.s->leads->count(f.s, &f.e), 1);
	close_backend(&f);
}

static void test_a_writer_is_not_held_up_by_rows_that_do_not_come(void **state)
{
	waited_for("sqlite");
	waited_for("memory");
}

/* --- many writers share a wait for the disk
 * ---------------------------------------------------------- */

struct adding {
	struct fixture *f;
	unsigned from;
};

static void *add_tries(void *arg)
{
	struct adding *x = arg;
	unsigned i;

	for (i = 0; i < 50; i++) {
		uint32_t n;
		struct err e;

		if (x->f->s->tries->add(x->f->s, S("shared"), 1, 100, &n, &e) != 0)
			abort();
	}
	return NULL;
}

static void test_writes_of_many_threads_all_count(void **state)
{
	enum { THREADS = 8 };
	struct fixture f;
	struct adding x = { .f = &f };
	struct store_health h;
	pthread_t t[THREADS];
	uint32_t n;
	int64_t last;
	int i;

	open_backend(&f, "sqlite");
	for (i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, add_tries, &x);
	for (i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	ok(&f, f.s->tries->get(f.s, S("shared"), 1, 100, &n, &last, &f.e));
	assert_int_equal(n, THREADS * 50);
	ok(&f, f.s->health(f.s, false, &h, &f.e));
	print_message("%llu writes in %llu commits\n", (unsigned long long)h.writes,
		(unsigned long long)h.commits);
	assert_int_equal(h.failures, 0);
	close_backend(&f);
}

/* --- lists while leads come and go
 * ----------------------------------------------------------------- */

enum { CROWD = 3000, LISTERS = 2, TURNS = 12 };

struct crowd {
	struct fixture *f;
	atomic_bool stop;
	_Atomic uint64_t lists;
	_Atomic unsigned turn; /* over */
	_Atomic bool failed;
	char why[sizeof(((struct err *)0)->msg)];
};

static void crowd_failed(struct crowd *c, const struct err *e)
{
	if (!atomic_exchange(&c->failed, true))
		snprintf(c->why, sizeof(c->why), "%s", e->msg);
}

/* Through all pages, in several orders: each list works. */
static void *list_on(void *arg)
{
	const struct query_column sorts[] = { { .field = LF_NAME }, QUERY_NO_COLUMN,
		{ .field = LF_VALUE } };
	struct crowd *c = arg;
	struct store *s = c->f->s;
	struct arena a = { .cap = 0 };
	unsigned turn;

	for (turn = 0; !atomic_load(&c->stop) && !atomic_load(&c->failed); turn++) {
		struct lead_query q = { .limit = 500,
			.at = turn % 4 == 3 ? 0.5 : NAN,
			.total = true,
			.sort = sorts[turn % 3],
			.descending = turn % 2 != 0 };
		struct lead_page page;
		struct err e;

		if (q.sort.field > LF_ATTRIBUTE)
			q.at = NAN;
		arena_reset(&a);
		do {
			if (s->leads->list(s, &q, &a, &page, &e) != 0) {
				crowd_failed(c, &e);
				break;
			}
			q.at = NAN;
			q.cursor = page.next_cursor;
			atomic_fetch_add(&c->lists, 1);
		} while (q.cursor.n > 0 && !atomic_load(&c->stop));
	}
	arena_clear(&a);
	return NULL;
}

/* Under the thread sanitizer everything else takes as long as a lock of the file is waited for, so
 * nothing settles meanwhile: "busy" would be the right answer, and tell nothing. */
static bool may_settle(void)
{
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
	return false;
#endif
#endif
	return true;
}

/* Once a turn, beside the writes of the next. */
static void *settle_on(void *arg)
{
	struct crowd *c = arg;
	struct store *s = c->f->s;
	unsigned seen = 0;
	struct err e;

	while (may_settle() && !atomic_load(&c->stop) && !atomic_load(&c->failed)) {
		unsigned turn = atomic_load(&c->turn);

		if (turn == seen)
			sched_yield();
		else if (s->settle(s, &e) != 0)
			crowd_failed(c, &e);
		seen = turn;
	}
	return NULL;
}

static void put_crowd(struct fixture *f, unsigned from, unsigned n, unsigned turn)
{
	static struct lead_put rows[CROWD];
	struct lead_put_opts o = { .now_ms = turn };
	char text[20];
	unsigned i;

	snprintf(text, sizeof(text), "turn %u", turn);
	for (i = 0; i < n; i++) {
		memset(&rows[i], 0, sizeof(rows[i]));
		lead_values_none(&rows[i].values);
		rows[i].id = lead_id(from + i);
		rows[i].mapped = FIELD_BIT(LF_NAME) | FIELD_BIT(LF_VALUE);
		rows[i].values.text[LF_NAME] = str_of(text);
		rows[i].values.value = i % 50;
		rows[i].digest[0] = (uint8_t)(1 + turn);
	}
	ok(f, f->s->leads->put(f->s, rows, n, &o, &f->e));
}

static void come_and_go(struct fixture *f, unsigned turn)
{
	struct lead_change change = { .now_ms = turn, .fields = FIELD_BIT(LF_CITY) };
	struct id erased[3];
	unsigned i;

	for (i = 0; i < 20; i++)
		ok(f, f->s->leads->remove(f->s, lead_id(turn * 40 + i), 0, &f->e));
	for (i = 0; i < 3; i++)
		erased[i] = lead_id(turn * 40 + 20 + i);
	if (turn % 3 == 0)
		ok(f, f->s->leads->erase(f->s, erased, 3, turn, &f->e));
	lead_values_none(&change.values);
	change.values.text[LF_CITY] = S("Ghent");
	for (i = 30; i < 40; i++)
		ok(f, f->s->leads->change(
			      f->s, lead_id(turn * 40 + i), &change, &f->a, NULL, &f->e));
	put_crowd(f, CROWD + turn * 10, 10, turn);
	/* So many at once that their strips are written with the change, in some columns. */
	put_crowd(f, 1000, 1500, turn);
}

static void crowd(const char *backend)
{
	struct lead_query q = {
		.limit = 1, .at = NAN, .total = true, .sort = { .field = LF_NAME }
	};
	struct fixture f;
	struct crowd c = { .f = &f };
	struct lead_page page;
	pthread_t t[LISTERS + 1];
	unsigned i;

	open_backend(&f, backend);
	put_crowd(&f, 0, CROWD, 0);
	for (i = 0; i < LISTERS; i++)
		pthread_create(&t[i], NULL, list_on, &c);
	pthread_create(&t[LISTERS], NULL, settle_on, &c);
	for (i = 1; i <= TURNS; i++) {
		come_and_go(&f, i);
		atomic_store(&c.turn, i);
	}
	while (atomic_load(&c.lists) < 20 && !atomic_load(&c.failed))
		sched_yield();
	atomic_store(&c.stop, true);
	for (i = 0; i <= LISTERS; i++)
		pthread_join(t[i], NULL);
	if (atomic_load(&c.failed))
		fail_msg("%s: %s", backend, c.why);
	ok(&f, f.s->settle(f.s, &f.e));
	ok(&f, f.s->leads->list(f.s, &q, &f.a, &page, &f.e));
	assert_int_equal(page.total, f.s->leads->count(f.s, &f.e));
	ok(&f, f.s->check(f.s, &f.e));
	print_message("%s: %llu pages listed while leads came and went\n", backend,
		(unsigned long long)atomic_load(&c.lists));
	close_backend(&f);
}

static void test_lists_work_while_leads_come_and_go(void **state)
{
	crowd("sqlite");
	crowd("memory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_reader_sees_a_torn_lead),
		cmocka_unit_test(test_the_log_is_written_back_beside_the_writer),
		cmocka_unit_test(test_a_writer_is_not_held_up_by_rows_that_do_not_come),
		cmocka_unit_test(test_writes_of_many_threads_all_count),
		cmocka_unit_test(test_lists_work_while_leads_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
