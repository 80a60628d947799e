/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "leads/background.h"
#include "leads/lead_table.h"
#include "leads/query.h"
#include "leads/reading.h"
#include "leads/retrain_internal.h"
#include "leads/training.h"
#include "leads/workroom.h"
#include "model/model_store.h"
#include "model/notes.h"
#include "model/registry.h"
#include "record/query.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/cpus.h"
#include "util/err.h"
#include "util/file.h"
#include "util/json.h"
#include "util/when.h"

enum { ARENA = 16 << 20, NOTES_MAX = 100 };

#define DAY_MS      86400000.0
#define TABLE_SHARE 0.05 /* of the progress */

struct pupil {
	const struct retrain_opts *o;
	struct arena mem;
	struct workroom room;
	char *path, *rejects;
	struct training_opts t;
	struct json *mapping; /* an upload's detail, which the texts of ${t} point into */
	struct json *formats; /* of its dates and numbers, as a profile that was edited */
	struct lead_table_result rows;
	bool from_leads;
	struct training training;
	struct buf notes; /* sentences, as the inside of a JSON array */
	struct jw notes_w;
	size_t n_notes;
	uint32_t version;
};

static void add_note(void *arg, const char *sentence)
{
	struct pupil *j = arg;

	if (j->n_notes++ < NOTES_MAX)
		jw_z(&j->notes_w, sentence);
}

/* --- what to learn from --- */

static struct str *texts(struct pupil *j, const struct json *list, size_t more, size_t *n)
{
	struct str *v = arena_array(&j->mem, json_len(list) + more + 1, sizeof(*v));

	*n = 0;
	for (size_t i = 0; v != NULL && i < json_len(list); i++)
		v[(*n)++] = json_str(json_at(list, i), S(""));
	return v;
}

/* Numbers and texts that stand in ${args} as they go into the training. */
static int read_args(struct pupil *j, struct err *e)
{
	const struct json *a = j->o->args, *capacity = json_get(a, "capacity");
	struct training_opts *t = &j->t;
	struct str as_of = json_str(json_get(a, "as_of"), S(""));
	int64_t ms;

	*t = (struct training_opts){ .target = json_str(json_get(a, "target"), S("")),
		.edits = json_get(a, "profile"),
		.budget = json_num(json_get(a, "budget_s"), 60),
		.seed = (uint64_t)json_num(json_get(a, "seed"), 1),
		.as_of = NAN,
		.today = (double)j->o->now_ms / DAY_MS,
		.hot = json_num(json_get(a, "hot"), NAN),
		.warm = json_num(json_get(a, "warm"), NAN),
		.per_day = json_num(capacity, NAN),
		.win_value = json_num(json_get(a, "value"), NAN),
		.contact_cost = json_num(json_get(a, "cost"), NAN),
		.threads = j->o->threads != 0 ? j->o->threads : cpus_usable(),
		.progress = j->o->progress,
		.notes = { add_note, j } };
	if (as_of.n != 0 && when_read(as_of, &ms, NULL) == 0)
		t->as_of = (double)ms / DAY_MS;
	if (json_type(capacity) == J_STR)
		retrain_rate(json_str(capacity, S("")), &t->per_day);
	t->won = texts(j, json_get(a, "won"), 1, &t->n_won);
	t->lost = texts(j, json_get(a, "lost"), 1, &t->n_lost);
	t->keep = texts(j, json_get(a, "keep"), 0, &t->n_keep);
	t->drop = texts(j, json_get(a, "drop"), LAYOUT_COLUMNS_MAX, &t->n_drop);
	if (t->won == NULL || t->lost == NULL || t->keep == NULL || t->drop == NULL)
		return err_nomem(e);
	return 0;
}

