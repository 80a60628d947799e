/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/console.h"
#include "cli/report.h"
#include "cli/use_model.h"
#include "model/card.h"
#include "model/holdout.h"
#include "model/model.h"
#include "model/registry.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/file.h"
#include "util/json.h"

enum { BUNDLE_MAX = 1 << 30, SHOWN_MOVES = 20 };

static int need_version(
	struct cli *c, struct model_store *st, size_t arg, uint32_t *out, struct err *e)
{
	bool draft;

	if (c->o->n_args <= arg)
		return err_set(e, ERR_USAGE, "models %s needs a version, as v3", c->o->args[0]);
	return registry_pick(st, str_of(c->o->args[arg]), out, &draft, e) == 1 ? 0 : -1;
}

static void day_of(int64_t at, char out[32])
{
	time_t t = (time_t)at;
	struct tm tm;

	if (at == 0 || gmtime_r(&t, &tm) == NULL)
		snprintf(out, 32, "-");
	else
		strftime(out, 32, "%Y-%m-%d %H:%M", &tm);
}

/* --- list --- */

static void list_json(struct cli *c, struct model_store *st, const struct version_info *v, size_t n)
{
	struct jw w = { .b = &c->out.b, .indent = 1 };
	char name[16], day[32];

	jw_obj(&w);
	jw_kz(&w, "folder", st->where(st->self));
	jw_key(&w, "versions");
	jw_arr(&w);
	for (size_t i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "v%u", v[i].number);
		day_of(v[i].created, day);
		jw_obj(&w);
		jw_kz(&w, "version", name);
		jw_kz(&w, "state", version_state_name(v[i].state));
		jw_kz(&w, "created", v[i].created == 0 ? NULL : day);
		jw_kz(&w, "problem", v[i].problem[0] == '\0' ? NULL : v[i].problem);
		jw_end_obj(&w);
	}
	jw_end_arr(&w);
	jw_end_obj(&w);
	buf_c(&c->out.b, '\n');
}

static void list_figure(struct grid *g, const struct json *report, const char *key)
{
	const struct json *v = json_get(json_get(json_get(report, "figures"), "out_of_fold"), key);
	double x = json_num(json_get(v, "value"), NAN);

	if (isnan(x))
		grid_text(g, STYLE_DIM, S("-"));
	else
		grid_fmt(g, STYLE_PLAIN, "%.4f", x);
}

static void list_text(struct cli *c, struct model_store *st, const struct version_info *v, size_t n)
{
	static const struct grid_col cols[] = { { .title = "version" }, { .title = "state" },
		{ .title = "made (UTC)" }, { .title = "leads", .right = true },
		{ .title = "ROC AUC", .right = true }, { .title = "log loss", .right = true },
		{ .title = "", .shrink = true } };
	struct grid g;

	if (n == 0) {
		print_fmt(&c->out, STYLE_PLAIN,
			"There is no model in %s; heatscore train makes one.\n",
			st->where(st->self));
		return;
	}
	grid_init(&g, cols, 7);
	for (size_t i = 0; i < n; i++) {
		enum style s = v[i].state == VERSION_PUBLISHED ? STYLE_GOOD : STYLE_PLAIN;
		struct err problem = { 0 };
		struct model *m = model_load(st, v[i].number, MODEL_WITH_REPORT, &problem);
		char day[32];

		day_of(v[i].created, day);
		grid_fmt(&g, s, "v%u", v[i].number);
		grid_text(&g, s, str_of(version_state_name(v[i].state)));
		grid_text(&g, STYLE_PLAIN, str_of(day));
		if (m != NULL)
			grid_count(&g, STYLE_PLAIN, m->rows);
		else
			grid_text(&g, STYLE_DIM, S("-"));
		list_figure(&g, m != NULL ? m->report : NULL, "roc_auc");
		list_figure(&g, m != NULL ? m->report : NULL, "log_loss");
		grid_text(&g, STYLE_BAD, str_of(m == NULL ? problem.msg : ""));
		model_free(m);
	}
	grid_print(&g, &c->out);
}

static int list(struct cli *c, struct model_store *st, struct err *e)
{
	struct version_info *v;
	size_t n;

	if (registry_list(st, &v, &n, e) == -1)
		return -1;
	if (c->o->json)
		list_json(c, st, v, n);
	else
		list_text(c, st, v, n);
	free(v);
	return 0;
}

/* --- show --- */

