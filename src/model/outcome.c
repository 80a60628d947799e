/* SPDX-License-Identifier: Apache-2.0 */
#include "model/outcome.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "features/cell.h"
#include "features/words.h"
#include "model/outcome_internal.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/map.h"

/* "+01,50" to "1.5"; false when the text is no plain number. */
static bool number_key(struct str s, char *out, size_t *len)
{
	bool minus = s.n > 0 && s.p[0] == '-';
	size_t i = minus || (s.n > 0 && s.p[0] == '+'), whole, point, n = 0;

	while (i + 1 < s.n && s.p[i] == '0' && s.p[i + 1] >= '0' && s.p[i + 1] <= '9')
		i++;
	for (whole = i; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
		;
	point = i;
	if (point == whole)
		return false;
	if (i < s.n) {
		if ((s.p[i] != '.' && s.p[i] != ',') || (s.p[i] == ',' && s.n - i == 4))
			return false;
		for (i++; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
			;
		if (i < s.n)
			return false;
		while (i > point + 1 && s.p[i - 1] == '0')
			i--;
		if (i == point + 1)
			i = point;
	}
	if (minus && !(i == whole + 1 && s.p[whole] == '0'))
		out[n++] = '-';
	memcpy(out + n, s.p + whole, i - whole);
	if (i > point)
		out[n + point - whole] = '.';
	*len = n + i - whole;
	return true;
}

/* Trimmed, and cut at a character when it is too long to count in full. */
static struct str clip(struct str s)
{
	s = str_trim(s);
	if (s.n > OUTCOME_KEY_MAX) {
		s.n = OUTCOME_KEY_MAX;
		while (s.n > 0 && ((unsigned char)s.p[s.n] & 0xc0) == 0x80)
			s.n--;
	}
	return s;
}

struct str outcome_key(struct str s, char out[OUTCOME_KEY_MAX])
{
	char number[32];
	size_t n = 0;

	s = cell_text(clip(s), out);
	if (s.n < sizeof(number) && number_key(s, number, &n)) {
		memcpy(out, number, n);
		return (struct str){ out, n };
	}
	return s;
}

/* Levenshtein distance of two short texts, capped. */
static unsigned distance(struct str a, struct str b)
{
	unsigned row[65];

	a = str_sub(a, 0, 64);
	b = str_sub(b, 0, 64);
	for (size_t j = 0; j <= b.n; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= a.n; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b.n; j++) {
			unsigned up = row[j], best = diagonal + (a.p[i - 1] != b.p[j - 1]);

			if (up + 1 < best)
				best = up + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
			diagonal = up;
		}
	}
	return row[b.n];
}

/* A text that could be meant by ${want}: near in letters, or one holds the other. */
static bool is_near(struct str a, struct str b, unsigned *how)
{
	char fa[WORDS_MAX], fb[WORDS_MAX];
	struct str x = words_fold(a, fa), y = words_fold(b, fb);

	*how = distance(x, y);
	if (x.n > 2 && y.n > 2 && (str_find(x, y) >= 0 || str_find(y, x) >= 0))
		*how = *how > 2 ? 2 : *how;
	return *how <= 1 + (x.n < y.n ? x.n : y.n) / 3;
}

ptrdiff_t outcome_nearest(const struct str *names, size_t n, struct str want)
{
	ptrdiff_t best = -1;
	unsigned least = UINT32_MAX, how;

	for (size_t i = 0; i < n; i++) {
		if (is_near(names[i], want, &how) && how < least) {
			least = how;
			best = (ptrdiff_t)i;
		}
	}
	return best;
}

int outcome_find_column(
	const struct str *names, size_t n, struct str want, size_t *index, struct err *e)
{
	char fa[WORDS_MAX], fb[WORDS_MAX];
	struct str folded = words_fold(want, fa);
	struct buf list = { 0 };
	size_t same = 0;
	ptrdiff_t near;

	for (size_t i = 0; i < n; i++) {
		if (str_eq(names[i], want)) {
			*index = i;
			return 0;
		}
	}
	for (size_t i = 0; i < n && folded.n > 0; i++) {
		if (str_eq(words_fold(names[i], fb), folded)) {
			*index = i;
			same++;
		}
	}
	if (same == 1)
		return 0;
	if ((near = outcome_nearest(names, n, want)) >= 0)
		return err_set(e, ERR_INPUT,
			"the file has no column '" STR_FMT "'; did you mean '" STR_FMT "'?",
			STR_ARG(want), STR_ARG(names[near]));
	for (size_t i = 0; i < n && list.n < 700; i++)
		buf_fmt(&list, "%s'" STR_FMT "'", i > 0 ? ", " : "",
			STR_ARG(words_clip(names[i], 60)));
	err_set(e, ERR_INPUT, "the file has no column '" STR_FMT "'; its columns are " STR_FMT "%s",
		STR_ARG(want), STR_ARG(buf_view(&list)), list.n >= 700 ? ", ..." : "");
	buf_clear(&list);
	return -1;
}

struct outcome_counter *outcome_counter_new(const struct outcome_opts *o, struct err *e)
{
	struct outcome_counter *c = calloc(1, sizeof(*c));
	char key[OUTCOME_KEY_MAX];

	if (c == NULL) {
		err_nomem(e);
		return NULL;
	}
	for (size_t i = 0; i < o->n_won + o->n_lost; i++) {
		struct str v = i < o->n_won ? o->won[i] : o->lost[i - o->n_won];

		if (outcome_counter_value(c, outcome_key(v, key), v) == NULL) {
			outcome_counter_free(c);
			err_nomem(e);
			return NULL;
		}
	}
	return c;
}

void outcome_counter_free(struct outcome_counter *c)
{
	if (c == NULL)
		return;
	map_clear(&c->map);
	arena_clear(&c->mem);
	free(c->values);
	free(c);
}

struct outcome_value *outcome_counter_value(
	struct outcome_counter *c, struct str key, struct str text)
{
	bool added = false;
	struct map_entry *entry = map_put(&c->map, key, &added);
	struct outcome_value *v;

	if (entry == NULL)
		return NULL;
	if (!added)
		return &c->values[entry->value];
	if (c->n == c->cap) {
		size_t cap = c->cap == 0 ? 16 : c->cap * 2;
		struct outcome_value *p = realloc(c->values, cap * sizeof(*p));

		if (p == NULL)
			return NULL;
		c->values = p;
		c->cap = cap;
	}
	entry->value = c->n;
	v = &c->values[c->n];
	*v = (struct outcome_value){ .cls = OUTCOME_OPEN, .yesno = (int8_t)words_yesno(text) };
	v->text = str_of(arena_dup(&c->mem, clip(text)));
	v->key = str_of(arena_dup(&c->mem, key));
	if (v->text.p == NULL || v->key.p == NULL)
		return NULL;
	c->n++;
	return v;
}

int outcome_counter_cell(struct outcome_counter *c, struct str cell, struct err *e)
{
	char buf[OUTCOME_KEY_MAX];
	struct str key = outcome_key(cell, buf);
	struct map_entry *entry;
	struct outcome_value *v;

	c->rows++;
	if (key.n == 0) {
		c->blank++;
		return 0;
	}
	if ((entry = map_get(&c->map, key)) != NULL) {
		v = &c->values[entry->value];
	} else if (c->n >= OUTCOME_MOST_VALUES) {
		c->beyond++;
		return 0;
	} else if ((v = outcome_counter_value(c, key, cell)) == NULL) {
		return err_nomem(e);
	}
	if (v->count == 0) /* a flag's spelling gives way to the file's */
		v->text = str_of(arena_dup(&c->mem, clip(cell)));
	v->count++;
	return v->text.p == NULL ? err_nomem(e) : 0;
}
