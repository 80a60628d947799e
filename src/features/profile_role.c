/* SPDX-License-Identifier: Apache-2.0 */
/* Roles: the header proposes, the values must agree. */
#include <stdio.h>

#include "features/headers.h"
#include "features/profile_internal.h"
#include "util/err.h"

static double share(uint64_t part, uint64_t whole)
{
	return whole != 0 ? (double)part / (double)whole : 0;
}

/* Names repeat, the more the longer the file, but where a header may as well mean a kind
 * ("Customer", "Subject"), a handful of values is no name. */
static bool many_values(const struct acc *a)
{
	return a->filled < 20 || distinct_share(a) >= .1 ||
	       distinct_share(a) * (double)a->filled >= 40;
}

/* What a person is called is no reason to win, however few names there are in the file. */
static bool says_name(const struct column *c)
{
	static const char *const words[] = { "name", "nom", "nome", "nombre", "naam", "person" };
	char room[HEADER_MAX];
	struct str folded = header_fold(c->name, room);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (header_has(folded, words[i]))
			return true;
	}
	return false;
}

static bool coded(const struct column *c)
{
	return c->kind == KIND_CATEGORY || c->kind == KIND_LIST || c->kind == KIND_TEXT ||
	       (c->kind == KIND_NUMBER && c->whole);
}

/* Whether the values can be what the header says. An empty column may be anything. */
static bool plausible(const struct acc *a, const struct column *c, enum col_role role)
{
	if (a->filled == 0)
		return true;
	switch (role) {
	case ROLE_EMAIL:
		return share(a->email, a->looked) >= .5;
	case ROLE_PHONE:
	case ROLE_MOBILE:
		return share(a->phone, a->looked) >= .5;
	case ROLE_LINKEDIN:
	case ROLE_WEBSITE:
		return share(a->url, a->looked) >= .3 ||
		       (c->kind == KIND_CATEGORY && many_values(a) &&
			       share(a->code, a->looked) < .5 && share(a->words, a->filled) < 1.2);
	case ROLE_ID:
		return distinct_share(a) >= .5 && c->kind != KIND_DATE && c->kind != KIND_TEXT &&
		       (c->kind != KIND_NUMBER || c->whole);
	case ROLE_FIRST_NAME:
	case ROLE_LAST_NAME:
		return c->kind == KIND_CATEGORY || c->kind == KIND_TEXT || c->kind == KIND_LIST;
	case ROLE_NAME:
	case ROLE_STREET:
		return (c->kind == KIND_CATEGORY || c->kind == KIND_TEXT || c->kind == KIND_LIST) &&
		       (many_values(a) || (role == ROLE_NAME && says_name(c)));
	case ROLE_COMPANY:
	case ROLE_TITLE:
		return c->kind == KIND_CATEGORY || c->kind == KIND_TEXT || c->kind == KIND_LIST;
	case ROLE_CREATED_AT:
	case ROLE_LAST_ACTIVITY_AT:
	case ROLE_UPDATED_AT:
	case ROLE_OUTCOME_AT:
		return c->kind == KIND_DATE;
	case ROLE_VALUE:
	case ROLE_REVENUE:
		return c->kind == KIND_NUMBER || c->kind == KIND_CATEGORY;
	case ROLE_ENGAGEMENT:
		return c->kind == KIND_NUMBER || c->kind == KIND_YESNO;
	case ROLE_NOTES:
		return c->kind == KIND_TEXT || c->kind == KIND_CATEGORY || c->kind == KIND_LIST;
	case ROLE_CONSENT:
		return c->kind == KIND_YESNO || c->kind == KIND_CATEGORY;
	case ROLE_COUNTRY:
	case ROLE_REGION:
	case ROLE_CITY:
	case ROLE_POSTAL_CODE:
	case ROLE_INDUSTRY:
	case ROLE_SOURCE:
	case ROLE_SOURCE_DETAIL:
	case ROLE_OWNER:
		return coded(c);
	case ROLE_STATUS: /* "days in sales stage" is none */
	case ROLE_STAGE:
	case ROLE_CURRENCY:
	case ROLE_SALUTATION:
	case ROLE_LOST_REASON:
	case ROLE_TAGS:
		return c->kind == KIND_CATEGORY || c->kind == KIND_LIST || c->kind == KIND_TEXT;
	case ROLE_CAMPAIGN:
	case ROLE_COMPANY_SIZE:
	case ROLE_SCORE_FOREIGN:
		return c->kind != KIND_DATE && c->kind != KIND_TEXT;
	default:
		return true;
	}
}

