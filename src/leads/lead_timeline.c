/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "leads/lead_json.h"
#include "leads/lead_timeline.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/err.h"
#include "util/json.h"

enum { MOST = 1000 };

struct moments {
	const struct lead_timeline_opts *o;
	const struct lead *l;
	struct lead_moment *m;
	size_t n, cap;
};

static struct lead_moment *add(struct moments *t, int64_t at_ms, const char *kind)
{
	struct lead_moment *more;

	if (t->n == t->cap) {
		t->cap = t->cap == 0 ? 64 : t->cap * 2;
		if ((more = arena_array(t->o->arena, t->cap, sizeof(*more))) == NULL)
			return NULL;
		if (t->n > 0)
			memcpy(more, t->m, t->n * sizeof(*more));
		t->m = more;
	}
	more = &t->m[t->n++];
	*more = (struct lead_moment){ .at_ms = at_ms, .kind = kind };
	return more;
}

static struct str copy(struct arena *a, const char *text)
{
	return (struct str){ arena_dup(a, str_of(text)), strlen(text) };
}

static const char *kind_of(struct str kind)
{
	static const char *const kinds[] = { "created", "updated", "scored", "band", "outcome",
		"override", "verdict", "note", "undo", "owner" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (str_eq(kind, str_of(kinds[i])))
			return kinds[i];
	return "updated";
}

static int add_events(struct moments *t, bool *told_creation, struct err *e)
{
	struct store *s = t->o->store;
	struct event *events;
	struct str next;
	size_t n;

	if (s->events->list(s, t->l->id, MOST, S(""), t->o->arena, &events, &n, &next, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct lead_moment *m = add(t, events[i].at_ms, kind_of(events[i].kind));

		if (m == NULL)
			return err_nomem(e);
		id_ulid(events[i].id, m->id);
		m->by = events[i].by;
		m->text = events[i].text;
		m->data = events[i].data;
		*told_creation |= strcmp(m->kind, "created") == 0;
	}
	return 0;
}

static int add_notes(struct moments *t, struct err *e)
{
	struct store *s = t->o->store;
	struct note *notes;
	size_t n;

	if (s->notes->list(s, t->l->id, t->o->arena, &notes, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct lead_moment *m = add(t, notes[i].created_ms, "note");

		if (m == NULL)
			return err_nomem(e);
		id_ulid(notes[i].id, m->id);
		m->by = notes[i].by;
		m->text = notes[i].text;
	}
	return 0;
}

/* Versions that uploads made: people's own changes are events. */
static int add_versions(struct moments *t, bool told_creation, struct err *e)
{
	struct store *s = t->o->store;
	const struct lead *newer = t->l, *first = t->l;
	struct lead_version *v;
	struct lead_moment *m;
	size_t n;

	if (s->leads->history(s, t->l->id, t->o->arena, &v, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++, newer = first) {
		first = &v[i].lead;
		if (id_is_none(v[i].upload))
			continue;
		if ((m = add(t, v[i].until_ms, "updated")) == NULL)
			return err_nomem(e);
		snprintf(m->id, sizeof(m->id), "v%llu", (unsigned long long)newer->version);
		m->upload = v[i].upload;
		m->text = S("Updated by an upload");
	}
	if (told_creation || first->version != 1)
		return 0;
	if ((m = add(t, t->l->inserted_ms, "created")) == NULL)
		return err_nomem(e);
	snprintf(m->id, sizeof(m->id), "v1");
	m->upload = first->upload;
	m->text = id_is_none(first->upload) ? S("Added") : S("Came with an upload");
	return 0;
}

static int add_scores(struct moments *t, struct err *e)
{
	struct store *s = t->o->store;
	const struct lead_score *after = &t->l->score;
	struct past_score *past;
	size_t n;

	if (s->leads->scores(s, t->l->id, t->o->arena, &past, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; after = &past[i++].score) {
		const struct lead_score *was = &past[i].score;
		bool band = was->heat != after->heat;
		char text[120];
		struct lead_moment *m;

		if (was->points == after->points && !band)
			continue;
		if ((m = add(t, past[i].until_ms, band ? "band" : "scored")) == NULL)
			return err_nomem(e);
		snprintf(m->id, sizeof(m->id), "s%llu", (unsigned long long)(n - i));
		snprintf(text, sizeof(text), "Score %d to %d%s%s%s%s", was->points, after->points,
			band ? ", " : "", band ? field_choice(LF_HEAT, was->heat) : "",
			band ? " to " : "", band ? field_choice(LF_HEAT, after->heat) : "");
		if ((m->text = copy(t->o->arena, text)).p == NULL)
			return err_nomem(e);
	}
	return 0;
}

static int newest_first(const void *a, const void *b)
{
	const struct lead_moment *x = a, *y = b;

	if (x->at_ms != y->at_ms)
		return x->at_ms > y->at_ms ? -1 : 1;
	return strcmp(y->id, x->id);
}

/* A cursor is the last moment that was given: its time and id. */
static int behind_cursor(const struct moments *t, size_t *from, struct err *e)
{
	struct lead_moment last = { 0 };
	struct str c = t->o->cursor;

	*from = 0;
	if (c.n == 0)
		return 0;
	if (c.n < 9 || c.n >= 8 + sizeof(last.id))
		return err_set(e, ERR_INPUT, "not a cursor of this list");
	memcpy(&last.at_ms, c.p, 8);
	memcpy(last.id, c.p + 8, c.n - 8);
	while (*from < t->n && newest_first(&t->m[*from], &last) <= 0)
		++*from;
	return 0;
}

static int next_cursor(const struct moments *t, size_t at, struct str *next, struct err *e)
{
	char *p;

	*next = S("");
	if (at >= t->n || at == 0)
		return 0;
	next->n = 8 + strlen(t->m[at - 1].id);
	if ((p = arena_alloc(t->o->arena, next->n)) == NULL)
		return err_nomem(e);
	memcpy(p, &t->m[at - 1].at_ms, 8);
	memcpy(p + 8, t->m[at - 1].id, next->n - 8);
	next->p = p;
	return 0;
}

int lead_timeline(const struct lead_timeline_opts *o, const struct lead *l,
	struct lead_moment **out, size_t *n, struct str *next, struct err *e)
{
	struct moments t = { .o = o, .l = l };
	bool told_creation = false;
	size_t from;

	if (add_events(&t, &told_creation, e) == -1 || add_notes(&t, e) == -1 ||
		add_versions(&t, told_creation, e) == -1 || add_scores(&t, e) == -1)
		return -1;
	if (t.n > 0)
		qsort(t.m, t.n, sizeof(*t.m), newest_first);
	if (behind_cursor(&t, &from, e) == -1)
		return -1;
	*out = t.m + from;
	*n = t.n - from < o->limit ? t.n - from : o->limit;
	return next_cursor(&t, from + *n, next, e);
}

void lead_moment_json(struct jw *w, const struct lead_moment *m)
{
	jw_obj(w);
	jw_kz(w, "id", m->id);
	lead_json_time(w, "at", m->at_ms);
	jw_kz(w, "kind", m->kind);
	lead_json_id(w, "by", m->by);
	lead_json_id(w, "upload_id", m->upload);
	jw_kstr(w, "text", m->text);
	jw_end_obj(w);
}
