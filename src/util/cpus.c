/* SPDX-License-Identifier: Apache-2.0 */
#include <sched.h>
#include <unistd.h>

#include "util/cpus.h"

unsigned cpus_usable(void)
{
	cpu_set_t set;
	long n;

	/* The set fails to hold the processors of the very largest machines. */
	n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set)
							 : sysconf(_SC_NPROCESSORS_ONLN);
	return n < 1 ? 1 : (unsigned)n;
}
