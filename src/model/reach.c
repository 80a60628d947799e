/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "features/derive.h"
#include "features/frame.h"
#include "features/profile.h"
#include "model/donors.h"
#include "model/reach.h"
#include "util/err.h"

enum {
	NEAREST = 120, /* donors asked */
	BEST = 8       /* single changes that pairs and triples are built from, per donor */
};

/* One column's cell taken from one donor. */
struct move {
	struct reach_change change;
	double step; /* how far the value moves, 0 to 1 */
	double p;    /* with this change alone */
};

struct search {
	const struct reach_opts *o;
	struct reach *best;
	double best_step;
	size_t n_cols;
	uint32_t *base_of; /* [n_cols] the base column that is the column itself, or UINT32_MAX */
	float *lo, *hi;    /* [n_bases] range of numbers among the donors */
};

static bool has_word(struct str name, const char *const *words)
{
	for (size_t i = 0; words[i] != NULL; i++) {
		if (str_findi(name, str_of(words[i])) >= 0)
			return true;
	}
	return false;
}

bool reach_can_change(const struct column *c)
{
	/* Who someone is, or what has happened for good. */
	static const char *const fixed[] = { "age", "gender", "sex", "marital", "race", "relig",
		"nation", "birth", "educat", "occupation", "job", "income", "salary", "language",
		"disab", "ethnic", "famil", "child", "spouse", "health", "city", "country",
		"region", "state", "zip", "postal", "industry", "origin", "source", "created",
		"signup", "first", "family", "geschlecht", "alter", "beruf", "sexo", "idade",
		"genre", NULL };
	static const char *const deeds[] = { "visit", "view", "click", "open", "time spent",
		"session", "download", "webinar", "attend", "demo", "form", "submit", "submission",
		"reply", "replies", "meeting", "chat", "event", "trial", "recency", "days since",
		"since last", "engage", "activity", "action", "touch", "response", "search",
		"contacted", "calls", "emails", "besuch", "aufruf", "visita", NULL };

	if (c->out != COL_IN)
		return false;
	switch (c->role) {
	case ROLE_ENGAGEMENT:
	case ROLE_LAST_ACTIVITY_AT:
	case ROLE_CONSENT:
		return true;
	case ROLE_ATTRIBUTE:
		/* "pages" holds "age": page words first. */
		if (str_findi(c->name, S("page")) >= 0)
			return true;
		return !has_word(c->name, fixed) && has_word(c->name, deeds);
	default:
		return false;
	}
}

/* Gower's distance over what is not going to change: mean of differences between 0 and 1. */
static double distance(const struct search *s, const bool *changes, size_t donor)
{
	const struct donors *d = s->o->donors;
	const float *num = d->num + donor * d->n_bases;
	const uint32_t *code = d->code + donor * d->n_bases;
	double sum = 0;
	size_t n = 0;

	for (size_t b = 0; b < d->n_bases; b++) {
		const struct base_info *info = bases_info(s->o->bases, b);

		if (!info->is_column || changes[info->sources[0]])
			continue;
		n++;
		if (info->kind == BASE_CAT) {
			sum += code[b] != s->o->code[b];
		} else if (isnan(num[b]) || isnan(s->o->num[b])) {
			sum += isnan(num[b]) != isnan(s->o->num[b]);
		} else if (s->hi[b] > s->lo[b]) {
			double gap = fabs((double)num[b] - s->o->num[b]) / (s->hi[b] - s->lo[b]);

			sum += gap < 1 ? gap : 1;
		}
	}
	return n != 0 ? sum / (double)n : 0;
}

/* ${x} as a cell of the column: the fewest figures that are the same float, by the column's decimal
 * mark, and never with three behind it, which another file may take for thousands. */
static void number_cell(const struct column *c, float x, char *out, size_t max)
{
	char *dot;

	for (int figures = 6; figures <= 9; figures++) {
		snprintf(out, max, "%.*g", figures, (double)x);
		if (strtof(out, NULL) == x)
			break;
	}
	if ((dot = strchr(out, '.')) == NULL)
		return;
	if (strlen(dot) == 4 && max - strlen(out) > 1)
		strcat(out, "0");
	if (c->format.mark == MARK_COMMA)
		*dot = ',';
}

/* The donor's value of a column as a cell; false when it has none or the lead has the same. */
static bool cell_of(const struct search *s, size_t donor, size_t col, struct move *m)
{
	const struct donors *d = s->o->donors;
	uint32_t b = s->base_of[col];
	const struct column *c = &s->o->profile->cols[col];
	float x = d->num[donor * d->n_bases + b], own = s->o->num[b];
	uint32_t code = d->code[donor * d->n_bases + b];
	size_t max = sizeof(m->change.value);

	m->change.column = (uint32_t)col;
	if (bases_info(s->o->bases, b)->kind == BASE_CAT) {
		struct str level;

		if (code == 0 || code == s->o->code[b] || code == bases_rare(s->o->bases, b))
			return false;
		level = bases_level(s->o->bases, b, code);
		m->step = 1;
		return (size_t)snprintf(m->change.value, max, STR_FMT, STR_ARG(level)) < max;
	}
	if (isnan(x) || x == own)
		return false;
	m->step = isnan(own) || s->hi[b] <= s->lo[b]
			  ? 1
			  : fabs((double)x - own) / (s->hi[b] - s->lo[b]);
	if (c->kind == KIND_DATE) {
		if (isnan(s->o->as_of))
			return false;
		cell_date_format(floor(s->o->as_of - x), m->change.value);
	} else if (c->kind == KIND_YESNO) {
		snprintf(m->change.value, max, "%s", x != 0 ? "yes" : "no");
	} else {
		number_cell(c, x, m->change.value, max);
	}
	return true;
}

