/* SPDX-License-Identifier: Apache-2.0 */
#include "leads/query_internal.h"
#include "util/when.h"

/* "-7d", "+12h": how far from now. */
static bool distance(struct str s, int64_t *ms)
{
	int64_t n = 0, unit;

	if (s.n < 3 || s.n > 7 || (s.p[0] != '-' && s.p[0] != '+' && s.p[0] != ' '))
		return false;
	unit = s.p[s.n - 1] == 'd' ? WHEN_DAY_MS : s.p[s.n - 1] == 'h' ? WHEN_DAY_MS / 24 : 0;
	for (size_t i = 1; i + 1 < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		n = n * 10 + (s.p[i] - '0');
	}
	*ms = n * unit * (s.p[0] == '-' ? -1 : 1);
	return unit != 0;
}

bool query_moment(struct str s, int64_t now_ms, int64_t *lo, int64_t *hi)
{
	int64_t away;
	bool day = false;

	if (str_eq(s, S("today"))) {
		*lo = when_floor_day(now_ms);
		day = true;
	} else if (str_eq(s, S("now"))) {
		*lo = now_ms;
	} else if (distance(s, &away)) {
		*lo = now_ms + away;
	} else if (when_read(s, lo, &day) == -1) {
		return false;
	}
	*hi = *lo + (day ? WHEN_DAY_MS : 1);
	return true;
}
