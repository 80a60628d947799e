/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "features/profile.h"
#include "leads/fields.h"
#include "leads/lead_table.h"
#include "store/store.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/file.h"
#include "util/json.h"
#include "util/table.h"

enum { PAGE = 2000, COLUMNS_MAX = 2000, LAYOUTS_MAX = 10000, PAGE_BYTES = 512 << 20 };

struct out_col {
	struct str name;
	enum lead_field use; /* LF_ATTRIBUTE and above: no field */
};

/* Where a layout's cells go. */
struct place {
	uint32_t number;
	const struct layout *layout;
	uint32_t *to; /* [layout->n] column of the table; UINT32_MAX: nowhere. Owned */
};

struct writer {
	const struct lead_table_opts *o;
	struct lead_table_result *r;
	struct out_col *cols; /* [n_cols] */
	size_t n_cols;
	struct place *places; /* [n_places] */
	size_t n_places, cap_places;
	struct str *unpacked; /* [COLUMNS_MAX] cells of one lead */
	struct str *row;      /* [COLUMNS_MAX + 1] the same in the table's order */
	struct file_out *f;
	struct buf text;
	struct table_info like;
	struct arena mem; /* of the next */
	struct str *told; /* [n_told] headers that files say the outcome in */
	size_t n_told;
	uint64_t total;
	bool writing; /* second pass */
};

/* --- columns --- */

static ptrdiff_t by_name(const struct writer *w, struct str name)
{
	for (size_t i = 0; i < w->n_cols; i++)
		if (str_eq(w->cols[i].name, name))
			return (ptrdiff_t)i;
	return -1;
}

static ptrdiff_t by_field(const struct writer *w, enum lead_field f)
{
	for (size_t i = 0; i < w->n_cols; i++)
		if (w->cols[i].use == f)
			return (ptrdiff_t)i;
	return -1;
}

/* What the model calls the column that ${c} is: its own name when the model has that, else the
 * model's only column with the role of the field. */
static struct str model_name(const struct writer *w, const struct layout_column *c)
{
	const struct profile *p = w->o->model;
	struct str found = { 0 };

	if (p == NULL || c->use >= LF_MAPPED)
		return c->header;
	for (size_t i = 0; i < p->n; i++) {
		if (str_eq(p->cols[i].name, c->header))
			return c->header;
		if (p->cols[i].role == fields_role(c->use))
			found = found.n == 0 ? p->cols[i].name : (struct str){ 0 };
	}
	return found.n != 0 ? found : c->header;
}

static bool skipped(const struct writer *w, const struct layout_column *c)
{
	if (!w->o->outcome)
		return false;
	for (size_t i = 0; i < w->n_told; i++)
		if (str_eq(c->header, w->told[i]))
			return true;
	return c->use == LF_OUTCOME || str_eq(c->header, S(LEAD_TABLE_OUTCOME));
}

/* Columns that an import read the outcome from, whatever field they are: with the outcome beside
 * them they would only say it again. */
static int read_told(struct writer *w, struct err *e)
{
	struct store *s = w->o->store;
	struct arena page = { .cap = PAGE_BYTES };
	struct upload *uploads;
	struct buf cursor = { 0 };
	struct str next;
	size_t n;
	int rc;

	w->told = arena_array(&w->mem, COLUMNS_MAX, sizeof(*w->told));
	if (w->told == NULL)
		return err_nomem(e);
	do {
		rc = s->uploads->list(s, 100, buf_view(&cursor), &page, &uploads, &n, &next, e);
		for (size_t i = 0; rc == 0 && i < n && w->n_told < COLUMNS_MAX; i++) {
			struct json *v = json_parse(uploads[i].detail, NULL);
			struct str column =
				json_str(json_get(json_get(v, "outcome"), "column"), S(""));
			char *copy = column.n == 0 ? NULL : arena_dup(&w->mem, column);

			if (copy != NULL)
				w->told[w->n_told++] = str_of(copy);
			json_free(v);
		}
		buf_reset(&cursor);
		if (rc == 0) {
			buf_str(&cursor, next);
			rc = buf_done(&cursor, e);
		}
		arena_reset(&page);
	} while (rc == 0 && cursor.n != 0);
	buf_clear(&cursor);
	arena_clear(&page);
	return rc;
}

