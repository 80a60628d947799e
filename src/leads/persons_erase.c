/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "jobs/runner.h"
#include "leads/bulk_log.h"
#include "leads/persons.h"
#include "leads/reading.h"
#include "obs/log.h"
#include "record/fold.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"
#include "util/table.h"

enum { IDS_MAX = 1000, TEXTS_MAX = 5, PAGE_BYTES = 256 << 20 };

/* What a person is told by in files and queries: email, phone numbers, the id of another system. */
struct erasing {
	struct persons *p;
	struct job_run *job;
	struct arena mem;
	struct id *ids;
	size_t n_ids;
	struct str *texts; /* folded */
	size_t n_texts;
	uint64_t leads, files, views;
};

/* --- who is to go --- */

static int add_text(struct erasing *x, struct str text, struct err *e)
{
	struct buf b = { 0 };
	int rc;

	fold_text(text, &b);
	if ((rc = buf_done(&b, e)) == 0 && b.n > 3) {
		x->texts[x->n_texts].p = arena_dup(&x->mem, buf_view(&b));
		x->texts[x->n_texts].n = b.n;
		rc = x->texts[x->n_texts].p == NULL ? err_nomem(e) : 0;
		x->n_texts += rc == 0;
	}
	buf_clear(&b);
	return rc;
}

static int read_lead(struct erasing *x, struct id id, struct err *e)
{
	static const enum lead_field told_by[] = { LF_EMAIL, LF_PHONE, LF_MOBILE, LF_EXTERNAL_ID };
	struct store *s = x->p->store;
	struct err why = { 0 };
	struct lead l;

	if (s->leads->get(s, id, &x->mem, &l, &why) == -1) {
		if (why.code == ERR_NOT_FOUND) /* gone in an earlier try */
			return 0;
		*e = why;
		return -1;
	}
	for (size_t i = 0; i < sizeof(told_by) / sizeof(*told_by); i++)
		if (add_text(x, l.values.text[told_by[i]], e) == -1)
			return -1;
	return 0;
}

static int read_args(struct erasing *x, struct err *e)
{
	struct json *args = json_parse(job_of(x->job)->args, e);
	const struct json *ids = json_get(args, "ids");
	int rc = args == NULL ? -1 : 0;

	x->ids = arena_array(&x->mem, IDS_MAX, sizeof(*x->ids));
	x->texts = arena_array(&x->mem, IDS_MAX * TEXTS_MAX, sizeof(*x->texts));
	if (rc == 0 && (x->ids == NULL || x->texts == NULL))
		rc = err_nomem(e);
	for (size_t i = 0; rc == 0 && i < json_len(ids) && i < IDS_MAX; i++)
		x->n_ids += id_parse_hex(json_str(json_at(ids, i), S("")), &x->ids[x->n_ids]) == 0;
	json_free(args);
	for (size_t i = 0; rc == 0 && i < x->n_ids; i++)
		rc = read_lead(x, x->ids[i], e);
	return rc;
}

static bool names_them(const struct erasing *x, struct str text)
{
	struct buf b = { 0 };
	bool found = false;

	fold_text(text, &b);
	for (size_t i = 0; i < x->n_texts && !found; i++)
		found = b.failed || str_find(buf_view(&b), x->texts[i]) >= 0;
	buf_clear(&b);
	return found;
}

/* --- raw files --- */

/* A file that cannot be read as a table any more is taken to have them in it. */
static bool file_has_them(const struct erasing *x, const struct upload *u, const char *path)
{
	struct json *detail = u->detail.n != 0 ? json_parse(u->detail, NULL) : NULL;
	struct table_opts to = { 0 };
	struct table *t;
	struct err why = { 0 };
	struct row r;
	bool found;
	int rc = 0;

	reading_of(detail, &to.as);
	json_free(detail);
	t = table_open(path, &to, NULL);
	found = t == NULL;
	while (!found && (rc = table_next(t, &r, &why)) == 1) {
		if (r.bad)
			found = names_them(x, r.raw);
		for (size_t c = 0; !r.bad && c < table_columns(t) && !found; c++)
			found = r.cells[c].n > 3 && names_them(x, r.cells[c]);
	}
	table_free(t);
	return found || rc == -1;
}

/* The record first: a file without one is swept away, a record without its file would promise what
 * is not there. */
static int discard(struct erasing *x, const struct upload *u, const char *path, struct err *e)
{
	struct store *s = x->p->store;
	struct upload without = *u;

	without.file = S("");
	without.detail = S("");
	without.updated_ms = clock_ms();
	if (s->uploads->put(s, &without, u->version, e) == -1)
		return -1;
	if (path[0] != '\0') {
		char rejects[4096 + 16];

		(void)unlink(path);
		snprintf(rejects, sizeof(rejects), "%s.rejects.csv", path);
		(void)unlink(rejects);
	}
	x->files++;
	return 0;
}

