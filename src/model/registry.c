/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/bundle.h"
#include "model/model.h"
#include "model/model_store.h"
#include "model/registry.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"

enum { STATE_FORMAT = 2, EVENTS_MAX = 100000, SEGMENT_MAX = 4000 };

/* state.json: every change of what is live, oldest first. What is live, and what rollback goes
 * back to, follows from it: publish puts a version on top of its segment's stack, rollback takes
 * one off. */
struct event {
	int64_t at;
	uint32_t version;
	bool rollback;
	char *segment; /* owned; "": all leads */
	size_t below;  /* index + 1 of the event that rollback of this one makes live; 0: none */
};

struct state {
	struct event *events;
	size_t n;
};

const char *version_state_name(enum version_state s)
{
	static const char *const names[] = { "draft", "published", "archived" };

	return names[s];
}

static void state_clear(struct state *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->events[i].segment);
	free(s->events);
	*s = (struct state){ 0 };
}

/* The publishing that is on top of a segment's stack, or NULL. */
static const struct event *state_top(const struct state *s, struct str segment)
{
	size_t top = 0, seen;

	/* The last event of the segment tells: a publishing is the top, a rollback uncovers. */
	for (seen = s->n; seen > 0; seen--)
		if (str_eq(str_of(s->events[seen - 1].segment), segment))
			break;
	if (seen != 0)
		top = s->events[seen - 1].rollback ? s->events[seen - 1].below : seen;
	return top == 0 ? NULL : &s->events[top - 1];
}

static uint32_t state_live(const struct state *s, struct str segment)
{
	const struct event *top = state_top(s, segment);

	return top == NULL ? 0 : top->version;
}

/* Room for one more event has been made. */
static int state_push(struct state *s, struct event ev, struct str segment, struct err *e)
{
	const struct event *top = state_top(s, segment);

	if (ev.rollback && top == NULL)
		return err_set(e, ERR_CONFIG, "it rolls back to nothing");
	/* Of a rollback: what is live now. Of a publishing: what is live when it is rolled back. */
	if (ev.rollback)
		ev.below = top->below;
	else
		ev.below = top == NULL ? 0 : (size_t)(top - s->events) + 1;
	if ((ev.segment = str_dup(segment)) == NULL)
		return err_nomem(e);
	s->events[s->n++] = ev;
	return 0;
}

static int event_read(struct state *s, const struct json *v, struct err *e)
{
	struct event ev = { 0 };
	struct str action, segment = json_str(json_get(v, "segment"), S(""));
	int64_t x;

	if (json_need_str(v, "action", &action, e) == -1 ||
		json_need_int(v, "version", 1, UINT32_MAX, &x, e) == -1)
		return -1;
	ev.version = (uint32_t)x;
	ev.at = json_int(json_get(v, "at"), 0);
	ev.rollback = str_eq(action, S("rollback"));
	if (!ev.rollback && !str_eq(action, S("publish")))
		return err_set(e, ERR_CONFIG, "it has an action \"" STR_FMT "\"", STR_ARG(action));
	if (segment.n > SEGMENT_MAX)
		return err_set(e, ERR_LIMIT, "it has a segment of %zu bytes", segment.n);
	return state_push(s, ev, segment, e);
}

/* Room for one more event than ${text} has. */
static int state_parse(struct str text, struct state *s, struct err *e)
{
	const struct json *events = NULL;
	struct json *doc = NULL;
	int64_t format;
	int rc = -1;
	size_t n = 0;

	*s = (struct state){ 0 };
	if (str_trim(text).n != 0) {
		if ((doc = json_parse(text, e)) == NULL)
			return -1;
		if (json_need_int(doc, "format", 1, STATE_FORMAT, &format, e) == -1 ||
			(events = json_need(doc, "events", J_ARR, e)) == NULL)
			goto done;
		if ((n = json_len(events)) > EVENTS_MAX) {
			err_set(e, ERR_LIMIT, "it has %zu events, the limit is %d", n, EVENTS_MAX);
			goto done;
		}
	}
	if ((s->events = calloc(n + 1, sizeof(*s->events))) == NULL) {
		err_nomem(e);
		goto done;
	}
	for (size_t i = 0; i < n; i++)
		if (event_read(s, json_at(events, i), e) == -1)
			goto done;
	rc = 0;
done:
	json_free(doc);
	if (rc == -1)
		state_clear(s);
	return rc;
}

