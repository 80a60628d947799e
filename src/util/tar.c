/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/err.h"
#include "util/file.h"
#include "util/tar.h"

enum { BLOCK = 512, CHUNK = 64 * 1024 };

/* Where the fields of a ustar header are. */
enum {
	NAME_AT = 0,
	NAME_BYTES = 100,
	MODE_AT = 100,
	UID_AT = 108,
	GID_AT = 116,
	SIZE_AT = 124,
	SIZE_BYTES = 12,
	TIME_AT = 136,
	SUM_AT = 148,
	TYPE_AT = 156,
	MAGIC_AT = 257
};

static const uint64_t SIZE_OCTAL_MAX = (UINT64_C(1) << 33) - 1;

static unsigned sum_of(const char *h)
{
	unsigned sum = 0;

	for (int i = 0; i < BLOCK; i++)
		sum += i >= SUM_AT && i < SUM_AT + 8 ? ' ' : (unsigned char)h[i];
	return sum;
}

/* --- writing --- */

static void put_size(char *at, uint64_t bytes)
{
	if (bytes <= SIZE_OCTAL_MAX) {
		snprintf(at, SIZE_BYTES, "%011llo", (unsigned long long)bytes);
		return;
	}
	for (int i = SIZE_BYTES - 1; i > 0; i--, bytes >>= 8)
		at[i] = (char)(bytes & 255);
	at[0] = (char)0x80;
}

static int put_header(struct file_out *f, const char *name, uint64_t bytes, struct err *e)
{
	char h[BLOCK] = { 0 };

	ASSERT(strlen(name) < NAME_BYTES);
	snprintf(h + NAME_AT, NAME_BYTES, "%s", name);
	memcpy(h + MODE_AT, "0000600", 8);
	memcpy(h + UID_AT, "0000000", 8);
	memcpy(h + GID_AT, "0000000", 8);
	put_size(h + SIZE_AT, bytes);
	memcpy(h + TIME_AT, "00000000000", 12);
	h[TYPE_AT] = '0';
	memcpy(h + MAGIC_AT,
		"ustar\0"
		"00",
		8);
	snprintf(h + SUM_AT, 8, "%06o", sum_of(h));
	h[SUM_AT + 7] = ' ';
	return file_out_write(f, (struct str){ h, BLOCK }, e);
}

static int put_padding(struct file_out *f, uint64_t bytes, struct err *e)
{
	static const char zeros[BLOCK];

	return file_out_write(
		f, (struct str){ zeros, (size_t)((BLOCK - bytes % BLOCK) % BLOCK) }, e);
}

int tar_put_bytes(struct file_out *f, const char *name, struct str bytes, struct err *e)
{
	if (put_header(f, name, bytes.n, e) == -1 || file_out_write(f, bytes, e) == -1)
		return -1;
	return put_padding(f, bytes.n, e);
}

static int copy(struct file_out *f, int fd, const char *path, uint64_t bytes, struct err *e)
{
	char room[CHUNK];

	while (bytes != 0) {
		size_t want = bytes < CHUNK ? (size_t)bytes : CHUNK;
		ssize_t n = read(fd, room, want);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_set(e, ERR_IO, "cannot read %s: %s", path,
				n == 0 ? "it became shorter" : strerror(errno));
		if (file_out_write(f, (struct str){ room, (size_t)n }, e) == -1)
			return -1;
		bytes -= (uint64_t)n;
	}
	return 0;
}

int tar_put_file(
	struct file_out *f, const char *name, const char *path, uint64_t bytes, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), rc = -1;

	if (fd == -1)
		return err_set(e, errno == EACCES ? ERR_PERM : ERR_IO, "cannot open %s: %s", path,
			strerror(errno));
	if (put_header(f, name, bytes, e) == 0 && copy(f, fd, path, bytes, e) == 0)
		rc = put_padding(f, bytes, e);
	close(fd);
	return rc;
}

int tar_end(struct file_out *f, struct err *e)
{
	static const char zeros[2 * BLOCK];

	return file_out_write(f, (struct str){ zeros, sizeof(zeros) }, e);
}

/* --- reading --- */

struct tar {
	char *path;
	int fd;
	uint64_t total, at; /* bytes of the archive */
	uint64_t left;      /* of the file at hand */
	unsigned padding;   /* behind it */
	bool ended;
};

struct tar *tar_open(const char *path, struct err *e)
{
	struct tar *t = calloc(1, sizeof(*t));
	struct stat sb;

	if (t == NULL || (t->path = strdup(path)) == NULL) {
		free(t);
		err_nomem(e);
		return NULL;
	}
	t->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (t->fd == -1 || fstat(t->fd, &sb) == -1) {
		err_set(e,
			errno == ENOENT   ? ERR_NOT_FOUND
			: errno == EACCES ? ERR_PERM
					  : ERR_IO,
			"cannot open %s: %s", path, strerror(errno));
		tar_close(t);
		return NULL;
	}
	t->total = (uint64_t)sb.st_size;
	return t;
}

