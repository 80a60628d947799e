/* SPDX-License-Identifier: Apache-2.0 */
/* A page of a list: every strip of the sorted column is looked at, and only what can still get onto
 * the page is held: a heap with the last of them on top. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "store/lead_form_internal.h"
#include "store/sqlite_strip_internal.h"
#include "util/err.h"

/* One that may be on the page. Ids are looked up when two values are equal, which is seldom needed.
 */
struct candidate {
	struct value value; /* text in the arena of the page */
	int64_t slot;
	uint64_t high; /* first half of its id */
	bool has_high, has_id;
	struct id id;
};

struct top {
	struct sq_scan scan;
	const struct lead_query *q;
	uint32_t column;
	bool strips; /* the sorted column has them */
	struct candidate *heap;
	size_t n, most; /* most: one more than the page, to know whether there is another */
	bool from;      /* only those behind ${place}, or at it too */
	bool inclusive;
	struct candidate place;
	uint64_t total;
	int64_t ids_segment; /* whose ids are at hand; -1: none */
	const uint8_t *ids;
	struct arena *a, texts;
	struct err *e;
	bool failed;
	struct buf fold;
};

static uint64_t high_of(const struct id *id)
{
	uint64_t high = 0;
	int k;

	for (k = 0; k < 8; k++)
		high = high << 8 | id->b[k];
	return high;
}

static void need_high(struct top *t, struct candidate *c)
{
	struct str body;
	int64_t segment = (c->slot - 1) / SEG;

	if (c->has_high || t->failed)
		return;
	if (segment != t->ids_segment) {
		t->ids_segment = -1;
		if (sq_strip_body(t->scan.c, 2, COL_IDS, segment, &body, t->e) != 0 ||
			body.n != SEG * 8) {
			t->failed = true;
			return;
		}
		t->ids = (const uint8_t *)body.p;
		t->ids_segment = segment;
	}
	memcpy(&c->high, t->ids + (size_t)((c->slot - 1) % SEG) * 8, 8);
	c->has_high = true;
}

static void need_id(struct top *t, struct candidate *c)
{
	struct lead l;

	if (c->has_id || t->failed)
		return;
	if (sq_lead_at(t->scan.c, c->slot, &l, t->e) != 1) {
		t->failed = true;
		return;
	}
	c->id = l.id;
	c->has_id = true;
}

static int id_order(struct top *t, struct candidate *a, struct candidate *b)
{
	need_high(t, a);
	need_high(t, b);
	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	if (a->slot == b->slot && a->slot != 0)
		return 0;
	need_id(t, a);
	need_id(t, b);
	return id_cmp(a->id, b->id);
}

static int order(struct top *t, struct candidate *a, struct candidate *b)
{
	int c = value_cmp(&a->value, &b->value, t->q->descending);

	return c != 0 ? c : id_order(t, a, b);
}

static void sift_down(struct top *t, size_t i)
{
	for (;;) {
		size_t k = 2 * i + 1;
		struct candidate swap;

		if (k >= t->n)
			return;
		if (k + 1 < t->n && order(t, &t->heap[k + 1], &t->heap[k]) > 0)
			k++;
		if (order(t, &t->heap[k], &t->heap[i]) <= 0)
			return;
		swap = t->heap[i];
		t->heap[i] = t->heap[k];
		t->heap[k] = swap;
		i = k;
	}
}

static void sift_up(struct top *t, size_t i)
{
	while (i > 0 && order(t, &t->heap[i], &t->heap[(i - 1) / 2]) > 0) {
		struct candidate swap = t->heap[i];

		t->heap[i] = t->heap[(i - 1) / 2];
		t->heap[(i - 1) / 2] = swap;
		i = (i - 1) / 2;
	}
}

static void offer(struct top *t, struct candidate *c)
{
	if (t->from) {
		int k = order(t, c, &t->place);

		if (k < 0 || (k == 0 && !t->inclusive))
			return;
	}
	if (t->n == t->most && order(t, c, &t->heap[0]) >= 0)
		return;
	if (c->value.class == VALUE_TEXT) {
		struct str text = str_sub(c->value.text, 0, VALUE_SORTED);

		c->value.text = (struct str){ arena_dup(&t->texts, text), text.n };
		if (c->value.text.p == NULL) {
			err_nomem(t->e);
			t->failed = true;
			return;
		}
	}
	if (t->n < t->most) {
		t->heap[t->n++] = *c;
		sift_up(t, t->n - 1);
	} else {
		t->heap[0] = *c;
		sift_down(t, 0);
	}
}

