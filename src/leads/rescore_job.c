/* SPDX-License-Identifier: Apache-2.0 */
#include "jobs/runner.h"
#include "leads/live.h"
#include "leads/rescore_job.h"
#include "leads/rescoring.h"
#include "leads/schedule.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"

static bool step(void *arg, double done)
{
	return job_step(arg, "scoring", done, NULL);
}

struct keeping {
	struct job_run *r;
	uint32_t version;
};

/* Where it is, and for which version: under another one it begins anew. */
static void write_place(struct str cursor, uint32_t version, struct buf *out)
{
	static const char hex[] = "0123456789abcdef";

	buf_fmt(out, "{\"version\":%u,\"cursor\":\"", version);
	for (size_t i = 0; i < cursor.n; i++) {
		unsigned char c = (unsigned char)cursor.p[i];

		buf_c(out, hex[c >> 4]);
		buf_c(out, hex[c & 15]);
	}
	buf_str(out, S("\"}"));
}

static int keep(void *arg, struct str cursor, struct err *e)
{
	struct keeping *k = arg;
	struct buf b = { 0 };
	int rc;

	write_place(cursor, k->version, &b);
	rc = buf_done(&b, e);
	if (rc == 0)
		rc = job_checkpoint(k->r, buf_view(&b), e);
	buf_clear(&b);
	return rc;
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int read_place(
	const struct job *j, uint32_t version, struct arena *a, struct str *cursor, struct err *e)
{
	struct json *v = j->checkpoint.n != 0 ? json_parse(j->checkpoint, e) : NULL;
	struct str hex = json_str(json_get(v, "cursor"), S(""));
	char *p;

	*cursor = S("");
	if (j->checkpoint.n != 0 && v == NULL)
		return -1;
	if (json_int(json_get(v, "version"), -1) != (int64_t)version)
		hex.n = 0;
	p = arena_alloc(a, hex.n / 2 + 1);
	for (size_t i = 0; p != NULL && i + 1 < hex.n; i += 2)
		p[i / 2] = (char)(digit(hex.p[i]) << 4 | digit(hex.p[i + 1]));
	if (p != NULL)
		*cursor = (struct str){ p, hex.n / 2 };
	json_free(v);
	return p == NULL ? err_nomem(e) : 0;
}

static enum rescoring_what what_of(const struct json *args)
{
	struct str cause = json_str(json_get(args, "cause"), S(""));

	return str_eq(cause, S("all"))     ? RESCORE_ALL
	       : str_eq(cause, S("model")) ? RESCORE_MODEL
					   : RESCORE_TIME;
}

static uint32_t live_now(struct live *l)
{
	struct live_model *m = live_hold(l);
	uint32_t n = live_number(m);

	live_drop(m);
	return n;
}

static int score(struct rescore_job *x, struct job_run *r, enum rescoring_what what,
	struct rescoring_result *sum, struct err *e)
{
	struct keeping k = { r, 0 };
	struct rescoring_opts o = { .store = x->store,
		.live = x->live,
		.what = what,
		.step = step,
		.keep = keep,
		.arg = r };
	struct rescoring_result part;

	/* Published again while it ran: what it has done is old, and it is its turn to see to it.
	 */
	do {
		k.version = live_now(x->live);
		if (read_place(job_of(r), k.version, job_arena(r), &o.cursor, e) == -1)
			return -1;
		o.keep_arg = &k;
		if (rescoring_run(&o, &part, e) == -1)
			return -1;
		sum->seen += part.seen;
		sum->scored += part.scored;
		sum->moved += part.moved;
		o.what = RESCORE_MODEL;
	} while (live_now(x->live) != k.version);
	return 0;
}

static int rescore(struct job_run *r, void *ctx, struct err *e)
{
	struct rescore_job *x = ctx;
	struct json *args = json_parse(job_of(r)->args, e);
	struct rescoring_result sum = { 0 };
	enum rescoring_what what;
	bool scheduled;

	if (args == NULL)
		return -1;
	what = what_of(args);
	scheduled = json_bool(json_get(args, "scheduled"), false);
	json_free(args);
	/* The next night first: a run that fails must not be the last one. */
	if (scheduled && schedule_arm(x->store, clock_ms(), e) == -1)
		return -1;
	if (score(x, r, what, &sum, e) == -1)
		return -1;
	buf_fmt(job_result(r), "{\"seen\":%llu,\"scored\":%llu,\"moved\":%llu}",
		(unsigned long long)sum.seen, (unsigned long long)sum.scored,
		(unsigned long long)sum.moved);
	return 0;
}

void rescore_job_add(struct runner *r, struct rescore_job *x)
{
	runner_add(r, "rescore", rescore, x);
}

int rescore_job_recover(struct rescore_job *x, struct err *e)
{
	struct arena mem = { 0 };
	struct job made, ask = { .id = id_new(),
		.kind = S("rescore"),
		.dedupe = S("rescore.owed"),
		.args = S("{\"cause\":\"model\"}"),
		.created_ms = clock_ms(),
		.run_at_ms = clock_ms() };
	bool owed, existed;
	int rc = rescoring_owed(x->store, x->live, &owed, e);

	if (rc == 0 && owed)
		rc = x->store->jobs->enqueue(x->store, &ask, &mem, &made, &existed, e);
	arena_clear(&mem);
	return rc;
}
