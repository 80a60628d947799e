/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/demo_view.h"
#include "cli/use_model.h"
#include "leads/demo.h"
#include "leads/scoring.h"
#include "leads/training.h"
#include "model/model.h"
#include "model/model_store.h"
#include "model/registry.h"
#include "util/err.h"
#include "util/file.h"
#include "util/json.h"
#include "util/table.h"

/* The demo is to be quick: more effort changes little at its size. */
#define DEMO_BUDGET 5.0

struct demo {
	struct cli *c;
	struct demo_view view;
	struct demo_truth truth;
	struct json *report;
	char *paths[5]; /* dir, history, leads, scored, truth */
	char version[16];
};

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int name_paths(struct demo *d, const char *data, struct err *e)
{
	static const char *const names[5] = { "demo", "demo/history.csv", "demo/new_leads.csv",
		"demo/scored.csv", "demo/truth.csv" };

	if (strncmp(data, "./", 2) == 0 && data[2] != '\0')
		data += 2; /* shorter to read and to type */
	for (int i = 0; i < 5; i++) {
		struct buf b = { 0 };

		buf_fmt(&b, "%s/%s", data, names[i]);
		if ((d->paths[i] = buf_take(&b, e)) == NULL)
			return -1;
	}
	d->view.dir = d->paths[0];
	d->view.history = d->paths[1];
	d->view.leads = d->paths[2];
	d->view.scored = d->paths[3];
	d->view.truth = d->paths[4];
	return file_mkdir_p(d->view.dir, NULL, e);
}

static int writing(void *arg, double done)
{
	return cli_progress(arg, "inventing leads", done) ? 1 : 0;
}

/* The files, and beside them the true chances, one per new lead. */
static int invent(struct demo *d, struct err *e)
{
	const struct options *o = d->c->o;
	struct demo_opts opts = { .rows = (size_t)o->rows,
		.seed = (uint64_t)o->seed,
		.history = d->view.history,
		.leads = d->view.leads,
		.progress = writing,
		.progress_arg = d->c };
	struct buf b = { 0 };
	int r;

	if (demo_write(&opts, &d->truth, e) == -1)
		return -1;
	buf_z(&b, "row,chance\n");
	for (size_t i = 0; i < d->truth.n; i++) {
		buf_fmt(&b, "%zu,", i + 1);
		buf_num(&b, d->truth.chance[i]);
		buf_c(&b, '\n');
	}
	r = buf_done(&b, e) == -1 ? -1 : file_write(d->view.truth, buf_view(&b), e);
	buf_clear(&b);
	return r;
}

/* Stores the trained model as a new, published version of the demo's own folder. */
static int keep(struct demo *d, struct training *t, struct err *e)
{
	struct model_files fs = { 0 };
	struct model_store st = { 0 };
	struct buf models = { 0 };
	int64_t now = (int64_t)time(NULL);
	uint32_t number = 0;
	int r = -1;

	buf_fmt(&models, "%s/models", d->view.dir);
	buf_c(&models, '\0');
	if (buf_done(&models, e) == 0 && training_files(t, &fs, e) == 0 &&
		model_store_folder(models.p, &st, e) == 0 &&
		registry_add(&st, &fs, now, &number, e) == 0)
		r = registry_publish(&st, number, now, e);
	snprintf(d->version, sizeof(d->version), "v%u", number);
	model_store_close(&st);
	model_files_clear(&fs);
	buf_clear(&models);
	return r;
}

