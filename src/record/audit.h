/* SPDX-License-Identifier: Apache-2.0 */
/* audit.h: who did what, chained by hashes so that a change of the past shows. No personal data of
 * leads goes in: ids and counts. Pure functions; any thread. */
#ifndef RECORD_AUDIT_H
#define RECORD_AUDIT_H

#include <stdint.h>

#include "record/id.h"
#include "util/str.h"

struct audit {
	uint64_t sequence; /* 1, 2, 3, ... without holes; given by the store */
	int64_t at_ms;
	struct str actor;             /* "user ULID", "key ULID", "cli", "server" */
	struct str action;            /* "login.failed" */
	struct str object;            /* "lead HEX" */
	struct str address, request;  /* client address, request id */
	struct str detail;            /* JSON */
	uint8_t before[32], hash[32]; /* hash of the entry before (zero for the first); its own */
};

/* audit_hash(a, out): SHA-256 over all of ${a} but hash. */
void audit_hash(const struct audit *a, uint8_t out[32]);

#endif
