/* SPDX-License-Identifier: Apache-2.0 */
/* xlsx.c: a workbook's parts: which sheets there are, shared strings, styles. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/err.h"
#include "util/source.h"
#include "util/xlsx.h"
#include "util/xlsx_internal.h"

enum { MAX_SHEETS = 1024, MAX_FORMATS = 4096 };

struct sheet {
	char *name, *rel, *part;
	bool hidden;
};

struct xlsx {
	struct source *s; /* borrowed */
	struct xlsx_book book;
	char *workbook; /* its path in the archive */
	char *strings_part, *styles_part;
	struct sheet *sheets;
	size_t n_sheets, at; /* at: the one that is read */
	struct zip_part *part;
	struct xlsx_sheet sheet;
	/* While parts are parsed: */
	struct xlsx_strings *strings;
	struct {
		long id;
		enum xlsx_kind kind;
	} formats[MAX_FORMATS];
	size_t n_formats;
	bool in_xfs, in_text, in_phonetic, failed;
	struct buf text;
};

/* Give a whole part to a parser. ${max}: most bytes of it. */
static int parse_part(struct xlsx *x, const char *name, XML_Parser p, uint64_t max, struct err *e)
{
	struct zip_part *part;
	char chunk[XLSX_CHUNK];
	ptrdiff_t n = -1;
	uint64_t total = 0;

	if (p == NULL)
		return err_nomem(e);
	if ((part = zip_open(x->s, str_of(name), e)) == NULL)
		goto done;
	do {
		if ((n = zip_read(part, chunk, sizeof(chunk), e)) == -1)
			break;
		if ((total += (uint64_t)n) > max || x->failed) {
			n = err_set(e, ERR_LIMIT, "is a workbook with too much in it (%s)", name);
			break;
		}
		if (XML_Parse(p, chunk, (int)n, n == 0) != XML_STATUS_OK) {
			n = x->failed ? err_set(e, ERR_LIMIT,
						"is a workbook with too much in it (%s)", name)
				      : xml_failed(p, e);
			break;
		}
	} while (n != 0);
done:
	zip_close(part);
	XML_ParserFree(p);
	return n == -1 ? -1 : 0;
}

/* Path ${target} as seen from the folder of ${from}: "worksheets/sheet1.xml" from
 * "xl/workbook.xml", or "/xl/worksheets/sheet1.xml". */
static char *resolve(const char *from, const char *target)
{
	const char *slash = strrchr(from, '/');
	int dir = slash != NULL ? (int)(slash - from) + 1 : 0;
	char *path = NULL;

	if (target[0] == '/')
		return strdup(target + 1);
	if (strncmp(target, "./", 2) == 0)
		target += 2;
	while (strncmp(target, "../", 3) == 0) {
		target += 3;
		for (dir -= dir > 0; dir > 0 && from[dir - 1] != '/';)
			dir--;
	}
	if (asprintf(&path, "%.*s%s", dir, from, target) == -1)
		return NULL;
	return path;
}

static bool type_ends(const char *type, const char *end)
{
	return type != NULL && str_ends(str_of(type), str_of(end));
}

static void XMLCALL root_rels(void *parser, const XML_Char *name, const XML_Char **attrs)
{
	struct xlsx *x = XML_GetUserData(parser);
	const char *target = xml_attr(attrs, "Target");

	if (strcmp(xml_local(name), "Relationship") == 0 && target != NULL && x->workbook == NULL &&
		type_ends(xml_attr(attrs, "Type"), "/officeDocument"))
		x->workbook = resolve("", target);
}

static void XMLCALL workbook_start(void *parser, const XML_Char *name, const XML_Char **attrs)
{
	struct xlsx *x = XML_GetUserData(parser);
	const char *v;
	struct sheet *s;

	name = xml_local(name);
	if (strcmp(name, "workbookPr") == 0 && (v = xml_attr(attrs, "date1904")) != NULL)
		x->book.from1904 = strcmp(v, "1") == 0 || strcmp(v, "true") == 0;
	if (strcmp(name, "sheet") != 0 || x->n_sheets >= MAX_SHEETS)
		return;
	s = &x->sheets[x->n_sheets++];
	s->name = (v = xml_attr(attrs, "name")) != NULL ? strdup(v) : NULL;
	/* "r:id"; the sheet has no other attribute of that local name. */
	s->rel = (v = xml_attr(attrs, "id")) != NULL ? strdup(v) : NULL;
	v = xml_attr(attrs, "state");
	s->hidden = v != NULL && strcmp(v, "visible") != 0;
}

