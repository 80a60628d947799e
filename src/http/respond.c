/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "http/request_internal.h"
#include "http/respond.h"
#include "http/server_internal.h"
#include "util/err.h"
#include "util/json.h"

#define FAULTS_MAX 100

const char answer_json_type[] = "application/json";

/* The bytes and the file; streams belong to the socket side once it has seen them. */
void answer_clear(struct answer *a)
{
	if (a->fd != -1)
		close(a->fd);
	if (a->stream != NULL)
		stream_drop(a->stream);
	if (a->events != NULL)
		events_drop(a->events);
	buf_clear(&a->bytes);
	memset(a, 0, sizeof(*a));
	a->fd = -1;
}

/* Only one answer: a second is a mistake of ours. */
static struct answer *fresh(struct req *r, enum answer_kind kind, int status, const char *type)
{
	struct answer *a = &r->answer;

	ASSERT(a->kind == ANSWER_NONE);
	a->kind = kind;
	a->status = status;
	a->type = type;
	return a;
}

static int finish(struct req *r, struct err *e)
{
	if (!r->answer.nomem)
		return 0;
	r->answer.kind = ANSWER_NONE;
	return err_nomem(e);
}

int respond_bytes(struct req *r, int status, const char *type, struct buf *b, struct err *e)
{
	struct answer *a;

	if (buf_done(b, e) == -1) {
		buf_clear(b);
		return -1;
	}
	a = fresh(r, ANSWER_BYTES, status, type);
	a->bytes = *b;
	memset(b, 0, sizeof(*b));
	return finish(r, e);
}

int respond_json(struct req *r, int status, struct buf *b, struct err *e)
{
	return respond_bytes(r, status, answer_json_type, b, e);
}

int respond_static(struct req *r, int status, const char *type, struct str text, struct err *e)
{
	fresh(r, ANSWER_STATIC, status, type)->text = text;
	return finish(r, e);
}

int respond_empty(struct req *r, int status, struct err *e)
{
	fresh(r, ANSWER_STATIC, status, NULL)->text = S("");
	return finish(r, e);
}

static void add_header(struct req *r, const char *name, const char *value)
{
	struct answer *a = &r->answer;

	ASSERT(value == NULL || strpbrk(value, "\r\n") == NULL);
	if (value == NULL || a->n_headers == ANSWER_HEADERS) {
		a->nomem = true;
		return;
	}
	a->headers[a->n_headers].name = name;
	a->headers[a->n_headers++].value = value;
}

void respond_header(struct req *r, const char *name, const char *fmt, ...)
{
	char *value = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n >= 0 && (value = arena_alloc(&r->mem, (size_t)n + 1)) != NULL) {
		va_start(ap, fmt);
		vsnprintf(value, (size_t)n + 1, fmt, ap);
		va_end(ap);
	}
	add_header(r, name, value);
	if (value != NULL && strcmp(name, "Location") == 0)
		r->answer.location = value;
}

int respond_redirect(struct req *r, int status, const char *to, struct err *e)
{
	respond_header(r, "Location", "%s", to);
	return respond_empty(r, status, e);
}

int respond_accepted(struct req *r, const char *where, struct buf *b, struct err *e)
{
	respond_header(r, "Location", "%s", where);
	return respond_json(r, 202, b, e);
}

int respond_created(struct req *r, const char *where, struct buf *b, struct err *e)
{
	respond_header(r, "Location", "%s", where);
	return respond_json(r, 201, b, e);
}

/* RFC 6266: an ASCII stand-in, and the name itself as RFC 8187 has it. */
void respond_attachment(struct req *r, struct str name)
{
	static const char hex[] = "0123456789ABCDEF";
	struct buf b = { 0 };

	buf_z(&b, "attachment; filename=\"");
	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];

		buf_c(&b,
			c < ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '/' ? '_' : (char)c);
	}
	buf_z(&b, "\"; filename*=UTF-8''");
	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			c == '.' || c == '-' || c == '_') {
			buf_c(&b, (char)c);
		} else {
			buf_c(&b, '%');
			buf_c(&b, hex[c >> 4]);
			buf_c(&b, hex[c & 15]);
		}
	}
	if (b.failed)
		r->answer.nomem = true;
	else
		respond_header(r, "Content-Disposition", STR_FMT, STR_ARG(buf_view(&b)));
	buf_clear(&b);
}