/* Which leads: those of "leads" that are in the segment as well. */
static int read_query(struct pupil *j, struct lead_query *out, struct err *e)
{
	struct query *q = arena_alloc(&j->mem, sizeof(*q));
	struct buf text = { 0 };
	struct str segment;
	int64_t priority;
	char *kept;

	*out = (struct lead_query){ .at = NAN };
	retrain_query(json_get(j->o->args, "leads"), &text);
	if (retrain_segment(j->o->args, &segment, &priority)) {
		if (text.n != 0)
			buf_c(&text, '&');
		buf_str(&text, segment);
	}
	kept = arena_dup(&j->mem, buf_view(&text));
	buf_clear(&text);
	if (q == NULL || kept == NULL)
		return err_nomem(e);
	query_init(q, &j->mem, j->o->now_ms);
	if (query_text(q, str_of(kept), NULL, e) == -1 || query_check(q, e) == -1)
		return -1;
	query_to(q, out);
	return 0;
}

/* Writing the table is the beginning of the whole. */
static bool table_step(void *arg, const char *step, double done)
{
	const struct pupil *j = arg;

	return leads_progress_step(&j->o->progress, step, done * TABLE_SHARE);
}

static bool table_stop(void *arg)
{
	const struct pupil *j = arg;

	return j->o->progress.stop != NULL && j->o->progress.stop(j->o->progress.arg);
}

static int from_leads(struct pupil *j, struct err *e)
{
	struct lead_query q;
	struct lead_table_opts o = { .store = j->o->store,
		.query = &q,
		.outcome = j->t.target.n == 0,
		.junk_is_lost = json_bool(json_get(j->o->args, "verdicts"), false),
		.progress = { table_step, j, table_stop } };

	j->from_leads = true;
	if (read_query(j, &q, e) == -1 ||
		(j->path = workroom_path(&j->room, S("stored leads.csv"), e)) == NULL ||
		lead_table_write(&o, j->path, &j->rows, e) == -1)
		return -1;
	if (!o.outcome)
		return 0;
	j->t.target = S(LEAD_TABLE_OUTCOME);
	((struct str *)(uintptr_t)j->t.won)[0] = S(LEAD_TABLE_WON);
	((struct str *)(uintptr_t)j->t.lost)[0] = S(LEAD_TABLE_LOST);
	j->t.n_won = j->t.n_lost = 1;
	if (j->rows.won == 0 || j->rows.lost == 0)
		return err_set(e, ERR_INPUT,
			"of the %llu leads %llu are won and %llu lost: there is nothing to learn "
			"from before there are some of both",
			(unsigned long long)j->rows.rows, (unsigned long long)j->rows.won,
			(unsigned long long)j->rows.lost);
	return 0;
}

/* What the mapping of an upload says, where the caller says nothing else. */
static void use_mapping(struct pupil *j)
{
	const struct json *outcome = json_get(j->mapping, "outcome");
	const struct json *columns = json_get(j->mapping, "columns");
	struct training_opts *t = &j->t;

	if (t->target.n == 0) {
		t->target = json_str(json_get(outcome, "column"), S(""));
		if (t->n_won == 0 && t->n_lost == 0) {
			t->won = texts(j, json_get(outcome, "won"), 0, &t->n_won);
			t->lost = texts(j, json_get(outcome, "lost"), 0, &t->n_lost);
		}
	}
	/* What the review showed, and what a person said of it. */
	reading_of(j->mapping, &t->as);
	for (size_t i = 0; i < json_len(columns) && t->n_drop < LAYOUT_COLUMNS_MAX; i++) {
		const struct json *c = json_at(columns, i);

		if (str_eq(json_str(json_get(c, "field"), S("")), S("ignore")))
			((struct str *)(uintptr_t)t->drop)[t->n_drop++] =
				json_str(json_get(c, "name"), S(""));
	}
}