static bool busy(enum upload_state s)
{
	return s == UPLOAD_PROFILING || s == UPLOAD_IMPORTING || s == UPLOAD_UNDOING;
}

static int clean_upload(struct erasing *x, const struct upload *u, struct err *e)
{
	char path[4096] = "";

	if (u->file.n > 0)
		snprintf(path, sizeof(path), "%s/uploads/" STR_FMT, x->p->data, STR_ARG(u->file));
	if (u->file.n == 0 ? !names_them(x, u->detail)
			   : !names_them(x, u->detail) && !file_has_them(x, u, path))
		return 0;
	if (busy(u->state))
		return err_set(e, ERR_UNAVAILABLE,
			"an upload that has the person in it is being worked on");
	return discard(x, u, path, e);
}

static int clean_uploads(struct erasing *x, struct err *e)
{
	struct store *s = x->p->store;
	struct arena page = { .cap = PAGE_BYTES };
	struct buf cursor = { 0 };
	struct upload *u;
	struct str next;
	size_t n;
	int rc;

	do {
		arena_reset(&page);
		rc = s->uploads->list(s, 100, buf_view(&cursor), &page, &u, &n, &next, e);
		for (size_t i = 0; rc == 0 && i < n; i++) {
			if (job_step(x->job, "looking through files", (double)NAN, NULL))
				rc = job_stopped(x->job, e);
			else
				rc = clean_upload(x, &u[i], e);
		}
		if (rc == 0) {
			buf_reset(&cursor);
			buf_str(&cursor, next);
			rc = buf_done(&cursor, e);
		}
	} while (rc == 0 && cursor.n > 0);
	buf_clear(&cursor);
	arena_clear(&page);
	return rc;
}

/* --- saved views (of people, and of keys), jobs, replies --- */

static int clean_views_of(struct erasing *x, struct id owner, struct err *e)
{
	struct store *s = x->p->store;
	struct view *v;
	size_t n;

	if (s->views->list(s, owner, &x->mem, &v, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (!names_them(x, v[i].query) && !names_them(x, v[i].name))
			continue;
		v[i].query = S("");
		v[i].name = S("(erased)");
		if (s->views->put(s, &v[i], v[i].version, e) == -1)
			return -1;
		x->views++;
	}
	return 0;
}

static int clean_views(struct erasing *x, struct err *e)
{
	struct store *s = x->p->store;
	struct user *users;
	struct api_key *keys;
	size_t n, n_keys;

	if (s->users->list(s, &x->mem, &users, &n, e) == -1 ||
		s->keys->list(s, &x->mem, &keys, &n_keys, e) == -1 ||
		clean_views_of(x, (struct id){ { 0 } }, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (clean_views_of(x, users[i].id, e) == -1)
			return -1;
	for (size_t i = 0; i < n_keys; i++)
		if (clean_views_of(x, keys[i].id, e) == -1)
			return -1;
	return 0;
}

/* Filters of finished jobs and bodies of stored replies may name anybody; both are kept for
 * convenience only. */
static int clean_rest(struct erasing *x, struct err *e)
{
	struct store *s = x->p->store;
	uint64_t n;

	bulk_log_sweep(x->p->data, INT64_MAX);
	if (s->jobs->purge(s, clock_ms() + 1, &n, e) == -1)
		return -1;
	return s->replies->purge(s, INT64_MAX, e);
}

/* --- the job --- */

static int erase(struct erasing *x, struct err *e)
{
	struct store *s = x->p->store;

	if (read_args(x, e) == -1 || clean_uploads(x, e) == -1 || clean_views(x, e) == -1)
		return -1;
	job_step(x->job, "erasing", 0.5, NULL);
	if (x->n_ids > 0 && s->leads->erase(s, x->ids, x->n_ids, clock_ms(), e) == -1)
		return -1;
	x->leads = x->n_ids;
	if (clean_rest(x, e) == -1)
		return -1;
	job_step(x->job, "overwriting", 0.8, NULL);
	return s->settle(s, e);
}

static int erase_job(struct job_run *job, void *ctx, struct err *e)
{
	struct erasing x = { .p = ctx, .job = job };
	struct jw w = { .b = job_result(job) };
	int rc = erase(&x, e);

	arena_clear(&x.mem);
	if (rc == -1)
		return -1;
	LOG_INFO("person.erased", LOG_U64("leads", x.leads), LOG_U64("files", x.files));
	jw_obj(&w);
	jw_kint(&w, "leads", (int64_t)x.leads);
	jw_kint(&w, "files", (int64_t)x.files);
	jw_kint(&w, "views", (int64_t)x.views);
	jw_end_obj(&w);
	return 0;
}

void persons_add(struct runner *r, struct persons *p)
{
	runner_add(r, "erase", erase_job, p);
}
