/* SPDX-License-Identifier: Apache-2.0 */
#include "util/secret.h"

#include <nettle/hmac.h>
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

void secret_hmac1(struct str key, struct str bytes, uint8_t out[SECRET_SHA1])
{
	struct hmac_sha1_ctx c;

	hmac_sha1_set_key(&c, key.n, (const uint8_t *)key.p);
	hmac_sha1_update(&c, bytes.n, (const uint8_t *)bytes.p);
	hmac_sha1_digest(&c, SECRET_SHA1, out);
	crypto_wipe(&c, sizeof(c));
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
