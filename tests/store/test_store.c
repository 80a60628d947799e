/* SPDX-License-Identifier: Apache-2.0 */
/* What every backend must do, record type by record type. Each test runs against each backend. */
#include <pthread.h>

#include "store_test.h"

static const char *backend;

static int setup(void **state)
{
	struct fixture *f = malloc(sizeof(*f));

	open_backend(f, backend);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	clock_set_ms(-1);
	close_backend(*state);
	free(*state);
	return 0;
}

/* --- helpers
 * -------------------------------------------------------------------------------------- */

static struct id number_id(unsigned n)
{
	struct id id = { { (uint8_t)(n >> 8), (uint8_t)n } };

	id.b[15] = 9;
	return id;
}

static uint32_t layout_of(
	struct fixture *f, const char *const *headers, size_t n, enum lead_field first)
{
	struct layout_column c[10];
	struct layout l = { .columns = c, .n = n };
	uint32_t number;
	size_t i;

	for (i = 0; i < n; i++)
		c[i] = (struct layout_column){ str_of(headers[i]), i == 0 ? first : LF_ATTRIBUTE,
			"" };
	ok(f, f->s->layouts->put(f->s, &l, &number, &f->e));
	return number;
}

/* A row with an email, a source and two attributes; ${version} makes its content. */
static struct lead_put row_of(struct fixture *f, unsigned n, const char *source, unsigned version)
{
	static const char *const headers[] = { "Email", "Plan", "Pages" };
	struct lead_put p = {
		.id = number_id(n), .mapped = FIELD_BIT(LF_EMAIL) | FIELD_BIT(LF_SOURCE), .row = n
	};
	struct buf b = { 0 };
	char email[40], pages[20];
	struct str cells[3];

	snprintf(email, sizeof(email), "p%u@example.org", n);
	snprintf(pages, sizeof(pages), "%u", version);
	lead_values_none(&p.values);
	p.values.text[LF_EMAIL] = (struct str){ arena_dup(&f->a, str_of(email)), strlen(email) };
	p.values.text[LF_SOURCE] = str_of(source);
	cells[0] = p.values.text[LF_EMAIL];
	cells[1] = S("gold");
	cells[2] = str_of(pages);
	cells_pack(cells, 3, &b);
	p.cells = (struct str){ arena_dup(&f->a, buf_view(&b)), b.n };
	buf_clear(&b);
	p.layout = layout_of(f, headers, 3, LF_EMAIL);
	p.digest[0] = (uint8_t)(n + 1);
	p.digest[1] = (uint8_t)(version + 1);
	p.digest[2] = (uint8_t)source[0];
	return p;
}

static struct lead_score score_of(double p, const char *model)
{
	struct lead_score s = { .probability = p,
		.points = (uint8_t)(p * 100 + 0.5),
		.heat = p > 0.7   ? LEAD_HOT
			: p > 0.3 ? LEAD_WARM
				  : LEAD_COLD,
		.scored_ms = 77 };

	strcpy(s.model, model);
	return s;
}

static void put_rows(
	struct fixture *f, struct lead_put *rows, size_t n, struct id upload, int64_t now)
{
	struct lead_put_opts o = { .upload = upload, .now_ms = now };

	ok(f, f->s->leads->put(f->s, rows, n, &o, &f->e));
}

static struct lead get(struct fixture *f, unsigned n)
{
	struct lead l;

	ok(f, f->s->leads->get(f->s, number_id(n), &f->a, &l, &f->e));
	return l;
}

static struct lead_page page_of(struct fixture *f, struct lead_query q)
{
	struct lead_page page;

	q.limit = q.limit != 0 ? q.limit : 100;
	q.total = true;
	if (q.at == 0)
		q.at = NAN;
	ok(f, f->s->leads->list(f->s, &q, &f->a, &page, &f->e));
	return page;
}

static const struct id upload_a = { { 1 } }, upload_b = { { 2 } }, nobody;

/* --- layouts
 * --------------------------------------------------------------------------------------- */

static void test_columns_read_in_another_way_are_another_layout(void **state)
{
	static const struct layout_column plain[] = { { { "Email", 5 }, LF_EMAIL, "" },
		{ { "Met", 3 }, LF_ATTRIBUTE, "" } };
	static const struct layout_column dmy[] = { { { "Email", 5 }, LF_EMAIL, "" },
		{ { "Met", 3 }, LF_ATTRIBUTE, { 'd', ',' } } };
	static const struct layout_column mdy[] = { { { "Email", 5 }, LF_EMAIL, "" },
		{ { "Met", 3 }, LF_ATTRIBUTE, { 'm', 0 } } };
	const struct layout l[] = { { .columns = plain, .n = 2 }, { .columns = dmy, .n = 2 },
		{ .columns = mdy, .n = 2 } };
	struct fixture *f = *state;
	const struct layout *got;
	struct layout merged;
	uint32_t number[3], again, from[2];

	for (size_t i = 0; i < 3; i++)
		ok(f, f->s->layouts->put(f->s, &l[i], &number[i], &f->e));
	assert_int_not_equal(number[0], number[1]);
	assert_int_not_equal(number[0], number[2]);
	assert_int_not_equal(number[1], number[2]);
	for (size_t i = 0; i < 3; i++) {
		ok(f, f->s->layouts->put(f->s, &l[i], &again, &f->e));
		assert_int_equal(again, number[i]);
		assert_non_null(got = f->s->layouts->get(f->s, number[i], &f->e));
		assert_memory_equal(got->columns[1].how, l[i].columns[1].how, 2);
	}
	ok(f, layout_merge(&l[1], &l[0], from, &f->a, &merged, &f->e));
	assert_memory_equal(merged.columns[1].how, "d,", 2);
	ok(f, layout_merge(&l[1], &l[2], from, &f->a, &merged, &f->e));
	assert_memory_equal(merged.columns[1].how, "m,", 2);
}

static void test_a_layout_is_stored_once(void **state)
{
	static const char *const x[] = { "Email", "Plan" }, *const y[] = { "Email", "Plans" };
	struct fixture *f = *state;
	uint32_t one = layout_of(f, x, 2, LF_EMAIL), again = layout_of(f, x, 2, LF_EMAIL);
	uint32_t use = layout_of(f, x, 2, LF_PHONE), name = layout_of(f, y, 2, LF_EMAIL);
	const struct layout *l = f->s->layouts->get(f->s, one, &f->e);
	struct str json;

	assert_int_equal(one, again);
	assert_int_not_equal(one, use);
	assert_int_not_equal(one, name);
	assert_int_equal(l->n, 2);
	same_text(l->columns[1].header, "Plan");
	assert_int_equal(l->columns[1].use, LF_ATTRIBUTE);
	assert_null(f->s->layouts->get(f->s, 99, &f->e));
	refused(f, ERR_NOT_FOUND, f->s->layouts->recall(f->s, S("k"), &f->a, &json, &f->e));
	ok(f, f->s->layouts->remember(f->s, S("k"), S("{1}"), &f->e));
	ok(f, f->s->layouts->remember(f->s, S("k"), S("{2}"), &f->e));
	ok(f, f->s->layouts->recall(f->s, S("k"), &f->a, &json, &f->e));
	same_text(json, "{2}");
}

/* --- leads
 * ------------------------------------------------------------------------------------------ */

