/* SPDX-License-Identifier: Apache-2.0 */
/* bands_by.h: other thresholds for a version, by hand, by what the team can work, or by what a win
 * is worth. Kept in the version's notes, so that the version itself never changes. */
#ifndef LEADS_BANDS_BY_H
#define LEADS_BANDS_BY_H

#include <stdint.h>

struct bands;
struct err;
struct holdout;
struct json;
struct model_store;

/* bands_by(st, version, ask, out, e): ${ask} is {"hot", "warm"}, {"capacity": "30/day" or a
 * number},
 * {"value", "cost"} or {"reset": true} (back to what training chose). Counts in ${out} are of the
 * training leads. ERR_INPUT says what does not fit. */
int bands_by(struct model_store *st, uint32_t version, const struct json *ask, struct bands *out,
	struct err *e);

/* bands_holdout(st, version, h, e): the training rows with their out-of-fold probabilities. */
int bands_holdout(struct model_store *st, uint32_t version, struct holdout *h, struct err *e);

#endif
