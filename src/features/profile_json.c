/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "features/profile_internal.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"

#define MAX_COLUMNS 100000

static const char *const mark_names[] = { NULL, ".", "," };
static const char *const order_names[] = { NULL, "day first", "month first" };

/* ---- writing ---- */

static void write_values(const struct column *c, struct jw *w)
{
	jw_key(w, "samples");
	jw_arr(w);
	for (size_t i = 0; i < c->n_samples; i++)
		jw_str(w, c->samples[i]);
	jw_end_arr(w);
	jw_key(w, "top");
	jw_arr(w);
	for (size_t i = 0; i < c->n_top; i++) {
		jw_obj(w);
		jw_kstr(w, "value", c->top[i].text);
		jw_kint(w, "count", (int64_t)c->top[i].count);
		jw_end_obj(w);
	}
	jw_end_arr(w);
}

static void write_codes(const struct column *c, struct jw *w)
{
	jw_key(w, "items");
	jw_arr(w);
	for (size_t i = 0; i < c->n_parts; i++)
		jw_str(w, c->parts[i].text);
	jw_end_arr(w);
	jw_key(w, "missing_codes");
	jw_arr(w);
	for (size_t i = 0; i < c->n_sentinels; i++)
		jw_num(w, c->sentinels[i]);
	jw_end_arr(w);
}

/* Dates are days inside and ISO text outside. */
static void write_day(struct jw *w, const char *key, double days)
{
	char iso[32];
	size_t n = isnan(days) ? 0 : cell_date_format(days, iso);

	jw_key(w, key);
	if (n != 0)
		jw_str(w, (struct str){ iso, n });
	else
		jw_null(w);
}

static void write_range(const struct column *c, struct jw *w)
{
	if (c->kind == KIND_DATE) {
		write_day(w, "min", c->min);
		write_day(w, "max", c->max);
	} else {
		jw_knum(w, "min", c->min);
		jw_knum(w, "max", c->max);
	}
}

static void write_column(const struct column *c, struct jw *w, bool lean)
{
	jw_obj(w);
	jw_kstr(w, "name", c->name);
	jw_kz(w, "role", profile_role_name(c->role));
	jw_kz(w, "kind", profile_kind_name(c->kind));
	jw_kint(w, "filled", (int64_t)c->filled);
	jw_kint(w, "empty", (int64_t)c->empty);
	jw_kint(w, "placeholders", (int64_t)c->placeholders);
	jw_knum(w, "distinct", c->distinct);
	write_range(c, w);
	jw_knum(w, "mean_bytes", c->mean_bytes);
	if (!lean)
		write_values(c, w);
	write_codes(c, w);
	jw_kz(w, "decimal_mark", mark_names[c->format.mark]);
	jw_kz(w, "date_order", order_names[c->format.order]);
	jw_kint(w, "ambiguous", (int64_t)c->ambiguous);
	jw_kbool(w, "unix_time", c->unix_time);
	jw_kbool(w, "has_time", c->has_time);
	jw_kbool(w, "whole", c->whole);
	jw_kstr(w, "list_separator", (struct str){ &c->list_sep, c->list_sep != 0 });
	jw_kint(w, "counter", c->counter);
	jw_kz(w, "left_out", c->out != COL_IN ? profile_out_name(c->out) : NULL);
	jw_kstr(w, "left_out_why", c->out_why);
	jw_kstr(w, "leak_hint", c->leak_hint);
	jw_kstr(w, "product", c->product);
	jw_kbool(w, "role_by_user", c->role_by_user);
	jw_kbool(w, "kind_by_user", c->kind_by_user);
	jw_kbool(w, "kept_by_user", c->kept_by_user);
	jw_end_obj(w);
}

static void write_profile(const struct profile *p, struct jw *w, bool lean)
{
	jw_obj(w);
	jw_kint(w, "rows", (int64_t)p->rows);
	jw_kstr(w, "product", p->product);
	write_day(w, "as_of", p->as_of);
	jw_kstr(w, "as_of_column", p->as_of_column);
	jw_key(w, "columns");
	jw_arr(w);
	for (size_t i = 0; i < p->n; i++)
		write_column(&p->cols[i], w, lean);
	jw_end_arr(w);
	jw_end_obj(w);
}

