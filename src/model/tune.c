/* SPDX-License-Identifier: Apache-2.0 */
#include "model/tune.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/forest.h"
#include "model/tune_internal.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"
#include "util/rng.h"
#include "util/str.h"

#define MAX_COLS    300u
#define FEW_CLASS   40
#define LEAST_CLASS 5

static int fit_bout(struct work *w, struct bout *b, const struct tune_opts *o, struct err *e)
{
	double share = w->share;

	w->share = 0; /* none of it is done yet */
	work_next(w, "looking for combinations of columns", share * .3);
	if (combos_search(w, &b->plan, rng_fork(o->seed, 3), o->budget_s, e) != 0)
		return -1;
	work_next(w, "trying settings", share * .4);
	if (bout_search(w, b, o, e) != 0)
		return -1;
	work_next(w, "fitting the model that will score", share * .3);
	return bout_publish(w, b, o, e);
}

/* --- what is reported --- */

static int count_classes(const struct frame *f, struct tune_fit *out, struct err *e)
{
	static const char *const two[] = { "lost", "won" };
	static const char *const three[] = { "hot", "warm", "cold" };

	for (size_t i = 0; i < f->rows; i++)
		if (f->outcome[i] >= 0)
			out->count[f->outcome[i]]++;
	for (uint32_t c = 0; c < f->n_classes; c++) {
		out->rows_used += out->count[c];
		if (out->count[c] < LEAST_CLASS)
			return err_set(e, ERR_INPUT,
				"only %zu rows are %s; at least %d of each outcome are needed to "
				"learn from",
				out->count[c], f->n_classes == 2 ? two[c] : three[c], LEAST_CLASS);
	}
	return 0;
}

static int list_trials(struct tune_fit *out, const struct bout *b, uint32_t class_, struct err *e)
{
	size_t n = out->n_trials + b->n_settings;
	struct tune_trial *t = realloc(out->trials, (n + 1) * sizeof(*t));
	static const char *const three[] = { "hot: ", "warm: ", "cold: " };

	if (t == NULL)
		return err_nomem(e);
	out->trials = t;
	for (uint32_t i = 0; i < b->n_settings; i++) {
		struct tune_trial *to = &t[out->n_trials++];
		const struct setting *x = &b->settings[i];

		snprintf(to->what, sizeof(to->what),
			"%sdepth %u, step %g, rows %g, columns %g, weight %g, lambda %g",
			out->n_classes == 3 ? three[class_] : "", x->depth, x->eta, x->subsample,
			x->colsample, x->min_child, x->lambda);
		to->log_loss = b->loss[i];
		to->rounds = b->rounds[i];
		to->weight = 0;
		for (uint32_t c = 0; c < b->n_chosen; c++)
			if (b->chosen[c] == i)
				to->weight = 1.0 / b->n_chosen;
	}
	return 0;
}

static int list_keys(struct tune_fit *out, const struct bout *b, struct err *e)
{
	const struct plan *p = &b->plan;

	for (size_t i = 0; i < p->n_keys; i++) {
		const struct tkey *k = &p->keys[i];
		struct tune_key *more;
		struct buf name = { 0 };

		if (!k->combo)
			continue;
		more = realloc(out->keys, (out->n_keys + 1) * sizeof(*more));
		if (more == NULL)
			return err_nomem(e);
		out->keys = more;
		for (uint32_t a = 0; a < k->n_axes; a++) {
			buf_z(&name, a > 0 ? " x " : "");
			buf_z(&name, p->f->cols[k->axes[a].base].name);
		}
		more[out->n_keys] = (struct tune_key){ buf_take(&name, e), k->gain, k->m };
		if (more[out->n_keys].name == NULL)
			return -1;
		out->n_keys++;
	}
	return 0;
}

static int list_curve(struct tune_fit *out, const struct bout *b, struct err *e)
{
	out->curve = malloc((b->n_curve + 1) * sizeof(*out->curve));
	if (out->curve == NULL)
		return err_nomem(e);
	memcpy(out->curve, b->curve, b->n_curve * sizeof(*out->curve));
	out->n_curve = b->n_curve;
	out->unbounded_log_loss = b->whole_loss;
	return 0;
}

