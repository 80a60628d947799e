/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite_strip_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "record/fold.h"
#include "util/err.h"

struct head {
	uint32_t n, n_numbers;
	uint8_t form, width, texts, unused[5];
};
_Static_assert(sizeof(struct head) == 16, "no gaps in what is stored");
enum { FORM = 1, RAW_MOST = 1024 };

/* --- reading ---------------------------------------------------------------------------------- */

static size_t round8(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

int strip_read(struct str body, struct buf *scratch, struct strip *out, struct err *e)
{
	struct head h;
	size_t at, texts;

	*out = (struct strip){ .width = 0 };
	if (body.n == 0)
		return 0;
	if (((uintptr_t)body.p & 7) != 0) {
		buf_reset(scratch);
		buf_str(scratch, body);
		if (scratch->failed)
			return err_nomem(e);
		body = buf_view(scratch);
	}
	if (body.n < sizeof(h))
		goto damaged;
	memcpy(&h, body.p, sizeof(h));
	at = sizeof(h) + (size_t)h.width * SEG;
	if (h.form != FORM || h.width > 2 || h.n > SEG || h.n_numbers > h.n ||
		(h.texts == 0 && h.n_numbers != h.n))
		goto damaged;
	out->codes = (const uint8_t *)body.p + sizeof(h);
	out->width = h.width;
	out->n = h.n;
	out->n_numbers = h.n_numbers;
	at = round8(at);
	texts = at + (size_t)h.n_numbers * 8;
	if (texts + (h.texts != 0 ? (size_t)h.n * 4 : 0) > body.n)
		goto damaged;
	out->x = (const double *)(const void *)(body.p + at);
	if (h.texts != 0) {
		out->ends = (const uint32_t *)(const void *)(body.p + texts);
		out->text = body.p + texts + (size_t)h.n * 4;
		if (h.n > 0 && texts + (size_t)h.n * 4 + out->ends[h.n - 1] > body.n)
			goto damaged;
	}
	return 0;
damaged:
	return err_set(e, ERR_IO, "a stored strip is damaged");
}

void strip_codes(const struct strip *s, uint16_t out[SEG])
{
	size_t i;

	if (s->width == 2) {
		for (i = 0; i < SEG; i++)
			out[i] = (uint16_t)(s->codes[2 * i] | s->codes[2 * i + 1] << 8);
	} else if (s->width == 1) {
		for (i = 0; i < SEG; i++)
			out[i] = s->codes[i];
	} else {
		for (i = 0; i < SEG; i++)
			out[i] = s->n > 0;
	}
}

struct str strip_text(const struct strip *s, uint32_t i)
{
	uint32_t from;

	if (s->ends == NULL)
		return S("");
	from = i > 0 ? s->ends[i - 1] : 0;
	return (struct str){ s->text + from, s->ends[i] >= from ? s->ends[i] - from : 0 };
}

struct value strip_value(const struct strip *s, uint32_t i)
{
	struct value v = { .class = VALUE_TEXT, .x = NAN, .text = strip_text(s, i) };

	if (i < s->n_numbers) {
		v.class = VALUE_NUMBER;
		v.x = s->x[i];
	}
	return v;
}

uint32_t strip_bound(const struct strip *s, const struct value *v, bool behind)
{
	uint32_t lo = 0, hi = s->n;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;
		struct value at = strip_value(s, mid);
		int c = value_cmp(&at, v, false);

		if (behind ? c <= 0 : c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* --- building ----------------------------------------------------------------------------------
 */

struct strip_builder *strip_builder_new(void)
{
	struct strip_builder *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	b->slots = malloc(STRIP_SLOTS * sizeof(*b->slots));
	b->entries = malloc(SEG * sizeof(*b->entries));
	b->order = malloc(SEG * sizeof(*b->order));
	b->rank = malloc((SEG + 1) * sizeof(*b->rank));
	b->keys = malloc(2 * SEG * sizeof(*b->keys));
	if (b->slots == NULL || b->entries == NULL || b->order == NULL || b->rank == NULL ||
		b->keys == NULL) {
		strip_builder_free(b);
		return NULL;
	}
	memset(b->slots, 0, STRIP_SLOTS * sizeof(*b->slots));
	return b;
}

void strip_builder_free(struct strip_builder *b)
{
	if (b == NULL)
		return;
	free(b->slots);
	free(b->entries);
	free(b->order);
	free(b->rank);
	free(b->keys);
	buf_clear(&b->fold);
	free(b);
}

void strip_begin(struct strip_builder *b, bool texts, bool attribute)
{
	b->texts = texts;
	b->attribute = attribute;
	if (b->n > 0)
		memset(b->slots, 0, STRIP_SLOTS * sizeof(*b->slots));
	b->n = b->filled = 0;
	b->failed = false;
	buf_reset(&b->fold);
	memset(b->code, 0, sizeof(b->code));
}

void strip_set_text(struct strip_builder *b, size_t row, struct str raw)
{
	size_t at;

	if (raw.n == 0)
		return;
	b->filled++;
	for (at = str_hash(raw, 7) % STRIP_SLOTS; b->slots[at] != 0; at = (at + 1) % STRIP_SLOTS)
		if (str_eq(b->entries[b->slots[at] - 1].raw, raw))
			break;
	if (b->slots[at] == 0) {
		b->entries[b->n] = (struct strip_entry){ .raw = raw };
		b->slots[at] = (uint16_t)++b->n;
	}
	b->code[row] = b->slots[at];
}

void strip_set_number(struct strip_builder *b, size_t row, double x)
{
	uint64_t bits;
	size_t at;

	if (isnan(x))
		return;
	b->filled++;
	if (x == 0)
		x = 0; /* one zero */
	memcpy(&bits, &x, 8);
	bits *= 0x9E3779B97F4A7C15u;
	for (at = (bits >> 40) % STRIP_SLOTS; b->slots[at] != 0; at = (at + 1) % STRIP_SLOTS)
		if (b->entries[b->slots[at] - 1].x == x)
			break;
	if (b->slots[at] == 0) {
		b->entries[b->n] = (struct strip_entry){ .x = x, .number = true };
		b->slots[at] = (uint16_t)++b->n;
	}
	b->code[row] = b->slots[at];
}

static void fold_entries(struct strip_builder *b)
{
	uint32_t i, k;

	/* Ends first: the buffer moves while it grows. */
	for (i = 0; i < b->n; i++) {
		size_t from = b->fold.n;

		fold_text(b->entries[i].raw, &b->fold);
		b->entries[i].folded.n = b->fold.n - from;
	}
	if (b->fold.failed) {
		b->failed = true;
		return;
	}
	for (i = 0, k = 0; i < b->n; i++) {
		struct strip_entry *t = &b->entries[i];
		size_t c;

		t->folded.p = b->fold.p + k;
		k += (uint32_t)t->folded.n;
		t->prefix = 0;
		for (c = 0; c < 8; c++)
			t->prefix =
				t->prefix << 8 | (c < t->folded.n ? (uint8_t)t->folded.p[c] : 0);
		t->number = b->attribute && t->folded.n > 0 && fold_number(t->folded, &t->x);
	}
}

static bool same_value(const struct strip_entry *a, const struct strip_entry *b)
{
	return a->number == b->number && (!a->number || a->x == b->x) &&
	       str_eq(a->folded, b->folded);
}

/* The entries sorted, equal ones as one: rank[entry + 1] is its code; the number of values. */
static uint32_t rank_entries(struct strip_builder *b)
{
	uint32_t i, n = 0, kept = 0;

	for (i = 0; i < b->n; i++)
		if (!b->texts || b->entries[i].folded.n > 0)
			b->order[n++] = i;
		else
			b->rank[i + 1] = 0; /* nothing but blanks */
	strip_sort(b, n);
	b->rank[0] = 0;
	for (i = 0; i < n; i++) {
		struct strip_entry *t = &b->entries[b->order[i]];

		if (kept > 0 && same_value(&b->entries[b->order[kept - 1]], t)) {
			struct strip_entry *as = &b->entries[b->order[kept - 1]];

			if (str_cmp(t->raw, as->raw) < 0)
				as->raw = t->raw; /* shown for all that fold alike */
		} else {
			b->order[kept++] = b->order[i];
		}
		b->rank[b->order[i] + 1] = kept;
	}
	/* Merging moved entries to the front of order, so ranks of equal ones are set above. */
	return kept;
}

static void put_codes(struct strip_builder *b, unsigned width, struct buf *out)
{
	uint8_t *to = (uint8_t *)buf_reserve(out, (size_t)width * SEG);
	size_t i;

	if (to == NULL)
		return;
	for (i = 0; i < SEG; i++) {
		uint32_t code = b->rank[b->code[i]];

		if (width == 1) {
			to[i] = (uint8_t)code;
		} else {
			to[2 * i] = (uint8_t)code;
			to[2 * i + 1] = (uint8_t)(code >> 8);
		}
	}
	out->n += (size_t)width * SEG;
}

static void put_texts(const struct strip_builder *b, uint32_t n, bool raw, struct buf *out)
{
	uint32_t i, end = 0;

	for (i = 0; i < n; i++) {
		const struct strip_entry *t = &b->entries[b->order[i]];

		end += (uint32_t)(raw ? t->raw.n : t->folded.n);
		buf_bytes(out, &end, 4);
	}
	for (i = 0; i < n; i++) {
		const struct strip_entry *t = &b->entries[b->order[i]];

		buf_str(out, raw ? t->raw : t->folded);
	}
}

int strip_write(struct strip_builder *b, struct buf *out, struct buf *raw, struct err *e)
{
	static const char zero[8];
	struct head h = { .form = FORM, .texts = b->texts };
	uint32_t i, full = 0;
	bool differ = false;

	buf_reset(out);
	buf_reset(raw);
	if (b->n == 0)
		return 0;
	if (b->texts)
		fold_entries(b);
	if (b->failed)
		return err_nomem(e);
	h.n = rank_entries(b);
	if (h.n == 0)
		return 0;
	for (i = 0; i < SEG; i++)
		full += b->rank[b->code[i]] != 0;
	h.width = h.n == 1 && full == SEG ? 0 : h.n < 256 ? 1 : 2;
	for (i = 0; i < h.n; i++) {
		h.n_numbers += b->entries[b->order[i]].number;
		differ |= !str_eq(b->entries[b->order[i]].raw, b->entries[b->order[i]].folded);
	}
	buf_bytes(out, &h, sizeof(h));
	if (h.width > 0)
		put_codes(b, h.width, out);
	buf_bytes(out, zero, round8(out->n) - out->n);
	for (i = 0; i < h.n_numbers; i++)
		buf_bytes(out, &b->entries[b->order[i]].x, 8);
	if (b->texts)
		put_texts(b, h.n, false, out);
	if (b->texts && differ && h.n <= RAW_MOST)
		put_texts(b, h.n, true, raw);
	return out->failed || raw->failed ? err_nomem(e) : 0;
}
