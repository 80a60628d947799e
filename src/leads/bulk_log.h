/* SPDX-License-Identifier: Apache-2.0 */
/* bulk_log.h: what leads were before a bulk change, so that it can be taken back. One file per job,
 * DATA/bulk/JOB: a line of JSON for each lead, on the disk before the lead is changed. Kept some
 * days; gone once it has been used, and when a person is erased. Threads: one job, one thread. */
#ifndef LEADS_BULK_LOG_H
#define LEADS_BULK_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "record/id.h"
#include "record/lead.h"
#include "util/str.h"

struct arena;
struct buf;
struct err;

/* bulk_log_add(data, job, lines, e): appends whole lines, made with bulk_was_write. */
int bulk_log_add(const char *data, struct id job, struct str lines, struct err *e);
/* bulk_log_open(data, job): for reading; NULL: there is none (any more). */
FILE *bulk_log_open(const char *data, struct id job);
void bulk_log_remove(const char *data, struct id job);
/* bulk_log_sweep(data, before): removes those last written before that moment. */
void bulk_log_sweep(const char *data, int64_t before_ms);

/* One lead as it was: the member that the action changes. */
struct bulk_was {
	struct id lead;
	struct str text; /* owner, tags, note of the override */
	int code;        /* outcome, heat, verdict */
	int64_t at_ms;   /* of the outcome */
};
/* bulk_was_write(was, to): its line, ended. */
void bulk_was_write(const struct bulk_was *was, struct buf *to);
/* bulk_was_read(line, a, was): -1 for a line that is damaged, as one is that was being written when
 * the machine stopped. */
int bulk_was_read(struct str line, struct arena *a, struct bulk_was *was);

#endif
