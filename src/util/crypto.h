/* SPDX-License-Identifier: Apache-2.0 */
/* crypto.h: hashes, random bytes and comparisons that tell nothing by their time, over libsodium,
 * and nettle for SHA-256, which it does with the processor's own instructions. Any thread, at any
 * time: the libraries start by themselves. */
#ifndef UTIL_CRYPTO_H
#define UTIL_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

enum { CRYPTO_KEY = 32, CRYPTO_SHA256 = 32 };

void crypto_random(void *out, size_t n);
void crypto_sha256(struct str bytes, uint8_t out[CRYPTO_SHA256]);

/* crypto_hash128(key, bytes, out): BLAKE2b keyed, 16 bytes: without the key nobody can tell which
 * text an id was made of. */
void crypto_hash128(const uint8_t key[CRYPTO_KEY], struct str bytes, uint8_t out[16]);

/* The same over several pieces; each is preceded by its length, so that ("a", "bc") and ("ab", "c")
 * differ. */
void crypto_hash128_parts(
	const uint8_t key[CRYPTO_KEY], const struct str *parts, size_t n, uint8_t out[16]);

/* crypto_equal(a, b, n): in a time that does not depend on where they differ. */
bool crypto_equal(const void *a, const void *b, size_t n);
/* crypto_wipe(p, n): zeroes that the compiler does not leave out. */
void crypto_wipe(void *p, size_t n);

#endif
