/* SPDX-License-Identifier: Apache-2.0 */
#include "model/logit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "features/frame.h"
#include "util/err.h"
#include "util/json.h"
#include "util/rng.h"

enum {
	MIN_ROWS = 10,     /* rows a level or a missing indicator needs */
	MAX_LEVELS = 50,   /* of a column */
	MAX_WEIGHTS = 400, /* intercept and all */
	MAX_ROWS = 50000,  /* fitted on */
	MAX_STEPS = 50     /* of Newton's method */
};
#define CLIP 5.0 /* standard deviations */

/* A base column in the regression. Weight indices are 0 where there is none: 0 is the intercept. */
struct term {
	uint32_t col;
	bool cat;
	double mean, sd;      /* numbers */
	uint32_t at, missing; /* numbers: weight of the value, of the indicator */
	uint32_t n_levels;    /* categories */
	uint32_t *level_at;   /* [n_levels] weight of each level; owned */
};

struct logit {
	struct term *terms;
	size_t n_terms;
	double *w;
	uint32_t n_w;
};

void logit_free(struct logit *m)
{
	if (m == NULL)
		return;
	for (size_t i = 0; i < m->n_terms; i++)
		free(m->terms[i].level_at);
	free(m->terms);
	free(m->w);
	free(m);
}

size_t logit_weights(const struct logit *m)
{
	return m->n_w;
}

double logit_weight(const struct logit *m, size_t i)
{
	return m->w[i];
}

/* What one term gives to a row: at most one weight and its value; 0 when nothing. */
static uint32_t term_value(const struct term *t, float num, uint32_t code, double *x)
{
	*x = 1;
	if (t->cat)
		return code < t->n_levels ? t->level_at[code] : 0;
	if (!isfinite(num))
		return t->missing;
	*x = fmin(fmax(((double)num - t->mean) / t->sd, -CLIP), CLIP);
	return t->at;
}

static double sigmoid(double z)
{
	return z >= 0 ? 1 / (1 + exp(-z)) : exp(z) / (1 + exp(z));
}

double logit_row(const struct logit *m, const float *num, const uint32_t *code)
{
	double z = m->w[0], x;

	for (size_t i = 0; i < m->n_terms; i++) {
		const struct term *t = &m->terms[i];
		uint32_t at =
			term_value(t, t->cat ? 0 : num[t->col], t->cat ? code[t->col] : 0, &x);

		if (at > 0)
			z += m->w[at] * x;
	}
	return sigmoid(z);
}

static uint32_t frame_term(const struct frame *f, const struct term *t, uint32_t row, double *x)
{
	const struct base_col *c = &f->cols[t->col];

	return term_value(t, t->cat ? 0 : c->num[row], t->cat ? c->code[row] : 0, x);
}

void logit_apply(const struct logit *m, const struct frame *f, const uint32_t *rows, size_t n_rows,
	double *p)
{
	for (size_t i = 0; i < n_rows; i++) {
		uint32_t row = rows != NULL ? rows[i] : (uint32_t)i, at;
		double z = m->w[0], x;

		for (size_t k = 0; k < m->n_terms; k++)
			if ((at = frame_term(f, &m->terms[k], row, &x)) > 0)
				z += m->w[at] * x;
		p[i] = sigmoid(z);
	}
}

/* ---- what the columns become */

static bool is_won(const struct frame *f, uint32_t row)
{
	return f->n_classes == 3 ? f->outcome[row] == 0 : f->outcome[row] == OUTCOME_WON;
}

struct level {
	uint32_t code, n;
};

static int more_rows_first(const void *a, const void *b)
{
	const struct level *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return x->code < y->code ? -1 : x->code > y->code;
}

static int add_category(
	struct logit *m, const struct base_col *c, struct term *t, const uint32_t *rows, size_t n)
{
	struct level *l = calloc((size_t)c->n_levels + 1, sizeof(*l));

