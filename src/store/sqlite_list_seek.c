/* SPDX-License-Identifier: Apache-2.0 */
/* A list that starts at a fraction of itself. */
#include <stdlib.h>
#include <string.h>

#include "store/sqlite_list_internal.h"
#include "util/err.h"

/* The value in whose run the wanted place lies, then within it, by id, the lead. All values of a
 * list may be different: first every STEP or so of a segment is taken, which tells two values
 * between which the place must lie; then those between, and how many are below, are counted
 * exactly. */
struct run_of {
	struct value value;
	uint32_t count;
};

struct runs {
	struct run_of *runs;
	size_t n, cap;
};

static int add_run(struct list_top *t, struct runs *r, const struct value *v, uint32_t count)
{
	if (r->n == r->cap) {
		size_t cap = r->cap == 0 ? 4096 : 2 * r->cap;
		struct run_of *more = realloc(r->runs, cap * sizeof(*more));

		if (more == NULL)
			return err_nomem(t->e);
		r->runs = more;
		r->cap = cap;
	}
	r->runs[r->n].value = *v;
	r->runs[r->n].count = count;
	if (v->class == VALUE_TEXT) {
		struct str text = str_sub(v->text, 0, VALUE_SORTED);

		r->runs[r->n].value.text = (struct str){ arena_dup(&t->texts, text), text.n };
		if (r->runs[r->n].value.text.p == NULL)
			return err_nomem(t->e);
	}
	r->n++;
	return 0;
}

enum { STEP = 64 };

/* What is wanted of the values: a sample, or all within bounds and how many are below. */
struct between {
	bool sample;
	const struct value *from, *to; /* both in it; from NULL: no bound */
	uint64_t below, all;           /* of those that are not empty */
	uint32_t *counts;              /* [SEG + 1]: by code */
};

static int sample_strip(
	struct list_top *t, struct runs *r, const struct strip *s, struct between *x)
{
	uint32_t i, some = 0;

	for (i = 0; i < s->n; i++) {
		struct value v;

		some += x->counts[i + 1];
		x->all += x->counts[i + 1];
		/* Fewer than STEP of a run are smaller than its value. */
		if (some < STEP && i + 1 < s->n)
			continue;
		v = strip_value(s, i);
		if (some > 0 && add_run(t, r, &v, some) != 0)
			return -1;
		some = 0;
	}
	return 0;
}

/* Which of 64 codes are ${from} to ${from} + ${n} - 1. Most often none is, which is fast to see. */
static uint64_t in_range(const uint16_t codes[64], uint32_t from, uint32_t n)
{
	uint16_t first = (uint16_t)from, so_many = (uint16_t)n, some = 0;
	uint64_t in = 0;
	size_t i;

	for (i = 0; i < 64; i++)
		some |= (uint16_t)((uint16_t)(codes[i] - first) < so_many);
	for (i = 0; i < 64 && some != 0; i++)
		in |= (uint64_t)((uint16_t)(codes[i] - first) < so_many) << i;
	return in;
}

static uint64_t count_range(const uint16_t codes[64], uint32_t from, uint32_t n, uint64_t bits)
{
	uint16_t first = (uint16_t)from, so_many = (uint16_t)n, in = 0;

	if (bits != UINT64_MAX)
		return (uint64_t)__builtin_popcountll(in_range(codes, from, n) & bits);
	for (size_t i = 0; i < 64; i++)
		in += (uint16_t)((uint16_t)(codes[i] - first) < so_many);
	return in;
}

