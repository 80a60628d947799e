/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <nettle/sha2.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "util/buf.h"
#include "util/crypto.h"
#include "util/err.h"
#include "util/file.h"

enum { OUT_MAX = 32, OUT_BUF = 256 * 1024, LET_GO = 32 << 20 };

struct file_out {
	char *path, *tmp;
	int fd, slot;
	off_t at, sent; /* written; of that on its way to the disk */
	size_t n;
	char bytes[OUT_BUF];
};

/* The temporary names that exist now, for file_out_abort_all. */
static _Atomic(char *) open_tmps[OUT_MAX];

static int fail(struct err *e, const char *verb, const char *path)
{
	enum err_code code = ERR_IO;

	if (errno == ENOENT)
		code = ERR_NOT_FOUND;
	else if (errno == EACCES || errno == EPERM || errno == EROFS)
		code = ERR_PERM;
	return err_set(e, code, "cannot %s %s: %s", verb, path, strerror(errno));
}

/* The same for something that was to be made: a place that is not there is no missing input. */
static int fail_create(struct err *e, const char *verb, const char *path)
{
	int reason = errno;

	fail(e, verb, path);
	if (e != NULL && (reason == ENOENT || reason == ENOTDIR || reason == ENAMETOOLONG))
		e->code = ERR_CREATE;
	return -1;
}

