/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/report.h"
#include "cli/use_model.h"
#include "leads/evaluation.h"
#include "model/model.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/file.h"
#include "util/json.h"

/* Figures on the rows a model was trained on say how well it remembers, not how well it predicts.
 */
static void warn_if_trained_on(struct cli *c, const struct model *m)
{
	struct str known =
		json_str(json_get(json_get(m != NULL ? m->report : NULL, "file"), "sha256"), S(""));
	struct stat st;
	char hex[65];

	/* A pipe can be read only once. */
	if (known.n == 0 || stat(c->o->args[0], &st) == -1 || !S_ISREG(st.st_mode))
		return;
	if (file_sha256(c->o->args[0], hex, NULL) == 0 && str_eq(known, str_of(hex)))
		cli_warn(c,
			"%s is the file that model %s was trained on: these figures flatter it; "
			"'heatscore models show %s' has those on rows it had not seen",
			c->o->args[0], m->version, m->version);
}

int cmd_eval(struct cli *c, struct err *e)
{
	struct evaluation_opts o = { .path = c->o->args[0],
		.target = str_of(c->o->target),
		.won = c->o->won.v,
		.n_won = c->o->won.n,
		.lost = c->o->lost.v,
		.n_lost = c->o->lost.n,
		.by = str_of(c->o->by),
		.as_of = c->o->as_of,
		.today = cli_today(),
		.hot = NAN,
		.warm = NAN,
		.seed = (uint64_t)c->o->seed,
		.threads = cli_threads(c),
		.rejects = c->o->rejects,
		.progress = { cli_progress, c, cli_cancelled },
		.notes = { cli_note, c } };
	struct buf json = { 0 };
	struct model *m;
	int rc;

	if (cli_model(c, MODEL_WITH_REPORT, &m, e) == -1)
		return -1;
	o.model = m;
	warn_if_trained_on(c, m);
	if ((rc = evaluation_run(&o, &json, e)) == 0)
		rc = report_print(c, buf_view(&json), report_evaluation, e);
	buf_clear(&json);
	model_free(m);
	return rc;
}