/* Those within the bounds by code, and how many are below. */
static int count_strip(struct list_top *t, struct runs *r, const struct strip *s, struct between *x,
	const uint64_t bits[SEG / 64])
{
	uint32_t from = x->from != NULL ? strip_bound(s, x->from, false) : 0;
	uint32_t to = strip_bound(s, x->to, true), i;
	size_t w;

	memset(x->counts, 0, (s->n + 1) * sizeof(*x->counts));
	for (w = 0; w < SEG / 64; w++) {
		const uint16_t *codes = t->codes + w * 64;
		uint64_t in = in_range(codes, from + 1, to - from) & bits[w];

		x->below += count_range(codes, 1, from, bits[w]);
		for (; in != 0 && from < to; in &= in - 1)
			x->counts[codes[__builtin_ctzll(in)]]++;
	}
	for (i = from; i < to; i++) {
		struct value v = strip_value(s, i);

		if (x->counts[i + 1] > 0 && add_run(t, r, &v, x->counts[i + 1]) != 0)
			return -1;
	}
	return 0;
}

static void count_codes(const uint16_t codes[SEG], const uint64_t bits[SEG / 64], uint32_t *counts)
{
	size_t w, i;

	for (w = 0; w < SEG / 64; w++) {
		uint64_t left = bits[w];

		for (i = 0; i < 64 && left == UINT64_MAX; i++)
			counts[codes[w * 64 + i]]++;
		for (; left != 0 && left != UINT64_MAX; left &= left - 1)
			counts[codes[w * 64 + (size_t)__builtin_ctzll(left)]]++;
	}
}

static int runs_of_segment(struct list_top *t, struct runs *r, int64_t segment, struct between *x)
{
	uint64_t bits[SEG / 64];
	struct strip strip;
	struct str body;

	if (sq_scan_segment(&t->scan, segment, bits, t->e) != 0 ||
		sq_strip_body(t->scan.c, 1, t->column, segment, &body, t->e) != 0 ||
		strip_read(body, &t->scan.scratch[1], &strip, t->e) != 0)
		return -1;
	strip_codes(&strip, t->codes);
	if (!x->sample)
		return count_strip(t, r, &strip, x, bits);
	t->total += list_count_bits(bits);
	memset(x->counts, 0, (strip.n + 1) * sizeof(*x->counts));
	count_codes(t->codes, bits, x->counts);
	return sample_strip(t, r, &strip, x);
}

static int run_of_dirty(struct list_top *t, struct runs *r, size_t i, struct between *x)
{
	const struct layout *layout = NULL;
	struct value v;
	struct lead l;
	int rc = sq_scan_dirty(&t->scan, i, &l, &layout, t->e);

	if (rc <= 0)
		return rc;
	t->total += x->sample;
	v = value_of_lead(&l, layout, &t->q->sort, &t->fold);
	if (v.class == VALUE_EMPTY)
		return 0;
	x->all += x->sample;
	if (!x->sample && x->from != NULL && value_cmp(&v, x->from, false) < 0)
		x->below++;
	else if (x->sample || value_cmp(&v, x->to, false) <= 0)
		return add_run(t, r, &v, 1);
	return 0;
}

static int collect_runs(struct list_top *t, struct runs *r, struct between *x)
{
	int64_t segment;
	size_t i;

	for (segment = 0; segment < t->scan.segments; segment++)
		if (runs_of_segment(t, r, segment, x) != 0)
			return -1;
	for (i = 0; i < t->scan.n_dirty; i++)
		if (run_of_dirty(t, r, i, x) != 0)
			return -1;
	return 0;
}

/* nth_run: the runs partly sorted so that the one that holds element ${nth} is known; *before: how
 * many elements are smaller than its value. Quickselect by counts. */
static const struct value *nth_run(
	struct run_of *a, size_t n, uint64_t nth, bool descending, uint64_t *before)
{
	size_t lo = 0, hi = n;

