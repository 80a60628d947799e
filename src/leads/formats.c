/* SPDX-License-Identifier: Apache-2.0 */
#include "leads/formats.h"
#include "record/layout.h"
#include "util/arena.h"
#include "util/err.h"

void formats_write(const struct cell_format *f, char how[2])
{
	static const char order[] = { 0, 'd', 'm' }, mark[] = { 0, '.', ',' };

	how[0] = order[f->order];
	how[1] = mark[f->mark];
}

int formats_of(const struct layout *l, struct arena *a, struct cell_format **out, struct err *e)
{
	struct cell_format *f = arena_array(a, l->n + 1, sizeof(*f));
	bool any = false;

	*out = NULL;
	if (f == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < l->n; i++) {
		char order = l->columns[i].how[0], mark = l->columns[i].how[1];

		f[i].order = order == 'd' ? ORDER_DMY : order == 'm' ? ORDER_MDY : ORDER_UNKNOWN;
		f[i].mark = mark == '.' ? MARK_DOT : mark == ',' ? MARK_COMMA : MARK_UNKNOWN;
		any |= order != 0 || mark != 0;
	}
	if (any)
		*out = f;
	return 0;
}
