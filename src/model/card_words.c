/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "model/card_internal.h"

#define NBSP "\xc2\xa0"

double card_num(const struct json *v, const char *key)
{
	return json_num(json_get(v, key), NAN);
}

struct str card_str(const struct json *v, const char *key)
{
	return json_str(json_get(v, key), S(""));
}

void card_count(struct buf *b, double n)
{
	char digits[32];
	size_t len;

	if (!(n >= 0 && n < 1e15)) {
		buf_z(b, "-");
		return;
	}
	len = (size_t)snprintf(digits, sizeof(digits), "%.0f", n);
	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			buf_c(b, ',');
		buf_c(b, digits[i]);
	}
}

void card_percent(struct buf *b, double x)
{
	if (isnan(x))
		buf_z(b, "-");
	else
		buf_fmt(b, "%.*f" NBSP "%%", x != 0 && fabs(x) < .001 ? 2 : 1, 100 * x);
}

void card_number(struct buf *b, double x, int decimals)
{
	if (isnan(x))
		buf_z(b, "-");
	else
		buf_fmt(b, "%.*f", decimals, x);
}

void card_time(struct buf *b, int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;
	char text[48];

	if (gmtime_r(&t, &tm) == NULL ||
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &tm) == 0)
		return;
	buf_z(b, text);
}

void card_headline(const struct card *c, struct buf *b)
{
	const struct card_split *s = c->later.has ? &c->later : &c->fold;
	const struct eval_top *t = &s->eval.top[1];

	if (json_bool(json_get(c->report, "not_enough"), false)) {
		struct str why = card_str(c->report, "not_enough_why");

		buf_z(b, "There is not enough to learn from yet. ");
		buf_str(b, why);
		if (why.n > 0)
			buf_c(b, '.');
		return;
	}
	buf_z(b, "In the best tenth of the leads ");
	card_percent(b, t->precision.value);
	buf_z(b, " were won, against ");
	card_percent(b, s->eval.base_rate);
	buf_z(b, " of all: ");
	card_number(b, t->lift.value, 1);
	buf_z(b, " times as many. On average the percentages were off by ");
	card_number(b, 100 * s->eval.ece_mass.value, 1);
	buf_z(b, " points.");
	buf_z(b, c->later.has
			 ? " Measured on the newest leads, with a model trained on the older ones."
			 : " Measured on leads that the scoring model had not seen.");
}

/* Limits that follow from the facts, then those that hold for every model. */
static bool limit_small(const struct card *c, struct buf *b)
{
	const struct eval *v = &c->fold.eval;

	if (v->won >= 200 && v->lost >= 200)
		return false;
	buf_fmt(b,
		"It has learned from %zu won and %zu lost leads. With so few, the figures can move "
		"with the next file: read the intervals, not only the values.",
		v->won, v->lost);
	return true;
}

static bool limit_later(const struct card *c, struct buf *b)
{
	if (c->later.has)
		return false;
	buf_z(b, "There was no creation date, or too few leads on one side of a cut, so nothing is "
		 "known about how well it holds for leads that come later.");
	return true;
}

static bool limit_worse_later(const struct card *c, struct buf *b)
{
	double before = c->fold.eval.roc_auc.value, after = c->later.eval.roc_auc.value;

	if (!c->later.has || !(after < c->fold.eval.roc_auc.low))
		return false;
	buf_fmt(b,
		"It ranks newer leads less well (ROC AUC %.3f) than leads of the same time as "
		"those "
		"it learned from (%.3f): expect the newer figure, and train again often.",
		after, before);
	return true;
}

static bool limit_open(const struct card *c, struct buf *b)
{
	double open = card_num(c->report, "open"), rows = card_num(c->report, "rows");

	if (!(open > 0))
		return false;
	card_count(b, open);
	buf_z(b, " of ");
	card_count(b, rows);
	buf_z(b, " leads were still open and taught it nothing. If open leads differ from those "
		 "already decided, their percentages are less sure than the figures here.");
	return true;
}

static bool limit_hot(const struct card *c, struct buf *b)
{
	if (!c->has_bands || c->bands.count[HEAT_HOT] >= 30)
		return false;
	buf_fmt(b,
		"Only %zu of the leads it learned from %s hot: what is said about hot leads rests "
		"on these.",
		c->bands.count[HEAT_HOT], c->bands.count[HEAT_HOT] == 1 ? "is" : "are");
	return true;
}

static bool limit_cause(const struct card *c, struct buf *b)
{
	buf_z(b, "It shows what won leads have in common, not what makes a lead buy. Changing a "
		 "field "
		 "does not change the lead.");
	return true;
}

static bool limit_change(const struct card *c, struct buf *b)
{
	buf_z(b, "It knows the past in this file. New sources, prices or markets make it wrong "
		 "until "
		 "it is trained again; \"heatscore drift\" and \"heatscore eval\" show when.");
	return true;
}

static bool limit_people(const struct card *c, struct buf *b)
{
	buf_z(b, "It ranks leads for attention. It is not made to decide about people, such as on "
		 "credit, work or prices.");
	return true;
}

bool card_limit(const struct card *c, size_t i, struct buf *b)
{
	static bool (*const all[])(const struct card *, struct buf *) = { limit_small,
		limit_worse_later, limit_later, limit_open, limit_hot, limit_change, limit_cause,
		limit_people };
	const struct json *warnings = json_get(c->report, "warnings");

	if (i < json_len(warnings)) {
		struct str s = json_str(json_at(warnings, i), S(""));

		buf_str(b, s);
		if (s.n > 0 && s.p[s.n - 1] != '.')
			buf_c(b, '.');
		return true;
	}
	i -= json_len(warnings);
	for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++) {
		size_t before = b->n;

		if (!all[k](c, b))
			continue;
		if (i-- == 0)
			return true;
		b->n = before;
	}
	return false;
}
