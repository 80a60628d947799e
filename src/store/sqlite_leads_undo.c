/* SPDX-License-Identifier: Apache-2.0 */
/* An upload undone: first all leads that it made what they are, then those it only touched. */
#include <math.h>
#include <string.h>

#include "store/lead_form_internal.h"
#include "store/sqlite_leads_internal.h"
#include "util/err.h"

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
	int rc = sq_lead_own(c, id, u->a, &slot, &cur, e);

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
		rc = sq_lead_take_away(s, c, slot, &cur, &scratch, e);
	} else {
		u->out->restored++;
		rc = lead_form_read_all(v[i - 1].body, &old, e);
		if (rc == 0) {
			lead_rules_undo(&cur, &old, u->now_ms, &new);
			rc = sq_lead_replace(s, c, slot, &cur, &new, &scratch, e);
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
		int rc = sq_lead_own(c, &ids[i], u->a, &slot, &l, e);

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

int sq_leads_undo(struct store *s, struct id upload, int64_t now_ms, struct id by,
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
