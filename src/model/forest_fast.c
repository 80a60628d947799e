/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "model/forest.h"
#include "model/forest_fast.h"
#include "model/forest_fast_internal.h"
#include "util/err.h"

enum {
	STACK_PLANES = 48 * FAST_ROWS * 8, /* bytes of planes kept on the stack: 384 planes */
	STACK_SLOTS = 2048,                /* slots of one row kept on the stack */
	RUN_BYTES = 1 << 18                /* of all runs: what stays near the processor */
};

static void walk_block(const struct forest_fast *ff, const float *x, size_t n, size_t stride,
	int8_t *planes, struct forest_out out)
{
	_Alignas(64) float acc[3 * FAST_ROWS], before[3 * FAST_ROWS];
	uint32_t from = 0, groups = ff->n_groups;

	for (uint32_t g = 0; g < groups; g++) {
		for (size_t r = 0; r < FAST_ROWS; r++)
			acc[g * FAST_ROWS + r] = ff->base[g];
	}
	ff->isa->bin(ff, x, n, stride, planes);
	for (uint32_t s = 0; s < ff->n_segments; s++) {
		if (out.segment != NULL)
			memcpy(before, acc, groups * FAST_ROWS * sizeof(float));
		ff->isa->trees(ff, from, ff->segment_end[s], planes, acc);
		from = ff->segment_end[s];
		for (size_t r = 0; out.segment != NULL && r < n; r++) {
			for (uint32_t g = 0; g < groups; g++)
				out.segment[(r * ff->n_segments + s) * groups + g] =
					acc[g * FAST_ROWS + r] - before[g * FAST_ROWS + r];
		}
	}
	for (size_t r = 0; r < n; r++) {
		for (uint32_t g = 0; g < groups; g++)
			out.margin[r * groups + g] = acc[g * FAST_ROWS + r];
	}
}

void forest_fast_rows(const struct forest_fast *ff, const float *x, size_t rows, size_t stride,
	struct forest_out out)
{
	_Alignas(64) int8_t on_stack[STACK_PLANES];
	int8_t *planes = on_stack;

	if (ff->plane_bytes > STACK_PLANES &&
		(planes = aligned_alloc(64, ff->plane_bytes)) == NULL) {
		for (size_t r = 0; r < rows; r++) { /* slower, but needs no memory */
			forest_fast_row(ff, x + r * stride, out);
			out.margin += ff->n_groups;
			if (out.segment != NULL)
				out.segment += (size_t)ff->n_segments * ff->n_groups;
		}
		return;
	}
	memset(planes, 0, ff->plane_bytes);
	while (rows > 0) {
		size_t n = rows < FAST_ROWS ? rows : FAST_ROWS;

		walk_block(ff, x, n, stride, planes, out);
		rows -= n;
		x += n * stride;
		out.margin += n * ff->n_groups;
		if (out.segment != NULL)
			out.segment += n * ff->n_segments * ff->n_groups;
	}
	if (planes != on_stack)
		free(planes);
}

void fast_walk_rows(
	const struct forest_fast *ff, const struct fast_tree *t, const int8_t *planes, float *acc)
{
	const struct fast_walk *w = ff->walk + t->node;

	for (uint32_t r = 0; r < FAST_ROWS; r += 8) {
		uint32_t at[8] = { 0 };

		/* Eight rows take a step together: none waits for its own loads. */
		for (unsigned l = 0; l < t->levels; l++) {
			for (uint32_t k = 0; k < 8; k++) {
				const struct fast_walk *n = &w[at[k]];

				at[k] = n->left + (uint32_t)(planes[n->plane + r + k] > n->place);
			}
		}
		for (uint32_t k = 0; k < 8; k++)
			acc[r + k] += w[at[k]].value;
	}
}

/* ---- one row of a forest with trees too deep, or planes too many, for packs ---- */

/* What slot ${s} holds, worked out from the row itself. */
static inline float slot_value(const struct forest_fast *ff, const float *x, uint32_t s)
{
	float v;

	if (s == 0)
		return 0;
	v = x[ff->used[(s - 1) / 2]];
	return isnan(v) ? (s & 1 ? -INFINITY : INFINITY) : v;
}

static inline float row_leaf(
	const struct forest_fast *ff, const struct fast_tree *t, const float *slots)
{
	const uint32_t *slot = ff->slot + t->node;
	const float *at = ff->at + t->node;
	uint32_t i = 0;

	if (t->depth == 0) {
		const struct fast_walk *w = ff->walk + t->node;

		while (!w[i].leaf)
			i = w[i].left + (slots[w[i].slot] >= w[i].value);
		return w[i].value;
	}
	for (unsigned d = 0; d < t->depth; d++)
		i = 2 * i + 1 + (slots[slot[i]] >= at[i]);
	return ff->leaves[t->leaf + i - ((1u << t->depth) - 1)];
}

