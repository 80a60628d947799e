/* SPDX-License-Identifier: Apache-2.0 */
/* The jobs of an upload: reading, checking, importing, undoing. Each looks at the state its upload
 * is in and goes on from there, so that it may be started again at any moment. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jobs/runner.h"
#include "leads/ingest.h"
#include "leads/live.h"
#include "leads/mapping.h"
#include "leads/rescoring.h"
#include "leads/upload_detail.h"
#include "leads/uploads_internal.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"
#include "util/table.h"

enum { UNDO_KEPT = 1000 };

/* ---- states ---- */

struct to_state {
	enum upload_state from, to;
	struct str detail; /* NULL p: as it is */
	const char *error;
};

static int set_state(struct upload *up, void *arg, struct arena *a, struct err *e)
{
	const struct to_state *t = arg;

	(void)a;
	if (up->state == t->to && t->detail.p == NULL)
		return 0;
	if (up->state != t->from)
		return err_set(
			e, ERR_CANCELLED, "the upload is \"%s\" now", upload_state_name(up->state));
	up->state = t->to;
	if (t->detail.p != NULL)
		up->detail = t->detail;
	up->error = str_of(t->error != NULL ? t->error : "");
	if (upload_over(t->to))
		up->finished_ms = clock_ms();
	return 1;
}

static int move(struct uploads *u, struct upload *up, const struct to_state *t, struct arena *a,
	struct err *e)
{
	return upload_change(u, up->id, set_state, (void *)(uintptr_t)t, a, up, e);
}

static bool stop(void *arg)
{
	return job_stopping(arg);
}

/* ---- reading and checking ---- */

static int keep_detail(
	struct upload *up, const char *key, struct str value, struct arena *a, struct err *e)
{
	const struct detail_member set[] = { { key, value }, { "only_check", S("") },
		{ "auto", S("") } };
	struct buf out = { 0 };
	char *copy = NULL;
	int rc = detail_set(up->detail, set, 3, &out, e);

	if (rc == 0 && (copy = arena_dup(a, buf_view(&out))) == NULL)
		rc = err_nomem(e);
	if (rc == 0)
		up->detail = (struct str){ copy, out.n };
	buf_clear(&out);
	return rc;
}

static int read_mapping(const struct upload *up, struct mapping *m, struct err *e)
{
	struct json *v = json_parse(up->detail, e);
	int rc = v == NULL ? -1 : mapping_read(m, v, e);

	json_free(v);
	return rc;
}

static int check(
	struct uploads *u, struct upload *up, struct job_run *r, struct arena *a, struct err *e)
{
	struct buf path = { 0 }, out = { 0 };
	struct jw w = { .b = &out };
	struct mapping m;
	struct ingest_opts o = { .store = u->store,
		.live = u->live,
		.map = &m,
		.upload = up->id,
		.update_only = upload_wants(up, "update_only"),
		.threads = u->threads,
		.stop = stop,
		.arg = r };
	int rc;

	if (read_mapping(up, &m, e) == -1)
		return -1;
	rc = uploads_path(u, up->file, &path, e);
	o.path = path.p;
	job_step(r, "checking", 0, NULL);
	if (rc == 0 && (rc = ingest_check(&o, &w, e)) == 0 && (rc = buf_done(&out, e)) == 0)
		rc = keep_detail(up, "check", buf_view(&out), a, e);
	if (rc == 0)
		rc = move(u, up,
			&(struct to_state){ UPLOAD_PROFILING, UPLOAD_REVIEW, up->detail, NULL }, a,
			e);
	mapping_clear(&m);
	buf_clear(&path);
	buf_clear(&out);
	return rc;
}

static int profile(struct uploads *u, struct upload *up, struct job_run *r, struct table **t,
	struct arena *a, struct err *e)
{
	bool on = upload_wants(up, "auto");

	job_step(r, "reading", 0, NULL);
	if (upload_profile(u, up, r, t, a, e) == -1 || keep_detail(up, "auto", S(""), a, e) == -1)
		return -1;
	return move(u, up,
		&(struct to_state){
			UPLOAD_PROFILING, on ? UPLOAD_IMPORTING : UPLOAD_REVIEW, up->detail, NULL },
		a, e);
}

/* ---- importing ---- */

struct telling {
	struct job_run *r;
	uint64_t before; /* rows that an earlier run had come to */
	bool further;    /* ours has come further, and said so; or nobody asks */
};

