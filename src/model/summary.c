/* SPDX-License-Identifier: Apache-2.0 */
#include "model/summary.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/heat.h"
#include "util/err.h"
#include "util/json.h"

enum { EDGE_SAMPLE = 100000 }; /* values that edges are taken from */

static void col_clear(struct summary_col *c)
{
	free(c->name);
	free(c->column);
	free(c->bin_of);
	for (int b = 0; b < SUMMARY_BINS; b++)
		free(c->label[b]);
	memset(c, 0, sizeof(*c));
}

void summary_clear(struct summary *s)
{
	for (size_t i = 0; i < s->n; i++)
		col_clear(&s->cols[i]);
	free(s->cols);
	col_clear(&s->score);
	memset(s, 0, sizeof(*s));
}

const struct summary_col *summary_find(const struct summary *s, uint32_t base)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->cols[i].base == base)
			return &s->cols[i];
	return NULL;
}

uint32_t summary_bin(const struct summary_col *c, float num, uint32_t code)
{
	uint32_t b = 1;

	if (c->kind == BASE_CAT)
		return code < c->n_levels ? c->bin_of[code] : c->n_bins - 1;
	if (isnan(num) || c->n_bins < 2)
		return 0;
	while (b + 1 < c->n_bins && (double)num > c->edge[b])
		b++;
	return b;
}

/* ---- making one */

static int ascending(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return x < y ? -1 : x > y;
}

/* Edges from ${m} sorted values: each of its own while there are few, else of equal count. */
static void cut(struct summary_col *c, const float *v, size_t m)
{
	size_t distinct = 0;

	c->n_bins = 1;
	if (m == 0)
		return;
	c->low = (double)v[0];
	for (size_t i = 0; i < m && distinct <= SUMMARY_CUTS; i++)
		distinct += i == 0 || v[i] != v[i - 1];
	c->apart = distinct <= SUMMARY_CUTS;
	c->whole = true;
	for (size_t i = 0; i < m && c->whole; i++)
		c->whole = v[i] == floorf(v[i]);
	for (size_t i = 0; i < m && c->apart; i++)
		if (i + 1 == m || v[i + 1] != v[i])
			c->edge[c->n_bins++] = (double)v[i];
	for (size_t k = 1; k <= SUMMARY_CUTS && !c->apart; k++) {
		double e = (double)v[m * k / SUMMARY_CUTS - 1];

		if (c->n_bins == 1 || e > c->edge[c->n_bins - 1])
			c->edge[c->n_bins++] = e;
	}
}

static int cut_numbers(struct summary_col *c, const float *num, const int8_t *y, size_t rows)
{
	size_t step = rows / EDGE_SAMPLE + 1, m = 0;
	float *v = malloc((rows / step + 2) * sizeof(*v));

	if (v == NULL)
		return -1;
	for (size_t i = 0; i < rows; i += step)
		if (y[i] >= 0 && !isnan(num[i]))
			v[m++] = num[i];
	qsort(v, m, sizeof(*v), ascending);
	cut(c, v, m);
	free(v);
	return 0;
}

struct level {
	uint32_t code;
	uint64_t n;
};

static int more_first(const void *a, const void *b)
{
	const struct level *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return x->code < y->code ? -1 : x->code > y->code;
}

static int name_levels(struct summary_col *c, const struct summary_opts *o, const struct level *l,
	uint32_t n_top, uint32_t rare)
{
	for (uint32_t i = 0; i < c->n_levels; i++)
		c->bin_of[i] = (uint8_t)(n_top + 1);
	c->bin_of[0] = 0;
	for (uint32_t i = 0; i < n_top; i++) {
		struct str s = o->level != NULL ? o->level(o->ctx, c->base, l[i].code) : S("");

		c->level[i + 1] = l[i].code;
		c->bin_of[l[i].code] = (uint8_t)(i + 1);
		if ((c->label[i + 1] = str_dup(s)) == NULL)
			return -1;
	}
	c->n_bins = n_top + 3;
	if (rare < c->n_levels)
		c->bin_of[rare] = (uint8_t)(n_top + 2);
	return 0;
}

