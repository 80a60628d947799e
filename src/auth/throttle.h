/* SPDX-License-Identifier: Apache-2.0 */
/* throttle.h: slowing down who guesses passwords without locking out whose they are.
 *
 * After THROTTLE_FREE failures within 15 minutes each further try must wait after the last failure:
 * 1 s, 2 s, 4 s, up to 5 minutes; never for good. An address from which the account was signed in
 * to lately is counted on its own, so strangers who guess do not keep its owner waiting. The counts
 * are in the store, for all servers that share it; names and addresses go in as hashes.
 *
 * Threads: any. */
#ifndef AUTH_THROTTLE_H
#define AUTH_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "util/str.h"

struct err;
struct store;

enum { THROTTLE_FREE = 5, THROTTLE_WINDOW_MS = 15 * 60 * 1000, THROTTLE_MAX_MS = 5 * 60 * 1000 };
#define THROTTLE_KNOWN_MS ((int64_t)30 * 24 * 3600 * 1000)

/* What is tried, for one try. */
struct throttle {
	char account[48], pair[48], known[48];
	bool is_known;
};

/* throttle_check(t, s, what, account, address, now, wait_ms, e): fills ${t}; *wait_ms: 0, or how
 * long until it may be tried. ${what} keeps apart what is counted apart ("login", "totp"). */
int throttle_check(struct throttle *t, struct store *s, const char *what, struct str account,
	struct str address, int64_t now_ms, int64_t *wait_ms, struct err *e);
int throttle_failed(struct throttle *t, struct store *s, int64_t now_ms, struct err *e);
int throttle_passed(struct throttle *t, struct store *s, int64_t now_ms, struct err *e);

#endif
