/* SPDX-License-Identifier: Apache-2.0 */
/* What every backend must do with leads and their layouts. Each test runs against each backend. */
#include "store_suite.h"

/* --- layouts */

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

/* --- leads */

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

/* Rows that come while those before are put: ${parts} of them, then ${end}. */
struct coming {
	struct lead_put *rows;
	size_t n, parts, asked;
	int end;
};

static int come(void *arg, bool wait, struct lead_put **rows, size_t *n, struct err *e)
{
	struct coming *c = arg;

	if (c->asked++ % 2 == 0)
		return 2; /* none yet */
	if (c->parts == 0)
		return c->end == -1 ? err_set(e, ERR_IO, "the file is gone") : c->end;
	c->parts--;
	*rows = c->rows;
	*n = c->n;
	c->rows += c->n;
	return 1;
}

static void test_rows_that_come_later_are_of_the_same_batch(void **state)
{
	struct fixture *f = *state;
	struct upload u = { .id = upload_a };
	struct upload_progress p = { .position = 5 };
	struct lead_put rows[5];
	struct coming c = { .rows = rows + 1, .n = 2, .parts = 2 };
	struct lead_put_opts o = {
		.upload = upload_a, .now_ms = 5, .progress = &p, .more = come, .more_arg = &c
	};

	for (unsigned i = 0; i < 5; i++) {
		rows[i] = row_of(f, i == 4 ? 1 : i, "Web", i);
		rows[i].row = i;
	}
	put_rows(f, &rows[3], 1, upload_b, 1);
	ok(f, f->s->uploads->put(f->s, &u, 0, &f->e));
	ok(f, f->s->leads->put(f->s, rows, 1, &o, &f->e));
	assert_int_equal(rows[0].result, LEAD_CREATED);
	assert_int_equal(rows[1].result, LEAD_CREATED);
	assert_int_equal(rows[3].result, LEAD_UNCHANGED);
	assert_int_equal(rows[4].result, LEAD_UPDATED); /* the lead of rows[1] again */
	assert_int_equal(f->s->leads->count(f->s, &f->e), 4);
	assert_int_equal(get(f, 1).version, 2);
	assert_int_equal(page_of(f, (struct lead_query){ 0 }).total, 4);
	ok(f, f->s->uploads->get(f->s, upload_a, &f->a, &u, &f->e));
	assert_int_equal(u.progress.position, 5);
}

static void test_a_batch_whose_rows_stop_coming_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct upload u = { .id = upload_a };
	struct upload_progress p = { .position = 3 };
	struct lead_put rows[3];
	struct coming c = { .rows = rows + 1, .n = 1, .parts = 2, .end = -1 };
	struct lead_put_opts o = {
		.upload = upload_a, .progress = &p, .more = come, .more_arg = &c
	};

	for (unsigned i = 0; i < 3; i++)
		rows[i] = row_of(f, i, "Web", 1);
	ok(f, f->s->uploads->put(f->s, &u, 0, &f->e));
	refused(f, ERR_IO, f->s->leads->put(f->s, rows, 1, &o, &f->e));
	assert_int_equal(c.parts, 0);
	assert_int_equal(f->s->leads->count(f->s, &f->e), 0);
	assert_int_equal(page_of(f, (struct lead_query){ 0 }).n, 0);
	ok(f, f->s->uploads->get(f->s, upload_a, &f->a, &u, &f->e));
	assert_int_equal(u.progress.position, 0);
}

/* However often the same one comes: what counts is how many came. */
static void test_a_batch_that_grows_past_the_limit_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct lead_put *rows = calloc(5001, sizeof(*rows));
	struct coming c = { .rows = rows + 1, .n = 2500, .parts = 2 };
	struct lead_put_opts o = { .more = come, .more_arg = &c };

	assert_non_null(rows);
	for (unsigned i = 0; i <= 5000; i++) {
		rows[i] = row_of(f, 1, "Web", 1);
		rows[i].id = number_id(i);
	}
	refused(f, ERR_LIMIT, f->s->leads->put(f->s, rows, 1, &o, &f->e));
	assert_int_equal(f->s->leads->count(f->s, &f->e), 0);
	free(rows);
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

static void test_only_leads_that_were_picked_are_listed(void **state)
{
	struct fixture *f = *state;
	struct lead_put rows[6];
	struct id none[1] = { number_id(0) };
	struct id ids[] = { number_id(1), number_id(2), number_id(4), number_id(77) };
	struct query_value web = { S("Web"), NAN };
	struct query_filter is_web = { { .field = LF_SOURCE }, QUERY_EQ, &web, 1 };
	struct lead_query q = {
		.ids = ids, .n_ids = 4, .sort = { .field = LF_EMAIL }, .descending = true
	};
	struct lead_page page;

	for (unsigned i = 0; i < 6; i++)
		rows[i] = row_of(f, i, i == 2 ? "Fair" : "Web", 1);
	put_rows(f, rows, 6, upload_a, 1);
	page = page_of(f, q);
	assert_int_equal(page.total, 3);
	assert_true(id_eq(page.leads[0].id, ids[2]) && id_eq(page.leads[2].id, ids[0]));
	q.filters = &is_web;
	q.n_filters = 1;
	assert_int_equal(page_of(f, q).total, 2);
	q.words = S("p4");
	assert_int_equal(page_of(f, q).total, 1);
	q.sort = QUERY_NO_COLUMN;
	assert_true(id_eq(page_of(f, q).leads[0].id, ids[2]));
	q = (struct lead_query){ .ids = none, .sort = { .field = LF_EMAIL } };
	assert_int_equal(page_of(f, q).total, 0); /* none at all, and not any */
	q = (struct lead_query){ .ids = ids, .n_ids = 4, .limit = 9, .at = NAN };
	ids[3] = ids[0];
	refused(f, ERR_INPUT, f->s->leads->list(f->s, &q, &f->a, &page, &f->e));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_layout_is_stored_once),
		T(test_columns_read_in_another_way_are_another_layout),
		T(test_a_row_makes_updates_or_leaves_a_lead),
		T(test_a_batch_done_again_reports_the_same),
		T(test_a_batch_that_fails_leaves_nothing),
		T(test_rows_that_come_later_are_of_the_same_batch),
		T(test_a_batch_whose_rows_stop_coming_leaves_nothing),
		T(test_a_batch_that_grows_past_the_limit_leaves_nothing),
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
		T(test_only_leads_that_were_picked_are_listed),
		T(test_queries_that_make_no_sense_are_refused),
	};

	RETURN_SUITE(tests);
}
