/* SPDX-License-Identifier: Apache-2.0 */
/* utf8.h: checking and taking apart UTF-8, strictly: no overlong forms, no surrogates, nothing
 * over U+10FFFF. */
#ifndef UTIL_UTF8_H
#define UTIL_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

enum { UTF8_BAD = 0xFFFD };

bool utf8_valid(struct str s); /* NUL bytes are valid */

/* utf8_length(p, n): bytes of the valid sequence at ${p} (1 to 4); 0 if it is not valid; -1 if it
 * is valid so far but runs past ${n}. n > 0. */
int utf8_length(const char *p, size_t n);

/* utf8_next(s): take the next code point off ${s} (not empty); UTF8_BAD for an invalid byte. */
uint32_t utf8_next(struct str *s);

/* utf8_put(to, cp): write ${cp} (a valid code point) and return its length, 1 to 4. */
size_t utf8_put(char to[4], uint32_t cp);

/* utf8_cut(s, max): at most ${max} bytes of ${s}, never ending inside a valid sequence. */
struct str utf8_cut(struct str s, size_t max);

#endif
