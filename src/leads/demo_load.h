/* SPDX-License-Identifier: Apache-2.0 */
/* demo_load.h: the demo leads (leads/demo) into a running server: where no model is published one
 * is trained on their history and published; then history and new leads are imported as two
 * uploads. Their dates end now, by whole weeks; doing it again in the same week changes nothing,
 * and later moves the dates along. */
#ifndef LEADS_DEMO_LOAD_H
#define LEADS_DEMO_LOAD_H

#include "leads/publishing.h"
#include "leads/uploads.h"

struct runner;

#define DEMO_LOAD_JOB "demo"

struct demo_load { /* borrowed */
	struct uploads *uploads;
	struct publishing publishing;
};

/* demo_load_add(r, d): the function of the job; args {"rows": 6000} may say how many leads. */
void demo_load_add(struct runner *r, struct demo_load *d);

#endif