/* The first batch that no run before has done is told to the queue: a process that is killed again
 * and again, and comes a little further each time, is not stuck. The first run of all has no such
 * kills behind it, and need not wait for the disk. If the store does not take it, the next batch
 * has its own trouble with that. */
static void tell(void *arg, const struct upload_progress *p)
{
	struct telling *t = arg;
	char text[96];

	snprintf(text, sizeof(text), "%llu rows", (unsigned long long)p->rows.read);
	job_step(t->r, "importing", p->fraction, text);
	if (t->further || p->position <= t->before)
		return;
	snprintf(text, sizeof(text), "{\"position\":%llu}", (unsigned long long)p->position);
	t->further = job_checkpoint(t->r, str_of(text), NULL) == 0;
}

static bool telling_stop(void *arg)
{
	const struct telling *t = arg;

	return job_stopping(t->r);
}

static bool is_first(const struct job *j)
{
	return j->tries <= 1 && j->crashes == 0 && j->checkpoint.n == 0;
}

/* How far the run before was, by its checkpoint. */
static uint64_t came_to(const struct job *j)
{
	struct json *was = j->checkpoint.n != 0 ? json_parse(j->checkpoint, NULL) : NULL;
	int64_t n = json_int(json_get(was, "position"), 0);

	json_free(was);
	return n > 0 ? (uint64_t)n : 0;
}

/* The mapping a person settled on serves the next file with these headers. */
static int remember(
	struct uploads *u, const struct upload *up, const struct mapping *m, struct err *e)
{
	struct store *s = u->store;
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	char key[MAPPING_HEADERS];
	int rc;

	if (!upload_wants(up, "remember"))
		return 0;
	jw_obj(&w);
	mapping_write_lean(m, &w);
	jw_end_obj(&w);
	if ((rc = buf_done(&b, e)) == 0 && (rc = mapping_headers(m, key, e)) == 0)
		rc = s->layouts->remember(s, str_of(key), buf_view(&b), e);
	buf_clear(&b);
	return rc;
}

static int lean_detail(struct upload *up, struct arena *a, struct err *e)
{
	struct buf b = { 0 };
	char *copy;
	int rc = detail_lean(up->detail, &b, e);

	if (rc == 0 && (copy = arena_dup(a, buf_view(&b))) == NULL)
		rc = err_nomem(e);
	else if (rc == 0)
		up->detail = (struct str){ copy, b.n };
	buf_clear(&b);
	return rc;
}

static int write_rejects(const struct ingest_opts *o, const struct upload *up, struct err *e)
{
	struct buf path = { 0 };
	uint64_t n;
	int rc;

	if (up->progress.rows.rejected == 0)
		return 0;
	buf_fmt(&path, "%s.rejects.csv", o->path);
	buf_c(&path, '\0');
	if ((rc = buf_done(&path, e)) == 0)
		rc = ingest_rejects(o, path.p, &n, e);
	buf_clear(&path);
	return rc;
}

/* Leads that a killed run has put and not scored yet. */
static int score_left_over(struct uploads *u, struct err *e)
{
	struct rescoring_opts o = { .store = u->store, .live = u->live, .what = RESCORE_STALE };
	struct rescoring_result r;

	return rescoring_run(&o, &r, e);
}

/* A version published meanwhile had its leads scored before ours were there. */
static int score_anew(struct uploads *u, uint32_t before, struct err *e)
{
	struct live_model *m = live_hold(u->live);
	bool other = live_number(m) != before;
	struct job out, ask = { .id = id_new(),
		.kind = S("rescore"),
		.args = S("{\"cause\":\"model\"}"),
		.created_ms = clock_ms(),
		.run_at_ms = clock_ms() };
	struct arena a = { 0 };
	bool existed;
	int rc = 0;

	live_drop(m);
	if (other)
		rc = u->store->jobs->enqueue(u->store, &ask, &a, &out, &existed, e);
	arena_clear(&a);
	return rc;
}

static void result(struct job_run *r, const struct upload *up)
{
	const struct upload_rows *n = &up->progress.rows;
	struct jw w = { .b = job_result(r) };
	char id[ID_ULID];

	id_ulid(up->id, id);
	jw_obj(&w);
	jw_kz(&w, "upload", id);
	jw_kint(&w, "read", (int64_t)n->read);
	jw_kint(&w, "created", (int64_t)n->created);
	jw_kint(&w, "updated", (int64_t)n->updated);
	jw_kint(&w, "unchanged", (int64_t)n->unchanged);
	jw_kint(&w, "rejected", (int64_t)n->rejected);
	jw_end_obj(&w);
}

