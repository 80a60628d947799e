/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "app/app.h"
#include "cli/cli.h"
#include "obs/log.h"
#include "util/err.h"
#include "util/heap.h"

/* Signals are blocked in all threads and taken by this one, so that none of what they do happens in
 * the middle of something else. */
static void take_signals(sigset_t *set)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, set, NULL);
	sigaction(SIGPIPE, &ignore, NULL); /* clients hang up */
}

struct stopper {
	struct app *app;
	pthread_t main;
	atomic_bool done;
};

static void *stop(void *arg)
{
	struct stopper *s = arg;

	app_drain(s->app);
	atomic_store(&s->done, true);
	pthread_kill(s->main, SIGHUP); /* ends its wait */
	return NULL;
}

/* Open requests are finished; a second signal ends them at once. */
static int stop_gracefully(struct app *app, const sigset_t *set, struct err *e)
{
	struct stopper s = { .app = app, .main = pthread_self() };
	struct timespec most = { 2, 0 };
	pthread_t thread;
	int rc;

	if ((rc = pthread_create(&thread, NULL, stop, &s)) != 0) {
		app_drain(app);
		return 0;
	}
	for (;;) {
		int sig = sigwaitinfo(set, NULL);

		if (atomic_load(&s.done))
			break;
		if (sig != SIGINT && sig != SIGTERM)
			continue;
		app_abort(app);
		while (!atomic_load(&s.done))
			if (sigtimedwait(set, NULL, &most) == -1 && errno == EAGAIN)
				_exit(1); /* a handler does not let go */
		break;
	}
	pthread_join(thread, NULL);
	return 0;
}

static int run(struct app *app, const sigset_t *set, struct err *e)
{
	for (;;) {
		struct err why = { 0 };
		int sig = sigwaitinfo(set, NULL);

		if (sig == SIGINT || sig == SIGTERM)
			return stop_gracefully(app, set, e);
		if (sig == SIGHUP && app_reload(app, &why) == -1)
			log_err("app.reload_failed", &why);
	}
}

int cmd_serve(struct cli *c, struct err *e)
{
	char link[1024];
	struct app *app;
	sigset_t set;
	int rc;

	if (cli_data(c, e) == NULL)
		return -1;
	take_signals(&set);
	heap_bound();
	if ((app = app_start(c->o, e)) == NULL)
		return -1;
	fprintf(stderr, "listening on %s\n", app_address(app));
	if ((c->o->load_demo && app_load_demo(app, e) == -1) ||
		app_setup_link(app, link, sizeof(link), e) == -1) {
		app_free(app);
		return -1;
	}
	/* To standard output and not into the log: whoever reads logs must not become admin. */
	if (link[0] != '\0') {
		printf("Make the first account within an hour, with this link (good once):\n%s\n",
			link);
		fflush(stdout);
	}
	rc = run(app, &set, e);
	app_free(app);
	return rc;
}