static int try_change(
	struct search *s, const struct move *const *moves, size_t n, double *p, struct err *e)
{
	struct reach_change change[REACH_MAX];
	double step = 0;
	bool hot;

	for (size_t i = 0; i < n; i++) {
		change[i] = moves[i]->change;
		step += moves[i]->step;
	}
	if (s->o->score(s->o->ctx, change, n, p, e) == -1)
		return -1;
	s->best->tried++;
	hot = *p >= s->o->hot;
	if (s->best->reachable ? !hot || n > s->best->n || (n == s->best->n && step >= s->best_step)
			       : !hot && *p <= s->best->probability)
		return 0;
	s->best->reachable = hot;
	s->best->probability = *p;
	s->best->n = n;
	s->best_step = step;
	memcpy(s->best->change, change, n * sizeof(change[0]));
	return 0;
}

static int by_gain(const void *va, const void *vb)
{
	const struct move *a = va, *b = vb;

	if (a->p != b->p)
		return a->p < b->p ? 1 : -1;
	return (a->change.column > b->change.column) - (a->change.column < b->change.column);
}

/* All changes of one to three columns towards one donor. */
static int try_donor(
	struct search *s, size_t donor, const bool *changes, struct move *moves, struct err *e)
{
	const struct move *set[REACH_MAX];
	size_t n = 0;
	double p;

	for (size_t c = 0; c < s->n_cols; c++) {
		if (!changes[c] || !cell_of(s, donor, c, &moves[n]))
			continue;
		set[0] = &moves[n];
		if (try_change(s, set, 1, &moves[n].p, e) == -1)
			return -1;
		if (moves[n].p > s->best->before)
			n++;
	}
	qsort(moves, n, sizeof(*moves), by_gain);
	if (n > BEST)
		n = BEST;
	for (size_t i = 0; i < n; i++) {
		for (size_t j = i + 1; j < n; j++) {
			set[0] = &moves[i];
			set[1] = &moves[j];
			if (s->best->reachable && s->best->n < 2)
				return 0;
			if (try_change(s, set, 2, &p, e) == -1)
				return -1;
			for (size_t k = j + 1; k < n; k++) {
				set[2] = &moves[k];
				if (s->best->reachable && s->best->n < 3)
					break;
				if (try_change(s, set, 3, &p, e) == -1)
					return -1;
			}
		}
	}
	return 0;
}

struct near {
	double distance;
	size_t donor;
};

static int nearer(const void *va, const void *vb)
{
	const struct near *a = va, *b = vb;

	if (a->distance != b->distance)
		return a->distance < b->distance ? -1 : 1;
	return (a->donor > b->donor) - (a->donor < b->donor);
}

static void measure(struct search *s, bool *changes)
{
	const struct donors *d = s->o->donors;

	for (size_t b = 0; b < d->n_bases; b++) {
		const struct base_info *info = bases_info(s->o->bases, b);

		s->lo[b] = INFINITY;
		s->hi[b] = -INFINITY;
		for (size_t i = 0; i < d->n; i++) {
			float x = d->num[i * d->n_bases + b];

			s->lo[b] = x < s->lo[b] ? x : s->lo[b];
			s->hi[b] = x > s->hi[b] ? x : s->hi[b];
		}
		if (info->is_column && info->n_sources == 1)
			s->base_of[info->sources[0]] = (uint32_t)b;
		else if (info->is_date && info->n_sources == 1 &&
			 s->base_of[info->sources[0]] == UINT32_MAX)
			s->base_of[info->sources[0]] = (uint32_t)b;
	}
	for (size_t c = 0; c < s->n_cols; c++) {
		enum col_kind kind = s->o->profile->cols[c].kind;

		changes[c] = s->base_of[c] != UINT32_MAX && kind != KIND_LIST &&
			     kind != KIND_TEXT && reach_can_change(&s->o->profile->cols[c]);
		s->best->can_change += changes[c];
	}
}

int reach_find(const struct reach_opts *o, struct reach *out, struct err *e)
{
	const struct donors *d = o->donors;
	struct search s = { .o = o, .best = out, .n_cols = o->profile->n };
	struct near *near = malloc((d->n + 1) * sizeof(*near));
	bool *changes = calloc(s.n_cols + 1, sizeof(*changes));
	struct move *moves = calloc(s.n_cols + 1, sizeof(*moves));
	int rc = -1;

	*out = (struct reach){ 0 };
	s.base_of = malloc((s.n_cols + 1) * sizeof(*s.base_of));
	s.lo = malloc((d->n_bases + 1) * sizeof(*s.lo));
	s.hi = malloc((d->n_bases + 1) * sizeof(*s.hi));
	if (!near || !changes || !moves || !s.base_of || !s.lo || !s.hi) {
		err_nomem(e);
		goto done;
	}
	ASSERT(d->n_bases <= bases_count(o->bases));
	for (size_t c = 0; c < s.n_cols; c++)
		s.base_of[c] = UINT32_MAX;
	if (o->score(o->ctx, NULL, 0, &out->before, e) == -1)
		goto done;
	out->probability = out->before;
	rc = 0;
	if ((out->already = out->before >= o->hot))
		goto done;
	measure(&s, changes);
	for (size_t i = 0; i < d->n; i++)
		near[i] = (struct near){ distance(&s, changes, i), i };
	qsort(near, d->n, sizeof(*near), nearer);
	for (size_t i = 0; i < d->n && i < NEAREST && out->can_change != 0 && rc == 0; i++)
		rc = try_donor(&s, near[i].donor, changes, moves, e);
done:
	free(near);
	free(changes);
	free(moves);
	free(s.base_of);
	free(s.lo);
	free(s.hi);
	return rc;
}
