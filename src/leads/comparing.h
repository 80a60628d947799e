/* SPDX-License-Identifier: Apache-2.0 */
/* comparing.h: two versions on the leads that are kept: which leads would change their heat. */
#ifndef LEADS_COMPARING_H
#define LEADS_COMPARING_H

#include <stddef.h>
#include <stdint.h>

#include "model/heat.h"
#include "record/id.h"

struct err;
struct live;
struct store;

struct comparing_lead {
	struct id id;
	double a, b; /* probabilities */
	enum heat heat_a, heat_b;
};

struct comparing {
	size_t rows;                          /* leads looked at */
	size_t moved[HEAT_COUNT][HEAT_COUNT]; /* by heat under a and under b */
	double mean_a, mean_b;
	struct comparing_lead *leads; /* [n] whose heat differs, the largest difference first */
	size_t n;
};

/* comparing_run(s, l, a, b, rows, limit, now, out, e): at most ${rows} leads, those that changed
 * last, open ones only; at most ${limit} of them listed. Cleared by comparing_clear. */
int comparing_run(struct store *s, struct live *l, uint32_t a, uint32_t b, size_t rows,
	size_t limit, int64_t now_ms, struct comparing *out, struct err *e);
void comparing_clear(struct comparing *c);

#endif
