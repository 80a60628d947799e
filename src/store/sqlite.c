/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "store/sqlite_migrate_internal.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/file.h"

enum { TRICKLE_STEPS = 10000 }; /* of the copy's program: about two megabytes of leads */

struct sq *sq_of(struct store *s)
{
	return (struct sq *)s;
}

/* --- readers ---------------------------------------------------------------------------------- */

static size_t take_reader(struct sq *s)
{
	size_t i, best;

	pthread_mutex_lock(&s->readers_lock);
	for (;;) {
		best = s->n_readers;
		for (i = 0; i < s->n_readers; i++)
			if (!s->taken[i] && (best == s->n_readers || s->opened[i]))
				best = i;
		if (best < s->n_readers)
			break;
		pthread_cond_wait(&s->readers_free, &s->readers_lock);
	}
	s->taken[best] = true;
	pthread_mutex_unlock(&s->readers_lock);
	return best;
}

static void give_reader(struct sq *s, size_t i)
{
	if (s->readers[i].broken) {
		sq_conn_close(&s->readers[i]);
		s->opened[i] = false;
	}
	pthread_mutex_lock(&s->readers_lock);
	s->taken[i] = false;
	s->full[i] = true;
	s->used_ms[i] = clock_mono_ms();
	pthread_cond_broadcast(&s->readers_free);
	pthread_mutex_unlock(&s->readers_lock);
}

/* One that was not used for so long, taken; n_readers: there is none. */
static size_t take_unused(struct sq *s, int64_t quiet_ms)
{
	int64_t now = clock_mono_ms();
	size_t i;

	pthread_mutex_lock(&s->readers_lock);
	for (i = 0; i < s->n_readers; i++)
		if (!s->taken[i] && s->opened[i] && s->full[i] && now - s->used_ms[i] >= quiet_ms)
			break;
	if (i < s->n_readers)
		s->taken[i] = true;
	pthread_mutex_unlock(&s->readers_lock);
	return i;
}

bool sq_readers_rest(struct sq *s, int64_t quiet_ms)
{
	bool some = s->cache != NULL && sq_cache_rest(s->cache, quiet_ms);
	size_t i;

	while ((i = take_unused(s, quiet_ms)) < s->n_readers) {
		sqlite3_db_release_memory(s->readers[i].db);
		pthread_mutex_lock(&s->readers_lock);
		s->taken[i] = s->full[i] = false;
		pthread_cond_broadcast(&s->readers_free);
		pthread_mutex_unlock(&s->readers_lock);
		some = true;
	}
	return some;
}

/* A read that began before the store is closed ends first. */
static void wait_for_readers(struct sq *s)
{
	pthread_mutex_lock(&s->readers_lock);
	for (size_t i = 0; i < s->n_readers; i++)
		while (s->taken[i])
			pthread_cond_wait(&s->readers_free, &s->readers_lock);
	pthread_mutex_unlock(&s->readers_lock);
}

int sq_read(struct sq *s, sq_fn *fn, void *arg, struct err *e)
{
	size_t i = take_reader(s);
	struct sq_conn *c = &s->readers[i];
	int rc = -1;

	if (!s->opened[i]) {
		if (sq_conn_open(c, s->path, SQ_READ, e) != 0)
			goto done;
		s->opened[i] = true;
		c->strips.cache = s->cache;
		c->strips.s = s;
	}
	/* One transaction, so that all of it is as of one moment. */
	if (sq_exec(c, "BEGIN", e) != 0)
		goto done;
	rc = fn(s, c, arg, e);
	sq_strips_let_go(c);
	sq_reset_all(c);
	sqlite3_exec(c->db, "COMMIT", NULL, NULL, NULL);
done:
	/* Without memory even that may fail: the next reader gets a connection in no transaction.
	 */
	if (s->opened[i] && c->db != NULL && sqlite3_get_autocommit(c->db) == 0) {
		sq_conn_close(c);
		s->opened[i] = false;
	}
	give_reader(s, i);
	return rc;
}

struct kv_call {
	kv_fn *fn;
	void *arg;
};

