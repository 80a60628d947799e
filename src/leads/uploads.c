/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "jobs/runner.h"
#include "leads/mapping.h"
#include "leads/reading.h"
#include "leads/upload_detail.h"
#include "leads/uploads.h"
#include "leads/uploads_internal.h"
#include "obs/log.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/file.h"
#include "util/json.h"

int uploads_path(const struct uploads *u, struct str name, struct buf *out, struct err *e)
{
	buf_fmt(out, "%s/uploads", u->data);
	buf_c(out, '\0');
	if (buf_done(out, e) == -1 || file_mkdir_p(out->p, NULL, e) == -1)
		return -1;
	out->n--;
	buf_fmt(out, "/" STR_FMT, STR_ARG(name));
	buf_c(out, '\0');
	return buf_done(out, e);
}

bool upload_over(enum upload_state s)
{
	return s == UPLOAD_DONE || s == UPLOAD_FAILED || s == UPLOAD_CANCELLED ||
	       s == UPLOAD_UNDONE;
}

bool upload_busy(enum upload_state s)
{
	return s == UPLOAD_RECEIVED || s == UPLOAD_PROFILING || s == UPLOAD_IMPORTING ||
	       s == UPLOAD_UNDOING;
}

int upload_change(struct uploads *u, struct id id, upload_change_fn *change, void *arg,
	struct arena *a, struct upload *out, struct err *e)
{
	struct store *s = u->store;
	struct err why = { 0 };

	for (int tries = 0; tries < 20; tries++) {
		int rc;

		if (s->uploads->get(s, id, a, out, e) == -1 || (rc = change(out, arg, a, e)) == -1)
			return -1;
		if (rc == 0)
			return 0;
		out->updated_ms = clock_ms();
		if (s->uploads->put(s, out, out->version, &why) == 0)
			return 0;
		if (why.code != ERR_CONFLICT)
			break;
	}
	if (e != NULL)
		*e = why;
	return -1;
}

/* ---- jobs ---- */

int upload_enqueue(struct uploads *u, const struct upload *up, const char *kind, const char *args,
	struct err *e)
{
	struct store *s = u->store;
	struct arena a = { 0 };
	char key[ID_ULID];
	struct job j = { .id = up->job,
		.kind = str_of(kind),
		.args = str_of(args),
		.priority = 1,
		.upload = up->id,
		.created_by = up->created_by,
		.created_ms = clock_ms(),
		.run_at_ms = clock_ms() };
	struct job out;
	bool existed;
	int rc;

	id_ulid(up->id, key);
	j.dedupe = str_of(key);
	rc = s->jobs->enqueue(s, &j, &a, &out, &existed, e);
	arena_clear(&a);
	return rc;
}

static const char *kind_of(const struct upload *up)
{
	return up->state == UPLOAD_UNDOING ? "undo" : "import";
}

/* For an upload that is kept already, and whose state says that a job works on it. One that cannot
 * be queued now is queued later: what was asked for is not lost. */
static int start_job(struct uploads *u, const struct upload *up, const char *kind)
{
	struct err e = { 0 };

	if (upload_enqueue(u, up, kind, "{}", &e) == -1) {
		log_err("upload.enqueue", &e);
		atomic_store(&u->owed, true);
	}
	return 0;
}

int uploads_receive(
	struct uploads *u, struct upload *up, bool auto_commit, struct arena *a, struct err *e)
{
	struct store *s = u->store;
	struct err why = { 0 };

	up->state = UPLOAD_RECEIVED;
	up->detail = auto_commit ? S("{\"auto\":true}") : S("{}");
	up->job = id_new();
	up->created_ms = up->updated_ms = clock_ms();
	up->finished_ms = MS_NONE;
	if (s->uploads->put(s, up, 0, &why) == -1) {
		if (why.code == ERR_CONFLICT && s->uploads->get(s, up->id, a, up, NULL) == 0)
			return upload_busy(up->state) ? start_job(u, up, kind_of(up)) : 0;
		if (e != NULL)
			*e = why;
		return -1;
	}
	return start_job(u, up, kind_of(up));
}

bool upload_wants(const struct upload *up, const char *what)
{
	struct json *v = up->detail.n != 0 ? json_parse(up->detail, NULL) : NULL;
	bool is = json_bool(json_get(v, what), false);

	json_free(v);
	return is;
}

