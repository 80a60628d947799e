/* SPDX-License-Identifier: Apache-2.0 */
/* forest_fast_tree.h: included by each evaluator, not a header of its own: from a tree's splits to
 * a vector of leaf numbers. The file that includes it defines
 *   V               a vector of bytes, one row each
 *   TARGET          the attribute that allows its instructions
 *   ONE(c)          1 where a row goes right, else 0
 *   JOIN(c, l, r, k) r + k where a row goes right, else l
 * with c the comparison made by GO(s, i): bytes of split i's plane > its place, and the function
 *   add_leaves(leaves, numbers, acc, depth) that adds the leaves of one vector of rows.
 * It gets leaf1 to leaf8 and trees(), the member of struct fast_isa. */

struct splits {
	const uint32_t *plane;
	const int8_t *place;
	const int8_t *bytes; /* planes, at the first row of the vector */
};

#define STEP(d, below) \
	TARGET static inline __attribute__((always_inline)) \
	V leaf##d(const struct splits s, const unsigned i) \
	{ \
		V l = leaf##below(s, 2 * i + 1); \
		V r = leaf##below(s, 2 * i + 2); \
\
		return JOIN(GO(s, i), l, r, 1 << (d - 1)); \
	}

TARGET static inline __attribute__((always_inline)) V leaf1(const struct splits s, const unsigned i)
{
	return ONE(GO(s, i));
}

STEP(2, 1)
STEP(3, 2)
STEP(4, 3)
STEP(5, 4)
STEP(6, 5)

/* Trees of 7 and 8 levels are stored as their 6-level trees below, 63 splits each, then the top. */
TARGET static __attribute__((noinline)) V whole6(
	const uint32_t *plane, const int8_t *place, const int8_t *bytes)
{
	const struct splits s = { plane, place, bytes };

	return leaf6(s, 0);
}

TARGET static inline V leaf7(const struct splits s, const unsigned i)
{
	V l = whole6(s.plane + i, s.place + i, s.bytes);
	V r = whole6(s.plane + i + 63, s.place + i + 63, s.bytes);

	return JOIN(GO(s, i + 126), l, r, 64);
}

TARGET static inline V leaf8(const struct splits s, const unsigned i)
{
	const struct splits top = { s.plane + 252, s.place + 252, s.bytes };
	V l, r;

	l = JOIN(GO(top, 1), whole6(s.plane, s.place, s.bytes),
		whole6(s.plane + 63, s.place + 63, s.bytes), 64);
	r = JOIN(GO(top, 2), whole6(s.plane + 126, s.place + 126, s.bytes),
		whole6(s.plane + 189, s.place + 189, s.bytes), 64);
	return JOIN(GO(top, 0), l, r, 128);
}

/* The leaves of a whole tree of any depth for all rows of the block, added to acc. */
TARGET static void add_tree(
	const struct forest_fast *ff, const struct fast_tree *t, const int8_t *planes, float *acc)
{
	const float *leaves = ff->leaves + t->leaf;

	for (int row = 0; row < FAST_ROWS; row += (int)sizeof(V), acc += sizeof(V)) {
		const struct splits s = { ff->plane + t->node, ff->place + t->node, planes + row };

		switch (t->depth) {
#define DEPTH(d) \
	case d: \
		add_leaves(leaves, leaf##d(s, 0), acc, d); \
		break;
			DEPTH(1)
			DEPTH(2)
			DEPTH(3)
			DEPTH(4)
			DEPTH(5)
			DEPTH(6)
			DEPTH(7)
			DEPTH(8)
#undef DEPTH
		}
	}
}

TARGET static void trees(
	const struct forest_fast *ff, uint32_t from, uint32_t to, const int8_t *planes, float *acc)
{
	for (uint32_t k = from; k < to; k++) {
		const struct fast_tree *t = &ff->trees[k];

		if (t->depth != 0)
			add_tree(ff, t, planes, acc + (size_t)t->group * FAST_ROWS);
		else
			fast_walk_rows(ff, t, planes, acc + (size_t)t->group * FAST_ROWS);
	}
}
