/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever the bytes, forest_parse answers with a forest or a message; a forest it accepts can be
 * written and read again, and every evaluator gives the same margins. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/forest.h"
#include "model/forest_fast.h"
#include "model/shap.h"
#include "util/buf.h"
#include "util/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { ROWS = 3 };

static void need(int ok)
{
	if (!ok)
		abort();
}

static void same(const float *a, const float *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		need(memcmp(&a[i], &b[i], sizeof(*a)) == 0 || (isnan(a[i]) && isnan(b[i])));
}

static void write_and_read(const struct forest *f)
{
	struct buf one = { 0 }, two = { 0 };
	struct err e = { 0 };
	struct forest *back;

	need(forest_json(f, &one, &e) == 0);
	need((back = forest_parse(buf_view(&one), NULL, &e)) != NULL);
	need(back->n_trees == f->n_trees && back->n_segments == f->n_segments);
	need(forest_json(back, &two, &e) == 0);
	need(str_eq(buf_view(&one), buf_view(&two)));
	forest_free(back);
	buf_clear(&one);
	buf_clear(&two);
}

static void evaluate(const struct forest *f, const float *x)
{
	static const enum forest_isa isas[] = { FOREST_PORTABLE, FOREST_AVX2, FOREST_AVX512 };
	float want[ROWS * 3], got[ROWS * 3];
	struct err e = { 0 };
	struct shap *s;

	forest_margins(f, x, ROWS, f->n_features, want);
	for (size_t k = 0; k < sizeof(isas) / sizeof(isas[0]); k++) {
		struct forest_fast *ff = forest_fast_new_isa(f, isas[k], &e);

		if (ff == NULL)
			continue;
		forest_fast_rows(ff, x, ROWS, f->n_features, (struct forest_out){ got, NULL });
		same(got, want, ROWS * f->n_groups);
		for (size_t r = 0; r < ROWS; r++)
			forest_fast_row(ff, x + r * f->n_features,
				(struct forest_out){ got + r * f->n_groups, NULL });
		same(got, want, ROWS * f->n_groups);
		forest_fast_free(ff);
	}
	if ((s = shap_new(f, &e)) != NULL) {
		double *scratch = malloc(shap_scratch(s) * sizeof(double));
		double *out = malloc(ROWS * f->n_groups * (f->n_features + 1) * sizeof(double));

		need(scratch != NULL && out != NULL);
		shap_rows(s, (struct shap_rows){ x, ROWS, f->n_features }, scratch, out);
		free(scratch);
		free(out);
		shap_free(s);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const struct forest_limits lim = { .features = 2000, .nodes = 2000, .trees = 200 };
	struct err e = { 0 };
	struct forest *f = forest_parse((struct str){ (const char *)data, n }, &lim, &e);
	float *x;

	if (f == NULL) {
		need(e.code != ERR_OK && e.msg[0] != '\0');
		return 0;
	}
	write_and_read(f);
	need((x = malloc(ROWS * (size_t)f->n_features * sizeof(*x) + 1)) != NULL);
	for (size_t i = 0; i < ROWS * (size_t)f->n_features; i++) {
		static const float values[] = { 0, 1, -1, .5f, NAN, INFINITY, -INFINITY, 1e30f };

		x[i] = values[data[i % n] % 8];
	}
	evaluate(f, x);
	free(x);
	forest_free(f);
	return 0;
}
