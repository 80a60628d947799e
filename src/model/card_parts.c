/* SPDX-License-Identifier: Apache-2.0 */
/* The sections below the first ones. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/card_internal.h"

void card_interval(struct buf *b, struct eval_value v, int decimals)
{
	card_number(b, v.value, decimals);
	if (!isnan(v.value) && !isnan(v.low))
		buf_fmt(b, " (%.*f to %.*f)", decimals, v.low, decimals, v.high);
}

static struct eval_value value_of(const struct json *o, const char *key)
{
	const struct json *v = json_get(o, key);

	return (struct eval_value){ card_num(v, "value"), card_num(v, "low"), card_num(v, "high") };
}

static void cell(struct buf *b, struct eval_value v, int decimals)
{
	buf_z(b, "<td>");
	card_number(b, v.value, decimals);
	if (!isnan(v.value) && v.high - v.low > pow(10, -decimals))
		buf_fmt(b, "<span class=\"range\">%.*f to %.*f</span>", decimals, v.low, decimals,
			v.high);
	buf_z(b, "</td>");
}

/* ---- against simple ways, and over time */

static void figures_head(struct buf *b, const char *caption, const char *first)
{
	buf_fmt(b,
		"<div class=\"scroll\"><table class=\"even\"><caption>%s</caption><thead><tr><th "
		"scope=\"col\">%s"
		"</th><th scope=\"col\">ROC AUC</th><th scope=\"col\">PR AUC</th><th "
		"scope=\"col\">Log "
		"loss</th><th scope=\"col\">Brier</th><th scope=\"col\">Lift, best "
		"10&nbsp;%%</th></tr>"
		"</thead><tbody>\n",
		caption, first);
}

static void figures_row(struct buf *b, const char *what, const struct eval *v, bool ours)
{
	buf_fmt(b, "<tr%s><th scope=\"row\">%s</th>", ours ? " class=\"ours\"" : "", what);
	cell(b, v->roc_auc, 3);
	cell(b, v->pr_auc, 3);
	cell(b, v->log_loss, 4);
	cell(b, v->brier, 4);
	cell(b, v->top[1].lift, 2);
	buf_z(b, "</tr>\n");
}

static void baseline_rows(const struct card_split *s, struct buf *b)
{
	static const char *const names[BASELINE_COUNT] = { "Base rate for everyone",
		"Most recent first", "Logistic regression" };

	for (int i = 0; i < BASELINE_COUNT; i++)
		if (s->base.has[i])
			figures_row(b, names[i], &s->base.figures[i], false);
	buf_z(b, "</tbody></table></div>\n");
}

void card_baselines(const struct card *c, struct buf *b)
{
	buf_z(b, "<section>\n<h2>Is it better than simple ways?</h2>\n<p class=\"why\">Higher is "
		 "better for ROC AUC, PR AUC and lift, lower for log loss and Brier score. Below "
		 "each "
		 "figure its 95&nbsp;% interval.</p>\n");
	figures_head(b, "On leads not seen in training, all times mixed", "Way");
	figures_row(b, "This model", &c->fold.eval, true);
	baseline_rows(&c->fold, b);
	buf_z(b, "</section>\n");
}

void card_later(const struct card *c, struct buf *b)
{
	const struct json *o = json_get(json_get(c->report, "figures"), "time_ordered");

	if (!c->later.has)
		return;
	buf_z(b, "<section>\n<h2>Does it hold over time?</h2>\n<p class=\"why\">The hardest test: "
		 "trained on the older leads alone, measured on the newest fifth");
	if (card_str(o, "from").n > 0) {
		buf_z(b, ", created from ");
		card_esc(b, card_str(o, "from"));
		buf_z(b, " on");
	}
	buf_z(b, " (");
	card_count(b, (double)(c->later.eval.won + c->later.eval.lost));
	buf_z(b, " leads). The model that scores has learned from all of them.</p>\n");
	figures_head(b, "On the newest leads", "Way");
	figures_row(b, "This model", &c->later.eval, true);
	baseline_rows(&c->later, b);
	buf_z(b, "</section>\n");
}

