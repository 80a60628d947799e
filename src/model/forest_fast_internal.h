/* SPDX-License-Identifier: Apache-2.0 */
/* forest_fast_internal.h: the layout that forest_fast.c builds and the evaluators read. */
#ifndef MODEL_FOREST_FAST_INTERNAL_H
#define MODEL_FOREST_FAST_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/forest_fast.h"

struct err;
struct forest;
struct forest_fast;

enum {
	FAST_ROWS = 128,        /* rows of a block */
	FAST_BINS = 255,        /* most thresholds of a chunk */
	FAST_PACK_PLANES = 512, /* planes that packs can name */
	/* Places of bytes before they are planes: one each, but that a group may not be full. */
	FAST_BIN_MOST = FAST_PACK_PLANES + 16,
	FAST_AHEAD = 12, /* eights whose packs are answered before they are needed */
	FAST_BEHIND = 2, /* and whose leaves are found before they are summed */
};

/* Some of the sorted thresholds of one feature, and the planes of bytes made with them: per row,
 * the number of thresholds <= the value, less 128. In the left plane a missing value has the lowest
 * byte, in the right one the highest. */
struct fast_chunk {
	uint32_t feature;
	uint32_t n;     /* thresholds, 1 to FAST_BINS */
	uint32_t size;  /* 32, 64, 128 or 256: more than n; thresholds are padded with +infinity */
	uint32_t from;  /* in thresholds[] */
	uint32_t table; /* in tables[]: the same thresholds in the order of the search by permutes:
			 * 32 entries for the first five steps, then 32, 64, 128 for each more */
	int32_t left, right; /* offset of the plane in the block's bytes; -1: not needed */
};

/* A tree as a whole: splits in heap order, children of i at 2i + 1 and 2i + 2; a split that is not
 * there always goes left, and its leaves all hold the same value. A walked tree: nodes with the
 * right child next to the left one. */
struct fast_tree {
	uint32_t node;  /* in plane[], place[], slot[], at[]; or in walk[] */
	uint32_t leaf;  /* in leaves[] */
	uint8_t depth;  /* 1 to 8; 0: walked */
	uint8_t levels; /* walked: steps that reach every leaf */
	uint8_t group;
	uint8_t shift; /* first bit in its pack; without eights, a tree at 0 begins the next pack */
	uint32_t pack; /* in packs[] */
};

/* Trees of up to 6 levels side by side in 64 splits, for one row: number of the plane and place.
 * For VBMI, bytes and places are those of blocks, else they count from 0. */
struct fast_pack {
	_Alignas(64) uint8_t low[64]; /* number of the plane, modulo 256 */
	uint8_t place[64];
};

/* Of the same splits the number divided by 128, with VBMI, or by 256: read past 256 planes only,
 * and so apart from what every row reads from end to end. */
struct fast_high {
	_Alignas(64) uint8_t of[64];
};

/* Up to 8 trees in a row, of one segment, that go down side by side: one lane each. Lanes that are
 * left over come to a leaf of -0, which changes no sum. */
struct fast_eight {
	_Alignas(
		64) uint32_t leaf[8]; /* place of the first, less 2^depth: a way down begins at 1 */
	uint8_t shift[8];
	uint8_t pack[8];   /* of the packs of this eight */
	uint8_t packs;     /* that begin here */
	uint8_t carried;   /* 1: pack 0 is the last one of the eight before */
	uint8_t depth;     /* of the deepest */
	uint8_t deeper[6]; /* by level from the bottom: the lanes whose tree has it */
	uint8_t last;      /* 1: of its segment */
};

/* Features that come as one of some rows of values: the bytes of each row. */
struct fast_run {
	uint32_t place, n; /* bytes */
	uint32_t step;     /* from one row to the next, a multiple of 32 */
	size_t rows;
	int8_t *bytes; /* [rows][step] */
};

/* The bytes of one row with VBMI. Chunks are in an order of their own: groups of up to sixteen with
 * about as many thresholds, a lane each, then those that are looked at one by one. The planes of
 * runs come last. */
struct fast_bins {
	uint32_t n;                           /* places in all */
	uint32_t n_counted;                   /* before those of runs */
	uint32_t n_groups;                    /* places 16g to 16g + 15 are group g's */
	uint32_t feature[FAST_BIN_MOST];      /* by place; of lanes that no chunk has: 0 */
	uint32_t longest[FAST_BIN_MOST / 16]; /* thresholds of a lane, by group */
	uint32_t single[FAST_BIN_MOST];       /* by place from 16 * n_groups on: its chunk */
	float *lanes; /* by group, by number: 16 thresholds; padded with NaN, which nothing reaches
		       */
	struct fast_run *runs;
	size_t n_runs;
	_Alignas(64) uint8_t low[FAST_PACK_PLANES]; /* by plane: its place, modulo 128 */
	uint8_t high[FAST_PACK_PLANES];             /* and divided by it */
	uint64_t right[FAST_PACK_PLANES / 64];      /* by plane: missing is the highest byte */
};

