/* SPDX-License-Identifier: Apache-2.0 */
/* calib.h: margins (log odds as the trees give them) to probabilities that mean what they say.
 *
 * Platt 1999 (with a pull of the slope to 1), beta (Kull, Silva Filho and Flach 2017), isotonic
 * (Zadrozny and Elkan 2002, joined by straight lines), or none; chosen by cross-validated log
 * loss. Every kind rises with the margin. Threads: a fitted calibration never changes. */
#ifndef MODEL_CALIB_H
#define MODEL_CALIB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct json;
struct jw;

enum calib_kind { CALIB_NONE, CALIB_PLATT, CALIB_BETA, CALIB_ISOTONIC };

struct calib {
	enum calib_kind kind;
	double a, b, c; /* Platt: logit = a m + b; beta: a ln p - b ln(1 - p) + c, p = sigmoid(m) */
	double cov[3];  /* of Platt's (a, b): var a, cov ab, var b; for calib_se */
	uint32_t n;     /* isotonic: points */
	double *x, *y;  /* [n] margins ascending, probabilities not falling; owned */
	double rows, positives; /* it was fitted on */
};

/* calib_apply(c, margin): probability, strictly between 0 and 1. NaN gives NaN. */
double calib_apply(const struct calib *c, double margin);
/* calib_logit(c, margin): the same as log odds. */
double calib_logit(const struct calib *c, double margin);
/* calib_se(c, margin): standard error of calib_logit that comes from fitting on finitely many
 * rows. */
double calib_se(const struct calib *c, double margin);

struct calib_data {
	const double *margin; /* [n] out of fold */
	const float *y;       /* [n] 0 or 1 */
	const uint8_t *fold;  /* [n] below n_folds: rows kept together for cross-validation */
	size_t n;
	uint32_t n_folds;
};

/* calib_fit(c, kind, d, pull, e): on all rows. ${pull}: strength of Platt's pull, 100 usual. */
int calib_fit(struct calib *c, enum calib_kind kind, const struct calib_data *d, double pull,
	struct err *e);

struct calib_choice {
	double log_loss[4]; /* cross-validated, by enum calib_kind; NaN: not tried */
	enum calib_kind best;
};
/* calib_choose(c, d, prob, choice, e): the kind with the lowest cross-validated log loss (a more
 * flexible kind must be better by more than its noise), fitted on all rows. prob[n], if not NULL:
 * cross-fitted probabilities, each from the rows of the other folds. */
int calib_choose(struct calib *c, const struct calib_data *d, double *prob,
	struct calib_choice *choice, struct err *e);
void calib_clear(struct calib *c);

const char *calib_name(enum calib_kind kind); /* "none", "platt", "beta", "isotonic" */
void calib_write(const struct calib *c, struct jw *w);
int calib_read(struct calib *c, const struct json *v, struct err *e);

#endif
