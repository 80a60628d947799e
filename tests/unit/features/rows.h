/* SPDX-License-Identifier: Apache-2.0 */
/* rows.h: small tables in memory for tests of features: from text or from a file, first line the
 * header, quotes understood. */
#ifndef TESTS_FEATURES_ROWS_H
#define TESTS_FEATURES_ROWS_H

#include "unit.h"

#include "util/str.h"

struct rows {
	char *text;
	struct str *cells; /* n * cols; names first */
	size_t n, cols, cap;
};

static inline void rows_add(struct rows *r, char *at, size_t n, size_t count)
{
	if (count == r->cap) {
		r->cap = r->cap != 0 ? r->cap * 2 : 1024;
		r->cells = realloc(r->cells, r->cap * sizeof(*r->cells));
		assert_non_null(r->cells);
	}
	r->cells[count] = (struct str){ at, n };
}

/* rows_parse(text, sep): takes ${text}, which malloc gave. */
static inline struct rows rows_parse(char *text, char sep)
{
	struct rows r = { .text = text };
	char *p = text, *out = text;
	size_t count = 0, in_row = 0;

	while (*p != '\0') {
		char *from = out, end;
		size_t n;

		if (*p == '"') {
			for (p++; *p != '\0' && !(p[0] == '"' && p[1] != '"'); p++) {
				p += *p == '"';
				*out++ = *p;
			}
			p += *p == '"';
		}
		while (*p != '\0' && *p != sep && *p != '\n') {
			if (*p != '\r')
				*out++ = *p;
			p++;
		}
		n = (size_t)(out - from);
		end = *p;
		p += *p != '\0';
		rows_add(&r, from, n, count++);
		in_row++;
		if (end == sep)
			continue;
		if (r.cols == 0)
			r.cols = in_row;
		assert_int_equal(in_row, r.cols);
		in_row = 0;
		r.n++;
	}
	r.n--; /* the header */
	return r;
}

static inline struct rows rows_of(const char *text, char sep)
{
	return rows_parse(str_dup(str_of(text)), sep);
}

/* rows_shared(rel, sep, r): false (and a word on standard error) where the file is not there. */
static inline bool rows_shared(const char *rel, char sep, struct rows *r)
{
	char path[1024];
	FILE *f;
	long n;
	char *text;

	if (shared_path(path, sizeof(path), rel) == NULL)
		return false;
	f = fopen(path, "rb");
	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	n = ftell(f);
	rewind(f);
	text = malloc((size_t)n + 1);
	assert_non_null(text);
	assert_int_equal(fread(text, 1, (size_t)n, f), n);
	text[n] = '\0';
	fclose(f);
	*r = rows_parse(text, sep);
	return true;
}

static inline const struct str *rows_at(const struct rows *r, size_t row)
{
	return r->cells + (row + 1) * r->cols;
}

static inline void rows_clear(struct rows *r)
{
	free(r->text);
	free(r->cells);
	*r = (struct rows){ 0 };
}

#endif
