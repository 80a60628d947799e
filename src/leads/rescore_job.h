/* SPDX-License-Identifier: Apache-2.0 */
/* rescore_job.h: leads scored anew as a job, "rescore": {"cause":"all"} after a version was
 * published,
 * {"cause":"time"} or {"scheduled":true} every night, {"cause":"model"} at a start that finds
 * scores of earlier values or of another version. */
#ifndef LEADS_RESCORE_JOB_H
#define LEADS_RESCORE_JOB_H

struct err;
struct live;
struct runner;
struct store;

struct rescore_job { /* borrowed */
	struct store *store;
	struct live *live;
};

void rescore_job_add(struct runner *r, struct rescore_job *x);

/* rescore_job_recover(x, e): queue what a server that died, or was off meanwhile, has left undone.
 * At the start. */
int rescore_job_recover(struct rescore_job *x, struct err *e);

#endif
