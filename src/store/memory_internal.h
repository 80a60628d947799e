/* SPDX-License-Identifier: Apache-2.0 */
/* memory_internal.h: the store in plain arrays, one lock around all of it. */
#ifndef STORE_MEMORY_INTERNAL_H
#define STORE_MEMORY_INTERNAL_H

#include "store/kv_internal.h"
#include "store/lead_rules_internal.h"

struct memory {
	struct store_base base;
	pthread_mutex_t lock;
	struct memory_doc {
		struct str key, body; /* owned */
	} * docs;                     /* sorted by key */
	size_t n_docs, cap_docs;
	struct memory_undo {
		struct str key, body; /* owned */
		bool was;
	} * undo;
	size_t n_undo;
	struct layout **layouts;
	size_t n_layouts;
	struct memory_lead {
		struct lead lead;
		struct arena arena; /* its texts */
		uint64_t number;    /* order of coming, 1, 2, ... */
	} * *leads;
	size_t n_leads, cap_leads;
	uint64_t next_number, writes;
	struct id *tombstones;
	size_t n_tombstones;
	struct arena arena;
};

struct memory_kv {
	struct kv kv;
	struct memory *m;
};
void memory_kv_init(struct memory_kv *k, struct memory *m);
struct memory *memory_of(struct store *s);
void memory_begin(struct memory *m);
void memory_end(struct memory *m, bool keep); /* not: documents go back to what they were */
int memory_layout_put(struct memory *m, const struct layout *l, uint32_t *number, struct err *e);
const struct layout *memory_layout_get(struct memory *m, uint32_t number);

/* The lead with this id, or NULL; in the file of leads and of undoing alone. */
struct memory_lead *memory_lead_of(struct memory *m, struct id id);
/* memory_lead_keep(m, at, l, e): ${l} in place of ${at}, or as a new one. */
int memory_lead_keep(struct memory *m, struct memory_lead *at, const struct lead *l, struct err *e);
int memory_lead_take_away(struct memory *m, struct memory_lead *at, struct err *e);
int memory_leads_undo(struct store *s, struct id upload, int64_t now_ms, struct id by,
	struct str cursor, struct arena *a, struct lead_undo *out, struct err *e);

extern const struct store_leads memory_leads;
void memory_leads_clear(struct memory *m);

#endif
