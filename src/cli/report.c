/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/print.h"
#include "cli/report.h"
#include "util/json.h"

static uint64_t count(const struct json *v, const char *key)
{
	int64_t n = json_int(json_get(v, key), 0);

	return n < 0 ? 0 : (uint64_t)n;
}

static double num(const struct json *v, const char *key)
{
	return json_num(json_get(v, key), NAN);
}

static void put_counts(struct print *p, const struct json *v)
{
	struct buf b = { 0 };
	uint64_t won = count(v, "won"), lost = count(v, "lost");

	print_count(&b, won + lost + count(v, "open"));
	buf_z(&b, " leads: ");
	print_count(&b, won);
	buf_z(&b, " won, ");
	print_count(&b, lost);
	buf_z(&b, " lost, ");
	print_count(&b, count(v, "open"));
	buf_z(&b, " open");
	if (won + lost != 0) {
		buf_z(&b, "; base rate ");
		print_percent(&b, (double)won / (double)(won + lost));
	}
	if (count(v, "bad_rows") != 0) {
		buf_z(&b, "; ");
		print_count(&b, count(v, "bad_rows"));
		buf_z(&b, count(v, "bad_rows") == 1 ? " row could not be read"
						    : " rows could not be read");
	}
	print_text(p, STYLE_PLAIN, buf_view(&b));
	print_fmt(p, STYLE_PLAIN, "\n");
	buf_clear(&b);
}

static void put_value(struct grid *g, const struct json *v, const char *key, bool interval)
{
	const struct json *x = json_get(v, key);
	double value = num(x, "value"), low = num(x, "low"), high = num(x, "high");

	if (isnan(value))
		grid_text(g, STYLE_DIM, S("-"));
	else if (interval && !isnan(low))
		grid_fmt(g, STYLE_PLAIN, "%.4f  [%.4f, %.4f]", value, low, high);
	else
		grid_fmt(g, STYLE_PLAIN, "%.4f", value);
}

static const char *const figures[] = { "roc_auc", "pr_auc", "log_loss", "brier", "ece" };
static const char *const figure_names[] = { "ROC AUC", "PR AUC", "log loss", "Brier score",
	"calibration error" };
static const char *const rivals[] = { "base_rate", "most_recent_first", "logistic_regression" };

/* The five figures with their intervals, beside the baselines. */
static void put_figures(struct print *p, const struct json *v)
{
	static const struct grid_col cols[] = { { .title = "" },
		{ .title = "this model, 95 % interval" }, { .title = "base rate", .right = true },
		{ .title = "most recent first", .right = true },
		{ .title = "logistic regression", .right = true } };
	const struct json *base = json_get(v, "baselines");
	struct grid g;

	grid_init(&g, cols, 5);
	g.indent = 2;
	for (size_t i = 0; i < 5; i++) {
		grid_text(&g, STYLE_PLAIN, str_of(figure_names[i]));
		put_value(&g, v, figures[i], true);
		for (size_t k = 0; k < 3; k++)
			put_value(&g, json_get(base, rivals[k]), figures[i], false);
	}
	grid_print(&g, p);
}

static void put_list(struct print *p, const char *title, const struct json *list)
{
	struct buf b = { 0 };

	if (json_len(list) == 0)
		return;
	buf_fmt(&b, "%s: ", title);
	for (size_t i = 0; i < json_len(list); i++) {
		buf_z(&b, i == 0 ? "" : ", ");
		buf_str(&b, json_str(json_at(list, i), S("?")));
	}
	buf_c(&b, '\0');
	if (!b.failed)
		print_wrapped(p, 0, 2, b.p);
	buf_clear(&b);
}

