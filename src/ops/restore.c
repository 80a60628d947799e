/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ops/backup_internal.h"
#include "ops/folder.h"
#include "ops/restore.h"
#include "store/sqlite.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/file.h"
#include "util/json.h"
#include "util/when.h"

enum { ERASE_BATCH = 1000, ARENA = 256 << 20 };

struct restore {
	const struct restore_opts *o;
	struct restore_result *r;
	char *room; /* where it is unpacked */
	struct json *manifest;
};

/* --- before anything is touched --- */

static int check_target(const struct restore *x, struct err *e)
{
	bool empty;

	if (folder_is_empty(x->o->data, &empty, e) == -1)
		return -1;
	if (!empty)
		return err_set(e, ERR_CONFLICT,
			"%s is not empty; restore into a new folder, or move this one away first",
			x->o->data);
	return 0;
}

static int check_schema(const struct restore *x, struct err *e)
{
	char *db = folder_path(x->room, FOLDER_DB, e);
	uint32_t from, to;
	int rc = -1;

	if (db == NULL)
		return -1;
	if (store_sqlite_migrations(db, &from, &to, e) == 0) {
		rc = 0;
		if (from > to)
			rc = err_set(e, ERR_CONFIG,
				"the backup has schema %u, this heatscore knows up to %u: restore "
				"it with heatscore " STR_FMT,
				from, to,
				STR_ARG(json_str(json_get(x->manifest, "heatscore"), S("?"))));
	}
	free(db);
	return rc;
}

/* --- in the unpacked store --- */

static int read_tombstones(
	struct store *s, struct arena *mem, struct id **ids, size_t *n, struct err *e)
{
	return s->leads->tombstones(s, mem, ids, n, e);
}

static int erase_all(struct store *s, const struct id *ids, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i += ERASE_BATCH) {
		size_t some = n - i < ERASE_BATCH ? n - i : ERASE_BATCH;

		if (s->leads->erase(s, ids + i, some, clock_ms(), e) == -1)
			return -1;
	}
	return 0;
}

/* The store of a data folder, or of a backup that is unpacked into ${room} for it. */
static int newer_tombstones(
	const struct restore *x, struct arena *mem, struct id **ids, size_t *n, struct err *e)
{
	struct json *manifest = NULL;
	char *dir = NULL, *db = NULL;
	struct store_sqlite_opts o = { .must_exist = true, .read_only = true };
	struct store *s;
	struct stat sb;
	int rc = -1;

	if (asprintf(&dir, "%s/newer", x->room) == -1)
		return err_nomem(e);
	if (stat(x->o->erased, &sb) == -1)
		err_set(e, ERR_NOT_FOUND, "cannot open %s: %s", x->o->erased, strerror(errno));
	else if (S_ISDIR(sb.st_mode))
		db = folder_path(x->o->erased, FOLDER_DB, e);
	else if (backup_unpack(x->o->erased, dir, &manifest, e) == 0)
		db = folder_path(dir, FOLDER_DB, e);
	o.path = db;
	if (db != NULL && (s = store_sqlite_open(&o, e)) != NULL) {
		rc = read_tombstones(s, mem, ids, n, e);
		s->close(s);
	}
	json_free(manifest);
	folder_remove(dir);
	free(dir);
	free(db);
	return rc;
}

static int erase_again(struct restore *x, struct store *s, struct err *e)
{
	struct arena mem = { .cap = ARENA };
	struct id *ids;
	size_t n;
	int rc = read_tombstones(s, &mem, &ids, &n, e);

	if (rc == 0 && (rc = erase_all(s, ids, n, e)) == 0)
		x->r->erased = n;
	if (rc == 0 && x->o->erased != NULL && (rc = newer_tombstones(x, &mem, &ids, &n, e)) == 0 &&
		(rc = erase_all(s, ids, n, e)) == 0 && n > x->r->erased)
		x->r->erased = n;
	arena_clear(&mem);
	return rc;
}

static int tell_audit(const struct restore *x, struct store *s, struct err *e)
{
	struct audit a = { .at_ms = clock_ms(),
		.actor = S("cli"),
		.action = S("backup.restored"),
		.object = S("server"),
		.detail = S("{}") };

	return s->audit->add(s, &a, e);
}

static int mend_store(struct restore *x, struct err *e)
{
	char *db = folder_path(x->room, FOLDER_DB, e);
	struct store_sqlite_opts o = { .path = db, .must_exist = true };
	struct store *s;
	int rc = -1;

	if (db == NULL)
		return -1;
	if ((s = store_sqlite_open(&o, e)) != NULL) {
		if (s->check(s, e) == 0 && s->sessions->end_all(s, e) == 0 &&
			erase_again(x, s, e) == 0 && tell_audit(x, s, e) == 0)
			rc = s->settle(s, e);
		x->r->leads = (uint64_t)s->leads->count(s, NULL);
		s->close(s);
	}
	free(db);
	return rc;
}

/* --- into place --- */

static int move(const struct restore *x, const char *name, struct err *e)
{
	char *from = folder_path(x->room, name, e);
	char *to = from == NULL ? NULL : folder_path(x->o->data, name, e);
	int rc = -1;

	if (to != NULL)
		rc = rename(from, to) == 0 ? 0
					   : err_set(e, ERR_IO, "cannot move %s to %s: %s", from,
						     to, strerror(errno));
	free(from);
	free(to);
	return rc;
}

static int move_all(const struct restore *x, struct err *e)
{
	DIR *dir = opendir(x->room);
	struct dirent *ent;
	int rc = 0;

	if (dir == NULL)
		return err_set(e, ERR_IO, "cannot read %s: %s", x->room, strerror(errno));
	while (rc == 0 && (ent = readdir(dir)) != NULL)
		if (ent->d_name[0] != '.' && !str_starts(str_of(ent->d_name), S(FOLDER_DB)))
			rc = move(x, ent->d_name, e);
	closedir(dir);
	/* Last, and after all else is safe on the disk: without it there is no data folder. */
	if (rc == 0 && (rc = file_sync_dir(x->o->data, e)) == 0 &&
		(rc = move(x, FOLDER_DB, e)) == 0)
		rc = file_sync_dir(x->o->data, e);
	return rc;
}

int restore_run(const struct restore_opts *o, struct restore_result *r, struct err *e)
{
	struct restore x = { .o = o, .r = r };
	mode_t old = umask(077);
	int rc = -1;

	*r = (struct restore_result){ .at_ms = MS_NONE };
	if (check_target(&x, e) == -1 || file_mkdir_p(o->data, NULL, e) == -1 ||
		(x.room = folder_path(o->data, FOLDER_RESTORING, e)) == NULL)
		goto done;
	folder_remove(x.room);
	if (backup_unpack(o->from, x.room, &x.manifest, e) == -1 || check_schema(&x, e) == -1 ||
		mend_store(&x, e) == -1)
		goto done;
	r->files = json_len(json_get(x.manifest, "files"));
	when_read(json_str(json_get(x.manifest, "at"), S("")), &r->at_ms, NULL);
	rc = move_all(&x, e);
done:
	umask(old);
	if (x.room != NULL)
		folder_remove(x.room);
	if (rc == -1)
		rmdir(o->data); /* only when nothing is in it */
	free(x.room);
	json_free(x.manifest);
	return rc;
}
