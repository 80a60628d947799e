/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

#include "util/err.h"
#include "util/source.h"

enum { ZIPPED = 64 * 1024, COPY = 256 * 1024 };

struct source {
	int fd;         /* -1: memory */
	struct str mem; /* borrowed */
	uint64_t base;  /* where it begins in ${fd} */
	uint64_t size, at;
	size_t chunk; /* most bytes per read */
	bool gzip;
	/* gzip only */
	z_stream z;
	bool z_open, z_between; /* between members: at least one is whole, none is begun */
	char *zipped;
};

static int fail(struct err *e, const char *verb)
{
	enum err_code code = ERR_IO;

	if (errno == ENOENT || errno == ENOTDIR)
		code = ERR_NOT_FOUND;
	else if (errno == EACCES || errno == EPERM)
		code = ERR_PERM;
	return err_set(e, code, "cannot be %s: %s", verb, strerror(errno));
}

static ptrdiff_t raw_at(const struct source *s, uint64_t at, char *to, size_t n, struct err *e)
{
	ssize_t got;

	if (at >= s->size)
		return 0;
	if (n > s->size - at)
		n = (size_t)(s->size - at);
	if (s->fd == -1) {
		memcpy(to, s->mem.p + at, n);
		return (ptrdiff_t)n;
	}
	while ((got = pread(s->fd, to, n, (off_t)(s->base + at))) == -1 && errno == EINTR)
		;
	return got == -1 ? fail(e, "read") : got;
}

