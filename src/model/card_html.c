/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "model/card_internal.h"

void card_esc(struct buf *b, struct str s)
{
	size_t from = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char ch = (unsigned char)s.p[i];
		const char *as = ch == '&'               ? "&amp;"
				 : ch == '<'             ? "&lt;"
				 : ch == '>'             ? "&gt;"
				 : ch == '"'             ? "&quot;"
				 : ch == '\''            ? "&#39;"
				 : ch < 32 && ch != '\n' ? "\xef\xbf\xbd"
				 : ch == 127             ? "\xef\xbf\xbd"
							 : NULL;

		if (as == NULL)
			continue;
		buf_bytes(b, s.p + from, i - from);
		buf_z(b, as);
		from = i + 1;
	}
	if (s.n > from)
		buf_bytes(b, s.p + from, s.n - from);
}

void card_name(struct buf *b, struct str s)
{
	buf_z(b, "<bdi>");
	card_esc(b, s);
	buf_z(b, "</bdi>");
}

void card_icon(struct buf *b, enum heat h)
{
	static const char *const shape[HEAT_COUNT] = { /* a flame, a sun, a snowflake */
		"<path d=\"M8.5 0C9 3 13 4.5 13 10a5 5.5 0 0 1-10 0.5C3 8 4.2 6.8 5 5"
		".5 0.5 1 1 1.5 1.5 2C7.5 5.5 7 2.5 8.5 0z\"/>",
		"<circle cx=\"8\" cy=\"8\" r=\"4\"/><path class=\"rays\" d=\"M8 .5v2M8 13.5v2M.5 "
		"8h2"
		"M13.5 8h2M2.7 2.7l1.4 1.4M11.9 11.9l1.4 1.4M2.7 13.3l1.4-1.4M11.9 4.1l1.4-1.4\"/>",
		"<path d=\"M8 1v14M2 4.5l12 7M14 4.5l-12 7M6 2.200l2 1.8 2-1.800M6 13.800l2-1.8 2 "
		"1.8"
		"\"/>"
	};
	static const char *const word[HEAT_COUNT] = { "Hot", "Warm", "Cold" };

	buf_fmt(b,
		"<span class=\"heat %s\"><svg viewBox=\"0 0 16 16\" aria-hidden=\"true\">%s</svg>%s"
		"</span>",
		heat_name(h), shape[h], word[h]);
}

static void tile(struct buf *b, const char *what, const char *sub)
{
	buf_fmt(b, "</b><span class=\"what\">%s</span><span>%s", what, sub);
}

static void tiles(const struct card *c, struct buf *b)
{
	const struct card_split *s = c->later.has ? &c->later : &c->fold;
	const struct eval *v = &s->eval;

	buf_z(b, "<div class=\"tiles\">\n<div class=\"tile\"><b>");
	card_percent(b, v->top[1].precision.value);
	tile(b, "won in the best tenth", "");
	card_number(b, v->top[1].lift.value, 1);
	buf_z(b, " times the average lead</span></div>\n<div class=\"tile\"><b>");
	card_number(b, 100 * v->ece_mass.value, 1);
	tile(b, "points off on average", "promised against seen, in ten groups");
	buf_z(b, "</span></div>\n<div class=\"tile\"><b>");
	card_number(b, v->roc_auc.value, 3);
	tile(b, "ROC AUC", "");
	card_number(b, v->roc_auc.low, 3);
	buf_z(b, " to ");
	card_number(b, v->roc_auc.high, 3);
	buf_z(b, "; 0.5 is chance, 1 perfect</span></div>\n<div class=\"tile\"><b>");
	card_count(b, (double)(c->fold.eval.won + c->fold.eval.lost));
	tile(b, "leads to learn from", "");
	card_percent(b, c->fold.eval.base_rate);
	buf_z(b, " of them won</span></div>\n</div>\n");
}

static void head(const struct card *c, struct buf *b)
{
	struct str file = card_str(json_get(c->report, "file"), "name");

	buf_z(b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
		 "name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Model "
		 "card");
	if (c->about->version != NULL) {
		buf_c(b, ' ');
		card_esc(b, str_of(c->about->version));
	}
	buf_z(b, "</title>\n");
	card_style(b);
	buf_z(b, "</head>\n<body>\n<main>\n<header>\n<p class=\"eyebrow\">Lead HeatScore model "
		 "card</p>\n<h1>");
	if (file.n > 0)
		card_name(b, file);
	else
		buf_z(b, "Lead model");
	if (c->about->version != NULL) {
		buf_z(b, " <span class=\"badge\">");
		card_esc(b, str_of(c->about->version));
		if (c->about->state != NULL) {
			buf_z(b, " &middot; ");
			card_esc(b, str_of(c->about->state));
		}
		buf_z(b, "</span>");
	}
	buf_z(b, "</h1>\n");
}

