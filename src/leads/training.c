/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "features/derive.h"
#include "features/encode.h"
#include "features/profile.h"
#include "leads/scoring.h"
#include "leads/training_internal.h"
#include "model/forest.h"
#include "model/holdout.h"
#include "model/model.h"
#include "model/model_store.h"
#include "model/outcome.h"
#include "util/err.h"
#include "util/file.h"
#include "util/table.h"

/* Shares of the time, for the progress line. */
#define READ_END  0.05
#define LEAK_END  0.10
#define TUNE_END  0.85
#define LATER_END 0.97

bool training_progress(const struct trainer *t, const char *step, double done)
{
	return leads_progress_step(&t->o->progress, step, done);
}

static int stopped(struct err *e)
{
	return err_set(e, ERR_CANCELLED, "stopped");
}

/* --- the file --- */

static int name_columns(struct trainer *t, struct err *e)
{
	const struct training_opts *o = t->o;

	t->n_names = table_columns(t->table);
	t->names = calloc(t->n_names + 1, sizeof(*t->names));
	t->drop = calloc(t->n_names + o->n_drop + 1, sizeof(*t->drop));
	if (t->names == NULL || t->drop == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < o->n_drop; i++)
		t->drop[t->n_drop++] = o->drop[i];
	for (size_t c = 0; c < t->n_names; c++) {
		t->names[c] = table_column(t->table, c);
		if (scoring_is_ours(t->names[c]))
			t->drop[t->n_drop++] = t->names[c];
	}
	return outcome_find_column(t->names, t->n_names, o->target, &t->target, e) == -1 ||
			       aside_init(&t->aside, t->table, t->names, o->path, o->rejects,
				       &o->notes, e) == -1
		       ? -1
		       : 0;
}

static int open_file(struct trainer *t, struct err *e)
{
	struct table_opts to = { .known = &t->o->target, .known_count = 1, .as = t->o->as };

	if ((t->table = table_open(t->o->path, &to, e)) == NULL)
		return -1;
	if (strcmp(t->o->path, "-") != 0 && file_sha256(t->o->path, t->sha256, e) == -1)
		return -1;
	return name_columns(t, e);
}

/* One pass for the profile and the values of the target. */
static int read_rows(
	struct trainer *t, struct profiler *p, struct outcome_counter *c, struct err *e)
{
	struct row r;
	int rc;

	while ((rc = table_next(t->table, &r, e)) == 1) {
		if (t->rows++ % 1024 == 0 &&
			training_progress(t, "reading", READ_END / 2 * table_progress(t->table)))
			return stopped(e);
		if (r.bad) {
			if (aside_row(&t->aside, &r, e) == -1)
				return -1;
			continue;
		}
		if (profiler_row(p, r.cells, e) == -1 ||
			outcome_counter_cell(c, r.cells[t->target], e) == -1)
			return -1;
	}
	return rc;
}

static int profile_file(struct trainer *t, struct err *e)
{
	const struct training_opts *o = t->o;
	struct profile_opts po = { .target = t->names[t->target],
		.drop = t->drop,
		.n_drop = t->n_drop,
		.keep = o->keep,
		.n_keep = o->n_keep,
		.now = o->today };
	struct outcome_opts oo = { t->names[t->target], o->won, o->n_won, o->lost, o->n_lost,
		NULL };
	struct profiler *p = profiler_new(t->names, t->n_names, &po, e);
	struct outcome_counter *c = p == NULL ? NULL : outcome_counter_new(&oo, e);
	int rc = -1;

	if (c == NULL || read_rows(t, p, c, e) == -1 || aside_end(&t->aside, e) == -1)
		goto done;
	t->profile = profiler_end(p, e);
	p = NULL;
	if (t->profile == NULL)
		goto done;
	if (t->rows == t->aside.rows) {
		err_set(e, ERR_INPUT, "%s has no rows below its header: there is nothing to learn",
			o->path);
		goto done;
	}
	if ((t->rule = outcome_resolve(c, &oo, e)) == NULL ||
		(o->edits != NULL && profile_edit(t->profile, o->edits, e) == -1))
		goto done;
	rc = 0;
done:
	profiler_free(p);
	outcome_counter_free(c);
	return rc;
}

