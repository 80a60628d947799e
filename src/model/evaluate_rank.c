/* SPDX-License-Identifier: Apache-2.0 */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/evaluate_internal.h"
#include "util/err.h"
#include "util/rng.h"

struct keyed {
	double p;
	uint32_t place, index; /* among the known rows, among all */
};

static int by_p_descending(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;

	if (x->p != y->p)
		return x->p > y->p ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

/* The known rows, sorted; *n is their number. NULL with ${e} filled. */
static struct keyed *sorted(const struct eval_rows *rows, bool ranking, size_t *n, struct err *e)
{
	struct keyed *k;
	size_t m = 0;

	if (rows->n > UINT32_MAX / 2) {
		err_set(e, ERR_LIMIT, "%zu rows are too many to evaluate at once", rows->n);
		return NULL;
	}
	if ((k = malloc((rows->n + 1) * sizeof(*k))) == NULL) {
		err_nomem(e);
		return NULL;
	}
	for (size_t i = 0; i < rows->n; i++) {
		double p = rows->p[i];

		if (rows->y[i] < 0)
			continue;
		if (!ranking && !(p >= 0 && p <= 1)) {
			err_set(e, ERR_INPUT, "row %zu has the probability %g, not one from 0 to 1",
				i + 1, p);
			free(k);
			return NULL;
		}
		k[m] = (struct keyed){ isnan(p) ? -INFINITY : p, (uint32_t)m, (uint32_t)i };
		m++;
	}
	qsort(k, m, sizeof(*k), by_p_descending);
	*n = m;
	return k;
}

/* Linear interpolation between order statistics, as NumPy's percentile. ${p} descends. */
static double quantile(const double *p, size_t n, double q)
{
	double at = (double)(n - 1) * q, t = at - floor(at), a, b;
	size_t i = (size_t)floor(at);

	a = p[n - 1 - i];
	b = i + 1 < n ? p[n - 2 - i] : a;
	return t >= .5 ? b - (b - a) * (1 - t) : a + (b - a) * t;
}

static uint8_t bin_of(const double *edges, double p)
{
	uint8_t b = 0;

	for (int i = 1; i < EVAL_BINS; i++)
		b = (uint8_t)(b + (edges[i] < p));
	return b;
}

static void make_segments(struct eval_ranked *r)
{
	/* NumPy's arithmetic to the last digit, as ties sit on edges: percentiles of linspace. */
	for (int i = 0; i <= EVAL_BINS; i++) {
		double q = i < EVAL_BINS ? i * .1 : 1;

		r->edges_width[i] = q;
		r->edges_mass[i] = r->n > 0 ? quantile(r->p, r->n, q * 100 / 100) : 0;
	}
	if (r->n > 0)
		r->edges_mass[EVAL_BINS] = r->p[0];
	for (size_t i = 0; i < r->n; i++) {
		uint8_t w = r->ranking ? 0 : bin_of(r->edges_width, r->p[i]);
		uint8_t m = r->ranking ? 0 : bin_of(r->edges_mass, r->p[i]);
		struct eval_segment *s = &r->segment[r->n_segments - (i > 0)];

		if (i == 0 || s->width != w || s->mass != m) {
			s = &r->segment[r->n_segments++];
			*s = (struct eval_segment){ i, i, w, m };
		}
		s->to = i + 1;
	}
}

static void make_tops(struct eval_ranked *r, size_t top_k)
{
	static const double share[EVAL_TOPS - 1] = { .05, .10, .20 };

	if (r->n == 0)
		return;
	for (int i = 0; i < EVAL_TOPS - 1; i++) {
		r->top_k[i] = (size_t)floor((double)r->n * share[i] + .5);
		if (r->top_k[i] == 0)
			r->top_k[i] = 1;
	}
	r->top_k[EVAL_TOPS - 1] = top_k < r->n ? top_k : r->n;
}

int eval_rank(const struct eval_rows *rows, bool ranking, size_t top_k, struct eval_ranked *out,
	struct err *e)
{
	size_t n;
	struct keyed *k = sorted(rows, ranking, &n, e);

	if (k == NULL)
		return -1;
	out->row = malloc((n + 1) * sizeof(*out->row));
	out->p = malloc((n + 1) * sizeof(*out->p));
	out->loss = malloc((n + 1) * sizeof(*out->loss));
	out->square = malloc((n + 1) * sizeof(*out->square));
	out->y = malloc(n + 1);
	out->end = malloc(n + 1);
	if (out->row == NULL || out->p == NULL || out->loss == NULL || out->square == NULL ||
		out->y == NULL || out->end == NULL) {
		eval_ranked_clear(out);
		free(k);
		return err_nomem(e);
	}
	out->n = n;
	out->ranking = ranking;
	for (size_t i = 0; i < n; i++) {
		double p = k[i].p, y = rows->y[k[i].index] == 1;
		double q = fmin(fmax(p, DBL_EPSILON), 1 - DBL_EPSILON);

		out->row[i] = k[i].place;
		out->p[i] = p;
		out->y[i] = (uint8_t)y;
		out->won += (size_t)y;
		out->loss[i] = ranking ? 0 : y > 0 ? -log(q) : -log(1 - q);
		out->square[i] = ranking ? 0 : (p - y) * (p - y);
		out->end[i] = i + 1 == n || k[i + 1].p != p;
	}
	free(k);
	make_segments(out);
	make_tops(out, top_k);
	return 0;
}

void eval_ranked_clear(struct eval_ranked *r)
{
	free(r->row);
	free(r->p);
	free(r->loss);
	free(r->square);
	free(r->y);
	free(r->end);
	memset(r, 0, sizeof(*r));
}

/* What is carried down the ranked rows. */
struct pass {
	uint64_t n, won;           /* above the ties at hand */
	uint64_t tied_n, tied_won; /* in them */
	double pairs;              /* won above lost, ties half */
	double steps;              /* sum of won * precision at their cut */
	double top_won[EVAL_TOPS];
};

static void end_ties(struct pass *s, const struct eval_ranked *r)
{
	if (s->tied_n == 0)
		return;
	s->pairs += (double)(s->tied_n - s->tied_won) * ((double)s->won + .5 * (double)s->tied_won);
	if (s->tied_won > 0)
		s->steps += (double)s->tied_won * (double)(s->won + s->tied_won) /
			    (double)(s->n + s->tied_n);
	for (int i = 0; i < EVAL_TOPS; i++) {
		uint64_t k = r->top_k[i];

		if (k > s->n && k <= s->n + s->tied_n)
			s->top_won[i] = (double)s->won + (double)(k - s->n) * (double)s->tied_won /
								 (double)s->tied_n;
	}
	s->n += s->tied_n;
	s->won += s->tied_won;
	s->tied_n = s->tied_won = 0;
}

/* Sums of a bin: |sum p - sum y| / n added up is the calibration error. */
struct gap {
	double p, y;
};

static double gaps(const struct gap *g, double n)
{
	double sum = 0;

	for (int i = 0; i < EVAL_BINS; i++)
		sum += fabs(g[i].p - g[i].y);
	return sum / n;
}

void eval_stats(const struct eval_ranked *r, const uint16_t *count, double out[STAT_COUNT])
{
	struct pass s = { 0 };
	struct gap width[EVAL_BINS] = { { 0 } }, mass[EVAL_BINS] = { { 0 } };
	double loss = 0, square = 0, n, won, none = NAN;

	for (size_t j = 0; j < r->n_segments; j++) {
		const struct eval_segment *g = &r->segment[j];
		uint64_t y = 0;
		double p = 0;

		for (size_t i = g->from; i < g->to; i++) {
			uint64_t c = count != NULL ? count[i] : 1;
			double w = (double)(int64_t)c;

			s.tied_n += c;
			s.tied_won += c * r->y[i];
			y += c * r->y[i];
			p += w * r->p[i];
			loss += w * r->loss[i];
			square += w * r->square[i];
			if (r->end[i])
				end_ties(&s, r);
		}
		width[g->width].p += p;
		width[g->width].y += (double)y;
		mass[g->mass].p += p;
		mass[g->mass].y += (double)y;
	}
	n = (double)s.n;
	won = (double)s.won;
	out[STAT_ROC] = won > 0 && won < n ? s.pairs / (won * (n - won)) : none;
	out[STAT_PR] = won > 0 ? s.steps / won : none;
	out[STAT_LOSS] = n > 0 && !r->ranking ? loss / n : none;
	out[STAT_BRIER] = n > 0 && !r->ranking ? square / n : none;
	out[STAT_ECE] = n > 0 && !r->ranking ? gaps(width, n) : none;
	out[STAT_ECE_MASS] = n > 0 && !r->ranking ? gaps(mass, n) : none;
	for (int i = 0; i < EVAL_TOPS; i++) {
		double k = (double)r->top_k[i];

		out[STAT_PRECISION + i] = k > 0 ? s.top_won[i] / k : none;
		out[STAT_LIFT + i] = k > 0 && won > 0 ? s.top_won[i] / k / (won / n) : none;
		out[STAT_RECALL + i] = k > 0 && won > 0 ? s.top_won[i] / won : none;
	}
}

uint32_t eval_resamples(const struct eval_opts *o, size_t n)
{
	if (o != NULL && o->no_intervals)
		return 0;
	if (o != NULL && o->resamples > 0)
		return o->resamples;
	if (n <= 100000)
		return 1000;
	return n >= 2000000 ? 50 : (uint32_t)(100000000 / n);
}

void eval_draw(uint64_t seed, uint32_t i, size_t n, uint16_t *count)
{
	struct rng rng;

	/* A stream per resample. The multiplication prefers some rows by one part in 2^32 / n,
	 * which no interval can show; two draws come out of each random number. */
	rng_seed(&rng, rng_fork(seed, i));
	memset(count, 0, n * sizeof(*count));
	for (size_t k = 0; k + 1 < n; k += 2) {
		uint64_t x = rng_u64(&rng);

		count[((x & UINT32_MAX) * n) >> 32]++;
		count[((x >> 32) * n) >> 32]++;
	}
	if (n % 2 == 1)
		count[((rng_u64(&rng) >> 32) * n) >> 32]++;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double percentile(const double *v, size_t n, double q)
{
	double at = (double)(n - 1) * q;
	size_t i = (size_t)at;

	return i + 1 < n ? v[i] + (v[i + 1] - v[i]) * (at - (double)i) : v[n - 1];
}

struct eval_value eval_interval(double value, double *v, size_t n, bool shift)
{
	struct eval_value r = { value, NAN, NAN };
	size_t m = 0;
	double mean = 0, sd = 0;

	for (size_t i = 0; i < n; i++)
		if (!isnan(v[i]))
			v[m++] = v[i];
	/* When most resamples have no such figure, the others do not speak for them. */
	if (isnan(value) || m < 2 || m < n / 2)
		return r;
	for (size_t i = 0; i < m; i++)
		mean += v[i] / (double)m;
	for (size_t i = 0; i < m; i++) {
		sd += (v[i] - mean) * (v[i] - mean) / (double)(m - 1);
		if (shift)
			v[i] = fmax(v[i] - mean + value, 0);
	}
	if (n < 400) {
		r.low = value - 1.959963984540054 * sqrt(sd);
		r.high = value + 1.959963984540054 * sqrt(sd);
		if (shift)
			r.low = fmax(r.low, 0);
		return r;
	}
	qsort(v, m, sizeof(*v), ascending);
	r.low = percentile(v, m, .025);
	r.high = percentile(v, m, .975);
	return r;
}
