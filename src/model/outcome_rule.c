/* SPDX-License-Identifier: Apache-2.0 */
/* From counted values and flags to a rule, and what a rule answers. */
#include "model/outcome.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "features/words.h"
#include "model/outcome_internal.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"

#define MOST_NOTES   8
#define MOST_SHOWN   12  /* values listed in a sentence */
#define MOST_SAVED   500 /* values kept in the model's file */
#define MOST_CLASSES 3

struct outcome_rule {
	struct outcome_counter *v; /* the values, with their class */
	struct str column;         /* owned, as the notes, by v->mem */
	uint32_t classes;
	int8_t others; /* class of a filled value that is not listed */
	bool yesno;    /* all values are yes/no words: any such word counts */
	uint64_t open;
	uint64_t total[MOST_CLASSES];
	char *notes[MOST_NOTES + 1];
	size_t n_notes;
};

static const char *const three[] = { "hot", "warm", "cold" };

void outcome_rule_free(struct outcome_rule *r)
{
	if (r == NULL)
		return;
	outcome_counter_free(r->v);
	free(r);
}

static struct outcome_rule *rule_new(struct str column, struct err *e)
{
	struct outcome_rule *r = calloc(1, sizeof(*r));

	if (r != NULL && (r->v = calloc(1, sizeof(*r->v))) != NULL) {
		char *name = arena_dup(&r->v->mem, column);

		r->classes = 2;
		r->others = OUTCOME_OPEN;
		r->column = str_of(name);
		if (name != NULL)
			return r;
	}
	outcome_rule_free(r);
	err_nomem(e);
	return NULL;
}

static void add_note(struct outcome_rule *r, struct buf *b)
{
	if (!b->failed && r->n_notes < MOST_NOTES) {
		char *note = arena_dup(&r->v->mem, buf_view(b));

		if (note != NULL)
			r->notes[r->n_notes++] = note;
	}
	buf_clear(b);
}

/* "'New' 812, 'Lost' 40, and 3 more": the most frequent first, those that ${pick} takes. */
static void list_values(
	struct buf *b, const struct outcome_counter *c, bool (*pick)(const struct outcome_value *v))
{
	uint64_t last_count = UINT64_MAX;
	size_t last = 0, shown = 0, left = 0;

	for (size_t i = 0; i < c->n; i++)
		left += c->values[i].count > 0 && pick(&c->values[i]);
	while (left > 0 && shown < MOST_SHOWN) {
		size_t best = c->n;

		for (size_t i = 0; i < c->n; i++) { /* next in order of count, then of appearance */
			const struct outcome_value *v = &c->values[i];

			if (v->count == 0 || !pick(v) || v->count > last_count ||
				(v->count == last_count && (shown > 0 && i <= last)))
				continue;
			if (best == c->n || v->count > c->values[best].count)
				best = i;
		}
		last = best;
		last_count = c->values[best].count;
		buf_fmt(b, "%s'" STR_FMT "' %llu", shown > 0 ? ", " : "",
			STR_ARG(words_clip(c->values[best].text, 40)),
			(unsigned long long)last_count);
		shown++;
		left--;
	}
	if (left > 0)
		buf_fmt(b, " and %zu more values", left);
}

static bool pick_filled(const struct outcome_value *v)
{
	return !words_nothing(v->text);
}

static bool pick_lost(const struct outcome_value *v)
{
	return v->cls == OUTCOME_LOST;
}

static bool pick_open_sounding(const struct outcome_value *v)
{
	return v->cls == OUTCOME_LOST && words_open(v->text);
}

static bool pick_nothing(const struct outcome_value *v)
{
	return v->cls == OUTCOME_OPEN && words_nothing(v->text);
}

/* ERR_INPUT: ${why}, then the values with their counts, then ${what_to_do}. */
static int fail_with_values(
	const struct outcome_rule *r, const char *why, const char *what_to_do, struct err *e)
{
	struct buf b = { 0 };

	list_values(&b, r->v, pick_filled);
	if (r->v->beyond > 0)
		buf_fmt(&b, " and %llu cells of further values", (unsigned long long)r->v->beyond);
	err_set(e, ERR_INPUT, "column '" STR_FMT "' %s%s" STR_FMT "; %s", STR_ARG(r->column), why,
		b.n > 0 ? ": " : "", STR_ARG(buf_view(&b)), what_to_do);
	buf_clear(&b);
	return -1;
}