/* ---- what a person asks for ---- */

static int keep(struct upload *up, struct buf *b, struct arena *a, struct err *e)
{
	char *copy;

	if (buf_done(b, e) == -1)
		return -1;
	if ((copy = arena_dup(a, buf_view(b))) == NULL)
		return err_nomem(e);
	up->detail = (struct str){ copy, b->n };
	return 0;
}

static int wrong_state(const struct upload *up, const char *what, struct err *e)
{
	return err_set(e, ERR_CONFLICT, "an upload that is \"%s\" cannot be %s",
		upload_state_name(up->state), what);
}

/* A member that nobody knows is a slip of the pen: better told than passed over. */
static int only(struct uploads_ask *ask, const char *const *known, struct err *e)
{
	for (size_t i = 0; i < json_len(ask->body); i++) {
		struct str key;
		const char *const *k = known;

		json_member(ask->body, i, &key);
		while (*k != NULL && !str_eq(key, str_of(*k)))
			k++;
		if (*k != NULL)
			continue;
		snprintf(ask->pointer, sizeof(ask->pointer), "/" STR_FMT,
			STR_ARG(str_sub(key, 0, 100)));
		return err_set(e, ERR_INPUT, "is not known here");
	}
	return 0;
}

/* The columns as they were shown, with the fields of ${m}; and its outcome, with what is known of
 * its values. */
static void rewrite(
	const struct mapping *m, const struct json *old, struct buf *columns, struct buf *outcome)
{
	static const char *const replaced[] = { "field", "conflict", "date_order", "decimal_mark",
		NULL };
	const struct json *cols = json_get(old, "columns");
	struct jw w = { .b = columns };

	jw_arr(&w);
	for (size_t i = 0; i < m->n; i++) {
		jw_obj(&w);
		detail_members(json_at(cols, i), replaced, &w);
		jw_kz(&w, "field", field_name(m->cols[i].use));
		mapping_format_write(&m->cols[i].format, &w);
		if (m->cols[i].conflict)
			jw_kbool(&w, "conflict", true);
		jw_end_obj(&w);
	}
	jw_end_arr(&w);
	mapping_outcome_json(m, json_get(old, "outcome"), outcome);
}

struct apply {
	struct uploads *u;
	struct uploads_ask *ask;
	enum upload_state to;
	const char *what;
	bool check;
};

/* Lays what was asked for over the mapping, and moves the upload on. */
static int apply(struct upload *up, void *arg, struct arena *a, struct err *e)
{
	static const char *const known[] = { "mapping", "outcome", "mode", "formats", "fixes",
		NULL };
	struct apply *x = arg;
	const struct json *body = x->ask->body;
	struct str mode = json_str(json_get(body, "mode"), S("upsert"));
	struct json *old;
	struct mapping m;
	struct buf columns = { 0 }, outcome = { 0 }, fixes = { 0 }, out = { 0 };
	int rc = -1;

	x->ask->pointer[0] = '\0';
	if (up->state != UPLOAD_REVIEW &&
		!((up->state == UPLOAD_FAILED || up->state == UPLOAD_CANCELLED) && !x->check))
		return wrong_state(up, x->what, e);
	if (up->file.n == 0)
		return err_set(e, ERR_CONFLICT, "its file has been discarded; send it again");
	if (only(x->ask, known, e) == -1)
		return -1;
	if (!str_eq(mode, S("upsert")) && !str_eq(mode, S("update_only"))) {
		snprintf(x->ask->pointer, sizeof(x->ask->pointer), "/mode");
		return err_set(e, ERR_INPUT, "expected \"upsert\" or \"update_only\"");
	}
	if ((old = json_parse(up->detail, e)) == NULL)
		return -1;
	if (json_get(old, "columns") == NULL) {
		json_free(old);
		return wrong_state(up, x->what, e);
	}
	if (mapping_read(&m, old, e) == -1) {
		json_free(old);
		return -1;
	}
	if (mapping_edit(&m, json_get(body, "mapping"), json_get(body, "outcome"), x->ask->pointer,
		    e) == -1)
		goto done;
	if (mapping_formats(&m, json_get(body, "formats"), x->ask->pointer, e) == -1)
		goto done;
	/* Those of before hold until others are given. */
	if (json_get(body, "fixes") != NULL &&
		mapping_fixes(&m, json_get(body, "fixes"), x->ask->pointer, e) == -1)
		goto done;
	rewrite(&m, old, &columns, &outcome);
	detail_value(json_get(json_get(body, "fixes") != NULL ? body : old, "fixes"),
		&(struct jw){ .b = &fixes });
	if (buf_done(&columns, e) == -1 || buf_done(&outcome, e) == -1 || buf_done(&fixes, e) == -1)
		goto done;
	{
		const struct detail_member set[] = {
			{ "columns", buf_view(&columns) },
			{ "outcome", buf_view(&outcome) },
			{ "fixes", m.n_fixes != 0 ? buf_view(&fixes) : S("") },
			{ "update_only", str_eq(mode, S("update_only")) ? S("true") : S("") },
			{ "auto", S("") },
			{ "only_check", x->check ? S("true") : S("") },
			{ "remember", body != NULL && json_get(body, "mapping") != NULL ? S("true")
											: S("") },
		};

		if (detail_set(up->detail, set, sizeof(set) / sizeof(set[0]), &out, e) == -1 ||
			keep(up, &out, a, e) == -1)
			goto done;
	}
	up->state = x->to;
	up->job = id_new();
	up->error = S("");
	up->finished_ms = MS_NONE;
	rc = 1;
done:
	mapping_clear(&m);
	json_free(old);
	buf_clear(&columns);
	buf_clear(&outcome);
	buf_clear(&fixes);
	buf_clear(&out);
	return rc;
}

