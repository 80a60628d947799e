/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "features/derive_internal.h"
#include "features/profile_internal.h"
#include "util/err.h"

#define SPAN_DATES   4   /* dates whose differences are offered */
#define RATIO_COUNTS 4   /* counts whose ratios are offered */
#define FEW_VALUES   50  /* a company or title with at most so many values is a category */
#define CODE_VALUES  64  /* a whole number with at most so many values may be a code */
#define LIST_VALUES  200 /* a list with at most so many cells is also taken whole */

static const struct {
	const char *name;
	enum base_kind kind;
	unsigned sources;
	bool date;
} ops[] = {
#define BASE_OP(id, name, kind, sources, date) { name, BASE_##kind, sources, date },
#include "features/bases.def"
#undef BASE_OP
};

const char *bases_op_name(enum base_op op)
{
	return ops[op].name;
}

enum base_kind bases_op_kind(enum base_op op)
{
	return ops[op].kind;
}

unsigned bases_op_sources(enum base_op op)
{
	return ops[op].sources;
}

struct bases *bases_alloc(size_t n_cols, struct err *e)
{
	struct bases *b = calloc(1, sizeof(*b));

	if (b == NULL || (b->cols = calloc(n_cols + 1, sizeof(*b->cols))) == NULL) {
		free(b);
		err_nomem(e);
		return NULL;
	}
	b->n_cols = n_cols;
	return b;
}

struct cell_reading cell_reading_of(const struct base_column *c)
{
	return (struct cell_reading){ c->sentinels, (uint8_t)c->n_sentinels, (uint8_t)c->parse,
		c->list_sep, c->unix_time };
}

void bases_free(struct bases *b)
{
	if (b == NULL)
		return;
	for (size_t i = 0; i < b->n; i++)
		dict_free(b->b[i].dict);
	free(b->b);
	free(b->cols);
	arena_clear(&b->mem);
	free(b);
}

static bool taken(const struct bases *b, struct str name)
{
	for (size_t i = 0; i < b->n; i++) {
		if (str_eq(b->b[i].info.name, name))
			return true;
	}
	return false;
}

/* A file may have a column "days since Created" beside "Created". */
static int unique_name(struct bases *b, struct str name, struct str *out)
{
	char room[700];
	char *copy;

	if (name.n > 600)
		name = str_sub(name, 0, 600);
	*out = name;
	for (unsigned k = 2; taken(b, *out); k++) {
		int n = snprintf(room, sizeof(room), STR_FMT " [%u]", STR_ARG(name), k);

		*out = (struct str){ room, (size_t)n };
	}
	if ((copy = arena_dup(&b->mem, *out)) == NULL)
		return -1;
	out->p = copy;
	return 0;
}

static struct base *grow(struct bases *b)
{
	if (b->n == b->cap) {
		size_t cap = b->cap != 0 ? b->cap * 2 : 64;
		struct base *p = realloc(b->b, cap * sizeof(*p));

		if (p == NULL)
			return NULL;
		b->b = p;
		b->cap = cap;
	}
	b->b[b->n] = (struct base){ .op = OP_NUMBER };
	return &b->b[b->n];
}

struct base *bases_add(
	struct bases *b, enum base_op op, const uint32_t sources[2], struct str name, struct err *e)
{
	struct base *x = grow(b);

	if (x == NULL || unique_name(b, name, &x->info.name) == -1) {
		err_nomem(e);
		return NULL;
	}
	x->op = op;
	x->info.kind = ops[op].kind;
	x->info.n_sources = ops[op].sources;
	x->info.is_date = ops[op].date;
	for (unsigned i = 0; i < ops[op].sources; i++)
		x->info.sources[i] = sources[i];
	if (x->info.kind == BASE_CAT && (x->dict = dict_new()) == NULL) {
		err_nomem(e);
		return NULL;
	}
	b->n++;
	return x;
}

/* ---- which bases a profile gives ---- */

struct maker {
	struct bases *b;
	const struct profile *p;
	struct err *e;
	bool failed;
};

static struct base *add(struct maker *m, enum base_op op, size_t col, size_t other, const char *fmt,
	...) __attribute__((format(printf, 5, 6)));

