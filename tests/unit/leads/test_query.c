/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>

#include "leads/query.h"
#include "util/arena.h"
#include "util/err.h"
#include "util/when.h"

#define NOW (INT64_C(1795766400000)) /* 2026-11-27T08:00:00Z */

struct parsed {
	struct arena arena;
	struct query q;
};

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct parsed));
	return *state == NULL ? -1 : 0;
}

static int teardown(void **state)
{
	struct parsed *p = *state;

	arena_clear(&p->arena);
	free(p);
	return 0;
}

static struct query *parse(void **state, const char *text)
{
	static const char *const others[] = { "limit", "cursor", NULL };
	struct parsed *p = *state;
	struct err e = { 0 };

	arena_reset(&p->arena);
	query_init(&p->q, &p->arena, NOW);
	assert_int_equal(query_text(&p->q, str_of(text), others, &e), 0);
	return &p->q;
}

static void assert_filter(const struct query *q, size_t i, enum lead_field f, enum query_op op,
	const char *text, double number)
{
	const struct query_filter *x = &q->filters[i];

	assert_true(i < q->n_filters);
	assert_int_equal(x->column.field, f);
	assert_int_equal(x->op, op);
	assert_int_equal(x->n, 1);
	assert_true(str_eq(x->values[0].text, str_of(text)));
	if (isnan(number))
		assert_true(isnan(x->values[0].number));
	else
		assert_true(x->values[0].number == number);
}

static void test_nothing_asked_is_all_by_score(void **state)
{
	struct lead_query to = { .limit = 7 };

	query_to(parse(state, ""), &to);
	assert_int_equal(to.n_filters, 0);
	assert_int_equal(to.sort.field, LF_SCORE);
	assert_true(to.descending);
	assert_int_equal(to.limit, 7);
	query_to(parse(state, "?&&limit=3&cursor=x%ZZ"), &to);
	assert_int_equal(to.n_filters, 0);
}

static void test_every_operator(void **state)
{
	struct query *q = parse(state,
		"company=Acme&company[ne]=B&value[gt]=1&value[gte]=-2.5&value[lt]=3e2&value[lte]=4"
		"&name[contains]=%C3%A9&name[starts]=x+y&email[empty]=true&phone[empty]=false"
		"&attr.Page%20views[gt]=5&attr.Odd [x]=k&score[eq]=80");

	assert_int_equal(query_check(q, NULL), 0);
	assert_int_equal(q->n_filters, 13);
	assert_filter(q, 0, LF_COMPANY, QUERY_EQ, "Acme", NAN);
	assert_filter(q, 1, LF_COMPANY, QUERY_NE, "B", NAN);
	assert_filter(q, 2, LF_VALUE, QUERY_GT, "", 1);
	assert_filter(q, 3, LF_VALUE, QUERY_GTE, "", -2.5);
	assert_filter(q, 4, LF_VALUE, QUERY_LT, "", 300);
	assert_filter(q, 5, LF_VALUE, QUERY_LTE, "", 4);
	assert_filter(q, 6, LF_NAME, QUERY_CONTAINS, "\xC3\xA9", NAN);
	assert_filter(q, 7, LF_NAME, QUERY_STARTS, "x y", NAN);
	assert_int_equal(q->filters[8].op, QUERY_EMPTY);
	assert_int_equal(q->filters[9].op, QUERY_FILLED);
	assert_filter(q, 10, LF_ATTRIBUTE, QUERY_GT, "5", 5);
	assert_true(str_eq(q->filters[10].column.attribute, S("Page views")));
	assert_filter(q, 11, LF_ATTRIBUTE, QUERY_EQ, "k", NAN);
	assert_true(str_eq(q->filters[11].column.attribute, S("Odd [x]")));
	assert_filter(q, 12, LF_SCORE, QUERY_EQ, "", 80);
}

static void test_several_values(void **state)
{
	struct query *q = parse(state, "heat=hot,warm&source[in]=a, b,c\\,d&owner[nin]=x,y"
				       "&region=eu&region=us&region[in]=eu,us&stale=true");

	assert_int_equal(query_check(q, NULL), 0);
	assert_int_equal(q->n_filters, 6);
	assert_int_equal(q->filters[0].n, 2);
	assert_true(q->filters[0].values[1].number == 1);
	assert_int_equal(q->filters[1].n, 3);
	assert_true(str_eq(q->filters[1].values[2].text, S("c,d")));
	assert_int_equal(q->filters[2].op, QUERY_NE);
	assert_int_equal(q->filters[3].n, 2); /* region=eu or us */
	assert_int_equal(q->filters[4].op, QUERY_IN);
	assert_filter(q, 5, LF_STALE, QUERY_EQ, "yes", 1);
}

static void test_dates_are_whole_days(void **state)
{
	const double day = 1795737600000, next = day + WHEN_DAY_MS;
	struct query *q = parse(state,
		"created_at=2026-11-27&created_at[gt]=2026-11-27&created_at[lte]=today"
		"&updated_at[gte]=-7d&inserted_at[lt]=2026-11-27T08:00:00Z&outcome_at[gte]=%2B1h");

	assert_int_equal(query_check(q, NULL), 0);
	assert_int_equal(q->n_filters, 7);
	assert_filter(q, 0, LF_CREATED_AT, QUERY_GTE, "", day);
	assert_filter(q, 1, LF_CREATED_AT, QUERY_LT, "", next);
	assert_filter(q, 2, LF_CREATED_AT, QUERY_GTE, "", next);
	assert_filter(q, 3, LF_CREATED_AT, QUERY_LT, "", next);
	assert_filter(q, 4, LF_UPDATED_AT, QUERY_GTE, "", (double)(NOW - 7 * WHEN_DAY_MS));
	assert_filter(q, 5, LF_INSERTED_AT, QUERY_LT, "", (double)NOW);
	assert_filter(q, 6, LF_OUTCOME_AT, QUERY_GTE, "", (double)(NOW + WHEN_DAY_MS / 24));
}