/* ---- three labels */

void card_classes(const struct card *c, struct buf *b)
{
	static const char *const names[EVAL_CLASSES] = { "hot", "warm", "cold" };
	const struct json *o = json_get(json_get(c->report, "figures"), "classes");
	const struct json *all = json_get(o, "classes");

	if (json_type(all) != J_OBJ)
		return;
	buf_z(b, "<section>\n<h2>How well are the three labels told apart?</h2>\n<p class=\"why\">"
		 "Figures elsewhere on this page are for hot against the rest. Right label for ");
	card_interval(b, value_of(o, "accuracy"), 3);
	buf_z(b, " of the leads; log loss over the three ");
	card_interval(b, value_of(o, "log_loss"), 4);
	buf_z(b, ".</p>\n<div class=\"scroll\"><table class=\"even\"><caption>Leads by their "
		 "label, and "
		 "what they were called</caption><thead><tr><th scope=\"col\">Label</th><th "
		 "scope=\"col\">Leads</th><th scope=\"col\">Called hot</th><th "
		 "scope=\"col\">Called warm</th><th scope=\"col\">Called cold</th><th "
		 "scope=\"col\">ROC AUC against the rest</th></tr></thead><tbody>\n");
	for (int h = 0; h < EVAL_CLASSES; h++) {
		const struct json *v = json_get(all, names[h]), *called = json_get(v, "called");

		buf_z(b, "<tr><th scope=\"row\">");
		card_icon(b, (enum heat)h);
		buf_z(b, "</th><td>");
		card_count(b, card_num(v, "count"));
		for (size_t k = 0; k < EVAL_CLASSES; k++) {
			buf_z(b, "</td><td>");
			card_count(b, json_num(json_at(called, k), NAN));
		}
		buf_z(b, "</td>");
		cell(b, value_of(json_get(v, "against_the_rest"), "roc_auc"), 3);
		buf_z(b, "</tr>\n");
	}
	buf_z(b, "</tbody></table></div>\n</section>\n");
}

/* ---- groups */

static void group_rows(const struct json *values, struct buf *b)
{
	for (size_t i = 0; i < json_len(values); i++) {
		const struct json *v = json_at(values, i);
		double low = card_num(v, "rate_low"), high = card_num(v, "rate_high");
		bool few = json_bool(json_get(v, "small"), false);

		buf_z(b, few ? "<tr class=\"few\"><th scope=\"row\">" : "<tr><th scope=\"row\">");
		card_name(b, card_str(v, "value"));
		if (few)
			buf_z(b, " (few)");
		buf_z(b, "</th><td>");
		card_count(b, card_num(v, "rows"));
		buf_z(b, "</td><td>");
		card_percent(b, card_num(v, "rate"));
		buf_z(b, "</td><td class=\"soft\">");
		if (!isnan(low))
			buf_fmt(b, "%.1f to %.1f", 100 * low, 100 * high);
		buf_z(b, "</td><td>");
		card_percent(b, card_num(v, "mean_probability"));
		buf_z(b, "</td><td>");
		card_number(b, card_num(v, "roc_auc"), 3);
		buf_z(b, "</td><td>");
		card_number(b, card_num(v, "log_loss"), 4);
		buf_z(b, "</td></tr>\n");
	}
}

