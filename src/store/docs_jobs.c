/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs. Keys: "jo" id; "ja" id: those that are queued or running; "jd" kind, key -> id: who holds a
 * dedupe key; "js" sequence -> id; "jn": the last sequence. */
#include <math.h>
#include <string.h>
#include <time.h>

#include "store/docs_internal.h"
#include "util/clock.h"
#include "util/err.h"

enum { TRIES = 8, CRASHES = 3 };

static const struct doc_field job_fields[] = {
	DOC(ID, job, id),
	DOC(STR, job, kind),
	DOC(STR, job, dedupe),
	DOC(STR, job, args),
	DOC(STR, job, checkpoint),
	DOC(STR, job, result),
	DOC(STR, job, error),
	DOC(STR, job, step),
	DOC(STR, job, message),
	DOC(ENUM, job, state),
	DOC(I32, job, priority),
	DOC(U32, job, tries),
	DOC(U32, job, max_tries),
	DOC(U32, job, crashes),
	DOC(U64, job, epoch),
	DOC(STR, job, worker),
	DOC(F64, job, progress),
	DOC(BOOL, job, cancel),
	DOC(ID, job, created_by),
	DOC(ID, job, upload),
	DOC(I64, job, created_ms),
	DOC(I64, job, run_at_ms),
	DOC(I64, job, lease_ms),
	DOC(I64, job, started_ms),
	DOC(I64, job, updated_ms),
	DOC(I64, job, finished_ms),
	DOC(U64, job, sequence),
};
static const struct doc_form job_form = DOC_FORM(job_fields, job);

static struct doc_key number_key(const char tag[2], uint64_t n)
{
	struct doc_key k = doc_key(tag);

	doc_key_u64(&k, n);
	return k;
}

static struct doc_key dedupe_key(const struct job *j)
{
	struct doc_key k = doc_key("jd");

	doc_key_text(&k, j->kind);
	doc_key_text(&k, j->dedupe);
	return k;
}

static struct str id_bytes(const struct id *id)
{
	return (struct str){ (const char *)id->b, sizeof(id->b) };
}

static int last_sequence(struct kv *k, uint64_t *out, struct err *e)
{
	struct arena a = { .cap = 0 };
	struct str body;
	int rc = k->get(k, S("jn"), &a, &body, e);

	*out = 0;
	if (rc == 1 && body.n == 8)
		memcpy(out, body.p, 8);
	arena_clear(&a);
	return rc < 0 ? -1 : 0;
}

/* job_store(k, j, e): ${j} with the next sequence, and all keys that follow from its state. */
static int job_store(struct kv *k, struct job *j, struct err *e)
{
	uint64_t was = j->sequence, next;
	struct doc_key key = doc_id_key("jo", j->id), active = doc_id_key("ja", j->id);
	struct doc_key old = number_key("js", was), new, dedupe = dedupe_key(j);
	bool over = job_state_over(j->state);

	if (last_sequence(k, &next, e) != 0)
		return -1;
	j->sequence = ++next;
	new = number_key("js", next);
	if (k->put(k, S("jn"), (struct str){ (const char *)&next, 8 }, e) != 0 ||
		k->put(k, doc_key_str(&new), id_bytes(&j->id), e) != 0 ||
		(was != 0 && k->del(k, doc_key_str(&old), e) != 0))
		return -1;
	if (over && j->dedupe.n > 0 && k->del(k, doc_key_str(&dedupe), e) != 0)
		return -1;
	if (!over && j->dedupe.n > 0 && k->put(k, doc_key_str(&dedupe), id_bytes(&j->id), e) != 0)
		return -1;
	if (over ? k->del(k, doc_key_str(&active), e) != 0
		 : k->put(k, doc_key_str(&active), S(""), e) != 0)
		return -1;
	return doc_put(k, &key, &job_form, j, e);
}

/* Those who wait are told after the commit, so that they find what they were woken for. */
static void tell(struct store *s, uint64_t sequence)
{
	struct store_base *b = (struct store_base *)s;

	pthread_mutex_lock(&b->lock);
	if (sequence > b->job_sequence)
		b->job_sequence = sequence;
	pthread_cond_broadcast(&b->changed);
	pthread_mutex_unlock(&b->lock);
}

