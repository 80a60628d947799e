/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "model/bundle.h"
#include "util/buf.h"
#include "util/err.h"

static void add(struct model_files *fs, const char *name, size_t bytes)
{
	struct buf b = { 0 };
	struct err e = { 0 };

	for (size_t i = 0; i < bytes; i++)
		buf_c(&b, (char)('a' + i % 26));
	assert_int_equal(model_files_add(fs, name, &b, &e), 0);
}

static void test_files_come_back_as_they_were(void **state)
{
	static const size_t sizes[] = { 0, 1, 511, 512, 513, 5000 };
	struct model_files fs = { 0 }, back = { 0 };
	struct buf tar = { 0 };
	struct err e = { 0 };
	char name[16];

	for (size_t i = 0; i < 6; i++) {
		snprintf(name, sizeof(name), "f%zu.json", i);
		add(&fs, name, sizes[i]);
	}
	assert_int_equal(bundle_write(&fs, &tar, &e), 0);
	assert_int_equal(tar.n % 512, 0);
	assert_int_equal(bundle_read(buf_view(&tar), &back, &e), 0);
	assert_int_equal(back.n, 6);
	for (size_t i = 0; i < 6; i++) {
		assert_string_equal(back.f[i].name, fs.f[i].name);
		assert_true(str_eq(back.f[i].bytes, fs.f[i].bytes));
	}
	model_files_clear(&back);
	for (size_t cut = 0; cut < tar.n - 1024; cut += 100) {
		assert_int_equal(bundle_read(str_sub(buf_view(&tar), 0, cut), &back, &e), -1);
		model_files_clear(&back);
	}
	model_files_clear(&fs);
	buf_clear(&tar);
}

static void test_names_that_leave_the_folder_are_refused(void **state)
{
	static const char *const names[] = { "../x", "/etc/x", ".hidden", "a/b" };
	struct err e = { 0 };

	for (size_t i = 0; i < 4; i++) {
		struct model_files fs = { 0 }, back = { 0 };
		struct buf tar = { 0 };

		add(&fs, names[i], 3);
		assert_int_equal(bundle_write(&fs, &tar, &e), 0);
		assert_int_equal(bundle_read(buf_view(&tar), &back, &e), -1);
		assert_int_equal(e.code, ERR_INPUT);
		model_files_clear(&fs);
		model_files_clear(&back);
		buf_clear(&tar);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files_come_back_as_they_were),
		cmocka_unit_test(test_names_that_leave_the_folder_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
