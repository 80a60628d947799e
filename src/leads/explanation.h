/* SPDX-License-Identifier: Apache-2.0 */
/* explanation.h: why a lead that is kept has its score: reasons that add up, what would make it
 * hot, and why the score moved since the one before, all scored anew on the cells that are stored.
 */
#ifndef LEADS_EXPLANATION_H
#define LEADS_EXPLANATION_H

#include <stddef.h>
#include <stdint.h>

#include "record/lead.h"

struct arena;
struct err;
struct jw;
struct live;
struct store;

struct explanation_opts {
	struct store *store;
	struct live *live;
	const struct lead *lead; /* with cells */
	size_t reasons;          /* at most so many */
	int64_t now_ms;
	struct arena *arena;
};

/* explanation_write(o, w, e): one object. A score that is up to date is explained as of the moment
 * it was made, so that what is said adds up to what is shown; one that is not, as of now. "moved"
 * is left out where there was no score before, and its parts where the earlier version of the lead
 * is not kept any more. */
int explanation_write(const struct explanation_opts *o, struct jw *w, struct err *e);

#endif
