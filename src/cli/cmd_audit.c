/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/console.h"
#include "util/err.h"
#include "util/file.h"

static void put_filter(struct cli *c, struct jw *w)
{
	if (c->o->action != NULL)
		jw_kz(w, "action", c->o->action);
	if (!isnan(c->o->since))
		jw_kint(w, "since", (int64_t)(c->o->since * 86400000.0));
	if (!isnan(c->o->until))
		jw_kint(w, "until", (int64_t)(c->o->until * 86400000.0));
	jw_kint(w, "limit", c->o->limit);
}

static void list(struct cli *c, const struct json *doc)
{
	static const struct grid_col cols[] = { { .title = "seq", .right = true },
		{ .title = "at (UTC)" }, { .title = "actor" }, { .title = "action" },
		{ .title = "object", .shrink = true }, { .title = "address" } };
	static const char *const texts[] = { "actor", "action", "object", "address" };
	const struct json *items = json_get(doc, "items");
	struct grid g;
	char when[24];

	grid_init(&g, cols, 6);
	for (size_t i = 0; i < json_len(items); i++) {
		const struct json *a = json_at(items, i);

		grid_fmt(&g, STYLE_PLAIN, "%lld", (long long)json_int(json_get(a, "seq"), 0));
		grid_text(&g, STYLE_PLAIN, str_of(console_when(json_get(a, "at"), when)));
		for (size_t t = 0; t < 4; t++)
			grid_text(&g, STYLE_PLAIN, json_str(json_get(a, texts[t]), S("")));
	}
	grid_print(&g, &c->out);
}

static int verify(struct cli *c, const struct json *doc)
{
	long long checked = (long long)json_int(json_get(doc, "checked"), 0);
	bool ok = json_bool(json_get(doc, "ok"), false);

	if (!c->o->json && ok)
		print_fmt(&c->out, STYLE_PLAIN, "%lld entries, none was changed.\n", checked);
	else if (!c->o->json)
		print_fmt(&c->out, STYLE_BAD, "Entry %lld: " STR_FMT ".\n",
			(long long)json_int(json_get(doc, "first_bad"), 0),
			STR_ARG(json_str(json_get(doc, "why"), S(""))));
	return ok ? 0 : 1;
}

static int export(struct cli *c, const struct json *doc, struct err *e)
{
	struct str csv = json_str(json_get(doc, "csv"), S(""));

	if (c->o->output != NULL)
		return file_write(c->o->output, csv, e);
	buf_str(&c->out.b, csv);
	return 0;
}

int cmd_audit(struct cli *c, struct err *e)
{
	const char *verb = c->o->args[0];
	bool is_list = strcmp(verb, "list") == 0, is_verify = strcmp(verb, "verify") == 0;
	struct console k;
	int rc = -1;

	if (!is_list && !is_verify && strcmp(verb, "export") != 0)
		return err_set(e, ERR_USAGE, "'%.40s' is none of list, verify and export", verb);
	if (!is_list && !is_verify && c->o->json)
		return err_set(e, ERR_USAGE, "audit export writes CSV; audit list has --json");
	console_begin(&k, is_list ? "audit.list" : is_verify ? "audit.verify" : "audit.export");
	put_filter(c, &k.w);
	if (console_send(c, &k, e) == 0) {
		rc = 0;
		if (is_verify)
			rc = verify(c, k.doc);
		else if (!is_list)
			rc = export(c, k.doc, e);
		else if (!c->o->json)
			list(c, k.doc);
	}
	console_end(&k);
	return rc;
}
