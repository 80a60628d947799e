/* SPDX-License-Identifier: Apache-2.0 */
#include "util/sha256.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>
#include <string.h>

#define TARGET __attribute__((target("sha,sse4.1,ssse3")))

enum { BLOCK = 64, LENGTH_AT = 56 };

static const uint32_t round_constants[64] = { 0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5,
	0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
	0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
	0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152,
	0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e,
	0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624,
	0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3,
	0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2 };

/* The state as the instructions want it: words ABEF and CDGH, the first one highest. */
struct state {
	__m128i abef, cdgh;
};

TARGET static void add_block(struct state *s, const uint8_t *p)
{
	const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
	__m128i abef = s->abef, cdgh = s->cdgh, w[4];

	for (int i = 0; i < 4; i++)
		w[i] = _mm_shuffle_epi8(
			_mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i)), swap);
	for (int i = 0; i < 16; i++) { /* four rounds each; w[i % 4] has their words */
		__m128i k = _mm_add_epi32(w[i % 4],
			_mm_loadu_si128((const __m128i *)(const void *)(round_constants + 4 * i)));

		cdgh = _mm_sha256rnds2_epu32(cdgh, abef, k);
		abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(k, 0x0e));
		if (i >= 12)
			continue;
		w[i % 4] = _mm_sha256msg1_epu32(w[i % 4], w[(i + 1) % 4]);
		w[i % 4] =
			_mm_add_epi32(w[i % 4], _mm_alignr_epi8(w[(i + 3) % 4], w[(i + 2) % 4], 4));
		w[i % 4] = _mm_sha256msg2_epu32(w[i % 4], w[(i + 3) % 4]);
	}
	s->abef = _mm_add_epi32(s->abef, abef);
	s->cdgh = _mm_add_epi32(s->cdgh, cdgh);
}

TARGET static void put_state(const struct state *s, uint8_t out[32])
{
	uint32_t ab[4], cd[4], words[8];

	_mm_storeu_si128((__m128i *)(void *)ab, s->abef); /* F, E, B, A */
	_mm_storeu_si128((__m128i *)(void *)cd, s->cdgh); /* H, G, D, C */
	words[0] = ab[3];
	words[1] = ab[2];
	words[2] = cd[3];
	words[3] = cd[2];
	words[4] = ab[1];
	words[5] = ab[0];
	words[6] = cd[1];
	words[7] = cd[0];
	for (int i = 0; i < 8; i++) {
		uint32_t big = __builtin_bswap32(words[i]);

		memcpy(out + 4 * i, &big, 4);
	}
}

TARGET static void hash(struct str bytes, uint8_t out[32])
{
	struct state s = { _mm_set_epi32(0x6a09e667, (int)0xbb67ae85, 0x510e527f, (int)0x9b05688c),
		_mm_set_epi32(0x3c6ef372, (int)0xa54ff53a, 0x1f83d9ab, 0x5be0cd19) };
	uint64_t bits = __builtin_bswap64((uint64_t)bytes.n * 8);
	uint8_t last[2 * BLOCK] = { 0 };
	size_t left = bytes.n, end;

	for (; left >= BLOCK; left -= BLOCK)
		add_block(&s, (const uint8_t *)bytes.p + (bytes.n - left));
	if (left != 0)
		memcpy(last, bytes.p + (bytes.n - left), left);
	last[left] = 0x80;
	end = left < LENGTH_AT ? BLOCK : 2 * BLOCK;
	memcpy(last + end - sizeof(bits), &bits, sizeof(bits));
	for (size_t i = 0; i < end; i += BLOCK)
		add_block(&s, last + i);
	put_state(&s, out);
}

/* Leaf 7, EBX bit 29. SSE4.1 is older than any processor that has it. */
static bool has_instructions(void)
{
	unsigned a, b, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b >> 29 & 1) != 0;
}

bool sha256_fast(struct str bytes, uint8_t out[32])
{
	static _Atomic int has; /* 0: not asked yet; 1: no; 2: yes */

	if (has == 0)
		has = 1 + has_instructions();
	if (has != 2)
		return false;
	hash(bytes, out);
	return true;
}

#else

bool sha256_fast(struct str bytes, uint8_t out[32])
{
	return false;
}

#endif
