/* SPDX-License-Identifier: Apache-2.0 */
/* The strips of a segment, made anew from its rows. Two threads make them, a column at a time; the
 * one that writes puts them into the store, in the same order however they were shared. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "store/lead_form_internal.h"
#include "store/sqlite_strip_internal.h"
#include "util/err.h"

/* Columns that are made before the first is put; fewer than ALONE are not worth a thread. */
enum { ROUND = 64, ALONE = 4 };

/* One column on its way. */
struct making {
	uint32_t column;
	enum lead_field field;   /* where ${cells} is NULL */
	const struct str *cells; /* [SEG], of an attribute */
	struct buf body, raw;
};

struct sq_maker {
	struct strip_builder *builders[2];
	struct making round[ROUND];
	struct arena mem;
};

static void maker_free(struct sq_maker *m)
{
	if (m == NULL)
		return;
	for (size_t i = 0; i < 2; i++)
		strip_builder_free(m->builders[i]);
	for (size_t i = 0; i < ROUND; i++) {
		buf_clear(&m->round[i].body);
		buf_clear(&m->round[i].raw);
	}
	arena_clear(&m->mem);
	free(m);
}

static struct sq_maker *maker_new(void)
{
	struct sq_maker *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	for (size_t i = 0; i < 2; i++)
		if ((m->builders[i] = strip_builder_new()) == NULL) {
			maker_free(m);
			return NULL;
		}
	return m;
}

void sq_strips_rest(struct sq *s)
{
	maker_free(s->maker);
	s->maker = NULL;
	sq_fresh_clear(s);
	sq_later_clear(s);
}

/* --- the rows ------------------------------------------------------------------------------- */

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
	if (sq_later_scores(s, c, e) != 0)
		return -1;
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

/* --- columns -------------------------------------------------------------------------------- */

struct build {
	struct sq *s;
	struct sq_conn *c;
	int64_t segment;
	struct rows rows;
	struct sq_maker *m;
	char (*uploads)[ID_ULID]; /* [SEG], where ids of uploads are asked for */
	struct making *now;       /* of this round */
	size_t n;
	atomic_size_t next;
	atomic_bool failed;
	atomic_size_t hands; /* each thread has a builder */
};

static void fill_field(struct build *x, struct strip_builder *b, enum lead_field f)
{
	struct query_column col = { .field = f };

	strip_begin(b, field_kind(f) == FK_TEXT, false);
	for (size_t i = 0; i < SEG; i++) {
		const struct lead *l = x->rows.at[i];
		struct str raw;
		double number;

		if (l == NULL)
			continue;
		if (f == LF_UPLOAD_ID) {
			if (id_is_none(l->upload))
				continue;
			id_ulid(l->upload, x->uploads[i]);
			strip_set_text(b, i, str_of(x->uploads[i]));
			continue;
		}
		if (value_raw(l, NULL, &col, &raw, &number))
			strip_set_text(b, i, raw);
		else
			strip_set_number(b, i, number);
	}
}

static int make(struct build *x, struct strip_builder *b, struct making *m)
{
	if (m->cells == NULL) {
		fill_field(x, b, m->field);
	} else {
		strip_begin(b, true, true);
		for (size_t i = 0; i < SEG; i++)
			strip_set_text(b, i, m->cells[i]);
	}
	return strip_write(b, &m->body, &m->raw, NULL);
}

