/* SPDX-License-Identifier: Apache-2.0 */
/* tune_plan.c: which rows and columns are learnt from, and the keys every column gives. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/tune_internal.h"
#include "util/err.h"
#include "util/rng.h"

#define ONE_HOT_LEVELS 12
#define WHOLE_LEVELS   60 /* above: means out of fold */
#define ONE_HOT_ROWS   10
#define WHOLE_PRIOR    10.0
#define DEFAULT_M      10.0
#define N_BINS         16
#define MOST_CODES     65536u /* a number with more is not tried as a code */

static int by_float(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return x < y ? -1 : x > y;
}

/* --- rows --- */

static int pick_rows(struct plan *p, const struct plan_spec *s, struct err *e)
{
	const struct frame *f = s->f;
	struct rng rng;
	size_t n = 0, keep;

	p->row = malloc((f->rows + 1) * sizeof(*p->row));
	p->y = malloc((f->rows + 1) * sizeof(*p->y));
	if (p->row == NULL || p->y == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < f->rows; i++)
		if (f->outcome[i] >= 0 && (s->rows == NULL || s->rows[i]))
			p->row[n++] = (uint32_t)i;
	keep = s->max_rows != 0 && n > s->max_rows ? s->max_rows : n;
	if (keep < n) { /* choose keep of n, in order (Knuth's selection sampling) */
		size_t out = 0;

		rng_seed(&rng, rng_fork(s->seed, 77));
		for (size_t i = 0; i < n && out < keep; i++)
			if (rng_below(&rng, n - i) < keep - out)
				p->row[out++] = p->row[i];
	}
	p->n = keep;
	for (size_t i = 0; i < keep; i++) {
		p->y[i] = f->outcome[p->row[i]] == s->positive;
		p->pos += p->y[i] > .5f;
	}
	return 0;
}

int plan_folds(const struct plan *p, const uint32_t *rows, size_t n, uint32_t k, uint64_t seed,
	uint8_t *fold, struct err *e)
{
	uint32_t *order = malloc((n + 1) * sizeof(*order));
	struct rng rng;
	size_t next = 0;

	if (order == NULL)
		return err_nomem(e);
	rng_seed(&rng, seed);
	for (int c = 0; c < 2; c++) {
		size_t m = 0;

		for (size_t i = 0; i < n; i++)
			if ((p->y[rows != NULL ? rows[i] : i] > .5f) == (c == 1))
				order[m++] = (uint32_t)i;
		rng_shuffle(&rng, order, m);
		for (size_t i = 0; i < m; i++)
			fold[order[i]] = (uint8_t)(next++ % k);
	}
	free(order);
	return 0;
}

/* --- columns --- */

static int number_axes(struct plan *p, struct column *c, float *work, struct err *e)
{
	const float *num = p->f->cols[c->base].num;
	size_t n = 0, d = 0;

	for (size_t i = 0; i < p->n; i++) {
		float v = num[p->row[i]];

		if (isnan(v))
			c->has_missing = true;
		else if (isfinite(v))
			work[n++] = v == 0 ? 0 : v; /* no negative zero */
	}
	qsort(work, n, sizeof(*work), by_float);
	c->bins = (struct enc_axis){ .base = c->base, .kind = ENC_AXIS_BIN };
	c->bins.cuts = malloc(N_BINS * sizeof(float));
	if (c->bins.cuts == NULL)
		return err_nomem(e);
	for (size_t b = 1; b < N_BINS && n > 0; b++) {
		float edge = work[b * n / N_BINS];

		if (edge > work[0] &&
			(c->bins.n_cuts == 0 || edge > c->bins.cuts[c->bins.n_cuts - 1]))
			c->bins.cuts[c->bins.n_cuts++] = edge;
	}
	c->bins.n = c->bins.n_cuts + 2;
	for (size_t i = 0; i < n; i++)
		if (d == 0 || work[i] != work[d - 1])
			work[d++] = work[i];
	c->distinct = d > UINT32_MAX ? UINT32_MAX : (uint32_t)d;
	c->level = (struct enc_axis){ .base = c->base, .kind = ENC_AXIS_VALUE };
	if (d <= MOST_CODES && d >= 2) {
		c->level.cuts = malloc(d * sizeof(float));
		if (c->level.cuts == NULL)
			return err_nomem(e);
		memcpy(c->level.cuts, work, d * sizeof(float));
		c->level.n_cuts = (uint32_t)d;
		c->level.n = (uint32_t)d + 1;
	}
	return 0;
}

static int category_axes(struct plan *p, struct column *c, struct err *e)
{
	const struct base_col *b = &p->f->cols[c->base];
	uint8_t *seen = calloc((size_t)b->n_levels + 1, 1);

	if (seen == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < p->n; i++) {
		uint32_t code = b->code[p->row[i]];

		if (code == 0)
			c->has_missing = true;
		else if (code < b->n_levels && !seen[code]) {
			seen[code] = 1;
			c->distinct++;
		}
	}
	free(seen);
	c->level = (struct enc_axis){ c->base, ENC_AXIS_LEVEL, b->n_levels, 0, NULL };
	return 0;
}

