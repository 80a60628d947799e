/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/print.h"
#include "util/err.h"
#include "util/width.h"

enum { GAP = 2, NARROW = 8 };

void grid_init(struct grid *g, const struct grid_col *cols, size_t n_cols)
{
	memset(g, 0, sizeof(*g));
	g->cols = cols;
	g->n_cols = n_cols;
	g->indent = 2;
}

static struct grid_cell *add(struct grid *g, enum style s)
{
	if (g->n == g->cap) {
		size_t cap = g->cap == 0 ? 64 : g->cap * 2;
		struct grid_cell *cells = realloc(g->cells, cap * sizeof(*cells));

		if (cells == NULL) {
			g->failed = true;
			return NULL;
		}
		g->cells = cells;
		g->cap = cap;
	}
	g->cells[g->n] = (struct grid_cell){ { NULL, 0 }, s, NAN };
	return &g->cells[g->n++];
}

void grid_text(struct grid *g, enum style s, struct str text)
{
	struct grid_cell *c = add(g, s);

	if (c == NULL)
		return;
	if (text.n > 4096)
		text.n = 4096; /* far more than a line shows */
	if ((c->text.p = arena_dup(&g->mem, text)) == NULL)
		g->failed = true;
	else
		c->text.n = text.n;
}

void grid_fmt(struct grid *g, enum style s, const char *fmt, ...)
{
	char *z = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&z, fmt, ap) == -1) {
		g->failed = true;
		z = NULL;
	}
	va_end(ap);
	grid_text(g, s, str_of(z));
	free(z);
}

void grid_count(struct grid *g, enum style s, uint64_t n)
{
	struct buf b = { 0 };

	print_count(&b, n);
	g->failed = g->failed || b.failed;
	grid_text(g, s, buf_view(&b));
	buf_clear(&b);
}

void grid_percent(struct grid *g, enum style s, double x)
{
	struct buf b = { 0 };

	print_percent(&b, x);
	g->failed = g->failed || b.failed;
	grid_text(g, s, buf_view(&b));
	buf_clear(&b);
}

void grid_bar(struct grid *g, enum style s, double share)
{
	struct grid_cell *c = add(g, s);

	if (c != NULL)
		c->bar = isnan(share) ? 0 : share;
}

static size_t shown_width(struct str s)
{
	struct buf b = { 0 };
	size_t n = width_clean(s, 0, "", &b);

	buf_clear(&b);
	return n;
}

static void measure(const struct grid *g, size_t *width, const struct print *p)
{
	size_t total = g->indent;

	for (size_t c = 0; c < g->n_cols; c++) {
		width[c] = strlen(g->cols[c].title);
		for (size_t i = c; i < g->n; i += g->n_cols) {
			size_t w = isnan(g->cells[i].bar) ? shown_width(g->cells[i].text)
							  : g->cols[c].max;

			width[c] = w > width[c] ? w : width[c];
		}
		if (g->cols[c].max > 0 && width[c] > g->cols[c].max)
			width[c] = g->cols[c].max;
		total += width[c] + (c > 0 ? GAP : 0);
	}
	while (total > p->columns) {
		size_t widest = g->n_cols;

		for (size_t c = 0; c < g->n_cols; c++)
			if (g->cols[c].shrink && width[c] > NARROW &&
				(widest == g->n_cols || width[c] > width[widest]))
				widest = c;
		if (widest == g->n_cols)
			break;
		width[widest]--;
		total--;
	}
}

static void print_cell(const struct grid *g, size_t c, size_t width, const struct grid_cell *cell,
	struct print *p, size_t *owed)
{
	struct buf text = { 0 };
	size_t used;

	buf_fmt(&p->b, "%*s", (int)(*owed + (c == 0 ? g->indent : GAP)), "");
	*owed = 0;
	if (!isnan(cell->bar)) {
		print_bar(p, cell->style, cell->bar, width);
		return;
	}
	used = width_clean(cell->text, width, print_ellipsis(p), &text);
	if (g->cols[c].right)
		buf_fmt(&p->b, "%*s", (int)(width - used), "");
	else
		*owed = width - used;
	if (cell->style != STYLE_PLAIN && text.n > 0)
		print_style(p, cell->style);
	buf_str(&p->b, buf_view(&text));
	if (cell->style != STYLE_PLAIN && text.n > 0)
		print_style(p, STYLE_PLAIN);
	p->b.failed = p->b.failed || text.failed;
	buf_clear(&text);
}

/* How much of ${s} goes into one line of ${width}: to the last blank that fits, else all that fits.
 */
static struct str line_of(struct str s, size_t width)
{
	size_t end = 0;

	if (shown_width(s) <= width)
		return s;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != ' ')
			continue;
		if (shown_width(str_sub(s, 0, i)) > width)
			break;
		end = i;
	}
	return end > 0 ? str_sub(s, 0, end) : s;
}

static void end_line(struct print *p)
{
	while (p->b.n > 0 && p->b.p[p->b.n - 1] == ' ')
		p->b.n--;
	buf_c(&p->b, '\n');
}

/* The last cell of a row and the end of its line, or of its lines. */
static void print_last(const struct grid *g, const size_t *width, const struct grid_cell *cell,
	struct print *p, size_t *owed)
{
	size_t last = g->n_cols - 1, at = g->indent;
	struct grid_cell line = *cell;
	struct str left = cell->text;

	for (size_t c = 0; c < last; c++)
		at += width[c] + GAP;
	for (bool first = true; first || left.n > 0; first = false) {
		if (g->cols[last].wrap)
			line.text = line_of(left, width[last]);
		left = g->cols[last].wrap ? str_trim(str_sub(left, line.text.n, left.n)) : S("");
		if (!first)
			*owed = at - (last == 0 ? g->indent : GAP);
		print_cell(g, last, width[last], &line, p, owed);
		end_line(p);
	}
}

void grid_print(struct grid *g, struct print *p)
{
	size_t *width = calloc(g->n_cols, sizeof(*width)), owed = 0;
	bool titles = false;

	ASSERT(g->failed || g->n % g->n_cols == 0);
	if (g->failed || width == NULL) {
		p->b.failed = true;
		goto done;
	}
	measure(g, width, p);
	for (size_t c = 0; c < g->n_cols; c++)
		titles = titles || g->cols[c].title[0] != '\0';
	for (size_t c = 0; titles && c < g->n_cols; c++) {
		struct grid_cell cell = { str_of(g->cols[c].title), STYLE_DIM, NAN };

		print_cell(g, c, width[c], &cell, p, &owed);
	}
	if (titles)
		end_line(p);
	for (size_t i = 0; i < g->n; i++) {
		if (i % g->n_cols == 0)
			owed = 0;
		if (i % g->n_cols < g->n_cols - 1)
			print_cell(g, i % g->n_cols, width[i % g->n_cols], &g->cells[i], p, &owed);
		else
			print_last(g, width, &g->cells[i], p, &owed);
	}
done:
	free(width);
	free(g->cells);
	arena_clear(&g->mem);
	memset(g, 0, sizeof(*g));
}