/* Interval of the gain over the base rate, over rows; and whether it is enough to go by. */
static void judge(struct tune_fit *out, const double *loss, const double *base, size_t n)
{
	double s = 0, s2 = 0, l = 0, b = 0, se;

	for (size_t i = 0; i < n; i++) {
		double d = base[i] - loss[i];

		s += d;
		s2 += d * d;
		l += loss[i];
		b += base[i];
	}
	s /= (double)n;
	se = sqrt(fmax(0, s2 / (double)n - s * s) / (double)n);
	/* The folds' models share most of their rows, so a lucky find in one is one in all: the
	 * plain error of a mean lets noise pass one time in five. Nadeau and Bengio (2003),
	 * section 2.5. */
	if (out->n_folds > 1)
		se *= sqrt(1 + (double)out->n_folds / (out->n_folds - 1));
	out->log_loss = l / (double)n;
	out->base_log_loss = b / (double)n;
	out->gain_low = s - 1.96 * se;
	out->gain_high = s + 1.96 * se;
	out->not_enough = out->gain_low <= 0;
	for (uint32_t c = 0; c < out->n_classes; c++)
		out->not_enough |= out->count[c] < FEW_CLASS;
}

static int report(struct tune_fit *out, const struct frame *f, const struct plan *p, struct err *e)
{
	uint32_t each = f->n_classes == 2 ? 1 : 3;
	double *loss = malloc((p->n + 1) * 2 * sizeof(*loss)), *base = loss + p->n;

	if (loss == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < p->n; i++) {
		size_t r = p->row[i];
		int c = f->outcome[r];
		double q = out->oof_prob[r * each + (each == 3 ? (size_t)c : 0)];

		loss[i] = -log(each == 3 || c == 1 ? q : 1 - q);
		base[i] = -log((double)out->count[c] / (double)out->rows_used);
	}
	judge(out, loss, base, p->n);
	free(loss);
	return 0;
}

static int allocate(struct tune_fit *out, const struct frame *f, struct err *e)
{
	size_t n = f->rows * (f->n_classes == 2 ? 1 : 3);

	out->oof_margin = malloc((n + 1) * sizeof(*out->oof_margin));
	out->oof_prob = malloc((n + 1) * sizeof(*out->oof_prob));
	out->fold = calloc(f->rows + 1, 1);
	out->base_used = calloc(f->n_cols + 1, sizeof(*out->base_used));
	if (out->oof_margin == NULL || out->oof_prob == NULL || out->fold == NULL ||
		out->base_used == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < n; i++)
		out->oof_margin[i] = out->oof_prob[i] = NAN;
	return 0;
}

/* --- two classes --- */

static int fill_two(struct tune_fit *out, const struct frame *f, struct bout *b, struct err *e)
{
	struct head h = { &b->plan, &b->member, 1, 1, 0 };
	const struct plan *p = &b->plan;

	for (size_t i = 0; i < p->n; i++) {
		out->oof_margin[p->row[i]] = b->margin[i];
		out->oof_prob[p->row[i]] = b->prob[i];
		out->fold[p->row[i]] = b->published.fold[i];
	}
	out->calib = b->calib;
	out->calib_choice = b->choice;
	memset(&b->calib, 0, sizeof(b->calib));
	if (assemble(&h, 1, &out->encoder, &out->forest, e) != 0)
		return -1;
	return report(out, f, p, e);
}

/* --- three labels: each against the rest, put together by a softmax (tune_three.c) --- */

static double logit_of(double p)
{
	p = fmin(fmax(p, 1e-6), 1 - 1e-6); /* isotonic steps reach 0 and 1 */
	return log(p / (1 - p));
}

/* Heads become one: cross-fitted for the rows' own probabilities, with all rows for the forest. */
static int join_three(struct tune_fit *out, const struct frame *f, struct bout *b, struct head h[3],
	struct err *e)
{
	const struct plan *p = &b[0].plan;
	double *z = malloc((3 * p->n + 1) * sizeof(*z));
	uint8_t *label = malloc(p->n + 1);
	struct joint_data d = { z, label, b[0].published.fold, p->n, -1 };
	struct joint all, one;

