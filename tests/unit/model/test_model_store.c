/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "model/model_store.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/file.h"

static char root[64];

static int setup(void **state)
{
	snprintf(root, sizeof(root), "/tmp/hs-store-XXXXXX");
	return mkdtemp(root) == NULL ? -1 : 0;
}

static int teardown(void **state)
{
	char cmd[128];

	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", root);
	return system(cmd) == 0 ? 0 : -1;
}

static struct model_store store(void)
{
	struct model_store st;
	char path[96];
	struct err e = { 0 };

	snprintf(path, sizeof(path), "%s/models", root);
	assert_int_equal(model_store_folder(path, &st, &e), 0);
	return st;
}

static void add(struct model_files *fs, const char *name, const char *text)
{
	struct buf b = { 0 };
	struct err e = { 0 };

	buf_z(&b, text);
	assert_int_equal(model_files_add(fs, name, &b, &e), 0);
}

static int name_it(void *arg, uint32_t version, struct model_files *fs, struct err *e)
{
	char text[16];

	if (arg != NULL)
		return err_set(e, ERR_INTERNAL, "no");
	snprintf(text, sizeof(text), "v%u", version);
	add(fs, "manifest.json", text);
	return 0;
}

static void test_versions_are_numbered_and_whole(void **state)
{
	struct model_store st = store();
	struct model_files fs = { 0 };
	struct model_file f;
	struct err e = { 0 };
	uint32_t *numbers, v;
	size_t n;

	assert_int_equal(st.list(st.self, &numbers, &n, &e), 0);
	assert_int_equal(n, 0);
	for (uint32_t want = 1; want <= 11; want++) {
		add(&fs, "model.json", "{}");
		assert_int_equal(st.put(st.self, &fs, name_it, NULL, &v, &e), 0);
		assert_int_equal(v, want);
		model_files_clear(&fs);
	}
	assert_int_equal(st.list(st.self, &numbers, &n, &e), 0);
	assert_int_equal(n, 11);
	assert_int_equal(numbers[10], 11);
	free(numbers);
	assert_int_equal(st.get(st.self, 11, "manifest.json", &f, &e), 0);
	assert_memory_equal(f.bytes.p, "v11", 3);
	free((void *)(uintptr_t)f.bytes.p);
	assert_int_equal(st.get(st.self, 12, "manifest.json", &f, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	model_store_close(&st);
}

static void test_failed_or_killed_put_leaves_no_version(void **state)
{
	struct model_store st = store();
	struct model_files fs = { 0 };
	struct err e = { 0 };
	uint32_t *numbers, v;
	char path[128];
	size_t n;

	add(&fs, "model.json", "{}");
	assert_int_equal(st.put(st.self, &fs, name_it, &st, &v, &e), -1);
	assert_int_equal(st.list(st.self, &numbers, &n, &e), 0);
	assert_int_equal(n, 0);
	/* What a kill in the middle leaves, and other things that are no versions. */
	snprintf(path, sizeof(path), "%s/models/.new", root);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/models/.new/half.json", root);
	assert_int_equal(file_write(path, S("{"), &e), 0);
	snprintf(path, sizeof(path), "%s/models/v01", root);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(st.list(st.self, &numbers, &n, &e), 0);
	assert_int_equal(n, 0);
	assert_int_equal(st.put(st.self, &fs, name_it, NULL, &v, &e), 0);
	assert_int_equal(v, 1);
	snprintf(path, sizeof(path), "%s/models/v1/half.json", root);
	assert_false(file_exists(path));
	model_files_clear(&fs);
	model_store_close(&st);
}

static int append(void *arg, struct str old, struct buf *now, struct err *e)
{
	if (arg != NULL)
		return err_set(e, ERR_CONFLICT, "no");
	buf_str(now, old);
	buf_c(now, 'x');
	return 0;
}

static void test_state_changes_or_stays(void **state)
{
	struct model_store st = store();
	struct buf b = { 0 };
	struct err e = { 0 };

	assert_int_equal(st.get_state(st.self, &b, &e), 0);
	assert_int_equal(b.n, 0);
	assert_int_equal(st.change_state(st.self, append, NULL, &e), 0);
	assert_int_equal(st.change_state(st.self, append, &st, &e), -1);
	assert_int_equal(st.change_state(st.self, append, NULL, &e), 0);
	assert_int_equal(st.get_state(st.self, &b, &e), 0);
	assert_int_equal(b.n, 2);
	buf_clear(&b);
	model_store_close(&st);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_versions_are_numbered_and_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_failed_or_killed_put_leaves_no_version, setup, teardown),
		cmocka_unit_test_setup_teardown(test_state_changes_or_stays, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
