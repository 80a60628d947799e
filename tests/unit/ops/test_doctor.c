/* SPDX-License-Identifier: Apache-2.0 */
/* Each fault that the doctor knows, made on purpose: found by name, with something to type. */
#include "unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "ops/doctor.h"
#include "ops/folder.h"
#include "store/sqlite.h"
#include "store/store.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/file.h"

static char root[64], data[80];

static int setup(void **state)
{
	struct store_sqlite_opts o = { 0 };
	struct err e = { 0 };
	struct store *s;
	char db[128];

	snprintf(root, sizeof(root), "/tmp/hs-doctor-XXXXXX");
	assert_non_null(mkdtemp(root));
	snprintf(data, sizeof(data), "%s/data", root);
	snprintf(db, sizeof(db), "%s/" FOLDER_DB, data);
	o.path = db;
	assert_non_null(s = store_sqlite_open(&o, &e));
	s->close(s);
	return 0;
}

static int teardown(void **state)
{
	folder_remove(root);
	return 0;
}

static const struct doctor_finding *look(
	struct doctor *d, const char *name, const char *listen, int64_t now_ms)
{
	struct doctor_opts o = { .data = data, .listen = listen, .now_ms = now_ms };

	doctor_run(&o, d);
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->found[i].name, name) == 0)
			return &d->found[i];
	return NULL;
}

static void assert_found(const char *name, enum doctor_state want, const char *listen, int64_t now)
{
	struct doctor d;
	const struct doctor_finding *f = look(&d, name, listen, now);

	assert_non_null(f);
	if (f->state != want)
		fail_msg("%s is %s: %s", name, doctor_state_name(f->state), f->detail);
	if (want == DOCTOR_WRONG)
		assert_true(f->fix[0] != '\0');
}

static char *path(const char *name)
{
	static char room[160];

	snprintf(room, sizeof(room), "%s/%s", data, name);
	return room;
}

static void test_a_sound_folder_is_fine(void **state)
{
	struct doctor d;

	look(&d, "store", "127.0.0.1:8000", clock_ms());
	for (size_t i = 0; i < d.n; i++)
		if (d.found[i].state == DOCTOR_WRONG)
			fail_msg("%s: %s", d.found[i].name, d.found[i].detail);
	assert_int_equal(d.n, 11);
}

static void test_each_fault_is_found(void **state)
{
	struct err e = { 0 };
	struct buf b = { 0 };

	chmod(data, 0755);
	assert_found("data folder", DOCTOR_WRONG, NULL, clock_ms());
	chmod(data, 0700);
	assert_found("data folder", DOCTOR_FINE, NULL, clock_ms());
	assert_found("clock", DOCTOR_WRONG, NULL, 1000);
	assert_found("clock", DOCTOR_FINE, NULL, clock_ms());
	assert_found("address", DOCTOR_WRONG, "0.0.0.0:8000", clock_ms());
	assert_found("address", DOCTOR_WRONG, "[::]:8000", clock_ms());
	assert_found("address", DOCTOR_FINE, "[::1]:8000", clock_ms());
	assert_found("backup", DOCTOR_LOOK, NULL, clock_ms());
	assert_int_equal(file_write(path("last-backup.json"),
				 S("{\"at\":\"2026-01-01T00:00:00Z\",\"file\":\"x.tar\"}"), &e),
		0);
	assert_found("backup", DOCTOR_LOOK, NULL, 1768000000000);
	assert_found("backup", DOCTOR_FINE, NULL, 1767300000000);
	assert_int_equal(file_mkdir_p(path(FOLDER_RESTORING), NULL, &e), 0);
	assert_found("leftovers", DOCTOR_WRONG, NULL, clock_ms());
	folder_remove(path(FOLDER_RESTORING));
	assert_int_equal(file_mkdir_p(path("models/v1"), NULL, &e), 0);
	assert_found("models", DOCTOR_LOOK, NULL, clock_ms());
	assert_int_equal(file_write(path("models/state.json"),
				 S("{\"format\":1,\"live\":1,\"events\":[{\"at\":1,\"action\":"
				   "\"publish\",\"version\":1}]}"),
				 &e),
		0);
	assert_found("models", DOCTOR_WRONG, NULL, clock_ms());
	folder_remove(path("models"));
	/* Half of the store overwritten. */
	assert_int_equal(file_read(path(FOLDER_DB), 1 << 28, &b, &e), 0);
	memset(b.p + b.n / 4, 0x5a, b.n / 2);
	assert_int_equal(file_write(path(FOLDER_DB), buf_view(&b), &e), 0);
	{
		struct doctor d;
		const struct doctor_finding *f = look(&d, "store", NULL, clock_ms());

		if (f == NULL)
			f = look(&d, "schema", NULL, clock_ms());
		assert_non_null(f);
		assert_int_equal(f->state, DOCTOR_WRONG);
	}
	buf_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_sound_folder_is_fine),
		cmocka_unit_test(test_each_fault_is_found),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
