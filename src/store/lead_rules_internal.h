/* SPDX-License-Identifier: Apache-2.0 */
/* lead_rules_internal.h: what becomes of a lead when a row, a person or a score comes: the same for
 * every backend, which only has to keep the result. Pure but for the layouts it asks for. */
#ifndef STORE_LEAD_RULES_INTERNAL_H
#define STORE_LEAD_RULES_INTERNAL_H

#include "store/store.h"

struct lead_rules {
	void *ctx;                                                  /* of the next two */
	const struct layout *(*layout)(void *ctx, uint32_t number); /* NULL: damaged */
	int (*add_layout)(void *ctx, const struct layout *l, uint32_t *number, struct err *e);
};

struct lead_outcome_of {
	bool write;    /* ${out} is to be stored in place of the current one */
	bool keep_old; /* the current one goes to the history */
	bool past;     /* the current score goes to the score history */
};

/* All: ${cur} is the lead as it is (NULL: none), ${out} the lead as it is to be, borrowing from
 * ${cur}, the arguments and ${a}. */
int lead_rules_put(const struct lead_rules *r, const struct lead *cur, struct lead_put *p,
	const struct lead_put_opts *o, struct arena *a, struct lead *out,
	struct lead_outcome_of *what, struct err *e);
int lead_rules_change(const struct lead_rules *r, const struct lead *cur,
	const struct lead_change *c, struct arena *a, struct lead *out,
	struct lead_outcome_of *what, struct err *e);
/* Sets taken and moved of ${set}. */
void lead_rules_score(const struct lead *cur, struct lead_set_score *set, int64_t now_ms,
	struct lead *out, struct lead_outcome_of *what);
/* ${to}: the version to go back to. */
void lead_rules_undo(
	const struct lead *cur, const struct lead *to, int64_t now_ms, struct lead *out);

/* lead_same(a, b): values and cells are equal. */
bool lead_same(const struct lead *a, const struct lead *b);

#endif
