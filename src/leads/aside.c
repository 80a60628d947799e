/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "features/words.h"
#include "leads/aside.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/rejects.h"
#include "util/table.h"

enum { TOLD = 3 };

int aside_init(struct aside *a, const struct table *t, const struct str *names, const char *input,
	const char *path, const struct leads_notes *notes, struct err *e)
{
	char beside[4096];

	*a = (struct aside){ .names = names, .notes = notes };
	if (path == NULL && rejects_beside(input, beside, sizeof(beside), e) == -1)
		return -1;
	a->rejects = rejects_new(t, names, path != NULL ? path : beside, e);
	return a->rejects == NULL ? -1 : 0;
}

static void tell(const struct aside *a, const struct row *r)
{
	char text[512];
	int n;

	n = snprintf(text, sizeof(text),
		"warning: line %llu is left out: it %.200s (column \"" STR_FMT "\"",
		(unsigned long long)r->line, r->reason,
		STR_ARG(words_clip(a->names[r->bad_column], 60)));
	if (r->bad_cell.n != 0)
		n += snprintf(text + n, sizeof(text) - (size_t)n, ", cell '" STR_FMT "'",
			STR_ARG(words_clip(r->bad_cell, 60)));
	snprintf(text + n, sizeof(text) - (size_t)n, ")%s",
		a->rows + 1 == TOLD ? "; further such lines are only counted" : "");
	leads_note(a->notes, text);
}

int aside_row(struct aside *a, const struct row *r, struct err *e)
{
	if (a->rows < TOLD)
		tell(a, r);
	a->rows++;
	return rejects_put(a->rejects, r, e);
}

int aside_end(struct aside *a, struct err *e)
{
	struct buf b = { 0 };

	if (rejects_finish(a->rejects, e) == -1)
		return -1;
	if (a->rows == 0)
		return 0;
	buf_fmt(&b,
		"warning: %llu row%s cannot be read; %s has %s with the reason, to be mended and "
		"fed again",
		(unsigned long long)a->rows,
		a->rows == 1 ? " is left out because it" : "s are left out because they",
		aside_path(a), a->rows == 1 ? "it" : "them");
	if (rejects_stays(a->rejects) != NULL)
		buf_fmt(&b, " (%s was changed since it was written and stays as it is)",
			rejects_stays(a->rejects));
	buf_c(&b, '\0');
	if (!b.failed)
		leads_note(a->notes, b.p);
	buf_clear(&b);
	return 0;
}

const char *aside_path(const struct aside *a)
{
	return a->rejects == NULL ? NULL : rejects_name(a->rejects);
}

void aside_clear(struct aside *a)
{
	rejects_free(a->rejects);
	a->rejects = NULL;
}
