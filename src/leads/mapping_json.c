/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "leads/mapping_internal.h"
#include "leads/reading.h"
#include "util/err.h"
#include "util/json.h"

static const char *const order_names[] = { NULL, "day first", "month first" };
static const char *const mark_names[] = { NULL, ".", "," };

/* ---- writing ---- */

void mapping_format_write(const struct cell_format *f, struct jw *w)
{
	if (order_names[f->order] != NULL)
		jw_kz(w, "date_order", order_names[f->order]);
	if (mark_names[f->mark] != NULL)
		jw_kz(w, "decimal_mark", mark_names[f->mark]);
}

static void write_column(
	const struct mapping_column *c, const struct column *of, uint64_t rows, struct jw *w)
{
	jw_obj(w);
	jw_kstr(w, "name", c->name);
	jw_kz(w, "field", field_name(c->use));
	jw_kz(w, "guess", field_name(c->guess));
	jw_kz(w, "confidence", mapping_sure_name(c->sure));
	jw_kz(w, "role", profile_role_name(c->role));
	jw_kz(w, "kind", profile_kind_name(c->kind));
	mapping_format_write(&c->format, w);
	if (c->unix_time)
		jw_kbool(w, "unix_time", true);
	if (c->conflict)
		jw_kbool(w, "conflict", true);
	if (of != NULL) {
		jw_knum(w, "filled", rows == 0 ? 0 : (double)of->filled / (double)rows);
		jw_key(w, "samples");
		jw_arr(w);
		for (size_t i = 0; i < of->n_samples; i++)
			jw_str(w, str_sub(of->samples[i], 0, 200));
		jw_end_arr(w);
		if (of->leak_hint.n != 0) {
			jw_key(w, "leak");
			jw_obj(w);
			jw_kbool(w, "suspect", true);
			jw_kstr(w, "evidence", of->leak_hint);
			jw_end_obj(w);
		}
	}
	jw_end_obj(w);
}

static void write_list(const char *key, const struct str *values, size_t n, struct jw *w)
{
	jw_key(w, key);
	jw_arr(w);
	for (size_t i = 0; i < n; i++)
		jw_str(w, values[i]);
	jw_end_arr(w);
}

static const char *outcome_name(enum lead_outcome o)
{
	return field_choice(LF_OUTCOME, o);
}

static void warn(const uint64_t count[3], struct jw *w)
{
	if (count[LEAD_WON] != 0 && count[LEAD_LOST] == 0)
		jw_kz(w, "warning",
			"no lost leads in it: a model cannot learn from wins alone; exports often "
			"leave out archived and lost records");
	else if (count[LEAD_WON] == 0 && count[LEAD_LOST] != 0)
		jw_kz(w, "warning", "no won leads in it: a model cannot learn from losses alone");
}

static void write_total(const uint64_t count[3], struct jw *w)
{
	jw_key(w, "counts");
	jw_obj(w);
	jw_kint(w, "won", (int64_t)count[LEAD_WON]);
	jw_kint(w, "lost", (int64_t)count[LEAD_LOST]);
	jw_kint(w, "open", (int64_t)count[LEAD_OPEN]);
	jw_end_obj(w);
	warn(count, w);
}

static void write_counts(const struct mapping *m, const struct profile *p, struct jw *w)
{
	const struct column *c = &p->cols[m->outcome];
	uint64_t count[3] = { 0 }, seen = 0;

	jw_key(w, "values");
	jw_arr(w);
	for (size_t i = 0; i < c->n_top; i++) {
		enum lead_outcome is = mapping_outcome(m, c->top[i].text);

		jw_obj(w);
		jw_kstr(w, "value", c->top[i].text);
		jw_kint(w, "count", (int64_t)c->top[i].count);
		jw_kz(w, "guess", outcome_name(is));
		jw_end_obj(w);
		count[is] += c->top[i].count;
		seen += c->top[i].count;
	}
	jw_end_arr(w);
	count[LEAD_OPEN] += p->rows > seen ? p->rows - seen : 0;
	write_total(count, w);
}

