/* SPDX-License-Identifier: Apache-2.0 */
/* table_rows.c: blocks of text into rows, and what makes a row bad. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/bytes.h"
#include "util/err.h"
#include "util/table_internal.h"
#include "util/utf8.h"

#define BROKEN SIZE_MAX

enum { BEHIND = 64 };

/* A block with what its rows point into. */
struct block {
	struct table_block pub; /* first: a table_block is the start of its block */
	char *text, *spare;
	uint64_t *mask;
	size_t n, cap;
	struct str *cells;
	size_t cells_cap, rows_cap;
	struct arena reasons;
};

struct table_block *table_block_new(struct err *e)
{
	struct block *b = calloc(1, sizeof(*b));

	if (b == NULL) {
		err_nomem(e);
		return NULL;
	}
	return &b->pub;
}

void table_block_free(struct table_block *pub)
{
	struct block *b = (struct block *)(void *)pub;

	if (b == NULL)
		return;
	arena_clear(&b->reasons);
	free(b->pub.rows);
	free(b->text);
	free(b->spare);
	free(b->mask);
	free(b->cells);
	free(b);
}

/* Room for ${cap} bytes of text; what is there stays. */
static int grow_text(struct block *b, size_t cap, struct err *e)
{
	char *text, *spare;
	uint64_t *mask;

	if (cap <= b->cap)
		return 0;
	if ((text = realloc(b->text, cap + BEHIND)) == NULL)
		return err_nomem(e);
	b->text = text;
	if ((mask = realloc(b->mask, (cap / 64 + 1) * sizeof(*mask))) == NULL)
		return err_nomem(e);
	b->mask = mask;
	free(b->spare);
	if ((b->spare = spare = malloc(2 * cap)) == NULL) {
		b->cap = 0;
		return err_nomem(e);
	}
	b->cap = cap;
	return 0;
}

static int make_room(struct table *t, struct block *b, struct err *e)
{
	size_t rows = TABLE_CELLS / t->columns;

	if (rows < 1)
		rows = 1;
	if (rows > TABLE_ROWS)
		rows = TABLE_ROWS;
	if (b->rows_cap < rows) {
		free(b->pub.rows);
		b->rows_cap = 0;
		if ((b->pub.rows = malloc(rows * sizeof(*b->pub.rows))) == NULL)
			return err_nomem(e);
		b->rows_cap = rows;
	}
	if (b->cells_cap < rows * t->columns) {
		free(b->cells);
		b->cells_cap = 0;
		if ((b->cells = malloc(rows * t->columns * sizeof(*b->cells))) == NULL)
			return err_nomem(e);
		b->cells_cap = rows * t->columns;
	}
	return grow_text(b,
		t->block_bytes > t->carry_n + CHARSET_ROOM ? t->block_bytes
							   : t->carry_n + CHARSET_ROOM,
		e);
}

/* How much text holds ${rows} rows like those so far, with some to spare: what is left over is
 * copied to the next block. */
static size_t text_of(const struct table *t, const struct block *b, size_t rows)
{
	double each;

	if (rows == 0 || t->rows == 0)
		return b->cap;
	each = 1.125 * (double)t->text_used / (double)t->rows;
	if (each * (double)rows >= (double)b->cap)
		return b->cap;
	return (size_t)(each * (double)rows) + TABLE_HOLD + CHARSET_ROOM;
}

/* Text up to ${most} or what the block holds, or to the end of the file. */
static int fill(struct table *t, struct block *b, size_t most, struct err *e)
{
	if (most > b->cap)
		most = b->cap;
	while (!t->ended && b->n + CHARSET_ROOM <= most) {
		ptrdiff_t n = table_text(t, b->text + b->n, most - b->n, e);

		if (n == -1)
			return -1;
		t->ended = n == 0;
		b->n += (size_t)n;
	}
	memset(b->text + b->n, 0, BEHIND);
	return 0;
}

/* Drop the rest of a line that was too long. False: more text is needed for that. */
static bool skip_line(struct table *t, struct block *b)
{
	size_t i = 0;

	while (i < b->n && b->text[i] != '\n' && b->text[i] != '\r')
		i++;
	if (i == b->n) {
		b->n = 0;
		t->skipping = !t->ended;
		return t->ended;
	}
	if (b->text[i] == '\r' && i + 1 == b->n && !t->ended) {
		b->text[0] = '\r';
		b->n = 1;
		return false;
	}
	i += b->text[i] == '\r' && i + 1 < b->n && b->text[i + 1] == '\n' ? 2 : 1;
	memmove(b->text, b->text + i, b->n - i);
	b->n -= i;
	t->skipping = false;
	return true;
}

