/* SPDX-License-Identifier: Apache-2.0 */
#include <sodium.h>
#include <stdlib.h>

#include "util/digest.h"
#include "util/err.h"

struct digest {
	crypto_hash_sha256_state st;
};

struct digest *digest_new(struct err *e)
{
	struct digest *d = malloc(sizeof(*d));

	if (d == NULL)
		err_nomem(e);
	else
		crypto_hash_sha256_init(&d->st);
	return d;
}

void digest_add(struct digest *d, struct str bytes)
{
	crypto_hash_sha256_update(&d->st, (const unsigned char *)bytes.p, bytes.n);
}

void digest_hex(struct digest *d, char hex[65])
{
	unsigned char sum[crypto_hash_sha256_BYTES];

	crypto_hash_sha256_final(&d->st, sum);
	sodium_bin2hex(hex, 65, sum, sizeof(sum));
}

void digest_free(struct digest *d)
{
	free(d);
}
