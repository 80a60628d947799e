/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "model/card_internal.h"

/* Text of ours or theirs: nothing in it becomes markup, a table cell's end or a new line. */
static void md(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char ch = (unsigned char)s.p[i];

		if (ch < 32 || ch == 127) {
			buf_c(b, ' ');
			continue;
		}
		if (ch == '<') {
			buf_z(b, "&lt;");
			continue;
		}
		if (ch == '&') {
			buf_z(b, "&amp;");
			continue;
		}
		if (strchr("\\`*_{}[]#|~!", ch) != NULL)
			buf_c(b, '\\');
		buf_c(b, (char)ch);
	}
}

static void value(struct buf *b, struct eval_value v, int decimals)
{
	buf_z(b, " | ");
	card_interval(b, v, decimals);
}

static void figures_row(struct buf *b, const char *what, const struct eval *v)
{
	buf_fmt(b, "| %s", what);
	value(b, v->roc_auc, 3);
	value(b, v->pr_auc, 3);
	value(b, v->log_loss, 4);
	value(b, v->brier, 4);
	value(b, v->ece, 4);
	value(b, v->top[1].lift, 2);
	buf_z(b, " |\n");
}

static void split(struct buf *b, const char *title, const struct card_split *s)
{
	static const char *const names[BASELINE_COUNT] = { "base rate", "most recent first",
		"logistic regression" };

	buf_fmt(b,
		"## %s\n\n| | ROC AUC | PR AUC | log loss | Brier | ECE | lift, best 10 %% "
		"|\n|---|---|-"
		"--|---|---|---|---|\n",
		title);
	figures_row(b, "**this model**", &s->eval);
	for (int i = 0; i < BASELINE_COUNT; i++)
		if (s->base.has[i])
			figures_row(b, names[i], &s->base.figures[i]);
	buf_c(b, '\n');
}

static void head(const struct card *c, struct buf *b)
{
	const struct json *r = c->report, *file = json_get(r, "file");
	const struct json *created = json_get(r, "created");
	struct buf words = { 0 };

	buf_z(b, "# Model card");
	if (c->about->version != NULL) {
		buf_c(b, ' ');
		md(b, str_of(c->about->version));
	}
	if (c->about->state != NULL) {
		buf_z(b, " (");
		md(b, str_of(c->about->state));
		buf_c(b, ')');
	}
	buf_z(b, "\n\n");
	card_headline(c, &words);
	md(b, buf_view(&words));
	b->failed = b->failed || words.failed;
	buf_clear(&words);
	buf_z(b, "\n\n## What it predicts\n\n- Outcome: ");
	md(b, card_str(r, "outcome"));
	buf_z(b, "\n- Leads: ");
	card_count(b, card_num(r, "won"));
	buf_z(b, " won, ");
	card_count(b, card_num(r, "lost"));
	buf_z(b, " lost, ");
	card_count(b, card_num(r, "open"));
	buf_z(b, " open; base rate ");
	card_percent(b, c->fold.eval.base_rate);
	if (json_type(created) == J_OBJ) {
		buf_z(b, "\n- Created: ");
		md(b, card_str(created, "from"));
		buf_z(b, " to ");
		md(b, card_str(created, "to"));
	}
	buf_z(b, "\n- File: ");
	md(b, card_str(file, "name"));
	buf_z(b, ", SHA-256 ");
	md(b, card_str(file, "sha256"));
	buf_z(b, "\n- Seen from: ");
	md(b, card_str(r, "as_of"));
	buf_z(b, "\n\n");
}

static void reliability(const struct card *c, struct buf *b)
{
	buf_z(b, "## Promised and seen\n\n| given | leads | promised | won | interval "
		 "|\n|---|---|---|-"
		 "--|---|\n");
	for (int i = 0; i < EVAL_BINS; i++) {
		const struct eval_bin *v = &c->fold.eval.mass[i];

		if (v->n == 0)
			continue;
		buf_z(b, "| ");
		card_percent(b, v->from);
		buf_z(b, " to ");
		card_percent(b, v->to);
		buf_z(b, " | ");
		card_count(b, (double)v->n);
		buf_z(b, " | ");
		card_percent(b, v->mean_p);
		buf_z(b, " | ");
		card_percent(b, v->rate);
		buf_fmt(b, " | %.1f to %.1f |\n", 100 * v->rate_low, 100 * v->rate_high);
	}
	buf_z(b, "\n## The best leads\n\n| best | leads | won | lift | of all wins "
		 "|\n|---|---|---|---|-"
		 "--|\n");
	for (int i = 0; i < EVAL_TOPS; i++) {
		const struct eval_top *t = &c->fold.eval.top[i];

		if (t->k == 0)
			continue;
		if (isnan(t->share))
			buf_fmt(b, "| %zu | ", t->k);
		else
			buf_fmt(b, "| %.0f %% | ", 100 * t->share);
		card_count(b, (double)t->k);
		value(b, t->precision, 3);
		value(b, t->lift, 2);
		value(b, t->recall, 3);
		buf_z(b, " |\n");
	}
	buf_c(b, '\n');
}

