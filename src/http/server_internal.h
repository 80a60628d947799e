/* SPDX-License-Identifier: Apache-2.0 */
/* server_internal.h: the running server as its files share it.
 *
 * Lock order: conns_mu, then nothing. streams_mu and a stream's own lock are taken alone. No lock
 * is held while a handler, a hook or the HTTP library's suspend and resume run, except that resume
 * may be called under a stream's lock: it only sets a flag and wakes the thread. */
#ifndef HTTP_SERVER_INTERNAL_H
#define HTTP_SERVER_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "http/ratelimit.h"
#include "http/request_internal.h"
#include "http/server.h"

struct MHD_Connection;
struct MHD_Daemon;
struct MHD_Response;
struct kept_answers;
struct tls;

/* The content policy, with a nonce for the styles that the dashboard's library writes, and without.
 */
#define SERVER_CSP_WITH(style) \
	"default-src 'none'; script-src 'self'; style-src 'self'" style \
	"; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; " \
	"object-src 'none'; form-action 'self'; frame-ancestors 'none'"
#define SERVER_CSP     SERVER_CSP_WITH("")
#define SERVER_CSP_FMT SERVER_CSP_WITH(" 'nonce-%s'")

/* What a connection is doing; the clock thread cuts by it. */
enum conn_phase {
	CONN_IDLE,      /* waiting for a request line */
	CONN_HEADERS,   /* a request line has come */
	CONN_BODY,      /* waiting for the client's bytes */
	CONN_OURS,      /* waiting for us */
	CONN_ANSWERING, /* waiting for the client to take the answer */
	CONN_STREAMING  /* a long answer: waiting for either */
};

/* How far the socket has been shut down. */
enum conn_cut { CUT_NOT, CUT_READING, CUT_WHOLLY };

struct conn {
	struct conn *next, *prev; /* under conns_mu */
	struct MHD_Connection *mhd;
	int fd;
	bool counted;         /* among those of its address */
	bool is_tls, refused; /* refused: over a limit of connections; says so and closes */
	atomic_uint requests; /* on this connection so far */
	char address[46];
	atomic_int phase;
	atomic_int_fast64_t since_ms; /* of the phase */
	atomic_uint_fast64_t bytes;   /* of the body, so far */
	struct req *req;              /* under conns_mu; set while a worker has it */
	/* The route of its last request, when that has no names: the next is mostly to the same. Of
	 * the library's thread of this connection. */
	struct routed *last;
	_Alignas(8) uint8_t room[REQ_ROOM]; /* see req_room */
	enum conn_cut cut;                  /* by the clock thread, under conns_mu */
	int64_t cut_ms;
	atomic_bool left; /* the client of a long answer has closed */
	/* Of the clock thread. */
	int64_t window_ms, moved_ms;
	uint64_t window_bytes, acked;
	bool window_open;
};

struct server {
	struct server_opts o;
	char address[96];
	struct MHD_Daemon *mhd;
	struct router *router;
	struct route_stat other; /* requests that no route had */
	struct workers *workers;
	struct tls *tls;
	struct ratelimit *api_rate, *login_rate, *setup_rate;
	struct inflight *uploads, *exports, *by_address;
	atomic_uint uploads_now;
	atomic_int phase_stop;       /* of enum stop_phase */
	atomic_uint in_flight;       /* requests whose answer is not out */
	atomic_int_fast64_t full_ms; /* when it was last said that descriptors are out; 0: never */

	pthread_mutex_t conns_mu;
	struct conn *conns;
	unsigned n_conns;

	_Atomic(struct req *) spare; /* a free one that needs no lock */
	pthread_mutex_t free_mu;
	struct req *free;
	size_t n_free;

	pthread_t clock;
	bool clock_runs;
	pthread_mutex_t clock_mu;
	pthread_cond_t clock_wake;
	bool clock_stop;
	struct drainee
		*lingering; /* sockets whose last bytes are being drained; of the clock thread */
	pthread_mutex_t linger_mu;

	struct streams *streams;
	struct kept_answers *kept;
};

enum stop_phase { STOP_NO, STOP_DRAIN, STOP_CUT };

static inline bool server_draining(const struct server *s)
{
	return atomic_load_explicit(&s->phase_stop, memory_order_relaxed) != STOP_NO;
}

static inline bool server_cutting(const struct server *s)
{
	return atomic_load_explicit(&s->phase_stop, memory_order_relaxed) == STOP_CUT;
}

/* server_limit(name): one more refusal by ${name}, for the metric. */
void server_limit(const char *name);

/* server_admit.c: everything before the body; true: go on, false: an answer is set. */
bool admit(struct req *r, const char *method, const char *version);
/* Gives back what admit took. */
void admit_undo(struct req *r);

/* server_conn.c: connections, their deadlines, and how they end. */
int conns_start(struct server *s, struct err *e);
void conns_stop(struct server *s);
void conn_opened(struct server *s, struct MHD_Connection *c, void **ctx);
void conn_closed(struct server *s, void **ctx);
void conn_phase(struct conn *c, enum conn_phase p);
void conn_phase_at(struct conn *c, enum conn_phase p, int64_t now_ms); /* not CONN_HEADERS */
void conn_linger(struct server *s, struct conn *c); /* drain what the client still sends */
void conns_shut_idle(struct server *s);
void conns_give_up(struct server *s); /* every request in a worker */

/* server_reply.c */
/* reply(r, given_up): hands the answer to the HTTP library. 0, or -1: close the connection. */
int reply(struct req *r, bool given_up);

/* server_stream.c: long answers. */
struct streams *streams_new(struct server *s, struct err *e);
void streams_drain(struct streams *t); /* no new ones; events end; producers go on */
void streams_cut(struct streams *t);   /* producers are told that nobody reads */
void streams_free(struct streams *t);
void stream_drop(struct stream *s); /* never reached a client */
void events_drop(struct events *v);
struct MHD_Response *stream_response(struct req *r, struct stream *s);
struct MHD_Response *events_response(struct req *r, struct events *v);
/* The clock thread saw that the client of a long answer has closed. */
void streams_client_left(struct streams *t, struct conn *c);

/* server.c */
void server_wake(struct req *r); /* resumes the connection */
void req_unref(struct req *r);

#endif