static int call_kv(struct sq *s, struct sq_conn *c, void *arg, struct err *e)
{
	struct kv_call *k = arg;
	struct sq_kv kv;

	sq_kv_init(&kv, c);
	return k->fn(&kv.kv, k->arg, e);
}

static int kv_read(struct store *s, kv_fn *fn, void *arg, struct err *e)
{
	struct kv_call k = { fn, arg };

	return sq_read(sq_of(s), call_kv, &k, e);
}

static int kv_write(struct store *s, kv_fn *fn, void *arg, struct err *e)
{
	struct kv_call k = { fn, arg };

	return sq_write(sq_of(s), call_kv, &k, e);
}

/* --- the whole ----------------------------------------------------------------------------------
 */

static void close_store(struct store *st)
{
	struct sq *s = sq_of(st);
	size_t i;

	sq_writer_stop(s);
	sq_back_stop(s);
	wait_for_readers(s);
	for (i = 0; i < s->n_readers; i++)
		if (s->opened[i])
			sq_conn_close(&s->readers[i]);
	sq_cache_free(s->cache);
	sq_answers_free(s->answers);
	for (i = 0; i < s->made.n; i++)
		free(s->made.headers[i]);
	pthread_mutex_destroy(&s->made.lock);
	sq_writer_close(s);
	sq_layouts_clear(s);
	pthread_rwlock_destroy(&s->layouts_lock);
	pthread_cond_destroy(&s->readers_free);
	pthread_mutex_destroy(&s->readers_lock);
	pthread_cond_destroy(&s->wake);
	pthread_cond_destroy(&s->done);
	pthread_mutex_destroy(&s->lock);
	store_base_clear(&s->base);
	sq_strips_rest(s);
	free(s->touched);
	free(s->path);
	free(s);
}

static uint64_t file_bytes(const char *path, const char *behind)
{
	char name[4096 + 16];
	struct stat st;

	snprintf(name, sizeof(name), "%s%s", path, behind);
	return stat(name, &st) == 0 ? (uint64_t)st.st_size : 0;
}

static int probe_write(struct sq *s, struct sq_conn *c, void *arg, struct err *e)
{
	int64_t n;

	if (sq_state_get(c, SQ_PROBE, &n, e) != 0)
		return -1;
	return sq_state_set(c, SQ_PROBE, n + 1, e);
}

static int probe_read(struct sq *s, struct sq_conn *c, void *arg, struct err *e)
{
	int64_t *version = arg;

	return sq_int(c, "PRAGMA user_version", 0, version, e);
}

static int health(struct store *st, bool probe, struct store_health *out, struct err *e)
{
	struct sq *s = sq_of(st);
	struct err why = { .code = ERR_OK };
	int64_t version = 0, start = clock_mono_ms();
	struct statvfs fs;

	memset(out, 0, sizeof(*out));
	if (sq_read(s, probe_read, &version, &why) != 0)
		snprintf(out->detail, sizeof(out->detail), "%.250s", why.msg);
	out->schema = (uint32_t)version;
	if (probe && version != 0) {
		start = clock_mono_ms();
		out->writable = sq_write(s, probe_write, NULL, &why) == 0;
		out->write_ms = clock_mono_ms() - start;
		if (!out->writable)
			snprintf(out->detail, sizeof(out->detail), "%.250s", why.msg);
	}
	out->bytes = file_bytes(s->path, "");
	out->log_bytes = file_bytes(s->path, "-wal");
	if (statvfs(s->path, &fs) == 0)
		out->free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	out->writes = atomic_load(&s->writes);
	out->commits = atomic_load(&s->commits);
	out->failures = atomic_load(&s->failures);
	return 0;
}

int sq_file_publish(const char *part, const char *name, struct err *e)
{
	char folder[4096];
	char *slash;
	int fd = open(part, O_RDWR | O_CLOEXEC);

	if (fd < 0 || fsync(fd) != 0) {
		if (fd >= 0)
			close(fd);
		return err_set(e, ERR_IO, "%s: %s", part, strerror(errno));
	}
	close(fd);
	if (rename(part, name) != 0)
		return err_set(e, ERR_IO, "%s: %s", name, strerror(errno));
	snprintf(folder, sizeof(folder), "%s", name);
	slash = strrchr(folder, '/');
	if (slash == NULL)
		return file_sync_dir(".", e);
	*slash = '\0';
	return file_sync_dir(folder[0] != '\0' ? folder : "/", e);
}

