/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "features/bind.h"
#include "features/derive.h"
#include "features/encode.h"
#include "model/forest_fast.h"
#include "model/model.h"
#include "model/rule.h"
#include "model/scorer.h"
#include "util/err.h"
#include "util/table.h"

struct scorer {
	const struct model *m;
	const struct rule *rule;
	const struct bands *bands;
	struct bind *bind;
	struct table *table;
	double as_of, today;
	size_t n_bases;
	/* Rows are read under the shared lock. A row that can be read in two ways makes its thread
	 * take the exclusive one and scan the file, once. */
	pthread_rwlock_t lock;
	bool scanned;
};

struct scorer_work {
	size_t n_bases, n_features, n_groups, n_segments;
	double as_of;   /* NaN: the scorer's */
	float *num;     /* [SCORER_BLOCK][n_bases] */
	uint32_t *code; /* [SCORER_BLOCK][n_bases] */
	float *x;       /* [SCORER_BLOCK][n_features] */
	float *margin;  /* [SCORER_BLOCK][n_groups] */
	float *segment; /* [SCORER_BLOCK][n_segments][n_groups] */
};

/* The base columns the trees read, and whether the input has any column for them. */
static bool *wanted(const struct model *m, size_t n_bases, struct err *e)
{
	bool *w = calloc(n_bases + 1, sizeof(*w));

	if (w == NULL) {
		err_nomem(e);
		return NULL;
	}
	for (size_t i = 0; i < n_bases && i < encoder_n_bases(m->encoder); i++)
		w[i] = encoder_needs(m->encoder, i);
	return w;
}

static int scan(struct scorer *s, struct err *e)
{
	if (s->table == NULL)
		bind_decide(s->bind);
	else if (bind_scan(s->bind, s->table, s->today, e) == -1)
		return -1;
	s->scanned = true;
	return 0;
}

static struct scorer *start(const struct scorer_input *in, struct err *e)
{
	struct scorer *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		err_nomem(e);
		return NULL;
	}
	pthread_rwlock_init(&s->lock, NULL);
	s->table = in->table;
	s->today = in->today;
	s->as_of = in->as_of;
	return s;
}

/* The columns of the input, and the moment to look from. */
static int bind_input(
	struct scorer *s, const struct scorer_input *in, const bool *want, struct err *e)
{
	double newest;

	s->n_bases = bases_count(s->m->bases);
	if ((s->bind = bind_new(s->m->bases, in->columns, in->n_columns, want, e)) == NULL)
		return -1;
	if (in->formats != NULL) {
		bind_set(s->bind, in->formats);
		s->scanned = true;
	}
	if (!isnan(s->as_of))
		return 0;
	s->as_of = s->m->as_of;
	if (!bind_needs_scan(s->bind))
		return 0;
	if (scan(s, e) == -1)
		return -1;
	newest = bind_newest(s->bind);
	if (isnan(s->as_of) || newest > s->as_of)
		s->as_of = newest;
	return 0;
}

/* A file that has none of the columns is another file, not one with gaps. */
static int check_columns(const struct scorer *s, const char *whose, struct err *e)
{
	size_t absent = 0, bound = 0;

	while (bind_absent(s->bind, absent).n != 0)
		absent++;
	for (size_t c = 0; c < bases_columns(s->m->bases); c++)
		bound += bind_column(s->bind, c) >= 0;
	if (absent == 0 || bound != 0)
		return 0;
	return err_set(e, ERR_INPUT,
		"none of the %zu columns that %s uses is in this file (\"" STR_FMT
		"\" is the first of them): it looks like a different kind of file",
		absent, whose, STR_ARG(str_sub(bind_absent(s->bind, 0), 0, 100)));
}

struct scorer *scorer_new(const struct model *m, const struct scorer_input *in, struct err *e)
{
	bool *want = wanted(m, bases_count(m->bases), e);
	struct scorer *s = want == NULL ? NULL : start(in, e);
	int rc = -1;