static void XMLCALL workbook_rels(void *parser, const XML_Char *name, const XML_Char **attrs)
{
	struct xlsx *x = XML_GetUserData(parser);
	const char *target = xml_attr(attrs, "Target"), *id = xml_attr(attrs, "Id");
	const char *type = xml_attr(attrs, "Type");

	if (strcmp(xml_local(name), "Relationship") != 0 || target == NULL || id == NULL)
		return;
	if (type_ends(type, "/sharedStrings") && x->strings_part == NULL)
		x->strings_part = resolve(x->workbook, target);
	else if (type_ends(type, "/styles") && x->styles_part == NULL)
		x->styles_part = resolve(x->workbook, target);
	else if (!type_ends(type, "/worksheet"))
		return;
	for (size_t i = 0; i < x->n_sheets; i++) {
		struct sheet *s = &x->sheets[i];

		if (s->rel != NULL && s->part == NULL && strcmp(s->rel, id) == 0)
			s->part = resolve(x->workbook, target);
	}
}

static enum xlsx_kind kind_of(const struct xlsx *x, long id)
{
	for (size_t i = 0; i < x->n_formats; i++) {
		if (x->formats[i].id == id)
			return x->formats[i].kind;
	}
	return xlsx_format_builtin(id);
}

static void XMLCALL styles_start(void *parser, const XML_Char *name, const XML_Char **attrs)
{
	struct xlsx *x = XML_GetUserData(parser);
	const char *id = xml_attr(attrs, "numFmtId"), *code = xml_attr(attrs, "formatCode");

	name = xml_local(name);
	if (strcmp(name, "cellXfs") == 0)
		x->in_xfs = true;
	if (strcmp(name, "numFmt") == 0 && id != NULL && code != NULL &&
		x->n_formats < MAX_FORMATS) {
		x->formats[x->n_formats].id = strtol(id, NULL, 10);
		x->formats[x->n_formats++].kind = xlsx_format_code(str_of(code));
	}
	if (x->in_xfs && strcmp(name, "xf") == 0 && x->book.n_styles < XLSX_STYLES)
		x->book.styles[x->book.n_styles++] =
			(uint8_t)(id != NULL ? kind_of(x, strtol(id, NULL, 10)) : XLSX_NUMBER);
}

static void XMLCALL styles_end(void *parser, const XML_Char *name)
{
	struct xlsx *x = XML_GetUserData(parser);

	if (strcmp(xml_local(name), "cellXfs") == 0)
		x->in_xfs = false;
}

static void XMLCALL strings_start(void *parser, const XML_Char *name, const XML_Char **attrs)
{
	struct xlsx *x = XML_GetUserData(parser);

	name = xml_local(name);
	if (strcmp(name, "si") == 0)
		buf_reset(&x->text);
	else if (strcmp(name, "rPh") == 0)
		x->in_phonetic = true;
	else if (strcmp(name, "t") == 0)
		x->in_text = !x->in_phonetic;
}

static void XMLCALL strings_text(void *parser, const XML_Char *p, int n)
{
	struct xlsx *x = XML_GetUserData(parser);

	if (x->in_text && x->text.n <= XLSX_CELL)
		buf_bytes(&x->text, p, (size_t)n);
}

static void XMLCALL strings_end(void *parser, const XML_Char *name)
{
	struct xlsx *x = XML_GetUserData(parser);
	struct xlsx_strings *all = &x->book.strings;

	name = xml_local(name);
	if (strcmp(name, "rPh") == 0)
		x->in_phonetic = false;
	else if (strcmp(name, "t") == 0)
		x->in_text = false;
	if (strcmp(name, "si") != 0)
		return;
	if (all->n == all->cap) {
		size_t cap = all->cap != 0 ? all->cap * 2 : 1024;
		size_t *ends = realloc(all->ends, cap * sizeof(*ends));

		if (ends == NULL) {
			all->text.failed = true;
			return;
		}
		all->ends = ends;
		all->cap = cap;
	}
	xlsx_unescape(buf_view(&x->text), &all->text);
	all->ends[all->n++] = all->text.n;
	if (all->n >= XLSX_STRINGS || all->text.n > XLSX_TEXT) {
		x->failed = true;
		XML_StopParser(parser, XML_FALSE);
	}
}

/* What the workbook says about its parts. */
static int read_workbook(struct xlsx *x, struct err *e)
{
	char *rels = NULL;
	const char *slash;
	struct err why = { 0 };
	int rc;

	if (parse_part(x, "_rels/.rels", xml_parser(x, root_rels, NULL, NULL), XLSX_PART, &why) ==
			-1 &&
		why.code != ERR_NOT_FOUND) {
		if (e != NULL)
			*e = why;
		return -1;
	}
	if (x->workbook == NULL && (x->workbook = strdup("xl/workbook.xml")) == NULL)
		return err_nomem(e);
	if (parse_part(x, x->workbook, xml_parser(x, workbook_start, NULL, NULL), XLSX_PART, e) ==
		-1)
		return -1;
	slash = strrchr(x->workbook, '/');
	slash = slash != NULL ? slash + 1 : x->workbook;
	if (asprintf(&rels, "%.*s_rels/%s.rels", (int)(slash - x->workbook), x->workbook, slash) ==
		-1)
		return err_nomem(e);
	rc = parse_part(x, rels, xml_parser(x, workbook_rels, NULL, NULL), XLSX_PART, e);
	free(rels);
	return rc;
}