/* What the values say by themselves where the header says nothing. */
static enum col_role by_values(const struct acc *a, const struct column *c)
{
	if (a->filled == 0)
		return ROLE_ATTRIBUTE;
	if (share(a->email, a->looked) >= .8)
		return ROLE_EMAIL;
	if (share(a->linkedin, a->looked) >= .8 && share(a->url, a->looked) >= .5)
		return ROLE_LINKEDIN;
	if (share(a->url, a->looked) >= .8)
		return ROLE_WEBSITE;
	if (c->kind == KIND_CATEGORY && share(a->phone, a->looked) >= .8 &&
		share(a->digits, a->looked) < .5)
		return ROLE_PHONE;
	if (share(a->hash, a->looked) >= .9 && distinct_share(a) >= .95)
		return ROLE_ID;
	if (c->kind == KIND_CATEGORY && share(a->country, a->looked) >= .9 && a->filled >= 5)
		return ROLE_COUNTRY;
	if (c->kind == KIND_CATEGORY && share(a->person, a->looked) >= .9 &&
		distinct_share(a) >= .8 && a->filled >= 20)
		return ROLE_NAME;
	return ROLE_ATTRIBUTE;
}

static bool outcome_like(const struct column *c)
{
	static const char *const words[] = { "converted", "is converted", "conversion", "outcome",
		"won", "is won", "label", "target", "result", "heat label" };
	char room[HEADER_MAX];
	struct str folded = header_fold(c->name, room);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (str_eq(folded, str_of(words[i])))
			return c->distinct >= 2 && c->distinct <= 10;
	}
	return false;
}

/* Where no header says when a lead came, the only date there is says it, unless its name tells of
 * something else. */
void profile_guess_created(struct profiler *pr)
{
	static const char *const other[] = { "birth", "birthday", "birthdate", "dob",
		"geburtsdatum", "next", "due", "expected", "expiry", "expires", "expiration", "end",
		"last", "deadline", "follow up", "renewal", "travel", "departure", "arrival",
		"event", "founded" };
	struct column *only = NULL;
	char room[HEADER_MAX];
	struct str folded;

	for (size_t i = 0; i < pr->p->n; i++) {
		struct column *c = &pr->p->cols[i];

		if (c->role == ROLE_CREATED_AT)
			return;
		if (c->kind != KIND_DATE || c->out != COL_IN || c->role != ROLE_ATTRIBUTE ||
			c->leak_hint.n != 0)
			continue;
		if (only != NULL)
			return;
		only = c;
	}
	if (only == NULL || share(only->filled, pr->p->rows) < .9)
		return;
	folded = header_fold(only->name, room);
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		if (header_has(folded, other[i]))
			return;
	}
	only->role = ROLE_CREATED_AT;
}

static int set_leak_hint(struct profiler *pr, struct column *c, const char *product, struct err *e)
{
	char room[300];

	if (product != NULL)
		snprintf(room, sizeof(room),
			"in %s a column of this name is written when the outcome is known",
			product);
	else
		snprintf(room, sizeof(room),
			"its name says that it is written when the outcome is known");
	return profile_text(pr->p, str_of(room), &c->leak_hint, e);
}

int profile_guess_role(struct profiler *pr, size_t i, struct err *e)
{
	const struct acc *a = &pr->acc[i];
	struct column *c = &pr->p->cols[i];
	struct header_guess g = { ROLE_ATTRIBUTE, false, -1 };
	bool found = false;

	c->role = ROLE_ATTRIBUTE;
	if ((ptrdiff_t)i == pr->target) {
		c->role = ROLE_OUTCOME;
		return 0;
	}
	for (size_t nth = 0; !found && header_guess(c->name, pr->product, nth, &g); nth++)
		found = plausible(a, c, g.role);
	if (!found) {
		c->role = by_values(a, c);
		if (c->role == ROLE_ATTRIBUTE && pr->target < 0 && outcome_like(c))
			c->role = ROLE_OUTCOME;
		return 0;
	}
	c->role = g.role;
	if (g.product == pr->product)
		c->product = str_of(header_product_name(g.product));
	/* With a target named, other outcome-like and leaking columns are for the leak guard. */
	if (g.role == ROLE_OUTCOME && pr->target >= 0)
		c->role = ROLE_ATTRIBUTE;
	if (g.role == ROLE_IGNORE && g.leak)
		c->role = ROLE_ATTRIBUTE;
	if (g.leak || (g.role == ROLE_OUTCOME && pr->target >= 0))
		return set_leak_hint(pr, c, header_product_name(g.product), e);
	return 0;
}
