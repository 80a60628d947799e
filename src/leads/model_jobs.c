/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "jobs/runner.h"
#include "leads/model_jobs.h"
#include "leads/retrain.h"
#include "leads/schedule.h"
#include "leads/watch.h"
#include "model/model_store.h"
#include "model/notes.h"
#include "obs/log.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"
#include "util/when.h"

static bool step(void *arg, const char *name, double done)
{
	return job_step(arg, name, done, NULL);
}

static bool stopping(void *arg)
{
	return job_stopping(arg);
}

static struct leads_progress progress_of(struct job_run *r)
{
	return (struct leads_progress){ step, r, stopping };
}

/* -1 of a job function: a stop is told as such. */
static int ended(struct job_run *r, struct err *e)
{
	return e->code == ERR_CANCELLED ? job_stopped(r, e) : -1;
}

/* --- train --- */

static int train(const struct model_jobs *m, struct job_run *r, const struct json *args,
	uint32_t *version, struct buf *result, struct err *e)
{
	struct retrain_opts o = { .store = m->publishing.store,
		.models = m->publishing.models,
		.data = m->data,
		.args = args,
		.now_ms = clock_ms(),
		.threads = m->threads,
		.progress = progress_of(r) };

	if (retrain_run(&o, version, result, e) == -1)
		return -1;
	LOG_INFO("model.trained", LOG_U64("version", *version));
	return 0;
}

static int train_job(struct job_run *r, void *ctx, struct err *e)
{
	struct json *args = json_parse(job_of(r)->args, e);
	uint32_t version;
	int rc;

	if (args == NULL)
		return -1;
	rc = train(ctx, r, args, &version, job_result(r), e);
	json_free(args);
	return rc == -1 ? ended(r, e) : 0;
}

/* --- retrain --- */

/* The same training as that of the live version, on the leads there are now. */
static int same_again(const struct model_jobs *m, uint32_t live, struct buf *out, struct err *e)
{
	static const char *const kept[] = { "leads", "drop", "keep", "budget_s", "seed", "verdicts",
		"profile" };
	struct json *notes = NULL;
	const struct json *source;
	struct jw w = { .b = out };
	char day[WHEN_TEXT];
	char name[64];

	if (live != 0 && notes_read(m->publishing.models, live, &notes, e) == -1)
		return -1;
	source = json_get(notes, "source");
	when_write(clock_ms(), day);
	snprintf(name, sizeof(name), "Scheduled %.10s", day);
	jw_obj(&w);
	jw_kz(&w, "name", name);
	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		if (json_get(source, kept[i]) != NULL) {
			jw_key(&w, kept[i]);
			jw_put(&w, json_get(source, kept[i]));
		}
	jw_end_obj(&w);
	json_free(notes);
	return buf_done(out, e);
}

/* How many leads have ended: a training on the same ones would teach nothing. */
static int decided(struct store *s, uint64_t *n, struct err *e)
{
	const struct query_value open = { S("open"), NAN };
	const struct query_filter filter = { { .field = LF_OUTCOME }, QUERY_NE, &open, 1 };
	const struct lead_query q = { .filters = &filter,
		.n_filters = 1,
		.sort = QUERY_NO_COLUMN,
		.limit = 1,
		.at = NAN,
		.total = true };
	struct arena mem = { .cap = 16 << 20 };
	struct lead_page page;
	int rc = s->leads->list(s, &q, &mem, &page, e);

	*n = rc == 0 ? page.total : 0;
	arena_clear(&mem);
	return rc;
}

static int remember_decided(struct store *s, uint64_t n, struct err *e)
{
	struct setting x = { .key = S("retrain.decided"), .updated_ms = clock_ms() };
	char text[32];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)n);
	x.value = str_of(text);
	return s->settings->put(s, &x, UINT64_MAX, e);
}

static int decided_before(struct store *s, struct arena *mem, uint64_t *n, struct err *e)
{
	struct setting x;
	struct err mine = { 0 };
	struct json *v;

	*n = 0;
	if (s->settings->get(s, S("retrain.decided"), mem, &x, e) == -1)
		return -1;
	if (x.value.n != 0 && (v = json_parse(x.value, &mine)) != NULL) {
		*n = (uint64_t)json_int(v, 0);
		json_free(v);
	}
	return 0;
}