static void test_a_row_makes_updates_or_leaves_a_lead(void **state)
{
	struct fixture *f = *state;
	struct lead_score s = score_of(0.8, "v1");
	struct lead_put p = row_of(f, 1, "Web", 1);
	struct lead_version *past;
	struct lead l;
	size_t n;

	p.score = &s;
	put_rows(f, &p, 1, upload_a, 10);
	assert_int_equal(p.result, LEAD_CREATED);
	assert_false(p.wants_score);
	l = get(f, 1);
	assert_int_equal(l.version, 1);
	assert_int_equal(l.score.points, 80);
	assert_false(lead_stale(&l));
	same_text(l.values.text[LF_SOURCE], "Web");
	same_text(cells_get(l.cells, 1), "gold");
	/* The same file again, as another upload: nothing changes. */
	put_rows(f, &p, 1, upload_b, 20);
	assert_int_equal(p.result, LEAD_UNCHANGED);
	l = get(f, 1);
	assert_int_equal(l.version, 1);
	assert_int_equal(l.updated_ms, 10);
	/* Changed, and no score with it: the old one stays and is marked. */
	p = row_of(f, 1, "Referral", 2);
	put_rows(f, &p, 1, upload_b, 30);
	assert_int_equal(p.result, LEAD_UPDATED);
	assert_true(p.wants_score);
	l = get(f, 1);
	assert_int_equal(l.version, 2);
	assert_true(lead_stale(&l));
	assert_int_equal(l.score.points, 80);
	assert_int_equal(l.inserted_ms, 10);
	ok(f, f->s->leads->history(f->s, l.id, &f->a, &past, &n, &f->e));
	assert_int_equal(n, 1);
	assert_int_equal(past[0].lead.version, 1);
	assert_int_equal(past[0].until_ms, 30);
	assert_true(id_eq(past[0].upload, upload_b));
	same_text(past[0].lead.values.text[LF_SOURCE], "Web");
	assert_int_equal(f->s->leads->count(f->s, &f->e), 1);
}

static void test_a_batch_done_again_reports_the_same(void **state)
{
	struct fixture *f = *state;
	struct upload u = { .id = upload_a };
	struct upload_progress p = { .rows = { .read = 3, .created = 2, .updated = 1 },
		.position = 3 };
	struct lead_put_opts o = { .upload = upload_a, .now_ms = 5, .progress = &p };
	struct lead_put rows[3];
	int turn;

	rows[0] = row_of(f, 7, "Old", 1);
	put_rows(f, rows, 1, upload_b, 1);
	ok(f, f->s->uploads->put(f->s, &u, 0, &f->e));
	for (turn = 0; turn < 3; turn++) {
		rows[0] = row_of(f, 5, "Web", 1);
		rows[1] = row_of(f, 6, "Web", 1);
		rows[2] = row_of(f, 7, "Web", 1);
		ok(f, f->s->leads->put(f->s, rows, 3, &o, &f->e));
		assert_int_equal(rows[0].result, LEAD_CREATED);
		assert_int_equal(rows[1].result, LEAD_CREATED);
		assert_int_equal(rows[2].result, LEAD_UPDATED);
		ok(f, f->s->uploads->get(f->s, upload_a, &f->a, &u, &f->e));
		assert_int_equal(u.progress.position, 3);
		assert_int_equal(u.progress.rows.created, 2);
	}
	assert_int_equal(get(f, 7).version, 2);
}

static void test_a_batch_that_fails_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct upload_progress p = { .position = 1 };
	struct lead_put_opts o = { .upload = number_id(77), .progress = &p };
	struct lead_put row = row_of(f, 1, "Web", 1);
	struct lead l;

	refused(f, ERR_NOT_FOUND, f->s->leads->put(f->s, &row, 1, &o, &f->e));
	refused(f, ERR_NOT_FOUND, f->s->leads->get(f->s, number_id(1), &f->a, &l, &f->e));
	assert_int_equal(f->s->leads->count(f->s, &f->e), 0);
}

/* Neither what is stored nor what comes needs cells: a program may send values alone. */
static void test_leads_without_cells_are_changed_and_joined(void **state)
{
	struct fixture *f = *state;
	struct lead_put bare = { .id = number_id(1), .mapped = FIELD_BIT(LF_EMAIL), .row = 1 };
	struct lead_put p = row_of(f, 2, "Web", 1);
	struct lead_change c = { .now_ms = 20, .fields = FIELD_BIT(LF_EMAIL), .by = number_id(50) };
	struct lead l;

	lead_values_none(&bare.values);
	bare.values.text[LF_EMAIL] = S("old@example.org");
	put_rows(f, &bare, 1, upload_a, 10);
	lead_values_none(&c.values);
	c.values.text[LF_EMAIL] = S("new@example.org");
	ok(f, f->s->leads->change(f->s, bare.id, &c, &f->a, &l, &f->e));
	same_text(l.values.text[LF_EMAIL], "new@example.org");
	same_text(cells_get(l.cells, 0), "new@example.org");

	put_rows(f, &p, 1, upload_a, 10);
	bare.id = p.id;
	bare.digest[0] = 77;
	put_rows(f, &bare, 1, upload_b, 30);
	ok(f, f->s->leads->get(f->s, p.id, &f->a, &l, &f->e));
	same_text(l.values.text[LF_EMAIL], "old@example.org");
	same_text(cells_get(l.cells, 1), "gold"); /* those of the first file stay */
}

static void test_what_a_person_edited_an_upload_leaves_alone(void **state)
{
	struct fixture *f = *state;
	struct lead_put p = row_of(f, 1, "Web", 1);
	struct lead_change c = { .now_ms = 20, .fields = FIELD_BIT(LF_EMAIL), .by = number_id(50) };
	struct lead l;

	put_rows(f, &p, 1, upload_a, 10);
	lead_values_none(&c.values);
	c.values.text[LF_EMAIL] = S("new@example.org");
	ok(f, f->s->leads->change(f->s, p.id, &c, &f->a, &l, &f->e));
	assert_int_equal(l.version, 2);
	same_text(cells_get(l.cells, 0), "new@example.org");
	/* The same file changes nothing, though the lead is not as in it. */
	p = row_of(f, 1, "Web", 1);
	put_rows(f, &p, 1, upload_b, 30);
	assert_int_equal(p.result, LEAD_UNCHANGED);
	p = row_of(f, 1, "Partner", 2);
	put_rows(f, &p, 1, upload_b, 40);
	assert_int_equal(p.result, LEAD_UPDATED);
	l = get(f, 1);
	same_text(l.values.text[LF_EMAIL], "new@example.org");
	same_text(cells_get(l.cells, 0), "new@example.org");
	same_text(l.values.text[LF_SOURCE], "Partner");
	same_text(cells_get(l.cells, 2), "2");
}

static void test_a_second_file_joins_its_columns(void **state)
{
	static const char *const headers[] = { "Email", "Result" };
	struct fixture *f = *state;
	struct lead_score s = score_of(0.5, "v1");
	struct lead_put first = row_of(f, 1, "Web", 3), p = { .id = number_id(1), .row = 1 };
	struct buf b = { 0 };
	const struct layout *merged;
	struct lead l;

	put_rows(f, &first, 1, upload_a, 10);
	cells_pack((struct str[]){ S("p1@example.org"), S("signed") }, 2, &b);
	p.cells = buf_view(&b);
	p.layout = layout_of(f, headers, 2, LF_EMAIL);
	p.mapped = FIELD_BIT(LF_OUTCOME);
	lead_values_none(&p.values);
	p.values.outcome = LEAD_WON;
	p.digest[5] = 1;
	p.score = &s;
	put_rows(f, &p, 1, upload_b, 20);
	assert_int_equal(p.result, LEAD_UPDATED);
	assert_true(p.wants_score); /* it was scored on half of its cells */
	l = get(f, 1);
	same_text(l.values.text[LF_SOURCE], "Web");
	assert_int_equal(l.values.outcome, LEAD_WON);
	merged = f->s->layouts->get(f->s, l.layout, &f->e);
	assert_int_equal(merged->n, 4);
	same_text(cells_get(l.cells, (size_t)layout_find(merged, S("Pages"))), "3");
	same_text(cells_get(l.cells, (size_t)layout_find(merged, S("Result"))), "signed");
	/* And the first file again still changes nothing. */
	first = row_of(f, 1, "Web", 3);
	put_rows(f, &first, 1, nobody, 30);
	assert_int_equal(first.result, LEAD_UNCHANGED);
	buf_clear(&b);
}