	t->level_at = calloc((size_t)c->n_levels + 1, sizeof(*t->level_at));
	if (l == NULL || t->level_at == NULL) {
		free(l);
		return -1;
	}
	t->n_levels = c->n_levels;
	for (uint32_t i = 0; i < c->n_levels; i++)
		l[i].code = i;
	for (size_t i = 0; i < n; i++)
		if (c->code[rows[i]] < c->n_levels)
			l[c->code[rows[i]]].n++;
	qsort(l, c->n_levels, sizeof(*l), more_rows_first);
	for (uint32_t i = 0; i < c->n_levels && i < MAX_LEVELS && l[i].n >= MIN_ROWS; i++)
		if (l[i].n < n && m->n_w < MAX_WEIGHTS)
			t->level_at[l[i].code] = m->n_w++;
	free(l);
	return 0;
}

static void add_number(
	struct logit *m, const struct base_col *c, struct term *t, const uint32_t *rows, size_t n)
{
	double sum = 0, square = 0, k = 0;

	for (size_t i = 0; i < n; i++)
		if (isfinite(c->num[rows[i]])) {
			sum += (double)c->num[rows[i]];
			k++;
		}
	t->mean = k > 0 ? sum / k : 0;
	for (size_t i = 0; i < n; i++)
		if (isfinite(c->num[rows[i]])) {
			double d = (double)c->num[rows[i]] - t->mean;

			square += d * d;
		}
	t->sd = k > 0 ? sqrt(square / k) : 0;
	if (t->sd > 1e-12 * fabs(t->mean) && t->sd > 0 && m->n_w < MAX_WEIGHTS)
		t->at = m->n_w++;
	else
		t->sd = 1;
	if ((double)n - k >= MIN_ROWS && k > 0 && m->n_w < MAX_WEIGHTS)
		t->missing = m->n_w++;
}

static struct logit *plan(
	const struct frame *f, const uint32_t *cols, size_t n_cols, const uint32_t *rows, size_t n)
{
	struct logit *m = calloc(1, sizeof(*m));

	if (m == NULL || (m->terms = calloc(n_cols + 1, sizeof(*m->terms))) == NULL) {
		free(m);
		return NULL;
	}
	m->n_w = 1;
	for (size_t i = 0; i < n_cols; i++) {
		const struct base_col *c = &f->cols[cols[i]];
		struct term *t = &m->terms[m->n_terms];
		uint32_t before = m->n_w;

		*t = (struct term){ .col = cols[i], .cat = c->kind == BASE_CAT };
		m->n_terms++;
		if (!t->cat) {
			add_number(m, c, t, rows, n);
		} else if (add_category(m, c, t, rows, n) != 0) {
			logit_free(m);
			return NULL;
		}
		if (m->n_w == before) {
			free(t->level_at);
			m->n_terms--;
		}
	}
	if ((m->w = calloc(m->n_w, sizeof(*m->w))) == NULL) {
		logit_free(m);
		return NULL;
	}
	return m;
}

/* ---- Newton's method */

struct newton {
	const struct frame *f;
	const struct logit *m;
	const uint32_t *rows;
	size_t n;
	double *h;        /* [n_w * n_w] lower triangle: the second derivatives, then its root */
	double *g, *step; /* [n_w] */
	double *old;      /* [n_w] */
	uint32_t *at;     /* [n_terms + 1] one row */
	double *x;
};

static uint32_t gather(const struct newton *s, uint32_t row)
{
	uint32_t k = 1;

	s->at[0] = 0;
	s->x[0] = 1;
	for (size_t i = 0; i < s->m->n_terms; i++) {
		s->at[k] = frame_term(s->f, &s->m->terms[i], row, &s->x[k]);
		k += s->at[k] > 0;
	}
	return k;
}

/* The loss at m->w; with ${derive} also gradient and second derivatives. Weight indices grow along
 * a row, so at[a] >= at[b] for a >= b. */
static double loss_at(struct newton *s, bool derive)
{
	const uint32_t d = s->m->n_w;
	const double *w = s->m->w;
	double loss = 0;

	if (derive) {
		memset(s->g, 0, d * sizeof(*s->g));
		memset(s->h, 0, (size_t)d * d * sizeof(*s->h));
	}
	for (size_t i = 0; i < s->n; i++) {
		uint32_t k = gather(s, s->rows[i]);
		double y = is_won(s->f, s->rows[i]), z = 0, p;

		for (uint32_t a = 0; a < k; a++)
			z += w[s->at[a]] * s->x[a];
		loss += fmax(z, 0) - y * z + log1p(exp(-fabs(z)));
		if (!derive)
			continue;
		p = sigmoid(z);
		for (uint32_t a = 0; a < k; a++) {
			double *h = s->h + (size_t)s->at[a] * d, c = p * (1 - p) * s->x[a];

			s->g[s->at[a]] += (p - y) * s->x[a];
			for (uint32_t b = 0; b <= a; b++)
				h[s->at[b]] += c * s->x[b];
		}
	}
	for (uint32_t a = 1; a < d; a++) {
		loss += .5 * w[a] * w[a];
		if (derive) {
			s->g[a] += w[a];
			s->h[(size_t)a * d + a] += 1;
		}
	}
	return loss;
}