static size_t count_bits(const uint64_t bits[SEG / 64])
{
	size_t w, n = 0;

	for (w = 0; w < SEG / 64; w++)
		n += (size_t)__builtin_popcountll(bits[w]);
	return n;
}

static const struct value empty_value = { .class = VALUE_EMPTY };

/* may_offer(..): a value that is neither before the place nor behind the last on the page. */
static bool may_offer(const struct top *t, const struct value *v)
{
	if (t->from && value_cmp(v, &t->place.value, t->q->descending) < 0)
		return false;
	return t->n < t->most || value_cmp(v, &t->heap[0].value, t->q->descending) <= 0;
}

/* The flags of the codes that may get onto the page. Values are sorted, but a page takes so few
 * that looking from the right end is all that is needed. */
static bool flag_codes(const struct top *t, const struct strip *s, uint8_t *flags)
{
	uint32_t lo = 0, hi = s->n;
	bool some;

	flags[0] = may_offer(t, &empty_value);
	some = flags[0];
	memset(flags + 1, 0, s->n);
	/* Those that may lie next to each other: the bounds by halving. */
	if (t->from && t->place.value.class != VALUE_EMPTY) {
		uint32_t a = 0, b = s->n;

		while (a < b) {
			uint32_t mid = (a + b) / 2;
			struct value v = strip_value(s, mid);
			int c = value_cmp(&v, &t->place.value, false);

			if (t->q->descending ? c <= 0 : c < 0)
				a = mid + 1;
			else
				b = mid;
		}
		if (t->q->descending)
			hi = a;
		else
			lo = a;
	} else if (t->from) {
		hi = 0; /* behind an empty one there are only empty ones */
	}
	if (t->n == t->most && t->heap[0].value.class != VALUE_EMPTY) {
		uint32_t a = lo, b = hi;

		while (a < b) {
			uint32_t mid = (a + b) / 2;
			struct value v = strip_value(s, mid);
			int c = value_cmp(&v, &t->heap[0].value, false);

			if (t->q->descending ? c < 0 : c <= 0)
				a = mid + 1;
			else
				b = mid;
		}
		if (t->q->descending)
			lo = a;
		else
			hi = a;
	}
	if (lo < hi) {
		memset(flags + 1 + lo, 1, hi - lo);
		some = true;
	}
	return some;
}

static void offer_segment(struct top *t, int64_t segment, const uint64_t bits[SEG / 64])
{
	struct strip strip;
	struct str body;
	uint8_t *flags = t->scan.flags;
	size_t w;

	if (sq_strip_body(t->scan.c, 1, t->column, segment, &body, t->e) != 0 ||
		strip_read(body, &t->scan.scratch[1], &strip, t->e) != 0) {
		t->failed = true;
		return;
	}
	if (!flag_codes(t, &strip, flags))
		return;
	for (w = 0; w < SEG / 64 && !t->failed; w++) {
		uint64_t left = bits[w];

		while (left != 0) {
			size_t row = w * 64 + (size_t)__builtin_ctzll(left);
			uint32_t code = strip_code(&strip, row);
			struct candidate c = { .slot = segment * SEG + 1 + (int64_t)row };

			left &= left - 1;
			if (!flags[code])
				continue;
			c.value = code == 0 ? empty_value : strip_value(&strip, code - 1);
			offer(t, &c);
		}
	}
}

/* Sorting by what has no strips: the rows are looked at. */
static void offer_rows(struct top *t, int64_t segment, const uint64_t bits[SEG / 64])
{
	size_t i;

	for (i = 0; i < SEG && !t->failed; i++) {
		struct candidate c = { .slot = segment * SEG + 1 + (int64_t)i };
		const struct sq_layout *layout;
		struct lead l;

		if ((bits[i / 64] >> i % 64 & 1) == 0)
			continue;
		if (sq_lead_at(t->scan.c, c.slot, &l, t->e) != 1) {
			t->failed = true;
			return;
		}
		layout = sq_layout_get(t->scan.s, t->scan.c, l.layout, NULL);
		c.value = value_of_lead(
			&l, layout != NULL ? &layout->layout : NULL, &t->q->sort, &t->fold);
		offer(t, &c);
	}
}

