/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "features/cell.h"
#include "features/derive.h"
#include "features/encode.h"
#include "leads/live_internal.h"
#include "util/err.h"

/* ---- the columns of an input as the model calls them ---- */

static uint64_t columns_hash(const struct live_columns *in)
{
	uint64_t h = in->n;

	for (size_t i = 0; i < in->n; i++) {
		uint64_t more[3] = { in->roles != NULL ? in->roles[i] : ROLE_ATTRIBUTE, 0, 0 };

		if (in->formats != NULL) {
			more[1] = in->formats[i].mark;
			more[2] = in->formats[i].order;
		}
		h = str_hash(in->names[i], h);
		h = str_hash((struct str){ (const char *)more, sizeof(more) }, h);
	}
	return h;
}

static bool same_columns(const struct live_scorer *s, const struct live_columns *in)
{
	if (s->n != in->n || (s->formats != NULL) != (in->formats != NULL))
		return false;
	for (size_t i = 0; i < in->n; i++) {
		if (!str_eq(s->own[i], in->names[i]) ||
			s->roles[i] != (in->roles != NULL ? in->roles[i] : ROLE_ATTRIBUTE))
			return false;
		if (in->formats != NULL && (s->formats[i].mark != in->formats[i].mark ||
						   s->formats[i].order != in->formats[i].order))
			return false;
	}
	return true;
}

static int copy_columns(struct live_scorer *s, const struct live_columns *in, struct err *e)
{
	s->n = in->n;
	s->own = arena_array(&s->mem, in->n + 1, sizeof(*s->own));
	s->names = arena_array(&s->mem, in->n + 1, sizeof(*s->names));
	s->roles = arena_array(&s->mem, in->n + 1, sizeof(*s->roles));
	if (in->formats != NULL)
		s->formats = arena_array(&s->mem, in->n + 1, sizeof(*s->formats));
	if (s->own == NULL || s->names == NULL || s->roles == NULL ||
		(in->formats != NULL && s->formats == NULL))
		return err_nomem(e);
	for (size_t i = 0; i < in->n; i++) {
		s->own[i] = (struct str){ arena_dup(&s->mem, in->names[i]), in->names[i].n };
		if (s->own[i].p == NULL)
			return err_nomem(e);
		s->names[i] = s->own[i];
		s->roles[i] = in->roles != NULL ? in->roles[i] : ROLE_ATTRIBUTE;
		if (in->formats != NULL)
			s->formats[i] = in->formats[i];
	}
	return 0;
}

/* Roles that say what a column is; two columns of the others are not the same thing. */
static bool names_a_column(enum col_role r)
{
	return r != ROLE_ATTRIBUTE && r != ROLE_ENGAGEMENT && r != ROLE_SCORE_FOREIGN &&
	       r != ROLE_IGNORE && r != ROLE_OUTCOME;
}

/* Columns of the input that the model does not know by name take the name of the model's column of
 * their role, where that one has not been found by name. */
static int rename_columns(struct live_scorer *s, const struct profile *p, struct err *e)
{
	bool *found = calloc(p->n + 1, sizeof(*found));
	bool *known = calloc(s->n + 1, sizeof(*known));

	if (found == NULL || known == NULL) {
		free(found);
		free(known);
		return err_nomem(e);
	}
	for (size_t i = 0; i < s->n; i++) {
		ptrdiff_t c = profile_find(p, s->own[i]);

		known[i] = c >= 0;
		if (c >= 0)
			found[c] = true;
	}
	for (size_t i = 0; i < s->n; i++) {
		for (size_t c = 0; c < p->n && !known[i] && names_a_column(s->roles[i]); c++) {
			if (found[c] || p->cols[c].role != s->roles[i])
				continue;
			s->names[i] = p->cols[c].name;
			known[i] = found[c] = true;
		}
	}
	free(found);
	free(known);
	return 0;
}

/* ---- scorers ---- */

static bool any_date(const struct model *m)
{
	for (size_t i = 0; i < bases_count(m->bases) && i < encoder_n_bases(m->encoder); i++)
		if (bases_info(m->bases, i)->is_date && encoder_needs(m->encoder, i))
			return true;
	return false;
}

