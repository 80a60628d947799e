/* SPDX-License-Identifier: Apache-2.0 */
/* encode_build.c: making an encoder, and taking out what no tree uses. */
#include <stdlib.h>
#include <string.h>

#include "features/encode.h"
#include "features/encode_internal.h"
#include "util/err.h"
#include "util/str.h"

int encoder_grow(void *list, uint32_t n, size_t size, struct err *e)
{
	void **p = list, *more;
	size_t cap = n == 0 ? 8 : 2 * (size_t)n;

	if (n != 0 && (n < 8 || (n & (n - 1)) != 0))
		return 0; /* not at a power of two: there is room */
	more = realloc(*p, cap * size);
	if (more == NULL)
		return err_nomem(e);
	*p = more;
	return 0;
}

static int copy(void *to, const void *from, size_t n, size_t size, struct err *e)
{
	void **p = to;
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return err_nomem(e);
	*p = malloc(bytes == 0 ? 1 : bytes);
	if (*p == NULL)
		return err_nomem(e);
	if (bytes != 0)
		memcpy(*p, from, bytes);
	return 0;
}

struct encoder *encoder_new(size_t n_bases, uint32_t n_classes, struct err *e)
{
	struct encoder *enc;

	ASSERT(n_classes == 2 || n_classes == 3);
	if (n_bases > ENC_MAX_BASES) {
		err_set(e, ERR_LIMIT, "%zu base columns, the limit is %u", n_bases, ENC_MAX_BASES);
		return NULL;
	}
	enc = calloc(1, sizeof(*enc));
	if (enc == NULL) {
		err_nomem(e);
		return NULL;
	}
	enc->n_bases = (uint32_t)n_bases;
	enc->n_classes = n_classes;
	enc->won_each = n_classes == 2 ? 1 : 3;
	enc->needs = calloc(n_bases + 1, sizeof(*enc->needs));
	enc->evidence_of = calloc(n_bases + 1, sizeof(*enc->evidence_of));
	if (enc->needs == NULL || enc->evidence_of == NULL) {
		encoder_free(enc);
		err_nomem(e);
		return NULL;
	}
	return enc;
}

static int add_feature(struct encoder *enc, const struct enc_feature *from, struct err *e)
{
	struct enc_feature *f;

	if (enc->n_features >= ENC_MAX_FEATURES)
		return err_set(e, ERR_LIMIT, "over %u features", ENC_MAX_FEATURES);
	if (encoder_grow(&enc->features, enc->n_features, sizeof(*f), e) != 0)
		return -1;
	f = &enc->features[enc->n_features];
	*f = *from;
	f->name = str_dup(str_of(from->name));
	if (f->name == NULL)
		return err_nomem(e);
	for (uint32_t i = 0; i < f->n_bases; i++)
		enc->needs[f->base[i]] = true;
	enc->n_features++;
	return 0;
}

int64_t encoder_add_number(struct encoder *enc, uint32_t base, const char *name, struct err *e)
{
	struct enc_feature f = { .kind = ENC_NUMBER, .n_bases = 1, .base = { base } };

	ASSERT(base < enc->n_bases);
	if (encoder_grow(&enc->numbers, enc->n_numbers, sizeof(*enc->numbers), e) != 0)
		return -1;
	f.name = str_dup(str_of(name));
	if (f.name == NULL)
		return err_nomem(e);
	if (add_feature(enc, &f, e) != 0) {
		free(f.name);
		return -1;
	}
	free(f.name);
	enc->numbers[enc->n_numbers++] = (struct number){ base, enc->n_features - 1 };
	return enc->n_features - 1;
}

static bool same_axis(const struct enc_axis *a, const struct enc_axis *b)
{
	return a->base == b->base && a->kind == b->kind && a->n == b->n && a->n_cuts == b->n_cuts &&
	       (a->n_cuts == 0 || memcmp(a->cuts, b->cuts, a->n_cuts * sizeof(float)) == 0);
}