static int learn(struct demo *d, struct err *e)
{
	const struct options *o = d->c->o;
	const struct str won = S(DEMO_WON), lost = S(DEMO_LOST);
	struct training_opts opts = { .path = d->view.history,
		.target = S(DEMO_TARGET),
		.won = &won,
		.n_won = 1,
		.lost = &lost,
		.n_lost = 1,
		.budget = o->given[OPT_budget] ? o->budget : DEMO_BUDGET,
		.max_trees = (uint32_t)o->max_trees,
		.seed = (uint64_t)o->seed,
		.as_of = NAN,
		.today = d->truth.as_of,
		.hot = NAN,
		.warm = NAN,
		.per_day = NAN,
		.win_value = NAN,
		.contact_cost = NAN,
		.threads = cli_threads(d->c),
		.progress = { cli_progress, d->c, cli_cancelled },
		.notes = { NULL, NULL } };
	struct training t = { 0 };
	double start = seconds();
	int r = -1;

	if (training_run(&opts, &t, e) == -1)
		goto done;
	if ((d->report = json_parse(buf_view(&t.report), e)) == NULL || keep(d, &t, e) == -1)
		goto done;
	d->view.report = d->report;
	d->view.won = t.model->won;
	d->view.lost = t.model->lost;
	d->view.open = t.model->open;
	d->view.base = (double)t.model->won / (double)(t.model->won + t.model->lost);
	d->view.version = d->version;
	d->view.train_s = seconds() - start;
	r = 0;
done:
	training_clear(&t);
	return r;
}

static int score(struct demo *d, struct err *e)
{
	struct scoring_opts opts = { .path = d->view.leads,
		.out = d->view.scored,
		.as_of = d->truth.as_of,
		.today = d->truth.as_of,
		.hot = NAN,
		.warm = NAN,
		.threads = cli_threads(d->c),
		.progress = { cli_progress, d->c, cli_cancelled } };
	struct scoring_result result;
	struct model_store st = { 0 };
	struct model *m = NULL;
	struct buf models = { 0 };
	double start = seconds();
	uint32_t number;
	int r = -1;

	buf_fmt(&models, "%s/models", d->view.dir);
	buf_c(&models, '\0');
	if (buf_done(&models, e) == -1 || model_store_folder(models.p, &st, e) == -1 ||
		registry_parse(str_of(d->version), &number, e) == -1 ||
		(m = model_load(&st, number, MODEL_TO_SCORE, e)) == NULL)
		goto done;
	opts.model = m;
	r = scoring_run(&opts, &result, e);
	d->view.score_s = seconds() - start;
done:
	model_free(m);
	model_store_close(&st);
	buf_clear(&models);
	return r;
}

enum { AT_PROBABILITY, AT_HEAT, AT_FIRST, AT_LAST, AT_TITLE, AT_COMPANY, AT_SOURCE, AT_COUNT };

static int find_columns(const struct table *t, size_t at[AT_COUNT], struct err *e)
{
	static const char *const names[AT_COUNT] = { "heatscore_probability", "heatscore_heat",
		"First Name", "Last Name", "Job Title", "Company", "Lead Source" };

	for (size_t k = 0; k < AT_COUNT; k++) {
		at[k] = SIZE_MAX;
		for (size_t i = 0; i < table_columns(t); i++)
			if (str_eq(table_column(t, i), str_of(names[k])))
				at[k] = i;
		if (at[k] == SIZE_MAX)
			return err_set(
				e, ERR_INTERNAL, "the scored file has no column %s", names[k]);
	}
	return 0;
}

static int read_scores(struct demo *d, struct table *t, const size_t at[AT_COUNT], struct err *e)
{
	struct row row;
	size_t n = 0;
	int got;

	while ((got = table_next(t, &row, e)) == 1 && n < d->truth.n) {
		struct demo_scored *r = &d->view.rows[n];
		struct str heat = row.cells[at[AT_HEAT]];
		char text[64];

		snprintf(text, sizeof(text), STR_FMT, STR_ARG(row.cells[at[AT_PROBABILITY]]));
		r->says = strtod(text, NULL);
		r->chance = d->truth.chance[n];
		r->heat = str_eq(heat, S("hot"))    ? HEAT_HOT
			  : str_eq(heat, S("warm")) ? HEAT_WARM
						    : HEAT_COLD;
		n++;
	}
	if (got == 0 && n != d->truth.n)
		return err_set(
			e, ERR_INTERNAL, "the scored file has %zu rows, not %zu", n, d->truth.n);
	d->view.n = n;
	return got == -1 ? -1 : 0;
}