/* The filled values that say something; at most ${max} of their indices. Returns how many. */
static size_t filled_values(const struct outcome_counter *c, size_t *index, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		if (c->values[i].count == 0 || words_nothing(c->values[i].text))
			continue;
		if (n < max)
			index[n] = i;
		n++;
	}
	return n + (c->beyond > 0);
}

/* Every value is a word for yes or no, and both sides occur. */
static bool all_yesno(const struct outcome_counter *c)
{
	bool yes = false, no = false;

	for (size_t i = 0; i < c->n; i++) {
		if (c->values[i].count == 0 || words_nothing(c->values[i].text))
			continue;
		if (c->values[i].yesno < 0)
			return false;
		yes |= c->values[i].yesno == 1;
		no |= c->values[i].yesno == 0;
	}
	return yes && no && c->beyond == 0;
}

static int fail_never_occurs(
	const struct outcome_rule *r, struct str want, const char *flag, struct err *e)
{
	struct str names[64];
	size_t n = 0;
	ptrdiff_t near;
	char why[200], hint[120] = "give one of these";

	for (size_t i = 0; i < r->v->n && n < 64; i++) {
		if (r->v->values[i].count > 0)
			names[n++] = r->v->values[i].text;
	}
	if (n == 0)
		snprintf(hint, sizeof(hint), "it is empty in every row");
	else if ((near = outcome_nearest(names, n, want)) >= 0)
		snprintf(hint, sizeof(hint), "did you mean '" STR_FMT "'?",
			STR_ARG(words_clip(names[near], 60)));
	snprintf(why, sizeof(why), "never has the value '" STR_FMT "' given with --%s",
		STR_ARG(words_clip(want, 80)), flag);
	return fail_with_values(r, why, hint, e);
}

/* set_value(r, want, cls, e): give the values that ${want} names their class; how many there are,
 * -1 when one has another class already. Another spelling of yes or no is understood when the
 * column has no doubt about it. */
static int set_value(struct outcome_rule *r, struct str want, int8_t cls, struct err *e)
{
	char buf[OUTCOME_KEY_MAX];
	struct map_entry *entry = map_get(&r->v->map, outcome_key(want, buf));
	int yes = words_yesno(want);
	size_t spellings = 0;
	int found = 0;
	bool exact = entry != NULL && r->v->values[entry->value].count > 0;

	for (size_t i = 0; i < r->v->n; i++)
		spellings += yes >= 0 && r->v->values[i].count > 0 && r->v->values[i].yesno == yes;
	for (size_t i = 0; i < r->v->n; i++) {
		struct outcome_value *v = &r->v->values[i];
		bool same = exact && entry->value == i;
		bool word = yes >= 0 && v->yesno == yes && (r->yesno || (!exact && spellings == 1));

		if (v->count == 0 || (!same && !word))
			continue;
		if (v->cls != OUTCOME_OPEN && v->cls != cls)
			return err_set(e, ERR_INPUT, "'" STR_FMT "' is given as won and as lost",
				STR_ARG(v->text));
		v->cls = cls;
		found++;
	}
	return found;
}

static void sum_up(struct outcome_rule *r)
{
	uint64_t labelled = 0;

	memset(r->total, 0, sizeof(r->total));
	for (size_t i = 0; i < r->v->n; i++) {
		const struct outcome_value *v = &r->v->values[i];

		if (v->cls != OUTCOME_OPEN)
			r->total[v->cls] += v->count;
	}
	if (r->others != OUTCOME_OPEN)
		r->total[r->others] += r->v->beyond;
	for (size_t k = 0; k < MOST_CLASSES; k++)
		labelled += r->total[k];
	r->open = r->v->rows - labelled;
}

static int check_sides(const struct outcome_rule *r, struct err *e)
{
	if (r->classes == 3)
		return 0;
	if (r->total[OUTCOME_WON] == 0)
		return fail_with_values(
			r, "has no won lead", "nothing can be learned without both outcomes", e);
	if (r->total[OUTCOME_LOST] == 0)
		return fail_with_values(r, "has no lost lead",
			"nothing can be learned without both outcomes; open leads do not count as "
			"lost, "
			"name the lost values with --lost",
			e);
	return 0;
}