static void test_only_known_leads_are_updated_on_request(void **state)
{
	struct fixture *f = *state;
	struct lead_put p = row_of(f, 1, "Web", 1);
	struct lead_put_opts o = { .upload = upload_a, .update_only = true };

	ok(f, f->s->leads->put(f->s, &p, 1, &o, &f->e));
	assert_int_equal(p.result, LEAD_MISSING);
	assert_int_equal(f->s->leads->count(f->s, &f->e), 0);
}

static void test_a_change_needs_the_version_it_was_made_for(void **state)
{
	struct fixture *f = *state;
	struct lead_put p = row_of(f, 1, "Web", 1);
	struct event ev = { .id = number_id(900), .lead = p.id, .kind = S("outcome") }, *events;
	struct lead_change c = { .version = 1, .fields = FIELD_BIT(LF_OUTCOME), .event = &ev };
	struct lead_score s = score_of(0.9, "v3");
	struct str next;
	struct lead l;
	size_t n;

	p.score = &s;
	put_rows(f, &p, 1, upload_a, 10);
	lead_values_none(&c.values);
	c.values.outcome = LEAD_WON;
	ok(f, f->s->leads->change(f->s, p.id, &c, &f->a, &l, &f->e));
	assert_int_equal(l.version, 2);
	/* What had been said of it when it was decided stays known. */
	assert_string_equal(l.closing_model, "v3");
	assert_int_equal(l.closing_heat, LEAD_HOT);
	assert_false(lead_stale(&l)); /* the outcome is no cell that is scored */
	ev.id = number_id(901);
	refused(f, ERR_CONFLICT, f->s->leads->change(f->s, p.id, &c, &f->a, &l, &f->e));
	refused(f, ERR_NOT_FOUND, f->s->leads->change(f->s, number_id(3), &c, &f->a, &l, &f->e));
	ok(f, f->s->events->list(f->s, p.id, 10, S(""), &f->a, &events, &n, &next, &f->e));
	assert_int_equal(n, 1); /* that of the change that was made */
	refused(f, ERR_CONFLICT, f->s->leads->remove(f->s, p.id, 1, &f->e));
	ok(f, f->s->leads->remove(f->s, p.id, 2, &f->e));
	refused(f, ERR_NOT_FOUND, f->s->leads->remove(f->s, p.id, 0, &f->e));
	ok(f, f->s->events->list(f->s, p.id, 10, S(""), &f->a, &events, &n, &next, &f->e));
	assert_int_equal(n, 0);
}

static void test_an_attribute_can_be_changed_and_added(void **state)
{
	struct fixture *f = *state;
	struct lead_put p = row_of(f, 1, "Web", 1);
	struct attribute_change at[] = { { S("Plan"), S("silver") }, { S("Extra"), S("yes") } };
	struct lead_change c = { .attributes = at, .n_attributes = 2 };
	struct query_value v = { S("yes"), NAN };
	struct query_filter filter = { { LF_ATTRIBUTE, S("Extra") }, QUERY_EQ, &v, 1 };
	struct lead_query q = { .filters = &filter, .n_filters = 1, .sort = { .field = LF_EMAIL } };
	struct lead l;

	put_rows(f, &p, 1, upload_a, 10);
	lead_values_none(&c.values);
	ok(f, f->s->leads->change(f->s, p.id, &c, &f->a, &l, &f->e));
	same_text(cells_get(l.cells, 1), "silver");
	assert_int_equal(page_of(f, q).total, 1);
}

static void test_overrides_stick_and_are_marked(void **state)
{
	struct fixture *f = *state;
	struct lead_put p = row_of(f, 1, "Web", 1);
	struct lead_score cold = score_of(0.1, "v1"), warm = score_of(0.5, "v1");
	struct lead_change c = { .now_ms = 5,
		.by = number_id(8),
		.set_override = true,
		.override_heat = LEAD_HOT,
		.override_note = S("met them") };
	struct lead_set_score set = { .id = number_id(1), .content = 1 };
	struct query_value hot = { S("hot"), NAN };
	struct query_filter is_hot = { { .field = LF_HEAT }, QUERY_EQ, &hot, 1 };
	struct lead_query q = { .filters = &is_hot, .n_filters = 1, .sort = { .field = LF_EMAIL } };
	struct lead l;

	p.score = &cold;
	put_rows(f, &p, 1, upload_a, 1);
	lead_values_none(&c.values);
	assert_int_equal(page_of(f, q).total, 0);
	ok(f, f->s->leads->change(f->s, p.id, &c, &f->a, NULL, &f->e));
	set.score = warm;
	ok(f, f->s->leads->set_scores(f->s, &set, 1, SCORE_TIME, 9, &f->e));
	assert_true(set.taken && set.moved);
	l = get(f, 1);
	assert_int_equal(lead_heat(&l), LEAD_HOT);
	assert_int_equal(l.score.heat, LEAD_WARM);
	same_text(l.override_mark.note, "met them");
	assert_true(id_eq(l.override_mark.by, number_id(8)));
	assert_int_equal(page_of(f, q).total, 1);
	c.override_heat = LEAD_NO_HEAT;
	ok(f, f->s->leads->change(f->s, p.id, &c, &f->a, NULL, &f->e));
	assert_int_equal(page_of(f, q).total, 0);
}

static void test_scores_belong_to_the_content_they_were_made_of(void **state)
{
	struct fixture *f = *state;
	struct lead_put p = row_of(f, 1, "Web", 1);
	struct lead_score one = score_of(0.2, "v1");
	struct lead_set_score set[2] = { { .id = number_id(1), .content = 1 },
		{ .id = number_id(99) } };
	struct past_score *past;
	struct lead l;
	size_t n;

	p.score = &one;
	put_rows(f, &p, 1, upload_a, 1);
	set[0].score = score_of(0.2049, "v1"); /* the same points */
	ok(f, f->s->leads->set_scores(f->s, set, 2, SCORE_TIME, 5, &f->e));
	assert_true(set[0].taken && !set[0].moved && !set[1].taken);
	set[0].score = score_of(0.9, "v2");
	ok(f, f->s->leads->set_scores(f->s, set, 1, SCORE_MODEL, 6, &f->e));
	assert_true(set[0].taken && set[0].moved);
	l = get(f, 1);
	assert_int_equal(l.score.previous_points, 20);
	assert_int_equal(l.version, 1);
	ok(f, f->s->leads->scores(f->s, p.id, &f->a, &past, &n, &f->e));
	assert_int_equal(n, 1);
	assert_string_equal(past[0].score.model, "v1");
	assert_int_equal(past[0].cause, SCORE_MODEL);
	p = row_of(f, 1, "Web", 2);
	put_rows(f, &p, 1, upload_b, 7);
	set[0].score = score_of(0.4, "v2"); /* computed before that row came */
	ok(f, f->s->leads->set_scores(f->s, set, 1, SCORE_TIME, 8, &f->e));
	assert_false(set[0].taken);
	l = get(f, 1);
	assert_true(lead_stale(&l));
}

