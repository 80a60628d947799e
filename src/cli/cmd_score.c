/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/use_model.h"
#include "leads/scoring.h"
#include "model/model.h"
#include "util/err.h"

/* What happened, in one or two lines behind the rows. */
static void say_result(struct cli *c, const struct scoring_result *r, bool learned)
{
	char wins[48] = "";
	uint64_t good = r->rows - r->bad;

	if (r->bad != 0)
		cli_warn(c,
			"%llu of %llu rows could not be read: their heatscore cells are empty, and "
			"%s has them with the reason, to be mended and fed again",
			(unsigned long long)r->bad, (unsigned long long)r->rows, r->rejects);
	if (c->o->output == NULL)
		return;
	/* The rule has learned nothing from outcomes: its wins are no forecast. */
	if (learned)
		snprintf(wins, sizeof(wins), "; about %.0f %s to expect", r->sum_probability,
			r->sum_probability >= .5 && r->sum_probability < 1.5 ? "win" : "wins");
	cli_notef(c, "%llu %s scored%s: %llu hot, %llu warm, %llu cold%s", (unsigned long long)good,
		good == 1 ? "lead" : "leads", learned ? "" : " by the rule",
		(unsigned long long)r->heat[HEAT_HOT], (unsigned long long)r->heat[HEAT_WARM],
		(unsigned long long)r->heat[HEAT_COLD], wins);
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
		say_result(c, &r, m != NULL);
	model_free(m);
	return rc;
}