/* An older program reads format 1, which knows no segments. */
static void state_write(const struct state *s, struct buf *b)
{
	struct jw w = { .b = b, .indent = 1 };
	uint32_t live = state_live(s, S(""));
	bool segments = false;

	for (size_t i = 0; i < s->n; i++)
		segments = segments || s->events[i].segment[0] != '\0';
	jw_obj(&w);
	jw_kint(&w, "format", segments ? STATE_FORMAT : 1);
	jw_key(&w, "live");
	if (live == 0)
		jw_null(&w);
	else
		jw_int(&w, live);
	jw_key(&w, "events");
	jw_arr(&w);
	for (size_t i = 0; i < s->n; i++) {
		const struct event *ev = &s->events[i];

		jw_obj(&w);
		jw_kint(&w, "at", ev->at);
		jw_kz(&w, "action", ev->rollback ? "rollback" : "publish");
		jw_kint(&w, "version", ev->version);
		if (ev->segment[0] != '\0')
			jw_kz(&w, "segment", ev->segment);
		jw_end_obj(&w);
	}
	jw_end_arr(&w);
	jw_end_obj(&w);
	buf_c(b, '\n');
}

static int state_read(struct model_store *st, struct state *s, struct err *e)
{
	struct buf b = { 0 };
	int rc = st->get_state(st->self, &b, e);

	if (rc == 0 && (rc = state_parse(buf_view(&b), s, e)) == -1) {
		err_prefix(e, "%s: state.json cannot be used: ", st->where(st->self));
		if (e != NULL && e->code != ERR_NOMEM)
			e->code = ERR_CONFIG;
	}
	buf_clear(&b);
	return rc;
}

static void state_of(const struct state *s, struct version_info *v)
{
	v->state = VERSION_DRAFT;
	for (size_t i = 0; i < s->n; i++) {
		const struct event *ev = &s->events[i];

		if (ev->version != v->number)
			continue;
		v->published = ev->at;
		if (v->state != VERSION_PUBLISHED)
			v->state = state_live(s, str_of(ev->segment)) == v->number
					   ? VERSION_PUBLISHED
					   : VERSION_ARCHIVED;
	}
}

/* The last event of each segment, in the order of their first: true when ${i} is the first. */
static bool segment_is_new(const struct state *s, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(s->events[k].segment, s->events[i].segment) == 0)
			return false;
	return true;
}

void registry_live_free(struct registry_slot *slots, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(slots[i].segment);
	free(slots);
}

static int add_slot(struct registry_slot *out, size_t *n, const struct state *s, struct str segment,
	struct err *e)
{
	uint32_t live = state_live(s, segment);

	if (live == 0)
		return 0;
	if ((out[*n].segment = str_dup(segment)) == NULL)
		return err_nomem(e);
	out[(*n)++].live = live;
	return 0;
}

int registry_live(struct model_store *st, struct registry_slot **out, size_t *n, struct err *e)
{
	struct state s = { 0 };
	int rc = -1;

	*out = NULL;
	*n = 0;
	if (state_read(st, &s, e) == -1)
		return -1;
	if ((*out = calloc(s.n + 1, sizeof(**out))) == NULL) {
		err_nomem(e);
		goto done;
	}
	for (size_t i = 0; i < s.n; i++)
		if (s.events[i].segment[0] != '\0' && segment_is_new(&s, i) &&
			add_slot(*out, n, &s, str_of(s.events[i].segment), e) == -1)
			goto done;
	rc = add_slot(*out, n, &s, S(""), e);
done:
	state_clear(&s);
	if (rc == -1) {
		registry_live_free(*out, *n);
		*out = NULL;
		*n = 0;
	}
	return rc;
}

