/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/console.h"
#include "cli/report.h"
#include "cli/use_model.h"
#include "leads/training.h"
#include "model/registry.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/file.h"
#include "util/json.h"

enum { EDITS_MAX = 64 << 20 };

/* The profile that was edited by hand; NULL and success when none was given. */
static int read_edits(struct cli *c, struct json **out, struct err *e)
{
	struct buf b = { 0 };

	*out = NULL;
	if (c->o->profile == NULL)
		return 0;
	if (file_read(c->o->profile, EDITS_MAX, &b, e) == 0 &&
		(*out = json_parse(buf_view(&b), e)) == NULL)
		err_prefix(e, "%s: ", c->o->profile);
	buf_clear(&b);
	return *out == NULL ? -1 : 0;
}

static int check_options(struct cli *c, struct err *e)
{
	const struct options *o = c->o;

	if (o->target == NULL)
		return err_set(e, ERR_USAGE,
			"say which column holds the outcome with --target COLUMN (heatscore "
			"profile "
			"%s lists the columns)",
			o->args[0]);
	if (!isnan(o->hot) && !isnan(o->warm) && o->warm > o->hot)
		return err_set(e, ERR_USAGE,
			"--warm %g is above --hot %g: warm has to start below hot", o->warm,
			o->hot);
	for (size_t i = 0; i < o->keep.n; i++)
		for (size_t k = 0; k < o->drop.n; k++)
			if (str_eq(o->keep.v[i], o->drop.v[k]))
				return err_set(e, ERR_USAGE,
					"\"" STR_FMT "\" is given with --keep and with --drop",
					STR_ARG(o->keep.v[i]));
	if (isnan(o->value) != isnan(o->cost))
		return err_set(e, ERR_USAGE,
			"--value and --cost belong together: hot is where "
			"working a lead pays");
	return 0;
}

struct kept {
	uint32_t version;
	bool published;
	struct registry_gate gate;
};

/* Publishing goes through the same gate as heatscore models publish. */
static int publish(
	struct cli *c, struct model_store *st, struct kept *k, int64_t now, struct err *e)
{
	if (registry_gate(st, k->version, S(""), &k->gate, NULL, e) == -1)
		return -1;
	if (!k->gate.open && !c->o->force)
		return 0;
	if (registry_publish(st, k->version, now, e) == -1)
		return -1;
	console_note_model(c, "model.published", k->version);
	k->published = true;
	return 0;
}

static int store(struct cli *c, struct training *t, struct kept *k, struct err *e)
{
	struct model_store st;
	struct model_files fs = { 0 };
	int64_t now = (int64_t)time(NULL);
	int rc = -1;

	*k = (struct kept){ 0 };
	if (cli_store(c, true, &st, e) == -1)
		return -1;
	if (training_files(t, &fs, e) == 0 && registry_add(&st, &fs, now, &k->version, e) == 0)
		rc = c->o->publish ? publish(c, &st, k, now, e) : 0;
	model_files_clear(&fs);
	model_store_close(&st);
	return rc;
}

/* The report as kept, with what is known only here in front. */
static void print_json(struct buf *b, const struct training *t, uint32_t version, const char *state)
{
	struct jw w = { .b = b, .indent = 1 };

	char name[16];

	snprintf(name, sizeof(name), "v%u", version);
	jw_obj(&w);
	jw_kz(&w, "version", name);
	jw_kz(&w, "state", state);
	jw_kz(&w, "rejected", t->rejects);
	buf_c(b, ',');
	buf_str(b, str_sub(buf_view(&t->report), 1, t->report.n));
}

/* Returns the exit status, or -1. */
static int print_result(
	struct cli *c, const struct training *t, const struct kept *k, struct err *e)
{
	const char *state = version_state_name(k->published ? VERSION_PUBLISHED : VERSION_DRAFT);
	bool refused = c->o->publish && !k->published;
	struct json *v;

	if (refused)
		cli_warn(c,
			"%s; v%u stays a draft (heatscore models publish v%u --force publishes it "
			"all the same)",
			k->gate.why, k->version, k->version);
	if (c->o->json) {
		print_json(&c->out.b, t, k->version, state);
		return refused ? err_exit(ERR_CONFLICT) : 0;
	}
	if ((v = json_parse(buf_view(&t->report), e)) == NULL)
		return -1;
	report_training(&c->out, v);
	json_free(v);
	print_fmt(&c->out, STYLE_BOLD, "\nKept as v%u, %s.", k->version, state);
	if (!c->o->publish)
		print_fmt(&c->out, STYLE_PLAIN,
			" heatscore models publish v%u makes it the one that scores.", k->version);
	else if (k->published && k->gate.has_live)
		print_fmt(&c->out, STYLE_PLAIN, " Checked: %s.", k->gate.why);
	print_fmt(&c->out, STYLE_PLAIN, "\n");
	return refused ? err_exit(ERR_CONFLICT) : 0;
}

int cmd_train(struct cli *c, struct err *e)
{
	const struct options *co = c->o;
	struct training_opts o = { .path = co->args[0],
		.target = str_of(co->target),
		.won = co->won.v,
		.n_won = co->won.n,
		.lost = co->lost.v,
		.n_lost = co->lost.n,
		.drop = co->drop.v,
		.n_drop = co->drop.n,
		.keep = co->keep.v,
		.n_keep = co->keep.n,
		.budget = co->budget,
		.max_trees = (uint32_t)co->max_trees,
		.seed = (uint64_t)co->seed,
		.as_of = co->as_of,
		.today = cli_today(),
		.hot = co->hot,
		.warm = co->warm,
		.per_day = co->capacity,
		.win_value = co->value,
		.contact_cost = co->cost,
		.threads = cli_threads(c),
		.rejects = c->o->rejects,
		.progress = { cli_progress, c, cli_cancelled },
		.notes = { cli_note, c } };
	struct training t = { 0 };
	struct json *edits;
	struct kept kept;
	int rc = -1;

	if (check_options(c, e) == -1 || cli_data_check(c, e) == -1 ||
		read_edits(c, &edits, e) == -1)
		return -1;
	o.edits = edits;
	if (training_run(&o, &t, e) == 0 && store(c, &t, &kept, e) == 0)
		rc = print_result(c, &t, &kept, e);
	training_clear(&t);
	json_free(edits);
	return rc;
}