/* step = h^-1 g by Cholesky's root of h, in place. -1 when h is not positive. */
static int solve(struct newton *s)
{
	const uint32_t d = s->m->n_w;

	for (uint32_t i = 0; i < d; i++) {
		double *hi = s->h + (size_t)i * d;

		for (uint32_t j = 0; j <= i; j++) {
			const double *hj = s->h + (size_t)j * d;
			double v = hi[j];

			for (uint32_t k = 0; k < j; k++)
				v -= hi[k] * hj[k];
			if (i == j && !(v > 0))
				return -1;
			hi[j] = i == j ? sqrt(v) : v / hj[j];
		}
	}
	for (uint32_t i = 0; i < d; i++) {
		double v = s->g[i];

		for (uint32_t k = 0; k < i; k++)
			v -= s->h[(size_t)i * d + k] * s->step[k];
		s->step[i] = v / s->h[(size_t)i * d + i];
	}
	for (uint32_t i = d; i-- > 0;) {
		double v = s->step[i];

		for (uint32_t k = i + 1; k < d; k++)
			v -= s->h[(size_t)k * d + i] * s->step[k];
		s->step[i] = v / s->h[(size_t)i * d + i];
	}
	return 0;
}

static int newton_run(struct newton *s)
{
	const uint32_t d = s->m->n_w;

	for (int i = 0; i < MAX_STEPS; i++) {
		double now = loss_at(s, true), gain = 0, size = 1;

		if (solve(s) != 0)
			return -1;
		for (uint32_t a = 0; a < d; a++)
			gain += s->g[a] * s->step[a];
		/* gain / 2 is what the quadratic promises; below this it is rounding. */
		if (gain < 1e-12 * (1 + now))
			return 0;
		memcpy(s->old, s->m->w, d * sizeof(*s->old));
		for (int halved = 0; halved < 30; halved++, size /= 2) {
			for (uint32_t a = 0; a < d; a++)
				s->m->w[a] = s->old[a] - size * s->step[a];
			if (loss_at(s, false) <= now - 1e-4 * size * gain)
				break;
		}
	}
	return 0;
}

static int newton(struct logit *m, const struct frame *f, const uint32_t *rows, size_t n)
{
	size_t d = m->n_w;
	struct newton s = { .f = f, .m = m, .rows = rows, .n = n };
	int rc = -1;

	s.h = malloc(d * d * sizeof(*s.h));
	s.g = malloc(d * sizeof(*s.g));
	s.step = malloc(d * sizeof(*s.step));
	s.old = malloc(d * sizeof(*s.old));
	s.at = malloc((m->n_terms + 2) * sizeof(*s.at));
	s.x = malloc((m->n_terms + 2) * sizeof(*s.x));
	if (s.h != NULL && s.g != NULL && s.step != NULL && s.old != NULL && s.at != NULL &&
		s.x != NULL)
		rc = newton_run(&s);
	free(s.h);
	free(s.g);
	free(s.step);
	free(s.old);
	free(s.at);
	free(s.x);
	return rc;
}

/* The rows of ${rows} with a known outcome, thinned evenly to the limit; NULL when out of memory.
 */
static uint32_t *known_rows(const struct frame *f, const uint32_t *rows, size_t n_rows,
	size_t n_cols, size_t *n, size_t *won)
{
	size_t limit = MAX_ROWS, known = 0, kept;
	uint32_t *out = malloc((n_rows + 1) * sizeof(*out));

	if (n_cols > 100)
		limit = limit * 100 / n_cols * 100 / n_cols;
	if (limit < 5000)
		limit = 5000;
	for (size_t i = 0; out != NULL && i < n_rows; i++) {
		uint32_t row = rows != NULL ? rows[i] : (uint32_t)i;

		if (f->outcome[row] >= 0)
			out[known++] = row;
	}
	kept = known < limit ? known : limit;
	*n = kept;
	*won = 0;
	for (size_t i = 0; out != NULL && i < kept; i++) {
		out[i] = out[(size_t)((double)i * (double)known / (double)kept)];
		*won += is_won(f, out[i]);
	}
	return out;
}

