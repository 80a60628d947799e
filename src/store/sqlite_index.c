/* SPDX-License-Identifier: Apache-2.0 */
/* Words of leads into the full-text index and out of it. Those of a new lead go there at once, or
 * while another thread makes strips, before the commit; or after the call, where its caller allows
 * it. Such leads are due: their slots, one after the other, are in the state of the file, so that
 * searches look at their rows instead (sqlite_words.c) and a start after a kill goes on with them.
 */
#include "store/lead_form_internal.h"
#include "store/lead_value_internal.h"
#include "store/sqlite_leads_internal.h"
#include "util/err.h"

static const char into[] = "INSERT INTO lead_text(rowid, words) VALUES(?1, ?2)";
static const char out_of[] =
	"INSERT INTO lead_text(lead_text, rowid, words) VALUES('delete', ?1, ?2)";

static int tell(struct sq_conn *c, const char *sql, int64_t slot, struct str words, struct err *e)
{
	sqlite3_stmt *st = sq_stmt(c, sql, e);

	if (st == NULL)
		return -1;
	sqlite3_bind_int64(st, 1, slot);
	sqlite3_bind_text(st, 2, words.p, (int)words.n, SQLITE_STATIC);
	return sq_step(c, st, e);
}

int sq_index_words(struct sq_conn *c, int64_t slot, struct str words, struct err *e)
{
	return tell(c, into, slot, words, e);
}

static int tell_of(struct sq_conn *c, const char *sql, int64_t slot, const struct lead *l,
	struct buf *scratch, struct err *e)
{
	buf_reset(scratch);
	words_of_values(&l->values, ~(uint64_t)0, scratch);
	if (scratch->failed)
		return err_nomem(e);
	return tell(c, sql, slot, buf_view(scratch), e);
}

/* --- after the call --------------------------------------------------------------------------- */

int sq_due_get(struct sq_conn *c, struct sq_due *due, struct err *e)
{
	if (sq_state_get(c, SQ_DUE_FROM, &due->from, e) != 0 ||
		sq_state_get(c, SQ_DUE_TO, &due->to, e) != 0)
		return -1;
	return 0;
}

int sq_due_set(struct sq_conn *c, const struct sq_due *due, struct err *e)
{
	if (sq_state_set(c, SQ_DUE_FROM, due->from, e) != 0 ||
		sq_state_set(c, SQ_DUE_TO, due->to, e) != 0)
		return -1;
	return 0;
}

static bool is_due(const struct sq *s, int64_t slot)
{
	return slot >= s->due.from && slot < s->due.to;
}

static bool put_off(struct sq *s, int64_t slot)
{
	if (s->due.from == s->due.to)
		s->due.from = s->due.to = slot;
	if (slot != s->due.to || s->due.to - s->due.from >= SQ_DUE_MOST)
		return false;
	s->due.to++;
	s->due_dirty = true;
	return true;
}

int sq_words_catch_up(struct sq *s, struct sq_conn *c, int64_t most, struct err *e)
{
	int64_t to = s->due.to - s->due.from > most ? s->due.from + most : s->due.to;
	struct buf scratch = { 0 };
	sqlite3_stmt *st;
	int rc;

	if (s->due.from == s->due.to)
		return 0;
	if ((st = sq_stmt(c, "SELECT slot, body FROM lead WHERE slot >= ?1 AND slot < ?2", e)) ==
		NULL)
		return -1;
	sqlite3_bind_int64(st, 1, s->due.from);
	sqlite3_bind_int64(st, 2, to);
	while ((rc = sq_step(c, st, e)) == 1) {
		struct lead l;

		if (lead_form_read(sq_blob(st, 1), &l, e) != 0 ||
			tell_of(c, into, sqlite3_column_int64(st, 0), &l, &scratch, e) != 0) {
			sq_reset(st);
			rc = -1;
			break;
		}
	}
	buf_clear(&scratch);
	if (rc != 0)
		return -1;
	s->due.from = to;
	s->due_dirty = true;
	return s->due.from < s->due.to;
}

/* --- one lead ------------------------------------------------------------------------------- */

int sq_index_new(struct sq *s, struct sq_conn *c, int64_t slot, const struct lead *l,
	const struct lead_put *put, struct buf *scratch, struct err *e)
{
	if (put->words.p != NULL)
		return sq_later_words(s, slot, put->words) ? 0 : tell(c, into, slot, put->words, e);
	if (put->words_later && put_off(s, slot))
		return 0;
	return tell_of(c, into, slot, l, scratch, e);
}

static bool same_words(const struct lead *a, const struct lead *b)
{
	for (size_t f = 0; f < LF_TEXTS; f++)
		if (field_searched((enum lead_field)f) &&
			!str_eq(a->values.text[f], b->values.text[f]))
			return false;
	return true;
}

/* The index keeps no copy of the words: to take a lead out it is told them again. One that is due
 * is not there yet, and its row tells its words when it comes. */
int sq_index_gone(struct sq *s, struct sq_conn *c, int64_t slot, const struct lead *l,
	struct buf *scratch, struct err *e)
{
	if (is_due(s, slot))
		return 0;
	if (sq_later_settle(s, c, e) != 0)
		return -1;
	return tell_of(c, out_of, slot, l, scratch, e);
}

int sq_index_changed(struct sq *s, struct sq_conn *c, int64_t slot, const struct lead *old,
	const struct lead *new, struct buf *scratch, struct err *e)
{
	if (is_due(s, slot) || same_words(old, new))
		return 0;
	if (sq_index_gone(s, c, slot, old, scratch, e) != 0)
		return -1;
	return tell_of(c, into, slot, new, scratch, e);
}
