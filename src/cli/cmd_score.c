/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/use_model.h"
#include "leads/scoring.h"
#include "model/model.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"

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

/* The same for programs; the rows are in the file. */
static void print_result(struct cli *c, const struct scoring_result *r, const struct model *m)
{
	static const char *const name[HEAT_COUNT] = { "hot", "warm", "cold" };
	struct jw w = { .b = &c->out.b, .indent = 1 };

	jw_obj(&w);
	jw_kz(&w, "model", m != NULL ? m->version : "rule");
	jw_kint(&w, "rows", (int64_t)r->rows);
	jw_kint(&w, "bad_rows", (int64_t)r->bad);
	for (int i = 0; i < HEAT_COUNT; i++)
		jw_kint(&w, name[i], (int64_t)r->heat[i]);
	jw_knum(&w, "expected_wins", m != NULL ? r->sum_probability : NAN);
	jw_kz(&w, "output", c->o->output);
	jw_kz(&w, "rejected", r->rejects[0] != '\0' ? r->rejects : NULL);
	jw_end_obj(&w);
	buf_z(&c->out.b, "\n");
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

	if (c->o->json && c->o->output == NULL)
		return err_set(e, ERR_USAGE,
			"score --json prints what happened; the rows need a file of their own: add "
			"-o OUT.csv");
	if (cli_model(c, o.reasons != 0 ? MODEL_WITH_FOREST : MODEL_TO_SCORE, &m, e) == -1)
		return -1;
	o.model = m;
	if ((rc = scoring_run(&o, &r, e)) == 0) {
		say_result(c, &r, m != NULL);
		if (c->o->json)
			print_result(c, &r, m);
	}
	model_free(m);
	return rc;
}