static int add_key(struct trainer *t, const struct row *r)
{
	uint64_t key = 0, *grown;

	if (t->n_keys == t->cap_keys) {
		t->cap_keys = t->cap_keys == 0 ? 4096 : t->cap_keys * 2;
		if ((grown = realloc(t->keys, t->cap_keys * sizeof(*grown))) == NULL)
			return -1;
		t->keys = grown;
	}
	for (size_t c = 0; c < t->n_names; c++)
		if (t->key_seeds[c] != 0 && r->cells[c].n != 0)
			key += str_hash(r->cells[c], t->key_seeds[c]);
	t->keys[t->n_keys++] = key;
	return 0;
}

static int8_t label(void *ctx, const struct row *r)
{
	struct trainer *t = ctx;
	int8_t y = outcome_label(t->rule, r->cells[t->target]);

	if (y >= 0 && add_key(t, r) == -1)
		t->no_memory = true;
	return y;
}

static int load_progress(void *ctx, double done)
{
	return training_progress(ctx, "reading", READ_END / 2 * (1 + done));
}

static int load_frame(struct trainer *t, struct err *e)
{
	struct frame_opts fo = { .label = label,
		.ctx = t,
		.n_classes = outcome_classes(t->rule),
		.as_of = t->o->as_of,
		.progress = load_progress,
		.progress_ctx = t };

	if ((t->key_seeds = calloc(t->n_names + 1, sizeof(*t->key_seeds))) == NULL)
		return err_nomem(e);
	for (size_t c = 0; c < t->n_names; c++)
		if (c != t->target && !scoring_is_ours(t->names[c]))
			t->key_seeds[c] = str_hash(t->names[c], 1) | 1;
	if ((t->bases = bases_new(t->profile, e)) == NULL || table_rewind(t->table, e) == -1 ||
		frame_load(t->table, t->profile, t->bases, &fo, &t->frame, e) == -1)
		return -1;
	if (t->no_memory)
		return err_nomem(e);
	ASSERT(t->n_keys == t->frame.rows);
	return 0;
}

/* --- which columns --- */

static struct str level(const void *ctx, size_t base, uint32_t code)
{
	return bases_level(ctx, base, code);
}

static int leak_progress(void *ctx, double done)
{
	return training_progress(ctx, "looking for leaks", READ_END + (LEAK_END - READ_END) * done);
}

/* Every base column whose sources are all kept; counts run over kept columns only. */
static int choose_bases(struct trainer *t, struct err *e)
{
	size_t n;

	if (bases_add_counts(t->bases, &t->frame, t->keep, e) == -1)
		return -1;
	n = t->frame.n_cols;
	t->use = calloc(n + 1, sizeof(*t->use));
	t->cols = calloc(n + 1, sizeof(*t->cols));
	if (t->use == NULL || t->cols == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < n; i++) {
		const struct base_col *c = &t->frame.cols[i];

		t->use[i] = true;
		for (uint32_t k = 0; k < c->n_sources; k++)
			t->use[i] = t->use[i] && t->keep[c->sources[k]];
		if (t->use[i])
			t->cols[t->n_cols++] = (uint32_t)i;
	}
	if (t->n_cols == 0)
		return err_set(e, ERR_INPUT,
			"no column is left to learn from: all %zu are identifiers, empty, "
			"constant, "
			"known only after the outcome, or dropped; --keep COLUMN insists on one",
			t->profile->n - 1);
	return 0;
}

static int choose_columns(struct trainer *t, struct err *e)
{
	struct leak_opts lo = { .level = level,
		.level_ctx = t->bases,
		.seed = t->o->seed,
		.progress = leak_progress,
		.progress_ctx = t };

	if (leak_judge(&t->frame, t->profile, &lo, &t->leaks, e) == -1 ||
		leak_left_out(t->profile, &t->leaks, &t->left, &t->n_left, e) == -1)
		return -1;
	if ((t->keep = calloc(t->profile->n + 1, sizeof(*t->keep))) == NULL)
		return err_nomem(e);
	for (size_t c = 0; c < t->profile->n; c++)
		t->keep[c] = leak_keeps(t->profile, &t->leaks, c);
	for (size_t i = 0; i < t->n_left; i++) {
		if (scoring_is_ours(t->profile->cols[t->left[i].column].name)) {
			t->left[i].reason = LEFT_LEAK;
			t->left[i].evidence = "an earlier score of heatscore itself";
		}
	}
	return choose_bases(t, e);
}

