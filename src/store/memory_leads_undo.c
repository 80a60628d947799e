/* SPDX-License-Identifier: Apache-2.0 */
/* An upload undone, in one part. */
#include <string.h>

#include "store/lead_form_internal.h"
#include "store/memory_internal.h"
#include "util/err.h"

static int undo_one(struct memory *m, struct memory_lead *at, struct id upload, int64_t now_ms,
	struct arena *a, struct lead_undo *out, struct err *e)
{
	struct docs_version *v;
	struct memory_kv kv;
	struct lead old, new;
	size_t i, n;
	int rc;

	memory_kv_init(&kv, m);
	if (docs_versions(&kv.kv, at->lead.id, SIZE_MAX, a, &v, &n, e) != 0)
		return -1;
	for (i = 0; i < n && id_eq(v[i].upload, upload); i++)
		;
	if (i == 0 || id_eq(v[i - 1].made_by, upload)) {
		out->deleted++;
		return memory_lead_take_away(m, at, e);
	}
	out->restored++;
	rc = lead_form_read_all(v[i - 1].body, &old, e);
	if (rc == 0) {
		lead_rules_undo(&at->lead, &old, now_ms, &new);
		rc = memory_lead_keep(m, at, &new, e);
	}
	while (rc == 0 && i-- > 0)
		rc = docs_version_drop(&kv.kv, old.id, &v[i], e);
	return rc;
}

enum { TOUCHED_PART = 1000 };

/* Those that ${upload} had touched and that are still there; of others that have gone since there
 * may be any number. */
static int list_kept(
	struct memory *m, struct id upload, struct arena *a, struct lead_undo *out, struct err *e)
{
	struct id *ids, after = { { 0 } };
	struct memory_kv kv;
	size_t i, n = TOUCHED_PART;

	memory_kv_init(&kv, m);
	if ((out->kept = arena_array(a, m->n_leads + 1, sizeof(*out->kept))) == NULL)
		return err_nomem(e);
	while (n == TOUCHED_PART) {
		if (docs_touched(&kv.kv, upload, after, TOUCHED_PART, a, &ids, &n, e) != 0)
			return -1;
		for (i = 0; i < n; i++)
			if (memory_lead_of(m, after = ids[i]) != NULL)
				out->kept[out->n_kept++] = ids[i];
	}
	return 0;
}

/* All in one part. */
int memory_leads_undo(struct store *s, struct id upload, int64_t now_ms, struct id by,
	struct str cursor, struct arena *a, struct lead_undo *out, struct err *e)
{
	struct memory *m = memory_of(s);
	size_t i;
	int rc = 0;

	memset(out, 0, sizeof(*out));
	if (cursor.n > 0)
		return err_set(e, ERR_INPUT, "the cursor is none of this list");
	memory_begin(m);
	for (i = m->n_leads; i-- > 0 && rc == 0;)
		if (id_eq(m->leads[i]->lead.upload, upload))
			rc = undo_one(m, m->leads[i], upload, now_ms, a, out, e);
	if (rc == 0)
		rc = list_kept(m, upload, a, out, e);
	memory_end(m, rc == 0);
	return rc;
}
