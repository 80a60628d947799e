/* SPDX-License-Identifier: Apache-2.0 */
/* Which leads pass a query: filters are put to the few values of a strip, and a byte per lead then
 * says the rest. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "record/fold.h"
#include "store/sqlite_leads_internal.h"
#include "store/sqlite_strip_internal.h"
#include "util/err.h"

static int read_body(struct sq_conn *c, int which, uint32_t column, int64_t segment,
	struct str *body, struct err *e)
{
	/* One statement for each strip that is held at a time. */
	static const char *const sql[SQ_CURSORS] = {
		"SELECT body FROM strip WHERE key = ?1",
		"SELECT body FROM strip WHERE key = ?1 /*1*/",
		"SELECT body FROM strip WHERE key = ?1 /*2*/",
		"SELECT body FROM strip WHERE key = ?1 /*3*/",
		"SELECT body FROM strip WHERE key = ?1 /*4*/",
		"SELECT body FROM strip WHERE key = ?1 /*5*/",
	};
	sqlite3_stmt *st = sq_stmt(c, sql[which], e);
	int rc;

	*body = S("");
	if (st == NULL)
		return -1;
	sqlite3_reset(st);
	sqlite3_bind_int64(st, 1, sq_strip_key(column, segment));
	rc = sq_step(c, st, e);
	if (rc == 1)
		*body = sq_blob(st, 0);
	return rc < 0 ? -1 : 0;
}

/* The stamps of the segments, as of the transaction that runs. */
static int load_stamps(struct sq_conn *c, struct sq_strips_held *h, struct err *e)
{
	sqlite3_stmt *st = sq_stmt(c, "SELECT k, v FROM state WHERE k >= ?1 ORDER BY k", e);
	int rc;

	if (st == NULL)
		return -1;
	h->n = 0;
	sqlite3_bind_int64(st, 1, SQ_STAMPS);
	while ((rc = sq_step(c, st, e)) == 1) {
		size_t at = (size_t)(sqlite3_column_int64(st, 0) - SQ_STAMPS);

		if (at >= SQ_STAMPS) { /* more leads than slots can have */
			sq_reset(st);
			return err_set(e, ERR_IO, "the stored state is damaged");
		}
		if (at >= h->cap) {
			size_t cap = at + 1 + at / 2;
			int64_t *more = realloc(h->stamps, cap * sizeof(*more));

			if (more == NULL) {
				sq_reset(st);
				return err_nomem(e);
			}
			h->stamps = more;
			h->cap = cap;
		}
		while (h->n < at)
			h->stamps[h->n++] = 0;
		h->stamps[h->n++] = sqlite3_column_int64(st, 1);
	}
	return rc;
}

int sq_strips_begin(struct sq_conn *c, struct err *e)
{
	struct sq_strips_held *h = &c->strips;
	int64_t version;

	if (h->began)
		return 0;
	if (sq_conn_version(c, &version, e) != 0)
		return -1;
	if (version == 0 || version != h->version) {
		h->version = 0;
		if (load_stamps(c, h, e) != 0)
			return -1;
		h->version = version;
	}
	h->tick = sq_cache_begin(h->cache);
	h->began = true;
	return 0;
}

int64_t sq_stamp(const struct sq_conn *c, int64_t segment)
{
	return segment < (int64_t)c->strips.n ? c->strips.stamps[segment] : 0;
}

void sq_strips_let_go(struct sq_conn *c)
{
	struct sq_strips_held *h = &c->strips;
	size_t i;

	for (i = 0; i < SQ_CURSORS; i++) {
		sq_cache_release(h->cache, h->held[i]);
		h->held[i] = NULL;
		buf_clear(&h->made[i]);
	}
	h->began = false;
}

int sq_strip_body(struct sq_conn *c, int which, uint32_t column, int64_t segment, struct str *body,
	struct err *e)
{
	struct sq_strips_held *h = &c->strips;
	const struct sq_kept *k;
	int64_t stamp;