static int cut_levels(
	struct summary_col *c, const struct base_col *b, const struct summary_opts *o, size_t rows)
{
	uint32_t rare = o->rare != NULL ? o->rare(o->ctx, c->base) : BASE_UNSEEN, n_top = 0;
	struct level *l = calloc((size_t)b->n_levels + 1, sizeof(*l));
	int rc = -1;

	c->n_levels = b->n_levels > 0 ? b->n_levels : 1;
	c->bin_of = calloc(c->n_levels, 1);
	if (l == NULL || c->bin_of == NULL)
		goto done;
	for (uint32_t i = 0; i < b->n_levels; i++)
		l[i].code = i;
	for (size_t i = 0; i < rows; i++)
		if (o->y[i] >= 0 && b->code[i] != 0 && b->code[i] < b->n_levels &&
			b->code[i] != rare)
			l[b->code[i]].n++;
	qsort(l, b->n_levels, sizeof(*l), more_first);
	while (n_top < b->n_levels && n_top < SUMMARY_LEVELS && l[n_top].n > 0)
		n_top++;
	rc = name_levels(c, o, l, n_top, rare);
done:
	free(l);
	return rc;
}

static void tally(
	struct summary_col *c, const struct base_col *b, const struct summary_opts *o, size_t rows)
{
	for (size_t i = 0; i < rows; i++) {
		uint32_t bin;

		if (o->y[i] < 0)
			continue;
		bin = summary_bin(
			c, b->num != NULL ? b->num[i] : NAN, b->code != NULL ? b->code[i] : 0);
		c->n[bin]++;
		c->won[bin] += o->y[i] == OUTCOME_WON;
		c->p[bin] += o->p[i];
	}
}

static int make_col(
	const struct frame *f, size_t i, const struct summary_opts *o, struct summary_col *c)
{
	const struct base_col *b = &f->cols[i];
	struct str column = o->column != NULL ? o->column(o->ctx, i) : str_of(b->name);

	c->base = (uint32_t)i;
	c->kind = b->kind;
	c->itself = b->is_column;
	c->used = o->used == NULL || o->used[i];
	c->moves = o->moves != NULL && o->moves(o->ctx, i);
	c->name = str_dup(str_of(b->name));
	c->column = str_dup(column);
	if (c->name == NULL || c->column == NULL ||
		(b->kind == BASE_NUM ? cut_numbers(c, b->num, o->y, f->rows)
				     : cut_levels(c, b, o, f->rows)) != 0)
		return -1;
	tally(c, b, o, f->rows);
	return 0;
}

static int make_score(const struct frame *f, const struct summary_opts *o, const struct bands *b,
	struct summary *s)
{
	struct base_col score = { .kind = BASE_NUM };
	float *v = malloc((f->rows + 1) * sizeof(*v));
	int rc;

	if (v == NULL)
		return -1;
	for (size_t i = 0; i < f->rows; i++) {
		v[i] = (float)o->p[i];
		if (o->y[i] < 0)
			continue;
		s->rows++;
		s->heat[heat_of(b, o->p[i])]++;
	}
	score.num = v;
	s->score.name = str_dup(S("probability"));
	s->score.column = str_dup(S(""));
	rc = s->score.name == NULL || s->score.column == NULL ||
			     cut_numbers(&s->score, v, o->y, f->rows) != 0
		     ? -1
		     : 0;
	if (rc == 0)
		tally(&s->score, &score, o, f->rows);
	free(v);
	return rc;
}

int summary_make(const struct frame *f, const struct summary_opts *o, const struct bands *b,
	struct summary *out, struct err *e)
{
	int rc;

