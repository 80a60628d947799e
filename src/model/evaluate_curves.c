/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "model/evaluate_internal.h"
#include "util/err.h"
#include "util/json.h"

/* A curve gets a point where it has moved by one part in EVAL_POINTS - 3 of its length, so that its
 * two ends always fit. */
struct thin {
	double *x, *y;
	size_t n;
	double last_x, last_y;
};

static void thin_add(struct thin *t, double x, double y, bool always)
{
	double moved = fabs(x - t->last_x) + fabs(y - t->last_y);

	if (t->n >= EVAL_POINTS || (!always && moved < 2.0 / (EVAL_POINTS - 3)) ||
		(!always && t->n >= EVAL_POINTS - 1))
		return;
	t->x[t->n] = t->last_x = x;
	t->y[t->n++] = t->last_y = y;
}

static void draw_roc_pr(const struct eval_ranked *r, struct eval_curves *out)
{
	struct thin roc = { out->roc_x, out->roc_y, 0, 0, 0 };
	struct thin pr = { out->pr_x, out->pr_y, 0, 0, 0 };
	double won = (double)r->won, lost = (double)(r->n - r->won), w = 0;

	if (r->won == 0 || r->won == r->n)
		return;
	thin_add(&roc, 0, 0, true);
	for (size_t i = 0; i < r->n; i++) {
		double k = (double)i + 1;

		w += r->y[i];
		if (!r->end[i])
			continue;
		thin_add(&roc, (k - w) / lost, w / won, i + 1 == r->n);
		thin_add(&pr, w / won, w / k, pr.n == 0 || i + 1 == r->n);
	}
	out->n_roc = roc.n;
	out->n_pr = pr.n;
}

static void draw_gain(const struct eval_ranked *r, struct eval_curves *out)
{
	size_t at = 0, from = 0;
	double above = 0;

	for (size_t i = 0; i < r->n && r->won > 0; i++) {
		double tied = 0;

		if (!r->end[i])
			continue;
		for (size_t k = from; k <= i; k++)
			tied += r->y[k];
		/* Cuts within ties count their average, a straight line. */
		for (; at < EVAL_POINTS; at++) {
			double cut = (double)(r->n * at) / (EVAL_POINTS - 1);

			if (cut > (double)(i + 1))
				break;
			out->gain[at] =
				(above + tied * (cut - (double)from) / (double)(i + 1 - from)) /
				(double)r->won;
		}
		above += tied;
		from = i + 1;
	}
}

static double round_up(double p)
{
	static const double steps[] = { .01, .02, .05, .1, .2, .3, .4, .5, .6, .8, 1 };
	size_t i = 0;

	while (p > steps[i] && steps[i] < 1)
		i++;
	return steps[i];
}

int eval_curves(const struct eval_rows *rows, struct eval_curves *out, struct err *e)
{
	struct eval_ranked r = { 0 };

	memset(out, 0, sizeof(*out));
	if (eval_rank(rows, false, 0, &r, e) != 0)
		return -1;
	draw_roc_pr(&r, out);
	draw_gain(&r, out);
	out->hist_to = round_up(r.n > 0 ? r.p[0] : 1);
	for (size_t i = 0; i < r.n; i++) {
		size_t b = (size_t)(r.p[i] / out->hist_to * EVAL_HIST);

		out->hist[r.y[i]][b < EVAL_HIST ? b : EVAL_HIST - 1]++;
	}
	eval_ranked_clear(&r);
	return 0;
}

static void points_write(struct jw *w, const char *key, const double *v, size_t n)
{
	jw_key(w, key);
	jw_arr(w);
	for (size_t i = 0; i < n; i++)
		jw_num(w, v[i]);
	jw_end_arr(w);
}

static void counts_write(struct jw *w, const char *key, const size_t *v)
{
	jw_key(w, key);
	jw_arr(w);
	for (size_t i = 0; i < EVAL_HIST; i++)
		jw_int(w, (int64_t)v[i]);
	jw_end_arr(w);
}

void eval_curves_write(struct jw *w, const struct eval_curves *v)
{
	points_write(w, "roc_x", v->roc_x, v->n_roc);
	points_write(w, "roc_y", v->roc_y, v->n_roc);
	points_write(w, "pr_x", v->pr_x, v->n_pr);
	points_write(w, "pr_y", v->pr_y, v->n_pr);
	points_write(w, "gain", v->gain, EVAL_POINTS);
	jw_knum(w, "histogram_to", v->hist_to);
	counts_write(w, "histogram_lost", v->hist[0]);
	counts_write(w, "histogram_won", v->hist[1]);
}

/* The numbers of member ${key}; those past ${max} are refused. */
static int points_read(
	const struct json *obj, const char *key, double *v, size_t max, size_t *n, struct err *e)
{
	const struct json *a = json_need(obj, key, J_ARR, e);

	if (a == NULL)
		return -1;
	if (json_len(a) > max)
		return err_set(e, ERR_INPUT, "\"%s\" has more than %zu numbers", key, max);
	*n = json_len(a);
	for (size_t i = 0; i < *n; i++)
		v[i] = json_num(json_at(a, i), NAN);
	return 0;
}

static int counts_read(const struct json *obj, const char *key, size_t *v, struct err *e)
{
	double d[EVAL_HIST] = { 0 };
	size_t n;

	if (points_read(obj, key, d, EVAL_HIST, &n, e) != 0)
		return -1;
	for (size_t i = 0; i < EVAL_HIST; i++)
		v[i] = d[i] >= 0 && d[i] < 1e15 ? (size_t)d[i] : 0;
	return 0;
}

int eval_curves_read(const struct json *obj, struct eval_curves *out, struct err *e)
{
	size_t nx = 0, ny = 0, n = 0;

	memset(out, 0, sizeof(*out));
	if (points_read(obj, "roc_x", out->roc_x, EVAL_POINTS, &nx, e) != 0 ||
		points_read(obj, "roc_y", out->roc_y, EVAL_POINTS, &ny, e) != 0)
		return -1;
	out->n_roc = nx < ny ? nx : ny;
	if (points_read(obj, "pr_x", out->pr_x, EVAL_POINTS, &nx, e) != 0 ||
		points_read(obj, "pr_y", out->pr_y, EVAL_POINTS, &ny, e) != 0)
		return -1;
	out->n_pr = nx < ny ? nx : ny;
	out->hist_to = json_num(json_get(obj, "histogram_to"), 1);
	if (!(out->hist_to > 0 && out->hist_to <= 1))
		return err_set(e, ERR_INPUT, "\"histogram_to\" is no probability above 0");
	return points_read(obj, "gain", out->gain, EVAL_POINTS, &n, e) != 0 ||
			       counts_read(obj, "histogram_lost", out->hist[0], e) != 0 ||
			       counts_read(obj, "histogram_won", out->hist[1], e) != 0
		       ? -1
		       : 0;
}
