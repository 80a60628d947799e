/* SPDX-License-Identifier: Apache-2.0 */
#include "features/leak_stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/err.h"
#include "util/rng.h"

#define Z95       1.645
#define PRIOR     5.0  /* leads at the base rate added to each cell */
#define MOST      4096 /* cells of a combination */
#define PURE      .9   /* a cell's share of won that the other folds must see */
#define PURE_MIN  4.0  /* leads they must see there */
#define LOST_ODDS .03
#define NO_WON    .05 /* won leads so many times rarer in a cell than lost ones */

double leak_share_low(double k, double n)
{
	double p, z2 = Z95 * Z95;

	if (n <= 0)
		return 0;
	p = k / n;
	return fmax(0,
		(p + z2 / (2 * n) - Z95 * sqrt(p * (1 - p) / n + z2 / (4 * n * n))) / (1 + z2 / n));
}

double leak_share_high(double k, double n)
{
	return n <= 0 ? 1 : 1 - leak_share_low(n - k, n);
}

double leak_auc_low(double auc, double n_won, double n_lost)
{
	double least = fmin(n_won, n_lost), a, q1, q2, var;

	if (least < 2)
		return 0;
	a = fmin(auc, 1 - 1 / (2 * least)); /* perfect in a small sample is not certain */
	q1 = a / (2 - a);
	q2 = 2 * a * a / (1 + a);
	var = (a * (1 - a) + (n_won - 1) * (q1 - a * a) + (n_lost - 1) * (q2 - a * a)) /
	      (n_won * n_lost);
	return a - Z95 * sqrt(fmax(var, 0));
}

void leak_rows_clear(struct leak_rows *r)
{
	free(r->row);
	free(r->won);
	free(r->fold);
	*r = (struct leak_rows){ 0 };
}

static bool is_won(const struct frame *f, size_t row)
{
	return f->n_classes == 3 ? f->outcome[row] == 0 : f->outcome[row] == OUTCOME_WON;
}

/* Folds dealt out in a shuffled order, won and lost apart, so that each fold has both. */
static int deal_folds(struct leak_rows *r, uint64_t seed, struct err *e)
{
	uint32_t *order = malloc((r->n + 1) * sizeof(*order));
	struct rng rng;
	size_t dealt[2] = { 0, 0 };

	if (order == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < r->n; i++)
		order[i] = (uint32_t)i;
	rng_seed(&rng, rng_fork(seed, 2));
	rng_shuffle(&rng, order, r->n);
	for (size_t i = 0; i < r->n; i++)
		r->fold[order[i]] = (uint8_t)(dealt[r->won[order[i]]]++ % LEAK_FOLDS);
	free(order);
	return 0;
}

int leak_rows_make(
	const struct frame *f, size_t most, uint64_t seed, struct leak_rows *out, struct err *e)
{
	size_t known = 0, left, want, n = 0;
	struct rng rng;

	*out = (struct leak_rows){ 0 };
	for (size_t i = 0; i < f->rows; i++)
		known += f->outcome[i] != OUTCOME_OPEN;
	want = known < most ? known : most;
	out->row = malloc((want + 1) * sizeof(*out->row));
	out->won = malloc(want + 1);
	out->fold = malloc(want + 1);
	if (out->row == NULL || out->won == NULL || out->fold == NULL) {
		leak_rows_clear(out);
		return err_nomem(e);
	}
	rng_seed(&rng, rng_fork(seed, 1));
	left = known;
	for (size_t i = 0; i < f->rows && n < want; i++) {
		if (f->outcome[i] == OUTCOME_OPEN)
			continue;
		/* Each subset of ${want} rows is equally likely (Fan, Muller and Rezucha 1962). */
		if (known == want || rng_below(&rng, left) < want - n) {
			out->row[n] = (uint32_t)i;
			out->won[n] = is_won(f, i);
			out->n_won += out->won[n];
			n++;
		}
		left--;
	}
	out->n = n;
	out->n_lost = (double)n - out->n_won;
	if (deal_folds(out, seed, e) != 0) {
		leak_rows_clear(out);
		return -1;
	}
	return 0;
}

