/* SPDX-License-Identifier: Apache-2.0 */
/* points.h: whole points that add up, by largest remainder (Hamilton's method). */
#ifndef MODEL_POINTS_H
#define MODEL_POINTS_H

#include <stddef.h>

/* points_share(value, n, total, out): out[i] is value[i] rounded down or up so that all sum to
 * ${total}; those with the largest remainders go up, the earlier of equals. When ${total} is
 * further from the sum of the values than rounding explains, the lines nearest to the next whole
 * number give way first. n > 0. */
void points_share(const double *value, size_t n, int total, int *out);

#endif
