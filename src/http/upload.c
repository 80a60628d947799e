/* SPDX-License-Identifier: Apache-2.0 */
/* The bodies of uploads: collected in one buffer of a fixed size by the socket thread, written to
 * disk by a worker whenever it is full. Memory does not follow the size of the body. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/multipart.h"
#include "http/request_internal.h"
#include "http/server_internal.h"
#include "http/uri.h"
#include "util/digest.h"
#include "util/err.h"
#include "util/file.h"

#define BUFFER_BYTES ((size_t)256 * 1024)
#define FIELD_BYTES  ((size_t)64 * 1024) /* a part that is no file */
#define FIELDS_MAX   32

struct upload {
	struct req *r;
	char *path;
	int fd;
	off_t sent; /* bytes of it that are on their way to the disk */
	struct digest *digest;
	struct multipart *multipart; /* NULL: the body is the file */
	char *buffer;
	size_t used;
	bool in_file, seen_file, taken;
	struct buf field; /* of the part being read */
	bool failed;
	struct err why;
};

static int io_failed(struct err *e, int why)
{
	if (why == ENOSPC || why == EDQUOT)
		return err_set(e, ERR_FULL, "there is no room left to keep the upload");
	return err_set(e, ERR_IO, "the upload cannot be kept: %s", strerror(why));
}

static int write_file(struct upload *u, struct str s, struct err *e)
{
	digest_add(u->digest, s);
	u->r->file.bytes += s.n;
	while (s.n != 0) {
		ssize_t n = write(u->fd, s.p, s.n);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return io_failed(e, errno);
		s = str_sub(s, (size_t)n, s.n);
	}
	return 0;
}

/* The last piece of a name that may be a path of some other system. */
static struct str base_name(struct str s)
{
	for (size_t i = s.n; i != 0; i--)
		if (s.p[i - 1] == '/' || s.p[i - 1] == '\\')
			return str_sub(s, i, s.n);
	return s;
}

static int keep(struct req *r, struct str s, struct str *out, struct err *e)
{
	out->n = s.n;
	if ((out->p = arena_dup(&r->mem, s)) == NULL)
		return err_set(e, ERR_LIMIT, "the request takes too much memory");
	return 0;
}

static int begin(void *ctx, const struct part *p, struct err *e)
{
	struct upload *u = ctx;
	struct req *r = u->r;

	u->in_file = str_eq(p->name, S("file"));
	if (u->in_file) {
		if (u->seen_file)
			return err_set(e, ERR_REQUEST, "there are two parts named file");
		u->seen_file = true;
		return keep(r, base_name(p->filename), &r->file.name, e) == -1 ||
				       keep(r, p->type, &r->file.type, e) == -1
			       ? -1
			       : 0;
	}
	buf_reset(&u->field);
	if (r->parts == NULL &&
		(r->parts = arena_array(&r->mem, FIELDS_MAX, sizeof(*r->parts))) == NULL)
		return err_set(e, ERR_LIMIT, "the request takes too much memory");
	return keep(r, p->name, &r->parts[r->n_parts].name, e);
}

static int data(void *ctx, struct str bytes, struct err *e)
{
	struct upload *u = ctx;

	if (u->in_file)
		return write_file(u, bytes, e);
	if (u->field.n + bytes.n > FIELD_BYTES)
		return err_set(e, ERR_LIMIT, "a part that is no file is longer than 64 KiB");
	buf_str(&u->field, bytes);
	return buf_done(&u->field, e);
}

static int end(void *ctx, struct err *e)
{
	struct upload *u = ctx;
	struct req *r = u->r;

	if (u->in_file)
		return 0;
	if (keep(r, buf_view(&u->field), &r->parts[r->n_parts].value, e) == -1)
		return -1;
	r->n_parts++;
	return 0;
}