static void test_undo_restores_deletes_and_keeps_what_came_later(void **state)
{
	struct fixture *f = *state;
	struct lead_put rows[4];
	struct lead_change c = { .now_ms = 30, .fields = FIELD_BIT(LF_SOURCE) };
	struct lead_undo part;
	struct str cursor = S("");
	uint64_t restored = 0, deleted = 0;
	size_t kept = 0;
	struct lead l;

	rows[0] = row_of(f, 1, "Web", 1);
	rows[1] = row_of(f, 2, "Web", 1);
	put_rows(f, rows, 2, upload_a, 10);
	rows[0] = row_of(f, 1, "Bad", 2);
	rows[1] = row_of(f, 2, "Bad", 2);
	rows[2] = row_of(f, 3, "Bad", 2);
	rows[3] = row_of(f, 1, "Worse", 3); /* a second row for the first */
	rows[3].row = 4;
	put_rows(f, rows, 4, upload_b, 20);
	lead_values_none(&c.values);
	c.values.text[LF_SOURCE] = S("Mine");
	ok(f, f->s->leads->change(f->s, number_id(2), &c, &f->a, NULL, &f->e));
	do {
		ok(f, f->s->leads->undo(f->s, upload_b, 40, nobody, cursor, &f->a, &part, &f->e));
		restored += part.restored;
		deleted += part.deleted;
		kept += part.n_kept;
		if (part.n_kept > 0)
			assert_true(id_eq(part.kept[0], number_id(2)));
		cursor = part.next;
	} while (cursor.n > 0);
	assert_int_equal(restored, 1);
	assert_int_equal(deleted, 1);
	assert_int_equal(kept, 1);
	l = get(f, 1);
	same_text(l.values.text[LF_SOURCE], "Web");
	same_text(cells_get(l.cells, 2), "1");
	assert_int_equal(l.version, 4);
	same_text(get(f, 2).values.text[LF_SOURCE], "Mine");
	assert_int_equal(f->s->leads->count(f->s, &f->e), 2);
	/* And the first upload can still be undone. */
	cursor = S("");
	do {
		ok(f, f->s->leads->undo(f->s, upload_a, 50, nobody, cursor, &f->a, &part, &f->e));
		cursor = part.next;
	} while (cursor.n > 0);
	assert_int_equal(f->s->leads->count(f->s, &f->e), 1);
}

static void test_an_erased_lead_leaves_an_id_and_nothing_else(void **state)
{
	struct fixture *f = *state;
	struct lead_put p = row_of(f, 1, "Web", 1);
	struct event ev = { .id = number_id(900), .lead = number_id(1), .kind = S("note") },
		     *events;
	struct note note = { .id = number_id(901), .lead = number_id(1), .text = S("called") },
		    *notes;
	struct reply r = { .key = { 1 }, .lead = number_id(1), .body = S("{}"), .expires_ms = 99 },
		     old;
	struct id ids[2] = { number_id(1), number_id(2) }, *buried;
	struct lead_version *past;
	struct lead_query q = { .words = S("p1"), .sort = { .field = LF_EMAIL } };
	size_t n;

	put_rows(f, &p, 1, upload_a, 1);
	p = row_of(f, 1, "Web", 2);
	put_rows(f, &p, 1, upload_b, 2);
	ok(f, f->s->events->add(f->s, &ev, 1, &f->e));
	ok(f, f->s->notes->put(f->s, &note, &f->e));
	assert_int_equal(f->s->replies->begin(f->s, &r, 10, &f->a, &old, &f->e), 0);
	ok(f, f->s->replies->finish(f->s, &r, &f->e));
	assert_int_equal(page_of(f, q).total, 1);
	ok(f, f->s->leads->erase(f->s, ids, 2, 5, &f->e));
	assert_int_equal(page_of(f, q).total, 0);
	assert_int_equal(f->s->leads->count(f->s, &f->e), 0);
	ok(f, f->s->leads->history(f->s, ids[0], &f->a, &past, &n, &f->e));
	assert_int_equal(n, 0);
	ok(f, f->s->events->since(f->s, S(""), 0, 10, &f->a, &events, &n, &f->e));
	assert_int_equal(n, 0);
	ok(f, f->s->notes->list(f->s, ids[0], &f->a, &notes, &n, &f->e));
	assert_int_equal(n, 0);
	assert_int_equal(f->s->replies->begin(f->s, &r, 10, &f->a, &old, &f->e), 0);
	ok(f, f->s->leads->tombstones(f->s, &f->a, &buried, &n, &f->e));
	assert_int_equal(n, 2);
	assert_true(id_eq(buried[0], ids[0]) && id_eq(buried[1], ids[1]));
}

static void test_pages_neither_skip_nor_repeat_while_leads_come_and_go(void **state)
{
	enum { N = 300 };
	struct fixture *f = *state;
	struct lead_put rows[N];
	struct lead_query q = { .limit = 7, .at = NAN, .sort = { .field = LF_SOURCE } };
	struct lead_page page;
	uint8_t seen[N] = { 0 };
	unsigned i, extra = N;

	for (i = 0; i < N; i++)
		rows[i] = row_of(f, i, i % 3 ? "Web" : "", 1);
	put_rows(f, rows, N, upload_a, 1);
	do {
		struct lead_put more = row_of(f, extra, extra % 2 ? "Aaa" : "Zzz", 1);

		extra++;
		ok(f, f->s->leads->list(f->s, &q, &f->a, &page, &f->e));
		for (i = 0; i < page.n; i++) {
			unsigned n = (unsigned)page.leads[i].id.b[0] << 8 | page.leads[i].id.b[1];

			if (n < N)
				assert_int_equal(seen[n]++, 0);
		}
		put_rows(f, &more, 1, upload_b, 2);
		if (extra % 5 == 0)
			ok(f, f->s->leads->remove(f->s, number_id(extra - 2), 0, &f->e));
		q.cursor = page.next_cursor;
	} while (q.cursor.n > 0);
	for (i = 0; i < N; i++)
		assert_int_equal(seen[i], 1);
}

static void test_queries_that_make_no_sense_are_refused(void **state)
{
	struct fixture *f = *state;
	struct query_value v = { S("x"), NAN };
	struct query_filter filter = { { .field = LF_SCORE }, QUERY_EQ, &v, 1 };
	struct lead_query q = { .filters = &filter,
		.n_filters = 1,
		.limit = 10,
		.at = NAN,
		.sort = { .field = LF_EMAIL } };
	struct lead_page page;

	refused(f, ERR_INPUT, f->s->leads->list(f->s, &q, &f->a, &page, &f->e));
	filter.column.field = LF_HEAT;
	refused(f, ERR_INPUT, f->s->leads->list(f->s, &q, &f->a, &page, &f->e));
	filter.op = QUERY_CONTAINS;
	refused(f, ERR_INPUT, f->s->leads->list(f->s, &q, &f->a, &page, &f->e));
	filter = (struct query_filter){ { .field = LF_EMAIL }, QUERY_EQ, &v, 0 };
	refused(f, ERR_INPUT, f->s->leads->list(f->s, &q, &f->a, &page, &f->e));
	q.n_filters = 0;
	q.limit = 0;
	refused(f, ERR_INPUT, f->s->leads->list(f->s, &q, &f->a, &page, &f->e));
	q.limit = 5001;
	refused(f, ERR_INPUT, f->s->leads->list(f->s, &q, &f->a, &page, &f->e));
	q.limit = 10;
	q.at = 1.5;
	refused(f, ERR_INPUT, f->s->leads->list(f->s, &q, &f->a, &page, &f->e));
	q.at = NAN;
	q.cursor = S("nonsense that is long enough to be one");
	refused(f, ERR_INPUT, f->s->leads->list(f->s, &q, &f->a, &page, &f->e));
	q.sort = QUERY_NO_COLUMN;
	refused(f, ERR_INPUT, f->s->leads->list(f->s, &q, &f->a, &page, &f->e));
}