	memset(out, 0, sizeof(*out));
	if ((out->cols = calloc(f->n_cols + 1, sizeof(*out->cols))) == NULL)
		return err_nomem(e);
	rc = make_score(f, o, b, out);
	for (size_t i = 0; rc == 0 && i < f->n_cols; i++)
		if (o->use == NULL || o->use[i])
			rc = make_col(f, i, o, &out->cols[out->n++]);
	if (rc == 0)
		return 0;
	summary_clear(out);
	return err_nomem(e);
}

/* ---- counting */

int summary_counter_init(struct summary_counter *c, const struct summary *s, struct err *e)
{
	memset(c, 0, sizeof(*c));
	c->cols = s->n;
	c->n = calloc((s->n + 1) * SUMMARY_BINS, sizeof(*c->n));
	return c->n != NULL ? 0 : err_nomem(e);
}

void summary_count(struct summary_counter *c, const struct summary *s, const float *num,
	const uint32_t *code, double p, int heat)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct summary_col *k = &s->cols[i];
		uint32_t bin = k->kind == BASE_NUM ? summary_bin(k, num[k->base], 0)
						   : summary_bin(k, NAN, code[k->base]);

		c->n[i * SUMMARY_BINS + bin]++;
	}
	c->n[s->n * SUMMARY_BINS + summary_bin(&s->score, (float)p, 0)]++;
	c->rows++;
	c->sum_p += p;
	if (heat >= 0 && heat < 3)
		c->heat[heat]++;
}

void summary_counter_add(struct summary_counter *c, const struct summary_counter *other)
{
	ASSERT(c->cols == other->cols);
	for (size_t i = 0; i < (c->cols + 1) * SUMMARY_BINS; i++)
		c->n[i] += other->n[i];
	for (int h = 0; h < 3; h++)
		c->heat[h] += other->heat[h];
	c->rows += other->rows;
	c->sum_p += other->sum_p;
}

void summary_counter_clear(struct summary_counter *c)
{
	free(c->n);
	memset(c, 0, sizeof(*c));
}

/* A number for people: four digits that matter, thousands whole. */
static void short_number(double x, char *out, size_t n)
{
	if (fabs(x) >= 1000 && fabs(x) < 1e9)
		snprintf(out, n, "%.0f", x);
	else
		snprintf(out, n, "%.4g", x);
}

void summary_label(const struct summary_col *c, uint32_t bin, char *out, size_t n)
{
	char from[40], to[40];

	if (bin == 0) {
		snprintf(out, n, "missing");
	} else if (c->kind == BASE_CAT) {
		snprintf(out, n, "%s",
			bin + 1 == c->n_bins    ? "new or rare"
			: bin + 2 == c->n_bins  ? "other"
			: c->label[bin] != NULL ? c->label[bin]
						: "");
	} else if (bin < c->n_bins) {
		bool first = bin == 1, last = bin + 1 == c->n_bins;

		/* Of whole numbers the next one, so that no value is named twice. */
		short_number(first ? c->low : c->edge[bin - 1] + c->whole, from, sizeof(from));
		short_number(c->edge[bin], to, sizeof(to));
		if (c->apart ||
			(c->whole && !first && !last && c->edge[bin - 1] + 1 >= c->edge[bin]))
			snprintf(out, n, "%s", to);
		else if (first && last)
			snprintf(out, n, "%s", c->low < c->edge[bin] ? "any" : to);
		else if (first)
			snprintf(out, n, c->low < c->edge[bin] ? "up to %s" : "%s", to);
		else if (last)
			snprintf(out, n, c->whole ? "%s or more" : "over %s", from);
		else
			snprintf(out, n, "%s to %s", from, to);
	}
}

/* ---- JSON */

static void counts_write(struct jw *w, const char *key, const uint64_t *v, uint32_t n)
{
	jw_key(w, key);
	jw_arr(w);
	for (uint32_t i = 0; i < n; i++)
		jw_int(w, (int64_t)v[i]);
	jw_end_arr(w);
}