struct fast_walk {
	uint32_t plane; /* offset of the plane */
	uint32_t left;  /* node; a leaf leads to itself */
	float value;    /* leaf: its value; split: the threshold */
	uint32_t slot;
	int8_t place;
	uint8_t leaf;
};

struct fast_isa {
	const char *name;
	unsigned depth_max; /* deeper trees are walked */
	/* Fill the planes of ${n} rows (1 to FAST_ROWS; the rest of the bytes may hold anything).
	 */
	void (*bin)(const struct forest_fast *ff, const float *x, size_t n, size_t stride,
		int8_t *planes);
	/* Add trees [from, to) to acc[group][FAST_ROWS]. */
	void (*trees)(const struct forest_fast *ff, uint32_t from, uint32_t to,
		const int8_t *planes, float *acc);
	/* One row, by packs. */
	void (*row)(const struct forest_fast *ff, const float *x, struct forest_out out);
};

struct forest_fast {
	const struct fast_isa *isa;
	uint32_t n_features, n_groups, n_trees, n_segments;
	float base[3];
	uint32_t *segment_end;
	struct fast_tree *trees;

	struct fast_chunk *chunks; /* by feature */
	uint32_t n_chunks;
	uint32_t plane_bytes; /* of a block: FAST_ROWS per plane */
	float *thresholds;    /* sorted within a chunk, padded to its size */
	float *tables;        /* on a cache line */

	/* Whole trees: for blocks, a plane's offset and a place to compare its bytes with; for one
	 * row, a slot and a threshold. */
	uint32_t *plane;
	int8_t *place;
	uint32_t *slot;
	float *at;
	float *leaves;
	struct fast_walk *walk;

	/* One row: slot 0 is 0; used feature j has slot 1 + 2j, where missing is -infinity, and
	 * slot 2 + 2j, where it is +infinity. */
	uint32_t *used;
	uint32_t n_used;
	void (*row)(const struct forest_fast *ff, const float *x, struct forest_out out);
	uint32_t depth; /* of every tree; 0: they differ */
	/* With VBMI: of a row's bytes, 64 at a time. */
	void (*row_bytes)(const struct forest_fast *ff, const int8_t *bytes, struct forest_out out);
	struct fast_pack *packs;    /* NULL when a tree is too deep for them */
	struct fast_high *high;     /* one a pack */
	struct fast_bins *bins;     /* with VBMI */
	struct fast_bins *run_bins; /* with VBMI and runs; NULL: none */
	struct fast_eight *
		eights; /* with VBMI and one group; NULL: packs are in the trees' order. Behind
			 * the last one as many without trees as are begun before they are summed */
	uint32_t n_eights;
	uint32_t no_leaf; /* in leaves[]: -0 */
};

extern const struct fast_isa fast_portable;
#if defined(__x86_64__)
extern const struct fast_isa fast_avx2, fast_avx512;
#endif

/* fast_build(f, isa, e): the layout for ${isa}; see forest_fast_new_isa. */
struct forest_fast *fast_build(const struct forest *f, const struct fast_isa *isa, struct err *e);

/* One row by packs, for any processor and with AVX2. */
void fast_row_bytes(const struct forest_fast *ff, const float *x, struct forest_out out);
void fast_row_avx2(const struct forest_fast *ff, const float *x, struct forest_out out);
/* fast_bins_new(ff, runs, n, e): for a forest with packs. NULL: no memory. */
struct fast_bins *fast_bins_new(
	const struct forest_fast *ff, const struct forest_run *runs, size_t n, struct err *e);
void fast_bins_free(struct fast_bins *b);
size_t fast_run_bytes(const struct forest_fast *ff, const struct forest_run *run);
/* fast_bins_row(ff, b, x, row, bytes): all of a row's bytes, up to FAST_PACK_PLANES planes, on a
 * cache line. row[i]: of run i. */
void fast_bins_row(const struct forest_fast *ff, const struct fast_bins *b, const float *x,
	const uint32_t *row, int8_t *bytes);
bool fast_has_vbmi(void); /* AVX-512 VBMI */
/* fast_row_vbmi(ff): sets ff->row and ff->row_bytes, for processors that have it. */
void fast_row_vbmi(struct forest_fast *ff);
/* fast_packs_make(ff, e): trees side by side in packs, by eights where they go down like that, and
 * how a single row is scored from now on. To be called once trees and segments are there. -1: no
 * memory. */
int fast_packs_make(struct forest_fast *ff, struct err *e);
/* fast_row_any: for any processor and any forest. */
void fast_row_any(const struct forest_fast *ff, const float *x, struct forest_out out);

/* fast_walk_rows(ff, t, planes, acc): a walked tree for the whole block. */
void fast_walk_rows(
	const struct forest_fast *ff, const struct fast_tree *t, const int8_t *planes, float *acc);

#endif
