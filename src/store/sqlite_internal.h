/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite_internal.h: connections, the thread that writes, and what the parts of the SQLite backend
 * know of each other. */
#ifndef STORE_SQLITE_INTERNAL_H
#define STORE_SQLITE_INTERNAL_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>

#include "store/kv_internal.h"
#include "store/lead_rules_internal.h"
#include "store/sqlite_cache_internal.h"
#include "store/sqlite.h"
#include "util/map.h"

/* --- one connection, used by one thread at a time ------------------------------------------- */

/* Strips of a reader that are out of the cache, and the stamps by which they are found there. */
enum { SQ_CURSORS = 6 };
struct sq_strips_held {
	struct sq_cache *cache; /* borrowed; NULL: strips are read from the file each time */
	bool began;             /* in this transaction */
	uint64_t tick;
	int64_t *stamps; /* [n]: by segment; those behind are 0 */
	size_t n, cap;
	int64_t version; /* of the data that stamps are of; 0: nothing is known */
	const struct sq_kept *held[SQ_CURSORS];
	struct sq *s;
	struct buf made[SQ_CURSORS]; /* strips of sqlite_made.c that are not in the cache */
};

enum { SQ_STATEMENTS = 96 };
struct sq_conn {
	sqlite3 *db;
	struct {
		const char *sql; /* compared by address: always the same literal */
		sqlite3_stmt *stmt;
	} cache[SQ_STATEMENTS];
	size_t n;
	bool broken; /* the disk failed under it: to be opened anew */
	struct sq_strips_held strips;
};

enum sq_mode { SQ_WRITE, SQ_READ };
int sq_conn_open(struct sq_conn *c, const char *path, enum sq_mode mode, struct err *e);
void sq_conn_close(struct sq_conn *c);

/* sq_fail(c, rc, e): ${e} from SQLite's code and message. Always -1. */
int sq_fail(struct sq_conn *c, int rc, struct err *e);
int sq_exec(struct sq_conn *c, const char *sql, struct err *e);
/* sq_stmt(c, sql, e): the statement, ready to be bound; NULL on failure. */
sqlite3_stmt *sq_stmt(struct sq_conn *c, const char *sql, struct err *e);
/* sq_step(c, st, e): 1 with a row, 0 at the end, -1. At the end and on failure the statement is
 * reset; a caller who stops before says sq_reset. */
int sq_step(struct sq_conn *c, sqlite3_stmt *st, struct err *e);
void sq_reset(sqlite3_stmt *st);
/* sq_reset_all: those left on a row would hold the transaction's view of the data for ever. */
void sq_reset_all(struct sq_conn *c);
void sq_bind_blob(sqlite3_stmt *st, int i, struct str s); /* borrowed until the reset */
struct str sq_blob(sqlite3_stmt *st, int i);              /* borrowed until the next step */
/* sq_int(c, sql, otherwise, out, e): the number in the first row, or ${otherwise} without one. */
int sq_int(struct sq_conn *c, const char *sql, int64_t otherwise, int64_t *out, struct err *e);

/* Documents over table doc. */
struct sq_kv {
	struct kv kv;
	struct sq_conn *c;
};
void sq_kv_init(struct sq_kv *k, struct sq_conn *c);

/* sq_conn_version(c, version, e): of what a reader sees: changes with every commit of the writer,
 * and only with those. 0: not known, of one that may write. */
int sq_conn_version(struct sq_conn *c, int64_t *version, struct err *e);

/* The tokenizer of lead_text: the words of record/fold.h. */
int sq_words_register(struct sq_conn *c, struct err *e);

/* --- schema ---------------------------------------------------------------------------------- */

enum { SQ_SCHEMA = 1 }; /* the version that this program writes */
/* sq_migrate(path, must_exist, e): makes or updates the file. */
int sq_migrate(const char *path, bool must_exist, struct err *e);

/* --- the store ------------------------------------------------------------------------------- */

struct sq;
typedef int sq_fn(struct sq *s, struct sq_conn *c, void *arg, struct err *e);

/* One write, waiting for its turn; lives on the stack of the caller, who sleeps. */
struct sq_job {
	sq_fn *fn;
	void *arg;
	struct err *e;
	int rc;
	bool done;
	struct sq_job *next;
};

