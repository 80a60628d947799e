/* SPDX-License-Identifier: Apache-2.0 */
/* server.h: the web server: sockets, limits, deadlines, threads and a graceful end, over
 * libmicrohttpd, which no other part sees. It knows nothing about leads: routes come as tables
 * (route.h), people and keys through a hook.
 *
 * Threads: server_start, server_stop and server_free from one; the rest from any. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/idempotency.h"
#include "http/request.h"
#include "http/route.h"

struct proxies;

struct err;
struct server;

struct server_limits {
	uint64_t json_body;      /* bytes */
	uint64_t upload_body;    /* bytes */
	uint64_t request_memory; /* bytes per request, body apart */
	unsigned header_s;       /* absolute, from accept or from the end of the last answer */
	unsigned keep_alive_s;
	unsigned keep_alive_requests;
	unsigned body_idle_s, body_grace_s, body_window_s, body_rate; /* rate in bytes per second */
	unsigned write_stall_s;
	unsigned connections, connections_per_address;
	unsigned handler_s, slow_handler_s;
	unsigned queue;                /* requests waiting for a worker */
	unsigned streams;              /* long answers at once */
	unsigned events;               /* clients of server-sent events at once */
	unsigned drain_s;              /* how long a stop waits for answers */
	double api_rate, api_burst;    /* per caller and second */
	double login_rate, setup_rate; /* per address and minute */
	unsigned uploads, uploads_per_caller, exports_per_caller;
};

struct server_opts {
	const char *listen;             /* HOST:PORT, [V6]:PORT; port 0: a free one */
	bool expose;                    /* may listen elsewhere than on loopback */
	const struct proxies *proxies;  /* whose X-Forwarded-For is believed; NULL: nobody's */
	const char *tls_cert, *tls_key; /* PEM files; NULL: plain HTTP */
	unsigned http_threads, workers; /* 0: by processors */
	const char *upload_dir;         /* where bodies of uploads go; made when not there */
	const char *web_dir;            /* the built web app; NULL: none */
	struct server_limits limits;
	const struct route_set *const *sets; /* ends in NULL */
	void *app;                           /* for req_app */
	/* Who calls? Fills ${who} (role ROLE_PUBLIC when nobody is named), or -1 with ERR_AUTH when
	 * what was presented is wrong. Runs on the socket thread before the body is read: answer
	 * from memory, or in well under a millisecond. NULL: everybody is an admin named "local".
	 */
	int (*authenticate)(void *app, struct req *r, struct caller *who, struct err *e);
	struct idempotency idem; /* get NULL: keys are ignored */
};

void server_limits_default(struct server_limits *l);

/* server_start(o, e): listening when it returns. ${o} and what it points to outlive the server.
 * Fails, naming the route, when the tables are wrong: no role, no operation id, two alike. */
struct server *server_start(const struct server_opts *o, struct err *e);
const char *server_address(const struct server *s); /* "http://127.0.0.1:8000" */
int server_reload(struct server *s, struct err *e); /* reads the certificate anew */
/* server_stop(s): no new connections; open requests are finished, at most drain_s; then all is cut.
 * server_abort(s): from another thread, do not wait any longer. */
void server_stop(struct server *s);
void server_abort(struct server *s);
void server_free(struct server *s); /* stops first if need be; NULL is fine */

#endif
