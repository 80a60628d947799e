/* SPDX-License-Identifier: Apache-2.0 */
/* job.h: work that survives a restart. Plain data. */
#ifndef RECORD_JOB_H
#define RECORD_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "record/id.h"
#include "util/str.h"

enum job_state {
	JOB_QUEUED,
	JOB_RUNNING,
	JOB_DONE,
	JOB_FAILED,
	JOB_CANCELLED,
	JOB_DEAD,
	JOB_STATES
};
const char *job_state_name(enum job_state s); /* "queued" */
int job_state_parse(struct str name);         /* or -1 */
bool job_state_over(enum job_state s);        /* done, failed, cancelled or dead */

struct job {
	struct id id;
	struct str kind; /* "import" */
	/* Of all jobs of a kind that are queued or running, one has this key; empty: no matter. */
	struct str dedupe;
	struct str args;          /* JSON for the function that does it */
	struct str checkpoint;    /* JSON it left for its next try */
	struct str result;        /* JSON, when done */
	struct str error;         /* a sentence on the last failure */
	struct str step, message; /* what it is doing, in words */
	enum job_state state;
	int32_t priority;   /* higher first */
	uint32_t tries;     /* started so often since it last left a new checkpoint */
	uint32_t max_tries; /* then dead; 0: 8 */
	uint32_t crashes;   /* of these tries, how often the lease ran out: 3 and it is dead */
	uint64_t epoch;     /* +1 with every claim: writes of an older holder are refused */
	struct str worker;  /* who holds it */
	double progress;    /* 0 to 1 */
	bool cancel;        /* asked to stop */
	struct id created_by, upload;
	/* run_at: not before. lease: held until. finished MS_NONE: not over. */
	int64_t created_ms, run_at_ms, lease_ms, started_ms, updated_ms, finished_ms;
	uint64_t sequence; /* grows with every change of any job: the id of its event */
};

#endif