static int run(struct top *t)
{
	uint64_t bits[SEG / 64];
	int64_t segment;
	size_t i;

	for (segment = 0; segment < t->scan.segments; segment++) {
		if (sq_scan_segment(&t->scan, segment, bits, t->e) != 0)
			return -1;
		t->total += count_bits(bits);
		if (t->strips)
			offer_segment(t, segment, bits);
		else
			offer_rows(t, segment, bits);
		if (t->failed)
			return -1;
	}
	for (i = 0; i < t->scan.n_dirty; i++) {
		struct candidate c = { .slot = t->scan.dirty[i].slot };
		const struct layout *layout = NULL;
		struct lead l;
		int rc = sq_scan_dirty(&t->scan, i, &l, &layout, t->e);

		if (rc < 0)
			return -1;
		if (rc == 0)
			continue;
		t->total++;
		c.id = l.id;
		c.high = high_of(&l.id);
		c.has_id = c.has_high = true;
		c.value = value_of_lead(&l, layout, &t->q->sort, &t->fold);
		offer(t, &c);
		if (t->failed)
			return -1;
	}
	return 0;
}

static int fill(struct top *t, const int64_t *slots, size_t n, struct lead_page *page)
{
	size_t i;

	page->leads = arena_array(t->a, n + 1, sizeof(*page->leads));
	if (page->leads == NULL)
		return err_nomem(t->e);
	for (i = 0; i < n; i++) {
		struct lead *l = &page->leads[i];
		int rc = sq_lead_at(t->scan.c, slots[i], l, t->e);

		if (rc != 1)
			return rc < 0 ? -1 : err_set(t->e, ERR_IO, "a listed lead is missing");
		if (lead_form_own(l, t->a, t->q->cells, t->e) != 0)
			return -1;
	}
	page->n = n;
	return 0;
}

/* The heap in order, best first. */
static int finish(struct top *t, struct lead_page *page)
{
	size_t n = t->n, i;
	int64_t *slots = arena_array(t->a, n + 1, sizeof(*slots));
	struct candidate last = { .slot = 0 };
	struct place end;

	if (slots == NULL)
		return err_nomem(t->e);
	for (i = n; i-- > 0;) {
		struct candidate c = t->heap[0];

		t->heap[0] = t->heap[--t->n];
		sift_down(t, 0);
		slots[i] = c.slot;
		if (i == t->q->limit - 1)
			last = c;
	}
	if (t->failed)
		return -1;
	if (fill(t, slots, n < t->q->limit ? n : t->q->limit, page) != 0)
		return -1;
	if (n <= t->q->limit)
		return 0;
	end.value = last.value;
	end.id = page->leads[page->n - 1].id;
	return place_write(t->q, &end, t->a, &page->next_cursor, t->e);
}

/* --- a list in no order: by slot
 * ------------------------------------------------------------------ */

static int take_unsorted(struct top *t, int64_t after, struct lead_page *page)
{
	size_t n = 0, w, limit = t->q->limit;
	int64_t *slots = arena_array(t->a, limit + 1, sizeof(*slots));
	int64_t segment;
	char *cursor;

	if (slots == NULL)
		return err_nomem(t->e);
	for (segment = t->q->total ? 0 : after / SEG; segment < t->scan.segments; segment++) {
		uint64_t bits[SEG / 64];
		size_t d;

		if (n > limit && !t->q->total)
			break;
		if (sq_scan_segment(&t->scan, segment, bits, t->e) != 0)
			return -1;
		/* Dirty ones of this segment take their places among the others. */
		for (d = 0; d < t->scan.n_dirty; d++) {
			const struct layout *layout;
			struct lead l;
			int64_t slot = t->scan.dirty[d].slot;
			int rc;

			if ((slot - 1) / SEG != segment)
				continue;
			rc = sq_scan_dirty(&t->scan, d, &l, &layout, t->e);
			if (rc < 0)
				return -1;
			if (rc == 1)
				bits[(slot - 1) % SEG / 64] |= (uint64_t)1 << (slot - 1) % 64;
		}
		t->total += count_bits(bits);
		for (w = 0; w < SEG / 64 && n <= limit; w++) {
			uint64_t left = bits[w];

			while (left != 0 && n <= limit) {
				int64_t slot = segment * SEG + 1 + (int64_t)(w * 64) +
					       __builtin_ctzll(left);

				left &= left - 1;
				if (slot > after)
					slots[n++] = slot;
			}
		}
	}
	if (fill(t, slots, n < limit ? n : limit, page) != 0)
		return -1;
	if (n <= limit)
		return 0;
	cursor = arena_alloc(t->a, 9);
	if (cursor == NULL)
		return err_nomem(t->e);
	cursor[0] = 'N';
	memcpy(cursor + 1, &slots[limit - 1], 8);
	page->next_cursor = (struct str){ cursor, 9 };
	return 0;
}

