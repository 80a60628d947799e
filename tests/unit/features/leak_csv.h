/* SPDX-License-Identifier: Apache-2.0 */
/* leak_csv.h: a small reader of the real data sets into stubs: commas or semicolons, quotes; a
 * column is a number when nearly all its filled cells are, a date as yyyy-mm-dd or dd-mm-yyyy. */
#ifndef TESTS_LEAK_CSV_H
#define TESTS_LEAK_CSV_H

#include <ctype.h>

#include "leak_stub.h"
#include "util/map.h"

struct csv {
	char *bytes;
	char ***rows; /* [n][cols] into bytes */
	size_t n, cols;
};

static inline struct csv csv_read(const char *path, char sep)
{
	struct csv t = { 0 };
	FILE *f = fopen(path, "rb");
	size_t size, cap = 0;
	char *p, *w;

	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	size = (size_t)ftell(f);
	rewind(f);
	t.bytes = calloc(size + 1, 1);
	assert_int_equal(fread(t.bytes, 1, size, f), size);
	fclose(f);
	for (p = t.bytes; *p != '\0';) {
		char *cells[128];
		size_t n = 0;
		bool end = false;

		while (!end) {
			bool quoted = false;
			char stop;

			cells[n++] = w = p;
			for (;; p++) {
				if (*p == '"')
					quoted = !quoted;
				else if (*p == '\0' || (!quoted && (*p == sep || *p == '\n')))
					break;
				else if (*p != '\r')
					*w++ = *p;
			}
			stop = *p;
			if (*p != '\0')
				p++;
			*w = '\0';
			end = stop != sep;
		}
		if (t.cols == 0)
			t.cols = n;
		if (n < t.cols)
			continue;
		if (t.n == cap)
			t.rows = realloc(t.rows, (cap = cap * 2 + 1024) * sizeof(*t.rows));
		t.rows[t.n] = malloc(t.cols * sizeof(char *));
		memcpy(t.rows[t.n++], cells, t.cols * sizeof(char *));
	}
	return t;
}

static inline void csv_clear(struct csv *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->rows[i]);
	free(t->rows);
	free(t->bytes);
}

static inline bool csv_nothing(const char *z)
{
	return *z == '\0' || strcmp(z, "Select") == 0 || strcmp(z, "unknown") == 0;
}

static inline bool csv_date(const char *z, double *out)
{
	int a, b, c;

	if (sscanf(z, "%4d-%2d-%4d", &a, &b, &c) != 3 || b < 1 || b > 12)
		return false;
	*out = (double)(a > 31 ? cell_days(a, (unsigned)b, (unsigned)c)
			       : cell_days(c, (unsigned)b, (unsigned)a));
	return true;
}

static inline void csv_column(struct stub *s, const struct csv *t, size_t col)
{
	size_t filled = 0, numbers = 0, dates = 0, rows = t->n - 1;
	double *v = malloc(rows * sizeof(*v));
	uint32_t *code = calloc(rows, sizeof(*code));
	struct map m = { 0 };
	const char *name = t->rows[0][col];

	for (size_t i = 0; i < rows; i++) {
		const char *z = t->rows[i + 1][col];
		char *end;
		double x;

		v[i] = NAN;
		if (csv_nothing(z))
			continue;
		filled++;
		x = strtod(z, &end);
		if (*end == '\0' && end != z) {
			v[i] = x;
			numbers++;
		} else if (csv_date(z, &x)) {
			v[i] = x;
			dates++;
		}
	}
	if (filled > 0 && (numbers > .9 * (double)filled || dates > .9 * (double)filled)) {
		stub_num(s, name, v, dates > numbers ? KIND_DATE : KIND_NUMBER);
	} else {
		char **texts;

		for (size_t i = 0; i < rows; i++) {
			const char *z = t->rows[i + 1][col];
			bool added;
			struct map_entry *en;

			if (csv_nothing(z))
				continue;
			en = map_put(&m, str_of(z), &added);
			if (added)
				en->value = m.n;
			code[i] = (uint32_t)en->value;
		}
		texts = calloc(m.n + 1, sizeof(*texts));
		for (size_t k = 0; k < m.n; k++)
			texts[k + 1] = str_dup(m.entries[k].key);
		stub_cat(s, name, code, (uint32_t)m.n + 1, texts);
		map_clear(&m);
	}
	free(v);
	free(code);
}

/* Columns named in ${skip} (|a|b|) are identifiers; ${target} is won where it is ${won}. */
static inline void csv_stub(
	struct stub *s, const struct csv *t, const char *target, const char *won, const char *skip)
{
	stub_init(s, t->n - 1);
	for (size_t c = 0; c < t->cols; c++) {
		char name[200];

		snprintf(name, sizeof(name), "|%s|", t->rows[0][c]);
		if (strcmp(t->rows[0][c], target) == 0) {
			s->col[stub_column(s, target, KIND_YESNO)].out = COL_OUTCOME;
			for (size_t i = 1; i < t->n; i++)
				s->f.outcome[i - 1] = strcmp(t->rows[i][c], won) == 0;
		} else if (strstr(skip, name) == NULL) {
			csv_column(s, t, c);
		}
	}
}

#endif