enum { SQ_READERS = 16 };

/* Leads of slots one after the other, as they were put in this transaction. Their texts are those
 * of the callers, who wait for the commit. */
struct sq_fresh {
	struct lead *leads;
	size_t n, cap;
	int64_t first;
};

/* Words and scores of new leads that are not written yet: they are while another thread makes
 * strips, before the next call and the commit at the latest. */
struct sq_later {
	struct sq_words {
		int64_t slot;
		struct str words;
	} * words;
	size_t n_words, cap_words;
	struct sq_score {
		int64_t slot;
		size_t from, n; /* in bodies */
	} * scores;
	size_t n_scores, cap_scores;
	struct buf bodies;
};

/* Slots from..to - 1: leads that the full-text index has not heard of, since their words were put
 * off. None of them was put before. */
struct sq_due {
	int64_t from, to;
};
enum { SQ_DUE_MOST = 16384 };

/* The thread that writes the log back while much is written; started when it is first asked. */
struct sq_back {
	pthread_t thread;
	bool started; /* only the writer's, and whoever has stopped it */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool wanted, stop;
};

/* Attributes that strips are made of for lists only (sqlite_made.c), under the lock. */
enum { SQ_MADE_MOST = 32 };
struct sq_made {
	pthread_mutex_t lock;
	char *headers[SQ_MADE_MOST];
	size_t n;
};

struct sq {
	struct store_base base;
	char *path;
	bool read_only;

	/* Readers: taken and given back under the lock. */
	pthread_mutex_t readers_lock;
	pthread_cond_t readers_free;
	struct sq_conn readers[SQ_READERS];
	bool taken[SQ_READERS], opened[SQ_READERS];
	bool full[SQ_READERS];       /* used since its memory was given back */
	int64_t used_ms[SQ_READERS]; /* when it last was */
	size_t n_readers;
	struct sq_cache *cache;     /* owned, of all readers; NULL: without memory for one */
	struct sq_answers *answers; /* owned; what was found by words; NULL likewise */
	struct sq_made made;

	/* The writer. */
	pthread_t thread;
	bool started;
	pthread_mutex_t lock;
	pthread_cond_t wake, done;
	struct sq_job *first, **last;
	bool stop;
	_Atomic uint64_t writes, commits, failures;

	struct sq_back back;

	/* Only the writing thread touches these. */
	struct sq_conn w;
	int64_t next_slot, leads; /* as in the transaction that runs */
	bool state_dirty;
	bool behind; /* in the group that runs, others come after the one that runs */
	struct sq_touched *touched; /* slots changed in this transaction, see sqlite_strips.c */
	size_t n_touched, cap_touched;
	struct sq_fresh fresh;
	struct sq_later later;
	struct sq_due due; /* as in the transaction that runs */
	bool due_dirty;
	int64_t due_since_ms;   /* when the writer first came by with some due; 0: none were */
	struct sq_maker *maker; /* of strips; kept; NULL: none yet */
	int log_most;           /* pages of the log, before it is written back; 0: as usual */
	bool log_kept;          /* its file keeps its size: much is being written */
	int log_pages;          /* in the write-ahead log, after the last commit */
	int64_t cache_pages;    /* that the writer may keep in memory; 0: nobody said so yet */
	bool grown;        /* leads were written since free memory last went back to the system, */
	int64_t rested_ms; /* and when that was looked at */

	/* Layouts and columns of attributes, by number: only ever added to. */
	pthread_rwlock_t layouts_lock;
	struct sq_layout **layouts;
	size_t n_layouts, cap_layouts;
	size_t n_kept;              /* of these are committed */
	bool layouts_new;           /* the transaction that runs added some */
	struct sq_layout **dropped; /* of transactions that were undone */
	size_t n_dropped;
	struct map attributes; /* header -> number of its strips */
};

struct sq_layout {
	struct layout layout;
	struct arena arena;
	uint32_t *columns; /* number of the attribute's strips per column; 0: none */
};