static int open_file(struct upload *u, struct err *e)
{
	const char *dir = u->r->server->o.upload_dir;
	struct buf path = { 0 };

	buf_fmt(&path, "%s/body-%s", dir, u->r->trace.request_id);
	if ((u->path = buf_take(&path, e)) == NULL)
		return -1;
	u->fd = open(u->path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	return u->fd == -1 ? io_failed(e, errno) : 0;
}

static int open_multipart(struct upload *u, struct err *e)
{
	struct multipart_hooks hooks = { u, begin, data, end };
	struct str type = u->r->framing.type, boundary;

	if (!str_startsi(type, S("multipart/"))) {
		u->in_file = u->seen_file = true;
		u->r->file.type = type;
		return 0;
	}
	if (!str_startsi(type, S("multipart/form-data")))
		return err_set(e, ERR_MEDIA, "of multipart only form-data is taken");
	if (multipart_boundary(type, &boundary, e) == -1)
		return -1;
	return (u->multipart = multipart_new(boundary, &hooks, e)) == NULL ? -1 : 0;
}

int upload_begin(struct req *r, struct err *e)
{
	struct upload *u = calloc(1, sizeof(*u));

	if (u == NULL)
		return err_nomem(e);
	u->fd = -1;
	u->r = r;
	r->upload = u;
	memset(&r->file, 0, sizeof(r->file));
	if ((u->buffer = malloc(BUFFER_BYTES)) == NULL)
		return err_nomem(e);
	if ((u->digest = digest_new(e)) == NULL || open_file(u, e) == -1)
		return -1;
	return open_multipart(u, e);
}

size_t upload_take(struct req *r, const char *p, size_t n)
{
	struct upload *u = r->upload;
	size_t room = BUFFER_BYTES - u->used;

	if (u->failed)
		return n; /* the rest of a body that will be refused */
	n = n < room ? n : room;
	memcpy(u->buffer + u->used, p, n);
	u->used += n;
	return n;
}

bool upload_full(const struct req *r)
{
	return r->upload->used == BUFFER_BYTES;
}

const struct err *upload_error(const struct req *r)
{
	return r->upload->failed ? &r->upload->why : NULL;
}

/* What was written goes on its way to the disk while the next piece comes, so that the sync at the
 * end, for which the sender waits, finds little left. Where that cannot be, that sync does it all.
 */
static void send_on(struct upload *u)
{
	off_t at = (off_t)u->r->file.bytes;

	if (at > u->sent)
		sync_file_range(u->fd, u->sent, at - u->sent, SYNC_FILE_RANGE_WRITE);
	u->sent = at;
}

int upload_flush(struct req *r, struct err *e)
{
	struct upload *u = r->upload;
	struct str piece = { u->buffer, u->used };
	int rc;

	u->used = 0;
	if (u->failed) {
		*e = u->why;
		return -1;
	}
	rc = u->multipart != NULL ? multipart_feed(u->multipart, piece, e)
				  : write_file(u, piece, e);
	if (rc == -1) {
		u->failed = true;
		u->why = *e;
	} else {
		send_on(u);
	}
	return rc;
}

/* ?filename= of a body that is the file itself. */
static int name_of_query(struct req *r, struct err *e)
{
	struct str q = r->query, key, value;

	while (uri_pair(&q, &key, &value))
		if (str_eq(key, S("filename"))) {
			if (uri_decode(&r->mem, value, true, &value, e) == -1)
				return -1;
			r->file.name = base_name(value);
		}
	return 0;
}

int upload_finish(struct req *r, struct err *e)
{
	struct upload *u = r->upload;

	if (upload_flush(r, e) == -1)
		return -1;
	if (u->multipart != NULL && multipart_end(u->multipart, e) == -1)
		return -1;
	if (r->file.name.n == 0 && name_of_query(r, e) == -1)
		return -1;
	if (close(u->fd) == -1) {
		u->fd = -1;
		return io_failed(e, errno);
	}
	u->fd = -1;
	digest_hex(u->digest, r->file.sha256);
	r->file.path = u->path;
	r->has_file = u->seen_file && (u->multipart != NULL || r->file.bytes != 0);
	return 0;
}

int req_file_take(struct req *r, const char *to, struct err *e)
{
	struct upload *u = r->upload;

	ASSERT(r->has_file && !u->taken);
	if (file_move(u->path, to, NULL) == -1) {
		int why = errno;

		unlink(to);
		return io_failed(e, why);
	}
	u->taken = true;
	r->file.path = NULL;
	return 0;
}

void upload_free(struct req *r)
{
	struct upload *u = r->upload;

	if (u == NULL)
		return;
	r->upload = NULL;
	if (u->fd != -1)
		close(u->fd);
	if (u->path != NULL && !u->taken)
		unlink(u->path);
	multipart_free(u->multipart);
	digest_free(u->digest);
	buf_clear(&u->field);
	free(u->buffer);
	free(u->path);
	free(u);
}
