/* SPDX-License-Identifier: Apache-2.0 */
/* sha256.h: SHA-256 by the processor's own instructions, for short texts that are hashed with every
 * request; util/crypto.h chooses between it and the library, which is what it is tested against.
 * Any thread. */
#ifndef UTIL_SHA256_H
#define UTIL_SHA256_H

#include <stdbool.h>
#include <stdint.h>

#include "util/str.h"

/* sha256_fast(bytes, out): false, with nothing done, on a processor without them. */
bool sha256_fast(struct str bytes, uint8_t out[32]);

#endif