void profile_write(const struct profile *p, struct jw *w)
{
	write_profile(p, w, false);
}

void profile_write_lean(const struct profile *p, struct jw *w)
{
	write_profile(p, w, true);
}

/* ---- reading ---- */

struct reader {
	struct profile *p;
	struct str column; /* whose members are read, for messages */
	struct err *e;
};

static int wrong(struct reader *r, const char *member, struct str value, const char *allowed)
{
	return err_set(r->e, ERR_INPUT,
		"the profile's column \"" STR_FMT "\" has %s \"" STR_FMT "\"; it can be %s",
		STR_ARG(r->column), member, STR_ARG(value), allowed);
}

static int read_word(struct reader *r, const struct json *v, const char *member,
	const char *(*name)(int), int n, int *out)
{
	struct buf all = { 0 };
	struct str s = json_str(v, S("")), allowed;
	int rc;

	if (json_type(v) == J_NULL)
		return 0;
	for (int i = 0; i < n; i++) {
		if (json_type(v) == J_STR && name(i) != NULL && str_eqi(s, str_of(name(i)))) {
			*out = i;
			return 0;
		}
	}
	for (int i = 0; i < n; i++) {
		if (name(i) != NULL && name(i)[0] != '\0')
			buf_fmt(&all, "%s%s", all.n != 0 ? ", " : "", name(i));
	}
	buf_c(&all, '\0');
	allowed = buf_view(&all);
	rc = wrong(r, member, s, allowed.n != 0 ? allowed.p : "");
	buf_clear(&all);
	return rc;
}

static const char *role_at(int i)
{
	return profile_role_name((enum col_role)i);
}

static const char *kind_at(int i)
{
	return profile_kind_name((enum col_kind)i);
}

static const char *out_at(int i)
{
	return profile_out_name((enum col_out)i);
}

static const char *mark_at(int i)
{
	return mark_names[i];
}

static const char *order_at(int i)
{
	return order_names[i];
}

static int read_codes(struct reader *r, const struct json *v, struct column *c)
{
	if (json_type(v) == J_NULL)
		return 0;
	if (json_type(v) != J_ARR || json_len(v) > PROFILE_SENTINELS)
		return wrong(r, "missing_codes", S("..."), "a list of at most 4 numbers");
	c->n_sentinels = 0;
	for (size_t i = 0; i < json_len(v); i++) {
		const struct json *x = json_at(v, i);

		if (json_type(x) != J_NUM || !isfinite(json_num(x, NAN)))
			return wrong(r, "missing_codes", S("..."), "a list of at most 4 numbers");
		c->sentinels[c->n_sentinels++] = json_num(x, 0);
	}
	return 0;
}

static int read_sep(struct reader *r, const struct json *v, struct column *c)
{
	struct str s = json_str(v, S(""));

	if (json_type(v) == J_NULL)
		return 0;
	if (json_type(v) != J_STR || s.n > 1 || (s.n == 1 && str_chr(S(";,/|"), s.p[0]) < 0))
		return wrong(r, "list_separator", s, "; , / | or empty");
	c->list_sep = s.n == 1 ? s.p[0] : 0;
	return 0;
}

/* What a user may change. */
static int read_settings(struct reader *r, const struct json *v, struct column *c)
{
	int role = c->role, kind = c->kind, mark = c->format.mark, order = c->format.order;
	struct str k = json_str(json_get(v, "kind"), S(""));

	if (read_word(r, json_get(v, "role"), "role", role_at, ROLE_COUNT, &role) == -1)
		return -1;
	if (str_eqi(k, S("text")))
		kind = KIND_TEXT;
	else if (str_eqi(k, S("yesno")) || str_eqi(k, S("boolean")))
		kind = KIND_YESNO;
	else if (read_word(r, json_get(v, "kind"), "kind", kind_at, KIND_COUNT, &kind) == -1)
		return -1;
	if (read_word(r, json_get(v, "decimal_mark"), "decimal_mark", mark_at, 3, &mark) == -1 ||
		read_word(r, json_get(v, "date_order"), "date_order", order_at, 3, &order) == -1 ||
		read_codes(r, json_get(v, "missing_codes"), c) == -1 ||
		read_sep(r, json_get(v, "list_separator"), c) == -1)
		return -1;
	c->role = (enum col_role)role;
	c->kind = (enum col_kind)kind;
	c->format.mark = (enum cell_mark)mark;
	c->format.order = (enum cell_order)order;
	return 0;
}

