/* SPDX-License-Identifier: Apache-2.0 */
#include "model/calib.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/err.h"
#include "util/json.h"
#include "util/str.h"

#define EDGE  1e-6 /* isotonic probabilities stay this far from 0 and 1 */
#define KINDS 4
#define PULL  100.0

static const char *const names[KINDS] = { "none", "platt", "beta", "isotonic" };

const char *calib_name(enum calib_kind kind)
{
	return names[kind];
}

/* log(1 + exp(x)) without overflow. */
static double softplus(double x)
{
	return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

static double sigmoid(double x)
{
	return x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x));
}

static double loss_of(double logit, float y)
{
	return softplus(logit) - (double)y * logit;
}

static double isotonic_at(const struct calib *c, double m)
{
	uint32_t lo = 0, hi = c->n - 1;
	double t;

	if (m <= c->x[0])
		return c->y[0];
	if (m >= c->x[hi])
		return c->y[hi];
	while (hi - lo > 1) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (c->x[mid] <= m)
			lo = mid;
		else
			hi = mid;
	}
	t = (m - c->x[lo]) / (c->x[hi] - c->x[lo]);
	return c->y[lo] + t * (c->y[hi] - c->y[lo]);
}

double calib_logit(const struct calib *c, double m)
{
	double p;

	switch (c->kind) {
	case CALIB_NONE:
		return m;
	case CALIB_PLATT:
		return c->a * m + c->b;
	case CALIB_BETA:
		return -c->a * softplus(-m) + c->b * softplus(m) + c->c;
	case CALIB_ISOTONIC:
		if (isnan(m))
			return m;
		p = isotonic_at(c, m);
		return log(p / (1 - p));
	}
	return m;
}

double calib_apply(const struct calib *c, double margin)
{
	double p;

	if (c->kind == CALIB_ISOTONIC && !isnan(margin))
		return isotonic_at(c, margin);
	p = sigmoid(calib_logit(c, margin));
	return p < 1e-12 ? 1e-12 : p > 1 - 1e-12 ? 1 - 1e-12 : p;
}

double calib_se(const struct calib *c, double margin)
{
	double v = c->cov[0] * margin * margin + 2 * c->cov[1] * margin + c->cov[2];

	return v > 0 ? sqrt(v) : 0;
}

/* Which rows a fit sees: all of them, or all but one fold. */
struct rows {
	const struct calib_data *d;
	int without; /* fold, or -1 */
};

static bool in(const struct rows *r, size_t i)
{
	return r->without < 0 || r->d->fold[i] != (uint8_t)r->without;
}

/* --- Platt and beta: a logistic regression on 2 or 3 terms of the margin --- */

static uint32_t terms(enum calib_kind kind, double m, double z[3])
{
	if (kind == CALIB_BETA) {
		z[0] = -softplus(-m);
		z[1] = softplus(m);
		z[2] = 1;
		return 3;
	}
	z[0] = m;
	z[1] = 1;
	return 2;
}

/* a x = b for a symmetric positive matrix, in place; false when singular. ${inv}: its inverse. */
static bool invert(double a[3][3], uint32_t k, double inv[3][3])
{
	for (uint32_t i = 0; i < k; i++)
		for (uint32_t j = 0; j < k; j++)
			inv[i][j] = i == j;
	for (uint32_t i = 0; i < k; i++) {
		double d = a[i][i];

		if (!(d > 1e-12))
			return false;
		for (uint32_t j = 0; j < k; j++) {
			a[i][j] /= d;
			inv[i][j] /= d;
		}
		for (uint32_t r = 0; r < k; r++) {
			double f = a[r][i];

			if (r == i)
				continue;
			for (uint32_t j = 0; j < k; j++) {
				a[r][j] -= f * a[i][j];
				inv[r][j] -= f * inv[i][j];
			}
		}
	}
	return true;
}

struct logit_fit {
	enum calib_kind kind;
	uint32_t k;
	double w[3], grad[3], hess[3][3], loss, pull;
};

static void logit_sums(struct logit_fit *f, const struct rows *r)
{
	double z[3];

	memset(f->grad, 0, sizeof(f->grad));
	memset(f->hess, 0, sizeof(f->hess));
	f->loss = 0;
	for (size_t i = 0; i < r->d->n; i++) {
		double s = 0, p;

		if (!in(r, i))
			continue;
		terms(f->kind, r->d->margin[i], z);
		for (uint32_t j = 0; j < f->k; j++)
			s += f->w[j] * z[j];
		p = sigmoid(s);
		f->loss += loss_of(s, r->d->y[i]);
		for (uint32_t j = 0; j < f->k; j++) {
			f->grad[j] += (p - (double)r->d->y[i]) * z[j];
			for (uint32_t l = 0; l < f->k; l++)
				f->hess[j][l] += p * (1 - p) * z[j] * z[l];
		}
	}
	for (uint32_t j = 0; j + 1 < f->k; j++) {
		f->loss += f->pull * (f->w[j] - 1) * (f->w[j] - 1);
		f->grad[j] += 2 * f->pull * (f->w[j] - 1);
		f->hess[j][j] += 2 * f->pull;
	}
	f->hess[f->k - 1][f->k - 1] += 1e-6;
}

