/* SPDX-License-Identifier: Apache-2.0 */
/* router.h: from method and path to the entry of a route table.
 * Threads: after router_new it never changes; the counters in it are atomic. */
#ifndef HTTP_ROUTER_H
#define HTTP_ROUTER_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "http/route.h"
#include "obs/metrics.h"
#include "util/str.h"

struct arena;
struct buf;
struct err;
struct param_value;
struct router;

#define ROUTE_PARAMS_MAX 6 /* {names} in one path */
#define ROUTE_QUERY_MAX  48

/* What is counted per route; statuses that are seldom share the last place. */
struct route_stat {
	atomic_uint_fast64_t by_status[25];
	struct metric_hist duration;
};

struct routed {
	const struct route *route;
	const struct route_set *set;
	const char *names[ROUTE_PARAMS_MAX]; /* into router's memory, NUL-ended */
	size_t n_names;
	size_t n_query;                     /* entries of doc.query */
	const struct param_value *defaults; /* params_defaults, for most addresses have no query */
	struct route_stat stat;
};

/* router_new(sets, e): checks every entry too: ERR_INTERNAL names the first that is wrong (no role,
 * public without a reason, no operation id, two alike, a scope missing, a parameter's type). */
struct router *router_new(const struct route_set *const *sets, struct err *e);
void router_free(struct router *r);

/* router_find(r, m, path, mem, values, allowed): the entry, its path values decoded in ${mem}; or
 * NULL: then ${allowed} has bit 1 << M_x for each method that the path has, 0 when no route has
 * it. ${path} starts with "/" and is as sent. */
struct routed *router_find(struct router *r, enum http_method m, struct str path, struct arena *mem,
	struct str values[ROUTE_PARAMS_MAX], unsigned *allowed);

/* router_count(s, status, seconds): one request is done. */
void router_count(struct route_stat *s, int status, double seconds);
/* router_print(r, other, b): the metric families of all routes; ${other} is what no route had. */
void router_print(struct router *r, struct route_stat *other, struct buf *b);

#endif
