/* SPDX-License-Identifier: Apache-2.0 */
/* secret.h: what keeps secrets: password hashes, sealed text, codes that prove a message, over
 * libsodium (random bytes and plain hashes: crypto.h). Any thread, at any time. */
#ifndef UTIL_SECRET_H
#define UTIL_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

struct buf;
struct err;

enum { SECRET_KEY = 32, SECRET_HASH = 32, SECRET_SHA1 = 20, SECRET_PASSWORD = 128 };

void secret_hmac256(const uint8_t key[SECRET_KEY], struct str bytes, uint8_t out[SECRET_HASH]);
/* secret_hmac1(key, bytes, out): HMAC-SHA-1 (RFC 2104), because authenticator apps know no other;
 * for nothing else. */
void secret_hmac1(struct str key, struct str bytes, uint8_t out[SECRET_SHA1]);

/* What an argon2id hash costs: memory in bytes and passes over it. */
struct secret_cost {
	uint64_t passes;
	size_t memory;
};
extern const struct secret_cost secret_cost_default; /* 3 passes, 64 MiB */

/* secret_password_hash(pw, cost, out, e): a string that ends in NUL and says its own cost and salt.
 * ERR_NOMEM. */
int secret_password_hash(
	struct str pw, struct secret_cost cost, char out[SECRET_PASSWORD], struct err *e);
/* secret_password_is(hash, pw): false also when ${hash} is none. ${hash} ends in NUL. */
bool secret_password_is(const char *hash, struct str pw);
/* secret_password_old(hash, cost): made with another cost, so make it anew at the next login. */
bool secret_password_old(const char *hash, struct secret_cost cost);

/* secret_seal(key, plain, out, e): append to ${out} as base64url, unreadable and unchangeable
 * without ${key} (XSalsa20-Poly1305, a fresh nonce in front). secret_open: append what was sealed;
 * ERR_INPUT when it was sealed with another key or changed. */
int secret_seal(const uint8_t key[SECRET_KEY], struct str plain, struct buf *out, struct err *e);
int secret_open(const uint8_t key[SECRET_KEY], struct str sealed, struct buf *out, struct err *e);

#endif
