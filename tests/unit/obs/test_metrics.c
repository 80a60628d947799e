/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "obs/metrics.h"
#include "util/buf.h"

static void has(const char *line, bool wanted)
{
	struct buf b = { 0 };

	metrics_print(&b);
	buf_c(&b, '\0');
	if ((strstr(b.p, line) != NULL) != wanted)
		fail_msg("%s\n%s", line, b.p);
	buf_clear(&b);
}

static void test_what_has_counted_nothing_says_zero(void **state)
{
	has("heatscore_log_dropped_lines_total 0\n", true);
	metrics_add(METRIC_log_dropped, 2);
	has("heatscore_log_dropped_lines_total 2\n", true);
	assert_int_equal(metrics_count(METRIC_log_dropped), 2);
}

static void test_gauges_are_set_and_moved(void **state)
{
	metrics_set(METRIC_http_queue, 7);
	has("heatscore_http_worker_queue_length 7\n", true);
	metrics_inc(METRIC_http_connections, 3);
	metrics_inc(METRIC_http_connections, -1);
	has("heatscore_http_connections 2\n", true);
}

/* A label must never make as many series as a client likes. */
static void test_label_values_are_few_and_escaped(void **state)
{
	char value[16];

	metrics_add_l(METRIC_http_limit_rejections, "a\"b\\c\nd", 1);
	has("heatscore_http_limit_rejections_total{limit=\"a\\\"b\\\\c\\nd\"} 1\n", true);
	for (int i = 0; i < 1000; i++) {
		snprintf(value, sizeof(value), "v%d", i);
		metrics_add_l(METRIC_http_limit_rejections, value, 1);
	}
	has("limit=\"v10\"} 1\n", true);
	has("limit=\"v900\"}", false);
	has("limit=\"other\"} ", true);
	assert_int_equal(metrics_count(METRIC_http_limit_rejections), 1001);
}

static void test_a_histogram_has_every_bound(void **state)
{
	struct metric_hist h = { 0 };
	struct buf b = { 0 };

	metric_hist_add(&h, 0.005);
	metric_hist_add(&h, 0.0051);
	metric_hist_add(&h, 100);
	metric_hist_print(&b, "x_seconds", S("a=\"b\""), &h);
	buf_c(&b, '\0');
	assert_non_null(strstr(b.p, "x_seconds_bucket{a=\"b\",le=\"0.005\"} 1\n"));
	assert_non_null(strstr(b.p, "x_seconds_bucket{a=\"b\",le=\"0.01\"} 2\n"));
	assert_non_null(strstr(b.p, "x_seconds_bucket{a=\"b\",le=\"10\"} 2\n"));
	assert_non_null(strstr(b.p, "x_seconds_bucket{a=\"b\",le=\"+Inf\"} 3\n"));
	assert_non_null(strstr(b.p, "x_seconds_count{a=\"b\"} 3\n"));
	buf_clear(&b);
}

static void add_family(void *ctx, struct buf *b)
{
	metric_family(b, "mine", "gauge", "of the test");
	buf_z(b, "mine 1\n");
}

static void test_collectors_come_and_go(void **state)
{
	int ctx;

	metrics_collector(add_family, &ctx);
	has("# TYPE mine gauge\nmine 1\n", true);
	metrics_collector_drop(&ctx);
	has("mine", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_has_counted_nothing_says_zero),
		cmocka_unit_test(test_gauges_are_set_and_moved),
		cmocka_unit_test(test_label_values_are_few_and_escaped),
		cmocka_unit_test(test_a_histogram_has_every_bound),
		cmocka_unit_test(test_collectors_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
