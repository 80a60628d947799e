/* SPDX-License-Identifier: Apache-2.0 */
/* store.h: keeping records, whatever keeps them.
 *
 * A store is a struct of pointers to small structs of functions, one per record type. The backends
 * are opened by store/sqlite.h and store/memory.h and pass one behaviour suite (tests/store).
 *
 * What holds for every function here:
 * - Threads: any, at the same time. Calls block until they are done; a write returns when it is
 *   safe on the disk. Writes of several threads share one wait for the disk.
 * - A call that failed changed nothing, unless it says that it works in parts. ERR_NOT_FOUND: no
 *   such record. ERR_CONFLICT: it is not as expected (another version, a key that is taken).
 *   ERR_FULL: no room on the disk. ERR_UNAVAILABLE: the store is busy or being closed. ERR_IO: the
 *   disk failed, or the file is damaged: whether a write took effect is then unknown, and reading
 *   it again tells.
 * - Every write may be repeated with the same ids and then changes nothing more, so a caller that
 *   does not know whether it took effect repeats it.
 * - What is read comes out of ${a}, the caller's arena, and lives as long as that; texts given in
 *   are borrowed for the call. Running past the arena's cap is ERR_LIMIT.
 * - Times are given by the caller (clock_ms), except where "the store's clock" is named.
 * - Lists go from new to old unless they say otherwise. ${cursor} is empty at the start, then what
 *   the last page left in ${next}: opaque bytes, empty after the last page. Under writes a record
 *   that stays is neither skipped nor repeated. A cursor that is none is ERR_INPUT. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/audit.h"
#include "record/event.h"
#include "record/job.h"
#include "record/layout.h"
#include "record/lead.h"
#include "record/query.h"
#include "record/setting.h"
#include "record/upload.h"
#include "record/user.h"
#include "util/arena.h"
#include "util/str.h"

struct err;
struct store;

/* --- layouts ------------------------------------------------------------------------------- */

struct store_layouts {
	/* put(s, l, number, e): the number of the layout with these columns; new ones are stored.
	 * ${l}->number and key are not looked at. ERR_LIMIT over LAYOUT_COLUMNS_MAX columns. */
	int (*put)(struct store *s, const struct layout *l, uint32_t *number, struct err *e);
	/* get(s, number): the layout, or NULL. Borrowed from the store for its life: layouts are
	 * never changed or removed. */
	const struct layout *(*get)(struct store *s, uint32_t number, struct err *e);
	/* remember(s, headers, json, e): the mapping that a person settled on for files with this
	 * set of headers (a hash of them); recall: ERR_NOT_FOUND when there is none. */
	int (*remember)(struct store *s, struct str headers, struct str json, struct err *e);
	int (*recall)(struct store *s, struct str headers, struct arena *a, struct str *json,
		struct err *e);
};

/* --- leads --------------------------------------------------------------------------------- */

/* One row of an upload, or one lead of a caller. */
struct lead_put {
	struct id id; /* hash of the natural key: store->lead_id */
	struct lead_values values;
	uint64_t mapped; /* FIELD_BITs that this row sets; other fields stay as they are */
	uint32_t layout;
	struct str cells;   /* packed */
	uint8_t digest[16]; /* of values and cells; the same as last uploaded: unchanged */
	const struct lead_score
		*score;   /* of these very cells; NULL: none. content is not looked at */
	uint64_t row;     /* number in the file */
	struct str words; /* by store_words, of ${values} and ${mapped}; NULL p: the store makes
			   * them, */
	bool words_later; /* after the call if it likes. Searches find the lead in any case */
	/* Set by put: what became of it, and whether the stored lead still wants a score (there was
	 * none, or the lead has cells of an earlier file as well). */
	enum lead_result result;
	bool wants_score;
};

struct lead_put_opts {
	struct id upload; /* none: a person or a key wrote it */
	struct id by;
	int64_t now_ms;
	bool update_only; /* rows whose lead is not there: LEAD_MISSING */
	/* Stored with the leads when not NULL: how far the upload then is. */
	const struct upload_progress *progress;
	/* Further rows of the same batch, asked for when those before are put, so that they may
	 * still be made while these are written; NULL: there are none. 1: in *rows and *n, where
	 * they stay until put returns; 2: none yet, ask again; 0: no more; -1: nothing is kept.
	 * ${wait}: there is nothing else to do; but others wait as well, so that it takes some ms
	 * at most, and is not asked again after 2 when there are any. Called while the caller of
	 * put sleeps, perhaps by another thread; it does not use the store. */
	int (*more)(void *arg, bool wait, struct lead_put **rows, size_t *n, struct err *e);
	void *more_arg;
};

