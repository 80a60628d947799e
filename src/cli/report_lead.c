/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>

#include "cli/print.h"
#include "cli/report.h"
#include "util/json.h"

static double num(const struct json *v, const char *key)
{
	return json_num(json_get(v, key), NAN);
}

static int whole(const struct json *v, const char *key)
{
	return (int)json_int(json_get(v, key), 0);
}

static struct str text(const struct json *v, const char *key)
{
	return json_str(json_get(v, key), S(""));
}

/* --- explain --- */

static void put_line(struct grid *g, int points, bool sign, enum style s, struct str words)
{
	grid_fmt(g, points < 0 ? STYLE_COLD : STYLE_HOT, sign ? "%+d" : "%d", points);
	grid_text(g, s, words);
}

/* Reasons of no whole point go together with everything else. */
static void put_reasons(struct print *p, const struct json *v)
{
	static const struct grid_col cols[] = { { .title = "points", .right = true },
		{ .title = "why", .shrink = true } };
	const struct json *reasons = json_get(v, "reasons");
	bool rule = str_eq(text(v, "model"), S("rule"));
	int rest = whole(v, "rest_points");
	size_t small = 0;
	struct grid g;

	grid_init(&g, cols, 2);
	g.indent = 2;
	put_line(&g, whole(v, "base_points"), false, STYLE_DIM,
		rule ? S("a lead of which nothing is known")
		     : S("base rate of the training leads"));
	if (!rule)
		put_line(&g, whole(v, "model_average_points"), true, STYLE_DIM,
			S("model average: a lead of no particular features"));
	for (size_t i = 0; i < json_len(reasons); i++) {
		const struct json *r = json_at(reasons, i);

		if (whole(r, "points") == 0)
			small++;
		else
			put_line(&g, whole(r, "points"), true, STYLE_PLAIN, text(r, "text"));
	}
	if (small != 0 || rest != 0)
		put_line(&g, rest, true, STYLE_DIM, S("everything else"));
	grid_fmt(&g, STYLE_BOLD, "%d", whole(v, "score"));
	grid_text(&g, STYLE_BOLD, S("score"));
	grid_print(&g, p);
}

static void put_hot(struct print *p, const struct json *hot)
{
	const struct json *changes = json_get(hot, "changes");

	if (json_type(hot) != J_OBJ || json_bool(json_get(hot, "already"), false))
		return;
	print_heading(p, "What would make it hot");
	if (!json_bool(json_get(hot, "reachable"), false)) {
		print_fmt(p, STYLE_PLAIN,
			"  Nothing reachable: no change of up to three columns that can change, to "
			"values that training leads had, is enough.\n");
		if (json_len(changes) != 0)
			print_fmt(p, STYLE_DIM, "  The best found gets it to %d:\n",
				whole(hot, "score"));
	}
	for (size_t i = 0; i < json_len(changes); i++) {
		const struct json *c = json_at(changes, i);
		struct str from = str_trim(text(c, "from"));

		print_fmt(p, STYLE_PLAIN, "  ");
		print_text(p, STYLE_BOLD, text(c, "column"));
		print_fmt(p, STYLE_PLAIN, ": ");
		print_text(p, STYLE_DIM, from.n == 0 ? S("(empty)") : from);
		print_fmt(p, STYLE_PLAIN, " -> ");
		print_text(p, STYLE_HOT, text(c, "to").n == 0 ? S("(empty)") : text(c, "to"));
		print_fmt(p, STYLE_PLAIN, "\n");
	}
	if (json_bool(json_get(hot, "reachable"), false))
		print_fmt(p, STYLE_PLAIN, "  Its score would be %d.\n", whole(hot, "score"));
}

static void put_moved(struct print *p, const struct json *m)
{
	static const char *const causes[] = { "data", "time", "model" };
	static const char *const words[] = { "what is known of the lead has changed",
		"time has passed", "the model is another one" };

	if (json_type(m) != J_OBJ)
		return;
	print_heading(p, "Why it moved");
	print_fmt(p, STYLE_PLAIN, "  %3d  before\n", whole(m, "score_before"));
	for (size_t i = 0; i < 3; i++)
		print_fmt(p, STYLE_PLAIN, "  %+3d  %s\n", whole(json_get(m, causes[i]), "points"),
			words[i]);
	print_fmt(p, STYLE_BOLD, "  %3d  now\n", whole(m, "score_after"));
}

void report_explanation(struct print *p, const struct json *v)
{
	char heat[8];

	snprintf(heat, sizeof(heat), STR_FMT, STR_ARG(str_sub(text(v, "heat"), 0, 7)));
	print_fmt(p, STYLE_BOLD, "Row %lld", (long long)json_int(json_get(v, "row"), 0));
	print_fmt(p, STYLE_PLAIN, " (line %lld): ", (long long)json_int(json_get(v, "line"), 0));
	print_fmt(p, print_heat_style(heat), "%s, score %d", heat, whole(v, "score"));
	if (str_eq(text(v, "model"), S("rule"))) {
		print_fmt(p, STYLE_PLAIN, " (the rule score: nothing learned from outcomes)\n\n");
	} else {
		print_fmt(p, STYLE_PLAIN, " (%.1f %% to win, %.0f %% sure of the band; model ",
			100 * num(v, "probability"), 100 * num(v, "confidence"));
		print_text(p, STYLE_PLAIN, text(v, "model"));
		print_fmt(p, STYLE_PLAIN, ")\n\n");
	}
	put_reasons(p, v);
	put_hot(p, json_get(v, "hot"));
	put_moved(p, json_get(v, "moved"));
}

/* --- drift --- */

static enum style verdict_style(struct str verdict)
{
	if (str_eq(verdict, S("strong")))
		return STYLE_BAD;
	return str_eq(verdict, S("moved"))    ? STYLE_WARM
	       : str_eq(verdict, S("slight")) ? STYLE_PLAIN
					      : STYLE_DIM;
}

static void put_column(struct grid *g, const struct json *c)
{
	struct str verdict = text(c, "verdict");
	enum style s = verdict_style(verdict);

	grid_text(g, s, text(c, "column"));
	grid_text(g, s, verdict);
	grid_fmt(g, s, "%.3f", num(c, "psi"));
	grid_fmt(g, STYLE_DIM, "%.3f", num(c, "psi_by_chance"));
	grid_percent(g, s, num(json_get(c, "missing"), "now"));
	grid_percent(g, s, num(json_get(c, "unseen"), "now"));
	/* Where nothing happened the figures say enough. */
	grid_text(g, STYLE_DIM, str_eq(verdict, S("within chance")) ? S("") : text(c, "text"));
}

void report_drift(struct print *p, const struct json *v)
{
	static const struct grid_col cols[] = { { .title = "column", .shrink = true, .max = 36 },
		{ .title = "verdict" }, { .title = "shift", .right = true },
		{ .title = "by chance", .right = true }, { .title = "missing", .right = true },
		{ .title = "new", .right = true }, { .title = "", .shrink = true, .wrap = true } };
	const struct json *columns = json_get(v, "columns"), *scores = json_get(v, "scores");
	struct grid g;

	print_sentence(p, STYLE_BOLD, text(v, "summary"));
	print_fmt(p, STYLE_PLAIN, "\n");
	grid_init(&g, cols, 7);
	if (json_type(scores) == J_OBJ)
		put_column(&g, scores);
	for (size_t i = 0; i < json_len(columns); i++)
		put_column(&g, json_at(columns, i));
	grid_print(&g, p);
}
