/* SPDX-License-Identifier: Apache-2.0 */
/* The schema and how it came about, step by step. Each step is one transaction that ends by saying
 * its number, so a program that is killed in between goes on where it stopped. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/sqlite_migrate_internal.h"
#include "util/crypto.h"
#include "util/err.h"
#include "util/file.h"

enum { APPLICATION = 0x4C485331 }; /* "LHS1", in the file's header */

/* Steps are never changed once released; a new version adds one. */
static const struct sq_step steps[] = {
	{ 1, "leads, strips, documents",
		"CREATE TABLE state(k INTEGER PRIMARY KEY, v INTEGER NOT NULL);"
		"CREATE TABLE secret(k INTEGER PRIMARY KEY, v BLOB NOT NULL);"
		/* slot: 1, 2, 3, ... in the order in which leads came, never used twice. */
		"CREATE TABLE lead(slot INTEGER PRIMARY KEY, id BLOB NOT NULL, body BLOB NOT NULL);"
		"CREATE UNIQUE INDEX lead_id ON lead(id);"
		"CREATE TABLE score(slot INTEGER PRIMARY KEY, body BLOB NOT NULL);"
		"CREATE VIRTUAL TABLE lead_text USING fts5(words, content='', detail=none,"
		" columnsize=0, tokenize='words');"
		"CREATE TABLE strip(key INTEGER PRIMARY KEY, body BLOB NOT NULL);"
		"CREATE TABLE dirty(slot INTEGER PRIMARY KEY, what INTEGER NOT NULL);"
		"CREATE TABLE layout(number INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE,"
		" body BLOB NOT NULL);"
		"CREATE TABLE attribute(number INTEGER PRIMARY KEY, header BLOB NOT NULL UNIQUE);"
		"CREATE TABLE mapping(headers BLOB PRIMARY KEY, json BLOB NOT NULL) WITHOUT ROWID;"
		"CREATE TABLE tombstone(id BLOB PRIMARY KEY, at_ms INTEGER NOT NULL) WITHOUT ROWID;"
		"CREATE TABLE doc(key BLOB PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;" },
};
_Static_assert(sizeof(steps) / sizeof(steps[0]) == SQ_SCHEMA, "one step per version");

/* What to type: the newer program, or the copy that the update left (snapshot()) if it is there. */
static int refuse_newer(const char *path, int64_t version, uint32_t newest, struct err *e)
{
	char copy[4096 + 32];

	snprintf(copy, sizeof(copy), "%s.before-v%u", path, newest + 1);
	if (!file_exists(copy))
		return err_set(e, ERR_CONFIG,
			"%s has data of version %lld, this program knows up to %u: start the newer "
			"heatscore again, or restore a backup made before the update "
			"(heatscore restore FILE --data NEW_FOLDER)",
			path, (long long)version, newest);
	return err_set(e, ERR_CONFIG,
		"%s has data of version %lld, this program knows up to %u: start the newer "
		"heatscore again, or go back to before the update, without what came since, with "
		"rm -f '%s'-wal '%s'-shm && mv '%s' '%s'; a backup from before it does as well "
		"(heatscore restore FILE --data NEW_FOLDER)",
		path, (long long)version, newest, path, path, copy, path);
}

static int version_of(
	struct sq_conn *c, const char *path, uint32_t newest, uint32_t *out, struct err *e)
{
	int64_t version, application, tables;

	if (sq_int(c, "PRAGMA user_version", 0, &version, e) != 0 ||
		sq_int(c, "PRAGMA application_id", 0, &application, e) != 0 ||
		sq_int(c, "SELECT count(*) FROM sqlite_schema", 0, &tables, e) != 0)
		return -1;
	if (application != APPLICATION && (application != 0 || tables != 0 || version != 0))
		return err_set(
			e, ERR_CONFIG, "%s is an SQLite file, but not one of heatscore", path);
	if (version > (int64_t)newest)
		return refuse_newer(path, version, newest, e);
	*out = (uint32_t)version;
	return 0;
}

/* A copy from before the first step, complete or not there. One of that name is of a start that was
 * killed before the first step, or of an update that was taken back: the data as they are now are
 * what is to be kept. */
