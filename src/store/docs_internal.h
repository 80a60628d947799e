/* SPDX-License-Identifier: Apache-2.0 */
/* docs_internal.h: what the files of record types (docs_*.c) share beyond documents by key. */
#ifndef STORE_DOCS_INTERNAL_H
#define STORE_DOCS_INTERNAL_H

#include "store/kv_internal.h"

/* Keys of one part after the tag. */
struct doc_key doc_id_key(const char tag[2], struct id id);
struct doc_key doc_hash_key(const char tag[2], const uint8_t hash[32]);
struct doc_key doc_text_key(const char tag[2], struct str s);

/* doc_pointed(..): the id that a key points to: 1, 0, -1. */
int doc_pointed(
	struct kv *k, const struct doc_key *key, struct arena *a, struct id *out, struct err *e);

/* Reading one record by one of its keys; ERR_NOT_FOUND "there is no such ${what}". */
struct doc_one {
	struct doc_key key;
	bool pointer;    /* the key points to the id of the record */
	const char *tag; /* of the record then */
	const struct doc_form *form;
	const char *what;
	struct arena *a;
	void *out;
};
int doc_one_read(struct kv *k, void *one, struct err *e);

/* All records whose keys start with ${prefix}. */
struct doc_all {
	struct doc_key prefix;
	struct doc_list list;
	bool backwards;
};
int doc_all_read(struct kv *k, void *all, struct err *e);

/* The keys of a scan, copied into ${a}. */
struct doc_keys {
	struct arena *a;
	struct str *keys;
	size_t n, cap;
};
int doc_keys_visit(void *keys, struct str key, struct str body, struct err *e);

/* Dropping what a test picks out of all records of a type: at most a thousand of them, so that no
 * write is held for long; the rest goes with the next purge. */
struct doc_purge {
	const char *tag;
	const struct doc_form *form;
	bool (*old)(const void *record, int64_t t, int64_t u);
	int64_t t, u;
	int (*drop)(struct kv *k, const void *record, struct err *e);
};
int doc_purge_some(struct kv *k, void *purge, struct err *e);

/* docs_sessions_end(..): all sessions of ${user} but ${except} (NULL: none); *n of them. */
int docs_sessions_end(
	struct kv *k, struct id user, const uint8_t *except, uint64_t *n, struct err *e);

#endif
