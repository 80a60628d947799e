/* SPDX-License-Identifier: Apache-2.0 */
/* score_json.h: a score as the API writes it, with reasons that add up to it:
 *
 *	base.points + average.points + those of the reasons + rest.points = score
 *
 * and the same for probabilities. Pure functions; any thread. */
#ifndef LEADS_SCORE_JSON_H
#define LEADS_SCORE_JSON_H

#include <stddef.h>

#include "model/scorer.h"
#include "util/str.h"

struct err;
struct jw;
struct live_seat;

/* score_json(w, s, version, as_of): the members heat, score, probability, bands, confidence, model
 * and as_of, inside an object that the caller has opened. ${as_of}: days since 1970. */
void score_json(struct jw *w, const struct score *s, const char *version, double as_of);

/* score_json_reasons(w, seat, cells, s, k, e): members reasons (at most ${k}), base, average and
 * rest of the row that ${seat} scored last. Of the rule score its parts; empty for a lead without
 * any column of the model. */
int score_json_reasons(struct jw *w, struct live_seat *seat, const struct str *cells,
	const struct score *s, size_t k, struct err *e);

#endif
