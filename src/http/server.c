/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http/listen.h"
#include "http/respond.h"
#include "http/server_internal.h"
#include "http/server_kept.h"
#include "http/server_mhd.h"
#include "http/tls.h"
#include "obs/log.h"
#include "obs/metrics.h"
#include "util/clock.h"
#include "util/cpus.h"
#include "util/err.h"
#include "util/file.h"

/* Of one connection inside the library: the longest header block, as many field records, our
 * headers; not an address of 8 KiB on top of that, which is refused with 431. The library zeroes
 * all of it for every request. */
#define CONN_MEMORY   ((size_t)24 * 1024)
#define FREE_KEPT     256                 /* requests kept for the next ones */
#define OVERRUN_MOST  ((uint64_t)1 << 20) /* of a refused chunked body, before the line is cut */
#define LAST_WORDS_MS 500
#define FULL_MS       10000 /* between two warnings that descriptors are out */
#define QUEUED_MS     5000  /* one that has waited longer is not begun any more */

void server_limits_default(struct server_limits *l)
{
	*l = (struct server_limits){
		.json_body = 1 << 20,
		.upload_body = (uint64_t)1 << 30,
		.request_memory = 1 << 20,
		.header_s = 10,
		.keep_alive_s = 75,
		.keep_alive_requests = 1000,
		.body_idle_s = 30,
		.body_grace_s = 10,
		.body_window_s = 30,
		.body_rate = 1024,
		.write_stall_s = 30,
		.connections = 4096,
		.connections_per_address = 64,
		.handler_s = 30,
		.slow_handler_s = 120,
		.queue = 512,
		.streams = 8,
		.events = 256,
		.drain_s = 25,
		.api_rate = 50,
		.api_burst = 100,
		.login_rate = 30,
		.setup_rate = 10,
		.uploads = 4,
		.uploads_per_caller = 2,
		.exports_per_caller = 1,
	};
}

void server_limit(const char *name)
{
	metrics_add_l(METRIC_http_limit_rejections, name, 1);
}

/* --- requests: taken from a list and put back --- */

static struct req *take_free(struct server *s)
{
	struct req *r = atomic_exchange(&s->spare, NULL);

	if (r != NULL)
		return r;
	pthread_mutex_lock(&s->free_mu);
	if ((r = s->free) != NULL) {
		s->free = r->next_free;
		s->n_free--;
	}
	pthread_mutex_unlock(&s->free_mu);
	return r;
}

static struct req *take_req(struct server *s)
{
	struct req *r = take_free(s);

	if (r == NULL && (r = req_new(s)) == NULL)
		return NULL;
	atomic_store_explicit(&r->refs, 1, memory_order_relaxed);
	return r;
}

void req_unref(struct req *r)
{
	struct server *s = r->server;
	bool keep;

	if (atomic_fetch_sub(&r->refs, 1) != 1)
		return;
	req_reset(r);
	/* The one used last is the one that is in the processor's cache. */
	if ((r = atomic_exchange(&s->spare, r)) == NULL)
		return;
	pthread_mutex_lock(&s->free_mu);
	if ((keep = s->n_free < FREE_KEPT)) {
		r->next_free = s->free;
		s->free = r;
		s->n_free++;
	}
	pthread_mutex_unlock(&s->free_mu);
	if (!keep)
		req_destroy(r);
}

static struct conn *conn_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *i =
		libmhd.MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return i != NULL ? i->socket_context : NULL;
}

/* The request line is in: the earliest that the library lets us know. */
static void *on_line(void *ctx, const char *target, struct MHD_Connection *mhd)
{
	struct server *s = ctx;
	struct conn *c = conn_of(mhd);
	struct req *r = c != NULL ? take_req(s) : NULL;
	char *copy;

	if (r == NULL)
		return NULL;
	r->conn = c;
	r->began_ns = clock_mono_ns();
	memcpy(r->address, c->address, sizeof(r->address));
	conn_phase(c, CONN_HEADERS);
	atomic_fetch_add_explicit(&c->requests, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&s->in_flight, 1, memory_order_relaxed);
	if ((copy = arena_dup(&r->mem, str_of(target))) == NULL)
		copy = arena_dup(&r->mem, S("/"));
	r->target = str_of(copy);
	str_split(r->target, '?', &r->path, &r->query);
	return r;
}

