/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>

#include "util/bytes.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define ONES  BYTES_EACH(1)
#define HIGHS BYTES_EACH(0x80)

static uint64_t load8(const char *p)
{
	uint64_t v;

	memcpy(&v, p, 8);
	return v;
}

static size_t plain_run_bytes(const char *p, size_t n, size_t i)
{
	while (i < n && (unsigned char)p[i] - 1U < 0x7FU)
		i++;
	return i;
}

static size_t plain_run_portable(const char *p, size_t n)
{
	size_t i = 0;

	/* The high bit of (v - 1) or of v itself is set in some byte that is 0 or over 0x7F;
	 * borrows only raise false alarms, which the byte loop settles. */
	while (i + 8 <= n && (((load8(p + i) - ONES) | load8(p + i)) & HIGHS) == 0)
		i += 8;
	return plain_run_bytes(p, n, i);
}

/* High bit of every byte of ${v} that is zero, exactly. */
static uint64_t zero_bytes(uint64_t v)
{
	return ~(((v & ~HIGHS) + ~HIGHS) | v | ~HIGHS);
}

static void mask_portable(const char *p, size_t words, char delim, uint64_t *mask)
{
	uint64_t d = ONES * (unsigned char)delim, q = ONES * '"', cr = ONES * '\r',
		 lf = ONES * '\n';

	for (size_t w = 0; w < words; w++, p += 64) {
		uint64_t m = 0;

		for (int k = 0; k < 8; k++) {
			uint64_t v = load8(p + 8 * k), hit;

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
			v = __builtin_bswap64(v);
#endif
			hit = zero_bytes(v ^ d) | zero_bytes(v ^ q) | zero_bytes(v ^ cr) |
			      zero_bytes(v ^ lf);
			/* Gathers the eight high bits into one byte. */
			m |= (((hit >> 7) * 0x0102040810204080ULL) >> 56) << (8 * k);
		}
		mask[w] = m;
	}
}

#if defined(__x86_64__)
static size_t plain_run_sse2(const char *p, size_t n)
{
	const __m128i zero = _mm_setzero_si128();
	size_t i = 0;

	/* As signed bytes, 0x01 to 0x7F are those greater than zero. */
	for (; i + 64 <= n; i += 64) {
		const __m128i *v = (const __m128i *)(const void *)(p + i);
		__m128i a = _mm_and_si128(_mm_cmpgt_epi8(_mm_loadu_si128(v), zero),
			_mm_cmpgt_epi8(_mm_loadu_si128(v + 1), zero));
		__m128i b = _mm_and_si128(_mm_cmpgt_epi8(_mm_loadu_si128(v + 2), zero),
			_mm_cmpgt_epi8(_mm_loadu_si128(v + 3), zero));

		if (_mm_movemask_epi8(_mm_and_si128(a, b)) != 0xFFFF)
			break;
	}
	return plain_run_bytes(p, n, i);
}

static void mask_sse2(const char *p, size_t words, char delim, uint64_t *mask)
{
	const __m128i d = _mm_set1_epi8(delim), q = _mm_set1_epi8('"');
	const __m128i cr = _mm_set1_epi8('\r'), lf = _mm_set1_epi8('\n');

	for (size_t w = 0; w < words; w++, p += 64) {
		uint64_t m = 0;

		for (int k = 0; k < 4; k++) {
			__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * k));
			__m128i hit = _mm_or_si128(
				_mm_or_si128(_mm_cmpeq_epi8(v, d), _mm_cmpeq_epi8(v, q)),
				_mm_or_si128(_mm_cmpeq_epi8(v, cr), _mm_cmpeq_epi8(v, lf)));

			m |= (uint64_t)(uint32_t)_mm_movemask_epi8(hit) << (16 * k);
		}
		mask[w] = m;
	}
}

__attribute__((target("avx2"))) static size_t plain_run_avx2(const char *p, size_t n)
{
	const __m256i zero = _mm256_setzero_si256();
	size_t i = 0;

	for (; i + 64 <= n; i += 64) {
		const __m256i *v = (const __m256i *)(const void *)(p + i);
		__m256i a = _mm256_cmpgt_epi8(_mm256_loadu_si256(v), zero);
		__m256i b = _mm256_cmpgt_epi8(_mm256_loadu_si256(v + 1), zero);

		if (_mm256_movemask_epi8(_mm256_and_si256(a, b)) != -1)
			break;
	}
	return plain_run_bytes(p, n, i);
}

__attribute__((target("avx2"))) static void mask_avx2(
	const char *p, size_t words, char delim, uint64_t *mask)
{
	const __m256i d = _mm256_set1_epi8(delim), q = _mm256_set1_epi8('"');
	const __m256i cr = _mm256_set1_epi8('\r'), lf = _mm256_set1_epi8('\n');

	for (size_t w = 0; w < words; w++, p += 64) {
		uint64_t m = 0;

		for (int k = 0; k < 2; k++) {
			__m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32 * k));
			__m256i hit = _mm256_or_si256(
				_mm256_or_si256(_mm256_cmpeq_epi8(v, d), _mm256_cmpeq_epi8(v, q)),
				_mm256_or_si256(
					_mm256_cmpeq_epi8(v, cr), _mm256_cmpeq_epi8(v, lf)));

			m |= (uint64_t)(uint32_t)_mm256_movemask_epi8(hit) << (32 * k);
		}
		mask[w] = m;
	}
}
#endif

static const struct bytes_variant variants[] = {
#if defined(__x86_64__)
	{ "avx2", plain_run_avx2, mask_avx2 },
	{ "sse2", plain_run_sse2, mask_sse2 },
#endif
	{ "portable", plain_run_portable, mask_portable },
};

static bool runs_here(const struct bytes_variant *v)
{
#if defined(__x86_64__)
	if (strcmp(v->name, "avx2") == 0)
		return __builtin_cpu_supports("avx2") != 0;
#endif
	return true;
}

const struct bytes_variant *bytes_variant(size_t i)
{
	for (size_t k = 0; k < sizeof(variants) / sizeof(variants[0]); k++) {
		if (runs_here(&variants[k]) && i-- == 0)
			return &variants[k];
	}
	return NULL;
}

/* The fastest variant, without a look through the table. */
static const struct bytes_variant *best(void)
{
#if defined(__x86_64__)
	return __builtin_cpu_supports("avx2") ? &variants[0] : &variants[1];
#else
	return &variants[0];
#endif
}

size_t bytes_plain_run(const char *p, size_t n)
{
	if (n < 64)
		return plain_run_portable(p, n);
	return best()->plain_run(p, n);
}

void bytes_mask(const char *p, size_t n, char delim, uint64_t *mask)
{
	size_t words = (n + 63) / 64;

	if (words == 0)
		return;
	best()->mask(p, words, delim, mask);
	if (n % 64 != 0)
		mask[words - 1] &= ~0ULL >> (64 - n % 64);
}
