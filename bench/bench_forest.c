/* SPDX-License-Identifier: Apache-2.0 */
/* bench_forest: margins per second, ours against libxgboost's in-place prediction, in one run and
 * on one thread. Prints Markdown rows for RESULTS.md.
 *
 * usage: bench_forest [TREES DEPTH FEATURES ROWS] */
#include "model/forest_fast.h"
#include "model/xgb_models.h"
#include "timing.h"

struct bench {
	struct xgb_spec spec;
	BoosterHandle b;
	struct forest *f;
	const float *x;
	size_t rows;
	float *out;
	const struct forest_fast *ff;
};

static void do_xgb(struct bench *k)
{
	xgb_margins(k->b, k->x, k->rows, k->spec.features);
}

static void do_xgb_row(struct bench *k)
{
	for (size_t i = 0; i < 1000; i++)
		xgb_margins(k->b, k->x + i * k->spec.features, 1, k->spec.features);
}

static void do_plain(struct bench *k)
{
	forest_margins(k->f, k->x, k->rows, k->spec.features, k->out);
}

static void do_fast(struct bench *k)
{
	forest_fast_rows(
		k->ff, k->x, k->rows, k->spec.features, (struct forest_out){ k->out, NULL });
}

static void do_fast_row(struct bench *k)
{
	for (size_t i = 0; i < 1000; i++)
		forest_fast_row(
			k->ff, k->x + i * k->spec.features, (struct forest_out){ k->out, NULL });
}

/* Nanoseconds a row: the best of ${runs}, after one that does not count. */
static double best(void (*fn)(struct bench *), struct bench *k, size_t rows, int runs)
{
	double t = INFINITY;

	fn(k);
	for (int i = 0; i < runs; i++) {
		double start = cpu_now();

		fn(k);
		t = fmin(t, cpu_now() - start);
	}
	return t / (double)rows * 1e9;
}

static void print(const char *what, double ns, double peer)
{
	printf("| %-34s | %10.1f | %6.1f x |\n", what, ns, peer / ns);
}

int main(int argc, char **argv)
{
	static const enum forest_isa isas[] = { FOREST_AVX512, FOREST_AVX2, FOREST_PORTABLE };
	struct bench k = { .spec = { .objective = "binary:logistic",
				   .classes = 1,
				   .depth = argc > 2 ? (unsigned)atoi(argv[2]) : 6,
				   .rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 200,
				   .rows = 20000,
				   .features = argc > 3 ? (size_t)atoi(argv[3]) : 64,
				   .missing = .05,
				   .kinds = 0 } };
	struct err e = { 0 };
	struct buf json = { 0 };
	double peer, peer_row, start, nodes = 0, ns;
	struct forest *again;
	struct rng r;
	float *x;

	rng_seed(&r, 1);
	k.b = xgb_train(&k.spec, &r);
	k.f = xgb_forest(k.b);
	k.rows = argc > 4 ? (size_t)atoi(argv[4]) : 20000;
	x = malloc(k.rows * k.spec.features * sizeof(float));
	k.out = malloc(k.rows * sizeof(float));
	xgb_fill(&r, x, k.rows, &k.spec);
	k.x = x;
	for (uint32_t i = 0; i < k.f->n_trees; i++)
		nodes += k.f->trees[i].n;
	printf("%u trees, depth %u, %zu features, %zu rows, %.0f nodes a tree, one thread\n\n",
		k.f->n_trees, k.spec.depth, k.spec.features, k.rows, nodes / k.f->n_trees);
	peer = best(do_xgb, &k, k.rows, 3);
	peer_row = best(do_xgb_row, &k, 1000, 5);
	printf("| forest | ns a row | against libxgboost |\n| --- | ---: | ---: |\n");
	print("libxgboost, in-place, block", peer, peer);
	print("plain", best(do_plain, &k, k.rows, 3), peer);
	for (size_t i = 0; i < sizeof(isas) / sizeof(isas[0]); i++) {
		struct forest_fast *ff = forest_fast_new_isa(k.f, isas[i], &e);
		char name[64];

		if (ff == NULL)
			continue;
		k.ff = ff;
		snprintf(name, sizeof(name), "fast, block, %s", forest_fast_isa(ff));
		print(name, best(do_fast, &k, k.rows, 10), peer);
		forest_fast_free(ff);
	}
	print("libxgboost, in-place, one row", peer_row, peer_row);
	for (size_t i = 0; i < sizeof(isas) / sizeof(isas[0]); i++) {
		struct forest_fast *ff = forest_fast_new_isa(k.f, isas[i], &e);
		char name[64];

		if (ff == NULL)
			continue;
		k.ff = ff;
		snprintf(name, sizeof(name), "fast, one row, %s", forest_fast_isa(ff));
		print(name, best(do_fast_row, &k, 1000, 20), peer_row);
		forest_fast_free(ff);
	}

	if (forest_json(k.f, &json, &e) != 0)
		return 1;
	ns = INFINITY;
	peer = INFINITY;
	for (int run = 0; run < 5; run++) {
		start = cpu_now();
		again = forest_parse(buf_view(&json), NULL, &e);
		ns = fmin(ns, cpu_now() - start);
		start = cpu_now();
		forest_fast_free(forest_fast_new(again, &e));
		peer = fmin(peer, cpu_now() - start);
		forest_free(again);
	}
	printf("\nload: %.1f MB of JSON in %.2f ms, %.0f MB/s; layout in %.2f ms; ",
		(double)json.n / 1e6, ns * 1e3, (double)json.n / 1e6 / ns, peer * 1e3);
	start = cpu_now();
	buf_reset(&json);
	forest_json(k.f, &json, &e);
	printf("written in %.2f ms\n", (cpu_now() - start) * 1e3);
	return 0;
}
