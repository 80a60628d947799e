/* SPDX-License-Identifier: Apache-2.0 */
/* idempotency.h: retrying a POST with the same Idempotency-Key never does it twice. The server
 * calls these functions; the store implements them, and idempotency_memory is one for tests.
 *
 * Of a finished request status, type, Location and body are kept (also of a 500) for at least 24
 * hours and sent again with "Idempotency-Replayed: true". Refused ones (4xx), those that shall be
 * sent again (503, 507) and those that never ran are dropped, so that a retry works. One that dies
 * with its process is run again by a retry; what it makes has the same ids then (req_new_id). The
 * same key with another request is ERR_INPUT (422), one still running ERR_CONFLICT (409).
 *
 * Threads: any. */
#ifndef HTTP_IDEMPOTENCY_H
#define HTTP_IDEMPOTENCY_H

#include <stdint.h>

#include "util/str.h"

struct arena;
struct err;

struct idem_answer {
	int status;
	struct str type, location, body;
	int64_t since_ms; /* IDEM_NEW: when the key first came, also to a process that died at it */
};

enum idem_found {
	IDEM_NEW,    /* claimed for this request: finish or drop it */
	IDEM_REPLAY, /* ${out} is the first answer, in ${mem} */
	IDEM_BUSY,   /* the first one is still running */
	IDEM_OTHER   /* the key was used for another request */
};

struct idempotency {
	void *ctx;
	/* get: look ${key} of ${caller} up, and claim it when it is new, in one step. ${print} is a
	 * fingerprint of method, target and body in hex. -1: the store failed. */
	int (*get)(void *ctx, struct str caller, struct str key, const char *print,
		struct arena *mem, struct idem_answer *out, enum idem_found *found, struct err *e);
	/* put: the claimed request is done; ${a} is copied. ${a} NULL: forget the claim. */
	int (*put)(void *ctx, struct str caller, struct str key, const struct idem_answer *a,
		struct err *e);
};

/* In memory, gone with the process. */
struct idem_memory;
struct idem_memory *idem_memory_new(struct err *e);
struct idempotency idem_memory_hooks(struct idem_memory *m);
void idem_memory_free(struct idem_memory *m);

#endif