/* A copy that is written in one go keeps the disk busy for seconds at its end, and the writers' log
 * is synced behind all of it. So what was written is sent to the disk as it comes, and the next
 * pages wait for it. */
struct trickle {
	const char *part;
	int fd;
};

static int trickle(void *arg)
{
	struct trickle *t = arg;

	if (t->fd == -1)
		t->fd = open(t->part, O_RDONLY | O_CLOEXEC);
	if (t->fd != -1)
		sync_file_range(t->fd, 0, 0,
			SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
				SYNC_FILE_RANGE_WAIT_AFTER);
	return 0;
}

/* A read transaction on a connection of its own: writers go on beside it. */
static int copy_to(struct sq *s, const char *part, int64_t *leads, struct err *e)
{
	struct trickle t = { .part = part, .fd = -1 };
	struct sq_conn c;
	sqlite3_stmt *st;
	int rc = -1;

	if (sq_conn_open(&c, s->path, SQ_WRITE, e) != 0)
		return -1;
	/* The copy has a cache of the same size: a large one would hold all of it back. */
	if (sq_exec(&c, "PRAGMA cache_size = -2048", e) == 0 &&
		(st = sq_stmt(&c, "VACUUM INTO ?1", e)) != NULL) {
		sqlite3_progress_handler(c.db, TRICKLE_STEPS, trickle, &t);
		sqlite3_bind_text(st, 1, part, -1, SQLITE_STATIC);
		rc = sq_step(&c, st, e);
	}
	sq_conn_close(&c);
	if (t.fd != -1)
		close(t.fd);
	if (rc != 0)
		return -1;
	/* Counted in the copy: that is the moment it is of. */
	if (sq_conn_open(&c, part, SQ_READ, e) != 0)
		return -1;
	rc = sq_state_get(&c, SQ_LEADS, leads, e);
	sq_conn_close(&c);
	return rc;
}

static int backup(struct store *st, const char *path, struct store_backup *out, struct err *e)
{
	struct sq *s = sq_of(st);
	char part[4096 + 8];
	int64_t leads = 0;

	memset(out, 0, sizeof(*out));
	if (file_exists(path))
		return err_set(e, ERR_CREATE, "%s is there already", path);
	snprintf(part, sizeof(part), "%s.part", path);
	unlink(part);
	out->at_ms = clock_ms();
	if (copy_to(s, part, &leads, e) != 0)
		goto fail;
	if (chmod(part, 0600) != 0 || file_sha256(part, out->digest, e) != 0)
		goto fail;
	out->bytes = file_bytes(part, "");
	out->leads = (uint64_t)leads;
	if (sq_file_publish(part, path, e) != 0)
		goto fail;
	return 0;
fail:
	unlink(part);
	return err_prefix(e, "backup: ");
}

static int check_file(struct sq *s, struct sq_conn *c, struct err *e)
{
	sqlite3_stmt *st = sq_stmt(c, "PRAGMA integrity_check(1)", e);
	int64_t leads, rows, scores, lost;
	int rc;

	if (st == NULL)
		return -1;
	rc = sq_step(c, st, e);
	if (rc == 1) {
		const char *said = (const char *)sqlite3_column_text(st, 0);

		rc = said != NULL && strcmp(said, "ok") == 0
			     ? 0
			     : err_set(e, ERR_IO, "the data file is damaged: %.800s",
				       said != NULL ? said : "");
		sq_reset(st);
	}
	if (rc != 0)
		return -1;
	if (sq_state_get(c, SQ_LEADS, &leads, e) != 0 ||
		sq_int(c, "SELECT count(*) FROM lead", 0, &rows, e) != 0 ||
		sq_int(c, "SELECT count(*) FROM score", 0, &scores, e) != 0 ||
		sq_int(c,
			"SELECT count(*) FROM score WHERE NOT EXISTS"
			" (SELECT 1 FROM lead WHERE lead.slot = score.slot)",
			0, &lost, e) != 0)
		return -1;
	if (leads != rows || lost != 0 || scores > rows)
		return err_set(e, ERR_IO,
			"the data does not hold together: %lld leads counted, %lld there, %lld "
			"scores "
			"without a lead",
			(long long)leads, (long long)rows, (long long)lost);
	return sq_strips_check(s, c, e);
}

