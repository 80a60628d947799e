/* SPDX-License-Identifier: Apache-2.0 */
/* Leads taken away: deleted, erased with every trace, forgotten by the full text. */
#include <string.h>

#include "store/sqlite_leads_internal.h"
#include "util/err.h"

#define ALL_FIELDS (~(uint64_t)0)

struct remove {
	struct id id;
	uint64_t version;
};

static int remove_one(struct sq *s, struct sq_conn *c, void *arg, struct err *e)
{
	struct remove *x = arg;
	struct arena a = { .cap = 0 };
	struct buf scratch = { 0 };
	struct lead l;
	int64_t slot;
	int rc = sq_lead_own(c, &x->id, &a, &slot, &l, e);

	if (rc == 0)
		err_set(e, ERR_NOT_FOUND, "there is no such lead");
	if (rc == 1 && x->version != 0 && x->version != l.version)
		rc = err_set(e, ERR_CONFLICT, "the lead was changed meanwhile");
	if (rc == 1)
		rc = sq_lead_take_away(s, c, slot, &l, &scratch, e) == 0 ? 1 : -1;
	arena_clear(&a);
	buf_clear(&scratch);
	return rc == 1 ? 0 : -1;
}

int sq_leads_remove(struct store *s, struct id id, uint64_t version, struct err *e)
{
	struct remove x = { id, version };

	return sq_write(sq_of(s), remove_one, &x, e);
}

struct erase {
	const struct id *ids;
	size_t n;
	int64_t now_ms;
};

static int erase_one(struct sq *s, struct sq_conn *c, const struct id *id, int64_t now_ms,
	struct arena *a, struct buf *scratch, struct err *e)
{
	sqlite3_stmt *st = sq_stmt(
		c, "INSERT INTO tombstone(id, at_ms) VALUES(?1, ?2) ON CONFLICT(id) DO NOTHING", e);
	struct lead l;
	int64_t slot;
	int rc;

	if (st == NULL)
		return -1;
	sq_bind_blob(st, 1, sq_id_str(id));
	sqlite3_bind_int64(st, 2, now_ms);
	if (sq_step(c, st, e) != 0)
		return -1;
	rc = sq_lead_own(c, id, a, &slot, &l, e);
	if (rc != 1)
		return rc;
	if (sq_lead_take_away(s, c, slot, &l, scratch, e) != 0)
		return -1;
	/* Its values are in strips of their own as well: these are written anew at once. */
	return sq_strips_build(s, c, (slot - 1) / SEG, ALL_FIELDS, e);
}

static int erase(struct sq *s, struct sq_conn *c, void *arg, struct err *e)
{
	struct erase *x = arg;
	struct arena a = { .cap = 0 };
	struct buf scratch = { 0 };
	size_t i;
	/* What is freed is overwritten, and old words leave the full-text index in steps. */
	int rc = sq_exec(c, "PRAGMA secure_delete = on", e);

	for (i = 0; i < x->n && rc == 0; i++) {
		arena_reset(&a);
		rc = erase_one(s, c, &x->ids[i], x->now_ms, &a, &scratch, e);
	}
	if (rc == 0)
		rc = sq_state_set(c, SQ_PURGE_WORDS, 1, e);
	arena_clear(&a);
	buf_clear(&scratch);
	return rc;
}

int sq_leads_erase(struct store *s, const struct id *ids, size_t n, int64_t now_ms, struct err *e)
{
	struct erase x = { ids, n, now_ms };

	if (n > 1000)
		return err_set(e, ERR_LIMIT, "%zu leads to erase at once, the limit is 1000", n);
	return sq_write(sq_of(s), erase, &x, e);
}

int sq_words_purge(struct sq *s, struct sq_conn *c, struct err *e)
{
	int64_t stage, before, after;

	if (sq_state_get(c, SQ_PURGE_WORDS, &stage, e) != 0)
		return -1;
	if (stage == 0)
		return 0;
	/* A negative number starts merging all parts into one, which drops what was deleted; then
	 * steps until one changes nothing (fewer than two changes, says the manual). */
	before = sqlite3_total_changes(c->db);
	if (sq_exec(c,
		    stage == 1 ? "INSERT INTO lead_text(lead_text, rank) VALUES('merge', -200)"
			       : "INSERT INTO lead_text(lead_text, rank) VALUES('merge', 200)",
		    e) != 0)
		return -1;
	after = sqlite3_total_changes(c->db);
	if (after - before < 2) {
		if (sq_exec(c, "PRAGMA secure_delete = fast", e) != 0 ||
			sq_state_set(c, SQ_PURGE_WORDS, 0, e) != 0)
			return -1;
		return 0;
	}
	return sq_state_set(c, SQ_PURGE_WORDS, 2, e) == 0 ? 1 : -1;
}

struct tombstones {
	struct arena *a;
	struct id *ids;
	size_t n;
};

static int tombstones(struct sq *s, struct sq_conn *c, void *arg, struct err *e)
{
	struct tombstones *t = arg;
	sqlite3_stmt *st;
	int64_t n;
	int rc;

	if (sq_int(c, "SELECT count(*) FROM tombstone", 0, &n, e) != 0)
		return -1;
	t->ids = arena_array(t->a, (size_t)n + 1, sizeof(*t->ids));
	if (t->ids == NULL)
		return err_nomem(e);
	st = sq_stmt(c, "SELECT id FROM tombstone ORDER BY id", e);
	if (st == NULL)
		return -1;
	while ((rc = sq_step(c, st, e)) == 1) {
		struct str id = sq_blob(st, 0);

		if (t->n < (size_t)n && id.n == 16)
			memcpy(t->ids[t->n++].b, id.p, 16);
	}
	return rc;
}

int sq_leads_tombstones(struct store *s, struct arena *a, struct id **out, size_t *n, struct err *e)
{
	struct tombstones t = { a, NULL, 0 };

	if (sq_read(sq_of(s), tombstones, &t, e) != 0)
		return -1;
	*out = t.ids;
	*n = t.n;
	return 0;
}
