/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, reading and writing with the n-th allocation failing, for every n: an error in words or
 * the right rows, never a crash; the address sanitizer's run sees leaks. (No .xlsx: what fails
 * inside libarchive is not ours.) */
#include "unit.h"

#include "nomem.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/file.h"
#include "util/table.h"

/* Copies a table; the number of rows, or -1. */
static int copy(const char *path, struct err *e)
{
	struct table *t = table_open(path, NULL, e), *again = NULL;
	struct file_out *f = NULL;
	struct table_writer *w = NULL;
	struct row r;
	int rc = -1, n = 0;

	if (t == NULL || (again = table_again(t, e)) == NULL ||
		(f = file_out_open("test_table_nomem_out.csv", e)) == NULL ||
		(w = table_writer_open(f, table_info(t), e)) == NULL)
		goto done;
	while ((rc = table_next(again, &r, e)) == 1) {
		table_writer_row(w, &r, table_columns(t));
		if (table_writer_end_row(w, e) == -1) {
			rc = -1;
			break;
		}
		n++;
	}
done:
	if (w != NULL && table_writer_close(w, rc == 0 ? e : NULL) == -1)
		rc = -1;
	file_out_abort(f);
	table_free(again);
	table_free(t);
	return rc == 0 ? n : -1;
}

static void test_the_nth_allocation_may_fail(void **state)
{
	static const struct {
		const char *file;
		int rows;
	} files[] = {
		{ "tests/data/quirks/some_records_wrapped.csv", 3 },
		{ "tests/data/quirks/ragged.csv", 5 },
		{ "tests/data/quirks/unclosed_quote.csv", 5 },
		{ "tests/data/quirks/footer_salesforce.csv", 2 },
		{ "tests/data/quirks/utf16le_bom_tab.csv", 3 },
		{ "tests/data/quirks/gzip_two_members.csv.gz", 3 },
		{ "tests/fuzz/fuzz_table.in/set_aside.csv", 4 },
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		int got = copy(files[i].file, &(struct err){ 0 }), failed = 0;

		assert_int_equal(got, files[i].rows);
		got = -1;
		for (long n = 1; got == -1; n++) {
			struct err e = { 0 };

			nomem_count = 0;
			nomem_at = (size_t)n;
			got = copy(files[i].file, &e);
			nomem_at = 0;
			assert_true(got == -1 || got == files[i].rows);
			assert_true(got != -1 || e.code != ERR_OK);
			failed += got == -1;
			assert_true(n < 100000);
		}
		assert_true(failed > 5);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_nth_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
