/* SPDX-License-Identifier: Apache-2.0 */
/* The last part: all others are ready, so the service manager is told, and from then on it hears
 * that the server answers. */
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "app/app.h"
#include "app/app_internal.h"
#include "obs/notify.h"
#include "util/err.h"
#include "util/str.h"

enum { WAIT_S = 5 };

static int dial(struct str host, struct str port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV },
			*list;
	struct timeval wait = { .tv_sec = WAIT_S };
	char h[128], p[8];
	int fd = -1;

	if (host.n > 2 && host.p[0] == '[')
		host = str_sub(host, 1, host.n - 1);
	snprintf(h, sizeof(h), STR_FMT, STR_ARG(host));
	snprintf(p, sizeof(p), STR_FMT, STR_ARG(port));
	if (getaddrinfo(h, p, &hints, &list) != 0)
		return -1;
	fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd != -1) {
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
		if (connect(fd, list->ai_addr, list->ai_addrlen) == -1) {
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(list);
	return fd;
}

static bool answers(int fd)
{
	static const char ask[] = "GET /livez HTTP/1.1\r\nHost: localhost\r\n"
				  "Connection: close\r\n\r\n";
	char room[64];
	ssize_t n;

	if (send(fd, ask, sizeof(ask) - 1, MSG_NOSIGNAL) != (ssize_t)sizeof(ask) - 1)
		return false;
	n = recv(fd, room, sizeof(room) - 1, MSG_WAITALL);
	return n > 12 && memcmp(room, "HTTP/1.1 200", 12) == 0;
}

/* As any client would see it; with TLS only that connections are taken. */
static bool alive(void *ctx)
{
	struct str url = str_of(app_address(ctx)), scheme, rest, port;
	ptrdiff_t at = str_find(url, S("://"));
	bool tls = str_starts(url, S("https")), yes;
	int fd;

	scheme = str_sub(url, 0, at < 0 ? 0 : (size_t)at);
	rest = str_sub(url, scheme.n + 3, url.n);
	at = (ptrdiff_t)rest.n - 1;
	while (at > 0 && rest.p[at] != ':')
		at--;
	port = str_sub(rest, (size_t)at + 1, rest.n);
	if ((fd = dial(str_sub(rest, 0, (size_t)at), port)) == -1)
		return false;
	yes = tls || answers(fd);
	close(fd);
	return yes;
}

int part_notify_start(struct app *a, struct err *e)
{
	struct err mine = { 0 };
	char text[256];

	snprintf(text, sizeof(text), "READY=1\nSTATUS=Listening on %.150s", app_address(a));
	notify_send(text);
	a->dog = notify_watch(alive, a, &mine);
	if (mine.code != ERR_OK) {
		*e = mine;
		return -1;
	}
	return 0;
}

void part_notify_stop(struct app *a)
{
	notify_watch_stop(a->dog);
}
