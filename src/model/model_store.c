/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/model_store.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/file.h"

#define STATE   "state.json"
#define LOCK    ".lock"
#define NEW_DIR ".new"
#define GONE    "removed-" /* before the name of a version: its number stays taken */

enum { FILE_BYTES_MAX = 1 << 30, STATE_BYTES_MAX = 1 << 24 };

struct folder {
	char *path;
};

int model_files_add(struct model_files *fs, const char *name, struct buf *b, struct err *e)
{
	struct model_file *f;

	if (buf_done(b, e) == -1)
		return -1;
	ASSERT(fs->n < MODEL_FILES_MAX && strlen(name) < sizeof(fs->f[0].name));
	f = &fs->f[fs->n++];
	snprintf(f->name, sizeof(f->name), "%s", name);
	f->bytes = buf_view(b);
	*b = (struct buf){ 0 };
	return 0;
}

const struct model_file *model_files_get(const struct model_files *fs, const char *name)
{
	for (size_t i = 0; i < fs->n; i++)
		if (strcmp(fs->f[i].name, name) == 0)
			return &fs->f[i];
	return NULL;
}

void model_files_remove(struct model_files *fs, const char *name)
{
	for (size_t i = 0; i < fs->n; i++) {
		if (strcmp(fs->f[i].name, name) != 0)
			continue;
		free((void *)(uintptr_t)fs->f[i].bytes.p);
		fs->f[i] = fs->f[--fs->n];
		return;
	}
}

void model_files_clear(struct model_files *fs)
{
	for (size_t i = 0; i < fs->n; i++)
		free((void *)(uintptr_t)fs->f[i].bytes.p);
	fs->n = 0;
}

/* Everything the folder store does to one path under its own folder. */
static char *join(const struct folder *d, const char *rel, struct err *e)
{
	char *p;

	if (asprintf(&p, "%s%s%s", d->path, *rel == '\0' ? "" : "/", rel) == -1) {
		err_nomem(e);
		return NULL;
	}
	return p;
}

static const char *folder_where(void *self)
{
	return ((struct folder *)self)->path;
}