struct enqueue {
	const struct job *in;
	struct arena *a;
	struct job *out;
	bool existed;
};

static int enqueue(struct kv *k, void *arg, struct err *e)
{
	struct enqueue *q = arg;
	struct doc_key key = doc_id_key("jo", q->in->id), dedupe = dedupe_key(q->in);
	struct str body;
	int rc = doc_get(k, &key, &job_form, q->a, q->out, e);

	q->existed = false;
	if (rc == 0 && q->in->dedupe.n > 0) {
		rc = k->get(k, doc_key_str(&dedupe), q->a, &body, e);
		if (rc == 1 && body.n == 16) {
			struct id id;

			memcpy(id.b, body.p, 16);
			key = doc_id_key("jo", id);
			rc = doc_get(k, &key, &job_form, q->a, q->out, e);
		}
	}
	if (rc < 0)
		return -1;
	if (rc == 1) {
		q->existed = true;
		return 0;
	}
	*q->out = (struct job){
		.id = q->in->id,
		.kind = q->in->kind,
		.dedupe = q->in->dedupe,
		.args = q->in->args,
		.priority = q->in->priority,
		.max_tries = q->in->max_tries != 0 ? q->in->max_tries : TRIES,
		.created_by = q->in->created_by,
		.upload = q->in->upload,
		.created_ms = q->in->created_ms,
		.run_at_ms = q->in->run_at_ms,
		.updated_ms = q->in->created_ms,
		.lease_ms = MS_NONE,
		.started_ms = MS_NONE,
		.finished_ms = MS_NONE,
		.state = JOB_QUEUED,
	};
	return job_store(k, q->out, e);
}

static int jobs_enqueue(struct store *s, const struct job *j, struct arena *a, struct job *out,
	bool *existed, struct err *e)
{
	struct job mine;
	struct enqueue q = { j, a, out != NULL ? out : &mine, false };

	if (store_write(s, enqueue, &q, e) != 0)
		return -1;
	if (existed != NULL)
		*existed = q.existed;
	if (!q.existed)
		tell(s, q.out->sequence);
	return 0;
}

struct claim {
	struct str worker;
	const struct str *kinds;
	size_t n_kinds;
	int64_t lease_ms, now_ms;
	struct arena *a;
	struct job *out;
	bool found;
	uint64_t sequence; /* of the last change made */
};

struct ids {
	struct arena *a;
	struct id *ids;
	size_t n, cap;
};

static int collect_id(void *arg, struct str key, struct str body, struct err *e)
{
	struct ids *l = arg;

	if (l->n == l->cap) {
		size_t cap = l->cap == 0 ? 32 : 2 * l->cap;
		struct id *more = arena_array(l->a, cap, sizeof(*more));

		if (more == NULL)
			return err_nomem(e);
		if (l->n > 0)
			memcpy(more, l->ids, l->n * sizeof(*more));
		l->ids = more;
		l->cap = cap;
	}
	memcpy(l->ids[l->n++].b, key.p + 2, 16);
	return KV_MORE;
}

static bool of_kind(const struct claim *c, struct str kind)
{
	size_t i;

	for (i = 0; i < c->n_kinds; i++)
		if (str_eq(c->kinds[i], kind))
			return true;
	return c->n_kinds == 0;
}

static bool is_due(const struct claim *c, const struct job *j)
{
	if (!of_kind(c, j->kind))
		return false;
	return j->state == JOB_QUEUED ? j->run_at_ms <= c->now_ms : j->lease_ms <= c->now_ms;
}

static int end(struct kv *k, struct job *j, enum job_state state, int64_t now_ms, struct err *e)
{
	j->state = state;
	j->updated_ms = j->finished_ms = now_ms;
	j->lease_ms = MS_NONE;
	j->worker = S("");
	return job_store(k, j, e);
}