/* --- events, notes, uploads
 * ------------------------------------------------------------------------- */

static void test_events_are_listed_newest_first_and_once(void **state)
{
	struct fixture *f = *state;
	struct event ev[30], *out;
	struct str cursor = S(""), next;
	size_t n, i, total = 0;

	for (i = 0; i < 30; i++)
		ev[i] = (struct event){ .id = number_id(100 + (unsigned)i),
			.lead = number_id(1),
			.at_ms = (int64_t)i,
			.kind = i % 2 ? S("note") : S("band"),
			.text = S("t") };
	ok(f, f->s->events->add(f->s, ev, 30, &f->e));
	ok(f, f->s->events->add(f->s, ev, 30, &f->e)); /* a call repeated */
	do {
		ok(f, f->s->events->list(
			      f->s, number_id(1), 7, cursor, &f->a, &out, &n, &next, &f->e));
		for (i = 0; i < n; i++, total++)
			assert_int_equal(out[i].at_ms, 29 - (int64_t)total);
		cursor = next;
	} while (cursor.n > 0);
	assert_int_equal(total, 30);
	ok(f, f->s->events->since(f->s, S("note"), 20, 100, &f->a, &out, &n, &f->e));
	assert_int_equal(n, 5);
	refused(f, ERR_INPUT,
		f->s->events->list(f->s, number_id(1), 7, S("xx"), &f->a, &out, &n, &next, &f->e));
}

static void test_notes_can_be_changed_and_taken_away(void **state)
{
	struct fixture *f = *state;
	struct note note = { .id = number_id(5), .lead = number_id(1), .text = S("one") }, *out;
	size_t n;

	ok(f, f->s->notes->put(f->s, &note, &f->e));
	note.text = S("two");
	ok(f, f->s->notes->put(f->s, &note, &f->e));
	ok(f, f->s->notes->list(f->s, number_id(1), &f->a, &out, &n, &f->e));
	assert_int_equal(n, 1);
	same_text(out[0].text, "two");
	ok(f, f->s->notes->remove(f->s, number_id(1), note.id, &f->e));
	refused(f, ERR_NOT_FOUND, f->s->notes->remove(f->s, number_id(1), note.id, &f->e));
}

static void test_an_upload_is_replaced_only_at_its_version(void **state)
{
	struct fixture *f = *state;
	struct upload u = { .id = upload_a, .filename = S("leads.csv"), .bytes = 12 }, back, *list;
	struct upload_progress p = { .position = 9, .fraction = 0.5 };
	struct str next;
	size_t n;

	ok(f, f->s->uploads->put(f->s, &u, 0, &f->e));
	assert_int_equal(u.version, 1);
	refused(f, ERR_CONFLICT, f->s->uploads->put(f->s, &u, 0, &f->e));
	ok(f, f->s->uploads->progress(f->s, upload_a, &p, 3, &f->e));
	u.state = UPLOAD_DONE;
	ok(f, f->s->uploads->put(f->s, &u, 1, &f->e));
	ok(f, f->s->uploads->get(f->s, upload_a, &f->a, &back, &f->e));
	assert_int_equal(back.version, 2);
	assert_int_equal(back.state, UPLOAD_DONE);
	assert_int_equal(back.progress.position, 9); /* what the import wrote is not lost */
	same_text(back.filename, "leads.csv");
	refused(f, ERR_CONFLICT, f->s->uploads->put(f->s, &u, 1, &f->e));
	ok(f, f->s->uploads->list(f->s, 10, S(""), &f->a, &list, &n, &next, &f->e));
	assert_int_equal(n, 1);
	assert_int_equal(next.n, 0);
	ok(f, f->s->uploads->remove(f->s, upload_a, &f->e));
	refused(f, ERR_NOT_FOUND, f->s->uploads->get(f->s, upload_a, &f->a, &back, &f->e));
}

/* --- jobs
 * ---------------------------------------------------------------------------------------------- */

static struct job new_job(struct fixture *f, unsigned n, const char *dedupe, int priority)
{
	struct job j = { .id = number_id(n),
		.kind = S("import"),
		.dedupe = str_of(dedupe),
		.args = S("{}"),
		.priority = priority,
		.max_tries = 3,
		.created_ms = 1 },
		   out;
	bool existed;

	ok(f, f->s->jobs->enqueue(f->s, &j, &f->a, &out, &existed, &f->e));
	return out;
}

static int claim(struct fixture *f, struct job *out)
{
	return f->s->jobs->claim(f->s, S("me"), NULL, 0, 30000, &f->a, out, &f->e);
}

static void test_jobs_are_given_out_by_priority_then_age(void **state)
{
	struct fixture *f = *state;
	struct str other = S("train");
	struct job j;
	bool existed;

	clock_set_ms(1000);
	new_job(f, 1, "", 0);
	new_job(f, 2, "", 5);
	new_job(f, 3, "", 5);
	j = (struct job){
		.id = number_id(4), .kind = S("import"), .run_at_ms = 5000, .priority = 9
	};
	ok(f, f->s->jobs->enqueue(f->s, &j, &f->a, &j, &existed, &f->e));
	assert_int_equal(f->s->jobs->claim(f->s, S("me"), &other, 1, 1000, &f->a, &j, &f->e), 0);
	assert_int_equal(claim(f, &j), 1);
	assert_true(id_eq(j.id, number_id(2)));
	assert_int_equal(j.state, JOB_RUNNING);
	assert_int_equal(claim(f, &j), 1);
	assert_true(id_eq(j.id, number_id(3)));
	assert_int_equal(claim(f, &j), 1);
	assert_true(id_eq(j.id, number_id(1)));
	assert_int_equal(claim(f, &j), 0);
	clock_set_ms(5000);
	assert_int_equal(claim(f, &j), 1);
	assert_true(id_eq(j.id, number_id(4)));
}

static void test_one_job_at_a_time_holds_a_key(void **state)
{
	struct fixture *f = *state;
	struct job a = new_job(f, 1, "k", 0), b = new_job(f, 2, "k", 0), j;

	assert_true(id_eq(a.id, b.id)); /* the one that is there */
	assert_int_equal(claim(f, &j), 1);
	ok(f, f->s->jobs->finish(f->s, j.id, j.epoch, S("{\"n\":1}"), &f->e));
	ok(f, f->s->jobs->finish(f->s, j.id, j.epoch, S("{\"n\":1}"), &f->e)); /* repeated */
	b = new_job(f, 2, "k", 0);
	assert_true(id_eq(b.id, number_id(2)));
	ok(f, f->s->jobs->get(f->s, a.id, &f->a, &j, &f->e));
	assert_int_equal(j.state, JOB_DONE);
	same_text(j.result, "{\"n\":1}");
}

