/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "leads/bulk_internal.h"
#include "util/arena.h"

const char *const bulk_action_names[BULK_ACTIONS] = { "owner", "tag", "untag", "outcome",
	"override", "verdict", "rescore", "delete" };

/* --- tags: several in one text --- */

static char separator(struct str tags)
{
	return str_chr(tags, ';') >= 0 ? ';' : ',';
}

static bool has_tag(struct str tags, struct str tag)
{
	struct str one;
	char sep = separator(tags);
	bool more = tags.n > 0;

	while (more) {
		more = str_split(tags, sep, &one, &tags);
		if (str_eqi(str_trim(one), tag))
			return true;
	}
	return false;
}

static struct str with_tag(struct str tags, struct str tag, struct arena *a)
{
	char *p = arena_alloc(a, tags.n + tag.n + 3);
	size_t n = 0;

	if (p == NULL)
		return tags;
	if (tags.n > 0) {
		memcpy(p, tags.p, tags.n);
		n = tags.n;
		p[n++] = separator(tags);
		p[n++] = ' ';
	}
	memcpy(p + n, tag.p, tag.n);
	return (struct str){ p, n + tag.n };
}

static struct str without_tag(struct str tags, struct str tag, struct arena *a)
{
	char sep = separator(tags), *p = arena_alloc(a, tags.n + 1);
	struct str one;
	size_t n = 0;
	bool more = tags.n > 0;

	while (p != NULL && more) {
		more = str_split(tags, sep, &one, &tags);
		one = str_trim(one);
		if (str_eqi(one, tag) || one.n == 0)
			continue;
		if (n > 0) {
			p[n++] = sep;
			p[n++] = ' ';
		}
		memcpy(p + n, one.p, one.n);
		n += one.n;
	}
	return (struct str){ p, n };
}

/* --- the change --- */

static bool change_text(
	struct lead_change *c, const struct lead *l, enum lead_field f, struct str to)
{
	c->fields = FIELD_BIT(f);
	c->values.text[f] = to;
	return !str_eq(l->values.text[f], to);
}

static bool change_outcome(struct lead_change *c, const struct lead *l, int code)
{
	c->fields = FIELD_BIT(LF_OUTCOME) | FIELD_BIT(LF_OUTCOME_AT);
	c->values.outcome = (enum lead_outcome)code;
	c->values.outcome_ms = code == LEAD_OPEN ? MS_NONE : c->now_ms;
	return l->values.outcome != c->values.outcome;
}

static bool change_marks(struct lead_change *c, const struct lead *l, const struct bulk_what *w)
{
	c->set_override = w->action == BULK_OVERRIDE;
	c->set_verdict = w->action == BULK_VERDICT;
	c->override_heat = c->set_override ? (enum lead_heat)w->code : l->override_heat;
	c->verdict = c->set_verdict ? (enum lead_verdict)w->code : l->verdict;
	return c->override_heat != l->override_heat || c->verdict != l->verdict;
}

bool bulk_change(const struct bulk_what *w, const struct lead *l, int64_t now_ms, struct arena *a,
	struct lead_change *c, struct event *event)
{
	static const char *const kinds[] = { "owner", "updated", "updated", "outcome", "override",
		"verdict" };
	static const char *const texts[] = { "Owner changed with others", "Tagged with others",
		"Tag removed with others", "Outcome set with others", "Heat set with others",
		"Verdict given with others" };
	struct str tags = l->values.text[LF_TAGS];

	*c = (struct lead_change){ .by = w->by, .now_ms = now_ms };
	lead_values_none(&c->values);
	*event = (struct event){ .id = id_new(),
		.lead = l->id,
		.at_ms = now_ms,
		.by = w->by,
		.kind = str_of(kinds[w->action]),
		.text = str_of(texts[w->action]) };
	c->event = event;
	switch (w->action) {
	case BULK_OWNER:
		return change_text(c, l, LF_OWNER, w->text);
	case BULK_TAG:
		return !has_tag(tags, w->text) &&
		       change_text(c, l, LF_TAGS, with_tag(tags, w->text, a));
	case BULK_UNTAG:
		return has_tag(tags, w->text) &&
		       change_text(c, l, LF_TAGS, without_tag(tags, w->text, a));
	case BULK_OUTCOME:
		return change_outcome(c, l, w->code);
	default:
		return change_marks(c, l, w);
	}
}
