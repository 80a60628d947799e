/* SPDX-License-Identifier: Apache-2.0 */
/* encode_io.c: encoder.bin, little-endian: "HSENCODE", version, length of what follows, content,
 * checksum of all before it. Every count is held against the bytes that are left before memory is
 * asked for. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "features/encode.h"
#include "features/encode_internal.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/str.h"

#define VERSION 1u
#define HEADER  20u /* magic 8, version 4, length 8 */
#define SEED    UINT64_C(0x68656174)

/* --- writing --- */

static void put32(struct buf *b, uint32_t v)
{
	char p[4] = { (char)v, (char)(v >> 8), (char)(v >> 16), (char)(v >> 24) };

	buf_bytes(b, p, 4);
}

static void put64(struct buf *b, uint64_t v)
{
	put32(b, (uint32_t)v);
	put32(b, (uint32_t)(v >> 32));
}

static void put_float(struct buf *b, float v)
{
	uint32_t bits;

	memcpy(&bits, &v, 4);
	put32(b, bits);
}

static void put_axis(struct buf *b, const struct enc_axis *a)
{
	put32(b, a->base);
	put32(b, (uint32_t)a->kind);
	put32(b, a->n);
	put32(b, a->n_cuts);
	for (uint32_t i = 0; i < a->n_cuts; i++)
		put_float(b, a->cuts[i]);
}

static void put_key(struct buf *b, const struct encoder *enc, const struct key *k)
{
	put32(b, k->n_axes);
	for (uint32_t i = 0; i < k->n_axes; i++)
		put32(b, k->axis[i]);
	put32(b, k->n_cells);
	put32(b, k->n_out);
	put32(b, k->first);
	for (uint32_t i = 0; i < k->n_cells; i++)
		put64(b, k->id[i]);
	for (uint32_t i = 0; i < k->n_cells; i++)
		put32(b, k->count[i]);
	for (size_t i = 0; i < (size_t)k->n_cells * enc->won_each; i++)
		put32(b, k->won[i]);
	for (size_t i = 0; i < ((size_t)k->n_cells + 1) * k->n_out; i++)
		put_float(b, k->values[i]);
}

static void put_features(struct buf *b, const struct encoder *enc)
{
	put32(b, enc->n_features);
	for (uint32_t i = 0; i < enc->n_features; i++) {
		const struct enc_feature *f = &enc->features[i];
		struct str name = str_of(f->name);

		put32(b, (uint32_t)f->kind);
		put32(b, f->n_bases);
		for (uint32_t j = 0; j < f->n_bases; j++)
			put32(b, f->base[j]);
		put32(b, (uint32_t)name.n);
		buf_str(b, name);
	}
}

static void put_content(struct buf *b, const struct encoder *enc)
{
	put32(b, enc->n_bases);
	put32(b, enc->n_classes);
	put_features(b, enc);
	put32(b, enc->n_numbers);
	for (uint32_t i = 0; i < enc->n_numbers; i++) {
		put32(b, enc->numbers[i].base);
		put32(b, enc->numbers[i].feature);
	}
	put32(b, enc->n_axes);
	for (uint32_t i = 0; i < enc->n_axes; i++)
		put_axis(b, &enc->axes[i].a);
	put32(b, enc->n_keys);
	for (uint32_t i = 0; i < enc->n_keys; i++)
		put_key(b, enc, &enc->keys[i]);
	put32(b, enc->n_evidence);
	for (uint32_t i = 0; i < enc->n_evidence; i++) {
		const struct evidence *v = &enc->evidence[i];
		uint32_t n = enc->axes[v->axis].a.n;

		put32(b, v->axis);
		for (uint32_t c = 0; c < n; c++)
			put32(b, v->count[c]);
		for (uint32_t c = 0; c < n * enc->won_each; c++)
			put32(b, v->won[c]);
	}
}