static void test_a_holder_that_went_silent_is_shut_out(void **state)
{
	struct fixture *f = *state;
	struct job_beat beat = { .lease_ms = 30000, .progress = 0.25, .step = S("reading") };
	struct job first, second;
	bool cancel;

	clock_set_ms(1000);
	new_job(f, 1, "", 0);
	assert_int_equal(claim(f, &first), 1);
	beat.id = first.id;
	beat.epoch = first.epoch;
	clock_set_ms(20000);
	ok(f, f->s->jobs->heartbeat(f->s, &beat, &cancel, &f->e));
	assert_false(cancel);
	clock_set_ms(49999);
	assert_int_equal(claim(f, &second), 0);
	clock_set_ms(50000);
	assert_int_equal(claim(f, &second), 1);
	assert_int_equal(second.epoch, first.epoch + 1);
	assert_int_equal(second.crashes, 1);
	assert_true(second.progress == 0.25);
	refused(f, ERR_CONFLICT, f->s->jobs->heartbeat(f->s, &beat, &cancel, &f->e));
	refused(f, ERR_CONFLICT, f->s->jobs->finish(f->s, first.id, first.epoch, S(""), &f->e));
	ok(f, f->s->jobs->finish(f->s, second.id, second.epoch, S(""), &f->e));
}

static void test_a_job_that_kills_its_workers_is_not_given_out_for_ever(void **state)
{
	struct fixture *f = *state;
	struct job j;
	int turn;

	clock_set_ms(1000);
	j = (struct job){ .id = number_id(1), .kind = S("import"), .max_tries = 100 };
	ok(f, f->s->jobs->enqueue(f->s, &j, &f->a, &j, NULL, &f->e));
	for (turn = 0; turn < 3; turn++) {
		assert_int_equal(claim(f, &j), 1);
		clock_step_ms(60000);
	}
	assert_int_equal(claim(f, &j), 0);
	ok(f, f->s->jobs->get(f->s, number_id(1), &f->a, &j, &f->e));
	assert_int_equal(j.state, JOB_DEAD);
	assert_int_equal(j.crashes, 3);
	assert_true(j.error.n > 0);
}

static void test_a_job_that_comes_further_each_time_is_never_given_up(void **state)
{
	struct fixture *f = *state;
	struct job j;
	bool cancel;

	clock_set_ms(1000);
	j = (struct job){ .id = number_id(1), .kind = S("import"), .max_tries = 4 };
	ok(f, f->s->jobs->enqueue(f->s, &j, &f->a, &j, NULL, &f->e));
	for (int turn = 0; turn < 12; turn++) {
		char text[32];
		struct job_beat beat = { .lease_ms = 30000, .progress = NAN };

		assert_int_equal(claim(f, &j), 1);
		assert_true(j.crashes <= 2 && j.tries <= 3);
		beat.id = j.id;
		beat.epoch = j.epoch;
		/* It takes two runs for a step. */
		snprintf(text, sizeof(text), "{\"position\":%d}", turn / 2);
		beat.checkpoint = str_of(text);
		ok(f, f->s->jobs->heartbeat(f->s, &beat, &cancel, &f->e));
		clock_step_ms(60000);
	}
	/* Without one, the third crash is the last. */
	assert_int_equal(claim(f, &j), 1);
	assert_int_equal(j.crashes, 2);
	clock_step_ms(60000);
	assert_int_equal(claim(f, &j), 0);
	ok(f, f->s->jobs->get(f->s, number_id(1), &f->a, &j, &f->e));
	assert_int_equal(j.state, JOB_DEAD);
}

static void test_a_failing_job_is_tried_again_later_and_then_dead(void **state)
{
	struct fixture *f = *state;
	struct job j;
	int turn;

	clock_set_ms(1000);
	new_job(f, 1, "", 0);
	for (turn = 1; turn <= 3; turn++) {
		assert_int_equal(claim(f, &j), 1);
		assert_int_equal(j.tries, turn);
		ok(f, (f->s->jobs->fail)(f->s, j.id, j.epoch, S("no disk"), 5000, &f->e));
		assert_int_equal(claim(f, &j), 0);
		clock_step_ms(5000);
	}
	ok(f, f->s->jobs->get(f->s, number_id(1), &f->a, &j, &f->e));
	assert_int_equal(j.state, JOB_DEAD);
	same_text(j.error, "no disk");
	new_job(f, 2, "", 0);
	assert_int_equal(claim(f, &j), 1);
	ok(f, (f->s->jobs->fail)(f->s, j.id, j.epoch, S("wrong file"), -1, &f->e));
	ok(f, f->s->jobs->get(f->s, number_id(2), &f->a, &j, &f->e));
	assert_int_equal(j.state, JOB_FAILED);
}

static void test_jobs_are_cancelled_at_once_or_when_they_look(void **state)
{
	struct fixture *f = *state;
	struct job_beat beat = { .lease_ms = 1000, .progress = NAN };
	struct job j;
	bool cancel = false;

	new_job(f, 1, "", 0);
	ok(f, f->s->jobs->cancel(f->s, number_id(1), &f->e));
	ok(f, f->s->jobs->get(f->s, number_id(1), &f->a, &j, &f->e));
	assert_int_equal(j.state, JOB_CANCELLED);
	new_job(f, 2, "", 0);
	assert_int_equal(claim(f, &j), 1);
	ok(f, f->s->jobs->cancel(f->s, j.id, &f->e));
	beat.id = j.id;
	beat.epoch = j.epoch;
	ok(f, f->s->jobs->heartbeat(f->s, &beat, &cancel, &f->e));
	assert_true(cancel);
	ok(f, f->s->jobs->stopped(f->s, j.id, j.epoch, &f->e));
	ok(f, f->s->jobs->get(f->s, number_id(2), &f->a, &j, &f->e));
	assert_int_equal(j.state, JOB_CANCELLED);
	new_job(f, 3, "", 0);
	assert_int_equal(claim(f, &j), 1);
	ok(f, f->s->jobs->release(f->s, j.id, j.epoch, &f->e)); /* the server stops */
	assert_int_equal(claim(f, &j), 1);
	assert_int_equal(j.tries, 1);
	ok(f, f->s->jobs->finish(f->s, j.id, j.epoch, S(""), &f->e));
	refused(f, ERR_CONFLICT, f->s->jobs->cancel(f->s, j.id, &f->e));
	refused(f, ERR_NOT_FOUND, f->s->jobs->cancel(f->s, number_id(44), &f->e));
}

static void *cancel_later(void *arg)
{
	struct fixture *f = arg;
	struct err e;

	usleep(20000);
	f->s->jobs->cancel(f->s, number_id(1), &e);
	return NULL;
}

static void test_changes_of_jobs_are_seen_in_order_and_wake_who_waits(void **state)
{
	struct fixture *f = *state;
	struct job_filter running = { .state = JOB_CANCELLED };
	struct job *jobs;
	struct str next;
	pthread_t t;
	int64_t seq;
	uint64_t purged;
	size_t n;

	new_job(f, 1, "", 0);
	new_job(f, 2, "", 0);
	seq = f->s->jobs->sequence(f->s, &f->e);
	ok(f, f->s->jobs->changed(f->s, 0, 10, &f->a, &jobs, &n, &f->e));
	assert_int_equal(n, 2);
	assert_int_equal(jobs[1].sequence, seq);
	assert_int_equal(f->s->jobs->wait(f->s, (uint64_t)seq, 10), seq); /* its time is up */
	pthread_create(&t, NULL, cancel_later, f);
	assert_int_equal(f->s->jobs->wait(f->s, (uint64_t)seq, 20000), seq + 1);
	pthread_join(t, NULL);
	ok(f, f->s->jobs->changed(f->s, (uint64_t)seq, 10, &f->a, &jobs, &n, &f->e));
	assert_int_equal(n, 1);
	assert_int_equal(jobs[0].state, JOB_CANCELLED);
	ok(f, f->s->jobs->list(f->s, &running, 10, S(""), &f->a, &jobs, &n, &next, &f->e));
	assert_int_equal(n, 1);
	ok(f, f->s->jobs->purge(f->s, INT64_MAX, &purged, &f->e));
	assert_int_equal(purged, 1);
	ok(f, f->s->jobs->list(f->s, NULL, 10, S(""), &f->a, &jobs, &n, &next, &f->e));
	assert_int_equal(n, 1);
}

