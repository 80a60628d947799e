/* SPDX-License-Identifier: Apache-2.0 */
/* ratelimit.h: token buckets and how many at once, per key (a caller or an address). Memory is
 * bounded: a table of some ten thousand keys; when it is full the key seen longest ago makes room.
 * Threads: any. */
#ifndef HTTP_RATELIMIT_H
#define HTTP_RATELIMIT_H

#include <stdint.h>

#include "util/str.h"

struct err;
struct ratelimit;

/* ratelimit_new(per_second, burst, e): a bucket holds ${burst} tokens (1 or more) and is refilled
 * at ${per_second} (above 0). */
struct ratelimit *ratelimit_new(double per_second, double burst, struct err *e);
void ratelimit_free(struct ratelimit *l); /* NULL is fine */

/* ratelimit_take(l, key, n, now_ms): 0 when ${n} tokens were there and are taken; else the seconds,
 * 1 or more, after which they will be. ${now_ms} of a clock that only moves forward. */
unsigned ratelimit_take(struct ratelimit *l, struct str key, double n, int64_t now_ms);

/* How many at once, per key. inflight_enter: 0, or -1 when ${key} has ${most} already. Each success
 * is paired with inflight_leave of the same key. */
struct inflight;
struct inflight *inflight_new(struct err *e);
void inflight_free(struct inflight *f);
int inflight_enter(struct inflight *f, struct str key, unsigned most);
void inflight_leave(struct inflight *f, struct str key);

#endif
