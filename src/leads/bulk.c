/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "jobs/runner.h"
#include "leads/bulk.h"
#include "leads/bulk_internal.h"
#include "leads/bulk_log.h"
#include "leads/query.h"
#include "leads/rescoring.h"
#include "record/fold.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"
#include "util/map.h"
#include "util/radix.h"

enum { PAGE = 200, PAGE_BYTES = 256 << 20, HANDS = 8 };

/* --- what was asked --- */

static void fault(const struct bulk_ask *ask, size_t *n, const char *pointer, const char *detail)
{
	++*n;
	ask->fault(ask->ctx, pointer, detail);
}

static int action_of(const struct json *body)
{
	for (int i = 0; i < BULK_ACTIONS; i++)
		if (str_eq(json_str(json_get(body, "action"), S("")), str_of(bulk_action_names[i])))
			return i;
	return -1;
}

bool bulk_deletes(const struct json *body)
{
	return action_of(body) == BULK_DELETE;
}

/* The code of a word, or of null; -2: neither. */
static int code_of(enum bulk_action action, const struct json *v)
{
	enum lead_field f = action == BULK_OUTCOME    ? LF_OUTCOME
			    : action == BULK_OVERRIDE ? LF_HEAT
						      : LF_VERDICT;
	int none = action == BULK_OVERRIDE  ? (int)LEAD_NO_HEAT
		   : action == BULK_VERDICT ? (int)LEAD_NO_VERDICT
					    : -2;
	int code;

	if (v != NULL && json_type(v) == J_NULL)
		return none;
	code = json_type(v) == J_STR ? field_choice_parse(f, json_str(v, S(""))) : -1;
	return code < 0 ? -2 : code;
}

static void check_value(const struct bulk_ask *ask, int action, size_t *faults)
{
	const struct json *v = json_get(ask->body, "value");
	struct str text = str_trim(json_str(v, S("")));

	switch (action) {
	case BULK_OWNER:
		if (json_type(v) != J_STR || text.n > 1000)
			fault(ask, faults, "/value", "expected the name of an owner");
		break;
	case BULK_TAG:
	case BULK_UNTAG:
		if (json_type(v) != J_STR || text.n == 0 || text.n > 200 ||
			str_chr(text, ',') >= 0 || str_chr(text, ';') >= 0)
			fault(ask, faults, "/value", "expected a tag, without commas");
		break;
	case BULK_OUTCOME:
	case BULK_OVERRIDE:
	case BULK_VERDICT:
		if (code_of((enum bulk_action)action, v) == -2)
			fault(ask, faults, "/value",
				action == BULK_OUTCOME    ? "expected won, lost or open"
				: action == BULK_OVERRIDE ? "expected hot, warm, cold or null"
							  : "expected junk, was_hot, good or null");
		break;
	default:
		if (v != NULL)
			fault(ask, faults, "/value", "this action takes no value");
	}
}

static void check_ids(const struct bulk_ask *ask, const char *key, size_t *faults)
{
	const struct json *ids = json_get(ask->body, key);
	char pointer[48];
	struct id id;

	snprintf(pointer, sizeof(pointer), "/%s", key);
	if (ids == NULL)
		return;
	if (json_type(ids) != J_ARR || json_len(ids) > BULK_IDS_MAX) {
		fault(ask, faults, pointer, "expected a list of at most 100000 ids");
		return;
	}
	for (size_t i = 0; i < json_len(ids); i++)
		if (id_parse_hex(json_str(json_at(ids, i), S("")), &id) == -1) {
			snprintf(pointer, sizeof(pointer), "/%s/%zu", key, i);
			fault(ask, faults, pointer, "not the id of a lead");
		}
}

static int check_filter(const struct bulk_ask *ask, struct arena *a, size_t *faults, struct err *e)
{
	const struct json *filter = json_get(ask->body, "filter");
	struct query q;
	char text[256];

	if (filter == NULL)
		return 0;
	if (json_type(filter) != J_STR || json_str(filter, S("")).n > 8000) {
		fault(ask, faults, "/filter", "expected a query string");
		return 0;
	}
	query_init(&q, a, clock_ms());
	if (query_text(&q, json_str(filter, S("")), NULL, e) == -1)
		return -1;
	for (size_t i = 0; i < q.n_faults && i < QUERY_FAULTS; i++) {
		snprintf(text, sizeof(text), STR_FMT ": %s",
			STR_ARG(str_sub(q.faults[i].param, 0, 60)), q.faults[i].detail);
		fault(ask, faults, "/filter", text);
	}
	return 0;
}