int encoder_write(const struct encoder *enc, struct buf *out, struct err *e)
{
	struct buf content = { 0 }, head = { 0 };
	struct str all;
	int rc;

	put_content(&content, enc);
	buf_bytes(&head, "HSENCODE", 8);
	put32(&head, VERSION);
	put64(&head, content.n);
	buf_str(&head, buf_view(&content));
	all = buf_view(&head);
	put64(&head, str_hash(all, SEED));
	rc = buf_done(&content, e) != 0 || buf_done(&head, e) != 0 ? -1 : 0;
	if (rc == 0) {
		buf_str(out, buf_view(&head));
		rc = buf_done(out, e);
	}
	buf_clear(&content);
	buf_clear(&head);
	return rc;
}

/* --- reading --- */

struct in {
	const unsigned char *p;
	size_t left;
	bool bad;
};

static uint32_t get32(struct in *in)
{
	uint32_t v;

	if (in->bad || in->left < 4) {
		in->bad = true;
		return 0;
	}
	v = (uint32_t)in->p[0] | (uint32_t)in->p[1] << 8 | (uint32_t)in->p[2] << 16 |
	    (uint32_t)in->p[3] << 24;
	in->p += 4;
	in->left -= 4;
	return v;
}

static uint64_t get64(struct in *in)
{
	uint64_t lo = get32(in);

	return lo | (uint64_t)get32(in) << 32;
}

static float get_float(struct in *in)
{
	uint32_t bits = get32(in);
	float v;

	memcpy(&v, &bits, 4);
	return v;
}

/* A count of things that take at least ${bytes} each in what is left. */
static uint32_t get_count(struct in *in, uint32_t most, size_t bytes)
{
	uint32_t n = get32(in);

	if (n > most || n > in->left / bytes)
		in->bad = true;
	return in->bad ? 0 : n;
}

static void *room(struct in *in, size_t n, size_t size)
{
	void *p = calloc(n + 1, size);

	if (p == NULL)
		in->bad = true;
	return p;
}

static void get_features(struct in *in, struct encoder *enc)
{
	uint32_t n = get_count(in, ENC_MAX_FEATURES, 12);

	enc->features = room(in, n, sizeof(*enc->features));
	for (uint32_t i = 0; i < n && !in->bad; i++) {
		struct enc_feature *f = &enc->features[i];
		uint32_t kind = get32(in), len;

		f->n_bases = get32(in);
		if (kind > ENC_COUNT || f->n_bases < 1 || f->n_bases > ENC_PARTS) {
			in->bad = true;
			return;
		}
		f->kind = (enum enc_kind)kind;
		for (uint32_t j = 0; j < f->n_bases; j++) {
			f->base[j] = get32(in);
			if (f->base[j] >= enc->n_bases) {
				in->bad = true;
				return;
			}
			enc->needs[f->base[j]] = true;
		}
		len = get_count(in, 1u << 20, 1);
		if (in->bad)
			return;
		f->name = str_dup((struct str){ (const char *)in->p, len });
		if (f->name == NULL || strlen(f->name) != len) {
			free(f->name);
			in->bad = true;
			return;
		}
		in->p += len;
		in->left -= len;
		enc->n_features++;
	}
}

static void get_numbers(struct in *in, struct encoder *enc)
{
	uint32_t n = get_count(in, ENC_MAX_FEATURES, 8);

	enc->numbers = room(in, n, sizeof(*enc->numbers));
	for (uint32_t i = 0; i < n && !in->bad; i++) {
		struct number *x = &enc->numbers[i];

		x->base = get32(in);
		x->feature = get32(in);
		if (x->base >= enc->n_bases || x->feature >= enc->n_features)
			in->bad = true;
		else
			enc->n_numbers++;
	}
}

static bool axis_fits(const struct enc_axis *a)
{
	for (uint32_t i = 0; i < a->n_cuts; i++)
		if (!isfinite(a->cuts[i]) || (i > 0 && !(a->cuts[i] > a->cuts[i - 1])))
			return false;
	switch (a->kind) {
	case ENC_AXIS_LEVEL:
		return a->n >= 1 && a->n_cuts == 0;
	case ENC_AXIS_VALUE:
		return a->n == a->n_cuts + 1;
	case ENC_AXIS_BIN:
		return a->n == a->n_cuts + 2;
	}
	return false;
}