static int ask_for(struct apply *x, struct arena *a, struct upload *out, struct err *e)
{
	if (upload_change(x->u, x->ask->id, apply, x, a, out, e) == -1)
		return -1;
	return start_job(x->u, out, kind_of(out));
}

int uploads_commit(struct uploads *u, struct uploads_ask *ask, struct arena *a, struct upload *out,
	struct err *e)
{
	struct apply x = { u, ask, UPLOAD_IMPORTING, "committed", false };

	return ask_for(&x, a, out, e);
}

int uploads_check(struct uploads *u, struct uploads_ask *ask, struct arena *a, struct upload *out,
	struct err *e)
{
	struct apply x = { u, ask, UPLOAD_PROFILING, "checked", true };

	return ask_for(&x, a, out, e);
}

static int read_again(struct upload *up, void *arg, struct arena *a, struct err *e)
{
	struct uploads_ask *ask = arg;
	struct table_reading as;
	struct buf said = { 0 };
	struct jw w = { .b = &said };
	int rc;

	ask->pointer[0] = '\0';
	if (up->state != UPLOAD_REVIEW && up->state != UPLOAD_FAILED &&
		up->state != UPLOAD_CANCELLED)
		return wrong_state(up, "profiled again", e);
	if (up->file.n == 0)
		return err_set(e, ERR_CONFLICT, "its file has been discarded; send it again");
	if (up->progress.position != 0)
		return err_set(e, ERR_CONFLICT, "a part of it is imported already");
	if (reading_parse(ask->body, &as, ask->pointer, sizeof(ask->pointer), e) == -1)
		return -1;
	jw_obj(&w);
	jw_key(&w, "asked");
	reading_write(&as, ask->body, &w);
	jw_end_obj(&w);
	rc = keep(up, &said, a, e);
	buf_clear(&said);
	if (rc == -1)
		return -1;
	up->state = UPLOAD_PROFILING;
	up->job = id_new();
	up->error = S("");
	up->finished_ms = MS_NONE;
	return 1;
}

int uploads_profile(struct uploads *u, struct uploads_ask *ask, struct arena *a, struct upload *out,
	struct err *e)
{
	if (upload_change(u, ask->id, read_again, ask, a, out, e) == -1)
		return -1;
	return start_job(u, out, kind_of(out));
}

/* ---- ending it ---- */

static int set_cancelled(struct upload *up, void *arg, struct arena *a, struct err *e)
{
	(void)arg;
	(void)a;
	(void)e;
	if (upload_over(up->state) || up->state == UPLOAD_UNDOING)
		return 0;
	up->state = UPLOAD_CANCELLED;
	up->finished_ms = clock_ms();
	return 1;
}

