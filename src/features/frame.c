/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "features/bind.h"
#include "features/derive_internal.h"
#include "util/err.h"
#include "util/table.h"

struct framer {
	const struct profile *p;
	struct bases *b;
	struct bind *bind;
	struct frame_opts o;
	struct frame f;
	size_t cap;
	float *num; /* of one row, per base */
	uint32_t *code;
	int32_t created;         /* column of the file, -1 */
	struct base_column date; /* how the creation date is read */
	uint32_t *key_cells;     /* columns of the file that make row keys */
	uint64_t *key_seeds;
	size_t n_keys;
};

void frame_clear(struct frame *f)
{
	for (size_t i = 0; f->cols != NULL && i < f->n_cols; i++) {
		free(f->cols[i].num);
		free(f->cols[i].code);
	}
	free(f->cols);
	free(f->outcome);
	free(f->created);
	free(f->row_key);
	free(f->line);
	free(f->filled);
	*f = (struct frame){ 0 };
}

void frame_abort(struct framer *fr)
{
	if (fr == NULL)
		return;
	frame_clear(&fr->f);
	bind_free(fr->bind);
	free(fr->num);
	free(fr->code);
	free(fr->key_cells);
	free(fr->key_seeds);
	free(fr);
}

static int make_columns(struct framer *fr)
{
	struct frame *f = &fr->f;
	size_t n = fr->b->n;

	f->cols = calloc(n + 1, sizeof(*f->cols));
	fr->num = calloc(n + 1, sizeof(*fr->num));
	fr->code = calloc(n + 1, sizeof(*fr->code));
	if (f->cols == NULL || fr->num == NULL || fr->code == NULL)
		return -1;
	f->n_cols = n;
	for (size_t i = 0; i < n; i++) {
		const struct base_info *x = &fr->b->b[i].info;

		f->cols[i] = (struct base_col){ .name = x->name.p,
			.kind = x->kind,
			.sources = { x->sources[0], x->sources[1] },
			.n_sources = x->n_sources,
			.ordered = x->ordered,
			.is_column = x->is_column,
			.optional = x->optional };
	}
	f->n_columns = fr->b->n_cols;
	f->filled_words = (f->n_columns + 63) / 64;
	return 0;
}

/* The same row has the same key whatever the order of the columns: identifiers and the outcome do
 * not count. */
static int find_keys(struct framer *fr, const struct str *names, size_t n_names)
{
	fr->key_cells = calloc(fr->b->n_cols + 1, sizeof(*fr->key_cells));
	fr->key_seeds = calloc(fr->b->n_cols + 1, sizeof(*fr->key_seeds));
	if (fr->key_cells == NULL || fr->key_seeds == NULL)
		return -1;
	fr->created = -1;
	for (size_t c = 0; c < fr->b->n_cols; c++) {
		const struct base_column *x = &fr->b->cols[c];

		for (size_t i = 0; i < n_names; i++) {
			if (!str_eq(names[i], x->name))
				continue;
			if (x->created) {
				fr->created = (int32_t)i;
				fr->date = *x;
			}
			if (x->in) {
				fr->key_cells[fr->n_keys] = (uint32_t)i;
				fr->key_seeds[fr->n_keys++] = str_hash(x->name, 2);
			}
			break;
		}
	}
	return 0;
}

struct framer *frame_begin(const struct profile *p, struct bases *b, const struct str *names,
	size_t n_names, const struct frame_opts *o, struct err *e)
{
	struct framer *fr = calloc(1, sizeof(*fr));

	ASSERT(!b->sealed);
	if (fr == NULL) {
		err_nomem(e);
		return NULL;
	}
	fr->p = p;
	fr->b = b;
	fr->o = *o;
	fr->f.n_classes = o->n_classes != 0 ? o->n_classes : 2;
	fr->f.as_of = isnan(o->as_of) ? p->as_of : o->as_of;
	if (make_columns(fr) == -1 || find_keys(fr, names, n_names) == -1) {
		err_nomem(e);
		frame_abort(fr);
		return NULL;
	}
	if ((fr->bind = bind_new(b, names, n_names, NULL, e)) == NULL) {
		frame_abort(fr);
		return NULL;
	}
	bind_decide(fr->bind); /* the profile's formats are of all rows of this file */
	return fr;
}

/* ---- rows ---- */

