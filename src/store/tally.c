/* SPDX-License-Identifier: Apache-2.0 */
#include "store/tally_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/buf.h"
#include "util/err.h"
#include "util/map.h"

enum { COMBINATIONS = 10000, VALUES = 1 << 20, DAY_MS = 86400000 };

struct shown {
	struct value value;
	struct str text; /* in the arena */
};

struct tally {
	struct lead_tally_by by[3];
	size_t n_by;
	bool sums;            /* else they stay 0 */
	struct map values[3]; /* of a column: number of a value */
	struct shown *shown[3];
	size_t n_shown[3], cap_shown[3];
	struct map combos; /* numbers -> index */
	struct combo {
		uint32_t numbers[3];
		uint64_t leads;
		double probability, value;
	} * items;
	size_t n;
	struct arena arena;
	struct buf fold;
};

int tally_check(
	const struct lead_query *q, const struct lead_tally_by *by, size_t n_by, struct err *e)
{
	struct lead_query page = *q;
	size_t k;

	page.limit = 1;
	page.at = NAN;
	if (n_by < 1 || n_by > 3)
		return err_set(e, ERR_INPUT, "leads are counted by one to three columns");
	for (k = 0; k < n_by; k++)
		if (by[k].column.field > LF_ATTRIBUTE)
			return err_set(e, ERR_INPUT, "there is no such column to count by");
	return store_check_query(&page, e);
}

struct tally *tally_new(const struct lead_tally_by *by, size_t n_by, bool sums, struct err *e)
{
	struct tally *t = calloc(1, sizeof(*t));

	if (t == NULL || (t->items = malloc(COMBINATIONS * sizeof(*t->items))) == NULL) {
		free(t);
		err_nomem(e);
		return NULL;
	}
	memcpy(t->by, by, n_by * sizeof(*by));
	t->sums = sums;
	t->n_by = n_by;
	return t;
}

void tally_free(struct tally *t)
{
	size_t k;

	if (t == NULL)
		return;
	for (k = 0; k < 3; k++) {
		map_clear(&t->values[k]);
		free(t->shown[k]);
	}
	map_clear(&t->combos);
	arena_clear(&t->arena);
	buf_clear(&t->fold);
	free(t->items);
	free(t);
}

static int new_shown(struct tally *t, size_t k, const struct value *v, struct str text)
{
	struct shown *s;

	if (t->n_shown[k] == t->cap_shown[k]) {
		size_t cap = t->cap_shown[k] == 0 ? 64 : 2 * t->cap_shown[k];
		struct shown *more = realloc(t->shown[k], cap * sizeof(*more));

		if (more == NULL)
			return -1;
		t->shown[k] = more;
		t->cap_shown[k] = cap;
	}
	s = &t->shown[k][t->n_shown[k]];
	s->value = *v;
	s->text = (struct str){ arena_dup(&t->arena, text), text.n };
	s->value.text = (struct str){ arena_dup(&t->arena, v->text), v->text.n };
	if (s->text.p == NULL || s->value.text.p == NULL)
		return -1;
	t->n_shown[k]++;
	return 0;
}

int tally_number(struct tally *t, size_t k, const struct value *v, struct str shown, uint32_t *out,
	struct err *e)
{
	struct value cut = *v;
	struct map_entry *m;
	struct str key;
	bool added;

	if (v->class == VALUE_NUMBER && t->by[k].column.field != LF_ATTRIBUTE &&
		field_kind(t->by[k].column.field) == FK_TIME) {
		double shift = (double)t->by[k].day_shift_ms;

		cut.x = floor((v->x + shift) / DAY_MS) * DAY_MS;
	}
	/* Texts never hold the bytes of a class: values of different kinds have different keys. */
	buf_reset(&t->fold);
	buf_c(&t->fold, (char)cut.class);
	if (cut.class == VALUE_NUMBER)
		buf_bytes(&t->fold, &cut.x, sizeof(cut.x));
	else
		buf_str(&t->fold, cut.text);
	key = buf_view(&t->fold);
	m = t->fold.failed ? NULL : map_put(&t->values[k], key, &added);
	if (m == NULL)
		return err_nomem(e);
	if (added) {
		if (t->n_shown[k] >= VALUES)
			return err_set(e, ERR_LIMIT, "too many different values to count");
		m->value = t->n_shown[k];
		if (new_shown(t, k, &cut, shown) != 0)
			return err_nomem(e);
	} else if (str_cmp(shown, t->shown[k][m->value].text) < 0) {
		t->shown[k][m->value].text = (struct str){ arena_dup(&t->arena, shown), shown.n };
		if (t->shown[k][m->value].text.p == NULL)
			return err_nomem(e);
	}
	*out = (uint32_t)m->value;
	return 0;
}

