/* SPDX-License-Identifier: Apache-2.0 */
/* One thread writes: it takes all calls that wait, runs them one after the other in one
 * transaction, and lets them go when that is safe on the disk. So a burst of small writes waits for
 * the disk once, and no call ever finds the file locked. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "store/sqlite_internal.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/heap.h"

enum {
	GROUP_MS = 250,     /* no new call joins a group that has run so long */
	IDLE_MS = 100,      /* quiet for so long: time for background work */
	REST_MS = 2000,     /* so often, if it is not busy, it lets go of memory; */
	TRIM_MS = 3000,     /* if it is, of what is free at least, after this while */
	DIRTY_IDLE = 256,   /* leads out of their strips that are left alone */
	DIRTY_MOST = 4096,  /* then they are merged before the next group */
	LOG_PAGES = 8000,   /* of the write-ahead log, before it is written back; */
	LOG_TIMES = 3,      /* as many times that, before the writer waits for it */
	EMPTY_MS = 200,     /* writers are held off so long while the log is emptied, */
	EMPTY_GAP_MS = 150, /* then they have so long, more than they sleep between two looks, */
	EMPTY_TRIES = 12,   /* and so often */
	DUE_STEP = 1024,    /* leads whose words go into the index at a time, */
	DUE_WAIT_MS = 1000, /* at the latest, where it is never quiet */
	CACHE_STEP = 512,   /* pages in memory are a multiple of it, */
	CACHE_MOST = 6144,  /* at most 48 MiB, as sq_conn_open has it */
};

int sq_state_get(struct sq_conn *c, enum sq_state k, int64_t *out, struct err *e)
{
	sqlite3_stmt *st = sq_stmt(c, "SELECT v FROM state WHERE k = ?1", e);
	int rc;

	*out = 0;
	if (st == NULL)
		return -1;
	sqlite3_bind_int(st, 1, k);
	rc = sq_step(c, st, e);
	if (rc == 1) {
		*out = sqlite3_column_int64(st, 0);
		sq_reset(st);
	}
	return rc < 0 ? -1 : 0;
}

int sq_state_set(struct sq_conn *c, enum sq_state k, int64_t v, struct err *e)
{
	sqlite3_stmt *st = sq_stmt(c, "INSERT OR REPLACE INTO state(k, v) VALUES(?1, ?2)", e);

	if (st == NULL)
		return -1;
	sqlite3_bind_int(st, 1, k);
	sqlite3_bind_int64(st, 2, v);
	return sq_step(c, st, e);
}

static void rollback(struct sq *s)
{
	sq_reset_all(&s->w);
	if (s->w.db != NULL && sqlite3_get_autocommit(s->w.db) == 0)
		sqlite3_exec(s->w.db, "ROLLBACK", NULL, NULL, NULL);
	/* Without memory even that may fail. */
	if (s->w.db != NULL && sqlite3_get_autocommit(s->w.db) == 0)
		s->w.broken = true;
	s->n_touched = 0;
	sq_layouts_forget(s);
}

/* After a failed sync nobody knows what the disk has: the handle is closed and opened anew, so that
 * what is there is read again, and the failed sync is never repeated. */
static int ensure_open(struct sq *s, struct err *e)
{
	if (s->w.db != NULL && s->w.broken)
		sq_conn_close(&s->w);
	if (s->w.db != NULL)
		return 0;
	s->log_kept = false;
	s->cache_pages = 0;
	return sq_conn_open(&s->w, s->path, SQ_WRITE, e);
}

static int begin(struct sq *s, struct err *e)
{
	if (ensure_open(s, e) != 0 || sq_exec(&s->w, "BEGIN IMMEDIATE", e) != 0)
		return -1;
	s->state_dirty = s->due_dirty = false;
	s->n_touched = 0;
	sq_fresh_none(s);
	sq_later_none(s);
	if (sq_state_get(&s->w, SQ_NEXT_SLOT, &s->next_slot, e) != 0 ||
		sq_state_get(&s->w, SQ_LEADS, &s->leads, e) != 0 ||
		sq_due_get(&s->w, &s->due, e) != 0)
		return -1;
	if (s->next_slot == 0)
		s->next_slot = 1;
	return 0;
}