static void top(const struct card *c, struct buf *b)
{
	bool doubt = json_bool(json_get(c->report, "not_enough"), false);
	struct buf words = { 0 };

	head(c, b);
	card_headline(c, &words);
	if (!doubt) {
		buf_z(b, "<p class=\"lead\">");
		card_esc(b, buf_view(&words));
		buf_z(b, "</p>\n");
	}
	buf_z(b, "</header>\n");
	if (doubt) {
		buf_z(b, "<div class=\"caution\" role=\"note\"><p>");
		card_esc(b, buf_view(&words));
		buf_z(b, "</p></div>\n");
	}
	b->failed = b->failed || words.failed;
	buf_clear(&words);
	tiles(c, b);
}

static void row(struct buf *b, const char *term)
{
	buf_fmt(b, "<dt>%s</dt><dd>", term);
}

static void outcome(const struct card *c, struct buf *b)
{
	const struct json *r = c->report, *created = json_get(r, "created");
	const struct json *file = json_get(r, "file");

	buf_z(b, "<section>\n<h2>What it predicts</h2>\n<p class=\"why\">The chance that a lead is "
		 "won, as the file defines it.</p>\n<dl>\n");
	row(b, "Outcome");
	card_name(b, card_str(r, "outcome"));
	buf_z(b, "</dd>\n");
	row(b, "Leads");
	card_count(b, card_num(r, "won"));
	buf_z(b, " won, ");
	card_count(b, card_num(r, "lost"));
	buf_z(b, " lost, ");
	card_count(b, card_num(r, "open"));
	buf_z(b, " open (scored, never counted as lost)</dd>\n");
	if (json_type(created) == J_OBJ) {
		row(b, "Created");
		card_esc(b, card_str(created, "from"));
		buf_z(b, " to ");
		card_esc(b, card_str(created, "to"));
		buf_z(b, "</dd>\n");
	}
	if (card_str(r, "as_of").n > 0) {
		row(b, "Seen from");
		card_esc(b, card_str(r, "as_of"));
		buf_z(b, ": ages of dates are counted to this day</dd>\n");
	}
	row(b, "File");
	card_name(b, card_str(file, "name"));
	buf_z(b, ", ");
	card_count(b, card_num(r, "rows"));
	buf_z(b, " rows, ");
	card_count(b, card_num(file, "columns"));
	buf_z(b, " columns");
	if (card_str(file, "sha256").n > 0) {
		buf_z(b, "<br><code>SHA-256 ");
		card_esc(b, card_str(file, "sha256"));
		buf_z(b, "</code>");
	}
	buf_z(b, "</dd>\n</dl>\n</section>\n");
}

static void reliability(const struct card *c, struct buf *b)
{
	buf_z(b, "<section>\n<h2>Can the percentages be trusted?</h2>\n<p class=\"why\">A lead at "
		 "30&nbsp;% should be won three times in ten. Ten groups of leads of equal count, "
		 "each scored by a model that had not seen them.</p>\n<div "
		 "class=\"two\">\n<figure>");
	card_chart_reliability(c, b);
	buf_z(b, "<figcaption>Dots are groups, lines their 95&nbsp;% intervals. Calibration error "
		 "(ECE) ");
	card_interval(b, c->fold.eval.ece, 4);
	buf_z(b, ", Brier score ");
	card_interval(b, c->fold.eval.brier, 4);
	buf_z(b,
		".</figcaption></figure>\n<div class=\"scroll\"><table><caption>Promised and seen, "
		"group by group</caption><thead><tr><th scope=\"col\">Given</th><th scope=\"col\">"
		"Leads</th><th scope=\"col\">Promised</th><th scope=\"col\">Won</th><th "
		"scope=\"col\">Interval</th></tr></thead><tbody>\n");
	for (int i = 0; i < EVAL_BINS; i++) {
		const struct eval_bin *v = &c->fold.eval.mass[i];

		if (v->n == 0)
			continue;
		buf_z(b, "<tr><td>");
		card_percent(b, v->from);
		buf_z(b, " to ");
		card_percent(b, v->to);
		buf_z(b, "</td><td>");
		card_count(b, (double)v->n);
		buf_z(b, "</td><td>");
		card_percent(b, v->mean_p);
		buf_z(b, "</td><td>");
		card_percent(b, v->rate);
		buf_fmt(b, "</td><td class=\"soft\">%.1f to %.1f</td></tr>\n", 100 * v->rate_low,
			100 * v->rate_high);
	}
	buf_z(b, "</tbody></table></div>\n</div>\n</section>\n");
}

