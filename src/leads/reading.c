/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "features/headers.h"
#include "leads/reading.h"
#include "util/charset.h"
#include "util/err.h"
#include "util/json.h"

/* As far down as a header is looked for: the part of the file that is parsed beforehand. */
enum { HEADER_LINE_MAX = 1000 };
/* Of no known product. */
#define NO_PRODUCT S("none")

static int fault(char *pointer, size_t n, struct str key, const char *why, struct err *e)
{
	snprintf(pointer, n, "/" STR_FMT, STR_ARG(str_sub(key, 0, 100)));
	return err_set(e, ERR_INPUT, "%s", why);
}

static const char *take_header(const struct json *v, struct table_reading *r)
{
	if (json_type(v) != J_BOOL)
		return "expected true or false";
	r->header = json_bool(v, true) ? TABLE_HEADER_YES : TABLE_HEADER_NO;
	return NULL;
}

static const char *take_line(const struct json *v, struct table_reading *r)
{
	int64_t line = json_int(v, 0);

	if (json_type(v) != J_NUM || line < 1 || line > HEADER_LINE_MAX ||
		json_num(v, 0) != (double)line)
		return "expected the number of a line, from 1 to 1000";
	r->header_line = (uint64_t)line;
	return NULL;
}

/* Any one character that can part cells: neither a quote nor a line end, and none of a word. */
static const char *take_delimiter(const struct json *v, struct table_reading *r)
{
	struct str s = json_str(v, S(""));

	if (s.n != 1 || strchr("\t,;|:^~!#*& ", s.p[0]) == NULL)
		return "expected one of , ; | : ^ ~ ! # * & a tab or a blank";
	r->delimiter = s.p[0];
	return NULL;
}

static const char *take_encoding(const struct json *v, struct table_reading *r)
{
	struct str s = json_str(v, S(""));

	if (!charset_known(s))
		return "expected an encoding such as UTF-8, CP1252 or UTF-16LE";
	snprintf(r->encoding, sizeof(r->encoding), STR_FMT, STR_ARG(s));
	return NULL;
}

static const char *take_footer(const struct json *v, struct table_reading *r)
{
	if (json_type(v) != J_BOOL)
		return "expected true or false";
	r->no_footer = !json_bool(v, true);
	return NULL;
}

/* Nothing that the table would want to know. */
static const char *take_product(const struct json *v, struct table_reading *r)
{
	(void)r;
	return str_eq(json_str(v, S("")), NO_PRODUCT) ||
			       header_product_find(json_str(v, S(""))) >= 0
		       ? NULL
		       : "expected none or a product that fields names";
}

static const struct {
	const char *key;
	const char *(*take)(const struct json *v, struct table_reading *r);
} members[] = {
	{ "header", take_header },
	{ "header_line", take_line },
	{ "delimiter", take_delimiter },
	{ "encoding", take_encoding },
	{ "footer", take_footer },
	{ "product", take_product },
};

int reading_parse(
	const struct json *v, struct table_reading *r, char *pointer, size_t n, struct err *e)
{
	*r = (struct table_reading){ 0 };
	for (size_t i = 0; i < json_len(v); i++) {
		const char *why = "is not known here";
		struct str key;
		const struct json *said = json_member(v, i, &key);

		for (size_t k = 0; k < sizeof(members) / sizeof(members[0]); k++)
			if (str_eq(key, str_of(members[k].key)))
				why = members[k].take(said, r);
		if (why != NULL)
			return fault(pointer, n, key, why, e);
	}
	return 0;
}

void reading_write(const struct table_reading *r, const struct json *v, struct jw *w)
{
	jw_obj(w);
	if (r->header != TABLE_HEADER_FIND)
		jw_kbool(w, "header", r->header == TABLE_HEADER_YES);
	if (r->header_line != 0)
		jw_kint(w, "header_line", (int64_t)r->header_line);
	if (r->delimiter != '\0')
		jw_kstr(w, "delimiter", (struct str){ &r->delimiter, 1 });
	if (r->encoding[0] != '\0')
		jw_kz(w, "encoding", r->encoding);
	if (r->no_footer)
		jw_kbool(w, "footer", false);
	if (json_get(v, "product") != NULL)
		jw_kstr(w, "product", json_str(json_get(v, "product"), S("")));
	jw_end_obj(w);
}

bool reading_product(const struct json *detail, int *product)
{
	const struct json *said = json_get(json_get(detail, "asked"), "product");

	*product = header_product_find(json_str(said, S("")));
	return said != NULL;
}

void reading_of(const struct json *detail, struct table_reading *r)
{
	const struct json *found = json_get(json_get(detail, "dialect"), "has_header");
	char pointer[160];

	/* Written by reading_write, so there is nothing to refuse in it. */
	if (reading_parse(json_get(detail, "asked"), r, pointer, sizeof(pointer), NULL) == -1)
		*r = (struct table_reading){ 0 };
	if (found != NULL)
		r->header = json_bool(found, true) ? TABLE_HEADER_YES : TABLE_HEADER_NO;
}
