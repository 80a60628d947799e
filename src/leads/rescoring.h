/* SPDX-License-Identifier: Apache-2.0 */
/* rescoring.h: stored leads scored again, each on the cells it came with.
 *
 * What there is to do depends on why: a lead whose values changed, leads that another version has
 * scored, leads whose dates have grown older. Only scores that differ are written; while it runs
 * the old ones stay, and can be told by their model or by being stale. Threads: any. */
#ifndef LEADS_RESCORING_H
#define LEADS_RESCORING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/id.h"
#include "record/lead.h"
#include "util/buf.h"
#include "util/str.h"

struct err;
struct layout;
struct live;
struct live_model;
struct live_scorer;
struct live_seat;
struct score;
struct store;

/* rescoring_scorer(m, l, e): for leads with this layout (NULL: none), as their rows were scored
 * when they came. Kept by ${m}. */
struct live_scorer *rescoring_scorer(struct live_model *m, const struct layout *l, struct err *e);

/* rescoring_lead(s, seat, lead, as_of, out, e): one lead, loaded with its cells, at a seat of its
 * layout's scorer. */
int rescoring_lead(struct store *s, struct live_seat *seat, const struct lead *lead, double as_of,
	struct score *out, struct err *e);

/* rescoring_score(s, version, as_of, now_ms, out): a score as it is kept. */
void rescoring_score(const struct score *s, const char *version, double as_of, int64_t now_ms,
	struct lead_score *out);

/* rescoring_ids(s, l, ids, n, cause, e): these leads, at most 5,000, now. Those that are gone are
 * left out. */
int rescoring_ids(struct store *s, struct live *l, const struct id *ids, size_t n,
	enum score_cause cause, struct err *e);

enum rescoring_what {
	RESCORE_STALE, /* values changed since they were scored, or never scored */
	RESCORE_MODEL, /* scored by another version than the live one, or stale */
	RESCORE_TIME,  /* open ones whose score moves with time, and what is above */
	RESCORE_ALL
};

struct rescoring_opts {
	struct store *store;
	struct live *live;
	enum rescoring_what what;
	/* step(arg, done): from time to time with the fraction done; true stops with ERR_CANCELLED.
	 * keep(arg, cursor): where it is, to be given as ${cursor} after a restart. NULL: none. */
	bool (*step)(void *arg, double done);
	int (*keep)(void *arg, struct str cursor, struct err *e);
	void *arg, *keep_arg;
	struct str cursor;
};

struct rescoring_result {
	uint64_t seen, scored,
		moved; /* leads looked at; scored again; changed by a point or heat */
};

int rescoring_run(const struct rescoring_opts *o, struct rescoring_result *r, struct err *e);

/* rescoring_owed(s, l, owed, e): whether there is a lead that RESCORE_MODEL would score: the server
 * died between a change and its score, or another version was published while it was off. */
int rescoring_owed(struct store *s, struct live *l, bool *owed, struct err *e);

#endif
