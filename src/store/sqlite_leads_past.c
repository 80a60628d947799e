/* SPDX-License-Identifier: Apache-2.0 */
/* Scores set beside leads, and what leads and their scores were before. */
#include "store/lead_form_internal.h"
#include "store/sqlite_leads_internal.h"
#include "util/err.h"

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
	int rc = sq_lead_slot(c, &set->id, &slot, e);

	set->taken = set->moved = false;
	if (rc == 1)
		rc = sq_lead_at(c, slot, &cur, e);
	if (rc != 1)
		return rc;
	lead_rules_score(&cur, set, x->now_ms, &new, &what);
	if (!what.write)
		return 0;
	/* The texts of ${cur} are in the statement that is reset by the next call with it. */
	if (sq_touch(s, slot, sq_lead_difference(&cur, &new), e) != 0)
		return -1;
	if (what.past && sq_lead_keep_score(c, &cur, x->now_ms, x->cause, e) != 0)
		return -1;
	return sq_lead_write_score(c, slot, &new.score, scratch, e);
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

int sq_leads_set_scores(struct store *s, struct lead_set_score *sets, size_t n,
	enum score_cause cause, int64_t now_ms, struct err *e)
{
	struct set_scores x = { sets, n, cause, now_ms };

	if (n > 5000)
		return err_set(e, ERR_LIMIT, "%zu scores at once, the limit is 5000", n);
	return sq_write(sq_of(s), set_scores, &x, e);
}

/* --- the past ------------------------------------------------------------------------------- */

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

int sq_leads_history(struct store *s, struct id id, struct arena *a, struct lead_version **out,
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

int sq_leads_scores(struct store *s, struct id id, struct arena *a, struct past_score **out,
	size_t *n, struct err *e)
{
	struct history h = { .id = id, .a = a };

	if (sq_read(sq_of(s), past_scores, &h, e) != 0)
		return -1;
	*out = h.scores;
	*n = h.n;
	return 0;
}
