/* SPDX-License-Identifier: Apache-2.0 */
/* hasher.h: password hashes, only a few at a time: each takes 64 MiB and a good part of a second,
 * so a crowd at the login must neither fill the memory nor stop the API. Who finds the queue full
 * is told to come again. Threads: any. */
#ifndef AUTH_HASHER_H
#define AUTH_HASHER_H

#include <stdbool.h>

#include "util/secret.h"
#include "util/str.h"

struct err;
struct hasher;

enum { HASHER_AT_ONCE = 2, HASHER_WAITING = 16 };

struct hasher *hasher_new(struct secret_cost cost, struct err *e);
void hasher_free(struct hasher *h); /* NULL is fine */

/* hasher_make(h, pw, out, e): ERR_RATE when ${HASHER_WAITING} wait already; ERR_NOMEM. */
int hasher_make(struct hasher *h, struct str pw, char out[SECRET_PASSWORD], struct err *e);

/* hasher_is(h, hash, pw, ok, e): *ok: ${pw} made ${hash}. An empty ${hash} (nobody with that name,
 * or nobody who has a password) is never ok and takes the same time. ERR_RATE as above. */
int hasher_is(struct hasher *h, struct str hash, struct str pw, bool *ok, struct err *e);
/* hasher_old(h, hash): cheaper than what is made today. */
bool hasher_old(const struct hasher *h, struct str hash);

#endif
