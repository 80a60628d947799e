/* SPDX-License-Identifier: Apache-2.0 */
#include "model/verdict.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "features/frame.h"
#include "util/json.h"

static const char *const names[] = { "calibrated", "too high", "too low", "too sure", "too timid",
	"too few outcomes" };

const char *verdict_name(enum verdict_kind k)
{
	return names[k];
}

static double logit(double p)
{
	double q = fmin(fmax(p, 1e-9), 1 - 1e-9);

	return log(q) - log1p(-q);
}

/* Newton on the two parameters; -1 where they run away (the outcomes are separated). */
static int fit_slope(const struct eval_rows *rows, double *slope, double *se)
{
	double a = 0, b = 1;

	for (int step = 0; step < 50; step++) {
		double ga = 0, gb = 0, haa = 0, hab = 0, hbb = 0, det, da, db;

		for (size_t i = 0; i < rows->n; i++) {
			double x, q, r, v;

			if (rows->y[i] < 0)
				continue;
			x = logit(rows->p[i]);
			q = 1 / (1 + exp(-(a + b * x)));
			r = (rows->y[i] == OUTCOME_WON) - q;
			v = q * (1 - q);
			ga += r;
			gb += r * x;
			haa += v;
			hab += v * x;
			hbb += v * x * x;
		}
		det = haa * hbb - hab * hab;
		if (!(det > 1e-9 * haa * hbb))
			return -1;
		da = (hbb * ga - hab * gb) / det;
		db = (haa * gb - hab * ga) / det;
		a += da;
		b += db;
		if (!(fabs(b) < 50))
			return -1;
		*slope = b;
		*se = sqrt(haa / det);
		if (fabs(da) + fabs(db) < 1e-8)
			return 0;
	}
	return -1;
}

static const char *odds(double p)
{
	return p < 1e-4   ? "less than once in ten thousand files"
	       : p < .001 ? "less than once in a thousand files"
			  : "less than once in a hundred files";
}

static void sentence(struct verdict *v)
{
	char sum[128];

	snprintf(sum, sizeof(sum), "expected %.0f win%s, saw %.0f", v->expected,
		v->expected >= .5 && v->expected < 1.5 ? "" : "s", v->seen);
	switch (v->kind) {
	case VERDICT_TOO_FEW:
		snprintf(v->text, sizeof(v->text), "too few outcomes to tell: %s among %.0f leads",
			sum, v->rows);
		break;
	case VERDICT_CALIBRATED:
		snprintf(v->text, sizeof(v->text), "calibrated: %s, within what chance does", sum);
		break;
	case VERDICT_TOO_HIGH:
	case VERDICT_TOO_LOW:
		snprintf(v->text, sizeof(v->text), "%s: %s, which chance does %s", names[v->kind],
			sum, odds(v->p));
		break;
	case VERDICT_TOO_SURE:
	case VERDICT_TOO_TIMID:
		snprintf(v->text, sizeof(v->text),
			"%s: %s in all, but high probabilities were too %s and low ones too %s "
			"(slope %.2f, between %.2f and %.2f; 1 is right)",
			names[v->kind], sum, v->kind == VERDICT_TOO_SURE ? "high" : "low",
			v->kind == VERDICT_TOO_SURE ? "low" : "high", v->slope, v->slope_low,
			v->slope_high);
		break;
	}
}

void verdict_of(const struct eval_rows *rows, struct verdict *out)
{
	double var = 0, se = NAN;

	memset(out, 0, sizeof(*out));
	out->slope = out->slope_low = out->slope_high = NAN;
	for (size_t i = 0; i < rows->n; i++) {
		if (rows->y[i] < 0)
			continue;
		out->rows++;
		out->seen += rows->y[i] == OUTCOME_WON;
		out->expected += rows->p[i];
		var += rows->p[i] * (1 - rows->p[i]);
	}
	out->z = var > 0 ? (out->seen - out->expected) / sqrt(var) : 0;
	out->p = erfc(fabs(out->z) / 1.41421356237309504880);
	if (fit_slope(rows, &out->slope, &se) == 0) {
		out->slope_low = out->slope - 1.959963984540054 * se;
		out->slope_high = out->slope + 1.959963984540054 * se;
	} else {
		out->slope = NAN;
	}
	/* Fewer, and the normal distribution says nothing about the sum. */
	if (out->rows < 20 || fmax(out->expected, out->seen) < 5 ||
		out->rows - fmin(out->expected, out->seen) < 5)
		out->kind = VERDICT_TOO_FEW;
	else if (out->p < .01)
		out->kind = out->z < 0 ? VERDICT_TOO_HIGH : VERDICT_TOO_LOW;
	else if (!isnan(out->slope) && fabs(out->slope - 1) > 2.575829303548901 * se)
		out->kind = out->slope < 1 ? VERDICT_TOO_SURE : VERDICT_TOO_TIMID;
	sentence(out);
}

void verdict_write(struct jw *w, const struct verdict *v)
{
	jw_obj(w);
	jw_kz(w, "verdict", names[v->kind]);
	jw_knum(w, "expected_wins", v->expected);
	jw_knum(w, "wins", v->seen);
	jw_knum(w, "z", v->z);
	jw_knum(w, "p", v->p);
	jw_knum(w, "slope", v->slope);
	jw_knum(w, "slope_low", v->slope_low);
	jw_knum(w, "slope_high", v->slope_high);
	jw_kz(w, "text", v->text);
	jw_end_obj(w);
}
