/* SPDX-License-Identifier: Apache-2.0 */
/* Counting leads by columns, finding them by keys: one pass over strips. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "record/fold.h"
#include "store/sqlite_strip_internal.h"
#include "store/tally_internal.h"
#include "util/err.h"

enum { LOCAL_MOST = 1 << 16 }; /* combinations of a segment that are counted in an array */

struct counting {
	struct sq_scan scan;
	struct tally *t;
	const struct lead_query *q;
	const struct lead_tally_by *by;
	size_t n_by;
	uint32_t columns[3];
	uint64_t *counts; /* [LOCAL_MOST] */
	double *probability, *value;
	struct err *e;
};

static double number_at(const struct strip *s, size_t row)
{
	uint32_t code = strip_code(s, row);

	return code == 0 || code > s->n_numbers ? NAN : s->x[code - 1];
}

/* Global numbers of the local codes that occur. */
static int number_codes(struct counting *x, size_t k, int64_t segment, const struct strip *s,
	const bool *used, uint32_t *global)
{
	struct strip raw = { .n = 0 };
	struct str body;
	uint32_t code;

	/* The texts as they were written, if they were kept. */
	if (s->ends != NULL) {
		if (sq_strip_body(x->scan.c, 5, x->columns[k] | COL_RAW, segment, &body, x->e) != 0)
			return -1;
		if (body.n >= (size_t)s->n * 4 && s->n > 0 && body.n > 0) {
			buf_reset(&x->scan.scratch[5]);
			buf_str(&x->scan.scratch[5], body);
			if (x->scan.scratch[5].failed)
				return err_nomem(x->e);
			raw.n = s->n;
			raw.ends = (const uint32_t *)(const void *)x->scan.scratch[5].p;
			raw.text = x->scan.scratch[5].p + (size_t)s->n * 4;
			if (raw.ends[s->n - 1] + (size_t)s->n * 4 > body.n)
				return err_set(x->e, ERR_IO, "a stored strip is damaged");
		}
	}
	for (code = 0; code <= s->n; code++) {
		struct value v = { .class = VALUE_EMPTY, .x = NAN };
		struct str shown = S("");

		if (!used[code])
			continue;
		if (code > 0) {
			v = strip_value(s, code - 1);
			shown = raw.ends != NULL ? strip_text(&raw, code - 1)
						 : strip_text(s, code - 1);
		}
		if (tally_number(x->t, k, &v, shown, &global[code], x->e) != 0)
			return -1;
	}
	return 0;
}

struct local {
	struct strip strips[3], probability, value;
	uint32_t global[3][SEG + 1];
	bool used[3][SEG + 1];
	uint16_t codes[SEG];
	uint32_t at[SEG];
};

static int open_strips(struct counting *x, struct local *l, int64_t segment)
{
	struct str body;
	size_t k;

	for (k = 0; k < x->n_by; k++)
		if (sq_strip_body(x->scan.c, (int)k + 1, x->columns[k], segment, &body, x->e) !=
				0 ||
			strip_read(body, &x->scan.scratch[k + 1], &l->strips[k], x->e) != 0)
			return -1;
	memset(&l->probability, 0, sizeof(l->probability));
	memset(&l->value, 0, sizeof(l->value));
	if (!x->q->sums)
		return 0;
	if (sq_strip_body(x->scan.c, 4, LF_PROBABILITY, segment, &body, x->e) != 0)
		return -1;
	/* Held apart: the statements are too few for all. */
	buf_reset(&x->scan.scratch[4]);
	buf_str(&x->scan.scratch[4], body);
	if (x->scan.scratch[4].failed)
		return err_nomem(x->e);
	if (strip_read(buf_view(&x->scan.scratch[4]), NULL, &l->probability, x->e) != 0)
		return -1;
	if (sq_strip_body(x->scan.c, 4, LF_VALUE, segment, &body, x->e) != 0)
		return -1;
	return strip_read(body, &x->scan.scratch[0], &l->value, x->e);
}

