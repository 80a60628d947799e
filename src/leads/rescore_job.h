/* SPDX-License-Identifier: Apache-2.0 */
/* rescore_job.h: leads scored anew as a job, "rescore": {"cause":"model"} after a version was
 * published, {"cause":"time"} or {"scheduled":true} every night, {"cause":"all"}. */
#ifndef LEADS_RESCORE_JOB_H
#define LEADS_RESCORE_JOB_H

struct live;
struct runner;
struct store;

struct rescore_job { /* borrowed */
	struct store *store;
	struct live *live;
};

void rescore_job_add(struct runner *r, struct rescore_job *x);

#endif
