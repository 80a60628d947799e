/* SPDX-License-Identifier: Apache-2.0 */
/* Strips of attributes that the file has none of, there being too many: made from the rows when a
 * list first asks for them, and kept in memory like the others. Leads that are dirty meanwhile are
 * in them as they are now, which nobody minds for whom they are dirty too; so their slots lie
 * before the strip (number of them, slots), and a reader of an earlier moment makes its own. */
#include <stdlib.h>
#include <string.h>

#include "store/lead_form_internal.h"
#include "store/sqlite_strip_internal.h"
#include "util/err.h"

uint32_t sq_made_column(struct sq *s, struct str header)
{
	struct sq_made *m = &s->made;
	uint32_t i;

	if (memchr(header.p, '\0', header.n) != NULL)
		return 0;
	pthread_mutex_lock(&m->lock);
	for (i = 0; i < m->n && !str_eq(str_of(m->headers[i]), header); i++)
		;
	if (i == m->n && i < SQ_MADE_MOST && (m->headers[i] = str_dup(header)) != NULL)
		m->n++;
	i = i < m->n ? COL_MADE + i : 0;
	pthread_mutex_unlock(&m->lock);
	return i;
}

static struct str header_of(struct sq *s, uint32_t column)
{
	struct str header;

	pthread_mutex_lock(&s->made.lock);
	header = str_of(s->made.headers[column - COL_MADE]); /* stays until the store is closed */
	pthread_mutex_unlock(&s->made.lock);
	return header;
}

struct making {
	struct sq *s;
	struct sq_conn *c;
	struct query_column column;
	int64_t segment;
	struct strip_builder *b;
	struct arena a;
	struct buf body, raw;
};

static int set_row(struct making *x, int64_t slot, struct str body, struct err *e)
{
	const struct sq_layout *layout;
	struct lead l;
	struct str raw;
	double number;

	if (lead_form_read(body, &l, e) != 0)
		return -1;
	if (l.layout == 0)
		return 0;
	if ((layout = sq_layout_get(x->s, x->c, l.layout, e)) == NULL)
		return -1;
	if (!value_raw(&l, &layout->layout, &x->column, &raw, &number) || raw.n == 0)
		return 0;
	raw.p = arena_dup(&x->a, raw);
	if (raw.p == NULL)
		return err_nomem(e);
	strip_set_text(x->b, (size_t)(slot - 1 - x->segment * SEG), raw);
	return 0;
}

static int set_rows(struct making *x, struct err *e)
{
	sqlite3_stmt *st = sq_stmt(
		x->c, "SELECT slot, body FROM lead WHERE slot BETWEEN ?1 AND ?2 /*made*/", e);
	int rc;

	if (st == NULL)
		return -1;
	sqlite3_bind_int64(st, 1, x->segment * SEG + 1);
	sqlite3_bind_int64(st, 2, (x->segment + 1) * SEG);
	while ((rc = sq_step(x->c, st, e)) == 1)
		if (set_row(x, sqlite3_column_int64(st, 0), sq_blob(st, 1), e) != 0) {
			sq_reset(st);
			return -1;
		}
	return rc;
}

static int put_dirty(struct making *x, struct buf *out, struct err *e)
{
	sqlite3_stmt *st =
		sq_stmt(x->c, "SELECT slot FROM dirty WHERE slot BETWEEN ?1 AND ?2 /*made*/", e);
	uint64_t n = 0;
	int rc;

	if (st == NULL)
		return -1;
	buf_reset(out);
	buf_bytes(out, &n, 8);
	sqlite3_bind_int64(st, 1, x->segment * SEG + 1);
	sqlite3_bind_int64(st, 2, (x->segment + 1) * SEG);
	while ((rc = sq_step(x->c, st, e)) == 1) {
		int64_t slot = sqlite3_column_int64(st, 0);

		buf_bytes(out, &slot, 8);
	}
	if (out->failed)
		return err_nomem(e);
	n = out->n / 8 - 1;
	memcpy(out->p, &n, 8);
	return rc;
}

/* Both of the column, as the file has two. ${out}: what ${column} asks for. */
static int make(struct sq_conn *c, uint32_t column, int64_t segment, struct buf *out, struct err *e)
{
	struct sq_strips_held *h = &c->strips;
	struct making x = { .s = h->s, .c = c, .segment = segment, .b = strip_builder_new() };
	struct str header = header_of(h->s, column & ~(uint32_t)COL_RAW);
	int rc = -1;

	x.column = (struct query_column){ LF_ATTRIBUTE, header };
	if (x.b == NULL) {
		err_nomem(e);
		goto done;
	}
	strip_begin(x.b, true, true);
	if (set_rows(&x, e) != 0 || strip_write(x.b, &x.body, &x.raw, e) != 0 ||
		put_dirty(&x, out, e) != 0)
		goto done;
	buf_str(out, buf_view((column & COL_RAW) != 0 ? &x.raw : &x.body));
	rc = out->failed ? err_nomem(e) : 0;
done:
	strip_builder_free(x.b);
	arena_clear(&x.a);
	buf_clear(&x.body);
	buf_clear(&x.raw);
	return rc;
}

/* split(kept, body): the strip behind the slots; how many these are. */
static uint64_t split(struct str kept, struct str *body)
{
	uint64_t n;

	memcpy(&n, kept.p, 8);
	*body = str_sub(kept, 8 + (size_t)n * 8, kept.n);
	return n;
}

/* All that were dirty when it was made are so for ${c}: 1, 0, -1. */
static int dirty_here(struct sq_conn *c, struct str kept, uint64_t n, struct err *e)
{
	sqlite3_stmt *st = sq_stmt(c, "SELECT 1 FROM dirty WHERE slot = ?1", e);
	int rc = 1;

	if (st == NULL)
		return -1;
	for (uint64_t i = 0; i < n && rc == 1; i++) {
		int64_t slot;

		memcpy(&slot, kept.p + 8 + i * 8, 8);
		sqlite3_bind_int64(st, 1, slot);
		if ((rc = sq_step(c, st, e)) == 1)
			sq_reset(st);
	}
	return rc;
}

int sq_made_body(struct sq_conn *c, int which, uint32_t column, int64_t segment, struct str *body,
	struct err *e)
{
	struct sq_strips_held *h = &c->strips;
	int64_t stamp = sq_stamp(c, segment);
	const struct sq_kept *k = sq_cache_get(h->cache, column, segment, stamp, h->tick);
	int rc = 0;

	h->held[which] = k;
	if (k != NULL) {
		uint64_t n = split(sq_kept_body(k), body);

		if ((rc = dirty_here(c, sq_kept_body(k), n, e)) != 0)
			return rc == 1 ? 0 : -1;
	}
	if (make(c, column, segment, &h->made[which], e) != 0)
		return -1;
	split(buf_view(&h->made[which]), body);
	if (k == NULL) /* released with the next strip */
		h->held[which] = sq_cache_put(
			h->cache, column, segment, stamp, h->tick, buf_view(&h->made[which]));
	return 0;
}
