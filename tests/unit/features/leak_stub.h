/* SPDX-License-Identifier: Apache-2.0 */
/* leak_stub.h: frames and profiles made in memory, so that the leak guard is tested without files.
 */
#ifndef TESTS_LEAK_STUB_H
#define TESTS_LEAK_STUB_H

#include <math.h>
#include <stdbool.h>

#include "features/frame.h"
#include "features/leak.h"
#include "features/profile.h"
#include "util/err.h"

#define STUB_COLS 64

struct stub {
	struct frame f;
	struct profile p;
	struct base_col base[STUB_COLS];
	struct column col[STUB_COLS];
	char names[STUB_COLS][80];
	char **texts[STUB_COLS]; /* owned; level texts of categories, NULL without names */
};

static inline void stub_init(struct stub *s, size_t rows)
{
	memset(s, 0, sizeof(*s));
	s->f.rows = rows;
	s->f.cols = s->base;
	s->f.n_classes = 2;
	s->f.outcome = calloc(rows, 1);
	s->f.filled_words = 1;
	s->f.filled = calloc(rows, sizeof(uint64_t));
	s->f.as_of = 20000;
	s->p.cols = s->col;
	s->p.rows = rows;
}

static inline size_t stub_column(struct stub *s, const char *name, enum col_kind kind)
{
	size_t c = s->p.n++;

	assert_true(c < STUB_COLS);
	snprintf(s->names[c], sizeof(s->names[c]), "%s", name);
	s->col[c] = (struct column){ .name = str_of(s->names[c]), .kind = kind };
	s->f.n_columns = s->p.n;
	return c;
}

static inline struct base_col *stub_base(struct stub *s, size_t c, enum base_kind kind)
{
	struct base_col *b = &s->base[s->f.n_cols++];

	*b = (struct base_col){
		.name = s->names[c], .kind = kind, .n_sources = 1, .is_column = true
	};
	b->sources[0] = (uint32_t)c;
	return b;
}

/* Numbers as they are; dates as days since 1970, kept as ages. */
static inline size_t stub_num(struct stub *s, const char *name, const double *v, enum col_kind kind)
{
	size_t c = stub_column(s, name, kind);
	struct base_col *b = stub_base(s, c, BASE_NUM);

	b->num = malloc(s->f.rows * sizeof(*b->num));
	for (size_t i = 0; i < s->f.rows; i++) {
		b->num[i] = (float)(kind == KIND_DATE ? s->f.as_of - v[i] : v[i]);
		if (!isnan(v[i]))
			s->f.filled[i] |= 1ull << c;
	}
	return c;
}

/* ${texts}: levels 1 to n-1 at [1]...; NULL without names. Takes texts. */
static inline size_t stub_cat(
	struct stub *s, const char *name, const uint32_t *code, uint32_t n_levels, char **texts)
{
	size_t c = stub_column(s, name, KIND_CATEGORY);
	struct base_col *b = stub_base(s, c, BASE_CAT);

	b->n_levels = n_levels;
	b->code = malloc(s->f.rows * sizeof(*b->code));
	s->texts[s->f.n_cols - 1] = texts;
	for (size_t i = 0; i < s->f.rows; i++) {
		b->code[i] = code[i];
		if (code[i] != 0)
			s->f.filled[i] |= 1ull << c;
	}
	return c;
}

static inline struct str stub_level(const void *ctx, size_t base, uint32_t code)
{
	const struct stub *s = ctx;

	if (s->texts[base] == NULL || code == 0)
		return S("");
	return str_of(s->texts[base][code]);
}

static inline void stub_clear(struct stub *s)
{
	for (size_t i = 0; i < s->f.n_cols; i++) {
		free(s->base[i].num);
		free(s->base[i].code);
		for (uint32_t k = 0; s->texts[i] != NULL && k < s->base[i].n_levels; k++)
			free(s->texts[i][k]);
		free(s->texts[i]);
	}
	free(s->f.outcome);
	free(s->f.filled);
	free(s->f.created);
}

static inline struct leak_report stub_judge(struct stub *s, bool ignore_names)
{
	struct leak_opts o = {
		.ignore_names = ignore_names, .level = stub_level, .level_ctx = s, .seed = 7
	};
	struct leak_report r;
	struct err e = { 0 };

	if (leak_judge(&s->f, &s->p, &o, &r, &e) != 0)
		fail_msg("leak_judge: %s", e.msg);
	return r;
}

#endif
