/* SPDX-License-Identifier: Apache-2.0 */
/* fold.h: how texts of leads are compared and searched: without regard to case and accents.
 * Pure functions, no allocation beyond the buf; any bytes are safe input; any thread. */
#ifndef RECORD_FOLD_H
#define RECORD_FOLD_H

#include <stdbool.h>
#include <stddef.h>

#include "util/str.h"

struct buf;

/* fold_text(s, out): append ${s} with case folded, accents dropped, blanks trimmed at both ends and
 * a run of them as one; bytes that are no UTF-8 stay as they are. */
void fold_text(struct str s, struct buf *out);

/* fold_word(rest, out): append the next word of ${rest} (folded: a run of letters and digits), and
 * take it off; false at the end. */
bool fold_word(struct str *rest, struct buf *out);

/* fold_number(s, x): ${s} is one plain number ("12", "-3.5", "1e6"), blanks around it allowed. */
bool fold_number(struct str s, double *x);

/* fold_same(a, b): they are the same text folded. False also when there is no memory to tell. */
bool fold_same(struct str a, struct str b);

#endif