static int commit(struct sq *s, struct err *e)
{
	if (sq_touched_done(s, &s->w, e) != 0 || sq_later_settle(s, &s->w, e) != 0)
		return -1;
	sq_fresh_none(s);
	if (s->state_dirty && (sq_state_set(&s->w, SQ_NEXT_SLOT, s->next_slot, e) != 0 ||
				      sq_state_set(&s->w, SQ_LEADS, s->leads, e) != 0))
		return -1;
	if (s->due_dirty && sq_due_set(&s->w, &s->due, e) != 0)
		return -1;
	sq_reset_all(&s->w);
	if (sq_exec(&s->w, "COMMIT", e) != 0)
		return -1;
	sq_layouts_keep(s);
	atomic_fetch_add(&s->commits, 1);
	return 0;
}

/* run_one(s, j, alone): -1 when the whole transaction is lost. */
static int run_one(struct sq *s, struct sq_job *j, bool alone)
{
	int64_t next_slot = s->next_slot, leads = s->leads;
	size_t n_touched = s->n_touched;
	bool state_dirty = s->state_dirty, due_dirty = s->due_dirty;
	struct sq_due due = s->due;

	if (!alone && (sq_later_settle(s, &s->w, j->e) != 0 ||
			      sq_exec(&s->w, "SAVEPOINT one", j->e) != 0)) {
		j->rc = -1;
		return -1;
	}
	s->behind = j->next != NULL;
	j->rc = j->fn(s, &s->w, j->arg, j->e);
	if (j->rc != 0 && (alone || s->w.broken || sqlite3_get_autocommit(s->w.db) != 0))
		return -1;
	if (j->rc != 0) {
		sq_reset_all(&s->w);
		s->next_slot = next_slot;
		s->leads = leads;
		s->n_touched = n_touched;
		s->state_dirty = state_dirty;
		s->due = due;
		s->due_dirty = due_dirty;
		sq_fresh_none(s);
		sq_later_none(s);
		if (sq_exec(&s->w, "ROLLBACK TO one", NULL) != 0)
			return -1;
		sq_layouts_forget(s);
	}
	if (!alone && sq_exec(&s->w, "RELEASE one", NULL) != 0)
		return -1;
	return 0;
}

static void finish(struct sq *s, struct sq_job *first, struct sq_job *end)
{
	struct sq_job *j, *next;

	pthread_mutex_lock(&s->lock);
	for (j = first; j != end; j = next) {
		next = j->next; /* its owner may be gone once it is done */
		atomic_fetch_add(j->rc == 0 ? &s->writes : &s->failures, 1);
		j->done = true;
	}
	pthread_cond_broadcast(&s->done);
	pthread_mutex_unlock(&s->lock);
}

/* All up to ${end} failed, and why. */
static void fail_all(struct sq_job *first, struct sq_job *end, const struct err *why)
{
	struct sq_job *j;

	for (j = first; j != end; j = j->next) {
		if (j->rc != 0)
			continue; /* knows better */
		j->rc = -1;
		if (j->e != NULL)
			*j->e = *why;
	}
}

/* run_group(s, first): as many of the list as belong together; what is left of it. */
static struct sq_job *run_group(struct sq *s, struct sq_job *first)
{
	int64_t start = clock_mono_ms();
	struct err e = { .code = ERR_OK };
	struct sq_job *j, *end;
	bool lost;

	for (j = first; j != NULL; j = j->next)
		j->rc = 0;
	if (begin(s, &e) != 0) {
		rollback(s);
		fail_all(first, NULL, &e);
		finish(s, first, NULL);
		return NULL;
	}
	lost = run_one(s, first, first->next == NULL) != 0;
	end = first->next;
	while (!lost && end != NULL && clock_mono_ms() - start < GROUP_MS) {
		lost = run_one(s, end, false) != 0;
		end = end->next;
	}
	if (lost) {
		/* The last one's reason is everybody's: nothing of this group was kept. */
		for (j = first; j->next != end; j = j->next)
			;
		if (j->e != NULL)
			e = *j->e;
		else
			err_set(&e, ERR_IO, "the write failed");
	}
	if (lost || commit(s, &e) != 0) {
		rollback(s);
		fail_all(first, end, &e);
	}
	finish(s, first, end);
	return end;
}

