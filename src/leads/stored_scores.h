/* SPDX-License-Identifier: Apache-2.0 */
/* stored_scores.h: leads that are kept, scored by any version: for comparing two, and for trying
 * one before it is published. Nothing is stored. */
#ifndef LEADS_STORED_SCORES_H
#define LEADS_STORED_SCORES_H

#include <stddef.h>

#include "model/scorer.h"

struct err;
struct lead;
struct live_model;
struct store;
struct stored_scores;

/* stored_scores_new(s, m, e): borrows both. One thread. */
struct stored_scores *stored_scores_new(struct store *s, struct live_model *m, struct err *e);
void stored_scores_free(struct stored_scores *x); /* NULL is fine */

/* stored_scores_one(x, lead, as_of, out, e): 1 with its score, 0 when the lead has no cells.
 * ${as_of} in days since 1970. */
int stored_scores_one(struct stored_scores *x, const struct lead *lead, double as_of,
	struct score *out, struct err *e);

#endif
