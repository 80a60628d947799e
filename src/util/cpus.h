/* SPDX-License-Identifier: Apache-2.0 */
/* cpus.h: how many threads can work at a time. Any thread. */
#ifndef UTIL_CPUS_H
#define UTIL_CPUS_H

/* cpus_usable(): processors that this process may run on, 1 at least: fewer than the machine has
 * where taskset, a service manager or a container says so. */
unsigned cpus_usable(void);

#endif
