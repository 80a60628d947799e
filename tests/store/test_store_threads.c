/* SPDX-License-Identifier: Apache-2.0 */
/* Readers beside writers never see a lead half changed: everything that is said of one is of one
 * version, and a score of other content is marked. */
#include <pthread.h>
#include <stdatomic.h>

#include "store_test.h"

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

static void play(const char *backend)
{
	static const struct layout_column column = { { "Round", 5 }, LF_ATTRIBUTE, "" };
	const struct layout l = { .columns = &column, .n = 1 };
	struct fixture f;
	struct play p = { .f = &f };
	pthread_t t[READERS];
	uint32_t layout;
	unsigned i;

	open_backend(&f, backend);
	ok(&f, f.s->layouts->put(f.s, &l, &layout, &f.e));
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
	play("memory");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_reader_sees_a_torn_lead),
		cmocka_unit_test(test_writes_of_many_threads_all_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