static void check_members(const struct bulk_ask *ask, size_t *faults)
{
	static const char *const known[] = { "action", "value", "ids", "filter", "except" };
	char pointer[96];
	struct str key;

	for (size_t i = 0; i < json_len(ask->body); i++) {
		size_t k = 0;

		json_member(ask->body, i, &key);
		while (k < 5 && !str_eq(key, str_of(known[k])))
			k++;
		if (k < 5)
			continue;
		snprintf(pointer, sizeof(pointer), "/" STR_FMT, STR_ARG(str_sub(key, 0, 80)));
		fault(ask, faults, pointer, "there is no such member");
	}
}

static void copy_ids(struct jw *w, const char *key, const struct json *ids)
{
	if (ids == NULL)
		return;
	jw_key(w, key);
	jw_arr(w);
	for (size_t i = 0; i < json_len(ids); i++)
		jw_str(w, json_str(json_at(ids, i), S("")));
	jw_end_arr(w);
}

static void write_args(const struct bulk_ask *ask, int action, struct jw *w)
{
	const struct json *b = ask->body, *v = json_get(b, "value");
	char by[ID_ULID];

	jw_obj(w);
	jw_kz(w, "action", bulk_action_names[action]);
	if (json_type(v) == J_STR)
		jw_kstr(w, "text", str_trim(json_str(v, S(""))));
	if (action == BULK_OUTCOME || action == BULK_OVERRIDE || action == BULK_VERDICT)
		jw_kint(w, "code", code_of((enum bulk_action)action, v));
	if (!id_is_none(ask->by)) {
		id_ulid(ask->by, by);
		jw_kz(w, "by", by);
	}
	if (ask->own_only)
		jw_kstr(w, "owner", ask->owner);
	if (json_get(b, "filter") != NULL)
		jw_kstr(w, "filter", json_str(json_get(b, "filter"), S("")));
	copy_ids(w, "ids", json_get(b, "ids"));
	copy_ids(w, "except", json_get(b, "except"));
	jw_end_obj(w);
}

int bulk_args(const struct bulk_ask *ask, struct arena *a, struct buf *args, struct err *e)
{
	int action = action_of(ask->body);
	struct jw w = { .b = args };
	size_t faults = 0;

	if (json_type(ask->body) != J_OBJ)
		return err_set(e, ERR_INPUT, "expected an object");
	check_members(ask, &faults);
	if (action < 0)
		fault(ask, &faults, "/action",
			"expected owner, tag, untag, outcome, override, verdict, rescore or "
			"delete");
	else
		check_value(ask, action, &faults);
	if ((json_get(ask->body, "ids") == NULL) == (json_get(ask->body, "filter") == NULL))
		fault(ask, &faults, "/ids", "expected either ids or filter");
	check_ids(ask, "ids", &faults);
	check_ids(ask, "except", &faults);
	if (check_filter(ask, a, &faults, e) == -1)
		return -1;
	if (faults > 0)
		return err_set(e, ERR_INPUT, "the bulk action does not fit");
	if (action == BULK_OWNER && ask->own_only)
		return err_set(e, ERR_PERM, "you can only give leads to yourself");
	write_args(ask, action, &w);
	return buf_done(args, e);
}

/* --- the job --- */

struct bulk_run {
	struct bulk *b;
	struct job_run *job;
	struct bulk_what what;
	const struct json *args;
	struct arena mem;  /* for all of it */
	struct arena page; /* for one page */
	struct query q;
	struct map except; /* ids to leave alone */
	uint64_t matched, changed, unchanged, missing, total;
	struct str cursor;
	size_t at; /* of ids */
};

/* What the hands share: leads of one page, each taken once. */
struct work {
	struct bulk_run *run;
	const struct lead *leads;
	size_t n;
	atomic_size_t next;
	atomic_uint_fast64_t changed, unchanged, missing;
	pthread_mutex_t lock;
	struct err err; /* the first */
	atomic_bool failed;
};

