/* SPDX-License-Identifier: Apache-2.0 */
/* Charts as plain SVG. Colours come from the page's style by class, so they follow light, dark and
 * print. Each has a title and a description for those who do not see it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/card_internal.h"

enum { WIDE = 460, TALL = 300, LEFT = 66, RIGHT = 10, TOP = 12, BOTTOM = 44 };

struct plot {
	struct buf *b;
	double x0, x1, y0, y1; /* the values at the edges */
	double height;
};

static double px(const struct plot *p, double x)
{
	return LEFT + (x - p->x0) / (p->x1 - p->x0) * (WIDE - LEFT - RIGHT);
}

static double py(const struct plot *p, double y)
{
	return p->height - BOTTOM - (y - p->y0) / (p->y1 - p->y0) * (p->height - TOP - BOTTOM);
}

/* The smallest of a few round numbers at or above ${x}, of shares. */
static double round_up(double x)
{
	static const double steps[] = { .01, .02, .04, .05, .1, .2, .3, .4, .5, .6, .8, 1 };

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (x <= steps[i])
			return steps[i];
	return 1;
}

static void begin(struct plot *p, const char *title, const char *about)
{
	buf_fmt(p->b,
		"<svg viewBox=\"0 0 %d %.0f\" role=\"img\"><title>%s</title><desc>%s</desc>\n",
		WIDE, p->height, title, about);
}

static void text(const struct plot *p, double x, double y, const char *class, const char *s)
{
	buf_fmt(p->b, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">", x, y, class);
	card_esc(p->b, str_of(s));
	buf_z(p->b, "</text>\n");
}

static void tick(char out[16], double x)
{
	double hundred = 100 * x;

	snprintf(out, 16, "%.*f\xc2\xa0%%", fabs(hundred - round(hundred)) < 1e-9 ? 0 : 1, hundred);
}

/* Lines and numbers of both axes, shares as percentages in ${n} steps, and what they are. */
static void axes(const struct plot *p, int nx, int ny, const char *x_name, const char *y_name)
{
	char s[16];

	for (int i = 0; i <= ny; i++) {
		double v = p->y0 + (p->y1 - p->y0) * i / ny;

		buf_fmt(p->b, "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" class=\"%s\"/>\n",
			LEFT, py(p, v), WIDE - RIGHT, py(p, v), i == 0 ? "axis" : "grid");
		tick(s, v);
		text(p, LEFT - 7, py(p, v) + 4, "tick end", s);
	}
	for (int i = 0; i <= nx; i++) {
		double v = p->x0 + (p->x1 - p->x0) * i / nx;

		tick(s, v);
		text(p, px(p, v), p->height - BOTTOM + 17, i == nx ? "tick end" : "tick mid", s);
	}
	text(p, (LEFT + WIDE - RIGHT) / 2.0, p->height - 7, "name mid", x_name);
	buf_fmt(p->b,
		"<text transform=\"translate(12 %.1f) rotate(-90)\" class=\"name mid\">%s</text>\n",
		(TOP + p->height - BOTTOM) / 2, y_name);
}

static int steps_of(double most)
{
	return most == .3 || most == .6                                              ? 3
	       : most == .01 || most == .05 || most == .1 || most == .5 || most == 1 ? 5
										     : 4;
}

static void line(
	const struct plot *p, const double *x, const double *y, size_t n, const char *class)
{
	buf_fmt(p->b, "<polyline class=\"%s\" points=\"", class);
	for (size_t i = 0; i < n; i++)
		buf_fmt(p->b, "%s%.1f,%.1f", i > 0 ? " " : "", px(p, x[i]), py(p, y[i]));
	buf_z(p->b, "\"/>\n");
}

static void straight(
	const struct plot *p, double x0, double y0, double x1, double y1, const char *class)
{
	buf_fmt(p->b, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"%s\"/>\n",
		px(p, x0), py(p, y0), px(p, x1), py(p, y1), class);
}

