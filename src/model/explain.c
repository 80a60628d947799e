/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "features/derive.h"
#include "features/encode.h"
#include "features/profile.h"
#include "model/explain.h"
#include "model/forest.h"
#include "model/heat.h"
#include "model/model.h"
#include "model/points.h"
#include "model/shap.h"
#include "util/err.h"

enum { STEPS = 8 }; /* points of the quadrature between the expected margins and the lead's */

struct explainer {
	const struct model *m;
	struct shap *shap;
	uint32_t n_features, n_groups, n_bases, n_columns;
	double expected[3];
	double average; /* probability at the expected margins */
};

struct explain_work {
	float *x;        /* [features] */
	double *phi;     /* [groups][features + 1] */
	double *scratch; /* shap's */
	double *base;    /* [bases][2] probability and logit */
	struct explain_reason *reasons;
	double *exact; /* [reasons + 3] */
	int *whole;
};

static void softmax(const double *margin, double *p)
{
	double top = fmax(margin[0], fmax(margin[1], margin[2])), total = 0;

	for (int g = 0; g < 3; g++)
		total += p[g] = exp(margin[g] - top);
	for (int g = 0; g < 3; g++)
		p[g] /= total;
}

static double probability_at(const struct model *m, const double *margin)
{
	double p[3];

	if (m->n_classes != 3)
		return calib_apply(&m->calib, margin[0]);
	softmax(margin, p);
	return p[0];
}

struct explainer *explainer_new(const struct model *m, struct err *e)
{
	struct explainer *x = calloc(1, sizeof(*x));

	ASSERT(m->forest != NULL);
	if (x == NULL) {
		err_nomem(e);
		return NULL;
	}
	if ((x->shap = shap_new(m->forest, e)) == NULL) {
		explainer_free(x);
		return NULL;
	}
	x->m = m;
	x->n_features = m->forest->n_features;
	x->n_groups = m->forest->n_groups;
	x->n_bases = (uint32_t)bases_count(m->bases);
	x->n_columns = (uint32_t)m->profile->n;
	for (uint32_t g = 0; g < x->n_groups; g++)
		x->expected[g] = shap_expected(x->shap, g);
	x->average = probability_at(m, x->expected);
	return x;
}

void explainer_free(struct explainer *x)
{
	if (x == NULL)
		return;
	shap_free(x->shap);
	free(x);
}

struct explain_work *explain_work_new(const struct explainer *x, struct err *e)
{
	struct explain_work *w = calloc(1, sizeof(*w));
	size_t lines = (size_t)x->n_columns + 1; /* and the counts over many columns */

	if (w == NULL)
		goto nomem;
	w->x = calloc((size_t)x->n_features + 1, sizeof(*w->x));
	w->phi = calloc(((size_t)x->n_features + 1) * x->n_groups, sizeof(*w->phi));
	w->scratch = calloc(shap_scratch(x->shap) + 1, sizeof(*w->scratch));
	w->base = calloc((size_t)x->n_bases * 2 + 1, sizeof(*w->base));
	w->reasons = calloc(lines, sizeof(*w->reasons));
	w->exact = calloc(lines + 3, sizeof(*w->exact));
	w->whole = calloc(lines + 3, sizeof(*w->whole));
	if (w->x == NULL || w->phi == NULL || w->scratch == NULL || w->base == NULL ||
		w->reasons == NULL || w->exact == NULL || w->whole == NULL)
		goto nomem;
	return w;
nomem:
	err_nomem(e);
	explain_work_free(w);
	return NULL;
}

void explain_work_free(struct explain_work *w)
{
	if (w == NULL)
		return;
	free(w->x);
	free(w->phi);
	free(w->scratch);
	free(w->base);
	free(w->reasons);
	free(w->exact);
	free(w->whole);
	free(w);
}

/* How much probability a unit of each margin is worth on the way from the expected margins to the
 * lead's own. With one margin the secant; where the way is too short for it, the slope. */
static void exchange_rates(
	const struct explainer *x, const double *margin, double probability, double *rate)
{
	/* Gauss-Legendre, 8 points on [-1, 1], the positive half. */
	static const double at[] = { 0.18343464249564980, 0.52553240991632899, 0.79666647741362674,
		0.96028985649753623 };
	static const double weight[] = { 0.36268378337836198, 0.31370664587788729,
		0.22238103445337447, 0.10122853629037626 };

	if (x->n_groups == 1) {
		double way = margin[0] - x->expected[0];
		double h = 1e-4, up = x->expected[0] + h, down = x->expected[0] - h;

		rate[0] = fabs(way) > 1e-9
				  ? (probability - x->average) / way
				  : (probability_at(x->m, &up) - probability_at(x->m, &down)) /
					    (2 * h);
		return;
	}
	rate[0] = rate[1] = rate[2] = 0;
	for (int i = 0; i < STEPS; i++) {
		double t = (1 + (i % 2 == 0 ? at[i / 2] : -at[i / 2])) / 2, m[3], p[3];

		for (int g = 0; g < 3; g++)
			m[g] = x->expected[g] + t * (margin[g] - x->expected[g]);
		softmax(m, p);
		for (int g = 0; g < 3; g++)
			rate[g] += weight[i / 2] / 2 * p[0] * ((g == 0) - p[g]);
	}
}

