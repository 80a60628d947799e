/* SPDX-License-Identifier: Apache-2.0 */
#include "util/formula.h"
#include "util/utf8.h"

/* What spreadsheets drop in front of a formula: blanks, no-break space, byte order mark. */
static struct str behind_blanks(struct str s)
{
	while (s.n > 0) {
		struct str rest = s;
		uint32_t cp = utf8_next(&rest);

		if (cp != ' ' && cp != 0xA0 && cp != 0xFEFF)
			break;
		s = rest;
	}
	return s;
}

static bool starts_formula(uint32_t cp)
{
	switch (cp) {
	case '=':
	case '+':
	case '-':
	case '@':
	case '\t':
	case '\r':
	case '\n':
	case 0xFF1D: /* full-width = + - @ */
	case 0xFF0B:
	case 0xFF0D:
	case 0xFF20:
		return true;
	default:
		return false;
	}
}

/* [+-]?[0-9 ().-]+ */
static bool is_number_or_phone(struct str s)
{
	size_t i = s.n > 0 && (s.p[0] == '+' || s.p[0] == '-') ? 1 : 0;

	if (i == s.n)
		return false;
	for (; i < s.n; i++) {
		char c = s.p[i];

		if (!(c >= '0' && c <= '9') && c != ' ' && c != '(' && c != ')' && c != '.' &&
			c != '-')
			return false;
	}
	return true;
}

bool formula_risky(struct str cell)
{
	struct str first;

	while (cell.n > 0 && cell.p[0] == '\'')
		cell = str_sub(cell, 1, cell.n);
	first = behind_blanks(cell);
	return first.n > 0 && starts_formula(utf8_next(&(struct str){ first.p, first.n })) &&
	       !is_number_or_phone(cell);
}

struct str formula_open(struct str cell)
{
	struct str inside = str_sub(cell, 1, cell.n);

	return cell.n > 1 && cell.p[0] == '\'' && formula_risky(inside) ? inside : cell;
}
