/* SPDX-License-Identifier: Apache-2.0 */
/* AVX-512 (F, BW, DQ, VL): 64 rows at a time. */
#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#include "model/forest_fast.h"
#include "model/forest_fast_internal.h"

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))
typedef __m512i V;

#define GO(s, i) \
	_mm512_cmpgt_epi8_mask(_mm512_load_si512((const void *)((s).bytes + (s).plane[i])), \
		_mm512_set1_epi8((s).place[i]))
#define ONE(c)           _mm512_maskz_mov_epi8(c, _mm512_set1_epi8(1))
#define JOIN(c, l, r, k) _mm512_mask_add_epi8(l, c, r, _mm512_set1_epi8((char)(k)))

/* leaf values of 16 rows: numbers in ${i}, a table of 2^depth. */
#define LOOK2(t, i) _mm512_permutex2var_ps(_mm512_loadu_ps(t), i, _mm512_loadu_ps((t) + 16))
#define LOOK4(t, i) \
	_mm512_mask_blend_ps( \
		_mm512_test_epi32_mask(i, _mm512_set1_epi32(32)), LOOK2(t, i), LOOK2((t) + 32, i))
#define LOOK8(t, i) \
	_mm512_mask_blend_ps( \
		_mm512_test_epi32_mask(i, _mm512_set1_epi32(64)), LOOK4(t, i), LOOK4((t) + 64, i))

TARGET static inline __attribute__((always_inline)) __m512 look(
	const float *t, __m512i i, const unsigned depth)
{
	if (depth <= 4)
		return _mm512_permutexvar_ps(i, _mm512_loadu_ps(t));
	if (depth == 5)
		return LOOK2(t, i);
	if (depth == 6)
		return LOOK4(t, i);
	if (depth == 7)
		return LOOK8(t, i);
	return _mm512_i32gather_ps(i, t, 4);
}

TARGET static inline __attribute__((always_inline)) void add_leaves(
	const float *t, V number, float *acc, const unsigned depth)
{
	__m512i i[4] = { _mm512_cvtepu8_epi32(_mm512_castsi512_si128(number)),
		_mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(number, 1)),
		_mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(number, 2)),
		_mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(number, 3)) };

	for (int k = 0; k < 4; k++)
		_mm512_store_ps(acc + 16 * k,
			_mm512_add_ps(_mm512_load_ps(acc + 16 * k), look(t, i[k], depth)));
}

#include "model/forest_fast_tree.inc" /* needs what is above */

/* ---- bytes ---- */

/* 16 columns of FAST_ROWS rows from ${x}, transposed: col[c][row]. Columns past ${width} and rows
 * past ${n} are 0. */
TARGET static void transpose16(
	const float *x, size_t n, size_t stride, size_t width, float col[16][FAST_ROWS])
{
	const __m512i even =
		_mm512_setr_epi32(0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27);
	const __m512i odd =
		_mm512_setr_epi32(4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31);
	__mmask16 mask = (__mmask16)((1u << width) - 1);

	for (size_t r0 = 0; r0 < n; r0 += 16) {
		__m512 a[16], b[16];

		for (size_t r = 0; r < 16; r++)
			a[r] = r0 + r < n ? _mm512_maskz_loadu_ps(mask, x + (r0 + r) * stride)
					  : _mm512_setzero_ps();
		for (int i = 0; i < 16; i += 2) { /* pairs of rows */
			b[i] = _mm512_unpacklo_ps(a[i], a[i + 1]);
			b[i + 1] = _mm512_unpackhi_ps(a[i], a[i + 1]);
		}
		for (int i = 0; i < 16; i += 4) { /* fours: a[i + c] has column c of each lane */
			a[i] = _mm512_castpd_ps(_mm512_unpacklo_pd(
				_mm512_castps_pd(b[i]), _mm512_castps_pd(b[i + 2])));
			a[i + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(
				_mm512_castps_pd(b[i]), _mm512_castps_pd(b[i + 2])));
			a[i + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(
				_mm512_castps_pd(b[i + 1]), _mm512_castps_pd(b[i + 3])));
			a[i + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(
				_mm512_castps_pd(b[i + 1]), _mm512_castps_pd(b[i + 3])));
		}
		for (int c = 0; c < 4; c++) { /* lanes */
			__m512 p = _mm512_permutex2var_ps(a[c], even, a[4 + c]);
			__m512 q = _mm512_permutex2var_ps(a[c], odd, a[4 + c]);
			__m512 r = _mm512_permutex2var_ps(a[8 + c], even, a[12 + c]);
			__m512 s = _mm512_permutex2var_ps(a[8 + c], odd, a[12 + c]);

			_mm512_store_ps(&col[c][r0], _mm512_shuffle_f32x4(p, r, 0x44));
			_mm512_store_ps(&col[8 + c][r0], _mm512_shuffle_f32x4(p, r, 0xEE));
			_mm512_store_ps(&col[4 + c][r0], _mm512_shuffle_f32x4(q, s, 0x44));
			_mm512_store_ps(&col[12 + c][r0], _mm512_shuffle_f32x4(q, s, 0xEE));
		}
	}
}