/* Background work: a transaction of its own, whose failure is nobody's. */
static int own(struct sq *s, int (*fn)(struct sq *s, struct err *e))
{
	struct err e = { .code = ERR_OK };
	int rc;

	if (begin(s, &e) != 0) {
		rollback(s);
		return -1;
	}
	rc = fn(s, &e);
	if (rc < 0 || commit(s, &e) != 0) {
		rollback(s);
		return -1;
	}
	return rc;
}

static int merge_any(struct sq *s, struct err *e)
{
	return sq_strips_merge(s, &s->w, 1, e);
}

static int64_t dirty_leads(struct sq *s)
{
	struct err e;
	int64_t n = 0;

	if (ensure_open(s, &e) != 0 || sq_int(&s->w, "SELECT count(*) FROM dirty", 0, &n, &e) != 0)
		return 0;
	return n;
}

/* The log is written back beside the writer, or between commits when there is little to do and when
 * it grows faster than that; never while a caller waits for a commit. */
static void write_back(struct sq *s, int mode)
{
	int log = 0, back = 0;

	if (s->w.db != NULL && !s->w.broken)
		sqlite3_wal_checkpoint_v2(s->w.db, NULL, mode, &log, &back);
}

static int purge_words(struct sq *s, struct err *e)
{
	return sq_words_purge(s, &s->w, e);
}

static int catch_up(struct sq *s, struct err *e)
{
	int rc = sq_words_catch_up(s, &s->w, DUE_STEP, e);

	if (rc == 0)
		s->due_since_ms = 0;
	return rc;
}

/* Words that were put off may wait for a quiet moment, but not for long. */
static void hurry_words(struct sq *s)
{
	int64_t now = clock_mono_ms();

	if (s->due.from == s->due.to)
		s->due_since_ms = 0;
	else if (s->due_since_ms == 0)
		s->due_since_ms = now;
	else if (now - s->due_since_ms > DUE_WAIT_MS)
		own(s, catch_up);
}

/* While much is written the file of the log keeps its size: to cut it each time that it begins anew
 * costs more than to write over it. The first commit after a rest cuts it. */
static void keep_log_file(struct sq *s, bool keep)
{
	if (s->log_kept == keep || s->w.db == NULL)
		return;
	if (sq_exec(&s->w,
		    keep ? "PRAGMA journal_size_limit = 268435456"
			 : "PRAGMA journal_size_limit = 67108864",
		    NULL) == 0)
		s->log_kept = keep;
}

/* Pages of the indexes are changed again and again, and are an eighth of a large file; those of new
 * leads are written once. With room for a quarter of the file the pages of a batch are taken from
 * those of the last but one, rather than from memory that is touched for the first time. */
static void fit_cache(struct sq *s)
{
	int64_t pages;
	char sql[96];

	if (s->w.db == NULL || s->w.broken ||
		sq_int(&s->w, "PRAGMA page_count", 0, &pages, NULL) != 0)
		return;
	pages = (pages / 4 / CACHE_STEP + 1) * CACHE_STEP;
	pages = pages > CACHE_MOST ? CACHE_MOST : pages;
	if (pages == s->cache_pages)
		return;
	/* What a transaction changes may take more than that, and is kept until it ends. */
	snprintf(sql, sizeof(sql), "PRAGMA cache_size = %d; PRAGMA cache_spill = %d", (int)pages,
		CACHE_MOST);
	if (sq_exec(&s->w, sql, NULL) == 0)
		s->cache_pages = pages;
}

