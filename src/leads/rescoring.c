/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "leads/fields.h"
#include "leads/formats.h"
#include "leads/live.h"
#include "leads/rescoring.h"
#include "leads/segments.h"
#include "record/layout.h"
#include "store/match.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/clock.h"
#include "util/err.h"

enum { PAGE = 2000 };

struct live_scorer *rescoring_scorer(struct live_model *m, const struct layout *l, struct err *e)
{
	struct arena a = { 0 };
	struct live_columns in = { .n = l != NULL ? l->n : 0 };
	struct str *names = arena_array(&a, in.n + 1, sizeof(*names));
	enum col_role *roles = arena_array(&a, in.n + 1, sizeof(*roles));
	struct cell_format *formats = NULL;
	struct live_scorer *out = NULL;

	if (names == NULL || roles == NULL) {
		err_nomem(e);
		goto done;
	}
	for (size_t i = 0; i < in.n; i++) {
		names[i] = l->columns[i].header;
		roles[i] = fields_role(l->columns[i].use);
	}
	if (l != NULL && formats_of(l, &a, &formats, e) == -1)
		goto done;
	in.names = names;
	in.roles = roles;
	in.formats = formats;
	out = live_scorer(m, &in, e);
done:
	arena_clear(&a);
	return out;
}

void rescoring_score(const struct score *s, const char *version, double as_of, int64_t now_ms,
	struct lead_score *out)
{
	*out = (struct lead_score){ .probability = s->probability,
		.margin = s->margin,
		.confidence = s->confidence,
		.points = (uint8_t)s->points,
		.heat = (enum lead_heat)s->heat,
		.as_of = as_of,
		.scored_ms = now_ms,
		.previous_ms = MS_NONE };
	snprintf(out->model, sizeof(out->model), "%s", version);
	memcpy(out->bands, s->bands, sizeof(out->bands));
}

/* ---- leads of one layout at a time ---- */

/* What scoring a page of leads needs, layouts and seats kept from page to page. */
struct desk {
	struct store *store;
	struct live_model *m;
	struct seat {
		uint32_t layout;
		const struct layout *of; /* NULL: no cells */
		struct live_scorer *scorer;
		struct live_seat *seat;
	} * seats;
	size_t n, cap;
	struct str *cells; /* [SCORER_BLOCK * most columns] */
	size_t most;
	struct lead_set_score *sets;
	size_t n_sets;
};

static void desk_clear(struct desk *d)
{
	for (size_t i = 0; i < d->n; i++)
		live_rise(d->seats[i].seat);
	free(d->seats);
	free(d->cells);
	free(d->sets);
}

static struct seat *desk_seat(struct desk *d, uint32_t layout, struct err *e)
{
	struct seat *to;

	for (size_t i = 0; i < d->n; i++)
		if (d->seats[i].layout == layout)
			return &d->seats[i];
	if (d->n == d->cap) {
		size_t cap = d->cap == 0 ? 16 : d->cap * 2;
		struct seat *more = realloc(d->seats, cap * sizeof(*more));

		if (more == NULL) {
			err_nomem(e);
			return NULL;
		}
		d->seats = more;
		d->cap = cap;
	}
	to = &d->seats[d->n];
	*to = (struct seat){ .layout = layout };
	if (layout != 0 && (to->of = d->store->layouts->get(d->store, layout, e)) == NULL)
		return NULL;
	if ((to->scorer = rescoring_scorer(d->m, to->of, e)) == NULL ||
		(to->seat = live_sit(to->scorer, e)) == NULL)
		return NULL;
	d->n++;
	return to;
}

static int unpack(struct desk *d, const struct seat *s, const struct lead *l, size_t i,
	const struct str **row, struct err *e)
{
	size_t n = s->of != NULL ? s->of->n : 0;

	if (n > d->most) {
		struct str *more = realloc(d->cells, (n + 1) * SCORER_BLOCK * sizeof(*more));

		ASSERT(i == 0);
		if (more == NULL)
			return err_nomem(e);
		d->cells = more;
		d->most = n;
	}
	*row = d->cells + i * n;
	if (n != 0 && cells_unpack(l->cells, d->cells + i * n, n) == -1)
		return err_set(e, ERR_IO, "the cells of a lead are damaged");
	return 0;
}