	if (h->cache == NULL)
		return read_body(c, which, column, segment, body, e);
	sq_cache_release(h->cache, h->held[which]);
	h->held[which] = NULL;
	if (sq_strips_begin(c, e) != 0)
		return -1;
	if ((column & ~(uint32_t)COL_RAW) >= COL_MADE)
		return sq_made_body(c, which, column, segment, body, e);
	stamp = sq_stamp(c, segment);
	k = sq_cache_get(h->cache, column, segment, stamp, h->tick);
	if (k == NULL) {
		if (read_body(c, which, column, segment, body, e) != 0)
			return -1;
		k = sq_cache_put(h->cache, column, segment, stamp, h->tick, *body);
	}
	if (k != NULL)
		*body = sq_kept_body(k);
	h->held[which] = k;
	return 0;
}

uint32_t sq_column(struct sq *s, struct sq_conn *c, const struct query_column *col, bool *strips,
	struct err *e)
{
	uint32_t number = 0;
	int64_t n = 0;

	*strips = true;
	if (col->field != LF_ATTRIBUTE)
		return (uint32_t)col->field;
	if (sq_attribute(s, c, col->attribute, &number, e) != 0)
		number = 0;
	/* One that no lead has is an empty column; unless there were too many to keep strips of. */
	if (number == 0 && sq_int(c, "SELECT count(*) FROM attribute", 0, &n, e) != 0)
		n = SQ_ATTRIBUTES_MAX;
	if (number != 0 || n < SQ_ATTRIBUTES_MAX)
		return COL_ATTRIBUTES + number;
	if (c->strips.cache != NULL)
		number = sq_made_column(s, col->attribute);
	*strips = number != 0;
	return *strips ? number : COL_BY_ROWS;
}

static int load_dirty(struct sq_scan *x, struct err *e)
{
	sqlite3_stmt *st;
	int64_t n;
	int rc;

	if (sq_int(x->c, "SELECT count(*) FROM dirty", 0, &n, e) != 0)
		return -1;
	x->dirty = arena_array(x->a, (size_t)n + 1, sizeof(*x->dirty));
	if (x->dirty == NULL)
		return err_nomem(e);
	st = sq_stmt(x->c, "SELECT slot FROM dirty ORDER BY slot", e);
	if (st == NULL)
		return -1;
	while ((rc = sq_step(x->c, st, e)) == 1)
		if (x->n_dirty < (size_t)n)
			x->dirty[x->n_dirty++].slot = sqlite3_column_int64(st, 0);
	return rc;
}

/* No lead yet. */
static uint64_t *no_bits(struct sq_scan *x, struct err *e)
{
	uint64_t *bits = arena_array(x->a, x->n_may, sizeof(*bits));

	if (bits == NULL)
		err_nomem(e);
	return bits;
}

/* Bits of all leads that have the words, from the full-text index. */
static int load_words(struct sq_scan *x, struct str text, struct err *e)
{
	if (words_make(text, x->a, &x->asked, &x->n_asked, e) != 0)
		return -1;
	if (x->n_asked == 0)
		return 0; /* no word in it: any lead */
	if ((x->may = no_bits(x, e)) == NULL)
		return -1;
	return sq_words_find(x, e);
}

/* Of them only these. */
static int load_ids(struct sq_scan *x, const struct lead_query *q, struct err *e)
{
	uint64_t *bits = no_bits(x, e);
	size_t i;

	if (bits == NULL)
		return -1;
	for (i = 0; i < q->n_ids; i++) {
		int64_t slot;
		int rc = sq_lead_slot(x->c, &q->ids[i], &slot, e);

		if (rc < 0)
			return -1;
		if (rc == 1 && slot > 0 && (size_t)slot <= x->n_may * 64)
			bits[(slot - 1) / 64] |= (uint64_t)1 << (slot - 1) % 64;
	}
	x->ids = bits;
	for (i = 0; i < x->n_may && x->may != NULL; i++)
		x->may[i] &= bits[i];
	if (x->may == NULL)
		x->may = bits;
	return 0;
}

int sq_scan_open(struct sq_scan *x, struct sq *s, struct sq_conn *c, const struct lead_query *q,
	struct arena *a, struct err *e)
{
	int64_t next_slot;
	size_t i;

