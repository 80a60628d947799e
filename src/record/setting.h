/* SPDX-License-Identifier: Apache-2.0 */
/* setting.h: values that the server keeps for itself and its users. Plain data. */
#ifndef RECORD_SETTING_H
#define RECORD_SETTING_H

#include <stdbool.h>
#include <stdint.h>

#include "record/id.h"
#include "util/str.h"

struct setting {
	struct str key;
	struct str value; /* JSON */
	uint64_t version; /* 1, 2, ...; 0: not set */
	struct id by;
	int64_t updated_ms;
};

/* A saved view of the list of leads. */
struct view {
	struct id id;
	uint64_t version;
	struct id owner;
	struct str name, query, columns; /* columns: JSON */
	bool shared;
	int64_t created_ms, updated_ms;
};

/* What a request with an idempotency key was answered. */
struct reply {
	uint8_t key[32];     /* hash of the caller and its key */
	uint8_t request[32]; /* hash of method, path and body */
	bool done;           /* false: the first one is still at it */
	uint32_t status;
	struct str headers, body;
	struct id lead; /* whom it is about, so that erasing finds it; none */
	int64_t created_ms, expires_ms;
};

#endif
