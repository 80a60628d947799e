/* SPDX-License-Identifier: Apache-2.0 */
#include "leads/upload_detail.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"

void detail_value(const struct json *v, struct jw *w)
{
	switch (json_type(v)) {
	case J_OBJ:
		jw_obj(w);
		detail_members(v, NULL, w);
		jw_end_obj(w);
		break;
	case J_ARR:
		jw_arr(w);
		for (size_t i = 0; i < json_len(v); i++)
			detail_value(json_at(v, i), w);
		jw_end_arr(w);
		break;
	case J_STR:
		jw_str(w, json_str(v, S("")));
		break;
	case J_NUM:
		jw_num(w, json_num(v, 0));
		break;
	case J_BOOL:
		jw_bool(w, json_bool(v, false));
		break;
	case J_NULL:
		jw_null(w);
		break;
	}
}

void detail_members(const struct json *v, const char *const *except, struct jw *w)
{
	struct str key;

	for (size_t i = 0; i < json_len(v); i++) {
		const struct json *x = json_member(v, i, &key);
		bool out = false;

		for (const char *const *k = except; k != NULL && *k != NULL; k++)
			out |= str_eq(key, str_of(*k));
		if (out)
			continue;
		jw_key_str(w, key);
		detail_value(x, w);
	}
}

int detail_set(
	struct str old, const struct detail_member *set, size_t n, struct buf *out, struct err *e)
{
	struct json *v = old.n != 0 ? json_parse(old, e) : NULL;
	struct jw w = { .b = out };
	struct str key;

	if (old.n != 0 && v == NULL)
		return -1;
	jw_obj(&w);
	for (size_t i = 0; i < json_len(v); i++) {
		const struct json *x = json_member(v, i, &key);
		bool replaced = false;

		for (size_t k = 0; k < n; k++)
			replaced |= str_eq(key, str_of(set[k].key));
		if (replaced)
			continue;
		jw_key_str(&w, key);
		detail_value(x, &w);
	}
	for (size_t k = 0; k < n; k++) {
		if (set[k].value.n == 0)
			continue;
		jw_key(&w, set[k].key);
		jw_raw(&w, set[k].value);
	}
	jw_end_obj(&w);
	json_free(v);
	return buf_done(out, e);
}

int detail_lean(struct str old, struct buf *out, struct err *e)
{
	static const char *const dropped[] = { "preview", "check", "columns", "auto", "fixes",
		NULL };
	static const char *const in_column[] = { "samples", NULL };
	struct json *v = json_parse(old.n != 0 ? old : S("{}"), e);
	const struct json *cols = json_get(v, "columns");
	struct jw w = { .b = out };

	if (v == NULL)
		return -1;
	jw_obj(&w);
	detail_members(v, dropped, &w);
	if (cols != NULL) {
		jw_key(&w, "columns");
		jw_arr(&w);
		for (size_t i = 0; i < json_len(cols); i++) {
			jw_obj(&w);
			detail_members(json_at(cols, i), in_column, &w);
			jw_end_obj(&w);
		}
		jw_end_arr(&w);
	}
	jw_end_obj(&w);
	json_free(v);
	return buf_done(out, e);
}
