/* SPDX-License-Identifier: Apache-2.0 */
/* keys.h: API keys: made, replaced, revoked. The text of a key is seen once, when it is made; what
 * is kept is its hash. Each change is in the audit log. Threads: any. */
#ifndef AUTH_KEYS_H
#define AUTH_KEYS_H

#include <stdint.h>

#include "auth/key.h"
#include "auth/trail.h"
#include "record/user.h"

struct arena;
struct auth;
struct err;

enum { KEYS_OVERLAP_MS = 24 * 3600 * 1000 }; /* how long a replaced key goes on working */
#define KEYS_LIFE_MS ((int64_t)365 * 24 * 3600 * 1000)

struct key_new {
	struct str name;
	enum user_role role;
	unsigned scopes;    /* of enum scope; 0: all that the role allows */
	int64_t expires_ms; /* MS_NONE: in a year */
};

/* keys_add(a, by, k, text, mem, out, e): ERR_INPUT; ERR_PERM when ${by} may not give the role. */
int keys_add(struct auth *a, const struct actor *by, const struct key_new *k, char text[KEY_SIZE],
	struct arena *mem, struct api_key *out, struct err *e);
/* keys_rotate(a, by, id, text, mem, out, e): a new key as the old one; that one ends in 24 h. */
int keys_rotate(struct auth *a, const struct actor *by, struct id id, char text[KEY_SIZE],
	struct arena *mem, struct api_key *out, struct err *e);
int keys_revoke(struct auth *a, const struct actor *by, struct id id, struct err *e);
/* keys_revoke_of(a, by, user, e): all that this person made. */
int keys_revoke_of(struct auth *a, const struct actor *by, struct id user, struct err *e);

/* keys_scopes(words, scopes, e): "read score" to the set; ERR_INPUT names the one that is none. */
int keys_scopes(struct str words, unsigned *scopes, struct err *e);

#endif
