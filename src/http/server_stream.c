/* SPDX-License-Identifier: Apache-2.0 */
/* Answers without an end in sight. A producer has a thread and a ring of bytes between it and the
 * client; event clients share one thread that asks each for news. In both the socket thread takes
 * what is there, suspends the connection when there is nothing, and is resumed when there is. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http/respond.h"
#include "http/server_internal.h"
#include "http/server_mhd.h"
#include "obs/log.h"
#include "obs/metrics.h"
#include "util/clock.h"
#include "util/err.h"

#define RING_BYTES   ((size_t)256 * 1024)
#define EVENTS_BYTES ((size_t)256 * 1024) /* a client that is further behind is cut */
#define BEAT_MS      15000                /* a comment this often keeps proxies from closing */
#define BLOCK_BYTES  32768

struct stream {
	struct stream *next, **back; /* in the list of running ones, under streams.mu */
	struct streams *all;
	pthread_mutex_t mu;
	pthread_cond_t room;
	char *ring;
	size_t head, used; /* oldest byte, bytes in it */
	bool ended, failed, gone, suspended;
	struct MHD_Connection *mhd;
	struct conn *conn;
	struct req *req; /* the socket thread's, while it still reads */
	stream_fn *produce;
	void (*done)(void *ctx);
	void *ctx;
	struct trace trace;
	int refs; /* producer and client, under mu */
};

struct events {
	struct events *next;
	struct streams *all;
	pthread_mutex_t mu;
	struct buf out;
	size_t sent; /* of out */
	bool ended, failed, gone, suspended;
	struct MHD_Connection *mhd;
	struct conn *conn;
	sse_fn *tick;
	void (*done)(void *ctx);
	void *ctx;
	struct trace trace;
	int64_t every_ms, due_ms, beat_ms;
};

struct streams {
	struct server *server;
	pthread_mutex_t mu;
	pthread_cond_t change;
	struct stream *running;
	unsigned n_streams, n_events, threads;
	struct events *clients; /* of the thread; new ones come through fresh */
	struct events *fresh;
	pthread_t thread;
	bool thread_runs, stopping, cutting; /* see streams_drain, streams_cut */
};

static void finish(void (*done)(void *ctx), void *ctx)
{
	if (done != NULL)
		done(ctx);
}

/* --- producers --- */

static void stream_unref(struct stream *s)
{
	bool last;

	pthread_mutex_lock(&s->mu);
	last = --s->refs == 0;
	pthread_mutex_unlock(&s->mu);
	if (!last)
		return;
	pthread_cond_destroy(&s->room);
	pthread_mutex_destroy(&s->mu);
	free(s->ring);
	free(s);
}

/* With s->mu held. */
static void wake_locked(bool *suspended, struct MHD_Connection *mhd)
{
	if (!*suspended)
		return;
	*suspended = false;
	libmhd.MHD_resume_connection(mhd);
}

static void stream_abandon(struct stream *s)
{
	pthread_mutex_lock(&s->mu);
	s->gone = true;
	pthread_cond_signal(&s->room);
	pthread_mutex_unlock(&s->mu);
}

static void *produce(void *arg)
{
	struct stream *s = arg;
	struct streams *t = s->all;
	struct err e = { 0 };
	int rc;

	trace_enter(&s->trace);
	rc = s->produce(s, s->ctx, &e);
	if (rc == -1 && e.code != ERR_CANCELLED)
		log_err("http.stream_failed", &e);
	finish(s->done, s->ctx);
	trace_leave();
	pthread_mutex_lock(&s->mu);
	s->ended = true;
	s->failed = rc == -1;
	wake_locked(&s->suspended, s->mhd);
	pthread_mutex_unlock(&s->mu);
	pthread_mutex_lock(&t->mu);
	*s->back = s->next;
	if (s->next != NULL)
		s->next->back = s->back;
	t->n_streams--;
	metrics_set_l(METRIC_http_streams, "export", t->n_streams);
	pthread_mutex_unlock(&t->mu);
	stream_unref(s);
	pthread_mutex_lock(&t->mu);
	t->threads--;
	pthread_cond_broadcast(&t->change);
	pthread_mutex_unlock(&t->mu);
	return NULL;
}