static int bind_model(struct live_scorer *s, const struct scorer_input *in, struct err *e)
{
	struct err why = { 0 };

	if (rename_columns(s, s->m->model->profile, e) == -1)
		return -1;
	s->scorer = scorer_new(s->m->model, in, &why);
	if (s->scorer == NULL && why.code != ERR_INPUT) {
		if (e != NULL)
			*e = why;
		return -1;
	}
	s->moves = s->scorer != NULL && any_date(s->m->model);
	return 0;
}

static int bind_rule(struct live_scorer *s, const struct scorer_input *in, struct err *e)
{
	struct profile *p = live_rule_profile(s->own, s->roles, s->n, e);

	if (p == NULL)
		return -1;
	for (size_t i = 0; i < p->n && s->formats != NULL; i++)
		p->cols[i].format = s->formats[i];
	for (size_t i = 0; i < p->n; i++)
		s->moves |= p->cols[i].kind == KIND_DATE;
	s->rule = rule_new(p, e);
	profile_free(p);
	if (s->rule == NULL || (s->scorer = scorer_new_rule(s->rule, in, e)) == NULL)
		return -1;
	return 0;
}

struct live_scorer *live_scorer_new(
	struct live_model *m, const struct live_columns *in, struct err *e)
{
	struct live_scorer *s = calloc(1, sizeof(*s));
	/* The moment comes with each call; this one is never used. */
	struct scorer_input si = { .as_of = 0, .today = 0 };

	if (s == NULL) {
		err_nomem(e);
		return NULL;
	}
	pthread_mutex_init(&s->lock, NULL);
	s->m = m;
	s->hash = columns_hash(in);
	if (copy_columns(s, in, e) == -1)
		goto fail;
	si.columns = s->names;
	si.n_columns = s->n;
	si.formats = s->formats;
	if ((m->model != NULL ? bind_model(s, &si, e) : bind_rule(s, &si, e)) == -1)
		goto fail;
	return s;
fail:
	live_scorer_free(s);
	return NULL;
}

static void seat_free(struct live_seat *seat)
{
	if (seat == NULL)
		return;
	scorer_work_free(seat->work);
	lead_input_free(seat->input);
	explain_work_free(seat->explain);
	free(seat);
}

