/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "features/cell.h"
#include "features/dict.h"
#include "util/arena.h"
#include "util/err.h"
#include "util/json.h"
#include "util/map.h"

#define RARE_TEXT "(rare values)"

struct slot {
	uint64_t hash;
	const char *p;
	uint32_t n;
	uint32_t code; /* 0: free */
};

struct level {
	struct str text; /* as first seen */
	bool known;
};

struct dict {
	/* Growing. */
	struct map grow; /* folded text to count */
	struct str *raw; /* of each entry, as first seen */
	size_t raw_cap;
	/* Sealed: one table for folded texts and for texts as first seen, so that most cells are
	 * found without folding them. */
	struct slot *slots;
	size_t n_slots;
	struct level *levels;
	uint32_t n_levels;
	uint32_t rare;
	struct arena mem;
};

struct dict *dict_new(void)
{
	struct dict *d = calloc(1, sizeof(*d));

	if (d != NULL)
		d->rare = UINT32_MAX;
	return d;
}

static void stop_growing(struct dict *d)
{
	map_clear(&d->grow);
	free(d->raw);
	d->raw = NULL;
	d->raw_cap = 0;
}

void dict_free(struct dict *d)
{
	if (d == NULL)
		return;
	stop_growing(d);
	free(d->slots);
	free(d->levels);
	arena_clear(&d->mem);
	free(d);
}

/* ---- growing ---- */

static int keep_raw(struct dict *d, struct str cell, struct str folded)
{
	if (d->grow.n > d->raw_cap) {
		size_t cap = d->raw_cap != 0 ? d->raw_cap * 2 : 16;
		struct str *raw = realloc(d->raw, cap * sizeof(*raw));

		if (raw == NULL)
			return -1;
		d->raw = raw;
		d->raw_cap = cap;
	}
	cell = str_trim(cell);
	if (cell.n > CELL_TEXT_MAX || str_eq(cell, folded)) {
		d->raw[d->grow.n - 1] = folded;
		return 0;
	}
	d->raw[d->grow.n - 1] = (struct str){ arena_dup(&d->mem, cell), cell.n };
	return d->raw[d->grow.n - 1].p != NULL ? 0 : -1;
}

uint32_t dict_add(struct dict *d, struct str cell, struct err *e)
{
	char room[CELL_TEXT_MAX];
	struct str folded = cell_text(cell, room);
	struct map_entry *x;
	bool added;

	if (folded.n == 0)
		return 0;
	if ((x = map_put(&d->grow, folded, &added)) == NULL ||
		(added && keep_raw(d, cell, x->key) == -1)) {
		err_nomem(e);
		return UINT32_MAX;
	}
	x->value++;
	return (uint32_t)(x - d->grow.entries) + 1;
}

/* ---- sealing ---- */

struct rank {
	const struct map_entry *x;
	uint32_t number;
};

static int by_count(const void *a, const void *b)
{
	const struct map_entry *x = ((const struct rank *)a)->x, *y = ((const struct rank *)b)->x;

	if (x->value != y->value)
		return x->value < y->value ? 1 : -1;
	return str_cmp(x->key, y->key);
}

static struct slot *slot_of(const struct dict *d, struct str s, uint64_t hash)
{
	size_t mask = d->n_slots - 1;

	for (size_t i = (size_t)hash & mask;; i = (i + 1) & mask) {
		struct slot *x = &d->slots[i];

		if (x->code == 0 || (x->hash == hash && str_eq((struct str){ x->p, x->n }, s)))
			return x;
	}
}

static void insert(struct dict *d, struct str s, uint32_t code)
{
	uint64_t hash = str_hash(s, 0);
	struct slot *x = slot_of(d, s, hash);

	if (x->code == 0)
		*x = (struct slot){ hash, s.p, (uint32_t)s.n, code };
}

/* A level's two texts go into the table: as first seen, and folded where that differs. */
static int add_level(struct dict *d, uint32_t code, struct str text)
{
	char room[CELL_TEXT_MAX];
	struct str folded = cell_text(text, room);
	char *copy = arena_dup(&d->mem, text), *fold = copy;

	if (copy == NULL)
		return -1;
	d->levels[code] = (struct level){ { copy, text.n }, cell_fill(text) == CELL_FILLED };
	if (!str_eq(folded, text) && (fold = arena_dup(&d->mem, folded)) == NULL)
		return -1;
	insert(d, (struct str){ fold, folded.n }, code);
	insert(d, d->levels[code].text, code);
	return 0;
}

static int make_tables(struct dict *d, uint32_t n_levels)
{
	d->n_levels = n_levels;
	d->n_slots = 16;
	while (d->n_slots < (size_t)n_levels * 4)
		d->n_slots *= 2;
	d->slots = calloc(d->n_slots, sizeof(*d->slots));
	d->levels = calloc(n_levels, sizeof(*d->levels));
	return d->slots != NULL && d->levels != NULL ? 0 : -1;
}

