/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "features/headers.h"
#include "leads/fields.h"
#include "leads/formats.h"
#include "leads/mapping.h"
#include "leads/mapping_internal.h"
#include "util/crypto.h"
#include "util/err.h"
#include "util/formula.h"

const char *mapping_sure_name(enum mapping_sure s)
{
	static const char *const names[] = { "sure", "likely", "unsure" };

	return names[s];
}

int mapping_text(struct mapping *m, struct str s, struct str *out, struct err *e)
{
	char *copy = arena_dup(&m->mem, s);

	if (copy == NULL)
		return err_nomem(e);
	*out = (struct str){ copy, s.n };
	return 0;
}

int mapping_start(struct mapping *m, size_t n, struct err *e)
{
	*m = (struct mapping){ .outcome = -1, .n = n };
	m->cols = arena_array(&m->mem, n + 1, sizeof(*m->cols));
	return m->cols == NULL ? err_nomem(e) : 0;
}

void mapping_clear(struct mapping *m)
{
	arena_clear(&m->mem);
	*m = (struct mapping){ .outcome = -1 };
}

/* ---- guesses ---- */

/* The product's own header, or a word for it with values that fit: sure. Values alone: unsure. */
static enum mapping_sure how_sure(const struct profile *p, const struct column *c)
{
	struct header_guess g;
	int product = -1;

	if (c->role == ROLE_ATTRIBUTE)
		return MAPPING_LIKELY;
	for (int i = 0; p->product.n != 0 && header_product_name(i) != NULL; i++)
		if (str_eq(p->product, str_of(header_product_name(i))))
			product = i;
	for (size_t nth = 0; header_guess(c->name, product, nth, &g); nth++) {
		if (g.role != c->role)
			continue;
		return g.product >= 0 && (g.product == product || nth == 0) ? MAPPING_SURE
		       : nth == 0                                           ? MAPPING_LIKELY
									    : MAPPING_UNSURE;
	}
	return MAPPING_UNSURE;
}

/* Of two columns for one field the fuller is taken, then the first; the other stays an attribute
 * until somebody chooses. */
static void settle_conflicts(struct mapping *m, const struct profile *p)
{
	for (size_t i = 0; i < m->n; i++) {
		struct mapping_column *a = &m->cols[i];

		for (size_t k = 0; k < i && a->use < LF_MAPPED; k++) {
			struct mapping_column *b = &m->cols[k];
			bool better;

			if (b->use != a->use)
				continue;
			a->conflict = b->conflict = true;
			better = a->sure != b->sure ? a->sure < b->sure
						    : p->cols[i].filled > p->cols[k].filled * 2;
			(better ? b : a)->use = LF_ATTRIBUTE;
		}
	}
}

static enum lead_field field_of(const struct column *c)
{
	enum lead_field f = fields_of_role(c->role);

	if (f >= LF_MAPPED)
		return f;
	/* What no cell can be read as is no date and no figure. */
	if (field_kind(f) == FK_TIME && c->kind != KIND_DATE && c->filled != 0)
		return LF_ATTRIBUTE;
	if (field_kind(f) == FK_NUMBER && c->kind != KIND_NUMBER && c->filled != 0)
		return LF_ATTRIBUTE;
	return f;
}

int mapping_guess(
	struct mapping *m, const struct profile *p, const struct outcome_rule *like, struct err *e)
{
	if (mapping_start(m, p->n, e) == -1)
		return -1;
	for (size_t i = 0; i < p->n; i++) {
		const struct column *c = &p->cols[i];
		struct mapping_column *to = &m->cols[i];

		if (mapping_text(m, c->name, &to->name, e) == -1)
			goto fail;
		to->use = to->guess = field_of(c);
		to->sure = how_sure(p, c);
		to->role = c->role;
		to->kind = c->kind;
		to->format = c->format;
		to->unix_time = c->unix_time;
	}
	settle_conflicts(m, p);
	if (mapping_guess_outcome(m, p, like, e) == -1)
		goto fail;
	return 0;
fail:
	mapping_clear(m);
	return -1;
}

/* ---- which header set ---- */

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

int mapping_headers(const struct mapping *m, char out[MAPPING_HEADERS], struct err *e)
{
	static const char hex[] = "0123456789abcdef";
	struct str *names = calloc(m->n + 1, sizeof(*names));
	uint8_t sum[CRYPTO_SHA256];
	struct buf b = { 0 };
	int rc;

	if (names == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < m->n; i++)
		names[i] = m->cols[i].name;
	qsort(names, m->n, sizeof(*names), by_text);
	cells_pack(names, m->n, &b);
	if ((rc = buf_done(&b, e)) == 0)
		crypto_sha256(buf_view(&b), sum);
	for (size_t i = 0; rc == 0 && i < sizeof(sum); i++) {
		out[2 * i] = hex[sum[i] >> 4];
		out[2 * i + 1] = hex[sum[i] & 15];
	}
	out[MAPPING_HEADERS - 1] = '\0';
	buf_clear(&b);
	free(names);
	return rc;
}

