/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "features/profile.h"
#include "leads/mapping.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"
#include "util/when.h"

enum { COLUMNS = 8 };

/* A table: the header, then rows; ends in NULL. Cells are split at commas. */
static size_t split(const char *line, struct str cells[COLUMNS])
{
	struct str rest = str_of(line), head, tail;
	size_t n = 0;

	while (str_split(rest, ',', &head, &tail)) {
		cells[n++] = head;
		rest = tail;
	}
	cells[n++] = rest;
	assert_true(n <= COLUMNS);
	return n;
}

static struct mapping *guess(const char *const *lines)
{
	struct mapping *m = malloc(sizeof(*m));
	struct str names[COLUMNS], cells[COLUMNS];
	struct profile_opts o = { .now = 20000 };
	struct err e = { 0 };
	size_t n = split(lines[0], names);
	struct profiler *pr = profiler_new(names, n, &o, &e);
	struct profile *p;

	assert_non_null(m);
	assert_non_null(pr);
	for (size_t i = 1; lines[i] != NULL; i++) {
		assert_int_equal(split(lines[i], cells), n);
		assert_int_equal(profiler_row(pr, cells, &e), 0);
	}
	assert_non_null(p = profiler_end(pr, &e));
	assert_int_equal(mapping_guess(m, p, NULL, &e), 0);
	profile_free(p);
	return m;
}

static void drop(struct mapping *m)
{
	mapping_clear(m);
	free(m);
}

static enum lead_field use_of(const struct mapping *m, const char *name)
{
	for (size_t i = 0; i < m->n; i++)
		if (str_eq(m->cols[i].name, str_of(name)))
			return m->cols[i].use;
	fail_msg("there is no column %s", name);
	return LF_IGNORE;
}

static void test_headers_and_values_say_which_field_a_column_is(void **state)
{
	static const char *const t[] = { "Lead ID,E-Mail,Firma,Telefon,Visits,Lead Source",
		"L1,a@x.com,Acme,+49 30 1234567,3,Web", "L2,b@y.org,Beta,+49 40 7654321,5,Fair",
		"L3,c@z.net,Gamma,+49 89 2345678,9,Web", NULL };
	struct mapping *m = guess(t);

	(void)state;
	assert_int_equal(use_of(m, "Lead ID"), LF_EXTERNAL_ID);
	assert_int_equal(use_of(m, "E-Mail"), LF_EMAIL);
	assert_int_equal(use_of(m, "Firma"), LF_COMPANY);
	assert_int_equal(use_of(m, "Telefon"), LF_PHONE);
	assert_int_equal(use_of(m, "Visits"), LF_ATTRIBUTE);
	assert_int_equal(use_of(m, "Lead Source"), LF_SOURCE);
	assert_int_equal(m->outcome, -1);
	drop(m);
}

/* Also where one of them is no day of the calendar, so that the column is no date. */
static void test_dates_are_no_phone_numbers(void **state)
{
	static const char *const t[] = { "Email,Signup Date,Seen,Day",
		"a@x.com,2026-01-03,03.01.2026,1/3/2026", "b@x.com,2026-02-30,30.02.2026,2/30/2026",
		"c@x.com,2026-03-01,01.03.2026,3/1/2026", NULL };
	struct mapping *m = guess(t);

	(void)state;
	for (size_t i = 1; i < m->n; i++)
		assert_int_not_equal(m->cols[i].use, LF_PHONE);
	drop(m);
}

static void test_of_two_columns_for_one_field_the_fuller_is_taken(void **state)
{
	static const char *const t[] = { "Email,Email Address", ",a@x.com", ",b@x.com", ",c@x.com",
		"d@x.com,d@y.com", NULL };
	struct mapping *m = guess(t);

	(void)state;
	assert_true(m->cols[0].conflict && m->cols[1].conflict);
	assert_int_equal((m->cols[0].use == LF_EMAIL) + (m->cols[1].use == LF_EMAIL), 1);
	drop(m);
}

