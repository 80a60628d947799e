/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping the strips: which are out of date, and making them anew from the rows. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "store/lead_form_internal.h"
#include "store/sqlite_strip_internal.h"
#include "util/err.h"

/* Of one segment in one transaction: then its strips are written at once. */
enum { MANY = 1024 };

int64_t sq_strip_key(uint32_t column, int64_t segment)
{
	return (int64_t)column << 32 | segment;
}

int sq_touch(struct sq *s, int64_t slot, uint64_t what, struct err *e)
{
	if (what == 0)
		return 0;
	sq_fresh_drop(s, slot);
	if (s->n_touched == s->cap_touched) {
		size_t cap = s->cap_touched == 0 ? 64 : 2 * s->cap_touched;
		struct sq_touched *more = realloc(s->touched, cap * sizeof(*more));

		if (more == NULL)
			return err_nomem(e);
		s->touched = more;
		s->cap_touched = cap;
	}
	s->touched[s->n_touched++] = (struct sq_touched){ slot, what };
	s->grown = true;
	return 0;
}

static int by_slot(const void *p, const void *q)
{
	const struct sq_touched *a = p, *b = q;

	return (a->slot > b->slot) - (a->slot < b->slot);
}

static int mark_dirty(struct sq_conn *c, const struct sq_touched *t, struct err *e)
{
	sqlite3_stmt *st = sq_stmt(c,
		"INSERT INTO dirty(slot, what) VALUES(?1, ?2)"
		" ON CONFLICT(slot) DO UPDATE SET what = what | excluded.what",
		e);

	if (st == NULL)
		return -1;
	sqlite3_bind_int64(st, 1, t->slot);
	sqlite3_bind_int64(st, 2, (int64_t)t->what);
	return sq_step(c, st, e);
}

/* Not those of the last one while it fills, which would be written anew with each batch; but once
 * it is full. */
static bool at_once(const struct sq *s, int64_t segment, const struct sq_touched *t, size_t n)
{
	int64_t last = (segment + 1) * SEG;

	return s->next_slot > last &&
	       (n >= MANY || (t[n - 1].slot == last && (t[n - 1].what & SQ_PRESENCE_BIT) != 0));
}

int sq_touched_done(struct sq *s, struct sq_conn *c, struct err *e)
{
	struct sq_touched *t = s->touched;
	size_t i, k, n = s->n_touched;

	s->n_touched = 0;
	if (n > 1)
		qsort(t, n, sizeof(*t), by_slot);
	for (i = 0; i < n; i = k) {
		int64_t segment = (t[i].slot - 1) / SEG;
		uint64_t what = 0;

		for (k = i; k < n && (t[k].slot - 1) / SEG == segment; k++)
			what |= t[k].what;
		if (at_once(s, segment, t + i, k - i)) {
			if (sq_strips_build(s, c, segment, what, e) != 0)
				return -1;
			continue;
		}
		for (; i < k; i++)
			if (mark_dirty(c, &t[i], e) != 0)
				return -1;
	}
	return 0;
}

/* --- making strips ---------------------------------------------------------------------------- */

/* The leads of a segment, each at its place, NULL: there is none. */
struct rows {
	const struct lead **at; /* [SEG] */
	struct arena *a;
};

/* Those that were put in this transaction; *from, *to: slots between which others may be. */
static void take_fresh(struct sq *s, int64_t segment, struct rows *r, int64_t *from, int64_t *to)
{
	*from = 1;
	*to = 0;
	for (size_t i = 0; i < SEG; i++) {
		int64_t slot = segment * SEG + 1 + (int64_t)i;

		if ((r->at[i] = sq_fresh_get(s, slot)) != NULL || slot >= s->next_slot)
			continue;
		if (*to == 0)
			*from = slot;
		*to = slot;
	}
}

static int read_lead(struct rows *r, sqlite3_stmt *st, size_t at, struct err *e)
{
	struct str id = sq_blob(st, 1), body = sq_blob(st, 2);
	struct lead *l = arena_alloc(r->a, sizeof(*l));

	body.p = arena_dup(r->a, body);
	if (l == NULL || body.p == NULL)
		return err_nomem(e);
	if (id.n != 16)
		return err_set(e, ERR_IO, "a stored lead is damaged");
	memcpy(l->id.b, id.p, 16);
	if (lead_form_read(body, l, e) != 0 ||
		lead_form_read_score(sq_blob(st, 3), &l->score, e) != 0)
		return -1;
	r->at[at] = l;
	return 0;
}

