/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "features/derive_internal.h"
#include "util/err.h"
#include "util/json.h"

#define MAX_COLUMNS 100000
#define MAX_BASES   20000

static const char *const parse_names[] = { "text", "number", "yes/no", "date" };

/* ---- writing ---- */

static void write_column(const struct base_column *c, struct jw *w)
{
	jw_obj(w);
	jw_kstr(w, "name", c->name);
	jw_kz(w, "read_as", parse_names[c->parse]);
	if (c->format.mark != MARK_UNKNOWN)
		jw_kz(w, "decimal_mark", c->format.mark == MARK_COMMA ? "," : ".");
	if (c->format.order != ORDER_UNKNOWN)
		jw_kbool(w, "month_first", c->format.order == ORDER_MDY);
	if (c->unix_time)
		jw_kbool(w, "unix_time", true);
	if (c->list_sep != 0)
		jw_kstr(w, "list_separator", (struct str){ &c->list_sep, 1 });
	if (c->n_sentinels != 0) {
		jw_key(w, "missing_codes");
		jw_arr(w);
		for (size_t i = 0; i < c->n_sentinels; i++)
			jw_num(w, c->sentinels[i]);
		jw_end_arr(w);
	}
	jw_kbool(w, "in", c->in);
	if (c->created)
		jw_kbool(w, "created", true);
	jw_end_obj(w);
}

static void write_base(const struct base *x, struct jw *w)
{
	jw_obj(w);
	jw_kstr(w, "name", x->info.name);
	jw_kz(w, "op", bases_op_name(x->op));
	jw_key(w, "columns");
	jw_arr(w);
	for (uint32_t i = 0; i < x->info.n_sources; i++)
		jw_int(w, x->info.sources[i]);
	for (size_t i = 0; i < x->n_counted; i++)
		jw_int(w, x->counted[i]);
	jw_end_arr(w);
	if (x->info.ordered)
		jw_kbool(w, "ordered", true);
	if (x->info.is_column)
		jw_kbool(w, "is_column", true);
	if (x->info.optional)
		jw_kbool(w, "optional", true);
	if (x->op == OP_HAS || x->op == OP_MENTIONS)
		jw_kstr(w, "item", x->token);
	if (x->dict != NULL) {
		jw_key(w, "dictionary");
		dict_write(x->dict, w);
	}
	jw_end_obj(w);
}

void bases_write(const struct bases *b, struct jw *w)
{
	jw_obj(w);
	jw_key(w, "columns");
	jw_arr(w);
	for (size_t i = 0; i < b->n_cols; i++)
		write_column(&b->cols[i], w);
	jw_end_arr(w);
	jw_key(w, "bases");
	jw_arr(w);
	for (size_t i = 0; i < b->n; i++)
		write_base(&b->b[i], w);
	jw_end_arr(w);
	jw_end_obj(w);
}

/* ---- reading ---- */

static int copy_text(struct bases *b, struct str s, struct str *out, struct err *e)
{
	char *copy = arena_dup(&b->mem, s);

	if (copy == NULL)
		return err_nomem(e);
	*out = (struct str){ copy, s.n };
	return 0;
}

static int read_codes(struct base_column *c, const struct json *v, struct err *e)
{
	if (json_len(v) > PROFILE_SENTINELS)
		return err_set(
			e, ERR_INPUT, "a column has more than %d missing codes", PROFILE_SENTINELS);
	for (size_t i = 0; i < json_len(v); i++) {
		double x = json_num(json_at(v, i), NAN);

		if (!isfinite(x))
			return err_set(e, ERR_INPUT, "a missing code is not a number");
		c->sentinels[c->n_sentinels++] = x;
	}
	return 0;
}

static int read_column(struct bases *b, struct base_column *c, const struct json *v, struct err *e)
{
	struct str name, parse, sep = json_str(json_get(v, "list_separator"), S(""));
	struct str mark = json_str(json_get(v, "decimal_mark"), S(""));
	const struct json *month = json_get(v, "month_first");
	size_t k = 0;

	if (json_need_str(v, "name", &name, e) == -1 || copy_text(b, name, &c->name, e) == -1 ||
		json_need_str(v, "read_as", &parse, e) == -1)
		return -1;
	while (k < 4 && !str_eq(parse, str_of(parse_names[k])))
		k++;
	if (k == 4 || sep.n > 1)
		return err_set(e, ERR_INPUT,
			"column \"" STR_FMT "\" of the model is not understood",
			STR_ARG(str_sub(name, 0, 100)));
	c->parse = (enum parse)k;
	c->format.mark = str_eq(mark, S(","))   ? MARK_COMMA
			 : str_eq(mark, S(".")) ? MARK_DOT
						: MARK_UNKNOWN;
	if (json_type(month) == J_BOOL)
		c->format.order = json_bool(month, false) ? ORDER_MDY : ORDER_DMY;
	c->unix_time = json_bool(json_get(v, "unix_time"), false);
	c->list_sep = sep.n == 1 ? sep.p[0] : 0;
	c->in = json_bool(json_get(v, "in"), false);
	c->created = json_bool(json_get(v, "created"), false);
	return read_codes(c, json_get(v, "missing_codes"), e);
}

