/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "cli/stop.h"
#include "util/file.h"

/* A signal handler has no argument to carry state in; this is the only variable of its kind. */
static atomic_int asked;

static void leave(int sig)
{
	struct sigaction a;
	sigset_t set;

	file_out_abort_all();
	memset(&a, 0, sizeof(a));
	a.sa_handler = SIG_DFL;
	sigaction(sig, &a, NULL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	raise(sig); /* so that the shell sees how it ended; delivered once unblocked */
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	_exit(128 + sig);
}

static void on_signal(int sig)
{
	static const char text[] = "\nstopping; once more to stop at once\n";
	int none = 0, keep = errno;

	if (sig == SIGPIPE || !atomic_compare_exchange_strong(&asked, &none, sig))
		leave(sig);
	if (sig == SIGINT && isatty(STDERR_FILENO) &&
		write(STDERR_FILENO, text, sizeof(text) - 1) == -1)
		errno = keep;
	errno = keep;
}

void stop_install(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };
	struct sigaction a, old;

	memset(&a, 0, sizeof(a));
	a.sa_handler = on_signal;
	a.sa_flags = SA_RESTART;
	sigfillset(&a.sa_mask);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		/* nohup and background jobs of simple shells have them ignored: so be it. */
		if (signals[i] != SIGPIPE && sigaction(signals[i], NULL, &old) == 0 &&
			old.sa_handler == SIG_IGN)
			continue;
		sigaction(signals[i], &a, NULL);
	}
}

int stop_signal(void)
{
	return atomic_load_explicit(&asked, memory_order_relaxed);
}
