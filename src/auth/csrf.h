/* SPDX-License-Identifier: Apache-2.0 */
/* csrf.h: whether a request that a cookie speaks for was made by our own pages. Browsers say where
 * a request comes from (Fetch Metadata); those that do not say at least their origin when something
 * changes. No token is needed, and nothing has to be kept. Pure; any thread. */
#ifndef AUTH_CSRF_H
#define AUTH_CSRF_H

#include <stdbool.h>

#include "util/str.h"

struct csrf {
	bool safe;             /* GET or HEAD: changes nothing */
	bool cookie;           /* a session speaks for it; else it is one that begins a session */
	struct str fetch_site; /* Sec-Fetch-Site */
	struct str origin;     /* Origin */
	struct str host;       /* Host */
	struct str public_url; /* the address people use, when a proxy rewrites Host; or empty */
};

/* csrf_ok(c): what changes something needs "same-origin" or "none" (typed, a bookmark), or without
 * that header an Origin that is ours; with a cookie one of both must be there. */
bool csrf_ok(const struct csrf *c);

#endif
