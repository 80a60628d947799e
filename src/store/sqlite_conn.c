/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "record/fold.h"
#include "store/lead_value_internal.h"
#include "store/sqlite_internal.h"
#include "util/err.h"

int sq_fail(struct sq_conn *c, int rc, struct err *e)
{
	static const struct {
		int rc;
		enum err_code code;
		const char *words;
	} map[] = {
		{ SQLITE_FULL, ERR_FULL, "the disk of the data folder is full" },
		{ SQLITE_IOERR, ERR_IO, "the disk of the data folder failed" },
		{ SQLITE_CORRUPT, ERR_IO, "the data file is damaged" },
		{ SQLITE_NOTADB, ERR_CONFIG, "the data file is no store of heatscore" },
		{ SQLITE_BUSY, ERR_UNAVAILABLE, "another program holds the data file" },
		{ SQLITE_LOCKED, ERR_UNAVAILABLE, "the data file is locked" },
		{ SQLITE_INTERRUPT, ERR_UNAVAILABLE, "the store is being closed" },
		{ SQLITE_NOMEM, ERR_NOMEM, "out of memory" },
		{ SQLITE_CANTOPEN, ERR_IO, "the data file cannot be opened" },
		{ SQLITE_READONLY, ERR_PERM, "the data file may not be written" },
		{ SQLITE_PERM, ERR_PERM, "the data file may not be opened" },
		{ SQLITE_AUTH, ERR_PERM, "the data file may not be opened" },
		{ SQLITE_TOOBIG, ERR_LIMIT, "a value is too large to be stored" },
	};
	const char *said = c->db != NULL ? sqlite3_errmsg(c->db) : sqlite3_errstr(rc);
	size_t i;

	switch (rc & 0xFF) {
	case SQLITE_IOERR:
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_CANTOPEN:
		c->broken = true;
	}
	for (i = 0; i < sizeof(map) / sizeof(map[0]); i++)
		if ((rc & 0xFF) == map[i].rc)
			return err_set(e, map[i].code, "%s (%s, %d)", map[i].words, said, rc);
	return err_set(e, ERR_INTERNAL, "the store failed: %s (%d)", said, rc);
}