static int64_t add_axis(struct encoder *enc, const struct enc_axis *a, struct err *e)
{
	struct axis *x;

	ASSERT(a->base < enc->n_bases && a->n > 0);
	for (uint32_t i = 0; i < enc->n_axes; i++)
		if (same_axis(&enc->axes[i].a, a))
			return i;
	if (enc->n_axes >= ENC_MAX_AXES)
		return err_set(e, ERR_LIMIT, "over %u columns in combinations", ENC_MAX_AXES);
	if (encoder_grow(&enc->axes, enc->n_axes, sizeof(*x), e) != 0)
		return -1;
	x = &enc->axes[enc->n_axes];
	memset(x, 0, sizeof(*x));
	x->a = *a;
	if (copy(&x->a.cuts, a->cuts, a->n_cuts, sizeof(float), e) != 0)
		return -1;
	if (encoder_index_axis(x, e) != 0) {
		free(x->a.cuts);
		return -1;
	}
	return enc->n_axes++;
}

static void key_clear(struct key *k)
{
	free(k->id);
	free(k->count);
	free(k->won);
	free(k->values);
	free(k->direct);
	free(k->slots);
}

static int fill_key(struct encoder *enc, struct key *k, const struct enc_key *from, struct err *e)
{
	size_t n = from->n_cells, floats;

	if (n > ENC_MAX_CELLS || __builtin_mul_overflow(n + 1, (size_t)from->n_out, &floats))
		return err_set(e, ERR_LIMIT, "a combination of columns has too many cells");
	k->n_cells = (uint32_t)n;
	k->n_axes = from->n_axes;
	k->n_out = from->n_out;
	k->first = enc->n_features;
	for (uint32_t i = 0; i < from->n_axes; i++) {
		int64_t at = add_axis(enc, &from->axes[i], e);

		if (at < 0)
			return -1;
		k->axis[i] = (uint32_t)at;
	}
	if (copy(&k->id, from->id, n, sizeof(*k->id), e) != 0 ||
		copy(&k->count, from->count, n, sizeof(*k->count), e) != 0 ||
		copy(&k->won, from->won, n, enc->won_each * sizeof(*k->won), e) != 0)
		return -1;
	k->values = malloc((floats == 0 ? 1 : floats) * sizeof(float));
	if (k->values == NULL)
		return err_nomem(e);
	if (n * from->n_out != 0)
		memcpy(k->values, from->values, n * from->n_out * sizeof(float));
	if (from->n_out != 0)
		memcpy(k->values + n * from->n_out, from->unseen, from->n_out * sizeof(float));
	return encoder_index_key(enc, enc->n_keys, e);
}

int64_t encoder_add_key(struct encoder *enc, const struct enc_key *from, struct err *e)
{
	struct key *k;

	ASSERT(from->n_axes >= 1 && from->n_axes <= ENC_PARTS);
	if (encoder_grow(&enc->keys, enc->n_keys, sizeof(*k), e) != 0)
		return -1;
	k = &enc->keys[enc->n_keys];
	memset(k, 0, sizeof(*k));
	if (fill_key(enc, k, from, e) != 0)
		goto fail;
	for (uint32_t i = 0; i < from->n_out; i++) {
		struct enc_feature f = from->features[i];

		f.n_bases = from->n_axes;
		for (uint32_t j = 0; j < from->n_axes; j++)
			f.base[j] = from->axes[j].base;
		if (add_feature(enc, &f, e) != 0)
			goto fail;
	}
	enc->n_keys++;
	return k->first;
fail:
	while (enc->n_features > k->first)
		free(enc->features[--enc->n_features].name);
	key_clear(k);
	return -1;
}

int encoder_add_evidence(struct encoder *enc, const struct enc_axis *axis, const uint32_t *count,
	const uint32_t *won, struct err *e)
{
	struct evidence v = { 0 };
	int64_t at = add_axis(enc, axis, e);

	if (at < 0 || encoder_grow(&enc->evidence, enc->n_evidence, sizeof(v), e) != 0)
		return -1;
	v.axis = (uint32_t)at;
	if (copy(&v.count, count, axis->n, sizeof(*count), e) != 0)
		return -1;
	if (copy(&v.won, won, axis->n, enc->won_each * sizeof(*won), e) != 0) {
		free(v.count);
		return -1;
	}
	enc->evidence[enc->n_evidence++] = v;
	enc->evidence_of[axis->base] = enc->n_evidence;
	return 0;
}