	if (z == NULL || label == NULL) {
		free(label);
		free(z);
		return err_nomem(e);
	}
	for (size_t i = 0; i < p->n; i++) {
		label[i] = (uint8_t)f->outcome[p->row[i]];
		for (size_t c = 0; c < 3; c++)
			z[3 * i + c] = h[c].a * b[c].margin[i] + h[c].b;
	}
	joint_fit(&d, &all);
	for (size_t i = 0; i < p->n; i++) {
		out->fold[p->row[i]] = d.fold[i];
		for (size_t c = 0; c < 3; c++)
			out->oof_margin[3 * (size_t)p->row[i] + c] =
				all.slope * z[3 * i + c] + all.shift[c];
	}
	for (size_t i = 0; i < p->n; i++) /* cross-fitted */
		for (size_t c = 0; c < 3; c++)
			z[3 * i + c] = logit_of(b[c].prob[i]);
	for (d.without = 0; d.without < (int)out->n_folds; d.without++) {
		joint_fit(&d, &one);
		for (size_t i = 0; i < p->n; i++)
			if (d.fold[i] == d.without)
				joint_apply(&one, z + 3 * i, out->oof_prob + 3 * (size_t)p->row[i]);
	}
	for (size_t c = 0; c < 3; c++) {
		h[c].a *= all.slope;
		h[c].b = all.slope * h[c].b + all.shift[c];
	}
	free(label);
	free(z);
	return 0;
}

static int fill_three(struct tune_fit *out, const struct frame *f, struct bout *b, struct err *e)
{
	struct head h[3];
	const struct plan *p = &b[0].plan;

	for (size_t c = 0; c < 3; c++) {
		double t = b[c].trust, rate = (double)b[c].plan.pos / (double)p->n;

		h[c] = (struct head){ &b[c].plan, &b[c].member, 1, 1, 0 };
		calib_clear(&b[c].calib);
		if (calib_fit(&b[c].calib, CALIB_PLATT,
			    &(struct calib_data){ b[c].margin, b[c].plan.y, b[c].published.fold,
				    p->n, b[c].published.n_folds },
			    100, e) != 0)
			return -1;
		h[c].a = t * b[c].calib.a;
		h[c].b = t * b[c].calib.b + (1 - t) * log(rate / (1 - rate));
	}
	if (join_three(out, f, b, h, e) != 0)
		return -1;
	out->calib.kind = CALIB_NONE;
	out->calib_choice.best = CALIB_NONE;
	out->unbounded_log_loss = NAN;
	if (assemble(h, 3, &out->encoder, &out->forest, e) != 0)
		return -1;
	return report(out, f, p, e);
}

static void mark_bases(struct tune_fit *out, const struct frame *f)
{
	for (size_t i = 0; i < f->n_cols; i++)
		out->base_used[i] = encoder_needs(out->encoder, i);
}

/* Rows that the budget pays for; a larger file is sampled. The features are not known yet, about
 * two per column. */
static size_t most_rows(const struct frame *f, const struct tune_opts *o)
{
	size_t cols = 0;
	double n;

	for (size_t i = 0; i < f->n_cols; i++)
		cols += o->use == NULL || o->use[i];
	cols = cols > MAX_COLS ? MAX_COLS : cols;
	n = 1e5 * o->budget_s / (10 + 1.2 * (double)cols);
	return n < 20000 ? 20000 : n > 500000 ? 500000 : (size_t)n;
}

static int fit_all(struct work *w, const struct frame *f, const struct tune_opts *o, struct bout *b,
	struct tune_fit *out, struct err *e)
{
	uint32_t heads = f->n_classes == 2 ? 1 : 3;
	struct tune_opts each = *o;

	each.max_trees = o->max_trees / heads;
	each.budget_s = o->budget_s / heads;
	for (uint32_t h = 0; h < heads; h++) {
		struct plan_spec s = { f, o->use, NULL, (int8_t)(heads == 1 ? OUTCOME_WON : (int)h),
			most_rows(f, &each), MAX_COLS, o->seed };

		if (plan_init(&b[h].plan, &s, e) != 0)
			return -1;
		if (b[h].plan.n_features == 0)
			return err_set(e, ERR_INPUT,
				"no column is left to learn from: all are constant or left out");
		w->done = (double)h / heads;
		w->share = .98 / heads;
		if (fit_bout(w, &b[h], &each, e) != 0 || list_trials(out, &b[h], h, e) != 0 ||
			list_keys(out, &b[h], e) != 0)
			return -1;
	}
	out->n_folds = b[0].published.n_folds;
	if (heads == 3)
		return fill_three(out, f, b, e);
	if (list_curve(out, &b[0], e) != 0)
		return -1;
	return fill_two(out, f, b, e);
}

