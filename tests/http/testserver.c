/* SPDX-License-Identifier: Apache-2.0 */
/* A server with routes for every feature of src/http, and none about leads. Tests and benches start
 * it: testserver [--auth] [--web DIR] [--log] [LIMIT=N]... It listens on a free port of 127.0.0.1,
 * says "listening on http://..." on standard error, and ends on TERM. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/respond.h"
#include "http/server.h"
#include "obs/log.h"
#include "obs/metrics.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"

static atomic_uint worked, events_open, streams_open, contexts;

static int hello(struct req *r, struct err *e)
{
	return respond_static(r, 200, "application/json", S("{\"hello\":\"world\"}"), e);
}

static int echo_json(struct req *r, struct err *e)
{
	struct buf b = { 0 };
	struct jw w = { .b = &b };

	jw_obj(&w);
	jw_kint(&w, "members", (int64_t)json_len(req_json(r)));
	jw_end_obj(&w);
	return respond_json(r, 200, &b, e);
}

static int raw(struct req *r, struct err *e)
{
	struct buf b = { 0 };

	buf_fmt(&b, "{\"bytes\":%zu}", req_body(r).n);
	return respond_json(r, 200, &b, e);
}

static void nap(struct req *r, int64_t ms)
{
	struct timespec t = { 0, 5000000 };
	int64_t until = clock_mono_ms() + ms;

	while (clock_mono_ms() < until && !req_cancelled(r))
		nanosleep(&t, NULL);
}

/* Counts how often it really ran: what idempotency is for. */
static int work(struct req *r, struct err *e)
{
	unsigned n = atomic_fetch_add(&worked, 1) + 1;
	struct buf b = { 0 };

	nap(r, req_int(r, "sleep_ms", 0));
	if (req_bool(r, "fail", false))
		return err_set(e, ERR_INTERNAL, "as asked");
	if (req_bool(r, "refuse", false)) {
		respond_fault(r, "/a/b", "not like this");
		return err_set(e, ERR_INPUT, "as asked");
	}
	buf_fmt(&b, "{\"n\":%u}", n);
	return respond_created(r, "/t/made/1", &b, e);
}

static int upload(struct req *r, struct err *e)
{
	const struct req_file *f = req_file(r);
	struct buf b = { 0 };
	struct jw w = { .b = &b };

	if (f == NULL)
		return err_set(e, ERR_REQUEST, "there is no file");
	jw_obj(&w);
	jw_kstr(&w, "name", f->name);
	jw_kstr(&w, "type", f->type);
	jw_kint(&w, "bytes", (int64_t)f->bytes);
	jw_kz(&w, "sha256", f->sha256);
	jw_kstr(&w, "mapping", req_part(r, "mapping"));
	jw_end_obj(&w);
	return respond_json(r, 200, &b, e);
}

static int form(struct req *r, struct err *e)
{
	struct buf b = { 0 };
	struct jw w = { .b = &b };

	jw_obj(&w);
	jw_kstr(&w, "a", req_part(r, "a"));
	jw_kstr(&w, "b", req_part(r, "b"));
	jw_end_obj(&w);
	return respond_json(r, 200, &b, e);
}

static int item(struct req *r, struct err *e)
{
	const struct req_filter *f;
	size_t n = req_filters(r, &f);
	struct buf b = { 0 };
	struct jw w = { .b = &b };

	jw_obj(&w);
	jw_kstr(&w, "id", req_path(r, "id"));
	jw_kint(&w, "limit", req_int(r, "limit", -1));
	jw_knum(&w, "at", req_num(r, "at", -1));
	jw_kstr(&w, "q", req_str(r, "q"));
	jw_kint(&w, "sort", req_word(r, "sort"));
	jw_kint(&w, "heat", (int64_t)req_words(r, "heat"));
	jw_knum(&w, "since", req_date(r, "since"));
	jw_key(&w, "filters");
	jw_arr(&w);
	for (size_t i = 0; i < n; i++) {
		jw_arr(&w);
		jw_str(&w, f[i].field);
		jw_str(&w, f[i].op);
		jw_str(&w, f[i].value);
		jw_end_arr(&w);
	}
	jw_end_arr(&w);
	jw_end_obj(&w);
	return respond_json(r, 200, &b, e);
}

