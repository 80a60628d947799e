/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "leads/lead_body.h"
#include "record/fold.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/crypto.h"
#include "util/err.h"
#include "util/json_flat.h"
#include "util/utf8.h"
#include "util/when.h"

/* Where a member is: "/email", "/attributes/Page views". */
struct place {
	const char *under; /* "" or "/attributes" */
	struct str key;
};

static void pointer_write(char *to, size_t n, const struct place *p)
{
	struct str key = utf8_cut(p->key, 60);
	size_t at = (size_t)snprintf(to, n, "%s/", p->under);

	for (size_t i = 0; i < key.n && at + 3 < n; i++) {
		if (key.p[i] == '~' || key.p[i] == '/') {
			to[at++] = '~';
			to[at++] = key.p[i] == '~' ? '0' : '1';
		} else {
			to[at++] = key.p[i];
		}
	}
	to[at] = '\0';
}

static int fault(struct lead_body *b, const struct place *p, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static int fault(struct lead_body *b, const struct place *p, const char *fmt, ...)
{
	struct lead_body_fault *f;
	va_list ap;

	if (b->n_faults++ >= LEAD_BODY_FAULTS)
		return 0;
	f = &b->faults[b->n_faults - 1];
	pointer_write(f->pointer, sizeof(f->pointer), p);
	va_start(ap, fmt);
	vsnprintf(f->detail, sizeof(f->detail), fmt, ap);
	va_end(ap);
	return 0;
}

static const char *type_name(enum json_flat_type t)
{
	switch (t) {
	case FLAT_NUM:
		return "a number";
	case FLAT_ARR:
		return "a list";
	case FLAT_OBJ:
		return "an object";
	case FLAT_STR:
		return "text";
	default:
		return "true or false";
	}
}

/* The text of a plain value; false for lists and objects. */
static bool plain(const struct json_flat_member *m, struct str *out)
{
	*out = m->type == FLAT_TRUE ? S("true") : m->type == FLAT_FALSE ? S("false") : m->value;
	return m->type != FLAT_ARR && m->type != FLAT_OBJ;
}

/* --- fields --- */

static int set_text(struct lead_body *b, const struct place *p, enum lead_field f,
	const struct json_flat_member *m)
{
	struct str text;

	if (!plain(m, &text) || m->type == FLAT_TRUE || m->type == FLAT_FALSE)
		return fault(b, p, "expected text, found %s", type_name(m->type));
	if (text.n > LEAD_BODY_CELL)
		return fault(b, p, "at most %d bytes", LEAD_BODY_CELL);
	b->values.text[f] = str_trim(text);
	return 0;
}

static int set_value(struct lead_body *b, const struct place *p, const struct json_flat_member *m)
{
	double x;

	if (m->type == FLAT_NULL)
		return 0;
	if ((m->type != FLAT_NUM && m->type != FLAT_STR) || !fold_number(m->value, &x) ||
		!isfinite(x))
		return fault(
			b, p, "expected a number%s", m->type == FLAT_NUM ? " of this size" : "");
	b->values.value = x;
	return 0;
}

static int set_time(
	struct lead_body *b, const struct place *p, int64_t *to, const struct json_flat_member *m)
{
	if (m->type == FLAT_NULL)
		return 0;
	if (m->type != FLAT_STR || when_read(m->value, to, NULL) == -1)
		return fault(b, p, "expected a date (2026-03-31) or a time (2026-03-31T08:00:00Z)");
	return 0;
}

static int set_outcome(struct lead_body *b, const struct place *p, const struct json_flat_member *m)
{
	int code = m->type == FLAT_STR ? field_choice_parse(LF_OUTCOME, m->value) : -1;

	if (code < 0)
		return fault(b, p, "expected won, lost or open");
	b->values.outcome = (enum lead_outcome)code;
	return 0;
}

static int set_field(struct lead_body *b, const struct place *p, enum lead_field f,
	const struct json_flat_member *m)
{
	b->fields |= FIELD_BIT(f);
	switch (f) {
	case LF_VALUE:
		return set_value(b, p, m);
	case LF_CREATED_AT:
		return set_time(b, p, &b->values.created_ms, m);
	case LF_LAST_ACTIVITY_AT:
		return set_time(b, p, &b->values.last_activity_ms, m);
	case LF_OUTCOME_AT:
		return set_time(b, p, &b->values.outcome_ms, m);
	case LF_OUTCOME:
		return set_outcome(b, p, m);
	default:
		return set_text(b, p, f, m);
	}
}

/* --- attributes --- */

static int set_attribute(
	struct lead_body *b, const struct place *p, const struct json_flat_member *m)
{
	struct str text;

	if (!plain(m, &text))
		return fault(b, p, "expected text or a number, found %s", type_name(m->type));
	if (text.n > LEAD_BODY_CELL)
		return fault(b, p, "at most %d bytes", LEAD_BODY_CELL);
	if (field_parse(p->key) >= 0 && field_parse(p->key) < LF_MAPPED)
		return fault(b, p, "a field of the lead: it stands outside of attributes");
	if (p->key.n == 0 || p->key.n > 1000)
		return fault(b, p, "a column's name has 1 to 1000 bytes");
	for (size_t i = 0; i < b->n_attributes; i++)
		if (str_eq(b->attributes[i].header, p->key))
			return fault(b, p, "named twice");
	if (b->n_attributes == LEAD_BODY_ATTRIBUTES)
		return fault(b, p, "more than %d columns", LEAD_BODY_ATTRIBUTES);
	b->attributes[b->n_attributes++] = (struct attribute_change){ p->key, text };
	return 0;
}

static char *room_for(struct arena *a, struct str text, struct err *e)
{
	char *room = arena_alloc(a, text.n + 1);

	if (room == NULL)
		err_set(e, ERR_LIMIT, "the lead is too large");
	return room;
}

static int set_attributes(
	struct lead_body *b, const struct json_flat_member *of, struct arena *a, struct err *e)
{
	struct place p = { "", of->key };
	struct json_flat *flat;
	struct json_flat_member m;
	char *room;
	int rc;

	if (of->type != FLAT_OBJ)
		return fault(b, &p, "expected an object of columns, found %s",
			of->type == FLAT_NULL ? "null" : type_name(of->type));
	if ((room = room_for(a, of->value, e)) == NULL)
		return -1;
	if ((flat = malloc(sizeof(*flat))) == NULL)
		return err_nomem(e);
	if ((rc = json_flat_open(flat, of->value, room, NULL, e)) == 0)
		while ((rc = json_flat_next(flat, &m, e)) == 1) {
			p = (struct place){ "/attributes", m.key };
			set_attribute(b, &p, &m);
		}
	free(flat);
	return rc;
}

/* What a lead is written with and nobody sends. */
static bool is_ours(struct str key)
{
	static const char *const names[] = { "id", "version", "bands", "reason", "previous" };
	int f = field_parse(key);

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (str_eq(key, str_of(names[i])))
			return true;
	return f >= LF_MAPPED && f < LF_COUNT;
}

static int set_member(
	struct lead_body *b, const struct json_flat_member *m, struct arena *a, struct err *e)
{
	struct place p = { "", m->key };
	int f = field_parse(m->key);

	if (str_eq(m->key, S("attributes")))
		return set_attributes(b, m, a, e);
	if (is_ours(m->key))
		return fault(
			b, &p, "set by the server; a column of this name goes under attributes");
	if (f >= 0 && f < LF_MAPPED)
		return set_field(b, &p, (enum lead_field)f, m);
	return set_attribute(b, &p, m);
}

int lead_body_read(struct str text, struct arena *a, struct lead_body *out, struct err *e)
{
	struct json_flat *flat = malloc(sizeof(*flat));
	struct json_flat_member m;
	char *room;
	int rc = -1;

	memset(out, 0, sizeof(*out));
	lead_values_none(&out->values);
	out->attributes = arena_array(a, LEAD_BODY_ATTRIBUTES, sizeof(*out->attributes));
	if (flat == NULL || out->attributes == NULL) {
		err_nomem(e);
		goto done;
	}
	if ((room = room_for(a, text, e)) == NULL ||
		json_flat_open(flat, text, room, NULL, e) == -1)
		goto done;
	while ((rc = json_flat_next(flat, &m, e)) == 1)
		if (set_member(out, &m, a, e) == -1) {
			rc = -1;
			goto done;
		}
	if (rc == 0 && out->n_faults > 0)
		rc = err_set(e, ERR_INPUT, "%s: %s", out->faults[0].pointer, out->faults[0].detail);
done:
	free(flat);
	return rc;
}

/* --- for the store --- */

void lead_body_change(const struct lead_body *b, struct lead_change *c)
{
	c->fields = b->fields;
	c->values = b->values;
	c->attributes = b->attributes;
	c->n_attributes = b->n_attributes;
}

/* The text of a field as a cell holds it. */
static struct str field_cell(const struct lead_values *v, enum lead_field f, char room[64])
{
	int64_t ms = f == LF_CREATED_AT         ? v->created_ms
		     : f == LF_LAST_ACTIVITY_AT ? v->last_activity_ms
						: MS_NONE;
	struct buf b = { 0 };
	struct str out = { room, 0 };

	if (f < LF_TEXTS)
		return v->text[f];
	if (f == LF_VALUE && isfinite(v->value)) {
		buf_num(&b, v->value);
		out.n = b.failed || b.n > 63 ? 0 : b.n;
		if (out.n > 0)
			memcpy(room, b.p, out.n);
		buf_clear(&b);
	} else if (ms != MS_NONE) {
		out.n = when_write(ms, room);
	}
	return out;
}

static int by_header(const void *a, const void *b)
{
	return str_cmp(((const struct attribute_change *)a)->header,
		((const struct attribute_change *)b)->header);
}

/* Fields in their order, then columns by name: leads sent alike share a layout. The outcome has no
 * cell: it is no input. */
static size_t columns_of(const struct lead_body *b, struct layout_column *columns,
	struct str *cells, char (*room)[64])
{
	size_t n = 0;

	for (int f = 0; f < LF_MAPPED; f++) {
		if ((b->fields & FIELD_BIT(f)) == 0 || f == LF_OUTCOME || f == LF_OUTCOME_AT)
			continue;
		columns[n].header = str_of(field_name((enum lead_field)f));
		columns[n].use = (enum lead_field)f;
		cells[n] = field_cell(&b->values, (enum lead_field)f, room[n]);
		n++;
	}
	qsort(b->attributes, b->n_attributes, sizeof(*b->attributes), by_header);
	for (size_t i = 0; i < b->n_attributes; i++) {
		columns[n].header = b->attributes[i].header;
		columns[n].use = LF_ATTRIBUTE;
		cells[n++] = b->attributes[i].cell;
	}
	return n;
}

static int pack(const struct str *cells, size_t n, struct arena *a, struct str *out, struct err *e)
{
	struct buf b = { 0 };
	int rc;

	cells_pack(cells, n, &b);
	rc = buf_done(&b, e);
	*out = (struct str){ rc == 0 ? arena_dup(a, buf_view(&b)) : NULL, b.n };
	buf_clear(&b);
	return rc == 0 && out->p == NULL ? err_nomem(e) : rc;
}

int lead_body_put(const struct lead_body *b, struct store *s, struct arena *a, struct lead_put *put,
	struct err *e)
{
	size_t room = LF_MAPPED + b->n_attributes;
	struct layout_column *columns = arena_array(a, room, sizeof(*columns));
	struct str *cells = arena_array(a, room, sizeof(*cells)), parts[3];
	char(*texts)[64] = arena_array(a, LF_MAPPED, sizeof(*texts));
	struct layout l = { .columns = columns };
	uint8_t outcome[9] = { (uint8_t)b->values.outcome };

	if (columns == NULL || cells == NULL || texts == NULL)
		return err_nomem(e);
	l.n = columns_of(b, columns, cells, texts);
	*put = (struct lead_put){ .values = b->values, .mapped = b->fields };
	if (pack(cells, l.n, a, &put->cells, e) == -1)
		return -1;
	if (l.n > 0 && s->layouts->put(s, &l, &put->layout, e) == -1)
		return -1;
	memcpy(outcome + 1, &b->values.outcome_ms, 8);
	layout_key(&l, &l.key);
	parts[0] = (struct str){ (const char *)l.key.b, sizeof(l.key.b) };
	parts[1] = put->cells;
	parts[2] = (struct str){ (const char *)outcome, sizeof(outcome) };
	crypto_hash128_parts(s->lead_key, parts, 3, put->digest);
	return 0;
}