struct logit *logit_fit(const struct frame *f, const uint32_t *cols, size_t n_cols,
	const uint32_t *rows, size_t n_rows, struct err *e)
{
	struct logit *m = NULL;
	size_t n, won;
	uint32_t *known = known_rows(f, rows, rows != NULL ? n_rows : f->rows, n_cols, &n, &won);

	if (known == NULL) {
		err_nomem(e);
		return NULL;
	}
	if (won == 0 || won == n) {
		err_set(e, ERR_INPUT,
			"a logistic regression needs both outcomes, but %zu of %zu rows are won",
			won, n);
	} else if ((m = plan(f, cols, n_cols, known, n)) == NULL) {
		err_nomem(e);
	} else {
		m->w[0] = log((double)won / (double)(n - won));
		if (newton(m, f, known, n) != 0) {
			err_nomem(e);
			logit_free(m);
			m = NULL;
		}
	}
	free(known);
	return m;
}

/* ---- honest probabilities of the training rows */

static int cross_fold(const struct frame *f, const uint32_t *cols, size_t n_cols,
	const uint8_t *fold, uint32_t which, uint32_t *rows, double *p, struct err *e)
{
	size_t in = 0, out = f->rows, won = 0, known = 0;
	struct logit *m;

	/* Rows to fit on from the front, rows to judge from the back. */
	for (size_t i = 0; i < f->rows; i++) {
		if (fold[i] == which) {
			rows[--out] = (uint32_t)i;
			continue;
		}
		rows[in++] = (uint32_t)i;
		known += f->outcome[i] >= 0;
		won += f->outcome[i] >= 0 && is_won(f, (uint32_t)i);
	}
	if (won == 0 || won == known) {
		/* Without the fold one outcome is missing: what is left is its rate. */
		for (size_t i = out; i < f->rows; i++)
			p[rows[i]] = ((double)won + .5) / ((double)known + 1);
		return 0;
	}
	if ((m = logit_fit(f, cols, n_cols, rows, in, e)) == NULL)
		return -1;
	for (size_t i = out; i < f->rows; i++)
		logit_apply(m, f, &rows[i], 1, &p[rows[i]]);
	logit_free(m);
	return 0;
}

int logit_cross(const struct frame *f, const uint32_t *cols, size_t n_cols, uint32_t folds,
	uint64_t seed, double *p, struct err *e)
{
	uint8_t *fold = malloc(f->rows + 1);
	uint32_t *rows = malloc((f->rows + 1) * sizeof(*rows));
	int rc = fold != NULL && rows != NULL ? 0 : err_nomem(e);

	ASSERT(folds >= 2 && folds < 255);
	for (size_t i = 0; rc == 0 && i < f->rows; i++)
		fold[i] =
			f->outcome[i] < 0
				? (uint8_t)folds
				: (uint8_t)(rng_fork(seed, f->row_key != NULL ? f->row_key[i] : i) %
					    folds);
	/* Fold number ${folds} holds the open rows: judged by the fit on all others. */
	for (uint32_t k = 0; rc == 0 && k <= folds; k++)
		rc = cross_fold(f, cols, n_cols, fold, k, rows, p, e);
	free(fold);
	free(rows);
	return rc;
}

/* ---- JSON */

static void term_write(struct jw *w, const struct logit *m, const struct term *t)
{
	jw_obj(w);
	jw_kint(w, "column", t->col);
	if (t->cat) {
		jw_kint(w, "levels", t->n_levels);
		jw_key(w, "weights");
		jw_arr(w);
		for (uint32_t i = 0; i < t->n_levels; i++) {
			if (t->level_at[i] == 0)
				continue;
			jw_arr(w);
			jw_int(w, i);
			jw_num(w, m->w[t->level_at[i]]);
			jw_end_arr(w);
		}
		jw_end_arr(w);
	} else {
		jw_knum(w, "mean", t->mean);
		jw_knum(w, "sd", t->sd);
		if (t->at > 0)
			jw_knum(w, "weight", m->w[t->at]);
		if (t->missing > 0)
			jw_knum(w, "missing", m->w[t->missing]);
	}
	jw_end_obj(w);
}