static void bands(const struct card *c, struct buf *b)
{
	if (!c->has_bands)
		return;
	buf_z(b, "## Hot, warm and cold\n\n");
	md(b, str_of(c->bands.note));
	buf_z(b, "\n\n| band | from | leads |\n|---|---|---|\n");
	for (int h = 0; h < HEAT_COUNT; h++) {
		buf_fmt(b, "| %s | ", heat_name((enum heat)h));
		card_percent(b, h == HEAT_HOT ? c->bands.hot : h == HEAT_WARM ? c->bands.warm : 0);
		buf_z(b, " | ");
		card_count(b, (double)c->bands.count[h]);
		buf_z(b, " |\n");
	}
	buf_c(b, '\n');
}

static void groups(const struct card *c, struct buf *b)
{
	const struct json *all = json_get(c->report, "groups");

	for (size_t i = 0; i < json_len(all); i++) {
		const struct json *g = json_at(all, i), *values = json_get(g, "values");

		buf_z(b, "## By ");
		md(b, card_str(g, "column"));
		buf_z(b, "\n\n| group | leads | won | promised | ROC AUC | log loss "
			 "|\n|---|---|---|---|-"
			 "--|---|\n");
		for (size_t k = 0; k < json_len(values); k++) {
			const struct json *v = json_at(values, k);

			buf_z(b, "| ");
			md(b, card_str(v, "value"));
			buf_z(b, json_bool(json_get(v, "small"), false) ? " (few) | " : " | ");
			card_count(b, card_num(v, "rows"));
			buf_z(b, " | ");
			card_percent(b, card_num(v, "rate"));
			buf_z(b, " | ");
			card_percent(b, card_num(v, "mean_probability"));
			buf_z(b, " | ");
			card_number(b, card_num(v, "roc_auc"), 3);
			buf_z(b, " | ");
			card_number(b, card_num(v, "log_loss"), 4);
			buf_z(b, " |\n");
		}
		buf_c(b, '\n');
	}
}

static void one_field(const struct summary_col *s, struct buf *b)
{
	char label[256];

	buf_z(b, "### ");
	md(b, str_of(s->name));
	buf_z(b, "\n\n| value | leads | won | model |\n|---|---|---|---|\n");
	for (uint32_t k = 1; k <= s->n_bins; k++) {
		uint32_t bin = k % s->n_bins;
		double n = (double)s->n[bin];

		if (s->n[bin] == 0)
			continue;
		summary_label(s, bin, label, sizeof(label));
		buf_z(b, "| ");
		md(b, str_of(label));
		buf_z(b, " | ");
		card_count(b, n);
		buf_z(b, " | ");
		card_percent(b, (double)s->won[bin] / n);
		buf_z(b, " | ");
		card_percent(b, s->p[bin] / n);
		buf_z(b, " |\n");
	}
	buf_c(b, '\n');
}

static void columns(const struct card *c, struct buf *b)
{
	const struct json *left = json_get(c->report, "left_out");
	const struct json *flagged = json_get(c->report, "flagged");

	if (c->n_fields > 0)
		buf_z(b, "## Fields, the strongest first\n\n");
	for (size_t i = 0; i < c->n_fields && i < CARD_FIELDS; i++)
		one_field(c->fields[i].col, b);
	if (json_len(left) + json_len(flagged) == 0)
		return;
	buf_z(b, "## Columns left out, or used with a warning\n\n| column | why | evidence "
		 "|\n|---|---|-"
		 "--|\n");
	for (size_t i = 0; i < json_len(flagged) + json_len(left); i++) {
		bool warn = i < json_len(flagged);
		const struct json *o =
			warn ? json_at(flagged, i) : json_at(left, i - json_len(flagged));

		buf_z(b, "| ");
		md(b, card_str(o, "column"));
		buf_z(b, " | ");
		md(b, warn ? S("used, but look at it") : card_str(o, "reason"));
		buf_z(b, " | ");
		md(b, card_str(o, "evidence"));
		buf_z(b, " |\n");
	}
	buf_c(b, '\n');
}

static void tail(const struct card *c, struct buf *b)
{
	const struct json *r = c->report, *made = json_get(r, "made_with");
	struct str live = card_str(json_get(c->about->live, "verdict"), "text");
	struct buf words = { 0 };

	buf_z(b, "## Results since then\n\n");
	md(b, live.n > 0 ? live : S("None yet."));
	buf_z(b, "\n\n## Known limits\n\n");
	for (size_t i = 0; buf_reset(&words), card_limit(c, i, &words); i++) {
		buf_z(b, "- ");
		md(b, buf_view(&words));
		buf_c(b, '\n');
	}
	b->failed = b->failed || words.failed;
	buf_clear(&words);
	buf_z(b, "\n## How it was made\n\n- Trees: ");
	card_count(b, card_num(r, "trees"));
	buf_z(b, "\n- Calibration: ");
	md(b, card_str(r, "calibration"));
	buf_z(b, "\n- Seed: ");
	card_number(b, card_num(r, "seed"), 0);
	buf_z(b, "\n- Made with: heatscore ");
	md(b, card_str(made, "heatscore"));
	buf_z(b, ", XGBoost ");
	md(b, card_str(made, "xgboost"));
	if (c->about->created != 0) {
		buf_z(b, "\n- Stored: ");
		card_time(b, c->about->created);
	}
	buf_c(b, '\n');
}

void card_markdown(const struct card *c, struct buf *b)
{
	head(c, b);
	split(b, "On leads not seen in training", &c->fold);
	if (c->later.has)
		split(b, "On the newest leads, trained on the older ones", &c->later);
	reliability(c, b);
	bands(c, b);
	groups(c, b);
	columns(c, b);
	tail(c, b);
}
