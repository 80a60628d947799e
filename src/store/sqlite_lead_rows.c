/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of leads in the tables: found, written, taken away; whoever changes one says so here. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "store/lead_form_internal.h"
#include "store/lead_value_internal.h"
#include "store/sqlite_leads_internal.h"
#include "util/err.h"

#define ALL_FIELDS (~(uint64_t)0)

int sq_lead_slot(struct sq_conn *c, const struct id *id, int64_t *slot, struct err *e)
{
	sqlite3_stmt *st = sq_stmt(c, "SELECT slot FROM lead WHERE id = ?1", e);
	int rc;

	if (st == NULL)
		return -1;
	sq_bind_blob(st, 1, sq_id_str(id));
	rc = sq_step(c, st, e);
	if (rc == 1) {
		*slot = sqlite3_column_int64(st, 0);
		sq_reset(st);
	}
	return rc;
}

int sq_lead_at(struct sq_conn *c, int64_t slot, struct lead *out, struct err *e)
{
	sqlite3_stmt *st = sq_stmt(c,
		"SELECT l.id, l.body, s.body FROM lead l LEFT JOIN score s USING(slot)"
		" WHERE l.slot = ?1",
		e);
	struct str id;
	int rc;

	if (st == NULL)
		return -1;
	/* Left on its row, so that the texts stay: reset when it is used again. */
	sqlite3_reset(st);
	sqlite3_bind_int64(st, 1, slot);
	rc = sq_step(c, st, e);
	if (rc != 1)
		return rc;
	memset(out, 0, sizeof(*out));
	id = sq_blob(st, 0);
	if (id.n != sizeof(out->id.b))
		return err_set(e, ERR_IO, "a stored lead is damaged");
	memcpy(out->id.b, id.p, id.n);
	if (lead_form_read(sq_blob(st, 1), out, e) != 0 ||
		lead_form_read_score(sq_blob(st, 2), &out->score, e) != 0)
		return -1;
	return 1;
}

/* read_own: the lead of ${id} with texts of its own in ${a}: 1, 0, -1. */
int sq_lead_own(struct sq_conn *c, const struct id *id, struct arena *a, int64_t *slot,
	struct lead *out, struct err *e)
{
	int rc = sq_lead_slot(c, id, slot, e);

	if (rc == 1)
		rc = sq_lead_at(c, *slot, out, e);
	if (rc == 1 && lead_form_own(out, a, true, e) != 0)
		return -1;
	return rc;
}

static int write_row(
	struct sq_conn *c, const char *sql, int64_t slot, struct str body, struct err *e)
{
	sqlite3_stmt *st = sq_stmt(c, sql, e);

	if (st == NULL)
		return -1;
	sqlite3_bind_int64(st, 1, slot);
	sq_bind_blob(st, 2, body);
	return sq_step(c, st, e);
}

int sq_lead_put_score(struct sq_conn *c, int64_t slot, struct str body, struct err *e)
{
	return write_row(
		c, "INSERT OR REPLACE INTO score(slot, body) VALUES(?1, ?2)", slot, body, e);
}

int sq_lead_write_score(struct sq_conn *c, int64_t slot, const struct lead_score *score,
	struct buf *scratch, struct err *e)
{
	buf_reset(scratch);
	lead_form_write_score(score, scratch);
	if (scratch->failed)
		return err_nomem(e);
	return sq_lead_put_score(c, slot, buf_view(scratch), e);
}

/* The columns in which two states of a lead differ. */
uint64_t sq_lead_difference(const struct lead *a, const struct lead *b)
{
	uint64_t what = 0;
	int f;

	for (f = 0; f < LF_COUNT; f++) {
		struct query_column col = { .field = (enum lead_field)f };
		struct str x, y;
		double p, q;

		if (f == LF_UPLOAD_ID) {
			if (!id_eq(a->upload, b->upload))
				what |= FIELD_BIT(f);
			continue;
		}
		value_raw(a, NULL, &col, &x, &p);
		value_raw(b, NULL, &col, &y, &q);
		if (!str_eq(x, y) || !(p == q || (isnan(p) && isnan(q))))
			what |= FIELD_BIT(f);
	}
	if (a->layout != b->layout || !str_eq(a->cells, b->cells))
		what |= SQ_ATTRIBUTE_BIT;
	return what;
}

