/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "store/lead_form_internal.h"
#include "store/lead_value_internal.h"
#include "store/sqlite_internal.h"
#include "util/err.h"

#define ALL_FIELDS (~(uint64_t)0)

/* --- rows ---------------------------------------------------------------------------------------
 */

static struct str id_str(const struct id *id)
{
	return (struct str){ (const char *)id->b, sizeof(id->b) };
}

static int slot_of(struct sq_conn *c, const struct id *id, int64_t *slot, struct err *e)
{
	sqlite3_stmt *st = sq_stmt(c, "SELECT slot FROM lead WHERE id = ?1", e);
	int rc;

	if (st == NULL)
		return -1;
	sq_bind_blob(st, 1, id_str(id));
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
static int read_own(struct sq_conn *c, const struct id *id, struct arena *a, int64_t *slot,
	struct lead *out, struct err *e)
{
	int rc = slot_of(c, id, slot, e);

	if (rc == 1)
		rc = sq_lead_at(c, *slot, out, e);
	if (rc == 1 && lead_form_own(out, a, true, e) != 0)
		return -1;
	return rc;
}

static int write_row(
	struct sq_conn *c, const char *sql, int64_t slot, const struct buf *body, struct err *e)
{
	sqlite3_stmt *st;

	if (body->failed)
		return err_nomem(e);
	st = sq_stmt(c, sql, e);
	if (st == NULL)
		return -1;
	sqlite3_bind_int64(st, 1, slot);
	sq_bind_blob(st, 2, buf_view(body));
	return sq_step(c, st, e);
}

static int write_score(struct sq_conn *c, int64_t slot, const struct lead_score *score,
	struct buf *scratch, struct err *e)
{
	buf_reset(scratch);
	lead_form_write_score(score, scratch);
	return write_row(
		c, "INSERT OR REPLACE INTO score(slot, body) VALUES(?1, ?2)", slot, scratch, e);
}

static int index_words(
	struct sq_conn *c, int64_t slot, const struct lead *l, struct buf *scratch, struct err *e)
{
	sqlite3_stmt *st = sq_stmt(c, "INSERT INTO lead_text(rowid, words) VALUES(?1, ?2)", e);

	if (st == NULL)
		return -1;
	buf_reset(scratch);
	words_of_lead(l, scratch);
	if (scratch->failed)
		return err_nomem(e);
	sqlite3_bind_int64(st, 1, slot);
	sqlite3_bind_text(
		st, 2, scratch->p != NULL ? scratch->p : "", (int)scratch->n, SQLITE_STATIC);
	return sq_step(c, st, e);
}

/* The index keeps no copy of the words: to take a lead out it is told them again. */
static int unindex_words(
	struct sq_conn *c, int64_t slot, const struct lead *l, struct buf *scratch, struct err *e)
{
	sqlite3_stmt *st = sq_stmt(
		c, "INSERT INTO lead_text(lead_text, rowid, words) VALUES('delete', ?1, ?2)", e);

	if (st == NULL)
		return -1;
	buf_reset(scratch);
	words_of_lead(l, scratch);
	if (scratch->failed)
		return err_nomem(e);
	sqlite3_bind_int64(st, 1, slot);
	sqlite3_bind_text(
		st, 2, scratch->p != NULL ? scratch->p : "", (int)scratch->n, SQLITE_STATIC);
	return sq_step(c, st, e);
}

static bool same_words(const struct lead *a, const struct lead *b)
{
	size_t f;

	for (f = 0; f < LF_TEXTS; f++)
		if (field_searched((enum lead_field)f) &&
			!str_eq(a->values.text[f], b->values.text[f]))
			return false;
	return true;
}

/* The columns in which two states of a lead differ. */
static uint64_t difference(const struct lead *a, const struct lead *b)
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

static int insert(
	struct sq *s, struct sq_conn *c, const struct lead *l, struct buf *scratch, struct err *e)
{
	sqlite3_stmt *st = sq_stmt(c, "INSERT INTO lead(slot, id, body) VALUES(?1, ?2, ?3)", e);
	int64_t slot = s->next_slot;

	if (st == NULL)
		return -1;
	buf_reset(scratch);
	lead_form_write(l, scratch);
	if (scratch->failed)
		return err_nomem(e);
	sqlite3_bind_int64(st, 1, slot);
	sq_bind_blob(st, 2, id_str(&l->id));
	sq_bind_blob(st, 3, buf_view(scratch));
	if (sq_step(c, st, e) != 0)
		return -1;
	s->next_slot++;
	s->leads++;
	s->state_dirty = true;
	if (l->score.model[0] != '\0' && write_score(c, slot, &l->score, scratch, e) != 0)
		return -1;
	if (index_words(c, slot, l, scratch, e) != 0)
		return -1;
	return sq_touch(s, slot, ALL_FIELDS, e);
}

/* replace(..): the row at ${slot} becomes ${new}. */
static int replace(struct sq *s, struct sq_conn *c, int64_t slot, const struct lead *old,
	const struct lead *new, struct buf *scratch, struct err *e)
{
	buf_reset(scratch);
	lead_form_write(new, scratch);
	if (write_row(c, "UPDATE lead SET body = ?2 WHERE slot = ?1", slot, scratch, e) != 0)
		return -1;
	if (new->score.model[0] != '\0') {
		if (write_score(c, slot, &new->score, scratch, e) != 0)
			return -1;
	} else if (old->score.model[0] != '\0') {
		sqlite3_stmt *st = sq_stmt(c, "DELETE FROM score WHERE slot = ?1", e);

		if (st == NULL)
			return -1;
		sqlite3_bind_int64(st, 1, slot);
		if (sq_step(c, st, e) != 0)
			return -1;
	}
	if (!same_words(old, new) && (unindex_words(c, slot, old, scratch, e) != 0 ||
					     index_words(c, slot, new, scratch, e) != 0))
		return -1;
	return sq_touch(s, slot, difference(old, new), e);
}

static int keep_old(struct sq_conn *c, const struct lead *old, int64_t now_ms, struct id by,
	struct id upload, struct err *e)
{
	struct sq_kv kv;

	sq_kv_init(&kv, c);
	return lead_form_keep(&kv.kv, old, now_ms, by, upload, e);
}

static int keep_score(struct sq_conn *c, const struct lead *old, int64_t now_ms,
	enum score_cause cause, struct err *e)
{
	struct past_score p = { old->score, now_ms, cause };
	struct sq_kv kv;

	sq_kv_init(&kv, c);
	return docs_past_score_add(&kv.kv, old->id, &p, e);
}

/* --- layouts for the rules
 * ------------------------------------------------------------------------ */

struct rules_ctx {
	struct sq *s;
	struct sq_conn *c;
};

static const struct layout *rules_layout(void *ctx, uint32_t number)
{
	struct rules_ctx *r = ctx;
	struct err none;
	const struct sq_layout *l = sq_layout_get(r->s, r->c, number, &none);

	return l != NULL ? &l->layout : NULL;
}

static int rules_add(void *ctx, const struct layout *l, uint32_t *number, struct err *e)
{
	struct rules_ctx *r = ctx;

	return sq_layout_put(r->s, r->c, l, number, e);
}

/* --- put
 * --------------------------------------------------------------------------------------------- */

struct put {
	struct lead_put *rows;
	size_t n;
	const struct lead_put_opts *o;
};

static int put_one(struct sq *s, struct sq_conn *c, struct lead_put *p,
	const struct lead_put_opts *o, struct arena *a, struct buf *scratch, struct err *e)
{
	struct rules_ctx ctx = { s, c };
	struct lead_rules rules = { &ctx, rules_layout, rules_add };
	struct lead cur, new;
	struct lead_outcome_of what;
	int64_t slot;
	int there = read_own(c, &p->id, a, &slot, &cur, e);

	if (there < 0 || lead_rules_put(&rules, there ? &cur : NULL, p, o, a, &new, &what, e) != 0)
		return -1;
	if (!what.write)
		return 0;
	if (!there)
		return insert(s, c, &new, scratch, e);
	if (what.keep_old && keep_old(c, &cur, o->now_ms, o->by, o->upload, e) != 0)
		return -1;
	if (what.past && keep_score(c, &cur, o->now_ms, SCORE_IMPORT, e) != 0)
		return -1;
	return replace(s, c, slot, &cur, &new, scratch, e);
}

static int put(struct sq *s, struct sq_conn *c, void *arg, struct err *e)
{
	struct put *p = arg;
	struct arena a = { .cap = 0 };
	struct buf scratch = { 0 };
	struct sq_kv kv;
	size_t i;
	int rc = 0;

	for (i = 0; i < p->n && rc == 0; i++) {
		arena_reset(&a);
		rc = put_one(s, c, &p->rows[i], p->o, &a, &scratch, e);
	}
	if (rc == 0 && p->o->progress != NULL) {
		sq_kv_init(&kv, c);
		rc = docs_upload_progress(&kv.kv, p->o->upload, p->o->progress, p->o->now_ms, e);
	}
	arena_clear(&a);
	buf_clear(&scratch);
	return rc;
}

static int leads_put(struct store *s, struct lead_put *rows, size_t n,
	const struct lead_put_opts *o, struct err *e)
{
	struct put p = { rows, n, o };

	if (n > 5000)
		return err_set(e, ERR_LIMIT, "%zu rows at once, the limit is 5000", n);
	return sq_write(sq_of(s), put, &p, e);
}

/* --- reading
 * ------------------------------------------------------------------------------------------ */

struct get_many {
	const struct id *ids;
	size_t n;
	struct arena *a;
	struct lead *out;
	bool *found;
};

static int get_many(struct sq *s, struct sq_conn *c, void *arg, struct err *e)
{
	struct get_many *g = arg;
	size_t i;

	for (i = 0; i < g->n; i++) {
		int64_t slot;
		int rc = read_own(c, &g->ids[i], g->a, &slot, &g->out[i], e);

		if (rc < 0)
			return -1;
		g->found[i] = rc == 1;
	}
	return 0;
}

static int leads_get_many(struct store *s, const struct id *ids, size_t n, struct arena *a,
	struct lead *out, bool *found, struct err *e)
{
	struct get_many g = { ids, n, a, out, found };

	return sq_read(sq_of(s), get_many, &g, e);
}

static int leads_get(
	struct store *s, struct id id, struct arena *a, struct lead *out, struct err *e)
{
	bool found;

	if (leads_get_many(s, &id, 1, a, out, &found, e) != 0)
		return -1;
	return found ? 0 : err_set(e, ERR_NOT_FOUND, "there is no such lead");
}

/* --- change
 * ------------------------------------------------------------------------------------------- */

struct change {
	struct id id;
	const struct lead_change *c;
	struct arena *a;
	struct lead *out;
};

static int change(struct sq *s, struct sq_conn *c, void *arg, struct err *e)
{
	struct change *x = arg;
	struct rules_ctx ctx = { s, c };
	struct lead_rules rules = { &ctx, rules_layout, rules_add };
	struct lead_outcome_of what;
	struct lead cur, new;
	struct buf scratch = { 0 };
	struct sq_kv kv;
	int64_t slot;
	int rc = read_own(c, &x->id, x->a, &slot, &cur, e);

	if (rc == 0)
		err_set(e, ERR_NOT_FOUND, "there is no such lead");
	if (rc != 1 || lead_rules_change(&rules, &cur, x->c, x->a, &new, &what, e) != 0)
		return -1;
	rc = keep_old(c, &cur, x->c->now_ms, x->c->by, new.upload, e);
	if (rc == 0 && what.past)
		rc = keep_score(c, &cur, x->c->now_ms, SCORE_EDIT, e);
	if (rc == 0)
		rc = replace(s, c, slot, &cur, &new, &scratch, e);
	if (rc == 0 && x->c->event != NULL) {
		sq_kv_init(&kv, c);
		rc = docs_event_add(&kv.kv, x->c->event, e);
	}
	buf_clear(&scratch);
	if (rc == 0 && x->out != NULL) {
		*x->out = new;
		rc = lead_form_own(x->out, x->a, true, e);
	}
	return rc;
}

static int leads_change(struct store *s, struct id id, const struct lead_change *c, struct arena *a,
	struct lead *out, struct err *e)
{
	struct change x = { id, c, a, out };

	return sq_write(sq_of(s), change, &x, e);
}

/* --- taking away
 * ---------------------------------------------------------------------------------------- */

static int take_away(struct sq *s, struct sq_conn *c, int64_t slot, const struct lead *l,
	struct buf *scratch, struct err *e)
{
	static const char *const sql[] = { "DELETE FROM lead WHERE slot = ?1",
		"DELETE FROM score WHERE slot = ?1" };
	struct sq_kv kv;
	size_t i;

	if (unindex_words(c, slot, l, scratch, e) != 0)
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
	int rc = read_own(c, &x->id, &a, &slot, &l, e);

	if (rc == 0)
		err_set(e, ERR_NOT_FOUND, "there is no such lead");
	if (rc == 1 && x->version != 0 && x->version != l.version)
		rc = err_set(e, ERR_CONFLICT, "the lead was changed meanwhile");
	if (rc == 1)
		rc = take_away(s, c, slot, &l, &scratch, e) == 0 ? 1 : -1;
	arena_clear(&a);
	buf_clear(&scratch);
	return rc == 1 ? 0 : -1;
}

static int leads_remove(struct store *s, struct id id, uint64_t version, struct err *e)
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
	sq_bind_blob(st, 1, id_str(id));
	sqlite3_bind_int64(st, 2, now_ms);
	if (sq_step(c, st, e) != 0)
		return -1;
	rc = read_own(c, id, a, &slot, &l, e);
	if (rc != 1)
		return rc;
	if (take_away(s, c, slot, &l, scratch, e) != 0)
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

static int leads_erase(
	struct store *s, const struct id *ids, size_t n, int64_t now_ms, struct err *e)
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

static int leads_tombstones(
	struct store *s, struct arena *a, struct id **out, size_t *n, struct err *e)
{
	struct tombstones t = { a, NULL, 0 };

	if (sq_read(sq_of(s), tombstones, &t, e) != 0)
		return -1;
	*out = t.ids;
	*n = t.n;
	return 0;
}

/* --- scores
 * ------------------------------------------------------------------------------------------- */

struct set_scores {
	struct lead_set_score *sets;
	size_t n;
	enum score_cause cause;
	int64_t now_ms;
};

static int set_one(struct sq *s, struct sq_conn *c, struct lead_set_score *set,
	const struct set_scores *x, struct buf *scratch, struct err *e)
{
	struct lead cur, new;
	struct lead_outcome_of what;
	int64_t slot;
	int rc = slot_of(c, &set->id, &slot, e);

	set->taken = set->moved = false;
	if (rc == 1)
		rc = sq_lead_at(c, slot, &cur, e);
	if (rc != 1)
		return rc;
	lead_rules_score(&cur, set, x->now_ms, &new, &what);
	if (!what.write)
		return 0;
	/* The texts of ${cur} are in the statement that is reset by the next call with it. */
	if (sq_touch(s, slot, difference(&cur, &new), e) != 0)
		return -1;
	if (what.past && keep_score(c, &cur, x->now_ms, x->cause, e) != 0)
		return -1;
	return write_score(c, slot, &new.score, scratch, e);
}

static int set_scores(struct sq *s, struct sq_conn *c, void *arg, struct err *e)
{
	struct set_scores *x = arg;
	struct buf scratch = { 0 };
	size_t i;
	int rc = 0;

	for (i = 0; i < x->n && rc == 0; i++)
		rc = set_one(s, c, &x->sets[i], x, &scratch, e);
	buf_clear(&scratch);
	return rc;
}

static int leads_set_scores(struct store *s, struct lead_set_score *sets, size_t n,
	enum score_cause cause, int64_t now_ms, struct err *e)
{
	struct set_scores x = { sets, n, cause, now_ms };

	if (n > 5000)
		return err_set(e, ERR_LIMIT, "%zu scores at once, the limit is 5000", n);
	return sq_write(sq_of(s), set_scores, &x, e);
}

/* --- the past
 * ------------------------------------------------------------------------------------------ */

struct history {
	struct id id;
	struct arena *a;
	struct lead_version *out;
	struct past_score *scores;
	size_t n;
};

static int history(struct sq *s, struct sq_conn *c, void *arg, struct err *e)
{
	struct history *h = arg;
	struct docs_version *v;
	struct sq_kv kv;
	size_t i;

	sq_kv_init(&kv, c);
	if (docs_versions(&kv.kv, h->id, 100, h->a, &v, &h->n, e) != 0)
		return -1;
	h->out = arena_array(h->a, h->n + 1, sizeof(*h->out));
	if (h->out == NULL)
		return err_nomem(e);
	for (i = 0; i < h->n; i++) {
		if (lead_form_read_all(v[i].body, &h->out[i].lead, e) != 0)
			return -1;
		h->out[i].until_ms = v[i].until_ms;
		h->out[i].by = v[i].by;
		h->out[i].upload = v[i].upload;
	}
	return 0;
}

static int leads_history(struct store *s, struct id id, struct arena *a, struct lead_version **out,
	size_t *n, struct err *e)
{
	struct history h = { .id = id, .a = a };

	if (sq_read(sq_of(s), history, &h, e) != 0)
		return -1;
	*out = h.out;
	*n = h.n;
	return 0;
}

static int past_scores(struct sq *s, struct sq_conn *c, void *arg, struct err *e)
{
	struct history *h = arg;
	struct sq_kv kv;

	sq_kv_init(&kv, c);
	return docs_past_scores(&kv.kv, h->id, 1000, h->a, &h->scores, &h->n, e);
}

static int leads_scores(struct store *s, struct id id, struct arena *a, struct past_score **out,
	size_t *n, struct err *e)
{
	struct history h = { .id = id, .a = a };

	if (sq_read(sq_of(s), past_scores, &h, e) != 0)
		return -1;
	*out = h.scores;
	*n = h.n;
	return 0;
}

/* --- undo
 * -----------------------------------------------------------------------------------------------
 */

struct undo {
	struct id upload, by;
	int64_t now_ms;
	const struct lead *leads; /* candidates */
	size_t n;
	struct id after; /* of the second stage */
	struct arena *a;
	struct lead_undo *out;
};

static int undo_one(
	struct sq *s, struct sq_conn *c, struct undo *u, const struct id *id, struct err *e)
{
	struct docs_version *v;
	struct buf scratch = { 0 };
	struct lead cur, old, new;
	struct sq_kv kv;
	int64_t slot;
	size_t i, n;
	int rc = read_own(c, id, u->a, &slot, &cur, e);

	if (rc != 1 || !id_eq(cur.upload, u->upload))
		return rc < 0 ? -1 : 0; /* changed since it was listed */
	sq_kv_init(&kv, c);
	if (docs_versions(&kv.kv, *id, SIZE_MAX, u->a, &v, &n, e) != 0)
		return -1;
	/* The file may have had several rows for it: back to before the first of them. */
	for (i = 0; i < n && id_eq(v[i].upload, u->upload); i++)
		;
	if (i == 0 || id_eq(v[i - 1].made_by, u->upload)) {
		u->out->deleted++;
		rc = take_away(s, c, slot, &cur, &scratch, e);
	} else {
		u->out->restored++;
		rc = lead_form_read_all(v[i - 1].body, &old, e);
		if (rc == 0) {
			lead_rules_undo(&cur, &old, u->now_ms, &new);
			rc = replace(s, c, slot, &cur, &new, &scratch, e);
		}
		while (rc == 0 && i-- > 0)
			rc = docs_version_drop(&kv.kv, *id, &v[i], e);
	}
	buf_clear(&scratch);
	return rc;
}

static int undo(struct sq *s, struct sq_conn *c, void *arg, struct err *e)
{
	struct undo *u = arg;
	size_t i;

	u->out->restored = u->out->deleted = 0;
	for (i = 0; i < u->n; i++)
		if (undo_one(s, c, u, &u->leads[i].id, e) != 0)
			return -1;
	return 0;
}

enum { UNDO_PART = 500, UNDO_KEPT = 1000 };

static int kept(struct sq *s, struct sq_conn *c, void *arg, struct err *e)
{
	struct undo *u = arg;
	struct lead_undo *out = u->out;
	struct id *ids;
	struct sq_kv kv;
	size_t i, n;
	char *next;

	sq_kv_init(&kv, c);
	if (docs_touched(&kv.kv, u->upload, u->after, UNDO_KEPT, u->a, &ids, &n, e) != 0)
		return -1;
	out->kept = ids;
	for (i = 0; i < n; i++) {
		struct lead l;
		int64_t slot;
		int rc = read_own(c, &ids[i], u->a, &slot, &l, e);

		if (rc < 0)
			return -1;
		if (i == UNDO_KEPT - 1) {
			next = arena_alloc(u->a, 17);
			if (next == NULL)
				return err_nomem(e);
			next[0] = 'K';
			memcpy(next + 1, ids[i].b, 16);
			out->next = (struct str){ next, 17 };
		}
		if (rc == 1)
			out->kept[out->n_kept++] = l.id;
	}
	return 0;
}

/* First all leads that the upload made what they are, then those it only touched. */
static int leads_undo(struct store *s, struct id upload, int64_t now_ms, struct id by,
	struct str cursor, struct arena *a, struct lead_undo *out, struct err *e)
{
	struct undo u = { .upload = upload, .by = by, .now_ms = now_ms, .a = a, .out = out };
	char name[ID_ULID];
	struct query_value value = { .number = NAN };
	struct query_filter filter = { { .field = LF_UPLOAD_ID }, QUERY_EQ, &value, 1 };
	struct lead_query q = { .filters = &filter,
		.n_filters = 1,
		.sort = QUERY_NO_COLUMN,
		.limit = UNDO_PART,
		.at = NAN };
	struct lead_page page;

	memset(out, 0, sizeof(*out));
	if (cursor.n == 17 && cursor.p[0] == 'K') {
		memcpy(u.after.b, cursor.p + 1, 16);
		return sq_read(sq_of(s), kept, &u, e);
	}
	if (cursor.n > 0 && !str_eq(cursor, S("U")))
		return err_set(e, ERR_INPUT, "the cursor is none of this list");
	id_ulid(upload, name);
	value.text = str_of(name);
	if (sq_leads_list(s, &q, a, &page, e) != 0)
		return -1;
	if (page.n == 0)
		return sq_read(sq_of(s), kept, &u, e);
	u.leads = page.leads;
	u.n = page.n;
	out->next = S("U");
	return sq_write(sq_of(s), undo, &u, e);
}

static int count(struct sq *s, struct sq_conn *c, void *arg, struct err *e)
{
	return sq_state_get(c, SQ_LEADS, arg, e);
}

static int64_t leads_count(struct store *s, struct err *e)
{
	int64_t n;

	return sq_read(sq_of(s), count, &n, e) == 0 ? n : -1;
}

const struct store_leads sq_leads = { leads_put, leads_get, leads_get_many, sq_leads_find,
	leads_change, leads_remove, leads_erase, leads_tombstones, sq_leads_list, sq_leads_tally,
	leads_set_scores, leads_history, leads_scores, leads_undo, sq_leads_attributes,
	leads_count };
