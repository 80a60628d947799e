/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "leads/bulk_log.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/file.h"
#include "util/json.h"

static int folder(const char *data, struct buf *to, struct err *e)
{
	buf_fmt(to, "%s/bulk", data);
	buf_c(to, '\0');
	return buf_done(to, e);
}

static int path_of(const char *data, struct id job, struct buf *to, struct err *e)
{
	char name[ID_ULID];

	id_ulid(job, name);
	buf_fmt(to, "%s/bulk/%s", data, name);
	buf_c(to, '\0');
	return buf_done(to, e);
}

static int append(const char *path, struct str lines, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	int rc = fd == -1 ? -1 : 0;

	while (rc == 0 && lines.n != 0) {
		ssize_t n = write(fd, lines.p, lines.n);

		if (n > 0)
			lines = str_sub(lines, (size_t)n, lines.n);
		else if (n == 0 || errno != EINTR)
			rc = -1;
	}
	if (rc == 0)
		rc = fdatasync(fd);
	if (rc == -1)
		err_set(e, errno == ENOSPC ? ERR_FULL : ERR_IO,
			"what the leads were before could not be kept: %s", strerror(errno));
	if (fd != -1)
		close(fd);
	return rc;
}

int bulk_log_add(const char *data, struct id job, struct str lines, struct err *e)
{
	struct buf dir = { 0 }, path = { 0 };
	int rc = -1;

	if (folder(data, &dir, e) == 0 && file_mkdir_p(dir.p, NULL, e) == 0 &&
		path_of(data, job, &path, e) == 0)
		rc = append(path.p, lines, e);
	buf_clear(&dir);
	buf_clear(&path);
	return rc;
}

FILE *bulk_log_open(const char *data, struct id job)
{
	struct buf path = { 0 };
	FILE *f = path_of(data, job, &path, NULL) == 0 ? fopen(path.p, "re") : NULL;

	buf_clear(&path);
	return f;
}

void bulk_log_remove(const char *data, struct id job)
{
	struct buf path = { 0 };

	if (path_of(data, job, &path, NULL) == 0)
		(void)unlink(path.p);
	buf_clear(&path);
}

void bulk_log_sweep(const char *data, int64_t before_ms)
{
	struct buf dir = { 0 };
	struct dirent *entry;
	struct stat st;
	DIR *d = folder(data, &dir, NULL) == 0 ? opendir(dir.p) : NULL;

	while (d != NULL && (entry = readdir(d)) != NULL)
		if (entry->d_name[0] != '.' && fstatat(dirfd(d), entry->d_name, &st, 0) == 0 &&
			S_ISREG(st.st_mode) && (int64_t)st.st_mtime < before_ms / 1000)
			(void)unlinkat(dirfd(d), entry->d_name, 0);
	if (d != NULL)
		closedir(d);
	buf_clear(&dir);
}

void bulk_was_write(const struct bulk_was *was, struct buf *to)
{
	struct jw w = { .b = to };
	char hex[ID_HEX];

	id_hex(was->lead, hex);
	jw_obj(&w);
	jw_kz(&w, "id", hex);
	jw_kstr(&w, "text", was->text);
	jw_kint(&w, "code", was->code);
	if (was->at_ms != MS_NONE)
		jw_kint(&w, "at", was->at_ms);
	jw_end_obj(&w);
	buf_c(to, '\n');
}

int bulk_was_read(struct str line, struct arena *a, struct bulk_was *was)
{
	struct json *v = json_parse(str_trim(line), NULL);
	struct str text = json_str(json_get(v, "text"), S(""));
	int rc = -1;

	if (id_parse_hex(json_str(json_get(v, "id"), S("")), &was->lead) == 0 &&
		(was->text.p = arena_dup(a, text)) != NULL) {
		was->text.n = text.n;
		was->code = (int)json_int(json_get(v, "code"), 0);
		was->at_ms = json_int(json_get(v, "at"), MS_NONE);
		rc = 0;
	}
	json_free(v);
	return rc;
}
