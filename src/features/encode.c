/* SPDX-License-Identifier: Apache-2.0 */
#include "features/encode.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "features/encode_internal.h"
#include "features/frame.h"
#include "util/err.h"

size_t encoder_n_features(const struct encoder *enc)
{
	return enc->n_features;
}

size_t encoder_n_bases(const struct encoder *enc)
{
	return enc->n_bases;
}

const struct enc_feature *encoder_feature(const struct encoder *enc, size_t i)
{
	ASSERT(i < enc->n_features);
	return &enc->features[i];
}

bool encoder_needs(const struct encoder *enc, size_t base)
{
	return base < enc->n_bases && enc->needs[base];
}

enum { FEW_AXES = 256 }; /* as most models have */

/* Number of cuts <= v (edges) or < v (values): both by bisection, so 2,000,000 values cost 21
 * steps. */
static uint32_t cuts_below(const float *cuts, uint32_t n, float v, bool or_equal)
{
	uint32_t lo = 0, hi = n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (or_equal ? cuts[mid] <= v : cuts[mid] < v)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

uint32_t enc_axis_code(const struct enc_axis *a, float num, uint32_t code)
{
	uint32_t at;

	switch (a->kind) {
	case ENC_AXIS_LEVEL:
		return code < a->n ? code : a->n;
	case ENC_AXIS_BIN:
		return isnan(num) ? 0 : 1 + cuts_below(a->cuts, a->n_cuts, num, true);
	case ENC_AXIS_VALUE:
		if (isnan(num))
			return 0;
		at = cuts_below(a->cuts, a->n_cuts, num, false);
		return at < a->n_cuts && a->cuts[at] == num ? at + 1 : a->n;
	}
	return a->n;
}

static uint32_t whole_code(const struct coded_axis *x, float v)
{
	if (isnan(v))
		return 0;
	if (!(v >= (float)x->lo && v <= (float)x->hi))
		return x->n;
	return (float)(int32_t)v == v ? x->whole[(int32_t)v - x->lo] : x->n;
}

static uint32_t few_edges_code(const struct coded_axis *x, float v)
{
	uint32_t n = 1;

	if (isnan(v))
		return 0;
	for (int32_t i = 0; i < x->hi; i++)
		n += x->cuts[i] <= v;
	return n;
}

static uint32_t coded_axis_code(const struct coded_axis *x, const float *num, const uint32_t *code)
{
	struct enc_axis a;

	switch ((enum coded_how)x->how) {
	case CODED_LEVEL:
		return code[x->base] < x->n ? code[x->base] : x->n;
	case CODED_WHOLE:
		return whole_code(x, num[x->base]);
	case CODED_FEW_EDGES:
		return few_edges_code(x, num[x->base]);
	case CODED_SEARCHED:
		break;
	}
	a = (struct enc_axis){ x->base, (enum enc_axis_kind)x->kind, x->n, (uint32_t)x->hi,
		x->cuts };
	return enc_axis_code(&a, num[x->base], 0);
}

/* The cell of a key, n_cells where training had none; plain. */
static uint32_t key_cell(
	const struct encoder *enc, const struct key *k, const float *num, const uint32_t *code)
{
	uint64_t id = 0;
	uint32_t lo = 0, hi = k->n_cells;

	for (uint32_t i = 0; i < k->n_axes; i++) {
		const struct enc_axis *a = &enc->axes[k->axis[i]].a;
		uint32_t c = enc_axis_code(a, num[a->base], code[a->base]);

		if (c >= a->n)
			return k->n_cells;
		id = id * a->n + c;
	}
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (k->id[mid] < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < k->n_cells && k->id[lo] == id ? lo : k->n_cells;
}

static uint64_t mix(uint64_t x)
{
	x ^= x >> 32;
	x *= UINT64_C(0x9e3779b97f4a7c15);
	return x ^ (x >> 29);
}

static uint32_t key_cell_fast(const struct look *k, const uint32_t *codes)
{
	uint64_t id = 0;

	for (uint32_t i = 0; i < k->n_axes; i++) {
		uint32_t n = k->n[i], c = codes[k->coded[i]];

		if (c >= n)
			return k->n_cells;
		id = id * n + c;
	}
	if (k->direct != NULL)
		return k->direct[id];
	for (uint64_t at = mix(id) & k->mask;; at = (at + 1) & k->mask) {
		if (k->slots[at].cell == 0)
			return k->n_cells;
		if (k->slots[at].id == id)
			return k->slots[at].cell - 1;
	}
}

void encoder_row(const struct encoder *enc, const float *num, const uint32_t *code, float *x)
{
	for (uint32_t i = 0; i < enc->n_numbers; i++)
		x[enc->numbers[i].feature] = num[enc->numbers[i].base];
	for (uint32_t i = 0; i < enc->n_keys; i++) {
		const struct key *k = &enc->keys[i];
		size_t cell = key_cell(enc, k, num, code);

		memcpy(x + k->first, k->values + cell * k->n_out, k->n_out * sizeof(float));
	}
}

static void numbers_and_codes(const struct encoder *enc, const float *num, const uint32_t *code,
	uint32_t *codes, float *x)
{
	for (uint32_t i = 0; i < enc->n_numbers; i++)
		x[enc->numbers[i].feature] = num[enc->numbers[i].base];
	for (uint32_t i = 0; i < enc->n_coded; i++)
		codes[i] = coded_axis_code(&enc->coded[i], num, code);
}

static void row_fast(const struct encoder *enc, const float *num, const uint32_t *code,
	uint32_t *codes, float *x)
{
	numbers_and_codes(enc, num, code, codes, x);
	for (uint32_t i = 0; i < enc->n_keys; i++) {
		const struct key *k = &enc->keys[i];
		const float *from =
			k->values + (size_t)key_cell_fast(&enc->looks[i], codes) * k->n_out;
		float *to = x + k->first;

		for (uint32_t j = 0; j < k->n_out; j++)
			to[j] = from[j];
	}
}

static void rows_fast(const struct encoder *enc, const struct enc_block *b, uint32_t *codes)
{
	for (size_t r = 0; r < b->rows; r++)
		row_fast(enc, b->num + r * b->stride, b->code + r * b->stride, codes,
			b->x + r * b->x_stride);
}

/* Apart, as the pages of so large a frame are touched one by one. */
static __attribute__((noinline)) void rows_of_many_axes(
	const struct encoder *enc, const struct enc_block *b)
{
	uint32_t codes[ENC_MAX_AXES];

	rows_fast(enc, b, codes);
}

void encoder_rows(const struct encoder *enc, const struct enc_block *b)
{
	uint32_t codes[FEW_AXES];

	if (enc->n_coded <= FEW_AXES)
		rows_fast(enc, b, codes);
	else
		rows_of_many_axes(enc, b);
}

/* ---- runs ---- */

size_t encoder_runs(const struct encoder *enc)
{
	return enc->n_coded <= FEW_AXES ? enc->n_keys : 0;
}

struct enc_run encoder_run(const struct encoder *enc, size_t i)
{
	const struct key *k = &enc->keys[i];

	return (struct enc_run){ k->first, k->n_out, (size_t)k->n_cells + 1, k->values };
}

void encoder_row_runs(
	const struct encoder *enc, const float *num, const uint32_t *code, float *x, uint32_t *row)
{
	uint32_t codes[FEW_AXES];

	ASSERT(enc->n_coded <= FEW_AXES);
	numbers_and_codes(enc, num, code, codes, x);
	for (uint32_t i = 0; i < enc->n_keys; i++)
		row[i] = key_cell_fast(&enc->looks[i], codes);
}

static void copy_won(
	const struct encoder *enc, const uint32_t *won, size_t at, struct enc_evidence *ev)
{
	for (uint32_t c = 0; c < enc->won_each; c++)
		ev->won[c] = won[at * enc->won_each + c];
}

bool encoder_evidence(
	const struct encoder *enc, size_t base, float num, uint32_t code, struct enc_evidence *ev)
{
	const struct evidence *v;
	const struct enc_axis *a;
	uint32_t c;

	memset(ev, 0, sizeof(*ev));
	if (base >= enc->n_bases || enc->evidence_of[base] == 0)
		return false;
	v = &enc->evidence[enc->evidence_of[base] - 1];
	a = &enc->axes[v->axis].a;
	c = enc_axis_code(a, num, code);
	if (c >= a->n || v->count[c] == 0)
		return false;
	ev->n = v->count[c];
	copy_won(enc, v->won, c, ev);
	ev->missing = c == 0;
	if (a->kind == ENC_AXIS_BIN && c > 0) {
		ev->range = true;
		ev->lo = c > 1 ? a->cuts[c - 2] : -INFINITY;
		ev->hi = c - 1 < a->n_cuts ? a->cuts[c - 1] : INFINITY;
	} else if (a->kind == ENC_AXIS_VALUE && c > 0) {
		ev->range = true;
		ev->lo = ev->hi = a->cuts[c - 1];
	}
	return true;
}

bool encoder_cell(const struct encoder *enc, size_t feature, const float *num, const uint32_t *code,
	struct enc_evidence *ev)
{
	memset(ev, 0, sizeof(*ev));
	for (uint32_t i = 0; i < enc->n_keys; i++) {
		const struct key *k = &enc->keys[i];
		uint32_t cell;

		if (feature < k->first || feature >= k->first + k->n_out)
			continue;
		cell = key_cell(enc, k, num, code);
		if (cell == k->n_cells)
			return false;
		ev->n = k->count[cell];
		copy_won(enc, k->won, cell, ev);
		return true;
	}
	return false;
}

/* Whole numbers in a narrow range, as codes often are: one subtraction instead of a bisection. */
int encoder_index_axis(struct axis *x, struct err *e)
{
	const struct enc_axis *a = &x->a;
	int64_t span;

	if (a->kind != ENC_AXIS_VALUE || a->n_cuts == 0 || fabsf(a->cuts[0]) > 1e6f ||
		fabsf(a->cuts[a->n_cuts - 1]) > 1e6f)
		return 0;
	for (uint32_t i = 0; i < a->n_cuts; i++)
		if (floorf(a->cuts[i]) != a->cuts[i])
			return 0;
	x->lo = (int64_t)a->cuts[0];
	x->hi = (int64_t)a->cuts[a->n_cuts - 1];
	span = x->hi - x->lo + 1;
	if (span > 4096 && span > 16 * (int64_t)a->n_cuts)
		return 0;
	x->whole = malloc((size_t)span * sizeof(*x->whole));
	if (x->whole == NULL)
		return err_nomem(e);
	for (int64_t i = 0; i < span; i++)
		x->whole[i] = a->n;
	for (uint32_t i = 0; i < a->n_cuts; i++)
		x->whole[(int64_t)a->cuts[i] - x->lo] = i + 1;
	return 0;
}

static int index_direct(struct key *k, struct err *e)
{
	k->direct = malloc(k->n_ids * sizeof(*k->direct));
	if (k->direct == NULL)
		return err_nomem(e);
	for (uint64_t i = 0; i < k->n_ids; i++)
		k->direct[i] = k->n_cells;
	for (uint32_t i = 0; i < k->n_cells; i++)
		k->direct[k->id[i]] = i;
	return 0;
}

/* An axis that a key has; its code is found once a row for all keys that have it. */
static int code_axis(struct encoder *enc, struct axis *x, struct err *e)
{
	const struct enc_axis *a = &x->a;
	struct coded_axis *to;

	if (x->coded != 0)
		return 0;
	if (encoder_grow(&enc->coded, enc->n_coded, sizeof(*to), e) == -1)
		return -1;
	to = &enc->coded[enc->n_coded];
	*to = (struct coded_axis){ .base = a->base,
		.n = a->n,
		.hi = (int32_t)a->n_cuts,
		.kind = (uint8_t)a->kind,
		.how = CODED_SEARCHED };
	to->cuts = a->cuts;
	if (a->kind == ENC_AXIS_LEVEL) {
		to->how = CODED_LEVEL;
	} else if (a->kind == ENC_AXIS_VALUE && x->whole != NULL) {
		to->how = CODED_WHOLE;
		to->whole = x->whole;
		to->lo = (int32_t)x->lo;
		to->hi = (int32_t)x->hi;
	} else if (a->kind == ENC_AXIS_BIN && a->n_cuts <= 32) {
		to->how = CODED_FEW_EDGES;
	}
	x->coded = ++enc->n_coded;
	return 0;
}

static int index_slots(struct key *k, struct err *e)
{
	uint64_t size = 16;

	while (size < 2 * (uint64_t)k->n_cells)
		size *= 2;
	k->slots = calloc(size, sizeof(*k->slots));
	if (k->slots == NULL)
		return err_nomem(e);
	k->mask = size - 1;
	for (uint32_t i = 0; i < k->n_cells; i++) {
		uint64_t at = mix(k->id[i]) & k->mask;

		while (k->slots[at].cell != 0)
			at = (at + 1) & k->mask;
		k->slots[at] = (struct slot){ k->id[i], i + 1 };
	}
	return 0;
}

static int add_look(struct encoder *enc, uint32_t i, struct err *e)
{
	const struct key *k = &enc->keys[i];
	struct look *l;

	if (encoder_grow(&enc->looks, i, sizeof(*l), e) == -1)
		return -1;
	l = &enc->looks[i];
	*l = (struct look){ .direct = k->direct,
		.slots = k->slots,
		.mask = k->mask,
		.n_cells = k->n_cells,
		.n_axes = (uint16_t)k->n_axes };
	for (uint32_t j = 0; j < k->n_axes; j++) {
		struct axis *x = &enc->axes[k->axis[j]];

		if (code_axis(enc, x, e) == -1)
			return -1;
		l->coded[j] = (uint16_t)(x->coded - 1);
		l->n[j] = x->a.n;
	}
	return 0;
}

int encoder_index_key(struct encoder *enc, uint32_t i, struct err *e)
{
	struct key *k = &enc->keys[i];
	int rc;

	k->n_ids = 1;
	for (uint32_t j = 0; j < k->n_axes; j++)
		if (__builtin_mul_overflow(
			    k->n_ids, (uint64_t)enc->axes[k->axis[j]].a.n, &k->n_ids))
			return err_set(e, ERR_LIMIT, "a combination of columns has too many cells");
	rc = k->n_ids <= 4096 || k->n_ids <= 8 * (uint64_t)k->n_cells ? index_direct(k, e)
								      : index_slots(k, e);
	return rc == 0 ? add_look(enc, i, e) : -1;
}