int registry_list(struct model_store *st, struct version_info **out, size_t *n, struct err *e)
{
	struct state s = { 0 };
	uint32_t *numbers = NULL;
	int rc = -1;

	*out = NULL;
	*n = 0;
	if (st->list(st->self, &numbers, n, e) == -1 || state_read(st, &s, e) == -1)
		goto done;
	if ((*out = calloc(*n + 1, sizeof(**out))) == NULL) {
		err_nomem(e);
		goto done;
	}
	for (size_t i = 0; i < *n; i++) {
		struct version_info *v = &(*out)[i];
		struct err mine = { 0 };

		v->number = numbers[i];
		state_of(&s, v);
		if (model_created(st, v->number, &v->created, &mine) == -1)
			snprintf(v->problem, sizeof(v->problem), "%.255s", mine.msg);
	}
	rc = 0;
done:
	state_clear(&s);
	free(numbers);
	return rc;
}

int registry_parse(struct str name, uint32_t *number, struct err *e)
{
	uint64_t n = 0;

	if (name.n < 2 || name.n > 11 || (name.p[0] | 32) != 'v' || name.p[1] == '0')
		goto bad;
	for (size_t i = 1; i < name.n; i++) {
		if (name.p[i] < '0' || name.p[i] > '9')
			goto bad;
		n = n * 10 + (unsigned)(name.p[i] - '0');
	}
	if (n > UINT32_MAX)
		goto bad;
	*number = (uint32_t)n;
	return 0;
bad:
	return err_set(e, ERR_USAGE,
		"\"" STR_FMT "\" is no version; versions are called v1, v2 and so on",
		STR_ARG(str_sub(name, 0, 40)));
}

static bool has(const uint32_t *numbers, size_t n, uint32_t number)
{
	for (size_t i = 0; i < n; i++)
		if (numbers[i] == number)
			return true;
	return false;
}

int registry_pick(
	struct model_store *st, struct str name, uint32_t *number, bool *draft, struct err *e)
{
	struct version_info v = { 0 };
	struct state s = { 0 };
	uint32_t *numbers = NULL, live;
	size_t n = 0;
	int rc = -1;

	*draft = false;
	if (st->list(st->self, &numbers, &n, e) == -1 || state_read(st, &s, e) == -1)
		goto done;
	if (name.n != 0) {
		if (registry_parse(name, number, e) == -1)
			goto done;
		if (!has(numbers, n, *number)) {
			err_set(e, ERR_NOT_FOUND, "there is no model v%u in %s%s", *number,
				st->where(st->self), n == 0 ? "; train one first" : "");
			goto done;
		}
		v.number = *number;
		state_of(&s, &v);
		*draft = v.state == VERSION_DRAFT;
		rc = 1;
	} else if ((live = state_live(&s, S(""))) != 0) {
		*number = live;
		rc = 1;
		if (!has(numbers, n, *number))
			rc = err_set(e, ERR_CONFIG,
				"the published model v%u is not in %s any more; name another one "
				"with --model or publish one",
				*number, st->where(st->self));
	} else if (n != 0) {
		*number = numbers[n - 1];
		*draft = true;
		rc = 1;
	} else {
		rc = 0;
	}
done:
	state_clear(&s);
	free(numbers);
	return rc;
}

static int finish(void *arg, uint32_t version, struct model_files *fs, struct err *e)
{
	return model_manifest(fs, version, *(int64_t *)arg, e);
}

int registry_add(struct model_store *st, struct model_files *fs, int64_t created, uint32_t *number,
	struct err *e)
{
	return st->put(st->self, fs, finish, &created, number, e);
}

struct change {
	const char *where;
	int64_t now;
	uint32_t number; /* publish: which; rollback: 0, then what is live */
	bool rollback;
	struct str segment;
};

