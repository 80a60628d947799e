/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <unistd.h>

#include "config/conf.h"
#include "config/options.h"
#include "config/settings.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/file.h"
#include "util/json.h"

static char dir[] = "/tmp/heatscore-conf-XXXXXX";
static char path[64], secret[64];

static int set_up(void **state)
{
	struct err e = { 0 };

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/heatscore.conf", dir);
	snprintf(secret, sizeof(secret), "%s/secret", dir);
	return file_write(secret, S("from a file\n"), &e);
}

static int tear_down(void **state)
{
	unlink(path);
	unlink(secret);
	return rmdir(dir);
}

static int serve(struct options *o, const char *conf, const char *flag, struct err *e)
{
	const char *argv[] = { "heatscore", "serve", "--data", dir, flag };

	assert_int_equal(file_write(path, str_of(conf), e), 0);
	return options_parse(o, flag != NULL ? 5 : 4, argv, e);
}

static void test_flag_before_environment_before_file_before_default(void **state)
{
	static const char conf[] = "workers = 3 # as many\nqueue=7\nlisten = 127.0.0.1:1\n"
				   "oidc-group = \"sales team=rep\"\noidc-group = x=admin\n";
	struct options o;
	struct err e = { 0 };
	struct buf b = { 0 };

	setenv("HEATSCORE_QUEUE", "8", 1);
	setenv("HEATSCORE_OIDC_CLIENT_SECRET_FILE", secret, 1);
	assert_int_equal(serve(&o, conf, "--listen=127.0.0.1:2", &e), 0);
	assert_string_equal(o.listen, "127.0.0.1:2");
	assert_string_equal(opt_source_name(&o, OPT_listen), "flag");
	assert_int_equal(o.queue, 8);
	assert_string_equal(opt_source_name(&o, OPT_queue), "env");
	assert_int_equal(o.workers, 3);
	assert_string_equal(opt_source_name(&o, OPT_workers), "file");
	assert_string_equal(opt_source_name(&o, OPT_drain), "default");
	assert_int_equal(o.oidc_group.n, 2);
	assert_true(str_eq(o.oidc_group.v[0], S("sales team=rep")));
	assert_string_equal(o.oidc_client_secret, "from a file");
	opt_show(&o, OPT_oidc_client_secret, &b);
	assert_true(str_eq(buf_view(&b), S("(set)")));
	buf_clear(&b);
	options_clear(&o);
	unsetenv("HEATSCORE_QUEUE");
	unsetenv("HEATSCORE_OIDC_CLIENT_SECRET_FILE");
}

static void test_a_wrong_file_says_which_line(void **state)
{
	static const char *const wrong[] = { "workers = many\n", "worker = 3\n", "workers 3\n",
		"workers = 1\nworkers = 2\n", "data = /tmp\n", "listen = \"127.0.0.1\n",
		"\xFF = 3\n", "queue = 0\n" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct options o;
		struct err e = { 0 };

		assert_int_equal(serve(&o, wrong[i], NULL, &e), -1);
		assert_int_equal(e.code, ERR_CONFIG);
		assert_non_null(strstr(e.msg, "heatscore.conf"));
		options_clear(&o);
	}
}

static void test_settings_are_checked(void **state)
{
	static const struct {
		const char *name, *json;
		bool ok;
	} cases[] = { { "reps_see", "\"own\"", true }, { "reps_see", "\"none\"", false },
		{ "reps_see", "true", false }, { "second_pair_of_eyes", "true", true },
		{ "second_pair_of_eyes", "1", false }, { "capacity_per_day", "12.5", true },
		{ "capacity_per_day", "-1", false }, { "retention_audit_days", "30", true },
		{ "retention_audit_days", "29", false }, { "retention_audit_days", "30.5", false },
		{ "time_zone", "\"Europe/Berlin\"", true }, { "time_zone", "\"a\\nb\"", false } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err e = { 0 };
		struct json *v = json_parse(str_of(cases[i].json), &e);

		if ((setting_check(setting_of(str_of(cases[i].name)), v, &e) == 0) != cases[i].ok)
			fail_msg("%s = %s", cases[i].name, cases[i].json);
		json_free(v);
	}
	assert_null(setting_of(S("no such")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flag_before_environment_before_file_before_default),
		cmocka_unit_test(test_a_wrong_file_says_which_line),
		cmocka_unit_test(test_settings_are_checked),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