static const char *state_of(struct model_store *st, uint32_t number)
{
	struct version_info *v;
	const char *state = NULL;
	size_t n;

	if (registry_list(st, &v, &n, NULL) == -1)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (v[i].number == number)
			state = version_state_name(v[i].state);
	free(v);
	return state;
}

/* The model card, into the file that -o names; its ending says as what. */
static int show_card(struct cli *c, struct model_store *st, uint32_t number, struct err *e)
{
	struct model *m = model_load(st, number, MODEL_WITH_REPORT, e);
	struct card_about about = { .state = state_of(st, number) };
	struct buf card = { 0 };
	int rc = -1;

	if (m == NULL)
		return -1;
	about.version = m->version;
	about.created = m->created;
	about.summary = &m->summary;
	if (card_write(m->report, &about, card_format_of(c->o->output), &card, e) == 0)
		rc = file_write(c->o->output, buf_view(&card), e);
	if (rc == 0)
		print_fmt(&c->out, STYLE_PLAIN, "The model card of %s is in %s\n", m->version,
			c->o->output);
	buf_clear(&card);
	model_free(m);
	return rc;
}

static int show(struct cli *c, struct model_store *st, struct err *e)
{
	struct model_files fs = { 0 };
	const struct model_file *report;
	struct json *v = NULL;
	uint32_t number;
	int rc = -1;

	if (need_version(c, st, 1, &number, e) == -1)
		return -1;
	if (c->o->output != NULL)
		return show_card(c, st, number, e);
	if (model_read_files(st, number, &fs, e) == -1)
		goto done;
	if ((report = model_files_get(&fs, "report.json")) == NULL) {
		err_set(e, ERR_CONFIG, "model v%u has no report.json", number);
		goto done;
	}
	if (c->o->json) {
		buf_fmt(&c->out.b, "{\n \"version\": \"v%u\",", number);
		buf_str(&c->out.b, str_sub(report->bytes, 1, report->bytes.n));
	} else if ((v = json_parse(report->bytes, e)) != NULL) {
		print_fmt(&c->out, STYLE_BOLD, "Model v%u\n", number);
		report_training(&c->out, v);
	} else {
		goto done;
	}
	rc = 0;
done:
	json_free(v);
	model_files_clear(&fs);
	return rc;
}

/* --- compare, publish --- */

static void compare_json(struct cli *c, const struct holdout_compare *r, struct str moves)
{
	struct jw w = { .b = &c->out.b, .indent = 1 };

	jw_obj(&w);
	jw_kz(&w, "a", c->o->args[1]);
	jw_kz(&w, "b", c->o->args[2]);
	jw_kint(&w, "shared_rows", (int64_t)r->shared);
	jw_kbool(&w, "comparable", r->comparable);
	jw_key(&w, "a_minus_b");
	if (r->comparable) {
		jw_obj(&w);
		eval_compare_write(&w, &r->figures);
		jw_end_obj(&w);
	} else {
		jw_null(&w);
	}
	jw_key(&w, "leads_whose_heat_differs");
	buf_str(&c->out.b, moves);
	w.has_items = true;
	w.after_key = false;
	jw_end_obj(&w);
	buf_c(&c->out.b, '\n');
}

static void put_difference(struct grid *g, const char *name, const struct eval_value *v)
{
	grid_text(g, STYLE_PLAIN, str_of(name));
	grid_fmt(g, STYLE_PLAIN, "%+.4f", v->value);
	grid_fmt(g, STYLE_DIM, "%+.4f to %+.4f", v->low, v->high);
}

static void put_moves(struct print *p, const struct json *moves)
{
	size_t n = json_len(moves);

	for (size_t i = 0; i < n && i < SHOWN_MOVES; i++) {
		const struct json *m = json_at(moves, i);
		struct str key;

		print_fmt(p, STYLE_PLAIN, "  line %-8lld",
			(long long)json_int(json_get(m, "line"), 0));
		for (size_t k = 1; k < 3; k++) {
			const struct json *side = json_member(m, k, &key);
			struct str heat = json_str(json_get(side, "heat"), S(""));
			char name[8];

			snprintf(name, sizeof(name), STR_FMT, STR_ARG(str_sub(heat, 0, 7)));
			print_fmt(p, STYLE_PLAIN, "%s", k == 1 ? "" : "  ->  ");
			print_fmt(p, print_heat_style(name), "%-4s", name);
			print_fmt(p, STYLE_PLAIN, " %5.1f %%",
				100 * json_num(json_get(side, "probability"), NAN));
		}
		print_fmt(p, STYLE_PLAIN, "\n");
	}
	if (n > SHOWN_MOVES)
		print_fmt(
			p, STYLE_DIM, "  and %zu more (--json has up to 1,000)\n", n - SHOWN_MOVES);
}