static int roll_back(struct state *s, struct change *c, struct err *e)
{
	const struct event *top = state_top(s, c->segment);

	if (top == NULL)
		return err_set(e, ERR_CONFLICT,
			"no model has been published%s, there is nothing to roll back",
			c->segment.n != 0 ? " for this segment" : "");
	if (top->below == 0 && c->segment.n == 0)
		return err_set(e, ERR_CONFLICT,
			"v%u is the first that was published, there is none before it to roll "
			"back to",
			top->version);
	c->number = top->below == 0 ? 0 : s->events[top->below - 1].version;
	/* Which is live then follows from the events; the number in it is for people. */
	return state_push(s,
		(struct event){ .at = c->now,
			.version = c->number != 0 ? c->number : top->version,
			.rollback = true },
		c->segment, e);
}

static int change(void *arg, struct str old, struct buf *now, struct err *e)
{
	struct change *c = arg;
	struct state s;
	int rc = 0;

	if (state_parse(old, &s, e) == -1)
		return err_prefix(e, "%s: state.json cannot be used: ", c->where);
	if (c->rollback)
		rc = roll_back(&s, c, e);
	else if (state_live(&s, c->segment) != c->number) /* else it changes nothing */
		rc = state_push(
			&s, (struct event){ .at = c->now, .version = c->number }, c->segment, e);
	if (rc == 0)
		state_write(&s, now);
	state_clear(&s);
	return rc;
}

int registry_publish_for(
	struct model_store *st, uint32_t number, struct str segment, int64_t now, struct err *e)
{
	struct change c = {
		.where = st->where(st->self), .now = now, .number = number, .segment = segment
	};

	if (segment.n > SEGMENT_MAX)
		return err_set(e, ERR_LIMIT, "a segment may have %d bytes, this one has %zu",
			SEGMENT_MAX, segment.n);
	/* A version that cannot be read must not become the live one. */
	if (registry_verify(st, number, e) == -1)
		return -1;
	return st->change_state(st->self, change, &c, e);
}

int registry_rollback_for(
	struct model_store *st, struct str segment, int64_t now, uint32_t *number, struct err *e)
{
	struct change c = {
		.where = st->where(st->self), .now = now, .rollback = true, .segment = segment
	};

	if (st->change_state(st->self, change, &c, e) == -1)
		return -1;
	*number = c.number;
	return 0;
}

int registry_publish(struct model_store *st, uint32_t number, int64_t now, struct err *e)
{
	return registry_publish_for(st, number, S(""), now, e);
}

int registry_rollback(struct model_store *st, int64_t now, uint32_t *number, struct err *e)
{
	return registry_rollback_for(st, S(""), now, number, e);
}

int registry_remove(struct model_store *st, uint32_t number, struct err *e)
{
	struct version_info v = { .number = number };
	struct state s;

	if (state_read(st, &s, e) == -1)
		return -1;
	state_of(&s, &v);
	state_clear(&s);
	if (v.state != VERSION_DRAFT)
		return err_set(e, ERR_CONFLICT,
			"v%u has been published: it stays, so that past scores can be explained",
			number);
	return st->remove(st->self, number, e);
}

int registry_verify(struct model_store *st, uint32_t number, struct err *e)
{
	struct model_files fs = { 0 };
	struct model *m = NULL;
	int rc = model_read_files(st, number, &fs, e);

	if (rc == 0 &&
		(m = model_unpack(&fs, MODEL_WITH_FOREST | MODEL_WITH_REPORT | MODEL_WITH_DONORS,
			 e)) == NULL)
		rc = err_prefix(e, "model v%u in %s cannot be used: ", number, st->where(st->self));
	model_free(m);
	model_files_clear(&fs);
	return rc;
}

/* --- one beside another --- */

