/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <signal.h>
#include <unistd.h>

#include "obs/log.h"
#include "obs/trace.h"
#include "util/err.h"
#include "util/json.h"

/* Standard error goes to a file while a test logs. */
static FILE *divert(int *keep)
{
	FILE *f = tmpfile();

	fflush(stderr);
	*keep = dup(STDERR_FILENO);
	dup2(fileno(f), STDERR_FILENO);
	return f;
}

static size_t back(FILE *f, int keep, char *text, size_t max)
{
	size_t n;

	dup2(keep, STDERR_FILENO);
	close(keep);
	rewind(f);
	n = fread(text, 1, max - 1, f);
	text[n] = '\0';
	fclose(f);
	return n;
}

static void test_a_line_of_json_whatever_is_in_it(void **state)
{
	char text[8192], huge[6000];
	struct trace t;
	struct err e = { 0 };
	struct json *v;
	int keep;
	FILE *f;

	memset(huge, '"', sizeof(huge));
	trace_begin(&t, S("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
	trace_enter(&t);
	log_set(LOG_LEVEL_INFO, LOG_FORMAT_JSON);
	f = divert(&keep);
	LOG_DEBUG("not.this");
	LOG_INFO("it.happened", LOG_STR("text", S("a\"b\\c\nd\x1b\x7f")), LOG_U64("n", INT64_MAX),
		LOG_I64("i", -1), LOG_F64("f", 0.5), LOG_F64("nan", 0.0 / 0.0),
		LOG_BOOL("b", true));
	LOG_WARN("long", LOG_STR("text", ((struct str){ huge, sizeof(huge) })), LOG_U64("n", 1));
	back(f, keep, text, sizeof(text));
	trace_leave();
	v = json_parse(str_sub(str_of(text), 0, strcspn(text, "\n")), &e);
	assert_non_null(v);
	assert_true(str_eq(json_str(json_get(v, "event"), S("")), S("it.happened")));
	assert_true(str_eq(json_str(json_get(v, "text"), S("")), S("a\"b\\c\nd\x1b\x7f")));
	assert_true(str_eq(
		json_str(json_get(v, "trace_id"), S("")), S("4bf92f3577b34da6a3ce929d0e0e4736")));
	assert_true(str_eq(json_str(json_get(v, "request_id"), S("")), str_of(t.request_id)));
	assert_int_equal(json_type(json_get(v, "nan")), J_NULL);
	json_free(v);
	/* Cut, but still one line of JSON's size. */
	assert_true(strlen(strchr(text, '\n') + 1) <= 4096);
	assert_int_equal(strchr(text, '\n')[1], '{');
}

static void test_text_cannot_forge_a_line(void **state)
{
	char text[1024];
	int keep;
	FILE *f;

	log_set(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
	f = divert(&keep);
	LOG_INFO("login", LOG_STR("agent", S("x\n2026-01-01T00:00:00.000Z error forged")),
		LOG_Z("a", "b=c"));
	back(f, keep, text, sizeof(text));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	assert_non_null(strstr(text, "agent=\"x\\u000a2026"));
	assert_non_null(strstr(text, "a=\"b=c\""));
}

static void test_wrong_traceparents_are_replaced(void **state)
{
	static const char *const wrong[] = { "", "00",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
		"00-00000000000000000000000000000000-00f067aa0ba902b7-01",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
		"00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
		"ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
		"00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" };
	const char *right = "4bf92f3577b34da6a3ce929d0e0e4736";
	char id[TRACE_ID], other_id[TRACE_ID];
	struct trace t, other;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		trace_begin(&t, str_of(wrong[i]));
		trace_id(&t, id);
		assert_int_equal(strspn(id, "0123456789abcdef"), 32);
		assert_int_equal(strlen(id), 32);
		assert_string_not_equal(id, right);
		assert_string_equal(t.parent_id, "");
		trace_begin(&other, str_of(wrong[i]));
		trace_id(&other, other_id);
		assert_string_not_equal(id, other_id);
		assert_string_not_equal(t.request_id, other.request_id);
	}
	trace_begin(&t, S("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-later"));
	trace_id(&t, id);
	assert_string_equal(id, right);
	assert_string_equal(t.parent_id, "00f067aa0ba902b7");
}

/* The reader of standard error stops reading: nobody waits, lines are dropped and counted. */
static void test_a_reader_that_hangs_stops_nobody(void **state)
{
	struct err e = { 0 };
	int ends[2], keep;

	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(ends), 0);
	fflush(stderr);
	keep = dup(STDERR_FILENO);
	log_set(LOG_LEVEL_INFO, LOG_FORMAT_JSON);
	assert_int_equal(log_start(&e), 0);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	for (int i = 0; i < 60000; i++)
		LOG_INFO("a.line.that.takes.some.room", LOG_I64("i", i));
	close(ends[0]); /* the hanging write ends */
	log_stop();
	dup2(keep, STDERR_FILENO);
	close(keep);
	assert_true(log_dropped() > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_line_of_json_whatever_is_in_it),
		cmocka_unit_test(test_text_cannot_forge_a_line),
		cmocka_unit_test(test_wrong_traceparents_are_replaced),
		cmocka_unit_test(test_a_reader_that_hangs_stops_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