static int do_one(struct work *k, const struct lead *l, struct arena *a, struct err *e)
{
	struct bulk_run *x = k->run;
	struct store *s = x->b->store;
	struct lead_change c;
	struct event event;
	int rc;

	if (x->what.action == BULK_DELETE)
		rc = s->leads->remove(s, l->id, 0, e);
	else if (bulk_change(&x->what, l, clock_ms(), a, &c, &event))
		rc = s->leads->change(s, l->id, &c, a, NULL, e);
	else
		return 1;
	return rc == -1 && e->code == ERR_NOT_FOUND ? 2 : rc;
}

static void *hand(void *arg)
{
	struct work *k = arg;
	struct arena a = { .cap = PAGE_BYTES };
	struct err e;
	size_t i;

	while (!k->failed && (i = atomic_fetch_add(&k->next, 1)) < k->n) {
		int rc = do_one(k, &k->leads[i], &a, &e);

		if (rc == -1) {
			pthread_mutex_lock(&k->lock);
			if (!k->failed)
				k->err = e;
			k->failed = true;
			pthread_mutex_unlock(&k->lock);
			break;
		}
		atomic_fetch_add(rc == 0 ? &k->changed : rc == 1 ? &k->unchanged : &k->missing, 1);
		arena_reset(&a);
	}
	arena_clear(&a);
	return NULL;
}

/* A person would do one after the other; several at once share the waits for the disk. */
static int do_leads(struct bulk_run *x, const struct lead *leads, size_t n, struct err *e)
{
	struct work k = { .run = x, .leads = leads, .n = n, .lock = PTHREAD_MUTEX_INITIALIZER };
	pthread_t hands[HANDS];
	size_t made = 0;

	while (made < HANDS && made + 1 < n && pthread_create(&hands[made], NULL, hand, &k) == 0)
		made++;
	hand(&k);
	while (made > 0)
		pthread_join(hands[--made], NULL);
	pthread_mutex_destroy(&k.lock);
	x->changed += k.changed;
	x->unchanged += k.unchanged;
	x->missing += k.missing;
	if (!k.failed)
		return 0;
	*e = k.err;
	return -1;
}

/* Also after changes of fields: these are cells that a model may read. */
static int rescore_leads(struct bulk_run *x, const struct lead *leads, size_t n, struct err *e)
{
	struct id ids[PAGE];

	ASSERT(n <= PAGE);
	for (size_t i = 0; i < n; i++)
		ids[i] = leads[i].id;
	return n == 0 ? 0 : rescoring_ids(x->b->store, x->b->live, ids, n, SCORE_EDIT, e);
}

static bool can_undo(const struct bulk_run *x)
{
	return x->what.action < BULK_RESCORE && x->b->data != NULL;
}

/* What the leads of a page are before they are changed. */
static int remember(struct bulk_run *x, const struct lead *leads, size_t n, struct err *e)
{
	struct arena a = { .cap = PAGE_BYTES };
	struct buf lines = { 0 };
	struct lead_change c;
	struct event event;
	int rc = 0;

	for (size_t i = 0; i < n && can_undo(x); i++) {
		if (bulk_change(&x->what, &leads[i], 0, &a, &c, &event))
			bulk_remember(&x->what, &leads[i], &lines);
		arena_reset(&a);
	}
	if ((rc = buf_done(&lines, e)) == 0 && lines.n != 0)
		rc = bulk_log_add(x->b->data, job_of(x->job)->id, buf_view(&lines), e);
	buf_clear(&lines);
	arena_clear(&a);
	return rc;
}

static int do_page(struct bulk_run *x, struct lead *leads, size_t n, struct err *e)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (map_get(&x->except, (struct str){ (const char *)leads[i].id.b, 16 }) == NULL)
			leads[kept++] = leads[i];
	x->matched += kept;
	if (x->what.action == BULK_RESCORE)
		x->changed += kept;
	else if (remember(x, leads, kept, e) == -1 || do_leads(x, leads, kept, e) == -1)
		return -1;
	if (x->what.action == BULK_RESCORE || x->what.action <= BULK_UNTAG)
		return rescore_leads(x, leads, kept, e);
	return 0;
}

