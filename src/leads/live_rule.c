/* SPDX-License-Identifier: Apache-2.0 */
/* The columns of the rule score, where no file has shown how they are filled. */
#include <math.h>
#include <stdlib.h>

#include "features/headers.h"
#include "features/words.h"
#include "leads/fields.h"
#include "leads/live_internal.h"
#include "util/err.h"

/* A lead with as many visits, pages or minutes as this is as keen as one with more. In a file it is
 * the largest value there. */
#define MOST 30.0

static bool is_days(struct str name)
{
	char room[WORDS_MAX];
	struct str folded = words_fold(name, room);

	return words_has(folded, "recency") || words_has(folded, "days since") ||
	       words_has(folded, "inactive days");
}

static enum col_kind kind_of(struct str name, enum col_role role)
{
	switch (role) {
	case ROLE_CREATED_AT:
	case ROLE_UPDATED_AT:
	case ROLE_LAST_ACTIVITY_AT:
	case ROLE_OUTCOME_AT:
		return is_days(name) ? KIND_NUMBER : KIND_DATE;
	case ROLE_ENGAGEMENT:
	case ROLE_COMPANY_SIZE:
	case ROLE_VALUE:
	case ROLE_REVENUE:
		return KIND_NUMBER;
	case ROLE_NOTES:
		return KIND_TEXT;
	default:
		return is_days(name) ? KIND_NUMBER : KIND_CATEGORY;
	}
}

static enum col_role role_of(struct str name, enum col_role role, int product)
{
	struct header_guess g;

	if (role != ROLE_ATTRIBUTE || !header_guess(name, product, 0, &g))
		return role;
	return g.role;
}

struct profile *live_rule_profile(
	const struct str *names, const enum col_role *roles, size_t n, struct err *e)
{
	struct profile *p = calloc(1, sizeof(*p));
	int product = header_product(names, n);

	if (p == NULL || (p->cols = arena_array(&p->mem, n + 1, sizeof(*p->cols))) == NULL)
		goto nomem;
	p->n = n;
	p->as_of = NAN;
	for (size_t i = 0; i < n; i++) {
		struct column *c = &p->cols[i];

		c->name = (struct str){ arena_dup(&p->mem, names[i]), names[i].n };
		if (c->name.p == NULL)
			goto nomem;
		c->role = role_of(names[i], roles != NULL ? roles[i] : ROLE_ATTRIBUTE, product);
		c->kind = kind_of(names[i], c->role);
		c->min = c->max = NAN;
		if (c->role == ROLE_ENGAGEMENT)
			c->max = MOST;
		c->unix_time = c->kind == KIND_DATE;
	}
	return p;
nomem:
	err_nomem(e);
	profile_free(p);
	return NULL;
}

struct profile *live_rule_columns(struct err *e)
{
	static const struct {
		const char *name;
		enum col_role role;
	} more[] = {
		{ "recency_days", ROLE_ATTRIBUTE },
		{ "page_views", ROLE_ENGAGEMENT },
		{ "time_spent", ROLE_ENGAGEMENT },
		{ "last_touch", ROLE_ATTRIBUTE },
		{ "prior_course_interest", ROLE_TAGS },
		{ "search_keywords", ROLE_TAGS },
		{ "course_actions", ROLE_TAGS },
	};
	enum { MORE = sizeof(more) / sizeof(more[0]), N = LF_MAPPED + MORE };
	struct str names[N];
	enum col_role roles[N];
	struct profile *p;

	for (size_t i = 0; i < N; i++) {
		bool field = i < LF_MAPPED;

		names[i] =
			str_of(field ? field_name((enum lead_field)i) : more[i - LF_MAPPED].name);
		roles[i] = field ? fields_role((enum lead_field)i) : more[i - LF_MAPPED].role;
	}
	if ((p = live_rule_profile(names, roles, N, e)) == NULL)
		return NULL;
	for (size_t i = 0; i < N; i++) {
		/* Minutes or seconds, nobody says; an hour in seconds is a lot in either. */
		if (str_eq(names[i], S("time_spent")))
			p->cols[i].max = 3600;
		/* A channel as often as a date. */
		if (str_eq(names[i], S("last_touch"))) {
			p->cols[i].role = ROLE_ATTRIBUTE;
			p->cols[i].kind = KIND_CATEGORY;
		}
	}
	return p;
}
