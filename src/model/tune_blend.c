/* SPDX-License-Identifier: Apache-2.0 */
/* tune_blend.c: weights of settings in the ensemble, by out-of-fold log loss. */
#include <math.h>
#include <string.h>

#include "model/tune_internal.h"

#define EVEN .001 /* pull of the weights towards being equal */

struct blend {
	const float *const *m;
	uint32_t k;
	const float *y;
	size_t n;
	double grad[MAX_SETTINGS], hess[MAX_SETTINGS][MAX_SETTINGS];
};

static double value(const struct blend *b, const double *w)
{
	double s = 0, pull = 0;

	for (size_t i = 0; i < b->n; i++) {
		double f = 0;

		for (uint32_t j = 0; j < b->k; j++)
			f += w[j] * (double)b->m[j][i];
		s += (f > 0 ? f + log1p(exp(-f)) : log1p(exp(f))) - (double)b->y[i] * f;
	}
	for (uint32_t j = 0; j < b->k; j++)
		pull += (w[j] - 1.0 / b->k) * (w[j] - 1.0 / b->k);
	return s / (double)b->n + EVEN * pull;
}

static void slopes(struct blend *b, const double *w)
{
	double n = (double)b->n;

	memset(b->grad, 0, sizeof(b->grad));
	memset(b->hess, 0, sizeof(b->hess));
	for (size_t i = 0; i < b->n; i++) {
		double f = 0, p, h;

		for (uint32_t j = 0; j < b->k; j++)
			f += w[j] * (double)b->m[j][i];
		p = 1 / (1 + exp(-f));
		h = p * (1 - p);
		for (uint32_t j = 0; j < b->k; j++) {
			b->grad[j] += (p - (double)b->y[i]) * (double)b->m[j][i] / n;
			for (uint32_t l = 0; l <= j; l++)
				b->hess[j][l] += h * (double)b->m[j][i] * (double)b->m[l][i] / n;
		}
	}
	for (uint32_t j = 0; j < b->k; j++) {
		b->grad[j] += 2 * EVEN * (w[j] - 1.0 / b->k);
		b->hess[j][j] += 2 * EVEN;
		for (uint32_t l = j + 1; l < b->k; l++)
			b->hess[j][l] = b->hess[l][j];
	}
}

/* The quadratic at w, minimised over the simplex by moving weight between two settings at a time.
 */
static void descend(const struct blend *b, const double *w, double *to)
{
	double g[MAX_SETTINGS]; /* gradient of the quadratic at to */

	memcpy(to, w, b->k * sizeof(*to));
	memcpy(g, b->grad, b->k * sizeof(*g));
	for (int sweep = 0; sweep < 200; sweep++) {
		double moved = 0;

		for (uint32_t i = 0; i < b->k; i++)
			for (uint32_t j = 0; j < b->k; j++) {
				double curve, t;

				if (i == j)
					continue;
				curve = b->hess[i][i] + b->hess[j][j] - 2 * b->hess[i][j];
				t = curve > 0 ? -(g[i] - g[j]) / curve : 0; /* from j to i */
				t = fmin(t, to[j]);
				if (t <= 0)
					continue;
				to[i] += t;
				to[j] -= t;
				for (uint32_t l = 0; l < b->k; l++)
					g[l] += t * (b->hess[l][i] - b->hess[l][j]);
				moved += t;
			}
		if (moved < 1e-9)
			break;
	}
}

void blend_weights(const float *const *m, uint32_t k, const float *y, size_t n, double *w)
{
	struct blend b = { .m = m, .k = k, .y = y, .n = n };
	double now;

	for (uint32_t j = 0; j < k; j++)
		w[j] = 1.0 / k;
	if (k == 1 || n == 0)
		return;
	now = value(&b, w);
	for (int it = 0; it < 20; it++) {
		double to[MAX_SETTINGS], next[MAX_SETTINGS], best = now;

		slopes(&b, w);
		descend(&b, w, to);
		for (double t = 1; t > 1e-3; t /= 2) {
			for (uint32_t j = 0; j < k; j++)
				next[j] = w[j] + t * (to[j] - w[j]);
			best = value(&b, next);
			if (best < now)
				break;
		}
		if (!(best < now - 1e-9))
			return;
		now = best;
		memcpy(w, next, k * sizeof(*w));
	}
}
