/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "app/app_internal.h"
#include "config/options.h"
#include "leads/live.h"
#include "model/model_store.h"
#include "util/err.h"

/* The versions of the model, and the one that scores. */
int part_models_start(struct app *a, struct err *e)
{
	buf_fmt(&a->models_dir, "%s/models", a->o->data);
	buf_c(&a->models_dir, '\0');
	if (buf_done(&a->models_dir, e) == -1 ||
		model_store_folder(a->models_dir.p, &a->models, e) == -1)
		goto fail;
	a->api.models = &a->models;
	if ((a->api.live = live_new(&a->models, e)) == NULL)
		goto fail;
	return 0;
fail:
	part_models_stop(a);
	return -1;
}

void part_models_stop(struct app *a)
{
	live_free(a->api.live);
	a->api.live = NULL;
	if (a->api.models != NULL)
		model_store_close(&a->models);
	a->api.models = NULL;
	buf_clear(&a->models_dir);
}