static void get_axes(struct in *in, struct encoder *enc, struct err *e)
{
	uint32_t n = get_count(in, ENC_MAX_AXES, 16);

	enc->axes = room(in, n, sizeof(*enc->axes));
	for (uint32_t i = 0; i < n && !in->bad; i++) {
		struct enc_axis *a = &enc->axes[i].a;
		uint32_t kind;

		a->base = get32(in);
		kind = get32(in);
		a->n = get32(in);
		a->n_cuts = get_count(in, ENC_MAX_CUTS, 4);
		if (in->bad || kind > ENC_AXIS_BIN || a->base >= enc->n_bases) {
			in->bad = true;
			return;
		}
		a->kind = (enum enc_axis_kind)kind;
		enc->n_axes++; /* from here on encoder_free frees its cuts */
		a->cuts = room(in, a->n_cuts, sizeof(float));
		for (uint32_t j = 0; j < a->n_cuts && !in->bad; j++)
			a->cuts[j] = get_float(in);
		if (in->bad || !axis_fits(a) || encoder_index_axis(&enc->axes[i], e) != 0)
			in->bad = true;
	}
}

/* Ids ascend and are below the product of the axes, so that direct tables are never overrun. */
static bool ids_fit(const struct encoder *enc, const struct key *k)
{
	uint64_t n = 1;

	for (uint32_t i = 0; i < k->n_axes; i++)
		if (__builtin_mul_overflow(n, (uint64_t)enc->axes[k->axis[i]].a.n, &n))
			return false;
	for (uint32_t i = 0; i < k->n_cells; i++)
		if (k->id[i] >= n || (i > 0 && k->id[i] <= k->id[i - 1]))
			return false;
	return true;
}

static void get_key(struct in *in, struct encoder *enc, uint32_t at, struct err *e)
{
	struct key *k = &enc->keys[at];
	size_t floats;

	k->n_axes = get32(in);
	if (k->n_axes < 1 || k->n_axes > ENC_PARTS) {
		in->bad = true;
		return;
	}
	for (uint32_t i = 0; i < k->n_axes; i++)
		if ((k->axis[i] = get32(in)) >= enc->n_axes)
			in->bad = true;
	k->n_cells = get_count(in, ENC_MAX_CELLS, 12);
	k->n_out = get32(in);
	k->first = get32(in);
	if (in->bad || k->n_out > enc->n_features || k->first > enc->n_features - k->n_out ||
		__builtin_mul_overflow((size_t)k->n_cells + 1, (size_t)k->n_out, &floats) ||
		floats > in->left / 4) {
		in->bad = true;
		return;
	}
	k->id = room(in, k->n_cells, sizeof(*k->id));
	k->count = room(in, k->n_cells, sizeof(*k->count));
	k->won = room(in, (size_t)k->n_cells * enc->won_each, sizeof(*k->won));
	k->values = room(in, floats, sizeof(*k->values));
	if (in->bad)
		return;
	for (uint32_t i = 0; i < k->n_cells; i++)
		k->id[i] = get64(in);
	for (uint32_t i = 0; i < k->n_cells; i++)
		k->count[i] = get32(in);
	for (size_t i = 0; i < (size_t)k->n_cells * enc->won_each; i++)
		k->won[i] = get32(in);
	for (size_t i = 0; i < floats; i++)
		k->values[i] = get_float(in);
	if (in->bad || !ids_fit(enc, k) || encoder_index_key(enc, at, e) != 0)
		in->bad = true;
}

static void get_keys(struct in *in, struct encoder *enc, struct err *e)
{
	uint32_t n = get_count(in, ENC_MAX_FEATURES, 20);

	enc->keys = room(in, n, sizeof(*enc->keys));
	for (uint32_t i = 0; i < n && !in->bad; i++) {
		enc->n_keys++;
		get_key(in, enc, i, e);
	}
}