static void test_sort_and_words(void **state)
{
	struct query *q = parse(state, "sort=-value&q= anna+berlin ");

	assert_int_equal(q->sort.field, LF_VALUE);
	assert_true(q->descending);
	assert_true(str_eq(q->words, S("anna berlin")));
	q = parse(state, "sort=attr.Page views, weekly");
	assert_int_equal(q->sort.field, LF_ATTRIBUTE);
	assert_true(str_eq(q->sort.attribute, S("Page views, weekly")));
	assert_false(q->descending);
}

static void test_what_does_not_fit_is_named(void **state)
{
	static const struct {
		const char *text, *param, *detail;
	} cases[] = {
		{ "valeu=3", "valeu", "there is no column \"valeu\"" },
		{ "value[near]=3", "value[near]", "expected eq, ne, in, nin, gt" },
		{ "value=cheap", "value", "expected a number" },
		{ "value=nan", "value", "expected a number" },
		{ "value=1e999", "value", "expected a number" },
		{ "value[contains]=1", "value[contains]", "contains is for texts" },
		{ "heat=boiling", "heat", "expected one of hot, warm, cold, none" },
		{ "heat=hot,", "heat", "expected values with a comma between" },
		{ "stale=maybe", "stale", "expected one of true, false" },
		{ "created_at=soon", "created_at", "expected a date" },
		{ "created_at[ne]=2026-01-01", "created_at[ne]", "a time knows" },
		{ "email[empty]=yes", "email[empty]", "expected true or false" },
		{ "email=", "email", "expected a value" },
		{ "email=%00", "email", "not text" },
		{ "email=%E2%28", "email", "not text" },
		{ "email=%4", "email", "not text" },
		{ "sort=colour", "sort", "there is no column \"colour\"" },
		{ "sort=score,name", "sort", "leads are sorted by one column" },
		{ "sort=", "sort", "there is no column" },
		{ "attr.=1", "attr.", "there is no column" },
		{ "attribute=1", "attribute", "there is no column" },
		{ "id; drop table leads=1", "id; drop table leads", "there is no column" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct query *q = parse(state, cases[i].text);
		struct err e = { 0 };

		if (q->n_faults != 1 || q->n_filters > 1)
			fail_msg("%s: %zu faults", cases[i].text, q->n_faults);
		assert_true(str_eq(q->faults[0].param, str_of(cases[i].param)));
		if (strncmp(q->faults[0].detail, cases[i].detail, strlen(cases[i].detail)) != 0)
			fail_msg("%s: \"%s\"", cases[i].text, q->faults[0].detail);
		assert_int_equal(query_check(q, &e), -1);
		assert_int_equal(e.code, ERR_INPUT);
		assert_non_null(strstr(e.msg, cases[i].param));
	}
}

static void test_all_faults_are_counted_and_limits_hold(void **state)
{
	char text[64 * 60] = "", one[64];
	struct query *q;

	for (int i = 0; i < 30; i++) {
		snprintf(one, sizeof(one), "no%d=1&", i);
		strcat(text, one);
	}
	q = parse(state, text);
	assert_int_equal(q->n_faults, 30);
	text[0] = '\0';
	for (int i = 0; i <= QUERY_FILTERS_MAX; i++)
		strcat(text, "score[gte]=1&");
	q = parse(state, text);
	assert_int_equal(q->n_filters, QUERY_FILTERS_MAX);
	assert_int_equal(q->n_faults, 1);
}

static void test_what_the_caller_may_see_is_never_widened(void **state)
{
	struct query *q = parse(state, "owner=anna&owner=bert");
	struct err e;

	assert_int_equal(query_is(q, LF_OWNER, S("carl"), &e), 0);
	assert_int_equal(query_text(q, S("owner=dora"), NULL, &e), 0);
	assert_int_equal(q->n_filters, 3);
	assert_int_equal(q->filters[0].n, 2);
	assert_filter(q, 1, LF_OWNER, QUERY_EQ, "carl", NAN);
	assert_filter(q, 2, LF_OWNER, QUERY_EQ, "dora", NAN);
}

static void test_a_thousand_values_at_most(void **state)
{
	struct parsed *p = *state;
	char *text = malloc(10000);
	size_t n = (size_t)sprintf(text, "source[in]=");
	struct query *q;

	for (int i = 0; i < QUERY_VALUES_MAX + 1; i++)
		n += (size_t)sprintf(text + n, "v%d,", i);
	text[n - 1] = '\0';
	q = parse(state, text);
	assert_int_equal(q->n_faults, 1);
	assert_int_equal(q->filters[0].n, QUERY_VALUES_MAX);
	assert_true(str_eq(q->filters[0].values[999].text, S("v999")));
	free(text);
	assert_true(p->arena.used < 1 << 20);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_nothing_asked_is_all_by_score),
		T(test_every_operator),
		T(test_several_values),
		T(test_dates_are_whole_days),
		T(test_sort_and_words),
		T(test_what_does_not_fit_is_named),
		T(test_all_faults_are_counted_and_limits_hold),
		T(test_what_the_caller_may_see_is_never_widened),
		T(test_a_thousand_values_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
