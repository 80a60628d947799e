/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "leads/explanation_internal.h"
#include "leads/lead_json.h"
#include "leads/live.h"
#include "model/moved.h"
#include "model/registry.h"
#include "record/layout.h"
#include "store/store.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"
#include "util/when.h"

enum { CHANGES_MAX = 20 };

struct change {
	struct str column, from, to;
};

struct mover {
	struct explaining_lead *x;
	const struct past_score *past;
	const struct lead *before; /* the lead as it was then */
	struct live_model *models[2];
	struct lead_seat seats[2][2]; /* [data][model] */
};

static int open_seat(struct mover *v, int data, int model, struct err *e)
{
	const struct lead *l = data != 0 ? v->x->o->lead : v->before;
	struct lead_seat *s = &v->seats[data][model];

	if (s->seat != NULL)
		return 0;
	return lead_seat_take(
		s, v->x->o->store, v->models[model], l->layout, l->cells, v->x->o->arena, e);
}

static int score_mixed(void *ctx, unsigned mask, double *p, struct err *e)
{
	struct mover *v = ctx;
	int data = mask >> MOVED_DATA & 1, model = mask >> MOVED_MODEL & 1;
	double as_of = (mask >> MOVED_TIME & 1) != 0 ? v->x->as_of : v->past->score.as_of;
	struct score s;

	if (open_seat(v, data, model, e) == -1 ||
		lead_seat_score(&v->seats[data][model], as_of, &s, e) == -1)
		return -1;
	*p = s.probability;
	return 0;
}

/* --- what changed in the data --- */

static struct str cell_named(struct store *s, const struct lead *l, struct str header)
{
	const struct layout *layout = l->layout == 0 ? NULL : s->layouts->get(s, l->layout, NULL);
	ptrdiff_t i = layout == NULL ? -1 : layout_find(layout, header);

	return i < 0 ? S("") : cells_get(l->cells, (size_t)i);
}

/* Cells that are not as they were; a column never goes away again. */
static size_t changes_of(struct mover *v, struct change *out)
{
	struct store *s = v->x->o->store;
	const struct lead *now = v->x->o->lead;
	const struct layout *l = now->layout == 0 ? NULL : s->layouts->get(s, now->layout, NULL);
	size_t n = 0;

	for (size_t i = 0; l != NULL && i < l->n && n < CHANGES_MAX; i++) {
		struct str from = cell_named(s, v->before, l->columns[i].header);
		struct str to = cells_get(now->cells, i);

		if (!str_eq(from, to) && l->columns[i].use != LF_IGNORE)
			out[n++] = (struct change){ l->columns[i].header, from, to };
	}
	return n;
}

/* --- words --- */

static void put_end(struct jw *w, const char *key, int points, enum lead_heat heat, int64_t at,
	const char *model)
{
	jw_key(w, key);
	jw_obj(w);
	jw_kint(w, "score", points);
	if (heat < LEAD_NO_HEAT)
		jw_kz(w, "heat", field_choice(LF_HEAT, heat));
	lead_json_time(w, "at", at);
	jw_kz(w, "model", model);
	jw_end_obj(w);
}

static void moved_text(const struct mover *v, const struct moved *m, const struct change *c,
	size_t n, struct buf *out)
{
	static const char *const causes[MOVED_CAUSES] = { "by what is known of it", "by time alone",
		"by another model" };
	int by = m->score_after - m->score_before;
	char when[WHEN_TEXT];

	when_write(v->past->score.scored_ms, when);
	if (by == 0)
		buf_fmt(out, "The same score as on %.10s", when);
	else
		buf_fmt(out, "%s %d since %.10s", by > 0 ? "Up" : "Down", abs(by), when);
	for (int i = 0, some = 0; i < MOVED_CAUSES; i++) {
		if (m->points[i] == 0)
			continue;
		buf_fmt(out, "%s%+d %s", some++ == 0 ? ": " : ", ", m->points[i], causes[i]);
		for (size_t k = 0; i == MOVED_DATA && k < n && k < 3; k++)
			buf_fmt(out, "%s" STR_FMT, k == 0 ? " (" : ", ", STR_ARG(c[k].column));
		if (i == MOVED_DATA && n > 0)
			buf_z(out, n > 3 ? ", ...)" : ")");
	}
	buf_c(out, '.');
}

