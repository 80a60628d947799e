/* SPDX-License-Identifier: Apache-2.0 */
/* doctor and health: what is wrong, here and with a server that runs. */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "ops/doctor.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"

/* --- doctor --- */

static void doctor_json(struct cli *c, const struct doctor *d)
{
	struct jw w = { .b = &c->out.b, .indent = 1 };

	jw_obj(&w);
	jw_kz(&w, "data", c->o->data);
	jw_kz(&w, "worst", doctor_state_name(doctor_worst(d)));
	jw_key(&w, "checks");
	jw_arr(&w);
	for (size_t i = 0; i < d->n; i++) {
		jw_obj(&w);
		jw_kz(&w, "name", d->found[i].name);
		jw_kz(&w, "state", doctor_state_name(d->found[i].state));
		jw_kz(&w, "detail", d->found[i].detail);
		if (d->found[i].fix[0] != '\0')
			jw_kz(&w, "fix", d->found[i].fix);
		jw_end_obj(&w);
	}
	jw_end_arr(&w);
	jw_end_obj(&w);
	buf_c(&c->out.b, '\n');
}

static void doctor_text(struct cli *c, const struct doctor *d)
{
	static const enum style styles[] = { STYLE_GOOD, STYLE_WARM, STYLE_BAD };

	for (size_t i = 0; i < d->n; i++) {
		const struct doctor_finding *f = &d->found[i];

		print_fmt(&c->out, styles[f->state], "%-6s", doctor_state_name(f->state));
		print_fmt(&c->out, STYLE_BOLD, "%-12s", f->name);
		print_text(&c->out, STYLE_PLAIN, str_of(f->detail));
		print_fmt(&c->out, STYLE_PLAIN, "\n");
		if (f->fix[0] == '\0')
			continue;
		print_fmt(&c->out, STYLE_DIM, "%18s", "-> ");
		print_text(&c->out, STYLE_PLAIN, str_of(f->fix));
		print_fmt(&c->out, STYLE_PLAIN, "\n");
	}
}

int cmd_doctor(struct cli *c, struct err *e)
{
	struct doctor_opts o = { .data = c->o->data,
		.listen = c->o->listen,
		.tls_cert = c->o->tls_cert,
		.tls_key = c->o->tls_key,
		.plain_http = c->o->allow_plain_http,
		.now_ms = clock_ms() };
	struct doctor d;

	(void)e;
	doctor_run(&o, &d);
	if (c->o->json)
		doctor_json(c, &d);
	else
		doctor_text(c, &d);
	return doctor_worst(&d) == DOCTOR_WRONG;
}

/* --- health --- */

enum { ANSWER_MAX = 64 * 1024, WAIT_S = 5 };

struct address {
	char host[256], port[8], path[512];
};

static int parse_url(const char *url, struct address *a, struct err *e)
{
	struct str s = str_of(url), host, path;
	ptrdiff_t colon;

	if (str_startsi(s, S("https://")))
		return err_set(e, ERR_USAGE,
			"health speaks plain HTTP only; ask the address that the server listens "
			"on, "
			"or use curl for %s",
			url);
	if (!str_startsi(s, S("http://")))
		return err_set(e, ERR_USAGE, "%s is no address as http://127.0.0.1:8000", url);
	s = str_sub(s, 7, s.n);
	if (!str_split(s, '/', &host, &path))
		host = s;
	colon = host.n != 0 && host.p[host.n - 1] == ']' ? -1 : str_chr(host, ':');
	if (host.n != 0 && host.p[0] == '[') {
		ptrdiff_t close = str_chr(host, ']');

		colon = close >= 0 && (size_t)close + 1 < host.n ? close + 1 : -1;
		if (close < 0)
			return err_set(e, ERR_USAGE, "%s is no address", url);
		snprintf(a->host, sizeof(a->host), STR_FMT,
			STR_ARG(str_sub(host, 1, (size_t)close)));
	} else {
		snprintf(a->host, sizeof(a->host), STR_FMT,
			STR_ARG(colon < 0 ? host : str_sub(host, 0, (size_t)colon)));
	}
	snprintf(a->port, sizeof(a->port), STR_FMT,
		STR_ARG(colon < 0 ? S("80") : str_sub(host, (size_t)colon + 1, host.n)));
	snprintf(a->path, sizeof(a->path), "/" STR_FMT, STR_ARG(path.n == 0 ? S("readyz") : path));
	return 0;
}

static int dial(const struct address *a, struct err *e)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list, *x;
	struct timeval wait = { .tv_sec = WAIT_S };
	int fd = -1, rc = getaddrinfo(a->host, a->port, &hints, &list);

	if (rc != 0)
		return err_set(e, ERR_UNAVAILABLE, "cannot find %s: %s", a->host, gai_strerror(rc));
	for (x = list; x != NULL && fd == -1; x = x->ai_next) {
		if ((fd = socket(x->ai_family, x->ai_socktype | SOCK_CLOEXEC, 0)) == -1)
			continue;
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
		if (connect(fd, x->ai_addr, x->ai_addrlen) == -1) {
			rc = errno;
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(list);
	if (fd == -1)
		err_set(e, ERR_UNAVAILABLE, "cannot connect to %s:%s: %s", a->host, a->port,
			strerror(rc));
	return fd;
}

/* The whole answer, as long as it fits. */
static int ask(const struct address *a, char *room, size_t n, struct err *e)
{
	struct buf b = { 0 };
	size_t have = 0;
	int fd = dial(a, e);
	ssize_t got = 0;

	if (fd == -1)
		return -1;
	buf_fmt(&b, "GET %s HTTP/1.1\r\nHost: %s:%s\r\nConnection: close\r\n\r\n", a->path, a->host,
		a->port);
	if (buf_done(&b, e) == 0 && send(fd, b.p, b.n, MSG_NOSIGNAL) == (ssize_t)b.n)
		while (have + 1 < n && (got = recv(fd, room + have, n - 1 - have, 0)) > 0)
			have += (size_t)got;
	room[have] = '\0';
	buf_clear(&b);
	close(fd);
	if (have == 0)
		return err_set(e, ERR_UNAVAILABLE, "no answer from %s:%s", a->host, a->port);
	return 0;
}

int cmd_health(struct cli *c, struct err *e)
{
	const char *url = c->o->url != NULL ? c->o->url : "http://127.0.0.1:8000";
	char *room = malloc(ANSWER_MAX), *body;
	struct address a;
	int status = 0, rc = -1;

	if (room == NULL)
		return err_nomem(e);
	if (parse_url(url, &a, e) == 0 && ask(&a, room, ANSWER_MAX, e) == 0) {
		body = strstr(room, "\r\n\r\n");
		if (sscanf(room, "HTTP/1.%*d %d", &status) != 1) {
			err_set(e, ERR_UNAVAILABLE, "%s is no web server", url);
		} else if (status == 200) {
			rc = 0;
			print_fmt(&c->out, STYLE_GOOD, "ready\n");
		} else {
			err_set(e, ERR_UNAVAILABLE, "not ready (%d): %.300s", status,
				body != NULL ? body + 4 : "");
		}
	}
	free(room);
	return rc;
}