/* Keep ${n} bytes for the next block. */
static int keep(struct table *t, const char *p, size_t n, struct err *e)
{
	if (n > t->carry_cap) {
		char *carry = realloc(t->carry, n);

		if (carry == NULL)
			return err_nomem(e);
		t->carry = carry;
		t->carry_cap = n;
	}
	memcpy(t->carry, p, n);
	t->carry_n = n;
	return 0;
}

static void bad(struct block *b, struct row *r, enum row_fault fault, const char *reason)
{
	struct str s = utf8_cut(str_of(reason), 300);
	const char *copy = arena_dup(&b->reasons, s);

	r->bad = true;
	r->plain = false;
	r->fault = fault;
	r->reason = copy != NULL ? copy : "cannot be read";
}

/* A record that is too long again, with room for one more cell than the header has. */
static void point_at_extra(struct table *t, const struct csv *c, struct row *r, size_t start)
{
	struct csv again = *c;
	struct csv_record rec;

	again.at = start;
	again.spare = NULL;
	r->bad_column = (uint32_t)t->columns - 1;
	if (csv_next(&again, &rec, t->scratch, t->columns + 1) == CSV_RECORD &&
		rec.cells > t->columns)
		r->bad_cell = utf8_cut(t->scratch[t->columns], TABLE_BAD_CELL);
}

/* The cell of the line that opens a quote and does not close it. */
static void point_at_open(struct table *t, struct row *r, char delim)
{
	struct str s = r->raw;
	size_t at = 0, column = 0;

	for (;; column++) {
		size_t end = at;

		if (end < s.n && s.p[end] == '"') {
			for (end++; end < s.n &&
				    (s.p[end] != '"' || end + 1 == s.n || s.p[end + 1] == '"');
				end += s.p[end] == '"' ? 2 : 1)
				;
		}
		while (end < s.n && s.p[end] != delim)
			end++;
		if (end >= s.n)
			break;
		at = end + 1;
	}
	r->bad_column = (uint32_t)(column < t->columns ? column : t->columns - 1);
	r->bad_cell = utf8_cut(str_sub(s, at, s.n), TABLE_BAD_CELL);
}

static bool has_nul(struct str cell, size_t limit)
{
	return cell.n != 0 && memchr(cell.p, 0, cell.n) != NULL;
}

static bool not_text(struct str cell, size_t limit)
{
	return !utf8_valid(cell);
}

static bool too_long(struct str cell, size_t limit)
{
	return cell.n > limit;
}

/* Whether ${is} holds for anything in the record; what it says of an earlier fault does not count.
 */
static bool any_of(
	const struct table *t, const struct row *r, bool (*is)(struct str cell, size_t limit))
{
	if (!t->info.set_aside || !r->split)
		return is(r->raw, 0);
	for (size_t i = 0; i < t->columns; i++)
		if (table_own_column(t, i) && is(r->cells[i], 0))
			return true;
	return false;
}

/* The first cell for which ${is} holds; its place. */
static void point_at_first(
	struct table *t, struct row *r, bool (*is)(struct str cell, size_t limit), size_t limit)
{
	for (size_t i = 0; i < t->columns; i++) {
		if (table_own_column(t, i) && is(r->cells[i], limit)) {
			r->bad_column = (uint32_t)i;
			r->bad_cell = utf8_cut(r->cells[i], TABLE_BAD_CELL);
			return;
		}
	}
}

static bool repeats_header(const struct table *t, const struct row *r)
{
	if (!t->dialect.has_header || t->columns < 2)
		return false;
	for (size_t i = 0; i < t->columns; i++) {
		if (!str_eq(r->cells[i], t->headers[i]) && table_own_column(t, i))
			return false;
	}
	return true;
}

/* "has 5 cells, the header has 7" */
static void bad_count(struct table *t, struct block *b, struct row *r, enum row_fault fault)
{
	size_t ours = t->columns - table_own_columns(t);
	size_t found = r->found > ours ? r->found - ours : 0;
	char why[160];

	snprintf(why, sizeof(why), "has %zu cell%s, the %s has %zu", found, found == 1 ? "" : "s",
		t->dialect.has_header ? "header" : "first row", table_own_columns(t));
	bad(b, r, fault, why);
}

/* What a file of set-aside rows says of its row is no more to be trusted than the row: a remark
 * that is no text is none. */
static void drop_broken_remarks(struct table *t, struct row *r)
{
	for (size_t i = 0; i < REJECTS_COLUMNS; i++) {
		struct str *remark = &r->cells[t->diagnostics[i]];

		if (!has_nul(*remark, 0) && !not_text(*remark, 0))
			continue;
		*remark = S("");
		r->plain = false;
	}
}