static int read_book(struct xlsx *x, struct err *e)
{
	if (x->styles_part != NULL &&
		parse_part(x, x->styles_part, xml_parser(x, styles_start, styles_end, NULL),
			XLSX_PART, e) == -1)
		return -1;
	if (x->strings_part != NULL &&
		parse_part(x, x->strings_part,
			xml_parser(x, strings_start, strings_end, strings_text),
			16 * (uint64_t)XLSX_TEXT, e) == -1)
		return -1;
	if (x->text.failed || x->book.strings.text.failed)
		return err_nomem(e);
	return 0;
}

int xlsx_rewind(struct xlsx *x, struct err *e)
{
	zip_close(x->part);
	xlsx_sheet_end(&x->sheet);
	x->part = zip_open(x->s, str_of(x->sheets[x->at].part), e);
	if (x->part == NULL)
		return -1;
	return xlsx_sheet_begin(&x->sheet, &x->book, e);
}

/* More CSV text. */
static int feed(struct xlsx *x, struct err *e)
{
	char chunk[XLSX_CHUNK];
	ptrdiff_t n = zip_read(x->part, chunk, sizeof(chunk), e);

	if (n == -1)
		return -1;
	buf_reset(&x->sheet.out);
	x->sheet.out_at = 0;
	return xlsx_sheet_feed(&x->sheet, chunk, (size_t)n, e);
}

/* The first sheet with a filled cell: of those shown, else of those hidden. */
static int choose_sheet(struct xlsx *x, struct err *e)
{
	for (int hidden = 0; hidden < 2; hidden++) {
		for (x->at = 0; x->at < x->n_sheets; x->at++) {
			const struct sheet *s = &x->sheets[x->at];

			if (s->part == NULL || s->hidden != (hidden == 1))
				continue;
			if (xlsx_rewind(x, e) == -1)
				return -1;
			while (!x->sheet.filled && !x->sheet.done) {
				if (feed(x, e) == -1)
					return -1;
			}
			if (x->sheet.filled)
				return xlsx_rewind(x, e);
		}
	}
	return err_set(e, ERR_INPUT, "is an .xlsx workbook without any filled cell");
}

struct xlsx *xlsx_open(struct source *s, struct err *e)
{
	struct xlsx *x = calloc(1, sizeof(*x));
	struct err why = { 0 };

	if (x == NULL || (x->sheets = calloc(MAX_SHEETS, sizeof(*x->sheets))) == NULL ||
		(x->book.styles = calloc(XLSX_STYLES, 1)) == NULL) {
		err_nomem(&why);
		goto fail;
	}
	x->s = s;
	if (read_workbook(x, &why) == -1) {
		if (why.code == ERR_NOT_FOUND)
			zip_is(s, &why);
		goto fail;
	}
	if (read_book(x, &why) == -1 || choose_sheet(x, &why) == -1) {
		if (why.code == ERR_NOT_FOUND)
			err_set(&why, ERR_INPUT,
				"is a damaged .xlsx workbook (a part is missing): save it again");
		goto fail;
	}
	return x;
fail:
	if (e != NULL)
		*e = why;
	xlsx_free(x);
	return NULL;
}

void xlsx_free(struct xlsx *x)
{
	if (x == NULL)
		return;
	zip_close(x->part);
	xlsx_sheet_end(&x->sheet);
	for (size_t i = 0; i < x->n_sheets; i++) {
		free(x->sheets[i].name);
		free(x->sheets[i].rel);
		free(x->sheets[i].part);
	}
	free(x->sheets);
	free(x->workbook);
	free(x->strings_part);
	free(x->styles_part);
	free(x->book.styles);
	free(x->book.strings.ends);
	buf_clear(&x->book.strings.text);
	buf_clear(&x->text);
	free(x);
}

ptrdiff_t xlsx_read(struct xlsx *x, char *to, size_t n, struct err *e)
{
	struct xlsx_sheet *s = &x->sheet;

	while (s->out_at == s->out.n) {
		if (s->done)
			return 0;
		if (feed(x, e) == -1)
			return -1;
	}
	if (n > s->out.n - s->out_at)
		n = s->out.n - s->out_at;
	memcpy(to, s->out.p + s->out_at, n);
	s->out_at += n;
	return (ptrdiff_t)n;
}

struct str xlsx_sheet(const struct xlsx *x)
{
	return str_of(x->sheets[x->at].name);
}

size_t xlsx_sheets(const struct xlsx *x)
{
	return x->n_sheets;
}

double xlsx_progress(const struct xlsx *x)
{
	return x->sheet.done ? 1 : zip_progress(x->part);
}
