/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ops/folder.h"
#include "util/err.h"
#include "util/str.h"

enum { NAME_MAX_BYTES = 99, DEPTH_MAX = 4, FILES_MAX = 100000 };

struct lister {
	const char *data;
	struct folder_file *v;
	size_t n, cap;
};

char *folder_path(const char *data, const char *name, struct err *e)
{
	char *p;

	if (asprintf(&p, "%s/%s", data, name) == -1) {
		err_nomem(e);
		return NULL;
	}
	return p;
}

void folder_free(struct folder_file *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(v[i].name);
	free(v);
}

/* Of the folder itself: models and secrets. Of models: all but what a writer has at hand. */
static bool wanted(const char *parent, const char *name, bool is_folder)
{
	if (name[0] == '.')
		return false;
	if (parent[0] != '\0')
		return !str_starts(str_of(name), S("removed-"));
	if (is_folder)
		return strcmp(name, "models") == 0;
	return str_ends(str_of(name), S(".key")) || strcmp(name, FOLDER_HEAD) == 0;
}

static int add(struct lister *l, const char *name, uint64_t bytes, struct err *e)
{
	struct folder_file *grown;

	if (strlen(name) > NAME_MAX_BYTES)
		return err_set(
			e, ERR_LIMIT, "the name %s/%s is too long for a backup", l->data, name);
	if (l->n == FILES_MAX)
		return err_set(e, ERR_LIMIT, "%s has more than %d files", l->data, FILES_MAX);
	if (l->n == l->cap) {
		l->cap = l->cap == 0 ? 64 : l->cap * 2;
		if ((grown = realloc(l->v, l->cap * sizeof(*grown))) == NULL)
			return err_nomem(e);
		l->v = grown;
	}
	if ((l->v[l->n].name = strdup(name)) == NULL)
		return err_nomem(e);
	l->v[l->n++].bytes = bytes;
	return 0;
}

static int walk(struct lister *l, const char *below, int depth, struct err *e)
{
	char *dir_path = folder_path(l->data, below, e), *name = NULL, *path = NULL;
	struct dirent *ent;
	struct stat sb;
	DIR *dir = dir_path == NULL ? NULL : opendir(dir_path);
	int rc = 0;

	if (dir == NULL) {
		if (dir_path != NULL)
			err_set(e, errno == EACCES ? ERR_PERM : ERR_IO, "cannot read %s: %s",
				dir_path, strerror(errno));
		free(dir_path);
		return -1;
	}
	while (rc == 0 && (ent = readdir(dir)) != NULL) {
		if (asprintf(&name, "%s%s%s", below, *below == '\0' ? "" : "/", ent->d_name) ==
			-1) {
			name = NULL;
			rc = err_nomem(e);
		} else if ((path = folder_path(l->data, name, e)) == NULL) {
			rc = -1;
		} else if (lstat(path, &sb) == 0 &&
			   wanted(below, ent->d_name, S_ISDIR(sb.st_mode))) {
			if (S_ISREG(sb.st_mode))
				rc = add(l, name, (uint64_t)sb.st_size, e);
			else if (S_ISDIR(sb.st_mode) && depth < DEPTH_MAX)
				rc = walk(l, name, depth + 1, e);
		}
		free(name);
		free(path);
		name = path = NULL;
	}
	closedir(dir);
	free(dir_path);
	return rc;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct folder_file *)a)->name, ((const struct folder_file *)b)->name);
}

int folder_list(const char *data, struct folder_file **out, size_t *n, struct err *e)
{
	struct lister l = { .data = data };

	if (walk(&l, "", 0, e) == -1) {
		folder_free(l.v, l.n);
		return -1;
	}
	if (l.n > 1)
		qsort(l.v, l.n, sizeof(*l.v), by_name);
	*out = l.v;
	*n = l.n;
	return 0;
}

int folder_is_empty(const char *data, bool *yes, struct err *e)
{
	DIR *dir = opendir(data);
	struct dirent *ent;

	*yes = true;
	if (dir == NULL)
		return errno == ENOENT ? 0
				       : err_set(e, errno == EACCES ? ERR_PERM : ERR_IO,
						 "cannot read %s: %s", data, strerror(errno));
	while ((ent = readdir(dir)) != NULL)
		if (strcmp(ent->d_name, ".") != 0 && strcmp(ent->d_name, "..") != 0 &&
			strcmp(ent->d_name, "lost+found") != 0 &&
			strcmp(ent->d_name, FOLDER_RESTORING) != 0)
			*yes = false;
	closedir(dir);
	return 0;
}

static int remove_one(const char *path, const struct stat *sb, int type, struct FTW *at)
{
	(void)sb;
	(void)type;
	(void)at;
	return remove(path) == 0 ? 0 : -1;
}

void folder_remove(const char *path)
{
	(void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