static void assert_outcome(
	const char *const *t, const char *column, const char *won, const char *lost)
{
	struct mapping *m = guess(t);

	if (column == NULL) {
		if (m->outcome >= 0)
			fail_msg(
				"%s: guessed as " STR_FMT, t[0], STR_ARG(m->cols[m->outcome].name));
	} else {
		assert_true(m->outcome >= 0);
		assert_true(str_eq(m->cols[m->outcome].name, str_of(column)));
		assert_int_equal(m->n_won, 1);
		assert_true(str_eq(m->won[0], str_of(won)));
		assert_int_equal(m->n_lost, 1);
		assert_true(str_eq(m->lost[0], str_of(lost)));
		assert_int_equal(mapping_outcome(m, str_of(won)), LEAD_WON);
		assert_int_equal(mapping_outcome(m, str_of(lost)), LEAD_LOST);
		assert_int_equal(mapping_outcome(m, S("neither")), LEAD_OPEN);
	}
	drop(m);
}

static void test_the_outcome_is_guessed_from_name_and_words(void **state)
{
	static const char *const stage[] = { "Name,Stage", "A,Won", "B,Lost", "C,New", NULL };
	static const char *const y[] = { "age,poutcome,y", "40,success,yes", "50,nonexistent,no",
		"30,failure,no", NULL };
	static const char *const previous[] = { "age,poutcome", "40,success", "50,nonexistent",
		"30,failure", NULL };
	static const char *const label[] = { "id,label_conversion", "a,1", "b,0", "c,0", NULL };
	static const char *const words[] = { "Name,How it went", "A,Won", "B,Lost", "C,", NULL };
	static const char *const flag[] = { "Name,Newsletter", "A,yes", "B,no", "C,no", NULL };

	(void)state;
	assert_outcome(stage, "Stage", "Won", "Lost");
	assert_outcome(y, "y", "yes", "no");
	assert_outcome(label, "label_conversion", "1", "0");
	assert_outcome(words, "How it went", "Won", "Lost");
	assert_outcome(previous, NULL, NULL, NULL); /* of an earlier campaign */
	assert_outcome(flag, NULL, NULL, NULL);
}

static const char *const people[] = { "Key,Mail,Town,When,Money,Stage",
	"K1,a@x.com,Rome,2026-01-31,10.5,won", "K2,b@x.com,Oslo,2026-02-28,20.5,lost",
	"K3,c@x.com,Bern,2026-03-31,30.5,open", NULL };

