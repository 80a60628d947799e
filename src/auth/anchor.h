/* SPDX-License-Identifier: Apache-2.0 */
/* anchor.h: the end of the audit log, signed, outside of the database: DATA/audit.head says how
 * many entries there were and the hash of the last, under a key in DATA/secret.key. Who can change
 * the database and even compute a new chain cannot sign its end, so cutting off the newest entries
 * shows as well. Written within a second of each entry. Threads: one writer, any readers. */
#ifndef AUTH_ANCHOR_H
#define AUTH_ANCHOR_H

#include <stdint.h>

#include "util/secret.h"

struct err;
struct store;

/* anchor_write(s, data, secret, purged, e): sign the present end, if the chain goes on from the one
 * signed last; ERR_CONFLICT when it does not. ${purged}: so many of the oldest were rightly removed
 * since. The head is there from the moment the log is empty: one that is missing is not replaced.
 */
int anchor_write(struct store *s, const char *data, const uint8_t secret[SECRET_KEY],
	uint64_t purged, struct err *e);

struct anchor_report {
	uint64_t checked, first_bad; /* entries; 0: none is bad */
	char why[160];               /* what is wrong; empty: nothing */
};
/* anchor_verify(s, data, secret, out, e): the chain and its end. -1 only when it cannot be read. */
int anchor_verify(struct store *s, const char *data, const uint8_t secret[SECRET_KEY],
	struct anchor_report *out, struct err *e);

#endif