int tally_add(struct tally *t, const uint32_t numbers[3], uint64_t leads, double probability,
	double value, struct err *e)
{
	bool added;
	struct map_entry *m = map_put(
		&t->combos, (struct str){ (const char *)numbers, 3 * sizeof(*numbers) }, &added);
	struct combo *c;

	if (m == NULL)
		return err_nomem(e);
	if (added) {
		if (t->n == COMBINATIONS)
			return err_set(e, ERR_LIMIT, "over %d combinations of values to count",
				COMBINATIONS);
		m->value = t->n;
		t->items[t->n] = (struct combo){ .leads = 0 };
		memcpy(t->items[t->n++].numbers, numbers, sizeof(t->items[0].numbers));
	}
	c = &t->items[m->value];
	c->leads += leads;
	if (!t->sums)
		return 0;
	c->probability += probability;
	c->value += value;
	return 0;
}

int tally_lead(struct tally *t, const struct lead *l, const struct layout *layout, struct err *e)
{
	uint32_t numbers[3] = { 0, 0, 0 };
	struct buf fold = { 0 };
	size_t k;
	int rc = 0;

	for (k = 0; k < t->n_by && rc == 0; k++) {
		struct value v = value_of_lead(l, layout, &t->by[k].column, &fold);
		char upload[ID_ULID];
		struct str raw;
		double x;

		value_raw(l, layout, &t->by[k].column, &raw, &x);
		if (t->by[k].column.field == LF_UPLOAD_ID && v.class != VALUE_EMPTY) {
			id_ulid(l->upload, upload);
			raw = str_of(upload);
		}
		rc = fold.failed ? err_nomem(e)
				 : tally_number(t, k, &v, v.class == VALUE_EMPTY ? S("") : raw,
					   &numbers[k], e);
	}
	buf_clear(&fold);
	if (rc != 0)
		return -1;
	return tally_add(t, numbers, 1, l->score.model[0] != '\0' ? l->score.probability : 0,
		isnan(l->values.value) ? 0 : l->values.value, e);
}

static int combo_cmp(const void *p, const void *q, void *arg)
{
	const struct combo *a = p, *b = q;
	const struct tally *t = arg;
	size_t k;

	if (a->leads != b->leads)
		return a->leads > b->leads ? -1 : 1;
	for (k = 0; k < t->n_by; k++) {
		int c = value_cmp(&t->shown[k][a->numbers[k]].value,
			&t->shown[k][b->numbers[k]].value, false);

		if (c != 0)
			return c;
	}
	return 0;
}

static int show(const struct tally *t, size_t k, uint32_t number, struct arena *a,
	struct query_value *out, struct err *e)
{
	const struct shown *s = &t->shown[k][number];
	enum lead_field f = t->by[k].column.field;
	struct str text = s->text;

	*out = (struct query_value){ .text = S(""), .number = NAN };
	if (s->value.class == VALUE_NUMBER)
		out->number = s->value.x;
	if (s->value.class == VALUE_NUMBER && f < LF_COUNT && field_kind(f) == FK_CHOICE)
		text = str_of(field_choice(f, (unsigned)s->value.x));
	if (text.n == 0)
		return 0;
	out->text = (struct str){ arena_dup(a, text), text.n };
	return out->text.p != NULL ? 0 : err_nomem(e);
}

int tally_finish(
	struct tally *t, struct arena *a, struct lead_tally **out, size_t *n, struct err *e)
{
	size_t i, k;

	qsort_r(t->items, t->n, sizeof(*t->items), combo_cmp, t);
	*out = arena_array(a, t->n + 1, sizeof(**out));
	if (*out == NULL)
		return err_nomem(e);
	for (i = 0; i < t->n; i++) {
		struct lead_tally *to = &(*out)[i];

		for (k = 0; k < t->n_by; k++)
			if (show(t, k, t->items[i].numbers[k], a, &to->value[k], e) != 0)
				return -1;
		to->leads = t->items[i].leads;
		to->sum_probability = t->items[i].probability;
		to->sum_value = t->items[i].value;
	}
	*n = t->n;
	return 0;
}