/* A change of one lead by a person or a program. */
struct lead_change {
	struct id by;
	int64_t now_ms;
	uint64_t version; /* the version it must have; 0: any */
	uint64_t fields;  /* FIELD_BITs taken from values; outcome and outcome_at among them */
	struct lead_values values;
	struct attribute_change {
		struct str header, cell;
	} * attributes; /* set, or added to the lead's layout */
	size_t n_attributes;
	bool set_override, set_verdict; /* take the next four */
	enum lead_heat override_heat;
	enum lead_verdict verdict;
	struct str override_note, verdict_note;
	const struct lead_score *score; /* of the lead with these changes; NULL: keep the old one,
					 * stale if a value or a cell changes */
	const struct event *event;      /* kept with the change; NULL: none */
};

struct lead_set_score {
	struct id id;
	uint64_t content; /* the lead.content it was computed from: else it is not taken */
	struct lead_score score;
	bool taken; /* set by set_scores */
	bool moved; /* set: points, heat or model differ from before (and before is in the history)
		     */
};

struct lead_undo {
	uint64_t restored, deleted;
	struct id *kept; /* leads that others changed later: left alone; from the arena */
	size_t n_kept;
	struct str next; /* cursor; empty: the undo is complete */
};

struct attribute_count {
	struct str header;
	uint64_t filled;
	bool indexed; /* lists by it are as fast as by a field */
};

enum { STORE_PUT_MOST = 5000 }; /* rows of a batch */

struct store_leads {
	/* put(s, rows, n, o, e): make or update. For each row in order: no such lead: LEAD_CREATED;
	 * the digest is the one last uploaded: LEAD_UNCHANGED; else LEAD_UPDATED: its version so
	 * far goes to the history, fields in ${mapped} and not edited by a person are set, cells
	 * are merged by header (layout_merge). A row of the same upload that was put before (a
	 * batch that is done again) gets the result it had. At most 5,000 rows, those of
	 * ${o}->more included, all in one commit with ${o}->progress; where a backend cannot, the
	 * progress comes last. */
	int (*put)(struct store *s, struct lead_put *rows, size_t n, const struct lead_put_opts *o,
		struct err *e);
	/* get(s, id, a, out, e): with cells. ERR_NOT_FOUND. */
	int (*get)(struct store *s, struct id id, struct arena *a, struct lead *out, struct err *e);
	/* get_many(s, ids, n, a, out, found, e): out[i] where found[i]; with cells. */
	int (*get_many)(struct store *s, const struct id *ids, size_t n, struct arena *a,
		struct lead *out, bool *found, struct err *e);
	/* find(s, f, texts, n, out, e): for each text a lead whose field ${f} equals it (folded),
	 * the smallest id where there are several, none where there is none. In one pass over all.
	 */
	int (*find)(struct store *s, enum lead_field f, const struct str *texts, size_t n,
		struct id *out, struct err *e);
	/* change(s, id, c, a, out, e): ERR_NOT_FOUND; ERR_CONFLICT when the version is another. The
	 * version before goes to the history. ${out} (NULL: not wanted): the lead as it is then. */
	int (*change)(struct store *s, struct id id, const struct lead_change *c, struct arena *a,
		struct lead *out, struct err *e);
	/* remove(s, id, version, e): with its history, scores, notes and events. ${version} as in
	 * lead_change. */
	int (*remove)(struct store *s, struct id id, uint64_t version, struct err *e);
	/* erase(s, ids, n, now, e): as remove, of up to 1,000, so that their texts are in no file
	 * of the store once settle() has returned; a tombstone (the id alone) stays, so that a
	 * backup that is restored can be told. Ids that are not there get their tombstone too. */
	int (*erase)(
		struct store *s, const struct id *ids, size_t n, int64_t now_ms, struct err *e);
	/* tombstones(s, a, out, n, e): the ids of all that were erased. */
	int (*tombstones)(
		struct store *s, struct arena *a, struct id **out, size_t *n, struct err *e);
	/* list(s, q, a, page, e): ERR_INPUT for a filter that makes no sense (a number asked of a
	 * text field), a cursor of another query, or a limit out of bounds. */
	int (*list)(struct store *s, const struct lead_query *q, struct arena *a,
		struct lead_page *page, struct err *e);
	/* tally(s, q, by, n_by, a, out, n, e): the leads that pass ${q} (its filters and words)
	 * counted by up to three columns, ordered by count, largest first. ERR_LIMIT over 10,000
	 * combinations. */
	int (*tally)(struct store *s, const struct lead_query *q, const struct lead_tally_by *by,
		size_t n_by, struct arena *a, struct lead_tally **out, size_t *n, struct err *e);
	/* set_scores(s, sets, n, cause, now, e): up to 5,000. A score is taken only if the lead
	 * still has the content it was computed from. */
	int (*set_scores)(struct store *s, struct lead_set_score *sets, size_t n,
		enum score_cause cause, int64_t now_ms, struct err *e);
	/* history(s, id, a, out, n, e): earlier versions, newest first, at most 100. */
	int (*history)(struct store *s, struct id id, struct arena *a, struct lead_version **out,
		size_t *n, struct err *e);
	/* scores(s, id, a, out, n, e): earlier scores, newest first, at most 1,000. */
	int (*scores)(struct store *s, struct id id, struct arena *a, struct past_score **out,
		size_t *n, struct err *e);
	/* undo(s, upload, now, by, cursor, a, out, e): one part of undoing: leads whose present
	 * version ${upload} made go back to what they were before it, or away if it made them;
	 * repeat with out->next until that is empty. Counts are of this part. */
	int (*undo)(struct store *s, struct id upload, int64_t now_ms, struct id by,
		struct str cursor, struct arena *a, struct lead_undo *out, struct err *e);
	/* attributes(s, a, out, n, e): headers of all columns used as attributes, in order of text,
	 * with how many leads have it filled. */
	int (*attributes)(struct store *s, struct arena *a, struct attribute_count **out, size_t *n,
		struct err *e);
	/* count(s, e): leads there are; -1 on failure. Costs nothing. */
	int64_t (*count)(struct store *s, struct err *e);
};

