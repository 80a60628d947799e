/* SPDX-License-Identifier: Apache-2.0 */
/* Trees of up to 6 levels side by side in packs of 64 splits, for one row at a time. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "model/forest_fast.h"
#include "model/forest_fast_internal.h"
#include "util/err.h"

enum { PACK = 64 };

static bool all_fit(const struct forest_fast *ff)
{
	if (ff->plane_bytes / FAST_ROWS > FAST_PACK_PLANES)
		return false;
	for (uint32_t i = 0; i < ff->n_trees; i++) {
		if (ff->trees[i].depth == 0 || ff->trees[i].depth > 6)
			return false;
	}
	return true;
}

/* Of every tree; 0: they differ. */
static uint32_t same_depth(const struct forest_fast *ff)
{
	for (uint32_t i = 1; i < ff->n_trees; i++) {
		if (ff->trees[i].depth != ff->trees[0].depth)
			return 0;
	}
	return ff->n_trees != 0 ? ff->trees[0].depth : 0;
}

/* Segments without trees have no eight to end with. */
static bool all_hold_trees(const struct forest_fast *ff)
{
	for (uint32_t s = 0; s < ff->n_segments; s++) {
		if (ff->segment_end[s] == (s == 0 ? 0 : ff->segment_end[s - 1]))
			return false;
	}
	return true;
}

/* Every tree in order, in the last pack if it has room. Returns how many packs there are. */
static uint32_t pack_in_order(struct forest_fast *ff)
{
	uint32_t n = 0, used = PACK;

	for (uint32_t i = 0; i < ff->n_trees; i++) {
		struct fast_tree *t = &ff->trees[i];

		if (used + (1u << t->depth) > PACK) {
			used = 0;
			n++;
		}
		t->pack = n - 1;
		t->shift = (uint8_t)used;
		used += 1u << t->depth;
	}
	return n;
}

/* The packs that an eight may use: the last one before it, and those that it begins. */
struct packing {
	uint32_t n;      /* packs before this eight */
	uint32_t begun;  /* by it */
	uint8_t used[9]; /* splits of each, the one before it first */
};

static void pack_tree(struct packing *p, struct fast_tree *t)
{
	uint32_t k = 0;

	while (p->used[k] + (1u << t->depth) > PACK)
		k++;
	p->begun = k > p->begun ? k : p->begun;
	t->pack = p->n - 1 + k;
	t->shift = p->used[k];
	p->used[k] += (uint8_t)(1u << t->depth);
}

static void next_eight(struct packing *p)
{
	uint8_t last = p->used[p->begun];

	*p = (struct packing){ .n = p->n + p->begun, .used = { last } };
}

/* Large trees first: sizes are powers of two, so that packs are full but for the last. */
static void pack_eight(struct packing *p, struct fast_tree *trees, uint32_t n)
{
	next_eight(p);
	for (unsigned depth = 6; depth > 0; depth--) {
		for (uint32_t k = 0; k < n; k++) {
			if (trees[k].depth == depth)
				pack_tree(p, &trees[k]);
		}
	}
}

static void fill_eight(const struct forest_fast *ff, struct fast_eight *e, const struct packing *p,
	const struct fast_tree *trees, uint32_t n)
{
	*e = (struct fast_eight){ .packs = (uint8_t)p->begun };
	for (uint32_t k = n; k < 8; k++)
		e->leaf[k] = ff->no_leaf - 1;
	for (uint32_t k = 0; k < n; k++)
		e->carried |= trees[k].pack < p->n;
	for (uint32_t k = 0; k < n; k++) {
		const struct fast_tree *t = &trees[k];

		e->pack[k] = (uint8_t)(t->pack + e->carried - p->n);
		e->shift[k] = t->shift;
		e->leaf[k] = t->leaf - (1u << t->depth);
		e->depth = t->depth > e->depth ? t->depth : e->depth;
		/* The steps of the deepest tree, of which the others make the last ones. */
		for (unsigned level = 0; level < t->depth; level++)
			e->deeper[level] |= (uint8_t)(1u << k);
	}
}

/* As pack_in_order, but each eight, within which the order of packs is free. */
static uint32_t pack_by_eights(struct forest_fast *ff)
{
	struct packing p = { .used = { PACK } };
	uint32_t t = 0, n = 0;

	for (uint32_t s = 0; s < ff->n_segments; s++) {
		while (t < ff->segment_end[s]) {
			uint32_t left = ff->segment_end[s] - t, here = left < 8 ? left : 8;

			pack_eight(&p, ff->trees + t, here);
			fill_eight(ff, &ff->eights[n], &p, ff->trees + t, here);
			ff->eights[n++].last = left <= 8;
			t += here;
		}
	}
	ff->n_eights = n;
	return p.n + p.begun;
}

static void fill_packs(struct forest_fast *ff, bool vbmi)
{
	for (uint32_t i = 0; i < ff->n_trees; i++) {
		const struct fast_tree *t = &ff->trees[i];
		struct fast_pack *pack = &ff->packs[t->pack];

		for (uint32_t k = 0; k + 1 < 1u << t->depth; k++) {
			uint32_t plane = ff->plane[t->node + k] / FAST_ROWS;

			pack->low[t->shift + k] = (uint8_t)plane;
			ff->high[t->pack].of[t->shift + k] = (uint8_t)(plane >> (vbmi ? 7 : 8));
			pack->place[t->shift + k] =
				(uint8_t)(ff->place[t->node + k] + (vbmi ? 0 : 128));
		}
	}
}

static int make_eights(struct forest_fast *ff, struct err *e)
{
	size_t n = ff->n_trees / 8 + ff->n_segments + FAST_AHEAD + FAST_BEHIND;

	if ((ff->eights = aligned_alloc(64, n * sizeof(*ff->eights))) == NULL)
		return err_nomem(e);
	memset(ff->eights, 0, n * sizeof(*ff->eights));
	for (size_t i = 0; i < n; i++)
		ff->eights[i].carried = 1;
	return 0;
}

static int make_packs(struct forest_fast *ff, size_t n, bool vbmi, struct err *e)
{
	ff->packs = aligned_alloc(64, n * sizeof(*ff->packs));
	ff->high = aligned_alloc(64, n * sizeof(*ff->high));
	if (ff->packs == NULL || ff->high == NULL)
		return err_nomem(e);
	memset(ff->packs, 0, n * sizeof(*ff->packs));
	memset(ff->high, 0, n * sizeof(*ff->high));
	fill_packs(ff, vbmi);
	return 0;
}

int fast_packs_make(struct forest_fast *ff, struct err *e)
{
	bool vbmi, eights;

	ff->depth = same_depth(ff);
	ff->row = fast_row_any;
	if (!all_fit(ff))
		return 0;
	vbmi = ff->isa->depth_max >= 8 && fast_has_vbmi();
	eights = vbmi && ff->n_groups == 1 && all_hold_trees(ff);
	if (vbmi && (ff->bins = fast_bins_new(ff, NULL, 0, e)) == NULL)
		return -1;
	if (eights && make_eights(ff, e) == -1)
		return -1;
	if (vbmi)
		fast_row_vbmi(ff);
	else
		ff->row = ff->isa->row;
	return make_packs(
		ff, (eights ? pack_by_eights(ff) : pack_in_order(ff)) + (size_t)1, vbmi, e);
}
