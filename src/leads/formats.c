/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "leads/formats.h"
#include "store/store.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"

enum { KEY = 48 };

static struct str key_of(const struct layout *l, char out[KEY])
{
	struct id id;
	char hex[ID_HEX];

	layout_key(l, &id);
	id_hex(id, hex);
	snprintf(out, KEY, "formats:%s", hex);
	return str_of(out);
}

/* Two characters a column: "d.", "m,", "--". */
int formats_remember(
	struct store *s, const struct layout *l, const struct cell_format *formats, struct err *e)
{
	static const char order[] = "-dm", mark[] = "-.,";
	char key[KEY];
	struct buf b = { 0 };
	bool any = false;
	int rc;

	buf_c(&b, '"');
	for (size_t i = 0; i < l->n; i++) {
		buf_c(&b, order[formats[i].order]);
		buf_c(&b, mark[formats[i].mark]);
		any |= formats[i].order != ORDER_UNKNOWN || formats[i].mark != MARK_UNKNOWN;
	}
	buf_c(&b, '"');
	rc = buf_done(&b, e);
	if (rc == 0 && any)
		rc = s->layouts->remember(s, key_of(l, key), buf_view(&b), e);
	buf_clear(&b);
	return rc;
}

int formats_recall(struct store *s, const struct layout *l, struct arena *a,
	struct cell_format **out, struct err *e)
{
	char key[KEY];
	struct err why = { 0 };
	struct str text;

	*out = NULL;
	if (s->layouts->recall(s, key_of(l, key), a, &text, &why) == -1) {
		if (why.code == ERR_NOT_FOUND)
			return 0;
		if (e != NULL)
			*e = why;
		return -1;
	}
	if (text.n != l->n * 2 + 2)
		return 0;
	if ((*out = arena_array(a, l->n + 1, sizeof(**out))) == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < l->n; i++) {
		char order = text.p[1 + 2 * i], mark = text.p[2 + 2 * i];

		(*out)[i].order = order == 'd'   ? ORDER_DMY
				  : order == 'm' ? ORDER_MDY
						 : ORDER_UNKNOWN;
		(*out)[i].mark = mark == '.' ? MARK_DOT : mark == ',' ? MARK_COMMA : MARK_UNKNOWN;
	}
	return 0;
}