	*before = 0;
	while (lo < hi) {
		struct value pivot = a[lo + (hi - lo) / 2].value;
		size_t i = lo, lt = lo, gt = hi;
		uint64_t less = 0, same = 0;

		while (i < gt) {
			int c = value_cmp(&a[i].value, &pivot, descending);
			struct run_of swap = a[i];

			if (c < 0) {
				less += a[i].count;
				a[i++] = a[lt];
				a[lt++] = swap;
			} else if (c > 0) {
				a[i] = a[--gt];
				a[gt] = swap;
			} else {
				same += a[i++].count;
			}
		}
		if (nth < *before + less) {
			hi = lt;
		} else if (nth < *before + less + same) {
			*before += less;
			return &a[lt].value;
		} else {
			*before += less + same;
			lo = gt;
		}
	}
	return NULL; /* among the empty ones */
}

struct tie {
	uint64_t high;
	int64_t slot;
};

/* tie_select(v, n, nth): v[nth] becomes the one that sorting would put there, in time of the order
 * of ${n}. The server makes the ids, in order of time, so that the middle one splits them well. */
static void tie_select(struct tie *v, size_t n, size_t nth)
{
	size_t lo = 0, hi = n;

	while (hi - lo > 1) {
		uint64_t pivot = v[lo + (hi - lo - 1) / 2].high;
		size_t i = lo, j = hi - 1;

		for (;; i++, j--) {
			struct tie swap;

			while (v[i].high < pivot)
				i++;
			while (v[j].high > pivot)
				j--;
			if (i >= j)
				break;
			swap = v[i];
			v[i] = v[j];
			v[j] = swap;
		}
		/* Up to j none is above the pivot, behind it none below. */
		if (nth <= j)
			hi = j + 1;
		else
			lo = j + 1;
	}
}

/* The leads of one value, while number so-and-so of them is looked for. */
struct ties {
	struct tie *v;
	size_t n, cap;
};

static int ties_add(struct list_top *t, struct ties *x, struct list_candidate *c)
{
	list_need_high(t, c);
	if (t->failed)
		return -1;
	if (x->n == x->cap) {
		size_t cap = x->cap == 0 ? 256 : 2 * x->cap;
		struct tie *more = realloc(x->v, cap * sizeof(*more));

		if (more == NULL)
			return err_nomem(t->e);
		x->v = more;
		x->cap = cap;
	}
	x->v[x->n++] = (struct tie){ .high = c->high, .slot = c->slot };
	return 0;
}

/* Those of ${segment} that have the value ${v}. */
static int ties_of_segment(
	struct list_top *t, struct ties *x, const struct value *v, int64_t segment)
{
	uint64_t bits[SEG / 64] = { 0 };
	struct strip strip = { .n = 0 };
	struct str body;
	uint32_t from = 0, to = 1; /* codes of the value */

	if (sq_scan_segment(&t->scan, segment, bits, t->e) != 0 ||
		sq_strip_body(t->scan.c, 1, t->column, segment, &body, t->e) != 0 ||
		strip_read(body, &t->scan.scratch[1], &strip, t->e) != 0)
		return -1;
	if (v->class != VALUE_EMPTY) {
		from = strip_bound(&strip, v, false) + 1;
		to = strip_bound(&strip, v, true) + 1;
	}
	if (from >= to)
		return 0;
	strip_codes(&strip, t->codes);
	for (size_t w = 0; w < SEG / 64; w++) {
		const uint16_t *codes = t->codes + w * 64;
		uint64_t in = in_range(codes, from, to - from) & bits[w];

		for (; in != 0; in &= in - 1) {
			struct list_candidate c = { .slot = segment * SEG + 1 + (int64_t)(w * 64) +
							    __builtin_ctzll(in) };

			if (ties_add(t, x, &c) != 0)
				return -1;
		}
	}
	return 0;
}

/* Those that are not in strips yet. */
static int ties_of_dirty(struct list_top *t, struct ties *x, const struct value *v)
{
	for (size_t i = 0; i < t->scan.n_dirty; i++) {
		const struct layout *layout = NULL;
		struct list_candidate c = { .slot = t->scan.dirty[i].slot };
		struct lead l;
		int pass = sq_scan_dirty(&t->scan, i, &l, &layout, t->e);

		if (pass < 0)
			return -1;
		if (pass == 0)
			continue;
		c.value = value_of_lead(&l, layout, &t->q->sort, &t->fold);
		if (value_cmp(&c.value, v, false) != 0)
			continue;
		c.high = list_high_of(&l.id);
		c.has_high = true;
		if (ties_add(t, x, &c) != 0)
			return -1;
	}
	return 0;
}

