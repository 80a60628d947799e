/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/bytes.h"
#include "util/err.h"
#include "util/map.h"
#include "util/sniff.h"
#include "util/source.h"
#include "util/table_internal.h"
#include "util/utf8.h"
#include "util/xlsx.h"

enum { HEAD = 4096, TEXT_HEAD = 64 * 1024, BEHIND = 64 };

int table_add_note(struct table *t, struct err *e, const char *fmt, ...)
{
	char text[512];
	struct str s;
	const char **notes;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	s = utf8_cut(str_of(text), sizeof(text) - 4);
	for (size_t i = 0; i < t->n_notes; i++) {
		if (str_eq(str_of(t->notes[i]), s))
			return 0; /* said before, in an earlier reading */
	}
	if ((notes = realloc(t->notes, (t->n_notes + 1) * sizeof(*notes))) == NULL)
		return err_nomem(e);
	t->notes = notes;
	if ((notes[t->n_notes] = arena_dup(&t->arena, s)) == NULL)
		return err_nomem(e);
	t->n_notes++;
	return 0;
}

struct str table_quote(struct str s, char to[64])
{
	s = str_trim(s);
	if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
		s = str_sub(s, 1, s.n - 1);
	s = utf8_cut(s, 60);
	for (size_t i = 0; i < s.n; i++)
		to[i] = (char)((unsigned char)s.p[i] < ' ' ? ' ' : s.p[i]);
	return (struct str){ to, s.n };
}

ptrdiff_t table_text(struct table *t, char *to, size_t n, struct err *e)
{
	if (t->xlsx != NULL)
		return xlsx_read(t->xlsx, to, n, e);
	return charset_in_read(t->in, to, n, e);
}

/* Whether the file is something this program can take at all, and what kind of bytes it has. */
static int look_at_bytes(struct table *t, const char *encoding, struct err *e)
{
	char head[HEAD];
	ptrdiff_t n;
	size_t at = 0;

	if (source_size(t->source) == 0)
		return err_set(e, ERR_INPUT, "is empty (0 bytes)");
	while (at < HEAD && (n = source_read(t->source, head + at, HEAD - at, e)) != 0) {
		if (n == -1)
			return -1;
		at += (size_t)n;
	}
	if (at == 0)
		return err_set(e, ERR_INPUT, "is empty inside its gzip archive");
	if (source_rewind(t->source, e) == -1)
		return -1;
	if (sniff_zip((struct str){ head, at })) {
		if (source_gzip(t->source))
			return err_set(e, ERR_INPUT,
				"is a zip archive inside a gzip archive, not a table: "
				"unpack it and give the table inside");
		t->info.xlsx = true;
		t->charset = (struct charset){ .name = "UTF-8", .may_nul = true };
		t->xlsx = xlsx_open(t->source, e);
		return t->xlsx != NULL ? 0 : -1;
	}
	if (sniff_refuse((struct str){ head, at }, e) == -1)
		return -1;
	if ((encoding[0] != '\0' ? charset_take(t->source, encoding, &t->charset, e)
				 : charset_detect(t->source, &t->charset, e)) == -1)
		return -1;
	t->in = charset_in_new(&t->charset, t->source, e);
	return t->in != NULL ? 0 : -1;
}

/* Text back to the start of the file. */
static int text_rewind(struct table *t, struct err *e)
{
	return t->xlsx != NULL ? xlsx_rewind(t->xlsx, e) : charset_in_rewind(t->in, e);
}

int table_rewind(struct table *t, struct err *e)
{
	char skip[4096];

	if (text_rewind(t, e) == -1)
		return -1;
	/* The decoder gives what it has, so the place of the first row may lie inside a piece: what
	 * is behind it goes to carry. */
	t->carry_n = 0;
	for (size_t left = t->dialect.data_at; left != 0;) {
		ptrdiff_t n = table_text(t, skip, sizeof(skip), e);

		if (n == -1)
			return -1;
		if (n == 0)
			break;
		if ((size_t)n > left) {
			memcpy(t->carry, skip + left, (size_t)n - left);
			t->carry_n = (size_t)n - left;
			left = 0;
		} else {
			left -= (size_t)n;
		}
	}
	t->line = t->dialect.data_line;
	t->rows = t->blocks = t->text_used = 0;
	t->max_span = t->limits.row_bytes;
	t->ended = t->skipping = t->looked = false;
	t->own_at = 0;
	if (t->own != NULL)
		t->own->n = 0;
	return 0;
}

/* "A" to "Z", "AA", ... */
static void letters(size_t i, char to[16])
{
	char back[16];
	size_t n = 0;

	for (i++; i != 0; i = (i - 1) / 26)
		back[n++] = (char)('A' + (i - 1) % 26);
	for (size_t k = 0; k < n; k++)
		to[k] = back[n - 1 - k];
	to[n] = '\0';
}