static int audit_published(struct store *s, const char *version, struct err *e)
{
	char object[32];
	struct audit a = { .at_ms = clock_ms(),
		.actor = S("server"),
		.action = S("model.published"),
		.detail = S("{\"by\":\"schedule\"}") };

	snprintf(object, sizeof(object), "model %s", version);
	a.object = str_of(object);
	return s->audit->add(s, &a, e);
}

/* What becomes of the new version, as the schedule says. */
static int settle(const struct model_jobs *m, const struct schedule *s, uint32_t version,
	struct str training, struct buf *out, struct err *e)
{
	struct publishing_ask ask = {
		.version = version, .by = S("schedule"), .now_ms = clock_ms()
	};
	enum publishing_result result = PUBLISHING_SHUT;
	struct registry_gate gate = { 0 };
	struct jw w = { .b = out };
	char name[16];

	if (s->publish && publishing_publish(&m->publishing, &ask, &gate, &result, e) == -1)
		return -1;
	if (!s->publish || result == PUBLISHING_WAITS)
		LOG_WARN("model.waiting", LOG_U64("version", version));
	snprintf(name, sizeof(name), "v%u", version);
	if (s->publish && result == PUBLISHING_DONE &&
		audit_published(m->publishing.store, name, e) == -1)
		return -1;
	jw_obj(&w);
	jw_kz(&w, "version", name);
	jw_kbool(&w, "published", s->publish && result == PUBLISHING_DONE);
	jw_kbool(&w, "waits", !s->publish || result == PUBLISHING_WAITS);
	jw_kz(&w, "why",
		!s->publish           ? "the schedule leaves publishing to a person"
		: gate.why[0] != '\0' ? gate.why
				      : "nothing was published before");
	jw_key(&w, "training");
	jw_raw(&w, training);
	jw_end_obj(&w);
	return buf_done(out, e);
}

static int retrain(const struct model_jobs *m, struct job_run *r, struct err *e)
{
	struct store *st = m->publishing.store;
	struct buf text = { 0 }, training = { 0 };
	struct json *args = NULL;
	struct schedule s;
	uint64_t now, before;
	uint32_t live, version;
	int64_t since;
	int rc = -1;

	if (schedule_load(st, &s, e) == -1 || decided(st, &now, e) == -1 ||
		decided_before(st, job_arena(r), &before, e) == -1 ||
		watch_published(m->publishing.models, &live, &since, e) == -1)
		return -1;
	if (now == before && live != 0) {
		buf_z(job_result(r), "{\"skipped\":\"no lead has ended since the last training\"}");
		return 0;
	}
	if (same_again(m, live, &text, e) == 0 && (args = json_parse(buf_view(&text), e)) != NULL &&
		train(m, r, args, &version, &training, e) == 0 &&
		settle(m, &s, version, buf_view(&training), job_result(r), e) == 0)
		rc = remember_decided(st, now, e);
	json_free(args);
	buf_clear(&text);
	buf_clear(&training);
	return rc;
}

static int retrain_job(struct job_run *r, void *ctx, struct err *e)
{
	const struct model_jobs *m = ctx;

	/* The next one first: whatever becomes of this one, there is another. */
	if (schedule_arm(m->publishing.store, clock_ms(), e) == -1)
		return -1;
	return retrain(m, r, e) == -1 ? ended(r, e) : 0;
}

/* --- drift --- */

static int drift_job(struct job_run *r, void *ctx, struct err *e)
{
	const struct model_jobs *m = ctx;
	struct watch_opts o = { .store = m->publishing.store,
		.models = m->publishing.models,
		.data = m->data,
		.now_ms = clock_ms(),
		.progress = progress_of(r) };
	bool alert;

	if (schedule_arm(m->publishing.store, clock_ms(), e) == -1)
		return -1;
	if (watch_run(&o, job_result(r), &alert, e) == 0)
		return 0;
	/* A look at nothing is no failure when the clock asked for it. */
	if (e->code == ERR_NOT_FOUND) {
		buf_reset(job_result(r));
		buf_z(job_result(r), "{\"skipped\":\"no model is published\"}");
		return 0;
	}
	return ended(r, e);
}

void model_jobs_add(struct runner *r, struct model_jobs *m)
{
	runner_add(r, "train", train_job, m);
	runner_add(r, "retrain", retrain_job, m);
	runner_add(r, "drift", drift_job, m);
}
