/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever the bytes, json_parse answers with a document or a message, and what it accepts can be
 * walked and written again. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void walk(struct jw *w, const struct json *v)
{
	struct str key;

	switch (json_type(v)) {
	case J_OBJ:
		jw_obj(w);
		for (size_t i = 0; i < json_len(v); i++) {
			const struct json *m = json_member(v, i, &key);

			jw_key_str(w, key);
			walk(w, m);
		}
		jw_end_obj(w);
		break;
	case J_ARR:
		jw_arr(w);
		for (size_t i = 0; i < json_len(v); i++)
			walk(w, json_at(v, i));
		jw_end_arr(w);
		break;
	case J_STR:
		jw_str(w, json_str(v, S("")));
		break;
	case J_NUM:
		jw_num(w, json_num(v, 0));
		break;
	default:
		jw_bool(w, json_bool(v, false));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct err e = { 0 };
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	struct json *doc = json_parse((struct str){ (const char *)data, n }, &e), *again;

	if (doc == NULL) {
		if (e.code == ERR_OK || e.msg[0] == '\0')
			abort();
		return 0;
	}
	walk(&w, doc);
	again = json_parse(buf_view(&b), &e);
	if (again == NULL)
		abort();
	json_free(again);
	json_free(doc);
	buf_clear(&b);
	return 0;
}