static void write_outcome(const struct mapping *m, const struct profile *p, struct jw *w)
{
	if (m->outcome < 0)
		return;
	jw_key(w, "outcome");
	jw_obj(w);
	jw_kstr(w, "column", m->cols[m->outcome].name);
	write_list("won", m->won, m->n_won, w);
	write_list("lost", m->lost, m->n_lost, w);
	if (p != NULL)
		write_counts(m, p, w);
	jw_end_obj(w);
}

void mapping_write(const struct mapping *m, const struct profile *p, struct jw *w)
{
	jw_key(w, "columns");
	jw_arr(w);
	for (size_t i = 0; i < m->n; i++)
		write_column(
			&m->cols[i], p != NULL ? &p->cols[i] : NULL, p != NULL ? p->rows : 0, w);
	jw_end_arr(w);
	write_outcome(m, p, w);
}

void mapping_write_lean(const struct mapping *m, struct jw *w)
{
	jw_key(w, "mapping");
	jw_obj(w);
	for (size_t i = 0; i < m->n; i++) {
		jw_key_str(w, m->cols[i].name);
		jw_z(w, field_name(m->cols[i].use));
	}
	jw_end_obj(w);
	write_outcome(m, NULL, w);
}

void mapping_outcome_json(const struct mapping *m, const struct json *old, struct buf *out)
{
	struct jw w = { .b = out };
	const struct json *values = json_get(old, "values");
	uint64_t count[3] = { 0 }, before = 0;

	if (m->outcome < 0)
		return;
	jw_obj(&w);
	jw_kstr(&w, "column", m->cols[m->outcome].name);
	write_list("won", m->won, m->n_won, &w);
	write_list("lost", m->lost, m->n_lost, &w);
	if (values != NULL &&
		str_eq(json_str(json_get(old, "column"), S("")), m->cols[m->outcome].name)) {
		jw_key(&w, "values");
		jw_arr(&w);
		for (size_t i = 0; i < json_len(values); i++) {
			const struct json *v = json_at(values, i);
			struct str text = json_str(json_get(v, "value"), S(""));
			enum lead_outcome is = mapping_outcome(m, text);
			int64_t n = json_int(json_get(v, "count"), 0);

			jw_obj(&w);
			jw_kstr(&w, "value", text);
			jw_kint(&w, "count", n);
			jw_kz(&w, "guess", outcome_name(is));
			jw_end_obj(&w);
			count[is] += (uint64_t)n;
		}
		jw_end_arr(&w);
		for (int i = 0; i < 3; i++)
			before += (uint64_t)json_int(json_get(json_get(old, "counts"),
							     outcome_name((enum lead_outcome)i)),
				0);
		/* Cells of which no value was kept are open. */
		if (before > count[0] + count[1] + count[2])
			count[LEAD_OPEN] = before - count[LEAD_WON] - count[LEAD_LOST];
		write_total(count, &w);
	}
	jw_end_obj(&w);
}

/* ---- reading ---- */

static int word_of(struct str s, const char *const *names, int n)
{
	for (int i = 1; i < n; i++)
		if (str_eq(s, str_of(names[i])))
			return i;
	return 0;
}

static enum lead_field use_of(struct str s)
{
	int f = field_parse(s);

	return f < 0 || (f >= LF_MAPPED && f != LF_ATTRIBUTE && f != LF_IGNORE)
		       ? LF_COUNT + 8
		       : (enum lead_field)f;
}

static bool is_use(enum lead_field f)
{
	return f <= LF_IGNORE;
}

static enum col_role role_of(struct str s)
{
	for (int r = 0; r < ROLE_COUNT; r++)
		if (str_eq(s, str_of(profile_role_name((enum col_role)r))))
			return (enum col_role)r;
	return ROLE_ATTRIBUTE;
}

