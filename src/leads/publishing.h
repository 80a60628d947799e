/* SPDX-License-Identifier: Apache-2.0 */
/* publishing.h: making a version the one that scores, and going back, in the running server.
 *
 * A version goes through the gate (not worse than the live one of its segment on the training rows
 * both have), unless somebody insists. Where the setting "second_pair_of_eyes" is on, publishing
 * only asks, and another person approves. Afterwards the live snapshot is swapped, and a job scores
 * every lead anew while the old scores stay and are marked as old. Threads: any; two publishings at
 * once are put one behind the other by the store of models. */
#ifndef LEADS_PUBLISHING_H
#define LEADS_PUBLISHING_H

#include <stdbool.h>
#include <stdint.h>

#include "model/registry.h"
#include "record/id.h"
#include "util/str.h"

struct buf;
struct err;
struct json;
struct live;
struct model_store;
struct store;

struct publishing { /* all borrowed */
	struct store *store;
	struct model_store *models;
	struct live *live; /* NULL: nothing scores in this process */
};

struct publishing_ask {
	uint32_t version;
	bool force; /* also through a shut gate */
	struct str note;
	struct str by; /* who: a user's or a key's id as text */
	int64_t now_ms;
};

enum publishing_result {
	PUBLISHING_DONE,
	PUBLISHING_SHUT, /* the gate: nothing was changed */
	PUBLISHING_WAITS /* for another person's approval */
};

/* publishing_segment(st, version, out, e): the query string of the leads it is for, empty for all;
 * owned by the caller. */
int publishing_segment(struct model_store *st, uint32_t version, char **out, struct err *e);

/* publishing_publish(p, ask, gate, result, e): ${gate} is filled in every case. */
int publishing_publish(const struct publishing *p, const struct publishing_ask *ask,
	struct registry_gate *gate, enum publishing_result *result, struct err *e);
/* publishing_approve(p, ask, gate, result, e): ERR_CONFLICT when nobody asked; ERR_PERM for the one
 * who asked. The gate is looked at again. */
int publishing_approve(const struct publishing *p, const struct publishing_ask *ask,
	struct registry_gate *gate, enum publishing_result *result, struct err *e);
/* publishing_rollback(p, segment, now, version, e): in one step, without a gate. *version 0: the
 * segment's leads are scored by the version of all leads again. */
int publishing_rollback(const struct publishing *p, struct str segment, int64_t now_ms,
	uint32_t *version, struct err *e);

/* publishing_changed(p, e): what scores, or its bands, are others now: swap the snapshot and score
 * everything anew. */
int publishing_changed(const struct publishing *p, struct err *e);

#endif