/* The rows with the highest scores, best first; of equal ones the first in the file. */
static void pick_hottest(struct demo_view *v)
{
	for (size_t i = 0; i < v->n; i++) {
		size_t at = v->n_hottest;

		while (at > 0 && v->rows[i].says > v->hottest[at - 1].says)
			at--;
		if (at == DEMO_HOTTEST)
			continue;
		if (v->n_hottest < DEMO_HOTTEST)
			v->n_hottest++;
		memmove(&v->hottest[at + 1], &v->hottest[at],
			(v->n_hottest - at - 1) * sizeof(v->hottest[0]));
		v->hottest[at] = (struct demo_hottest){
			.says = v->rows[i].says, .chance = v->rows[i].chance, .row = i + 1
		};
	}
}

static struct str copy(struct arena *a, struct str s)
{
	return (struct str){ arena_dup(a, s), s.n };
}

static int name_hottest(
	struct demo_view *v, struct table *t, const size_t at[AT_COUNT], struct err *e)
{
	struct row row;
	uint64_t n = 0;
	int got;

	while ((got = table_next(t, &row, e)) == 1) {
		n++;
		for (size_t i = 0; i < v->n_hottest; i++) {
			struct demo_hottest *h = &v->hottest[i];
			struct buf name = { 0 };

			if (h->row != n)
				continue;
			buf_str(&name, row.cells[at[AT_FIRST]]);
			buf_c(&name, ' ');
			buf_str(&name, row.cells[at[AT_LAST]]);
			h->name = copy(&v->mem, buf_view(&name));
			buf_clear(&name);
			h->title = copy(&v->mem, row.cells[at[AT_TITLE]]);
			h->company = copy(&v->mem, row.cells[at[AT_COMPANY]]);
			h->source = copy(&v->mem, row.cells[at[AT_SOURCE]]);
			if (!h->name.p || !h->title.p || !h->company.p || !h->source.p)
				return err_nomem(e);
		}
	}
	return got;
}

static int look(struct demo *d, struct err *e)
{
	struct table_opts opts = { 0 };
	struct table *t = table_open(d->view.scored, &opts, e);
	size_t at[AT_COUNT];
	int r = -1;

	if (t == NULL)
		return -1;
	if ((d->view.rows = calloc(d->truth.n + 1, sizeof(*d->view.rows))) == NULL) {
		err_nomem(e);
		goto done;
	}
	if (find_columns(t, at, e) == -1 || read_scores(d, t, at, e) == -1)
		goto done;
	pick_hottest(&d->view);
	if (table_rewind(t, e) == -1 || name_hottest(&d->view, t, at, e) == -1)
		goto done;
	if ((r = demo_view_figures(&d->view)) == -1)
		err_nomem(e);
done:
	table_free(t);
	return r;
}

int cmd_demo(struct cli *c, struct err *e)
{
	struct demo d = { .c = c };
	const char *data = cli_data(c, e);
	int r = -1;

	d.view.seed = (uint64_t)c->o->seed;
	if (data == NULL || name_paths(&d, data, e) == -1 || invent(&d, e) == -1)
		goto done;
	d.view.learned_from = d.truth.history;
	if (learn(&d, e) == -1 || score(&d, e) == -1 || look(&d, e) == -1)
		goto done;
	if (c->o->json)
		demo_view_json(c, &d.view);
	else
		demo_view_print(c, &d.view);
	r = 0;
done:
	for (int i = 0; i < 5; i++)
		free(d.paths[i]);
	free(d.view.rows);
	arena_clear(&d.view.mem);
	demo_truth_clear(&d.truth);
	json_free(d.report);
	return r;
}