/* What the file itself says of the row. */
static void keep_standing(struct table *t, struct block *b, struct row *r)
{
	bad(b, r, ROW_STANDING, "");
	r->reason = arena_dup(
		&b->reasons, utf8_cut(str_trim(r->cells[t->diagnostics[REJECTS_REASON]]), 300));
	if (r->reason == NULL)
		r->reason = "has the fault it was set aside for";
	r->bad_cell = utf8_cut(r->cells[t->diagnostics[REJECTS_CELL]], TABLE_BAD_CELL);
	for (size_t i = 0; i < t->columns; i++)
		if (str_eq(t->names[i], r->cells[t->diagnostics[REJECTS_NAME]]))
			r->bad_column = (uint32_t)i;
}

static void judge_cells(struct table *t, struct block *b, struct row *r, const struct csv *c,
	const struct csv_record *rec)
{
	char why[160];

	if (t->info.set_aside && r->split)
		drop_broken_remarks(t, r);
	if (t->info.set_aside && r->split && table_still_bad(t, r)) {
		keep_standing(t, b, r);
	} else if (t->charset.may_nul && any_of(t, r, has_nul)) {
		bad(b, r, ROW_NUL, "has a zero byte (NUL)");
		point_at_first(t, r, has_nul, 0);
	} else if (t->charset.may_invalid && any_of(t, r, not_text)) {
		snprintf(why, sizeof(why), "has bytes that are not %s text", t->charset.name);
		bad(b, r, ROW_TEXT, why);
		point_at_first(t, r, not_text, 0);
	} else if (r->found < t->columns && !t->info.pads_short_rows) {
		bad_count(t, b, r, ROW_SHORT);
		r->bad_column = r->found;
	} else if (rec->over) {
		bad_count(t, b, r, ROW_LONG);
		r->split = false;
		point_at_extra(t, c, r, rec->start);
	} else if (r->raw.n > t->limits.cell_bytes) {
		point_at_first(t, r, too_long, t->limits.cell_bytes);
		if (r->bad_cell.n != 0) {
			snprintf(why, sizeof(why), "has a cell of more than %zu bytes",
				t->limits.cell_bytes);
			bad(b, r, ROW_TOO_LARGE, why);
		}
	} else if ((t->info.set_aside || r->cells[0].n == t->headers[0].n) &&
		   repeats_header(t, r)) {
		bad(b, r, ROW_HEADER, "repeats the header line");
		while (!table_own_column(t, r->bad_column))
			r->bad_column++;
	}
}

/* A record wrapped whole in quotes: split its one cell. Returns the cells found; 0: it is not one.
 * Other cells may follow when they are empty and the record is wide enough to leave no doubt.
 * BROKEN: what is inside breaks off in a quote; table_put_row writes such rows. */
static size_t unwrap(struct table *t, struct csv *c, const struct csv_record *r, struct str *cells)
{
	struct str whole = cells[0];
	size_t n, spare = c->spare_n;

	if (!r->quoted || t->columns < 2 || r->over || (t->info.xlsx && !t->dialect.wrapped) ||
		str_chr(whole, c->delim) < 0)
		return 0;
	for (size_t i = 1; i < r->cells && i < t->columns; i++) {
		if (cells[i].n != 0)
			return 0;
	}
	if ((n = csv_unwrap(c, whole, t->scratch, t->columns + 1)) == 0)
		return BROKEN;
	if (n != t->columns || (r->cells > 1 && t->columns < 5) ||
		(t->columns == 2 && !t->dialect.wrapped)) {
		c->spare_n = spare;
		return 0;
	}
	memcpy(cells, t->scratch, n * sizeof(*cells));
	return n;
}

/* Put the record into ${row}; its cells are at row->cells already. */
static void make_row(
	struct table *t, struct block *b, struct csv *c, struct csv_record *r, struct row *row)
{
	size_t unwrapped, found;
	char why[160];

	row->line = t->line;
	if (r->lines > 1 && table_left_open(t, c, r))
		table_first_line(c, r);
	if (r->open)
		t->max_span = t->max_span / 2 > TABLE_SPAN ? t->max_span / 2 : t->max_span;
	else if (r->lines > 1 && t->max_span < t->limits.row_bytes)
		t->max_span *= 2;
	row->raw = (struct str){ c->p + r->start, r->end - r->start };
	row->found = r->cells;
	if (r->open || r->large) {
		memset(row->cells, 0, t->columns * sizeof(*row->cells));
		row->found = r->large ? 0 : 1;
		if (r->large) {
			row->raw = utf8_cut(row->raw, t->limits.row_bytes);
			snprintf(why, sizeof(why), "is longer than %zu bytes", t->limits.row_bytes);
			bad(b, row, ROW_TOO_LARGE, why);
			row->bad_cell = utf8_cut(row->raw, TABLE_BAD_CELL);
		} else {
			bad(b, row, ROW_QUOTE, "opens a quote (\") that is not closed");
			point_at_open(t, row, c->delim);
		}
		return;
	}
	unwrapped = unwrap(t, c, r, row->cells);
	if (unwrapped == BROKEN) {
		bad(b, row, ROW_QUOTE, "opens a quote (\") that is not closed");
		/* What is inside is the row as it once was, and is wrapped anew on writing. */
		row->raw = row->cells[0];
		row->found = 1;
		memset(row->cells, 0, t->columns * sizeof(*row->cells));
		point_at_open(t, row, c->delim);
		return;
	}
	if (unwrapped != 0) {
		row->found = (uint32_t)unwrapped;
		r->over = false;
	}
	found = row->found;
	if (found < t->columns)
		memset(row->cells + found, 0, (t->columns - found) * sizeof(*row->cells));
	row->plain = unwrapped == 0 && found == t->columns;
	row->split = !r->over;
	judge_cells(t, b, row, c, r);
}

