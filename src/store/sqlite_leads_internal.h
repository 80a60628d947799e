/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite_leads_internal.h: rows of leads, as the functions of struct store_leads find and change
 * them. Threads: those that write, the writer; those that read, whoever has the connection. */
#ifndef STORE_SQLITE_LEADS_INTERNAL_H
#define STORE_SQLITE_LEADS_INTERNAL_H

#include "store/sqlite_internal.h"

/* --- rows (sqlite_lead_rows.c); scratch: any buffer, kept by the caller for the next call --- */

static inline struct str sq_id_str(const struct id *id)
{
	return (struct str){ (const char *)id->b, sizeof(id->b) };
}

/* sq_lead_slot(c, id, slot, e): 1, 0: there is no such lead, -1. */
int sq_lead_slot(struct sq_conn *c, const struct id *id, int64_t *slot, struct err *e);
/* sq_lead_own: the lead of ${id} with texts of its own in ${a}: 1, 0, -1. */
int sq_lead_own(struct sq_conn *c, const struct id *id, struct arena *a, int64_t *slot,
	struct lead *out, struct err *e);
/* sq_lead_difference: the columns in which two states of a lead differ. */
uint64_t sq_lead_difference(const struct lead *a, const struct lead *b);
/* The row, its score, its words; its strips are told. sq_lead_insert: 1, 0: there is one of that id
 * (nothing was done), -1; ${put}: what it came with. */
int sq_lead_insert(struct sq *s, struct sq_conn *c, const struct lead *l,
	const struct lead_put *put, struct buf *scratch, struct err *e);
int sq_lead_replace(struct sq *s, struct sq_conn *c, int64_t slot, const struct lead *old,
	const struct lead *new, struct buf *scratch, struct err *e);
int sq_lead_take_away(struct sq *s, struct sq_conn *c, int64_t slot, const struct lead *l,
	struct buf *scratch, struct err *e);
int sq_lead_write_score(struct sq_conn *c, int64_t slot, const struct lead_score *score,
	struct buf *scratch, struct err *e);
int sq_lead_put_score(struct sq_conn *c, int64_t slot, struct str body, struct err *e);
/* What it was, for its history. */
int sq_lead_keep(struct sq_conn *c, const struct lead *old, int64_t now_ms, struct id by,
	struct id upload, struct err *e);
int sq_lead_keep_score(struct sq_conn *c, const struct lead *old, int64_t now_ms,
	enum score_cause cause, struct err *e);

/* --- parts of new leads that wait (sqlite_later.c) ------------------------------------------- */

/* sq_later_words(s, slot, words): true when it took them; else they are to be indexed now. Texts
 * are those of the callers, who wait for the commit. */
bool sq_later_words(struct sq *s, int64_t slot, struct str words);
int sq_later_score(struct sq *s, int64_t slot, const struct lead_score *score, struct err *e);

/* --- the full-text index (sqlite_index.c) ---------------------------------------------------- */

/* The words of a lead that was just put, that is about to go, or that changed; each before its
 * slot is put again. */
int sq_index_new(struct sq *s, struct sq_conn *c, int64_t slot, const struct lead *l,
	const struct lead_put *put, struct buf *scratch, struct err *e);
int sq_index_words(struct sq_conn *c, int64_t slot, struct str words, struct err *e);
int sq_index_gone(struct sq *s, struct sq_conn *c, int64_t slot, const struct lead *l,
	struct buf *scratch, struct err *e);
int sq_index_changed(struct sq *s, struct sq_conn *c, int64_t slot, const struct lead *old,
	const struct lead *new, struct buf *scratch, struct err *e);

/* --- parts of struct store_leads, as store.h has them --------------------------------------- */

int sq_leads_remove(struct store *s, struct id id, uint64_t version, struct err *e);
int sq_leads_erase(struct store *s, const struct id *ids, size_t n, int64_t now_ms, struct err *e);
int sq_leads_tombstones(
	struct store *s, struct arena *a, struct id **out, size_t *n, struct err *e);
int sq_leads_set_scores(struct store *s, struct lead_set_score *sets, size_t n,
	enum score_cause cause, int64_t now_ms, struct err *e);
int sq_leads_history(struct store *s, struct id id, struct arena *a, struct lead_version **out,
	size_t *n, struct err *e);
int sq_leads_scores(struct store *s, struct id id, struct arena *a, struct past_score **out,
	size_t *n, struct err *e);
int sq_leads_undo(struct store *s, struct id upload, int64_t now_ms, struct id by,
	struct str cursor, struct arena *a, struct lead_undo *out, struct err *e);

#endif