/* The column of the table for one of a layout; a new one while there is room. */
static uint32_t column_for(struct writer *w, const struct layout_column *c)
{
	struct str name = model_name(w, c);
	ptrdiff_t at = c->use < LF_MAPPED ? by_field(w, c->use) : -1;

	if (skipped(w, c))
		return UINT32_MAX;
	if (at == -1)
		at = by_name(w, name);
	if (at == -1 && w->n_cols < COLUMNS_MAX && !w->writing) {
		at = (ptrdiff_t)w->n_cols++;
		w->cols[at] = (struct out_col){ name, c->use };
	}
	return at == -1 ? UINT32_MAX : (uint32_t)at;
}

static const struct place *place_of(struct writer *w, uint32_t number, struct err *e)
{
	struct place p = { .number = number }, *grown;

	for (size_t i = w->n_places; i > 0; i--)
		if (w->places[i - 1].number == number)
			return &w->places[i - 1];
	if (w->n_places == w->cap_places) {
		if (w->n_places == LAYOUTS_MAX) {
			err_set(e, ERR_LIMIT, "the leads came in more than %d shapes of files",
				LAYOUTS_MAX);
			return NULL;
		}
		w->cap_places = w->cap_places == 0 ? 16 : w->cap_places * 2;
		if ((grown = realloc(w->places, w->cap_places * sizeof(*grown))) == NULL) {
			err_nomem(e);
			return NULL;
		}
		w->places = grown;
	}
	if ((p.layout = w->o->store->layouts->get(w->o->store, number, e)) == NULL)
		return NULL;
	if ((p.to = calloc(p.layout->n + 1, sizeof(*p.to))) == NULL) {
		err_nomem(e);
		return NULL;
	}
	for (size_t c = 0; c < p.layout->n; c++)
		p.to[c] = column_for(w, &p.layout->columns[c]);
	w->places[w->n_places] = p;
	return &w->places[w->n_places++];
}

/* --- rows --- */

static struct str outcome_cell(struct writer *w, const struct lead *l)
{
	enum lead_outcome ended = l->values.outcome;

	if (ended == LEAD_OPEN && w->o->junk_is_lost && l->verdict == LEAD_JUNK) {
		w->r->junk++;
		ended = LEAD_LOST;
	}
	w->r->was_hot += l->verdict == LEAD_WAS_HOT;
	w->r->won += ended == LEAD_WON;
	w->r->lost += ended == LEAD_LOST;
	return ended == LEAD_WON    ? S(LEAD_TABLE_WON)
	       : ended == LEAD_LOST ? S(LEAD_TABLE_LOST)
				    : S("");
}

static int put_row(struct writer *w, struct err *e)
{
	size_t n = w->n_cols + w->o->outcome;

	for (size_t i = 0; i < n; i++) {
		if (i != 0)
			buf_c(&w->text, w->like.delimiter);
		table_put_cell(&w->text, &w->like, w->row[i]);
	}
	table_put_end(&w->text, &w->like);
	if (w->text.n < 1 << 18)
		return 0;
	if (buf_done(&w->text, e) == -1 || file_out_write(w->f, buf_view(&w->text), e) == -1)
		return -1;
	buf_reset(&w->text);
	return 0;
}

static int put_lead(struct writer *w, const struct place *p, const struct lead *l, struct err *e)
{
	size_t n = p->layout->n < COLUMNS_MAX ? p->layout->n : COLUMNS_MAX;

	if (cells_unpack(l->cells, w->unpacked, n) == -1)
		return err_set(e, ERR_IO, "the cells of a lead are damaged");
	memset(w->row, 0, (w->n_cols + 1) * sizeof(*w->row));
	for (size_t c = 0; c < n; c++)
		if (p->to[c] != UINT32_MAX && w->row[p->to[c]].n == 0)
			w->row[p->to[c]] = w->unpacked[c];
	if (w->o->outcome)
		w->row[w->n_cols] = outcome_cell(w, l);
	w->r->rows++;
	return put_row(w, e);
}

