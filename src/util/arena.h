/* SPDX-License-Identifier: Apache-2.0 */
/* arena.h: many small blocks freed in one call. With a cap, running out is an answer, not a crash.
 */
#ifndef UTIL_ARENA_H
#define UTIL_ARENA_H

#include <stddef.h>

#include "util/str.h"

struct arena_chunk;
struct arena {
	struct arena_chunk *head;
	size_t used; /* bytes handed out and slack, over all chunks */
	size_t cap;  /* most bytes it may take; 0: no limit */
};

/* arena_alloc(a, n): ${n} zeroed bytes, 16-byte aligned; NULL past the cap or out of memory. */
void *arena_alloc(struct arena *a, size_t n);
/* arena_array(a, n, size): as arena_alloc of n * size, NULL when that overflows. */
void *arena_array(struct arena *a, size_t n, size_t size);
char *arena_dup(struct arena *a, struct str s); /* a copy ending in NUL, or NULL */
void arena_reset(struct arena *a); /* everything handed out is gone; the newest chunk is kept */
void arena_clear(struct arena *a); /* everything is freed; the cap stays */

#endif
