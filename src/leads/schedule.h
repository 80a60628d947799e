/* SPDX-License-Identifier: Apache-2.0 */
/* schedule.h: what the server does by itself at set times: a new training, a look at drift, all
 * leads scored anew. Times are hours of the day in UTC. Kept in the settings ("schedule").
 *
 * Each run is a job in the queue that is not due before its time, so that several servers on one
 * store do it once, and a server that was off then does it when it is back. */
#ifndef LEADS_SCHEDULE_H
#define LEADS_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "util/str.h"

struct err;
struct json;
struct jw;
struct store;

enum schedule_every { SCHEDULE_OFF, SCHEDULE_WEEK, SCHEDULE_MONTH };

struct schedule {
	enum schedule_every every; /* of the training */
	unsigned day;  /* week: 1 Monday to 7 Sunday; month: 1 to 31, or its last day before that */
	unsigned hour; /* 0 to 23 */
	bool publish;  /* when the gate lets it; else it stays a draft and asks */
	unsigned rescore_hour, drift_hour;
};

/* schedule_default(s): no training (Monday 3 o'clock once switched on), rescore at 2, drift at 4.
 */
void schedule_default(struct schedule *s);

/* schedule_read(v, s, fault, ctx, e): members that are there, over what is in ${s}. ${fault} (NULL:
 * none) gets the JSON pointer of each that is wrong: ERR_INPUT. */
int schedule_read(const struct json *v, struct schedule *s,
	void (*fault)(void *ctx, const char *pointer, const char *detail), void *ctx,
	struct err *e);
void schedule_write(struct jw *w, const struct schedule *s); /* members of an open object */

int schedule_load(struct store *st, struct schedule *s, struct err *e);
/* schedule_save(st, s, now, e): and queue the runs that follow from it in place of those queued. */
int schedule_save(struct store *st, const struct schedule *s, int64_t now_ms, struct err *e);

/* The moment after ${now_ms} at which it is due next; MS_NONE: never. */
int64_t schedule_next_retrain(const struct schedule *s, int64_t now_ms);
int64_t schedule_next_daily(unsigned hour, int64_t now_ms);

/* schedule_arm(st, now, e): queue the next run of each that is not queued yet. At the start of the
 * server, and by each run. */
int schedule_arm(struct store *st, int64_t now_ms, struct err *e);

#endif
