/* SPDX-License-Identifier: Apache-2.0 */
/* The library's own time-out counts inactivity only, so a clock thread of ours looks at every
 * connection four times a second and shuts down the sockets of those that have had their time. A
 * connection leaves the list under the lock that the clock holds, before its socket is closed: the
 * number is never somebody else's. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/listen.h"
#include "http/proxies.h"
#include "http/server_internal.h"
#include "http/server_mhd.h"
#include "obs/log.h"
#include "obs/metrics.h"
#include "util/clock.h"
#include "util/crypto.h"
#include "util/err.h"

#define TICK_MS     250
#define REFUSED_MS  2000 /* how long an unwelcome connection may take to send its request */
#define LINGER_MS   2000
#define LINGERS_MAX 256
#define CUT_MS      500 /* from "no more reading" to "no more at all" */

struct drainee {
	struct drainee *next;
	int fd;
	int64_t until_ms;
};

void conn_phase_at(struct conn *c, enum conn_phase p, int64_t now_ms)
{
	atomic_store_explicit(&c->since_ms, now_ms, memory_order_relaxed);
	atomic_store_explicit(&c->phase, (int)p, memory_order_release);
}

void conn_phase(struct conn *c, enum conn_phase p)
{
	/* The request line does not start a new clock: the deadline is absolute. */
	if (p == CONN_HEADERS)
		atomic_store_explicit(&c->phase, (int)p, memory_order_release);
	else
		conn_phase_at(c, p, clock_lately_mono_ms());
}

static void link_conn(struct server *s, struct conn *c)
{
	pthread_mutex_lock(&s->conns_mu);
	c->next = s->conns;
	if (c->next != NULL)
		c->next->prev = c;
	s->conns = c;
	if (++s->n_conns > s->o.limits.connections) {
		c->refused = true;
		server_limit("connections");
	}
	pthread_mutex_unlock(&s->conns_mu);
	metrics_inc(METRIC_http_connections, 1);
}

void conn_opened(struct server *s, struct MHD_Connection *mhd, void **ctx)
{
	const union MHD_ConnectionInfo *i;
	struct conn *c = calloc(1, sizeof(*c));

	*ctx = c; /* NULL: its first request is answered by closing */
	if (c == NULL)
		return;
	c->mhd = mhd;
	i = libmhd.MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
	c->fd = i->connect_fd;
	c->is_tls = s->tls != NULL;
	i = libmhd.MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	if (i != NULL && i->client_addr != NULL)
		address_text(i->client_addr, c->address, sizeof(c->address));
	conn_phase(c, CONN_IDLE);
	/* A proxy has the connections of all its clients. */
	if (proxies_has(s->o.proxies, c->address)) {
		link_conn(s, c);
		return;
	}
	if (inflight_enter(
		    s->by_address, str_of(c->address), s->o.limits.connections_per_address) == -1) {
		c->refused = true;
		server_limit("connections_per_address");
	} else {
		c->counted = true;
	}
	link_conn(s, c);
}

void conn_closed(struct server *s, void **ctx)
{
	struct conn *c = *ctx;

	if (c == NULL)
		return;
	pthread_mutex_lock(&s->conns_mu);
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		s->conns = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	s->n_conns--;
	pthread_mutex_unlock(&s->conns_mu);
	if (c->counted)
		inflight_leave(s->by_address, str_of(c->address));
	metrics_inc(METRIC_http_connections, -1);
	*ctx = NULL;
	crypto_wipe(c->room, sizeof(c->room));
	free(c);
}

/* The client may still be sending what we refused. Closing with unread bytes would reset the
 * connection and may destroy our answer on its way, so the socket is kept a little and read empty.
 */
void conn_linger(struct server *s, struct conn *c)
{
	struct drainee *l = calloc(1, sizeof(*l));
	size_t n = 0;

	if (l == NULL)
		return;
	pthread_mutex_lock(&s->linger_mu);
	for (struct drainee *p = s->lingering; p != NULL; p = p->next)
		n++;
	if (n < LINGERS_MAX && (l->fd = fcntl(c->fd, F_DUPFD_CLOEXEC, 3)) != -1) {
		l->until_ms = clock_mono_ms() + LINGER_MS;
		l->next = s->lingering;
		s->lingering = l;
		l = NULL;
	}
	pthread_mutex_unlock(&s->linger_mu);
	free(l);
}

/* true: nothing more will come, or it has had its time. */
static bool drained(const struct drainee *l, int64_t now_ms)
{
	char sink[16384];

	for (int i = 0; i < 64; i++) {
		ssize_t n = recv(l->fd, sink, sizeof(sink), MSG_DONTWAIT);

		if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR))
			return true;
		if (n == -1)
			break;
	}
	return now_ms >= l->until_ms;
}