/* A job whose holder went silent: false when it is not given out again. */
static int after_crash(struct kv *k, struct claim *c, struct job *j, bool *again, struct err *e)
{
	*again = true;
	if (j->state != JOB_RUNNING)
		return 0;
	j->crashes++;
	*again = false;
	if (j->cancel) {
		if (end(k, j, JOB_CANCELLED, c->now_ms, e) != 0)
			return -1;
	} else if (j->crashes >= CRASHES || j->tries >= j->max_tries) {
		j->error = S("the program stopped each time while it was at this");
		if (end(k, j, JOB_DEAD, c->now_ms, e) != 0)
			return -1;
	} else {
		*again = true;
		return 0;
	}
	c->sequence = j->sequence;
	return 0;
}

static int claim(struct kv *k, void *arg, struct err *e)
{
	struct claim *c = arg;
	struct arena a = { .cap = 0 };
	struct ids active = { .a = &a };
	struct job best = { .priority = 0 }, j;
	bool found = false, again;
	size_t i;
	int rc = k->scan(k, S("ja"), S(""), false, collect_id, &active, e);

	/* Ids are in the order in which the jobs came, and few jobs are active at a time. */
	for (i = 0; i < active.n && rc == 0; i++) {
		struct doc_key key = doc_id_key("jo", active.ids[i]);

		rc = doc_get(k, &key, &job_form, &a, &j, e) < 0 ? -1 : 0;
		if (rc != 0 || !is_due(c, &j) || (found && j.priority <= best.priority))
			continue;
		rc = after_crash(k, c, &j, &again, e);
		if (rc == 0 && again) {
			best = j;
			found = true;
		}
	}
	if (rc == 0 && found) {
		struct doc_key key = doc_id_key("jo", best.id);

		best.state = JOB_RUNNING;
		best.epoch++;
		best.tries++;
		best.worker = c->worker;
		best.lease_ms = c->now_ms + c->lease_ms;
		best.started_ms = best.started_ms == MS_NONE ? c->now_ms : best.started_ms;
		best.updated_ms = c->now_ms;
		rc = job_store(k, &best, e);
		if (rc == 0)
			rc = doc_get(k, &key, &job_form, c->a, c->out, e) == 1 ? 0 : -1;
		c->sequence = best.sequence;
	}
	c->found = found;
	arena_clear(&a);
	return rc;
}

static int any_due(struct kv *k, void *arg, struct err *e)
{
	struct claim *c = arg;
	struct arena a = { .cap = 0 };
	struct ids active = { .a = &a };
	struct job j;
	size_t i;
	int rc = k->scan(k, S("ja"), S(""), false, collect_id, &active, e);

	for (i = 0; i < active.n && rc == 0 && !c->found; i++) {
		struct doc_key key = doc_id_key("jo", active.ids[i]);
		int got = doc_get(k, &key, &job_form, &a, &j, e);

		rc = got < 0 ? -1 : 0;
		c->found = got == 1 && is_due(c, &j);
	}
	arena_clear(&a);
	return rc;
}

static int jobs_claim(struct store *s, struct str worker, const struct str *kinds, size_t n,
	int64_t lease_ms, struct arena *a, struct job *out, struct err *e)
{
	struct claim c = { .worker = worker,
		.kinds = kinds,
		.n_kinds = n,
		.lease_ms = lease_ms,
		.now_ms = clock_ms(),
		.a = a,
		.out = out };

	/* Looking costs no write, and most of the time there is nothing to do. */
	if (store_read(s, any_due, &c, e) != 0)
		return -1;
	if (!c.found)
		return 0;
	if (store_write(s, claim, &c, e) != 0)
		return -1;
	if (c.sequence != 0)
		tell(s, c.sequence);
	return c.found;
}

/* A write by the holder of a job. */
struct hold {
	struct id id;
	uint64_t epoch;
	int64_t now_ms;
	enum { BEAT, FINISH, FAIL, STOPPED, RELEASE } what;
	const struct job_beat *beat;
	struct str text; /* result or error */
	int64_t retry_ms;
	bool cancel; /* set: it is asked to stop */
	uint64_t sequence;
};

