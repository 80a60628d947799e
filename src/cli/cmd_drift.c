/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "cli/report.h"
#include "cli/use_model.h"
#include "leads/drifting.h"
#include "model/model.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"

static int print_result(struct cli *c, struct str json, struct err *e)
{
	struct json *v;

	if (c->o->json) {
		buf_str(&c->out.b, json);
		return 0;
	}
	if ((v = json_parse(json, e)) == NULL)
		return -1;
	report_drift(&c->out, v);
	json_free(v);
	return 0;
}

int cmd_drift(struct cli *c, struct err *e)
{
	struct drifting_opts o = { .path = c->o->args[0],
		.as_of = c->o->as_of,
		.today = cli_today(),
		.seed = 1,
		.rejects = c->o->rejects,
		.progress = { cli_progress, c, cli_cancelled },
		.notes = { cli_note, c } };
	struct buf json = { 0 };
	struct model *m;
	int rc;

	if (cli_model(c, MODEL_WITH_REPORT, &m, e) == -1)
		return -1;
	if (m == NULL)
		return err_set(e, ERR_NOT_FOUND,
			"there is no model in %s to compare with; heatscore train makes one",
			c->o->data);
	o.model = m;
	if ((rc = drifting_run(&o, &json, e)) == 0)
		rc = print_result(c, buf_view(&json), e);
	buf_clear(&json);
	model_free(m);
	return rc;
}