/* How many of the ranked values keep a level of their own. */
static uint32_t own_levels(const struct rank *r, size_t n)
{
	size_t own = n;

	while (own != 0 && r[own - 1].x->value == 1)
		own--;
	if (n - own < 2)
		own = n; /* one value seen once makes no pool */
	return own > DICT_LEVELS - 2 ? DICT_LEVELS - 2 : (uint32_t)own;
}

static int seal_ranked(struct dict *d, const struct rank *r, size_t n, uint32_t *codes)
{
	uint32_t own = own_levels(r, n);

	d->rare = own < n ? own + 1 : UINT32_MAX;
	if (make_tables(d, own + 1 + (own < n)) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		codes[r[i].number] = i < own ? (uint32_t)i + 1 : d->rare;
	for (uint32_t i = 0; i < own; i++) {
		if (add_level(d, i + 1, d->raw[r[i].number - 1]) == -1)
			return -1;
	}
	if (own < n)
		d->levels[d->rare] = (struct level){ S(RARE_TEXT), true };
	return 0;
}

int dict_seal(struct dict *d, uint32_t **codes, struct err *e)
{
	size_t n = d->grow.n;
	struct rank *r = malloc((n + 1) * sizeof(*r));
	int rc = -1;

	*codes = calloc(n + 1, sizeof(**codes));
	if (r != NULL && *codes != NULL) {
		for (size_t i = 0; i < n; i++)
			r[i] = (struct rank){ &d->grow.entries[i], (uint32_t)i + 1 };
		qsort(r, n, sizeof(*r), by_count);
		rc = seal_ranked(d, r, n, *codes);
	}
	free(r);
	stop_growing(d);
	if (rc == 0)
		return 0;
	free(*codes);
	*codes = NULL;
	return err_nomem(e);
}

/* ---- looking up ---- */

/* Of a cell that is not there as it stands. Apart, as its room on the stack has a price. */
static __attribute__((noinline)) uint32_t find_folded(const struct dict *d, struct str cell)
{
	char room[CELL_TEXT_MAX];
	struct str folded = cell_text(cell, room);
	const struct slot *x;

	if (folded.n == 0)
		return 0;
	if (str_eq(folded, cell)) /* as was looked for */
		return d->rare;
	x = slot_of(d, folded, str_hash(folded, 0));
	return x->code != 0 ? x->code : d->rare;
}

uint32_t dict_find(const struct dict *d, struct str cell)
{
	if (cell.n == 0)
		return 0;
	if (cell.n <= CELL_TEXT_MAX) {
		const struct slot *x = slot_of(d, cell, str_hash(cell, 0));

		if (x->code != 0)
			return x->code;
	}
	return find_folded(d, cell);
}

uint32_t dict_levels(const struct dict *d)
{
	return d->n_levels != 0 ? d->n_levels : 1;
}

struct str dict_text(const struct dict *d, uint32_t code)
{
	return code != 0 && code < d->n_levels ? d->levels[code].text : S("");
}

uint32_t dict_rare(const struct dict *d)
{
	return d->rare;
}

bool dict_known(const struct dict *d, uint32_t code)
{
	return code == UINT32_MAX || (code < d->n_levels && d->levels[code].known);
}

/* ---- keeping ---- */

void dict_write(const struct dict *d, struct jw *w)
{
	uint32_t n = dict_levels(d), own = d->rare != UINT32_MAX ? n - 1 : n;

	jw_obj(w);
	jw_kbool(w, "rare", d->rare != UINT32_MAX);
	jw_key(w, "levels");
	jw_arr(w);
	for (uint32_t i = 1; i < own; i++)
		jw_str(w, d->levels[i].text);
	jw_end_arr(w);
	jw_end_obj(w);
}

static int read_levels(struct dict *d, const struct json *levels, bool rare, struct err *e)
{
	size_t n = json_len(levels);

	if (make_tables(d, (uint32_t)n + 1 + rare) == -1)
		return err_nomem(e);
	for (size_t i = 0; i < n; i++) {
		struct str s = json_str(json_at(levels, i), S(""));

		if (str_trim(s).n == 0 || s.n > 4 * CELL_TEXT_MAX)
			return err_set(e, ERR_INPUT, "level %zu of a category is empty or too long",
				i + 1);
		if (add_level(d, (uint32_t)i + 1, s) == -1)
			return err_nomem(e);
	}
	if (rare) {
		d->rare = (uint32_t)n + 1;
		d->levels[d->rare] = (struct level){ S(RARE_TEXT), true };
	}
	return 0;
}

struct dict *dict_read(const struct json *v, struct err *e)
{
	const struct json *levels = json_need(v, "levels", J_ARR, e);
	struct dict *d;

	if (levels == NULL)
		return NULL;
	if (json_len(levels) > DICT_LEVELS) {
		err_set(e, ERR_LIMIT, "a category has %zu levels, the limit is %d",
			json_len(levels), DICT_LEVELS);
		return NULL;
	}
	if ((d = dict_new()) == NULL) {
		err_nomem(e);
		return NULL;
	}
	if (read_levels(d, levels, json_bool(json_get(v, "rare"), false), e) == 0)
		return d;
	dict_free(d);
	return NULL;
}
