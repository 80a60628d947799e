/* SPDX-License-Identifier: Apache-2.0 */
/* live.h: the model that scores now.
 *
 * A snapshot (struct live_model) never changes: it is the published version, or the rule score
 * while none is published. live_refresh puts another one in its place in one step; who holds the
 * old one goes on with it, and the last to let go frees it. So every answer comes from one version
 * whole, and none is lost.
 *
 * Scorers are kept with the snapshot, one per set of columns seen, each with seats: the memory that
 * one thread needs while it scores. Threads: all calls from any. */
#ifndef LEADS_LIVE_H
#define LEADS_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "features/profile.h"
#include "model/scorer.h"
#include "util/str.h"

struct bands;
struct cell_format;
struct err;
struct lead_input;
struct live;
struct live_model;
struct live_scorer;
struct live_seat;
struct model;
struct model_store;
struct reasons;
struct rule;
struct explain_work;

/* live_new(st, e): with what is published in ${st} (borrowed). A version that cannot be loaded is
 * an error: scoring with something else than what was published is worse than not starting. */
struct live *live_new(struct model_store *st, struct err *e);
void live_free(struct live *l); /* everything held has been dropped */

/* live_refresh(l, changed, e): look which version is published with which thresholds, and load it
 * if that is another one. Call after publish, rollback and a change of thresholds, and from time to
 * time for those of other processes. On failure the old one stays. ${changed} may be NULL. */
int live_refresh(struct live *l, bool *changed, struct err *e);

struct live_model *live_hold(struct live *l);
/* live_open(l, number, e): any version, published or not, to score beside the live one; 0: the rule
 * score. Dropped as what live_hold gives. */
struct live_model *live_open(struct live *l, uint32_t number, struct err *e);
void live_drop(struct live_model *m); /* NULL is fine */

/* A snapshot of the version of all leads also has those that are live for segments of them
 * (leads/segments.h), in the order in which they are asked; borrowed from ${m}. */
size_t live_segments(const struct live_model *m);
struct live_model *live_segment(const struct live_model *m, size_t i, const char **query);
/* live_of(m, version): the one of them that has this version; ${m} itself when none has. */
struct live_model *live_of(struct live_model *m, const char *version);
/* live_versions(m): all of them, "v1 v4": what the score of a lead may come from now. */
const char *live_versions(const struct live_model *m);

const char *live_version(const struct live_model *m);           /* "v3" or "rule" */
uint32_t live_number(const struct live_model *m);               /* 3; 0 for the rule */
const struct model *live_model(const struct live_model *m);     /* NULL for the rule */
const struct profile *live_profile(const struct live_model *m); /* columns that the API takes */
const struct bands *live_bands(const struct live_model *m);
/* live_full(m, e): the same version with forest, report and donors, loaded when first asked for.
 * Borrowed from ${m}. NULL with ERR_NOT_FOUND for the rule. */
const struct model *live_full(struct live_model *m, struct err *e);

/* The columns of an input. A column whose name the model does not know stands for the model's
 * column of the same role, if the input has no other for that. */
struct live_columns {
	const struct str *names;
	const enum col_role *roles;        /* NULL: none known */
	const struct cell_format *formats; /* NULL: as in training */
	size_t n;
};
/* live_scorer(m, in, e): kept by ${m}. An input without any of the model's columns is scored all
 * the same, as a lead of which nothing is known. */
struct live_scorer *live_scorer(struct live_model *m, const struct live_columns *in, struct err *e);
/* live_api(m): of the columns of live_profile, which lead_input fills. */
struct live_scorer *live_api(struct live_model *m);
/* live_moves(s): whether scores of these columns change with time alone. */
bool live_moves(const struct live_scorer *s);

struct live_seat *live_sit(struct live_scorer *s, struct err *e);
void live_rise(struct live_seat *seat); /* NULL is fine */
/* live_score(seat, rows, n, as_of, out, e): at most SCORER_BLOCK rows of the scorer's columns, seen
 * from ${as_of}, days since 1970. */
int live_score(struct live_seat *seat, const struct str *const *rows, size_t n, double as_of,
	struct score *out, struct err *e);
struct lead_input *live_input(struct live_seat *seat); /* of seats of live_api; else NULL */
const struct scorer_work *live_work(const struct live_seat *seat);
struct live_model *live_seat_model(const struct live_seat *seat);
/* live_seat_names(seat): the columns of its scorer as the model calls them. */
const struct str *live_seat_names(const struct live_seat *seat);
/* live_rule(seat, as_of): the rule score of its columns, and the moment of what was scored last;
 * NULL where a model scores. */
const struct rule *live_rule(const struct live_seat *seat, double *as_of);
/* live_reasons(seat, w, e): what gives reasons for rows of this scorer, and work for it; NULL with
 * ERR_NOT_FOUND for the rule. */
const struct reasons *live_reasons(struct live_seat *seat, struct explain_work **w, struct err *e);

#endif
