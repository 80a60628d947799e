/* SPDX-License-Identifier: Apache-2.0 */
/* forest_fast.h: the margins of forest.h, many times faster, equal to the last bit.
 *
 * Blocks of rows are first turned into bytes: a value's place among the thresholds its feature is
 * compared with (RapidScorer, Ye et al. 2018, bins the same way; a feature with more than 255
 * thresholds takes several bytes). A missing value is the lowest place where it goes left and the
 * highest where it goes right. A tree of up to 6 to 8 levels is then evaluated whole, without
 * following pointers: every split compares the bytes of all rows of the block at once, and the
 * answers choose between the numbers of the leaves below, from the bottom up. Deeper trees are
 * walked row by row on the same bytes. Leaves are added in tree order, in float, as in forest.h.
 *
 * Threads: never changes after forest_fast_new; any number of threads may evaluate it. */
#ifndef MODEL_FOREST_FAST_H
#define MODEL_FOREST_FAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct forest;
struct forest_fast;

enum forest_isa { FOREST_BEST, FOREST_PORTABLE, FOREST_AVX2, FOREST_AVX512 };

/* forest_fast_new(f, e): for the best instructions this processor has. ${f} is not kept. NULL when
 * out of memory, with ERR_LIMIT for a forest of more than 2^31 bytes of splits. */
struct forest_fast *forest_fast_new(const struct forest *f, struct err *e);
/* forest_fast_new_isa: for given instructions; ERR_UNAVAILABLE if this processor lacks them. */
struct forest_fast *forest_fast_new_isa(const struct forest *f, enum forest_isa isa, struct err *e);
void forest_fast_free(struct forest_fast *ff);
const char *forest_fast_isa(const struct forest_fast *ff); /* "AVX-512", "AVX2", "portable C" */

/* Where the answers go; borrowed for the call. */
struct forest_out {
	float *margin;  /* [rows][n_groups], equal to forest_margins */
	float *segment; /* [rows][n_segments][n_groups], what each segment's trees add, without the
			 * base: base + their sum is the margin but for rounding. NULL: not wanted
			 */
};

/* forest_fast_rows(ff, x, rows, stride, out): rows of ${stride} floats with NaN for missing. */
void forest_fast_rows(const struct forest_fast *ff, const float *x, size_t rows, size_t stride,
	struct forest_out out);

/* forest_fast_row(ff, x, out): one row, as quick as one can be. */
void forest_fast_row(const struct forest_fast *ff, const float *x, struct forest_out out);

/* Features ${first} to first + n - 1, where they are always one of ${rows} rows of values: what a
 * category is encoded to. */
struct forest_run {
	uint32_t first, n;
	size_t rows;
	const float *values; /* [rows][n]; borrowed for the call */
};
/* forest_fast_runs(ff, runs, n, e): from now on a row may name rows of runs instead, which spares
 * comparing their values. No feature may be in two runs. Before ${ff} is shared. 0 also where it is
 * of no use: for other processors, for forests without packs, for rows of over 256 KiB in all. */
int forest_fast_runs(
	struct forest_fast *ff, const struct forest_run *runs, size_t n, struct err *e);
bool forest_fast_has_runs(const struct forest_fast *ff);
/* forest_fast_row_runs(ff, x, row, out): forest_fast_row of ${x} with the values of row[i] in run
 * i, whatever ${x} has there. */
void forest_fast_row_runs(
	const struct forest_fast *ff, const float *x, const uint32_t *row, struct forest_out out);

#endif
