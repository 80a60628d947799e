/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "leads/export.h"
#include "leads/lead_json.h"
#include "leads/lead_seat.h"
#include "leads/live.h"
#include "record/layout.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/formula.h"
#include "util/when.h"

enum { PAGE = 500, PAGE_BYTES = 256 << 20, SEATS = 16, DO_NOT_MODIFY = 3 };

/* A column that is written: of the lead, or one that we add. */
enum added {
	ADD_NONE,
	ADD_ID,
	ADD_SCORE,
	ADD_PROBABILITY,
	ADD_HEAT,
	ADD_CONFIDENCE,
	ADD_MODEL,
	ADD_REASONS,
	ADD_SCORED_AT
};
struct out_column {
	struct str name;
	struct query_column of;
	enum added added;
};

struct export
{
	const struct export_opts *o;
	struct live_model *model;
	struct arena mem;  /* for all of it */
	struct arena page; /* for one page */
	struct out_column *columns;
	size_t n;
	struct seat {
		uint32_t layout;
		struct lead_seat seat;
	} seats[SEATS];
	size_t n_seats;
	struct buf out, cell;
	struct str id_column;
	uint64_t rows;
};

/* --- cells --- */

static void put_cell(struct export *x, struct str cell)
{
	struct buf *b = &x->out;

	buf_c(b, '"');
	if (formula_risky(cell))
		buf_c(b, '\'');
	for (size_t i = 0; i < cell.n; i++) {
		if (cell.p[i] == '"')
			buf_c(b, '"');
		buf_c(b, cell.p[i]);
	}
	buf_c(b, '"');
}

static void put_time(struct export *x, int64_t ms)
{
	char text[WHEN_TEXT];

	put_cell(x, ms == MS_NONE ? S("") : (struct str){ text, when_write(ms, text) });
}

static void put_number(struct export *x, double v)
{
	buf_reset(&x->cell);
	if (isfinite(v))
		buf_num(&x->cell, v);
	x->out.failed |= x->cell.failed;
	put_cell(x, buf_view(&x->cell));
}

static void put_word(struct export *x, enum lead_field f, unsigned code)
{
	const char *word = field_choice(f, code);

	put_cell(x, word == NULL || strcmp(word, "none") == 0 ? S("") : str_of(word));
}

static void put_ulid(struct export *x, struct id id)
{
	char text[ID_ULID];

	id_ulid(id, text);
	put_cell(x, id_is_none(id) ? S("") : str_of(text));
}

static void put_field(struct export *x, const struct lead *l, enum lead_field f)
{
	const struct lead_values *v = &l->values;
	bool scored = l->score.model[0] != '\0';

	if (f < LF_TEXTS) {
		put_cell(x, v->text[f]);
		return;
	}
	switch (f) {
	case LF_VALUE:
		put_number(x, v->value);
		break;
	case LF_CREATED_AT:
		put_time(x, v->created_ms);
		break;
	case LF_LAST_ACTIVITY_AT:
		put_time(x, v->last_activity_ms);
		break;
	case LF_OUTCOME:
		put_word(x, f, v->outcome);
		break;
	case LF_OUTCOME_AT:
		put_time(x, v->outcome_ms);
		break;
	case LF_HEAT:
		put_word(x, f, lead_heat(l));
		break;
	case LF_MODEL_HEAT:
		put_word(x, f, scored ? l->score.heat : LEAD_NO_HEAT);
		break;
	case LF_OVERRIDE:
		put_word(x, f, l->override_heat);
		break;
	case LF_VERDICT:
		put_word(x, f, l->verdict);
		break;
	case LF_CLOSING_HEAT:
		put_word(x, f, l->closing_model[0] != '\0' ? l->closing_heat : LEAD_NO_HEAT);
		break;
	case LF_STALE:
		put_cell(x, lead_json_stale(l, live_versions(x->model)) ? S("true") : S("false"));
		break;
	case LF_SCORE:
		put_number(x, scored ? l->score.points : (double)NAN);
		break;
	case LF_PROBABILITY:
		put_number(x, scored ? l->score.probability : (double)NAN);
		break;
	case LF_CONFIDENCE:
		put_number(x, scored ? l->score.confidence : (double)NAN);
		break;
	case LF_CLOSING_PROBABILITY:
		put_number(x, l->closing_model[0] != '\0' ? l->closing_probability : (double)NAN);
		break;
	case LF_MODEL:
		put_cell(x, str_of(l->score.model));
		break;
	case LF_CLOSING_MODEL:
		put_cell(x, str_of(l->closing_model));
		break;
	case LF_SCORED_AT:
		put_time(x, scored ? l->score.scored_ms : MS_NONE);
		break;
	case LF_UPLOAD_ID:
		put_ulid(x, l->upload);
		break;
	case LF_INSERTED_AT:
		put_time(x, l->inserted_ms);
		break;
	case LF_UPDATED_AT:
		put_time(x, l->updated_ms);
		break;
	default:
		put_cell(x, S(""));
	}
}

