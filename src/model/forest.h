/* SPDX-License-Identifier: Apache-2.0 */
/* forest.h: boosted trees as plain arrays, read from and written as standard XGBoost JSON.
 *
 * The format is libxgboost's own (doc: "Introduction to Model IO"), versions 1.7 and 3.0: a file of
 * ours loads there and gives the same margins. A forest never changes after loading; any number of
 * threads may evaluate it.
 *
 * This is the reference: one row at a time, one tree at a time. forest_fast is compared with it. */
#ifndef MODEL_FOREST_H
#define MODEL_FOREST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

struct buf;
struct err;

struct tree {
	uint32_t n;            /* nodes; 0 is the root */
	int32_t *left;         /* child where x < value; -1 for a leaf */
	int32_t *right;        /* child where x >= value */
	uint32_t *feature;     /* split nodes */
	float *value;          /* split: threshold; leaf: what it adds to the margin */
	uint8_t *default_left; /* split: where a missing (NaN) value goes */
	float *cover; /* sum of hessians of the training rows that came here; for TreeSHAP */
	float *gain;  /* loss change of the split */
};

struct forest {
	uint32_t n_features;
	uint32_t n_groups; /* 1, or 3 for three labels: margins per row */
	float base[3];     /* margin before any tree, per group */
	uint32_t n_trees;
	struct tree *trees;
	uint32_t *group; /* [n_trees] which margin the tree adds to */
	/* Trees come in segments, one per fold of the ensemble: segment s is the trees from
	 * segment_end[s - 1] (0 for the first) to before segment_end[s]. Kept in the JSON as the
	 * learner attribute "heatscore_segments"; a file without it has one segment. */
	uint32_t n_segments;
	uint32_t *segment_end;
	char **feature_names; /* [n_features] or NULL */
	char objective[32];   /* "binary:logistic", "multi:softprob", ... */
};

struct forest_limits {
	size_t bytes;      /* of JSON; 0: 512 MiB */
	uint32_t trees;    /* 0: 100,000 */
	uint32_t nodes;    /* per tree; 0: 65,536 */
	uint32_t features; /* 0: 100,000 */
	uint32_t depth;    /* 0: 64 */
};

/* forest_parse(json, lim, e): reads hostile input: every index, count, number and cycle is checked
 * before use. ERR_INPUT names tree, node and what is wrong. NULL on failure. */
struct forest *forest_parse(struct str json, const struct forest_limits *lim, struct err *e);
void forest_free(struct forest *f);

/* forest_json(f, out, e): append ${f} as XGBoost JSON that libxgboost 1.7 and 3.0 load. Same
 * forest, same bytes. Bases that base_score cannot hold exactly become leading trees of one leaf,
 * marked by the learner attribute "heatscore_base" and read back as bases. */
int forest_json(const struct forest *f, struct buf *out, struct err *e);

/* forest_new(n_features, n_groups): no trees, base 0. NULL when out of memory. */
struct forest *forest_new(uint32_t n_features, uint32_t n_groups);
/* forest_append(f, from, feature_map, scale, group, e): add all trees of ${from}, leaves and covers
 * kept in ratio, every leaf times ${scale}, feature i renamed feature_map[i], to margin ${group};
 * base[group] grows by scale * from->base[0]. ${from} has one group; feature_map NULL keeps the
 * numbers. Blended ensembles become one forest by this. */
int forest_append(struct forest *f, const struct forest *from, const uint32_t *feature_map,
	float scale, uint32_t group, struct err *e);

/* forest_end_segment(f, e): the trees appended since the last end are one segment. Trees after the
 * last end count as one more. */
int forest_end_segment(struct forest *f, struct err *e);

/* forest_margin(f, x, out): x[n_features] with NaN for missing; out[n_groups]. Leaves are added to
 * base in tree order, in float, as libxgboost does. */
void forest_margin(const struct forest *f, const float *x, float *out);
/* forest_margins: rows of ${stride} floats. */
void forest_margins(const struct forest *f, const float *x, size_t rows, size_t stride, float *out);

#endif