static struct base *add(
	struct maker *m, enum base_op op, size_t col, size_t other, const char *fmt, ...)
{
	uint32_t sources[2] = { (uint32_t)col, (uint32_t)other };
	char room[700];
	struct base *x = NULL;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(room, sizeof(room), fmt, ap);
	va_end(ap);
	if (!m->failed)
		x = bases_add(m->b, op, sources, str_of(room), m->e);
	m->failed = x == NULL;
	return x;
}

/* The column itself. */
static void add_itself(struct maker *m, enum base_op op, size_t col)
{
	const struct column *c = &m->p->cols[col];
	struct base *x = add(m, op, col, 0, STR_FMT, STR_ARG(str_sub(c->name, 0, 600)));

	if (x == NULL)
		return;
	x->info.is_column = true;
	x->info.ordered = op == OP_NUMBER && c->whole && c->distinct <= CODE_VALUES;
}

static void add_part(struct maker *m, enum base_op op, size_t col, const char *what, bool optional)
{
	struct base *x = add(m, op, col, 0, "%s of " STR_FMT, what,
		STR_ARG(str_sub(m->p->cols[col].name, 0, 600)));

	if (x == NULL)
		return;
	x->info.optional = optional;
	x->info.ordered = op == OP_WEEKDAY || op == OP_HOUR || op == OP_MONTH;
}

static void add_number(struct maker *m, size_t i)
{
	const struct column *c = &m->p->cols[i];
	uint64_t enough = m->p->rows / 100 > 10 ? m->p->rows / 100 : 10;

	add_itself(m, c->kind == KIND_YESNO ? OP_YESNO : OP_NUMBER, i);
	/* NaN says missing; which kind of missing is said where there are two. */
	if (c->empty >= enough && c->placeholders >= enough)
		add_part(m, OP_MISSING_KIND, i, "kind of missing", false);
}

static void add_date(struct maker *m, size_t i)
{
	struct base *x = add(m, OP_AGE, i, 0, "days since " STR_FMT,
		STR_ARG(str_sub(m->p->cols[i].name, 0, 600)));

	if (x == NULL)
		return;
	add_part(m, OP_WEEKDAY, i, "weekday", false);
	add_part(m, OP_MONTH, i, "month", false);
	if (m->p->cols[i].has_time)
		add_part(m, OP_HOUR, i, "hour", false);
}

/* One base for each frequent item of a list or word of a text. */
static void add_tokens(struct maker *m, size_t i, enum base_op op, const char *how)
{
	const struct column *c = &m->p->cols[i];

	for (size_t k = 0; k < c->n_parts; k++) {
		struct base *x = add(m, op, i, 0, STR_FMT " %s " STR_FMT,
			STR_ARG(str_sub(c->name, 0, 300)), how, STR_ARG(c->parts[k].text));
		char *copy;

		if (x == NULL)
			return;
		if ((copy = arena_dup(&m->b->mem, c->parts[k].text)) == NULL) {
			err_nomem(m->e);
			m->failed = true;
			return;
		}
		x->token = (struct str){ copy, c->parts[k].text.n };
		x->info.optional = op == OP_MENTIONS;
	}
}

static void add_list(struct maker *m, size_t i)
{
	add_part(m, OP_ITEMS, i, "number of items", false);
	add_tokens(m, i, OP_HAS, "has");
	if (m->p->cols[i].distinct <= LIST_VALUES)
		add_itself(m, OP_CATEGORY, i);
}

static void add_text(struct maker *m, size_t i)
{
	add_part(m, OP_BYTES, i, "length", false);
	add_part(m, OP_WORDS, i, "words", false);
	if (m->p->cols[i].kind == KIND_TEXT)
		add_tokens(m, i, OP_MENTIONS, "mentions");
}

/* Of what says who someone is only parts are taken, unless it is one of a few values that many
 * share: then it is a category like any other. */
static bool shared_values(const struct column *c)
{
	return c->distinct <= FEW_VALUES ||
	       (c->distinct <= 500 && c->distinct * 20 <= (double)c->filled);
}

