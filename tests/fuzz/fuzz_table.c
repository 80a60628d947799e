/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a file: the table is refused in words, or its rows keep every promise of table.h, in
 * large and in tiny buffers alike. */
#include <stdlib.h>
#include <string.h>

#include "util/err.h"
#include "util/table.h"
#include "util/table_internal.h"
#include "util/utf8.h"

/* A number over all that a row says, so that two readings can be compared. */
static uint64_t hash_row(const struct table *t, const struct row *r, uint64_t h)
{
	h = str_hash(r->raw, h ^ r->line);
	if (r->bad)
		return str_hash(str_of(r->reason), h ^ r->bad_column);
	for (size_t i = 0; i < table_columns(t); i++)
		h = str_hash(r->cells[i], h);
	return h;
}

static void check_row(const struct table *t, const struct row *r, uint64_t last_line)
{
	ASSERT(r->line > last_line);
	ASSERT(r->bad == (r->fault != ROW_OK));
	ASSERT(!r->bad || (r->reason != NULL && r->bad_column < table_columns(t)));
	ASSERT(r->bad_cell.n <= 200);
	ASSERT(!r->bad || !r->plain);
	for (size_t i = 0; i < table_columns(t); i++) {
		ASSERT(r->cells[i].n <= 32 * 1024 || r->bad);
		ASSERT(r->bad || utf8_valid(r->cells[i]));
		ASSERT(r->bad || r->cells[i].n == 0 ||
			memchr(r->cells[i].p, 0, r->cells[i].n) == NULL);
	}
}

static uint64_t read_all(struct table *t, uint64_t *rows)
{
	uint64_t h = 0, line = 0;
	struct err e = { 0 };
	struct row r;
	int rc;

	*rows = 0;
	while ((rc = table_next(t, &r, &e)) == 1) {
		check_row(t, &r, line);
		line = r.line;
		h = hash_row(t, &r, h);
		++*rows;
	}
	ASSERT(rc == 0 || e.msg[0] != '\0');
	return h;
}

/* However somebody says that the bytes are to be read. */
static void read_as_said(struct str bytes)
{
	static const struct table_reading said[] = {
		{ .delimiter = ';' },
		{ .delimiter = ' ', .header = TABLE_HEADER_NO },
		{ .encoding = "UTF-16LE", .header_line = 2 },
		{ .encoding = "UTF-8", .header = TABLE_HEADER_YES },
		{ .encoding = "SHIFT_JIS", .delimiter = ',' },
		{ .encoding = "CP1252", .header_line = 3 },
	};
	struct table_opts o = { .as = said[bytes.n % (sizeof(said) / sizeof(said[0]))] };
	struct err e = { 0 };
	struct table *t = table_open_bytes(bytes, &o, &e);
	uint64_t rows;

	if (t == NULL) {
		ASSERT(e.code != ERR_OK && e.msg[0] != '\0' && utf8_valid(str_of(e.msg)));
		return;
	}
	read_all(t, &rows);
	table_free(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = { 0 };
	struct table *t = table_open_bytes((struct str){ (const char *)data, size }, NULL, &e);
	uint64_t rows, rows2, h;

	if (size < 4096)
		read_as_said((struct str){ (const char *)data, size });
	if (t == NULL) {
		ASSERT(e.code != ERR_OK && e.msg[0] != '\0' && utf8_valid(str_of(e.msg)));
		return 0;
	}
	for (size_t i = 0; i < table_columns(t); i++)
		ASSERT(table_column(t, i).n != 0);
	h = read_all(t, &rows);
	for (size_t i = 0; table_note(t, i) != NULL; i++)
		ASSERT(strchr(table_note(t, i), '\n') == NULL);
	/* Small buffers cost by the square of a long record: not for the largest inputs. */
	if (size < 4096) {
		ASSERT(table_tune(t, 1, 7, &e) == 0);
		ASSERT(read_all(t, &rows2) == h && rows2 == rows);
	}
	table_free(t);
	return 0;
}
