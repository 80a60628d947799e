/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "features/bind_internal.h"
#include "features/headers.h"
#include "util/err.h"

/* ---- which column of the file is which ---- */

/* Whether a column of the file is another column of the profile already. */
static bool is_taken(const struct bind *x, struct str name, int32_t cell)
{
	for (size_t c = 0; c < x->b->n_cols; c++) {
		if (x->cell[c] == cell || str_eq(x->b->cols[c].name, name))
			return true;
	}
	return false;
}

/* Exact names first; what is left over matches folded, where only one column of the file folds so.
 */
static int match_columns(struct bind *x, const bool *need, const struct str *names, size_t n)
{
	struct map exact = { 0 }, folded = { 0 };
	char room[HEADER_MAX];
	int rc = -1;
	bool added;

	for (size_t i = 0; i < n; i++) {
		struct map_entry *a = map_put(&exact, names[i], &added);
		struct map_entry *b;

		if (a == NULL)
			goto done;
		if (added)
			a->value = i;
		if ((b = map_put(&folded, header_fold(names[i], room), &added)) == NULL)
			goto done;
		b->value = added ? i : SIZE_MAX;
	}
	for (size_t c = 0; c < x->b->n_cols; c++) {
		const struct map_entry *a = need[c] ? map_get(&exact, x->b->cols[c].name) : NULL;

		x->cell[c] = a != NULL ? (int32_t)a->value : -1;
	}
	for (size_t c = 0; c < x->b->n_cols; c++) {
		const struct map_entry *b;

		if (!need[c] || x->cell[c] >= 0)
			continue;
		b = map_get(&folded, header_fold(x->b->cols[c].name, room));
		if (b != NULL && b->value < n && !is_taken(x, names[b->value], (int32_t)b->value))
			x->cell[c] = (int32_t)b->value;
		else
			x->absent[x->n_absent++] = (uint32_t)c;
	}
	rc = 0;
done:
	map_clear(&exact);
	map_clear(&folded);
	return rc;
}

/* ---- laying out ---- */

static bool wants(const bool *wanted, size_t i)
{
	return wanted == NULL || wanted[i];
}

static void find_needs(const struct bases *b, const bool *wanted, bool *need)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct base *x = &b->b[i];

		if (!wants(wanted, i))
			continue;
		for (uint32_t k = 0; k < x->info.n_sources; k++)
			need[x->info.sources[k]] = true;
		for (size_t k = 0; k < x->n_counted; k++)
			need[x->counted[k]] = true;
	}
}

/* ${y} tells whether a term is in a cell. */
static int add_term(struct bind *x, struct step *s, const struct base *y, size_t base)
{
	struct map_entry *item;

	if (s->terms == NULL && (s->terms = arena_array(&x->mem, 1, sizeof(*s->terms))) == NULL)
		return -1;
	item = map_put(y->op == OP_HAS ? &s->terms->items : &s->terms->words, y->token, NULL);
	if (item == NULL)
		return -1;
	item->value = base;
	return 0;
}

static int add_step(struct bind *x, size_t col, const bool *wanted, size_t *at)
{
	const struct bases *b = x->b;
	const struct base_column *c = &b->cols[col];
	struct step *s = &x->steps[x->n_steps];

	x->seen[x->n_steps++] = (struct step_seen){ .newest = { NAN, NAN } };
	*s = (struct step){ .col = (uint32_t)col,
		.cell = x->cell[col],
		.read = cell_reading_of(c),
		.format = c->format,
		.from = (uint32_t)*at,
		.slot = -1 };
	for (size_t i = 0; i < b->n; i++) {
		const struct base *y = &b->b[i];

		if (!wants(wanted, i) || y->info.n_sources != 1 || y->info.sources[0] != col)
			continue;
		if (y->op != OP_HAS && y->op != OP_MENTIONS)
			x->order[(*at)++] = (struct bind_base){ y->dict, (uint32_t)i,
				(uint16_t)y->op, y->info.kind == BASE_CAT };
		else if (add_term(x, s, y, i) == -1)
			return -1;
	}
	s->n = (uint32_t)*at - s->from;
	x->has_dates |= s->read.parse == PARSE_DATE && s->cell >= 0;
	x->has_numbers |= s->read.parse == PARSE_NUMBER;
	return 0;
}

static struct step *step_of(struct bind *x, uint32_t col)
{
	for (size_t i = 0; i < x->n_steps; i++) {
		if (x->steps[i].col == col)
			return &x->steps[i];
	}
	return NULL;
}

