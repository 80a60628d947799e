/* SPDX-License-Identifier: Apache-2.0 */
/* Columns that give the outcome away only together: cells of two or three, the difference of two
 * dates or numbers, two categories that are the same or not. What honest columns know adds up on
 * the logit scale to nearly what they know together; a leak in two parts is far above its sum. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "features/leak_internal.h"
#include "features/words.h"
#include "util/err.h"

#define MOST_ROWS      6000
#define MOST_PARTS     150 /* columns tried in pairs */
#define MOST_NUMBERS   60  /* and as differences */
#define MOST_TRIPLES   24  /* and in threes */
#define PAIR_LOW       .85
#define PAIR_GAIN      .10
#define TRIPLE_LOW     .88
#define TRIPLE_GAIN    .15
#define LATE_LOW       .80 /* the time between two dates */
#define LATE_LOW_STATE .75 /* of which one is named as a state at export */
#define LATE_LOW_NAMED .62 /* or as written at the end */
#define LATE_GAIN      .10

/* One column that takes part. */
struct part {
	size_t col; /* of the profile; SIZE_MAX for the creation date kept beside the columns */
	bool date;
	double *v;                /* numbers and dates (days since 1970), NaN missing; else NULL */
	uint64_t *text;           /* categories: hash of the level's text, 0 missing; else NULL */
	double low, middle, high; /* of its values: tenth, half, nine tenths are below */
	struct leak_cells cells, few;
};

enum how { HOW_CELLS, HOW_DIFFERENCE, HOW_SAME };
struct guilt {
	size_t part[3];
	size_t n;
	double auc;
	enum how how;
};

struct search {
	struct leak_judge *j;
	struct leak_rows rows;
	struct part *parts;
	size_t n_parts;
	struct guilt *found;
	size_t n_found, cap_found;
};

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Where the filled values lie; NaN without any. */
static int find_spread(struct part *p, size_t n, struct err *e)
{
	double *s = malloc((n + 1) * sizeof(*s));
	size_t m = 0;

	if (s == NULL)
		return err_nomem(e);
	p->low = p->middle = p->high = NAN;
	for (size_t i = 0; i < n; i++) {
		if (!isnan(p->v[i]))
			s[m++] = p->v[i];
	}
	if (m > 0) {
		qsort(s, m, sizeof(*s), by_value);
		p->low = s[(m - 1) / 10];
		p->middle = s[(m - 1) / 2];
		p->high = s[(m - 1) - (m - 1) / 10];
	}
	free(s);
	return 0;
}

static void part_clear(struct part *p)
{
	free(p->v);
	free(p->text);
	leak_cells_clear(&p->cells);
	leak_cells_clear(&p->few);
}

static uint32_t pair_bins(size_t n)
{
	uint32_t bins = 2 * (uint32_t)(sqrt((double)n / 12) / 2);

	return bins < 4 ? 4 : bins > 12 ? 12 : bins;
}

static int fill_category(struct search *s, struct part *p, size_t base, struct err *e)
{
	const struct base_col *b = &s->j->f->cols[base];

	if (s->j->o->level == NULL)
		return 0;
	if ((p->text = calloc(s->rows.n + 1, sizeof(*p->text))) == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < s->rows.n; i++) {
		uint32_t code = b->code[s->rows.row[i]];

		if (code > 0 && code < b->n_levels)
			p->text[i] = str_hash(leak_level(s->j, base, code), 1) | 1;
	}
	return 0;
}

static int make_cells(struct search *s, struct part *p, size_t base, struct err *e)
{
	const struct frame *f = s->j->f;
	uint32_t bins = pair_bins(s->rows.n);

	if (p->v != NULL) {
		if (leak_cells_values(p->v, s->rows.n, bins, &p->cells, e) != 0 ||
			leak_cells_values(p->v, s->rows.n, 2, &p->few, e) != 0)
			return -1;
	} else if (leak_cells_base(f, base, &s->rows, bins, &p->cells, e) != 0 ||
		   leak_cells_base(f, base, &s->rows, 2, &p->few, e) != 0) {
		return -1;
	}
	if (leak_cells_few(&p->cells, s->rows.n, bins + 2, e) != 0)
		return -1;
	if (leak_cells_few(&p->few, s->rows.n, 4, e) != 0 ||
		leak_cells_learn(&p->cells, &s->rows, e) != 0)
		return -1;
	return leak_cells_learn(&p->few, &s->rows, e);
}