void respond_fault(struct req *r, const char *pointer, const char *fmt, ...)
{
	struct jw w = { .b = &r->faults };
	char detail[512];
	va_list ap;

	if (r->n_faults++ >= FAULTS_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	if (r->faults.n != 0)
		buf_c(&r->faults, ',');
	jw_obj(&w);
	jw_kz(&w, "pointer", pointer);
	jw_kz(&w, "detail", detail);
	jw_end_obj(&w);
}

size_t respond_faults(const struct req *r)
{
	return r->n_faults;
}

void respond_extra(struct req *r, const char *key, struct str json)
{
	struct jw w = { .b = &r->extra };

	buf_c(&r->extra, ',');
	jw_z(&w, key);
	buf_c(&r->extra, ':');
	buf_str(&r->extra, json);
}

void respond_status(struct req *r, int status)
{
	r->status = status;
}

static void problem_members(struct jw *w, int status, const char *type, const char *title,
	const char *detail, const char *request_id)
{
	jw_kz(w, "type", type != NULL ? type : "about:blank");
	jw_kz(w, "title", title);
	jw_kint(w, "status", status);
	if (detail != NULL && detail[0] != '\0')
		jw_kz(w, "detail", detail);
	if (request_id != NULL)
		jw_kz(w, "request_id", request_id);
}

void problem_write(struct buf *b, int status, const char *type, const char *title,
	const char *detail, const char *request_id)
{
	struct jw w = { .b = b };

	jw_obj(&w);
	problem_members(&w, status, type, title, detail, request_id);
	jw_end_obj(&w);
}

/* "errors" and what respond_extra added, before the closing brace. */
static void problem_more(struct req *r, struct buf *b)
{
	if (b->failed || b->n == 0)
		return;
	b->n--;
	if (r->n_faults != 0 && !r->faults.failed) {
		buf_z(b, ",\"errors\":[");
		buf_str(b, buf_view(&r->faults));
		buf_c(b, ']');
		if (r->n_faults > FAULTS_MAX)
			buf_fmt(b, ",\"errors_total\":%zu", r->n_faults);
	}
	if (!r->extra.failed)
		buf_str(b, buf_view(&r->extra));
	buf_c(b, '}');
}

void answer_problem(struct req *r, int status, const struct err *e)
{
	static const char last[] =
		"{\"type\":\"about:blank\",\"title\":\"Out of memory\",\"status\":503}";
	struct buf b = { 0 };
	bool nomem = r->answer.nomem, shut = r->answer.close;

	if (nomem || r->answer.kind != ANSWER_NONE) {
		answer_clear(&r->answer);
		r->answer.close = shut;
	}
	problem_write(&b, status, NULL, err_title(e->code), e->msg, r->trace.request_id);
	problem_more(r, &b);
	r->answer.status = status;
	r->answer.type = "application/problem+json";
	if (b.failed) {
		buf_clear(&b);
		r->answer.kind = ANSWER_STATIC;
		r->answer.status = 503;
		r->answer.text = S(last);
	} else {
		r->answer.kind = ANSWER_BYTES;
		r->answer.bytes = b;
	}
}

int respond_problem(struct req *r, const struct err *e)
{
	answer_problem(r, r->status != 0 ? r->status : err_http(e->code), e);
	return 0;
}

/* Does a list of entity tags (RFC 9110, 8.8.3) have ${tag}? Weak ones count for reads. */
static bool names_tag(struct str list, struct str tag, bool weak)
{
	bool more = list.n != 0;
	struct str one;

	if (str_eq(str_trim(list), S("*")))
		return true;
	while (more) {
		more = str_split(list, ',', &one, &list);
		one = str_trim(one);
		if (str_starts(one, S("W/"))) {
			if (!weak)
				continue;
			one = str_sub(one, 2, one.n);
		}
		if (one.n == tag.n + 2 && one.p[0] == '"' && one.p[one.n - 1] == '"' &&
			memcmp(one.p + 1, tag.p, tag.n) == 0)
			return true;
	}
	return false;
}

bool respond_etag(struct req *r, const char *tag)
{
	respond_header(r, "ETag", "\"%s\"", tag);
	return names_tag(req_header(r, "If-None-Match"), str_of(tag), true);
}

int req_if_match(struct req *r, const char *tag, struct err *e)
{
	struct str list = req_header(r, "If-Match");

	if (list.p == NULL || names_tag(list, str_of(tag), false))
		return 0;
	return err_set(e, ERR_STALE, "it has been changed since it was read");
}

int respond_file(struct req *r, const char *path, const char *type, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	struct answer *a;

	if (fd == -1 || fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
		int why = fd == -1 ? errno : 0;

		if (fd != -1)
			close(fd);
		if (why != 0 && why != ENOENT)
			return err_set(e, ERR_IO, "a file cannot be read: %s", strerror(why));
		return err_set(e, ERR_NOT_FOUND, "the file is not there any more");
	}
	a = fresh(r, ANSWER_FILE, 200, type);
	a->fd = fd;
	a->size = (uint64_t)st.st_size;
	return finish(r, e);
}
