/* SPDX-License-Identifier: Apache-2.0 */
#include "model/heat.h"
#include "model/model_store.h"
#include "model/notes.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"

int notes_read(struct model_store *st, uint32_t version, struct json **out, struct err *e)
{
	struct buf b = { 0 };
	int rc = st->get_notes(st->self, version, &b, e);

	*out = NULL;
	if (rc == 0 && b.n != 0 && (*out = json_parse(buf_view(&b), e)) == NULL)
		rc = err_prefix(e, "%s/v%u.json: ", st->where(st->self), version);
	buf_clear(&b);
	return rc;
}

struct change {
	const char *key;
	struct str value;
};

static int change(void *arg, struct str old, struct buf *now, struct err *e)
{
	const struct change *c = arg;
	struct jw w = { .b = now, .indent = 1 };
	struct json *doc = NULL;
	bool done = false;

	if (str_trim(old).n != 0 && (doc = json_parse(old, e)) == NULL)
		return -1;
	jw_obj(&w);
	for (size_t i = 0; i < json_len(doc); i++) {
		struct str key;
		const struct json *v = json_member(doc, i, &key);

		if (!str_eq(key, str_of(c->key))) {
			jw_key_str(&w, key);
			jw_put(&w, v);
		} else if (c->value.n != 0) {
			jw_key(&w, c->key);
			jw_raw(&w, c->value);
			done = true;
		}
	}
	if (!done && c->value.n != 0) {
		jw_key(&w, c->key);
		jw_raw(&w, c->value);
	}
	jw_end_obj(&w);
	buf_c(now, '\n');
	json_free(doc);
	return 0;
}

int notes_set(
	struct model_store *st, uint32_t version, const char *key, struct str value, struct err *e)
{
	struct change c = { key, value };

	return st->change_notes(st->self, version, change, &c, e);
}

int notes_bands(struct model_store *st, uint32_t version, struct bands *b, struct err *e)
{
	struct json *doc;
	const struct json *v;
	int rc = 0;

	if (notes_read(st, version, &doc, e) == -1)
		return -1;
	if ((v = json_get(doc, "bands")) != NULL)
		rc = bands_read(v, b, e) == 0
			     ? 1
			     : err_prefix(e, "%s/v%u.json: ", st->where(st->self), version);
	json_free(doc);
	return rc;
}