/* --- workers --- */

static void wake_now(struct req *r)
{
	libmhd.MHD_resume_connection(r->conn->mhd);
}

void server_wake(struct req *r)
{
	wake_now(r);
}

/* The handler's turn is over; unless the clock was first, the answer goes out. */
static void hand_back(struct req *r)
{
	int running = REQ_RUNNING;

	if (atomic_compare_exchange_strong(&r->state, &running, REQ_ANSWERED))
		wake_now(r);
	req_unref(r);
}

static void run_in_worker(struct work *w)
{
	struct req *r = (struct req *)(void *)w;
	struct err e = { 0 };

	if (clock_mono_ms() - r->queued_ms > QUEUED_MS) {
		server_limit("queue");
		respond_header(r, "Retry-After", "%d", 2);
		err_set(&e, ERR_UNAVAILABLE, "the server is busy; try again soon");
		answer_problem(r, 503, &e);
	} else if (!req_cancelled(r)) {
		run_handler(r);
	}
	hand_back(r);
}

static void flush_in_worker(struct work *w)
{
	struct req *r = (struct req *)(void *)w;
	struct err e = { 0 };

	(void)upload_flush(r, &e); /* remembered, and said when the body is in */
	atomic_store(&r->state, REQ_READING);
	conn_phase(r->conn, CONN_BODY);
	wake_now(r);
	req_unref(r);
}

/* Workers read headers after the library may have moved on (a deadline): they get copies. */
static bool own_headers(struct req *r)
{
	for (size_t i = 0; i < r->n_headers; i++) {
		struct header *h = &r->headers[i];
		char *name = arena_dup(&r->mem, h->name), *value = arena_dup(&r->mem, h->value);

		if (name == NULL || value == NULL)
			return false;
		if (h->value.p == r->framing.type.p)
			r->framing.type.p = value;
		if (h->value.p == r->framing.idempotency_key.p)
			r->framing.idempotency_key.p = value;
		h->name.p = name;
		h->value.p = value;
	}
	return true;
}

static void set_conn_req(struct req *r, struct req *to)
{
	pthread_mutex_lock(&r->server->conns_mu);
	r->conn->req = to;
	pthread_mutex_unlock(&r->server->conns_mu);
}

static int busy(struct req *r)
{
	struct err e = { 0 };

	server_limit("queue");
	respond_header(r, "Retry-After", "%d", 2);
	err_set(&e, ERR_UNAVAILABLE, "the server is busy; try again soon");
	answer_problem(r, 503, &e);
	return reply(r, false);
}

/* 0, or -1: close the connection. */
static int submit(struct req *r)
{
	const struct server_limits *l = &r->server->o.limits;
	const struct route *t = r->routed->route;
	struct err e = { 0 };

	if (!own_headers(r)) {
		err_set(&e, ERR_LIMIT, "the request takes too much memory");
		answer_problem(r, 431, &e);
		return reply(r, false);
	}
	r->queued_ms = clock_mono_ms();
	r->deadline_ms =
		r->queued_ms +
		(int64_t)((t->flags & ROUTE_SLOW) != 0 ? l->slow_handler_s : l->handler_s) * 1000;
	r->work.run = run_in_worker;
	conn_phase(r->conn, CONN_OURS);
	atomic_store(&r->state, REQ_RUNNING);
	atomic_fetch_add(&r->refs, 1); /* the worker's; an earlier one may still be letting go */
	set_conn_req(r, r);
	libmhd.MHD_suspend_connection(r->conn->mhd);
	if (workers_submit(r->server->workers, &r->work) == 0)
		return 0;
	/* Not begun: the connection goes on in this thread as if it had never been suspended. */
	atomic_fetch_sub(&r->refs, 1);
	set_conn_req(r, NULL);
	atomic_store(&r->state, REQ_ANSWERED);
	libmhd.MHD_resume_connection(r->conn->mhd);
	return busy(r);
}