/* A pair reads the values of its columns from slots. More columns than slots: the rest of the pairs
 * stay missing; bases_new makes no more than eight. */
static void add_pairs(struct bind *x, const bool *wanted)
{
	int16_t slots = 0;

	for (size_t i = 0; i < x->b->n; i++) {
		const struct base *y = &x->b->b[i];
		struct step *s[2];

		if (!wants(wanted, i) || y->info.n_sources != 2)
			continue;
		for (size_t k = 0; k < 2; k++) {
			s[k] = step_of(x, y->info.sources[k]);
			if (s[k]->slot < 0 && slots < BIND_SLOTS)
				s[k]->slot = slots++;
		}
		x->pairs[x->n_pairs++] =
			(struct pair){ (uint32_t)i, (uint32_t)s[0]->slot, (uint32_t)s[1]->slot };
	}
}

static void add_count(struct bind *x, const bool *wanted)
{
	x->count = -1;
	for (size_t i = 0; i < x->b->n; i++) {
		const struct base *y = &x->b->b[i];

		if (!wants(wanted, i) || y->op != OP_COUNT)
			continue;
		x->count = (int64_t)i;
		for (size_t k = 0; k < y->n_counted; k++)
			step_of(x, y->counted[k])->counted = true;
	}
}

static int lay_out(struct bind *x, const bool *need, const bool *wanted)
{
	size_t at = 0;

	for (size_t c = 0; c < x->b->n_cols; c++) {
		if (need[c] && add_step(x, c, wanted, &at) == -1)
			return -1;
	}
	add_pairs(x, wanted);
	add_count(x, wanted);
	return 0;
}

static int allocate(struct bind *x)
{
	x->steps = arena_array(&x->mem, x->b->n_cols + 1, sizeof(*x->steps));
	x->seen = arena_array(&x->mem, x->b->n_cols + 1, sizeof(*x->seen));
	x->order = arena_array(&x->mem, x->b->n + 1, sizeof(*x->order));
	x->pairs = arena_array(&x->mem, x->b->n + 1, sizeof(*x->pairs));
	x->cell = arena_array(&x->mem, x->b->n_cols + 1, sizeof(*x->cell));
	x->absent = arena_array(&x->mem, x->b->n_cols + 1, sizeof(*x->absent));
	x->notes = arena_array(&x->mem, x->b->n_cols + 1, sizeof(*x->notes));
	return x->steps != NULL && x->seen != NULL && x->order != NULL && x->pairs != NULL &&
			       x->cell != NULL && x->absent != NULL && x->notes != NULL
		       ? 0
		       : -1;
}

struct bind *bind_new(
	const struct bases *b, const struct str *names, size_t n, const bool *wanted, struct err *e)
{
	struct bind *x = calloc(1, sizeof(*x));
	bool *need = calloc(b->n_cols + 1, sizeof(*need));

	if (x == NULL || need == NULL) {
		free(x);
		free(need);
		err_nomem(e);
		return NULL;
	}
	x->b = b;
	x->newest = NAN;
	find_needs(b, wanted, need);
	if (allocate(x) == -1 || match_columns(x, need, names, n) == -1 ||
		lay_out(x, need, wanted) == -1) {
		bind_free(x);
		x = NULL;
		err_nomem(e);
	}
	free(need);
	return x;
}

void bind_free(struct bind *x)
{
	if (x == NULL)
		return;
	for (size_t i = 0; i < x->n_steps; i++) {
		if (x->steps[i].terms == NULL)
			continue;
		map_clear(&x->steps[i].terms->items);
		map_clear(&x->steps[i].terms->words);
	}
	arena_clear(&x->mem);
	free(x);
}

struct str bind_absent(const struct bind *x, size_t i)
{
	return i < x->n_absent ? x->b->cols[x->absent[i]].name : S("");
}

ptrdiff_t bind_column(const struct bind *x, size_t col)
{
	for (size_t i = 0; i < x->n_steps; i++) {
		if (x->steps[i].col == col)
			return x->steps[i].cell;
	}
	return -1;
}

bool bind_needs_scan(const struct bind *x)
{
	return x->has_dates;
}

double bind_newest(const struct bind *x)
{
	return x->newest;
}

const char *bind_note(const struct bind *x, size_t i)
{
	return i < x->n_notes ? x->notes[i] : NULL;
}