static bool differs(const struct lead *l, const struct score *s, const char *version)
{
	return l->score.model[0] == '\0' || strcmp(l->score.model, version) != 0 ||
	       l->score.content != l->content || l->score.probability != s->probability ||
	       (int)l->score.heat != (int)s->heat; /* the thresholds were changed */
}

/* Up to SCORER_BLOCK leads of one layout. */
static int score_block(struct desk *d, struct seat *s, const struct lead *const *leads, size_t n,
	double as_of, struct err *e)
{
	const struct str *rows[SCORER_BLOCK];
	struct score scores[SCORER_BLOCK];
	const char *version = live_version(d->m);
	int64_t now = clock_ms();

	for (size_t i = 0; i < n; i++)
		if (unpack(d, s, leads[i], i, &rows[i], e) == -1)
			return -1;
	if (live_score(s->seat, rows, n, as_of, scores, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct lead_set_score *to = &d->sets[d->n_sets];

		if (!differs(leads[i], &scores[i], version))
			continue;
		*to = (struct lead_set_score){ .id = leads[i]->id, .content = leads[i]->content };
		rescoring_score(&scores[i], version, as_of, now, &to->score);
		d->n_sets++;
	}
	return 0;
}

static int by_layout(const void *a, const void *b)
{
	const struct lead *x = *(const struct lead *const *)a, *y = *(const struct lead *const *)b;

	return x->layout != y->layout ? (x->layout < y->layout ? -1 : 1) : id_cmp(x->id, y->id);
}

/* These leads, at most 5,000; scores that differ go to the store. */
static int score_leads(struct desk *d, const struct lead **leads, size_t n, enum score_cause cause,
	struct rescoring_result *r, struct err *e)
{
	double as_of = (double)clock_ms() / 86400000.0;

	d->n_sets = 0;
	qsort(leads, n, sizeof(*leads), by_layout);
	for (size_t at = 0, k; at < n; at += k) {
		struct seat *s = desk_seat(d, leads[at]->layout, e);

		if (s == NULL)
			return -1;
		for (k = 1; k < SCORER_BLOCK && at + k < n &&
			    leads[at + k]->layout == leads[at]->layout;)
			k++;
		if (score_block(d, s, leads + at, k, as_of, e) == -1)
			return -1;
	}
	r->scored += n;
	if (d->n_sets == 0)
		return 0;
	if (d->store->leads->set_scores(d->store, d->sets, d->n_sets, cause, clock_ms(), e) == -1)
		return -1;
	for (size_t i = 0; i < d->n_sets; i++)
		r->moved += d->sets[i].moved;
	return 0;
}

/* ---- which version scores which lead ---- */

/* One desk per live version: those of segments in their order, that of all leads last. */
struct desks {
	struct store *store;
	struct live_model *held;
	struct desk *d;            /* [n] */
	struct lead_match **match; /* [n - 1] */
	size_t n;
};

static void desks_close(struct desks *x)
{
	for (size_t i = 0; x->d != NULL && i < x->n; i++)
		desk_clear(&x->d[i]);
	for (size_t i = 0; x->match != NULL && i < x->n; i++)
		lead_match_free(x->match[i]);
	free(x->d);
	free(x->match);
	live_drop(x->held);
}

static int desks_open(struct desks *x, struct store *s, struct live *l, size_t most, struct err *e)
{
	size_t n;

	*x = (struct desks){ .store = s, .held = live_hold(l) };
	n = live_segments(x->held) + 1;
	x->d = calloc(n, sizeof(*x->d));
	x->match = calloc(n, sizeof(struct lead_match *));
	if (x->d == NULL || x->match == NULL)
		goto nomem;
	x->n = n;
	for (size_t i = 0; i < n; i++) {
		const char *query = NULL;

		x->d[i] = (struct desk){ .store = s,
			.m = i + 1 < n ? live_segment(x->held, i, &query) : x->held };
		if ((x->d[i].sets = calloc(most + 1, sizeof(*x->d[i].sets))) == NULL)
			goto nomem;
		if (query != NULL &&
			(x->match[i] = segments_match(str_of(query), clock_ms(), e)) == NULL)
			goto fail;
	}
	return 0;
nomem:
	err_nomem(e);
fail:
	desks_close(x);
	return -1;
}

/* The desk that a lead belongs to. */
static struct desk *desk_of(struct desks *x, const struct lead *l)
{
	const struct layout *of;
	size_t i;

	if (x->n == 1)
		return x->d;
	of = l->layout != 0 ? x->store->layouts->get(x->store, l->layout, NULL) : NULL;
	for (i = 0; i + 1 < x->n; i++)
		if (lead_match_passes(x->match[i], l, of))
			break;
	return &x->d[i];
}

int rescoring_lead(struct store *s, struct live_seat *seat, const struct lead *lead, double as_of,
	struct score *out, struct err *e)
{
	const struct layout *of = lead->layout != 0 ? s->layouts->get(s, lead->layout, e) : NULL;
	struct str *cells;
	const struct str *row;
	int rc;

	if (lead->layout != 0 && of == NULL)
		return -1;
	if ((cells = calloc((of != NULL ? of->n : 0) + 1, sizeof(*cells))) == NULL)
		return err_nomem(e);
	row = cells;
	if (of != NULL && cells_unpack(lead->cells, cells, of->n) == -1)
		rc = err_set(e, ERR_IO, "the cells of a lead are damaged");
	else
		rc = live_score(seat, &row, 1, as_of, out, e);
	free(cells);
	return rc;
}

int rescoring_ids(struct store *s, struct live *l, const struct id *ids, size_t n,
	enum score_cause cause, struct err *e)
{
	struct arena a = { 0 };
	struct lead *leads = arena_array(&a, n + 1, sizeof(*leads));
	const struct lead **list = arena_array(&a, n + 1, sizeof(*list));
	bool *found = arena_array(&a, n + 1, sizeof(*found));
	struct rescoring_result r = { 0 };
	struct desks x;
	int rc = 0;

	if (leads == NULL || list == NULL || found == NULL) {
		arena_clear(&a);
		return err_nomem(e);
	}
	if (desks_open(&x, s, l, n, e) == -1) {
		arena_clear(&a);
		return -1;
	}
	if (s->leads->get_many(s, ids, n, &a, leads, found, e) == -1)
		rc = -1;
	for (size_t d = 0; rc == 0 && d < x.n; d++) {
		size_t k = 0;

		for (size_t i = 0; i < n; i++)
			if (found[i] && desk_of(&x, &leads[i]) == &x.d[d])
				list[k++] = &leads[i];
		if (k != 0)
			rc = score_leads(&x.d[d], list, k, cause, &r, e);
	}
	desks_close(&x);
	arena_clear(&a);
	return rc;
}

/* ---- all of them ---- */

/* Whether a lead is to be scored again, and for which reason. */
static int wanted(struct desk *d, const struct rescoring_opts *o, const struct lead *l,
	enum score_cause *why, struct err *e)
{
	bool stale = lead_stale(l), other = strcmp(l->score.model, live_version(d->m)) != 0;
	struct seat *s;

	*why = stale ? SCORE_EDIT : other ? SCORE_MODEL : SCORE_TIME;
	if (stale || o->what == RESCORE_ALL)
		return 1;
	if (o->what == RESCORE_STALE)
		return 0;
	if (other)
		return 1;
	if (o->what == RESCORE_MODEL || l->values.outcome != LEAD_OPEN)
		return 0;
	if ((s = desk_seat(d, l->layout, e)) == NULL)
		return -1;
	return live_moves(s->scorer);
}

/* The leads of a page that belong to one desk. */
static int do_desk(struct desks *x, struct desk *d, const struct rescoring_opts *o,
	const struct lead_page *page, const struct lead **list, struct rescoring_result *r,
	struct err *e)
{
	for (int cause = SCORE_IMPORT; cause <= SCORE_MODEL; cause++) {
		size_t n = 0;

		for (size_t i = 0; i < page->n; i++) {
			enum score_cause why;
			int want;

			if (desk_of(x, &page->leads[i]) != d)
				continue;
			if ((want = wanted(d, o, &page->leads[i], &why, e)) == -1)
				return -1;
			if (want == 1 && (int)why == cause)
				list[n++] = &page->leads[i];
		}
		if (n != 0 && score_leads(d, list, n, (enum score_cause)cause, r, e) == -1)
			return -1;
	}
	return 0;
}

static int do_page(struct desks *x, const struct rescoring_opts *o, const struct lead_page *page,
	const struct lead **list, struct rescoring_result *r, struct err *e)
{
	for (size_t d = 0; d < x->n; d++)
		if (do_desk(x, &x->d[d], o, page, list, r, e) == -1)
			return -1;
	r->seen += page->n;
	return 0;
}

/* What the store can leave out by itself. */
static size_t filters(
	const struct rescoring_opts *o, struct query_value *value, struct query_filter *f)
{
	if (o->what != RESCORE_STALE)
		return 0;
	*value = (struct query_value){ S("yes"), NAN };
	*f = (struct query_filter){
		.column = { .field = LF_STALE }, .op = QUERY_EQ, .values = value, .n = 1
	};
	return 1;
}

static int run_pages(
	struct desks *x, const struct rescoring_opts *o, struct rescoring_result *r, struct err *e)
{
	struct store *s = o->store;
	struct query_value value;
	struct query_filter f;
	struct lead_query q = {
		.filters = &f, .sort = QUERY_NO_COLUMN, .limit = PAGE, .at = NAN, .cells = true
	};
	const struct lead **list = calloc(PAGE + 1, sizeof(*list));
	int64_t all = s->leads->count(s, e);
	struct buf cursor = { 0 };
	struct arena a = { 0 };
	int rc = all == -1 ? -1 : 0;

	if (list == NULL)
		rc = err_nomem(e);
	q.n_filters = filters(o, &value, &f);
	buf_str(&cursor, o->cursor);
	while (rc == 0) {
		struct lead_page page;

		arena_reset(&a);
		q.cursor = buf_view(&cursor);
		if ((rc = s->leads->list(s, &q, &a, &page, e)) == -1 ||
			(rc = do_page(x, o, &page, list, r, e)) == -1)
			break;
		buf_reset(&cursor);
		buf_str(&cursor, page.next_cursor);
		if ((rc = buf_done(&cursor, e)) == -1 || cursor.n == 0)
			break;
		if (o->keep != NULL && (rc = o->keep(o->keep_arg, buf_view(&cursor), e)) == -1)
			break;
		if (o->step != NULL &&
			o->step(o->arg, all > 0 ? fmin(1, (double)r->seen / (double)all) : 1))
			rc = err_set(e, ERR_CANCELLED, "stopped");
	}
	buf_clear(&cursor);
	arena_clear(&a);
	free(list);
	return rc;
}

int rescoring_run(const struct rescoring_opts *o, struct rescoring_result *r, struct err *e)
{
	struct desks x;
	int rc;

	*r = (struct rescoring_result){ 0 };
	if (desks_open(&x, o->store, o->live, 5000, e) == -1)
		return -1;
	rc = run_pages(&x, o, r, e);
	desks_close(&x);
	return rc;
}

/* ---- what was left undone ---- */

static int any(struct store *s, const struct query_filter *f, bool *found, struct err *e)
{
	struct lead_query q = {
		.filters = f, .n_filters = 1, .sort = QUERY_NO_COLUMN, .limit = 1, .at = NAN
	};
	struct arena a = { 0 };
	struct lead_page page;
	int rc = s->leads->list(s, &q, &a, &page, e);

	*found = rc == 0 && page.n != 0;
	arena_clear(&a);
	return rc;
}

int rescoring_owed(struct store *s, struct live *l, bool *owed, struct err *e)
{
	struct live_model *held = live_hold(l);
	size_t n = live_segments(held) + 1;
	struct query_value yes = { S("yes"), NAN }, *now = calloc(n, sizeof(*now));
	struct query_filter old = { { .field = LF_STALE }, QUERY_EQ, &yes, 1 };
	struct query_filter other = { { .field = LF_MODEL }, QUERY_NE, now, n };
	int rc = -1;

	if (now == NULL) {
		err_nomem(e);
		goto done;
	}
	for (size_t i = 0; i < n; i++) {
		const char *query;

		now[i] = (struct query_value){
			str_of(live_version(i + 1 < n ? live_segment(held, i, &query) : held)), NAN
		};
	}
	rc = any(s, &old, owed, e);
	if (rc == 0 && !*owed)
		rc = any(s, &other, owed, e);
done:
	free(now);
	live_drop(held);
	return rc;
}
