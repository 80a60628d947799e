/* SPDX-License-Identifier: Apache-2.0 */
/* uploads_internal.h: what the files of uploads share. */
#ifndef LEADS_UPLOADS_INTERNAL_H
#define LEADS_UPLOADS_INTERNAL_H

#include "leads/uploads.h"

struct job_run;
struct mapping;
struct table;

/* upload_change(u, id, change, arg, a, out, e): read, change, write, again when somebody else wrote
 * meanwhile. ${change} returns 1 to write, 0 to leave it, -1. */
typedef int upload_change_fn(struct upload *up, void *arg, struct arena *a, struct err *e);
int upload_change(struct uploads *u, struct id id, upload_change_fn *change, void *arg,
	struct arena *a, struct upload *out, struct err *e);

/* upload_enqueue(u, up, kind, args, e): under the id in up->job. */
int upload_enqueue(struct uploads *u, const struct upload *up, const char *kind, const char *args,
	struct err *e);

/* Members of detail that are asked for and not shown: "auto", "update_only". */
bool upload_wants(const struct upload *up, const char *what);
bool upload_over(enum upload_state s);
bool upload_busy(enum upload_state s); /* a job works on it */

/* upload_profile(u, up, r, t, a, e): what its file is: detail is replaced. *t: the file, open as
 * ingest_open would open it; the caller's. */
int upload_profile(struct uploads *u, struct upload *up, struct job_run *r, struct table **t,
	struct arena *a, struct err *e);

#endif
