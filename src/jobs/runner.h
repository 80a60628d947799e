/* SPDX-License-Identifier: Apache-2.0 */
/* runner.h: threads that take jobs from the store's queue and call the function of their kind.
 *
 * The queue itself is the store's (store->jobs: leases, fencing, tries, dead letters). A job is
 * kept alive by heartbeats of one more thread; a function that loses its lease, is cancelled or
 * stands in the way of a stopping server learns it from job_step and returns. What it has done so
 * far it leaves in the checkpoint, for the next try on this or another machine.
 *
 *	static int import(struct job_run *r, void *ctx, struct err *e)
 *	{
 *		... while (rows)
 *			if (job_step(r, "reading", done, NULL))
 *				return job_stopped(r, e);
 *		buf_z(job_result(r), "{\"rows\":5}");
 *		return 0;
 *	}
 *
 * What its failures mean: ERR_INPUT, ERR_NOT_FOUND, ERR_LIMIT, ERR_USAGE, ERR_PERM and ERR_CONFLICT
 * will not go away by waiting: the job has failed. ERR_FULL waits for room, however long. All
 *others are tried again, later each time.
 *
 * Threads: runner_add before runner_start; runner_cancel from any; job_* from the function's thread
 * and those it starts, except where said. */
#ifndef JOBS_RUNNER_H
#define JOBS_RUNNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/job.h"
#include "util/str.h"

struct arena;
struct buf;
struct err;
struct job_run;
struct runner;
struct store;

typedef int job_fn(struct job_run *r, void *ctx, struct err *e);

struct runner_opts {
	struct store *store; /* borrowed */
	unsigned threads;    /* 0: 2, or 4 where there are more than four processors */
	int64_t lease_ms;    /* 0: 30 s */
	int64_t beat_ms;     /* 0: 10 s; changed progress is told sooner, see tell_ms */
	int64_t tell_ms;     /* 0: 500 ms */
	int64_t retry_ms;    /* first wait after a failure; 0: 1 s; doubles up to 10 minutes */
};

struct runner *runner_new(const struct runner_opts *o, struct err *e);
/* runner_add(r, kind, fn, ctx): ${kind} is a literal. At most 32. */
void runner_add(struct runner *r, const char *kind, job_fn *fn, void *ctx);
int runner_start(struct runner *r, struct err *e);
/* runner_stop(r): takes no more; running ones are asked to stop, given back to the queue, and
 * waited for. */
void runner_stop(struct runner *r);
void runner_free(struct runner *r); /* stops first if need be; NULL is fine */

/* runner_cancel(r, id, e): as the store's, and at once where it runs here. */
int runner_cancel(struct runner *r, struct id id, struct err *e);
unsigned runner_busy(struct runner *r); /* how many run here now */

/* --- for functions ------------------------------------------------------------------------- */

const struct job *job_of(const struct job_run *r); /* as it was when it was taken */
/* job_arena(r): freed when the function returns. One thread at a time. */
struct arena *job_arena(struct job_run *r);
/* job_step(r, step, done, message): where it is, in words and from 0 to 1 (NaN: as before); NULL
 * texts stay. Within a try it never goes back. Cheap: told to the store by the other thread. True:
 * stop now. */
bool job_step(struct job_run *r, const char *step, double done, const char *message);
bool job_stopping(struct job_run *r); /* the same question alone; any thread */
/* job_stopped(r, e): -1 with ERR_CANCELLED and why. */
int job_stopped(struct job_run *r, struct err *e);
/* job_cancelled(r): it stops because somebody cancelled it, and will not come back. */
bool job_cancelled(struct job_run *r);
/* job_is_last(r, e): whether failing with ${e} now ends the job, or it is tried again. */
bool job_is_last(const struct job_run *r, const struct err *e);
/* job_checkpoint(r, json, e): kept when this returns, and one that differs from the last lets tries
 * and crashes count anew. ERR_CONFLICT: the job is not ours any more. */
int job_checkpoint(struct job_run *r, struct str json, struct err *e);
/* job_result(r): JSON, kept when the function returns 0. */
struct buf *job_result(struct job_run *r);

/* runner_retry_ms(first, tries, random): the wait before try ${tries} + 1; ${random} in [0, 1)
 * moves it by a fifth either way, so that what failed together is not tried together. */
int64_t runner_retry_ms(int64_t first, uint32_t tries, double random);

#endif