/* --- the body --- */

/* Past the limit in a chunked body: a little more is read and dropped, so that the refusal can be
 * sent; then the line is cut. */
static int overrun(struct req *r)
{
	struct err e = { 0 };

	if (!r->discarding) {
		r->discarding = true;
		server_limit(r->upload != NULL ? "upload_body" : "json_body");
		err_set(&e, ERR_LIMIT, "the body is larger than %llu bytes",
			(unsigned long long)r->body_max);
		r->answer.close = true;
		answer_problem(r, 413, &e);
	}
	return r->body_seen > r->body_max + OVERRUN_MOST ? -1 : 0;
}

static int take_upload(struct req *r, const char *p, size_t *n)
{
	*n -= upload_take(r, p, *n);
	if (!upload_full(r))
		return 0;
	r->work.run = flush_in_worker;
	atomic_store(&r->state, REQ_HELD);
	conn_phase(r->conn, CONN_OURS);
	atomic_fetch_add(&r->refs, 1); /* the worker's; an earlier one may still be letting go */
	libmhd.MHD_suspend_connection(r->conn->mhd);
	if (workers_submit(r->server->workers, &r->work) == 0)
		return 0;
	atomic_fetch_sub(&r->refs, 1); /* overloaded: this upload ends here */
	libmhd.MHD_resume_connection(r->conn->mhd);
	server_limit("queue");
	return -1;
}

static int take_body(struct req *r, const char *p, size_t *n)
{
	r->body_seen += *n;
	atomic_store_explicit(&r->conn->bytes, r->body_seen, memory_order_relaxed);
	if (r->discarding || r->body_seen > r->body_max) {
		*n = 0;
		return overrun(r);
	}
	if (r->upload != NULL) {
		size_t all = *n;
		int rc = take_upload(r, p, n);

		r->body_seen -= *n; /* what was not taken comes again */
		ASSERT(*n < all);
		return rc;
	}
	buf_bytes(&r->body, p, *n);
	*n = 0;
	return 0;
}

static enum MHD_Result saw_trailer(void *ctx, enum MHD_ValueKind kind, const char *key,
	size_t key_n, const char *value, size_t value_n)
{
	*(bool *)ctx = true;
	return MHD_NO;
}

/* The whole request is here. */
static int dispatch(struct req *r)
{
	bool trailer = false;
	struct err e;

	if (r->answer.kind != ANSWER_NONE)
		return reply(r, false);
	if (r->framing.chunked)
		libmhd.MHD_get_connection_values_n(
			r->conn->mhd, MHD_FOOTER_KIND, saw_trailer, &trailer);
	if (trailer) {
		metrics_add(METRIC_http_malformed, 1);
		r->answer.close = true;
		err_set(&e, ERR_REQUEST, "trailers are not taken");
		answer_problem(r, 400, &e);
		return reply(r, false);
	}
	if (r->body.failed) {
		answer_problem(r, 503, (err_nomem(&e), &e));
		return reply(r, false);
	}
	if (r->routed != NULL && r->routed->route->run == RUN_WORKER)
		return submit(r);
	run_handler(r);
	return reply(r, false);
}

/* --- the library's callbacks --- */