static void put_left_out(struct print *p, const struct json *list)
{
	static const struct grid_col cols[] = { { .title = "column", .shrink = true, .max = 40 },
		{ .title = "reason" }, { .title = "evidence", .shrink = true, .wrap = true } };
	struct grid g;

	if (json_len(list) == 0)
		return;
	print_heading(p, "Left out");
	grid_init(&g, cols, 3);
	g.indent = 2;
	for (size_t i = 0; i < json_len(list); i++) {
		const struct json *x = json_at(list, i);
		struct str reason = json_str(json_get(x, "reason"), S(""));

		grid_text(&g, STYLE_PLAIN, json_str(json_get(x, "column"), S("")));
		grid_text(&g, str_eq(reason, S("leak")) ? STYLE_BAD : STYLE_PLAIN, reason);
		grid_text(&g, STYLE_DIM, json_str(json_get(x, "evidence"), S("")));
	}
	grid_print(&g, p);
}

static void put_flagged(struct print *p, const struct json *list)
{
	static const struct grid_col cols[] = { { .title = "column", .shrink = true, .max = 40 },
		{ .title = "why it looks odd", .shrink = true, .wrap = true } };
	struct grid g;

	if (json_len(list) == 0)
		return;
	print_heading(p, "Used, but have a look");
	grid_init(&g, cols, 2);
	g.indent = 2;
	for (size_t i = 0; i < json_len(list); i++) {
		grid_text(&g, STYLE_WARM, json_str(json_get(json_at(list, i), "column"), S("")));
		grid_text(&g, STYLE_DIM, json_str(json_get(json_at(list, i), "evidence"), S("")));
	}
	grid_print(&g, p);
}

static void put_bands(struct print *p, const struct json *bands)
{
	struct str note = json_str(json_get(bands, "note"), S(""));

	print_heading(p, "Bands");
	print_fmt(p, STYLE_PLAIN, "  ");
	print_fmt(p, STYLE_HOT, "hot");
	print_fmt(p, STYLE_PLAIN, " from %.1f %%, ", 100 * num(bands, "hot"));
	print_fmt(p, STYLE_WARM, "warm");
	print_fmt(p, STYLE_PLAIN, " from %.1f %%, ", 100 * num(bands, "warm"));
	print_fmt(p, STYLE_COLD, "cold");
	print_fmt(p, STYLE_PLAIN, " below\n");
	if (note.n != 0) {
		char text[512];

		snprintf(text, sizeof(text), "  " STR_FMT, STR_ARG(str_sub(note, 0, 500)));
		print_wrapped(p, 0, 2, text);
	}
}

static void put_curve(struct print *p, const struct json *settings)
{
	const struct json *curve = json_get(settings, "bound");

	if (json_len(curve) == 0)
		return;
	print_heading(p, "What the bound on trees costs");
	print_fmt(p, STYLE_PLAIN, "  trees      log loss\n");
	for (size_t i = 0; i < json_len(curve); i++)
		print_fmt(p, STYLE_PLAIN, "  %-9lld  %.4f\n",
			(long long)json_int(json_get(json_at(curve, i), "trees"), 0),
			num(json_at(curve, i), "log_loss"));
}

static void put_sentences(struct print *p, enum style s, const char *label, const struct json *list)
{
	for (size_t i = 0; i < json_len(list); i++) {
		print_fmt(p, s, "%s", label);
		print_text(p, STYLE_PLAIN, json_str(json_at(list, i), S("")));
		print_fmt(p, STYLE_PLAIN, "\n");
	}
}