/* --- what happened, and what was written ---------------------------------------------------- */

struct store_events {
	int (*add)(struct store *s, const struct event *events, size_t n, struct err *e);
	int (*list)(struct store *s, struct id lead, size_t limit, struct str cursor,
		struct arena *a, struct event **out, size_t *n, struct str *next, struct err *e);
	/* since(s, kind, since_ms, limit, ..): of all leads, newest first; kind empty: any. */
	int (*since)(struct store *s, struct str kind, int64_t since_ms, size_t limit,
		struct arena *a, struct event **out, size_t *n, struct err *e);
};

struct store_notes {
	int (*put)(
		struct store *s, const struct note *n, struct err *e); /* by id: new or changed */
	int (*list)(struct store *s, struct id lead, struct arena *a, struct note **out, size_t *n,
		struct err *e); /* at most 1,000 */
	int (*remove)(struct store *s, struct id lead, struct id note, struct err *e);
};

/* --- uploads -------------------------------------------------------------------------------- */

struct store_uploads {
	/* put(s, u, version, e): make (${version} 0: the id must be new) or replace (ERR_CONFLICT
	 * unless it has ${version}). u->version becomes the new one; the progress of a replaced one
	 * stays as leads->put left it. */
	int (*put)(struct store *s, struct upload *u, uint64_t version, struct err *e);
	int (*progress)(struct store *s, struct id id, const struct upload_progress *p,
		int64_t now_ms, struct err *e);
	int (*get)(
		struct store *s, struct id id, struct arena *a, struct upload *out, struct err *e);
	int (*list)(struct store *s, size_t limit, struct str cursor, struct arena *a,
		struct upload **out, size_t *n, struct str *next, struct err *e);
	int (*remove)(struct store *s, struct id id, struct err *e); /* its leads stay */
};

/* --- jobs ----------------------------------------------------------------------------------- */

struct job_filter {
	int state;       /* enum job_state; -1: any */
	struct str kind; /* empty: any */
};

struct job_beat {
	struct id id;
	uint64_t epoch;
	int64_t lease_ms; /* from now */
	double progress;  /* NaN: as before; so do NULL texts */
	struct str step, message;
	struct str checkpoint;
};

