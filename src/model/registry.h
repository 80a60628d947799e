/* SPDX-License-Identifier: Apache-2.0 */
/* registry.h: the versions of the model, and which of them are live.
 *
 * v1, v2, ... never change once made. A version is a draft until published; publishing another
 * archives it; rollback makes the one published before it live again. One version scores every
 * lead, unless others have been published for a segment of them: each segment (a text that this
 * part does not look into; empty: all leads) has its own live version and its own way back. */
#ifndef MODEL_REGISTRY_H
#define MODEL_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/holdout.h"
#include "util/str.h"

struct buf;
struct err;
struct jw;
struct model;
struct model_files;
struct model_store;

enum version_state { VERSION_DRAFT, VERSION_PUBLISHED, VERSION_ARCHIVED };
const char *version_state_name(enum version_state s);

struct version_info {
	uint32_t number; /* 3 of "v3" */
	enum version_state state;
	int64_t created;   /* seconds since 1970; 0 when the version cannot be read */
	int64_t published; /* when it became live last; 0: never */
	char problem[256]; /* why it cannot be used; empty: it can (checksums not looked at) */
};

/* registry_list(st, out, n, e): all versions, oldest first; *out from malloc. */
int registry_list(struct model_store *st, struct version_info **out, size_t *n, struct err *e);
/* registry_parse(name, number, e): "v3" to 3; ERR_USAGE for anything else. */
int registry_parse(struct str name, uint32_t *number, struct err *e);

/* registry_pick(st, name, number, draft, e): the version to use: ${name} if not empty, else the
 * published one, else the newest draft (then *draft is true). Returns 1, or 0 when there is none
 * at all; ERR_NOT_FOUND for a name that is not there. */
int registry_pick(
	struct model_store *st, struct str name, uint32_t *number, bool *draft, struct err *e);

/* registry_live(st, out, n, e): the live versions with their segments, that of all leads last; what
 * is not published is not among them. *out from malloc, freed by registry_live_free. */
struct registry_slot {
	char *segment; /* owned; "": all leads */
	uint32_t live;
};
int registry_live(struct model_store *st, struct registry_slot **out, size_t *n, struct err *e);
void registry_live_free(struct registry_slot *slots, size_t n);

/* registry_add(st, fs, created, number, e): a new draft of the files of model_pack. */
int registry_add(struct model_store *st, struct model_files *fs, int64_t created, uint32_t *number,
	struct err *e);
int registry_publish(struct model_store *st, uint32_t number, int64_t now, struct err *e);
/* registry_rollback(st, now, number, e): back to the one before; *number is then live. */
int registry_rollback(struct model_store *st, int64_t now, uint32_t *number, struct err *e);
/* The same for a segment. Rolling back the first that was published for one leaves its leads to the
 * version of all leads: *number is then 0. ERR_CONFLICT when nothing is published there. */
int registry_publish_for(
	struct model_store *st, uint32_t number, struct str segment, int64_t now, struct err *e);
int registry_rollback_for(
	struct model_store *st, struct str segment, int64_t now, uint32_t *number, struct err *e);
/* registry_remove(st, number, e): a draft is gone for good; ERR_CONFLICT when it was ever live. */
int registry_remove(struct model_store *st, uint32_t number, struct err *e);
/* Whether a version may take the place of the live one: not when it is worse on the training rows
 * that both have scored without having seen them (paired bootstrap of the log loss). */
struct registry_gate {
	bool has_live;
	uint32_t live;
	struct holdout_compare compare; /* candidate - live */
	bool open;                      /* may be published */
	char why[512];                  /* a sentence */
};
/* registry_gate(st, number, segment, gate, list, e): against the live version of ${segment} (empty:
 * of all leads). ${list} as in holdout_compare; may be NULL. */
int registry_gate(struct model_store *st, uint32_t number, struct str segment,
	struct registry_gate *gate, struct jw *list, struct err *e);
/* registry_compare(st, a, b, out, list, e): two versions on the rows they share. */
int registry_compare(struct model_store *st, uint32_t a, uint32_t b, struct holdout_compare *out,
	struct jw *list, struct err *e);

/* One version as one file, and back in as a new draft with the next number. The bundle is checked
 * as a stored version is. */
int registry_export(struct model_store *st, uint32_t number, struct buf *out, struct err *e);
int registry_import(struct model_store *st, struct str bundle, uint32_t *number, struct err *e);

/* registry_verify(st, number, e): every file by SHA-256, and the model can be loaded. */
int registry_verify(struct model_store *st, uint32_t number, struct err *e);

#endif
