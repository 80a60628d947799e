/* SPDX-License-Identifier: Apache-2.0 */
/* bench_agree: the largest differences between our forest and libxgboost, margins and
 * contributions, over random models and over model files. Prints Markdown rows for RESULTS.md.
 *
 * usage: bench_agree [MODELS [forest.json ...]]
 *
 * Rows for a file are drawn at and just beside its own thresholds, with a tenth missing: harder
 * than real rows, which seldom sit on a threshold. */
#include "model/forest_fast.h"
#include "model/shap.h"
#include "model/xgb_models.h"
#include "util/file.h"

struct gaps {
	double plain, fast, row, written,
		shap; /* of max(1, |margin|), max(1, sum |contributions|) */
	size_t rows;
};

static double margin_gap(const float *ours, const float *theirs, size_t n)
{
	double worst = 0;

	for (size_t i = 0; i < n; i++) {
		double d = fabs((double)ours[i] - (double)theirs[i]);

		worst = fmax(worst, isnan(d) ? INFINITY : d / fmax(1, fabs((double)theirs[i])));
	}
	return worst;
}

static double shap_gap(const struct forest *f, BoosterHandle b, const float *x, size_t rows)
{
	struct err e = { 0 };
	struct shap *s = shap_new(f, &e);
	const float *theirs = xgb_contribs(b, x, rows, f->n_features);
	size_t width = f->n_features + 1;
	double *scratch = malloc(shap_scratch(s) * sizeof(double)), worst = 0;
	double *ours = malloc(rows * f->n_groups * width * sizeof(double)), *at = ours;

	shap_rows(s, (struct shap_rows){ x, rows, f->n_features }, scratch, ours);
	for (size_t i = 0; i < rows * f->n_groups; i++, at += width, theirs += width) {
		double total = 0, gap = 0;

		for (size_t j = 0; j < width; j++) {
			total += fabs((double)theirs[j]);
			gap = fmax(gap, fabs(at[j] - (double)theirs[j]));
		}
		worst = fmax(worst, gap / fmax(1, total));
	}
	free(scratch);
	free(ours);
	shap_free(s);
	return worst;
}

/* Differences of ${f} and the booster it came from, added to what ${g} has. */
static void compare(const struct forest *f, BoosterHandle b, const float *x, size_t rows,
	size_t shap_rows_max, struct gaps *g)
{
	size_t n = rows * f->n_groups;
	float *ours = malloc(n * sizeof(float));
	struct err e = { 0 };
	struct forest_fast *ff = forest_fast_new(f, &e);
	const float *theirs = xgb_margins(b, x, rows, f->n_features);
	struct buf json = { 0 };
	BoosterHandle again;

	forest_margins(f, x, rows, f->n_features, ours);
	g->plain = fmax(g->plain, margin_gap(ours, theirs, n));
	forest_fast_rows(ff, x, rows, f->n_features, (struct forest_out){ ours, NULL });
	g->fast = fmax(g->fast, margin_gap(ours, theirs, n));
	for (size_t r = 0; r < rows; r++)
		forest_fast_row(ff, x + r * f->n_features,
			(struct forest_out){ ours + r * f->n_groups, NULL });
	g->row = fmax(g->row, margin_gap(ours, theirs, n));
	if (forest_json(f, &json, &e) != 0)
		exit(1);
	again = xgb_load(buf_view(&json));
	theirs = xgb_margins(again, x, rows, f->n_features);
	g->written = fmax(g->written, margin_gap(ours, theirs, n));
	g->shap = fmax(g->shap, shap_gap(f, b, x, rows < shap_rows_max ? rows : shap_rows_max));
	g->rows += rows;
	XGB(XGBoosterFree(again));
	buf_clear(&json);
	forest_fast_free(ff);
	free(ours);
}

static void print(const char *what, const struct gaps *g)
{
	printf("| %s | %zu | %.2g | %.2g | %.2g | %.2g | %.2g |\n", what, g->rows, g->plain,
		g->fast, g->row, g->written, g->shap);
	fflush(stdout);
}

static void random_models(unsigned models)
{
	struct gaps g = { 0 };
	char what[64];
	struct rng r;

	rng_seed(&r, 2026);
	for (unsigned m = 0; m < models; m++) {
		struct xgb_spec s = xgb_spec_random(&r);
		BoosterHandle b = xgb_train(&s, &r);
		struct forest *f = xgb_forest(b);
		size_t rows = 100;
		float *x = malloc(rows * s.features * sizeof(float));

		xgb_fill(&r, x, rows, &s);
		compare(f, b, x, rows, 20, &g);
		free(x);
		forest_free(f);
		XGB(XGBoosterFree(b));
	}
	snprintf(what, sizeof(what), "%u random models", models);
	print(what, &g);
}

/* Values at thresholds of the feature, one float beside them, or missing. */
static float *rows_at_thresholds(const struct forest *f, size_t rows, struct rng *r)
{
	size_t width = f->n_features;
	float *x = calloc(rows * width + 1, sizeof(float));

	for (size_t i = 0; i < 40 * rows * width; i++) {
		const struct tree *t = &f->trees[rng_below(r, f->n_trees)];
		uint64_t k = rng_below(r, t->n), row = rng_below(r, rows);
		float v = t->value[k];

		if (t->left[k] < 0)
			continue;
		v = rng_below(r, 3) == 0 ? nextafterf(v, -FLT_MAX) : v;
		x[row * width + t->feature[k]] = v;
	}
	for (size_t i = 0; i < rows * width; i++)
		x[i] = rng_below(r, 10) == 0 ? NAN : x[i];
	return x;
}

static int model_file(const char *path)
{
	const size_t rows = 2000;
	struct buf json = { 0 };
	struct gaps g = { 0 };
	struct err e = { 0 };
	struct forest *f;
	BoosterHandle b;
	struct rng r;
	float *x;

	if (file_read(path, (size_t)1 << 30, &json, &e) != 0 ||
		(f = forest_parse(buf_view(&json), NULL, &e)) == NULL) {
		fprintf(stderr, "%s: %s\n", path, e.msg);
		return 1;
	}
	rng_seed(&r, 7);
	b = xgb_load(buf_view(&json));
	x = rows_at_thresholds(f, rows, &r);
	compare(f, b, x, rows, 200, &g);
	print(path, &g);
	free(x);
	forest_free(f);
	XGB(XGBoosterFree(b));
	buf_clear(&json);
	return 0;
}

int main(int argc, char **argv)
{
	int rc = 0;

	printf("| largest difference | rows | plain | fast, block | fast, one row | written, "
	       "loaded "
	       "again | contributions |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
	if (argc < 2 || atoi(argv[1]) > 0)
		random_models(argc < 2 ? 1000 : (unsigned)atoi(argv[1]));
	for (int i = 2; i < argc; i++)
		rc |= model_file(argv[i]);
	return rc;
}