/* --- reasons --- */

/* Seats are kept per layout, so that files of several shapes do not cost a binding per row. */
static struct lead_seat *seat_of(struct export *x, const struct lead *l, struct err *e)
{
	struct live_model *m = live_of(x->model, l->score.model);
	struct seat *s;

	for (size_t i = 0; i < x->n_seats; i++)
		if (x->seats[i].layout == l->layout && x->seats[i].seat.model == m) {
			s = &x->seats[i];
			goto found;
		}
	s = &x->seats[x->n_seats < SEATS ? x->n_seats++ : SEATS - 1];
	lead_seat_leave(&s->seat);
	s->layout = l->layout;
	s->seat.model = m;
found:
	return lead_seat_next(&s->seat, x->o->store, l->layout, l->cells, &x->mem, e) == -1
		       ? NULL
		       : &s->seat;
}

static int put_reasons(struct export *x, const struct lead *l, struct err *e)
{
	struct lead_seat *seat;
	struct score score;

	buf_reset(&x->cell);
	if (l->score.model[0] != '\0') {
		if ((seat = seat_of(x, l, e)) == NULL ||
			lead_seat_score(seat, l->score.as_of, &score, e) == -1 ||
			lead_seat_reasons(seat, &score, x->o->reasons, &x->cell, e) == -1)
			return -1;
	}
	x->out.failed |= x->cell.failed;
	put_cell(x, buf_view(&x->cell));
	return 0;
}

/* --- rows --- */

static int put_added(struct export *x, const struct lead *l, enum added a, struct err *e)
{
	static const enum lead_field fields[] = { [ADD_SCORE] = LF_SCORE,
		[ADD_PROBABILITY] = LF_PROBABILITY,
		[ADD_HEAT] = LF_HEAT,
		[ADD_CONFIDENCE] = LF_CONFIDENCE,
		[ADD_MODEL] = LF_MODEL,
		[ADD_SCORED_AT] = LF_SCORED_AT };
	char hex[ID_HEX];

	if (a == ADD_REASONS)
		return put_reasons(x, l, e);
	if (a == ADD_ID) {
		id_hex(l->id, hex);
		put_cell(x, str_of(hex));
	} else {
		put_field(x, l, fields[a]);
	}
	return 0;
}

static int put_row(struct export *x, const struct lead *l, struct err *e)
{
	const struct layout *layout =
		l->layout == 0 ? NULL : x->o->store->layouts->get(x->o->store, l->layout, NULL);

	for (size_t i = 0; i < x->n; i++) {
		const struct out_column *c = &x->columns[i];

		if (i > 0)
			buf_c(&x->out, ',');
		if (c->added == ADD_NONE && c->of.field == LF_ATTRIBUTE)
			put_cell(x, lead_json_attribute(l, layout, c->of.attribute));
		else if (c->added == ADD_NONE)
			put_field(x, l, c->of.field);
		else if (put_added(x, l, c->added, e) == -1)
			return -1;
	}
	buf_z(&x->out, "\r\n");
	x->rows++;
	return 0;
}

static int put_header(struct export *x, struct err *e)
{
	for (size_t i = 0; i < x->n; i++) {
		if (i > 0)
			buf_c(&x->out, ',');
		put_cell(x, x->columns[i].name);
	}
	buf_z(&x->out, "\r\n");
	return buf_done(&x->out, e);
}

/* --- columns --- */

static int add(
	struct export *x, struct str name, struct query_column of, enum added a, struct err *e)
{
	char *copy = arena_dup(&x->mem, name);

	if (copy == NULL)
		return err_nomem(e);
	of.attribute = of.attribute.n > 0 ? (struct str){ copy, name.n } : S("");
	x->columns[x->n++] = (struct out_column){ { copy, name.n }, of, a };
	return 0;
}

static int add_ours(struct export *x, const char *name, enum added a, struct err *e)
{
	return add(x, str_of(name), QUERY_NO_COLUMN, a, e);
}

static int add_field(struct export *x, enum lead_field f, struct err *e)
{
	return add(x, str_of(field_name(f)), (struct query_column){ .field = f }, ADD_NONE, e);
}

static int add_asked(struct export *x, struct err *e)
{
	for (size_t i = 0; i < x->o->n_columns; i++) {
		const struct query_column *c = &x->o->columns[i];
		struct str name =
			c->field == LF_ATTRIBUTE ? c->attribute : str_of(field_name(c->field));

		if (add(x, name, *c, ADD_NONE, e) == -1)
			return -1;
	}
	return 0;
}