int stream_write(struct stream *s, struct str bytes, struct err *e)
{
	pthread_mutex_lock(&s->mu);
	while (bytes.n != 0) {
		size_t tail, n;

		while (s->used == RING_BYTES && !s->gone)
			pthread_cond_wait(&s->room, &s->mu);
		if (s->gone) {
			pthread_mutex_unlock(&s->mu);
			return err_set(e, ERR_CANCELLED, "the client has gone");
		}
		tail = (s->head + s->used) % RING_BYTES;
		n = tail >= s->head ? RING_BYTES - tail : s->head - tail;
		n = n < RING_BYTES - s->used ? n : RING_BYTES - s->used;
		n = n < bytes.n ? n : bytes.n;
		memcpy(s->ring + tail, bytes.p, n);
		s->used += n;
		bytes = str_sub(bytes, n, bytes.n);
		wake_locked(&s->suspended, s->mhd);
	}
	pthread_mutex_unlock(&s->mu);
	return 0;
}

bool stream_gone(const struct stream *s)
{
	struct stream *own = (struct stream *)(uintptr_t)s; /* only its lock is touched */
	bool gone;

	pthread_mutex_lock(&own->mu);
	gone = s->gone;
	pthread_mutex_unlock(&own->mu);
	return gone;
}

static ssize_t stream_read(void *arg, uint64_t pos, char *to, size_t max)
{
	struct stream *s = arg;
	ssize_t got = 0;
	size_t n;

	pthread_mutex_lock(&s->mu);
	n = s->head + s->used > RING_BYTES ? RING_BYTES - s->head : s->used;
	n = n < max ? n : max;
	if (n != 0) {
		memcpy(to, s->ring + s->head, n);
		s->head = (s->head + n) % RING_BYTES;
		s->used -= n;
		pthread_cond_signal(&s->room);
		got = (ssize_t)n;
	} else if (s->gone || (s->ended && s->failed)) {
		got = MHD_CONTENT_READER_END_WITH_ERROR;
	} else if (s->ended) {
		got = MHD_CONTENT_READER_END_OF_STREAM;
	} else {
		s->suspended = true;
		libmhd.MHD_suspend_connection(s->mhd);
	}
	pthread_mutex_unlock(&s->mu);
	/* Before the client can know: its next export may be asked for on another line. */
	if (got == MHD_CONTENT_READER_END_OF_STREAM)
		admit_undo(s->req);
	return got;
}

static void stream_client_done(void *arg)
{
	struct stream *s = arg;

	stream_abandon(s);
	stream_unref(s);
}

int respond_stream(struct req *r, const char *type, stream_fn *fn, void (*done)(void *ctx),
	void *ctx, struct err *e)
{
	struct streams *t = r->server->streams;
	struct stream *s = calloc(1, sizeof(*s));
	bool room;

	if (s == NULL || (s->ring = malloc(RING_BYTES)) == NULL) {
		free(s);
		finish(done, ctx);
		return err_nomem(e);
	}
	pthread_mutex_lock(&t->mu);
	if ((room = t->n_streams < r->server->o.limits.streams && !t->stopping)) {
		t->n_streams++;
		metrics_set_l(METRIC_http_streams, "export", t->n_streams);
	}
	pthread_mutex_unlock(&t->mu);
	if (!room) {
		free(s->ring);
		free(s);
		finish(done, ctx);
		server_limit("streams");
		return err_set(e, ERR_UNAVAILABLE, "too many exports are running; try again soon");
	}
	pthread_mutex_init(&s->mu, NULL);
	pthread_cond_init(&s->room, NULL);
	s->all = t;
	s->produce = fn;
	s->done = done;
	s->ctx = ctx;
	s->trace = r->trace;
	s->refs = 1;
	r->answer.kind = ANSWER_STREAM;
	r->answer.status = 200;
	r->answer.type = type;
	r->answer.stream = s;
	return 0;
}