static int unsorted(struct top *t, struct lead_page *page)
{
	int64_t after = 0;

	if (t->q->cursor.n > 0) {
		if (t->q->cursor.n != 9 || t->q->cursor.p[0] != 'N')
			return err_set(t->e, ERR_INPUT, "the cursor is none of this list");
		memcpy(&after, t->q->cursor.p + 1, 8);
		if (after < 0)
			return err_set(t->e, ERR_INPUT, "the cursor is none of this list");
	}
	return take_unsorted(t, after, page);
}

/* --- starting at a fraction of the list
 * ------------------------------------------------------------ */

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

static int add_run(struct top *t, struct runs *r, const struct value *v, uint32_t count)
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

static int sample_strip(struct top *t, struct runs *r, const struct strip *s, struct between *x)
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

static int count_strip(struct top *t, struct runs *r, const struct strip *s, struct between *x)
{
	uint32_t from = x->from != NULL ? strip_bound(s, x->from, false) : 0;
	uint32_t to = strip_bound(s, x->to, true), i;

	for (i = 0; i < from; i++)
		x->below += x->counts[i + 1];
	for (; i < to; i++) {
		struct value v = strip_value(s, i);

		if (x->counts[i + 1] > 0 && add_run(t, r, &v, x->counts[i + 1]) != 0)
			return -1;
	}
	return 0;
}

static int runs_of_segment(struct top *t, struct runs *r, int64_t segment, struct between *x)
{
	uint64_t bits[SEG / 64];
	struct strip strip;
	struct str body;
	size_t w;

	if (sq_scan_segment(&t->scan, segment, bits, t->e) != 0 ||
		sq_strip_body(t->scan.c, 1, t->column, segment, &body, t->e) != 0 ||
		strip_read(body, &t->scan.scratch[1], &strip, t->e) != 0)
		return -1;
	if (x->sample)
		t->total += count_bits(bits);
	memset(x->counts, 0, (strip.n + 1) * sizeof(*x->counts));
	for (w = 0; w < SEG / 64; w++) {
		uint64_t left = bits[w];

		while (left != 0) {
			x->counts[strip_code(&strip, w * 64 + (size_t)__builtin_ctzll(left))]++;
			left &= left - 1;
		}
	}
	return x->sample ? sample_strip(t, r, &strip, x) : count_strip(t, r, &strip, x);
}

static int run_of_dirty(struct top *t, struct runs *r, size_t i, struct between *x)
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

static int collect_runs(struct top *t, struct runs *r, struct between *x)
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
	struct id id;
	uint64_t high;
	int64_t slot;
};

static int tie_cmp(const void *p, const void *q)
{
	const struct tie *a = p, *b = q;

	return (a->high > b->high) - (a->high < b->high);
}

/* The leads of one value, while number so-and-so of them is looked for. */
struct ties {
	struct tie *v;
	size_t n, cap;
};

static int ties_add(struct top *t, struct ties *x, struct candidate *c)
{
	need_high(t, c);
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
static int ties_of_segment(struct top *t, struct ties *x, const struct value *v, int64_t segment)
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
	for (size_t i = 0; i < SEG && from < to; i++) {
		struct candidate c = { .slot = segment * SEG + 1 + (int64_t)i };
		uint32_t code;

		if ((bits[i / 64] >> i % 64 & 1) == 0)
			continue;
		code = strip_code(&strip, i);
		if (code >= from && code < to && ties_add(t, x, &c) != 0)
			return -1;
	}
	return 0;
}

