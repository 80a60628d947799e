/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "app/app_internal.h"
#include "config/options.h"
#include "jobs/runner.h"
#include "leads/bulk.h"
#include "leads/persons.h"
#include "util/err.h"

/* Bulk changes and erasing have a runner of their own: neither waits behind an import of hours. */
struct lead_jobs {
	struct runner *runner;
	struct bulk bulk;
	struct persons persons;
};

int part_lead_jobs_start(struct app *a, struct err *e)
{
	struct lead_jobs *j = calloc(1, sizeof(*j));
	struct runner_opts o = { .store = a->api.store, .threads = 1 };

	if ((a->lead_jobs = j) == NULL)
		return err_nomem(e);
	j->bulk = (struct bulk){ a->api.store, a->api.live, a->api.data };
	j->persons = (struct persons){ a->api.store, a->o->data };
	if ((j->runner = runner_new(&o, e)) == NULL)
		goto fail;
	bulk_add(j->runner, &j->bulk);
	bulk_undo_add(j->runner, &j->bulk);
	persons_add(j->runner, &j->persons);
	if (runner_start(j->runner, e) == 0)
		return 0;
fail:
	part_lead_jobs_stop(a);
	return -1;
}

void part_lead_jobs_stop(struct app *a)
{
	if (a->lead_jobs == NULL)
		return;
	runner_free(a->lead_jobs->runner);
	free(a->lead_jobs);
	a->lead_jobs = NULL;
}
