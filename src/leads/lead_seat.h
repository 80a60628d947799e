/* SPDX-License-Identifier: Apache-2.0 */
/* lead_seat.h: a lead that is kept, before the model that scores now: its cells as they are stored,
 * bound to the model by the layout they came in.
 *
 *	lead_seat_take(&s, store, live, layout, cells, arena, e);
 *	lead_seat_score(&s, as_of, &score, e);
 *	... lead_seat_reason(&s, &score, &text, e);
 *	lead_seat_leave(&s);		// also when taking failed
 *
 * Threads: one seat, one thread. */
#ifndef LEADS_LEAD_SEAT_H
#define LEADS_LEAD_SEAT_H

#include <stddef.h>
#include <stdint.h>

#include "model/scorer.h"
#include "record/lead.h"
#include "util/str.h"

struct arena;
struct buf;
struct err;
struct layout;
struct live;
struct live_model;
struct live_seat;
struct store;

struct lead_seat {
	struct live_model *model; /* borrowed: the caller holds it */
	struct live_seat *seat;
	const struct layout *layout; /* of the cells */
	struct str *cells;           /* [n], the arena's */
	size_t n;
};

/* lead_seat_take(s, st, m, layout, cells, a, e): borrows ${m}, which outlives the seat. */
int lead_seat_take(struct lead_seat *s, struct store *st, struct live_model *m, uint32_t layout,
	struct str cells, struct arena *a, struct err *e);
/* lead_seat_next(s, layout, cells, a, e): another lead on the same model; the seat changes only
 * when the layout does. */
int lead_seat_next(struct lead_seat *s, struct store *st, uint32_t layout, struct str cells,
	struct arena *a, struct err *e);
void lead_seat_leave(struct lead_seat *s);

/* lead_seat_score(s, as_of, out, e): ${as_of} in days since 1970. */
int lead_seat_score(struct lead_seat *s, double as_of, struct score *out, struct err *e);

/* lead_seat_reason(s, score, out, e): appends the main reason of the score made last, a sentence:
 * the largest one that speaks for the lead where its score is above what the model expects, else
 * against. Nothing for the rule score. */
int lead_seat_reason(
	struct lead_seat *s, const struct score *score, struct buf *out, struct err *e);

/* lead_seat_reasons(s, score, k, out, e): appends the ${k} largest, with their points: "Came from
 * Referral: 42 of 120 such leads won, +11; Opened no mail, -4". */
int lead_seat_reasons(
	struct lead_seat *s, const struct score *score, size_t k, struct buf *out, struct err *e);

/* lead_seat_store(s, score, as_of, now, out): as the store keeps it. */
void lead_seat_store(const struct lead_seat *s, const struct score *score, double as_of,
	int64_t now_ms, struct lead_score *out);

/* Now, in days since 1970. */
double lead_seat_days(int64_t now_ms);

#endif
