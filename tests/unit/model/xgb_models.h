/* SPDX-License-Identifier: Apache-2.0 */
/* xgb_models.h: random models trained by libxgboost, and rows to try them on; for tests and benches
 * that compare our forest with it. Any failure of libxgboost ends the program. */
#ifndef TESTS_XGB_MODELS_H
#define TESTS_XGB_MODELS_H

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xgboost/c_api.h>

#include "model/forest.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/rng.h"

#define XGB(call) \
	do { \
		if ((call) != 0) { \
			fprintf(stderr, "%s: %s\n", #call, XGBGetLastError()); \
			exit(1); \
		} \
	} while (0)

struct xgb_spec {
	const char *objective;
	unsigned classes; /* 1, or of multi:softprob */
	unsigned depth, rounds;
	size_t rows, features;
	double missing;    /* share of cells */
	unsigned kinds;    /* 0: normal numbers only; 1: all sorts, see xgb_cell */
	double base_score; /* 0: left to libxgboost */
	unsigned max_bin;
};

/* One cell of column ${c}: columns differ in kind, so that thresholds are huge, tiny, whole, few.
 */
static inline float xgb_cell(struct rng *r, size_t c, const struct xgb_spec *s)
{
	double z = rng_normal(r);

	if (rng_double(r) < s->missing)
		return NAN;
	switch (s->kinds == 0 ? 0 : c % 8) {
	case 1:
		return (float)(rng_double(r) < .3);
	case 2:
		return (float)floor(z * 3);
	case 3:
		return (float)(z * 1e30);
	case 4:
		return (float)(z * 1e-36);
	case 5:
		return (float)exp(3 * z);
	case 6:
		return rng_double(r) < .5 ? -0.0f : (float)(z < 0 ? 0 : 1);
	default:
		return (float)z;
	}
}

static inline void xgb_fill(struct rng *r, float *x, size_t rows, const struct xgb_spec *s)
{
	for (size_t i = 0; i < rows; i++) {
		for (size_t c = 0; c < s->features; c++)
			x[i * s->features + c] = xgb_cell(r, c, s);
	}
}

static inline void xgb_set(BoosterHandle b, const char *key, double v)
{
	char text[40];

	snprintf(text, sizeof(text), "%.9g", v);
	XGB(XGBoosterSetParam(b, key, text));
}

/* xgb_train(s, r): a booster on random rows whose outcome depends on a few columns. */
static inline BoosterHandle xgb_train(const struct xgb_spec *s, struct rng *r)
{
	float *x = malloc(s->rows * s->features * sizeof(float)), *y = malloc(s->rows * 4);
	DMatrixHandle dm;
	BoosterHandle b;

	xgb_fill(r, x, s->rows, s);
	for (size_t i = 0; i < s->rows; i++) {
		double m = rng_normal(r) * .5;

		for (size_t c = 0; c < s->features && c < 16; c++) {
			float v = x[i * s->features + c];

			m += isnan(v) ? .3 : (c & 1 ? -1 : 1) * (v > 0 ? .8 : v < 0 ? -.5 : .1);
		}
		y[i] = s->classes > 1                                  ? (m < -.5                           ? 0.0f
										 : m < .7 || s->classes < 3 ? 1.0f
													    : 2.0f)
		       : strcmp(s->objective, "reg:squarederror") == 0 ? (float)m
								       : (float)(m > 0);
	}
	XGB(XGDMatrixCreateFromMat(x, s->rows, s->features, NAN, &dm));
	XGB(XGDMatrixSetFloatInfo(dm, "label", y, s->rows));
	XGB(XGBoosterCreate(&dm, 1, &b));
	XGB(XGBoosterSetParam(b, "objective", s->objective));
	XGB(XGBoosterSetParam(b, "tree_method", "hist"));
	XGB(XGBoosterSetParam(b, "nthread", "1"));
	XGB(XGBoosterSetParam(b, "verbosity", "0"));
	xgb_set(b, "max_depth", s->depth);
	xgb_set(b, "eta", .1);
	xgb_set(b, "min_child_weight", .1);
	xgb_set(b, "seed", (double)rng_below(r, 1000000));
	xgb_set(b, "subsample", .8);
	xgb_set(b, "colsample_bynode", .7);
	if (s->max_bin != 0)
		xgb_set(b, "max_bin", s->max_bin);
	if (s->base_score != 0)
		xgb_set(b, "base_score", s->base_score);
	if (s->classes > 1)
		xgb_set(b, "num_class", s->classes);
	for (unsigned i = 0; i < s->rounds; i++)
		XGB(XGBoosterUpdateOneIter(b, (int)i, dm));
	XGB(XGDMatrixFree(dm));
	free(x);
	free(y);
	return b;
}

/* xgb_spec_random(r): objective, depth 1-10, missing share, base_score and sizes drawn at random.
 */
static inline struct xgb_spec xgb_spec_random(struct rng *r)
{
	static const char *const objectives[] = { "binary:logistic", "multi:softprob",
		"reg:squarederror" };
	struct xgb_spec s = { 0 };
	uint64_t o = rng_below(r, 3);

	s.objective = objectives[o];
	s.classes = o == 1 ? 2 + (unsigned)rng_below(r, 2) : 1;
	s.depth = 1 + (unsigned)rng_below(r, 10);
	s.rounds = 1 + (unsigned)rng_below(r, 20);
	s.rows = 50 + rng_below(r, 400);
	s.features = 1 + rng_below(r, 40);
	s.missing = rng_below(r, 2) ? 0 : .3 * rng_double(r);
	s.kinds = rng_below(r, 4) != 0;
	s.base_score = rng_below(r, 3) == 0 ? 0 : .02 + .96 * rng_double(r);
	s.max_bin = rng_below(r, 3) == 0 ? 1000 : 0;
	return s;
}

/* Rows like the training rows, and cells no training row had. */
static inline void xgb_fill_odd(struct rng *r, float *x, size_t rows, const struct xgb_spec *s)
{
	static const float odd[] = { INFINITY, -INFINITY, NAN, 0.0f, -0.0f, 1e-45f, -1e-45f,
		FLT_MAX, -FLT_MAX, FLT_MIN, -FLT_MIN };

	xgb_fill(r, x, rows, s);
	for (size_t i = 0; i < rows * s->features; i++) {
		if (rng_below(r, 12) == 0)
			x[i] = odd[rng_below(r, sizeof(odd) / sizeof(odd[0]))];
	}
}

static inline BoosterHandle xgb_load(struct str json)
{
	BoosterHandle b;

	XGB(XGBoosterCreate(NULL, 0, &b));
	XGB(XGBoosterSetParam(b, "nthread", "1"));
	XGB(XGBoosterLoadModelFromBuffer(b, json.p, json.n));
	return b;
}

/* The JSON of a booster; borrowed until its next use. */
static inline struct str xgb_json(BoosterHandle b)
{
	const char *p;
	bst_ulong n;

	XGB(XGBoosterSaveModelToBuffer(b, "{\"format\":\"json\"}", &n, &p));
	return (struct str){ p, n };
}

/* xgb_margins: in-place prediction of margins; the result is borrowed from the booster. */
static inline const float *xgb_margins(
	BoosterHandle b, const float *x, size_t rows, size_t features)
{
	char array[160];
	const bst_ulong *shape;
	bst_ulong dim;
	const float *out;

	snprintf(array, sizeof(array),
		"{\"data\":[%" PRIuPTR ",true],\"shape\":[%zu,%zu],\"typestr\":\"<f4\","
		"\"version\":3}",
		(uintptr_t)x, rows, features);
	XGB(XGBoosterPredictFromDense(b, array,
		"{\"type\":1,\"iteration_begin\":0,\"iteration_end\":0,\"strict_shape\":true,"
		"\"missing\":NaN,\"cache_id\":0}",
		NULL, &shape, &dim, &out));
	return out;
}

/* xgb_contribs: TreeSHAP of rows without infinities; [rows][classes][features + 1], borrowed. */
static inline const float *xgb_contribs(
	BoosterHandle b, const float *x, size_t rows, size_t features)
{
	const bst_ulong *shape;
	DMatrixHandle dm;
	bst_ulong dim;
	const float *out;

	XGB(XGDMatrixCreateFromMat(x, rows, features, NAN, &dm));
	XGB(XGBoosterPredictFromDMatrix(b, dm,
		"{\"type\":2,\"training\":false,\"iteration_begin\":0,\"iteration_end\":0,"
		"\"strict_shape\":true}",
		&shape, &dim, &out));
	XGB(XGDMatrixFree(dm));
	return out;
}

/* xgb_forest(b): our forest of a booster; ends the program with the message if it is refused. */
static inline struct forest *xgb_forest(BoosterHandle b)
{
	struct err e = { 0 };
	struct forest *f = forest_parse(xgb_json(b), NULL, &e);

	if (f == NULL) {
		fprintf(stderr, "forest_parse: %s\n", e.msg);
		exit(1);
	}
	return f;
}

#endif
