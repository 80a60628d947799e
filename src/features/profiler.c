/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "features/headers.h"
#include "features/profile_internal.h"
#include "util/err.h"
#include "util/table.h"

#define LOOKS       5000 /* cells per column that are looked at for e-mail, phone and the like */
#define RAW_MAX     200  /* bytes of a sample */
#define VALUES      200000u
#define SLOTS_OF    4 /* distinct set: slots per value kept */
#define THREADS_MAX 16
#define MISSED      256 /* a column in which so many cells in a row are new has few that come again */

/* ---- distinct values ---- */

static int distinct_init(struct distinct *d, size_t most)
{
	d->slots = d->full = 16;
	while (d->full < most * SLOTS_OF)
		d->full *= 2;
	d->most = d->full / 2;
	d->hash = calloc(d->slots, sizeof(*d->hash));
	return d->hash != NULL ? 0 : -1;
}

static uint64_t *distinct_slot(struct distinct *d, uint64_t h)
{
	size_t i = (size_t)(h >> 32) & (d->slots - 1);

	while (d->hash[i] != 0 && d->hash[i] != h)
		i = (i + 1) & (d->slots - 1);
	return &d->hash[i];
}

/* Those that have the zero bits asked for, in a table of ${slots}. */
static int distinct_move(struct distinct *d, size_t slots)
{
	uint64_t *old = d->hash, *hash = calloc(slots, sizeof(*hash));
	size_t had = d->slots;

	if (hash == NULL)
		return -1;
	d->hash = hash;
	d->slots = slots;
	d->n = 0;
	for (size_t i = 0; i < had; i++) {
		if (old[i] != 0 && (old[i] & ((1ull << d->level) - 1)) == 0) {
			*distinct_slot(d, old[i]) = old[i];
			d->n++;
		}
	}
	free(old);
	return 0;
}

/* One more zero bit asked for: about half of the values go. Their rows are scaled with them. */
static int distinct_thin(struct distinct *d)
{
	size_t was = d->n;

	d->level++;
	if (distinct_move(d, d->slots) == -1) {
		d->level--;
		return -1;
	}
	d->rows = was != 0 ? (uint64_t)((double)d->rows * (double)d->n / (double)was + .5) : 0;
	return 0;
}

static int distinct_add(struct distinct *d, uint64_t h, uint64_t w)
{
	uint64_t *slot;

	if (h == 0)
		h = 1ull << 63;
	if ((h & ((1ull << d->level) - 1)) != 0)
		return 0;
	slot = distinct_slot(d, h);
	d->rows += w;
	if (*slot != 0)
		return 0;
	*slot = h;
	d->n++;
	if (d->n < d->slots / 2)
		return 0;
	if (d->slots < d->full)
		return distinct_move(d, d->slots < d->full / 4 ? 4 * d->slots : d->full);
	return d->n < d->most || d->level == 40 ? 0 : distinct_thin(d);
}

double distinct_of(const struct acc *a)
{
	if (!a->values_full)
		return (double)(a->values.n - a->placeholder_values);
	return ldexp((double)a->distinct.n, (int)a->distinct.level);
}

double distinct_share(const struct acc *a)
{
	if (a->filled == 0)
		return 0;
	if (!a->values_full)
		return distinct_of(a) / (double)a->filled;
	return a->distinct.rows != 0 ? (double)a->distinct.n / (double)a->distinct.rows : 0;
}

/* ---- one cell ---- */

static void widen(struct range *r, double x)
{
	if (!(r->min <= x))
		r->min = x;
	if (!(r->max >= x))
		r->max = x;
}

/* -1, -9, 99, 999, -9999 and the like: what people type where nothing is known. */
static bool usual_code(double x)
{
	double a = fabs(x);

	if (x == -1)
		return true;
	for (double nines = 9; nines < 1e12; nines = nines * 10 + 9) {
		if (a == nines)
			return x < 0 || nines >= 99;
	}
	return false;
}

static void read_number(struct reading *r, double x, uint64_t w)
{
	widen(&r->all, x);
	if (!usual_code(x))
		widen(&r->plain, x);
	r->fractions += x != floor(x) ? w : 0;
	r->negative += x < 0 ? w : 0;
}

static void count_order(struct acc *a, double x)
{
	if (a->s_n == 0)
		a->y0 = x;
	else
		*(x > a->last ? &a->up : &a->down) += x != a->last;
	a->last = x;
	x -= a->y0;
	a->s_n++;
	a->s_x += a->s_n;
	a->s_y += x;
	a->s_xx += a->s_n * a->s_n;
	a->s_yy += x * x;
	a->s_xy += a->s_n * x;
}

