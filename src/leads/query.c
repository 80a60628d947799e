/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "leads/query.h"
#include "leads/query_internal.h"
#include "record/fold.h"
#include "util/arena.h"
#include "util/err.h"
#include "util/utf8.h"

void query_init(struct query *q, struct arena *a, int64_t now_ms)
{
	memset(q, 0, sizeof(*q));
	q->arena = a;
	q->now_ms = now_ms;
	q->sort = (struct query_column){ .field = LF_SCORE };
	q->descending = true;
}

void query_fault(struct query *q, struct str param, const char *fmt, ...)
{
	struct query_fault *f;
	va_list ap;

	if (q->n_faults++ >= QUERY_FAULTS)
		return;
	f = &q->faults[q->n_faults - 1];
	f->param = param;
	va_start(ap, fmt);
	vsnprintf(f->detail, sizeof(f->detail), fmt, ap);
	va_end(ap);
}

int query_check(const struct query *q, struct err *e)
{
	if (q->n_faults == 0)
		return 0;
	return err_set(e, ERR_INPUT, STR_FMT ": %s", STR_ARG(str_sub(q->faults[0].param, 0, 200)),
		q->faults[0].detail);
}

void query_to(const struct query *q, struct lead_query *out)
{
	out->filters = q->filters;
	out->n_filters = q->n_filters;
	out->words = q->words;
	out->sort = q->sort;
	out->descending = q->descending;
}

bool query_column(struct str name, struct query_column *out)
{
	int f;

	*out = (struct query_column){ .field = LF_ATTRIBUTE };
	if (str_starts(name, S("attr."))) {
		out->attribute = str_sub(name, 5, name.n);
		return out->attribute.n > 0;
	}
	if ((f = field_parse(name)) < 0 || f >= LF_COUNT)
		return false;
	out->field = (enum lead_field)f;
	return true;
}

/* --- operators --- */

enum op_shape { OP_ONE, OP_SEVERAL, OP_ORDER, OP_TEXT, OP_EMPTY };

static const struct op {
	const char *name;
	enum query_op op;
	enum op_shape shape;
} ops[] = {
	{ "eq", QUERY_EQ, OP_ONE },
	{ "ne", QUERY_NE, OP_ONE },
	{ "in", QUERY_IN, OP_SEVERAL },
	{ "nin", QUERY_NE, OP_SEVERAL },
	{ "gt", QUERY_GT, OP_ORDER },
	{ "gte", QUERY_GTE, OP_ORDER },
	{ "lt", QUERY_LT, OP_ORDER },
	{ "lte", QUERY_LTE, OP_ORDER },
	{ "contains", QUERY_CONTAINS, OP_TEXT },
	{ "starts", QUERY_STARTS, OP_TEXT },
	{ "empty", QUERY_EMPTY, OP_EMPTY },
};

static const struct op *op_find(struct str name)
{
	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++)
		if (str_eq(name, str_of(ops[i].name)))
			return &ops[i];
	return NULL;
}

/* "value[gte]" into "value" and the operator. A header may end in brackets of its own. NULL: there
 * is an operator that is none. */
static const struct op *name_split(struct str name, struct str *column)
{
	const struct op *op;
	size_t open = name.n;

	*column = name;
	if (!str_ends(name, S("]")))
		return &ops[0];
	while (open > 0 && name.p[open - 1] != '[')
		open--;
	if (open == 0)
		return &ops[0];
	op = op_find(str_sub(name, open, name.n - 1));
	if (op == NULL)
		return str_starts(name, S("attr.")) ? &ops[0] : NULL;
	*column = str_sub(name, 0, open - 1);
	return op;
}

/* --- one filter --- */

static struct query_filter *filter_add(
	struct query *q, struct query_column column, enum query_op op, struct str param)
{
	struct query_filter *f = &q->filters[q->n_filters];

