/* SPDX-License-Identifier: Apache-2.0 */
/* From the trees of forest.h to the layout of the evaluators. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "model/forest.h"
#include "model/forest_fast.h"
#include "model/forest_fast_internal.h"
#include "util/err.h"

/* Thresholds of all features one after the other; those of feature f are from[f] to from[f + 1],
 * later shortened to n[f] different ones. */
struct build {
	const struct forest *f;
	struct forest_fast *ff;
	uint32_t *key;                     /* floats as integers of the same order */
	uint32_t *spare;                   /* as long as the longest feature's */
	size_t *from;                      /* [n_features + 1] */
	uint32_t *n;                       /* [n_features] */
	uint32_t *chunk;                   /* [n_features] first chunk */
	uint32_t *slot;                    /* [n_features] left slot of a used one */
	uint32_t *at;                      /* nodes of the tree at hand by level */
	size_t n_splits, n_leaves, n_walk; /* room needed */
	size_t nodes_max;
};

static uint32_t key_of(float v)
{
	uint32_t u;

	v += 0.0f; /* -0 is 0 */
	memcpy(&u, &v, sizeof(u));
	return u >> 31 ? ~u : u | 0x80000000u;
}

static float float_of(uint32_t key)
{
	float v;

	key = key >> 31 ? key & 0x7fffffffu : ~key;
	memcpy(&v, &key, sizeof(v));
	return v;
}

/* Ascending; insertion for few, else by bytes from the lowest up. */
static void sort_keys(uint32_t *a, uint32_t *spare, size_t n)
{
	if (n < 80) {
		for (size_t i = 1; i < n; i++) {
			uint32_t v = a[i];
			size_t k = i;

			for (; k > 0 && a[k - 1] > v; k--)
				a[k] = a[k - 1];
			a[k] = v;
		}
		return;
	}
	for (unsigned shift = 0; shift < 32; shift += 8) {
		size_t start[257] = { 0 };

		for (size_t i = 0; i < n; i++)
			start[(a[i] >> shift & 255) + 1]++;
		for (size_t i = 1; i < 256; i++)
			start[i] += start[i - 1];
		for (size_t i = 0; i < n; i++)
			spare[start[a[i] >> shift & 255]++] = a[i];
		memcpy(a, spare, n * sizeof(*a));
	}
}

/* Tree's depth, and its nodes by level in b->at. */
static unsigned tree_depth(struct build *b, const struct tree *t)
{
	uint32_t head = 0, n = 1, level_end = 1;
	unsigned depth = 0;

	b->at[0] = 0;
	for (; head < n; head++) {
		uint32_t i = b->at[head];

		if (head == level_end) {
			depth++;
			level_end = n;
		}
		if (t->left[i] >= 0) {
			b->at[n++] = (uint32_t)t->left[i];
			b->at[n++] = (uint32_t)t->right[i];
		}
	}
	return depth;
}

/* Whole or walked; a whole tree of 2^depth leaves should not be mostly empty. */
static int plan_trees(struct build *b)
{
	struct forest_fast *ff = b->ff;

	for (uint32_t i = 0; i < b->f->n_trees; i++) {
		const struct tree *t = &b->f->trees[i];
		unsigned depth = tree_depth(b, t);
		bool whole = depth <= ff->isa->depth_max &&
			     ((size_t)1 << depth) <= 4 * ((size_t)t->n + 1);

		ff->trees[i] = (struct fast_tree){ .levels = (uint8_t)depth,
			.group = (uint8_t)b->f->group[i],
			.leaf = (uint32_t)b->n_leaves };
		if (whole) {
			depth = depth == 0 ? 1 : depth;
			ff->trees[i].depth = (uint8_t)depth;
			ff->trees[i].node = (uint32_t)b->n_splits;
			b->n_splits += ((size_t)1 << depth) - 1;
			b->n_leaves += (size_t)1 << (depth < 5 ? 4 : depth); /* a vector at least */
		} else {
			ff->trees[i].node = (uint32_t)b->n_walk;
			b->n_walk += t->n;
		}
		if (depth > 255 || b->n_splits > (1u << 28) || b->n_leaves > (1u << 28) ||
			b->n_walk > (1u << 26))
			return -1;
	}
	return 0;
}