int tune_fit(
	const struct frame *f, const struct tune_opts *opts, struct tune_fit *out, struct err *e)
{
	struct tune_opts o = *opts;
	struct work w = { .o = &o };
	struct bout *b = calloc(3, sizeof(*b));
	int rc;

	ASSERT(f->n_classes == 2 || f->n_classes == 3);
	memset(out, 0, sizeof(*out));
	out->n_classes = f->n_classes;
	o.max_trees = o.max_trees == 0 ? 1000 : o.max_trees;
	o.budget_s = o.budget_s <= 0 ? 60 : o.budget_s;
	w.threads = o.threads == 0 ? 2 : o.threads;
	if (b == NULL)
		return err_nomem(e);
	rc = count_classes(f, out, e);
	if (rc == 0)
		rc = allocate(out, f, e);
	if (rc == 0)
		rc = fit_all(&w, f, &o, b, out, e);
	for (int h = 0; h < 3; h++)
		bout_clear(&b[h]);
	free(b);
	if (rc != 0) {
		tune_fit_clear(out);
		return -1;
	}
	out->base_rate = f->n_classes == 2 ? (double)out->count[1] / (double)out->rows_used
					   : (double)out->count[0] / (double)out->rows_used;
	mark_bases(out, f);
	work_next(&w, "done", 0);
	return 0;
}

void tune_fit_clear(struct tune_fit *t)
{
	encoder_free(t->encoder);
	forest_free(t->forest);
	calib_clear(&t->calib);
	for (size_t i = 0; i < t->n_keys; i++)
		free(t->keys[i].name);
	free(t->keys);
	free(t->oof_margin);
	free(t->oof_prob);
	free(t->fold);
	free(t->trials);
	free(t->curve);
	free(t->base_used);
	memset(t, 0, sizeof(*t));
}

void tune_write(const struct tune_fit *t, struct jw *w)
{
	jw_obj(w);
	jw_kint(w, "folds", t->n_folds);
	jw_knum(w, "log_loss", t->log_loss);
	jw_knum(w, "base_log_loss", t->base_log_loss);
	jw_knum(w, "gain_low", t->gain_low);
	jw_knum(w, "gain_high", t->gain_high);
	jw_kbool(w, "not_enough", t->not_enough);
	jw_knum(w, "unbounded_log_loss", t->unbounded_log_loss);
	jw_kz(w, "calibration", calib_name(t->calib_choice.best));
	jw_key(w, "calibration_log_loss");
	jw_obj(w);
	for (int k = 0; k < 4 && t->n_classes == 2; k++)
		jw_knum(w, calib_name((enum calib_kind)k), t->calib_choice.log_loss[k]);
	jw_end_obj(w);
	jw_key(w, "combinations");
	jw_arr(w);
	for (size_t i = 0; i < t->n_keys; i++) {
		jw_obj(w);
		jw_kz(w, "columns", t->keys[i].name);
		jw_knum(w, "gain", t->keys[i].gain);
		jw_knum(w, "smoothing", t->keys[i].smoothing);
		jw_end_obj(w);
	}
	jw_end_arr(w);
	jw_key(w, "trials");
	jw_arr(w);
	for (size_t i = 0; i < t->n_trials; i++) {
		jw_obj(w);
		jw_kz(w, "what", t->trials[i].what);
		jw_knum(w, "log_loss", t->trials[i].log_loss);
		jw_kint(w, "rounds", t->trials[i].rounds);
		jw_knum(w, "weight", t->trials[i].weight);
		jw_end_obj(w);
	}
	jw_end_arr(w);
	jw_key(w, "bound");
	jw_arr(w);
	for (size_t i = 0; i < t->n_curve; i++) {
		jw_obj(w);
		jw_kint(w, "trees", t->curve[i].trees);
		jw_knum(w, "log_loss", t->curve[i].log_loss);
		jw_end_obj(w);
	}
	jw_end_arr(w);
	jw_end_obj(w);
}
