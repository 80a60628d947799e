/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/demo_view.h"
#include "util/json.h"

static const char *const heat_words[HEAT_COUNT] = { "hot", "warm", "cold" };

/* Log loss to expect from saying ${p} where the chance is ${q}. */
static double expected_loss(double p, double q)
{
	const double least = 1e-12;

	p = p < least ? least : p > 1 - least ? 1 - least : p;
	return -(q * log(p) + (1 - q) * log1p(-p));
}

static int by_says(const void *a, const void *b)
{
	const struct demo_scored *x = a, *y = b;

	if (x->says != y->says)
		return x->says < y->says ? -1 : 1;
	return x->chance < y->chance ? -1 : x->chance > y->chance;
}

static int by_chance(const void *a, const void *b)
{
	const struct demo_scored *x = a, *y = b;

	return x->chance < y->chance ? -1 : x->chance > y->chance;
}

/* How often a lead that is won is ahead of one that is lost, in rows sorted by the score: each row
 * is won with its chance and lost with the rest. Equal scores count half. */
static double expected_auc(const struct demo_scored *rows, size_t n, bool own)
{
	double below = 0, pairs = 0, won = 0, lost = 0;

	for (size_t i = 0; i < n;) {
		double w = 0, l = 0;
		size_t from = i;

		do {
			w += rows[i].chance;
			l += 1 - rows[i].chance;
			i++;
		} while (i < n && (own ? rows[i].chance == rows[from].chance
				       : rows[i].says == rows[from].says));
		below += w * (lost + l / 2);
		won += w;
		lost += l;
	}
	pairs = won * lost;
	return pairs > 0 ? below / pairs : NAN;
}

static void add(struct demo_group *g, const struct demo_scored *r)
{
	g->n++;
	g->says += r->says;
	g->chance += r->chance;
}

int demo_view_figures(struct demo_view *v)
{
	struct demo_scored *sorted = calloc(v->n + 1, sizeof(*sorted));
	double n = (double)v->n;

	if (sorted == NULL)
		return -1;
	for (size_t i = 0; i < v->n; i++) {
		const struct demo_scored *r = &v->rows[i];
		size_t bin = (size_t)(r->says * DEMO_BINS);

		add(&v->bands[r->heat], r);
		add(&v->bins[bin < DEMO_BINS ? bin : DEMO_BINS - 1], r);
		v->log_loss += expected_loss(r->says, r->chance) / n;
		v->log_loss_base += expected_loss(v->base, r->chance) / n;
		v->log_loss_best += expected_loss(r->chance, r->chance) / n;
		sorted[i] = *r;
	}
	for (size_t b = 0; b < DEMO_BINS; b++)
		v->off += fabs(v->bins[b].says - v->bins[b].chance) / n;
	qsort(sorted, v->n, sizeof(*sorted), by_says);
	v->auc = expected_auc(sorted, v->n, false);
	qsort(sorted, v->n, sizeof(*sorted), by_chance);
	v->auc_best = expected_auc(sorted, v->n, true);
	free(sorted);
	return 0;
}

static void print_story(struct cli *c, const struct demo_view *v)
{
	struct print *p = &c->out;

	print_fmt(p, STYLE_BOLD, "heatscore demo");
	print_fmt(p, STYLE_DIM, "  seed %llu, everything in it is invented\n\n",
		(unsigned long long)v->seed);
	print_fmt(p, STYLE_PLAIN, "  1  ");
	print_text(p, STYLE_BOLD, str_of(v->history));
	print_fmt(p, STYLE_PLAIN, "\n     ");
	print_count(&p->b, v->learned_from);
	print_fmt(p, STYLE_PLAIN, " leads of 18 months: ");
	print_count(&p->b, v->won);
	print_fmt(p, STYLE_PLAIN, " won, ");
	print_count(&p->b, v->lost);
	print_fmt(p, STYLE_PLAIN, " lost, %llu still open; learned from in %.1f s, model %s\n  2  ",
		(unsigned long long)v->open, v->train_s, v->version);
	print_text(p, STYLE_BOLD, str_of(v->leads));
	print_fmt(p, STYLE_PLAIN, "\n     ");
	print_count(&p->b, v->n);
	print_fmt(p, STYLE_PLAIN, " leads of the six weeks after; scored in %.2f s into ",
		v->score_s);
	print_text(p, STYLE_PLAIN, str_of(v->scored));
	print_fmt(p, STYLE_PLAIN, "\n");
}

static void print_left_out(struct cli *c, const struct demo_view *v)
{
	static const struct grid_col cols[] = { { .title = "", .max = 24 }, { .title = "" },
		{ .title = "", .shrink = true, .wrap = true } };
	const struct json *left = json_get(v->report, "left_out");
	struct print *p = &c->out;
	struct grid g;

	if (json_len(left) == 0)
		return;
	print_heading(p, "Not used for learning");
	grid_init(&g, cols, 3);
	for (size_t i = 0; i < json_len(left); i++) {
		const struct json *one = json_at(left, i);
		struct str reason = json_str(json_get(one, "reason"), S(""));
		bool leak = str_eq(reason, S("leak"));

		grid_text(&g, STYLE_BOLD, json_str(json_get(one, "column"), S("")));
		grid_text(&g, leak ? STYLE_BAD : STYLE_DIM, reason);
		grid_text(&g, leak ? STYLE_PLAIN : STYLE_DIM,
			json_str(json_get(one, "evidence"), S("")));
	}
	grid_print(&g, p);
}

