/* SPDX-License-Identifier: Apache-2.0 */
#include "util/crypto.h"

#include <nettle/sha2.h>
#include <pthread.h>
#include <sodium.h>

#include "util/err.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start(void)
{
	ASSERT(sodium_init() >= 0);
}

void crypto_random(void *out, size_t n)
{
	pthread_once(&once, start);
	randombytes_buf(out, n);
}

void crypto_sha256(struct str bytes, uint8_t out[CRYPTO_SHA256])
{
	struct sha256_ctx c;

	sha256_init(&c);
	sha256_update(&c, bytes.n, (const uint8_t *)bytes.p);
	sha256_digest(&c, CRYPTO_SHA256, out);
}

void crypto_hash128(const uint8_t key[CRYPTO_KEY], struct str bytes, uint8_t out[16])
{
	pthread_once(&once, start);
	crypto_generichash(out, 16, (const unsigned char *)bytes.p, bytes.n, key, CRYPTO_KEY);
}

void crypto_hash128_parts(
	const uint8_t key[CRYPTO_KEY], const struct str *parts, size_t n, uint8_t out[16])
{
	crypto_generichash_state st;
	size_t i;
	int k;

	pthread_once(&once, start);
	crypto_generichash_init(&st, key, CRYPTO_KEY, 16);
	for (i = 0; i < n; i++) {
		uint8_t len[8];

		for (k = 0; k < 8; k++)
			len[k] = (uint8_t)((uint64_t)parts[i].n >> (8 * k));
		crypto_generichash_update(&st, len, sizeof(len));
		crypto_generichash_update(&st, (const unsigned char *)parts[i].p, parts[i].n);
	}
	crypto_generichash_final(&st, out, 16);
}

bool crypto_equal(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;
	int differ = 0;

	if (n < 16)
		return sodium_memcmp(a, b, n) == 0;
	/* Sixteen bytes at a time, of which the last may have been looked at already; libsodium's
	 * function for any length takes a byte at a time. */
	for (size_t i = 0; i + 16 < n; i += 16)
		differ |= crypto_verify_16(x + i, y + i);
	return (differ | crypto_verify_16(x + n - 16, y + n - 16)) == 0;
}

void crypto_wipe(void *p, size_t n)
{
	sodium_memzero(p, n);
}