static void put_changes(struct print *p, const struct holdout_compare *r, const struct json *moves)
{
	size_t same = r->moved[0][0] + r->moved[1][1] + r->moved[2][2];

	print_fmt(
		p, STYLE_PLAIN, "%zu of %zu leads change their heat", r->shared - same, r->shared);
	print_fmt(p, STYLE_PLAIN, json_len(moves) != 0 ? ", the furthest first:\n" : ".\n");
	put_moves(p, moves);
}

static int parse_moves(struct buf *list, struct json **out, struct err *e)
{
	if (buf_done(list, e) == -1)
		return -1;
	return (*out = json_parse(buf_view(list), e)) == NULL ? -1 : 0;
}

static int compare(struct cli *c, struct model_store *st, struct err *e)
{
	static const struct grid_col cols[] = { { .title = "a - b" },
		{ .title = "difference", .right = true }, { .title = "95 % interval" } };
	struct holdout_compare r;
	struct buf list = { 0 };
	struct jw w = { .b = &list };
	struct json *moves = NULL;
	uint32_t a, b;
	struct grid g;
	int rc = -1;

	if (need_version(c, st, 1, &a, e) == -1 || need_version(c, st, 2, &b, e) == -1)
		return -1;
	jw_arr(&w);
	if (registry_compare(st, a, b, &r, &w, e) == -1)
		goto done;
	jw_end_arr(&w);
	if (parse_moves(&list, &moves, e) == -1)
		goto done;
	rc = 0;
	if (c->o->json) {
		compare_json(c, &r, buf_view(&list));
		goto done;
	}
	print_fmt(&c->out, STYLE_BOLD, "v%u (a) beside v%u (b)", a, b);
	print_fmt(&c->out, STYLE_PLAIN,
		", on the %zu training rows both have, each scored by folds that had not seen it\n",
		r.shared);
	if (!r.comparable) {
		print_fmt(&c->out, STYLE_PLAIN, "That is too few to compare them.\n");
		goto done;
	}
	grid_init(&g, cols, 3);
	g.indent = 2;
	put_difference(&g, "log loss (lower is better)", &r.figures.log_loss);
	put_difference(&g, "ROC AUC (higher is better)", &r.figures.roc_auc);
	put_difference(&g, "Brier score (lower is better)", &r.figures.brier);
	grid_print(&g, &c->out);
	put_changes(&c->out, &r, moves);
done:
	json_free(moves);
	buf_clear(&list);
	return rc;
}

static void publish_json(
	struct cli *c, uint32_t number, const struct registry_gate *g, struct str moves)
{
	struct jw w = { .b = &c->out.b, .indent = 1 };
	char name[16];

	snprintf(name, sizeof(name), "v%u", number);
	jw_obj(&w);
	jw_kz(&w, "published", name);
	snprintf(name, sizeof(name), "v%u", g->live);
	jw_kz(&w, "before", g->has_live ? name : NULL);
	jw_kz(&w, "gate", g->has_live ? g->why : NULL);
	jw_key(&w, "leads_whose_heat_differs");
	buf_str(&c->out.b, moves);
	w.has_items = true;
	w.after_key = false;
	jw_end_obj(&w);
	buf_c(&c->out.b, '\n');
}

static int publish(struct cli *c, struct model_store *st, struct err *e)
{
	struct registry_gate g;
	struct buf list = { 0 };
	struct jw w = { .b = &list };
	struct json *moves = NULL;
	uint32_t number;
	int rc = -1;

	if (need_version(c, st, 1, &number, e) == -1)
		return -1;
	jw_arr(&w);
	if (registry_verify(st, number, e) == -1 ||
		registry_gate(st, number, S(""), &g, &w, e) == -1)
		goto done;
	jw_end_arr(&w);
	if (parse_moves(&list, &moves, e) == -1)
		goto done;
	if (!g.open && !c->o->force) {
		err_set(e, ERR_CONFLICT, "%s; not published (--force publishes it all the same)",
			g.why);
		goto done;
	}
	if (registry_publish(st, number, (int64_t)time(NULL), e) == -1)
		goto done;
	console_note_model(c, "model.published", number);
	rc = 0;
	if (c->o->json) {
		publish_json(c, number, &g, buf_view(&list));
		goto done;
	}
	print_fmt(&c->out, STYLE_BOLD, "v%u is published.\n", number);
	if (g.has_live)
		print_fmt(&c->out, STYLE_PLAIN, "Checked: %s.\n", g.why);
	if (g.has_live && g.compare.comparable) {
		put_changes(&c->out, &g.compare, moves);
	}
done:
	json_free(moves);
	buf_clear(&list);
	return rc;
}