/* between(s): what must not wait. */
static void between(struct sq *s)
{
	int most = s->log_most != 0 ? s->log_most : LOG_PAGES;

	fit_cache(s);
	hurry_words(s);
	while (dirty_leads(s) > DIRTY_MOST)
		if (own(s, merge_any) <= 0)
			break;
	if (s->log_pages <= most)
		return;
	keep_log_file(s, true);
	if (s->log_pages <= LOG_TIMES * most && sq_back_ask(s))
		return;
	s->log_pages = 0;
	sq_back_wait(s);
	write_back(s, SQLITE_CHECKPOINT_PASSIVE);
}

/* idle(s): one piece; true when there is more. */
static bool idle(struct sq *s)
{
	if (dirty_leads(s) > DIRTY_IDLE && own(s, merge_any) > 0)
		return true;
	if (s->due.from != s->due.to && own(s, catch_up) > 0)
		return true;
	if (own(s, purge_words) > 0)
		return true;
	if (sq_back_busy(s))
		return true;
	keep_log_file(s, false);
	if (s->log_pages > 0) {
		s->log_pages = 0;
		write_back(s, SQLITE_CHECKPOINT_PASSIVE);
	}
	if (s->w.db != NULL)
		sqlite3_db_release_memory(s->w.db);
	return false;
}

static int count_log(void *arg, sqlite3 *db, const char *name, int pages)
{
	((struct sq *)arg)->log_pages = pages;
	return SQLITE_OK;
}

static bool rest_is_due(struct sq *s, int64_t after_ms)
{
	int64_t now = clock_mono_ms();

	if (now - s->rested_ms < after_ms)
		return false;
	s->rested_ms = now;
	return true;
}

/* A server that has nothing to do should be small: caches are emptied as well. */
static void rest(struct sq *s)
{
	if (!rest_is_due(s, REST_MS) || (!sq_readers_rest(s, REST_MS) && !s->grown))
		return;
	s->grown = false;
	sq_strips_rest(s);
	heap_trim();
}

static void wait_for_work(struct sq *s, bool quiet)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_nsec += (quiet ? REST_MS : IDLE_MS) * 1000000L;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	while (s->first == NULL && !s->stop)
		if (pthread_cond_timedwait(&s->wake, &s->lock, &t) != 0)
			return;
}

static void *writer(void *arg)
{
	struct sq *s = arg;
	bool quiet = false; /* nothing is left to do in the background */

	s->rested_ms = clock_mono_ms();
	pthread_mutex_lock(&s->lock);
	for (;;) {
		struct sq_job *first;

		wait_for_work(s, quiet);
		first = s->first;
		s->first = NULL;
		s->last = &s->first;
		if (first == NULL && s->stop)
			break;
		pthread_mutex_unlock(&s->lock);
		if (first != NULL) {
			quiet = false;
			while (first != NULL) {
				first = run_group(s, first);
				if (s->w.db != NULL)
					sqlite3_wal_hook(s->w.db, count_log, s);
			}
			between(s);
			if (rest_is_due(s, TRIM_MS))
				heap_trim();
		} else {
			if (!quiet)
				quiet = !idle(s);
			rest(s);
		}
		pthread_mutex_lock(&s->lock);
	}
	pthread_mutex_unlock(&s->lock);
	while (s->due.from != s->due.to && own(s, catch_up) > 0)
		;
	return NULL;
}

bool sq_others_wait(struct sq *s)
{
	bool any;

	pthread_mutex_lock(&s->lock);
	any = s->behind || s->first != NULL;
	pthread_mutex_unlock(&s->lock);
	return any;
}

int sq_write(struct sq *s, sq_fn *fn, void *arg, struct err *e)
{
	struct err none;
	struct sq_job j = { .fn = fn, .arg = arg, .e = e != NULL ? e : &none };

	if (s->read_only)
		return err_set(e, ERR_PERM, "the store was opened for reading only");
	pthread_mutex_lock(&s->lock);
	if (s->stop) {
		pthread_mutex_unlock(&s->lock);
		return err_set(e, ERR_UNAVAILABLE, "the store is being closed");
	}
	*s->last = &j;
	s->last = &j.next;
	pthread_cond_signal(&s->wake);
	while (!j.done)
		pthread_cond_wait(&s->done, &s->lock);
	pthread_mutex_unlock(&s->lock);
	return j.rc;
}