/* An answer that never reached its client: the producer never ran. */
void stream_drop(struct stream *s)
{
	struct streams *t = s->all;

	finish(s->done, s->ctx);
	pthread_mutex_lock(&t->mu);
	t->n_streams--;
	metrics_set_l(METRIC_http_streams, "export", t->n_streams);
	pthread_mutex_unlock(&t->mu);
	stream_unref(s);
}

static int start_producer(struct streams *t, struct stream *s)
{
	pthread_attr_t attr;
	pthread_t thread;
	int rc;

	pthread_mutex_lock(&t->mu);
	if (t->cutting) {
		pthread_mutex_unlock(&t->mu);
		return -1;
	}
	s->next = t->running;
	s->back = &t->running;
	if (s->next != NULL)
		s->next->back = &s->next;
	t->running = s;
	t->threads++;
	pthread_mutex_unlock(&t->mu);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	rc = pthread_create(&thread, &attr, produce, s);
	pthread_attr_destroy(&attr);
	if (rc == 0)
		return 0;
	pthread_mutex_lock(&t->mu);
	*s->back = s->next;
	if (s->next != NULL)
		s->next->back = s->back;
	t->threads--;
	pthread_mutex_unlock(&t->mu);
	return -1;
}

struct MHD_Response *stream_response(struct req *r, struct stream *s)
{
	struct MHD_Response *m = libmhd.MHD_create_response_from_callback(
		MHD_SIZE_UNKNOWN, BLOCK_BYTES, stream_read, s, stream_client_done);

	if (m == NULL)
		return NULL;
	s->mhd = r->conn->mhd;
	s->conn = r->conn;
	s->req = r;
	s->refs = 2;
	if (start_producer(s->all, s) == 0)
		return m;
	s->refs = 1;
	s->gone = true;
	finish(s->done, s->ctx);
	pthread_mutex_lock(&s->all->mu);
	s->all->n_streams--;
	pthread_mutex_unlock(&s->all->mu);
	r->answer.stream = NULL; /* the response owns what is left */
	libmhd.MHD_destroy_response(m);
	return NULL;
}

/* --- events --- */

void sse_event(struct buf *b, const char *event, struct str id, struct str data)
{
	struct str line;
	bool more = true;

	if (id.n != 0) {
		buf_z(b, "id: ");
		buf_str(b, id);
		buf_c(b, '\n');
	}
	if (event != NULL && event[0] != '\0')
		buf_fmt(b, "event: %s\n", event);
	while (more) {
		more = str_split(data, '\n', &line, &data);
		buf_z(b, "data: ");
		buf_str(b, line);
		buf_c(b, '\n');
	}
	buf_c(b, '\n');
}

static ssize_t events_read(void *arg, uint64_t pos, char *to, size_t max)
{
	struct events *v = arg;
	ssize_t got = 0;
	size_t n;

	pthread_mutex_lock(&v->mu);
	n = v->out.n - v->sent;
	n = n < max ? n : max;
	if (n != 0) {
		memcpy(to, v->out.p + v->sent, n);
		v->sent += n;
		if (v->sent == v->out.n) {
			buf_reset(&v->out);
			v->sent = 0;
		}
		got = (ssize_t)n;
	} else if (v->failed || v->gone) {
		got = MHD_CONTENT_READER_END_WITH_ERROR;
	} else if (v->ended) {
		got = MHD_CONTENT_READER_END_OF_STREAM;
	} else {
		v->suspended = true;
		libmhd.MHD_suspend_connection(v->mhd);
	}
	pthread_mutex_unlock(&v->mu);
	return got;
}

static void events_client_done(void *arg)
{
	struct events *v = arg;
	struct streams *t = v->all;

	pthread_mutex_lock(&v->mu);
	v->gone = true;
	pthread_mutex_unlock(&v->mu); /* from here on the thread may free it */
	pthread_cond_broadcast(&t->change);
}

static void events_free(struct events *v)
{
	finish(v->done, v->ctx);
	buf_clear(&v->out);
	pthread_mutex_destroy(&v->mu);
	free(v);
}