	if (q->n_filters == QUERY_FILTERS_MAX) {
		query_fault(q, param, "more than %d filters", QUERY_FILTERS_MAX);
		return NULL;
	}
	q->n_filters++;
	*f = (struct query_filter){ .column = column, .op = op };
	return f;
}

static int filter_value(struct query *q, struct query_filter *f, struct query_value v,
	struct str param, struct err *e)
{
	struct query_value **values = &q->values[f - q->filters], *more;

	if (f->n == QUERY_VALUES_MAX) {
		query_fault(q, param, "more than %d values", QUERY_VALUES_MAX);
		return 0;
	}
	/* Doubled when it is a power of two: few copies, and no second count for the room. */
	if ((f->n & (f->n - 1)) == 0) {
		more = arena_array(q->arena, f->n == 0 ? 1 : f->n * 2, sizeof(*more));
		if (more == NULL)
			return err_set(e, ERR_LIMIT, "the filters are too long");
		if (f->n > 0)
			memcpy(more, *values, f->n * sizeof(*more));
		*values = more;
		f->values = more;
	}
	(*values)[f->n++] = v;
	return 0;
}

/* The filter of this text that the values go to: a second eq of a column means any of them. */
static struct query_filter *filter_eq(struct query *q, struct query_column column, struct str param)
{
	for (size_t i = q->first; i < q->n_filters; i++)
		if (q->filters[i].op == QUERY_EQ && q->filters[i].column.field == column.field &&
			str_eq(q->filters[i].column.attribute, column.attribute))
			return &q->filters[i];
	return filter_add(q, column, QUERY_EQ, param);
}

static int add_one(struct query *q, struct query_column column, enum query_op op,
	struct query_value v, struct str param, struct err *e)
{
	struct query_filter *f =
		op == QUERY_EQ ? filter_eq(q, column, param) : filter_add(q, column, op, param);

	return f == NULL ? 0 : filter_value(q, f, v, param, e);
}

static int add_empty(
	struct query *q, struct query_column column, struct str value, struct str param)
{
	if (str_eq(value, S("true")))
		filter_add(q, column, QUERY_EMPTY, param);
	else if (str_eq(value, S("false")))
		filter_add(q, column, QUERY_FILLED, param);
	else
		query_fault(q, param, "expected true or false");
	return 0;
}

/* A time: a date alone stands for all of its day. */
static int add_time(struct query *q, struct query_column column, const struct op *op,
	struct str value, struct str param, struct err *e)
{
	struct query_value from = { 0 }, to = { 0 };
	int64_t lo, hi;

	if (op->shape == OP_SEVERAL || op->op == QUERY_NE) {
		query_fault(q, param, "a time knows eq, gt, gte, lt, lte and empty");
		return 0;
	}
	if (!query_moment(value, q->now_ms, &lo, &hi)) {
		query_fault(q, param,
			"expected a date (2026-03-31), a time (2026-03-31T08:00:00Z), today, now "
			"or as -7d");
		return 0;
	}
	from.number = (double)lo;
	to.number = (double)hi;
	switch (op->op) {
	case QUERY_GT:
		return add_one(q, column, QUERY_GTE, to, param, e);
	case QUERY_GTE:
		return add_one(q, column, QUERY_GTE, from, param, e);
	case QUERY_LT:
		return add_one(q, column, QUERY_LT, from, param, e);
	case QUERY_LTE:
		return add_one(q, column, QUERY_LT, to, param, e);
	default:
		if (add_one(q, column, QUERY_GTE, from, param, e) == -1)
			return -1;
		return add_one(q, column, QUERY_LT, to, param, e);
	}
}

static void words_of(enum lead_field f, char *out, size_t n)
{
	size_t at = 0;

	out[0] = '\0';
	for (unsigned i = 0; field_choice(f, i) != NULL && at < n; i++)
		at += (size_t)snprintf(
			out + at, n - at, "%s%s", i == 0 ? "" : ", ", field_choice(f, i));
}

/* false: a fault was told. */
static bool value_of(struct query *q, struct query_column column, struct str text, struct str param,
	struct query_value *v)
{
	char words[128];
	int code;

