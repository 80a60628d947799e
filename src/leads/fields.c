/* SPDX-License-Identifier: Apache-2.0 */
#include "leads/fields.h"

static const struct {
	enum col_role role;
	const char *about;
} fields[LF_MAPPED] = {
#define FIELD(NAME, role, about) [LF_##NAME] = { ROLE_##role, about },
#include "leads/fields.def"
#undef FIELD
};

enum col_role fields_role(enum lead_field f)
{
	return f < LF_MAPPED ? fields[f].role : ROLE_ATTRIBUTE;
}

enum lead_field fields_of_role(enum col_role r)
{
	if (r == ROLE_ATTRIBUTE)
		return LF_ATTRIBUTE;
	for (int f = 0; f < LF_MAPPED; f++)
		if (fields[f].role == r)
			return (enum lead_field)f;
	return r == ROLE_IGNORE ? LF_IGNORE : LF_ATTRIBUTE;
}

const char *fields_about(enum lead_field f)
{
	return f < LF_MAPPED ? fields[f].about : "";
}
