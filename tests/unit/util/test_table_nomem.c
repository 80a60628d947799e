/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, reading and writing with the n-th allocation failing, for every n: an error in words or
 * the right rows, never a crash or a leak. (No .xlsx: libarchive itself does not survive this.)
 * Sanitizers bring their own allocator; there this is skipped. */
#include "unit.h"

#include <errno.h>

#include "util/buf.h"
#include "util/err.h"
#include "util/file.h"
#include "util/table.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED
#endif

static long left = -1; /* allocations until one fails; negative: none does */
static long live;      /* blocks not freed */

#ifndef SANITIZED
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void __libc_free(void *p);

static int fails(void)
{
	if (left < 0 || left-- != 0)
		return 0;
	errno = ENOMEM;
	return 1;
}

static void *counted(void *p)
{
	live += p != NULL;
	return p;
}

void *malloc(size_t n)
{
	return fails() ? NULL : counted(__libc_malloc(n));
}

void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : counted(__libc_calloc(n, size));
}

void *realloc(void *p, size_t n)
{
	if (p == NULL)
		return malloc(n);
	return fails() ? NULL : __libc_realloc(p, n);
}

void free(void *p)
{
	live -= p != NULL;
	__libc_free(p);
}
#endif

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
	};

#ifdef SANITIZED
	skip();
#endif
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		int got = copy(files[i].file, &(struct err){ 0 }), failed = 0;
		long before = live;

		assert_int_equal(got, files[i].rows);
		got = -1;
		for (long n = 0; got == -1; n++) {
			struct err e = { 0 };

			left = n;
			got = copy(files[i].file, &e);
			left = -1;
			assert_int_equal(live, before);
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
