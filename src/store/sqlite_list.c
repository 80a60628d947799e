/* SPDX-License-Identifier: Apache-2.0 */
/* A page of a list: every strip of the sorted column is looked at, and only what can still get onto
 * the page is held: a heap with the last of them on top. */
#include <math.h>
#include <string.h>

#include "store/lead_form_internal.h"
#include "store/sqlite_list_internal.h"
#include "util/err.h"

uint64_t list_high_of(const struct id *id)
{
	uint64_t high = 0;
	int k;

	for (k = 0; k < 8; k++)
		high = high << 8 | id->b[k];
	return high;
}

void list_need_high(struct list_top *t, struct list_candidate *c)
{
	int64_t segment = (c->slot - 1) / SEG;

	if (c->has_high || t->failed)
		return;
	if (segment != t->ids_segment) {
		t->ids_segment = -1;
		if (sq_strip_body(t->scan.c, 2, COL_IDS, segment, &t->ids, t->e) != 0 ||
			t->ids.n != SEG * 8) {
			t->failed = true;
			return;
		}
		t->ids_segment = segment;
	}
	memcpy(&c->high, t->ids.p + (size_t)((c->slot - 1) % SEG) * 8, 8);
	c->has_high = true;
}

static void need_id(struct list_top *t, struct list_candidate *c)
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

static int candidate_order(struct list_top *t, struct list_candidate *a, struct list_candidate *b)
{
	list_need_high(t, a);
	list_need_high(t, b);
	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	if (a->slot == b->slot && a->slot != 0)
		return 0;
	need_id(t, a);
	need_id(t, b);
	return id_cmp(a->id, b->id);
}

static int order(struct list_top *t, struct list_candidate *a, struct list_candidate *b)
{
	int c = value_cmp(&a->value, &b->value, t->q->descending);

	return c != 0 ? c : candidate_order(t, a, b);
}