static int load_holdout(struct model_store *st, uint32_t number, struct holdout *h, struct err *e)
{
	struct model_files fs = { 0 };
	const struct model_file *f;
	int rc = -1;

	*h = (struct holdout){ 0 };
	if (model_read_files(st, number, &fs, e) == 0) {
		if ((f = model_files_get(&fs, "holdout.bin")) == NULL)
			err_set(e, ERR_CONFIG, "model v%u has no holdout.bin to compare with",
				number);
		else if ((rc = holdout_read(f->bytes, h, e)) == -1)
			err_prefix(e, "model v%u: holdout.bin: ", number);
	}
	model_files_clear(&fs);
	return rc;
}

int registry_compare(struct model_store *st, uint32_t a, uint32_t b, struct holdout_compare *out,
	struct jw *list, struct err *e)
{
	struct model *ma = model_load(st, a, MODEL_TO_SCORE, e);
	struct model *mb = ma == NULL ? NULL : model_load(st, b, MODEL_TO_SCORE, e);
	struct holdout ha = { 0 }, hb = { 0 };
	int rc = -1;

	if (mb != NULL && load_holdout(st, a, &ha, e) == 0 && load_holdout(st, b, &hb, e) == 0) {
		struct holdout_side sa = { &ha, &ma->bands, ma->version };
		struct holdout_side sb = { &hb, &mb->bands, mb->version };

		rc = holdout_compare(&sa, &sb, 1, out, list, e);
	}
	holdout_clear(&ha);
	holdout_clear(&hb);
	model_free(ma);
	model_free(mb);
	return rc;
}

static void explain_gate(struct registry_gate *g, uint32_t number)
{
	const struct eval_value *v = &g->compare.figures.log_loss;

	g->open = !g->compare.worse;
	if (!g->compare.comparable)
		snprintf(g->why, sizeof(g->why),
			"v%u and v%u, the published one, share only %zu training rows with an "
			"outcome: "
			"they could not be compared",
			number, g->live, g->compare.shared);
	else
		snprintf(g->why, sizeof(g->why),
			"on the %zu training rows that v%u shares with v%u, the published one, its "
			"log "
			"loss is %.4f %s (95 %% interval %+.4f to %+.4f): %s",
			g->compare.shared, number, g->live, v->value < 0 ? -v->value : v->value,
			v->value < 0 ? "lower" : "higher", v->low, v->high,
			g->compare.worse    ? "it is worse"
			: g->compare.better ? "it is better"
					    : "it is not worse");
}

int registry_gate(struct model_store *st, uint32_t number, struct str segment,
	struct registry_gate *g, struct jw *list, struct err *e)
{
	struct state s;

	*g = (struct registry_gate){ .open = true };
	if (state_read(st, &s, e) == -1)
		return -1;
	g->live = state_live(&s, segment);
	g->has_live = g->live != 0 && g->live != number;
	state_clear(&s);
	if (!g->has_live)
		return 0;
	if (registry_compare(st, number, g->live, &g->compare, list, e) == -1)
		return -1;
	explain_gate(g, number);
	return 0;
}

/* --- in and out --- */

int registry_export(struct model_store *st, uint32_t number, struct buf *out, struct err *e)
{
	struct model_files fs = { 0 };
	int rc = model_read_files(st, number, &fs, e);

	if (rc == 0)
		rc = bundle_write(&fs, out, e);
	model_files_clear(&fs);
	return rc;
}

int registry_import(struct model_store *st, struct str bundle, uint32_t *number, struct err *e)
{
	struct model_files fs = { 0 };
	struct model *m = NULL;
	int64_t created;
	int rc = -1;

	if (bundle_read(bundle, &fs, e) == 0 && model_check_files(&fs, &created, e) == 0 &&
		(m = model_unpack(&fs, MODEL_WITH_FOREST | MODEL_WITH_REPORT | MODEL_WITH_DONORS,
			 e)) != NULL) {
		/* It gets a manifest with its number here. */
		model_files_remove(&fs, "manifest.json");
		rc = registry_add(st, &fs, created, number, e);
	}
	model_free(m);
	model_files_clear(&fs);
	return rc;
}