static int tagged(struct req *r, struct err *e)
{
	if (respond_etag(r, "v1"))
		return respond_empty(r, 304, e);
	return respond_static(r, 200, "text/plain", S("tagged\n"), e);
}

static int change(struct req *r, struct err *e)
{
	if (req_if_match(r, "v1", e) == -1) {
		respond_extra(r, "current", S("{\"version\":1}"));
		return -1;
	}
	return respond_empty(r, 204, e);
}

static int slow(struct req *r, struct err *e)
{
	nap(r, req_int(r, "ms", 0));
	if (req_cancelled(r))
		return err_set(e, ERR_CANCELLED, "the server is stopping");
	return respond_static(r, 200, "text/plain", S("at last\n"), e);
}

static int big(struct req *r, struct err *e)
{
	struct buf b = { 0 };
	size_t n = (size_t)req_int(r, "bytes", 0);
	char *to = n != 0 ? buf_reserve(&b, n) : NULL;

	if (to != NULL) {
		memset(to, 'x', n);
		b.n = n;
	}
	return respond_bytes(r, 200, "text/plain", &b, e);
}

struct job {
	int64_t n, sent, pause_ms;
	bool fail;
};

static struct job *new_job(struct req *r, atomic_uint *open)
{
	struct job *j = calloc(1, sizeof(*j));

	if (j == NULL)
		abort();
	j->n = req_int(r, "n", 10);
	j->pause_ms = req_int(r, "pause_ms", 0);
	j->fail = req_bool(r, "fail", false);
	atomic_fetch_add(open, 1);
	atomic_fetch_add(&contexts, 1);
	return j;
}

static void stream_end(void *ctx)
{
	free(ctx);
	atomic_fetch_sub(&streams_open, 1);
	atomic_fetch_sub(&contexts, 1);
}

static int produce(struct stream *s, void *ctx, struct err *e)
{
	struct job *j = ctx;
	struct timespec t = { 0, (long)j->pause_ms * 1000000 };
	char line[64];

	for (; j->sent < j->n; j->sent++) {
		int n = snprintf(
			line, sizeof(line), "row %08lld of a long answer\n", (long long)j->sent);

		if (stream_write(s, (struct str){ line, (size_t)n }, e) == -1)
			return -1;
		if (j->pause_ms != 0)
			nanosleep(&t, NULL);
		if (stream_gone(s))
			return err_set(e, ERR_CANCELLED, "gone");
	}
	return j->fail ? err_set(e, ERR_IO, "as asked") : 0;
}

static int stream(struct req *r, struct err *e)
{
	respond_attachment(r, S("r\xc3\xa9sum\xc3\xa9 \"1\".csv"));
	return respond_stream(r, "text/csv", produce, stream_end, new_job(r, &streams_open), e);
}

static void events_end(void *ctx)
{
	free(ctx);
	atomic_fetch_sub(&events_open, 1);
	atomic_fetch_sub(&contexts, 1);
}

static int tick(void *ctx, struct buf *out, struct err *e)
{
	struct job *j = ctx;
	char id[24];

	if (j->sent == j->n)
		return j->fail ? 0 : 1; /* "fail" here: stay silent for ever */
	snprintf(id, sizeof(id), "%lld", (long long)++j->sent);
	sse_event(out, "tick", str_of(id), S("{\"a\":1,\n\"b\":2}"));
	return 0;
}

static int events(struct req *r, struct err *e)
{
	return respond_events(r, 50, tick, events_end, new_job(r, &events_open), e);
}

static char big_file[64];

static int file(struct req *r, struct err *e)
{
	return respond_file(r, big_file, "application/octet-stream", e);
}

static int state(struct req *r, struct err *e)
{
	struct buf b = { 0 };

	buf_fmt(&b, "{\"worked\":%u,\"events\":%u,\"streams\":%u,\"contexts\":%u,\"dropped\":%llu}",
		atomic_load(&worked), atomic_load(&events_open), atomic_load(&streams_open),
		atomic_load(&contexts), (unsigned long long)log_dropped());
	return respond_json(r, 200, &b, e);
}

