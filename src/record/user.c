/* SPDX-License-Identifier: Apache-2.0 */
#include "record/user.h"

static const char *const names[USER_ROLES] = { "none", "viewer", "rep", "manager", "admin" };

const char *user_role_name(enum user_role r)
{
	return names[r];
}

int user_role_parse(struct str name)
{
	int i;

	for (i = USER_VIEWER; i < USER_ROLES; i++)
		if (str_eq(name, str_of(names[i])))
			return i;
	return -1;
}
