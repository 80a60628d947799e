/* SPDX-License-Identifier: Apache-2.0 */
#include "model/evaluate.h"

#include <float.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "model/evaluate_internal.h"
#include "model/heat.h"
#include "util/err.h"

enum { MAX_THREADS = 16 };

void eval_wilson(double won, double n, double *lo, double *hi)
{
	const double z2 = 1.959963984540054 * 1.959963984540054;
	double p, mid, half;

	*lo = 0;
	*hi = 1;
	if (n <= 0)
		return;
	p = won / n;
	mid = (p + z2 / (2 * n)) / (1 + z2 / n);
	half = sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n * n))) / (1 + z2 / n);
	/* At none or all the exact edge is 0 or 1; rounding must not move it. */
	*lo = won <= 0 ? 0 : mid - half;
	*hi = won >= n ? 1 : mid + half;
}

/* From sums to means: ${b}->mean_p holds the sum of p. */
static void finish_bin(struct eval_bin *b)
{
	double n = (double)b->n;

	b->mean_p = b->n > 0 ? b->mean_p / n : NAN;
	b->rate = b->n > 0 ? (double)b->won / n : NAN;
	eval_wilson((double)b->won, n, &b->rate_low, &b->rate_high);
}

static void fill_bins(const struct eval_ranked *r, struct eval *out)
{
	for (size_t j = 0; j < r->n_segments; j++) {
		const struct eval_segment *g = &r->segment[j];
		struct eval_bin *two[2] = { &out->width[g->width], &out->mass[g->mass] };

		for (size_t i = g->from; i < g->to; i++)
			for (int k = 0; k < 2; k++) {
				two[k]->n++;
				two[k]->won += r->y[i];
				two[k]->mean_p += r->p[i];
			}
	}
	for (int i = 0; i < EVAL_BINS; i++) {
		out->width[i].from = r->edges_width[i];
		out->width[i].to = r->edges_width[i + 1];
		out->mass[i].from = r->edges_mass[i];
		out->mass[i].to = r->edges_mass[i + 1];
		finish_bin(&out->width[i]);
		finish_bin(&out->mass[i]);
	}
}

static void fill_counts(const struct eval_rows *rows, const struct eval_ranked *r, struct eval *out)
{
	static const double share[EVAL_TOPS] = { .05, .10, .20, NAN };
	double sum = 0;

	out->rows = rows->n;
	out->won = r->won;
	out->lost = r->n - r->won;
	out->open = rows->n - r->n;
	out->base_rate = r->n > 0 ? (double)r->won / (double)r->n : NAN;
	for (size_t i = 0; i < r->n; i++)
		sum += r->p[i];
	out->mean_p = r->n > 0 && !r->ranking ? sum / (double)r->n : NAN;
	for (int i = 0; i < EVAL_TOPS; i++) {
		out->top[i].share = share[i];
		out->top[i].k = r->top_k[i];
	}
}

/* Where each figure lives. */
static struct eval_value *place(struct eval *out, int stat)
{
	switch (stat) {
	case STAT_ROC:
		return &out->roc_auc;
	case STAT_PR:
		return &out->pr_auc;
	case STAT_LOSS:
		return &out->log_loss;
	case STAT_BRIER:
		return &out->brier;
	case STAT_ECE:
		return &out->ece;
	case STAT_ECE_MASS:
		return &out->ece_mass;
	default:
		if (stat >= STAT_RECALL)
			return &out->top[stat - STAT_RECALL].recall;
		if (stat >= STAT_LIFT)
			return &out->top[stat - STAT_LIFT].lift;
		return &out->top[stat - STAT_PRECISION].precision;
	}
}

/* Every so many-th resample, into its own column of ${v}. */
struct part {
	const struct eval_ranked *r;
	uint64_t seed;
	uint32_t first, step, n;
	uint16_t *count; /* [r->n] of this part alone */
	double *v;       /* [STAT_COUNT][n] of all parts */
};

static void *resample(void *arg)
{
	struct part *p = arg;
	double stats[STAT_COUNT];

	for (uint32_t i = p->first; i < p->n; i += p->step) {
		eval_draw(p->seed, i, p->r->n, p->count);
		eval_stats(p->r, p->count, stats);
		for (size_t k = 0; k < STAT_COUNT; k++)
			p->v[k * p->n + i] = stats[k];
	}
	return NULL;
}