/* Parts of the features, shared equally among the base columns of each. */
static void share_to_bases(const struct explainer *x, struct explain_work *w, const double *rate)
{
	memset(w->base, 0, (size_t)x->n_bases * 2 * sizeof(*w->base));
	for (uint32_t i = 0; i < x->n_features; i++) {
		const struct enc_feature *f = encoder_feature(x->m->encoder, i);
		double value = 0, logit = w->phi[i];

		for (uint32_t g = 0; g < x->n_groups; g++)
			value += rate[g] * w->phi[(size_t)g * (x->n_features + 1) + i];
		for (uint32_t k = 0; k < f->n_bases; k++) {
			w->base[(size_t)f->base[k] * 2] += value / f->n_bases;
			w->base[(size_t)f->base[k] * 2 + 1] += logit / f->n_bases;
		}
	}
}

static void add_part(struct explain_reason *r, uint32_t base, double value, double logit,
	double *most, bool missing)
{
	r->value += value;
	r->logit += logit;
	if (fabs(value) > *most) {
		*most = fabs(value);
		r->base = base;
		r->missing = missing;
	}
}

/* Parts of the base columns, shared equally among the columns of the file each is made from. */
static void share_to_columns(
	const struct explainer *x, struct explain_work *w, const float *num, const uint32_t *code)
{
	double *most = w->exact; /* not in use yet */

	for (uint32_t c = 0; c <= x->n_columns; c++) {
		w->reasons[c] =
			(struct explain_reason){ .column = c < x->n_columns ? c : EXPLAIN_COUNTS };
		most[c] = -1;
	}
	for (uint32_t b = 0; b < x->n_bases; b++) {
		const struct base_info *info = bases_info(x->m->bases, b);
		double value = w->base[(size_t)b * 2], logit = w->base[(size_t)b * 2 + 1];
		bool missing = info->kind == BASE_NUM ? isnan(num[b]) : code[b] == 0;

		if (value == 0 && logit == 0)
			continue;
		if (info->n_sources == 0)
			add_part(&w->reasons[x->n_columns], b, value, logit, &most[x->n_columns],
				false);
		for (uint32_t k = 0; k < info->n_sources; k++)
			add_part(&w->reasons[info->sources[k]], b, value / info->n_sources,
				logit / info->n_sources, &most[info->sources[k]], missing);
	}
}

static int largest_first(const void *a, const void *b)
{
	const struct explain_reason *x = a, *y = b;

	if (fabs(x->value) != fabs(y->value))
		return fabs(x->value) > fabs(y->value) ? -1 : 1;
	return (x->column > y->column) - (x->column < y->column);
}

void explain_row(const struct explainer *x, struct explain_work *w, const float *num,
	const uint32_t *code, double probability, struct explain *out)
{
	double margin[3] = { 0 }, rate[3] = { 0 };
	uint64_t known = x->m->won + x->m->lost;

	encoder_row(x->m->encoder, num, code, w->x);
	shap_rows(x->shap, (struct shap_rows){ w->x, 1, x->n_features }, w->scratch, w->phi);
	for (uint32_t g = 0; g < x->n_groups; g++)
		for (uint32_t i = 0; i <= x->n_features; i++)
			margin[g] += w->phi[(size_t)g * (x->n_features + 1) + i];
	exchange_rates(x, margin, probability, rate);
	share_to_bases(x, w, rate);
	share_to_columns(x, w, num, code);
	*out = (struct explain){ .base_rate = known == 0 ? 0 : (double)x->m->won / (double)known,
		.probability = probability,
		.score = heat_score(probability),
		.reasons = w->reasons,
		.exact = w->exact,
		.whole = w->whole };
	out->average = x->average - out->base_rate;
	for (uint32_t c = 0; c <= x->n_columns; c++)
		if (w->reasons[c].value != 0)
			w->reasons[out->n++] = w->reasons[c];
	qsort(w->reasons, out->n, sizeof(*w->reasons), largest_first);
	explain_points(out, out->n);
}

void explain_points(struct explain *v, size_t k)
{
	if (k > v->n)
		k = v->n;
	v->exact[0] = 100 * v->base_rate;
	v->exact[1] = 100 * v->average;
	/* What rounding of the sums leaves over is in the rest too, so that all is accounted for.
	 */
	v->rest = v->probability - v->base_rate - v->average;
	for (size_t i = 0; i < k; i++) {
		v->exact[2 + i] = 100 * v->reasons[i].value;
		v->rest -= v->reasons[i].value;
	}
	if (k == v->n && fabs(v->rest) < 1e-9)
		v->rest = 0;
	v->exact[2 + k] = 100 * v->rest;
	points_share(v->exact, k + (v->rest == 0 ? 2 : 3), v->score, v->whole);
	v->base_points = v->whole[0];
	v->average_points = v->whole[1];
	v->rest_points = v->rest == 0 ? 0 : v->whole[2 + k];
	for (size_t i = 0; i < v->n; i++)
		v->reasons[i].points = i < k ? v->whole[2 + i] : 0;
}
