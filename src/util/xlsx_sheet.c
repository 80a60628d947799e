/* SPDX-License-Identifier: Apache-2.0 */
/* xlsx_sheet.c: the XML of a worksheet into CSV text, piece by piece. */
#include <stdlib.h>
#include <string.h>

#include "util/err.h"
#include "util/xlsx_internal.h"

const char *xml_local(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon != NULL ? colon + 1 : name;
}

const char *xml_attr(const char **attrs, const char *name)
{
	for (; *attrs != NULL; attrs += 2) {
		if (strcmp(xml_local(attrs[0]), name) == 0)
			return attrs[1];
	}
	return NULL;
}

static void XMLCALL on_doctype(void *parser, const XML_Char *name, const XML_Char *sysid,
	const XML_Char *pubid, int internal)
{
	/* No workbook has one; entities are where XML bombs live. */
	XML_StopParser(parser, XML_FALSE);
}

XML_Parser xml_parser(void *user, XML_StartElementHandler start, XML_EndElementHandler end,
	XML_CharacterDataHandler text)
{
	XML_Parser p = XML_ParserCreate(NULL);

	if (p == NULL)
		return NULL;
	XML_SetUserData(p, user);
	XML_SetElementHandler(p, start, end);
	XML_SetCharacterDataHandler(p, text);
	XML_SetStartDoctypeDeclHandler(p, on_doctype);
	XML_UseParserAsHandlerArg(p);
	return p;
}

int xml_failed(XML_Parser p, struct err *e)
{
	return err_set(e, ERR_INPUT, "is a damaged .xlsx workbook (%s): save it again",
		XML_ErrorString(XML_GetErrorCode(p)));
}

static void stop(struct xlsx_sheet *s)
{
	s->failed = true;
	XML_StopParser(s->parser, XML_FALSE);
}

/* "BC12" to a column number from 0; -1 if it is none. */
static long column_of(const char *ref)
{
	long c = 0;
	int n = 0;

	for (; *ref != '\0' && n < 4; ref++, n++) {
		char u = *ref >= 'a' ? (char)(*ref - 32) : *ref;

		if (u < 'A' || u > 'Z')
			break;
		c = c * 26 + (u - 'A' + 1);
	}
	return n != 0 && c <= XLSX_COLUMNS ? c - 1 : -1;
}

static void begin_row(struct xlsx_sheet *s, const char **attrs)
{
	const char *r = xml_attr(attrs, "r");
	long row = r != NULL ? strtol(r, NULL, 10) : s->row + 1;

	if (row <= s->row)
		row = s->row + 1;
	if (row > XLSX_ROWS) {
		err_set(s->e, ERR_LIMIT, "has a sheet of more than %d rows", XLSX_ROWS);
		stop(s);
		return;
	}
	/* A row inside a row, which only a damaged or forged sheet has, ends the one around it. */
	if (s->row_open != 0)
		buf_c(&s->out, '\n');
	s->in_cell = s->in_text = false;
	/* Record n is row n: blank lines for those left out. */
	for (long i = s->row + 1; i < row; i++)
		buf_c(&s->out, '\n');
	s->row = s->row_open = row;
	s->column = -1;
	s->put = 0;
}

static void begin_cell(struct xlsx_sheet *s, const char **attrs)
{
	const char *ref = xml_attr(attrs, "r"), *type = xml_attr(attrs, "t");
	const char *style = xml_attr(attrs, "s");
	long column = ref != NULL ? column_of(ref) : s->column + 1;

	if (column <= s->column)
		column = s->column + 1;
	if (column >= XLSX_COLUMNS) {
		err_set(s->e, ERR_LIMIT, "has a sheet of more than %d columns", XLSX_COLUMNS);
		stop(s);
		return;
	}
	s->column = column;
	s->style = style != NULL ? (size_t)strtoul(style, NULL, 10) : 0;
	s->in_cell = true;
	buf_reset(&s->value);
	s->type = 'n';
	if (type != NULL && strcmp(type, "s") == 0)
		s->type = 's';
	else if (type != NULL && strcmp(type, "b") == 0)
		s->type = 'b';
	else if (type != NULL && strcmp(type, "e") == 0)
		s->type = 'e';
	else if (type != NULL && (strcmp(type, "str") == 0 || strcmp(type, "inlineStr") == 0 ||
					 strcmp(type, "d") == 0))
		s->type = 't';
}

