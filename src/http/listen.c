/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/listen.h"
#include "util/err.h"

#define BACKLOG 4096

/* "HOST:PORT" or "[V6]:PORT" apart; -1 when it is neither. */
static int split(const char *where, char *host, size_t host_n, char *port, size_t port_n)
{
	const char *colon = strrchr(where, ':'), *from = where;
	size_t n;

	if (colon == NULL || strlen(colon + 1) >= port_n || colon[1] == '\0' ||
		strspn(colon + 1, "0123456789") != strlen(colon + 1))
		return -1;
	n = (size_t)(colon - where);
	if (n >= 2 && where[0] == '[' && where[n - 1] == ']') {
		from++;
		n -= 2;
	} else if (memchr(where, ':', n) != NULL) {
		return -1;
	}
	if (n == 0 || n >= host_n)
		return -1;
	memcpy(host, from, n);
	host[n] = '\0';
	strcpy(port, colon + 1);
	return 0;
}

bool address_is_loopback(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)sa;

		return ntohl(in->sin_addr.s_addr) >> 24 == 127;
	}
	return sa->sa_family == AF_INET6 &&
	       IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr);
}

void address_text(const struct sockaddr *sa, char *out, size_t n)
{
	const void *from = NULL;

	out[0] = '\0';
	if (sa->sa_family == AF_INET)
		from = &((const struct sockaddr_in *)(const void *)sa)->sin_addr;
	else if (sa->sa_family == AF_INET6)
		from = &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr;
	if (from != NULL)
		inet_ntop(sa->sa_family, from, out, (socklen_t)n);
}

static int bind_one(const struct addrinfo *a, const char *where, struct err *e)
{
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;

	if (fd == -1)
		return err_set(e, ERR_UNAVAILABLE, "no socket for %s: %s", where, strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)); /* inherited by connections */
	if (a->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	if (errno == EADDRINUSE)
		err_set(e, ERR_UNAVAILABLE,
			"%s is in use by another program; choose another with --listen", where);
	else if (errno == EACCES)
		err_set(e, ERR_PERM, "not permitted to listen on %s", where);
	else
		err_set(e, ERR_UNAVAILABLE, "cannot listen on %s: %s", where, strerror(errno));
	close(fd);
	return -1;
}

static void say_address(int fd, char *address, size_t n)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	char host[INET6_ADDRSTRLEN];
	int port;

	memset(&ss, 0, sizeof(ss));
	getsockname(fd, (struct sockaddr *)&ss, &len);
	address_text((struct sockaddr *)&ss, host, sizeof(host));
	port = ntohs(ss.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&ss)->sin6_port
					      : ((struct sockaddr_in *)&ss)->sin_port);
	snprintf(address, n, ss.ss_family == AF_INET6 ? "[%s]:%d" : "%s:%d", host, port);
}

int listen_open(const char *where, bool expose, char *address, size_t n, struct err *e)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE }, *found;
	char host[256], port[6];
	int fd, rc;

	if (split(where, host, sizeof(host), port, sizeof(port)) == -1 || atoi(port) > 65535)
		return err_set(e, ERR_CONFIG,
			"--listen %s is not HOST:PORT, such as 127.0.0.1:8000 or [::1]:8000",
			where);
	if ((rc = getaddrinfo(host, port, &hints, &found)) != 0)
		return err_set(e, ERR_CONFIG, "--listen %s: %s", where, gai_strerror(rc));
	if (!expose && !address_is_loopback(found->ai_addr)) {
		freeaddrinfo(found);
		return err_set(e, ERR_CONFIG,
			"--listen %s can be reached from other machines; that needs TLS "
			"(--tls-cert and --tls-key) or, behind a proxy that has it, "
			"--allow-plain-http",
			where);
	}
	if ((fd = bind_one(found, where, e)) != -1)
		say_address(fd, address, n);
	freeaddrinfo(found);
	return fd;
}
