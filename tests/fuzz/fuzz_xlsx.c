/* SPDX-License-Identifier: Apache-2.0 */
/* The XML of a worksheet, any bytes: CSV text that our own splitter takes back, cell by cell, or an
 * error in words. The zip around it has checksums that a fuzzer cannot guess. */
#include <stdlib.h>
#include <string.h>

#include "util/bytes.h"
#include "util/csv.h"
#include "util/err.h"
#include "util/utf8.h"
#include "util/xlsx_internal.h"

/* As many records as rows, none of them broken. */
static void check_text(struct str text)
{
	char *copy = calloc(1, text.n + 64);
	uint64_t *mask = calloc(text.n / 64 + 1, sizeof(*mask));
	struct csv c = { .n = text.n,
		.last = true,
		.delim = ',',
		.max_row = SIZE_MAX / 4,
		.max_span = SIZE_MAX / 4,
		.mask = mask };
	struct csv_record r;

	ASSERT(copy != NULL && mask != NULL);
	if (text.n != 0)
		memcpy(copy, text.p, text.n);
	c.p = copy;
	bytes_mask(c.p, c.n, c.delim, c.mask);
	while (csv_next(&c, &r, NULL, 0) == CSV_RECORD)
		ASSERT(!r.open && !r.trailing && r.cells <= XLSX_COLUMNS);
	free(copy);
	free(mask);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t styles[] = { XLSX_NUMBER, XLSX_DATE, XLSX_DATETIME, XLSX_TIME };
	size_t ends[] = { 5, 5, 9 };
	char text[] = "a,\"b\nx\r\ny";
	struct xlsx_book book = {
		.strings = { .text = { .p = text, .n = 9 }, .ends = ends, .n = 3 },
		.styles = styles,
		.n_styles = 4,
		.from1904 = size % 2 == 1
	};
	struct xlsx_sheet s;
	struct err e = { 0 };
	int rc = xlsx_sheet_begin(&s, &book, &e);

	ASSERT(rc == 0);
	for (size_t at = 0, n; at < size && rc == 0; at += n) {
		n = size - at < 97 ? size - at : 97;
		rc = xlsx_sheet_feed(&s, (const char *)data + at, n, &e);
	}
	if (rc == 0)
		rc = xlsx_sheet_feed(&s, "", 0, &e);
	ASSERT(rc == 0 || (e.code != ERR_OK && utf8_valid(str_of(e.msg))));
	if (rc == 0)
		check_text(buf_view(&s.out));
	xlsx_sheet_end(&s);
	xlsx_format_code((struct str){ (const char *)data, size });
	return 0;
}