static int snapshot(struct sq_conn *c, const char *path, uint32_t from, struct err *e)
{
	char name[4096], part[4096 + 8];
	sqlite3_stmt *st;
	int rc;

	snprintf(name, sizeof(name), "%s.before-v%u", path, from + 1);
	snprintf(part, sizeof(part), "%s.part", name);
	unlink(part);
	st = sq_stmt(c, "VACUUM INTO ?1", e);
	if (st == NULL)
		return -1;
	sqlite3_bind_text(st, 1, part, -1, SQLITE_STATIC);
	rc = sq_step(c, st, e);
	if (rc < 0)
		return -1;
	return sq_file_publish(part, name, e);
}

static int run_step(struct sq_conn *c, const struct sq_step *step, struct err *e)
{
	char sql[160];
	uint8_t key[CRYPTO_KEY];
	sqlite3_stmt *st;
	int64_t there;

	if (sq_exec(c, "BEGIN IMMEDIATE", e) != 0 ||
		sq_int(c, "PRAGMA user_version", 0, &there, e) != 0)
		return -1;
	if (there >= (int64_t)step->to)
		return sq_exec(c, "ROLLBACK", e); /* another process was faster */
	if (sq_exec(c, step->sql, e) != 0)
		return -1;
	if (step->to == 1) {
		crypto_random(key, sizeof(key));
		st = sq_stmt(c, "INSERT INTO secret(k, v) VALUES(1, ?1)", e);
		if (st == NULL)
			return -1;
		sq_bind_blob(st, 1, (struct str){ (const char *)key, sizeof(key) });
		if (sq_step(c, st, e) != 0)
			return -1;
	}
	snprintf(sql, sizeof(sql), "PRAGMA application_id = %d; PRAGMA user_version = %u; COMMIT",
		APPLICATION, step->to);
	return sq_exec(c, sql, e);
}

static int open_or_make(struct sq_conn *c, const char *path, bool must_exist, struct err *e)
{
	FILE *f;

	if (!file_exists(path)) {
		if (must_exist)
			return err_set(e, ERR_NOT_FOUND, "there is no store at %s", path);
		/* An empty file is a fresh store; made by us so that only we may read it. */
		f = fopen(path, "abx");
		if (f == NULL && !file_exists(path))
			return err_set(e, ERR_CREATE, "%s cannot be made", path);
		if (f != NULL)
			fclose(f);
	}
	if (sq_conn_open(c, path, SQ_WRITE, e) != 0)
		return -1;
	return 0;
}

int sq_migrate_by(
	const char *path, bool must_exist, const struct sq_step *all, size_t n, struct err *e)
{
	struct sq_conn c;
	uint32_t from;
	int64_t unused;
	size_t i;

	if (open_or_make(&c, path, must_exist, e) != 0)
		return err_prefix(e, "%s: ", path);
	if (version_of(&c, path, all[n - 1].to, &from, e) != 0)
		goto fail;
	if (from == 0 &&
		(sq_exec(&c, "PRAGMA page_size = 8192; PRAGMA auto_vacuum = incremental", e) != 0 ||
			sq_int(&c, "PRAGMA journal_mode = wal", 0, &unused, e) != 0))
		goto fail;
	if (from != 0 && from != all[n - 1].to && snapshot(&c, path, from, e) != 0)
		goto fail;
	for (i = 0; i < n; i++)
		if (all[i].to > from && run_step(&c, &all[i], e) != 0) {
			err_prefix(e, "bringing the data to version %u (%s): ", all[i].to,
				all[i].what);
			goto fail;
		}
	sq_conn_close(&c);
	return 0;
fail:
	sq_conn_close(&c);
	return -1;
}

int sq_migrate(const char *path, bool must_exist, struct err *e)
{
	return sq_migrate_by(path, must_exist, steps, SQ_SCHEMA, e);
}

int store_sqlite_migrations(const char *path, uint32_t *from, uint32_t *to, struct err *e)
{
	struct sq_conn c;
	int rc;

	*from = 0;
	*to = SQ_SCHEMA;
	if (!file_exists(path))
		return 0;
	if (sq_conn_open(&c, path, SQ_READ, e) != 0)
		return -1;
	rc = version_of(&c, path, UINT32_MAX, from, e);
	sq_conn_close(&c);
	return rc;
}