	if (column.field == LF_STALE) /* what the API writes as a truth value */
		text = str_eq(text, S("true"))    ? S("yes")
		       : str_eq(text, S("false")) ? S("no")
						  : text;
	*v = (struct query_value){ .text = text, .number = NAN };
	if (column.field == LF_ATTRIBUTE) {
		fold_number(text, &v->number);
		return true;
	}
	switch (field_kind(column.field)) {
	case FK_NUMBER:
		v->text = S("");
		if (fold_number(text, &v->number) && isfinite(v->number))
			return true;
		query_fault(q, param, "expected a number");
		return false;
	case FK_CHOICE:
		if ((code = field_choice_parse(column.field, text)) >= 0) {
			v->number = code;
			return true;
		}
		words_of(column.field, words, sizeof(words));
		query_fault(q, param, "expected one of %s",
			column.field == LF_STALE ? "true, false" : words);
		return false;
	default:
		return true;
	}
}

bool query_next(struct str *rest, char *to, struct str *out)
{
	size_t n = 0, i = 0;
	bool more;

	for (; i < rest->n && rest->p[i] != ','; i++) {
		if (rest->p[i] == '\\' && i + 1 < rest->n &&
			(rest->p[i + 1] == ',' || rest->p[i + 1] == '\\'))
			i++;
		to[n++] = rest->p[i];
	}
	more = i < rest->n;
	*out = str_trim((struct str){ to, n });
	*rest = str_sub(*rest, more ? i + 1 : i, rest->n);
	return more;
}

static int add_several(struct query *q, struct query_column column, enum query_op op,
	struct str value, struct str param, struct err *e)
{
	struct query_filter *f =
		op == QUERY_EQ ? filter_eq(q, column, param) : filter_add(q, column, op, param);
	char *room = arena_alloc(q->arena, value.n + 1);
	struct query_value v;
	struct str one;
	bool more = f != NULL;

	if (room == NULL)
		return err_set(e, ERR_LIMIT, "the filters are too long");
	while (more) {
		const char *from = value.p;

		more = query_next(&value, room, &one);
		room += value.p - from; /* no longer than what it was made from */
		if (one.n == 0) {
			query_fault(q, param, "expected values with a comma between");
			return 0;
		}
		if (!value_of(q, column, one, param, &v))
			return 0;
		if (filter_value(q, f, v, param, e) == -1)
			return -1;
	}
	return 0;
}

static int filter_text(struct query *q, struct query_column column, const struct op *op,
	struct str value, struct str param, struct err *e)
{
	bool choice = column.field != LF_ATTRIBUTE && field_kind(column.field) == FK_CHOICE;
	bool text = column.field == LF_ATTRIBUTE || field_kind(column.field) == FK_TEXT;
	struct query_value v;

	if (op->shape == OP_EMPTY)
		return add_empty(q, column, value, param);
	if (op->shape == OP_TEXT && !text) {
		query_fault(q, param, "%s is for texts", op->name);
		return 0;
	}
	if (value.n == 0) {
		query_fault(q, param, "expected a value; an empty column is [empty]=true");
		return 0;
	}
	if (column.field != LF_ATTRIBUTE && field_kind(column.field) == FK_TIME)
		return add_time(q, column, op, value, param, e);
	if (op->shape == OP_SEVERAL || (choice && op->shape == OP_ONE))
		return add_several(q, column, op->op, value, param, e);
	if (!value_of(q, column, value, param, &v))
		return 0;
	return add_one(q, column, op->op, v, param, e);
}

int query_is(struct query *q, enum lead_field f, struct str text, struct err *e)
{
	struct query_column column = { .field = f };
	struct query_filter *filter;
	struct query_value v = { .text = text, .number = NAN };

	/* Never merged with a filter of the user's: it must hold beside it. */
	if (q->n_filters == QUERY_FILTERS_MAX)
		return err_set(e, ERR_INPUT, "more than %d filters", QUERY_FILTERS_MAX - 1);
	if (field_kind(f) == FK_CHOICE)
		v.number = field_choice_parse(f, text);
	filter = filter_add(q, column, QUERY_EQ, S(""));
	return filter_value(q, filter, v, S(""), e);
}