void card_groups(const struct card *c, struct buf *b)
{
	const struct json *all = json_get(c->report, "groups");

	if (json_len(all) == 0)
		return;
	buf_z(b, "<section class=\"long\">\n<h2>Does it work for every group?</h2>\n<p "
		 "class=\"why\">"
		 "Promised and won should agree in each. Groups with under 50 leads, or under 10 "
		 "won "
		 "or lost, are greyed: their figures are mostly noise.</p>\n");
	for (size_t i = 0; i < json_len(all); i++) {
		const struct json *g = json_at(all, i);

		buf_fmt(b, "<div class=\"scroll%s\"><table class=\"even\"><caption>By ",
			i > 0 ? " gap" : "");
		card_name(b, card_str(g, "column"));
		buf_z(b, "</caption><thead><tr><th scope=\"col\">Group</th><th "
			 "scope=\"col\">Leads</th>"
			 "<th scope=\"col\">Won</th><th scope=\"col\">Interval</th><th "
			 "scope=\"col\">Promised</th><th "
			 "scope=\"col\">ROC AUC</th><th scope=\"col\">Log "
			 "loss</th></tr></thead><tbody>\n");
		group_rows(json_get(g, "values"), b);
		buf_z(b, "</tbody></table></div>\n");
	}
	buf_z(b, "</section>\n");
}

/* ---- fields */

void card_fields(const struct card *c, struct buf *b)
{
	double most = card_chart_most(c);

	if (c->n_fields == 0)
		return;
	buf_z(b,
		"<section class=\"long\">\n<h2>Which fields matter, and how</h2>\n<p class=\"why\">"
		"The fields that move the percentage most, the strongest first. What was seen, not "
		"what causes it; values with under 30 leads are faint.</p>\n<p class=\"key\"><span>"
		"<svg viewBox=\"0 0 18 14\" aria-hidden=\"true\"><line x1=\"1\" y1=\"7\" x2=\"17\" "
		"y2=\"7\" class=\"whisker\"/><circle cx=\"9\" cy=\"7\" r=\"4\" "
		"class=\"dot\"/></svg>"
		"share won, with its interval</span><span><svg viewBox=\"0 0 18 14\" "
		"aria-hidden=\"true\"><line x1=\"9\" y1=\"1\" x2=\"9\" y2=\"13\" class=\"says\"/>"
		"</svg>what the model says</span><span><svg viewBox=\"0 0 18 14\" "
		"aria-hidden=\"true\"><line x1=\"9\" y1=\"0\" x2=\"9\" y2=\"14\" class=\"ideal\"/>"
		"</svg>all leads</span></p>\n<div class=\"fields\">\n");
	for (size_t i = 0; i < c->n_fields && i < CARD_FIELDS; i++) {
		buf_z(b, "<figure><h3>");
		card_name(b, str_of(c->fields[i].col->name));
		buf_z(b, "</h3>");
		card_chart_field(c, c->fields[i].col, most, b);
		buf_fmt(b,
			"<figcaption>moves the percentage by %.1f points</figcaption></figure>\n",
			100 * c->fields[i].spread);
	}
	buf_z(b, "</div>\n");
	if (c->n_fields > CARD_FIELDS) {
		buf_z(b,
			"<p class=\"soft\">Also used, with less effect:</p>\n<ul class=\"chips\">");
		for (size_t i = CARD_FIELDS; i < c->n_fields; i++) {
			buf_z(b, "<li>");
			card_name(b, str_of(c->fields[i].col->name));
			buf_z(b, "</li>");
		}
		buf_z(b, "</ul>\n");
	}
	buf_z(b, "</section>\n");
}

static void left_rows(const struct json *a, bool flagged, struct buf *b)
{
	for (size_t i = 0; i < json_len(a); i++) {
		const struct json *o = json_at(a, i);

		buf_z(b, "<tr><th scope=\"row\">");
		card_name(b, card_str(o, "column"));
		buf_z(b, "</th><td class=\"words\">");
		if (!flagged)
			card_esc(b, card_str(o, "reason"));
		else
			buf_z(b, json_bool(json_get(o, "insisted"), false)
					 ? "used because you insist"
					 : "used, but look at it");
		buf_z(b, "</td><td class=\"words\">");
		card_esc(b, card_str(o, "evidence"));
		buf_z(b, "</td></tr>\n");
	}
}

