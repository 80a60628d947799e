/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "obs/log.h"
#include "obs/metrics.h"
#include "obs/trace.h"
#include "util/err.h"

#define LINE_MAX_BYTES ((size_t)4096)    /* one line; longer ones are cut */
#define QUEUE_BYTES    ((size_t)1 << 20) /* each of the two halves of the queue */

/* Lines are written into the half that is being filled; the thread swaps the halves and writes the
 * full one out, so that a slow reader of standard error stops nobody. */
static struct {
	pthread_mutex_t mu;
	pthread_cond_t more;
	char *half[2];
	size_t used;
	int filling;
	bool running, stopping;
	pthread_t thread;
	atomic_uint_fast64_t dropped;
	atomic_int level, format;
} q = {
	.mu = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER, .level = LOG_LEVEL_INFO
};

struct line {
	char text[LINE_MAX_BYTES];
	size_t n;
};

static void put(struct line *l, const char *p, size_t n)
{
	size_t room = sizeof(l->text) - 2 - l->n; /* "}" and the line end always fit */

	n = n < room ? n : room;
	memcpy(l->text + l->n, p, n);
	l->n += n;
}

static void put_z(struct line *l, const char *z)
{
	put(l, z, strlen(z));
}

/* In quotes, escaped as JSON asks; text format uses the same, so that a line end or an escape
 * sequence in a value can never pass for a line of ours. Bytes above 127 go out as they are when
 * they came from us; whoever logs outside text has checked it. */
static void put_quoted(struct line *l, struct str s)
{
	static const char hex[] = "0123456789abcdef";
	char u[6] = { '\\', 'u', '0', '0', 0, 0 };

	put(l, "\"", 1);
	for (size_t i = 0; i < s.n && sizeof(l->text) - l->n > 16; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\') {
			put(l, "\\", 1);
			put(l, s.p + i, 1);
		} else if (c < 0x20 || c == 0x7f) {
			u[4] = hex[c >> 4];
			u[5] = hex[c & 15];
			put(l, u, sizeof(u));
		} else {
			put(l, s.p + i, 1);
		}
	}
	put(l, "\"", 1);
}

static bool plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] == '"' || s.p[i] == '=' || s.p[i] == '\\' ||
			s.p[i] == 0x7f)
			return false;
	return s.n != 0;
}

static void put_value(struct line *l, const struct log_field *f, bool json)
{
	char num[40];

	switch (f->type) {
	case LOG_T_STR:
		if (!json && plain(f->v.s))
			put(l, f->v.s.p, f->v.s.n);
		else
			put_quoted(l, f->v.s);
		return;
	case LOG_T_U64:
		snprintf(num, sizeof(num), "%llu", (unsigned long long)f->v.u);
		break;
	case LOG_T_I64:
		snprintf(num, sizeof(num), "%lld", (long long)f->v.i);
		break;
	case LOG_T_F64:
		if (isfinite(f->v.f))
			snprintf(num, sizeof(num), "%.6g", f->v.f);
		else
			snprintf(num, sizeof(num), "null");
		break;
	case LOG_T_BOOL:
		snprintf(num, sizeof(num), "%s", f->v.b ? "true" : "false");
		break;
	}
	put_z(l, num);
}

static void put_field(struct line *l, const struct log_field *f, bool json)
{
	put_z(l, json ? ",\"" : " ");
	put_z(l, f->name);
	put_z(l, json ? "\":" : "=");
	put_value(l, f, json);
}

static void put_head(struct line *l, enum log_level level, const char *event, bool json)
{
	static const char *const names[] = { "debug", "info", "warn", "error" };
	struct timespec now;
	struct tm tm;
	char t[80];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	snprintf(t, sizeof(t), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900,
		tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		(int)(now.tv_nsec / 1000000));
	put_z(l, json ? "{\"time\":\"" : "");
	put_z(l, t);
	put_z(l, json ? "\",\"level\":\"" : " ");
	put_z(l, names[level]);
	put_z(l, json ? "\",\"event\":\"" : " ");
	put_z(l, event);
	put_z(l, json ? "\"" : "");
}

static void write_all(const char *p, size_t n)
{
	while (n != 0) {
		ssize_t w = write(STDERR_FILENO, p, n);

		if (w <= 0)
			return; /* nowhere to complain to */
		p += w;
		n -= (size_t)w;
	}
}

