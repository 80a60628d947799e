/* SPDX-License-Identifier: Apache-2.0 */
/* A bulk change taken back: every lead that still is what the change made of it becomes what it
 * was; one that somebody has changed since stays. Doing a part of it twice changes nothing more. */
#include <stdlib.h>

#include "jobs/runner.h"
#include "leads/bulk.h"
#include "leads/bulk_internal.h"
#include "leads/bulk_log.h"
#include "leads/rescoring.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"

enum { PAGE = 200, PAGE_BYTES = 256 << 20 };

struct undoing {
	struct bulk *b;
	struct job_run *job;
	struct id of;
	struct bulk_what what; /* that is undone */
	struct arena mem, page;
	FILE *log;
	char *line;
	size_t cap;
	uint64_t at, lines; /* of the log */
	uint64_t restored, kept, missing;
};

static struct str text_of(enum bulk_action action, const struct lead *l)
{
	return action == BULK_OWNER      ? l->values.text[LF_OWNER]
	       : action == BULK_OVERRIDE ? S("")
					 : l->values.text[LF_TAGS];
}

void bulk_remember(const struct bulk_what *w, const struct lead *l, struct buf *to)
{
	struct bulk_was was = { .lead = l->id, .at_ms = MS_NONE };

	switch (w->action) {
	case BULK_OUTCOME:
		was.code = (int)l->values.outcome;
		was.at_ms = l->values.outcome_ms;
		break;
	case BULK_OVERRIDE:
		was.code = (int)l->override_heat;
		was.text = l->override_mark.note;
		break;
	case BULK_VERDICT:
		was.code = (int)l->verdict;
		was.text = l->verdict_mark.note;
		break;
	default:
		was.text = text_of(w->action, l);
	}
	bulk_was_write(&was, to);
}

/* ---- one lead ---- */

/* ${l} with what it was before put in: as it stood when the change came. */
static void put_back(const struct bulk_what *w, const struct bulk_was *was, struct lead *l)
{
	switch (w->action) {
	case BULK_OWNER:
		l->values.text[LF_OWNER] = was->text;
		break;
	case BULK_TAG:
	case BULK_UNTAG:
		l->values.text[LF_TAGS] = was->text;
		break;
	case BULK_OUTCOME:
		l->values.outcome = (enum lead_outcome)was->code;
		l->values.outcome_ms = was->at_ms;
		break;
	case BULK_OVERRIDE:
		l->override_heat = (enum lead_heat)was->code;
		break;
	default:
		l->verdict = (enum lead_verdict)was->code;
	}
}

static bool same(const struct bulk_what *w, const struct lead *a, const struct lead *b)
{
	switch (w->action) {
	case BULK_OWNER:
		return str_eq(a->values.text[LF_OWNER], b->values.text[LF_OWNER]);
	case BULK_TAG:
	case BULK_UNTAG:
		return str_eq(a->values.text[LF_TAGS], b->values.text[LF_TAGS]);
	case BULK_OUTCOME:
		return a->values.outcome == b->values.outcome;
	case BULK_OVERRIDE:
		return a->override_heat == b->override_heat;
	default:
		return a->verdict == b->verdict;
	}
}

/* What the change made of ${before}. */
static void made_of(
	const struct undoing *x, const struct lead *before, struct arena *a, struct lead *out)
{
	struct lead_change c;
	struct event event;

	*out = *before;
	if (!bulk_change(&x->what, before, 0, a, &c, &event))
		return;
	out->values.text[LF_OWNER] = x->what.action == BULK_OWNER ? c.values.text[LF_OWNER]
								  : before->values.text[LF_OWNER];
	if (x->what.action == BULK_TAG || x->what.action == BULK_UNTAG)
		out->values.text[LF_TAGS] = c.values.text[LF_TAGS];
	else if (x->what.action == BULK_OUTCOME)
		out->values.outcome = c.values.outcome;
	else if (x->what.action == BULK_OVERRIDE)
		out->override_heat = c.override_heat;
	else if (x->what.action == BULK_VERDICT)
		out->verdict = c.verdict;
}

static int restore(struct undoing *x, const struct lead *now, const struct lead *before,
	const struct bulk_was *was, struct err *e)
{
	static const uint64_t fields[] = { [BULK_OWNER] = FIELD_BIT(LF_OWNER),
		[BULK_TAG] = FIELD_BIT(LF_TAGS),
		[BULK_UNTAG] = FIELD_BIT(LF_TAGS),
		[BULK_OUTCOME] = FIELD_BIT(LF_OUTCOME) | FIELD_BIT(LF_OUTCOME_AT),
		[BULK_OVERRIDE] = 0,
		[BULK_VERDICT] = 0 };
	struct store *s = x->b->store;
	struct event event = { .id = id_new(),
		.lead = now->id,
		.at_ms = clock_ms(),
		.by = job_of(x->job)->created_by,
		.kind = S("undo"),
		.text = S("A change of many leads was taken back") };
	struct lead_change c = { .by = event.by,
		.now_ms = event.at_ms,
		.version = now->version,
		.fields = fields[x->what.action],
		.values = before->values,
		.set_override = x->what.action == BULK_OVERRIDE,
		.set_verdict = x->what.action == BULK_VERDICT,
		.override_heat = before->override_heat,
		.verdict = before->verdict,
		.event = &event };

	if (c.set_override)
		c.override_note = was->text;
	if (c.set_verdict)
		c.verdict_note = was->text;
	return s->leads->change(s, now->id, &c, &x->page, NULL, e);
}

