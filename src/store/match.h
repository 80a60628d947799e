/* SPDX-License-Identifier: Apache-2.0 */
/* match.h: whether one lead in hand passes a query, with the meaning that every backend gives it.
 */
#ifndef STORE_MATCH_H
#define STORE_MATCH_H

#include <stdbool.h>

struct err;
struct layout;
struct lead;
struct lead_match;
struct lead_query;

/* lead_match_new(q, e): of its filters, ids and words; ${q} must have passed store_check_query.
 * Borrows nothing. One thread at a time. */
struct lead_match *lead_match_new(const struct lead_query *q, struct err *e);
void lead_match_free(struct lead_match *m); /* NULL is fine */
/* lead_match_passes(m, l, layout): ${layout} is that of its cells, or NULL. */
bool lead_match_passes(struct lead_match *m, const struct lead *l, const struct layout *layout);

#endif
