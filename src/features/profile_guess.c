/* SPDX-License-Identifier: Apache-2.0 */
/* What was counted in a column becomes its kind, samples, formats and verdict. Thresholds are
 * shares of filled cells; they leave room for some bad cells. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "features/headers.h"
#include "features/profile_internal.h"
#include "util/err.h"

#define ENOUGH 20 /* rows below which values alone prove no identifier */

static double share(uint64_t part, uint64_t whole)
{
	return whole != 0 ? (double)part / (double)whole : 0;
}

/* ---- numbers that mean "missing" ---- */

/* 999 far above all else, -1 where all else is zero or more: a code, when it is frequent. */
static bool detached(const struct reading *r, double x)
{
	double lo = r->plain.min, hi = r->plain.max, span = hi - lo;

	if (!(lo <= hi))
		return false;
	if (x == -1)
		return lo >= 0 && r->fractions == 0;
	if (x < 0)
		return lo >= 0 || lo - x > 3 * span + 3;
	return x - hi > 3 * span + 3 && x >= 99;
}

void profile_sentinels(const struct acc *a, struct column *c)
{
	const struct reading *r = &a->number[c->format.mark == MARK_COMMA];
	double x;

	c->n_sentinels = 0;
	for (size_t i = 0; i < a->values.n && c->n_sentinels < PROFILE_SENTINELS; i++) {
		const struct map_entry *v = &a->values.entries[i];

		if (v->value < 5 || share(v->value, a->filled) < .01)
			continue;
		if (cell_number(v->key, c->format.mark, &x) == CELL_NO || x != floor(x))
			continue;
		if (x == r->plain.min || x == r->plain.max || !detached(r, x))
			continue;
		for (double nines = 9; nines < 1e12; nines = nines * 10 + 9) {
			if (fabs(x) != nines && x != -1)
				continue;
			c->sentinels[c->n_sentinels++] = x;
			break;
		}
	}
}

static uint64_t sentinel_rows(const struct acc *a, const struct column *c)
{
	uint64_t rows = 0;
	double x;

	for (size_t i = 0; c->n_sentinels != 0 && i < a->values.n; i++) {
		if (cell_number(a->values.entries[i].key, c->format.mark, &x) == CELL_NO)
			continue;
		for (size_t k = 0; k < c->n_sentinels; k++)
			rows += x == c->sentinels[k] ? a->values.entries[i].value : 0;
	}
	return rows;
}

/* ---- kinds ---- */

static bool says_time(struct str name)
{
	static const char *const words[] = { "date", "time", "at", "timestamp", "created",
		"updated", "modified", "on", "datum", "fecha", "data", "unix", "epoch", "when" };
	char room[HEADER_MAX];
	struct str folded = header_fold(name, room);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (header_has(folded, words[i]))
			return true;
	}
	return false;
}

/* Unix seconds where the header says so, or all of one near past (2005 to 2030). */
static bool unix_times(const struct acc *a, const struct column *c)
{
	if (share(a->unix_times, a->filled) < .98 || a->filled == 0)
		return false;
	return says_time(c->name) ||
	       (a->unix_range.min > 12784 && a->unix_range.max < 21915 && a->filled >= ENOUGH &&
		       a->unix_range.max - a->unix_range.min < 3650);
}

static bool dates(const struct acc *a, const struct column *c)
{
	if (a->filled == 0 || share(a->dates, a->filled) < .9)
		return false;
	/* 20240315 is a date where nearly all are, and not just a number now and then. */
	return a->numbers * 2 < a->filled || share(a->dates, a->filled) >= .99;
}

static enum col_kind value_kind(const struct acc *a, const struct column *c)
{
	double d = distinct_of(a), words = share(a->words, a->filled),
	       bytes = share(a->bytes, a->filled);

	if (a->filled == 0)
		return KIND_CATEGORY;
	/* "x" and "y" are both words for yes: two values must be one of each. */
	if (share(a->yesno, a->filled) >= .98 &&
		(d < 2 || (d == 2 && a->yes > 0 && a->yes < a->yesno)))
		return KIND_YESNO;
	if (unix_times(a, c) || dates(a, c))
		return KIND_DATE;
	if (share(a->numbers, a->filled) >= .95 && share(a->zero_led, a->looked) < .01 &&
		(share(a->phone, a->looked) < .9 || share(a->digits, a->looked) > .5))
		return KIND_NUMBER;
	if (c->list_sep != 0)
		return KIND_LIST;
	if (((words >= 4 && bytes >= 25) || bytes >= 60) && distinct_share(a) > .5 && d > ENOUGH)
		return KIND_TEXT;
	return KIND_CATEGORY;
}