/* sq_write(s, fn, arg, e): run by the writer, with others that wait, in one commit. */
int sq_write(struct sq *s, sq_fn *fn, void *arg, struct err *e);
/* sq_others_wait(s): writers besides the one that runs. The writing thread alone asks. */
bool sq_others_wait(struct sq *s);
int sq_read(struct sq *s, sq_fn *fn, void *arg, struct err *e);
/* sq_readers_rest(s, quiet_ms): what readers keep that nobody used for so long is let go; true:
 * there was some. */
bool sq_readers_rest(struct sq *s, int64_t quiet_ms);
/* sq_back_ask(s): the log is to be written back beside the writer, who alone calls this; false:
 * there is no thread for it. _busy: it is at it. _wait: until it is not. _stop: when the writer has
 * stopped. */
void sq_back_init(struct sq *s);
bool sq_back_ask(struct sq *s);
bool sq_back_busy(struct sq *s);
void sq_back_wait(struct sq *s);
void sq_back_stop(struct sq *s);
int sq_writer_start(struct sq *s, struct err *e);
void sq_writer_stop(struct sq *s);
/* sq_writer_close(s): after all readers: whoever closes the file last writes the log back into it
 * and removes it, so that heatscore.db alone has everything. */
void sq_writer_close(struct sq *s);
struct sq *sq_of(struct store *s);
int sq_settle(struct store *s, struct err *e);

/* State: numbers that the file keeps. */
enum sq_state {
	SQ_NEXT_SLOT = 1,
	SQ_LEADS = 2,
	SQ_PURGE_WORDS = 3,
	SQ_PROBE = 4,
	SQ_DUE_FROM = 5,
	SQ_DUE_TO = 6,
	SQ_STAMPS = 1 << 20 /* and the segment: how often its strips were written */
};
int sq_state_get(struct sq_conn *c, enum sq_state k, int64_t *out, struct err *e);
int sq_state_set(struct sq_conn *c, enum sq_state k, int64_t v, struct err *e);

/* --- layouts --------------------------------------------------------------------------------- */

extern const struct store_layouts sq_layouts;
/* sq_layout_get: of number ${n}; NULL when there is none (${e} is set) . */
const struct sq_layout *sq_layout_get(
	struct sq *s, struct sq_conn *c, uint32_t number, struct err *e);
int sq_layout_put(
	struct sq *s, struct sq_conn *c, const struct layout *l, uint32_t *number, struct err *e);
void sq_layouts_clear(struct sq *s);
void sq_layouts_keep(struct sq *s);   /* the transaction that added some was committed */
void sq_layouts_forget(struct sq *s); /* it was undone */
/* sq_attribute(s, c, header, out, e): number of its strips; 0: it has none. */
int sq_attribute(struct sq *s, struct sq_conn *c, struct str header, uint32_t *out, struct err *e);
/* Attributes with strips, at most: beyond, lists look into the rows. */
enum { SQ_ATTRIBUTES_MAX = 400 };

/* --- leads ------------------------------------------------------------------------------------ */

extern const struct store_leads sq_leads;
int sq_leads_list(struct store *s, const struct lead_query *q, struct arena *a,
	struct lead_page *page, struct err *e);
int sq_leads_tally(struct store *s, const struct lead_query *q, const struct lead_tally_by *by,
	size_t n_by, struct arena *a, struct lead_tally **out, size_t *n, struct err *e);
int sq_leads_find(struct store *s, enum lead_field f, const struct str *texts, size_t n,
	struct id *out, struct err *e);
int sq_leads_attributes(
	struct store *s, struct arena *a, struct attribute_count **out, size_t *n, struct err *e);

/* sq_lead_at(c, slot, out, e): 1, 0, -1; texts borrowed until the next call with ${c}. */
int sq_lead_at(struct sq_conn *c, int64_t slot, struct lead *out, struct err *e);

/* --- strips ----------------------------------------------------------------------------------- */

/* Lists do not look at rows: every column is also kept in strips, one for each 4,096 leads in the
 * order in which they came (a segment). A strip is the sorted list of the different values and for
 * each lead the number of its own. Leads whose strips are out of date are listed in table dirty and
 * are looked at one by one. */
