/* SPDX-License-Identifier: Apache-2.0 */
/* Three heads, each calibrated against the rest, become one answer. The softmax of their logits
 * alone is too sure of the likeliest label and promises too little of a rare one (odds of .1, .3
 * and .6 give .05, .21 and .74), the more the weaker the heads are. So the logits get one slope and
 * a shift per label, by maximum likelihood: a straight line, which the heads take up in their own a
 * and b. */
#include <math.h>
#include <string.h>

#include "model/tune_internal.h"

enum { SLOPE, HOT, COLD, PARTS, STEPS = 50 }; /* the middle label's shift is 0 */

/* Softmax of slope * z + shift. */
void joint_apply(const struct joint *j, const double z[3], double q[3])
{
	double x[3], top, sum = 0;

	for (int c = 0; c < 3; c++)
		x[c] = j->slope * z[c] + j->shift[c];
	top = fmax(x[0], fmax(x[1], x[2]));
	for (int c = 0; c < 3; c++)
		sum += q[c] = exp(x[c] - top);
	for (int c = 0; c < 3; c++)
		q[c] /= sum;
}

/* What part ${p} adds to the logit of label ${c}. */
static double design(int p, int c, const double z[3])
{
	if (p == SLOPE)
		return z[c];
	return p == HOT ? c == 0 : c == 2;
}

/* Negative log likelihood, and with a slope far from 1 taken as unlikely: few rows say little of
 * it. */
static double loss_of(const struct joint_data *d, const struct joint *j)
{
	double q[3], loss = (j->slope - 1) * (j->slope - 1) / 2;

	for (size_t i = 0; i < d->n; i++) {
		if (d->without >= 0 && d->fold[i] == d->without)
			continue;
		joint_apply(j, d->z + 3 * i, q);
		loss -= log(fmax(q[d->label[i]], 1e-300));
	}
	return loss;
}

static void derive(
	const struct joint_data *d, const struct joint *j, double g[PARTS], double h[PARTS][PARTS])
{
	memset(g, 0, PARTS * sizeof(*g));
	memset(h, 0, PARTS * sizeof(*h));
	g[SLOPE] = j->slope - 1;
	h[SLOPE][SLOPE] = 1;
	for (int a = HOT; a < PARTS; a++)
		h[a][a] = 1e-9;
	for (size_t i = 0; i < d->n; i++) {
		const double *z = d->z + 3 * i;
		double q[3], mean[PARTS] = { 0 };

		if (d->without >= 0 && d->fold[i] == d->without)
			continue;
		joint_apply(j, z, q);
		for (int a = 0; a < PARTS; a++) {
			for (int c = 0; c < 3; c++)
				mean[a] += q[c] * design(a, c, z);
			g[a] += mean[a] - design(a, d->label[i], z);
		}
		for (int a = 0; a < PARTS; a++)
			for (int b = 0; b < PARTS; b++)
				for (int c = 0; c < 3; c++)
					h[a][b] += q[c] * (design(a, c, z) - mean[a]) *
						   (design(b, c, z) - mean[b]);
	}
}

/* h x = g for a positive definite h, by elimination. */
static void solve(double h[PARTS][PARTS], const double g[PARTS], double x[PARTS])
{
	memcpy(x, g, PARTS * sizeof(*x));
	for (int a = 0; a < PARTS; a++)
		for (int b = a + 1; b < PARTS; b++) {
			double f = h[b][a] / h[a][a];

			for (int c = a; c < PARTS; c++)
				h[b][c] -= f * h[a][c];
			x[b] -= f * x[a];
		}
	for (int a = PARTS - 1; a >= 0; a--) {
		for (int b = a + 1; b < PARTS; b++)
			x[a] -= h[a][b] * x[b];
		x[a] /= h[a][a];
	}
}

void joint_fit(const struct joint_data *d, struct joint *j)
{
	double loss;

	*j = (struct joint){ .slope = 1 };
	loss = loss_of(d, j);
	for (int step = 0; step < STEPS; step++) {
		double g[PARTS], h[PARTS][PARTS], x[PARTS], part = 1, now;
		struct joint next;

		derive(d, j, g, h);
		solve(h, g, x);
		do {
			next.slope = fmax(.05, j->slope - part * x[SLOPE]);
			next.shift[0] = j->shift[0] - part * x[HOT];
			next.shift[1] = 0;
			next.shift[2] = j->shift[2] - part * x[COLD];
			now = loss_of(d, &next);
			part /= 2;
		} while (!(now < loss) && part > 1e-6);
		if (!(now < loss - 1e-10 * fabs(loss)))
			return;
		*j = next;
		loss = now;
	}
}
