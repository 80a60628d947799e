/* SPDX-License-Identifier: Apache-2.0 */
/* jose.h: signed tokens (JWS, RFC 7515) over cjose, which no other part sees: RS256 and ES256 with
 * a key of a JWKS, nothing else; "none" and keyed hashes are no signatures here. Threads: any. */
#ifndef NET_JOSE_H
#define NET_JOSE_H

#include <stdbool.h>

#include "util/str.h"

struct buf;
struct err;
struct json;

/* jose_verify(token, jwks, payload, known, e): appends what the token says when a key of ${jwks}
 * signed it. *known false: no key with the token's name is there (fetch them anew). ERR_INPUT. */
int jose_verify(
	struct str token, const struct json *jwks, struct buf *payload, bool *known, struct err *e);

#endif
