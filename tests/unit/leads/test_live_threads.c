/* SPDX-License-Identifier: Apache-2.0 */
#include "models.h"

#include <pthread.h>
#include <stdatomic.h>

#include "leads/lead_input.h"
#include "leads/live.h"
#include "model/model.h"

static struct models models;

static int open(void **state)
{
	models_open(&models, 2, 1200);
	return 0;
}

static int close_all(void **state)
{
	models_close(&models);
	return 0;
}

static const char *const leads[] = {
	"{\"Lead Source\":\"Referral\",\"role\":\"CEO\",\"page_views\":30,\"Country\":\"Peru\"}",
	"{\"source\":\"Purchased list\",\"role\":\"Student\",\"email\":\"x@mail.example\"}",
	"{\"Industry\":\"Software\",\"Website Visits\":12,\"Employees\":400}",
};
enum { LEADS = sizeof(leads) / sizeof(leads[0]) };

/* Scores lead ${i} with whatever is live; returns the version's number. */
static uint32_t score_lead(struct live *l, size_t i, struct score *out)
{
	struct live_model *m = live_hold(l);
	struct err e = { 0 };
	struct live_seat *seat = live_sit(live_api(m), &e);
	struct lead_input *in = live_input(seat);
	const struct str *row = in->cells;
	uint32_t number = live_number(m);

	if (lead_input_read(in, str_of(leads[i]), models.today, &e) == -1 ||
		live_score(seat, &row, 1, models.today, out, &e) == -1)
		fail_msg("%s", e.msg);
	live_rise(seat);
	live_drop(m);
	return number;
}

static void test_without_a_published_model_the_rule_scores(void **state)
{
	struct err e = { 0 };
	struct live *l = live_new(&models.store, &e);
	struct live_model *m;
	struct explain_work *w;
	struct score hot, cold;
	struct live_seat *seat;
	bool changed = true;

	assert_non_null(l);
	m = live_hold(l);
	assert_string_equal(live_version(m), "rule");
	assert_null(live_model(m));
	assert_null(live_full(m, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
	seat = live_sit(live_api(m), &e);
	assert_null(live_reasons(seat, &w, &e));
	live_rise(seat);
	live_drop(m);
	assert_int_equal(score_lead(l, 0, &hot), 0);
	assert_int_equal(score_lead(l, 1, &cold), 0);
	assert_true(hot.probability > cold.probability);
	/* Drafts change nothing. */
	assert_int_equal(live_refresh(l, &changed, &e), 0);
	assert_false(changed);
	live_free(l);
}

struct expected {
	struct live *l;
	double p[4][LEADS]; /* by version */
	atomic_bool stop;
	atomic_ulong answers[4];
};

static void *ask(void *arg)
{
	struct expected *x = arg;
	struct score s;

	for (size_t i = 0; !atomic_load(&x->stop); i = (i + 1) % LEADS) {
		uint32_t v = score_lead(x->l, i, &s);

		if (s.probability != x->p[v][i])
			fail_msg("an answer of v%u with the score of another", v);
		atomic_fetch_add(&x->answers[v], 1);
	}
	return NULL;
}

static void test_a_swap_under_load_loses_and_mixes_nothing(void **state)
{
	struct expected x = { 0 };
	struct err e = { 0 };
	pthread_t id[4];
	struct score s;
	bool changed;
	int swaps = 0;

	x.l = live_new(&models.store, &e);
	for (uint32_t v = 0; v <= 2; v++) {
		if (v != 0)
			assert_int_equal(registry_publish(&models.store, v, 2000, &e), 0);
		assert_int_equal(live_refresh(x.l, &changed, &e), 0);
		assert_int_equal(changed, v != 0);
		for (size_t i = 0; i < LEADS; i++) {
			assert_int_equal(score_lead(x.l, i, &s), v);
			x.p[v][i] = s.probability;
		}
	}
	assert_true(x.p[1][0] != x.p[2][0]);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&id[i], NULL, ask, &x), 0);
	for (; swaps < 40; swaps++) {
		unsigned long was = atomic_load(&x.answers[1 + swaps % 2]);

		assert_int_equal(
			registry_publish(&models.store, 1 + (uint32_t)swaps % 2, 3000, &e), 0);
		assert_int_equal(live_refresh(x.l, &changed, &e), 0);
		assert_true(changed);
		while (atomic_load(&x.answers[1 + swaps % 2]) < was + 20)
			sched_yield();
	}
	atomic_store(&x.stop, true);
	for (int i = 0; i < 4; i++)
		pthread_join(id[i], NULL);
	printf("live: %d swaps, %lu answers of v1, %lu of v2, none mixed\n", swaps,
		atomic_load(&x.answers[1]), atomic_load(&x.answers[2]));
	live_free(x.l);
}

static void test_other_columns_are_found_by_role_and_scorers_are_kept(void **state)
{
	const struct str names[] = { S("Herkunft"), S("Land"), S("Unbekannt") };
	static const enum col_role roles[] = { ROLE_SOURCE, ROLE_COUNTRY, ROLE_ATTRIBUTE };
	const struct str cells[] = { S("Referral"), S("Germany"), S("x") };
	const struct str strange[] = { S("q1"), S("q2") };
	const struct str *row = cells;
	struct err e = { 0 };
	struct live *l = live_new(&models.store, &e);
	struct live_model *m = live_hold(l);
	struct live_columns in = { names, roles, NULL, 3 }, none = { strange, NULL, NULL, 2 };
	struct live_scorer *s = live_scorer(m, &in, &e);
	struct live_seat *a = live_sit(live_api(m), &e), *b = live_sit(s, &e), *c;
	struct score by_api, by_role, nothing[2];
	const struct str *api_row = live_input(a)->cells, *rows[2] = { strange, strange };

	assert_int_equal(lead_input_read(live_input(a),
				 S("{\"source\":\"Referral\",\"country\":\"Germany\"}"), 20000, &e),
		0);
	assert_int_equal(live_score(a, &api_row, 1, models.today, &by_api, &e), 0);
	assert_int_equal(live_score(b, &row, 1, models.today, &by_role, &e), 0);
	assert_true(by_api.probability == by_role.probability);
	assert_ptr_equal(live_scorer(m, &in, &e), s);
	in.n = 2;
	assert_ptr_not_equal(live_scorer(m, &in, &e), s);
	/* A file of which the model knows nothing: as a lead without any value. */
	c = live_sit(live_scorer(m, &none, &e), &e);
	assert_int_equal(live_score(c, rows, 2, models.today, nothing, &e), 0);
	assert_int_equal(lead_input_read(live_input(a), S("{}"), 20000, &e), 0);
	assert_int_equal(live_score(a, &api_row, 1, models.today, &by_api, &e), 0);
	assert_true(nothing[1].probability == by_api.probability);
	live_rise(a);
	live_rise(b);
	live_rise(c);
	live_drop(m);
	live_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_a_published_model_the_rule_scores),
		cmocka_unit_test(test_a_swap_under_load_loses_and_mixes_nothing),
		cmocka_unit_test(test_other_columns_are_found_by_role_and_scorers_are_kept),
	};

	return cmocka_run_group_tests(tests, open, close_all);
}