/* Sorted different thresholds of every feature, in b->key. */
static int collect(struct build *b, struct err *e)
{
	const struct forest *f = b->f;
	size_t longest = 0;

	for (uint32_t i = 0; i < f->n_trees; i++) {
		const struct tree *t = &f->trees[i];

		for (uint32_t k = 0; k < t->n; k++) {
			if (t->left[k] >= 0)
				b->from[t->feature[k] + 1]++;
		}
	}
	for (uint32_t i = 0; i < f->n_features; i++) {
		longest = b->from[i + 1] > longest ? b->from[i + 1] : longest;
		b->from[i + 1] += b->from[i];
	}
	b->key = malloc((b->from[f->n_features] + 1) * sizeof(uint32_t));
	b->spare = malloc((longest + 1) * sizeof(uint32_t));
	if (b->key == NULL || b->spare == NULL)
		return err_nomem(e);
	for (uint32_t i = 0; i < f->n_trees; i++) {
		const struct tree *t = &f->trees[i];

		for (uint32_t k = 0; k < t->n; k++) {
			uint32_t feature = t->feature[k];

			if (t->left[k] >= 0)
				b->key[b->from[feature] + b->n[feature]++] = key_of(t->value[k]);
		}
	}
	for (uint32_t i = 0; i < f->n_features; i++) {
		uint32_t *a = b->key + b->from[i];
		uint32_t kept = 0;

		sort_keys(a, b->spare, b->n[i]);
		for (uint32_t k = 0; k < b->n[i]; k++) {
			if (k == 0 || a[k] != a[kept - 1])
				a[kept++] = a[k];
		}
		b->n[i] = kept;
	}
	return 0;
}

/* The first five steps of a search see every size/32-th threshold; each part after that has the
 * ones between. */
static void fill_table(const struct fast_chunk *c, const float *t, float *table)
{
	uint32_t stride = c->size / 32;

	for (uint32_t j = 0; j < 32; j++)
		*table++ = t[(j + 1) * stride - 1];
	for (uint32_t n = 32; stride > 1; n *= 2, stride /= 2) {
		for (uint32_t j = 0; j < n; j++)
			*table++ = t[j * stride + stride / 2 - 1];
	}
}

static uint32_t padded(uint32_t n)
{
	uint32_t size = 32;

	while (size <= n)
		size *= 2;
	return size;
}

static int make_chunks(struct build *b, struct err *e)
{
	struct forest_fast *ff = b->ff;
	size_t n_chunks = 0, n_values = 0;

	for (uint32_t i = 0; i < b->f->n_features; i++) {
		size_t full = b->n[i] / FAST_BINS, rest = b->n[i] % FAST_BINS;

		n_chunks += full + (rest != 0);
		n_values += full * 256 + (rest != 0 ? padded((uint32_t)rest) : 0);
		ff->n_used += b->n[i] != 0;
	}
	if (n_chunks > (1u << 22))
		return err_set(e, ERR_LIMIT, "the model has too many different thresholds");
	ff->chunks = calloc(n_chunks + 1, sizeof(*ff->chunks));
	ff->used = calloc((size_t)ff->n_used + 1, sizeof(*ff->used));
	ff->thresholds = aligned_alloc(64, (n_values + 16) * sizeof(float));
	ff->tables = aligned_alloc(64, (n_values + 16) * sizeof(float));
	if (ff->chunks == NULL || ff->used == NULL || ff->thresholds == NULL || ff->tables == NULL)
		return err_nomem(e);
	n_values = 0;
	ff->n_used = 0;
	for (uint32_t i = 0; i < b->f->n_features; i++) {
		b->chunk[i] = ff->n_chunks;
		if (b->n[i] == 0)
			continue;
		b->slot[i] = 1 + 2 * ff->n_used;
		ff->used[ff->n_used++] = i;
		for (uint32_t k = 0; k < b->n[i]; k += FAST_BINS) {
			struct fast_chunk *c = &ff->chunks[ff->n_chunks++];

			*c = (struct fast_chunk){ .feature = i,
				.n = b->n[i] - k < FAST_BINS ? b->n[i] - k : FAST_BINS,
				.from = (uint32_t)n_values,
				.table = (uint32_t)n_values,
				.left = -1,
				.right = -1 };
			c->size = padded(c->n);
			for (uint32_t j = 0; j < c->size; j++)
				ff->thresholds[n_values + j] =
					j < c->n ? float_of(b->key[b->from[i] + k + j]) : INFINITY;
			fill_table(c, ff->thresholds + n_values, ff->tables + n_values);
			n_values += c->size;
		}
	}
	return 0;
}