/* The base that stands for a column: itself, or of a date its first number (its age). */
static bool stands_for(const struct leak_judge *j, const struct base_col *b)
{
	size_t col = b->n_sources == 1 ? b->sources[0] : SIZE_MAX;

	if (col >= j->p->n || j->p->cols[col].out != COL_IN)
		return false;
	if (j->out->cols[col].verdict == LEAK_OUT)
		return false;
	if (j->p->cols[col].kind == KIND_DATE)
		return b->kind == BASE_NUM &&
		       !(j->f->created != NULL && j->p->cols[col].role == ROLE_CREATED_AT);
	return b->is_column;
}

static int add_part(struct search *s, size_t base, struct err *e)
{
	const struct frame *f = s->j->f;
	const struct base_col *b = &f->cols[base];
	struct part *p = &s->parts[s->n_parts];
	double as_of = isfinite(f->as_of) ? f->as_of : 0;

	for (size_t i = 0; i < s->n_parts; i++) {
		if (s->parts[i].col == b->sources[0])
			return 0;
	}
	*p = (struct part){ .col = b->sources[0] };
	p->date = s->j->p->cols[p->col].kind == KIND_DATE;
	s->n_parts++;
	if (b->kind == BASE_CAT) {
		if (fill_category(s, p, base, e) != 0)
			return -1;
	} else {
		if ((p->v = malloc((s->rows.n + 1) * sizeof(*p->v))) == NULL)
			return err_nomem(e);
		for (size_t i = 0; i < s->rows.n; i++) {
			double x = b->num[s->rows.row[i]];

			p->v[i] = p->date ? as_of - x : x;
		}
		if (find_spread(p, s->rows.n, e) != 0)
			return -1;
	}
	return make_cells(s, p, base, e);
}

static int add_created(struct search *s, struct err *e)
{
	const struct frame *f = s->j->f;
	struct part *p = &s->parts[s->n_parts];

	if (f->created == NULL)
		return 0;
	*p = (struct part){ .col = SIZE_MAX, .date = true };
	s->n_parts++;
	if ((p->v = malloc((s->rows.n + 1) * sizeof(*p->v))) == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < s->rows.n; i++)
		p->v[i] = f->created[s->rows.row[i]];
	if (find_spread(p, s->rows.n, e) != 0)
		return -1;
	return make_cells(s, p, 0, e);
}

static int note(struct search *s, const struct guilt *g, struct err *e)
{
	if (s->n_found == s->cap_found) {
		size_t cap = s->cap_found == 0 ? 16 : s->cap_found * 2;
		struct guilt *p = realloc(s->found, cap * sizeof(*p));

		if (p == NULL)
			return err_nomem(e);
		s->found = p;
		s->cap_found = cap;
	}
	s->found[s->n_found++] = *g;
	return 0;
}

static double late_threshold(const struct search *s, const struct part *a, const struct part *b)
{
	double low = LATE_LOW;

	for (int k = 0; k < 2; k++) {
		const struct part *p = k == 0 ? a : b;
		struct name_reading r;

		if (p->col == SIZE_MAX || s->j->o->ignore_names)
			continue;
		r = leak_name_read(s->j->p->cols[p->col].name, s->j->target);
		if (s->j->p->cols[p->col].role == ROLE_UPDATED_AT || r.hint == HINT_STRONG ||
			(r.hint == HINT_MEDIUM && !r.state))
			low = fmin(low, LATE_LOW_NAMED);
		else if (r.state)
			low = fmin(low, LATE_LOW_STATE);
	}
	return low;
}

/* Numbers on one scale: what lies between their tenths overlaps. */
static bool comparable(const struct part *a, const struct part *b)
{
	if (a->date || b->date)
		return a->date && b->date;
	return a->low <= b->high && b->low <= a->high;
}

static int try_difference(struct search *s, size_t ia, size_t ib, double sum_auc, struct err *e)
{
	const struct part *a = &s->parts[ia], *b = &s->parts[ib];
	double *d = malloc((s->rows.n + 1) * sizeof(*d));
	struct leak_cells cells = { 0 };
	struct leak_power power;
	int failed = -1;

	if (d == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < s->rows.n; i++) {
		d[i] = a->v[i] - b->v[i];
		if (fabs(d[i]) < 1e-9 * (fabs(a->v[i]) + fabs(b->v[i])))
			d[i] = 0;
	}
	if (leak_cells_values(d, s->rows.n, 16, &cells, e) != 0 ||
		leak_power_of(&cells, &s->rows, &power, e) != 0)
		goto done;
	failed = 0;
	if (power.auc - sum_auc >= (a->date ? LATE_GAIN : PAIR_GAIN) &&
		power.auc_low >= (a->date ? late_threshold(s, a, b) : PAIR_LOW))
		failed = note(s, &(struct guilt){ { ia, ib, 0 }, 2, power.auc, HOW_DIFFERENCE }, e);
done:
	leak_cells_clear(&cells);
	free(d);
	return failed;
}

