/* SPDX-License-Identifier: Apache-2.0 */
#include "record/upload.h"

static const char *const names[UPLOAD_STATES] = {
	[UPLOAD_RECEIVED] = "received",
	[UPLOAD_PROFILING] = "profiling",
	[UPLOAD_REVIEW] = "review",
	[UPLOAD_IMPORTING] = "importing",
	[UPLOAD_DONE] = "done",
	[UPLOAD_FAILED] = "failed",
	[UPLOAD_CANCELLED] = "cancelled",
	[UPLOAD_UNDOING] = "undoing",
	[UPLOAD_UNDONE] = "undone",
};

const char *upload_state_name(enum upload_state s)
{
	return names[s];
}

int upload_state_parse(struct str name)
{
	int i;

	for (i = 0; i < UPLOAD_STATES; i++)
		if (str_eq(name, str_of(names[i])))
			return i;
	return -1;
}
