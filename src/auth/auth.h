/* SPDX-License-Identifier: Apache-2.0 */
/* auth.h: people and keys as a running part: what it knows of who calls, kept in memory for a
 * second, and a thread that writes down when keys and sessions were last used.
 *
 * The pieces: gate (who calls), login (sessions), people (accounts), keys, setup (the first
 * account), trail (the audit log), oidc (signing in elsewhere).
 *
 * Threads: auth_open and auth_free from one; the rest from any. */
#ifndef AUTH_AUTH_H
#define AUTH_AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "util/secret.h"

struct auth;
struct err;
struct store;

enum {
	AUTH_IDLE_MS = 3600 * 1000,          /* a session nobody uses ends */
	AUTH_ABSOLUTE_MS = 24 * 3600 * 1000, /* and each ends in the end */
	AUTH_FRESH_MS = 1000 /* how long a change by another process may stay unseen */
};

struct auth_opts {
	struct store *store;     /* borrowed */
	const char *data;        /* folder for secret.key, setup-link and audit.head; borrowed */
	bool secure;             /* people come by HTTPS: cookies say so */
	bool exposed;            /* listens elsewhere than on loopback */
	const char *public_url;  /* address people use; NULL: the one they come by */
	struct secret_cost cost; /* of password hashes; passes 0: the default */
};

/* auth_open(o, e): makes DATA/secret.key (0600) when it is not there: it seals what the store must
 * not show (second factors, secrets of settings) and signs the head of the audit log. */
struct auth *auth_open(const struct auth_opts *o, struct err *e);
void auth_free(struct auth *a); /* writes down what is left; NULL is fine */

struct store *auth_store(struct auth *a);
const struct auth_opts *auth_options(const struct auth *a);
/* auth_key(a, label, key): the secret of this data folder for one purpose. */
void auth_key(const struct auth *a, const char *label, uint8_t key[SECRET_KEY]);

/* auth_verify(a, out, e): the audit log, see auth/anchor.h; ends what is under way first. */
struct anchor_report;
int auth_verify(struct auth *a, struct anchor_report *out, struct err *e);

/* auth_changed(a): people, keys or sessions were changed: forget what is known. */
void auth_changed(struct auth *a);

#endif