static void count_events(struct streams *t, int by)
{
	pthread_mutex_lock(&t->mu);
	t->n_events = (unsigned)((int)t->n_events + by);
	metrics_set_l(METRIC_http_streams, "events", t->n_events);
	pthread_mutex_unlock(&t->mu);
}

void events_drop(struct events *v)
{
	count_events(v->all, -1);
	events_free(v);
}

int respond_events(struct req *r, unsigned every_ms, sse_fn *tick, void (*done)(void *ctx),
	void *ctx, struct err *e)
{
	struct streams *t = r->server->streams;
	struct events *v = calloc(1, sizeof(*v));
	bool room;

	if (v == NULL) {
		finish(done, ctx);
		return err_nomem(e);
	}
	pthread_mutex_lock(&t->mu);
	if ((room = t->n_events < r->server->o.limits.events && !t->stopping)) {
		t->n_events++;
		metrics_set_l(METRIC_http_streams, "events", t->n_events);
	}
	pthread_mutex_unlock(&t->mu);
	if (!room) {
		free(v);
		finish(done, ctx);
		server_limit("events");
		return err_set(e, ERR_UNAVAILABLE, "too many event streams are open");
	}
	pthread_mutex_init(&v->mu, NULL);
	v->all = t;
	v->tick = tick;
	v->done = done;
	v->ctx = ctx;
	v->trace = r->trace;
	v->every_ms = every_ms < 50 ? 50 : every_ms;
	buf_z(&v->out, "retry: 2000\n\n");
	respond_header(r, "Cache-Control", "no-store");
	respond_header(r, "X-Accel-Buffering", "no"); /* nginx passes events on as they come */
	r->answer.kind = ANSWER_EVENTS;
	r->answer.status = 200;
	r->answer.type = "text/event-stream";
	r->answer.events = v;
	return 0;
}

struct MHD_Response *events_response(struct req *r, struct events *v)
{
	struct MHD_Response *m = libmhd.MHD_create_response_from_callback(
		MHD_SIZE_UNKNOWN, 4096, events_read, v, events_client_done);

	if (m == NULL)
		return NULL;
	v->mhd = r->conn->mhd;
	v->conn = r->conn;
	v->due_ms = clock_mono_ms();
	v->beat_ms = v->due_ms + BEAT_MS;
	pthread_mutex_lock(&v->all->mu);
	v->next = v->all->fresh;
	v->all->fresh = v;
	pthread_cond_broadcast(&v->all->change);
	pthread_mutex_unlock(&v->all->mu);
	return m;
}

/* Asks one client's source for news. */
static void look(struct events *v, int64_t now)
{
	struct buf news = { 0 };
	struct err e = { 0 };
	int rc;

	trace_enter(&v->trace);
	rc = v->tick(v->ctx, &news, &e);
	if (rc == -1)
		log_err("http.events_failed", &e);
	trace_leave();
	v->due_ms = now + v->every_ms;
	if (news.n == 0 && rc == 0 && now >= v->beat_ms)
		buf_z(&news, ": still here\n\n");
	if (news.n != 0)
		v->beat_ms = now + BEAT_MS;
	pthread_mutex_lock(&v->mu);
	buf_str(&v->out, buf_view(&news));
	v->ended = rc == 1;
	v->failed = rc == -1 || news.failed || v->out.failed || v->out.n - v->sent > EVENTS_BYTES;
	if (news.n != 0 || rc != 0 || v->failed)
		wake_locked(&v->suspended, v->mhd);
	pthread_mutex_unlock(&v->mu);
	buf_clear(&news);
}