/* l->at: for every row which of the combinations of codes of the segment it has. */
static void combine(const struct counting *x, struct local *l)
{
	size_t k, i;

	memset(l->at, 0, sizeof(l->at));
	for (k = 0; k < x->n_by; k++) {
		uint32_t values = l->strips[k].n + 1;

		strip_codes(&l->strips[k], l->codes);
		for (i = 0; i < SEG; i++)
			l->at[i] = l->at[i] * values + l->codes[i];
	}
}

static int add_local(struct counting *x, struct local *l, int64_t segment, size_t all)
{
	size_t at, k;

	for (at = 0; at < all; at++) {
		size_t rest = at;

		for (k = x->n_by; k-- > 0 && x->counts[at] != 0;) {
			l->used[k][rest % (l->strips[k].n + 1)] = true;
			rest /= l->strips[k].n + 1;
		}
	}
	for (k = 0; k < x->n_by; k++)
		if (number_codes(x, k, segment, &l->strips[k], l->used[k], l->global[k]) != 0)
			return -1;
	for (at = 0; at < all; at++) {
		uint32_t g[3] = { 0, 0, 0 };
		size_t rest = at;

		if (x->counts[at] == 0)
			continue;
		for (k = x->n_by; k-- > 0;) {
			g[k] = l->global[k][rest % (l->strips[k].n + 1)];
			rest /= l->strips[k].n + 1;
		}
		if (tally_add(x->t, g, x->counts[at], x->probability[at], x->value[at], x->e) != 0)
			return -1;
	}
	return 0;
}

static void add_sums(struct counting *x, const struct local *l, size_t row)
{
	double p = number_at(&l->probability, row), v = number_at(&l->value, row);

	x->probability[l->at[row]] += isnan(p) ? 0 : p;
	x->value[l->at[row]] += isnan(v) ? 0 : v;
}

/* Few combinations: each is counted at its place in an array. */
static int count_few(struct counting *x, struct local *l, const uint64_t bits[SEG / 64],
	int64_t segment, size_t all)
{
	size_t w, i;

	memset(x->counts, 0, all * sizeof(*x->counts));
	memset(x->probability, 0, all * sizeof(*x->probability));
	memset(x->value, 0, all * sizeof(*x->value));
	combine(x, l);
	for (w = 0; w < SEG / 64; w++) {
		uint64_t left = bits[w];

		for (i = 0; i < 64 && left == UINT64_MAX; i++)
			x->counts[l->at[w * 64 + i]]++;
		for (; left != 0 && left != UINT64_MAX; left &= left - 1)
			x->counts[l->at[w * 64 + (size_t)__builtin_ctzll(left)]]++;
		for (left = bits[w]; left != 0 && x->q->sums; left &= left - 1)
			add_sums(x, l, w * 64 + (size_t)__builtin_ctzll(left));
	}
	return add_local(x, l, segment, all);
}

/* Many: lead by lead. */
static int count_many(
	struct counting *x, struct local *l, const uint64_t bits[SEG / 64], int64_t segment)
{
	size_t k, row;

	for (row = 0; row < SEG; row++)
		for (k = 0; k < x->n_by && (bits[row / 64] >> row % 64 & 1) != 0; k++)
			l->used[k][strip_code(&l->strips[k], row)] = true;
	for (k = 0; k < x->n_by; k++)
		if (number_codes(x, k, segment, &l->strips[k], l->used[k], l->global[k]) != 0)
			return -1;
	for (row = 0; row < SEG; row++) {
		uint32_t g[3] = { 0, 0, 0 };
		double p = 0, v = 0;

		if ((bits[row / 64] >> row % 64 & 1) == 0)
			continue;
		for (k = 0; k < x->n_by; k++)
			g[k] = l->global[k][strip_code(&l->strips[k], row)];
		if (x->q->sums) {
			p = number_at(&l->probability, row);
			v = number_at(&l->value, row);
		}
		if (tally_add(x->t, g, 1, isnan(p) ? 0 : p, isnan(v) ? 0 : v, x->e) != 0)
			return -1;
	}
	return 0;
}