int sq_lead_insert(struct sq *s, struct sq_conn *c, const struct lead *l,
	const struct lead_put *put, struct buf *scratch, struct err *e)
{
	sqlite3_stmt *st = sq_stmt(c,
		"INSERT INTO lead(slot, id, body) VALUES(?1, ?2, ?3) ON CONFLICT(id) DO NOTHING",
		e);
	int64_t slot = s->next_slot;

	if (st == NULL)
		return -1;
	buf_reset(scratch);
	lead_form_write(l, scratch);
	if (scratch->failed)
		return err_nomem(e);
	sqlite3_bind_int64(st, 1, slot);
	sq_bind_blob(st, 2, sq_id_str(&l->id));
	sq_bind_blob(st, 3, buf_view(scratch));
	if (sq_step(c, st, e) != 0)
		return -1;
	if (sqlite3_changes(c->db) == 0)
		return 0;
	s->next_slot++;
	s->leads++;
	s->state_dirty = true;
	if (l->score.model[0] != '\0' && sq_later_score(s, slot, &l->score, e) != 0)
		return -1;
	if (sq_index_new(s, c, slot, l, put, scratch, e) != 0)
		return -1;
	if (sq_touch(s, slot, ALL_FIELDS, e) != 0)
		return -1;
	sq_fresh_add(s, slot, l);
	return 1;
}

/* sq_lead_replace(..): the row at ${slot} becomes ${new}. */
int sq_lead_replace(struct sq *s, struct sq_conn *c, int64_t slot, const struct lead *old,
	const struct lead *new, struct buf *scratch, struct err *e)
{
	buf_reset(scratch);
	lead_form_write(new, scratch);
	if (scratch->failed)
		return err_nomem(e);
	if (write_row(c, "UPDATE lead SET body = ?2 WHERE slot = ?1", slot, buf_view(scratch), e) !=
		0)
		return -1;
	if (new->score.model[0] != '\0') {
		if (sq_lead_write_score(c, slot, &new->score, scratch, e) != 0)
			return -1;
	} else if (old->score.model[0] != '\0') {
		sqlite3_stmt *st = sq_stmt(c, "DELETE FROM score WHERE slot = ?1", e);

		if (st == NULL)
			return -1;
		sqlite3_bind_int64(st, 1, slot);
		if (sq_step(c, st, e) != 0)
			return -1;
	}
	if (sq_index_changed(s, c, slot, old, new, scratch, e) != 0)
		return -1;
	return sq_touch(s, slot, sq_lead_difference(old, new), e);
}

int sq_lead_keep(struct sq_conn *c, const struct lead *old, int64_t now_ms, struct id by,
	struct id upload, struct err *e)
{
	struct sq_kv kv;

	sq_kv_init(&kv, c);
	return lead_form_keep(&kv.kv, old, now_ms, by, upload, e);
}

int sq_lead_keep_score(struct sq_conn *c, const struct lead *old, int64_t now_ms,
	enum score_cause cause, struct err *e)
{
	struct past_score p = { old->score, now_ms, cause };
	struct sq_kv kv;

	sq_kv_init(&kv, c);
	return docs_past_score_add(&kv.kv, old->id, &p, e);
}

int sq_lead_take_away(struct sq *s, struct sq_conn *c, int64_t slot, const struct lead *l,
	struct buf *scratch, struct err *e)
{
	static const char *const sql[] = { "DELETE FROM lead WHERE slot = ?1",
		"DELETE FROM score WHERE slot = ?1" };
	struct sq_kv kv;
	size_t i;

	if (sq_index_gone(s, c, slot, l, scratch, e) != 0)
		return -1;
	for (i = 0; i < 2; i++) {
		sqlite3_stmt *st = sq_stmt(c, sql[i], e);

		if (st == NULL)
			return -1;
		sqlite3_bind_int64(st, 1, slot);
		if (sq_step(c, st, e) != 0)
			return -1;
	}
	sq_kv_init(&kv, c);
	if (docs_forget_lead(&kv.kv, l->id, e) != 0)
		return -1;
	s->leads--;
	s->state_dirty = true;
	return sq_touch(s, slot, ALL_FIELDS, e);
}
