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

enum { LANES = 16, PLACES = (FAST_BIN_MOST + 32 + 127) / 128 * 128 };

/* ---- making ---- */

struct order {
	uint32_t chunk, n;
};

struct making {
	const struct forest_fast *ff;
	struct fast_bins *b;
	struct order *o; /* chunks outside of runs, shortest first */
	uint32_t n;
	bool *in_run; /* by feature */
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

static void put_place(const struct making *m, uint32_t chunk, uint32_t place)
{
	const struct fast_chunk *k = &m->ff->chunks[chunk];

	m->b->feature[place] = k->feature;
	put_plane(m->b, k->left, place, false);
	put_plane(m->b, k->right, place, true);
}

/* ${n} chunks of about as many thresholds become the next group. */
static void put_group(const struct making *m, const struct order *o, uint32_t n, float **lanes)
{
	struct fast_bins *b = m->b;
	uint32_t longest = o[n - 1].n;

	for (uint32_t i = 0; i < longest * LANES; i++)
		(*lanes)[i] = NAN;
	for (uint32_t k = 0; k < n; k++) {
		const float *t = m->ff->thresholds + m->ff->chunks[o[k].chunk].from;

		put_place(m, o[k].chunk, b->n_groups * LANES + k);
		for (uint32_t j = 0; j < o[k].n; j++)
			(*lanes)[j * LANES + k] = t[j];
	}
	b->longest[b->n_groups++] = longest;
	*lanes += (size_t)longest * LANES;
}

static void put_counted(const struct making *m)
{
	struct fast_bins *b = m->b;
	float *lanes = b->lanes;
	uint32_t done = 0;

	/* A step of the group takes about an eighth of a search of one's own. */
	while (done < m->n) {
		uint32_t n = m->n - done < LANES ? m->n - done : LANES;

		if (m->o[done + n - 1].n > 8 * n)
			break;
		put_group(m, m->o + done, n, &lanes);
		done += n;
	}
	b->n_counted = b->n_groups * LANES;
	for (; done < m->n; done++) {
		b->single[b->n_counted] = m->o[done].chunk;
		put_place(m, m->o[done].chunk, b->n_counted++);
	}
	b->n = b->n_counted;
}

/* The number of thresholds <= v, less 128. */
static int8_t count_plain(const struct forest_fast *ff, const struct fast_chunk *k, float v)
{
	const float *t = ff->thresholds + k->from;
	uint32_t lo = 0, hi = k->n;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;

		if (t[mid] <= v)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (int8_t)((int)lo - 128);
}

/* Bytes of one chunk's planes in all rows of a run; returns how many planes. */
static uint32_t put_chunk(const struct making *m, const struct fast_chunk *k,
	const struct forest_run *from, struct fast_run *run, uint32_t at)
{
	int32_t planes[2] = { k->left, k->right };
	uint32_t n = 0;

	for (int side = 0; side < 2; side++) {
		if (planes[side] < 0)
			continue;
		put_plane(m->b, planes[side], run->place + at + n, false);
		for (size_t r = 0; r < run->rows; r++) {
			float v = from->values[r * from->n + (k->feature - from->first)];

			run->bytes[r * run->step + at + n] = !isnan(v)   ? count_plain(m->ff, k, v)
							     : side == 0 ? INT8_MIN
									 : INT8_MAX;
		}
		n++;
	}
	return n;
}

static bool is_of(const struct fast_chunk *k, const struct forest_run *run)
{
	return k->feature >= run->first && k->feature - run->first < run->n;
}

static uint32_t planes_of_run(const struct forest_fast *ff, const struct forest_run *run)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < ff->n_chunks; i++)
		if (is_of(&ff->chunks[i], run))
			n += (ff->chunks[i].left >= 0) + (ff->chunks[i].right >= 0);
	return n;
}

/* From the bytes of one row to those of the next. */
static uint32_t step_of(uint32_t planes)
{
	return (planes + 31) / 32 * 32;
}

size_t fast_run_bytes(const struct forest_fast *ff, const struct forest_run *run)
{
	return run->rows * step_of(planes_of_run(ff, run));
}

static int put_run(const struct making *m, const struct forest_run *from)
{
	struct fast_run *run = &m->b->runs[m->b->n_runs++];
	uint32_t at = 0;

	run->place = m->b->n;
	run->n = planes_of_run(m->ff, from);
	run->rows = from->rows;
	run->step = step_of(run->n);
	run->bytes = calloc(from->rows * run->step + 32, 1);
	if (run->bytes == NULL)
		return -1;
	for (uint32_t i = 0; i < m->ff->n_chunks; i++)
		if (is_of(&m->ff->chunks[i], from))
			at += put_chunk(m, &m->ff->chunks[i], from, run, at);
	m->b->n += run->n;
	return 0;
}