/* The same without slots: for a forest of very many features. */
static float row_leaf_plain(const struct forest_fast *ff, const struct fast_tree *t, const float *x)
{
	uint32_t i = 0;

	if (t->depth == 0) {
		const struct fast_walk *w = ff->walk + t->node;

		while (!w[i].leaf)
			i = w[i].left + (slot_value(ff, x, w[i].slot) >= w[i].value);
		return w[i].value;
	}
	for (unsigned d = 0; d < t->depth; d++)
		i = 2 * i + 1 + (slot_value(ff, x, ff->slot[t->node + i]) >= ff->at[t->node + i]);
	return ff->leaves[t->leaf + i - ((1u << t->depth) - 1)];
}

void fast_row_any(const struct forest_fast *ff, const float *x, struct forest_out out)
{
	float slots[STACK_SLOTS], acc[3], before[3];
	bool small = 2 * (size_t)ff->n_used + 1 <= STACK_SLOTS;
	uint32_t t = 0;

	memcpy(acc, ff->base, sizeof(acc));
	slots[0] = 0;
	for (uint32_t j = 0; small && j < ff->n_used; j++) {
		float v = x[ff->used[j]];

		slots[1 + 2 * j] = isnan(v) ? -INFINITY : v;
		slots[2 + 2 * j] = isnan(v) ? INFINITY : v;
	}
	for (uint32_t s = 0; s < ff->n_segments; s++) {
		memcpy(before, acc, sizeof(acc));
		if (small && ff->n_groups == 1) {
			float sum = acc[0];

			for (; t < ff->segment_end[s]; t++)
				sum += row_leaf(ff, &ff->trees[t], slots);
			acc[0] = sum;
		}
		for (; t < ff->segment_end[s]; t++)
			acc[ff->trees[t].group] += small ? row_leaf(ff, &ff->trees[t], slots)
							 : row_leaf_plain(ff, &ff->trees[t], x);
		for (uint32_t g = 0; out.segment != NULL && g < ff->n_groups; g++)
			out.segment[s * ff->n_groups + g] = acc[g] - before[g];
	}
	memcpy(out.margin, acc, ff->n_groups * sizeof(float));
}

void forest_fast_row(const struct forest_fast *ff, const float *x, struct forest_out out)
{
	ff->row(ff, x, out);
}

/* ---- features that come together ---- */

int forest_fast_runs(struct forest_fast *ff, const struct forest_run *runs, size_t n, struct err *e)
{
	size_t bytes = 0;

	if (ff->bins == NULL)
		return 0;
	for (size_t r = 0; r < n && bytes <= RUN_BYTES; r++) {
		ASSERT(runs[r].n <= ff->n_features && runs[r].first <= ff->n_features - runs[r].n);
		bytes += fast_run_bytes(ff, &runs[r]);
	}
	if (bytes > RUN_BYTES)
		return 0;
	return (ff->run_bins = fast_bins_new(ff, runs, n, e)) != NULL ? 0 : -1;
}

bool forest_fast_has_runs(const struct forest_fast *ff)
{
	return ff->run_bins != NULL;
}

/* ---- which instructions ---- */

static bool isa_runs(enum forest_isa isa)
{
#if defined(__x86_64__)
	if (isa == FOREST_AVX512)
		return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
		       __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
	if (isa == FOREST_AVX2)
		return __builtin_cpu_supports("avx2");
#endif
	return isa == FOREST_PORTABLE;
}

static const struct fast_isa *isa_of(enum forest_isa isa)
{
#if defined(__x86_64__)
	if (isa == FOREST_AVX512)
		return &fast_avx512;
	if (isa == FOREST_AVX2)
		return &fast_avx2;
#endif
	return &fast_portable;
}

struct forest_fast *forest_fast_new(const struct forest *f, struct err *e)
{
	return forest_fast_new_isa(f, FOREST_BEST, e);
}

struct forest_fast *forest_fast_new_isa(const struct forest *f, enum forest_isa isa, struct err *e)
{
	if (isa == FOREST_BEST)
		isa = isa_runs(FOREST_AVX512) ? FOREST_AVX512
		      : isa_runs(FOREST_AVX2) ? FOREST_AVX2
					      : FOREST_PORTABLE;
	if (!isa_runs(isa)) {
		err_set(e, ERR_UNAVAILABLE, "this processor lacks the instructions asked for");
		return NULL;
	}
	return fast_build(f, isa_of(isa), e);
}

const char *forest_fast_isa(const struct forest_fast *ff)
{
	return ff->isa->name;
}

void forest_fast_free(struct forest_fast *ff)
{
	if (ff == NULL)
		return;
	free(ff->segment_end);
	free(ff->trees);
	free(ff->chunks);
	free(ff->thresholds);
	free(ff->tables);
	free(ff->plane);
	free(ff->place);
	free(ff->slot);
	free(ff->at);
	free(ff->leaves);
	free(ff->walk);
	free(ff->used);
	free(ff->packs);
	free(ff->high);
	free(ff->eights);
	fast_bins_free(ff->bins);
	fast_bins_free(ff->run_bins);
	free(ff);
}