static int import_rows(struct uploads *u, struct upload *up, struct job_run *r, struct table *table,
	const struct mapping *m, struct arena *a, struct err *e)
{
	struct live_model *live = live_hold(u->live);
	uint32_t before = live_number(live);
	bool again = job_of(r)->tries > 1 || up->progress.position != 0;
	struct telling t = { .r = r, .before = came_to(job_of(r)), .further = is_first(job_of(r)) };
	struct buf path = { 0 };
	struct ingest_opts o = { .store = u->store,
		.live = u->live,
		.table = table,
		.map = m,
		.upload = up->id,
		.by = up->created_by,
		.update_only = upload_wants(up, "update_only"),
		.threads = u->threads,
		.stop = telling_stop,
		.tell = tell,
		.arg = &t };
	int rc = uploads_path(u, up->file, &path, e);

	live_drop(live);
	o.path = path.p;
	job_step(r, "importing", up->progress.fraction, NULL);
	if (rc == 0 && (rc = ingest_run(&o, &up->progress, e)) == 0 &&
		(rc = write_rejects(&o, up, e)) == 0 &&
		(rc = again ? score_left_over(u, e) : 0) == 0 &&
		(rc = score_anew(u, before, e)) == 0 && (rc = lean_detail(up, a, e)) == 0)
		rc = remember(u, up, m, e);
	buf_clear(&path);
	return rc;
}

/* ${t}: its file, where it was just profiled; else NULL. */
static int import(struct uploads *u, struct upload *up, struct job_run *r, struct table *t,
	struct arena *a, struct err *e)
{
	struct mapping m;
	int rc;

	if (read_mapping(up, &m, e) == -1)
		return -1;
	rc = import_rows(u, up, r, t, &m, a, e);
	mapping_clear(&m);
	if (rc == -1)
		return -1;
	return move(
		u, up, &(struct to_state){ UPLOAD_IMPORTING, UPLOAD_DONE, up->detail, NULL }, a, e);
}

/* ---- as a job ---- */

static int go_on(struct uploads *u, struct upload *up, struct job_run *r, struct table **t,
	struct arena *a, struct err *e)
{
	if (up->state == UPLOAD_RECEIVED &&
		move(u, up,
			&(struct to_state){ UPLOAD_RECEIVED, UPLOAD_PROFILING, { NULL, 0 }, NULL },
			a, e) == -1)
		return -1;
	if (up->state == UPLOAD_PROFILING) {
		bool only = upload_wants(up, "only_check");

		if ((only ? check(u, up, r, a, e) : profile(u, up, r, t, a, e)) == -1)
			return -1;
	}
	if (up->state == UPLOAD_IMPORTING && import(u, up, r, *t, a, e) == -1)
		return -1;
	result(r, up);
	return 0;
}

/* A failure that will not be tried again ends the upload too. */
static void end_badly(struct uploads *u, struct upload *up, struct job_run *r, const struct err *e)
{
	struct arena a = { 0 };
	struct to_state t = { up->state, UPLOAD_FAILED, { NULL, 0 }, e->msg };
	struct upload now;

	if (job_cancelled(r)) {
		t.to = UPLOAD_CANCELLED;
		t.error = NULL;
	} else if (!job_is_last(r, e)) {
		return;
	}
	if (u->store->uploads->get(u->store, up->id, &a, &now, NULL) == 0 &&
		upload_busy(now.state)) {
		t.from = now.state;
		upload_change(u, up->id, set_state, &t, &a, &now, NULL);
	}
	arena_clear(&a);
}

/* Messages about the file name it as its sender does, not as it lies in the data folder. */
static void name_the_file(const struct uploads *u, const struct upload *up, struct err *e)
{
	struct err told = *e;
	struct buf path = { 0 };
	size_t n;

	if (uploads_path(u, up->file, &path, NULL) == 0) {
		n = strlen(path.p);
		if (strncmp(told.msg, path.p, n) == 0)
			err_set(e, told.code, STR_FMT "%s", STR_ARG(up->filename), told.msg + n);
	}
	buf_clear(&path);
}

static int import_job(struct job_run *r, void *ctx, struct err *e)
{
	struct uploads *u = ctx;
	struct arena *a = job_arena(r);
	struct table *t = NULL;
	struct upload up;
	int rc;

	if (u->store->uploads->get(u->store, job_of(r)->upload, a, &up, e) == -1)
		return -1;
	rc = go_on(u, &up, r, &t, a, e);
	table_free(t);
	if (rc == 0)
		return 0;
	name_the_file(u, &up, e);
	end_badly(u, &up, r, e);
	return -1;
}