static void print_bands(struct cli *c, const struct demo_view *v)
{
	static const struct grid_col cols[] = { { .title = "heat" },
		{ .title = "leads", .right = true }, { .title = "", .max = 30 },
		{ .title = "the model expects", .right = true },
		{ .title = "truth", .right = true } };
	struct grid g;

	print_heading(&c->out, "Heat of the new leads");
	grid_init(&g, cols, 5);
	for (size_t h = 0; h < HEAT_COUNT; h++) {
		const struct demo_group *b = &v->bands[h];
		enum style s = print_heat_style(heat_words[h]);

		grid_text(&g, s, str_of(heat_words[h]));
		grid_count(&g, STYLE_PLAIN, b->n);
		grid_bar(&g, s, (double)b->n / (double)v->n);
		if (b->n == 0) {
			grid_text(&g, STYLE_PLAIN, S(""));
			grid_text(&g, STYLE_PLAIN, S(""));
			continue;
		}
		grid_fmt(&g, STYLE_PLAIN, "%.0f wins, %.0f %%", b->says,
			100 * b->says / (double)b->n);
		grid_fmt(&g, STYLE_PLAIN, "%.0f wins, %.0f %%", b->chance,
			100 * b->chance / (double)b->n);
	}
	grid_print(&g, &c->out);
}

static void print_calibration(struct cli *c, const struct demo_view *v)
{
	static const struct grid_col cols[] = { { .title = "score", .right = true },
		{ .title = "leads", .right = true }, { .title = "says", .right = true },
		{ .title = "truth", .right = true }, { .title = "", .max = 30 } };
	struct grid g;

	print_heading(&c->out, "Does 30 % mean 30 %? Scores held against the known chances");
	grid_init(&g, cols, 5);
	for (size_t i = 0; i < DEMO_BINS; i++) {
		const struct demo_group *b = &v->bins[i];
		double n = (double)b->n;

		if (b->n == 0)
			continue;
		grid_fmt(&g, STYLE_PLAIN, "%zu to %zu", i * 100 / DEMO_BINS,
			(i + 1) * 100 / DEMO_BINS);
		grid_count(&g, STYLE_PLAIN, b->n);
		grid_fmt(&g, STYLE_BOLD, "%.1f %%", 100 * b->says / n);
		grid_fmt(&g, STYLE_BOLD, "%.1f %%", 100 * b->chance / n);
		grid_bar(&g, STYLE_GOOD, b->chance / n);
	}
	grid_print(&g, &c->out);
	print_fmt(&c->out, STYLE_PLAIN, "  On average %.1f points apart.\n", 100 * v->off);
}

static void print_limits(struct cli *c, const struct demo_view *v)
{
	static const struct grid_col cols[] = { { .title = "" },
		{ .title = "log loss", .right = true }, { .title = "ROC AUC", .right = true },
		{ .title = "" } };
	double way = (v->log_loss_base - v->log_loss) / (v->log_loss_base - v->log_loss_best);
	struct grid g;

	print_heading(
		&c->out, "How good could it be? Lower log loss and higher ROC AUC are better");
	grid_init(&g, cols, 4);
	grid_text(&g, STYLE_PLAIN, S("the same chance for everyone"));
	grid_fmt(&g, STYLE_PLAIN, "%.4f", v->log_loss_base);
	grid_fmt(&g, STYLE_PLAIN, "%.3f", .5);
	grid_text(&g, STYLE_PLAIN, S(""));
	grid_text(&g, STYLE_BOLD, S("this model"));
	grid_fmt(&g, STYLE_BOLD, "%.4f", v->log_loss);
	grid_fmt(&g, STYLE_BOLD, "%.3f", v->auc);
	grid_fmt(&g, STYLE_PLAIN, "%.0f %% of the way", 100 * way);
	grid_text(&g, STYLE_PLAIN, S("the generator, which knows the odds"));
	grid_fmt(&g, STYLE_PLAIN, "%.4f", v->log_loss_best);
	grid_fmt(&g, STYLE_PLAIN, "%.3f", v->auc_best);
	grid_text(&g, STYLE_DIM, S("nobody can do better but by luck"));
	grid_print(&g, &c->out);
}

