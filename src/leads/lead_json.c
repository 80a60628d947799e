/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "leads/lead_json.h"
#include "record/layout.h"
#include "record/query.h"
#include "util/json.h"
#include "util/when.h"

void lead_json_time(struct jw *w, const char *key, int64_t ms)
{
	char text[WHEN_TEXT];

	if (ms != MS_NONE)
		jw_kstr(w, key, (struct str){ text, when_write(ms, text) });
}

void lead_json_id(struct jw *w, const char *key, struct id ulid)
{
	char text[ID_ULID];

	if (id_is_none(ulid))
		return;
	id_ulid(ulid, text);
	jw_kz(w, key, text);
}

const char *lead_json_verdict(enum lead_verdict v)
{
	static const char *const names[] = { NULL, "junk", "was_hot", "good" };

	return names[v];
}

bool lead_json_stale(const struct lead *l, const char *models)
{
	struct str rest = str_of(models), one;

	if (lead_stale(l) || models == NULL)
		return lead_stale(l);
	do {
		bool more = str_split(rest, ' ', &one, &rest);

		if (str_eq(one, str_of(l->score.model)))
			return false;
		if (!more)
			return true;
	} while (true);
}

struct str lead_json_attribute(const struct lead *l, const struct layout *layout, struct str header)
{
	ptrdiff_t i = layout == NULL ? -1 : layout_find(layout, header);

	/* A column that is ignored is kept for scoring, and shown to nobody. */
	if (i < 0 || layout->columns[i].use == LF_IGNORE)
		return S("");
	return cells_get(l->cells, (size_t)i);
}

/* --- its parts --- */

static bool wanted(const struct lead_json_opts *o, enum lead_field f)
{
	return o->fields == 0 || (o->fields & FIELD_BIT(f)) != 0;
}

static void put_values(struct jw *w, const struct lead *l, const struct lead_json_opts *o)
{
	const struct lead_values *v = &l->values;
	const struct {
		enum lead_field f;
		int64_t ms;
	} times[] = { { LF_CREATED_AT, v->created_ms },
		{ LF_LAST_ACTIVITY_AT, v->last_activity_ms }, { LF_OUTCOME_AT, v->outcome_ms } };

	for (int f = 0; f < LF_TEXTS; f++)
		if (v->text[f].n > 0 && wanted(o, (enum lead_field)f))
			jw_kstr(w, field_name((enum lead_field)f), v->text[f]);
	if (isfinite(v->value) && wanted(o, LF_VALUE))
		jw_knum(w, "value", v->value);
	if (wanted(o, LF_OUTCOME))
		jw_kz(w, "outcome", field_choice(LF_OUTCOME, v->outcome));
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++)
		if (wanted(o, times[i].f))
			lead_json_time(w, field_name(times[i].f), times[i].ms);
}

static void put_previous(struct jw *w, const struct lead_score *s)
{
	if (s->previous_ms == MS_NONE)
		return;
	jw_key(w, "previous");
	jw_obj(w);
	jw_kint(w, "score", s->previous_points);
	if (s->previous_heat < LEAD_NO_HEAT)
		jw_kz(w, "heat", field_choice(LF_HEAT, s->previous_heat));
	lead_json_time(w, "at", s->previous_ms);
	jw_end_obj(w);
}

static void put_score(struct jw *w, const struct lead *l, const struct lead_json_opts *o)
{
	const struct lead_score *s = &l->score;
	enum lead_heat heat = lead_heat(l);

	if (heat < LEAD_NO_HEAT)
		jw_kz(w, "heat", field_choice(LF_HEAT, heat));
	jw_kbool(w, "stale", lead_json_stale(l, o->model));
	if (s->model[0] == '\0')
		return;
	jw_kint(w, "score", s->points);
	jw_knum(w, "probability", s->probability);
	if (wanted(o, LF_CONFIDENCE))
		jw_knum(w, "confidence", s->confidence);
	if (o->fields == 0) {
		jw_key(w, "bands");
		jw_obj(w);
		for (unsigned h = 0; h < LEAD_NO_HEAT; h++)
			jw_knum(w, field_choice(LF_HEAT, h), s->bands[h]);
		jw_end_obj(w);
	}
	if (wanted(o, LF_MODEL))
		jw_kz(w, "model", s->model);
	if (wanted(o, LF_SCORED_AT))
		lead_json_time(w, "scored_at", s->scored_ms);
	put_previous(w, s);
}

static void put_mark(struct jw *w, const struct lead_mark *m, const char *note)
{
	lead_json_id(w, "by", m->by);
	lead_json_time(w, "at", m->at_ms);
	if (m->note.n > 0)
		jw_kstr(w, note, m->note);
	jw_end_obj(w);
}

static void put_marks(struct jw *w, const struct lead *l)
{
	if (l->override_heat < LEAD_NO_HEAT) {
		jw_key(w, "override");
		jw_obj(w);
		jw_kz(w, "heat", field_choice(LF_HEAT, l->override_heat));
		put_mark(w, &l->override_mark, "note");
	}
	if (l->verdict != LEAD_NO_VERDICT) {
		jw_key(w, "verdict");
		jw_obj(w);
		jw_kz(w, "verdict", lead_json_verdict(l->verdict));
		put_mark(w, &l->verdict_mark, "reason");
	}
}

static void put_attributes(struct jw *w, const struct lead *l, const struct lead_json_opts *o)
{
	struct str cell;

	jw_key(w, "attributes");
	jw_obj(w);
	for (size_t i = 0; o->attributes != NULL && i < o->n_attributes; i++) {
		cell = lead_json_attribute(l, o->layout, o->attributes[i].attribute);
		if (cell.n == 0)
			continue;
		jw_key_str(w, o->attributes[i].attribute);
		jw_str(w, cell);
	}
	for (size_t i = 0; o->attributes == NULL && i < o->layout->n; i++) {
		if (o->layout->columns[i].use != LF_ATTRIBUTE)
			continue;
		if ((cell = cells_get(l->cells, i)).n == 0)
			continue;
		jw_key_str(w, o->layout->columns[i].header);
		jw_str(w, cell);
	}
	jw_end_obj(w);
}

void lead_json(struct jw *w, const struct lead *l, const struct lead_json_opts *o)
{
	char hex[ID_HEX];

	id_hex(l->id, hex);
	jw_obj(w);
	jw_kz(w, "id", hex);
	jw_kint(w, "version", (int64_t)l->version);
	put_values(w, l, o);
	put_score(w, l, o);
	if (o->reason.n > 0)
		jw_kstr(w, "reason", o->reason);
	put_marks(w, l);
	if (wanted(o, LF_UPLOAD_ID))
		lead_json_id(w, "upload_id", l->upload);
	if (wanted(o, LF_INSERTED_AT))
		lead_json_time(w, "inserted_at", l->inserted_ms);
	if (wanted(o, LF_UPDATED_AT))
		lead_json_time(w, "updated_at", l->updated_ms);
	if (o->layout != NULL || o->attributes != NULL)
		put_attributes(w, l, o);
	jw_end_obj(w);
}
