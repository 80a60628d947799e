/* SPDX-License-Identifier: Apache-2.0 */
/* nomem.h: makes the n-th allocation of our code fail, for the test_nomem of a folder (the
 * linker hands them malloc, calloc and realloc). Run the same work with nomem_at 1, 2, 3, ... until
 * it passes: every failure must be an answer, with nothing leaked. */
#ifndef TESTS_NOMEM_H
#define TESTS_NOMEM_H

#include <stddef.h>

static size_t nomem_at;    /* 0: never */
static size_t nomem_count; /* allocations so far */

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

static inline int nomem_now(void)
{
	return nomem_at != 0 && ++nomem_count == nomem_at;
}

void *__wrap_malloc(size_t n)
{
	return nomem_now() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return nomem_now() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
	return nomem_now() ? NULL : __real_realloc(p, n);
}

/* nomem_until_passes(work): work() answers 0, or -1 when an allocation failed. Returns how many
 * allocations the work makes. */
static inline size_t nomem_until_passes(int (*work)(void))
{
	for (size_t n = 1;; n++) {
		int rc;

		nomem_count = 0;
		nomem_at = n;
		rc = work();
		nomem_at = 0;
		if (rc == 0 && nomem_count < n)
			return n - 1;
	}
}

#endif
