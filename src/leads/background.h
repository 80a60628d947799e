/* SPDX-License-Identifier: Apache-2.0 */
/* background.h: long work that must not slow down the answers: it runs in a thread of its own with
 * a lower priority (nice 10), which the threads it starts inherit, while the caller waits.
 * The scheduler then gives such work what the others leave, at least about a tenth. */
#ifndef LEADS_BACKGROUND_H
#define LEADS_BACKGROUND_H

struct err;

/* background_run(work, arg, e): what ${work} returned. Where no thread can be made it runs in the
 * caller's. */
int background_run(int (*work)(void *arg, struct err *e), void *arg, struct err *e);

#endif