/* Dates and numbers are learned from as they are imported: as the file shows, or a person said. */
static int use_formats(struct pupil *j, struct err *e)
{
	static const char *const kept[] = { "date_order", "decimal_mark" };
	const struct json *columns = json_get(j->mapping, "columns");
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	size_t n = 0;

	jw_obj(&w);
	jw_key(&w, "columns");
	jw_arr(&w);
	for (size_t i = 0; i < json_len(columns); i++) {
		const struct json *c = json_at(columns, i);

		if (json_get(c, kept[0]) == NULL && json_get(c, kept[1]) == NULL)
			continue;
		jw_obj(&w);
		jw_kstr(&w, "name", json_str(json_get(c, "name"), S("")));
		for (size_t k = 0; k < 2; k++)
			if (json_get(c, kept[k]) != NULL)
				jw_kstr(&w, kept[k], json_str(json_get(c, kept[k]), S("")));
		jw_end_obj(&w);
		n++;
	}
	jw_end_arr(&w);
	jw_end_obj(&w);
	if (buf_done(&b, e) == 0 && n != 0 && j->t.edits == NULL &&
		(j->formats = json_parse(buf_view(&b), e)) != NULL)
		j->t.edits = j->formats;
	buf_clear(&b);
	return n != 0 && j->t.edits == NULL ? -1 : 0;
}

/* In place of the file the one with what was mended in its check. */
static int use_mended(struct pupil *j, struct err *e)
{
	char *to = workroom_path(&j->room, S("mended.part"), e);
	int rc = to == NULL ? -1 : retrain_mended(j->mapping, j->path, to, &j->t.as, e);

	if (rc == 1)
		rc = file_move(to, j->path, e);
	free(to);
	return rc;
}

static int from_upload(struct pupil *j, struct str name, struct err *e)
{
	struct upload u;
	struct id id;
	char *file = NULL;
	int rc = -1;

	if (id_parse_ulid(name, &id) == -1)
		return err_set(e, ERR_INPUT, "\"" STR_FMT "\" is no id of an upload",
			STR_ARG(str_sub(name, 0, 40)));
	if (j->o->store->uploads->get(j->o->store, id, &j->mem, &u, e) == -1)
		return -1;
	if (u.file.n == 0)
		return err_set(e, ERR_NOT_FOUND, "the file of this upload is not kept any more");
	if (u.detail.n != 0 && (j->mapping = json_parse(u.detail, e)) == NULL)
		return -1;
	use_mapping(j);
	if (use_formats(j, e) == -1)
		return -1;
	if (j->t.target.n == 0)
		return err_set(e, ERR_INPUT, "say with \"target\" which column holds the outcome");
	/* Under its own name, which the model card shows. */
	if (asprintf(&file, "../../uploads/" STR_FMT, STR_ARG(u.file)) == -1)
		return err_nomem(e);
	if ((j->path = workroom_path(&j->room, u.filename, e)) != NULL)
		rc = symlink(file, j->path) == 0
			     ? use_mended(j, e)
			     : err_set(e, ERR_IO, "cannot link the upload's file");
	free(file);
	return rc;
}

/* --- keeping it --- */

static int note_text(
	struct pupil *j, struct model_store *st, const char *key, struct str text, struct err *e)
{
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	int rc = -1;

	jw_str(&w, text);
	if (buf_done(&b, e) == 0)
		rc = notes_set(st, j->version, key, buf_view(&b), e);
	buf_clear(&b);
	return rc;
}

static int note_json(struct pupil *j, const char *key, const struct json *v, struct err *e)
{
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	int rc = -1;

	jw_put(&w, v);
	if (buf_done(&b, e) == 0)
		rc = notes_set(j->o->models, j->version, key, buf_view(&b), e);
	buf_clear(&b);
	return rc;
}

static int note_segment(struct pupil *j, struct err *e)
{
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	struct str query;
	int64_t priority;
	int rc = -1;

	if (!retrain_segment(j->o->args, &query, &priority))
		return 0;
	jw_obj(&w);
	jw_kstr(&w, "query", query);
	jw_kint(&w, "priority", priority);
	jw_end_obj(&w);
	if (buf_done(&b, e) == 0)
		rc = notes_set(j->o->models, j->version, "segment", buf_view(&b), e);
	buf_clear(&b);
	return rc;
}

