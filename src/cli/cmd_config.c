/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/cli.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"

/* The settings that serve would have here and now. */
static int of_serve(struct cli *c, struct options *o, struct err *e)
{
	const char *argv[7] = { "heatscore", "serve" };
	int n = 2;

	if (c->o->given[OPT_data]) {
		argv[n++] = "--data";
		argv[n++] = c->o->data;
	}
	if (c->o->config != NULL) {
		argv[n++] = "--config";
		argv[n++] = c->o->config;
	}
	return options_parse(o, n, argv, e);
}

/* What bounds a request or a caller: numbers, all of them. */
static bool is_limit(enum opt_id id)
{
	enum opt_kind k = opt_info(id)->kind;

	return opt_info(id)->env != NULL && id != OPT_threads && id != OPT_seed &&
	       (k == OPT_KIND_INT || k == OPT_KIND_NUMBER || k == OPT_KIND_SECONDS);
}

static void as_json(struct cli *c, const struct options *o, bool limits)
{
	struct jw w = { .b = &c->out.b, .indent = 1 };
	struct buf value = { 0 };

	jw_obj(&w);
	jw_key(&w, "items");
	jw_arr(&w);
	for (size_t i = 0; i < OPT_COUNT; i++) {
		enum opt_id id = (enum opt_id)i;

		if (!opt_on(id, CMD_serve) || opt_info(id)->env == NULL ||
			(limits && !is_limit(id)))
			continue;
		buf_reset(&value);
		opt_show(o, id, &value);
		jw_obj(&w);
		jw_kz(&w, "name", opt_info(id)->name);
		jw_kstr(&w, "value", buf_view(&value));
		jw_kz(&w, "source", opt_source_name(o, id));
		jw_kz(&w, "env", opt_info(id)->env);
		jw_kz(&w, "help", opt_info(id)->help);
		jw_end_obj(&w);
	}
	jw_end_arr(&w);
	jw_end_obj(&w);
	buf_c(&c->out.b, '\n');
	buf_clear(&value);
}

static void as_text(struct cli *c, const struct options *o, bool limits)
{
	static const struct grid_col cols[] = { { .title = "setting" }, { .title = "value" },
		{ .title = "from" }, { .title = "environment" },
		{ .title = "what", .shrink = true } };
	struct buf value = { 0 };
	struct grid g;

	grid_init(&g, cols, 5);
	for (size_t i = 0; i < OPT_COUNT; i++) {
		enum opt_id id = (enum opt_id)i;

		if (!opt_on(id, CMD_serve) || opt_info(id)->env == NULL ||
			(limits && !is_limit(id)))
			continue;
		buf_reset(&value);
		opt_show(o, id, &value);
		grid_text(&g, STYLE_PLAIN, str_of(opt_info(id)->name));
		grid_text(&g, STYLE_PLAIN, value.n > 0 ? buf_view(&value) : S("-"));
		grid_text(
			&g, o->given[id] ? STYLE_PLAIN : STYLE_DIM, str_of(opt_source_name(o, id)));
		grid_text(&g, STYLE_DIM, str_of(opt_info(id)->env));
		grid_text(&g, STYLE_DIM, str_of(opt_info(id)->help));
	}
	grid_print(&g, &c->out);
	buf_clear(&value);
}

int cmd_config(struct cli *c, struct err *e)
{
	const char *verb = c->o->args[0];
	bool check = strcmp(verb, "check") == 0, limits = strcmp(verb, "limits") == 0;
	struct options o;
	int rc;

	if (!check && !limits && strcmp(verb, "show") != 0)
		return err_set(e, ERR_USAGE, "'%.40s' is none of show, check and limits", verb);
	if ((rc = of_serve(c, &o, e)) == 0) {
		if (check)
			print_fmt(&c->out, STYLE_PLAIN, "The settings can be used.\n");
		else if (c->o->json)
			as_json(c, &o, limits);
		else
			as_text(c, &o, limits);
	}
	options_clear(&o);
	return rc;
}