enum { SEG = 4096 };
/* Of what changed, beside FIELD_BITs: the attributes; whether the lead is there. */
#define SQ_ATTRIBUTE_BIT ((uint64_t)1 << 63)
#define SQ_PRESENCE_BIT  ((uint64_t)1 << 62)
_Static_assert(LF_COUNT <= 62, "bits of fields lie below those of other columns");

struct sq_touched {
	int64_t slot;
	uint64_t what; /* FIELD_BITs, SQ_ATTRIBUTE_BIT, SQ_PRESENCE_BIT */
};
/* sq_touch: ${slot} changed in these columns. sq_touched_done, before the commit: writes strips
 * anew where many changed, else remembers them as dirty. */
int sq_touch(struct sq *s, int64_t slot, uint64_t what, struct err *e);
int sq_touched_done(struct sq *s, struct sq_conn *c, struct err *e);
/* sq_fresh_add(s, slot, l): ${l} was put there. _drop: it is no longer what it was. _get: NULL when
 * the row has to be read. _none: none is known any more. */
void sq_fresh_add(struct sq *s, int64_t slot, const struct lead *l);
void sq_fresh_drop(struct sq *s, int64_t slot);
const struct lead *sq_fresh_get(struct sq *s, int64_t slot);
void sq_fresh_none(struct sq *s);
void sq_fresh_clear(struct sq *s);
/* sq_later_settle(s, c, e): all that waits is written; sq_later_scores: the scores, for whoever
 * reads them in the same transaction. _any: something waits. _none: it was undone. */
int sq_later_settle(struct sq *s, struct sq_conn *c, struct err *e);
int sq_later_scores(struct sq *s, struct sq_conn *c, struct err *e);
bool sq_later_any(const struct sq *s);
void sq_later_none(struct sq *s);
void sq_later_clear(struct sq *s);
/* sq_words_catch_up(s, c, most, e): into the index with up to ${most} leads that were put off: 1
 * when others are left, 0, -1. */
int sq_words_catch_up(struct sq *s, struct sq_conn *c, int64_t most, struct err *e);
/* sq_due_get, _set: as the file has it, for whoever uses ${c}. */
int sq_due_get(struct sq_conn *c, struct sq_due *due, struct err *e);
int sq_due_set(struct sq_conn *c, const struct sq_due *due, struct err *e);
/* sq_strips_rest(s): memory that making strips keeps for the next time. */
void sq_strips_rest(struct sq *s);
/* sq_strips_build(s, c, segment, what, e): strips of these columns, from the rows. */
int sq_strips_build(struct sq *s, struct sq_conn *c, int64_t segment, uint64_t what, struct err *e);
/* sq_strips_begin(c, e): sq_stamp(c, segment) is as of the transaction that runs. */
int sq_strips_begin(struct sq_conn *c, struct err *e);
int64_t sq_stamp(const struct sq_conn *c, int64_t segment);
/* sq_strips_let_go(c): at the end of a read: what it holds of the cache. */
void sq_strips_let_go(struct sq_conn *c);
/* sq_strips_merge(s, c, least, e): the segment with most dirty leads, if it has at least that many:
 * 1 when there was one, 0, -1. */
int sq_strips_merge(struct sq *s, struct sq_conn *c, int64_t least, struct err *e);
/* sq_strips_check(s, c, e): every strip can be read, and those of presence say what leads there
 * are.
 */
int sq_strips_check(struct sq *s, struct sq_conn *c, struct err *e);
/* What searches found, kept for their next pages. Any thread. */
struct sq_answers *sq_answers_new(void); /* NULL: out of memory */
void sq_answers_free(struct sq_answers *a);
/* sq_words_purge(s, c, e): after an erasure, a step of rewriting the full-text index so that no
 * word of it is left: 1 when there is more, 0, -1. */
int sq_words_purge(struct sq *s, struct sq_conn *c, struct err *e);

/* Columns of strips: the fields, then these, then the attributes. COL_BY_ROWS has none. */
enum {
	COL_IDS = 100,
	COL_ALIVE = 101,
	COL_BY_ROWS = 102,
	COL_ATTRIBUTES = 1000,
	COL_MADE = 1 << 19,
	COL_RAW = 1 << 20
};
int64_t sq_strip_key(uint32_t column, int64_t segment);

#endif
