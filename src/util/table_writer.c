/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "util/buf.h"
#include "util/charset.h"
#include "util/err.h"
#include "util/file.h"
#include "util/table.h"

enum { FLUSH = 64 * 1024 };

struct table_writer {
	struct file_out *f; /* borrowed */
	struct table_info like;
	struct charset_out *out;
	struct buf text, bytes; /* as UTF-8; as written */
	size_t row_at;          /* where the row being written begins in text */
	size_t cells;           /* in it so far */
};

static bool must_quote(struct str cell, char delim)
{
	for (size_t i = 0; i < cell.n; i++) {
		char c = cell.p[i];

		if (c == delim || c == '"' || c == '\n' || c == '\r')
			return true;
	}
	return false;
}

static void put_quoted(struct buf *b, struct str cell)
{
	buf_c(b, '"');
	while (cell.n != 0) {
		ptrdiff_t q = str_chr(cell, '"');
		size_t n = q < 0 ? cell.n : (size_t)q + 1;

		buf_bytes(b, cell.p, n);
		if (q >= 0)
			buf_c(b, '"');
		cell = str_sub(cell, n, cell.n);
	}
	buf_c(b, '"');
}

void table_put_cell(struct buf *b, const struct table_info *like, struct str cell)
{
	if (must_quote(cell, like->delimiter))
		put_quoted(b, cell);
	else
		buf_str(b, cell);
}

static void put_bad(
	struct buf *b, const struct table_info *like, const struct row *r, size_t columns)
{
	size_t found = r->found;

	if (r->fault == ROW_QUOTE || (r->fault == ROW_TOO_LARGE && !r->split)) {
		put_quoted(b, r->raw);
		found = 1;
	} else {
		buf_str(b, r->raw);
	}
	for (; found < columns; found++)
		buf_c(b, like->delimiter);
}

void table_put_row(
	struct buf *b, const struct table_info *like, const struct row *r, size_t columns)
{
	if (r->plain) {
		buf_str(b, r->raw);
		return;
	}
	if (r->bad) {
		put_bad(b, like, r, columns);
		return;
	}
	for (size_t i = 0; i < columns; i++) {
		if (i != 0)
			buf_c(b, like->delimiter);
		table_put_cell(b, like, r->cells[i]);
	}
}

void table_put_end(struct buf *b, const struct table_info *like)
{
	if (like->eol != EOL_LF)
		buf_c(b, '\r');
	if (like->eol != EOL_CR)
		buf_c(b, '\n');
}

struct table_writer *table_writer_open(
	struct file_out *f, const struct table_info *like, struct err *e)
{
	struct table_writer *w = calloc(1, sizeof(*w));

	if (w == NULL) {
		err_nomem(e);
		return NULL;
	}
	w->f = f;
	w->like = *like;
	if ((w->out = charset_out_new(like->encoding, like->bom, e)) == NULL) {
		free(w);
		return NULL;
	}
	charset_out_start(w->out, &w->bytes);
	return w;
}

static int flush(struct table_writer *w, struct err *e)
{
	if (w->text.failed)
		return err_nomem(e);
	if (charset_out_plain(w->out) && w->bytes.n == 0) {
		if (file_out_write(w->f, buf_view(&w->text), e) == -1)
			return -1;
	} else {
		charset_out_put(w->out, buf_view(&w->text), &w->bytes);
		if (buf_done(&w->bytes, e) == -1 ||
			file_out_write(w->f, buf_view(&w->bytes), e) == -1)
			return -1;
		buf_reset(&w->bytes);
	}
	buf_reset(&w->text);
	w->row_at = 0;
	return 0;
}

void table_writer_raw(struct table_writer *w, struct str cells)
{
	if (w->cells++ != 0)
		buf_c(&w->text, w->like.delimiter);
	buf_str(&w->text, cells);
}

void table_writer_cell(struct table_writer *w, struct str cell)
{
	if (w->cells++ != 0)
		buf_c(&w->text, w->like.delimiter);
	table_put_cell(&w->text, &w->like, cell);
}

void table_writer_row(struct table_writer *w, const struct row *r, size_t columns)
{
	if (w->cells++ != 0)
		buf_c(&w->text, w->like.delimiter);
	table_put_row(&w->text, &w->like, r, columns);
}

int table_writer_end_row(struct table_writer *w, struct err *e)
{
	/* A record of one empty cell would be a blank line. */
	if (w->text.n == w->row_at)
		buf_z(&w->text, "\"\"");
	table_put_end(&w->text, &w->like);
	w->cells = 0;
	w->row_at = w->text.n;
	return w->text.n >= FLUSH ? flush(w, e) : 0;
}

int table_writer_lines(struct table_writer *w, struct str lines, struct err *e)
{
	ASSERT(w->cells == 0);
	if (charset_out_plain(w->out)) {
		if (flush(w, e) == -1)
			return -1;
		return file_out_write(w->f, lines, e);
	}
	buf_str(&w->text, lines);
	w->row_at = w->text.n;
	return w->text.n >= FLUSH ? flush(w, e) : 0;
}

int table_writer_close(struct table_writer *w, struct err *e)
{
	int rc;

	if (w == NULL)
		return 0;
	if ((rc = flush(w, e)) == 0) {
		charset_out_end(w->out, &w->bytes);
		rc = buf_done(&w->bytes, e);
		if (rc == 0)
			rc = file_out_write(w->f, buf_view(&w->bytes), e);
	}
	charset_out_free(w->out);
	buf_clear(&w->text);
	buf_clear(&w->bytes);
	free(w);
	return rc;
}
