/* SPDX-License-Identifier: Apache-2.0 */
#include "store/lead_value_internal.h"

#include <math.h>
#include <string.h>

#include "record/fold.h"
#include "util/buf.h"
#include "util/err.h"

static double ms_number(int64_t ms)
{
	return ms == MS_NONE ? NAN : (double)ms;
}

static double heat_number(enum lead_heat h)
{
	return h == LEAD_NO_HEAT ? NAN : (double)h;
}

static double score_number(const struct lead *l, enum lead_field f)
{
	const struct lead_score *s = &l->score;

	if (s->model[0] == '\0')
		return NAN;
	switch (f) {
	case LF_SCORE:
		return s->points;
	case LF_PROBABILITY:
		return s->probability;
	case LF_CONFIDENCE:
		return s->confidence;
	case LF_SCORED_AT:
		return ms_number(s->scored_ms);
	default:
		return heat_number(s->heat);
	}
}

static double number_of(const struct lead *l, enum lead_field f)
{
	switch (f) {
	case LF_VALUE:
		return l->values.value;
	case LF_CREATED_AT:
		return ms_number(l->values.created_ms);
	case LF_LAST_ACTIVITY_AT:
		return ms_number(l->values.last_activity_ms);
	case LF_OUTCOME:
		return l->values.outcome;
	case LF_OUTCOME_AT:
		return ms_number(l->values.outcome_ms);
	case LF_HEAT:
		return heat_number(lead_heat(l));
	case LF_STALE:
		return lead_stale(l);
	case LF_OVERRIDE:
		return heat_number(l->override_heat);
	case LF_VERDICT:
		return l->verdict == LEAD_NO_VERDICT ? NAN : (double)l->verdict;
	case LF_INSERTED_AT:
		return ms_number(l->inserted_ms);
	case LF_UPDATED_AT:
		return ms_number(l->updated_ms);
	case LF_CLOSING_HEAT:
		return l->closing_model[0] == '\0' ? NAN : heat_number(l->closing_heat);
	case LF_CLOSING_PROBABILITY:
		return l->closing_model[0] == '\0' ? NAN : l->closing_probability;
	default:
		return score_number(l, f);
	}
}

bool value_raw(const struct lead *l, const struct layout *layout, const struct query_column *c,
	struct str *raw, double *x)
{
	ptrdiff_t at;

	*raw = S("");
	*x = NAN;
	if (c->field < LF_TEXTS) {
		*raw = l->values.text[c->field];
		return true;
	}
	if (c->field == LF_MODEL) {
		*raw = str_of(l->score.model);
		return true;
	}
	if (c->field == LF_CLOSING_MODEL) {
		*raw = str_of(l->closing_model);
		return true;
	}
	if (c->field == LF_ATTRIBUTE) {
		at = layout != NULL ? layout_find(layout, c->attribute) : -1;
		if (at >= 0 && layout->columns[at].use == LF_ATTRIBUTE)
			*raw = cells_get(l->cells, (size_t)at);
		return true;
	}
	*x = number_of(l, c->field);
	return false;
}

struct value value_of_number(double x)
{
	return (struct value){ .class = isnan(x) ? VALUE_EMPTY : VALUE_NUMBER, .x = x };
}

struct value value_of_text(struct str raw, bool attribute, struct buf *fold)
{
	struct value v = { .class = VALUE_TEXT, .x = NAN, .text = S("") };
	size_t from = fold->n;

	fold_text(raw, fold);
	/* Offsets would outlive a move of the buffer; callers that keep values reset it between. */
	if (fold->n > from)
		v.text = (struct str){ fold->p + from, fold->n - from };
	if (v.text.n == 0)
		v.class = VALUE_EMPTY;
	else if (attribute && fold_number(v.text, &v.x))
		v.class = VALUE_NUMBER;
	return v;
}

struct value value_of_lead(const struct lead *l, const struct layout *layout,
	const struct query_column *c, struct buf *fold)
{
	struct str raw;
	double x;
	char upload[ID_ULID];

	buf_reset(fold);
	if (c->field == LF_UPLOAD_ID) {
		if (id_is_none(l->upload))
			return (struct value){ .class = VALUE_EMPTY, .x = NAN };
		id_ulid(l->upload, upload);
		return value_of_text(str_of(upload), false, fold);
	}
	if (!value_raw(l, layout, c, &raw, &x))
		return value_of_number(x);
	return value_of_text(raw, c->field == LF_ATTRIBUTE, fold);
}