static void test_a_person_edits_it(void **state)
{
	static const struct {
		const char *mapping, *outcome, *pointer; /* NULL: it is taken */
	} t[] = {
		{ "{\"Key\":\"external_id\",\"Town\":\"city\",\"When\":\"created_at\"}", NULL,
			NULL },
		{ "{\"Town\":\"ignore\",\"Money\":\"value\"}", NULL, NULL },
		{ NULL, "{\"column\":\"Stage\",\"won\":[\"won\"],\"lost\":[\"lost\"]}", NULL },
		{ "{\"Nowhere\":\"city\"}", NULL, "/mapping/Nowhere" },
		{ "{\"Town\":\"score\"}", NULL, "/mapping/Town" },
		{ "{\"Town\":7}", NULL, "/mapping/Town" },
		{ "{\"Town\":\"email\",\"Mail\":\"email\"}", NULL, "/mapping/" },
		{ "[]", NULL, "/mapping" },
		{ NULL, "{\"column\":\"Nowhere\"}", "/outcome/column" },
		{ NULL, "{\"column\":\"Stage\",\"won\":\"won\"}", "/outcome/won" },
		{ NULL, "{\"column\":\"Stage\",\"won\":[\"x\"],\"lost\":[\"x\"]}",
			"/outcome/lost" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct mapping *m = guess(people);
		char pointer[MAPPING_POINTER] = "";
		struct err e = { 0 };
		struct json *fields =
			t[i].mapping == NULL ? NULL : json_parse(str_of(t[i].mapping), &e);
		struct json *outcome =
			t[i].outcome == NULL ? NULL : json_parse(str_of(t[i].outcome), &e);
		int rc = mapping_edit(m, fields, outcome, pointer, &e);

		if (rc != (t[i].pointer == NULL ? 0 : -1) ||
			(rc == -1 && (e.code != ERR_INPUT || strncmp(pointer, t[i].pointer,
								     strlen(t[i].pointer)) != 0)))
			fail_msg("case %zu: %d, %s, %s", i, rc, pointer, e.msg);
		json_free(fields);
		json_free(outcome);
		drop(m);
	}
}

static void test_a_row_becomes_values(void **state)
{
	struct mapping *m = guess(people);
	struct err e = { 0 };
	struct json *fields =
		json_parse(S("{\"Key\":\"external_id\",\"Mail\":\"email\",\"Town\":\"city\","
			     "\"When\":\"created_at\",\"Money\":\"value\"}"),
			&e);
	char pointer[MAPPING_POINTER];
	struct str cells[COLUMNS];
	struct lead_values v;

	(void)state;
	assert_int_equal(mapping_edit(m, fields, NULL, pointer, &e), 0);
	split("K9,z@x.com,Wien,2026-05-04,99.25,won", cells);
	mapping_values(m, cells, &v);
	assert_true(str_eq(v.text[LF_EXTERNAL_ID], S("K9")));
	assert_true(str_eq(v.text[LF_EMAIL], S("z@x.com")));
	assert_true(str_eq(v.text[LF_CITY], S("Wien")));
	assert_true(v.created_ms == INT64_C(1777852800000)); /* 2026-05-04T00:00:00Z */
	assert_true(v.value == 99.25);
	assert_int_equal(v.outcome, LEAD_WON);
	/* What cannot be read is not known; what is empty is no fault. */
	split("K9,,,soon,much,", cells);
	mapping_values(m, cells, &v);
	assert_true(v.created_ms == MS_NONE && isnan(v.value));
	assert_int_equal(v.outcome, LEAD_OPEN);
	assert_false(mapping_cell_ok(m, 3, S("soon")));
	assert_false(mapping_cell_ok(m, 4, S("much")));
	assert_true(mapping_cell_ok(m, 3, S("")));
	assert_true(mapping_cell_ok(m, 3, S("2026-05-04")));
	json_free(fields);
	drop(m);
}

static void test_it_is_kept_as_json_and_known_by_its_headers_in_any_order(void **state)
{
	static const char *const other[] = { "Stage,Money,When,Town,Mail,Key",
		"won,10.5,2026-01-31,Rome,a@x.com,K1", "lost,20.5,2026-02-28,Oslo,b@x.com,K2",
		"open,30.5,2026-03-31,Bern,c@x.com,K3", NULL };
	static const char *const more[] = { "Key,Mail", "K1,a@x.com", "K2,b@x.com", NULL };
	struct mapping *m = guess(people), *o = guess(other), *x = guess(more), back;
	char a[MAPPING_HEADERS], b[MAPPING_HEADERS], c[MAPPING_HEADERS];
	struct buf text = { 0 };
	struct jw w = { .b = &text };
	struct err e = { 0 };
	struct json *v;

	(void)state;
	assert_int_equal(mapping_headers(m, a, &e), 0);
	assert_int_equal(mapping_headers(o, b, &e), 0);
	assert_int_equal(mapping_headers(x, c, &e), 0);
	assert_string_equal(a, b);
	assert_string_not_equal(a, c);
	jw_obj(&w);
	mapping_write(m, NULL, &w);
	jw_end_obj(&w);
	assert_non_null(v = json_parse(buf_view(&text), &e));
	assert_int_equal(mapping_read(&back, v, &e), 0);
	assert_int_equal(back.n, m->n);
	for (size_t i = 0; i < m->n; i++) {
		assert_true(str_eq(back.cols[i].name, m->cols[i].name));
		assert_int_equal(back.cols[i].use, m->cols[i].use);
	}
	assert_int_equal(back.outcome, m->outcome);
	assert_int_equal(mapping_outcome(&back, S("won")), LEAD_WON);
	mapping_clear(&back);
	json_free(v);
	buf_clear(&text);
	drop(m);
	drop(o);
	drop(x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers_and_values_say_which_field_a_column_is),
		cmocka_unit_test(test_dates_are_no_phone_numbers),
		cmocka_unit_test(test_of_two_columns_for_one_field_the_fuller_is_taken),
		cmocka_unit_test(test_the_outcome_is_guessed_from_name_and_words),
		cmocka_unit_test(test_a_person_edits_it),
		cmocka_unit_test(test_a_row_becomes_values),
		cmocka_unit_test(test_it_is_kept_as_json_and_known_by_its_headers_in_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