int sq_exec(struct sq_conn *c, const char *sql, struct err *e)
{
	int rc = sqlite3_exec(c->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : sq_fail(c, rc, e);
}

sqlite3_stmt *sq_stmt(struct sq_conn *c, const char *sql, struct err *e)
{
	sqlite3_stmt *st;
	size_t i;
	int rc;

	for (i = 0; i < c->n; i++)
		if (c->cache[i].sql == sql)
			return c->cache[i].stmt;
	rc = sqlite3_prepare_v3(c->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &st, NULL);
	if (rc != SQLITE_OK) {
		sq_fail(c, rc, e);
		return NULL;
	}
	ASSERT(c->n < SQ_STATEMENTS);
	c->cache[c->n].sql = sql;
	c->cache[c->n++].stmt = st;
	return st;
}

void sq_reset(sqlite3_stmt *st)
{
	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
}

void sq_reset_all(struct sq_conn *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (sqlite3_stmt_busy(c->cache[i].stmt))
			sq_reset(c->cache[i].stmt);
}

int sq_step(struct sq_conn *c, sqlite3_stmt *st, struct err *e)
{
	int rc = sqlite3_step(st);

	if (rc == SQLITE_ROW)
		return 1;
	if (rc != SQLITE_DONE)
		sq_fail(c, rc, e);
	sq_reset(st);
	return rc == SQLITE_DONE ? 0 : -1;
}

void sq_bind_blob(sqlite3_stmt *st, int i, struct str s)
{
	sqlite3_bind_blob64(st, i, s.n > 0 ? s.p : "", s.n, SQLITE_STATIC);
}

struct str sq_blob(sqlite3_stmt *st, int i)
{
	const void *p = sqlite3_column_blob(st, i);

	return (struct str){ p, (size_t)sqlite3_column_bytes(st, i) };
}

int sq_int(struct sq_conn *c, const char *sql, int64_t otherwise, int64_t *out, struct err *e)
{
	sqlite3_stmt *st = sq_stmt(c, sql, e);
	int rc;

	*out = otherwise;
	if (st == NULL)
		return -1;
	rc = sq_step(c, st, e);
	if (rc == 1) {
		*out = sqlite3_column_int64(st, 0);
		sq_reset(st);
	}
	return rc < 0 ? -1 : 0;
}

int sq_conn_version(struct sq_conn *c, int64_t *version, struct err *e)
{
	*version = 0;
	if (sqlite3_db_readonly(c->db, "main") != 1)
		return 0;
	return sq_int(c, "PRAGMA data_version", 0, version, e);
}

int sq_conn_open(struct sq_conn *c, const char *path, enum sq_mode mode, struct err *e)
{
	int flags = SQLITE_OPEN_NOMUTEX |
		    (mode == SQ_WRITE ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
	int rc;

	memset(c, 0, sizeof(*c));
	rc = sqlite3_open_v2(path, &c->db, flags, NULL);
	if (rc != SQLITE_OK) {
		sq_fail(c, rc, e);
		goto fail;
	}
	sqlite3_extended_result_codes(c->db, 1);
	sqlite3_busy_timeout(c->db, 5000);
	sqlite3_db_config(c->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(c->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	/* 64 MiB over all connections together. */
	if (sq_exec(c,
		    mode == SQ_WRITE ? "PRAGMA cache_size = -49152" : "PRAGMA cache_size = -3072",
		    e) != 0 ||
		sq_exec(c, "PRAGMA temp_store = memory; PRAGMA mmap_size = 0", e) != 0)
		goto fail;
	/* A write that is answered outlives a power cut: the log is synced on each commit. It is
	 * written back between commits (sqlite_writer.c), not within one. */
	if (mode == SQ_WRITE &&
		sq_exec(c,
			"PRAGMA synchronous = full; PRAGMA secure_delete = fast;"
			"PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 67108864",
			e) != 0)
		goto fail;
	if (sq_words_register(c, e) != 0)
		goto fail;
	return 0;
fail:
	sq_conn_close(c);
	return -1;
}

void sq_conn_close(struct sq_conn *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		sqlite3_finalize(c->cache[i].stmt);
	sqlite3_close_v2(c->db);
	sq_strips_let_go(c);
	free(c->strips.stamps);
	memset(c, 0, sizeof(*c));
}

/* --- documents ------------------------------------------------------------------------------ */

static int kv_get(struct kv *k, struct str key, struct arena *a, struct str *body, struct err *e)
{
	struct sq_conn *c = ((struct sq_kv *)k)->c;
	sqlite3_stmt *st = sq_stmt(c, "SELECT body FROM doc WHERE key = ?1", e);
	int rc;

	if (st == NULL)
		return -1;
	sq_bind_blob(st, 1, key);
	rc = sq_step(c, st, e);
	if (rc != 1)
		return rc;
	*body = sq_blob(st, 0);
	body->p = arena_dup(a, *body);
	sq_reset(st);
	if (body->p == NULL)
		return err_set(e, ERR_LIMIT, "the answer takes more memory than is allowed");
	return 1;
}

static int kv_put(struct kv *k, struct str key, struct str body, struct err *e)
{
	struct sq_conn *c = ((struct sq_kv *)k)->c;
	sqlite3_stmt *st = sq_stmt(c,
		"INSERT INTO doc(key, body) VALUES(?1, ?2)"
		" ON CONFLICT(key) DO UPDATE SET body = excluded.body",
		e);

	if (st == NULL)
		return -1;
	sq_bind_blob(st, 1, key);
	sq_bind_blob(st, 2, body);
	return sq_step(c, st, e);
}

static int kv_del(struct kv *k, struct str key, struct err *e)
{
	struct sq_conn *c = ((struct sq_kv *)k)->c;
	sqlite3_stmt *st = sq_stmt(c, "DELETE FROM doc WHERE key = ?1", e);

	if (st == NULL)
		return -1;
	sq_bind_blob(st, 1, key);
	return sq_step(c, st, e);
}

/* The first key behind all that start with ${prefix}: its last byte that can, one higher. */
static size_t behind(struct str prefix, char out[700])
{
	size_t n = prefix.n;

	memcpy(out, prefix.p, n);
	while (n > 0 && (unsigned char)out[n - 1] == 255)
		n--;
	if (n > 0)
		out[n - 1]++;
	return n;
}

static int kv_scan(struct kv *k, struct str prefix, struct str after, bool backwards,
	int (*visit)(void *arg, struct str key, struct str body, struct err *e), void *arg,
	struct err *e)
{
	struct sq_conn *c = ((struct sq_kv *)k)->c;
	const char *sql =
		backwards
			? "SELECT key, body FROM doc WHERE key >= ?1 AND key < ?2 ORDER BY key DESC"
			: "SELECT key, body FROM doc WHERE key > ?3 AND key >= ?1 AND key < ?2 "
			  "ORDER BY key";
	char end[700];
	struct str from = prefix, to;
	sqlite3_stmt *st;
	int rc;

	ASSERT(prefix.n < sizeof(end));
	to = (struct str){ end, behind(prefix, end) };
	if (backwards && after.n > 0)
		to = after;
	/* Visitors may read other documents, so the statement is their own, not a cached one. */
	rc = sqlite3_prepare_v2(c->db, sql, -1, &st, NULL);
	if (rc != SQLITE_OK)
		return sq_fail(c, rc, e);
	sq_bind_blob(st, 1, from);
	sq_bind_blob(st, 2, to);
	if (!backwards)
		sq_bind_blob(st, 3, after);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		int more = visit(arg, sq_blob(st, 0), sq_blob(st, 1), e);

		if (more != KV_MORE) {
			sqlite3_finalize(st);
			return more == KV_STOP ? 0 : -1;
		}
	}
	if (rc != SQLITE_DONE)
		sq_fail(c, rc, e);
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? 0 : -1;
}

void sq_kv_init(struct sq_kv *k, struct sq_conn *c)
{
	*k = (struct sq_kv){ { kv_get, kv_put, kv_del, kv_scan }, c };
}

/* --- words ---------------------------------------------------------------------------------- */

struct words {
	struct buf word;
};

static int words_create(void *ctx, const char **args, int n, Fts5Tokenizer **out)
{
	struct words *w = sqlite3_malloc(sizeof(*w));

	if (w == NULL)
		return SQLITE_NOMEM;
	memset(w, 0, sizeof(*w));
	*out = (Fts5Tokenizer *)w;
	return SQLITE_OK;
}

static void words_delete(Fts5Tokenizer *t)
{
	struct words *w = (struct words *)t;

	buf_clear(&w->word);
	sqlite3_free(w);
}

/* What words_of_values made: taken apart at its blanks. */
static int words_split(
	void *ctx, struct str text, int (*token)(void *, int, const char *, int, int, int))
{
	size_t from = 1;
	int rc = SQLITE_OK;

	for (size_t i = 1; i < text.n && rc == SQLITE_OK; i++) {
		if (text.p[i] != ' ')
			continue;
		rc = token(ctx, 0, text.p + from, (int)(i - from), (int)from, (int)i);
		from = i + 1;
	}
	return rc;
}

static int words_tokenize(Fts5Tokenizer *t, void *ctx, int flags, const char *text, int n,
	int (*token)(void *, int, const char *, int, int, int))
{
	struct words *w = (struct words *)t;
	struct str rest = { text, (size_t)n };
	int rc = SQLITE_OK;

	if (rest.n > 0 && rest.p[0] == WORDS_FOLDED)
		return words_split(ctx, rest, token);
	while (rc == SQLITE_OK) {
		int end;

		buf_reset(&w->word);
		if (!fold_word(&rest, &w->word))
			break;
		if (w->word.failed)
			return SQLITE_NOMEM;
		end = n - (int)rest.n;
		rc = token(ctx, 0, w->word.p, (int)w->word.n, 0, end);
	}
	return rc;
}

int sq_words_register(struct sq_conn *c, struct err *e)
{
	static fts5_tokenizer words = { words_create, words_delete, words_tokenize };
	fts5_api *api = NULL;
	sqlite3_stmt *st;
	int rc = sqlite3_prepare_v2(c->db, "SELECT fts5(?1)", -1, &st, NULL);

	if (rc != SQLITE_OK)
		return sq_fail(c, rc, e);
	sqlite3_bind_pointer(st, 1, (void *)&api, "fts5_api_ptr", NULL);
	sqlite3_step(st);
	rc = sqlite3_finalize(st);
	if (rc != SQLITE_OK || api == NULL)
		return err_set(e, ERR_CONFIG, "this SQLite was built without full-text search");
	rc = api->xCreateTokenizer(api, "words", NULL, &words, NULL);
	return rc == SQLITE_OK ? 0 : sq_fail(c, rc, e);
}