static int cancel_job(struct uploads *u, struct id job, struct err *e)
{
	struct err why = { 0 };
	int rc = u->runner != NULL ? runner_cancel(u->runner, job, &why)
				   : u->store->jobs->cancel(u->store, job, &why);

	if (rc == 0 || why.code == ERR_CONFLICT || why.code == ERR_NOT_FOUND)
		return 0;
	if (e != NULL)
		*e = why;
	return -1;
}

int uploads_cancel(
	struct uploads *u, struct id id, struct arena *a, struct upload *out, struct err *e)
{
	struct store *s = u->store;
	struct job j;
	struct err none;

	if (s->uploads->get(s, id, a, out, e) == -1)
		return -1;
	if (out->state == UPLOAD_UNDOING || out->state == UPLOAD_UNDONE)
		return wrong_state(out, "cancelled", e);
	if (upload_busy(out->state)) {
		if (cancel_job(u, out->job, e) == -1)
			return -1;
		/* One that runs says so itself, once it has stopped. */
		if (s->jobs->get(s, out->job, a, &j, &none) == 0 && !job_state_over(j.state))
			return s->uploads->get(s, id, a, out, e);
	}
	return upload_change(u, id, set_cancelled, NULL, a, out, e);
}

static int set_undoing(struct upload *up, void *arg, struct arena *a, struct err *e)
{
	(void)arg;
	(void)a;
	if (up->state != UPLOAD_DONE && up->state != UPLOAD_CANCELLED && up->state != UPLOAD_FAILED)
		return wrong_state(up, "undone", e);
	up->state = UPLOAD_UNDOING;
	up->job = id_new();
	return 1;
}

int uploads_undo(
	struct uploads *u, struct id id, struct arena *a, struct upload *out, struct err *e)
{
	if (upload_change(u, id, set_undoing, NULL, a, out, e) == -1)
		return -1;
	return start_job(u, out, kind_of(out));
}

static int forget_file(struct upload *up, void *arg, struct arena *a, struct err *e)
{
	struct buf out = { 0 };
	int rc;

	(void)arg;
	if (upload_busy(up->state))
		return err_set(e, ERR_CONFLICT, "it is still being worked on");
	if (up->file.n == 0)
		return 0;
	if (up->state == UPLOAD_REVIEW) {
		up->state = UPLOAD_CANCELLED;
		up->finished_ms = clock_ms();
	}
	up->file = S("");
	rc = detail_lean(up->detail, &out, e);
	if (rc == 0)
		rc = keep(up, &out, a, e);
	buf_clear(&out);
	return rc == 0 ? 1 : -1;
}

static void unlink_file(const struct uploads *u, struct str name)
{
	struct buf path = { 0 }, rejects = { 0 };

	if (name.n != 0 && uploads_path(u, name, &path, NULL) == 0) {
		unlink(path.p);
		buf_fmt(&rejects, "%s.rejects.csv", path.p);
		buf_c(&rejects, '\0');
		if (buf_done(&rejects, NULL) == 0)
			unlink(rejects.p);
	}
	buf_clear(&path);
	buf_clear(&rejects);
}

int uploads_discard(struct uploads *u, struct id id, struct err *e)
{
	struct arena a = { 0 };
	struct upload up;
	struct str file;
	int rc = u->store->uploads->get(u->store, id, &a, &up, e);

	if (rc == 0 && upload_busy(up.state) && up.state != UPLOAD_UNDOING)
		rc = uploads_cancel(u, id, &a, &up, e);
	if (rc == 0) {
		file = up.file;
		rc = upload_change(u, id, forget_file, NULL, &a, &up, e);
		/* The record first: a file without one is swept, a record without its file would
		 * promise what is not there. */
		if (rc == 0)
			unlink_file(u, file);
	}
	arena_clear(&a);
	return rc;
}

/* ---- looking at it ---- */

static int set_failed(struct upload *up, void *arg, struct arena *a, struct err *e)
{
	const struct job *j = arg;

	(void)a;
	(void)e;
	if (!upload_busy(up->state) || !id_eq(up->job, j->id))
		return 0;
	up->state = j->state == JOB_CANCELLED ? UPLOAD_CANCELLED : UPLOAD_FAILED;
	up->error = j->error.n != 0 ? j->error : S("the job that worked on it has died");
	up->finished_ms = clock_ms();
	return 1;
}

