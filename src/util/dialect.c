/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "util/bytes.h"
#include "util/csv.h"
#include "util/dialect.h"
#include "util/err.h"

enum { MAX_RECORDS = 1000, MAX_ABOVE = 40 };

static const char candidates[] = { ',', ';', '\t', '|' };

/* Work space of one dialect_find. */
struct work {
	struct str text;
	bool whole, spaced;
	const struct dialect_opts *o;
	uint64_t *mask;
	struct str *cells;
	size_t max_cells;
	char *spare;
	struct peek_record *records;
	uint64_t first_line; /* known beforehand, counted in ${text} */
};

static struct csv csv_of(struct work *w, char delim)
{
	struct csv c = { .p = w->text.p,
		.n = w->text.n,
		.last = w->whole,
		.spaced = w->spaced,
		.delim = delim,
		.max_row = w->o->max_row,
		.max_span = w->o->max_row,
		.mask = w->mask,
		.spare = w->spare,
		.spare_cap = 2 * w->text.n };

	bytes_mask(c.p, c.n, delim, c.mask);
	return c;
}

static void count_filled(struct work *w, struct peek_record *r, size_t cells)
{
	if (cells > w->max_cells)
		cells = w->max_cells;
	for (size_t i = 0; i < cells; i++) {
		if (str_trim(w->cells[i]).n != 0) {
			r->filled++;
			r->trimmed = (uint32_t)i + 1;
		}
	}
}

/* Parse the sample with ${delim}. ${unwrap}: records that are one quoted cell count as what is
 * inside. */
static struct peek parse(struct work *w, char delim, bool unwrap)
{
	struct csv c = csv_of(w, delim);
	struct peek p = {
		.text = w->text, .delim = delim, .spaced = w->spaced, .records = w->records
	};
	struct csv_record r;
	uint64_t line = 1;

	while (p.n < MAX_RECORDS && csv_next(&c, &r, w->cells, w->max_cells) == CSV_RECORD) {
		struct peek_record *to = &p.records[p.n++];
		size_t cells = r.cells, inner;

		if (unwrap && cells == 1 && r.quoted && !r.open &&
			(inner = csv_unwrap(&c, w->cells[0], w->cells, w->max_cells)) > 1)
			cells = inner;
		*to = (struct peek_record){ .start = r.start,
			.end = r.end,
			.next = r.next,
			.line = line,
			.lines = w->o->records_are_lines ? 1 : r.lines,
			.cells = (uint32_t)cells,
			.blank = r.start == r.end,
			.quoted = r.quoted,
			.trailing = r.trailing,
			.open = r.open || r.large };
		if (!to->open)
			count_filled(w, to, cells);
		line += to->lines;
		c.spare_n = 0;
	}
	return p;
}