static int beat(struct kv *k, struct hold *h, struct job *j, struct err *e)
{
	const struct job_beat *b = h->beat;

	j->lease_ms = h->now_ms + b->lease_ms;
	j->updated_ms = h->now_ms;
	if (!isnan(b->progress))
		j->progress = b->progress;
	if (b->step.p != NULL)
		j->step = b->step;
	if (b->message.p != NULL)
		j->message = b->message;
	/* It has come further: what went wrong before is no sign that it never will. */
	if (b->checkpoint.p != NULL && !str_eq(b->checkpoint, j->checkpoint)) {
		j->checkpoint = b->checkpoint;
		j->crashes = 0;
		j->tries = 1;
	}
	h->cancel = j->cancel;
	return job_store(k, j, e);
}

static int fail(struct kv *k, struct hold *h, struct job *j, struct err *e)
{
	j->error = h->text;
	if (h->retry_ms < 0)
		return end(k, j, JOB_FAILED, h->now_ms, e);
	if (j->cancel)
		return end(k, j, JOB_CANCELLED, h->now_ms, e);
	if (j->tries >= j->max_tries)
		return end(k, j, JOB_DEAD, h->now_ms, e);
	j->state = JOB_QUEUED;
	j->run_at_ms = h->now_ms + h->retry_ms;
	j->lease_ms = MS_NONE;
	j->worker = S("");
	j->updated_ms = h->now_ms;
	return job_store(k, j, e);
}

static int held(struct kv *k, struct hold *h, struct job *j, struct err *e)
{
	switch (h->what) {
	case BEAT:
		return beat(k, h, j, e);
	case FINISH:
		j->result = h->text;
		j->progress = 1;
		return end(k, j, JOB_DONE, h->now_ms, e);
	case FAIL:
		return fail(k, h, j, e);
	case STOPPED:
		return end(k, j, JOB_CANCELLED, h->now_ms, e);
	case RELEASE:
		if (j->cancel)
			return end(k, j, JOB_CANCELLED, h->now_ms, e);
		j->state = JOB_QUEUED;
		j->tries -= j->tries > 0;
		j->run_at_ms = j->updated_ms = h->now_ms;
		j->lease_ms = MS_NONE;
		j->worker = S("");
		return job_store(k, j, e);
	}
	return -1;
}

static int hold(struct kv *k, void *arg, struct err *e)
{
	struct hold *h = arg;
	struct arena a = { .cap = 0 };
	struct doc_key key = doc_id_key("jo", h->id);
	struct job j = { .sequence = 0 };
	int rc = doc_get(k, &key, &job_form, &a, &j, e);

	if (rc == 0)
		err_set(e, ERR_NOT_FOUND, "there is no such job");
	if (rc == 1 && (j.state != JOB_RUNNING || j.epoch != h->epoch)) {
		/* The same end again is a repeated call. */
		if (j.epoch == h->epoch && h->what == FINISH && j.state == JOB_DONE)
			rc = 2;
		else
			rc = err_set(
				e, ERR_CONFLICT, "the job is not held by this worker any more");
	}
	if (rc == 1)
		rc = held(k, h, &j, e) == 0 ? 1 : -1;
	h->sequence = j.sequence;
	arena_clear(&a);
	return rc > 0 ? 0 : -1;
}

static int do_hold(struct store *s, struct hold *h, struct err *e)
{
	h->now_ms = clock_ms();
	if (store_write(s, hold, h, e) != 0)
		return -1;
	tell(s, h->sequence);
	return 0;
}

static int jobs_heartbeat(struct store *s, const struct job_beat *b, bool *cancel, struct err *e)
{
	struct hold h = { .id = b->id, .epoch = b->epoch, .what = BEAT, .beat = b };

	if (do_hold(s, &h, e) != 0)
		return -1;
	if (cancel != NULL)
		*cancel = h.cancel;
	return 0;
}

static int jobs_finish(
	struct store *s, struct id id, uint64_t epoch, struct str result, struct err *e)
{
	struct hold h = { .id = id, .epoch = epoch, .what = FINISH, .text = result };

	return do_hold(s, &h, e);
}

static int jobs_fail(struct store *s, struct id id, uint64_t epoch, struct str error,
	int64_t retry_ms, struct err *e)
{
	struct hold h = {
		.id = id, .epoch = epoch, .what = FAIL, .text = error, .retry_ms = retry_ms
	};

	return do_hold(s, &h, e);
}