static void ranking(const struct card *c, struct buf *b)
{
	buf_z(b, "<section>\n<h2>Does it put the right leads on top?</h2>\n<p class=\"why\">What a "
		 "team finds that works the list from the top.</p>\n<div class=\"two\">\n<figure>");
	if (c->has_curves)
		card_chart_gain(c, b);
	buf_z(b,
		"<figcaption>Dashed: any order. Dotted: a perfect one.</figcaption></figure>\n<div "
		"class=\"scroll\"><table><caption>The best leads, with 95&nbsp;% "
		"intervals</caption>"
		"<thead><tr><th scope=\"col\">Best</th><th scope=\"col\">Leads</th><th "
		"scope=\"col\">Share won</th><th scope=\"col\">Lift</th><th scope=\"col\">Of all "
		"wins</th></tr></thead><tbody>\n");
	for (int i = 0; i < EVAL_TOPS; i++) {
		const struct eval_top *t = &c->fold.eval.top[i];

		if (t->k == 0)
			continue;
		buf_z(b, "<tr><td>");
		if (isnan(t->share))
			card_count(b, (double)t->k);
		else
			buf_fmt(b, "%.0f&nbsp;%%", 100 * t->share);
		buf_z(b, "</td><td>");
		card_count(b, (double)t->k);
		buf_z(b, "</td><td>");
		card_percent(b, t->precision.value);
		buf_fmt(b,
			"<span class=\"range\">%.1f to %.1f</span></td><td>%.2f&times;<span "
			"class=\"range\">%.2f to %.2f</span></td><td>",
			100 * t->precision.low, 100 * t->precision.high, t->lift.value, t->lift.low,
			t->lift.high);
		card_percent(b, t->recall.value);
		buf_z(b, "</td></tr>\n");
	}
	buf_z(b, "</tbody></table></div>\n</div>\n</section>\n");
}

static void band_row(const struct card *c, enum heat h, struct buf *b)
{
	const struct bands *v = &c->bands;
	double n = (double)(v->count[0] + v->count[1] + v->count[2]);

	buf_z(b, "<tr><th scope=\"row\">");
	card_icon(b, h);
	buf_z(b, "</th><td>");
	if (v->how_hot == BANDS_LABELS) {
		buf_z(b, "by largest class");
	} else if (h == HEAT_COLD) {
		buf_z(b, "below ");
		card_percent(b, v->warm);
	} else {
		buf_z(b, "from ");
		card_percent(b, h == HEAT_HOT ? v->hot : v->warm);
	}
	buf_z(b, "</td><td>");
	card_count(b, (double)v->count[h]);
	buf_z(b, "</td><td>");
	card_percent(b, n > 0 ? (double)v->count[h] / n : NAN);
	buf_z(b, "</td></tr>\n");
}

static void bands(const struct card *c, struct buf *b)
{
	if (!c->has_bands)
		return;
	buf_z(b, "<section>\n<h2>Hot, warm and cold</h2>\n<p class=\"why\">");
	card_esc(b, str_of(c->bands.note));
	buf_z(b, "</p>\n<div class=\"two\">\n<figure>");
	if (c->has_curves)
		card_chart_scores(c, b);
	buf_z(b, "<figcaption class=\"key\"><span><svg viewBox=\"0 0 18 14\" aria-hidden=\"true\">"
		 "<rect width=\"18\" height=\"14\" rx=\"3\" "
		 "class=\"won\"/></svg>won</span><span><svg "
		 "viewBox=\"0 0 18 14\" aria-hidden=\"true\"><rect width=\"18\" height=\"14\" "
		 "rx=\"3\" "
		 "class=\"lost\"/></svg>lost</span></figcaption></figure>\n<div class=\"scroll\">"
		 "<table><caption>The leads it learned from</caption><thead><tr><th "
		 "scope=\"col\">Band"
		 "</th><th scope=\"col\">Percentage</th><th scope=\"col\">Leads</th><th "
		 "scope=\"col\">Share</th></tr></thead><tbody>\n");
	for (int h = 0; h < HEAT_COUNT; h++)
		band_row(c, (enum heat)h, b);
	buf_z(b, "</tbody></table></div>\n</div>\n</section>\n");
}

void card_page(const struct card *c, struct buf *b)
{
	top(c, b);
	outcome(c, b);
	reliability(c, b);
	ranking(c, b);
	bands(c, b);
	card_classes(c, b);
	card_baselines(c, b);
	card_later(c, b);
	card_groups(c, b);
	card_fields(c, b);
	card_left_out(c, b);
	card_live(c, b);
	card_limits(c, b);
	card_making(c, b);
	buf_z(b, "<footer>Made by heatscore ");
	card_esc(b, card_str(json_get(c->report, "made_with"), "heatscore"));
	if (c->about->created != 0) {
		buf_z(b, ", version stored ");
		card_time(b, c->about->created);
	}
	buf_z(b, ". This page needs nothing from outside.</footer>\n</main>\n</body>\n</html>\n");
}
