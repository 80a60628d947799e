/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "leads/analytics.h"
#include "model/evaluate.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/err.h"
#include "util/json.h"
#include "util/map.h"
#include "util/when.h"

enum { DAYS_MAX = 1100 };

void analytics_rate(struct jw *w, const struct analytics_count *c)
{
	double won = (double)c->outcome[LEAD_WON], n = won + (double)c->outcome[LEAD_LOST];
	double low, high;

	if (n == 0)
		return;
	eval_wilson(won, n, &low, &high);
	jw_knum(w, "conversion", won / n);
	jw_knum(w, "low", low);
	jw_knum(w, "high", high);
}

/* --- counting --- */

static int tally(const struct analytics *a, const enum lead_field *by, size_t n_by, bool sums,
	struct lead_tally **out, size_t *n, struct err *e)
{
	struct lead_tally_by columns[3] = { { .column = { .field = LF_OUTCOME } } };
	struct lead_query q = { .limit = 1, .at = NAN, .sums = sums };

	query_to(a->q, &q);
	q.sort = QUERY_NO_COLUMN;
	for (size_t i = 0; i < n_by; i++)
		columns[i] = (struct lead_tally_by){ .column = { .field = by[i] } };
	return a->store->leads->tally(a->store, &q, columns, n_by, a->arena, out, n, e);
}

static unsigned code(const struct query_value *v, unsigned most)
{
	return isfinite(v->number) && v->number >= 0 && v->number <= most ? (unsigned)v->number
									  : most;
}

static void add(struct analytics_count *to, const struct lead_tally *t,
	const struct query_value *heat, const struct query_value *outcome)
{
	to->leads += t->leads;
	to->heat[code(heat, LEAD_NO_HEAT)] += t->leads;
	to->outcome[code(outcome, LEAD_LOST)] += t->leads;
	to->sum_probability += t->sum_probability;
}