static int jobs_stopped(struct store *s, struct id id, uint64_t epoch, struct err *e)
{
	struct hold h = { .id = id, .epoch = epoch, .what = STOPPED };

	return do_hold(s, &h, e);
}

static int jobs_release(struct store *s, struct id id, uint64_t epoch, struct err *e)
{
	struct hold h = { .id = id, .epoch = epoch, .what = RELEASE };

	return do_hold(s, &h, e);
}

struct cancel {
	struct id id;
	uint64_t sequence;
};

static int cancel(struct kv *k, void *arg, struct err *e)
{
	struct cancel *c = arg;
	struct arena a = { .cap = 0 };
	struct doc_key key = doc_id_key("jo", c->id);
	struct job j = { .sequence = 0 };
	int rc = doc_get(k, &key, &job_form, &a, &j, e);

	if (rc == 0)
		err_set(e, ERR_NOT_FOUND, "there is no such job");
	if (rc == 1 && j.state == JOB_CANCELLED)
		goto done;
	if (rc == 1 && job_state_over(j.state))
		rc = err_set(e, ERR_CONFLICT, "the job is over: it is %s", job_state_name(j.state));
	if (rc == 1) {
		j.cancel = true;
		rc = (j.state == JOB_QUEUED ? end(k, &j, JOB_CANCELLED, clock_ms(), e)
					    : job_store(k, &j, e)) == 0;
	}
done:
	c->sequence = j.sequence;
	arena_clear(&a);
	return rc == 1 ? 0 : -1;
}

static int jobs_cancel(struct store *s, struct id id, struct err *e)
{
	struct cancel c = { .id = id };

	if (store_write(s, cancel, &c, e) != 0)
		return -1;
	tell(s, c.sequence);
	return 0;
}

struct get {
	struct id id;
	struct arena *a;
	struct job *out;
};

static int get(struct kv *k, void *arg, struct err *e)
{
	struct get *g = arg;
	struct doc_key key = doc_id_key("jo", g->id);
	int rc = doc_get(k, &key, &job_form, g->a, g->out, e);

	if (rc == 0)
		err_set(e, ERR_NOT_FOUND, "there is no such job");
	return rc == 1 ? 0 : -1;
}

static int jobs_get(struct store *s, struct id id, struct arena *a, struct job *out, struct err *e)
{
	struct get g = { id, a, out };

	return store_read(s, get, &g, e);
}

struct list {
	const struct job_filter *f;
	struct str cursor;
	struct doc_list l;
};

static bool want(void *arg, const void *record)
{
	const struct job_filter *f = arg;
	const struct job *j = record;

	return (f->state < 0 || j->state == (enum job_state)f->state) &&
	       (f->kind.n == 0 || str_eq(f->kind, j->kind));
}

static int list(struct kv *k, void *arg, struct err *e)
{
	struct list *l = arg;

	return k->scan(k, S("jo"), l->cursor, true, doc_list_visit, &l->l, e);
}

static int jobs_list(struct store *s, const struct job_filter *f, size_t limit, struct str cursor,
	struct arena *a, struct job **out, size_t *n, struct str *next, struct err *e)
{
	static const struct job_filter any = { .state = -1 };
	struct list l = { f != NULL ? f : &any, cursor,
		{ .form = &job_form, .a = a, .most = limit, .want = want } };

	l.l.arg = (void *)(uintptr_t)l.f;
	if (cursor.n != 0 && (cursor.n != 18 || !str_starts(cursor, S("jo"))))
		return err_set(e, ERR_INPUT, "the cursor is none of this list");
	if (store_read(s, list, &l, e) != 0)
		return -1;
	*out = (struct job *)(void *)l.l.items;
	*n = l.l.n;
	*next = l.l.more ? l.l.last : S("");
	return 0;
}

struct changed {
	uint64_t after;
	size_t limit;
	struct arena *a;
	struct job *out;
	size_t n;
};