/* First call, before the body. */
static int begin(struct req *r, const char *method, const char *version)
{
	r->begun = true;
	r->headers_ms = clock_lately_mono_ms();
	if (!admit(r, method,
		    version)) /* without a body the line can stay: answered when asked again */
		return r->answer.close ? reply(r, false) : 0;
	if (r->framing.chunked || r->framing.length != 0) {
		atomic_store_explicit(&r->conn->bytes, 0, memory_order_relaxed);
		conn_phase_at(r->conn, CONN_BODY, r->headers_ms);
	}
	return 0;
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *mhd, const char *url,
	const char *method, const char *version, const char *data, size_t *n, void **req)
{
	struct req *r = *req;
	int rc;

	if (r == NULL)
		return MHD_NO;
	if (!r->begun)
		rc = begin(r, method, version);
	else if (*n != 0)
		rc = take_body(r, data, n);
	else if (atomic_load(&r->state) == REQ_READING)
		rc = dispatch(r);
	else if (atomic_load(&r->state) == REQ_GIVEN_UP)
		rc = reply(r, true);
	else
		rc = reply(r, false);
	return rc == 0 ? MHD_YES : MHD_NO;
}

#define SLOW_S 0.1

/* What is asked thousands of times a second (probes, scoring) is in the metrics; in the log only
 * when it was refused, failed or slow. */
static bool worth_a_line(const struct req *r, int status, double seconds)
{
	bool often = r->routed != NULL && r->routed->route->run == RUN_INLINE;

	if (often && status < 400 && seconds < SLOW_S)
		return log_enabled(LOG_LEVEL_DEBUG);
	return log_enabled(LOG_LEVEL_INFO);
}

static void log_request(const struct req *r, int status, double seconds)
{
	trace_enter(&r->trace);
	LOG_INFO("http.request", LOG_Z("method", r->is_head ? "HEAD" : http_method_name(r->method)),
		LOG_Z("route", r->routed != NULL ? r->routed->route->path : ""),
		LOG_I64("status", status), LOG_F64("duration_ms", seconds * 1000));
	trace_leave();
}

static void on_done(
	void *ctx, struct MHD_Connection *mhd, void **req, enum MHD_RequestTerminationCode why)
{
	struct server *s = ctx;
	struct req *r = *req;
	int64_t now_ns;
	double seconds;
	int status;

	if (r == NULL)
		return;
	*req = NULL;
	now_ns = clock_mono_ns();
	seconds = (double)(now_ns - r->began_ns) / 1e9;
	status = atomic_load(&r->state) == REQ_GIVEN_UP ? 503 : r->answer.status;
	if (atomic_load(&r->state) == REQ_GIVEN_UP)
		server_limit("handler_deadline");
	if (status == 0 && why != MHD_REQUEST_TERMINATED_COMPLETED_OK)
		status = 499; /* the client went before there was an answer */
	router_count(r->routed != NULL ? &r->routed->stat : &s->other, status, seconds);
	if (worth_a_line(r, status, seconds))
		log_request(r, status, seconds);
	if (atomic_load(&r->state) != REQ_READING || r->conn->req != NULL)
		set_conn_req(r, NULL);
	if (r->kept != NULL)
		kept_give(s->kept, r->kept);
	r->kept = NULL;
	admit_undo(r);
	conn_phase_at(r->conn, CONN_IDLE, now_ns / 1000000);
	atomic_fetch_sub_explicit(&s->in_flight, 1, memory_order_relaxed);
	req_unref(r);
}

static void on_connection(void *ctx, struct MHD_Connection *mhd, void **socket_ctx,
	enum MHD_ConnectionNotificationCode what)
{
	if (what == MHD_CONNECTION_NOTIFY_STARTED)
		conn_opened(ctx, mhd, socket_ctx);
	else
		conn_closed(ctx, socket_ctx);
}

/* Another connection would need a descriptor that this process may not have. Those threads of the
 * library that have connections wait until one of them ends; one without any asks again at once and
 * without end, and is slowed down here, where it says so. */
