/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "features/profile.h"
#include "util/err.h"
#include "util/table.h"

struct profile *profile_table(struct table *t, const struct profile_opts *o, struct err *e)
{
	size_t n = table_columns(t);
	struct str *names = calloc(n != 0 ? n : 1, sizeof(*names));
	struct profiler *pr;
	struct row r;
	uint64_t rows = 0;
	int more = 1;

	if (names == NULL) {
		err_nomem(e);
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		names[i] = table_column(t, i);
	pr = profiler_new(names, n, o, e);
	free(names);
	if (pr == NULL)
		return NULL;
	while (more == 1 && (more = table_next(t, &r, e)) == 1) {
		if (!r.bad && profiler_row(pr, r.cells, e) == -1)
			more = -1;
		else if (o != NULL && o->progress != NULL && ++rows % 1024 == 0 &&
			 o->progress(o->progress_ctx, table_progress(t)) != 0)
			more = err_set(
				e, ERR_CANCELLED, "stopped while the columns were being read");
	}
	if (more == -1) {
		profiler_free(pr);
		return NULL;
	}
	return profiler_end(pr, e);
}
