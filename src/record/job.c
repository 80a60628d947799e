/* SPDX-License-Identifier: Apache-2.0 */
#include "record/job.h"

static const char *const names[JOB_STATES] = {
	[JOB_QUEUED] = "queued",
	[JOB_RUNNING] = "running",
	[JOB_DONE] = "done",
	[JOB_FAILED] = "failed",
	[JOB_CANCELLED] = "cancelled",
	[JOB_DEAD] = "dead",
};

const char *job_state_name(enum job_state s)
{
	return names[s];
}

int job_state_parse(struct str name)
{
	int i;

	for (i = 0; i < JOB_STATES; i++)
		if (str_eq(name, str_of(names[i])))
			return i;
	return -1;
}

bool job_state_over(enum job_state s)
{
	return s != JOB_QUEUED && s != JOB_RUNNING;
}