int analytics_all(const struct analytics *a, struct analytics_count *out, struct err *e)
{
	static const enum lead_field by[] = { LF_HEAT, LF_OUTCOME };
	struct lead_tally *t;
	size_t n;

	*out = (struct analytics_count){ 0 };
	if (tally(a, by, 2, false, &t, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		add(out, &t[i], &t[i].value[0], &t[i].value[1]);
	return 0;
}

static int most_leads_first(const void *a, const void *b)
{
	const struct analytics_group *x = a, *y = b;

	if (x->count.leads != y->count.leads)
		return x->count.leads > y->count.leads ? -1 : 1;
	return str_cmp(x->value, y->value);
}

int analytics_by(const struct analytics *a, enum lead_field f, struct analytics_group **out,
	size_t *n, struct err *e)
{
	const enum lead_field by[] = { f, LF_HEAT, LF_OUTCOME };
	struct map groups = { 0 };
	struct lead_tally *t;
	size_t n_tally;
	int rc = -1;

	*n = 0;
	if (tally(a, by, 3, false, &t, &n_tally, e) == -1)
		return -1;
	if ((*out = arena_array(a->arena, n_tally + 1, sizeof(**out))) == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < n_tally; i++) {
		bool added;
		struct map_entry *g = map_put(&groups, t[i].value[0].text, &added);

		if (g == NULL) {
			err_nomem(e);
			goto done;
		}
		if (added) {
			g->value = (*n)++;
			(*out)[g->value].value = t[i].value[0].text;
		}
		add(&(*out)[g->value].count, &t[i], &t[i].value[1], &t[i].value[2]);
	}
	qsort(*out, *n, sizeof(**out), most_leads_first);
	rc = 0;
done:
	map_clear(&groups);
	return rc;
}

/* --- answers --- */

static void put_counts(struct jw *w, const struct analytics_count *c)
{
	jw_kint(w, "leads", (int64_t)c->leads);
	jw_kint(w, "open", (int64_t)c->outcome[LEAD_OPEN]);
	jw_kint(w, "won", (int64_t)c->outcome[LEAD_WON]);
	jw_kint(w, "lost", (int64_t)c->outcome[LEAD_LOST]);
	analytics_rate(w, c);
}

int analytics_heat(const struct analytics *a, struct jw *w, struct err *e)
{
	static const enum lead_field by[] = { LF_HEAT, LF_OUTCOME };
	struct analytics_count c[LEAD_NO_HEAT + 1] = { { 0 } };
	struct lead_tally *t;
	size_t n;

	if (tally(a, by, 2, true, &t, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		add(&c[code(&t[i].value[0], LEAD_NO_HEAT)], &t[i], &t[i].value[0], &t[i].value[1]);
	jw_arr(w);
	for (unsigned h = 0; h < LEAD_NO_HEAT; h++) {
		jw_obj(w);
		jw_kz(w, "heat", field_choice(LF_HEAT, h));
		put_counts(w, &c[h]);
		if (c[h].leads > 0)
			jw_knum(w, "expected", c[h].sum_probability / (double)c[h].leads);
		jw_end_obj(w);
	}
	jw_end_arr(w);
	return 0;
}

static void put_group(struct jw *w, struct str value, const struct analytics_count *c)
{
	jw_obj(w);
	jw_kstr(w, "value", value);
	put_counts(w, c);
	for (unsigned h = 0; h < LEAD_NO_HEAT; h++)
		jw_kint(w, field_choice(LF_HEAT, h), (int64_t)c->heat[h]);
	jw_end_obj(w);
}

int analytics_sources(
	const struct analytics *a, enum lead_field f, size_t most, struct jw *w, struct err *e)
{
	struct analytics_group *g;
	size_t n;

	if (analytics_by(a, f, &g, &n, e) == -1)
		return -1;
	jw_arr(w);
	for (size_t i = 0; i < n && i < most; i++)
		put_group(w, g[i].value, &g[i].count);
	jw_end_arr(w);
	return 0;
}

/* --- funnel --- */

static void put_stages(struct jw *w, const struct analytics_count *c)
{
	const struct {
		const char *name;
		uint64_t count;
	} stages[] = { { "Leads", c->leads },
		{ "Decided", c->outcome[LEAD_WON] + c->outcome[LEAD_LOST] },
		{ "Won", c->outcome[LEAD_WON] } };

	jw_arr(w);
	for (size_t i = 0; i < 3; i++) {
		jw_obj(w);
		jw_kz(w, "name", stages[i].name);
		jw_kint(w, "count", (int64_t)stages[i].count);
		jw_knum(w, "rate", c->leads == 0 ? 0 : (double)stages[i].count / (double)c->leads);
		jw_end_obj(w);
	}
	jw_end_arr(w);
}

int analytics_funnel(const struct analytics *a, enum lead_field by, struct jw *w, struct err *e)
{
	struct analytics_count all;
	struct analytics_group *g = NULL;
	size_t n = 0;

	if (analytics_all(a, &all, e) == -1 ||
		(by != LF_IGNORE && analytics_by(a, by, &g, &n, e) == -1))
		return -1;
	jw_obj(w);
	jw_key(w, "stages");
	put_stages(w, &all);
	if (by != LF_IGNORE) {
		jw_key(w, "by");
		jw_arr(w);
		for (size_t i = 0; i < n && i < 50; i++) {
			jw_obj(w);
			jw_kstr(w, "value", g[i].value);
			jw_key(w, "stages");
			put_stages(w, &g[i].count);
			jw_end_obj(w);
		}
		jw_end_arr(w);
	}
	jw_end_obj(w);
	return 0;
}

/* --- trend --- */

struct day {
	uint64_t new, won, lost, hot;
};

/* Counts by day of ${time} since ${from}; more filters may have been added to ${q} before. */
static int by_day(const struct analytics *a, enum lead_field time, enum lead_field other,
	int64_t from_ms, struct lead_tally **t, size_t *n, struct err *e)
{
	struct query narrowed = *a->q;
	struct analytics b = *a;
	const enum lead_field by[] = { time, other };
	struct query_value value = { .text = S(""), .number = (double)from_ms };

	if (narrowed.n_filters == QUERY_FILTERS_MAX)
		return err_set(e, ERR_INPUT, "too many filters");
	narrowed.filters[narrowed.n_filters++] = (struct query_filter){
		.column = { .field = time }, .op = QUERY_GTE, .values = &value, .n = 1
	};
	b.q = &narrowed;
	return tally(&b, by, 2, false, t, n, e);
}

static struct day *day_of(
	struct day *days, unsigned n, int64_t from_ms, const struct query_value *at)
{
	double i = isfinite(at->number) ? floor((at->number - (double)from_ms) / WHEN_DAY_MS) : -1;

	return i < 0 || i >= n ? NULL : &days[(unsigned)i];
}

static int count_new(const struct analytics *a, enum lead_field time, int64_t from_ms,
	struct day *days, unsigned n_days, struct err *e)
{
	struct lead_tally *t;
	size_t n;

	if (by_day(a, time, LF_HEAT, from_ms, &t, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct day *d = day_of(days, n_days, from_ms, &t[i].value[0]);

		if (d == NULL)
			continue;
		d->new += t[i].leads;
		if (code(&t[i].value[1], LEAD_NO_HEAT) == LEAD_HOT)
			d->hot += t[i].leads;
	}
	return 0;
}

static int count_decided(const struct analytics *a, int64_t from_ms, struct day *days,
	unsigned n_days, struct err *e)
{
	struct lead_tally *t;
	size_t n;

	if (by_day(a, LF_OUTCOME_AT, LF_OUTCOME, from_ms, &t, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct day *d = day_of(days, n_days, from_ms, &t[i].value[0]);
		unsigned how = code(&t[i].value[1], LEAD_LOST);

		if (d != NULL && how == LEAD_WON)
			d->won += t[i].leads;
		else if (d != NULL && how == LEAD_LOST)
			d->lost += t[i].leads;
	}
	return 0;
}

/* Leads that nobody says when they were created came when they were added. */
static int count_undated(const struct analytics *a, int64_t from_ms, struct day *days,
	unsigned n_days, struct err *e)
{
	struct query undated = *a->q;
	struct analytics b = *a;

	if (undated.n_filters == QUERY_FILTERS_MAX)
		return err_set(e, ERR_INPUT, "too many filters");
	undated.filters[undated.n_filters++] =
		(struct query_filter){ .column = { .field = LF_CREATED_AT }, .op = QUERY_EMPTY };
	b.q = &undated;
	return count_new(&b, LF_INSERTED_AT, from_ms, days, n_days, e);
}

int analytics_trend(const struct analytics *a, unsigned n_days, struct jw *w, struct err *e)
{
	struct day days[DAYS_MAX] = { { 0 } };
	int64_t from = when_floor_day(a->now_ms) - (int64_t)(n_days - 1) * WHEN_DAY_MS;

	ASSERT(n_days >= 1 && n_days <= DAYS_MAX);
	if (count_new(a, LF_CREATED_AT, from, days, n_days, e) == -1 ||
		count_undated(a, from, days, n_days, e) == -1 ||
		count_decided(a, from, days, n_days, e) == -1)
		return -1;
	jw_arr(w);
	for (unsigned i = 0; i < n_days; i++) {
		char text[WHEN_TEXT];

		when_write(from + (int64_t)i * WHEN_DAY_MS, text);
		jw_obj(w);
		jw_kstr(w, "day", (struct str){ text, 10 });
		jw_kint(w, "new", (int64_t)days[i].new);
		jw_kint(w, "won", (int64_t)days[i].won);
		jw_kint(w, "lost", (int64_t)days[i].lost);
		jw_kint(w, "hot", (int64_t)days[i].hot);
		jw_end_obj(w);
	}
	jw_end_arr(w);
	return 0;
}