static int metrics(struct req *r, struct err *e)
{
	struct buf b = { 0 };

	metrics_print(&b);
	return respond_bytes(r, 200, "text/plain", &b, e);
}

static int whoami(struct req *r, struct err *e)
{
	struct buf b = { 0 };

	buf_fmt(&b, "{\"role\":\"%s\",\"address\":\"%s\"}", role_name(req_caller(r)->role),
		req_address(r));
	return respond_json(r, 200, &b, e);
}

static const struct param item_query[] = {
	{ "limit", "int", 1, 500, "50", "Page size", false },
	{ "at", "num", 0, 1, NULL, "Where the page starts", false },
	{ "q", "str", 0, 20, NULL, "Words", false },
	{ "sort", "name|-name|score", 0, 0, NULL, "Order", false },
	{ "heat", "hot|warm|cold...", 0, 0, NULL, "Bands", false },
	{ "since", "date", 0, 0, NULL, "From when", false },
	{ "*", "filter", 0, 0, NULL, "Any field", false },
	{ 0 },
};

static const struct param work_query[] = {
	{ "sleep_ms", "int", 0, 60000, "0", "How long", false },
	{ "fail", "bool", 0, 0, "false", "Whether to fail", false },
	{ "refuse", "bool", 0, 0, "false", "Whether to refuse", false },
	{ 0 },
};

static const struct param slow_query[] = {
	{ "ms", "int", 0, 600000, "0", "How long", false },
	{ 0 },
};

static const struct param big_query[] = {
	{ "bytes", "int", 0, 1073741824, NULL, "How many", true },
	{ 0 },
};

static const struct param long_query[] = {
	{ "n", "int", 0, 1000000000, "10", "How many", false },
	{ "pause_ms", "int", 0, 60000, "0", "Between two", false },
	{ "fail", "bool", 0, 0, "false", "How it ends", false },
	{ 0 },
};

#define ALL            .role = ROLE_VIEWER, .scope = SCOPE_READ
#define DOC(id, table) .doc = { id, "For tests", NULL, table, NULL, NULL, "200", NULL }