static void count_votes(struct acc *a, const struct cell_votes *v, uint64_t w)
{
	struct cell_votes all = { v->dot * w, v->comma * w, v->number_ambiguous * w, v->dmy * w,
		v->mdy * w, v->date_ambiguous * w };

	cell_votes_add(&a->votes, &all);
}

/* ${w} cells like this one. */
static void count_number(struct acc *a, struct str s, uint64_t w)
{
	struct cell_votes v = { 0 };
	double x, y;
	enum cell_result r = cell_number(s, MARK_DOT, &x);

	if (r == CELL_NO)
		return;
	y = x;
	if (r == CELL_AMBIGUOUS)
		cell_number(s, MARK_COMMA, &y);
	/* Only a fraction or a group of digits says anything about the mark. */
	if (r == CELL_AMBIGUOUS || x != floor(x) || s.n > 5) {
		cell_vote_number(&v, s);
		count_votes(a, &v, w);
	}
	a->numbers += w;
	read_number(&a->number[0], x, w);
	read_number(&a->number[1], y, w);
}

static void count_date(struct acc *a, struct str s, double now, uint64_t w)
{
	struct cell_votes v = { 0 };
	struct cell_date d, m;
	enum cell_result r;

	if (cell_unix(s, &d)) {
		a->unix_times += w;
		widen(&a->unix_range, d.days);
		if (now == 0 || d.days <= now)
			widen(&a->unix_past, d.days);
	}
	r = cell_date(s, ORDER_DMY, &d);
	if (r == CELL_NO)
		return;
	m = d;
	if (r == CELL_AMBIGUOUS)
		cell_date(s, ORDER_MDY, &m);
	cell_vote_date(&v, s);
	count_votes(a, &v, w);
	a->dates += w;
	a->timed += d.has_time ? w : 0;
	widen(&a->date[0].all, d.days);
	widen(&a->date[1].all, m.days);
	if (now == 0 || d.days <= now)
		widen(&a->date[0].plain, d.days);
	if (now == 0 || m.days <= now)
		widen(&a->date[1].plain, m.days);
}

static void count_digits(struct acc *a, struct str s, uint64_t w)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	if (n != s.n)
		return;
	if (a->digits == 0 || n < a->digits_min)
		a->digits_min = n;
	if (n > a->digits_max)
		a->digits_max = n;
	a->digits += w;
	a->zero_led += n > 1 && s.p[0] == '0' ? w : 0;
}

static void look(struct acc *a, struct str s, uint64_t w)
{
	bool mark = false;

	a->looked += w;
	count_digits(a, s, w);
	a->email += look_email(s) ? w : 0;
	a->url += look_url(s) ? w : 0;
	a->linkedin += str_findi(s, S("linkedin.")) >= 0 ? w : 0;
	a->phone += look_phone(s) ? w : 0;
	a->hash += look_hash(s) ? w : 0;
	a->person += look_person(s) ? w : 0;
	a->country += look_country(s) ? w : 0;
	for (size_t i = 0; i < s.n && !mark; i++)
		mark = s.p[i] >= '0' && s.p[i] <= '9';
	a->code += mark && str_chr(s, ' ') < 0 ? w : 0;
}

static size_t count_words(struct str s)
{
	size_t n = 0;
	bool in = false;

	for (size_t i = 0; i < s.n; i++) {
		bool blank = s.p[i] == ' ' || (s.p[i] >= '\t' && s.p[i] <= '\r');

		n += !blank && !in;
		in = !blank;
	}
	return n;
}

/* The first bytes of a cell, cut between characters. */
static struct str sample_of(struct str s)
{
	if (s.n <= RAW_MAX)
		return s;
	s.n = RAW_MAX;
	while (s.n != 0 && ((unsigned char)s.p[s.n] & 0xC0) == 0x80)
		s.n--;
	return s;
}

static int keep_raw(struct profiler *pr, struct acc *a, struct str s)
{
	char *copy;

	if (a->values.n > a->raw_cap) {
		size_t cap = a->raw_cap != 0 ? a->raw_cap * 2 : 16;
		struct str *raw = realloc(a->raw, cap * sizeof(*raw));

		if (raw == NULL)
			return -1;
		a->raw = raw;
		a->raw_cap = cap;
	}
	if ((copy = arena_dup(&a->values.keys, sample_of(s))) == NULL)
		return -1;
	a->raw[a->values.n - 1] = (struct str){ copy, sample_of(s).n };
	return 0;
}

