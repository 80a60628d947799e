/* SPDX-License-Identifier: Apache-2.0 */
/* lead_form_internal.h: a lead as bytes. Pure functions; any thread. */
#ifndef STORE_LEAD_FORM_INTERNAL_H
#define STORE_LEAD_FORM_INTERNAL_H

#include "store/kv_internal.h"
#include "store/store.h"
#include "util/buf.h"

/* Without its id and its score, which changes by itself. */
void lead_form_write(const struct lead *l, struct buf *out);
/* lead_form_read(body, out, e): all but id and score; texts are borrowed from ${body}. ERR_IO when
 * damaged. */
int lead_form_read(struct str body, struct lead *out, struct err *e);
void lead_form_write_score(const struct lead_score *s, struct buf *out);
int lead_form_read_score(struct str body, struct lead_score *out, struct err *e);
/* Both in one, with the id: an earlier version. */
void lead_form_write_all(const struct lead *l, struct buf *out);
int lead_form_read_all(struct str body, struct lead *out, struct err *e);
/* lead_form_own(l, a, cells, e): texts of ${l} are copied into ${a}; cells too, or left out. */
int lead_form_own(struct lead *l, struct arena *a, bool cells, struct err *e);

/* lead_form_keep(k, old, ..): ${old} as an earlier version, replaced now by ${by} or ${upload}. */
int lead_form_keep(struct kv *k, const struct lead *old, int64_t now_ms, struct id by,
	struct id upload, struct err *e);

#endif