static void column_clear(struct column *c)
{
	free(c->level.cuts);
	free(c->bins.cuts);
}

void axis_codes(const struct plan *p, const struct enc_axis *a, uint32_t *out)
{
	const struct base_col *b = &p->f->cols[a->base];

	for (size_t i = 0; i < p->n; i++) {
		size_t r = p->row[i];
		uint32_t c = enc_axis_code(
			a, b->num != NULL ? b->num[r] : NAN, b->code != NULL ? b->code[r] : 0);

		out[i] = c < a->n ? c : 0;
	}
}

/* What the column alone tells of the outcome: chi-square of its bins or levels, levels shrunk. */
static double alone(const struct plan *p, const struct column *c, uint32_t *codes, double *sums)
{
	const struct enc_axis *a = c->bins.n > 0 ? &c->bins : &c->level;
	double rate = (double)p->pos / (double)p->n, gain = 0;

	if (a->n == 0)
		return 0;
	axis_codes(p, a, codes);
	memset(sums, 0, 2 * (size_t)a->n * sizeof(*sums));
	for (size_t i = 0; i < p->n; i++) {
		sums[2 * codes[i]] += (double)p->y[i] - rate;
		sums[2 * codes[i] + 1] += rate * (1 - rate);
	}
	for (uint32_t k = 0; k < a->n; k++)
		gain += sums[2 * k] * sums[2 * k] / (sums[2 * k + 1] + 10) -
			(sums[2 * k + 1] > 0 ? 1 : 0);
	return gain;
}

struct ranked {
	double gain;
	size_t at;
};

static int by_gain(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return x->gain > y->gain ? -1 : x->gain < y->gain ? 1 : x->at < y->at ? -1 : 1;
}

/* Keep the ${most} columns that tell most alone, in their order. */
static int screen(struct plan *p, size_t most, struct err *e)
{
	struct ranked *r = malloc((p->n_cols + 1) * sizeof(*r));
	uint32_t *codes = malloc((p->n + 1) * sizeof(*codes));
	bool *keep = calloc(p->n_cols + 1, 1);
	double *sums = NULL;
	size_t widest = 0, out = 0;

	for (size_t i = 0; i < p->n_cols; i++) {
		const struct enc_axis *a =
			p->cols[i].bins.n > 0 ? &p->cols[i].bins : &p->cols[i].level;

		if (a->n > widest)
			widest = a->n;
	}
	sums = malloc((2 * widest + 2) * sizeof(*sums));
	if (r == NULL || codes == NULL || keep == NULL || sums == NULL) {
		free(r);
		free(codes);
		free(keep);
		free(sums);
		return err_nomem(e);
	}
	for (size_t i = 0; i < p->n_cols; i++)
		r[i] = (struct ranked){ alone(p, &p->cols[i], codes, sums), i };
	qsort(r, p->n_cols, sizeof(*r), by_gain);
	for (size_t i = 0; i < most; i++)
		keep[r[i].at] = true;
	for (size_t i = 0; i < p->n_cols; i++) {
		if (keep[i])
			p->cols[out++] = p->cols[i];
		else
			column_clear(&p->cols[i]);
	}
	p->n_cols = out;
	free(r);
	free(codes);
	free(keep);
	free(sums);
	return 0;
}

static int pick_columns(struct plan *p, const struct plan_spec *s, struct err *e)
{
	const struct frame *f = s->f;
	float *work = malloc((p->n + 1) * sizeof(*work));
	int rc = work == NULL ? err_nomem(e) : 0;

	p->cols = calloc(f->n_cols + 1, sizeof(*p->cols));
	if (p->cols == NULL)
		rc = err_nomem(e);
	for (size_t i = 0; rc == 0 && i < f->n_cols; i++) {
		struct column *c = &p->cols[p->n_cols];

		if (s->use != NULL && !s->use[i])
			continue;
		memset(c, 0, sizeof(*c));
		c->base = (uint32_t)i;
		c->number = f->cols[i].kind == BASE_NUM;
		rc = c->number ? number_axes(p, c, work, e) : category_axes(p, c, e);
		if (rc != 0 || c->distinct + c->has_missing < 2)
			column_clear(c); /* constant */
		else
			p->n_cols++;
	}
	free(work);
	if (rc == 0 && s->max_cols != 0 && p->n_cols > s->max_cols)
		rc = screen(p, s->max_cols, e);
	return rc;
}

/* --- keys --- */

struct cell_slot {
	uint64_t id; /* + 1; 0 free */
	uint32_t index;
};