static int count_segment(struct counting *x, struct local *l, int64_t segment)
{
	uint64_t bits[SEG / 64];
	size_t k, all = 1;

	if (sq_scan_segment(&x->scan, segment, bits, x->e) != 0)
		return -1;
	for (k = 0; k < SEG / 64 && bits[k] == 0; k++)
		;
	if (k == SEG / 64)
		return 0;
	if (open_strips(x, l, segment) != 0)
		return -1;
	for (k = 0; k < x->n_by; k++) {
		memset(l->used[k], 0, l->strips[k].n + 1);
		all *= l->strips[k].n + 1;
	}
	return all <= LOCAL_MOST ? count_few(x, l, bits, segment, all)
				 : count_many(x, l, bits, segment);
}

struct tally_call {
	const struct lead_query *q;
	const struct lead_tally_by *by;
	size_t n_by;
	struct arena *a;
	struct lead_tally **out;
	size_t *n;
};

static int count_dirty(struct counting *x)
{
	size_t i;

	for (i = 0; i < x->scan.n_dirty; i++) {
		const struct layout *layout = NULL;
		struct lead l;
		int rc = sq_scan_dirty(&x->scan, i, &l, &layout, x->e);

		if (rc < 0 || (rc == 1 && tally_lead(x->t, &l, layout, x->e) != 0))
			return -1;
	}
	return 0;
}

static int tally(struct sq *s, struct sq_conn *c, void *arg, struct err *e)
{
	struct tally_call *call = arg;
	struct counting x = { .q = call->q, .by = call->by, .n_by = call->n_by, .e = e };
	struct local *l = malloc(sizeof(*l));
	int64_t segment;
	size_t k;
	int rc = -1;

	x.t = tally_new(call->by, call->n_by, call->q->sums, e);
	x.counts = malloc(LOCAL_MOST * sizeof(*x.counts));
	x.probability = malloc(LOCAL_MOST * sizeof(double));
	x.value = malloc(LOCAL_MOST * sizeof(double));
	if (l == NULL || x.t == NULL || x.counts == NULL || x.probability == NULL ||
		x.value == NULL) {
		err_nomem(e);
		goto free;
	}
	if (sq_scan_open(&x.scan, s, c, call->q, call->a, e) != 0)
		goto done;
	for (k = 0; k < call->n_by; k++) {
		bool strips;

		x.columns[k] = sq_column(s, c, &call->by[k].column, &strips, e);
		if (!strips) {
			err_set(e, ERR_INPUT, "leads cannot be counted by this attribute");
			goto done;
		}
	}
	for (segment = 0; segment < x.scan.segments; segment++)
		if (count_segment(&x, l, segment) != 0)
			goto done;
	if (count_dirty(&x) != 0)
		goto done;
	rc = tally_finish(x.t, call->a, call->out, call->n, e);
done:
	sq_scan_close(&x.scan);
free:
	tally_free(x.t);
	free(l);
	free(x.counts);
	free(x.probability);
	free(x.value);
	return rc;
}

int sq_leads_tally(struct store *s, const struct lead_query *q, const struct lead_tally_by *by,
	size_t n_by, struct arena *a, struct lead_tally **out, size_t *n, struct err *e)
{
	struct tally_call call = { q, by, n_by, a, out, n };

	if (tally_check(q, by, n_by, e) != 0)
		return -1;
	return sq_read(sq_of(s), tally, &call, e);
}

/* --- finding by keys
 * ------------------------------------------------------------------------------ */

struct find {
	enum lead_field f;
	const struct str *texts;
	size_t n;
	struct id *out;
	struct map keys; /* folded text -> first index + 1 */
	uint32_t *next;  /* index + 1 of the next with the same */
};

static int find_keys(struct find *x, struct err *e)
{
	struct buf fold = { 0 };
	size_t i;
	int rc = 0;

	x->next = calloc(x->n + 1, sizeof(*x->next));
	if (x->next == NULL)
		return err_nomem(e);
	for (i = 0; i < x->n && rc == 0; i++) {
		struct map_entry *m;

		memset(&x->out[i], 0, sizeof(x->out[i]));
		buf_reset(&fold);
		fold_text(x->texts[i], &fold);
		if (fold.n == 0)
			continue;
		m = fold.failed ? NULL : map_put(&x->keys, buf_view(&fold), NULL);
		if (m == NULL) {
			rc = err_nomem(e);
			break;
		}
		x->next[i] = (uint32_t)m->value;
		m->value = i + 1;
	}
	buf_clear(&fold);
	return rc;
}