static int collect_body(void *arg, struct str key, struct str body, struct err *e)
{
	struct ids *l = arg;

	if (l->n == l->cap)
		return KV_STOP;
	memcpy(l->ids[l->n++].b, body.p, body.n < 16 ? body.n : 16);
	return KV_MORE;
}

static int changed(struct kv *k, void *arg, struct err *e)
{
	struct changed *c = arg;
	struct doc_key after = number_key("js", c->after);
	struct ids l = { .a = c->a, .cap = c->limit };
	size_t i;

	l.ids = arena_array(c->a, c->limit + 1, sizeof(*l.ids));
	c->out = arena_array(c->a, c->limit + 1, sizeof(*c->out));
	if (l.ids == NULL || c->out == NULL)
		return err_nomem(e);
	if (k->scan(k, S("js"), doc_key_str(&after), false, collect_body, &l, e) != 0)
		return -1;
	for (i = 0; i < l.n; i++) {
		struct doc_key key = doc_id_key("jo", l.ids[i]);
		int rc = doc_get(k, &key, &job_form, c->a, &c->out[c->n], e);

		if (rc < 0)
			return -1;
		c->n += (size_t)rc;
	}
	return 0;
}

static int jobs_changed(struct store *s, uint64_t after, size_t limit, struct arena *a,
	struct job **out, size_t *n, struct err *e)
{
	struct changed c = { after, limit, a, NULL, 0 };

	if (store_read(s, changed, &c, e) != 0)
		return -1;
	*out = c.out;
	*n = c.n;
	return 0;
}

static int sequence(struct kv *k, void *arg, struct err *e)
{
	return last_sequence(k, arg, e);
}

static int64_t jobs_sequence(struct store *s, struct err *e)
{
	uint64_t n;

	return store_read(s, sequence, &n, e) == 0 ? (int64_t)n : -1;
}

static uint64_t jobs_wait(struct store *s, uint64_t after, int64_t timeout_ms)
{
	struct store_base *b = (struct store_base *)s;
	struct timespec t;
	uint64_t now;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += timeout_ms / 1000;
	t.tv_nsec += timeout_ms % 1000 * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&b->lock);
	while (b->job_sequence <= after)
		if (pthread_cond_timedwait(&b->changed, &b->lock, &t) != 0)
			break;
	now = b->job_sequence;
	pthread_mutex_unlock(&b->lock);
	return now;
}

struct purge {
	int64_t before_ms;
	uint64_t n;
};

static bool ended_before(void *arg, const void *record)
{
	const struct job *j = record;

	return job_state_over(j->state) && j->finished_ms < *(int64_t *)arg;
}

static int purge(struct kv *k, void *arg, struct err *e)
{
	enum { AT_ONCE = 1000 };
	struct purge *p = arg;
	struct arena a = { .cap = 0 };
	struct doc_list l = { .form = &job_form,
		.a = &a,
		.most = AT_ONCE,
		.want = ended_before,
		.arg = &p->before_ms };
	size_t i;
	int rc = k->scan(k, S("jo"), S(""), false, doc_list_visit, &l, e);

	for (i = 0; i < l.n && rc == 0; i++) {
		const struct job *j = &((struct job *)(void *)l.items)[i];
		struct doc_key key = doc_id_key("jo", j->id), seq = number_key("js", j->sequence);

		rc = k->del(k, doc_key_str(&seq), e) == 0 && k->del(k, doc_key_str(&key), e) == 0
			     ? 0
			     : -1;
	}
	p->n = l.n;
	arena_clear(&a);
	return rc;
}

static int jobs_purge(struct store *s, int64_t before_ms, uint64_t *n, struct err *e)
{
	struct purge p = { before_ms, 0 };

	*n = 0;
	do {
		if (store_write(s, purge, &p, e) != 0)
			return -1;
		*n += p.n;
	} while (p.n != 0);
	return 0;
}

const struct store_jobs docs_jobs = { jobs_enqueue, jobs_claim, jobs_heartbeat, jobs_finish,
	jobs_fail, jobs_stopped, jobs_release, jobs_cancel, jobs_get, jobs_list, jobs_changed,
	jobs_sequence, jobs_wait, jobs_purge };
