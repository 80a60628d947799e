/* SPDX-License-Identifier: Apache-2.0 */
/* width.h: text as a terminal shows it. Wide and combining characters count as a terminal counts
 * them; what could steer a terminal (control characters, direction marks) is never passed on. */
#ifndef UTIL_WIDTH_H
#define UTIL_WIDTH_H

#include <stddef.h>

#include "util/str.h"

struct buf;

/* width_clean(s, max, ellipsis, out): append ${s} to ${out} in at most ${max} columns (0: no
 * limit), cut with ${ellipsis} where longer; line breaks and tabs become blanks, other controls and
 * bytes that are not UTF-8 become U+FFFD. Returns the columns used. */
size_t width_clean(struct str s, size_t max, const char *ellipsis, struct buf *out);

#endif
