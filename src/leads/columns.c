/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "features/profile.h"
#include "leads/columns.h"
#include "model/model.h"
#include "model/outcome.h"
#include "util/err.h"
#include "util/table.h"

struct table *columns_open(const char *path, const struct model *m, struct err *e)
{
	struct table_opts to = { 0 };
	struct str *known = NULL;
	struct table *t;

	if (m != NULL) {
		if ((known = calloc(m->profile->n + 1, sizeof(*known))) == NULL) {
			err_nomem(e);
			return NULL;
		}
		for (size_t i = 0; i < m->profile->n; i++)
			known[i] = m->profile->cols[i].name;
		to.known = known;
		to.known_count = m->profile->n;
	}
	t = table_open(path, &to, e);
	free(known);
	return t;
}

/* By their place in the training file; false when the numbers of columns do not fit. */
static bool by_place(const struct model *m, struct str *names, size_t n)
{
	ptrdiff_t target = profile_find(m->profile, outcome_column(m->outcome));
	bool without = n + 1 == m->profile->n && target >= 0;

	if (n != m->profile->n && !without)
		return false;
	for (size_t c = 0; c < n; c++)
		names[c] = m->profile->cols[c + (without && c >= (size_t)target)].name;
	return true;
}

struct str *columns_names(const struct table *t, const struct model *m,
	const struct leads_notes *notes, struct err *e)
{
	size_t n = table_columns(t);
	struct str *names = calloc(n + 1, sizeof(*names));

	if (names == NULL) {
		err_nomem(e);
		return NULL;
	}
	for (size_t c = 0; c < n; c++)
		names[c] = table_column(t, c);
	if (!table_info(t)->has_header && m != NULL && by_place(m, names, n))
		leads_note(notes, "the file has no header line: its columns are taken in the order "
				  "of the file the model was trained on");
	return names;
}