/* --won alone: what else is filled is lost, and what sounds open is pointed out. */
static void others_are_lost(struct outcome_rule *r)
{
	struct buf b = { 0 }, open = { 0 };

	r->others = OUTCOME_LOST;
	for (size_t i = 0; i < r->v->n; i++) {
		struct outcome_value *v = &r->v->values[i];

		if (v->cls == OUTCOME_OPEN && !words_nothing(v->text))
			v->cls = OUTCOME_LOST;
	}
	buf_z(&b, "no --lost was given, so every other filled value counts as lost: ");
	list_values(&b, r->v, pick_lost);
	add_note(r, &b);
	list_values(&open, r->v, pick_open_sounding);
	if (open.n > 0) {
		buf_fmt(&b,
			"warning: " STR_FMT
			" sound open, not lost; leads still being worked would be "
			"learned as lost: name the lost values with --lost, and the rest stays "
			"open",
			STR_ARG(buf_view(&open)));
		add_note(r, &b);
	}
	buf_clear(&open);
}

static int by_flags(struct outcome_rule *r, const struct outcome_opts *o, struct err *e)
{
	size_t two[3], n, never = 0;

	r->yesno = all_yesno(r->v);
	for (size_t i = 0; i < o->n_won + o->n_lost; i++) {
		bool won = i < o->n_won;
		struct str v = won ? o->won[i] : o->lost[i - o->n_won];
		int found = set_value(r, v, won ? OUTCOME_WON : OUTCOME_LOST, e);

		if (found < 0)
			return -1;
		never += found == 0;
		/* A file to evaluate may lack one side, but not both. */
		if (found == 0 && (o->like == NULL || never == o->n_won + o->n_lost))
			return fail_never_occurs(r, v, won ? "won" : "lost", e);
	}
	if (o->n_lost == 0) {
		others_are_lost(r);
	} else if (o->n_won == 0) { /* --lost alone: fine when one value is left */
		n = filled_values(r->v, two, 2);
		if (n != 2 || (r->v->values[two[0]].cls == r->v->values[two[1]].cls))
			return fail_with_values(r,
				"has more than one value beside those given as lost",
				"name the won ones with --won VALUE", e);
		for (size_t i = 0; i < 2; i++) {
			if (r->v->values[two[i]].cls == OUTCOME_OPEN)
				r->v->values[two[i]].cls = OUTCOME_WON;
		}
	}
	return 0;
}

/* Which of two values is the won one: 0 or 1, -1 when it cannot be told. */
static int won_of_two(const struct outcome_value *a, const struct outcome_value *b)
{
	enum words_side sa = words_side(a->text), sb = words_side(b->text);
	char *end_a, *end_b;
	double x, y;

	if (a->yesno >= 0 && b->yesno >= 0 && a->yesno != b->yesno)
		return a->yesno == 1 ? 0 : 1;
	x = strtod(a->key.p, &end_a);
	y = strtod(b->key.p, &end_b);
	if (*end_a == '\0' && *end_b == '\0') /* 0 and 100, -1 and 1: yes is the larger one */
		return (x <= 0 && y > 0) ? 1 : (y <= 0 && x > 0) ? 0 : -1;
	if (sa == SIDE_WON && sb != SIDE_WON)
		return words_open(b->text) ? -1 : 0;
	if (sb == SIDE_WON && sa != SIDE_WON)
		return words_open(a->text) ? -1 : 1;
	/* "subscribed" and "not subscribed", whatever the word is. */
	if (a->key.n > b->key.n && str_ends(a->key, b->key) && sa != SIDE_WON)
		return a->key.n - b->key.n <= 6 ? 1 : -1;
	if (b->key.n > a->key.n && str_ends(b->key, a->key) && sb != SIDE_WON)
		return b->key.n - a->key.n <= 6 ? 0 : -1;
	return -1;
}

static bool three_labels(struct outcome_rule *r, const size_t *index)
{
	int seen = 0;

	for (size_t i = 0; i < 3; i++) {
		int k = words_label(r->v->values[index[i]].text);

		if (k < 0 || (seen & (1 << k)))
			return false;
		seen |= 1 << k;
	}
	for (size_t i = 0; i < 3; i++)
		r->v->values[index[i]].cls = (int8_t)words_label(r->v->values[index[i]].text);
	r->classes = 3;
	return true;
}