void encoder_free(struct encoder *enc)
{
	if (enc == NULL)
		return;
	for (uint32_t i = 0; i < enc->n_features; i++)
		free(enc->features[i].name);
	for (uint32_t i = 0; i < enc->n_axes; i++) {
		free(enc->axes[i].a.cuts);
		free(enc->axes[i].whole);
	}
	for (uint32_t i = 0; i < enc->n_keys; i++)
		key_clear(&enc->keys[i]);
	for (uint32_t i = 0; i < enc->n_evidence; i++) {
		free(enc->evidence[i].count);
		free(enc->evidence[i].won);
	}
	free(enc->features);
	free(enc->axes);
	free(enc->keys);
	free(enc->looks);
	free(enc->coded);
	free(enc->numbers);
	free(enc->evidence);
	free(enc->needs);
	free(enc->evidence_of);
	free(enc);
}

/* Copy key ${k} with only its used features into ${to}. */
static int compact_key(struct encoder *to, const struct encoder *enc, const struct key *k,
	const bool *used, struct err *e)
{
	struct enc_axis axes[ENC_PARTS];
	struct enc_key n = { .axes = axes,
		.n_axes = k->n_axes,
		.n_cells = k->n_cells,
		.id = k->id,
		.count = k->count,
		.won = k->won };
	struct enc_feature *features = calloc(k->n_out, sizeof(*features));
	float *values;
	int64_t at = -1;

	for (uint32_t j = 0; j < k->n_out; j++)
		n.n_out += used[k->first + j];
	values = malloc(((size_t)k->n_cells + 1) * n.n_out * sizeof(*values));
	if (features == NULL || values == NULL) {
		err_nomem(e);
		goto out;
	}
	for (size_t c = 0; c <= k->n_cells; c++)
		for (uint32_t j = 0, o = 0; j < k->n_out; j++)
			if (used[k->first + j])
				values[c * n.n_out + o++] = k->values[c * k->n_out + j];
	for (uint32_t j = 0, o = 0; j < k->n_out; j++)
		if (used[k->first + j])
			features[o++] = enc->features[k->first + j];
	for (uint32_t i = 0; i < k->n_axes; i++)
		axes[i] = enc->axes[k->axis[i]].a;
	n.values = values;
	n.unseen = values + (size_t)k->n_cells * n.n_out;
	n.features = features;
	at = encoder_add_key(to, &n, e);
out:
	free(features);
	free(values);
	return at < 0 ? -1 : 0;
}

/* Features keep their order, so numbers and keys are walked together. */
static int compact_into(struct encoder *to, const struct encoder *enc, const bool *used,
	uint32_t *map, struct err *e)
{
	uint32_t number = 0, key = 0;

	for (uint32_t i = 0; i < enc->n_features;) {
		if (number < enc->n_numbers && enc->numbers[number].feature == i) {
			map[i] = used[i] ? to->n_features : UINT32_MAX;
			if (used[i] && encoder_add_number(to, enc->numbers[number].base,
					       enc->features[i].name, e) < 0)
				return -1;
			number++;
			i++;
		} else {
			const struct key *k;
			uint32_t at = to->n_features, n = 0;

			while (enc->keys[key].n_out == 0)
				key++;
			k = &enc->keys[key++];
			ASSERT(k->first == i);
			for (uint32_t j = 0; j < k->n_out; j++)
				map[i + j] = used[i + j] ? at + n++ : UINT32_MAX;
			if (n > 0 && compact_key(to, enc, k, used, e) != 0)
				return -1;
			i += k->n_out;
		}
	}
	for (uint32_t i = 0; i < enc->n_evidence; i++) {
		const struct evidence *v = &enc->evidence[i];

		if (encoder_add_evidence(to, &enc->axes[v->axis].a, v->count, v->won, e) != 0)
			return -1;
	}
	return 0;
}

struct encoder *encoder_compact(
	const struct encoder *enc, const bool *used, uint32_t *map, struct err *e)
{
	struct encoder *to = encoder_new(enc->n_bases, enc->n_classes, e);

	if (to == NULL)
		return NULL;
	if (compact_into(to, enc, used, map, e) != 0) {
		encoder_free(to);
		return NULL;
	}
	return to;
}
