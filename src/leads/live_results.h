/* SPDX-License-Identifier: Apache-2.0 */
/* live_results.h: what came of the leads that a version scored: the probability each had when its
 * outcome became known, against that outcome. What decides whether a model keeps its promise. */
#ifndef LEADS_LIVE_RESULTS_H
#define LEADS_LIVE_RESULTS_H

#include <stddef.h>
#include <stdint.h>

#include "model/evaluate.h"
#include "model/verdict.h"

struct bands;
struct err;
struct jw;
struct store;

struct live_results {
	struct eval eval; /* no intervals under 20 rows; eval.rows 0: nothing decided yet */
	struct verdict verdict;
	struct eval_bin heat[3]; /* hot, warm, cold: by the band it had when it was decided */
	double promised[3];      /* mean probability per band; NaN when empty */
};

/* live_results(s, version, since, b, out, e): ${version} as "v3"; outcomes that became known at
 * ${since_ms} or later. ${b}: bands of the version. At most the newest 200,000 rows are looked at.
 */
int live_results(struct store *s, const char *version, int64_t since_ms, const struct bands *b,
	struct live_results *out, struct err *e);

/* live_results_write(w, r): one object: rows, won, lost, roc_auc, ..., verdict, by_heat. As the
 * model card takes it. null when there are no rows. */
void live_results_write(struct jw *w, const struct live_results *r);

#endif