/* A name for column ${i}: the header in one line, or its letter; made unique. */
static int name_column(struct table *t, size_t i, struct map *taken, struct err *e)
{
	struct str s = t->dialect.has_header ? str_trim(t->headers[i]) : S("");
	char letter[16], suffix[24];
	char *name = arena_alloc(&t->arena, s.n + sizeof(letter) + sizeof(suffix) + 1);
	size_t n = 0;
	bool added = false;

	if (name == NULL)
		return err_nomem(e);
	for (size_t k = 0; k < s.n; k++) {
		bool blank = (unsigned char)s.p[k] < ' ';

		if (!blank || n == 0 || name[n - 1] != ' ')
			name[n++] = blank ? ' ' : s.p[k];
	}
	if (n == 0) {
		letters(i, letter);
		n = strlen(letter);
		memcpy(name, letter, n);
	}
	suffix[0] = '\0';
	for (size_t k = 2; !added; k++) {
		memcpy(name + n, suffix, strlen(suffix) + 1);
		t->names[i] = str_of(name);
		if (map_put(taken, t->names[i], &added) == NULL)
			return err_nomem(e);
		snprintf(suffix, sizeof(suffix), " (%zu)", k);
	}
	return 0;
}

static int name_columns(struct table *t, struct err *e)
{
	struct map taken = { 0 };
	size_t empty = 0, twice = 0;
	int rc = 0;

	for (size_t i = 0; i < t->columns && rc == 0; i++) {
		struct str s = t->dialect.has_header ? str_trim(t->headers[i]) : S("");

		rc = name_column(t, i, &taken, e);
		empty += s.n == 0;
		twice += rc == 0 && s.n != 0 && t->names[i].n > s.n &&
			 t->names[i].p[t->names[i].n - 1] == ')';
	}
	map_clear(&taken);
	if (rc == 0 && t->dialect.has_header && empty != 0)
		rc = table_add_note(t, e, "%zu of %zu columns %s called by %s letter", empty,
			t->columns, empty == 1 ? "has no name and is" : "have no name and are",
			empty == 1 ? "its" : "their");
	if (rc == 0 && twice != 0)
		rc = table_add_note(t, e,
			"%zu column%s the name of an earlier one and got a number behind it", twice,
			twice == 1 ? " repeats" : "s repeat");
	return rc;
}

/* The header cells, copied: the sample goes. */
static int keep_header(struct table *t, struct str text, bool whole, struct err *e)
{
	const struct dialect *d = &t->dialect;
	struct csv c = { .p = text.p,
		.n = text.n,
		.at = d->first_at,
		.last = whole,
		.spaced = d->spaced,
		.delim = d->delimiter,
		.max_row = t->limits.row_bytes,
		.max_span = t->limits.row_bytes };
	struct csv_record r;
	int rc = -1;

	c.spare_cap = 2 * text.n;
	c.spare = malloc(c.spare_cap + 1);
	c.mask = malloc((text.n / 64 + 1) * sizeof(*c.mask));
	t->columns = d->columns;
	t->names = arena_array(&t->arena, t->columns, sizeof(*t->names));
	t->headers = arena_array(&t->arena, t->columns, sizeof(*t->headers));
	t->scratch = arena_array(&t->arena, t->columns + 1, sizeof(*t->scratch));
	if (c.spare == NULL || c.mask == NULL || t->names == NULL || t->headers == NULL ||
		t->scratch == NULL) {
		err_nomem(e);
		goto done;
	}
	bytes_mask(c.p, c.n, c.delim, c.mask);
	if (d->has_header && csv_next(&c, &r, t->headers, t->columns) == CSV_RECORD) {
		if (r.cells != t->columns)
			csv_unwrap(&c, t->headers[0], t->headers, t->columns);
		for (size_t i = 0; i < t->columns; i++) {
			char *copy = arena_dup(&t->arena, t->headers[i]);

			if (copy == NULL) {
				err_nomem(e);
				goto done;
			}
			t->headers[i].p = copy;
		}
		t->header_raw = str_sub(text, r.start, r.end);
		t->header_raw.p = arena_dup(&t->arena, t->header_raw);
		if (r.cells != t->columns || t->header_raw.p == NULL)
			t->header_raw = S("");
	}
	rc = name_columns(t, e);
	t->info.set_aside = d->has_header && rc == 0 && t->columns > REJECTS_COLUMNS &&
			    rejects_find(t->names, t->columns, t->diagnostics);
	/* A row that was cut at the limit, with its quotes doubled and our cells in front. */
	if (t->info.set_aside)
		t->limits.row_bytes += t->limits.row_bytes + HEAD;
done:
	free(c.spare);
	free(c.mask);
	return rc;
}