static void col_write(struct jw *w, const struct summary_col *c)
{
	jw_obj(w);
	jw_kz(w, "name", c->name);
	jw_kz(w, "column", c->column);
	jw_kint(w, "base", c->base);
	jw_kbool(w, "itself", c->itself);
	jw_kbool(w, "moves", c->moves);
	jw_kbool(w, "used", c->used);
	if (c->kind == BASE_CAT) {
		jw_kint(w, "levels", c->n_levels);
		/* What is neither missing nor a bin of its own nor the rare code is "other". */
		jw_key(w, "bins");
		jw_arr(w);
		for (uint32_t b = 1; b + 2 < c->n_bins; b++) {
			jw_arr(w);
			jw_int(w, c->level[b]);
			jw_z(w, c->label[b]);
			jw_end_arr(w);
		}
		jw_end_arr(w);
		for (uint32_t i = 0; i < c->n_levels; i++)
			if (c->bin_of[i] + 1u == c->n_bins)
				jw_kint(w, "rare", i);
	} else {
		jw_knum(w, "low", c->low);
		jw_kbool(w, "apart", c->apart);
		jw_kbool(w, "whole", c->whole);
		jw_key(w, "edges");
		jw_arr(w);
		for (uint32_t b = 1; b < c->n_bins; b++)
			jw_num(w, c->edge[b]);
		jw_end_arr(w);
	}
	counts_write(w, "n", c->n, c->n_bins);
	counts_write(w, "won", c->won, c->n_bins);
	jw_key(w, "p");
	jw_arr(w);
	for (uint32_t b = 0; b < c->n_bins; b++)
		jw_num(w, c->p[b]);
	jw_end_arr(w);
	jw_end_obj(w);
}

void summary_write(struct jw *w, const struct summary *s)
{
	jw_obj(w);
	jw_kint(w, "rows", (int64_t)s->rows);
	counts_write(w, "heat", s->heat, 3);
	jw_key(w, "score");
	col_write(w, &s->score);
	jw_key(w, "columns");
	jw_arr(w);
	for (size_t i = 0; i < s->n; i++)
		col_write(w, &s->cols[i]);
	jw_end_arr(w);
	jw_end_obj(w);
}

static int counts_read(
	const struct json *obj, const char *key, uint64_t *v, uint32_t n, struct err *e)
{
	const struct json *a = json_need(obj, key, J_ARR, e);

	if (a == NULL)
		return -1;
	if (json_len(a) != n)
		return err_set(
			e, ERR_INPUT, "\"%s\" has %zu counts for %u bins", key, json_len(a), n);
	for (uint32_t i = 0; i < n; i++) {
		int64_t x = json_int(json_at(a, i), -1);

		if (x < 0 || x > INT64_C(1) << 40)
			return err_set(e, ERR_INPUT, "\"%s\" has a number that is no count", key);
		v[i] = (uint64_t)x;
	}
	return 0;
}

static int levels_read(const struct json *o, struct summary_col *c, struct err *e)
{
	const struct json *bins = json_need(o, "bins", J_ARR, e);
	int64_t levels, rare = json_int(json_get(o, "rare"), -1);
	uint32_t n = (uint32_t)json_len(bins);

	if (bins == NULL || json_need_int(o, "levels", 1, 1 << 26, &levels, e) != 0)
		return -1;
	if (json_len(bins) > SUMMARY_LEVELS || rare >= levels)
		return err_set(e, ERR_INPUT, "a category has more levels than it can have");
	c->n_levels = (uint32_t)levels;
	c->n_bins = n + 3;
	if ((c->bin_of = malloc(c->n_levels)) == NULL)
		return err_nomem(e);
	memset(c->bin_of, (int)n + 1, c->n_levels);
	c->bin_of[0] = 0;
	if (rare >= 0)
		c->bin_of[rare] = (uint8_t)(n + 2);
	for (uint32_t b = 1; b <= n; b++) {
		int64_t code = json_int(json_at(json_at(bins, b - 1), 0), -1);

		if (code < 0 || code >= levels)
			return err_set(e, ERR_INPUT, "a bin names a level that is not there");
		c->level[b] = (uint32_t)code;
		c->bin_of[code] = (uint8_t)b;
		c->label[b] = str_dup(json_str(json_at(json_at(bins, b - 1), 1), S("")));
		if (c->label[b] == NULL)
			return err_nomem(e);
	}
	return 0;
}