/* Of the leads with value ${v}, in order of id, number ${nth}: its id becomes the place. Only leads
 * whose first halves of the id are equal, which does not happen, would be told apart wrongly. */
static int nth_tie(struct list_top *t, const struct value *v, uint64_t nth)
{
	struct ties ties = { .n = 0 };
	struct lead l;
	int64_t segment;
	int rc = -1;

	for (segment = 0; segment < t->scan.segments; segment++)
		if (ties_of_segment(t, &ties, v, segment) != 0)
			goto done;
	if (ties_of_dirty(t, &ties, v) != 0)
		goto done;
	if (ties.n > 0) {
		nth = nth < ties.n ? nth : ties.n - 1;
		tie_select(ties.v, ties.n, nth);
		if (sq_lead_at(t->scan.c, ties.v[nth].slot, &l, t->e) != 1)
			goto done;
		t->place = (struct list_candidate){ .value = *v,
			.slot = 0,
			.high = list_high_of(&l.id),
			.has_high = true,
			.has_id = true,
			.id = l.id };
		t->from = t->inclusive = true;
	}
	rc = 0;
done:
	free(ties.v);
	return rc;
}

static const struct value empty_value = { .class = VALUE_EMPTY };

/* nth_value(..): *v of element ${nth} of the list, NULL: an empty one; *before: how many lie before
 * the first of that value. ${samples} and ${runs} hold its text. */
static int nth_value(struct list_top *t, struct runs *samples, struct runs *runs, struct between *x,
	uint64_t nth, const struct value **v, uint64_t *before)
{
	uint64_t m, slack = (uint64_t)t->scan.segments * (STEP - 1), unused = 0, in = 0;
	struct value from, to;
	size_t i;

	*v = NULL;
	*before = x->all;
	if (nth >= x->all)
		return 0;
	/* Counted from the smallest. Of the samples up to a value at least as many as they stand
	 * for are not above it, and at most ${slack} more. */
	m = t->q->descending ? x->all - 1 - nth : nth;
	to = *nth_run(samples->runs, samples->n, m, false, &unused);
	x->to = &to;
	if (m >= slack) {
		from = *nth_run(samples->runs, samples->n, m - slack, false, &unused);
		x->from = &from;
	}
	x->sample = false;
	if (collect_runs(t, runs, x) != 0)
		return -1;
	for (i = 0; i < runs->n; i++)
		in += runs->runs[i].count;
	*before = t->q->descending ? x->all - x->below - in : x->below;
	*v = nth_run(runs->runs, runs->n, nth - *before, t->q->descending, &unused);
	*before += unused;
	return 0;
}

int list_seek(struct list_top *t)
{
	struct runs samples = { .n = 0 }, runs = { .n = 0 };
	struct between x = { .sample = true };
	const struct value *v;
	uint64_t nth, before = 0;
	int rc;

	x.counts = arena_array(t->a, SEG + 1, sizeof(*x.counts));
	if (x.counts == NULL)
		return err_nomem(t->e);
	rc = collect_runs(t, &samples, &x);
	if (rc == 0 && t->total > 0) {
		nth = (uint64_t)(t->q->at * (double)t->total);
		if (nth >= t->total)
			nth = t->total - 1;
		rc = nth_value(t, &samples, &runs, &x, nth, &v, &before);
		if (rc == 0)
			rc = nth_tie(t, v != NULL ? v : &empty_value, nth - before);
	}
	free(samples.runs);
	free(runs.runs);
	t->total = 0;
	return rc;
}