void report_training(struct print *p, const struct json *v)
{
	const struct json *f = json_get(v, "figures"), *later = json_get(f, "time_ordered");
	struct str why = json_str(json_get(v, "not_enough_why"), S(""));

	put_counts(p, v);
	print_text(p, STYLE_DIM, json_str(json_get(v, "outcome"), S("")));
	print_fmt(p, STYLE_PLAIN, "\n");
	put_left_out(p, json_get(v, "left_out"));
	put_flagged(p, json_get(v, "flagged"));
	print_heading(p, "How good it is, on rows each model has not seen");
	put_figures(p, json_get(f, "out_of_fold"));
	if (json_type(later) == J_OBJ) {
		print_fmt(p, STYLE_BOLD, "\nTrained on the older rows, measured on those from ");
		print_text(p, STYLE_BOLD, str_sub(json_str(json_get(later, "from"), S("")), 0, 10));
		print_fmt(p, STYLE_BOLD, " on\n");
		put_figures(p, later);
	}
	put_bands(p, json_get(v, "bands"));
	print_heading(p, "Made of");
	put_list(p, "  columns used", json_get(v, "used"));
	print_fmt(p, STYLE_PLAIN, "  %lld trees, calibration ",
		(long long)json_int(json_get(v, "trees"), 0));
	print_text(p, STYLE_PLAIN, json_str(json_get(v, "calibration"), S("")));
	print_fmt(p, STYLE_PLAIN, ", seed %lld\n", (long long)json_int(json_get(v, "seed"), 0));
	put_curve(p, json_get(v, "settings"));
	if (json_len(json_get(v, "warnings")) != 0 || why.n != 0)
		print_heading(p, "Mind");
	if (why.n != 0) {
		print_fmt(p, STYLE_BAD, "  ");
		print_text(p, STYLE_PLAIN, why);
		print_fmt(p, STYLE_PLAIN, "\n");
	}
	put_sentences(p, STYLE_WARM, "  ", json_get(v, "warnings"));
}

static void put_reliability(struct print *p, const struct json *bins)
{
	static const struct grid_col cols[] = { { .title = "promised", .right = true },
		{ .title = "leads", .right = true }, { .title = "won", .right = true },
		{ .title = "came true", .right = true }, { .title = "95 % interval" } };
	struct grid g;

	if (json_len(bins) == 0)
		return;
	print_heading(p, "Reliability");
	grid_init(&g, cols, 5);
	g.indent = 2;
	for (size_t i = 0; i < json_len(bins); i++) {
		const struct json *b = json_at(bins, i);

		if (count(b, "n") == 0)
			continue;
		grid_percent(&g, STYLE_PLAIN, num(b, "mean_p"));
		grid_count(&g, STYLE_PLAIN, count(b, "n"));
		grid_count(&g, STYLE_PLAIN, count(b, "won"));
		grid_percent(&g, STYLE_PLAIN, num(b, "rate"));
		grid_fmt(&g, STYLE_DIM, "%.1f to %.1f %%", 100 * num(b, "rate_low"),
			100 * num(b, "rate_high"));
	}
	grid_print(&g, p);
}

static void put_heat(struct print *p, const struct json *bands)
{
	static const struct grid_col cols[] = { { .title = "heat" },
		{ .title = "leads", .right = true }, { .title = "won", .right = true },
		{ .title = "lost", .right = true }, { .title = "open", .right = true },
		{ .title = "promised", .right = true }, { .title = "came true", .right = true } };
	struct grid g;

	print_heading(p, "By heat");
	grid_init(&g, cols, 7);
	g.indent = 2;
	for (size_t i = 0; i < json_len(bands); i++) {
		const struct json *b = json_at(bands, i);
		struct str heat = json_str(json_get(b, "heat"), S(""));

		grid_text(&g, i == 0 ? STYLE_HOT : i == 1 ? STYLE_WARM : STYLE_COLD, heat);
		grid_count(&g, STYLE_PLAIN, count(b, "rows"));
		grid_count(&g, STYLE_PLAIN, count(b, "won"));
		grid_count(&g, STYLE_PLAIN, count(b, "lost"));
		grid_count(&g, STYLE_PLAIN, count(b, "open"));
		grid_percent(&g, STYLE_PLAIN, num(b, "mean_probability"));
		grid_percent(&g, STYLE_PLAIN, num(b, "rate"));
	}
	grid_print(&g, p);
}

