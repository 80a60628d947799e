/* SPDX-License-Identifier: Apache-2.0 */
/* Any processor: vectors of 16 bytes as gcc and clang offer them everywhere. */
#include <math.h>
#include <stdbool.h>

#include "model/forest_fast.h"
#include "model/forest_fast_internal.h"

#define TARGET
typedef int8_t V __attribute__((vector_size(16)));

#define GO(s, i)         (*(const V *)(const void *)((s).bytes + (s).plane[i]) > (s).place[i])
#define ONE(c)           ((c)&1)
#define JOIN(c, l, r, k) ((l) ^ (((l) ^ ((r) | (int8_t)(k))) & (c)))

static inline __attribute__((always_inline)) void add_leaves(
	const float *leaves, V numbers, float *acc, const unsigned depth)
{
	for (int k = 0; k < 16; k++)
		acc[k] += leaves[(uint8_t)numbers[k]];
}

#include "model/forest_fast_tree.inc" /* needs what is above */

/* Row by row inside each step of the search, so that the loads do not wait for each other. */
static void count(const struct fast_chunk *k, const float *t, const float *col, uint8_t *c)
{
	for (int r = 0; r < FAST_ROWS; r++)
		c[r] = 0;
	if (k->n <= 8) {
		for (uint32_t i = 0; i < k->n; i++) {
			for (int r = 0; r < FAST_ROWS; r++)
				c[r] = (uint8_t)(c[r] + (col[r] >= t[i]));
		}
		return;
	}
	for (uint32_t step = k->size / 2; step >= 1; step /= 2) {
		for (int r = 0; r < FAST_ROWS; r++)
			c[r] = (uint8_t)(c[r] + (col[r] >= t[c[r] + step - 1] ? step : 0));
	}
	for (int r = 0; r < FAST_ROWS; r++)
		c[r] = c[r] <= k->n ? c[r] : (uint8_t)k->n; /* infinity passes the padding */
}

static void bin_chunk(
	const struct forest_fast *ff, const struct fast_chunk *k, const float *col, int8_t *planes)
{
	uint8_t c[FAST_ROWS];

	count(k, ff->thresholds + k->from, col, c);
	for (int r = 0; r < FAST_ROWS; r++) {
		bool missing = isnan(col[r]);
		int8_t b = (int8_t)(c[r] - 128);

		if (k->left >= 0)
			planes[k->left + r] = missing ? -128 : b;
		if (k->right >= 0)
			planes[k->right + r] = missing ? 127 : b;
	}
}

static void bin(
	const struct forest_fast *ff, const float *x, size_t n, size_t stride, int8_t *planes)
{
	float col[FAST_ROWS] = { 0 };
	uint32_t i = 0;

	while (i < ff->n_chunks) {
		uint32_t feature = ff->chunks[i].feature;

		for (size_t r = 0; r < n; r++)
			col[r] = x[r * stride + feature];
		for (; i < ff->n_chunks && ff->chunks[i].feature == feature; i++)
			bin_chunk(ff, &ff->chunks[i], col, planes);
	}
}

const struct fast_isa fast_portable = { "portable C", 6, bin, trees, fast_row_bytes };
