/* SPDX-License-Identifier: Apache-2.0 */
/* model_json.h: versions of the model as the API shows them: from their reports, training rows and
 * notes, never from constants. */
#ifndef API_MODEL_JSON_H
#define API_MODEL_JSON_H

#include <stdint.h>

#include "model/registry.h"

struct err;
struct json;
struct jw;
struct model_store;

/* model_json_report(st, number, e): report.json of a version, for json_free. */
struct json *model_json_report(struct model_store *st, uint32_t number, struct err *e);

/* model_json_item(w, st, v, e): members of an open object: version, state, times, figures, segment.
 * A version that cannot be read has "problem". -1 only out of memory. */
void model_json_item(struct jw *w, struct model_store *st, const struct version_info *v);

/* model_json_metrics(w, st, number, e): members: how good the probabilities are. */
int model_json_metrics(struct jw *w, struct model_store *st, uint32_t number, struct err *e);

void model_json_gate(struct jw *w, uint32_t number, const struct registry_gate *g); /* members */
/* model_json_moves(w, moved): heat under b (rows) and under a (columns), as 3 x 3 numbers. */
void model_json_moves(struct jw *w, const size_t moved[3][3]);
void model_json_time(struct jw *w, const char *key, int64_t ms); /* RFC 3339 */

#endif