static void add_parts(struct maker *m, size_t i)
{
	const struct column *c = &m->p->cols[i];

	switch (c->role) {
	case ROLE_EMAIL:
		add_part(m, OP_MAIL_KIND, i, "kind", false);
		add_part(m, OP_MAIL_DOMAIN, i, "domain", true);
		break;
	case ROLE_PHONE:
	case ROLE_MOBILE:
		add_part(m, OP_CALLING_CODE, i, "country", false);
		add_part(m, OP_DIGITS, i, "digits", false);
		break;
	case ROLE_TITLE:
		add_part(m, OP_RANK, i, "rank", false);
		add_part(m, OP_DEPARTMENT, i, "department", false);
		break;
	case ROLE_COMPANY:
		add_part(m, OP_LEGAL_FORM, i, "legal form", false);
		break;
	case ROLE_NOTES:
		add_text(m, i);
		break;
	default:
		add_part(m, OP_FILLED, i, "presence", false);
		break;
	}
	if (c->role != ROLE_EMAIL && c->role != ROLE_PHONE && c->role != ROLE_MOBILE &&
		c->role != ROLE_WEBSITE && c->role != ROLE_LINKEDIN && c->kind != KIND_TEXT &&
		shared_values(c))
		add_itself(m, c->kind == KIND_NUMBER ? OP_NUMBER : OP_CATEGORY, i);
}

static void add_column(struct maker *m, size_t i)
{
	const struct column *c = &m->p->cols[i];

	if (c->out != COL_IN)
		return;
	if (profile_role_use(c->role) == USE_PARTS && c->kind != KIND_DATE && !c->kept_by_user) {
		add_parts(m, i);
		return;
	}
	switch (c->kind) {
	case KIND_NUMBER:
	case KIND_YESNO:
		add_number(m, i);
		break;
	case KIND_DATE:
		add_date(m, i);
		break;
	case KIND_LIST:
		add_list(m, i);
		break;
	case KIND_TEXT:
		add_text(m, i);
		break;
	default:
		add_itself(m, OP_CATEGORY, i);
		break;
	}
	if (c->role == ROLE_POSTAL_CODE && c->kind != KIND_DATE)
		add_part(m, OP_AREA, i, "area", true);
}

static void add_pairs(struct maker *m)
{
	size_t dates[SPAN_DATES], counts[RATIO_COUNTS], nd = 0, nc = 0;

	for (size_t i = 0; i < m->p->n; i++) {
		const struct column *c = &m->p->cols[i];

		if (c->out != COL_IN)
			continue;
		if (c->kind == KIND_DATE && nd < SPAN_DATES)
			dates[nd++] = i;
		if (c->kind == KIND_NUMBER && c->role == ROLE_ENGAGEMENT && c->min >= 0 &&
			c->distinct > 2 && nc < RATIO_COUNTS)
			counts[nc++] = i;
	}
	for (size_t a = 0; a < nd; a++) {
		for (size_t b = a + 1; b < nd; b++) {
			struct base *x = add(m, OP_SPAN, dates[a], dates[b],
				"days from " STR_FMT " to " STR_FMT,
				STR_ARG(str_sub(m->p->cols[dates[a]].name, 0, 300)),
				STR_ARG(str_sub(m->p->cols[dates[b]].name, 0, 300)));

			if (x != NULL)
				x->info.optional = true;
		}
	}
	for (size_t a = 0; a < nc; a++) {
		for (size_t b = a + 1; b < nc; b++) {
			struct base *x =
				add(m, OP_RATIO, counts[a], counts[b], STR_FMT " per " STR_FMT,
					STR_ARG(str_sub(m->p->cols[counts[a]].name, 0, 300)),
					STR_ARG(str_sub(m->p->cols[counts[b]].name, 0, 300)));

			if (x != NULL)
				x->info.optional = true;
		}
	}
}

static enum parse parse_of(const struct column *c)
{
	switch (c->kind) {
	case KIND_NUMBER:
		return PARSE_NUMBER;
	case KIND_YESNO:
		return PARSE_YESNO;
	case KIND_DATE:
		return PARSE_DATE;
	default:
		return PARSE_TEXT;
	}
}