static void get_evidence(struct in *in, struct encoder *enc)
{
	uint32_t n = get_count(in, ENC_MAX_AXES, 4);

	enc->evidence = room(in, n, sizeof(*enc->evidence));
	for (uint32_t i = 0; i < n && !in->bad; i++) {
		struct evidence *v = &enc->evidence[i];
		size_t cells;

		v->axis = get32(in);
		if (in->bad || v->axis >= enc->n_axes) {
			in->bad = true;
			return;
		}
		cells = enc->axes[v->axis].a.n;
		if (cells > in->left / (4 * (1 + (size_t)enc->won_each))) {
			in->bad = true;
			return;
		}
		enc->n_evidence++;
		v->count = room(in, cells, sizeof(*v->count));
		v->won = room(in, cells * enc->won_each, sizeof(*v->won));
		for (size_t c = 0; c < cells && !in->bad; c++)
			v->count[c] = get32(in);
		for (size_t c = 0; c < cells * enc->won_each && !in->bad; c++)
			v->won[c] = get32(in);
		enc->evidence_of[enc->axes[v->axis].a.base] = enc->n_evidence;
	}
}

/* Every feature is written by exactly one number or key, or x would hold what was there before. */
static bool covered(const struct encoder *enc)
{
	uint8_t *by = calloc((size_t)enc->n_features + 1, 1);
	bool ok = by != NULL;

	for (uint32_t i = 0; ok && i < enc->n_numbers; i++)
		ok = by[enc->numbers[i].feature]++ == 0;
	for (uint32_t i = 0; ok && i < enc->n_keys; i++)
		for (uint32_t j = 0; ok && j < enc->keys[i].n_out; j++)
			ok = by[enc->keys[i].first + j]++ == 0;
	for (uint32_t i = 0; ok && i < enc->n_features; i++)
		ok = by[i] == 1;
	free(by);
	return ok;
}

static struct encoder *get_content(struct in *in, struct err *e)
{
	uint32_t n_bases = get32(in), n_classes = get32(in);
	struct encoder *enc;

	if (in->bad || (n_classes != 2 && n_classes != 3) || n_bases > ENC_MAX_BASES) {
		in->bad = true;
		return NULL;
	}
	enc = encoder_new(n_bases, n_classes, e);
	if (enc == NULL)
		return NULL;
	get_features(in, enc);
	if (!in->bad)
		get_numbers(in, enc);
	if (!in->bad)
		get_axes(in, enc, e);
	if (!in->bad)
		get_keys(in, enc, e);
	if (!in->bad)
		get_evidence(in, enc);
	if (in->bad || in->left != 0 || !covered(enc)) {
		in->bad = true;
		encoder_free(enc);
		return NULL;
	}
	return enc;
}

struct encoder *encoder_read(struct str bytes, struct err *e)
{
	struct in in = { (const unsigned char *)bytes.p, bytes.n, false };
	struct in sum;
	struct encoder *enc;

	if (bytes.n < HEADER + 8 || memcmp(bytes.p, "HSENCODE", 8) != 0) {
		err_set(e, ERR_INPUT, "this is not an encoder written by heatscore");
		return NULL;
	}
	in.p += 8;
	in.left -= 8;
	if (get32(&in) != VERSION) {
		err_set(e, ERR_INPUT, "the encoder is of another version, not %u", VERSION);
		return NULL;
	}
	sum = (struct in){ (const unsigned char *)bytes.p + bytes.n - 8, 8, false };
	if (get64(&in) != bytes.n - HEADER - 8 ||
		get64(&sum) != str_hash((struct str){ bytes.p, bytes.n - 8 }, SEED)) {
		err_set(e, ERR_INPUT, "the encoder is cut or changed: its checksum does not fit");
		return NULL;
	}
	in.left = bytes.n - HEADER - 8;
	enc = get_content(&in, e);
	if (enc == NULL && in.bad)
		err_set(e, ERR_INPUT, "the encoder's content does not fit together");
	return enc;
}