/* Fencing: from heartbeat to fail, a caller whose epoch is not the job's any more gets ERR_CONFLICT
 * and must stop. Leases are by the store's clock, which is the same for all who share the store. */
struct store_jobs {
	/* enqueue(s, j, a, out, e): id, kind, args, dedupe, priority, max_tries, run_at_ms,
	 * created_ms, created_by, upload of ${j}. ${out}: the job, or the one that holds the
	 * dedupe key or id already (then nothing is stored and *existed is true). */
	int (*enqueue)(struct store *s, const struct job *j, struct arena *a, struct job *out,
		bool *existed, struct err *e);
	/* claim(s, worker, kinds, n, lease_ms, a, out, e): the job that is due, of the highest
	 * priority, then the oldest: queued and run_at passed, or running with its lease run out
	 * (which counts as a crash; the third makes it dead, and it is not given out). 1 with a
	 * job, 0: nothing to do, -1. */
	int (*claim)(struct store *s, struct str worker, const struct str *kinds, size_t n,
		int64_t lease_ms, struct arena *a, struct job *out, struct err *e);
	/* heartbeat(s, beat, cancel, e): keep the lease, say how far it is. *cancel: it is asked to
	 * stop. A checkpoint other than the last one ends the count of tries and crashes: a job
	 * that comes further each time is never given up. */
	int (*heartbeat)(struct store *s, const struct job_beat *beat, bool *cancel, struct err *e);
	int (*finish)(
		struct store *s, struct id id, uint64_t epoch, struct str result, struct err *e);
	/* fail(s, id, epoch, error, retry_ms, e): again in ${retry_ms} from now (by the store's
	 * clock), dead when its tries are used up; retry_ms < 0: it will never work, failed. */
	int (*fail)(struct store *s, struct id id, uint64_t epoch, struct str error,
		int64_t retry_ms, struct err *e);
	/* stopped(s, id, epoch, e): it stopped because cancel was asked for: cancelled. release:
	 * give it back unfinished (the server stops): queued, the try is not counted. */
	int (*stopped)(struct store *s, struct id id, uint64_t epoch, struct err *e);
	int (*release)(struct store *s, struct id id, uint64_t epoch, struct err *e);
	/* cancel(s, id, e): queued: cancelled at once; running: asked to stop; over: ERR_CONFLICT.
	 */
	int (*cancel)(struct store *s, struct id id, struct err *e);
	int (*get)(struct store *s, struct id id, struct arena *a, struct job *out, struct err *e);
	int (*list)(struct store *s, const struct job_filter *f, size_t limit, struct str cursor,
		struct arena *a, struct job **out, size_t *n, struct str *next, struct err *e);
	/* changed(s, after, limit, a, out, n, e): jobs with a greater sequence, in its order: each
	 * once, as it is now. sequence: the greatest there is. */
	int (*changed)(struct store *s, uint64_t after, size_t limit, struct arena *a,
		struct job **out, size_t *n, struct err *e);
	int64_t (*sequence)(struct store *s, struct err *e);
	/* wait(s, after, timeout_ms): return when a job has a sequence over ${after}, or after that
	 * time; the sequence known then. Only changes by this process wake it before the time. */
	uint64_t (*wait)(struct store *s, uint64_t after, int64_t timeout_ms);
	int (*purge)(
		struct store *s, int64_t before_ms, uint64_t *n, struct err *e); /* over since */
};

/* --- people --------------------------------------------------------------------------------- */

struct store_users {
	/* put(s, u, version, e): as of uploads. ERR_CONFLICT also when another user has the email
	 * or the subject. */
	int (*put)(struct store *s, struct user *u, uint64_t version, struct err *e);
	int (*get)(struct store *s, struct id id, struct arena *a, struct user *out, struct err *e);
	int (*by_email)(struct store *s, struct str email, struct arena *a, struct user *out,
		struct err *e);
	int (*by_subject)(struct store *s, struct str subject, struct arena *a, struct user *out,
		struct err *e);
	int (*list)(struct store *s, struct arena *a, struct user **out, size_t *n, struct err *e);
	/* remove(s, id, e): with sessions and private views. */
	int (*remove)(struct store *s, struct id id, struct err *e);
	/* use_totp(s, id, step, e): ERR_CONFLICT unless ${step} is greater than the last one used.
	 */
	int (*use_totp)(struct store *s, struct id id, uint64_t step, struct err *e);
};