static int by_id(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Cells in order of id: ids of all rows, sorted, repeats out; then each row finds its own. */
static int number_cells(struct plan *p, struct tkey *k, const uint64_t *ids, struct err *e)
{
	uint64_t *sorted = malloc((p->n + 1) * sizeof(*sorted));
	uint32_t n = 0;

	if (sorted == NULL)
		return err_nomem(e);
	memcpy(sorted, ids, p->n * sizeof(*sorted));
	qsort(sorted, p->n, sizeof(*sorted), by_id);
	for (size_t i = 0; i < p->n; i++)
		if (n == 0 || sorted[n - 1] != sorted[i])
			sorted[n++] = sorted[i];
	k->n_cells = n;
	k->id = sorted;
	k->cell = malloc((p->n + 1) * sizeof(*k->cell));
	k->count = calloc((size_t)n + 1, sizeof(*k->count));
	if (k->cell == NULL || k->count == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < p->n; i++) {
		uint32_t lo = 0, hi = n;

		while (lo + 1 < hi) {
			uint32_t mid = lo + (hi - lo) / 2;

			if (sorted[mid] <= ids[i])
				lo = mid;
			else
				hi = mid;
		}
		k->cell[i] = lo;
		k->count[lo]++;
	}
	return 0;
}

static void tkey_clear(struct tkey *k)
{
	free(k->id);
	free(k->cell);
	free(k->count);
	free(k->hot);
}

int64_t plan_add_key(struct plan *p, const struct enc_axis *axes, uint32_t n, struct err *e)
{
	uint64_t *ids = calloc(p->n + 1, sizeof(*ids));
	uint32_t *codes = malloc((p->n + 1) * sizeof(*codes));
	struct tkey *more = realloc(p->keys, (p->n_keys + 1) * sizeof(*more)), *k;
	int rc = -1;

	if (more != NULL)
		p->keys = more;
	if (ids == NULL || codes == NULL || more == NULL) {
		err_nomem(e);
		goto out;
	}
	k = &p->keys[p->n_keys];
	memset(k, 0, sizeof(*k));
	k->n_axes = n;
	for (uint32_t a = 0; a < n; a++) {
		k->axes[a] = axes[a];
		axis_codes(p, &axes[a], codes);
		for (size_t i = 0; i < p->n; i++)
			ids[i] = ids[i] * axes[a].n + codes[i];
	}
	rc = number_cells(p, k, ids, e);
	if (rc != 0)
		tkey_clear(k);
	else
		p->n_keys++;
out:
	free(ids);
	free(codes);
	return rc != 0 ? -1 : (int64_t)p->n_keys - 1;
}

static int hot_cells(struct tkey *k, bool second_only, struct err *e)
{
	k->hot = malloc(((size_t)k->n_cells + 1) * sizeof(*k->hot));
	if (k->hot == NULL)
		return err_nomem(e);
	for (uint32_t c = 0; c < k->n_cells; c++)
		if (second_only ? c == 1 : k->count[c] >= ONE_HOT_ROWS)
			k->hot[k->n_hot++] = c;
	return 0;
}

static int category_key(struct plan *p, const struct column *c, struct err *e)
{
	int64_t at = plan_add_key(p, &c->level, 1, e);
	struct tkey *k;

	if (at < 0)
		return -1;
	k = &p->keys[at];
	if (k->n_cells <= ONE_HOT_LEVELS && hot_cells(k, k->n_cells == 2, e) != 0)
		return -1;
	k->m = WHOLE_PRIOR;
	if (k->n_cells > 2)
		k->rate = k->n_cells <= WHOLE_LEVELS ? RATE_WHOLE : RATE_INNER;
	if (k->rate == RATE_INNER)
		k->m = DEFAULT_M;
	k->has_count = k->n_cells > ONE_HOT_LEVELS;
	return 0;
}

size_t key_width(const struct tkey *k)
{
	return k->off ? 0 : k->n_hot + k->has_count + (k->rate != RATE_NONE);
}

/* Histograms of all nodes are kept while a tree grows: many features get fewer bins, or a few
 * thousand rows with a thousand features would take gigabytes. */
uint32_t plan_bins(const struct plan *p)
{
	return p->n_features <= 200 ? 256 : p->n_features <= 600 ? 64 : 32;
}

void plan_count_features(struct plan *p)
{
	p->n_features = 0;
	for (size_t i = 0; i < p->n_cols; i++)
		p->n_features += p->cols[i].number;
	for (size_t i = 0; i < p->n_keys; i++)
		p->n_features += key_width(&p->keys[i]);
}

void plan_drop_off(struct plan *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_keys; i++) {
		if (p->keys[i].off)
			tkey_clear(&p->keys[i]);
		else
			p->keys[n++] = p->keys[i];
	}
	p->n_keys = n;
	plan_count_features(p);
}

int plan_init(struct plan *p, const struct plan_spec *s, struct err *e)
{
	memset(p, 0, sizeof(*p));
	p->f = s->f;
	if (pick_rows(p, s, e) != 0 || pick_columns(p, s, e) != 0)
		goto fail;
	for (size_t i = 0; i < p->n_cols; i++)
		if (!p->cols[i].number && category_key(p, &p->cols[i], e) != 0)
			goto fail;
	plan_count_features(p);
	return 0;
fail:
	plan_clear(p);
	return -1;
}

void plan_clear(struct plan *p)
{
	for (size_t i = 0; i < p->n_cols; i++)
		column_clear(&p->cols[i]);
	for (size_t i = 0; i < p->n_keys; i++)
		tkey_clear(&p->keys[i]);
	free(p->cols);
	free(p->keys);
	free(p->row);
	free(p->y);
	memset(p, 0, sizeof(*p));
}
