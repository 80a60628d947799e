/* SPDX-License-Identifier: Apache-2.0 */
/* One row with AVX-512 VBMI: a byte permute fetches the row's byte for each split of a tree, one
 * comparison answers all of them, and the way down is read off the answers' bits. */
#include "model/forest_fast.h"
#include "model/forest_fast_internal.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,popcnt,bmi2")))

/* The answers of all splits in a pack. */
TARGET static inline __attribute__((always_inline)) uint64_t answers(const struct forest_fast *ff,
	const struct fast_pack *p, const __m512i *bytes, const unsigned pairs)
{
	__m512i low = _mm512_load_si512(p->low), v;

	/* Read once and copied: a compiler that reads it again for each use makes the pack wait for
	 * its four reads. */
	__asm__("" : "+v"(low));
	/* The permute looks at the lower seven bits of a number. */
	v = _mm512_permutex2var_epi8(bytes[0], low, bytes[1]);
	if (pairs == 2) {
		v = _mm512_mask_mov_epi8(v, _mm512_movepi8_mask(low),
			_mm512_permutex2var_epi8(bytes[2], low, bytes[3]));
	} else if (pairs > 2) {
		__m512i high = _mm512_load_si512(ff->high[p - ff->packs].of);

		for (unsigned k = 1; k < pairs; k++) {
			__mmask64 here = _mm512_cmpeq_epi8_mask(high, _mm512_set1_epi8((char)k));

			v = _mm512_mask_mov_epi8(v, here,
				_mm512_permutex2var_epi8(bytes[2 * k], low, bytes[2 * k + 1]));
		}
	}
	return _cvtmask64_u64(_mm512_cmpgt_epi8_mask(v, _mm512_load_si512(p->place)));
}

static inline __attribute__((always_inline)) uint32_t way_down(uint64_t m, unsigned depth)
{
	uint64_t i = 0;

#define DOWN i = 2 * i + 1 + (m >> i & 1)
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
	return (uint32_t)i - ((1u << depth) - 1);
}

TARGET static inline __attribute__((always_inline)) float leaf_of(
	const struct forest_fast *ff, const struct fast_tree *ft, uint64_t m, const unsigned depth)
{
	return ff->leaves[ft->leaf + way_down(m >> ft->shift, depth != 0 ? depth : ft->depth)];
}

/* ${depth}: of every tree; 0: they differ. */
TARGET static inline __attribute__((always_inline)) void run_groups(const struct forest_fast *ff,
	const __m512i *v, struct forest_out out, const unsigned pairs, const unsigned depth)
{
	const struct fast_pack *pack = ff->packs;
	__m128 acc = _mm_setr_ps(ff->base[0], ff->base[1], ff->base[2], 0);
	uint64_t m = 0;
	uint32_t t = 0;

	for (uint32_t s = 0; s < ff->n_segments; s++) {
		const __m128 before = acc;

		for (; t < ff->segment_end[s]; t++) {
			const struct fast_tree *ft = &ff->trees[t];

			if (ft->shift == 0)
				m = answers(ff, pack++, v, pairs);
			acc = _mm_mask_add_ps(acc, (__mmask8)(1u << ft->group), acc,
				_mm_set1_ps(leaf_of(ff, ft, m, depth)));
		}
		if (out.segment != NULL)
			_mm_mask_storeu_ps(out.segment + (size_t)s * ff->n_groups,
				(__mmask8)((1u << ff->n_groups) - 1), _mm_sub_ps(acc, before));
	}
	_mm_mask_storeu_ps(out.margin, (__mmask8)((1u << ff->n_groups) - 1), acc);
}

TARGET static inline __attribute__((always_inline)) __m512i wide(const uint8_t bytes[8])
{
	return _mm512_cvtepu8_epi64(_mm_loadl_epi64((const __m128i *)(const void *)bytes));
}

/* What is on its way in a row by eights. The way down of an eight comes some eights behind the
 * answers of its packs, as a vector read from what has only just been written in pieces waits until
 * that is done; and the sum comes some behind the way down, as its chain of additions takes as long
 * as all the rest of an eight and would otherwise begin only once the leaves are found. Each eight
 * has a place of a ring for both, by where it is in ff->eights. */
enum { RING = 16 };
_Static_assert((int)FAST_AHEAD + FAST_BEHIND < (int)RING,
	"answers are read before others take their place");

struct on_the_way {
	_Alignas(64) uint64_t answer[RING][8]; /* of the last pack before, if carried; of its own */
	_Alignas(64) uint32_t at[RING][8];     /* places of its leaves */
};

/* Answers the packs that begin with ${e}, and writes that of the last one before in front of them.
 * Returns the last one's. */
TARGET static inline __attribute__((always_inline)) uint64_t *answer_eight(
	const struct forest_fast *ff, const struct fast_eight *e, const struct fast_pack *p,
	const __m512i *v, const unsigned pairs, uint64_t before, uint64_t *to)
{
	*to = before;
	to += e->carried;
	for (unsigned k = 0; k < e->packs; k++)
		to[k] = answers(ff, p + k, v, pairs);
	return to + e->packs - 1;
}

/* The leaves' places: eight ways down at once, i = 2i + the answer of split i, counted from 1, in
 * those trees that go on. */