static const struct route routes[] = {
	{ .method = M_GET,
		.path = "/t/hello",
		.fn = hello,
		ALL,
		.run = RUN_INLINE,
		DOC("hello", NULL) },
	{ .method = M_GET, .path = "/t/hello-worker", .fn = hello, ALL, DOC("helloWorker", NULL) },
	{ .method = M_POST,
		.path = "/t/json",
		.fn = echo_json,
		ALL,
		.body = BODY_JSON,
		.run = RUN_INLINE,
		DOC("json", NULL) },
	{ .method = M_POST,
		.path = "/t/json-worker",
		.fn = echo_json,
		ALL,
		.body = BODY_JSON,
		DOC("jsonWorker", NULL) },
	{ .method = M_POST,
		.path = "/t/raw",
		.fn = raw,
		ALL,
		.body = BODY_RAW_JSON,
		.run = RUN_INLINE,
		DOC("raw", NULL) },
	{ .method = M_POST,
		.path = "/t/made",
		.fn = work,
		ALL,
		.body = BODY_MAYBE_JSON,
		.flags = ROUTE_IDEMPOTENT,
		DOC("work", work_query) },
	{ .method = M_POST,
		.path = "/t/upload",
		.fn = upload,
		.role = ROLE_REP,
		.scope = SCOPE_UPLOAD,
		.rate = RATE_UPLOAD,
		.body = BODY_UPLOAD,
		.doc = { "upload", "For tests", NULL,
			(const struct param[]){
				{ "filename", "str", 0, 255, NULL, "Name", false }, { 0 } },
			NULL, NULL, "200", NULL } },
	{ .method = M_POST,
		.path = "/t/form",
		.fn = form,
		ALL,
		.body = BODY_FORM,
		DOC("form", NULL) },
	{ .method = M_GET, .path = "/t/items/{id}", .fn = item, ALL, DOC("item", item_query) },
	{ .method = M_GET, .path = "/t/items/special", .fn = hello, ALL, DOC("special", NULL) },
	{ .method = M_GET, .path = "/t/tagged", .fn = tagged, ALL, DOC("tagged", NULL) },
	{ .method = M_PATCH,
		.path = "/t/tagged",
		.fn = change,
		ALL,
		.body = BODY_MAYBE_JSON,
		DOC("change", NULL) },
	{ .method = M_GET, .path = "/t/slow", .fn = slow, ALL, DOC("slow", slow_query) },
	{ .method = M_GET, .path = "/t/big", .fn = big, ALL, DOC("big", big_query) },
	{ .method = M_GET, .path = "/t/file", .fn = file, ALL, DOC("file", NULL) },
	{ .method = M_GET, .path = "/t/stream", .fn = stream, ALL, DOC("stream", long_query) },
	{ .method = M_GET,
		.path = "/t/export",
		.fn = stream,
		ALL,
		.rate = RATE_EXPORT,
		DOC("export", long_query) },
	{ .method = M_GET,
		.path = "/t/events",
		.fn = events,
		ALL,
		.flags = ROUTE_EVENTS,
		DOC("events", long_query) },
	{ .method = M_GET,
		.path = "/t/admin",
		.fn = whoami,
		.role = ROLE_ADMIN,
		.scope = SCOPE_ADMIN,
		.run = RUN_INLINE,
		DOC("admin", NULL) },
	{ .method = M_GET,
		.path = "/t/whoami",
		.fn = whoami,
		ALL,
		.run = RUN_INLINE,
		DOC("whoami", NULL) },
	{ .method = M_POST,
		.path = "/t/login",
		.fn = hello,
		.role = ROLE_PUBLIC,
		.public_why = "tests",
		.rate = RATE_LOGIN,
		.run = RUN_INLINE,
		.body = BODY_MAYBE_JSON,
		DOC("login", NULL) },
	{ .method = M_GET,
		.path = "/t/state",
		.fn = state,
		.role = ROLE_PUBLIC,
		.public_why = "tests",
		.rate = RATE_NONE,
		.run = RUN_INLINE,
		DOC("state", NULL) },
	{ .method = M_GET,
		.path = "/metrics",
		.fn = metrics,
		.role = ROLE_PUBLIC,
		.public_why = "tests",
		.rate = RATE_NONE,
		.run = RUN_INLINE,
		DOC("metrics", NULL) },
	{ 0 },
};

static const struct route_set set = { "Tests", "For tests", routes, NULL };
static const struct route_set *const sets[] = { &set, NULL };

/* "Bearer ROLE" is a person, "Bearer key:SCOPE" an API key of an admin. */
static int authenticate(void *app, struct req *r, struct caller *who, struct err *e)
{
	struct str given = req_header(r, "Authorization");
	char word[32];

	if (given.n == 0)
		return 0;
	if (!str_starts(given, S("Bearer ")) || given.n - 7 >= sizeof(word))
		return err_set(e, ERR_AUTH, "this is no key of ours");
	memcpy(word, given.p + 7, given.n - 7);
	word[given.n - 7] = '\0';
	if (strncmp(word, "key:", 4) == 0) {
		who->role = ROLE_ADMIN;
		who->scopes = (unsigned)scope_of(word + 4);
		strcpy(who->key_id, "key");
		return 0;
	}
	if (role_of(word) == ROLE_UNSET)
		return err_set(e, ERR_AUTH, "this is no key of ours");
	who->role = role_of(word);
	who->scopes = SCOPE_ALL;
	strcpy(who->user_id, word);
	return 0;
}

static const struct {
	const char *name;
	size_t at;
	bool is64, is_double;
} fields[] = {
#define U(f) \
	{ \
#f, offsetof(struct server_limits, f), false, false \
	}
#define L(f) \
	{ \
#f, offsetof(struct server_limits, f), true, false \
	}
#define D(f) \
	{ \
#f, offsetof(struct server_limits, f), false, true \
	}
	L(json_body),
	L(upload_body),
	L(request_memory),
	U(header_s),
	U(keep_alive_s),
	U(keep_alive_requests),
	U(body_idle_s),
	U(body_grace_s),
	U(body_window_s),
	U(body_rate),
	U(write_stall_s),
	U(connections),
	U(connections_per_address),
	U(handler_s),
	U(slow_handler_s),
	U(queue),
	U(streams),
	U(events),
	U(drain_s),
	D(api_rate),
	D(api_burst),
	D(login_rate),
	D(setup_rate),
	U(uploads),
	U(uploads_per_caller),
	U(exports_per_caller),
};

