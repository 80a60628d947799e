/* SPDX-License-Identifier: Apache-2.0 */
/* digest.h: SHA-256 of bytes that come piece by piece. */
#ifndef UTIL_DIGEST_H
#define UTIL_DIGEST_H

#include "util/str.h"

struct err;
struct digest;

struct digest *digest_new(struct err *e);
void digest_add(struct digest *d, struct str bytes);
void digest_hex(struct digest *d, char hex[65]); /* the end: nothing is added afterwards */
void digest_free(struct digest *d);              /* NULL is fine */

#endif
