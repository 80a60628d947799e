/* SPDX-License-Identifier: Apache-2.0 */
#include "util/secret.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "util/buf.h"
#include "util/crypto.h"
#include "util/err.h"
#include "util/radix.h"

const struct secret_cost secret_cost_default = { 3, (size_t)64 << 20 };

/* libsodium chooses its variants once, in what crypto.c starts. */
static void start(void)
{
	uint8_t none;

	crypto_random(&none, 0);
}

void secret_hmac256(const uint8_t key[SECRET_KEY], struct str bytes, uint8_t out[SECRET_HASH])
{
	start();
	crypto_auth_hmacsha256(out, (const unsigned char *)bytes.p, bytes.n, key);
}

/* --- SHA-1 (FIPS 180-4), which libsodium rightly does not have --- */

struct sha1 {
	uint32_t h[5];
	uint64_t bytes;
	uint8_t block[64];
};

static uint32_t turn(uint32_t x, int by)
{
	return x << by | x >> (32 - by);
}

static void sha1_block(uint32_t h[5], const uint8_t block[64])
{
	static const uint32_t k[] = { 0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6 };
	uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];

	for (int i = 0; i < 16; i++)
		w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
		       (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
	for (int i = 16; i < 80; i++)
		w[i] = turn(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
	for (int i = 0; i < 80; i++) {
		uint32_t f = i < 20   ? (b & c) | (~b & d)
			     : i < 40 ? b ^ c ^ d
			     : i < 60 ? (b & c) | (b & d) | (c & d)
				      : b ^ c ^ d;
		uint32_t t = turn(a, 5) + f + e + k[i / 20] + w[i];

		e = d;
		d = c;
		c = turn(b, 30);
		b = a;
		a = t;
	}
	h[0] += a;
	h[1] += b;
	h[2] += c;
	h[3] += d;
	h[4] += e;
}

static void sha1_add(struct sha1 *s, const void *p, size_t n)
{
	const uint8_t *from = p;

	for (size_t i = 0; i < n; i++) {
		s->block[s->bytes++ % 64] = from[i];
		if (s->bytes % 64 == 0)
			sha1_block(s->h, s->block);
	}
}

static void sha1_end(struct sha1 *s, uint8_t out[SECRET_SHA1])
{
	uint64_t bits = s->bytes * 8;
	uint8_t tail[8], one = 0x80, zero = 0;

	for (int i = 0; i < 8; i++)
		tail[i] = (uint8_t)(bits >> (56 - 8 * i));
	sha1_add(s, &one, 1);
	while (s->bytes % 64 != 56)
		sha1_add(s, &zero, 1);
	sha1_add(s, tail, 8);
	for (int i = 0; i < SECRET_SHA1; i++)
		out[i] = (uint8_t)(s->h[i / 4] >> (24 - 8 * (i % 4)));
}

static const struct sha1 sha1_start = { .h = { 0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476,
						0xC3D2E1F0 } };

void secret_hmac1(struct str key, struct str bytes, uint8_t out[SECRET_SHA1])
{
	struct sha1 inner = sha1_start, outer = sha1_start, of_key = sha1_start;
	uint8_t k[64] = { 0 }, pad[64], digest[SECRET_SHA1];

	if (key.n > sizeof(k)) {
		sha1_add(&of_key, key.p, key.n);
		sha1_end(&of_key, k);
	} else if (key.n > 0) {
		memcpy(k, key.p, key.n);
	}
	for (size_t i = 0; i < sizeof(k); i++)
		pad[i] = k[i] ^ 0x36;
	sha1_add(&inner, pad, sizeof(pad));
	sha1_add(&inner, bytes.p, bytes.n);
	sha1_end(&inner, digest);
	for (size_t i = 0; i < sizeof(k); i++)
		pad[i] = k[i] ^ 0x5C;
	sha1_add(&outer, pad, sizeof(pad));
	sha1_add(&outer, digest, sizeof(digest));
	sha1_end(&outer, out);
	crypto_wipe(k, sizeof(k));
	crypto_wipe(pad, sizeof(pad));
}

/* --- passwords --- */

_Static_assert(SECRET_PASSWORD >= crypto_pwhash_STRBYTES, "room for the hash string");

int secret_password_hash(
	struct str pw, struct secret_cost cost, char out[SECRET_PASSWORD], struct err *e)
{
	start();
	if (crypto_pwhash_str_alg(out, pw.p != NULL ? pw.p : "", pw.n, cost.passes, cost.memory,
		    crypto_pwhash_ALG_ARGON2ID13) == -1)
		return err_set(e, ERR_NOMEM, "there is no memory for hashing a password");
	return 0;
}

bool secret_password_is(const char *hash, struct str pw)
{
	start();
	return crypto_pwhash_str_verify(hash, pw.p != NULL ? pw.p : "", pw.n) == 0;
}

bool secret_password_old(const char *hash, struct secret_cost cost)
{
	start();
	return crypto_pwhash_str_needs_rehash(hash, cost.passes, cost.memory) != 0;
}

/* --- sealing --- */

enum { NONCE = crypto_secretbox_NONCEBYTES, MAC = crypto_secretbox_MACBYTES, SEALED_MAX = 1 << 20 };

int secret_seal(const uint8_t key[SECRET_KEY], struct str plain, struct buf *out, struct err *e)
{
	size_t n = NONCE + MAC + plain.n;
	uint8_t *raw = plain.n <= SEALED_MAX ? malloc(n) : NULL;
	char *to;

	if (raw == NULL)
		return err_nomem(e);
	crypto_random(raw, NONCE);
	crypto_secretbox_easy(raw + NONCE, (const unsigned char *)plain.p, plain.n, raw, key);
	if ((to = buf_reserve(out, RADIX64_SIZE(n))) != NULL) {
		radix64_write(raw, n, to);
		out->n += RADIX64_SIZE(n) - 1;
	}
	free(raw);
	return buf_done(out, e);
}

int secret_open(const uint8_t key[SECRET_KEY], struct str sealed, struct buf *out, struct err *e)
{
	uint8_t *raw = sealed.n <= 2 * SEALED_MAX ? malloc(sealed.n + 1) : NULL;
	ptrdiff_t n;
	char *to;
	bool ok = false;

	if (raw == NULL)
		return err_nomem(e);
	start();
	n = radix64_read(sealed, raw, sealed.n + 1);
	if (n >= NONCE + MAC && (to = buf_reserve(out, (size_t)n)) != NULL) {
		ok = crypto_secretbox_open_easy((unsigned char *)to, raw + NONCE,
			     (unsigned long long)n - NONCE, raw, key) == 0;
		out->n += ok ? (size_t)n - NONCE - MAC : 0;
	}
	free(raw);
	if (buf_done(out, e) == -1)
		return -1;
	return ok ? 0 : err_set(e, ERR_INPUT, "a sealed value does not open with this key");
}
