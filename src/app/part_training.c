/* SPDX-License-Identifier: Apache-2.0 */
/* What learns: a runner of its own, so that a training of minutes keeps no import waiting; and the
 * clock that starts it. */
#include "app/app_internal.h"
#include "config/options.h"
#include "jobs/runner.h"
#include "leads/model_jobs.h"
#include "leads/schedule.h"
#include "leads/workroom.h"
#include "util/clock.h"
#include "util/err.h"

int part_training_start(struct app *a, struct err *e)
{
	struct runner_opts o = { .store = a->api.store, .threads = 1 };

	a->model_jobs =
		(struct model_jobs){ { a->api.store, a->api.models, a->api.live }, a->o->data, 0 };
	/* Ours alone is the data folder: what a killed process left is nobody's. */
	workroom_sweep(a->o->data);
	if ((a->training = runner_new(&o, e)) == NULL)
		return -1;
	model_jobs_add(a->training, &a->model_jobs);
	if (schedule_arm(a->api.store, clock_ms(), e) == -1 || runner_start(a->training, e) == -1) {
		part_training_stop(a);
		return -1;
	}
	return 0;
}

void part_training_stop(struct app *a)
{
	runner_free(a->training);
	a->training = NULL;
}