static void *make_some(void *arg)
{
	struct build *x = arg;
	struct strip_builder *b = x->m->builders[atomic_fetch_add(&x->hands, 1)];
	size_t i;

	while ((i = atomic_fetch_add(&x->next, 1)) < x->n)
		if (make(x, b, &x->now[i]) == -1)
			atomic_store(&x->failed, true);
	return NULL;
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

/* The columns that are waiting: made, then put. What waits is written meanwhile. */
static int put_round(struct build *x, struct err *e)
{
	pthread_t helper;
	bool helped;
	int rc;

	atomic_store(&x->next, 0);
	atomic_store(&x->hands, 0);
	helped = x->n >= ALONE && pthread_create(&helper, NULL, make_some, x) == 0;
	rc = sq_later_settle(x->s, x->c, e);
	make_some(x);
	if (helped)
		pthread_join(helper, NULL);
	if (rc == -1)
		return -1;
	if (atomic_load(&x->failed))
		return err_nomem(e);
	for (size_t i = 0; i < x->n; i++) {
		const struct making *m = &x->now[i];

		if (put_strip(x->c, m->column, x->segment, &m->body, e) != 0)
			return -1;
		if ((m->cells != NULL || field_kind(m->field) == FK_TEXT) &&
			put_strip(x->c, m->column | COL_RAW, x->segment, &m->raw, e) != 0)
			return -1;
	}
	x->n = 0;
	return 0;
}

static int add(
	struct build *x, uint32_t column, enum lead_field f, const struct str *cells, struct err *e)
{
	struct making *m = &x->now[x->n++];

	m->column = column;
	m->field = f;
	m->cells = cells;
	return x->n == ROUND ? put_round(x, e) : 0;
}

static int build_fields(struct build *x, uint64_t what, struct err *e)
{
	if ((what & FIELD_BIT(LF_UPLOAD_ID)) != 0 &&
		(x->uploads = arena_array(x->rows.a, SEG, sizeof(*x->uploads))) == NULL)
		return err_nomem(e);
	for (int f = 0; f < LF_COUNT; f++)
		if ((what & FIELD_BIT(f)) != 0 &&
			add(x, (uint32_t)f, (enum lead_field)f, NULL, e) != 0)
			return -1;
	return 0;
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
	struct str *none = arena_array(x->rows.a, SEG, sizeof(*none));
	struct cells *all = arena_alloc(x->rows.a, sizeof(*all));
	int64_t n;

	if (scratch == NULL || none == NULL || all == NULL)
		return err_nomem(e);
	if (sq_int(x->c, "SELECT max(number) FROM attribute", 0, &n, e) != 0)
		return -1;
	for (size_t i = 0; i < SEG; i++)
		if (spread_row(x, i, scratch, all, e) != 0)
			return -1;
	for (uint32_t k = 1; k <= SQ_ATTRIBUTES_MAX && k <= n; k++) {
		const struct str *cells = all->by_attribute[k];

		if (add(x, COL_ATTRIBUTES + k, LF_COUNT, cells != NULL ? cells : none, e) != 0)
			return -1;
	}
	return 0;
}

/* Which leads there are, a bit each; and the first half of their ids, for ties. */
static int build_presence(struct build *x, struct err *e)
{
	struct buf *body = &x->m->round[0].body;
	uint64_t alive[SEG / 64] = { 0 };
	size_t i;

	buf_reset(body);
	for (i = 0; i < SEG; i++) {
		uint64_t high = 0;
		int k;

		if (x->rows.at[i] != NULL) {
			alive[i / 64] |= (uint64_t)1 << i % 64;
			for (k = 0; k < 8; k++)
				high = high << 8 | x->rows.at[i]->id.b[k];
		}
		buf_bytes(body, &high, 8);
	}
	if (body->failed)
		return err_nomem(e);
	if (put_strip(x->c, COL_IDS, x->segment, body, e) != 0)
		return -1;
	buf_reset(body);
	buf_bytes(body, alive, sizeof(alive));
	if (body->failed)
		return err_nomem(e);
	return put_strip(x->c, COL_ALIVE, x->segment, body, e);
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

int sq_strips_build(struct sq *s, struct sq_conn *c, int64_t segment, uint64_t what, struct err *e)
{
	struct build x = { .s = s, .c = c, .segment = segment };

	if (s->maker == NULL && (s->maker = maker_new()) == NULL)
		return err_nomem(e);
	x.m = s->maker;
	x.now = x.m->round;
	x.rows.a = &x.m->mem;
	arena_reset(x.rows.a);
	if (load_rows(s, c, segment, &x.rows, e) != 0 || build_fields(&x, what, e) != 0)
		return -1;
	if ((what & SQ_ATTRIBUTE_BIT) != 0 && build_attributes(&x, e) != 0)
		return -1;
	if (put_round(&x, e) != 0)
		return -1;
	/* A bit of its own: of a lead that came or went, the bits of some fields may be gone, their
	 * strips having been written before on account of others. */
	if ((what & SQ_PRESENCE_BIT) != 0 && build_presence(&x, e) != 0)
		return -1;
	if (stamp(c, segment, e) != 0)
		return -1;
	return clean(c, segment, what, e);
}