static void chips(const char *title, const struct json *a, struct buf *b)
{
	if (json_len(a) == 0)
		return;
	buf_fmt(b, "<p class=\"soft\">%s</p>\n<ul class=\"chips\">", title);
	for (size_t i = 0; i < json_len(a); i++) {
		buf_z(b, "<li>");
		card_name(b, json_str(json_at(a, i), S("")));
		buf_z(b, "</li>");
	}
	buf_z(b, "</ul>\n");
}

void card_left_out(const struct card *c, struct buf *b)
{
	const struct json *left = json_get(c->report, "left_out");
	const struct json *flagged = json_get(c->report, "flagged");

	buf_z(b, "<section class=\"long\">\n<h2>Which columns it uses, and which not</h2>\n<p "
		 "class=\"why\">Columns known only after the outcome would flatter every figure "
		 "here "
		 "and be empty for a new lead, so they are left out.</p>\n");
	chips("Used", json_get(c->report, "used"), b);
	chips("Looked at, and no help", json_get(c->report, "unused"), b);
	if (json_len(left) + json_len(flagged) > 0) {
		buf_z(b, "<div class=\"scroll\"><table><caption>Left out, or used with a warning"
			 "</caption><thead><tr><th scope=\"col\">Column</th><th scope=\"col\" "
			 "class=\"words\">Why</th><th scope=\"col\" "
			 "class=\"words\">Evidence</th></tr>"
			 "</thead><tbody>\n");
		left_rows(flagged, true, b);
		left_rows(left, false, b);
		buf_z(b, "</tbody></table></div>\n");
	}
	buf_z(b, "</section>\n");
}

/* ---- since publishing */

void card_live(const struct card *c, struct buf *b)
{
	const struct json *l = c->about->live, *verdict = json_get(l, "verdict");

	buf_z(b, "<section>\n<h2>Results since then</h2>\n");
	if (json_type(l) != J_OBJ) {
		buf_z(b, "<p class=\"why\">None yet. Once later outcomes are known, \"heatscore "
			 "eval\" "
			 "measures this version on them.</p>\n</section>\n");
		return;
	}
	if (card_str(verdict, "text").n > 0) {
		buf_z(b, "<p class=\"lead\">");
		card_esc(b, card_str(verdict, "text"));
		buf_z(b, "</p>\n");
	}
	buf_z(b, "<dl class=\"gap\">");
	buf_z(b, "<dt>Leads</dt><dd>");
	card_count(b, card_num(l, "won"));
	buf_z(b, " won, ");
	card_count(b, card_num(l, "lost"));
	buf_z(b, " lost</dd><dt>ROC AUC</dt><dd>");
	card_interval(b, value_of(l, "roc_auc"), 3);
	buf_z(b, "</dd><dt>Log loss</dt><dd>");
	card_interval(b, value_of(l, "log_loss"), 4);
	buf_z(b, "</dd><dt>Calibration error</dt><dd>");
	card_interval(b, value_of(l, "ece"), 4);
	buf_z(b, "</dd></dl>\n</section>\n");
}

void card_limits(const struct card *c, struct buf *b)
{
	struct buf words = { 0 };

	buf_z(b, "<section>\n<h2>Known limits</h2>\n<ul class=\"gap\">\n");
	for (size_t i = 0; buf_reset(&words), card_limit(c, i, &words); i++) {
		buf_z(b, "<li>");
		card_esc(b, buf_view(&words));
		buf_z(b, "</li>\n");
	}
	buf_z(b, "</ul>\n</section>\n");
	b->failed = b->failed || words.failed;
	buf_clear(&words);
}

/* ---- how it was made */