static void XMLCALL on_start(void *parser, const XML_Char *name, const XML_Char **attrs)
{
	struct xlsx_sheet *s = XML_GetUserData(parser);

	name = xml_local(name);
	if (s->failed)
		return;
	if (strcmp(name, "sheetData") == 0)
		s->in_data = true;
	else if (!s->in_data)
		return;
	else if (strcmp(name, "row") == 0)
		begin_row(s, attrs);
	else if (strcmp(name, "c") == 0 && s->row_open != 0)
		begin_cell(s, attrs);
	else if (strcmp(name, "rPh") == 0)
		s->in_phonetic = true;
	else if (s->in_cell && (strcmp(name, "v") == 0 || strcmp(name, "t") == 0))
		s->in_text = !s->in_phonetic;
}

static void XMLCALL on_text(void *parser, const XML_Char *p, int n)
{
	struct xlsx_sheet *s = XML_GetUserData(parser);

	if (!s->in_text || s->failed)
		return;
	buf_bytes(&s->value, p, (size_t)n);
	if (s->value.n > XLSX_CELL) {
		err_set(s->e, ERR_LIMIT, "has a cell of more than %d bytes in row %ld", XLSX_CELL,
			s->row);
		stop(s);
	}
}

/* One cell as CSV: quoted when it must be. */
static void put_csv(struct buf *to, struct str s)
{
	bool quoted = false;

	for (size_t i = 0; i < s.n && !quoted; i++)
		quoted = s.p[i] == ',' || s.p[i] == '"' || s.p[i] == '\n' || s.p[i] == '\r';
	if (!quoted) {
		buf_str(to, s);
		return;
	}
	buf_c(to, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			buf_c(to, '"');
		buf_c(to, s.p[i]);
	}
	buf_c(to, '"');
}

static struct str shared(const struct xlsx_sheet *s, struct str index)
{
	const struct xlsx_strings *all = &s->book->strings;
	char text[24];
	unsigned long i;
	size_t from;

	index = str_trim(index);
	if (index.n == 0 || index.n >= sizeof(text))
		return S("");
	memcpy(text, index.p, index.n);
	text[index.n] = '\0';
	i = strtoul(text, NULL, 10);
	if (i >= all->n)
		return S("");
	from = i != 0 ? all->ends[i - 1] : 0;
	return (struct str){ all->text.p + from, all->ends[i] - from };
}

static void end_cell(struct xlsx_sheet *s)
{
	struct buf text = { 0 };
	struct str v = buf_view(&s->value);

	s->in_cell = s->in_text = false;
	if (v.n == 0)
		return;
	if (s->type == 's') {
		v = shared(s, v);
	} else if (s->type == 'b') {
		v = str_eq(str_trim(v), S("0")) ? S("FALSE") : S("TRUE");
	} else if (s->type == 'n') {
		enum xlsx_kind kind = s->style < s->book->n_styles
					      ? (enum xlsx_kind)s->book->styles[s->style]
					      : XLSX_NUMBER;

		xlsx_value(v, kind, s->book->from1904, &text);
		v = buf_view(&text);
	} else if (s->type == 't') {
		xlsx_unescape(v, &text);
		v = buf_view(&text);
	}
	if (v.n != 0) {
		for (; s->put < s->column; s->put++)
			buf_c(&s->out, ',');
		put_csv(&s->out, v);
		s->filled = true;
	}
	if (text.failed)
		s->out.failed = true;
	buf_clear(&text);
}

static void XMLCALL on_end(void *parser, const XML_Char *name)
{
	struct xlsx_sheet *s = XML_GetUserData(parser);

	name = xml_local(name);
	if (s->failed || !s->in_data)
		return;
	if (strcmp(name, "sheetData") == 0)
		s->in_data = false;
	else if (strcmp(name, "rPh") == 0)
		s->in_phonetic = false;
	else if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0)
		s->in_text = false;
	else if (strcmp(name, "c") == 0 && s->in_cell)
		end_cell(s);
	else if (strcmp(name, "row") == 0 && s->row_open != 0) {
		buf_c(&s->out, '\n');
		s->row_open = 0;
	}
}

int xlsx_sheet_begin(struct xlsx_sheet *s, const struct xlsx_book *book, struct err *e)
{
	*s = (struct xlsx_sheet){ .book = book };
	s->parser = xml_parser(s, on_start, on_end, on_text);
	return s->parser != NULL ? 0 : err_nomem(e);
}

void xlsx_sheet_end(struct xlsx_sheet *s)
{
	if (s->parser != NULL)
		XML_ParserFree(s->parser);
	buf_clear(&s->out);
	buf_clear(&s->value);
	*s = (struct xlsx_sheet){ 0 };
}

int xlsx_sheet_feed(struct xlsx_sheet *s, const char *p, size_t n, struct err *e)
{
	s->e = e;
	s->done |= n == 0;
	if (XML_Parse(s->parser, p, (int)n, n == 0) != XML_STATUS_OK)
		return s->failed ? -1 : xml_failed(s->parser, e);
	if (s->out.failed || s->value.failed)
		return err_nomem(e);
	return 0;
}