/* What a reader of the file should be told. */
static int write_notes(struct table *t, struct err *e)
{
	const struct dialect *d = &t->dialect;
	char q[64];
	struct str s;

	if (t->xlsx != NULL && xlsx_sheets(t->xlsx) > 1 &&
		table_add_note(t, e, "read the sheet \"" STR_FMT "\", one of %zu in the workbook",
			STR_ARG(table_quote(xlsx_sheet(t->xlsx), q)), xlsx_sheets(t->xlsx)) == -1)
		return -1;
	s = table_quote(d->preamble_of, q);
	if (d->sep_line && table_add_note(t, e, "left out the \"sep=\" line") == -1)
		return -1;
	if (d->preamble != 0 &&
		table_add_note(t, e, "left out %zu line%s above line %llu: \"" STR_FMT "\"",
			d->preamble, d->preamble == 1 ? "" : "s", (unsigned long long)d->first_line,
			STR_ARG(s)) == -1)
		return -1;
	if (!d->has_header &&
		table_add_note(t, e, "no header line was found, so columns are called A, B, ...") ==
			-1)
		return -1;
	if (d->wrapped && table_add_note(t, e,
				  "every record is wrapped whole in quotes; "
				  "the quotes were taken off") == -1)
		return -1;
	if (t->info.set_aside &&
		table_add_note(t, e,
			"these rows were set aside earlier: those that still have the fault their "
			"heatscore_reason names are set aside again; empty heatscore_reason to say "
			"that a row is right as it is") == -1)
		return -1;
	if (t->charset.may_invalid && strcmp(t->charset.name, "UTF-8") == 0 &&
		table_add_note(t, e, "some bytes are not UTF-8; their rows are bad") == -1)
		return -1;
	return 0;
}

/* Decode the first part and find out the layout from it. */
static int look_at_text(struct table *t, const struct table_opts *o, struct err *e)
{
	size_t cap =
		(t->limits.row_bytes > TABLE_BLOCK ? t->limits.row_bytes : TABLE_BLOCK) + TEXT_HEAD;
	char *text = malloc(cap + BEHIND);
	struct dialect_opts dopts = { .known = o->known,
		.known_count = o->known_count,
		.header = o->as.header,
		.first_line = o->as.header_line,
		.max_columns = t->limits.columns,
		.max_row = t->limits.row_bytes,
		.records_are_lines = t->info.xlsx,
		.delimiter = t->info.xlsx ? ',' : o->as.delimiter };
	size_t n = 0;
	ptrdiff_t got = 1;
	int rc = -1;

	if (text == NULL)
		return err_nomem(e);
	while (cap - n >= CHARSET_ROOM && (got = table_text(t, text + n, cap - n, e)) > 0)
		n += (size_t)got;
	if (got == -1)
		goto done;
	memset(text + n, 0, BEHIND);
	if (n == 0) {
		err_set(e, ERR_INPUT, "is empty: it has no text");
		goto done;
	}
	if (!t->info.xlsx &&
		sniff_refuse_text((struct str){ text, n < TEXT_HEAD ? n : TEXT_HEAD }, e) == -1)
		goto done;
	if (dialect_find((struct str){ text, n }, got == 0, &dopts, &t->dialect, e) == -1 ||
		keep_header(t, (struct str){ text, n }, got == 0, e) == -1 ||
		write_notes(t, e) == -1)
		goto done;
	rc = 0;
done:
	t->dialect.preamble_of = S("");
	free(text);
	return rc;
}

static void fill_info(struct table *t)
{
	memcpy(t->info.encoding, t->charset.name, sizeof(t->info.encoding));
	t->info.bom = t->charset.bom;
	t->info.gzip = source_gzip(t->source);
	t->info.delimiter = t->dialect.delimiter;
	t->info.eol = t->dialect.eol;
	t->info.has_header = t->dialect.has_header;
	t->info.header_line = t->dialect.has_header ? t->dialect.first_line : 0;
	/* A sheet has no cells behind the last one that is filled. */
	t->info.pads_short_rows = t->dialect.pads_short_rows || t->info.xlsx;
}

static struct table *table_new(const struct table_limits *limits, struct err *e)
{
	struct table *t = calloc(1, sizeof(*t));

	if (t == NULL || (t->carry = malloc(HEAD)) == NULL) {
		free(t);
		err_nomem(e);
		return NULL;
	}
	t->carry_cap = HEAD;
	t->limits = *limits;
	if (t->limits.columns == 0)
		t->limits.columns = TABLE_COLUMNS;
	if (t->limits.row_bytes == 0)
		t->limits.row_bytes = TABLE_ROW;
	if (t->limits.cell_bytes == 0)
		t->limits.cell_bytes = TABLE_CELL;
	t->block_bytes = TABLE_BLOCK;
	return t;
}

