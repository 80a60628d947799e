/* SPDX-License-Identifier: Apache-2.0 */
/* login.h: signing in with a password, and the sessions that come of it. Threads: any. */
#ifndef AUTH_LOGIN_H
#define AUTH_LOGIN_H

#include <stdint.h>

#include "auth/key.h"
#include "record/user.h"

struct arena;
struct auth;
struct err;

enum login_result {
	LOGIN_OK,
	LOGIN_WRONG, /* unknown, disabled, without a password, or the password is wrong: never which
		      */
	LOGIN_TOTP,  /* the password is right; a code is missing or wrong */
	LOGIN_WAIT   /* too many failures: *wait_ms */
};

struct login {
	struct str email, password, code; /* code: of the app, or a recovery code; may be empty */
	struct str address, agent, request;
};

/* login_try(a, l, mem, u, token, wait_ms, e): how it went, and with LOGIN_OK a session for ${u}
 * whose secret is ${token}. -1: it could not be tried (store, ERR_RATE). Takes the same time for
 * accounts that are there and that are not. */
int login_try(struct auth *a, const struct login *l, struct arena *mem, struct user *u,
	char token[TOKEN_SIZE], int64_t *wait_ms, struct err *e);

/* login_begin(a, u, address, agent, token, e): a session without asking; for those who have proved
 * themselves in another way (set-up, an invitation, an identity provider). */
int login_begin(struct auth *a, const struct user *u, struct str address, struct str agent,
	char token[TOKEN_SIZE], struct err *e);
/* login_end(a, token, e): the session of that secret. */
int login_end(struct auth *a, struct str token, struct err *e);
/* login_end_one(a, user, session, e): by its id, if it is that person's. ERR_NOT_FOUND. */
int login_end_one(struct auth *a, struct id user, struct id session, struct err *e);

#endif
