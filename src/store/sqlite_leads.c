/* SPDX-License-Identifier: Apache-2.0 */
/* Leads put, read and changed. */
#include "store/lead_form_internal.h"
#include "store/sqlite_leads_internal.h"
#include "util/err.h"

/* --- layouts for the rules ------------------------------------------------------------------ */

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

/* --- put ------------------------------------------------------------------------------------ */

struct put {
	struct lead_put *rows;
	size_t n;
	const struct lead_put_opts *o;
	bool fresh; /* the row before was of a lead that was not there: this may be as well */
	struct arena a;
	struct buf scratch;
};

/* Without looking first whether it is there: the insert finds that out. 1, 0: it is there, -1. */
static int put_new(
	struct put *x, struct sq *s, struct sq_conn *c, struct lead_put *p, struct err *e)
{
	struct rules_ctx ctx = { s, c };
	struct lead_rules rules = { &ctx, rules_layout, rules_add };
	struct lead_outcome_of what;
	struct lead new;

	if (lead_rules_put(&rules, NULL, p, x->o, &x->a, &new, &what, e) != 0)
		return -1;
	return what.write ? sq_lead_insert(s, c, &new, p, &x->scratch, e) : 1;
}

static int put_over(struct put *x, struct sq *s, struct sq_conn *c, struct lead_put *p,
	int64_t slot, const struct lead *cur, struct err *e)
{
	const struct lead_put_opts *o = x->o;
	struct rules_ctx ctx = { s, c };
	struct lead_rules rules = { &ctx, rules_layout, rules_add };
	struct lead_outcome_of what;
	struct lead new;

	if (lead_rules_put(&rules, cur, p, o, &x->a, &new, &what, e) != 0)
		return -1;
	if (!what.write)
		return 0;
	if (what.keep_old && sq_lead_keep(c, cur, o->now_ms, o->by, o->upload, e) != 0)
		return -1;
	if (what.past && sq_lead_keep_score(c, cur, o->now_ms, SCORE_IMPORT, e) != 0)
		return -1;
	return sq_lead_replace(s, c, slot, cur, &new, &x->scratch, e);
}

static int put_one(
	struct put *x, struct sq *s, struct sq_conn *c, struct lead_put *p, struct err *e)
{
	struct lead cur;
	int64_t slot;
	int rc;

	if (x->fresh && !x->o->update_only && (rc = put_new(x, s, c, p, e)) != 0)
		return rc == 1 ? 0 : -1;
	if (sq_later_scores(s, c, e) != 0 ||
		(rc = sq_lead_own(c, &p->id, &x->a, &slot, &cur, e)) == -1)
		return -1;
	x->fresh = rc == 0;
	if (rc == 1)
		return put_over(x, s, c, p, slot, &cur, e);
	return put_new(x, s, c, p, e) == 1 ? 0 : -1;
}

static int too_many(size_t n, struct err *e)
{
	return n <= STORE_PUT_MOST ? 0
				   : err_set(e, ERR_LIMIT, "%zu rows at once, the limit is %d", n,
					     STORE_PUT_MOST);
}

static int put_rows(struct put *x, struct sq *s, struct sq_conn *c, struct lead_put *rows, size_t n,
	struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++) {
		arena_reset(&x->a);
		rc = put_one(x, s, c, &rows[i], e);
	}
	return rc;
}

/* Those that were made while others were put. */
static int put_more(struct put *x, struct sq *s, struct sq_conn *c, struct err *e)
{
	const struct lead_put_opts *o = x->o;
	size_t all = x->n;
	int rc;

	for (;;) {
		struct lead_put *rows = NULL;
		bool idle = !sq_later_any(s);
		size_t n = 0;

		if ((rc = o->more(o->more_arg, idle, &rows, &n, e)) <= 0)
			return rc;
		if (rc == 2 && idle && sq_others_wait(s))
			return 0;
		if (rc == 2 && !idle && sq_later_settle(s, c, e) != 0)
			return -1;
		if (rc == 1 && ((rc = too_many(all += n, e)) == -1 ||
				       (rc = put_rows(x, s, c, rows, n, e)) == -1))
			return -1;
	}
}

static int put(struct sq *s, struct sq_conn *c, void *arg, struct err *e)
{
	struct put *x = arg;
	struct sq_kv kv;
	int rc;

	x->fresh = true;
	rc = put_rows(x, s, c, x->rows, x->n, e);
	if (rc == 0 && x->o->more != NULL)
		rc = put_more(x, s, c, e);
	if (rc == 0 && x->o->progress != NULL) {
		sq_kv_init(&kv, c);
		rc = docs_upload_progress(&kv.kv, x->o->upload, x->o->progress, x->o->now_ms, e);
	}
	arena_clear(&x->a);
	buf_clear(&x->scratch);
	return rc;
}

static int leads_put(struct store *s, struct lead_put *rows, size_t n,
	const struct lead_put_opts *o, struct err *e)
{
	struct put p = { .rows = rows, .n = n, .o = o };

	if (too_many(n, e) == -1)
		return -1;
	return sq_write(sq_of(s), put, &p, e);
}

/* --- reading -------------------------------------------------------------------------------- */

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
		int rc = sq_lead_own(c, &g->ids[i], g->a, &slot, &g->out[i], e);

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

/* --- change --------------------------------------------------------------------------------- */

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
	int rc = sq_lead_own(c, &x->id, x->a, &slot, &cur, e);

	if (rc == 0)
		err_set(e, ERR_NOT_FOUND, "there is no such lead");
	if (rc != 1 || lead_rules_change(&rules, &cur, x->c, x->a, &new, &what, e) != 0)
		return -1;
	rc = sq_lead_keep(c, &cur, x->c->now_ms, x->c->by, new.upload, e);
	if (rc == 0 && what.past)
		rc = sq_lead_keep_score(c, &cur, x->c->now_ms, SCORE_EDIT, e);
	if (rc == 0)
		rc = sq_lead_replace(s, c, slot, &cur, &new, &scratch, e);
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
	leads_change, sq_leads_remove, sq_leads_erase, sq_leads_tombstones, sq_leads_list,
	sq_leads_tally, sq_leads_set_scores, sq_leads_history, sq_leads_scores, sq_leads_undo,
	sq_leads_attributes, leads_count };