static void no_descriptor(struct server *s, bool asks_again)
{
	static const struct timespec pause = { 0, 50 * 1000 * 1000 };
	int_fast64_t now = clock_mono_ms(), last = atomic_load(&s->full_ms);

	if ((last == 0 || now - last >= FULL_MS) &&
		atomic_compare_exchange_strong(&s->full_ms, &last, now)) {
		server_limit("descriptors");
		LOG_WARN("http.descriptors");
	}
	if (asks_again)
		nanosleep(&pause, NULL);
}

/* What the library has to say: mostly that a client sent nonsense, which the metrics count. */
__attribute__((format(printf, 2, 0))) static void on_message(void *ctx, const char *fmt, va_list ap)
{
	char text[256];

	if (strstr(fmt, "system resource limit at") != NULL)
		no_descriptor(ctx, strstr(fmt, "FIRST") != NULL);
	if (!log_enabled(LOG_LEVEL_DEBUG))
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	LOG_DEBUG("http.library", LOG_Z("message", text));
}

/* --- start and stop --- */

static void collect(void *ctx, struct buf *b)
{
	struct server *s = ctx;

	metrics_set(METRIC_http_queue, (double)workers_waiting(s->workers));
	metrics_set(METRIC_http_in_flight, atomic_load(&s->in_flight));
	router_print(s->router, &s->other, b);
}

static unsigned processors(void)
{
	unsigned n = cpus_usable();

	return n > 16 ? 16 : n;
}

static int start_daemon(struct server *s, int fd, struct err *e)
{
	unsigned flags =
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
	unsigned threads = s->o.http_threads != 0 ? s->o.http_threads : processors();
	/* Over the limit there is room for those that are told so. Connections fall on threads
	 * unevenly. */
	unsigned most = (s->o.limits.connections + 1024) * (threads == 1 ? 1 : 2);
	struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_CERT_CALLBACK, 0, NULL },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0,
			(void *)(uintptr_t) "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2" },
		{ MHD_OPTION_END, 0, NULL },
	};
	struct MHD_OptionItem none[] = { { MHD_OPTION_END, 0, NULL } };

	if (s->tls != NULL) {
		flags |= MHD_USE_TLS;
		tls[0].ptr_value = tls_retrieve(s->tls);
	}
	s->mhd = libmhd.MHD_start_daemon(flags, 0, NULL, NULL, on_request, s,
		MHD_OPTION_EXTERNAL_LOGGER, on_message, s, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_THREAD_POOL_SIZE, threads > 1 ? threads : 0u,
		MHD_OPTION_CLIENT_DISCIPLINE_LVL, 1, MHD_OPTION_CONNECTION_LIMIT, most,
		MHD_OPTION_CONNECTION_TIMEOUT, 0u, MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONN_MEMORY,
		MHD_OPTION_URI_LOG_CALLBACK, on_line, s, MHD_OPTION_NOTIFY_COMPLETED, on_done, s,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, s, MHD_OPTION_ARRAY,
		s->tls != NULL ? tls : none, MHD_OPTION_END);
	if (s->mhd != NULL)
		return 0;
	close(fd);
	return err_set(e, ERR_UNAVAILABLE, "the web server does not start");
}

static int make_parts(struct server *s, struct err *e)
{
	const struct server_limits *l = &s->o.limits;
	unsigned workers = s->o.workers != 0 ? s->o.workers : 2 * processors() + 2;

	if (s->o.upload_dir != NULL && file_mkdir_p(s->o.upload_dir, NULL, e) == -1)
		return -1;
	if ((s->kept = kept_new(e)) == NULL || (s->router = router_new(s->o.sets, e)) == NULL)
		return -1;
	if (s->o.tls_cert != NULL && (s->tls = tls_new(s->o.tls_cert, s->o.tls_key, e)) == NULL)
		return -1;
	if ((s->api_rate = ratelimit_new(l->api_rate, l->api_burst, e)) == NULL ||
		(s->login_rate = ratelimit_new(l->login_rate / 60, l->login_rate, e)) == NULL ||
		(s->setup_rate = ratelimit_new(l->setup_rate / 60, l->setup_rate, e)) == NULL)
		return -1;
	if ((s->uploads = inflight_new(e)) == NULL || (s->exports = inflight_new(e)) == NULL ||
		(s->by_address = inflight_new(e)) == NULL)
		return -1;
	if ((s->workers = workers_new(workers, l->queue, e)) == NULL ||
		(s->streams = streams_new(s, e)) == NULL)
		return -1;
	return 0;
}