static int text_cmp(struct str a, struct str b)
{
	return str_cmp(str_sub(a, 0, VALUE_SORTED), str_sub(b, 0, VALUE_SORTED));
}

int value_cmp(const struct value *a, const struct value *b, bool descending)
{
	int c;

	if (a->class == VALUE_EMPTY || b->class == VALUE_EMPTY)
		return (a->class == VALUE_EMPTY) - (b->class == VALUE_EMPTY);
	if (a->class != b->class)
		c = a->class < b->class ? -1 : 1;
	else if (a->class == VALUE_NUMBER)
		c = (a->x > b->x) - (a->x < b->x);
	else
		c = text_cmp(a->text, b->text);
	return descending ? -c : c;
}

int place_cmp(const struct place *a, const struct place *b, bool descending)
{
	int c = value_cmp(&a->value, &b->value, descending);

	return c != 0 ? c : id_cmp(a->id, b->id);
}

static int filter_value(const struct query_filter *f, const struct query_value *v, struct arena *a,
	struct value *out, struct err *e)
{
	enum field_kind kind = field_kind(f->column.field);
	struct buf fold = { 0 };
	char *copy;
	int code;

	if (kind == FK_CHOICE) {
		code = field_choice_parse(f->column.field, v->text);
		/* "none" is how an empty one is called. */
		*out = value_of_number(
			strcmp(field_choice(f->column.field, (unsigned)code), "none") == 0 ? NAN
											   : code);
		return 0;
	}
	if (kind != FK_TEXT) {
		*out = value_of_number(v->number);
		return 0;
	}
	*out = value_of_text(v->text, f->column.field == LF_ATTRIBUTE, &fold);
	copy = fold.failed ? NULL : arena_dup(a, out->text);
	out->text.p = copy;
	buf_clear(&fold);
	if (copy == NULL)
		return err_nomem(e);
	if (f->column.field == LF_ATTRIBUTE && out->class == VALUE_EMPTY && !isnan(v->number))
		*out = value_of_number(v->number);
	return 0;
}

int filter_make(const struct query_filter *f, struct arena *a, struct filter *out, struct err *e)
{
	size_t i;

	*out = (struct filter){ .op = f->op, .column = f->column, .n = f->n };
	out->values = arena_array(a, f->n + 1, sizeof(*out->values));
	if (out->values == NULL)
		return err_nomem(e);
	for (i = 0; i < f->n; i++) {
		if (filter_value(f, &f->values[i], a, &out->values[i], e) != 0)
			return -1;
		if (out->values[i].class == VALUE_EMPTY)
			out->takes_empty = true; /* one of the values is the empty one */
	}
	if (f->op == QUERY_EMPTY)
		out->takes_empty = true;
	else if (f->op == QUERY_NE)
		out->takes_empty = !out->takes_empty;
	else if (f->op != QUERY_EQ && f->op != QUERY_IN)
		out->takes_empty = false;
	return 0;
}

bool filter_equal(const struct value *a, const struct value *b)
{
	if (a->class != b->class)
		return false;
	return a->class == VALUE_NUMBER ? a->x == b->x : str_eq(a->text, b->text);
}

static bool among(const struct filter *f, const struct value *v)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		if (filter_equal(&f->values[i], v))
			return true;
	return false;
}

bool filter_pass(const struct filter *f, const struct value *v)
{
	const struct value *w = f->values;
	int c;

	if (v->class == VALUE_EMPTY)
		return f->takes_empty;
	switch (f->op) {
	case QUERY_EQ:
	case QUERY_IN:
		return among(f, v);
	case QUERY_NE:
		return !among(f, v);
	case QUERY_EMPTY:
		return false;
	case QUERY_FILLED:
		return true;
	case QUERY_CONTAINS:
		return w->text.n == 0 || str_find(v->text, w->text) >= 0;
	case QUERY_STARTS:
		return str_starts(v->text, w->text);
	default:
		break;
	}
	if (v->class != w->class)
		return false;
	c = value_cmp(v, w, false);
	switch (f->op) {
	case QUERY_GT:
		return c > 0;
	case QUERY_GTE:
		return c >= 0;
	case QUERY_LT:
		return c < 0;
	default:
		return c <= 0;
	}
}