/* Newton with halved steps; the sum is convex, so it ends at the minimum. */
static void logit_fit(struct logit_fit *f, const struct rows *r, double inv[3][3])
{
	double z[3];

	f->k = terms(f->kind, 0, z);
	f->w[0] = 1;
	f->w[1] = f->k == 3 ? 1 : 0;
	f->w[2] = 0;
	logit_sums(f, r);
	for (int it = 0; it < 50; it++) {
		struct logit_fit next = *f;
		double step = 1, h[3][3];

		memcpy(h, f->hess, sizeof(h));
		if (!invert(h, f->k, inv))
			return;
		for (; step > 1e-4; step /= 2) {
			for (uint32_t j = 0; j < f->k; j++) {
				double s = 0;

				for (uint32_t l = 0; l < f->k; l++)
					s += inv[j][l] * f->grad[l];
				next.w[j] = f->w[j] - step * s;
			}
			logit_sums(&next, r);
			if (next.loss <= f->loss)
				break;
		}
		if (step <= 1e-4 || f->loss - next.loss < 1e-10 * (1 + f->loss))
			return;
		*f = next;
	}
}

static void fit_platt(struct calib *c, const struct rows *r, double pull)
{
	struct logit_fit f = { .kind = CALIB_PLATT, .pull = pull };
	double inv[3][3] = { { 0 } };

	logit_fit(&f, r, inv);
	c->a = f.w[0] > 0 ? f.w[0] : 0;
	c->b = f.w[1];
	c->cov[0] = inv[0][0];
	c->cov[1] = inv[0][1];
	c->cov[2] = inv[1][1];
}

static void fit_beta(struct calib *c, const struct rows *r, double pull)
{
	struct logit_fit f = { .kind = CALIB_BETA, .pull = pull };
	double inv[3][3] = { { 0 } };

	fit_platt(c, r, pull); /* for the standard error */
	logit_fit(&f, r, inv);
	if (f.w[0] < 0 || f.w[1] < 0) { /* would not rise with the margin: Platt instead */
		c->kind = CALIB_PLATT;
		return;
	}
	c->a = f.w[0];
	c->b = f.w[1];
	c->c = f.w[2];
}

/* --- isotonic --- */

struct point {
	double m, y;
};

static int by_margin(const void *a, const void *b)
{
	const struct point *p = a, *q = b;

	return p->m < q->m ? -1 : p->m > q->m ? 1 : p->y < q->y ? -1 : p->y > q->y;
}

/* Pools neighbours that fall (Ayer et al. 1955); each block becomes one point at its mean margin.
 */
static uint32_t pool(const struct point *p, size_t n, double *x, double *y, double *weight)
{
	uint32_t k = 0;

	for (size_t i = 0; i < n; i++) {
		x[k] = p[i].m;
		y[k] = p[i].y;
		weight[k] = 1;
		k++;
		while (k > 1 && (y[k - 2] >= y[k - 1] || x[k - 2] == x[k - 1])) {
			double w = weight[k - 2] + weight[k - 1];

			x[k - 2] = (x[k - 2] * weight[k - 2] + x[k - 1] * weight[k - 1]) / w;
			y[k - 2] = (y[k - 2] * weight[k - 2] + y[k - 1] * weight[k - 1]) / w;
			weight[k - 2] = w;
			k--;
		}
	}
	return k;
}

static int fit_isotonic(struct calib *c, const struct rows *r, struct err *e)
{
	struct point *p = malloc((r->d->n + 1) * sizeof(*p));
	double *weight = malloc((r->d->n + 1) * sizeof(*weight));
	size_t n = 0;

	c->x = malloc((r->d->n + 1) * sizeof(*c->x));
	c->y = malloc((r->d->n + 1) * sizeof(*c->y));
	if (p == NULL || weight == NULL || c->x == NULL || c->y == NULL) {
		free(p);
		free(weight);
		return err_nomem(e);
	}
	fit_platt(c, r, PULL);
	for (size_t i = 0; i < r->d->n; i++)
		if (in(r, i))
			p[n++] = (struct point){ r->d->margin[i], (double)r->d->y[i] };
	qsort(p, n, sizeof(*p), by_margin);
	c->n = pool(p, n, c->x, c->y, weight);
	for (uint32_t i = 0; i < c->n; i++) /* a block of one class is not certainty */
		c->y[i] = (c->y[i] * weight[i] + .5) / (weight[i] + 1);
	for (uint32_t i = 0; i < c->n; i++) {
		if (i > 0 && c->y[i] < c->y[i - 1])
			c->y[i] = c->y[i - 1];
		c->y[i] = c->y[i] < EDGE ? EDGE : c->y[i] > 1 - EDGE ? 1 - EDGE : c->y[i];
	}
	free(p);
	free(weight);
	return 0;
}