static void set_limit(struct server_opts *o, const char *arg)
{
	const char *eq = strchr(arg, '=');
	size_t n = eq != NULL ? (size_t)(eq - arg) : 0;

	if (eq != NULL && strncmp(arg, "workers", n) == 0 && n == 7) {
		o->workers = (unsigned)atoi(eq + 1);
		return;
	}
	if (eq != NULL && strncmp(arg, "http_threads", n) == 0 && n == 12) {
		o->http_threads = (unsigned)atoi(eq + 1);
		return;
	}
	for (size_t i = 0; eq != NULL && i < sizeof(fields) / sizeof(fields[0]); i++) {
		char *at = (char *)&o->limits + fields[i].at;
		uint64_t v = strtoull(eq + 1, NULL, 10);
		unsigned u = (unsigned)v;
		double d = atof(eq + 1);

		if (strlen(fields[i].name) != n || strncmp(fields[i].name, arg, n) != 0)
			continue;
		if (fields[i].is64)
			memcpy(at, &v, sizeof(v));
		else if (fields[i].is_double)
			memcpy(at, &d, sizeof(d));
		else
			memcpy(at, &u, sizeof(u));
		return;
	}
	fprintf(stderr, "testserver: what is %s?\n", arg);
	exit(2);
}

/* 64 MiB that take no room: for clients that do not read. */
static bool make_file(const char *dir)
{
	int fd;

	snprintf(big_file, sizeof(big_file), "%s/big", dir);
	if ((fd = open(big_file, O_CREAT | O_WRONLY, 0600)) == -1 || ftruncate(fd, 64 << 20) == -1)
		return false;
	close(fd);
	return true;
}

int main(int argc, char **argv)
{
	char dir[] = "/tmp/heatscore-test-XXXXXX";
	struct err e = { 0 };
	struct server_opts o = { .listen = "127.0.0.1:0", .sets = sets };
	struct idem_memory *idem = idem_memory_new(&e);
	struct server *s;
	sigset_t signals;
	int sig;

	server_limits_default(&o.limits);
	log_set(LOG_LEVEL_WARN, LOG_FORMAT_JSON);
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--auth") == 0)
			o.authenticate = authenticate;
		else if (strcmp(argv[i], "--log") == 0)
			log_set(LOG_LEVEL_INFO, LOG_FORMAT_JSON);
		else if (strcmp(argv[i], "--debug") == 0)
			log_set(LOG_LEVEL_DEBUG, LOG_FORMAT_TEXT);
		else if (strcmp(argv[i], "--web") == 0 && i + 1 < argc)
			o.web_dir = argv[++i];
		else if (strcmp(argv[i], "--tls") == 0 && i + 2 < argc)
			o.tls_cert = argv[i + 1], o.tls_key = argv[i + 2], i += 2;
		else
			set_limit(&o, argv[i]);
	}
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (mkdtemp(dir) == NULL || idem == NULL || log_start(&e) == -1 || !make_file(dir))
		return 1;
	o.upload_dir = dir;
	o.idem = idem_memory_hooks(idem);
	if ((s = server_start(&o, &e)) == NULL) {
		fprintf(stderr, "testserver: %s\n", e.msg);
		rmdir(dir);
		return 1;
	}
	fprintf(stderr, "listening on %s\n", server_address(s));
	while (sigwait(&signals, &sig) == 0 && sig == SIGHUP)
		if (server_reload(s, &e) == -1)
			fprintf(stderr, "testserver: %s\n", e.msg);
	server_free(s);
	log_stop();
	idem_memory_free(idem);
	unlink(big_file);
	/* Every body's file is gone by now, and every context has been given back. */
	if (rmdir(dir) == -1 || atomic_load(&contexts) != 0) {
		fprintf(stderr, "testserver: something is left\n");
		return 3;
	}
	return 0;
}