/* Copy what ${fd} gives to a file without a name. Takes ${fd}; the new descriptor or -1. */
static int spool(int fd, struct err *e)
{
	const char *dir = getenv("TMPDIR");
	char name[4096], *block = NULL;
	ssize_t n = 0;
	int tmp = -1, rc = -1;

	if (dir == NULL || dir[0] == '\0')
		dir = "/tmp";
	if (snprintf(name, sizeof(name), "%s/heatscore-XXXXXX", dir) >= (int)sizeof(name) ||
		(tmp = mkostemp(name, O_CLOEXEC)) == -1) {
		err_set(e, ERR_IO, "cannot be kept in %s for reading it twice: %s", dir,
			strerror(errno));
		goto done;
	}
	unlink(name);
	if ((block = malloc(COPY)) == NULL) {
		err_nomem(e);
		goto done;
	}
	for (;;) {
		if ((n = read(fd, block, COPY)) == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		for (ssize_t at = 0, put; at < n; at += put) {
			if ((put = write(tmp, block + at, (size_t)(n - at))) == -1 &&
				errno == EINTR)
				put = 0;
			if (put == -1) {
				err_set(e, ERR_IO, "cannot be kept in %s for reading it twice: %s",
					dir, strerror(errno));
				goto done;
			}
		}
	}
	rc = n == -1 ? fail(e, "read") : 0;
done:
	free(block);
	close(fd);
	if (rc == -1 && tmp != -1)
		close(tmp);
	return rc == -1 ? -1 : tmp;
}

/* Is it gzip? Then make ready to undo it. Takes ${s} on failure. */
static struct source *begin(struct source *s, struct err *e)
{
	unsigned char magic[3];
	ptrdiff_t n = raw_at(s, 0, (char *)magic, sizeof(magic), e);

	if (n == -1)
		goto fail;
	s->chunk = SIZE_MAX;
	s->gzip = n == 3 && magic[0] == 0x1F && magic[1] == 0x8B && magic[2] == 8;
	if (s->gzip) {
		if ((s->zipped = malloc(ZIPPED)) == NULL || inflateInit2(&s->z, 15 + 16) != Z_OK) {
			err_nomem(e);
			goto fail;
		}
		s->z_open = true;
	}
	return s;
fail:
	source_free(s);
	return NULL;
}

struct source *source_open(const char *path, struct err *e)
{
	struct source *s = calloc(1, sizeof(*s));
	struct stat st;
	off_t from;

	if (s == NULL) {
		err_nomem(e);
		return NULL;
	}
	if (strcmp(path, "-") == 0)
		s->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	else
		s->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (s->fd == -1 || fstat(s->fd, &st) == -1) {
		fail(e, "opened");
		goto fail;
	}
	if (S_ISDIR(st.st_mode)) {
		err_set(e, ERR_INPUT, "is a folder, not a file");
		goto fail;
	}
	if (!S_ISREG(st.st_mode)) {
		if ((s->fd = spool(s->fd, e)) == -1)
			goto fail;
		if (fstat(s->fd, &st) == -1) {
			fail(e, "read");
			goto fail;
		}
	} else if (strcmp(path, "-") == 0 && (from = lseek(s->fd, 0, SEEK_CUR)) > 0)
		s->base = from < st.st_size ? (uint64_t)from : (uint64_t)st.st_size;
	s->size = (uint64_t)st.st_size - s->base;
	posix_fadvise(s->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return begin(s, e);
fail:
	source_free(s);
	return NULL;
}

struct source *source_bytes(struct str bytes, struct err *e)
{
	struct source *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		err_nomem(e);
		return NULL;
	}
	s->fd = -1;
	s->mem = bytes;
	s->size = bytes.n;
	return begin(s, e);
}

struct source *source_again(const struct source *s, struct err *e)
{
	struct source *copy;

	if (s->fd == -1)
		return source_bytes(s->mem, e);
	if ((copy = calloc(1, sizeof(*copy))) == NULL) {
		err_nomem(e);
		return NULL;
	}
	copy->size = s->size;
	copy->base = s->base;
	if ((copy->fd = fcntl(s->fd, F_DUPFD_CLOEXEC, 3)) == -1) {
		fail(e, "read a second time");
		source_free(copy);
		return NULL;
	}
	return begin(copy, e);
}

void source_free(struct source *s)
{
	if (s == NULL)
		return;
	if (s->z_open)
		inflateEnd(&s->z);
	free(s->zipped);
	if (s->fd != -1)
		close(s->fd);
	free(s);
}

static int gzip_cut(struct err *e)
{
	return err_set(e, ERR_INPUT,
		"is a gzip archive that ends early: the download or copy was cut, get it again");
}

/* More compressed bytes into the inflater; 0 also when there are none. */
static int gzip_fill(struct source *s, struct err *e)
{
	ptrdiff_t n;

	if (s->z.avail_in != 0)
		return 0;
	if ((n = raw_at(s, s->at, s->zipped, s->chunk < ZIPPED ? s->chunk : ZIPPED, e)) == -1)
		return -1;
	s->at += (uint64_t)n;
	s->z.next_in = (unsigned char *)s->zipped;
	s->z.avail_in = (unsigned)n;
	return 0;
}

/* Behind a member: 1 when another begins, 0 at the end. What follows the last one and is no gzip
 * (padding) is left alone, as gzip does. */
static int gzip_next_member(struct source *s, struct err *e)
{
	if (gzip_fill(s, e) == -1)
		return -1;
	if (s->z.avail_in == 0 || *s->z.next_in != 0x1F)
		return 0;
	inflateReset(&s->z);
	s->z_between = false;
	return 1;
}

static ptrdiff_t gzip_read(struct source *s, char *to, size_t n, struct err *e)
{
	int rc;

	if (n > 1 << 30)
		n = 1 << 30;
	for (;;) {
		size_t got;

		if (s->z_between && (rc = gzip_next_member(s, e)) <= 0)
			return rc;
		if (gzip_fill(s, e) == -1)
			return -1;
		if (s->z.avail_in == 0)
			return gzip_cut(e);
		s->z.next_out = (unsigned char *)to;
		s->z.avail_out = (unsigned)n;
		rc = inflate(&s->z, Z_NO_FLUSH);
		got = n - s->z.avail_out;
		if (rc == Z_STREAM_END)
			s->z_between = true;
		else if (rc == Z_MEM_ERROR)
			return err_nomem(e);
		else if (rc != Z_OK && rc != Z_BUF_ERROR)
			return err_set(e, ERR_INPUT,
				"is a damaged gzip archive (%s): get the file again",
				s->z.msg != NULL ? s->z.msg : "bad data");
		if (got != 0)
			return (ptrdiff_t)got;
	}
}

ptrdiff_t source_read(struct source *s, char *to, size_t n, struct err *e)
{
	ptrdiff_t got;

	if (n > s->chunk)
		n = s->chunk;
	if (n == 0)
		return 0;
	if (s->gzip)
		return gzip_read(s, to, n, e);
	if ((got = raw_at(s, s->at, to, n, e)) > 0)
		s->at += (uint64_t)got;
	return got;
}

int source_rewind(struct source *s, struct err *e)
{
	s->at = 0;
	if (s->gzip) {
		s->z.avail_in = 0;
		s->z_between = false;
		if (inflateReset(&s->z) != Z_OK)
			return err_nomem(e);
	}
	return 0;
}

ptrdiff_t source_at(const struct source *s, uint64_t at, char *to, size_t n, struct err *e)
{
	return raw_at(s, at, to, n, e);
}

uint64_t source_size(const struct source *s)
{
	return s->size;
}

bool source_gzip(const struct source *s)
{
	return s->gzip;
}

double source_progress(const struct source *s)
{
	if (s->size == 0 || s->at >= s->size)
		return 1;
	return (double)s->at / (double)s->size;
}

void source_chunk(struct source *s, size_t n)
{
	s->chunk = n;
}
