/* SPDX-License-Identifier: Apache-2.0 */
/* mutant.c: the whole program, but for what its routes declare: HEATSCORE_MUTANT changes the role
 *or the scope of every one of them, and access.test.mjs must notice. The linker sends calls of the
 *two functions here (--wrap).
 *
 *	open    everybody may call it           shut   nobody may
 *	lower   the next lower role may         higher the next higher one must
 *	scope   another scope is asked of keys */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/route.h"
#include "http/router.h"

const char *__real_role_name(enum role r);
const char *__wrap_role_name(enum role r);
struct router *__real_router_new(const struct route_set *const *sets, struct err *e);
struct router *__wrap_router_new(const struct route_set *const *sets, struct err *e);

static void *room(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (p == NULL)
		abort();
	return p;
}

static enum role other_role(const char *how, enum role r)
{
	if (strcmp(how, "open") == 0)
		return ROLE_PUBLIC;
	if (strcmp(how, "shut") == 0)
		return ROLE_ADMIN + 1;
	if (strcmp(how, "lower") == 0 && r > ROLE_PUBLIC)
		return r - 1;
	if (strcmp(how, "higher") == 0)
		return r + 1;
	return r;
}

/* One that a key with the declared scope has not, or has it not alone. */
static enum scope other_scope(enum scope s)
{
	return s == SCOPE_NONE || s == SCOPE_ALL || s == SCOPE_ADMIN ? SCOPE_READ
								     : (enum scope)(s << 1);
}

static void change(const char *how, struct route *r)
{
	bool was_public = r->role == ROLE_PUBLIC;

	r->role = other_role(how, r->role);
	if (strcmp(how, "scope") == 0)
		r->scope = other_scope(r->scope);
	if ((r->role == ROLE_PUBLIC) != was_public)
		r->public_why = was_public ? NULL : "a mutant";
}

static struct route *copy(const char *how, const struct route *from)
{
	struct route *to;
	size_t n = 0;

	while (from[n].method != M_NONE)
		n++;
	to = room(n + 1, sizeof(*to));
	memcpy(to, from, n * sizeof(*to));
	for (size_t i = 0; i < n; i++)
		change(how, &to[i]);
	return to;
}

const char *__wrap_role_name(enum role r)
{
	return r <= ROLE_ADMIN ? __real_role_name(r) : "of nobody";
}

/* What is changed is kept until the end, as the tables are. */
struct router *__wrap_router_new(const struct route_set *const *sets, struct err *e)
{
	const char *how = getenv("HEATSCORE_MUTANT");
	const struct route_set **to;
	size_t n = 0;

	if (how == NULL)
		return __real_router_new(sets, e);
	while (sets[n] != NULL)
		n++;
	to = room(n + 1, sizeof(*to));
	for (size_t i = 0; i < n; i++) {
		struct route_set *set = room(1, sizeof(*set));

		*set = *sets[i];
		set->routes = copy(how, set->routes);
		to[i] = set;
	}
	return __real_router_new(to, e);
}
