/* SPDX-License-Identifier: Apache-2.0 */
/* The files of the folder, one by one: whose they are, and which should not be there any more. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ops/doctor_internal.h"
#include "ops/folder.h"
#include "util/file.h"

enum { STALE_S = 86400, COPY_S = 30 * 86400, MODELS_DEPTH = 3 };

/* --- whose they are --- */

struct owners {
	uid_t owner;
	size_t n, foreign, closed;
	char example[512];
};

/* A folder that was once touched by root with a command of heatscore has files in it that the
 * server's user cannot write; that shows only when it tries. */
static void count(struct owners *w, const char *dir, int depth)
{
	DIR *d = opendir(dir);
	struct dirent *ent;
	struct stat sb;
	char *path;

	while (d != NULL && (ent = readdir(d)) != NULL) {
		if (strcmp(ent->d_name, ".") == 0 || strcmp(ent->d_name, "..") == 0 ||
			asprintf(&path, "%s/%s", dir, ent->d_name) == -1)
			continue;
		if (lstat(path, &sb) == 0) {
			bool foreign = sb.st_uid != w->owner;
			bool closed = !S_ISLNK(sb.st_mode) && (sb.st_mode & 0600) != 0600;

			w->n++;
			if ((foreign || closed) && w->foreign + w->closed == 0)
				snprintf(w->example, sizeof(w->example), "%s", path);
			w->foreign += foreign;
			w->closed += !foreign && closed;
			if (S_ISDIR(sb.st_mode) && depth < MODELS_DEPTH)
				count(w, path, depth + 1);
		}
		free(path);
	}
	if (d != NULL)
		closedir(d);
}

void doctor_look_at_files(struct doctor *d, const struct doctor_opts *o)
{
	struct doctor_finding *f = doctor_find(d, "files");
	struct owners w = { 0 };
	struct stat sb;

	if (stat(o->data, &sb) == -1) {
		doctor_say(f, DOCTOR_WRONG, "%s: %s", o->data, strerror(errno));
		return;
	}
	w.owner = sb.st_uid;
	count(&w, o->data, 0);
	if (w.foreign != 0) {
		doctor_say(f, DOCTOR_WRONG, "%zu of %zu do not belong to the folder's owner: %s",
			w.foreign, w.n, w.example);
		doctor_mend(f, "sudo chown -R %u:%u '%s'", (unsigned)sb.st_uid, (unsigned)sb.st_gid,
			o->data);
	} else if (w.closed != 0) {
		doctor_say(f, DOCTOR_WRONG,
			"%zu of %zu cannot be read and written by their owner: %s", w.closed, w.n,
			w.example);
		doctor_mend(f, "chmod -R u+rwX '%s'", o->data);
	} else {
		doctor_say(f, DOCTOR_FINE, "%zu, all of the folder's owner", w.n);
	}
}

/* --- what was left --- */

/* Seconds since the oldest of what work in progress left in ${dir}; 0: nothing. */
static double oldest_in(const char *dir, int64_t now_s, size_t *n)
{
	DIR *d = opendir(dir);
	struct dirent *ent;
	double oldest = 0;
	struct stat sb;
	char *path;

	while (d != NULL && (ent = readdir(d)) != NULL) {
		if (ent->d_name[0] == '.' || asprintf(&path, "%s/%s", dir, ent->d_name) == -1)
			continue;
		if (lstat(path, &sb) == 0) {
			double age = (double)(now_s - (int64_t)sb.st_mtime);

			(*n)++;
			oldest = age > oldest ? age : oldest;
		}
		free(path);
	}
	if (d != NULL)
		closedir(d);
	return oldest;
}

/* A lock is held by a process, never by a file that stayed behind; but a process may hang. */
static bool lock_is_held(const char *data)
{
	char *path = folder_path(data, "models/.lock", NULL);
	int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	bool held = false;

	for (int i = 0; fd != -1 && i < 20; i++) {
		held = flock(fd, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK;
		if (!held)
			break;
		usleep(50000);
	}
	if (fd != -1)
		close(fd);
	free(path);
	return held;
}

/* Seconds since the oldest copy from before an update; 0: none. Its path goes to ${path}. */
static double copy_age(const struct doctor_opts *o, char *path, size_t room)
{
	char *name = folder_path(o->data, FOLDER_DB ".before-v*", NULL);
	double oldest = 0;
	struct stat sb;
	glob_t g;

	if (name != NULL && glob(name, GLOB_NOSORT, NULL, &g) == 0) {
		for (size_t i = 0; i < g.gl_pathc; i++) {
			double age = lstat(g.gl_pathv[i], &sb) == 0
					     ? (double)(o->now_ms / 1000 - (int64_t)sb.st_mtime)
					     : 0;

			if (age > oldest) {
				oldest = age;
				snprintf(path, room, "%s", g.gl_pathv[i]);
			}
		}
		globfree(&g);
	}
	free(name);
	return oldest;
}

void doctor_look_at_leftovers(struct doctor *d, const struct doctor_opts *o)
{
	struct doctor_finding *f = doctor_find(d, "leftovers");
	char *tmp = folder_path(o->data, "tmp", NULL);
	char *half = folder_path(o->data, FOLDER_RESTORING, NULL);
	char copy[4096];
	size_t n = 0;
	double age = tmp == NULL ? 0 : oldest_in(tmp, o->now_ms / 1000, &n);

	if (half != NULL && file_exists(half)) {
		doctor_say(f, DOCTOR_WRONG, "a restore into this folder was cut short");
		doctor_mend(f, "run heatscore restore again: it starts anew");
	} else if (lock_is_held(o->data)) {
		doctor_say(f, DOCTOR_LOOK,
			"some process has held the lock of models/ for over a second");
		doctor_mend(f,
			"fuser -v '%s/models/.lock' shows which one; it is let go when it ends",
			o->data);
	} else if (copy_age(o, copy, sizeof(copy)) > COPY_S) {
		doctor_say(f, DOCTOR_LOOK,
			"%s, the copy from before an update, is over a month old; it also holds "
			"people who were erased since",
			copy);
		doctor_mend(f, "rm '%s'", copy);
	} else if (age > STALE_S) {
		doctor_say(f, DOCTOR_LOOK,
			"%zu folder%s of work in tmp/, the oldest %.0f hours old", n,
			n == 1 ? "" : "s", age / 3600);
		doctor_mend(f, "with the server stopped: rm -rf '%s'/tmp/*", o->data);
	} else {
		doctor_say(f, DOCTOR_FINE, "none");
	}
	free(tmp);
	free(half);
}
