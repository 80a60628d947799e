/* SPDX-License-Identifier: Apache-2.0 */
#include "record/audit.h"

#include <string.h>

#include "util/crypto.h"

/* Each text goes in as its own hash: of a fixed length, so that no two entries read the same. */
void audit_hash(const struct audit *a, uint8_t out[32])
{
	const struct str texts[] = { a->actor, a->action, a->object, a->address, a->request,
		a->detail };
	enum { N = sizeof(texts) / sizeof(texts[0]) };
	uint8_t all[16 + 32 + N * 32];
	size_t i;

	for (i = 0; i < 8; i++) {
		all[i] = (uint8_t)(a->sequence >> (8 * i));
		all[8 + i] = (uint8_t)((uint64_t)a->at_ms >> (8 * i));
	}
	memcpy(all + 16, a->before, 32);
	for (i = 0; i < N; i++)
		crypto_sha256(texts[i], all + 48 + i * 32);
	crypto_sha256((struct str){ (const char *)all, sizeof(all) }, out);
}