/* The end of the text is here: cut off footers. */
static int cut_footers(struct table *t, struct block *b, struct csv *c, struct err *e)
{
	struct str what = { 0 };
	size_t count = 0, at = t->whole ? c->n : table_footer(t, c, &what, &count);
	char q[64];

	t->looked = true;
	if (at >= c->n)
		return 0;
	what = table_quote(what, q);
	if (table_add_note(t, e, "left out %zu line%s at the end: \"%.*s\"", count,
		    count == 1 ? "" : "s", (int)what.n, q) == -1)
		return -1;
	t->info.footer_lines = count;
	c->n = b->n = at;
	return 0;
}

/* Rows from the text at hand. 0 when there is none to be had without more text. */
static int split(struct table *t, struct block *b, size_t max_rows, struct err *e)
{
	struct csv c = { .p = b->text,
		.n = b->n,
		.last = t->ended,
		.spaced = t->dialect.spaced,
		.delim = t->dialect.delimiter,
		.max_row = t->limits.row_bytes,
		.mask = b->mask,
		.spare = b->spare,
		.spare_cap = 2 * b->cap };
	size_t rows = TABLE_CELLS / t->columns, hold = t->ended ? 0 : TABLE_HOLD;
	struct csv_record r;

	if (rows < 1)
		rows = 1;
	if (rows > TABLE_ROWS)
		rows = TABLE_ROWS;
	if (max_rows != 0 && max_rows < rows)
		rows = max_rows;
	bytes_mask(c.p, c.n, c.delim, c.mask);
	c.max_span = t->limits.row_bytes;
	if (t->ended && !t->looked && cut_footers(t, b, &c, e) == -1)
		return -1;
	while (b->pub.n < rows && c.at + hold < c.n) {
		struct row *row = &b->pub.rows[b->pub.n];
		struct str *cells = b->cells + b->pub.n * t->columns;

		c.max_span = t->max_span;
		if (csv_next(&c, &r, cells, t->columns) != CSV_RECORD)
			break;
		if (r.start != r.end) {
			*row = (struct row){ .cells = cells };
			make_row(t, b, &c, &r, row);
			b->pub.n++;
		}
		t->line += t->info.xlsx ? 1 : r.lines;
		if (r.large && r.next == c.n && !t->ended)
			t->skipping = true;
	}
	t->text_used += c.at;
	return keep(t, c.p + c.at, c.n - c.at, e);
}

int table_read_block(struct table *t, struct table_block *pub, size_t max_rows, struct err *e)
{
	struct block *b = (struct block *)(void *)pub;
	size_t most;

	pub->n = b->n = 0;
	arena_reset(&b->reasons);
	if (make_room(t, b, e) == -1)
		return -1;
	for (most = text_of(t, b, max_rows);; most = b->cap) {
		memcpy(b->text, t->carry, t->carry_n);
		b->n = t->carry_n;
		t->carry_n = 0;
		if (fill(t, b, most, e) == -1)
			return -1;
		if (t->skipping && !skip_line(t, b)) {
			if (keep(t, b->text, b->n, e) == -1)
				return -1;
			continue;
		}
		if (split(t, b, max_rows, e) == -1)
			return -1;
		if (pub->n != 0)
			break;
		if (t->ended && t->carry_n == 0)
			return 0;
		if (!t->ended && t->carry_n + CHARSET_ROOM > b->cap / 2 &&
			grow_text(b, b->cap * 2, e) == -1)
			return -1;
	}
	pub->first = t->rows;
	pub->number = t->blocks++;
	t->rows += pub->n;
	return 1;
}

int table_next(struct table *t, struct row *r, struct err *e)
{
	int rc;

	if (t->own == NULL && (t->own = table_block_new(e)) == NULL)
		return -1;
	if (t->own_at == t->own->n) {
		t->own_at = 0;
		if ((rc = table_read_block(t, t->own, 0, e)) <= 0) {
			t->own->n = 0;
			return rc;
		}
	}
	*r = t->own->rows[t->own_at++];
	return 1;
}