static int load_rows(
	struct sq *s, struct sq_conn *c, int64_t segment, struct rows *r, struct err *e)
{
	sqlite3_stmt *st = sq_stmt(c,
		"SELECT l.slot, l.id, l.body, s.body FROM lead l LEFT JOIN score s USING(slot)"
		" WHERE l.slot BETWEEN ?1 AND ?2",
		e);
	int64_t from, to;
	int rc;

	r->at = arena_array(r->a, SEG, sizeof(*r->at));
	if (st == NULL)
		return -1;
	if (r->at == NULL)
		return err_nomem(e);
	take_fresh(s, segment, r, &from, &to);
	if (from > to)
		return 0;
	sqlite3_bind_int64(st, 1, from);
	sqlite3_bind_int64(st, 2, to);
	while ((rc = sq_step(c, st, e)) == 1) {
		size_t at = (size_t)(sqlite3_column_int64(st, 0) - segment * SEG - 1);

		if (r->at[at] == NULL && read_lead(r, st, at, e) != 0) {
			sq_reset(st);
			return -1;
		}
	}
	return rc;
}

static int put_strip(
	struct sq_conn *c, uint32_t column, int64_t segment, const struct buf *body, struct err *e)
{
	sqlite3_stmt *st =
		body->n > 0
			? sq_stmt(c, "INSERT OR REPLACE INTO strip(key, body) VALUES(?1, ?2)", e)
			: sq_stmt(c, "DELETE FROM strip WHERE key = ?1", e);

	if (st == NULL)
		return -1;
	sqlite3_bind_int64(st, 1, sq_strip_key(column, segment));
	if (body->n > 0)
		sq_bind_blob(st, 2, buf_view(body));
	return sq_step(c, st, e);
}

struct build {
	struct sq *s;
	struct sq_conn *c;
	int64_t segment;
	struct rows rows;
	struct strip_builder *b;
	struct buf body, raw;
};

static int write_built(struct build *x, uint32_t column, struct err *e)
{
	if (strip_write(x->b, &x->body, &x->raw, e) != 0 ||
		put_strip(x->c, column, x->segment, &x->body, e) != 0)
		return -1;
	if (!x->b->texts)
		return 0;
	return put_strip(x->c, column | COL_RAW, x->segment, &x->raw, e);
}

static int build_field(struct build *x, enum lead_field f, struct err *e)
{
	struct query_column col = { .field = f };
	bool texts = field_kind(f) == FK_TEXT;
	char(*uploads)[ID_ULID] = NULL;
	size_t i;

	if (f == LF_UPLOAD_ID) {
		uploads = arena_array(x->rows.a, SEG, sizeof(*uploads));
		if (uploads == NULL)
			return err_nomem(e);
	}
	strip_begin(x->b, texts, false);
	for (i = 0; i < SEG; i++) {
		struct str raw;
		double number;

		if (x->rows.at[i] == NULL)
			continue;
		if (uploads != NULL) {
			if (id_is_none(x->rows.at[i]->upload))
				continue;
			id_ulid(x->rows.at[i]->upload, uploads[i]);
			strip_set_text(x->b, i, str_of(uploads[i]));
			continue;
		}
		if (value_raw(x->rows.at[i], NULL, &col, &raw, &number))
			strip_set_text(x->b, i, raw);
		else
			strip_set_number(x->b, i, number);
	}
	return write_built(x, (uint32_t)f, e);
}

/* Cells are unpacked row by row, columns are needed one by one: all cells, by attribute. */
struct cells {
	struct str *by_attribute[SQ_ATTRIBUTES_MAX + 1]; /* [SEG] each */
};

static int spread_row(
	struct build *x, size_t row, struct str *scratch, struct cells *all, struct err *e)
{
	const struct lead *l = x->rows.at[row];
	const struct sq_layout *layout;
	size_t i;

	if (l == NULL || l->layout == 0)
		return 0;
	layout = sq_layout_get(x->s, x->c, l->layout, e);
	if (layout == NULL)
		return -1;
	if (cells_unpack(l->cells, scratch, layout->layout.n) != 0)
		return err_set(e, ERR_IO, "the stored cells of a lead are damaged");
	for (i = 0; i < layout->layout.n; i++) {
		uint32_t number = layout->columns[i];

		if (number == 0 || number > SQ_ATTRIBUTES_MAX || scratch[i].n == 0)
			continue;
		if (all->by_attribute[number] == NULL)
			all->by_attribute[number] = arena_array(x->rows.a, SEG, sizeof(struct str));
		if (all->by_attribute[number] == NULL)
			return err_nomem(e);
		all->by_attribute[number][row] = scratch[i];
	}
	return 0;
}

