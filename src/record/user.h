/* SPDX-License-Identifier: Apache-2.0 */
/* user.h: people, their sessions, API keys and one-time tokens. Plain data; hashing and checking
 * are the caller's. The store never sees a password, a session token or a key. */
#ifndef RECORD_USER_H
#define RECORD_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "record/id.h"
#include "util/str.h"

/* As who may call (http/route.h) has them, from the least to the most. */
enum user_role { USER_NONE, USER_VIEWER, USER_REP, USER_MANAGER, USER_ADMIN, USER_ROLES };
const char *user_role_name(enum user_role r); /* "admin"; "none" */
int user_role_parse(struct str name);         /* viewer to admin; -1: none of them */

struct user {
	struct id id;
	uint64_t version;
	struct str email; /* as typed; one user per email without regard to case */
	struct str name;
	enum user_role role;
	bool disabled;
	struct str password;    /* an argon2id string; empty: cannot log in by password */
	struct str totp;        /* sealed secret; empty: none */
	uint64_t totp_step;     /* last time step that was used */
	struct str recovery;    /* JSON: hashes of the codes left */
	struct str preferences; /* JSON, the user's own */
	struct str subject;     /* name at the identity provider ("issuer subject"); empty: none */
	bool must_change_password;
	int64_t created_ms, updated_ms, password_ms, last_login_ms; /* MS_NONE: never */
};

struct session {
	uint8_t hash[32]; /* of the token */
	struct id id;     /* to name it in lists */
	struct id user;
	int64_t created_ms, seen_ms, expires_ms;
	struct str address, agent;
	struct str data; /* JSON, the caller's */
};

struct api_key {
	struct id id;
	uint8_t hash[32]; /* of the secret */
	struct str name;
	enum user_role role;
	struct str scopes; /* words with a blank between */
	struct id created_by;
	struct id rotated_to; /* the key that replaces it; none: not rotated */
	int64_t created_ms, expires_ms, last_used_ms, revoked_ms; /* MS_NONE: never */
};

/* Good for one use: set-up link, invitation, reset code, a login half done. */
struct token {
	uint8_t hash[32];
	struct str kind;
	struct str data; /* JSON */
	int64_t created_ms, expires_ms;
};

#endif