/* "v12" to 12; 0 for any other name. */
static uint32_t number_of(const char *name)
{
	unsigned long long n = 0;

	if (name[0] != 'v' || name[1] < '1' || name[1] > '9')
		return 0;
	for (const char *p = name + 1; *p != '\0'; p++) {
		if (*p < '0' || *p > '9' || (n = n * 10 + (unsigned)(*p - '0')) > UINT32_MAX)
			return 0;
	}
	return (uint32_t)n;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* The versions there are, and the highest number that was ever given. */
static int list_all(
	struct folder *d, uint32_t **numbers, size_t *n, uint32_t *highest, struct err *e)
{
	DIR *dir = opendir(d->path);
	struct dirent *ent;
	size_t cap = 0;

	*numbers = NULL;
	*n = 0;
	*highest = 0;
	if (dir == NULL) {
		if (errno == ENOENT)
			return 0;
		return err_set(e, errno == EACCES ? ERR_PERM : ERR_IO,
			"cannot read the folder %s: %s", d->path, strerror(errno));
	}
	while ((ent = readdir(dir)) != NULL) {
		bool gone = strncmp(ent->d_name, GONE, sizeof(GONE) - 1) == 0;
		uint32_t v = number_of(ent->d_name + (gone ? sizeof(GONE) - 1 : 0)), *grown;

		*highest = v > *highest ? v : *highest;
		if (v == 0 || gone)
			continue;
		if (*n == cap) {
			cap = cap == 0 ? 16 : cap * 2;
			if ((grown = realloc(*numbers, cap * sizeof(**numbers))) == NULL) {
				closedir(dir);
				free(*numbers);
				*numbers = NULL;
				return err_nomem(e);
			}
			*numbers = grown;
		}
		(*numbers)[(*n)++] = v;
	}
	closedir(dir);
	if (*n > 1)
		qsort(*numbers, *n, sizeof(**numbers), by_number);
	return 0;
}

static int folder_list(void *self, uint32_t **numbers, size_t *n, struct err *e)
{
	uint32_t highest;

	return list_all(self, numbers, n, &highest, e);
}

static int folder_get(
	void *self, uint32_t version, const char *name, struct model_file *out, struct err *e)
{
	struct buf b = { 0 };
	char rel[80], *path;
	int rc;

	snprintf(rel, sizeof(rel), "v%u/%s", version, name);
	if ((path = join(self, rel, e)) == NULL)
		return -1;
	rc = file_read(path, FILE_BYTES_MAX, &b, e);
	free(path);
	if (rc == -1) {
		buf_clear(&b);
		return -1;
	}
	snprintf(out->name, sizeof(out->name), "%s", name);
	out->bytes = buf_view(&b);
	return 0;
}

/* One writer at a time, over all processes. The lock goes with the descriptor. */
static int lock(struct folder *d, struct err *e)
{
	char *path;
	int fd;

	if (file_mkdir_p(d->path, NULL, e) == -1 || (path = join(d, LOCK, e)) == NULL)
		return -1;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	free(path);
	if (fd == -1)
		return err_set(e, errno == EACCES || errno == EROFS ? ERR_PERM : ERR_IO,
			"cannot write in %s: %s", d->path, strerror(errno));
	while (flock(fd, LOCK_EX) == -1) {
		if (errno == EINTR)
			continue;
		err_set(e, ERR_IO, "cannot lock %s: %s", d->path, strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

/* Everything in the folder ${path}, which holds files only. */
static void empty_folder(const char *path)
{
	struct dirent *ent;
	char *file;
	DIR *dir;

	if ((dir = opendir(path)) == NULL)
		return;
	while ((ent = readdir(dir)) != NULL) {
		if (strcmp(ent->d_name, ".") == 0 || strcmp(ent->d_name, "..") == 0)
			continue;
		if (asprintf(&file, "%s/%s", path, ent->d_name) != -1) {
			unlink(file);
			free(file);
		}
	}
	closedir(dir);
}

/* What a writer that was killed left: never seen by readers, gone with the next write. */
static void remove_new(struct folder *d)
{
	char *path = join(d, NEW_DIR, NULL);

	if (path == NULL)
		return;
	empty_folder(path);
	rmdir(path);
	free(path);
}

static int write_new(struct folder *d, const struct model_files *fs, struct err *e)
{
	char rel[64], *path = join(d, NEW_DIR, e);
	int rc = -1;

	if (path == NULL)
		return -1;
	if (mkdir(path, 0700) == -1) {
		err_set(e, ERR_IO, "cannot make the folder %s: %s", path, strerror(errno));
		goto done;
	}
	for (size_t i = 0; i < fs->n; i++) {
		char *file;

		snprintf(rel, sizeof(rel), NEW_DIR "/%s", fs->f[i].name);
		if ((file = join(d, rel, e)) == NULL)
			goto done;
		rc = file_write(file, fs->f[i].bytes, e);
		free(file);
		if (rc == -1)
			goto done;
	}
	rc = file_sync_dir(path, e);
done:
	free(path);
	return rc;
}

static int folder_put(void *self, struct model_files *fs,
	int (*finish)(void *arg, uint32_t version, struct model_files *fs, struct err *e),
	void *arg, uint32_t *version, struct err *e)
{
	struct folder *d = self;
	char rel[32], *from = NULL, *to = NULL;
	uint32_t *numbers = NULL, highest;
	size_t n;
	int fd, rc = -1;

	if ((fd = lock(d, e)) == -1)
		return -1;
	remove_new(d);
	if (list_all(d, &numbers, &n, &highest, e) == -1)
		goto done;
	*version = highest + 1;
	if (*version == 0) {
		err_set(e, ERR_LIMIT, "%s has used up its version numbers", d->path);
		goto done;
	}
	snprintf(rel, sizeof(rel), "v%u", *version);
	if ((from = join(d, NEW_DIR, e)) == NULL || (to = join(d, rel, e)) == NULL)
		goto done;
	if ((finish != NULL && finish(arg, *version, fs, e) == -1) || write_new(d, fs, e) == -1)
		goto done;
	if (rename(from, to) == -1) {
		err_set(e, ERR_IO, "cannot make %s: %s", to, strerror(errno));
		goto done;
	}
	rc = file_sync_dir(d->path, e);
done:
	if (rc == -1)
		remove_new(d);
	free(numbers);
	free(from);
	free(to);
	close(fd);
	return rc;
}

static int folder_remove(void *self, uint32_t version, struct err *e)
{
	struct folder *d = self;
	char rel[48], *from = NULL, *to = NULL, *notes = NULL;
	int fd, rc = -1;

	if ((fd = lock(d, e)) == -1)
		return -1;
	snprintf(rel, sizeof(rel), GONE "v%u", version);
	if ((to = join(d, rel, e)) == NULL)
		goto done;
	snprintf(rel, sizeof(rel), "v%u.json", version);
	if ((notes = join(d, rel, e)) == NULL)
		goto done;
	snprintf(rel, sizeof(rel), "v%u", version);
	if ((from = join(d, rel, e)) == NULL)
		goto done;
	if (rename(from, to) == -1) {
		err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "cannot remove %s: %s", from,
			strerror(errno));
		goto done;
	}
	empty_folder(to);
	unlink(notes);
	rc = file_sync_dir(d->path, e);
done:
	free(from);
	free(to);
	free(notes);
	close(fd);
	return rc;
}

/* --- small documents --- */

static int get_document(struct folder *d, const char *name, struct buf *out, struct err *e)
{
	char *path = join(d, name, e);
	struct err mine = { 0 };
	int rc;

	if (path == NULL)
		return -1;
	rc = file_read(path, STATE_BYTES_MAX, out, &mine);
	free(path);
	if (rc == -1 && mine.code == ERR_NOT_FOUND)
		return 0;
	if (rc == -1 && e != NULL)
		*e = mine;
	return rc;
}

typedef int change_fn(void *arg, struct str old, struct buf *now, struct err *e);

static int change_document(
	struct folder *d, const char *name, change_fn *change, void *arg, struct err *e)
{
	struct buf old = { 0 }, now = { 0 };
	char *path = NULL;
	int fd, rc = -1;

	if ((fd = lock(d, e)) == -1)
		return -1;
	if (get_document(d, name, &old, e) == 0 && (path = join(d, name, e)) != NULL &&
		change(arg, buf_view(&old), &now, e) == 0 && buf_done(&now, e) == 0)
		rc = file_write(path, buf_view(&now), e);
	free(path);
	buf_clear(&old);
	buf_clear(&now);
	close(fd);
	return rc;
}

static int folder_get_notes(void *self, uint32_t version, struct buf *out, struct err *e)
{
	char name[32];

	snprintf(name, sizeof(name), "v%u.json", version);
	return get_document(self, name, out, e);
}

static int folder_change_notes(
	void *self, uint32_t version, change_fn *change, void *arg, struct err *e)
{
	char name[32];

	snprintf(name, sizeof(name), "v%u.json", version);
	return change_document(self, name, change, arg, e);
}

static int folder_get_state(void *self, struct buf *out, struct err *e)
{
	return get_document(self, STATE, out, e);
}

static int folder_change_state(void *self, change_fn *change, void *arg, struct err *e)
{
	return change_document(self, STATE, change, arg, e);
}

static void folder_free(void *self)
{
	struct folder *d = self;

	free(d->path);
	free(d);
}

int model_store_folder(const char *path, struct model_store *s, struct err *e)
{
	struct folder *d = calloc(1, sizeof(*d));

	*s = (struct model_store){ 0 };
	if (d == NULL || (d->path = strdup(path)) == NULL) {
		free(d);
		return err_nomem(e);
	}
	*s = (struct model_store){ .self = d,
		.where = folder_where,
		.list = folder_list,
		.get = folder_get,
		.put = folder_put,
		.remove = folder_remove,
		.get_notes = folder_get_notes,
		.change_notes = folder_change_notes,
		.get_state = folder_get_state,
		.change_state = folder_change_state,
		.free = folder_free };
	return 0;
}

void model_store_close(struct model_store *s)
{
	if (s->self != NULL)
		s->free(s->self);
	*s = (struct model_store){ 0 };
}
