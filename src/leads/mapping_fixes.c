/* SPDX-License-Identifier: Apache-2.0 */
/* What a person says of single columns and rows when the check has shown what cannot be read: which
 * comes first in a date, what a cell should hold. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "leads/mapping_internal.h"
#include "util/err.h"
#include "util/json.h"

static const char *const order_names[] = { NULL, "day first", "month first" };
static const char *const mark_names[] = { NULL, ".", "," };

static ptrdiff_t column_of(const struct mapping *m, struct str name)
{
	for (size_t i = 0; i < m->n; i++)
		if (str_eq(m->cols[i].name, name))
			return (ptrdiff_t)i;
	return -1;
}

static int wrong(char pointer[MAPPING_POINTER], const char *at, const char *why, struct err *e)
{
	snprintf(pointer, MAPPING_POINTER, "%s", at);
	return err_set(e, ERR_INPUT, "%s", why);
}

/* The place of ${v} among three names, of which the first is none; -1. */
static int one_of(const struct json *v, const char *const names[3])
{
	for (int i = 1; i < 3; i++)
		if (str_eq(json_str(v, S("")), str_of(names[i])))
			return i;
	return -1;
}

static int edit_format(
	struct cell_format *f, const struct json *v, char pointer[MAPPING_POINTER], struct err *e)
{
	for (size_t i = 0; i < json_len(v); i++) {
		struct str key;
		const struct json *said = json_member(v, i, &key);
		int k;

		if (str_eq(key, S("date_order")) && (k = one_of(said, order_names)) > 0)
			f->order = (enum cell_order)k;
		else if (str_eq(key, S("decimal_mark")) && (k = one_of(said, mark_names)) > 0)
			f->mark = (enum cell_mark)k;
		else
			return wrong(pointer, "/formats",
				"expected a date_order, \"day first\" or \"month first\", or a "
				"decimal_mark, \".\" or \",\"",
				e);
	}
	return 0;
}

int mapping_formats(
	struct mapping *m, const struct json *v, char pointer[MAPPING_POINTER], struct err *e)
{
	if (v != NULL && json_type(v) != J_OBJ)
		return wrong(pointer, "/formats", "expected an object of headers", e);
	for (size_t i = 0; i < json_len(v); i++) {
		struct str key;
		const struct json *said = json_member(v, i, &key);
		ptrdiff_t c = column_of(m, key);

		if (c < 0 || json_type(said) != J_OBJ)
			return wrong(pointer, "/formats", "the file has no such column", e);
		if (edit_format(&m->cols[c].format, said, pointer, e) == -1)
			return -1;
	}
	return 0;
}

/* ---- rows ---- */

static int by_line(const void *a, const void *b)
{
	const struct mapping_fix *x = a, *y = b;

	return x->line != y->line ? (x->line < y->line ? -1 : 1)
				  : (x->column > y->column) - (x->column < y->column);
}

/* One row: its line, and its cells by header. Without cells it is taken as it is. */
static int read_fix(struct mapping *m, const struct json *v, size_t room, const char *at,
	char pointer[MAPPING_POINTER], struct err *e)
{
	const struct json *cells = json_get(v, "cells");
	int64_t line = json_int(json_get(v, "line"), 0);

	if (line < 1 || json_type(cells) != J_OBJ || json_len(v) != 2)
		return wrong(pointer, at, "expected a line and its cells", e);
	if (json_len(cells) + 1 > room - m->n_fixes)
		return wrong(pointer, "/fixes", "too many cells; mend the file instead", e);
	m->fixes[m->n_fixes++] = (struct mapping_fix){ (uint64_t)line, SIZE_MAX, S("") };
	for (size_t i = 0; i < json_len(cells); i++) {
		struct str key, text;
		const struct json *said = json_member(cells, i, &key);
		struct mapping_fix *to = &m->fixes[m->n_fixes];
		ptrdiff_t c = column_of(m, key);

		text = json_str(said, S(""));
		if (c < 0 || json_type(said) != J_STR || text.n > MAPPING_FIX_BYTES ||
			str_chr(text, '\0') >= 0)
			return wrong(pointer, at, "expected texts by the names of columns", e);
		*to = (struct mapping_fix){ .line = (uint64_t)line, .column = (size_t)c };
		if (mapping_text(m, text, &to->text, e) == -1)
			return -1;
		m->n_fixes++;
	}
	return 0;
}

int mapping_fixes(
	struct mapping *m, const struct json *v, char pointer[MAPPING_POINTER], struct err *e)
{
	enum { ROOM = MAPPING_FIXES * 8 };

	m->fixes = NULL;
	m->n_fixes = 0;
	if (v == NULL)
		return 0;
	if (json_type(v) != J_ARR || json_len(v) > MAPPING_FIXES)
		return wrong(pointer, "/fixes", "expected a list of at most 500 rows", e);
	if ((m->fixes = arena_array(&m->mem, ROOM, sizeof(*m->fixes))) == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < json_len(v); i++) {
		char at[40];

		snprintf(at, sizeof(at), "/fixes/%zu", i);
		if (read_fix(m, json_at(v, i), ROOM, at, pointer, e) == -1)
			return -1;
	}
	qsort(m->fixes, m->n_fixes, sizeof(*m->fixes), by_line);
	for (size_t i = 1; i < m->n_fixes; i++)
		if (by_line(&m->fixes[i - 1], &m->fixes[i]) == 0)
			return wrong(pointer, "/fixes", "a line is there twice", e);
	return 0;
}

bool mapping_fixable(const struct row *r)
{
	return !r->bad || r->fault == ROW_SHORT || r->fault == ROW_LONG;
}

void mapping_fix_row(const struct mapping *m, struct row *r)
{
	size_t lo = 0, hi = m->n_fixes;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (m->fixes[mid].line < r->line)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == m->n_fixes || m->fixes[lo].line != r->line || !mapping_fixable(r))
		return;
	r->bad = r->plain = false;
	r->fault = ROW_OK;
	r->reason = NULL;
	for (; lo < m->n_fixes && m->fixes[lo].line == r->line; lo++)
		if (m->fixes[lo].column < m->n)
			r->cells[m->fixes[lo].column] = m->fixes[lo].text;
}
