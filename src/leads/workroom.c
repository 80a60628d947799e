/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "leads/workroom.h"
#include "record/id.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/file.h"

enum { NAME_MAX_BYTES = 120 };

int workroom_open(struct workroom *w, const char *data, struct err *e)
{
	char id[ID_ULID];

	*w = (struct workroom){ 0 };
	id_ulid(id_new(), id);
	if (asprintf(&w->dir, "%s/tmp/%s", data, id) == -1) {
		w->dir = NULL;
		return err_nomem(e);
	}
	if (file_mkdir_p(w->dir, NULL, e) == -1) {
		free(w->dir);
		w->dir = NULL;
		return -1;
	}
	return 0;
}

char *workroom_path(const struct workroom *w, struct str name, struct err *e)
{
	struct buf b = { 0 };

	buf_fmt(&b, "%s/", w->dir);
	name = str_sub(name, 0, NAME_MAX_BYTES);
	if (name.n == 0 || name.p[0] == '.')
		buf_c(&b, '_');
	for (size_t i = 0; i < name.n; i++)
		buf_c(&b, name.p[i] == '/' || (unsigned char)name.p[i] < ' ' ? '_' : name.p[i]);
	return buf_take(&b, e);
}

/* Files only: nothing of ours makes folders in it. */
static void remove_folder(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *ent;
	char *path;

	if (d == NULL)
		return;
	while ((ent = readdir(d)) != NULL) {
		if (strcmp(ent->d_name, ".") == 0 || strcmp(ent->d_name, "..") == 0)
			continue;
		if (asprintf(&path, "%s/%s", dir, ent->d_name) != -1) {
			unlink(path);
			free(path);
		}
	}
	closedir(d);
	rmdir(dir);
}

void workroom_close(struct workroom *w)
{
	if (w->dir != NULL)
		remove_folder(w->dir);
	free(w->dir);
	w->dir = NULL;
}

void workroom_sweep(const char *data)
{
	struct dirent *ent;
	char *tmp, *path;
	struct id id;
	DIR *d;

	if (asprintf(&tmp, "%s/tmp", data) == -1)
		return;
	if ((d = opendir(tmp)) != NULL) {
		while ((ent = readdir(d)) != NULL) {
			if (id_parse_ulid(str_of(ent->d_name), &id) == -1 ||
				asprintf(&path, "%s/%s", tmp, ent->d_name) == -1)
				continue;
			remove_folder(path);
			free(path);
		}
		closedir(d);
	}
	free(tmp);
}
