/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "obs/notify.h"
#include "util/err.h"

bool notify_send(const char *lines)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t n = path == NULL ? 0 : strlen(path);
	bool sent;
	int fd;

	if (n < 2 || n >= sizeof(to.sun_path) || (path[0] != '/' && path[0] != '@'))
		return false;
	memcpy(to.sun_path, path, n);
	if (path[0] == '@')
		to.sun_path[0] = '\0'; /* an abstract one */
	if ((fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) == -1)
		return false;
	sent = sendto(fd, lines, strlen(lines), MSG_NOSIGNAL, (const struct sockaddr *)&to,
		       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) != -1;
	close(fd);
	return sent;
}

struct notify_dog {
	bool (*alive)(void *ctx);
	void *ctx;
	int64_t every_us;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t stop_now;
	bool stop;
};

/* True when it is time to end. */
static bool wait(struct notify_dog *d)
{
	struct timespec until;
	bool stop;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += d->every_us / 1000000;
	until.tv_nsec += d->every_us % 1000000 * 1000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&d->lock);
	while (!d->stop && pthread_cond_timedwait(&d->stop_now, &d->lock, &until) != ETIMEDOUT)
		;
	stop = d->stop;
	pthread_mutex_unlock(&d->lock);
	return stop;
}

static void *watch(void *arg)
{
	struct notify_dog *d = arg;

	do {
		if (d->alive(d->ctx))
			notify_send("WATCHDOG=1");
	} while (!wait(d));
	return NULL;
}

/* Half of what the manager waits, in microseconds; 0: it does not. */
static int64_t interval(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	long long n = usec == NULL ? 0 : strtoll(usec, NULL, 10);

	if (pid != NULL && strtoll(pid, NULL, 10) != (long long)getpid())
		return 0;
	return n > 0 && getenv("NOTIFY_SOCKET") != NULL ? n / 2 : 0;
}

struct notify_dog *notify_watch(bool (*alive)(void *ctx), void *ctx, struct err *e)
{
	struct notify_dog *d;
	pthread_condattr_t attr;
	int64_t every = interval();

	if (every == 0)
		return NULL;
	if ((d = calloc(1, sizeof(*d))) == NULL) {
		err_nomem(e);
		return NULL;
	}
	d->alive = alive;
	d->ctx = ctx;
	d->every_us = every;
	pthread_mutex_init(&d->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&d->stop_now, &attr);
	pthread_condattr_destroy(&attr);
	if (pthread_create(&d->thread, NULL, watch, d) != 0) {
		err_set(e, ERR_UNAVAILABLE, "cannot start the thread of the watchdog");
		pthread_mutex_destroy(&d->lock);
		pthread_cond_destroy(&d->stop_now);
		free(d);
		return NULL;
	}
	return d;
}

void notify_watch_stop(struct notify_dog *d)
{
	if (d == NULL)
		return;
	pthread_mutex_lock(&d->lock);
	d->stop = true;
	pthread_cond_signal(&d->stop_now);
	pthread_mutex_unlock(&d->lock);
	pthread_join(d->thread, NULL);
	pthread_mutex_destroy(&d->lock);
	pthread_cond_destroy(&d->stop_now);
	free(d);
}
