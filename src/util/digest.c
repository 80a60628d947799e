/* SPDX-License-Identifier: Apache-2.0 */
#include <nettle/sha2.h>
#include <sodium.h>
#include <stdlib.h>

#include "util/digest.h"
#include "util/err.h"

struct digest {
	struct sha256_ctx st;
};

struct digest *digest_new(struct err *e)
{
	struct digest *d = malloc(sizeof(*d));

	if (d == NULL)
		err_nomem(e);
	else
		sha256_init(&d->st);
	return d;
}

void digest_add(struct digest *d, struct str bytes)
{
	sha256_update(&d->st, bytes.n, (const uint8_t *)bytes.p);
}

void digest_hex(struct digest *d, char hex[65])
{
	uint8_t sum[SHA256_DIGEST_SIZE];

	sha256_digest(&d->st, sizeof(sum), sum);
	sodium_bin2hex(hex, 65, sum, sizeof(sum));
}

void digest_free(struct digest *d)
{
	free(d);
}
