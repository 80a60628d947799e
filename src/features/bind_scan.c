/* SPDX-License-Identifier: Apache-2.0 */
#include "features/bind_internal.h"
#include "util/table.h"

#define NUMBER_ROWS 20000 /* enough to tell a decimal mark, where no date asks for every row */

static bool dates_in_question(const struct bind *x)
{
	for (size_t i = 0; i < x->n_steps; i++) {
		if (x->steps[i].read.parse == PARSE_DATE && x->steps[i].cell >= 0)
			return true;
	}
	return false;
}

/* Whether every number column that has cells of two readings shows clearly which. */
static bool marks_clear(const struct bind *x)
{
	for (size_t i = 0; i < x->n_steps; i++) {
		const struct cell_votes *v = &x->seen[i].votes;

		if (v->number_ambiguous != 0 && !(v->dot >= 20 && v->comma == 0) &&
			!(v->comma >= 20 && v->dot == 0))
			return false;
	}
	return true;
}

int bind_scan(struct bind *x, struct table *t, double now, struct err *e)
{
	bool all = dates_in_question(x);
	uint64_t rows = 0;
	struct row r;
	int more;

	if (!all && !x->has_numbers) {
		bind_decide(x);
		return 0;
	}
	if (table_rewind(t, e) == -1)
		return -1;
	while ((more = table_next(t, &r, e)) == 1) {
		if (r.bad)
			continue;
		bind_vote(x, r.cells, now);
		if (++rows % NUMBER_ROWS == 0 && !all && marks_clear(x))
			break;
	}
	if (more == -1)
		return -1;
	bind_decide(x);
	return 0;
}
