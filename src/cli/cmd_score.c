/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/use_model.h"
#include "leads/scoring.h"
#include "model/model.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"

static const char *const heats[HEAT_COUNT] = { "hot", "warm", "cold" };

static void warn_bad(struct cli *c, const struct scoring_result *r)
{
	if (r->bad != 0)
		cli_warn(c,
			"%llu of %llu rows could not be read: their heatscore cells are empty, and "
			"%s has them with the reason, to be mended and fed again",
			(unsigned long long)r->bad, (unsigned long long)r->rows, r->rejects);
}

/* For people, when the rows themselves went into a file. */
static void print_summary(struct cli *c, const struct scoring_result *r, const struct model *m)
{
	static const struct grid_col cols[] = { { .title = "" }, { .title = "", .right = true },
		{ .title = "", .right = true }, { .title = "", .max = 30 } };
	uint64_t good = r->rows - r->bad;
	struct print *p = &c->out;
	struct grid g;

	print_text(p, STYLE_BOLD, str_of(c->o->output));
	print_fmt(p, STYLE_PLAIN, ": ");
	print_count(&p->b, good);
	print_fmt(p, STYLE_PLAIN, " %s scored by %s\n", good == 1 ? "lead" : "leads",
		m != NULL ? m->version : "the rule, which has learned nothing");
	grid_init(&g, cols, 4);
	for (int h = 0; good > 0 && h < HEAT_COUNT; h++) {
		enum style s = print_heat_style(heats[h]);
		double share = (double)r->heat[h] / (double)good;

		grid_text(&g, s, str_of(heats[h]));
		grid_count(&g, STYLE_PLAIN, r->heat[h]);
		grid_percent(&g, STYLE_DIM, share);
		grid_bar(&g, s, share);
	}
	grid_print(&g, p);
	/* The rule has learned nothing from outcomes: its wins are no forecast. */
	if (m != NULL && good > 0)
		print_fmt(p, STYLE_PLAIN, "  about %.0f %s to expect\n", r->sum_probability,
			r->sum_probability >= .5 && r->sum_probability < 1.5 ? "win" : "wins");
}

/* Whether the rows went to standard output, by whatever name: nothing else may go there then. */
static bool rows_on_stdout(const char *output)
{
	struct stat out, ours;

	return output == NULL || (stat(output, &out) == 0 && fstat(STDOUT_FILENO, &ours) == 0 &&
					 out.st_dev == ours.st_dev && out.st_ino == ours.st_ino);
}

/* The same for programs. */
static void print_json(struct cli *c, const struct scoring_result *r, const struct model *m)
{
	struct jw w = { .b = &c->out.b, .indent = 1 };

	jw_obj(&w);
	jw_kz(&w, "output", c->o->output);
	jw_kz(&w, "model", m != NULL ? m->version : "rule");
	jw_kint(&w, "rows", (int64_t)r->rows);
	jw_kint(&w, "bad_rows", (int64_t)r->bad);
	jw_kz(&w, "rejected", r->bad != 0 ? r->rejects : NULL);
	for (int h = 0; h < HEAT_COUNT; h++)
		jw_kint(&w, heats[h], (int64_t)r->heat[h]);
	jw_knum(&w, "expected_wins", m != NULL ? r->sum_probability : NAN);
	jw_end_obj(&w);
	buf_c(w.b, '\n');
}

int cmd_score(struct cli *c, struct err *e)
{
	struct scoring_opts o = { .path = c->o->args[0],
		.out = c->o->output,
		.rejects = c->o->rejects,
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
		warn_bad(c, &r);
		if (c->o->json)
			print_json(c, &r, m);
		else if (!rows_on_stdout(c->o->output))
			print_summary(c, &r, m);
	}
	model_free(m);
	return rc;
}
