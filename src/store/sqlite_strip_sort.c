/* SPDX-License-Identifier: Apache-2.0 */
/* The values of a strip in order: numbers first, then texts, as value_cmp has them. Nearly all
 * differ in eight bytes, by which they are sorted byte by byte (LSD radix sort); those that do not
 * are compared whole. */
#include <stdlib.h>
#include <string.h>

#include "store/sqlite_strip_internal.h"

enum { FEW = 64 };

static int entry_cmp(const void *p, const void *q, void *arg)
{
	const struct strip_entry *all = arg;
	const struct strip_entry *a = &all[*(const uint32_t *)p], *b = &all[*(const uint32_t *)q];

	if (a->number != b->number)
		return a->number ? -1 : 1;
	if (a->number && a->x != b->x)
		return a->x < b->x ? -1 : 1;
	if (a->prefix != b->prefix)
		return a->prefix < b->prefix ? -1 : 1;
	return str_cmp(a->folded, b->folded);
}

/* As integers of the order of the numbers, of which none is NaN; both zeroes are one. */
static uint64_t number_key(double x)
{
	uint64_t bits;

	x = x == 0 ? 0 : x;
	memcpy(&bits, &x, sizeof(bits));
	return bits >> 63 != 0 ? ~bits : bits | (uint64_t)1 << 63;
}

/* By ${shift} bits on, from a to b; false when all have the same there. */
static bool pass(const struct strip_key *a, struct strip_key *b, uint32_t n, unsigned shift)
{
	uint32_t at[256] = { 0 }, sum = 0;

	for (uint32_t i = 0; i < n; i++)
		at[a[i].key >> shift & 255]++;
	if (at[a[0].key >> shift & 255] == n)
		return false;
	for (unsigned k = 0; k < 256; k++) {
		uint32_t here = at[k];

		at[k] = sum;
		sum += here;
	}
	for (uint32_t i = 0; i < n; i++)
		b[at[a[i].key >> shift & 255]++] = a[i];
	return true;
}

static struct strip_key *sort_keys(struct strip_key *a, struct strip_key *spare, uint32_t n)
{
	for (unsigned shift = 0; shift < 64; shift += 8) {
		if (pass(a, spare, n, shift)) {
			struct strip_key *now = spare;

			spare = a;
			a = now;
		}
	}
	return a;
}

/* Entries of one kind, in ${order}. */
static void sort_kind(struct strip_builder *b, uint32_t *order, uint32_t n, bool numbers)
{
	struct strip_key *k = b->keys;
	uint32_t from = 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct strip_entry *t = &b->entries[order[i]];

		k[i] = (struct strip_key){ numbers ? number_key(t->x) : t->prefix, order[i] };
	}
	k = sort_keys(k, b->keys + SEG, n);
	for (uint32_t i = 0; i < n; i++) {
		order[i] = k[i].entry;
		if (i + 1 < n && k[i + 1].key == k[i].key)
			continue;
		if (i > from)
			qsort_r(order + from, i + 1 - from, sizeof(*order), entry_cmp, b->entries);
		from = i + 1;
	}
}

void strip_sort(struct strip_builder *b, uint32_t n)
{
	uint32_t numbers = 0, texts = 0;

	if (n < FEW) {
		qsort_r(b->order, n, sizeof(*b->order), entry_cmp, b->entries);
		return;
	}
	for (uint32_t i = 0; i < n; i++) {
		if (b->entries[b->order[i]].number)
			b->order[numbers++] = b->order[i];
		else
			b->keys[texts++].entry = b->order[i]; /* aside */
	}
	for (uint32_t i = 0; i < texts; i++)
		b->order[numbers + i] = b->keys[i].entry;
	if (numbers != 0)
		sort_kind(b, b->order, numbers, true);
	if (texts != 0)
		sort_kind(b, b->order + numbers, texts, false);
}
