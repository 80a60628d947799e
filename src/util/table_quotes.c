/* SPDX-License-Identifier: Apache-2.0 */
/* table_quotes.c: telling a cell of several lines from a quote that was left open. An open quote
 * runs to the next one, which may be many good rows away; these must not be lost with it. */
#include "util/table_internal.h"

enum { FEW_COLUMNS = 5, MANY_COLUMNS = 8, LOOK_AT = 64 };

/* Offset behind the line end at or behind ${at}; ${end}: where the line ends. */
static size_t next_line(const struct csv *c, size_t at, size_t *end)
{
	while (at < c->n && c->p[at] != '\n' && c->p[at] != '\r')
		at++;
	*end = at;
	if (at >= c->n)
		return c->n;
	return at + (c->p[at] == '\r' && at + 1 < c->n && c->p[at + 1] == '\n' ? 2 : 1);
}

/* Is the line at ${at} a whole row by itself? */
static bool is_row(const struct table *t, const struct csv *c, size_t at)
{
	struct csv again = *c;
	struct csv_record r;

	again.at = at;
	again.spare = NULL;
	again.max_span = 1; /* it must not run over its line end */
	return csv_next(&again, &r, NULL, 0) == CSV_RECORD && r.lines == 1 && !r.open &&
	       !r.trailing && !r.stray && r.cells == t->columns;
}

bool table_left_open(const struct table *t, const struct csv *c, const struct csv_record *r)
{
	bool clean = r->cells == t->columns && !r->trailing;
	size_t lines = 0, rows = 0, end, at = next_line(c, r->start, &end);
	bool second;

	/* In a narrow table a line of a letter can look like a row: "Hello, Ann". */
	if (clean && t->columns < FEW_COLUMNS)
		return false;
	second = is_row(t, c, at);
	for (; at < r->end && lines < LOOK_AT; at = next_line(c, at, &end)) {
		lines++;
		rows += is_row(t, c, at);
	}
	/* One line of a letter may have as many commas as a row. */
	if (clean && rows == 1 && t->columns < MANY_COLUMNS)
		return false;
	/* The last line holds the quote that closed it, and others may be damaged too. */
	return rows != 0 && (rows * 2 >= lines || (second && !clean));
}

void table_first_line(struct csv *c, struct csv_record *r)
{
	r->next = next_line(c, r->start, &r->end);
	r->lines = 1;
	r->open = true;
	c->at = r->next;
}
