/* SPDX-License-Identifier: Apache-2.0 */
/* breakdown.h: the figures by source, region, size: does the model work for every group?
 * Threads: no state. */
#ifndef MODEL_BREAKDOWN_H
#define MODEL_BREAKDOWN_H

#include <stddef.h>
#include <stdint.h>

#include "model/evaluate.h"
#include "util/str.h"

struct err;
struct frame;
struct jw;
struct summary;

/* breakdown_write(f, s, rows, bases, n, w, e): one JSON array, for each of the base columns
 * ${bases} its groups, those of its bins in ${s} that have leads: {column, values: [{value, rows,
 * won, rate, rate_low, rate_high, mean_probability, roc_auc, log_loss, small}]}. ${rows} are those
 * of the frame. */
int breakdown_write(const struct frame *f, const struct summary *s, const struct eval_rows *rows,
	const uint32_t *bases, size_t n, struct jw *w, struct err *e);

/* breakdown_group_write(w, value, g): one such group as an object. */
void breakdown_group_write(struct jw *w, struct str value, const struct eval_group *g);

#endif
