/* SPDX-License-Identifier: Apache-2.0 */
/* retrain.h: a new version of the model from leads that are kept, or from a file that was sent.
 *
 * What to learn from and how comes as one JSON object, the body of POST /models/train:
 *
 *   "upload"    id of an upload: its file as it was sent, or
 *   "leads"     which leads, as a query string (or the same as an object); empty: all
 *   "target"    column with the outcome; without it the outcome that each lead is known to have,
 *               for an upload the one its mapping names
 *   "won", "lost"    values of the target    "drop", "keep"    columns, as train takes them
 *   "profile"   roles and kinds edited by hand
 *   "budget_s", "as_of", "seed", "capacity" ("30/day"), "hot", "warm", "value", "cost"
 *   "verdicts"  an open lead that a rep called junk counts as lost. Leads called "was hot" are
 *               counted in the result; they are no outcome, so they teach nothing
 *   "name"      for people                 "segment"    {"query", "priority"} or a query string:
 *               the leads this version is for; with "leads" it narrows them too
 *
 * Threads: any; a training uses ${threads} of its own, at low priority. */
#ifndef LEADS_RETRAIN_H
#define LEADS_RETRAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "leads/hooks.h"
#include "util/str.h"

struct buf;
struct err;
struct json;
struct model_store;
struct store;

struct retrain_opts {
	struct store *store;
	struct model_store *models;
	const char *data; /* the data folder: its uploads, and room for the table */
	const struct json *args;
	int64_t now_ms;
	uint32_t threads; /* 0: all processors */
	struct leads_progress progress;
};

/* retrain_check(args, fault, ctx, e): everything that can be told without looking at the data.
 * ${fault} (NULL: none) is called with the JSON pointer of each member that is wrong. ERR_INPUT. */
int retrain_check(const struct json *args,
	void (*fault)(void *ctx, const char *pointer, const char *detail), void *ctx,
	struct err *e);

/* retrain_check_upload(s, args, fault, ctx, e): what can be told of the upload that ${args} name:
 * it is there with its file, and has the columns named in "target", "drop" and "keep". 0 when they
 * name none. As retrain_check, after it. */
int retrain_check_upload(struct store *s, const struct json *args,
	void (*fault)(void *ctx, const char *pointer, const char *detail), void *ctx,
	struct err *e);

/* retrain_run(o, version, result, e): a draft, kept with its notes. ${result} gets one JSON object:
 * version, rows, won, lost, open, roc_auc, log_loss, left_out, warnings, notes, verdicts. Nothing
 * is kept on failure. */
int retrain_run(const struct retrain_opts *o, uint32_t *version, struct buf *result, struct err *e);

/* retrain_segment(args, out, priority): the query string of "segment"; false when it has none. */
bool retrain_segment(const struct json *args, struct str *out, int64_t *priority);

#endif
