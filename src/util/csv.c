/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "util/bytes.h"
#include "util/csv.h"
#include "util/err.h"

/* The set bits of the mask, one after the other. */
struct walk {
	const uint64_t *mask;
	size_t word, words;
	uint64_t bits;
};

#define NONE SIZE_MAX

static inline void walk_from(struct walk *w, const struct csv *c, size_t at)
{
	w->mask = c->mask;
	w->words = (c->n + 63) / 64;
	w->word = at / 64;
	w->bits = w->word < w->words ? c->mask[w->word] & ~0ULL << (at % 64) : 0;
}

static inline size_t walk_next(struct walk *w)
{
	size_t at;

	while (w->bits == 0) {
		if (w->word + 1 >= w->words)
			return NONE;
		w->bits = w->mask[++w->word];
	}
	at = w->word * 64 + (size_t)__builtin_ctzll(w->bits);
	w->bits &= w->bits - 1;
	return at;
}

/* The record being read. */
struct state {
	struct csv *c;
	struct csv_record *r;
	struct str *cells;
	size_t max;
	struct walk w;
	size_t first_line; /* offset of the first line end inside quotes; NONE */
};

static inline void put_cell(struct state *s, const char *p, size_t n)
{
	if (s->r->cells < s->max)
		s->cells[s->r->cells] = (struct str){ p, n };
	else
		s->r->over |= n != 0;
	s->r->cells++;
}

/* Bytes of the line end at ${at}; 0 when the text ends before that is known. */
static inline size_t line_end(const struct csv *c, size_t at)
{
	if (c->p[at] == '\n')
		return 1;
	if (at + 1 < c->n)
		return c->p[at + 1] == '\n' ? 2 : 1;
	return c->last ? 1 : 0;
}

/* The cell from [from, close) with doubled quotes made single, and [tail, end) behind it. */
static struct str join(struct csv *c, size_t from, size_t close, size_t tail, size_t end)
{
	char *to, *start;

	if (c->spare == NULL || c->spare_cap - c->spare_n < (close - from) + (end - tail))
		return (struct str){ c->p + from, close - from };
	to = start = c->spare + c->spare_n;
	while (from < close) {
		const char *q = memchr(c->p + from, '"', close - from);
		size_t run = q != NULL ? (size_t)(q - (c->p + from)) + 1 : close - from;

		memcpy(to, c->p + from, run);
		to += run;
		from += q != NULL ? run + 1 : run;
	}
	memcpy(to, c->p + tail, end - tail);
	to += end - tail;
	c->spare_n += (size_t)(to - start);
	return (struct str){ start, (size_t)(to - start) };
}

static bool only_blanks(const char *p, size_t n)
{
	while (n != 0 && p[n - 1] == ' ')
		n--;
	return n == 0;
}

/* Read on from the opening quote at ${open}. The place of what ends the cell (delimiter or line
 * end; ${n} at the end of the text), or NONE: the quote is not closed in what is there. */
static size_t quoted_cell(struct state *s, size_t open)
{
	struct csv *c = s->c;
	bool doubled = false;
	size_t at, close, tail;

	for (;;) {
		if ((at = walk_next(&s->w)) == NONE)
			return NONE;
		if (c->p[at] == '"') {
			if (at + 1 == c->n && !c->last)
				return NONE;
			if (at + 1 == c->n || c->p[at + 1] != '"')
				break;
			doubled = true;
			walk_next(&s->w);
		} else if (c->p[at] == '\n' || c->p[at] == '\r') {
			if (s->first_line == NONE)
				s->first_line = at;
			/* CRLF counts at its LF, unless its LF is yet to come. */
			if (c->p[at] == '\n' || at + 1 == c->n || c->p[at + 1] != '\n')
				s->r->lines++;
			if (at - s->r->start > c->max_span)
				return NONE;
		}
	}
	close = at;
	do {
		at = walk_next(&s->w);
	} while (at != NONE && c->p[at] == '"');
	if (at == NONE) {
		if (!c->last)
			return NONE;
		at = c->n;
	}
	s->r->quoted |= s->r->cells == 0;
	tail = c->spaced && only_blanks(c->p + close + 1, at - close - 1) ? at : close + 1;
	if (!doubled && tail == at) {
		put_cell(s, c->p + open + 1, close - open - 1);
	} else {
		struct str cell = join(c, open + 1, close, tail, at);

		s->r->trailing |= tail != at;
		put_cell(s, cell.p, cell.n);
	}
	return at;
}