static enum col_kind kind_of(struct str s)
{
	for (int k = 0; k < KIND_COUNT; k++)
		if (str_eq(s, str_of(profile_kind_name((enum col_kind)k))))
			return (enum col_kind)k;
	return KIND_CATEGORY;
}

static int read_column(
	struct mapping *m, struct mapping_column *c, const struct json *v, struct err *e)
{
	struct str name;

	if (json_need_str(v, "name", &name, e) == -1 || mapping_text(m, name, &c->name, e) == -1)
		return -1;
	c->use = use_of(json_str(json_get(v, "field"), S("")));
	c->guess = use_of(json_str(json_get(v, "guess"), S("attribute")));
	if (!is_use(c->use) || !is_use(c->guess))
		return err_set(e, ERR_INPUT, "column \"" STR_FMT "\" has no field",
			STR_ARG(str_sub(name, 0, 100)));
	c->role = role_of(json_str(json_get(v, "role"), S("")));
	c->kind = kind_of(json_str(json_get(v, "kind"), S("")));
	c->format.order = (enum cell_order)word_of(
		json_str(json_get(v, "date_order"), S("")), order_names, 3);
	c->format.mark = (enum cell_mark)word_of(
		json_str(json_get(v, "decimal_mark"), S("")), mark_names, 3);
	c->unix_time = json_bool(json_get(v, "unix_time"), false);
	c->conflict = json_bool(json_get(v, "conflict"), false);
	return 0;
}

static ptrdiff_t find_column(const struct mapping *m, struct str name)
{
	for (size_t i = 0; i < m->n; i++)
		if (str_eq(m->cols[i].name, name))
			return (ptrdiff_t)i;
	return -1;
}

static int fault(char pointer[MAPPING_POINTER], struct err *e, const char *at, struct str key,
	const char *what)
{
	char room[MAPPING_POINTER / 2];
	size_t n = 0;

	for (size_t i = 0; i < key.n && n + 2 < sizeof(room); i++) {
		char c = key.p[i];

		if (c == '~' || c == '/') {
			room[n++] = '~';
			c = c == '~' ? '0' : '1';
		}
		room[n++] = c;
	}
	snprintf(pointer, MAPPING_POINTER, key.n != 0 ? "%s/%.*s" : "%s", at, (int)n, room);
	return err_set(e, ERR_INPUT, "%s", what);
}

static int edit_fields(
	struct mapping *m, const struct json *v, char pointer[MAPPING_POINTER], struct err *e)
{
	ptrdiff_t of[LF_MAPPED];
	struct str key;

	if (v == NULL)
		return 0;
	if (json_type(v) != J_OBJ)
		return fault(pointer, e, "/mapping", S(""), "expected an object of headers");
	for (size_t i = 0; i < json_len(v); i++) {
		const struct json *x = json_member(v, i, &key);
		ptrdiff_t c = find_column(m, key);
		enum lead_field use = use_of(json_str(x, S("")));

		if (c < 0)
			return fault(pointer, e, "/mapping", key, "the file has no such column");
		if (!is_use(use))
			return fault(pointer, e, "/mapping", key,
				"expected the name of a field, \"attribute\" or \"ignore\"");
		if (c == m->outcome && m->cols[c].use == LF_OUTCOME && use != LF_OUTCOME)
			m->outcome = -1;
		m->cols[c].use = use;
		m->cols[c].conflict = false;
	}
	for (int f = 0; f < LF_MAPPED; f++)
		of[f] = -1;
	for (size_t i = 0; i < m->n; i++) {
		enum lead_field f = m->cols[i].use;

		if (f >= LF_MAPPED)
			continue;
		if (of[f] >= 0)
			return fault(pointer, e, "/mapping", m->cols[i].name,
				"another column is mapped to the same field; choose one");
		of[f] = (ptrdiff_t)i;
	}
	return 0;
}

