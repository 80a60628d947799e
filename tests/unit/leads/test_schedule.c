/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "leads/schedule.h"
#include "record/id.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"
#include "util/when.h"

static int64_t at(const char *text)
{
	int64_t ms;

	assert_int_equal(when_read(str_of(text), &ms, NULL), 0);
	return ms;
}

static void assert_next(const struct schedule *s, const char *now, const char *want)
{
	char text[WHEN_TEXT] = "never";
	int64_t next = schedule_next_retrain(s, at(now));

	if (next != MS_NONE)
		when_write(next, text);
	assert_string_equal(text, want);
}

static void test_a_training_is_due_on_its_day_at_its_hour(void **state)
{
	struct schedule s;

	schedule_default(&s);
	assert_next(&s, "2026-11-27T08:00:00Z", "never");
	s.every = SCHEDULE_WEEK; /* Mondays at 3 */
	assert_next(&s, "2026-11-27T08:00:00Z", "2026-11-30T03:00:00Z");
	assert_next(&s, "2026-11-30T02:59:59Z", "2026-11-30T03:00:00Z");
	/* At the very moment it is the next one's turn. */
	assert_next(&s, "2026-11-30T03:00:00Z", "2026-12-07T03:00:00Z");
	s.day = 7;
	assert_next(&s, "2026-11-27T08:00:00Z", "2026-11-29T03:00:00Z");
	s.every = SCHEDULE_MONTH;
	s.day = 31; /* or the last there is */
	assert_next(&s, "2026-11-27T08:00:00Z", "2026-11-30T03:00:00Z");
	assert_next(&s, "2026-11-30T03:00:00Z", "2026-12-31T03:00:00Z");
	assert_next(&s, "2026-12-31T04:00:00Z", "2027-01-31T03:00:00Z");
	assert_next(&s, "2028-02-01T00:00:00Z", "2028-02-29T03:00:00Z");
}

static void test_daily_work_is_due_once_a_day(void **state)
{
	assert_int_equal(
		schedule_next_daily(2, at("2026-11-27T01:59:59Z")), at("2026-11-27T02:00:00Z"));
	assert_int_equal(
		schedule_next_daily(2, at("2026-11-27T02:00:00Z")), at("2026-11-28T02:00:00Z"));
	assert_int_equal(
		schedule_next_daily(0, at("2026-12-31T23:00:00Z")), at("2027-01-01T00:00:00Z"));
}

struct faults {
	int n;
	char first[64];
};

static void fault(void *ctx, const char *pointer, const char *detail)
{
	struct faults *f = ctx;

	if (f->n++ == 0)
		snprintf(f->first, sizeof(f->first), "%s", pointer);
}

static int parse(const char *text, struct schedule *s, struct faults *f)
{
	struct err e = { 0 };
	struct json *v = json_parse(str_of(text), &e);
	int rc;

	assert_non_null(v);
	*f = (struct faults){ 0 };
	schedule_default(s);
	rc = schedule_read(v, s, fault, f, &e);
	json_free(v);
	return rc;
}

static void test_what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *text, *pointer;
	} cases[] = {
		{ "{\"retrain\":{\"every\":\"day\"}}", "/retrain/every" },
		{ "{\"retrain\":{\"hour\":24}}", "/retrain/hour" },
		{ "{\"retrain\":{\"hour\":2.5}}", "/retrain/hour" },
		{ "{\"retrain\":{\"every\":\"week\",\"day\":8}}", "/retrain/day" },
		{ "{\"retrain\":{\"day\":0}}", "/retrain/day" },
		{ "{\"retrain\":{\"publish\":\"yes\"}}", "/retrain/publish" },
		{ "{\"retrain\":[]}", "/retrain" },
		{ "{\"rescore\":{\"hour\":-1}}", "/rescore/hour" },
		{ "{\"coffee\":{}}", "/" },
	};
	struct schedule s;
	struct faults f;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(parse(cases[i].text, &s, &f), -1);
		assert_string_equal(f.first, cases[i].pointer);
	}
	/* Two faults are two. */
	assert_int_equal(
		parse("{\"retrain\":{\"hour\":99},\"rescore\":{\"hour\":99}}", &s, &f), -1);
	assert_int_equal(f.n, 2);
}

static void test_members_left_out_stay(void **state)
{
	struct schedule s;
	struct faults f;
	struct buf b = { 0 };
	struct jw w = { .b = &b };

	assert_int_equal(
		parse("{\"retrain\":{\"every\":\"month\",\"day\":31,\"publish\":\"gate\"}}", &s,
			&f),
		0);
	assert_int_equal(s.every, SCHEDULE_MONTH);
	assert_int_equal(s.hour, 3);
	assert_true(s.publish);
	jw_obj(&w);
	schedule_write(&w, &s);
	jw_end_obj(&w);
	buf_c(&b, '\0');
	assert_string_equal(b.p,
		"{\"retrain\":{\"every\":\"month\",\"day\":31,\"hour\":3,\"publish\":\"gate\"},"
		"\"rescore\":{\"hour\":2},\"drift\":{\"hour\":4}}");
	buf_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_training_is_due_on_its_day_at_its_hour),
		cmocka_unit_test(test_daily_work_is_due_once_a_day),
		cmocka_unit_test(test_what_is_wrong_is_named),
		cmocka_unit_test(test_members_left_out_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
