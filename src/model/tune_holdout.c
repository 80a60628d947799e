/* SPDX-License-Identifier: Apache-2.0 */
/* tune_holdout.c: a cheap fit on some rows, to predict others: for figures of a time-ordered split.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "features/encode.h"
#include "model/forest.h"
#include "model/tune_internal.h"
#include "util/err.h"

struct scratch {
	float *num, *x;
	uint32_t *code;
};

static void predict_row(
	const struct tune_fit *t, const struct frame *f, size_t r, struct scratch *s, double *prob)
{
	float margin[3];
	double sum = 0;

	for (size_t c = 0; c < f->n_cols; c++) {
		s->num[c] = f->cols[c].num != NULL ? f->cols[c].num[r] : NAN;
		s->code[c] = f->cols[c].code != NULL ? f->cols[c].code[r] : 0;
	}
	encoder_row(t->encoder, s->num, s->code, s->x);
	forest_margin(t->forest, s->x, margin);
	if (f->n_classes == 2) {
		prob[r] = calib_apply(&t->calib, (double)margin[0]);
		return;
	}
	for (int c = 0; c < 3; c++)
		sum += prob[3 * r + c] = exp((double)margin[c]);
	for (int c = 0; c < 3; c++)
		prob[3 * r + c] /= sum;
}

static int predict(const struct tune_fit *t, const struct frame *f, const bool *train, double *prob,
	struct err *e)
{
	struct scratch s = {
		.num = malloc((f->n_cols + 1) * sizeof(float)),
		.x = malloc((encoder_n_features(t->encoder) + 1) * sizeof(float)),
		.code = malloc((f->n_cols + 1) * sizeof(uint32_t)),
	};
	int rc = s.num == NULL || s.x == NULL || s.code == NULL ? err_nomem(e) : 0;

	for (size_t r = 0; rc == 0 && r < f->rows; r++)
		if (f->outcome[r] >= 0 && !train[r])
			predict_row(t, f, r, &s, prob);
	free(s.num);
	free(s.x);
	free(s.code);
	return rc;
}

int tune_holdout(const struct frame *f, const struct tune_opts *o, const bool *train, double *prob,
	struct err *e)
{
	struct tune_opts cheap = *o;
	struct frame part = *f; /* the same columns; the other rows are open */
	struct tune_fit t;
	int rc;

	for (size_t i = 0; i < f->rows * (f->n_classes == 2 ? 1 : 3); i++)
		prob[i] = NAN;
	part.outcome = malloc(f->rows + 1);
	if (part.outcome == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < f->rows; i++)
		part.outcome[i] = train[i] ? f->outcome[i] : (int8_t)OUTCOME_OPEN;
	cheap.budget_s = (o->budget_s <= 0 ? 60 : o->budget_s) / 8;
	cheap.progress = NULL;
	rc = tune_fit(&part, &cheap, &t, e);
	free(part.outcome);
	if (rc != 0)
		return -1;
	rc = predict(&t, f, train, prob, e);
	tune_fit_clear(&t);
	return rc;
}