static int keep(struct pupil *j, struct err *e)
{
	struct model_store *st = j->o->models;
	struct str name = json_str(json_get(j->o->args, "name"), S(""));
	struct model_files fs = { 0 };
	int rc = -1;

	if (training_files(&j->training, &fs, e) == 0 &&
		registry_add(st, &fs, j->o->now_ms / 1000, &j->version, e) == 0 &&
		(name.n == 0 || note_text(j, st, "name", name, e) == 0) &&
		note_json(j, "source", j->o->args, e) == 0 && note_segment(j, e) == 0)
		rc = 0;
	model_files_clear(&fs);
	return rc;
}

static void put_figure(struct jw *w, const struct json *report, const char *key)
{
	const struct json *v = json_get(json_get(json_get(report, "figures"), "out_of_fold"), key);

	jw_knum(w, key, json_num(json_get(v, "value"), NAN));
}

static void put_members(struct jw *w, const struct json *report)
{
	static const char *const copied[] = { "rows", "bad_rows", "won", "lost", "open", "target",
		"outcome", "not_enough", "left_out", "flagged", "warnings" };

	for (size_t i = 0; i < sizeof(copied) / sizeof(*copied); i++) {
		jw_key(w, copied[i]);
		jw_put(w, json_get(report, copied[i]));
	}
	put_figure(w, report, "roc_auc");
	put_figure(w, report, "log_loss");
}

static int put_result(struct pupil *j, struct buf *out, struct err *e)
{
	struct json *report = json_parse(buf_view(&j->training.report), e);
	struct jw w = { .b = out };
	char version[16];

	if (report == NULL)
		return -1;
	snprintf(version, sizeof(version), "v%u", j->version);
	jw_obj(&w);
	jw_kz(&w, "version", version);
	put_members(&w, report);
	jw_key(&w, "notes");
	jw_raw(&w, buf_view(&j->notes));
	if (j->from_leads) {
		jw_key(&w, "verdicts");
		jw_obj(&w);
		jw_kint(&w, "junk_as_lost", (int64_t)j->rows.junk);
		jw_kint(&w, "was_hot", (int64_t)j->rows.was_hot);
		jw_end_obj(&w);
	}
	jw_end_obj(&w);
	json_free(report);
	return buf_done(out, e);
}

/* --- the whole --- */

static int learn(void *arg, struct err *e)
{
	struct pupil *j = arg;

	return training_run(&j->t, &j->training, e);
}

static int run(struct pupil *j, struct buf *result, struct err *e)
{
	struct str upload = json_str(json_get(j->o->args, "upload"), S(""));

	if (workroom_open(&j->room, j->o->data, e) == -1 || read_args(j, e) == -1 ||
		(j->rejects = workroom_path(&j->room, S("rejects.csv"), e)) == NULL)
		return -1;
	if ((upload.n != 0 ? from_upload(j, upload, e) : from_leads(j, e)) == -1)
		return -1;
	j->t.path = j->path;
	j->t.rejects = j->rejects;
	if (background_run(learn, j, e) == -1 || keep(j, e) == -1)
		return -1;
	jw_end_arr(&j->notes_w);
	return put_result(j, result, e);
}

int retrain_run(const struct retrain_opts *o, uint32_t *version, struct buf *result, struct err *e)
{
	struct pupil j = { .o = o, .mem = { .cap = ARENA } };
	int rc;

	if (retrain_check(o->args, NULL, NULL, e) == -1)
		return -1;
	j.notes_w.b = &j.notes;
	jw_arr(&j.notes_w);
	rc = run(&j, result, e);
	*version = j.version;
	training_clear(&j.training);
	json_free(j.mapping);
	json_free(j.formats);
	free(j.path);
	free(j.rejects);
	workroom_close(&j.room);
	buf_clear(&j.notes);
	arena_clear(&j.mem);
	return rc;
}