/* ${n} resamples in ${threads} parts; a part whose thread does not start is done here. */
static int resamples(const struct eval_ranked *r, const struct eval_opts *o, uint32_t n, double *v,
	struct err *e)
{
	uint32_t threads = o != NULL && o->threads > 1 ? o->threads : 1;
	struct part part[MAX_THREADS];
	pthread_t thread[MAX_THREADS];
	bool started[MAX_THREADS] = { false };
	uint16_t *count;

	if (threads > MAX_THREADS)
		threads = MAX_THREADS;
	if (threads > n)
		threads = n;
	if ((count = calloc(r->n, threads * sizeof(*count))) == NULL)
		return err_nomem(e);
	for (uint32_t i = 0; i < threads; i++) {
		part[i] = (struct part){ r, o != NULL ? o->seed : 0, i, threads, n,
			count + i * r->n, v };
		started[i] = i + 1 < threads &&
			     pthread_create(&thread[i], NULL, resample, &part[i]) == 0;
	}
	for (uint32_t i = 0; i < threads; i++)
		if (!started[i])
			resample(&part[i]);
	for (uint32_t i = 0; i < threads; i++)
		if (started[i])
			pthread_join(thread[i], NULL);
	free(count);
	return 0;
}

static int fill_figures(
	const struct eval_ranked *r, const struct eval_opts *o, struct eval *out, struct err *e)
{
	uint32_t n = r->n > 0 ? eval_resamples(o, r->n) : 0;
	double value[STAT_COUNT], *v = NULL;

	eval_stats(r, NULL, value);
	if (n > 0 && ((v = malloc((size_t)n * STAT_COUNT * sizeof(*v))) == NULL ||
			     resamples(r, o, n, v, e) != 0)) {
		free(v);
		return err_nomem(e);
	}
	for (int k = 0; k < STAT_COUNT; k++)
		*place(out, k) = n > 0 ? eval_interval(value[k], v + (size_t)k * n, n,
						 k == STAT_ECE || k == STAT_ECE_MASS)
				       : (struct eval_value){ value[k], NAN, NAN };
	out->resamples = n;
	free(v);
	return 0;
}

static int figures(const struct eval_rows *rows, bool ranking, const struct eval_opts *o,
	struct eval *out, struct err *e)
{
	struct eval_ranked r = { 0 };
	int rc;

	memset(out, 0, sizeof(*out));
	if (eval_rank(rows, ranking, o != NULL ? o->top_k : 0, &r, e) != 0)
		return -1;
	fill_counts(rows, &r, out);
	if (!ranking)
		fill_bins(&r, out);
	rc = fill_figures(&r, o, out, e);
	eval_ranked_clear(&r);
	return rc;
}

int evaluate(
	const struct eval_rows *rows, const struct eval_opts *o, struct eval *out, struct err *e)
{
	return figures(rows, false, o, out, e);
}

int eval_ranking(
	const struct eval_rows *rows, const struct eval_opts *o, struct eval *out, struct err *e)
{
	return figures(rows, true, o, out, e);
}

struct eval_confusion eval_confusion(const struct eval_rows *rows, double threshold)
{
	struct eval_confusion c = { .threshold = threshold };

	for (size_t i = 0; i < rows->n; i++) {
		if (rows->y[i] < 0)
			continue;
		if (rows->p[i] >= threshold)
			*(rows->y[i] == 1 ? &c.tp : &c.fp) += 1;
		else
			*(rows->y[i] == 1 ? &c.fn : &c.tn) += 1;
	}
	return c;
}

void eval_bands(const struct eval_rows *rows, const struct bands *b, const double *classes,
	struct eval_bin out[3], size_t open[3])
{
	double edge[HEAT_COUNT + 1] = { 1, b->hot, b->warm, 0 };

	memset(out, 0, 3 * sizeof(*out));
	memset(open, 0, 3 * sizeof(*open));
	for (size_t i = 0; i < rows->n; i++) {
		enum heat h = classes != NULL ? heat_of_classes(classes + i * HEAT_COUNT)
					      : heat_of(b, rows->p[i]);

		if (rows->y[i] < 0) {
			open[h]++;
			continue;
		}
		out[h].n++;
		out[h].won += rows->y[i] == 1;
		out[h].mean_p += rows->p[i];
	}
	for (int h = 0; h < HEAT_COUNT; h++) {
		out[h].from = edge[h + 1];
		out[h].to = edge[h];
		finish_bin(&out[h]);
	}
}

/* ---- by group */