static int two_values(struct outcome_rule *r, const size_t *index, struct err *e)
{
	struct outcome_value *a = &r->v->values[index[0]], *b = &r->v->values[index[1]];
	int won = won_of_two(a, b);

	if (won < 0) {
		char hint[300];

		snprintf(hint, sizeof(hint),
			"say which one is won: --won '" STR_FMT "' or --won '" STR_FMT "'",
			STR_ARG(words_clip(a->text, 80)), STR_ARG(words_clip(b->text, 80)));
		return fail_with_values(
			r, "has two values, and which one is won cannot be told", hint, e);
	}
	a->cls = won == 0 ? OUTCOME_WON : OUTCOME_LOST;
	b->cls = won == 0 ? OUTCOME_LOST : OUTCOME_WON;
	r->yesno = a->yesno >= 0 && b->yesno >= 0;
	return 0;
}

/* The flags that are probably meant, from the words of the values. */
static void suggest_flags(const struct outcome_rule *r, struct buf *b)
{
	static const char *const flag[] = { "--won", "--lost" };

	buf_z(b, "say which ones are won and which are lost: ");
	for (int k = 0; k < 2; k++) {
		bool any = false;

		for (size_t i = 0; i < r->v->n && b->n < 300; i++) {
			const struct outcome_value *v = &r->v->values[i];

			if (v->count == 0 || words_open(v->text) ||
				words_side(v->text) != (k == 0 ? SIDE_WON : SIDE_LOST))
				continue;
			buf_fmt(b, "%s '" STR_FMT "' ", flag[k], STR_ARG(words_clip(v->text, 40)));
			any = true;
		}
		if (!any)
			buf_fmt(b, "%s VALUE ", flag[k]);
	}
	buf_z(b, "(each may be repeated; every other value stays open)");
}

static int by_values(struct outcome_rule *r, struct err *e)
{
	size_t index[3], n = filled_values(r->v, index, 3);
	struct buf b = { 0 };

	if (n == 0)
		return err_set(e, ERR_INPUT,
			"column '" STR_FMT
			"' is empty in all %llu rows: there is no outcome to learn from",
			STR_ARG(r->column), (unsigned long long)r->v->rows);
	if (n == 1)
		return fail_with_values(
			r, "has only one value", "nothing can be learned without both outcomes", e);
	if (n == 2 && r->v->beyond == 0)
		return two_values(r, index, e);
	if (all_yesno(r->v)) { /* "1", "true", "yes" and their opposites, mixed */
		r->yesno = true;
		for (size_t i = 0; i < r->v->n; i++) {
			if (r->v->values[i].yesno >= 0)
				r->v->values[i].cls = r->v->values[i].yesno;
		}
		return 0;
	}
	if (n == 3 && r->v->beyond == 0 && three_labels(r, index))
		return 0;
	suggest_flags(r, &b);
	buf_c(&b, '\0');
	fail_with_values(r, "has more than two values", b.failed ? "use --won and --lost" : b.p, e);
	buf_clear(&b);
	return -1;
}

/* Copy what was counted, so that the rule stands on its own. */
static int copy_values(struct outcome_rule *r, const struct outcome_counter *c, struct err *e)
{
	for (size_t i = 0; i < c->n; i++) {
		struct outcome_value *v =
			outcome_counter_value(r->v, c->values[i].key, c->values[i].text);

		if (v == NULL)
			return err_nomem(e);
		v->count = c->values[i].count;
	}
	r->v->rows = c->rows;
	r->v->blank = c->blank;
	r->v->beyond = c->beyond;
	return 0;
}

/* Take over the rule of a model when a value of it occurs; false when none does. */
static bool by_model(struct outcome_rule *r, const struct outcome_rule *like)
{
	size_t named = 0;

	for (size_t i = 0; i < r->v->n; i++) {
		struct outcome_value *v = &r->v->values[i];
		struct map_entry *entry = map_get(&like->v->map, v->key);

		v->cls = outcome_label(like, v->text);
		named += v->count > 0 && v->cls != OUTCOME_OPEN &&
			 ((entry != NULL && like->v->values[entry->value].cls != OUTCOME_OPEN) ||
				 (like->yesno && v->yesno >= 0));
	}
	if (named == 0) {
		for (size_t i = 0; i < r->v->n; i++)
			r->v->values[i].cls = OUTCOME_OPEN;
		return false;
	}
	r->classes = like->classes;
	r->others = like->others;
	r->yesno = like->yesno;
	return true;
}