static void decide_formats(const struct profiler *pr, const struct acc *a, struct column *c)
{
	struct cell_votes all = { 0 };

	c->format.mark = cell_votes_mark(&a->votes);
	c->format.order = cell_votes_order(&a->votes);
	c->ambiguous = a->votes.number_ambiguous + a->votes.date_ambiguous;
	if (c->ambiguous == 0)
		return;
	/* What the column leaves open the other columns of the file may tell. */
	for (size_t i = 0; i < pr->p->n; i++) {
		const struct acc *b = &pr->acc[i];

		if (share(b->dates, b->filled) >= .9 || share(b->numbers, b->filled) >= .95)
			cell_votes_add(&all, &b->votes);
	}
	if (c->format.mark == MARK_UNKNOWN)
		c->format.mark = cell_votes_mark(&all);
	if (c->format.order == ORDER_UNKNOWN)
		c->format.order = cell_votes_order(&all);
}

static void fill_range(const struct acc *a, struct column *c)
{
	const struct range *r = NULL;

	c->min = c->max = NAN;
	if (c->kind == KIND_DATE && c->unix_time)
		r = &a->unix_range;
	else if (c->kind == KIND_DATE)
		r = &a->date[c->format.order == ORDER_MDY].all;
	else if (c->kind == KIND_NUMBER && c->n_sentinels != 0)
		r = &a->number[c->format.mark == MARK_COMMA].plain;
	else if (c->kind == KIND_NUMBER)
		r = &a->number[c->format.mark == MARK_COMMA].all;
	if (r != NULL) {
		c->min = r->min;
		c->max = r->max;
	}
}

static int fill_samples(struct profile *p, const struct acc *a, struct column *c, struct err *e)
{
	const struct map_entry **order = profile_ranked(&a->values);

	if (order == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < a->values.n && c->n_top < PROFILE_TOP; i++) {
		struct col_top *t = &c->top[c->n_top];

		t->count = order[i]->value;
		if (profile_text(p, a->raw[order[i] - a->values.entries], &t->text, e) == -1)
			break;
		c->n_top++;
	}
	free(order);
	for (size_t i = 0; i < a->values.n && c->n_samples < PROFILE_SAMPLES; i++) {
		if (cell_fill(a->raw[i]) != CELL_FILLED)
			continue;
		if (profile_text(p, a->raw[i], &c->samples[c->n_samples], e) == -1)
			return -1;
		c->n_samples++;
	}
	return 0;
}

static int guess_kind(struct profiler *pr, size_t i, struct err *e)
{
	const struct acc *a = &pr->acc[i];
	struct column *c = &pr->p->cols[i];
	uint64_t coded;

	decide_formats(pr, a, c);
	if (profile_find_list(pr->p, a, c, e) == -1)
		return -1;
	c->kind = value_kind(a, c);
	if (c->kind != KIND_LIST) {
		c->list_sep = 0;
		c->n_parts = 0;
	}
	if (c->kind == KIND_TEXT && profile_find_words(pr->p, a, c, e) == -1)
		return -1;
	c->unix_time = c->kind == KIND_DATE && a->dates < a->unix_times;
	c->has_time = c->kind == KIND_DATE && (c->unix_time || share(a->timed, a->dates) > .5);
	c->whole = c->kind == KIND_NUMBER && a->number[c->format.mark == MARK_COMMA].fractions == 0;
	if (c->kind == KIND_NUMBER)
		profile_sentinels(a, c);
	fill_range(a, c);
	coded = sentinel_rows(a, c);
	c->filled = a->filled - coded;
	c->empty = a->empty;
	c->placeholders = a->placeholders + coded;
	c->distinct = distinct_of(a) - (double)c->n_sentinels;
	c->mean_bytes = share(a->bytes, a->filled);
	if (c->kind != KIND_NUMBER && c->kind != KIND_DATE)
		c->format = (struct cell_format){ MARK_UNKNOWN, ORDER_UNKNOWN };
	if (c->kind != KIND_NUMBER && c->kind != KIND_DATE)
		c->ambiguous = 0;
	return fill_samples(pr->p, a, c, e);
}