void tar_close(struct tar *t)
{
	if (t == NULL)
		return;
	if (t->fd != -1)
		close(t->fd);
	free(t->path);
	free(t);
}

static int damaged(const struct tar *t, const char *what, struct err *e)
{
	return err_set(e, ERR_INPUT, "%s is no whole archive: %s", t->path, what);
}

/* Exactly ${n} bytes, or ERR_INPUT. */
static int read_all(struct tar *t, char *room, size_t n, struct err *e)
{
	for (size_t have = 0; have < n;) {
		ssize_t got = read(t->fd, room + have, n - have);

		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return err_set(e, ERR_IO, "cannot read %s: %s", t->path, strerror(errno));
		if (got == 0)
			return damaged(t, "it is cut short", e);
		have += (size_t)got;
		t->at += (size_t)got;
	}
	return 0;
}

static int skip_rest(struct tar *t, struct err *e)
{
	char room[CHUNK];
	size_t got;

	do {
		if (tar_read(t, room, sizeof(room), &got, e) == -1)
			return -1;
	} while (got != 0);
	if (read_all(t, room, t->padding, e) == -1)
		return -1;
	t->padding = 0;
	return 0;
}

/* A field of octal digits, blanks or zeros around them. */
static bool octal(const char *p, size_t n, uint64_t *out)
{
	bool any = false;

	*out = 0;
	for (size_t i = 0; i < n; i++) {
		if (p[i] >= '0' && p[i] <= '7') {
			*out = *out * 8 + (uint64_t)(p[i] - '0');
			any = true;
		} else if (p[i] == '\0' || (p[i] == ' ' && any)) {
			break;
		} else if (p[i] != ' ') {
			return false;
		}
	}
	return any;
}

static bool size_of(const char *p, uint64_t *out)
{
	if (((unsigned char)p[0] & 0x80) == 0)
		return octal(p, SIZE_BYTES, out);
	*out = 0;
	if ((unsigned char)p[0] != 0x80)
		return false;
	for (int i = 1; i < SIZE_BYTES; i++) {
		if (*out >> 56 != 0)
			return false;
		*out = *out << 8 | (unsigned char)p[i];
	}
	return *out < UINT64_C(1) << 62;
}

/* Plain parts between single slashes, none of them hidden or a step up. */
static bool name_is_plain(const char *name)
{
	const char *part = name;

	if (*name == '\0')
		return false;
	for (const char *p = name;; p++) {
		if (*p != '\0' && *p != '/') {
			if ((unsigned char)*p < ' ' || *p == '\\' || *p == 0x7f)
				return false;
			continue;
		}
		if (p == part || *part == '.')
			return false;
		part = p + 1;
		if (*p == '\0')
			return true;
	}
}

static bool all_zero(const char *h)
{
	for (int i = 0; i < BLOCK; i++)
		if (h[i] != '\0')
			return false;
	return true;
}

int tar_next(struct tar *t, struct tar_entry *out, struct err *e)
{
	uint64_t sum;
	char h[BLOCK];

	if (t->ended)
		return 0;
	if (skip_rest(t, e) == -1 || read_all(t, h, BLOCK, e) == -1)
		return -1;
	if (all_zero(h)) {
		t->ended = true;
		return 0;
	}
	if (memcmp(h + MAGIC_AT, "ustar", 5) != 0 || !octal(h + SUM_AT, 8, &sum) ||
		sum != sum_of(h) || !size_of(h + SIZE_AT, &out->bytes))
		return damaged(t, "a header in it is damaged", e);
	if (h[TYPE_AT] != '0' && h[TYPE_AT] != '\0')
		return damaged(t, "it holds something else than files", e);
	if (h[NAME_AT + NAME_BYTES - 1] != '\0' || h[345] != '\0')
		return damaged(t, "a name in it is too long", e);
	memcpy(out->name, h + NAME_AT, NAME_BYTES);
	if (!name_is_plain(out->name))
		return damaged(t, "a name in it leads elsewhere", e);
	if (out->bytes > t->total - t->at)
		return damaged(t, "it is cut short", e);
	t->left = out->bytes;
	t->padding = (unsigned)((BLOCK - out->bytes % BLOCK) % BLOCK);
	return 1;
}

int tar_read(struct tar *t, char *room, size_t n, size_t *got, struct err *e)
{
	*got = t->left < n ? (size_t)t->left : n;
	if (read_all(t, room, *got, e) == -1)
		return -1;
	t->left -= *got;
	return 0;
}

double tar_progress(const struct tar *t)
{
	return t->total == 0 ? 1 : (double)t->at / (double)t->total;
}
