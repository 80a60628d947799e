/* SPDX-License-Identifier: Apache-2.0 */
/* One row without AVX-512 VBMI: the row becomes bytes as a block does, and each tree is gone down
 * on them. A tree's planes and places are a cache line each, so the way down never waits for
 * memory; the additions and comparisons are integers, and no step depends on a guess. */
#include <math.h>
#include <string.h>

#include "model/forest_fast.h"
#include "model/forest_fast_internal.h"

#define INLINE static inline __attribute__((always_inline))

/* The number of the chunk's thresholds <= v, by halving. */
INLINE uint32_t count_by_halving(const struct forest_fast *ff, const struct fast_chunk *k, float v)
{
	const float *t = ff->thresholds + k->from;
	uint32_t n = 0;

	for (uint32_t step = k->size / 2; step >= 1; step /= 2)
		n += v >= t[n + step - 1] ? step : 0;
	return n < k->n ? n : k->n; /* infinity passes the padding */
}

INLINE void bin_row(const struct forest_fast *ff, const float *x, uint8_t *bytes,
	uint32_t (*const count)(const struct forest_fast *, const struct fast_chunk *, float))
{
	for (uint32_t i = 0; i < ff->n_chunks; i++) {
		const struct fast_chunk *k = &ff->chunks[i];
		float v = x[k->feature];
		uint8_t c = (uint8_t)count(ff, k, v);
		bool missing = isnan(v);

		if (k->left >= 0)
			bytes[k->left / FAST_ROWS] = missing ? 0 : c;
		if (k->right >= 0)
			bytes[k->right / FAST_ROWS] = missing ? 255 : c;
	}
}

/* Splits are counted from 1 here, with children 2i and 2i + 1: a step is then a comparison whose
 * carry is added to i + i. ${wide}: planes past 256. */
INLINE size_t way_down(const struct fast_pack *p, const struct fast_high *h, unsigned shift,
	unsigned depth, const uint8_t *bytes, const bool wide)
{
	const uint8_t *low = p->low + shift, *high = h->of + shift, *place = p->place + shift;
	size_t i = 1;

#define DOWN i = i + i + (place[i - 1] < bytes[low[i - 1] + (wide ? 256u * high[i - 1] : 0)])
	switch (depth) {
	case 6:
		DOWN;
		__attribute__((fallthrough));
	case 5:
		DOWN;
		__attribute__((fallthrough));
	case 4:
		DOWN;
		__attribute__((fallthrough));
	case 3:
		DOWN;
		__attribute__((fallthrough));
	case 2:
		DOWN;
		__attribute__((fallthrough));
	default:
		DOWN;
	}
#undef DOWN
	return i - ((size_t)1 << depth);
}

/* ${depth}: of every tree; 0: they differ. */
INLINE void run(const struct forest_fast *ff, const uint8_t *bytes, struct forest_out out,
	const bool wide, const bool one_group, const unsigned depth)
{
	const struct fast_pack *next = ff->packs, *p = next;
	float acc[3], before[3];
	uint32_t t = 0;

	memcpy(acc, ff->base, sizeof(acc));
	for (uint32_t s = 0; s < ff->n_segments; s++) {
		memcpy(before, acc, sizeof(acc));
		for (; t < ff->segment_end[s]; t++) {
			const struct fast_tree *ft = &ff->trees[t];

			if (depth == 6 || ft->shift == 0)
				p = next++;
			acc[one_group ? 0 : ft->group] +=
				ff->leaves[ft->leaf + way_down(p, &ff->high[p - ff->packs],
							      depth == 6 ? 0 : ft->shift,
							      depth != 0 ? depth : ft->depth, bytes,
							      wide)];
		}
		for (uint32_t g = 0; out.segment != NULL && g < ff->n_groups; g++)
			out.segment[s * ff->n_groups + g] = acc[g] - before[g];
	}
	memcpy(out.margin, acc, ff->n_groups * sizeof(float));
}

INLINE void run_any(const struct forest_fast *ff, const uint8_t *bytes, struct forest_out out)
{
	if (ff->plane_bytes / FAST_ROWS > 256)
		run(ff, bytes, out, true, false, 0);
	else if (ff->n_groups > 1)
		run(ff, bytes, out, false, false, 0);
	else if (ff->depth == 6)
		run(ff, bytes, out, false, true, 6);
	else if (ff->depth == 5)
		run(ff, bytes, out, false, true, 5);
	else if (ff->depth == 4)
		run(ff, bytes, out, false, true, 4);
	else
		run(ff, bytes, out, false, true, 0);
}

void fast_row_bytes(const struct forest_fast *ff, const float *x, struct forest_out out)
{
	uint8_t bytes[FAST_PACK_PLANES] = { 0 };

	bin_row(ff, x, bytes, count_by_halving);
	run_any(ff, bytes, out);
}

#if defined(__x86_64__)

#include <immintrin.h>

#define TARGET __attribute__((target("avx2,popcnt,bmi,bmi2")))

TARGET INLINE uint32_t ones(__m256 v, const float *t)
{
	return (uint32_t)_mm_popcnt_u32(
		(uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(v, _mm256_loadu_ps(t), _CMP_GE_OQ)));
}

/* Among 32 thresholds at once, then among those between. */
TARGET INLINE uint32_t count_by_eights(
	const struct forest_fast *ff, const struct fast_chunk *k, float value)
{
	const float *t = ff->thresholds + k->from, *top = ff->tables + k->table;
	const __m256 v = _mm256_set1_ps(value);
	uint32_t stride = k->size / 32, n;

	if (k->n <= 8) {
		n = ones(v, t);
		return n < k->n ? n : k->n; /* infinity passes the padding */
	}
	n = ones(v, top) + ones(v, top + 8) + ones(v, top + 16) + ones(v, top + 24);
	if (stride > 1) {
		__m256 ge;

		n = (n < 31 ? n : 31) * stride;
		ge = _mm256_cmp_ps(v, _mm256_loadu_ps(t + n), _CMP_GE_OQ);
		n += (uint32_t)_mm_popcnt_u32(
			(uint32_t)_mm256_movemask_ps(ge) & ((1u << (stride - 1)) - 1));
	}
	return n < k->n ? n : k->n;
}

TARGET void fast_row_avx2(const struct forest_fast *ff, const float *x, struct forest_out out)
{
	uint8_t bytes[FAST_PACK_PLANES] = { 0 };

	bin_row(ff, x, bytes, count_by_eights);
	run_any(ff, bytes, out);
}

#endif