static int wrong(const struct json *v, const char *what, struct err *e)
{
	struct str name = json_str(json_get(v, "name"), S("?"));

	return err_set(e, ERR_INPUT, "base column \"" STR_FMT "\" of the model has %s",
		STR_ARG(str_sub(name, 0, 100)), what);
}

static int read_sources(struct bases *b, const struct json *v, enum base_op op, uint32_t sources[2],
	uint32_t **counted, size_t *n, struct err *e)
{
	const struct json *cols = json_need(v, "columns", J_ARR, e);

	if (cols == NULL)
		return -1;
	*n = json_len(cols);
	if (op == OP_COUNT ? *n > b->n_cols : *n != bases_op_sources(op))
		return wrong(v, "the wrong number of columns", e);
	if ((*counted = arena_array(&b->mem, *n + 1, sizeof(**counted))) == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < *n; i++) {
		int64_t c = json_int(json_at(cols, i), -1);

		if (c < 0 || (uint64_t)c >= b->n_cols)
			return wrong(v, "a column that is not there", e);
		(*counted)[i] = (uint32_t)c;
		if (op != OP_COUNT)
			sources[i] = (uint32_t)c;
	}
	return 0;
}

static bool has_count(const struct bases *b)
{
	for (size_t i = 0; i < b->n; i++) {
		if (b->b[i].op == OP_COUNT)
			return true;
	}
	return false;
}

static int read_rest(struct bases *b, struct base *x, const struct json *v, struct err *e)
{
	struct str item;

	x->info.ordered = json_bool(json_get(v, "ordered"), false);
	x->info.is_column = json_bool(json_get(v, "is_column"), false);
	x->info.optional = json_bool(json_get(v, "optional"), false);
	if ((x->op == OP_HAS || x->op == OP_MENTIONS) &&
		(json_need_str(v, "item", &item, e) == -1 ||
			copy_text(b, item, &x->token, e) == -1))
		return -1;
	if (x->dict == NULL)
		return 0;
	dict_free(x->dict);
	if ((x->dict = dict_read(json_get(v, "dictionary"), e)) == NULL)
		return -1;
	x->info.n_levels = dict_levels(x->dict);
	return 0;
}

static int read_base(struct bases *b, const struct json *v, struct err *e)
{
	struct str name, op_name;
	uint32_t sources[2] = { 0, 0 }, *counted = NULL;
	struct base *x;
	size_t n;
	int op = 0;

	if (json_need_str(v, "name", &name, e) == -1 || json_need_str(v, "op", &op_name, e) == -1)
		return -1;
	while (op < OP_COUNT_OF && !str_eq(op_name, str_of(bases_op_name((enum base_op)op))))
		op++;
	if (op == OP_COUNT_OF || (op == OP_COUNT && has_count(b)))
		return wrong(v, "an operation that is not known, or known twice", e);
	if (read_sources(b, v, (enum base_op)op, sources, &counted, &n, e) == -1 ||
		(x = bases_add(b, (enum base_op)op, sources, name, e)) == NULL)
		return -1;
	if (op == OP_COUNT) {
		x->counted = counted;
		x->n_counted = n;
	}
	return read_rest(b, x, v, e);
}

struct bases *bases_read(const struct json *v, struct err *e)
{
	const struct json *cols = json_need(v, "columns", J_ARR, e);
	const struct json *list = cols != NULL ? json_need(v, "bases", J_ARR, e) : NULL;
	struct bases *b;
	int rc = 0;

	if (list == NULL)
		return NULL;
	if (json_len(cols) > MAX_COLUMNS || json_len(list) > MAX_BASES) {
		err_set(e, ERR_LIMIT, "the model has too many columns");
		return NULL;
	}
	if ((b = bases_alloc(json_len(cols), e)) == NULL)
		return NULL;
	for (size_t i = 0; rc == 0 && i < json_len(cols); i++)
		rc = read_column(b, &b->cols[i], json_at(cols, i), e);
	for (size_t i = 0; rc == 0 && i < json_len(list); i++)
		rc = read_base(b, json_at(list, i), e);
	b->sealed = true;
	if (rc == 0)
		return b;
	bases_free(b);
	return NULL;
}