static void found(struct find *x, uint64_t first, const struct id *id)
{
	uint64_t i;

	for (i = first; i != 0; i = x->next[i - 1])
		if (id_is_none(x->out[i - 1]) || id_cmp(*id, x->out[i - 1]) < 0)
			x->out[i - 1] = *id;
}

static int find_segment(
	struct sq_scan *scan, struct find *x, int64_t segment, uint64_t *first, struct err *e)
{
	uint64_t bits[SEG / 64];
	struct strip strip;
	struct str body;
	size_t row;
	uint32_t i;
	bool some = false;

	if (sq_scan_segment(scan, segment, bits, e) != 0 ||
		sq_strip_body(scan->c, 1, (uint32_t)x->f, segment, &body, e) != 0 ||
		strip_read(body, &scan->scratch[1], &strip, e) != 0)
		return -1;
	first[0] = 0;
	for (i = 0; i < strip.n; i++) {
		struct map_entry *m = map_get(&x->keys, strip_text(&strip, i));

		first[i + 1] = m != NULL ? m->value : 0;
		some |= m != NULL;
	}
	for (row = 0; row < SEG && some; row++) {
		struct lead l;
		uint32_t code;

		if ((bits[row / 64] >> row % 64 & 1) == 0)
			continue;
		code = strip_code(&strip, row);
		if (first[code] == 0)
			continue;
		if (sq_lead_at(scan->c, segment * SEG + 1 + (int64_t)row, &l, e) != 1)
			return -1;
		found(x, first[code], &l.id);
	}
	return 0;
}

static int find(struct sq *s, struct sq_conn *c, void *arg, struct err *e)
{
	static const struct lead_query any = { .limit = 1, .sort = { .field = LF_IGNORE } };
	struct find *x = arg;
	struct arena a = { .cap = 0 };
	struct buf fold = { 0 };
	struct sq_scan scan;
	uint64_t *first = arena_array(&a, SEG + 1, sizeof(*first));
	struct query_column col = { .field = x->f };
	int64_t segment;
	size_t i;
	int rc = -1;

	if (sq_scan_open(&scan, s, c, &any, &a, e) != 0)
		goto done;
	if (first == NULL) {
		err_nomem(e);
		goto done;
	}
	for (segment = 0; segment < scan.segments; segment++)
		if (find_segment(&scan, x, segment, first, e) != 0)
			goto done;
	for (i = 0; i < scan.n_dirty; i++) {
		const struct layout *layout = NULL;
		struct map_entry *m;
		struct value v;
		struct lead l;
		int there = sq_scan_dirty(&scan, i, &l, &layout, e);

		if (there < 0)
			goto done;
		if (there == 0)
			continue;
		v = value_of_lead(&l, layout, &col, &fold);
		if (fold.failed) {
			err_nomem(e);
			goto done;
		}
		m = v.class == VALUE_EMPTY ? NULL : map_get(&x->keys, v.text);
		if (m != NULL)
			found(x, m->value, &l.id);
	}
	rc = 0;
done:
	sq_scan_close(&scan);
	arena_clear(&a);
	buf_clear(&fold);
	return rc;
}

int sq_leads_find(struct store *s, enum lead_field f, const struct str *texts, size_t n,
	struct id *out, struct err *e)
{
	struct find x = { .f = f, .texts = texts, .n = n, .out = out };
	int rc = -1;

	if (f >= LF_TEXTS)
		return err_set(e, ERR_INPUT, "%s is no text to find leads by", field_name(f));
	if (find_keys(&x, e) == 0)
		rc = sq_read(sq_of(s), find, &x, e);
	map_clear(&x.keys);
	free(x.next);
	return rc;
}