static int try_same(struct search *s, size_t ia, size_t ib, double sum_auc, struct err *e)
{
	const struct part *a = &s->parts[ia], *b = &s->parts[ib];
	struct leak_cells cells = { .cell = calloc(s->rows.n + 1, sizeof(uint32_t)), .n = 3 };
	struct leak_power power;
	size_t same = 0;
	int failed;

	if (cells.cell == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < s->rows.n; i++) {
		if (a->text[i] != 0 && b->text[i] != 0)
			cells.cell[i] = a->text[i] == b->text[i] ? 1 : 2;
		same += cells.cell[i] == 1;
	}
	failed = same == 0 ? 0 : leak_power_of(&cells, &s->rows, &power, e);
	if (same > 0 && failed == 0 && power.auc_low >= PAIR_LOW &&
		power.auc - sum_auc >= PAIR_GAIN)
		failed = note(s, &(struct guilt){ { ia, ib, 0 }, 2, power.auc, HOW_SAME }, e);
	leak_cells_clear(&cells);
	return failed;
}

static int try_pair(struct search *s, size_t ia, size_t ib, struct err *e)
{
	const struct part *a = &s->parts[ia], *b = &s->parts[ib];
	const struct leak_cells *both[] = { &a->cells, &b->cells };
	struct leak_joint joint;

	if (leak_joint_of(both, 2, &s->rows, 0, &joint, e) != 0)
		return -1;
	if (joint.auc_low >= PAIR_LOW && joint.auc - joint.sum_auc >= PAIR_GAIN)
		return note(s, &(struct guilt){ { ia, ib, 0 }, 2, joint.auc, HOW_CELLS }, e);
	if (a->v != NULL && b->v != NULL && ia < MOST_NUMBERS && ib < MOST_NUMBERS &&
		comparable(a, b))
		return try_difference(s, ia, ib, joint.sum_auc, e);
	if (a->text != NULL && b->text != NULL)
		return try_same(s, ia, ib, joint.sum_auc, e);
	return 0;
}

static int try_triples(struct search *s, struct err *e)
{
	size_t n = s->n_parts < MOST_TRIPLES ? s->n_parts : MOST_TRIPLES;

	for (size_t a = 0; a < n; a++) {
		for (size_t b = a + 1; b < n; b++) {
			for (size_t c = b + 1; c < n; c++) {
				const struct leak_cells *all[] = { &s->parts[a].few,
					&s->parts[b].few, &s->parts[c].few };
				struct leak_joint joint;

				if (leak_joint_of(all, 3, &s->rows, TRIPLE_LOW, &joint, e) != 0)
					return -1;
				if (joint.auc_low >= TRIPLE_LOW &&
					joint.auc - joint.sum_auc >= TRIPLE_GAIN &&
					note(s,
						&(struct guilt){
							{ a, b, c }, 3, joint.auc, HOW_CELLS },
						e) != 0)
					return -1;
			}
		}
	}
	return 0;
}

static bool is_out(const struct search *s, size_t part)
{
	return s->parts[part].col != SIZE_MAX &&
	       s->j->out->cols[s->parts[part].col].verdict == LEAK_OUT;
}

static bool settled(const struct search *s, const struct guilt *g)
{
	for (size_t k = 0; k < g->n; k++) {
		if (is_out(s, g->part[k]))
			return true;
	}
	return false;
}

static struct str part_name(const struct search *s, size_t part)
{
	size_t col = s->parts[part].col;

	return col == SIZE_MAX ? S("the creation date") : words_clip(s->j->p->cols[col].name, 60);
}

static int accuse(struct search *s, const struct guilt *g, size_t k, struct err *e)
{
	static const char *const how[] = { "together with", "by its difference to",
		"by being the same as" };
	size_t col = s->parts[g->part[k]].col, other = g->part[k == 0 ? 1 : 0];
	struct leak_column *c = &s->j->out->cols[col];
	bool third = g->n == 3;
	size_t last = g->part[k == 2 ? 1 : 2];
	enum leak_kind kind =
		s->parts[g->part[k]].date && g->how == HOW_DIFFERENCE ? LEAK_LATE : LEAK_TOGETHER;

	if (leak_say(s->j, col, LEAK_OUT, kind, e,
		    "%s '" STR_FMT "'%s" STR_FMT
		    "%s it ranks %d of 100 pairs of a won and a lost lead "
		    "right, though neither does alone",
		    how[g->how], STR_ARG(part_name(s, other)), third ? " and '" : "",
		    STR_ARG(third ? part_name(s, last) : S("")), third ? "'" : "",
		    (int)floor(100 * g->auc)) != 0)
		return -1;
	c->with = s->parts[other].col == SIZE_MAX ? -1 : (int32_t)s->parts[other].col;
	return 0;
}

