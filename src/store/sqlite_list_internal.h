/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite_list_internal.h: a page of a list while it is being found. */
#ifndef STORE_SQLITE_LIST_INTERNAL_H
#define STORE_SQLITE_LIST_INTERNAL_H

#include "store/sqlite_strip_internal.h"

/* One that may be on the page. Ids are looked up when two values are equal, which is seldom needed.
 */
struct list_candidate {
	struct value value; /* text in the arena of the page */
	int64_t slot;
	uint64_t high; /* first half of its id */
	bool has_high, has_id;
	struct id id;
};

struct list_top {
	struct sq_scan scan;
	const struct lead_query *q;
	uint32_t column;
	bool strips; /* the sorted column has them */
	struct list_candidate *heap;
	size_t n, most; /* most: one more than the page, to know whether there is another */
	bool from;      /* only those behind ${place}, or at it too */
	bool inclusive;
	struct list_candidate place;
	uint64_t total;
	int64_t ids_segment; /* whose ids are at hand; -1: none */
	struct str ids;
	struct arena *a, texts;
	struct err *e;
	bool failed;
	struct buf fold;
	uint16_t codes[SEG]; /* of the segment that is looked at */
};

uint64_t list_high_of(const struct id *id);
/* list_need_high(t, c): ${c}->high is there, or ${t}->failed. */
void list_need_high(struct list_top *t, struct list_candidate *c);
size_t list_count_bits(const uint64_t bits[SEG / 64]);
/* list_fill(t, slots, n, page): these leads. */
int list_fill(struct list_top *t, const int64_t *slots, size_t n, struct lead_page *page);

/* list_unsorted(t, page): the page of a list in no order (sqlite_list_plain.c). */
int list_unsorted(struct list_top *t, struct lead_page *page);
/* list_seek(t): ${t}->place is where the list's fraction begins (sqlite_list_seek.c). */
int list_seek(struct list_top *t);

#endif