struct store_sessions {
	int (*put)(struct store *s, const struct session *x, struct err *e);
	int (*get)(struct store *s, const uint8_t hash[32], struct arena *a, struct session *out,
		struct err *e);
	int (*touch)(struct store *s, const uint8_t hash[32], int64_t seen_ms, struct err *e);
	int (*list)(struct store *s, struct id user, struct arena *a, struct session **out,
		size_t *n, struct err *e);
	int (*remove)(struct store *s, const uint8_t hash[32], struct err *e);
	/* end(s, user, except, n, e): all of a user but the one with that hash (NULL: all). */
	int (*end)(
		struct store *s, struct id user, const uint8_t *except, uint64_t *n, struct err *e);
	int (*end_all)(struct store *s, struct err *e);
	/* purge: expired, or not seen since ${idle_before_ms}. */
	int (*purge)(struct store *s, int64_t now_ms, int64_t idle_before_ms, struct err *e);
};

struct store_keys {
	int (*put)(struct store *s, const struct api_key *k,
		struct err *e); /* by id: new or changed */
	int (*get)(
		struct store *s, struct id id, struct arena *a, struct api_key *out, struct err *e);
	int (*by_hash)(struct store *s, const uint8_t hash[32], struct arena *a,
		struct api_key *out, struct err *e);
	int (*used)(struct store *s, struct id id, int64_t at_ms, struct err *e);
	int (*list)(
		struct store *s, struct arena *a, struct api_key **out, size_t *n, struct err *e);
};

struct store_tokens {
	int (*put)(struct store *s, const struct token *t, struct err *e);
	/* peek: without using it up. take: once; ERR_NOT_FOUND when it is used, expired or of
	 * another kind. */
	int (*peek)(struct store *s, const uint8_t hash[32], struct str kind, int64_t now_ms,
		struct arena *a, struct token *out, struct err *e);
	int (*take)(struct store *s, const uint8_t hash[32], struct str kind, int64_t now_ms,
		struct arena *a, struct token *out, struct err *e);
	int (*purge)(struct store *s, int64_t now_ms, struct err *e);
};

/* Counts of tries within a time, shared by all who share the store. */
struct store_tries {
	/* add(s, key, now, window, count, e): one more; *count: within ${window_ms} since the
	 * first, this one included. After that time it begins anew. */
	int (*add)(struct store *s, struct str key, int64_t now_ms, int64_t window_ms,
		uint32_t *count, struct err *e);
	/* get: how many, and when the first and the last was (MS_NONE: none). */
	int (*get)(struct store *s, struct str key, int64_t now_ms, int64_t window_ms,
		uint32_t *count, int64_t *last_ms, struct err *e);
	int (*clear)(struct store *s, struct str key, struct err *e);
	int (*purge)(struct store *s, int64_t before_ms, struct err *e);
};

/* --- audit, settings, views, replies ------------------------------------------------------- */

struct audit_filter {
	struct str actor, action,
		object;             /* as a whole, or with a final * as a prefix; empty: any */
	int64_t since_ms, until_ms; /* MS_NONE: no bound; until is exclusive */
};

struct store_audit {
	/* add(s, a, e): sequence, before and hash are given here. */
	int (*add)(struct store *s, struct audit *a, struct err *e);
	int (*list)(struct store *s, const struct audit_filter *f, size_t limit, struct str cursor,
		struct arena *a, struct audit **out, size_t *n, struct str *next, struct err *e);
	/* verify(s, checked, bad, e): walk the chain. *bad: the first sequence that does not fit
	 * (missing, changed, out of place; past the end: the newest were cut off); 0: all is well.
	 */
	int (*verify)(struct store *s, uint64_t *checked, uint64_t *bad, struct err *e);
	/* purge(s, before, n, e): the oldest; the chain starts behind them and that is recorded. */
	int (*purge)(struct store *s, int64_t before_ms, uint64_t *n, struct err *e);
};

struct store_settings {
	/* get: version 0 and an empty value when it is not set. */
	int (*get)(struct store *s, struct str key, struct arena *a, struct setting *out,
		struct err *e);
	/* put(s, x, version, e): ${version}: the one it must have (0: not set); UINT64_MAX: any. An
	 * empty value unsets it. */
	int (*put)(struct store *s, struct setting *x, uint64_t version, struct err *e);
	/* list: keys that start with ${prefix}, in order. */
	int (*list)(struct store *s, struct str prefix, struct arena *a, struct setting **out,
		size_t *n, struct err *e);
};

