/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "features/frame.h"
#include "model/holdout.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"

#define MAGIC "HSHOLD1\n"

enum { HEAD_BYTES = 24, LIST_MAX = 1000, MIN_ROWS = 100, MIN_CLASS = 10 };

static void put64(struct buf *b, uint64_t x)
{
	char le[8];

	for (int i = 0; i < 8; i++, x >>= 8)
		le[i] = (char)(x & 255);
	buf_bytes(b, le, 8);
}

static uint64_t get64(const char *p)
{
	uint64_t x = 0;

	for (int i = 7; i >= 0; i--)
		x = x << 8 | (unsigned char)p[i];
	return x;
}

void holdout_put(const struct holdout *h, struct buf *b)
{
	buf_str(b, S(MAGIC));
	put64(b, h->n);
	put64(b, h->k);
	for (size_t i = 0; i < h->n; i++) {
		put64(b, h->key[i]);
		put64(b, h->line[i]);
		put64(b, (uint64_t)(int64_t)h->y[i]);
		for (uint32_t c = 0; c < h->k; c++) {
			uint64_t bits;

			memcpy(&bits, &h->p[i * h->k + c], sizeof(bits));
			put64(b, bits);
		}
	}
}

static int read_rows(const char *p, struct holdout *h, struct err *e)
{
	for (size_t i = 0; i < h->n; i++) {
		int64_t y = (int64_t)get64(p + 16);

		h->key[i] = get64(p);
		h->line[i] = get64(p + 8);
		if (y < -1 || y > 2)
			return err_set(e, ERR_INPUT, "row %zu has outcome %lld", i, (long long)y);
		h->y[i] = (int8_t)y;
		p += 24;
		for (uint32_t c = 0; c < h->k; c++, p += 8) {
			uint64_t bits = get64(p);
			double v;

			memcpy(&v, &bits, sizeof(v));
			if (!(v >= 0 && v <= 1) && !(isnan(v) && y == OUTCOME_OPEN))
				return err_set(e, ERR_INPUT, "row %zu has no valid probability", i);
			h->p[i * h->k + c] = v;
		}
	}
	return 0;
}

int holdout_read(struct str bytes, struct holdout *h, struct err *e)
{
	uint64_t n, k;

	*h = (struct holdout){ 0 };
	if (bytes.n < HEAD_BYTES || memcmp(bytes.p, MAGIC, 8) != 0)
		return err_set(e, ERR_INPUT, "it is no list of held-out rows");
	n = get64(bytes.p + 8);
	k = get64(bytes.p + 16);
	if ((k != 1 && k != 3) || n != (bytes.n - HEAD_BYTES) / (24 + 8 * k) ||
		bytes.n != HEAD_BYTES + n * (24 + 8 * k))
		return err_set(e, ERR_INPUT, "it says %llu rows, which do not fit in its %zu bytes",
			(unsigned long long)n, bytes.n);
	h->n = (size_t)n;
	h->k = (uint32_t)k;
	h->key = calloc(h->n + 1, sizeof(*h->key));
	h->line = calloc(h->n + 1, sizeof(*h->line));
	h->y = calloc(h->n + 1, sizeof(*h->y));
	h->p = calloc(h->n * h->k + 1, sizeof(*h->p));
	if (h->key == NULL || h->line == NULL || h->y == NULL || h->p == NULL) {
		holdout_clear(h);
		return err_nomem(e);
	}
	if (read_rows(bytes.p + HEAD_BYTES, h, e) == -1) {
		holdout_clear(h);
		return -1;
	}
	return 0;
}

void holdout_clear(struct holdout *h)
{
	free(h->key);
	free(h->line);
	free(h->y);
	free(h->p);
	*h = (struct holdout){ 0 };
}

/* --- two versions --- */

struct at {
	uint64_t key;
	size_t row;
};

static int by_key(const void *x, const void *y)
{
	const struct at *a = x, *b = y;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return (a->row > b->row) - (a->row < b->row);
}

static struct at *sorted(const struct holdout *h)
{
	struct at *v = calloc(h->n + 1, sizeof(*v));

	for (size_t i = 0; v != NULL && i < h->n; i++)
		v[i] = (struct at){ h->key[i], i };
	if (v != NULL)
		qsort(v, h->n, sizeof(*v), by_key);
	return v;
}

struct pair {
	size_t a, b;
};

static int by_row(const void *x, const void *y)
{
	const struct pair *p = x, *q = y;

	return (p->a > q->a) - (p->a < q->a);
}