/* ---- identifiers ---- */

/* Squared correlation of value and row number: a counter is nearly a straight line, a file sorted
 * by revenue is not. */
static double straightness(const struct acc *a)
{
	double n = a->s_n, sxx = a->s_xx - a->s_x * a->s_x / n, syy = a->s_yy - a->s_y * a->s_y / n;
	double sxy = a->s_xy - a->s_x * a->s_y / n;

	return n > 2 && sxx > 0 && syy > 0 ? sxy * sxy / (sxx * syy) : 0;
}

static int counts_rows(const struct acc *a)
{
	if (a->s_n < 5 || distinct_share(a) < .95 || straightness(a) < .9)
		return 0;
	if (share(a->up, a->up + a->down) >= .95)
		return 1;
	return share(a->down, a->up + a->down) >= .95 ? -1 : 0;
}

/* "customer number" and "id of the lead", not "number of visits". */
static bool says_id(struct str name)
{
	static const char *const anywhere[] = { "id", "ids", "key", "uuid", "guid", "#",
		"identifier" };
	static const char *const last[] = { "number", "no", "nr", "num", "serial", "index", "code",
		"reference", "ref" };
	char room[HEADER_MAX];
	struct str folded = header_fold(name, room);

	for (size_t i = 0; i < sizeof(anywhere) / sizeof(anywhere[0]); i++) {
		if (header_has(folded, anywhere[i]))
			return true;
	}
	for (size_t i = 0; i < sizeof(last) / sizeof(last[0]); i++) {
		struct str w = str_of(last[i]);

		if (str_ends(folded, w) && (folded.n == w.n || folded.p[folded.n - w.n - 1] == ' '))
			return true;
	}
	/* What a data frame calls its row numbers on writing. */
	if (str_starts(folded, S("unnamed")))
		return true;
	return folded.n > 2 && str_ends(folded, S("id")) && !str_ends(folded, S("paid"));
}

/* Too few values occur twice for chance. Of ${n} values drawn from a range of ${span}, at most
 * span (1 - exp(-n / span)) differ, which even draws reach and uneven ones do not (the birthday
 * problem). So these were handed out, one to a record, and the file has part of them. */
static bool handed_out(double n, double own, double span)
{
	double same = n - span * -expm1(-n / span); /* as many share a value, at least */

	return same >= .05 * n && same - (1 - own) * n >= 5 * sqrt(same);
}

static int number_identifier(
	struct profiler *pr, const struct acc *a, struct column *c, struct err *e)
{
	double own = distinct_share(a);
	const char *why = NULL;

	if (!c->whole || own < .95 || c->role == ROLE_VALUE || c->role == ROLE_REVENUE ||
		c->role == ROLE_POSTAL_CODE)
		return 0;
	c->counter = counts_rows(a);
	if (c->counter != 0 && a->filled >= ENOUGH)
		why = c->counter > 0 ? "it counts the rows upwards"
				     : "it counts the rows downwards";
	else if (own >= .98 && a->filled >= ENOUGH && c->max - c->min < 1.5 * (double)a->filled)
		why = "it numbers the rows: nearly every value occurs once, without gaps";
	else if (own >= .98 && handed_out((double)a->filled, own, c->max - c->min + 1))
		why = "it numbers records: nearly every value occurs once, where chance would "
		      "repeat many";
	else if (own >= .98 && a->filled >= ENOUGH && says_id(c->name))
		why = "nearly every value occurs once, and its name says that it is a number of "
		      "the record";
	else if (own >= .99 && a->filled >= ENOUGH && a->digits_min >= 9 &&
		 a->digits_max == a->digits_min && share(a->digits, a->looked) > .99)
		why = "long numbers of equal length, nearly each of them once";
	if (why == NULL)
		return 0;
	return profile_set_out(pr->p, c, COL_IDENTIFIER, e, "%s", why);
}

static int text_identifier(
	struct profiler *pr, const struct acc *a, struct column *c, struct err *e)
{
	double own = distinct_share(a);

