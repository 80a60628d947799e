/* SPDX-License-Identifier: Apache-2.0 */
/* shap.h: exact, path-dependent TreeSHAP (Lundberg et al. 2018) over a forest: what each feature
 * adds to the margin of one row, against the expected margin of the training rows.
 *
 * On the path to a leaf of value v, let feature i have weight z_i (the share of training rows that
 * follow all its splits on the path, as covers tell) and o_i = 1 if the row itself follows them,
 * else 0. The factorials of the Shapley value are an integral, so that feature j gets
 *     v (o_j - z_j) * integral over t in [0, 1] of product over i != j of (o_i t + z_i (1 - t)),
 * a polynomial of t, which Gauss-Legendre quadrature integrates exactly: 4 points for paths of up
 * to 8 features. Its values at the points are multiplied on the way down a tree and summed on the
 * way up (as in Linear TreeSHAP, Yu et al. 2022, which interpolates instead), so a tree costs its
 * number of nodes, where the published algorithm pays leaves x depth^2. In double throughout.
 *
 * Threads: never changes after shap_new; any number of threads may use it, each with own scratch.
 */
#ifndef MODEL_SHAP_H
#define MODEL_SHAP_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct forest;
struct shap;

/* shap_new(f, e): prepares ${f}, which is not kept. ERR_LIMIT for trees deeper than 64 levels. */
struct shap *shap_new(const struct forest *f, struct err *e);
void shap_free(struct shap *s);

/* shap_expected(s, group): the margin expected over the training rows: base and what covers say. */
double shap_expected(const struct shap *s, uint32_t group);

enum { SHAP_BLOCK = 8 }; /* rows that share one pass over the trees */
/* shap_scratch(s): doubles of scratch that shap_rows needs. */
size_t shap_scratch(const struct shap *s);

struct shap_rows {
	const float *x; /* rows of ${stride} floats, NaN for missing */
	size_t rows, stride;
};

/* shap_rows(s, in, scratch, out): out[rows][n_groups][n_features + 1], the last of each group being
 * shap_expected; a group's sum is its margin but for rounding. A row's answer does not depend on
 * the rows beside it. Nothing is allocated. */
void shap_rows(const struct shap *s, struct shap_rows in, double *scratch, double *out);

#endif
