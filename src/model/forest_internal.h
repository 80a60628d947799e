/* SPDX-License-Identifier: Apache-2.0 */
/* forest_internal.h: what forest.c, forest_parse.c and forest_json.c share. */
#ifndef MODEL_FOREST_INTERNAL_H
#define MODEL_FOREST_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct forest;
struct tree;

/* tree_alloc(t, n): the arrays of ${n} zeroed nodes in one block. 0 or -1. tree_clear frees it. */
int tree_alloc(struct tree *t, uint32_t n);
void tree_clear(struct tree *t);

/* forest_grow(f): room for one more tree in trees and group. 0 or -1. */
int forest_grow(struct forest *f);

/* The margin libxgboost starts from is a function of the objective and its base_score. */
enum base_kind {
	BASE_UNKNOWN, /* not an objective of ours */
	BASE_LOGIT,   /* base_score is a probability, the margin its logit */
	BASE_PLAIN    /* base_score is the margin */
};
enum base_kind forest_base_kind(const char *objective);
bool forest_objective_multi(const char *objective); /* one margin per class */
float forest_logit(float p); /* in float, with the same operations as libxgboost */

/* dec_float(w, exp10, out): w * 10^exp10 rounded once, to the nearest float. False when the quick
 * way cannot tell; use strtof then. */
bool dec_float(uint64_t w, int exp10, float *out);

#endif
