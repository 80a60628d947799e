/* SPDX-License-Identifier: Apache-2.0 */
/* AVX2: 32 rows at a time. */
#if defined(__x86_64__)

#include <immintrin.h>

#include "model/forest_fast.h"
#include "model/forest_fast_internal.h"

#define TARGET __attribute__((target("avx2")))
typedef __m256i V;

#define GO(s, i) \
	_mm256_cmpgt_epi8( \
		_mm256_load_si256((const __m256i *)(const void *)((s).bytes + (s).plane[i])), \
		_mm256_set1_epi8((s).place[i]))
#define ONE(c)           _mm256_and_si256(c, _mm256_set1_epi8(1))
#define JOIN(c, l, r, k) _mm256_blendv_epi8(l, _mm256_add_epi8(r, _mm256_set1_epi8((char)(k))), c)

TARGET static inline __attribute__((always_inline)) void add_leaves(
	const float *leaves, V numbers, float *acc, const unsigned depth)
{
	__m128i half[2] = { _mm256_castsi256_si128(numbers), _mm256_extracti128_si256(numbers, 1) };

	for (int k = 0; k < 4; k++) {
		__m128i b = k & 1 ? _mm_srli_si128(half[k / 2], 8) : half[k / 2];
		__m256i i = _mm256_cvtepu8_epi32(b);
		__m256 v = depth <= 3 ? _mm256_permutevar8x32_ps(_mm256_loadu_ps(leaves), i)
				      : _mm256_i32gather_ps(leaves, i, 4);

		_mm256_store_ps(acc + 8 * k, _mm256_add_ps(_mm256_load_ps(acc + 8 * k), v));
	}
}

#include "model/forest_fast_tree.inc" /* needs what is above */

/* How many of at most 8 thresholds are <= v. */
TARGET static inline __m256i count_few(__m256 v, const float *t, uint32_t n)
{
	__m256i c = _mm256_setzero_si256();

	for (uint32_t k = 0; k < n; k++)
		c = _mm256_sub_epi32(
			c, _mm256_castps_si256(_mm256_cmp_ps(v, _mm256_set1_ps(t[k]), _CMP_GE_OQ)));
	return c;
}

/* The same of any number, by halving. */
TARGET static inline __m256i count_many(__m256 v, const float *t, uint32_t size, uint32_t n)
{
	__m256i c = _mm256_setzero_si256();

	for (uint32_t step = size / 2; step >= 1; step /= 2) {
		__m256 at = _mm256_i32gather_ps(t + step - 1, c, 4);
		__m256i ge = _mm256_castps_si256(_mm256_cmp_ps(v, at, _CMP_GE_OQ));

		c = _mm256_add_epi32(c, _mm256_and_si256(ge, _mm256_set1_epi32((int)step)));
	}
	return _mm256_min_epi32(c, _mm256_set1_epi32((int)n)); /* infinity passes the padding */
}

TARGET static void bin_chunk(const struct forest_fast *ff, const struct fast_chunk *k,
	const float *col, size_t rows, int8_t *planes)
{
	const float *t = ff->thresholds + k->from;

	for (size_t r = 0; r < rows; r += 8) {
		__m256 v = _mm256_load_ps(col + r);
		__m256i missing = _mm256_castps_si256(_mm256_cmp_ps(v, v, _CMP_UNORD_Q));
		__m256i c = k->n <= 8 ? count_few(v, t, k->n) : count_many(v, t, k->size, k->n);
		__m128i b, m;

		c = _mm256_sub_epi32(c, _mm256_set1_epi32(128));
		b = _mm_packs_epi32(_mm256_castsi256_si128(c), _mm256_extracti128_si256(c, 1));
		b = _mm_packs_epi16(b, b);
		m = _mm_packs_epi32(
			_mm256_castsi256_si128(missing), _mm256_extracti128_si256(missing, 1));
		m = _mm_packs_epi16(m, m);
		if (k->left >= 0)
			_mm_storel_epi64((__m128i *)(void *)(planes + k->left + r),
				_mm_blendv_epi8(b, _mm_set1_epi8(-128), m));
		if (k->right >= 0)
			_mm_storel_epi64((__m128i *)(void *)(planes + k->right + r),
				_mm_blendv_epi8(b, _mm_set1_epi8(127), m));
	}
}

TARGET static void bin(
	const struct forest_fast *ff, const float *x, size_t n, size_t stride, int8_t *planes)
{
	_Alignas(32) float col[FAST_ROWS] = { 0 };
	uint32_t i = 0;

	while (i < ff->n_chunks) {
		uint32_t feature = ff->chunks[i].feature;

		for (size_t r = 0; r < n; r++)
			col[r] = x[r * stride + feature];
		for (; i < ff->n_chunks && ff->chunks[i].feature == feature; i++)
			bin_chunk(ff, &ff->chunks[i], col, n, planes);
	}
}

const struct fast_isa fast_avx2 = { "AVX2", 7, bin, trees, fast_row_avx2 };

#else
typedef int fast_avx2_is_for_x86;
#endif
