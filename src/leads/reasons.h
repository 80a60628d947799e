/* SPDX-License-Identifier: Apache-2.0 */
/* reasons.h: the reasons for a row's score as sentences, for one file bound to one model.
 * Threads: a struct reasons never changes after reasons_new; each thread has its own work. */
#ifndef LEADS_REASONS_H
#define LEADS_REASONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "features/encode.h"
#include "model/explain.h"
#include "util/str.h"

struct buf;
struct err;
struct model;
struct reasons;

/* reasons_new(m, columns, n, e): ${m} loaded with MODEL_WITH_FOREST; ${columns} are the file's.
 * Borrows both. */
struct reasons *reasons_new(
	const struct model *m, const struct str *columns, size_t n, struct err *e);
void reasons_free(struct reasons *r);
const struct explainer *reasons_explainer(const struct reasons *r);
/* reasons_column(r, col): which column of the file is column ${col} of the profile; -1: none. */
ptrdiff_t reasons_column(const struct reasons *r, uint32_t col);

/* One row, as the scorer saw it. */
struct reasons_row {
	const struct str *cells;
	const float *num;
	const uint32_t *code;
	double probability;
};
/* reasons_sentence(r, row, why, ev, out): what stands behind one reason; false in return, and
 * ${ev} zeroed, where training kept no evidence. */
bool reasons_sentence(const struct reasons *r, const struct reasons_row *row,
	const struct explain_reason *why, struct enc_evidence *ev, struct buf *out);

/* reasons_line(r, w, row, k, out): the ${k} main reasons in one line whose points add up to the
 * shown score: "base rate 39; model average -1; Came from Referral: 42 of 120 such leads won, +11;
 * everything else -2". */
void reasons_line(const struct reasons *r, struct explain_work *w, const struct reasons_row *row,
	size_t k, struct buf *out);

#endif