/* --- people
 * --------------------------------------------------------------------------------------------- */

static void test_one_user_per_email_whatever_its_case(void **state)
{
	struct fixture *f = *state;
	struct user u = { .id = number_id(1),
		.email = S("Ann@Example.org"),
		.role = USER_ADMIN,
		.subject = S("idp ann") },
		    v = { .id = number_id(2), .email = S("ann@example.ORG") }, back, *all;
	size_t n;

	ok(f, f->s->users->put(f->s, &u, 0, &f->e));
	refused(f, ERR_CONFLICT, f->s->users->put(f->s, &v, 0, &f->e));
	v.email = S("ben@example.org");
	ok(f, f->s->users->put(f->s, &v, 0, &f->e));
	ok(f, f->s->users->by_email(f->s, S("ANN@example.org"), &f->a, &back, &f->e));
	assert_true(id_eq(back.id, u.id));
	ok(f, f->s->users->by_subject(f->s, S("idp ann"), &f->a, &back, &f->e));
	u.email = S("anna@example.org");
	ok(f, f->s->users->put(f->s, &u, 1, &f->e));
	refused(f, ERR_CONFLICT, f->s->users->put(f->s, &u, 1, &f->e));
	v.email = S("ann@example.org"); /* free again */
	ok(f, f->s->users->put(f->s, &v, 1, &f->e));
	ok(f, f->s->users->use_totp(f->s, u.id, 5, &f->e));
	refused(f, ERR_CONFLICT, f->s->users->use_totp(f->s, u.id, 5, &f->e));
	ok(f, f->s->users->list(f->s, &f->a, &all, &n, &f->e));
	assert_int_equal(n, 2);
	ok(f, f->s->users->remove(f->s, u.id, &f->e));
	refused(f, ERR_NOT_FOUND,
		f->s->users->by_email(f->s, S("anna@example.org"), &f->a, &back, &f->e));
	refused(f, ERR_NOT_FOUND, f->s->users->by_subject(f->s, S("idp ann"), &f->a, &back, &f->e));
}

static void test_sessions_end_one_by_one_or_all_together(void **state)
{
	struct fixture *f = *state;
	struct session x = { .user = number_id(1), .expires_ms = 100, .address = S("::1") }, back,
		       *list;
	uint64_t ended;
	size_t n;
	uint8_t i;

	for (i = 1; i <= 4; i++) {
		x.hash[0] = i;
		x.created_ms = x.seen_ms = i;
		ok(f, f->s->sessions->put(f->s, &x, &f->e));
	}
	ok(f, f->s->sessions->touch(f->s, x.hash, 50, &f->e));
	ok(f, f->s->sessions->get(f->s, x.hash, &f->a, &back, &f->e));
	assert_int_equal(back.seen_ms, 50);
	ok(f, f->s->sessions->list(f->s, number_id(1), &f->a, &list, &n, &f->e));
	assert_int_equal(n, 4);
	assert_int_equal(list[0].created_ms, 4);
	x.hash[0] = 1;
	ok(f, f->s->sessions->remove(f->s, x.hash, &f->e));
	refused(f, ERR_NOT_FOUND, f->s->sessions->get(f->s, x.hash, &f->a, &back, &f->e));
	ok(f, f->s->sessions->purge(f->s, 60, 3, &f->e)); /* 2 is idle */
	x.hash[0] = 4;
	ok(f, f->s->sessions->end(f->s, number_id(1), x.hash, &ended, &f->e));
	assert_int_equal(ended, 1);
	ok(f, f->s->sessions->get(f->s, x.hash, &f->a, &back, &f->e));
	ok(f, f->s->sessions->end_all(f->s, &f->e));
	refused(f, ERR_NOT_FOUND, f->s->sessions->get(f->s, x.hash, &f->a, &back, &f->e));
}

static void test_keys_are_found_by_their_hash(void **state)
{
	struct fixture *f = *state;
	struct api_key k = { .id = number_id(1),
		.hash = { 1 },
		.name = S("crm"),
		.scopes = S("read score"),
		.last_used_ms = MS_NONE,
		.revoked_ms = MS_NONE },
		       back, *all;
	size_t n;

	ok(f, f->s->keys->put(f->s, &k, &f->e));
	ok(f, f->s->keys->by_hash(f->s, k.hash, &f->a, &back, &f->e));
	same_text(back.scopes, "read score");
	ok(f, f->s->keys->used(f->s, k.id, 9, &f->e));
	ok(f, f->s->keys->used(f->s, k.id, 8, &f->e));
	ok(f, f->s->keys->get(f->s, k.id, &f->a, &back, &f->e));
	assert_int_equal(back.last_used_ms, 9);
	k.hash[0] = 2;
	ok(f, f->s->keys->put(f->s, &k, &f->e));
	k.hash[0] = 1;
	refused(f, ERR_NOT_FOUND, f->s->keys->by_hash(f->s, k.hash, &f->a, &back, &f->e));
	ok(f, f->s->keys->list(f->s, &f->a, &all, &n, &f->e));
	assert_int_equal(n, 1);
}

static void test_a_token_works_once_and_in_time(void **state)
{
	struct fixture *f = *state;
	struct token t = { .hash = { 3 }, .kind = S("reset"), .data = S("{}"), .expires_ms = 100 },
		     out;

	ok(f, f->s->tokens->put(f->s, &t, &f->e));
	refused(f, ERR_NOT_FOUND,
		f->s->tokens->take(f->s, t.hash, S("setup"), 50, &f->a, &out, &f->e));
	refused(f, ERR_NOT_FOUND,
		f->s->tokens->take(f->s, t.hash, S("reset"), 100, &f->a, &out, &f->e));
	ok(f, f->s->tokens->peek(f->s, t.hash, S("reset"), 50, &f->a, &out, &f->e));
	ok(f, f->s->tokens->take(f->s, t.hash, S("reset"), 50, &f->a, &out, &f->e));
	refused(f, ERR_NOT_FOUND,
		f->s->tokens->take(f->s, t.hash, S("reset"), 50, &f->a, &out, &f->e));
}

static void test_tries_are_counted_within_their_window(void **state)
{
	struct fixture *f = *state;
	uint32_t n;
	int64_t last;

	ok(f, f->s->tries->add(f->s, S("a"), 1000, 500, &n, &f->e));
	ok(f, f->s->tries->add(f->s, S("a"), 1499, 500, &n, &f->e));
	assert_int_equal(n, 2);
	ok(f, f->s->tries->get(f->s, S("a"), 1499, 500, &n, &last, &f->e));
	assert_int_equal(n, 2);
	assert_int_equal(last, 1499);
	ok(f, f->s->tries->add(f->s, S("a"), 1500, 500, &n, &f->e));
	assert_int_equal(n, 1);
	ok(f, f->s->tries->clear(f->s, S("a"), &f->e));
	ok(f, f->s->tries->get(f->s, S("a"), 1500, 500, &n, &last, &f->e));
	assert_int_equal(n, 0);
}

/* --- audit, settings, views, replies
 * -------------------------------------------------------------------- */

