/* SPDX-License-Identifier: Apache-2.0 */
/* Searches find leads by their words whenever these come into the index. Each test runs against
 * each backend. */
#include "store_suite.h"

static struct lead_put named(struct fixture *f, unsigned n, const char *name, uint64_t row)
{
	struct lead_put p = row_of(f, n, name, 1);
	struct buf b = { 0 };

	p.values.text[LF_NAME] = str_of(name);
	p.mapped |= FIELD_BIT(LF_NAME);
	p.row = row;
	store_words(&p.values, p.mapped, &b);
	p.words = (struct str){ arena_dup(&f->a, buf_view(&b)), b.n };
	buf_clear(&b);
	return p;
}

static size_t found(struct fixture *f, const char *word)
{
	return page_of(f, (struct lead_query){ .words = str_of(word) }).n;
}

/* Words that were made ahead go into the index later than their leads: also when these are changed
 * in the same batch, and not when it fails. */
static void test_words_made_ahead_are_those_of_the_lead(void **state)
{
	struct fixture *f = *state;
	struct upload_progress p = { .position = 1 };
	struct lead_put_opts nowhere = { .upload = number_id(77), .progress = &p };
	struct lead_put rows[4] = { named(f, 1, "Alder", 1), named(f, 2, "Birch", 2),
		named(f, 1, "Cedar", 3), named(f, 3, "Dogwood", 4) };
	struct lead_put lost = named(f, 4, "Elm", 1), next = named(f, 5, "Fir", 1);

	refused(f, ERR_NOT_FOUND, f->s->leads->put(f->s, &lost, 1, &nowhere, &f->e));
	put_rows(f, rows, 4, upload_a, 1);
	assert_int_equal(rows[2].result, LEAD_UPDATED);
	put_rows(f, &next, 1, upload_b, 2);
	assert_int_equal(found(f, "alder"), 0);
	assert_int_equal(found(f, "birch"), 1);
	assert_int_equal(found(f, "cedar"), 1);
	assert_int_equal(found(f, "dogwood"), 1);
	assert_int_equal(found(f, "elm"), 0);
	assert_int_equal(found(f, "fir"), 1);
	ok(f, f->s->leads->remove(f->s, number_id(1), 0, &f->e));
	assert_int_equal(found(f, "cedar"), 0);
	ok(f, f->s->check(f->s, &f->e));
}

static struct lead_put later(struct fixture *f, unsigned n, const char *name, uint64_t row)
{
	struct lead_put p = named(f, n, name, row);

	p.words = (struct str){ NULL, 0 };
	p.words_later = true;
	return p;
}

static void rename_lead(struct fixture *f, unsigned n, const char *name)
{
	struct lead_change c = { .now_ms = 20, .fields = FIELD_BIT(LF_NAME), .by = number_id(50) };
	struct lead l;

	lead_values_none(&c.values);
	c.values.text[LF_NAME] = str_of(name);
	ok(f, f->s->leads->change(f->s, number_id(n), &c, &f->a, &l, &f->e));
}

static void one_each(struct fixture *f, const char *const *words)
{
	for (; *words != NULL; words++)
		if (found(f, *words) != 1)
			fail_msg("%s: %zu", *words, found(f, *words));
}

static void none_of(struct fixture *f, const char *const *words)
{
	for (; *words != NULL; words++)
		if (found(f, *words) != 0)
			fail_msg("%s: %zu", *words, found(f, *words));
}

/* Leads are found by their words of now whether the index knows them or not: when they changed,
 * went, or a batch failed before it did, and after it does. */
static void test_words_that_are_indexed_later_are_found_at_once(void **state)
{
	static const char *const there[] = { "alder", "birch", "spruce", "elder", "ginkgo", "hazel",
		NULL };
	static const char *const gone[] = { "cedar", "dogwood", "fir", "elm", "ivy", NULL };
	struct fixture *f = *state;
	struct upload_progress p = { .position = 1 };
	struct lead_put_opts nowhere = { .upload = number_id(77), .progress = &p };
	struct lead_put rows[] = { later(f, 1, "Alder", 1), later(f, 2, "Birch", 2),
		later(f, 3, "Cedar", 3), later(f, 4, "Dogwood", 4), later(f, 5, "Fir", 5),
		named(f, 6, "Elder", 6), later(f, 7, "Ginkgo", 7) };
	struct lead_put lost = later(f, 8, "Elm", 1), over = later(f, 4, "Spruce", 1),
			next = later(f, 9, "Hazel", 1), last = named(f, 10, "Ivy", 1);
	struct id erased = number_id(5);

	put_rows(f, rows, 5, upload_a, 1);
	refused(f, ERR_NOT_FOUND, f->s->leads->put(f->s, &lost, 1, &nowhere, &f->e));
	assert_int_equal(found(f, "cedar"), 1);
	assert_int_equal(found(f, "dogwood"), 1);
	rename_lead(f, 3, "Catalpa");
	put_rows(f, &over, 1, upload_b, 2);
	assert_int_equal(over.result, LEAD_UPDATED);
	ok(f, f->s->leads->erase(f->s, &erased, 1, 5, &f->e));
	put_rows(f, rows + 5, 2, upload_a, 3);
	put_rows(f, &next, 1, upload_a, 4);
	put_rows(f, &last, 1, upload_a, 5);
	ok(f, f->s->leads->remove(f->s, number_id(10), 0, &f->e));
	for (unsigned k = 0; k < 3; k++) {
		one_each(f, there);
		none_of(f, gone);
		assert_int_equal(found(f, "catalpa"), 1);
		if (k == 0)
			ok(f, f->s->settle(f->s, &f->e));
	}
	rename_lead(f, 3, "Chestnut");
	ok(f, f->s->leads->remove(f->s, number_id(1), 0, &f->e));
	assert_int_equal(found(f, "catalpa"), 0);
	assert_int_equal(found(f, "chestnut"), 1);
	assert_int_equal(found(f, "alder"), 0);
	ok(f, f->s->check(f->s, &f->e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_words_made_ahead_are_those_of_the_lead),
		T(test_words_that_are_indexed_later_are_found_at_once),
	};

	RETURN_SUITE(tests);
}