static void put_groups(struct print *p, const struct json *groups)
{
	static const struct grid_col cols[] = { { .title = "value", .shrink = true, .max = 40 },
		{ .title = "leads", .right = true }, { .title = "came true", .right = true },
		{ .title = "promised", .right = true }, { .title = "ROC AUC", .right = true },
		{ .title = "log loss", .right = true } };
	const struct json *values = json_get(groups, "values");
	char title[160];
	struct grid g;

	if (json_type(groups) != J_OBJ)
		return;
	snprintf(title, sizeof(title), "By " STR_FMT,
		STR_ARG(str_sub(json_str(json_get(groups, "column"), S("")), 0, 120)));
	print_heading(p, title);
	grid_init(&g, cols, 6);
	g.indent = 2;
	for (size_t i = 0; i < json_len(values); i++) {
		const struct json *x = json_at(values, i);
		enum style s = json_bool(json_get(x, "small"), false) ? STYLE_DIM : STYLE_PLAIN;

		grid_text(&g, s, json_str(json_get(x, "value"), S("")));
		grid_count(&g, s, count(x, "rows"));
		grid_percent(&g, s, num(x, "rate"));
		grid_percent(&g, s, num(x, "mean_probability"));
		if (isnan(num(x, "roc_auc")))
			grid_text(&g, s, S("-"));
		else
			grid_fmt(&g, s, "%.3f", num(x, "roc_auc"));
		if (isnan(num(x, "log_loss")))
			grid_text(&g, s, S("-"));
		else
			grid_fmt(&g, s, "%.4f", num(x, "log_loss"));
	}
	grid_print(&g, p);
}

static void put_top(struct print *p, const struct json *tops)
{
	static const struct grid_col cols[] = { { .title = "best", .right = true },
		{ .title = "leads", .right = true }, { .title = "won of these", .right = true },
		{ .title = "times the base rate", .right = true } };
	struct grid g;

	if (json_len(tops) == 0)
		return;
	print_heading(p, "The leads at the top");
	grid_init(&g, cols, 4);
	g.indent = 2;
	for (size_t i = 0; i < json_len(tops); i++) {
		const struct json *t = json_at(tops, i);

		if (isnan(num(t, "share")))
			continue;
		grid_percent(&g, STYLE_PLAIN, num(t, "share"));
		grid_count(&g, STYLE_PLAIN, count(t, "k"));
		grid_percent(&g, STYLE_PLAIN, num(json_get(t, "precision"), "value"));
		grid_fmt(&g, STYLE_PLAIN, "%.2f", num(json_get(t, "lift"), "value"));
	}
	grid_print(&g, p);
}

void report_evaluation(struct print *p, const struct json *v)
{
	struct str verdict = json_str(json_get(json_get(v, "verdict"), "text"), S(""));

	print_fmt(p, STYLE_BOLD, "Model ");
	print_text(p, STYLE_BOLD, json_str(json_get(v, "model"), S("")));
	print_fmt(p, STYLE_PLAIN, ", ");
	print_text(p, STYLE_PLAIN, json_str(json_get(v, "outcome"), S("")));
	print_fmt(p, STYLE_PLAIN, "\n");
	put_counts(p, v);
	print_fmt(p, STYLE_PLAIN, "\n");
	put_figures(p, v);
	if (verdict.n != 0) {
		print_fmt(p, STYLE_PLAIN, "\n");
		print_sentence(p, STYLE_BOLD, verdict);
	}
	put_reliability(p, json_get(v, "reliability"));
	put_top(p, json_get(v, "top"));
	put_heat(p, json_get(v, "by_heat"));
	put_groups(p, json_get(v, "groups"));
}

int report_print(struct cli *c, struct str json,
	void (*report)(struct print *p, const struct json *v), struct err *e)
{
	struct json *v;

	if (c->o->json) {
		buf_str(&c->out.b, json);
		return 0;
	}
	if ((v = json_parse(json, e)) == NULL)
		return -1;
	report(&c->out, v);
	json_free(v);
	return 0;
}
