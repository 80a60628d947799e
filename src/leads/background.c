/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stddef.h>
#include <sys/resource.h>
#include <unistd.h>

#include "leads/background.h"
#include "util/err.h"

enum { NICE = 10 };

struct work {
	int (*fn)(void *arg, struct err *e);
	void *arg;
	struct err *e;
	int rc;
};

static void *run(void *arg)
{
	struct work *w = arg;

	/* Of this thread alone: Linux keeps it per thread. Refused is no reason not to work. */
	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
	w->rc = w->fn(w->arg, w->e);
	return NULL;
}

int background_run(int (*work)(void *arg, struct err *e), void *arg, struct err *e)
{
	struct work w = { work, arg, e, -1 };
	pthread_attr_t attr;
	pthread_t thread;
	int failed;

	pthread_attr_init(&attr);
	/* As much stack as the main thread usually has: training was made for that. */
	pthread_attr_setstacksize(&attr, 8 << 20);
	failed = pthread_create(&thread, &attr, run, &w);
	pthread_attr_destroy(&attr);
	if (failed != 0)
		return work(arg, e);
	pthread_join(thread, NULL);
	return w.rc;
}
