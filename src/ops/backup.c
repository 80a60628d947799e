/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ops/backup_internal.h"
#include "ops/folder.h"
#include "record/id.h"
#include "store/sqlite.h"
#include "store/store.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/file.h"
#include "util/json.h"
#include "util/tar.h"
#include "util/when.h"

struct entry {
	char *name, *path; /* owned */
	uint64_t bytes;
	char digest[65];
	struct buf held; /* small files that may change: as they were when they were hashed */
	bool is_held;
};

struct backup {
	const struct backup_opts *o;
	struct backup_result *r;
	char *room, *db; /* the folder for the copy of the store, and the copy */
	struct entry *v;
	size_t n;
	struct buf manifest;
	struct buf head; /* FOLDER_HEAD as it was before the store was copied */
};

static bool stopped(const struct backup *b)
{
	return b->o->stop != NULL && b->o->stop(b->o->arg);
}

/* --- the store --- */

static int copy_store(struct backup *b, struct err *e)
{
	struct store *s = b->o->store;
	struct store_backup made;
	struct store_health health;
	char id[ID_ULID];

	id_ulid(id_new(), id);
	if (asprintf(&b->room, "%s/tmp/%s", b->o->data, id) == -1) {
		b->room = NULL;
		return err_nomem(e);
	}
	if (file_mkdir_p(b->room, NULL, e) == -1 ||
		(b->db = folder_path(b->room, FOLDER_DB, e)) == NULL ||
		s->backup(s, b->db, &made, e) == -1 || s->health(s, false, &health, e) == -1)
		return -1;
	b->r->leads = made.leads;
	b->r->at_ms = made.at_ms;
	b->r->schema = health.schema;
	b->v = calloc(1, sizeof(*b->v));
	if (b->v == NULL || (b->v[0].name = strdup(FOLDER_DB)) == NULL ||
		(b->v[0].path = strdup(b->db)) == NULL)
		return err_nomem(e);
	b->n = 1;
	b->v[0].bytes = made.bytes;
	memcpy(b->v[0].digest, made.digest, sizeof(made.digest));
	return 0;
}

/* --- the other files --- */

static int hash_entry(struct backup *b, struct entry *x, struct err *e)
{
	/* The log in the copy must not be shorter than what is signed. */
	if (strcmp(x->name, FOLDER_HEAD) == 0) {
		if (b->head.n == 0)
			return err_set(e, ERR_NOT_FOUND, "it was not there yet");
		buf_str(&x->held, buf_view(&b->head));
		x->is_held = true;
		x->bytes = x->held.n;
		sha256_hex(buf_view(&x->held), x->digest);
		return buf_done(&x->held, e);
	}
	/* Files of versions never change; what can is small. */
	if (str_ends(str_of(x->name), S(".json")) && x->bytes < 1 << 20) {
		if (file_read(x->path, 1 << 24, &x->held, e) == -1)
			return -1;
		x->is_held = true;
		x->bytes = x->held.n;
		sha256_hex(buf_view(&x->held), x->digest);
		return 0;
	}
	return file_sha256(x->path, x->digest, e);
}

static int add_file(struct backup *b, const struct folder_file *f, struct err *e)
{
	struct entry *x = &b->v[b->n];
	struct err mine = { 0 };

	*x = (struct entry){ .bytes = f->bytes };
	if ((x->name = strdup(f->name)) == NULL ||
		(x->path = folder_path(b->o->data, f->name, e)) == NULL)
		return err_nomem(e);
	b->n++;
	if (hash_entry(b, x, &mine) == 0)
		return 0;
	if (mine.code != ERR_NOT_FOUND) {
		if (e != NULL)
			*e = mine;
		return -1;
	}
	/* A draft that was deleted meanwhile. */
	free(x->name);
	free(x->path);
	buf_clear(&x->held);
	b->n--;
	return 0;
}

static int add_files(struct backup *b, struct err *e)
{
	struct folder_file *files;
	struct entry *grown;
	size_t n;
	int rc = 0;

	if (folder_list(b->o->data, &files, &n, e) == -1)
		return -1;
	if ((grown = realloc(b->v, (n + 1) * sizeof(*grown))) == NULL)
		rc = err_nomem(e);
	else
		b->v = grown;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (stopped(b))
			rc = err_set(e, ERR_CANCELLED, "stopped");
		else
			rc = add_file(b, &files[i], e);
	}
	folder_free(files, n);
	return rc;
}

/* --- the archive --- */