/* Of two dates the later one is written later; the creation date is never to blame. */
static bool spared(const struct search *s, const struct guilt *g, size_t k)
{
	const struct part *p = &s->parts[g->part[k]], *q = &s->parts[g->part[k == 0 ? 1 : 0]];

	if (p->col == SIZE_MAX || s->j->p->cols[p->col].role == ROLE_CREATED_AT)
		return true;
	return g->how == HOW_DIFFERENCE && p->date && q->date && p->middle < q->middle;
}

/* A column in more combinations than any other explains them all: it goes alone. */
static int blame(struct search *s, struct err *e)
{
	for (;;) {
		size_t best = s->n_parts, most = 1;
		const struct guilt *of = NULL;

		for (size_t p = 0; p < s->n_parts; p++) {
			size_t count = 0;

			for (size_t i = 0; i < s->n_found; i++) {
				const struct guilt *g = &s->found[i];

				for (size_t k = 0; k < g->n && !settled(s, g); k++)
					count += g->part[k] == p && !spared(s, g, k);
			}
			if (count > most) {
				most = count;
				best = p;
			}
		}
		if (best == s->n_parts)
			break;
		for (size_t i = 0; i < s->n_found; i++) {
			const struct guilt *g = &s->found[i];

			for (size_t k = 0; k < g->n; k++) {
				if (g->part[k] == best && !settled(s, g) &&
					(of == NULL || g->auc > of->auc))
					of = g;
			}
		}
		for (size_t k = 0; k < of->n; k++) {
			if (of->part[k] == best && accuse(s, of, k, e) != 0)
				return -1;
		}
	}
	for (size_t i = 0; i < s->n_found; i++) {
		const struct guilt g = s->found[i];

		if (settled(s, &g))
			continue;
		for (size_t k = 0; k < g.n; k++) {
			if (!spared(s, &g, k) && accuse(s, &g, k, e) != 0)
				return -1;
		}
	}
	return 0;
}

static int search_all(struct search *s, struct err *e)
{
	if (add_created(s, e) != 0)
		return -1;
	for (size_t b = 0; b < s->j->f->n_cols && s->n_parts < MOST_PARTS; b++) {
		if (stands_for(s->j, &s->j->f->cols[b]) && add_part(s, b, e) != 0)
			return -1;
	}
	for (size_t a = 0; a < s->n_parts; a++) {
		for (size_t b = a + 1; b < s->n_parts; b++) {
			if (try_pair(s, a, b, e) != 0)
				return -1;
		}
		if (s->j->o->progress != NULL &&
			s->j->o->progress(s->j->o->progress_ctx,
				.7 + .2 * (double)a / (double)s->n_parts) != 0)
			return err_set(e, ERR_CANCELLED, "stopped while looking for leaks");
	}
	if (blame(s, e) != 0)
		return -1;
	s->n_found = 0;
	/* Threes only of columns that are still in. */
	for (size_t i = 0; i < s->n_parts;) {
		if (is_out(s, i)) {
			part_clear(&s->parts[i]);
			memmove(&s->parts[i], &s->parts[i + 1],
				(s->n_parts - i - 1) * sizeof(*s->parts));
			s->n_parts--;
		} else {
			i++;
		}
	}
	if (try_triples(s, e) != 0)
		return -1;
	return blame(s, e);
}

int leak_combos(struct leak_judge *j, struct err *e)
{
	struct search s = { .j = j };
	int failed;

	if (leak_rows_make(j->f, MOST_ROWS, j->o->seed + 1, &s.rows, e) != 0)
		return -1;
	s.parts = calloc(MOST_PARTS + 2, sizeof(*s.parts));
	if (s.parts == NULL)
		failed = err_nomem(e);
	else if (s.rows.n_won < 20 || s.rows.n_lost < 20)
		failed = 0;
	else
		failed = search_all(&s, e);
	for (size_t i = 0; i < s.n_parts && s.parts != NULL; i++)
		part_clear(&s.parts[i]);
	free(s.parts);
	free(s.found);
	leak_rows_clear(&s.rows);
	return failed;
}