static int put_all(struct making *m, const struct forest_run *runs, size_t n)
{
	const struct forest_fast *ff = m->ff;

	for (size_t r = 0; r < n; r++)
		for (uint32_t i = 0; i < runs[r].n; i++)
			m->in_run[runs[r].first + i] = true;
	/* Every chunk has a plane, and all planes have a name. */
	ASSERT(ff->n_chunks <= FAST_PACK_PLANES);
	for (uint32_t i = 0; i < ff->n_chunks; i++)
		if (!m->in_run[ff->chunks[i].feature])
			m->o[m->n++] = (struct order){ i, ff->chunks[i].n };
	qsort(m->o, m->n, sizeof(*m->o), by_n);
	put_counted(m);
	for (size_t r = 0; r < n; r++)
		if (put_run(m, &runs[r]) == -1)
			return -1;
	return 0;
}

struct fast_bins *fast_bins_new(
	const struct forest_fast *ff, const struct forest_run *runs, size_t n, struct err *e)
{
	/* Of a group of k chunks in order, each lane is at most as long as 8k. */
	size_t lanes = ((size_t)ff->n_chunks / LANES + 1) * 8 * LANES * LANES * sizeof(float);
	struct making m = { .ff = ff,
		.b = aligned_alloc(64, sizeof(*m.b)),
		.o = calloc((size_t)ff->n_chunks + 1, sizeof(*m.o)),
		.in_run = calloc((size_t)ff->n_features + 1, sizeof(*m.in_run)) };
	int rc = -1;

	if (m.b != NULL) {
		memset(m.b, 0, sizeof(*m.b));
		m.b->lanes = aligned_alloc(64, lanes);
		m.b->runs = calloc(n + 1, sizeof(*m.b->runs));
		if (m.o != NULL && m.in_run != NULL && m.b->lanes != NULL && m.b->runs != NULL)
			rc = put_all(&m, runs, n);
	}
	free(m.o);
	free(m.in_run);
	if (rc == 0)
		return m.b;
	fast_bins_free(m.b);
	err_nomem(e);
	return NULL;
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
TARGET static inline void count_all(const struct forest_fast *ff, const struct fast_bins *b,
	const float *x, int8_t *count, int8_t *missing)
{
	const float *lanes = b->lanes;
	_Alignas(64) float v[FAST_BIN_MOST];

	/* All are copied before the first vector of them is read. */
	for (uint32_t i = 0; i < b->n_counted; i++)
		v[i] = x[b->feature[i]];
	for (uint32_t i = b->n_groups * LANES; i < b->n_counted; i++) {
		count[i] = (int8_t)((int)count_one(ff, &ff->chunks[b->single[i]], v[i]) - 128);
		missing[i] = (int8_t)(isnan(v[i]) ? -1 : 0);
	}
	for (uint32_t g = 0; g < b->n_groups; lanes += LANES * b->longest[g++]) {
		__m512 w = _mm512_load_ps(v + g * LANES);

		_mm_store_si128((__m128i *)(void *)(count + g * LANES),
			count_group(lanes, b->longest[g], w));
		_mm_store_si128((__m128i *)(void *)(missing + g * LANES),
			_mm_movm_epi8(_mm512_cmp_ps_mask(w, w, _CMP_UNORD_Q)));
	}
}

/* The bytes of runs, in order: what is written past the end of one belongs to the next. */
TARGET static inline void copy_runs(
	const struct fast_bins *b, const uint32_t *row, int8_t *count, int8_t *missing)
{
	for (size_t r = 0; r < b->n_runs; r++) {
		const struct fast_run *run = &b->runs[r];
		const int8_t *from = run->bytes + row[r] * (size_t)run->step;

		for (uint32_t k = 0; k < run->n; k += 32)
			_mm256_storeu_si256((__m256i *)(void *)(count + run->place + k),
				_mm256_loadu_si256((const __m256i *)(const void *)(from + k)));
	}
	for (uint32_t k = b->n_counted; k < b->n; k += 32)
		_mm256_storeu_si256((__m256i *)(void *)(missing + k), _mm256_setzero_si256());
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

TARGET void fast_bins_row(const struct forest_fast *ff, const struct fast_bins *b, const float *x,
	const uint32_t *row, int8_t *bytes)
{
	_Alignas(64) int8_t count[PLACES], missing[PLACES];

	count_all(ff, b, x, count, missing);
	if (b->n_runs != 0)
		copy_runs(b, row, count, missing);
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
	if (b == NULL)
		return;
	for (size_t r = 0; b->runs != NULL && r < b->n_runs; r++)
		free(b->runs[r].bytes);
	free(b->runs);
	free(b->lanes);
	free(b);
}

#else

size_t fast_run_bytes(const struct forest_fast *ff, const struct forest_run *run)
{
	return 0;
}

struct fast_bins *fast_bins_new(
	const struct forest_fast *ff, const struct forest_run *runs, size_t n, struct err *e)
{
	err_nomem(e);
	return NULL;
}

void fast_bins_free(struct fast_bins *b)
{
}

#endif