/* ---- undoing ---- */

struct undone {
	uint64_t restored, deleted, kept_count;
	struct buf kept; /* items of a JSON array */
	size_t listed;
};

static void write_undone(const struct undone *x, struct buf *out)
{
	buf_fmt(out, "{\"restored\":%llu,\"deleted\":%llu,\"kept_count\":%llu,\"kept\":[",
		(unsigned long long)x->restored, (unsigned long long)x->deleted,
		(unsigned long long)x->kept_count);
	buf_str(out, buf_view(&x->kept));
	buf_str(out, S("]}"));
}

static void add_kept(struct undone *x, const struct lead_undo *part)
{
	char hex[ID_HEX];

	x->kept_count += part->n_kept;
	for (size_t i = 0; i < part->n_kept && x->listed < UNDO_KEPT; i++, x->listed++) {
		id_hex(part->kept[i], hex);
		buf_fmt(&x->kept, "%s\"%s\"", x->listed == 0 ? "" : ",", hex);
	}
}

/* What earlier tries have done; leads they kept are met again. */
static int read_undone(const struct job *j, struct undone *x, struct err *e)
{
	struct json *v;

	if (j->checkpoint.n == 0)
		return 0;
	if ((v = json_parse(j->checkpoint, e)) == NULL)
		return -1;
	x->restored = (uint64_t)json_int(json_get(v, "restored"), 0);
	x->deleted = (uint64_t)json_int(json_get(v, "deleted"), 0);
	json_free(v);
	return 0;
}

static int undo_parts(
	struct uploads *u, struct upload *up, struct job_run *r, struct undone *x, struct err *e)
{
	struct store *s = u->store;
	uint64_t all = up->progress.rows.created + up->progress.rows.updated;
	struct buf cursor = { 0 }, text = { 0 };
	struct arena a = { 0 };
	int rc = 0;

	do {
		struct lead_undo part;

		arena_reset(&a);
		if ((rc = s->leads->undo(s, up->id, clock_ms(), job_of(r)->created_by,
			     buf_view(&cursor), &a, &part, e)) == -1)
			break;
		x->restored += part.restored;
		x->deleted += part.deleted;
		add_kept(x, &part);
		buf_reset(&cursor);
		buf_str(&cursor, part.next);
		buf_reset(&text);
		write_undone(x, &text);
		if ((rc = buf_done(&cursor, e)) == -1 || (rc = buf_done(&text, e)) == -1 ||
			(rc = job_checkpoint(r, buf_view(&text), e)) == -1)
			break;
		if (job_step(r, "undoing",
			    all == 0 ? 1 : (double)(x->restored + x->deleted) / (double)all, NULL))
			rc = job_stopped(r, e);
	} while (rc == 0 && cursor.n != 0);
	buf_clear(&cursor);
	buf_clear(&text);
	arena_clear(&a);
	return rc;
}

static int undo(struct uploads *u, struct upload *up, struct job_run *r, struct undone *x,
	struct arena *a, struct err *e)
{
	struct buf text = { 0 };
	int rc;

	if (read_undone(job_of(r), x, e) == -1 || undo_parts(u, up, r, x, e) == -1 ||
		score_left_over(u, e) == -1)
		return -1;
	write_undone(x, &text);
	if ((rc = buf_done(&text, e)) == 0 &&
		(rc = keep_detail(up, "undo", buf_view(&text), a, e)) == 0) {
		buf_str(job_result(r), buf_view(&text));
		rc = move(u, up,
			&(struct to_state){ UPLOAD_UNDOING, UPLOAD_UNDONE, up->detail, NULL }, a,
			e);
	}
	buf_clear(&text);
	return rc;
}

static int undo_job(struct job_run *r, void *ctx, struct err *e)
{
	struct uploads *u = ctx;
	struct arena *a = job_arena(r);
	struct undone x = { 0 };
	struct upload up;
	int rc = 0;

	if (u->store->uploads->get(u->store, job_of(r)->upload, a, &up, e) == -1)
		return -1;
	if (up.state == UPLOAD_UNDOING && (rc = undo(u, &up, r, &x, a, e)) == -1)
		end_badly(u, &up, r, e);
	buf_clear(&x.kept);
	return rc;
}

void uploads_add_jobs(struct runner *r, struct uploads *u)
{
	runner_add(r, "import", import_job, u);
	runner_add(r, "undo", undo_job, u);
}
