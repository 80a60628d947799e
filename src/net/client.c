/* SPDX-License-Identifier: Apache-2.0 */
#include "net/client.h"

/* The macros of curl.h that check types want to see calls by name. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/guard.h"
#include "util/err.h"
#include "util/lazy.h"

#define CURL_API(F) \
	F(curl_global_init) \
	F(curl_easy_init) \
	F(curl_easy_setopt) \
	F(curl_easy_perform) F(curl_easy_getinfo) F(curl_easy_strerror) F(curl_easy_cleanup)
LAZY(curl, CURL_API, LAZY_CURL_SONAME);

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start(void)
{
	curl.curl_global_init(CURL_GLOBAL_DEFAULT);
}

struct call {
	const struct client *c;
	struct client_reply *out;
	bool plain;   /* http://: to this machine only */
	bool refused; /* the address is none we may go to */
	bool too_long;
};

/* The address has been resolved: whoever answers for the name now, this is what is connected to. */
static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *at)
{
	struct call *k = ctx;
	bool ok = k->plain ? guard_loopback(&at->addr)
			   : guard_address(&at->addr) ||
				     (k->c->allow_private && !guard_loopback(&at->addr));

	/* A cloud's metadata service is never meant. */
	if (ok && !k->plain && at->family == AF_INET) {
		const uint8_t *b = (const uint8_t *)&at->addr + 4;

		ok = !(b[0] == 169 && b[1] == 254);
	}
	if (!ok) {
		k->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(at->family, at->socktype | SOCK_CLOEXEC, at->protocol);
}

static size_t take(char *p, size_t size, size_t n, void *ctx)
{
	struct call *k = ctx;

	n *= size;
	if (k->out->body.n + n > k->c->max) {
		k->too_long = true;
		return 0;
	}
	buf_bytes(&k->out->body, p, n);
	return k->out->body.failed ? 0 : n;
}

static size_t header(char *p, size_t size, size_t n, void *ctx)
{
	struct call *k = ctx;
	struct str line = { p, size * n };
	ptrdiff_t at = str_findi(line, S("max-age="));

	if (str_startsi(line, S("cache-control:")) && at >= 0) {
		k->out->max_age_s = 0;
		for (size_t i = (size_t)at + 8; i < line.n && line.p[i] >= '0' &&
						line.p[i] <= '9' && k->out->max_age_s < 1000000;
			i++)
			k->out->max_age_s = k->out->max_age_s * 10 + (line.p[i] - '0');
	}
	return size * n;
}

static void set_up(CURL *h, const struct client *c, struct call *k, const char *url, char *why)
{
	curl.curl_easy_setopt(h, CURLOPT_URL, url);
	curl.curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl.curl_easy_setopt(h, CURLOPT_PROXY, "");
	curl.curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
	curl.curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
	curl.curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)c->connect_ms);
	curl.curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)c->total_ms);
	curl.curl_easy_setopt(h, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl.curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl.curl_easy_setopt(h, CURLOPT_OPENSOCKETDATA, k);
	curl.curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take);
	curl.curl_easy_setopt(h, CURLOPT_WRITEDATA, k);
	curl.curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, header);
	curl.curl_easy_setopt(h, CURLOPT_HEADERDATA, k);
	curl.curl_easy_setopt(h, CURLOPT_ERRORBUFFER, why);
	curl.curl_easy_setopt(h, CURLOPT_USERAGENT, "heatscore/" HEATSCORE_VERSION);
	if (c->ca_file != NULL)
		curl.curl_easy_setopt(h, CURLOPT_CAINFO, c->ca_file);
}

static int run(CURL *h, struct call *k, const char *why, struct err *e)
{
	CURLcode rc = curl.curl_easy_perform(h);

	if (rc == CURLE_OK) {
		curl.curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &k->out->status);
		return 0;
	}
	if (k->refused)
		return err_set(e, ERR_UPSTREAM, "it is at an address that requests may not go to");
	if (k->too_long)
		return err_set(e, ERR_UPSTREAM, "the answer is over %zu bytes", k->c->max);
	return err_set(e, ERR_UPSTREAM, "%s", why[0] != '\0' ? why : curl.curl_easy_strerror(rc));
}

static int call(const struct client *c, const char *url, const char *user, const char *password,
	const struct str *body, struct client_reply *out, struct err *e)
{
	struct call k = { .c = c, .out = out, .plain = str_startsi(str_of(url), S("http://")) };
	char why[CURL_ERROR_SIZE] = "";
	CURL *h;
	int rc;

	memset(out, 0, sizeof(*out));
	out->max_age_s = -1;
	if (guard_url(str_of(url), e) == -1)
		return -1;
	if (lazy_load(&curl_library, &curl, e) == -1)
		return -1;
	pthread_once(&once, start);
	if ((h = curl.curl_easy_init()) == NULL)
		return err_nomem(e);
	set_up(h, c, &k, url, why);
	if (body != NULL) {
		curl.curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE, (long)body->n);
		curl.curl_easy_setopt(h, CURLOPT_POSTFIELDS, body->p);
	}
	if (user != NULL) {
		curl.curl_easy_setopt(h, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		curl.curl_easy_setopt(h, CURLOPT_USERNAME, user);
		curl.curl_easy_setopt(h, CURLOPT_PASSWORD, password != NULL ? password : "");
	}
	rc = run(h, &k, why, e);
	curl.curl_easy_cleanup(h);
	if (rc == -1)
		buf_clear(&out->body);
	return rc;
}

int client_get(const struct client *c, const char *url, struct client_reply *out, struct err *e)
{
	return call(c, url, NULL, NULL, NULL, out, e);
}

int client_form(const struct client *c, const char *url, const char *user, const char *password,
	struct str body, struct client_reply *out, struct err *e)
{
	return call(c, url, user, password, &body, out, e);
}

void client_escape(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char ch = s.p[i];

		if ((ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') ||
			(ch >= 'A' && ch <= 'Z') || ch == '-' || ch == '.' || ch == '_' ||
			ch == '~')
			buf_c(b, ch);
		else
			buf_fmt(b, "%%%02X", (unsigned char)ch);
	}
}