/* --- which leads --- */

static bool sees(const struct bulk_run *x, const struct lead *l)
{
	const struct json *owner = json_get(x->args, "owner");

	return owner == NULL || (json_str(owner, S("")).n > 0 && fold_same(l->values.text[LF_OWNER],
									 json_str(owner, S(""))));
}

/* The next of the listed ids; 0 behind the last. */
static int next_ids(struct bulk_run *x, struct lead *leads, size_t *n, struct err *e)
{
	const struct json *ids = json_get(x->args, "ids");
	struct store *s = x->b->store;
	struct lead found[PAGE];
	bool there[PAGE];
	struct id id[PAGE];
	size_t count = 0;

	x->total = json_len(ids);
	for (; count < PAGE && x->at < x->total; x->at++)
		count += id_parse_hex(json_str(json_at(ids, x->at), S("")), &id[count]) == 0;
	*n = 0;
	if (count == 0)
		return 0;
	if (s->leads->get_many(s, id, count, &x->page, found, there, e) == -1)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (there[i] && sees(x, &found[i]))
			leads[(*n)++] = found[i];
		else
			x->missing++;
	}
	return 1;
}

static int next_filtered(struct bulk_run *x, struct lead *leads, size_t *n, struct err *e)
{
	struct store *s = x->b->store;
	struct lead_query to = { .limit = PAGE, .at = NAN, .total = x->total == 0 };
	struct lead_page page;
	char *kept;

	if (x->at > 0 && x->cursor.n == 0)
		return 0;
	query_to(&x->q, &to);
	to.sort = QUERY_NO_COLUMN;
	to.cursor = x->cursor;
	if (s->leads->list(s, &to, &x->page, &page, e) == -1)
		return -1;
	if (to.total)
		x->total = page.total;
	if ((kept = arena_alloc(&x->mem, page.next_cursor.n + 1)) == NULL)
		return err_nomem(e);
	if (page.next_cursor.n > 0)
		memcpy(kept, page.next_cursor.p, page.next_cursor.n);
	x->cursor = (struct str){ kept, page.next_cursor.n };
	x->at += page.n > 0 ? page.n : 1;
	memcpy(leads, page.leads, page.n * sizeof(*leads));
	*n = page.n;
	return 1;
}

/* --- start, pages, end --- */

static int read_except(struct bulk_run *x, struct err *e)
{
	const struct json *ids = json_get(x->args, "except");
	struct id id;

	for (size_t i = 0; i < json_len(ids); i++)
		if (id_parse_hex(json_str(json_at(ids, i), S("")), &id) == 0 &&
			map_put(&x->except, (struct str){ (const char *)id.b, 16 }, NULL) == NULL)
			return err_nomem(e);
	return 0;
}

int bulk_what_read(const struct json *args, struct arena *a, struct bulk_what *w, struct err *e)
{
	struct str text = json_str(json_get(args, "text"), S(""));
	int action = action_of(args);

	if (action < 0)
		return err_set(e, ERR_INPUT, "the job has no action");
	w->action = (enum bulk_action)action;
	if ((w->text.p = arena_dup(a, text)) == NULL)
		return err_nomem(e);
	w->text.n = text.n;
	w->code = (int)json_int(json_get(args, "code"), 0);
	id_parse_ulid(json_str(json_get(args, "by"), S("")), &w->by);
	return 0;
}

static int read_args(struct bulk_run *x, struct err *e)
{
	const struct json *owner = json_get(x->args, "owner"),
			  *filter = json_get(x->args, "filter");

	if (bulk_what_read(x->args, &x->mem, &x->what, e) == -1 || read_except(x, e) == -1)
		return -1;
	if (filter == NULL)
		return 0;
	query_init(&x->q, &x->mem, job_of(x->job)->created_ms);
	if (query_text(&x->q, json_str(filter, S("")), NULL, e) == -1 ||
		(owner != NULL && query_is(&x->q, LF_OWNER, json_str(owner, S("")), e) == -1))
		return -1;
	return query_check(&x->q, e);
}

