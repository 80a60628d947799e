/* SPDX-License-Identifier: Apache-2.0 */
/* bench_shap: exact TreeSHAP, ours against libxgboost's pred_contribs, in one run and on one
 * thread. Prints Markdown rows for RESULTS.md.
 *
 * usage: bench_shap [TREES DEPTH FEATURES ROWS] */
#include "model/shap.h"
#include "model/shap_internal.h"
#include "model/xgb_models.h"
#include "timing.h"

int main(int argc, char **argv)
{
	struct xgb_spec spec = { .objective = "binary:logistic",
		.classes = 1,
		.depth = argc > 2 ? (unsigned)atoi(argv[2]) : 6,
		.rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 200,
		.rows = 20000,
		.features = argc > 3 ? (size_t)atoi(argv[3]) : 64,
		.missing = .05 };
	size_t rows = argc > 4 ? (size_t)atoi(argv[4]) : 1000, width = spec.features + 1;
	double peer = INFINITY, block = INFINITY, one = INFINITY, plain = INFINITY, start, gap = 0;
	struct err e = { 0 };
	const float *theirs;
	double *out, *scratch;
	struct forest *f;
	BoosterHandle b;
	struct shap *s;
	struct rng r;
	float *x;

	rng_seed(&r, 1);
	b = xgb_train(&spec, &r);
	f = xgb_forest(b);
	x = malloc(rows * spec.features * sizeof(float));
	xgb_fill(&r, x, rows, &spec);
	start = cpu_now();
	if ((s = shap_new(f, &e)) == NULL) {
		fprintf(stderr, "%s\n", e.msg);
		return 1;
	}
	printf("%u trees, depth %u, %zu features, %zu rows, one thread; prepared in %.1f ms\n\n",
		f->n_trees, spec.depth, spec.features, rows, (cpu_now() - start) * 1e3);
	out = malloc(rows * width * sizeof(double));
	scratch = malloc(shap_scratch(s) * sizeof(double));
	for (int run = 0; run < 3; run++) {
		start = cpu_now();
		theirs = xgb_contribs(b, x, rows, spec.features);
		peer = fmin(peer, cpu_now() - start);
	}
	for (int run = 0; run < 5; run++) {
		start = cpu_now();
		for (size_t i = 0; i < rows; i++)
			shap_rows(s, (struct shap_rows){ x + i * spec.features, 1, spec.features },
				scratch, out + i * width);
		one = fmin(one, cpu_now() - start);
		start = cpu_now();
		shap_rows(s, (struct shap_rows){ x, rows, spec.features }, scratch, out);
		block = fmin(block, cpu_now() - start);
	}
	for (size_t i = 0; i < rows * width; i++)
		gap = fmax(gap, fabs(out[i] - (double)theirs[i]));
	s->tree = shap_tree_portable;
	s->tree_block = NULL;
	for (int run = 0; run < 2; run++) {
		start = cpu_now();
		shap_rows(s, (struct shap_rows){ x, rows, spec.features }, scratch, out);
		plain = fmin(plain, cpu_now() - start);
	}
	printf("| reasons | microseconds a row | against libxgboost |\n| --- | ---: | ---: |\n");
	printf("| libxgboost, pred_contribs, block | %.1f | 1.0 x |\n", peer / (double)rows * 1e6);
	printf("| ours, block | %.1f | %.1f x |\n", block / (double)rows * 1e6, peer / block);
	printf("| ours, row by row | %.1f | %.1f x |\n", one / (double)rows * 1e6, peer / one);
	printf("| ours, block, portable C | %.1f | %.1f x |\n", plain / (double)rows * 1e6,
		peer / plain);
	printf("\nlargest difference %.2g\n", gap);
	return 0;
}
