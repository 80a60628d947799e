/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "http/request_internal.h"
#include "http/respond.h"
#include "http/server_internal.h"
#include "http/static.h"
#include "http/uri.h"
#include "util/err.h"
#include "util/file.h"

#define PATH_BYTES ((size_t)1024)
#define INDEX_MAX  ((size_t)1 << 20)

static const struct {
	const char *end, *type;
} types[] = {
	{ ".html", "text/html; charset=utf-8" },
	{ ".js", "text/javascript; charset=utf-8" },
	{ ".mjs", "text/javascript; charset=utf-8" },
	{ ".css", "text/css; charset=utf-8" },
	{ ".json", "application/json" },
	{ ".webmanifest", "application/manifest+json" },
	{ ".svg", "image/svg+xml" },
	{ ".png", "image/png" },
	{ ".ico", "image/x-icon" },
	{ ".webp", "image/webp" },
	{ ".woff2", "font/woff2" },
	{ ".txt", "text/plain; charset=utf-8" },
	{ ".map", "application/json" },
};

/* NULL: a file that nobody asked us to serve. */
static const char *type_of(struct str path)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (str_ends(path, str_of(types[i].end)))
			return types[i].type;
	return NULL;
}

/* Segments that are neither empty nor start with a dot: nothing above the folder, nothing hidden.
 */
static bool safe(struct str path)
{
	for (size_t i = 0; i < path.n; i++)
		if (path.p[i] == '/' &&
			(i + 1 == path.n || path.p[i + 1] == '.' || path.p[i + 1] == '/'))
			return false;
	return path.n != 0 && path.n < PATH_BYTES / 2 && memchr(path.p, 0, path.n) == NULL;
}

/* The address of a page: no dot in its last segment. */
static bool is_page(struct str path)
{
	for (size_t i = path.n; i != 0 && path.p[i - 1] != '/'; i--)
		if (path.p[i - 1] == '.')
			return false;
	return true;
}

static int try_open(const char *dir, struct str path, const char *twin, struct stat *st)
{
	char full[PATH_BYTES];
	int fd, n = snprintf(full, sizeof(full), "%s" STR_FMT "%s", dir, STR_ARG(path), twin);

	if (n < 0 || (size_t)n >= sizeof(full))
		return -1;
	if ((fd = open(full, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) == -1)
		return -1;
	if (fstat(fd, st) == -1 || !S_ISREG(st->st_mode)) {
		close(fd);
		return -1;
	}
	return fd;
}

static int send_file(struct req *r, struct str path, const char *type, struct err *e)
{
	const char *dir = r->server->o.web_dir, *encoding = NULL;
	struct stat st;
	char tag[48];
	int fd = -1;

	if (r->framing.accepts_br && (fd = try_open(dir, path, ".br", &st)) != -1)
		encoding = "br";
	else if (r->framing.accepts_gzip && (fd = try_open(dir, path, ".gz", &st)) != -1)
		encoding = "gzip";
	else
		fd = try_open(dir, path, "", &st);
	if (fd == -1)
		return err_set(e, ERR_NOT_FOUND, "there is nothing at this address");
	respond_header(r, "Vary", "Accept-Encoding");
	respond_header(r, "Cache-Control", "%s",
		str_starts(path, S("/assets/")) ? "public, max-age=31536000, immutable"
						: "no-cache");
	snprintf(tag, sizeof(tag), "%llx-%llx",
		(unsigned long long)st.st_mtim.tv_sec * 1000000000ULL +
			(unsigned long long)st.st_mtim.tv_nsec,
		(unsigned long long)st.st_size);
	if (respond_etag(r, tag)) {
		close(fd);
		return respond_empty(r, 304, e);
	}
	if (encoding != NULL)
		respond_header(r, "Content-Encoding", "%s", encoding);
	r->answer.kind = ANSWER_FILE;
	r->answer.status = 200;
	r->answer.type = type;
	r->answer.fd = fd;
	r->answer.size = (uint64_t)st.st_size;
	return 0;
}

static void fresh_nonce(char out[33])
{
	unsigned char raw[16];

	if (getrandom(raw, sizeof(raw), 0) != sizeof(raw))
		memset(raw, 0, sizeof(raw)); /* cannot fail for 16 bytes once the system is up */
	for (int i = 0; i < 16; i++)
		snprintf(out + 2 * i, 3, "%02x", raw[i]);
}

static void with_nonce(struct buf *out, struct str page, const char *nonce)
{
	static const struct str mark = { "__CSP_NONCE__", 13 };
	ptrdiff_t at;

	while ((at = str_find(page, mark)) != -1) {
		buf_str(out, str_sub(page, 0, (size_t)at));
		buf_z(out, nonce);
		page = str_sub(page, (size_t)at + mark.n, page.n);
	}
	buf_str(out, page);
}

/* A page of its own while there is no web app, so that an address typed into a browser says
 * what to do next. */
static int no_app(struct req *r, struct err *e)
{
	static const char page[] =
		"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Lead "
		"HeatScore</title></head><body><h1>Lead HeatScore is running</h1><p>The dashboard "
		"is not installed here. The API is described at <a href=\"/docs\">/docs</a>.</p>"
		"</body></html>\n";

	respond_header(r, "Cache-Control", "no-cache");
	return respond_static(r, 200, "text/html; charset=utf-8", S(page), e);
}

static int send_index(struct req *r, struct err *e)
{
	struct buf page = { 0 }, out = { 0 };
	char path[PATH_BYTES], nonce[33];
	char *csp;
	int n;

	if (r->server->o.web_dir == NULL)
		return no_app(r, e);
	n = snprintf(path, sizeof(path), "%s/index.html", r->server->o.web_dir);
	if (n < 0 || (size_t)n >= sizeof(path) || !file_exists(path))
		return no_app(r, e);
	if (file_read(path, INDEX_MAX, &page, e) == -1)
		return -1;
	fresh_nonce(nonce);
	with_nonce(&out, buf_view(&page), nonce);
	buf_clear(&page);
	if ((csp = arena_alloc(&r->mem, 512)) == NULL) {
		buf_clear(&out);
		return err_nomem(e);
	}
	snprintf(csp, 512, SERVER_CSP_FMT, nonce);
	r->answer.csp = csp;
	respond_header(r, "Cache-Control", "no-store");
	return respond_bytes(r, 200, "text/html; charset=utf-8", &out, e);
}

int static_answer(struct req *r, struct err *e)
{
	struct str path;
	const char *type;

	if (uri_decode(&r->mem, r->path, false, &path, e) == -1)
		return -1;
	if (str_eq(path, S("/")) || str_eq(path, S("/index.html")))
		return send_index(r, e);
	if (safe(path) && r->server->o.web_dir != NULL && (type = type_of(path)) != NULL)
		return send_file(r, path, type, e);
	if (is_page(path) && safe(path))
		return send_index(r, e);
	return err_set(e, ERR_NOT_FOUND, "there is nothing at this address");
}