static int undo_one(
	struct undoing *x, const struct lead *now, const struct bulk_was *was, struct err *e)
{
	struct lead before = *now, made;
	struct err why = { 0 };

	put_back(&x->what, was, &before);
	made_of(x, &before, &x->page, &made);
	if (same(&x->what, now, &before)) {
		x->restored++; /* in an earlier try */
		return 0;
	}
	if (!same(&x->what, now, &made)) {
		x->kept++;
		return 0;
	}
	if (restore(x, now, &before, was, &why) == 0) {
		x->restored++;
		return 0;
	}
	if (why.code == ERR_CONFLICT || why.code == ERR_NOT_FOUND) {
		*(why.code == ERR_CONFLICT ? &x->kept : &x->missing) += 1;
		return 0;
	}
	*e = why;
	return -1;
}

/* ---- pages of the log ---- */

static size_t next_lines(struct undoing *x, struct bulk_was *was)
{
	size_t n = 0;
	ssize_t got;

	while (n < PAGE && (got = getline(&x->line, &x->cap, x->log)) > 0) {
		x->at++;
		n += bulk_was_read((struct str){ x->line, (size_t)got }, &x->page, &was[n]) == 0;
	}
	return n;
}

static int undo_page(struct undoing *x, const struct bulk_was *was, size_t n, struct err *e)
{
	struct store *s = x->b->store;
	struct lead found[PAGE];
	bool there[PAGE];
	struct id ids[PAGE] = { 0 };

	for (size_t i = 0; i < n; i++)
		ids[i] = was[i].lead;
	if (s->leads->get_many(s, ids, n, &x->page, found, there, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (!there[i])
			x->missing++;
		else if (undo_one(x, &found[i], &was[i], e) == -1)
			return -1;
	}
	/* Owners and tags are cells that a model may read. */
	return x->what.action <= BULK_UNTAG ? rescoring_ids(s, x->b->live, ids, n, SCORE_EDIT, e)
					    : 0;
}

static int undo_all(struct undoing *x, struct err *e)
{
	struct bulk_was was[PAGE];
	size_t n;

	while ((n = next_lines(x, was)) != 0) {
		if (undo_page(x, was, n, e) == -1)
			return -1;
		arena_reset(&x->page);
		if (job_step(x->job, "undoing",
			    x->lines == 0 ? 0 : (double)x->at / (double)x->lines, NULL))
			return job_stopped(x->job, e);
	}
	return ferror(x->log) ? err_set(e, ERR_IO, "what the leads were before cannot be read") : 0;
}

/* ---- the job ---- */

static int count_lines(struct undoing *x)
{
	for (int c; (c = getc_unlocked(x->log)) != EOF;)
		x->lines += c == '\n';
	return fseek(x->log, 0, SEEK_SET);
}

static int read_args(struct undoing *x, struct err *e)
{
	struct store *s = x->b->store;
	struct json *args = json_parse(job_of(x->job)->args, e), *of = NULL;
	struct job bulk;
	int rc = -1;

	if (args == NULL || id_parse_ulid(json_str(json_get(args, "job"), S("")), &x->of) == -1 ||
		s->jobs->get(s, x->of, &x->mem, &bulk, e) == -1 ||
		(of = json_parse(bulk.args, e)) == NULL)
		goto done;
	rc = bulk_what_read(of, &x->mem, &x->what, e);
done:
	json_free(of);
	json_free(args);
	return rc;
}

static int undo_job(struct job_run *job, void *ctx, struct err *e)
{
	struct undoing x = { .b = ctx, .job = job, .page = { .cap = PAGE_BYTES } };
	struct jw w = { .b = job_result(job) };
	int rc = read_args(&x, e);

	if (rc == 0 && (x.log = bulk_log_open(x.b->data, x.of)) == NULL)
		rc = err_set(e, ERR_CONFLICT, "what the leads were before is not kept any more");
	if (rc == 0 && (rc = count_lines(&x)) == 0)
		rc = undo_all(&x, e);
	if (rc == 0) {
		bulk_log_remove(x.b->data, x.of);
		jw_obj(&w);
		jw_kint(&w, "restored", (int64_t)x.restored);
		jw_kint(&w, "kept", (int64_t)x.kept);
		jw_kint(&w, "missing", (int64_t)x.missing);
		jw_end_obj(&w);
	}
	if (x.log != NULL)
		fclose(x.log);
	free(x.line);
	arena_clear(&x.mem);
	arena_clear(&x.page);
	return rc;
}

int bulk_undo_args(const struct bulk *b, const struct job *of, struct buf *args, struct err *e)
{
	struct jw w = { .b = args };
	char id[ID_ULID];
	FILE *log;

	if (!str_eq(of->kind, S("bulk")))
		return err_set(e, ERR_CONFLICT, "only a change of many leads can be taken back so");
	if (!job_state_over(of->state))
		return err_set(e, ERR_CONFLICT, "it is not over yet");
	if ((log = bulk_log_open(b->data, of->id)) == NULL)
		return err_set(e, ERR_CONFLICT,
			"there is nothing to take back: it was done already, it is too long ago, "
			"or it was scoring or deleting");
	fclose(log);
	id_ulid(of->id, id);
	jw_obj(&w);
	jw_kz(&w, "job", id);
	jw_end_obj(&w);
	return buf_done(args, e);
}

void bulk_undo_add(struct runner *r, struct bulk *b)
{
	runner_add(r, BULK_UNDO_JOB, undo_job, b);
}
