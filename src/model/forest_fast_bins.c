/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of one row with AVX-512 VBMI. Most features have few thresholds: sixteen of these are
 * counted at once, a lane each, against their thresholds side by side. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/forest_fast_internal.h"
#include "util/err.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,popcnt,bmi2")))

enum { LANES = 16, PLACES = (FAST_BIN_MOST + 127) / 128 * 128 };

/* ---- making ---- */

struct order {
	uint32_t chunk, n;
};

static int by_n(const void *a, const void *b)
{
	const struct order *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	return x->chunk < y->chunk ? -1 : x->chunk > y->chunk;
}

/* Where the plane finds its byte. */
static void put_plane(struct fast_bins *b, int32_t offset, uint32_t place, bool right)
{
	uint32_t plane = (uint32_t)offset / FAST_ROWS;

	if (offset < 0)
		return;
	b->low[plane] = (uint8_t)(place % 128);
	b->high[plane] = (uint8_t)(place / 128);
	if (right)
		b->right[plane / 64] |= 1ull << plane % 64;
}

static void put_place(const struct forest_fast *ff, uint32_t chunk, uint32_t place)
{
	const struct fast_chunk *k = &ff->chunks[chunk];

	ff->bins->feature[place] = k->feature;
	put_plane(ff->bins, k->left, place, false);
	put_plane(ff->bins, k->right, place, true);
}

/* ${n} chunks of about as many thresholds become the next group. */
static void put_group(
	const struct forest_fast *ff, const struct order *o, uint32_t n, float **lanes)
{
	struct fast_bins *b = ff->bins;
	uint32_t longest = o[n - 1].n;

	for (uint32_t i = 0; i < longest * LANES; i++)
		(*lanes)[i] = NAN;
	for (uint32_t k = 0; k < n; k++) {
		const float *t = ff->thresholds + ff->chunks[o[k].chunk].from;

		put_place(ff, o[k].chunk, b->n_groups * LANES + k);
		for (uint32_t j = 0; j < o[k].n; j++)
			(*lanes)[j * LANES + k] = t[j];
	}
	b->longest[b->n_groups++] = longest;
	*lanes += (size_t)longest * LANES;
}

static void put_all(const struct forest_fast *ff, const struct order *o)
{
	struct fast_bins *b = ff->bins;
	float *lanes = b->lanes;
	uint32_t done = 0;

	/* A step of the group takes about an eighth of a search of one's own. */
	while (done < ff->n_chunks) {
		uint32_t n = ff->n_chunks - done < LANES ? ff->n_chunks - done : LANES;

		if (o[done + n - 1].n > 8 * n)
			break;
		put_group(ff, o + done, n, &lanes);
		done += n;
	}
	b->n = b->n_groups * LANES;
	for (; done < ff->n_chunks; done++) {
		b->single[b->n] = o[done].chunk;
		put_place(ff, o[done].chunk, b->n++);
	}
}

int fast_bins_new(struct forest_fast *ff, struct err *e)
{
	struct order *o = calloc((size_t)ff->n_chunks + 1, sizeof(*o));

	/* Every chunk has a plane, and all planes have a name. */
	ASSERT(ff->n_chunks <= FAST_PACK_PLANES);
	for (uint32_t i = 0; o != NULL && i < ff->n_chunks; i++)
		o[i] = (struct order){ i, ff->chunks[i].n };
	ff->bins = aligned_alloc(64, sizeof(*ff->bins));
	if (ff->bins != NULL)
		memset(ff->bins, 0, sizeof(*ff->bins));
	/* Of a group of k chunks in order, each lane is at most as long as 8k. */
	if (o == NULL || ff->bins == NULL ||
		(ff->bins->lanes = aligned_alloc(64,
			 ((size_t)ff->n_chunks / LANES + 1) * 8 * LANES * LANES * sizeof(float))) ==
			NULL) {
		free(o);
		return err_nomem(e);
	}
	qsort(o, ff->n_chunks, sizeof(*o), by_n);
	put_all(ff, o);
	free(o);
	return 0;
}

/* ---- a row ---- */

TARGET static inline uint32_t ones(__mmask16 low, __mmask16 high)
{
	return (uint32_t)_mm_popcnt_u32((uint32_t)low | (uint32_t)high << 16);
}

