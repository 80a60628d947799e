/* SPDX-License-Identifier: Apache-2.0 */
/* persons.h: what is kept of one person: found, given out, and erased.
 *
 * A person is all leads with an email, a phone number or an id, and all leads with the emails of
 * these. Erasing is a job ("erase") that is given ids alone, so that what is to go is not written
 * down once more. It discards the raw files of uploads that have the person in them, rewrites saved
 * views that name them, erases the leads with history, notes and events, forgets finished jobs and
 * stored replies, and has the store overwrite what is left in its files. Log and audit never had
 * the person. Threads: any. */
#ifndef LEADS_PERSONS_H
#define LEADS_PERSONS_H

#include <stddef.h>
#include <stdint.h>

#include "record/id.h"
#include "util/str.h"

struct arena;
struct buf;
struct err;
struct jw;
struct live;
struct runner;
struct store;

struct person {
	struct str email, phone; /* empty: not asked by */
	struct id id;            /* none: not asked by */
};

/* persons_find(s, p, a, ids, n, e): the ids of a person's leads, at most 1,000; n 0: nobody. */
int persons_find(struct store *s, const struct person *p, struct arena *a, struct id **ids,
	size_t *n, struct err *e);

/* persons_export(s, model, ids, n, a, w, e): one object: all that is kept. ${model}: see lead_json.
 */
int persons_export(struct store *s, const char *model, const struct id *ids, size_t n,
	struct arena *a, struct jw *w, struct err *e);

/* persons_erase_args(ids, n, args, e): what the job is given. */
int persons_erase_args(const struct id *ids, size_t n, struct buf *args, struct err *e);

struct persons { /* borrowed by the runner for its life */
	struct store *store;
	const char *data; /* the data folder */
};
/* The result of the job: {"leads", "files", "views"}. */
void persons_add(struct runner *r, struct persons *p);

#endif
