/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "features/frame.h"
#include "util/err.h"
#include "util/table.h"

static struct framer *begin(struct table *t, const struct profile *p, struct bases *b,
	const struct frame_opts *o, struct err *e)
{
	size_t n = table_columns(t);
	struct str *names = calloc(n + 1, sizeof(*names));
	struct framer *fr;

	if (names == NULL) {
		err_nomem(e);
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		names[i] = table_column(t, i);
	fr = frame_begin(p, b, names, n, o, e);
	free(names);
	return fr;
}

int frame_load(struct table *t, const struct profile *p, struct bases *b,
	const struct frame_opts *o, struct frame *f, struct err *e)
{
	struct framer *fr;
	struct row r;
	uint64_t rows = 0;
	int more;

	*f = (struct frame){ 0 };
	if (table_rewind(t, e) == -1 || (fr = begin(t, p, b, o, e)) == NULL)
		return -1;
	while ((more = table_next(t, &r, e)) == 1) {
		if (!r.bad && frame_row(fr, &r, e) == -1)
			more = -1;
		else if (o->progress != NULL && ++rows % 1024 == 0 &&
			 o->progress(o->progress_ctx, table_progress(t)) != 0)
			more = err_set(e, ERR_CANCELLED, "stopped while the rows were being read");
		if (more == -1)
			break;
	}
	if (more == -1) {
		frame_abort(fr);
		return -1;
	}
	return frame_end(fr, f, e);
}