static int widen(void **p, size_t cap, size_t size)
{
	void *q = cap > SIZE_MAX / size ? NULL : realloc(*p, cap * size);

	if (q == NULL)
		return -1;
	*p = q;
	return 0;
}

static int grow(struct framer *fr, size_t cap)
{
	struct frame *f = &fr->f;
	int rc = 0;

	for (size_t i = 0; i < f->n_cols && rc == 0; i++) {
		struct base_col *c = &f->cols[i];

		rc = c->kind == BASE_NUM ? widen((void **)&c->num, cap, sizeof(*c->num))
					 : widen((void **)&c->code, cap, sizeof(*c->code));
	}
	if (rc == 0)
		rc = widen((void **)&f->outcome, cap, sizeof(*f->outcome));
	if (rc == 0 && fr->created >= 0)
		rc = widen((void **)&f->created, cap, sizeof(*f->created));
	if (rc == 0)
		rc = widen((void **)&f->row_key, cap, sizeof(*f->row_key));
	if (rc == 0)
		rc = widen((void **)&f->line, cap, sizeof(*f->line));
	if (rc == 0 && f->filled_words != 0)
		rc = widen((void **)&f->filled, cap, f->filled_words * sizeof(*f->filled));
	if (rc == 0)
		fr->cap = cap;
	return rc;
}

static uint64_t row_key(const struct framer *fr, const struct str *cells)
{
	uint64_t key = 0;

	for (size_t i = 0; i < fr->n_keys; i++)
		key += str_hash(cells[fr->key_cells[i]], fr->key_seeds[i]);
	return key;
}

int frame_row(struct framer *fr, const struct row *r, struct err *e)
{
	struct frame *f = &fr->f;
	size_t at = f->rows;
	int8_t label = fr->o.label != NULL ? fr->o.label(fr->o.ctx, r) : OUTCOME_OPEN;
	struct cell_reading date;
	struct value v;

	if (label == OUTCOME_OPEN && !fr->o.keep_open)
		return 0;
	if (fr->o.rows != 0 && at >= fr->o.rows)
		return err_set(
			e, ERR_LIMIT, "the file has more than %zu rows to learn from", fr->o.rows);
	if (at == fr->cap && grow(fr, fr->cap != 0 ? fr->cap * 2 : 1024) == -1)
		return err_nomem(e);
	bases_row_filled(fr->b, fr->bind, r->cells, f->as_of, fr->num, fr->code,
		f->filled_words != 0 ? f->filled + at * f->filled_words : NULL);
	for (size_t i = 0; i < f->n_cols; i++) {
		struct base_col *c = &f->cols[i];

		if (c->kind == BASE_NUM) {
			c->num[at] = fr->num[i];
			continue;
		}
		if (fr->code[i] == UINT32_MAX)
			return err_nomem(e); /* the dictionary could not grow */
		c->code[at] = fr->code[i];
	}
	f->outcome[at] = label;
	f->row_key[at] = row_key(fr, r->cells);
	f->line[at] = r->line;
	if (fr->created >= 0) {
		date = cell_reading_of(&fr->date);
		bind_value(&date, fr->date.format, r->cells[fr->created], &v);
		f->created[at] = v.x;
	}
	f->rows++;
	return 0;
}

/* Dictionaries end growing: most frequent level first, rare ones pooled. */
static int seal(struct framer *fr, struct err *e)
{
	struct frame *f = &fr->f;

	for (size_t i = 0; i < f->n_cols; i++) {
		struct base *x = &fr->b->b[i];
		struct base_col *c = &f->cols[i];
		uint32_t *codes;

		if (c->kind != BASE_CAT)
			continue;
		if (dict_seal(x->dict, &codes, e) == -1)
			return -1;
		for (size_t r = 0; r < f->rows; r++)
			c->code[r] = codes[c->code[r]];
		free(codes);
		x->info.n_levels = c->n_levels = dict_levels(x->dict);
	}
	fr->b->sealed = true;
	return 0;
}

int frame_end(struct framer *fr, struct frame *f, struct err *e)
{
	int rc;

	*f = (struct frame){ 0 };
	/* Empty frames have arrays too; others give back what doubling left over. */
	rc = grow(fr, fr->f.rows != 0 ? fr->f.rows : 1) == -1 ? err_nomem(e) : seal(fr, e);
	if (rc == 0) {
		*f = fr->f;
		fr->f = (struct frame){ 0 };
	}
	frame_abort(fr);
	return rc;
}
