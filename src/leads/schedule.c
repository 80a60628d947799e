/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "leads/schedule.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"
#include "util/when.h"

#define SETTING S("schedule")
#define PREFIX  S("schedule.")

enum { ARENA = 4 << 20, HOUR_MS = 3600000, LOW = -10 };

static const char *const every_names[] = { "off", "week", "month" };

void schedule_default(struct schedule *s)
{
	*s = (struct schedule){
		.every = SCHEDULE_OFF, .day = 1, .hour = 3, .rescore_hour = 2, .drift_hour = 4
	};
}

/* --- reading and writing --- */

struct reader {
	void (*fault)(void *ctx, const char *pointer, const char *detail);
	void *ctx;
	struct err *e;
	bool failed;
};

static void wrong(struct reader *r, const char *pointer, const char *detail)
{
	if (!r->failed)
		err_set(r->e, ERR_INPUT, "%s: %s", pointer, detail);
	r->failed = true;
	if (r->fault != NULL)
		r->fault(r->ctx, pointer, detail);
}

static void read_number(struct reader *r, const struct json *obj, const char *key,
	const char *pointer, int64_t lo, int64_t hi, unsigned *out)
{
	const struct json *v = json_get(obj, key);
	int64_t x = json_int(v, -1);
	char text[64];

	if (v == NULL)
		return;
	if (x >= lo && x <= hi) {
		*out = (unsigned)x;
		return;
	}
	snprintf(text, sizeof(text), "expected a whole number from %lld to %lld", (long long)lo,
		(long long)hi);
	wrong(r, pointer, text);
}

static void read_retrain(struct reader *r, const struct json *v, struct schedule *s)
{
	struct str every = json_str(json_get(v, "every"), S(""));
	struct str publish = json_str(json_get(v, "publish"), S(""));

	if (json_type(v) != J_OBJ) {
		wrong(r, "/retrain", "expected an object");
		return;
	}
	if (json_get(v, "every") != NULL) {
		int i = 0;

		while (i < 3 && !str_eq(every, str_of(every_names[i])))
			i++;
		if (i == 3)
			wrong(r, "/retrain/every", "expected \"off\", \"week\" or \"month\"");
		else
			s->every = (enum schedule_every)i;
	}
	if (json_get(v, "publish") != NULL) {
		s->publish = str_eq(publish, S("gate"));
		if (!s->publish && !str_eq(publish, S("ask")))
			wrong(r, "/retrain/publish", "expected \"gate\" or \"ask\"");
	}
	read_number(r, v, "day", "/retrain/day", 1, s->every == SCHEDULE_MONTH ? 31 : 7, &s->day);
	read_number(r, v, "hour", "/retrain/hour", 0, 23, &s->hour);
	/* The 31st, kept from a month, is no day of a week. */
	if (s->every != SCHEDULE_MONTH && s->day > 7)
		s->day = 1;
}

int schedule_read(const struct json *v, struct schedule *s,
	void (*fault)(void *ctx, const char *pointer, const char *detail), void *ctx, struct err *e)
{
	struct reader r = { fault, ctx, e, false };

	if (json_type(v) != J_OBJ)
		return err_set(e, ERR_INPUT, "expected an object");
	for (size_t i = 0; i < json_len(v); i++) {
		struct str key;
		const struct json *m = json_member(v, i, &key);

		if (str_eq(key, S("retrain")))
			read_retrain(&r, m, s);
		else if (str_eq(key, S("rescore")))
			read_number(&r, m, "hour", "/rescore/hour", 0, 23, &s->rescore_hour);
		else if (str_eq(key, S("drift")))
			read_number(&r, m, "hour", "/drift/hour", 0, 23, &s->drift_hour);
		else if (!str_eq(key, S("next")))
			wrong(&r, "/", "knows retrain, rescore and drift");
	}
	return r.failed ? -1 : 0;
}

void schedule_write(struct jw *w, const struct schedule *s)
{
	jw_key(w, "retrain");
	jw_obj(w);
	jw_kz(w, "every", every_names[s->every]);
	jw_kint(w, "day", s->day);
	jw_kint(w, "hour", s->hour);
	jw_kz(w, "publish", s->publish ? "gate" : "ask");
	jw_end_obj(w);
	jw_key(w, "rescore");
	jw_obj(w);
	jw_kint(w, "hour", s->rescore_hour);
	jw_end_obj(w);
	jw_key(w, "drift");
	jw_obj(w);
	jw_kint(w, "hour", s->drift_hour);
	jw_end_obj(w);
}

/* --- when --- */

int64_t schedule_next_daily(unsigned hour, int64_t now_ms)
{
	int64_t at = when_floor_day(now_ms) + (int64_t)hour * HOUR_MS;

	return at > now_ms ? at : at + WHEN_DAY_MS;
}

static unsigned month_days(int64_t year, unsigned month)
{
	int64_t next = month == 12 ? when_days(year + 1, 1, 1) : when_days(year, month + 1, 1);

	return (unsigned)(next - when_days(year, month, 1));
}