/* --- choosing --- */

static int fit(
	struct calib *c, enum calib_kind kind, const struct rows *r, double pull, struct err *e)
{
	memset(c, 0, sizeof(*c));
	c->kind = kind;
	for (size_t i = 0; i < r->d->n; i++) {
		c->rows += in(r, i);
		c->positives += in(r, i) ? (double)r->d->y[i] : 0;
	}
	if (kind == CALIB_ISOTONIC) {
		if (c->rows > 0)
			return fit_isotonic(c, r, e);
		c->kind = CALIB_NONE;
	} else if (kind == CALIB_BETA) {
		fit_beta(c, r, pull);
	} else {
		fit_platt(c, r, pull); /* of CALIB_NONE: for the standard error */
	}
	return 0;
}

int calib_fit(struct calib *c, enum calib_kind kind, const struct calib_data *d, double pull,
	struct err *e)
{
	struct rows all = { d, -1 };

	if (fit(c, kind, &all, pull, e) == 0)
		return 0;
	calib_clear(c);
	return -1;
}

/* Cross-fitted loss of each row. */
static int cross(
	enum calib_kind kind, const struct calib_data *d, double *prob, double *loss, struct err *e)
{
	for (uint32_t k = 0; k < d->n_folds; k++) {
		struct rows r = { d, (int)k };
		struct calib c;

		if (fit(&c, kind, &r, PULL, e) != 0) {
			calib_clear(&c);
			return -1;
		}
		for (size_t i = 0; i < d->n; i++) {
			if (d->fold[i] != k)
				continue;
			prob[i] = calib_apply(&c, d->margin[i]);
			loss[i] = -log(d->y[i] > .5f ? prob[i] : 1 - prob[i]);
		}
		calib_clear(&c);
	}
	return 0;
}

static double mean(const double *a, size_t n)
{
	double s = 0;

	for (size_t i = 0; i < n; i++)
		s += a[i];
	return n > 0 ? s / (double)n : 0;
}

/* Standard error of the mean of a - b. */
static double paired_se(const double *a, const double *b, size_t n)
{
	double s = 0, s2 = 0;

	for (size_t i = 0; i < n; i++) {
		double d = a[i] - b[i];

		s += d;
		s2 += d * d;
	}
	s /= (double)n;
	return sqrt(fmax(0, s2 / (double)n - s * s) / (double)n);
}

/* Standard errors by which a kind must beat Platt: it bends more, so its cross-validated figure is
 * the luckier one. */
static const double margin_needed[KINDS] = { 0, 0, 1, 2 };

/* Rows of the rarer outcome below which a kind is not tried: it would bend to single rows. */
static const size_t rows_needed[KINDS] = { 0, 0, 300, 1000 };

static size_t rarer(const struct calib_data *d)
{
	size_t won = 0;

	for (size_t i = 0; i < d->n; i++)
		won += d->y[i] > .5f;
	return won < d->n - won ? won : d->n - won;
}

static int choose(const struct calib_data *d, double *work, double *prob,
	struct calib_choice *choice, struct err *e)
{
	double *loss = work, *platt = work + d->n, *p = work + 2 * d->n;

	choice->best = CALIB_PLATT;
	if (cross(CALIB_PLATT, d, p, platt, e) != 0)
		return -1;
	choice->log_loss[CALIB_PLATT] = mean(platt, d->n);
	if (prob != NULL)
		memcpy(prob, p, d->n * sizeof(*prob));
	for (int k = 0; k < KINDS; k++) {
		double se;

		if (k == CALIB_PLATT)
			continue;
		choice->log_loss[k] = NAN;
		if (rarer(d) < rows_needed[k])
			continue;
		if (cross((enum calib_kind)k, d, p, loss, e) != 0)
			return -1;
		choice->log_loss[k] = mean(loss, d->n);
		se = paired_se(loss, platt, d->n);
		if (choice->log_loss[k] + margin_needed[k] * se >= choice->log_loss[CALIB_PLATT] ||
			choice->log_loss[k] >= choice->log_loss[choice->best])
			continue;
		choice->best = (enum calib_kind)k;
		if (prob != NULL)
			memcpy(prob, p, d->n * sizeof(*prob));
	}
	return 0;
}