/* --- settling: all that waits, now, on the caller's time ----------------------------------------
 */

struct settle {
	int left;
};

static int settle_merge(struct sq *s, struct sq_conn *c, void *arg, struct err *e)
{
	((struct settle *)arg)->left = sq_strips_merge(s, c, 1, e);
	return ((struct settle *)arg)->left < 0 ? -1 : 0;
}

static int settle_due(struct sq *s, struct sq_conn *c, void *arg, struct err *e)
{
	((struct settle *)arg)->left = sq_words_catch_up(s, c, DUE_STEP, e);
	return ((struct settle *)arg)->left < 0 ? -1 : 0;
}

static int settle_words(struct sq *s, struct sq_conn *c, void *arg, struct err *e)
{
	((struct settle *)arg)->left = sq_words_purge(s, c, e);
	return ((struct settle *)arg)->left < 0 ? -1 : 0;
}

static int settle_all(struct sq *s, sq_fn *step, struct err *e)
{
	struct settle x;

	do {
		if (sq_write(s, step, &x, e) != 0)
			return -1;
	} while (x.left > 0);
	return 0;
}

/* The log written back and cut to nothing. That holds off writers while it waits for readers: it
 * waits shortly, and lets writers in between. Readers that are at it for longer only keep the log
 * from being cut. */
static int empty_log(struct sq_conn *c, struct err *e)
{
	const struct timespec gap = { .tv_nsec = EMPTY_GAP_MS * 1000000L };
	int rc = SQLITE_BUSY, tries, log, back;

	sqlite3_busy_timeout(c->db, EMPTY_MS);
	for (tries = 0; tries < EMPTY_TRIES && rc == SQLITE_BUSY; tries++) {
		if (tries > 0)
			nanosleep(&gap, NULL);
		rc = sqlite3_wal_checkpoint_v2(
			c->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, &log, &back);
	}
	return rc == SQLITE_OK || rc == SQLITE_BUSY ? 0 : sq_fail(c, rc, e);
}

int sq_settle(struct store *st, struct err *e)
{
	struct sq *s = sq_of(st);
	struct sq_conn c;
	int rc;

	if (settle_all(s, settle_merge, e) != 0 || settle_all(s, settle_due, e) != 0 ||
		settle_all(s, settle_words, e) != 0)
		return -1;
	if (sq_conn_open(&c, s->path, SQ_WRITE, e) != 0)
		return -1;
	/* Pages that hold nothing any more are given back to the disk, and the log emptied, so that
	 * no text of an erased lead is left in either. */
	rc = sq_exec(&c, "PRAGMA incremental_vacuum", e);
	if (rc == 0)
		rc = empty_log(&c, e);
	sq_conn_close(&c);
	return rc;
}

int sq_writer_start(struct sq *s, struct err *e)
{
	pthread_attr_t attr;
	int rc;

	s->last = &s->first;
	if (sq_conn_open(&s->w, s->path, SQ_WRITE, e) != 0)
		return -1;
	sqlite3_wal_hook(s->w.db, count_log, s);
	if (sq_due_get(&s->w, &s->due, e) != 0) {
		sq_conn_close(&s->w);
		return -1;
	}
	pthread_attr_init(&attr);
	rc = pthread_create(&s->thread, &attr, writer, s);
	pthread_attr_destroy(&attr);
	if (rc != 0) {
		sq_conn_close(&s->w);
		return err_set(e, ERR_UNAVAILABLE, "cannot start the thread that writes");
	}
	s->started = true;
	return 0;
}

void sq_writer_stop(struct sq *s)
{
	if (!s->started)
		return;
	pthread_mutex_lock(&s->lock);
	s->stop = true;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	s->started = false;
}

void sq_writer_close(struct sq *s)
{
	write_back(s, SQLITE_CHECKPOINT_PASSIVE);
	sq_conn_close(&s->w);
}
