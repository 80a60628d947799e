/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "cli/cli.h"
#include "cli/report.h"
#include "cli/use_model.h"
#include "leads/explaining.h"
#include "model/model.h"
#include "model/registry.h"
#include "util/buf.h"
#include "util/err.h"

/* The model of the earlier scoring; NULL and success when it was the same. */
static int earlier_model(struct cli *c, struct model **out, struct err *e)
{
	struct model_store st;
	uint32_t number;
	int rc = -1;

	*out = NULL;
	if (c->o->before_model == NULL)
		return 0;
	if (registry_parse(str_of(c->o->before_model), &number, e) == -1 ||
		cli_store(c, false, &st, e) == -1)
		return -1;
	if ((*out = model_load(&st, number, MODEL_TO_SCORE, e)) != NULL)
		rc = 0;
	model_store_close(&st);
	return rc;
}

int cmd_explain(struct cli *c, struct err *e)
{
	struct explaining_opts o = { .path = c->o->args[0],
		.row = (uint64_t)c->o->row,
		.id = str_of(c->o->id),
		.as_of = c->o->as_of,
		.today = cli_today(),
		.before_path = c->o->before,
		.before_as_of = c->o->before_as_of,
		.notes = { cli_note, c } };
	struct model *m = NULL, *before = NULL;
	struct buf json = { 0 };
	int rc = -1;

	if ((o.row == 0) == (o.id.n == 0))
		return err_set(e, ERR_USAGE, "say which lead: --row N or --id X");
	if (cli_model(c, MODEL_WITH_FOREST | MODEL_WITH_DONORS, &m, e) == -1)
		return -1;
	if (m == NULL &&
		(c->o->before != NULL || c->o->before_model != NULL || !isnan(c->o->before_as_of)))
		cli_note(c, "why the score moved is not told: that takes a model");
	if (m == NULL)
		o.before_path = NULL;
	else if (earlier_model(c, &before, e) == -1)
		goto done;
	o.model = m;
	o.before_model = before;
	if (explaining_run(&o, &json, e) == 0)
		rc = report_print(c, buf_view(&json), report_explanation, e);
done:
	buf_clear(&json);
	model_free(before);
	model_free(m);
	return rc;
}