/* The record runs past what may be looked at, or its quote is not closed anywhere: give up its
 * first physical line only. */
static enum csv_result give_up(struct state *s)
{
	struct csv *c = s->c;
	struct csv_record *r = s->r;
	size_t limit = r->start + c->max_row, at, len;
	struct walk w;

	walk_from(&w, c, r->start);
	while ((at = walk_next(&w)) != NONE && c->p[at] != '\n' && c->p[at] != '\r')
		;
	if (at != NONE && (len = line_end(c, at)) == 0)
		return CSV_MORE;
	r->lines = 1;
	r->large = (at == NONE ? c->n : at) > limit;
	r->open = !r->large;
	if (at == NONE) {
		if (!c->last && !r->large)
			return CSV_MORE;
		r->end = r->next = c->n;
	} else {
		r->end = at;
		r->next = at + len;
	}
	c->at = r->next;
	return CSV_RECORD;
}

enum csv_result csv_next(struct csv *c, struct csv_record *r, struct str *cells, size_t max)
{
	struct state s = { .c = c, .r = r, .cells = cells, .max = max, .first_line = NONE };
	size_t cell = c->at, at, len, spare = c->spare_n;
	const char *p = c->p;
	const char delim = c->delim;

	*r = (struct csv_record){ .start = c->at, .lines = 1 };
	if (c->at >= c->n)
		return c->last ? CSV_END : CSV_MORE;
	walk_from(&s.w, c, c->at);
	for (;;) {
		at = walk_next(&s.w);
		if (at != NONE && p[at] == '"') {
			if (at != cell && !(c->spaced && only_blanks(p + cell, at - cell))) {
				r->stray = true; /* an ordinary character */
				continue;
			}
			if ((at = quoted_cell(&s, at)) == NONE)
				goto open;
			cell = NONE;
		} else if (at == NONE) {
			if (!c->last)
				goto open;
			at = c->n;
		}
		if (cell != NONE)
			put_cell(&s, p + cell, at - cell);
		cell = at + 1;
		if (at == c->n || p[at] != delim)
			break;
	}
	len = at == c->n ? 0 : line_end(c, at);
	if (len == 0 && at != c->n)
		goto open;
	if (at - r->start > (s.first_line != NONE ? c->max_span : c->max_row)) {
		c->spare_n = spare;
		return give_up(&s);
	}
	r->end = at;
	r->next = c->at = at + len;
	return CSV_RECORD;
open:
	c->spare_n = spare;
	if (!c->last && c->n - r->start <= (s.first_line != NONE ? c->max_span : c->max_row) + 2)
		return CSV_MORE;
	return give_up(&s);
}

size_t csv_unwrap(struct csv *c, struct str text, struct str *cells, size_t max)
{
	size_t n = 0, from = 0;

	for (;;) {
		size_t end = from, close = 0;
		bool quoted = from < text.n && text.p[from] == '"';

		if (quoted) {
			for (end++;; end++) {
				if (end >= text.n)
					return 0;
				if (text.p[end] != '"')
					continue;
				if (end + 1 == text.n || text.p[end + 1] != '"')
					break;
				end++;
			}
			close = end++;
			if (end != text.n && text.p[end] != c->delim)
				return 0;
		} else {
			while (end < text.n && text.p[end] != c->delim)
				end++;
		}
		if (n < max && !quoted)
			cells[n] = str_sub(text, from, end);
		if (n < max && quoted) {
			struct csv inner = *c;

			inner.p = text.p;
			cells[n] = join(&inner, from + 1, close, close, close);
			c->spare_n = inner.spare_n;
		}
		n++;
		if (end == text.n)
			return n;
		from = end + 1;
	}
}
