/* SPDX-License-Identifier: Apache-2.0 */
/* Settings: those of settings.def, which admins change here, and those the server was started with,
 * which are only shown. */
#include <stdio.h>
#include <string.h>

#include "api/api.h"
#include "api/identity_json.h"
#include "api/routes.h"
#include "api/trail.h"
#include "auth/auth.h"
#include "config/options.h"
#include "config/settings.h"
#include "http/respond.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"

static int put_stored(struct req *r, struct jw *w, const struct setting_info *i, struct err *e)
{
	struct store *s = api_of(r)->store;
	struct setting x;

	if (s->settings->get(s, str_of(i->name), req_arena(r), &x, e) == -1)
		return -1;
	jw_obj(w);
	jw_kz(w, "name", i->name);
	jw_key(w, "value");
	jw_raw(w, x.value.n > 0 ? x.value : str_of(i->otherwise));
	jw_kz(w, "source", x.value.n > 0 ? "store" : "default");
	jw_kbool(w, "editable", true);
	jw_kz(w, "kind", setting_kind_name(i->kind));
	if (i->kind == SETTING_CHOICE)
		jw_kz(w, "words", i->words);
	jw_kz(w, "help", i->help);
	jw_end_obj(w);
	return 0;
}

/* What a number counts, where the name of the value says so. */
static const char *unit_of(const struct opt_info *i)
{
	static const char *const units[][2] = { { "KIB", "KiB" }, { "MIB", "MiB" }, { "S", "s" } };

	for (size_t k = 0; k < sizeof(units) / sizeof(*units); k++)
		if (i->value != NULL && strcmp(i->value, units[k][0]) == 0)
			return units[k][1];
	return NULL;
}

static void put_option(struct jw *w, const struct options *o, enum opt_id id, struct buf *value)
{
	const struct opt_info *i = opt_info(id);

	buf_reset(value);
	opt_show(o, id, value);
	jw_obj(w);
	jw_kz(w, "name", i->name);
	jw_kstr(w, "value", i->kind == OPT_KIND_SECRET ? S("") : buf_view(value));
	jw_kz(w, "source", opt_source_name(o, id));
	jw_kbool(w, "editable", false);
	if (i->kind == OPT_KIND_SECRET) {
		jw_kbool(w, "secret", true);
		jw_kbool(w, "set", value->n > 0);
	}
	jw_kz(w, "kind", i->kind == OPT_KIND_FLAG ? "bool" : "text");
	if (unit_of(i) != NULL)
		jw_kz(w, "unit", unit_of(i));
	jw_kz(w, "help", i->help);
	jw_end_obj(w);
}

static int list(struct req *r, struct err *e)
{
	const struct options *o = api_of(r)->options;
	struct buf b = { 0 }, value = { 0 };
	struct jw w = { .b = &b };
	int rc = 0;

	jw_obj(&w);
	jw_key(&w, "items");
	jw_arr(&w);
	for (size_t i = 0; rc == 0 && setting_at(i) != NULL; i++)
		rc = put_stored(r, &w, setting_at(i), e);
	for (size_t id = 0; o != NULL && id < OPT_COUNT; id++)
		if (opt_on((enum opt_id)id, CMD_serve) && opt_info((enum opt_id)id)->env != NULL)
			put_option(&w, o, (enum opt_id)id, &value);
	jw_end_arr(&w);
	jw_end_obj(&w);
	buf_clear(&value);
	if (rc == -1) {
		buf_clear(&b);
		return -1;
	}
	return send_json(r, 200, &b, e);
}

/* All are looked at before any is written. */
static int check_all(struct req *r, const struct json *body, struct err *e)
{
	struct err one = { 0 };
	struct str name;
	char pointer[80];

	for (size_t i = 0; i < json_len(body); i++) {
		const struct json *v = json_member(body, i, &name);
		const struct setting_info *s = setting_of(name);

		if (s != NULL && (json_type(v) == J_NULL || setting_check(s, v, &one) == 0))
			continue;
		snprintf(pointer, sizeof(pointer), "/" STR_FMT, STR_ARG(str_sub(name, 0, 60)));
		respond_fault(r, pointer, "%s",
			s != NULL ? one.msg : "is no setting that can be changed here");
	}
	if (respond_faults(r) > 0)
		return err_set(e, ERR_INPUT, "nothing was changed");
	return 0;
}

