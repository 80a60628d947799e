/* SPDX-License-Identifier: Apache-2.0 */
/* heap.h: how much free memory the C library may keep. glibc has up to eight heaps ("arenas") for
 * each processor, gives threads one each, and holds what was freed at the end of each of them: up
 * to twice the largest block that was ever freed (mallopt(3), M_ARENA_MAX and M_TRIM_THRESHOLD). A
 * server whose imports come and go in new threads would end with dozens of heaps as large as the
 * largest import makes them. With another C library nothing is done here. */
#ifndef UTIL_HEAP_H
#define UTIL_HEAP_H

/* heap_bound(): before the first thread of a server starts: few heaps, each with at most 2 MiB free
 * at its end. */
void heap_bound(void);

/* heap_trim(): gives back whole pages that are free between blocks. Takes 1 to 10 ms, in which one
 * heap after the other is locked. Any thread may call it at any time. */
void heap_trim(void);

#endif