int uploads_get(struct uploads *u, struct id id, struct arena *a, struct upload *out, struct err *e)
{
	struct store *s = u->store;
	struct err none = { 0 };
	struct job j;

	if (s->uploads->get(s, id, a, out, e) == -1)
		return -1;
	if (!upload_busy(out->state) || s->jobs->get(s, out->job, a, &j, &none) == -1 ||
		!job_state_over(j.state) || j.state == JOB_DONE)
		return 0;
	return upload_change(u, id, set_failed, &j, a, out, e);
}

/* ---- looking after all of them ---- */

typedef int visit_fn(struct uploads *u, const struct upload *up, void *arg, struct err *e);

static int visit_all(struct uploads *u, visit_fn *visit, void *arg, struct err *e)
{
	struct store *s = u->store;
	struct buf cursor = { 0 };
	struct arena a = { 0 };
	int rc = 0;

	do {
		struct upload *list;
		struct str next;
		size_t n;

		arena_reset(&a);
		rc = s->uploads->list(s, 100, buf_view(&cursor), &a, &list, &n, &next, e);
		for (size_t i = 0; rc == 0 && i < n; i++)
			rc = visit(u, &list[i], arg, e);
		buf_reset(&cursor);
		if (rc == 0)
			buf_str(&cursor, next);
	} while (rc == 0 && cursor.n != 0);
	buf_clear(&cursor);
	arena_clear(&a);
	return rc;
}

static int recover(struct uploads *u, const struct upload *up, void *arg, struct err *e)
{
	struct store *s = u->store;
	struct arena a = { 0 };
	struct upload now;
	struct job j;
	struct err why = { 0 };
	int rc = 0;

	(void)arg;
	if (!upload_busy(up->state))
		return 0;
	if (s->jobs->get(s, up->job, &a, &j, &why) == 0) {
		if (job_state_over(j.state) && j.state != JOB_DONE)
			rc = upload_change(u, up->id, set_failed, &j, &a, &now, e);
	} else if (why.code == ERR_NOT_FOUND) {
		rc = upload_enqueue(u, up, kind_of(up), "{}", e);
	} else {
		if (e != NULL)
			*e = why;
		rc = -1;
	}
	arena_clear(&a);
	return rc;
}

int uploads_recover(struct uploads *u, struct err *e)
{
	atomic_store(&u->owed, false);
	if (visit_all(u, recover, NULL, e) == 0)
		return 0;
	atomic_store(&u->owed, true);
	return -1;
}

/* 1: an upload has it. */
static int is_known(struct uploads *u, const char *name, struct err *e)
{
	struct arena a = { 0 };
	struct upload up;
	struct err why = { 0 };
	struct id id;
	int rc;

	if (strlen(name) < ID_ULID - 1 || id_parse_ulid((struct str){ name, ID_ULID - 1 }, &id))
		return 1; /* not ours to judge */
	rc = u->store->uploads->get(u->store, id, &a, &up, &why) == 0 ? up.file.n != 0
	     : why.code == ERR_NOT_FOUND                              ? 0
								      : -1;
	if (rc == -1 && e != NULL)
		*e = why;
	arena_clear(&a);
	return rc;
}

int uploads_tidy(struct uploads *u, struct err *e)
{
	struct buf path = { 0 };
	struct dirent *entry;
	DIR *d;
	int rc = 0;

	if (uploads_path(u, S("."), &path, e) == -1 || (d = opendir(path.p)) == NULL) {
		buf_clear(&path);
		return 0; /* nothing has been received yet */
	}
	while (rc != -1 && (entry = readdir(d)) != NULL)
		if ((rc = is_known(u, entry->d_name, e)) == 0)
			unlinkat(dirfd(d), entry->d_name, 0);
	closedir(d);
	buf_clear(&path);
	return rc == -1 ? -1 : 0;
}

static int sweep(struct uploads *u, const struct upload *up, void *arg, struct err *e)
{
	const int64_t *before = arg;

	if (!upload_over(up->state) || up->file.n == 0 || up->finished_ms == MS_NONE ||
		up->finished_ms >= *before)
		return 0;
	return uploads_discard(u, up->id, e);
}

int uploads_sweep(struct uploads *u, int64_t before_ms, struct err *e)
{
	return visit_all(u, sweep, &before_ms, e);
}