/* The place of a split's threshold among its feature's: chunk and number in it. */
static struct fast_chunk *find_place(
	const struct build *b, const struct tree *t, uint32_t i, int8_t *place)
{
	const uint32_t *a = b->key + b->from[t->feature[i]];
	uint32_t key = key_of(t->value[i]), lo = 0, n = b->n[t->feature[i]];

	while (n > 1) {
		uint32_t half = n / 2;

		lo += a[lo + half] <= key ? half : 0;
		n -= half;
	}
	*place = (int8_t)((int)(lo % FAST_BINS) - 128);
	return &b->ff->chunks[b->chunk[t->feature[i]] + lo / FAST_BINS];
}

/* The plane of a split, given out at first use. */
static uint32_t plane_of(struct build *b, struct fast_chunk *c, bool missing_left)
{
	int32_t *plane = missing_left ? &c->left : &c->right;

	if (*plane < 0) {
		*plane = (int32_t)b->ff->plane_bytes;
		b->ff->plane_bytes += FAST_ROWS;
	}
	return (uint32_t)*plane;
}

/* Where split ${h} of the heap is kept for blocks; see forest_fast_tree.inc. */
static uint32_t block_index(uint32_t h, unsigned depth)
{
	unsigned level = 31u - (unsigned)__builtin_clz(h + 1);
	uint32_t in_level = h + 1 - (1u << level), sub;
	unsigned top = depth > 6 ? depth - 6 : 0;

	if (top == 0)
		return h;
	if (level < top)
		return (63u << top) + h;
	level -= top;
	sub = in_level >> level;
	return 63 * sub + (1u << level) - 1 + (in_level & ((1u << level) - 1));
}

/* Node ${i} of the forest's tree at place ${h}, level ${level} of the heap. */
static void put_whole(struct build *b, const struct tree *t, const struct fast_tree *ft, uint32_t i,
	uint32_t h, unsigned level)
{
	struct forest_fast *ff = b->ff;
	uint32_t at = ft->node + block_index(h, ft->depth);
	struct fast_chunk *c;

	if (t->left[i] < 0) { /* all leaves below */
		uint32_t first = (h + 1 - (1u << level)) << (ft->depth - level);

		for (uint32_t k = 0; k < 1u << (ft->depth - level); k++)
			ff->leaves[ft->leaf + first + k] = t->value[i];
		return;
	}
	c = find_place(b, t, i, &ff->place[at]);
	ff->plane[at] = plane_of(b, c, t->default_left[i]);
	ff->slot[ft->node + h] = b->slot[t->feature[i]] + !t->default_left[i];
	ff->at[ft->node + h] = t->value[i];
	put_whole(b, t, ft, (uint32_t)t->left[i], 2 * h + 1, level + 1);
	put_whole(b, t, ft, (uint32_t)t->right[i], 2 * h + 2, level + 1);
}

/* Nodes in level order, so that the two children of a node are neighbours. */
static void put_walk(struct build *b, const struct tree *t, const struct fast_tree *ft)
{
	uint32_t next = 1;

	tree_depth(b, t);
	for (uint32_t k = 0; k < t->n && k < next; k++) {
		struct fast_walk *w = &b->ff->walk[ft->node + k];
		uint32_t i = b->at[k];

		w->value = t->value[i];
		w->left = k;
		w->leaf = t->left[i] < 0;
		w->place = 127; /* never right */
		if (w->leaf)
			continue;
		w->left = next;
		next += 2;
		w->plane = plane_of(b, find_place(b, t, i, &w->place), t->default_left[i]);
		w->slot = b->slot[t->feature[i]] + !t->default_left[i];
	}
}