static int rollback(struct cli *c, struct model_store *st, struct err *e)
{
	uint32_t number;

	if (registry_rollback(st, (int64_t)time(NULL), &number, e) == -1)
		return -1;
	console_note_model(c, "model.rolled_back", number);
	if (c->o->json)
		buf_fmt(&c->out.b, "{\"published\": \"v%u\"}\n", number);
	else
		print_fmt(&c->out, STYLE_BOLD, "v%u is published again.\n", number);
	return 0;
}

/* --- in, out, checked --- */

static int export(struct cli *c, struct model_store *st, struct err *e)
{
	struct buf bundle = { 0 };
	uint32_t number;
	char path[64];
	int rc = -1;

	if (need_version(c, st, 1, &number, e) == -1)
		return -1;
	snprintf(path, sizeof(path), "heatscore-v%u.tar", number);
	if (registry_export(st, number, &bundle, e) == 0)
		rc = file_write(c->o->output != NULL ? c->o->output : path, buf_view(&bundle), e);
	if (rc == 0)
		print_fmt(&c->out, STYLE_PLAIN, "v%u is in %s.\n", number,
			c->o->output != NULL ? c->o->output : path);
	buf_clear(&bundle);
	return rc;
}

static int import(struct cli *c, struct model_store *st, struct err *e)
{
	struct buf bundle = { 0 };
	uint32_t number;
	int rc = -1;

	if (c->o->n_args < 2)
		return err_set(e, ERR_USAGE, "models import needs a file made by models export");
	if (cli_data(c, e) == NULL)
		return -1;
	if (file_read(c->o->args[1], BUNDLE_MAX, &bundle, e) == 0) {
		rc = registry_import(st, buf_view(&bundle), &number, e);
		if (rc == -1)
			err_prefix(e, "%s: ", c->o->args[1]);
	}
	if (rc == 0 && c->o->json)
		buf_fmt(&c->out.b, "{\"version\": \"v%u\"}\n", number);
	else if (rc == 0)
		print_fmt(&c->out, STYLE_PLAIN, "%s is here as v%u, a draft.\n", c->o->args[1],
			number);
	buf_clear(&bundle);
	return rc;
}

static int verify(struct cli *c, struct model_store *st, struct err *e)
{
	struct version_info *v;
	uint32_t only = 0;
	size_t n, bad = 0;

	if (c->o->n_args > 1 && need_version(c, st, 1, &only, e) == -1)
		return -1;
	if (only != 0) {
		if (registry_verify(st, only, e) == -1)
			return -1;
		print_fmt(&c->out, STYLE_PLAIN, "v%u is as it was made.\n", only);
		return 0;
	}
	if (registry_list(st, &v, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct err problem = { 0 };

		if (registry_verify(st, v[i].number, &problem) == 0) {
			print_fmt(&c->out, STYLE_PLAIN, "v%u is as it was made.\n", v[i].number);
			continue;
		}
		bad++;
		print_text(&c->out, STYLE_BAD, str_of(problem.msg));
		print_fmt(&c->out, STYLE_PLAIN, "\n");
	}
	free(v);
	return bad == 0 ? 0 : err_exit(ERR_CONFIG);
}

int cmd_models(struct cli *c, struct err *e)
{
	static const struct {
		const char *name;
		int (*run)(struct cli *c, struct model_store *st, struct err *e);
	} commands[] = {
		{ "list", list },
		{ "show", show },
		{ "compare", compare },
		{ "publish", publish },
		{ "rollback", rollback },
		{ "export", export },
		{ "import", import },
		{ "verify", verify },
	};
	const char *name = c->o->n_args > 0 ? c->o->args[0] : "list";
	struct model_store st;
	int rc;

	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (strcmp(commands[i].name, name) != 0)
			continue;
		if (cli_store(c, false, &st, e) == -1)
			return -1;
		rc = commands[i].run(c, &st, e);
		model_store_close(&st);
		return rc;
	}
	return err_set(e, ERR_USAGE,
		"models can list, show, compare, publish, rollback, export, import and verify; not "
		"'%.40s'",
		name);
}
