/* SPDX-License-Identifier: Apache-2.0 */
/* A list in no order: by slot. */
#include <string.h>

#include "store/sqlite_list_internal.h"
#include "util/err.h"

static int take_unsorted(struct list_top *t, int64_t after, struct lead_page *page)
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
		t->total += list_count_bits(bits);
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
	if (list_fill(t, slots, n < limit ? n : limit, page) != 0)
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

int list_unsorted(struct list_top *t, struct lead_page *page)
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