static int build_attributes(struct build *x, struct err *e)
{
	struct str *scratch = arena_array(x->rows.a, LAYOUT_COLUMNS_MAX, sizeof(*scratch));
	struct cells *all = arena_alloc(x->rows.a, sizeof(*all));
	int64_t n;
	size_t i;
	uint32_t k;

	if (scratch == NULL || all == NULL)
		return err_nomem(e);
	if (sq_int(x->c, "SELECT max(number) FROM attribute", 0, &n, e) != 0)
		return -1;
	for (i = 0; i < SEG; i++)
		if (spread_row(x, i, scratch, all, e) != 0)
			return -1;
	for (k = 1; k <= SQ_ATTRIBUTES_MAX && k <= n; k++) {
		strip_begin(x->b, true, true);
		for (i = 0; i < SEG && all->by_attribute[k] != NULL; i++)
			strip_set_text(x->b, i, all->by_attribute[k][i]);
		if (write_built(x, COL_ATTRIBUTES + k, e) != 0)
			return -1;
	}
	return 0;
}

/* Which leads there are, a bit each; and the first half of their ids, for ties. */
static int build_presence(struct build *x, struct err *e)
{
	uint64_t alive[SEG / 64] = { 0 };
	size_t i;

	buf_reset(&x->body);
	for (i = 0; i < SEG; i++) {
		uint64_t high = 0;
		int k;

		if (x->rows.at[i] != NULL) {
			alive[i / 64] |= (uint64_t)1 << i % 64;
			for (k = 0; k < 8; k++)
				high = high << 8 | x->rows.at[i]->id.b[k];
		}
		buf_bytes(&x->body, &high, 8);
	}
	if (x->body.failed)
		return err_nomem(e);
	if (put_strip(x->c, COL_IDS, x->segment, &x->body, e) != 0)
		return -1;
	buf_reset(&x->body);
	buf_bytes(&x->body, alive, sizeof(alive));
	if (x->body.failed)
		return err_nomem(e);
	return put_strip(x->c, COL_ALIVE, x->segment, &x->body, e);
}

static int clean(struct sq_conn *c, int64_t segment, uint64_t what, struct err *e)
{
	static const char *const sql[] = {
		"UPDATE dirty SET what = what & ~?3 WHERE slot BETWEEN ?1 AND ?2",
		"DELETE FROM dirty WHERE slot BETWEEN ?1 AND ?2 AND what = 0",
	};
	size_t i;

	for (i = 0; i < 2; i++) {
		sqlite3_stmt *st = sq_stmt(c, sql[i], e);

		if (st == NULL)
			return -1;
		sqlite3_bind_int64(st, 1, segment * SEG + 1);
		sqlite3_bind_int64(st, 2, (segment + 1) * SEG);
		if (i == 0)
			sqlite3_bind_int64(st, 3, (int64_t)what);
		if (sq_step(c, st, e) != 0)
			return -1;
	}
	return 0;
}

/* Whoever keeps strips of the segment sees by it that there are others now. */
static int stamp(struct sq_conn *c, int64_t segment, struct err *e)
{
	sqlite3_stmt *st = sq_stmt(c,
		"INSERT INTO state(k, v) VALUES(?1, 1) ON CONFLICT(k) DO UPDATE SET v = v + 1", e);

	if (st == NULL)
		return -1;
	sqlite3_bind_int64(st, 1, SQ_STAMPS + segment);
	return sq_step(c, st, e);
}

void sq_strips_rest(struct sq *s)
{
	strip_builder_free(s->builder);
	s->builder = NULL;
	arena_clear(&s->segment);
	sq_fresh_clear(s);
}

int sq_strips_build(struct sq *s, struct sq_conn *c, int64_t segment, uint64_t what, struct err *e)
{
	struct build x = { .s = s, .c = c, .segment = segment, .rows = { .a = &s->segment } };
	int f, rc = -1;

	if (s->builder == NULL && (s->builder = strip_builder_new()) == NULL)
		return err_nomem(e);
	x.b = s->builder;
	arena_reset(&s->segment);
	if (load_rows(s, c, segment, &x.rows, e) != 0)
		goto done;
	for (f = 0; f < LF_COUNT; f++)
		if ((what & FIELD_BIT(f)) != 0 && build_field(&x, (enum lead_field)f, e) != 0)
			goto done;
	if ((what & SQ_ATTRIBUTE_BIT) != 0 && build_attributes(&x, e) != 0)
		goto done;
	/* A bit of its own: of a lead that came or went, the bits of some fields may be gone, their
	 * strips having been written before on account of others. */
	if ((what & SQ_PRESENCE_BIT) != 0 && build_presence(&x, e) != 0)
		goto done;
	if (stamp(c, segment, e) == 0)
		rc = clean(c, segment, what, e);
done:
	buf_clear(&x.body);
	buf_clear(&x.raw);
	return rc;
}