static uint64_t read_count(const struct json *v)
{
	int64_t n = json_int(v, 0);

	return n > 0 ? (uint64_t)n : 0;
}

static double read_day(const struct json *v)
{
	struct cell_date d;
	double days = json_num(v, NAN);

	/* What cannot be written as a date is none: 1900 to 2199, as cell_date has it. */
	if (json_type(v) == J_NUM)
		return days >= (double)cell_days(1900, 1, 1) &&
				       days <= (double)cell_days(2199, 12, 31)
			       ? days
			       : NAN;
	return cell_date(json_str(v, S("")), ORDER_UNKNOWN, &d) == CELL_YES ? d.days : NAN;
}

static int read_values(struct reader *r, const struct json *v, struct column *c)
{
	const struct json *samples = json_get(v, "samples"), *top = json_get(v, "top");

	for (size_t i = 0; i < json_len(samples) && i < PROFILE_SAMPLES; i++) {
		if (profile_text(
			    r->p, json_str(json_at(samples, i), S("")), &c->samples[i], r->e) == -1)
			return -1;
		c->n_samples++;
	}
	for (size_t i = 0; i < json_len(top) && i < PROFILE_TOP; i++) {
		const struct json *t = json_at(top, i);

		c->top[i].count = read_count(json_get(t, "count"));
		if (profile_text(r->p, json_str(json_get(t, "value"), S("")), &c->top[i].text,
			    r->e) == -1)
			return -1;
		c->n_top++;
	}
	return 0;
}

static int read_items(struct reader *r, const struct json *v, struct column *c)
{
	for (size_t i = 0; i < json_len(v) && i < PROFILE_TOP; i++) {
		if (profile_text(r->p, json_str(json_at(v, i), S("")), &c->parts[i].text, r->e) ==
			-1)
			return -1;
		c->n_parts++;
	}
	return 0;
}

static int read_texts(struct reader *r, const struct json *v, struct column *c)
{
	static const char *const keys[] = { "left_out_why", "leak_hint", "product" };
	struct str *const places[] = { &c->out_why, &c->leak_hint, &c->product };

	for (size_t i = 0; i < 3; i++) {
		struct str s = json_str(json_get(v, keys[i]), S(""));

		if (s.n != 0 && profile_text(r->p, s, places[i], r->e) == -1)
			return -1;
	}
	return 0;
}

static int read_column(struct reader *r, const struct json *v, struct column *c)
{
	int out = COL_IN;

	if (json_need_str(v, "name", &r->column, r->e) == -1 ||
		profile_text(r->p, r->column, &c->name, r->e) == -1 ||
		read_settings(r, v, c) == -1 || read_values(r, v, c) == -1 ||
		read_items(r, json_get(v, "items"), c) == -1 || read_texts(r, v, c) == -1 ||
		read_word(r, json_get(v, "left_out"), "left_out", out_at, COL_DROPPED + 1, &out) ==
			-1)
		return -1;
	c->out = (enum col_out)out;
	c->filled = read_count(json_get(v, "filled"));
	c->empty = read_count(json_get(v, "empty"));
	c->placeholders = read_count(json_get(v, "placeholders"));
	c->ambiguous = read_count(json_get(v, "ambiguous"));
	c->distinct = json_num(json_get(v, "distinct"), 0);
	c->min = read_day(json_get(v, "min"));
	c->max = read_day(json_get(v, "max"));
	c->mean_bytes = json_num(json_get(v, "mean_bytes"), 0);
	c->unix_time = json_bool(json_get(v, "unix_time"), false);
	c->has_time = json_bool(json_get(v, "has_time"), false);
	c->whole = json_bool(json_get(v, "whole"), false);
	c->role_by_user = json_bool(json_get(v, "role_by_user"), false);
	c->kind_by_user = json_bool(json_get(v, "kind_by_user"), false);
	c->kept_by_user = json_bool(json_get(v, "kept_by_user"), false);
	c->counter = (int)json_int(json_get(v, "counter"), 0);
	c->counter = (c->counter > 0) - (c->counter < 0);
	return 0;
}

