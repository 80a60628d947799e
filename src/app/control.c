/* SPDX-License-Identifier: Apache-2.0 */
#include "app/control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "util/buf.h"
#include "util/crypto.h"
#include "util/err.h"

struct control {
	int listener, wake[2], dir;
	control_fn *fn;
	void *ctx;
	pthread_t thread;
};

/* Addresses of sockets are short and data folders may lie deep: the folder is opened and named by
 * its descriptor. */
static int socket_in(const char *data, int *dir, struct sockaddr_un *at, struct err *e)
{
	memset(at, 0, sizeof(*at));
	at->sun_family = AF_UNIX;
	if ((*dir = open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return err_set(e, ERR_NOT_FOUND, "%s: %s", data, strerror(errno));
	snprintf(at->sun_path, sizeof(at->sun_path), "/proc/self/fd/%d/control.sock", *dir);
	return 0;
}

/* Read until the other side has said all; at most ${max} bytes. */
static int read_all(int fd, size_t max, struct buf *b)
{
	for (;;) {
		char *to = b->n <= max ? buf_reserve(b, 65536) : NULL;
		ssize_t n;

		if (to == NULL)
			return -1;
		do
			n = read(fd, to, 65536);
		while (n == -1 && errno == EINTR);
		if (n == 0)
			return 0;
		if (n == -1)
			return -1;
		b->n += (size_t)n;
	}
}

static int write_all(int fd, struct str s)
{
	while (s.n > 0) {
		ssize_t n = send(fd, s.p, s.n, MSG_NOSIGNAL);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		s = str_sub(s, (size_t)n, s.n);
	}
	return 0;
}

static void patience(int fd, int seconds)
{
	struct timeval t = { .tv_sec = seconds };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t));
}

/* The mode of the file keeps others out already; the kernel's word on who is there, too. */
static bool is_ours(int fd)
{
	struct ucred peer;
	socklen_t n = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 &&
	       (peer.uid == geteuid() || peer.uid == 0);
}

static void answer(struct control *c, int fd)
{
	struct buf request = { 0 }, reply = { 0 };

	patience(fd, 5);
	if (is_ours(fd) && read_all(fd, CONTROL_REQUEST_MAX, &request) == 0) {
		c->fn(c->ctx, buf_view(&request), &reply);
		write_all(fd, buf_view(&reply));
	}
	if (request.p != NULL)
		crypto_wipe(request.p, request.n);
	if (reply.p != NULL)
		crypto_wipe(reply.p, reply.n);
	buf_clear(&request);
	buf_clear(&reply);
}

static void *listen_on(void *arg)
{
	struct control *c = arg;
	struct pollfd p[2] = { { .fd = c->listener, .events = POLLIN },
		{ .fd = c->wake[0], .events = POLLIN } };

	for (;;) {
		int fd;

		if (poll(p, 2, -1) == -1)
			continue;
		if (p[1].revents != 0)
			return NULL;
		if ((fd = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC)) == -1)
			continue;
		answer(c, fd);
		close(fd);
	}
}

struct control *control_open(const char *data, control_fn *fn, void *ctx, struct err *e)
{
	struct control *c = calloc(1, sizeof(*c));
	struct sockaddr_un at;
	mode_t mask;
	int rc;

	if (c == NULL) {
		err_nomem(e);
		return NULL;
	}
	*c = (struct control){
		.listener = -1, .wake = { -1, -1 }, .dir = -1, .fn = fn, .ctx = ctx
	};
	if (socket_in(data, &c->dir, &at, e) == -1)
		goto fail;
	if (pipe2(c->wake, O_CLOEXEC) == -1 ||
		(c->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1) {
		err_set(e, ERR_UNAVAILABLE, "the control socket: %s", strerror(errno));
		goto fail;
	}
	unlinkat(c->dir, "control.sock", 0);
	mask = umask(0177);
	rc = bind(c->listener, (struct sockaddr *)&at, sizeof(at));
	umask(mask);
	if (rc == -1 || listen(c->listener, 16) == -1 ||
		pthread_create(&c->thread, NULL, listen_on, c) != 0) {
		err_set(e, ERR_CREATE, "%s/control.sock: %s", data, strerror(errno));
		goto fail;
	}
	return c;
fail:
	for (int i = 0; i < 2; i++)
		if (c->wake[i] != -1)
			close(c->wake[i]);
	if (c->listener != -1)
		close(c->listener);
	if (c->dir != -1)
		close(c->dir);
	free(c);
	return NULL;
}

void control_close(struct control *c)
{
	if (c == NULL)
		return;
	if (write(c->wake[1], "", 1) == 1)
		pthread_join(c->thread, NULL);
	unlinkat(c->dir, "control.sock", 0);
	close(c->listener);
	close(c->wake[0]);
	close(c->wake[1]);
	close(c->dir);
	free(c);
}

int control_call(const char *data, struct str request, struct buf *reply, struct err *e)
{
	struct sockaddr_un at;
	int dir, fd, rc = -1;

	if (socket_in(data, &dir, &at, e) == -1)
		return 0;
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1) {
		err_set(e, ERR_UNAVAILABLE, "no socket: %s", strerror(errno));
	} else if (connect(fd, (struct sockaddr *)&at, sizeof(at)) == -1) {
		/* Nobody there, or a file that a killed server left. */
		rc = errno == ENOENT || errno == ECONNREFUSED
			     ? 0
			     : err_set(e, ERR_PERM, "%s/control.sock: %s", data, strerror(errno));
	} else {
		patience(fd, 60);
		if (write_all(fd, request) == 0 && shutdown(fd, SHUT_WR) == 0 &&
			read_all(fd, CONTROL_MAX, reply) == 0 && reply->n > 0)
			rc = 1;
		else
			err_set(e, ERR_UNAVAILABLE, "the running server does not answer");
	}
	if (fd != -1)
		close(fd);
	close(dir);
	return rc;
}