int sq_strips_merge(struct sq *s, struct sq_conn *c, int64_t least, struct err *e)
{
	sqlite3_stmt *st = sq_stmt(c,
		"SELECT (slot - 1) / 4096, count(*) FROM dirty GROUP BY 1 ORDER BY 2 DESC LIMIT 1",
		e);
	int64_t segment, n;
	uint64_t what = 0;
	int rc;

	if (st == NULL)
		return -1;
	rc = sq_step(c, st, e);
	if (rc <= 0)
		return rc;
	segment = sqlite3_column_int64(st, 0);
	n = sqlite3_column_int64(st, 1);
	sq_reset(st);
	if (n < least)
		return 0;
	st = sq_stmt(c, "SELECT what FROM dirty WHERE slot BETWEEN ?1 AND ?2", e);
	if (st == NULL)
		return -1;
	sqlite3_bind_int64(st, 1, segment * SEG + 1);
	sqlite3_bind_int64(st, 2, (segment + 1) * SEG);
	while ((rc = sq_step(c, st, e)) == 1)
		what |= (uint64_t)sqlite3_column_int64(st, 0);
	if (rc < 0 || sq_strips_build(s, c, segment, what, e) != 0)
		return -1;
	return 1;
}

/* Bits by slot of all in the first column of ${sql}. */
static int slot_bits(
	struct sq_conn *c, const char *sql, uint64_t *bits, size_t words, struct err *e)
{
	sqlite3_stmt *st = sq_stmt(c, sql, e);
	int rc;

	if (st == NULL)
		return -1;
	while ((rc = sq_step(c, st, e)) == 1) {
		uint64_t at = (uint64_t)sqlite3_column_int64(st, 0) - 1;

		if (at / 64 < words)
			bits[at / 64] |= (uint64_t)1 << at % 64;
	}
	return rc;
}

/* The leads that lists find by the strips are those that there are; dirty ones are looked at. */
static int check_presence(struct sq_conn *c, struct err *e)
{
	int64_t next_slot, segment;
	uint64_t *there = NULL, *dirty = NULL;
	size_t words;
	int rc = -1;

	if (sq_state_get(c, SQ_NEXT_SLOT, &next_slot, e) != 0)
		return -1;
	words = ((size_t)next_slot / SEG + 1) * (SEG / 64);
	there = calloc(words, sizeof(*there));
	dirty = calloc(words, sizeof(*dirty));
	if (there == NULL || dirty == NULL) {
		err_nomem(e);
		goto done;
	}
	if (slot_bits(c, "SELECT slot FROM lead", there, words, e) != 0 ||
		slot_bits(c, "SELECT slot FROM dirty /*bits*/", dirty, words, e) != 0)
		goto done;
	for (segment = 0; segment * SEG < next_slot; segment++) {
		uint64_t alive[SEG / 64] = { 0 };
		size_t w, at = (size_t)segment * (SEG / 64);
		struct str body;

		if (sq_strip_body(c, 0, COL_ALIVE, segment, &body, e) != 0)
			goto done;
		if (body.n == sizeof(alive))
			memcpy(alive, body.p, sizeof(alive));
		for (w = 0; w < SEG / 64; w++)
			if (((alive[w] ^ there[at + w]) & ~dirty[at + w]) != 0) {
				err_set(e, ERR_IO,
					"strips of part %lld show other leads than there are",
					(long long)segment);
				goto done;
			}
	}
	rc = 0;
done:
	free(there);
	free(dirty);
	return rc;
}

int sq_strips_check(struct sq *s, struct sq_conn *c, struct err *e)
{
	sqlite3_stmt *st = sq_stmt(c, "SELECT key, body FROM strip", e);
	struct buf scratch = { 0 };
	struct strip strip;
	int rc;

	if (st == NULL)
		return -1;
	while ((rc = sq_step(c, st, e)) == 1) {
		uint32_t column = (uint32_t)(sqlite3_column_int64(st, 0) >> 32);
		size_t i;

		if (column == COL_IDS || column == COL_ALIVE || (column & COL_RAW) != 0)
			continue;
		if (strip_read(sq_blob(st, 1), &scratch, &strip, e) != 0)
			break;
		for (i = 0; i < SEG; i++)
			if (strip_code(&strip, i) > strip.n) {
				err_set(e, ERR_IO, "strip %u is damaged", column);
				goto done;
			}
	}
done:
	if (rc != 0)
		sq_reset(st);
	buf_clear(&scratch);
	return rc == 0 ? check_presence(c, e) : -1;
}