/* How many of at most 8 thresholds are <= v. */
TARGET static inline __m512i count_few(__m512 v, const float *t, uint32_t n)
{
	__m512i c = _mm512_setzero_si512(), one = _mm512_set1_epi32(1);

	for (uint32_t k = 0; k < n; k++)
		c = _mm512_mask_add_epi32(
			c, _mm512_cmp_ps_mask(v, _mm512_set1_ps(t[k]), _CMP_GE_OQ), c, one);
	return c;
}

/* The same of any number, by halving: five steps in the first 32 entries of the table, then one in
 * each part. */
TARGET static inline __m512i count_many(__m512 v, const float *t, uint32_t size, __m512i n)
{
	const __m512i one = _mm512_set1_epi32(1);
	__m512i c = _mm512_setzero_si512();
	__m512 at;

	for (int step = 16; step >= 1; step /= 2) {
		at = LOOK2(t, _mm512_add_epi32(c, _mm512_set1_epi32(step - 1)));
		c = _mm512_mask_add_epi32(
			c, _mm512_cmp_ps_mask(v, at, _CMP_GE_OQ), c, _mm512_set1_epi32(step));
	}
#define HALVE(look, part) \
	do { \
		at = look(t + (part), c); \
		c = _mm512_add_epi32(c, c); \
		c = _mm512_mask_add_epi32(c, _mm512_cmp_ps_mask(v, at, _CMP_GE_OQ), c, one); \
	} while (0)
	if (size >= 64)
		HALVE(LOOK2, 32);
	if (size >= 128)
		HALVE(LOOK4, 64);
	if (size >= 256)
		HALVE(LOOK8, 128);
#undef HALVE
	return _mm512_min_epi32(c, n); /* infinity passes the padding */
}

TARGET static void bin_chunk(const struct forest_fast *ff, const struct fast_chunk *k,
	const float *col, size_t rows, int8_t *planes)
{
	const float *few = ff->thresholds + k->from, *table = ff->tables + k->table;
	const __m512i n = _mm512_set1_epi32((int)k->n), shift = _mm512_set1_epi32(128);

	for (size_t r = 0; r < rows; r += 16) {
		__m512 v = _mm512_load_ps(col + r);
		__mmask16 missing = _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q);
		__m512i c = k->n <= 8 ? count_few(v, few, k->n) : count_many(v, table, k->size, n);
		__m128i b = _mm512_cvtepi32_epi8(_mm512_sub_epi32(c, shift));

		if (k->left >= 0)
			_mm_store_si128((__m128i *)(void *)(planes + k->left + r),
				_mm_mask_mov_epi8(b, missing, _mm_set1_epi8(-128)));
		if (k->right >= 0)
			_mm_store_si128((__m128i *)(void *)(planes + k->right + r),
				_mm_mask_mov_epi8(b, missing, _mm_set1_epi8(127)));
	}
}

TARGET static void bin(
	const struct forest_fast *ff, const float *x, size_t n, size_t stride, int8_t *planes)
{
	_Alignas(64) float col[16][FAST_ROWS];
	uint32_t i = 0;

	while (i < ff->n_chunks) {
		uint32_t c0 = ff->chunks[i].feature & ~15u;
		size_t width = ff->n_features - c0;

		transpose16(x + c0, n, stride, width < 16 ? width : 16, col);
		for (; i < ff->n_chunks && (ff->chunks[i].feature & ~15u) == c0; i++)
			bin_chunk(ff, &ff->chunks[i], col[ff->chunks[i].feature & 15], n, planes);
	}
}

const struct fast_isa fast_avx512 = { "AVX-512", 8, bin, trees, fast_row_avx2 };

#else
typedef int fast_avx512_is_for_x86;
#endif
