/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "features/headers.h"
#include "features/profile_internal.h"
#include "util/err.h"

static const struct {
	const char *name;
	enum col_use use;
} roles[] = {
#define ROLE(id, name, use) { name, USE_##use },
#include "features/roles.def"
#undef ROLE
};

const char *profile_role_name(enum col_role r)
{
	return roles[r].name;
}

enum col_use profile_role_use(enum col_role r)
{
	return roles[r].use;
}

const char *profile_kind_name(enum col_kind k)
{
	static const char *const names[] = { "number", "category", "yes/no", "date", "list",
		"free text" };

	return names[k];
}

const char *profile_out_name(enum col_out o)
{
	static const char *const names[] = { "", "identifier", "empty", "constant", "outcome",
		"dropped by you" };

	return names[o];
}

int profile_text(struct profile *p, struct str s, struct str *out, struct err *e)
{
	char *copy = arena_dup(&p->mem, s);

	if (copy == NULL)
		return err_nomem(e);
	*out = (struct str){ copy, s.n };
	return 0;
}

int profile_set_out(
	struct profile *p, struct column *c, enum col_out out, struct err *e, const char *fmt, ...)
{
	char room[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(room, sizeof(room), fmt, ap);
	va_end(ap);
	c->out = out;
	return profile_text(p, str_of(room), &c->out_why, e);
}

void profile_free(struct profile *p)
{
	if (p == NULL)
		return;
	arena_clear(&p->mem);
	free(p);
}

ptrdiff_t profile_find(const struct profile *p, struct str name)
{
	char a[HEADER_MAX], b[HEADER_MAX];
	struct str want;
	ptrdiff_t found = -1;

	for (size_t i = 0; i < p->n; i++) {
		if (str_eq(p->cols[i].name, name))
			return (ptrdiff_t)i;
	}
	want = header_fold(name, a);
	for (size_t i = 0; i < p->n; i++) {
		if (!str_eq(header_fold(p->cols[i].name, b), want))
			continue;
		if (found >= 0)
			return -1;
		found = (ptrdiff_t)i;
	}
	return found;
}

ptrdiff_t profile_with_role(const struct profile *p, enum col_role role)
{
	for (size_t i = 0; i < p->n; i++) {
		if (p->cols[i].role == role)
			return (ptrdiff_t)i;
	}
	return -1;
}

const char *profile_note(const struct profile *p, size_t i, char room[PROFILE_NOTE])
{
	for (size_t k = 0; k < p->n; k++) {
		const struct column *c = &p->cols[k];
		bool date = c->kind == KIND_DATE && c->format.order == ORDER_UNKNOWN;
		bool mark = c->kind == KIND_NUMBER && c->format.mark == MARK_UNKNOWN;

		if (c->out != COL_IN || c->ambiguous == 0 || (!date && !mark) || i-- != 0)
			continue;
		if (date)
			snprintf(room, PROFILE_NOTE,
				"column \"" STR_FMT
				"\": nothing in the file tells day from month in %llu "
				"dates such as " STR_FMT
				"; they are read day first (set \"date_order\" in "
				"the profile to \"month first\" if that is wrong)",
				STR_ARG(str_sub(c->name, 0, 100)), (unsigned long long)c->ambiguous,
				STR_ARG(str_sub(c->samples[0], 0, 40)));
		else
			snprintf(room, PROFILE_NOTE,
				"column \"" STR_FMT
				"\": nothing in the file tells whether a point or a comma "
				"is the decimal mark in %llu numbers such as " STR_FMT
				"; a point is taken for it (set \"decimal_mark\" in the profile to "
				"\",\" if "
				"that is wrong)",
				STR_ARG(str_sub(c->name, 0, 100)), (unsigned long long)c->ambiguous,
				STR_ARG(str_sub(c->samples[0], 0, 40)));
		return room;
	}
	return NULL;
}
