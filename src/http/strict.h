/* SPDX-License-Identifier: Apache-2.0 */
/* strict.h: one meaning per request (RFC 9112), or none: what the HTTP library lets through and a
 * proxy in front might read differently is refused here. Pure. */
#ifndef HTTP_STRICT_H
#define HTTP_STRICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

struct err;

#define HEADERS_MAX 100 /* fields; one more is kept so that it can be refused */

struct header {
	struct str name, value;
};

/* What the headers say about the message itself. */
struct framing {
	bool chunked, has_length, expect, accepts_br, accepts_gzip;
	uint64_t length;
	struct str host, type, encoding, traceparent, idempotency_key;
};

/* strict_headers(h, n, http10, f, e): the status to refuse with (400, 417, 431 or 501; ${e} says
 * why), or 0 with ${f} filled. Borrows from ${h}. */
int strict_headers(const struct header *h, size_t n, bool http10, struct framing *f, struct err *e);

/* strict_target(target, e): origin form, RFC 3986 characters, at most 8 KiB. Status or 0. */
int strict_target(struct str target, struct err *e);

#endif