/* Placeholders are counted among the values (they are levels), but not as distinct ones. */
static int count_value(struct profiler *pr, struct acc *a, struct str s, bool filled, uint64_t w)
{
	char room[CELL_TEXT_MAX];
	struct str text = cell_text(s, room);
	bool full = a->values.n >= pr->most_values, added = false;
	struct map_entry *x;

	if (filled && distinct_add(&a->distinct, str_hash(text, 1), w) == -1)
		return -1;
	if (full && a->values_missed >= MISSED)
		return 0;
	x = full ? map_get(&a->values, text) : map_put(&a->values, text, &added);
	if (x == NULL && !full)
		return -1;
	if (x == NULL) {
		a->values_full = true;
		a->values_missed++;
		return 0;
	}
	a->values_missed = 0;
	x->value += w;
	a->placeholder_values += added && !filled;
	return added ? keep_raw(pr, a, str_trim(s)) : 0;
}

/* All but the order in the file, for ${w} cells like this one. */
static int count_cells(struct profiler *pr, struct acc *a, struct str s, uint64_t w)
{
	enum cell_fill fill = cell_fill(s);
	int yes;

	a->rows += w;
	s = str_trim(s);
	if (fill == CELL_EMPTY) {
		a->empty += w;
		return 0;
	}
	if (fill == CELL_PLACEHOLDER) {
		a->placeholders += w;
		return count_value(pr, a, s, false, w);
	}
	a->filled += w;
	a->bytes += s.n * w;
	a->words += count_words(s) * w;
	if (!a->no_numbers)
		count_number(a, s, w);
	if (!a->no_dates)
		count_date(a, s, pr->o.now, w);
	yes = cell_yesno(s);
	a->yesno += yes >= 0 ? w : 0;
	a->yes += yes == 1 ? w : 0;
	if (a->looked < pr->looks || w > 1) {
		look(a, s, w);
		if (a->looked >= pr->looks && a->numbers == 0)
			a->no_numbers = true;
		if (a->looked >= pr->looks && a->dates == 0 && a->unix_times == 0)
			a->no_dates = true;
	}
	return count_value(pr, a, s, true, w);
}

/* Most cells repeat an earlier one: the first is looked at when it comes, and how often it came
 * again is told at the end. */
static int count_cell(struct profiler *pr, struct acc *a, struct str s)
{
	struct map_entry *x;
	bool added = false;
	double number;
	uint64_t again = 0;

	if (s.n == 0) {
		a->rows++;
		a->empty++;
		return 0;
	}
	if (s.n > RAW_MAX || a->missed >= MISSED)
		x = NULL;
	else if (a->seen.n >= pr->most_values)
		a->missed = (x = map_get(&a->seen, s)) == NULL ? a->missed + 1 : 0;
	else if ((x = map_put(&a->seen, s, &added)) == NULL)
		return -1;
	if (x != NULL && !added)
		again = ++x->value;
	if (again == 0 && count_cells(pr, a, s, 1) == -1)
		return -1;
	/* A column of numbers: does it count the rows? */
	if (a->numbers != 0 && cell_number(s, MARK_DOT, &number) != CELL_NO)
		count_order(a, number);
	return 0;
}

static int end_column(struct profiler *pr, struct acc *a, size_t column, const void *arg)
{
	(void)column;
	(void)arg;
	for (size_t i = 0; i < a->seen.n; i++) {
		const struct map_entry *x = &a->seen.entries[i];

		if (x->value != 0 && count_cells(pr, a, x->key, x->value) == -1)
			return -1;
	}
	profile_count_lists(a);
	return 0;
}

/* ---- columns shared among threads ---- */

typedef int column_fn(struct profiler *pr, struct acc *a, size_t column, const void *arg);

struct shared {
	struct profiler *pr;
	column_fn *fn;
	const void *arg;
	atomic_size_t next;
	atomic_bool failed;
};

static void *take_columns(void *ctx)
{
	struct shared *x = ctx;
	size_t i;

	while ((i = atomic_fetch_add(&x->next, 1)) < x->pr->p->n)
		if (x->fn(x->pr, &x->pr->acc[i], i, x->arg) == -1)
			atomic_store(&x->failed, true);
	return NULL;
}

/* A column's counts are its own, so that each may be counted by another thread. Without threads
 * this one does all. */
static int each_column(struct profiler *pr, column_fn *fn, const void *arg)
{
	struct shared x = { .pr = pr, .fn = fn, .arg = arg };
	pthread_t id[THREADS_MAX];
	unsigned n = 0;

	while (n + 1 < pr->threads && n < THREADS_MAX &&
		pthread_create(&id[n], NULL, take_columns, &x) == 0)
		n++;
	take_columns(&x);
	while (n > 0)
		pthread_join(id[--n], NULL);
	return atomic_load(&x.failed) ? -1 : 0;
}

/* ---- the pass ---- */