static void group_figures(
	const struct eval_rows *rows, struct eval_group *g, struct err *e, int *rc)
{
	struct eval_opts o = { .no_intervals = true };
	struct eval v;

	if (*rc != 0 || (*rc = evaluate(rows, &o, &v, e)) != 0)
		return;
	g->n = v.won + v.lost;
	g->won = v.won;
	g->rate = v.base_rate;
	eval_wilson((double)g->won, (double)g->n, &g->rate_low, &g->rate_high);
	g->mean_p = v.mean_p;
	g->roc_auc = v.roc_auc.value;
	g->log_loss = v.log_loss.value;
	g->small = g->n < 50 || v.won < 10 || v.lost < 10;
}

int eval_groups(const struct eval_rows *rows, const uint32_t *group, uint32_t n_groups,
	struct eval_group *out, struct err *e)
{
	size_t *start = calloc((size_t)n_groups + 2, sizeof(*start));
	double *p = malloc((rows->n + 1) * sizeof(*p));
	int8_t *y = malloc(rows->n + 1);
	int rc = 0;

	if (start == NULL || p == NULL || y == NULL) {
		rc = err_nomem(e);
		goto done;
	}
	/* Rows sorted by group by counting: start[g + 1] is where the next row of g goes. */
	for (size_t i = 0; i < rows->n; i++)
		if (group[i] < n_groups)
			start[group[i] + 2]++;
	for (uint32_t g = 0; g < n_groups; g++)
		start[g + 2] += start[g + 1];
	for (size_t i = 0; i < rows->n; i++) {
		size_t at;

		if (group[i] >= n_groups)
			continue;
		at = start[group[i] + 1]++;
		p[at] = rows->p[i];
		y[at] = rows->y[i];
	}
	for (uint32_t g = 0; g < n_groups; g++) {
		struct eval_rows one = { p + start[g], y + start[g], start[g + 1] - start[g] };

		group_figures(&one, &out[g], e, &rc);
	}
done:
	free(start);
	free(p);
	free(y);
	return rc;
}

/* ---- two models on the same rows */

static void compare_boot(const struct eval_ranked *a, const struct eval_ranked *b,
	const struct eval_opts *o, uint32_t n, double *v, uint16_t *count)
{
	uint16_t *ca = count + a->n, *cb = ca + a->n;
	double sa[STAT_COUNT], sb[STAT_COUNT];

	for (uint32_t i = 0; i < n; i++) {
		eval_draw(o != NULL ? o->seed : 0, i, a->n, count);
		for (size_t k = 0; k < a->n; k++) {
			ca[k] = count[a->row[k]];
			cb[k] = count[b->row[k]];
		}
		eval_stats(a, ca, sa);
		eval_stats(b, cb, sb);
		v[i] = sa[STAT_LOSS] - sb[STAT_LOSS];
		v[n + i] = sa[STAT_ROC] - sb[STAT_ROC];
		v[2 * (size_t)n + i] = sa[STAT_BRIER] - sb[STAT_BRIER];
	}
}

static int compare_ranked(const struct eval_ranked *a, const struct eval_ranked *b,
	const struct eval_opts *o, struct eval_compare *out, struct err *e)
{
	uint32_t n = a->n > 0 ? eval_resamples(o, a->n) : 0;
	double *v = malloc(3 * ((size_t)n + 1) * sizeof(*v)), sa[STAT_COUNT], sb[STAT_COUNT];
	uint16_t *count = malloc((3 * a->n + 1) * sizeof(*count));
	size_t worse = 0;

	if (v == NULL || count == NULL) {
		free(v);
		free(count);
		return err_nomem(e);
	}
	compare_boot(a, b, o, n, v, count);
	for (uint32_t i = 0; i < n; i++)
		worse += v[i] > 0;
	eval_stats(a, NULL, sa);
	eval_stats(b, NULL, sb);
	out->log_loss = eval_interval(sa[STAT_LOSS] - sb[STAT_LOSS], v, n, false);
	out->roc_auc = eval_interval(sa[STAT_ROC] - sb[STAT_ROC], v + n, n, false);
	out->brier = eval_interval(sa[STAT_BRIER] - sb[STAT_BRIER], v + 2 * (size_t)n, n, false);
	out->worse = n > 0 ? (double)worse / n : NAN;
	free(v);
	free(count);
	return 0;
}