/* Rows of both with the same key and outcome; equal rows pair up in file order. */
static struct pair *match(
	const struct holdout *a, const struct holdout *b, size_t *n, struct err *e)
{
	struct at *x = sorted(a), *y = sorted(b);
	struct pair *out = calloc(a->n + 1, sizeof(*out));

	*n = 0;
	if (x == NULL || y == NULL || out == NULL) {
		err_nomem(e);
		free(out);
		out = NULL;
		goto done;
	}
	for (size_t i = 0, j = 0; i < a->n && j < b->n;) {
		if (x[i].key < y[j].key) {
			i++;
		} else if (x[i].key > y[j].key) {
			j++;
		} else {
			if (a->y[x[i].row] >= 0 && a->y[x[i].row] == b->y[y[j].row])
				out[(*n)++] = (struct pair){ x[i].row, y[j].row };
			i++;
			j++;
		}
	}
	qsort(out, *n, sizeof(*out), by_row);
done:
	free(x);
	free(y);
	return out;
}

static enum heat heat_in(const struct holdout_side *s, size_t row)
{
	const double *p = s->h->p + row * s->h->k;

	return s->h->k == 3 ? heat_of_classes(p) : heat_of(s->bands, *p);
}

static double p_in(const struct holdout_side *s, size_t row)
{
	return s->h->p[row * s->h->k];
}

struct move {
	struct pair at;
	double by;
};

static int largest_first(const void *x, const void *y)
{
	const struct move *a = x, *b = y;

	if (a->by != b->by)
		return a->by > b->by ? -1 : 1;
	return (a->at.a > b->at.a) - (a->at.a < b->at.a);
}

static void put_side(struct jw *w, const struct holdout_side *s, size_t row)
{
	jw_key(w, s->version);
	jw_obj(w);
	jw_kz(w, "heat", heat_name(heat_in(s, row)));
	jw_knum(w, "probability", p_in(s, row));
	jw_end_obj(w);
}

static int list_moves(const struct holdout_side *a, const struct holdout_side *b,
	const struct pair *pairs, size_t n, struct jw *w, struct err *e)
{
	struct move *moves = calloc(n + 1, sizeof(*moves));
	size_t m = 0;

	if (moves == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < n; i++)
		if (heat_in(a, pairs[i].a) != heat_in(b, pairs[i].b))
			moves[m++] = (struct move){ pairs[i],
				fabs(p_in(a, pairs[i].a) - p_in(b, pairs[i].b)) };
	qsort(moves, m, sizeof(*moves), largest_first);
	for (size_t i = 0; i < m && i < LIST_MAX; i++) {
		jw_obj(w);
		jw_kint(w, "line", (int64_t)a->h->line[moves[i].at.a]);
		put_side(w, b, moves[i].at.b);
		put_side(w, a, moves[i].at.a);
		jw_end_obj(w);
	}
	free(moves);
	return 0;
}

static int figures(const struct holdout_side *a, const struct holdout_side *b,
	const struct pair *pairs, uint64_t seed, struct holdout_compare *out, struct err *e)
{
	double *pa = calloc(out->shared + 1, sizeof(*pa)),
	       *pb = calloc(out->shared + 1, sizeof(*pb));
	int8_t *y = calloc(out->shared + 1, sizeof(*y));
	struct eval_rows rows = { pa, y, out->shared };
	struct eval_opts o = { .seed = seed };
	size_t won = 0;
	int rc = -1;

	if (pa == NULL || pb == NULL || y == NULL) {
		err_nomem(e);
		goto done;
	}
	for (size_t i = 0; i < out->shared; i++) {
		int8_t label = a->h->y[pairs[i].a];

		pa[i] = p_in(a, pairs[i].a);
		pb[i] = p_in(b, pairs[i].b);
		y[i] = a->h->k == 3 ? label == 0 : label;
		won += y[i] == OUTCOME_WON;
	}
	out->comparable =
		out->shared >= MIN_ROWS && won >= MIN_CLASS && out->shared - won >= MIN_CLASS;
	if (!out->comparable) {
		rc = 0;
		goto done;
	}
	if ((rc = eval_compare(&rows, pb, &o, &out->figures, e)) == 0) {
		out->worse = out->figures.log_loss.low > 0;
		out->better = out->figures.log_loss.high < 0;
	}
done:
	free(pa);
	free(pb);
	free(y);
	return rc;
}

int holdout_compare(const struct holdout_side *a, const struct holdout_side *b, uint64_t seed,
	struct holdout_compare *out, struct jw *list, struct err *e)
{
	struct pair *pairs;
	int rc = -1;

	*out = (struct holdout_compare){ 0 };
	if (a->h->k != b->h->k)
		return 0; /* two outcomes and three labels share nothing */
	if ((pairs = match(a->h, b->h, &out->shared, e)) == NULL)
		return -1;
	for (size_t i = 0; i < out->shared; i++)
		out->moved[heat_in(b, pairs[i].b)][heat_in(a, pairs[i].a)]++;
	if (figures(a, b, pairs, seed, out, e) == 0)
		rc = list == NULL ? 0 : list_moves(a, b, pairs, out->shared, list, e);
	free(pairs);
	return rc;
}
