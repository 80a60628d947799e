/* SPDX-License-Identifier: Apache-2.0 */
/* upload_detail.h: members of the JSON object that an upload keeps what was found in its file in
 * (struct upload, detail): dialect, columns, outcome, preview, check, undo and what they asked for.
 * Threads: no state. */
#ifndef LEADS_UPLOAD_DETAIL_H
#define LEADS_UPLOAD_DETAIL_H

#include <stddef.h>

#include "util/str.h"

struct buf;
struct err;
struct json;
struct jw;

struct detail_member {
	const char *key;
	struct str value; /* JSON; empty: taken away */
};

/* detail_set(old, set, n, out, e): appends ${old} (empty: no object yet) with these members put in
 * or replaced. */
int detail_set(
	struct str old, const struct detail_member *set, size_t n, struct buf *out, struct err *e);
/* detail_lean(old, out, e): appends ${old} without what holds people's cells, which are kept no
 * longer than they are needed: preview, check, samples, mended cells. */
int detail_lean(struct str old, struct buf *out, struct err *e);
/* detail_members(v, except, w): the members of the object ${v} into the open object of ${w}, but
 * those named in ${except} (ends in NULL). */
void detail_members(const struct json *v, const char *const *except, struct jw *w);
void detail_value(const struct json *v, struct jw *w);

#endif