/* Takes ${s}. */
static struct table *open_source(struct source *s, const struct table_opts *o, struct err *e)
{
	static const struct table_opts none;
	struct table *t;

	if (s == NULL)
		return NULL;
	if (o == NULL)
		o = &none;
	if ((t = table_new(&o->limits, e)) == NULL) {
		source_free(s);
		return NULL;
	}
	t->source = s;
	if (look_at_bytes(t, o->as.encoding, e) == -1 || look_at_text(t, o, e) == -1)
		goto fail;
	fill_info(t);
	t->whole = o->as.no_footer;
	if (table_rewind(t, e) == -1)
		goto fail;
	return t;
fail:
	table_free(t);
	return NULL;
}

struct table *table_open(const char *path, const struct table_opts *o, struct err *e)
{
	struct table *t = open_source(source_open(path, e), o, e);

	if (t == NULL)
		err_prefix(e, "%s ", strcmp(path, "-") == 0 ? "standard input" : path);
	return t;
}

struct table *table_open_bytes(struct str bytes, const struct table_opts *o, struct err *e)
{
	struct table *t = open_source(source_bytes(bytes, e), o, e);

	if (t == NULL)
		err_prefix(e, "the file ");
	return t;
}

static int copy_names(const struct table *t, struct table *copy, struct err *e)
{
	copy->names = arena_array(&copy->arena, t->columns, sizeof(*t->names));
	copy->headers = arena_array(&copy->arena, t->columns, sizeof(*t->headers));
	copy->scratch = arena_array(&copy->arena, t->columns + 1, sizeof(*t->scratch));
	if (copy->names == NULL || copy->headers == NULL || copy->scratch == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < t->columns; i++) {
		char *name = arena_dup(&copy->arena, t->names[i]);
		char *header = arena_dup(&copy->arena, t->headers[i]);

		if (name == NULL || header == NULL)
			return err_nomem(e);
		copy->names[i] = (struct str){ name, t->names[i].n };
		copy->headers[i] = (struct str){ header, t->headers[i].n };
	}
	copy->columns = t->columns;
	if ((copy->header_raw.p = arena_dup(&copy->arena, t->header_raw)) == NULL)
		return err_nomem(e);
	copy->header_raw.n = t->header_raw.n;
	for (size_t i = 0; i < t->n_notes; i++) {
		if (table_add_note(copy, e, "%s", t->notes[i]) == -1)
			return -1;
	}
	return 0;
}

struct table *table_again(const struct table *t, struct err *e)
{
	struct table *copy = table_new(&t->limits, e);

	if (copy == NULL)
		return NULL;
	copy->info = t->info;
	copy->dialect = t->dialect;
	copy->charset = t->charset;
	copy->block_bytes = t->block_bytes;
	memcpy(copy->diagnostics, t->diagnostics, sizeof(t->diagnostics));
	if ((copy->source = source_again(t->source, e)) == NULL)
		goto fail;
	if (t->xlsx != NULL && (copy->xlsx = xlsx_open(copy->source, e)) == NULL)
		goto fail;
	if (t->in != NULL && (copy->in = charset_in_new(&t->charset, copy->source, e)) == NULL)
		goto fail;
	if (copy_names(t, copy, e) == -1 || table_rewind(copy, e) == -1)
		goto fail;
	return copy;
fail:
	table_free(copy);
	return NULL;
}

void table_free(struct table *t)
{
	if (t == NULL)
		return;
	table_block_free(t->own);
	xlsx_free(t->xlsx);
	charset_in_free(t->in);
	source_free(t->source);
	arena_clear(&t->arena);
	free(t->notes);
	free(t->carry);
	free(t);
}

int table_tune(struct table *t, size_t block_bytes, size_t chunk, struct err *e)
{
	t->block_bytes = block_bytes;
	source_chunk(t->source, chunk);
	return table_rewind(t, e);
}

const struct table_info *table_info(const struct table *t)
{
	return &t->info;
}

size_t table_columns(const struct table *t)
{
	return t->columns;
}

struct str table_column(const struct table *t, size_t i)
{
	return t->names[i];
}

struct str table_header(const struct table *t, size_t i)
{
	return t->headers[i];
}

struct str table_header_raw(const struct table *t)
{
	return t->header_raw;
}

const char *table_note(const struct table *t, size_t i)
{
	return i < t->n_notes ? t->notes[i] : NULL;
}

double table_progress(const struct table *t)
{
	return t->xlsx != NULL ? xlsx_progress(t->xlsx) : source_progress(t->source);
}