static int write_manifest(struct backup *b, struct err *e)
{
	struct jw w = { .b = &b->manifest, .indent = 1 };
	char at[WHEN_TEXT];

	when_write(b->r->at_ms, at);
	jw_obj(&w);
	jw_kz(&w, "what", "heatscore backup");
	jw_kint(&w, "format", BACKUP_FORMAT);
	jw_kz(&w, "heatscore", HEATSCORE_VERSION);
	jw_kint(&w, "schema", b->r->schema);
	jw_kz(&w, "at", at);
	jw_kint(&w, "leads", (int64_t)b->r->leads);
	jw_key(&w, "files");
	jw_arr(&w);
	for (size_t i = 0; i < b->n; i++) {
		jw_obj(&w);
		jw_kz(&w, "name", b->v[i].name);
		jw_kint(&w, "bytes", (int64_t)b->v[i].bytes);
		jw_kz(&w, "sha256", b->v[i].digest);
		jw_end_obj(&w);
	}
	jw_end_arr(&w);
	jw_end_obj(&w);
	buf_c(&b->manifest, '\n');
	return buf_done(&b->manifest, e);
}

static int put_entry(struct file_out *f, const struct entry *x, struct err *e)
{
	return x->is_held ? tar_put_bytes(f, x->name, buf_view(&x->held), e)
			  : tar_put_file(f, x->name, x->path, x->bytes, e);
}

static int write_archive(struct backup *b, struct err *e)
{
	struct file_out *f = file_out_open(b->o->out, e);

	if (f == NULL)
		return -1;
	if (tar_put_bytes(f, BACKUP_MANIFEST, buf_view(&b->manifest), e) == -1)
		goto fail;
	for (size_t i = 0; i < b->n; i++) {
		if (stopped(b)) {
			err_set(e, ERR_CANCELLED, "stopped");
			goto fail;
		}
		if (put_entry(f, &b->v[i], e) == -1)
			goto fail;
	}
	if (tar_end(f, e) == -1)
		goto fail;
	return file_out_commit(f, e);
fail:
	file_out_abort(f);
	return -1;
}

/* When the last one was made, for those who ask (doctor, metrics). Its absence harms nothing. */
static void leave_note(const struct backup *b)
{
	char *path = folder_path(b->o->data, "last-backup.json", NULL);
	struct buf text = { 0 };
	struct jw w = { .b = &text, .indent = 1 };
	char at[WHEN_TEXT];

	when_write(b->r->at_ms, at);
	jw_obj(&w);
	jw_kz(&w, "at", at);
	jw_kz(&w, "file", b->o->out);
	jw_kint(&w, "bytes", (int64_t)b->r->bytes);
	jw_kz(&w, "sha256", b->r->digest);
	jw_kbool(&w, "verified", b->o->verify);
	jw_end_obj(&w);
	buf_c(&text, '\n');
	if (path != NULL && buf_done(&text, NULL) == 0)
		(void)file_write(path, buf_view(&text), NULL);
	buf_clear(&text);
	free(path);
}

static int finish(struct backup *b, struct err *e)
{
	struct stat sb;

	if (stat(b->o->out, &sb) == -1 || file_sha256(b->o->out, b->r->digest, e) == -1)
		return err_set(e, ERR_IO, "cannot read %s again", b->o->out);
	b->r->bytes = (uint64_t)sb.st_size;
	b->r->files = b->n;
	if (b->o->verify && backup_verify(b->o->out, b->room, e) == -1)
		return -1;
	leave_note(b);
	return 0;
}

static int read_head(struct backup *b, struct err *e)
{
	char *path = folder_path(b->o->data, FOLDER_HEAD, e);
	struct err mine = { 0 };
	int rc;

	if (path == NULL)
		return -1;
	rc = file_read(path, 1 << 16, &b->head, &mine);
	free(path);
	if (rc == -1 && mine.code == ERR_NOT_FOUND)
		return 0;
	if (rc == -1 && e != NULL)
		*e = mine;
	return rc;
}

int backup_run(const struct backup_opts *o, struct backup_result *r, struct err *e)
{
	struct backup b = { .o = o, .r = r };
	mode_t old = umask(077);
	int rc = -1;

	*r = (struct backup_result){ 0 };
	if (read_head(&b, e) == 0 && copy_store(&b, e) == 0 && add_files(&b, e) == 0 &&
		write_manifest(&b, e) == 0 && write_archive(&b, e) == 0)
		rc = finish(&b, e);
	umask(old);
	for (size_t i = 0; i < b.n; i++) {
		free(b.v[i].name);
		free(b.v[i].path);
		buf_clear(&b.v[i].held);
	}
	free(b.v);
	if (b.room != NULL)
		folder_remove(b.room);
	free(b.room);
	free(b.db);
	buf_clear(&b.manifest);
	buf_clear(&b.head);
	return rc;
}

/* --- reading one --- */

static int read_manifest(struct tar *t, struct json **out, struct err *e)
{
	struct tar_entry first;
	struct buf text = { 0 };
	size_t got = 1;
	int64_t format;
	int rc = tar_next(t, &first, e);

	if (rc == -1)
		return -1;
	if (rc == 0 || strcmp(first.name, BACKUP_MANIFEST) != 0 ||
		first.bytes > BACKUP_MANIFEST_MAX)
		return err_set(e, ERR_INPUT, "this is no backup of heatscore");
	while (got != 0) {
		char *room = buf_reserve(&text, 1 << 16);

		if (room == NULL || tar_read(t, room, 1 << 16, &got, e) == -1)
			break;
		text.n += got;
	}
	if (got == 0)
		*out = json_parse(buf_view(&text), e);
	buf_clear(&text);
	if (*out == NULL)
		return -1;
	if (json_need_int(*out, "format", 1, INT64_MAX, &format, e) == -1)
		return -1;
	if (format > BACKUP_FORMAT)
		return err_set(e, ERR_CONFIG,
			"this backup was made by a newer heatscore (" STR_FMT
			"); restore it with that one",
			STR_ARG(json_str(json_get(*out, "heatscore"), S("?"))));
	return 0;
}

