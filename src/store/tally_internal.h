/* SPDX-License-Identifier: Apache-2.0 */
/* tally_internal.h: counts of combinations of values, for every backend. Threads: one tally, one
 * thread. */
#ifndef STORE_TALLY_INTERNAL_H
#define STORE_TALLY_INTERNAL_H

#include "store/lead_value_internal.h"

struct tally;

/* tally_check: what every backend refuses. */
int tally_check(
	const struct lead_query *q, const struct lead_tally_by *by, size_t n_by, struct err *e);
struct tally *tally_new(const struct lead_tally_by *by, size_t n_by, bool sums, struct err *e);
void tally_free(struct tally *t);

/* tally_number(t, k, v, shown, out, e): the number of value ${v} of column ${k}; ${shown}: its text
 * as it was written; of several told the smallest is kept. Days are cut here. */
int tally_number(struct tally *t, size_t k, const struct value *v, struct str shown, uint32_t *out,
	struct err *e);
/* tally_add(t, numbers, leads, p, value, e): so many leads of this combination. ERR_LIMIT over
 * 10,000 of them. */
int tally_add(struct tally *t, const uint32_t numbers[3], uint64_t leads, double probability,
	double value, struct err *e);
/* tally_lead: a lead by itself, with its sums. */
int tally_lead(struct tally *t, const struct lead *l, const struct layout *layout, struct err *e);
/* tally_finish: by count, largest first, then by value. */
int tally_finish(
	struct tally *t, struct arena *a, struct lead_tally **out, size_t *n, struct err *e);

#endif