	if (s == NULL)
		goto done;
	s->m = m;
	s->bands = in->bands != NULL ? in->bands : &m->bands;
	if (bind_input(s, in, in->all_columns ? NULL : want, e) == -1)
		goto done;
	rc = check_columns(s, m->version, e);
done:
	free(want);
	if (rc == -1) {
		scorer_free(s);
		s = NULL;
	}
	return s;
}

struct scorer *scorer_new_rule(const struct rule *r, const struct scorer_input *in, struct err *e)
{
	struct scorer *s = start(in, e);

	if (s == NULL)
		return NULL;
	s->rule = r;
	s->bands = in->bands != NULL ? in->bands : rule_bands(r);
	return s;
}

void scorer_free(struct scorer *s)
{
	if (s == NULL)
		return;
	bind_free(s->bind);
	pthread_rwlock_destroy(&s->lock);
	free(s);
}

struct str scorer_missing(const struct scorer *s, size_t i)
{
	return s->bind != NULL ? bind_absent(s->bind, i) : S("");
}

const char *scorer_version(const struct scorer *s)
{
	return s->m != NULL ? s->m->version : "rule";
}

double scorer_as_of(const struct scorer *s)
{
	return s->as_of;
}

const char *scorer_note(const struct scorer *s, size_t i)
{
	return s->bind != NULL ? bind_note(s->bind, i) : NULL;
}

struct scorer_work *scorer_work_new(const struct scorer *s, struct err *e)
{
	struct scorer_work *w = calloc(1, sizeof(*w));

	if (w == NULL)
		goto nomem;
	w->n_bases = s->n_bases;
	w->as_of = NAN;
	if (s->m != NULL) {
		w->n_features = encoder_n_features(s->m->encoder);
		w->n_groups = s->m->n_classes == 3 ? 3 : 1;
		w->n_segments = s->m->n_folds;
	}
	w->num = calloc(SCORER_BLOCK * (w->n_bases + 1), sizeof(*w->num));
	w->code = calloc(SCORER_BLOCK * (w->n_bases + 1), sizeof(*w->code));
	w->x = calloc(SCORER_BLOCK * (w->n_features + 1), sizeof(*w->x));
	w->margin = calloc(SCORER_BLOCK * (w->n_groups + 1), sizeof(*w->margin));
	w->segment = calloc(SCORER_BLOCK * (w->n_groups * w->n_segments + 1), sizeof(*w->segment));
	if (w->num == NULL || w->code == NULL || w->x == NULL || w->margin == NULL ||
		w->segment == NULL)
		goto nomem;
	return w;
nomem:
	err_nomem(e);
	scorer_work_free(w);
	return NULL;
}

void scorer_work_free(struct scorer_work *w)
{
	if (w == NULL)
		return;
	free(w->num);
	free(w->code);
	free(w->x);
	free(w->margin);
	free(w->segment);
	free(w);
}

void scorer_work_at(struct scorer_work *w, double as_of)
{
	w->as_of = as_of;
}

static double moment(const struct scorer *s, const struct scorer_work *w)
{
	return isnan(w->as_of) ? s->as_of : w->as_of;
}

size_t scorer_n_bases(const struct scorer_work *w)
{
	return w->n_bases;
}

const float *scorer_num(const struct scorer_work *w, size_t i)
{
	return w->num + i * w->n_bases;
}

const uint32_t *scorer_code(const struct scorer_work *w, size_t i)
{
	return w->code + i * w->n_bases;
}

/* Base values of rows from ${from} on. Returns the first row that was not done because a cell is
 * undecided; ${n} when all are. */
static size_t read_rows(struct scorer *s, struct scorer_work *w, const struct str *const *rows,
	size_t from, size_t n)
{
	double as_of = moment(s, w);
	size_t i;

	pthread_rwlock_rdlock(&s->lock);
	for (i = from; i < n; i++) {
		if (bases_row(s->m->bases, s->bind, rows[i], as_of, w->num + i * w->n_bases,
			    w->code + i * w->n_bases) == BASES_UNDECIDED &&
			!s->scanned)
			break;
	}
	pthread_rwlock_unlock(&s->lock);
	return i;
}