/* The manifest's entry of a file, and which it is. */
static const struct json *entry_of(const struct json *files, const char *name, size_t *at)
{
	for (size_t i = 0; i < json_len(files); i++) {
		const struct json *x = json_at(files, i);

		*at = i;
		if (str_eq(json_str(json_get(x, "name"), S("")), str_of(name)))
			return x;
	}
	return NULL;
}

static int make_folders(char *path, struct err *e)
{
	char *slash = strrchr(path, '/');
	int rc;

	if (slash == NULL)
		return 0;
	*slash = '\0';
	rc = file_mkdir_p(path, NULL, e);
	*slash = '/';
	return rc;
}

static int unpack_bytes(struct tar *t, const char *path, struct err *e)
{
	struct file_out *f = file_out_open(path, e);
	char room[1 << 16];
	size_t got;

	if (f == NULL)
		return -1;
	do {
		if (tar_read(t, room, sizeof(room), &got, e) == -1 ||
			file_out_write(f, (struct str){ room, got }, e) == -1) {
			file_out_abort(f);
			return -1;
		}
	} while (got != 0);
	return file_out_commit(f, e);
}

static int unpack_one(struct tar *t, const struct tar_entry *x, const struct json *want,
	const char *dir, struct err *e)
{
	char *path = folder_path(dir, x->name, e);
	char digest[65];
	int rc = -1;

	if (path == NULL)
		return -1;
	if (json_int(json_get(want, "bytes"), -1) != (int64_t)x->bytes)
		err_set(e, ERR_INPUT, "%s in the backup has another size than its manifest says",
			x->name);
	else if (make_folders(path, e) == 0 && unpack_bytes(t, path, e) == 0 &&
		 file_sha256(path, digest, e) == 0)
		rc = str_eq(json_str(json_get(want, "sha256"), S("")), str_of(digest))
			     ? 0
			     : err_set(e, ERR_INPUT,
				       "%s in the backup is damaged: its checksum differs",
				       x->name);
	free(path);
	return rc;
}

static int unpack_all(struct tar *t, const struct json *manifest, const char *dir, struct err *e)
{
	const struct json *files = json_need(manifest, "files", J_ARR, e), *want;
	size_t n = json_len(files), at, found = 0;
	struct tar_entry x;
	bool *seen;
	int rc;

	if (files == NULL)
		return -1;
	if ((seen = calloc(n + 1, sizeof(*seen))) == NULL)
		return err_nomem(e);
	while ((rc = tar_next(t, &x, e)) == 1) {
		if ((want = entry_of(files, x.name, &at)) == NULL || seen[at]) {
			rc = err_set(
				e, ERR_INPUT, "%s in the backup is not in its manifest", x.name);
			break;
		}
		seen[at] = true;
		found++;
		if ((rc = unpack_one(t, &x, want, dir, e)) == -1)
			break;
	}
	free(seen);
	if (rc == 0 && found != n)
		rc = err_set(e, ERR_INPUT, "the backup has %zu of the %zu files it should have",
			found, n);
	return rc;
}

int backup_unpack(const char *path, const char *dir, struct json **manifest, struct err *e)
{
	struct tar *t = tar_open(path, e);
	int rc = -1;

	*manifest = NULL;
	if (t == NULL)
		return -1;
	if (read_manifest(t, manifest, e) == 0 && file_mkdir_p(dir, NULL, e) == 0)
		rc = unpack_all(t, *manifest, dir, e);
	tar_close(t);
	if (rc == -1)
		err_prefix(e, "%s: ", path);
	return rc;
}

static int check_store(const char *dir, struct err *e)
{
	char *db = folder_path(dir, FOLDER_DB, e);
	struct store_sqlite_opts o = { .path = db, .must_exist = true, .read_only = true };
	struct store *s;
	int rc = -1;

	if (db == NULL)
		return -1;
	if ((s = store_sqlite_open(&o, e)) != NULL) {
		rc = s->check(s, e);
		s->close(s);
	}
	free(db);
	return rc;
}

int backup_verify(const char *path, const char *room, struct err *e)
{
	struct json *manifest = NULL;
	char *dir = NULL;
	int rc = -1;

	if (asprintf(&dir, "%s/verify", room) == -1)
		return err_nomem(e);
	if (backup_unpack(path, dir, &manifest, e) == 0)
		rc = check_store(dir, e);
	json_free(manifest);
	folder_remove(dir);
	free(dir);
	return rc;
}