int eval_compare(const struct eval_rows *rows, const double *pb, const struct eval_opts *o,
	struct eval_compare *out, struct err *e)
{
	struct eval_rows other = { pb, rows->y, rows->n };
	struct eval_ranked a = { 0 }, b = { 0 };
	int rc = -1;

	memset(out, 0, sizeof(*out));
	if (eval_rank(rows, false, 0, &a, e) == 0 && eval_rank(&other, false, 0, &b, e) == 0) {
		out->rows = a.n;
		rc = compare_ranked(&a, &b, o, out, e);
	}
	eval_ranked_clear(&a);
	eval_ranked_clear(&b);
	return rc;
}

/* ---- three labels */

/* -log of the share the true class was given, after keeping each within [2^-52, 1 - 2^-52]. */
static double class_loss(const double *p, int y)
{
	double sum = 0, own = 0;

	for (int c = 0; c < EVAL_CLASSES; c++) {
		double q = fmin(fmax(p[c], DBL_EPSILON), 1 - DBL_EPSILON);

		sum += q;
		if (c == y)
			own = q;
	}
	return -log(own / sum);
}

struct class_rows {
	size_t n;
	double *loss;
	uint8_t *right;
};

static int classes_overall(const struct class_rows *r, const struct eval_opts *o,
	struct eval_classes *out, struct err *e)
{
	uint32_t n = r->n > 0 ? eval_resamples(o, r->n) : 0;
	double *v = malloc(2 * ((size_t)n + 1) * sizeof(*v)), loss = 0;
	uint16_t *count = malloc((r->n + 1) * sizeof(*count));
	size_t right = 0;

	if (v == NULL || count == NULL) {
		free(v);
		free(count);
		return err_nomem(e);
	}
	for (uint32_t i = 0; i < n; i++) {
		double l = 0, a = 0;

		eval_draw(o != NULL ? o->seed : 0, i, r->n, count);
		for (size_t k = 0; k < r->n; k++) {
			l += count[k] * r->loss[k];
			a += count[k] * r->right[k];
		}
		v[i] = l / (double)r->n;
		v[n + i] = a / (double)r->n;
	}
	for (size_t k = 0; k < r->n; k++) {
		loss += r->loss[k];
		right += r->right[k];
	}
	out->log_loss = eval_interval(r->n > 0 ? loss / (double)r->n : NAN, v, n, false);
	out->accuracy =
		eval_interval(r->n > 0 ? (double)right / (double)r->n : NAN, v + n, n, false);
	free(v);
	free(count);
	return 0;
}

static int classes_rest(const struct eval_rows *rows, const struct eval_opts *o, double *p,
	int8_t *y, struct eval_classes *out, struct err *e)
{
	for (int c = 0; c < EVAL_CLASSES; c++) {
		struct eval_rows one = { p, y, rows->n };

		for (size_t i = 0; i < rows->n; i++) {
			p[i] = rows->p[i * EVAL_CLASSES + (size_t)c];
			y[i] = rows->y[i] < 0 ? -1 : rows->y[i] == c;
		}
		if (evaluate(&one, o, &out->rest[c], e) != 0)
			return -1;
	}
	return 0;
}

int eval_classes(const struct eval_rows *rows, const struct eval_opts *o, struct eval_classes *out,
	struct err *e)
{
	struct class_rows r = { 0 };
	double *p = malloc((rows->n + 1) * sizeof(*p));
	int8_t *y = malloc(rows->n + 1);
	int rc = -1;

	memset(out, 0, sizeof(*out));
	out->rows = rows->n;
	r.loss = malloc((rows->n + 1) * sizeof(*r.loss));
	r.right = malloc(rows->n + 1);
	if (p == NULL || y == NULL || r.loss == NULL || r.right == NULL) {
		err_nomem(e);
		goto done;
	}
	for (size_t i = 0; i < rows->n; i++) {
		const double *q = rows->p + i * EVAL_CLASSES;
		enum heat h = heat_of_classes(q);

		if (rows->y[i] < 0 || rows->y[i] >= EVAL_CLASSES) {
			out->open++;
			continue;
		}
		out->count[rows->y[i]]++;
		out->confusion[rows->y[i]][h]++;
		r.loss[r.n] = class_loss(q, rows->y[i]);
		r.right[r.n++] = rows->y[i] == (int8_t)h;
	}
	if (classes_rest(rows, o, p, y, out, e) == 0)
		rc = classes_overall(&r, o, out, e);
done:
	free(p);
	free(y);
	free(r.loss);
	free(r.right);
	return rc;
}