	if (own < .95 || profile_role_use(c->role) == USE_PARTS || c->role == ROLE_POSTAL_CODE)
		return 0;
	if (share(a->hash, a->looked) >= .9)
		return profile_set_out(pr->p, c, COL_IDENTIFIER, e, "%s",
			"long random codes, nearly each of them once");
	if (own < .98 || a->filled < ENOUGH || c->kind != KIND_CATEGORY)
		return 0;
	return profile_set_out(pr->p, c, COL_IDENTIFIER, e,
		"%.0f different values in %llu filled rows: nearly every row has its own",
		distinct_of(a), (unsigned long long)a->filled);
}

static int role_verdict(struct profiler *pr, struct column *c, struct err *e)
{
	switch (c->role) {
	case ROLE_NAME:
	case ROLE_FIRST_NAME:
	case ROLE_LAST_NAME:
		return profile_set_out(
			pr->p, c, COL_IDENTIFIER, e, "%s", "names of people are never inputs");
	case ROLE_STREET:
		return profile_set_out(
			pr->p, c, COL_IDENTIFIER, e, "%s", "a street address says who someone is");
	case ROLE_ID:
		return profile_set_out(pr->p, c, COL_IDENTIFIER, e, "%s",
			"its name and values say that it is an identifier");
	case ROLE_IGNORE:
		return profile_set_out(pr->p, c, COL_IDENTIFIER, e,
			"a system field of " STR_FMT ", no property of a lead",
			STR_ARG(c->product));
	case ROLE_OUTCOME:
		return profile_set_out(pr->p, c, COL_OUTCOME, e, "%s", "the outcome itself");
	default:
		return 0;
	}
}

static bool listed(const struct str *names, size_t n, const struct profile *p, size_t i)
{
	for (size_t k = 0; k < n; k++) {
		if (profile_find(p, names[k]) == (ptrdiff_t)i)
			return true;
	}
	return false;
}

static int guess_out(struct profiler *pr, size_t i, struct err *e)
{
	const struct acc *a = &pr->acc[i];
	struct profile *p = pr->p;
	struct column *c = &p->cols[i];
	const struct col_top *t = &c->top[0];

	if ((ptrdiff_t)i == pr->target)
		return profile_set_out(p, c, COL_OUTCOME, e, "%s", "the outcome you named");
	if (listed(pr->o.drop, pr->o.n_drop, p, i))
		return profile_set_out(p, c, COL_DROPPED, e, "%s", "left out with --drop");
	if (a->filled == 0)
		return profile_set_out(p, c, COL_EMPTY, e, "none of %llu rows is filled",
			(unsigned long long)a->rows);
	if (a->values.n == 1 && a->empty == 0 && !a->values_full)
		return profile_set_out(
			p, c, COL_CONSTANT, e, "every row has \"" STR_FMT "\"", STR_ARG(t->text));
	c->kept_by_user = listed(pr->o.keep, pr->o.n_keep, p, i);
	if (c->kept_by_user)
		return 0;
	if (role_verdict(pr, c, e) == -1 || c->out != COL_IN)
		return c->out != COL_IN ? 0 : -1;
	if (c->kind == KIND_NUMBER)
		return number_identifier(pr, a, c, e);
	return c->kind == KIND_DATE || c->kind == KIND_YESNO ? 0 : text_identifier(pr, a, c, e);
}

/* The newest date of the file; what is dated by the outcome says nothing about when leads came. */
static void guess_as_of(struct profiler *pr)
{
	struct profile *p = pr->p;

	for (size_t i = 0; i < p->n; i++) {
		const struct column *c = &p->cols[i];
		const struct acc *a = &pr->acc[i];
		double newest = c->unix_time ? a->unix_past.max
					     : a->date[c->format.order == ORDER_MDY].plain.max;

		if (c->kind != KIND_DATE || c->role == ROLE_OUTCOME_AT || c->leak_hint.n != 0 ||
			c->out == COL_OUTCOME || c->out == COL_DROPPED || !(newest == newest))
			continue;
		if (!(p->as_of >= newest)) {
			p->as_of = newest;
			p->as_of_column = c->name;
		}
	}
}

int profile_guess(struct profiler *pr, struct err *e)
{
	for (size_t i = 0; i < pr->p->n; i++) {
		if (guess_kind(pr, i, e) == -1 || profile_guess_role(pr, i, e) == -1 ||
			guess_out(pr, i, e) == -1)
			return -1;
	}
	profile_guess_created(pr);
	guess_as_of(pr);
	return 0;
}