static void send_line(const struct line *l, enum log_level level)
{
	bool now = true;

	pthread_mutex_lock(&q.mu);
	if (q.running) {
		now = false;
		if (QUEUE_BYTES - q.used < l->n) {
			atomic_fetch_add_explicit(&q.dropped, 1, memory_order_relaxed);
			metrics_add(METRIC_log_dropped, 1);
		} else {
			memcpy(q.half[q.filling] + q.used, l->text, l->n);
			/* The thread looks every 50 ms by itself; only what is urgent or half
			 * full wakes it, for a wake-up costs more than the line. */
			if (level >= LOG_LEVEL_WARN ||
				(q.used < QUEUE_BYTES / 2 && q.used + l->n >= QUEUE_BYTES / 2))
				pthread_cond_signal(&q.more);
			q.used += l->n;
		}
	}
	pthread_mutex_unlock(&q.mu);
	if (now)
		write_all(l->text, l->n);
}

bool log_enabled(enum log_level level)
{
	return (int)level >= atomic_load_explicit(&q.level, memory_order_relaxed);
}

void log_event(enum log_level level, const char *event, const struct log_field *fields)
{
	bool json = atomic_load_explicit(&q.format, memory_order_relaxed) == LOG_FORMAT_JSON;
	const struct trace *t = trace_current();
	char id[TRACE_ID];
	struct line l;

	l.n = 0;
	put_head(&l, level, event, json);
	if (t != NULL) {
		put_field(&l, &LOG_Z("request_id", t->request_id), json);
		if (json) {
			trace_id(t, id);
			put_field(&l, &LOG_Z("trace_id", id), json);
		}
	}
	for (const struct log_field *f = fields; f->name != NULL; f++)
		put_field(&l, f, json);
	if (json)
		l.text[l.n++] = '}';
	l.text[l.n++] = '\n';
	send_line(&l, level);
}

void log_err(const char *event, const struct err *e)
{
	LOG_ERROR(event, LOG_Z("code", err_title(e->code)), LOG_Z("message", e->msg));
}

void log_set(enum log_level level, enum log_format format)
{
	atomic_store(&q.level, (int)level);
	atomic_store(&q.format, (int)format);
}

uint64_t log_dropped(void)
{
	return atomic_load(&q.dropped);
}

static void *writer(void *unused)
{
	struct timespec until;
	int full;
	size_t n;

	pthread_mutex_lock(&q.mu);
	for (;;) {
		if (q.used == 0 && q.stopping)
			break;
		if (!q.stopping && q.used < QUEUE_BYTES / 2) {
			clock_gettime(CLOCK_REALTIME, &until);
			until.tv_nsec += 50 * 1000000;
			if (until.tv_nsec >= 1000000000) {
				until.tv_nsec -= 1000000000;
				until.tv_sec++;
			}
			pthread_cond_timedwait(&q.more, &q.mu, &until);
		}
		full = q.filling;
		n = q.used;
		if (n == 0)
			continue;
		q.filling = !full;
		q.used = 0;
		pthread_mutex_unlock(&q.mu);
		write_all(q.half[full], n);
		pthread_mutex_lock(&q.mu);
	}
	pthread_mutex_unlock(&q.mu);
	return NULL;
}

int log_start(struct err *e)
{
	q.half[0] = malloc(QUEUE_BYTES);
	q.half[1] = malloc(QUEUE_BYTES);
	q.used = 0;
	q.stopping = false;
	if (q.half[0] == NULL || q.half[1] == NULL ||
		pthread_create(&q.thread, NULL, writer, NULL) != 0) {
		free(q.half[0]);
		free(q.half[1]);
		q.half[0] = q.half[1] = NULL;
		return err_set(e, ERR_UNAVAILABLE, "cannot start the thread that writes the log");
	}
	pthread_mutex_lock(&q.mu);
	q.running = true;
	pthread_mutex_unlock(&q.mu);
	return 0;
}

void log_stop(void)
{
	pthread_mutex_lock(&q.mu);
	if (!q.running) {
		pthread_mutex_unlock(&q.mu);
		return;
	}
	q.running = false;
	q.stopping = true;
	pthread_cond_signal(&q.more);
	pthread_mutex_unlock(&q.mu);
	pthread_join(q.thread, NULL);
	free(q.half[0]);
	free(q.half[1]);
	q.half[0] = q.half[1] = NULL;
}