struct store_views {
	int (*put)(struct store *s, struct view *v, uint64_t version, struct err *e); /* as users */
	int (*get)(struct store *s, struct id id, struct arena *a, struct view *out, struct err *e);
	/* list: of ${owner} and shared ones, by name. */
	int (*list)(struct store *s, struct id owner, struct arena *a, struct view **out, size_t *n,
		struct err *e);
	int (*remove)(struct store *s, struct id id, struct err *e);
};

struct store_replies {
	/* begin(s, r, a, old, e): 0: ours, go on and finish() or drop(); 1: there is one already:
	 * in ${old} (old->done says whether it is complete). An expired one counts as none, and one
	 * not done is given up ${stuck_ms} after it began: then old->expires_ms stays that of the
	 * first, and tells so. */
	int (*begin)(struct store *s, const struct reply *r, int64_t stuck_ms, struct arena *a,
		struct reply *old, struct err *e);
	int (*finish)(struct store *s, const struct reply *r, struct err *e);
	int (*drop)(struct store *s, const uint8_t key[32], struct err *e);
	int (*purge)(struct store *s, int64_t now_ms, struct err *e);
};

/* --- the store as a whole ------------------------------------------------------------------- */

struct store_health {
	bool writable;                         /* a probe was written and is safe */
	int64_t write_ms;                      /* how long that took */
	uint32_t schema;                       /* version of the data */
	uint64_t bytes, log_bytes, free_bytes; /* data, write-ahead log; free on the disk */
	uint64_t writes, commits, failures;    /* since it was opened */
	char detail[256];                      /* what is wrong; empty: nothing */
};

struct store_backup {
	char digest[65]; /* hex SHA-256 of the file */
	uint64_t bytes, leads;
	int64_t at_ms;
};

struct store {
	const struct store_layouts *layouts;
	const struct store_leads *leads;
	const struct store_events *events;
	const struct store_notes *notes;
	const struct store_uploads *uploads;
	const struct store_jobs *jobs;
	const struct store_users *users;
	const struct store_sessions *sessions;
	const struct store_keys *keys;
	const struct store_tokens *tokens;
	const struct store_tries *tries;
	const struct store_audit *audit;
	const struct store_settings *settings;
	const struct store_views *views;
	const struct store_replies *replies;

	uint8_t lead_key[32]; /* secret of this data folder, made with it: lead ids are hashes by it
			       */

	/* close(s): waits for calls that run; no new ones may come. */
	void (*close)(struct store *s);
	/* health(s, probe, out, e): fails only when it cannot tell; ${probe}: write something. */
	int (*health)(struct store *s, bool probe, struct store_health *out, struct err *e);
	/* backup(s, path, out, e): all of it as of one moment, into a new file that can be opened
	 * as a store; complete or not there. Writers go on meanwhile. ERR_CREATE when ${path}
	 * exists. */
	int (*backup)(struct store *s, const char *path, struct store_backup *out, struct err *e);
	/* check(s, e): read everything and see that it holds together: ERR_IO says what does not.
	 */
	int (*check)(struct store *s, struct err *e);
	/* settle(s, e): bring to an end what waits in the background: merges, erasing, the log
	 * written back and cut. */
	int (*settle)(struct store *s, struct err *e);
};

/* Ways to write a lead's id. The natural key is the external id, else the email folded, else the
 * row and how often the very same row came before in its file. */
void store_lead_id_external(const struct store *s, struct str external_id, struct id *out);
void store_lead_id_email(const struct store *s, struct str email, struct id *out);
void store_lead_id_row(
	const struct store *s, struct str packed_cells, uint64_t occurrence, struct id *out);

/* store_words(v, mapped, out): the words by which a search finds a lead, for lead_put.words. They
 * can be made by many threads; what put has to make itself, others wait for. */
void store_words(const struct lead_values *v, uint64_t mapped, struct buf *out);

/* store_asks_for(q, id): whether ${id} is among the ids of ${q}; true where it has none. */
bool store_asks_for(const struct lead_query *q, struct id id);

/* store_check_query(q, e): what every backend refuses in a query: ERR_INPUT. */
int store_check_query(const struct lead_query *q, struct err *e);

#endif