/* --- attributes
 * ------------------------------------------------------------------------------------- */

struct attributes {
	struct arena *a;
	struct attribute_count *out;
	size_t n;
};

static int load_attributes(
	struct sq_conn *c, struct attributes *x, uint32_t *numbers, size_t most, struct err *e)
{
	sqlite3_stmt *st = sq_stmt(c, "SELECT number, header FROM attribute ORDER BY header", e);
	int rc;

	if (st == NULL)
		return -1;
	while ((rc = sq_step(c, st, e)) == 1 && x->n < most) {
		struct str header = sq_blob(st, 1);

		numbers[x->n] = (uint32_t)sqlite3_column_int64(st, 0);
		x->out[x->n].indexed = true;
		x->out[x->n].header = (struct str){ arena_dup(x->a, header), header.n };
		if (x->out[x->n++].header.p == NULL) {
			rc = err_nomem(e);
			break;
		}
	}
	sq_reset(st);
	return rc < 0 ? -1 : 0;
}

static int count_filled(struct sq_scan *scan, uint32_t column, int64_t segment,
	const uint64_t bits[SEG / 64], uint64_t *filled, struct err *e)
{
	struct strip strip;
	struct str body;
	size_t w;

	if (sq_strip_body(scan->c, 1, column, segment, &body, e) != 0 ||
		strip_read(body, &scan->scratch[1], &strip, e) != 0)
		return -1;
	for (w = 0; w < SEG / 64 && strip.n > 0; w++) {
		uint64_t left = bits[w];

		for (; left != 0; left &= left - 1)
			*filled += strip_code(&strip, w * 64 + (size_t)__builtin_ctzll(left)) != 0;
	}
	return 0;
}

static int attributes(struct sq *s, struct sq_conn *c, void *arg, struct err *e)
{
	static const struct lead_query any = { .limit = 1, .sort = { .field = LF_IGNORE } };
	struct attributes *x = arg;
	uint32_t *numbers = arena_array(x->a, SQ_ATTRIBUTES_MAX + 1, sizeof(*numbers));
	struct sq_scan scan;
	struct buf fold = { 0 };
	int64_t segment;
	size_t i, k;
	int rc = -1;

	x->out = arena_array(x->a, SQ_ATTRIBUTES_MAX + 1, sizeof(*x->out));
	if (sq_scan_open(&scan, s, c, &any, x->a, e) != 0)
		goto done;
	if (numbers == NULL || x->out == NULL) {
		err_nomem(e);
		goto done;
	}
	if (load_attributes(c, x, numbers, SQ_ATTRIBUTES_MAX, e) != 0)
		goto done;
	for (segment = 0; segment < scan.segments; segment++) {
		uint64_t bits[SEG / 64];

		if (sq_scan_segment(&scan, segment, bits, e) != 0)
			goto done;
		for (k = 0; k < x->n; k++)
			if (count_filled(&scan, COL_ATTRIBUTES + numbers[k], segment, bits,
				    &x->out[k].filled, e) != 0)
				goto done;
	}
	for (i = 0; i < scan.n_dirty; i++) {
		const struct layout *layout = NULL;
		struct lead l;
		int there = sq_scan_dirty(&scan, i, &l, &layout, e);

		if (there < 0)
			goto done;
		for (k = 0; k < x->n && there == 1; k++) {
			struct query_column col = { LF_ATTRIBUTE, x->out[k].header };

			x->out[k].filled +=
				value_of_lead(&l, layout, &col, &fold).class != VALUE_EMPTY;
			if (fold.failed) {
				err_nomem(e);
				goto done;
			}
		}
	}
	rc = 0;
done:
	sq_scan_close(&scan);
	buf_clear(&fold);
	return rc;
}

int sq_leads_attributes(
	struct store *s, struct arena *a, struct attribute_count **out, size_t *n, struct err *e)
{
	struct attributes x = { .a = a };

	if (sq_read(sq_of(s), attributes, &x, e) != 0)
		return -1;
	*out = x.out;
	*n = x.n;
	return 0;
}