/* --- learning --- */

struct tune_watch {
	const struct trainer *t;
	bool stop;
};

static void tune_progress(void *arg, const char *what, double done)
{
	struct tune_watch *w = arg;

	if (training_progress(w->t, what, LEAK_END + (TUNE_END - LEAK_END) * (done < 1 ? done : 1)))
		__atomic_store_n(&w->stop, true, __ATOMIC_RELAXED);
}

static bool tune_cancelled(void *arg)
{
	struct tune_watch *w = arg;
	const struct leads_progress *p = &w->t->o->progress;

	return __atomic_load_n(&w->stop, __ATOMIC_RELAXED) || (p->stop != NULL && p->stop(p->arg));
}

static struct tune_opts tune_opts(const struct trainer *t, struct tune_watch *w)
{
	return (struct tune_opts){ .seed = t->o->seed,
		.max_trees = t->o->max_trees,
		.budget_s = t->o->budget,
		.threads = t->o->threads,
		.use = t->use,
		.progress = tune_progress,
		.arg = w,
		.cancelled = tune_cancelled };
}

static int learn(struct trainer *t, struct err *e)
{
	struct tune_watch w = { .t = t };
	struct tune_opts to = tune_opts(t, &w);
	size_t k, n = t->frame.rows;

	if (tune_fit(&t->frame, &to, &t->fit, e) == -1)
		return -1;
	t->p = calloc(n + 1, sizeof(*t->p));
	t->known = calloc(n + 1, sizeof(*t->known));
	t->label = calloc(n + 1, sizeof(*t->label));
	t->y = calloc(n + 1, sizeof(*t->y));
	if (t->p == NULL || t->known == NULL || t->label == NULL || t->y == NULL)
		return err_nomem(e);
	k = t->fit.n_classes == 3 ? 3 : 1;
	for (size_t i = 0; i < n; i++) {
		int8_t label = t->frame.outcome[i], won = label;

		if (k == 3 && label >= 0)
			won = label == 0 ? OUTCOME_WON : OUTCOME_LOST;
		t->won += won == OUTCOME_WON;
		t->lost += won == OUTCOME_LOST;
		t->p[i] = t->fit.oof_prob[i * k];
		t->known[i] = won;
		t->label[i] = isnan(t->p[i]) ? OUTCOME_OPEN : label;
		t->y[i] = isnan(t->p[i]) ? OUTCOME_OPEN : won;
	}
	return 0;
}

static int set_bands(struct trainer *t, struct err *e)
{
	const struct training_opts *o = t->o;
	struct bands_rows r = { t->p, t->y, t->frame.created, t->frame.rows,
		t->rows - t->aside.rows };

	if (bands_default(&r, &t->bands, e) == -1)
		return -1;
	if (t->fit.n_classes == 3)
		bands_by_labels(&t->bands, t->fit.oof_prob, t->label, t->frame.rows);
	if (!isnan(o->win_value) &&
		bands_by_value(&t->bands, o->win_value, o->contact_cost, &r, e) == -1)
		return -1;
	if (!isnan(o->per_day) && bands_by_capacity(&t->bands, o->per_day, &r, e) == -1)
		return -1;
	if (!isnan(o->hot) || !isnan(o->warm))
		return bands_by_hand(&t->bands, o->hot, o->warm, &r, e);
	return 0;
}

/* --- the result --- */

static struct model *make_model(struct trainer *t, struct err *e)
{
	struct model *m = calloc(1, sizeof(*m));