	memset(x, 0, sizeof(*x));
	x->s = s;
	x->c = c;
	x->a = a;
	if (sq_state_get(c, SQ_NEXT_SLOT, &next_slot, e) != 0)
		return -1;
	x->segments = next_slot > 1 ? (next_slot - 2) / SEG + 1 : 0;
	x->filters = arena_array(a, q->n_filters + 1, sizeof(*x->filters));
	x->columns = arena_array(a, q->n_filters + 1, sizeof(*x->columns));
	x->flags = arena_alloc(a, SEG + 1);
	if (x->filters == NULL || x->columns == NULL || x->flags == NULL)
		return err_nomem(e);
	x->n_filters = q->n_filters;
	for (i = 0; i < q->n_filters; i++) {
		bool strips;
		struct err why = { .code = ERR_OK };

		if (filter_make(&q->filters[i], a, &x->filters[i], e) != 0)
			return -1;
		x->columns[i] = sq_column(s, c, &x->filters[i].column, &strips, &why);
		if (why.code != ERR_OK) {
			if (e != NULL)
				*e = why;
			return -1;
		}
		x->by_rows |= !strips;
	}
	if (load_dirty(x, e) != 0)
		return -1;
	x->n_may = (size_t)next_slot / 64 + 1 + SEG / 64;
	if (q->words.n > 0 && load_words(x, q->words, e) != 0)
		return -1;
	return q->ids != NULL ? load_ids(x, q, e) : 0;
}

void sq_scan_close(struct sq_scan *x)
{
	size_t i;

	for (i = 0; i < SQ_CURSORS; i++)
		buf_clear(&x->scratch[i]);
}

/* bits &= the rows whose code has its flag set. */
static void keep_flagged(const struct strip *s, const uint8_t *flags, uint64_t bits[SEG / 64])
{
	size_t w, i;

	for (w = 0; w < SEG / 64; w++) {
		uint64_t pass = 0;

		if (bits[w] == 0)
			continue;
		if (s->width == 1) {
			const uint8_t *at = s->codes + 64 * w;

			for (i = 0; i < 64; i++)
				pass |= (uint64_t)flags[at[i]] << i;
		} else {
			const uint8_t *at = s->codes + 128 * w;

			for (i = 0; i < 64; i++)
				pass |= (uint64_t)flags[at[2 * i] | at[2 * i + 1] << 8] << i;
		}
		bits[w] &= pass;
	}
}

static uint32_t flag_range(uint8_t *flags, uint32_t from, uint32_t to)
{
	if (from >= to)
		return 0;
	memset(flags + 1 + from, 1, to - from);
	return to - from;
}

/* Greater and smaller: of the same class only. */
static uint32_t flag_order(const struct filter *f, const struct strip *s, uint8_t *flags)
{
	const struct value *v = f->values;
	uint32_t from = v->class == VALUE_NUMBER ? 0 : s->n_numbers;
	uint32_t to = v->class == VALUE_NUMBER ? s->n_numbers : s->n;

	if (v->class == VALUE_EMPTY)
		return 0;
	switch (f->op) {
	case QUERY_GT:
		from = strip_bound(s, v, true);
		break;
	case QUERY_GTE:
		from = strip_bound(s, v, false);
		break;
	case QUERY_LT:
		to = strip_bound(s, v, false);
		break;
	default:
		to = strip_bound(s, v, true);
	}
	return flag_range(flags, from, to);
}

static uint32_t flag_equal(const struct filter *f, const struct strip *s, uint8_t *flags)
{
	uint32_t i, pass = 0;
	size_t k;

	for (k = 0; k < f->n; k++) {
		const struct value *w = &f->values[k];

		if (w->class == VALUE_EMPTY)
			continue;
		for (i = strip_bound(s, w, false); i < s->n; i++) {
			struct value v = strip_value(s, i);

			if (value_cmp(&v, w, false) != 0)
				break;
			/* Long texts may only start alike. */
			if (flags[i + 1] == 0 && filter_equal(&v, w))
				pass += flag_range(flags, i, i + 1);
		}
	}
	return pass;
}