static const struct json *columns_of(const struct json *v, struct err *e)
{
	const struct json *cols = json_type(v) == J_ARR ? v : json_need(v, "columns", J_ARR, e);

	if (cols != NULL && json_len(cols) == 0) {
		err_set(e, ERR_INPUT,
			"the profile has no columns; 'heatscore profile FILE --json' writes one");
		return NULL;
	}
	if (cols != NULL && json_len(cols) > MAX_COLUMNS) {
		err_set(e, ERR_LIMIT, "the profile has %zu columns, the limit is %d",
			json_len(cols), MAX_COLUMNS);
		return NULL;
	}
	return cols;
}

struct profile *profile_read(const struct json *v, struct err *e)
{
	const struct json *cols = columns_of(v, e);
	struct profile *p;
	struct reader r = { .e = e };
	int rc = 0;

	if (cols == NULL)
		return NULL;
	if ((p = calloc(1, sizeof(*p))) == NULL) {
		err_nomem(e);
		return NULL;
	}
	r.p = p;
	p->n = json_len(cols);
	p->rows = read_count(json_get(v, "rows"));
	p->as_of = read_day(json_get(v, "as_of"));
	if ((p->cols = arena_array(&p->mem, p->n + 1, sizeof(*p->cols))) == NULL)
		rc = err_nomem(e);
	if (rc == 0)
		rc = profile_text(p, json_str(json_get(v, "product"), S("")), &p->product, e);
	if (rc == 0)
		rc = profile_text(
			p, json_str(json_get(v, "as_of_column"), S("")), &p->as_of_column, e);
	for (size_t i = 0; rc == 0 && i < p->n; i++)
		rc = read_column(&r, json_at(cols, i), &p->cols[i]);
	if (rc == 0)
		return p;
	profile_free(p);
	return NULL;
}

/* ---- edits ---- */

/* The verdict on a column whose role the user chose. */
static int judge_edited(struct profile *p, struct column *c, struct err *e)
{
	if (c->out == COL_EMPTY || c->out == COL_CONSTANT || c->out == COL_DROPPED ||
		(c->out == COL_OUTCOME && c->role == ROLE_OUTCOME))
		return 0;
	if (c->role == ROLE_IGNORE)
		return profile_set_out(
			p, c, COL_DROPPED, e, "%s", "role \"ignore\" in your profile");
	if (c->role == ROLE_OUTCOME)
		return profile_set_out(
			p, c, COL_OUTCOME, e, "%s", "role \"outcome\" in your profile");
	if (profile_role_use(c->role) == USE_NEVER)
		return profile_set_out(p, c, COL_IDENTIFIER, e, "role \"%s\" in your profile",
			profile_role_name(c->role));
	c->out = COL_IN;
	c->out_why = S("");
	return 0;
}

static int edit_column(struct reader *r, const struct json *v, bool *seen)
{
	struct column was, *c;
	ptrdiff_t i;

	if (json_type(v) != J_OBJ)
		return err_set(r->e, ERR_INPUT,
			"the profile's \"columns\" must hold one object per column");
	if (json_need_str(v, "name", &r->column, r->e) == -1)
		return -1;
	if ((i = profile_find(r->p, r->column)) < 0)
		return err_set(r->e, ERR_INPUT,
			"the profile names a column \"" STR_FMT "\" that the file does not have",
			STR_ARG(r->column));
	if (seen[i])
		return err_set(r->e, ERR_INPUT,
			"the profile names the column \"" STR_FMT "\" twice", STR_ARG(r->column));
	seen[i] = true;
	c = &r->p->cols[i];
	was = *c;
	if (read_settings(r, v, c) == -1)
		return -1;
	c->kind_by_user |= c->kind != was.kind;
	if (c->role == was.role)
		return 0;
	c->role_by_user = true;
	return judge_edited(r->p, c, r->e);
}

int profile_edit(struct profile *p, const struct json *v, struct err *e)
{
	const struct json *cols = columns_of(v, e);
	struct reader r = { .p = p, .e = e };
	bool *seen;
	int rc = 0;

	if (cols == NULL)
		return -1;
	if ((seen = calloc(p->n + 1, sizeof(*seen))) == NULL)
		return err_nomem(e);
	for (size_t i = 0; rc == 0 && i < json_len(cols); i++)
		rc = edit_column(&r, json_at(cols, i), seen);
	free(seen);
	return rc;
}
