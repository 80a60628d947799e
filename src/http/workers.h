/* SPDX-License-Identifier: Apache-2.0 */
/* workers.h: threads that run handlers, behind a queue of bounded length: what does not fit is
 * refused at once, so that an overloaded server answers "come back" instead of getting slower.
 * Threads: any may submit. */
#ifndef HTTP_WORKERS_H
#define HTTP_WORKERS_H

#include <stddef.h>

struct err;
struct workers;

/* Meant to be a member of what is worked on: submitting then allocates nothing. */
struct work {
	struct work *next;
	void (*run)(struct work *w);
};

struct workers *workers_new(unsigned threads, unsigned queue, struct err *e);
/* workers_submit(p, w): 0, or -1 when the queue is full or the pool is ending. ${w} is borrowed
 * until its run has been called. */
int workers_submit(struct workers *p, struct work *w);
size_t workers_waiting(struct workers *p);
/* workers_end(p): runs what is queued and ends the threads; from then on submitting fails. */
void workers_end(struct workers *p);
void workers_free(struct workers *p); /* ends first if need be; NULL is fine */

#endif