static int one_lead(struct writer *w, const struct lead *l, struct err *e)
{
	const struct place *p;

	if (l->layout == 0) {
		w->r->bare += w->writing;
		return 0;
	}
	if ((p = place_of(w, l->layout, e)) == NULL)
		return -1;
	return w->writing ? put_lead(w, p, l, e) : 0;
}

/* Every lead of the query, once. */
static int each_lead(struct writer *w, struct err *e)
{
	struct arena mem = { .cap = PAGE_BYTES };
	struct store *s = w->o->store;
	struct lead_query q = *w->o->query;
	struct lead_page page;
	struct buf cursor = { 0 };
	uint64_t seen = 0;
	int rc = -1;

	q.sort = QUERY_NO_COLUMN;
	q.limit = PAGE;
	q.at = NAN;
	q.cells = true;
	q.total = !w->writing;
	for (;;) {
		q.cursor = buf_view(&cursor);
		if (s->leads->list(s, &q, &mem, &page, e) == -1)
			break;
		if (q.total)
			w->total = page.total;
		q.total = false;
		for (size_t i = 0; i < page.n; i++)
			if (one_lead(w, &page.leads[i], e) == -1)
				goto done;
		seen += page.n;
		if (leads_progress_step(&w->o->progress, "collecting leads",
			    0.5 * (w->writing +
					  (w->total == 0 ? 1
							 : fmin(1, (double)seen /
									   (double)w->total))))) {
			err_set(e, ERR_CANCELLED, "stopped");
			break;
		}
		if (page.next_cursor.n == 0) {
			rc = 0;
			break;
		}
		buf_reset(&cursor);
		buf_str(&cursor, page.next_cursor);
		if (buf_done(&cursor, e) == -1)
			break;
		arena_reset(&mem);
	}
done:
	buf_clear(&cursor);
	arena_clear(&mem);
	return rc;
}

static int put_header(struct writer *w, struct err *e)
{
	for (size_t i = 0; i < w->n_cols; i++)
		w->row[i] = w->cols[i].name;
	if (w->o->outcome)
		w->row[w->n_cols] = S(LEAD_TABLE_OUTCOME);
	w->r->columns = (uint32_t)(w->n_cols + w->o->outcome);
	return put_row(w, e);
}

static int nothing(struct err *e)
{
	return err_set(e, ERR_INPUT, "there is no lead to look at: none is kept that passes");
}

static int write_file(struct writer *w, const char *path, struct err *e)
{
	struct file_out *f;

	if ((w->f = file_out_open(path, e)) == NULL)
		return -1;
	w->writing = true;
	if (put_header(w, e) == -1 || each_lead(w, e) == -1 || buf_done(&w->text, e) == -1 ||
		file_out_write(w->f, buf_view(&w->text), e) == -1)
		return -1;
	if (w->r->rows == 0)
		return nothing(e);
	f = w->f;
	w->f = NULL;
	return file_out_finish(f, e);
}

int lead_table_write(const struct lead_table_opts *o, const char *path, struct lead_table_result *r,
	struct err *e)
{
	struct writer w = { .o = o, .r = r, .like = { .encoding = "UTF-8", .delimiter = ',' } };
	int rc = -1;

	*r = (struct lead_table_result){ 0 };
	w.cols = calloc(COLUMNS_MAX + 1, sizeof(*w.cols));
	w.unpacked = calloc(COLUMNS_MAX + 1, sizeof(*w.unpacked));
	w.row = calloc(COLUMNS_MAX + 2, sizeof(*w.row));
	if (w.cols == NULL || w.unpacked == NULL || w.row == NULL) {
		err_nomem(e);
		goto done;
	}
	if ((o->outcome && read_told(&w, e) == -1) || each_lead(&w, e) == -1)
		goto done;
	if (w.n_cols == 0)
		nothing(e);
	else
		rc = write_file(&w, path, e);
done:
	file_out_abort(w.f);
	for (size_t i = 0; i < w.n_places; i++)
		free(w.places[i].to);
	arena_clear(&w.mem);
	free(w.places);
	free(w.cols);
	free(w.unpacked);
	free(w.row);
	buf_clear(&w.text);
	return rc;
}
