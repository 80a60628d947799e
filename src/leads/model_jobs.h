/* SPDX-License-Identifier: Apache-2.0 */
/* model_jobs.h: trainings, scheduled trainings and looks at drift, as jobs of the queue.
 *
 *   "train"    args as POST /models/train takes them: a draft
 *   "retrain"  as the schedule asks: on the leads as the live version was, then through the gate
 *   "drift"    see leads/watch.h
 *
 * They run in a runner of their own with one thread, so that a training of minutes keeps no import
 * waiting, and at low priority (leads/background.h). */
#ifndef LEADS_MODEL_JOBS_H
#define LEADS_MODEL_JOBS_H

#include <stdint.h>

#include "leads/publishing.h"

struct err;
struct runner;

struct model_jobs { /* borrowed by the runner for its life */
	struct publishing publishing;
	const char *data;
	uint32_t threads; /* of a training; 0: all processors */
};

void model_jobs_add(struct runner *r, struct model_jobs *m);

#endif
