/* SPDX-License-Identifier: Apache-2.0 */
#include "record/user.h"

static const char *const names[ROLE_COUNT] = { "none", "viewer", "rep", "manager", "admin" };

const char *role_name(enum role r)
{
	return names[r];
}

int role_parse(struct str name)
{
	int i;

	for (i = ROLE_VIEWER; i < ROLE_COUNT; i++)
		if (str_eq(name, str_of(names[i])))
			return i;
	return -1;
}