static int put_moved(struct mover *v, const struct moved *m, struct jw *w, struct err *e)
{
	const struct explaining_lead *x = v->x;
	struct change changes[CHANGES_MAX];
	size_t n = changes_of(v, changes);
	struct buf text = { 0 };

	jw_key(w, "moved");
	jw_obj(w);
	put_end(w, "from", v->past->score.points, v->past->score.heat, v->past->score.scored_ms,
		v->past->score.model);
	put_end(w, "to", x->score.points, (enum lead_heat)x->score.heat,
		(int64_t)(x->as_of * WHEN_DAY_MS), live_version(x->seat.model));
	jw_key(w, "points");
	jw_obj(w);
	for (int c = 0; c < MOVED_CAUSES; c++)
		jw_kint(w, moved_name((enum moved_cause)c), m->points[c]);
	jw_end_obj(w);
	jw_key(w, "changes");
	jw_arr(w);
	for (size_t i = 0; i < n; i++) {
		jw_obj(w);
		jw_kstr(w, "column", changes[i].column);
		jw_kstr(w, "from", changes[i].from);
		jw_kstr(w, "to", changes[i].to);
		jw_end_obj(w);
	}
	jw_end_arr(w);
	moved_text(v, m, changes, n, &text);
	jw_kstr(w, "text", buf_view(&text));
	jw_end_obj(w);
	if (buf_done(&text, e) == -1)
		return -1;
	buf_clear(&text);
	return 0;
}

/* --- what was before --- */

/* The version of the lead that the earlier score was made of; NULL: not kept. */
static const struct lead *version_of(
	const struct lead *now, uint64_t content, const struct lead_version *v, size_t n)
{
	if (now->content == content)
		return now;
	for (size_t i = 0; i < n; i++)
		if (v[i].lead.content == content)
			return &v[i].lead;
	return NULL;
}

static bool number_of(const char *model, uint32_t *number)
{
	*number = 0;
	return strcmp(model, "rule") == 0 || registry_parse(str_of(model), number, NULL) == 0;
}

static int split(struct mover *v, uint32_t number, struct jw *w, struct err *e)
{
	struct live_model *now = v->x->seat.model, *old = NULL;
	struct moved m;
	int rc = -1;

	v->models[1] = v->models[0] = now;
	if (number != live_number(now)) {
		/* A version that is gone or broken leaves the move unexplained, not the lead. */
		if ((old = live_open(v->x->o->live, number, NULL)) == NULL)
			return 0;
		v->models[0] = old;
	}
	if (moved_split(score_mixed, v, &m, e) == 0)
		rc = put_moved(v, &m, w, e);
	for (int i = 0; i < 4; i++)
		lead_seat_leave(&v->seats[i / 2][i % 2]);
	live_drop(old);
	return rc;
}

int explanation_moved(struct explaining_lead *x, struct jw *w, struct err *e)
{
	const struct explanation_opts *o = x->o;
	struct store *s = o->store;
	struct mover v = { .x = x };
	struct past_score *past;
	struct lead_version *versions;
	size_t n_past, n;
	uint32_t number;

	if (s->leads->scores(s, o->lead->id, o->arena, &past, &n_past, e) == -1)
		return -1;
	if (n_past == 0 || !isfinite(past[0].score.as_of) ||
		!number_of(past[0].score.model, &number))
		return 0;
	if (s->leads->history(s, o->lead->id, o->arena, &versions, &n, e) == -1)
		return -1;
	v.past = &past[0];
	v.before = version_of(o->lead, past[0].score.content, versions, n);
	return v.before == NULL ? 0 : split(&v, number, w, e);
}