static int edges_read(const struct json *o, struct summary_col *c, struct err *e)
{
	const struct json *a = json_need(o, "edges", J_ARR, e);

	if (a == NULL)
		return -1;
	if (json_len(a) > SUMMARY_CUTS)
		return err_set(e, ERR_INPUT, "a number has %zu bins, too many", json_len(a));
	c->low = json_num(json_get(o, "low"), 0);
	c->apart = json_bool(json_get(o, "apart"), false);
	c->whole = json_bool(json_get(o, "whole"), false);
	c->n_bins = (uint32_t)json_len(a) + 1;
	for (uint32_t b = 1; b < c->n_bins; b++)
		c->edge[b] = json_num(json_at(a, b - 1), b + 1 == c->n_bins ? INFINITY : NAN);
	return 0;
}

static int col_read(const struct json *o, size_t n_base, struct summary_col *c, struct err *e)
{
	const struct json *p;
	struct str name;
	int64_t base;

	if (json_need_str(o, "name", &name, e) != 0 ||
		json_need_int(o, "base", 0, UINT32_MAX, &base, e) != 0 ||
		(p = json_need(o, "p", J_ARR, e)) == NULL)
		return -1;
	if ((uint64_t)base >= n_base)
		return err_set(e, ERR_INPUT, "the summary has base column %lld of %zu",
			(long long)base, n_base);
	c->base = (uint32_t)base;
	c->itself = json_bool(json_get(o, "itself"), false);
	c->moves = json_bool(json_get(o, "moves"), false);
	c->used = json_bool(json_get(o, "used"), false);
	c->name = str_dup(name);
	c->column = str_dup(json_str(json_get(o, "column"), S("")));
	if (c->name == NULL || c->column == NULL)
		return err_nomem(e);
	c->kind = json_get(o, "levels") != NULL ? BASE_CAT : BASE_NUM;
	if ((c->kind == BASE_CAT ? levels_read(o, c, e) : edges_read(o, c, e)) != 0 ||
		counts_read(o, "n", c->n, c->n_bins, e) != 0 ||
		counts_read(o, "won", c->won, c->n_bins, e) != 0)
		return -1;
	for (uint32_t b = 0; b < c->n_bins; b++)
		c->p[b] = json_num(json_at(p, b), 0);
	return 0;
}

int summary_read(const struct json *obj, size_t n_base, struct summary *out, struct err *e)
{
	const struct json *cols = json_need(obj, "columns", J_ARR, e), *score;
	int64_t rows;

	memset(out, 0, sizeof(*out));
	if (cols == NULL || (score = json_need(obj, "score", J_OBJ, e)) == NULL ||
		json_need_int(obj, "rows", 0, INT64_C(1) << 40, &rows, e) != 0 ||
		counts_read(obj, "heat", out->heat, 3, e) != 0)
		return -1;
	out->rows = (uint64_t)rows;
	if ((out->cols = calloc(json_len(cols) + 1, sizeof(*out->cols))) == NULL)
		return err_nomem(e);
	if (col_read(score, 1, &out->score, e) != 0)
		goto fail;
	if (out->score.kind != BASE_NUM) {
		err_set(e, ERR_INPUT, "the summary of the scores is not one of numbers");
		goto fail;
	}
	for (size_t i = 0; i < json_len(cols); i++) {
		out->n++;
		if (col_read(json_at(cols, i), n_base, &out->cols[i], e) != 0)
			goto fail;
	}
	return 0;
fail:
	summary_clear(out);
	return -1;
}