static int add_scores(struct export *x, struct err *e)
{
	static const struct {
		const char *name;
		enum added added;
	} ours[] = { { "heatscore_id", ADD_ID }, { "heatscore_score", ADD_SCORE },
		{ "heatscore_probability", ADD_PROBABILITY }, { "heatscore_heat", ADD_HEAT },
		{ "heatscore_confidence", ADD_CONFIDENCE }, { "heatscore_model", ADD_MODEL },
		{ "heatscore_scored_at", ADD_SCORED_AT }, { "heatscore_reasons", ADD_REASONS } };

	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		if (add_ours(x, ours[i].name, ours[i].added, e) == -1)
			return -1;
	return 0;
}

static int full_columns(struct export *x, struct err *e)
{
	struct store *s = x->o->store;
	struct attribute_count *a = NULL;
	size_t n = 0;

	if (x->o->n_columns == 0 && s->leads->attributes(s, &x->mem, &a, &n, e) == -1)
		return -1;
	x->columns =
		arena_array(&x->mem, x->o->n_columns + n + LF_MAPPED + 16, sizeof(*x->columns));
	if (x->columns == NULL)
		return err_nomem(e);
	if (x->o->n_columns > 0)
		return add_asked(x, e) == -1 ? -1 : add_scores(x, e);
	for (int f = 0; f < LF_MAPPED; f++)
		if (add_field(x, (enum lead_field)f, e) == -1)
			return -1;
	for (size_t i = 0; i < n; i++) {
		struct query_column c = { LF_ATTRIBUTE, a[i].header };

		if (add(x, a[i].header, c, ADD_NONE, e) == -1)
			return -1;
	}
	return add_scores(x, e);
}