static void sift_down(struct list_top *t, size_t i)
{
	for (;;) {
		size_t k = 2 * i + 1;
		struct list_candidate swap;

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

static void sift_up(struct list_top *t, size_t i)
{
	while (i > 0 && order(t, &t->heap[i], &t->heap[(i - 1) / 2]) > 0) {
		struct list_candidate swap = t->heap[i];

		t->heap[i] = t->heap[(i - 1) / 2];
		t->heap[(i - 1) / 2] = swap;
		i = (i - 1) / 2;
	}
}

static void offer(struct list_top *t, struct list_candidate *c)
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

size_t list_count_bits(const uint64_t bits[SEG / 64])
{
	size_t w, n = 0;

	for (w = 0; w < SEG / 64; w++)
		n += (size_t)__builtin_popcountll(bits[w]);
	return n;
}

static const struct value empty_value = { .class = VALUE_EMPTY };

/* may_offer(..): a value that is neither before the place nor behind the last on the page. */
static bool may_offer(const struct list_top *t, const struct value *v)
{
	if (t->from && value_cmp(v, &t->place.value, t->q->descending) < 0)
		return false;
	return t->n < t->most || value_cmp(v, &t->heap[0].value, t->q->descending) <= 0;
}

/* Of a strip's codes those that may get onto the page: they lie next to each other. Among those
 * that have the value of the place, or of the last on the page, the id decides. */
struct window {
	uint16_t from, n;       /* codes from, from + 1, ..; n of them */
	bool empty;             /* and 0 */
	uint32_t place, last;   /* the code of that value; NO_CODE: there is none */
	uint64_t after, before; /* and of its leads those whose id begins so or above; or below */
};
enum { NO_CODE = SEG + 1 };

static uint32_t code_of(const struct strip *s, uint32_t code, const struct value *v)
{
	struct value at;

	if (v->class == VALUE_EMPTY)
		return 0;
	if (code == 0 || code > s->n)
		return NO_CODE;
	at = strip_value(s, code - 1);
	return value_cmp(&at, v, false) == 0 ? code : NO_CODE;
}

static void find_window(const struct list_top *t, const struct strip *s, struct window *x)
{
	const struct value *place = t->from ? &t->place.value : NULL;
	const struct value *last = t->n == t->most ? &t->heap[0].value : NULL;
	bool down = t->q->descending;
	uint32_t lo = 0, hi = s->n;

	if (place != NULL && place->class == VALUE_EMPTY)
		hi = 0; /* behind an empty one there are only empty ones */
	else if (place != NULL && down)
		hi = strip_bound(s, place, true);
	else if (place != NULL)
		lo = strip_bound(s, place, false);
	if (last != NULL && last->class != VALUE_EMPTY) {
		uint32_t bound = strip_bound(s, last, !down);

		if (down)
			lo = bound;
		else if (bound < hi)
			hi = bound;
	}
	*x = (struct window){ .from = (uint16_t)(lo + 1), .n = (uint16_t)(lo < hi ? hi - lo : 0) };
	x->empty = may_offer(t, &empty_value);
	x->place = x->last = NO_CODE;
	if (place != NULL) {
		x->place = code_of(s, down ? hi : lo + 1, place);
		x->after = t->place.high;
	}
	if (last != NULL && t->heap[0].has_high) {
		x->last = code_of(s, down ? lo + 1 : hi, last);
		x->before = t->heap[0].high;
	}
}

static inline bool in_window(const struct window *x, uint16_t code)
{
	return (uint16_t)(code - x->from) < x->n || (code == 0 && x->empty);
}

/* Whether any of 64 rows may be in the window: most are not. */
static bool any_in_window(const struct window *x, const uint16_t codes[64])
{
	uint16_t from = x->from, n = x->n, empty = x->empty, some = 0;
	size_t i;

	for (i = 0; i < 64; i++)
		some |= (uint16_t)((uint16_t)(codes[i] - from) < n) |
			(uint16_t)((codes[i] == 0) & empty);
	return some != 0;
}

static void offer_row(struct list_top *t, const struct strip *s, const struct window *x,
	int64_t slot, uint16_t code)
{
	struct list_candidate c = { .slot = slot };

	if (code == x->place || code == x->last) {
		list_need_high(t, &c);
		if (t->failed || (code == x->place && c.high < x->after) ||
			(code == x->last && c.high > x->before))
			return;
	}
	c.value = code == 0 ? empty_value : strip_value(s, code - 1U);
	offer(t, &c);
}

static void offer_segment(struct list_top *t, int64_t segment, const uint64_t bits[SEG / 64])
{
	struct window window;
	struct strip strip;
	struct str body;
	size_t w;

	if (sq_strip_body(t->scan.c, 1, t->column, segment, &body, t->e) != 0 ||
		strip_read(body, &t->scan.scratch[1], &strip, t->e) != 0) {
		t->failed = true;
		return;
	}
	find_window(t, &strip, &window);
	if (window.n == 0 && !window.empty)
		return;
	strip_codes(&strip, t->codes);
	for (w = 0; w < SEG / 64 && !t->failed; w++) {
		uint64_t left = bits[w];

		if (left == 0 || !any_in_window(&window, t->codes + 64 * w))
			continue;
		for (; left != 0 && !t->failed; left &= left - 1) {
			size_t row = w * 64 + (size_t)__builtin_ctzll(left);

			if (in_window(&window, t->codes[row]))
				offer_row(t, &strip, &window, segment * SEG + 1 + (int64_t)row,
					t->codes[row]);
		}
	}
}

/* One whose value was folded just now: without memory for it nobody knows its place. */
static void offer_folded(struct list_top *t, struct list_candidate *c)
{
	if (!t->fold.failed) {
		offer(t, c);
		return;
	}
	err_nomem(t->e);
	t->failed = true;
}

/* Sorting by what has no strips: the rows are looked at. */
static void offer_rows(struct list_top *t, int64_t segment, const uint64_t bits[SEG / 64])
{
	size_t i;

	for (i = 0; i < SEG && !t->failed; i++) {
		struct list_candidate c = { .slot = segment * SEG + 1 + (int64_t)i };
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
		offer_folded(t, &c);
	}
}

static int run(struct list_top *t)
{
	uint64_t bits[SEG / 64];
	int64_t segment;
	size_t i;

	for (segment = 0; segment < t->scan.segments; segment++) {
		if (sq_scan_segment(&t->scan, segment, bits, t->e) != 0)
			return -1;
		t->total += list_count_bits(bits);
		if (t->strips)
			offer_segment(t, segment, bits);
		else
			offer_rows(t, segment, bits);
		if (t->failed)
			return -1;
	}
	for (i = 0; i < t->scan.n_dirty; i++) {
		struct list_candidate c = { .slot = t->scan.dirty[i].slot };
		const struct layout *layout = NULL;
		struct lead l;
		int rc = sq_scan_dirty(&t->scan, i, &l, &layout, t->e);

		if (rc < 0)
			return -1;
		if (rc == 0)
			continue;
		t->total++;
		c.id = l.id;
		c.high = list_high_of(&l.id);
		c.has_id = c.has_high = true;
		c.value = value_of_lead(&l, layout, &t->q->sort, &t->fold);
		offer_folded(t, &c);
		if (t->failed)
			return -1;
	}
	return 0;
}

int list_fill(struct list_top *t, const int64_t *slots, size_t n, struct lead_page *page)
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
static int finish(struct list_top *t, struct lead_page *page)
{
	size_t n = t->n, i;
	int64_t *slots = arena_array(t->a, n + 1, sizeof(*slots));
	struct list_candidate last = { .slot = 0 };
	struct place end;

	if (slots == NULL)
		return err_nomem(t->e);
	for (i = n; i-- > 0;) {
		struct list_candidate c = t->heap[0];

		t->heap[0] = t->heap[--t->n];
		sift_down(t, 0);
		slots[i] = c.slot;
		if (i == t->q->limit - 1)
			last = c;
	}
	if (t->failed)
		return -1;
	if (list_fill(t, slots, n < t->q->limit ? n : t->q->limit, page) != 0)
		return -1;
	if (n <= t->q->limit)
		return 0;
	end.value = last.value;
	end.id = page->leads[page->n - 1].id;
	return place_write(t->q, &end, t->a, &page->next_cursor, t->e);
}

struct list {
	const struct lead_query *q;
	struct arena *a;
	struct lead_page *page;
};

static int list(struct sq *s, struct sq_conn *c, void *arg, struct err *e)
{
	struct list *x = arg;
	struct list_top t = { .q = x->q, .a = x->a, .ids_segment = -1 };
	struct err why = { .code = ERR_OK };
	struct place place;
	int rc = -1;

	t.e = &why;
	if (sq_scan_open(&t.scan, s, c, x->q, x->a, &why) != 0)
		goto done;
	if (x->q->sort.field > LF_ATTRIBUTE) {
		rc = list_unsorted(&t, x->page);
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
		t.place = (struct list_candidate){ .value = place.value,
			.high = list_high_of(&place.id),
			.has_high = true,
			.has_id = true,
			.id = place.id };
		t.from = true;
	} else if (!isnan(x->q->at) && x->q->at > 0) {
		if (!t.strips)
			err_set(&why, ERR_INPUT,
				"a list sorted by this attribute cannot start in its middle");
		if (!t.strips || sq_scan_again(&t.scan, &why) != 0 || list_seek(&t) != 0)
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
