/* SPDX-License-Identifier: Apache-2.0 */
/* bytes.h: the two loops over raw text that vector instructions make cheap. Every variant gives
 * the same answers as the portable one; which one runs is decided when the program starts. */
#ifndef UTIL_BYTES_H
#define UTIL_BYTES_H

#include <stddef.h>
#include <stdint.h>

/* Eight bytes of ${byte}, for comparing eight at a time. */
#define BYTES_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* bytes_plain_run(p, n): how many of the first bytes are 0x01 to 0x7F. */
size_t bytes_plain_run(const char *p, size_t n);

/* bytes_mask(p, n, delim, mask): one bit per byte, set for ${delim}, '"', CR and LF; bit i % 64 of
 * mask[i / 64]. Writes (n + 63) / 64 words; bits from ${n} on are 0. Up to 63 bytes behind ${n}
 * are read and must exist. */
void bytes_mask(const char *p, size_t n, char delim, uint64_t *mask);

/* For tests: the variants this machine can run; NULL after the last. */
struct bytes_variant {
	const char *name;
	size_t (*plain_run)(const char *p, size_t n);
	void (*mask)(const char *p, size_t words, char delim, uint64_t *mask);
};
const struct bytes_variant *bytes_variant(size_t i);

#endif