/* Those that are not in strips yet. */
static int ties_of_dirty(struct top *t, struct ties *x, const struct value *v)
{
	for (size_t i = 0; i < t->scan.n_dirty; i++) {
		const struct layout *layout = NULL;
		struct candidate c = { .slot = t->scan.dirty[i].slot };
		struct lead l;
		int pass = sq_scan_dirty(&t->scan, i, &l, &layout, t->e);

		if (pass < 0)
			return -1;
		if (pass == 0)
			continue;
		c.value = value_of_lead(&l, layout, &t->q->sort, &t->fold);
		if (value_cmp(&c.value, v, false) != 0)
			continue;
		c.high = high_of(&l.id);
		c.has_high = true;
		if (ties_add(t, x, &c) != 0)
			return -1;
	}
	return 0;
}

/* Of the leads with value ${v}, in order of id, number ${nth}: its id becomes the place. Only leads
 * whose first halves of the id are equal, which does not happen, would be told apart wrongly. */
static int nth_tie(struct top *t, const struct value *v, uint64_t nth)
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
		qsort(ties.v, ties.n, sizeof(*ties.v), tie_cmp);
		if (sq_lead_at(t->scan.c, ties.v[nth < ties.n ? nth : ties.n - 1].slot, &l, t->e) !=
			1)
			goto done;
		t->place = (struct candidate){ .value = *v,
			.slot = 0,
			.high = high_of(&l.id),
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

/* nth_value(..): *v of element ${nth} of the list, NULL: an empty one; *before: how many lie before
 * the first of that value. ${samples} and ${runs} hold its text. */
static int nth_value(struct top *t, struct runs *samples, struct runs *runs, struct between *x,
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

static int seek(struct top *t)
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

struct list {
	const struct lead_query *q;
	struct arena *a;
	struct lead_page *page;
};

static int list(struct sq *s, struct sq_conn *c, void *arg, struct err *e)
{
	struct list *x = arg;
	struct top t = { .q = x->q, .a = x->a, .ids_segment = -1 };
	struct err why = { .code = ERR_OK };
	struct place place;
	int rc = -1;

	t.e = &why;
	if (sq_scan_open(&t.scan, s, c, x->q, x->a, &why) != 0)
		goto done;
	if (x->q->sort.field > LF_ATTRIBUTE) {
		rc = unsorted(&t, x->page);
		x->page->total = t.total;
		goto done;
	}
	t.column = sq_column(s, c, &x->q->sort, &t.strips, &why);
	t.most = x->q->limit + 1;
	t.heap = arena_array(x->a, t.most, sizeof(*t.heap));
	if (why.code != ERR_OK)
		goto done;
	if (t.heap == NULL) {
		err_nomem(&why);
		goto done;
	}
	if (x->q->cursor.n > 0) {
		if (place_read(x->q, &place, &why) != 0)
			goto done;
		t.place = (struct candidate){ .value = place.value,
			.high = high_of(&place.id),
			.has_high = true,
			.has_id = true,
			.id = place.id };
		t.from = true;
	} else if (!isnan(x->q->at) && x->q->at > 0) {
		if (!t.strips)
			err_set(&why, ERR_INPUT,
				"a list sorted by this attribute cannot start in its middle");
		if (!t.strips || seek(&t) != 0)
			goto done;
	}
	rc = run(&t);
	if (rc == 0)
		rc = finish(&t, x->page);
	x->page->total = t.total;
done:
	sq_scan_close(&t.scan);
	arena_clear(&t.texts);
	buf_clear(&t.fold);
	if (rc != 0 && e != NULL)
		*e = why;
	return rc;
}

int sq_leads_list(struct store *s, const struct lead_query *q, struct arena *a,
	struct lead_page *page, struct err *e)
{
	struct list x = { q, a, page };

	memset(page, 0, sizeof(*page));
	if (store_check_query(q, e) != 0)
		return -1;
	page->total_exact = true;
	return sq_read(sq_of(s), list, &x, e);
}
