/* SPDX-License-Identifier: Apache-2.0 */
/* oidc.h: signing in at an identity provider (OpenID Connect: code flow with PKCE S256, state and
 * nonce, bound to the browser that began). Groups of the provider give roles; accounts are made at
 * the first sign-in. Signing in with a password goes on working for who has one, for the day the
 * provider is away. Threads: any. */
#ifndef AUTH_OIDC_H
#define AUTH_OIDC_H

#include <stdbool.h>

#include "auth/key.h"
#include "record/user.h"
#include "util/str.h"

struct arena;
struct auth;
struct buf;
struct err;
struct oidc;

struct oidc_opts {
	const char *issuer, *client_id, *client_secret; /* borrowed; secret NULL: a public client */
	const char *group_claim;
	const struct str *groups; /* "GROUP=ROLE" */
	size_t n_groups;
	const char *default_role; /* for who is in none of them; NULL: not let in */
	bool allow_private;       /* the provider is in the network around the machine */
	const char *ca_file;      /* NULL: the system's */
};

/* oidc_open(o, e): checks the settings; asks nothing yet. ERR_CONFIG. */
struct oidc *oidc_open(const struct oidc_opts *o, struct err *e);
void oidc_close(struct oidc *c); /* NULL is fine */

/* oidc_start(c, a, callback, back, to, state, e): where to send the browser, and the ${state} that
 * a cookie of it must carry. ${back}: the page to return to, of ours or "". */
int oidc_start(struct oidc *c, struct auth *a, const char *callback, struct str back,
	struct buf *to, char state[TOKEN_SIZE], struct err *e);

struct oidc_answer {
	struct str code, state, iss, error; /* query parameters */
	struct str cookie;                  /* the state that the browser carries */
	struct str address, request;
};
/* oidc_finish(c, a, callback, in, mem, out, back, e): the account, made or changed as the provider
 * says. ERR_AUTH: not let in, and why; ERR_UPSTREAM: the provider does not answer as it should. */
int oidc_finish(struct oidc *c, struct auth *a, const char *callback, const struct oidc_answer *in,
	struct arena *mem, struct user *out, struct str *back, struct err *e);

#endif