TARGET static inline __attribute__((always_inline)) void eight_leaves(
	const struct fast_eight *e, const uint64_t *answer, uint32_t *at)
{
	const __m512i one = _mm512_set1_epi64(1);
	__m512i i = one, m = _mm512_load_si512(answer);

	m = _mm512_permutexvar_epi64(wide(e->pack), m);
	m = _mm512_srlv_epi64(m, wide(e->shift));
	m = _mm512_add_epi64(m, m);
#define DOWN_EIGHT(level) \
	i = _mm512_ternarylogic_epi64(_mm512_mask_add_epi64(i, e->deeper[level], i, i), \
		_mm512_maskz_srlv_epi64(e->deeper[level], m, i), one, 0xF8) /* a | (b & c) */
	switch (e->depth) {
	case 6:
		DOWN_EIGHT(5);
		__attribute__((fallthrough));
	case 5:
		DOWN_EIGHT(4);
		__attribute__((fallthrough));
	case 4:
		DOWN_EIGHT(3);
		__attribute__((fallthrough));
	case 3:
		DOWN_EIGHT(2);
		__attribute__((fallthrough));
	case 2:
		DOWN_EIGHT(1);
		__attribute__((fallthrough));
	default:
		DOWN_EIGHT(0);
	}
#undef DOWN_EIGHT
	_mm256_store_si256((__m256i *)(void *)at,
		_mm256_add_epi32(_mm512_cvtepi64_epi32(i),
			_mm256_load_si256((const __m256i *)(const void *)e->leaf)));
}

/* One leaf after the other as everywhere: the same bits. */
static inline __attribute__((always_inline)) float add_eight(
	const float *leaves, const uint32_t *at, float acc)
{
	for (unsigned k = 0; k < 8; k++)
		acc += leaves[at[k]];
	return acc;
}

TARGET static inline __attribute__((always_inline)) void run_eights(const struct forest_fast *ff,
	const int8_t *bytes, struct forest_out out, const unsigned pairs, const unsigned depth)
{
	const struct fast_eight *const eights = ff->eights;
	const struct fast_pack *pack = ff->packs;
	const float *leaves = ff->leaves;
	float acc = ff->base[0], before = acc, *segment = out.segment;
	uint64_t first = 0, *last = &first;
	struct on_the_way w;
	__m512i v[FAST_PACK_PLANES / 64];

	for (unsigned k = 0; k < 2 * pairs; k++)
		v[k] = _mm512_load_si512(bytes + 64 * k);
	/* ${i}: which eight is answered. Behind the last one are as many that have no packs. */
	for (uint32_t i = 0; i < ff->n_eights + FAST_AHEAD + FAST_BEHIND; i++) {
		const uint32_t down = i - FAST_AHEAD, sum = down - FAST_BEHIND;

		last = answer_eight(ff, &eights[i], pack, v, pairs, *last, w.answer[i % RING]);
		pack += eights[i].packs;
		if (i < FAST_AHEAD)
			continue;
		eight_leaves(&eights[down], w.answer[down % RING], w.at[down % RING]);
		if (i < FAST_AHEAD + FAST_BEHIND)
			continue;
		acc = add_eight(leaves, w.at[sum % RING], acc);
		if (eights[sum].last) {
			if (segment != NULL)
				*segment++ = acc - before;
			before = acc;
		}
	}
	out.margin[0] = acc;
}

TARGET static inline __attribute__((always_inline)) void run(const struct forest_fast *ff,
	const int8_t *bytes, struct forest_out out, const unsigned pairs, const unsigned depth)
{
	__m512i v[FAST_PACK_PLANES / 64];

	for (unsigned k = 0; k < 2 * pairs; k++)
		v[k] = _mm512_load_si512(bytes + 64 * k);
	run_groups(ff, v, out, pairs, depth);
}

#define ROW(name, how, depth) \
	TARGET static void name( \
		const struct forest_fast *ff, const int8_t *bytes, struct forest_out out) \
	{ \
		if (ff->plane_bytes / FAST_ROWS <= 128) \
			how(ff, bytes, out, 1, depth); \
		else if (ff->plane_bytes / FAST_ROWS <= 256) \
			how(ff, bytes, out, 2, depth); \
		else \
			how(ff, bytes, out, FAST_PACK_PLANES / 128, depth); \
	}
ROW(row_eights, run_eights, 0)
ROW(row_mixed, run, 0)
ROW(row1, run, 1)
ROW(row2, run, 2)
ROW(row3, run, 3)
ROW(row4, run, 4)
ROW(row5, run, 5)
ROW(row6, run, 6)

static void (*const rows[])(const struct forest_fast *, const int8_t *,
	struct forest_out) = { row_mixed, row1, row2, row3, row4, row5, row6 };

static void row_vbmi(const struct forest_fast *ff, const float *x, struct forest_out out)
{
	_Alignas(64) int8_t bytes[FAST_PACK_PLANES] = { 0 };

	fast_bins_row(ff, ff->bins, x, NULL, bytes);
	ff->row_bytes(ff, bytes, out);
}

void forest_fast_row_runs(
	const struct forest_fast *ff, const float *x, const uint32_t *row, struct forest_out out)
{
	_Alignas(64) int8_t bytes[FAST_PACK_PLANES] = { 0 };

	fast_bins_row(ff, ff->run_bins, x, row, bytes);
	ff->row_bytes(ff, bytes, out);
}

bool fast_has_vbmi(void)
{
	return __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("bmi2");
}

void fast_row_vbmi(struct forest_fast *ff)
{
	ff->row = row_vbmi;
	ff->row_bytes = ff->eights != NULL ? row_eights : rows[ff->depth];
}

#else

void forest_fast_row_runs(
	const struct forest_fast *ff, const float *x, const uint32_t *row, struct forest_out out)
{
}

bool fast_has_vbmi(void)
{
	return false;
}

void fast_row_vbmi(struct forest_fast *ff)
{
}

#endif