static void test_the_audit_chain_holds(void **state)
{
	struct fixture *f = *state;
	struct audit_filter by = {
		.action = S("login.*"), .since_ms = MS_NONE, .until_ms = MS_NONE
	};
	struct audit a, *list;
	struct str next;
	uint64_t checked, bad, purged;
	size_t n;
	int i;

	for (i = 1; i <= 20; i++) {
		a = (struct audit){ .at_ms = i,
			.actor = S("cli"),
			.action = i % 2 ? S("login.ok") : S("key.created") };
		ok(f, f->s->audit->add(f->s, &a, &f->e));
		assert_int_equal(a.sequence, i);
	}
	ok(f, f->s->audit->verify(f->s, &checked, &bad, &f->e));
	assert_int_equal(checked, 20);
	assert_int_equal(bad, 0);
	ok(f, f->s->audit->list(f->s, &by, 4, S(""), &f->a, &list, &n, &next, &f->e));
	assert_int_equal(n, 4);
	assert_int_equal(list[0].sequence, 19);
	ok(f, f->s->audit->list(f->s, &by, 40, next, &f->a, &list, &n, &next, &f->e));
	assert_int_equal(n, 6);
	ok(f, f->s->audit->purge(f->s, 11, &purged, &f->e));
	assert_int_equal(purged, 10);
	ok(f, f->s->audit->verify(f->s, &checked, &bad, &f->e));
	assert_int_equal(checked, 10);
	assert_int_equal(bad, 0);
}

static void test_settings_have_versions(void **state)
{
	struct fixture *f = *state;
	struct setting x = { .key = S("reps.see"), .value = S("\"own\"") }, back, *list;
	size_t n;

	ok(f, f->s->settings->get(f->s, x.key, &f->a, &back, &f->e));
	assert_int_equal(back.version, 0);
	ok(f, f->s->settings->put(f->s, &x, 0, &f->e));
	refused(f, ERR_CONFLICT, f->s->settings->put(f->s, &x, 0, &f->e));
	ok(f, f->s->settings->put(f->s, &x, UINT64_MAX, &f->e));
	assert_int_equal(x.version, 2);
	ok(f, f->s->settings->list(f->s, S("reps"), &f->a, &list, &n, &f->e));
	assert_int_equal(n, 1);
	same_text(list[0].value, "\"own\"");
	x.value = S("");
	ok(f, f->s->settings->put(f->s, &x, 2, &f->e));
	ok(f, f->s->settings->list(f->s, S(""), &f->a, &list, &n, &f->e));
	assert_int_equal(n, 0);
}

static void test_views_are_seen_by_their_owner_or_all(void **state)
{
	struct fixture *f = *state;
	struct view a = { .id = number_id(1), .owner = number_id(8), .name = S("b") },
		    b = { .id = number_id(2),
			    .owner = number_id(9),
			    .name = S("a"),
			    .shared = true },
		    *list;
	struct user u = { .id = number_id(8), .email = S("x@y.z") };
	size_t n;

	ok(f, f->s->views->put(f->s, &a, 0, &f->e));
	ok(f, f->s->views->put(f->s, &b, 0, &f->e));
	ok(f, f->s->views->list(f->s, number_id(8), &f->a, &list, &n, &f->e));
	assert_int_equal(n, 2);
	same_text(list[0].name, "a");
	ok(f, f->s->views->list(f->s, number_id(9), &f->a, &list, &n, &f->e));
	assert_int_equal(n, 1);
	ok(f, f->s->users->put(f->s, &u, 0, &f->e));
	ok(f, f->s->users->remove(f->s, u.id, &f->e));
	ok(f, f->s->views->list(f->s, number_id(8), &f->a, &list, &n, &f->e));
	assert_int_equal(n, 1); /* the shared one */
}

static void test_a_request_is_answered_once(void **state)
{
	struct fixture *f = *state;
	struct reply r = { .key = { 1 }, .request = { 2 }, .created_ms = 100, .expires_ms = 1000 },
		     old;

	assert_int_equal(f->s->replies->begin(f->s, &r, 50, &f->a, &old, &f->e), 0);
	r.created_ms = 120;
	assert_int_equal(f->s->replies->begin(f->s, &r, 50, &f->a, &old, &f->e), 1);
	assert_false(old.done);
	r.created_ms = 150; /* the first one is taken for dead */
	assert_int_equal(f->s->replies->begin(f->s, &r, 50, &f->a, &old, &f->e), 0);
	r.status = 201;
	r.body = S("{}");
	ok(f, f->s->replies->finish(f->s, &r, &f->e));
	r.created_ms = 900;
	assert_int_equal(f->s->replies->begin(f->s, &r, 50, &f->a, &old, &f->e), 1);
	assert_true(old.done);
	assert_int_equal(old.status, 201);
	same_text(old.body, "{}");
	r.created_ms = 1000; /* expired */
	assert_int_equal(f->s->replies->begin(f->s, &r, 50, &f->a, &old, &f->e), 0);
	ok(f, f->s->replies->drop(f->s, r.key, &f->e));
	ok(f, f->s->replies->purge(f->s, 5000, &f->e));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_layout_is_stored_once),
		T(test_columns_read_in_another_way_are_another_layout),
		T(test_a_row_makes_updates_or_leaves_a_lead),
		T(test_a_batch_done_again_reports_the_same),
		T(test_a_batch_that_fails_leaves_nothing),
		T(test_leads_without_cells_are_changed_and_joined),
		T(test_what_a_person_edited_an_upload_leaves_alone),
		T(test_a_second_file_joins_its_columns),
		T(test_only_known_leads_are_updated_on_request),
		T(test_a_change_needs_the_version_it_was_made_for),
		T(test_an_attribute_can_be_changed_and_added),
		T(test_overrides_stick_and_are_marked),
		T(test_scores_belong_to_the_content_they_were_made_of),
		T(test_undo_restores_deletes_and_keeps_what_came_later),
		T(test_an_erased_lead_leaves_an_id_and_nothing_else),
		T(test_pages_neither_skip_nor_repeat_while_leads_come_and_go),
		T(test_queries_that_make_no_sense_are_refused),
		T(test_events_are_listed_newest_first_and_once),
		T(test_notes_can_be_changed_and_taken_away),
		T(test_an_upload_is_replaced_only_at_its_version),
		T(test_jobs_are_given_out_by_priority_then_age),
		T(test_one_job_at_a_time_holds_a_key),
		T(test_a_holder_that_went_silent_is_shut_out),
		T(test_a_job_that_kills_its_workers_is_not_given_out_for_ever),
		T(test_a_job_that_comes_further_each_time_is_never_given_up),
		T(test_a_failing_job_is_tried_again_later_and_then_dead),
		T(test_jobs_are_cancelled_at_once_or_when_they_look),
		T(test_changes_of_jobs_are_seen_in_order_and_wake_who_waits),
		T(test_one_user_per_email_whatever_its_case),
		T(test_sessions_end_one_by_one_or_all_together),
		T(test_keys_are_found_by_their_hash),
		T(test_a_token_works_once_and_in_time),
		T(test_tries_are_counted_within_their_window),
		T(test_the_audit_chain_holds),
		T(test_settings_have_versions),
		T(test_views_are_seen_by_their_owner_or_all),
		T(test_a_request_is_answered_once),
	};
	int failed;

	backend = "memory";
	failed = cmocka_run_group_tests_name("memory", tests, NULL, NULL);
	backend = "sqlite";
	return failed + cmocka_run_group_tests_name("sqlite", tests, NULL, NULL);
}