void card_chart_reliability(const struct card *c, struct buf *b)
{
	struct plot p = { b, 0, 0, 0, 0, TALL };
	const struct eval_bin *bin = c->fold.eval.mass;
	double most = 0;
	int n;

	for (int i = 0; i < EVAL_BINS; i++)
		if (bin[i].n > 0)
			most = fmax(most, fmax(bin[i].mean_p,
						  bin[i].n >= 30 ? bin[i].rate_high : bin[i].rate));
	p.x1 = p.y1 = round_up(most);
	n = steps_of(p.x1);
	begin(&p, "Promised against seen",
		"Ten groups of leads of equal count: the percentage the model gave on average, and "
		"the "
		"share that was won with its 95 percent interval. On the diagonal the two agree.");
	axes(&p, n, n, "Promised: average percentage given", "Seen: share won");
	straight(&p, 0, 0, p.x1, p.y1, "ideal");
	for (int i = 0; i < EVAL_BINS; i++) {
		if (bin[i].n == 0)
			continue;
		straight(&p, bin[i].mean_p, bin[i].rate_low, bin[i].mean_p,
			fmin(bin[i].rate_high, p.y1), "whisker");
		buf_fmt(b, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\" class=\"dot\"><title>",
			px(&p, bin[i].mean_p), py(&p, bin[i].rate));
		card_count(b, (double)bin[i].n);
		buf_z(b, " leads: ");
		card_percent(b, bin[i].mean_p);
		buf_z(b, " promised, ");
		card_percent(b, bin[i].rate);
		buf_z(b, " won</title></circle>\n");
	}
	text(&p, px(&p, .68 * p.x1), py(&p, .52 * p.y1), "note", "as promised");
	buf_z(b, "</svg>\n");
}

void card_chart_gain(const struct card *c, struct buf *b)
{
	struct plot p = { b, 0, 1, 0, 1, TALL };
	double x[EVAL_POINTS], base = c->fold.eval.base_rate;

	for (int i = 0; i < EVAL_POINTS; i++)
		x[i] = i / (double)(EVAL_POINTS - 1);
	begin(&p, "Wins found by working from the top",
		"Share of all wins among the best so many percent of the leads. The straight line "
		"is "
		"working leads in any order, the dotted one is a perfect order.");
	axes(&p, 5, 5, "Share of the leads worked, best first", "Share of all wins found");
	straight(&p, 0, 0, 1, 1, "ideal");
	straight(&p, 0, 0, base, 1, "best");
	straight(&p, base, 1, 1, 1, "best");
	line(&p, x, c->curves.gain, EVAL_POINTS, "curve");
	for (int i = 10; i <= 20; i += 10) {
		char s[64];

		buf_fmt(b, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\" class=\"dot\"/>\n",
			px(&p, x[i]), py(&p, c->curves.gain[i]));
		snprintf(s, sizeof(s), "best %d\xc2\xa0%%: %.0f\xc2\xa0%% of the wins", i,
			100 * c->curves.gain[i]);
		text(&p, px(&p, x[i]) + 10, py(&p, c->curves.gain[i]) + 14, "note", s);
	}
	text(&p, px(&p, .80), py(&p, .72), "note mid", "any order");
	buf_z(b, "</svg>\n");
}

static void threshold(const struct plot *p, double at, enum heat h)
{
	char s[64];

	if (!(at < p->x1))
		return;
	buf_fmt(p->b, "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%.1f\" class=\"cut %s\"/>\n",
		px(p, at), TOP + 4, px(p, at), p->height - BOTTOM, heat_name(h));
	snprintf(s, sizeof(s), "%s from %.0f\xc2\xa0%%", heat_name(h), 100 * at);
	if (at > .7 * p->x1)
		text(p, px(p, at) - 5, TOP + (h == HEAT_HOT ? 12 : 27), "note end", s);
	else
		text(p, px(p, at) + 5, TOP + (h == HEAT_HOT ? 12 : 27), "note", s);
}

void card_chart_scores(const struct card *c, struct buf *b)
{
	struct plot p = { b, 0, c->curves.hist_to, 0, 1, TALL };
	double most = 0, n = 0;

	for (int i = 0; i < EVAL_HIST; i++)
		n += (double)(c->curves.hist[0][i] + c->curves.hist[1][i]);
	for (int i = 0; i < EVAL_HIST; i++)
		most = fmax(most, (double)(c->curves.hist[0][i] + c->curves.hist[1][i]) / n);
	p.y1 = round_up(most);
	begin(&p, "How the leads are spread over the percentages",
		"Share of the leads in steps of five points, those lost below and those won on "
		"top.");
	axes(&p, steps_of(p.x1), steps_of(p.y1), "Percentage given", "Share of the leads");
	for (int i = 0; i < EVAL_HIST; i++) {
		double lost = (double)c->curves.hist[0][i] / n,
		       won = (double)c->curves.hist[1][i] / n;
		double x = px(&p, p.x1 * i / EVAL_HIST) + 1,
		       w = px(&p, p.x1 / EVAL_HIST) - px(&p, 0) - 2;

		buf_fmt(b,
			"<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
			"class=\"lost\"/>"
			"<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
			"class=\"won\"/>\n",
			x, py(&p, lost), w, py(&p, 0) - py(&p, lost), x, py(&p, lost + won), w,
			py(&p, lost) - py(&p, lost + won));
	}
	if (c->has_bands && c->bands.how_hot != BANDS_LABELS) {
		/* Warm last: its words stay readable across the line of hot. */
		threshold(&p, c->bands.hot, HEAT_HOT);
		threshold(&p, c->bands.warm, HEAT_WARM);
	}
	buf_z(b, "</svg>\n");
}