static int scan_once(struct scorer *s, struct err *e)
{
	int rc = 0;

	pthread_rwlock_wrlock(&s->lock);
	if (!s->scanned)
		rc = scan(s, e);
	pthread_rwlock_unlock(&s->lock);
	return rc;
}

/* The spread of the folds' own margins, on the scale of the calibrated logit. margin: of all. */
static double fold_sd(const struct model *m, const float *part, uint32_t folds, double margin)
{
	double mean = 0, var = 0, sd;

	if (folds < 2)
		return 0;
	for (uint32_t f = 0; f < folds; f++)
		mean += part[f];
	mean /= folds;
	for (uint32_t f = 0; f < folds; f++)
		var += (part[f] - mean) * (part[f] - mean);
	sd = folds * sqrt(var / (folds - 1));
	if (sd == 0)
		return 0;
	return fabs(calib_logit(&m->calib, margin + sd) - calib_logit(&m->calib, margin - sd)) / 2;
}

static void two_classes(
	const struct scorer *s, float margin, const float *segment, struct score *out)
{
	const struct model *m = s->m;
	double sd = fold_sd(m, segment, m->n_folds, margin);

	out->margin = margin;
	out->probability = calib_apply(&m->calib, margin);
	out->heat = heat_of(s->bands, out->probability);
	heat_masses(s->bands, out->probability, sd, out->bands);
}

static void three_classes(const float *margin, struct score *out)
{
	double top = fmax(margin[0], fmax(margin[1], margin[2])), total = 0;

	for (int g = 0; g < 3; g++)
		total += out->bands[g] = exp(margin[g] - top);
	for (int g = 0; g < 3; g++)
		out->bands[g] /= total;
	out->margin = margin[0];
	out->probability = out->bands[HEAT_HOT];
	out->heat = heat_of_classes(out->bands);
}

static void margins_of(
	const struct model *m, struct scorer_work *w, size_t n, struct forest_out margins)
{
	struct enc_block block = { n, w->num, w->code, w->n_bases, w->x, w->n_features };
	uint32_t row[MODEL_RUNS];

	if (n == 1 && forest_fast_has_runs(m->fast)) {
		encoder_row_runs(m->encoder, w->num, w->code, w->x, row);
		forest_fast_row_runs(m->fast, w->x, row, margins);
		return;
	}
	encoder_rows(m->encoder, &block);
	if (n == 1)
		forest_fast_row(m->fast, w->x, margins);
	else
		forest_fast_rows(m->fast, w->x, n, w->n_features, margins);
}

static void by_model(const struct scorer *s, struct scorer_work *w, size_t n, struct score *out)
{
	const struct model *m = s->m;
	struct forest_out margins = { w->margin, m->n_classes == 3 ? NULL : w->segment };

	margins_of(m, w, n, margins);
	for (size_t i = 0; i < n; i++) {
		if (m->n_classes == 3)
			three_classes(w->margin + i * 3, &out[i]);
		else
			two_classes(s, w->margin[i], w->segment + i * w->n_segments, &out[i]);
	}
}

static void by_rule(const struct scorer *s, const struct scorer_work *w,
	const struct str *const *rows, size_t n, struct score *out)
{
	for (size_t i = 0; i < n; i++) {
		double p = rule_score(s->rule, rows[i], moment(s, w));

		out[i].probability = p;
		out[i].margin = log(p / (1 - p));
		out[i].heat = heat_of(s->bands, p);
		heat_masses(s->bands, p, 0, out[i].bands);
	}
}

int scorer_rows(struct scorer *s, struct scorer_work *w, const struct str *const *rows, size_t n,
	struct score *out, struct err *e)
{
	ASSERT(n <= SCORER_BLOCK);
	if (s->m == NULL) {
		by_rule(s, w, rows, n, out);
	} else {
		for (size_t done = 0; (done = read_rows(s, w, rows, done, n)) < n;)
			if (scan_once(s, e) == -1)
				return -1;
		by_model(s, w, n, out);
	}
	for (size_t i = 0; i < n; i++) {
		out[i].confidence = out[i].bands[out[i].heat];
		out[i].points = heat_score(out[i].probability);
	}
	return 0;
}