/* A column mapped to the outcome says so in these words, unless others are given. */
static int default_outcome(struct mapping *m, struct err *e)
{
	for (size_t i = 0; i < m->n; i++) {
		if (m->cols[i].use != LF_OUTCOME || m->outcome == (ptrdiff_t)i)
			continue;
		m->outcome = (ptrdiff_t)i;
		m->won[0] = S("won");
		m->lost[0] = S("lost");
		m->n_won = m->n_lost = 1;
	}
	return mapping_words(m, e);
}

static int edit_values(struct mapping *m, const struct json *v, const char *at, struct str *to,
	size_t *n, char pointer[MAPPING_POINTER], struct err *e)
{
	*n = 0;
	if (v != NULL && json_type(v) != J_ARR)
		return fault(pointer, e, at, S(""), "expected a list of values");
	for (size_t i = 0; i < json_len(v); i++) {
		const struct json *x = json_at(v, i);
		char number[40];
		struct str s = json_str(x, S(""));

		if (json_type(x) == J_NUM) {
			snprintf(number, sizeof(number), "%.15g", json_num(x, 0));
			s = str_of(number);
		} else if (json_type(x) == J_BOOL) {
			s = json_bool(x, false) ? S("true") : S("false");
		} else if (json_type(x) != J_STR) {
			return fault(pointer, e, at, S(""), "expected a list of texts");
		}
		if (*n == MAPPING_VALUES)
			return fault(pointer, e, at, S(""), "too many values; at most 64");
		if (mapping_text(m, s, &to[(*n)++], e) == -1)
			return -1;
	}
	return 0;
}

static int edit_outcome(
	struct mapping *m, const struct json *v, char pointer[MAPPING_POINTER], struct err *e)
{
	struct str column;

	if (v == NULL)
		return 0;
	if (json_type(v) == J_NULL) {
		m->outcome = -1;
		m->n_won = m->n_lost = m->n_words = 0;
		return 0;
	}
	if (json_type(v) != J_OBJ)
		return fault(pointer, e, "/outcome", S(""), "expected an object");
	column = json_str(json_get(v, "column"), S(""));
	if ((m->outcome = find_column(m, column)) < 0)
		return fault(pointer, e, "/outcome/column", S(""), "the file has no such column");
	if (edit_values(m, json_get(v, "won"), "/outcome/won", m->won, &m->n_won, pointer, e) ==
			-1 ||
		edit_values(m, json_get(v, "lost"), "/outcome/lost", m->lost, &m->n_lost, pointer,
			e) == -1 ||
		mapping_words(m, e) == -1)
		return -1;
	for (size_t i = 1; i < m->n_words; i++)
		if (m->words[i].hash == m->words[i - 1].hash &&
			m->words[i].is != m->words[i - 1].is)
			return fault(pointer, e, "/outcome/lost", S(""),
				"the same value is given as won and as lost");
	return 0;
}

int mapping_edit(struct mapping *m, const struct json *fields, const struct json *outcome,
	char pointer[MAPPING_POINTER], struct err *e)
{
	pointer[0] = '\0';
	if (edit_fields(m, fields, pointer, e) == -1 || default_outcome(m, e) == -1)
		return -1;
	return edit_outcome(m, outcome, pointer, e);
}

int mapping_read(struct mapping *m, const struct json *upload, struct err *e)
{
	const struct json *cols = json_need(upload, "columns", J_ARR, e);
	char pointer[MAPPING_POINTER];

	if (cols == NULL || mapping_start(m, json_len(cols), e) == -1)
		return -1;
	reading_of(upload, &m->as);
	for (size_t i = 0; i < m->n; i++)
		if (read_column(m, &m->cols[i], json_at(cols, i), e) == -1)
			goto fail;
	if (edit_outcome(m, json_get(upload, "outcome"), pointer, e) == -1 ||
		mapping_fixes(m, json_get(upload, "fixes"), pointer, e) == -1)
		goto fail;
	return 0;
fail:
	mapping_clear(m);
	return -1;
}
