/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <stdatomic.h>
#include <time.h>

#include "obs/health.h"
#include "obs/log.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"

static int check(void *ctx, struct err *e)
{
	atomic_int *state = ctx; /* 0: fine, 1: fails, 2: hangs until it is 0 */
	struct timespec t = { 0, 1000000 };

	while (atomic_load(state) == 2)
		nanosleep(&t, NULL);
	return atomic_load(state) == 0 ? 0 : err_set(e, ERR_IO, "as asked");
}

static bool becomes(struct health *h, bool ready, const char *says)
{
	int64_t until = clock_mono_ms() + 20000;
	struct timespec t = { 0, 5000000 };
	char why[300];

	while (clock_mono_ms() < until) {
		if (health_ready(h, why, sizeof(why)) == ready && strstr(why, says) != NULL)
			return true;
		nanosleep(&t, NULL);
	}
	return false;
}

static void test_needed_checks_decide(void **state)
{
	atomic_int disk = 0, mail = 1;
	struct err e = { 0 };
	struct health *h = health_new(&e);
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	char why[300];

	log_set(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
	health_add(h, "disk", true, check, &disk);
	health_add(h, "mail", false, check, &mail);
	assert_false(health_ready(h, why, sizeof(why)));
	assert_string_equal(why, "starting");
	assert_int_equal(health_start(h, &e), 0);
	assert_true(health_ready(h, why, sizeof(why)));
	jw_obj(&w);
	health_print(h, &w, true);
	jw_end_obj(&w);
	buf_c(&b, '\0');
	assert_string_equal(b.p, "{\"status\":\"degraded\",\"checks\":[{\"name\":\"disk\","
				 "\"status\":\"ok\",\"needed\":true},"
				 "{\"name\":\"mail\",\"status\":\"failed\",\"needed\":false,"
				 "\"detail\":\"as asked\"}]}");
	atomic_store(&disk, 1);
	assert_true(becomes(h, false, "disk: as asked"));
	atomic_store(&disk, 0);
	assert_true(becomes(h, true, ""));
	/* One that hangs is seen by its silence, and holds nobody up. */
	atomic_store(&disk, 2);
	assert_true(becomes(h, false, "does not answer"));
	atomic_store(&disk, 0);
	assert_true(becomes(h, true, ""));
	health_drain(h);
	assert_false(health_ready(h, why, sizeof(why)));
	assert_string_equal(why, "stopping");
	buf_clear(&b);
	health_free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_needed_checks_decide) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