/* On a connection of its own: one that has searched before remembers which parts the index of words
 * had then, and since SQLite 3.44 the check would miss those that were merged since. */
static int check(struct store *st, struct err *e)
{
	struct sq *s = sq_of(st);
	struct sq_conn c;
	int rc;

	if (sq_conn_open(&c, s->path, SQ_READ, e) != 0)
		return -1;
	rc = check_file(s, &c, e);
	sq_conn_close(&c);
	return rc;
}

static int load_key(struct sq *s, struct sq_conn *c, void *arg, struct err *e)
{
	sqlite3_stmt *st = sq_stmt(c, "SELECT v FROM secret WHERE k = 1", e);
	int rc;

	if (st == NULL)
		return -1;
	rc = sq_step(c, st, e);
	if (rc == 1) {
		struct str v = sq_blob(st, 0);

		if (v.n == sizeof(s->base.pub.lead_key))
			memcpy(s->base.pub.lead_key, v.p, v.n);
		else
			rc = 0;
		sq_reset(st);
	}
	if (rc == 0)
		err_set(e, ERR_IO, "the data file lacks its key");
	return rc == 1 ? 0 : -1;
}

static struct sq *make(const struct store_sqlite_opts *o, struct err *e)
{
	struct sq *s = calloc(1, sizeof(*s));
	pthread_condattr_t attr;

	if (s == NULL || (s->path = str_dup(str_of(o->path))) == NULL) {
		free(s);
		err_nomem(e);
		return NULL;
	}
	if (store_base_init(&s->base, e) != 0) {
		free(s->path);
		free(s);
		return NULL;
	}
	s->cache = sq_cache_new();
	s->answers = sq_answers_new();
	s->read_only = o->read_only;
	s->log_most = (int)o->log_pages;
	s->n_readers = o->readers != 0 ? o->readers : 4;
	if (s->n_readers > SQ_READERS)
		s->n_readers = SQ_READERS;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->wake, &attr);
	pthread_cond_init(&s->done, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&s->readers_lock, NULL);
	pthread_mutex_init(&s->made.lock, NULL);
	pthread_cond_init(&s->readers_free, NULL);
	sq_back_init(s);
	pthread_rwlock_init(&s->layouts_lock, NULL);
	s->base.read = kv_read;
	s->base.write = kv_write;
	s->base.pub.layouts = &sq_layouts;
	s->base.pub.leads = &sq_leads;
	s->base.pub.close = close_store;
	s->base.pub.health = health;
	s->base.pub.backup = backup;
	s->base.pub.check = check;
	s->base.pub.settle = sq_settle;
	return s;
}

static int make_folder(const char *path, struct err *e)
{
	char folder[4096];
	char *slash;

	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	if (slash == NULL || slash == folder)
		return 0;
	*slash = '\0';
	return file_mkdir_p(folder, NULL, e);
}

struct store *store_sqlite_open(const struct store_sqlite_opts *o, struct err *e)
{
	struct sq *s;
	struct err why = { .code = ERR_OK };
	mode_t mask;
	int rc;

	if (o->read_only && !file_exists(o->path)) {
		err_set(e, ERR_NOT_FOUND, "there is no store at %s", o->path);
		return NULL;
	}
	if (!o->read_only) {
		if (!o->must_exist && make_folder(o->path, e) != 0)
			return NULL;
		/* Its files are for the one who runs the server. */
		mask = umask(077);
		rc = sq_migrate(o->path, o->must_exist, e);
		umask(mask);
		if (rc != 0)
			return NULL;
	}
	s = make(o, e);
	if (s == NULL)
		return NULL;
	if (sq_read(s, load_key, NULL, &why) != 0)
		goto fail;
	if (!s->read_only && sq_writer_start(s, &why) != 0)
		goto fail;
	return &s->base.pub;
fail:
	if (e != NULL)
		*e = why;
	close_store(&s->base.pub);
	return NULL;
}