/* --- one parameter --- */

static void set_sort(struct query *q, struct str value)
{
	struct query_column column;
	bool descending = str_starts(value, S("-"));

	value = str_sub(value, descending || str_starts(value, S("+")) ? 1 : 0, value.n);
	if (value.n > 0 && str_chr(value, ',') >= 0 && !str_starts(value, S("attr."))) {
		query_fault(q, S("sort"), "leads are sorted by one column");
		return;
	}
	if (!query_column(value, &column)) {
		query_fault(q, S("sort"), "there is no column \"" STR_FMT "\"",
			STR_ARG(utf8_cut(value, 80)));
		return;
	}
	q->sort = column;
	q->descending = descending;
	q->sorted = true;
}

static int set_one(struct query *q, struct str name, struct str value, struct err *e)
{
	struct query_column column;
	struct str column_name;
	const struct op *op;

	if (str_eq(name, S("sort"))) {
		set_sort(q, value);
		return 0;
	}
	if (str_eq(name, S("q"))) {
		q->words = str_trim(value);
		return 0;
	}
	if ((op = name_split(name, &column_name)) == NULL)
		query_fault(q, name,
			"expected eq, ne, in, nin, gt, gte, lt, lte, contains, starts or empty");
	else if (!query_column(column_name, &column))
		query_fault(q, name, "there is no column \"" STR_FMT "\"",
			STR_ARG(utf8_cut(column_name, 80)));
	else
		return filter_text(q, column, op, value, name, e);
	return 0;
}

/* --- the text --- */

static int hex(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* Percent signs and plus signs undone; false when that is no text. */
static bool decode(struct str s, char *to, struct str *out)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '+') {
			c = ' ';
		} else if (c == '%') {
			int hi = i + 2 < s.n ? hex(s.p[i + 1]) : -1;
			int lo = i + 2 < s.n ? hex(s.p[i + 2]) : -1;

			if (hi < 0 || lo < 0)
				return false;
			c = (char)(hi * 16 + lo);
			i += 2;
		}
		if ((unsigned char)c < ' ' || c == 0x7F)
			return false;
		to[n++] = c;
	}
	*out = (struct str){ to, n };
	return utf8_valid(*out);
}

static bool is_other(struct str name, const char *const *others)
{
	for (; others != NULL && *others != NULL; others++)
		if (str_eq(name, str_of(*others)))
			return true;
	return false;
}

static int pair_text(struct query *q, struct str pair, const char *const *others, struct err *e)
{
	char *room = arena_alloc(q->arena, pair.n + 1);
	struct str raw_name, raw_value, name, value;

	if (room == NULL)
		return err_set(e, ERR_LIMIT, "the query is too long");
	str_split(pair, '=', &raw_name, &raw_value);
	if (!decode(raw_name, room, &name)) {
		query_fault(q, S("query"), "the name of a parameter is not text");
		return 0;
	}
	if (is_other(name, others))
		return 0;
	if (name.n > QUERY_TEXT_MAX || raw_value.n > 64 * QUERY_TEXT_MAX) {
		query_fault(q, utf8_cut(name, 80), "too long");
		return 0;
	}
	if (!decode(raw_value, room + name.n, &value)) {
		query_fault(q, name, "not text");
		return 0;
	}
	return set_one(q, name, value, e);
}

int query_text(struct query *q, struct str text, const char *const *others, struct err *e)
{
	struct str pair;
	bool more = text.n > 0;

	q->first = q->n_filters;
	if (str_starts(text, S("?")))
		text = str_sub(text, 1, text.n);
	while (more) {
		more = str_split(text, '&', &pair, &text);
		if (pair.n > 0 && pair_text(q, pair, others, e) == -1)
			return -1;
	}
	return 0;
}
