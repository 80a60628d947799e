/* SPDX-License-Identifier: Apache-2.0 */
/* analytics.h: what the leads in the store add up to, from the store's own counts, so that it is
 * right at once after every kind of change. Rates come with Wilson's 95 % interval. Threads: no
 * state; memory is the arena's. */
#ifndef LEADS_ANALYTICS_H
#define LEADS_ANALYTICS_H

#include <stddef.h>
#include <stdint.h>

#include "leads/query.h"
#include "record/lead.h"

struct arena;
struct err;
struct jw;
struct store;

/* Leads of one kind: how many, and how they ended. */
struct analytics_count {
	uint64_t leads, outcome[3]; /* by enum lead_outcome */
	uint64_t heat[4];           /* by enum lead_heat */
	double sum_probability;     /* of those that have a score */
};

/* analytics_rate(w, c): members conversion, low and high: won of won and lost; left out where
 * nothing is decided. */
void analytics_rate(struct jw *w, const struct analytics_count *c);

/* What is counted: the leads of ${q}, which the caller may narrow beforehand. */
struct analytics {
	struct store *store;
	struct arena *arena;
	struct query *q;
	int64_t now_ms;
};

/* analytics_all(a, out, e): all of them. */
int analytics_all(const struct analytics *a, struct analytics_count *out, struct err *e);
/* analytics_by(a, f, out, n, e): per value of a field, largest first; leads without one have an
 * empty value. ERR_LIMIT over 3,000 values. */
struct analytics_group {
	struct str value;
	struct analytics_count count;
};
int analytics_by(const struct analytics *a, enum lead_field f, struct analytics_group **out,
	size_t *n, struct err *e);

/* Each writes one array or object. */
int analytics_heat(const struct analytics *a, struct jw *w, struct err *e);
int analytics_sources(
	const struct analytics *a, enum lead_field f, size_t most, struct jw *w, struct err *e);
int analytics_funnel(const struct analytics *a, enum lead_field by, struct jw *w, struct err *e);
/* analytics_trend(a, days, w, e): a day each, oldest first, today the last (UTC): leads that came,
 * that were won and lost, and those of the day's new ones that are hot now. A lead came when it was
 * created, else when it was added. */
int analytics_trend(const struct analytics *a, unsigned days, struct jw *w, struct err *e);

#endif