/* Every client once; those that have gone are freed. Returns when the next one is due. */
static int64_t round_of_events(struct streams *t, bool stopping)
{
	int64_t now = clock_mono_ms(), next = now + 1000;

	for (struct events **p = &t->clients, *v; (v = *p) != NULL;) {
		bool gone;

		pthread_mutex_lock(&v->mu);
		gone = v->gone;
		/* Until ${gone} the connection is there: the reader's end comes first. */
		if (!gone && !v->failed && atomic_load(&v->conn->left)) {
			v->failed = true;
			wake_locked(&v->suspended, v->mhd);
		}
		if (stopping && !v->ended) {
			v->ended = true;
			wake_locked(&v->suspended, v->mhd);
		}
		pthread_mutex_unlock(&v->mu);
		if (gone) {
			*p = v->next;
			events_drop(v);
			continue;
		}
		if (now >= v->due_ms && !v->ended && !v->failed)
			look(v, now);
		next = !v->ended && v->due_ms < next ? v->due_ms : next;
		p = &v->next;
	}
	return next;
}

static void take_fresh_locked(struct streams *t)
{
	while (t->fresh != NULL) {
		struct events *v = t->fresh;

		t->fresh = v->next;
		v->next = t->clients;
		t->clients = v;
	}
}

static void *events_thread(void *arg)
{
	struct streams *t = arg;

	pthread_mutex_lock(&t->mu);
	while (!t->stopping || t->n_events != 0) {
		bool stopping = t->stopping;
		int64_t next, now;
		struct timespec until;

		take_fresh_locked(t);
		pthread_mutex_unlock(&t->mu);
		next = round_of_events(t, stopping);
		now = clock_mono_ms();
		pthread_mutex_lock(&t->mu);
		if (t->fresh != NULL || next <= now)
			continue;
		next = stopping && next > now + 10 ? now + 10 : next;
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += (next - now) % 1000 * 1000000;
		until.tv_sec += (next - now) / 1000 + until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&t->change, &t->mu, &until);
	}
	pthread_mutex_unlock(&t->mu);
	return NULL;
}

/* --- all of them --- */

struct streams *streams_new(struct server *s, struct err *e)
{
	struct streams *t = calloc(1, sizeof(*t));
	pthread_condattr_t attr;

	if (t == NULL) {
		err_nomem(e);
		return NULL;
	}
	t->server = s;
	pthread_mutex_init(&t->mu, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&t->change, &attr);
	pthread_condattr_destroy(&attr);
	if (pthread_create(&t->thread, NULL, events_thread, t) != 0) {
		streams_free(t);
		err_set(e, ERR_UNAVAILABLE, "cannot start the thread of event streams");
		return NULL;
	}
	t->thread_runs = true;
	return t;
}

/* The clock thread calls this with conns_mu held, which keeps ${c} from being another connection.
 */
void streams_client_left(struct streams *t, struct conn *c)
{
	pthread_mutex_lock(&t->mu);
	for (struct stream *s = t->running; s != NULL; s = s->next) {
		if (s->conn != c)
			continue;
		pthread_mutex_lock(&s->mu);
		s->gone = true;
		pthread_cond_signal(&s->room);
		wake_locked(&s->suspended, s->mhd);
		pthread_mutex_unlock(&s->mu);
	}
	pthread_mutex_unlock(&t->mu);
}

void streams_drain(struct streams *t)
{
	pthread_mutex_lock(&t->mu);
	t->stopping = true;
	pthread_cond_broadcast(&t->change);
	pthread_mutex_unlock(&t->mu);
}

void streams_cut(struct streams *t)
{
	pthread_mutex_lock(&t->mu);
	t->stopping = t->cutting = true;
	for (struct stream *s = t->running; s != NULL; s = s->next) {
		pthread_mutex_lock(&s->mu);
		s->gone = true;
		pthread_cond_signal(&s->room);
		wake_locked(&s->suspended, s->mhd);
		pthread_mutex_unlock(&s->mu);
	}
	pthread_cond_broadcast(&t->change);
	pthread_mutex_unlock(&t->mu);
}

void streams_free(struct streams *t)
{
	if (t == NULL)
		return;
	streams_cut(t);
	pthread_mutex_lock(&t->mu);
	while (t->threads != 0)
		pthread_cond_wait(&t->change, &t->mu);
	pthread_mutex_unlock(&t->mu);
	if (t->thread_runs)
		pthread_join(t->thread, NULL);
	pthread_cond_destroy(&t->change);
	pthread_mutex_destroy(&t->mu);
	free(t);
}