	if (m == NULL) {
		err_nomem(e);
		return NULL;
	}
	m->profile = t->profile;
	m->outcome = t->rule;
	m->bases = t->bases;
	m->encoder = t->fit.encoder;
	m->forest = t->fit.forest;
	m->calib = t->fit.calib;
	m->baselines = t->baselines;
	m->summary = t->summary;
	m->donors = t->donors;
	m->bands = t->bands;
	m->n_classes = t->fit.n_classes;
	m->as_of = t->frame.as_of;
	m->seed = t->o->seed;
	m->rows = t->rows;
	m->won = t->won;
	m->lost = t->lost;
	m->open = t->rows - t->aside.rows - m->won - m->lost;
	/* Owned by the model from here on. */
	t->profile = NULL;
	t->rule = NULL;
	t->bases = NULL;
	t->fit.encoder = NULL;
	t->fit.forest = NULL;
	t->fit.calib = (struct calib){ 0 };
	t->baselines = (struct baselines){ 0 };
	t->summary = (struct summary){ 0 };
	t->donors = (struct donors){ 0 };
	return m;
}

static void put_holdout(const struct trainer *t, struct buf *b)
{
	struct holdout h = { t->frame.rows, t->fit.n_classes == 3 ? 3 : 1, t->keys, t->frame.line,
		t->label, t->fit.oof_prob };

	holdout_put(&h, b);
}

static void trainer_clear(struct trainer *t)
{
	tune_fit_clear(&t->fit);
	baselines_clear(&t->baselines);
	summary_clear(&t->summary);
	donors_clear(&t->donors);
	free(t->classes);
	free(t->curves);
	free(t->baseline_figures);
	free(t->later_baselines);
	free(t->keys);
	free(t->key_seeds);
	free(t->p);
	free(t->known);
	free(t->label);
	free(t->y);
	free(t->use);
	free(t->cols);
	free(t->keep);
	free(t->left);
	leak_report_clear(&t->leaks);
	frame_clear(&t->frame);
	bases_free(t->bases);
	outcome_rule_free(t->rule);
	profile_free(t->profile);
	aside_clear(&t->aside);
	free(t->drop);
	free(t->names);
	table_free(t->table);
}

static void tell_notes(const struct trainer *t)
{
	const char *note;
	char room[PROFILE_NOTE];

	for (size_t i = 0; (note = table_note(t->table, i)) != NULL; i++)
		leads_note(&t->o->notes, note);
	for (size_t i = 0; (note = profile_note(t->profile, i, room)) != NULL; i++)
		leads_note(&t->o->notes, note);
	for (size_t i = 0; (note = outcome_note(t->rule, i)) != NULL; i++)
		leads_note(&t->o->notes, note);
}

int training_run(const struct training_opts *o, struct training *out, struct err *e)
{
	struct trainer t = { .o = o };
	int rc = -1;

	*out = (struct training){ 0 };
	if (open_file(&t, e) == -1 || profile_file(&t, e) == -1)
		goto done;
	tell_notes(&t);
	if (load_frame(&t, e) == -1 || choose_columns(&t, e) == -1 || learn(&t, e) == -1 ||
		set_bands(&t, e) == -1 || training_figures(&t, e) == -1 ||
		training_report(&t, &out->report, e) == -1)
		goto done;
	if (aside_path(&t.aside) != NULL && (out->rejects = strdup(aside_path(&t.aside))) == NULL) {
		err_nomem(e);
		goto done;
	}
	put_holdout(&t, &out->holdout);
	if (buf_done(&out->holdout, e) == -1 || (out->model = make_model(&t, e)) == NULL)
		goto done;
	rc = 0;
done:
	trainer_clear(&t);
	if (rc == -1)
		training_clear(out);
	return rc;
}

int training_files(struct training *t, struct model_files *fs, struct err *e)
{
	if (model_pack(t->model, buf_view(&t->report), fs, e) == -1)
		return -1;
	return model_files_add(fs, "holdout.bin", &t->holdout, e);
}

void training_clear(struct training *t)
{
	model_free(t->model);
	buf_clear(&t->report);
	buf_clear(&t->holdout);
	free(t->rejects);
	t->model = NULL;
	t->rejects = NULL;
}