static int copy_column(struct bases *b, size_t i, const struct profile *p, struct err *e)
{
	const struct column *c = &p->cols[i];
	struct base_column *x = &b->cols[i];
	char *name = arena_dup(&b->mem, c->name);

	if (name == NULL)
		return err_nomem(e);
	x->name = (struct str){ name, c->name.n };
	x->parse = parse_of(c);
	x->format = c->format;
	x->unix_time = c->unix_time;
	x->list_sep = c->list_sep;
	x->n_sentinels = c->n_sentinels;
	for (size_t k = 0; k < c->n_sentinels; k++)
		x->sentinels[k] = c->sentinels[k];
	x->in = c->out == COL_IN;
	x->created = c->role == ROLE_CREATED_AT && c->kind == KIND_DATE &&
		     profile_with_role(p, ROLE_CREATED_AT) == (ptrdiff_t)i;
	/* What is only looked at in parts is text, whatever it looks like. */
	if (x->in && profile_role_use(c->role) == USE_PARTS && c->kind != KIND_DATE &&
		c->kind != KIND_NUMBER && !c->kept_by_user)
		x->parse = PARSE_TEXT;
	return 0;
}

struct bases *bases_new(const struct profile *p, struct err *e)
{
	struct bases *b = bases_alloc(p->n, e);
	struct maker m = { b, p, e, false };
	int rc = b != NULL ? 0 : -1;

	for (size_t i = 0; rc == 0 && i < p->n; i++)
		rc = copy_column(b, i, p, e);
	for (size_t i = 0; rc == 0 && i < p->n && !m.failed; i++)
		add_column(&m, i);
	if (rc == 0 && !m.failed)
		add_pairs(&m);
	if (rc == 0 && !m.failed)
		return b;
	bases_free(b);
	return NULL;
}

/* ---- asking ---- */

size_t bases_count(const struct bases *b)
{
	return b->n;
}

const struct base_info *bases_info(const struct bases *b, size_t i)
{
	return &b->b[i].info;
}

struct str bases_level(const struct bases *b, size_t i, uint32_t code)
{
	return b->b[i].dict != NULL ? dict_text(b->b[i].dict, code) : S("");
}

uint32_t bases_rare(const struct bases *b, size_t i)
{
	return b->b[i].dict != NULL ? dict_rare(b->b[i].dict) : BASE_UNSEEN;
}

size_t bases_columns(const struct bases *b)
{
	return b->n_cols;
}

struct str bases_column_name(const struct bases *b, size_t col)
{
	return b->cols[col].name;
}

size_t bases_count_sources(const struct bases *b, size_t i, const uint32_t **cols)
{
	*cols = b->b[i].counted;
	return b->b[i].n_counted;
}

/* ---- counts over many columns ---- */

static int frame_column(struct frame *f, const struct base *x, struct err *e)
{
	struct base_col *cols = realloc(f->cols, (f->n_cols + 1) * sizeof(*cols));
	struct base_col *c;

	if (cols == NULL)
		return err_nomem(e);
	f->cols = cols;
	c = &cols[f->n_cols];
	*c = (struct base_col){ .name = x->info.name.p, .kind = BASE_NUM };
	if ((c->num = malloc((f->rows + 1) * sizeof(*c->num))) == NULL)
		return err_nomem(e);
	f->n_cols++;
	for (size_t r = 0; r < f->rows; r++) {
		const uint64_t *bits = f->filled + r * f->filled_words;
		unsigned n = 0;

		for (size_t k = 0; k < x->n_counted; k++)
			n += (unsigned)(bits[x->counted[k] / 64] >> (x->counted[k] % 64)) & 1;
		c->num[r] = (float)n;
	}
	return 0;
}

int bases_add_counts(struct bases *b, struct frame *f, const bool *keep, struct err *e)
{
	const uint32_t none[2] = { 0, 0 };
	uint32_t *cols = arena_array(&b->mem, b->n_cols + 1, sizeof(*cols));
	struct base *x;
	size_t n = 0;

	ASSERT(f->n_cols == b->n && f->n_columns == b->n_cols);
	if (cols == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < b->n_cols; i++) {
		if (keep[i] && b->cols[i].in)
			cols[n++] = (uint32_t)i;
	}
	if (n < 2)
		return 0; /* presence of one column is known already */
	if ((x = bases_add(b, OP_COUNT, none, S("number of filled fields"), e)) == NULL)
		return -1;
	x->counted = cols;
	x->n_counted = n;
	if (frame_column(f, x, e) == 0)
		return 0;
	b->n--;
	return -1;
}
