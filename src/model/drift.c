/* SPDX-License-Identifier: Apache-2.0 */
#include "model/drift.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/heat.h"
#include "model/summary.h"
#include "util/err.h"
#include "util/json.h"
#include "util/rng.h"

enum { DEALS = 999 };
#define FALSE_ALARMS 0.05 /* of the columns said to have moved */

static const char *const names[] = { "within chance", "slight", "moved", "strong" };

const char *drift_name(enum drift_verdict v)
{
	return names[v];
}

void drift_clear(struct drift *d)
{
	free(d->cols);
	memset(d, 0, sizeof(*d));
}

/* ---- dealing out again */

static double log_choose(double n, double k)
{
	return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

/* How many of ${k} marked are among ${n} drawn from ${all}: by inversion outwards from the mode,
 * exact; where that would walk far, the normal with the same mean and variance. */
static uint64_t hypergeometric(struct rng *r, uint64_t all, uint64_t k, uint64_t n)
{
	double N = (double)all, K = (double)k, D = (double)n, u, up, down, at_up, at_down;
	double least = fmax(0, D + K - N), most = fmin(D, K);
	double share = K / N, mean = D * share;
	double var = all > 1 ? mean * (1 - share) * (N - D) / (N - 1) : 0;

	if (least >= most)
		return (uint64_t)most;
	if (var > 100) {
		double x = floor(mean + sqrt(var) * rng_normal(r) + .5);

		return (uint64_t)fmin(fmax(x, least), most);
	}
	at_up = at_down = fmin(fmax(floor((D + 1) * (K + 1) / (N + 2)), least), most);
	up = down = exp(log_choose(K, at_up) + log_choose(N - K, D - at_up) - log_choose(N, D));
	u = rng_double(r) - up;
	while (u > 0 && (at_up < most || at_down > least)) {
		if (at_up < most) {
			up *= (K - at_up) * (D - at_up) / ((at_up + 1) * (N - K - D + at_up + 1));
			at_up++;
			if ((u -= up) <= 0)
				return (uint64_t)at_up;
		}
		if (at_down > least) {
			down *= at_down * (N - K - D + at_down) /
				((K - at_down + 1) * (D - at_down + 1));
			at_down--;
			if ((u -= down) <= 0)
				return (uint64_t)at_down;
		}
		if (up + down < 1e-300)
			break;
	}
	return (uint64_t)fmin(fmax(floor(mean + .5), least), most);
}

/* Bins of one column, then and now. */
struct table {
	uint64_t then[SUMMARY_BINS], now[SUMMARY_BINS];
	uint64_t n_then, n_now;
	uint32_t bins;
};

static double psi(const struct table *t)
{
	double sum = 0, k = 0;

	for (uint32_t b = 0; b < t->bins; b++)
		k += t->then[b] + t->now[b] > 0;
	for (uint32_t b = 0; b < t->bins; b++) {
		double p, q;

		if (t->then[b] + t->now[b] == 0)
			continue;
		p = ((double)t->then[b] + .5) / ((double)t->n_then + .5 * k);
		q = ((double)t->now[b] + .5) / ((double)t->n_now + .5 * k);
		sum += (q - p) * log(q / p);
	}
	return sum;
}

static void deal(const struct table *t, struct rng *r, struct table *out)
{
	uint64_t left = t->n_then + t->n_now, draws = t->n_now;

	*out = *t;
	for (uint32_t b = 0; b < t->bins; b++) {
		uint64_t both = t->then[b] + t->now[b];

		out->now[b] = left > 0 ? hypergeometric(r, left, both, draws) : 0;
		out->then[b] = both - out->now[b];
		left -= both;
		draws -= out->now[b];
	}
}

static double gap(const struct table *t, uint32_t bin)
{
	return fabs(
		(double)t->now[bin] / (double)t->n_now - (double)t->then[bin] / (double)t->n_then);
}

/* The chance of a value beyond all deals, from the chi-squared of the same mean and variance
 * (Wilson and Hilferty 1931): many columns are judged together, so a thousandth is not the end. */
static double tail(double x, const double *v, size_t n)
{
	double mean = 0, var = 0, dof, z;

	for (size_t i = 0; i < n; i++)
		mean += v[i] / (double)n;
	for (size_t i = 0; i < n; i++)
		var += (v[i] - mean) * (v[i] - mean) / (double)(n - 1);
	if (!(mean > 0) || !(var > 0))
		return 0;
	dof = 2 * mean * mean / var;
	z = (cbrt(x / mean) - 1 + 2 / (9 * dof)) / sqrt(2 / (9 * dof));
	return .5 * erfc(z / 1.41421356237309504880);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

struct chance {
	double p, p_missing, p_fresh;
	double mean, high; /* of the index under the null: its mean, its 95th percentile */
};

static struct chance null_of(const struct table *t, uint32_t fresh, uint64_t seed)
{
	double observed = psi(t), v[DEALS];
	size_t reach = 1, missing = 1, newer = 1;
	struct chance c = { 0 };
	struct table d;
	struct rng r;

	rng_seed(&r, seed);
	for (size_t i = 0; i < DEALS; i++) {
		deal(t, &r, &d);
		v[i] = psi(&d);
		c.mean += v[i] / DEALS;
		reach += v[i] >= observed;
		missing += gap(&d, 0) >= gap(t, 0) - 1e-15;
		newer += gap(&d, fresh) >= gap(t, fresh) - 1e-15;
	}
	c.p = (double)reach / (DEALS + 1);
	if (reach == 1)
		c.p = fmin(c.p, tail(observed, v, DEALS));
	c.p_missing = (double)missing / (DEALS + 1);
	c.p_fresh = (double)newer / (DEALS + 1);
	qsort(v, DEALS, sizeof(*v), ascending);
	c.high = v[(size_t)(.95 * DEALS)];
	return c;
}

/* ---- columns */

static struct drift_share share(const struct table *t, uint32_t bin, double p)
{
	return (struct drift_share){ (double)t->then[bin] / (double)t->n_then,
		(double)t->now[bin] / (double)t->n_now, p };
}

static struct table table_of(
	const struct summary_col *s, const struct summary_counter *c, size_t col, uint64_t rows)
{
	struct table t = { .n_then = rows, .n_now = c->rows, .bins = s->n_bins };

	memcpy(t.then, s->n, sizeof(t.then));
	memcpy(t.now, c->n + col * SUMMARY_BINS, sizeof(t.now));
	return t;
}

/* *excess: the index above what chance brings on average. */
static void measure(const struct summary_col *s, const struct table *t, uint64_t seed,
	struct drift_col *out, double *excess)
{
	bool cat = s->kind == BASE_CAT;
	uint32_t fresh = cat ? s->n_bins - 1 : 0;
	struct chance c = null_of(t, fresh, seed);

	out->psi = psi(t);
	out->psi_chance = c.high;
	out->p = c.p;
	out->missing = share(t, 0, c.p_missing);
	out->fresh = cat ? share(t, fresh, c.p_fresh) : (struct drift_share){ 0, 0, 1 };
	*excess = out->psi - c.mean;
	for (uint32_t b = 1; b < t->bins; b++)
		if (gap(t, b) > gap(t, out->bin))
			out->bin = b;
	out->bin_then = (double)t->then[out->bin] / (double)t->n_then;
	out->bin_now = (double)t->now[out->bin] / (double)t->n_now;
}

static void conclude(const struct summary_col *s, double excess, bool real, struct drift_col *c)
{
	char label[128];

	c->verdict = !real           ? DRIFT_CHANCE
		     : excess >= .25 ? DRIFT_STRONG
		     : excess >= .1  ? DRIFT_MOVED
				     : DRIFT_SLIGHT;
	if (c->verdict == DRIFT_CHANCE) {
		snprintf(c->text, sizeof(c->text), "no further from training than chance goes");
		return;
	}
	summary_label(s, c->bin, label, sizeof(label));
	snprintf(c->text, sizeof(c->text), "\"%.120s\" went from %.1f %% to %.1f %% of the leads%s",
		label, 100 * c->bin_then, 100 * c->bin_now,
		s->moves ? "; this one changes with the day alone" : "");
}

struct ranked {
	double p;
	size_t col;
};

static int by_p(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->p != y->p)
		return x->p < y->p ? -1 : 1;
	return x->col < y->col ? -1 : x->col > y->col;
}

/* Benjamini and Hochberg: the largest k with p_(k) <= k/n of the rate; those k are real. */
static void which_are_real(const struct drift *d, struct ranked *r, bool *real)
{
	size_t k = 0;

	for (size_t i = 0; i < d->n; i++)
		r[i] = (struct ranked){ d->cols[i].p, i };
	qsort(r, d->n, sizeof(*r), by_p);
	for (size_t i = 0; i < d->n; i++)
		if (r[i].p <= FALSE_ALARMS * (double)(i + 1) / (double)d->n)
			k = i + 1;
	for (size_t i = 0; i < d->n; i++)
		real[r[i].col] = i < k;
}

/* ---- the whole */

static void judge_heat(
	const struct summary *s, const struct summary_counter *c, uint64_t seed, struct drift *out)
{
	struct table t = { .n_then = s->rows, .n_now = c->rows, .bins = HEAT_COUNT };

	for (int h = 0; h < HEAT_COUNT; h++) {
		t.then[h] = s->heat[h];
		t.now[h] = c->heat[h];
		out->heat_then[h] = (double)s->heat[h] / (double)s->rows;
		out->heat_now[h] = (double)c->heat[h] / (double)c->rows;
	}
	out->heat_p = null_of(&t, 0, seed).p;
}

static void say(struct drift *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(struct drift *d, const char *fmt, ...)
{
	size_t n = strlen(d->text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(d->text + n, sizeof(d->text) - n, fmt, ap);
	va_end(ap);
}

/* Whether column ${i} is more worth naming than ${k}: moved before not, then what does not change
 * with the day alone, then the larger index. */
static bool further(const struct summary *s, const struct drift *d, size_t i, size_t k)
{
	bool mi = d->cols[i].verdict >= DRIFT_MOVED, mk = d->cols[k].verdict >= DRIFT_MOVED;

	if (mi != mk)
		return mi;
	if (s->cols[i].moves != s->cols[k].moves)
		return s->cols[k].moves;
	return d->cols[i].psi > d->cols[k].psi;
}

static void summarise(const struct summary *s, struct drift *d)
{
	size_t slight = 0, worst = 0;

	for (size_t i = 0; i < d->n; i++) {
		slight += d->cols[i].verdict == DRIFT_SLIGHT;
		d->moved += d->cols[i].verdict >= DRIFT_MOVED;
		if (further(s, d, i, worst))
			worst = i;
	}
	if (d->moved + slight == 0)
		say(d, "No column is further from training than chance goes at %llu rows.",
			(unsigned long long)d->rows_now);
	else if (d->moved == 0)
		say(d,
			"%zu of %zu columns differ from training by more than chance explains, but "
			"only slightly.",
			slight, d->n);
	else
		say(d,
			"%zu of %zu columns moved away from training by more than chance explains; "
			"most of all %.100s.",
			d->moved, d->n, s->cols[worst].name);
	say(d, " The mix of scores is %s.",
		d->score.verdict == DRIFT_CHANCE   ? "as it was in training"
		: d->score.verdict == DRIFT_SLIGHT ? "slightly different from training"
						   : "clearly different from training");
	if (d->moved > 0 && d->score.verdict >= DRIFT_MOVED)
		say(d, " Check the probabilities on leads whose outcome is known (eval), and train "
		       "again when they are off.");
}

int drift_judge(const struct summary *s, const struct summary_counter *c, uint64_t seed,
	struct drift *out, struct err *e)
{
	double *excess = calloc(s->n + 1, sizeof(*excess)), score_excess;
	struct ranked *rank = calloc(s->n + 1, sizeof(*rank));
	bool *real = calloc(s->n + 1, sizeof(*real));
	struct table t;
	int rc = -1;

	memset(out, 0, sizeof(*out));
	out->cols = calloc(s->n + 1, sizeof(*out->cols));
	if (excess == NULL || rank == NULL || real == NULL || out->cols == NULL) {
		err_nomem(e);
		goto done;
	}
	if (c->rows == 0 || s->rows == 0) {
		err_set(e, ERR_INPUT, "there is no lead to compare with training");
		goto done;
	}
	out->n = s->n;
	out->rows_then = s->rows;
	out->rows_now = c->rows;
	out->expected_wins = c->sum_p;
	for (size_t i = 0; i < s->n; i++) {
		t = table_of(&s->cols[i], c, i, s->rows);
		out->cols[i].col = i;
		measure(&s->cols[i], &t, rng_fork(seed, i), &out->cols[i], &excess[i]);
	}
	which_are_real(out, rank, real);
	for (size_t i = 0; i < s->n; i++)
		conclude(&s->cols[i], excess[i], real[i], &out->cols[i]);
	t = table_of(&s->score, c, s->n, s->rows);
	out->score.col = s->n;
	measure(&s->score, &t, rng_fork(seed, s->n), &out->score, &score_excess);
	conclude(&s->score, score_excess, out->score.p <= FALSE_ALARMS, &out->score);
	judge_heat(s, c, rng_fork(seed, s->n + 1), out);
	summarise(s, out);
	rc = 0;
done:
	free(excess);
	free(rank);
	free(real);
	if (rc != 0)
		drift_clear(out);
	return rc;
}

static void share_write(struct jw *w, const char *key, const struct drift_share *s)
{
	jw_key(w, key);
	jw_obj(w);
	jw_knum(w, "then", s->then);
	jw_knum(w, "now", s->now);
	jw_knum(w, "p", s->p);
	jw_end_obj(w);
}

static void col_write(struct jw *w, const struct summary_col *s, const struct drift_col *c)
{
	char label[128];

	jw_obj(w);
	jw_kz(w, "column", s->name);
	jw_kz(w, "verdict", names[c->verdict]);
	jw_kbool(w, "used", s->used);
	jw_knum(w, "psi", c->psi);
	jw_knum(w, "psi_by_chance", c->psi_chance);
	jw_knum(w, "p", c->p);
	share_write(w, "missing", &c->missing);
	if (s->kind == BASE_CAT)
		share_write(w, "unseen", &c->fresh);
	summary_label(s, c->bin, label, sizeof(label));
	jw_key(w, "largest_change");
	jw_obj(w);
	jw_kz(w, "value", label);
	jw_knum(w, "then", c->bin_then);
	jw_knum(w, "now", c->bin_now);
	jw_end_obj(w);
	jw_kz(w, "text", c->text);
	jw_end_obj(w);
}

void drift_write(struct jw *w, const struct summary *s, const struct drift *d)
{
	jw_kint(w, "rows_in_training", (int64_t)d->rows_then);
	jw_kint(w, "rows", (int64_t)d->rows_now);
	jw_kz(w, "summary", d->text);
	jw_kint(w, "moved", (int64_t)d->moved);
	jw_knum(w, "expected_wins", d->expected_wins);
	jw_key(w, "scores");
	col_write(w, &s->score, &d->score);
	jw_key(w, "heat");
	jw_obj(w);
	for (int h = 0; h < HEAT_COUNT; h++) {
		struct drift_share v = { d->heat_then[h], d->heat_now[h], d->heat_p };

		share_write(w, heat_name((enum heat)h), &v);
	}
	jw_end_obj(w);
	jw_key(w, "columns");
	jw_arr(w);
	for (size_t i = 0; i < d->n; i++)
		col_write(w, &s->cols[i], &d->cols[i]);
	jw_end_arr(w);
}
