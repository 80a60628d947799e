/* SPDX-License-Identifier: Apache-2.0 */
/* queue.h: whom to work now: leads that are open and that nobody called junk, hot before warm
 * before cold, in each those first that a person put there, and then by score. Threads: no state;
 * memory is the arena's. */
#ifndef LEADS_QUEUE_H
#define LEADS_QUEUE_H

#include <stddef.h>

#include "leads/query.h"
#include "record/query.h"

struct arena;
struct err;
struct store;

/* queue_page(s, q, limit, cursor, a, page, e): leads of ${q} in that order, with cells;
 * ${page}->total is not filled. ERR_INPUT for a cursor that is none. */
int queue_page(struct store *s, const struct query *q, size_t limit, struct str cursor,
	struct arena *a, struct lead_page *page, struct err *e);

#endif
