/* SPDX-License-Identifier: Apache-2.0 */
/* What stands inside cells: the items of lists, the words of free text. */
#include <stdlib.h>
#include <string.h>

#include "features/parts.h"
#include "features/profile_internal.h"
#include "util/err.h"

static double share(uint64_t part, uint64_t whole)
{
	return whole != 0 ? (double)part / (double)whole : 0;
}

/* Items of a list column: in how many different cells, and rows, each stands. */
struct items {
	struct map cells, rows;
};

static void items_clear(struct items *x)
{
	map_clear(&x->cells);
	map_clear(&x->rows);
}

const char profile_seps[] = ";|,/";

static bool has_several(struct str s, char sep)
{
	return str_chr(s, sep) >= 0 && (sep != '/' || str_find(s, S(" / ")) >= 0);
}

void profile_count_lists(struct acc *a)
{
	for (size_t i = 0; i < a->values.n; i++) {
		for (size_t k = 0; k < PROFILE_SEPS; k++) {
			if (!has_several(a->raw[i], profile_seps[k]))
				continue;
			a->list_values[k]++;
			a->list_rows[k] += a->values.entries[i].value;
		}
	}
}

static int count_items(const struct acc *a, char sep, struct items *x)
{
	char room[CELL_TEXT_MAX];

	for (size_t i = 0; i < a->values.n; i++) {
		struct str s = a->raw[i], item;
		bool several = has_several(s, sep);

		while (cell_list(&s, sep, &item)) {
			struct str text = cell_text(item, room);
			struct map_entry *c = map_put(&x->cells, text, NULL);
			struct map_entry *r = map_put(&x->rows, text, NULL);

			if (c == NULL || r == NULL)
				return -1;
			c->value += several;
			r->value += a->values.entries[i].value;
		}
	}
	return 0;
}

/* Cells hold several values when their parts come back in other company: most parts stand in two
 * or more different cells. "Banking, Investment And Insurance" is one value. */
static bool list_like(const struct items *x)
{
	size_t parts = 0, again = 0;

	for (size_t i = 0; i < x->cells.n; i++) {
		parts += x->cells.entries[i].value >= 1;
		again += x->cells.entries[i].value >= 2;
	}
	return again >= 3 && again * 2 >= parts;
}

static int by_count(const void *a, const void *b)
{
	const struct map_entry *x = *(const struct map_entry *const *)a;
	const struct map_entry *y = *(const struct map_entry *const *)b;

	if (x->value != y->value)
		return x->value < y->value ? 1 : -1;
	return str_cmp(x->key, y->key);
}

const struct map_entry **profile_ranked(const struct map *m)
{
	const struct map_entry **order = malloc((m->n + 1) * sizeof(*order));

	if (order == NULL)
		return NULL;
	for (size_t i = 0; i < m->n; i++)
		order[i] = &m->entries[i];
	qsort(order, m->n, sizeof(*order), by_count);
	return order;
}

static int keep_parts(struct profile *p, const struct acc *a, const struct items *x,
	struct column *c, struct err *e)
{
	const struct map_entry **order = profile_ranked(&x->rows);
	int rc = 0;

	if (order == NULL)
		return err_nomem(e);
	c->n_parts = 0;
	for (size_t i = 0; i < x->rows.n && c->n_parts < PROFILE_TOP && rc == 0; i++) {
		if (order[i]->value < 5 || share(order[i]->value, a->filled) < .01)
			break;
		c->parts[c->n_parts].count = order[i]->value;
		rc = profile_text(p, order[i]->key, &c->parts[c->n_parts++].text, e);
	}
	free(order);
	return rc;
}

int profile_find_list(struct profile *p, const struct acc *a, struct column *c, struct err *e)
{
	if (share(a->bytes, a->filled) > 150)
		return 0;
	for (size_t i = 0; i < PROFILE_SEPS && c->list_sep == 0; i++) {
		struct items x = { 0 };
		int rc = 0;

		if (a->list_values[i] < 3 || share(a->list_rows[i], a->filled) < .05)
			continue;
		if (count_items(a, profile_seps[i], &x) == -1)
			rc = err_nomem(e);
		else if (list_like(&x)) {
			c->list_sep = profile_seps[i];
			rc = keep_parts(p, a, &x, c, e);
		}
		items_clear(&x);
		if (rc == -1)
			return -1;
	}
	return 0;
}

/* ---- words of free text ---- */

/* Words that say nothing in English, German, French, Spanish, Portuguese, Italian and Dutch. */
static const char stop_words[] = " the and for with you your are was has have had not but from "
				 "this that will can our they their "
				 "der die das und ist ich sie wir ein eine einen einem einer nicht "
				 "mit auf bei von zum zur den dem "
				 "les des une est pour avec dans sur pas vous nous que qui los las "
				 "del una para con por como "
				 "nao uma com que dos das mais het een van voor met niet dat zijn "
				 "op te aan il lo gli della per "
				 "non che sono di ";

static bool says_nothing(struct str word)
{
	char key[PART_ROOM + 3];

	if (word.n < 3 || word.n > 40)
		return true;
	key[0] = ' ';
	memcpy(key + 1, word.p, word.n);
	key[word.n + 1] = ' ';
	key[word.n + 2] = '\0';
	return strstr(stop_words, key) != NULL;
}

/* Each word counts once per cell: ${last} keeps the cell it was seen in, plus one. */
static int count_words(const struct acc *a, struct map *rows, struct map *last)
{
	char room[CELL_TEXT_MAX];

	for (size_t i = 0; i < a->values.n; i++) {
		struct str s = a->raw[i], word;

		while (part_word(&s, room, &word)) {
			struct map_entry *r, *l;

			if (says_nothing(word))
				continue;
			if ((r = map_put(rows, word, NULL)) == NULL ||
				(l = map_put(last, word, NULL)) == NULL)
				return -1;
			if (l->value != i + 1)
				r->value += a->values.entries[i].value;
			l->value = i + 1;
		}
	}
	return 0;
}

/* Words in 2 to 80 of a hundred texts, and in ten texts at least, so that none is a name. */
int profile_find_words(struct profile *p, const struct acc *a, struct column *c, struct err *e)
{
	struct map rows = { 0 }, last = { 0 };
	const struct map_entry **order = NULL;
	uint64_t texts = 0;
	int rc = count_words(a, &rows, &last);

	for (size_t i = 0; i < a->values.n; i++)
		texts += a->values.entries[i].value;
	if (rc == -1 || (order = profile_ranked(&rows)) == NULL)
		rc = err_nomem(e);
	for (size_t i = 0; rc == 0 && i < rows.n && c->n_parts < PROFILE_TOP; i++) {
		double part = share(order[i]->value, texts);

		if (order[i]->value < 10 || part < .02)
			break;
		if (part > .8)
			continue;
		c->parts[c->n_parts].count = order[i]->value;
		rc = profile_text(p, order[i]->key, &c->parts[c->n_parts++].text, e);
	}
	free(order);
	map_clear(&rows);
	map_clear(&last);
	return rc;
}