void live_scorer_free(struct live_scorer *s)
{
	struct live_seat *seat, *next;

	if (s == NULL)
		return;
	for (seat = s->free; seat != NULL; seat = next) {
		next = seat->next;
		seat_free(seat);
	}
	seat_free(atomic_load(&s->spare));
	reasons_free(s->reasons);
	scorer_free(s->scorer);
	rule_free(s->rule);
	arena_clear(&s->mem);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static struct live_scorer *find_locked(
	struct live_model *m, const struct live_columns *in, uint64_t hash)
{
	struct live_scorer *s;

	for (s = m->scorers; s != NULL; s = s->next)
		if (s->hash == hash && same_columns(s, in))
			break;
	return s;
}

struct live_scorer *live_scorer(struct live_model *m, const struct live_columns *in, struct err *e)
{
	uint64_t hash = columns_hash(in);
	struct live_scorer *s, *made, *other;

	pthread_mutex_lock(&m->lock);
	s = find_locked(m, in, hash);
	pthread_mutex_unlock(&m->lock);
	if (s != NULL || (made = live_scorer_new(m, in, e)) == NULL)
		return s;
	pthread_mutex_lock(&m->lock);
	if ((other = find_locked(m, in, hash)) == NULL) {
		made->next = m->scorers;
		m->scorers = made;
	}
	pthread_mutex_unlock(&m->lock);
	if (other != NULL)
		live_scorer_free(made);
	return other != NULL ? other : made;
}

struct live_scorer *live_api(struct live_model *m)
{
	return m->api;
}

bool live_moves(const struct live_scorer *s)
{
	return s->moves;
}

/* ---- seats ---- */

static struct live_seat *seat_new(struct live_scorer *s, struct err *e)
{
	struct live_seat *seat = calloc(1, sizeof(*seat));

	if (seat == NULL) {
		err_nomem(e);
		return NULL;
	}
	seat->scorer = s;
	if ((s->scorer != NULL && (seat->work = scorer_work_new(s->scorer, e)) == NULL) ||
		(s == s->m->api && (seat->input = lead_input_new(s->m->shape, e)) == NULL)) {
		seat_free(seat);
		return NULL;
	}
	return seat;
}

struct live_seat *live_sit(struct live_scorer *s, struct err *e)
{
	struct live_seat *seat = atomic_exchange(&s->spare, NULL);

	if (seat != NULL)
		return seat;
	pthread_mutex_lock(&s->lock);
	if ((seat = s->free) != NULL)
		s->free = seat->next;
	pthread_mutex_unlock(&s->lock);
	return seat != NULL ? seat : seat_new(s, e);
}

void live_rise(struct live_seat *seat)
{
	struct live_scorer *s;

	if (seat == NULL)
		return;
	s = seat->scorer;
	/* The one used last is the one that is in the processor's cache. */
	if ((seat = atomic_exchange(&s->spare, seat)) == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	seat->next = s->free;
	s->free = seat;
	pthread_mutex_unlock(&s->lock);
}

struct lead_input *live_input(struct live_seat *seat)
{
	return seat->input;
}

const struct scorer_work *live_work(const struct live_seat *seat)
{
	return seat->work;
}

struct live_model *live_seat_model(const struct live_seat *seat)
{
	return seat->scorer->m;
}

const struct str *live_seat_names(const struct live_seat *seat)
{
	return seat->scorer->names;
}

int live_score(struct live_seat *seat, const struct str *const *rows, size_t n, double as_of,
	struct score *out, struct err *e)
{
	struct live_seat *other;
	int rc = -1;

	seat->as_of = as_of;
	if (seat->work != NULL) {
		scorer_work_at(seat->work, as_of);
		return scorer_rows(seat->scorer->scorer, seat->work, rows, n, out, e);
	}
	/* None of the model's columns is there: what it says of a lead without any value. */
	if ((other = live_sit(seat->scorer->m->api, e)) == NULL)
		return -1;
	memset(other->input->cells, 0,
		lead_shape_columns(seat->scorer->m->shape) * sizeof(*other->input->cells));
	if (other->work != NULL) {
		const struct str *row = other->input->cells;

		rc = live_score(other, &row, 1, as_of, out, e);
		for (size_t i = 1; rc == 0 && i < n; i++)
			out[i] = out[0];
	} else {
		err_set(e, ERR_INTERNAL, "%s uses no columns", live_version(seat->scorer->m));
	}
	live_rise(other);
	return rc;
}

const struct rule *live_rule(const struct live_seat *seat, double *as_of)
{
	*as_of = seat->as_of;
	return seat->scorer->rule;
}

/* Reasons are about the columns of the input under the names of the model. */
static const struct reasons *reasons_of(struct live_scorer *s, struct err *e)
{
	const struct model *full = live_full(s->m, e);
	struct reasons *r, *spare = NULL;

	if (full == NULL)
		return NULL;
	pthread_mutex_lock(&s->lock);
	r = s->reasons;
	pthread_mutex_unlock(&s->lock);
	if (r != NULL || (r = reasons_new(full, s->names, s->n, e)) == NULL)
		return r;
	pthread_mutex_lock(&s->lock);
	if (s->reasons != NULL)
		spare = r;
	else
		s->reasons = r;
	r = s->reasons;
	pthread_mutex_unlock(&s->lock);
	reasons_free(spare);
	return r;
}

const struct reasons *live_reasons(struct live_seat *seat, struct explain_work **w, struct err *e)
{
	const struct reasons *r;

	if (seat->scorer->m->number != 0 && seat->work == NULL) {
		err_set(e, ERR_NOT_FOUND, "the lead has none of the columns that %s uses",
			live_version(seat->scorer->m));
		return NULL;
	}
	if ((r = reasons_of(seat->scorer, e)) == NULL)
		return NULL;
	if (seat->explain == NULL &&
		(seat->explain = explain_work_new(reasons_explainer(r), e)) == NULL)
		return NULL;
	*w = seat->explain;
	return r;
}
