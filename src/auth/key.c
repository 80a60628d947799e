/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/key.h"

#include <string.h>

#include "util/crypto.h"
#include "util/radix.h"

enum { START = 4, ID = 26, BEFORE_CHECK = START + ID + KEY_SECRET };

void key_make(struct id id, char text[KEY_SIZE], uint8_t hash[32])
{
	char ulid[ID_ULID];

	id_ulid(id, ulid);
	memcpy(text, "lhs_", START);
	memcpy(text + START, ulid, ID);
	radix62_random(text + START + ID, KEY_SECRET);
	radix62_check((struct str){ text, BEFORE_CHECK }, text + BEFORE_CHECK);
	crypto_sha256((struct str){ text, KEY_SIZE - 1 }, hash);
}

static bool looks_like_one(struct str text)
{
	return text.n == KEY_SIZE - 1 && str_starts(text, S("lhs_"));
}

int key_hash(struct key_seen *seen, struct str text, uint8_t hash[32])
{
	if (!looks_like_one(text))
		return -1;
	if (!crypto_equal(seen->text, text.p, text.n)) {
		memcpy(seen->text, text.p, text.n);
		crypto_sha256(text, seen->hash);
	}
	memcpy(hash, seen->hash, sizeof(seen->hash));
	return 0;
}

int key_read(struct str text, struct id *id, uint8_t hash[32])
{
	char check[7];

	if (!looks_like_one(text) || id_parse_ulid(str_sub(text, START, START + ID), id) == -1)
		return -1;
	crypto_sha256(text, hash);
	radix62_check(str_sub(text, 0, BEFORE_CHECK), check);
	return memcmp(check, text.p + BEFORE_CHECK, 6) == 0 ? 0 : -1;
}

void token_make(char text[TOKEN_SIZE], uint8_t hash[32])
{
	radix62_random(text, KEY_SECRET);
	crypto_sha256((struct str){ text, KEY_SECRET }, hash);
}

int token_read(struct str text, uint8_t hash[32])
{
	if (text.n != KEY_SECRET)
		return -1;
	crypto_sha256(text, hash);
	return 0;
}