static int put_trees(struct build *b, struct err *e)
{
	struct forest_fast *ff = b->ff;

	ff->plane = calloc(b->n_splits + 1, sizeof(*ff->plane));
	ff->place = malloc(b->n_splits + 1);
	ff->slot = calloc(b->n_splits + 1, sizeof(*ff->slot));
	ff->at = malloc((b->n_splits + 1) * sizeof(*ff->at));
	ff->leaves = calloc(b->n_leaves + 1, sizeof(*ff->leaves));
	ff->walk = calloc(b->n_walk + 1, sizeof(*ff->walk));
	if (ff->plane == NULL || ff->place == NULL || ff->slot == NULL || ff->at == NULL ||
		ff->leaves == NULL || ff->walk == NULL)
		return err_nomem(e);
	memset(ff->place, 127, b->n_splits + 1);
	ff->no_leaf = (uint32_t)b->n_leaves;
	ff->leaves[ff->no_leaf] = -0.0f;
	for (size_t i = 0; i < b->n_splits; i++)
		ff->at[i] = INFINITY;
	for (uint32_t i = 0; i < ff->n_trees; i++) {
		if (ff->trees[i].depth != 0)
			put_whole(b, &b->f->trees[i], &ff->trees[i], 0, 0, 0);
		else
			put_walk(b, &b->f->trees[i], &ff->trees[i]);
	}
	if (ff->plane_bytes == 0) /* splits that are not there look at the first plane */
		ff->plane_bytes = FAST_ROWS;
	return 0;
}

static int copy_segments(struct build *b, struct err *e)
{
	const struct forest *f = b->f;
	struct forest_fast *ff = b->ff;
	uint32_t n = f->n_segments;

	if ((ff->segment_end = calloc((size_t)n + 1, sizeof(*ff->segment_end))) == NULL)
		return err_nomem(e);
	if (n != 0)
		memcpy(ff->segment_end, f->segment_end, n * sizeof(*ff->segment_end));
	if (n == 0 || f->segment_end[n - 1] != f->n_trees)
		ff->segment_end[n++] = f->n_trees;
	ff->n_segments = n;
	return 0;
}

static int build(struct build *b, struct err *e)
{
	const struct forest *f = b->f;
	struct forest_fast *ff = b->ff;
	size_t n = (size_t)f->n_features + 1;

	for (uint32_t i = 0; i < f->n_trees; i++)
		b->nodes_max = f->trees[i].n > b->nodes_max ? f->trees[i].n : b->nodes_max;
	b->from = calloc(n + 1, sizeof(*b->from));
	b->n = calloc(n, sizeof(*b->n));
	b->chunk = calloc(n, sizeof(*b->chunk));
	b->slot = calloc(n, sizeof(*b->slot));
	b->at = calloc(b->nodes_max + 1, sizeof(*b->at));
	ff->trees = calloc((size_t)f->n_trees + 1, sizeof(*ff->trees));
	if (b->from == NULL || b->n == NULL || b->chunk == NULL || b->slot == NULL ||
		b->at == NULL || ff->trees == NULL)
		return err_nomem(e);
	if (plan_trees(b) != 0)
		return err_set(e, ERR_LIMIT, "the model has too many splits to be scored");
	if (collect(b, e) != 0 || make_chunks(b, e) != 0 || put_trees(b, e) != 0 ||
		copy_segments(b, e) != 0)
		return -1;
	return fast_packs_make(ff, e);
}

struct forest_fast *fast_build(const struct forest *f, const struct fast_isa *isa, struct err *e)
{
	struct build b = { .f = f };
	int rc;

	if ((b.ff = calloc(1, sizeof(*b.ff))) == NULL) {
		err_nomem(e);
		return NULL;
	}
	b.ff->isa = isa;
	b.ff->n_features = f->n_features;
	b.ff->n_groups = f->n_groups;
	b.ff->n_trees = f->n_trees;
	memcpy(b.ff->base, f->base, sizeof(b.ff->base));
	rc = build(&b, e);
	free(b.key);
	free(b.spare);
	free(b.from);
	free(b.n);
	free(b.chunk);
	free(b.slot);
	free(b.at);
	if (rc != 0) {
		forest_fast_free(b.ff);
		return NULL;
	}
	return b.ff;
}