/* ---- rows ---- */

void mapping_layout(const struct mapping *m, struct layout_column *cols, struct layout *out)
{
	for (size_t i = 0; i < m->n; i++) {
		cols[i] = (struct layout_column){ m->cols[i].name, m->cols[i].use, "" };
		formats_write(&m->cols[i].format, cols[i].how);
	}
	*out = (struct layout){ .columns = cols, .n = m->n };
}

uint64_t mapping_sets(const struct mapping *m)
{
	uint64_t sets = m->outcome >= 0 && m->n_words != 0 ? FIELD_BIT(LF_OUTCOME) : 0;

	for (size_t i = 0; i < m->n; i++)
		if (m->cols[i].use < LF_MAPPED && m->cols[i].use != LF_OUTCOME)
			sets |= FIELD_BIT(m->cols[i].use);
	return sets;
}

static bool read_date(const struct mapping_column *c, struct str cell, int64_t *ms)
{
	struct cell_date d;

	if (!(c->unix_time && cell_unix(cell, &d)) &&
		cell_date(cell, c->format.order, &d) == CELL_NO && !cell_unix(cell, &d))
		return false;
	*ms = (int64_t)llround(d.days * 86400000.0);
	return true;
}

/* Text of a field: without blanks around it and the mark by which spreadsheets keep text; what says
 * that nothing is known is nothing. */
static struct str text_of(struct str cell)
{
	cell = str_trim(cell);
	if (cell.n != 0 && cell.p[0] == '\'')
		cell = str_trim(str_sub(cell, 1, cell.n));
	return cell.n == 0 || cell_fill(cell) != CELL_FILLED ? S("") : cell;
}

/* "a@b.example; c@d.example": the first is the address. */
static struct str first_of(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == ';' || s.p[i] == ',' || s.p[i] == ' ')
			return str_trim(str_sub(s, 0, i));
	return s;
}

static void set_value(const struct mapping_column *c, struct str cell, struct lead_values *v)
{
	int64_t ms;

	if (c->use < LF_TEXTS) {
		struct str s = text_of(cell);

		v->text[c->use] = c->use == LF_EMAIL ? first_of(s) : s;
		return;
	}
	if (cell.n == 0)
		return;
	switch (c->use) {
	case LF_VALUE:
		if (cell_number(cell, c->format.mark, &v->value) == CELL_NO)
			v->value = NAN;
		break;
	case LF_CREATED_AT:
		if (read_date(c, cell, &ms))
			v->created_ms = ms;
		break;
	case LF_LAST_ACTIVITY_AT:
		if (read_date(c, cell, &ms))
			v->last_activity_ms = ms;
		break;
	case LF_OUTCOME_AT:
		if (read_date(c, cell, &ms))
			v->outcome_ms = ms;
		break;
	default:
		break;
	}
}

void mapping_values(const struct mapping *m, const struct str *cells, struct lead_values *v)
{
	lead_values_none(v);
	for (size_t i = 0; i < m->n; i++)
		if (m->cols[i].use < LF_MAPPED)
			set_value(&m->cols[i], cells[i], v);
	if (m->outcome >= 0)
		v->outcome = mapping_outcome(m, cells[m->outcome]);
}

bool mapping_cell_unsure(const struct mapping *m, size_t col, struct str cell)
{
	const struct mapping_column *c = &m->cols[col];
	struct cell_date d;
	double x;

	if (c->use >= LF_MAPPED || c->use < LF_TEXTS || c->use == LF_OUTCOME || c->unix_time)
		return false;
	if (c->use == LF_VALUE)
		return c->format.mark == MARK_UNKNOWN &&
		       cell_number(cell, c->format.mark, &x) == CELL_AMBIGUOUS;
	return c->format.order == ORDER_UNKNOWN &&
	       cell_date(cell, c->format.order, &d) == CELL_AMBIGUOUS;
}

void mapping_keys(const struct mapping *m, const struct str *cells, struct lead_values *v)
{
	v->text[LF_EXTERNAL_ID] = v->text[LF_EMAIL] = S("");
	for (size_t i = 0; i < m->n; i++)
		if (m->cols[i].use == LF_EXTERNAL_ID || m->cols[i].use == LF_EMAIL)
			set_value(&m->cols[i], formula_open(cells[i]), v);
}

bool mapping_cell_ok(const struct mapping *m, size_t col, struct str cell)
{
	const struct mapping_column *c = &m->cols[col];
	int64_t ms;
	double x;

	if (c->use >= LF_MAPPED || c->use < LF_TEXTS || c->use == LF_OUTCOME ||
		cell_fill(cell) != CELL_FILLED)
		return true;
	if (c->use == LF_VALUE)
		return cell_number(cell, c->format.mark, &x) != CELL_NO;
	return read_date(c, cell, &ms);
}
