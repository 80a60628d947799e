/* SPDX-License-Identifier: Apache-2.0 */
#include "store/lead_rules_internal.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "util/buf.h"
#include "util/err.h"

static bool same_number(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

bool lead_same(const struct lead *a, const struct lead *b)
{
	const struct lead_values *v = &a->values, *w = &b->values;
	size_t f;

	for (f = 0; f < LF_TEXTS; f++)
		if (!str_eq(v->text[f], w->text[f]))
			return false;
	return same_number(v->value, w->value) && v->created_ms == w->created_ms &&
	       v->last_activity_ms == w->last_activity_ms && v->outcome_ms == w->outcome_ms &&
	       v->outcome == w->outcome && a->layout == b->layout && str_eq(a->cells, b->cells);
}

static void copy_fields(struct lead_values *to, const struct lead_values *from, uint64_t fields)
{
	size_t f;

	for (f = 0; f < LF_TEXTS; f++)
		if ((fields & FIELD_BIT(f)) != 0)
			to->text[f] = from->text[f];
	if ((fields & FIELD_BIT(LF_VALUE)) != 0)
		to->value = from->value;
	if ((fields & FIELD_BIT(LF_CREATED_AT)) != 0)
		to->created_ms = from->created_ms;
	if ((fields & FIELD_BIT(LF_LAST_ACTIVITY_AT)) != 0)
		to->last_activity_ms = from->last_activity_ms;
	if ((fields & FIELD_BIT(LF_OUTCOME)) != 0)
		to->outcome = from->outcome;
	if ((fields & FIELD_BIT(LF_OUTCOME_AT)) != 0)
		to->outcome_ms = from->outcome_ms;
}

/* Its outcome has become known: what had been said of it before stays on record. */
static void note_closing(const struct lead *cur, struct lead *out)
{
	if (out->values.outcome == cur->values.outcome)
		return;
	out->closing_model[0] = '\0';
	out->closing_probability = NAN;
	out->closing_heat = LEAD_NO_HEAT;
	if (out->values.outcome == LEAD_OPEN || cur->score.model[0] == '\0')
		return;
	memcpy(out->closing_model, cur->score.model, sizeof(out->closing_model));
	out->closing_probability = cur->score.probability;
	out->closing_heat = cur->score.heat;
}

/* take_score(cur, new, out): ${new} becomes the score of ${out}; true when it tells something else
 * than the one before. */
static bool take_score(
	const struct lead *cur, const struct lead_score *new, int64_t now_ms, struct lead *out)
{
	const struct lead_score *old = &cur->score;
	bool had = old->model[0] != '\0';
	bool differs = had && (old->points != new->points || old->heat != new->heat);

	out->score = *new;
	out->score.content = out->content;
	out->score.previous_points = old->previous_points;
	out->score.previous_heat = old->previous_heat;
	out->score.previous_ms = had ? old->previous_ms : MS_NONE;
	if (differs) {
		out->score.previous_points = old->points;
		out->score.previous_heat = old->heat;
		out->score.previous_ms = old->scored_ms;
	}
	return had && (differs || strcmp(old->model, new->model) != 0);
}

static void make_new(const struct lead_put *p, const struct lead_put_opts *o, struct lead *out)
{
	memset(out, 0, sizeof(*out));
	lead_values_none(&out->values);
	copy_fields(&out->values, &p->values, p->mapped);
	out->id = p->id;
	out->version = out->content = 1;
	out->layout = p->layout;
	out->cells = p->cells;
	memcpy(out->digest, p->digest, sizeof(out->digest));
	out->upload = o->upload;
	out->upload_row = p->row;
	out->upload_result = LEAD_CREATED;
	out->override_heat = LEAD_NO_HEAT;
	out->closing_heat = LEAD_NO_HEAT;
	out->closing_probability = NAN;
	out->override_mark.at_ms = out->verdict_mark.at_ms = MS_NONE;
	out->inserted_ms = out->updated_ms = o->now_ms;
	out->score.previous_ms = MS_NONE;
	if (p->score != NULL) {
		out->score = *p->score;
		out->score.content = 1;
		out->score.previous_ms = MS_NONE;
		out->score.previous_points = 0;
		out->score.previous_heat = LEAD_NO_HEAT;
	}
}

static int repack(
	const struct str *cells, size_t n, struct arena *a, struct str *out, struct err *e)
{
	struct buf b = { 0 };
	char *copy = NULL;

	cells_pack(cells, n, &b);
	if (!b.failed)
		copy = arena_dup(a, buf_view(&b));
	*out = (struct str){ copy, b.n };
	buf_clear(&b);
	return copy != NULL ? 0 : err_nomem(e);
}

/* Cells of ${cur} with those of ${p} in their places; what a person edited stays. */
static int merge_cells(const struct lead_rules *r, const struct lead *cur, const struct lead_put *p,
	struct arena *a, struct lead *out, struct err *e)
{
	const struct layout *old = r->layout(r->ctx, cur->layout);
	const struct layout none = { .n = 0 }, *new = r->layout(r->ctx, p->layout);
	struct layout merged;
	uint32_t *from;
	struct str *cells, *more;
	size_t i;

	out->layout = p->layout;
	out->cells = p->cells;
	if (old == NULL || (cur->layout == p->layout && cur->edited == 0))
		return 0;
	if (new == NULL)
		new = &none;
	from = arena_array(a, new->n + 1, sizeof(*from));
	if (from == NULL)
		return err_nomem(e);
	if (layout_merge(old, new, from, a, &merged, e) != 0)
		return -1;
	cells = arena_array(a, merged.n + 1, sizeof(*cells));
	more = arena_array(a, new->n + 1, sizeof(*more));
	if (cells == NULL || more == NULL)
		return err_nomem(e);
	if (cells_unpack(cur->cells, cells, old->n) != 0 ||
		cells_unpack(p->cells, more, new->n) != 0)
		return err_set(e, ERR_IO, "the stored cells of a lead are damaged");
	for (i = 0; i < new->n; i++) {
		enum lead_field use = new->columns[i].use;

		if (use < LF_MAPPED && (cur->edited & FIELD_BIT(use)) != 0 && from[i] < old->n)
			continue;
		cells[from[i]] = more[i];
	}
	out->layout = cur->layout;
	if (!id_eq(merged.key, old->key) && r->add_layout(r->ctx, &merged, &out->layout, e) != 0)
		return -1;
	return repack(cells, merged.n, a, &out->cells, e);
}

int lead_rules_put(const struct lead_rules *r, const struct lead *cur, struct lead_put *p,
	const struct lead_put_opts *o, struct arena *a, struct lead *out,
	struct lead_outcome_of *what, struct err *e)
{
	static const uint8_t no_digest[16];

	*what = (struct lead_outcome_of){ .write = false };
	p->wants_score = false;
	if (cur == NULL) {
		p->result = o->update_only ? LEAD_MISSING : LEAD_CREATED;
		if (o->update_only)
			return 0;
		make_new(p, o, out);
		p->wants_score = p->score == NULL;
		what->write = true;
		return 0;
	}
	p->wants_score = lead_stale(cur);
	if (!id_is_none(o->upload) && id_eq(cur->upload, o->upload) && cur->upload_row >= p->row) {
		p->result = cur->upload_row == p->row ? cur->upload_result : LEAD_UPDATED;
		return 0;
	}
	p->result = LEAD_UNCHANGED;
	if (memcmp(cur->digest, no_digest, sizeof(no_digest)) != 0 &&
		memcmp(cur->digest, p->digest, sizeof(cur->digest)) == 0)
		return 0;
	*out = *cur;
	copy_fields(&out->values, &p->values, p->mapped & ~cur->edited);
	if (merge_cells(r, cur, p, a, out, e) != 0)
		return -1;
	if (lead_same(cur, out))
		return 0;
	p->result = LEAD_UPDATED;
	note_closing(cur, out);
	memcpy(out->digest, p->digest, sizeof(out->digest));
	out->version++;
	out->content = out->version;
	out->upload = o->upload;
	out->upload_row = p->row;
	out->upload_result = LEAD_UPDATED;
	out->updated_ms = o->now_ms;
	what->write = what->keep_old = true;
	p->wants_score = true;
	/* The score is of the row's own cells: it stands only if these are all there is. */
	if (p->score != NULL && out->layout == p->layout && str_eq(out->cells, p->cells)) {
		what->past = take_score(cur, p->score, o->now_ms, out);
		p->wants_score = false;
	}
	return 0;
}

static const char *iso_time(int64_t ms, char out[32])
{
	struct tm tm;
	time_t t;

	out[0] = '\0';
	if (ms == MS_NONE)
		return out;
	t = (time_t)(ms / 1000 - (ms % 1000 < 0));
	if (gmtime_r(&t, &tm) == NULL || strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		out[0] = '\0';
	return out;
}

/* The text of field ${f} as a cell holds it. */
static int field_cell(const struct lead_values *v, enum lead_field f, struct arena *a,
	struct str *out, struct err *e)
{
	char text[64] = "";
	struct buf b = { 0 };

	if (f < LF_TEXTS) {
		*out = v->text[f];
		return 0;
	}
	if (f == LF_VALUE && !isnan(v->value))
		buf_num(&b, v->value);
	if (b.n < sizeof(text) && b.n > 0)
		memcpy(text, b.p, b.n);
	buf_clear(&b);
	if (f == LF_CREATED_AT)
		iso_time(v->created_ms, text);
	else if (f == LF_LAST_ACTIVITY_AT)
		iso_time(v->last_activity_ms, text);
	else if (f == LF_OUTCOME_AT)
		iso_time(v->outcome_ms, text);
	else if (f == LF_OUTCOME)
		strcpy(text, field_choice(LF_OUTCOME, v->outcome));
	out->p = arena_dup(a, str_of(text));
	out->n = strlen(text);
	return out->p != NULL ? 0 : err_nomem(e);
}

/* What a person changes is changed in the cells too, because these are what is scored. The outcome
 * is not: its column has the words of its file. */
static int change_cells(const struct lead_rules *r, const struct lead_change *c, struct arena *a,
	struct lead *out, struct err *e)
{
	const struct layout none = { .n = 0 }, *old = r->layout(r->ctx, out->layout);
	struct layout_column *columns;
	struct layout l, merged;
	struct str *cells, *more;
	uint32_t *from;
	uint64_t fields = c->fields & ~(FIELD_BIT(LF_OUTCOME) | FIELD_BIT(LF_OUTCOME_AT));
	size_t i, n = 0, f;

	if (old == NULL)
		old = &none;
	columns = arena_array(a, c->n_attributes + LF_MAPPED, sizeof(*columns));
	more = arena_array(a, c->n_attributes + LF_MAPPED, sizeof(*more));
	from = arena_array(a, c->n_attributes + LF_MAPPED, sizeof(*from));
	if (columns == NULL || more == NULL || from == NULL)
		return err_nomem(e);
	for (f = 0; f < LF_MAPPED; f++) {
		ptrdiff_t at = layout_of_field(old, (enum lead_field)f);
		struct str name = str_of(field_name((enum lead_field)f));

		if ((fields & FIELD_BIT(f)) == 0 || (at < 0 && layout_find(old, name) >= 0))
			continue;
		columns[n].header = at >= 0 ? old->columns[at].header : name;
		columns[n].use = (enum lead_field)f;
		if (field_cell(&c->values, (enum lead_field)f, a, &more[n], e) != 0)
			return -1;
		n++;
	}
	for (i = 0; i < c->n_attributes; i++) {
		columns[n].header = c->attributes[i].header;
		columns[n].use = LF_ATTRIBUTE;
		more[n++] = c->attributes[i].cell;
	}
	if (n == 0)
		return 0;
	l = (struct layout){ .columns = columns, .n = n };
	if (layout_merge(old, &l, from, a, &merged, e) != 0)
		return -1;
	cells = arena_array(a, merged.n + 1, sizeof(*cells));
	if (cells == NULL)
		return err_nomem(e);
	if (cells_unpack(out->cells, cells, old->n) != 0)
		return err_set(e, ERR_IO, "the stored cells of a lead are damaged");
	for (i = 0; i < n; i++)
		cells[from[i]] = more[i];
	if ((old->number == 0 || !id_eq(merged.key, old->key)) &&
		r->add_layout(r->ctx, &merged, &out->layout, e) != 0)
		return -1;
	return repack(cells, merged.n, a, &out->cells, e);
}

static void set_marks(const struct lead_change *c, struct lead *out)
{
	if (c->set_override) {
		out->override_heat = c->override_heat;
		out->override_mark = (struct lead_mark){ c->by, c->now_ms, c->override_note };
		if (c->override_heat == LEAD_NO_HEAT)
			out->override_mark = (struct lead_mark){ .at_ms = MS_NONE };
	}
	if (c->set_verdict) {
		out->verdict = c->verdict;
		out->verdict_mark = (struct lead_mark){ c->by, c->now_ms, c->verdict_note };
		if (c->verdict == LEAD_NO_VERDICT)
			out->verdict_mark = (struct lead_mark){ .at_ms = MS_NONE };
	}
}

int lead_rules_change(const struct lead_rules *r, const struct lead *cur,
	const struct lead_change *c, struct arena *a, struct lead *out,
	struct lead_outcome_of *what, struct err *e)
{
	*what = (struct lead_outcome_of){ .write = true, .keep_old = true };
	if (c->version != 0 && c->version != cur->version)
		return err_set(e, ERR_CONFLICT,
			"the lead is at version %llu, not at %llu: it was changed meanwhile",
			(unsigned long long)cur->version, (unsigned long long)c->version);
	*out = *cur;
	copy_fields(&out->values, &c->values, c->fields);
	if (change_cells(r, c, a, out, e) != 0)
		return -1;
	note_closing(cur, out);
	set_marks(c, out);
	out->version++;
	out->edited |= c->fields;
	if (!lead_same(cur, out))
		out->content = out->version;
	memset(&out->upload, 0, sizeof(out->upload));
	out->updated_ms = c->now_ms;
	if (c->score != NULL)
		what->past = take_score(cur, c->score, c->now_ms, out);
	else if (out->content == out->version && out->layout == cur->layout &&
		 str_eq(out->cells, cur->cells) && cur->score.content == cur->content)
		out->score.content = out->content; /* the cells are what is scored */
	return 0;
}

void lead_rules_score(const struct lead *cur, struct lead_set_score *set, int64_t now_ms,
	struct lead *out, struct lead_outcome_of *what)
{
	*what = (struct lead_outcome_of){ .write = false };
	set->taken = cur->content == set->content;
	set->moved = false;
	if (!set->taken)
		return;
	*out = *cur;
	set->moved = what->past = take_score(cur, &set->score, now_ms, out);
	what->write = true;
}

void lead_rules_undo(
	const struct lead *cur, const struct lead *to, int64_t now_ms, struct lead *out)
{
	bool scored = to->score.model[0] != '\0' && to->score.content == to->content;

	*out = *to;
	out->version = cur->version + 1;
	out->content = out->version;
	if (scored)
		out->score.content = out->content;
	out->updated_ms = now_ms;
}
