/* SPDX-License-Identifier: Apache-2.0 */
/* notes.h: what people decide about a version after it was made: its name, other thresholds, the
 * leads it is for, who approved it. One JSON document beside the version, whose files never change.
 *
 * Members we know: "name" and "note" (texts), "bands" (as bands_write), "segment" ({"query",
 * "priority"}), "source" (what it was trained on), "publish" (who asked, who approved). Others are
 * kept. Threads: any; changes are serialised by the store of models. */
#ifndef MODEL_NOTES_H
#define MODEL_NOTES_H

#include <stdint.h>

#include "util/str.h"

struct bands;
struct err;
struct json;
struct model_store;

/* notes_read(st, version, out, e): the document, for json_free; NULL when there is none yet. */
int notes_read(struct model_store *st, uint32_t version, struct json **out, struct err *e);

/* notes_set(st, version, key, value, e): this member becomes ${value}, which is JSON; empty takes
 * it away. The version need not be checked: it must be there. */
int notes_set(
	struct model_store *st, uint32_t version, const char *key, struct str value, struct err *e);

/* notes_bands(st, version, b, e): 1 and the thresholds set by hand, or 0 when the model's own hold.
 * -1 when they cannot be read. model_load asks by itself. */
int notes_bands(struct model_store *st, uint32_t version, struct bands *b, struct err *e);

#endif