int words_make(struct str text, struct arena *a, struct str **words, size_t *n, struct err *e)
{
	enum { MOST = 16 };
	struct buf b = { 0 };
	int rc = 0;

	*n = 0;
	*words = arena_array(a, MOST, sizeof(**words));
	if (*words == NULL)
		return err_nomem(e);
	while (*n < MOST) {
		char *copy;

		buf_reset(&b);
		if (!fold_word(&text, &b))
			break;
		copy = b.failed ? NULL : arena_dup(a, buf_view(&b));
		if (copy == NULL) {
			rc = err_nomem(e);
			break;
		}
		(*words)[(*n)++] = (struct str){ copy, b.n };
	}
	buf_clear(&b);
	return rc;
}

void words_of_lead(const struct lead *l, struct buf *out)
{
	size_t f;

	for (f = 0; f < LF_TEXTS; f++) {
		if (!field_searched((enum lead_field)f) || l->values.text[f].n == 0)
			continue;
		buf_str(out, l->values.text[f]);
		buf_c(out, ' ');
	}
}

void words_of_values(const struct lead_values *v, uint64_t fields, struct buf *out)
{
	size_t f;

	buf_c(out, WORDS_FOLDED);
	for (f = 0; f < LF_TEXTS; f++) {
		struct str text = v->text[f];

		if (!field_searched((enum lead_field)f) || (fields & FIELD_BIT(f)) == 0)
			continue;
		while (fold_word(&text, out))
			buf_c(out, ' ');
	}
}

bool words_pass(const struct str *words, size_t n, struct str text, struct buf *scratch)
{
	uint32_t missing = (uint32_t)((1ull << n) - 1);
	size_t i;

	while (missing != 0) {
		buf_reset(scratch);
		if (!fold_word(&text, scratch))
			return false;
		for (i = 0; i < n; i++)
			if (str_starts(buf_view(scratch), words[i]))
				missing &= ~(1u << i);
	}
	return true;
}

/* Cursor: a mark, what it belongs to (a hash of the order), class, number, id, text. */
enum { CURSOR_HEAD = 1 + 8 + 1 + 8 + 16 };

static uint64_t order_hash(const struct lead_query *q)
{
	return str_hash(q->sort.field == LF_ATTRIBUTE ? q->sort.attribute : S(""),
		(uint64_t)q->sort.field * 2 + q->descending);
}

int place_write(const struct lead_query *q, const struct place *p, struct arena *a,
	struct str *cursor, struct err *e)
{
	uint64_t hash = order_hash(q);
	struct str text = str_sub(p->value.text, 0, VALUE_SORTED);
	double x = p->value.class == VALUE_NUMBER ? p->value.x : 0;
	char *c;

	if (p->value.class != VALUE_TEXT)
		text.n = 0;
	c = arena_alloc(a, CURSOR_HEAD + text.n + 1);
	if (c == NULL)
		return err_nomem(e);
	c[0] = 'L';
	memcpy(c + 1, &hash, 8);
	c[9] = (char)p->value.class;
	memcpy(c + 10, &x, 8);
	memcpy(c + 18, p->id.b, 16);
	if (text.n > 0)
		memcpy(c + CURSOR_HEAD, text.p, text.n);
	*cursor = (struct str){ c, CURSOR_HEAD + text.n };
	return 0;
}

int place_read(const struct lead_query *q, struct place *out, struct err *e)
{
	uint64_t hash;
	struct str c = q->cursor;

	if (c.n < CURSOR_HEAD || c.n > CURSOR_HEAD + VALUE_SORTED || c.p[0] != 'L' ||
		(unsigned char)c.p[9] > VALUE_EMPTY)
		return err_set(e, ERR_INPUT, "the cursor is none of this list");
	memcpy(&hash, c.p + 1, 8);
	if (hash != order_hash(q))
		return err_set(e, ERR_INPUT, "the cursor belongs to a list in another order");
	out->value.class = (enum value_class)c.p[9];
	memcpy(&out->value.x, c.p + 10, 8);
	memcpy(out->id.b, c.p + 18, 16);
	out->value.text = (struct str){ c.p + CURSOR_HEAD, c.n - CURSOR_HEAD };
	return 0;
}
