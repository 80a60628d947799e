/* SPDX-License-Identifier: Apache-2.0 */
/* resident.h: what tests of memory ask of the system. Included after cmocka.h. */
#ifndef TESTS_RESIDENT_H
#define TESTS_RESIDENT_H

#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

/* Bytes of this process that are in memory. */
static inline size_t resident(void)
{
	size_t all, pages;
	FILE *f = fopen("/proc/self/statm", "r");

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%zu %zu", &all, &pages), 2);
	fclose(f);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* Sanitizers bring a malloc of their own, which keeps what is freed: there is nothing to test. */
static inline void skip_without_glibc_malloc(void)
{
	if (mallinfo2().arena == 0) {
		print_message("skipped: this program has another malloc than that of glibc\n");
		skip();
	}
}

#endif
