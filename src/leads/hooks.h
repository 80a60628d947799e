/* SPDX-License-Identifier: Apache-2.0 */
/* hooks.h: how long work in leads/ tells its caller what is going on, and is stopped. */
#ifndef LEADS_HOOKS_H
#define LEADS_HOOKS_H

#include <stdbool.h>
#include <stddef.h>

/* Called with a step's name and how much of it is done, 0 to 1. Return true to stop: the work then
 * fails with ERR_CANCELLED. Never called by two threads at once. fn NULL: not called.
 * stop is asked between calls of fn, by any thread, in long steps; true stops the same. May be
 * NULL. */
struct leads_progress {
	bool (*fn)(void *arg, const char *step, double done);
	void *arg;
	bool (*stop)(void *arg);
};

/* Called with each sentence a user should see. fn NULL: not called. */
struct leads_notes {
	void (*fn)(void *arg, const char *sentence);
	void *arg;
};

static inline bool leads_progress_step(
	const struct leads_progress *p, const char *step, double done)
{
	return p->fn != NULL && p->fn(p->arg, step, done);
}

static inline void leads_note(const struct leads_notes *n, const char *sentence)
{
	if (n->fn != NULL)
		n->fn(n->arg, sentence);
}

#endif
