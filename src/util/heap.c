/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h> /* says which library this is */

#include "util/heap.h"

#ifdef __GLIBC__
#include <malloc.h>

#include "util/cpus.h"

enum { HEAPS_LEAST = 4, END_FREE = 2 << 20, OWN_MAPPING = 32 << 20 };

void heap_bound(void)
{
	int n = (int)cpus_usable() + 2;

	mallopt(M_ARENA_MAX, n > HEAPS_LEAST ? n : HEAPS_LEAST);
	/* Either of these ends that both follow the blocks that are freed. */
	mallopt(M_TRIM_THRESHOLD, END_FREE);
	mallopt(M_MMAP_THRESHOLD, OWN_MAPPING);
}

void heap_trim(void)
{
	malloc_trim(0);
}
#else
void heap_bound(void)
{
}

void heap_trim(void)
{
}
#endif
