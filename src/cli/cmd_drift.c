/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "cli/report.h"
#include "cli/use_model.h"
#include "leads/drifting.h"
#include "model/model.h"
#include "util/buf.h"
#include "util/err.h"

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
		rc = report_print(c, buf_view(&json), report_drift, e);
	buf_clear(&json);
	model_free(m);
	return rc;
}
