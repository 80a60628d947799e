/* SPDX-License-Identifier: Apache-2.0 */
/* key.h: what API keys and other secrets that are handed out look like.
 *
 *      lhs_ + id (26, a ULID) + secret (43 letters and digits, 256 bits) + check (6)
 *
 * A fixed start and a checksum let scanners of source code find leaked keys without false alarms,
 * and a mistyped key is refused without asking the store. One hash is enough to keep it by: nobody
 * guesses 256 bits. Pure functions; any thread. */
#ifndef AUTH_KEY_H
#define AUTH_KEY_H

#include <stdint.h>

#include "record/id.h"
#include "util/str.h"

enum { KEY_SECRET = 43, KEY_SIZE = 4 + 26 + KEY_SECRET + 6 + 1, TOKEN_SIZE = KEY_SECRET + 1 };

/* key_make(id, text, hash): a new key for ${id}; ${text} ends in NUL; ${hash} is to be stored. */
void key_make(struct id id, char text[KEY_SIZE], uint8_t hash[32]);
/* key_read(text, id, hash): 0, or -1 when it is no key or mistyped. */
int key_read(struct str text, struct id *id, uint8_t hash[32]);
/* The key that came last in some place; all zero: none did. */
struct key_seen {
	char text[KEY_SIZE];
	uint8_t hash[32];
};
/* key_hash(seen, text, hash): as much of it as a key that is known already needs: -1 when it has
 * not even the length and the beginning of one. The one of ${seen}, with which it is compared in a
 * time that tells nothing, is not hashed again; another takes its place. */
int key_hash(struct key_seen *seen, struct str text, uint8_t hash[32]);

/* token_make(text, hash): 256 bits for a session or a link. token_read: its hash; -1 when ${text}
 * cannot be one. */
void token_make(char text[TOKEN_SIZE], uint8_t hash[32]);
int token_read(struct str text, uint8_t hash[32]);

#endif