static void trials(const struct json *a, struct buf *b)
{
	if (json_len(a) == 0)
		return;
	buf_z(b, "<div class=\"scroll gap\"><table><caption>Settings tried; the weight is their "
		 "part "
		 "in the blend</caption><thead><tr><th scope=\"col\">Settings</th><th "
		 "scope=\"col\">Log loss</th><th scope=\"col\">Rounds</th><th "
		 "scope=\"col\">Weight</th>"
		 "</tr></thead><tbody>\n");
	for (size_t i = 0; i < json_len(a) && i < 40; i++) {
		const struct json *t = json_at(a, i);

		buf_z(b, "<tr><th scope=\"row\">");
		card_esc(b, card_str(t, "what"));
		buf_z(b, "</th><td>");
		card_number(b, card_num(t, "log_loss"), 5);
		buf_z(b, "</td><td>");
		card_count(b, card_num(t, "rounds"));
		buf_z(b, "</td><td>");
		card_number(b, card_num(t, "weight"), 3);
		buf_z(b, "</td></tr>\n");
	}
	buf_z(b, "</tbody></table></div>\n");
}

static void settings(const struct card *c, struct buf *b)
{
	const struct json *r = c->report, *s = json_get(r, "settings"), *keys;
	const struct json *made = json_get(r, "made_with");

	buf_z(b, "<dl><dt>Learner</dt><dd>gradient-boosted trees, XGBoost ");
	card_esc(b, card_str(made, "xgboost"));
	buf_z(b, "</dd><dt>Trees</dt><dd>");
	card_count(b, card_num(r, "trees"));
	buf_z(b, " from ");
	card_count(b, card_num(s, "folds"));
	buf_z(b, " folds</dd><dt>Calibration</dt><dd>");
	if (str_eq(card_str(r, "calibration"), S("none")))
		buf_z(b, "none: by cross-validation each kind would make it worse");
	else
		card_esc(b, card_str(r, "calibration"));
	buf_z(b, "</dd><dt>Seed</dt><dd>");
	card_number(b, card_num(r, "seed"), 0);
	buf_z(b, ": the same file and seed give the same model</dd>");
	if (!isnan(card_num(r, "budget"))) {
		buf_z(b, "<dt>Training time</dt><dd>a budget of ");
		card_number(b, card_num(r, "budget"), 0);
		buf_z(b, " s for 50,000 rows of 20 columns on two cores</dd>");
	}
	buf_z(b, "<dt>Split</dt><dd>");
	card_esc(b, card_str(json_get(json_get(r, "figures"), "out_of_fold"), "split"));
	buf_z(b, "</dd>");
	keys = json_get(s, "combinations");
	if (json_len(keys) > 0) {
		buf_z(b, "<dt>Combinations found</dt><dd>");
		for (size_t i = 0; i < json_len(keys); i++) {
			if (i > 0)
				buf_z(b, "<br>");
			card_name(b, card_str(json_at(keys, i), "columns"));
		}
		buf_z(b, "</dd>");
	}
	buf_z(b, "</dl>\n");
}

void card_making(const struct card *c, struct buf *b)
{
	const struct json *s = json_get(c->report, "settings");

	buf_z(b, "<section class=\"long\">\n<h2>How it was made</h2>\n<p class=\"why\">For those "
		 "who "
		 "want to check or repeat it.</p>\n<div class=\"two\">\n<div>");
	settings(c, b);
	buf_z(b, "</div>\n<figure>");
	card_chart_bound(c, b);
	if (json_len(json_get(s, "bound")) >= 2)
		buf_z(b, "<figcaption>Log loss of leads not seen, by number of trees; the larger "
			 "dot "
			 "is this model.</figcaption>");
	buf_z(b, "</figure>\n</div>\n");
	if (c->has_curves && c->curves.n_roc > 0) {
		buf_z(b, "<div class=\"two gap\">\n<figure>");
		card_chart_roc(c, b);
		buf_z(b, "</figure>\n<figure>");
		card_chart_pr(c, b);
		buf_z(b, "</figure>\n</div>\n");
	}
	trials(json_get(s, "trials"), b);
	buf_z(b, "</section>\n");
}