/* The model's values that this file lacks stay known, so that saving and labelling agree. */
static int keep_model_values(struct outcome_rule *r, const struct outcome_rule *like, struct err *e)
{
	for (size_t i = 0; i < like->v->n; i++) {
		const struct outcome_value *m = &like->v->values[i];
		bool had = map_get(&r->v->map, m->key) != NULL;
		struct outcome_value *v = outcome_counter_value(r->v, m->key, m->text);

		if (v == NULL)
			return err_nomem(e);
		if (!had)
			v->cls = m->cls;
	}
	return 0;
}

struct outcome_rule *outcome_resolve(
	const struct outcome_counter *c, const struct outcome_opts *o, struct err *e)
{
	struct outcome_rule *r = rule_new(o->column, e);
	struct buf b = { 0 };
	int failed;

	if (r == NULL)
		return NULL;
	failed = copy_values(r, c, e);
	if (failed == 0) {
		if (o->n_won + o->n_lost > 0) {
			failed = by_flags(r, o, e);
		} else if (o->like != NULL && by_model(r, o->like)) {
			failed = keep_model_values(r, o->like, e);
		} else {
			failed = by_values(r, e);
		}
	}
	if (failed == 0) {
		sum_up(r);
		failed = o->like != NULL ? 0 : check_sides(r, e);
	}
	if (failed != 0) {
		outcome_rule_free(r);
		return NULL;
	}
	list_values(&b, r->v, pick_nothing);
	if (b.n > 0)
		buf_z(&b, " say nothing about the outcome: such leads stay open");
	if (b.n > 0)
		add_note(r, &b);
	buf_clear(&b);
	return r;
}

int8_t outcome_label(const struct outcome_rule *r, struct str cell)
{
	char buf[OUTCOME_KEY_MAX];
	struct str key = outcome_key(cell, buf);
	struct map_entry *entry;
	int yes;

	if (key.n == 0)
		return OUTCOME_OPEN;
	if ((entry = map_get(&r->v->map, key)) != NULL)
		return r->v->values[entry->value].cls;
	if (r->yesno && (yes = words_yesno(cell)) >= 0)
		return (int8_t)yes;
	return r->others == OUTCOME_OPEN || words_nothing(cell) ? OUTCOME_OPEN : r->others;
}

uint32_t outcome_classes(const struct outcome_rule *r)
{
	return r->classes;
}

struct str outcome_column(const struct outcome_rule *r)
{
	return r->column;
}

uint64_t outcome_total(const struct outcome_rule *r, int label)
{
	return label < 0 ? r->open : label < MOST_CLASSES ? r->total[label] : 0;
}

const char *outcome_note(const struct outcome_rule *r, size_t i)
{
	return i < r->n_notes ? r->notes[i] : NULL;
}

/* "Won or Signed": the values of a class, the most frequent few. Returns how many there are. */
static size_t describe_class(const struct outcome_rule *r, int8_t cls, struct buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < r->v->n; i++) {
		const struct outcome_value *v = &r->v->values[i];

		if (v->cls != cls)
			continue;
		if (n < 6)
			buf_fmt(b, "%s" STR_FMT, n > 0 ? " or " : "",
				STR_ARG(words_clip(v->text, 60)));
		n++;
	}
	if (n > 6)
		buf_fmt(b, " or %zu more values", n - 6);
	if (n == 0)
		buf_z(b, "no value of this file");
	return n;
}

void outcome_describe(const struct outcome_rule *r, struct buf *b)
{
	if (r->classes == 3) {
		buf_fmt(b, "three labels of " STR_FMT ": ", STR_ARG(r->column));
		for (int8_t k = 0; k < 3; k++) {
			buf_fmt(b, "%s%s = ", k > 0 ? "; " : "", three[k]);
			describe_class(r, k, b);
		}
	} else {
		buf_fmt(b, "won = " STR_FMT " is ", STR_ARG(r->column));
		describe_class(r, OUTCOME_WON, b);
		buf_z(b, "; lost = ");
		if (r->others == OUTCOME_LOST)
			buf_z(b, "every other filled value");
		else
			describe_class(r, OUTCOME_LOST, b);
	}
	buf_fmt(b, "; %llu open", (unsigned long long)r->open);
}