void logit_write(struct jw *w, const struct logit *m)
{
	jw_obj(w);
	jw_knum(w, "intercept", m->w[0]);
	jw_key(w, "terms");
	jw_arr(w);
	for (size_t i = 0; i < m->n_terms; i++)
		term_write(w, m, &m->terms[i]);
	jw_end_arr(w);
	jw_end_obj(w);
}

static int weight_read(struct logit *m, const struct json *weight, uint32_t *at, struct err *e)
{
	double v = json_num(weight, NAN);

	if (!isfinite(v))
		return err_set(e, ERR_INPUT, "a weight of the logistic regression is no number");
	if (m->n_w >= MAX_WEIGHTS)
		return err_set(
			e, ERR_INPUT, "the logistic regression has over %d weights", MAX_WEIGHTS);
	*at = m->n_w;
	m->w[m->n_w++] = v;
	return 0;
}

static int levels_read(const struct json *o, struct logit *m, struct term *t, struct err *e)
{
	const struct json *a = json_need(o, "weights", J_ARR, e);
	int64_t levels;

	if (a == NULL || json_need_int(o, "levels", 0, 1 << 26, &levels, e) != 0)
		return -1;
	t->n_levels = (uint32_t)levels;
	if ((t->level_at = calloc((size_t)levels + 1, sizeof(*t->level_at))) == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < json_len(a); i++) {
		int64_t code = json_int(json_at(json_at(a, i), 0), -1);

		if (code < 0 || code >= levels)
			return err_set(e, ERR_INPUT,
				"the logistic regression names a level that is not there");
		if (weight_read(m, json_at(json_at(a, i), 1), &t->level_at[code], e) != 0)
			return -1;
	}
	return 0;
}

static int term_read(const struct json *o, size_t n_cols, struct logit *m, struct err *e)
{
	struct term *t = &m->terms[m->n_terms++];
	const struct json *weight = json_get(o, "weight"), *missing = json_get(o, "missing");
	int64_t col;

	if (json_need_int(o, "column", 0, UINT32_MAX, &col, e) != 0)
		return -1;
	if ((uint64_t)col >= n_cols)
		return err_set(e, ERR_INPUT, "the logistic regression uses base column %lld of %zu",
			(long long)col, n_cols);
	t->col = (uint32_t)col;
	t->cat = json_get(o, "levels") != NULL;
	if (t->cat)
		return levels_read(o, m, t, e);
	if (json_need_num(o, "mean", &t->mean, e) != 0 || json_need_num(o, "sd", &t->sd, e) != 0)
		return -1;
	if (!isfinite(t->mean) || !(t->sd > 0) || !isfinite(t->sd))
		return err_set(e, ERR_INPUT,
			"the logistic regression has a mean or spread that is no number");
	if (weight != NULL && weight_read(m, weight, &t->at, e) != 0)
		return -1;
	return missing != NULL ? weight_read(m, missing, &t->missing, e) : 0;
}

struct logit *logit_read(const struct json *obj, size_t n_cols, struct err *e)
{
	const struct json *terms = json_need(obj, "terms", J_ARR, e);
	struct logit *m = calloc(1, sizeof(*m));
	size_t n = json_len(terms);

	if (m == NULL)
		err_nomem(e);
	if (m == NULL || terms == NULL)
		goto fail;
	m->terms = calloc(n + 1, sizeof(*m->terms));
	m->w = calloc(MAX_WEIGHTS, sizeof(*m->w));
	if (m->terms == NULL || m->w == NULL) {
		err_nomem(e);
		goto fail;
	}
	m->n_w = 1;
	if (json_need_num(obj, "intercept", &m->w[0], e) != 0)
		goto fail;
	if (n > MAX_WEIGHTS) {
		err_set(e, ERR_INPUT, "the logistic regression has %zu columns, too many", n);
		goto fail;
	}
	for (size_t i = 0; i < n; i++)
		if (term_read(json_at(terms, i), n_cols, m, e) != 0)
			goto fail;
	return m;
fail:
	logit_free(m);
	return NULL;
}
