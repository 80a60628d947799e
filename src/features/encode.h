/* SPDX-License-Identifier: Apache-2.0 */
/* encode.h: base columns to what the trees read: one float per feature.
 *
 * An encoder is a list of plain numbers, copied as they are, and a list of keys. A key is one to
 * three base columns taken together ("Region x Policy"): each combination of their codes that
 * training has seen is a cell with a block of floats, one per feature of the key: 0/1 for a level,
 * the mean outcome as each fold of the ensemble saw it, the number of training rows. One look-up
 * therefore serves all features and all folds of a key. A cell that training has not seen gets the
 * key's block of defaults. Features no tree uses are taken out by encoder_compact.
 *
 * An encoder never changes once it is built or read: any number of threads may use it. */
#ifndef FEATURES_ENCODE_H
#define FEATURES_ENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

struct buf;
struct err;
struct encoder;

#define ENC_PARTS 3 /* most base columns in one key */

enum enc_kind {
	ENC_NUMBER, /* the base column's number, NaN where missing */
	ENC_LEVEL,  /* 1 in one cell of the key (or more: yes/no), 0 elsewhere */
	ENC_RATE,   /* mean outcome of the cell, smoothed, from the training rows of one fold */
	ENC_COUNT   /* training rows in the cell */
};

struct enc_feature {
	char *name; /* "Lead Source is google", "rate of City x Source, fold 2" */
	enum enc_kind kind;
	uint32_t n_bases; /* base columns it is made from; they share what it contributes */
	uint32_t base[ENC_PARTS];
};

/* --- use --- */

size_t encoder_n_features(const struct encoder *enc);
size_t encoder_n_bases(const struct encoder *enc); /* length of num[] and code[] of a row */
const struct enc_feature *encoder_feature(const struct encoder *enc, size_t i);
/* encoder_needs(enc, base): whether any feature is made from this base column. */
bool encoder_needs(const struct encoder *enc, size_t base);

/* encoder_row(enc, num, code, x): the reference. num[] and code[] are indexed by base column
 * (num[b] of a number, NaN missing; code[b] of a category, 0 missing, BASE_UNSEEN or past the
 * training levels: not seen); x has encoder_n_features floats. */
void encoder_row(const struct encoder *enc, const float *num, const uint32_t *code, float *x);

/* The same for a block of rows: num and code have ${stride} entries per row, x ${x_stride}. */
struct enc_block {
	size_t rows;
	const float *num;
	const uint32_t *code;
	size_t stride;
	float *x;
	size_t x_stride;
};
void encoder_rows(const struct encoder *enc, const struct enc_block *b);

/* Features of one key: all that it can make of a lead is one of these rows. */
struct enc_run {
	uint32_t first, n; /* features */
	size_t rows;
	const float *values; /* [rows][n], of the encoder */
};
size_t encoder_runs(const struct encoder *enc);
struct enc_run encoder_run(const struct encoder *enc, size_t i);
/* encoder_row_runs(enc, num, code, x, row): as encoder_rows of one row, but for features of runs,
 * of which row[encoder_runs] says the number of the row. Only where there are runs; an encoder of
 * very many axes has none. */
void encoder_row_runs(
	const struct encoder *enc, const float *num, const uint32_t *code, float *x, uint32_t *row);

/* What the training rows say about leads like this one in one base column. */
struct enc_evidence {
	uint32_t n;      /* training rows with the same level, or in the same range of values */
	uint32_t won[3]; /* of these won ([0]); with three labels: per class */
	bool missing;    /* the value is missing, the rows are those where it was missing too */
	bool range;      /* a number: rows with lo <= value < hi (infinite at the ends) */
	float lo, hi;
};
/* encoder_evidence(enc, base, num, code, ev): false where training kept nothing about it (a
 * column not used, a level not seen). ${num} and ${code}: values of this one column. */
bool encoder_evidence(
	const struct encoder *enc, size_t base, float num, uint32_t code, struct enc_evidence *ev);
/* The same for a feature of several columns: the rows of its cell. */
bool encoder_cell(const struct encoder *enc, size_t feature, const float *num, const uint32_t *code,
	struct enc_evidence *ev);

/* --- keeping --- */

/* encoder_write(enc, out, e): append the bytes of encoder.bin: magic, version, sizes, content,
 * checksum. Same encoder, same bytes, on any machine. */
int encoder_write(const struct encoder *enc, struct buf *out, struct err *e);
/* encoder_read(bytes, e): from hostile bytes; ERR_INPUT says what does not fit. NULL on failure. */
struct encoder *encoder_read(struct str bytes, struct err *e);
void encoder_free(struct encoder *enc);

/* --- building (model/tune) --- */

enum enc_axis_kind {
	ENC_AXIS_LEVEL, /* a category: its code */
	ENC_AXIS_VALUE, /* a number taken as a code: 1 + rank among the distinct training values */
	ENC_AXIS_BIN    /* a number in bins: 1 + number of edges <= value */
};

/* How one base column becomes a code 0 to n-1; 0 where missing, n for what training had not. */
struct enc_axis {
	uint32_t base;
	enum enc_axis_kind kind;
	uint32_t n;
	uint32_t n_cuts; /* VALUE: n - 1 values; BIN: n - 2 edges; LEVEL: 0 */
	float *cuts;     /* ascending; owned by whoever made the axis */
};
uint32_t enc_axis_code(const struct enc_axis *a, float num, uint32_t code);

/* encoder_new(n_bases, n_classes): empty; ${n_classes} 2 or 3 as in the frame. */
struct encoder *encoder_new(size_t n_bases, uint32_t n_classes, struct err *e);
/* encoder_add_number(enc, base, name, e): the index of the new feature, or -1. */
int64_t encoder_add_number(struct encoder *enc, uint32_t base, const char *name, struct err *e);

struct enc_key {
	const struct enc_axis *axes;
	uint32_t n_axes;
	size_t n_cells;     /* cells that training has seen */
	const uint64_t *id; /* [n_cells] ascending: mixed radix of the axes, first axis slowest */
	const uint32_t *count;              /* [n_cells] all training rows */
	const uint32_t *won;                /* [n_cells * (n_classes 2 ? 1 : 3)] */
	uint32_t n_out;                     /* features of this key */
	const float *values;                /* [n_cells * n_out] */
	const float *unseen;                /* [n_out] */
	const struct enc_feature *features; /* [n_out] names and kinds; bases are set from axes */
};
/* encoder_add_key(enc, key, e): copies; the index of its first feature, or -1. */
int64_t encoder_add_key(struct encoder *enc, const struct enc_key *key, struct err *e);

/* encoder_add_evidence(enc, axis, count, won, e): counts per code of one column, for reasons;
 * count[axis->n], won[axis->n * (1 or 3)]. */
int encoder_add_evidence(struct encoder *enc, const struct enc_axis *axis, const uint32_t *count,
	const uint32_t *won, struct err *e);

/* encoder_compact(enc, used, map, e): a new encoder with only the features ${used}[i] is true
 * for, in the same order; map[old] is the new index, UINT32_MAX for those gone. */
struct encoder *encoder_compact(
	const struct encoder *enc, const bool *used, uint32_t *map, struct err *e);

#endif
