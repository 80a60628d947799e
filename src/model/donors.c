/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "features/frame.h"
#include "model/donors.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/rng.h"

#define MAGIC "hsdonor1"

enum { HEAD = 8 + 8 + 8, TAIL = 8, BASES_MAX = 100000 };

static int make(struct donors *d, size_t n, size_t n_bases, struct err *e)
{
	*d = (struct donors){ .n = n, .n_bases = n_bases };
	d->num = calloc(n * n_bases + 1, sizeof(*d->num));
	d->code = calloc(n * n_bases + 1, sizeof(*d->code));
	if (d->num != NULL && d->code != NULL)
		return 0;
	donors_clear(d);
	return err_nomem(e);
}

void donors_clear(struct donors *d)
{
	free(d->num);
	free(d->code);
	*d = (struct donors){ 0 };
}

struct ranked {
	double p;
	uint32_t row;
};

static int likelier(const void *va, const void *vb)
{
	const struct ranked *a = va, *b = vb;

	if (a->p != b->p)
		return a->p < b->p ? 1 : -1;
	return (a->row > b->row) - (a->row < b->row);
}

static void copy_row(struct donors *d, size_t i, const struct frame *f, size_t row)
{
	for (size_t b = 0; b < d->n_bases; b++) {
		const struct base_col *c = &f->cols[b];

		d->num[i * d->n_bases + b] = c->kind == BASE_NUM ? c->num[row] : NAN;
		d->code[i * d->n_bases + b] = c->kind == BASE_CAT ? c->code[row] : 0;
	}
}

int donors_pick(struct donors *d, const struct frame *f, size_t n_bases, const double *p,
	uint64_t seed, struct err *e)
{
	struct ranked *all = malloc((f->rows + 1) * sizeof(*all));
	size_t n = 0, take, top;
	struct rng rng;

	if (all == NULL)
		return err_nomem(e);
	for (size_t r = 0; r < f->rows; r++) {
		if (f->outcome[r] != OUTCOME_OPEN && !isnan(p[r]))
			all[n++] = (struct ranked){ p[r], (uint32_t)r };
	}
	qsort(all, n, sizeof(*all), likelier);
	take = n < DONORS_MAX ? n : DONORS_MAX;
	top = take == n ? take : take / 2;
	rng_seed(&rng, seed);
	for (size_t i = top; i < take; i++) {
		size_t j = i + (size_t)rng_below(&rng, n - i);
		struct ranked t = all[i];

		all[i] = all[j];
		all[j] = t;
	}
	if (make(d, take, n_bases, e) == -1) {
		free(all);
		return -1;
	}
	for (size_t i = 0; i < take; i++)
		copy_row(d, i, f, all[i].row);
	free(all);
	return 0;
}

static void put64(struct buf *b, uint64_t x)
{
	unsigned char bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(x >> (8 * i));
	buf_bytes(b, bytes, 8);
}

static uint64_t get(const char *p, int bytes)
{
	uint64_t x = 0;

	for (int i = 0; i < bytes; i++)
		x |= (uint64_t)(unsigned char)p[i] << (8 * i);
	return x;
}

static void put32(struct buf *b, uint32_t x)
{
	unsigned char bytes[4] = { (unsigned char)x, (unsigned char)(x >> 8),
		(unsigned char)(x >> 16), (unsigned char)(x >> 24) };

	buf_bytes(b, bytes, 4);
}

int donors_write(const struct donors *d, struct buf *out, struct err *e)
{
	size_t from = out->n, cells = d->n * d->n_bases;

	buf_z(out, MAGIC);
	put64(out, d->n);
	put64(out, d->n_bases);
	for (size_t i = 0; i < cells; i++) {
		uint32_t bits;

		memcpy(&bits, &d->num[i], 4);
		put32(out, bits);
		put32(out, d->code[i]);
	}
	if (buf_done(out, e) == -1)
		return -1;
	put64(out, str_hash(str_sub(buf_view(out), from, out->n), 0));
	return buf_done(out, e);
}

int donors_read(struct donors *d, struct str bytes, struct err *e)
{
	uint64_t n, n_bases, cells;

	*d = (struct donors){ 0 };
	if (bytes.n < HEAD + TAIL || memcmp(bytes.p, MAGIC, 8) != 0)
		return err_set(e, ERR_INPUT, "is not a file of sample leads, or is cut");
	n = get(bytes.p + 8, 8);
	n_bases = get(bytes.p + 16, 8);
	if (n > DONORS_MAX || n_bases > BASES_MAX)
		return err_set(e, ERR_INPUT, "claims %llu leads of %llu columns",
			(unsigned long long)n, (unsigned long long)n_bases);
	cells = n * n_bases;
	if (bytes.n != HEAD + TAIL + cells * 8)
		return err_set(e, ERR_INPUT, "has %zu bytes where its header asks for %llu",
			bytes.n, (unsigned long long)(HEAD + TAIL + cells * 8));
	if (get(bytes.p + bytes.n - TAIL, 8) != str_hash(str_sub(bytes, 0, bytes.n - TAIL), 0))
		return err_set(e, ERR_INPUT, "is damaged: its checksum does not fit");
	if (make(d, (size_t)n, (size_t)n_bases, e) == -1)
		return -1;
	for (uint64_t i = 0; i < cells; i++) {
		uint32_t bits = (uint32_t)get(bytes.p + HEAD + i * 8, 4);

		memcpy(&d->num[i], &bits, 4);
		d->code[i] = (uint32_t)get(bytes.p + HEAD + i * 8 + 4, 4);
	}
	return 0;
}
