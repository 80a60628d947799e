/* SPDX-License-Identifier: Apache-2.0 */
/* live_internal.h: a snapshot and its scorers. */
#ifndef LEADS_LIVE_INTERNAL_H
#define LEADS_LIVE_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "leads/lead_input.h"
#include "leads/live.h"
#include "leads/reasons.h"
#include "model/model.h"
#include "model/rule.h"
#include "util/arena.h"

struct live_seat {
	struct live_scorer *scorer;
	struct scorer_work *work;
	struct lead_input *input;
	struct explain_work *explain;
	double as_of;           /* of what was scored last */
	struct live_seat *next; /* among those free */
};

struct live_scorer {
	struct live_model *m;
	uint64_t hash;
	struct arena mem;        /* names */
	struct str *names, *own; /* as the model knows them; as the input has them */
	enum col_role *roles;
	struct cell_format *formats; /* NULL: none */
	size_t n;
	struct rule *rule;     /* of these columns, when there is no model */
	struct scorer *scorer; /* NULL: none of the model's columns is there */
	bool moves;
	_Atomic(struct live_seat *) spare; /* a free one that needs no lock */
	pthread_mutex_t lock;              /* free, reasons */
	struct live_seat *free;
	struct reasons *reasons;
	struct live_scorer *next;
};

struct live_model {
	struct live *live;
	/* One of them is ${live} while it is the newest: until then, under the lock of ${live},
	 * more may come. */
	atomic_uint holders;
	char version[16];
	uint32_t number;
	bool own_bands;          /* thresholds set by hand when it was loaded */
	struct model *model;     /* NULL: the rule */
	struct profile *profile; /* of the rule; NULL with a model */
	struct lead_shape *shape;
	struct live_scorer *api;
	/* Of the version of all leads: those of segments, in order, and what makes two sets alike.
	 */
	struct segment *segments;
	struct live_model **others; /* [n_others] its own */
	size_t n_others, n_segments;
	char *versions;
	pthread_mutex_t lock; /* scorers, full */
	struct live_scorer *scorers;
	struct model *full;
};

/* live_scorer_new(m, in, e): not yet among ${m}'s. */
struct live_scorer *live_scorer_new(
	struct live_model *m, const struct live_columns *in, struct err *e);
void live_scorer_free(struct live_scorer *s);

/* live_rule_profile(names, roles, n, e): columns as the rule score reads them, of which only name
 * and role are known. */
struct profile *live_rule_profile(
	const struct str *names, const enum col_role *roles, size_t n, struct err *e);
/* live_rule_columns(e): those that the API takes while there is no model. */
struct profile *live_rule_columns(struct err *e);

#endif