static const char *class_name(const struct outcome_rule *r, int8_t cls)
{
	if (cls == OUTCOME_OPEN)
		return "open";
	return r->classes == 3 ? three[cls] : cls == OUTCOME_WON ? "won" : "lost";
}

void outcome_write(const struct outcome_rule *r, struct jw *w)
{
	size_t saved = 0;

	jw_obj(w);
	jw_kstr(w, "column", r->column);
	jw_kint(w, "classes", r->classes);
	jw_kz(w, "other_values", class_name(r, r->others));
	jw_kbool(w, "yes_no", r->yesno);
	jw_kint(w, "open", (int64_t)r->open);
	jw_key(w, "totals");
	jw_arr(w);
	for (uint32_t k = 0; k < r->classes; k++)
		jw_int(w, (int64_t)r->total[k]);
	jw_end_arr(w);
	jw_key(w, "values");
	jw_arr(w);
	for (size_t i = 0; i < r->v->n; i++) {
		const struct outcome_value *v = &r->v->values[i];

		/* What follows from other_values need not be kept in full. */
		if (v->cls == r->others && !words_nothing(v->text) && saved++ >= MOST_SAVED)
			continue;
		jw_obj(w);
		jw_kstr(w, "value", v->text);
		jw_kz(w, "class", class_name(r, v->cls));
		jw_kint(w, "count", (int64_t)v->count);
		jw_end_obj(w);
	}
	jw_end_arr(w);
	jw_end_obj(w);
}

static int read_class(const struct outcome_rule *r, struct str name, int8_t *cls, struct err *e)
{
	for (int8_t k = OUTCOME_OPEN; k < (int8_t)r->classes; k++) {
		if (str_eq(name, str_of(class_name(r, k)))) {
			*cls = k;
			return 0;
		}
	}
	return err_set(e, ERR_INPUT, "the outcome rule has the unknown class '" STR_FMT "'",
		STR_ARG(words_clip(name, 40)));
}

static int read_values(struct outcome_rule *r, const struct json *values, struct err *e)
{
	for (size_t i = 0; i < json_len(values); i++) {
		const struct json *item = json_at(values, i);
		char buf[OUTCOME_KEY_MAX];
		struct outcome_value *v;
		struct str text, cls;
		int64_t count;

		if (json_need_str(item, "value", &text, e) != 0 ||
			json_need_str(item, "class", &cls, e) != 0 ||
			json_need_int(item, "count", 0, INT64_MAX, &count, e) != 0)
			return -1;
		v = outcome_counter_value(r->v, outcome_key(text, buf), text);
		if (v == NULL)
			return err_nomem(e);
		v->count = (uint64_t)count;
		if (read_class(r, cls, &v->cls, e) != 0)
			return -1;
	}
	return 0;
}

struct outcome_rule *outcome_read(const struct json *v, struct err *e)
{
	const struct json *values, *totals;
	struct outcome_rule *r;
	struct str column, others;
	int64_t n;

	if (json_need_str(v, "column", &column, e) != 0 || (r = rule_new(column, e)) == NULL)
		return NULL;
	if (json_need_int(v, "classes", 2, MOST_CLASSES, &n, e) != 0)
		goto fail;
	r->classes = (uint32_t)n;
	if (json_need_str(v, "other_values", &others, e) != 0 ||
		read_class(r, others, &r->others, e) != 0 ||
		json_need_int(v, "open", 0, INT64_MAX, &n, e) != 0 ||
		(totals = json_need(v, "totals", J_ARR, e)) == NULL ||
		(values = json_need(v, "values", J_ARR, e)) == NULL)
		goto fail;
	r->open = (uint64_t)n;
	r->yesno = json_bool(json_get(v, "yes_no"), false) && r->classes == 2;
	for (uint32_t k = 0; k < r->classes; k++) {
		int64_t count = json_int(json_at(totals, k), 0);

		r->total[k] = count > 0 ? (uint64_t)count : 0;
	}
	if (read_values(r, values, e) == 0)
		return r;
fail:
	outcome_rule_free(r);
	return NULL;
}
