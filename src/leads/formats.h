/* SPDX-License-Identifier: Apache-2.0 */
/* formats.h: how ambiguous dates and numbers in the columns of a layout are written, between the
 * terms of scoring and those of layout.h, so that leads are scored later as their rows were.
 * Threads: any. */
#ifndef LEADS_FORMATS_H
#define LEADS_FORMATS_H

#include "features/cell.h"

struct arena;
struct err;
struct layout;

void formats_write(const struct cell_format *f, char how[2]);
/* formats_of(l, a, out, e): *out from ${a}, one per column; NULL when none is known (0 too). */
int formats_of(const struct layout *l, struct arena *a, struct cell_format **out, struct err *e);

#endif
