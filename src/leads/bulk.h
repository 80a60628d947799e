/* SPDX-License-Identifier: Apache-2.0 */
/* bulk.h: one thing done to many leads, as a job ("bulk"): owner, tags, outcome, override, verdict,
 * scoring anew, deleting.
 *
 * Each lead is changed by itself, as a person would, with its event; leads that are gone meanwhile
 * are counted and left out. After a restart the job goes on behind the last page that was done; a
 * page that is done twice changes nothing more. Threads: any. */
#ifndef LEADS_BULK_H
#define LEADS_BULK_H

#include <stdbool.h>

#include "record/id.h"
#include "util/str.h"

struct arena;
struct buf;
struct err;
struct job;
struct json;
struct live;
struct runner;
struct store;

enum { BULK_IDS_MAX = 100000 };

/* What was asked, as the API takes it: {"action", "value", "ids" or "filter", "except", "note"}. */
struct bulk_ask {
	const struct json *body;
	struct id by;
	bool own_only; /* leads of ${owner} only */
	struct str owner;
	/* Told of each fault, with a JSON pointer. */
	void (*fault)(void *ctx, const char *pointer, const char *detail);
	void *ctx;
};

/* bulk_args(ask, a, args, e): checks it and appends what the job is given. ERR_INPUT with faults
 * told; ERR_PERM to give leads to others. */
int bulk_args(const struct bulk_ask *ask, struct arena *a, struct buf *args, struct err *e);
/* bulk_deletes(body): it deletes leads. */
bool bulk_deletes(const struct json *body);

struct bulk { /* borrowed by the runner for its life */
	struct store *store;
	struct live *live;
	const char *data; /* where it is kept what leads were before */
};
/* The result of the job: {"matched", "changed", "unchanged", "missing"} and "undo", whether it can
 * be taken back. */
void bulk_add(struct runner *r, struct bulk *b);

/* Taking it back, as a job of its own: its result is {"restored", "kept", "missing"}, kept being
 * leads that were changed since. bulk_undo_args(b, of, args, e): what the job is given;
 * ERR_CONFLICT where ${of} is no such job, is not over, or what leads were is not kept any more. */
#define BULK_UNDO_JOB "bulk_undo"
int bulk_undo_args(const struct bulk *b, const struct job *of, struct buf *args, struct err *e);
void bulk_undo_add(struct runner *r, struct bulk *b);

#endif