/* Found in all texts at once; a hit that runs over the end of one is none. */
static uint32_t flag_contains(const struct filter *f, const struct strip *s, uint8_t *flags)
{
	struct str what = f->values->text;
	uint32_t pass = 0, i = 0;
	size_t at = 0, end = s->ends[s->n - 1];

	while (at < end) {
		ptrdiff_t hit = str_find((struct str){ s->text + at, end - at }, what);
		uint32_t hi = s->n;

		if (hit < 0)
			break;
		at += (size_t)hit;
		while (i < hi) { /* the text it lies in */
			uint32_t mid = (i + hi) / 2;

			if (s->ends[mid] <= at)
				i = mid + 1;
			else
				hi = mid;
		}
		if (at + what.n > s->ends[i]) {
			at++;
			continue;
		}
		pass += flag_range(flags, i, i + 1);
		at = s->ends[i];
	}
	return pass;
}

static uint32_t flag_starts(const struct filter *f, const struct strip *s, uint8_t *flags)
{
	struct str what = f->values->text;
	struct value v = { .class = VALUE_TEXT, .text = what };
	uint32_t i, pass = 0;

	/* Those that are numbers are in the order of their numbers: one by one. */
	for (i = 0; i < s->n_numbers; i++)
		if (str_starts(strip_text(s, i), what))
			pass += flag_range(flags, i, i + 1);
	for (i = strip_bound(s, &v, false); i < s->n; i++) {
		struct str text = strip_text(s, i);

		if (!str_starts(str_sub(text, 0, VALUE_SORTED), str_sub(what, 0, VALUE_SORTED)))
			break;
		if (str_starts(text, what))
			pass += flag_range(flags, i, i + 1);
	}
	return pass;
}

/* flags[code] for every code: whether a lead with that value passes; how many values do. */
static uint32_t flag_values(const struct filter *f, const struct strip *s, uint8_t *flags)
{
	uint32_t i, pass;

	memset(flags, 0, s->n + 1);
	flags[0] = f->takes_empty;
	switch (f->op) {
	case QUERY_EQ:
	case QUERY_IN:
		return flag_equal(f, s, flags);
	case QUERY_NE:
		pass = flag_equal(f, s, flags);
		for (i = 1; i <= s->n; i++)
			flags[i] ^= 1;
		return s->n - pass;
	case QUERY_EMPTY:
		return 0;
	case QUERY_FILLED:
		return flag_range(flags, 0, s->n);
	case QUERY_CONTAINS:
		if (f->values->text.n == 0)
			return flag_range(flags, 0, s->n);
		return s->n > 0 && s->ends != NULL ? flag_contains(f, s, flags) : 0;
	case QUERY_STARTS:
		return flag_starts(f, s, flags);
	default:
		return flag_order(f, s, flags);
	}
}

static void keep(
	const struct filter *f, const struct strip *s, uint8_t *flags, uint64_t bits[SEG / 64])
{
	uint32_t pass = flag_values(f, s, flags);
	/* Without codes all leads have one value, or all have none. */
	bool all = s->width == 0 ? (s->n > 0 ? pass > 0 : flags[0]) : pass == s->n && flags[0];
	bool none = s->width == 0 ? !all : pass == 0 && !flags[0];

	if (none)
		memset(bits, 0, SEG / 8);
	else if (!all)
		keep_flagged(s, flags, bits);
}

static bool any(const uint64_t bits[SEG / 64])
{
	uint64_t all = 0;
	size_t w;

	for (w = 0; w < SEG / 64; w++)
		all |= bits[w];
	return all != 0;
}