void leak_cells_clear(struct leak_cells *c)
{
	free(c->cell);
	free(c->logit);
	*c = (struct leak_cells){ 0 };
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Upper edges of bins over sorted values: a value with a share of a bin or more ends one itself. */
static uint32_t bin_edges(const double *sorted, size_t n, uint32_t bins, double *edge)
{
	size_t share = n / bins + (n % bins != 0), in_bin = 0;
	uint32_t k = 0;

	for (size_t i = 0; i < n;) {
		size_t j = i;

		while (j < n && sorted[j] == sorted[i])
			j++;
		if (j - i >= share && in_bin > 0 && k + 1 < 2 * bins) {
			edge[k++] = sorted[i - 1];
			in_bin = 0;
		}
		in_bin += j - i;
		if (in_bin >= share && k + 1 < 2 * bins) {
			edge[k++] = sorted[i];
			in_bin = 0;
		}
		i = j;
	}
	if (in_bin > 0 || k == 0)
		edge[k++] = INFINITY;
	edge[k - 1] = INFINITY;
	return k;
}

int leak_cells_values(
	const double *v, size_t n, uint32_t bins, struct leak_cells *out, struct err *e)
{
	double *sorted = malloc((n + 1) * sizeof(*sorted)),
	       *edge = malloc(2 * (bins + 1) * sizeof(*edge));
	size_t filled = 0;
	uint32_t k = 0;

	out->cell = calloc(n + 1, sizeof(*out->cell));
	out->n = 1;
	if (sorted == NULL || edge == NULL || out->cell == NULL) {
		free(sorted);
		free(edge);
		leak_cells_clear(out);
		return err_nomem(e);
	}
	for (size_t i = 0; i < n; i++) {
		if (!isnan(v[i]))
			sorted[filled++] = v[i];
	}
	if (filled > 0) {
		qsort(sorted, filled, sizeof(*sorted), by_value);
		k = bin_edges(sorted, filled, bins, edge);
	}
	for (size_t i = 0; i < n; i++) {
		uint32_t lo = 0, hi = k;

		if (isnan(v[i]))
			continue;
		while (lo + 1 < hi) { /* first edge not below the value */
			uint32_t mid = (lo + hi) / 2;

			if (edge[mid - 1] < v[i])
				lo = mid;
			else
				hi = mid;
		}
		out->cell[i] = lo + 1;
	}
	out->n = k + 1;
	free(sorted);
	free(edge);
	return 0;
}

int leak_cells_base(const struct frame *f, size_t col, const struct leak_rows *rows, uint32_t bins,
	struct leak_cells *out, struct err *e)
{
	const struct base_col *b = &f->cols[col];
	double *v;
	int failed;

	if (b->kind == BASE_CAT) {
		out->cell = calloc(rows->n + 1, sizeof(*out->cell));
		out->n = b->n_levels > 0 ? b->n_levels : 1;
		if (out->cell == NULL)
			return err_nomem(e);
		for (size_t i = 0; i < rows->n; i++) {
			uint32_t code = b->code[rows->row[i]];

			out->cell[i] = code < out->n ? code : 0;
		}
		/* Nearly all levels of a huge dictionary are not among the rows. */
		return out->n > LEAK_HUGE ? leak_cells_few(out, rows->n, LEAK_HUGE, e) : 0;
	}
	if ((v = malloc((rows->n + 1) * sizeof(*v))) == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < rows->n; i++)
		v[i] = b->num[rows->row[i]];
	failed = leak_cells_values(v, rows->n, bins, out, e);
	free(v);
	return failed;
}

struct ranked {
	uint32_t id, count;
};

static int by_count(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return x->id < y->id ? -1 : x->id > y->id;
}

int leak_cells_few(struct leak_cells *c, size_t n, uint32_t most, struct err *e)
{
	struct ranked *r;
	uint32_t *to;

	if (c->n <= most)
		return 0;
	r = calloc(c->n, sizeof(*r));
	to = calloc(c->n, sizeof(*to));
	if (r == NULL || to == NULL) {
		free(r);
		free(to);
		return err_nomem(e);
	}
	for (uint32_t k = 0; k < c->n; k++)
		r[k].id = k;
	for (size_t i = 0; i < n; i++)
		r[c->cell[i]].count++;
	qsort(r, c->n, sizeof(*r), by_count);
	for (uint32_t k = 0; k < c->n; k++)
		to[r[k].id] = k < most - 1 ? k : most - 1;
	for (size_t i = 0; i < n; i++)
		c->cell[i] = to[c->cell[i]];
	c->n = most;
	free(r);
	free(to);
	return 0;
}

/* Counts of won and of all per fold and cell: won at [fold * n + cell], all behind them. */
static uint32_t *count_cells(
	const uint32_t *cell, uint32_t n, const struct leak_rows *rows, struct err *e)
{
	uint32_t *count = calloc((size_t)n * 2 * LEAK_FOLDS + 1, sizeof(*count));

	if (count == NULL) {
		err_nomem(e);
		return NULL;
	}
	for (size_t i = 0; i < rows->n; i++) {
		size_t at = (size_t)rows->fold[i] * n + cell[i];

		count[at] += rows->won[i];
		count[(size_t)n * LEAK_FOLDS + at]++;
	}
	return count;
}

static uint32_t over_folds(const uint32_t *count, uint32_t n, uint32_t cell)
{
	uint32_t sum = 0;

	for (size_t k = 0; k < LEAK_FOLDS; k++)
		sum += count[k * n + cell];
	return sum;
}

/* Leads of one held-out fold that are scored alike. */
struct tied {
	size_t fold;
	double score, won, lost;
};

static int by_score(const void *a, const void *b)
{
	const struct tied *x = a, *y = b;

	if (x->fold != y->fold)
		return x->fold < y->fold ? -1 : 1;
	return (x->score > y->score) - (x->score < y->score);
}

/* Pairs are compared within a fold only: a won lead that is held out lowers the rates that its own
 * fold is scored with, so that pooling the folds would rank it too low. */
static double tied_auc(struct tied *t, size_t n)
{
	double sum = 0, pairs = 0;

	qsort(t, n, sizeof(*t), by_score);
	for (size_t i = 0; i < n;) {
		double below = 0, won = 0;
		size_t fold = t[i].fold;

		while (i < n && t[i].fold == fold) {
			double w = 0, l = 0, score = t[i].score;

			for (; i < n && t[i].fold == fold && t[i].score == score; i++) {
				w += t[i].won;
				l += t[i].lost;
			}
			sum += w * (below + l / 2);
			below += l;
			won += w;
		}
		pairs += won * below;
	}
	return pairs > 0 ? sum / pairs : .5;
}

static double smoothed(double won, double all, double rate)
{
	return (won + PRIOR * rate) / (all + PRIOR);
}

static void find_pure(
	const uint32_t *count, uint32_t n, const struct leak_rows *rows, struct leak_power *out)
{
	double in_won = 0, in_all = 0, most = 0, out_won = 0, out_lost = 0;

	for (uint32_t c = 0; c < n; c++) {
		double won = over_folds(count, n, c);
		double all = over_folds(count + (size_t)n * LEAK_FOLDS, n, c), counted = 0,
		       lost = all - won;

		for (size_t k = 0; k < LEAK_FOLDS; k++) {
			double w = count[k * n + c], a = count[(LEAK_FOLDS + k) * n + c];

			if ((won - w) * rows->n_lost <= NO_WON * (lost - (a - w)) * rows->n_won &&
				lost - (a - w) >= PURE_MIN) {
				out_won += w;
				out_lost += a - w;
			}
			if (all - a < PURE_MIN || won - w < PURE * (all - a))
				continue;
			in_won += w;
			in_all += a;
			counted += w;
		}
		if (counted > most) {
			most = counted;
			out->top_won_cell = c;
		}
		if (leak_share_high(won, rows->n_won) <=
				LOST_ODDS * leak_share_low(lost, rows->n_lost) &&
			lost > out->one_lost * rows->n_lost) {
			out->one_lost = lost / rows->n_lost;
			out->one_lost_cell = c;
		}
		out->lost_cells += c != 0 && lost >= .1 * rows->n_lost &&
				   won * rows->n_lost <= NO_WON * lost * rows->n_won;
	}
	if (leak_share_high(out_won, rows->n_won) <=
		2 * NO_WON * leak_share_low(out_lost, rows->n_lost))
		out->pure_lost = out_lost / rows->n_lost;
	out->pure_won = in_won / rows->n_won;
	out->pure_won_right = leak_share_low(in_won, in_all);
	out->odds_won = leak_share_low(in_won, rows->n_won) /
			fmax(leak_share_high(in_all - in_won, rows->n_lost), 1e-9);
}

int leak_power_of(const struct leak_cells *c, const struct leak_rows *rows, struct leak_power *out,
	struct err *e)
{
	double rate = rows->n_won / (double)rows->n;
	struct tied *t = malloc(((size_t)c->n * LEAK_FOLDS + 1) * sizeof(*t));
	uint32_t *count = count_cells(c->cell, c->n, rows, e);
	size_t m = 0;

	*out = (struct leak_power){ .auc = .5 };
	if (t == NULL || count == NULL) {
		free(t);
		free(count);
		return err_nomem(e);
	}
	for (uint32_t k = 0; k < c->n; k++) {
		double won = over_folds(count, c->n, k);
		double all = over_folds(count + (size_t)c->n * LEAK_FOLDS, c->n, k);

		for (size_t fold = 0; fold < LEAK_FOLDS; fold++) {
			double w = count[fold * c->n + k];
			double a = count[(LEAK_FOLDS + fold) * c->n + k];

			if (a > 0)
				t[m++] = (struct tied){ fold, smoothed(won - w, all - a, rate), w,
					a - w };
		}
	}
	out->auc = tied_auc(t, m);
	out->auc_low = leak_auc_low(out->auc, rows->n_won, rows->n_lost);
	find_pure(count, c->n, rows, out);
	free(t);
	free(count);
	return 0;
}

double leak_raw_auc(const double *v, const struct leak_rows *rows, struct err *e)
{
	struct tied *t = malloc((rows->n + 1) * sizeof(*t));
	double *sorted = malloc((rows->n + 1) * sizeof(*sorted)), middle = 0, auc;
	size_t filled = 0;

	if (t == NULL || sorted == NULL) {
		free(t);
		free(sorted);
		err_nomem(e);
		return NAN;
	}
	for (size_t i = 0; i < rows->n; i++) {
		if (!isnan(v[i]))
			sorted[filled++] = v[i];
	}
	if (filled > 0) {
		qsort(sorted, filled, sizeof(*sorted), by_value);
		middle = sorted[filled / 2];
	}
	for (size_t i = 0; i < rows->n; i++)
		t[i] = (struct tied){ 0, isnan(v[i]) ? middle : v[i], rows->won[i], !rows->won[i] };
	auc = tied_auc(t, rows->n);
	free(t);
	free(sorted);
	return auc < .5 ? 1 - auc : auc;
}

int leak_cells_learn(struct leak_cells *c, const struct leak_rows *rows, struct err *e)
{
	double rate = rows->n_won / (double)rows->n;
	uint32_t *count = count_cells(c->cell, c->n, rows, e);

	c->logit = malloc(((size_t)c->n * LEAK_FOLDS + 1) * sizeof(*c->logit));
	if (count == NULL || c->logit == NULL) {
		free(count);
		return err_nomem(e);
	}
	for (uint32_t k = 0; k < c->n; k++) {
		double won = over_folds(count, c->n, k);
		double all = over_folds(count + (size_t)c->n * LEAK_FOLDS, c->n, k);

		for (size_t fold = 0; fold < LEAK_FOLDS; fold++) {
			double w = count[fold * c->n + k];
			double a = count[(LEAK_FOLDS + fold) * c->n + k];
			double p = smoothed(won - w, all - a, rate);

			c->logit[fold * c->n + k] = log(p / (1 - p));
		}
	}
	free(count);
	return 0;
}

/* Fills ${t} with the scores of the cells together, ${s} with those of the sum of the parts. */
static size_t joint_scores(const struct leak_cells *const *parts, size_t n_parts, uint32_t cells,
	const uint32_t *count, double rate, struct tied *t, struct tied *s)
{
	size_t m = 0;

	for (uint32_t k = 0; k < cells; k++) {
		double won = over_folds(count, cells, k);
		double all = over_folds(count + (size_t)cells * LEAK_FOLDS, cells, k);

		for (size_t fold = 0; fold < LEAK_FOLDS && all > 0; fold++) {
			double w = count[fold * cells + k];
			double a = count[(LEAK_FOLDS + fold) * cells + k], sum = 0;
			uint32_t rest = k;

			if (a <= 0)
				continue;
			for (size_t p = n_parts; p-- > 0;) {
				sum += parts[p]->logit[fold * parts[p]->n + rest % parts[p]->n];
				rest /= parts[p]->n;
			}
			t[m] = (struct tied){ fold, smoothed(won - w, all - a, rate), w, a - w };
			s[m] = (struct tied){ fold, sum, w, a - w };
			m++;
		}
	}
	return m;
}

/* The area on the very rows that the cells' rates come from. */
static double seen_auc(const uint32_t *count, uint32_t cells, struct tied *t)
{
	size_t m = 0;

	for (uint32_t k = 0; k < cells; k++) {
		double won = over_folds(count, cells, k);
		double all = over_folds(count + (size_t)cells * LEAK_FOLDS, cells, k);

		if (all > 0)
			t[m++] = (struct tied){ 0, won / all, won, all - won };
	}
	return tied_auc(t, m);
}

int leak_joint_of(const struct leak_cells *const *parts, size_t n_parts,
	const struct leak_rows *rows, double least, struct leak_joint *out, struct err *e)
{
	uint32_t *cell = malloc((rows->n + 1) * sizeof(*cell)), *count = NULL;
	struct tied *t = NULL, *s = NULL;
	uint32_t cells = 1;
	size_t m;
	int failed = -1;

	ASSERT(n_parts >= 2 && n_parts <= 3);
	for (size_t p = 0; p < n_parts; p++) {
		ASSERT(parts[p]->logit != NULL && parts[p]->n <= MOST &&
			cells * parts[p]->n <= MOST);
		cells *= parts[p]->n;
	}
	if (cell == NULL)
		goto done;
	for (size_t i = 0; i < rows->n; i++) {
		cell[i] = parts[0]->cell[i];
		for (size_t p = 1; p < n_parts; p++)
			cell[i] = cell[i] * parts[p]->n + parts[p]->cell[i];
	}
	t = malloc(((size_t)cells * LEAK_FOLDS + 1) * sizeof(*t));
	s = malloc(((size_t)cells * LEAK_FOLDS + 1) * sizeof(*s));
	count = count_cells(cell, cells, rows, e);
	if (t == NULL || s == NULL || count == NULL)
		goto done;
	*out = (struct leak_joint){ .sum_auc = .5 };
	if (least > 0 && (out->auc = seen_auc(count, cells, t)) < least) {
		failed = 0;
		goto done;
	}
	m = joint_scores(parts, n_parts, cells, count, rows->n_won / (double)rows->n, t, s);
	out->auc = tied_auc(t, m);
	out->auc_low = leak_auc_low(out->auc, rows->n_won, rows->n_lost);
	out->sum_auc = tied_auc(s, m);
	failed = 0;
done:
	if (failed != 0)
		err_nomem(e);
	free(cell);
	free(count);
	free(t);
	free(s);
	return failed;
}
