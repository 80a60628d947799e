/* SPDX-License-Identifier: Apache-2.0 */
/* auth_internal.h: what the pieces of this folder share. */
#ifndef AUTH_AUTH_INTERNAL_H
#define AUTH_AUTH_INTERNAL_H

#include <pthread.h>

#include "auth/auth.h"
#include "auth/hasher.h"
#include "http/request.h"
#include "record/user.h"
#include "util/map.h"

/* Who a secret stands for, by the hash of the secret. */
struct known {
	uint8_t hash[32];
	bool valid; /* false: nobody; remembered too, so that guessing costs no read */
	struct caller who;
	bool must_change; /* nothing but a new password is allowed */
	bool unproven;    /* an admin without the second factor that being exposed asks for */
	int64_t created_ms, seen_ms, expires_ms;
	int64_t loaded_ms;  /* monotonic: when the store said so */
	int64_t written_ms; /* seen_ms as the store has it */
	struct known *next; /* in its slot */
};

enum { KNOWN_SLOTS = 1024, KNOWN_MAX = 8192, REFUSED_MAX = 256 };

/* A refusal on its way into the audit log. */
struct refusal {
	struct refusal *next;
	char actor[34], address[64], request[32], action[32], object[160];
};

struct auth {
	struct auth_opts o;
	uint8_t secret[SECRET_KEY];
	struct hasher *hasher;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t wake;
	struct known *slots[KNOWN_SLOTS];
	size_t n_known;
	uint64_t changes; /* auth_changed so often */
	struct refusal *refused, **refused_end;
	size_t n_refused;
	uint64_t refused_lost;
	bool reps_own; /* the setting reps_see; read with AUTH_FRESH_MS */
	int64_t reps_read_ms;
	bool head_failed; /* of the keeper alone */
	bool stop;
	pthread_t keeper;
};

/* callers_find(a, hash, is_key, out, e): who ${hash} stands for, from memory or the store, and that
 * it was used now. 1, 0: nobody (any more), -1: the store failed. */
int callers_find(
	struct auth *a, const uint8_t hash[32], bool is_key, struct known *out, struct err *e);
/* callers_known(a, hash, who): true with the holder of the key ${hash}, used now, when memory alone
 * can say so; else callers_find must. */
bool callers_known(struct auth *a, const uint8_t hash[32], struct caller *who);
void callers_forget(struct auth *a); /* all */
/* callers_write(a): tell the store when those were last seen who have been used since. */
void callers_write(struct auth *a);

/* refusal_add(a, n): copies; never waits. */
void refusal_add(struct auth *a, const struct refusal *n);

enum role auth_role(enum user_role r);
enum user_role auth_user_role(enum role r);

#endif