static int64_t next_monthly(const struct schedule *s, int64_t now_ms)
{
	int64_t year, at = MS_NONE;
	unsigned month, day, last;

	when_civil(when_floor_day(now_ms) / WHEN_DAY_MS, &year, &month, &day);
	for (int i = 0; i < 2; i++) {
		last = month_days(year, month);
		at = (when_days(year, month, s->day < last ? s->day : last)) * WHEN_DAY_MS +
		     (int64_t)s->hour * HOUR_MS;
		if (at > now_ms)
			break;
		if (++month > 12) {
			month = 1;
			year++;
		}
	}
	return at;
}

int64_t schedule_next_retrain(const struct schedule *s, int64_t now_ms)
{
	int64_t at;

	if (s->every == SCHEDULE_OFF)
		return MS_NONE;
	if (s->every == SCHEDULE_MONTH)
		return next_monthly(s, now_ms);
	at = schedule_next_daily(s->hour, now_ms);
	/* 1970-01-01 was a Thursday: day 0 is 4 when Monday is 1. */
	while ((unsigned)(((at / WHEN_DAY_MS + 3) % 7 + 7) % 7) + 1 != s->day)
		at += WHEN_DAY_MS;
	return at;
}

/* --- the queue --- */

int schedule_load(struct store *st, struct schedule *s, struct err *e)
{
	struct arena mem = { .cap = ARENA };
	struct setting x;
	struct json *v = NULL;
	int rc = -1;

	schedule_default(s);
	if (st->settings->get(st, SETTING, &mem, &x, e) == 0) {
		rc = 0;
		if (x.value.n != 0 && ((v = json_parse(x.value, e)) == NULL ||
					      schedule_read(v, s, NULL, NULL, e) == -1))
			rc = err_prefix(e, "the setting \"schedule\": ");
	}
	json_free(v);
	arena_clear(&mem);
	return rc;
}

static int arm(struct store *st, const char *kind, int64_t at, int64_t now_ms, struct err *e)
{
	struct arena mem = { .cap = ARENA };
	struct job made, ask = { .id = id_new(),
		.kind = str_of(kind),
		.args = S("{\"scheduled\":true}"),
		.priority = LOW,
		.run_at_ms = at,
		.created_ms = now_ms };
	char key[48];
	bool existed;
	int rc = 0;

	if (at != MS_NONE) {
		/* One job per moment, whoever puts it there. */
		snprintf(key, sizeof(key), "schedule.%lld", (long long)at);
		ask.dedupe = str_of(key);
		rc = st->jobs->enqueue(st, &ask, &mem, &made, &existed, e);
	}
	arena_clear(&mem);
	return rc;
}

/* Runs that are queued for moments that the schedule does not have any more. */
static int drop_queued(struct store *st, const char *kind, struct err *e)
{
	const struct job_filter f = { JOB_QUEUED, str_of(kind) };
	struct arena mem = { .cap = ARENA };
	struct job *jobs;
	struct str next;
	size_t n;
	int rc = st->jobs->list(st, &f, 500, S(""), &mem, &jobs, &n, &next, e);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct err mine = { 0 };

		if (!str_starts(jobs[i].dedupe, PREFIX))
			continue;
		/* One that began meanwhile, or was taken away by another server, is none of ours.
		 */
		if (st->jobs->cancel(st, jobs[i].id, &mine) == -1 && mine.code != ERR_CONFLICT &&
			mine.code != ERR_NOT_FOUND) {
			if (e != NULL)
				*e = mine;
			rc = -1;
		}
	}
	arena_clear(&mem);
	return rc;
}

static int arm_all(struct store *st, const struct schedule *s, int64_t now_ms, struct err *e)
{
	if (arm(st, "retrain", schedule_next_retrain(s, now_ms), now_ms, e) == -1 ||
		arm(st, "rescore", schedule_next_daily(s->rescore_hour, now_ms), now_ms, e) == -1)
		return -1;
	return arm(st, "drift", schedule_next_daily(s->drift_hour, now_ms), now_ms, e);
}

int schedule_arm(struct store *st, int64_t now_ms, struct err *e)
{
	struct schedule s;

	if (schedule_load(st, &s, e) == -1)
		return -1;
	return arm_all(st, &s, now_ms, e);
}

int schedule_save(struct store *st, const struct schedule *s, int64_t now_ms, struct err *e)
{
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	struct setting x = { .key = SETTING, .updated_ms = now_ms };
	int rc = -1;

	jw_obj(&w);
	schedule_write(&w, s);
	jw_end_obj(&w);
	if (buf_done(&b, e) == 0) {
		x.value = buf_view(&b);
		if (st->settings->put(st, &x, UINT64_MAX, e) == 0 &&
			drop_queued(st, "retrain", e) == 0 && drop_queued(st, "rescore", e) == 0 &&
			drop_queued(st, "drift", e) == 0)
			rc = arm_all(st, s, now_ms, e);
	}
	buf_clear(&b);
	return rc;
}