static void drain_lingering(struct server *s, int64_t now_ms)
{
	pthread_mutex_lock(&s->linger_mu);
	for (struct drainee **p = &s->lingering, *l; (l = *p) != NULL;) {
		if (!drained(l, now_ms)) {
			p = &l->next;
			continue;
		}
		*p = l->next;
		close(l->fd);
		free(l);
	}
	pthread_mutex_unlock(&s->linger_mu);
}

/* The end of a connection whose client is too slow. ${how}: SHUT_RD lets an answer out that is on
 * its way; SHUT_RDWR, also after that, does not. */
static void cut(struct conn *c, int how, const char *limit)
{
	bool again = c->cut != CUT_NOT;

	if (c->cut == CUT_WHOLLY || (again && how == SHUT_RD))
		return;
	c->cut = how == SHUT_RD ? CUT_READING : CUT_WHOLLY;
	c->cut_ms = clock_mono_ms();
	shutdown(c->fd, how);
	if (limit == NULL || again)
		return;
	server_limit(limit);
	LOG_DEBUG("http.cut", LOG_Z("limit", limit));
}

static void check_waiting(struct server *s, struct conn *c, enum conn_phase phase, int64_t age_ms)
{
	const struct server_limits *l = &s->o.limits;
	int64_t header_ms = (int64_t)l->header_s * 1000, most = header_ms;
	/* The request that is coming in has been counted with its first line. */
	bool kept = atomic_load_explicit(&c->requests, memory_order_relaxed) >
		    (phase == CONN_IDLE ? 0u : 1u);

	if (kept)
		most = (int64_t)l->keep_alive_s * 1000 + (phase == CONN_IDLE ? 0 : header_ms);
	if (c->refused && most > REFUSED_MS)
		most = REFUSED_MS;
	if (age_ms >= most)
		cut(c, SHUT_RD, kept && phase == CONN_IDLE ? NULL : "header_deadline");
	else if (phase == CONN_IDLE && kept && server_draining(s))
		cut(c, SHUT_RD, NULL);
}

/* Two rules: no byte for body_idle_s; or, after a grace, fewer than body_rate per second over a
 * window. */
static void check_body(struct server *s, struct conn *c, int64_t since, int64_t now)
{
	const struct server_limits *l = &s->o.limits;
	uint64_t bytes = atomic_load_explicit(&c->bytes, memory_order_relaxed);

	if (c->moved_ms < since || bytes != c->acked) {
		c->moved_ms = now;
		c->acked = bytes;
	}
	if (now - c->moved_ms >= (int64_t)l->body_idle_s * 1000)
		cut(c, SHUT_RD, "body_idle");
	if (!c->window_open || c->window_ms < since) {
		if (now - since < (int64_t)l->body_grace_s * 1000)
			return;
		c->window_open = true;
		c->window_ms = now;
		c->window_bytes = bytes;
		return;
	}
	if (now - c->window_ms < (int64_t)l->body_window_s * 1000)
		return;
	if (bytes - c->window_bytes < (uint64_t)l->body_rate * l->body_window_s)
		cut(c, SHUT_RD, "body_rate");
	c->window_ms = now;
	c->window_bytes = bytes;
}

/* Is the client taking what we send? Bytes that it has acknowledged count; none outstanding means
 * that the delay is ours. */
static void check_writing(struct server *s, struct conn *c, int64_t since, int64_t now)
{
	struct tcp_info info;
	socklen_t n = sizeof(info);
	int waiting = 0;

	memset(&info, 0, sizeof(info));
	if (ioctl(c->fd, SIOCOUTQ, &waiting) == -1 ||
		getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &info, &n) == -1)
		return;
	if (c->moved_ms < since || waiting == 0 || info.tcpi_bytes_acked != c->acked) {
		c->moved_ms = now;
		c->acked = info.tcpi_bytes_acked;
	}
	if (now - c->moved_ms >= (int64_t)s->o.limits.write_stall_s * 1000)
		cut(c, SHUT_RDWR, "write_stall");
}

/* A byte that comes between our shutdown and the library's next look is read as if nothing had
 * happened, and so is the one after it: a client that keeps dripping would stay for ever. */
static void check_cut(struct conn *c, int64_t now)
{
	if (c->cut == CUT_READING && now - c->cut_ms >= CUT_MS)
		cut(c, SHUT_RDWR, NULL);
}

/* A worker's deadline. The request is woken outside the lock: until then it is suspended and stays.
 */
static struct req *check_worker(struct conn *c, int64_t now)
{
	int running = REQ_RUNNING;

	if (c->req == NULL || c->req->deadline_ms == 0 || now < c->req->deadline_ms ||
		!atomic_compare_exchange_strong(&c->req->state, &running, REQ_GIVEN_UP))
		return NULL;
	return c->req;
}

