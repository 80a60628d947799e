/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/use_model.h"
#include "model/model.h"
#include "model/registry.h"
#include "util/cpus.h"
#include "util/err.h"

int cli_store(struct cli *c, bool make, struct model_store *st, struct err *e)
{
	const char *data = make ? cli_data(c, e) : c->o->data;
	char *path;
	int rc;

	*st = (struct model_store){ 0 };
	if (data == NULL)
		return -1;
	if (asprintf(&path, "%s/models", data) == -1)
		return err_nomem(e);
	rc = model_store_folder(path, st, e);
	free(path);
	return rc;
}

int cli_model(struct cli *c, unsigned parts, struct model **out, struct err *e)
{
	struct model_store st;
	uint32_t version;
	bool draft;
	int rc;

	*out = NULL;
	if (cli_store(c, false, &st, e) == -1)
		return -1;
	rc = registry_pick(&st, str_of(c->o->model), &version, &draft, e);
	if (rc == 1 && (*out = model_load(&st, version, parts, e)) == NULL)
		rc = -1;
	if (rc == 1 && draft && c->o->model == NULL)
		cli_notef(c,
			"no model is published in %s; using v%u, the newest draft (heatscore "
			"models "
			"publish v%u makes it the one that scores)",
			c->o->data, version, version);
	if (rc == 0)
		cli_notef(c,
			"there is no model in %s: this is the rule score, which has learned "
			"nothing "
			"from outcomes (heatscore train makes a model)",
			c->o->data);
	model_store_close(&st);
	return rc == -1 ? -1 : 0;
}

uint32_t cli_threads(const struct cli *c)
{
	uint32_t n = c->o->threads != 0 ? (uint32_t)c->o->threads : cpus_usable();

	return n > 64 ? 64 : n;
}
