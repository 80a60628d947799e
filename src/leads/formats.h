/* SPDX-License-Identifier: Apache-2.0 */
/* formats.h: how ambiguous dates and numbers in the columns of a layout are written, kept in the
 * store beside it, so that leads are scored later as their rows were. Threads: any. */
#ifndef LEADS_FORMATS_H
#define LEADS_FORMATS_H

#include "features/cell.h"

struct arena;
struct err;
struct layout;
struct store;

/* formats_remember(s, l, formats, e): of its columns. */
int formats_remember(
	struct store *s, const struct layout *l, const struct cell_format *formats, struct err *e);
/* formats_recall(s, l, a, out, e): *out from ${a}, or NULL when none are known (0 in both cases).
 */
int formats_recall(struct store *s, const struct layout *l, struct arena *a,
	struct cell_format **out, struct err *e);

#endif