size_t peek_cells(const struct peek *p, size_t i, struct str *cells, size_t max)
{
	const struct peek_record *r = &p->records[i];
	struct str s = str_sub(p->text, r->start, r->end), whole;
	size_t n = 0, at = 0;

	/* The sample was parsed for its ends already; this walk is for a few records only. */
	if (r->cells > 1 && r->quoted && s.n > 2 && s.p[s.n - 1] == '"') {
		size_t inside = 1;

		while (inside + 1 < s.n && (s.p[inside] != '"' || s.p[inside + 1] == '"'))
			inside += s.p[inside] == '"' ? 2 : 1;
		if (inside + 1 >= s.n)
			s = str_sub(s, 1, s.n - 1);
	}
	for (; n < max && at <= s.n; n++) {
		size_t end;

		while (p->spaced && at < s.n && s.p[at] == ' ')
			at++;
		end = at;
		if (at < s.n && s.p[at] == '"') {
			for (end++; end < s.n && s.p[end] != '"'; end++)
				;
			while (end + 1 < s.n && s.p[end + 1] == '"') {
				for (end += 2; end < s.n && s.p[end] != '"'; end++)
					;
			}
		}
		while (end < s.n && s.p[end] != p->delim)
			end++;
		whole = str_sub(s, at, end);
		while (p->spaced && whole.n != 0 && whole.p[whole.n - 1] == ' ')
			whole.n--;
		if (whole.n >= 2 && whole.p[0] == '"' && whole.p[whole.n - 1] == '"')
			whole = str_sub(whole, 1, whole.n - 1);
		cells[n] = whole;
		at = end + 1;
	}
	return n;
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* The most frequent number of cells among records from ${from} on (the larger of equals) and how
 * many have it; 0 without records. */
static uint32_t usual_cells(const struct peek *p, size_t from, size_t *with, size_t *of)
{
	uint32_t *all = malloc((p->n + 1) * sizeof(*all)), best = 0;
	size_t n = 0, run = 0;

	*with = *of = 0;
	if (all == NULL)
		return 0;
	for (size_t i = from; i < p->n; i++) {
		if (!p->records[i].blank)
			all[n++] = p->records[i].cells;
	}
	qsort(all, n, sizeof(*all), by_value);
	for (size_t i = 0; i < n; i++) {
		run = i > 0 && all[i] == all[i - 1] ? run + 1 : 1;
		if (run >= *with) {
			*with = run;
			best = all[i];
		}
	}
	*of = n;
	free(all);
	return best;
}

/* The first record behind the last blank line among the first records. */
static size_t behind_blank(const struct peek *p)
{
	size_t at = 0;

	for (size_t i = 0; i + 1 < p->n && i < MAX_ABOVE; i++) {
		if (p->records[i].blank)
			at = i + 1;
	}
	return at;
}

struct layout {
	uint32_t cells; /* usual number of cells */
	double score;   /* 0: this delimiter explains nothing */
};

static struct layout judge(struct work *w, const struct peek *p)
{
	struct layout l = { 0 };
	size_t with, of, odd = 0, first = 0, from = 0, seen = 0;

	l.cells = usual_cells(p, 0, &with, &of);
	if (l.cells < 2 && (from = behind_blank(p)) != 0)
		l.cells = usual_cells(p, from, &with, &of);
	if (l.cells < 2)
		return l;
	for (size_t i = from; i < p->n; i++) {
		odd += p->records[i].trailing || p->records[i].open;
		if (p->records[i].blank)
			continue;
		if (first == 0 && p->records[i].cells == l.cells)
			first = seen + 1;
		seen++;
	}
	l.score = (double)with / (double)of * (1 - 0.5 * (double)odd / (double)of);
	l.score *= 1 + 0.01 * (l.cells < 20 ? l.cells : 20);
	/* The header has the delimiter too; a decimal comma begins in the rows. */
	if (first > 1)
		l.score *= 0.8;
	for (size_t i = 0; i < p->n && i < MAX_ABOVE && w->o->known_count != 0; i++) {
		if (header_known(p, i, w->o->known, w->o->known_count) >= 2) {
			l.score += 1;
			break;
		}
	}
	return l;
}

/* A first line "sep=;" as Excel understands it: its length with line end, or 0. */
static size_t sep_line(struct str text, char *delim)
{
	struct str s = text, rest;
	bool quoted = str_starts(s, S("\""));
	char c;

	if (quoted)
		s = str_sub(s, 1, s.n);
	if (!str_startsi(s, S("sep=")) || s.n < 5)
		return 0;
	c = s.p[4];
	rest = str_sub(s, 5, s.n);
	if (c < '\t' || c == '"' || c == '\r' || c == '\n' || (unsigned char)c >= 0x7F ||
		(c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
		return 0;
	if (quoted && !str_starts(rest, S("\"")))
		return 0;
	rest = str_sub(rest, quoted, rest.n);
	/* A program that saved the file again may have put empty cells behind it. */
	while (rest.n != 0 && (rest.p[0] == c || rest.p[0] == ' '))
		rest = str_sub(rest, 1, rest.n);
	if (rest.n == 0 || (rest.p[0] != '\r' && rest.p[0] != '\n'))
		return 0;
	*delim = c;
	rest = str_sub(rest, str_starts(rest, S("\r\n")) ? 2 : 1, rest.n);
	return text.n - rest.n;
}

/* Is every record (nearly) one quoted cell with a record inside, the first one too? */
static bool all_wrapped(struct work *w, char delim)
{
	struct peek p = parse(w, delim, false);
	size_t with, of, first = 0;
	uint32_t cells;

	if (usual_cells(&p, 0, &with, &of) != 1)
		return false;
	p = parse(w, delim, true);
	cells = usual_cells(&p, 0, &with, &of);
	while (first < p.n && p.records[first].blank)
		first++;
	return cells > 1 && of > 1 && with * 10 >= of * 8 && p.records[first].cells == cells;
}

static char find_delimiter(struct work *w, bool *wrapped)
{
	char best = ',';
	double score = 0;

	*wrapped = false;
	for (size_t i = 0; i < sizeof(candidates); i++) {
		struct peek p = parse(w, candidates[i], false);
		struct layout l = judge(w, &p);

		if (l.score > score) {
			score = l.score;
			best = candidates[i];
		}
	}
	for (size_t i = 0; i < sizeof(candidates) && score == 0 && !*wrapped; i++) {
		if ((*wrapped = all_wrapped(w, candidates[i])))
			best = candidates[i];
	}
	return best;
}

/* The record that is the header, or the first row. */
static size_t find_first(const struct peek *p, const struct dialect_opts *o, uint32_t usual)
{
	size_t best = 0, at = SIZE_MAX, first = SIZE_MAX;

	for (size_t i = 0; i < p->n && i < MAX_ABOVE && o->known_count != 0; i++) {
		size_t hits = header_known(p, i, o->known, o->known_count);

		if (hits > best && (hits >= 2 || o->known_count == 1)) {
			best = hits;
			at = i;
		}
	}
	for (size_t i = 0; i < p->n && i < MAX_ABOVE && at == SIZE_MAX; i++) {
		const struct peek_record *r = &p->records[i];

		if (r->blank || r->filled == 0)
			continue;
		if (first == SIZE_MAX)
			first = i;
		if (usual < 2 || (r->filled >= 2 && r->trimmed * 2 >= usual))
			at = i;
	}
	return at != SIZE_MAX ? at : first;
}

/* The record that stands in the line that somebody said; SIZE_MAX when none does. */
static size_t find_line(const struct peek *p, uint64_t line)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct peek_record *r = &p->records[i];

		if (line >= r->line && line - r->line < r->lines)
			return r->blank || r->filled == 0 ? SIZE_MAX : i;
	}
	return SIZE_MAX;
}

static enum table_eol find_eol(const struct peek *p)
{
	size_t n[3] = { 0 };

	for (size_t i = 0; i < p->n; i++) {
		const struct peek_record *r = &p->records[i];

		if (r->next > r->end)
			n[r->next - r->end == 2             ? EOL_CRLF
				: p->text.p[r->end] == '\r' ? EOL_CR
							    : EOL_LF]++;
	}
	if (n[EOL_CRLF] >= n[EOL_LF] && n[EOL_CRLF] >= n[EOL_CR] && n[EOL_CRLF] != 0)
		return EOL_CRLF;
	return n[EOL_CR] > n[EOL_LF] ? EOL_CR : EOL_LF;
}

/* Does the writer leave out empty cells at the end? Not when a full row ends in one; and one short
 * row, a few among many, or some beside rows that are too long are damage. */
static bool find_padding(const struct peek *p, size_t from, uint32_t columns)
{
	size_t of = 0, is_short = 0;

	for (size_t i = from; i < p->n; i++) {
		const struct peek_record *r = &p->records[i];

		/* Records of one cell are footers, or wrapped in quotes, rather than a habit. */
		if (r->blank || r->open || (r->cells == 1 && columns > 2))
			continue;
		of++;
		if (r->cells < columns)
			is_short++;
		else if (r->cells > columns || r->trimmed < columns)
			return false;
	}
	return is_short >= 2 && is_short * 50 >= of;
}

static int describe(
	struct work *w, const struct peek *p, struct dialect *d, uint32_t usual, struct err *e)
{
	size_t at = w->first_line != 0 ? find_line(p, w->first_line) : find_first(p, w->o, usual);
	const struct peek_record *r;

	if (at == SIZE_MAX && w->o->first_line != 0)
		return err_set(e, ERR_INPUT,
			"has no header in line %llu: it is blank, or too far down in the file",
			(unsigned long long)w->o->first_line);
	if (at == SIZE_MAX && p->n == 0 && !w->whole)
		return err_set(
			e, ERR_LIMIT, "has a first line longer than %zu bytes", w->o->max_row);
	if (at == SIZE_MAX)
		return err_set(
			e, ERR_INPUT, "has no header line and no rows: nothing but blank lines");
	r = &p->records[at];
	if (r->open)
		return err_set(e, ERR_INPUT,
			"has a first line that opens a quote and does not close it, or is too "
			"long");
	if (r->cells > w->o->max_columns)
		return err_set(e, ERR_LIMIT, "has %u columns, the limit is %zu", r->cells,
			w->o->max_columns);
	d->columns = r->cells;
	d->first_at = r->start;
	d->first_line = r->line;
	for (size_t i = 0; i < at; i++) {
		if (p->records[i].blank || p->records[i].filled == 0)
			continue;
		if (d->preamble++ == 0)
			d->preamble_of = str_sub(p->text, p->records[i].start, p->records[i].end);
	}
	d->has_header = w->o->header == TABLE_HEADER_FIND ? header_is(p, at, w->o)
							  : w->o->header == TABLE_HEADER_YES;
	d->eol = find_eol(p);
	d->data_at = d->has_header ? r->next : r->start;
	d->data_line = r->line + (d->has_header ? r->lines : 0);
	d->pads_short_rows = find_padding(p, d->has_header ? at + 1 : at, r->cells);
	return 0;
}

/* Are quotes written behind a delimiter and a blank, always? Then Excel's reading (such a quote is
 * an ordinary character) would cut cells at their commas. */
static bool find_spaced(struct work *w, char delim)
{
	size_t loose = 0, with, with_spaced, of, odd = 0;
	struct peek p;

	for (size_t i = 1; i + 1 < w->text.n; i++) {
		if (w->text.p[i - 1] != delim)
			continue;
		if (w->text.p[i] == '"')
			return false;
		loose += w->text.p[i] == ' ' && w->text.p[i + 1] == '"';
	}
	if (loose < 2)
		return false;
	p = parse(w, delim, false);
	usual_cells(&p, 0, &with, &of);
	w->spaced = true;
	p = parse(w, delim, false);
	usual_cells(&p, 0, &with_spaced, &of);
	for (size_t i = 0; i < p.n; i++)
		odd += p.records[i].trailing || p.records[i].open;
	w->spaced = false;
	return with_spaced >= with && odd * 100 <= p.n;
}

int dialect_find(
	struct str text, bool whole, const struct dialect_opts *o, struct dialect *d, struct err *e)
{
	struct work w = { .text = text, .whole = whole, .o = o, .max_cells = o->max_columns + 1 };
	size_t skipped;
	uint32_t usual;
	size_t with, of;
	struct peek p;
	int rc = -1;

	*d = (struct dialect){ .delimiter = o->delimiter };
	if ((skipped = sep_line(text, &d->delimiter)) != 0) {
		d->sep_line = true;
		w.text = str_sub(text, skipped, text.n);
	}
	if (o->delimiter != '\0')
		d->delimiter = o->delimiter;
	/* Line 1 of a file with a "sep=" line is none that is left. */
	w.first_line = o->first_line > 1 && skipped != 0 ? o->first_line - 1 : o->first_line;
	w.mask = malloc((w.text.n / 64 + 1) * sizeof(*w.mask));
	w.cells = malloc(w.max_cells * sizeof(*w.cells));
	w.records = malloc(MAX_RECORDS * sizeof(*w.records));
	w.spare = malloc(2 * w.text.n + 1);
	if (w.mask == NULL || w.cells == NULL || w.records == NULL || w.spare == NULL) {
		err_nomem(e);
		goto done;
	}
	if (d->delimiter == '\0')
		d->delimiter = find_delimiter(&w, &d->wrapped);
	else
		d->wrapped = all_wrapped(&w, d->delimiter);
	if (!d->wrapped && !o->records_are_lines)
		w.spaced = d->spaced = find_spaced(&w, d->delimiter);
	p = parse(&w, d->delimiter, d->wrapped);
	usual = usual_cells(&p, 0, &with, &of);
	if (usual < 2)
		usual = usual_cells(&p, behind_blank(&p), &with, &of);
	if ((rc = describe(&w, &p, d, usual, e)) == 0 && skipped != 0) {
		d->first_at += skipped;
		d->data_at += skipped;
		d->first_line++;
		d->data_line++;
	}
done:
	free(w.mask);
	free(w.cells);
	free(w.records);
	free(w.spare);
	return rc;
}