/* The number of the chunk's thresholds <= v: among 32 of them at once, then among those between. */
TARGET static inline uint32_t count_one(
	const struct forest_fast *ff, const struct fast_chunk *k, float value)
{
	const float *t = ff->thresholds + k->from, *top = ff->tables + k->table;
	const __m512 v = _mm512_set1_ps(value);
	uint32_t stride = k->size / 32, n;

	n = ones(_mm512_cmp_ps_mask(v, _mm512_load_ps(top), _CMP_GE_OQ),
		_mm512_cmp_ps_mask(v, _mm512_load_ps(top + 16), _CMP_GE_OQ));
	if (stride > 1) {
		uint32_t between = (1u << (stride - 1)) - 1;

		n = (n < 31 ? n : 31) * stride;
		n += ones((__mmask16)(_mm256_cmp_ps_mask(_mm512_castps512_ps256(v),
					      _mm256_loadu_ps(t + n), _CMP_GE_OQ) &
				      between),
			0);
	}
	return n < k->n ? n : k->n; /* infinity passes the padding */
}

/* The same of sixteen chunks, less 128. ${n} steps. */
TARGET static inline __m128i count_group(const float *lanes, uint32_t n, __m512 v)
{
	__m512i c = _mm512_set1_epi32(-128);

	for (uint32_t j = 0; j < n; j++)
		c = _mm512_mask_add_epi32(c,
			_mm512_cmp_ps_mask(v, _mm512_load_ps(lanes + j * LANES), _CMP_GE_OQ), c,
			_mm512_set1_epi32(1));
	return _mm512_cvtepi32_epi8(c);
}

/* By place: the number of thresholds passed, less 128 (missing passes none), and who is missing. */
TARGET static inline void count_all(
	const struct forest_fast *ff, const float *x, int8_t *count, int8_t *missing)
{
	const struct fast_bins *b = ff->bins;
	const float *lanes = b->lanes;
	_Alignas(64) float v[FAST_BIN_MOST];

	/* All are copied before the first vector of them is read. */
	for (uint32_t i = 0; i < b->n; i++)
		v[i] = x[b->feature[i]];
	for (uint32_t i = b->n_groups * LANES; i < b->n; i++) {
		count[i] = (int8_t)((int)count_one(ff, &ff->chunks[b->single[i]], v[i]) - 128);
		missing[i] = (int8_t) - (int)isnan(v[i]);
	}
	for (uint32_t g = 0; g < b->n_groups; lanes += LANES * b->longest[g++]) {
		__m512 w = _mm512_load_ps(v + g * LANES);

		_mm_store_si128((__m128i *)(void *)(count + g * LANES),
			count_group(lanes, b->longest[g], w));
		_mm_store_si128((__m128i *)(void *)(missing + g * LANES),
			_mm_movm_epi8(_mm512_cmp_ps_mask(w, w, _CMP_UNORD_Q)));
	}
}

/* Bytes by place become bytes by plane, 64 of them. */
TARGET static inline __m512i planes_of(
	const int8_t *bytes, uint32_t places, __m512i low, __m512i high)
{
	__m512i v = _mm512_setzero_si512();

	for (uint32_t k = 0; 128 * k < places; k++)
		v = _mm512_mask_mov_epi8(v, _mm512_cmpeq_epi8_mask(high, _mm512_set1_epi8((char)k)),
			_mm512_permutex2var_epi8(_mm512_load_si512(bytes + 128 * k), low,
				_mm512_load_si512(bytes + 128 * k + 64)));
	return v;
}

TARGET void fast_bins_row(const struct forest_fast *ff, const float *x, int8_t *bytes)
{
	const struct fast_bins *b = ff->bins;
	_Alignas(64) int8_t count[PLACES], missing[PLACES];

	count_all(ff, x, count, missing);
	for (uint32_t p = 0; p * FAST_ROWS < ff->plane_bytes; p += 64) {
		__m512i low = _mm512_load_si512(b->low + p), high = _mm512_load_si512(b->high + p);
		__mmask64 most =
			_mm512_movepi8_mask(planes_of(missing, b->n, low, high)) & b->right[p / 64];

		_mm512_store_si512(
			bytes + p, _mm512_mask_mov_epi8(planes_of(count, b->n, low, high), most,
					   _mm512_set1_epi8(127)));
	}
}

void fast_bins_free(struct fast_bins *b)
{
	if (b != NULL)
		free(b->lanes);
	free(b);
}

#else

int fast_bins_new(struct forest_fast *ff, struct err *e)
{
	return 0;
}

void fast_bins_free(struct fast_bins *b)
{
}

#endif
