/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping the strips: which are out of date, and when they are made anew (sqlite_strips_make.c). */
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

/* --- merging ---------------------------------------------------------------------------------- */

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