static int change(struct req *r, struct err *e)
{
	const struct json *body = req_json(r);
	struct store *s = api_of(r)->store;
	struct buf value = { 0 }, names = { 0 };
	struct jw list_of = { .b = &names };
	struct id by = { 0 };
	struct str name;
	int rc = -1;

	if (json_type(body) != J_OBJ || json_len(body) == 0)
		return err_set(e, ERR_INPUT, "an object of settings, as {\"reps_see\":\"own\"}");
	if (check_all(r, body, e) == -1)
		return -1;
	id_parse_ulid(str_of(req_caller(r)->user_id), &by);
	jw_arr(&list_of);
	for (size_t i = 0; i < json_len(body); i++) {
		const struct json *v = json_member(body, i, &name);
		struct jw w = { .b = &value };
		struct setting x = { .key = name, .by = by, .updated_ms = clock_ms() };

		buf_reset(&value);
		if (json_type(v) != J_NULL) /* null: as by default again */
			jw_put(&w, v);
		x.value = buf_view(&value);
		jw_str(&list_of, name);
		if (buf_done(&value, e) == -1 || s->settings->put(s, &x, UINT64_MAX, e) == -1)
			goto done;
	}
	jw_end_arr(&list_of);
	auth_changed(api_of(r)->auth);
	if (buf_done(&names, e) == 0)
		rc = api_trail(r, e, "settings.changed", S(""), "{\"names\":" STR_FMT "}",
			STR_ARG(buf_view(&names)));
done:
	buf_clear(&value);
	buf_clear(&names);
	return rc == -1 ? -1 : list(r, e);
}

static const struct api_schema schemas[] = {
	{ "Settings",
		"{\"type\":\"object\",\"required\":[\"items\"],\"properties\":{\"items\":{"
		"\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":[\"name\","
		"\"value\",\"source\",\"editable\",\"kind\",\"help\"],\"properties\":{\"name\":{"
		"\"type\":\"string\"},\"value\":{},\"source\":{\"type\":\"string\",\"enum\":["
		"\"flag\",\"env\",\"file\",\"store\",\"default\"]},\"editable\":{\"type\":"
		"\"boolean\"},\"secret\":{\"type\":\"boolean\"},\"set\":{\"type\":\"boolean\"},"
		"\"kind\":{\"type\":\"string\"},\"words\":{\"type\":\"string\"},"
		"\"unit\":{\"type\":\"string\",\"description\":\"Of a number: KiB, MiB, "
		"s\"},\"help\":{"
		"\"type\":\"string\"}}}}}}" },
	{ "SettingsChange", "{\"type\":\"object\",\"minProperties\":1}" }, { 0 }
};

static const struct route routes[] = {
	{ .method = M_GET,
		.path = "/api/v1/settings",
		.fn = list,
		.role = ROLE_ADMIN,
		.scope = SCOPE_ADMIN,
		.doc = { .id = "listSettings",
			.summary = "Settings, and where each comes from",
			.response = "Settings",
			.statuses = "200" } },
	{ .method = M_PATCH,
		.path = "/api/v1/settings",
		.fn = change,
		.role = ROLE_ADMIN,
		.scope = SCOPE_ADMIN,
		.body = BODY_JSON,
		.doc = { .id = "changeSettings",
			.summary = "Change settings; all of them or none",
			.text = "Those given by flag, environment or file are only shown. null: as "
				"by "
				"default again.",
			.request = "SettingsChange",
			.response = "Settings",
			.statuses = "200 422",
			.example = "{\"reps_see\":\"own\"}" } },
	{ 0 }
};

const struct route_set settings_set = { "Settings", "How this server works.", routes, schemas };
