/* SPDX-License-Identifier: Apache-2.0 */
#include "model/heat.h"
#include "model/moved.h"
#include "model/points.h"

const char *moved_name(enum moved_cause c)
{
	static const char *const names[MOVED_CAUSES] = { "data", "time", "model" };

	return names[c];
}

/* Weight of a set of s other causes already switched, out of three: s! (2 - s)! / 3!. */
static const double weight[MOVED_CAUSES] = { 1.0 / 3, 1.0 / 6, 1.0 / 3 };

static int others_on(unsigned mask)
{
	return __builtin_popcount(mask);
}

int moved_split(moved_score score, void *ctx, struct moved *out, struct err *e)
{
	double p[1 << MOVED_CAUSES];
	double exact[MOVED_CAUSES];

	for (unsigned mask = 0; mask < 1u << MOVED_CAUSES; mask++) {
		if (score(ctx, mask, &p[mask], e) == -1)
			return -1;
	}
	*out = (struct moved){ .before = p[0], .after = p[(1u << MOVED_CAUSES) - 1] };
	for (int c = 0; c < MOVED_CAUSES; c++) {
		unsigned bit = 1u << c;

		for (unsigned mask = 0; mask < 1u << MOVED_CAUSES; mask++) {
			if ((mask & bit) == 0)
				out->part[c] += weight[others_on(mask)] * (p[mask | bit] - p[mask]);
		}
		exact[c] = 100 * out->part[c];
	}
	out->score_before = heat_score(out->before);
	out->score_after = heat_score(out->after);
	points_share(exact, MOVED_CAUSES, out->score_after - out->score_before, out->points);
	return 0;
}