void card_chart_roc(const struct card *c, struct buf *b)
{
	struct plot p = { b, 0, 1, 0, 1, TALL };
	char s[48];

	begin(&p, "ROC curve",
		"Share of the won leads called won against share of the lost leads called won, at "
		"every "
		"threshold.");
	axes(&p, 5, 5, "Lost leads called won", "Won leads called won");
	straight(&p, 0, 0, 1, 1, "ideal");
	line(&p, c->curves.roc_x, c->curves.roc_y, c->curves.n_roc, "curve");
	snprintf(s, sizeof(s), "ROC AUC %.3f", c->fold.eval.roc_auc.value);
	text(&p, px(&p, .97), py(&p, .06), "note end", s);
	buf_z(b, "</svg>\n");
}

void card_chart_pr(const struct card *c, struct buf *b)
{
	struct plot p = { b, 0, 1, 0, 1, TALL };
	double base = c->fold.eval.base_rate;
	char s[48];

	begin(&p, "Precision and recall",
		"Share won among the leads called won, against the share of all wins found, at "
		"every "
		"threshold.");
	axes(&p, 5, 5, "Share of all wins found (recall)", "Share won (precision)");
	straight(&p, 0, base, 1, base, "ideal");
	line(&p, c->curves.pr_x, c->curves.pr_y, c->curves.n_pr, "curve");
	snprintf(s, sizeof(s), "PR AUC %.3f, base rate %.3f", c->fold.eval.pr_auc.value, base);
	text(&p, px(&p, .97), py(&p, .93), "note end", s);
	buf_z(b, "</svg>\n");
}

/* Trees against log loss; x is the logarithm of the number of trees. */
void card_chart_bound(const struct card *c, struct buf *b)
{
	const struct json *a = json_get(json_get(c->report, "settings"), "bound");
	double now = log(card_num(c->report, "trees")), x[32], y[32], lo = INFINITY, hi = -INFINITY;
	struct plot p = { b, 0, 0, 0, 0, TALL };
	size_t n = 0, at = 0;
	char s[32];

	for (size_t i = 0; i < json_len(a) && n < 32; i++) {
		double trees = card_num(json_at(a, i), "trees");

		x[n] = log(trees);
		y[n] = card_num(json_at(a, i), "log_loss");
		if (trees >= 1 && isfinite(y[n]))
			n++;
	}
	if (n < 2)
		return;
	for (size_t i = 0; i < n; i++) {
		at = fabs(x[i] - now) < fabs(x[at] - now) ? i : at;
		lo = fmin(lo, y[i]);
		hi = fmax(hi, y[i]);
	}
	p.x0 = fmin(x[0], x[n - 1]) - .2;
	p.x1 = fmax(x[0], x[n - 1]) + .2;
	p.y0 = lo - .1 * fmax(hi - lo, 1e-4);
	p.y1 = hi + .1 * fmax(hi - lo, 1e-4);
	begin(&p, "What fewer trees cost",
		"Out-of-fold log loss, lower is better, of models with fewer and more trees.");
	for (int i = 0; i <= 4; i++) {
		double v = p.y0 + (p.y1 - p.y0) * i / 4;

		straight(&p, p.x0, v, p.x1, v, i == 0 ? "axis" : "grid");
		snprintf(s, sizeof(s), "%.4f", v);
		text(&p, LEFT - 7, py(&p, v) + 4, "tick end", s);
	}
	line(&p, x, y, n, "curve");
	for (size_t i = 0; i < n; i++) {
		buf_fmt(b, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%s\" class=\"dot\"/>\n",
			px(&p, x[i]), py(&p, y[i]), i == at ? "6" : "3.5");
		snprintf(s, sizeof(s), "%.0f", exp(x[i]));
		text(&p, px(&p, x[i]), p.height - BOTTOM + 17,
			i == at ? "tick mid strong" : "tick mid", s);
	}
	text(&p, (LEFT + WIDE - RIGHT) / 2.0, p.height - 7, "name mid", "Trees in the model");
	buf_z(b, "</svg>\n");
}

/* ---- one field: a line per value, what was seen (dot with interval) and what the model says */