size_t sq_scan_first_dirty(const struct sq_scan *x, int64_t slot)
{
	size_t lo = 0, hi = x->n_dirty;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (x->dirty[mid].slot < slot)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Filters on columns without strips: row by row. */
static int keep_by_rows(struct sq_scan *x, int64_t segment, uint64_t bits[SEG / 64], struct err *e)
{
	struct buf fold = { 0 };
	size_t i, k;
	int rc = 0;

	for (i = 0; i < SEG && rc == 0; i++) {
		const struct sq_layout *layout;
		struct lead l;

		if ((bits[i / 64] >> i % 64 & 1) == 0)
			continue;
		rc = sq_lead_at(x->c, segment * SEG + 1 + (int64_t)i, &l, e) < 0 ? -1 : 0;
		if (rc != 0)
			break;
		layout = sq_layout_get(x->s, x->c, l.layout, NULL);
		for (k = 0; k < x->n_filters && rc == 0; k++) {
			struct value v;

			if (x->columns[k] != COL_BY_ROWS)
				continue;
			v = value_of_lead(&l, layout != NULL ? &layout->layout : NULL,
				&x->filters[k].column, &fold);
			if (fold.failed)
				rc = err_nomem(e);
			else if (!filter_pass(&x->filters[k], &v))
				bits[i / 64] &= ~((uint64_t)1 << i % 64);
		}
	}
	buf_clear(&fold);
	return rc;
}

int sq_scan_again(struct sq_scan *x, struct err *e)
{
	x->passed = arena_array(x->a, (size_t)x->segments + 1, SEG / 8);
	return x->passed == NULL ? err_nomem(e) : 0;
}

static int find_passing(struct sq_scan *x, int64_t segment, uint64_t bits[SEG / 64], struct err *e)
{
	struct str body;
	size_t i;

	memset(bits, 0, SEG / 8);
	if (sq_strip_body(x->c, 0, COL_ALIVE, segment, &body, e) != 0)
		return -1;
	if (body.n != SEG / 8)
		return body.n == 0 ? 0 : err_set(e, ERR_IO, "a stored strip is damaged");
	memcpy(bits, body.p, SEG / 8);
	for (i = sq_scan_first_dirty(x, segment * SEG + 1);
		i < x->n_dirty && x->dirty[i].slot <= (segment + 1) * SEG; i++) {
		size_t at = (size_t)(x->dirty[i].slot - 1) % SEG;

		bits[at / 64] &= ~((uint64_t)1 << at % 64);
	}
	for (i = 0; i < SEG / 64 && x->may != NULL; i++)
		bits[i] &= x->may[(size_t)segment * (SEG / 64) + i];
	for (i = 0; i < x->n_filters && any(bits); i++) {
		struct strip strip;

		if (x->columns[i] == COL_BY_ROWS)
			continue;
		if (sq_strip_body(x->c, 0, x->columns[i], segment, &body, e) != 0 ||
			strip_read(body, &x->scratch[0], &strip, e) != 0)
			return -1;
		keep(&x->filters[i], &strip, x->flags, bits);
	}
	return x->by_rows && any(bits) ? keep_by_rows(x, segment, bits, e) : 0;
}

int sq_scan_segment(struct sq_scan *x, int64_t segment, uint64_t bits[SEG / 64], struct err *e)
{
	size_t at = (size_t)segment * (SEG / 64);

	if (x->passed != NULL && segment < x->n_passed) {
		memcpy(bits, x->passed + at, SEG / 8);
		return 0;
	}
	if (find_passing(x, segment, bits, e) != 0)
		return -1;
	if (x->passed != NULL && segment == x->n_passed) {
		memcpy(x->passed + at, bits, SEG / 8);
		x->n_passed++;
	}
	return 0;
}

int sq_scan_dirty(
	struct sq_scan *x, size_t i, struct lead *l, const struct layout **layout, struct err *e)
{
	struct buf fold = { 0 };
	int64_t slot = x->dirty[i].slot;
	const struct sq_layout *mine;
	size_t k;
	int rc = sq_lead_at(x->c, slot, l, e);

	if (rc != 1)
		return rc;
	if (x->ids != NULL && (x->ids[(size_t)(slot - 1) / 64] >> (slot - 1) % 64 & 1) == 0)
		return 0;
	if (x->n_asked > 0 && (rc = sq_words_of(x, l, e)) != 1)
		return rc;
	mine = l->layout != 0 ? sq_layout_get(x->s, x->c, l->layout, e) : NULL;
	if (mine == NULL && l->layout != 0)
		return -1;
	*layout = mine != NULL ? &mine->layout : NULL;
	for (k = 0; k < x->n_filters && rc == 1; k++) {
		struct value v = value_of_lead(l, *layout, &x->filters[k].column, &fold);

		rc = fold.failed ? err_nomem(e) : filter_pass(&x->filters[k], &v);
	}
	buf_clear(&fold);
	return rc;
}