static void print_hottest(struct cli *c, const struct demo_view *v)
{
	static const struct grid_col cols[] = { { .title = "score", .right = true },
		{ .title = "truth", .right = true }, { .title = "lead", .shrink = true, .max = 26 },
		{ .title = "title", .shrink = true, .max = 28 },
		{ .title = "company", .shrink = true, .max = 30 },
		{ .title = "source", .shrink = true, .max = 20 } };
	struct grid g;

	print_heading(&c->out, "The ten hottest");
	grid_init(&g, cols, 6);
	for (size_t i = 0; i < v->n_hottest; i++) {
		const struct demo_hottest *h = &v->hottest[i];

		grid_fmt(&g, STYLE_HOT, "%.0f", floor(100 * h->says + .5));
		grid_fmt(&g, STYLE_DIM, "%.0f", floor(100 * h->chance + .5));
		grid_text(&g, STYLE_BOLD, h->name);
		grid_text(&g, STYLE_PLAIN, h->title);
		grid_text(&g, STYLE_PLAIN, h->company);
		grid_text(&g, STYLE_DIM, h->source);
	}
	grid_print(&g, &c->out);
}

static void print_steps(struct cli *c, const struct demo_view *v)
{
	struct print *p = &c->out;

	print_heading(p, "Next, with the demo's files");
	print_fmt(p, STYLE_PLAIN, "  heatscore profile ");
	print_shell(p, str_of(v->history));
	print_fmt(p, STYLE_PLAIN, " --target Status\n  heatscore explain ");
	print_shell(p, str_of(v->leads));
	print_fmt(p, STYLE_PLAIN, " --row %llu --data ",
		(unsigned long long)(v->n_hottest > 0 ? v->hottest[0].row : 1));
	print_shell(p, str_of(v->dir));
	print_fmt(p, STYLE_PLAIN, "\n  heatscore serve --demo --data ");
	print_shell(p, str_of(v->dir));
	print_fmt(p, STYLE_PLAIN, "    # such leads and this model in the browser");
	print_heading(p, "\nor with your own export");
	print_fmt(p, STYLE_PLAIN,
		"  heatscore train YOURS.csv --target COLUMN\n"
		"  heatscore score NEW.csv -o scored.csv\n");
}

void demo_view_print(struct cli *c, const struct demo_view *v)
{
	print_story(c, v);
	print_left_out(c, v);
	print_bands(c, v);
	print_calibration(c, v);
	print_limits(c, v);
	print_hottest(c, v);
	print_steps(c, v);
}

static void json_group(struct jw *w, const struct demo_group *g)
{
	jw_kint(w, "leads", (int64_t)g->n);
	jw_knum(w, "expected", g->n > 0 ? g->says / (double)g->n : NAN);
	jw_knum(w, "true", g->n > 0 ? g->chance / (double)g->n : NAN);
}

static void json_hottest(struct jw *w, const struct demo_view *v)
{
	jw_key(w, "hottest");
	jw_arr(w);
	for (size_t i = 0; i < v->n_hottest; i++) {
		jw_obj(w);
		jw_kint(w, "row", (int64_t)v->hottest[i].row);
		jw_kstr(w, "name", v->hottest[i].name);
		jw_knum(w, "probability", v->hottest[i].says);
		jw_knum(w, "true", v->hottest[i].chance);
		jw_end_obj(w);
	}
	jw_end_arr(w);
}

static void json_groups(struct jw *w, const struct demo_view *v)
{
	jw_key(w, "bands");
	jw_obj(w);
	for (size_t h = 0; h < HEAT_COUNT; h++) {
		jw_key(w, heat_words[h]);
		jw_obj(w);
		json_group(w, &v->bands[h]);
		jw_end_obj(w);
	}
	jw_end_obj(w);
	jw_key(w, "calibration");
	jw_arr(w);
	for (size_t i = 0; i < DEMO_BINS; i++) {
		jw_obj(w);
		jw_knum(w, "from", (double)i / DEMO_BINS);
		jw_knum(w, "to", (double)(i + 1) / DEMO_BINS);
		json_group(w, &v->bins[i]);
		jw_end_obj(w);
	}
	jw_end_arr(w);
}

void demo_view_json(struct cli *c, const struct demo_view *v)
{
	struct jw w = { .b = &c->out.b, .indent = 2 };

	jw_obj(&w);
	jw_kint(&w, "seed", (int64_t)v->seed);
	jw_kz(&w, "history", v->history);
	jw_kz(&w, "leads", v->leads);
	jw_kz(&w, "scored", v->scored);
	jw_kz(&w, "truth", v->truth);
	jw_kz(&w, "model", v->version);
	jw_kint(&w, "won", (int64_t)v->won);
	jw_kint(&w, "lost", (int64_t)v->lost);
	jw_kint(&w, "open", (int64_t)v->open);
	jw_kint(&w, "scored_rows", (int64_t)v->n);
	jw_key(&w, "log_loss");
	jw_obj(&w);
	jw_knum(&w, "base_rate", v->log_loss_base);
	jw_knum(&w, "model", v->log_loss);
	jw_knum(&w, "generator", v->log_loss_best);
	jw_end_obj(&w);
	jw_key(&w, "roc_auc");
	jw_obj(&w);
	jw_knum(&w, "model", v->auc);
	jw_knum(&w, "generator", v->auc_best);
	jw_end_obj(&w);
	jw_knum(&w, "calibration_error", v->off);
	json_groups(&w, v);
	json_hottest(&w, v);
	jw_end_obj(&w);
	buf_c(w.b, '\n');
}