static int resume(struct bulk_run *x, struct err *e)
{
	struct str text = job_of(x->job)->checkpoint;
	struct json *doc;
	struct str cursor;
	char *bytes;
	ptrdiff_t n;

	if (text.n == 0)
		return 0;
	if ((doc = json_parse(text, e)) == NULL)
		return -1;
	x->at = (size_t)json_int(json_get(doc, "at"), 0);
	x->matched = (uint64_t)json_int(json_get(doc, "matched"), 0);
	x->changed = (uint64_t)json_int(json_get(doc, "changed"), 0);
	x->unchanged = (uint64_t)json_int(json_get(doc, "unchanged"), 0);
	x->missing = (uint64_t)json_int(json_get(doc, "missing"), 0);
	x->total = (uint64_t)json_int(json_get(doc, "total"), 0);
	cursor = json_str(json_get(doc, "cursor"), S(""));
	bytes = arena_alloc(&x->mem, cursor.n + 1);
	n = bytes == NULL ? -1 : radix64_read(cursor, (uint8_t *)bytes, cursor.n);
	x->cursor = (struct str){ bytes, n > 0 ? (size_t)n : 0 };
	json_free(doc);
	return n < 0 ? err_set(e, ERR_INPUT, "the job's checkpoint is damaged") : 0;
}

static void put_counts(const struct bulk_run *x, struct jw *w)
{
	jw_kint(w, "matched", (int64_t)x->matched);
	jw_kint(w, "changed", (int64_t)x->changed);
	jw_kint(w, "unchanged", (int64_t)x->unchanged);
	jw_kint(w, "missing", (int64_t)x->missing);
}

static int checkpoint(struct bulk_run *x, struct err *e)
{
	char *cursor = arena_alloc(&x->page, RADIX64_SIZE(x->cursor.n));
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	int rc;

	if (cursor == NULL)
		return err_nomem(e);
	radix64_write(x->cursor.p, x->cursor.n, cursor);
	jw_obj(&w);
	put_counts(x, &w);
	jw_kint(&w, "total", (int64_t)x->total);
	jw_kint(&w, "at", (int64_t)x->at);
	jw_kz(&w, "cursor", cursor);
	jw_end_obj(&w);
	rc = buf_done(&b, e);
	if (rc == 0)
		rc = job_checkpoint(x->job, buf_view(&b), e);
	buf_clear(&b);
	return rc;
}

static int pages(struct bulk_run *x, struct err *e)
{
	bool listed = json_get(x->args, "ids") != NULL;
	struct lead leads[PAGE];
	size_t n = 0;
	int rc;

	for (;;) {
		arena_reset(&x->page);
		rc = listed ? next_ids(x, leads, &n, e) : next_filtered(x, leads, &n, e);
		if (rc != 1)
			return rc;
		if (do_page(x, leads, n, e) == -1 || checkpoint(x, e) == -1)
			return -1;
		if (job_step(x->job, "changing",
			    x->total == 0 ? 0 : (double)x->at / (double)x->total, NULL))
			return job_stopped(x->job, e);
	}
}

static int bulk_job(struct job_run *job, void *ctx, struct err *e)
{
	struct bulk_run *x = arena_alloc(job_arena(job), sizeof(*x));
	struct jw w = { .b = job_result(job) };
	struct json *args = json_parse(job_of(job)->args, e);
	int rc = -1;

	if (x == NULL)
		err_nomem(e);
	if (x == NULL || args == NULL)
		goto done;
	x->b = ctx;
	x->job = job;
	x->args = args;
	x->page.cap = PAGE_BYTES;
	if ((rc = read_args(x, e)) == 0 && (rc = resume(x, e)) == 0)
		rc = pages(x, e);
	if (rc == 0) {
		jw_obj(&w);
		put_counts(x, &w);
		jw_kbool(&w, "undo", can_undo(x) && x->changed != 0);
		jw_end_obj(&w);
	}
	map_clear(&x->except);
	arena_clear(&x->mem);
	arena_clear(&x->page);
done:
	json_free(args);
	return rc;
}

void bulk_add(struct runner *r, struct bulk *b)
{
	runner_add(r, "bulk", bulk_job, b);
}
