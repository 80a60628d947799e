/* SPDX-License-Identifier: Apache-2.0 */
/* The file of an upload whose check had cells mended: a copy of it with these cells in place, so
 * that a model learns from what was imported. */
#include "leads/mapping.h"
#include "leads/retrain_internal.h"
#include "util/err.h"
#include "util/file.h"
#include "util/json.h"
#include "util/table.h"

static int copy_header(struct table *t, struct table_writer *w, struct err *e)
{
	for (size_t i = 0; i < table_columns(t); i++)
		table_writer_cell(w, table_column(t, i));
	return table_writer_end_row(w, e);
}

/* Rows that cannot be read are no rows to learn from. */
static int copy_rows(
	struct table *t, const struct mapping *m, struct table_writer *w, struct err *e)
{
	struct row row;
	int rc;

	while ((rc = table_next(t, &row, e)) == 1) {
		mapping_fix_row(m, &row);
		if (row.bad)
			continue;
		for (size_t i = 0; i < table_columns(t); i++)
			table_writer_cell(w, row.cells[i]);
		if (table_writer_end_row(w, e) == -1)
			return -1;
	}
	return rc;
}

static int write_copy(struct table *t, const struct mapping *m, const char *to, struct err *e)
{
	static const struct table_info plain = { .encoding = "UTF-8", .delimiter = ',' };
	struct file_out *f = file_out_open(to, e);
	struct table_writer *w;
	int rc;

	if (f == NULL)
		return -1;
	if ((w = table_writer_open(f, &plain, e)) == NULL) {
		file_out_abort(f);
		return -1;
	}
	rc = copy_header(t, w, e) == -1 ? -1 : copy_rows(t, m, w, e);
	if (table_writer_close(w, rc == -1 ? NULL : e) == -1)
		rc = -1;
	if (rc == 0)
		return file_out_finish(f, e);
	file_out_abort(f);
	return -1;
}

int retrain_mended(const struct json *detail, const char *from, const char *to,
	struct table_reading *as, struct err *e)
{
	struct mapping m = { 0 };
	struct table_opts opts = { 0 };
	struct table *t = NULL;
	int rc = -1;

	if (json_len(json_get(detail, "fixes")) == 0)
		return 0;
	if (mapping_read(&m, detail, e) == -1)
		goto done;
	opts.as = m.as;
	if ((t = table_open(from, &opts, e)) == NULL || write_copy(t, &m, to, e) == -1)
		goto done;
	*as = (struct table_reading){ .header = TABLE_HEADER_YES,
		.header_line = 1,
		.delimiter = ',',
		.encoding = "UTF-8",
		.no_footer = true };
	rc = 1;
done:
	table_free(t);
	mapping_clear(&m);
	return rc;
}
