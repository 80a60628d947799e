/* SPDX-License-Identifier: Apache-2.0 */
#include "model/train.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xgboost/c_api.h>
#include <xgboost/version_config.h>

#include "model/forest.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/lazy.h"
#include "util/str.h"

/* clang-format off */
#define XGB_API(F) F(XGBGetLastError) F(XGDMatrixCreateFromDense) F(XGDMatrixSetFloatInfo) \
	F(XGDMatrixFree) F(XGBoosterCreate) F(XGBoosterSetParam) \
	F(XGBoosterFree) F(XGBoosterUpdateOneIter) F(XGBoosterPredictFromDMatrix) \
	F(XGBoosterSlice) F(XGBoosterSaveModelToBuffer)
/* clang-format on */
LAZY(xgb, XGB_API, LAZY_XGBOOST_SONAME);

struct train_data {
	DMatrixHandle h;
	size_t rows;
};

struct train_booster {
	BoosterHandle h;
	struct train_data *data;
	int rounds;
};

static int failed(const char *doing, struct err *e)
{
	return err_set(e, ERR_INTERNAL, "libxgboost, %s: %.800s", doing, xgb.XGBGetLastError());
}

struct train_data *train_data_new(const struct train_rows *r, struct err *e)
{
	struct train_data *d = calloc(1, sizeof(*d));
	char array[200];

	if (d == NULL) {
		err_nomem(e);
		return NULL;
	}
	if (lazy_load(&xgb_library, &xgb, e) == -1) {
		free(d);
		return NULL;
	}
	d->rows = r->rows;
	/* An array interface (numpy's protocol), read in place and copied by the library. */
	snprintf(array, sizeof(array),
		"{\"data\":[%zu,true],\"shape\":[%zu,%zu],\"typestr\":\"<f4\",\"version\":3}",
		(size_t)(uintptr_t)r->x, r->rows, r->cols);
	if (xgb.XGDMatrixCreateFromDense(array, "{\"missing\":NaN,\"nthread\":1}", &d->h) != 0) {
		failed("taking the rows", e);
		free(d);
		return NULL;
	}
	if ((r->label != NULL &&
		    xgb.XGDMatrixSetFloatInfo(d->h, "label", r->label, r->rows) != 0) ||
		(r->weight != NULL &&
			xgb.XGDMatrixSetFloatInfo(d->h, "weight", r->weight, r->rows) != 0)) {
		failed("taking the outcomes", e);
		train_data_free(d);
		return NULL;
	}
	return d;
}

void train_data_free(struct train_data *d)
{
	if (d == NULL)
		return;
	xgb.XGDMatrixFree(d->h);
	free(d);
}

static int set(struct train_booster *b, const char *key, double value, struct err *e)
{
	char text[40];

	snprintf(text, sizeof(text), "%.17g", value);
	if (xgb.XGBoosterSetParam(b->h, key, text) != 0)
		return failed(key, e);
	return 0;
}

static int set_all(struct train_booster *b, const struct train_params *p, struct err *e)
{
	static const char *const fixed[][2] = {
		{ "objective", "binary:logistic" },
		{ "booster", "gbtree" },
		{ "tree_method", "hist" },
		{ "nthread", "1" },
		{ "verbosity", "0" },
		{ "seed_per_iteration", "1" },
		{ "gamma", "0" },
		{ "alpha", "0" },
		{ "disable_default_eval_metric", "1" },
	};

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (xgb.XGBoosterSetParam(b->h, fixed[i][0], fixed[i][1]) != 0)
			return failed(fixed[i][0], e);
	if (set(b, "max_depth", p->depth, e) != 0 || set(b, "eta", p->eta, e) != 0 ||
		set(b, "subsample", p->subsample, e) != 0 ||
		set(b, "colsample_bynode", p->colsample_bynode, e) != 0 ||
		set(b, "min_child_weight", p->min_child_weight, e) != 0 ||
		set(b, "lambda", p->lambda, e) != 0 || set(b, "max_bin", p->max_bin, e) != 0 ||
		set(b, "base_score", p->base_rate, e) != 0 ||
		set(b, "seed", (double)(p->seed & 0x3fffffff), e) != 0)
		return -1;
	return 0;
}

struct train_booster *train_new(
	const struct train_params *p, struct train_data *data, struct err *e)
{
	struct train_booster *b = calloc(1, sizeof(*b));

	ASSERT(p->base_rate > 0 && p->base_rate < 1);
	if (b == NULL) {
		err_nomem(e);
		return NULL;
	}
	b->data = data;
	if (xgb.XGBoosterCreate(&data->h, 1, &b->h) != 0) {
		failed("making a booster", e);
		free(b);
		return NULL;
	}
	if (set_all(b, p, e) != 0) {
		train_free(b);
		return NULL;
	}
	return b;
}

void train_free(struct train_booster *b)
{
	if (b == NULL)
		return;
	xgb.XGBoosterFree(b->h);
	free(b);
}

int train_step(struct train_booster *b, uint32_t rounds, struct err *e)
{
	for (uint32_t i = 0; i < rounds; i++) {
		if (xgb.XGBoosterUpdateOneIter(b->h, b->rounds, b->data->h) != 0)
			return failed("adding a tree", e);
		b->rounds++;
	}
	return 0;
}

int train_margins(struct train_booster *b, struct train_data *d, float *out, struct err *e)
{
	static const char ask[] = "{\"type\":1,\"training\":false,\"iteration_begin\":0,"
				  "\"iteration_end\":0,\"strict_shape\":false}";
	const bst_ulong *shape;
	bst_ulong dim, n = 1;
	const float *got;

	if (xgb.XGBoosterPredictFromDMatrix(b->h, d->h, ask, &shape, &dim, &got) != 0)
		return failed("predicting", e);
	for (bst_ulong i = 0; i < dim; i++)
		n *= shape[i];
	if (n != d->rows)
		return err_set(e, ERR_INTERNAL, "libxgboost gave %zu margins for %zu rows",
			(size_t)n, d->rows);
	memcpy(out, got, d->rows * sizeof(*out));
	return 0;
}

struct forest *train_forest(struct train_booster *b, uint32_t rounds, struct err *e)
{
	BoosterHandle cut = NULL, from = b->h;
	struct forest *f = NULL;
	bst_ulong n;
	const char *json;

	ASSERT(rounds > 0 && (int)rounds <= b->rounds);
	if ((int)rounds < b->rounds) {
		if (xgb.XGBoosterSlice(b->h, 0, (int)rounds, 1, &cut) != 0) {
			failed("cutting at the best round", e);
			return NULL;
		}
		from = cut;
	}
	if (xgb.XGBoosterSaveModelToBuffer(from, "{\"format\":\"json\"}", &n, &json) != 0)
		failed("saving", e);
	else
		f = forest_parse((struct str){ json, n }, NULL, e);
	if (cut != NULL)
		xgb.XGBoosterFree(cut);
	return f;
}

const char *train_version(void)
{
	/* Of the header: the library's soname changes with its version. */
	static const char version[] =
#define TEXT(x)   #x
#define NUMBER(x) TEXT(x)
		NUMBER(XGBOOST_VER_MAJOR) "." NUMBER(XGBOOST_VER_MINOR) "." NUMBER(
			XGBOOST_VER_PATCH);

	return version;
}