static int heat_columns(struct export *x, struct err *e)
{
	static const enum lead_field fields[] = { LF_EXTERNAL_ID, LF_NAME, LF_FIRST_NAME,
		LF_LAST_NAME, LF_EMAIL, LF_COMPANY, LF_OWNER };

	if ((x->columns = arena_array(&x->mem, 16, sizeof(*x->columns))) == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (add_field(x, fields[i], e) == -1)
			return -1;
	if (add_ours(x, "heatscore_score", ADD_SCORE, e) == -1 ||
		add_ours(x, "heatscore_heat", ADD_HEAT, e) == -1)
		return -1;
	return add_ours(x, "heatscore_reasons", ADD_REASONS, e);
}

/* --- write-back --- */

/* What the file that a lead came in calls its id; empty when it has none. */
static struct str id_header(struct store *s, const struct lead *l)
{
	const struct layout *layout = l->layout == 0 ? NULL : s->layouts->get(s, l->layout, NULL);
	ptrdiff_t i = layout == NULL ? -1 : layout_of_field(layout, LF_EXTERNAL_ID);

	return i < 0 || l->values.text[LF_EXTERNAL_ID].n == 0 ? S("") : layout->columns[i].header;
}

/* Columns that the CRM asks back untouched go in front, as in its own file. */
static int writeback_columns(struct export *x, const struct lead *l, struct err *e)
{
	struct store *s = x->o->store;
	const struct layout *layout = s->layouts->get(s, l->layout, e);
	size_t kept = 0;

	if (layout == NULL || (x->columns = arena_array(&x->mem, 16, sizeof(*x->columns))) == NULL)
		return layout == NULL ? -1 : err_nomem(e);
	for (size_t i = 0; i < layout->n && kept < DO_NOT_MODIFY; i++) {
		struct str header = layout->columns[i].header;
		struct query_column c = { LF_ATTRIBUTE, header };

		if (!str_starts(header, S("(Do Not Modify)")) || str_eq(header, x->id_column) ||
			layout->columns[i].use == LF_IGNORE)
			continue;
		if (add(x, header, c, ADD_NONE, e) == -1)
			return -1;
		kept++;
	}
	memmove(x->columns + 1, x->columns, x->n * sizeof(*x->columns));
	x->columns[0] = (struct out_column){ x->id_column, { .field = LF_EXTERNAL_ID }, ADD_NONE };
	x->n++;
	if (add_ours(x, "HeatScore", ADD_SCORE, e) == -1 ||
		add_ours(x, "HeatBand", ADD_HEAT, e) == -1 ||
		add_ours(x, "HeatReasons", ADD_REASONS, e) == -1)
		return -1;
	return add_ours(x, "HeatScoredAt", ADD_SCORED_AT, e);
}

/* Whether the lead goes into the file: of this CRM, with a score, and one that is new. */
static int writeback_takes(struct export *x, const struct lead *l, struct err *e)
{
	struct str header = id_header(x->o->store, l);
	int64_t since = x->o->since_ms;

	if (header.n == 0 || l->score.model[0] == '\0')
		return 0;
	if (x->id_column.n == 0 && (x->id_column.p = arena_dup(&x->mem, header)) == NULL)
		return err_nomem(e);
	x->id_column.n = x->id_column.n == 0 ? header.n : x->id_column.n;
	if (!str_eq(header, x->id_column))
		return 0;
	if (x->columns == NULL && (writeback_columns(x, l, e) == -1 || put_header(x, e) == -1))
		return -1;
	return since == MS_NONE || l->score.scored_ms > since ||
	       (l->override_mark.at_ms != MS_NONE && l->override_mark.at_ms > since);
}

/* --- all of it --- */

static int takes(struct export *x, const struct lead *l, struct err *e)
{
	const struct export_opts *o = x->o;

	if (o->n_except > 0 &&
		bsearch(&l->id, o->except, o->n_except, sizeof(*o->except), id_order) != NULL)
		return 0;
	return o->form == EXPORT_WRITEBACK ? writeback_takes(x, l, e) : 1;
}

static int put_page(struct export *x, const struct lead_page *page, struct err *e)
{
	for (size_t i = 0; i < page->n; i++) {
		int take = takes(x, &page->leads[i], e);

		if (take == -1 || (take == 1 && put_row(x, &page->leads[i], e) == -1))
			return -1;
		if (x->out.n > 64 << 10) {
			if (buf_done(&x->out, e) == -1 ||
				x->o->write(x->o->ctx, buf_view(&x->out), e) == -1)
				return -1;
			buf_reset(&x->out);
		}
	}
	return 0;
}

static int each_page(struct export *x, struct err *e)
{
	struct store *s = x->o->store;
	struct lead_query q = *x->o->query;
	struct buf cursor = { 0 };
	struct lead_page page;
	int rc = 0;

	q.limit = PAGE;
	q.at = (double)NAN;
	q.total = false;
	q.cells = true;
	do {
		arena_reset(&x->page);
		q.cursor = buf_view(&cursor);
		if ((rc = s->leads->list(s, &q, &x->page, &page, e)) == -1 ||
			(rc = put_page(x, &page, e)) == -1)
			break;
		buf_reset(&cursor);
		buf_str(&cursor, page.next_cursor);
		rc = buf_done(&cursor, e);
	} while (rc == 0 && cursor.n > 0);
	buf_clear(&cursor);
	return rc;
}

/* A write-back that has nothing to say is a header all the same. */
static int finish(struct export *x, struct err *e)
{
	if (x->columns == NULL) {
		if ((x->columns = arena_array(&x->mem, 8, sizeof(*x->columns))) == NULL)
			return err_nomem(e);
		x->n = 0;
		if (add(x, x->o->id_column.n > 0 ? x->o->id_column : S("Id"), QUERY_NO_COLUMN,
			    ADD_ID, e) == -1 ||
			add_ours(x, "HeatScore", ADD_SCORE, e) == -1 ||
			add_ours(x, "HeatBand", ADD_HEAT, e) == -1 ||
			add_ours(x, "HeatReasons", ADD_REASONS, e) == -1 ||
			add_ours(x, "HeatScoredAt", ADD_SCORED_AT, e) == -1 ||
			put_header(x, e) == -1)
			return -1;
	}
	if (buf_done(&x->out, e) == -1)
		return -1;
	return x->out.n == 0 ? 0 : x->o->write(x->o->ctx, buf_view(&x->out), e);
}

int export_leads(const struct export_opts *o, uint64_t *rows, struct err *e)
{
	struct export x = { .o = o, .page = { .cap = PAGE_BYTES }, .id_column = o->id_column };
	int rc = -1;

	x.model = live_hold(o->live);
	if (o->form == EXPORT_FULL && (full_columns(&x, e) == -1 || put_header(&x, e) == -1))
		goto done;
	if (o->form == EXPORT_HEAT && (heat_columns(&x, e) == -1 || put_header(&x, e) == -1))
		goto done;
	if (each_page(&x, e) == -1 || finish(&x, e) == -1)
		goto done;
	if (rows != NULL)
		*rows = x.rows;
	rc = 0;
done:
	for (size_t i = 0; i < x.n_seats; i++)
		lead_seat_leave(&x.seats[i].seat);
	live_drop(x.model);
	buf_clear(&x.out);
	buf_clear(&x.cell);
	arena_clear(&x.page);
	arena_clear(&x.mem);
	return rc;
}
