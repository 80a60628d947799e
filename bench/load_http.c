/* SPDX-License-Identifier: Apache-2.0 */
/* Sends one HTTP request over and over on kept connections and says how fast the answers came.
 *
 *   load_http PORT CONNECTIONS SECONDS RATE BYTES-FILE
 *
 * BYTES-FILE is sent as it is, to 127.0.0.1. RATE 0: each connection asks again as soon as it has
 * its answer. RATE R: requests are due R times a second whatever the server does, and the time of
 * each counts from when it was due. The first quarter second is not counted. One line of JSON;
 * fails when an answer is not 200. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNS_MAX = 4096, ANSWER_MAX = 16384, TIMES_MAX = 1 << 24 };
#define WARM_NS ((int64_t)250000000)

struct conn {
	int fd;
	bool busy;
	int64_t due_ns;
	size_t n; /* bytes of the answer so far */
	char in[ANSWER_MAX];
};

static struct conn *conns;
static int *idle; /* connections without a request, a stack */
static int n_conns, n_idle;
static char *request;
static size_t request_n;
static uint32_t *times_ns;
static size_t n_times;
static struct sockaddr_in to;

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void die(const char *what)
{
	fprintf(stderr, "load_http: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void open_conn(int ep, int i)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u32 = (uint32_t)i };
	int on = 1;

	conns[i].fd = socket(AF_INET, SOCK_STREAM, 0);
	if (conns[i].fd == -1 || connect(conns[i].fd, (struct sockaddr *)&to, sizeof(to)) == -1)
		die("connect");
	setsockopt(conns[i].fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (epoll_ctl(ep, EPOLL_CTL_ADD, conns[i].fd, &ev) == -1)
		die("epoll_ctl");
	conns[i].n = 0;
	conns[i].busy = false;
}

static void ask(struct conn *c, int64_t due)
{
	c->busy = true;
	c->due_ns = due;
	if (send(c->fd, request, request_n, MSG_NOSIGNAL) != (ssize_t)request_n)
		die("send");
}

/* Where ${what}, that begins with a new line, is; names of headers come in any case. */
static const char *find(const char *in, size_t n, const char *what)
{
	size_t m = strlen(what);
	const char *end = in + n;

	for (; (in = memchr(in, '\n', (size_t)(end - in))) != NULL; in++)
		if ((size_t)(end - in) >= m && strncasecmp(in, what, m) == 0)
			return in;
	return NULL;
}

/* The length of the answer whose headers are in; 0: not yet. */
static size_t answer_length(const struct conn *c, bool *closes)
{
	const char *end = memmem(c->in, c->n, "\r\n\r\n", 4), *p;
	size_t head;

	if (end == NULL)
		return 0;
	head = (size_t)(end - c->in) + 4;
	if (memcmp(c->in, "HTTP/1.1 200 ", 13) != 0) {
		fprintf(stderr, "load_http: %.*s\n", (int)c->n, c->in);
		exit(1);
	}
	*closes = find(c->in, head, "\nconnection: close") != NULL;
	p = find(c->in, head, "\ncontent-length: ");
	return p == NULL ? head : head + strtoul(p + 17, NULL, 10);
}

/* True when the answer is whole. */
static bool hear(int ep, int i, int64_t counted_from)
{
	struct conn *c = &conns[i];
	ssize_t got = recv(c->fd, c->in + c->n, sizeof(c->in) - c->n, MSG_DONTWAIT);
	bool closes = false;
	size_t all;

	if (got == -1 && errno == EAGAIN)
		return false;
	if (got <= 0)
		die("an answer was cut");
	c->n += (size_t)got;
	if ((all = answer_length(c, &closes)) == 0 || c->n < all)
		return false;
	if (c->due_ns >= counted_from && n_times < TIMES_MAX)
		times_ns[n_times++] = (uint32_t)(now_ns() - c->due_ns);
	c->n = 0;
	c->busy = false;
	if (closes) {
		close(c->fd);
		open_conn(ep, i);
	}
	return true;
}

/* Requests that are due; when every connection is busy they wait, and their time runs. */
static void send_due(int64_t *next, int64_t gap)
{
	int64_t now = now_ns();

	for (; *next <= now && n_idle > 0; *next += gap)
		ask(&conns[idle[--n_idle]], *next);
}

static struct timespec *until_due(int64_t next)
{
	static struct timespec t;
	int64_t left = next != 0 && n_idle > 0 ? next - now_ns() : next != 0 ? 1000000 : 0;

	if (left < 0)
		left = 0;
	t = (struct timespec){ left / 1000000000, left % 1000000000 };
	return &t;
}

static void run(int ep, int64_t from, int64_t until, double rate)
{
	int64_t gap = rate > 0 ? (int64_t)(1e9 / rate) : 0, next = from;
	struct epoll_event ev[256];
	int n;

	while (now_ns() < until) {
		if (gap > 0)
			send_due(&next, gap);
		else
			while (n_idle > 0)
				ask(&conns[idle[--n_idle]], now_ns());
		/* As fast as it goes it never sleeps: to be woken would cost the server that sends,
		 * and the more the slower it is. */
		if ((n = epoll_pwait2(ep, ev, 256, until_due(gap > 0 ? next : 0), NULL)) == -1 &&
			errno != EINTR)
			die("epoll_wait");
		for (int i = 0; i < n; i++) {
			int which = (int)ev[i].data.u32;

			if (conns[which].busy && hear(ep, which, from + WARM_NS))
				idle[n_idle++] = which;
		}
	}
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static double at(double share)
{
	return n_times == 0 ? 0 : times_ns[(size_t)((double)(n_times - 1) * share)] / 1e6;
}

static void read_request(const char *path)
{
	FILE *f = fopen(path, "rb");

	if (f == NULL || (request = malloc(65536)) == NULL)
		die(path);
	request_n = fread(request, 1, 65536, f);
	fclose(f);
}

static double cpu_s(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
	int ep = epoll_create1(0);
	double seconds, rate;
	int64_t from;

	if (argc != 6 || (n_conns = atoi(argv[2])) < 1 || n_conns > CONNS_MAX)
		return fprintf(stderr, "load_http PORT CONNECTIONS SECONDS RATE FILE\n"), 2;
	to.sin_family = AF_INET;
	to.sin_port = htons((uint16_t)atoi(argv[1]));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	seconds = strtod(argv[3], NULL);
	rate = strtod(argv[4], NULL);
	read_request(argv[5]);
	conns = calloc((size_t)n_conns, sizeof(*conns));
	idle = calloc((size_t)n_conns, sizeof(*idle));
	times_ns = malloc(TIMES_MAX * sizeof(*times_ns));
	if (ep == -1 || conns == NULL || idle == NULL || times_ns == NULL)
		die("memory");
	for (int i = 0; i < n_conns; i++) {
		open_conn(ep, i);
		idle[n_idle++] = i;
	}
	from = now_ns();
	run(ep, from, from + WARM_NS + (int64_t)(seconds * 1e9), rate);
	qsort(times_ns, n_times, sizeof(*times_ns), by_size);
	printf("{\"requests\":%zu,\"per_second\":%.1f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,"
	       "\"max_ms\":%.3f,\"cpu_s\":%.3f}\n",
		n_times, (double)n_times / seconds, at(0.5), at(0.99), at(1), cpu_s());
	return 0;
}