enum { ROW = 22, LABEL = 156, COUNT = 52, SHOWN = 14 };

double card_chart_most(const struct card *c)
{
	double most = c->fold.eval.base_rate * 1.5;

	for (size_t f = 0; f < c->n_fields && f < CARD_FIELDS; f++) {
		const struct summary_col *s = c->fields[f].col;

		for (uint32_t i = 0; i < s->n_bins; i++)
			if (s->n[i] >= 30)
				most = fmax(most, (double)s->won[i] / (double)s->n[i]);
	}
	return round_up(most);
}

static double at(double share, double most)
{
	return LABEL + 8 + fmin(share / most, 1) * (WIDE - LABEL - COUNT - 16);
}

/* At most ${bytes} bytes of ${s}, whole characters, with an ellipsis where something is gone. */
static void shorten(struct buf *b, const char *s, size_t bytes)
{
	size_t n = strlen(s);

	if (n <= bytes) {
		card_esc(b, str_of(s));
		return;
	}
	for (n = bytes; n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80; n--)
		continue;
	card_esc(b, (struct str){ s, n });
	buf_z(b, "\xe2\x80\xa6");
}

static void field_row(
	const struct summary_col *s, uint32_t bin, double y, double most, struct buf *b)
{
	double n = (double)s->n[bin], rate = (double)s->won[bin] / n, low, high;
	char label[256];

	eval_wilson((double)s->won[bin], n, &low, &high);
	summary_label(s, bin, label, sizeof(label));
	buf_fmt(b, "<g%s><title>", n < 30 ? " class=\"small\"" : "");
	card_esc(b, str_of(label));
	buf_z(b, ": ");
	card_count(b, n);
	buf_z(b, " leads, ");
	card_percent(b, rate);
	buf_z(b, " won; the model says ");
	card_percent(b, s->p[bin] / n);
	buf_fmt(b, "</title><text x=\"%d\" y=\"%.0f\" class=\"label end\">", LABEL, y + 4);
	shorten(b, label, 19);
	buf_fmt(b,
		"</text><line x1=\"%.1f\" y1=\"%.0f\" x2=\"%.1f\" y2=\"%.0f\" class=\"whisker\"/>"
		"<line x1=\"%.1f\" y1=\"%.0f\" x2=\"%.1f\" y2=\"%.0f\" class=\"says\"/>"
		"<circle cx=\"%.1f\" cy=\"%.0f\" r=\"4\" class=\"dot\"/>"
		"<text x=\"%d\" y=\"%.0f\" class=\"tick end\">",
		at(low, most), y, at(high, most), y, at(s->p[bin] / n, most), y - 7,
		at(s->p[bin] / n, most), y + 7, at(rate, most), y, WIDE - 2, y + 4);
	card_count(b, n);
	buf_z(b, "</text></g>\n");
}

void card_chart_field(const struct card *c, const struct summary_col *s, double most, struct buf *b)
{
	struct plot p = { b, 0, 1, 0, 1, 0 };
	double y = 30, base = c->fold.eval.base_rate;
	uint32_t rows = 0;
	char ticks[16];

	for (uint32_t i = 0; i < s->n_bins; i++)
		rows += s->n[i] > 0;
	if (rows > SHOWN)
		rows = SHOWN;
	p.height = 30 + ROW * rows + 4;
	begin(&p, "Share won by value",
		"For each value: the share of its leads that was won with its 95 percent interval, "
		"the "
		"model's average as a bar, and the number of leads.");
	for (int i = 0; i <= 2; i++) {
		tick(ticks, most * i / 2);
		text(&p, at(most * i / 2, most), 12, i == 2 ? "tick end" : "tick mid", ticks);
		buf_fmt(b, "<line x1=\"%.1f\" y1=\"18\" x2=\"%.1f\" y2=\"%.0f\" class=\"grid\"/>\n",
			at(most * i / 2, most), at(most * i / 2, most), p.height);
	}
	text(&p, WIDE - 2, 12, "tick end", "leads");
	buf_fmt(b, "<line x1=\"%.1f\" y1=\"18\" x2=\"%.1f\" y2=\"%.0f\" class=\"ideal\"/>\n",
		at(base, most), at(base, most), p.height);
	/* Missing comes last, as it is no value. */
	for (uint32_t k = 1; k <= s->n_bins && rows > 0; k++) {
		uint32_t bin = k % s->n_bins;

		if (s->n[bin] == 0)
			continue;
		field_row(s, bin, y + ROW / 2.0 - 6, most, b);
		y += ROW;
		rows--;
	}
	buf_z(b, "</svg>\n");
}
