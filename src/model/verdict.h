/* SPDX-License-Identifier: Apache-2.0 */
/* verdict.h: whether outcomes came as the probabilities promised, in one plain sentence.
 *
 * First the sum: the wins expected against the wins seen (z = (seen - expected) / sqrt(sum p (1 -
 * p))). Then the slope b and shift a of logit(won) = a + b logit(p) (Cox 1958): below 1 the
 * probabilities are too sure of themselves, above 1 too timid. Either needs p < .01 to be said.
 * Threads: no state. */
#ifndef MODEL_VERDICT_H
#define MODEL_VERDICT_H

#include <stddef.h>

#include "model/evaluate.h"

struct jw;

enum verdict_kind {
	VERDICT_CALIBRATED,
	VERDICT_TOO_HIGH,
	VERDICT_TOO_LOW,
	VERDICT_TOO_SURE,  /* high ones too high, low ones too low */
	VERDICT_TOO_TIMID, /* high ones too low, low ones too high */
	VERDICT_TOO_FEW    /* under 20 outcomes, or under 5 wins (or losses) seen and expected */
};

struct verdict {
	enum verdict_kind kind;
	double expected, seen, rows;
	double z, p;                         /* of the sum, two-sided */
	double slope, slope_low, slope_high; /* NaN where it cannot be fitted */
	char text[320];
};

void verdict_of(const struct eval_rows *rows, struct verdict *out);
const char *verdict_name(enum verdict_kind k);             /* "calibrated", "too high", ... */
void verdict_write(struct jw *w, const struct verdict *v); /* one object */

#endif