static int check_names(struct profiler *pr, struct err *e)
{
	const struct profile_opts *o = &pr->o;

	if (o->target.n != 0 && (pr->target = profile_find(pr->p, o->target)) < 0)
		return err_set(e, ERR_INPUT, "the file has no column \"" STR_FMT "\" (the target)",
			STR_ARG(o->target));
	for (size_t i = 0; i < o->n_drop + o->n_keep; i++) {
		struct str name = i < o->n_drop ? o->drop[i] : o->keep[i - o->n_drop];

		if (profile_find(pr->p, name) < 0)
			return err_set(e, ERR_INPUT, "the file has no column \"" STR_FMT "\" (%s)",
				STR_ARG(name), i < o->n_drop ? "--drop" : "--keep");
	}
	return 0;
}

static void acc_clear(struct acc *a)
{
	map_clear(&a->values);
	map_clear(&a->seen);
	free(a->raw);
	free(a->distinct.hash);
}

void profiler_free(struct profiler *pr)
{
	if (pr == NULL)
		return;
	for (size_t i = 0; pr->acc != NULL && i < pr->p->n; i++)
		acc_clear(&pr->acc[i]);
	free(pr->acc);
	profile_free(pr->p);
	free(pr);
}

static int init_columns(struct profiler *pr, const struct str *names, struct err *e)
{
	struct profile *p = pr->p;

	p->cols = arena_array(&p->mem, p->n, sizeof(*p->cols));
	pr->acc = calloc(p->n, sizeof(*pr->acc));
	if (p->cols == NULL || pr->acc == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < p->n; i++) {
		struct acc *a = &pr->acc[i];
		const struct range none = { NAN, NAN };

		if (profile_text(p, names[i], &p->cols[i].name, e) == -1)
			return -1;
		for (size_t k = 0; k < 2; k++)
			a->number[k].all = a->number[k].plain = a->date[k].all = a->date[k].plain =
				none;
		a->unix_range = a->unix_past = none;
		if (distinct_init(&a->distinct, pr->most_values) == -1)
			return err_nomem(e);
	}
	/* To know how many values there are takes as much memory as ever. */
	if (pr->o.values != 0 && pr->o.values < pr->most_values)
		pr->most_values = pr->o.values;
	return check_names(pr, e);
}

struct profiler *profiler_new(
	const struct str *names, size_t n, const struct profile_opts *o, struct err *e)
{
	struct profiler *pr;

	if (n == 0) {
		err_set(e, ERR_INPUT, "the file has no columns");
		return NULL;
	}
	if ((pr = calloc(1, sizeof(*pr))) == NULL || (pr->p = calloc(1, sizeof(*pr->p))) == NULL) {
		free(pr);
		err_nomem(e);
		return NULL;
	}
	pr->p->n = n;
	pr->p->as_of = NAN;
	pr->target = -1;
	if (o != NULL)
		pr->o = *o;
	pr->looks = pr->o.looks != 0 ? pr->o.looks : LOOKS;
	pr->product = pr->o.product_said ? pr->o.product : header_product(names, n);
	pr->p->product = str_of(header_product_name(pr->product));
	pr->most_values = VALUES / n;
	pr->most_values = pr->most_values < 128    ? 128
			  : pr->most_values > 4096 ? 4096
						   : pr->most_values;
	if (init_columns(pr, names, e) == -1) {
		profiler_free(pr);
		return NULL;
	}
	return pr;
}

int profiler_row(struct profiler *pr, const struct str *cells, struct err *e)
{
	pr->rows++;
	for (size_t i = 0; i < pr->p->n; i++) {
		if (count_cell(pr, &pr->acc[i], cells[i]) == -1)
			return err_nomem(e);
	}
	return 0;
}

struct some_rows {
	const struct row *rows;
	size_t n;
};

static int column_of_rows(struct profiler *pr, struct acc *a, size_t column, const void *arg)
{
	const struct some_rows *x = arg;

	for (size_t i = 0; i < x->n; i++)
		if (!x->rows[i].bad && count_cell(pr, a, x->rows[i].cells[column]) == -1)
			return -1;
	return 0;
}

int profiler_rows(
	struct profiler *pr, const struct row *rows, size_t n, unsigned threads, struct err *e)
{
	const struct some_rows x = { rows, n };

	for (size_t i = 0; i < n; i++)
		pr->rows += !rows[i].bad;
	pr->threads = threads;
	return each_column(pr, column_of_rows, &x) == -1 ? err_nomem(e) : 0;
}

struct profile *profiler_end(struct profiler *pr, struct err *e)
{
	struct profile *p = pr->p;
	int rc = 0;

	p->rows = pr->rows;
	if (each_column(pr, end_column, NULL) == -1)
		rc = err_nomem(e);
	if (rc == -1 || profile_guess(pr, e) == -1) {
		profiler_free(pr);
		return NULL;
	}
	for (size_t i = 0; i < p->n; i++)
		acc_clear(&pr->acc[i]);
	free(pr->acc);
	free(pr);
	return p;
}
