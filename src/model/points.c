/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "model/points.h"
#include "util/err.h"

void points_share(const double *value, size_t n, int total, int *out)
{
	int left = total;

	ASSERT(n != 0);
	for (size_t i = 0; i < n; i++) {
		out[i] = (int)floor(value[i]);
		left -= out[i];
	}
	for (; left > 0; left--) {
		size_t most = 0;

		for (size_t i = 1; i < n; i++) {
			if (value[i] - out[i] > value[most] - out[most])
				most = i;
		}
		out[most]++;
	}
	for (; left < 0; left++) {
		size_t least = 0;

		for (size_t i = 1; i < n; i++) {
			if (value[i] - out[i] < value[least] - out[least])
				least = i;
		}
		out[least]--;
	}
}
