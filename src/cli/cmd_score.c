/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/use_model.h"
#include "leads/scoring.h"
#include "model/model.h"
#include "util/err.h"

/* What happened, in one or two lines behind the rows. */
static void say_result(struct cli *c, const struct scoring_result *r)
{
	uint64_t good = r->rows - r->bad;

	if (r->bad != 0)
		cli_warn(c,
			"%llu of %llu rows could not be read: their heatscore cells are empty, and "
			"%s has them with the reason, to be mended and fed again",
			(unsigned long long)r->bad, (unsigned long long)r->rows, r->rejects);
	if (c->o->output != NULL)
		cli_notef(c,
			"%llu leads scored: %llu hot, %llu warm, %llu cold; about %.0f wins to "
			"expect",
			(unsigned long long)good, (unsigned long long)r->heat[HEAT_HOT],
			(unsigned long long)r->heat[HEAT_WARM],
			(unsigned long long)r->heat[HEAT_COLD], r->sum_probability);
}

int cmd_score(struct cli *c, struct err *e)
{
	struct scoring_opts o = { .path = c->o->args[0],
		.out = c->o->output,
		.as_of = c->o->as_of,
		.today = cli_today(),
		.hot = c->o->hot,
		.warm = c->o->warm,
		.threads = cli_threads(c),
		.reasons = (uint32_t)c->o->reasons,
		.progress = { cli_progress, c, cli_cancelled },
		.notes = { cli_note, c } };
	struct scoring_result r;
	struct model *m;
	int rc;

	if (cli_model(c, o.reasons != 0 ? MODEL_WITH_FOREST : MODEL_TO_SCORE, &m, e) == -1)
		return -1;
	o.model = m;
	if ((rc = scoring_run(&o, &r, e)) == 0)
		say_result(c, &r);
	model_free(m);
	return rc;
}