static bool client_left(const struct conn *c)
{
	struct pollfd p = { .fd = c->fd, .events = POLLRDHUP };

	return poll(&p, 1, 0) == 1 && (p.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

/* When the last bytes and the end of what a client sends come in one, the library reads the bytes
 * and waits for the rest of the body: it must be told to look once more. */
static void check_ended(struct conn *c, int64_t now)
{
	int unread = 0;

	if (now - c->moved_ms >= TICK_MS && client_left(c) && ioctl(c->fd, SIOCINQ, &unread) == 0 &&
		unread == 0)
		shutdown(c->fd, SHUT_RD);
}

static struct req *check(struct server *s, struct conn *c, int64_t now)
{
	enum conn_phase phase =
		(enum conn_phase)atomic_load_explicit(&c->phase, memory_order_acquire);
	int64_t since = atomic_load_explicit(&c->since_ms, memory_order_relaxed);

	switch (phase) {
	case CONN_IDLE:
	case CONN_HEADERS:
		check_waiting(s, c, phase, now - since);
		check_cut(c, now);
		break;
	case CONN_BODY:
		check_body(s, c, since, now);
		check_ended(c, now);
		check_cut(c, now);
		break;
	case CONN_OURS:
		return check_worker(c, now);
	case CONN_STREAMING:
		if (c->cut == CUT_NOT && client_left(c)) {
			cut(c, SHUT_RDWR, NULL);
			atomic_store(&c->left, true);
			streams_client_left(s->streams, c);
		}
		check_writing(s, c, since, now);
		break;
	case CONN_ANSWERING:
		if (now - since >= 1000)
			check_writing(s, c, since, now);
		break;
	}
	return NULL;
}

/* Every request found by ${look} is woken: a few at a time, as the list may not be held meanwhile.
 */
static unsigned sweep(
	struct server *s, struct req *(*look)(struct server *, struct conn *, int64_t))
{
	struct req *late[64];
	int64_t now = clock_mono_ms();
	unsigned n = 0;

	pthread_mutex_lock(&s->conns_mu);
	for (struct conn *c = s->conns; c != NULL && n < 64; c = c->next)
		if ((late[n] = look(s, c, now)) != NULL)
			n++;
	pthread_mutex_unlock(&s->conns_mu);
	for (unsigned i = 0; i < n; i++)
		server_wake(late[i]);
	return n;
}

static struct req *give_up(struct server *s, struct conn *c, int64_t now)
{
	int running = REQ_RUNNING;

	if (c->req == NULL ||
		!atomic_compare_exchange_strong(&c->req->state, &running, REQ_GIVEN_UP))
		return NULL;
	return c->req;
}

void conns_give_up(struct server *s)
{
	while (sweep(s, give_up) != 0)
		;
}

static struct req *shut_idle(struct server *s, struct conn *c, int64_t now)
{
	if (atomic_load(&c->phase) == CONN_IDLE)
		cut(c, SHUT_RD, NULL);
	return NULL;
}

void conns_shut_idle(struct server *s)
{
	sweep(s, shut_idle);
}

static void *tick(void *arg)
{
	struct server *s = arg;
	struct timespec until;

	pthread_mutex_lock(&s->clock_mu);
	while (!s->clock_stop) {
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += TICK_MS * 1000000;
		if (until.tv_nsec >= 1000000000) {
			until.tv_nsec -= 1000000000;
			until.tv_sec++;
		}
		pthread_cond_timedwait(&s->clock_wake, &s->clock_mu, &until);
		pthread_mutex_unlock(&s->clock_mu);
		sweep(s, check);
		drain_lingering(s, clock_mono_ms());
		pthread_mutex_lock(&s->clock_mu);
	}
	pthread_mutex_unlock(&s->clock_mu);
	return NULL;
}

int conns_start(struct server *s, struct err *e)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&s->clock_mu, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->clock_wake, &attr);
	pthread_condattr_destroy(&attr);
	if (pthread_create(&s->clock, NULL, tick, s) != 0)
		return err_set(e, ERR_UNAVAILABLE, "cannot start the clock of the web server");
	s->clock_runs = true;
	return 0;
}

void conns_stop(struct server *s)
{
	if (!s->clock_runs)
		return;
	pthread_mutex_lock(&s->clock_mu);
	s->clock_stop = true;
	pthread_cond_signal(&s->clock_wake);
	pthread_mutex_unlock(&s->clock_mu);
	pthread_join(s->clock, NULL);
	s->clock_runs = false;
	drain_lingering(s, INT64_MAX);
	pthread_cond_destroy(&s->clock_wake);
	pthread_mutex_destroy(&s->clock_mu);
}
