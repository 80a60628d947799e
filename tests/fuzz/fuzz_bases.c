/* SPDX-License-Identifier: Apache-2.0 */
/* Base columns of a model file, any bytes: refused with a message, or good for a row of any cells,
 * and written the same twice. */
#include <stdint.h>
#include <stdlib.h>

#include "features/bind.h"
#include "features/derive.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void evaluated(const struct bases *b, struct str cell)
{
	size_t n = bases_columns(b), words = (n + 63) / 64;
	struct str *names = calloc(n + 1, sizeof(*names)), *cells = calloc(n + 1, sizeof(*cells));
	float *num = calloc(bases_count(b) + 1, sizeof(*num));
	uint32_t *code = calloc(bases_count(b) + 1, sizeof(*code));
	uint64_t *bits = calloc(words + 1, sizeof(*bits));
	struct err e = { 0 };
	struct bind *bind;

	ASSERT(names != NULL && cells != NULL && num != NULL && code != NULL && bits != NULL);
	for (size_t i = 0; i < n; i++) {
		names[i] = bases_column_name(b, i);
		cells[i] = cell;
	}
	bind = bind_new(b, names, n, NULL, &e);
	ASSERT(bind != NULL);
	bases_row_filled(b, bind, cells, 20000, num, code, bits);
	bind_vote(bind, cells, 0);
	bind_decide(bind);
	ASSERT(bases_row(b, bind, cells, 20000, num, code) == BASES_OK);
	for (size_t i = 0; i < bases_count(b); i++) {
		const struct base_info *x = bases_info(b, i);

		if (x->kind == BASE_CAT && code[i] != BASE_UNSEEN) {
			ASSERT(code[i] < x->n_levels);
			bases_level(b, i, code[i]);
		}
	}
	bind_free(bind);
	free(names);
	free(cells);
	free(num);
	free(code);
	free(bits);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	struct err e = { 0 };
	struct json *doc = json_parse(text, &e), *again;
	struct buf a = { 0 }, b = { 0 };
	struct jw wa = { .b = &a }, wb = { .b = &b };
	struct bases *x, *y;

	if (doc == NULL)
		return 0;
	x = bases_read(doc, &e);
	ASSERT(x != NULL || e.msg[0] != '\0');
	if (x != NULL) {
		evaluated(x, json_str(json_get(doc, "cell"), S("2024-03-15")));
		bases_write(x, &wa);
		again = json_parse(buf_view(&a), &e);
		ASSERT(again != NULL);
		y = bases_read(again, &e);
		ASSERT(y != NULL);
		bases_write(y, &wb);
		ASSERT(str_eq(buf_view(&a), buf_view(&b)));
		bases_free(y);
		json_free(again);
	}
	bases_free(x);
	json_free(doc);
	buf_clear(&a);
	buf_clear(&b);
	return 0;
}
