/* SPDX-License-Identifier: Apache-2.0 */
/* radix.h: bytes as letters and digits: hex, base32 and base64url (RFC 4648, without padding), and
 * random text of letters and digits. For tokens and keys: none of them takes longer for one content
 * than for another of the same length, except that decoding stops at what is no digit. Any thread.
 */
#ifndef UTIL_RADIX_H
#define UTIL_RADIX_H

#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

/* Bytes of the written form of ${n} bytes, with the NUL that all of them end in. */
#define RADIX16_SIZE(n) ((n)*2 + 1)
#define RADIX32_SIZE(n) (((n)*8 + 4) / 5 + 1)
#define RADIX64_SIZE(n) (((n)*8 + 5) / 6 + 1)

void radix16_write(const void *p, size_t n, char *out); /* lower case */
void radix32_write(const void *p, size_t n, char *out); /* upper case */
void radix64_write(const void *p, size_t n, char *out);

/* radixNN_read(s, out, cap): how many bytes ${s} stands for, or -1 when it has a wrong digit, spare
 * bits that are not zero, or stands for more than ${cap}. Hex and base32 in any case of letters. */
ptrdiff_t radix16_read(struct str s, uint8_t *out, size_t cap);
ptrdiff_t radix32_read(struct str s, uint8_t *out, size_t cap);
ptrdiff_t radix64_read(struct str s, uint8_t *out, size_t cap);

/* radix62_random(out, n): ${n} letters and digits with 5.95 bits of chance each, and a NUL. */
void radix62_random(char *out, size_t n);
/* radix62_check(s, out): six letters and digits that tell a mistyped ${s}: its CRC-32 (IEEE), most
 * significant first, and a NUL. */
void radix62_check(struct str s, char out[7]);

#endif