int file_read(const char *path, size_t max, struct buf *out, struct err *e)
{
	size_t total = 0;
	ssize_t n = 0;
	int fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return fail(e, "open", path);
	for (;;) {
		char *to = buf_reserve(out, 64 * 1024);

		if (to == NULL) {
			close(fd);
			return err_nomem(e);
		}
		if ((n = read(fd, to, 64 * 1024)) == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		out->n += (size_t)n;
		if ((total += (size_t)n) > max) {
			close(fd);
			return err_set(e, ERR_LIMIT, "%s is larger than %zu bytes", path, max);
		}
	}
	if (n == -1)
		fail(e, "read", path);
	close(fd);
	return n == -1 ? -1 : 0;
}

/* Standard output under another name (/dev/stdout), also where it is a regular file. */
static bool is_stdout(const struct stat *st)
{
	struct stat ours;

	return fstat(STDOUT_FILENO, &ours) == 0 && ours.st_dev == st->st_dev &&
	       ours.st_ino == st->st_ino;
}

struct file_out *file_out_open(const char *path, struct err *e)
{
	struct file_out *f = calloc(1, sizeof(*f));
	struct stat st;
	mode_t mask;
	bool there;

	if (f == NULL)
		goto nomem;
	f->fd = f->slot = -1;
	/* A link is followed: what it points to is replaced, never the link. */
	if ((f->path = realpath(path, NULL)) == NULL && (f->path = strdup(path)) == NULL)
		goto nomem;
	there = stat(path, &st) == 0;
	if (there && S_ISDIR(st.st_mode)) {
		err_set(e, ERR_CREATE, "cannot write %s: it is a folder", path);
		goto fail;
	}
	if (there && (!S_ISREG(st.st_mode) || is_stdout(&st))) {
		f->fd = is_stdout(&st) ? dup(STDOUT_FILENO) : open(path, O_WRONLY | O_CLOEXEC);
		if (f->fd == -1) {
			fail_create(e, "write", path);
			goto fail;
		}
		return f;
	}
	if (asprintf(&f->tmp, "%s.XXXXXX", f->path) == -1) {
		f->tmp = NULL;
		goto nomem;
	}
	if ((f->fd = mkostemp(f->tmp, O_CLOEXEC)) == -1) {
		fail_create(e, "write", path);
		goto fail;
	}
	for (int i = 0; i < OUT_MAX && f->slot == -1; i++) {
		char *none = NULL;

		if (atomic_compare_exchange_strong(&open_tmps[i], &none, f->tmp))
			f->slot = i;
	}
	umask(mask = umask(0));
	fchmod(f->fd, 0666 & ~mask);
	return f;
nomem:
	err_nomem(e);
fail:
	file_out_abort(f);
	return NULL;
}

struct file_out *file_out_stdout(struct err *e)
{
	struct file_out *f = calloc(1, sizeof(*f));

	if (f == NULL || (f->path = strdup("standard output")) == NULL) {
		free(f);
		err_nomem(e);
		return NULL;
	}
	f->fd = STDOUT_FILENO;
	f->slot = -1;
	return f;
}

/* A file of gigabytes would take all memory the system has for its cache, page by page, and each
 * fresh page costs several times what one costs that was just given back (most of all in a virtual
 * machine). So what has been written a while ago is started on its way to the disk, and what has
 * arrived there is given back. Nothing waits: on a slow disk pages stay, as they would anyway. */
static void let_go(struct file_out *f)
{
	if (f->tmp == NULL || f->at - f->sent < LET_GO)
		return;
	sync_file_range(f->fd, f->sent, f->at - f->sent, SYNC_FILE_RANGE_WRITE);
	if (f->sent > 0)
		posix_fadvise(f->fd, 0, f->sent, POSIX_FADV_DONTNEED);
	f->sent = f->at;
}

static int flush(struct file_out *f, struct err *e)
{
	for (size_t at = 0; at < f->n;) {
		ssize_t n = write(f->fd, f->bytes + at, f->n - at);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return fail(e, "write", f->path);
		at += (size_t)n;
	}
	f->at += (off_t)f->n;
	f->n = 0;
	let_go(f);
	return 0;
}

int file_out_write(struct file_out *f, struct str bytes, struct err *e)
{
	while (bytes.n != 0) {
		size_t n = OUT_BUF - f->n;

		if (n > bytes.n)
			n = bytes.n;
		memcpy(f->bytes + f->n, bytes.p, n);
		f->n += n;
		bytes = str_sub(bytes, n, bytes.n);
		if (f->n == OUT_BUF && flush(f, e) == -1)
			return -1;
	}
	return 0;
}

int file_sync_dir(const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc;

	if (fd == -1)
		return fail(e, "open the folder", path);
	/* Some file systems cannot sync a folder and say EINVAL: nothing more can be done there. */
	if ((rc = fsync(fd)) == -1 && errno == EINVAL)
		rc = 0;
	if (rc == -1)
		fail(e, "write the folder", path);
	close(fd);
	return rc;
}

/* The folder that ${path} is in. */
static int sync_parent(const char *path, struct err *e)
{
	char *copy = strdup(path);
	int rc = copy == NULL ? err_nomem(e) : file_sync_dir(dirname(copy), e);

	free(copy);
	return rc;
}

static int commit(struct file_out *f, bool durable, struct err *e)
{
	int rc = -1, fd;

	if (flush(f, e) == -1)
		goto done;
	if (f->tmp == NULL) {
		rc = 0;
		goto done;
	}
	if (durable && fsync(f->fd) == -1) {
		fail(e, "write", f->path);
		goto done;
	}
	/* Some file systems tell only now that the disk is full. */
	fd = f->fd;
	f->fd = -1;
	if (close(fd) == -1 || rename(f->tmp, f->path) == -1) {
		fail(e, "write", f->path);
		unlink(f->tmp);
		goto done;
	}
	if (f->slot >= 0)
		atomic_store(&open_tmps[f->slot], NULL);
	f->slot = -1;
	free(f->tmp);
	f->tmp = NULL;
	if (!durable) {
		rc = 0;
		goto done;
	}
	rc = sync_parent(f->path, e);
done:
	file_out_abort(f);
	return rc;
}

int file_out_commit(struct file_out *f, struct err *e)
{
	return commit(f, true, e);
}

int file_out_finish(struct file_out *f, struct err *e)
{
	return commit(f, false, e);
}

void file_out_abort(struct file_out *f)
{
	if (f == NULL)
		return;
	if (f->slot >= 0)
		atomic_store(&open_tmps[f->slot], NULL);
	if (f->fd != -1 && f->fd != STDOUT_FILENO)
		close(f->fd);
	if (f->fd != -1 && f->tmp != NULL)
		unlink(f->tmp);
	free(f->tmp);
	free(f->path);
	free(f);
}

void file_out_abort_all(void)
{
	for (int i = 0; i < OUT_MAX; i++) {
		char *tmp = atomic_load(&open_tmps[i]);

		if (tmp != NULL)
			unlink(tmp);
	}
}

int file_write(const char *path, struct str bytes, struct err *e)
{
	struct file_out *f = file_out_open(path, e);

	if (f == NULL)
		return -1;
	if (file_out_write(f, bytes, e) == -1) {
		file_out_abort(f);
		return -1;
	}
	return file_out_commit(f, e);
}

int file_mkdir_p(const char *path, bool *made, struct err *e)
{
	char *copy = strdup(path);

	if (made != NULL)
		*made = false;
	if (copy == NULL)
		return err_nomem(e);
	for (char *p = copy + 1; copy[0] != '\0'; p++) {
		char c = *p;

		if (c != '/' && c != '\0')
			continue;
		*p = '\0';
		if (mkdir(copy, 0700) == 0) {
			sync_parent(copy, NULL);
			if (made != NULL)
				*made = true;
		} else if (errno != EEXIST) {
			fail_create(e, "make the folder", copy);
			free(copy);
			return -1;
		}
		*p = c;
		if (c == '\0')
			break;
	}
	free(copy);
	return 0;
}

int file_move(const char *from, const char *to, struct err *e)
{
	int fd = open(from, O_RDONLY | O_CLOEXEC), rc, why;

	if (fd == -1)
		return fail(e, "open", from);
	rc = fsync(fd);
	why = errno;
	close(fd);
	errno = why;
	if (rc == -1 || rename(from, to) == -1)
		return fail(e, "write", to);
	return sync_parent(to, e);
}

bool file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static void hex_of(const unsigned char *digest, char hex[65])
{
	sodium_bin2hex(hex, 65, digest, CRYPTO_SHA256);
}

int file_sha256(const char *path, char hex[65], struct err *e)
{
	uint8_t digest[CRYPTO_SHA256];
	struct sha256_ctx st;
	static _Thread_local char block[64 * 1024];
	FILE *f = fopen(path, "re");
	size_t n;

	if (f == NULL)
		return fail(e, "open", path);
	sha256_init(&st);
	while ((n = fread(block, 1, sizeof(block), f)) != 0)
		sha256_update(&st, n, (const uint8_t *)block);
	if (ferror(f)) {
		fail(e, "read", path);
		fclose(f);
		return -1;
	}
	fclose(f);
	sha256_digest(&st, sizeof(digest), digest);
	hex_of(digest, hex);
	return 0;
}

void sha256_hex(struct str bytes, char hex[65])
{
	uint8_t digest[CRYPTO_SHA256];

	crypto_sha256(bytes, digest);
	hex_of(digest, hex);
}

void blake2b_hex(struct str bytes, char hex[65])
{
	unsigned char digest[32];

	crypto_generichash(
		digest, sizeof(digest), (const unsigned char *)bytes.p, bytes.n, NULL, 0);
	hex_of(digest, hex);
}
