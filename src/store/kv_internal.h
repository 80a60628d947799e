/* SPDX-License-Identifier: Apache-2.0 */
/* kv_internal.h: documents by key, in the order of their keys: all that a backend must be able to
 * do for the record types that are not leads (docs_*.c holds those, once for every backend).
 *
 * A key is two letters that say the type, then bytes. A document is read and written whole. Within
 * store_base.write everything is kept or nothing is; a backend without such transactions keeps the
 * order of the writes, and docs_*.c writes what points to a document before the document itself, so
 * that a call cut short can be repeated. */
#ifndef STORE_KV_INTERNAL_H
#define STORE_KV_INTERNAL_H

#include <pthread.h>

#include "store/store.h"
#include "util/buf.h"

enum { KV_MORE = 0, KV_STOP = 1 }; /* what a visitor returns; -1: failed */

struct kv {
	/* get: 1 and the body (from ${a}), 0: there is none, -1. */
	int (*get)(struct kv *k, struct str key, struct arena *a, struct str *body, struct err *e);
	int (*put)(struct kv *k, struct str key, struct str body, struct err *e);
	int (*del)(struct kv *k, struct str key, struct err *e); /* none there: nothing happens */
	/* scan: visit every key that starts with ${prefix}, in order or backwards, only those
	 * behind
	 * ${after} (in that direction; empty: from the start). ${visit} must not write; what it is
	 * given lives until it returns. */
	int (*scan)(struct kv *k, struct str prefix, struct str after, bool backwards,
		int (*visit)(void *arg, struct str key, struct str body, struct err *e), void *arg,
		struct err *e);
};

typedef int kv_fn(struct kv *k, void *arg, struct err *e);

/* What a backend's store starts with. */
struct store_base {
	struct store pub;
	/* read: as of one moment. write: one at a time, and safe when it returns; when ${fn} fails,
	 * nothing of it stays. ${fn} may be run on another thread. */
	int (*read)(struct store *s, kv_fn *fn, void *arg, struct err *e);
	int (*write)(struct store *s, kv_fn *fn, void *arg, struct err *e);
	/* For those who wait for jobs: the newest sequence this process knows. */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t job_sequence;
};

int store_base_init(struct store_base *b, struct err *e); /* the tables of docs_*.c, the lock */
void store_base_clear(struct store_base *b);

extern const struct store_events docs_events;
extern const struct store_notes docs_notes;
extern const struct store_uploads docs_uploads;
extern const struct store_jobs docs_jobs;
extern const struct store_users docs_users;
extern const struct store_sessions docs_sessions;
extern const struct store_keys docs_keys;
extern const struct store_tokens docs_tokens;
extern const struct store_tries docs_tries;
extern const struct store_audit docs_audit;
extern const struct store_settings docs_settings;
extern const struct store_views docs_views;
extern const struct store_replies docs_replies;

/* For the leads of a backend, inside its own write. */
int docs_event_add(struct kv *k, const struct event *ev, struct err *e);
int docs_upload_progress(
	struct kv *k, struct id id, const struct upload_progress *p, int64_t now_ms, struct err *e);
/* docs_forget_lead(k, id, e): its events, notes, history, scores and replies. */
int docs_forget_lead(struct kv *k, struct id id, struct err *e);
int docs_replies_of_lead(struct kv *k, struct id lead, struct err *e);
/* docs_views_of_user(k, user, e): drop the views that are not shared. */
int docs_views_of_user(struct kv *k, struct id user, struct err *e);
/* Earlier versions and scores of leads. ${body} of a version: the backend's own form of a lead. */
struct docs_version {
	uint64_t version;
	int64_t until_ms;
	struct id by, upload; /* who replaced it */
	struct id made_by;    /* the upload that had made it */
	struct str body;
};
int docs_version_add(struct kv *k, struct id lead, const struct docs_version *v, struct err *e);
/* Newest first, at most ${most}. */
int docs_versions(struct kv *k, struct id lead, size_t most, struct arena *a,
	struct docs_version **out, size_t *n, struct err *e);
int docs_version_drop(struct kv *k, struct id lead, const struct docs_version *v, struct err *e);
/* docs_touched(k, upload, after, most, a, out, n, e): leads one of whose earlier versions was made
 * or replaced by ${upload}, behind ${after}, in order of id. */
int docs_touched(struct kv *k, struct id upload, struct id after, size_t most, struct arena *a,
	struct id **out, size_t *n, struct err *e);
int docs_past_score_add(struct kv *k, struct id lead, const struct past_score *s, struct err *e);
int docs_past_scores(struct kv *k, struct id lead, size_t most, struct arena *a,
	struct past_score **out, size_t *n, struct err *e);

/* --- how a record is written: its members one after the other -------------------------------- */

enum doc_type {
	DOC_BOOL,
	DOC_ENUM,
	DOC_U8,
	DOC_U32,
	DOC_I32,
	DOC_U64,
	DOC_I64,
	DOC_F64,
	DOC_STR,
	DOC_ID,
	DOC_HASH
};
struct doc_field {
	enum doc_type type;
	size_t offset;
};
#define DOC(TYPE, type, member) \
	{ \
		DOC_##TYPE, offsetof(struct type, member) \
	}
struct doc_form {
	const struct doc_field *fields;
	size_t n, size; /* of the struct */
};
#define DOC_FORM(array, type) \
	{ \
		array, sizeof(array) / sizeof((array)[0]), sizeof(struct type) \
	}

void doc_write(const struct doc_form *f, const void *record, struct buf *out);
/* doc_read(f, body, a, record, e): texts are copied into ${a}. Members that were added to the form
 * since it was written are zero. */
int doc_read(
	const struct doc_form *f, struct str body, struct arena *a, void *record, struct err *e);

/* Keys are built in place: two letters, then parts. */
struct doc_key {
	char bytes[600];
	size_t n;
};
struct doc_key doc_key(const char tag[2]);
void doc_key_id(struct doc_key *k, struct id id);
void doc_key_u64(struct doc_key *k, uint64_t x); /* big end first: sorts as the number */
void doc_key_bytes(struct doc_key *k, const void *p, size_t n);
void doc_key_text(struct doc_key *k, struct str s); /* cut to a hash when long; ends in NUL */
struct str doc_key_str(const struct doc_key *k);

int doc_put(struct kv *k, const struct doc_key *key, const struct doc_form *f, const void *record,
	struct err *e);
/* doc_get: 1, 0 or -1. */
int doc_get(struct kv *k, const struct doc_key *key, const struct doc_form *f, struct arena *a,
	void *record, struct err *e);

/* Collecting records from a scan. */
struct doc_list {
	const struct doc_form *form;
	struct arena *a;
	char *items; /* n records */
	size_t n, cap, most;
	struct str last;                             /* key of the last one taken, from the arena */
	bool more;                                   /* there was one beyond ${most} */
	bool (*want)(void *arg, const void *record); /* NULL: all */
	void *arg;
};
int doc_list_visit(void *list, struct str key, struct str body, struct err *e);

/* store_read/store_write: the same as the members of store_base. */
int store_read(struct store *s, kv_fn *fn, void *arg, struct err *e);
int store_write(struct store *s, kv_fn *fn, void *arg, struct err *e);

#endif