int calib_choose(struct calib *c, const struct calib_data *d, double *prob,
	struct calib_choice *choice, struct err *e)
{
	double *work = malloc((3 * d->n + 1) * sizeof(*work));
	int rc;

	memset(c, 0, sizeof(*c));
	if (work == NULL)
		return err_nomem(e);
	rc = choose(d, work, prob, choice, e);
	free(work);
	return rc != 0 ? -1 : calib_fit(c, choice->best, d, PULL, e);
}

void calib_clear(struct calib *c)
{
	free(c->x);
	free(c->y);
	memset(c, 0, sizeof(*c));
}

/* --- keeping --- */

static void write_list(struct jw *w, const char *key, const double *a, uint32_t n)
{
	jw_key(w, key);
	jw_arr(w);
	for (uint32_t i = 0; i < n; i++)
		jw_num(w, a[i]);
	jw_end_arr(w);
}

void calib_write(const struct calib *c, struct jw *w)
{
	jw_obj(w);
	jw_kz(w, "kind", names[c->kind]);
	jw_knum(w, "a", c->a);
	jw_knum(w, "b", c->b);
	jw_knum(w, "c", c->c);
	write_list(w, "cov", c->cov, 3);
	jw_knum(w, "rows", c->rows);
	jw_knum(w, "positives", c->positives);
	if (c->kind == CALIB_ISOTONIC) {
		write_list(w, "margin", c->x, c->n);
		write_list(w, "probability", c->y, c->n);
	}
	jw_end_obj(w);
}

static int read_points(struct calib *c, const struct json *v, struct err *e)
{
	const struct json *x = json_need(v, "margin", J_ARR, e), *y;

	if (x == NULL || (y = json_need(v, "probability", J_ARR, e)) == NULL)
		return -1;
	if (json_len(x) != json_len(y) || json_len(x) == 0 || json_len(x) > UINT32_MAX)
		return err_set(e, ERR_INPUT,
			"calibration: %zu margins and %zu probabilities, not as many of both",
			json_len(x), json_len(y));
	c->n = (uint32_t)json_len(x);
	c->x = calloc(c->n, sizeof(*c->x));
	c->y = calloc(c->n, sizeof(*c->y));
	if (c->x == NULL || c->y == NULL)
		return err_nomem(e);
	for (uint32_t i = 0; i < c->n; i++) {
		c->x[i] = json_num(json_at(x, i), NAN);
		c->y[i] = json_num(json_at(y, i), NAN);
		if (!isfinite(c->x[i]) || !(c->y[i] > 0 && c->y[i] < 1) ||
			(i > 0 && (!(c->x[i] > c->x[i - 1]) || c->y[i] < c->y[i - 1])))
			return err_set(e, ERR_INPUT, "calibration: point %u does not rise", i);
	}
	return 0;
}

static int read_all(struct calib *c, const struct json *v, struct err *e)
{
	const struct json *cov;
	struct str kind;

	if (json_need_str(v, "kind", &kind, e) != 0 || json_need_num(v, "a", &c->a, e) != 0 ||
		json_need_num(v, "b", &c->b, e) != 0 || json_need_num(v, "c", &c->c, e) != 0 ||
		json_need_num(v, "rows", &c->rows, e) != 0 ||
		json_need_num(v, "positives", &c->positives, e) != 0 ||
		(cov = json_need(v, "cov", J_ARR, e)) == NULL)
		return -1;
	for (size_t i = 0; i < 3; i++)
		c->cov[i] = json_num(json_at(cov, i), 0);
	for (int k = 0; k < KINDS; k++) {
		if (!str_eq(kind, str_of(names[k])))
			continue;
		c->kind = (enum calib_kind)k;
		if (k != CALIB_NONE && (c->a < 0 || (k == CALIB_BETA && c->b < 0)))
			return err_set(e, ERR_INPUT, "calibration: the slope is negative");
		return k == CALIB_ISOTONIC ? read_points(c, v, e) : 0;
	}
	return err_set(e, ERR_INPUT,
		"calibration: kind is \"" STR_FMT "\", not none, platt, beta or isotonic",
		STR_ARG(kind));
}

int calib_read(struct calib *c, const struct json *v, struct err *e)
{
	memset(c, 0, sizeof(*c));
	if (read_all(c, v, e) == 0)
		return 0;
	calib_clear(c);
	return -1;
}
