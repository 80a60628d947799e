/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/console.h"
#include "util/err.h"

static void list(struct cli *c, const struct json *doc)
{
	static const struct grid_col cols[] = { { .title = "id" },
		{ .title = "name", .shrink = true }, { .title = "role" },
		{ .title = "scopes", .shrink = true }, { .title = "state" },
		{ .title = "ends (UTC)" }, { .title = "last used (UTC)" } };
	static const char *const texts[] = { "id", "name", "role", "scopes", "state" };
	const struct json *items = json_get(doc, "items");
	struct grid g;
	char when[24];

	if (json_len(items) == 0) {
		print_fmt(&c->out, STYLE_PLAIN,
			"There is no key yet; heatscore key create makes one.\n");
		return;
	}
	grid_init(&g, cols, 7);
	for (size_t i = 0; i < json_len(items); i++) {
		const struct json *key = json_at(items, i);

		for (size_t t = 0; t < 5; t++)
			grid_text(&g, STYLE_PLAIN, json_str(json_get(key, texts[t]), S("")));
		grid_text(&g, STYLE_PLAIN, str_of(console_when(json_get(key, "expires_at"), when)));
		grid_text(
			&g, STYLE_PLAIN, str_of(console_when(json_get(key, "last_used_at"), when)));
	}
	grid_print(&g, &c->out);
}

static void done(struct cli *c, const struct json *doc)
{
	struct str key = json_str(json_get(doc, "key"), S(""));

	if (json_get(doc, "items") != NULL)
		list(c, doc);
	else if (key.n > 0) /* alone, so that KEY=$(heatscore key create ...) works */
		print_fmt(&c->out, STYLE_PLAIN, STR_FMT "\n", STR_ARG(key));
	else
		print_fmt(&c->out, STYLE_PLAIN, "The key " STR_FMT " does not work any more.\n",
			STR_ARG(json_str(json_get(doc, "id"), S(""))));
}

int cmd_key(struct cli *c, struct err *e)
{
	static const char *const verbs[] = { "create", "list", "rotate", "revoke" };
	const char *verb = c->o->args[0];
	bool by_id = strcmp(verb, "rotate") == 0 || strcmp(verb, "revoke") == 0;
	bool known = false;
	char what[32];
	struct console k;
	int rc;

	for (size_t i = 0; i < 4; i++)
		known = known || strcmp(verb, verbs[i]) == 0;
	if (!known)
		return err_set(
			e, ERR_USAGE, "'%.40s' is none of create, list, rotate and revoke", verb);
	if (by_id && c->o->n_args < 2)
		return err_set(
			e, ERR_USAGE, "key %s needs the id of a key; key list shows them", verb);
	if (!by_id && c->o->n_args > 1)
		return err_set(e, ERR_USAGE, "'%.40s' is one too many", c->o->args[1]);
	snprintf(what, sizeof(what), "key.%s", verb);
	console_begin(&k, what);
	if (by_id)
		jw_kz(&k.w, "id", c->o->args[1]);
	if (c->o->name != NULL)
		jw_kz(&k.w, "name", c->o->name);
	if (c->o->role != NULL)
		jw_kz(&k.w, "role", c->o->role);
	jw_key(&k.w, "scopes");
	jw_arr(&k.w);
	for (size_t i = 0; i < c->o->scope.n; i++)
		jw_str(&k.w, c->o->scope.v[i]);
	jw_end_arr(&k.w);
	rc = console_send(c, &k, e);
	if (rc == 0 && !c->o->json)
		done(c, k.doc);
	console_end(&k);
	return rc;
}
