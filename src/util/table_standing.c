/* SPDX-License-Identifier: Apache-2.0 */
/* table_standing.c: a table of rows that were set aside (rejects.h) is read again: which of them
 * still have their fault? Writing a row down may have made it look whole: a short one is padded, an
 * open quote is one quoted cell, a spreadsheet drops a zero byte. So the reason is held against the
 * row as it is now. */
#include <stdlib.h>
#include <string.h>

#include "util/rejects.h"
#include "util/table_internal.h"
#include "util/utf8.h"

bool table_own_column(const struct table *t, size_t column)
{
	for (size_t i = 0; i < REJECTS_COLUMNS && t->info.set_aside; i++)
		if (t->diagnostics[i] == column)
			return false;
	return true;
}

size_t table_own_columns(const struct table *t)
{
	return t->columns - (t->info.set_aside ? REJECTS_COLUMNS : 0);
}

static bool take(struct str *s, const char *what)
{
	struct str w = str_of(what);

	if (!str_starts(*s, w))
		return false;
	*s = str_sub(*s, w.n, s->n);
	return true;
}

static bool take_number(struct str *s, size_t *n)
{
	size_t i = 0;

	for (*n = 0; i < s->n && i < 9 && s->p[i] >= '0' && s->p[i] <= '9'; i++)
		*n = *n * 10 + (size_t)(s->p[i] - '0');
	*s = str_sub(*s, i, s->n);
	return i != 0;
}

/* "has 5 cells, the header has 7" */
static bool is_count(struct str s, size_t *found, size_t *wanted)
{
	return take(&s, "has ") && take_number(&s, found) &&
	       (take(&s, " cells, the ") || take(&s, " cell, the ")) &&
	       (take(&s, "header has ") || take(&s, "first row has ")) && take_number(&s, wanted) &&
	       s.n == 0;
}

/* Whether any of the row's own cells from number ${from} on is filled. */
static bool filled(const struct table *t, const struct row *r, size_t from)
{
	for (size_t i = 0, own = 0; i < t->columns; i++)
		if (table_own_column(t, i) && own++ >= from && str_trim(r->cells[i]).n != 0)
			return true;
	return false;
}

static struct str first_own(const struct table *t, const struct row *r)
{
	for (size_t i = 0; i < t->columns; i++)
		if (table_own_column(t, i))
			return r->cells[i];
	return S("");
}

/* The one cell that the record became, and nothing was moved out of it. */
static bool still_one_cell(const struct table *t, const struct row *r)
{
	return !filled(t, r, 1) && str_chr(first_own(t, r), '"') >= 0;
}

/* The cell the reason is about is what it was. */
static bool cell_unchanged(const struct table *t, const struct row *r)
{
	struct str was = r->cells[t->diagnostics[REJECTS_CELL]];
	struct str name = r->cells[t->diagnostics[REJECTS_NAME]];
	bool known = false;

	for (size_t i = 0; i < t->columns; i++)
		known = known || (table_own_column(t, i) && str_eq(t->names[i], name));
	for (size_t i = 0; i < t->columns; i++)
		if (table_own_column(t, i) && (!known || str_eq(t->names[i], name)) && was.n != 0 &&
			str_eq(utf8_cut(r->cells[i], TABLE_BAD_CELL), was))
			return true;
	return false;
}

bool table_still_bad(const struct table *t, const struct row *r)
{
	struct str why = str_trim(r->cells[t->diagnostics[REJECTS_REASON]]);
	size_t found, wanted;

	if (is_count(why, &found, &wanted))
		return found < wanted ? !filled(t, r, found) : filled(t, r, wanted);
	if (str_starts(why, S("opens a quote")))
		return still_one_cell(t, r);
	return (str_starts(why, S("has a zero byte")) || str_starts(why, S("has bytes that")) ||
		       str_starts(why, S("has a cell of more")) ||
		       str_starts(why, S("is longer than"))) &&
	       cell_unchanged(t, r);
}