struct server *server_start(const struct server_opts *o, struct err *e)
{
	struct server *s = calloc(1, sizeof(*s));
	char where[80];
	int fd;

	if (s == NULL) {
		err_nomem(e);
		return NULL;
	}
	s->o = *o;
	pthread_mutex_init(&s->conns_mu, NULL);
	pthread_mutex_init(&s->free_mu, NULL);
	pthread_mutex_init(&s->linger_mu, NULL);
	if (mhd_load(e) == -1 || make_parts(s, e) == -1 || conns_start(s, e) == -1 ||
		(fd = listen_open(o->listen, o->expose, where, sizeof(where), e)) == -1 ||
		start_daemon(s, fd, e) == -1) {
		server_free(s);
		return NULL;
	}
	snprintf(s->address, sizeof(s->address), "%s://%s", s->tls != NULL ? "https" : "http",
		where);
	metrics_collector(collect, s);
	return s;
}

const char *server_address(const struct server *s)
{
	return s->address;
}

int server_reload(struct server *s, struct err *e)
{
	return s->tls != NULL ? tls_load(s->tls, e) : 0;
}

void server_abort(struct server *s)
{
	atomic_store(&s->phase_stop, STOP_CUT);
}

/* Until the last answer is out, or the time is, or (when ${patient}) someone has asked to cut it
 * short. */
static void wait_for_answers(struct server *s, int64_t most_ms, bool patient)
{
	int64_t until = clock_mono_ms() + most_ms;
	struct timespec ms = { 0, 5000000 };

	while (atomic_load(&s->in_flight) != 0 && clock_mono_ms() < until &&
		!(patient && server_cutting(s)))
		nanosleep(&ms, NULL);
}

void server_stop(struct server *s)
{
	int none = STOP_NO, fd;

	if (s->mhd == NULL)
		return;
	atomic_compare_exchange_strong(&s->phase_stop, &none, STOP_DRAIN);
	if ((fd = libmhd.MHD_quiesce_daemon(s->mhd)) != -1)
		close(fd);
	streams_drain(s->streams);
	conns_shut_idle(s);
	wait_for_answers(s, (int64_t)s->o.limits.drain_s * 1000, true);
	atomic_store(&s->phase_stop, STOP_CUT);
	streams_cut(s->streams);
	conns_give_up(s);
	/* Workers that hold a piece of a body wake their connection when it is written; nothing new
	 * is taken, so that nothing is left suspended. */
	workers_end(s->workers);
	/* Those that were given up are told so, as far as they read it at once. */
	wait_for_answers(s, LAST_WORDS_MS, false);
	conns_stop(s);
	libmhd.MHD_stop_daemon(s->mhd);
	s->mhd = NULL;
}

void server_free(struct server *s)
{
	struct req *r;

	if (s == NULL)
		return;
	metrics_collector_drop(s);
	server_stop(s);
	conns_stop(s);
	workers_free(s->workers);
	streams_free(s->streams);
	while ((r = take_free(s)) != NULL)
		req_destroy(r);
	ratelimit_free(s->api_rate);
	ratelimit_free(s->login_rate);
	ratelimit_free(s->setup_rate);
	inflight_free(s->uploads);
	inflight_free(s->exports);
	inflight_free(s->by_address);
	kept_free(s->kept);
	router_free(s->router);
	tls_free(s->tls);
	pthread_mutex_destroy(&s->conns_mu);
	pthread_mutex_destroy(&s->free_mu);
	pthread_mutex_destroy(&s->linger_mu);
	free(s);
}
